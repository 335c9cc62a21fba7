/* Take: find out which buckets the batch changes, lock their heads in ascending order, then its counters. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/batch.h"
#include "queries.h"

int counter_bucket(struct text id)
{
    return (int)(hash_stable(id) % BUCKET_COUNT);
}

int64_t batch_event(const struct batch *batch, const struct command *command, int event)
{
    const struct event_reference *reference = &command->events[event];

    if (reference->id != 0 || reference->claim < 0)
        return reference->id;
    const struct claim_key *claim = &command->claims[reference->claim];
    return effects_claim(batch->effects, claim->kind, claim->key)->reference;
}

int64_t batch_subject(const struct batch *batch, const struct command *command, int index)
{
    const struct subject *subject = &command->subjects[index];

    switch (subject->by) {
    case SUBJECT_MEMBER:
        return subject->id;
    case SUBJECT_CLAIMS:
        for (int i = subject->first; i < subject->first + subject->count; i++) {
            const struct claim_state *state =
                effects_claim(batch->effects, command->claims[i].kind, command->claims[i].key);
            if (state->member != 0)
                return state->member;
        }
        return 0;
    case SUBJECT_EVENT: {
        const struct past_event *event = map_get_id(batch->loader.events, batch_event(batch, command, subject->first));
        return event != NULL ? event->row.member : 0;
    }
    }
    return 0;
}

static enum status receive_claim(void *context, const struct storage_row *row, struct error *err)
{
    struct batch *batch = context;
    struct text kind = row_text(row, 0);
    char name[CODE_SIZE_MAX + 1];

    (void)err;
    assert(kind.size <= CODE_SIZE_MAX);
    memcpy(name, kind.bytes, kind.size);
    name[kind.size] = '\0';
    struct claim_state *state = effects_claim(batch->effects, name, row_text(row, 1));
    state->reference = state->loaded_reference = row_integer(row, 2);
    state->member = state->loaded_member = row_integer(row, 3);
    return STATUS_OK;
}

static enum status load_claims(struct batch *batch, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_claim, .context = batch};
    size_t count = 0;

    for (size_t c = 0; c < batch->count; c++)
        for (size_t i = 0; i < batch->commands[c]->claim_count; i++)
            effects_claim(batch->effects, batch->commands[c]->claims[i].kind, batch->commands[c]->claims[i].key);
    count = map_count(batch->effects->claims);
    struct storage_value *values = arena_array(batch->arena, count * 3 + 1, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        struct claim_state *state = map_value_at(batch->effects->claims, i);
        *state = (struct claim_state){.kind = state->kind, .key = state->key};
        values[i * 3] = value_integer(claim_bucket(state->kind, state->key));
        values[i * 3 + 1] = value_string(state->kind);
        values[i * 3 + 2] = value_text(state->key);
    }
    enum status status = storage_send(batch->loader.session, &query_engine_claims_load, values, count, &receiver, err);
    return status == STATUS_OK ? storage_flush(batch->loader.session, err) : status;
}

/* The named events, with what followed when any command needs that. */
static enum status load_events(struct batch *batch, struct error *err)
{
    struct id_list ids = {0}, members = {0};
    bool followers = false;

    for (size_t c = 0; c < batch->count; c++) {
        const struct command *command = batch->commands[c];
        for (size_t e = 0; e < command->event_count; e++) {
            int64_t id = batch_event(batch, command, (int)e);
            followers |= (command->type->loads & LOAD_FOLLOWERS) != 0;
            if (id <= 0 || map_get_id(batch->asked, id) != NULL)
                continue;
            map_put_id(batch->asked, id, batch);
            id_list_add(batch->arena, &ids, id);
        }
    }
    if (ids.count == 0)
        return STATUS_OK;
    enum status status = loader_events(&batch->loader, &ids, false, err);
    for (size_t i = 0; i < ids.count; i++) {
        const struct past_event *event = map_get_id(batch->loader.events, ids.ids[i]);
        if (event != NULL && event->row.member != 0)
            id_list_add(batch->arena, &members, event->row.member);
    }
    if (status != STATUS_OK || !followers)
        return status;
    /* Followers lie in the buckets of the member's group, so that comes first. */
    status = loader_resolve(&batch->loader, &members, err);
    if (status != STATUS_OK)
        return status;
    batch->loader.events = map_new(batch->arena, ids.count);
    return loader_events(&batch->loader, &ids, true, err);
}

static enum status resolve(struct batch *batch, struct error *err)
{
    struct id_list ids = {0};
    enum status status;

    loader_start(&batch->loader, batch->context->session, batch->arena);
    batch->asked = map_new(batch->arena, 16);
    status = load_claims(batch, err);
    if (status == STATUS_OK)
        status = load_events(batch, err);
    for (size_t c = 0; c < batch->count; c++) {
        const struct command *command = batch->commands[c];
        for (size_t s = 0; s < command->subject_count; s++) {
            int64_t id = batch_subject(batch, command, (int)s);
            if (id > 0)
                id_list_add(batch->arena, &ids, id);
        }
    }
    return status == STATUS_OK ? loader_resolve(&batch->loader, &ids, err) : status;
}

