/* Reads a programme document: strict, every error names its field by path. docs/programme.md describes the format. */
#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "features/programme/programme.h"

enum { POINTS_MAX = 1000000000, MONTHS_MAX = 1200, DAYS_MAX = 36500, PATH_SIZE = ERROR_FIELD_SIZE };

/* An object being read. `path` is empty for the document itself. */
struct object {
    struct arena *arena;
    json_t *json;
    const char *path;
    struct programme *programme; /* for the currency's decimals and the codes already read */
    struct error *err;
};

static const char *field_path(const struct object *object, const char *name)
{
    return object->path[0] == '\0' ? name : arena_format(object->arena, "%s.%s", object->path, name);
}

static enum status refuse(const struct object *object, const char *name, const char *sentence)
{
    return error_set(object->err, STATUS_INVALID, "programme.invalid", field_path(object, name), "%s", sentence);
}

/* Fails on a field that is not in `names` (ends with NULL), and on anything but an object. */
static enum status check_fields(const struct object *object, const char *const *names)
{
    const char *key;
    json_t *value;

    if (!json_is_object(object->json))
        return error_set(object->err, STATUS_INVALID, "programme.invalid", object->path, "an object is expected");
    json_object_foreach(object->json, key, value)
    {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], key) != 0)
            i++;
        if (names[i] == NULL)
            return error_set(object->err, STATUS_INVALID, "programme.unknown_field", field_path(object, key),
                             "there is no field '%.40s' here", key);
    }
    return STATUS_OK;
}

static enum status missing(const struct object *object, const char *name)
{
    return error_set(object->err, STATUS_INVALID, "programme.missing_field", field_path(object, name),
                     "'%s' must be given", name);
}

/* ---- plain fields: without the field, `*out` stays as it is ---- */

static enum status read_text(const struct object *object, const char *name, bool required, size_t size_max,
                             struct text *out)
{
    json_t *value = json_object_get(object->json, name);

    if (value == NULL)
        return required ? missing(object, name) : STATUS_OK;
    if (!json_is_string(value) || json_string_length(value) == 0 || json_string_length(value) > size_max)
        return error_set(object->err, STATUS_INVALID, "programme.invalid", field_path(object, name),
                         "a text of 1 to %zu bytes is expected", size_max);
    *out = text_copy(object->arena, (struct text){json_string_value(value), json_string_length(value)});
    return STATUS_OK;
}

/* Codes go into keys, facts and file names as they are. */
static bool code_is_valid(struct text code)
{
    for (size_t i = 0; i < code.size; i++) {
        unsigned char c = (unsigned char)code.bytes[i];
        if (c <= ' ' || c == '"' || c == '\\' || c == ':' || c == '/' || c == 0x7f)
            return false;
    }
    return code.size > 0 && code.size <= CODE_SIZE_MAX;
}

static enum status read_code(const struct object *object, const char *name, bool required, struct text *out)
{
    enum status status = read_text(object, name, required, CODE_SIZE_MAX, out);

    if (status == STATUS_OK && out->size > 0 && !code_is_valid(*out))
        return refuse(object, name, "a code has no spaces, quotes, colons or slashes");
    return status;
}

static enum status read_boolean(const struct object *object, const char *name, bool *out)
{
    json_t *value = json_object_get(object->json, name);

    if (value == NULL)
        return STATUS_OK;
    if (!json_is_boolean(value))
        return refuse(object, name, "true or false is expected");
    *out = json_is_true(value);
    return STATUS_OK;
}

struct range {
    int64_t minimum, maximum;
};

static enum status read_integer(const struct object *object, const char *name, bool required, struct range range,
                                int64_t *out)
{
    json_t *value = json_object_get(object->json, name);

    if (value == NULL)
        return required ? missing(object, name) : STATUS_OK;
    if (!json_is_integer(value) || json_integer_value(value) < range.minimum ||
        json_integer_value(value) > range.maximum)
        return error_set(object->err, STATUS_INVALID, "programme.invalid", field_path(object, name),
                         "a whole number from %lld to %lld is expected", (long long)range.minimum,
                         (long long)range.maximum);
    *out = json_integer_value(value);
    return STATUS_OK;
}

