#include "features/events/terms.h"

#include "foundation/checked.h"

struct line_terms line_terms_start(void)
{
    return (struct line_terms){.unit_cost = TERMS_UNKNOWN, .tax = TERMS_UNKNOWN, .cost = TERMS_UNKNOWN};
}

/* ---- checks ---- */

static enum status negative(const char *field, struct error *err)
{
    return error_set(err, STATUS_INVALID, "purchase.negative", field,
                     "prices, discounts and costs of a line are not negative");
}

static enum status check_discounts(const struct purchase_line *line, struct error *err)
{
    const struct line_terms *terms = line->terms;
    int64_t sum = 0;

    for (size_t i = 0; i < terms->discount_count; i++) {
        if (terms->discounts[i].amount < 0)
            return negative("discounts", err);
        if (!checked_add(sum, terms->discounts[i].amount, &sum))
            return error_set(err, STATUS_INVALID, "purchase.range", "discounts", "the amount is too large");
    }
    if (terms->discount_count > 0 && sum != line->discount)
        return error_set(err, STATUS_INVALID, "purchase.discounts", "discounts",
                         "the discounts do not sum to the discount of the line");
    return STATUS_OK;
}

enum status line_terms_check(const struct purchase_line *line, struct error *err)
{
    const struct line_terms *terms = line->terms;
    int64_t list;

    if (terms == NULL)
        return STATUS_OK;
    if (terms->discount_count > LINE_DISCOUNTS_MAX || terms->modifier_count > LINE_MODIFIERS_MAX)
        return error_set(err, STATUS_LIMIT, "purchase.terms", "modifiers",
                         "a line has at most %d discounts and %d modifiers", LINE_DISCOUNTS_MAX, LINE_MODIFIERS_MAX);
    enum status status = check_discounts(line, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < terms->modifier_count; i++)
        if (terms->modifiers[i].price < 0 || terms->modifiers[i].quantity_milli < 0)
            return negative("modifiers", err);
    if (terms->unit_cost < TERMS_UNKNOWN || terms->tax < TERMS_UNKNOWN)
        return negative("unit_cost", err);
    if (terms->list_given && (!checked_add(line->amount, line->discount, &list) || terms->list_price != list))
        return error_set(err, STATUS_INVALID, "purchase.list_price", "list_price",
                         "the list price of a line is its amount and its discounts");
    return STATUS_OK;
}

const bool *terms_shipping(struct arena *arena, const struct purchase_line *lines, size_t line_count)
{
    bool *shipping = NULL;

    for (size_t i = 0; i < line_count; i++) {
        if (lines[i].terms == NULL || !lines[i].terms->shipping)
            continue;
        if (shipping == NULL)
            shipping = arena_array(arena, line_count, sizeof *shipping);
        shipping[i] = true;
    }
    return shipping;
}

/* ---- cost and tax ---- */

void terms_price(struct arena *arena, struct purchase_line *line, int64_t cost, int64_t tax)
{
    if (cost == TERMS_UNKNOWN && tax == TERMS_UNKNOWN)
        return;
    struct line_terms *terms = arena_alloc(arena, sizeof *terms);

    *terms = line->terms != NULL ? *line->terms : line_terms_start();
    if (terms->unit_cost == TERMS_UNKNOWN && cost != TERMS_UNKNOWN) {
        terms->unit_cost = cost;
        terms->catalogue_cost = true;
    }
    if (terms->tax == TERMS_UNKNOWN)
        terms->tax = tax;
    line->terms = terms;
}

int64_t terms_cost(int64_t unit_cost, int64_t quantity_milli)
{
    int64_t cost;

    if (unit_cost < 0 || !checked_scale(unit_cost, quantity_milli, 1000, ROUNDING_HALF_EVEN, &cost))
        return TERMS_UNKNOWN;
    return cost;
}

int64_t terms_net(int64_t amount, int64_t tax)
{
    int64_t net;

    if (tax <= 0 || !checked_scale(amount, TAX_SCALE, TAX_SCALE + tax, ROUNDING_HALF_EVEN, &net))
        return amount;
    return net;
}

