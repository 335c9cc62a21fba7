#include "features/insight/store_figures_store.h"

#include <stddef.h>

#include "queries.h"
#include "storage/storage.h"

static const struct {
    const char *measure;
    size_t offset;
} measures[] = {
    {"purchases", offsetof(struct store_figures, purchases)},
    {"sales", offsetof(struct store_figures, sales)},
    {"returned", offsetof(struct store_figures, returned)},
    {"visits", offsetof(struct store_figures, visits)},
    {"members_registered", offsetof(struct store_figures, members_registered)},
    {"anonymous_purchases", offsetof(struct store_figures, anonymous_purchases)},
    {"anonymous_sales", offsetof(struct store_figures, anonymous_sales)},
    {"stays", offsetof(struct store_figures, stays)},
    {"nights", offsetof(struct store_figures, nights)},
};

struct figures_read {
    struct arena *arena;
    struct store_figures_list *list;
};

/* Rows come by store, then by measure. */
static enum status receive_sum(void *context, const struct storage_row *row, struct error *err)
{
    const struct figures_read *read = context;
    struct store_figures_list *list = read->list;
    struct text store = row_text(row, 0);

    (void)err;
    /* A partner is no store. */
    if (text_starts_with(row_text(row, 1), TEXT("partner_")))
        return STATUS_OK;
    if (list->count == 0 || !text_equal(list->items[list->count - 1].store, store)) {
        list->items = arena_grow(read->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
        list->items[list->count++] = (struct store_figures){.store = text_copy(read->arena, store)};
    }
    char *figures = (char *)&list->items[list->count - 1];
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        if (text_equals(row_text(row, 1), measures[i].measure))
            *(int64_t *)(void *)(figures + measures[i].offset) = row_integer(row, 2);
    return STATUS_OK;
}

enum status store_figures_read(struct storage_session *session, struct arena *arena, struct store_figures_list *list,
                               struct error *err)
{
    struct figures_read read = {arena, list};
    const struct storage_receiver receiver = {.row = receive_sum, .context = &read};
    const struct storage_value values[] = {value_integer(list->first), value_integer(list->last)};

    return storage_run(session, &query_insight_store_figures, values, 1, &receiver, err);
}
