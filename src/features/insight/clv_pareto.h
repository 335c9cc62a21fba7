/* clv_pareto.h: rows of Pareto/NBD in chunks that share integrals; of clv_pareto.c and clv_pareto_score.c. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_PARETO_H
#define PATRON_FEATURES_INSIGHT_CLV_PARETO_H

#include "features/insight/clv_model.h"

enum { CLV_PARETO_ROWS = 1024, CLV_PARETO_TIMES = 2 * CLV_PARETO_ROWS, CLV_PARETO_BLOCKS = 64 };
enum { CLV_PARETO_R, CLV_PARETO_ALPHA, CLV_PARETO_S, CLV_PARETO_BETA };

/* Rows of one group that share a list of times. */
struct clv_chunk {
    uint32_t repeats;
    uint32_t time_count;
    size_t first, end; /* rows; the list of its times begins at 2 x first */
};

struct clv_place { /* of a row, in its chunk's list */
    uint16_t last, observed;
};

struct clv_pareto {
    const struct clv_rows *rows;
    struct clv_chunk *chunks;
    size_t chunk_count;
    struct clv_place *places; /* by row */
    uint32_t *times;          /* lists of all chunks: indexes of rows->times, ascending */
    size_t threads;
    struct station *stations; /* CLV_PARETO_TIMES of each thread */
};

/* How a panel from `from` is integrated: its end, and by how many nodes; 0 nodes: Simpson's rule with both ends known. */
struct clv_panel {
    double width;
    int nodes;
};
struct clv_panel clv_pareto_panel(const double *parameters, double m, double from, double to);

#endif
