/* analyze_clv_plot.h: the pictures of `analyze clv`. */
#ifndef PATRON_CLI_ANALYZE_CLV_PLOT_H
#define PATRON_CLI_ANALYZE_CLV_PLOT_H

#include "cli/plot/plot.h"
#include "cli/purchase_file.h"
#include "features/insight/clv_model.h"

#define OPTIONS_CLV_PLOT                                                                                         \
    OPTION_PLOT,                                                                                                 \
    {                                                                                                            \
        "plot-kind", "KIND",                                                                                     \
            "tracking (default): purchases of each week, as they were and as expected; cumulative: their sums; " \
            "distribution: customers by what is expected of them"                                                \
    }

/* What has been learnt, to be drawn. */
struct clv_picture {
    struct cli *cli;
    const struct purchase_file *file;
    const struct clv_fit *fit;
    int32_t held_out_from; /* the last day the tracked model learns from; the last of the file: it learns from all */
    const double *values;  /* what is expected of each customer within the horizon */
    size_t count;
    bool money; /* values are money, else purchases */
    int64_t horizon;
};

/* False, with a message, when --plot-kind is none of the kinds. */
bool clv_plot_options(const struct cli *cli);

/* Draws what --plot and --plot-kind ask for. */
enum status clv_plot(const struct clv_picture *picture, struct error *err);

#endif
