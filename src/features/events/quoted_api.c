#include "features/events/quoted_api.h"

#include <string.h>

#include "features/offers/quotes_store.h"

static enum status differs(struct error *err, const char *field)
{
    return error_set(err, STATUS_CONFLICT, "quote.differs", field, "this is not what was quoted");
}

/* ---- as it was quoted ---- */

static enum status check_lines(struct arena *arena, const struct quoted *quoted, const struct purchase *body,
                               struct error *err)
{
    bool foreign = body->currency[0] != '\0' && strcmp(body->currency, quoted->currency) != 0;

    if (foreign || (body->total_given && body->total != quoted->total))
        return differs(err, "total");
    if (body->line_count > 0 && body->line_count != quoted->line_count)
        return differs(err, "lines");
    for (size_t i = 0; i < body->line_count; i++) {
        const struct purchase_line *line = &body->lines[i];
        const struct quoted_line *of = &quoted->lines[i];
        if (!text_equal(line->sku, of->sku))
            return differs(err, arena_format(arena, "lines[%zu].sku", i));
        if (line->quantity_milli != of->quantity_milli)
            return differs(err, arena_format(arena, "lines[%zu].quantity", i));
        if (line->amount != of->amount)
            return differs(err, arena_format(arena, "lines[%zu].amount", i));
    }
    return STATUS_OK;
}

/* ---- its lines ---- */

static struct line_discount discount_of(const struct quoted *quoted, const struct quoted_cut *cut)
{
    const struct quoted_offer *offer = &quoted->offers[cut->offer];

    return (struct line_discount){
        .kind = offer->benefit ? TEXT("benefit") : TEXT("offer"), .code = offer->code, .amount = cut->amount};
}

/* What was taken off before comes first; of more offers than a line keeps the last stands for the rest. */
static void add_discounts(struct arena *arena, const struct quoted *quoted, size_t index, struct line_terms *terms)
{
    struct line_discount *discounts = arena_array(arena, LINE_DISCOUNTS_MAX, sizeof *discounts);
    size_t count = 0;

    if (quoted->lines[index].discount > 0)
        discounts[count++] = (struct line_discount){.kind = TEXT("promotion"), .amount = quoted->lines[index].discount};
    for (size_t i = 0; i < quoted->cut_count; i++) {
        if (quoted->cuts[i].line != (int64_t)index)
            continue;
        if (count == LINE_DISCOUNTS_MAX)
            discounts[count - 1].amount += quoted->cuts[i].amount;
        else
            discounts[count++] = discount_of(quoted, &quoted->cuts[i]);
    }
    terms->discounts = discounts;
    terms->discount_count = count;
}

static struct purchase_line make_line(struct arena *arena, const struct quoted *quoted, size_t index,
                                      const struct purchase_line *given)
{
    const struct quoted_line *of = &quoted->lines[index];
    struct line_terms *terms = arena_alloc(arena, sizeof *terms);

    *terms = given != NULL && given->terms != NULL ? *given->terms : line_terms_start();
    add_discounts(arena, quoted, index, terms);
    terms->list_given = false;
    terms->shipping = of->shipping;
    struct purchase_line line = {.sku = of->sku,
                                 .category = of->category,
                                 .quantity_milli = of->quantity_milli,
                                 .amount = of->amount,
                                 .discount = of->discount + of->public_amount - of->amount};
    bool plain = terms->discount_count == 0 && !of->shipping && (given == NULL || given->terms == NULL);
    line.terms = plain ? NULL : terms;
    return line;
}

static void take_lines(struct arena *arena, const struct quoted *quoted, struct purchase *body)
{
    struct purchase_line *lines = arena_array(arena, quoted->line_count + 1, sizeof *lines);

    for (size_t i = 0; i < quoted->line_count; i++)
        lines[i] = make_line(arena, quoted, i, body->line_count > 0 ? &body->lines[i] : NULL);
    body->lines = lines;
    body->line_count = quoted->line_count;
    memcpy(body->currency, quoted->currency, CURRENCY_SIZE);
}

enum status quoted_take(struct call *call, int64_t quote, struct purchase *body, struct error *err)
{
    struct quote_settlement *settlement = arena_alloc(call->arena, sizeof *settlement);
    struct storage_session *session;
    struct quote_row row;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = quote_find(session, call->arena, quote, &row, err);
    call_read_end(call, session);
    settlement->id = quote;
    if (status == STATUS_OK)
        status = quote_read(call->arena, row.document, &settlement->quoted, err);
    if (status == STATUS_OK)
        status = check_lines(call->arena, &settlement->quoted, body, err);
    if (status != STATUS_OK)
        return status;
    /* What is quoted for nobody may be bought by anybody; otherwise for whom it is decides on the price. */
    if (body->organisation == 0)
        body->organisation = settlement->quoted.organisation;
    if (body->organisation != settlement->quoted.organisation && row.member != 0)
        return differs(err, "organisation");
    take_lines(call->arena, &settlement->quoted, body);
    if (settlement->quoted.hold != 0 && body->payment_count == 0)
        body->payments[body->payment_count++] = (struct payment){.hold = settlement->quoted.hold};
    body->quote = settlement;
    return STATUS_OK;
}

void quoted_name(const struct purchase *body, struct command *command, struct arena *arena)
{
    if (body->quote == NULL)
        return;
    command->events[command->event_count++] = (struct event_reference){.id = body->quote->id, .claim = -1};
    body->quote->coupons = quoted_coupons(&body->quote->quoted, command, arena, &body->quote->coupon_count);
    quoted_counters(&body->quote->quoted, command, arena);
}
