/* promises_store.h: missed benefits in the database, and the reaction that finds and follows them. */
#ifndef PATRON_FEATURES_PROMISES_PROMISES_STORE_H
#define PATRON_FEATURES_PROMISES_PROMISES_STORE_H

#include "engine/engine.h"
#include "features/promises/missed.h"
#include "features/reactions/reactions_store.h"

extern const struct reaction promises_reaction;

/* STATUS_MISSING `missed.unknown`. */
enum status missed_read(struct storage_session *session, struct arena *arena, int64_t id, struct missed *out,
                        struct error *err);
enum status missed_of_purchase(struct storage_session *session, struct arena *arena, int64_t purchase,
                               struct missed **out, size_t *count, struct error *err);

/* Newest day first. */
struct missed_page {
    const struct person *person; /* NULL: of anybody */
    struct text store;           /* empty: any */
    int state;                   /* 0: any */
    int32_t first, last;
    int32_t before_day; /* after: where the page before ended; INT32_MAX: the first page */
    int64_t before_id;
    size_t limit;
};
enum status missed_list(struct storage_session *session, struct arena *arena, const struct missed_page *page,
                        struct missed **out, size_t *count, struct error *err);

/* Fresh keys for the vouchers of the means. */
void good_keys_make(struct arena *arena, const struct programme_set *programmes, const struct promise_means *means,
                    int64_t now, struct good_keys *out);

/* The command that decides a missed benefit as it was read; the rest of its body is the caller's. */
void decide_missed_name(struct command *command, struct arena *arena, const struct programme_set *programmes,
                        const struct missed *missed, int64_t now);

#endif
