/* What the API shows of recorded events: one event, one purchase, and the timeline of a person. */
#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "api/page.h"
#include "features/events/event_api.h"
#include "features/events/events_store.h"
#include "features/events/purchase_api.h"
#include "features/events/return.h"

/* ---- one event ---- */

static const struct field movement_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "debit", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "credit", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape movement_shape = {.name = "EventMovement", .size = 0, SHAPE_FIELDS(movement_fields)};

static const struct field follower_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "amount", .type = FIELD_AMOUNT},
};
static const struct shape follower_shape = {.name = "EventFollower", .size = 0, SHAPE_FIELDS(follower_fields)};

#define EVENT_FIELDS                                                                                         \
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},                              \
        {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                       \
        {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},                      \
        {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},                                      \
        {.name = "recorded_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},                             \
        {.name = "business_day", .type = FIELD_DAY, .flags = FIELD_NULLABLE},                                \
        {.name = "cause", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "evt"},                       \
        {.name = "store", .type = FIELD_TEXT}, {.name = "channel", .type = FIELD_TEXT},                      \
        {.name = "receipt", .type = FIELD_TEXT}, {.name = "till", .type = FIELD_TEXT},                       \
        {.name = "employee", .type = FIELD_TEXT},                                                            \
        {.name = "organisation", .type = FIELD_ID, .prefix = "mbr", .about = "It was bought for."},          \
        {.name = "contact", .type = FIELD_ID, .prefix = "mbr", .about = "Who bought for the organisation."}, \
    {                                                                                                        \
        .name = "amount", .type = FIELD_AMOUNT                                                               \
    }

static const struct field event_fields[] = {
    EVENT_FIELDS,
    {.name = "facts", .type = FIELD_JSON, .flags = FIELD_NULLABLE, .about = "Codes and numbers of the decision."},
    {.name = "detail", .type = FIELD_JSON, .flags = FIELD_NULLABLE, .about = "Texts and properties."},
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &purchase_line_shape},
    {.name = "movements",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &movement_shape},
    {.name = "followers",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &follower_shape,
     .about = "What followed from it."},
};
const struct shape event_shape = {.name = "Event", .size = 0, SHAPE_FIELDS(event_fields)};

static const struct field purchase_fields[] = {
    EVENT_FIELDS,
    {.name = "facts", .type = FIELD_JSON, .flags = FIELD_NULLABLE},
    {.name = "detail", .type = FIELD_JSON, .flags = FIELD_NULLABLE},
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &purchase_line_shape},
    {.name = "movements",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &movement_shape},
    {.name = "followers",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &follower_shape},
    {.name = "left",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &purchase_line_shape,
     .about = "The lines less what came back."},
    {.name = "claimed_by",
     .type = FIELD_ID,
     .flags = FIELD_NULLABLE,
     .prefix = "mbr",
     .about = "Who claimed an anonymous purchase later."},
};
const struct shape purchase_shape = {.name = "Purchase", .size = 0, SHAPE_FIELDS(purchase_fields)};

static void write_place(struct json_writer *writer, struct text store, struct text channel, struct text receipt)
{
    if (store.size > 0)
        writer_text(writer, "store", store);
    if (channel.size > 0)
        writer_text(writer, "channel", channel);
    if (receipt.size > 0)
        writer_text(writer, "receipt", receipt);
}

static void write_people(struct json_writer *writer, const struct purchase_facts *facts)
{
    if (facts->till.size > 0)
        writer_text(writer, "till", facts->till);
    if (facts->employee.size > 0)
        writer_text(writer, "employee", facts->employee);
    if (facts->contact != 0) {
        writer_id(writer, "organisation", "mbr", facts->organisation);
        writer_id(writer, "contact", "mbr", facts->contact);
    }
}

