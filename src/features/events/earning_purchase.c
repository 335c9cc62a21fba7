/* What a purchase earns: asks the programme, grants bonuses within budgets and limits, posts the lots. */
#include <stdio.h>
#include <string.h>

#include "features/entitlements/benefit.h"
#include "features/events/purchase.h"
#include "features/points/ledger.h"
#include "foundation/checked.h"

static const char counter_prefix[] = "multiplier:";

struct counter *command_counter(const struct decision *decision, const struct command *command, struct text multiplier)
{
    const size_t prefix = sizeof counter_prefix - 1;

    for (size_t i = 0; i < command->counter_count; i++) {
        const char *id = command->counters[i];
        if (strncmp(id, counter_prefix, prefix) == 0 && text_equals(multiplier, id + prefix))
            return decision->counters[i];
    }
    return NULL;
}

void purchase_counters(const struct programme *programme, struct command *command, struct arena *arena)
{
    for (size_t i = 0; i < programme->rule_count; i++) {
        const struct earning_rule *rule = &programme->rules[i];
        for (size_t m = 0; m < rule->multiplier_count; m++) {
            const struct multiplier *multiplier = &rule->multipliers[m];
            if (multiplier->budget != INT64_MAX && command->counter_count < COMMAND_COUNTERS_MAX)
                command->counters[command->counter_count++] =
                    arena_format(arena, "%s%.*s", counter_prefix, (int)multiplier->code.size, multiplier->code.bytes);
        }
    }
}

struct text multiplier_progress_id(struct arena *arena, const struct multiplier *multiplier, const struct zone *zone,
                                   int64_t at)
{
    struct date date = date_from_day(zone_day(zone, at));
    struct builder id = {.arena = arena};

    builder_string(&id, counter_prefix);
    builder_text(&id, multiplier->code);
    if (!multiplier->member_period_set)
        return builder_done(&id);
    switch (multiplier->member_period) {
    case EXPIRY_MONTH:
        builder_format(&id, ":%04d-%02d", date.year, date.month);
        break;
    case EXPIRY_QUARTER:
        builder_format(&id, ":%04d-Q%d", date.year, (date.month + 2) / 3);
        break;
    case EXPIRY_YEAR:
        builder_format(&id, ":%04d", date.year);
        break;
    }
    return builder_done(&id);
}

/* ---- what is left of budgets and limits ---- */

struct bonus_context {
    const struct decision *decision;
    const struct command *command;
    const struct purchase_earning *earning;
    const struct programme *programme;
    bool unlisted; /* a budget that the submitter did not know of */
};

/* What the whole person used: limits do not grow by merging. */
static int64_t progress_used(const struct person *person, struct text id)
{
    int64_t used = 0;

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        for (size_t p = 0; member->leader == person->leader->id && p < member->progress_count; p++)
            if (text_equal(member->progress[p].id, id))
                used += member->progress[p].used;
    }
    return used;
}

static int64_t bonus_left(void *opaque, const struct earning_rule *rule, const struct multiplier *multiplier)
{
    struct bonus_context *context = opaque;
    int64_t left = INT64_MAX;

    (void)rule;
    if (multiplier->budget != INT64_MAX) {
        const struct counter *counter = command_counter(context->decision, context->command, multiplier->code);
        if (counter == NULL)
            context->unlisted = true;
        left = counter != NULL ? multiplier->budget - counter->used : 0;
    }
    if (multiplier->member_limit != INT64_MAX) {
        struct text id = multiplier_progress_id(context->decision->arena, multiplier, context->programme->zone,
                                                context->earning->at);
        int64_t own = multiplier->member_limit - progress_used(context->earning->person, id);
        left = own < left ? own : left;
    }
    return left > 0 ? left : 0;
}

/* ---- posting ---- */

/* Counts the bonus against budget and limit, and writes down that it did. */
static struct bonus_facts use_bonus(struct decision *decision, const struct command *command,
                                    const struct purchase_earning *earning, const struct programme *programme,
                                    const struct bonus_facts *granted, const struct multiplier *multiplier)
{
    struct bonus_facts facts = *granted;

    if (multiplier->budget != INT64_MAX) {
        struct counter *counter = command_counter(decision, command, multiplier->code);
        counter->used += granted->bonus;
        counter->changed = true;
        facts.budget = true;
    }
    if (multiplier->member_limit != INT64_MAX) {
        facts.progress = multiplier_progress_id(decision->arena, multiplier, programme->zone, earning->at);
        struct progress *progress = member_progress(decision, earning->person->member, facts.progress);
        progress->used += granted->bonus;
        progress->changed = true;
    }
    return facts;
}

