/* world.c: the facts of a decision: of its member, its event, its purchase and the line at hand. */
#include <assert.h>

#include "features/conditions/condition.h"
#include "features/customers/profile.h"

enum { MILLI = 1000, DAYS_OF_WEEK = 7, EPOCH_WEEKDAY = 3 /* 1 January 1970 was a Thursday, from Monday = 0 */ };

/* ---- the event ---- */

static void fill_event(struct condition_world *world)
{
    const struct condition_event *event = world->event;
    const struct zone *zone = world->programme->zone;
    struct rule_value *slots = world->slots;
    int32_t day = zone_day(zone, event->at);
    struct date date = date_from_day(day);
    int64_t local = (event->at / INSTANT_SECOND + zone_offset_seconds(zone, event->at)) / 60;
    int64_t of_day = ((local % (24 * 60)) + 24 * 60) % (24 * 60);
    int weekday = (((day + EPOCH_WEEKDAY) % DAYS_OF_WEEK) + DAYS_OF_WEEK) % DAYS_OF_WEEK + 1;
    slots[FACT_EVENT_KIND] = rule_string(event->kind);
    slots[FACT_EVENT_AT] = rule_instant(event->at);
    slots[FACT_EVENT_DAY] =
        rule_string(text_from(arena_format(world->arena, "%04d-%02d-%02d", date.year, date.month, date.day)));
    slots[FACT_EVENT_WEEKDAY] = rule_int(weekday);
    slots[FACT_EVENT_TIME] =
        rule_string(text_from(arena_format(world->arena, "%02d:%02d", (int)(of_day / 60), (int)(of_day % 60))));
    slots[FACT_EVENT_MONTH] = rule_int(date.month);
    slots[FACT_EVENT_STORE] = rule_string(event->store);
    slots[FACT_EVENT_CHANNEL] = rule_string(event->channel);
    slots[FACT_EVENT_TILL] = rule_string(event->till);
    slots[FACT_EVENT_EMPLOYEE] = rule_string(event->employee);
    slots[FACT_EVENT_PROPERTIES] =
        event->properties.size > 0 ? fact_json(world->arena, event->properties) : rule_map(NULL, 0);
}

/* ---- lines ---- */

/* The facts of a line, in the order of their slots from FACT_LINE_SKU on. */
enum { LINE_FACTS = FACT_LINE_END - FACT_LINE_SKU };

static struct rule_value categories_of(struct arena *arena, const struct purchase_line *line)
{
    size_t count = line->category.size > 0 ? 1 : 0, filled = 0;
    for (const struct text *above = line->above; above != NULL && above->size > 0; above++)
        count++;
    struct rule_value *items = arena_array(arena, count + 1, sizeof *items);
    if (line->category.size > 0)
        items[filled++] = rule_string(line->category);
    for (const struct text *above = line->above; above != NULL && above->size > 0; above++)
        items[filled++] = rule_string(*above);
    return rule_list(items, filled);
}

static void fill_line(struct condition_world *world, const struct purchase_line *line, struct rule_value *out)
{
    const struct programme *programme = world->programme;
    double quantity = (double)line->quantity_milli / MILLI;
    double before = fact_units(programme, line->amount + line->discount);
    out[FACT_LINE_SKU - FACT_LINE_SKU] = rule_string(line->sku);
    out[FACT_LINE_CATEGORY - FACT_LINE_SKU] = rule_string(line->category);
    out[FACT_LINE_CATEGORIES - FACT_LINE_SKU] = categories_of(world->arena, line);
    out[FACT_LINE_QUANTITY - FACT_LINE_SKU] = rule_double(quantity);
    out[FACT_LINE_AMOUNT - FACT_LINE_SKU] = rule_double(fact_units(programme, line->amount));
    out[FACT_LINE_PRICE - FACT_LINE_SKU] = rule_double(line->quantity_milli > 0 ? before / quantity : before);
    out[FACT_LINE_DISCOUNT - FACT_LINE_SKU] = rule_double(fact_units(programme, line->discount));
}

void condition_line(struct condition_world *world, const struct purchase_line *line)
{
    fill_line(world, line, &world->slots[FACT_LINE_SKU]);
}

/* ---- the purchase ---- */

struct strings {
    struct rule_value *items;
    size_t count, capacity;
};

static void add_once(struct arena *arena, struct strings *strings, struct rule_value value)
{
    for (size_t i = 0; i < strings->count; i++)
        if (rule_equal(strings->items[i], value))
            return;
    strings->items = arena_grow(arena, strings->items, &strings->capacity, strings->count + 1, sizeof *strings->items);
    strings->items[strings->count++] = value;
}

