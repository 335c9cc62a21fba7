/*
 * What a standing holds beside the first tier, as text: entries with a slash between, fields with a space between, a colon for
 * an empty code (codes have neither).
 *
 *     L LADDER TIER SINCE UNTIL FROM GRACE SUM*7
 *     R KIND ID CODE FROM UNTIL LADDER TIER [SUM*7 then for each alternative AT_LEAST*7; of a contract SUM*7]
 *
 * The first ladder has an entry only when its columns do not say all of it: when a right may hide the earned tier, or when more
 * is summed than the ladder's own metric.
 */
#include <assert.h>
#include <string.h>

#include "features/programme/held.h"

const char *const tier_metric_names[] = {"points", "spend", "visits", "nights", "stays", "purchases", "loyalty", NULL};

static struct text cut(struct text *rest, char separator)
{
    const char *end = rest->size > 0 ? memchr(rest->bytes, separator, rest->size) : NULL;
    struct text first = {rest->bytes, end != NULL ? (size_t)(end - rest->bytes) : rest->size};
    size_t used = first.size + (end != NULL);

    *rest = (struct text){rest->bytes + used, rest->size - used};
    return first;
}

static struct text cut_code(struct text *rest)
{
    struct text code = cut(rest, ' ');

    return text_equals(code, ":") ? (struct text){NULL, 0} : code;
}

static int64_t cut_number(struct text *rest)
{
    int64_t number = 0;

    return text_to_integer(cut(rest, ' '), &number) ? number : 0;
}

static void cut_sums(struct text *rest, int64_t *sums)
{
    for (size_t i = 0; i < TIER_METRICS; i++)
        sums[i] = cut_number(rest);
}

static void read_ladder(struct text entry, struct ladder_state *out)
{
    out->ladder = cut_code(&entry);
    out->tier = cut_code(&entry);
    out->since = cut_number(&entry);
    out->until = cut_number(&entry);
    out->from = cut_number(&entry);
    out->grace = cut_number(&entry) != 0;
    cut_sums(&entry, out->sums);
}

static void read_right(struct text entry, struct right *out)
{
    *out = (struct right){.kind = (enum right_kind)cut(&entry, ' ').bytes[0]};
    out->id = cut_number(&entry);
    out->code = cut_code(&entry);
    out->from = cut_number(&entry);
    out->until = cut_number(&entry);
    out->ladder = cut_code(&entry);
    out->tier = cut_code(&entry);
    if (entry.size > 0)
        cut_sums(&entry, out->sums);
    while (entry.size > 0 && out->kept_by_count < TRIAL_ALTERNATIVES_MAX)
        cut_sums(&entry, out->kept_by[out->kept_by_count++].at_least);
}

static bool is_of_first(const struct right *right)
{
    return right->tier.size > 0 && right->ladder.size == 0;
}

static bool has_right_of_first(const struct held *held)
{
    for (size_t i = 0; i < held->right_count; i++)
        if (is_of_first(&held->rights[i]))
            return true;
    return false;
}

static struct ladder_state state_of_columns(const struct standing *standing, enum tier_metric metric)
{
    struct ladder_state state = {.tier = standing->tier,
                                 .since = standing->tier_since,
                                 .until = standing->tier.size > 0 ? standing->tier_until : INSTANT_NEVER,
                                 .from = standing->qualifying_from,
                                 .grace = standing->tier_grace};

    state.sums[metric] = standing->qualifying;
    return state;
}

void held_read(const struct standing *standing, enum tier_metric metric, struct held *out)
{
    struct text rest = standing->held;
    struct ladder_state first = {.since = 0};
    bool given = false;

    out->ladder_count = 1;
    out->right_count = 0;
    while (rest.size > 0) {
        struct text entry = cut(&rest, '/');
        struct ladder_state state;
        if (text_equals(cut(&entry, ' '), "R")) {
            assert(out->right_count < RIGHTS_MAX); /* only this file writes them */
            read_right(entry, &out->rights[out->right_count++]);
            continue;
        }
        read_ladder(entry, &state);
        given |= state.ladder.size == 0;
        if (state.ladder.size == 0)
            first = state;
        else if (out->ladder_count <= LADDERS_MAX)
            out->ladders[out->ladder_count++] = state;
    }
    out->ladders[0] = state_of_columns(standing, metric);
    if (given && has_right_of_first(out))
        out->ladders[0] = first;
    else if (given)
        for (size_t i = 0; i < TIER_METRICS; i++)
            if (i != (size_t)metric)
                out->ladders[0].sums[i] = first.sums[i];
}

