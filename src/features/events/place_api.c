#include "features/events/place_api.h"

#include <stddef.h>

#include "api/page.h"
#include "features/events/catalogue_api.h"
#include "features/events/places.h"
#include "foundation/money.h"
#include "json/shape.h"

/* ---- opening hours ---- */

struct opening_input {
    struct json_list days; /* of struct text */
    struct text opens, closes;
};
struct exception_input {
    int32_t day;
    bool closed;
    struct text opens, closes;
};
struct hours_input {
    struct json_list weekly, exceptions;
};

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

#define CLOCK_FIELD(owner, member_name, text_name)                                                                   \
    {                                                                                                                \
        .name = (text_name), .type = FIELD_TEXT, .offset = offsetof(owner, member_name), .minimum = 5, .maximum = 5, \
        .about = "HH:MM by the clock of the place."                                                                  \
    }

static const struct field opening_fields[] = {
    {.name = "days",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .offset = offsetof(struct opening_input, days),
     .minimum = 1,
     .maximum = 7,
     .about = "mon, tue, wed, thu, fri, sat, sun."},
    CLOCK_FIELD(struct opening_input, opens, "opens"),
    CLOCK_FIELD(struct opening_input, closes, "closes"),
};
static const struct shape opening_shape = {.name = "Opening",
                                           .about = "A closing time not after the opening is on the next day.",
                                           .size = sizeof(struct opening_input),
                                           SHAPE_FIELDS(opening_fields)};

static const struct field exception_fields[] = {
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .offset = offsetof(struct exception_input, day)},
    {.name = "closed", .type = FIELD_BOOLEAN, .offset = offsetof(struct exception_input, closed)},
    CLOCK_FIELD(struct exception_input, opens, "opens"),
    CLOCK_FIELD(struct exception_input, closes, "closes"),
};
static const struct shape exception_shape = {
    .name = "OpeningException", .size = sizeof(struct exception_input), SHAPE_FIELDS(exception_fields)};

static const struct field hours_fields[] = {
    {.name = "weekly",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &opening_shape,
     .offset = offsetof(struct hours_input, weekly),
     .maximum = HOURS_WEEKLY_MAX},
    {.name = "exceptions",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &exception_shape,
     .offset = offsetof(struct hours_input, exceptions),
     .maximum = HOURS_EXCEPTIONS_MAX,
     .about = "Single days, instead of what the week says."},
};
static const struct shape hours_shape = {
    .name = "OpeningHours", .size = sizeof(struct hours_input), SHAPE_FIELDS(hours_fields)};

static enum status read_clock(struct text opens, struct text closes, int *from, int *until, struct error *err)
{
    if (!minutes_read(opens, from) || !minutes_read(closes, until))
        return error_set(err, STATUS_INVALID, "place.hours", "hours", "opens and closes are times such as 09:30");
    return STATUS_OK;
}

static enum status read_days(const struct opening_input *input, unsigned *days, struct error *err)
{
    const struct text *names = input->days.items;

    *days = 0;
    for (size_t i = 0; i < input->days.count; i++) {
        int day = 0;
        while (weekdays[day] != NULL && !text_equals(names[i], weekdays[day]))
            day++;
        if (weekdays[day] == NULL)
            return error_set(err, STATUS_INVALID, "place.hours", "hours", "'%.*s' is none of mon, tue ... sun",
                             (int)names[i].size, names[i].bytes);
        *days |= 1U << day;
    }
    return STATUS_OK;
}

static enum status take_hours(struct arena *arena, const struct hours_input *input, struct opening_hours *out,
                              struct error *err)
{
    const struct opening_input *weekly = input->weekly.items;
    const struct exception_input *exceptions = input->exceptions.items;
    struct opening *openings = arena_array(arena, input->weekly.count + 1, sizeof *openings);
    struct opening_exception *days = arena_array(arena, input->exceptions.count + 1, sizeof *days);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < input->weekly.count && status == STATUS_OK; i++) {
        status = read_days(&weekly[i], &openings[i].days, err);
        if (status == STATUS_OK)
            status = read_clock(weekly[i].opens, weekly[i].closes, &openings[i].opens, &openings[i].closes, err);
    }
    for (size_t i = 0; i < input->exceptions.count && status == STATUS_OK; i++) {
        days[i] = (struct opening_exception){.day = exceptions[i].day, .closed = exceptions[i].closed};
        if (!exceptions[i].closed)
            status = read_clock(exceptions[i].opens, exceptions[i].closes, &days[i].opens, &days[i].closes, err);
    }
    *out = (struct opening_hours){openings, input->weekly.count, days, input->exceptions.count};
    return status;
}

