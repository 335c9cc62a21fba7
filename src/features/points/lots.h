/* lots.h: single steps on lots and wallets, shared by the operations of the ledger. */
#ifndef PATRON_FEATURES_POINTS_LOTS_H
#define PATRON_FEATURES_POINTS_LOTS_H

#include "features/points/ledger.h"

/* Adds a movement to the row of the member, and notes its place among all of the posting. */
void posting_add(struct posting *posting, const struct member *member, struct movement movement);

/* The movements of the posting whose primary row is `primary`, companions' included, in the order in which they were made. */
const struct movement **posting_order(struct arena *arena, const struct past_event *primary, size_t *count);

/*
 * Moves `amount` > 0 from `debit` to `credit` in the wallet of `member`: the movement, the wallet's totals and the lot's.
 * `lot` may be NULL when neither account is one of a lot.
 */
struct step {
    struct member *member;
    struct lot *lot;
    enum account debit, credit;
    int64_t amount;
};
void ledger_step(struct ledger *ledger, struct step step);

/* Whose lots an operation may touch. */
enum reach {
    REACH_PERSON, /* the members of the person */
    REACH_POOL,   /* and of the pooled household */
};

struct owned_lot {
    struct member *member;
    struct lot *lot;
};

/*
 * The lots of the ledger's wallet with points left, in drawing order: by expiry, accrual time, id. Pending ones only on
 * request, after the others.
 */
struct owned_lot *ledger_lots(struct ledger *ledger, enum reach reach, bool pending, size_t *count);

/* Takes up to `points` from the person's lots, pending ones last, to `credit`; returns what is still missing. */
int64_t ledger_take(struct ledger *ledger, int64_t points, enum account credit);

/* Takes the rest by the debt policy; returns what was written off. */
int64_t ledger_owe(struct ledger *ledger, int64_t points, enum account credit);

/*
 * `amount` of `lot` comes from `from` (HELD, REDEEMED ...): debt first, the rest to the lot; from a lot that is over at
 * `at` it expires at once.
 */
void ledger_return(struct ledger *ledger, struct owned_lot owned, enum account from, int64_t amount, int64_t at);

/* The member `id` in the ledger's group or in another subject of the decision; NULL: in none. */
struct member *ledger_member(const struct ledger *ledger, int64_t id);

/* Ends a hold as of `at`: captures `captured`, releases the rest. */
enum status ledger_end_hold(struct ledger *ledger, struct hold *hold, enum hold_state state, int64_t captured,
                            int64_t at, struct error *err);

/* The policy of `wallet` in force; NULL when the programme no longer has it. */
const struct wallet_policy *ledger_policy(const struct decision *decision, struct text wallet, int64_t at);

/* An expired lot of a wallet whose points live by activity never lives again: its active_at says so. */
void lot_mark_expired(struct lot *lot, const struct wallet_policy *policy);

/* The expiry of `lot` with the activity of its person's `leader` (may be NULL) until now counted in. */
int64_t lot_expiry(const struct decision *decision, const struct member *leader, const struct lot *lot);

#endif
