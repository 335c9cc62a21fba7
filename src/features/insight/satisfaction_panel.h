/* satisfaction_panel.h: whether satisfaction leads to loyalty or loyalty to satisfaction, from two waves. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_SATISFACTION_PANEL_H
#define PATRON_FEATURES_INSIGHT_SATISFACTION_PANEL_H

#include <stddef.h>

#include "foundation/arena.h"
#include "foundation/error.h"

enum panel_variable { PANEL_SATISFACTION_1, PANEL_LOYALTY_1, PANEL_SATISFACTION_2, PANEL_LOYALTY_2, PANEL_VARIABLES };

/* Answers of the same members in both waves; NaN is missing, and such members are left out. */
struct panel_data {
    const double *columns[PANEL_VARIABLES];
    size_t count;
};

/* Standardised paths from the first wave to the second. */
enum panel_path {
    PANEL_SATISFACTION_STAYS, /* satisfaction to satisfaction */
    PANEL_LOYALTY_STAYS,      /* loyalty to loyalty */
    PANEL_SATISFACTION_TO_LOYALTY,
    PANEL_LOYALTY_TO_SATISFACTION,
    PANEL_DIFFERENCE, /* of the two before: above 0, satisfaction leads */
    PANEL_PATHS,
};

const char *panel_path_name(enum panel_path path); /* "satisfaction1 -> loyalty2" */

struct panel_estimate {
    double value, error, low, high, p_value; /* error and what follows are NaN when nothing is left unexplained */
};

enum panel_lead { PANEL_NEITHER, PANEL_SATISFACTION_LEADS, PANEL_LOYALTY_LEADS, PANEL_BOTH_ALIKE };

struct panel_report {
    double count, left_out;
    struct panel_estimate paths[PANEL_PATHS];
    double together_1, together_2; /* correlations in the first wave, and of what is left in the second */
    double explained[2];           /* R2 of satisfaction and of loyalty in the second wave */
    double stayed_p_value;         /* that members left out were as satisfied in the first wave; NaN: none to compare */
    enum panel_lead lead;
};

/*
 * Cross-lagged panel of Kenny (1975) and Finkel (1995): each variable of the second wave on both of the first. Standard
 * errors of standardised paths follow from the influence of each member on the correlations, so that they hold for answers
 * of any distribution (Browne 1984). One leads when its cross path is larger by a test at 1 - confidence; both alike: at
 * least one cross path is there, and they do not differ.
 * STATUS_INVALID `panel.rows` below 10 members; `panel.constant` when a column does not vary or both of the first wave say
 * the same.
 */
enum status panel_estimate(const struct panel_data *data, double confidence, struct panel_report *out,
                           struct error *err);

#endif
