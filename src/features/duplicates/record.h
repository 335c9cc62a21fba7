/*
 * record.h: persons as they are compared: normalised, each distinct text kept once. Pure.
 */
#ifndef PATRON_FEATURES_DUPLICATES_RECORD_H
#define PATRON_FEATURES_DUPLICATES_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/text.h"

/* What is compared. The order is that of evidence. Stored as bits of codes: never renumber. */
enum duplicate_field {
    DUPLICATE_FAMILY_NAME,
    DUPLICATE_GIVEN_NAME,
    DUPLICATE_BIRTHDAY,
    DUPLICATE_PHONE,
    DUPLICATE_EMAIL,
    DUPLICATE_CODE,
    DUPLICATE_ADDRESS,
    DUPLICATE_POSTCODE,
    DUPLICATE_CITY,
    DUPLICATE_REGION,
    DUPLICATE_GENDER,
    DUPLICATE_FIELDS,
};
extern const char *const duplicate_field_names[DUPLICATE_FIELDS]; /* "family_name" ... */

enum {
    PERSON_PHONES_MAX = 4,
    PERSON_EMAILS_MAX = 3,
    PERSONS_MAX = 50000000,
    ADDRESS_GRAMS_MAX = 96,
};

/* A person as known; empty: unknown. */
struct duplicate_person {
    struct text family_name, given_name;
    struct text name;     /* the whole, used when the two above are empty */
    struct text birthday; /* 1990-05-17, 19900517, --05-17, 17/05/1990 */
    bool lunar;           /* the birthday */
    struct text code;     /* another identifier, such as the number of an identity card */
    struct text address, postcode, city, region, gender;
    struct text phones[PERSON_PHONES_MAX], emails[PERSON_EMAILS_MAX];
    size_t phone_count, email_count;
};

/* The same, each text as its number in the base; 0: unknown. */
struct duplicate_record {
    int64_t id; /* the caller's */
    uint32_t family, given, code, address, postcode, city, region, gender;
    uint32_t phones[PERSON_PHONES_MAX], emails[PERSON_EMAILS_MAX];
    int32_t birthday; /* yyyymmdd; of a lunar one negative; the year may be 0; 0: unknown */
};

/* A distinct text of one field. */
struct duplicate_value {
    const char *bytes;
    const uint16_t *grams; /* of an address: its pairs of characters, ascending */
    uint32_t size;
    uint32_t count;   /* records that have it */
    uint32_t reading; /* of a name: the number of its reading, which may be its own; of an address: of its digits */
    uint16_t gram_count;
    uint16_t kind;
};

struct duplicate_base;

/* Everything lives in `arena` and in memory of the base's own. */
struct duplicate_base *duplicate_base_new(struct arena *arena);
void duplicate_base_free(struct duplicate_base *base); /* accepts NULL */

/* Adds a record and returns its index. At most PERSONS_MAX. */
size_t duplicate_base_add(struct duplicate_base *base, int64_t id, const struct duplicate_person *person);

size_t duplicate_base_count(const struct duplicate_base *base);
const struct duplicate_record *duplicate_record_at(const struct duplicate_base *base, size_t index);
const struct duplicate_value *duplicate_value_at(const struct duplicate_base *base, uint32_t number);
/* How many records have a value of the field. */
size_t duplicate_base_known(const struct duplicate_base *base, enum duplicate_field field);

static inline struct text duplicate_value_text(const struct duplicate_value *value)
{
    return (struct text){value->bytes, value->size};
}

#endif
