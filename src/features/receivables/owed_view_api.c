#include "features/receivables/owed_view_api.h"

#include "features/partners/statement_view_api.h"

enum status owed_view_lines(struct finance_view *view, const struct finance_range *range, struct owed_lines *out,
                            struct error *err)
{
    const struct finance_range until = {MONTH_FIRST, range->to};
    struct statement_view statements = {.finance = *view, .range = until};
    struct partner_statements found;
    struct finance_sums sums;
    size_t used = 0;
    enum status status = partner_statements_read(&statements, &found, err);

    *out = (struct owed_lines){.count = 0};
    if (status == STATUS_OK)
        status = finance_sums_read(view->session, view->arena, SUM_MONEY, &until, &sums, err);
    if (status != STATUS_OK)
        return status;
    const struct owed_input input = {.statements = found.items,
                                     .statement_count = found.count,
                                     .sums = sums.items,
                                     .sum_count = sums.count,
                                     .currency = programme_at(view->programmes, view->now)->currency,
                                     .range = *range};
    status = owed_build(view->arena, &input, out, err);
    for (size_t i = 0; i < out->count; i++)
        if (view->entity.size == 0 || text_equal(out->items[i].debtor, view->entity))
            out->items[used++] = out->items[i];
    out->count = used;
    return status;
}

enum status owed_view_postings(struct finance_view *view, const struct finance_range *range,
                               struct finance_postings *out, struct error *err)
{
    enum status status = finance_view_postings(view, range, out, err);
    struct owed_lines lines;

    if (status != STATUS_OK || view->sees != NULL || view->wallet.size > 0)
        return status;
    status = owed_view_lines(view, range, &lines, err);
    for (size_t i = 0; i < lines.count; i++)
        owed_post(out, &lines.items[i]);
    return status;
}
