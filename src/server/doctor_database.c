/* doctor_database.c: what the database tells of itself: schema, settings, integrity, seals, clock, what is behind. */
#include <stdlib.h>
#include <string.h>

#include "features/points/verify.h"
#include "foundation/clock.h"
#include "foundation/instant.h"
#include "foundation/secret.h"
#include "foundation/zone.h"
#include "queries.h"
#include "server/archive.h"
#include "server/doctor.h"
#include "server/key_check.h"
#include "server/key_file.h"
#include "server/paths.h"
#include "server/upkeep_times.h"

enum {
    LAST_ROWS = 1000,
    POSTGRES_MIN = 150000,
    FROZEN_MAX = 1500000000,
    TRANSACTION_SECONDS_MAX = 6 * 3600,
    BACKUP_DAYS = 2,
    QUICK_CHECK_MIB = 2048,
};

struct looking {
    const struct doctor_options *options;
    struct doctor_report *report;
    struct storage *storage;
    struct storage_session *session;
    const char *database;
    int64_t now;
};

/* ---- small reads ---- */

static enum status take_number(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context += row_integer(row, 0);
    return STATUS_OK;
}

/* The sum over all rows; a read that fails is a finding, and gives 0. */
static int64_t read_number(struct looking *looking, const struct storage_query *query,
                           const struct storage_value *values)
{
    int64_t number = 0;
    struct error error = {0};
    const struct storage_receiver receiver = {.row = take_number, .context = &number};

    if (storage_run(looking->session, query, values, 1, &receiver, &error) == STATUS_OK)
        return number;
    doctor_add(looking->report, DOCTOR_DATABASE_DAMAGED, "%s", error.message);
    storage_rollback(looking->session);
    storage_begin(looking->session, NULL);
    return 0;
}

static int64_t read_buckets(struct looking *looking, const struct storage_query *query, int64_t before)
{
    int64_t sum = 0;

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        sum += read_number(looking, query, (struct storage_value[]){value_integer(bucket), value_integer(before)});
    return sum;
}

/* ---- settings of the engine ---- */

struct setting {
    const char *name, *wanted; /* NULL: the number must lie in minimum..maximum */
    int64_t minimum, maximum;
    enum doctor_kind kind;
};

static const struct setting settings[] = {
    {"journal_mode", "wal", 0, 0, DOCTOR_JOURNAL_MODE},
    {"fsync", "on", 0, 0, DOCTOR_POSTGRES_DURABILITY},
    {"full_page_writes", "on", 0, 0, DOCTOR_POSTGRES_DURABILITY},
    {"server_encoding", "UTF8", 0, 0, DOCTOR_POSTGRES_ENCODING},
    {"collation_changed", "no", 0, 0, DOCTOR_POSTGRES_COLLATION},
    {"archive_failing", "no", 0, 0, DOCTOR_POSTGRES_ARCHIVE},
    {"server_version_num", NULL, POSTGRES_MIN, INT64_MAX, DOCTOR_POSTGRES_VERSION},
    {"frozen_age", NULL, 0, FROZEN_MAX, DOCTOR_POSTGRES_FROZEN},
    {"oldest_transaction", NULL, 0, TRANSACTION_SECONDS_MAX, DOCTOR_POSTGRES_TRANSACTION},
};

static bool is_fine(const struct setting *setting, struct text value)
{
    int64_t number = 0;

    if (setting->wanted != NULL)
        return text_equals(value, setting->wanted);
    return text_to_integer(value, &number) && number >= setting->minimum && number <= setting->maximum;
}

static void check_special(struct looking *looking, struct text name, struct text value)
{
    int64_t clock = 0, off;

    /* Patron's own sessions set it; "off" here shows a server meant to lose commits. */
    if (text_equals(name, "synchronous_commit") && (text_equals(value, "off") || text_equals(value, "local")))
        doctor_add(looking->report, DOCTOR_POSTGRES_DURABILITY, "synchronous_commit is %.*s", (int)value.size,
                   value.bytes);
    if (!text_equals(name, "clock") || !text_to_integer(value, &clock))
        return;
    off = clock - clock_now(&clock_system);
    if (off > 5 * INSTANT_SECOND || off < -5 * INSTANT_SECOND)
        doctor_add(looking->report, DOCTOR_CLOCK_DIFFERS, "the clock of the database is %lld seconds off ours",
                   (long long)(off / INSTANT_SECOND));
}

static enum status receive_setting(void *context, const struct storage_row *row, struct error *err)
{
    struct looking *looking = context;
    struct text name = row_text(row, 0), value = row_text(row, 1);

    (void)err;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (text_equals(name, settings[i].name) && !is_fine(&settings[i], value))
            doctor_add(looking->report, settings[i].kind, "%s is %.*s", settings[i].name, (int)value.size, value.bytes);
    check_special(looking, name, value);
    return STATUS_OK;
}

