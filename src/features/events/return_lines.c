/* What is left of the lines of a purchase, and what comes back of them. */
#include "features/events/return_internal.h"

static struct purchase_line *find_line(struct purchase_line *lines, size_t count, int32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (lines[i].number == number)
            return &lines[i];
    return NULL;
}

bool return_takes_lines(struct text kind)
{
    return text_equals(kind, "return") || text_equals(kind, "void");
}

struct purchase_line *return_lines_left(struct arena *arena, const struct past_event *purchase)
{
    size_t count = purchase->row.line_count;
    struct purchase_line *left = arena_array(arena, count + 1, sizeof *left);

    for (size_t i = 0; i < count; i++)
        left[i] = purchase->row.lines[i];
    for (size_t f = 0; f < purchase->follower_count; f++) {
        const struct journal_row *row = &purchase->followers[f].row;
        for (size_t i = 0; return_takes_lines(row->kind) && i < row->line_count; i++) {
            struct purchase_line *line = find_line(left, count, row->lines[i].of_line);
            if (line == NULL)
                continue;
            line->amount -= row->lines[i].amount;
            line->quantity_milli -= row->lines[i].quantity_milli;
        }
    }
    return left;
}

static enum status too_much(struct error *err, const char *field)
{
    return error_set(err, STATUS_CONFLICT, "return.more_than_bought", field,
                     "more comes back than is left of this line");
}

/* The amount of a part by quantity: the cumulative share of the line, so that the last piece gets the rest. */
static int64_t share_of_line(const struct purchase_line *bought, const struct purchase_line *left,
                             int64_t quantity_milli)
{
    int64_t gone = bought->amount - left->amount;
    int64_t cumulative;

    if (quantity_milli == left->quantity_milli)
        return left->amount;
    if (!checked_scale(bought->amount, bought->quantity_milli - left->quantity_milli + quantity_milli,
                       bought->quantity_milli, ROUNDING_HALF_EVEN, &cumulative))
        return 0;
    int64_t amount = cumulative - gone;
    return amount < 0 ? 0 : amount > left->amount ? left->amount : amount;
}

/* What the part that came back cost, and its amount without tax. */
static const struct line_terms *part_terms(struct arena *arena, const struct purchase_line *bought,
                                           const struct purchase_line *before, const struct purchase_line *after)
{
    if (bought->terms == NULL)
        return NULL;
    struct line_terms *terms = arena_alloc(arena, sizeof *terms);

    *terms = terms_of_part(bought->terms, before, after, 0);
    return terms;
}

static enum status take_line(struct arena *arena, const struct purchase_line *bought, struct purchase_line *left,
                             const struct return_line *wanted, struct purchase_line *out, struct error *err)
{
    const struct purchase_line before = *left;
    int64_t quantity = wanted->quantity_given ? wanted->quantity_milli
                       : wanted->amount_given ? 0
                                              : left->quantity_milli;
    int64_t amount;

    if (quantity < 0 || (wanted->amount_given && wanted->amount < 0))
        return error_set(err, STATUS_INVALID, "return.negative", "quantity", "what comes back is not negative");
    if (quantity > left->quantity_milli || (left->quantity_milli == 0 && left->amount == 0))
        return too_much(err, "quantity");
    amount = wanted->amount_given     ? wanted->amount
             : wanted->quantity_given ? share_of_line(bought, left, quantity)
                                      : left->amount;
    if (amount > left->amount)
        return too_much(err, "amount");
    *out = (struct purchase_line){.sku = bought->sku,
                                  .category = bought->category,
                                  .quantity_milli = quantity,
                                  .amount = amount,
                                  .of_line = bought->number};
    left->quantity_milli -= quantity;
    left->amount -= amount;
    out->terms = part_terms(arena, bought, &before, left);
    return STATUS_OK;
}

static enum status take_wanted(struct arena *arena, const struct purchase_return *body,
                               const struct past_event *purchase, struct purchase_line *left,
                               struct purchase_line *lines, struct error *err)
{
    size_t count = purchase->row.line_count;

    for (size_t i = 0; i < body->line_count; i++) {
        const struct return_line *wanted = &body->lines[i];
        struct purchase_line *line = find_line(left, count, wanted->of_line);
        enum status status = line == NULL
                                 ? error_set(err, STATUS_MISSING, "return.line_unknown", "line",
                                             "the purchase has no line %d", wanted->of_line)
                                 : take_line(arena, &purchase->row.lines[line - left], line, wanted, &lines[i], err);
        if (status != STATUS_OK) {
            error_prefix_field(err, "lines[%zu].", i);
            return status;
        }
        lines[i].number = (int32_t)i + 1;
    }
    return STATUS_OK;
}

enum status return_lines_take(struct arena *arena, const struct purchase_return *body,
                              const struct past_event *purchase, struct purchase_line *left, struct journal_row *row,
                              struct error *err)
{
    static const struct return_line whole = {0};
    size_t room = body->line_count > 0 ? body->line_count : purchase->row.line_count;
    struct purchase_line *lines = arena_array(arena, room + 1, sizeof *lines);
    size_t count = body->line_count;
    enum status status = STATUS_OK;

    if (body->line_count > 0)
        status = take_wanted(arena, body, purchase, left, lines, err);
    for (size_t i = 0; body->line_count == 0 && i < purchase->row.line_count && status == STATUS_OK; i++) {
        if (left[i].quantity_milli == 0 && left[i].amount == 0)
            continue;
        status = take_line(arena, &purchase->row.lines[i], &left[i], &whole, &lines[count], err);
        lines[count].number = (int32_t)count + 1;
        count++;
    }
    if (status != STATUS_OK)
        return status;
    if (count == 0)
        return error_set(err, STATUS_CONFLICT, "return.nothing_left", "lines",
                         "everything of this purchase came back already");
    row->lines = lines;
    row->line_count = count;
    row->amount = 0;
    for (size_t i = 0; i < count; i++)
        row->amount += lines[i].amount;
    return STATUS_OK;
}
