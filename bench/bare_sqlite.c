/*
 * bare_sqlite: the fastest loop that writes what the server writes for a purchase, for comparison.
 *
 *     bare_sqlite DATABASE PURCHASES [BATCH]
 *
 * It works on a copy of the same prepared database, so tables, indexes and page size are the same. For each purchase of two
 * lines it writes one row of journal, claim, standing, wallet, lot, member_day and movement and two of purchase_line; for
 * each batch what the day's totals (ledger_day, measure_day) and the heads gained. Durability, cache and checkpoints are the
 * server's: WAL, synchronous=FULL, 64 MiB of cache, no automatic checkpoint but the server's own thread that copies the log
 * and lets it begin anew (src/server/checkpoint.c). It does no more than it must: one
 * writer, prepared statements, no lookups of members by card, no rules, seals or JSON; what it adds to it adds in place.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "queries.h"
#include "server/checkpoint.h"

enum { BUCKETS = 64, BATCH_MAX = 4096, LINES = 2, STORES = 10, SKUS = 500, SEAL_SIZE = 16 };
enum { ACCOUNT_ACTIVE = 1, ACCOUNT_ISSUED = 10 };
enum { FRAME_BYTES = 4096 + 24 };
static const int64_t writer_log_max = INT64_C(1024) * 1048576;
static const int64_t never = INT64_MAX;

enum statement { JOURNAL, LINE, MOVEMENT, CLAIM, STANDING, WALLET, LOT, DAY, LEDGER, MEASURE, HEAD, STATEMENTS };

static const char *const statements_sql[STATEMENTS] = {
    [JOURNAL] = "INSERT INTO journal (bucket, seq, member, kind, at, recorded_at, day, cause, store, channel, receipt, "
                "amount, facts, seal) VALUES (?1, ?2, ?3, 'purchase', ?4, ?4, ?5, 0, ?6, 'pos', ?7, ?8, ?9, ?10)",
    [LINE] = "INSERT INTO purchase_line (bucket, seq, line, sku, category, quantity_milli, amount, discount, of_line) "
             "VALUES (?1, ?2, ?3, ?4, ?5, 1000, ?6, 0, 0)",
    [MOVEMENT] = "INSERT INTO movement (bucket, seq, line, member, wallet, debit, credit, amount, lot) "
                 "VALUES (?1, ?2, 1, ?3, 'points', 10, 1, ?4, ?5)",
    [CLAIM] = "INSERT INTO claim (bucket, kind, key, reference, member) VALUES (?1, 'receipt', ?2, ?3, ?4) "
              "ON CONFLICT (bucket, kind, key) DO NOTHING",
    [STANDING] =
        "UPDATE standing SET purchases = purchases + 1, purchase_days = purchase_days + 1, spend = spend + ?3, "
        "first_purchase_at = min(first_purchase_at, ?4), last_purchase_at = ?4, last_event_at = ?4, "
        "qualifying = qualifying + ?5, recent = ?6 WHERE bucket = ?1 AND member = ?2",
    [WALLET] =
        "INSERT INTO wallet (bucket, member, code, active, pending, held, debt) VALUES (?1, ?2, 'points', ?3, 0, 0, 0) "
        "ON CONFLICT (bucket, member, code) DO UPDATE SET active = active + excluded.active",
    [LOT] = "INSERT INTO lot (bucket, member, id, wallet, source, earned_at, active_at, expires_at, amount, remaining, "
            "held, "
            "pending, expired) VALUES (?1, ?2, ?3, 'points', ?4, ?5, ?5, ?6, ?7, ?7, 0, 0, 0)",
    [DAY] = "INSERT INTO member_day (bucket, member, day, purchases, spend) VALUES (?1, ?2, ?3, 1, ?4) "
            "ON CONFLICT (bucket, member, day) DO UPDATE SET purchases = purchases + 1, spend = spend + excluded.spend",
    [LEDGER] = "INSERT INTO ledger_day (bucket, wallet, account, day, amount) VALUES (?1, 'points', ?2, ?3, ?4) "
               "ON CONFLICT (bucket, wallet, account, day) DO UPDATE SET amount = amount + excluded.amount",
    [MEASURE] = "INSERT INTO measure_day (bucket, day, measure, store, amount) VALUES (?1, ?2, ?3, ?4, ?5) "
                "ON CONFLICT (bucket, day, measure, store) DO UPDATE SET amount = amount + excluded.amount",
    [HEAD] = "UPDATE head SET batch = batch + 1, seq = ?2, seal = ?3, at = ?4 WHERE bucket = ?1",
};

struct member {
    int64_t bucket, id;
};

struct purchase {
    struct member member;
    int64_t seq, lot_seq, at, day, amount, line_amounts[LINES], points;
    int store, skus[LINES];
    char receipt[48], facts[160];
    unsigned char seal[SEAL_SIZE], recent[8];
};

struct totals {
    int64_t points[BUCKETS];
    int64_t sales[BUCKETS][STORES], purchases[BUCKETS][STORES];
    int64_t purchases_of_bucket[BUCKETS];
};

struct loop {
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENTS];
    struct member *members;
    size_t member_count;
    int64_t seqs[BUCKETS];
    uint64_t random;
    int64_t number; /* of the next receipt */
    struct purchase batch[BATCH_MAX];
    struct totals totals;
};

