/* The programmes that are simulated, and their documents. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model.h"

const char *const level_codes[LEVELS] = {"base", "silver", "gold"};

const struct programme_rules worlds[] = {
    {.name = "plain",
     .wallets = {{.code = "points", .spendable = true, .transferable = true, .value_minor = 100}},
     .rules = {{.code = "base", .points = {1, 2}, .per_minor = 100, .whole_units = true}}},
    {.name = "months",
     .wallets = {{.code = "points",
                  .spendable = true,
                  .transferable = true,
                  .expiry = AFTER_MONTHS,
                  .count = 3,
                  .pending_days = 2,
                  .value_minor = 100}},
     .rules = {{.code = "base", .points = {1, 3}, .per_minor = 100, .rounding = ROUND_HALF_UP, .by_line = true}},
     .ladder = {.levels = 3,
                .metric = BY_SPEND,
                .qualify = {0, 50000, 200000},
                .keep = {0, 20000, 100000},
                .factor = {10000, 12500, 15000},
                .validity = FROM_START,
                .months = 3,
                .grace_days = 10,
                .crossing = CROSS_MARGINAL}},
    {.name = "debt",
     .wallets = {{.code = "points",
                  .spendable = true,
                  .transferable = true,
                  .expiry = END_OF_MONTH,
                  .count = 1,
                  .debt_allowed = true,
                  .grace_days = 7,
                  .value_minor = 100},
                 {.code = "status", .expiry = END_OF_YEAR}},
     .rules = {{.code = "base",
                .points = {2, 1},
                .per_minor = 100,
                .multipliers =
                    {{.code = "food-double", .category = "food", .factor = 20000, .budget = 30000, .partial = true},
                     {.code = "app-more", .channel = "app", .factor = 15000, .member_limit = 200}}},
               {.code = "status", .wallet = 1, .points = {1, 1}, .per_minor = 100}},
     .ladder = {.levels = 3,
                .metric = BY_POINTS,
                .wallet = 1,
                .qualify = {0, 500, 2000},
                .keep = {0, 300, 1500},
                .factor = {10000, 11000, 13000},
                .validity = CALENDAR_YEAR,
                .by_balance = true,
                .crossing = CROSS_AFTER}},
    {.name = "activity",
     .wallets = {{.code = "points",
                  .spendable = true,
                  .transferable = true,
                  .expiry = ACTIVITY_DAYS,
                  .count = 60,
                  .debt_allowed = true,
                  .value_minor = 50},
                 {.code = "bonus",
                  .spendable = true,
                  .transferable = true,
                  .expiry = ACTIVITY_DAYS,
                  .count = 20,
                  .pending_days = 5,
                  .grace_days = 3}},
     .rules =
         {{.code = "base", .points = {1, 1}, .per_minor = 50, .on_paid_only = true},
          {.code = "bonus", .wallet = 1, .points = {3, 7}, .per_minor = 1000, .rounding = ROUND_CEIL, .by_line = true}},
     .ladder = {.levels = 3,
                .metric = BY_VISITS,
                .qualify = {0, 3, 8},
                .keep = {0, 2, 6},
                .factor = {10000, 12000, 20000},
                .validity = FROM_JOIN,
                .months = 2,
                .grace_days = 5,
                .by_balance = true}},
    {.name = "quarter",
     .wallets = {{.code = "points",
                  .spendable = true,
                  .transferable = true,
                  .expiry = END_OF_QUARTER,
                  .count = 0,
                  .pending_days = 7,
                  .value_minor = 100}},
     .rules = {{.code = "base",
                .points = {1, 2},
                .per_minor = 70,
                .rounding = ROUND_CEIL,
                .stack = true,
                .on_paid_only = true,
                .multipliers =
                    {{.code = "drink-triple", .category = "drink", .factor = 30000, .budget = 20000},
                     {.code = "gold-more", .tier = 2, .factor = 12500, .member_limit = 150, .partial = true}}}},
     .ladder = {.levels = 3,
                .metric = BY_POINTS,
                .qualify = {0, 1000, 5000},
                .keep = {0, 0, 0},
                .factor = {10000, 10500, 11000},
                .validity = FOREVER}},
    {.name = "fixed",
     .wallets = {{.code = "points",
                  .spendable = true,
                  .transferable = true,
                  .expiry = FIXED_DAY,
                  .month = 3,
                  .day = 31,
                  .count = 2,
                  .grace_days = 14,
                  .value_minor = 200},
                 {.code = "stars", .spendable = true, .expiry = AFTER_DAYS, .count = 10, .debt_allowed = true}},
     .rules = {{.code = "base",
                .points = {3, 4},
                .per_minor = 100,
                .rounding = ROUND_HALF_EVEN,
                .by_line = true,
                .multipliers = {{.code = "gift-more", .category = "gift", .factor = 12345}}},
               {.code = "stars",
                .wallet = 1,
                .points = {1, 1},
                .per_minor = 300,
                .whole_units = true,
                .multipliers = {{.code = "app-double", .channel = "app", .factor = 20000, .budget = 4000},
                                {.code = "food-more", .category = "food", .factor = 15000, .member_limit = 20}}}},
     .ladder = {.levels = 3,
                .metric = BY_SPEND,
                .qualify = {0, 100000, 300000},
                .keep = {0, 60000, 250000},
                .factor = {10000, 11111, 17777},
                .validity = FROM_JOIN,
                .months = 6,
                .crossing = CROSS_MARGINAL}},
    {.name = "year",
     .wallets = {{.code = "points",
                  .spendable = true,
                  .transferable = true,
                  .expiry = END_OF_YEAR,
                  .count = 1,
                  .pending_days = 14,
                  .debt_allowed = true,
                  .value_minor = 100},
                 {.code = "status", .expiry = AFTER_MONTHS, .count = 12}},
     .rules = {{.code = "base", .points = {1, 1}, .per_minor = 10, .rounding = ROUND_HALF_UP},
               {.code = "status", .wallet = 1, .points = {1, 2}, .per_minor = 100, .by_line = true}},
     .ladder = {.levels = 2,
                .metric = BY_POINTS,
                .wallet = 1,
                .qualify = {0, 800},
                .keep = {0, 700},
                .factor = {10000, 20000},
                .validity = FROM_START,
                .months = 12,
                .grace_days = 30,
                .crossing = CROSS_MARGINAL}},
    {.name = "days",
     .wallets = {{.code = "points",
                  .spendable = true,
                  .transferable = true,
                  .expiry = AFTER_DAYS,
                  .count = 30,
                  .pending_days = 1,
                  .value_minor = 100}},
     .rules = {{.code = "base", .points = {1, 1}, .per_minor = 33, .rounding = ROUND_FLOOR}}},
};
const size_t worlds_count = sizeof worlds / sizeof worlds[0];

/* ---- documents ---- */

