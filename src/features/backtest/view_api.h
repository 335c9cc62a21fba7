/* view_api.h: the report of a back-test as JSON, and the figures that are made of its sums. */
#ifndef PATRON_FEATURES_BACKTEST_VIEW_API_H
#define PATRON_FEATURES_BACKTEST_VIEW_API_H

#include "api/call.h"
#include "features/backtest/backtest_store.h"

enum { BACKTEST_MARGIN_SCALE = 10000, BACKTEST_MARGIN_USUAL = 3000 };

struct backtest_view {
    struct arena *arena;
    const struct programme *programme; /* in force at the end of the period: what points are worth */
    struct backtest_request request;
    int64_t margin; /* share of sales that is left before the programme, of BACKTEST_MARGIN_SCALE */
    const struct replay_report *report;
};

/* What the points that members got in a world are worth, in minor units; of accounts with a value. */
int64_t backtest_cost(const struct backtest_view *view, int world);

/*
 * The rise in sales that pays for the plan: (1 + r) S m - (1 + r) C1 = S m - C0, with sales S, margin m, and the cost C0 as it was
 * and C1 in the plan. False when no rise would.
 */
bool backtest_break_even(const struct backtest_view *view, double *rise);

/* What the points of an account that are left at the end of a month would still be redeemed for, in minor units. */
int64_t backtest_liability(const struct backtest_view *view, const struct replay_wallet *wallet, int world,
                           size_t month);
bool backtest_is_forecast(const struct backtest_view *view, const struct replay_wallet *wallet); /* it can be spent */

/* What the report takes for granted, in sentences. */
enum { BACKTEST_ASSUMPTIONS_MAX = 8 };
size_t backtest_assumptions(const struct backtest_view *view, const char *out[BACKTEST_ASSUMPTIONS_MAX]);

/* One sentence for who decides. */
struct text backtest_sentence(const struct backtest_view *view);

/* Writes the members of the open object. */
void backtest_write(struct json_writer *writer, const struct backtest_view *view);
extern const struct shape backtest_shape;

#endif
