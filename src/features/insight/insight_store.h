/* insight_store.h: what insight reads: standings as a stream, and the sums of days. */
#ifndef PATRON_FEATURES_INSIGHT_INSIGHT_STORE_H
#define PATRON_FEATURES_INSIGHT_INSIGHT_STORE_H

#include "engine/engine.h"
#include "features/customers/standing.h"
#include "features/insight/rfm.h"
#include "features/programme/programme.h"
#include "foundation/map.h"

/* Reads the usual interval of the base into `set`; part of the engine's configure hook. */
enum status insight_configure(struct storage_session *session, struct programme_set *set, struct error *err);
/* Writes it and renews the configuration of every process. */
enum status insight_interval_put(struct storage_session *session, int64_t now, int64_t interval, struct error *err);

/* The stores that somebody sees; with NULL in its place: the whole company. */
struct insight_part {
    bool (*sees)(void *context, struct text store);
    void *context;
};

/*
 * Calls `each` for the standing of every person who is not erased; with `members` only of those whose ids are keys of it. The
 * standing lives until it returns.
 */
struct standings_reader {
    const struct map *members; /* NULL: all */
    void (*each)(void *context, const struct standing *standing);
    void *context;
};
enum status standings_stream(struct storage_session *session, const struct standings_reader *reader, struct error *err);

/* The median of the usual intervals of those with purchase days enough for one (rules); 0 when there is nobody. */
enum status base_median(struct storage_session *session, const struct lifecycle *rules, int64_t *out,
                        struct error *err);

enum status members_count(struct storage_session *session, int64_t *out, struct error *err);

/* Buyers of the days [first, last], and those of them with two purchases or more. */
struct buyers {
    int64_t all, repeat;
};
struct buyers_period {
    int32_t first, last;
    const struct lifecycle *rules; /* how many purchases are repeated */
};
enum status period_buyers(struct storage_session *session, const struct buyers_period *period, struct buyers *out,
                          struct error *err);

/* ---- sums of days ---- */

struct day_measures {
    int32_t day;
    int64_t sales, purchases, returned, visits, members_registered;
    int64_t issued, redeemed, expired; /* of the wallets that can be spent, all together */
};

struct wallet_totals {
    struct text wallet;
    int64_t issued, redeemed, expired, clawed_back, written_off, adjusted; /* in the period */
    int64_t outstanding; /* active, pending and held at the end of it */
    int64_t debt;        /* at the end of it */
};

enum { OVERVIEW_DAYS_MAX = 1100 };

struct overview_period {
    int32_t first, last;
    struct text store; /* empty: all */
    /*
     * NULL: all. Of a part the measures are those of its stores; the ledger is that of the lots which its stores issued, and of
     * what has no lot at its stores.
     */
    const struct insight_part *part;
};
struct overview_sums {
    struct day_measures *days; /* one a day of the period */
    size_t day_count;
    struct wallet_totals *wallets;
    size_t wallet_count;
};
enum status overview_sums(struct storage_session *session, struct arena *arena, const struct programme *programme,
                          const struct overview_period *period, struct overview_sums *out, struct error *err);

/* ---- replies that were expensive ---- */

struct kept_reply {
    int64_t computed_at, took;
    struct text body;
};
/* `body` empty: there is none. */
enum status kept_reply_get(struct storage_session *session, struct arena *arena, struct text name,
                           struct kept_reply *out, struct error *err);
enum status kept_reply_put(struct storage_session *session, struct text name, const struct kept_reply *reply,
                           struct error *err);

/* About how many rows the journal has. */
enum status insight_base_size(struct storage_session *session, int64_t *out, struct error *err);

#endif
