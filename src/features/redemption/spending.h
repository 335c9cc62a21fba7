/*
 * spending.h: whether a person may spend points now: the one question that redeeming, holding, paying and transferring
 * ask. Pure.
 */
#ifndef PATRON_FEATURES_REDEMPTION_SPENDING_H
#define PATRON_FEATURES_REDEMPTION_SPENDING_H

#include "features/redemption/freeze.h"
#include "features/redemption/proof.h"
#include "features/redemption/velocity.h"

/* What a command type loads that takes a proof, or whose programme limits how much members spend. */
#define SPENDING_LOADS (LOAD_LOTS | LOAD_PROGRESS | LOAD_ALONE)

struct spending {
    struct decision *decision;
    const struct command *command;
    const struct person *person;
    const struct wallet_policy *policy;
    int64_t points;
    const struct proof *proof;
    struct velocity_place place;
};

/*
 * STATUS_CONFLICT `member.frozen`, STATUS_FORBIDDEN `redemption.proof_required`, `proof.*`, STATUS_LIMIT `redemption.velocity`. When it may, the limits have
 * counted it; the caller uses the proof up (proof_use), once a command.
 */
enum status spending_check(const struct spending *spending, struct error *err);

/* Whether the programme limits how much members spend, so that a command must load their progress. */
bool spending_needs_progress(const struct programme *programme);

#endif
