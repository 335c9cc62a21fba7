/*
 * Tiers over time. Sums count within a period; reaching what a level asks for raises the tier at once; the end of a period
 * keeps it, starts the grace, or lowers it. Each ladder goes its own way.
 *
 * Periods. From the start: the period begins with the tier and lasts N months; what was needed to reach the tier does not
 * count again for keeping it. From the joining day, or by calendar year: fixed cycles, in which everything counts. A
 * period ends at the start of its last day's successor, so that periods follow each other without drift.
 *
 * Rights. A tier that was given lies over the earned one, which goes on below it; the higher of both counts. A trial becomes
 * an earned tier, with a period of its own, when what keeps it has been done.
 */
#include <assert.h>
#include <string.h>

#include "features/programme/held.h"

/* A person's way on one ladder. */
struct walk {
    const struct programme *programme;
    const struct tier_ladder *ladder;
    struct ladder_state *state;
    int64_t registered_at;
};

/* The highest level that sums reach. */
static size_t level_at(const struct tier_ladder *ladder, const int64_t *sums)
{
    size_t level = 0;

    for (size_t i = 1; i < ladder->level_count; i++)
        if (!ladder->levels[i].invitation_only &&
            tier_met(ladder, &ladder->levels[i].to_qualify, ladder->levels[i].qualify, sums))
            level = i;
    return level;
}

/* The first instant after `at` at which a cycle of N months from the joining day ends. */
static int64_t cycle_end(const struct walk *walk, int64_t at)
{
    const struct zone *zone = walk->programme->zone;
    int32_t joined = zone_day(zone, walk->registered_at), today = zone_day(zone, at);
    int months = walk->ladder->validity_months;
    struct date first = date_from_day(joined), now = date_from_day(today);
    int passed = (now.year - first.year) * 12 + now.month - first.month;
    int cycles = passed / months;

    if (cycles < 0)
        cycles = 0;
    for (;; cycles++) {
        int64_t end = zone_day_start(zone, day_add_months(joined, cycles * months));
        if (end > at && cycles > 0)
            return end;
    }
}

static int64_t period_end(const struct walk *walk, int64_t at)
{
    const struct zone *zone = walk->programme->zone;
    int32_t day = zone_day(zone, at);

    switch (walk->ladder->validity) {
    case TIER_FROM_START:
        return zone_day_start(zone, day_add_months(day, walk->ladder->validity_months));
    case TIER_FROM_JOIN:
        return cycle_end(walk, at);
    case TIER_CALENDAR_YEAR:
        return zone_day_start(zone, day_from_date((struct date){date_from_day(day).year + 1, 1, 1}));
    case TIER_FOREVER:
        return INSTANT_NEVER;
    }
    assert(false); /* not a validity */
    return INSTANT_NEVER;
}

static void clear_sums(int64_t *sums)
{
    for (size_t i = 0; i < TIER_LOYALTY; i++) /* the index is no sum */
        sums[i] = 0;
}

static void start_period(const struct walk *walk, int64_t at)
{
    clear_sums(walk->state->sums);
    walk->state->from = at;
    walk->state->until = period_end(walk, at);
    walk->state->grace = false;
}

static void set_tier(const struct walk *walk, size_t level, int64_t at)
{
    walk->state->tier = walk->ladder->levels[level].code;
    walk->state->since = at;
}

static void begin(const struct walk *walk, int64_t at)
{
    set_tier(walk, 0, at);
    start_period(walk, at);
}

struct ladder_state held_state(const struct programme *programme, const struct tier_ladder *ladder,
                               const struct held *held, int64_t registered_at, int64_t now)
{
    struct ladder_state state = {.ladder = ladder == &programme->ladder ? (struct text){NULL, 0} : ladder->code};
    const struct walk walk = {programme, ladder, &state, registered_at};

    for (size_t i = 0; i < held->ladder_count; i++)
        if (ladder_is(programme, ladder, held->ladders[i].ladder) && held->ladders[i].tier.size > 0)
            return held->ladders[i];
    begin(&walk, now);
    return state;
}

