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
    return storage->engine->settle(storage->settling, err);
}

/*
 * After a flush that failed the system takes the pages for clean, so another one would say yes to what never reached the disk:
 * everything is handed to it again. Until that is done nobody may write or copy the log into the database file.
 */
static enum status settle(struct storage *storage, struct error *err)
{
    enum status status = STATUS_OK;

    if (storage->settling == NULL)
        status = storage->engine->connect(&storage->options, false, &storage->settling, err);
    if (status != STATUS_OK)
        return status;
    if (!atomic_load(&storage->unsettled))
        atomic_store(&storage->unsettled, flush(storage, err) != STATUS_OK);
    if (atomic_load(&storage->unsettled)) {
        status = storage->engine->settle_again(storage->settling, err);
        atomic_store(&storage->unsettled, status != STATUS_OK);
    }
    return status;
}

enum status storage_settle(struct storage *storage, struct error *err)
{
    if (!storage_owes(storage))
        return STATUS_OK;
    pthread_mutex_lock(&storage->settle_lock);
    enum status status = settle(storage, err);
    pthread_mutex_unlock(&storage->settle_lock);
    return status;
}
