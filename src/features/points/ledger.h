/*
 * ledger.h: the points ledger: every operation on lots, holds and debt, as movements on loaded state. Pure.
 *
 * Rules: a redemption draws what expires soonest first (never last, then earned_at, then id); what comes back goes to the
 * lots it came from; debt is paid before anything becomes spendable, so debt and open lots of a member never coexist in
 * one account; every movement has a debit and a credit account.
 */
#ifndef PATRON_FEATURES_POINTS_LEDGER_H
#define PATRON_FEATURES_POINTS_LEDGER_H

#include "engine/decide.h"
#include "features/programme/programme.h"

/*
 * Where postings go: a primary journal row, and companion rows (kind "share", cause = the primary) for the other members
 * whose points move, made when first needed, so that a movement is always of its row's member. Fill day, store and channel
 * of the primary before. A row has one posting only, unless that has no companions. All operations but ledger_accrue need
 * the lots of the group (LOAD_LOTS).
 */
struct posting {
    struct decision *decision;
    struct journal_row *row;
    struct journal_row *companions[GROUP_MEMBERS_MAX];
    struct builder lines[GROUP_MEMBERS_MAX]; /* of each companion: its facts */
    size_t companion_count;
    int line_count; /* movements so far, over all rows */
};
struct posting posting_start(struct decision *decision, struct journal_row *row);
struct journal_row *posting_row(struct posting *posting, const struct member *member);

struct ledger { /* what every operation works on */
    struct posting *posting;
    struct group *group;
    struct member *member; /* who earns, or whose person spends */
    const struct programme *programme;
    const struct wallet_policy *policy;
};

/* What the person may spend now: active over the person (and the pooled household) less debt; at least 0. */
int64_t ledger_available(const struct group *group, const struct member *member, struct text wallet);
/* The same without what a pooled household lets the person spend. */
int64_t ledger_own_available(const struct person *person, struct text wallet);
/* active + pending + held - debt over the person. */
int64_t ledger_balance(const struct group *group, const struct member *member, struct text wallet);

/*
 * Adds a lot of `points` > 0 from `from` (ACCOUNT_ISSUED, ADJUSTED, TRANSIT, PAID_IN or TAKEN_OVER), dated `earned_at`, after paying the
 * member's debt; one already over posts and expires at once. Needs no loaded lots. `*lot` (may be NULL) is the new lot, or
 * NULL inside when all went to debt.
 */
struct accrual {
    int64_t points;
    enum account from;
    int64_t earned_at, active_at, expires_at;
};
enum status ledger_accrue(struct ledger *ledger, struct accrual accrual, struct lot **lot, struct error *err);

/* Draws `points` > 0 to `to`, soonest expiry first, over the person and the pooled household. STATUS_CONFLICT `points.insufficient` names what is available; nothing changed then. */
enum status ledger_draw(struct ledger *ledger, int64_t points, enum account to, struct error *err);

/*
 * Gives back `points` of what `original` (a draw) took and its followers have not yet given back, last drawn first, to the
 * lots it came from; expired lots expire again at once (or get the grace). STATUS_CONFLICT `points.reversed` when less
 * than `points` is left to give back. The posting's row must follow from `original` (have it as its cause), so that the
 * next call counts what this one gave. Members that the draw took from may have left the group: they are looked for in
 * all subjects of the decision; STATUS_CONFLICT `points.owner_apart` when one is in none.
 */
enum status ledger_give_back(struct ledger *ledger, const struct past_event *original, int64_t points,
                             struct error *err);
/* How much of `original` is still to give back, in `wallet`. */
int64_t ledger_given_left(const struct past_event *original, struct text wallet);

/*
 * Takes back `points` that `purchase` (NULL: nobody knows which) earned: from its own lots, then their expired part (from the account "expired"),
 * then other lots of the person by expiry, then by the debt policy. `*written_off` gets what clamp gave up. Under clamp a
 * member with points on hold goes into debt up to these, so that the balance stops at 0; what a capture leaves of that
 * debt is written off then.
 */
enum status ledger_claw_back(struct ledger *ledger, const struct past_event *purchase, int64_t points,
                             int64_t *written_off, struct error *err);

/*
 * What was issued ahead of something that turned out otherwise: all that is left of the member's lot, while it is pending,
 * goes back to ACCOUNT_ISSUED, as if it had not been issued. Returns how much that was.
 */
int64_t ledger_unissue(struct ledger *ledger, int64_t lot);

/* Takes `points` from the member's lots by expiry to ACCOUNT_ADJUSTED, then by the debt policy. */
enum status ledger_adjust_down(struct ledger *ledger, int64_t points, struct error *err);

/* Debt of `points` brought along from the system before: lots that there are pay it; the rest is owed, whatever the policy. */
void ledger_take_over_debt(struct ledger *ledger, int64_t points);

/* Sets `points` aside until `expires_at`; the hold's id is the primary row's. */
enum status ledger_hold(struct ledger *ledger, int64_t points, int64_t expires_at, struct hold **hold,
                        struct error *err);
/* Captures `points` <= amount to ACCOUNT_REDEEMED and releases the rest; once: STATUS_CONFLICT `hold.finished`. */
enum status ledger_capture(struct ledger *ledger, struct hold *hold, int64_t points, struct error *err);
/* Releases all; `state` is HOLD_RELEASED or HOLD_EXPIRED. Lots over by now expire at once. */
enum status ledger_release(struct ledger *ledger, struct hold *hold, enum hold_state state, struct error *err);

/* ---- time ---- */

/*
 * The first instant at which a lot or hold of `member` changes by itself (lots_loaded); INSTANT_NEVER. A hold on points of
 * members who are not in the group does not; whoever brings them together again makes the group due.
 */
int64_t ledger_due(const struct group *group, const struct member *member);

/*
 * The engine's advance hook: brings the group up to decision->now: activations, expiries, hold time-outs and tier periods
 * in order of (instant, kind, id), each with its own journal row dated its due instant; then sets due_at exactly.
 *
 * A lot that activity extends keeps the expiry that it was stamped with; when that instant comes, the last activity until
 * then decides whether it expires or gets a new one. So nothing depends on when this ran.
 */
enum status points_advance(struct decision *decision, struct group *group, struct error *err);

/* Sets leader's due_at: exactly when the person's lots are loaded, otherwise never later than before. */
void points_set_due(struct group *group, struct member *leader);

#endif
