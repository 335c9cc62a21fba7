#include "features/entitlements/benefit.h"

#include "features/conditions/birthday.h"
#include "features/conditions/condition_read.h"
#include "features/definitions/definition_read.h"
#include "features/entitlements/membership.h"

const char *const benefit_effect_names[] = {"service",  "multiplier", "member_price", "free_shipping",
                                            "priority", "lounge",     "gift",         NULL};
const char *const benefit_period_names[] = {"day", "week", "month", "quarter", "year", "ever", "birthday", NULL};

/* ---- the document ---- */

struct reading {
    const struct definition_input *input;
    struct benefit *benefit;
};

static enum status read_price(const struct object *object, struct benefit *benefit)
{
    struct benefit_price *price = &benefit->price;
    bool of_goods = benefit->effect == EFFECT_MEMBER_PRICE;

    *price = (struct benefit_price){.order = BENEFIT_ORDER_USUAL};
    TRY(object_codes(object, "categories", &price->categories, &price->category_count));
    TRY(object_codes(object, "except_categories", &price->except_categories, &price->except_count));
    TRY(object_boolean(object, "not_discounted", &price->not_discounted));
    TRY(object_money(object, "minimum_spend", false, 0, &price->minimum_spend));
    TRY(object_integer(object, "order", false, (struct range){0, 1000000}, &price->order));
    TRY(object_code(object, "group", false, &price->group));
    if (!of_goods && (price->category_count > 0 || price->except_count > 0 || price->not_discounted))
        return object_refuse(object, "categories", "only a member price is of some goods");
    if (!of_goods && benefit->effect != EFFECT_FREE_SHIPPING &&
        (price->minimum_spend > 0 || price->order != BENEFIT_ORDER_USUAL || price->group.size > 0))
        return object_refuse(object, "order", "only a member price and free shipping stand among offers");
    return STATUS_OK;
}

static enum status read_effect(const struct object *document, struct benefit *benefit)
{
    static const char *const fields[] = {
        "kind",           "factor",        "wallet", "share", "categories", "except_categories",
        "not_discounted", "minimum_spend", "order",  "group", NULL};
    struct object object = object_nested(document, "effect");
    int kind = EFFECT_SERVICE;

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_word(&object, "kind", true, benefit_effect_names, &kind));
    benefit->effect = (enum benefit_effect)kind;
    TRY(object_factor(&object, "factor", benefit->effect == EFFECT_MULTIPLIER, &benefit->factor));
    TRY(object_factor(&object, "share", benefit->effect == EFFECT_MEMBER_PRICE, &benefit->share));
    TRY(object_code(&object, "wallet", false, &benefit->wallet));
    if (benefit->effect != EFFECT_MULTIPLIER && (benefit->factor != 0 || benefit->wallet.size > 0))
        return object_refuse(&object, "factor", "only a multiplier has a factor and an account");
    if (benefit->share > FACTOR_SCALE || (benefit->effect != EFFECT_MEMBER_PRICE && benefit->share != 0))
        return object_refuse(&object, "share", "a member price takes a share of at most 1 off");
    return read_price(&object, benefit);
}

static enum status read_uses(const struct object *document, struct benefit *benefit)
{
    static const char *const fields[] = {"count", "per", "carry_over", NULL};
    struct object object = object_nested(document, "uses");
    int period = BENEFIT_BIRTHDAY;

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_integer(&object, "count", true, (struct range){1, BENEFIT_USES_MAX}, &benefit->count));
    TRY(object_word(&object, "per", !benefit->birthday, benefit_period_names, &period));
    benefit->period = (enum benefit_period)period;
    if ((benefit->period == BENEFIT_BIRTHDAY) != benefit->birthday)
        return object_refuse(&object, "per", "a benefit around the birthday is counted by birthday, others are not");
    TRY(object_boolean(&object, "carry_over", &benefit->carry_over));
    if (benefit->carry_over && (benefit->period == BENEFIT_EVER || benefit->birthday))
        return object_refuse(&object, "carry_over", "there is no period before this one");
    return STATUS_OK;
}

