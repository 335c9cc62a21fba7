/* replay_sale.c: what a sale earns in both worlds, or earned before the period. */
#include "features/backtest/replay_internal.h"

/* ---- sums ---- */

static struct replay_wallet *sum_of(struct replay *replay, struct text wallet)
{
    struct replay_report *report = &replay->report;
    for (size_t i = 0; i < report->wallet_count; i++)
        if (text_equal(report->wallets[i].code, wallet))
            return &report->wallets[i];
    report->wallets = arena_grow(replay->memory, report->wallets, &report->wallet_capacity, report->wallet_count + 1,
                                 sizeof *report->wallets);
    struct replay_wallet *sum = &report->wallets[report->wallet_count++];
    *sum = (struct replay_wallet){.code = text_copy(replay->memory, wallet), .redemption = -1};
    return sum;
}

static bool is_spendable(const struct replay *replay, int w, struct text wallet)
{
    const struct programme *programme = programme_at(replay->worlds[w].programmes, replay->worlds[w].decision.now);
    const struct wallet_policy *policy = programme_wallet(programme, wallet);
    return policy != NULL && policy->spendable;
}

void replay_add_points(struct replay *replay, struct replay_person *person, int w, struct text wallet, int64_t points)
{
    struct replay_sum *sum = &sum_of(replay, wallet)->sums[w];
    if (points > 0)
        sum->earned += points;
    else
        sum->taken_back -= points;
    if (is_spendable(replay, w, wallet))
        person->worlds[w].points += points;
}

/* ---- what is left of it in the months that follow ---- */

void replay_months(struct replay *replay)
{
    const struct zone *zone = programme_at(replay->worlds[REPLAY_AS_IT_WAS].programmes, replay->options.until)->zone;
    struct date date = date_from_day(zone_day(zone, replay->options.until));
    int32_t first = day_from_date((struct date){date.year, date.month, 1});
    for (int month = 0; month < REPLAY_MONTHS; month++)
        replay->report.month_ends[month] = zone_day_start(zone, day_add_months(first, month + 1));
}

void replay_add_end(struct replay *replay, int w, struct text wallet, int64_t points, int64_t expires_at)
{
    int month = 0;
    if (expires_at <= replay->options.until)
        return;
    while (month < REPLAY_MONTHS && expires_at > replay->report.month_ends[month])
        month++;
    sum_of(replay, wallet)->ends[w][month] += points;
}

int64_t replay_outstanding(const struct replay_wallet *wallet, int world, size_t month)
{
    int64_t points = 0;
    for (size_t i = month + 1; i <= REPLAY_MONTHS; i++)
        points += wallet->ends[world][i];
    return points;
}

void replay_add_earned(struct replay *replay, struct replay_person *person, int w, const struct purchase_facts *facts)
{
    for (size_t i = 0; i < facts->earned_count; i++) {
        replay_add_points(replay, person, w, facts->earned[i].wallet, facts->earned[i].points);
        replay_add_end(replay, w, facts->earned[i].wallet, facts->earned[i].points, facts->earned[i].expires_at);
    }
}

/* ---- purchases ---- */

/* What a sale adds to the ladders. */
static struct tier_gain gain_of(struct arena *arena, const struct sale *sale)
{
    struct tier_points *points = arena_array(arena, sale->facts->earned_count + 1, sizeof *points);
    const bool counts = !sale->facts->own_sale && !sale->facts->plain;
    for (size_t i = 0; i < sale->facts->earned_count; i++)
        points[i] = (struct tier_points){sale->facts->earned[i].wallet, sale->facts->earned[i].points};
    return (struct tier_gain){.spend = counts ? sale->row->amount : 0,
                              .purchases = counts,
                              .points = points,
                              .point_count = sale->facts->earned_count};
}

/* What an earning rule used of its caps and its budget. */
static void fold_rule(struct turn *turn, const struct earned_facts *earned)
{
    for (size_t i = 0; i < earned->use_count; i++) {
        struct text id = earned->uses[i];
        bool times = id.size > 0 && id.bytes[id.size - 1] == '#';
        member_progress(&turn->world->decision, &turn->one->member, id)->used += times ? 1 : earned->points;
    }
    if (!earned->budget)
        return;
    replay_counter(turn->replay, turn->world, accrual_counter_id(turn->world->scratch, earned->rule, false))->used +=
        earned->points;
    replay_counter(turn->replay, turn->world, accrual_counter_id(turn->world->scratch, earned->rule, true))->used++;
}

void turn_fold(struct turn *turn, const struct purchase_facts *facts)
{
    for (size_t i = 0; i < facts->earned_count; i++)
        if (facts->earned[i].version > 0)
            fold_rule(turn, &facts->earned[i]);
    for (size_t i = 0; i < facts->earned_count; i++)
        for (size_t b = 0; b < facts->earned[i].bonus_count; b++) {
            const struct bonus_facts *bonus = &facts->earned[i].bonuses[b];
            if (bonus->budget)
                replay_counter(turn->replay, turn->world,
                               arena_format(turn->world->scratch, "multiplier:%.*s", (int)bonus->multiplier.size,
                                            bonus->multiplier.bytes))
                    ->used += bonus->bonus;
            if (bonus->progress.size > 0)
                member_progress(&turn->world->decision, &turn->one->member, bonus->progress)->used += bonus->bonus;
        }
}

