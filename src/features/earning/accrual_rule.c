#include "features/earning/accrual_rule.h"

#include <string.h>

#include "features/conditions/condition_read.h"
#include "features/definitions/definition_read.h"
#include "features/programme/event_kinds.h"

enum { CODE_WITH_PERIOD_MAX = 40, NAME_MAX_BYTES = 200, MINUTES_OF_DAY = 24 * 60, PER_PIECES_MAX = 1000000 };

const char *const accrual_triggers[] = {"purchase", "visit",    "order",       "stay", "registration",
                                        "referral", "birthday", "anniversary", NULL};
static const char *const roundings[] = {"floor", "half_up", "half_even", "ceil", NULL};

bool accrual_trigger_has_lines(struct text trigger)
{
    return text_equals(trigger, "purchase") || text_equals(trigger, "order") || text_equals(trigger, "stay");
}

/* ---- conditions ---- */

/* A return asks again: what it cannot know any more must not be asked for. */
static enum status check_again(const struct object *object, const char *name, const struct condition *condition)
{
    for (size_t slot = 0; slot < FACT_COUNT; slot++)
        if (slot != FACT_TIER && rule_program_reads(condition->program, slot))
            return object_refuse(object, name,
                                 "of the member only member.tier may be named here, because goods may come back: ask "
                                 "for the others in audience.when, which is decided once");
    if (condition->timed)
        return object_refuse(object, name, "within and days_since belong into audience.when, which is decided once");
    return STATUS_OK;
}

static enum status read_again(const struct object *object, const char *name, enum condition_about about,
                              const struct rule_type *type, struct condition *out)
{
    TRY(object_expression(object, name, about, type, out));
    return out->program == NULL ? STATUS_OK : check_again(object, name, out);
}

/* ---- the effect ---- */

static enum status read_steps(const struct object *effect, struct accrual_gift *gift)
{
    static const char *const fields[] = {"at_least", "points", NULL};

    TRY(object_list(effect, "steps", (struct range){1, ACCRUAL_STEPS_MAX}, &gift->step_count));
    struct accrual_step *steps = arena_array(effect->arena, gift->step_count, sizeof *steps);
    for (size_t i = 0; i < gift->step_count; i++) {
        struct object step = object_element(effect, "steps", i);
        TRY(object_check(&step, fields));
        TRY(object_money(&step, "at_least", true, 0, &steps[i].at_least));
        TRY(object_integer(&step, "points", true, (struct range){1, ACCRUAL_POINTS_MAX}, &steps[i].points));
        if (i > 0 && steps[i].at_least <= steps[i - 1].at_least)
            return object_refuse(&step, "at_least", "each step starts above the one before");
    }
    gift->steps = steps;
    return STATUS_OK;
}

static enum status read_quantity(const struct object *effect, struct accrual_gift *gift)
{
    int64_t pieces = 1;

    TRY(object_integer(effect, "per", false, (struct range){1, PER_PIECES_MAX}, &pieces));
    gift->per = pieces * 1000;
    return STATUS_OK;
}

static enum status read_factor(const struct object *effect, struct accrual_gift *gift)
{
    static const char *const bases[] = {"initial", "cascading", NULL};
    int basis = 0;

    TRY(object_factor(effect, "factor", true, &gift->factor));
    if (gift->factor <= FACTOR_SCALE)
        return object_refuse(effect, "factor", "an earning rule only adds: its factor is above 1");
    TRY(object_word(effect, "basis", false, bases, &basis));
    gift->cascading = basis == 1;
    return object_codes(effect, "rules", &gift->base_rules, &gift->base_rule_count);
}

static enum status read_order_basis(const struct object *effect, struct accrual_gift *gift)
{
    static const char *const bases[] = {"order", "line", NULL};
    int basis = 0;

    TRY(object_word(effect, "basis", false, bases, &basis));
    gift->basis = basis == 1 ? EARNING_LINE : EARNING_ORDER;
    TRY(object_boolean(effect, "whole_units", &gift->whole_units));
    TRY(object_boolean(effect, "tier_factor", &gift->tier_factor));
    return STATUS_OK;
}

