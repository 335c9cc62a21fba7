/* analyze_plot.h: the pictures of analyses that write what they found to the file of --plot. */
#ifndef PATRON_CLI_ANALYZE_PLOT_H
#define PATRON_CLI_ANALYZE_PLOT_H

#include "cli/analyze_pls.h"
#include "cli/analyze_survival.h"
#include "cli/plot/plot.h"
#include "features/insight/demand.h"
#include "features/insight/satisfaction_drivers.h"
#include "features/insight/satisfaction_trend.h"
#include "features/insight/uplift.h"

/* Boxes with R2 and index, arrows with path coefficients. */
enum status pls_plot(const struct pls_call *call, struct error *err);

/* Qini curve of the model, and of a column alone (`simple` may be NULL). */
struct uplift_picture {
    const struct uplift_curve *curve, *simple;
    const char *model, *outcome;
    const char *column; /* that `simple` ranks by; NULL without it */
    size_t members;
};

enum status uplift_plot(const struct cli *cli, const struct uplift_picture *picture, struct error *err);

/* What drivers explain, the strongest first; or importance against performance. */
#define OPTIONS_DRIVERS_PLOT                                                                                  \
    OPTION_PLOT,                                                                                              \
    {                                                                                                         \
        "plot-kind", "KIND", "bars (default): what each driver explains; map: importance against performance" \
    }

struct drivers_picture {
    const struct driver_report *report;
    const char *const *names;
    const size_t *order;
    size_t count;
    const char *outcome;
    double confidence;
};

bool drivers_plot_options(const struct cli *cli); /* false with a message */
enum status drivers_plot(const struct cli *cli, const struct drivers_picture *picture, struct error *err);

/* The measure of each period with its interval, its levels between changes, and the changes. */
struct trend_picture {
    const struct trend_report *report;
    const struct trend_data *data;
    const char *measure; /* "nps" */
    const char *column;
    double confidence;
};

enum status trend_plot(const struct cli *cli, const struct trend_picture *picture, struct error *err);

/* Kaplan-Meier curves, one a group. */
enum status survival_plot(const struct survival_call *call, struct error *err);

/* The last weeks of a series, and what is foretold. */
struct demand_picture {
    const double *days; /* sold, up to the last day */
    size_t day_count;
    int32_t last;
    const struct demand_day *foretold;
    size_t horizon;
    const struct demand_day *sum;
    const char *unit;
};

enum status demand_plot(const struct cli *cli, const struct demand_picture *picture, struct error *err);

#endif
