/* engine.c: opens the database and starts the engine with the features' hooks, for the server and the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/definitions/definitions_store.h"
#include "features/events/events_store.h"
#include "features/insight/insight_store.h"
#include "features/measures/measures_store.h"
#include "features/orders/bookings_store.h"
#include "features/points/ledger.h"
#include "features/programme/programme_store.h"
#include "features/redemption/case_store.h"
#include "features/tasks/tasks_store.h"
#include "foundation/clock.h"
#include "queries.h"
#include "server/definitions.h"
#include "server/key_check.h"
#include "server/key_file.h"
#include "server/paths.h"
#include "server/server.h"

static enum status configure(struct storage_session *session, struct arena *arena, const struct programme_set **out,
                             struct error *err)
{
    const struct definitions_reading definitions = {definition_kinds, definition_kind_count, clock_now(&clock_system)};
    struct programme_set *set;
    enum status status = programme_configure(session, arena, &set, err);
    if (status == STATUS_OK)
        status = events_configure(session, arena, set, err);
    if (status == STATUS_OK)
        status = tasks_configure(session, arena, set, err);
    if (status == STATUS_OK)
        status = redemption_configure(session, arena, set, err);
    if (status == STATUS_OK)
        status = bookings_configure(session, arena, set, err);
    if (status == STATUS_OK)
        status = insight_configure(session, set, err);
    if (status == STATUS_OK)
        status = measures_configure(session, arena, set, err);
    /* After everything else that the set holds: documents refer to it. */
    if (status == STATUS_OK)
        status = definitions_configure(session, arena, &definitions, set, err);
    if (status == STATUS_OK)
        *out = set;
    return status;
}

static const struct engine_hooks hooks = {.advance = points_advance, .configure = configure};

const char *option_or_environment(const char *option, const char *variable, const char *usual)
{
    const char *value = option != NULL ? option : getenv(variable);
    return value != NULL && value[0] != '\0' ? value : usual;
}

bool is_postgres(const char *database)
{
    return strncmp(database, "postgresql://", 13) == 0 || strncmp(database, "postgres://", 11) == 0;
}

void path_beside(const char *database, const char *name, char out[SERVER_PATH_SIZE])
{
    const char *slash = is_postgres(database) ? NULL : strrchr(database, '/');
    int size = slash == NULL ? 0 : (int)(slash - database) + 1;
    snprintf(out, SERVER_PATH_SIZE, "%.*s%s", size, database, name);
}

/*
 * A new key for an old database would make all its seals look forged. That there is an old one a file shows at once; on
 * PostgreSQL the database must be asked, so `*missing` leaves it to key_check.
 */
static enum status read_seal_key(const char *database, const char *path, bool create, unsigned char key[SEAL_KEY_SIZE],
                                 bool *missing, struct error *err)
{
    bool file = !is_postgres(database);
    bool old = file && file_has_content(database);
    if (file && !old && !create)
        return error_set(err, STATUS_MISSING, "server.database", "",
                         "there is no database '%s': --database names another, 'patron serve' makes a new one",
                         database);
    *missing = false;
    if (file && !old)
        return key_file_read(path, true, key, err);
    *missing = !file_has_content(path);
    if (*missing && old)
        return error_set(err, STATUS_IO, "server.key_file", "",
                         "the key of %s is missing: it was in %s (--key-file names another place)", database, path);
    return *missing ? STATUS_OK : key_file_read(path, false, key, err);
}

enum status server_storage_open(const struct server_engine_options *options, struct server_storage *out,
                                struct error *err)
{
    const char *database = option_or_environment(options->database, "PATRON_DATABASE", "patron.db");
    struct storage_options storage = {.schema = &storage_schema,
                                      .database = database,
                                      .create = options->create,
                                      .cache_bytes = options->cache_bytes,
                                      .commit_times = options->commit_times};
    struct server_storage opened = {.storage = NULL};
    char beside[SERVER_PATH_SIZE];
    bool missing = false;
    int64_t id = 0;

    path_beside(database, "patron.key", beside);
    const char *key_file = option_or_environment(options->key_file, "PATRON_KEY_FILE", beside);
    enum status status = secret_start(err);
    if (status == STATUS_OK)
        status = read_seal_key(database, key_file, options->create, opened.seal_key, &missing, err);
    if (status == STATUS_OK)
        status = storage_open(&storage, &opened.storage, err);
    if (status != STATUS_OK)
        return status;
    status = key_check(opened.storage, key_file, missing, opened.seal_key, err);
    if (status == STATUS_OK)
        status = database_id(opened.storage, &id, err);
    if (status != STATUS_OK) {
        storage_close(opened.storage);
        return status;
    }
    snprintf(opened.erased_file, SERVER_PATH_SIZE, "%.*s.%08x.erased", SERVER_PATH_SIZE - 32, key_file,
             (unsigned)(id & 0xffffffff));
    *out = opened;
    return STATUS_OK;
}

enum status server_engine_open(const struct server_engine_options *options, struct server_engine *out,
                               struct error *err)
{
    struct server_storage database;
    struct server_engine opened = {.storage = NULL};
    enum status status = server_storage_open(options, &database, err);

    if (status != STATUS_OK)
        return status;
    opened.storage = database.storage;
    memcpy(opened.erased_file, database.erased_file, sizeof opened.erased_file);
    struct engine_options engine = {.storage = database.storage,
                                    .hooks = &hooks,
                                    .clock = &clock_system,
                                    .seal_key = database.seal_key,
                                    .lanes = options->lanes,
                                    .sweep = options->sweep,
                                    .prepare = options->prepare,
                                    .event_archive =
                                        option_or_environment(options->event_archive, "PATRON_EVENT_ARCHIVE", NULL)};
    status = engine_start(&engine, &opened.engine, err);
    if (status != STATUS_OK) {
        storage_close(database.storage);
        return status;
    }
    *out = opened;
    return STATUS_OK;
}

void server_engine_close(struct server_engine *opened)
{
    engine_stop(opened->engine);
    storage_close(opened->storage);
}
