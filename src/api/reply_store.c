#include "api/reply_store.h"

#include "engine/batch.h"
#include "queries.h"

struct finding {
    struct arena *arena;
    const struct request_identity *identity;
    struct stored_reply *out;
};

static enum status receive(void *context, const struct storage_row *row, struct error *err)
{
    const struct finding *finding = context;
    struct text digest = row_text(row, 2);
    if (digest.size != DIGEST_SIZE || !secret_equal(digest.bytes, finding->identity->digest, DIGEST_SIZE))
        return error_set(err, STATUS_INVALID, "idempotency.mismatch", "Idempotency-Key",
                         "this key was used for another request");
    *finding->out = (struct stored_reply){
        .found = true, .status = (int)row_integer(row, 3), .body = row_text_copy(row, 4, finding->arena)};
    return STATUS_OK;
}

enum status reply_find(struct storage_session *session, struct arena *arena, const struct request_identity *identity,
                       struct stored_reply *out, struct error *err)
{
    struct finding finding = {arena, identity, out};
    const struct storage_receiver receiver = {.row = receive, .context = &finding};
    const struct storage_value values[] = {value_integer(request_bucket(identity->scope, identity->key)),
                                           value_text(identity->scope), value_text(identity->key)};
    *out = (struct stored_reply){.found = false};
    return storage_run(session, &query_engine_requests_load, values, 1, &receiver, err);
}

static enum status count_changes(void *context, int64_t changes, struct error *err)
{
    (void)err;
    *(int64_t *)context = changes;
    return STATUS_OK;
}

enum status reply_keep(struct storage_session *session, const struct request_identity *identity,
                       const struct stored_reply *reply, int64_t now, struct error *err)
{
    int64_t changes = 0;
    const struct storage_receiver receiver = {.done = count_changes, .context = &changes};
    const struct storage_value values[] = {value_integer(request_bucket(identity->scope, identity->key)),
                                           value_text(identity->scope),
                                           value_text(identity->key),
                                           value_blob(identity->digest, DIGEST_SIZE),
                                           value_integer(0),
                                           value_integer(reply->status),
                                           value_text(reply->body),
                                           value_integer(now + REQUEST_KEPT_DAYS * INSTANT_DAY)};
    enum status status = storage_run(session, &query_engine_requests_store, values, 1, &receiver, err);
    if (status == STATUS_OK && changes == 0)
        return error_set(err, STATUS_BUSY, "engine.again", "", "the same request was made at the same moment");
    return status;
}
