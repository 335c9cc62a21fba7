/* Reads a programme document: strict, every error names its field by path. docs/programme.md describes the format. */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "features/programme/feed_policy.h"
#include "features/programme/programme_read.h"

enum { POINTS_MAX = 1000000000, MONTHS_MAX = 1200, DAYS_MAX = 36500 };

/* ---- points accounts ---- */

enum status object_expiry(const struct object *wallet, struct wallet_policy *policy)
{
    static const char *const fields[] = {"kind", "count", "unit", "months", "period", "month", "day", NULL};
    static const char *const kinds[] = {"never", "after", "end_of", "fixed_day", "activity", NULL};
    static const char *const units[] = {"days", "months", NULL};
    static const char *const periods[] = {"month", "quarter", "year", NULL};
    struct object object = object_nested(wallet, "expiry");
    int kind = 0, unit = EXPIRY_MONTHS, period = EXPIRY_MONTH;

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_word(&object, "kind", true, kinds, &kind));
    policy->expiry = (enum expiry_kind)kind;
    switch (policy->expiry) {
    case EXPIRY_NEVER:
        break;
    case EXPIRY_AFTER:
    case EXPIRY_ACTIVITY:
        TRY(object_word(&object, "unit", true, units, &unit));
        TRY(object_int(&object, "count", true, (struct range){1, unit == EXPIRY_DAYS ? DAYS_MAX : MONTHS_MAX},
                       &policy->expiry_count));
        break;
    case EXPIRY_END_OF:
        TRY(object_word(&object, "period", true, periods, &period));
        TRY(object_int(&object, "months", true, (struct range){0, MONTHS_MAX}, &policy->expiry_count));
        break;
    case EXPIRY_FIXED_DAY:
        TRY(object_int(&object, "month", true, (struct range){1, 12}, &policy->expiry_month));
        TRY(object_int(&object, "day", true, (struct range){1, days_in_month(2000, policy->expiry_month)},
                       &policy->expiry_day));
        TRY(object_int(&object, "months", false, (struct range){0, MONTHS_MAX}, &policy->expiry_count));
        break;
    }
    policy->expiry_unit = (enum expiry_unit)unit;
    policy->expiry_period = (enum expiry_period)period;
    return STATUS_OK;
}

static enum status read_value(const struct object *wallet, struct wallet_policy *policy)
{
    static const char *const fields[] = {"points", "amount", NULL};
    struct object object = object_nested(wallet, "value");

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_integer(&object, "points", true, (struct range){1, POINTS_MAX}, &policy->value_points));
    return object_money(&object, "amount", true, 1, &policy->value_minor);
}

static enum status read_proof_step(const struct object *object, struct proof_step *step)
{
    static const char *const fields[] = {"above", "proofs", NULL};
    static const char *const words[] = {"none", "qr", "code", "pin", NULL};
    size_t count;

    TRY(object_check(object, fields));
    TRY(object_integer(object, "above", true, (struct range){0, INT64_MAX / 4}, &step->above));
    TRY(object_list(object, "proofs", (struct range){1, 4}, &count));
    for (size_t i = 0; i < count; i++) {
        const char *word = json_string_value(json_array_get(json_object_get(object->json, "proofs"), i));
        int known = 0;
        while (words[known] != NULL && (word == NULL || strcmp(words[known], word) != 0))
            known++;
        if (words[known] == NULL)
            return object_refuse(object, "proofs", "one or more of 'none', 'qr', 'code', 'pin' are expected");
        step->proofs |= 1U << known;
    }
    return STATUS_OK;
}

static enum status read_redemption(const struct object *wallet, struct wallet_policy *policy)
{
    TRY(object_list(wallet, "redemption", (struct range){0, PROOF_STEPS_MAX}, &policy->proof_step_count));
    struct proof_step *steps = arena_array(wallet->arena, policy->proof_step_count + 1, sizeof *steps);
    for (size_t i = 0; i < policy->proof_step_count; i++) {
        struct object object = object_element(wallet, "redemption", i);
        TRY(read_proof_step(&object, &steps[i]));
        if (i > 0 && steps[i].above <= steps[i - 1].above)
            return object_refuse(&object, "above", "each step is above the one before");
    }
    policy->proof_steps = steps;
    policy->proof_said = json_object_get(wallet->json, "redemption") != NULL;
    return STATUS_OK;
}