static void fill_purchase(struct condition_world *world)
{
    static const char *const names[LINE_FACTS] = {"sku",    "category", "categories", "quantity",
                                                  "amount", "price",    "discount"};
    const struct condition_purchase *purchase = world->purchase;
    struct arena *arena = world->arena;
    struct rule_value *slots = world->slots, *lines = arena_array(arena, purchase->line_count + 1, sizeof *lines);
    struct strings skus = {0}, categories = {0};
    int64_t quantity = 0;
    for (size_t i = 0; i < purchase->line_count; i++) {
        const struct purchase_line *line = &purchase->lines[i];
        struct rule_value values[LINE_FACTS];
        struct rule_entry *entries = arena_array(arena, LINE_FACTS, sizeof *entries);
        fill_line(world, line, values);
        for (size_t f = 0; f < LINE_FACTS; f++)
            entries[f] = (struct rule_entry){rule_string(text_from(names[f])), values[f]};
        lines[i] = rule_map(entries, LINE_FACTS);
        if (line->sku.size > 0)
            add_once(arena, &skus, rule_string(line->sku));
        for (size_t c = 0; c < values[FACT_LINE_CATEGORIES - FACT_LINE_SKU].size; c++)
            add_once(arena, &categories, values[FACT_LINE_CATEGORIES - FACT_LINE_SKU].items[c]);
        quantity += line->quantity_milli;
    }
    slots[FACT_PURCHASE_TOTAL] = rule_double(fact_units(world->programme, purchase->total));
    slots[FACT_PURCHASE_PAID_WITH_POINTS] = rule_double(fact_units(world->programme, purchase->paid_with_points));
    slots[FACT_PURCHASE_QUANTITY] = rule_double((double)quantity / MILLI);
    slots[FACT_PURCHASE_LINES] = rule_list(lines, purchase->line_count);
    slots[FACT_PURCHASE_SKUS] = rule_list(skus.items, skus.count);
    slots[FACT_PURCHASE_CATEGORIES] = rule_list(categories.items, categories.count);
    slots[FACT_PURCHASE_CODES] = rule_texts(arena, purchase->shown.codes, purchase->shown.code_count);
    slots[FACT_PURCHASE_TERMS] = rule_string(purchase->terms);
    slots[FACT_PURCHASE_COUPONS] = rule_texts(arena, purchase->shown.coupons, purchase->shown.coupon_count);
}

/* ---- the member ---- */

static void fill_nobody(struct rule_value *slots)
{
    for (size_t i = 0; i < FACT_COUNT; i++)
        slots[i] = rule_null();
    slots[FACT_KNOWN] = rule_bool(false);
    slots[FACT_ACTIVE] = slots[FACT_BIRTHDAY_TODAY] = slots[FACT_BIRTHDAY_MONTH] = rule_bool(false);
    slots[FACT_PURCHASES] = slots[FACT_PURCHASE_DAYS] = slots[FACT_VISITS] = slots[FACT_POINTS] =
        slots[FACT_PENDING_POINTS] = rule_int(0);
    slots[FACT_SPEND] = slots[FACT_RETURNS] = slots[FACT_SPEND_90_DAYS] = slots[FACT_QUALIFYING] = rule_double(0);
    slots[FACT_CONTRACT_DISCOUNT] = rule_double(0);
    slots[FACT_CONTRACT_FACTOR] = rule_double(1);
    slots[FACT_STAGE] = rule_string(TEXT("none"));
    slots[FACT_ID] = rule_string(TEXT(""));
    slots[FACT_TAGS] = slots[FACT_CONSENTS] = slots[FACT_SEGMENTS] = slots[FACT_DAYS] = slots[FACT_MEMBERSHIPS] =
        rule_list(NULL, 0);
    slots[FACT_WALLETS] = slots[FACT_CUSTOM] = slots[FACT_TIERS] = rule_map(NULL, 0);
}

void condition_sources(struct arena *arena, const struct condition_person *known, struct fact_sources *sources)
{
    if ((known->parts & CONDITION_PROFILE) != 0 && known->member_count > 0) {
        struct profile *profile = arena_copy(arena, &known->members[0].profile, sizeof *profile);
        for (size_t i = 1; i < known->member_count; i++)
            profile_fill(profile, &known->members[i].profile);
        sources->profile = profile;
        sources->members = known->members;
        sources->member_count = known->member_count;
    }
    if ((known->parts & CONDITION_SEGMENTS) != 0) {
        static const struct text none;
        sources->segments = known->segment_count > 0 ? known->segments : &none;
        sources->segment_count = known->segment_count;
    }
    if ((known->parts & CONDITION_DAYS) != 0) {
        static const struct member_day none;
        sources->days = known->day_count > 0 ? known->days : &none;
        sources->day_count = known->day_count;
    }
}

void condition_refresh(struct condition_world *world)
{
    if (world->person == NULL || world->person->group == NULL) {
        fill_nobody(world->slots);
        return;
    }
    struct fact_sources sources = {.person = world->person,
                                   .now = world->now,
                                   .programme = world->programme,
                                   .median_interval = world->programmes->median_interval,
                                   .lifecycle = world->programmes->lifecycle};
    if (world->known != NULL)
        condition_sources(world->arena, world->known, &sources);
    facts_fill(world->arena, &sources, world->slots);
}

void condition_start(struct condition_world *world)
{
    assert(world->programme != NULL);
    world->slots = arena_array(world->arena, FACT_LINE_END, sizeof *world->slots);
    for (size_t i = FACT_COUNT; i < FACT_LINE_END; i++)
        world->slots[i] = rule_null();
    condition_refresh(world);
    if (world->event != NULL)
        fill_event(world);
    if (world->purchase != NULL)
        fill_purchase(world);
}
