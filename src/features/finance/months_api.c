/* Months: their figures, and closing one. */
#include <stddef.h>

#include "api/page.h"
#include "features/finance/finance_api.h"
#include "features/finance/view_api.h"
#include "foundation/encoding.h"

enum { MONTHS_USUAL = 13, MONTHS_MAX = 1200 };

/* ---- fields ---- */

struct months_query {
    struct text from, to, entity, wallet;
};
#define MONTH_FIELD(owner, member_name, text_name, words)                                                            \
    {                                                                                                                \
        .name = (text_name), .type = FIELD_TEXT, .offset = offsetof(owner, member_name), .minimum = 7, .maximum = 7, \
        .about = (words)                                                                                             \
    }
static const struct field query_fields[] = {
    MONTH_FIELD(struct months_query, from, "from", "Such as 2026-09; 12 months before `to` when absent."),
    MONTH_FIELD(struct months_query, to, "to", "This month when absent."),
    {.name = "entity",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct months_query, entity),
     .maximum = CODE_SIZE_MAX,
     .about = "One legal entity alone."},
    {.name = "wallet",
     .type = FIELD_TEXT,
     .offset = offsetof(struct months_query, wallet),
     .maximum = CODE_SIZE_MAX,
     .about = "One points account alone."},
};
const struct shape finance_months_query_shape = {
    .name = "FinanceMonthsQuery", .size = sizeof(struct months_query), SHAPE_FIELDS(query_fields)};

static const struct field late_fields[] = {
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape late_shape = {
    .name = "FinanceLate", .about = "What came for a month that was closed.", SHAPE_FIELDS(late_fields)};

#define POINTS_FIELD(text_name, words)                                                        \
    {                                                                                         \
        .name = (text_name), .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = (words) \
    }
static const struct field line_fields[] = {
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "open or closed"},
    {.name = "entity", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Empty: issued in no legal entity."},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    POINTS_FIELD("opening", "The closing of the month before."),
    POINTS_FIELD("issued", NULL),
    POINTS_FIELD("redeemed", "Below 0: what it takes from the balance; so with the others."),
    POINTS_FIELD("expired", NULL),
    POINTS_FIELD("clawed_back", "Taken back with goods that were returned."),
    POINTS_FIELD("written_off", "Debt that was given up."),
    POINTS_FIELD("adjusted", "By hand."),
    POINTS_FIELD("taken_over", "From the system before this one."),
    POINTS_FIELD("transferred", "To the entity whose debt they paid; 0 over all entities."),
    POINTS_FIELD("paid_in", "Money of stored value, in minor units."),
    POINTS_FIELD("paid_out", "What of it was paid back."),
    POINTS_FIELD("closing", "The sum of all of them."),
    {.name = "opening_value", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "closing_value",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "At what points are worth in the month; null without a money value."},
    {.name = "late",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &late_shape,
     .about = "Part of the figures above: their business day lies in a month that was closed before they came."},
};
const struct shape finance_line_shape = {
    .name = "FinanceLine", .about = "A month of one legal entity and points account.", SHAPE_FIELDS(line_fields)};

struct close_input {
    struct text month;
};
static const struct field close_fields[] = {
    {.name = "month",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct close_input, month),
     .minimum = 7,
     .maximum = 7,
     .about = "Such as 2026-09; it is over, and the next after those that are closed."},
};
const struct shape finance_close_input_shape = {
    .name = "FinanceClose", .size = sizeof(struct close_input), SHAPE_FIELDS(close_fields)};

static const struct field month_fields[] = {
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "open or closed"},
    {.name = "closed_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "closed_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "digest",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Of its figures, the seals of the journal at the close, and the digest of the month before."},
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &finance_line_shape},
};
const struct shape finance_month_shape = {.name = "FinanceMonth", .size = 0, SHAPE_FIELDS(month_fields)};

/* ---- the caller's view ---- */

static bool sees_entity(const void *context, struct text entity)
{
    return call_sees_store(context, entity);
}

enum status finance_call_view(struct call *call, struct finance_view *view, struct error *err)
{
    enum status status = finance_catch_up(call->engine, NULL, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &view->session, err);
    if (status != STATUS_OK)
        return status;
    view->arena = call->arena;
    view->programmes = call->programmes;
    view->now = call->now;
    view->sees = sees_entity;
    view->context = call;
    status = finance_view_open(view, err);
    if (status != STATUS_OK)
        call_read_end(call, view->session);
    return status;
}

/* ---- writing ---- */

static void write_value(struct json_writer *writer, const char *name, const struct finance_rates *rates,
                        struct text wallet, int64_t points)
{
    if (finance_has_value(rates, wallet))
        writer_amount(writer, name, finance_value(rates, wallet, points), rates->currency);
    else
        writer_null(writer, name);
}

/* What points are worth in a month and in the one before. */
struct month_rates {
    int32_t month;
    const struct finance_rates *own, *before;
};

