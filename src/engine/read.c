/* Reading: pooled sessions, members brought up to now on a copy, past events. */
#include <assert.h>

#include "engine/decision.h"
#include "engine/lane.h"
#include "engine/loader.h"
#include "queries.h"

enum status engine_read_begin(struct engine *engine, struct storage_session **out, struct error *err)
{
    struct storage_session *session = NULL;
    enum status status = STATUS_OK;

    pthread_mutex_lock(&engine->read_mutex);
    while (engine->idle_count == 0 && engine->reader_count == READ_SESSIONS_MAX)
        pthread_cond_wait(&engine->read_returned, &engine->read_mutex);
    if (engine->idle_count > 0)
        session = engine->readers[--engine->idle_count];
    else
        engine->reader_count++;
    pthread_mutex_unlock(&engine->read_mutex);
    if (session == NULL)
        status = storage_session_new(engine->options.storage, true, &session, err);
    if (status == STATUS_OK)
        status = storage_begin(session, err);
    if (status == STATUS_OK) {
        *out = session;
        return STATUS_OK;
    }
    storage_session_free(session);
    pthread_mutex_lock(&engine->read_mutex);
    engine->reader_count--;
    pthread_cond_signal(&engine->read_returned);
    pthread_mutex_unlock(&engine->read_mutex);
    return status;
}

void engine_read_end(struct engine *engine, struct storage_session *session)
{
    storage_rollback(session);
    pthread_mutex_lock(&engine->read_mutex);
    engine->readers[engine->idle_count++] = session;
    pthread_cond_signal(&engine->read_returned);
    pthread_mutex_unlock(&engine->read_mutex);
}

struct found_claim {
    int64_t reference, member;
};

static enum status receive_claim(void *context, const struct storage_row *row, struct error *err)
{
    struct found_claim *found = context;

    (void)err;
    *found = (struct found_claim){row_integer(row, 2), row_integer(row, 3)};
    return STATUS_OK;
}

enum status engine_claim_find(struct storage_session *session, const char *kind, struct text key, int64_t *reference,
                              int64_t *member, struct error *err)
{
    struct found_claim found = {0, 0};
    const struct storage_receiver receiver = {.row = receive_claim, .context = &found};

    *reference = *member = 0;
    if (key.size > CLAIM_KEY_SIZE_MAX)
        return STATUS_OK;
    const struct storage_value values[] = {value_integer(claim_bucket(kind, key)), value_string(kind), value_text(key)};
    enum status status = storage_run(session, &query_engine_claims_load, values, 1, &receiver, err);
    if (status == STATUS_OK) {
        *reference = found.reference;
        *member = found.member;
    }
    return status;
}

static enum status load_group(struct loader *loader, struct loaded_group *group, struct error *err)
{
    enum status status = loader_states(loader, err);

    if (status == STATUS_OK)
        status = loader_lots(loader, &group, 1, err);
    return status == STATUS_OK ? storage_flush(loader->session, err) : status;
}

enum status engine_view(struct engine *engine, struct storage_session *session, int64_t member, struct arena *arena,
                        struct person *out, struct error *err)
{
    struct id_list ids = {0};
    struct loader loader;

    loader_start(&loader, session, arena);
    id_list_add(arena, &ids, member);
    enum status status = member > 0 ? loader_resolve(&loader, &ids, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    struct loaded_group *group = member > 0 ? loader_group(&loader, member) : NULL;
    if (group == NULL)
        return error_set(err, STATUS_MISSING, "member.unknown", "member", "there is no such member");
    status = load_group(&loader, group, err);
    if (status != STATUS_OK)
        return status;
    struct snapshot *snapshot = snapshot_take(engine);
    struct decision decision;
    decision_start(&decision, arena, clock_now(engine->options.clock), snapshot->programmes);
    status = engine->options.hooks->advance(&decision, &group->live, err);
    snapshot_release(engine, snapshot);
    if (status != STATUS_OK)
        return status;
    out->group = &group->live;
    out->member = group_find(&group->live, member);
    out->leader = group_leader(&group->live, out->member);
    return STATUS_OK;
}

enum status engine_event(struct storage_session *session, int64_t id, unsigned loads, struct arena *arena,
                         struct past_event **out, struct error *err)
{
    struct id_list ids = {0}, members = {0};
    struct loader loader;

    loader_start(&loader, session, arena);
    id_list_add(arena, &ids, id);
    enum status status = id > 0 ? loader_events(&loader, &ids, false, err) : STATUS_OK;
    struct past_event *event = status == STATUS_OK ? map_get_id(loader.events, id) : NULL;
    if (event != NULL && (loads & LOAD_FOLLOWERS) != 0) {
        if (event->row.member != 0)
            id_list_add(arena, &members, event->row.member);
        status = loader_resolve(&loader, &members, err);
        loader.events = map_new(arena, 16);
        if (status == STATUS_OK)
            status = loader_events(&loader, &ids, true, err);
        event = status == STATUS_OK ? map_get_id(loader.events, id) : NULL;
    }
    if (status != STATUS_OK)
        return status;
    if (event == NULL)
        return error_set(err, STATUS_MISSING, "event.unknown", "id", "there is no such event");
    *out = event;
    return STATUS_OK;
}
