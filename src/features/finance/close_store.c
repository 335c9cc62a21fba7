/* Closing a month: its figures under a digest, with the seals of the journal that it ends with. */
#include <string.h>

#include "features/finance/finance_store.h"
#include "features/gift_cards/gift_cards_store.h"
#include "queries.h"

enum { CLOSE_TRIES_MAX = 8 };

static const size_t CLOSE_ARENA_BYTES = (size_t)256 << 20;

/* ---- the digest ---- */

static void add_hex(struct builder *out, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        builder_format(out, "%02x", bytes[i]);
}

static void add_text(struct builder *out, struct text text)
{
    builder_format(out, " %zu:", text.size);
    builder_text(out, text);
}

static void add_sums(struct builder *out, const struct finance_sums *sums)
{
    for (size_t i = 0; i < sums->count; i++) {
        const struct finance_sum *sum = &sums->items[i];
        builder_format(out, "\n%d %d", (int)sum->kind, (int)sum->month);
        add_text(out, sum->wallet);
        add_text(out, sum->entity);
        add_text(out, sum->counterparty);
        builder_format(out, " %d %d %lld", (int)sum->other_month, (int)sum->entry, (long long)sum->amount);
    }
}

/* The sums that the month closed: its own, and with the first month all before it. */
static enum status add_closed_sums(struct storage_session *session, struct arena *arena, struct builder *out,
                                   const struct finance_digest *input, struct error *err)
{
    static const enum finance_kind kinds[] = {SUM_MONTH, SUM_VINTAGE, SUM_SETTLEMENT, SUM_PARTNER, SUM_MONEY};
    const struct finance_range range = {input->before == NULL ? 0 : input->close->month, input->close->month};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && status == STATUS_OK; i++) {
        struct finance_sums sums;
        status = finance_sums_read(session, arena, kinds[i], &range, &sums, err);
        finance_sums_sort(sums.items, status == STATUS_OK ? sums.count : 0);
        if (status == STATUS_OK)
            add_sums(out, &sums);
    }
    return status;
}

enum status finance_digest_compute(struct storage_session *session, const struct finance_digest *input,
                                   unsigned char digest[DIGEST_SIZE], struct error *err)
{
    struct arena *arena = arena_new(CLOSE_ARENA_BYTES);
    struct builder out = {.arena = arena};

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to read");
    builder_format(&out, "patron closed month 1\n%d %lld", (int)input->close->month,
                   (long long)input->close->closed_at);
    add_text(&out, input->close->actor);
    add_text(&out, input->close->rates);
    add_text(&out, input->close->seals);
    builder_char(&out, '\n');
    if (input->before != NULL)
        add_hex(&out, input->before->digest, DIGEST_SIZE);
    enum status status = add_closed_sums(session, arena, &out, input, err);
    struct text bytes = builder_done(&out);
    if (status == STATUS_OK)
        digest_keyed(input->key, SEAL_KEY_SIZE, bytes.bytes, bytes.size, digest);
    arena_free(arena);
    return status;
}

/* ---- closing ---- */

static enum status check_month(const struct finance_state *state, const struct finance_closing *closing,
                               struct error *err)
{
    const struct zone *zone = programme_at(closing->programmes, closing->now)->zone;
    const struct finance_close *last = state->close_count > 0 ? &state->closes[state->close_count - 1] : NULL;
    char text[MONTH_TEXT_SIZE];

    if (last != NULL && closing->month <= last->month)
        return error_set(err, STATUS_CONFLICT, "finance.closed", "month", "%s is closed, and stays so",
                         month_format(closing->month, text));
    if (closing->now < zone_day_start(zone, month_start(closing->month + 1)))
        return error_set(err, STATUS_CONFLICT, "finance.not_over", "month", "%s is not over",
                         month_format(closing->month, text));
    if (last != NULL && closing->month != last->month + 1)
        return error_set(err, STATUS_CONFLICT, "finance.order", "month", "%s comes first: months close in order",
                         month_format(last->month + 1, text));
    return STATUS_OK;
}

static struct text seals_text(struct arena *arena, const struct verify_head heads[BUCKET_COUNT])
{
    struct builder out = {.arena = arena};

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        builder_format(&out, "%s%lld:", bucket > 0 ? " " : "", (long long)heads[bucket].seq);
        add_hex(&out, heads[bucket].seal, SEAL_SIZE);
    }
    return builder_done(&out);
}

