/* What goods that come back used of the limits of offers. */
#include <string.h>

#include "features/entitlements/membership.h"
#include "features/events/return_internal.h"
#include "features/offers/quote.h"

void return_offer_counters(struct arena *arena, const struct offer_facts *offer, struct command *command)
{
    size_t coupons;
    struct quoted_offer of = {.code = offer->code,
                              .key = offer->coupon,
                              .series = offer->series,
                              .limits = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}};
    const struct quoted quoted = {.offers = &of, .offer_count = 1};

    of.limits.uses = offer->uses ? 0 : INT64_MAX;
    of.limits.budget = offer->budget ? 0 : INT64_MAX;
    (void)quoted_coupons(&quoted, command, arena, &coupons);
    quoted_counters(&quoted, command, arena);
}

/* A coupon that several offers had is given back with the first of them. */
static void give_coupon(struct return_work *work, const struct offer_facts *offer)
{
    const struct journal_row *row = &work->purchase->row;
    bool claimed = text_equals(row->kind, "claim"); /* nobody had used it then */
    bool known = work->person.member != NULL && !claimed;
    const struct coupon_act act = {work->decision, work->command, known ? &work->person : NULL, work->row};
    int64_t used_by = claimed ? row->cause : row->id;
    struct coupon_use use = {.key = offer->coupon, .series = offer->series, .counter = -1};
    const char *id = coupon_counter_id(work->decision->arena, offer->coupon);

    for (const struct offer_facts *one = work->bought.offers; one != offer; one++)
        if (text_equal(one->coupon, offer->coupon))
            return;
    for (size_t i = 0; i < work->command->counter_count; i++)
        if (strcmp(work->command->counters[i], id) == 0)
            use.counter = (int)i;
    if (use.counter >= 0)
        coupon_release(&act, &use, work->bought.settled_reserved ? work->bought.quote : used_by);
}

/* What an offer, or a benefit, took from a line; false: it is none of its goods. */
static bool taken_from(const struct purchase_line *line, const struct offer_facts *offer, int64_t *amount)
{
    const char *kind = offer->benefit ? "benefit" : "offer";
    bool taken = false;

    *amount = 0;

    for (size_t i = 0; line->terms != NULL && i < line->terms->discount_count; i++) {
        const struct line_discount *discount = &line->terms->discounts[i];
        if (!text_equals(discount->kind, kind) || !text_equal(discount->code, offer->code))
            continue;
        *amount += discount->amount;
        taken = true;
    }
    return taken;
}

int64_t return_part(int64_t taken, const struct purchase_line *bought, const struct purchase_line *left)
{
    if (bought->amount > 0)
        return return_share(taken, bought->amount - left->amount, bought->amount);
    return return_share(taken, bought->quantity_milli - left->quantity_milli, bought->quantity_milli);
}

/* What was left of a line before this return. */
static struct purchase_line left_before_it(const struct return_work *work, size_t index)
{
    struct purchase_line left = work->left[index];
    const struct journal_row *row = work->row;

    for (size_t i = 0; i < row->line_count; i++) {
        if (row->lines[i].of_line != left.number)
            continue;
        left.amount += row->lines[i].amount;
        left.quantity_milli += row->lines[i].quantity_milli;
    }
    return left;
}

static bool is_left(const struct purchase_line *line)
{
    return line->amount > 0 || line->quantity_milli > 0;
}

static int64_t give_up(struct return_work *work, const struct offer_facts *offer)
{
    const struct journal_row *bought = &work->purchase->row;
    int64_t freed = 0;
    bool left_now = false, left_before = false;

    for (size_t i = 0; i < bought->line_count; i++) {
        int64_t taken;
        if (!taken_from(&bought->lines[i], offer, &taken))
            continue;
        const struct purchase_line before = left_before_it(work, i);
        left_now = left_now || is_left(&work->left[i]);
        left_before = left_before || is_left(&before);
        freed += return_part(taken, &bought->lines[i], &work->left[i]) - return_part(taken, &bought->lines[i], &before);
    }
    const struct quote_back back = {.person = work->person.member != NULL ? &work->person : NULL,
                                    .offer = offer->code,
                                    .uses = offer->uses,
                                    .budget = offer->budget,
                                    .member = offer->member,
                                    .member_day = offer->member_day,
                                    .day = offer->day,
                                    .amount = freed,
                                    .use = left_before && !left_now};
    quote_uncount(work->decision, work->command, &back);
    if (back.use && offer->coupon.size > 0)
        give_coupon(work, offer);
    return freed;
}

void return_offers(struct return_work *work)
{
    work->unsaved = arena_array(work->decision->arena, work->bought.offer_count + 1, sizeof *work->unsaved);
    for (size_t i = 0; i < work->bought.offer_count; i++)
        work->unsaved[i] = give_up(work, &work->bought.offers[i]);
}

void return_savings(const struct return_work *work)
{
    for (size_t i = 0; i < work->bought.offer_count; i++) {
        const struct offer_facts *offer = &work->bought.offers[i];
        const struct membership_saving saving = {.membership = offer->membership,
                                                 .row = work->row->id,
                                                 .line = (int64_t)i + 1,
                                                 .minor = -work->unsaved[i],
                                                 .at = work->row->at,
                                                 .what = offer->code};
        if (offer->membership != 0 && work->unsaved[i] > 0)
            store_membership_saving(work->decision, work->person.member, &saving);
    }
}
