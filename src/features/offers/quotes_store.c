#include "features/offers/quotes_store.h"

#include "engine/batch.h"
#include "features/conditions/conditions_store.h"
#include "features/redemption/velocity.h"
#include "queries.h"
#include "storage/storage.h"

enum { LAPSE_PAGE = 100, LAPSE_BYTES = 64 << 20, DROP_PAGE = 500 };

/* ---- rows ---- */

void store_quote(struct decision *decision, const struct quote_row *row)
{
    const struct storage_value values[] = {
        value_integer(id_bucket(row->id)), value_integer(row->id),         value_integer(row->member),
        value_integer(row->state),         value_integer(row->at),         value_integer(row->due_at),
        value_integer(row->reserved),      value_integer(row->settled_by), value_text(row->document)};

    row_add(decision, &query_offers_quote_put, arena_copy(decision->arena, values, sizeof values));
}

static struct quote_row read_quote(const struct storage_row *row, struct arena *arena)
{
    return (struct quote_row){.id = row_integer(row, 0),
                              .member = row_integer(row, 1),
                              .state = row_integer(row, 2),
                              .at = row_integer(row, 3),
                              .due_at = row_integer(row, 4),
                              .reserved = row_integer(row, 5) != 0,
                              .settled_by = row_integer(row, 6),
                              .document = row_text_copy(row, 7, arena)};
}

struct quote_list {
    struct arena *arena;
    struct quote_row *items;
    size_t count, capacity;
};

static enum status receive_quote(void *context, const struct storage_row *row, struct error *err)
{
    struct quote_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = read_quote(row, list->arena);
    return STATUS_OK;
}

enum status quote_find(struct storage_session *session, struct arena *arena, int64_t id, struct quote_row *out,
                       struct error *err)
{
    struct quote_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_quote, .context = &list};
    const struct storage_value values[] = {value_integer(id_bucket(id)), value_integer(id)};
    enum status status = storage_run(session, &query_offers_quotes_load, values, 1, &receiver, err);

    if (status != STATUS_OK)
        return status;
    if (list.count == 0)
        return error_set(err, STATUS_MISSING, "quote.unknown", "quote", "there is no such quote");
    *out = list.items[0];
    return STATUS_OK;
}

enum status quotes_of_member(struct storage_session *session, struct arena *arena, struct quote_page *page,
                             struct error *err)
{
    struct quote_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_quote, .context = &list};
    const struct storage_value values[] = {value_integer(id_bucket(page->member)), value_integer(page->member),
                                           value_integer(page->before), value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, &query_offers_quotes_list_member, values, 1, &receiver, err);

    page->items = list.items;
    page->count = list.count;
    return status;
}

enum status quotes_listed(struct storage_session *session, struct arena *arena, struct quote_listing *listing,
                          struct error *err)
{
    struct quote_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_quote, .context = &list};
    const struct storage_value values[] = {value_integer(listing->state), value_integer(listing->reserved ? 1 : 0),
                                           value_integer(listing->after_due), value_integer(listing->after_id),
                                           value_integer((int64_t)listing->limit)};
    enum status status = storage_run(session, &query_offers_quotes_page, values, 1, &receiver, err);

    listing->items = list.items;
    listing->count = list.count;
    return status;
}

/* ---- for commands ---- */

struct waiting_rows {
    struct arena *arena;
    struct quote_row **rows;
    const int64_t *ids;
    size_t count;
};

static enum status receive_waiting(void *context, const struct storage_row *row, struct error *err)
{
    const struct waiting_rows *waiting = context;
    const struct quote_row read = read_quote(row, waiting->arena);

    (void)err;
    for (size_t i = 0; i < waiting->count; i++)
        if (waiting->ids[i] == read.id)
            *waiting->rows[i] = read;
    return STATUS_OK;
}

static enum status load_rows(struct load_context *context, struct quote_row **rows, int64_t *ids, size_t count,
                             struct error *err)
{
    struct waiting_rows *waiting = arena_alloc(context->arena, sizeof *waiting);
    struct storage_value *values = arena_array(context->arena, 2 * count + 1, sizeof *values);

    *waiting = (struct waiting_rows){context->arena, rows, ids, count};
    for (size_t i = 0; i < count; i++) {
        *rows[i] = (struct quote_row){.id = 0};
        values[2 * i] = value_integer(id_bucket(ids[i]));
        values[2 * i + 1] = value_integer(ids[i]);
    }
    if (count == 0)
        return STATUS_OK;
    const struct storage_receiver receiver = {.row = receive_waiting, .context = waiting};
    return storage_send(context->session, &query_offers_quotes_load, values, count, &receiver, err);
}

