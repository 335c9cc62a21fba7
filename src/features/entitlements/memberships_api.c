/* memberships_api.c: paid memberships of a member. */
#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/entitlements/benefits_api.h"
#include "features/entitlements/tier_given.h"
#include "features/points/context_api.h"

static const struct programme *programme_now(const struct call *call)
{
    return programme_at(call->programmes, call->now);
}

/* ---- what a member has ---- */

#define MEMBERSHIP_FIELDS                                                                                           \
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},                                     \
        {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                              \
        {.name = "state",                                                                                           \
         .type = FIELD_TEXT,                                                                                        \
         .flags = FIELD_REQUIRED,                                                                                   \
         .about = "active; due: the next term runs and is not paid yet; cancelled: it ends with the term; ended."}, \
        {.name = "bought_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},                                      \
        {.name = "paid_until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},                                     \
        {.name = "until",                                                                                           \
         .type = FIELD_INSTANT,                                                                                     \
         .flags = FIELD_REQUIRED,                                                                                   \
         .about = "The first instant without it, when nothing more is paid."},                                      \
        {.name = "terms", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                                          \
        {.name = "paid", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "In all."},                        \
        {.name = "refunded", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},                                        \
    {                                                                                                               \
        .name = "reference", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of the last payment."           \
    }
static const struct field membership_fields[] = {
    MEMBERSHIP_FIELDS,
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "renewal", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "automatic, manual or none."},
    {.name = "fee", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "Of the next term."},
    {.name = "saved", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "By it, to date."},
    {.name = "refund_now", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What would go back now."},
    {.name = "benefits", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT},
};
const struct shape member_membership_shape = {.name = "MemberMembership", SHAPE_FIELDS(membership_fields)};
static const struct field changed_fields[] = {
    MEMBERSHIP_FIELDS,
    {.name = "event", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "evt", .about = "What was recorded."},
    {.name = "existed", .type = FIELD_BOOLEAN, .about = "This payment was taken before."},
    {.name = "refund", .type = FIELD_AMOUNT, .about = "What goes back to the member."},
};
const struct shape membership_changed_shape = {.name = "MembershipChanged", SHAPE_FIELDS(changed_fields)};

static void write_membership(struct json_writer *writer, const struct membership *membership, const char *state,
                             const char *currency)
{
    writer_id(writer, "id", "evt", membership->id);
    writer_text(writer, "code", membership->code);
    writer_string(writer, "state", state);
    writer_instant(writer, "bought_at", membership->bought_at);
    writer_instant(writer, "paid_until", membership->paid_until);
    writer_instant(writer, "until", membership->ended_at != 0 ? membership->ended_at : membership->grace_until);
    writer_integer(writer, "terms", membership->terms);
    writer_amount(writer, "paid", membership->paid, currency);
    writer_amount(writer, "refunded", membership->refunded, currency);
    writer_text(writer, "reference", membership->reference);
}

static void write_plan(struct call *call, struct json_writer *writer, const struct membership *membership,
                       const struct entitled *entitled)
{
    static const struct membership_plan gone = {.renewal = RENEWAL_NONE};
    const struct programme *programme = programme_now(call);
    const struct definition *definition =
        definition_at(call->programmes, &membership_kind, membership->code, call->now);
    const struct membership_plan *plan = definition != NULL ? definition->parsed : &gone;
    bool early = membership->earlier_fee > 0 && call->now < membership->term_from;
    int64_t saved = entitled_saved(entitled, membership->id, early ? membership->earlier_from : membership->term_from);
    int64_t refund = membership_runs(membership, call->now)
                         ? membership_refund_at(programme, plan, membership, saved, call->now)
                         : 0;

    writer_text(writer, "name", definition != NULL ? plan->name : membership->code);
    writer_string(writer, "renewal", membership_renewal_names[plan->renewal]);
    writer_amount(writer, "fee", plan->fee, programme->currency);
    writer_amount(writer, "saved", entitled_saved(entitled, membership->id, INT64_MIN), programme->currency);
    writer_amount(writer, "refund_now", refund, programme->currency);
    writer_list(writer, "benefits");
    for (size_t i = 0; i < plan->benefit_count; i++)
        writer_text(writer, NULL, plan->benefits[i]);
    writer_end(writer);
}

enum status member_memberships_handle(struct call *call, struct item *item, struct error *err)
{
    struct entitled entitled = {.parts = 0};
    struct person person;
    enum status status = entitled_of_path(call, &person, &entitled, err);

    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = entitled.membership_count; i-- > 0;) {
        const struct membership *membership = &entitled.memberships[i];
        writer_object(&item->writer, NULL);
        write_membership(&item->writer, membership, membership_state(membership, call->now),
                         programme_now(call)->currency);
        write_plan(call, &item->writer, membership, &entitled);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    writer_null(&item->writer, "next");
    return STATUS_OK;
}

/* ---- changes ---- */

struct membership_input {
    struct text code, reference, reason;
    unsigned char paid_given;
    struct json_amount paid;
    struct context_input context;
};
#define PAYMENT_FIELDS                                                                    \
    {.name = "reference",                                                                 \
     .type = FIELD_TEXT,                                                                  \
     .offset = offsetof(struct membership_input, reference),                              \
     .minimum = 1,                                                                        \
     .maximum = MEMBERSHIP_REFERENCE_MAX,                                                 \
     .about = "Of the payment: the same one is taken once. Needed when there is a fee."}, \
        {.name = "paid",                                                                  \
         .type = FIELD_AMOUNT,                                                            \
         .offset = offsetof(struct membership_input, paid),                               \
         .presence = offsetof(struct membership_input, paid_given),                       \
         .about = "What was paid; refused when it is not the fee."},                      \
        CONTEXT_FIELDS(struct membership_input)
static const struct field purchase_fields[] = {{.name = "code",
                                                .type = FIELD_TEXT,
                                                .flags = FIELD_REQUIRED,
                                                .offset = offsetof(struct membership_input, code),
                                                .minimum = 1,
                                                .maximum = CODE_SIZE_MAX,
                                                .about = "Of the membership."},
                                               PAYMENT_FIELDS};
const struct shape membership_purchase_shape = {
    .name = "MembershipPurchase", .size = sizeof(struct membership_input), SHAPE_FIELDS(purchase_fields)};
static const struct field payment_fields[] = {PAYMENT_FIELDS};
const struct shape membership_payment_shape = {
    .name = "MembershipPayment", .size = sizeof(struct membership_input), SHAPE_FIELDS(payment_fields)};
static const struct field reason_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct membership_input, reason),
     .minimum = 1,
     .maximum = RIGHT_REASON_MAX},
};
const struct shape membership_reason_shape = {
    .name = "MembershipReason", .size = sizeof(struct membership_input), SHAPE_FIELDS(reason_fields)};

