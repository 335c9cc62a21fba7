/* One bucket: its journal page by page, then what is stored of it. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "features/points/verify_bucket_store.h"
#include "queries.h"

/* A page of the journal: rows of [after, last] with all that hangs on them. */
enum { CUT_FACTS_SIZE = 48 };

/* Texts up to `until` are gone by the policy of retention; the row `row` says so under its seal. 0: none are. */
struct cut {
    int64_t until, row;
    bool sealed; /* that row was met */
};

struct page {
    struct verify_worker *worker;
    struct cut cut;
    int bucket;
    int64_t after, last;
    struct journal_row *rows;
    unsigned char (*seals)[SEAL_SIZE];
    unsigned char (*digests)[DIGEST_SIZE];
    bool *has_digest;
    size_t count, at; /* `at`: where the stream of the moment is */
};

static enum status disagree(struct verify_worker *worker, const char *table, const char *key, const char *what)
{
    struct verify_report *report = &worker->report;

    if (!report->clean)
        return STATUS_OK;
    report->clean = false;
    snprintf(report->table, sizeof report->table, "%s", table);
    snprintf(report->key, sizeof report->key, "%s", key);
    snprintf(report->what, sizeof report->what, "%s", what);
    return STATUS_OK;
}

static enum status disagree_row(struct page *page, const char *table, int64_t seq, const char *what)
{
    char key[VERIFY_KEY_SIZE];

    snprintf(key, sizeof key, "seq %lld", (long long)seq);
    return disagree(page->worker, table, key, what);
}

/* ---- reading a page ---- */

static enum status receive_journal(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;
    struct arena *arena = page->worker->arena;
    struct journal_row *out = &page->rows[page->count];
    struct text seal = row_text(row, 12);

    (void)err;
    out->id = id_make(row_integer(row, 0), page->bucket);
    out->member = row_integer(row, 1);
    out->kind = row_text_copy(row, 2, arena);
    out->at = row_integer(row, 3);
    out->recorded_at = row_integer(row, 4);
    out->day = (int32_t)row_integer(row, 5);
    out->cause = row_integer(row, 6);
    out->store = row_text_copy(row, 7, arena);
    out->channel = row_text_copy(row, 8, arena);
    out->receipt = row_text_copy(row, 9, arena);
    out->amount = row_integer(row, 10);
    out->facts = row_text_copy(row, 11, arena);
    if (seal.size == SEAL_SIZE)
        memcpy(page->seals[page->count], seal.bytes, SEAL_SIZE);
    page->last = row_integer(row, 0);
    page->count++;
    return STATUS_OK;
}

/* The row of `seq`; the streams come in the order of the journal. NULL: there is none. */
static struct journal_row *row_at(struct page *page, int64_t seq)
{
    while (page->at < page->count && id_seq(page->rows[page->at].id) < seq)
        page->at++;
    return page->at < page->count && id_seq(page->rows[page->at].id) == seq ? &page->rows[page->at] : NULL;
}

static enum status receive_line(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;
    struct arena *arena = page->worker->arena;
    struct journal_row *out = row_at(page, row_integer(row, 0));

    (void)err;
    if (out == NULL)
        return disagree_row(page, "purchase_line", row_integer(row, 0), "it is a line of no journal row");
    size_t capacity = out->line_count; /* doubled whenever it is a power of two */
    if ((out->line_count & (out->line_count - 1)) == 0) {
        size_t wanted = out->line_count == 0 ? 1 : out->line_count * 2;
        struct purchase_line *lines = arena_array(arena, wanted, sizeof *lines);
        if (capacity > 0)
            memcpy(lines, out->lines, capacity * sizeof *lines);
        out->lines = lines;
    }
    out->lines[out->line_count++] = (struct purchase_line){.number = (int32_t)row_integer(row, 1),
                                                           .sku = row_text_copy(row, 2, arena),
                                                           .category = row_text_copy(row, 3, arena),
                                                           .quantity_milli = row_integer(row, 4),
                                                           .amount = row_integer(row, 5),
                                                           .discount = row_integer(row, 6),
                                                           .of_line = (int32_t)row_integer(row, 7)};
    return STATUS_OK;
}

