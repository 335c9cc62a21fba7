/* Decide: each command on scratch copies of what it changes; an error drops the copies and answers that command alone. */
#include <assert.h>
#include <string.h>

#include "engine/batch.h"

static struct loaded_group *group_at(const struct batch *batch, int64_t member)
{
    return map_get_id(batch->loader.groups, member);
}

/* Answers from a stored reply, or refuses a key that is used for something else. NONE: go on. */
static enum outcome check_request(struct batch *batch, struct command *command, struct request_state **out)
{
    *out = NULL;
    if (command->request_key.size == 0)
        return OUTCOME_NONE;
    struct request_state *request =
        map_get(batch->requests, request_text(batch->arena, command->request_scope, command->request_key));
    assert(request != NULL);
    *out = request;
    if (request->used)
        return OUTCOME_DEFERRED;
    if (!request->found)
        return OUTCOME_NONE;
    if (!secret_equal(request->digest, command->request_digest, DIGEST_SIZE)) {
        command->status = error_set(&command->error, STATUS_INVALID, "idempotency.mismatch", "Idempotency-Key",
                                    "this key was used for another request");
        return OUTCOME_REJECTED;
    }
    command->status = STATUS_OK;
    command->replayed = true;
    command->stored_status = request->status;
    command->stored_reply = text_copy(command->arena, request->reply);
    return OUTCOME_REJECTED;
}

/* Fills the claims, subjects and events of the decision. False: something is known only after this batch. */
static bool resolve(struct batch *batch, struct command *command, struct loaded_group **groups)
{
    struct decision *decision = &batch->decision;

    for (size_t i = 0; i < command->claim_count; i++) {
        struct claim_key *claim = &command->claims[i];
        const struct claim_state *state = effects_claim(batch->effects, claim->kind, claim->key);
        claim->reference = state->reference;
        claim->member = state->member;
    }
    for (size_t e = 0; e < command->event_count; e++) {
        int64_t id = batch_event(batch, command, (int)e);
        decision->events[e] = id > 0 ? map_get_id(batch->loader.events, id) : NULL;
        if (id > 0 && decision->events[e] == NULL && map_get_id(batch->asked, id) == NULL)
            return false;
    }
    for (size_t s = 0; s < command->subject_count; s++) {
        int64_t id = batch_subject(batch, command, (int)s);
        groups[s] = id > 0 ? group_at(batch, id) : NULL;
        if (id > 0 && groups[s] == NULL && map_get_id(batch->loader.found, id) == NULL)
            return false;
        if (groups[s] != NULL && groups[s]->closed)
            return false;
        /* A claim of another bucket whose member the batch has not locked. */
        if (id > 0 && groups[s] == NULL && loader_found(&batch->loader, id) != NULL)
            return false;
    }
    for (size_t i = 0; i < command->counter_count; i++)
        decision->counters[i] = map_get(batch->counters, text_from(command->counters[i]));
    return true;
}

/* Types that read rows outside the group's state may not follow another change of the same group in one batch. */
static bool alone_taken(struct batch *batch, const struct command *command, struct loaded_group **groups)
{
    if ((command->type->loads & (LOAD_ALONE | LOAD_FOLLOWERS)) == 0)
        return false;
    for (size_t s = 0; s < command->subject_count; s++)
        if (groups[s] != NULL && (groups[s]->alone || (groups[s]->changed && (command->type->loads & LOAD_ALONE) != 0)))
            return true;
    for (size_t e = 0; e < command->event_count; e++)
        if (batch->decision.events[e] != NULL && map_get_id(batch->alone, batch->decision.events[e]->row.id) != NULL)
            return true;
    return false;
}

/* Another command of this batch changed a household of these groups: how large it is now is known after the batch. */
static bool household_taken(const struct batch *batch, const struct command *command, struct loaded_group **groups)
{
    if ((command->type->loads & LOAD_REGROUPS) == 0)
        return false;
    for (size_t s = 0; s < command->subject_count; s++)
        for (size_t m = 0; groups[s] != NULL && m < groups[s]->live.member_count; m++)
            if (map_get_id(batch->households, groups[s]->live.members[m].household) != NULL)
                return true;
    return false;
}

static void mark_households(struct batch *batch, const struct command *command, struct loaded_group **groups)
{
    for (size_t s = 0; (command->type->loads & LOAD_REGROUPS) != 0 && s < command->subject_count; s++)
        for (size_t m = 0; groups[s] != NULL && m < groups[s]->live.member_count; m++)
            if (groups[s]->live.members[m].household != 0)
                map_put_id(batch->households, groups[s]->live.members[m].household, batch);
}

static void mark_alone(struct batch *batch, const struct command *command, struct loaded_group **groups)
{
    if ((command->type->loads & (LOAD_ALONE | LOAD_FOLLOWERS)) != 0)
        for (size_t s = 0; s < command->subject_count; s++)
            if (groups[s] != NULL)
                groups[s]->alone = true;
    for (size_t e = 0; e < command->event_count; e++)
        if (batch->decision.events[e] != NULL)
            map_put_id(batch->alone, batch->decision.events[e]->row.id, batch);
}

/* Copies each distinct group once and points the subjects into the copies. */
static void copy_groups(struct batch *batch, const struct command *command, struct loaded_group **groups)
{
    for (size_t s = 0; s < command->subject_count; s++) {
        struct person *person = &batch->decision.subjects[s];
        bool copied = false;
        *person = (struct person){0};
        if (groups[s] == NULL)
            continue;
        for (size_t before = 0; before < s; before++)
            copied |= groups[before] == groups[s];
        if (!copied)
            group_copy(batch->arena, &groups[s]->scratch, &groups[s]->live);
        person->group = &groups[s]->scratch;
        person->member = group_find(person->group, batch_subject(batch, command, (int)s));
        person->leader = group_leader(person->group, person->member);
    }
}

