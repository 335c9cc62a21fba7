/* Honours over HTTP. */
#include <stddef.h>
#include <string.h>

#include "api/auth_store.h"
#include "api/page.h"
#include "features/customers/member_reference_api.h"
#include "features/events/return_input_api.h"
#include "features/promises/honours_store.h"
#include "features/promises/promises_api.h"
#include "features/promises/promises_store.h"
#include "foundation/id.h"

enum { NOTE_MAX = 1000 };

static const char *const gives[] = {"points", "voucher", NULL};

/* ---- replies ---- */

static const struct field honour_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "hnr"},
    {.name = "state",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "given, waiting (for somebody who may approve it) or refused."},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "purchase", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "evt"},
    {.name = "channel", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "advertised", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "seen_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "employee", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "asked_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "asked_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "value", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What was advertised, in money."},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Given."},
    {.name = "voucher", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "The code given."},
    {.name = "cost", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "task",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "tsk",
     .about = "Of whoever answers for the channel."},
    {.name = "approval",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "tsk",
     .about = "The task of whoever approves it."},
    {.name = "decided_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "decided_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "outcome",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "What came of the task: told to the member."},
    {.name = "outcome_text", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "told_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape honour_shape = {
    .name = "Honour", .about = "An advertisement without a trace that was honoured.", SHAPE_FIELDS(honour_fields)};

static void write_optional(struct json_writer *writer, const char *name, struct text text)
{
    if (text.size > 0)
        writer_text(writer, name, text);
    else
        writer_null(writer, name);
}

static void write_given(struct json_writer *writer, const struct call *call, const struct traceless *honour,
                        const char *currency)
{
    const struct good *good = &honour->good;
    bool current;
    const struct coupon_series *series =
        good->series.size > 0 ? coupon_series_find(call->programmes, good->series, call->now, &current) : NULL;

    write_optional(writer, "wallet", good->kind == GOOD_POINTS ? good->wallet : honour->wallet);
    if (good->kind == GOOD_POINTS)
        writer_integer(writer, "points", good->points);
    else
        writer_null(writer, "points");
    write_optional(writer, "voucher",
                   series != NULL ? code_shown(call->arena, &series->pattern, good->key) : good->key);
    if (good->kind == GOOD_NONE)
        writer_null(writer, "cost");
    else
        writer_amount(writer, "cost", good->cost, currency);
}

static void write_honour(struct json_writer *writer, const struct call *call, const struct traceless *honour)
{
    const char *currency = programme_at(call->programmes, honour->at)->currency;

    writer_id(writer, "id", "hnr", honour->id);
    writer_string(writer, "state", honour_states[honour->state]);
    writer_id(writer, "member", "mbr", honour->member);
    writer_id(writer, "purchase", "evt", honour->purchase);
    writer_text(writer, "channel", honour->channel);
    writer_text(writer, "advertised", honour->advertised);
    writer_instant(writer, "seen_at", honour->seen_at);
    writer_text(writer, "store", honour->store);
    writer_text(writer, "reason", honour->reason);
    write_optional(writer, "employee", honour->employee);
    writer_text(writer, "asked_by", honour->by);
    writer_instant(writer, "asked_at", honour->at);
    writer_amount(writer, "value", honour->value, currency);
    write_given(writer, call, honour, currency);
    writer_id(writer, "task", "tsk", honour->task);
    writer_id(writer, "approval", "tsk", honour->approval);
    writer_instant(writer, "decided_at", honour->decided_at);
    write_optional(writer, "decided_by", honour->decided_by);
    write_optional(writer, "outcome", honour->outcome);
    write_optional(writer, "outcome_text", honour->outcome_text);
    writer_instant(writer, "told_at", honour->told_at);
}

/* ---- honouring ---- */

