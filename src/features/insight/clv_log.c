#include "features/insight/clv_log.h"

#include <math.h>
#include <stdlib.h>

static const double DAYS = 7; /* in the unit of time */

/* More than the largest base takes that may be summed up. */
static const size_t SCRATCH_BYTES_MAX = (size_t)16 << 30;

struct moments { /* of the share that the last of two gaps has, about 1/2 */
    double count, squares;
};

static int compare_days(const void *a, const void *b)
{
    const struct clv_purchase *left = a, *right = b;

    return (left->day > right->day) - (left->day < right->day);
}

/* Purchases by customer, each in order of days; `starts` has customer_count + 1 offsets. */
static struct clv_purchase *by_customer(struct arena *arena, const struct clv_purchase *purchases, size_t count,
                                        size_t customer_count, size_t *starts)
{
    struct clv_purchase *sorted = arena_array(arena, count, sizeof *sorted);

    for (size_t i = 0; i < count; i++)
        starts[purchases[i].customer + 1]++;
    for (size_t i = 0; i < customer_count; i++)
        starts[i + 1] += starts[i];
    size_t *next = arena_copy(arena, starts, (customer_count + 1) * sizeof *next);

    for (size_t i = 0; i < count; i++)
        sorted[next[purchases[i].customer]++] = purchases[i];
    for (size_t i = 0; i < customer_count; i++)
        for (size_t j = starts[i] + 1; j < starts[i + 1]; j++)
            if (sorted[j].day < sorted[j - 1].day) {
                qsort(sorted + starts[i], starts[i + 1] - starts[i], sizeof *sorted, compare_days);
                break;
            }
    return sorted;
}

/* One purchase a day; returns how many are left. */
static size_t merge_days(struct clv_purchase *purchases, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (kept > 0 && purchases[kept - 1].day == purchases[i].day)
            purchases[kept - 1].amount += purchases[i].amount;
        else
            purchases[kept++] = purchases[i];
    return kept;
}

static void add_gaps(const struct clv_purchase *purchases, size_t count, struct clv_history *out,
                     struct moments *moments)
{
    for (size_t i = 1; i < count; i++)
        out->log_gaps += log((purchases[i].day - purchases[i - 1].day) / DAYS);
    if (count < 3)
        return;
    double last = purchases[count - 1].day - purchases[count - 2].day;
    double share = last / (purchases[count - 1].day - purchases[count - 3].day);

    moments->count++;
    moments->squares += (share - 0.5) * (share - 0.5);
}

static void add_customer(const struct clv_purchase *purchases, size_t count, const struct clv_period *period,
                         struct clv_history *out)
{
    size_t seen = 0, at = out->count;
    double spent = 0;
    uint32_t paid = 0;

    while (seen < count && purchases[seen].day <= period->end) {
        if (seen > 0 && purchases[seen].amount > 0) {
            spent += purchases[seen].amount;
            paid++;
        }
        seen++;
    }
    out->numbers[at] = purchases[0].customer;
    out->customers[at] = (struct clv_customer){.repeats = (uint32_t)(seen - 1),
                                               .last = (purchases[seen - 1].day - purchases[0].day) / DAYS,
                                               .observed = (period->end - purchases[0].day) / DAYS};
    out->spends[at] = (struct clv_spend){paid, paid == 0 ? 0 : spent / paid};
    for (size_t i = seen; out->later != NULL && i < count && purchases[i].day <= period->until; i++) {
        out->later[at]++;
        out->later_amounts[at] += purchases[i].amount;
    }
    out->count++;
}

/* A share of a beta (k, k) distribution has the mean 1/2 and the variance 1 / (4 (2k + 1)). */
static double regularity_of(const struct moments *moments)
{
    double variance = moments->squares / moments->count;

    return moments->count < 3 || variance <= 0 ? NAN : (1 - 4 * variance) / (8 * variance);
}

void clv_log_sum(struct arena *arena, const struct clv_purchase *purchases, size_t count, size_t customer_count,
                 const struct clv_period *period, struct clv_history *out)
{
    /* The purchases in order are needed here only: what stays is a fixed number of bytes a customer. */
    struct arena *own_scratch = arena_new(SCRATCH_BYTES_MAX), *scratch = own_scratch != NULL ? own_scratch : arena;
    size_t *starts = arena_array(scratch, customer_count + 1, sizeof *starts);
    struct clv_purchase *sorted = by_customer(scratch, purchases, count, customer_count, starts);
    struct clv_history history = {.end = period->end, .until = period->until};
    struct moments moments = {0};

    history.numbers = arena_array(arena, customer_count, sizeof *history.numbers);
    history.customers = arena_array(arena, customer_count, sizeof *history.customers);
    history.spends = arena_array(arena, customer_count, sizeof *history.spends);
    if (period->until > period->end) {
        history.later = arena_array(arena, customer_count, sizeof *history.later);
        history.later_amounts = arena_array(arena, customer_count, sizeof *history.later_amounts);
    }
    for (size_t i = 0; i < customer_count; i++) {
        struct clv_purchase *own = sorted + starts[i];
        size_t days = merge_days(own, starts[i + 1] - starts[i]);

        if (days == 0 || own[0].day > period->end)
            continue;
        add_customer(own, days, period, &history);
        add_gaps(own, history.customers[history.count - 1].repeats + 1, &history, &moments);
    }
    history.regularity = regularity_of(&moments);
    arena_free(own_scratch);
    *out = history;
}

int32_t clv_last_day(const struct clv_history *history, size_t i)
{
    const struct clv_customer *customer = &history->customers[i];

    return history->end - (int32_t)lround((customer->observed - customer->last) * DAYS);
}

enum status clv_history_rows(struct arena *arena, const struct clv_history *history, struct clv_rows *out,
                             struct error *err)
{
    enum status status = clv_rows_build(arena, history->customers, history->count, out, err);

    if (status == STATUS_OK)
        out->log_gaps = history->log_gaps;
    return status;
}