static enum status read_effect(const struct object *document, bool has_lines, struct accrual_gift *gift)
{
    static const char *const kinds[] = {"fixed", "per_amount", "per_item", "multiplier", "bonus", "computed", NULL};
    static const char *const fields[][12] = {
        {"kind", "points", NULL},
        {"kind", "points", "per", "rounding", "basis", "whole_units", "on_paid_only", "tier_factor", NULL},
        {"kind", "points", "per", "rounding", "basis", "whole_units", "tier_factor", NULL},
        {"kind", "factor", "basis", "rules", "rounding", NULL},
        {"kind", "steps", "on_paid_only", NULL},
        {"kind", "points", "rounding", NULL},
    };
    struct object effect = object_nested(document, "effect");
    struct range range = {1, ACCRUAL_POINTS_MAX};
    int kind = 0, rounding = ROUNDING_FLOOR;

    *gift = (struct accrual_gift){.on_paid_only = true};
    if (effect.json == NULL)
        return object_missing(document, "effect");
    if (!json_is_object(effect.json))
        return object_refuse(document, "effect", "an object is expected");
    TRY(object_word(&effect, "kind", true, kinds, &kind));
    gift->effect = (enum accrual_effect)kind;
    TRY(object_check(&effect, fields[kind]));
    if (!has_lines && gift->effect != ACCRUAL_FIXED && gift->effect != ACCRUAL_COMPUTED)
        return object_refuse(&effect, "kind", "only purchases have amounts: 'fixed' or 'computed' is expected");
    TRY(object_word(&effect, "rounding", false, roundings, &rounding));
    gift->rounding = (enum rounding)rounding;
    TRY(object_boolean(&effect, "on_paid_only", &gift->on_paid_only));
    switch (gift->effect) {
    case ACCRUAL_FIXED:
        return object_integer(&effect, "points", true, range, &gift->points);
    case ACCRUAL_PER_AMOUNT:
        TRY(object_integer(&effect, "points", true, range, &gift->points));
        TRY(object_money(&effect, "per", true, 1, &gift->per));
        return read_order_basis(&effect, gift);
    case ACCRUAL_PER_ITEM:
        TRY(object_integer(&effect, "points", true, range, &gift->points));
        TRY(read_quantity(&effect, gift));
        return read_order_basis(&effect, gift);
    case ACCRUAL_MULTIPLIER:
        return read_factor(&effect, gift);
    case ACCRUAL_BONUS:
        return read_steps(&effect, gift);
    case ACCRUAL_COMPUTED:
        if (json_object_get(effect.json, "points") == NULL)
            return object_missing(&effect, "points");
        return read_again(&effect, "points", has_lines ? CONDITION_PURCHASE : CONDITION_EVENT, &rule_type_double,
                          &gift->expression);
    }
    return STATUS_OK;
}

/* ---- limits ---- */

static enum status read_caps(const struct object *document, struct accrual_rule *rule)
{
    static const char *const fields[] = {"period", "points", "times", "partial", NULL};
    static const char *const periods[] = {"day", "week", "month", "quarter", "year", "ever", NULL};

    TRY(object_list(document, "member_caps", (struct range){0, ACCRUAL_CAPS_MAX}, &rule->cap_count));
    for (size_t i = 0; i < rule->cap_count; i++) {
        struct object object = object_element(document, "member_caps", i);
        struct accrual_cap *cap = &rule->caps[i];
        int period = 0;
        *cap = (struct accrual_cap){.points = INT64_MAX, .times = INT64_MAX};
        TRY(object_check(&object, fields));
        TRY(object_word(&object, "period", true, periods, &period));
        cap->period = (enum accrual_period)period;
        TRY(object_integer(&object, "points", false, (struct range){1, ACCRUAL_POINTS_MAX}, &cap->points));
        TRY(object_integer(&object, "times", false, (struct range){1, ACCRUAL_POINTS_MAX}, &cap->times));
        TRY(object_boolean(&object, "partial", &cap->partial));
        if (cap->points == INT64_MAX && cap->times == INT64_MAX)
            return object_refuse(&object, "points", "a cap limits 'points', 'times' or both");
        for (size_t j = 0; j < i; j++)
            if (rule->caps[j].period == cap->period)
                return object_refuse(&object, "period", "there is a cap for this period already");
    }
    return STATUS_OK;
}

