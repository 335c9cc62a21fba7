/* replay_offers.c: what offers would take off the baskets of the past, in both worlds. */
#include "features/backtest/plan.h"
#include "features/backtest/replay_internal.h"
#include "features/offers/pricing.h"

struct pricing {
    struct replay *replay;
    int w;
    const struct sale *sale;
    const struct person *person; /* NULL: nobody known */
    struct member *member;
    struct arena *arena;
    const struct programme_set *programmes;
    int32_t day;
};

/* ---- the basket ---- */

/* At public prices: with what offers and benefits took off it. What the shop took off stays so. */
static struct purchase_line *public_lines(struct arena *arena, const struct sale *sale)
{
    struct purchase_line *lines = arena_copy(arena, sale->lines, sale->line_count * sizeof *lines);
    for (size_t i = 0; i < sale->line_count; i++) {
        const struct line_terms *terms = lines[i].terms;
        for (size_t d = 0; terms != NULL && d < terms->discount_count; d++)
            if (text_equals(terms->discounts[d].kind, "offer") || text_equals(terms->discounts[d].kind, "benefit")) {
                lines[i].amount += terms->discounts[d].amount;
                lines[i].discount -= terms->discounts[d].amount;
            }
    }
    return lines;
}

/* Codes and coupons that the purchase used. */
static struct basket_code *codes_of(struct arena *arena, const struct purchase_facts *facts, size_t *count)
{
    struct basket_code *codes = arena_array(arena, BASKET_CODES_MAX, sizeof *codes);
    *count = 0;
    for (size_t i = 0; i < facts->shown.code_count && *count < BASKET_CODES_MAX; i++)
        codes[(*count)++] = (struct basket_code){.code = facts->shown.codes[i],
                                                 .folded = offer_code_fold(arena, facts->shown.codes[i])};
    for (size_t i = 0; i < facts->offer_count && *count < BASKET_CODES_MAX; i++)
        if (facts->offers[i].coupon.size > 0)
            codes[(*count)++] = (struct basket_code){.code = facts->offers[i].coupon,
                                                     .folded = facts->offers[i].coupon,
                                                     .key = facts->offers[i].coupon,
                                                     .series = facts->offers[i].series,
                                                     .opens = facts->offers[i].code};
    return codes;
}

/* Those that are tried: they say why they do not apply. */
static const struct definition **tried(const struct pricing *pricing, size_t *count)
{
    const struct definition_list *list = definitions_of(pricing->programmes, &offer_kind);
    const struct definition **items = arena_array(pricing->arena, list->count + 1, sizeof(const struct definition *));
    *count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].version == PLAN_VERSION)
            items[(*count)++] = &list->items[i];
    return items;
}

/* ---- limits ---- */

static int64_t left_of(int64_t limit, int64_t used)
{
    return limit == INT64_MAX ? INT64_MAX : limit > used ? limit - used : 0;
}

static int64_t counted(const struct pricing *pricing, const char *id)
{
    return replay_counter(pricing->replay, &pricing->replay->worlds[pricing->w], id)->used;
}

static int64_t used_by_member(const struct pricing *pricing, struct text id)
{
    for (size_t i = 0; pricing->member != NULL && i < pricing->member->progress_count; i++)
        if (text_equal(pricing->member->progress[i].id, id))
            return pricing->member->progress[i].used;
    return 0;
}

static struct offer_left ask_left(void *context, const struct offer *offer)
{
    const struct pricing *pricing = context;
    const struct offer_limits *limits = &offer->limits;
    struct arena *arena = pricing->arena;
    struct offer_left left = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    if (limits->uses != INT64_MAX)
        left.uses = left_of(limits->uses, counted(pricing, offer_counter_uses(arena, offer)));
    if (limits->budget != INT64_MAX)
        left.budget = left_of(limits->budget, counted(pricing, offer_counter_budget(arena, offer)));
    if (limits->per_member != INT64_MAX)
        left.member = left_of(limits->per_member, used_by_member(pricing, offer_progress(arena, offer)));
    if (limits->per_member_day != INT64_MAX)
        left.member_day =
            left_of(limits->per_member_day, used_by_member(pricing, offer_progress_day(arena, offer, pricing->day)));
    return left;
}

static void use(const struct pricing *pricing, const struct applied_offer *applied)
{
    const struct offer *offer = applied->offer;
    const struct offer_limits *limits = &offer->limits;
    struct world *world = &pricing->replay->worlds[pricing->w];
    if (limits->uses != INT64_MAX)
        replay_counter(pricing->replay, world, offer_counter_uses(pricing->arena, offer))->used++;
    if (limits->budget != INT64_MAX)
        replay_counter(pricing->replay, world, offer_counter_budget(pricing->arena, offer))->used += applied->amount;
    if (pricing->member == NULL)
        return;
    if (limits->per_member != INT64_MAX)
        member_progress(&world->decision, pricing->member, offer_progress(pricing->arena, offer))->used++;
    if (limits->per_member_day != INT64_MAX)
        member_progress(&world->decision, pricing->member, offer_progress_day(pricing->arena, offer, pricing->day))
            ->used++;
}

