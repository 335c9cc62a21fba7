/* view_api.h: what the routes and the command line show of finance, each for the entities that the caller sees. */
#ifndef PATRON_FEATURES_FINANCE_VIEW_API_H
#define PATRON_FEATURES_FINANCE_VIEW_API_H

#include "features/exchange/table.h"
#include "features/finance/breakage.h"
#include "features/finance/finance_store.h"
#include "features/finance/settings_api.h"

/* State and settings of one moment, and whom it is for. */
struct finance_view {
    struct arena *arena;
    struct storage_session *session; /* in a read transaction; borrowed */
    const struct programme_set *programmes;
    int64_t now;
    bool (*sees)(const void *context, struct text entity); /* NULL: everything is seen */
    const void *context;
    struct text wallet, entity; /* these alone; empty: all */
    struct finance_state state;
    struct finance_settings settings;
};
/* Reads state and settings; the fields before them are set. */
enum status finance_view_open(struct finance_view *view, struct error *err);

int32_t finance_view_this_month(const struct finance_view *view);
const struct finance_close *finance_view_close(const struct finance_view *view, int32_t month); /* NULL: open */
bool finance_view_is_closed(const struct finance_view *view, int32_t month);

/* What points are worth in `month`: as it was closed, or as it is now. */
const struct finance_rates *finance_view_rates(struct finance_view *view, int32_t month);

/* "2026-09"; empty: `fallback`. STATUS_INVALID `finance.month` names `field`. */
enum status finance_month_read(struct text text, int32_t fallback, const char *field, int32_t *out, struct error *err);

struct finance_lines {
    struct finance_line *items;
    size_t count;
};
/* Begins with the first month that has a movement, when `range` begins before it. */
enum status finance_view_lines(struct finance_view *view, const struct finance_range *range, struct finance_lines *out,
                               struct error *err);

struct finance_settlements {
    struct finance_settlement *items; /* by month, wallet, issuer, redeemer */
    size_t count, capacity;
    struct finance_balance *net;
    size_t net_count;
};
/* Of the entities that are seen on either side. */
enum status finance_view_settlements(struct finance_view *view, const struct finance_range *range,
                                     struct finance_settlements *out, struct error *err);

/* Every posting of the months. */
enum status finance_view_postings(struct finance_view *view, const struct finance_range *range,
                                  struct finance_postings *out, struct error *err);

/* What an entity is still expected to have redeemed. */
struct finance_entity_breakage {
    struct text entity;
    int64_t outstanding;
    double expected;
};
struct finance_vintages {
    struct finance_breakage *breakage;
    struct finance_entity_breakage *entities; /* by code */
    size_t entity_count;
    const struct finance_rates *rates;
};
/* Of the points account view->wallet. */
enum status finance_view_vintages(struct finance_view *view, int32_t as_of, struct finance_vintages *out,
                                  struct error *err);

/* ---- as files ---- */

/* Settlements with what is owed in the end, or postings, into `path`. */
enum status finance_settlements_write(struct finance_view *view, const struct finance_settlements *settlements,
                                      const struct table_options *options, struct error *err);
enum status finance_postings_write(struct finance_view *view, const struct finance_postings *postings,
                                   const struct table_options *options, struct error *err);

/* Notes a closed month in the audit trail; for struct finance_closing. */
enum status finance_close_note(struct storage_session *session, struct arena *arena, const struct finance_close *close,
                               struct error *err);

#endif
