#include "features/coupons/coupons_store.h"

#include "features/conditions/conditions_store.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- written by commands ---- */

void store_coupon_code(struct decision *decision, const struct coupon_code *code)
{
    const struct storage_value values[] = {value_integer(coupon_bucket(code->key)),
                                           value_text(code->key),
                                           value_text(code->series),
                                           value_integer(code->issued_at),
                                           value_integer(code->valid_from),
                                           value_integer(code->valid_until),
                                           value_integer(code->uses),
                                           value_integer(code->owner),
                                           value_integer(code->voided_at)};

    row_add(decision, &query_coupons_code_put, arena_copy(decision->arena, values, sizeof values));
}

void store_coupon_owner(struct decision *decision, int64_t member, const struct coupon_code *code, int64_t event)
{
    const struct storage_value values[] = {value_integer(id_bucket(member)),
                                           value_integer(member),
                                           value_text(code->key),
                                           value_text(code->series),
                                           value_integer(code->issued_at),
                                           value_integer(code->valid_until),
                                           value_integer(event)};

    row_add(decision, &query_coupons_owner_put, arena_copy(decision->arena, values, sizeof values));
}

void store_coupon_use(struct decision *decision, const struct coupon_row *row)
{
    const struct storage_value values[] = {value_integer(coupon_bucket(row->key)),
                                           value_text(row->key),
                                           value_integer(row->id),
                                           value_text(row->series),
                                           value_integer(row->member),
                                           value_integer(row->state),
                                           value_integer(row->at),
                                           value_integer(row->until),
                                           value_integer(row->ended_by)};

    row_add(decision, &query_coupons_use_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- codes by key ---- */

struct loading {
    struct arena *arena;
    struct coupon_use **uses;
};

static enum status receive_code(void *context, const struct storage_row *row, struct error *err)
{
    const struct loading *loading = context;
    struct coupon_use *use = loading->uses[row_integer(row, 0)];

    (void)err;
    use->found = true;
    use->series = row_text_copy(row, 1, loading->arena);
    use->issued_at = row_integer(row, 2);
    use->valid_from = row_integer(row, 3);
    use->valid_until = row_integer(row, 4);
    use->uses = row_integer(row, 5);
    use->owner = row_integer(row, 6);
    use->voided = row_integer(row, 7) != 0;
    return STATUS_OK;
}

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    const struct loading *loading = context;
    struct coupon_use *use = loading->uses[row_integer(row, 0)];
    int64_t maximum = row_integer(row, 2);

    (void)err;
    use->used = row_integer(row, 1);
    use->voided = use->voided || maximum < 0;
    if (maximum > 0 && maximum != INT64_MAX)
        use->owner = maximum;
    return STATUS_OK;
}

static void forget(struct coupon_use *use)
{
    use->found = use->voided = false;
    use->series = (struct text){NULL, 0};
    use->issued_at = use->uses = use->owner = use->used = 0;
    use->valid_from = INT64_MIN;
    use->valid_until = INSTANT_NEVER;
}

/* The context lives in the arena: receivers are called at the flush. */
static enum status send_codes(struct storage_session *session, struct arena *arena, struct coupon_use **uses,
                              size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_code, .context = loading};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    *loading = (struct loading){arena, uses};
    for (size_t i = 0; i < count; i++) {
        forget(uses[i]);
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(coupon_bucket(uses[i]->key));
        values[3 * i + 2] = value_text(uses[i]->key);
    }
    return storage_send(session, &query_coupons_codes_load, values, count, &receiver, err);
}

static enum status send_counts(struct storage_session *session, struct arena *arena, struct coupon_use **uses,
                               size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_count, .context = loading};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    *loading = (struct loading){arena, uses};
    for (size_t i = 0; i < count; i++) {
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(coupon_bucket(uses[i]->key));
        values[3 * i + 2] = value_text(text_from(coupon_counter_id(arena, uses[i]->key)));
    }
    return storage_send(session, &query_coupons_counts_load, values, count, &receiver, err);
}

enum status coupons_read(struct storage_session *session, struct arena *arena, struct coupon_use *uses, size_t count,
                         struct error *err)
{
    struct coupon_use **each = arena_array(arena, count + 1, sizeof(struct coupon_use *));

