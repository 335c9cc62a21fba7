/* Redeeming, holding, undoing, adjusting and transferring points over HTTP. */
#include <stddef.h>

#include "features/customers/member_reference_api.h"
#include "features/points/context_api.h"
#include "features/points/points.h"
#include "features/points/points_api.h"
#include "features/points/points_store.h"
#include "features/redemption/proof_api.h"
#include "features/redemption/spending.h"

/* ---- what the bodies share ---- */

#define WALLET_FIELD(owner)                                                                                \
    {                                                                                                      \
        .name = "wallet", .type = FIELD_TEXT, .offset = offsetof(owner, wallet), .maximum = CODE_SIZE_MAX, \
        .about = "The programme's first spendable account by default."                                     \
    }
#define POINTS_FIELD(owner, needed, from, about_text)                                                  \
    {                                                                                                  \
        .name = "points", .type = FIELD_INTEGER, .flags = (needed), .offset = offsetof(owner, points), \
        .minimum = (from), .maximum = POINTS_INPUT_MAX, .about = (about_text)                          \
    }

#define POINTS_INPUT_MAX INT64_C(1000000000000000)

static struct text wallet_of(const struct call *call, struct text given)
{
    const struct programme *programme = programme_at(call->programmes, call->now);

    if (given.size > 0)
        return given;
    for (size_t i = 0; i < programme->wallet_count; i++)
        if (programme->wallets[i].spendable)
            return programme->wallets[i].code;
    return programme->wallets[0].code;
}

/* ---- what the replies share ---- */