/* ---- coupons of commands ---- */

struct coupon_loads {
    struct arena *arena;
    const struct command **commands;
    struct coupon_use **uses;
    size_t count, command_capacity, use_capacity;
};

static void want_coupons(struct coupon_loads *loads, const struct command *command, struct coupon_use *uses,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        loads->commands = arena_grow(loads->arena, loads->commands, &loads->command_capacity, loads->count + 1,
                                     sizeof(const struct command *));
        loads->uses =
            arena_grow(loads->arena, loads->uses, &loads->use_capacity, loads->count + 1, sizeof(struct coupon_use *));
        loads->commands[loads->count] = command;
        loads->uses[loads->count++] = &uses[i];
    }
}

static enum status load_coupons(struct load_context *context, const struct coupon_loads *loads, struct error *err)
{
    return loads->count == 0 ? STATUS_OK : coupons_load(context, loads->commands, loads->uses, loads->count, err);
}

enum status quote_request_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct condition_load *loads = arena_array(context->arena, count, sizeof *loads);
    struct coupon_loads coupons = {.arena = context->arena};

    for (size_t i = 0; i < count; i++) {
        struct quote_request *body = commands[i]->body;
        unsigned parts = commands[i]->subject_count > 0 ? body->parts : 0;
        loads[i] = (struct condition_load){.command = commands[i], .subject = 0, .parts = parts, .out = &body->known};
        want_coupons(&coupons, commands[i], body->coupons, body->coupon_count);
    }
    enum status status = conditions_load(context, loads, count, err);
    return status == STATUS_OK ? load_coupons(context, &coupons, err) : status;
}

enum status quote_end_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct quote_row **rows = arena_array(context->arena, count, sizeof *rows);
    int64_t *ids = arena_array(context->arena, count, sizeof *ids);
    struct coupon_loads coupons = {.arena = context->arena};

    for (size_t i = 0; i < count; i++) {
        struct quote_end *body = commands[i]->body;
        want_coupons(&coupons, commands[i], body->coupons, body->coupon_count);
        rows[i] = &body->row;
        ids[i] = body->id;
    }
    enum status status = load_rows(context, rows, ids, count, err);
    return status == STATUS_OK ? load_coupons(context, &coupons, err) : status;
}

enum status quote_settlements_load(struct load_context *context, const struct command **commands,
                                   struct quote_settlement **settlements, size_t count, struct error *err)
{
    struct quote_row **rows = arena_array(context->arena, count + 1, sizeof *rows);
    int64_t *ids = arena_array(context->arena, count + 1, sizeof *ids);
    struct coupon_loads coupons = {.arena = context->arena};

    for (size_t i = 0; i < count; i++) {
        rows[i] = &settlements[i]->row;
        ids[i] = settlements[i]->id;
        want_coupons(&coupons, commands[i], settlements[i]->coupons, settlements[i]->coupon_count);
    }
    enum status status = load_rows(context, rows, ids, count, err);
    return status == STATUS_OK ? load_coupons(context, &coupons, err) : status;
}

/* ---- pricing on a read session ---- */

static enum status receive_counter(void *context, const struct storage_row *row, struct error *err)
{
    struct decision *decision = context;

    (void)err;
    for (size_t i = 0; i < COMMAND_COUNTERS_MAX && decision->counters[i] != NULL; i++)
        if (text_equal(decision->counters[i]->id, row_text(row, 0)))
            decision->counters[i]->used = row_integer(row, 1);
    return STATUS_OK;
}

static enum status read_counters(struct storage_session *session, struct arena *arena, const struct command *command,
                                 struct decision *decision, struct error *err)
{
    struct storage_value *values = arena_array(arena, 2 * command->counter_count + 1, sizeof *values);
    const struct storage_receiver receiver = {.row = receive_counter, .context = decision};

    for (size_t i = 0; i < command->counter_count; i++) {
        struct text id = text_from(command->counters[i]);
        decision->counters[i] = arena_alloc(arena, sizeof *decision->counters[i]);
        *decision->counters[i] = (struct counter){.id = id, .maximum = INT64_MAX};
        values[2 * i] = value_integer(counter_bucket(id));
        values[2 * i + 1] = value_text(id);
    }
    return command->counter_count == 0
               ? STATUS_OK
               : storage_run(session, &query_offers_counters_read, values, command->counter_count, &receiver, err);
}

static enum status receive_progress(void *context, const struct storage_row *row, struct error *err)
{
    struct decision *decision = context;
    struct member *member = group_find(decision->subjects[0].group, row_integer(row, 0));