static void put_code(struct builder *out, struct text code)
{
    builder_char(out, ' ');
    if (code.size > 0)
        builder_text(out, code);
    else
        builder_char(out, ':');
}

static void put_number(struct builder *out, int64_t number)
{
    builder_char(out, ' ');
    builder_integer(out, number);
}

static void put_sums(struct builder *out, const int64_t *sums)
{
    for (size_t i = 0; i < TIER_METRICS; i++)
        put_number(out, sums[i]);
}

static void put_entry(struct builder *out, char kind)
{
    if (out->size > 0)
        builder_char(out, '/');
    builder_char(out, kind);
}

static void write_ladder(struct builder *out, const struct ladder_state *state)
{
    put_entry(out, 'L');
    put_code(out, state->ladder);
    put_code(out, state->tier);
    put_number(out, state->since);
    put_number(out, state->until);
    put_number(out, state->from);
    put_number(out, state->grace);
    put_sums(out, state->sums);
}

static void write_right(struct builder *out, const struct right *right)
{
    put_entry(out, 'R');
    builder_char(out, ' ');
    builder_char(out, (char)right->kind);
    put_number(out, right->id);
    put_code(out, right->code);
    put_number(out, right->from);
    put_number(out, right->until);
    put_code(out, right->ladder);
    put_code(out, right->tier);
    if (right->kept_by_count == 0 && right->kind != RIGHT_CONTRACT)
        return;
    put_sums(out, right->sums);
    for (size_t i = 0; i < right->kept_by_count; i++)
        put_sums(out, right->kept_by[i].at_least);
}

static bool first_needs_entry(const struct programme *programme, const struct held *held)
{
    if (has_right_of_first(held))
        return true;
    for (size_t i = 0; i < TIER_METRICS; i++)
        if (i != (size_t)programme->ladder.metric && held->ladders[0].sums[i] != 0)
            return true;
    return false;
}

/* The tier that counts into the columns. */
static void publish(const struct programme *programme, const struct held *held, struct standing *standing)
{
    const struct ladder_state *state = &held->ladders[0];
    const struct right *by = NULL;

    standing->qualifying = state->sums[programme->ladder.metric];
    standing->qualifying_from = state->from;
    standing->tier = state->tier;
    standing->tier_since = state->since;
    standing->tier_until = state->until;
    standing->tier_grace = state->grace;
    if (programme->ladder.level_count == 0)
        return;
    size_t level = held_level(programme, &programme->ladder, held, &by);
    if (by == NULL)
        return;
    standing->tier = programme->ladder.levels[level].code;
    standing->tier_since = by->from;
    standing->tier_until = by->until;
    standing->tier_grace = false;
}

void held_write(struct arena *arena, const struct programme *programme, const struct held *held,
                struct standing *standing)
{
    struct builder out = {.arena = arena};

    if (first_needs_entry(programme, held))
        write_ladder(&out, &held->ladders[0]);
    for (size_t i = 1; i < held->ladder_count; i++)
        write_ladder(&out, &held->ladders[i]);
    for (size_t i = 0; i < held->right_count; i++)
        write_right(&out, &held->rights[i]);
    /* The texts of `held` may lie in the standing's: it is replaced last. */
    publish(programme, held, standing);
    standing->held = builder_done(&out);
}

/* ---- ladders ---- */

size_t programme_ladder_count(const struct programme *programme)
{
    return programme->ladder.level_count > 0 ? 1 + programme->further_count : 0;
}

const struct tier_ladder *programme_ladder(const struct programme *programme, size_t index)
{
    return index == 0 ? &programme->ladder : &programme->further[index - 1];
}

const struct tier_ladder *programme_ladder_find(const struct programme *programme, struct text code)
{
    for (size_t i = 0; i < programme_ladder_count(programme); i++)
        if (ladder_is(programme, programme_ladder(programme, i), code))
            return programme_ladder(programme, i);
    return NULL;
}