/* The state on a ladder, made when there is none; NULL: a person has no room for it. */
static struct ladder_state *state_of(const struct programme *programme, const struct tier_ladder *ladder,
                                     struct held *held, int64_t registered_at, int64_t now)
{
    if (ladder == &programme->ladder) {
        if (held->ladders[0].tier.size == 0)
            held->ladders[0] = held_state(programme, ladder, held, registered_at, now);
        return &held->ladders[0];
    }
    for (size_t i = 1; i < held->ladder_count; i++)
        if (text_equal(held->ladders[i].ladder, ladder->code))
            return &held->ladders[i];
    if (held->ladder_count > LADDERS_MAX)
        return NULL;
    held->ladders[held->ladder_count] = held_state(programme, ladder, held, registered_at, now);
    return &held->ladders[held->ladder_count++];
}

void tier_start(const struct programme *programme, struct standing *standing, int64_t at)
{
    struct ladder_state state = {.since = 0};
    const struct walk walk = {programme, &programme->ladder, &state, at};

    standing->tier_until = INSTANT_NEVER;
    standing->tier_grace = false;
    if (programme->ladder.level_count == 0)
        return;
    begin(&walk, at);
    standing->tier = state.tier;
    standing->tier_since = state.since;
    standing->tier_until = state.until;
    standing->qualifying = 0;
    standing->qualifying_from = at;
}

void tier_take_over(struct arena *arena, const struct programme *programme, struct standing *standing,
                    int64_t registered_at, const struct tier_taken *taken, int64_t now)
{
    const struct tier_ladder *ladder = &programme->ladder;
    struct held held;

    assert(ladder->level_count > 0);
    held_read(standing, ladder->metric, &held);
    struct ladder_state *state = &held.ladders[0];
    const struct walk walk = {programme, ladder, state, registered_at};
    set_tier(&walk, ladder_level(ladder, taken->tier), taken->since);
    state->until = taken->until != 0 ? taken->until : period_end(&walk, now);
    state->grace = taken->grace;
    clear_sums(state->sums);
    state->sums[ladder->metric] = taken->qualifying;
    state->from = taken->since; /* all of it counts for keeping the tier */
    held_write(arena, programme, &held, standing);
}

/* ---- qualifying ---- */

/* What `gain` adds, by metric. */
static void gain_amounts(const struct tier_ladder *ladder, const struct tier_gain *gain, int64_t *out)
{
    memset(out, 0, TIER_METRICS * sizeof *out);
    out[TIER_SPEND] = gain->spend;
    out[TIER_VISITS] = gain->visits;
    out[TIER_NIGHTS] = gain->nights;
    out[TIER_STAYS] = gain->stays;
    out[TIER_PURCHASES] = gain->purchases;
    for (size_t i = 0; i < gain->point_count; i++)
        if (text_equal(gain->points[i].wallet, ladder->wallet))
            out[TIER_POINTS] += gain->points[i].points;
}

static void add_up(int64_t *sums, const int64_t *amounts, bool bounded)
{
    for (size_t i = 0; i < TIER_METRICS; i++) {
        int64_t amount = amounts[i];
        if (bounded && amount < 0 && -amount > sums[i])
            amount = sums[i] > 0 ? -sums[i] : 0;
        if (!checked_add(sums[i], amount, &sums[i]))
            sums[i] = amount > 0 ? INT64_MAX : INT64_MIN;
    }
}

/* Adds what the ladder counts, and upgrades; returns the reason of a change that is to be told, or NULL. */
static const char *qualify(const struct walk *walk, const int64_t *amounts, bool bounded, int64_t now)
{
    const struct tier_ladder *ladder = walk->ladder;
    struct ladder_state *state = walk->state;
    int64_t counted[TIER_METRICS];
    bool rises = false;

    for (size_t i = 0; i < TIER_METRICS; i++)
        rises = rises || amounts[i] > 0;
    add_up(state->sums, amounts, bounded);
    size_t held = ladder_level(ladder, state->tier), reached = level_at(ladder, state->sums);
    if (rises && reached > held) {
        set_tier(walk, reached, now);
        state->grace = false;
        state->until = period_end(walk, now);
        if (state->from >= now) /* in the instant in which its period began: still within it */
            state->from = now - 1;
        return "qualified";
    }
    ladder_counted(ladder, state, counted);
    if (state->grace && tier_met(ladder, &ladder->levels[held].to_keep, ladder->levels[held].keep, counted)) {
        start_period(walk, now);
        return "kept";
    }
    return NULL;
}

/* ---- the journal ---- */