static void write_hours(struct json_writer *writer, const struct hours_input *input)
{
    const struct opening_input *weekly = input->weekly.items;
    const struct exception_input *exceptions = input->exceptions.items;

    writer_list(writer, "weekly");
    for (size_t i = 0; i < input->weekly.count; i++) {
        writer_object(writer, NULL);
        writer_list(writer, "days");
        for (size_t d = 0; d < weekly[i].days.count; d++)
            writer_text(writer, NULL, ((const struct text *)weekly[i].days.items)[d]);
        writer_end(writer);
        writer_text(writer, "opens", weekly[i].opens);
        writer_text(writer, "closes", weekly[i].closes);
        writer_end(writer);
    }
    writer_end(writer);
    writer_list(writer, "exceptions");
    for (size_t i = 0; i < input->exceptions.count; i++) {
        writer_object(writer, NULL);
        writer_day(writer, "day", exceptions[i].day);
        writer_boolean(writer, "closed", exceptions[i].closed);
        if (!exceptions[i].closed) {
            writer_text(writer, "opens", exceptions[i].opens);
            writer_text(writer, "closes", exceptions[i].closes);
        }
        writer_end(writer);
    }
    writer_end(writer);
}

static struct text hours_json(struct arena *arena, const struct hours_input *input)
{
    struct json_writer writer;

    if (input == NULL)
        return TEXT("");
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    write_hours(&writer, input);
    writer_end(&writer);
    return writer_done(&writer);
}

/* ---- places ---- */

struct place_input {
    struct text code, name, parent, zone, currency;
    int kind;
    int64_t cut_minutes;
    struct hours_input *hours;
    int32_t opened_on, closed_on;
};

static const struct field place_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .offset = offsetof(struct place_input, code),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "The key; with PUT it may be left out. Of a till: STORE/TILL."},
    {.name = "kind",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct place_input, kind),
     .choices = place_kinds},
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct place_input, name),
     .minimum = 1,
     .maximum = 200},
    {.name = "parent",
     .type = FIELD_TEXT,
     .offset = offsetof(struct place_input, parent),
     .maximum = CODE_SIZE_MAX,
     .about = "The place it lies in; none: a root."},
    {.name = "zone",
     .type = FIELD_TEXT,
     .offset = offsetof(struct place_input, zone),
     .maximum = 64,
     .about = "IANA time zone; that of the place above, or the programme's, when absent."},
    {.name = "cut_minutes",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct place_input, cut_minutes),
     .minimum = 0,
     .maximum = 1439,
     .about = "The business day begins so many minutes after midnight."},
    {.name = "currency",
     .type = FIELD_TEXT,
     .offset = offsetof(struct place_input, currency),
     .minimum = 3,
     .maximum = 3,
     .about = "Of a legal entity: what it keeps its books in."},
    {.name = "hours", .type = FIELD_OBJECT, .offset = offsetof(struct place_input, hours), .shape = &hours_shape},
    {.name = "opened_on",
     .type = FIELD_DAY,
     .offset = offsetof(struct place_input, opened_on),
     .about = "The first business day."},
    {.name = "closed_on",
     .type = FIELD_DAY,
     .offset = offsetof(struct place_input, closed_on),
     .about = "The first business day on which it is closed for good."},
};
const struct shape place_input_shape = {
    .name = "PlaceInput", .size = sizeof(struct place_input), SHAPE_FIELDS(place_fields)};

static const struct field place_reply[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "kind", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = place_kinds},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "parent", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "zone", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "cut_minutes", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "currency", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "hours", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .shape = &hours_shape},
    {.name = "opened_on", .type = FIELD_DAY, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "closed_on", .type = FIELD_DAY, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape place_shape = {.name = "Place", .size = 0, SHAPE_FIELDS(place_reply)};

enum status place_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err)
{
    const struct place_input *input = body;
    const struct zone *zone;
    struct opening_hours hours;
    enum status status = input->zone.size > 0 ? zone_load(call->arena, input->zone, &zone, err) : STATUS_OK;

    if (status == STATUS_OK && input->currency.size > 0 && currency_exponent(input->currency) < 0)
        status = error_set(err, STATUS_INVALID, "json.currency", "currency", "'%.*s' is no currency of ISO 4217",
                           (int)input->currency.size, input->currency.bytes);
    if (status == STATUS_OK && input->hours != NULL)
        status = take_hours(call->arena, input->hours, &hours, err);
    if (status != STATUS_OK)
        return status;
    row->columns[PLACE_KIND] = value_text(text_from(place_kinds[input->kind]));
    row->columns[PLACE_NAME] = value_text(input->name);
    row->columns[PLACE_PARENT] = value_text(input->parent);
    row->columns[PLACE_ZONE] = value_text(input->zone);
    row->columns[PLACE_CUT_MINUTES] = value_integer(input->cut_minutes);
    row->columns[PLACE_CURRENCY] = value_text(input->currency);
    row->columns[PLACE_HOURS] = value_text(hours_json(call->arena, input->hours));
    row->columns[PLACE_OPENED_ON] = value_integer(input->opened_on);
    row->columns[PLACE_CLOSED_ON] = value_integer(input->closed_on);
    return STATUS_OK;
}