static enum status start(struct call *call, struct item *item, enum membership_action action, struct error *err)
{
    const struct membership_input *input = item->body;
    const char *currency = programme_now(call)->currency;
    int64_t member, id = 0;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK && action != MEMBERSHIP_BUY)
        status = call_path_id(call, 1, "evt", &id, err);
    if (status == STATUS_OK && input->paid_given == PRESENCE_GIVEN && strcmp(input->paid.currency, currency) != 0)
        status =
            error_set(err, STATUS_INVALID, "membership.currency", "paid", "the programme's currency is %s", currency);
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &change_membership_type, sizeof(struct change_membership));
    struct change_membership *body = command->body;
    command_subject_member(command, member);
    body->action = action;
    body->id = id;
    body->code = input->code;
    body->reference = input->reference;
    body->paid_given = input->paid_given == PRESENCE_GIVEN;
    body->paid = input->paid.minor;
    body->context = context_of(&input->context);
    if (input->reason.size > 0)
        body->context.note = input->reason;
    body->claim =
        input->reference.size > 0 ? command_claim(command, call->arena, "membership_payment", input->reference) : -1;
    item->user = arena_copy(call->arena, currency, CURRENCY_SIZE);
    return STATUS_OK;
}

enum status membership_buy_handle(struct call *call, struct item *item, struct error *err)
{
    return start(call, item, MEMBERSHIP_BUY, err);
}

enum status membership_renew_handle(struct call *call, struct item *item, struct error *err)
{
    return start(call, item, MEMBERSHIP_RENEW, err);
}

enum status membership_cancel_handle(struct call *call, struct item *item, struct error *err)
{
    return start(call, item, MEMBERSHIP_CANCEL, err);
}

enum status membership_refund_handle(struct call *call, struct item *item, struct error *err)
{
    return start(call, item, MEMBERSHIP_REFUND, err);
}

void membership_finish(struct item *item, struct json_writer *writer)
{
    const struct change_membership *body = item->command->body;

    if (body->existed)
        item->status = 200;
    write_membership(writer, &body->membership, body->state, item->user);
    writer_id(writer, "event", "evt", body->row);
    writer_boolean(writer, "existed", body->existed);
    writer_amount(writer, "refund", body->refund, item->user);
}
