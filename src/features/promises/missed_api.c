/* Missed benefits over HTTP. */
#include <stddef.h>

#include "api/page.h"
#include "features/coupons/code.h"
#include "features/promises/promises_api.h"
#include "features/promises/promises_store.h"
#include "foundation/id.h"

/* ---- replies ---- */

static const struct field missed_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbf"},
    {.name = "state",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "listed, made_good, waiting (for a decision), withdrawn or refused."},
    {.name = "kind",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "offer (a discount), gift (of an offer) or benefit (a gift that can still be had) or coupon (that nobody "
              "showed)."},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of the offer or benefit."},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Of the offer."},
    {.name = "why",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "Why it was due: public, member, tier, segment, season ...; of a benefit by what it was held."},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "purchase", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "channel", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .about = "The business day of the purchase."},
    {.name = "found_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "value", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "left", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "Of the goods that have not come back."},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "That made it good."},
    {.name = "points_back",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Of these, taken back with goods that came back."},
    {.name = "voucher",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The code that made it good; of a coupon its own."},
    {.name = "cost", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "task", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "tsk"},
    {.name = "decided_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "decided_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape missed_shape = {.name = "MissedBenefit",
                                   .about = "A benefit that was due with a purchase and not given.",
                                   SHAPE_FIELDS(missed_fields)};

static void write_optional(struct json_writer *writer, const char *name, struct text text)
{
    if (text.size > 0)
        writer_text(writer, name, text);
    else
        writer_null(writer, name);
}

static void write_good(struct json_writer *writer, const struct call *call, const struct missed *missed,
                       const char *currency)
{
    const struct good *good = &missed->good;
    bool current;
    const struct coupon_series *series =
        good->series.size > 0 ? coupon_series_find(call->programmes, good->series, call->now, &current) : NULL;

    write_optional(writer, "wallet", good->wallet);
    if (good->kind == GOOD_POINTS) {
        writer_integer(writer, "points", good->points);
        writer_integer(writer, "points_back", missed->taken);
    } else {
        writer_null(writer, "points");
        writer_null(writer, "points_back");
    }
    write_optional(writer, "voucher",
                   series != NULL ? code_shown(call->arena, &series->pattern, good->key) : good->key);
    if (good->kind == GOOD_NONE)
        writer_null(writer, "cost");
    else
        writer_amount(writer, "cost", good->cost, currency);
}

static void write_missed(struct json_writer *writer, const struct call *call, const struct missed *missed)
{
    const char *currency = programme_at(call->programmes, missed->at)->currency;

    writer_id(writer, "id", "mbf", missed->id);
    writer_string(writer, "state", missed_states[missed->state]);
    writer_string(writer, "kind", missed_kinds[missed->kind]);
    writer_text(writer, "code", missed->code);
    if (missed->version > 0)
        writer_integer(writer, "version", missed->version);
    else
        writer_null(writer, "version");
    writer_text(writer, "why", missed->why);
    writer_id(writer, "member", "mbr", missed->member);
    writer_id(writer, "purchase", "evt", missed->purchase);
    writer_text(writer, "store", missed->store);
    writer_text(writer, "channel", missed->channel);
    writer_day(writer, "day", missed->day);
    writer_instant(writer, "found_at", missed->found_at);
    writer_amount(writer, "value", missed->value, currency);
    writer_amount(writer, "left", missed->left, currency);
    write_good(writer, call, missed, currency);
    writer_id(writer, "task", "tsk", missed->task);
    writer_instant(writer, "decided_at", missed->decided_at);
    write_optional(writer, "decided_by", missed->decided_by);
}

/* ---- reading ---- */

struct missed_query {
    struct page page;
    int64_t member;
    struct text store;
    int32_t from, to;
    int state;
};
static const struct field query_fields[] = {
    PAGE_FIELDS(struct missed_query),
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct missed_query, member), .prefix = "mbr"},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct missed_query, store),
     .maximum = CODE_SIZE_MAX},
    {.name = "from",
     .type = FIELD_DAY,
     .offset = offsetof(struct missed_query, from),
     .about = "Business days of purchases, the first one."},
    {.name = "to", .type = FIELD_DAY, .offset = offsetof(struct missed_query, to), .about = "And the last one."},
    {.name = "state",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct missed_query, state),
     .choices = missed_states + 1},
};
const struct shape missed_query_shape = {
    .name = "MissedBenefitQuery", .size = sizeof(struct missed_query), SHAPE_FIELDS(query_fields)};