struct writer {
    char *out;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *writer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int wrote = vsnprintf(writer->out + writer->used, writer->size - writer->used, format, arguments);
    va_end(arguments);
    writer->used += (size_t)wrote;
}

static void put_money(struct writer *writer, const char *name, int64_t minor)
{
    put(writer, ",\"%s\":\"%lld.%02lld\"", name, (long long)(minor / 100), (long long)(minor % 100));
}

static void put_flag(struct writer *writer, const char *name, bool set)
{
    put(writer, ",\"%s\":%s", name, set ? "true" : "false");
}

static void put_wallet(struct writer *writer, const struct wallet_rules *wallet)
{
    static const char *const expiries[] = {
        "{\"kind\":\"never\"}",
        "{\"kind\":\"after\",\"unit\":\"days\",\"count\":%d}",
        "{\"kind\":\"after\",\"unit\":\"months\",\"count\":%d}",
        "{\"kind\":\"end_of\",\"period\":\"month\",\"months\":%d}",
        "{\"kind\":\"end_of\",\"period\":\"quarter\",\"months\":%d}",
        "{\"kind\":\"end_of\",\"period\":\"year\",\"months\":%d}",
        "{\"kind\":\"fixed_day\",\"months\":%d",
        "{\"kind\":\"activity\",\"unit\":\"days\",\"count\":%d}",
    };
    char expiry[128];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(expiry, sizeof expiry, expiries[wallet->expiry], wallet->count);
#pragma GCC diagnostic pop
    put(writer, "{\"code\":\"%s\",\"spendable\":%s,\"transferable\":%s,\"expiry\":%s", wallet->code,
        wallet->spendable ? "true" : "false", wallet->transferable ? "true" : "false", expiry);
    if (wallet->expiry == FIXED_DAY)
        put(writer, ",\"month\":%d,\"day\":%d}", wallet->month, wallet->day);
    put(writer, ",\"pending_days\":%d,\"debt\":\"%s\"", wallet->pending_days, wallet->debt_allowed ? "allow" : "clamp");
    if (wallet->grace_days > 0)
        put(writer, ",\"reversal_grace_days\":%d", wallet->grace_days);
    if (wallet->value_minor > 0)
        put(writer, ",\"value\":{\"points\":100,\"amount\":\"%lld.%02lld\"}", (long long)(wallet->value_minor / 100),
            (long long)(wallet->value_minor % 100));
    put(writer, "}");
}

