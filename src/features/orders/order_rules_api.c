/* The rules of orders and stays: when points become active, whose sale it is, rate codes. */
#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/orders/bookings_store.h"
#include "features/orders/orders_api.h"

/* ---- rate codes ---- */

struct rate_input {
    struct text code, name;
    bool earns;
    int credit;
};

static const char *const rate_credits[] = {"payer", "guest", NULL};

static const struct field rate_input_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .offset = offsetof(struct rate_input, code),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "The key; with PUT it may be left out."},
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct rate_input, name),
     .minimum = 1,
     .maximum = 200},
    {.name = "earns",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct rate_input, earns),
     .fallback = 1,
     .about = "Whether stays at this rate earn points."},
    {.name = "credit",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct rate_input, credit),
     .fallback = RATE_PAYER,
     .choices = rate_credits,
     .about = "Whose sale and points it is; the nights are always the guest's."},
};
const struct shape rate_code_input_shape = {
    .name = "RateCodeInput", .size = sizeof(struct rate_input), SHAPE_FIELDS(rate_input_fields)};

static const struct field rate_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "earns", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "credit", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct shape rate_code_shape = {.name = "RateCode", .size = 0, SHAPE_FIELDS(rate_fields)};

static void write_rate(struct json_writer *writer, const struct rate_code *rate)
{
    writer_text(writer, "code", rate->code);
    writer_integer(writer, "version", rate->version);
    writer_text(writer, "name", rate->name);
    writer_boolean(writer, "earns", rate->earns);
    writer_string(writer, "credit", rate_credits[rate->credit]);
}

static struct text rate_json(struct call *call, const struct rate_code *rate)
{
    struct json_writer writer;

    if (rate == NULL)
        return (struct text){NULL, 0};
    writer_start(&writer, call->arena);
    writer_object(&writer, NULL);
    write_rate(&writer, rate);
    writer_end(&writer);
    return writer_done(&writer);
}

static const struct rate_code *find_rate(const struct booking_rules *rules, struct text code)
{
    for (size_t i = 0; i < rules->rate_count; i++)
        if (text_equal(rules->rates[i].code, code))
            return &rules->rates[i];
    return NULL;
}

static enum status read_rules(struct call *call, struct booking_rules *rules, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = booking_rules_read(session, call->arena, rules, err);
    call_read_end(call, session);
    return status;
}

enum status rate_code_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.text_count = 1};
    struct booking_rules rules;
    size_t shown = 0, at = 0;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = read_rules(call, &rules, err);
    if (status != STATUS_OK)
        return status;
    while (given && at < rules.rate_count && text_compare(rules.rates[at].code, cursor.texts[0]) <= 0)
        at++;
    writer_list(&item->writer, "items");
    for (; at < rules.rate_count && shown < (size_t)query->page.limit; at++, shown++) {
        writer_object(&item->writer, NULL);
        write_rate(&item->writer, &rules.rates[at]);
        writer_end(&item->writer);
        cursor.texts[0] = rules.rates[at].code;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, at < rules.rate_count);
    return STATUS_OK;
}

static enum status unknown_rate(struct error *err)
{
    return error_set(err, STATUS_MISSING, "catalogue.unknown", "", "there is no rate code with this code");
}

enum status rate_code_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct booking_rules rules;
    enum status status = read_rules(call, &rules, err);

    if (status != STATUS_OK)
        return status;
    const struct rate_code *rate = find_rate(&rules, call->parameters[0]);
    if (rate == NULL)
        return unknown_rate(err);
    write_rate(&item->writer, rate);
    item->etag = rate->version;
    return STATUS_OK;
}

/* The version asked for, in the caller's transaction. */
static enum status check_match(const struct call *call, int64_t version, struct error *err)
{
    int64_t wanted;
    enum status status = call_if_match(call, &wanted, err);

