#include "features/conditions/facts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "features/conditions/birthday.h"
#include "features/customers/standing.h"
#include "features/programme/held.h"
#include "foundation/id.h"

enum { HALF_YEAR_HALF = 90 };

static const double MINOR_MAX = 9e15;

static const struct rule_type lines = {.kind = RULE_LIST, .element = &rule_type_map};
static const struct rule_type days = {.kind = RULE_LIST, .element = &rule_type_map};
static const struct rule_type codes = {.kind = RULE_MAP, .key = &rule_type_string, .element = &rule_type_string};
static const struct rule_type counts = {.kind = RULE_MAP, .key = &rule_type_string, .element = &rule_type_int};

static const struct rule_variable variables[FACT_LINE_END] = {
    [FACT_ID] = {"member.id", &rule_type_string, "The person's id."},
    [FACT_REGISTERED_AT] = {"member.registered_at", &rule_type_timestamp, "When they became a member."},
    [FACT_STAGE] = {"member.stage", &rule_type_string, "none, new, growing, loyal, at_risk, lapsed, lost or won_back."},
    [FACT_ACTIVE] = {"member.active", &rule_type_bool, "Bought or visited in the last 365 days."},
    [FACT_PURCHASES] = {"member.purchases", &rule_type_int, "How often they have bought."},
    [FACT_PURCHASE_DAYS] = {"member.purchase_days", &rule_type_int, "On how many days they have bought."},
    [FACT_SPEND] = {"member.spend", &rule_type_double, "Purchases less returns, in the programme's currency."},
    [FACT_RETURNS] = {"member.returns", &rule_type_double, "What they have returned, in the programme's currency."},
    [FACT_AVERAGE_PURCHASE] = {"member.average_purchase", &rule_type_double_or_null,
                               "Spend by the number of purchases; null before the first."},
    [FACT_SPEND_90_DAYS] = {"member.spend_90_days", &rule_type_double, "Spend of the last 90 days, today included."},
    [FACT_VISITS] = {"member.visits", &rule_type_int, "How often they have visited."},
    [FACT_FIRST_PURCHASE_AT] = {"member.first_purchase_at", &rule_type_timestamp_or_null, "Null before the first."},
    [FACT_LAST_PURCHASE_AT] = {"member.last_purchase_at", &rule_type_timestamp_or_null, "Null before the first."},
    [FACT_LAST_VISIT_AT] = {"member.last_visit_at", &rule_type_timestamp_or_null, "Null before the first."},
    [FACT_LAST_EVENT_AT] = {"member.last_event_at", &rule_type_timestamp_or_null, "Of any kind of event."},
    [FACT_TIER] = {"member.tier", &rule_type_string_or_null, "The code of their tier; null without one."},
    [FACT_TIER_SINCE] = {"member.tier_since", &rule_type_timestamp_or_null, "Since when they hold it."},
    [FACT_TIER_UNTIL] = {"member.tier_until", &rule_type_timestamp_or_null,
                         "The first instant without it; null: it does not end."},
    [FACT_TIERS] = {"member.tiers", &codes, "Their tier on each ladder: member.tiers[\"club\"] == \"gold\"."},
    [FACT_MEMBERSHIPS] = {"member.memberships", &rule_type_strings,
                          "Paid ones that run: \"plus\" in member.memberships."},
    [FACT_CONTRACT] = {"member.contract", &rule_type_string_or_null,
                       "The code of their contract in force, the one with the highest discount; null without one."},
    [FACT_CONTRACT_DISCOUNT] = {"member.contract_discount", &rule_type_double,
                                "Its discount in percent; 0 without one."},
    [FACT_CONTRACT_FACTOR] = {"member.contract_factor", &rule_type_double, "Its earning factor; 1 without one."},
    [FACT_QUALIFYING] = {"member.qualifying", &rule_type_double,
                         "What counts for the ladder in the period: points, spend or visits."},
    [FACT_POINTS] = {"member.points", &rule_type_int, "Points they can spend now, over all spendable accounts."},
    [FACT_PENDING_POINTS] = {"member.pending_points", &rule_type_int, "Points that are not yet active."},
    [FACT_WALLETS] = {"member.wallets", &counts, "Active points by account: member.wallets[\"points\"]."},
    [FACT_ALIVE] = {"member.alive", &rule_type_double_or_null, "Probability of still being a customer, 0 to 1."},
    [FACT_CHURN_RISK] = {"member.churn_risk", &rule_type_double_or_null, "1 - alive."},
    [FACT_EXPECTED_PURCHASES] = {"member.expected_purchases", &rule_type_double_or_null, "In the next 52 weeks."},
    [FACT_EXPECTED_VALUE] = {"member.expected_value", &rule_type_double_or_null,
                             "Of those purchases, in the programme's currency."},
    [FACT_CLV] = {"member.clv", &rule_type_double_or_null,
                  "Lifetime value: of all purchases to come, discounted, in the programme's currency."},
    [FACT_LOYALTY] = {"member.loyalty", &rule_type_int_or_null, "Loyalty index from behaviour, 0 to 100."},
    [FACT_GENDER] = {"member.gender", &rule_type_string_or_null, "As in the profile."},
    [FACT_BIRTHDAY] = {"member.birthday", &rule_type_string_or_null, "\"1990-05-01\", or \"--05-01\" without a year."},
    [FACT_BIRTHDAY_TODAY] = {"member.birthday_today", &rule_type_bool,
                             "Today, in the programme's zone, is their birthday."},
    [FACT_BIRTHDAY_MONTH] = {"member.birthday_month", &rule_type_bool, "Their birthday falls into this month."},
    [FACT_LANGUAGE] = {"member.language", &rule_type_string_or_null, "As in the profile."},
    [FACT_TIME_ZONE] = {"member.time_zone", &rule_type_string_or_null, "As in the profile."},
    [FACT_COUNTRY] = {"member.country", &rule_type_string_or_null, "As in the profile."},
    [FACT_REGION] = {"member.region", &rule_type_string_or_null, "As in the profile."},
    [FACT_CITY] = {"member.city", &rule_type_string_or_null, "As in the profile."},
    [FACT_POSTAL_CODE] = {"member.postal_code", &rule_type_string_or_null, "As in the profile."},
    [FACT_TAGS] = {"member.tags", &rule_type_strings, "\"vip\" in member.tags."},
    [FACT_CONSENTS] = {"member.consents", &rule_type_strings,
                       "What is granted, as channel/purpose: \"email/marketing\" in member.consents."},
    [FACT_CUSTOM] = {"member.custom", &rule_type_map, "Custom fields: member.custom.shoe_size."},
    [FACT_SEGMENTS] = {"member.segments", &rule_type_strings, "\"regulars\" in member.segments."},
    [FACT_DAYS] =
        {"member.days", &days,
         "Days with purchases among the last 400, for count_within and sum_within: maps of at, count and sum."},
    [FACT_KNOWN] = {"member.known", &rule_type_bool, "False for a customer of whom nothing is known."},

    [FACT_EVENT_KIND] = {"event.kind", &rule_type_string, "purchase, visit, or a declared kind."},
    [FACT_EVENT_AT] = {"event.at", &rule_type_timestamp, "When it happened."},
    [FACT_EVENT_DAY] = {"event.day", &rule_type_string, "The day in the programme's zone: \"2026-11-22\"."},
    [FACT_EVENT_WEEKDAY] = {"event.weekday", &rule_type_int, "1 for Monday to 7 for Sunday."},
    [FACT_EVENT_TIME] = {"event.time", &rule_type_string, "The time of the day there: \"17:30\"."},
    [FACT_EVENT_MONTH] = {"event.month", &rule_type_int, "1 to 12."},
    [FACT_EVENT_STORE] = {"event.store", &rule_type_string, "The code of the store; empty without."},
    [FACT_EVENT_CHANNEL] = {"event.channel", &rule_type_string, "The code of the channel; empty without."},
    [FACT_EVENT_TILL] = {"event.till", &rule_type_string, "The code of the till; empty without."},
    [FACT_EVENT_EMPLOYEE] = {"event.employee", &rule_type_string, "The code of who rang it up; empty without."},
    [FACT_EVENT_PROPERTIES] = {"event.properties", &rule_type_map, "Of a declared kind: event.properties.rating."},

    [FACT_PURCHASE_TOTAL] = {"purchase.total", &rule_type_double, "What is to be paid, in the programme's currency."},
    [FACT_PURCHASE_PAID_WITH_POINTS] = {"purchase.paid_with_points", &rule_type_double, "The part paid with points."},
    [FACT_PURCHASE_QUANTITY] = {"purchase.quantity", &rule_type_double, "Of all lines together."},
    [FACT_PURCHASE_LINES] = {"purchase.lines", &lines,
                             "Maps of sku, category, categories, quantity, amount, price and discount."},
    [FACT_PURCHASE_SKUS] = {"purchase.skus", &rule_type_strings, "\"latte\" in purchase.skus."},
    [FACT_PURCHASE_CATEGORIES] = {"purchase.categories", &rule_type_strings,
                                  "Of its lines, with those that they lie in."},
    [FACT_PURCHASE_CODES] = {"purchase.codes", &rule_type_strings,
                             "Codes that were shown, in capitals, and coupons; earning rules see those that it uses."},
    [FACT_PURCHASE_TERMS] = {"purchase.terms", &rule_type_string,
                             "Terms of the organisation that it is bought for; empty without."},
    [FACT_PURCHASE_COUPONS] = {"purchase.coupons", &rule_type_strings,
                               "Series of the coupons that it uses: \"welcome\" in purchase.coupons."},

    [FACT_LINE_SKU] = {"line.sku", &rule_type_string, "The article; empty without."},
    [FACT_LINE_CATEGORY] = {"line.category", &rule_type_string, "Its category; empty without."},
    [FACT_LINE_CATEGORIES] = {"line.categories", &rule_type_strings, "Its category and those that it lies in."},
    [FACT_LINE_QUANTITY] = {"line.quantity", &rule_type_double, "How many, or how much."},
    [FACT_LINE_AMOUNT] = {"line.amount", &rule_type_double, "After discounts, in the programme's currency."},
    [FACT_LINE_PRICE] = {"line.price", &rule_type_double, "Of one, before discounts."},
    [FACT_LINE_DISCOUNT] = {"line.discount", &rule_type_double, "What discounts have taken from it."},
};