static enum status receive_movement(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;
    struct verify_totals *totals = &page->worker->totals;
    struct journal_row *out = row_at(page, row_integer(row, 0));

    (void)err;
    if (out == NULL)
        return disagree_row(page, "movement", row_integer(row, 0), "it is a movement of no journal row");
    int wallet = totals_wallet(totals, row_text(row, 2));
    if (wallet < 0)
        return disagree_row(page, "movement", row_integer(row, 0), "there are too many points accounts");
    out->movements = arena_grow(page->worker->arena, out->movements, &out->movement_capacity, out->movement_count + 1,
                                sizeof *out->movements);
    out->movements[out->movement_count++] = (struct movement){.member = row_integer(row, 1),
                                                              .wallet = totals_wallet_code(totals, wallet),
                                                              .debit = (enum account)row_integer(row, 3),
                                                              .credit = (enum account)row_integer(row, 4),
                                                              .amount = row_integer(row, 5),
                                                              .lot = row_integer(row, 6)};
    page->worker->report.movements++;
    return STATUS_OK;
}

static enum status receive_detail(void *context, const struct storage_row *row, struct error *err)
{
    static const unsigned char anonymous[SALT_SIZE];
    struct page *page = context;
    int64_t seq = row_integer(row, 0);
    struct text stored = row_text(row, 1), salt = row_text(row, 3);
    unsigned char digest[DIGEST_SIZE];

    (void)err;
    if (row_at(page, seq) == NULL)
        return disagree_row(page, "detail", seq, "it is the detail of no journal row");
    if (stored.size != DIGEST_SIZE)
        return disagree_row(page, "detail_digest", seq, "the digest has the wrong size");
    memcpy(page->digests[page->at], stored.bytes, DIGEST_SIZE);
    page->has_digest[page->at] = true;
    bool no_member = row_is_null(row, 3);
    if (row_is_null(row, 2)) {
        if ((no_member || salt.size > 0) && seq > page->cut.until)
            return disagree_row(page, "detail", seq, "it is missing, and its member has not been erased");
        page->worker->report.erased++;
        return STATUS_OK;
    }
    if (!no_member && salt.size != SALT_SIZE)
        return disagree_row(page, "detail", seq, "it is there although its member has been erased");
    detail_digest(no_member ? anonymous : (const unsigned char *)salt.bytes, row_text(row, 2), digest);
    if (memcmp(digest, stored.bytes, DIGEST_SIZE) != 0)
        return disagree_row(page, "detail", seq, "its content is not what was sealed");
    return STATUS_OK;
}

/* The next stream begins at the first row of the page again. */
static enum status stream_done(void *context, int64_t changes, struct error *err)
{
    (void)changes;
    (void)err;
    ((struct page *)context)->at = 0;
    return STATUS_OK;
}

static enum status read_page(struct page *page, struct error *err)
{
    struct verify_worker *worker = page->worker;
    const struct storage_value first[] = {value_integer(page->bucket), value_integer(page->after),
                                          value_integer(VERIFY_PAGE_ROWS)};
    const struct {
        const struct storage_query *query;
        enum status (*receive)(void *, const struct storage_row *, struct error *);
    } streams[] = {{&query_points_verify_lines, receive_line},
                   {&query_points_verify_movements, receive_movement},
                   {&query_points_verify_details, receive_detail}};
    const struct storage_receiver journal = {.row = receive_journal, .context = page};

    arena_reset(worker->arena);
    page->count = 0;
    page->rows = arena_array(worker->arena, VERIFY_PAGE_ROWS, sizeof *page->rows);
    page->seals = arena_array(worker->arena, VERIFY_PAGE_ROWS, sizeof *page->seals);
    page->digests = arena_array(worker->arena, VERIFY_PAGE_ROWS, sizeof *page->digests);
    page->has_digest = arena_array(worker->arena, VERIFY_PAGE_ROWS, sizeof *page->has_digest);
    enum status status = storage_run(worker->session, &query_points_verify_journal, first, 1, &journal, err);
    /* The last page also takes in what lies after the last journal row. */
    int64_t last = page->count == VERIFY_PAGE_ROWS ? page->last : INT64_MAX;
    const struct storage_value rest[] = {value_integer(page->bucket), value_integer(page->after), value_integer(last)};
    page->at = 0;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0] && status == STATUS_OK; i++) {
        const struct storage_receiver receiver = {.row = streams[i].receive, .done = stream_done, .context = page};
        status = storage_send(worker->session, streams[i].query, rest, 1, &receiver, err);
    }
    if (status == STATUS_OK)
        status = storage_flush(worker->session, err);
    return status;
}

/* ---- checking a page ---- */

/* A head's seq counts every id given out, so a seal kept at one is that of the last row up to it: rows `from` to before `to`. */
static void check_kept(struct page *page, int64_t from, int64_t to, const unsigned char *seal)
{
    struct verify_worker *worker = page->worker;
    char key[VERIFY_KEY_SIZE];

    for (size_t i = 0; i < worker->options->head_count; i++) {
        const struct verify_head *kept = &worker->options->heads[i];
        if (kept->bucket != page->bucket || kept->seq < from || kept->seq >= to ||
            memcmp(kept->seal, seal, SEAL_SIZE) == 0)
            continue;
        snprintf(key, sizeof key, "seq %lld", (long long)kept->seq);
        disagree(worker, "journal", key, "the seal is not the one that was kept outside");
    }
}

