#include "features/orders/bookings_store.h"

#include <stdlib.h>
#include <string.h>

#include "features/conditions/conditions_store.h"
#include "features/events/events_store.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- rows ---- */

static void decode(const struct storage_row *row, struct arena *arena, struct booking *out)
{
    struct text currency = row_text(row, 16);

    *out = (struct booking){.id = row_integer(row, 0),
                            .kind = (enum booking_kind)row_integer(row, 1),
                            .state = (enum booking_state)row_integer(row, 2),
                            .done = row_integer(row, 3),
                            .version = row_integer(row, 4),
                            .member = row_integer(row, 5),
                            .payer = row_integer(row, 6),
                            .store = row_text_copy(row, 7, arena),
                            .origin = row_text_copy(row, 8, arena),
                            .channel = row_text_copy(row, 9, arena),
                            .number = row_text_copy(row, 10, arena),
                            .place = row_text_copy(row, 11, arena),
                            .rate = row_text_copy(row, 12, arena),
                            .from_day = (int32_t)row_integer(row, 13),
                            .until_day = (int32_t)row_integer(row, 14),
                            .party = row_integer(row, 15),
                            .amount = row_integer(row, 17),
                            .purchase = row_integer(row, 18),
                            .at = row_integer(row, 19),
                            .paid_at = row_integer(row, 20),
                            .ready_at = row_integer(row, 21),
                            .arrived_at = row_integer(row, 22),
                            .ended_at = row_integer(row, 23),
                            .detail = row_integer(row, 24),
                            .night_price = row_integer(row, 25),
                            .awaited = row_text_copy(row, 26, arena)};
    if (currency.size < CURRENCY_SIZE)
        memcpy(out->currency, currency.bytes, currency.size);
}

void booking_put(struct decision *decision, const struct booking *booking)
{
    struct arena *arena = decision->arena;
    const struct storage_value values[] = {
        value_integer(id_bucket(booking->id)),
        value_integer(booking->id),
        value_integer(booking->kind),
        value_integer(booking->state),
        value_integer(booking->done),
        value_integer(booking->version),
        value_integer(booking->member),
        value_integer(booking->payer),
        value_text(booking->store),
        value_text(booking->origin),
        value_text(booking->channel),
        value_text(booking->number),
        value_text(booking->place),
        value_text(booking->rate),
        value_integer(booking->from_day),
        value_integer(booking->until_day),
        value_integer(booking->party),
        value_text(text_copy(arena, text_from(booking->currency))),
        value_integer(booking->amount),
        value_integer(booking->purchase),
        value_integer(booking->at),
        value_integer(booking->paid_at),
        value_integer(booking->ready_at),
        value_integer(booking->arrived_at),
        value_integer(booking->ended_at),
        value_integer(booking->detail),
        value_integer(booking->night_price),
        value_text(booking->awaited),
    };

    row_add(decision, &query_orders_booking_put, arena_copy(arena, values, sizeof values));
}

static enum status receive_booking(void *context, const struct storage_row *row, struct error *err)
{
    struct booking_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    decode(row, list->arena, &list->items[list->count++]);
    return STATUS_OK;
}

/* ---- for the commands ---- */

struct loading {
    struct arena *arena;
    struct command **commands;
    size_t count;
};

static enum status receive_loaded(void *context, const struct storage_row *row, struct error *err)
{
    const struct loading *loading = context;
    struct booking booking;

    (void)err;
    decode(row, loading->arena, &booking);
    for (size_t c = 0; c < loading->count; c++) {
        struct booking_work *work = loading->commands[c]->body;
        if (work->id == booking.id)
            work->loaded = booking;
    }
    return STATUS_OK;
}

enum status booking_proofs_load(struct load_context *context, struct command **commands, size_t count,
                                struct error *err)
{
    struct proof **proofs = arena_array(context->arena, count + 1, sizeof *proofs);
    size_t shown = 0;

    for (size_t c = 0; c < count; c++) {
        struct booking_work *work = commands[c]->body;
        if (work->sale.proof.kind != 0)
            proofs[shown++] = &work->sale.proof;
    }
    return proofs_load(context, proofs, shown, err);
}

