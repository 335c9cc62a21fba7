#include "server/key_check.h"

#include <endian.h>
#include <string.h>

#include "features/points/verify.h"
#include "queries.h"
#include "server/key_file.h"

static const char fingerprint_name[] = "seal.key";
static const char id_name[] = "database.id";

/* 63 bits, which tell keys apart and say nothing about them. */
static int64_t fingerprint(const unsigned char key[SEAL_KEY_SIZE])
{
    static const char purpose[] = "patron fingerprint of the seal key";
    unsigned char digest[DIGEST_SIZE];
    uint64_t number;
    digest_keyed(key, SEAL_KEY_SIZE, purpose, sizeof purpose - 1, digest);
    memcpy(&number, digest, sizeof number);
    return (int64_t)(le64toh(number) >> 1);
}

struct stored {
    int64_t value;
    bool found;
};

static enum status receive(void *context, const struct storage_row *row, struct error *err)
{
    struct stored *stored = context;
    (void)err;
    *stored = (struct stored){row_integer(row, 0), true};
    return STATUS_OK;
}

static enum status read_stored(struct storage_session *session, const char *setting, struct stored *out,
                               struct error *err)
{
    const struct storage_value name = value_string(setting);
    const struct storage_receiver receiver = {.row = receive, .context = out};
    return storage_run(session, &query_api_setting_read, &name, 1, &receiver, err);
}

/* Whether a row of the journal was ever sealed. */
static enum status read_used(struct storage_session *session, bool *used, struct error *err)
{
    struct verify_head heads[BUCKET_COUNT] = {0};
    enum status status = verify_heads_read(session, heads, err);
    *used = false;
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++)
        *used |= heads[bucket].seq > 0;
    return status;
}

/* Whoever comes first decides, when several processes start on an empty database. */
static enum status keep(struct storage_session *session, const char *setting, int64_t value, struct stored *out,
                        struct error *err)
{
    const struct storage_value values[] = {value_string(setting), value_integer(value)};
    enum status status = storage_run(session, &query_api_setting_create, values, 1, NULL, err);
    return status == STATUS_OK ? read_stored(session, setting, out, err) : status;
}

static enum status check(struct storage_session *session, const char *path, bool missing, unsigned char *key,
                         struct error *err)
{
    struct stored stored = {.found = false};
    bool used = false;
    enum status status = read_stored(session, fingerprint_name, &stored, err);
    if (status == STATUS_OK && missing)
        status = read_used(session, &used, err);
    if (status != STATUS_OK)
        return status;
    if (missing && (stored.found || used))
        return error_set(err, STATUS_IO, "server.key_file", "",
                         "the key of this database is missing: bring its file to %s (--key-file names another place)",
                         path);
    if (missing)
        status = key_file_read(path, true, key, err);
    if (status == STATUS_OK && !stored.found)
        status = keep(session, fingerprint_name, fingerprint(key), &stored, err);
    if (status != STATUS_OK)
        return status;
    if (stored.value != fingerprint(key))
        return error_set(err, STATUS_CONFLICT, "server.key_mismatch", "",
                         "the key in %s is another database's: bring this one's key file (--key-file names another "
                         "place)",
                         path);
    return STATUS_OK;
}

enum status key_check(struct storage *storage, const char *path, bool missing, unsigned char key[SEAL_KEY_SIZE],
                      struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(storage, false, &session, err);
    if (status != STATUS_OK)
        return status;
    status = check(session, path, missing, key, err);
    storage_session_free(session);
    return status;
}

static enum status read_id(struct storage_session *session, int64_t *out, struct error *err)
{
    struct stored stored = {.found = false};
    uint64_t chance;
    secret_random(&chance, sizeof chance);
    enum status status = read_stored(session, id_name, &stored, err);
    if (status == STATUS_OK && !stored.found)
        status = keep(session, id_name, (int64_t)(chance >> 1), &stored, err);
    if (status == STATUS_OK)
        *out = stored.value;
    return status;
}

enum status database_id(struct storage *storage, int64_t *out, struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(storage, false, &session, err);
    if (status != STATUS_OK)
        return status;
    status = read_id(session, out, err);
    storage_session_free(session);
    return status;
}

enum status key_compare(struct storage *storage, const unsigned char key[SEAL_KEY_SIZE], bool *same, struct error *err)
{
    struct storage_session *session;
    struct stored stored = {.found = false};
    enum status status = storage_session_new(storage, true, &session, err);
    if (status != STATUS_OK)
        return status;
    status = read_stored(session, fingerprint_name, &stored, err);
    storage_session_free(session);
    if (status == STATUS_OK)
        *same = !stored.found || stored.value == fingerprint(key);
    return status;
}