static enum status read_wallet(const struct object *object, struct wallet_policy *policy)
{
    static const char *const fields[] = {"code",
                                         "name",
                                         "spendable",
                                         "transferable",
                                         "expiry",
                                         "pending_days",
                                         "debt",
                                         "reversal_grace_days",
                                         "hold_seconds",
                                         "approval_limit",
                                         "value",
                                         "redemption",
                                         NULL};
    static const char *const debts[] = {"clamp", "allow", NULL};
    int debt = DEBT_CLAMP;

    *policy = (struct wallet_policy){.spendable = true, .hold_seconds = 900, .approval_limit = INT64_MAX};
    TRY(object_check(object, fields));
    TRY(object_code(object, "code", true, &policy->code));
    policy->name = policy->code;
    TRY(object_text(object, "name", false, 200, &policy->name));
    TRY(object_boolean(object, "spendable", &policy->spendable));
    TRY(object_boolean(object, "transferable", &policy->transferable));
    TRY(object_expiry(object, policy));
    TRY(object_int(object, "pending_days", false, (struct range){0, 3650}, &policy->pending_days));
    TRY(object_word(object, "debt", false, debts, &debt));
    policy->debt = (enum debt_policy)debt;
    TRY(object_int(object, "reversal_grace_days", false, (struct range){0, 3650}, &policy->grace_days));
    policy->reversal_grace = policy->grace_days > 0;
    TRY(object_integer(object, "hold_seconds", false, (struct range){1, 31622400}, &policy->hold_seconds));
    TRY(object_integer(object, "approval_limit", false, (struct range){0, INT64_MAX}, &policy->approval_limit));
    TRY(read_redemption(object, policy));
    return read_value(object, policy);
}

static enum status read_wallets(const struct object *document, struct programme *programme)
{
    TRY(object_list(document, "wallets", (struct range){1, PROGRAMME_WALLETS_MAX}, &programme->wallet_count));
    struct wallet_policy *wallets = arena_array(document->arena, programme->wallet_count, sizeof *wallets);
    for (size_t i = 0; i < programme->wallet_count; i++) {
        struct object object = object_element(document, "wallets", i);
        TRY(read_wallet(&object, &wallets[i]));
        for (size_t j = 0; j < i; j++)
            if (text_equal(wallets[j].code, wallets[i].code))
                return object_refuse(&object, "code", "another account already has this code");
    }
    programme->wallets = wallets;
    return STATUS_OK;
}

/* ---- stored value ---- */

static enum status read_step(const struct object *object, struct top_up_step *step)
{
    static const char *const fields[] = {"at_least", "amount", "share", NULL};

    *step = (struct top_up_step){0};
    TRY(object_check(object, fields));
    TRY(object_money(object, "at_least", true, 0, &step->at_least));
    TRY(object_money(object, "amount", false, 0, &step->amount));
    TRY(object_factor(object, "share", false, &step->share));
    return step->share <= FACTOR_SCALE ? STATUS_OK : object_refuse(object, "share", "a share from 0 to 1 is expected");
}

static enum status read_steps(const struct object *object, struct stored_value *value)
{
    TRY(object_list(object, "bonuses", (struct range){0, TOP_UP_STEPS_MAX}, &value->step_count));
    struct top_up_step *steps = arena_array(object->arena, value->step_count, sizeof *steps);
    for (size_t i = 0; i < value->step_count; i++) {
        struct object inner = object_element(object, "bonuses", i);
        TRY(read_step(&inner, &steps[i]));
        if (i > 0 && steps[i].at_least <= steps[i - 1].at_least)
            return object_refuse(&inner, "at_least", "each step starts above the one before");
    }
    value->steps = steps;
    return STATUS_OK;
}