bool ladder_is(const struct programme *programme, const struct tier_ladder *ladder, struct text code)
{
    return text_equal(ladder->code, code) || (code.size == 0 && ladder == &programme->ladder);
}

const struct tier_level *ladder_find(const struct tier_ladder *ladder, struct text tier)
{
    for (size_t i = 0; i < ladder->level_count; i++)
        if (text_equal(ladder->levels[i].code, tier))
            return &ladder->levels[i];
    return NULL;
}

size_t ladder_level(const struct tier_ladder *ladder, struct text tier)
{
    const struct tier_level *level = ladder_find(ladder, tier);

    return level != NULL ? (size_t)(level - ladder->levels) : 0;
}

size_t held_level(const struct programme *programme, const struct tier_ladder *ladder, const struct held *held,
                  const struct right **by)
{
    size_t best = 0;

    for (size_t i = 0; i < held->ladder_count; i++)
        if (ladder_is(programme, ladder, held->ladders[i].ladder))
            best = ladder_level(ladder, held->ladders[i].tier);
    for (size_t i = 0; i < held->right_count; i++) {
        const struct right *right = &held->rights[i];
        if (right->tier.size == 0 || !ladder_is(programme, ladder, right->ladder))
            continue;
        size_t level = ladder_level(ladder, right->tier);
        if (level <= best && (by == NULL || *by == NULL || level < best || (*by)->until >= right->until))
            continue;
        best = level;
        if (by != NULL)
            *by = right;
    }
    return best;
}

struct text held_tier(const struct programme *programme, struct text ladder, const struct standing *standing)
{
    const struct tier_ladder *found = programme_ladder_find(programme, ladder);
    struct held held;

    if (found == NULL)
        return (struct text){NULL, 0};
    if (found == &programme->ladder)
        return standing->tier;
    held_read(standing, programme->ladder.metric, &held);
    return found->levels[held_level(programme, found, &held, NULL)].code;
}

bool tier_met(const struct tier_ladder *ladder, const struct tier_requirement *requirement, int64_t plain,
              const int64_t *sums)
{
    for (size_t i = 0; i < requirement->count; i++) {
        bool met = true;
        for (size_t m = 0; m < TIER_METRICS && met; m++)
            met = requirement->any_of[i].at_least[m] == 0 || sums[m] >= requirement->any_of[i].at_least[m];
        if (met)
            return true;
    }
    return requirement->count == 0 && sums[ladder->metric] >= plain;
}

void ladder_counted(const struct tier_ladder *ladder, const struct ladder_state *state, int64_t *out)
{
    const struct tier_level *level = &ladder->levels[ladder_level(ladder, state->tier)];
    const struct tier_minimums *used = NULL;

    memcpy(out, state->sums, sizeof state->sums);
    if (ladder->validity != TIER_FROM_START || state->from >= state->since)
        return;
    if (level->to_qualify.count == 0 && level->qualify != INT64_MAX)
        out[ladder->metric] -= level->qualify;
    for (size_t i = 0; i < level->to_qualify.count && used == NULL; i++) {
        const struct tier_requirement one = {&level->to_qualify.any_of[i], 1};
        if (i + 1 == level->to_qualify.count || tier_met(ladder, &one, 0, state->sums))
            used = one.any_of;
    }
    for (size_t m = 0; used != NULL && m < TIER_LOYALTY; m++)
        out[m] -= used->at_least[m];
}

const struct right *right_find(const struct held *held, enum right_kind kind, struct text code, int64_t at)
{
    const struct right *found = NULL;

    for (size_t i = 0; i < held->right_count; i++) {
        const struct right *right = &held->rights[i];
        if (right->kind == kind && text_equal(right->code, code) && right->from <= at && right->until > at &&
            (found == NULL || right->until > found->until))
            found = right;
    }
    return found;
}

const char *right_ended_kind(enum right_kind kind)
{
    return kind == RIGHT_MEMBERSHIP ? "membership_ended"
           : kind == RIGHT_CONTRACT ? "contract_terms_ended"
                                    : "benefit_ended";
}