static enum status read_int(const struct object *object, const char *name, bool required, struct range range, int *out)
{
    int64_t wide = *out;
    enum status status = read_integer(object, name, required, range, &wide);

    if (status == STATUS_OK)
        *out = (int)wide;
    return status;
}

/* One of `words` (ends with NULL); `*out` is its index. */
static enum status read_word(const struct object *object, const char *name, bool required, const char *const *words,
                             int *out)
{
    json_t *value = json_object_get(object->json, name);
    struct builder known = {.arena = object->arena};

    if (value == NULL)
        return required ? missing(object, name) : STATUS_OK;
    for (int i = 0; words[i] != NULL; i++) {
        if (json_is_string(value) && strcmp(json_string_value(value), words[i]) == 0) {
            *out = i;
            return STATUS_OK;
        }
        builder_format(&known, "%s'%s'", i > 0 ? ", " : "", words[i]);
    }
    struct text list = builder_done(&known);
    return error_set(object->err, STATUS_INVALID, "programme.invalid", field_path(object, name),
                     "one of %.*s is expected", (int)list.size, list.bytes);
}

/* An amount of the programme's currency, as a decimal text. */
static enum status read_money(const struct object *object, const char *name, bool required, int64_t minimum,
                              int64_t *out)
{
    json_t *value = json_object_get(object->json, name);
    int64_t minor;

    if (value == NULL)
        return required ? missing(object, name) : STATUS_OK;
    if (!json_is_string(value))
        return refuse(object, name, "an amount as text is expected, such as \"1.00\"");
    struct text decimal = {json_string_value(value), json_string_length(value)};
    if (money_parse(decimal, object->programme->exponent, &minor, object->err) != STATUS_OK) {
        char message[ERROR_MESSAGE_SIZE];
        snprintf(message, sizeof message, "%s", object->err != NULL ? object->err->message : "not an amount");
        return refuse(object, name, message);
    }
    if (minor < minimum)
        return refuse(object, name,
                      minimum > 0 ? "an amount above zero is expected" : "an amount of at least zero is expected");
    *out = minor;
    return STATUS_OK;
}

/* "1.5", 1.5 or 2: at most four decimals, 0 to 1000. */
static enum status read_factor(const struct object *object, const char *name, bool required, int64_t *out)
{
    json_t *value = json_object_get(object->json, name);
    int64_t factor = -1;

    if (value == NULL)
        return required ? missing(object, name) : STATUS_OK;
    if (json_is_string(value)) {
        struct text decimal = {json_string_value(value), json_string_length(value)};
        if (money_parse(decimal, 4, &factor, NULL) != STATUS_OK)
            factor = -1;
    } else if (json_is_number(value) && json_number_value(value) >= 0 && json_number_value(value) <= 1000) {
        double scaled = json_number_value(value) * FACTOR_SCALE;
        factor = llround(scaled);
        if (fabs(scaled - (double)factor) > 1e-6)
            factor = -1;
    }
    if (factor < 0 || factor > 1000 * FACTOR_SCALE)
        return refuse(object, name, "a factor from 0 to 1000 with at most four decimals is expected");
    *out = factor;
    return STATUS_OK;
}

static enum status read_instant(const struct object *object, const char *name, int64_t *out)
{
    json_t *value = json_object_get(object->json, name);

    if (value == NULL)
        return STATUS_OK;
    if (!json_is_string(value) ||
        !instant_parse((struct text){json_string_value(value), json_string_length(value)}, out))
        return refuse(object, name, "an RFC 3339 time is expected");
    return STATUS_OK;
}

static enum status read_codes(const struct object *object, const char *name, const struct text **out, size_t *count)
{
    json_t *value = json_object_get(object->json, name);
    size_t size = json_array_size(value);

