#include "features/coupons/coupons_store.h"

#include <stdlib.h>

#include "features/conditions/conditions_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

enum { USES_SHOWN = 100, LAPSED_AT_ONCE = 200, LAPSE_ARENA = 16 << 20 };

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

    for (size_t i = 0; i < count; i++) {
        struct end_code *body = commands[i]->body;
        uses[i] = &body->use;
        rows[i] = &body->row;
        body->row = (struct coupon_row){.key = body->use.key, .id = commands[i]->events[0].id};
    }
    enum status status = send_codes(context->session, context->arena, uses, count, err);
    return status == STATUS_OK ? send_rows(context->session, context->arena, rows, count, err) : status;
}

enum status coupon_use_read(struct storage_session *session, struct arena *arena, struct text key, int64_t id,
                            struct coupon_row *out, struct error *err)
{
    *out = (struct coupon_row){.key = key, .id = id};
    enum status status = send_rows(session, arena, &out, 1, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}

/* ---- lists ---- */

struct use_list {
    struct arena *arena;
    struct text key;
    struct coupon_row *items;
    size_t count, capacity;
};

static enum status receive_listed_use(void *context, const struct storage_row *row, struct error *err)
{
    struct use_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct coupon_row){.key = list->key,
                                                     .id = row_integer(row, 0),
                                                     .member = row_integer(row, 1),
                                                     .state = row_integer(row, 2),
                                                     .at = row_integer(row, 3),
                                                     .until = row_integer(row, 4),
                                                     .ended_by = row_integer(row, 5)};
    return STATUS_OK;
}

enum status coupon_uses_read(struct storage_session *session, struct arena *arena, struct text key,
                             struct coupon_row **out, size_t *count, struct error *err)
{
    struct use_list list = {.arena = arena, .key = key};
    const struct storage_receiver receiver = {.row = receive_listed_use, .context = &list};
    const struct storage_value values[] = {value_integer(coupon_bucket(key)), value_text(key),
                                           value_integer(USES_SHOWN)};
    enum status status = storage_run(session, &query_coupons_code_uses, values, 1, &receiver, err);

    *out = list.items;
    *count = list.count;
    return status;
}

struct code_list {
    struct arena *arena;
    struct text series;
    struct coupon_code *items;
    size_t count, capacity;
};

static struct coupon_code *add_code(struct code_list *list)
{
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    struct coupon_code *code = &list->items[list->count++];
    *code = (struct coupon_code){.series = list->series};
    return code;
}

static enum status receive_page_code(void *context, const struct storage_row *row, struct error *err)
{
    struct code_list *list = context;
    struct coupon_code *code = add_code(list);

    (void)err;
    code->key = row_text_copy(row, 0, list->arena);
    code->issued_at = row_integer(row, 1);
    code->valid_from = row_integer(row, 2);
    code->valid_until = row_integer(row, 3);
    code->uses = row_integer(row, 4);
    code->owner = row_integer(row, 5);
    code->voided_at = row_integer(row, 6);
    return STATUS_OK;
}

enum status coupon_page_read(struct storage_session *session, struct arena *arena, const struct coupon_page *page,
                             struct coupon_code **out, size_t *count, struct error *err)
{
    struct code_list list = {.arena = arena, .series = page->series};
    const struct storage_receiver receiver = {.row = receive_page_code, .context = &list};
    enum status status = STATUS_OK;

    for (int bucket = page->bucket; bucket < BUCKET_COUNT && list.count < page->limit && status == STATUS_OK;
         bucket++) {
        struct text after = bucket == page->bucket ? page->after : TEXT("");
        const struct storage_value values[] = {value_integer(bucket), value_text(page->series), value_text(after),
                                               value_integer((int64_t)(page->limit - list.count))};
        status = storage_run(session, &query_coupons_codes_page, values, 1, &receiver, err);
    }
    *out = list.items;
    *count = list.count;
    return status;
}

/* ---- a person ---- */

struct person_reading {
    struct arena *arena;
    struct person *person;
};

static enum status receive_used(void *context, const struct storage_row *row, struct error *err)
{
    const struct person_reading *reading = context;
    struct member *member = group_find(reading->person->group, row_integer(row, 0));

