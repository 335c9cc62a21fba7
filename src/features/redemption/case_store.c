#include "features/redemption/case_store.h"

#include <string.h>

#include "features/redemption/credential_store.h"
#include "queries.h"
#include "storage/storage.h"

enum { FROZEN_PAGE = 2000, FACTS_NAME_SIZE = 128 };

static const size_t THAW_MEMORY_MAX = (size_t)256 << 20;

const char *const case_states[] = {"open", "released", "confirmed", NULL};

/* ---- the configuration ---- */

struct freezes_read {
    struct arena *arena;
    struct freeze *freezes;
    size_t count, capacity;
};

static enum status receive_freeze(void *context, const struct storage_row *row, struct error *err)
{
    struct freezes_read *read = context;

    if (read->count == FREEZES_MAX)
        return error_set(err, STATUS_LIMIT, "case.known", "", "there are more than %d open cases", FREEZES_MAX);
    read->freezes = arena_grow(read->arena, read->freezes, &read->capacity, read->count + 1, sizeof *read->freezes);
    read->freezes[read->count++] = (struct freeze){.id = row_integer(row, 0),
                                                   .member = row_integer(row, 1),
                                                   .wallet = row_text_copy(row, 2, read->arena),
                                                   .employee = row_text_copy(row, 3, read->arena)};
    return STATUS_OK;
}

enum status redemption_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                                 struct error *err)
{
    struct freezes_read read = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_freeze, .context = &read};
    enum status status = storage_run(session, &query_redemption_freezes_configure, NULL, 1, &receiver, err);

    if (status != STATUS_OK)
        return status;
    freezes_sort(read.freezes, read.count);
    set->freezes = read.freezes;
    set->freeze_count = read.count;
    return STATUS_OK;
}

static enum status renew(struct storage_session *session, struct error *err)
{
    return storage_run(session, &query_redemption_epoch_bump, NULL, 1, NULL, err);
}

/* ---- opening and closing ---- */

static enum status receive_id(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

static enum status check_new(struct storage_session *session, const struct fraud_case *fraud, struct error *err)
{
    int64_t known = 0, leader;
    const struct storage_receiver receiver = {.row = receive_id, .context = &known};
    const struct storage_value same[] = {value_integer(id_bucket(fraud->member)), value_integer(fraud->member),
                                         value_text(fraud->wallet), value_text(fraud->employee)};
    enum status status = STATUS_OK;

    if ((fraud->member != 0) == (fraud->employee.size > 0) || (fraud->wallet.size > 0 && fraud->member == 0))
        return error_set(err, STATUS_INVALID, "case.subject", "member",
                         "a case is of a member, of one account of a member, or of an employee");
    if (text_trim(fraud->reason).size == 0)
        return error_set(err, STATUS_INVALID, "case.reason", "reason", "say why the case is opened");
    if (fraud->member != 0)
        status = credential_owner(session, fraud->member, &leader, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_redemption_case_same, same, 1, &receiver, err);
    if (status == STATUS_OK && known != 0)
        return error_set(err, STATUS_CONFLICT, "case.known", "", "there is an open case of the same already");
    return status;
}

enum status case_open(struct storage_session *session, struct fraud_case *fraud, struct error *err)
{
    int64_t random;
    /* Raising the epoch first makes changes wait for each other. */
    enum status status = renew(session, err);

    if (status == STATUS_OK)
        status = check_new(session, fraud, err);
    if (status != STATUS_OK)
        return status;
    secret_random(&random, sizeof random);
    fraud->id = id_make((random & INT64_C(0xffffffffffffff)) + 1, id_bucket(fraud->member));
    fraud->state = CASE_OPEN;
    const struct storage_value values[] = {value_integer(id_bucket(fraud->id)), value_integer(fraud->id),
                                           value_integer(fraud->member),        value_text(fraud->wallet),
                                           value_text(fraud->employee),         value_text(fraud->store),
                                           value_text(fraud->reason),           value_integer(fraud->opened_at),
                                           value_text(fraud->opened_by),        value_integer(fraud->alert)};
    return storage_run(session, &query_redemption_case_open, values, 1, NULL, err);
}

enum status case_close(struct storage_session *session, const struct case_closing *closing, struct error *err)
{
    int64_t closed = 0, known = 0;
    const struct storage_receiver receiver = {.row = receive_id, .context = &closed};
    const struct storage_receiver finding = {.row = receive_id, .context = &known};
    const struct storage_value values[] = {
        value_integer(id_bucket(closing->id)), value_integer(closing->id), value_integer(closing->state),
        value_text(closing->outcome),          value_integer(closing->at), value_text(closing->by)};

    if (text_trim(closing->outcome).size == 0)
        return error_set(err, STATUS_INVALID, "case.reason", "reason", "say why the case is closed so");
    enum status status = renew(session, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_redemption_case_close, values, 1, &receiver, err);
    if (status == STATUS_OK && closed == 0)
        status = storage_run(session, &query_redemption_case_read, values, 1, &finding, err);
    if (status != STATUS_OK || closed != 0)
        return status;
    return known != 0 ? error_set(err, STATUS_CONFLICT, "case.closed", "", "the case was closed before")
                      : error_set(err, STATUS_MISSING, "case.unknown", "", "there is no such case");
}

/* ---- reading ---- */

struct cases_read {
    struct arena *arena;
    struct fraud_case *cases;
    size_t count, capacity;
};

static enum status receive_case(void *context, const struct storage_row *row, struct error *err)
{
    struct cases_read *read = context;

    (void)err;
    read->cases = arena_grow(read->arena, read->cases, &read->capacity, read->count + 1, sizeof *read->cases);
    read->cases[read->count++] = (struct fraud_case){.id = row_integer(row, 0),
                                                     .member = row_integer(row, 1),
                                                     .wallet = row_text_copy(row, 2, read->arena),
                                                     .employee = row_text_copy(row, 3, read->arena),
                                                     .store = row_text_copy(row, 4, read->arena),
                                                     .state = (enum case_state)row_integer(row, 5),
                                                     .reason = row_text_copy(row, 6, read->arena),
                                                     .opened_at = row_integer(row, 7),
                                                     .opened_by = row_text_copy(row, 8, read->arena),
                                                     .outcome = row_text_copy(row, 9, read->arena),
                                                     .closed_at = row_integer(row, 10),
                                                     .closed_by = row_text_copy(row, 11, read->arena),
                                                     .alert = row_integer(row, 12)};
    return STATUS_OK;
}

enum status case_read(struct storage_session *session, struct arena *arena, int64_t id, struct fraud_case *out,
                      struct error *err)
{
    struct cases_read read = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_case, .context = &read};
    const struct storage_value values[] = {value_integer(id_bucket(id)), value_integer(id)};
    enum status status = storage_run(session, &query_redemption_case_read, values, 1, &receiver, err);

    if (status == STATUS_OK && read.count == 0)
        return error_set(err, STATUS_MISSING, "case.unknown", "", "there is no such case");
    if (status == STATUS_OK)
        *out = read.cases[0];
    return status;
}