    if (value == NULL)
        return STATUS_OK;
    if (!json_is_array(value) || size > MULTIPLIER_CODES_MAX)
        return error_set(object->err, STATUS_INVALID, "programme.invalid", field_path(object, name),
                         "a list of at most %d codes is expected", MULTIPLIER_CODES_MAX);
    struct text *codes = arena_array(object->arena, size, sizeof *codes);
    for (size_t i = 0; i < size; i++) {
        json_t *code = json_array_get(value, i);
        if (!json_is_string(code) || json_string_length(code) == 0 || json_string_length(code) > CODE_SIZE_MAX)
            return error_set(object->err, STATUS_INVALID, "programme.invalid",
                             arena_format(object->arena, "%s[%zu]", field_path(object, name), i),
                             "a code of 1 to %d bytes is expected", CODE_SIZE_MAX);
        codes[i] = text_copy(object->arena, (struct text){json_string_value(code), json_string_length(code)});
    }
    *out = codes;
    *count = size;
    return STATUS_OK;
}

/* ---- nested objects ---- */

static struct object nested(const struct object *object, const char *name)
{
    struct object inner = *object;

    inner.json = json_object_get(object->json, name);
    inner.path = field_path(object, name);
    return inner;
}

static struct object element(const struct object *object, const char *name, size_t index)
{
    struct object inner = *object;

    inner.json = json_array_get(json_object_get(object->json, name), index);
    inner.path = arena_format(object->arena, "%s[%zu]", field_path(object, name), index);
    return inner;
}

/* The size of the list `name`, checked against its limits. */
static enum status read_list(const struct object *object, const char *name, struct range range, size_t *count)
{
    json_t *value = json_object_get(object->json, name);

    *count = json_array_size(value);
    if ((value != NULL && !json_is_array(value)) || (int64_t)*count < range.minimum || (int64_t)*count > range.maximum)
        return error_set(object->err, STATUS_INVALID, "programme.invalid", field_path(object, name),
                         "a list of %lld to %lld is expected", (long long)range.minimum, (long long)range.maximum);
    return STATUS_OK;
}

#define TRY(expression)                    \
    do {                                   \
        enum status status = (expression); \
        if (status != STATUS_OK)           \
            return status;                 \
    } while (0)

/* ---- points accounts ---- */

static enum status read_expiry(const struct object *wallet, struct wallet_policy *policy)
{
    static const char *const fields[] = {"kind", "count", "unit", "months", "period", "month", "day", NULL};
    static const char *const kinds[] = {"never", "after", "end_of", "fixed_day", "activity", NULL};
    static const char *const units[] = {"days", "months", NULL};
    static const char *const periods[] = {"month", "quarter", "year", NULL};
    struct object object = nested(wallet, "expiry");
    int kind = 0, unit = EXPIRY_MONTHS, period = EXPIRY_MONTH;

    if (object.json == NULL)
        return STATUS_OK;
    TRY(check_fields(&object, fields));
    TRY(read_word(&object, "kind", true, kinds, &kind));
    policy->expiry = (enum expiry_kind)kind;
    switch (policy->expiry) {
    case EXPIRY_NEVER:
        break;
    case EXPIRY_AFTER:
    case EXPIRY_ACTIVITY:
        TRY(read_word(&object, "unit", true, units, &unit));
        TRY(read_int(&object, "count", true, (struct range){1, unit == EXPIRY_DAYS ? DAYS_MAX : MONTHS_MAX},
                     &policy->expiry_count));
        break;
    case EXPIRY_END_OF:
        TRY(read_word(&object, "period", true, periods, &period));
        TRY(read_int(&object, "months", true, (struct range){0, MONTHS_MAX}, &policy->expiry_count));
        break;
    case EXPIRY_FIXED_DAY:
        TRY(read_int(&object, "month", true, (struct range){1, 12}, &policy->expiry_month));
        TRY(read_int(&object, "day", true, (struct range){1, days_in_month(2000, policy->expiry_month)},
                     &policy->expiry_day));
        TRY(read_int(&object, "months", false, (struct range){0, MONTHS_MAX}, &policy->expiry_count));
        break;
    }
    policy->expiry_unit = (enum expiry_unit)unit;
    policy->expiry_period = (enum expiry_period)period;
    return STATUS_OK;
}

static enum status read_value(const struct object *wallet, struct wallet_policy *policy)
{
    static const char *const fields[] = {"points", "amount", NULL};
    struct object object = nested(wallet, "value");

