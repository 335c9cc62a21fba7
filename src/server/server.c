/* server.c: the whole server: started in order, stopped in the opposite one. */
#include "server/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "api/user.h"
#include "foundation/instant.h"
#include "foundation/log.h"
#include "http/server.h"
#include "queries.h"
#include "server/archive.h"
#include "server/checkpoint.h"
#include "server/erased.h"
#include "server/features.h"
#include "server/issuer.h"
#include "server/key_file.h"
#include "server/member_events.h"
#include "server/nightly.h"
#include "server/paths.h"
#include "server/reactions.h"
#include "server/segments.h"
#include "server/signals.h"
#include "storage/storage.h"

enum {
    STOP_GRACE_MS = 10000,
    STOP_LIMIT_SECONDS = 30, /* then SIGALRM ends the process: all that was acknowledged is committed */
    PORT_USUAL = 8377,
};

struct server {
    const struct server_options *options;
    struct server_engine engine;
    struct archive *archive;
    struct checkpoint *checkpoint;
    struct nightly *nightly;
    struct reactor *reactor;
    struct event_keeper *events;
    struct segment_keeper *segments;
    struct jobs *jobs;
    struct issuer *issuer; /* NULL: nobody signs in by one */
    struct api *api;
    struct http_server *http;
};

static enum status read_port(int option, int *out, struct error *err)
{
    const char *variable = getenv("PATRON_PORT");
    int64_t port = option >= 0 ? option : PORT_USUAL;
    bool fine = option >= 0 || variable == NULL || text_to_integer(text_from(variable), &port);
    if (!fine || port < 0 || port > 65535)
        return error_set(err, STATUS_INVALID, "server.option", "port", "a port is a number from 0 to 65535");
    *out = (int)port;
    return STATUS_OK;
}

static enum status make_first_user(struct engine *engine, struct error *err)
{
    char password[PASSWORD_TEXT_SIZE];
    bool made;
    enum status status = user_first(engine, password, &made, err);
    if (status == STATUS_OK && made)
        printf("patron: the first user is 'admin' with the password %s (it is not shown again)\n", password);
    if (status == STATUS_OK && !made)
        printf("patron: there are users already; 'patron user passwd NAME' replaces a forgotten password\n");
    return status;
}

/* What is prepared is made of commits, and goes on when it is begun again: it need not be waited for. */
static enum status prepare(struct server *server, struct error *err)
{
    const struct server_options *options = server->options;
    if (options->prepare == NULL)
        return STATUS_OK;
    signals_release();
    enum status status = options->prepare(server->engine.engine, options->context, err);
    signals_block();
    return status;
}

/* A database that was put back by hand is brought to know of those who were erased since. */
static enum status erase_again(struct server *server, struct error *err)
{
    int64_t members = 0;
    enum status status = erased_apply(server->engine.engine, server->engine.erased_file, &members, err);
    if (status == STATUS_OK && members > 0)
        log_event(LOG_WARNING, "erased.again", "%lld members of %s were erased again", (long long)members,
                  server->engine.erased_file);
    return status;
}

static enum status start_nightly(struct server *server, struct error *err)
{
    const struct nightly_options nightly = {.engine = server->engine.engine,
                                            .erased_file = server->engine.erased_file,
                                            .heads =
                                                option_or_environment(server->options->heads, "PATRON_HEADS", NULL)};
    return nightly_start(&nightly, &server->nightly, err);
}

/* Before the database is opened: what a killed server left in its log is archived first. */
static enum status open_archive(struct server *server, struct error *err)
{
    const char *directory = option_or_environment(server->options->archive, "PATRON_ARCHIVE", NULL);
    const struct archive_options archive = {
        .directory = directory,
        .database = option_or_environment(server->options->database, "PATRON_DATABASE", "patron.db"),
        .kept_days = server->options->archive_days};
    if (directory == NULL)
        return STATUS_OK;
    if (is_postgres(archive.database))
        return error_set(err, STATUS_INVALID, "server.option", "archive",
                         "PostgreSQL archives its own log: see docs/operations.md, PostgreSQL");
    return archive_new(&archive, &server->archive, err);
}