#define MOVED_FIELDS                                                                                              \
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},                               \
        {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                          \
        {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                                       \
        {.name = "available",                                                                                     \
         .type = FIELD_INTEGER,                                                                                   \
         .flags = FIELD_REQUIRED,                                                                                 \
         .about = "What the person may spend afterwards."},                                                       \
        {.name = "balance", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                                      \
    {                                                                                                             \
        .name = "written_off", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Debt that was given up." \
    }

static const struct field moved_fields[] = {{.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
                                            MOVED_FIELDS};
const struct shape points_moved_shape = {
    .name = "PointsMoved", .about = "Points that moved, and the balance afterwards.", SHAPE_FIELDS(moved_fields)};

static void write_moved(struct json_writer *writer, const struct points_result *result)
{
    writer_id(writer, "member", "mbr", result->member);
    writer_text(writer, "wallet", result->wallet);
    writer_integer(writer, "points", result->points);
    writer_integer(writer, "available", result->available);
    writer_integer(writer, "balance", result->balance);
    writer_integer(writer, "written_off", result->written_off);
}

static void write_result(struct json_writer *writer, const struct points_result *result)
{
    writer_id(writer, "id", "evt", result->id);
    write_moved(writer, result);
}

/* ---- redeem ---- */

struct redemption_input {
    struct member_reference *member;
    struct proof_input *proof;
    struct text wallet, reward;
    int64_t points;
    struct context_input context;
};
static const struct field redemption_fields[] = {
    MEMBER_FIELD(struct redemption_input, "member", member),
    WALLET_FIELD(struct redemption_input),
    POINTS_FIELD(struct redemption_input, FIELD_REQUIRED, 1, NULL),
    CODE_FIELD(struct redemption_input, "reward", reward),
    PROOF_FIELD(struct redemption_input, proof),
    CONTEXT_FIELDS(struct redemption_input),
};
const struct shape redemption_input_shape = {
    .name = "RedemptionInput", .size = sizeof(struct redemption_input), SHAPE_FIELDS(redemption_fields)};

/* How a command spends: with what was shown, and by the type that loads what it needs. */
struct spending_types {
    const struct command_type *plain, *proved;
};

static enum status spending_command(struct item *item, const struct spending_types *types, size_t size,
                                    const struct member_reference *reference, const struct proof_input *input,
                                    struct error *err)
{
    struct call *call = item->call;
    struct proof proof;
    enum status status = proof_take(call, reference, input, &proof, err);

    if (status != STATUS_OK)
        return status;
    bool guarded = proof.kind != 0 || spending_needs_progress(programme_at(call->programmes, call->now));
    struct command *command = item_command(item, guarded ? types->proved : types->plain, size);
    *(struct proof *)command->body = proof;
    return STATUS_OK;
}

/* Fills the context, and names the counters that limits of it use. */
static void spending_place(struct call *call, struct command *command, struct points_context *context)
{
    const struct velocity_place place = {context->store, context->till, context->employee};

    velocity_counters(programme_at(call->programmes, call->now), VELOCITY_REDEEMING, &place, command, call->arena);
}

enum status redeem_handle(struct call *call, struct item *item, struct error *err)
{
    const struct redemption_input *input = item->body;
    static const struct spending_types types = {&redeem_command_type, &redeem_proved_command_type};
    enum status status = spending_command(item, &types, sizeof(struct redemption), input->member, input->proof, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item->command;
    struct redemption *body = command->body;
    body->context = context_of(&input->context);
    spending_place(call, command, &body->context);
    body->wallet = wallet_of(call, input->wallet);
    body->points = input->points;
    body->reward = input->reward;
    return member_reference_apply(call, command, input->member, "member", err);
}

void redeem_finish(struct item *item, struct json_writer *writer)
{
    write_result(writer, &((const struct redemption *)item->command->body)->result);
}

/* ---- undo ---- */

struct undoing_input {
    struct text reason;
    int64_t points;
    struct context_input context;
};
static const struct field undoing_fields[] = {
    POINTS_FIELD(struct undoing_input, 0, 1, "All that is left by default."),
    CODE_FIELD(struct undoing_input, "reason", reason),
    CONTEXT_FIELDS(struct undoing_input),
};
const struct shape undoing_input_shape = {
    .name = "ReversalInput", .size = sizeof(struct undoing_input), SHAPE_FIELDS(undoing_fields)};

/* Names the event of the path and everyone whose points it moved. */
static enum status name_event(struct call *call, struct command *command, const char *prefix, struct error *err)
{
    struct storage_session *session;
    struct past_event *event;
    int64_t id = 0;
    enum status status = call_path_id(call, 0, prefix, &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_event(session, id, LOAD_FOLLOWERS, call->arena, &event, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    command->events[0] = (struct event_reference){.id = id, .claim = -1};
    command->event_count = 1;
    if (event->row.member == 0)
        return error_set(err, STATUS_CONFLICT, "points.not_reversible", "", "the event moved no points of a member");
    return points_name_owners(command, event, err);
}

enum status reverse_handle(struct call *call, struct item *item, struct error *err)
{
    const struct undoing_input *input = item->body;
    struct command *command = item_command(item, &reverse_command_type, sizeof(struct undoing));
    struct undoing *body = command->body;

    body->context = context_of(&input->context);
    body->points = input->points;
    body->reason = input->reason;
    return name_event(call, command, "evt", err);
}

void reverse_finish(struct item *item, struct json_writer *writer)
{
    write_result(writer, &((const struct undoing *)item->command->body)->result);
}

/* ---- holds ---- */

struct hold_input {
    struct member_reference *member;
    struct proof_input *proof;
    struct text wallet, reward;
    int64_t points, seconds;
    struct context_input context;
};
static const struct field hold_input_fields[] = {
    MEMBER_FIELD(struct hold_input, "member", member),
    WALLET_FIELD(struct hold_input),
    POINTS_FIELD(struct hold_input, FIELD_REQUIRED, 1, NULL),
    CODE_FIELD(struct hold_input, "reward", reward),
    PROOF_FIELD(struct hold_input, proof),
    {.name = "seconds",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct hold_input, seconds),
     .minimum = 1,
     .maximum = HOLD_SECONDS_MAX,
     .about = "How long the points stay aside; as the account says by default."},
    CONTEXT_FIELDS(struct hold_input),
};
const struct shape hold_input_shape = {
    .name = "HoldInput", .size = sizeof(struct hold_input), SHAPE_FIELDS(hold_input_fields)};
static const struct field hold_made_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "hld"},
    MOVED_FIELDS,
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
};
const struct shape hold_made_shape = {.name = "HoldMade", SHAPE_FIELDS(hold_made_fields)};

enum status hold_handle(struct call *call, struct item *item, struct error *err)
{
    const struct hold_input *input = item->body;
    static const struct spending_types types = {&hold_command_type, &hold_proved_command_type};
    enum status status = spending_command(item, &types, sizeof(struct hold_request), input->member, input->proof, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item->command;
    struct hold_request *body = command->body;
    body->context = context_of(&input->context);
    spending_place(call, command, &body->context);
    body->wallet = wallet_of(call, input->wallet);
    body->points = input->points;
    body->reward = input->reward;
    body->seconds = input->seconds;
    return member_reference_apply(call, command, input->member, "member", err);
}

void hold_finish(struct item *item, struct json_writer *writer)
{
    const struct hold_request *body = item->command->body;

    writer_id(writer, "id", "hld", body->result.id);
    write_moved(writer, &body->result);
    writer_instant(writer, "expires_at", body->expires_at);
}

struct hold_end_input {
    struct text reward;
    int64_t points;
    struct context_input context;
};
static const struct field hold_end_fields[] = {
    POINTS_FIELD(struct hold_end_input, 0, 1, "Of a capture: all of the hold by default; the rest is released."),
    CODE_FIELD(struct hold_end_input, "reward", reward),
    CONTEXT_FIELDS(struct hold_end_input),
};
const struct shape hold_end_input_shape = {
    .name = "HoldEndInput", .size = sizeof(struct hold_end_input), SHAPE_FIELDS(hold_end_fields)};

static enum status end_hold(struct call *call, struct item *item, const struct command_type *type, struct error *err)
{
    const struct hold_end_input *input = item->body;
    struct command *command = item_command(item, type, sizeof(struct hold_end));
    struct hold_end *body = command->body;

    body->context = context_of(&input->context);
    body->points = input->points;
    body->reward = input->reward;
    enum status status = name_event(call, command, "hld", err);
    if (status == STATUS_MISSING)
        return error_set(err, STATUS_MISSING, "hold.unknown", "", "there is no such hold");
    return status;
}

enum status capture_handle(struct call *call, struct item *item, struct error *err)
{
    return end_hold(call, item, &capture_command_type, err);
}

enum status release_handle(struct call *call, struct item *item, struct error *err)
{
    return end_hold(call, item, &release_command_type, err);
}

void hold_end_finish(struct item *item, struct json_writer *writer)
{
    write_result(writer, &((const struct hold_end *)item->command->body)->result);
}

static const char *const hold_states[] = {"open", "captured", "released", "timed_out", NULL};
static const struct field hold_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "hld"},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "captured", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = hold_states},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
};
const struct shape hold_shape = {.name = "Hold", .about = "Points set aside.", SHAPE_FIELDS(hold_fields)};

/* An open hold as of now, with its time-out counted in; a finished one as it was written. */
enum status hold_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct json_writer *writer = &item->writer;
    struct storage_session *session;
    struct stored_hold hold;
    struct person person;
    int64_t id = 0;
    enum status status = call_path_id(call, 0, "hld", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = hold_find(session, call->arena, id, &hold, err);
    if (status == STATUS_OK && hold.state == HOLD_OPEN) {
        status = engine_view(call->engine, session, hold.member, call->arena, &person, err);
        const struct hold *current = status == STATUS_OK ? member_hold(person.member, id) : NULL;
        hold.state = current != NULL ? current->state : hold.state;
    }
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_id(writer, "id", "hld", id);
    writer_id(writer, "member", "mbr", hold.member);
    writer_text(writer, "wallet", hold.wallet);
    writer_integer(writer, "points", hold.amount);
    writer_integer(writer, "captured", hold.captured);
    writer_string(writer, "state", hold_states[hold.state - HOLD_OPEN]);
    writer_instant(writer, "expires_at", hold.expires_at);
    return STATUS_OK;
}

/* ---- adjust ---- */

struct adjustment_input {
    struct member_reference *member;
    struct text wallet, reason;
    int64_t points, expires_at;
    struct context_input context;
};
static const struct field adjustment_fields[] = {
    MEMBER_FIELD(struct adjustment_input, "member", member),
    WALLET_FIELD(struct adjustment_input),
    POINTS_FIELD(struct adjustment_input, FIELD_REQUIRED, -POINTS_INPUT_MAX, "Above 0 gives, below 0 takes."),
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct adjustment_input, reason),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "A code."},
    {.name = "expires_at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct adjustment_input, expires_at),
     .about = "Of points given; as the account says by default."},
    CONTEXT_FIELDS(struct adjustment_input),
};
const struct shape adjustment_input_shape = {
    .name = "AdjustmentInput", .size = sizeof(struct adjustment_input), SHAPE_FIELDS(adjustment_fields)};

enum status adjust_handle(struct call *call, struct item *item, struct error *err)
{
    const struct adjustment_input *input = item->body;
    struct command *command = item_command(item, &adjust_command_type, sizeof(struct adjustment));
    struct adjustment *body = command->body;

    body->context = context_of(&input->context);
    body->wallet = wallet_of(call, input->wallet);
    body->points = input->points;
    body->reason = input->reason;
    body->may_approve = call_may(call, PERMISSION_POINTS_APPROVE);
    body->expires_given = input->expires_at != 0;
    body->expires_at = input->expires_at;
    return member_reference_apply(call, command, input->member, "member", err);
}

void adjust_finish(struct item *item, struct json_writer *writer)
{
    write_result(writer, &((const struct adjustment *)item->command->body)->result);
}

/* ---- transfer ---- */

struct transfer_input {
    struct member_reference *from, *to;
    struct proof_input *proof;
    struct text wallet, reason;
    int64_t points;
    struct context_input context;
};
static const struct field transfer_input_fields[] = {
    MEMBER_FIELD(struct transfer_input, "from", from),
    MEMBER_FIELD(struct transfer_input, "to", to),
    WALLET_FIELD(struct transfer_input),
    POINTS_FIELD(struct transfer_input, FIELD_REQUIRED, 1, NULL),
    CODE_FIELD(struct transfer_input, "reason", reason),
    PROOF_FIELD(struct transfer_input, proof),
    CONTEXT_FIELDS(struct transfer_input),
};
const struct shape transfer_input_shape = {
    .name = "TransferInput", .size = sizeof(struct transfer_input), SHAPE_FIELDS(transfer_input_fields)};
static const struct field transfer_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "from", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &points_moved_shape},
    {.name = "to", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &points_moved_shape},
};
const struct shape transfer_shape = {.name = "Transfer", SHAPE_FIELDS(transfer_fields)};

enum status transfer_handle(struct call *call, struct item *item, struct error *err)
{
    const struct transfer_input *input = item->body;
    static const struct spending_types types = {&transfer_command_type, &transfer_proved_command_type};
    enum status status = spending_command(item, &types, sizeof(struct transfer), input->from, input->proof, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item->command;
    struct transfer *body = command->body;
    body->context = context_of(&input->context);
    spending_place(call, command, &body->context);
    body->wallet = wallet_of(call, input->wallet);
    body->points = input->points;
    body->reason = input->reason;
    status = member_reference_apply(call, command, input->from, "from", err);
    return status == STATUS_OK ? member_reference_apply(call, command, input->to, "to", err) : status;
}

void transfer_finish(struct item *item, struct json_writer *writer)
{
    const struct transfer *body = item->command->body;

    writer_id(writer, "id", "evt", body->result.id);
    writer_text(writer, "wallet", body->result.wallet);
    writer_integer(writer, "points", body->result.points);
    writer_object(writer, "from");
    write_result(writer, &body->result);
    writer_end(writer);
    writer_object(writer, "to");
    write_result(writer, &body->received);
    writer_end(writer);
}
