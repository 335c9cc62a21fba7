/* balances.h: the points of a member taken over lot by lot, each with its expiry and the store that issued it. Pure. */
#ifndef PATRON_FEATURES_TAKEOVER_BALANCES_H
#define PATRON_FEATURES_TAKEOVER_BALANCES_H

#include "features/takeover/takeover.h"

/* One row of the file; texts live as long as the command. */
struct taken_lot {
    struct text id; /* its number in the system before */
    struct text wallet, store;
    int64_t stated;     /* as the file says; below 0: a debt; never 0 */
    int64_t points;     /* what is left of it once the debts of the account are paid: taken_lots_net */
    int64_t earned_at;  /* when it was earned */
    int64_t active_at;  /* pending until then */
    int64_t expires_at; /* first instant without it; INSTANT_NEVER */
};

/*
 * Debt and lots of one account never coexist: debts take from what expires soonest. Sets `points` of each: what is left of a
 * lot, or what is left of a debt (below 0). The rows are all of one member.
 */
void taken_lots_net(struct taken_lot *lots, size_t count);

/* lots[i] belongs to takeover.rows[i]. Rows whose points were all netted away are known from then on, like the others. */
struct take_balances {
    struct takeover takeover;
    const struct taken_lot *lots;
};

/*
 * Posts the new lots, a journal row "migration" for each store, from ACCOUNT_TAKEN_OVER. What was over already expires at
 * once. With debts among the lots, take_debts_type: it loads what there is.
 */
extern const struct command_type take_balances_type, take_debts_type;

#endif
