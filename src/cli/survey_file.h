/* survey_file.h: a file of answers: their scale, their days, and the confidence of what is said about them. */
#ifndef PATRON_CLI_SURVEY_FILE_H
#define PATRON_CLI_SURVEY_FILE_H

#include "cli/analyze.h"
#include "cli/data_file.h"
#include "features/insight/cohort.h"
#include "features/insight/satisfaction_score.h"

/* Of every analysis of answers, before OPTIONS_FILE. */
#define OPTION_CONFIDENCE                                       \
    {                                                           \
        "confidence", "PERCENT", "of the intervals; default 95" \
    }
#define OPTION_SCALE                                                                                      \
    {                                                                                                     \
        "scale", "LOW-HIGH",                                                                              \
            "answers that could be given; default: the shortest of 1-5, 1-7, 1-10, 0-10, 0-100 that fits" \
    }
#define OPTION_SEED                                                                               \
    {                                                                                             \
        "seed", "NUMBER", "of the random numbers: the same seed gives the same result; default 1" \
    }

#define SURVEY_NO_DAY INT32_MIN

struct survey_file {
    struct cli *cli;
    struct data_file data;
    double confidence; /* 0.95 */
    double low, high;  /* by --scale; else both 0 */
    uint64_t seed;
};

/* The options above; false, with a message, when one has a value that is none. */
bool survey_options(struct cli *cli, struct reader_options *how, struct survey_file *out);

/* The scale of the columns: as --scale says, or the shortest usual one that holds all their answers; else `survey.scale`. */
enum status survey_scale(const struct survey_file *survey, const struct data_column *const *columns, size_t count,
                         double *low, double *high, struct error *err);

/* The columns of "a,b,c", all of numbers. */
enum status survey_columns(const struct survey_file *survey, const char *names, const struct data_column ***out,
                           size_t *count, struct error *err);
/* Their numbers, for models that take arrays. */
const double *const *survey_numbers(struct arena *arena, const struct data_column *const *columns, size_t count);

/*
 * The day of each row, SURVEY_NO_DAY where it is missing. Rows whose day cannot be read count as refused, the first is told
 * with its line. `survey.date` when no day can be read.
 */
enum status survey_days(struct survey_file *survey, const char *column, int32_t **out, struct error *err);
/* --period, month by default; false with a message. */
bool survey_period(const struct cli *cli, enum cohort_period *out);

/* "p 0.003", "p below 0.0001" */
const char *survey_p_text(struct arena *arena, double p_value);
/* The rows that every analysis begins with: answers, what is left out, the confidence. */
void survey_add_head(struct figures *figures, const struct survey_file *survey, const struct answer_tally *all);
void survey_add_estimate(struct figures *figures, const char *name, const struct answer_estimate *estimate,
                         const char *note);

int survey_end(struct figures *figures, const struct survey_file *survey, const char *summary);

#endif