    (void)err;
    if (member == NULL || member->progress_loaded)
        return STATUS_OK;
    member->progress = arena_grow(reading->arena, member->progress, &member->progress_capacity,
                                  member->progress_count + 1, sizeof *member->progress);
    member->progress[member->progress_count++] =
        (struct progress){.id = row_text_copy(row, 1, reading->arena), .used = row_integer(row, 2)};
    return STATUS_OK;
}

/* The members of the person: (bucket, member) each. */
static const struct storage_value *person_values(struct arena *arena, const struct person *person, size_t *count)
{
    struct storage_value *values = arena_array(arena, 2 * person->group->member_count + 1, sizeof *values);

    *count = 0;
    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (member->leader != person->leader->id)
            continue;
        values[2 * *count] = value_integer(id_bucket(member->id));
        values[2 * *count + 1] = value_integer(member->id);
        (*count)++;
    }
    return values;
}

enum status coupon_person_read(struct storage_session *session, struct arena *arena, struct person *person,
                               struct condition_person *known, struct error *err)
{
    struct person_reading reading = {arena, person};
    const struct storage_receiver receiver = {.row = receive_used, .context = &reading};
    size_t count;
    const struct storage_value *values = person_values(arena, person, &count);
    enum status status = storage_run(session, &query_coupons_series_used, values, count, &receiver, err);

    if (status == STATUS_OK && known != NULL)
        status = conditions_read(session, arena, person, CONDITION_PROFILE | CONDITION_SEGMENTS, known, err);
    return status;
}

struct owned_list {
    struct arena *arena;
    struct coupon_use *items;
    size_t count, capacity;
};

static enum status receive_owned(void *context, const struct storage_row *row, struct error *err)
{
    struct owned_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] =
        (struct coupon_use){.key = row_text_copy(row, 0, list->arena), .issued_at = row_integer(row, 2), .counter = -1};
    return STATUS_OK;
}

static int compare_owned(const void *a, const void *b)
{
    const struct coupon_use *left = a, *right = b;

    if (left->issued_at != right->issued_at)
        return left->issued_at < right->issued_at ? -1 : 1;
    return text_compare(left->key, right->key);
}

enum status coupon_owned_read(struct storage_session *session, struct arena *arena, struct person *person,
                              struct coupon_use **out, size_t *count, struct error *err)
{
    struct owned_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_owned, .context = &list};
    struct condition_person known = {.parts = 0};
    size_t members;
    const struct storage_value *values = person_values(arena, person, &members);
    enum status status = storage_run(session, &query_coupons_owner_page, values, members, &receiver, err);

    if (status == STATUS_OK && list.count > 1)
        qsort(list.items, list.count, sizeof *list.items, compare_owned);
    if (status == STATUS_OK)
        status = coupons_read(session, arena, list.items, list.count, err);
    if (status == STATUS_OK)
        status = coupon_person_read(session, arena, person, &known, err);
    for (size_t i = 0; i < list.count; i++)
        list.items[i].known = known;
    *out = list.items;
    *count = list.count;
    return status;
}

struct finding {
    struct arena *arena;
    struct text key;
};

static enum status receive_key(void *context, const struct storage_row *row, struct error *err)
{
    struct finding *finding = context;

    (void)err;
    finding->key = row_text_copy(row, 0, finding->arena);
    return STATUS_OK;
}

enum status coupon_free_find(struct storage_session *session, struct arena *arena, struct text series, int64_t now,
                             struct text *key, struct error *err)
{
    unsigned char from;
    struct finding finding = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_key, .context = &finding};
    enum status status = STATUS_OK;

    secret_random(&from, 1); /* so that not all ask for the same one */
    for (int i = 0; i < BUCKET_COUNT && finding.key.size == 0 && status == STATUS_OK; i++) {
        const struct storage_value values[] = {value_integer((from + i) % BUCKET_COUNT), value_text(series),
                                               value_integer(now)};
        status = storage_run(session, &query_coupons_code_free, values, 1, &receiver, err);
    }
    *key = finding.key;
    return status;
}

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