static void write_line(struct finance_view *view, struct json_writer *writer, const struct finance_line *line,
                       const struct month_rates *rates)
{
    char month[MONTH_TEXT_SIZE];

    writer_object(writer, NULL);
    writer_string(writer, "month", month_format(line->month, month));
    writer_string(writer, "state", finance_view_is_closed(view, line->month) ? "closed" : "open");
    writer_text(writer, "entity", line->entity);
    writer_text(writer, "wallet", line->wallet);
    writer_integer(writer, "opening", line->opening);
    for (int entry = 1; entry < FINANCE_ENTRY_COUNT; entry++)
        writer_integer(writer, finance_entry_names[entry], line->entries[entry]);
    writer_integer(writer, "closing", line->closing);
    write_value(writer, "opening_value", rates->before, line->wallet, line->opening);
    write_value(writer, "closing_value", rates->own, line->wallet, line->closing);
    writer_list(writer, "late");
    for (size_t i = 0; i < line->late_count; i++) {
        writer_object(writer, NULL);
        writer_string(writer, "month", month_format(line->late[i].month, month));
        writer_integer(writer, "points", line->late[i].points);
        writer_end(writer);
    }
    writer_end(writer);
    writer_end(writer);
}

static void write_lines(struct finance_view *view, struct json_writer *writer, const char *name,
                        const struct finance_lines *lines)
{
    struct month_rates rates = {.month = 0};

    writer_list(writer, name);
    for (size_t i = 0; i < lines->count; i++) {
        int32_t month = lines->items[i].month;
        if (month != rates.month)
            rates = (struct month_rates){month, finance_view_rates(view, month), finance_view_rates(view, month - 1)};
        write_line(view, writer, &lines->items[i], &rates);
    }
    writer_end(writer);
}

static void write_month(struct finance_view *view, struct json_writer *writer, int32_t month,
                        const struct finance_lines *lines)
{
    const struct finance_close *close = finance_view_close(view, month);
    char text[MONTH_TEXT_SIZE], digest[DIGEST_SIZE * 2 + 1];

    if (close == NULL && finance_view_is_closed(view, month))
        close = &view->state.closes[0];
    writer_string(writer, "month", month_format(month, text));
    writer_string(writer, "state", close != NULL ? "closed" : "open");
    writer_instant(writer, "closed_at", close != NULL ? close->closed_at : 0);
    if (close != NULL)
        writer_text(writer, "closed_by", close->actor);
    else
        writer_null(writer, "closed_by");
    writer_string(writer, "digest", close != NULL ? hex_encode(close->digest, DIGEST_SIZE, digest) : NULL);
    write_lines(view, writer, "lines", lines);
}

/* ---- the routes ---- */

enum status finance_months_handle(struct call *call, struct item *item, struct error *err)
{
    static const struct months_query nothing;
    const struct months_query *query = call->query != NULL ? call->query : &nothing;
    struct finance_view view = {.wallet = query->wallet, .entity = query->entity};
    struct finance_lines lines;
    struct finance_range range;
    enum status status = finance_call_view(call, &view, err);

    if (status != STATUS_OK)
        return status;
    status = finance_month_read(query->to, finance_view_this_month(&view), "to", &range.to, err);
    if (status == STATUS_OK)
        status = finance_month_read(query->from, range.to - MONTHS_USUAL + 1, "from", &range.from, err);
    if (status == STATUS_OK && (range.from > range.to || range.to - range.from >= MONTHS_MAX))
        status = error_set(err, STATUS_INVALID, "finance.month", "from", "the period has 1 to %d months", MONTHS_MAX);
    if (status == STATUS_OK)
        status = finance_view_lines(&view, &range, &lines, err);
    if (status == STATUS_OK) {
        write_lines(&view, &item->writer, "items", &lines);
        page_end(&item->writer, call->arena, NULL, false);
    }
    call_read_end(call, view.session);
    return status;
}

static enum status reply_month(struct call *call, struct item *item, int32_t month, struct error *err)
{
    const struct finance_range range = {month, month};
    struct finance_view view = {.now = 0};
    struct finance_lines lines;
    enum status status = finance_call_view(call, &view, err);

    if (status != STATUS_OK)
        return status;
    status = finance_view_lines(&view, &range, &lines, err);
    if (status == STATUS_OK)
        write_month(&view, &item->writer, month, &lines);
    call_read_end(call, view.session);
    return status;
}

enum status finance_month_handle(struct call *call, struct item *item, struct error *err)
{
    int32_t month;

    if (!month_parse(call->parameters[0], &month))
        return error_set(err, STATUS_MISSING, "finance.unknown_month", "", "a month is a text such as 2026-09");
    return reply_month(call, item, month, err);
}

/* The month is closed; the reply to the same request again is kept by itself. */
static enum status keep_reply(struct call *call, struct error *err)
{
    struct storage_session *session;
    enum status status = call_idempotency_key(call).size > 0 ? call_write_begin(call, &session, err) : STATUS_OK;

    return status == STATUS_OK && call_idempotency_key(call).size > 0 ? call_write_commit(call, session, err) : status;
}

enum status finance_close_handle(struct call *call, struct item *item, struct error *err)
{
    const struct close_input *input = item->body;
    struct storage_session *session;
    struct finance_settings settings;
    struct finance_close close;
    int32_t month;
    enum status status = finance_month_read(input->month, 0, "month", &month, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = finance_settings_read(session, call->arena, &settings, err);
    call_read_end(call, session);
    const struct finance_closing closing = {.month = month,
                                            .actor = call->actor,
                                            .now = call->now,
                                            .programmes = call->programmes,
                                            .agreed = settings.agreed,
                                            .agreed_count = settings.agreed_count,
                                            .note = finance_close_note};
    if (status == STATUS_OK)
        status = finance_close_month(call->engine, call->arena, &closing, &close, err);
    if (status == STATUS_OK)
        status = reply_month(call, item, month, err);
    return status == STATUS_OK ? keep_reply(call, err) : status;
}