/* What is earned while a case is looked into waits until it is closed. */
static bool is_held_back(const struct decision *decision, const struct person *person,
                         const struct purchase_earning *earning, struct text wallet)
{
    return freeze_find(decision->programmes, person, wallet, earning->employee) != NULL;
}

/* Posts `points` of one rule for one person; `facts` gets when they are active and expire. */
static enum status accrue(const struct purchase_earning *earning, const struct person *person, int64_t points,
                          struct earned_facts *facts, struct error *err)
{
    const struct decision *decision = earning->posting->decision;
    const struct programme *programme = programme_at(decision->programmes, earning->at);
    const struct wallet_policy *policy = programme_wallet(programme, facts->wallet);
    struct ledger ledger = {earning->posting, person->group, person->member, programme, policy};
    int64_t activity_at = person->leader->standing.last_event_at;

    if (policy == NULL)
        return error_set(err, STATUS_DEFECT, "wallet.unknown", "wallet", "rule '%.*s' earns into no known account",
                         (int)facts->rule.size, facts->rule.bytes);
    facts->active_at = is_held_back(decision, person, earning, policy->code)
                           ? lot_frozen(earning->pending_until)
                           : wallet_active_at(policy, programme->zone, earning->at);
    if (earning->pending_until > facts->active_at && !lot_is_frozen(facts->active_at))
        facts->active_at = earning->pending_until;
    facts->expires_at =
        wallet_expiry(policy, programme->zone, earning->at, activity_at > earning->at ? activity_at : earning->at);
    if (points == 0)
        return STATUS_OK;
    return ledger_accrue(&ledger,
                         (struct accrual){.points = points,
                                          .from = ACCOUNT_ISSUED,
                                          .earned_at = earning->at,
                                          .active_at = facts->active_at,
                                          .expires_at = facts->expires_at},
                         NULL, err);
}

static enum status post(struct decision *decision, const struct command *command,
                        const struct purchase_earning *earning, const struct earned *earned, struct earned_facts *facts,
                        struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, earning->at);
    struct bonus_facts *bonuses = arena_array(decision->arena, earned->bonus_count + 1, sizeof *bonuses);

    *facts = (struct earned_facts){
        .rule = earned->rule->code, .wallet = earned->rule->wallet, .points = earned->points, .bonuses = bonuses};
    for (size_t b = 0; b < earned->bonus_count; b++) {
        const struct multiplier *multiplier = earned->bonuses[b].multiplier;
        struct bonus_facts granted = {.multiplier = multiplier->code, .bonus = earned->bonuses[b].bonus};
        if (granted.bonus > 0)
            bonuses[facts->bonus_count++] = use_bonus(decision, command, earning, programme, &granted, multiplier);
    }
    int64_t part = earning->contact != NULL ? contact_part(facts->points, earning->contact_share) : 0;
    enum status status = part > 0 ? accrue(earning, earning->contact, part, facts, err) : STATUS_OK;
    return status == STATUS_OK ? accrue(earning, earning->person, facts->points - part, facts, err) : status;
}

/* What the purchase adds to the ladders. */
static enum status qualify(struct decision *decision, const struct purchase_earning *earning,
                           const struct purchase_facts *facts, struct error *err)
{
    struct tier_points *points = arena_array(decision->arena, facts->earned_count + 1, sizeof *points);
    const struct tier_gain gain = {
        .spend = earning->total, .purchases = 1, .points = points, .point_count = facts->earned_count};

    for (size_t i = 0; i < facts->earned_count; i++)
        points[i] = (struct tier_points){facts->earned[i].wallet, facts->earned[i].points};
    return event_qualify(decision, earning->person, &gain, earning->row->id, err);
}