/* ---- counting ---- */

static struct replay_offer *sum_of(struct replay *replay, struct text code)
{
    struct replay_report *report = &replay->report;
    for (size_t i = 0; i < report->offer_count; i++)
        if (text_equal(report->offers[i].code, code))
            return &report->offers[i];
    report->offers = arena_grow(replay->memory, report->offers, &report->offer_capacity, report->offer_count + 1,
                                sizeof *report->offers);
    struct replay_offer *sum = &report->offers[report->offer_count++];
    *sum = (struct replay_offer){.code = text_copy(replay->memory, code)};
    return sum;
}

static void count_priced(const struct pricing *pricing, const struct priced *priced)
{
    struct replay *replay = pricing->replay;
    for (size_t i = 0; i < priced->applied_count; i++) {
        const struct applied_offer *applied = &priced->applied[i];
        struct replay_offer *sum = sum_of(replay, applied->offer->code);
        int64_t given = applied->amount + applied->gifts * applied->offer->gift_value;
        sum->baskets[pricing->w]++;
        sum->given[pricing->w] += given;
        replay->report.given[pricing->w] += given;
        use(pricing, applied);
    }
    for (size_t i = 0; pricing->w == REPLAY_PLAN && i < priced->refused_count; i++) {
        const struct refused_offer *refused = &priced->refused[i];
        if (refused->definition != NULL && refused->definition->version == PLAN_VERSION &&
            (refused->missing_minor > 0 || refused->missing_milli > 0))
            sum_of(replay, refused->definition->code)->missed++;
    }
}

static enum status price(const struct pricing *pricing, struct error *err)
{
    const struct sale *sale = pricing->sale;
    const struct programme *programme = programme_at(pricing->programmes, sale->row->at);
    const struct zone *zone = rules_store_zone(pricing->programmes, sale->row->store);
    struct basket basket = {.lines = public_lines(pricing->arena, sale),
                            .shipping = terms_shipping(pricing->arena, sale->lines, sale->line_count),
                            .line_count = sale->line_count,
                            .store = sale->row->store,
                            .channel = sale->row->channel,
                            .at = sale->row->at,
                            .zone = zone != NULL ? zone : programme->zone};
    const struct condition_event event = {.kind = TEXT("purchase"),
                                          .at = sale->row->at,
                                          .store = sale->row->store,
                                          .channel = sale->row->channel,
                                          .till = sale->facts->till,
                                          .employee = sale->facts->employee};
    struct condition_purchase purchase = {.lines = basket.lines,
                                          .line_count = basket.line_count,
                                          .terms = sale->facts->contract,
                                          .shown = sale->facts->shown};
    for (size_t i = 0; i < basket.line_count; i++)
        purchase.total += basket.lines[i].amount;
    struct condition_world conditions = {.arena = pricing->arena,
                                         .programmes = pricing->programmes,
                                         .programme = programme,
                                         .now = sale->row->at,
                                         .person = pricing->person,
                                         .known = sale->known != NULL ? &sale->known->person : NULL,
                                         .event = &event,
                                         .purchase = &purchase};
    const struct pricing_world world = {.arena = pricing->arena,
                                        .index = offer_index_of(pricing->programmes),
                                        .conditions = &conditions,
                                        .known = pricing->person != NULL,
                                        .tier = pricing->member != NULL ? pricing->member->standing.tier : TEXT(""),
                                        .left = ask_left,
                                        .context = (void *)(uintptr_t)pricing};
    struct priced priced;
    basket.codes = codes_of(pricing->arena, sale->facts, &basket.code_count);
    basket.explain = tried(pricing, &basket.explain_count);
    condition_start(&conditions);
    enum status status = offers_price(&world, &basket, &priced, err);
    if (status == STATUS_OK)
        count_priced(pricing, &priced);
    return status;
}

enum status replay_price(struct replay *replay, int w, const struct sale *sale, const struct person *person,
                         struct error *err)
{
    struct world *world = &replay->worlds[w];
    const struct programme *programme = programme_at(world->programmes, sale->row->at);
    const struct pricing pricing = {.replay = replay,
                                    .w = w,
                                    .sale = sale,
                                    .person = person,
                                    .member = person != NULL ? person->member : NULL,
                                    .arena = world->scratch,
                                    .programmes = world->programmes,
                                    .day = zone_day(programme->zone, sale->row->at)};
    if (!replay->options.offers || sale->line_count == 0 || sale->line_count > BASKET_LINES_MAX)
        return STATUS_OK;
    if (w == REPLAY_AS_IT_WAS) {
        replay->report.baskets++;
        for (size_t i = 0; i < sale->facts->offer_count; i++)
            replay->report.really_given += sale->facts->offers[i].amount;
    }
    return price(&pricing, err);
}
