/* Verifying: the whole journal folded anew, in memory, against what is stored. */
#include <stdio.h>
#include <string.h>

#include "features/finance/finance_store.h"
#include "features/finance/reading_store.h"
#include "foundation/encoding.h"
#include "queries.h"

static const size_t VERIFY_ARENA_BYTES = (size_t)1 << 30;

enum { VERIFY_PAGE_SEQS = 20000, FIRST_MONTH = 0 };

struct checking {
    const struct finance_verifying *verifying;
    struct finance_check *check;
    struct arena *arena; /* of the sums */
    struct arena *page;
    struct finance_state state;
    struct storage_session *session;
};

static void disagree(struct checking *checking, const char *what)
{
    if (checking->check->clean)
        snprintf(checking->check->what, sizeof checking->check->what, "%s", what);
    checking->check->clean = false;
}

static enum status fold_bucket(struct checking *checking, struct finance_reading *reading, int bucket,
                               struct error *err)
{
    int64_t end = checking->state.cursors.seqs[bucket];
    enum status status = STATUS_OK;

    for (int64_t after = 0; after < end && status == STATUS_OK; after += VERIFY_PAGE_SEQS) {
        int64_t last = end - after > VERIFY_PAGE_SEQS ? after + VERIFY_PAGE_SEQS : end;
        status = finance_reading_page(reading, bucket, after, last, err);
        if (status == STATUS_OK)
            status = finance_reading_post(reading, err);
    }
    return status;
}

static enum status fold_all(struct checking *checking, struct finance_fold *fold, struct error *err)
{
    struct finance_reading reading = {
        .session = checking->session, .state = &checking->state, .fold = fold, .page = checking->page};
    enum status status = STATUS_OK;

    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        status = fold_bucket(checking, &reading, bucket, err);
        if (checking->verifying->progress != NULL)
            checking->verifying->progress(checking->verifying->context, bucket + 1);
    }
    checking->check->movements = reading.movements;
    return status;
}

/* Every stored sum is that of the journal; and, both being without zeros, there are as many. */
static enum status compare(struct checking *checking, struct finance_fold *fold, struct error *err)
{
    static const enum finance_kind kinds[] = {SUM_MONTH, SUM_VINTAGE, SUM_SETTLEMENT, SUM_PARTNER, SUM_MONEY};
    const struct finance_range all = {FIRST_MONTH, MONTH_LAST + 1};
    int64_t stored = 0, wanted = 0;

    for (size_t i = 0; i < finance_fold_count(fold); i++)
        wanted += finance_fold_at(fold, i)->amount != 0;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        struct finance_sums sums;
        enum status status = finance_sums_read(checking->session, checking->arena, kinds[k], &all, &sums, err);
        if (status != STATUS_OK)
            return status;
        stored += (int64_t)sums.count;
        for (size_t i = 0; i < sums.count; i++) {
            const struct finance_sum *sum = &sums.items[i], *found = finance_fold_find(fold, sum);
            int64_t amount = found == NULL ? 0 : found->amount;
            char month[MONTH_TEXT_SIZE];
            if (amount != sum->amount)
                disagree(checking, arena_format(checking->arena,
                                                "%s, %.*s, entity '%.*s', %s: %lld are stored, the journal says %lld",
                                                month_format(sum->month, month), (int)sum->wallet.size,
                                                sum->wallet.bytes, (int)sum->entity.size, sum->entity.bytes,
                                                sum->kind == SUM_MONEY ? finance_money_names[(int)sum->entry]
                                                                       : finance_entry_names[sum->entry],
                                                (long long)sum->amount, (long long)amount));
        }
    }
    checking->check->sums = stored;
    if (stored != wanted)
        disagree(checking, arena_format(checking->arena, "%lld figures are stored, the journal makes %lld",
                                        (long long)stored, (long long)wanted));
    return STATUS_OK;
}

struct seal_reading {
    char text[SEAL_SIZE * 2 + 1];
};

