/*
 * terms.h: how the price of a line came about (discounts, modifiers) and what it cost, as they were at the sale. Pure.
 *
 * The terms of the lines are part of the facts of the journal row, and so under its seal; a plain line has none.
 */
#ifndef PATRON_FEATURES_EVENTS_TERMS_H
#define PATRON_FEATURES_EVENTS_TERMS_H

#include "engine/decide.h"
#include "features/programme/programme.h"

enum {
    LINE_DISCOUNTS_MAX = 20,
    LINE_MODIFIERS_MAX = 20,
    PURCHASE_TERMS_MAX = 4000, /* discounts and modifiers of one purchase */
    MODIFIER_TEXT_MAX = 200,   /* bytes */
    CATEGORY_DEPTH_MAX = 8,
    TAX_SCALE = 1000000, /* a rate of 13 % is 130000 */
    TERMS_UNKNOWN = -1,
};

struct line_discount {
    struct text kind, code; /* "promotion", "coupon", "member" ...; empty: not told */
    int64_t amount;
};

struct line_modifier {
    struct text code;
    struct text text; /* short words instead of a code, or beside it: they lie in the detail of the row */
    int64_t quantity_milli;
    int64_t price; /* of all of them; part of the line's amount and discounts */
};

/* Zeroed but for the costs and the rate: line_terms_start. */
struct line_terms {
    int32_t line;  /* number of the line; set when they are gathered */
    bool shipping; /* it is for shipping: only what is on shipping takes something off */
    bool list_given;
    int64_t list_price; /* amount and discounts */
    const struct line_discount *discounts;
    size_t discount_count;
    const struct line_modifier *modifiers;
    size_t modifier_count;
    int64_t unit_cost;        /* of one; TERMS_UNKNOWN */
    bool catalogue_cost;      /* in the programme's currency, whatever the purchase is in */
    int64_t tax;              /* of TAX_SCALE, part of the amount; TERMS_UNKNOWN: none said */
    int64_t cost;             /* of the line; TERMS_UNKNOWN */
    int64_t net;              /* the amount without tax */
    const struct text *above; /* the line's categories above its own, as they were */
};

struct line_terms line_terms_start(void);

/*
 * Whether terms and line agree: `purchase.discounts` when the discounts do not sum to that of the line,
 * `purchase.list_price`, `purchase.negative`, `purchase.terms` for too many of them.
 */
enum status line_terms_check(const struct purchase_line *line, struct error *err);

/* Gives the line cost and tax of the catalogue, TERMS_UNKNOWN where it has none; what the till said of them stays. */
void terms_price(struct arena *arena, struct purchase_line *line, int64_t cost, int64_t tax);

/* Of each line whether it is for shipping; NULL: none is. */
const bool *terms_shipping(struct arena *arena, const struct purchase_line *lines, size_t line_count);

/* What a quantity costs, and an amount without its tax; half to even. Unknown stays unknown. */
int64_t terms_cost(int64_t unit_cost, int64_t quantity_milli);
int64_t terms_net(int64_t amount, int64_t tax);

/*
 * The terms that the facts keep: of the lines that have any, with cost and net amount worked out and the categories above.
 * Gives the lines (which must be the batch's own copy) their categories above.
 */
const struct line_terms *terms_gather(struct arena *arena, const struct programme_set *set, struct purchase_line *lines,
                                      size_t line_count, size_t *count);

/*
 * Terms of lines that are a part of those of a sale (`bought` before, `left` after): their cost and net amount are what
 * both differ by, so that all parts together are the whole. Discounts and modifiers stay with the sale.
 */
struct line_terms terms_of_part(const struct line_terms *sale, const struct purchase_line *before,
                                const struct purchase_line *after, int32_t number);

/* The terms of lines that have theirs already, for the facts. */
const struct line_terms *terms_of_lines(struct arena *arena, const struct purchase_line *lines, size_t line_count,
                                        size_t *count);

/* Hangs the terms and the categories above on lines of a past event. */
void terms_attach(struct purchase_line *lines, size_t line_count, const struct line_terms *terms, size_t count);

/* Of a foreign currency: converted by numerator / denominator, `line` being converted already. False on overflow. */
bool terms_convert(struct arena *arena, struct purchase_line *line, int64_t numerator, int64_t denominator);

#endif
