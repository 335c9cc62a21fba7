#include "features/receivables/receivables_api.h"

#include <stddef.h>

#include "api/page.h"
#include "features/finance/finance_api.h"
#include "features/receivables/owed_view_api.h"

enum { MONTHS_USUAL = 13, MONTHS_MAX = 1200 };

struct receivables_query {
    struct text from, to, debtor;
};
static const struct field query_fields[] = {
    {.name = "from",
     .type = FIELD_TEXT,
     .offset = offsetof(struct receivables_query, from),
     .minimum = 7,
     .maximum = 7,
     .about = "Such as 2026-09; 12 months before `to` when absent."},
    {.name = "to",
     .type = FIELD_TEXT,
     .offset = offsetof(struct receivables_query, to),
     .minimum = 7,
     .maximum = 7,
     .about = "This month when absent."},
    {.name = "debtor",
     .type = FIELD_TEXT,
     .offset = offsetof(struct receivables_query, debtor),
     .maximum = CODE_SIZE_MAX,
     .about = "partner:acme, or contracts: that one alone."},
};
const struct shape receivables_query_shape = {
    .name = "ReceivablesQuery", .size = sizeof(struct receivables_query), SHAPE_FIELDS(query_fields)};

#define AMOUNT(text_name, words)                                                             \
    {                                                                                        \
        .name = (text_name), .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = (words) \
    }
static const struct field line_fields[] = {
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "open or closed"},
    {.name = "debtor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "partner:CODE, or contracts."},
    AMOUNT("opening", "The closing of the month before; below 0: owed to the debtor."),
    AMOUNT("issued", "For points issued at the partner's tills."),
    AMOUNT("redeemed", "For points redeemed there: below 0."),
    AMOUNT("rewards", "For co-branded rewards: what the partner bears."),
    AMOUNT("fulfilled", "For those that the partner paid for: what the programme bears, below 0."),
    AMOUNT("due", "For shortfalls of contracts, corrections included."),
    AMOUNT("waived", "Of these, below 0."),
    AMOUNT("paid", "By the debtor, below 0; to the debtor, above."),
    AMOUNT("closing", "The sum of all of them."),
    AMOUNT("late", "Of due, waived and paid: what is of days in months that were closed before it came."),
};
const struct shape receivable_shape = {
    .name = "Receivable", .about = "What a debtor owes in a month.", SHAPE_FIELDS(line_fields)};

static void write_line(struct json_writer *writer, const struct finance_view *view, const struct owed_line *line)
{
    char month[MONTH_TEXT_SIZE];

    writer_object(writer, NULL);
    writer_string(writer, "month", month_format(line->month, month));
    writer_string(writer, "state", finance_view_is_closed(view, line->month) ? "closed" : "open");
    writer_text(writer, "debtor", line->debtor);
    writer_amount(writer, "opening", line->opening, line->currency);
    for (int kind = 0; kind < OWED_COUNT; kind++)
        writer_amount(writer, owed_kinds[kind], line->amounts[kind], line->currency);
    writer_amount(writer, "closing", line->closing, line->currency);
    writer_amount(writer, "late", line->late, line->currency);
    writer_end(writer);
}

static enum status read_range(const struct finance_view *view, const struct receivables_query *query,
                              struct finance_range *range, struct error *err)
{
    enum status status = finance_month_read(query->to, finance_view_this_month(view), "to", &range->to, err);

    if (status == STATUS_OK)
        status = finance_month_read(query->from, range->to - MONTHS_USUAL + 1, "from", &range->from, err);
    if (status == STATUS_OK && (range->from > range->to || range->to - range->from >= MONTHS_MAX))
        status = error_set(err, STATUS_INVALID, "finance.month", "from", "the period has 1 to %d months", MONTHS_MAX);
    return status;
}

enum status receivables_handle(struct call *call, struct item *item, struct error *err)
{
    static const struct receivables_query nothing;
    const struct receivables_query *query = call->query != NULL ? call->query : &nothing;
    struct finance_view view = {.now = 0};
    struct finance_range range;
    struct owed_lines lines = {.count = 0};
    enum status status = finance_call_view(call, &view, err);

    if (status != STATUS_OK)
        return status;
    view.entity = query->debtor;
    view.sees = NULL; /* the caller sees the whole company */
    status = read_range(&view, query, &range, err);
    if (status == STATUS_OK)
        status = owed_view_lines(&view, &range, &lines, err);
    writer_list(&item->writer, "items");
    for (size_t i = 0; status == STATUS_OK && i < lines.count; i++)
        write_line(&item->writer, &view, &lines.items[i]);
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    call_read_end(call, view.session);
    return status;
}

static enum status write_journal(struct finance_view *view, const struct finance_range *range,
                                 const struct table_options *options, struct error *err)
{
    struct finance_postings postings;
    enum status status = owed_view_postings(view, range, &postings, err);

    return status == STATUS_OK ? finance_postings_write(view, &postings, options, err) : status;
}

enum status receivables_journal_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item;
    return finance_file_reply(call, "journal", write_journal, err);
}