    if (object.json == NULL)
        return STATUS_OK;
    TRY(check_fields(&object, fields));
    TRY(read_integer(&object, "points", true, (struct range){1, POINTS_MAX}, &policy->value_points));
    return read_money(&object, "amount", true, 1, &policy->value_minor);
}

static enum status read_proof_step(const struct object *object, struct proof_step *step)
{
    static const char *const fields[] = {"above", "proofs", NULL};
    static const char *const words[] = {"none", "qr", "code", "pin", NULL};
    size_t count;

    TRY(check_fields(object, fields));
    TRY(read_integer(object, "above", true, (struct range){0, INT64_MAX / 4}, &step->above));
    TRY(read_list(object, "proofs", (struct range){1, 4}, &count));
    for (size_t i = 0; i < count; i++) {
        const char *word = json_string_value(json_array_get(json_object_get(object->json, "proofs"), i));
        int known = 0;
        while (words[known] != NULL && (word == NULL || strcmp(words[known], word) != 0))
            known++;
        if (words[known] == NULL)
            return refuse(object, "proofs", "one or more of 'none', 'qr', 'code', 'pin' are expected");
        step->proofs |= 1U << known;
    }
    return STATUS_OK;
}

static enum status read_redemption(const struct object *wallet, struct wallet_policy *policy)
{
    TRY(read_list(wallet, "redemption", (struct range){0, PROOF_STEPS_MAX}, &policy->proof_step_count));
    struct proof_step *steps = arena_array(wallet->arena, policy->proof_step_count + 1, sizeof *steps);
    for (size_t i = 0; i < policy->proof_step_count; i++) {
        struct object object = element(wallet, "redemption", i);
        TRY(read_proof_step(&object, &steps[i]));
        if (i > 0 && steps[i].above <= steps[i - 1].above)
            return refuse(&object, "above", "each step is above the one before");
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
    TRY(check_fields(object, fields));
    TRY(read_code(object, "code", true, &policy->code));
    policy->name = policy->code;
    TRY(read_text(object, "name", false, 200, &policy->name));
    TRY(read_boolean(object, "spendable", &policy->spendable));
    TRY(read_boolean(object, "transferable", &policy->transferable));
    TRY(read_expiry(object, policy));
    TRY(read_int(object, "pending_days", false, (struct range){0, 3650}, &policy->pending_days));
    TRY(read_word(object, "debt", false, debts, &debt));
    policy->debt = (enum debt_policy)debt;
    TRY(read_int(object, "reversal_grace_days", false, (struct range){0, 3650}, &policy->grace_days));
    policy->reversal_grace = policy->grace_days > 0;
    TRY(read_integer(object, "hold_seconds", false, (struct range){1, 31622400}, &policy->hold_seconds));
    TRY(read_integer(object, "approval_limit", false, (struct range){0, INT64_MAX}, &policy->approval_limit));
    TRY(read_redemption(object, policy));
    return read_value(object, policy);
}

static enum status read_wallets(const struct object *document, struct programme *programme)
{
    TRY(read_list(document, "wallets", (struct range){1, PROGRAMME_WALLETS_MAX}, &programme->wallet_count));
    struct wallet_policy *wallets = arena_array(document->arena, programme->wallet_count, sizeof *wallets);
    for (size_t i = 0; i < programme->wallet_count; i++) {
        struct object object = element(document, "wallets", i);
        TRY(read_wallet(&object, &wallets[i]));
        for (size_t j = 0; j < i; j++)
            if (text_equal(wallets[j].code, wallets[i].code))
                return refuse(&object, "code", "another account already has this code");
    }
    programme->wallets = wallets;
    return STATUS_OK;
}

/* ---- earning ---- */

static enum status read_multiplier(const struct object *object, struct multiplier *multiplier)
{
    static const char *const fields[] = {
        "code",           "factor",       "categories",    "stores",    "channels", "tiers", "budget",
        "budget_partial", "member_limit", "member_period", "starts_at", "ends_at",  NULL};
    static const char *const periods[] = {"month", "quarter", "year", NULL};
    int period = EXPIRY_MONTH;

