#include "features/exchange/approval_task_store.h"

#include "features/tasks/tasks_store.h"

enum { FOLLOWED_AT_ONCE = 100, FOLLOW_ARENA = 4 << 20 };

/* ---- asking ---- */

static struct text task_text(struct arena *arena, const struct approval *approval)
{
    return text_from(arena_format(arena, "Export of %.*s: %lld rows, by %.*s", (int)approval->table.size,
                                  approval->table.bytes, (long long)approval->rows, (int)approval->actor.size,
                                  approval->actor.bytes));
}

enum status approval_task_open(struct engine *engine, struct arena *arena, struct approval *approval, struct error *err)
{
    char id[ID_TEXT_SIZE];
    struct open_task body = {.spec = {.reason = TEXT(APPROVAL_TASK_REASON),
                                      .text = task_text(arena, approval),
                                      .priority = -1,
                                      .opened_by = approval->actor}};
    struct claim_key claim = {.kind = TASK_CLAIM};
    struct command command = {.type = &open_task_type,
                              .body = &body,
                              .claims = &claim,
                              .claim_count = 1,
                              .day = DAY_NONE,
                              .actor = approval->actor,
                              .arena = arena};
    struct command *list[] = {&command};

    claim.key = text_from(arena_format(arena, "export:%s", id_format("job", approval->job, id)));
    command.bucket = claim_bucket(TASK_CLAIM, claim.key);
    approval->task = 0;
    enum status status = engine_run(engine, list, 1, err);
    if (status == STATUS_OK && command.status == STATUS_OK)
        approval->task = body.task.id;
    else if (status == STATUS_OK && command.status != STATUS_INVALID) {
        *err = command.error;
        return command.status;
    }
    return status;
}

/* ---- closing ---- */

void approval_task_end(const struct programme_set *set, const char *outcome, struct text by, struct change_task *body)
{
    const struct task_reason *reason = task_reason_find(set, TEXT(APPROVAL_TASK_REASON));
    bool known = reason == NULL || (reason->outcome_count == 0 && !reason->proof);

    for (size_t i = 0; reason != NULL && !reason->proof && i < reason->outcome_count; i++)
        known = known || text_equals(reason->outcomes[i], outcome);
    body->action = known ? TASK_FINISH : TASK_DROP;
    body->by = by;
    body->priority = -1;
    if (known)
        body->outcome = text_from(outcome);
    else
        body->outcome_text = text_from(outcome);
}

enum status approval_task_waits(struct storage_session *session, struct arena *arena, int64_t task, bool *waits,
                                struct error *err)
{
    struct task found;
    enum status status = task != 0 ? task_read(session, arena, task, &found, err) : STATUS_OK;

    *waits = task != 0 && status == STATUS_OK && found.state < TASK_DONE;
    return status == STATUS_MISSING ? STATUS_OK : status;
}

static enum status follow(struct engine *engine, struct arena *arena, const struct approval *approval,
                          struct error *err)
{
    struct configuration configuration = engine_configuration(engine);
    struct command *command = change_task_command(arena, approval->task, TASK_FINISH);
    bool waiting = text_equals(approval->state, "waiting");
    const char *outcome = waiting ? "expired" : text_equals(approval->state, "approved") ? "approved" : "refused";

    approval_task_end(configuration.programmes, outcome, waiting ? TEXT("system") : approval->decided_by,
                      command->body);
    enum status status = engine_run(engine, &command, 1, err);
    engine_configuration_release(engine, configuration);
    /* Closed by hand, or gone, is closed as well. */
    return status == STATUS_OK ? approval_settle(engine, approval->job, err) : status;
}

enum status approvals_follow(struct engine *engine, struct error *err)
{
    struct storage_session *session;
    struct approvals found;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    struct arena *arena = arena_new(FOLLOW_ARENA);
    if (arena == NULL)
        status = error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to follow approvals");
    if (status == STATUS_OK)
        status = approvals_unsettled(session, arena, clock_now(engine_clock(engine)), FOLLOWED_AT_ONCE, &found, err);
    engine_read_end(engine, session);
    for (size_t i = 0; status == STATUS_OK && i < found.count; i++)
        status = follow(engine, arena, &found.items[i], err);
    arena_free(arena);
    return status;
}
