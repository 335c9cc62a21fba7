/* Statements of partners over HTTP. */
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "api/page.h"
#include "features/finance/finance_api.h"
#include "features/finance/partner_place.h"
#include "features/partners/partners_api.h"
#include "features/partners/statement_view_api.h"

struct statement_query {
    struct text partner, from, to;
    int format;
};
#define STATEMENT_FIELDS                                                                                              \
    {.name = "partner",                                                                                               \
     .type = FIELD_TEXT,                                                                                              \
     .offset = offsetof(struct statement_query, partner),                                                             \
     .maximum = CODE_SIZE_MAX,                                                                                        \
     .about = "One partner alone; of a partner's key its own."},                                                      \
        {.name = "from",                                                                                              \
         .type = FIELD_TEXT,                                                                                          \
         .offset = offsetof(struct statement_query, from),                                                            \
         .minimum = 7,                                                                                                \
         .maximum = 7,                                                                                                \
         .about = "Such as 2026-09; `to` when absent."},                                                              \
    {                                                                                                                 \
        .name = "to", .type = FIELD_TEXT, .offset = offsetof(struct statement_query, to), .minimum = 7, .maximum = 7, \
        .about = "The last month that is over when absent."                                                           \
    }
static const struct field query_fields[] = {STATEMENT_FIELDS};
const struct shape partner_statement_query_shape = {
    .name = "PartnerStatementQuery", .size = sizeof(struct statement_query), SHAPE_FIELDS(query_fields)};

static const char *const formats[] = {"csv", "xlsx", NULL};
static const struct field file_fields[] = {
    STATEMENT_FIELDS,
    {.name = "format",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct statement_query, format),
     .choices = formats,
     .about = "csv when absent."},
};
const struct shape partner_statement_file_shape = {
    .name = "PartnerStatementFileQuery", .size = sizeof(struct statement_query), SHAPE_FIELDS(file_fields)};

