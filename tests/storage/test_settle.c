/* What a loss of power leaves of commits that owe their flush (SQLite): a disk that takes only what it was told to flush. */
#include "suite.h"

#include "storage/storage_fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DISK_BYTES = 16 * 1048576, BLOCK_BYTES = 4096, BLOCKS = DISK_BYTES / BLOCK_BYTES };
enum { STEPS = 400, ROWS_MAX = 60, COPIED = 512 };

/* ---- a disk that forgets ---- */

/* A file as the disk has it, and the blocks that the system has not handed to it. */
struct disk {
    const char *name;
    unsigned char bytes[DISK_BYTES];
    int64_t size;
    bool dirty[BLOCKS];
};

static struct disk disks[] = {{.name = "/test.db"}, {.name = "/test.db-wal"}};
static pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;
static bool disk_is_there;
static int refusals; /* of the flushes to come */

static struct disk *disk_of(int file)
{
    char link[64], path[512];

    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    for (size_t i = 0; disk_is_there && i < sizeof disks / sizeof *disks; i++) {
        size_t name = strlen(disks[i].name);
        if (size > (ssize_t)name && strcmp(path + (size_t)size - name, disks[i].name) == 0)
            return &disks[i];
    }
    return NULL;
}

static void take(struct disk *disk, int file, size_t block, int64_t size)
{
    int64_t at = (int64_t)block * BLOCK_BYTES;

    if (at < size) {
        ssize_t got = pread(file, disk->bytes + at, BLOCK_BYTES, at);
        assert_true(got > 0);
        disk->size = at + got > disk->size ? at + got : disk->size;
    }
}

/* In place of the functions of the C library: SQLite calls these. */
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off64_t);

    *(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
    struct disk *disk = disk_of(file);
    if (disk != NULL) {
        assert_true(offset + (off64_t)size < DISK_BYTES);
        pthread_mutex_lock(&disk_lock);
        for (off64_t block = offset / BLOCK_BYTES; block <= (offset + (off64_t)size - 1) / BLOCK_BYTES; block++)
            disk->dirty[block] = true;
        pthread_mutex_unlock(&disk_lock);
    }
    return real(file, bytes, size, offset);
}

/* Linux takes what a disk refused for written, and tells of it once. */
int fdatasync(int file)
{
    int (*real)(int);
    struct disk *disk = disk_of(file);
    struct stat status;

    *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
    if (disk == NULL)
        return real(file);
    pthread_mutex_lock(&disk_lock);
    bool refuses = refusals > 0;
    refusals -= refuses;
    assert_int_equal(fstat(file, &status), 0);
    for (size_t block = 0; block < BLOCKS; block++) {
        if (disk->dirty[block] && !refuses)
            take(disk, file, block, status.st_size);
        disk->dirty[block] = false;
    }
    pthread_mutex_unlock(&disk_lock);
    errno = EIO;
    return refuses ? -1 : 0;
}