static void write_code(struct builder *builder, struct text code)
{
    builder_char(builder, '"');
    builder_text(builder, code); /* codes hold no character that JSON escapes */
    builder_char(builder, '"');
}

struct tier_change {
    const struct tier_ladder *ladder; /* NULL: the first, or one that is gone */
    struct text from, to;
    const char *reason; /* NULL: nothing to tell */
    int64_t at, cause;
    int64_t registered_at; /* of whom it is */
};

static void journal_tier(struct decision *decision, const struct programme *programme, const struct member *leader,
                         const struct tier_change *change)
{
    struct journal_row *row = journal_add(decision, leader, 0, "tier", change->at);
    struct builder facts = {.arena = decision->arena};

    builder_string(&facts, "{\"from\":");
    write_code(&facts, change->from);
    builder_string(&facts, ",\"to\":");
    write_code(&facts, change->to);
    builder_string(&facts, ",\"reason\":");
    write_code(&facts, text_from(change->reason));
    if (change->ladder != NULL && change->ladder != &programme->ladder) {
        builder_string(&facts, ",\"ladder\":");
        write_code(&facts, change->ladder->code);
    }
    builder_char(&facts, '}');
    row->facts = builder_done(&facts);
    row->day = zone_day(programme->zone, change->at);
    row->cause = change->cause;
}

/* A decision that writes anything has a row. */
static void journal_measure(struct decision *decision, const struct programme *programme, const struct member *leader,
                            int64_t loyalty)
{
    struct journal_row *row = journal_add(decision, leader, 0, "tier_measure", decision->now);
    struct builder facts = {.arena = decision->arena};

    builder_format(&facts, "{\"loyalty\":%lld}", (long long)loyalty);
    row->facts = builder_done(&facts);
    row->day = zone_day(programme->zone, decision->now);
}

/* The code of the level that counts. */
static struct text counting(const struct programme *programme, const struct tier_ladder *ladder,
                            const struct held *held)
{
    return ladder->levels[held_level(programme, ladder, held, NULL)].code;
}

/* ---- trials ---- */

static void drop_right(struct held *held, size_t index)
{
    held->right_count--;
    memmove(&held->rights[index], &held->rights[index + 1], (held->right_count - index) * sizeof held->rights[0]);
}

static bool trial_met(const struct tier_ladder *ladder, const struct right *right)
{
    const struct tier_requirement requirement = {right->kept_by, right->kept_by_count};

    return right->kept_by_count > 0 && tier_met(ladder, &requirement, 0, right->sums);
}

/* The trials on a ladder go on; one that is met becomes the earned tier. True: one did. */
static bool go_on_trial(const struct walk *walk, struct held *held, const int64_t *amounts, bool bounded, int64_t now)
{
    bool kept = false;

    for (size_t i = 0; i < held->right_count; i++) {
        struct right *right = &held->rights[i];
        if (right->kept_by_count == 0 || !ladder_is(walk->programme, walk->ladder, right->ladder))
            continue;
        add_up(right->sums, amounts, bounded);
        if (!trial_met(walk->ladder, right))
            continue;
        size_t level = ladder_level(walk->ladder, right->tier);
        if (level > ladder_level(walk->ladder, walk->state->tier)) {
            set_tier(walk, level, now);
            start_period(walk, now);
        }
        drop_right(held, i--);
        kept = true;
    }
    return kept;
}

/* ---- an event ---- */

/* Adds a gain on one ladder, and fills what is to be told. */
static void qualify_on(const struct programme *programme, const struct tier_ladder *ladder, struct held *held,
                       const struct tier_gain *gain, struct tier_change *change)
{
    int64_t all[TIER_METRICS], counted[TIER_METRICS];
    bool any = false, trial = false;

    gain_amounts(ladder, gain, all);
    for (size_t i = 0; i < TIER_METRICS; i++) {
        counted[i] = (ladder->counts >> i & 1) != 0 ? all[i] : 0;
        any = any || counted[i] != 0;
    }
    for (size_t i = 0; i < held->right_count; i++)
        trial = trial || (held->rights[i].kept_by_count > 0 && ladder_is(programme, ladder, held->rights[i].ladder));
    if (!any && !trial)
        return;
    struct ladder_state *state = state_of(programme, ladder, held, change->registered_at, change->at);
    if (state == NULL)
        return;
    const struct walk walk = {programme, ladder, state, change->registered_at};
    change->from = counting(programme, ladder, held);
    if (any)
        change->reason = qualify(&walk, counted, gain->bounded, change->at);
    if (trial && go_on_trial(&walk, held, all, gain->bounded, change->at))
        change->reason = "trial_kept";
    change->to = counting(programme, ladder, held);
}