static enum status read_budget(const struct object *document, struct accrual_rule *rule)
{
    static const char *const fields[] = {"points", "times", "partial", NULL};
    struct object budget = object_nested(document, "budget");

    rule->budget_points = rule->budget_times = INT64_MAX;
    if (budget.json == NULL)
        return STATUS_OK;
    TRY(object_check(&budget, fields));
    TRY(object_integer(&budget, "points", false, (struct range){0, INT64_MAX / 4}, &rule->budget_points));
    TRY(object_integer(&budget, "times", false, (struct range){0, INT64_MAX / 4}, &rule->budget_times));
    TRY(object_boolean(&budget, "partial", &rule->budget_partial));
    if (rule->budget_points == INT64_MAX && rule->budget_times == INT64_MAX)
        return object_refuse(&budget, "points", "a budget limits 'points', 'times' or both");
    return STATUS_OK;
}

/* ---- when ---- */

/* "17:30"; "24:00" is the end of the day. */
static bool time_parse(struct text text, int *minutes)
{
    if (text.size != 5 || text.bytes[2] != ':')
        return false;
    for (size_t i = 0; i < 5; i++)
        if (i != 2 && (text.bytes[i] < '0' || text.bytes[i] > '9'))
            return false;
    int hour = (text.bytes[0] - '0') * 10 + text.bytes[1] - '0',
        minute = (text.bytes[3] - '0') * 10 + text.bytes[4] - '0';
    *minutes = hour * 60 + minute;
    return minute < 60 && *minutes <= MINUTES_OF_DAY;
}

static enum status read_hours(const struct object *schedule, struct accrual_schedule *out)
{
    static const char *const fields[] = {"from", "until", NULL};

    TRY(object_list(schedule, "hours", (struct range){0, ACCRUAL_HOURS_MAX}, &out->hour_count));
    for (size_t i = 0; i < out->hour_count; i++) {
        struct object object = object_element(schedule, "hours", i);
        struct text from = {0}, until = {0};
        TRY(object_check(&object, fields));
        TRY(object_text(&object, "from", true, 5, &from));
        TRY(object_text(&object, "until", true, 5, &until));
        if (!time_parse(from, &out->hours[i].from) || out->hours[i].from == MINUTES_OF_DAY)
            return object_refuse(&object, "from", "a time of the day is expected, such as \"17:30\"");
        if (!time_parse(until, &out->hours[i].until))
            return object_refuse(&object, "until", "a time of the day is expected, such as \"19:00\"");
        if (out->hours[i].from == out->hours[i].until)
            return object_refuse(&object, "until", "it must differ from 'from'");
    }
    return STATUS_OK;
}

static enum status read_schedule(const struct object *document, struct accrual_schedule *out)
{
    static const char *const fields[] = {"starts_at", "ends_at", "weekdays", "hours", "zone", NULL};
    static const char *const zones[] = {"programme", "store", NULL};
    struct object schedule = object_nested(document, "schedule");
    size_t count;
    int zone = 0;

    *out = (struct accrual_schedule){.starts_at = INT64_MIN, .ends_at = INT64_MAX};
    if (schedule.json == NULL)
        return STATUS_OK;
    TRY(object_check(&schedule, fields));
    TRY(object_instant(&schedule, "starts_at", &out->starts_at));
    TRY(object_instant(&schedule, "ends_at", &out->ends_at));
    if (out->starts_at >= out->ends_at)
        return object_refuse(&schedule, "ends_at", "it must end after it starts");
    TRY(object_list(&schedule, "weekdays", (struct range){0, 7}, &count));
    for (size_t i = 0; i < count; i++) {
        json_t *day = json_array_get(json_object_get(schedule.json, "weekdays"), i);
        if (!json_is_integer(day) || json_integer_value(day) < 1 || json_integer_value(day) > 7)
            return object_refuse(&schedule, "weekdays", "days are numbers from 1 for Monday to 7 for Sunday");
        out->weekdays |= 1U << (json_integer_value(day) - 1);
    }
    TRY(object_word(&schedule, "zone", false, zones, &zone));
    out->store_zone = zone == 1;
    return read_hours(&schedule, out);
}