/* What earning rules ask of the buyer. */
static enum status load_known(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct condition_load *loads = arena_array(context->arena, count + 1, sizeof *loads);
    size_t wanted = 0;

    for (size_t c = 0; c < count; c++) {
        struct booking_work *work = commands[c]->body;
        work->sale.known.person = (struct condition_person){0};
        if (work->sale.known.parts != 0 && work->buyer >= 0)
            loads[wanted++] =
                (struct condition_load){commands[c], work->buyer, work->sale.known.parts, &work->sale.known.person};
    }
    return wanted > 0 ? conditions_load(context, loads, wanted, err) : STATUS_OK;
}

enum status booking_open_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    enum status status = load_known(context, commands, count, err);

    return status == STATUS_OK ? booking_proofs_load(context, commands, count, err) : status;
}

enum status booking_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(context->arena, sizeof *loading);
    struct storage_value *values = arena_array(context->arena, 2 * count + 1, sizeof *values);
    const struct storage_receiver receiver = {.row = receive_loaded, .context = loading};

    *loading = (struct loading){context->arena, commands, count};
    for (size_t c = 0; c < count; c++) {
        struct booking_work *work = commands[c]->body;
        work->loaded = (struct booking){0};
        values[2 * c] = value_integer(id_bucket(work->id));
        values[2 * c + 1] = value_integer(work->id);
    }
    enum status proved = booking_proofs_load(context, commands, count, err);
    if (proved != STATUS_OK)
        return proved;
    /* One by one: two commands of a batch may be about the same person, and the second waits. */
    for (size_t c = 0; c < count; c++) {
        enum status status = void_load(context, &commands[c], 1, err);
        if (status != STATUS_OK)
            return status;
    }
    enum status status = load_known(context, commands, count, err);
    if (status != STATUS_OK)
        return status;
    return storage_send(context->session, &query_orders_bookings_load, values, count, &receiver, err);
}

/* ---- what the goods cost ---- */

struct pricing {
    struct arena *arena;
    struct booking_work *work;
};

static enum status receive_price(void *context, const struct storage_row *row, struct error *err)
{
    const struct pricing *pricing = context;
    int64_t cost = row_integer(row, 2), tax = row_integer(row, 3);

    (void)err;
    for (size_t i = 0; i < pricing->work->priced_count; i++)
        if (text_equal(pricing->work->priced[i].sku, row_text(row, 0)))
            terms_price(pricing->arena, &pricing->work->priced[i], cost, tax);
    return STATUS_OK;
}

enum status booking_price(struct storage_session *session, struct arena *arena, int64_t booking,
                          struct booking_work *work, struct error *err)
{
    struct pricing pricing = {arena, work};
    const struct storage_receiver receiver = {.row = receive_price, .context = &pricing};
    struct past_event *begun = NULL;
    enum status status = booking != 0 ? engine_event(session, booking, LOAD_FOLLOWERS, arena, &begun, err) : STATUS_OK;
    size_t rows = 0;

    if (status != STATUS_OK)
        return status;
    work->priced = booking_gather(arena, begun, work, &work->priced_count);
    struct storage_value *values = arena_array(arena, work->priced_count + 1, sizeof *values);
    for (size_t i = 0; i < work->priced_count; i++)
        if (work->priced[i].sku.size > 0)
            values[rows++] = value_text(work->priced[i].sku);
    return rows == 0 ? STATUS_OK : storage_run(session, &query_events_items_sold, values, rows, &receiver, err);
}

static bool sells(enum booking_event event)
{
    return event == BOOKING_PAY || event == BOOKING_COLLECT || event == BOOKING_DEPART;
}

/* A programme with many budgets would name the same counter twice: of the sale there is and of the one to come. */
static void drop_doubles(struct command *command)
{
    size_t kept = 0;

    for (size_t i = 0; i < command->counter_count; i++) {
        size_t before = 0;
        while (before < kept && strcmp(command->counters[before], command->counters[i]) != 0)
            before++;
        if (before == kept)
            command->counters[kept++] = command->counters[i];
    }
    command->counter_count = kept;
}

