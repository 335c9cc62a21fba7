/* Reservations that are over, and guesses of codes. */
#include "features/coupons/coupons_store.h"

#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

enum { LAPSED_AT_ONCE = 200, LAPSE_ARENA = 16 << 20 };

/* ---- reservations that are over ---- */

struct lapsed {
    struct arena *arena;
    struct coupon_row items[LAPSED_AT_ONCE];
    size_t count;
};

static enum status receive_lapsed(void *context, const struct storage_row *row, struct error *err)
{
    struct lapsed *lapsed = context;

    (void)err;
    if (lapsed->count < LAPSED_AT_ONCE)
        lapsed->items[lapsed->count++] =
            (struct coupon_row){.key = row_text_copy(row, 0, lapsed->arena), .id = row_integer(row, 1)};
    return STATUS_OK;
}

static struct command *lapse_command(struct arena *arena, const struct coupon_row *row)
{
    struct end_code *body = arena_alloc(arena, sizeof *body);
    struct command *command = arena_alloc(arena, sizeof *command);

    body->use.key = row->key;
    body->release = body->lapsed = true;
    *command = (struct command){.type = &coupon_end_type, .body = body, .day = DAY_NONE, .bucket = -1, .arena = arena};
    command->bucket = id_bucket(row->id);
    command->events[0] = (struct event_reference){.id = row->id, .claim = -1};
    command->event_count = 1;
    command->subjects[0] = (struct subject){.by = SUBJECT_EVENT, .first = 0};
    command->subject_count = 1;
    coupons_name(command, arena, &body->use, 1);
    return command;
}

static enum status release_lapsed(struct engine *engine, struct arena *arena, const struct lapsed *lapsed,
                                  struct error *err)
{
    struct command *commands[LAPSED_AT_ONCE];

    for (size_t i = 0; i < lapsed->count; i++)
        commands[i] = lapse_command(arena, &lapsed->items[i]);
    return lapsed->count > 0 ? engine_run(engine, commands, lapsed->count, err) : STATUS_OK;
}

enum status coupons_lapse_code(struct engine *engine, struct arena *arena, struct text key, struct error *err)
{
    struct lapsed *lapsed = arena_alloc(arena, sizeof *lapsed);
    const struct storage_receiver receiver = {.row = receive_lapsed, .context = lapsed};
    const struct storage_value values[] = {value_integer(coupon_bucket(key)), value_text(key),
                                           value_integer(clock_now(engine_clock(engine)))};
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    lapsed->arena = arena;
    status = storage_run(session, &query_coupons_code_lapsed, values, 1, &receiver, err);
    engine_read_end(engine, session);
    return status == STATUS_OK ? release_lapsed(engine, arena, lapsed, err) : status;
}

enum status coupons_lapse(struct engine *engine, struct error *err)
{
    const struct storage_value values[] = {value_integer(clock_now(engine_clock(engine))),
                                           value_integer(LAPSED_AT_ONCE)};
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    struct arena *arena = arena_new(LAPSE_ARENA);
    if (arena == NULL) {
        engine_read_end(engine, session);
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to end reservations of codes");
    }
    struct lapsed *lapsed = arena_alloc(arena, sizeof *lapsed);
    const struct storage_receiver receiver = {.row = receive_lapsed, .context = lapsed};
    lapsed->arena = arena;
    status = storage_run(session, &query_coupons_uses_lapsed, values, 1, &receiver, err);
    engine_read_end(engine, session);
    if (status == STATUS_OK)
        status = release_lapsed(engine, arena, lapsed, err);
    arena_free(arena);
    return status;
}

/* ---- guesses ---- */

static int guess_bucket(struct text who)
{
    return (int)(hash_stable(who) % BUCKET_COUNT);
}

static enum status receive_guesses(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status coupon_guess_check(struct storage_session *session, struct text who, int64_t now, struct error *err)
{
    int64_t count = 0;
    const struct storage_receiver receiver = {.row = receive_guesses, .context = &count};
    const struct storage_value values[] = {value_integer(guess_bucket(who)), value_text(who),
                                           value_integer(now / COUPON_GUESS_PERIOD)};
    enum status status = storage_run(session, &query_coupons_guess_get, values, 1, &receiver, err);
    char text[INSTANT_TEXT_SIZE];

    if (status == STATUS_OK && count >= COUPON_GUESSES_MAX)
        status = error_set(err, STATUS_LIMIT, "coupon.guesses", "code",
                           "too many codes that do not exist were tried: codes are looked up again from %s",
                           instant_format((now / COUPON_GUESS_PERIOD + 1) * COUPON_GUESS_PERIOD, text));
    return status;
}

enum status coupon_guess_add(struct storage_session *session, struct text who, int64_t now, struct error *err)
{
    const struct storage_value values[] = {value_integer(guess_bucket(who)), value_text(who),
                                           value_integer(now / COUPON_GUESS_PERIOD)};

    return storage_run(session, &query_coupons_guess_add, values, 1, NULL, err);
}