/* ---- for whom ---- */

static enum status read_codes(const struct object *object, const char *name, struct accrual_codes *out)
{
    return object_codes(object, name, &out->codes, &out->count);
}

static enum status read_audience(const struct object *document, bool saving, struct accrual_rule *rule)
{
    static const char *const fields[] = {"segments", "tiers", "when", NULL};
    struct object audience = object_nested(document, "audience");

    if (audience.json == NULL)
        return STATUS_OK;
    TRY(object_check(&audience, fields));
    TRY(read_codes(&audience, "segments", &rule->segments));
    TRY(read_codes(&audience, "tiers", &rule->tiers));
    for (size_t i = 0; saving && i < rule->tiers.count; i++)
        if (programme_tier(document->programme, rule->tiers.codes[i]) == NULL)
            return object_refuse(&audience, arena_format(document->arena, "tiers[%zu]", i),
                                 "the programme has no tier with this code");
    return object_expression(&audience, "when", CONDITION_EVENT, &rule_type_bool, &rule->audience);
}

static enum status read_stacking(const struct object *document, struct accrual_rule *rule)
{
    static const char *const fields[] = {"group", "take", "exclusive", NULL};
    static const char *const takes[] = {"all", "first", "best", NULL};
    struct object stacking = object_nested(document, "stacking");
    int take = ACCRUAL_ALL;

    TRY(object_int(document, "priority", false, (struct range){-ACCRUAL_PRIORITY_MAX, ACCRUAL_PRIORITY_MAX},
                   &rule->priority));
    if (stacking.json == NULL)
        return STATUS_OK;
    TRY(object_check(&stacking, fields));
    TRY(object_code(&stacking, "group", false, &rule->group));
    TRY(object_word(&stacking, "take", false, takes, &take));
    rule->take = (enum accrual_take)take;
    if (rule->take != ACCRUAL_ALL && rule->group.size == 0)
        return object_missing(&stacking, "group");
    return object_boolean(&stacking, "exclusive", &rule->exclusive);
}

/* ---- the account ---- */

static enum status read_wallet(const struct object *document, struct accrual_rule *rule)
{
    const struct wallet_policy *policy;
    json_t *pending = json_object_get(document->json, "pending_days");

    TRY(object_code(document, "wallet", true, &rule->wallet));
    policy = programme_wallet(document->programme, rule->wallet);
    if (policy == NULL)
        return object_refuse(document, "wallet",
                             programme_no_wallet(document->arena, document->programme, rule->wallet));
    if (programme_is_principal(document->programme, rule->wallet))
        return object_refuse(document, "wallet", "the principal of a stored value is paid in, not earned");
    rule->pending_days = -1;
    if (pending != NULL)
        TRY(object_int(document, "pending_days", true, (struct range){0, ACCRUAL_PENDING_DAYS_MAX},
                       &rule->pending_days));
    rule->expiry_given = json_object_get(document->json, "expiry") != NULL;
    TRY(object_expiry(document, &rule->expiry));
    if (rule->expiry_given && (rule->expiry.expiry == EXPIRY_ACTIVITY || policy->expiry == EXPIRY_ACTIVITY))
        return object_refuse(document, "expiry",
                             "points that activity extends expire by their account: the rule cannot say otherwise");
    return STATUS_OK;
}

/* ---- the trigger ---- */

static enum status read_trigger(const struct object *document, const struct definition_input *input,
                                struct accrual_rule *rule)
{
    const struct programme_set *set = input->programmes;
    struct builder known = {.arena = document->arena};

