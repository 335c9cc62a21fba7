/* The tree of places: what keeps it a tree. */
#include "features/events/events_store.h"
#include "features/events/places.h"
#include "queries.h"
#include "storage/storage.h"

static enum place_kind kind_of(const struct catalogue_row *row)
{
    enum place_kind kind = PLACE_STORE;

    (void)place_kind_find(row->columns[PLACE_KIND].text, &kind);
    return kind;
}

struct children {
    enum place_kind kind; /* of the place above */
    size_t count;
    bool fit;
};

static enum status receive_child(void *context, const struct storage_row *row, struct error *err)
{
    struct children *children = context;
    struct error ignored;
    enum place_kind kind = PLACE_STORE;

    (void)err;
    (void)place_kind_find(row_text(row, 0), &kind);
    children->count++;
    if (place_check_below(children->kind, kind, &ignored) != STATUS_OK)
        children->fit = false;
    return STATUS_OK;
}

static enum status read_children(struct storage_session *session, struct text code, struct children *children,
                                 struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_child, .context = children};
    const struct storage_value value = value_text(code);

    return storage_run(session, &query_events_place_children, &value, 1, &receiver, err);
}

/* Everything above, up to the root: it must not meet the place itself. */
static enum status check_above(struct storage_session *session, struct arena *arena, const struct catalogue_row *row,
                               struct error *err)
{
    struct text above = row->columns[PLACE_PARENT].text;

    for (int depth = 0; above.size > 0; depth++) {
        struct catalogue_row *found;
        if (text_equal(above, row->key) || depth == PLACE_DEPTH_MAX)
            return error_set(err, STATUS_INVALID, "place.ring", "parent",
                             "the place would lie below itself, or more than %d deep", PLACE_DEPTH_MAX);
        enum status status = catalogue_get(session, arena, CATALOGUE_PLACES, above, &found, err);
        if (status != STATUS_OK)
            return status;
        if (found == NULL && depth == 0)
            return error_set(err, STATUS_INVALID, "place.parent", "parent", "there is no place '%.*s'", (int)above.size,
                             above.bytes);
        if (found == NULL)
            return STATUS_OK;
        if (depth == 0)
            status = place_check_below(kind_of(found), kind_of(row), err);
        if (status != STATUS_OK)
            return status;
        above = found->columns[PLACE_PARENT].text;
    }
    return STATUS_OK;
}

enum status place_check(struct storage_session *session, struct arena *arena, const struct catalogue_row *row,
                        struct error *err)
{
    struct children children = {.kind = kind_of(row), .fit = true};
    enum status status = STATUS_OK;

    if (kind_of(row) == PLACE_TILL)
        status = place_check_till(row->key, row->columns[PLACE_PARENT].text, err);
    if (status == STATUS_OK)
        status = check_above(session, arena, row, err);
    if (status == STATUS_OK)
        status = read_children(session, row->key, &children, err);
    if (status == STATUS_OK && !children.fit)
        return error_set(err, STATUS_CONFLICT, "place.kind", "kind", "what lies below it cannot lie in a %s",
                         place_kinds[kind_of(row)]);
    return status;
}

enum status place_check_leaf(struct storage_session *session, struct text code, struct error *err)
{
    struct children children = {.kind = PLACE_COMPANY, .fit = true};
    enum status status = read_children(session, code, &children, err);

    if (status == STATUS_OK && children.count > 0)
        return error_set(err, STATUS_CONFLICT, "place.not_empty", "", "%zu places lie below it", children.count);
    return status;
}

enum status places_read(struct storage_session *session, struct arena *arena, struct catalogue_page *page,
                        struct error *err)
{
    *page = (struct catalogue_page){.after = TEXT(""), .limit = STORES_MAX};
    return catalogue_list(session, arena, CATALOGUE_PLACES, page, err);
}