/* The buckets that the commands may write to. */
static void find_buckets(struct batch *batch, bool *needed)
{
    for (size_t c = 0; c < batch->count; c++) {
        const struct command *command = batch->commands[c];
        if (command->bucket >= 0)
            needed[command->bucket] = true;
        for (size_t s = 0; s < command->subject_count; s++) {
            struct loaded_group *group = loader_group(&batch->loader, batch_subject(batch, command, (int)s));
            for (size_t m = 0; group != NULL && m < group->live.member_count; m++) {
                const struct member *member = &group->live.members[m];
                needed[id_bucket(member->id)] = true;
                /* Changes of one household follow each other, also when it does not pool and groups are apart. */
                if ((command->type->loads & LOAD_REGROUPS) != 0 && member->household != 0)
                    needed[id_bucket(member->household)] = true;
            }
        }
        for (size_t e = 0; e < command->event_count; e++) {
            int64_t id = batch_event(batch, command, (int)e);
            if (id > 0)
                needed[id_bucket(id)] = true;
        }
    }
}

static enum status receive_head(void *context, const struct storage_row *row, struct error *err)
{
    struct batch *batch = context;
    struct head *head = &batch->effects->heads[row_integer(row, 0)];
    struct text seal = row_text(row, 3);

    if (seal.size != SEAL_SIZE)
        return error_set(err, STATUS_DEFECT, "engine.head", "", "the head of bucket %d has no seal",
                         (int)row_integer(row, 0));
    head->batch = row_integer(row, 1);
    head->seq = row_integer(row, 2);
    memcpy(head->seal, seal.bytes, SEAL_SIZE);
    head->at = row_integer(row, 4);
    head->taken = true;
    return STATUS_OK;
}

static enum status take_heads(struct batch *batch, const bool *needed, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_head, .context = batch};

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (!needed[bucket])
            continue;
        const struct storage_value value = value_integer(bucket);
        enum status status = storage_send(batch->context->session, &query_engine_head_take, &value, 1, &receiver, err);
        if (status != STATUS_OK)
            return status;
    }
    return storage_flush(batch->context->session, err);
}

static enum status receive_counter(void *context, const struct storage_row *row, struct error *err)
{
    struct batch *batch = context;
    struct counter *counter = map_get(batch->counters, row_text(row, 0));

    (void)err;
    assert(counter != NULL);
    counter->used = row_integer(row, 1);
    counter->maximum = row_integer(row, 2);
    counter->fresh = false;
    return STATUS_OK;
}

static int compare_counters(const void *a, const void *b)
{
    const struct counter *left = *(struct counter *const *)a, *right = *(struct counter *const *)b;
    int difference = counter_bucket(left->id) - counter_bucket(right->id);

    return difference != 0 ? difference : text_compare(left->id, right->id);
}

static enum status take_counters(struct batch *batch, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_counter, .context = batch};

    batch->counters = map_new(batch->arena, 16);
    for (size_t c = 0; c < batch->count; c++)
        for (size_t i = 0; i < batch->commands[c]->counter_count; i++) {
            struct text id = text_from(batch->commands[c]->counters[i]);
            if (map_get(batch->counters, id) != NULL)
                continue;
            struct counter *counter = arena_alloc(batch->arena, sizeof *counter);
            *counter = (struct counter){.id = id, .maximum = INT64_MAX, .fresh = true};
            map_put(batch->counters, id, counter);
        }
    size_t count = map_count(batch->counters);
    struct counter **sorted = arena_array(batch->arena, count + 1, sizeof(struct counter *));
    for (size_t i = 0; i < count; i++)
        sorted[i] = map_value_at(batch->counters, i);
    qsort(sorted, count, sizeof(struct counter *), compare_counters);
    for (size_t i = 0; i < count; i++) {
        const struct storage_value values[] = {value_integer(counter_bucket(sorted[i]->id)), value_text(sorted[i]->id)};
        enum status status =
            storage_send(batch->context->session, &query_engine_counter_take, values, 1, &receiver, err);
        if (status != STATUS_OK)
            return status;
    }
    return count > 0 ? storage_flush(batch->context->session, err) : STATUS_OK;
}

enum status batch_take(struct batch *batch, struct error *err)
{
    bool needed[BUCKET_COUNT] = {false}, again[BUCKET_COUNT] = {false};
    enum status status = resolve(batch, err);

    if (status != STATUS_OK)
        return status;
    find_buckets(batch, needed);
    status = take_heads(batch, needed, err);
    if (status == STATUS_OK)
        status = take_counters(batch, err);
    if (status != STATUS_OK || storage_excludes(batch->context->session))
        return status;
    /* What was read before the locks may have changed meanwhile. */
    status = resolve(batch, err);
    if (status != STATUS_OK)
        return status;
    find_buckets(batch, again);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        if (again[bucket] && !needed[bucket])
            return error_set(err, STATUS_BUSY, "engine.regrouped", "", "the members of a command changed meanwhile");
    return STATUS_OK;
}
