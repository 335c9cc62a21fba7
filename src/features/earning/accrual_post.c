#include "features/earning/accrual_post.h"

#include <string.h>

#include "features/points/ledger.h"
#include "features/redemption/freeze.h"

/* ---- counters and caps ---- */

static struct counter *find_counter(const struct decision *decision, const struct command *command, const char *id)
{
    for (size_t i = 0; i < command->counter_count; i++)
        if (strcmp(command->counters[i], id) == 0)
            return decision->counters[i];
    return NULL;
}

static void list_counter(struct command *command, const char *id)
{
    for (size_t i = 0; i < command->counter_count; i++)
        if (strcmp(command->counters[i], id) == 0)
            return;
    if (command->counter_count < COMMAND_COUNTERS_MAX)
        command->counters[command->counter_count++] = id;
}

static bool has(struct accrual_codes codes, struct text code)
{
    for (size_t i = 0; i < codes.count; i++)
        if (text_equal(codes.codes[i], code))
            return true;
    return codes.count == 0;
}

/* What the line is may be known from the catalogue only, later. */
static bool line_may_match(const struct programme_set *set, const struct accrual_keys *keys,
                           const struct purchase_line *line)
{
    if (!has(keys->skus, line->sku))
        return false;
    if (has(keys->categories, line->category) || (line->category.size == 0 && line->sku.size > 0))
        return true;
    const struct item_category *category = category_find(set, line->category);
    for (const struct text *above = category != NULL ? category->above : NULL; above != NULL && above->size > 0;
         above++)
        if (has(keys->categories, *above))
            return true;
    return false;
}

static bool may_match(const struct accrual_event *event, const struct accrual_keys *keys)
{
    bool any = event->input == NULL || (keys->skus.count == 0 && keys->categories.count == 0);

    if (!has(keys->stores, event->store) || !has(keys->channels, event->channel))
        return false;
    for (size_t i = 0; !any && i < event->input->line_count; i++)
        any = line_may_match(event->programmes, keys, &event->input->lines[i]);
    return any;
}

void accrual_counters(const struct accrual_event *event, struct command *command, struct arena *arena)
{
    const struct definition **items;
    size_t count = accrual_budgeted(event, arena, &items);

    for (size_t i = 0; i < count; i++) {
        const struct accrual_rule *rule = items[i]->parsed;
        if (!may_match(event, &rule->keys))
            continue;
        if (rule->budget_points != INT64_MAX)
            list_counter(command, accrual_counter_id(arena, items[i]->code, false));
        if (rule->budget_times != INT64_MAX)
            list_counter(command, accrual_counter_id(arena, items[i]->code, true));
    }
}

void accrual_counters_of(struct text code, struct command *command, struct arena *arena)
{
    list_counter(command, accrual_counter_id(arena, code, false));
    list_counter(command, accrual_counter_id(arena, code, true));
}

/* What the whole person used: caps do not grow by merging. */
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

/* ---- what is left ---- */

struct limits {
    const struct accrual_posting *posting;
    const struct accrual_event *event;
    bool unlisted; /* a rule that the submitter did not know of */
};

struct limit_left {
    int64_t points; /* still allowed */
    const char *reason;
};

/* `left` points of a limit: less than wanted is nothing, unless a part may be given. */
static void apply_limit(struct limit_left *sum, int64_t left, bool partial, int64_t wanted, const char *reason)
{
    if (left >= wanted)
        return;
    left = partial && left > 0 ? left : 0;
    if (left >= sum->points)
        return;
    sum->points = left;
    sum->reason = reason;
}

static int64_t counter_left(struct limits *limits, const struct accrual_outcome *outcome, int64_t maximum, bool times)
{
    const struct accrual_posting *posting = limits->posting;
    const struct counter *counter =
        find_counter(posting->decision, posting->command,
                     accrual_counter_id(posting->decision->arena, outcome->definition->code, times));

    if (counter != NULL)
        return maximum - counter->used;
    limits->unlisted = limits->unlisted || posting->command->counter_count < COMMAND_COUNTERS_MAX;
    return 0;
}

