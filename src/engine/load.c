/* Load: one query for each kind of row brings what the commands of the batch need. */
#include <assert.h>
#include <string.h>

#include "engine/batch.h"
#include "queries.h"

int request_bucket(struct text scope, struct text key)
{
    return (int)((hash_stable(scope) * 31 + hash_stable(key)) % BUCKET_COUNT);
}

struct text request_text(struct arena *arena, struct text scope, struct text key)
{
    char *bytes = arena_alloc(arena, scope.size + 1 + key.size);

    memcpy(bytes, scope.bytes, scope.size);
    bytes[scope.size] = '\n';
    memcpy(bytes + scope.size + 1, key.bytes, key.size);
    return (struct text){bytes, scope.size + 1 + key.size};
}

static enum status receive_request(void *context, const struct storage_row *row, struct error *err)
{
    struct batch *batch = context;
    struct request_state *request =
        map_get(batch->requests, request_text(batch->arena, row_text(row, 0), row_text(row, 1)));
    struct text digest = row_text(row, 2);

    (void)err;
    assert(request != NULL);
    request->found = true;
    if (digest.size == DIGEST_SIZE)
        memcpy(request->digest, digest.bytes, DIGEST_SIZE);
    request->status = (int)row_integer(row, 3);
    request->reply = row_text_copy(row, 4, batch->arena);
    return STATUS_OK;
}

static enum status load_requests(struct batch *batch, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_request, .context = batch};
    struct storage_value *values = arena_array(batch->arena, batch->count * 3, sizeof *values);
    size_t count = 0;

    batch->requests = map_new(batch->arena, 16);
    for (size_t c = 0; c < batch->count; c++) {
        const struct command *command = batch->commands[c];
        if (command->request_key.size == 0)
            continue;
        struct text name = request_text(batch->arena, command->request_scope, command->request_key);
        if (map_get(batch->requests, name) != NULL)
            continue;
        struct request_state *request = arena_alloc(batch->arena, sizeof *request);
        request->scope = command->request_scope;
        request->key = command->request_key;
        map_put(batch->requests, name, request);
        values[count * 3] = value_integer(request_bucket(request->scope, request->key));
        values[count * 3 + 1] = value_text(request->scope);
        values[count * 3 + 2] = value_text(request->key);
        count++;
    }
    return storage_send(batch->context->session, &query_engine_requests_load, values, count, &receiver, err);
}

/* What is wanted of days, each once. */
struct day_list {
    struct day_key *keys;
    size_t count, capacity;
    struct map *seen;
};

static void want_day(struct batch *batch, struct day_list *list, struct day_key key)
{
    unsigned char bytes[12];

    memcpy(bytes, &key.member, 8);
    memcpy(bytes + 8, &key.day, 4);
    if (map_get(list->seen, (struct text){(const char *)bytes, sizeof bytes}) != NULL)
        return;
    map_put(list->seen, (struct text){arena_copy(batch->arena, bytes, sizeof bytes), sizeof bytes}, batch);
    list->keys = arena_grow(batch->arena, list->keys, &list->capacity, list->count + 1, sizeof *list->keys);
    list->keys[list->count++] = key;
}

/* The programme days that a command names, for every member of the person (of the household as well: it costs nothing). */
static enum status load_days(struct batch *batch, struct error *err)
{
    struct day_list list = {.seen = map_new(batch->arena, batch->count)};

    for (size_t c = 0; c < batch->count; c++) {
        const struct command *command = batch->commands[c];
        if (command->day == DAY_NONE || command->subject_count == 0)
            continue;
        struct loaded_group *group = loader_group(&batch->loader, batch_subject(batch, command, 0));
        for (size_t m = 0; group != NULL && m < group->live.member_count; m++) {
            want_day(batch, &list, (struct day_key){group->live.members[m].id, command->day});
            if (command->second_day_given)
                want_day(batch, &list, (struct day_key){group->live.members[m].id, command->second_day});
        }
    }
    return loader_days(&batch->loader, list.keys, list.count, err);
}

static bool is_due(const struct group *group, int64_t now)
{
    for (size_t m = 0; m < group->member_count; m++)
        if (group->members[m].leader == group->members[m].id && group->members[m].standing.due_at <= now)
            return true;
    return false;
}