const struct line_terms *terms_gather(struct arena *arena, const struct programme_set *set, struct purchase_line *lines,
                                      size_t line_count, size_t *count)
{
    struct line_terms *terms = arena_array(arena, line_count + 1, sizeof *terms);

    *count = 0;
    for (size_t i = 0; i < line_count; i++) {
        const struct item_category *category = category_find(set, lines[i].category);
        if (category != NULL)
            lines[i].above = category->above;
        if (lines[i].terms == NULL && lines[i].above == NULL)
            continue;
        struct line_terms *kept = &terms[(*count)++];
        *kept = lines[i].terms != NULL ? *lines[i].terms : line_terms_start();
        kept->line = lines[i].number;
        kept->cost = terms_cost(kept->unit_cost, lines[i].quantity_milli);
        kept->net = terms_net(lines[i].amount, kept->tax);
        kept->above = lines[i].above;
        lines[i].terms = kept;
    }
    return terms;
}

struct line_terms terms_of_part(const struct line_terms *sale, const struct purchase_line *before,
                                const struct purchase_line *after, int32_t number)
{
    struct line_terms part = line_terms_start();
    int64_t cost_before = terms_cost(sale->unit_cost, before->quantity_milli);

    part.line = number;
    part.unit_cost = sale->unit_cost;
    part.tax = sale->tax;
    part.above = sale->above;
    if (cost_before != TERMS_UNKNOWN)
        part.cost = cost_before - terms_cost(sale->unit_cost, after->quantity_milli);
    part.net = terms_net(before->amount, sale->tax) - terms_net(after->amount, sale->tax);
    return part;
}

/* ---- lines of past events ---- */

const struct line_terms *terms_of_lines(struct arena *arena, const struct purchase_line *lines, size_t line_count,
                                        size_t *count)
{
    struct line_terms *terms = arena_array(arena, line_count + 1, sizeof *terms);

    *count = 0;
    for (size_t i = 0; i < line_count; i++) {
        if (lines[i].terms == NULL)
            continue;
        terms[*count] = *lines[i].terms;
        terms[(*count)++].line = lines[i].number;
    }
    return terms;
}

void terms_attach(struct purchase_line *lines, size_t line_count, const struct line_terms *terms, size_t count)
{
    size_t next = 0;

    /* Both ascend by number, so that many lines take one pass. */
    for (size_t i = 0; i < line_count; i++) {
        while (next < count && terms[next].line < lines[i].number)
            next++;
        if (next < count && terms[next].line == lines[i].number) {
            lines[i].terms = &terms[next];
            lines[i].above = terms[next].above;
        }
    }
}

/* ---- foreign currencies ---- */

static bool scale(int64_t *amount, int64_t numerator, int64_t denominator)
{
    return checked_scale(*amount, numerator, denominator, ROUNDING_HALF_EVEN, amount);
}

static bool convert_discounts(struct arena *arena, struct line_terms *terms, int64_t converted)
{
    struct line_discount *discounts = arena_copy(arena, terms->discounts, terms->discount_count * sizeof *discounts);
    int64_t weights[LINE_DISCOUNTS_MAX], shares[LINE_DISCOUNTS_MAX];

    for (size_t i = 0; i < terms->discount_count; i++)
        weights[i] = discounts[i].amount;
    if (!split_largest_remainder(converted, weights, shares, (int)terms->discount_count))
        return false;
    for (size_t i = 0; i < terms->discount_count; i++)
        discounts[i].amount = shares[i];
    terms->discounts = discounts;
    return true;
}

bool terms_convert(struct arena *arena, struct purchase_line *line, int64_t numerator, int64_t denominator)
{
    if (line->terms == NULL)
        return true;
    struct line_terms *terms = arena_copy(arena, line->terms, sizeof *terms);
    struct line_modifier *modifiers = arena_copy(arena, terms->modifiers, terms->modifier_count * sizeof *modifiers);

    if (terms->discount_count > 0 && !convert_discounts(arena, terms, line->discount))
        return false;
    for (size_t i = 0; i < terms->modifier_count; i++)
        if (!scale(&modifiers[i].price, numerator, denominator))
            return false;
    terms->modifiers = modifiers;
    if (terms->unit_cost > 0 && !terms->catalogue_cost && !scale(&terms->unit_cost, numerator, denominator))
        return false;
    terms->list_price = line->amount + line->discount;
    line->terms = terms;
    return true;
}