static enum status read_birthday(const struct object *document, struct benefit *benefit)
{
    static const char *const fields[] = {"days_before", "days_after", NULL};
    const struct range days = {0, BIRTHDAY_DAYS_MAX};
    struct object object = object_nested(document, "birthday");

    if (object.json == NULL)
        return STATUS_OK;
    benefit->birthday = true;
    TRY(object_check(&object, fields));
    TRY(object_int(&object, "days_before", false, days, &benefit->days_before));
    return object_int(&object, "days_after", false, days, &benefit->days_after);
}

static enum status read_tiers(const struct object *object, const struct reading *reading)
{
    static const char *const fields[] = {"ladder", "tier", NULL};
    struct benefit *benefit = reading->benefit;

    TRY(object_list(object, "tiers", (struct range){0, BENEFIT_TIERS_MAX}, &benefit->tier_count));
    struct benefit_tier *tiers = arena_array(object->arena, benefit->tier_count + 1, sizeof *tiers);
    for (size_t i = 0; i < benefit->tier_count; i++) {
        struct object inner = object_element(object, "tiers", i);
        TRY(object_check(&inner, fields));
        TRY(object_code(&inner, "ladder", false, &tiers[i].ladder));
        TRY(object_code(&inner, "tier", true, &tiers[i].tier));
        if (!reading->input->saving)
            continue;
        const struct tier_ladder *ladder = programme_ladder_count(reading->input->programme) > 0
                                               ? programme_ladder_find(reading->input->programme, tiers[i].ladder)
                                               : NULL;
        if (ladder == NULL)
            return object_refuse(&inner, "ladder", "the programme has no such ladder");
        if (ladder_find(ladder, tiers[i].tier) == NULL)
            return object_refuse(&inner, "tier", "the ladder has no such tier");
    }
    benefit->tiers = tiers;
    return STATUS_OK;
}

static enum status read_for(const struct object *document, const struct reading *reading)
{
    static const char *const fields[] = {"everyone", "tiers", "when", NULL};
    struct object object = object_nested(document, "for");

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_boolean(&object, "everyone", &reading->benefit->everyone));
    TRY(read_tiers(&object, reading));
    return object_condition(&object, "when", CONDITION_MEMBER, &reading->benefit->when);
}

/* Of what was published long ago the account may be gone: then nothing is multiplied. */
static enum status check_wallet(const struct object *document, const struct reading *reading)
{
    const struct benefit *benefit = reading->benefit;
    const struct programme *programme = reading->input->programme;

    if (!reading->input->saving || benefit->wallet.size == 0 || programme_wallet(programme, benefit->wallet) != NULL)
        return STATUS_OK;
    return object_refuse(document, "effect.wallet",
                         programme_no_wallet(reading->input->arena, programme, benefit->wallet));
}

static enum status read_benefit(const struct object *document, void *out)
{
    static const char *const fields[] = {"name", "about", "effect", "uses", "stores", "value", "for", "birthday", NULL};
    const struct reading *reading = out;
    struct benefit *benefit = reading->benefit;

    TRY(object_check(document, fields));
    TRY(object_text(document, "name", true, 200, &benefit->name));
    TRY(object_text(document, "about", false, 2000, &benefit->about));
    TRY(read_effect(document, benefit));
    TRY(check_wallet(document, reading));
    TRY(read_birthday(document, benefit));
    TRY(read_uses(document, benefit));
    TRY(object_codes(document, "stores", &benefit->stores, &benefit->store_count));
    TRY(object_money(document, "value", false, 0, &benefit->value));
    return read_for(document, reading);
}

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct benefit *benefit = arena_alloc(input->arena, sizeof *benefit);
    struct reading reading = {input, benefit};

    *benefit = (struct benefit){.period = BENEFIT_EVER};
    *out = benefit;
    return definition_read(input, read_benefit, &reading, err);
}

