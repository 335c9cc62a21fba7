/* churn_cause.h: recorded reasons for leaving, by seven causes, as shares with intervals. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_CAUSE_H
#define PATRON_FEATURES_INSIGHT_CHURN_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/text.h"

/* The causes of switching of Keaveney 1995, in the words of a shop. */
enum churn_cause {
    CAUSE_COMPETITION,     /* a better offer elsewhere */
    CAUSE_INCIDENT,        /* one thing went wrong: an outage, a wrong bill, a complaint */
    CAUSE_PRODUCT,         /* what is sold no longer fits or is not good enough */
    CAUSE_PASSIVE_SERVICE, /* rude, slow or indifferent people */
    CAUSE_ETHICS,          /* trust was broken */
    CAUSE_PRICE,
    CAUSE_MOVED, /* or died, or needs it no more: nobody's doing */
    CAUSE_OTHER,
    CHURN_CAUSES,
};

#define CAUSE_NONE UINT8_MAX /* no reason is recorded */

const char *churn_cause_name(enum churn_cause cause); /* "passive service" */

/* The codes of the API and of files, "passive_service", in the order of the enum; NULL at the end. */
extern const char *const churn_cause_codes[CHURN_CAUSES + 1];
bool churn_cause_from(struct text code, enum churn_cause *out);

/* The cause that a recorded reason names, by its words; CAUSE_OTHER when none is known. English and Chinese. */
enum churn_cause churn_cause_of(struct text reason);

struct cause_share {
    size_t count, of;        /* rows of the segment with this cause; with any */
    double share, low, high; /* 90 %, Wilson */
};

struct cause_table {
    size_t segment_count;
    struct cause_share *cells; /* segment_count x CHURN_CAUSES */
    double p_value;            /* that causes are the same in all segments: chi-square; NaN when there is one or none */
    double least_expected;     /* of its cells with rows: below 5 it is rough */
};

/* Rows with their cause (CAUSE_NONE is not counted) and segment (below `segment_count`; NULL: all in segment 0). */
struct cause_rows {
    const uint8_t *causes;
    const uint32_t *segments;
    size_t count, segment_count;
};

void churn_causes_count(struct arena *arena, const struct cause_rows *rows, struct cause_table *out);

#endif
