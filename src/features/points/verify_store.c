/* The whole verification: threads that share the buckets, and what spans buckets. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "features/points/verify_bucket_store.h"
#include "queries.h"

#define VERIFY_ARENA_BYTES ((size_t)1 << 30)

struct run {
    const struct verify_options *options;
    atomic_int next, done, first_wrong; /* buckets */
    atomic_bool stop;
};

struct verify_thread {
    struct run *run;
    struct verify_worker worker;
    struct verify_report wrong; /* of the lowest bucket that disagreed */
    struct stored_head heads[BUCKET_COUNT];
    enum status status;
    struct error error;
    pthread_t id;
    bool started;
};

static enum status receive_head(void *context, const struct storage_row *row, struct error *err)
{
    struct stored_head *heads = context;
    int64_t bucket = row_integer(row, 0);

    if (bucket < 0 || bucket >= BUCKET_COUNT || row_text(row, 3).size != SEAL_SIZE)
        return error_set(err, STATUS_DEFECT, "engine.head", "", "the head of bucket %lld is damaged",
                         (long long)bucket);
    heads[bucket].batch = row_integer(row, 1);
    heads[bucket].seq = row_integer(row, 2);
    memcpy(heads[bucket].seal, row_text(row, 3).bytes, SEAL_SIZE);
    return STATUS_OK;
}

static enum status read_heads(struct storage_session *session, struct stored_head *heads, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_head, .context = heads};

    return storage_run(session, &query_points_verify_heads, NULL, 1, &receiver, err);
}

enum status verify_heads_read(struct storage_session *session, struct verify_head heads[BUCKET_COUNT],
                              struct error *err)
{
    struct stored_head stored[BUCKET_COUNT] = {0};
    enum status status = read_heads(session, stored, err);

    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        heads[bucket].bucket = bucket;
        heads[bucket].seq = stored[bucket].seq;
        memcpy(heads[bucket].seal, stored[bucket].seal, SEAL_SIZE);
    }
    return status;
}

static bool is_cancelled(const struct run *run)
{
    return atomic_load(&run->stop) ||
           (run->options->cancelled != NULL && run->options->cancelled(run->options->context));
}

static enum status take_buckets(struct verify_thread *thread)
{
    struct run *run = thread->run;
    enum status status = STATUS_OK;

    for (;;) {
        int bucket = atomic_fetch_add(&run->next, 1);
        if (bucket >= BUCKET_COUNT || bucket > atomic_load(&run->first_wrong) || is_cancelled(run))
            return STATUS_OK;
        thread->worker.report.clean = true;
        status = verify_bucket(&thread->worker, bucket, &thread->heads[bucket], &thread->error);
        if (status != STATUS_OK)
            return status;
        if (!thread->worker.report.clean) {
            thread->wrong = thread->worker.report;
            thread->wrong.bucket = bucket;
            int lowest = atomic_load(&run->first_wrong);
            while (bucket < lowest && !atomic_compare_exchange_weak(&run->first_wrong, &lowest, bucket))
                ;
            return STATUS_OK; /* buckets come in ascending order: later ones do not matter */
        }
        int done = atomic_fetch_add(&run->done, 1) + 1;
        if (run->options->progress != NULL)
            run->options->progress(run->options->context, done);
    }
}

static void *work(void *context)
{
    struct verify_thread *thread = context;

    thread->status = take_buckets(thread);
    if (thread->status != STATUS_OK)
        atomic_store(&thread->run->stop, true);
    return NULL;
}

/* The snapshots of all threads are taken here, one after the other, before any of them reads. */
static enum status open_thread(struct verify_thread *thread, struct run *run, struct error *err)
{
    struct verify_worker *worker = &thread->worker;

    thread->run = run;
    thread->wrong.clean = true;
    worker->options = run->options;
    worker->arena = arena_new(VERIFY_ARENA_BYTES);
    if (worker->arena == NULL || !totals_start(&worker->totals))
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to verify");
    enum status status = storage_session_new(run->options->storage, true, &worker->session, err);
    if (status == STATUS_OK)
        status = storage_begin(worker->session, err);
    return status == STATUS_OK ? read_heads(worker->session, thread->heads, err) : status;
}

static void close_thread(struct verify_thread *thread)
{
    if (thread->worker.session != NULL)
        storage_rollback(thread->worker.session);
    storage_session_free(thread->worker.session);
    totals_release(&thread->worker.totals);
    seal_buffer_release(&thread->worker.buffer);
    arena_free(thread->worker.arena);
}