static void check_movements(struct page *page, const struct journal_row *row)
{
    struct verify_worker *worker = page->worker;

    for (size_t i = 0; i < row->movement_count && worker->report.clean && worker->options->last_rows == 0; i++) {
        const struct movement *movement = &row->movements[i];
        const char *wrong = movement->member != row->member ? "it is not of the row's member"
                                                            : totals_add(&worker->totals, movement, row->day);
        if (wrong != NULL)
            disagree_row(page, "movement", id_seq(row->id), wrong);
    }
}

static void check_cut(struct page *page, const struct journal_row *row)
{
    char facts[CUT_FACTS_SIZE];

    if (id_seq(row->id) != page->cut.row)
        return;
    snprintf(facts, sizeof facts, "{\"until\":%lld}", (long long)page->cut.until);
    page->cut.sealed = text_equals(row->kind, "retention") && text_equals(row->facts, facts);
}

static void check_page(struct page *page, unsigned char seal[SEAL_SIZE])
{
    struct verify_worker *worker = page->worker;

    for (size_t i = 0; i < page->count && worker->report.clean; i++) {
        const struct journal_row *row = &page->rows[i];
        if (worker->options->head_count > 0)
            check_kept(page, i == 0 ? page->after : id_seq(page->rows[i - 1].id), id_seq(row->id), seal);
        journal_seal(&worker->buffer, worker->options->seal_key, row, page->has_digest[i] ? page->digests[i] : NULL,
                     seal);
        if (memcmp(seal, page->seals[i], SEAL_SIZE) != 0)
            disagree_row(page, "journal", id_seq(row->id),
                         "the row, its lines, movements or detail are not what was sealed");
        check_movements(page, row);
        check_cut(page, row);
        worker->report.rows++;
        worker->card_rows += verify_card_row(row);
    }
}

/* ---- what is stored of members ---- */

struct comparison {
    struct verify_worker *worker;
    int bucket;
};

static void member_key(char *key, int64_t member, const char *what, struct text code)
{
    char id[ID_TEXT_SIZE];

    snprintf(key, VERIFY_KEY_SIZE, "%s, %s %.*s", id_format("mbr", member, id), what, (int)code.size, code.bytes);
}

static enum status differ(struct verify_worker *worker, const char *table, const char *key, const char *column,
                          const int64_t stored_and_found[2])
{
    char what[VERIFY_WHAT_SIZE];

    snprintf(what, sizeof what, "%s is %lld, the movements say %lld", column, (long long)stored_and_found[0],
             (long long)stored_and_found[1]);
    return disagree(worker, table, key, what);
}

static enum status receive_wallet(void *context, const struct storage_row *row, struct error *err)
{
    struct verify_worker *worker = ((struct comparison *)context)->worker;
    static const char *const columns[] = {"active", "pending", "held", "debt"};
    int wallet = totals_wallet(&worker->totals, row_text(row, 1));
    struct wallet_sum *sum = wallet >= 0 ? totals_wallet_sum(&worker->totals, row_integer(row, 0), wallet) : NULL;
    char key[VERIFY_KEY_SIZE];

    if (sum == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to verify");
    sum->seen = true;
    worker->report.wallets++;
    const int64_t found[] = {sum->active, sum->pending, sum->held, sum->debt};
    bool agrees = sum->debt == 0 || sum->active + sum->pending == 0;
    for (int i = 0; i < 4; i++)
        agrees = agrees && row_integer(row, 2 + i) == found[i];
    if (agrees)
        return STATUS_OK;
    member_key(key, row_integer(row, 0), "account", row_text(row, 1));
    for (int i = 0; i < 4; i++)
        if (row_integer(row, 2 + i) != found[i])
            return differ(worker, "wallet", key, columns[i], (int64_t[]){row_integer(row, 2 + i), found[i]});
    return disagree(worker, "wallet", key, "debt and open lots exist together");
}

static bool lot_agrees(const struct verify_totals *totals, const struct lot_sum *sum, const struct storage_row *row)
{
    int64_t remaining = sum->active + sum->pending;

    return row_integer(row, 0) == sum->member &&
           text_equal(totals_wallet_code(totals, sum->wallet), row_text(row, 2)) &&
           row_integer(row, 3) == sum->amount && row_integer(row, 4) == remaining && row_integer(row, 5) == sum->held &&
           row_integer(row, 6) == sum->expired && (remaining == 0 || (row_integer(row, 7) != 0) == (sum->pending > 0));
}

static enum status receive_lot(void *context, const struct storage_row *row, struct error *err)
{
    struct verify_worker *worker = ((struct comparison *)context)->worker;
    static const char *const columns[] = {"amount", "remaining", "held", "expired"};
    struct lot_sum *sum = totals_lot_sum(&worker->totals, row_integer(row, 1));
    char key[VERIFY_KEY_SIZE], id[ID_TEXT_SIZE];