const struct rule_environment facts_environment = {variables, FACT_COUNT};
const struct rule_environment facts_of_event = {variables, FACT_EVENT_END};
const struct rule_environment facts_of_purchase = {variables, FACT_PURCHASE_END};
const struct rule_environment facts_of_line = {variables, FACT_LINE_END};

unsigned facts_needed(const struct rule_program *program)
{
    unsigned needed = 0;
    for (size_t slot = FACT_ALIVE; slot <= FACT_LOYALTY; slot++)
        needed |= rule_program_reads(program, slot) ? FACTS_SCORES : 0;
    for (size_t slot = FACT_GENDER; slot <= FACT_CUSTOM; slot++)
        needed |= rule_program_reads(program, slot) ? FACTS_PROFILE : 0;
    needed |= rule_program_reads(program, FACT_SEGMENTS) ? FACTS_SEGMENTS : 0;
    needed |= rule_program_reads(program, FACT_DAYS) ? FACTS_DAYS : 0;
    return needed;
}

/* ---- values ---- */

static struct rule_value instant_or_null(int64_t instant)
{
    return instant == 0 || instant == INSTANT_NEVER ? rule_null() : rule_instant(instant);
}

static struct rule_value text_or_null(struct text text)
{
    return text.size == 0 ? rule_null() : rule_string(text);
}

