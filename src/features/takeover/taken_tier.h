/* taken_tier.h: the tier that a member had in the system before, with its end and the progress towards keeping it. Pure. */
#ifndef PATRON_FEATURES_TAKEOVER_TAKEN_TIER_H
#define PATRON_FEATURES_TAKEOVER_TAKEN_TIER_H

#include "features/programme/programme.h"
#include "features/takeover/takeover.h"

/* One row. A trial ends like a grace: with the level below, unless it was kept meanwhile. */
struct take_tier {
    struct takeover takeover;
    struct tier_taken tier;
    bool trial;
};

/*
 * A row without a number is known by the member: one tier each, whose digest is kept as the progress "takeover:tier", because
 * a claim would outlive the member's identifiers. Such a row is of take_only_tier_type.
 *
 * STATUS_INVALID `migration.tier` for a level that the ladder in force does not have. Of a person of several members the tier
 * becomes the member's share; the person's, unless that is higher.
 */
extern const struct command_type take_tier_type, take_only_tier_type;

#endif
