/* types.h: what kind of buyer a member is, with the evidence: value-driven, brand-loyal, impulse, information-seeking. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_TYPES_H
#define PATRON_FEATURES_INSIGHT_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"

enum customer_type {
    TYPE_VALUE,       /* buys discounted */
    TYPE_BRAND,       /* pays the full price of one brand */
    TYPE_IMPULSE,     /* tries categories because they are promoted */
    TYPE_INFORMATION, /* looks and reads before buying */
    TYPE_KINDS,
    TYPE_UNKNOWN = TYPE_KINDS, /* not enough evidence */
};

extern const char *const customer_type_names[TYPE_KINDS + 2]; /* by the enum, NULL at the end */
const char *customer_type_name(enum customer_type type);      /* "value-driven"; "not enough evidence" */

#define TYPE_NOTHING UINT32_MAX /* no brand, no category */

/* One line of a purchase. */
struct type_line {
    uint32_t customer;
    int32_t day;
    uint32_t brand, category; /* TYPE_NOTHING: not known */
    bool discounted, promoted;
    float looked; /* views and reviews read for it; NaN: not known */
};

struct type_lines {
    const struct type_line *list;
    size_t count;
    size_t customer_count, brand_count, category_count;
};

/*
 * Of a type: `count` of `of` for a member, and how likely so many are by chance in one who buys like all. Value: lines
 * discounted of lines. Brand: lines of the brand bought most of lines at full price. Impulse: categories promoted when
 * bought for the first time, of those first bought after the first day. Information: looks, of days with purchases.
 */
struct type_evidence {
    double count, of;
    double share;     /* NaN: nothing to tell from */
    double low, high; /* 90 %, Wilson; of looks a day by their spread */
    double chance;
};

struct type_member {
    enum customer_type type;
    struct type_evidence evidence[TYPE_KINDS];
    uint32_t brand;  /* of the evidence */
    uint32_t brands; /* different ones bought at full price */
};

struct type_base {
    bool known[TYPE_KINDS];   /* there is anything to tell from */
    double rates[TYPE_KINDS]; /* of all members together; of a brand: the share of the one bought most */
    double spread;            /* variance of looks over that of chance; at least 1 */
    size_t members[TYPE_KINDS + 1];
};

/* What makes a type: at least so many cases, half of them, and a chance below one in a hundred of being like all. */
enum { TYPE_CASES_MIN = 5 };
#define TYPE_SHARE_MIN 0.5
#define TYPE_CHANCE_MAX 0.01
#define TYPE_LOOKS_MIN 1.5 /* times as many looks as all */

/*
 * Finds the type of each customer: of those that the evidence allows the one that chance explains least. `members` has
 * customer_count elements. Lines may come in any order. STATUS_INVALID `types.empty` without lines.
 */
enum status types_find(struct arena *arena, const struct type_lines *lines, struct type_member *members,
                       struct type_base *base, struct error *err);

/* ---- its parts, for bases that are never held whole ---- */

/* Counts the evidence and brands of each customer, and lines at full price by brand into `brands` unless it is NULL. */
void types_count(struct arena *arena, const struct type_lines *lines, struct type_member *members, double *brands);

/* Sums over members, from 0. */
struct type_sums {
    double counts[TYPE_KINDS], of[TYPE_KINDS];
    double looks, look_days, look_squares, lookers; /* of members whose looks are known */
};
void type_sums_add(struct type_sums *sums, const struct type_member *member);
/* `top_brand`: the share of the brand bought most, among all lines at full price. Leaves out->members alone. */
void type_sums_base(const struct type_sums *sums, double top_brand, struct type_base *out);

/* The type of a member whose evidence is counted; `brand_rate`: the share of their brand among all lines at full price. */
void type_judge(const struct type_base *base, double brand_rate, struct type_member *member);

#endif
