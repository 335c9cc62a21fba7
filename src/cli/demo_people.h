/* demo_people.h: the members of the demo chain: who they are and how they behave. */
#ifndef PATRON_CLI_DEMO_PEOPLE_H
#define PATRON_CLI_DEMO_PEOPLE_H

#include "cli/demo_random.h"
#include "foundation/arena.h"
#include "foundation/text.h"

enum { DEMO_TEXT_SIZE = 64, DEMO_CAFES = 4, DEMO_HOTELS = 2, DEMO_STORES = DEMO_CAFES + DEMO_HOTELS };

struct demo_store {
    const char *code, *name, *zone, *region;
    int cut_minutes;
    bool hotel;
};
extern const struct demo_store demo_stores[DEMO_STORES];

struct demo_person {
    char external[16], card[16], phone[24], email[48];
    char family[16], given[24], display[DEMO_TEXT_SIZE], birthday[16];
    const char *gender, *language;
    int joined, left;      /* days of the year: 0 .. 364; left: the last day with visits, 365: stays */
    int visits_per_10000;  /* chance of a café visit a day */
    int stays_per_10000;   /* chance of a hotel stay a day */
    int home;              /* the store that they mostly go to */
    int redeems_per_10000; /* chance of redeeming with a visit */
    bool weekends;         /* comes mostly on weekends */
};

/* The `index`-th member; the same for the same seed. */
void demo_person_make(uint64_t seed, int index, struct demo_person *out);

#endif
