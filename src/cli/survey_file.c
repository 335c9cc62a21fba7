#include "cli/survey_file.h"

#include <math.h>
#include <stdio.h>

#include "features/exchange/value.h"
#include "foundation/instant.h"

enum { CONFIDENCE_DEFAULT = 95, CONFIDENCE_MIN = 50, CONFIDENCE_MAX = 99 };

bool survey_options(struct cli *cli, struct reader_options *how, struct survey_file *out)
{
    int64_t confidence = CONFIDENCE_DEFAULT, seed = 1;
    const char *scale = cli_value(cli, "scale");
    struct survey_file survey = {.cli = cli};
    int used = 0;

    if (!cli_integer(cli, "confidence", CONFIDENCE_MIN, CONFIDENCE_MAX, &confidence) ||
        !cli_integer(cli, "seed", 0, INT64_MAX, &seed) || !analyze_reader_options(cli, how))
        return false;
    if (scale != NULL && (sscanf(scale, "%lf-%lf%n", &survey.low, &survey.high, &used) != 2 || scale[used] != '\0' ||
                          !(survey.low < survey.high) || !isfinite(survey.high)))
        return cli_usage(cli, "--scale is the lowest and the highest answer, such as 1-5"), false;
    survey.confidence = (double)confidence / 100;
    survey.seed = (uint64_t)seed;
    *out = survey;
    return true;
}

enum status survey_scale(const struct survey_file *survey, const struct data_column *const *columns, size_t count,
                         double *low, double *high, struct error *err)
{
    double least = INFINITY, most = -INFINITY;

    *low = survey->low;
    *high = survey->high;
    if (survey->low < survey->high)
        return STATUS_OK;
    for (size_t j = 0; j < count; j++)
        for (size_t row = 0; row < survey->data.row_count; row++) {
            least = fmin(least, columns[j]->numbers[row]); /* passes over NaN */
            most = fmax(most, columns[j]->numbers[row]);
        }
    if (!(least <= most))
        return error_set(err, STATUS_INVALID, "survey.empty", "score", "there is no answer");
    if (!answer_scale_guess(least, most, low, high))
        return error_set(err, STATUS_INVALID, "survey.scale", "scale",
                         "answers from %g to %g lie on no usual scale: say it with --scale LOW-HIGH", least, most);
    return STATUS_OK;
}

enum status survey_columns(const struct survey_file *survey, const char *names, const struct data_column ***out,
                           size_t *count, struct error *err)
{
    enum status status = data_file_columns(survey->cli->arena, &survey->data, names, out, count, err);

    for (size_t j = 0; status == STATUS_OK && j < *count; j++) {
        const struct data_column *unused;

        status = data_file_numbers(&survey->data, text_string(survey->cli->arena, (*out)[j]->name), &unused, err);
    }
    return status;
}

const double *const *survey_numbers(struct arena *arena, const struct data_column *const *columns, size_t count)
{
    const double **numbers = arena_array(arena, count + 1, sizeof *numbers);

    for (size_t j = 0; j < count; j++)
        numbers[j] = columns[j]->numbers;
    return numbers;
}

/* ---- days ---- */

static enum status read_day(const struct survey_file *survey, struct text text, int32_t *out, struct error *err)
{
    struct moment moment;
    enum status status = moment_parse(text, cli_value(survey->cli, "date-format"), &moment, err);

    if (status == STATUS_OK)
        *out = moment.absolute ? (int32_t)(moment.instant / INSTANT_DAY) : moment.day;
    return status;
}

enum status survey_days(struct survey_file *survey, const char *column, int32_t **out, struct error *err)
{
    struct arena *arena = survey->cli->arena;
    struct data_file *data = &survey->data;
    const struct data_column *dates;
    size_t read = 0, refused = 0;
    enum status status = data_file_column(data, column, &dates, err);

    if (status != STATUS_OK)
        return status;
    if (dates->codes == NULL)
        return error_set(err, STATUS_INVALID, "survey.date", "date", "the column '%s' holds numbers, not days", column);
    int32_t *of_level = arena_array(arena, dates->level_count + 1, sizeof *of_level);
    int32_t *days = arena_array(arena, data->row_count + 1, sizeof *days);

    for (size_t i = 0; i < dates->level_count; i++)
        if (read_day(survey, dates->levels[i], &of_level[i], err) != STATUS_OK)
            of_level[i] = SURVEY_NO_DAY;
    for (size_t row = 0; row < data->row_count; row++) {
        days[row] = dates->codes[row] == DATA_MISSING ? SURVEY_NO_DAY : of_level[dates->codes[row]];
        read += days[row] != SURVEY_NO_DAY;
        if (dates->codes[row] == DATA_MISSING || days[row] != SURVEY_NO_DAY)
            continue;
        int32_t unused;

        if (refused++ == 0 && read_day(survey, dates->levels[dates->codes[row]], &unused, err) != STATUS_OK)
            fprintf(stderr, "line %lld: %s\n", (long long)data->lines[row], err->message);
    }
    data->refused += (int64_t)refused;
    if (refused > 0)
        fprintf(stderr, "%zu rows could not be read\n", refused);
    if (read == 0)
        return error_set(err, STATUS_INVALID, "survey.date", "date", "no day in the column '%s' can be read", column);
    *out = days;
    return STATUS_OK;
}

bool survey_period(const struct cli *cli, enum cohort_period *out)
{
    const char *name = cli_value(cli, "period");

    *out = COHORT_MONTH;
    if (name != NULL && !cohort_period_from(name, out))
        return cli_usage(cli, "--period is week, month or quarter"), false;
    return true;
}

/* ---- results ---- */

const char *survey_p_text(struct arena *arena, double p_value)
{
    return isnan(p_value)     ? "too few answers to test"
           : p_value < 0.0001 ? "p below 0.0001"
                              : arena_format(arena, "p %.4f", p_value);
}

void survey_add_head(struct figures *figures, const struct survey_file *survey, const struct answer_tally *all)
{
    struct arena *arena = survey->cli->arena;

    figures_add(figures, "answers", all->count,
                arena_format(arena, "%.0f rows without an answer and %.0f off the scale are left out", all->missing,
                             all->off_scale));
    figures_add(figures, "confidence", survey->confidence, "of all intervals here");
}

void survey_add_estimate(struct figures *figures, const char *name, const struct answer_estimate *estimate,
                         const char *note)
{
    figures_add_interval(figures, name, (double[]){estimate->value, estimate->low, estimate->high}, note);
}

int survey_end(struct figures *figures, const struct survey_file *survey, const char *summary)
{
    figures_add(figures, "summary", NAN, summary);
    output_end(&figures->output);
    return survey->data.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}