/* What their conditions need. */
struct benefit_index {
    unsigned parts;
    struct benefit_prices prices;
};

static bool changes_prices(const struct benefit *benefit)
{
    return benefit->count == 0 && (benefit->effect == EFFECT_MEMBER_PRICE || benefit->effect == EFFECT_FREE_SHIPPING ||
                                   benefit->effect == EFFECT_PRIORITY);
}

static enum status make_index(struct arena *arena, const struct definition *items, size_t count, const void **out,
                              struct error *err)
{
    struct benefit_index *index = arena_alloc(arena, sizeof *index);
    const struct definition **prices = arena_array(arena, count + 1, sizeof(const struct definition *));

    (void)err;
    *index = (struct benefit_index){.prices = {.items = prices}};
    for (size_t i = 0; i < count; i++) {
        const struct benefit *benefit = items[i].parsed;
        unsigned parts = benefit->when.parts | (benefit->birthday ? (unsigned)CONDITION_PROFILE : 0);
        index->parts |= parts;
        if (!changes_prices(benefit))
            continue;
        prices[index->prices.count++] = &items[i];
        index->prices.parts |= parts;
    }
    *out = index;
    return STATUS_OK;
}

const struct definition_kind benefit_kind = {
    .name = "benefit", .plural = "benefits", .parse = parse, .index = make_index};

unsigned benefit_parts(const struct programme_set *programmes, int64_t at)
{
    const struct benefit_index *index = definitions_of(programmes, &benefit_kind)->index;

    (void)at;
    return index != NULL ? index->parts : 0;
}

struct benefit_prices benefit_prices(const struct programme_set *programmes)
{
    const struct benefit_index *index = definitions_of(programmes, &benefit_kind)->index;

    return index != NULL ? index->prices : (struct benefit_prices){.count = 0};
}

/* ---- grounds on which one is held ---- */

static void consider(bool *held, struct benefit_holding *best, const struct benefit_holding *candidate)
{
    if (*held && best->until >= candidate->until)
        return;
    *best = *candidate;
    *held = true;
}

static void by_tier(const struct benefit_asker *asker, const struct programme *programme, const struct held *rights,
                    const struct benefit *benefit, bool *held, struct benefit_holding *best)
{
    for (size_t i = 0; i < benefit->tier_count && programme_ladder_count(programme) > 0; i++) {
        const struct tier_ladder *ladder = programme_ladder_find(programme, benefit->tiers[i].ladder);
        const struct tier_level *wanted = ladder != NULL ? ladder_find(ladder, benefit->tiers[i].tier) : NULL;
        const struct right *by = NULL;
        if (wanted == NULL)
            continue;
        const struct member *leader = asker->person->leader;
        size_t level = held_level(programme, ladder, rights, &by);
        if (&ladder->levels[level] < wanted)
            continue;
        struct ladder_state state = held_state(programme, ladder, rights, leader->registered_at, asker->at);
        const struct benefit_holding holding = {.by = "tier",
                                                .code = ladder->levels[level].code,
                                                .from = by != NULL ? by->from : state.since,
                                                .until = by != NULL ? by->until : state.until};
        consider(held, best, &holding);
    }
}

static void by_right(const struct benefit_asker *asker, struct text code, const struct held *rights, bool *held,
                     struct benefit_holding *best)
{
    for (size_t i = 0; i < rights->right_count; i++) {
        const struct right *right = &rights->rights[i];
        struct benefit_holding holding = {.right = right->id, .from = right->from, .until = right->until};
        if (right->from > asker->at || right->until <= asker->at)
            continue;
        if (right->kind == RIGHT_BENEFIT && text_equal(right->code, code)) {
            holding.by = "given";
            consider(held, best, &holding);
        } else if (right->kind == RIGHT_MEMBERSHIP &&
                   membership_grants(asker->programmes, right->code, asker->at, code)) {
            holding.by = "membership";
            holding.code = right->code;
            consider(held, best, &holding);
        }
    }
}

