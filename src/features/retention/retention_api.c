#include "features/retention/retention_api.h"

#include <stddef.h>

#include "api/job.h"
#include "features/retention/retention_store.h"

struct policy_body {
    struct retention_policy policy;
    unsigned char archive_given, quotes_given;
};

#define DETAIL_ABOUT "Notes, properties and other texts of events go after so many days; 0: never."
#define ARCHIVE_ABOUT \
    "They go into the archive of events, and stay there until they are so many days old; 0: they are not archived."

#define QUOTES_ABOUT "Quotes go so many days after they ended; 0: never."

static const struct field input_fields[] = {
    {.name = "detail_days",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct policy_body, policy.detail_days),
     .minimum = 0,
     .maximum = RETENTION_DAYS_MAX,
     .about = DETAIL_ABOUT},
    {.name = "archive_days",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct policy_body, policy.archive_days),
     .presence = offsetof(struct policy_body, archive_given),
     .minimum = 0,
     .maximum = RETENTION_DAYS_MAX,
     .about = ARCHIVE_ABOUT " Without it: as it was."},
    {.name = "quote_days",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct policy_body, policy.quote_days),
     .presence = offsetof(struct policy_body, quotes_given),
     .minimum = 0,
     .maximum = RETENTION_DAYS_MAX,
     .about = QUOTES_ABOUT " Without it: as it was."},
};
const struct shape retention_input_shape = {
    .name = "RetentionInput", .size = sizeof(struct policy_body), SHAPE_FIELDS(input_fields)};
static const struct field reply_fields[] = {
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "0: nobody has set anything."},
    {.name = "detail_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = DETAIL_ABOUT},
    {.name = "archive_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = ARCHIVE_ABOUT},
    {.name = "quote_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = QUOTES_ABOUT},
    {.name = "archive",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "Whether this server has a directory for the archive of events."},
    {.name = "due",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Texts that are older, and go next night."},
};
const struct shape retention_shape = {
    .name = "Retention", .about = "For how long texts of events are kept.", SHAPE_FIELDS(reply_fields)};

static enum status write_policy(struct call *call, struct storage_session *session, struct item *item,
                                const struct retention_policy *policy, struct error *err)
{
    int64_t due = 0;
    enum status status = retention_count(session, policy, call->now, &due, err);

    writer_integer(&item->writer, "version", policy->version);
    writer_integer(&item->writer, "detail_days", policy->detail_days);
    writer_integer(&item->writer, "archive_days", policy->archive_days);
    writer_integer(&item->writer, "quote_days", policy->quote_days);
    writer_boolean(&item->writer, "archive", engine_event_archive(call->engine) != NULL);
    writer_integer(&item->writer, "due", due);
    item->etag = policy->version;
    return status;
}

enum status retention_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct retention_policy policy;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = retention_policy_read(session, &policy, err);
    if (status == STATUS_OK)
        status = write_policy(call, session, item, &policy, err);
    call_read_end(call, session);
    return status;
}

static struct text document_of(struct arena *arena, const struct retention_policy *policy)
{
    return text_from(arena_format(arena, "{\"detail_days\":%lld,\"archive_days\":%lld,\"quote_days\":%lld}",
                                  (long long)policy->detail_days, (long long)policy->archive_days,
                                  (long long)policy->quote_days));
}

static enum status put_policy(struct call *call, struct storage_session *session, struct item *item, struct error *err)
{
    const struct policy_body *body = item->body;
    struct retention_policy policy = body->policy, before;
    int64_t wanted;
    enum status status = call_if_match(call, &wanted, err);

    if (status == STATUS_OK)
        status = retention_policy_read(session, &before, err);
    if (status != STATUS_OK)
        return status;
    if (wanted != 0 && wanted != before.version)
        return error_set(err, STATUS_STALE, "catalogue.stale", "If-Match", "it was changed meanwhile");
    policy.version = before.version + 1;
    if (body->archive_given == PRESENCE_ABSENT)
        policy.archive_days = before.archive_days;
    if (body->quotes_given == PRESENCE_ABSENT)
        policy.quote_days = before.quote_days;
    status = retention_check(&policy, err);
    if (status == STATUS_OK)
        status = retention_policy_put(session, &policy, err);
    if (status == STATUS_OK)
        status = call_audit(call, "retention.updated", 0, document_of(call->arena, &before),
                            document_of(call->arena, &policy), err);
    return status == STATUS_OK ? write_policy(call, session, item, &policy, err) : status;
}

enum status retention_put_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = put_policy(call, session, item, err);
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}

/* ---- carrying it out now ---- */

static bool go_on(void *context, int done, int total)
{
    job_progress(context, done, total);
    return !job_cancelled(context);
}

static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *input, struct error *err)
{
    const struct retention_watch watch = {go_on, job};
    int64_t dropped, quotes = 0;
    enum status status = retention_run(engine, text_copy(arena, job_actor(job)), &watch, &dropped, err);

    (void)input;
    if (status == STATUS_OK)
        status = retention_quotes(engine, &quotes, err);
    job_count(job, "dropped", dropped);
    job_count(job, "quotes", quotes);
    if (status == STATUS_OK)
        job_message(job, "%lld texts are gone", (long long)dropped);
    return status;
}

const struct job_kind retention_job = {.name = "retention", .permission = PERMISSION_RETENTION_CONFIGURE, .run = run};

enum status retention_start_handle(struct call *call, struct item *item, struct error *err)
{
    return call_job(call, item, &retention_job, NULL, err);
}