/* From now on the disk has what the files hold now. */
static void disk_begin(const struct suite *suite)
{
    char path[600];

    for (size_t i = 0; i < sizeof disks / sizeof *disks; i++) {
        snprintf(path, sizeof path, "%s%s", suite->folder, disks[i].name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        disks[i].size = (int64_t)fread(disks[i].bytes, 1, DISK_BYTES, file);
        memset(disks[i].dirty, 0, sizeof disks[i].dirty);
        fclose(file);
    }
    refusals = 0;
    disk_is_there = true;
}

/* The files as they are found after a loss of power: any of the blocks that were not flushed may have reached the disk. */
static void lose_power(const struct suite *suite, const char *name, int share)
{
    static unsigned char bytes[DISK_BYTES];
    char from[600], to[600];

    for (size_t i = 0; i < sizeof disks / sizeof *disks; i++) {
        snprintf(from, sizeof from, "%s%s", suite->folder, disks[i].name);
        snprintf(to, sizeof to, "%s/%s%s", suite->folder, name, disks[i].name + strlen("/test.db"));
        FILE *now = fopen(from, "rb");
        int64_t size = disks[i].size;
        memcpy(bytes, disks[i].bytes, DISK_BYTES);
        for (size_t block = 0; block < BLOCKS; block++)
            if (disks[i].dirty[block] && rand() % 100 < share) {
                fseek(now, (long)block * BLOCK_BYTES, SEEK_SET);
                int64_t got = (int64_t)fread(bytes + block * BLOCK_BYTES, 1, BLOCK_BYTES, now);
                int64_t end = (int64_t)block * BLOCK_BYTES + got;
                size = got > 0 && end > size ? end : size;
            }
        fclose(now);
        FILE *lost = fopen(to, "wb");
        assert_int_equal((int64_t)fwrite(bytes, 1, (size_t)size, lost), size);
        fclose(lost);
    }
}

static int64_t ask(sqlite3 *connection, const char *sql)
{
    sqlite3_stmt *statement;

    assert_int_equal(sqlite3_prepare_v2(connection, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    int64_t number = strcmp(text, "ok") == 0 ? 1 : sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

/* What is found is whole, has all that is surely there, and ends between two commits. */
static void assert_survives(const struct suite *suite, int64_t sure, int64_t written)
{
    for (int share = 0; share <= 100; share += 50) {
        char path[600], other[700];
        sqlite3 *found;

        lose_power(suite, "lost.db", share);
        snprintf(path, sizeof path, "%s/lost.db", suite->folder);
        assert_int_equal(sqlite3_open(path, &found), SQLITE_OK);
        assert_int_equal(ask(found, "PRAGMA integrity_check"), 1);
        int64_t rows = ask(found, "SELECT COUNT(*) FROM sample"),
                last = ask(found, "SELECT COALESCE(MAX(id), 0) FROM sample");
        assert_int_equal(rows, last);
        assert_in_range(rows, sure, written);
        sqlite3_close(found);
        snprintf(other, sizeof other, "%s-shm", path);
        unlink(other);
    }
}

/* ---- the tests ---- */

/* Adds rows in one commit that may owe its flush. */
static enum status add_owing(struct storage_session *session, int64_t first, size_t count, struct error *err)
{
    static const char body[600];
    struct storage_value values[ROWS_MAX * 5] = {0};
    bool owed = false;
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        values[i * 5] = value_integer(1);
        values[i * 5 + 1] = value_integer(first + (int64_t)i);
        values[i * 5 + 3] = value_blob(body, sizeof body);
        values[i * 5 + 4] = value_integer(1);
    }
    status = storage_run(session, &query_sample_insert, values, count, NULL, err);
    if (status == STATUS_OK)
        status = storage_commit_owing(session, &owed, err);
    else
        storage_rollback(session);
    return status;
}

static void whatever_the_disk_was_told_survives(void **state)
{
    struct suite *suite = *state;
    int64_t rows = 0, sure = 0;
    struct storage_log log;

    suite_fill(suite->session, 1, 1, 1);
    rows = sure = 1;
    disk_begin(suite);
    srand(7);
    for (int step = 0; step < STEPS; step++) {
        int what = rand() % 20;
        size_t count = 1 + (size_t)rand() % (ROWS_MAX - 1);

        if (what < 12) {
            assert_ok(add_owing(suite->session, rows + 1, count, &failure));
            rows += (int64_t)count;
        } else if (what < 13) {
            suite_fill(suite->session, 1, rows + 1, count); /* flushes by itself, and with it all before */
            rows += (int64_t)count;
            sure = rows;
        } else if (what < 17) {
            assert_ok(storage_settle(suite->storage, &failure));
            sure = rows;
        } else if (what < 19) {
            assert_ok(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_CATCH_UP, &log, &failure));
        } else {
            assert_ok(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_RESTART, &log, &failure));
        }
        assert_survives(suite, sure, rows);
    }
    assert_true(sure > COPIED);
    disk_is_there = false;
}

static void what_the_disk_refused_is_handed_to_it_again(void **state)
{
    struct suite *suite = *state;
    struct storage_log log;
    struct error err;

    suite_fill(suite->session, 1, 1, 1);
    disk_begin(suite);
    srand(8);
    for (int64_t rows = 1; rows < COPIED; rows += 40) {
        assert_ok(add_owing(suite->session, rows + 1, 40, &failure));
        refusals = 1;
        assert_ok(storage_settle(suite->storage, &failure));
        assert_int_equal(refusals, 0);
        assert_survives(suite, rows + 40, rows + 40);
        if (rows % 3 == 0)
            assert_ok(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_RESTART, &log, &failure));
    }
    disk_is_there = false;
    assert_int_equal(storage_settle(suite->storage, &err), STATUS_OK);
}

static void nobody_writes_before_the_disk_has_what_it_refused(void **state)
{
    struct suite *suite = *state;
    struct storage_log log;
    struct error err;

    suite_fill(suite->session, 1, 1, 1);
    disk_begin(suite);
    assert_ok(add_owing(suite->session, 2, 30, &failure));
    refusals = 1000;
    assert_int_equal(storage_settle(suite->storage, &err), STATUS_IO);
    assert_string_equal(err.code, "storage.io");
    assert_int_equal(add_owing(suite->session, 32, 5, &err), STATUS_IO);
    assert_int_equal(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_CATCH_UP, &log, &err), STATUS_IO);
    assert_int_equal(suite_count(suite->session, 1), 31); /* reading goes on */
    assert_survives(suite, 1, 31);
    refusals = 0;
    assert_ok(add_owing(suite->session, 32, 5, &failure));
    assert_survives(suite, 31, 36);
    assert_ok(storage_settle(suite->storage, &failure));
    assert_survives(suite, 36, 36);
    disk_is_there = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whatever_the_disk_was_told_survives, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(what_the_disk_refused_is_handed_to_it_again, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(nobody_writes_before_the_disk_has_what_it_refused, suite_setup, suite_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