    (void)err;
    if (member == NULL)
        return STATUS_OK;
    member->progress = arena_grow(decision->arena, member->progress, &member->progress_capacity,
                                  member->progress_count + 1, sizeof *member->progress);
    member->progress[member->progress_count++] =
        (struct progress){.id = row_text_copy(row, 1, decision->arena), .used = row_integer(row, 2)};
    return STATUS_OK;
}

static enum status read_progress(struct storage_session *session, struct decision *decision, struct error *err)
{
    struct group *group = decision->subjects[0].group;
    struct storage_value *values = arena_array(decision->arena, 2 * group->member_count, sizeof *values);
    const struct storage_receiver receiver = {.row = receive_progress, .context = decision};

    for (size_t i = 0; i < group->member_count; i++) {
        group->members[i].progress = NULL;
        group->members[i].progress_count = group->members[i].progress_capacity = 0;
        values[2 * i] = value_integer(id_bucket(group->members[i].id));
        values[2 * i + 1] = value_integer(group->members[i].id);
    }
    return storage_run(session, &query_offers_progress_read, values, group->member_count, &receiver, err);
}

enum status limits_read(struct storage_session *session, struct arena *arena, const struct command *command,
                        bool progress, struct decision *decision, struct error *err)
{
    enum status status = read_counters(session, arena, command, decision, err);

    return status == STATUS_OK && progress && decision->subjects[0].group != NULL
               ? read_progress(session, decision, err)
               : status;
}

/* ---- what is over ---- */

static enum status end_one(struct engine *engine, struct arena *arena, const struct quote_row *row, struct error *err)
{
    struct quote_end body = {.id = row->id, .lapsed = true};
    struct command command = {
        .type = &quote_end_type, .body = &body, .day = DAY_NONE, .bucket = id_bucket(row->id), .arena = arena};
    struct command *list = &command;
    enum status status = quote_read(arena, row->document, &body.quoted, err);

    if (status != STATUS_OK)
        return status;
    if (row->member != 0)
        command.subjects[command.subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = row->member};
    if (row->reserved) {
        body.coupons = quoted_coupons(&body.quoted, &command, arena, &body.coupon_count);
        quoted_counters(&body.quoted, &command, arena);
    }
    status = engine_run(engine, &list, 1, err);
    if (status == STATUS_OK && command.status != STATUS_OK && err != NULL)
        *err = command.error;
    return status == STATUS_OK ? command.status : status;
}

static enum status find_due(struct engine *engine, struct quote_list *list, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_quote, .context = list};
    const struct storage_value values[] = {value_integer(QUOTE_OPEN), value_integer(clock_now(engine_clock(engine))),
                                           value_integer(LAPSE_PAGE)};
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_offers_quotes_due, values, 1, &receiver, err);
    engine_read_end(engine, session);
    return status;
}

enum status quotes_lapse(struct engine *engine, struct error *err)
{
    enum status status = STATUS_OK;
    size_t found = LAPSE_PAGE;

    while (status == STATUS_OK && found == LAPSE_PAGE) {
        struct arena *arena = arena_new(LAPSE_BYTES);
        if (arena == NULL)
            return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory");
        struct quote_list list = {.arena = arena};
        status = find_due(engine, &list, err);
        found = list.count;
        for (size_t i = 0; i < list.count && status == STATUS_OK; i++)
            status = end_one(engine, arena, &list.items[i], err);
        arena_free(arena);
    }
    return status;
}

/* ---- what ended long ago ---- */

static enum status count_row(void *context, const struct storage_row *row, struct error *err)
{
    (void)row;
    (void)err;
    ++*(int64_t *)context;
    return STATUS_OK;
}

static enum status drop_some(struct storage_session *session, enum quote_state state, int64_t before, int64_t *count,
                             struct error *err)
{
    const struct storage_receiver receiver = {.row = count_row, .context = count};
    const struct storage_value values[] = {value_integer(state), value_integer(before), value_integer(DROP_PAGE)};
    enum status status = storage_begin(session, err);

    *count = 0;
    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_offers_quotes_drop, values, 1, &receiver, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

enum status quotes_drop(struct engine *engine, int64_t before, int64_t *dropped, struct error *err)
{
    static const enum quote_state ended[] = {QUOTE_SETTLED, QUOTE_RELEASED, QUOTE_LAPSED};
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);

    *dropped = 0;
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < sizeof ended / sizeof ended[0]; i++) {
        int64_t count = DROP_PAGE;
        while (status == STATUS_OK && count == DROP_PAGE) {
            status = drop_some(session, ended[i], before, &count, err);
            *dropped += status == STATUS_OK ? count : 0;
        }
    }
    storage_session_free(session);
    return status;
}