/* Lots and limits of the groups whose commands ask for them, or that time alone changes now. */
static enum status load_more(struct batch *batch, struct error *err)
{
    struct loader *loader = &batch->loader;
    struct loaded_group **lots = arena_array(batch->arena, loader->list_count + 1, sizeof *lots);
    struct loaded_group **progress = arena_array(batch->arena, loader->list_count + 1, sizeof *progress);
    size_t lot_count = 0, progress_count = 0;
    bool *wants_lots = arena_array(batch->arena, loader->list_count + 1, sizeof(bool));
    bool *wants_progress = arena_array(batch->arena, loader->list_count + 1, sizeof(bool));
    struct map *index = map_new(batch->arena, loader->list_count);

    for (size_t g = 0; g < loader->list_count; g++) {
        map_put_id(index, (int64_t)(intptr_t)loader->list[g], &wants_lots[g]);
        wants_lots[g] = is_due(&loader->list[g]->live, batch->decision.now);
    }
    for (size_t c = 0; c < batch->count; c++)
        for (size_t s = 0; s < batch->commands[c]->subject_count; s++) {
            struct loaded_group *group = loader_group(loader, batch_subject(batch, batch->commands[c], (int)s));
            if (group == NULL)
                continue;
            size_t g = (size_t)((bool *)map_get_id(index, (int64_t)(intptr_t)group) - wants_lots);
            wants_lots[g] |= (batch->commands[c]->type->loads & LOAD_LOTS) != 0;
            wants_progress[g] |= (batch->commands[c]->type->loads & LOAD_PROGRESS) != 0;
        }
    for (size_t g = 0; g < loader->list_count; g++) {
        if (wants_lots[g])
            lots[lot_count++] = loader->list[g];
        if (wants_progress[g])
            progress[progress_count++] = loader->list[g];
    }
    enum status status = loader_lots(loader, lots, lot_count, err);
    return status == STATUS_OK ? loader_progress(loader, progress, progress_count, err) : status;
}

static enum status load_named(struct batch *batch, struct error *err)
{
    size_t count = map_count(batch->loader.events);
    struct past_event **events = arena_array(batch->arena, count + 1, sizeof(struct past_event *));

    for (size_t i = 0; i < count; i++)
        events[i] = map_value_at(batch->loader.events, i);
    return count > 0 ? loader_named(&batch->loader, events, count, err) : STATUS_OK;
}

static int64_t context_member(const struct load_context *context, const struct command *command, int subject)
{
    return batch_subject(context->state, command, subject);
}

static const struct group *context_group(const struct load_context *context, const struct command *command, int subject)
{
    struct batch *batch = (struct batch *)(uintptr_t)context->state;
    struct loaded_group *group = loader_group(&batch->loader, batch_subject(batch, command, subject));
    return group == NULL ? NULL : &group->live;
}

/* The features' own rows, once for each type of command in the batch. */
static enum status load_features(struct batch *batch, struct error *err)
{
    bool *done = arena_array(batch->arena, batch->count, sizeof(bool));

    for (size_t first = 0; first < batch->count; first++) {
        const struct command_type *type = batch->commands[first]->type;
        if (done[first] || type->load == NULL)
            continue;
        struct command **same = arena_array(batch->arena, batch->count, sizeof(struct command *));
        size_t count = 0;
        for (size_t c = first; c < batch->count; c++)
            if (batch->commands[c]->type == type) {
                done[c] = true;
                same[count++] = batch->commands[c];
            }
        struct load_context context = {.session = batch->context->session,
                                       .arena = batch->arena,
                                       .commands = same,
                                       .member_of = context_member,
                                       .group_of = context_group,
                                       .seal_key = batch->context->seal_key,
                                       .state = batch};
        enum status status = type->load(&context, same, count, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status batch_load(struct batch *batch, struct error *err)
{
    struct storage_session *session = batch->context->session;
    enum status status = loader_states(&batch->loader, err);

    if (status == STATUS_OK)
        status = load_days(batch, err);
    if (status == STATUS_OK)
        status = load_requests(batch, err);
    if (status == STATUS_OK)
        status = load_features(batch, err);
    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status == STATUS_OK)
        status = load_more(batch, err);
    if (status == STATUS_OK)
        status = load_named(batch, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}
