#include "features/duplicates/queue_store.h"

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- written by a command ---- */

void store_pair_merged(struct decision *decision, int64_t pair)
{
    const struct storage_value values[] = {value_integer(id_bucket(pair)), value_integer(pair),
                                           value_integer(DUPLICATE_MERGED), value_integer(decision->now)};

    row_add(decision, &query_duplicates_pair_merged, arena_copy(decision->arena, values, sizeof values));
}

/* ---- the model ---- */

static enum status receive_model(void *context, const struct storage_row *row, struct error *err)
{
    struct queue_model *out = context;

    (void)err;
    out->learned_at = row_integer(row, 0);
    out->nightly = row_integer(row, 1) != 0;
    out->known = linkage_from_text(row_text(row, 2), &out->model);
    return STATUS_OK;
}

enum status queue_model_get(struct storage_session *session, struct queue_model *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_model, .context = out};

    *out = (struct queue_model){.known = false};
    return storage_run(session, &query_duplicates_model_get, NULL, 1, &receiver, err);
}

enum status queue_nightly_put(struct storage_session *session, bool nightly, struct error *err)
{
    const struct storage_value value = value_integer(nightly);

    return storage_run(session, &query_duplicates_nightly_put, &value, 1, NULL, err);
}

/* ---- pairs ---- */

static enum status receive_pair(void *context, const struct storage_row *row, struct error *err)
{
    struct queue_list *list = context;

    (void)err;
    list->pairs = arena_grow(list->arena, list->pairs, &list->capacity, list->count + 1, sizeof *list->pairs);
    list->pairs[list->count++] = (struct queue_pair){.id = row_integer(row, 0),
                                                     .members = {row_integer(row, 1), row_integer(row, 2)},
                                                     .state = (int)row_integer(row, 3),
                                                     .score = row_integer(row, 4),
                                                     .rarity = row_integer(row, 5),
                                                     .probability = row_integer(row, 6),
                                                     .found_at = row_integer(row, 7),
                                                     .decided_at = row_integer(row, 8),
                                                     .leaders = {row_integer(row, 9), row_integer(row, 10)}};
    return STATUS_OK;
}

enum status queue_pair_get(struct storage_session *session, int64_t id, struct queue_pair *out, struct error *err)
{
    struct arena *arena = arena_new(4096);
    struct queue_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_pair, .context = &list};
    const struct storage_value values[] = {value_integer(id_bucket(id)), value_integer(id)};

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "duplicates.memory", "", "there is no memory");
    enum status status = storage_run(session, &query_duplicates_pair_read, values, 1, &receiver, err);
    if (status == STATUS_OK && list.count == 0)
        status = error_set(err, STATUS_MISSING, "duplicate.unknown", "id", "there is no such pair");
    if (status == STATUS_OK)
        *out = list.pairs[0];
    arena_free(arena);
    return status;
}

enum status queue_pairs_list(struct storage_session *session, struct arena *arena, const struct queue_page *page,
                             struct queue_list *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_pair, .context = out};
    const struct storage_value values[] = {value_integer(page->state),
                                           value_integer(page->given ? page->score : INT64_MAX),
                                           value_integer(page->given ? id_bucket(page->id) : BUCKET_COUNT),
                                           value_integer(page->id), value_integer(page->limit)};

    *out = (struct queue_list){.arena = arena};
    return storage_run(session, &query_duplicates_pairs_list, values, 1, &receiver, err);
}

enum status queue_pair_decide(struct storage_session *session, int64_t id, enum duplicate_state state, int64_t now,
                              struct error *err)
{
    const struct storage_value values[] = {value_integer(id_bucket(id)), value_integer(id), value_integer(state),
                                           value_integer(now)};

    return storage_run(session, &query_duplicates_pair_decide, values, 1, NULL, err);
}

/* ---- persons ---- */

static enum status receive_member(void *context, const struct storage_row *row, struct error *err)
{
    const struct queue_persons *persons = context;
    size_t slot = (size_t)row_integer(row, 0);
    int64_t member = row_integer(row, 1);

    (void)err;
    if (member != persons->members[slot][0] && persons->counts[slot] < GROUP_MEMBERS_MAX)
        persons->members[slot][persons->counts[slot]++] = member;
    return STATUS_OK;
}

enum status queue_persons_read(struct storage_session *session, struct arena *arena,
                               const struct queue_persons *persons, struct error *err)
{
    struct queue_persons filled = *persons;
    const struct storage_receiver receiver = {.row = receive_member, .context = &filled};
    struct storage_value *values = arena_array(arena, 3 * persons->count + 1, sizeof *values);

    for (size_t i = 0; i < persons->count; i++) {
        persons->members[i][0] = persons->leaders[i];
        persons->counts[i] = 1;
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(id_bucket(persons->leaders[i]));
        values[3 * i + 2] = value_integer(persons->leaders[i]);
    }
    return storage_run(session, &query_duplicates_group_members, values, persons->count, &receiver, err);
}
