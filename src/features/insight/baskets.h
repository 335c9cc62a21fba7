/* baskets.h: what is bought together: frequent sets of items and rules with support, confidence and lift. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_BASKETS_H
#define PATRON_FEATURES_INSIGHT_BASKETS_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"

enum { BASKET_ITEMS_MAX = 5, BASKET_SETS_MAX = 2000000 };

/* An item in a basket; a repeated line counts once. */
struct basket_line {
    uint32_t basket, item; /* numbered from 0 */
};

struct basket_question {
    const struct basket_line *lines;
    size_t line_count, basket_count, item_count;
    size_t count_min;      /* baskets that hold the whole set; at least 1 */
    double confidence_min; /* 0 .. 1 */
    size_t size_max;       /* items of a set, 2 .. BASKET_ITEMS_MAX */
};

/* Who has items[0 .. size - 2] also has items[size - 1]. */
struct basket_rule {
    uint32_t items[BASKET_ITEMS_MAX];
    size_t size;
    size_t count;               /* baskets with all of them */
    double support;             /* their share of all baskets */
    double confidence;          /* of the baskets with the former, those with the latter too */
    double lift;                /* confidence as a multiple of the latter's share of all baskets; 1: independent */
    double lift_low, lift_high; /* 90 % interval, on the scale of logarithms */
};

struct basket_rules {
    struct basket_rule *rules; /* those of the highest lift_low first */
    size_t count;
    size_t set_count; /* frequent sets of two and more */
};

/*
 * All rules with one item on the right, by Eclat (Zaki 2000): sets grow item by item, and baskets that hold them are
 * intersected. STATUS_LIMIT `baskets.sets` past BASKET_SETS_MAX sets: ask for a higher support.
 */
enum status baskets_mine(struct arena *arena, const struct basket_question *question, struct basket_rules *out,
                         struct error *err);

#endif