/* Before the period: what happened, happened. */
static enum status fold_sale(struct turn *turn, const struct sale *sale, struct error *err)
{
    struct decision *decision = &turn->world->decision;
    const struct tier_gain gain = gain_of(decision->arena, sale);
    turn_fold(turn, sale->facts);
    enum status status = event_qualify(decision, &turn->person, &gain, 0, err);
    if (status == STATUS_OK)
        purchase_count(decision, &turn->person, sale->row->at, sale->row->amount);
    return status;
}

static enum status decide_sale(struct turn *turn, const struct sale *sale, struct purchase_facts *facts,
                               struct error *err)
{
    struct decision *decision = &turn->world->decision;
    enum status status = STATUS_OK;
    const struct programme *programme = programme_at(decision->programmes, sale->row->at);
    struct journal_row *row = journal_add(decision, &turn->one->member, 0, "purchase", sale->row->at);
    struct purchase_earning earning = {
        .person = &turn->person,
        .row = row,
        .lines = sale->lines,
        .line_count = sale->line_count,
        .total = sale->row->amount,
        .paid = {.minor = sale->facts->paid_minor, .prepaid = sale->facts->prepaid},
        .at = sale->row->at,
        .store = sale->row->store,
        .channel = sale->row->channel,
        .employee = sale->facts->employee,
        .till = sale->facts->till,
        .trigger = sale->trigger,
        .known = turn->known,
        .terms = sale->facts->contract,
        .shown = sale->facts->shown,
    };
    *facts = (struct purchase_facts){
        .paid_minor = sale->facts->paid_minor, .prepaid = sale->facts->prepaid, .shown = sale->facts->shown};
    turn_counters(turn, programme, sale->row, sale->trigger);
    bool barred = sale->facts->own_sale && programme->own_sales != OWN_SALES_EARN;
    if (!sale->facts->plain && !barred)
        status = purchase_earn(decision, &turn->command, &earning, facts, err);
    facts->plain = sale->facts->plain;
    facts->own_sale = barred;
    if (status == STATUS_OK)
        purchase_count(decision, &turn->person, sale->row->at, sale->row->amount);
    return status;
}

bool replay_same_earned(const struct purchase_facts *a, const struct purchase_facts *b)
{
    bool same = a->earned_count == b->earned_count;
    for (size_t i = 0; same && i < a->earned_count; i++)
        same = text_equal(a->earned[i].rule, b->earned[i].rule) && a->earned[i].points == b->earned[i].points &&
               text_equal(a->earned[i].wallet, b->earned[i].wallet);
    return same;
}

static void count_sale(struct replay *replay, struct replay_person *person, const struct sale *sale,
                       const struct purchase_facts facts[REPLAY_WORLDS])
{
    struct replay_report *report = &replay->report;
    bool same = replay_same_earned(&facts[REPLAY_AS_IT_WAS], sale->facts);
    report->reproduced += same;
    report->different += !same;
    if (!same && report->first_different == 0)
        report->first_different = sale->row->id;
    if (!replay_same_earned(&facts[REPLAY_AS_IT_WAS], &facts[REPLAY_PLAN]))
        person->touched = true;
    for (int w = 0; w < REPLAY_WORLDS; w++)
        replay_add_earned(replay, person, w, &facts[w]);
}

/* Remembers what is asked when goods come back. */
static void keep_earning(struct replay *replay, struct kept_earning *kept, int w, const struct purchase_facts *facts,
                         bool decided)
{
    kept->facts = kept->latest = text_copy(replay->memory, purchase_facts_write(replay->worlds[w].scratch, facts));
    if (!decided || facts->earned_count == 0)
        return;
    struct earned_facts *earned = arena_array(replay->memory, facts->earned_count, sizeof *earned);
    for (size_t i = 0; i < facts->earned_count; i++)
        earned[i] = (struct earned_facts){.wallet = text_copy(replay->memory, facts->earned[i].wallet),
                                          .expires_at = facts->earned[i].expires_at};
    kept->earned = earned;
    kept->earned_count = facts->earned_count;
}

enum status replay_earn(struct replay *replay, struct replay_person *person, const struct sale *sale,
                        struct kept_purchase *kept, struct error *err)
{
    bool decided = replay_in_period(replay, sale->row->at);
    struct purchase_facts facts[REPLAY_WORLDS];
    enum status status = STATUS_OK;
    for (int w = 0; w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = turn_of(replay, person, w);
        status = turn_begin(&turn, sale->now, err);
        if (status == STATUS_OK && decided)
            status = replay_price(replay, w, sale, &turn.person, err);
        if (status == STATUS_OK)
            status = decided ? decide_sale(&turn, sale, &facts[w], err) : fold_sale(&turn, sale, err);
        if (status == STATUS_OK && kept != NULL)
            keep_earning(replay, &kept->worlds[w], w, decided ? &facts[w] : sale->facts, decided);
        turn_end(&turn);
    }
    if (status != STATUS_OK)
        return status;
    if (kept != NULL)
        kept->earned = true;
    if (decided)
        count_sale(replay, person, sale, facts);
    return STATUS_OK;
}
