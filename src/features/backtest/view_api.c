#include "features/backtest/view_api.h"

#include <math.h>
#include <stdio.h>

#include "foundation/id.h"

enum { SHARE_DECIMALS = 4 };

/* ---- figures ---- */

int64_t backtest_cost(const struct backtest_view *view, int world)
{
    int64_t cost = 0;
    for (size_t i = 0; i < view->report->wallet_count; i++) {
        const struct replay_wallet *wallet = &view->report->wallets[i];
        const struct wallet_policy *policy = programme_wallet(view->programme, wallet->code);
        int64_t net = wallet->sums[world].earned - wallet->sums[world].taken_back, worth = 0;
        if (policy != NULL && policy->spendable && policy->value_points > 0 && net > 0 &&
            wallet_points_value(policy, net, &worth))
            cost += worth;
    }
    return cost;
}

bool backtest_break_even(const struct backtest_view *view, double *rise)
{
    double before = (double)backtest_cost(view, REPLAY_AS_IT_WAS), after = (double)backtest_cost(view, REPLAY_PLAN);
    double left = (double)view->report->sales * (double)view->margin / BACKTEST_MARGIN_SCALE - after;
    if (left <= 0)
        return false;
    *rise = (after - before) / left;
    return true;
}

static const char *money(const struct backtest_view *view, int64_t minor)
{
    char text[MONEY_TEXT_SIZE];
    return arena_format(view->arena, "%s %s", money_format(minor, view->programme->exponent, text),
                        view->programme->currency);
}

struct text backtest_sentence(const struct backtest_view *view)
{
    const struct replay_report *report = view->report;
    int64_t before = backtest_cost(view, REPLAY_AS_IT_WAS), after = backtest_cost(view, REPLAY_PLAN);
    double rise;
    struct builder out = {.arena = view->arena};
    if (report->touched == 0) {
        builder_format(&out, "Nothing would have changed for the %lld members who bought.", (long long)report->persons);
        return builder_done(&out);
    }
    builder_format(&out, "%lld of %lld members would have got something else: %lld more points, %lld fewer. ",
                   (long long)report->touched, (long long)report->persons, (long long)report->better,
                   (long long)report->worse);
    builder_format(&out, "Points given would have been worth %s instead of %s. ", money(view, after),
                   money(view, before));
    if (after > before && backtest_break_even(view, &rise))
        builder_format(&out, "Sales have to rise by %.2f %% to pay for it at a margin of %.1f %%. ", rise * 100,
                       (double)view->margin * 100 / BACKTEST_MARGIN_SCALE);
    else if (after > before)
        builder_string(&out, "No rise in sales pays for it at this margin. ");
    builder_string(&out, "This assumes that everybody would have done the same.");
    return builder_done(&out);
}

/* ---- the shape ---- */