static enum status start_engine(struct server *server, struct error *err)
{
    const struct server_options *options = server->options;
    struct server_engine_options engine = {.database = options->database,
                                           .key_file = options->key_file,
                                           .event_archive = options->event_archive,
                                           .create = true,
                                           .sweep = true,
                                           .prepare = true,
                                           .lanes = options->lanes};
    enum status status = open_archive(server, err);
    engine.commit_times = archive_times(server->archive);
    if (status == STATUS_OK)
        status = server_engine_open(&engine, &server->engine, err);
    if (status == STATUS_OK && server->archive != NULL)
        status = archive_start(server->archive, server->engine.storage, err);
    if (status != STATUS_OK)
        return status;
    status = checkpoint_start(server->engine.storage, &server->checkpoint, err);
    if (status == STATUS_OK)
        status = erase_again(server, err);
    if (status == STATUS_OK)
        status = prepare(server, err);
    if (status == STATUS_OK)
        status = make_first_user(server->engine.engine, err);
    if (status == STATUS_OK)
        status = start_nightly(server, err);
    if (status == STATUS_OK)
        status = reactor_start(server->engine.engine, &server->reactor, err);
    if (status == STATUS_OK)
        status = segment_keeper_start(server->engine.engine, &server->segments, err);
    if (status == STATUS_OK)
        status = event_keeper_start(server->engine.engine, &server->events, err);
    return status;
}

static enum status write_lag(void *context, const struct storage_row *row, struct error *err)
{
    struct text reader = row_text(row, 0);

    (void)err;
    builder_format(context, "patron_reader_behind_rows{reader=\"%.*s\"} %lld\n", (int)reader.size, reader.bytes,
                   (long long)row_integer(row, 1));
    return STATUS_OK;
}

static void write_lags(const struct server *server, struct builder *out)
{
    const struct storage_receiver receiver = {.row = write_lag, .context = out};
    struct storage_session *session;

    if (engine_read_begin(server->engine.engine, &session, NULL) != STATUS_OK)
        return;
    builder_string(out, "# TYPE patron_reader_behind_rows gauge\n");
    storage_run(session, &query_server_reader_lag, NULL, 1, &receiver, NULL);
    engine_read_end(server->engine.engine, session);
}

/* What only the whole server knows: who reads the journal, the log of SQLite and its archive. */
static void write_metrics(void *context, struct builder *out)
{
    const struct server *server = context;
    const char *database = option_or_environment(server->options->database, "PATRON_DATABASE", "patron.db");
    char log[SERVER_PATH_SIZE + 8];
    struct archive_figures done;

    write_lags(server, out);
    if (!is_postgres(database)) {
        snprintf(log, sizeof log, "%.*s-wal", SERVER_PATH_SIZE, database);
        builder_format(out, "# TYPE patron_database_bytes gauge\npatron_database_bytes %lld\n",
                       (long long)file_bytes(database));
        builder_format(out, "# TYPE patron_log_bytes gauge\npatron_log_bytes %lld\n", (long long)file_bytes(log));
    }
    if (server->archive == NULL)
        return;
    archive_figures(server->archive, &done);
    builder_format(out, "# TYPE patron_archive_until_seconds gauge\npatron_archive_until_seconds %lld\n",
                   (long long)(done.until_at / INSTANT_SECOND));
    builder_format(out, "# TYPE patron_archive_commits_total counter\npatron_archive_commits_total %lld\n",
                   (long long)done.commits);
    builder_format(out, "# TYPE patron_archive_bytes_total counter\npatron_archive_bytes_total %lld\n",
                   (long long)done.bytes);
    builder_format(out, "# TYPE patron_archive_gaps_total counter\npatron_archive_gaps_total %lld\n",
                   (long long)done.gaps);
    builder_format(out, "# TYPE patron_archive_failing gauge\npatron_archive_failing %d\n", done.failing);
}

