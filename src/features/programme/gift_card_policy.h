/* gift_card_policy.h: "gift_cards" of the programme document: how gift cards may be topped up. Pure. */
#ifndef PATRON_FEATURES_PROGRAMME_GIFT_CARD_POLICY_H
#define PATRON_FEATURES_PROGRAMME_GIFT_CARD_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/status.h"

enum { GIFT_CARD_DAYS_MAX = 3660 };

struct gift_card_policy {
    bool no_top_up;
    int64_t minimum, maximum; /* minor units of one top-up; maximum 0: any */
    int64_t balance;          /* minor units that a card has at most after it; 0: any */
    int64_t days;             /* a card with an end ends no sooner than so many days after it; 0: the end stays */
};

struct object;    /* programme_read.h */
struct programme; /* programme.h */
enum status gift_card_policy_read(const struct object *document, struct programme *programme);

#endif
