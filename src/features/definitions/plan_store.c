#include "features/definitions/plan_store.h"

#include "foundation/instant.h"
#include "queries.h"

static void add(struct definition_plan *plan, const struct definition *definition)
{
    plan->items = arena_grow(plan->arena, plan->items, &plan->capacity, plan->count + 1, sizeof *plan->items);
    plan->items[plan->count++] = *definition;
}

static enum status receive_draft(void *context, const struct storage_row *row, struct error *err)
{
    struct definition_plan *plan = context;
    struct definition draft = {.code = row_text_copy(row, 0, plan->arena),
                               .from = plan->now,
                               .until = INSTANT_NEVER,
                               .document = row_text_copy(row, 1, plan->arena)};
    const struct definition_input input = {.arena = plan->arena,
                                           .code = draft.code,
                                           .document = draft.document,
                                           .programme = programme_at(plan->set, plan->now),
                                           .programmes = plan->set};

    (void)err;
    if (plan->kind->parse(&input, &draft.parsed, NULL) == STATUS_OK)
        add(plan, &draft);
    return STATUS_OK;
}

enum status definition_plan_read(struct storage_session *session, struct definition_plan *plan, struct error *err)
{
    const struct definition_list *list = definitions_of(plan->set, plan->kind);
    const struct storage_receiver receiver = {.row = receive_draft, .context = plan};
    const struct storage_value values[] = {value_string(plan->kind->name), value_integer(PLAN_DRAFTS_MAX)};

    if (plan->kind->conflicts == NULL)
        return STATUS_OK;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].until > plan->now)
            add(plan, &list->items[i]);
    return storage_run(session, &query_definitions_drafts, values, 1, &receiver, err);
}