static enum status start_api(struct server *server, struct error *err)
{
    const struct server_options *options = server->options;
    char beside[SERVER_PATH_SIZE];
    path_beside(option_or_environment(options->database, "PATRON_DATABASE", "patron.db"), "patron.files", beside);
    enum status status = jobs_new(server->engine.engine, option_or_environment(options->files, "PATRON_FILES", beside),
                                  &server->jobs, err);
    const char *oidc = option_or_environment(options->oidc, "PATRON_OIDC", NULL);
    if (status == STATUS_OK && oidc != NULL)
        status = issuers_new(oidc, &server->issuer, err);
    if (status != STATUS_OK)
        return status;
    struct api_options api = {.engine = server->engine.engine,
                              .jobs = server->jobs,
                              .analyses = options->analyses,
                              .features = features,
                              .feature_count = features_count,
                              .identity = issuer_identity(server->issuer),
                              .secure_cookies = options->tls_certificate != NULL,
                              .more_metrics = write_metrics,
                              .metrics_context = server};
    return api_new(&api, &server->api, err);
}

static enum status start_http(struct server *server, struct error *err)
{
    const struct server_options *options = server->options;
    struct http_options http = {.address = option_or_environment(options->address, "PATRON_ADDRESS", "127.0.0.1"),
                                .tls_certificate = options->tls_certificate,
                                .tls_key = options->tls_key,
                                .workers = options->workers,
                                .queue_max = options->queue_max,
                                .connections_per_address = options->connections_per_address,
                                .read_timeout_seconds = options->read_timeout_seconds,
                                .body_limit = api_body_limit,
                                .handle = api_handle,
                                .refuse = api_refuse,
                                .context = server->api};
    enum status status = read_port(options->port, &http.port, err);
    if (status == STATUS_OK)
        status = http_server_start(&http, &server->http, err);
    if (status != STATUS_OK)
        return status;
    api_watch_http(server->api, server->http);
    bool six = strchr(http.address, ':') != NULL;
    printf("patron: listening on http%s://%s%s%s:%d\n", options->tls_certificate == NULL ? "" : "s", six ? "[" : "",
           http.address, six ? "]" : "", http_server_port(server->http));
    if (options->greeting != NULL)
        printf("%s", options->greeting);
    fflush(stdout);
    log_event(LOG_INFO, "server.started", "Patron %s on %s, port %d", PATRON_VERSION,
              storage_engine(server->engine.storage), http_server_port(server->http));
    return STATUS_OK;
}

static void stop_all(struct server *server)
{
    if (server->http != NULL)
        http_server_stop(server->http, STOP_GRACE_MS);
    jobs_stop(server->jobs);
    api_free(server->api);
    issuer_free(server->issuer);
    event_keeper_stop(server->events);
    segment_keeper_stop(server->segments);
    reactor_stop(server->reactor);
    nightly_stop(server->nightly);
    checkpoint_stop(server->checkpoint);
    archive_stop(server->archive);
    if (server->engine.engine != NULL)
        server_engine_close(&server->engine);
    archive_free(server->archive);
}

enum status server_run(const struct server_options *options, struct error *err)
{
    struct server server = {.options = options};
    signals_block();
    enum status status = start_engine(&server, err);
    if (status == STATUS_OK)
        status = start_api(&server, err);
    if (status == STATUS_OK)
        status = start_http(&server, err);
    if (status == STATUS_OK) {
        signals_notify("READY=1");
        int number = signals_wait();
        signals_notify("STOPPING=1");
        log_event(LOG_INFO, "server.stopping", "signal %d", number);
        alarm(STOP_LIMIT_SECONDS);
    }
    stop_all(&server);
    return status;
}
