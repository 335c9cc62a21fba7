/* contracts_api.c: agreeing, changing, renewing and ending contracts over HTTP. */
#include "features/contracts/contracts_api.h"

#include <stddef.h>
#include <string.h>

#include "features/customers/member_reference_api.h"
#include "features/tasks/tasks_api.h"

enum { PERCENT_DECIMALS = 2, FACTOR_DECIMALS = 4 };

/* ---- what is agreed ---- */

struct contact_input {
    int64_t member;
    struct text role;
};
static const struct field contact_input_fields[] = {
    {.name = "member",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct contact_input, member),
     .prefix = "mbr"},
    {.name = "role",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct contact_input, role),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "A code: buyer, accounts ..."},
};
static const struct shape contact_input_shape = {
    .name = "ContractContactInput", .size = sizeof(struct contact_input), SHAPE_FIELDS(contact_input_fields)};

struct commitment_input {
    int metric;
    int64_t count;
    struct json_amount amount;
};
static const struct field commitment_fields[] = {
    {.name = "metric",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct commitment_input, metric),
     .choices = contract_metrics},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct commitment_input, amount),
     .about = "Of spend, in each period."},
    {.name = "count",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct commitment_input, count),
     .maximum = CONTRACT_COMMITMENT_MAX,
     .about = "Of purchases or nights, in each period."},
};
static const struct shape commitment_shape = {
    .name = "ContractCommitmentInput", .size = sizeof(struct commitment_input), SHAPE_FIELDS(commitment_fields)};

struct shortfall_input {
    int policy, then;
    int64_t months;
    struct json_amount price;
};
static const struct field shortfall_fields[] = {
    {.name = "policy",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct shortfall_input, policy),
     .choices = contract_shortfalls},
    {.name = "price",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct shortfall_input, price),
     .about = "With pay, of each purchase or night that is missing."},
    {.name = "months",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct shortfall_input, months),
     .maximum = CONTRACT_MONTHS_MAX,
     .about = "With extend."},
    {.name = "then",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct shortfall_input, then),
     .choices = contract_shortfalls,
     .fallback = SHORTFALL_NOTHING,
     .about = "With extend: what happens when it is short at the end of the extension."},
};
static const struct shape shortfall_input_shape = {
    .name = "ContractShortfallInput", .size = sizeof(struct shortfall_input), SHAPE_FIELDS(shortfall_fields)};

struct reminder_input {
    int64_t days;
    struct text reason;
    void *owner;
};
static const struct field reminder_fields[] = {
    {.name = "days",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct reminder_input, days),
     .minimum = 1,
     .maximum = CONTRACT_DAYS_MAX,
     .about = "Before the end of each period."},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct reminder_input, reason),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "Of the task."},
    {.name = "owner",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct reminder_input, owner),
     .shape = &task_owner_shape,
     .about = "Who gets the task; when absent the role of the reason."},
};
static const struct shape reminder_input_shape = {
    .name = "ContractReminderInput", .size = sizeof(struct reminder_input), SHAPE_FIELDS(reminder_fields)};