/* Nothing that anybody sees changed under a right. */
static bool is_hidden(const struct programme *programme, const struct tier_ladder *ladder, const struct held *held)
{
    const struct right *by = NULL;

    held_level(programme, ladder, held, &by);
    return by != NULL;
}

enum status tier_qualify(struct decision *decision, struct member *leader, const struct programme *programme,
                         const struct tier_gain *gain, int64_t cause, struct error *err)
{
    struct held held;

    (void)err;
    if (programme->ladder.level_count == 0)
        return STATUS_OK;
    held_read(&leader->standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        const struct tier_ladder *ladder = programme_ladder(programme, i);
        struct tier_change change = {
            .ladder = ladder, .at = decision->now, .cause = cause, .registered_at = leader->registered_at};
        qualify_on(programme, ladder, &held, gain, &change);
        if (change.reason != NULL && (!text_equal(change.from, change.to) || !is_hidden(programme, ladder, &held)))
            journal_tier(decision, programme, leader, &change);
    }
    held_write(decision->arena, programme, &held, &leader->standing);
    leader->standing_changed = true;
    standing_due(leader, tier_due(&leader->standing));
    return STATUS_OK;
}

enum status tier_measure(struct decision *decision, struct member *leader, const struct programme *programme,
                         int64_t loyalty, bool *changed)
{
    struct held held;

    held_read(&leader->standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        const struct tier_ladder *ladder = programme_ladder(programme, i);
        int64_t amounts[TIER_METRICS] = {0};
        struct tier_change change = {.ladder = ladder, .at = decision->now};
        if ((ladder->counts >> TIER_LOYALTY & 1) == 0)
            continue;
        struct ladder_state *state = state_of(programme, ladder, &held, leader->registered_at, decision->now);
        if (state == NULL || state->sums[TIER_LOYALTY] == loyalty)
            continue;
        const struct walk walk = {programme, ladder, state, leader->registered_at};
        amounts[TIER_LOYALTY] = loyalty - state->sums[TIER_LOYALTY];
        change.from = counting(programme, ladder, &held);
        change.reason = qualify(&walk, amounts, false, decision->now);
        change.to = counting(programme, ladder, &held);
        *changed = true;
        if (change.reason != NULL && (!text_equal(change.from, change.to) || !is_hidden(programme, ladder, &held)))
            journal_tier(decision, programme, leader, &change);
        else
            journal_measure(decision, programme, leader, loyalty);
    }
    if (!*changed)
        return STATUS_OK;
    held_write(decision->arena, programme, &held, &leader->standing);
    leader->standing_changed = true;
    standing_due(leader, tier_due(&leader->standing));
    return STATUS_OK;
}

void tier_qualify_share(struct arena *arena, const struct programme *programme, struct standing *standing,
                        int64_t registered_at, const struct tier_gain *gain, int64_t now)
{
    struct held held;

    tier_settle_share(arena, programme, standing, registered_at, now);
    if (programme->ladder.level_count == 0)
        return;
    held_read(standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        struct tier_change change = {.at = now, .registered_at = registered_at};
        qualify_on(programme, programme_ladder(programme, i), &held, gain, &change);
    }
    held_write(arena, programme, &held, standing);
}

void tier_reach(struct arena *arena, const struct programme *programme, struct standing *standing,
                int64_t registered_at, int64_t now)
{
    struct held held;

    if (programme->ladder.level_count == 0)
        return;
    held_read(standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        const struct tier_ladder *ladder = programme_ladder(programme, i);
        int64_t together[TIER_METRICS];
        struct ladder_state *state = state_of(programme, ladder, &held, registered_at, now);
        if (state == NULL)
            continue;
        const struct walk walk = {programme, ladder, state, registered_at};
        memcpy(together, state->sums, sizeof together);
        memset(state->sums, 0, sizeof state->sums);
        qualify(&walk, together, false, now);
    }
    held_write(arena, programme, &held, standing);
}

/* ---- what time alone does ---- */

