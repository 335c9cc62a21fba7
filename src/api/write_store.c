/* write_store.c: write transactions beside the engine, for users, jobs and configuration. */
#include "api/write_store.h"

#include "storage/storage.h"

enum status write_open(struct engine *engine, struct storage_session **out, struct error *err)
{
    return storage_session_new(engine_storage(engine), false, out, err);
}

void write_close(struct storage_session *session)
{
    if (session != NULL)
        storage_session_free(session);
}

enum status write_begin(struct storage_session *session, struct error *err)
{
    return storage_begin(session, err);
}

enum status write_end(struct storage_session *session, enum status status, struct error *err)
{
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    if (status != STATUS_OK)
        storage_rollback(session);
    return status;
}
