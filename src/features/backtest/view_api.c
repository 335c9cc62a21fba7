#include "features/backtest/view_api.h"

#include <math.h>
#include <stdio.h>

#include "foundation/id.h"

enum { SHARE_DECIMALS = 4, OFFERS_TOLD_MAX = 1000 };

/* ---- figures ---- */

int64_t backtest_cost(const struct backtest_view *view, int world)
{
    int64_t cost = view->report->given[world];
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
    if (report->touched == 0 && report->offer_count == 0) {
        builder_format(&out, "Nothing would have changed for the %lld members who bought.", (long long)report->persons);
        return builder_done(&out);
    }
    builder_format(&out, "%lld of %lld members would have got something else: %lld more points, %lld fewer. ",
                   (long long)report->touched, (long long)report->persons, (long long)report->better,
                   (long long)report->worse);
    if (report->baskets > 0)
        builder_format(&out, "Offers would have taken off %s instead of %s, if they applied wherever they can. ",
                       money(view, report->given[REPLAY_PLAN]), money(view, report->given[REPLAY_AS_IT_WAS]));
    builder_format(&out, "Points given would have been worth %s instead of %s. ",
                   money(view, after - report->given[REPLAY_PLAN]),
                   money(view, before - report->given[REPLAY_AS_IT_WAS]));
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
static const struct field offer_fields[] = {
    {.name = "offer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "baskets_before", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "baskets_after", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "given_before", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "given_after", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "minimum_missed",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Of one that is tried: baskets that had its goods, and too little of them."},
};
static const struct shape offer_shape = {
    .name = "BackTestOffer", .about = "If it applied wherever it could.", .size = 0, SHAPE_FIELDS(offer_fields)};
static const struct field challenge_fields[] = {
    {.name = "challenge", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "members_before", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Of whom something counted."},
    {.name = "members_after", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "completed_before", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Members, at least once."},
    {.name = "completed_after", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "rounds_before", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "rounds_after", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "wallet", .type = FIELD_TEXT, .about = "Absent when it gives no points."},
    {.name = "points_before", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "points_after", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape challenge_shape = {.name = "BackTestChallenge", .size = 0, SHAPE_FIELDS(challenge_fields)};
static const struct field month_fields[] = {
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED, .about = "The end of the month."},
    {.name = "points_before", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "points_after", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "liability_before", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "liability_after", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
static const struct shape month_shape = {.name = "BackTestMonth", .size = 0, SHAPE_FIELDS(month_fields)};
static const struct field forecast_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "redemption",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .scale = SHARE_DECIMALS,
     .about = "The share of points that is redeemed in the end, as finance has learned; null: not enough history, all "
              "count."},
    {.name = "months", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &month_shape},
};
static const struct shape forecast_shape = {
    .name = "BackTestForecast",
    .about = "What of the points of the period is outstanding in the months that follow.",
    SHAPE_FIELDS(forecast_fields)};
static const struct field report_fields[] = {
    {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "summary", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Of members."},
    {.name = "returns", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "anonymous_purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "sales", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "To members, less what came back."},
    {.name = "members",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Who bought or returned, at partners too."},
    {.name = "touched", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Earned otherwise at least once."},
    {.name = "better", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "With more points at the end."},
    {.name = "worse", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "left_out", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Whose merge was undone."},
    {.name = "wallets", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &wallet_shape},
    {.name = "cost_before",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .about = "What the points that were given and not taken back are worth, and what offers took off, where they are "
              "tried."},
    {.name = "cost_after", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "margin", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = SHARE_DECIMALS},
    {.name = "break_even",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .scale = SHARE_DECIMALS,
     .about = "The rise in sales that pays for the plan; null: none does."},
    {.name = "offers",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &offer_shape,
     .about = "All that applied; empty unless the plan changes offers."},
    {.name = "baskets", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "That were priced again."},
    {.name = "really_given",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .about = "What offers really took off them, by the quotes that were settled."},
    {.name = "challenges",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &challenge_shape,
     .about = "Those that the plan changes."},
    {.name = "forecast",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &forecast_shape,
     .about = "Of accounts that can be spent."},
    {.name = "segments", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &part_shape},
    {.name = "stages", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &part_shape},
    {.name = "tiers", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &part_shape},
    {.name = "reproduced",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Purchases that, decided again as it was, earned what they really did."},
    {.name = "different", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "And that did not."},
    {.name = "first_different", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "evt"},
    {.name = "failed", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "That the plan refused."},
    {.name = "events",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Visits and events of declared kinds that earned, before or after."},
    {.name = "events_different",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Of them, decided again as it was, earned something else than they really did."},
    {.name = "partner_purchases",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Of members at partners, claims of them included: decided in both worlds by what the partner gives."},
    {.name = "partner_redemptions",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "What was paid with points at partners: left as it was."},
    {.name = "assumption", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "assumptions",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .about = "All of them, the first one first."},
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

int64_t backtest_liability(const struct backtest_view *view, const struct replay_wallet *wallet, int world,
                           size_t month)
{
    const struct wallet_policy *policy = programme_wallet(view->programme, wallet->code);
    int64_t points = replay_outstanding(wallet, world, month), worth = 0;
    double share = wallet->redemption < 0 ? 1 : wallet->redemption;
    bool valued = policy != NULL && policy->value_points > 0 && points > 0;
    return valued && wallet_points_value(policy, points, &worth) ? llround((double)worth * share) : 0;
}

bool backtest_is_forecast(const struct backtest_view *view, const struct replay_wallet *wallet)
{
    const struct wallet_policy *policy = programme_wallet(view->programme, wallet->code);
    return policy != NULL && policy->spendable;
}

static void write_month(struct json_writer *writer, const struct backtest_view *view,
                        const struct replay_wallet *wallet, size_t month)
{
    const char *currency = view->programme->currency;
    writer_object(writer, NULL);
    writer_instant(writer, "until", view->report->month_ends[month]);
    writer_integer(writer, "points_before", replay_outstanding(wallet, REPLAY_AS_IT_WAS, month));
    writer_integer(writer, "points_after", replay_outstanding(wallet, REPLAY_PLAN, month));
    writer_amount(writer, "liability_before", backtest_liability(view, wallet, REPLAY_AS_IT_WAS, month), currency);
    writer_amount(writer, "liability_after", backtest_liability(view, wallet, REPLAY_PLAN, month), currency);
    writer_end(writer);
}

static void write_forecast(struct json_writer *writer, const struct backtest_view *view)
{
    writer_list(writer, "forecast");
    for (size_t i = 0; i < view->report->wallet_count; i++) {
        const struct replay_wallet *wallet = &view->report->wallets[i];
        if (!backtest_is_forecast(view, wallet))
            continue;
        writer_object(writer, NULL);
        writer_text(writer, "wallet", wallet->code);
        if (wallet->redemption < 0)
            writer_null(writer, "redemption");
        else
            writer_decimal(writer, "redemption", llround(wallet->redemption * pow(10, SHARE_DECIMALS)), SHARE_DECIMALS);
        writer_list(writer, "months");
        for (size_t month = 0; month < REPLAY_MONTHS; month++)
            write_month(writer, view, wallet, month);
        writer_end(writer);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_offers(struct json_writer *writer, const struct backtest_view *view)
{
    const struct replay_report *report = view->report;
    const char *currency = view->programme->currency;
    writer_list(writer, "offers");
    for (size_t i = 0; i < report->offer_count && i < OFFERS_TOLD_MAX; i++) {
        const struct replay_offer *offer = &report->offers[i];
        writer_object(writer, NULL);
        writer_text(writer, "offer", offer->code);
        writer_integer(writer, "baskets_before", offer->baskets[REPLAY_AS_IT_WAS]);
        writer_integer(writer, "baskets_after", offer->baskets[REPLAY_PLAN]);
        writer_amount(writer, "given_before", offer->given[REPLAY_AS_IT_WAS], currency);
        writer_amount(writer, "given_after", offer->given[REPLAY_PLAN], currency);
        writer_integer(writer, "minimum_missed", offer->missed);
        writer_end(writer);
    }
    writer_end(writer);
    writer_integer(writer, "baskets", report->baskets);
    writer_amount(writer, "really_given", report->really_given, currency);
}

static void write_challenges(struct json_writer *writer, const struct replay_report *report)
{
    writer_list(writer, "challenges");
    for (size_t i = 0; i < report->challenge_count; i++) {
        const struct replay_challenge *challenge = &report->challenges[i];
        writer_object(writer, NULL);
        writer_text(writer, "challenge", challenge->code);
        writer_integer(writer, "members_before", challenge->members[REPLAY_AS_IT_WAS]);
        writer_integer(writer, "members_after", challenge->members[REPLAY_PLAN]);
        writer_integer(writer, "completed_before", challenge->completed[REPLAY_AS_IT_WAS]);
        writer_integer(writer, "completed_after", challenge->completed[REPLAY_PLAN]);
        writer_integer(writer, "rounds_before", challenge->rounds[REPLAY_AS_IT_WAS]);
        writer_integer(writer, "rounds_after", challenge->rounds[REPLAY_PLAN]);
        if (challenge->wallet.size > 0)
            writer_text(writer, "wallet", challenge->wallet);
        writer_integer(writer, "points_before", challenge->points[REPLAY_AS_IT_WAS]);
        writer_integer(writer, "points_after", challenge->points[REPLAY_PLAN]);
        writer_end(writer);
    }
    writer_end(writer);
}

size_t backtest_assumptions(const struct backtest_view *view, const char *out[BACKTEST_ASSUMPTIONS_MAX])
{
    size_t count = 0;
    bool learned = false, enrolled = false;
    for (size_t i = 0; i < view->report->wallet_count; i++)
        learned = learned || view->report->wallets[i].redemption >= 0;
    out[count++] =
        "Everybody does as they did: who buys what, when and where, what comes back, what is paid with points.";
    if (view->report->baskets > 0)
        out[count++] =
            "Offers apply wherever they can, before and after: the journal does not tell who would have known of one. "
            "Codes and coupons are those that were used; what came back later is not taken off; points are "
            "reckoned on what was really paid.";
    for (size_t i = 0; i < view->report->challenge_count; i++)
        enrolled = enrolled || view->report->challenges[i].enrolled;
    if (view->report->challenge_count > 0)
        out[count++] =
            "Challenges count what happened in the period, and their rewards come on top of all else; what they gave "
            "before the period is left aside.";
    if (enrolled)
        out[count++] =
            "The journal does not tell who would have enrolled in a challenge: everybody did as the period began.";
    out[count++] =
        "The forecast is of the points of the period alone. They end as they were to end when they were given; "
        "nobody spends any before.";
    out[count++] =
        learned ? "Of points that are out, the share is redeemed that finance has learned from the months of issue; "
                  "points of the plan are redeemed as often."
                : "All points that are out count as a liability: finance has not enough history to tell how many "
                  "are never redeemed.";
    return count;
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
    write_offers(writer, view);
    write_challenges(writer, report);
    write_forecast(writer, view);
    write_parts(writer, view, "segments", report->segments, report->segment_count);
    write_parts(writer, view, "stages", report->stages, report->stage_count);
    write_parts(writer, view, "tiers", report->tiers, report->tier_count);
    writer_integer(writer, "reproduced", report->reproduced);
    writer_integer(writer, "different", report->different);
    if (report->first_different != 0)
        writer_id(writer, "first_different", "evt", report->first_different);
    writer_integer(writer, "failed", report->failed);
    writer_integer(writer, "events", report->events);
    writer_integer(writer, "events_different", report->events_different);
    writer_integer(writer, "partner_purchases", report->partner_purchases);
    writer_integer(writer, "partner_redemptions", report->partner_redemptions);
    const char *assumptions[BACKTEST_ASSUMPTIONS_MAX];
    size_t count = backtest_assumptions(view, assumptions);
    writer_string(writer, "assumption", assumptions[0]);
    writer_list(writer, "assumptions");
    for (size_t i = 0; i < count; i++)
        writer_string(writer, NULL, assumptions[i]);
    writer_end(writer);
}