    if (sum == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to verify");
    sum->seen = true;
    worker->report.lots++;
    if (lot_agrees(&worker->totals, sum, row))
        return STATUS_OK;
    member_key(key, row_integer(row, 0), "lot", text_from(id_format("lot", row_integer(row, 1), id)));
    const int64_t found[] = {sum->amount, sum->active + sum->pending, sum->held, sum->expired};
    for (int i = 0; i < 4; i++)
        if (row_integer(row, 3 + i) != found[i])
            return differ(worker, "lot", key, columns[i], (int64_t[]){row_integer(row, 3 + i), found[i]});
    if (sum->member != row_integer(row, 0) ||
        !text_equal(totals_wallet_code(&worker->totals, sum->wallet), row_text(row, 2)))
        return disagree(worker, "lot", key, "it is another member's or account's");
    return disagree(worker, "lot", key, "whether it is pending is not what the movements say");
}

static enum status receive_day(void *context, const struct storage_row *row, struct error *err)
{
    struct verify_worker *worker = ((struct comparison *)context)->worker;
    int wallet = totals_wallet(&worker->totals, row_text(row, 0));
    struct day_sum *sum =
        wallet >= 0 ? totals_day_sum(&worker->totals, wallet, (int)row_integer(row, 1), (int32_t)row_integer(row, 2))
                    : NULL;
    char key[VERIFY_KEY_SIZE], day[DAY_TEXT_SIZE];

    if (sum == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to verify");
    sum->seen = true;
    worker->report.days++;
    if (sum->amount == row_integer(row, 3))
        return STATUS_OK;
    snprintf(key, sizeof key, "%.*s, %s, %s", (int)row_text(row, 0).size, row_text(row, 0).bytes,
             account_name((enum account)row_integer(row, 1)), day_format((int32_t)row_integer(row, 2), day));
    return differ(worker, "ledger_day", key, "amount", (int64_t[]){row_integer(row, 3), sum->amount});
}

static enum status receive_holds(void *context, const struct storage_row *row, struct error *err)
{
    struct verify_worker *worker = ((struct comparison *)context)->worker;
    int wallet = totals_wallet(&worker->totals, row_text(row, 0));

    if (wallet < 0)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there are too many points accounts");
    worker->open_holds[wallet] += row_integer(row, 1);
    return STATUS_OK;
}

/* What the movements made and no stored row shows. */
static void check_missing(struct verify_worker *worker)
{
    const struct verify_totals *totals = &worker->totals;
    char key[VERIFY_KEY_SIZE], id[ID_TEXT_SIZE];

    for (size_t i = 0; i < totals->wallet_capacity; i++) {
        const struct wallet_sum *sum = &totals->wallets[i];
        if (!sum->used || sum->seen || (sum->active | sum->pending | sum->held | sum->debt) == 0)
            continue;
        member_key(key, sum->member, "account", totals_wallet_code(totals, sum->wallet));
        disagree(worker, "wallet", key, "the row is missing");
    }
    for (size_t i = 0; i < totals->lot_capacity; i++) {
        const struct lot_sum *sum = &totals->lots[i];
        if (sum->lot == 0 || sum->seen)
            continue;
        member_key(key, sum->member, "lot", text_from(id_format("lot", sum->lot, id)));
        disagree(worker, "lot", key, "the row is missing");
    }
    for (size_t i = 0; i < totals->day_capacity; i++) {
        const struct day_sum *sum = &totals->days[i];
        if (!sum->used || sum->seen || sum->amount == 0)
            continue;
        snprintf(key, sizeof key, "%.*s, %s, %s", (int)totals_wallet_code(totals, sum->wallet).size,
                 totals_wallet_code(totals, sum->wallet).bytes, account_name((enum account)sum->account),
                 day_format(sum->day, id));
        disagree(worker, "ledger_day", key, "the row is missing");
    }
}

struct table {
    const struct storage_query *query;
    enum status (*receive)(void *, const struct storage_row *, struct error *);
};

static enum status send_tables(struct comparison *comparison, const struct table *tables,
                               const struct storage_value *values, struct error *err)
{
    enum status status = STATUS_OK;

    for (const struct table *table = tables; table->query != NULL && status == STATUS_OK; table++) {
        const struct storage_receiver receiver = {.row = table->receive, .context = comparison};
        status = storage_send(comparison->worker->session, table->query, values, 1, &receiver, err);
    }
    return status;
}

/* Members share a page by their ids, so that one is no larger than theirs; nothing lies before the first or after the last. */
static enum status compare_stored(struct verify_worker *worker, int bucket, const struct stored_head *head,
                                  struct error *err)
{
    static const struct table of_members[] = {
        {&query_points_verify_wallets, receive_wallet}, {&query_points_verify_lots, receive_lot}, {NULL, NULL}};
    static const struct table of_bucket[] = {
        {&query_points_verify_days, receive_day}, {&query_points_verify_holds, receive_holds}, {NULL, NULL}};
    struct comparison comparison = {worker, bucket};
    enum status status = STATUS_OK;
    bool last = false;