/* Of the store that handles it, and of the one in which it was ordered: the sale is of one of them. */
void booking_limits(const struct programme_set *set, struct command *command, struct arena *arena)
{
    struct booking_work *work = command->body;
    const struct programme *programme = programme_at(set, work->asked_at);
    const struct booking *booking = work->id != 0 ? &work->seen : &work->wanted;
    const struct text stores[] = {work->store, booking->store, booking->origin};

    work->sale.limited = true;
    work->sale.till = work->till;
    work->sale.employee = work->employee;
    for (size_t i = 0; i < sizeof stores / sizeof stores[0]; i++) {
        work->sale.store = stores[i];
        purchase_limits(programme, &work->sale, command, arena);
        drop_doubles(command);
    }
}

/* The sale there is: its person becomes the first subject. */
static enum status name_sale(struct storage_session *session, const struct programme_set *set, struct command *command,
                             const struct booking *booking, struct arena *arena, struct error *err)
{
    struct booking_work *work = command->body;
    work->refund.voids = true;
    enum status status = return_prepare(session, set, command, booking->purchase, arena, err);
    if (status != STATUS_OK)
        return status;
    work->buyer = command->subject_count > 0 ? 0 : -1;
    work->receipt_claim = work->refund.receipt_claim;
    return STATUS_OK;
}

static int subject_of(struct command *command, int64_t member)
{
    for (size_t s = 0; s < command->subject_count; s++)
        if (command->subjects[s].by == SUBJECT_MEMBER && command->subjects[s].id == member)
            return (int)s;
    command->subjects[command->subject_count] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    return (int)command->subject_count++;
}

/* Who buys once the change has come. */
static int64_t next_buyer(const struct programme_set *set, const struct booking *booking,
                          const struct booking_work *work)
{
    struct booking next = *booking;

    if (work->changes & CHANGE_RATE)
        next.rate = work->wanted.rate;
    if (work->changes & CHANGE_PAYER)
        next.payer = work->wanted.payer;
    return booking_buyer(booking_rules_of(set), &next);
}

enum status booking_prepare(struct storage_session *session, const struct programme_set *set, struct command *command,
                            const struct booking *booking, struct arena *arena, struct error *err)
{
    struct booking_work *work = command->body;
    const struct programme *programme = programme_at(set, work->at);
    int64_t buyer = next_buyer(set, booking, work);
    struct booking_awaited awaited;
    /* What is charged later is a sale of its own. */
    bool of_sale = booking->purchase != 0 && (work->event == BOOKING_COLLECT || work->event == BOOKING_CANCEL);
    enum status status = STATUS_OK;

    work->buyer = work->guest = work->payer = work->receipt_claim = -1;
    work->id = booking->id;
    work->seen = *booking;
    command->bucket = id_bucket(booking->id);
    command->day = zone_day(programme_at(set, INT64_MAX)->zone, work->at);
    if (of_sale)
        status = name_sale(session, set, command, booking, arena, err);
    else if (buyer != 0)
        work->buyer = subject_of(command, buyer);
    if (status != STATUS_OK)
        return status;
    if (booking->member != 0)
        work->guest = subject_of(command, booking->member);
    booking_awaited_read(booking->awaited, &awaited);
    if (awaited.count > 0)
        (void)subject_of(command, awaited.member);
    status = seller_find(session, set, work->employee, &work->sale.seller, err);
    if (status == STATUS_OK && set->items_priced && sells(work->event))
        status = booking_price(session, arena, booking->id, work, err);
    if (status != STATUS_OK)
        return status;
    command->bucket = id_bucket(booking->id);
    command->event_count = of_sale ? 1 : 0;
    work->booking_event = (int)command->event_count;
    command->events[command->event_count++] = (struct event_reference){.id = booking->id, .claim = -1};
    status = gift_payments_name(command, arena, work->sale.cards, work->sale.card_count, err);
    if (status != STATUS_OK)
        return status;
    purchase_counters(programme, command, arena);
    booking_rules_need(set, booking->kind, command, arena);
    booking_limits(set, command, arena);
    return STATUS_OK;
}

/* ---- reading ---- */

static int newest_first(const void *left, const void *right)
{
    const struct booking *a = left, *b = right;

    if (a->from_day != b->from_day)
        return a->from_day > b->from_day ? -1 : 1;
    return (a->id < b->id) - (a->id > b->id);
}