/* What two threads know under different numbers is added up by code. */
static void add_by_code(const struct verify_thread *threads, int count, struct text code, int64_t *transit,
                        int64_t *held)
{
    *transit = *held = 0;
    for (int t = 0; t < count; t++)
        for (int i = 0; i < threads[t].worker.totals.wallet_count; i++)
            if (text_equal(totals_wallet_code(&threads[t].worker.totals, i), code)) {
                *transit += threads[t].worker.totals.transit[i];
                *held += threads[t].worker.totals.held[i] - threads[t].worker.open_holds[i];
            }
}

static void compare_across(const struct verify_thread *threads, int count, struct verify_report *out)
{
    for (int t = 0; t < count && out->clean; t++)
        for (int i = 0; i < threads[t].worker.totals.wallet_count && out->clean; i++) {
            struct text code = totals_wallet_code(&threads[t].worker.totals, i);
            int64_t transit, held;
            add_by_code(threads, count, code, &transit, &held);
            out->clean = transit == 0 && held == 0;
            if (out->clean)
                continue;
            snprintf(out->table, sizeof out->table, "%s", transit != 0 ? "movement" : "hold");
            snprintf(out->key, sizeof out->key, "account %.*s", (int)code.size, code.bytes);
            snprintf(out->what, sizeof out->what,
                     transit != 0 ? "%lld points are on the way between members"
                                  : "the movements hold %lld points more than the open holds",
                     (long long)(transit != 0 ? transit : held));
        }
}

static int64_t card_rows(const struct verify_thread *threads, int count)
{
    int64_t rows = 0;

    for (int t = 0; t < count; t++)
        rows += threads[t].worker.card_rows;
    return rows;
}

/* Whether the threads saw the same: no bucket had moved on between their snapshots. */
static bool same_snapshots(const struct verify_thread *threads, int count)
{
    for (int t = 1; t < count; t++)
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
            if (threads[t].heads[bucket].batch != threads[0].heads[bucket].batch)
                return false;
    return true;
}

static enum status collect(const struct verify_thread *threads, int count, struct verify_report *out, struct error *err)
{
    *out = (struct verify_report){.clean = true, .bucket = BUCKET_COUNT};
    for (int t = 0; t < count; t++) {
        const struct verify_report *part = &threads[t].worker.report;
        if (threads[t].status != STATUS_OK) {
            if (err != NULL)
                *err = threads[t].error;
            return threads[t].status;
        }
        out->rows += part->rows;
        out->movements += part->movements;
        out->wallets += part->wallets;
        out->lots += part->lots;
        out->days += part->days;
        out->erased += part->erased;
        if (threads[t].wrong.clean || threads[t].wrong.bucket > out->bucket)
            continue;
        out->clean = false;
        out->bucket = threads[t].wrong.bucket;
        memcpy(out->table, threads[t].wrong.table, sizeof out->table);
        memcpy(out->key, threads[t].wrong.key, sizeof out->key);
        memcpy(out->what, threads[t].wrong.what, sizeof out->what);
    }
    out->changed_meanwhile = !same_snapshots(threads, count);
    if (out->clean)
        out->bucket = 0;
    return STATUS_OK;
}

enum status verify_run(const struct verify_options *options, struct verify_report *out, struct error *err)
{
    struct run run = {.options = options};
    int count = options->threads > 0 ? options->threads : 2;
    struct arena *arena = arena_new(VERIFY_ARENA_BYTES);
    enum status status = STATUS_OK;

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to verify");
    count = count < VERIFY_THREADS_MAX ? count : VERIFY_THREADS_MAX;
    struct verify_thread *threads = arena_array(arena, (size_t)count, sizeof *threads);
    atomic_init(&run.first_wrong, BUCKET_COUNT);
    for (int t = 0; t < count && status == STATUS_OK; t++)
        status = open_thread(&threads[t], &run, err);
    for (int t = 1; t < count && status == STATUS_OK; t++)
        threads[t].started = pthread_create(&threads[t].id, NULL, work, &threads[t]) == 0;
    if (status == STATUS_OK)
        work(&threads[0]);
    for (int t = 1; t < count; t++)
        if (threads[t].started)
            pthread_join(threads[t].id, NULL);
    if (status == STATUS_OK)
        status = collect(threads, count, out, err);
    bool whole = status == STATUS_OK && out->clean && !out->changed_meanwhile && options->last_rows == 0 &&
                 atomic_load(&run.done) == BUCKET_COUNT;
    if (whole)
        compare_across(threads, count, out);
    if (status == STATUS_OK && out->clean && options->last_rows == 0 && atomic_load(&run.done) == BUCKET_COUNT)
        status = verify_cards(threads[0].worker.session, card_rows(threads, count), out, err);
    for (int t = 0; t < count; t++)
        close_thread(&threads[t]);
    arena_free(arena);
    return status;
}
