/*
 * award.h: points that are given for something other than a purchase (a challenge, a referral ...), and taken back when that
 * is no more. Pure.
 *
 * The row of an award follows from `cause` and has the lot; what is taken back goes the way of returned goods: the award's own
 * lot, then its expired part, then other lots, then the debt policy of the account.
 */
#ifndef PATRON_FEATURES_REACTIONS_AWARD_H
#define PATRON_FEATURES_REACTIONS_AWARD_H

#include "features/programme/programme.h"

struct award {
    const char *kind; /* of the journal row; static */
    struct text wallet;
    int64_t points;        /* 0: a row alone */
    int64_t pending_until; /* active no sooner; 0: at once */
    int64_t cause;         /* journal id; 0: none */
    struct text facts;
};

/*
 * A row of subject `person`, dated now. Points of an account that is no more are not given: `row` has no movement then.
 * Frozen accounts get them pending. The lots need not be loaded.
 */
enum status award_give(struct decision *decision, const struct person *person, const struct award *award,
                       struct journal_row **row, struct error *err);

/*
 * Takes award->points back; `given` is the row that gave them (NULL: not at hand, then any lots). Needs LOAD_LOTS. `*taken`
 * is what was taken of lots or is owed; the rest was written off.
 */
enum status award_take_back(struct decision *decision, const struct person *person, const struct award *award,
                            const struct past_event *given, int64_t *taken, struct error *err);

/* Whether the account exists now. */
bool award_possible(const struct decision *decision, struct text wallet);

#endif