static int64_t left_of(void *context, const struct accrual_outcome *outcome, bool *partial, const char **reason)
{
    struct limits *limits = context;
    const struct accrual_rule *rule = outcome->rule;
    const struct person *person = limits->posting->person;
    struct arena *arena = limits->posting->decision->arena;
    struct limit_left sum = {INT64_MAX, NULL};

    *partial = true;
    if (rule->budget_points != INT64_MAX)
        apply_limit(&sum, counter_left(limits, outcome, rule->budget_points, false), rule->budget_partial,
                    outcome->wanted, "earning.budget");
    if (rule->budget_times != INT64_MAX && counter_left(limits, outcome, rule->budget_times, true) < 1)
        apply_limit(&sum, 0, false, outcome->wanted, "earning.budget");
    if (rule->cap_count > 0 && !person->member->progress_loaded) {
        limits->unlisted = true;
        apply_limit(&sum, 0, false, outcome->wanted, "earning.cap");
    }
    for (size_t i = 0; i < rule->cap_count; i++) {
        const struct accrual_cap *cap = &rule->caps[i];
        const struct zone *zone = limits->event->programme->zone;
        struct text code = outcome->definition->code;
        if (cap->points != INT64_MAX)
            apply_limit(&sum,
                        cap->points - progress_used(person, accrual_cap_id(arena, code, cap->period, zone,
                                                                           limits->event->at, false)),
                        cap->partial, outcome->wanted, "earning.cap");
        if (cap->times != INT64_MAX && progress_used(person, accrual_cap_id(arena, code, cap->period, zone,
                                                                            limits->event->at, true)) >= cap->times)
            apply_limit(&sum, 0, false, outcome->wanted, "earning.cap");
    }
    *reason = sum.reason;
    return sum.points;
}

/* ---- using it ---- */

static void count_use(const struct accrual_posting *posting, struct accrual_posted *posted, struct text id,
                      int64_t amount)
{
    struct progress *progress = member_progress(posting->decision, posting->person->member, id);

    progress->used += amount;
    progress->changed = true;
    posted->uses[posted->use_count++] = id;
}

static void count_counter(const struct accrual_posting *posting, struct accrual_posted *posted, bool times,
                          int64_t amount)
{
    struct counter *counter = find_counter(posting->decision, posting->command,
                                           accrual_counter_id(posting->decision->arena, posted->code, times));

    if (counter == NULL)
        return;
    counter->used += amount;
    counter->changed = true;
    posted->budget = true;
}

static void use_limits(const struct accrual_posting *posting, const struct accrual_event *event,
                       const struct accrual_rule *rule, struct accrual_posted *posted)
{
    struct arena *arena = posting->decision->arena;
    const struct zone *zone = event->programme->zone;

    if (rule->budget_points != INT64_MAX)
        count_counter(posting, posted, false, posted->points);
    if (rule->budget_times != INT64_MAX)
        count_counter(posting, posted, true, 1);
    for (size_t i = 0; i < rule->cap_count; i++) {
        const struct accrual_cap *cap = &rule->caps[i];
        if (cap->points != INT64_MAX)
            count_use(posting, posted, accrual_cap_id(arena, posted->code, cap->period, zone, event->at, false),
                      posted->points);
        if (cap->times != INT64_MAX)
            count_use(posting, posted, accrual_cap_id(arena, posted->code, cap->period, zone, event->at, true), 1);
    }
}

static bool counts_times(struct text id)
{
    return id.size > 0 && id.bytes[id.size - 1] == '#';
}

static int64_t less(int64_t used, int64_t amount)
{
    return used > amount ? used - amount : 0;
}

void accrual_give_up(struct decision *decision, const struct command *command, struct member *member,
                     const struct accrual_used *used, int64_t points, bool all)
{
    for (size_t i = 0; i < used->use_count; i++) {
        bool times = counts_times(used->uses[i]);
        if (times && !all)
            continue;
        struct progress *progress = member_progress(decision, member, used->uses[i]);
        progress->used = less(progress->used, times ? 1 : points);
        progress->changed = true;
    }
    for (int times = 0; used->budget && times < (all ? 2 : 1); times++) {
        struct counter *counter =
            find_counter(decision, command, accrual_counter_id(decision->arena, used->code, times == 1));
        if (counter == NULL || counter->used == 0)
            continue;
        counter->used = less(counter->used, times == 1 ? 1 : points);
        counter->changed = true;
    }
}

/* ---- posting ---- */

void accrual_times(const struct accrual_rule *rule, const struct programme *programme, int64_t at, int64_t activity_at,
                   int64_t *active_at, int64_t *expires_at)
{
    struct wallet_policy policy = *programme_wallet(programme, rule->wallet);

    if (rule->pending_days >= 0)
        policy.pending_days = rule->pending_days;
    if (rule->expiry_given) {
        policy.expiry = rule->expiry.expiry;
        policy.expiry_unit = rule->expiry.expiry_unit;
        policy.expiry_period = rule->expiry.expiry_period;
        policy.expiry_count = rule->expiry.expiry_count;
        policy.expiry_month = rule->expiry.expiry_month;
        policy.expiry_day = rule->expiry.expiry_day;
    }
    *active_at = wallet_active_at(&policy, programme->zone, at);
    *expires_at = wallet_expiry(&policy, programme->zone, at, activity_at > at ? activity_at : at);
}

