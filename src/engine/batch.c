/* A batch from take to commit, again as often as the database asks for, and one by one when a command breaks it. */
#include "engine/batch.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "queries.h"

enum {
    BATCH_RETRIES_MAX = 200, /* of races and conflicts */
    BATCH_OUTAGE_TRIES = 20, /* of a database that cannot be reached, with 250 ms between: about five seconds */
    OUTAGE_PAUSE_MS = 250,
    RACE_PAUSE_MS = 2,
};

/* With conflicts. The database waits longer for a lock by itself, so a lock is waited for once, not as often as a race. */
#define BATCH_PATIENCE (5 * INSTANT_SECOND)

static void pause_ms(long milliseconds)
{
    const struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

/* Whether a commit of which nobody knows happened: our journal row stands there with our seal. */
struct found_seal {
    unsigned char seal[SEAL_SIZE];
    bool found;
};

static enum status receive_seal(void *context, const struct storage_row *row, struct error *err)
{
    struct found_seal *found = context;
    struct text seal = row_text(row, 0);

    (void)err;
    if (seal.size == SEAL_SIZE) {
        memcpy(found->seal, seal.bytes, SEAL_SIZE);
        found->found = true;
    }
    return STATUS_OK;
}

/* Locks the head first: a commit that the server is still at work on ends before that. */
static enum status find_out(struct batch *batch, bool *committed, struct error *err)
{
    struct storage_session *session = batch->context->session;
    struct found_seal found = {.found = false};
    const struct storage_receiver receiver = {.row = receive_seal, .context = &found};
    const struct storage_value values[] = {value_integer(id_bucket(batch->last_id)),
                                           value_integer(id_seq(batch->last_id))};

    enum status status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_engine_head_take, values, 1, NULL, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_engine_journal_seal, values, 1, &receiver, err);
    storage_rollback(session);
    *committed = found.found && memcmp(found.seal, batch->last_seal, SEAL_SIZE) == 0;
    return status;
}

static enum status commit(struct batch *batch, struct error *err)
{
    bool owed;

    batch->context->committed_at = latency_now();
    enum status status = storage_commit_owing(batch->context->session, &owed, err);
    batch->context->owed |= owed;
    return status;
}

static enum status settle_commit(struct batch *batch, struct error *err)
{
    struct error again;
    bool committed = false;

    if (strcmp(err->code, "storage.commit_unknown") != 0 || batch->last_id == 0)
        return err->status;
    for (int try = 0; try < BATCH_OUTAGE_TRIES; try++) {
        if (find_out(batch, &committed, &again) == STATUS_OK)
            return committed ? STATUS_OK : error_set(err, STATUS_BUSY, "storage.conflict", "", "the commit was lost");
        pause_ms(OUTAGE_PAUSE_MS);
    }
    return err->status;
}

static bool writes(const struct batch *batch)
{
    const struct effects *effects = batch->effects;

    for (size_t i = 0; i < map_count(batch->counters); i++)
        if (((const struct counter *)map_value_at(batch->counters, i))->changed)
            return true;
    for (size_t i = 0; i < map_count(batch->requests); i++)
        if (((const struct request_state *)map_value_at(batch->requests, i))->used)
            return true;
    return effects->row_count > 0;
}

static void batch_start(struct batch *batch, struct batch_context *context, struct command **commands,
                        enum outcome *outcomes, size_t count)
{
    arena_reset(context->arena);
    *batch = (struct batch){
        .context = context, .commands = commands, .outcomes = outcomes, .count = count, .arena = context->arena};
    batch->effects = effects_new(batch->arena);
    batch->alone = map_new(batch->arena, 16);
    batch->households = map_new(batch->arena, 16);
    batch->decision =
        (struct decision){.arena = batch->arena, .effects = batch->effects, .programmes = context->programmes};
    for (size_t i = 0; i < count; i++)
        outcomes[i] = OUTCOME_NONE;
}

/* Time never goes backwards: not before what the heads have seen. */
static int64_t batch_now(const struct batch *batch)
{
    int64_t now = clock_now(batch->context->clock);

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        if (batch->effects->heads[bucket].taken && batch->effects->heads[bucket].at > now)
            now = batch->effects->heads[bucket].at;
    return now;
}

static enum status batch_try(struct batch *batch, struct error *err)
{
    struct storage_session *session = batch->context->session;
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    status = batch_take(batch, err);
    if (status == STATUS_OK) {
        batch->decision.now = batch_now(batch);
        status = batch_load(batch, err);
    }
    if (status != STATUS_OK) {
        storage_rollback(session);
        return status;
    }
    batch_decide(batch);
    if (!writes(batch)) {
        storage_rollback(session);
        return STATUS_OK;
    }
    status = batch_store(batch, err);
    if (status == STATUS_OK)
        status = commit(batch, err);
    if (status == STATUS_OK)
        return STATUS_OK;
    storage_rollback(session);
    return settle_commit(batch, err);
}

static void fail_all(struct batch *batch, enum status status, const struct error *error)
{
    for (size_t i = 0; i < batch->count; i++) {
        batch->commands[i]->status = status;
        batch->commands[i]->error = *error;
        batch->outcomes[i] = OUTCOME_REJECTED;
    }
}

struct patience {
    const struct clock *clock;
    int64_t since; /* of the time since boot */
    int races, outages;
};

/* True when the same batch may succeed if it is run again; waits before it says so. */
static bool try_again(enum status status, const struct error *error, struct patience *patience)
{
    if (status == STATUS_BUSY && ++patience->races <= BATCH_RETRIES_MAX &&
        clock_boot(patience->clock) - patience->since < BATCH_PATIENCE) {
        pause_ms(patience->races > 3 ? RACE_PAUSE_MS : 0);
        return true;
    }
    if (status == STATUS_IO && strcmp(error->code, "storage.unavailable") == 0 &&
        ++patience->outages <= BATCH_OUTAGE_TRIES) {
        pause_ms(OUTAGE_PAUSE_MS);
        return true;
    }
    return false;
}

static void run(struct batch_context *context, struct command **commands, enum outcome *outcomes, size_t count)
{
    struct batch batch;
    struct error error = {.status = STATUS_OK};
    struct patience patience = {.clock = context->clock, .since = clock_boot(context->clock)};
    enum status status;

    assert(count > 0);
    for (;;) {
        batch_start(&batch, context, commands, outcomes, count);
        status = batch_try(&batch, &error);
        if (status == STATUS_OK || !try_again(status, &error, &patience))
            break;
        context->retries++;
    }
    context->batches++;
    if (status == STATUS_OK)
        return;
    if (count > 1 && (status == STATUS_DEFECT || status == STATUS_LIMIT || status == STATUS_INVALID)) {
        /* One of them breaks the batch: alone, only the guilty one gets the error. */
        for (size_t i = 0; i < count; i++)
            run(context, &commands[i], &outcomes[i], 1);
        return;
    }
    fail_all(&batch, status, &error);
}

void batch_run(struct batch_context *context, struct command **commands, enum outcome *outcomes, size_t count)
{
    context->owed = false;
    context->committed_at = 0;
    run(context, commands, outcomes, count);
}
