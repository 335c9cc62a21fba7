/* server.h: the whole server: database, engine, API and HTTP, started and stopped together. */
#ifndef PATRON_SERVER_SERVER_H
#define PATRON_SERVER_SERVER_H

#include <stdbool.h>

#include "api/analysis.h"
#include "engine/engine.h"
#include "engine/seal.h"
#include "foundation/error.h"
#include "server/paths.h"
#include "storage/storage.h"

struct server_options {
    const char *database; /* NULL: PATRON_DATABASE, or patron.db */
    const char *key_file; /* NULL: PATRON_KEY_FILE, or patron.key beside the database */
    const char *files;    /* directory of the jobs' files; NULL: PATRON_FILES, or patron.files beside the database */
    const char *archive;  /* directory of the archive (SQLite); NULL: PATRON_ARCHIVE, or none */
    int archive_days;     /* kept for so long; 0: 14 */
    const char *event_archive; /* directory of the texts of old events; NULL: PATRON_EVENT_ARCHIVE, or none */
    const char *heads;         /* directory of the seals of each day; NULL: PATRON_HEADS, or none */
    const char *oidc;          /* settings of an issuer by which people sign in; NULL: PATRON_OIDC, or none */
    const char *address;       /* NULL: PATRON_ADDRESS, or 127.0.0.1 */
    int port;                  /* -1: PATRON_PORT, or 8377; 0: any free one */
    const char *tls_certificate, *tls_key;
    int workers;                 /* 0: 4 */
    int lanes;                   /* 0: what suits the database */
    int queue_max;               /* requests waiting for a worker; 0: 1,024 */
    int connections_per_address; /* 0: 1,024 */
    int read_timeout_seconds;    /* 0: 30 */
    /* Called once after the engine started and before requests come (the demo fills the database here); may be NULL. */
    enum status (*prepare)(struct engine *engine, void *context, struct error *err);
    void *context;
    const struct analyses *analyses; /* of the live base, as jobs; NULL: none */
    const char *greeting;            /* printed when the server listens; may be NULL */
};

/*
 * Runs until SIGTERM or SIGINT. Prints "patron: listening on http://127.0.0.1:8377" and a first password on stdout. A
 * signal during `prepare` ends the process at once; the database keeps what was committed.
 */
enum status server_run(const struct server_options *options, struct error *err);

/* ---- for the command line: the engine alone, on the same database ---- */

struct server_engine {
    struct storage *storage;
    struct engine *engine;
    char erased_file[SERVER_PATH_SIZE]; /* see erased.h: beside the key file, named by it and the database */
};
struct server_engine_options {
    const char *database, *key_file; /* as above */
    const char *event_archive;       /* as above */
    bool create;                     /* make the database when there is none */
    bool sweep, prepare;             /* as of struct engine_options */
    int lanes;
    struct commit_times *commit_times; /* of storage/commit_times.h; NULL: nobody asks */
    int64_t cache_bytes;               /* see storage_options */
};
/* The database alone, for who only reads it: opened, and its key checked. */
struct server_storage {
    struct storage *storage;
    unsigned char seal_key[SEAL_KEY_SIZE];
    char erased_file[SERVER_PATH_SIZE];
};
enum status server_storage_open(const struct server_engine_options *options, struct server_storage *out,
                                struct error *err);

enum status server_engine_open(const struct server_engine_options *options, struct server_engine *out,
                               struct error *err);
void server_engine_close(struct server_engine *opened);

#endif