    *multiplier = (struct multiplier){
        .budget = INT64_MAX, .member_limit = INT64_MAX, .starts_at = INT64_MIN, .ends_at = INT64_MAX};
    TRY(check_fields(object, fields));
    TRY(read_code(object, "code", true, &multiplier->code));
    if (multiplier->code.size > CODE_SIZE_MAX - 16) /* progress ids hold it too */
        return refuse(object, "code", "the code of a multiplier has at most 48 bytes");
    TRY(read_factor(object, "factor", true, &multiplier->factor));
    TRY(read_codes(object, "categories", &multiplier->categories, &multiplier->category_count));
    TRY(read_codes(object, "stores", &multiplier->stores, &multiplier->store_count));
    TRY(read_codes(object, "channels", &multiplier->channels, &multiplier->channel_count));
    TRY(read_codes(object, "tiers", &multiplier->tiers, &multiplier->tier_count));
    TRY(read_integer(object, "budget", false, (struct range){0, INT64_MAX - 1}, &multiplier->budget));
    TRY(read_boolean(object, "budget_partial", &multiplier->budget_partial));
    TRY(read_integer(object, "member_limit", false, (struct range){0, INT64_MAX - 1}, &multiplier->member_limit));
    multiplier->member_period_set = json_object_get(object->json, "member_period") != NULL;
    TRY(read_word(object, "member_period", false, periods, &period));
    multiplier->member_period = (enum expiry_period)period;
    TRY(read_instant(object, "starts_at", &multiplier->starts_at));
    TRY(read_instant(object, "ends_at", &multiplier->ends_at));
    if (multiplier->starts_at >= multiplier->ends_at)
        return refuse(object, "ends_at", "it must end after it starts");
    return STATUS_OK;
}

static enum status read_multipliers(const struct object *object, struct earning_rule *rule)
{
    TRY(read_list(object, "multipliers", (struct range){0, RULE_MULTIPLIERS_MAX}, &rule->multiplier_count));
    struct multiplier *multipliers = arena_array(object->arena, rule->multiplier_count, sizeof *multipliers);
    for (size_t i = 0; i < rule->multiplier_count; i++) {
        struct object inner = element(object, "multipliers", i);
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
    TRY(check_fields(object, fields));
    TRY(read_code(object, "code", true, &rule->code));
    TRY(read_code(object, "wallet", true, &rule->wallet));
    if (programme_wallet(object->programme, rule->wallet) == NULL)
        return refuse(object, "wallet", "there is no account with this code");
    TRY(read_integer(object, "points", true, (struct range){1, POINTS_MAX}, &rule->points));
    TRY(read_money(object, "per", true, 1, &rule->per_minor));
    TRY(read_word(object, "rounding", false, roundings, &rounding));
    TRY(read_word(object, "basis", false, bases, &basis));
    rule->rounding = (enum rounding)rounding;
    rule->basis = (enum earning_basis)basis;
    TRY(read_boolean(object, "whole_units", &rule->whole_units));
    TRY(read_boolean(object, "on_paid_only", &rule->on_paid_only));
    TRY(read_boolean(object, "stack", &rule->stack));
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
                        struct object object = element(document, "rules", rule);
                        object = element(&object, "multipliers", i);
                        return refuse(&object, "code", "another multiplier already has this code");
                    }
    return STATUS_OK;
}

static enum status read_rules(const struct object *document, struct programme *programme)
{
    TRY(read_list(document, "rules", (struct range){0, PROGRAMME_RULES_MAX}, &programme->rule_count));
    struct earning_rule *rules = arena_array(document->arena, programme->rule_count, sizeof *rules);
    for (size_t i = 0; i < programme->rule_count; i++) {
        struct object object = element(document, "rules", i);
        TRY(read_rule(&object, &rules[i]));
        for (size_t j = 0; j < i; j++)
            if (text_equal(rules[j].code, rules[i].code))
                return refuse(&object, "code", "another rule already has this code");
    }
    programme->rules = rules;
    return check_multiplier_codes(document, programme);
}

/* ---- tiers ---- */

static enum status read_threshold(const struct object *object, const struct tier_ladder *ladder, const char *name,
                                  int64_t *out)
{
    if (ladder->metric == TIER_SPEND)
        return read_money(object, name, false, 0, out);
    return read_integer(object, name, false, (struct range){0, INT64_MAX / 4}, out);
}

static enum status read_level(const struct object *object, const struct tier_ladder *ladder, struct tier_level *level)
{
    static const char *const fields[] = {"code", "name", "qualify", "keep", "factor", NULL};