static enum status receive_seal(void *context, const struct storage_row *row, struct error *err)
{
    struct text seal = row_text(row, 0);

    (void)err;
    if (seal.size == SEAL_SIZE)
        (void)hex_encode(seal.bytes, SEAL_SIZE, ((struct seal_reading *)context)->text);
    return STATUS_OK;
}

/* Takes "17:9f2c..." off `rest`: the seal of the next bucket at the close. */
static struct text next_seal(struct text *rest)
{
    size_t size = 0, colon = 0;

    while (size < rest->size && rest->bytes[size] != ' ')
        size++;
    while (colon < size && rest->bytes[colon] != ':')
        colon++;
    size_t from = colon < size ? colon + 1 : size;
    struct text seal = {rest->bytes + from, size - from};
    size += size < rest->size;
    *rest = (struct text){rest->bytes + size, rest->size - size};
    return seal;
}

/* The journal still has the seals that the month was closed with. */
static enum status check_seals(struct checking *checking, const struct finance_close *close, struct error *err)
{
    struct text rest = close->seals;
    enum status status = STATUS_OK;

    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        struct text wanted = next_seal(&rest);
        struct seal_reading found = {.text = ""};
        const struct storage_receiver receiver = {.row = receive_seal, .context = &found};
        const struct storage_value values[] = {value_integer(bucket), value_integer(close->cut.seqs[bucket])};
        char month[MONTH_TEXT_SIZE];
        status = storage_run(checking->session, &query_finance_seal_at, values, 1, &receiver, err);
        if (status == STATUS_OK && found.text[0] != '\0' && !text_equals(wanted, found.text))
            disagree(checking, arena_format(checking->arena, "bucket %d of the journal was changed after %s was closed",
                                            bucket, month_format(close->month, month)));
    }
    return status;
}

static enum status check_digests(struct checking *checking, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < checking->state.close_count && status == STATUS_OK; i++) {
        const struct finance_close *close = &checking->state.closes[i];
        const struct finance_digest input = {.key = engine_seal_key(checking->verifying->engine),
                                             .close = close,
                                             .before = i > 0 ? &checking->state.closes[i - 1] : NULL};
        unsigned char digest[DIGEST_SIZE];
        char month[MONTH_TEXT_SIZE];
        status = finance_digest_compute(checking->session, &input, digest, err);
        if (status == STATUS_OK && memcmp(digest, close->digest, DIGEST_SIZE) != 0)
            disagree(checking, arena_format(checking->arena, "%s was changed after it was closed",
                                            month_format(close->month, month)));
        if (status == STATUS_OK)
            status = check_seals(checking, close, err);
        checking->check->months++;
    }
    return status;
}

static enum status check_all(struct checking *checking, struct error *err)
{
    enum status status = finance_state_load(checking->session, checking->arena, &checking->state, err);

    if (status != STATUS_OK || checking->state.epoch_count == 0)
        return status;
    struct finance_fold *fold = finance_fold_new(checking->arena);
    status = fold_all(checking, fold, err);
    if (status == STATUS_OK)
        status = compare(checking, fold, err);
    return status == STATUS_OK ? check_digests(checking, err) : status;
}

enum status finance_verify(const struct finance_verifying *verifying, struct finance_check *out, struct error *err)
{
    struct checking checking = {.verifying = verifying,
                                .check = out,
                                .arena = arena_new(VERIFY_ARENA_BYTES),
                                .page = arena_new(VERIFY_ARENA_BYTES)};
    enum status status = STATUS_OK;

    *out = (struct finance_check){.clean = true};
    if (checking.arena == NULL || checking.page == NULL)
        status = error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to verify");
    if (status == STATUS_OK)
        status = engine_read_begin(verifying->engine, &checking.session, err);
    if (status == STATUS_OK) {
        status = check_all(&checking, err);
        engine_read_end(verifying->engine, checking.session);
    }
    arena_free(checking.page);
    arena_free(checking.arena);
    return status;
}
