#include "features/earning/accrual.h"

#include "features/definitions/references.h"
#include "features/earning/accrual_internal.h"

static void references_of(const void *parsed, struct definition_references *out)
{
    const struct accrual_rule *rule = parsed;
    const struct definition_reference segment = {.kind = "segment", .field = "audience.segments", .loose = true};

    reference_add_list(out, &segment, rule->segments.codes, rule->segments.count);
}

const struct definition_kind earning_rule_kind = {
    .name = "earning_rule",
    .plural = "earning-rules",
    .parse = accrual_rule_parse,
    .index = accrual_index_build,
    .conflicts = accrual_conflicts,
    .references = references_of,
};

/* The rules of one event while they are asked. */
struct asking {
    struct accrual_work work;
    struct accrual_outcome *outcomes;
    bool *decided;
    size_t count;
};

/* ---- one rule ---- */

static void limit(struct asking *asking, struct accrual_outcome *outcome)
{
    const struct accrual_event *event = asking->work.event;
    const char *reason = NULL;
    bool partial = true;

    outcome->points = outcome->wanted;
    if (event->left == NULL)
        return;
    int64_t left = event->left(event->context, outcome, &partial, &reason);
    if (left >= outcome->wanted)
        return;
    outcome->points = partial && left > 0 ? left : 0;
    outcome->reason = reason;
}

/* What earning rules gave so far into the account. */
static int64_t given_so_far(const struct asking *asking, struct text wallet)
{
    int64_t sum = 0;

    for (size_t i = 0; i < asking->count; i++)
        if (asking->decided[i] && text_equal(asking->outcomes[i].rule->wallet, wallet))
            sum += asking->outcomes[i].points;
    return sum;
}

/* A rule whose expression fails, or whose points are out of range, gives nothing and says so. */
static void ask(struct asking *asking, size_t index)
{
    struct accrual_outcome *outcome = &asking->outcomes[index];
    struct error why = {0};

    if (!accrual_holds(&asking->work, outcome))
        return;
    if (accrual_amount(&asking->work, outcome->rule, given_so_far(asking, outcome->rule->wallet), &outcome->wanted,
                       &why) != STATUS_OK) {
        outcome->wanted = 0;
        outcome->reason = "earning.error";
        outcome->detail = text_copy(asking->work.arena, text_from(why.message));
        return;
    }
    if (outcome->wanted == 0)
        outcome->reason = "earning.nothing";
    else
        limit(asking, outcome);
}

static void exclude(struct asking *asking, size_t index, const char *reason, size_t winner)
{
    struct accrual_outcome *outcome = &asking->outcomes[index];

    outcome->points = 0;
    outcome->reason = reason;
    outcome->detail = asking->outcomes[winner].definition->code;
    asking->decided[index] = true;
}

/* ---- all of them ---- */

/* The first exclusive one that gives something is alone. */
static bool ask_exclusive(struct asking *asking)
{
    for (size_t i = 0; i < asking->count; i++) {
        if (!asking->outcomes[i].rule->exclusive)
            continue;
        ask(asking, i);
        asking->decided[i] = true;
        if (asking->outcomes[i].points == 0)
            continue;
        for (size_t j = 0; j < asking->count; j++)
            if (j != i && (asking->outcomes[j].points > 0 || !asking->decided[j]))
                exclude(asking, j, "earning.excluded_by", i);
        return true;
    }
    return false;
}

static bool same_group(const struct asking *asking, size_t a, size_t b)
{
    const struct accrual_rule *one = asking->outcomes[a].rule, *other = asking->outcomes[b].rule;

    return one->group.size > 0 && text_equal(one->group, other->group) && !other->exclusive;
}

static void ask_best(struct asking *asking, size_t first)
{
    size_t best = first;

    for (size_t i = first; i < asking->count; i++) {
        if (asking->decided[i] || !same_group(asking, first, i))
            continue;
        ask(asking, i);
        if (asking->outcomes[i].points > asking->outcomes[best].points)
            best = i;
    }
    for (size_t i = first; i < asking->count; i++)
        if (i != best && !asking->decided[i] && same_group(asking, first, i) && asking->outcomes[i].points > 0)
            exclude(asking, i, "earning.group", best);
    for (size_t i = first; i < asking->count; i++)
        if (same_group(asking, first, i))
            asking->decided[i] = true;
    asking->decided[first] = true;
}

static void ask_others(struct asking *asking)
{
    for (size_t i = 0; i < asking->count; i++) {
        const struct accrual_rule *rule = asking->outcomes[i].rule;
        if (asking->decided[i])
            continue;
        if (rule->take == ACCRUAL_BEST) {
            ask_best(asking, i);
            continue;
        }
        ask(asking, i);
        asking->decided[i] = true;
        for (size_t j = i + 1; rule->take == ACCRUAL_FIRST && asking->outcomes[i].points > 0 && j < asking->count; j++)
            if (!asking->decided[j] && same_group(asking, i, j))
                exclude(asking, j, "earning.group", i);
    }
}

enum status accrual_apply(const struct accrual_event *event, bool all, struct arena *arena,
                          struct accrual_outcome **out, size_t *count, struct error *err)
{
    struct asking asking = {0};
    const struct definition **items;

    *out = NULL;
    *count = 0;
    asking.count = accrual_candidates(event, all, arena, &items);
    if (asking.count == 0)
        return STATUS_OK;
    enum status status = accrual_work_start(&asking.work, event, arena, err);
    if (status != STATUS_OK)
        return status;
    asking.outcomes = arena_array(arena, asking.count, sizeof *asking.outcomes);
    asking.decided = arena_array(arena, asking.count, sizeof *asking.decided);
    for (size_t i = 0; i < asking.count; i++)
        asking.outcomes[i] = (struct accrual_outcome){.definition = items[i], .rule = items[i]->parsed};
    if (!ask_exclusive(&asking))
        ask_others(&asking);
    *out = asking.outcomes;
    *count = asking.count;
    return STATUS_OK;
}

/* ---- again ---- */

enum status accrual_again(const struct accrual_event *event, const struct accrual_rest *rest, struct arena *arena,
                          struct error *err)
{
    struct asking asking = {0};
    enum status status = accrual_work_start(&asking.work, event, arena, err);

    asking.work.again = true;
    asking.outcomes = arena_array(arena, rest->count + 1, sizeof *asking.outcomes);
    asking.decided = arena_array(arena, rest->count + 1, sizeof *asking.decided);
    for (size_t i = 0; i < rest->count && status == STATUS_OK; i++) {
        struct accrual_given *given = &rest->given[i];
        const struct definition *item =
            definition_version(event->programmes, &earning_rule_kind, given->code, given->version);
        given->left = 0;
        if (item == NULL) {
            if (rest->whole > 0 &&
                !checked_scale(given->points, rest->remaining, rest->whole, ROUNDING_FLOOR, &given->left))
                return error_set(err, STATUS_LIMIT, "points.range", "", "the points that are left are out of range");
            continue;
        }
        size_t index = asking.count++;
        struct accrual_outcome *outcome = &asking.outcomes[index];
        *outcome = (struct accrual_outcome){.definition = item, .rule = item->parsed};
        if (event->input->line_count > 0)
            ask(&asking, index);
        asking.decided[index] = true;
        outcome->points = outcome->wanted < given->points ? outcome->wanted : given->points;
        given->left = outcome->points;
    }
    return status;
}