static void by_condition(const struct benefit_asker *asker, const struct benefit *benefit, bool *held,
                         struct benefit_holding *best)
{
    struct benefit_holding holding = {.by = "everyone", .until = INSTANT_NEVER};

    holding.from = asker->person->leader->registered_at;
    if (benefit->everyone)
        consider(held, best, &holding);
    if (benefit->when.source.size == 0 || asker->world == NULL)
        return;
    const struct condition_result result = condition_evaluate(asker->world, &benefit->when);
    holding.by = "condition";
    holding.until = result.valid_until;
    if (result.holds)
        consider(held, best, &holding);
}

bool benefit_holds(const struct benefit_asker *asker, const struct definition *definition,
                   struct benefit_holding *holding)
{
    const struct programme *programme = programme_at(asker->programmes, asker->at);
    const struct benefit *benefit = definition->parsed;
    struct benefit_holding best = {.by = NULL};
    int64_t from = INT64_MIN, until = INSTANT_NEVER;
    struct held rights;
    bool held = false;

    if (asker->person == NULL || asker->person->leader == NULL)
        return false;
    if (benefit->birthday && !benefit_period_of(asker, benefit, asker->at, &from, &until))
        return false;
    held_read(&asker->person->leader->standing, programme->ladder.metric, &rights);
    by_tier(asker, programme, &rights, benefit, &held, &best);
    by_right(asker, definition->code, &rights, &held, &best);
    by_condition(asker, benefit, &held, &best);
    if (best.until > until)
        best.until = until;
    if (best.until > definition->until)
        best.until = definition->until;
    if (held && holding != NULL)
        *holding = best;
    return held;
}

bool benefit_held(const struct benefit_asker *asker, struct text code, struct benefit_holding *holding)
{
    const struct definition *definition = definition_at(asker->programmes, &benefit_kind, code, asker->at);

    return definition != NULL && benefit_holds(asker, definition, holding);
}

int64_t benefit_factor(const struct benefit_asker *asker, struct text wallet)
{
    const struct definition_list *list = definitions_of(asker->programmes, &benefit_kind);
    const struct wallet_policy *policy = programme_wallet(programme_at(asker->programmes, asker->at), wallet);
    int64_t factor = FACTOR_SCALE;

    for (size_t i = 0; i < list->count; i++) {
        const struct benefit *benefit = list->items[i].parsed;
        if (benefit->effect == EFFECT_MULTIPLIER && benefit->count == 0 && benefit->factor > factor &&
            (benefit->wallet.size == 0 ? policy == NULL || policy->spendable : text_equal(benefit->wallet, wallet)) &&
            definition_in_force(&list->items[i], asker->at) && benefit_holds(asker, &list->items[i], NULL))
            factor = benefit->factor;
    }
    return factor;
}

struct text benefit_boosts(const struct benefit_asker *asker, struct arena *arena)
{
    const struct programme *programme = programme_at(asker->programmes, asker->at);
    struct builder out = {.arena = arena};

    if (asker->programmes->definitions == NULL || definitions_of(asker->programmes, &benefit_kind)->count == 0)
        return (struct text){NULL, 0};
    for (size_t i = 0; i < programme->wallet_count; i++) {
        int64_t factor = benefit_factor(asker, programme->wallets[i].code);
        if (factor == FACTOR_SCALE)
            continue;
        builder_string(&out, out.size > 0 ? " " : "");
        builder_text(&out, programme->wallets[i].code);
        builder_format(&out, " %lld", (long long)factor);
    }
    return builder_done(&out);
}

const struct definition *benefit_of_effect(const struct benefit_asker *asker, enum benefit_effect effect,
                                           struct benefit_holding *holding)
{
    const struct definition_list *list = definitions_of(asker->programmes, &benefit_kind);
    const struct definition *found = NULL;
    struct benefit_holding here;