int64_t tier_due(const struct standing *standing)
{
    int64_t due = standing->tier.size > 0 ? standing->tier_until : INSTANT_NEVER;
    struct held held;

    if (standing->held.size == 0)
        return due;
    held_read(standing, TIER_POINTS, &held); /* the sums do not matter */
    due = INSTANT_NEVER;
    for (size_t i = 0; i < held.ladder_count; i++)
        if (held.ladders[i].tier.size > 0 && held.ladders[i].until < due)
            due = held.ladders[i].until;
    for (size_t i = 0; i < held.right_count; i++)
        if (held.rights[i].until < due)
            due = held.rights[i].until;
    return due;
}

/* The level after a period in which the tier was not kept. */
static size_t lowered(const struct tier_ladder *ladder, size_t level, const int64_t *counted)
{
    size_t below = level - 1, earned;

    while (below > 0 && ladder->levels[below].invitation_only)
        below--;
    if (ladder->downgrade == DOWNGRADE_BY_BALANCE) {
        earned = level_at(ladder, counted);
        below = earned < below ? earned : below;
    }
    return level >= ladder->floor && below < ladder->floor ? ladder->floor : below;
}

/* The period is over: keeps, gives grace or lowers. Returns what is to be told; NULL: nothing. */
static const char *end_period(const struct walk *walk)
{
    const struct tier_ladder *ladder = walk->ladder;
    struct ladder_state *state = walk->state;
    int64_t at = state->until, counted[TIER_METRICS];
    size_t level = ladder_level(ladder, state->tier);

    ladder_counted(ladder, state, counted);
    if (level == 0 || tier_met(ladder, &ladder->levels[level].to_keep, ladder->levels[level].keep, counted)) {
        bool renamed = !text_equal(state->tier, ladder->levels[level].code);
        state->tier = ladder->levels[level].code;
        start_period(walk, at);
        return level > 0 ? "kept" : renamed ? "period" : NULL;
    }
    if (!state->grace && ladder->grace_days > 0) {
        state->grace = true;
        state->until = zone_day_start(walk->programme->zone, zone_day(walk->programme->zone, at) + ladder->grace_days);
        return "grace";
    }
    size_t to = lowered(ladder, level, counted);
    if (to != level) /* the floor is where it stands */
        set_tier(walk, to, at);
    start_period(walk, at);
    return to != level ? "not_kept" : "floor";
}

/* A ladder that the programme no longer has. */
static void withdraw(struct held *held, size_t index)
{
    if (index == 0) {
        held->ladders[0] = (struct ladder_state){.until = INSTANT_NEVER};
        return;
    }
    held->ladder_count--;
    memmove(&held->ladders[index], &held->ladders[index + 1], (held->ladder_count - index) * sizeof held->ladders[0]);
}

static const struct tier_ladder *ladder_of_state(const struct programme *programme, const struct ladder_state *state)
{
    return programme->ladder.level_count > 0 ? programme_ladder_find(programme, state->ladder) : NULL;
}

/* Ends the period of ladder `index`, which is due. */
static void end_ladder(const struct programme *programme, struct held *held, size_t index, struct tier_change *change)
{
    struct ladder_state *state = &held->ladders[index];
    const struct tier_ladder *ladder = ladder_of_state(programme, state);
    const struct walk walk = {programme, ladder, state, change->registered_at};

    change->from = state->tier;
    if (ladder == NULL) {
        change->reason = "withdrawn";
        withdraw(held, index);
        return;
    }
    bool hidden = is_hidden(programme, ladder, held);
    if (hidden)
        change->from = counting(programme, ladder, held);
    change->ladder = ladder;
    change->reason = end_period(&walk);
    change->to = counting(programme, ladder, held);
    if (hidden && text_equal(change->from, change->to))
        change->reason = NULL;
}

/* Ends a right, which is due; returns it. What is told of a tier is `change`. */
static struct right end_right(const struct programme *programme, struct held *held, size_t index,
                              struct tier_change *change)
{
    struct right right = held->rights[index];
    const struct tier_ladder *ladder = right.tier.size > 0 && programme->ladder.level_count > 0
                                           ? programme_ladder_find(programme, right.ladder)
                                           : NULL;