static void check_settings(struct looking *looking)
{
    const struct storage_receiver receiver = {.row = receive_setting, .context = looking};
    struct error error = {0};

    if (storage_run(looking->session, &query_server_doctor_settings, NULL, 1, &receiver, &error) != STATUS_OK)
        doctor_add(looking->report, DOCTOR_DATABASE_DAMAGED, "%s", error.message);
}

/* ---- integrity and seals ---- */

static enum status receive_integrity(void *context, const struct storage_row *row, struct error *err)
{
    struct looking *looking = context;
    struct text line = row_text(row, 0);

    (void)err;
    if (!text_equals(line, "ok"))
        doctor_add(looking->report, DOCTOR_DATABASE_DAMAGED, "%.*s", (int)line.size, line.bytes);
    return STATUS_OK;
}

/* The quick check reads the whole file: of a large one only when everything is asked for. */
static void check_integrity(struct looking *looking)
{
    bool full = looking->options->full;
    const struct storage_query *query = full ? &query_server_doctor_integrity : &query_server_doctor_integrity_quick;
    const struct storage_receiver receiver = {.row = receive_integrity, .context = looking};
    struct error error = {0};

    if (!full && !is_postgres(looking->database) && file_bytes(looking->database) / 1048576 > QUICK_CHECK_MIB)
        return;
    if (storage_run(looking->session, query, NULL, 1, &receiver, &error) != STATUS_OK)
        doctor_add(looking->report, DOCTOR_DATABASE_DAMAGED, "%s", error.message);
}

static void check_seals(struct looking *looking, const unsigned char *key)
{
    struct verify_report found = {.clean = true};
    struct error error = {0};
    int64_t rows = looking->options->last_rows > 0 ? looking->options->last_rows : LAST_ROWS;
    const struct verify_options verify = {
        .storage = looking->storage, .seal_key = key, .last_rows = looking->options->full ? 0 : rows};

    if (verify_run(&verify, &found, &error) != STATUS_OK)
        doctor_add(looking->report, DOCTOR_DATABASE_DAMAGED, "the journal cannot be verified: %s", error.message);
    else if (!found.clean)
        doctor_add(looking->report, DOCTOR_SEALS, "bucket %d, %s, %s: %s", found.bucket, found.table, found.key,
                   found.what);
}

static void check_key(struct looking *looking)
{
    char beside[SERVER_PATH_SIZE];
    unsigned char key[SEAL_KEY_SIZE];
    bool same = true;

    path_beside(looking->database, "patron.key", beside);
    const char *path = option_or_environment(looking->options->key_file, "PATRON_KEY_FILE", beside);
    if (!file_has_content(path) || key_file_read(path, false, key, NULL) != STATUS_OK)
        return; /* told by doctor_machine */
    if (key_compare(looking->storage, key, &same, NULL) == STATUS_OK && !same)
        doctor_add(looking->report, DOCTOR_KEY_OTHER, "%s is the key of another database", path);
    else
        check_seals(looking, key);
}

/* ---- what is behind ---- */

static void check_times(struct looking *looking)
{
    int64_t last = read_number(looking, &query_server_doctor_time, NULL);
    char at[INSTANT_TEXT_SIZE];

    if (last > looking->now + INSTANT_MINUTE)
        doctor_add(looking->report, DOCTOR_CLOCK_BEHIND, "the last commit is of %s, %lld seconds from now",
                   instant_format(last, at), (long long)((last - looking->now) / INSTANT_SECOND));
}

static void check_behind(struct looking *looking)
{
    int64_t due = read_buckets(looking, &query_server_doctor_due, looking->now - INSTANT_HOUR);
    int64_t replies = read_buckets(looking, &query_server_doctor_requests, looking->now - 2 * INSTANT_DAY);
    int64_t unread = read_buckets(looking, &query_server_doctor_readers, looking->now - INSTANT_HOUR);
    const struct storage_value before = value_integer(looking->now - 10 * INSTANT_MINUTE);
    int64_t jobs = read_number(looking, &query_server_doctor_jobs, &before);

    if (due > 0)
        doctor_add(looking->report, DOCTOR_DUE, "%lld members were due more than an hour ago", (long long)due);
    if (replies > 0)
        doctor_add(looking->report, DOCTOR_REPLIES_OLD, "%lld replies are kept past their time", (long long)replies);
    if (unread > 0)
        doctor_add(looking->report, DOCTOR_READERS_BEHIND, "%lld rows of the journal wait for a reader since an hour",
                   (long long)unread);
    if (jobs > 0)
        doctor_add(looking->report, DOCTOR_JOBS_STUCK, "%lld jobs show no sign of life", (long long)jobs);
}

static void take_stretch(void *context, const struct archive_stretch *stretch)
{
    *(int64_t *)context = stretch->to;
}

