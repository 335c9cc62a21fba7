/* store_figures_store.h: what each store sold in a period, and how much of it to members. */
#ifndef PATRON_FEATURES_INSIGHT_STORE_FIGURES_STORE_H
#define PATRON_FEATURES_INSIGHT_STORE_FIGURES_STORE_H

#include "engine/engine.h"

/* Sums over the business days of the period. Money in minor units of the programme's currency. */
struct store_figures {
    struct text store;
    int64_t purchases, sales, returned, visits, members_registered;
    int64_t anonymous_purchases, anonymous_sales; /* of which without a member */
    int64_t stays, nights;                        /* that ended; each night on its own day */
};

struct store_figures_list {
    int32_t first, last; /* the days, both included */
    struct store_figures *items;
    size_t count, capacity;
};

/* Fills `list` for its days, ascending by store; what names no store has the empty one. */
enum status store_figures_read(struct storage_session *session, struct arena *arena, struct store_figures_list *list,
                               struct error *err);

#endif