/* An account of money: spendable, and a point of it is one minor unit. Each belongs to one stored value. */
static enum status read_money_account(const struct object *object, const char *name, const struct programme *programme,
                                      struct text *out)
{
    TRY(object_code(object, name, true, out));
    const struct wallet_policy *policy = programme_wallet(programme, *out);
    if (policy == NULL)
        return object_refuse(object, name, programme_no_wallet(object->arena, programme, *out));
    if (!policy->spendable || policy->value_points != 1 || policy->value_minor != 1)
        return object_refuse(object, name,
                             "the account must be spendable, and 1 point be worth the smallest unit of money");
    for (size_t i = 0; i < programme->stored_value_count; i++)
        if (text_equal(programme->stored_values[i].principal, *out) ||
            text_equal(programme->stored_values[i].bonus, *out))
            return object_refuse(object, name, "the account belongs to another stored value");
    return STATUS_OK;
}

static enum status read_stored_value(const struct object *object, const struct programme *programme,
                                     struct stored_value *value)
{
    static const char *const fields[] = {"code",    "name",       "principal",  "bonus",       "order",   "refundable",
                                         "forfeit", "top_up_min", "top_up_max", "balance_max", "bonuses", NULL};
    static const char *const orders[] = {"principal_first", "bonus_first", "proportional", NULL};
    static const char *const forfeits[] = {"proportional", "all", "nothing", NULL};
    int order = STORED_PRINCIPAL_FIRST, forfeit = FORFEIT_PROPORTIONAL;

    *value = (struct stored_value){
        .refundable = true, .top_up_min = 1, .top_up_max = INT64_MAX / 4, .balance_max = INT64_MAX / 2};
    TRY(object_check(object, fields));
    TRY(object_code(object, "code", true, &value->code));
    value->name = value->code;
    TRY(object_text(object, "name", false, 200, &value->name));
    TRY(read_money_account(object, "principal", programme, &value->principal));
    TRY(read_money_account(object, "bonus", programme, &value->bonus));
    if (text_equal(value->principal, value->bonus))
        return object_refuse(object, "bonus", "principal and bonus are two accounts");
    TRY(object_word(object, "order", false, orders, &order));
    value->order = (enum stored_order)order;
    TRY(object_boolean(object, "refundable", &value->refundable));
    TRY(object_word(object, "forfeit", false, forfeits, &forfeit));
    value->forfeit = (enum stored_forfeit)forfeit;
    TRY(object_money(object, "top_up_min", false, 1, &value->top_up_min));
    TRY(object_money(object, "top_up_max", false, value->top_up_min, &value->top_up_max));
    TRY(object_money(object, "balance_max", false, 1, &value->balance_max));
    return read_steps(object, value);
}

static enum status read_stored_values(const struct object *document, struct programme *programme)
{
    size_t count;

    TRY(object_list(document, "stored_values", (struct range){0, STORED_VALUES_MAX}, &count));
    struct stored_value *values = arena_array(document->arena, count, sizeof *values);
    programme->stored_values = values;
    for (size_t i = 0; i < count; i++) {
        struct object object = object_element(document, "stored_values", i);
        TRY(read_stored_value(&object, programme, &values[i]));
        if (programme_stored_value(programme, values[i].code) != NULL)
            return object_refuse(&object, "code", "another stored value already has this code");
        programme->stored_value_count = i + 1;
    }
    return STATUS_OK;
}

/* What is paid in is never earned. */
bool programme_is_principal(const struct programme *programme, struct text wallet)
{
    for (size_t i = 0; i < programme->stored_value_count; i++)
        if (text_equal(programme->stored_values[i].principal, wallet))
            return true;
    return false;
}

/* ---- earning ---- */

static enum status read_multiplier(const struct object *object, struct multiplier *multiplier)
{
    static const char *const fields[] = {
        "code",   "factor",         "categories",   "stores",        "channels",  "tiers",   "terms",
        "budget", "budget_partial", "member_limit", "member_period", "starts_at", "ends_at", NULL};
    static const char *const periods[] = {"month", "quarter", "year", NULL};
    int period = EXPIRY_MONTH;

