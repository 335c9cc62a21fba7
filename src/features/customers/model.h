/* model.h: what is known of a member beside points and standing, as commands see and change it. Types only. */
#ifndef PATRON_FEATURES_CUSTOMERS_MODEL_H
#define PATRON_FEATURES_CUSTOMERS_MODEL_H

#include "engine/decide.h"
#include "features/customers/identifier.h"

enum {
    PROFILE_TEXT_MAX = 200,
    MEMBER_TAGS_MAX = 100,
    MEMBER_NOTES_MAX = 1000,
    MEMBER_PREFERENCES_MAX = 200,
    MEMBER_FIELDS_MAX = 60,
    MEMBER_CONSENTS_MAX = 64,
    NOTE_SIZE_MAX = 8000,
    HOUSEHOLD_PERSONS_MAX = GROUP_MEMBERS_MAX,
};

/* The texts of a profile, in the order of the table's columns. */
enum profile_field {
    PROFILE_FAMILY_NAME,
    PROFILE_GIVEN_NAME,
    PROFILE_DISPLAY_NAME,
    PROFILE_GENDER,
    PROFILE_BIRTHDAY,
    PROFILE_BIRTHDAY_CALENDAR,
    PROFILE_LANGUAGE,
    PROFILE_TIME_ZONE,
    PROFILE_COUNTRY,
    PROFILE_REGION,
    PROFILE_CITY,
    PROFILE_ADDRESS,
    PROFILE_POSTAL_CODE,
    PROFILE_FIELD_COUNT,
};
extern const char *const profile_field_names[PROFILE_FIELD_COUNT];

struct profile {
    struct text fields[PROFILE_FIELD_COUNT]; /* empty: unknown */
    int64_t version;                         /* rises with each change; 0: never written */
};

struct identifier_row {
    int64_t member;
    struct identifier identifier;
    int64_t added_at;
};
struct field_value { /* a custom field; value is JSON; empty: remove it */
    struct text field, value;
};
struct preference {
    int64_t id;
    struct text topic, value;
    struct text liking; /* "likes", "dislikes" */
    struct text known;  /* "told", "observed", "inferred" */
    int64_t confirmed_at;
    struct text author;
};
struct consent {
    struct text channel, purpose;
    struct text state; /* "granted", "withdrawn" */
    int64_t at;
    struct text source, wording, author;
};
struct merge_link {
    int64_t member, id, leader_before, leader_after, at;
};
struct person_day {
    int64_t member;
    int32_t day;
};
struct household_person {
    int64_t leader;
    int64_t others; /* members beside the leader */
};

/* What a command asks to be loaded of a subject. */
enum customer_part {
    PART_PROFILE = 1,
    PART_IDENTIFIERS = 2, /* of the whole person */
    PART_FIELDS = 4,
    PART_TAGS = 8,
    PART_NOTES = 16,
    PART_PREFERENCES = 32,
    PART_CONSENTS = 64,
    PART_LINKS = 128, /* of the whole person */
    PART_DAYS = 256,  /* days with a purchase, of the whole person */
    PART_HOUSEHOLD = 512,
};

struct customer_state {
    int64_t member; /* whom it was loaded for; 0: nobody */
    struct profile profile;
    struct identifier_row *identifiers;
    size_t identifier_count, identifier_capacity;
    struct field_value *fields;
    size_t field_count, field_capacity;
    struct text *tags;
    size_t tag_count, tag_capacity;
    int64_t *notes;
    size_t note_count, note_capacity;
    struct preference *preferences;
    size_t preference_count, preference_capacity;
    struct consent *consents;
    size_t consent_count, consent_capacity;
    struct merge_link *links;
    size_t link_count, link_capacity;
    struct person_day *days;
    size_t day_count, day_capacity;
    struct household_person *household;
    size_t household_count, household_capacity;
    bool erased_before; /* a tombstone matches */
};

enum { CUSTOMER_STATES = 2 };

/* First in the body of every command that is loaded by customers_load. */
struct customer_load {
    unsigned parts[CUSTOMER_STATES]; /* enum customer_part for subject 0 and 1 */
    const unsigned char
        *tombstone_key; /* set by customers_load: SEAL_KEY_SIZE bytes, for the tombstones of an erasure */
    /* Identifiers to look up among the tombstones for state 0, beside those by which somebody unknown is named. */
    const struct identifier *checked;
    size_t checked_count;
    struct customer_state states[CUSTOMER_STATES];
};

#endif
