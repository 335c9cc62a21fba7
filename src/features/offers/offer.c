#include "features/offers/offer.h"

#include "features/definitions/references.h"
#include "features/offers/offer_index.h"

bool text_list_has(const struct text_list *list, struct text text)
{
    size_t from = 0, until = list->count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;
        int order = text_compare(list->items[middle], text);
        if (order == 0)
            return true;
        if (order < 0)
            from = middle + 1;
        else
            until = middle;
    }
    return false;
}

bool offer_filter_is_open(const struct offer_filter *filter)
{
    return filter->skus.count == 0 && filter->categories.count == 0 && filter->except_skus.count == 0 &&
           filter->except_categories.count == 0 && filter->when.program == NULL && !filter->not_discounted;
}

bool offer_needs_code(const struct offer *offer)
{
    return offer->codes.count > 0 || offer->coupon.size > 0;
}

bool offer_is_limited(const struct offer *offer)
{
    const struct offer_limits *limits = &offer->limits;

    return limits->uses != INT64_MAX || limits->budget != INT64_MAX || limits->per_member != INT64_MAX ||
           limits->per_member_day != INT64_MAX;
}

const char *offer_reason(const struct offer *offer)
{
    const struct offer_schedule *schedule = &offer->schedule;

    if (offer->coupon.size > 0)
        return "coupon";
    if (offer->codes.count > 0)
        return "code";
    if (offer->audience.benefits.count > 0)
        return "benefit";
    if (offer->audience.tiers.count > 0)
        return "tier";
    if (offer->audience.segments.count > 0)
        return "segment";
    if (offer->audience.when.program != NULL)
        return "condition";
    if (offer->audience.members)
        return "member";
    return schedule->weekdays != 0 || schedule->hour_count > 0 || schedule->season_count > 0 ? "season" : "public";
}

unsigned offer_parts(const struct offer *offer)
{
    unsigned parts = offer->audience.when.parts | offer->items.when.parts | offer->of.when.parts;

    for (size_t i = 0; i < offer->part_count; i++)
        parts |= offer->parts[i].items.when.parts;
    return offer->audience.segments.count > 0 ? parts | CONDITION_SEGMENTS : parts;
}

/* ---- when ---- */

static bool in_span(const struct offer_span *span, int32_t value)
{
    if (span->from < span->until)
        return value >= span->from && value < span->until;
    return value >= span->from || value < span->until;
}

static bool in_any(const struct offer_span *spans, size_t count, int32_t value)
{
    for (size_t i = 0; i < count; i++)
        if (in_span(&spans[i], value))
            return true;
    return count == 0;
}

/* Of hours that go past midnight the part after it belongs to the weekday before. */
static bool hours_hold(const struct offer_schedule *schedule, int32_t day, int32_t minute)
{
    for (size_t i = 0; i < schedule->hour_count; i++) {
        const struct offer_span *span = &schedule->hours[i];
        bool after = span->from >= span->until && minute < span->until;
        int weekday = day_of_week(after ? day - 1 : day);
        if (in_span(span, minute) && (schedule->weekdays == 0 || (schedule->weekdays & (1U << weekday)) != 0))
            return true;
    }
    return schedule->hour_count == 0 &&
           (schedule->weekdays == 0 || (schedule->weekdays & (1U << day_of_week(day))) != 0);
}

bool offer_time_holds(const struct offer_schedule *schedule, const struct zone *zone, int64_t at)
{
    if (schedule->weekdays == 0 && schedule->hour_count == 0 && schedule->season_count == 0)
        return true;
    int32_t day = zone_day(zone, at);
    struct date date = date_from_day(day);
    int64_t seconds = at / INSTANT_SECOND + zone_offset_seconds(zone, at) - (int64_t)day * 86400;
    return in_any(schedule->seasons, schedule->season_count, date.month * 100 + date.day) &&
           hours_hold(schedule, day, (int32_t)(seconds / 60));
}

/* ---- what counts its use ---- */

const char *offer_counter_uses(struct arena *arena, const struct offer *offer)
{
    return arena_format(arena, "offer:%.*s", (int)offer->code.size, offer->code.bytes);
}

const char *offer_counter_budget(struct arena *arena, const struct offer *offer)
{
    return arena_format(arena, "offer_budget:%.*s", (int)offer->code.size, offer->code.bytes);
}

struct text offer_progress(struct arena *arena, const struct offer *offer)
{
    return text_from(offer_counter_uses(arena, offer));
}

struct text offer_progress_day(struct arena *arena, const struct offer *offer, int32_t day)
{
    char text[DAY_TEXT_SIZE];

    return text_from(
        arena_format(arena, "offer:%.*s:%s", (int)offer->code.size, offer->code.bytes, day_format(day, text)));
}

static const struct advertised *advertised_of(const void *parsed)
{
    return ((const struct offer *)parsed)->advertised;
}

/* An offer that nobody can have yet harms nobody, and a series of coupons that opens it names it in turn. */
static void references_of(const void *parsed, struct definition_references *out)
{
    const struct offer *offer = parsed;
    const struct definition_reference segment = {.kind = "segment", .field = "audience.segments", .loose = true};
    const struct definition_reference benefit = {.kind = "benefit", .field = "audience.benefits", .loose = true};

    reference_add_loose(out, "coupon_series", offer->coupon, "coupon");
    reference_add_list(out, &segment, offer->audience.segments.items, offer->audience.segments.count);
    reference_add_list(out, &benefit, offer->audience.benefits.items, offer->audience.benefits.count);
}

const struct definition_kind offer_kind = {.name = "offer",
                                           .plural = "offers",
                                           .parse = offer_parse,
                                           .index = offer_index_build,
                                           .conflicts = offer_conflicts,
                                           .references = references_of,
                                           .advertised = advertised_of};