    *multiplier = (struct multiplier){
        .budget = INT64_MAX, .member_limit = INT64_MAX, .starts_at = INT64_MIN, .ends_at = INT64_MAX};
    TRY(object_check(object, fields));
    TRY(object_code(object, "code", true, &multiplier->code));
    if (multiplier->code.size > CODE_SIZE_MAX - 16) /* progress ids hold it too */
        return object_refuse(object, "code", "the code of a multiplier has at most 48 bytes");
    TRY(object_factor(object, "factor", true, &multiplier->factor));
    TRY(object_codes(object, "categories", &multiplier->categories, &multiplier->category_count));
    TRY(object_codes(object, "stores", &multiplier->stores, &multiplier->store_count));
    TRY(object_codes(object, "channels", &multiplier->channels, &multiplier->channel_count));
    TRY(object_codes(object, "tiers", &multiplier->tiers, &multiplier->tier_count));
    TRY(object_codes(object, "terms", &multiplier->terms, &multiplier->terms_count));
    TRY(object_integer(object, "budget", false, (struct range){0, INT64_MAX - 1}, &multiplier->budget));
    TRY(object_boolean(object, "budget_partial", &multiplier->budget_partial));
    TRY(object_integer(object, "member_limit", false, (struct range){0, INT64_MAX - 1}, &multiplier->member_limit));
    multiplier->member_period_set = json_object_get(object->json, "member_period") != NULL;
    TRY(object_word(object, "member_period", false, periods, &period));
    multiplier->member_period = (enum expiry_period)period;
    TRY(object_instant(object, "starts_at", &multiplier->starts_at));
    TRY(object_instant(object, "ends_at", &multiplier->ends_at));
    if (multiplier->starts_at >= multiplier->ends_at)
        return object_refuse(object, "ends_at", "it must end after it starts");
    return STATUS_OK;
}

static enum status read_multipliers(const struct object *object, struct earning_rule *rule)
{
    TRY(object_list(object, "multipliers", (struct range){0, RULE_MULTIPLIERS_MAX}, &rule->multiplier_count));
    struct multiplier *multipliers = arena_array(object->arena, rule->multiplier_count, sizeof *multipliers);
    for (size_t i = 0; i < rule->multiplier_count; i++) {
        struct object inner = object_element(object, "multipliers", i);
        TRY(read_multiplier(&inner, &multipliers[i]));
    }
    rule->multipliers = multipliers;
    return STATUS_OK;
}

static enum status read_rule(const struct object *object, struct earning_rule *rule)
{
    static const char *const fields[] = {"code",        "wallet",       "points", "per",         "rounding", "basis",
                                         "whole_units", "on_paid_only", "stack",  "multipliers", NULL};
    static const char *const roundings[] = {"floor", "half_up", "half_even", "ceil", NULL};
    static const char *const bases[] = {"order", "line", NULL};
    int rounding = ROUNDING_FLOOR, basis = EARNING_ORDER;

    *rule = (struct earning_rule){.on_paid_only = true};
    TRY(object_check(object, fields));
    TRY(object_code(object, "code", true, &rule->code));
    TRY(object_code(object, "wallet", true, &rule->wallet));
    if (programme_wallet(object->programme, rule->wallet) == NULL)
        return object_refuse(object, "wallet", programme_no_wallet(object->arena, object->programme, rule->wallet));
    if (programme_is_principal(object->programme, rule->wallet))
        return object_refuse(object, "wallet", "the principal of a stored value is paid in, not earned");
    TRY(object_integer(object, "points", true, (struct range){1, POINTS_MAX}, &rule->points));
    TRY(object_money(object, "per", true, 1, &rule->per_minor));
    TRY(object_word(object, "rounding", false, roundings, &rounding));
    TRY(object_word(object, "basis", false, bases, &basis));
    rule->rounding = (enum rounding)rounding;
    rule->basis = (enum earning_basis)basis;
    TRY(object_boolean(object, "whole_units", &rule->whole_units));
    TRY(object_boolean(object, "on_paid_only", &rule->on_paid_only));
    TRY(object_boolean(object, "stack", &rule->stack));
    return read_multipliers(object, rule);
}

