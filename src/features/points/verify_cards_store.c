/* Gift cards: their movements beside the journal, and what each has beside its movements. */
#include <stdio.h>
#include <string.h>

#include "features/points/verify_bucket_store.h"
#include "queries.h"

static void disagree(struct verify_report *report, const char *table, int bucket, const char *key)
{
    report->clean = false;
    report->bucket = bucket;
    snprintf(report->table, sizeof report->table, "%s", table);
    snprintf(report->key, sizeof report->key, "%s", key);
}

/* bucket, seq, amount of the movement (NULL: none), kind and amount of the row of the journal (NULL: none). */
static enum status receive_movement(void *context, const struct storage_row *row, struct error *err)
{
    struct verify_report *report = context;
    char key[VERIFY_KEY_SIZE];
    struct text kind = row_is_null(row, 3) ? TEXT("no row of the journal") : row_text(row, 3);

    (void)err;
    if (!report->clean)
        return STATUS_OK;
    snprintf(key, sizeof key, "seq %lld", (long long)row_integer(row, 1));
    disagree(report, "gift_card_movement", (int)row_integer(row, 0), key);
    if (row_is_null(row, 2))
        snprintf(report->what, sizeof report->what, "there is none of %.*s", (int)kind.size, kind.bytes);
    else
        snprintf(report->what, sizeof report->what, "it moves %lld, and belongs to %.*s of %lld",
                 (long long)row_integer(row, 2), (int)kind.size, kind.bytes,
                 (long long)(row_is_null(row, 4) ? 0 : row_integer(row, 4)));
    return STATUS_OK;
}

/* bucket, id, paid in, left as they stand; then as the movements say. */
static enum status receive_card(void *context, const struct storage_row *row, struct error *err)
{
    struct verify_report *report = context;
    char id[ID_TEXT_SIZE];

    (void)err;
    if (!report->clean)
        return STATUS_OK;
    disagree(report, "gift_card", (int)row_integer(row, 0), id_format("evt", row_integer(row, 1), id));
    snprintf(report->what, sizeof report->what, "%lld paid in and %lld left, the movements say %lld and %lld",
             (long long)row_integer(row, 2), (long long)row_integer(row, 3), (long long)row_integer(row, 4),
             (long long)row_integer(row, 5));
    return STATUS_OK;
}

bool verify_card_row(const struct journal_row *row)
{
    static const char *const kinds[] = {"sold", "charge", "refund", "void", "expired", "topped_up"};
    const struct text begin = TEXT("gift_card_");

    if (row->amount <= 0 || !text_starts_with(row->kind, begin))
        return false;
    const struct text rest = {row->kind.bytes + begin.size, row->kind.size - begin.size};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (text_equals(rest, kinds[i]))
            return true;
    return false;
}

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status verify_cards(struct storage_session *session, int64_t rows, struct verify_report *report, struct error *err)
{
    int64_t moved = 0;
    const struct storage_receiver count = {.row = receive_count, .context = &moved};
    const struct storage_receiver movements = {.row = receive_movement, .context = report};
    const struct storage_receiver cards = {.row = receive_card, .context = report};
    enum status status = storage_run(session, &query_points_verify_card_movements, NULL, 1, &movements, err);

    if (status == STATUS_OK)
        status = storage_run(session, &query_points_verify_card_count, NULL, 1, &count, err);
    /* Each movement has its row; when there are as many rows, each row has its movement. The journal is searched else. */
    if (status == STATUS_OK && moved != rows)
        status = storage_run(session, &query_points_verify_card_rows, NULL, 1, &movements, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_points_verify_cards, NULL, 1, &cards, err);
    return status;
}