static void put_multiplier(struct writer *writer, const struct multiplier_rules *multiplier)
{
    put(writer, "{\"code\":\"%s\",\"factor\":\"%lld.%04lld\"", multiplier->code,
        (long long)(multiplier->factor / SCALE), (long long)(multiplier->factor % SCALE));
    if (multiplier->category != NULL)
        put(writer, ",\"categories\":[\"%s\"]", multiplier->category);
    if (multiplier->channel != NULL)
        put(writer, ",\"channels\":[\"%s\"]", multiplier->channel);
    if (multiplier->tier > 0)
        put(writer, ",\"tiers\":[\"%s\"]", level_codes[multiplier->tier]);
    if (multiplier->budget > 0)
        put(writer, ",\"budget\":%lld", (long long)multiplier->budget);
    put_flag(writer, "budget_partial", multiplier->partial);
    if (multiplier->member_limit > 0)
        put(writer, ",\"member_limit\":%lld,\"member_period\":\"month\"", (long long)multiplier->member_limit);
    put(writer, "}");
}

static void put_rule(struct writer *writer, const struct programme_rules *rules, const struct rule_rules *rule,
                     int version)
{
    static const char *const roundings[] = {"floor", "half_up", "half_even", "ceil"};

    put(writer, "{\"code\":\"%s\",\"wallet\":\"%s\",\"points\":%lld,\"rounding\":\"%s\",\"basis\":\"%s\"", rule->code,
        rules->wallets[rule->wallet].code, (long long)rule->points[version], roundings[rule->rounding],
        rule->by_line ? "line" : "order");
    put_money(writer, "per", rule->per_minor);
    put_flag(writer, "whole_units", rule->whole_units);
    put_flag(writer, "on_paid_only", rule->on_paid_only);
    put_flag(writer, "stack", rule->stack);
    put(writer, ",\"multipliers\":[");
    for (int i = 0; i < MULTIPLIERS && rule->multipliers[i].code != NULL; i++) {
        put(writer, "%s", i > 0 ? "," : "");
        put_multiplier(writer, &rule->multipliers[i]);
    }
    put(writer, "]}");
}

static void put_ladder(struct writer *writer, const struct programme_rules *rules)
{
    static const char *const metrics[] = {"points", "spend", "visits"};
    static const char *const validities[] = {"from_start", "from_join", "calendar_year", "forever"};
    static const char *const crossings[] = {"before", "after", "marginal"};
    const struct ladder_rules *ladder = &rules->ladder;

    put(writer, ",\"tiers\":{\"metric\":\"%s\"", metrics[ladder->metric]);
    if (ladder->metric == BY_POINTS)
        put(writer, ",\"wallet\":\"%s\"", rules->wallets[ladder->wallet].code);
    put(writer, ",\"levels\":[");
    for (int i = 0; i < ladder->levels; i++) {
        put(writer, "%s{\"code\":\"%s\",\"factor\":\"%lld.%04lld\"", i > 0 ? "," : "", level_codes[i],
            (long long)(ladder->factor[i] / SCALE), (long long)(ladder->factor[i] % SCALE));
        if (ladder->metric == BY_SPEND) {
            put_money(writer, "qualify", ladder->qualify[i]);
            put_money(writer, "keep", ladder->keep[i]);
        } else {
            put(writer, ",\"qualify\":%lld,\"keep\":%lld", (long long)ladder->qualify[i], (long long)ladder->keep[i]);
        }
        put(writer, "}");
    }
    put(writer, "],\"validity\":{\"kind\":\"%s\"", validities[ladder->validity]);
    if (ladder->months > 0)
        put(writer, ",\"months\":%d", ladder->months);
    put(writer, "},\"downgrade\":\"%s\",\"grace_days\":%d,\"crossing\":\"%s\"}",
        ladder->by_balance ? "by_balance" : "one_down", ladder->grace_days, crossings[ladder->crossing]);
}

void world_document(const struct programme_rules *rules, int version, char *out, size_t size)
{
    struct writer writer = {out, size, 0};

    put(&writer, "{\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"wallets\":[");
    for (int i = 0; i < WALLETS && rules->wallets[i].code != NULL; i++) {
        put(&writer, "%s", i > 0 ? "," : "");
        put_wallet(&writer, &rules->wallets[i]);
    }
    put(&writer, "],\"rules\":[");
    for (int i = 0; i < RULES && rules->rules[i].code != NULL; i++) {
        put(&writer, "%s", i > 0 ? "," : "");
        put_rule(&writer, rules, &rules->rules[i], version);
    }
    put(&writer, "]");
    if (rules->ladder.levels > 0)
        put_ladder(&writer, rules);
    put(&writer, "}");
}

