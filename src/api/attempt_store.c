#include "api/attempt_store.h"

#include "queries.h"
#include "storage/storage.h"

static enum status write_one(struct storage_session *session, const struct shared_attempt *attempt, struct error *err)
{
    const struct storage_value values[] = {value_integer(attempt->who), value_integer(attempt->failures),
                                           value_integer(attempt->at)};
    enum status status = STATUS_OK;
    if (attempt->cleared)
        status = storage_send(session, &query_api_attempt_clear, values, 1, NULL, err);
    if (status == STATUS_OK && attempt->failures > 0)
        status = storage_send(session, &query_api_attempt_add, values, 1, NULL, err);
    return status;
}

enum status attempts_write(struct storage_session *session, const struct shared_attempt *attempts, size_t count,
                           struct error *err)
{
    const struct storage_value kept = value_integer(ATTEMPTS_SHARED_MAX);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = write_one(session, &attempts[i], err);
    return status == STATUS_OK ? storage_run(session, &query_api_attempts_trim, &kept, 1, NULL, err) : status;
}

struct reading {
    struct shared_attempt *out;
    size_t room, count;
};

static enum status receive_row(void *context, const struct storage_row *row, struct error *err)
{
    struct reading *reading = context;
    (void)err;
    if (reading->count < reading->room)
        reading->out[reading->count++] = (struct shared_attempt){
            .who = row_integer(row, 0), .failures = row_integer(row, 1), .at = row_integer(row, 2)};
    return STATUS_OK;
}

enum status attempts_read(struct storage_session *session, struct shared_attempt *out, size_t room, size_t *count,
                          struct error *err)
{
    struct reading reading = {.out = out, .room = room};
    const struct storage_receiver receiver = {.row = receive_row, .context = &reading};
    const struct storage_value limit = value_integer((int64_t)room);
    enum status status = storage_run(session, &query_api_attempts_list, &limit, 1, &receiver, err);
    *count = reading.count;
    return status;
}
