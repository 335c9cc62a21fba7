/* What the tills of partners send: purchases, returns, redemptions and their undoing; and receipts that members claim. */
#include <stddef.h>
#include <string.h>

#include "features/customers/member_reference_api.h"
#include "features/finance/partner_place.h"
#include "features/partners/partners_api.h"
#include "features/redemption/proof_api.h"
#include "features/redemption/velocity.h"
#include "foundation/id.h"

/* ---- fields ---- */

struct moment_input {
    struct text partner, receipt, store, till;
    int64_t at;
};
#define PARTNER_FIELD(owner)                                                                                        \
    {                                                                                                               \
        .name = "partner", .type = FIELD_TEXT, .offset = offsetof(owner, moment.partner), .maximum = CODE_SIZE_MAX, \
        .about = "Its code; needless with the key of a partner."                                                    \
    }
#define RECEIPT_FIELD(owner)                                                                                       \
    {                                                                                                              \
        .name = "receipt", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .offset = offsetof(owner, moment.receipt), \
        .minimum = 1, .maximum = PARTNER_RECEIPT_MAX, .about = "Unique for the partner."                           \
    }
#define PLACE_FIELDS(owner)                                                                                  \
    {.name = "partner_store",                                                                                \
     .type = FIELD_TEXT,                                                                                     \
     .offset = offsetof(owner, moment.store),                                                                \
     .maximum = CODE_SIZE_MAX,                                                                               \
     .about = "As the partner calls it."},                                                                   \
    {                                                                                                        \
        .name = "till", .type = FIELD_TEXT, .offset = offsetof(owner, moment.till), .maximum = CODE_SIZE_MAX \
    }
#define AT_FIELD(owner)                                                            \
    {                                                                              \
        .name = "at", .type = FIELD_INSTANT, .offset = offsetof(owner, moment.at), \
        .about = "When it happened; now by default, at most 5 minutes ahead."      \
    }

struct purchase_input {
    struct moment_input moment;
    struct member_reference *member;
    struct json_amount amount;
};
static const struct field purchase_fields[] = {
    PARTNER_FIELD(struct purchase_input),
    RECEIPT_FIELD(struct purchase_input),
    {.name = "member",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct purchase_input, member),
     .shape = &member_reference_shape,
     .about = "Without, or of somebody unknown, the receipt can be claimed afterwards."},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct purchase_input, amount),
     .about = "In the currency of the partner."},
    PLACE_FIELDS(struct purchase_input),
    AT_FIELD(struct purchase_input),
};
const struct shape partner_purchase_shape = {
    .name = "PartnerPurchaseInput", .size = sizeof(struct purchase_input), SHAPE_FIELDS(purchase_fields)};

struct claim_input {
    struct moment_input moment;
    struct member_reference *member;
    struct json_amount amount;
    unsigned char amount_given;
};
static const struct field claim_fields[] = {
    {.name = "partner",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct claim_input, moment.partner),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    RECEIPT_FIELD(struct claim_input),
    {.name = "member",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct claim_input, member),
     .shape = &member_reference_shape},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct claim_input, amount),
     .presence = offsetof(struct claim_input, amount_given),
     .about = "What the receipt says, so that nobody claims by guessing numbers."},
};
const struct shape partner_claim_shape = {
    .name = "PartnerClaimInput", .size = sizeof(struct claim_input), SHAPE_FIELDS(claim_fields)};

struct return_input {
    struct moment_input moment;
    struct json_amount amount;
    unsigned char amount_given;
    struct text reference;
};
static const struct field return_fields[] = {
    PARTNER_FIELD(struct return_input),
    RECEIPT_FIELD(struct return_input),
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct return_input, amount),
     .presence = offsetof(struct return_input, amount_given),
     .about = "What comes back of the receipt; all that is left when absent."},
    {.name = "reference",
     .type = FIELD_TEXT,
     .offset = offsetof(struct return_input, reference),
     .maximum = PARTNER_RECEIPT_MAX,
     .about = "The receipt of the return, unique for the partner; of a part, this or an Idempotency-Key is needed."},
    {.name = "till",
     .type = FIELD_TEXT,
     .offset = offsetof(struct return_input, moment.till),
     .maximum = CODE_SIZE_MAX},
    AT_FIELD(struct return_input),
};
const struct shape partner_return_shape = {
    .name = "PartnerReturnInput", .size = sizeof(struct return_input), SHAPE_FIELDS(return_fields)};

