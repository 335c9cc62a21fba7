/* analyze_opportunities.h: lifetime value where purchases come at given opportunities, such as yearly gifts (BG/BB). */
#ifndef PATRON_CLI_ANALYZE_OPPORTUNITIES_H
#define PATRON_CLI_ANALYZE_OPPORTUNITIES_H

#include "cli/analyze.h"

/* The options of its own, in the table of `analyze clv`. */
#define OPTIONS_OPPORTUNITIES                                                                         \
    {"period", "PERIOD",                                                                              \
     "bg-bb: week, month, quarter or year is an opportunity; without it the file has a row a kind "   \
     "of customer"},                                                                                  \
        {"repeats", "COLUMN", "of such a file: opportunities used; default frequency, x or repeats"}, \
        {"last", "COLUMN", "which was the last used; default recency, t.x or last"},                  \
        {"opportunities", "COLUMN", "how many there were; default periods, n.cal or opportunities"},  \
    {                                                                                                 \
        "count", "COLUMN", "how many such customers; default weights, custs or count, else 1"         \
    }

/* Runs `analyze clv --model bg-bb`. */
int analyze_opportunities(struct cli *cli);

#endif
