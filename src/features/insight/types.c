#include "features/insight/types.h"

#include <math.h>
#include <stdlib.h>

#include "mathematics/distribution.h"
#include "mathematics/special.h"

static const double NORMAL_95 = 1.6448536269514722;

const char *const customer_type_names[TYPE_KINDS + 2] = {"value-driven",        "brand-loyal",         "impulse",
                                                         "information-seeking", "not enough evidence", NULL};

const char *customer_type_name(enum customer_type type)
{
    return customer_type_names[type];
}

/* Everything while it is counted. */
struct counting {
    struct type_line *sorted; /* by customer and day */
    size_t count;
    const struct type_lines *lines;
    double *brands;       /* lines at full price of each brand, of all */
    uint32_t *own_brands; /* of the customer at hand */
    uint32_t *seen;       /* by category: the customer + 1 who bought it last */
    struct type_member *members;
};

static int compare_lines(const void *a, const void *b)
{
    const struct type_line *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    /* promoted lines first: a category bought for the first time both ways was promoted */
    return left->promoted != right->promoted ? (left->promoted ? -1 : 1) : 0;
}

/* P(X >= count) of a binomial: it is the tail of an F distribution (Abramowitz and Stegun 26.5.24, 26.6.1). */
static double binomial_above(double count, double of, double rate)
{
    if (count <= 0 || rate >= 1)
        return 1;
    if (rate <= 0)
        return 0;
    return fisher_above(count * (1 - rate) / ((of - count + 1) * rate), 2 * (of - count + 1), 2 * count);
}

/* ---- counts ---- */

static void count_line(struct counting *counting, const struct type_line *line, int32_t first_day)
{
    struct type_evidence *evidence = counting->members[line->customer].evidence;

    evidence[TYPE_VALUE].of++;
    evidence[TYPE_VALUE].count += line->discounted;
    if (line->brand != TYPE_NOTHING && !line->discounted) {
        evidence[TYPE_BRAND].of++;
        counting->brands[line->brand]++;
        counting->members[line->customer].brands += counting->own_brands[line->brand] == 0;
        if (++counting->own_brands[line->brand] > evidence[TYPE_BRAND].count) {
            evidence[TYPE_BRAND].count = counting->own_brands[line->brand];
            counting->members[line->customer].brand = line->brand;
        }
    }
    if (line->category != TYPE_NOTHING && counting->seen[line->category] != line->customer + 1) {
        counting->seen[line->category] = line->customer + 1;
        evidence[TYPE_IMPULSE].of += line->day > first_day;
        evidence[TYPE_IMPULSE].count += line->day > first_day && line->promoted;
    }
    if (!isnan(line->looked))
        evidence[TYPE_INFORMATION].count += (double)line->looked;
}

static void count_customers(struct counting *counting)
{
    for (size_t i = 0, end = 0; i < counting->count; i = end) {
        const struct type_line *first = &counting->sorted[i];
        struct type_evidence *looks = &counting->members[first->customer].evidence[TYPE_INFORMATION];
        bool looked = false;

        for (end = i; end < counting->count && counting->sorted[end].customer == first->customer; end++) {
            const struct type_line *line = &counting->sorted[end];

            count_line(counting, line, first->day);
            looked = looked || !isnan(line->looked);
            looks->of += end == i || line->day != line[-1].day;
        }
        if (!looked)
            looks->of = 0;
        for (size_t j = i; j < end; j++)
            if (counting->sorted[j].brand != TYPE_NOTHING)
                counting->own_brands[counting->sorted[j].brand] = 0;
    }
}

void types_count(struct arena *arena, const struct type_lines *lines, struct type_member *members, double *brands)
{
    struct counting counting = {.lines = lines, .members = members, .count = lines->count};

    counting.sorted = arena_copy(arena, lines->list, lines->count * sizeof *lines->list);
    counting.brands = brands != NULL ? brands : arena_array(arena, lines->brand_count + 1, sizeof *counting.brands);
    counting.own_brands = arena_array(arena, lines->brand_count + 1, sizeof *counting.own_brands);
    counting.seen = arena_array(arena, lines->category_count + 1, sizeof *counting.seen);
    for (size_t i = 0; i < lines->customer_count; i++)
        members[i] = (struct type_member){.brand = TYPE_NOTHING};
    if (counting.count > 0)
        qsort(counting.sorted, counting.count, sizeof *counting.sorted, compare_lines);
    count_customers(&counting);
}

