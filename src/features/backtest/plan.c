#include "features/backtest/plan.h"

#include <string.h>

/* ---- the programme ---- */

static enum status plan_programme(struct arena *arena, const struct plan *plan, struct programme_set *set,
                                  struct error *err)
{
    struct programme *versions = arena_array(arena, set->version_count + 1, sizeof *versions);
    size_t count = 0;
    while (count < set->version_count && set->versions[count].effective_at < plan->from) {
        versions[count] = set->versions[count];
        count++;
    }
    if (count == 0) { /* the first version covers all earlier time */
        versions[count] = set->versions[0];
        versions[count++].effective_at = INT64_MIN;
    }
    enum status status = programme_parse(arena, plan->document, &versions[count], err);
    if (status != STATUS_OK) {
        error_prefix_field(err, "document.");
        return status;
    }
    versions[count].version = PLAN_VERSION;
    versions[count].effective_at = plan->from;
    if (strcmp(versions[count].currency, versions[count - 1].currency) != 0)
        return error_set(err, STATUS_INVALID, "backtest.currency", "document.currency",
                         "the plan is in another currency than the programme was");
    set->versions = versions;
    set->version_count = count + 1;
    return STATUS_OK;
}

/* ---- definitions ---- */

static struct definition_list *list_of(struct definition_list *lists, size_t count, struct text kind)
{
    for (size_t i = 0; i < count; i++)
        if (text_equals(kind, lists[i].kind->name) || text_equals(kind, lists[i].kind->plural))
            return &lists[i];
    return NULL;
}

/* What was in force before the period stays until it begins; the planned one follows, in the order of the codes. */
static void replace(struct arena *arena, struct definition_list *list, int64_t from, struct text code,
                    const struct definition *planned)
{
    struct definition *items = arena_array(arena, list->count + 2, sizeof *items);
    size_t count = 0;
    bool placed = planned == NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct definition *item = &list->items[i];
        bool same = text_equal(item->code, code);
        if (!placed && !same && text_compare(item->code, code) > 0) {
            items[count++] = *planned;
            placed = true;
        }
        if (same && item->from >= from)
            continue;
        items[count] = *item;
        if (same && items[count].until > from)
            items[count].until = from;
        count++;
    }
    if (!placed)
        items[count++] = *planned;
    list->items = items;
    list->count = count;
}

static enum status plan_definition(struct arena *arena, const struct programme_set *set, struct definition_list *list,
                                   const struct planned_definition *planned, int64_t from, struct error *err)
{
    const struct definition_input input = {.arena = arena,
                                           .code = planned->code,
                                           .document = planned->document,
                                           .programme = programme_at(set, from),
                                           .programmes = set,
                                           .saving = true};
    struct definition definition = {.code = planned->code,
                                    .version = PLAN_VERSION,
                                    .from = from,
                                    .until = INSTANT_NEVER,
                                    .document = planned->document};
    enum status status = STATUS_OK;
    if (planned->document.size > 0) {
        status = list->kind->parse(&input, &definition.parsed, err);
        if (status != STATUS_OK)
            error_prefix_field(err, "document.");
    }
    if (status == STATUS_OK)
        replace(arena, list, from, planned->code, planned->document.size > 0 ? &definition : NULL);
    return status;
}

static enum status plan_definitions(struct arena *arena, const struct plan *plan, struct programme_set *set,
                                    struct error *err)
{
    struct definition_set *definitions = arena_alloc(arena, sizeof *definitions);
    size_t count = set->definitions != NULL ? set->definitions->count : 0;
    struct definition_list *lists = arena_array(arena, count + 1, sizeof *lists);
    enum status status = STATUS_OK;
    if (count > 0)
        memcpy(lists, set->definitions->lists, count * sizeof *lists);
    for (size_t i = 0; i < plan->definition_count && status == STATUS_OK; i++) {
        const struct planned_definition *planned = &plan->definitions[i];
        struct definition_list *list = list_of(lists, count, planned->kind);
        status = list != NULL ? plan_definition(arena, set, list, planned, plan->from, err)
                              : error_set(err, STATUS_INVALID, "definition.kind", "kind", "there is no kind '%.*s'",
                                          (int)planned->kind.size, planned->kind.bytes);
        if (status != STATUS_OK)
            error_prefix_field(err, "definitions[%zu].", i);
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (lists[i].kind->index != NULL)
            status = lists[i].kind->index(arena, lists[i].items, lists[i].count, &lists[i].index, err);
    *definitions = (struct definition_set){lists, count};
    set->definitions = definitions;
    return status;
}

enum status plan_make(struct arena *arena, const struct programme_set *set, const struct plan *plan,
                      const struct programme_set **out, struct error *err)
{
    struct programme_set *made = arena_copy(arena, set, sizeof *made);
    enum status status = plan->document.size > 0 ? plan_programme(arena, plan, made, err) : STATUS_OK;
    *out = made;
    if (status == STATUS_OK && plan->definition_count > 0)
        status = plan_definitions(arena, plan, made, err);
    return status;
}