void place_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row)
{
    struct text hours = row->columns[PLACE_HOURS].text;

    (void)call;
    writer_text(writer, "code", row->key);
    writer_integer(writer, "version", row->version);
    writer_text(writer, "kind", row->columns[PLACE_KIND].text);
    writer_text(writer, "name", row->columns[PLACE_NAME].text);
    writer_text(writer, "parent", row->columns[PLACE_PARENT].text);
    writer_text(writer, "zone", row->columns[PLACE_ZONE].text);
    writer_integer(writer, "cut_minutes", row->columns[PLACE_CUT_MINUTES].integer);
    writer_text(writer, "currency", row->columns[PLACE_CURRENCY].text);
    writer_raw(writer, "hours", hours.size > 0 ? hours : TEXT("null"));
    writer_day(writer, "opened_on", (int32_t)row->columns[PLACE_OPENED_ON].integer);
    writer_day(writer, "closed_on", (int32_t)row->columns[PLACE_CLOSED_ON].integer);
}

/* ---- employees ---- */

struct employee_input {
    struct text code, name, store;
    bool inactive;
    int64_t member;
};

static const struct field employee_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .offset = offsetof(struct employee_input, code),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "The key; with PUT it may be left out."},
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct employee_input, name),
     .minimum = 1,
     .maximum = 200},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_STORE,
     .offset = offsetof(struct employee_input, store),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "inactive",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct employee_input, inactive),
     .about = "Works here no more: events that name the employee are refused."},
    {.name = "member",
     .type = FIELD_ID,
     .offset = offsetof(struct employee_input, member),
     .prefix = "mbr",
     .about = "Who they are as a customer: they do not earn on what they ring up themselves."},
};
const struct shape employee_input_shape = {
    .name = "EmployeeInput", .size = sizeof(struct employee_input), SHAPE_FIELDS(employee_fields)};

static const struct field employee_reply[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "inactive", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "mbr"},
};
const struct shape employee_shape = {.name = "Employee", .size = 0, SHAPE_FIELDS(employee_reply)};

enum status employee_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err)
{
    const struct employee_input *input = body;

    (void)call;
    (void)err;
    row->columns[EMPLOYEE_NAME] = value_text(input->name);
    row->columns[EMPLOYEE_STORE] = value_text(input->store);
    row->columns[EMPLOYEE_ACTIVE] = value_integer(input->inactive ? 0 : 1);
    row->columns[EMPLOYEE_MEMBER] = value_integer(input->member);
    return STATUS_OK;
}

void employee_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row)
{
    (void)call;
    writer_text(writer, "code", row->key);
    writer_integer(writer, "version", row->version);
    writer_text(writer, "name", row->columns[EMPLOYEE_NAME].text);
    writer_text(writer, "store", row->columns[EMPLOYEE_STORE].text);
    writer_boolean(writer, "inactive", row->columns[EMPLOYEE_ACTIVE].integer == 0);
    writer_id(writer, "member", "mbr", row->columns[EMPLOYEE_MEMBER].integer);
}

/* ---- moving and closing ---- */

struct move_input {
    struct text parent;
};
static const struct field move_fields[] = {
    {.name = "parent",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct move_input, parent),
     .maximum = CODE_SIZE_MAX,
     .about = "The place it lies in from now on; empty: none."},
};
const struct shape place_move_shape = {
    .name = "PlaceMove", .size = sizeof(struct move_input), SHAPE_FIELDS(move_fields)};

struct close_input {
    int32_t on;
    bool reopen;
};
static const struct field close_fields[] = {
    {.name = "on",
     .type = FIELD_DAY,
     .offset = offsetof(struct close_input, on),
     .about = "The first business day on which it is closed; today when absent."},
    {.name = "reopen",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct close_input, reopen),
     .about = "It is open for good again."},
};
const struct shape place_close_shape = {
    .name = "PlaceClose", .size = sizeof(struct close_input), SHAPE_FIELDS(close_fields)};

enum status place_move_handle(struct call *call, struct item *item, struct error *err)
{
    const struct move_input *input = item->body;
    struct catalogue_row *row;
    enum status status = catalogue_row_read(call, &row, err);

    if (status != STATUS_OK)
        return status;
    row->columns[PLACE_PARENT] = value_text(input->parent);
    return catalogue_row_change(call, item, row, err);
}