    if (status == STATUS_OK && wanted != 0 && wanted != version)
        return error_set(err, STATUS_STALE, "catalogue.stale", "If-Match", "it was changed meanwhile");
    return status;
}

static enum status end_write(struct call *call, struct storage_session *session, enum status status, struct error *err)
{
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}

static enum status put_rate(struct call *call, struct storage_session *session, struct rate_code *rate,
                            struct error *err)
{
    struct booking_rules rules;
    enum status status = booking_rules_read(session, call->arena, &rules, err);

    if (status != STATUS_OK)
        return status;
    const struct rate_code *before = find_rate(&rules, rate->code);
    status = check_match(call, before != NULL ? before->version : 0, err);
    if (status == STATUS_OK && before == NULL && rules.rate_count >= RATE_CODES_MAX)
        status =
            error_set(err, STATUS_LIMIT, "rate_code.count", "code", "there are at most %d rate codes", RATE_CODES_MAX);
    if (status != STATUS_OK)
        return status;
    rate->version = before != NULL ? before->version + 1 : 1;
    status = rate_code_put(session, rate, err);
    return status == STATUS_OK
               ? call_audit(call, "rate_code.updated", 0, rate_json(call, before), rate_json(call, rate), err)
               : status;
}

enum status rate_code_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct rate_input *input = item->body;
    struct rate_code rate = {
        .code = input->code, .name = input->name, .earns = input->earns, .credit = (enum rate_credit)input->credit};
    struct storage_session *session;
    bool by_path = call->parameters[0].size > 0;

    if (by_path && rate.code.size > 0 && !text_equal(rate.code, call->parameters[0]))
        return error_set(err, STATUS_INVALID, "catalogue.key", "code", "the body names another code than the address");
    if (by_path)
        rate.code = call->parameters[0];
    if (rate.code.size == 0 || rate.code.size > CODE_SIZE_MAX)
        return error_set(err, STATUS_INVALID, "catalogue.key", "code", "a code has 1 to %d bytes", CODE_SIZE_MAX);
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = put_rate(call, session, &rate, err);
    if (status == STATUS_OK) {
        write_rate(&item->writer, &rate);
        item->etag = rate.version;
    }
    return end_write(call, session, status, err);
}

static enum status delete_rate(struct call *call, struct storage_session *session, struct error *err)
{
    struct booking_rules rules;
    enum status status = booking_rules_read(session, call->arena, &rules, err);

    if (status != STATUS_OK)
        return status;
    const struct rate_code *before = find_rate(&rules, call->parameters[0]);
    if (before == NULL)
        return unknown_rate(err);
    status = check_match(call, before->version, err);
    if (status == STATUS_OK)
        status = rate_code_delete(session, before->code, err);
    return status == STATUS_OK
               ? call_audit(call, "rate_code.deleted", 0, rate_json(call, before), (struct text){NULL, 0}, err)
               : status;
}

enum status rate_code_delete_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    (void)item;
    return status == STATUS_OK ? end_write(call, session, delete_rate(call, session, err), err) : status;
}

/* ---- policies ---- */

struct policy_input {
    int64_t return_days;
    int credit, activation;
};

static const char *const credits[] = {"collecting", "ordering", NULL};
static const char *const activations[] = {"ended", "paid", NULL};
static const char *const policy_kinds[] = {"order", "stay"};

static const struct field policy_input_fields[] = {
    {.name = "return_days",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct policy_input, return_days),
     .minimum = 0,
     .maximum = RETURN_DAYS_MAX,
     .about = "Points become active at the start of the day after so many days; 0: at once."},
    {.name = "activation",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct policy_input, activation),
     .fallback = ACTIVE_ENDED,
     .choices = activations,
     .about = "The days begin with the collection or departure (ended), or with the payment (paid)."},
    {.name = "credit",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct policy_input, credit),
     .fallback = CREDIT_COLLECTING,
     .choices = credits,
     .about = "Which store an order's sale and points belong to: where it is collected, or where it was ordered."},
};
const struct shape order_policy_input_shape = {
    .name = "OrderPolicyInput", .size = sizeof(struct policy_input), SHAPE_FIELDS(policy_input_fields)};

