/* partner_facts.h: what the rows of partners keep: compact JSON of codes and numbers. Pure. */
#ifndef PATRON_FEATURES_PARTNERS_PARTNER_FACTS_H
#define PATRON_FEATURES_PARTNERS_PARTNER_FACTS_H

#include "features/partners/partner_commands.h"

struct partner_facts {
    struct text partner, store, till, receipt; /* store and till as the partner calls them */
    struct text reference;                     /* of a return: its own receipt */
    struct text reason;
    char currency[CURRENCY_SIZE];
    int64_t minor; /* of a claim: what was not returned before */
    int64_t points;
    int64_t written_off;            /* of a return: what had been spent */
    struct partner_earning earning; /* of a purchase or claim; its wallet also of all others */
    struct text proof;
};

struct text partner_facts_write(struct arena *arena, const struct partner_facts *facts);
void partner_facts_read(struct arena *arena, struct text json, struct partner_facts *out);

#endif