static enum status write_close(struct storage_session *session, struct arena *arena, const struct finance_close *close,
                               struct error *err)
{
    const struct storage_value values[] = {value_integer(close->month),
                                           value_integer(close->closed_at),
                                           value_text(close->actor),
                                           value_text(finance_cut_text(arena, &close->cut)),
                                           value_text(close->seals),
                                           value_text(close->rates),
                                           value_blob(close->digest, DIGEST_SIZE)};

    return storage_run(session, &query_finance_close_put, values, 1, NULL, err);
}

struct close_work {
    struct engine *engine;
    struct arena *arena;
    const struct finance_closing *closing;
    struct finance_moment moment;
    struct finance_state state;
};

/* In the transaction under way, as of the moment: nothing may have moved since. */
static enum status close_now(struct close_work *work, struct storage_session *session, struct finance_close *out,
                             struct error *err)
{
    const struct finance_closing *closing = work->closing;
    struct finance_rates *rates = arena_alloc(work->arena, sizeof *rates);
    struct finance_close close = {.month = closing->month,
                                  .closed_at = closing->now,
                                  .actor = text_copy(work->arena, closing->actor),
                                  .seals = seals_text(work->arena, work->moment.heads)};
    bool all[BUCKET_COUNT];

    memset(all, true, sizeof all);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        close.cut.seqs[bucket] = work->moment.heads[bucket].seq;
    finance_rates_build(closing->programmes, closing->month, closing->agreed, closing->agreed_count, rates);
    close.rates = finance_rates_text(work->arena, rates);
    enum status status = finance_state_take(session, work->moment.version, true, err);
    if (status == STATUS_OK)
        status = finance_cursors_move(session, &close.cut, &close.cut, all, err);
    if (status == STATUS_OK)
        status = finance_state_load(session, work->arena, &work->state, err);
    if (status == STATUS_OK)
        status = check_month(&work->state, closing, err);
    if (status != STATUS_OK)
        return status;
    const struct finance_digest digest = {
        .key = engine_seal_key(work->engine),
        .close = &close,
        .before = work->state.close_count > 0 ? &work->state.closes[work->state.close_count - 1] : NULL};
    status = finance_digest_compute(session, &digest, close.digest, err);
    if (status == STATUS_OK)
        status = write_close(session, work->arena, &close, err);
    if (status == STATUS_OK)
        status = closing->note(session, work->arena, &close, err);
    if (status == STATUS_OK)
        *out = close;
    return status;
}

static enum status close_once(struct close_work *work, struct finance_close *out, struct error *err)
{
    struct storage_session *session;
    enum status status = finance_catch_up(work->engine, &work->moment, err);

    if (status == STATUS_OK)
        status = storage_session_new(engine_storage(work->engine), false, &session, err);
    if (status != STATUS_OK)
        return status;
    status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = close_now(work, session, out, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    else
        storage_rollback(session);
    storage_session_free(session);
    return status;
}

/* What was due in the month by time alone is posted before it closes. */
static enum status post_due(struct engine *engine, struct error *err)
{
    struct engine_figures figures;

    engine_figures(engine, &figures);
    if (figures.sweeper_stopped)
        return error_set(err, STATUS_CONFLICT, "finance.clock", "",
                         "the clock jumped: expiries are not posted until an administrator confirms the time");
    enum status status = engine_sweep(engine, err);
    return status == STATUS_OK ? gift_cards_lapse(engine, err) : status;
}

enum status finance_close_month(struct engine *engine, struct arena *arena, const struct finance_closing *closing,
                                struct finance_close *out, struct error *err)
{
    enum status due = post_due(engine, err);

    if (due != STATUS_OK)
        return due;
    for (int i = 0; i < CLOSE_TRIES_MAX; i++) {
        struct close_work work = {.engine = engine, .arena = arena, .closing = closing};
        struct error error = {0};
        enum status status = close_once(&work, out, &error);
        if (status == STATUS_BUSY && strcmp(error.code, "finance.moved") == 0)
            continue;
        if (status != STATUS_OK && err != NULL)
            *err = error;
        return status;
    }
    return error_set(err, STATUS_BUSY, "finance.busy", "", "others change the same figures at this moment");
}