/* Multiplier codes are unique over all rules: budgets and limits are kept under them. */
static enum status check_multiplier_codes(const struct object *document, const struct programme *programme)
{
    for (size_t rule = 0; rule < programme->rule_count; rule++)
        for (size_t i = 0; i < programme->rules[rule].multiplier_count; i++)
            for (size_t other = 0; other <= rule; other++)
                for (size_t j = 0; j < (other == rule ? i : programme->rules[other].multiplier_count); j++)
                    if (text_equal(programme->rules[rule].multipliers[i].code,
                                   programme->rules[other].multipliers[j].code)) {
                        struct object object = object_element(document, "rules", rule);
                        object = object_element(&object, "multipliers", i);
                        return object_refuse(&object, "code", "another multiplier already has this code");
                    }
    return STATUS_OK;
}

static enum status read_rules(const struct object *document, struct programme *programme)
{
    TRY(object_list(document, "rules", (struct range){0, PROGRAMME_RULES_MAX}, &programme->rule_count));
    struct earning_rule *rules = arena_array(document->arena, programme->rule_count, sizeof *rules);
    for (size_t i = 0; i < programme->rule_count; i++) {
        struct object object = object_element(document, "rules", i);
        TRY(read_rule(&object, &rules[i]));
        for (size_t j = 0; j < i; j++)
            if (text_equal(rules[j].code, rules[i].code))
                return object_refuse(&object, "code", "another rule already has this code");
    }
    programme->rules = rules;
    return check_multiplier_codes(document, programme);
}

/* ---- what goes against abuse ---- */

static enum status read_limit(const struct object *object, struct velocity_limit *limit)
{
    static const char *const fields[] = {"of", "action", "per", "count", "points", NULL};
    static const char *const subjects[] = {"member", "till", "employee", NULL};
    static const char *const actions[] = {"earning", "redeeming", NULL};
    static const char *const periods[] = {"hour", "day", NULL};
    int subject = 0, action = 0, period = 0;

    *limit = (struct velocity_limit){.count = INT64_MAX, .points = INT64_MAX};
    TRY(object_check(object, fields));
    TRY(object_word(object, "of", true, subjects, &subject));
    TRY(object_word(object, "action", true, actions, &action));
    TRY(object_word(object, "per", true, periods, &period));
    TRY(object_integer(object, "count", false, (struct range){1, VELOCITY_COUNT_MAX}, &limit->count));
    TRY(object_integer(object, "points", false, (struct range){1, VELOCITY_POINTS_MAX}, &limit->points));
    if (limit->count == INT64_MAX && limit->points == INT64_MAX)
        return object_refuse(object, "count", "a limit has a count, points, or both");
    limit->subject = (enum velocity_subject)subject;
    limit->action = (enum velocity_action)action;
    limit->period = (enum velocity_period)period;
    return STATUS_OK;
}

/* At most one limit of each kind: they are counted under their kind. */
static enum status read_limits(const struct object *document, struct programme *programme)
{
    TRY(object_list(document, "velocity", (struct range){0, VELOCITY_LIMITS_MAX}, &programme->limit_count));
    struct velocity_limit *limits = arena_array(document->arena, programme->limit_count + 1, sizeof *limits);
    for (size_t i = 0; i < programme->limit_count; i++) {
        struct object object = object_element(document, "velocity", i);
        TRY(read_limit(&object, &limits[i]));
        for (size_t j = 0; j < i; j++)
            if (limits[j].subject == limits[i].subject && limits[j].action == limits[i].action &&
                limits[j].period == limits[i].period)
                return object_refuse(&object, "of", "there is already a limit of this kind");
    }
    programme->limits = limits;
    return STATUS_OK;
}

/* ---- the document ---- */

static enum status read_basics(const struct object *document, struct programme *programme)
{
    struct text zone = {NULL, 0}, currency = {NULL, 0};