struct contract_input {
    struct text code, name, payment, reason;
    struct member_reference *member;
    struct json_list contacts;
    struct commitment_input *commitment;
    struct shortfall_input *shortfall;
    struct reminder_input *reminder;
    int counts;
    int32_t from;
    int64_t months, discount, factor, notice_days;
    bool carry, automatic;
};
static const struct field input_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct contract_input, code),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "Its number: letters, digits, . _ and -; no other contract has it."},
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct contract_input, name),
     .minimum = 1,
     .maximum = CONTRACT_NAME_MAX},
    {.name = "member",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct contract_input, member),
     .shape = &member_reference_shape,
     .about = "The person or organisation."},
    {.name = "contacts",
     .type = FIELD_LIST,
     .offset = offsetof(struct contract_input, contacts),
     .maximum = CONTRACT_CONTACTS_MAX,
     .element = FIELD_OBJECT,
     .shape = &contact_input_shape},
    {.name = "counts",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct contract_input, counts),
     .choices = contract_counted,
     .fallback = COUNTS_MEMBERS,
     .about =
         "Of an organisation: members, what its contacts buy while they act for it; named, what is bought for it."},
    {.name = "commitment",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct contract_input, commitment),
     .shape = &commitment_shape,
     .about = "When absent: the term alone."},
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .offset = offsetof(struct contract_input, from)},
    {.name = "months",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct contract_input, months),
     .minimum = 1,
     .maximum = CONTRACT_MONTHS_MAX,
     .about = "Of a period."},
    {.name = "discount",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct contract_input, discount),
     .minimum = 0,
     .maximum = 100 * CONTRACT_PERCENT,
     .scale = PERCENT_DECIMALS,
     .about = "Percent: member.contract_discount in conditions."},
    {.name = "earning_factor",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct contract_input, factor),
     .minimum = 0,
     .maximum = (int64_t)CONTRACT_FACTOR * CONTRACT_FACTOR_MAX,
     .fallback = CONTRACT_FACTOR,
     .scale = FACTOR_DECIMALS,
     .about = "member.contract_factor in conditions."},
    {.name = "payment_terms",
     .type = FIELD_TEXT,
     .offset = offsetof(struct contract_input, payment),
     .maximum = CONTRACT_TEXT_MAX},
    {.name = "shortfall",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct contract_input, shortfall),
     .shape = &shortfall_input_shape,
     .about = "When absent: nothing happens."},
    {.name = "carry_surplus", .type = FIELD_BOOLEAN, .offset = offsetof(struct contract_input, carry)},
    {.name = "automatic_renewal", .type = FIELD_BOOLEAN, .offset = offsetof(struct contract_input, automatic)},
    {.name = "notice_days",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct contract_input, notice_days),
     .minimum = 0,
     .maximum = CONTRACT_DAYS_MAX},
    {.name = "reminder",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct contract_input, reminder),
     .shape = &reminder_input_shape},
    {.name = "reason",
     .type = FIELD_TEXT,
     .offset = offsetof(struct contract_input, reason),
     .maximum = CONTRACT_TEXT_MAX},
};
const struct shape contract_input_shape = {
    .name = "ContractInput", .size = sizeof(struct contract_input), SHAPE_FIELDS(input_fields)};

static bool is_code(struct text code)
{
    for (size_t i = 0; i < code.size; i++) {
        char c = code.bytes[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '.' && c != '_' && c != '-')
            return false;
    }
    return code.size > 0;
}

static enum status bad_code(const char *field, struct error *err)
{
    return error_set(err, STATUS_INVALID, "contract.code_form", field, "a code has letters, digits, '.', '_' and '-'");
}

static enum status take_money(const struct call *call, const struct json_amount *amount, const char *field,
                              int64_t *out, struct error *err)
{
    const char *currency = programme_at(call->programmes, call->now)->currency;

    *out = amount->minor;
    if (amount->currency[0] != '\0' && strcmp(amount->currency, currency) != 0)
        return error_set(err, STATUS_INVALID, "contract.currency", field, "the programme's currency is %s", currency);
    if (amount->minor < 0 || amount->minor > CONTRACT_COMMITMENT_MAX)
        return error_set(err, STATUS_INVALID, "contract.commitment", field, "the amount is out of range");
    return STATUS_OK;
}

static enum status take_contacts(struct call *call, const struct json_list *contacts, struct text *out,
                                 struct error *err)
{
    const struct contact_input *items = contacts->items;
    struct builder text = {.arena = call->arena};
    struct storage_session *session;
    struct person person;
    enum status status = STATUS_OK;

    if (contacts->count == 0)
        return STATUS_OK;
    status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < contacts->count && status == STATUS_OK; i++) {
        status = is_code(items[i].role) ? engine_view(call->engine, session, items[i].member, call->arena, &person, err)
                                        : bad_code("contacts", err);
        builder_format(&text, "%s%lld:", i > 0 ? "," : "", (long long)items[i].member);
        builder_text(&text, items[i].role);
    }
    call_read_end(call, session);
    *out = builder_done(&text);
    return status;
}

static enum status take_commitment(const struct call *call, const struct contract_input *input,
                                   struct contract *contract, struct error *err)
{
    const struct commitment_input *commitment = input->commitment;
    const struct shortfall_input *shortfall = input->shortfall;
    enum status status = STATUS_OK;