struct honour_input {
    struct member_reference *member;
    struct purchase_name purchase;
    struct text channel, advertised, store, employee, reason, note, wallet;
    int64_t seen_at, points;
    struct json_amount value;
    int give;
};
#define CODE(member_name, required, help)                                                                             \
    {                                                                                                                 \
        .name = #member_name, .type = FIELD_TEXT, .flags = (required),                                                \
        .offset = offsetof(struct honour_input, member_name), .minimum = 1, .maximum = CODE_SIZE_MAX, .about = (help) \
    }
static const struct field input_fields[] = {
    {.name = "member",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct honour_input, member),
     .shape = &member_reference_shape,
     .about = "Or the purchase of a member."},
    PURCHASE_NAME_FIELDS(struct honour_input, purchase),
    CODE(channel, FIELD_REQUIRED, "Where it was seen."),
    {.name = "advertised",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct honour_input, advertised),
     .minimum = 1,
     .maximum = HONOUR_TEXT_MAX,
     .about = "What it said."},
    {.name = "seen_at", .type = FIELD_INSTANT, .offset = offsetof(struct honour_input, seen_at)},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct honour_input, store),
     .maximum = CODE_SIZE_MAX},
    CODE(employee, 0, "When the caller is not a user: limits are of the employee."),
    CODE(reason, FIELD_REQUIRED, "A code; one of those of the programme, when it names any."),
    {.name = "value",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct honour_input, value),
     .about = "What it is worth; or points."},
    {.name = "points",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct honour_input, points),
     .minimum = 1,
     .maximum = HONOUR_POINTS_MAX},
    CODE(wallet, 0, "Of the points."),
    {.name = "give",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct honour_input, give),
     .choices = gives,
     .about = "Of a value: points of its worth, or a voucher. Points when absent and an account has a worth."},
    {.name = "note", .type = FIELD_TEXT, .offset = offsetof(struct honour_input, note), .maximum = NOTE_MAX},
};

static enum status check_input(const struct honour_input *input, struct error *err)
{
    bool money = input->value.currency[0] != '\0';
    bool purchase = input->purchase.id != 0 || input->purchase.receipt.number.size > 0;

    if ((input->member != NULL) == purchase)
        return error_set(err, STATUS_INVALID, "honour.member", "member", "name the member, or a purchase: not both");
    if (money == (input->points != 0) || (money && input->value.minor <= 0))
        return error_set(err, STATUS_INVALID, "honour.value", "value", "say what it is worth, in money or in points");
    if ((input->points != 0) != (input->wallet.size > 0))
        return error_set(err, STATUS_INVALID, "honour.value", "wallet", "points are of an account");
    if (input->points != 0 && input->give == 1)
        return error_set(err, STATUS_INVALID, "honour.value", "give", "a voucher has a value in money");
    return STATUS_OK;
}
const struct shape traceless_input_shape = {.name = "TracelessHonourInput",
                                            .about = "An advertisement that nobody can prove, and what it is worth.",
                                            .size = sizeof(struct honour_input),
                                            SHAPE_FIELDS(input_fields)};

/* The roles of a user; a key has its own limit. */
static enum status find_roles(struct call *call, struct text *out, struct error *err)
{
    struct builder roles = {.arena = call->arena};
    struct storage_session *session;
    struct stored_user user;

    *out = TEXT("key");
    if (!text_starts_with(call->actor, TEXT("user:")))
        return STATUS_OK;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = user_read(session, call->arena, call->actor_id, &user, err);
    call_read_end(call, session);
    for (int role = 0; status == STATUS_OK && role < ROLE_COUNT; role++)
        if ((user.user.roles & 1U << role) != 0) {
            if (roles.size > 0)
                builder_char(&roles, ',');
            builder_string(&roles, role_names[role]);
        }
    *out = builder_done(&roles);
    return status;
}

/* Of a purchase its member, who is told nothing of whose it is otherwise. */
static enum status name_member(struct call *call, const struct honour_input *input, struct command *command,
                               struct traceless *asked, struct error *err)
{
    struct storage_session *session;
    struct past_event *purchase;

