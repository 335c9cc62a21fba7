/* What entities owe each other, also as a file. */
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "features/finance/finance_api.h"
#include "features/finance/view_api.h"

enum { SETTLEMENT_MONTHS_MAX = 120 };

/* ---- fields ---- */

struct settlements_query {
    struct text from, to, entity, wallet;
    int format;
};
#define RANGE_FIELDS                                                                                \
    {.name = "from",                                                                                \
     .type = FIELD_TEXT,                                                                            \
     .offset = offsetof(struct settlements_query, from),                                            \
     .minimum = 7,                                                                                  \
     .maximum = 7,                                                                                  \
     .about = "Such as 2026-09; `to` when absent."},                                                \
        {.name = "to",                                                                              \
         .type = FIELD_TEXT,                                                                        \
         .offset = offsetof(struct settlements_query, to),                                          \
         .minimum = 7,                                                                              \
         .maximum = 7,                                                                              \
         .about = "The last month that is over when absent."},                                      \
        {.name = "entity",                                                                          \
         .type = FIELD_TEXT,                                                                        \
         .flags = FIELD_STORE,                                                                      \
         .offset = offsetof(struct settlements_query, entity),                                      \
         .maximum = CODE_SIZE_MAX,                                                                  \
         .about = "One legal entity, on either side."},                                             \
    {                                                                                               \
        .name = "wallet", .type = FIELD_TEXT, .offset = offsetof(struct settlements_query, wallet), \
        .maximum = CODE_SIZE_MAX, .about = "One points account alone."                              \
    }
static const struct field query_fields[] = {RANGE_FIELDS};
const struct shape finance_settlements_query_shape = {
    .name = "FinanceSettlementsQuery", .size = sizeof(struct settlements_query), SHAPE_FIELDS(query_fields)};

static const char *const formats[] = {"csv", "xlsx", NULL};
static const struct field file_fields[] = {
    RANGE_FIELDS,
    {.name = "format",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct settlements_query, format),
     .choices = formats,
     .about = "csv when absent."},
};
const struct shape finance_file_query_shape = {
    .name = "FinanceFileQuery", .size = sizeof(struct settlements_query), SHAPE_FIELDS(file_fields)};