/* What goes into accounts that can be spent, against the limits of now. */
static enum status count_velocity(struct decision *decision, const struct command *command,
                                  const struct purchase_earning *earning, const struct purchase_facts *facts,
                                  struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, earning->at);
    struct velocity_use use = {.decision = decision,
                               .command = command,
                               .person = earning->person,
                               .action = VELOCITY_EARNING,
                               .at = earning->at,
                               .place = {earning->store, facts->till, facts->employee}};

    if (!earning->limited)
        return STATUS_OK;
    for (size_t i = 0; i < facts->earned_count; i++) {
        const struct wallet_policy *policy = programme_wallet(programme, facts->earned[i].wallet);
        if (policy != NULL && policy->spendable)
            use.points += facts->earned[i].points;
    }
    return velocity_take(&use, err);
}

/* Multipliers of the benefits that the person has now by tier, membership or hand. */
static struct text boosts_of(struct decision *decision, const struct purchase_earning *earning)
{
    const struct benefit_asker asker = {
        .programmes = decision->programmes, .person = earning->person, .at = decision->now};

    return benefit_boosts(&asker, decision->arena);
}

/* What its return asks for, whether it earned or not. */
static void note_standing(const struct purchase_earning *earning, const struct programme *programme,
                          struct purchase_facts *facts)
{
    const struct standing *standing = &earning->person->leader->standing;

    facts->version = programme->version;
    facts->tier = standing->tier;
    facts->qualifying = standing->qualifying;
    facts->paid_minor = earning->paid.minor;
    facts->prepaid = earning->paid.prepaid;
}

/* Nobody earns on what they ring up themselves, unless the programme lets them. */
static enum status check_own_sale(const struct purchase_earning *earning, const struct programme *programme,
                                  struct purchase_facts *facts, struct error *err)
{
    facts->own_sale = programme->own_sales != OWN_SALES_EARN && earning->seller != NULL &&
                      own_sale_is(earning->seller, earning->person);
    if (facts->own_sale && programme->own_sales == OWN_SALES_REFUSE)
        return error_set(err, STATUS_CONFLICT, "purchase.own_sale", "employee",
                         "the employee is this member, or of the same household: somebody else rings it up");
    return STATUS_OK;
}

/* What the rules of the programme were asked, and gave. */
struct programme_earned {
    struct earning_input input;
    struct tier_share share;
    struct earned *earned;
    size_t count;
};

/* Asks the programme. */
static enum status ask(struct decision *decision, const struct command *command, const struct purchase_earning *earning,
                       struct programme_earned *out, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, earning->at);
    const struct standing *standing = &earning->person->leader->standing;
    struct bonus_context context = {decision, command, earning, programme, false};

    out->input = (struct earning_input){.at = earning->at,
                                        .store = earning->store,
                                        .channel = earning->channel,
                                        .lines = earning->lines,
                                        .line_count = earning->line_count,
                                        .total = earning->total,
                                        .paid_with_points = earning->paid.minor - earning->paid.prepaid,
                                        .terms = earning->terms,
                                        .tier = standing->tier,
                                        .qualifying = standing->qualifying,
                                        .boosts = boosts_of(decision, earning),
                                        .bonus_left = bonus_left,
                                        .context = &context};
    enum status status = programme_tier_share(programme, &out->input, decision->arena, &out->share, err);

    out->input.share = &out->share;
    if (status == STATUS_OK)
        status = programme_earn(programme, &out->input, decision->arena, &out->earned, &out->count, err);
    out->input.bonus_left = NULL;
    out->input.context = NULL;
    if (status == STATUS_OK && context.unlisted)
        status = error_set(err, STATUS_BUSY, "programme.changed", "",
                           "the programme changed while the purchase was on its way; send it again");
    return status;
}

/* What earning rules that are published by themselves look at. */
static struct accrual_event event_of(const struct decision *decision, const struct purchase_earning *earning,
                                     const struct programme_earned *base)
{
    const struct programme_set *set = decision->programmes;

    return (struct accrual_event){.triggers = {TEXT("purchase"), earning->trigger},
                                  .trigger_count = earning->trigger.size > 0 ? 2 : 1,
                                  .at = earning->at,
                                  .now = decision->now,
                                  .programmes = set,
                                  .programme = programme_at(set, earning->at),
                                  .store_zone = rules_store_zone(set, earning->store),
                                  .store = earning->store,
                                  .channel = earning->channel,
                                  .till = earning->till,
                                  .employee = earning->employee,
                                  .tier = base->input.tier,
                                  .person = earning->person,
                                  .known = earning->known != NULL ? &earning->known->person : NULL,
                                  .shown = earning->shown,
                                  .input = &base->input,
                                  .base = base->earned,
                                  .base_count = base->count};
}

