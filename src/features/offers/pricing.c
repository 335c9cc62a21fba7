#include "features/offers/pricing.h"

#include <stdlib.h>
#include <string.h>

#include "features/offers/pricing_internal.h"

/* ---- reasons ---- */

static const struct {
    const char *why, *sentence;
} reasons[] = {
    {"offer.not_started", "it has not begun"},
    {"offer.ended", "it is over"},
    {"offer.not_now", "not on this day or at this hour"},
    {"offer.store", "not in this store"},
    {"offer.channel", "not in this channel"},
    {"offer.code_needed", "it needs a code"},
    {"offer.code_unknown", "no offer has this code"},
    {"offer.member_needed", "only for members"},
    {"offer.audience", "not for this member"},
    {"offer.items", "nothing in the basket is of its goods"},
    {"offer.no_shipping", "nothing is shipped"},
    {"offer.minimum_spend", "more must be spent"},
    {"offer.minimum_quantity", "more pieces are needed"},
    {"offer.exhausted", "it was used as often as it may be"},
    {"offer.budget", "its budget is used up"},
    {"offer.member_limit", "the member used it as often as they may"},
    {"offer.member_day_limit", "the member used it as often as they may today"},
    {"offer.excluded_by", "it does not apply beside another offer"},
    {"offer.group", "another offer of its group applies"},
    {"offer.pieces", "its goods are in the set of another offer"},
    {"offer.price_not_lower", "its price is not lower"},
    {"offer.nothing", "there is nothing left to take off"},
    {"offer.too_many", "too many offers can apply"},
    {"offer.not_shown", "it was not shown in that channel at that time"},
    {"offer.replaced", "what is in force now is better for the member"},
    {"coupon.unknown", "there is no such coupon"},
    {"coupon.check_character", "the code is mistyped"},
    {"coupon.not_started", "the coupon is not valid yet"},
    {"coupon.expired", "the coupon is no longer valid"},
    {"coupon.used", "the coupon was used"},
    {"coupon.other_member", "the coupon is another member's"},
    {"coupon.member_limit", "the member used these coupons as often as they may"},
};

const char *pricing_reason_text(const char *why)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i].why, why) == 0)
            return reasons[i].sentence;
    return "it does not apply";
}

/* ---- what the choice comes to ---- */

struct recording {
    struct candidates *all;
    struct priced *out;
    size_t applied_capacity, cut_capacity;
    int *applied; /* of each candidate: index into out->applied, -1 */
};

static void record(void *context, size_t index, int64_t amount)
{
    struct recording *recording = context;
    struct candidates *all = recording->all;
    const struct candidate *candidate = &all->items[index];
    struct priced *out = recording->out;

    out->applied = arena_grow(all->arena, out->applied, &recording->applied_capacity, out->applied_count + 1,
                              sizeof *out->applied);
    for (size_t i = 0; i < all->basket->line_count; i++) {
        if (all->state.cuts[i] == 0)
            continue;
        out->cuts = arena_grow(all->arena, out->cuts, &recording->cut_capacity, out->cut_count + 1, sizeof *out->cuts);
        out->cuts[out->cut_count++] = (struct price_cut){i, out->applied_count, all->state.cuts[i]};
    }
    recording->applied[index] = (int)out->applied_count;
    out->applied[out->applied_count++] =
        (struct applied_offer){.definition = candidate->definition,
                               .offer = candidate->offer,
                               .amount = amount,
                               .gifts = all->state.gifts,
                               .sets = all->state.sets > 0 ? all->state.sets : 1,
                               .code = candidate->code != NULL ? candidate->code->code : (struct text){NULL, 0},
                               .series = candidate->code != NULL ? candidate->code->series : (struct text){NULL, 0},
                               .holding = candidate->holding};
}

static int by_line(const void *left, const void *right)
{
    const struct price_cut *a = left, *b = right;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->applied > b->applied) - (a->applied < b->applied);
}

static const struct offer *group_winner(const struct recording *recording, const struct candidate *loser)
{
    for (size_t i = 0; i < recording->all->count; i++)
        if (recording->applied[i] >= 0 && loser->group >= 0 && recording->all->items[i].group == loser->group)
            return recording->all->items[i].offer;
    return NULL;
}

static const struct offer *exclusive_winner(const struct priced *out)
{
    for (size_t i = 0; i < out->applied_count; i++)
        if (out->applied[i].offer->exclusive)
            return out->applied[i].offer;
    return NULL;
}