/* ---- the base ---- */

void type_sums_add(struct type_sums *sums, const struct type_member *member)
{
    const struct type_evidence *looks = &member->evidence[TYPE_INFORMATION];

    for (int j = 0; j < TYPE_KINDS; j++) {
        sums->counts[j] += member->evidence[j].count;
        sums->of[j] += member->evidence[j].of;
    }
    if (looks->of > 0) {
        sums->looks += looks->count;
        sums->look_days += looks->of;
        sums->look_squares += looks->count * looks->count / looks->of;
        sums->lookers++;
    }
}

void type_sums_base(const struct type_sums *sums, double top_brand, struct type_base *out)
{
    for (int j = 0; j < TYPE_KINDS; j++) {
        out->known[j] = sums->of[j] > 0 && sums->counts[j] > 0;
        out->rates[j] = sums->of[j] > 0 ? sums->counts[j] / sums->of[j] : 0;
    }
    out->rates[TYPE_BRAND] = top_brand;
    double rate = out->rates[TYPE_INFORMATION];
    /* Of (looks - expected)^2 / expected, expected = rate x days. */
    double squares = rate > 0 ? sums->look_squares / rate - 2 * sums->looks + rate * sums->look_days : 0;

    out->spread = rate > 0 && sums->lookers > 1 ? fmax(1, squares / (sums->lookers - 1)) : 1;
}

/* ---- members ---- */

static void judge_looks(struct type_evidence *looks, const struct type_base *base)
{
    double expected = looks->of * base->rates[TYPE_INFORMATION];
    double reach = NORMAL_95 * sqrt(base->spread * fmax(looks->count, 1)) / looks->of;

    looks->share = looks->count / looks->of;
    looks->low = fmax(0, looks->share - reach);
    looks->high = looks->share + reach;
    looks->chance = expected > 0 ? normal_probability((expected - looks->count) / sqrt(base->spread * expected)) : 1;
}

void type_judge(const struct type_base *base, double brand_rate, struct type_member *member)
{
    double least = INFINITY;

    member->type = TYPE_UNKNOWN;
    for (int j = 0; j < TYPE_KINDS; j++) {
        struct type_evidence *evidence = &member->evidence[j];
        double rate = base->rates[j];

        evidence->share = evidence->low = evidence->high = evidence->chance = NAN;
        if (evidence->of == 0 || !base->known[j])
            continue;
        if (j == TYPE_INFORMATION) {
            judge_looks(evidence, base);
        } else {
            evidence->share = evidence->count / evidence->of;
            share_interval(evidence->count, evidence->of, NORMAL_95, &evidence->low, &evidence->high);
            if (j == TYPE_BRAND)
                rate = brand_rate;
            evidence->chance = binomial_above(evidence->count, evidence->of, rate);
            /* the brand was picked among all that the member bought */
            if (j == TYPE_BRAND)
                evidence->chance = fmin(1, evidence->chance * member->brands);
        }
        bool enough = j == TYPE_INFORMATION ? evidence->share >= TYPE_LOOKS_MIN * rate
                                            : evidence->of >= TYPE_CASES_MIN && evidence->share >= TYPE_SHARE_MIN;

        if (enough && evidence->chance < TYPE_CHANCE_MAX && evidence->chance < least) {
            least = evidence->chance;
            member->type = (enum customer_type)j;
        }
    }
}

enum status types_find(struct arena *arena, const struct type_lines *lines, struct type_member *members,
                       struct type_base *base, struct error *err)
{
    double *brands = arena_array(arena, lines->brand_count + 1, sizeof *brands), full_price = 0, top = 0;
    struct type_base found = {0};
    struct type_sums sums = {0};

    if (lines->count == 0)
        return error_set(err, STATUS_INVALID, "types.empty", "", "there are no purchase lines");
    types_count(arena, lines, members, brands);
    for (size_t i = 0; i < lines->customer_count; i++)
        type_sums_add(&sums, &members[i]);
    for (size_t i = 0; i < lines->brand_count; i++) {
        full_price += brands[i];
        top = fmax(top, brands[i]);
    }
    type_sums_base(&sums, full_price > 0 ? top / full_price : 0, &found);
    for (size_t i = 0; i < lines->customer_count; i++) {
        type_judge(&found, members[i].brand != TYPE_NOTHING ? brands[members[i].brand] / full_price : 0, &members[i]);
        found.members[members[i].type]++;
    }
    *base = found;
    return STATUS_OK;
}