/* Posts `points` of a rule for one person; `posted` gets when they are active and when they end. */
static enum status accrue(const struct accrual_posting *posting, const struct accrual_event *event,
                          const struct person *person, int64_t points, struct accrual_posted *posted, struct error *err)
{
    struct decision *decision = posting->decision;
    struct ledger ledger = {posting->lots, person->group, person->member, event->programme,
                            programme_wallet(event->programme, posted->wallet)};

    accrual_times(posted->rule, event->programme, event->at, person->leader->standing.last_event_at, &posted->active_at,
                  &posted->expires_at);
    if (freeze_find(decision->programmes, person, posted->wallet, posting->employee) != NULL)
        posted->active_at = LOT_FROZEN_UNTIL;
    else if (posting->pending_until > posted->active_at)
        posted->active_at = posting->pending_until;
    if (points == 0)
        return STATUS_OK;
    return ledger_accrue(&ledger,
                         (struct accrual){.points = points,
                                          .from = ACCOUNT_ISSUED,
                                          .earned_at = event->at,
                                          .active_at = posted->active_at,
                                          .expires_at = posted->expires_at},
                         NULL, err);
}

/* The contact of an organisation gets a part, rounded down. */
static enum status share(const struct accrual_posting *posting, const struct accrual_event *event,
                         struct accrual_posted *posted, struct error *err)
{
    int64_t part = 0;
    enum status status = STATUS_OK;

    if (posting->contact != NULL)
        (void)checked_scale(posted->points, posting->contact_share, FACTOR_SCALE, ROUNDING_FLOOR, &part);
    if (part > 0)
        status = accrue(posting, event, posting->contact, part, posted, err);
    return status == STATUS_OK ? accrue(posting, event, posting->person, posted->points - part, posted, err) : status;
}

/*
 * Whether what the rule asks of the person was loaded. Of who registers with the event there is nothing to load; who loads nothing
 * at all knows that such rules give nothing.
 */
static bool is_known(const struct accrual_posting *posting, const struct accrual_event *event,
                     const struct accrual_outcome *outcome)
{
    return event->known == NULL || (outcome->rule->parts & ~event->known->parts) == 0 || posting->person->member->fresh;
}

enum status accrual_ask(const struct accrual_posting *posting, struct accrual_event *event,
                        struct accrual_outcome **out, size_t *count, struct error *err)
{
    struct limits limits = {posting, event, false};

    event->left = left_of;
    event->context = &limits;
    enum status status = accrual_apply(event, posting->all, posting->decision->arena, out, count, err);
    event->left = NULL;
    event->context = NULL;
    for (size_t i = 0; status == STATUS_OK && i < *count; i++)
        limits.unlisted = limits.unlisted || !is_known(posting, event, &(*out)[i]);
    if (status == STATUS_OK && limits.unlisted && !posting->estimate)
        status = error_set(err, STATUS_BUSY, "programme.changed", "",
                           "the earning rules changed while the event was on its way; send it again");
    return status;
}

enum status accrual_post(const struct accrual_posting *posting, struct accrual_event *event,
                         struct accrual_posted **out, size_t *count, struct error *err)
{
    struct accrual_outcome *outcomes;
    size_t outcome_count = 0;
    enum status status = accrual_ask(posting, event, &outcomes, &outcome_count, err);

    *out = NULL;
    *count = 0;
    if (status != STATUS_OK || outcome_count == 0)
        return status;
    struct posting lots = posting_start(posting->decision, posting->row);
    struct accrual_posting ours = *posting;
    if (ours.lots == NULL)
        ours.lots = &lots;
    struct accrual_posted *list = arena_array(posting->decision->arena, outcome_count, sizeof *list);
    for (size_t i = 0; status == STATUS_OK && i < outcome_count; i++) {
        struct accrual_posted *posted = &list[*count];
        if (outcomes[i].points <= 0)
            continue;
        if (programme_wallet(event->programme, outcomes[i].rule->wallet) == NULL)
            continue; /* the account is not of the programme in force then */
        *posted = (struct accrual_posted){.code = outcomes[i].definition->code,
                                          .wallet = outcomes[i].rule->wallet,
                                          .rule = outcomes[i].rule,
                                          .version = outcomes[i].definition->version,
                                          .points = outcomes[i].points};
        use_limits(posting, event, outcomes[i].rule, posted);
        status = share(&ours, event, posted, err);
        (*count)++;
    }
    *out = list;
    return status;
}