    if (commitment != NULL) {
        bool spend = commitment->metric == CONTRACT_SPEND;
        contract->metric = commitment->metric;
        if (spend ? commitment->count != 0 : commitment->amount.currency[0] != '\0')
            return error_set(err, STATUS_INVALID, "contract.commitment", "commitment",
                             "spend is an amount; purchases and nights are a count");
        contract->commitment = commitment->count;
        if (spend)
            status = take_money(call, &commitment->amount, "commitment.amount", &contract->commitment, err);
    }
    if (status != STATUS_OK || shortfall == NULL)
        return status;
    contract->shortfall = shortfall->policy;
    contract->after_extension = shortfall->then;
    contract->extend_months = shortfall->months;
    return take_money(call, &shortfall->price, "shortfall.price", &contract->price, err);
}

static enum status take_contract(struct call *call, const struct contract_input *input, struct contract *contract,
                                 struct error *err)
{
    struct contract_terms *terms = arena_alloc(call->arena, sizeof *terms);

    *terms = (struct contract_terms){.from_day = input->from,
                                     .discount = input->discount,
                                     .factor = input->factor,
                                     .payment = input->payment,
                                     .changed = true};
    *contract = (struct contract){.code = input->code,
                                  .name = input->name,
                                  .counts = input->counts,
                                  .carry = input->carry,
                                  .automatic = input->automatic,
                                  .months = input->months,
                                  .notice_days = input->notice_days,
                                  .from_day = input->from,
                                  .end_day = DAY_NONE,
                                  .reminded_day = DAY_NONE,
                                  .terms = terms,
                                  .term_count = 1};
    if (!is_code(input->code))
        return bad_code("code", err);
    enum status status = take_commitment(call, input, contract, err);
    if (status == STATUS_OK)
        status = take_contacts(call, &input->contacts, &contract->contacts, err);
    if (status != STATUS_OK || input->reminder == NULL)
        return status;
    contract->remind_days = input->reminder->days;
    contract->reason = input->reminder->reason;
    return task_owner_read(call, input->reminder->owner, &contract->owner, err);
}

enum status contract_agree_handle(struct call *call, struct item *item, struct error *err)
{
    const struct contract_input *input = item->body;
    struct command *command = item_command(item, &agree_contract_type, sizeof(struct agree_contract));
    struct agree_contract *body = command->body;

    command_claim(command, call->arena, CONTRACT_CLAIM, input->code);
    enum status status = take_contract(call, input, &body->contract, err);
    if (status == STATUS_OK)
        status = member_reference_apply(call, command, input->member, "member", err);
    body->by = call->actor;
    body->reason = input->reason;
    item->user = contract_view_of(call);
    return status;
}

void contract_agree_finish(struct item *item, struct json_writer *writer)
{
    const struct agree_contract *body = item->command->body;

    contract_write(writer, item->user, &body->result, body->at);
    item->etag = body->result.version;
}

/* ---- changes ---- */

static enum status start(struct call *call, struct item *item, enum contract_action action,
                         struct change_contract **out, struct error *err)
{
    struct contract contract;
    int64_t version;
    enum status status = contract_of_path(call, &contract, err);

    if (status == STATUS_OK)
        status = call_if_match(call, &version, err);
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &change_contract_type, sizeof(struct change_contract));
    struct change_contract *body = command->body;
    *body = *(const struct change_contract *)change_contract_command(call->arena, &contract, action)->body;
    body->version = version;
    body->by = call->actor;
    command_subject_member(command, contract.member);
    item->user = contract_view_of(call);
    *out = body;
    return STATUS_OK;
}

void contract_change_finish(struct item *item, struct json_writer *writer)
{
    const struct change_contract *body = item->command->body;

    contract_write(writer, item->user, &body->result, body->at);
    item->etag = body->result.version;
}