static enum status read_page(struct call *call, struct storage_session *session, struct missed_page *page,
                             struct missed **missed, size_t *count, struct error *err)
{
    const struct missed_query *query = call->query;
    struct person *person = arena_alloc(call->arena, sizeof *person);
    enum status status = STATUS_OK;

    if (query->member != 0) {
        status = engine_view(call->engine, session, query->member, call->arena, person, err);
        page->person = person;
    }
    return status == STATUS_OK ? missed_list(session, call->arena, page, missed, count, err) : status;
}

enum status missed_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct missed_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct missed_page page = {.store = query->store,
                               .state = query->state + 1,
                               .first = query->from == FIELD_DAY_ABSENT ? INT32_MIN : query->from,
                               .last = query->to == FIELD_DAY_ABSENT ? INT32_MAX : query->to,
                               .before_day = INT32_MAX,
                               .before_id = INT64_MAX,
                               .limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    struct missed *missed = NULL;
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
        page.before_day = (int32_t)cursor.integers[0];
        page.before_id = cursor.integers[1];
    }
    status = read_page(call, session, &page, &missed, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = count == page.limit;
    count -= more;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        if (!call_sees_store(call, missed[i].store))
            continue;
        writer_object(&item->writer, NULL);
        write_missed(&item->writer, call, &missed[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    if (more) {
        cursor.integers[0] = missed[count - 1].day;
        cursor.integers[1] = missed[count - 1].id;
    }
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* The one of the path, when the caller sees where it was missed. */
static enum status read_one(struct call *call, struct missed *out, struct error *err)
{
    struct storage_session *session;
    int64_t id;
    enum status status = call_path_id(call, 0, "mbf", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = missed_read(session, call->arena, id, out, err);
    call_read_end(call, session);
    return status == STATUS_OK ? call_check_store(call, out->store, "missed", err) : status;
}

enum status missed_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct missed missed;
    enum status status = read_one(call, &missed, err);

    if (status == STATUS_OK)
        write_missed(&item->writer, call, &missed);
    return status;
}

/* ---- deciding ---- */

struct decision_input {
    bool approve;
    int give;
    struct text reason;
};
static const char *const gives[] = {"points", "voucher", NULL};
static const struct field decision_fields[] = {
    {.name = "approve",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct decision_input, approve),
     .about = "Make it good; otherwise it is refused."},
    {.name = "give",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct decision_input, give),
     .choices = gives,
     .about = "As the programme says when absent."},
    {.name = "reason", .type = FIELD_TEXT, .offset = offsetof(struct decision_input, reason), .maximum = 1000},
};
const struct shape missed_decision_shape = {
    .name = "MissedBenefitDecision", .size = sizeof(struct decision_input), SHAPE_FIELDS(decision_fields)};

enum status missed_decide_handle(struct call *call, struct item *item, struct error *err)
{
    const struct decision_input *input = item->body;
    struct missed missed;
    enum status status = read_one(call, &missed, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &decide_missed_type, sizeof(struct decide_missed));
    struct decide_missed *body = command->body;
    body->approve = input->approve;
    body->give = input->give + 1;
    body->reason = input->reason;
    body->by = call->actor;
    command_subject_member(command, missed.member);
    decide_missed_name(command, call->arena, call->programmes, &missed, call->now);
    return STATUS_OK;
}

void missed_decide_finish(struct item *item, struct json_writer *writer)
{
    write_missed(writer, item->call, &((const struct decide_missed *)item->command->body)->result);
}