enum status case_list(struct storage_session *session, struct arena *arena, const struct case_page *page,
                      struct fraud_case **out, size_t *count, struct error *err)
{
    struct cases_read read = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_case, .context = &read};
    const struct storage_value values[] = {value_integer(page->state != 0 ? page->state : CASE_OPEN),
                                           value_integer(page->state != 0 ? page->state : CASE_CONFIRMED),
                                           value_integer(page->given ? page->before_at : INT64_MAX),
                                           value_integer(page->given ? id_bucket(page->before_id) : BUCKET_COUNT),
                                           value_integer(page->before_id),
                                           value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, &query_redemption_case_list, values, 1, &receiver, err);

    *out = read.cases;
    *count = read.count;
    return status;
}

struct store_read {
    struct arena *arena;
    struct text store;
};

static enum status receive_store(void *context, const struct storage_row *row, struct error *err)
{
    struct store_read *read = context;

    (void)err;
    read->store = row_text_copy(row, 0, read->arena);
    return STATUS_OK;
}

enum status case_employee_store(struct storage_session *session, struct arena *arena, struct text employee,
                                struct text *store, struct error *err)
{
    struct store_read read = {arena, TEXT("")};
    const struct storage_receiver receiver = {.row = receive_store, .context = &read};
    const struct storage_value value = value_text(employee);
    enum status status = storage_run(session, &query_redemption_employee_store, &value, 1, &receiver, err);

    *store = read.store;
    return status;
}

/* ---- giving back ---- */

struct frozen_lot {
    int64_t member, id, source;
    struct text wallet;
};
struct frozen_read {
    struct arena *arena;
    struct frozen_lot *lots;
    size_t count, capacity;
};

static enum status receive_frozen(void *context, const struct storage_row *row, struct error *err)
{
    struct frozen_read *read = context;

    (void)err;
    read->lots = arena_grow(read->arena, read->lots, &read->capacity, read->count + 1, sizeof *read->lots);
    read->lots[read->count++] = (struct frozen_lot){.member = row_integer(row, 0),
                                                    .id = row_integer(row, 1),
                                                    .wallet = row_text_copy(row, 2, read->arena),
                                                    .source = row_integer(row, 3)};
    return STATUS_OK;
}

/* Whether the facts of the row name the employee: {"employee":"E-7"}. */
static bool names_employee(struct arena *arena, struct text facts, struct text employee)
{
    struct builder name = {.arena = arena};

    builder_string(&name, "\"employee\":\"");
    for (size_t i = 0; i < employee.size; i++) {
        if (employee.bytes[i] == '"' || employee.bytes[i] == '\\')
            builder_char(&name, '\\');
        builder_char(&name, employee.bytes[i]);
    }
    builder_char(&name, '"');
    struct text wanted = builder_done(&name);
    return facts.size >= wanted.size && memmem(facts.bytes, facts.size, wanted.bytes, wanted.size) != NULL;
}