struct amendment_input {
    struct text name, reason;
    struct json_list contacts;
    struct reminder_input *reminder;
    bool automatic;
    unsigned char name_given, contacts_given, reminder_given, automatic_given;
};
static const struct field amendment_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_NOT_BLANK,
     .offset = offsetof(struct amendment_input, name),
     .presence = offsetof(struct amendment_input, name_given),
     .minimum = 1,
     .maximum = CONTRACT_NAME_MAX},
    {.name = "contacts",
     .type = FIELD_LIST,
     .offset = offsetof(struct amendment_input, contacts),
     .presence = offsetof(struct amendment_input, contacts_given),
     .maximum = CONTRACT_CONTACTS_MAX,
     .element = FIELD_OBJECT,
     .shape = &contact_input_shape},
    {.name = "reminder",
     .type = FIELD_OBJECT,
     .flags = FIELD_NULLABLE,
     .offset = offsetof(struct amendment_input, reminder),
     .presence = offsetof(struct amendment_input, reminder_given),
     .shape = &reminder_input_shape,
     .about = "Null: nobody is reminded."},
    {.name = "automatic_renewal",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct amendment_input, automatic),
     .presence = offsetof(struct amendment_input, automatic_given)},
    {.name = "reason",
     .type = FIELD_TEXT,
     .offset = offsetof(struct amendment_input, reason),
     .maximum = CONTRACT_TEXT_MAX},
};
const struct shape contract_amendment_shape = {
    .name = "ContractAmendment", .size = sizeof(struct amendment_input), SHAPE_FIELDS(amendment_fields)};

enum status contract_amend_handle(struct call *call, struct item *item, struct error *err)
{
    const struct amendment_input *input = item->body;
    struct change_contract *body;
    enum status status = start(call, item, CONTRACT_AMEND, &body, err);

    if (status != STATUS_OK)
        return status;
    struct contract_amendment *out = &body->amendment;
    *out = (struct contract_amendment){.name_given = input->name_given == PRESENCE_GIVEN,
                                       .contacts_given = input->contacts_given == PRESENCE_GIVEN,
                                       .automatic_given = input->automatic_given == PRESENCE_GIVEN,
                                       .reminder_given = input->reminder_given != PRESENCE_ABSENT,
                                       .name = input->name,
                                       .automatic = input->automatic};
    body->reason = input->reason;
    status = take_contacts(call, &input->contacts, &out->contacts, err);
    if (status != STATUS_OK || input->reminder == NULL)
        return status;
    out->remind_days = input->reminder->days;
    out->reason = input->reminder->reason;
    return task_owner_read(call, input->reminder->owner, &out->owner, err);
}

struct terms_input {
    int32_t from;
    int64_t discount, factor;
    struct text payment, reason;
};
#define REASON_FIELD(input, more)                                                                 \
    {                                                                                             \
        .name = "reason", .type = FIELD_TEXT, .flags = (more), .offset = offsetof(input, reason), \
        .maximum = CONTRACT_TEXT_MAX                                                              \
    }
static const struct field terms_input_fields[] = {
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .offset = offsetof(struct terms_input, from)},
    {.name = "discount",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct terms_input, discount),
     .minimum = 0,
     .maximum = 100 * CONTRACT_PERCENT,
     .fallback = -1,
     .scale = PERCENT_DECIMALS,
     .about = "Percent; as before when absent."},
    {.name = "earning_factor",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct terms_input, factor),
     .minimum = 0,
     .maximum = (int64_t)CONTRACT_FACTOR * CONTRACT_FACTOR_MAX,
     .fallback = -1,
     .scale = FACTOR_DECIMALS,
     .about = "As before when absent."},
    {.name = "payment_terms",
     .type = FIELD_TEXT,
     .offset = offsetof(struct terms_input, payment),
     .maximum = CONTRACT_TEXT_MAX,
     .about = "As before when absent."},
    REASON_FIELD(struct terms_input, 0),
};
const struct shape contract_terms_input_shape = {
    .name = "ContractTermsInput", .size = sizeof(struct terms_input), SHAPE_FIELDS(terms_input_fields)};

enum status contract_terms_handle(struct call *call, struct item *item, struct error *err)
{
    const struct terms_input *input = item->body;
    struct change_contract *body;
    enum status status = start(call, item, CONTRACT_CHANGE_TERMS, &body, err);

    if (status != STATUS_OK)
        return status;
    body->terms.from_day = input->from;
    body->terms.discount = input->discount;
    body->terms.factor = input->factor;
    body->terms.payment = input->payment;
    body->payment_given = input->payment.bytes != NULL;
    body->reason = input->reason;
    return STATUS_OK;
}