    *level = (struct tier_level){.qualify = -1, .factor = FACTOR_SCALE};
    TRY(check_fields(object, fields));
    TRY(read_code(object, "code", true, &level->code));
    level->name = level->code;
    TRY(read_text(object, "name", false, 200, &level->name));
    TRY(read_threshold(object, ladder, "qualify", &level->qualify));
    if (level->qualify < 0)
        return missing(object, "qualify");
    level->keep = level->qualify;
    TRY(read_threshold(object, ladder, "keep", &level->keep));
    return read_factor(object, "factor", false, &level->factor);
}

static enum status read_levels(const struct object *object, struct tier_ladder *ladder)
{
    TRY(read_list(object, "levels", (struct range){1, TIER_LEVELS_MAX}, &ladder->level_count));
    struct tier_level *levels = arena_array(object->arena, ladder->level_count, sizeof *levels);
    for (size_t i = 0; i < ladder->level_count; i++) {
        struct object inner = element(object, "levels", i);
        TRY(read_level(&inner, ladder, &levels[i]));
        if (i == 0 && levels[i].qualify != 0)
            return refuse(&inner, "qualify", "the first level starts at 0");
        if (i > 0 && levels[i].qualify <= levels[i - 1].qualify)
            return refuse(&inner, "qualify", "each level starts above the one before");
        for (size_t j = 0; j < i; j++)
            if (text_equal(levels[j].code, levels[i].code))
                return refuse(&inner, "code", "another level already has this code");
    }
    ladder->levels = levels;
    return STATUS_OK;
}

static enum status read_validity(const struct object *tiers, struct tier_ladder *ladder)
{
    static const char *const fields[] = {"kind", "months", NULL};
    static const char *const kinds[] = {"from_start", "from_join", "calendar_year", "forever", NULL};
    struct object object = nested(tiers, "validity");
    int kind = TIER_FOREVER;

    ladder->validity = TIER_FOREVER;
    if (object.json == NULL)
        return STATUS_OK;
    TRY(check_fields(&object, fields));
    TRY(read_word(&object, "kind", true, kinds, &kind));
    ladder->validity = (enum tier_validity)kind;
    bool months = ladder->validity == TIER_FROM_START || ladder->validity == TIER_FROM_JOIN;
    return read_int(&object, "months", months, (struct range){1, MONTHS_MAX}, &ladder->validity_months);
}

static enum status read_tiers(const struct object *document, struct programme *programme)
{
    static const char *const fields[] = {"metric",    "wallet",     "levels",   "validity",
                                         "downgrade", "grace_days", "crossing", NULL};
    static const char *const metrics[] = {"points", "spend", "visits", NULL};
    static const char *const downgrades[] = {"one_down", "by_balance", NULL};
    static const char *const crossings[] = {"before", "after", "marginal", NULL};
    struct object object = nested(document, "tiers");
    struct tier_ladder *ladder = &programme->ladder;
    int metric = TIER_POINTS, downgrade = DOWNGRADE_ONE, crossing = CROSSING_BEFORE;

