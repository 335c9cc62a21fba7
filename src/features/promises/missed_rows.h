/* missed_rows.h: between check.c and follow.c: the journal rows of missed benefits, and making one good. Pure. */
#ifndef PATRON_FEATURES_PROMISES_MISSED_ROWS_H
#define PATRON_FEATURES_PROMISES_MISSED_ROWS_H

#include "features/promises/missed.h"

/* A row of the missed benefit: of its member, following from it, or from its purchase while it has no id. */
struct journal_row *missed_row(struct decision *decision, const struct member *member, const struct missed *missed,
                               const char *kind);

/* Whether the policy gives it alone, without a person: within its limits. Counts what it gives in `counter`. */
bool missed_within(const struct missed_policy *policy, const struct missed *missed, const struct counter *counter);

/* Gives what makes it good: sets missed->good and the state. As good_give_worth and good_give_voucher. */
struct missed_giving {
    struct decision *decision;
    const struct person *person;
    const struct promise_means *means;
    const struct good_keys *keys;
    enum good_kind kind;
};
enum status missed_give(const struct missed_giving *giving, struct missed *missed, struct error *err);

/* Progress of a benefit: by which one of a period is listed once. */
struct text missed_progress(struct arena *arena, const struct missed *missed);

#endif