static void write_row(struct json_writer *writer, const struct journal_row *row, const char *currency)
{
    struct purchase_facts facts;
    struct error ignored;

    writer_id(writer, "id", "evt", row->id);
    writer_text(writer, "kind", row->kind);
    writer_id(writer, "member", "mbr", row->member);
    writer_instant(writer, "at", row->at);
    writer_instant(writer, "recorded_at", row->recorded_at);
    writer_day(writer, "business_day", row->day);
    writer_id(writer, "cause", "evt", row->cause);
    write_place(writer, row->store, row->channel, row->receipt);
    /* Other kinds of events keep other facts: they name no till. */
    if (purchase_facts_read(writer->out.arena, row->facts, &facts, &ignored) == STATUS_OK)
        write_people(writer, &facts);
    writer_amount(writer, "amount", row->amount, currency);
    writer_raw(writer, "facts", row->facts);
    writer_raw(writer, "detail", row->detail);
}

static void write_event(struct json_writer *writer, const struct past_event *event, const char *currency)
{
    write_row(writer, &event->row, currency);
    writer_list(writer, "lines");
    write_lines(writer, event->row.lines, event->row.line_count, currency);
    writer_end(writer);
    writer_list(writer, "movements");
    for (size_t i = 0; i < event->row.movement_count; i++) {
        const struct movement *movement = &event->row.movements[i];
        writer_object(writer, NULL);
        writer_text(writer, "wallet", movement->wallet);
        writer_string(writer, "debit", account_name(movement->debit));
        writer_string(writer, "credit", account_name(movement->credit));
        writer_integer(writer, "points", movement->amount);
        writer_end(writer);
    }
    writer_end(writer);
    writer_list(writer, "followers");
    for (size_t i = 0; i < event->follower_count; i++) {
        const struct journal_row *row = &event->followers[i].row;
        writer_object(writer, NULL);
        writer_id(writer, "id", "evt", row->id);
        writer_text(writer, "kind", row->kind);
        writer_instant(writer, "at", row->at);
        writer_amount(writer, "amount", row->amount, currency);
        writer_end(writer);
    }
    writer_end(writer);
}