    rule->trigger = TEXT("purchase");
    TRY(object_code(document, "trigger", false, &rule->trigger));
    for (size_t i = 0; accrual_triggers[i] != NULL; i++) {
        if (text_equals(rule->trigger, accrual_triggers[i]))
            return STATUS_OK;
        builder_format(&known, "'%s', ", accrual_triggers[i]);
    }
    for (size_t i = 0; i < set->event_kind_count; i++)
        if (text_equal(set->event_kinds[i].name, rule->trigger))
            return set->event_kinds[i].kept_days == 0
                       ? STATUS_OK
                       : object_refuse(document, "trigger", "events that are kept for days only earn nothing");
    if (!input->saving)
        return STATUS_OK;
    return object_refuse(document, "trigger",
                         arena_format(document->arena, "%.*sor a declared kind of event is expected",
                                      (int)builder_done(&known).size, builder_done(&known).bytes));
}

/* ---- the document ---- */

struct reading {
    const struct definition_input *input;
    struct accrual_rule *rule;
};

static enum status read_place(const struct object *document, bool has_lines, struct accrual_rule *rule)
{
    TRY(read_codes(document, "stores", &rule->stores));
    TRY(read_codes(document, "channels", &rule->channels));
    TRY(read_codes(document, "categories", &rule->categories));
    TRY(read_codes(document, "skus", &rule->skus));
    if (!has_lines &&
        (rule->categories.count > 0 || rule->skus.count > 0 || json_object_get(document->json, "lines") != NULL))
        return object_refuse(document, "trigger", "only purchases have lines");
    return STATUS_OK;
}

static enum status read_rule(const struct object *document, void *out)
{
    static const char *const fields[] = {"name",     "trigger",      "when",        "lines",      "effect",
                                         "wallet",   "stores",       "channels",    "categories", "skus",
                                         "audience", "schedule",     "member_caps", "budget",     "priority",
                                         "stacking", "pending_days", "expiry",      NULL};
    const struct reading *reading = out;
    struct accrual_rule *rule = reading->rule;

    TRY(object_check(document, fields));
    if (reading->input->code.size > CODE_WITH_PERIOD_MAX) /* what limits are kept under holds it, too */
        return error_set(document->err, STATUS_INVALID, "programme.invalid", "",
                         "the code of an earning rule has at most %d bytes", CODE_WITH_PERIOD_MAX);
    TRY(object_text(document, "name", true, NAME_MAX_BYTES, &rule->name));
    TRY(read_trigger(document, reading->input, rule));
    bool has_lines = accrual_trigger_has_lines(rule->trigger);
    TRY(read_wallet(document, rule));
    TRY(read_place(document, has_lines, rule));
    TRY(read_again(document, "when", has_lines ? CONDITION_PURCHASE : CONDITION_EVENT, &rule_type_bool, &rule->when));
    TRY(read_again(document, "lines", CONDITION_LINE, &rule_type_bool, &rule->lines));
    TRY(read_effect(document, has_lines, &rule->gift));
    TRY(read_schedule(document, &rule->schedule));
    TRY(read_audience(document, reading->input->saving, rule));
    TRY(read_caps(document, rule));
    TRY(read_budget(document, rule));
    return read_stacking(document, rule);
}

enum status accrual_rule_parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct accrual_rule *rule = arena_alloc(input->arena, sizeof *rule);
    struct reading reading = {input, rule};
    enum status status = definition_read(input, read_rule, &reading, err);

    if (status != STATUS_OK)
        return status;
    rule->parts = rule->audience.parts | (rule->segments.count > 0 ? (unsigned)CONDITION_SEGMENTS : 0U);
    rule->keys = (struct accrual_keys){rule->stores, rule->channels, rule->categories, rule->skus};
    accrual_keys_find(input->arena, rule->when.source, &rule->keys);
    accrual_keys_find(input->arena, rule->lines.source, &rule->keys);
    *out = rule;
    return STATUS_OK;
}
