/* partner_row.h: the steps that all commands of partners share. Pure. */
#ifndef PATRON_FEATURES_PARTNERS_PARTNER_ROW_H
#define PATRON_FEATURES_PARTNERS_PARTNER_ROW_H

#include "features/partners/partner_facts.h"
#include "features/points/ledger.h"

struct partner_work {
    struct decision *decision;
    struct person *person;         /* NULL, or without a member: nobody known */
    const struct partner *partner; /* NULL: there is none any more */
    const struct programme *programme;
    int64_t at;
    struct journal_row *row;
    struct posting posting;
    struct partner_facts facts;
};

/* At `moment`, which is not ahead, by the programme of now. STATUS_INVALID `event.in_future`. */
enum status partner_work_start(struct partner_work *work, struct decision *decision,
                               const struct partner_moment *moment, struct error *err);

/* Whether somebody is known, and active. */
bool partner_work_known(const struct partner_work *work);

/* The row, with work->facts; of nobody it lies in `bucket`. */
void partner_work_row(struct partner_work *work, const char *kind, int bucket, int64_t cause);

/* Gives work->facts.points of the account that its earning names, as earned at `earned_at`. */
enum status partner_work_give(struct partner_work *work, int64_t earned_at, struct error *err);

/* Points of an account that qualifies move the ladders. */
enum status partner_work_qualify(const struct partner_work *work, int64_t points, struct error *err);

/* The account of the facts. STATUS_CONFLICT `wallet.unknown` when the programme has it no more. */
enum status partner_work_ledger(struct partner_work *work, struct ledger *out, struct error *err);

/* The person acted, when `activity`; what is due is set, and the result made, with its texts in the arena of `command`. */
void partner_work_finish(const struct partner_work *work, const struct command *command, bool activity,
                         struct partner_result *result);

#endif