static bool is_due(const struct group *group, int64_t now)
{
    for (size_t m = 0; m < group->member_count; m++)
        if (group->members[m].leader == group->members[m].id && group->members[m].standing.due_at <= now)
            return true;
    return false;
}

static enum status advance_groups(struct batch *batch, const struct command *command, struct error *err)
{
    struct decision *decision = &batch->decision;

    for (size_t s = 0; s < command->subject_count; s++) {
        struct group *group = decision->subjects[s].group;
        if (group == NULL || !is_due(group, decision->now))
            continue;
        enum status status = batch->context->hooks->advance(decision, group, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static bool regrouped(const struct group *before, const struct group *after)
{
    for (size_t m = 0; m < before->member_count; m++)
        if (before->members[m].leader != after->members[m].leader ||
            before->members[m].household != after->members[m].household)
            return true;
    return false;
}

/* Adopts the scratch copies, and the members that the command made. */
static void keep_groups(struct batch *batch, const struct command *command, struct loaded_group **groups)
{
    struct loader *loader = &batch->loader;

    for (size_t s = 0; s < command->subject_count; s++) {
        bool swapped = groups[s] == NULL;
        for (size_t before = 0; before < s; before++)
            swapped |= groups[before] == groups[s];
        if (swapped)
            continue;
        groups[s]->closed =
            (command->type->loads & LOAD_REGROUPS) != 0 || regrouped(&groups[s]->live, &groups[s]->scratch);
        groups[s]->changed = true;
        struct group live = groups[s]->live;
        groups[s]->live = groups[s]->scratch;
        groups[s]->scratch = live;
    }
    for (size_t i = 0; i < batch->effects->new_group_count; i++) {
        struct loaded_group *group = arena_alloc(batch->arena, sizeof *group);
        group->live = *batch->effects->new_groups[i];
        /* What a type reads of its own was read before this member was there: such commands wait for the next batch. */
        group->states = group->lots = group->progress = group->alone = true;
        map_put_id(loader->groups, group->live.members[0].id, group);
        loader->list = arena_grow(batch->arena, loader->list, &loader->list_capacity, loader->list_count + 1,
                                  sizeof(struct loaded_group *));
        loader->list[loader->list_count++] = group;
    }
}

/* A bug of a feature: rows without a journal row could not be found again after a lost commit. */
static enum status check_journalled(const struct effects *effects, const struct effects_mark *mark, struct error *err)
{
    bool wrote = effects->feature_row_count > mark->feature_rows || effects->undo_count > 0 ||
                 effects->new_group_count > 0 || effects->audit_count > mark->audits;

    if (!wrote || effects->row_count > mark->rows)
        return STATUS_OK;
    return error_set(err, STATUS_DEFECT, "engine.unjournalled", "", "a decision wrote rows without a journal row");
}

static enum outcome decide_one(struct batch *batch, struct command *command)
{
    struct loaded_group *groups[COMMAND_SUBJECTS_MAX] = {NULL};
    struct request_state *request;

    command->status = STATUS_OK;
    command->error = (struct error){0};
    command->id = 0;
    command->replayed = false;
    enum outcome outcome = check_request(batch, command, &request);
    if (outcome != OUTCOME_NONE)
        return outcome;
    memset(batch->decision.events, 0, sizeof batch->decision.events);
    memset(batch->decision.subjects, 0, sizeof batch->decision.subjects);
    if (!resolve(batch, command, groups) || alone_taken(batch, command, groups) ||
        household_taken(batch, command, groups))
        return OUTCOME_DEFERRED;
    struct effects_mark mark = effects_begin(batch->effects);
    struct counter saved[COMMAND_COUNTERS_MAX];
    for (size_t i = 0; i < command->counter_count; i++)
        saved[i] = *batch->decision.counters[i];
    copy_groups(batch, command, groups);
    command->status = advance_groups(batch, command, &command->error);
    size_t own_rows = batch->effects->row_count;
    if (command->status == STATUS_OK)
        command->status = command->type->decide(&batch->decision, command, &command->error);
    if (command->status == STATUS_OK)
        command->status = check_journalled(batch->effects, &mark, &command->error);
    if (command->status != STATUS_OK) {
        effects_drop(batch->effects, &mark);
        for (size_t i = 0; i < command->counter_count; i++)
            *batch->decision.counters[i] = saved[i];
        return OUTCOME_REJECTED;
    }
    mark_alone(batch, command, groups);
    mark_households(batch, command, groups);
    keep_groups(batch, command, groups);
    effects_keep(batch->effects, &mark);
    if (batch->effects->row_count > own_rows && command->id == 0)
        command->id = batch->effects->rows[own_rows]->id;
    if (request != NULL) {
        request->used = true;
        request->command = command;
    }
    return OUTCOME_DONE;
}

/* Commands that share an arena share a lock; others seldom do. */
static pthread_mutex_t *arena_lock(const struct batch *batch, const struct command *command)
{
    return &batch->context->arena_locks[((uintptr_t)command->arena >> 4) % ARENA_LOCKS];
}

void batch_decide(struct batch *batch)
{
    for (size_t c = 0; c < batch->count; c++) {
        pthread_mutex_t *lock = arena_lock(batch, batch->commands[c]);
        pthread_mutex_lock(lock);
        batch->outcomes[c] = decide_one(batch, batch->commands[c]);
        pthread_mutex_unlock(lock);
    }
}
