#include "features/gift_cards/gift_cards_store.h"

#include <string.h>

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

void store_gift_card(struct decision *decision, const struct gift_card *card)
{
    const struct storage_value values[] = {value_integer(gift_bucket(card->key)),
                                           value_text(card->key),
                                           value_integer(card->id),
                                           value_integer(card->version),
                                           value_integer(card->state),
                                           value_integer(card->minor),
                                           value_integer(card->expires_at),
                                           value_text(card->store),
                                           value_text(card->paid_by),
                                           value_text(card->pin_hash),
                                           value_integer(card->sold_at),
                                           value_integer(card->activated_at),
                                           value_integer(card->voided_at)};

    row_add(decision, &query_gift_cards_card_put, arena_copy(decision->arena, values, sizeof values));
}

void store_gift_movement(struct decision *decision, const struct journal_row *row, struct gift_movement movement)
{
    const struct storage_value values[] = {value_integer(id_bucket(row->id)), value_integer(id_seq(row->id)),
                                           value_integer(movement.card),      value_integer(movement.debit),
                                           value_integer(movement.credit),    value_integer(movement.amount)};

    row_add(decision, &query_gift_cards_movement_put, arena_copy(decision->arena, values, sizeof values));
}

void store_gift_top_up(struct decision *decision, const struct gift_card *card, int64_t minor)
{
    const struct storage_value values[] = {value_integer(gift_bucket(card->key)), value_text(card->key),
                                           value_integer(minor), value_integer(card->expires_at)};

    row_add(decision, &query_gift_cards_card_top_up, arena_copy(decision->arena, values, sizeof values));
}

void store_gift_void(struct decision *decision, struct text key)
{
    const struct storage_value values[] = {value_integer(gift_bucket(key)), value_text(key),
                                           value_integer(decision->now)};

    row_add(decision, &query_gift_cards_card_void, arena_copy(decision->arena, values, sizeof values));
}

struct loading {
    struct arena *arena;
    struct gift_card **cards;
};

static enum status receive_card(void *context, const struct storage_row *row, struct error *err)
{
    const struct loading *loading = context;

    (void)err;
    *loading->cards[row_integer(row, 0)] = (struct gift_card){.key = row_text_copy(row, 1, loading->arena),
                                                              .id = row_integer(row, 2),
                                                              .version = row_integer(row, 3),
                                                              .state = row_integer(row, 4),
                                                              .minor = row_integer(row, 5),
                                                              .expires_at = row_integer(row, 6),
                                                              .store = row_text_copy(row, 7, loading->arena),
                                                              .paid_by = row_text_copy(row, 8, loading->arena),
                                                              .pin_hash = row_text_copy(row, 9, loading->arena),
                                                              .sold_at = row_integer(row, 10),
                                                              .activated_at = row_integer(row, 11),
                                                              .voided_at = row_integer(row, 12),
                                                              .tries = row_integer(row, 13),
                                                              .locked_until = row_integer(row, 14),
                                                              .spent = row_integer(row, 15)};
    return STATUS_OK;
}

static enum status send_cards(struct storage_session *session, struct arena *arena, struct gift_card **cards,
                              const struct text *keys, size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_card, .context = loading};
    struct storage_value *values = arena_array(arena, 4 * count + 1, sizeof *values);

    *loading = (struct loading){arena, cards};
    for (size_t i = 0; i < count; i++) {
        *cards[i] = (struct gift_card){.id = 0};
        values[4 * i] = value_integer((int64_t)i);
        values[4 * i + 1] = value_integer(gift_bucket(keys[i]));
        values[4 * i + 2] = value_text(keys[i]);
        values[4 * i + 3] = value_text(text_from(gift_counter(arena, keys[i])));
    }
    return storage_send(session, &query_gift_cards_cards_load, values, count, &receiver, err);
}