static const struct field policy_fields[] = {
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "0: never set, the default."},
    {.name = "return_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "activation", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "credit", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct shape order_policy_shape = {.name = "OrderPolicy", .size = 0, SHAPE_FIELDS(policy_fields)};

static void write_policy(struct json_writer *writer, const char *kind, const struct booking_policy *policy)
{
    writer_string(writer, "kind", kind);
    writer_integer(writer, "version", policy->version);
    writer_integer(writer, "return_days", policy->return_days);
    writer_string(writer, "activation", activations[policy->activation]);
    writer_string(writer, "credit", credits[policy->credit]);
}

static struct text policy_json(struct call *call, const char *kind, const struct booking_policy *policy)
{
    struct json_writer writer;

    writer_start(&writer, call->arena);
    writer_object(&writer, NULL);
    write_policy(&writer, kind, policy);
    writer_end(&writer);
    return writer_done(&writer);
}

static const char *policy_kind(const struct call *call)
{
    for (size_t i = 0; i < 2; i++)
        if (text_equals(call->parameters[0], policy_kinds[i]))
            return policy_kinds[i];
    return NULL;
}

static const struct booking_policy *policy_of(const struct booking_rules *rules, const char *kind)
{
    return strcmp(kind, "stay") == 0 ? &rules->stays : &rules->orders;
}

static enum status unknown_policy(struct error *err)
{
    return error_set(err, STATUS_MISSING, "catalogue.unknown", "", "there are policies of 'order' and 'stay'");
}

enum status order_policy_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct cursor last = {.text_count = 1, .texts = {TEXT("")}};
    struct booking_rules rules;
    enum status status = read_rules(call, &rules, err);

    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < 2; i++) {
        writer_object(&item->writer, NULL);
        write_policy(&item->writer, policy_kinds[i], policy_of(&rules, policy_kinds[i]));
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &last, false);
    return STATUS_OK;
}

enum status order_policy_get_handle(struct call *call, struct item *item, struct error *err)
{
    const char *kind = policy_kind(call);
    struct booking_rules rules;
    enum status status = kind != NULL ? read_rules(call, &rules, err) : unknown_policy(err);

    if (status != STATUS_OK)
        return status;
    write_policy(&item->writer, kind, policy_of(&rules, kind));
    item->etag = policy_of(&rules, kind)->version;
    return STATUS_OK;
}

static enum status put_policy(struct call *call, struct storage_session *session, const char *kind,
                              struct booking_policy *policy, struct error *err)
{
    struct booking_rules rules;
    enum status status = booking_rules_read(session, call->arena, &rules, err);

    if (status == STATUS_OK)
        status = check_match(call, policy_of(&rules, kind)->version, err);
    if (status != STATUS_OK)
        return status;
    policy->version = policy_of(&rules, kind)->version + 1;
    status = booking_policy_put(session, text_from(kind), policy, err);
    return status == STATUS_OK
               ? call_audit(call, "order_policy.updated", 0, policy_json(call, kind, policy_of(&rules, kind)),
                            policy_json(call, kind, policy), err)
               : status;
}

enum status order_policy_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct policy_input *input = item->body;
    const char *kind = policy_kind(call);
    struct booking_policy policy = {.credit = (enum booking_credit)input->credit,
                                    .activation = (enum booking_activation)input->activation,
                                    .return_days = (int)input->return_days};
    struct storage_session *session;

    if (kind == NULL)
        return unknown_policy(err);
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = put_policy(call, session, kind, &policy, err);
    if (status == STATUS_OK) {
        write_policy(&item->writer, kind, &policy);
        item->etag = policy.version;
    }
    return end_write(call, session, status, err);
}