    for (size_t i = 0; i < list->count; i++) {
        const struct benefit *benefit = list->items[i].parsed, *best = found != NULL ? found->parsed : NULL;
        if (benefit->effect != effect || benefit->count > 0 || (best != NULL && benefit->share <= best->share) ||
            !definition_in_force(&list->items[i], asker->at) || !benefit_holds(asker, &list->items[i], &here))
            continue;
        found = &list->items[i];
        if (holding != NULL)
            *holding = here;
    }
    return found;
}

/* ---- periods ---- */

static bool birthday_window(const struct benefit_asker *asker, const struct benefit *benefit, int64_t at, int64_t *from,
                            int64_t *until)
{
    const struct programme *programme = programme_at(asker->programmes, at);
    struct fact_sources sources = {.person = asker->person, .now = at, .programme = programme};
    struct birthday birthday;

    if (asker->world == NULL || asker->world->known == NULL)
        return false;
    condition_sources(asker->world->arena, asker->world->known, &sources);
    if (!fact_birthday(&sources, &birthday))
        return false;
    int32_t today = zone_day(programme->zone, at), day = birthday_from(&birthday, today - benefit->days_after);
    *from = zone_day_start(programme->zone, day - benefit->days_before);
    *until = zone_day_start(programme->zone, day + benefit->days_after + 1);
    return *from <= at && at < *until;
}

bool benefit_period_of(const struct benefit_asker *asker, const struct benefit *benefit, int64_t at, int64_t *from,
                       int64_t *until)
{
    const struct zone *zone = programme_at(asker->programmes, at)->zone;
    int32_t today = zone_day(zone, at);
    struct date date = date_from_day(today);
    int months = 1;

    switch (benefit->birthday ? BENEFIT_BIRTHDAY : benefit->period) {
    case BENEFIT_DAY:
        *from = zone_day_start(zone, today);
        *until = zone_day_start(zone, today + 1);
        return true;
    case BENEFIT_WEEK: /* day 0 was a Thursday; weeks begin on Monday */
        today -= ((today + 3) % 7 + 7) % 7;
        *from = zone_day_start(zone, today);
        *until = zone_day_start(zone, today + 7);
        return true;
    case BENEFIT_MONTH:
        break;
    case BENEFIT_QUARTER:
        months = 3;
        date.month -= (date.month - 1) % 3;
        break;
    case BENEFIT_YEAR:
        months = 12;
        date.month = 1;
        break;
    case BENEFIT_EVER:
        *from = INT64_MIN;
        *until = INSTANT_NEVER;
        return true;
    case BENEFIT_BIRTHDAY:
        return birthday_window(asker, benefit, at, from, until);
    }
    date.day = 1;
    *from = zone_day_start(zone, day_from_date(date));
    *until = zone_day_start(zone, day_add_months(day_from_date(date), months));
    return true;
}

static int64_t used_between(const struct benefit_use *uses, size_t count, struct text code, int64_t from, int64_t until)
{
    int64_t used = 0;

    for (size_t i = 0; i < count; i++)
        if (uses[i].reversed == 0 && text_equal(uses[i].code, code) && uses[i].at >= from && uses[i].at < until)
            used += uses[i].units;
    return used;
}

bool benefit_left_of(const struct benefit_asker *asker, const struct definition *definition,
                     const struct benefit_holding *holding, const struct benefit_use *uses, size_t use_count,
                     struct benefit_left *out)
{
    const struct benefit *benefit = definition->parsed;
    int64_t before, start;

    *out = (struct benefit_left){.allowed = benefit->count};
    if (benefit->count == 0 || !benefit_period_of(asker, benefit, asker->at, &out->from, &out->until))
        return false;
    if (benefit->carry_over && benefit_period_of(asker, benefit, out->from - 1, &before, &start) &&
        holding->from < start) { /* held in the period before, too */
        int64_t unused = benefit->count - used_between(uses, use_count, definition->code, before, start);
        out->allowed += unused > 0 ? unused : 0;
    }
    out->used = used_between(uses, use_count, definition->code, out->from, out->until);
    out->left = out->allowed > out->used ? out->allowed - out->used : 0;
    return true;
}