static void die(sqlite3 *database, const char *doing)
{
    fprintf(stderr, "bare_sqlite: %s: %s\n", doing, database != NULL ? sqlite3_errmsg(database) : "");
    exit(1);
}

static int64_t now_microseconds(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* xorshift64*: quick, and the same on every machine. */
static uint64_t random_next(struct loop *loop)
{
    loop->random ^= loop->random >> 12;
    loop->random ^= loop->random << 25;
    loop->random ^= loop->random >> 27;
    return loop->random * UINT64_C(2685821657736338717);
}

static size_t random_below(struct loop *loop, size_t limit)
{
    return (size_t)((random_next(loop) >> 11) % limit);
}

/* ---- the database ---- */

static int after_commit(void *context, sqlite3 *database, const char *name, int pages)
{
    (void)context;
    if ((int64_t)pages * FRAME_BYTES > writer_log_max)
        sqlite3_wal_checkpoint_v2(database, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

static sqlite3 *database_open(const char *path)
{
    static const char pragmas[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; "
                                  "PRAGMA mmap_size = 0; PRAGMA foreign_keys = 0; PRAGMA temp_store = MEMORY; "
                                  "PRAGMA wal_autocheckpoint = 0";
    sqlite3 *database;

    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(database, 10000) != SQLITE_OK ||
        sqlite3_exec(database, pragmas, NULL, NULL, NULL) != SQLITE_OK)
        die(database, path);
    return database;
}

static sqlite3_stmt *query(struct loop *loop, const char *sql)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v3(loop->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        die(loop->database, sql);
    return statement;
}

static void loop_start(struct loop *loop, const char *path)
{
    loop->database = database_open(path);
    loop->random = UINT64_C(88172645463325252);
    sqlite3_wal_hook(loop->database, after_commit, NULL);
    for (int i = 0; i < STATEMENTS; i++)
        loop->statements[i] = query(loop, statements_sql[i]);
    sqlite3_stmt *count = query(loop, "SELECT count(*) FROM standing");
    if (sqlite3_step(count) != SQLITE_ROW)
        die(loop->database, "members");
    loop->members = calloc((size_t)sqlite3_column_int64(count, 0) + 1, sizeof *loop->members);
    sqlite3_finalize(count);
    if (loop->members == NULL)
        die(NULL, "no memory");
    sqlite3_stmt *members = query(loop, "SELECT bucket, member FROM standing");
    while (sqlite3_step(members) == SQLITE_ROW)
        loop->members[loop->member_count++] =
            (struct member){sqlite3_column_int64(members, 0), sqlite3_column_int64(members, 1)};
    sqlite3_finalize(members);
    sqlite3_stmt *heads = query(loop, "SELECT bucket, seq FROM head");
    while (sqlite3_step(heads) == SQLITE_ROW)
        loop->seqs[sqlite3_column_int64(heads, 0)] = sqlite3_column_int64(heads, 1);
    sqlite3_finalize(heads);
    if (loop->member_count == 0)
        die(NULL, "the database has no members");
}

static void loop_end(struct loop *loop)
{
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(loop->statements[i]);
    sqlite3_close_v2(loop->database);
    free(loop->members);
}

/* ---- purchases ---- */

static void purchase_make(struct loop *loop, struct purchase *purchase, int64_t now)
{
    *purchase = (struct purchase){.member = loop->members[random_below(loop, loop->member_count)],
                                  .at = now,
                                  .day = now / INT64_C(86400000000),
                                  .store = (int)random_below(loop, STORES)};
    int64_t bucket = purchase->member.bucket;
    purchase->seq = ++loop->seqs[bucket];
    purchase->lot_seq = ++loop->seqs[bucket];
    for (int i = 0; i < LINES; i++) {
        purchase->line_amounts[i] = 100 + (int64_t)random_below(loop, 9900);
        purchase->skus[i] = (int)random_below(loop, SKUS);
        purchase->amount += purchase->line_amounts[i];
    }
    purchase->points = purchase->amount / 100;
    for (int i = 0; i < SEAL_SIZE; i++)
        purchase->seal[i] = (unsigned char)random_next(loop);
    memcpy(purchase->recent, &purchase->amount, sizeof purchase->recent);
    snprintf(purchase->receipt, sizeof purchase->receipt, "2026-01-01/pos/store%02d/1/%08lld", purchase->store,
             (long long)loop->number++);
    snprintf(purchase->facts, sizeof purchase->facts,
             "{\"earned\":[{\"rule\":\"base\",\"wallet\":\"points\",\"points\":%lld}]}", (long long)purchase->points);
}

static void count(struct totals *totals, const struct purchase *purchase)
{
    int64_t bucket = purchase->member.bucket;

    totals->points[bucket] += purchase->points;
    totals->sales[bucket][purchase->store] += purchase->amount;
    totals->purchases[bucket][purchase->store]++;
    totals->purchases_of_bucket[bucket]++;
}

/* ---- writing ---- */

static sqlite3_stmt *bind(struct loop *loop, enum statement which, const int64_t *integers, int integer_count)
{
    sqlite3_stmt *statement = loop->statements[which];

    for (int i = 0; i < integer_count; i++)
        sqlite3_bind_int64(statement, i + 1, integers[i]);
    return statement;
}

static void bind_text(sqlite3_stmt *statement, int position, const char *text)
{
    sqlite3_bind_text(statement, position, text, -1, SQLITE_STATIC);
}

static void step(struct loop *loop, sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        die(loop->database, sqlite3_sql(statement));
    sqlite3_reset(statement);
}

static void write_journal(struct loop *loop, const struct purchase *purchase)
{
    char store[16];
    sqlite3_stmt *statement = bind(
        loop, JOURNAL,
        (const int64_t[]){purchase->member.bucket, purchase->seq, purchase->member.id, purchase->at, purchase->day}, 5);

    snprintf(store, sizeof store, "store%02d", purchase->store);
    bind_text(statement, 6, store);
    bind_text(statement, 7, purchase->receipt);
    sqlite3_bind_int64(statement, 8, purchase->amount);
    bind_text(statement, 9, purchase->facts);
    sqlite3_bind_blob(statement, 10, purchase->seal, SEAL_SIZE, SQLITE_STATIC);
    step(loop, statement);
}

static void write_lines(struct loop *loop, const struct purchase *purchase)
{
    for (int i = 0; i < LINES; i++) {
        char sku[16], category[16];
        sqlite3_stmt *statement = bind(loop, LINE, (const int64_t[]){purchase->member.bucket, purchase->seq, i + 1}, 3);
        snprintf(sku, sizeof sku, "sku%05d", purchase->skus[i]);
        snprintf(category, sizeof category, "category%02d", purchase->skus[i] % 20);
        bind_text(statement, 4, sku);
        bind_text(statement, 5, category);
        sqlite3_bind_int64(statement, 6, purchase->line_amounts[i]);
        step(loop, statement);
    }
}

static void write_points(struct loop *loop, const struct purchase *purchase)
{
    int64_t bucket = purchase->member.bucket, member = purchase->member.id;
    int64_t lot = purchase->lot_seq * BUCKETS + bucket, source = purchase->seq * BUCKETS + bucket;

    step(loop, bind(loop, MOVEMENT, (const int64_t[]){bucket, purchase->seq, member, purchase->points, lot}, 5));
    step(loop, bind(loop, WALLET, (const int64_t[]){bucket, member, purchase->points}, 3));
    step(loop,
         bind(loop, LOT, (const int64_t[]){bucket, member, lot, source, purchase->at, never, purchase->points}, 7));
}

static void write_claim(struct loop *loop, const struct purchase *purchase)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (const char *c = purchase->receipt; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    sqlite3_stmt *statement = loop->statements[CLAIM];
    sqlite3_bind_int64(statement, 1, (int64_t)(hash % BUCKETS));
    bind_text(statement, 2, purchase->receipt);
    sqlite3_bind_int64(statement, 3, purchase->seq * BUCKETS + purchase->member.bucket);
    sqlite3_bind_int64(statement, 4, purchase->member.id);
    step(loop, statement);
}

static void write_member(struct loop *loop, const struct purchase *purchase)
{
    int64_t bucket = purchase->member.bucket, member = purchase->member.id;
    sqlite3_stmt *standing =
        bind(loop, STANDING, (const int64_t[]){bucket, member, purchase->amount, purchase->at, purchase->points}, 5);

    sqlite3_bind_blob(standing, 6, purchase->recent, sizeof purchase->recent, SQLITE_STATIC);
    step(loop, standing);
    step(loop, bind(loop, DAY, (const int64_t[]){bucket, member, purchase->day, purchase->amount}, 4));
}

static void write_measure(struct loop *loop, const int64_t key[2], const char *measure, int store, int64_t amount)
{
    char code[16];
    sqlite3_stmt *statement = bind(loop, MEASURE, key, 2);

    snprintf(code, sizeof code, "store%02d", store);
    bind_text(statement, 3, measure);
    bind_text(statement, 4, code);
    sqlite3_bind_int64(statement, 5, amount);
    step(loop, statement);
}

static void write_totals(struct loop *loop, const struct purchase *last)
{
    const struct totals *totals = &loop->totals;

    for (int64_t bucket = 0; bucket < BUCKETS; bucket++) {
        if (totals->purchases_of_bucket[bucket] == 0)
            continue;
        int64_t points = totals->points[bucket];
        step(loop, bind(loop, LEDGER, (const int64_t[]){bucket, ACCOUNT_ACTIVE, last->day, points}, 4));
        step(loop, bind(loop, LEDGER, (const int64_t[]){bucket, ACCOUNT_ISSUED, last->day, -points}, 4));
        for (int store = 0; store < STORES; store++) {
            if (totals->purchases[bucket][store] == 0)
                continue;
            const int64_t key[] = {bucket, last->day};
            write_measure(loop, key, "purchases", store, totals->purchases[bucket][store]);
            write_measure(loop, key, "sales", store, totals->sales[bucket][store]);
        }
        sqlite3_stmt *head = bind(loop, HEAD, (const int64_t[]){bucket, loop->seqs[bucket]}, 2);
        sqlite3_bind_blob(head, 3, last->seal, SEAL_SIZE, SQLITE_STATIC);
        sqlite3_bind_int64(head, 4, last->at);
        step(loop, head);
    }
}

static void execute(struct loop *loop, const char *sql)
{
    if (sqlite3_exec(loop->database, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(loop->database, sql);
}

/* Table by table, as the server does: each tree stays warm while its rows go in. */
static void write_batch(struct loop *loop, size_t size)
{
    static void (*const steps[])(struct loop *, const struct purchase *) = {write_member, write_points, write_journal,
                                                                            write_lines, write_claim};
    int64_t now = now_microseconds(CLOCK_REALTIME);

    memset(&loop->totals, 0, sizeof loop->totals);
    for (size_t i = 0; i < size; i++) {
        purchase_make(loop, &loop->batch[i], now);
        count(&loop->totals, &loop->batch[i]);
    }
    execute(loop, "BEGIN IMMEDIATE");
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++)
        for (size_t i = 0; i < size; i++)
            steps[s](loop, &loop->batch[i]);
    write_totals(loop, &loop->batch[size - 1]);
    execute(loop, "COMMIT");
}

/* The server's own thread, over a connection of its own. */
static struct checkpoint *checkpoint_open(const char *path, struct storage **out)
{
    struct storage_options options = {.schema = &storage_schema, .database = path};
    struct checkpoint *checkpoint = NULL;
    struct error error;

    if (storage_open(&options, out, &error) != STATUS_OK || checkpoint_start(*out, &checkpoint, &error) != STATUS_OK)
        die(NULL, error.message);
    return checkpoint;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: bare_sqlite DATABASE PURCHASES [BATCH]\n", stderr);
        return 2;
    }
    struct loop *loop = calloc(1, sizeof *loop);
    struct storage *storage = NULL;
    int64_t wanted = atoll(argv[2]), done = 0;
    size_t batch = argc > 3 ? (size_t)atoll(argv[3]) : 512;

    if (loop == NULL || batch == 0 || batch > BATCH_MAX)
        die(NULL, "the batch is 1 to 4096 purchases");
    struct checkpoint *checkpoint = checkpoint_open(argv[1], &storage);
    loop_start(loop, argv[1]);
    int64_t started = now_microseconds(CLOCK_MONOTONIC);
    while (done < wanted) {
        size_t size = wanted - done < (int64_t)batch ? (size_t)(wanted - done) : batch;
        write_batch(loop, size);
        done += (int64_t)size;
    }
    double seconds = (double)(now_microseconds(CLOCK_MONOTONIC) - started) / 1e6;
    checkpoint_stop(checkpoint);
    storage_close(storage);
    printf("{\"purchases\": %lld, \"seconds\": %.3f, \"rate\": %.0f}\n", (long long)done, seconds,
           (double)done / seconds);
    loop_end(loop);
    free(loop);
    return 0;
}