struct redemption_input {
    struct moment_input moment;
    struct member_reference *member;
    struct proof_input *proof;
    int64_t points;
    struct json_amount amount;
    unsigned char amount_given;
};
static const struct field redemption_fields[] = {
    PARTNER_FIELD(struct redemption_input),
    RECEIPT_FIELD(struct redemption_input),
    {.name = "member",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct redemption_input, member),
     .shape = &member_reference_shape},
    {.name = "points",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct redemption_input, points),
     .minimum = 1,
     .maximum = PARTNER_POINTS_MAX,
     .about = "Points that pay; or `amount`."},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct redemption_input, amount),
     .presence = offsetof(struct redemption_input, amount_given),
     .about = "What is to be paid with points, as few as do."},
    PROOF_FIELD(struct redemption_input, proof),
    PLACE_FIELDS(struct redemption_input),
    AT_FIELD(struct redemption_input),
};
const struct shape partner_redemption_shape = {
    .name = "PartnerRedemptionInput", .size = sizeof(struct redemption_input), SHAPE_FIELDS(redemption_fields)};

struct void_input {
    struct moment_input moment;
    int64_t points;
    struct text reason;
};
static const struct field void_fields[] = {
    PARTNER_FIELD(struct void_input),
    RECEIPT_FIELD(struct void_input),
    {.name = "points",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct void_input, points),
     .minimum = 1,
     .maximum = PARTNER_POINTS_MAX,
     .about = "A part of them; all that is left when absent."},
    {.name = "reason", .type = FIELD_TEXT, .offset = offsetof(struct void_input, reason), .maximum = CODE_SIZE_MAX},
    {.name = "till", .type = FIELD_TEXT, .offset = offsetof(struct void_input, moment.till), .maximum = CODE_SIZE_MAX},
    AT_FIELD(struct void_input),
};
const struct shape partner_void_shape = {
    .name = "PartnerRedemptionVoidInput", .size = sizeof(struct void_input), SHAPE_FIELDS(void_fields)};