static const struct field line_fields[] = {
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "issuer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Whose points they were."},
    {.name = "redeemer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Where they were redeemed."},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Less what was given back."},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "At the rate between entities."},
};
static const struct shape line_shape = {.name = "SettlementLine", SHAPE_FIELDS(line_fields)};
static const struct field net_fields[] = {
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "debtor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "creditor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
static const struct shape net_shape = {
    .name = "SettlementBalance", .about = "What one pays the other in the end.", SHAPE_FIELDS(net_fields)};
static const struct field reply_fields[] = {
    {.name = "from", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "to", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "lines", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &line_shape},
    {.name = "net", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &net_shape},
};
const struct shape finance_settlements_shape = {.name = "Settlements", .size = 0, SHAPE_FIELDS(reply_fields)};

/* ---- reading ---- */

static enum status open_range(struct call *call, struct finance_view *view, struct finance_range *range,
                              struct error *err)
{
    static const struct settlements_query nothing;
    const struct settlements_query *query = call->query != NULL ? call->query : &nothing;

    view->wallet = query->wallet;
    view->entity = query->entity;
    enum status status = finance_call_view(call, view, err);
    if (status != STATUS_OK)
        return status;
    status = finance_month_read(query->to, finance_view_this_month(view) - 1, "to", &range->to, err);
    if (status == STATUS_OK)
        status = finance_month_read(query->from, range->to, "from", &range->from, err);
    if (status == STATUS_OK && (range->from > range->to || range->to - range->from >= SETTLEMENT_MONTHS_MAX))
        status = error_set(err, STATUS_INVALID, "finance.month", "from", "the period has 1 to %d months",
                           SETTLEMENT_MONTHS_MAX);
    if (status != STATUS_OK)
        call_read_end(call, view->session);
    return status;
}

static void write_settlements(struct json_writer *writer, const struct finance_settlements *settlements,
                              const char *currency)
{
    char month[MONTH_TEXT_SIZE];

    writer_list(writer, "lines");
    for (size_t i = 0; i < settlements->count; i++) {
        const struct finance_settlement *line = &settlements->items[i];
        writer_object(writer, NULL);
        writer_string(writer, "month", month_format(line->month, month));
        writer_text(writer, "issuer", line->issuer);
        writer_text(writer, "redeemer", line->redeemer);
        writer_text(writer, "wallet", line->wallet);
        writer_integer(writer, "points", line->points);
        writer_amount(writer, "amount", line->minor, currency);
        writer_end(writer);
    }
    writer_end(writer);
    writer_list(writer, "net");
    for (size_t i = 0; i < settlements->net_count; i++) {
        const struct finance_balance *net = &settlements->net[i];
        writer_object(writer, NULL);
        writer_string(writer, "month", month_format(net->month, month));
        writer_text(writer, "debtor", net->debtor);
        writer_text(writer, "creditor", net->creditor);
        writer_amount(writer, "amount", net->minor, currency);
        writer_end(writer);
    }
    writer_end(writer);
}

enum status finance_settlements_handle(struct call *call, struct item *item, struct error *err)
{
    const char *currency = programme_at(call->programmes, call->now)->currency;
    struct finance_view view = {.now = 0};
    struct finance_settlements settlements;
    struct finance_range range;
    char month[MONTH_TEXT_SIZE];
    enum status status = open_range(call, &view, &range, err);

    if (status != STATUS_OK)
        return status;
    status = finance_view_settlements(&view, &range, &settlements, err);
    if (status == STATUS_OK) {
        writer_string(&item->writer, "from", month_format(range.from, month));
        writer_string(&item->writer, "to", month_format(range.to, month));
        write_settlements(&item->writer, &settlements, currency);
    }
    call_read_end(call, view.session);
    return status;
}

/* ---- files ---- */

static enum status reply_table(struct call *call, const char *name, struct finance_view *view,
                               const struct finance_range *range, finance_table_writer *write, struct error *err)
{
    const struct settlements_query *query = call->query;
    enum table_format format = query != NULL && query->format == 1 ? TABLE_XLSX : TABLE_CSV;
    const char *path;
    int descriptor = -1;
    enum status status = call_temporary_file(call, &path, &descriptor, err);

    if (status != STATUS_OK)
        return status;
    status = write(view, range, &(struct table_options){.format = format, .path = path}, err);
    close(descriptor);
    descriptor = status == STATUS_OK ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    (void)unlink(path);
    if (status == STATUS_OK && descriptor < 0)
        return error_set(err, STATUS_IO, "export.open", "", "the file cannot be read");
    if (status == STATUS_OK)
        call_reply_file(call, table_format_content_type(format), descriptor,
                        arena_format(call->arena, "%s.%s", name, table_format_extension(format)));
    return status;
}

enum status finance_file_reply(struct call *call, const char *name, finance_table_writer *write, struct error *err)
{
    struct finance_view view = {.now = 0};
    struct finance_range range;
    enum status status = open_range(call, &view, &range, err);

    if (status != STATUS_OK)
        return status;
    if (call->scope->whole)
        view.sees = NULL;
    status = reply_table(call, name, &view, &range, write, err);
    call_read_end(call, view.session);
    return status;
}

static enum status write_settlements_table(struct finance_view *view, const struct finance_range *range,
                                           const struct table_options *options, struct error *err)
{
    struct finance_settlements settlements;
    enum status status = finance_view_settlements(view, range, &settlements, err);

    return status == STATUS_OK ? finance_settlements_write(view, &settlements, options, err) : status;
}

enum status finance_settlements_file_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item;
    return finance_file_reply(call, "settlements", write_settlements_table, err);
}
