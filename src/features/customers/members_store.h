/* members_store.h: what the routes of members read: lists, pages, households, custom fields. */
#ifndef PATRON_FEATURES_CUSTOMERS_MEMBERS_STORE_H
#define PATRON_FEATURES_CUSTOMERS_MEMBERS_STORE_H

#include "features/customers/model.h"

struct storage_session;

enum { CUSTOM_FIELDS_MAX = 60, CUSTOM_CODE_SIZE_MAX = 64, CUSTOM_VALUE_SIZE_MAX = 2000, LIST_SCAN_MAX = 20000 };

struct custom_field {
    struct text code, name, type, choices; /* choices: a JSON list; empty: none */
    bool required, personal;
};

/* Where a list of members goes on; zeroed with bucket = -1 it begins. */
struct list_place {
    struct text key;
    int64_t bucket, member;
};
struct member_list {
    struct list_place *places; /* of each member found */
    size_t count;
    bool more;
    struct list_place end; /* where to go on */
};

/* What a list is filtered by; all empty: everybody. */
struct list_filter {
    struct text tag;
    struct text key; /* folded beginning of a name, pinyin, initials or four digits */
    struct text tier;
    int stage;                    /* enum stage; -1: any */
    int64_t now, median_interval; /* for the stage */
    const struct lifecycle *lifecycle;
    int32_t today;
    struct list_place from; /* at most `limit` members after it */
    size_t limit;
};

/* By tier and stage at most LIST_SCAN_MAX members are looked at in one call. */
enum status members_list(struct storage_session *session, struct arena *arena, const struct list_filter *filter,
                         struct member_list *out, struct error *err);

/* Rows of a member with falling ids, below `before`, at most `limit`. */
struct history_range {
    int64_t member, before;
    size_t limit;
};

struct note {
    int64_t id, at;
    struct text author, body;
};
struct note_list {
    struct arena *arena;
    struct note *notes;
    size_t count, capacity;
};
enum status notes_list(struct storage_session *session, struct arena *arena, struct history_range range,
                       struct note_list *out, struct error *err);

struct consent_change {
    int64_t id;
    struct consent consent;
};
struct consent_change_list {
    struct arena *arena;
    struct consent_change *changes;
    size_t count, capacity;
};
enum status consent_history_list(struct storage_session *session, struct arena *arena, struct history_range range,
                                 struct consent_change_list *out, struct error *err);

struct household_view {
    int64_t id;
    bool pooled;
    int64_t leaders[HOUSEHOLD_PERSONS_MAX];
    size_t count;
};
/* STATUS_MISSING `household.unknown`. */
enum status household_read(struct storage_session *session, int64_t id, struct household_view *out, struct error *err);

/* A member that merge `id` moved and that is still with `leader`; 0: none. */
struct merge_view {
    int64_t leader; /* into */
    int64_t from;
    int64_t moved[GROUP_MEMBERS_MAX];
    size_t count;
};
/* STATUS_MISSING `merge.unknown` for an id that is not a merge, or one undone. */
enum status merge_read(struct storage_session *session, int64_t id, struct merge_view *out, struct error *err);

/* STATUS_MISSING `member.unknown`, `member.erased`. */
enum status member_check_living(struct storage_session *session, int64_t member, struct error *err);

enum status custom_fields_read(struct storage_session *session, struct arena *arena, struct custom_field **fields,
                               size_t *count, struct error *err);
enum status custom_field_store(struct storage_session *session, const struct custom_field *field, struct error *err);
enum status custom_field_remove(struct storage_session *session, struct text code, struct error *err);

#endif
