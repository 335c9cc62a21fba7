#include "api/factor_store.h"

#include <string.h>

#include "queries.h"
#include "storage/storage.h"

static const char roles_setting[] = "auth.factor_roles";

struct factors_reading {
    struct arena *arena;
    struct factors *out;
};

static enum status receive_factor(void *context, const struct storage_row *row, struct error *err)
{
    const struct factors_reading *reading = context;
    struct factors *out = reading->out;
    struct text secret = row_text(row, 1);
    if (secret.size != ONE_TIME_SECRET_SIZE)
        return error_set(err, STATUS_DEFECT, "internal.defect", "", "a secret has %zu bytes", secret.size);
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    struct factor *factor = &out->items[out->count++];
    *factor = (struct factor){.account = row_integer(row, 0),
                              .confirmed = row_integer(row, 2) != 0,
                              .last_step = row_integer(row, 3),
                              .recovery = row_text_copy(row, 4, reading->arena)};
    memcpy(factor->secret, secret.bytes, ONE_TIME_SECRET_SIZE);
    return STATUS_OK;
}

enum status factors_read(struct storage_session *session, struct arena *arena, int64_t account, struct factors *out,
                         struct error *err)
{
    struct factors_reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_factor, .context = &reading};
    const struct storage_value value = value_integer(account);
    *out = (struct factors){.items = NULL};
    if (account == 0)
        return storage_run(session, &query_api_factor_list, NULL, 1, &receiver, err);
    return storage_run(session, &query_api_factor_get, &value, 1, &receiver, err);
}

static enum status take_changes(void *context, int64_t changes, struct error *err)
{
    (void)err;
    *(bool *)context = changes > 0;
    return STATUS_OK;
}

static enum status write_factor(struct storage_session *session, const struct storage_query *query,
                                const struct storage_value *values, bool *done, struct error *err)
{
    const struct storage_receiver receiver = {.done = take_changes, .context = done};
    *done = false;
    enum status status = storage_run(session, query, values, 1, &receiver, err);
    return status == STATUS_OK ? storage_run(session, &query_api_change_bump, NULL, 1, NULL, err) : status;
}

enum status factor_write_new(struct storage_session *session, const struct factor *factor, struct error *err)
{
    const struct storage_value values[] = {
        value_integer(factor->account), value_blob(factor->secret, ONE_TIME_SECRET_SIZE), value_text(factor->recovery)};
    bool done;
    return write_factor(session, &query_api_factor_put, values, &done, err);
}

enum status factor_write_confirmed(struct storage_session *session, const struct factor *factor, bool *done,
                                   struct error *err)
{
    const struct storage_value values[] = {value_integer(factor->account), value_integer(factor->last_step),
                                           value_text(factor->recovery)};
    return write_factor(session, &query_api_factor_confirm, values, done, err);
}

enum status factor_write_used(struct storage_session *session, int64_t account, int64_t step, bool *done,
                              struct error *err)
{
    const struct storage_value values[] = {value_integer(account), value_integer(step)};
    return write_factor(session, &query_api_factor_use, values, done, err);
}

enum status factor_write_recovered(struct storage_session *session, const struct factor *before, struct text after,
                                   bool *done, struct error *err)
{
    const struct storage_value values[] = {value_integer(before->account), value_text(before->recovery),
                                           value_text(after)};
    return write_factor(session, &query_api_factor_recover, values, done, err);
}

enum status factor_remove(struct storage_session *session, int64_t account, bool *done, struct error *err)
{
    const struct storage_value values[] = {value_integer(account)};
    return write_factor(session, &query_api_factor_delete, values, done, err);
}

static enum status take_roles(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status factor_roles_read(struct storage_session *session, int64_t *roles, struct error *err)
{
    const struct storage_receiver receiver = {.row = take_roles, .context = roles};
    const struct storage_value name = value_text(text_from(roles_setting));
    *roles = 0;
    return storage_run(session, &query_api_setting_read, &name, 1, &receiver, err);
}

enum status factor_roles_write(struct storage_session *session, int64_t roles, struct error *err)
{
    const struct storage_value values[] = {value_text(text_from(roles_setting)), value_integer(roles)};
    enum status status = storage_run(session, &query_api_setting_put, values, 1, NULL, err);
    return status == STATUS_OK ? storage_run(session, &query_api_change_bump, NULL, 1, NULL, err) : status;
}
