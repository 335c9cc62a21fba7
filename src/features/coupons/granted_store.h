/*
 * granted_store.h: what a row of the journal gave besides points: a benefit, a code of a series, a gift card; for the replies and
 * lists of whatever grants. Read from the rows that follow it, so that it says what was given and not what was promised.
 */
#ifndef PATRON_FEATURES_COUPONS_GRANTED_STORE_H
#define PATRON_FEATURES_COUPONS_GRANTED_STORE_H

#include "features/definitions/definition.h"
#include "storage/storage.h"

struct granted {
    const char *kind;    /* "benefit", "coupon_series", "gift_card", or another name of a kind */
    struct text code;    /* of the definition; empty: it has none */
    struct text holding; /* the right of a benefit, the code of a coupon, the id of a gift card */
    int64_t until;       /* of a benefit; 0: no end, or none is known */
    int64_t minor;       /* of a gift card */
    int64_t points;      /* of "points": whose code is the account, and the holding the row that gave them */
};

struct granted_list {
    struct granted *items;
    size_t count, capacity;
};
void granted_add(struct arena *arena, struct granted_list *list, const struct granted *granted);

/* Of each row `ids[i]` into outs[i], on a read session. */
enum status granted_read(struct storage_session *session, struct arena *arena, const int64_t *ids, size_t count,
                         struct granted_list *outs, struct error *err);

/* The name of a granted definition, of the version in force at `at` or another that is known; empty: none is. */
struct text granted_name(struct arena *arena, const struct programme_set *set, const struct granted *granted,
                         int64_t at);

/* "benefit spa", "coupon series v", one after the other: for a column of a table. */
struct text granted_words(struct arena *arena, const struct granted_list *list);

#endif