enum status place_close_handle(struct call *call, struct item *item, struct error *err)
{
    const struct close_input *input = item->body;
    struct catalogue_row *row;
    int32_t day = input->on;
    enum status status = catalogue_row_read(call, &row, err);

    if (status != STATUS_OK)
        return status;
    if (input->reopen)
        day = FIELD_DAY_ABSENT;
    else if (day == FIELD_DAY_ABSENT)
        day = business_day(call->programmes, row->key, call->now);
    row->columns[PLACE_CLOSED_ON] = value_integer(day);
    return catalogue_row_change(call, item, row, err);
}

/* ---- the tree ---- */

static const struct field node_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "kind", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = place_kinds},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "parent", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "depth", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "0 at a root."},
    {.name = "closed_on", .type = FIELD_DAY, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape place_node_shape = {.name = "PlaceNode", .size = 0, SHAPE_FIELDS(node_fields)};

static void write_node(struct json_writer *writer, const struct catalogue_row *row, int depth)
{
    writer_object(writer, NULL);
    writer_text(writer, "code", row->key);
    writer_text(writer, "kind", row->columns[PLACE_KIND].text);
    writer_text(writer, "name", row->columns[PLACE_NAME].text);
    writer_text(writer, "parent", row->columns[PLACE_PARENT].text);
    writer_integer(writer, "depth", depth);
    writer_day(writer, "closed_on", (int32_t)row->columns[PLACE_CLOSED_ON].integer);
    writer_end(writer);
}

enum status place_tree_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct catalogue_page page;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = places_read(session, call->arena, &page, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    struct place_node *nodes = arena_array(call->arena, page.count + 1, sizeof *nodes);
    for (size_t i = 0; i < page.count; i++)
        nodes[i] = (struct place_node){.code = page.rows[i].key, .parent = page.rows[i].columns[PLACE_PARENT].text};
    place_order(call->arena, nodes, page.count);
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < page.count; i++)
        if (call_sees_store(call, nodes[i].code))
            write_node(&item->writer, &page.rows[nodes[i].index], nodes[i].depth);
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* ---- a place at a moment ---- */

struct now_query {
    int64_t at;
};
static const struct field now_query_fields[] = {
    {.name = "at", .type = FIELD_INSTANT, .offset = offsetof(struct now_query, at), .about = "Now when absent."},
};
const struct shape place_now_query_shape = {
    .name = "PlaceMomentQuery", .size = sizeof(struct now_query), SHAPE_FIELDS(now_query_fields)};

static const struct field now_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "zone",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "Its own, that of a place above, or the programme's."},
    {.name = "business_day", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "open",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "By its opening hours and days; null when the hours are not known."},
};
const struct shape place_now_shape = {.name = "PlaceMoment", .size = 0, SHAPE_FIELDS(now_fields)};

/* Null without opening hours. */
static enum status write_open(struct call *call, struct json_writer *writer, const struct catalogue_row *row,
                              const struct zone *zone, int64_t at, struct error *err)
{
    struct text json = row->columns[PLACE_HOURS].text;
    struct hours_input input = {.weekly = {NULL, 0}};
    struct opening_hours hours;
    int32_t day = zone_day(zone, at);
    int64_t local = at + zone_offset_seconds(zone, at) * INSTANT_SECOND;
    int minute = (int)((local - day * INSTANT_DAY) / INSTANT_MINUTE);
    int64_t closed = row->columns[PLACE_CLOSED_ON].integer, opened = row->columns[PLACE_OPENED_ON].integer;

    if (json.size == 0) {
        writer_null(writer, "open");
        return STATUS_OK;
    }
    enum status status = shape_read_text(call->arena, &hours_shape, json, &input, err);
    if (status == STATUS_OK)
        status = take_hours(call->arena, &input, &hours, err);
    if (status != STATUS_OK)
        return status;
    bool gone = (closed != FIELD_DAY_ABSENT && day >= closed) || (opened != FIELD_DAY_ABSENT && day < opened);
    writer_boolean(writer, "open", !gone && opening_hours_open(&hours, day, minute));
    return STATUS_OK;
}

enum status place_now_handle(struct call *call, struct item *item, struct error *err)
{
    const struct now_query *query = call->query;
    int64_t at = query != NULL && query->at != 0 ? query->at : call->now;
    struct catalogue_row *row;
    enum status status = catalogue_row_read(call, &row, err);

    if (status != STATUS_OK)
        return status;
    const struct store *place = store_find(call->programmes, row->key);
    const struct zone *zone =
        place != NULL && place->zone != NULL ? place->zone : programme_at(call->programmes, at)->zone;
    writer_text(&item->writer, "code", row->key);
    writer_string(&item->writer, "zone", zone_name(zone));
    writer_day(&item->writer, "business_day", business_day(call->programmes, row->key, at));
    return write_open(call, &item->writer, row, zone, at, err);
}
