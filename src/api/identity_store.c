#include "api/identity_store.h"

#include "foundation/instant.h"
#include "queries.h"
#include "storage/storage.h"

static enum status receive_number(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

static enum status read_number(struct storage_session *session, const struct storage_query *query,
                               const struct storage_value *values, int64_t *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_number, .context = out};
    *out = 0;
    return storage_run(session, query, values, 1, &receiver, err);
}

enum status identity_attempt_write(struct storage_session *session, const struct identity_attempt *attempt,
                                   struct error *err)
{
    const struct storage_value oldest = value_integer(attempt->created_at - IDENTITY_ATTEMPT_MINUTES * INSTANT_MINUTE);
    const struct storage_value values[] = {value_blob(attempt->digest, DIGEST_SIZE), value_integer(attempt->created_at),
                                           value_text(attempt->return_to)};
    int64_t count;
    enum status status = storage_run(session, &query_api_identity_attempts_drop, &oldest, 1, NULL, err);
    if (status == STATUS_OK)
        status = read_number(session, &query_api_identity_attempt_count, NULL, &count, err);
    if (status == STATUS_OK && count >= IDENTITY_ATTEMPTS_MAX)
        return error_set(err, STATUS_BUSY, "oidc.busy", "", "too many sign-ins are under way: try again in a while");
    return status == STATUS_OK ? storage_run(session, &query_api_identity_attempt_put, values, 1, NULL, err) : status;
}

struct taking {
    struct arena *arena;
    struct identity_attempt *attempt;
    bool found;
};

static enum status receive_attempt(void *context, const struct storage_row *row, struct error *err)
{
    struct taking *taking = context;
    (void)err;
    taking->found = true;
    taking->attempt->created_at = row_integer(row, 0);
    taking->attempt->return_to = row_text_copy(row, 1, taking->arena);
    return STATUS_OK;
}

enum status identity_attempt_take(struct storage_session *session, struct arena *arena, int64_t now,
                                  struct identity_attempt *attempt, bool *found, struct error *err)
{
    struct taking taking = {arena, attempt, false};
    const struct storage_receiver receiver = {.row = receive_attempt, .context = &taking};
    const struct storage_value value = value_blob(attempt->digest, DIGEST_SIZE);
    enum status status = storage_run(session, &query_api_identity_attempt_take, &value, 1, &receiver, err);
    *found = taking.found && attempt->created_at > now - IDENTITY_ATTEMPT_MINUTES * INSTANT_MINUTE;
    return status;
}

enum status identity_link_read(struct storage_session *session, struct text issuer, struct text subject, int64_t *user,
                               struct error *err)
{
    const struct storage_value values[] = {value_text(issuer), value_text(subject)};
    return read_number(session, &query_api_identity_link_get, values, user, err);
}

enum status identity_is_linked(struct storage_session *session, int64_t user, bool *out, struct error *err)
{
    const struct storage_value value = value_integer(user);
    int64_t count;
    enum status status = read_number(session, &query_api_identity_link_count, &value, &count, err);
    *out = count > 0;
    return status;
}

enum status identity_link_write(struct storage_session *session, const struct identity_link *link, struct error *err)
{
    const struct storage_value values[] = {value_text(link->issuer), value_text(link->subject),
                                           value_integer(link->user), value_integer(link->at)};
    return storage_run(session, &query_api_identity_link_put, values, 1, NULL, err);
}