static const struct field reply_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "partner", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "receipt", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "known", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "Whether it has a member."},
    {.name = "points",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Earned, taken back, redeemed or given back."},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .about = "Bought, returned, or what the points are worth."},
    {.name = "usable",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Points that the member may still redeem there today."},
};
const struct shape partner_reply_shape = {
    .name = "PartnerReply", .about = "What happened at a partner.", SHAPE_FIELDS(reply_fields)};

/* ---- what all have ---- */

static enum status take_moment(const struct call *call, const struct moment_input *input, struct partner_moment *out,
                               struct error *err)
{
    *out = (struct partner_moment){.receipt = input->receipt,
                                   .store = input->store,
                                   .till = input->till,
                                   .at_given = input->at != 0,
                                   .at = input->at};
    return partner_of_call(call, input->partner, &out->partner, err);
}

/* Amounts are in the currency of the partner; an unknown one is for the decision to refuse. */
static enum status take_amount(const struct call *call, struct text code, const struct json_amount *amount,
                               int64_t *minor, struct error *err)
{
    const struct partner *partner = partner_at(call->programmes, code, call->now);

    if (partner != NULL && strcmp(amount->currency, partner->currency) != 0)
        return error_set(err, STATUS_INVALID, "partner.currency", "amount", "amounts of this partner are in %s",
                         partner->currency);
    if (amount->minor <= 0 || amount->minor > PARTNER_MINOR_MAX)
        return error_set(err, STATUS_INVALID, "partner.amount", "amount", "the amount is above zero");
    *minor = amount->minor;
    return STATUS_OK;
}

static int add_claim(const struct call *call, struct command *command, const char *kind, struct text partner,
                     struct text receipt)
{
    return command_claim(command, call->arena, kind, partner_receipt_key(call->arena, partner, receipt));
}

static void list_counters(const struct call *call, struct command *command, enum velocity_action action,
                          const struct partner_moment *moment)
{
    const struct velocity_place place = {partner_place(call->arena, moment->partner), moment->till, {NULL, 0}};

    velocity_counters(programme_at(call->programmes, call->now), action, &place, command, call->arena);
}

static void write_result(struct json_writer *writer, const struct partner_moment *moment,
                         const struct partner_result *result)
{
    writer_id(writer, "id", "evt", result->id);
    writer_text(writer, "partner", moment->partner);
    writer_text(writer, "receipt", moment->receipt);
    writer_boolean(writer, "known", result->known);
    writer_integer(writer, "points", result->points);
    writer_amount(writer, "amount", result->minor, result->currency);
    writer_integer(writer, "usable", result->usable);
}

/* ---- purchases ---- */

enum status partner_purchase_handle(struct call *call, struct item *item, struct error *err)
{
    const struct purchase_input *input = item->body;
    struct command *command = item_command(item, &partner_purchase_type, sizeof(struct partner_purchase));
    struct partner_purchase *body = command->body;
    enum status status = take_moment(call, &input->moment, &body->moment, err);

    if (status == STATUS_OK)
        status = take_amount(call, body->moment.partner, &input->amount, &body->minor, err);
    if (status != STATUS_OK)
        return status;
    body->named = input->member != NULL;
    if (body->named)
        status = member_reference_apply(call, command, input->member, "member", err);
    if (status != STATUS_OK)
        return status;
    struct text key = partner_receipt_key(call->arena, body->moment.partner, body->moment.receipt);
    body->receipt_claim = command_claim(command, call->arena, PARTNER_RECEIPT_CLAIM, key);
    /* Of nobody it lies with its receipt, so that those of one batch meet there. */
    command->bucket = claim_bucket(PARTNER_RECEIPT_CLAIM, key);
    list_counters(call, command, VELOCITY_EARNING, &body->moment);
    return STATUS_OK;
}

void partner_purchase_finish(struct item *item, struct json_writer *writer)
{
    const struct partner_purchase *body = item->command->body;

    write_result(writer, &body->moment, &body->result);
}

/* ---- claims ---- */

static enum status unknown_receipt(struct error *err)
{
    return error_set(err, STATUS_MISSING, "partner.receipt_unknown", "receipt", "the partner reported no such receipt");
}

enum status partner_claim_handle(struct call *call, struct item *item, struct error *err)
{
    const struct claim_input *input = item->body;
    struct command *command = item_command(item, &partner_claim_type, sizeof(struct partner_claim));
    struct partner_claim *body = command->body;
    int receipt = add_claim(call, command, PARTNER_RECEIPT_CLAIM, input->moment.partner, input->moment.receipt);
    enum status status = STATUS_OK;

    body->moment = (struct partner_moment){.partner = input->moment.partner, .receipt = input->moment.receipt};
    body->minor_given = input->amount_given == PRESENCE_GIVEN;
    if (body->minor_given)
        status = take_amount(call, body->moment.partner, &input->amount, &body->minor, err);
    body->claim_claim = add_claim(call, command, PARTNER_CLAIM_CLAIM, body->moment.partner, body->moment.receipt);
    command->events[command->event_count++] = (struct event_reference){.id = 0, .claim = receipt};
    list_counters(call, command, VELOCITY_EARNING, &body->moment);
    return status == STATUS_OK ? member_reference_apply(call, command, input->member, "member", err) : status;
}

void partner_claim_finish(struct item *item, struct json_writer *writer)
{
    const struct partner_claim *body = item->command->body;

    write_result(writer, &body->moment, &body->result);
}

/* ---- returns ---- */

/* The row that has the points of the receipt: the purchase, or the claim of it. `*claimed`: it has a member. */
static enum status find_bought(struct call *call, struct storage_session *session, const struct partner_moment *moment,
                               int64_t *out, bool *claimed, struct error *err)
{
    struct text key = partner_receipt_key(call->arena, moment->partner, moment->receipt);
    int64_t member = 0, claim = 0, claimer = 0;
    enum status status = engine_claim_find(session, PARTNER_RECEIPT_CLAIM, key, out, &member, err);

    if (status == STATUS_OK && *out == 0)
        return unknown_receipt(err);
    if (status == STATUS_OK && member == 0)
        status = engine_claim_find(session, PARTNER_CLAIM_CLAIM, key, &claim, &claimer, err);
    if (claim != 0)
        *out = claim;
    *claimed = member != 0 || claim != 0;
    return status;
}

static enum status name_event(struct call *call, struct storage_session *session, struct command *command, int64_t id,
                              struct error *err)
{
    struct past_event *event;
    enum status status = engine_event(session, id, LOAD_FOLLOWERS, call->arena, &event, err);

    command->events[command->event_count++] = (struct event_reference){.id = id, .claim = -1};
    command->bucket = id_bucket(id);
    return status == STATUS_OK ? points_name_owners(command, event, err) : status;
}

static enum status check_identity(const struct call *call, const struct return_input *input, struct error *err)
{
    if (input->amount_given != PRESENCE_GIVEN || input->reference.size > 0 || call_idempotency_key(call).size > 0)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "partner.identity", "reference",
                     "of a part, name the receipt of the return or send an Idempotency-Key");
}

