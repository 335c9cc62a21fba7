/* contract_view_api.c: contracts as they are shown: one, lists, the history. */
#include <stddef.h>

#include "api/page.h"
#include "features/contracts/contracts_api.h"
#include "foundation/id.h"

static const char *const states[] = {"planned", "running", "ended", NULL};

/* ---- shapes ---- */

static const struct field quantity_fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT, .about = "Of spend."},
    {.name = "count", .type = FIELD_INTEGER, .about = "Of purchases or nights."},
};
const struct shape contract_quantity_shape = {
    .name = "ContractQuantity", .about = "What is committed or achieved.", SHAPE_FIELDS(quantity_fields)};
#define QUANTITY(field, text)                                                          \
    {                                                                                  \
        .name = field, .type = FIELD_OBJECT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, \
        .shape = &contract_quantity_shape, .about = text                               \
    }

static const struct field contact_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "role", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct shape contact_shape = {.name = "ContractContact", SHAPE_FIELDS(contact_fields)};

static const struct field terms_fields[] = {
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "discount", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 2, .about = "Percent."},
    {.name = "earning_factor", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 4},
    {.name = "payment_terms", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct shape terms_shape = {.name = "ContractTerms", SHAPE_FIELDS(terms_fields)};

static const struct field period_fields[] = {
    {.name = "number", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "until", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .about = "The first day after it, extended or not."},
    {.name = "extended", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    QUANTITY("commitment", "Null for a term alone."),
    QUANTITY("achieved", "With what was carried over."),
    QUANTITY("carried", "Surplus of the period before."),
    QUANTITY("missing", "0 when the commitment is met."),
    {.name = "percent", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Achieved, rounded down."},
    {.name = "spend", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "nights", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "due", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "To be paid for what was missing, in all."},
    {.name = "closed_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct shape period_shape = {.name = "ContractPeriod", SHAPE_FIELDS(period_fields)};

static const struct field progress_fields[] = {
    QUANTITY("achieved", "In the period that runs."),
    {.name = "percent", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    QUANTITY("projected", "At this pace, when the period ends."),
    {.name = "projected_percent", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Rounded down."},
    {.name = "days_left", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Today included."},
};
static const struct shape progress_shape = {.name = "ContractProgress", SHAPE_FIELDS(progress_fields)};

static const struct field shortfall_fields[] = {
    {.name = "policy", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "nothing, pay, extend or lose."},
    {.name = "price",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Of one that is missing."},
    {.name = "months", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Of the extension."},
    {.name = "then",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "After the extension: nothing, pay or lose."},
};
static const struct shape shortfall_shape = {.name = "ContractShortfall", SHAPE_FIELDS(shortfall_fields)};

static const struct field reminder_fields[] = {
    {.name = "days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "person", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "place", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "role", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct shape reminder_shape = {.name = "ContractReminder", SHAPE_FIELDS(reminder_fields)};

#define DUE_FIELDS                                                                                 \
    {.name = "number", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                            \
        {.name = "period", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                        \
        {.name = "amount",                                                                         \
         .type = FIELD_AMOUNT,                                                                     \
         .flags = FIELD_REQUIRED,                                                                  \
         .about = "To collect; below 0: to pay back."},                                            \
        {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},                            \
        {.name = "correction",                                                                     \
         .type = FIELD_BOOLEAN,                                                                    \
         .flags = FIELD_REQUIRED,                                                                  \
         .about = "Of what changed after the period was closed."},                                 \
        {.name = "collected_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE}, \
        {.name = "waived_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},    \
    {                                                                                              \
        .name = "reference", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE          \
    }
static const struct field due_fields[] = {DUE_FIELDS};
static const struct shape due_shape = {.name = "ContractDue", SHAPE_FIELDS(due_fields)};

static const struct field contract_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "ctr"},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "member",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .prefix = "mbr",
     .about = "The person or organisation."},
    {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "planned, running or ended."},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "agreed_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "contacts", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &contact_shape},
    {.name = "counts",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "Of an organisation: members, what its contacts buy; or named, what is bought for it."},
    {.name = "metric", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "term, spend, purchases or nights."},
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "until", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .about = "The first day after the period that runs."},
    {.name = "months", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "progress", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &progress_shape},
    {.name = "terms", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &terms_shape},
    {.name = "periods", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &period_shape},
    {.name = "dues", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &due_shape},
    {.name = "shortfall", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &shortfall_shape},
    {.name = "carry_surplus", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "automatic_renewal", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "renewed",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "By hand, for when the period is over."},
    {.name = "notice_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "ends_on", .type = FIELD_DAY, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "By notice."},
    {.name = "end_reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Of the notice; otherwise expired, or shortfall."},
    {.name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "reminder", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .shape = &reminder_shape},
};
const struct shape contract_shape = {.name = "Contract", SHAPE_FIELDS(contract_fields)};

static const struct field change_fields[] = {
    {.name = "number", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "what",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "agreed, amended, terms, renewal, renewed, extended, met, short, due, correction, collected, waived, "
              "reminded, "
              "not_reminded, "
              "notice or ended."},
    {.name = "by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Null: it came with time."},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "period", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "day",
     .type = FIELD_DAY,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "From when it holds, or until."},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape contract_change_shape = {.name = "ContractChange", SHAPE_FIELDS(change_fields)};

/* ---- replies ---- */

static void write_or_null(struct json_writer *writer, const char *name, struct text text)
{
    if (text.size > 0)
        writer_text(writer, name, text);
    else
        writer_null(writer, name);
}

static void write_time(struct json_writer *writer, const char *name, int64_t at)
{
    if (at != 0)
        writer_instant(writer, name, at);
    else
        writer_null(writer, name);
}

static void write_quantity(struct json_writer *writer, const struct contract_view *view, const char *name,
                           const struct contract *contract, int64_t value)
{
    if (contract->metric == CONTRACT_TERM) {
        writer_null(writer, name);
        return;
    }
    writer_object(writer, name);
    if (contract->metric == CONTRACT_SPEND)
        writer_amount(writer, "amount", value, view->currency);
    else
        writer_integer(writer, "count", value);
    writer_end(writer);
}

static void write_contacts(struct json_writer *writer, struct text contacts)
{
    size_t at = 0;

    writer_list(writer, "contacts");
    while (at < contacts.size) {
        size_t colon = at, comma;
        int64_t member = 0;
        while (contacts.bytes[colon] != ':')
            colon++;
        for (comma = colon; comma < contacts.size && contacts.bytes[comma] != ',';)
            comma++;
        text_to_integer((struct text){contacts.bytes + at, colon - at}, &member);
        writer_object(writer, NULL);
        writer_id(writer, "member", "mbr", member);
        writer_text(writer, "role", (struct text){contacts.bytes + colon + 1, comma - colon - 1});
        writer_end(writer);
        at = comma + 1;
    }
    writer_end(writer);
}

static void write_terms(struct json_writer *writer, const struct contract *contract)
{
    writer_list(writer, "terms");
    for (size_t i = 0; i < contract->term_count; i++) {
        writer_object(writer, NULL);
        writer_day(writer, "from", contract->terms[i].from_day);
        writer_decimal(writer, "discount", contract->terms[i].discount, 2);
        writer_decimal(writer, "earning_factor", contract->terms[i].factor, 4);
        write_or_null(writer, "payment_terms", contract->terms[i].payment);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_period(struct json_writer *writer, const struct contract_view *view, const struct contract *contract,
                         const struct contract_period *period)
{
    int64_t achieved = contract_achieved(contract, period);

    writer_object(writer, NULL);
    writer_integer(writer, "number", period->number);
    writer_day(writer, "from", period->from_day);
    writer_day(writer, "until", contract_period_end(period));
    writer_boolean(writer, "extended", period->extended_day != DAY_NONE);
    write_quantity(writer, view, "commitment", contract, period->commitment);
    write_quantity(writer, view, "achieved", contract, achieved);
    write_quantity(writer, view, "carried", contract, period->carried);
    write_quantity(writer, view, "missing", contract,
                   achieved < period->commitment ? period->commitment - achieved : 0);
    writer_integer(writer, "percent", contract_percent(achieved, period->commitment));
    writer_amount(writer, "spend", period->spend, view->currency);
    writer_integer(writer, "purchases", period->purchases);
    writer_integer(writer, "nights", period->nights);
    writer_amount(writer, "due", period->due, view->currency);
    write_time(writer, "closed_at", period->closed_at);
    writer_end(writer);
}

static void write_progress(struct json_writer *writer, const struct contract_view *view,
                           const struct contract *contract, int32_t today)
{
    const struct contract_period *period = contract_current(contract);
    int64_t achieved = contract_achieved(contract, period), projected = contract_projected(contract, period, today);
    int32_t left = contract_period_end(period) - (today > period->from_day ? today : period->from_day);

    writer_object(writer, "progress");
    write_quantity(writer, view, "achieved", contract, achieved);
    writer_integer(writer, "percent", contract_percent(achieved, period->commitment));
    write_quantity(writer, view, "projected", contract, projected);
    writer_integer(writer, "projected_percent", contract_percent(projected, period->commitment));
    writer_integer(writer, "days_left", contract->ended_at != 0 || left < 0 ? 0 : left);
    writer_end(writer);
}

static void write_due(struct json_writer *writer, const struct contract_view *view,
                      const struct contract_change *change)
{
    writer_integer(writer, "number", change->number);
    writer_integer(writer, "period", change->period);
    writer_amount(writer, "amount", change->amount, view->currency);
    writer_instant(writer, "at", change->at);
    writer_boolean(writer, "correction", text_equals(change->what, CONTRACT_CORRECTED));
    write_time(writer, "collected_at", contract_is_waived(change) ? 0 : change->collected_at);
    write_time(writer, "waived_at", contract_is_waived(change) ? change->collected_at : 0);
    write_or_null(writer, "reference", change->reference);
}

static void write_dues(struct json_writer *writer, const struct contract_view *view, const struct contract *contract)
{
    writer_list(writer, "dues");
    for (size_t i = 0; i < contract->loaded_count; i++) {
        const struct contract_change *change = &contract->changes[i];
        if (!text_equals(change->what, CONTRACT_CORRECTED) && !text_equals(change->what, CONTRACT_DUE))
            continue;
        writer_object(writer, NULL);
        write_due(writer, view, change);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_policies(struct json_writer *writer, const struct contract_view *view,
                           const struct contract *contract)
{
    writer_object(writer, "shortfall");
    writer_string(writer, "policy", contract_shortfalls[contract->shortfall]);
    if (contract->price > 0)
        writer_amount(writer, "price", contract->price, view->currency);
    else
        writer_null(writer, "price");
    writer_integer(writer, "months", contract->extend_months);
    writer_string(writer, "then", contract_shortfalls[contract->after_extension]);
    writer_end(writer);
    writer_boolean(writer, "carry_surplus", contract->carry);
    writer_boolean(writer, "automatic_renewal", contract->automatic);
    writer_boolean(writer, "renewed", contract->renews);
    writer_integer(writer, "notice_days", contract->notice_days);
    writer_day(writer, "ends_on", contract->end_day);
    write_or_null(writer, "end_reason", contract->end_reason);
    write_time(writer, "ended_at", contract->ended_at);
    if (contract->remind_days == 0) {
        writer_null(writer, "reminder");
        return;
    }
    writer_object(writer, "reminder");
    writer_integer(writer, "days", contract->remind_days);
    writer_text(writer, "reason", contract->reason);
    write_or_null(writer, "person", contract->owner.person);
    write_or_null(writer, "place", contract->owner.place);
    write_or_null(writer, "role", contract->owner.role);
    writer_end(writer);
}

struct contract_view *contract_view_of(const struct call *call)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct contract_view *view = arena_alloc(call->arena, sizeof *view);

    *view = (struct contract_view){call->arena, programme->zone,
                                   arena_copy(call->arena, programme->currency, CURRENCY_SIZE)};
    return view;
}

void contract_write(struct json_writer *writer, const struct contract_view *view, const struct contract *contract,
                    int64_t at)
{
    const struct contract_clock clock = {view->arena, view->zone, at};
    int32_t today = zone_day(view->zone, at);
    struct contract now;

    contract_copy(view->arena, contract, &now);
    now.loaded_capacity = now.loaded_count;
    now.period_capacity = now.period_count;
    contract_advance(&clock, &now);
    writer_id(writer, "id", "ctr", now.id);
    writer_text(writer, "code", now.code);
    writer_text(writer, "name", now.name);
    writer_id(writer, "member", "mbr", now.member);
    writer_string(writer, "state", contract_state(&now, today));
    writer_integer(writer, "version", now.version);
    writer_instant(writer, "agreed_at", now.agreed_at);
    write_contacts(writer, now.contacts);
    writer_string(writer, "counts", contract_counted[now.counts]);
    writer_string(writer, "metric", contract_metrics[now.metric]);
    writer_day(writer, "from", now.from_day);
    writer_day(writer, "until", contract_period_end(contract_current(&now)));
    writer_integer(writer, "months", now.months);
    write_progress(writer, view, &now, today);
    write_terms(writer, &now);
    writer_list(writer, "periods");
    for (size_t i = 0; i < now.period_count; i++)
        write_period(writer, view, &now, &now.periods[i]);
    writer_end(writer);
    write_dues(writer, view, &now);
    write_policies(writer, view, &now);
}

/* ---- one ---- */

enum status contract_of_path(struct call *call, struct contract *out, struct error *err)
{
    struct storage_session *session;
    int64_t id = 0;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = contract_find(session, call->parameters[0], &id, err);
    if (status == STATUS_OK)
        status = contract_read(session, call->arena, id, out, err);
    call_read_end(call, session);
    return status;
}

enum status contract_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct contract contract;
    enum status status = contract_of_path(call, &contract, err);

    if (status != STATUS_OK)
        return status;
    contract_write(&item->writer, contract_view_of(call), &contract, call->now);
    item->etag = contract.version;
    return STATUS_OK;
}

enum status contract_history_handle(struct call *call, struct item *item, struct error *err)
{
    const struct contract_view *view = contract_view_of(call);
    const struct contract_clock clock = {call->arena, view->zone, call->now};
    struct json_writer *writer = &item->writer;
    struct contract contract;
    enum status status = contract_of_path(call, &contract, err);

    if (status != STATUS_OK)
        return status;
    contract_advance(&clock, &contract);
    writer_list(writer, "items");
    for (size_t i = 0; i < contract.loaded_count; i++) {
        const struct contract_change *change = &contract.changes[i];
        writer_object(writer, NULL);
        writer_integer(writer, "number", change->number);
        writer_instant(writer, "at", change->at);
        writer_text(writer, "what", change->what);
        write_or_null(writer, "by", change->actor);
        write_or_null(writer, "reason", change->reason);
        if (change->period != 0)
            writer_integer(writer, "period", change->period);
        else
            writer_null(writer, "period");
        writer_day(writer, "day", change->day);
        if (change->amount != 0)
            writer_amount(writer, "amount", change->amount, view->currency);
        else
            writer_null(writer, "amount");
        writer_end(writer);
    }
    writer_end(writer);
    page_end(writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* ---- lists ---- */

struct contract_query {
    struct page page;
    int64_t member, organisation;
    int state;
    int32_t ending_before;
};
static const struct field query_fields[] = {
    PAGE_FIELDS(struct contract_query),
    {.name = "state", .type = FIELD_CHOICE, .offset = offsetof(struct contract_query, state), .choices = states},
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct contract_query, member), .prefix = "mbr"},
    {.name = "organisation",
     .type = FIELD_ID,
     .offset = offsetof(struct contract_query, organisation),
     .prefix = "mbr",
     .about = "The same for an organisation."},
    {.name = "ending_before",
     .type = FIELD_DAY,
     .offset = offsetof(struct contract_query, ending_before),
     .about = "Whose period is over before that day."},
};
const struct shape contract_query_shape = {
    .name = "ContractQuery", .size = sizeof(struct contract_query), SHAPE_FIELDS(query_fields)};

enum status contract_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct contract_query *query = call->query;
    const struct contract_view *view = contract_view_of(call);
    struct cursor cursor = {.integer_count = 2};
    struct contract_page page = {.member = query->member != 0 ? query->member : query->organisation,
                                 .state = query->state >= 0 ? states[query->state] : NULL,
                                 .today = zone_day(view->zone, call->now),
                                 .ending_before = query->ending_before,
                                 .after_day = INT32_MIN,
                                 .limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    struct contract *found = NULL;
    size_t count = 0;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (given) {
        page.after_day = (int32_t)cursor.integers[0];
        page.after_id = cursor.integers[1];
    }
    status = contracts_list(session, call->arena, &page, &found, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = count == page.limit;
    count -= more;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        writer_object(&item->writer, NULL);
        contract_write(&item->writer, view, &found[i], call->now);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    if (more) {
        cursor.integers[0] = contract_period_end(contract_current(&found[count - 1]));
        cursor.integers[1] = found[count - 1].id;
    }
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* ---- what is to collect ---- */

static const struct field open_due_fields[] = {
    {.name = "contract", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "ctr"},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    DUE_FIELDS,
};
const struct shape contract_open_due_shape = {.name = "ContractOpenDue", SHAPE_FIELDS(open_due_fields)};

struct due_query {
    struct page page;
    bool open;
};
static const struct field due_query_fields[] = {
    PAGE_FIELDS(struct due_query),
    {.name = "open",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct due_query, open),
     .about = "What nobody settled."},
};
const struct shape contract_due_query_shape = {
    .name = "ContractDueQuery", .size = sizeof(struct due_query), SHAPE_FIELDS(due_query_fields)};

enum status contract_due_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct due_query *query = call->query;
    const struct contract_view *view = contract_view_of(call);
    struct cursor cursor = {.integer_count = 3};
    struct contract_due_page page = {.open = query->open, .limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    struct contract_due *found = NULL;
    size_t count = 0;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (given) {
        page.after_at = cursor.integers[0];
        page.after_id = cursor.integers[1];
        page.after_number = cursor.integers[2];
    }
    status = contract_dues_list(session, call->arena, &page, &found, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = count == page.limit;
    count -= more;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        writer_object(&item->writer, NULL);
        writer_id(&item->writer, "contract", "ctr", found[i].contract);
        writer_text(&item->writer, "code", found[i].code);
        writer_id(&item->writer, "member", "mbr", found[i].member);
        write_due(&item->writer, view, &found[i].change);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    if (more) {
        cursor.integers[0] = found[count - 1].change.at;
        cursor.integers[1] = found[count - 1].contract;
        cursor.integers[2] = found[count - 1].change.number;
    }
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}
