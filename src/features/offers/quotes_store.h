/* quotes_store.h: quotes in the database, and what pricing on a read session needs. */
#ifndef PATRON_FEATURES_OFFERS_QUOTES_STORE_H
#define PATRON_FEATURES_OFFERS_QUOTES_STORE_H

#include "engine/engine.h"
#include "features/offers/quote.h"

/* On a read session. STATUS_MISSING `quote.unknown`. Texts in `arena`. */
enum status quote_find(struct storage_session *session, struct arena *arena, int64_t id, struct quote_row *out,
                       struct error *err);

/* Of a member, newest first, those before the id `before`; at most `limit`. */
struct quote_page {
    int64_t member, before;
    size_t limit;
    struct quote_row *items; /* result */
    size_t count;
};
enum status quotes_of_member(struct storage_session *session, struct arena *arena, struct quote_page *page,
                             struct error *err);

/* Of everybody, in a state, those that end first first, after (after_due, after_id); at most `limit`. */
struct quote_listing {
    enum quote_state state;
    bool reserved; /* only those that reserve */
    int64_t after_due, after_id;
    size_t limit;
    struct quote_row *items; /* result */
    size_t count;
};
enum status quotes_listed(struct storage_session *session, struct arena *arena, struct quote_listing *listing,
                          struct error *err);

/*
 * Fills what a decision would have had before it: the counters named by `command` and, with `progress`, that of the members of
 * its person. For quote_left without an engine pass.
 */
enum status limits_read(struct storage_session *session, struct arena *arena, const struct command *command,
                        bool progress, struct decision *decision, struct error *err);

/* Ends what is over: open quotes whose time has come. */
enum status quotes_lapse(struct engine *engine, struct error *err);

/* Deletes those that are no longer open and whose time was over before `before`, some in each transaction. */
enum status quotes_drop(struct engine *engine, int64_t before, int64_t *dropped, struct error *err);

#endif
