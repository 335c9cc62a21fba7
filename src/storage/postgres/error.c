/* error.c: what PostgreSQL's SQLSTATEs mean to callers of the port. */
#include <string.h>

#include "storage/postgres/postgres.h"

struct postgres_meaning {
    const char *prefix; /* of the SQLSTATE; the first that fits counts */
    enum status status;
    const char *code;
};

static const struct postgres_meaning meanings[] = {
    {"40001", STATUS_BUSY, "storage.conflict"},  /* serialization failure */
    {"40P01", STATUS_BUSY, "storage.conflict"},  /* deadlock */
    {"55P03", STATUS_BUSY, "storage.conflict"},  /* lock timeout */
    {"08", STATUS_IO, "storage.unavailable"},    /* connection */
    {"57P", STATUS_IO, "storage.unavailable"},   /* shutting down, starting up, database dropped */
    {"53300", STATUS_IO, "storage.unavailable"}, /* too many connections */
    {"28", STATUS_IO, "storage.unavailable"},    /* user or password */
    {"3D000", STATUS_IO, "storage.unavailable"}, /* no such database */
    {"53100", STATUS_IO, "storage.full"},        {"53", STATUS_IO, "storage.memory"},
    {"25006", STATUS_IO, "storage.read_only"},   {"42501", STATUS_IO, "storage.read_only"}, /* no permission */
    {"58030", STATUS_IO, "storage.io"},          {"XX001", STATUS_IO, "storage.corrupt"},
    {"XX002", STATUS_IO, "storage.corrupt"},     {"23", STATUS_DEFECT, "storage.constraint"},
    {"22", STATUS_DEFECT, "storage.data"},       {"42804", STATUS_DEFECT, "storage.data"},
    {"", STATUS_DEFECT, "storage.statement"},
};

static const struct postgres_meaning meaning_broken = {"", STATUS_IO, "storage.unavailable"};
static const struct postgres_meaning meaning_unknown = {"", STATUS_IO, "storage.commit_unknown"};

static const struct postgres_meaning *meaning_of(const char *state)
{
    size_t i = 0;
    while (strncmp(state, meanings[i].prefix, strlen(meanings[i].prefix)) != 0)
        i++;
    return &meanings[i];
}

static bool has_commit(const struct postgres_connection *connection)
{
    for (size_t i = 0; i < connection->pending_count; i++)
        if (connection->pending[i].commits)
            return true;
    return false;
}

enum status postgres_error(const struct postgres_connection *connection, const PGresult *result,
                           const struct postgres_pending *pending, struct error *err)
{
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    /* The primary message alone: the detail may quote a member's data. */
    const char *message = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const struct postgres_meaning *meaning = state == NULL ? &meaning_broken : meaning_of(state);

    /* A coordinator of shards says XX000 when a shard was lost during COMMIT. */
    bool lost = PQstatus(connection->server) == CONNECTION_BAD || strcmp(meaning->code, meaning_broken.code) == 0;
    if (lost)
        meaning = &meaning_broken;
    if (lost ? has_commit(connection) : pending->commits && state != NULL && strcmp(state, "XX000") == 0)
        meaning = &meaning_unknown;
    if (message == NULL)
        message = PQerrorMessage(connection->server);
    int size = (int)strcspn(message, "\n");
    return error_set(err, meaning->status, meaning->code, "", "%s: PostgreSQL says: %.*s (SQLSTATE %s)", pending->doing,
                     size, message, state == NULL ? "none" : state);
}