static const struct field wallet_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "earned_before", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "earned_after", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "taken_back_before", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "taken_back_after", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape wallet_shape = {.name = "BackTestWallet", .size = 0, SHAPE_FIELDS(wallet_fields)};
static const struct field part_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "members_after",
     .type = FIELD_INTEGER,
     .flags = FIELD_NULLABLE,
     .about = "Of a tier: who would hold it at the end of the period."},
    {.name = "touched", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "sales", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "points_before", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "points_after", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape part_shape = {.name = "BackTestPart", .size = 0, SHAPE_FIELDS(part_fields)};
static const struct field report_fields[] = {
    {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "summary", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Of members."},
    {.name = "returns", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "anonymous_purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "sales", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "To members, less what came back."},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Who bought or returned."},
    {.name = "touched", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Earned otherwise at least once."},
    {.name = "better", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "With more points at the end."},
    {.name = "worse", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "left_out", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Whose merge was undone."},
    {.name = "wallets", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &wallet_shape},
    {.name = "cost_before",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .about = "What the points that were given and not taken back are worth."},
    {.name = "cost_after", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "margin", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = SHARE_DECIMALS},
    {.name = "break_even",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .scale = SHARE_DECIMALS,
     .about = "The rise in sales that pays for the plan; null: none does."},
    {.name = "stages", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &part_shape},
    {.name = "tiers", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &part_shape},
    {.name = "reproduced",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Purchases that, decided again as it was, earned what they really did."},
    {.name = "different", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "And that did not."},
    {.name = "first_different", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "evt"},
    {.name = "failed", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "That the plan refused."},
    {.name = "assumption", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct shape backtest_shape = {
    .name = "BackTest", .about = "A past period under a planned programme.", SHAPE_FIELDS(report_fields)};

/* ---- writing ---- */

static void write_wallets(struct json_writer *writer, const struct replay_report *report)
{
    writer_list(writer, "wallets");
    for (size_t i = 0; i < report->wallet_count; i++) {
        const struct replay_wallet *wallet = &report->wallets[i];
        writer_object(writer, NULL);
        writer_text(writer, "wallet", wallet->code);
        writer_integer(writer, "earned_before", wallet->sums[REPLAY_AS_IT_WAS].earned);
        writer_integer(writer, "earned_after", wallet->sums[REPLAY_PLAN].earned);
        writer_integer(writer, "taken_back_before", wallet->sums[REPLAY_AS_IT_WAS].taken_back);
        writer_integer(writer, "taken_back_after", wallet->sums[REPLAY_PLAN].taken_back);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_parts(struct json_writer *writer, const struct backtest_view *view, const char *name,
                        const struct replay_part *parts, size_t count)
{
    bool tiers = parts == view->report->tiers;
    writer_list(writer, name);
    for (size_t i = 0; i < count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "name", parts[i].name);
        writer_integer(writer, "members", parts[i].persons);
        if (tiers)
            writer_integer(writer, "members_after", parts[i].persons_after);
        writer_integer(writer, "touched", parts[i].touched);
        writer_amount(writer, "sales", parts[i].spend, view->programme->currency);
        writer_integer(writer, "points_before", parts[i].points[REPLAY_AS_IT_WAS]);
        writer_integer(writer, "points_after", parts[i].points[REPLAY_PLAN]);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_costs(struct json_writer *writer, const struct backtest_view *view)
{
    const char *currency = view->programme->currency;
    double rise;
    writer_amount(writer, "cost_before", backtest_cost(view, REPLAY_AS_IT_WAS), currency);
    writer_amount(writer, "cost_after", backtest_cost(view, REPLAY_PLAN), currency);
    writer_decimal(writer, "margin", view->margin, SHARE_DECIMALS);
    if (backtest_break_even(view, &rise))
        writer_decimal(writer, "break_even", llround(rise * pow(10, SHARE_DECIMALS)), SHARE_DECIMALS);
    else
        writer_null(writer, "break_even");
}

void backtest_write(struct json_writer *writer, const struct backtest_view *view)
{
    const struct replay_report *report = view->report;
    writer_instant(writer, "from", view->request.plan.from);
    writer_instant(writer, "until", view->request.until);
    writer_text(writer, "summary", backtest_sentence(view));
    writer_integer(writer, "purchases", report->purchases);
    writer_integer(writer, "returns", report->returns);
    writer_integer(writer, "anonymous_purchases", report->anonymous);
    writer_amount(writer, "sales", report->sales, view->programme->currency);
    writer_integer(writer, "members", report->persons);
    writer_integer(writer, "touched", report->touched);
    writer_integer(writer, "better", report->better);
    writer_integer(writer, "worse", report->worse);
    writer_integer(writer, "left_out", report->left_out);
    write_wallets(writer, report);
    write_costs(writer, view);
    write_parts(writer, view, "stages", report->stages, report->stage_count);
    write_parts(writer, view, "tiers", report->tiers, report->tier_count);
    writer_integer(writer, "reproduced", report->reproduced);
    writer_integer(writer, "different", report->different);
    if (report->first_different != 0)
        writer_id(writer, "first_different", "evt", report->first_different);
    writer_integer(writer, "failed", report->failed);
    writer_string(
        writer, "assumption",
        "Everybody does as they did: who buys what, when and where, what comes back, what is paid with points.");
}