    for (size_t i = 0; i < count; i++)
        each[i] = &uses[i];
    enum status status = send_codes(session, arena, each, count, err);
    if (status == STATUS_OK)
        status = send_counts(session, arena, each, count, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}

enum status coupons_load(struct load_context *context, const struct command *const *commands, struct coupon_use **uses,
                         size_t count, struct error *err)
{
    struct condition_load *loads = arena_array(context->arena, count + 1, sizeof *loads);
    size_t wanted = 0;
    enum status status = send_codes(context->session, context->arena, uses, count, err);

    for (size_t i = 0; i < count; i++) {
        uses[i]->known = (struct condition_person){.parts = 0};
        if (commands[i]->subject_count > 0)
            loads[wanted++] = (struct condition_load){
                .command = commands[i], .parts = CONDITION_PROFILE | CONDITION_SEGMENTS, .out = &uses[i]->known};
    }
    return status == STATUS_OK ? conditions_load(context, loads, wanted, err) : status;
}

/* ---- the load functions of the commands ---- */

enum status coupon_use_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct coupon_use **uses = arena_array(context->arena, count + 1, sizeof(struct coupon_use *));

    for (size_t i = 0; i < count; i++)
        uses[i] = &((struct use_code *)commands[i]->body)->use;
    return coupons_load(context, (const struct command *const *)commands, uses, count, err);
}

enum status coupon_issue_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct coupon_use **uses = arena_array(context->arena, count + 1, sizeof(struct coupon_use *));

    for (size_t i = 0; i < count; i++)
        uses[i] = &((struct issue_code *)commands[i]->body)->use;
    return send_codes(context->session, context->arena, uses, count, err);
}

enum status coupon_void_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct coupon_use **uses = arena_array(context->arena, count + 1, sizeof(struct coupon_use *));

    for (size_t i = 0; i < count; i++)
        uses[i] = &((struct void_code *)commands[i]->body)->use;
    return send_codes(context->session, context->arena, uses, count, err);
}

struct row_loading {
    struct arena *arena;
    struct coupon_row **rows;
};

static enum status receive_use(void *context, const struct storage_row *row, struct error *err)
{
    const struct row_loading *loading = context;
    struct coupon_row *out = loading->rows[row_integer(row, 0)];

    (void)err;
    out->series = row_text_copy(row, 2, loading->arena);
    out->member = row_integer(row, 3);
    out->state = row_integer(row, 4);
    out->at = row_integer(row, 5);
    out->until = row_integer(row, 6);
    return STATUS_OK;
}

/* `rows` with key and id. */
static enum status send_rows(struct storage_session *session, struct arena *arena, struct coupon_row **rows,
                             size_t count, struct error *err)
{
    struct row_loading *loading = arena_alloc(arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_use, .context = loading};
    struct storage_value *values = arena_array(arena, 4 * count + 1, sizeof *values);

    *loading = (struct row_loading){arena, rows};
    for (size_t i = 0; i < count; i++) {
        *rows[i] = (struct coupon_row){.key = rows[i]->key, .id = rows[i]->id};
        values[4 * i] = value_integer((int64_t)i);
        values[4 * i + 1] = value_integer(coupon_bucket(rows[i]->key));
        values[4 * i + 2] = value_text(rows[i]->key);
        values[4 * i + 3] = value_integer(rows[i]->id);
    }
    return storage_send(session, &query_coupons_use_load, values, count, &receiver, err);
}

enum status coupon_end_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct coupon_use **uses = arena_array(context->arena, count + 1, sizeof(struct coupon_use *));
    struct coupon_row **rows = arena_array(context->arena, count + 1, sizeof(struct coupon_row *));
    struct entitled **held = arena_array(context->arena, count + 1, sizeof(struct entitled *));

    for (size_t i = 0; i < count; i++) {
        struct end_code *body = commands[i]->body;
        held[i] = &body->entitled;
        uses[i] = &body->use;
        rows[i] = &body->row;
        body->row = (struct coupon_row){.key = body->use.key, .id = commands[i]->events[0].id};
    }
    enum status status = send_codes(context->session, context->arena, uses, count, err);
    if (status == STATUS_OK)
        status = benefit_uses_load(context, commands, held, count, err);
    return status == STATUS_OK ? send_rows(context->session, context->arena, rows, count, err) : status;
}

enum status coupon_use_read(struct storage_session *session, struct arena *arena, struct text key, int64_t id,
                            struct coupon_row *out, struct error *err)
{
    *out = (struct coupon_row){.key = key, .id = id};
    enum status status = send_rows(session, arena, &out, 1, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}