    if (ladder != NULL)
        change->from = counting(programme, ladder, held);
    drop_right(held, index);
    if (ladder == NULL)
        return right;
    change->ladder = ladder;
    change->to = counting(programme, ladder, held);
    change->cause = right.id;
    if (!text_equal(change->from, change->to))
        change->reason = right.kept_by_count > 0 ? "trial_ended" : "ended";
    return right;
}

static void journal_right_end(struct decision *decision, const struct programme *programme, const struct member *leader,
                              const struct right *right)
{
    const char *kind = right->kind == RIGHT_MEMBERSHIP ? "membership_ended" : "benefit_ended";
    struct builder facts = {.arena = decision->arena};

    if (right->kind == RIGHT_TIER)
        return;
    struct journal_row *row = journal_add(decision, leader, 0, kind, right->until);
    builder_string(&facts, "{\"code\":");
    write_code(&facts, right->code);
    builder_char(&facts, '}');
    row->facts = builder_done(&facts);
    row->day = zone_day(programme->zone, right->until);
    row->cause = right->id;
}

/* One change that is due at `at`: ladders first, in their order. The right that ended, if one did, in `*ended`. */
static bool settle_one(const struct programme *programme, struct held *held, struct tier_change *change,
                       struct right *ended)
{
    for (size_t i = 0; i < held->ladder_count; i++)
        if (held->ladders[i].tier.size > 0 && held->ladders[i].until == change->at) {
            end_ladder(programme, held, i, change);
            return false;
        }
    for (size_t i = 0; i < held->right_count; i++)
        if (held->rights[i].until == change->at) {
            *ended = end_right(programme, held, i, change);
            return true;
        }
    assert(false); /* nothing is due then */
    return false;
}

enum status tier_advance(struct decision *decision, struct member *leader, const struct programme *programme,
                         struct error *err)
{
    struct tier_change change = {.at = tier_due(&leader->standing), .registered_at = leader->registered_at};
    struct right ended;
    struct held held;

    (void)err;
    assert(change.at != INSTANT_NEVER);
    held_read(&leader->standing, programme->ladder.metric, &held);
    if (settle_one(programme, &held, &change, &ended))
        journal_right_end(decision, programme, leader, &ended);
    if (change.reason != NULL)
        journal_tier(decision, programme, leader, &change);
    held_write(decision->arena, programme, &held, &leader->standing);
    leader->standing_changed = true;
    return STATUS_OK;
}

void tier_settle_share(struct arena *arena, const struct programme *programme, struct standing *standing,
                       int64_t registered_at, int64_t now)
{
    for (int64_t due = tier_due(standing); due <= now; due = tier_due(standing)) {
        struct tier_change change = {.at = due, .registered_at = registered_at};
        struct right ended;
        struct held held;
        held_read(standing, programme->ladder.metric, &held);
        settle_one(programme, &held, &change, &ended);
        held_write(arena, programme, &held, standing);
    }
}

/* ---- folding ---- */

/* The higher tier with its dates; sums of both, from the later start. */
static void fold_state(const struct tier_ladder *ladder, struct ladder_state *folded, const struct ladder_state *share)
{
    size_t mine = ladder_level(ladder, folded->tier), theirs = ladder_level(ladder, share->tier);
    struct ladder_state higher = theirs > mine || (theirs == mine && share->until > folded->until) ? *share : *folded;

    for (size_t i = 0; i < TIER_LOYALTY; i++)
        higher.sums[i] = folded->sums[i] + share->sums[i];
    higher.sums[TIER_LOYALTY] =
        folded->sums[TIER_LOYALTY] > share->sums[TIER_LOYALTY] ? folded->sums[TIER_LOYALTY] : share->sums[TIER_LOYALTY];
    higher.from = folded->from > share->from ? folded->from : share->from;
    *folded = higher;
}

static void fold_held(const struct programme *programme, struct held *folded, const struct held *share)
{
    for (size_t i = 0; i < share->ladder_count; i++) {
        const struct tier_ladder *ladder = ladder_of_state(programme, &share->ladders[i]);
        size_t at = 0;
        while (at < folded->ladder_count && !text_equal(folded->ladders[at].ladder, share->ladders[i].ladder))
            at++;
        if (at == folded->ladder_count && at <= LADDERS_MAX)
            folded->ladders[folded->ladder_count++] = share->ladders[i];
        else if (at < folded->ladder_count && ladder != NULL)
            fold_state(ladder, &folded->ladders[at], &share->ladders[i]);
    }
    for (size_t i = 0; i < share->right_count; i++) {
        size_t at = 0;
        while (at < folded->right_count && folded->rights[at].id != share->rights[i].id)
            at++;
        if (at == folded->right_count && at < RIGHTS_MAX)
            folded->rights[folded->right_count++] = share->rights[i];
    }
}