    if (object.json == NULL)
        return STATUS_OK;
    TRY(check_fields(&object, fields));
    TRY(read_word(&object, "metric", true, metrics, &metric));
    ladder->metric = (enum tier_metric)metric;
    TRY(read_code(&object, "wallet", ladder->metric == TIER_POINTS, &ladder->wallet));
    if (ladder->metric == TIER_POINTS && programme_wallet(programme, ladder->wallet) == NULL)
        return refuse(&object, "wallet", "there is no account with this code");
    TRY(read_levels(&object, ladder));
    TRY(read_validity(&object, ladder));
    TRY(read_word(&object, "downgrade", false, downgrades, &downgrade));
    TRY(read_word(&object, "crossing", false, crossings, &crossing));
    ladder->downgrade = (enum tier_downgrade)downgrade;
    ladder->crossing = (enum tier_crossing)crossing;
    return read_int(&object, "grace_days", false, (struct range){0, 3650}, &ladder->grace_days);
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
    TRY(check_fields(object, fields));
    TRY(read_word(object, "of", true, subjects, &subject));
    TRY(read_word(object, "action", true, actions, &action));
    TRY(read_word(object, "per", true, periods, &period));
    TRY(read_integer(object, "count", false, (struct range){1, VELOCITY_COUNT_MAX}, &limit->count));
    TRY(read_integer(object, "points", false, (struct range){1, VELOCITY_POINTS_MAX}, &limit->points));
    if (limit->count == INT64_MAX && limit->points == INT64_MAX)
        return refuse(object, "count", "a limit has a count, points, or both");
    limit->subject = (enum velocity_subject)subject;
    limit->action = (enum velocity_action)action;
    limit->period = (enum velocity_period)period;
    return STATUS_OK;
}

/* At most one limit of each kind: they are counted under their kind. */
static enum status read_limits(const struct object *document, struct programme *programme)
{
    TRY(read_list(document, "velocity", (struct range){0, VELOCITY_LIMITS_MAX}, &programme->limit_count));
    struct velocity_limit *limits = arena_array(document->arena, programme->limit_count + 1, sizeof *limits);
    for (size_t i = 0; i < programme->limit_count; i++) {
        struct object object = element(document, "velocity", i);
        TRY(read_limit(&object, &limits[i]));
        for (size_t j = 0; j < i; j++)
            if (limits[j].subject == limits[i].subject && limits[j].action == limits[i].action &&
                limits[j].period == limits[i].period)
                return refuse(&object, "of", "there is already a limit of this kind");
    }
    programme->limits = limits;
    return STATUS_OK;
}

/* ---- the document ---- */

static enum status read_basics(const struct object *document, struct programme *programme)
{
    struct text zone = {NULL, 0}, currency = {NULL, 0};

    TRY(read_text(document, "zone", true, 64, &zone));
    if (zone_load(document->arena, zone, &programme->zone, NULL) != STATUS_OK)
        return refuse(document, "zone", "this is not the name of a time zone, such as Asia/Shanghai");
    TRY(read_text(document, "currency", true, CURRENCY_SIZE - 1, &currency));
    programme->exponent = currency_exponent(currency);
    if (programme->exponent < 0)
        return refuse(document, "currency", "this is not a currency of ISO 4217, such as CNY");
    memcpy(programme->currency, currency.bytes, currency.size);
    TRY(read_boolean(document, "register_unknown", &programme->register_unknown));
    TRY(read_int(document, "max_identifiers", false, (struct range){1, 100}, &programme->max_identifiers));
    TRY(read_int(document, "birthday_leap_day", false, (struct range){28, 29}, &programme->birthday_leap_day));
    return read_int(document, "late_claim_days", false, (struct range){0, 3650}, &programme->late_claim_days);
}

static enum status read_document(const struct object *document, struct programme *programme)
{
    static const char *const fields[] = {"zone",
                                         "currency",
                                         "wallets",
                                         "rules",
                                         "tiers",
                                         "register_unknown",
                                         "max_identifiers",
                                         "birthday_leap_day",
                                         "late_claim_days",
                                         "own_sales",
                                         "velocity",
                                         NULL};
    static const char *const own_sales[] = {"nothing", "refuse", "earn", NULL};
    int own = OWN_SALES_NOTHING;

    TRY(check_fields(document, fields));
    TRY(read_basics(document, programme));
    TRY(read_wallets(document, programme));
    TRY(read_rules(document, programme));
    TRY(read_word(document, "own_sales", false, own_sales, &own));
    programme->own_sales = (enum own_sales)own;
    TRY(read_limits(document, programme));
    return read_tiers(document, programme);
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