/* A purchase through an employee who is frozen still. */
static enum status is_employees(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                                const struct frozen_lot *lot, bool *out, struct error *err)
{
    struct past_event *event;

    *out = false;
    if (set->freeze_count == 0 || set->freezes[0].member != 0)
        return STATUS_OK;
    enum status status = engine_event(session, lot->source, 0, arena, &event, err);
    if (status != STATUS_OK)
        return status == STATUS_MISSING ? STATUS_OK : status;
    /* The claim of an anonymous purchase: the purchase says who rang it up. */
    if (event->row.cause != 0 && text_equals(event->row.kind, "claim"))
        status = engine_event(session, event->row.cause, 0, arena, &event, err);
    for (size_t i = 0; status == STATUS_OK && i < set->freeze_count && set->freezes[i].member == 0; i++)
        *out = *out || names_employee(arena, event->row.facts, set->freezes[i].employee);
    return status;
}

struct thawing {
    struct engine *engine;
    struct arena *arena;
    const struct programme_set *set;
    int64_t members, points;
};

static enum status thaw_member(struct thawing *thawing, int64_t member, const int64_t *lots, size_t count,
                               struct error *err)
{
    struct thaw body = {.lots = lots, .lot_count = count};
    struct command command = {.type = &thaw_type,
                              .body = &body,
                              .subjects = {{.by = SUBJECT_MEMBER, .id = member}},
                              .subject_count = 1,
                              .day = DAY_NONE,
                              .bucket = -1,
                              .arena = thawing->arena};
    struct command *commands[] = {&command};
    enum status status = engine_run(thawing->engine, commands, 1, err);

    if (status != STATUS_OK)
        return status;
    if (command.status != STATUS_OK && command.status != STATUS_MISSING) {
        *err = command.error;
        return command.status;
    }
    thawing->points += body.released;
    thawing->members += body.released > 0;
    return STATUS_OK;
}

/* The lots of a page, of each member those that no employee's case holds. */
static enum status thaw_page(struct thawing *thawing, const struct frozen_read *page, struct error *err)
{
    int64_t *lots = arena_array(thawing->arena, page->count + 1, sizeof *lots);
    bool *held = arena_array(thawing->arena, page->count + 1, sizeof *held);
    struct storage_session *session;
    enum status status = engine_read_begin(thawing->engine, &session, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < page->count && status == STATUS_OK; i++)
        status = is_employees(session, thawing->arena, thawing->set, &page->lots[i], &held[i], err);
    engine_read_end(thawing->engine, session);
    for (size_t i = 0; i < page->count && status == STATUS_OK;) {
        int64_t member = page->lots[i].member;
        size_t count = 0;
        for (; i < page->count && page->lots[i].member == member; i++)
            if (!held[i])
                lots[count++] = page->lots[i].id;
        if (count > 0)
            status = thaw_member(thawing, member, lots, count, err);
    }
    return status;
}

static enum status read_page(struct thawing *thawing, int bucket, const struct frozen_lot *after,
                             struct frozen_read *page, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_frozen, .context = page};
    const struct storage_value values[] = {value_integer(bucket), value_integer(after->member),
                                           value_integer(after->id), value_integer(FROZEN_PAGE)};
    struct storage_session *session;
    enum status status = engine_read_begin(thawing->engine, &session, err);

    *page = (struct frozen_read){.arena = thawing->arena};
    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_redemption_lots_frozen, values, 1, &receiver, err);
    engine_read_end(thawing->engine, session);
    return status;
}

static enum status thaw_bucket(struct thawing *thawing, int bucket, struct error *err)
{
    struct frozen_lot after = {0};
    struct frozen_read page;
    enum status status;

    do {
        status = read_page(thawing, bucket, &after, &page, err);
        if (status == STATUS_OK && page.count > 0)
            status = thaw_page(thawing, &page, err);
        if (page.count > 0)
            after = (struct frozen_lot){.member = page.lots[page.count - 1].member, .id = page.lots[page.count - 1].id};
        arena_reset(thawing->arena);
    } while (status == STATUS_OK && page.count == FROZEN_PAGE);
    return status;
}

enum status cases_thaw(struct engine *engine, int64_t *members, int64_t *points, struct error *err)
{
    struct configuration configuration = engine_configuration(engine);
    struct thawing thawing = {.engine = engine, .arena = arena_new(THAW_MEMORY_MAX), .set = configuration.programmes};
    enum status status = STATUS_OK;

    if (thawing.arena == NULL) {
        engine_configuration_release(engine, configuration);
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to look for frozen points");
    }
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++)
        status = thaw_bucket(&thawing, bucket, err);
    engine_configuration_release(engine, configuration);
    arena_free(thawing.arena);
    *members = thawing.members;
    *points = thawing.points;
    return status;
}