enum status partner_return_handle(struct call *call, struct item *item, struct error *err)
{
    const struct return_input *input = item->body;
    struct command *command = item_command(item, &partner_return_type, sizeof(struct partner_return));
    struct partner_return *body = command->body;
    struct storage_session *session;
    int64_t id = 0;
    bool claimed = false;
    enum status status = take_moment(call, &input->moment, &body->moment, err);

    if (status == STATUS_OK)
        status = check_identity(call, input, err);
    if (status == STATUS_OK && input->amount_given == PRESENCE_GIVEN)
        status = take_amount(call, body->moment.partner, &input->amount, &body->minor, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = find_bought(call, session, &body->moment, &id, &claimed, err);
    if (status == STATUS_OK)
        status = name_event(call, session, command, id, err);
    call_read_end(call, session);
    body->reference = input->reference;
    body->claim_claim = body->return_claim = -1;
    if (!claimed)
        body->claim_claim = add_claim(call, command, PARTNER_CLAIM_CLAIM, body->moment.partner, body->moment.receipt);
    if (input->reference.size > 0)
        body->return_claim = add_claim(call, command, PARTNER_RETURN_CLAIM, body->moment.partner, input->reference);
    return status;
}

void partner_return_finish(struct item *item, struct json_writer *writer)
{
    const struct partner_return *body = item->command->body;

    write_result(writer, &body->moment, &body->result);
}

/* ---- redemptions ---- */

enum status partner_redemption_handle(struct call *call, struct item *item, struct error *err)
{
    const struct redemption_input *input = item->body;
    struct command *command = item_command(item, &partner_redemption_type, sizeof(struct partner_redemption));
    struct partner_redemption *body = command->body;
    bool amount = input->amount_given == PRESENCE_GIVEN;
    enum status status = take_moment(call, &input->moment, &body->moment, err);

    if (status == STATUS_OK && amount == (input->points > 0))
        status = error_set(err, STATUS_INVALID, "partner.points_or_amount", "points",
                           "say how many points pay, or which amount is paid with them");
    if (status == STATUS_OK && amount)
        status = take_amount(call, body->moment.partner, &input->amount, &body->minor, err);
    if (status == STATUS_OK)
        status = proof_take(call, input->member, input->proof, &body->proof, err);
    if (status == STATUS_OK)
        status = member_reference_apply(call, command, input->member, "member", err);
    if (status != STATUS_OK)
        return status;
    body->points = input->points;
    body->receipt_claim =
        add_claim(call, command, PARTNER_REDEMPTION_CLAIM, body->moment.partner, body->moment.receipt);
    list_counters(call, command, VELOCITY_REDEEMING, &body->moment);
    return STATUS_OK;
}

void partner_redemption_finish(struct item *item, struct json_writer *writer)
{
    const struct partner_redemption *body = item->command->body;

    write_result(writer, &body->moment, &body->result);
}

enum status partner_void_handle(struct call *call, struct item *item, struct error *err)
{
    const struct void_input *input = item->body;
    struct command *command = item_command(item, &partner_redemption_void_type, sizeof(struct partner_redemption_void));
    struct partner_redemption_void *body = command->body;
    struct storage_session *session;
    int64_t id = 0, member = 0;
    enum status status = take_moment(call, &input->moment, &body->moment, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    struct text key = partner_receipt_key(call->arena, body->moment.partner, body->moment.receipt);
    status = engine_claim_find(session, PARTNER_REDEMPTION_CLAIM, key, &id, &member, err);
    if (status == STATUS_OK && id == 0)
        status = error_set(err, STATUS_MISSING, "partner.receipt_unknown", "receipt",
                           "no points were redeemed with this receipt");
    if (status == STATUS_OK)
        status = name_event(call, session, command, id, err);
    call_read_end(call, session);
    body->points = input->points;
    body->reason = input->reason;
    return status;
}

void partner_void_finish(struct item *item, struct json_writer *writer)
{
    const struct partner_redemption_void *body = item->command->body;

    write_result(writer, &body->moment, &body->result);
}