static struct rule_value finite_or_null(double value)
{
    return isfinite(value) ? rule_double(value) : rule_null();
}

struct rule_value rule_texts(struct arena *arena, const struct text *texts, size_t count)
{
    struct rule_value *items = arena_array(arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = rule_string(texts[i]);
    return rule_list(items, count);
}

double fact_units(const struct programme *programme, int64_t minor)
{
    return (double)minor / pow(10, programme->exponent);
}

/* ---- the standing ---- */

static void fill_standing(const struct fact_sources *sources, struct rule_value *slots)
{
    const struct standing *standing = &sources->person->leader->standing;
    const struct programme *programme = sources->programme;
    int32_t today = zone_day(programme->zone, sources->now);
    bool money = programme->ladder.metric == TIER_SPEND;
    slots[FACT_STAGE] = rule_string(text_from(
        stage_name(standing_stage(standing, sources->now, today, sources->median_interval, sources->lifecycle))));
    slots[FACT_ACTIVE] = rule_bool(standing_active(standing, sources->now, sources->lifecycle));
    slots[FACT_PURCHASES] = rule_int(standing->purchases);
    slots[FACT_PURCHASE_DAYS] = rule_int(standing->purchase_days);
    slots[FACT_SPEND] = rule_double(fact_units(programme, standing->spend));
    slots[FACT_RETURNS] = rule_double(fact_units(programme, standing->returns));
    if (standing->purchases > 0)
        slots[FACT_AVERAGE_PURCHASE] =
            rule_double(fact_units(programme, standing->spend) / (double)standing->purchases);
    slots[FACT_SPEND_90_DAYS] =
        rule_double(fact_units(programme, standing_spend_between(standing, today - HALF_YEAR_HALF + 1, today)));
    slots[FACT_VISITS] = rule_int(standing->visits);
    slots[FACT_FIRST_PURCHASE_AT] = instant_or_null(standing->first_purchase_at);
    slots[FACT_LAST_PURCHASE_AT] = instant_or_null(standing->last_purchase_at);
    slots[FACT_LAST_VISIT_AT] = instant_or_null(standing->last_visit_at);
    slots[FACT_LAST_EVENT_AT] = instant_or_null(standing->last_event_at);
    slots[FACT_TIER] = text_or_null(standing->tier);
    slots[FACT_TIER_SINCE] = standing->tier.size > 0 ? instant_or_null(standing->tier_since) : rule_null();
    slots[FACT_TIER_UNTIL] = standing->tier.size > 0 ? instant_or_null(standing->tier_until) : rule_null();
    slots[FACT_QUALIFYING] =
        rule_double(money ? fact_units(programme, standing->qualifying) : (double)standing->qualifying);
}

/* ---- ladders, memberships and contracts ---- */

static void fill_contract(const struct held *held, int64_t now, struct rule_value *slots)
{
    static const double PERCENT = 100, FACTOR = 10000;
    const struct right *best = NULL;
    for (size_t i = 0; i < held->right_count; i++) {
        const struct right *right = &held->rights[i];
        if (right->kind == RIGHT_CONTRACT && right->from <= now && right->until > now &&
            (best == NULL || right->sums[RIGHT_SUM_DISCOUNT] > best->sums[RIGHT_SUM_DISCOUNT]))
            best = right;
    }
    if (best == NULL)
        return;
    slots[FACT_CONTRACT] = rule_string(best->code);
    slots[FACT_CONTRACT_DISCOUNT] = rule_double((double)best->sums[RIGHT_SUM_DISCOUNT] / PERCENT);
    slots[FACT_CONTRACT_FACTOR] = rule_double((double)best->sums[RIGHT_SUM_FACTOR] / FACTOR);
}

static void fill_held(struct arena *arena, const struct fact_sources *sources, struct rule_value *slots)
{
    const struct standing *standing = &sources->person->leader->standing;
    const struct programme *programme = sources->programme;
    const size_t ladders = programme_ladder_count(programme);
    struct rule_entry *tiers = arena_array(arena, ladders + 1, sizeof *tiers);
    struct rule_value *memberships;
    struct held held;
    size_t running = 0;
    for (size_t i = 0; i < ladders; i++) {
        const struct tier_ladder *ladder = programme_ladder(programme, i);
        tiers[i] =
            (struct rule_entry){rule_string(ladder->code), rule_string(held_tier(programme, ladder->code, standing))};
    }
    slots[FACT_TIERS] = rule_map(tiers, ladders);
    slots[FACT_MEMBERSHIPS] = rule_list(NULL, 0);
    slots[FACT_CONTRACT_DISCOUNT] = rule_double(0);
    slots[FACT_CONTRACT_FACTOR] = rule_double(1);
    if (standing->held.size == 0)
        return;
    held_read(standing, programme->ladder.metric, &held);
    fill_contract(&held, sources->now, slots);
    memberships = arena_array(arena, held.right_count + 1, sizeof *memberships);
    for (size_t i = 0; i < held.right_count; i++)
        if (held.rights[i].kind == RIGHT_MEMBERSHIP && held.rights[i].until > sources->now)
            memberships[running++] = rule_string(held.rights[i].code);
    slots[FACT_MEMBERSHIPS] = rule_list(memberships, running);
}

/* ---- points ---- */

static void fill_wallets(struct arena *arena, const struct fact_sources *sources, struct rule_value *slots)
{
    const struct group *group = sources->person->group;
    const struct programme *programme = sources->programme;
    struct rule_entry *entries = arena_array(arena, programme->wallet_count + 1, sizeof *entries);
    int64_t points = 0, pending = 0;
    for (size_t w = 0; w < programme->wallet_count; w++) {
        const struct wallet_policy *policy = &programme->wallets[w];
        int64_t active = 0;
        for (size_t m = 0; m < group->member_count; m++) {
            const struct member *member = &group->members[m];
            for (size_t i = 0; member->leader == sources->person->leader->id && i < member->wallet_count; i++)
                if (text_equal(member->wallets[i].code, policy->code)) {
                    active += member->wallets[i].active;
                    pending += policy->spendable ? member->wallets[i].pending : 0;
                }
        }
        points += policy->spendable ? active : 0;
        entries[w] = (struct rule_entry){rule_string(policy->code), rule_int(active)};
    }
    slots[FACT_POINTS] = rule_int(points);
    slots[FACT_PENDING_POINTS] = rule_int(pending);
    slots[FACT_WALLETS] = rule_map(entries, programme->wallet_count);
}

/* ---- scores ---- */

static struct rule_value money_or_null(const struct programme *programme, double minor)
{
    if (!isfinite(minor))
        return rule_null();
    return rule_double(fact_units(programme, llround(fmin(fmax(minor, 0), MINOR_MAX))));
}

static void fill_scores(const struct fact_sources *sources, struct rule_value *slots)
{
    const struct fact_scores *score = sources->scores;
    slots[FACT_ALIVE] = finite_or_null(score->alive);
    slots[FACT_CHURN_RISK] = finite_or_null(1 - score->alive);
    slots[FACT_EXPECTED_PURCHASES] = finite_or_null(score->expected);
    slots[FACT_EXPECTED_VALUE] = money_or_null(sources->programme, score->value);
    slots[FACT_CLV] = money_or_null(sources->programme, score->lifetime);
    if (isfinite(score->loyalty))
        slots[FACT_LOYALTY] = rule_int(llround(score->loyalty));
}

/* ---- the profile ---- */

struct values {
    struct rule_value *items;
    size_t count, capacity;
};

static bool holds(const struct values *values, struct rule_value value)
{
    for (size_t i = 0; i < values->count; i++)
        if (rule_equal(values->items[i], value))
            return true;
    return false;
}

static void add_new(struct arena *arena, struct values *values, struct rule_value value)
{
    if (holds(values, value))
        return;
    values->items = arena_grow(arena, values->items, &values->capacity, values->count + 1, sizeof *values->items);
    values->items[values->count++] = value;
}

static struct rule_value consent_value(struct arena *arena, const struct consent *consent)
{
    return rule_string(text_from(arena_format(arena, "%.*s/%.*s", (int)consent->channel.size, consent->channel.bytes,
                                              (int)consent->purpose.size, consent->purpose.bytes)));
}

static void fill_lists(struct arena *arena, const struct fact_sources *sources, struct rule_value *slots)
{
    struct values tags = {0}, granted = {0}, withdrawn = {0};
    size_t kept = 0;
    for (size_t m = 0; m < sources->member_count; m++) {
        const struct customer_state *state = &sources->members[m];
        for (size_t i = 0; i < state->tag_count; i++)
            add_new(arena, &tags, rule_string(state->tags[i]));
        for (size_t i = 0; i < state->consent_count; i++)
            add_new(arena, text_equals(state->consents[i].state, "granted") ? &granted : &withdrawn,
                    consent_value(arena, &state->consents[i]));
    }
    /* After a merge the stricter holds. */
    for (size_t i = 0; i < granted.count; i++)
        if (!holds(&withdrawn, granted.items[i]))
            granted.items[kept++] = granted.items[i];
    slots[FACT_TAGS] = rule_list(tags.items, tags.count);
    slots[FACT_CONSENTS] = rule_list(granted.items, kept);
}

/* JSON is an expression of the language: numbers, texts, lists and objects mean the same. */
struct rule_value fact_json(struct arena *arena, struct text json)
{
    static const struct rule_environment empty = {NULL, 0};
    struct rule_program *program;
    struct rule_source source = {.text = json, .environment = &empty, .unchecked = true};
    struct rule_evaluation evaluation = {.arena = arena, .now = INSTANT_NEVER};
    if (rule_compile(arena, &source, &program, NULL, NULL) != STATUS_OK)
        return rule_null();
    enum status status = rule_evaluate(program, &evaluation, NULL);
    rule_release(program);
    return status == STATUS_OK ? evaluation.value : rule_null();
}

static void fill_custom(struct arena *arena, const struct fact_sources *sources, struct rule_value *slots)
{
    struct rule_entry *entries = arena_array(arena, sources->member_count * MEMBER_FIELDS_MAX + 1, sizeof *entries);
    size_t count = 0;
    for (size_t m = 0; m < sources->member_count; m++)
        for (size_t i = 0; i < sources->members[m].field_count; i++) {
            const struct field_value *field = &sources->members[m].fields[i];
            struct rule_value key = rule_string(field->field);
            if (rule_map_get(rule_map(entries, count), key) == NULL)
                entries[count++] = (struct rule_entry){key, fact_json(arena, field->value)};
        }
    slots[FACT_CUSTOM] = rule_map(entries, count);
}

static void fill_profile(struct arena *arena, const struct fact_sources *sources, struct rule_value *slots)
{
    static const struct {
        enum fact fact;
        enum profile_field field;
    } texts[] = {{FACT_GENDER, PROFILE_GENDER},     {FACT_BIRTHDAY, PROFILE_BIRTHDAY},
                 {FACT_LANGUAGE, PROFILE_LANGUAGE}, {FACT_TIME_ZONE, PROFILE_TIME_ZONE},
                 {FACT_COUNTRY, PROFILE_COUNTRY},   {FACT_REGION, PROFILE_REGION},
                 {FACT_CITY, PROFILE_CITY},         {FACT_POSTAL_CODE, PROFILE_POSTAL_CODE}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        slots[texts[i].fact] = text_or_null(sources->profile->fields[texts[i].field]);
    fill_lists(arena, sources, slots);
    fill_custom(arena, sources, slots);
}

/* ---- birthdays ---- */

bool fact_birthday(const struct fact_sources *sources, struct birthday *out)
{
    const struct profile *profile = sources->profile;
    return profile != NULL &&
           birthday_read(profile->fields[PROFILE_BIRTHDAY], profile->fields[PROFILE_BIRTHDAY_CALENDAR],
                         sources->programme->birthday_leap_day, out);
}

static void fill_birthday(const struct fact_sources *sources, struct rule_value *slots)
{
    int32_t today = zone_day(sources->programme->zone, sources->now);
    struct date date = date_from_day(today);
    int32_t first = day_from_date((struct date){date.year, date.month, 1});
    struct birthday birthday;
    bool known = fact_birthday(sources, &birthday);
    slots[FACT_BIRTHDAY_TODAY] = rule_bool(known && birthday_from(&birthday, today) == today);
    slots[FACT_BIRTHDAY_MONTH] = rule_bool(known && birthday_from(&birthday, first) < day_add_months(first, 1));
}

/* ---- days ---- */

static int compare_days(const void *a, const void *b)
{
    const struct member_day *left = a, *right = b;
    return (left->day > right->day) - (left->day < right->day);
}

/* Of all members of the person, those of one day together, ascending. */
static struct rule_value day_list(struct arena *arena, const struct fact_sources *sources)
{
    enum { ENTRIES = 3 };
    const struct programme *programme = sources->programme;
    int32_t today = zone_day(programme->zone, sources->now);
    struct member_day *sorted = arena_array(arena, sources->day_count + 1, sizeof *sorted);
    struct rule_value *items = arena_array(arena, sources->day_count + 1, sizeof *items);
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < sources->day_count; i++)
        if (sources->days[i].day > today - RULE_WINDOW_DAYS_MAX)
            sorted[kept++] = sources->days[i];
    if (kept > 1)
        qsort(sorted, kept, sizeof *sorted, compare_days);
    for (size_t i = 0; i < kept;) {
        int64_t purchases = 0, spend = 0;
        int32_t day = sorted[i].day;
        for (; i < kept && sorted[i].day == day; i++) {
            purchases += sorted[i].count;
            spend += sorted[i].spend;
        }
        struct rule_entry *entries = arena_array(arena, ENTRIES, sizeof *entries);
        entries[0] = (struct rule_entry){rule_string(TEXT("at")), rule_instant(zone_day_start(programme->zone, day))};
        entries[1] = (struct rule_entry){rule_string(TEXT("count")), rule_int(purchases)};
        entries[2] = (struct rule_entry){rule_string(TEXT("sum")), rule_double(fact_units(programme, spend))};
        items[count++] = rule_map(entries, ENTRIES);
    }
    return rule_list(items, count);
}

void facts_fill(struct arena *arena, const struct fact_sources *sources, struct rule_value *slots)
{
    const struct member *leader = sources->person->leader;
    char *id = arena_alloc(arena, ID_TEXT_SIZE);
    for (size_t i = 0; i < FACT_COUNT; i++)
        slots[i] = rule_null();
    slots[FACT_ID] = rule_string(text_from(id_format("mbr", leader->id, id)));
    slots[FACT_REGISTERED_AT] = rule_instant(leader->registered_at);
    fill_standing(sources, slots);
    fill_held(arena, sources, slots);
    fill_wallets(arena, sources, slots);
    slots[FACT_KNOWN] = rule_bool(true);
    if (sources->scores != NULL)
        fill_scores(sources, slots);
    if (sources->profile != NULL)
        fill_profile(arena, sources, slots);
    fill_birthday(sources, slots);
    if (sources->days != NULL)
        slots[FACT_DAYS] = day_list(arena, sources);
    if (sources->segments != NULL)
        slots[FACT_SEGMENTS] = rule_texts(arena, sources->segments, sources->segment_count);
}
