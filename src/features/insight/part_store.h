/* part_store.h: the people of a part of the company: who was at its stores, and what they did there. */
#ifndef PATRON_FEATURES_INSIGHT_PART_STORE_H
#define PATRON_FEATURES_INSIGHT_PART_STORE_H

#include "features/insight/insight_store.h"

struct part_period {
    int64_t start, end;   /* instants: purchases of [start, end) are those of the period */
    int64_t active_after; /* who bought or visited later is active */
    int64_t repeat_purchases;
};

struct part_people {
    int64_t members;            /* persons with an event at a store of the part who are not erased */
    int64_t active;             /* of them */
    struct buyers ever, period; /* by purchases at stores of the part; those of the period also of the erased */
};

/* Reads the whole journal. */
enum status part_people_read(struct storage_session *session, const struct insight_part *part,
                             const struct part_period *period, struct part_people *out, struct error *err);

#endif
