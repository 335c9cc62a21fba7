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

/* A coupon that several offers had comes back when nothing is left of what any of them made cheaper. */
static bool frees_coupon(const struct return_work *work, size_t index)
{
    const struct offer_facts *offer = &work->bought.offers[index];
    bool first = work->offers_back[index].use && offer->coupon.size > 0;

    for (size_t i = 0; first && i < work->bought.offer_count; i++)
        if (text_equal(work->bought.offers[i].coupon, offer->coupon))
            first = !work->offers_back[i].left && (i >= index || !work->offers_back[i].use);
    return first;
}

static void give_coupon(const struct return_work *work, const struct offer_facts *offer)
{
    const struct journal_row *row = &work->purchase->row;
    bool claimed = text_equals(row->kind, "claim"); /* nobody had used it then */
    bool known = work->person.member != NULL && !claimed;
    const struct coupon_act act = {work->decision, work->command, known ? &work->person : NULL, work->row};
    int64_t used_by = claimed ? row->cause : row->id;
    struct coupon_use use = {.key = offer->coupon, .series = offer->series, .counter = -1};
    const char *id = coupon_counter_id(work->decision->arena, offer->coupon);

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

bool return_offer_has_goods(const struct purchase_line *lines, size_t count, const struct offer_facts *offer)
{
    int64_t taken;

    for (size_t i = 0; i < count; i++)
        if (taken_from(&lines[i], offer, &taken))
            return true;
    return false;
}

static void give_up(struct return_work *work, size_t index)
{
    const struct offer_facts *offer = &work->bought.offers[index];
    const struct journal_row *bought = &work->purchase->row;
    struct offer_back *out = &work->offers_back[index];
    bool goods = return_offer_has_goods(bought->lines, bought->line_count, offer), left_before = false;

    for (size_t i = 0; i < bought->line_count; i++) {
        const struct purchase_line before = left_before_it(work, i);
        int64_t taken;
        /* A gift that was added is for all of them. */
        if (!taken_from(&bought->lines[i], offer, &taken) && goods)
            continue;
        out->left = out->left || is_left(&work->left[i]);
        left_before = left_before || is_left(&before);
        out->amount +=
            return_part(taken, &bought->lines[i], &work->left[i]) - return_part(taken, &bought->lines[i], &before);
    }
    out->use = left_before && !out->left;
    const struct quote_back back = {.person = work->person.member != NULL ? &work->person : NULL,
                                    .offer = offer->code,
                                    .uses = offer->uses,
                                    .budget = offer->budget,
                                    .member = offer->member,
                                    .member_day = offer->member_day,
                                    .day = offer->day,
                                    .amount = out->amount,
                                    .use = out->use};
    quote_uncount(work->decision, work->command, &back);
}

void return_offers(struct return_work *work)
{
    struct arena *arena = work->decision->arena;
    size_t count = work->bought.offer_count;

    work->offers_back = arena_array(arena, count + 1, sizeof *work->offers_back);
    for (size_t i = 0; i < count; i++)
        give_up(work, i);
}

static void take_saving(const struct return_work *work, size_t index)
{
    const struct offer_facts *offer = &work->bought.offers[index];
    const struct membership_saving saving = {.membership = offer->membership,
                                             .row = work->row->id,
                                             .line = (int64_t)index + 1,
                                             .minor = -work->offers_back[index].amount,
                                             .at = work->row->at,
                                             .what = offer->code};

    if (offer->membership != 0 && work->offers_back[index].amount > 0)
        store_membership_saving(work->decision, work->person.member, &saving);
}

void return_offers_close(const struct return_work *work)
{
    for (size_t i = 0; i < work->bought.offer_count; i++) {
        take_saving(work, i);
        if (frees_coupon(work, i))
            give_coupon(work, &work->bought.offers[i]);
    }
}