/* An archive of the server's counts as a backup. */
static bool check_archive(struct looking *looking)
{
    const char *directory = option_or_environment(looking->options->archive, "PATRON_ARCHIVE", NULL);
    struct error error = {0};
    int64_t until = 0;
    char at[INSTANT_TEXT_SIZE];

    if (directory == NULL)
        return false;
    if (archive_check(directory, take_stretch, &until, &error) != STATUS_OK)
        doctor_add(looking->report, DOCTOR_ARCHIVE_DAMAGED, "%s", error.message);
    if (until < looking->now - INSTANT_HOUR)
        doctor_add(looking->report, DOCTOR_ARCHIVE_OLD, "%s is complete up to %s", directory,
                   until == 0 ? "no moment" : instant_format(until, at));
    return true;
}

static void check_backup(struct looking *looking)
{
    if (check_archive(looking))
        return;
    int64_t last = 0, begun = read_number(looking, &query_server_doctor_age, NULL);
    char at[INSTANT_TEXT_SIZE];

    if (upkeep_time_read(looking->session, UPKEEP_BACKUP, &last, NULL) != STATUS_OK)
        return;
    if (last == 0 && begun > 0 && begun < looking->now - BACKUP_DAYS * INSTANT_DAY)
        doctor_add(looking->report, DOCTOR_BACKUP_OLD, "no backup was ever made");
    else if (last > 0 && last < looking->now - BACKUP_DAYS * INSTANT_DAY)
        doctor_add(looking->report, DOCTOR_BACKUP_OLD, "the last backup was made at %s", instant_format(last, at));
}

/* A server that keeps the seals of each day wrote them yesterday, at the latest. */
static void check_heads(struct looking *looking)
{
    const char *directory = option_or_environment(looking->options->heads, "PATRON_HEADS", NULL);
    char day[DAY_TEXT_SIZE];
    bool found = directory == NULL;

    for (int32_t back = -1; back <= BACKUP_DAYS && !found; back++) {
        const char *path = arena_format(looking->report->arena, "%s/heads-%s.txt", directory,
                                        day_format((int32_t)(looking->now / INSTANT_DAY) - back, day));
        found = file_has_content(path);
    }
    if (!found)
        doctor_add(looking->report, DOCTOR_HEADS_OLD, "%s has no seals of the last %d days", directory, BACKUP_DAYS);
}

static enum status receive_zone(void *context, const struct storage_row *row, struct error *err)
{
    struct looking *looking = context;
    struct text name = row_text(row, 0);
    const struct zone *zone;
    struct error error = {0};

    (void)err;
    if (name.size > 0 && zone_load(looking->report->arena, name, &zone, &error) != STATUS_OK)
        doctor_add(looking->report, DOCTOR_ZONE_UNKNOWN, "%s", error.message);
    return STATUS_OK;
}

static void check_zones(struct looking *looking)
{
    const struct storage_receiver receiver = {.row = receive_zone, .context = looking};
    const struct zone *zone;
    struct error error = {0};

    /* A library without its data knows only UTC. */
    if (zone_load(looking->report->arena, TEXT("Asia/Shanghai"), &zone, &error) != STATUS_OK)
        doctor_add(looking->report, DOCTOR_ZONE_UNKNOWN, "%s", error.message);
    storage_run(looking->session, &query_server_doctor_zones, NULL, 1, &receiver, NULL);
}

/* ---- together ---- */

static enum doctor_kind kind_of(const struct error *error)
{
    static const struct {
        const char *code;
        enum doctor_kind kind;
    } kinds[] = {{"storage.newer_schema", DOCTOR_SCHEMA_NEWER},
                 {"storage.older_schema", DOCTOR_SCHEMA_OLDER},
                 {"storage.migration_changed", DOCTOR_SCHEMA_CHANGED},
                 {"storage.corrupt", DOCTOR_DATABASE_DAMAGED}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(error->code, kinds[i].code) == 0)
            return kinds[i].kind;
    return DOCTOR_DATABASE_CLOSED;
}

static void look(struct looking *looking)
{
    check_settings(looking);
    check_integrity(looking);
    check_times(looking);
    check_behind(looking);
    check_backup(looking);
    check_heads(looking);
    check_zones(looking);
    check_key(looking);
}

void doctor_database(const struct doctor_options *options, struct doctor_report *report)
{
    const char *database = option_or_environment(options->database, "PATRON_DATABASE", "patron.db");
    struct storage_options opening = {.schema = &storage_schema, .database = database, .read_only = true};
    struct looking looking = {
        .options = options, .report = report, .database = database, .now = clock_now(&clock_system)};
    struct error error = {0};

    if (!is_postgres(database) && !file_has_content(database)) {
        doctor_add(report, DOCTOR_DATABASE_CLOSED, "there is no database %s", database);
        return;
    }
    enum status status = storage_open(&opening, &looking.storage, &error);
    if (status == STATUS_OK)
        status = storage_session_new(looking.storage, true, &looking.session, &error);
    if (status == STATUS_OK)
        status = storage_begin(looking.session, &error);
    if (status == STATUS_OK)
        look(&looking);
    else
        doctor_add(report, kind_of(&error), "%s", error.message);
    if (looking.session != NULL)
        storage_rollback(looking.session);
    storage_session_free(looking.session);
    storage_close(looking.storage);
}
