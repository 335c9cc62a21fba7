#include "features/retention/retention_store.h"

#include "features/offers/quotes_store.h"
#include "features/retention/event_archive_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { RUN_ARENA_SIZE = 1024 * 1024 };

/* ---- the policy ---- */

static enum status receive_policy(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(struct retention_policy *)context =
        (struct retention_policy){row_integer(row, 0), row_integer(row, 1), row_integer(row, 2), row_integer(row, 3)};
    return STATUS_OK;
}

enum status retention_policy_read(struct storage_session *session, struct retention_policy *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_policy, .context = out};

    *out = (struct retention_policy){.quote_days = RETENTION_QUOTE_DAYS};
    return storage_run(session, &query_retention_policy_read, NULL, 1, &receiver, err);
}

enum status retention_policy_put(struct storage_session *session, const struct retention_policy *policy,
                                 struct error *err)
{
    const struct storage_value values[] = {value_integer(policy->version), value_integer(policy->detail_days),
                                           value_integer(policy->archive_days), value_integer(policy->quote_days)};

    return storage_run(session, &query_retention_policy_put, values, 1, NULL, err);
}

/* ---- what is due ---- */

struct due {
    int64_t until, count; /* details up to that seq, and how many there are */
};

struct numbers {
    int64_t first, second;
    bool found;
};

static enum status receive_numbers(void *context, const struct storage_row *row, struct error *err)
{
    struct numbers *numbers = context;

    (void)err;
    *numbers = (struct numbers){row_integer(row, 0), row->count > 1 ? row_integer(row, 1) : 0, true};
    return STATUS_OK;
}

static enum status ask(struct storage_session *session, const struct storage_query *query, int bucket, int64_t seq,
                       struct numbers *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_numbers, .context = out};
    const struct storage_value values[] = {value_integer(bucket), value_integer(seq)};

    *out = (struct numbers){0};
    return storage_run(session, query, values, 1, &receiver, err);
}

/* The rows of a bucket were recorded one after the other: the last one before an instant is found by halving. */
static enum status find_until(struct storage_session *session, int bucket, int64_t before, int64_t *out,
                              struct error *err)
{
    struct numbers row;
    enum status status = ask(session, &query_retention_head_of, bucket, 0, &row, err);
    int64_t low = 0, high = row.first + 1;

    while (status == STATUS_OK && high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        status = ask(session, &query_retention_row_from, bucket, middle, &row, err);
        if (row.found && row.second < before)
            low = row.first;
        else
            high = middle;
    }
    *out = low;
    return status;
}

static enum status find_due(struct storage_session *session, int bucket, const struct retention_policy *policy,
                            int64_t now, struct due *out, struct error *err)
{
    struct numbers count;

    *out = (struct due){0};
    if (policy->detail_days == 0)
        return STATUS_OK;
    enum status status = find_until(session, bucket, now - policy->detail_days * INSTANT_DAY, &out->until, err);
    if (status == STATUS_OK)
        status = ask(session, &query_retention_details_until, bucket, out->until, &count, err);
    out->count = count.first;
    return status;
}

enum status retention_count(struct storage_session *session, const struct retention_policy *policy, int64_t now,
                            int64_t *count, struct error *err)
{
    enum status status = STATUS_OK;

    *count = 0;
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        struct due due;

        status = find_due(session, bucket, policy, now, &due, err);
        *count += due.count;
    }
    return status;
}

/* ---- carrying it out ---- */

void store_cut(struct decision *decision, int bucket, int64_t until, int64_t row)
{
    struct storage_value *drop = arena_array(decision->arena, 2, sizeof *drop);
    struct storage_value *cut = arena_array(decision->arena, 3, sizeof *cut);

    drop[0] = cut[0] = value_integer(bucket);
    drop[1] = cut[1] = value_integer(until);
    cut[2] = value_integer(id_seq(row));
    row_add(decision, &query_retention_details_drop, drop);
    row_add(decision, &query_retention_cut_put, cut);
}

static enum status cut_bucket(struct engine *engine, struct arena *arena, int bucket, struct text actor, int64_t until,
                              struct error *err)
{
    struct retention_cut body = {until};
    struct command command = {.type = &retention_cut_type,
                              .body = &body,
                              .day = DAY_NONE,
                              .bucket = bucket,
                              .actor = actor,
                              .arena = arena},
                   *list[] = {&command};
    enum status status = engine_run(engine, list, 1, err);

    if (status == STATUS_OK && command.status != STATUS_OK) {
        *err = command.error;
        status = command.status;
    }
    return status;
}

/* Before they go, texts go into the archive, when the policy says so. */
static enum status archive_due(struct engine *engine, struct storage_session *session, int bucket,
                               const struct due *due, struct error *err)
{
    const char *directory = engine_event_archive(engine);
    struct numbers cut;

    if (directory == NULL)
        return error_set(err, STATUS_CONFLICT, "retention.no_archive", "",
                         "texts are archived before they go, and no directory is named: --event-archive DIR");
    enum status status = ask(session, &query_retention_cut_of, bucket, 0, &cut, err);
    const struct archive_part part = {.bucket = bucket, .after = cut.first, .until = due->until};
    return status == STATUS_OK ? event_archive_write(engine, session, directory, &part, err) : status;
}

static enum status look(struct engine *engine, int bucket, const struct retention_policy *policy, int64_t now,
                        struct due *out, struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = find_due(session, bucket, policy, now, out, err);
    if (status == STATUS_OK && out->count > 0 && policy->archive_days > 0)
        status = archive_due(engine, session, bucket, out, err);
    engine_read_end(engine, session);
    return status;
}

static enum status read_policy(struct engine *engine, struct retention_policy *out, struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = retention_policy_read(session, out, err);
    engine_read_end(engine, session);
    return status;
}

static enum status purge(struct engine *engine, const struct retention_policy *policy, int64_t now, struct error *err)
{
    int64_t removed;

    if (policy->archive_days == 0 || engine_event_archive(engine) == NULL)
        return STATUS_OK;
    return event_archive_purge(engine_event_archive(engine), now - policy->archive_days * INSTANT_DAY, &removed, err);
}

enum status retention_run(struct engine *engine, struct text actor, const struct retention_watch *watch,
                          int64_t *dropped, struct error *err)
{
    struct arena *arena = arena_new(RUN_ARENA_SIZE);
    int64_t now = clock_now(engine_clock(engine));
    struct retention_policy policy = {0};
    enum status status =
        arena != NULL ? STATUS_OK : error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory");

    *dropped = 0;
    if (status == STATUS_OK)
        status = read_policy(engine, &policy, err);
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        struct due due;

        if (watch != NULL && !watch->go_on(watch->context, bucket, BUCKET_COUNT))
            break;
        arena_reset(arena);
        status = look(engine, bucket, &policy, now, &due, err);
        if (status != STATUS_OK || due.count == 0)
            continue;
        status = cut_bucket(engine, arena, bucket, actor, due.until, err);
        *dropped += status == STATUS_OK ? due.count : 0;
    }
    arena_free(arena);
    return status == STATUS_OK ? purge(engine, &policy, now, err) : status;
}

enum status retention_quotes(struct engine *engine, int64_t *dropped, struct error *err)
{
    struct retention_policy policy;
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    *dropped = 0;
    if (status != STATUS_OK)
        return status;
    status = retention_policy_read(session, &policy, err);
    engine_read_end(engine, session);
    if (status != STATUS_OK || policy.quote_days == 0)
        return status;
    return quotes_drop(engine, clock_now(engine_clock(engine)) - policy.quote_days * INSTANT_DAY, dropped, err);
}