/* Why a candidate took nothing. */
static void explain(const struct recording *recording, size_t index, bool chosen)
{
    const struct candidate *candidate = &recording->all->items[index];
    const struct priced *out = recording->out;
    struct refused_offer refused = {.definition = candidate->definition, .offer = candidate->offer};

    if (candidate->code != NULL)
        refused.code = candidate->code->code;
    refused.by = group_winner(recording, candidate);
    refused.why = "offer.group";
    if (refused.by == NULL && (refused.by = exclusive_winner(out)) != NULL)
        refused.why = "offer.excluded_by";
    if (refused.by == NULL && candidate->offer->exclusive && out->applied_count > 0) {
        refused.by = out->applied[0].offer;
        refused.why = "offer.excluded_by";
    }
    if (refused.by == NULL && !chosen)
        refused.why = "offer.pieces";
    else if (refused.by == NULL && candidate->offer->kind == OFFER_PRICE)
        refused.why = "offer.price_not_lower";
    else if (refused.by == NULL)
        refused.why = candidate->left.budget != INT64_MAX && !candidate->offer->limits.budget_partial ? "offer.budget"
                                                                                                      : "offer.nothing";
    refuse_offer(recording->all, &refused);
}

static enum status price(const struct pricing_world *world, const struct basket *basket, const struct phantom *phantom,
                         struct priced *out, struct error *err)
{
    struct candidates *all;
    enum status status = candidates_find(world, basket, phantom, &all, err);

    if (status != STATUS_OK)
        return status;
    unsigned char *may = arena_array(world->arena, all->count + 1, 1);
    struct recording recording = {.all = all, .out = out};
    const struct choice_listener listener = {record, &recording};
    *out = (struct priced){.line_count = basket->line_count};
    recording.applied = arena_array(world->arena, all->count + 1, sizeof *recording.applied);
    for (size_t i = 0; i < all->count; i++)
        recording.applied[i] = -1;
    out->bounded = !choice_find(all, may);
    out->benefit = choice_try(all, may, &listener);
    out->amounts = arena_copy(world->arena, all->state.current, basket->line_count * sizeof *out->amounts);
    for (size_t i = 0; i < basket->line_count; i++) {
        out->public_total += all->initial[i];
        out->total += out->amounts[i];
    }
    if (out->cut_count > 1)
        qsort(out->cuts, out->cut_count, sizeof *out->cuts, by_line);
    for (size_t i = 0; i < all->count; i++)
        if (recording.applied[i] < 0)
            explain(&recording, i, may[i] != 0);
    out->refused = all->refused;
    out->refused_count = all->refused_count;
    return STATUS_OK;
}

enum status offers_price(const struct pricing_world *world, const struct basket *basket, struct priced *out,
                         struct error *err)
{
    return price(world, basket, NULL, out, err);
}

enum status pricing_open(const struct pricing_world *world, const struct basket *basket, struct candidates **out,
                         struct error *err)
{
    return candidates_find(world, basket, NULL, out, err);
}

/* ---- a little more ---- */

/* The basket with one line more, which is of the offer's goods. */
static enum status price_with(const struct pricing_world *world, const struct basket *basket,
                              const struct refused_offer *refused, struct priced *out, struct error *err)
{
    struct basket more = *basket;
    struct purchase_line *lines = arena_array(world->arena, basket->line_count + 1, sizeof *lines);
    bool *shipping = arena_array(world->arena, basket->line_count + 1, sizeof *shipping);
    const struct phantom phantom = {(int)basket->line_count, refused->offer};

    memcpy(lines, basket->lines, basket->line_count * sizeof *lines);
    if (basket->shipping != NULL)
        memcpy(shipping, basket->shipping, basket->line_count * sizeof *shipping);
    lines[basket->line_count] = (struct purchase_line){.number = (int32_t)basket->line_count + 1,
                                                       .quantity_milli = refused->missing_milli,
                                                       .amount = refused->missing_minor};
    more.lines = lines;
    more.shipping = shipping;
    more.line_count = basket->line_count + 1;
    more.explain_count = 0;
    return price(world, &more, &phantom, out, err);
}

static int nearest(const void *left, const void *right)
{
    const struct refused_offer *const *a = left, *const *b = right;

    if ((*a)->missing_minor != (*b)->missing_minor)
        return (*a)->missing_minor < (*b)->missing_minor ? -1 : 1;
    return text_compare((*a)->offer->code, (*b)->offer->code);
}

enum status offers_next(const struct pricing_world *world, const struct basket *basket, const struct priced *priced,
                        struct next_offers *out, struct error *err)
{
    const struct refused_offer **list = arena_array(world->arena, priced->refused_count + 1, sizeof *list);
    size_t listed = 0;
    enum status status = STATUS_OK;

    out->count = 0;
    if (basket->line_count == BASKET_LINES_MAX)
        return STATUS_OK;
    for (size_t i = 0; i < priced->refused_count; i++)
        if (strcmp(priced->refused[i].why, "offer.minimum_spend") == 0)
            list[listed++] = &priced->refused[i];
    if (listed > 1)
        qsort(list, listed, sizeof(const struct refused_offer *), nearest);
    for (size_t i = 0; i < listed && i < 2 * out->max && out->count < out->max && status == STATUS_OK; i++) {
        struct priced more;
        status = price_with(world, basket, list[i], &more, err);
        if (status == STATUS_OK && more.benefit > priced->benefit)
            out->items[out->count++] = (struct next_offer){.offer = list[i]->offer,
                                                           .missing_minor = list[i]->missing_minor,
                                                           .gain = more.benefit - priced->benefit};
    }
    return status;
}