void tier_fold(struct arena *arena, const struct programme *programme, struct standing *folded,
               const struct standing *shares, size_t count)
{
    struct held *held = arena_alloc(arena, 2 * sizeof *held);
    bool any = false;

    for (size_t i = 0; i < count; i++)
        any = any || shares[i].held.size > 0;
    folded->held = (struct text){NULL, 0};
    if (!any)
        return;
    held_read(&shares[0], programme->ladder.metric, &held[0]);
    for (size_t i = 1; i < count; i++) {
        held_read(&shares[i], programme->ladder.metric, &held[1]);
        fold_held(programme, &held[0], &held[1]);
    }
    held_write(arena, programme, &held[0], folded);
}

/* ---- rights ---- */

static void add_right(struct arena *arena, const struct programme *programme, struct standing *standing,
                      const struct right *right)
{
    struct held held;

    held_read(standing, programme->ladder.metric, &held);
    if (held.right_count < RIGHTS_MAX)
        held.rights[held.right_count++] = *right;
    held_write(arena, programme, &held, standing);
}

static void journal_given(struct decision *decision, const struct programme *programme, const struct member *leader,
                          const struct right *right, struct text before)
{
    const struct tier_change change = {.ladder = programme_ladder_find(programme, right->ladder),
                                       .from = before,
                                       .to = held_tier(programme, right->ladder, &leader->standing),
                                       .reason = "given",
                                       .at = decision->now,
                                       .cause = right->id};

    if (!text_equal(change.from, change.to))
        journal_tier(decision, programme, leader, &change);
}

enum status right_give(struct decision *decision, const struct person *person, const struct right *right,
                       struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct member *leader = person->leader;
    struct text before = held_tier(programme, right->ladder, &leader->standing);
    struct held held;

    held_read(&leader->standing, programme->ladder.metric, &held);
    if (held.right_count == RIGHTS_MAX)
        return error_set(err, STATUS_LIMIT, "tier.rights", "", "a member holds at most %d rights at a time",
                         RIGHTS_MAX);
    add_right(decision->arena, programme, &leader->standing, right);
    leader->standing_changed = true;
    if (group_person_size(person->group, leader) > 1) {
        add_right(decision->arena, programme, &person->member->own, right);
        person->member->own_changed = true;
    }
    if (right->tier.size > 0)
        journal_given(decision, programme, leader, right, before);
    standing_due(leader, tier_due(&leader->standing));
    return STATUS_OK;
}

static bool change_right(struct decision *decision, const struct programme *programme, struct standing *standing,
                         int64_t id, int64_t until)
{
    struct held held;

    held_read(standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < held.right_count; i++) {
        if (held.rights[i].id != id)
            continue;
        held.rights[i].until = until;
        if (until <= decision->now)
            drop_right(&held, i);
        held_write(decision->arena, programme, &held, standing);
        return true;
    }
    return false;
}

bool right_end(struct decision *decision, const struct person *person, int64_t id, int64_t until)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct member *leader = person->leader;
    struct held held;
    size_t at = 0;

    held_read(&leader->standing, programme->ladder.metric, &held);
    while (at < held.right_count && held.rights[at].id != id)
        at++;
    for (size_t i = 0; i < person->group->member_count; i++) {
        struct member *member = &person->group->members[i];
        if (member->leader == leader->id && group_person_size(person->group, leader) > 1 &&
            change_right(decision, programme, &member->own, id, until))
            member->own_changed = true;
    }
    if (at == held.right_count)
        return false;
    struct right right = held.rights[at];
    struct tier_change change = {.at = decision->now};
    if (until > decision->now) {
        change_right(decision, programme, &leader->standing, id, until);
    } else {
        end_right(programme, &held, at, &change);
        held_write(decision->arena, programme, &held, &leader->standing);
        change.cause = right.id;
    }
    leader->standing_changed = true;
    if (change.reason != NULL)
        journal_tier(decision, programme, leader, &change);
    standing_due(leader, tier_due(&leader->standing));
    return true;
}