/* ---- benefits ---- */

void boost_document(const struct programme_rules *rules, int boost, char *out, size_t size)
{
    const struct boost_rules *drawn = &rules->boosts[boost];

    snprintf(out, size,
             "{\"name\":\"Drawn\",\"effect\":{\"kind\":\"multiplier\",\"factor\":\"%lld.%04lld\",\"wallet\":\"%s\"},"
             "\"for\":{\"tiers\":[{\"tier\":\"%s\"}]}}",
             (long long)(drawn->factor / SCALE), (long long)(drawn->factor % SCALE), rules->wallets[drawn->wallet].code,
             level_codes[drawn->level]);
}

/* ---- earning rules that are published by themselves ---- */

static void put_gift(struct writer *writer, const struct drawn_rules *rule)
{
    static const char *const roundings[] = {"floor", "half_up", "half_even", "ceil"};

    switch (rule->kind) {
    case GIVE_FIXED:
        put(writer, ",\"effect\":{\"kind\":\"fixed\",\"points\":%lld}", (long long)rule->points);
        return;
    case GIVE_STEP:
        put(writer, ",\"effect\":{\"kind\":\"bonus\",\"steps\":[{\"points\":%lld", (long long)rule->points);
        put_money(writer, "at_least", rule->step);
        put(writer, "}]");
        put_flag(writer, "on_paid_only", rule->on_paid_only);
        put(writer, "}");
        return;
    case GIVE_TIMES:
        put(writer,
            ",\"effect\":{\"kind\":\"multiplier\",\"factor\":\"%lld.%04lld\",\"basis\":\"%s\",\"rounding\":\"%s\"}",
            (long long)(rule->factor / SCALE), (long long)(rule->factor % SCALE),
            rule->cascading ? "cascading" : "initial", roundings[rule->rounding]);
        return;
    case GIVE_PER_AMOUNT:
    case GIVE_PER_ITEM:
        break;
    }
    put(writer, ",\"effect\":{\"kind\":\"%s\",\"points\":%lld,\"rounding\":\"%s\",\"basis\":\"%s\"",
        rule->kind == GIVE_PER_ITEM ? "per_item" : "per_amount", (long long)rule->points, roundings[rule->rounding],
        rule->by_line ? "line" : "order");
    if (rule->kind == GIVE_PER_AMOUNT) {
        put_money(writer, "per", rule->per);
        put_flag(writer, "on_paid_only", rule->on_paid_only);
    }
    put_flag(writer, "whole_units", rule->whole_units);
    put_flag(writer, "tier_factor", rule->tier_factor);
    put(writer, "}");
}

void accrual_document(const struct programme_rules *rules, int accrual, char *out, size_t size)
{
    static const char *const takes[] = {"all", "first", "best"};
    const struct drawn_rules *rule = &rules->accruals[accrual];
    struct writer writer = {out, size, 0};

    put(&writer, "{\"name\":\"Drawn\",\"wallet\":\"%s\",\"priority\":%d", rules->wallets[rule->wallet].code,
        ACCRUALS - accrual);
    if (rule->category != NULL)
        put(&writer, ",\"lines\":\"line.category == '%s'\"", rule->category);
    if (rule->channel != NULL)
        put(&writer, ",\"channels\":[\"%s\"]", rule->channel);
    if (rule->total_min > 0)
        put(&writer, ",\"when\":\"purchase.total >= %lld.%02lld\"", (long long)(rule->total_min / 100),
            (long long)(rule->total_min % 100));
    put_gift(&writer, rule);
    if (rule->cap > 0 || rule->cap_times > 0) {
        put(&writer, ",\"member_caps\":[{\"period\":\"month\"");
        if (rule->cap > 0)
            put(&writer, ",\"points\":%lld", (long long)rule->cap);
        if (rule->cap_times > 0)
            put(&writer, ",\"times\":%lld", (long long)rule->cap_times);
        put_flag(&writer, "partial", rule->cap_partial);
        put(&writer, "}]");
    }
    if (rule->budget > 0) {
        put(&writer, ",\"budget\":{\"points\":%lld", (long long)rule->budget);
        put_flag(&writer, "partial", rule->budget_partial);
        put(&writer, "}");
    }
    put(&writer, ",\"stacking\":{\"take\":\"%s\"", takes[rule->take]);
    if (rule->take != TAKE_ALL)
        put(&writer, ",\"group\":\"g\"");
    put_flag(&writer, "exclusive", rule->exclusive);
    put(&writer, "}}");
}