static enum status list_members(struct storage_session *session, const struct booking_query *query,
                                struct booking_list *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_booking, .context = out};
    enum status status = STATUS_OK;

    for (size_t m = 0; m < query->member_count && status == STATUS_OK; m++) {
        const struct storage_value values[] = {value_integer(id_bucket(query->members[m])),
                                               value_integer(query->members[m]),
                                               value_integer(query->kind),
                                               value_integer(query->from_day),
                                               value_integer(query->until_day),
                                               value_integer(query->before_day),
                                               value_integer(query->before_id),
                                               value_integer(query->state),
                                               value_integer((int64_t)query->limit + 1)};
        status = storage_run(session, &query_orders_bookings_list_member, values, 1, &receiver, err);
    }
    if (status != STATUS_OK)
        return status;
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++)
        if (query->store.size == 0 || text_equal(out->items[i].store, query->store))
            out->items[kept++] = out->items[i];
    if (kept > 1)
        qsort(out->items, kept, sizeof *out->items, newest_first);
    out->count = kept > query->limit + 1 ? query->limit + 1 : kept;
    return STATUS_OK;
}

enum status bookings_list(struct storage_session *session, struct arena *arena, const struct booking_query *query,
                          struct booking_list *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_booking, .context = out};
    const struct storage_value rest[] = {value_integer(query->from_day),   value_integer(query->until_day),
                                         value_integer(query->before_day), value_integer(query->before_id),
                                         value_integer(query->state),      value_integer((int64_t)query->limit + 1)};
    enum { REST = sizeof rest / sizeof rest[0] };
    struct storage_value values[REST + 2] = {value_integer(query->kind), value_text(query->store)};
    size_t first = query->store.size > 0 ? 2 : 1;

    *out = (struct booking_list){.arena = arena};
    if (query->member_count > 0)
        return list_members(session, query, out, err);
    memcpy(values + first, rest, sizeof rest);
    return storage_run(session, query->store.size > 0 ? &query_orders_bookings_list_store : &query_orders_bookings_list,
                       values, 1, &receiver, err);
}

enum status booking_read(struct storage_session *session, struct arena *arena, enum booking_kind kind, int64_t id,
                         struct booking *out, struct error *err)
{
    struct booking_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_booking, .context = &list};
    const struct storage_value values[] = {value_integer(id_bucket(id)), value_integer(id)};
    enum status status = storage_run(session, &query_orders_bookings_load, values, 1, &receiver, err);

    if (status != STATUS_OK)
        return status;
    if (list.count == 0 || list.items[0].kind != kind)
        return error_set(err, STATUS_MISSING, "order.unknown", booking_kind_name(kind), "there is no such %s",
                         booking_kind_name(kind));
    *out = list.items[0];
    return STATUS_OK;
}

enum status booking_find(struct storage_session *session, struct arena *arena, const struct booking_number *number,
                         int64_t *id, struct error *err)
{
    int64_t member;

    return engine_claim_find(session, booking_kind_name(number->kind),
                             event_key(arena, number->channel, number->number), id, &member, err);
}

/* ---- texts ---- */

struct detail_read {
    struct arena *arena;
    const struct booking *items;
    size_t count;
    struct text *out;
};

static enum status receive_detail(void *context, const struct storage_row *row, struct error *err)
{
    const struct detail_read *read = context;

    (void)err;
    for (size_t i = 0; i < read->count; i++)
        if (read->items[i].detail == row_integer(row, 0))
            read->out[i] = row_text_copy(row, 1, read->arena);
    return STATUS_OK;
}

enum status booking_details(struct storage_session *session, struct arena *arena, const struct booking *items,
                            size_t count, struct text *out, struct error *err)
{
    struct detail_read read = {arena, items, count, out};
    const struct storage_receiver receiver = {.row = receive_detail, .context = &read};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);
    size_t rows = 0;

    for (size_t i = 0; i < count; i++) {
        if (items[i].detail == 0)
            continue;
        values[3 * rows] = value_integer(id_bucket(items[i].detail));
        values[3 * rows + 1] = value_integer(id_seq(items[i].detail));
        values[3 * rows++ + 2] = value_integer(items[i].detail);
    }
    return rows == 0 ? STATUS_OK : storage_run(session, &query_orders_details, values, rows, &receiver, err);
}
