/* sheet_store.h: the sheets of a migration in the database, and what there is now. */
#ifndef PATRON_FEATURES_TAKEOVER_SHEET_STORE_H
#define PATRON_FEATURES_TAKEOVER_SHEET_STORE_H

#include "engine/engine.h"
#include "features/takeover/sheet.h"

enum { MIGRATION_NAME_MAX = 64, MIGRATION_SOURCE_MAX = 128 };
#define MIGRATION_DEFAULT "main"

/* 1 to MIGRATION_NAME_MAX letters, digits and -_. : STATUS_INVALID `migration.name`. */
enum status migration_name_check(struct text name, struct error *err);

/* A file of a migration as it was last read; source "" is the sheet given by hand. */
struct takeover_file {
    struct text migration, source, kind;
    int64_t rows, imported, known, refused, registered;
    int64_t at;
    struct text actor;
    int64_t version;
};
/* Of one migration, or of all with an empty name; ascending. */
enum status takeover_files(struct storage_session *session, struct arena *arena, struct text migration,
                           struct takeover_file **out, size_t *count, struct error *err);

/* Writes the file and replaces its lines, in the caller's write transaction. */
enum status takeover_file_put(struct storage_session *session, struct arena *arena, const struct takeover_file *file,
                              const struct sheet *lines, struct error *err);
/* The same in a transaction of its own. */
enum status takeover_file_write(struct engine *engine, const struct takeover_file *file, const struct sheet *lines,
                                struct error *err);

/*
 * What the system before says: the sheet given by hand (`*given`), else the sum of the files. Several files do not tell how
 * many members have points: one may be in more than one. STATUS_MISSING `migration.unknown` without either.
 */
enum status sheet_theirs(struct storage_session *session, struct text migration, struct sheet *out, bool *given,
                         struct error *err);

/* What there is now: a million lots take some seconds. */
enum status sheet_ours(struct storage_session *session, const struct zone *zone, struct sheet *out, struct error *err);

/* Both compared. `theirs` NULL: as sheet_theirs says. */
struct control_request {
    struct text migration;
    const struct sheet *theirs;
    const struct programme *programme;
};
enum status control_run(struct storage_session *session, struct arena *arena, const struct control_request *request,
                        struct control *out, struct error *err);

#endif