enum status change_gift_card_load(struct load_context *context, struct command **commands, size_t count,
                                  struct error *err)
{
    struct gift_card **cards = arena_array(context->arena, count + 1, sizeof(struct gift_card *));
    struct text *keys = arena_array(context->arena, count + 1, sizeof *keys);

    for (size_t i = 0; i < count; i++) {
        struct change_gift_card *body = commands[i]->body;
        cards[i] = &body->card;
        keys[i] = body->key;
    }
    return send_cards(context->session, context->arena, cards, keys, count, err);
}

enum status gift_card_read(struct storage_session *session, struct arena *arena, struct text key, struct gift_card *out,
                           struct error *err)
{
    enum status status = send_cards(session, arena, &out, &key, 1, err);

    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status == STATUS_OK && out->id == 0)
        status = error_set(err, STATUS_MISSING, "gift_card.unknown", "code", "there is no such gift card");
    return status;
}

struct takers {
    struct arena *arena;
    struct gift_taker *items;
};

static enum status receive_taker(void *context, const struct storage_row *row, struct error *err)
{
    const struct takers *takers = context;
    struct gift_taker *taker = &takers->items[row_integer(row, 0)];

    (void)err;
    taker->counter = gift_counter(takers->arena, row_text(row, 1));
    taker->expires_at = row_integer(row, 2);
    return STATUS_OK;
}

enum status gift_takers_read(struct storage_session *session, struct arena *arena, struct gift_taker *takers,
                             size_t count, struct error *err)
{
    struct takers reading = {arena, takers};
    const struct storage_receiver receiver = {.row = receive_taker, .context = &reading};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(takers[i].bucket);
        values[3 * i + 2] = value_integer(takers[i].card);
    }
    return storage_run(session, &query_gift_cards_takers_read, values, count, &receiver, err);
}

static enum status receive_try(void *context, const struct storage_row *row, struct error *err)
{
    (void)row;
    (void)err;
    *(bool *)context = true;
    return STATUS_OK;
}

enum status gift_pin_wrong(struct storage_session *session, struct text key, int64_t now, bool *counted,
                           struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_try, .context = counted};
    const struct storage_value values[] = {value_integer(gift_bucket(key)), value_text(key), value_integer(now),
                                           value_integer(now + GIFT_REST), value_integer(GIFT_PIN_TRIES)};

    *counted = false;
    return storage_run(session, &query_gift_cards_pin_wrong, values, 1, &receiver, err);
}

enum status gift_pin_right(struct storage_session *session, struct text key, int64_t now, bool *counted,
                           struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_try, .context = counted};
    const struct storage_value values[] = {value_integer(gift_bucket(key)), value_text(key), value_integer(now)};

    *counted = false;
    return storage_run(session, &query_gift_cards_pin_right, values, 1, &receiver, err);
}

struct owed_list {
    struct arena *arena;
    struct gift_owed *items;
    size_t count, capacity;
};

static enum status receive_owed(void *context, const struct storage_row *row, struct error *err)
{
    struct owed_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] =
        (struct gift_owed){row_text_copy(row, 0, list->arena), row_integer(row, 1), row_integer(row, 2)};
    return STATUS_OK;
}

enum status gift_owed_read(struct storage_session *session, struct arena *arena, struct gift_owed **out, size_t *count,
                           struct error *err)
{
    struct owed_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_owed, .context = &list};
    enum status status = storage_run(session, &query_gift_cards_liability, NULL, 1, &receiver, err);

    *out = list.items;
    *count = list.count;
    return status;
}

/* ---- history ---- */

struct history {
    struct arena *arena;
    struct gift_event *items;
    size_t count, capacity;
};

static enum status receive_event(void *context, const struct storage_row *row, struct error *err)
{
    struct history *history = context;
    bool lost = row_integer(row, 4) == ACCOUNT_ACTIVE;

