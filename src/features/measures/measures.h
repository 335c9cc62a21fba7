/* measures.h: the dictionary of figures: one definition of each, with the values of the rules in force. Pure. */
#ifndef PATRON_FEATURES_MEASURES_MEASURES_H
#define PATRON_FEATURES_MEASURES_MEASURES_H

#include "features/customers/standing.h"

struct measure {
    const char *code, *name;
    const char *formula; /* {active_days} stands for a value of the rules: measure_formula */
    const char *unit, *period, *returns, *filters;
    const char *shown; /* "overview.sales export.members.spend": fields of replies and columns of exports */
    const char *test;
};
extern const struct measure measures[];
extern const size_t measure_count;

const struct measure *measure_find(struct text code); /* NULL: unknown */
const struct measure *measure_shown(const char *where,
                                    struct text field); /* of "overview", "wallets.issued"; NULL: none */

/* Words, and the formula, with the values of the rules in place of their names. */
struct text measure_words(struct arena *arena, const char *words, const struct lifecycle *rules);
struct text measure_formula(struct arena *arena, const struct measure *measure, const struct lifecycle *rules);

/* The values of the rules by name, as routes and the command line show and take them; tenths are shown as 2.5. */
struct lifecycle_value {
    const char *name;
    size_t offset; /* of an int64_t in struct lifecycle */
    bool tenths;
    int64_t minimum, maximum;
    const char *about;
};
extern const struct lifecycle_value lifecycle_values[];
extern const size_t lifecycle_value_count;
int64_t lifecycle_value_of(const struct lifecycle *rules, size_t index);

/* STATUS_INVALID `measures.range` or `measures.order` with the field. */
enum status lifecycle_check(const struct lifecycle *rules, struct error *err);

#endif