static struct accrual_posting posting_of(struct decision *decision, const struct command *command,
                                         const struct purchase_earning *earning)
{
    return (struct accrual_posting){.decision = decision,
                                    .command = command,
                                    .person = earning->person,
                                    .row = earning->row,
                                    .employee = earning->employee,
                                    .pending_until = earning->pending_until,
                                    .lots = earning->posting,
                                    .contact = earning->contact,
                                    .contact_share = earning->contact_share};
}

static enum status expect(struct points_expected *out, struct text wallet, int64_t points, struct error *err)
{
    size_t w = 0;

    if (points <= 0)
        return STATUS_OK;
    while (w < out->count && !text_equal(out->items[w].wallet, wallet))
        w++;
    if (w == out->count)
        out->items[out->count++].wallet = wallet;
    if (!checked_add(out->items[w].points, points, &out->items[w].points))
        return error_set(err, STATUS_LIMIT, "points.range", "points", "the balance would be out of range");
    return STATUS_OK;
}

enum status purchase_expect(struct decision *decision, const struct command *command,
                            const struct purchase_earning *earning, struct points_expected *out, struct error *err)
{
    struct programme_earned base;
    struct accrual_outcome *outcomes;
    size_t count = 0;
    enum status status = ask(decision, command, earning, &base, err);

    for (size_t i = 0; status == STATUS_OK && i < base.count; i++)
        status = expect(out, base.earned[i].rule->wallet, base.earned[i].points, err);
    if (status != STATUS_OK)
        return status;
    struct accrual_posting posting = posting_of(decision, command, earning);
    posting.estimate = true;
    struct accrual_event event = event_of(decision, earning, &base);
    status = accrual_ask(&posting, &event, &outcomes, &count, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = expect(out, outcomes[i].rule->wallet, outcomes[i].points, err);
    return status;
}

enum status purchase_foretell(struct decision *decision, const struct command *command,
                              const struct purchase_earning *earning, struct purchase_explained *out, struct error *err)
{
    struct programme_earned base;
    struct accrual_outcome *outcomes;
    enum status status = ask(decision, command, earning, &base, err);

    if (status != STATUS_OK)
        return status;
    struct accrual_posting posting = posting_of(decision, command, earning);
    posting.estimate = posting.all = true;
    struct accrual_event event = event_of(decision, earning, &base);
    *out = (struct purchase_explained){.base = base.earned, .base_count = base.count};
    status = accrual_ask(&posting, &event, &outcomes, &out->outcome_count, err);
    out->outcomes = outcomes;
    return status;
}

enum status purchase_earn(struct decision *decision, const struct command *command,
                          const struct purchase_earning *earning, struct purchase_facts *facts, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, earning->at);
    struct programme_earned base;
    enum status status = check_own_sale(earning, programme, facts, err);

    note_standing(earning, programme, facts);
    if (status != STATUS_OK || facts->own_sale)
        return status;
    status = ask(decision, command, earning, &base, err);
    if (status != STATUS_OK)
        return status;
    facts->boosts = base.input.boosts;
    struct posting posting = posting_start(decision, earning->row);
    struct purchase_earning posted = *earning;
    struct earned_facts *list = arena_array(decision->arena, base.count + 1, sizeof *list);
    posted.posting = &posting;
    facts->earned = list;
    for (size_t i = 0; i < base.count && status == STATUS_OK; i++)
        if (base.earned[i].points > 0)
            status = post(decision, command, &posted, &base.earned[i], &list[facts->earned_count++], err);
    if (status == STATUS_OK) {
        const struct accrual_posting accruals = posting_of(decision, command, &posted);
        struct accrual_event event = event_of(decision, earning, &base);
        status = rules_post(&accruals, &event, facts, err);
    }
    if (status == STATUS_OK)
        status = count_velocity(decision, command, earning, facts, err);
    if (status != STATUS_OK)
        return status;
    return qualify(decision, earning, facts, err);
}