struct renewal_input {
    int64_t months, count;
    struct json_amount amount;
    struct text reason;
};
static const struct field renewal_fields[] = {
    {.name = "months",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct renewal_input, months),
     .maximum = CONTRACT_MONTHS_MAX,
     .about = "Of the next period; as this one when absent."},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct renewal_input, amount),
     .about = "Committed from then on; as before when absent."},
    {.name = "count",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct renewal_input, count),
     .maximum = CONTRACT_COMMITMENT_MAX,
     .about = "The same of purchases or nights."},
    REASON_FIELD(struct renewal_input, 0),
};
const struct shape contract_renewal_shape = {
    .name = "ContractRenewal", .size = sizeof(struct renewal_input), SHAPE_FIELDS(renewal_fields)};

enum status contract_renew_handle(struct call *call, struct item *item, struct error *err)
{
    const struct renewal_input *input = item->body;
    struct change_contract *body;
    int64_t amount = 0;
    enum status status = take_money(call, &input->amount, "amount", &amount, err);

    if (status == STATUS_OK)
        status = start(call, item, CONTRACT_RENEW, &body, err);
    if (status != STATUS_OK)
        return status;
    body->months = input->months;
    if (input->count > 0 || amount > 0)
        body->commitment = amount > 0 ? amount : input->count;
    body->spend_given = amount > 0;
    body->reason = input->reason;
    return STATUS_OK;
}

struct termination_input {
    int32_t on;
    bool without_notice;
    struct text reason;
};
static const struct field termination_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct termination_input, reason),
     .minimum = 1,
     .maximum = CONTRACT_TEXT_MAX},
    {.name = "on",
     .type = FIELD_DAY,
     .offset = offsetof(struct termination_input, on),
     .about =
         "The first day without it; when absent the end of the period, or of the next one when notice comes too late."},
    {.name = "without_notice",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct termination_input, without_notice),
     .about = "With on: from today on."},
};
const struct shape contract_termination_shape = {
    .name = "ContractTermination", .size = sizeof(struct termination_input), SHAPE_FIELDS(termination_fields)};

enum status contract_end_handle(struct call *call, struct item *item, struct error *err)
{
    const struct termination_input *input = item->body;
    struct change_contract *body;
    enum status status = start(call, item, CONTRACT_END, &body, err);

    if (status != STATUS_OK)
        return status;
    body->end_day = input->on;
    body->without_notice = input->without_notice;
    body->reason = input->reason;
    return STATUS_OK;
}

struct collection_input {
    struct text reference;
};
static const struct field collection_fields[] = {
    {.name = "reference",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct collection_input, reference),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "Of the invoice or the payment."},
};
const struct shape contract_collection_shape = {
    .name = "ContractCollection", .size = sizeof(struct collection_input), SHAPE_FIELDS(collection_fields)};

static enum status start_settling(struct call *call, struct item *item, enum contract_action action,
                                  struct change_contract **body, struct error *err)
{
    enum status status = start(call, item, action, body, err);

    if (status != STATUS_OK || text_to_integer(call->parameters[1], &(*body)->number))
        return status;
    return error_set(err, STATUS_MISSING, "contract.no_due", "due", "there is no such amount to collect");
}

enum status contract_collect_handle(struct call *call, struct item *item, struct error *err)
{
    const struct collection_input *input = item->body;
    struct change_contract *body;
    enum status status = start_settling(call, item, CONTRACT_COLLECT, &body, err);

    if (status == STATUS_OK)
        body->reference = input->reference;
    return status;
}

struct waiver_input {
    struct text reason;
};
static const struct field waiver_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct waiver_input, reason),
     .minimum = 1,
     .maximum = CONTRACT_TEXT_MAX,
     .about = "For the history."},
};
const struct shape contract_waiver_shape = {
    .name = "ContractWaiver", .size = sizeof(struct waiver_input), SHAPE_FIELDS(waiver_fields)};

enum status contract_waive_handle(struct call *call, struct item *item, struct error *err)
{
    const struct waiver_input *input = item->body;
    struct change_contract *body;
    enum status status = start_settling(call, item, CONTRACT_WAIVE, &body, err);

    if (status == STATUS_OK)
        body->reason = input->reason;
    return status;
}