    for (int64_t seq = 0; !last && status == STATUS_OK && worker->report.clean; seq += VERIFY_PAGE_MEMBERS) {
        last = head->seq - seq < VERIFY_PAGE_MEMBERS;
        const struct storage_value values[] = {value_integer(bucket),
                                               value_integer(seq == 0 ? INT64_MIN : id_make(seq, 0)),
                                               value_integer(last ? INT64_MAX : id_make(seq + VERIFY_PAGE_MEMBERS, 0))};
        status = send_tables(&comparison, of_members, values, err);
        if (status == STATUS_OK && last)
            status = send_tables(&comparison, of_bucket, values, err);
        if (status == STATUS_OK)
            status = storage_flush(worker->session, err);
    }
    if (status == STATUS_OK && worker->report.clean)
        check_missing(worker);
    return status;
}

struct start {
    struct page *page;
    unsigned char *seal;
};

static enum status receive_start(void *context, const struct storage_row *row, struct error *err)
{
    struct start *start = context;

    (void)err;
    if (row_text(row, 1).size == SEAL_SIZE) {
        start->page->after = row_integer(row, 0);
        memcpy(start->seal, row_text(row, 1).bytes, SEAL_SIZE);
    }
    return STATUS_OK;
}

/* The chain is taken up at the row before the last ones, whose seal is believed. */
static enum status find_start(struct page *page, unsigned char seal[SEAL_SIZE], struct error *err)
{
    struct verify_worker *worker = page->worker;
    struct start start = {page, seal};
    const struct storage_receiver receiver = {.row = receive_start, .context = &start};
    const struct storage_value values[] = {value_integer(page->bucket), value_integer(worker->options->last_rows)};

    if (worker->options->last_rows == 0)
        return STATUS_OK;
    return storage_run(worker->session, &query_points_verify_start, values, 1, &receiver, err);
}

static enum status receive_cut(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(struct cut *)context = (struct cut){.until = row_integer(row, 0), .row = row_integer(row, 1)};
    return STATUS_OK;
}

static enum status find_cut(struct page *page, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_cut, .context = &page->cut};
    const struct storage_value bucket = value_integer(page->bucket);

    return storage_run(page->worker->session, &query_points_verify_cut, &bucket, 1, &receiver, err);
}

enum status verify_bucket(struct verify_worker *worker, int bucket, const struct stored_head *head, struct error *err)
{
    struct page page = {.worker = worker, .bucket = bucket};
    unsigned char seal[SEAL_SIZE] = {0};
    enum status status = find_start(&page, seal, err);

    if (status == STATUS_OK)
        status = find_cut(&page, err);
    if (status != STATUS_OK)
        return status;
    totals_clear(&worker->totals);
    do {
        status = read_page(&page, err);
        if (status != STATUS_OK || !worker->report.clean)
            return status;
        check_page(&page, seal);
        page.after = page.last;
    } while (worker->report.clean && page.count == VERIFY_PAGE_ROWS);
    if (worker->report.clean)
        check_kept(&page, page.after, INT64_MAX, seal);
    if (worker->report.clean && memcmp(seal, head->seal, SEAL_SIZE) != 0)
        disagree_row(&page, "head", head->seq, "its seal is not that of the last journal row");
    bool whole = worker->report.clean && worker->options->last_rows == 0;
    if (whole && page.cut.row > 0 && !page.cut.sealed)
        disagree_row(&page, "retention_cut", page.cut.row, "the journal does not say that texts are gone up to there");
    whole = whole && worker->report.clean;
    return whole ? compare_stored(worker, bucket, head, err) : STATUS_OK;
}