    if (input->member != NULL)
        return member_reference_apply(call, command, input->member, "member", err);
    enum status status = purchase_name_find(call, &input->purchase, &asked->purchase, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_event(session, asked->purchase, 0, call->arena, &purchase, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool bought = text_equals(purchase->row.kind, "purchase") || text_equals(purchase->row.kind, "claim");
    if (!bought || purchase->row.member == 0)
        return error_set(err, STATUS_CONFLICT, "honour.member_needed", "purchase",
                         "the purchase is nobody's: have it claimed, or name the member");
    status = call_check_store(call, purchase->row.store, "purchase", err);
    if (asked->store.size == 0)
        asked->store = purchase->row.store;
    command_subject_member(command, purchase->row.member);
    return status;
}

static enum status take_value(const struct call *call, const struct honour_input *input, struct traceless *asked,
                              struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    const struct honour_policy *policy = programme->honours;

    if (input->points == 0 && strcmp(input->value.currency, programme->currency) != 0)
        return error_set(err, STATUS_INVALID, "json.currency", "value", "amounts are in %s, the programme's currency",
                         programme->currency);
    asked->value = input->points == 0 ? input->value.minor : 0;
    asked->points = input->points;
    asked->wallet = input->wallet;
    asked->give = input->give >= 0 ? input->give + 1 : GOOD_POINTS;
    if (input->give < 0 && input->points == 0 && policy != NULL && policy->means.wallet.size == 0)
        asked->give = GOOD_VOUCHER;
    return STATUS_OK;
}

enum status honour_make_handle(struct call *call, struct item *item, struct error *err)
{
    const struct honour_input *input = item->body;
    const struct honour_policy *policy = programme_at(call->programmes, call->now)->honours;
    struct command *command = item_command(item, &honour_promise_type, sizeof(struct honour_promise));
    struct honour_promise *body = command->body;
    char id[ID_TEXT_SIZE];
    enum status status = check_input(input, err); /* here: whether the caller sees the store is asked first */

    body->asked = (struct traceless){.channel = input->channel,
                                     .advertised = input->advertised,
                                     .seen_at = input->seen_at,
                                     .store = input->store,
                                     .reason = input->reason,
                                     .by = call->actor};
    if (!text_starts_with(call->actor, TEXT("user:"))) /* a user cannot say to be another */
        body->asked.employee = input->employee;
    body->note = input->note;
    body->claim = -1;
    if (status == STATUS_OK)
        status = find_roles(call, &body->roles, err);
    if (status == STATUS_OK)
        status = take_value(call, input, &body->asked, err);
    if (status == STATUS_OK)
        status = name_member(call, input, command, &body->asked, err);
    if (status != STATUS_OK)
        return status;
    if (body->asked.purchase != 0)
        body->claim = command_claim(command, call->arena, HONOUR_CLAIM,
                                    text_copy(call->arena, text_from(id_format("evt", body->asked.purchase, id))));
    if (policy != NULL)
        good_keys_make(call->arena, call->programmes, &policy->means, call->now, &body->keys);
    (void)honour_name(command, call->arena);
    return STATUS_OK;
}

void honour_make_finish(struct item *item, struct json_writer *writer)
{
    write_honour(writer, item->call, &((const struct honour_promise *)item->command->body)->result);
}

/* ---- reading ---- */

struct honour_query {
    struct page page;
    int64_t member;
    struct text store;
    int32_t from, to;
    int state;
};
static const struct field query_fields[] = {
    PAGE_FIELDS(struct honour_query),
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct honour_query, member), .prefix = "mbr"},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct honour_query, store),
     .maximum = CODE_SIZE_MAX},
    {.name = "from", .type = FIELD_DAY, .offset = offsetof(struct honour_query, from), .about = "The first day."},
    {.name = "to", .type = FIELD_DAY, .offset = offsetof(struct honour_query, to), .about = "The last day."},
    {.name = "state",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct honour_query, state),
     .choices = honour_states + 1},
};
const struct shape honour_query_shape = {
    .name = "HonourQuery", .size = sizeof(struct honour_query), SHAPE_FIELDS(query_fields)};

