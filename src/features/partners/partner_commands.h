/*
 * partner_commands.h: what happens at a partner: purchases that earn, their returns, receipts that members claim afterwards,
 * redemptions and their undoing. Pure.
 *
 * A receipt is unique for a partner. A purchase without a member, or of somebody unknown, is recorded all the same, so that it
 * can be claimed; the claim then has the points. All rows have the partner as their store (finance/partner_place.h), channel
 * "partner", and in their facts the code of the partner and the store as the partner calls it.
 */
#ifndef PATRON_FEATURES_PARTNERS_PARTNER_COMMANDS_H
#define PATRON_FEATURES_PARTNERS_PARTNER_COMMANDS_H

#include "features/partners/partner.h"
#include "features/points/points.h"
#include "features/redemption/proof.h"

/* Kinds of claims; the key of each is the partner, '/' and the receipt. */
#define PARTNER_RECEIPT_CLAIM "partner_receipt"
#define PARTNER_CLAIM_CLAIM "partner_claim" /* that somebody has claimed it; holds the row of the claim */
#define PARTNER_RETURN_CLAIM "partner_return"
#define PARTNER_REDEMPTION_CLAIM "partner_redemption"
#define PARTNER_PAYMENT_CLAIM "partner_payment" /* the key: the partner, '/' and the reference */

/* When and where at the partner. */
struct partner_moment {
    struct text partner, receipt;
    struct text store, till; /* as the partner calls them; may be empty */
    bool at_given;
    int64_t at;
};

/* All that a partner's till may know of a member: whether there is one, and what may be redeemed there. */
struct partner_result {
    int64_t id; /* of the row */
    bool known;
    int64_t points; /* earned, taken back, redeemed or given back */
    int64_t minor;  /* bought, returned; what the points are worth */
    int64_t usable;
    struct text wallet;
    char currency[CURRENCY_SIZE];
};

/* Subject 0, if `named`: who buys. Claim `receipt_claim` is the receipt. STATUS_CONFLICT `partner.receipt_known`. */
struct partner_purchase {
    struct partner_moment moment;
    bool named;
    int64_t minor;
    int receipt_claim;
    struct partner_result result;
};
extern const struct command_type partner_purchase_type;

/*
 * Subject 0 claims the purchase that holds claim 0 (and is events[0]); claim 1 says that it is claimed. STATUS_MISSING
 * `partner.receipt_unknown`, STATUS_CONFLICT `partner.claimed`, `partner.claim_over`, `partner.returned`.
 */
struct partner_claim {
    struct partner_moment moment;
    bool minor_given;
    int64_t minor; /* what the receipt says, so that nobody claims by guessing */
    int claim_claim;
    struct partner_result result;
};
extern const struct command_type partner_claim_type;

/*
 * Goods of events[0] came back: the purchase, or the claim of it, which has the points; subjects: the owners of its points.
 * STATUS_CONFLICT `partner.returned`, `partner.return_known`; STATUS_BUSY `partner.changed` when it was claimed meanwhile.
 */
struct partner_return {
    struct partner_moment moment;
    int64_t minor;    /* 0: all that is left */
    int claim_claim;  /* that nobody claimed it; -1: events[0] is of a member */
    int return_claim; /* the receipt of the return; -1: it has none */
    struct text reference;
    struct partner_result result;
};
extern const struct command_type partner_return_type;

/* Subject 0 pays with points. STATUS_CONFLICT `partner.no_redemption`, `partner.limit`, and whatever refuses spending. */
struct partner_redemption {
    struct proof proof; /* first: as whatever spends */
    struct partner_moment moment;
    int64_t points, minor; /* one of them; the other 0 */
    int receipt_claim;
    struct partner_result result;
};
extern const struct command_type partner_redemption_type;

/* Undoes events[0], a redemption; subjects: the owners of its points. */
struct partner_redemption_void {
    struct partner_moment moment;
    int64_t points; /* 0: all that is left */
    struct text reason;
    struct partner_result result;
};
extern const struct command_type partner_redemption_void_type;

/* "acme/R-17", in `arena`. */
struct text partner_receipt_key(struct arena *arena, struct text partner, struct text receipt);

/*
 * A statement is paid, in part or whole: by the partner, or, below 0, to it. Claim 0 is the reference, counter 0 what was paid of the
 * statement so far. What was paid by mistake is taken back by the opposite amount. STATUS_CONFLICT `partner.payment_known`,
 * `partner.overpaid`.
 */
struct partner_payment {
    struct text partner, reference;
    int32_t month; /* of the statement: closed */
    char currency[CURRENCY_SIZE];
    int64_t net; /* of the statement: stays as it is */
    int64_t minor;
    bool at_given;
    int64_t at;
    int64_t id, paid; /* the row; of the statement with this */
};
extern const struct command_type partner_payment_type;

/* Names the claim and the counter of a payment whose partner, reference and month are given; and where its row goes. */
void partner_payment_name(struct command *command);

#endif
