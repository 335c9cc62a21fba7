/* taken_consent.h: a consent given or withdrawn in the system before. Pure. */
#ifndef PATRON_FEATURES_TAKEOVER_TAKEN_CONSENT_H
#define PATRON_FEATURES_TAKEOVER_TAKEN_CONSENT_H

#include "features/takeover/takeover.h"

/*
 * One row. It never weakens what is here: what is withdrawn stays withdrawn (TAKEOVER_WEAKER), somebody erased begins without
 * consent, and an older word than the one here is passed over (TAKEOVER_KNOWN).
 */
struct take_consent {
    struct takeover takeover; /* load.parts[0] = PART_CONSENTS; load.checked: the identifiers of the row */
    struct consent consent;
};
extern const struct command_type take_consent_type;

/* What the state here says about the row: WEAKER, KNOWN for an older or equal word, or NEW. */
enum takeover_result taken_consent_judge(const struct customer_state *state, const struct consent *given);

#endif