static enum status read_page(struct call *call, struct storage_session *session, struct honour_page *page,
                             struct traceless **honours, size_t *count, struct error *err)
{
    const struct honour_query *query = call->query;
    struct person *person = arena_alloc(call->arena, sizeof *person);
    enum status status = STATUS_OK;

    if (query->member != 0) {
        status = engine_view(call->engine, session, query->member, call->arena, person, err);
        page->person = person;
    }
    return status == STATUS_OK ? honour_list(session, call->arena, page, honours, count, err) : status;
}

static void write_page(struct call *call, struct json_writer *writer, const struct traceless *honours, size_t count)
{
    writer_list(writer, "items");
    for (size_t i = 0; i < count; i++) {
        if (!call_sees_store(call, honours[i].store))
            continue;
        writer_object(writer, NULL);
        write_honour(writer, call, &honours[i]);
        writer_end(writer);
    }
    writer_end(writer);
}

enum status honour_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct honour_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct honour_page page = {.store = query->store,
                               .state = query->state + 1,
                               .first = query->from == FIELD_DAY_ABSENT ? INT32_MIN : query->from,
                               .last = query->to == FIELD_DAY_ABSENT ? INT32_MAX : query->to,
                               .before_at = INT64_MAX,
                               .before_id = INT64_MAX,
                               .limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    struct traceless *honours = NULL;
    size_t count = 0;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK && query->member != 0)
        status = call_check_member(call, query->member, "member", err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (given) {
        page.before_at = cursor.integers[0];
        page.before_id = cursor.integers[1];
    }
    status = read_page(call, session, &page, &honours, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = count == page.limit;
    count -= more;
    write_page(call, &item->writer, honours, count);
    if (more) {
        cursor.integers[0] = honours[count - 1].at;
        cursor.integers[1] = honours[count - 1].id;
    }
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* The one of the path, when the caller sees where it was honoured. */
static enum status read_one(struct call *call, struct traceless *out, struct error *err)
{
    struct storage_session *session;
    int64_t id;
    enum status status = call_path_id(call, 0, "hnr", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = honour_read(session, call->arena, id, out, err);
    call_read_end(call, session);
    return status == STATUS_OK ? call_check_store(call, out->store, "honour", err) : status;
}

enum status honour_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct traceless honour;
    enum status status = read_one(call, &honour, err);

    if (status == STATUS_OK)
        write_honour(&item->writer, call, &honour);
    return status;
}

/* ---- deciding ---- */

struct decision_input {
    bool approve;
    struct text reason;
};
static const struct field decision_fields[] = {
    {.name = "approve",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct decision_input, approve)},
    {.name = "reason", .type = FIELD_TEXT, .offset = offsetof(struct decision_input, reason), .maximum = NOTE_MAX},
};
const struct shape honour_decision_shape = {
    .name = "HonourDecision", .size = sizeof(struct decision_input), SHAPE_FIELDS(decision_fields)};

enum status honour_decide_handle(struct call *call, struct item *item, struct error *err)
{
    const struct decision_input *input = item->body;
    struct traceless honour;
    enum status status = read_one(call, &honour, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &decide_honour_type, sizeof(struct decide_honour));
    struct decide_honour *body = command->body;
    body->approve = input->approve;
    body->reason = input->reason;
    body->by = call->actor;
    command_subject_member(command, honour.member);
    decide_honour_name(command, call->arena, call->programmes, &honour, call->now);
    return STATUS_OK;
}

void honour_decide_finish(struct item *item, struct json_writer *writer)
{
    write_honour(writer, item->call, &((const struct decide_honour *)item->command->body)->result);
}
