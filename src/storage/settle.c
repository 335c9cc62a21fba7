/* settle.c: the flush that commits owe, for all sessions at once. */
#include "storage/internal.h"

bool storage_owes(const struct storage *storage)
{
    return storage->engine->settle != NULL;
}

static enum status flush(struct storage *storage, struct error *err)
{
    if (fault_due(storage->fault, STORAGE_OPERATION_SETTLE))
        return error_set(err, storage->fault->status, "storage.injected", "", "a fault was injected here");
    enum status status = STATUS_OK;
    if (storage->settling == NULL)
        status = storage->engine->connect(&storage->options, false, &storage->settling, err);
    return status == STATUS_OK ? storage->engine->settle(storage->settling, err) : status;
}

/*
 * After a flush that failed the system takes the pages for clean, so another one would say yes to what never reached the disk.
 * The database file gets its own copy of them all, which is flushed by itself.
 */
static enum status copy_all(struct storage *storage, struct error *err)
{
    struct storage_log log = {0};
    enum status status = storage_checkpoint(storage, STORAGE_CHECKPOINT_CATCH_UP, &log, err);

    if (status == STATUS_OK && log.copied_bytes < log.bytes)
        status = error_set(err, STATUS_BUSY, "storage.locked", "", "a reader keeps the log from being copied");
    return status;
}

enum status storage_settle(struct storage *storage, struct error *err)
{
    enum status status = STATUS_OK;

    if (!storage_owes(storage))
        return STATUS_OK;
    pthread_mutex_lock(&storage->settle_lock);
    if (!atomic_load(&storage->unsettled)) {
        status = flush(storage, err);
        atomic_store(&storage->unsettled, status != STATUS_OK);
    }
    if (atomic_load(&storage->unsettled)) {
        status = copy_all(storage, err);
        atomic_store(&storage->unsettled, status != STATUS_OK);
    }
    pthread_mutex_unlock(&storage->settle_lock);
    return status;
}