enum status event_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct past_event *event;
    int64_t id;
    enum status status = call_path_id(call, 0, "evt", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_event(session, id, LOAD_FOLLOWERS, call->arena, &event, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    row_attach_terms(call->arena, &event->row);
    write_event(&item->writer, event, programme_at(call->programmes, event->row.at)->currency);
    return STATUS_OK;
}

enum status purchase_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct past_event *event, *claim = NULL;
    int64_t id, claim_id = 0, member = 0;
    enum status status = call_path_id(call, 0, "evt", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_event(session, id, LOAD_FOLLOWERS, call->arena, &event, err);
    if (status == STATUS_OK && event->row.member == 0)
        status = attribution_find(session, call->arena, id, &claim_id, &member, err);
    if (status == STATUS_OK && claim_id != 0)
        status = engine_event(session, claim_id, LOAD_FOLLOWERS, call->arena, &claim, err);
    call_read_end(call, session);
    if (status == STATUS_MISSING || (status == STATUS_OK && !text_equals(event->row.kind, "purchase")))
        return error_set(err, STATUS_MISSING, "purchase.unknown", "purchase", "there is no such purchase");
    if (status != STATUS_OK)
        return status;
    const char *currency = programme_at(call->programmes, event->row.at)->currency;
    row_attach_terms(call->arena, &event->row);
    if (claim != NULL)
        row_attach_terms(call->arena, &claim->row);
    const struct past_event *basis = claim != NULL ? claim : event;
    write_event(&item->writer, event, currency);
    writer_list(&item->writer, "left");
    struct purchase_line *left = return_lines_left(call->arena, basis);
    for (size_t i = 0; i < basis->row.line_count; i++)
        left[i].terms = NULL; /* those of the whole line */
    write_lines(&item->writer, left, basis->row.line_count, currency);
    writer_end(&item->writer);
    writer_id(&item->writer, "claimed_by", "mbr", member);
    return STATUS_OK;
}

/* ---- the timeline ---- */

struct timeline_input {
    struct page page;
    struct json_list kinds;
};

static const struct field timeline_query_fields[] = {
    PAGE_FIELDS(struct timeline_input),
    {.name = "kind",
     .type = FIELD_LIST,
     .offset = offsetof(struct timeline_input, kinds),
     .element = FIELD_TEXT,
     .maximum = TIMELINE_KINDS_MAX,
     .about = "Only these kinds; may be given several times."},
};
const struct shape timeline_query_shape = {
    .name = "TimelineQuery", .size = sizeof(struct timeline_input), SHAPE_FIELDS(timeline_query_fields)};

static const struct field timeline_earned_fields[] = {
    {.name = "rule", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape timeline_earned_shape = {.name = "TimelineEarned", SHAPE_FIELDS(timeline_earned_fields)};

static const struct field timeline_fields[] = {
    EVENT_FIELDS,
    {.name = "sealed", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "False: kept for days only."},
    {.name = "detail", .type = FIELD_JSON, .flags = FIELD_NULLABLE},
    {.name = "points",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &wallet_points_shape,
     .about = "What it changed in the member's balances."},
    {.name = "earned",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &timeline_earned_shape,
     .about = "By which rules it earned; of a return what is left of them."},
};
const struct shape timeline_entry_shape = {.name = "TimelineEntry", .size = 0, SHAPE_FIELDS(timeline_fields)};

static void write_earned_rules(struct json_writer *writer, const struct timeline_entry *entry)
{
    if (entry->earned_count == 0)
        return;
    writer_list(writer, "earned");
    for (size_t i = 0; i < entry->earned_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "rule", entry->earned[i].rule);
        writer_text(writer, "wallet", entry->earned[i].wallet);
        writer_integer(writer, "points", entry->earned[i].points);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_entry(struct json_writer *writer, const struct timeline_entry *entry, const char *currency)
{
    writer_object(writer, NULL);
    writer_id(writer, "id", "evt", entry->id);
    writer_text(writer, "kind", entry->kind);
    writer_id(writer, "member", "mbr", entry->member);
    writer_instant(writer, "at", entry->at);
    writer_instant(writer, "recorded_at", entry->recorded_at);
    writer_day(writer, "business_day", entry->day);
    writer_id(writer, "cause", "evt", entry->cause);
    write_place(writer, entry->store, entry->channel, entry->receipt);
    writer_amount(writer, "amount", entry->amount, currency);
    writer_boolean(writer, "sealed", !entry->traced);
    writer_raw(writer, "detail", entry->detail);
    writer_list(writer, "points");
    for (size_t i = 0; i < entry->point_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", entry->points[i].wallet);
        writer_integer(writer, "points", entry->points[i].points);
        writer_end(writer);
    }
    writer_end(writer);
    write_earned_rules(writer, entry);
    writer_end(writer);
}

static enum status fill_query(struct call *call, const struct person *person, struct timeline_query *query,
                              struct error *err)
{
    const struct timeline_input *input = call->query;
    struct cursor cursor = {.integer_count = 2};
    int64_t *members = arena_array(call->arena, GROUP_MEMBERS_MAX, sizeof *members);
    bool given;
    enum status status = cursor_read(call->arena, input->page.after, &cursor, &given, err);

    if (status != STATUS_OK)
        return status;
    query->members = members;
    for (size_t i = 0; i < person->group->member_count; i++)
        if (person->group->members[i].leader == person->leader->id)
            members[query->member_count++] = person->group->members[i].id;
    for (size_t i = 0; i < input->kinds.count; i++)
        query->kinds[query->kind_count++] = ((const struct text *)input->kinds.items)[i];
    query->before_at = given ? cursor.integers[0] : INT64_MAX;
    query->before_id = given ? cursor.integers[1] : INT64_MAX;
    query->limit = (size_t)input->page.limit;
    return STATUS_OK;
}

enum status timeline_get(struct call *call, struct item *item, struct error *err)
{
    struct timeline_query query = {0};
    struct timeline_entry *entries;
    struct storage_session *session;
    struct person person;
    size_t count;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, &person, err);
    if (status == STATUS_OK)
        status = fill_query(call, &person, &query, err);
    if (status == STATUS_OK)
        status = timeline_read(session, call->arena, &query, &entries, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    const char *currency = programme_at(call->programmes, call->now)->currency;
    bool more = count > query.limit;
    struct cursor last = {.integer_count = 2};
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count && i < query.limit; i++) {
        /* What happened at no store is the member's: tiers, expiries. */
        if (entries[i].store.size == 0 || call_sees_store(call, entries[i].store))
            write_entry(&item->writer, &entries[i], currency);
        last.integers[0] = entries[i].at;
        last.integers[1] = entries[i].id;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &last, more);
    return STATUS_OK;
}