    (void)err;
    history->items =
        arena_grow(history->arena, history->items, &history->capacity, history->count + 1, sizeof *history->items);
    history->items[history->count++] = (struct gift_event){.id = id_make(row_integer(row, 1), (int)row_integer(row, 0)),
                                                           .kind = row_text_copy(row, 2, history->arena),
                                                           .at = row_integer(row, 3),
                                                           .minor = lost ? -row_integer(row, 5) : row_integer(row, 5),
                                                           .store = row_text_copy(row, 6, history->arena),
                                                           .facts = row_text_copy(row, 7, history->arena)};
    return STATUS_OK;
}

enum status gift_history_read(struct storage_session *session, struct arena *arena, int64_t card,
                              struct gift_event **out, size_t *count, struct error *err)
{
    struct history history = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_event, .context = &history};
    const struct storage_value values[] = {value_integer(card), value_integer(GIFT_HISTORY_MAX)};
    enum status status = storage_run(session, &query_gift_cards_history, values, 1, &receiver, err);

    *out = history.items;
    *count = history.count;
    return status;
}

struct text gift_fact(const struct gift_event *event, const char *name)
{
    struct text facts = event->facts, out = {NULL, 0};
    const char *found = facts.size > 0 ? memmem(facts.bytes, facts.size, name, strlen(name)) : NULL;

    if (found == NULL)
        return out;
    out.bytes = found + strlen(name);
    while (out.bytes + out.size < facts.bytes + facts.size && out.bytes[out.size] != '"')
        out.size++;
    return out;
}

/* ---- cards that end ---- */

static const size_t LAPSE_ARENA = (size_t)16 << 20;
enum { ENDED_AT_ONCE = 500 };

struct ended {
    struct arena *arena;
    struct text keys[ENDED_AT_ONCE];
    size_t count;
};

static enum status receive_ended(void *context, const struct storage_row *row, struct error *err)
{
    struct ended *ended = context;

    (void)err;
    if (ended->count < ENDED_AT_ONCE)
        ended->keys[ended->count++] = row_text_copy(row, 0, ended->arena);
    return STATUS_OK;
}

static struct command *ending(struct arena *arena, struct text key)
{
    struct change_gift_card *body = arena_alloc(arena, sizeof *body);
    struct command *command = arena_alloc(arena, sizeof *command);

    body->action = GIFT_EXPIRE;
    body->key = key;
    *command = (struct command){.type = &change_gift_card_type, .body = body, .day = DAY_NONE, .arena = arena};
    command->bucket = gift_bucket(key);
    command->counters[command->counter_count++] = gift_counter(arena, key);
    return command;
}

/* One that was made void, or ended by another process, meanwhile is refused, and that is right. */
static enum status end_some(struct engine *engine, struct arena *arena, size_t *count, struct error *err)
{
    struct ended *ended = arena_alloc(arena, sizeof *ended);
    const struct storage_receiver receiver = {.row = receive_ended, .context = ended};
    const struct storage_value values[] = {value_integer(clock_now(engine_clock(engine))),
                                           value_integer(ENDED_AT_ONCE)};
    struct command *commands[ENDED_AT_ONCE];
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    ended->arena = arena;
    status = storage_run(session, &query_gift_cards_cards_ended, values, 1, &receiver, err);
    engine_read_end(engine, session);
    for (size_t i = 0; i < ended->count; i++)
        commands[i] = ending(arena, ended->keys[i]);
    *count = ended->count;
    return status == STATUS_OK && ended->count > 0 ? engine_run(engine, commands, ended->count, err) : status;
}

enum status gift_cards_lapse(struct engine *engine, struct error *err)
{
    struct arena *arena = arena_new(LAPSE_ARENA);
    enum status status = STATUS_OK;
    size_t count = ENDED_AT_ONCE;

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory to end gift cards");
    while (status == STATUS_OK && count == ENDED_AT_ONCE) {
        arena_reset(arena);
        status = end_some(engine, arena, &count, err);
    }
    arena_free(arena);
    return status;
}
