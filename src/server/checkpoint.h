/* checkpoint.h: a thread that moves the write-ahead log into the database file beside the writer (SQLite). */
#ifndef PATRON_SERVER_CHECKPOINT_H
#define PATRON_SERVER_CHECKPOINT_H

#include "foundation/error.h"
#include "storage/storage.h"

struct checkpoint;

/* NULL for PostgreSQL, which needs none. */
enum status checkpoint_start(struct storage *storage, struct checkpoint **out, struct error *err);
void checkpoint_stop(struct checkpoint *checkpoint); /* accepts NULL */

#endif