    TRY(object_text(document, "zone", true, 64, &zone));
    if (zone_load(document->arena, zone, &programme->zone, NULL) != STATUS_OK)
        return object_refuse(document, "zone", "this is not the name of a time zone, such as Asia/Shanghai");
    TRY(object_text(document, "currency", true, CURRENCY_SIZE - 1, &currency));
    programme->exponent = currency_exponent(currency);
    if (programme->exponent < 0)
        return object_refuse(document, "currency", "this is not a currency of ISO 4217, such as CNY");
    memcpy(programme->currency, currency.bytes, currency.size);
    TRY(object_boolean(document, "register_unknown", &programme->register_unknown));
    TRY(object_int(document, "max_identifiers", false, (struct range){1, 100}, &programme->max_identifiers));
    TRY(object_int(document, "birthday_leap_day", false, (struct range){28, 29}, &programme->birthday_leap_day));
    return object_int(document, "late_claim_days", false, (struct range){0, 3650}, &programme->late_claim_days);
}

static enum status read_unreceipted(const struct object *document, struct programme *programme)
{
    static const char *const fields[] = {"policy", "up_to", NULL};
    static const char *const policies[] = {"refused", "approval", "allowed", NULL};
    struct object object = object_nested(document, "returns_without_receipt");
    int policy = UNRECEIPTED_REFUSED;

    programme->unreceipted_up_to = INT64_MAX;
    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_word(&object, "policy", true, policies, &policy));
    programme->unreceipted = (enum unreceipted_policy)policy;
    return object_money(&object, "up_to", false, 0, &programme->unreceipted_up_to);
}

static enum status read_document(const struct object *document, struct programme *programme)
{
    static const char *const fields[] = {"zone",
                                         "currency",
                                         "wallets",
                                         "stored_values",
                                         "rules",
                                         "tiers",
                                         "ladders",
                                         "register_unknown",
                                         "max_identifiers",
                                         "birthday_leap_day",
                                         "late_claim_days",
                                         "returns_without_receipt",
                                         "own_sales",
                                         "velocity",
                                         "review",
                                         "honours",
                                         "missed_benefits",
                                         "feeds",
                                         "promise_grace_minutes",
                                         "gift_cards",
                                         NULL};
    static const char *const own_sales[] = {"nothing", "refuse", "earn", NULL};
    static const char *const reviews[] = {"none", "second_person", NULL};
    int own = OWN_SALES_NOTHING, review = REVIEW_NONE;

    TRY(object_check(document, fields));
    TRY(read_basics(document, programme));
    TRY(read_unreceipted(document, programme));
    TRY(read_wallets(document, programme));
    TRY(read_stored_values(document, programme));
    TRY(read_rules(document, programme));
    TRY(object_word(document, "own_sales", false, own_sales, &own));
    programme->own_sales = (enum own_sales)own;
    TRY(object_word(document, "review", false, reviews, &review));
    programme->review = (enum review_policy)review;
    TRY(read_limits(document, programme));
    TRY(promises_read(document, programme));
    TRY(feed_policies_read(document, programme));
    TRY(gift_card_policy_read(document, programme));
    return ladders_read(document, programme);
}

enum status programme_parse(struct arena *arena, struct text json, struct programme *out, struct error *err)
{
    struct programme programme = {
        .register_unknown = true, .max_identifiers = 5, .birthday_leap_day = 28, .late_claim_days = 30};
    struct error ignored = {0};
    json_error_t problem;

    programme.source = text_copy(arena, json);
    json_t *root = json_loadb(json.bytes, json.size, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL)
        return error_set(err, STATUS_INVALID, "programme.syntax", "", "line %d, column %d: %s", problem.line,
                         problem.column, problem.text);
    struct object document = {
        .arena = arena, .json = root, .path = "", .programme = &programme, .err = err != NULL ? err : &ignored};
    enum status status = read_document(&document, &programme);
    json_decref(root);
    if (status == STATUS_OK)
        *out = programme;
    return status;
}
