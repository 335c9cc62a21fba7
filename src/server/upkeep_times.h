/* upkeep_times.h: when the upkeep of a database was last done, kept in the database. */
#ifndef PATRON_SERVER_UPKEEP_TIMES_H
#define PATRON_SERVER_UPKEEP_TIMES_H

#include "foundation/error.h"
#include "storage/storage.h"

#define UPKEEP_BACKUP "backup.at"
#define UPKEEP_ARCHIVE "archive.at"

/* 0: never. */
enum status upkeep_time_read(struct storage_session *session, const char *name, int64_t *out, struct error *err);
enum status upkeep_time_keep(struct storage *storage, const char *name, int64_t at, struct error *err);

#endif
