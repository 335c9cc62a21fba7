/* internal.h: what the files of storage/ know of one database. */
#ifndef PATRON_STORAGE_INTERNAL_H
#define PATRON_STORAGE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "storage/driver.h"

struct storage {
    const struct storage_engine *engine;
    struct storage_options options; /* defaults filled in; `database` is ours */
    char *database;
    pthread_mutex_t upkeep_lock;
    struct driver_connection *upkeep; /* made by the first checkpoint */
    pthread_mutex_t settle_lock;
    struct driver_connection *settling; /* made by the first settlement */
    atomic_bool unsettled;              /* the disk has refused something that is seen already */
    void (*trace_line)(void *context, const char *text);
    void *trace_context;
    struct storage_fault *fault;
    const struct storage_log_keeper *keeper; /* NULL: none */
};

#endif