static const struct field line_fields[] = {
    {.name = "kind", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = statement_kinds},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "reward", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "points",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "That are paid for; of rewards how many were handed over, less those that came back."},
    {.name = "issued", .type = FIELD_INTEGER, .about = "Before what returns took back."},
    {.name = "clawed_back", .type = FIELD_INTEGER},
    {.name = "written_off", .type = FIELD_INTEGER, .about = "Of what was taken back: spent before, so paid for."},
    {.name = "late", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Of points: those of closed months."},
    {.name = "rate", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Of the currency a point."},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "What the partner owes; below zero: is owed."},
};
static const struct shape line_shape = {.name = "PartnerStatementLine", SHAPE_FIELDS(line_fields)};
static const char *const states[] = {"open", "closed", NULL};
static const struct field statement_fields[] = {
    {.name = "partner", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = states},
    {.name = "lines", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &line_shape},
    {.name = "net",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "What the partner owes in the end; below zero: is owed."},
    {.name = "paid",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Of it, whenever; below zero: to the partner."},
    {.name = "outstanding", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape partner_statement_shape = {.name = "PartnerStatement",
                                              .about = "What a partner and the programme owe each other for a month.",
                                              SHAPE_FIELDS(statement_fields)};

/* ---- who asks ---- */

enum status partner_of_call(const struct call *call, struct text given, struct text *out, struct error *err)
{
    struct text own = partner_place_code(call->scope->only_store);

    *out = given;
    if (call->scope->whole)
        return given.size > 0 ? STATUS_OK
                              : error_set(err, STATUS_INVALID, "partner.required", "partner", "name the partner");
    if (own.size == 0 || (given.size > 0 && !text_equal(given, own)))
        return error_set(err, STATUS_FORBIDDEN, "auth.scope", "partner", "this is not your partner");
    *out = own;
    return STATUS_OK;
}

/* ---- reading ---- */

static enum status open_view(struct call *call, struct statement_view *view, struct error *err)
{
    static const struct statement_query nothing;
    const struct statement_query *query = call->query != NULL ? call->query : &nothing;
    struct finance_range *range = &view->range;
    enum status status = STATUS_OK;

    view->partner = query->partner;
    if (!call->scope->whole)
        status = partner_of_call(call, query->partner, &view->partner, err);
    if (status == STATUS_OK)
        status = finance_call_view(call, &view->finance, err);
    if (status != STATUS_OK)
        return status;
    status = finance_month_read(query->to, finance_view_this_month(&view->finance) - 1, "to", &range->to, err);
    if (status == STATUS_OK)
        status = finance_month_read(query->from, range->to, "from", &range->from, err);
    if (status == STATUS_OK && (range->from > range->to || range->to - range->from >= STATEMENT_MONTHS_MAX))
        status = error_set(err, STATUS_INVALID, "finance.month", "from", "the period has 1 to %d months",
                           STATEMENT_MONTHS_MAX);
    if (status != STATUS_OK)
        call_read_end(call, view->finance.session);
    return status;
}

static void write_optional(struct json_writer *writer, const char *name, struct text text)
{
    if (text.size > 0)
        writer_text(writer, name, text);
    else
        writer_null(writer, name);
}

static void write_money(struct json_writer *writer, const char *name, const struct partner *partner, int64_t minor)
{
    if (partner != NULL)
        writer_amount(writer, name, minor, partner->currency);
    else
        writer_null(writer, name);
}

static void write_line(struct json_writer *writer, const struct call *call, const struct partner *partner,
                       const struct statement_line *line)
{
    writer_object(writer, NULL);
    writer_string(writer, "kind", statement_kinds[line->kind]);
    write_optional(writer, "wallet", line->wallet);
    write_optional(writer, "reward", line->reward);
    writer_integer(writer, "points", line->points);
    if (line->kind == STATEMENT_ISSUED) {
        writer_integer(writer, "issued", line->issued);
        writer_integer(writer, "clawed_back", line->clawed_back);
        writer_integer(writer, "written_off", line->written_off);
    }
    writer_integer(writer, "late", line->late);
    if (partner != NULL && line->kind != STATEMENT_REWARDS)
        writer_string(writer, "rate",
                      partner_rate_text(call->arena, line->kind == STATEMENT_ISSUED ? partner->rate_issued
                                                                                    : partner->rate_redeemed));
    else
        writer_null(writer, "rate");
    write_money(writer, "amount", partner, line->minor);
    writer_end(writer);
}

enum status partner_statement_handle(struct call *call, struct item *item, struct error *err)
{
    struct statement_view view = {.partner = {NULL, 0}};
    struct json_writer *writer = &item->writer;
    struct partner_statements statements;
    char month[MONTH_TEXT_SIZE];
    enum status status = open_view(call, &view, err);

    if (status != STATUS_OK)
        return status;
    status = partner_statements_read(&view, &statements, err);
    writer_list(writer, "items");
    for (size_t i = 0; status == STATUS_OK && i < statements.count; i++) {
        const struct partner_statement *one = &statements.items[i];
        writer_object(writer, NULL);
        writer_text(writer, "partner", one->code);
        writer_text(writer, "name", one->partner != NULL ? one->partner->name : one->code);
        writer_string(writer, "month", month_format(one->month, month));
        writer_string(writer, "state", states[finance_view_is_closed(&view.finance, one->month) ? 1 : 0]);
        writer_list(writer, "lines");
        for (size_t l = 0; l < one->line_count; l++)
            write_line(writer, call, one->partner, &one->lines[l]);
        writer_end(writer);
        write_money(writer, "net", one->partner, one->net);
        write_money(writer, "paid", one->partner, one->paid);
        write_money(writer, "outstanding", one->partner, one->net - one->paid);
        writer_end(writer);
    }
    writer_end(writer);
    page_end(writer, call->arena, NULL, false);
    call_read_end(call, view.finance.session);
    return status;
}

/* A file that `write` makes. */
struct file_made {
    const char *name;
    enum table_format format;
    enum status (*write)(struct statement_view *view, const struct table_options *options, struct error *err);
};

static enum status reply_file(struct call *call, struct statement_view *view, const struct file_made *file,
                              struct error *err)
{
    const char *path;
    int descriptor = -1;
    enum status status = call_temporary_file(call, &path, &descriptor, err);

    if (status != STATUS_OK)
        return status;
    status = file->write(view, &(struct table_options){.format = file->format, .path = path}, err);
    close(descriptor);
    descriptor = status == STATUS_OK ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    (void)unlink(path);
    if (status == STATUS_OK && descriptor < 0)
        return error_set(err, STATUS_IO, "export.open", "", "the file cannot be read");
    if (status == STATUS_OK)
        call_reply_file(call, table_format_content_type(file->format), descriptor,
                        arena_format(call->arena, "%s.%s", file->name, table_format_extension(file->format)));
    return status;
}

static enum status write_statements(struct statement_view *view, const struct table_options *options, struct error *err)
{
    struct partner_statements statements;
    enum status status = partner_statements_read(view, &statements, err);

    return status == STATUS_OK ? partner_statements_write(view, &statements, options, err) : status;
}

enum status partner_statement_file_handle(struct call *call, struct item *item, struct error *err)
{
    const struct statement_query *query = call->query;
    const struct file_made file = {"statements", query != NULL && query->format == 1 ? TABLE_XLSX : TABLE_CSV,
                                   write_statements};
    struct statement_view view = {.partner = {NULL, 0}};
    enum status status = open_view(call, &view, err);

    (void)item;
    if (status != STATUS_OK)
        return status;
    status = reply_file(call, &view, &file, err);
    call_read_end(call, view.finance.session);
    return status;
}

/* ---- what they are made of ---- */

static const char *const table_formats[] = {"csv", "xlsx", "jsonl", NULL};
static const struct field transactions_fields[] = {
    {.name = "partner",
     .type = FIELD_TEXT,
     .offset = offsetof(struct statement_query, partner),
     .maximum = CODE_SIZE_MAX,
     .about = "Needless with the key of a partner."},
    {.name = "month",
     .type = FIELD_TEXT,
     .offset = offsetof(struct statement_query, to),
     .minimum = 7,
     .maximum = 7,
     .about = "Such as 2026-09; the last that is over when absent."},
    {.name = "format",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct statement_query, format),
     .choices = table_formats,
     .about = "csv when absent."},
};
const struct shape partner_transactions_shape = {
    .name = "PartnerTransactionsQuery", .size = sizeof(struct statement_query), SHAPE_FIELDS(transactions_fields)};

enum status partner_transactions_handle(struct call *call, struct item *item, struct error *err)
{
    static const struct statement_query nothing;
    static const enum table_format chosen[] = {TABLE_CSV, TABLE_XLSX, TABLE_JSON};
    const struct statement_query *query = call->query != NULL ? call->query : &nothing;
    const struct file_made file = {"transactions", chosen[query->format], partner_transactions_write};
    struct statement_view view = {.partner = {NULL, 0}};
    struct text partner;
    enum status status = partner_of_call(call, query->partner, &partner, err);

    (void)item;
    if (status == STATUS_OK)
        status = open_view(call, &view, err);
    if (status != STATUS_OK)
        return status;
    view.partner = partner;
    status = reply_file(call, &view, &file, err);
    call_read_end(call, view.finance.session);
    return status;
}
