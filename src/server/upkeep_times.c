#include "server/upkeep_times.h"

#include "queries.h"

static enum status receive(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status upkeep_time_read(struct storage_session *session, const char *name, int64_t *out, struct error *err)
{
    const struct storage_value value = value_string(name);
    const struct storage_receiver receiver = {.row = receive, .context = out};

    *out = 0;
    return storage_run(session, &query_api_setting_read, &value, 1, &receiver, err);
}

enum status upkeep_time_keep(struct storage *storage, const char *name, int64_t at, struct error *err)
{
    const struct storage_value values[] = {value_string(name), value_integer(at)};
    struct storage_session *session = NULL;
    enum status status = storage_session_new(storage, false, &session, err);

    if (status == STATUS_OK)
        status = storage_run(session, &query_server_setting_keep, values, 1, NULL, err);
    storage_session_free(session);
    return status;
}
