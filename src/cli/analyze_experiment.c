#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/analyze.h"
#include "cli/data_file.h"
#include "features/insight/experiment.h"

enum { OUTCOMES_MAX = 16, CONFIDENCE_DEFAULT = 95, CONFIDENCE_MIN = 50, CONFIDENCE_MAX = 99, TESTS_MAX = 512 };

/* One outcome in one group against the control. */
struct comparison {
    const char *outcome, *group;
    struct group_moments treated, control;
    struct effect effect, sharper, change;
    struct sequential sequential;
    double explained, adjusted_p;
    bool shares, covered, compared_before; /* outcomes of 0 and 1; with covariates; with a measure before */
};

/* A call of `analyze experiment`. */
struct analysis {
    struct cli *cli;
    struct data_file file;
    const struct data_column *group, **outcomes, **covariates, **before;
    size_t outcome_count, covariate_count, before_count;
    uint32_t control;
    double confidence, weights[EXPERIMENT_GROUPS_MAX], counts[EXPERIMENT_GROUPS_MAX];
    struct sample_ratio ratio;
    struct comparison comparisons[TESTS_MAX];
    size_t comparison_count;
    size_t missing; /* rows without a group */
};

/* ---- what is asked ---- */

static enum status find_control(struct analysis *analysis, struct error *err)
{
    static const char *const usual[] = {"control", "holdout", "none", "0", "no", "false"};
    const char *wanted = cli_value(analysis->cli, "control");
    const struct data_column *group = analysis->group;

    for (uint32_t level = 0; level < group->level_count; level++)
        for (size_t i = 0; i < (wanted != NULL ? 1 : sizeof usual / sizeof usual[0]); i++) {
            const char *name = wanted != NULL ? wanted : usual[i];
            struct text text = group->levels[level];

            if (text.size == strlen(name) && strncasecmp(text.bytes, name, text.size) == 0) {
                analysis->control = level;
                return STATUS_OK;
            }
        }
    return error_set(err, STATUS_INVALID, "experiment.control", "control",
                     wanted != NULL ? "no row is in a group '%s'" : "say with --control which group had nothing%s",
                     wanted != NULL ? wanted : "");
}

/* Shares planned: the control first, then the other groups as they are met. */
static enum status read_weights(struct analysis *analysis, struct error *err)
{
    const char *text = cli_value(analysis->cli, "planned");
    size_t read = 0, count = analysis->group->level_count;

    for (size_t i = 0; i < count; i++)
        analysis->weights[i] = 1;
    if (text == NULL)
        return STATUS_OK;
    for (char *end = NULL; read < count; read++, text = end + 1) {
        size_t level = read == 0 ? analysis->control : read - (read <= analysis->control);

        analysis->weights[level] = strtod(text, &end);
        if (end == text || !(analysis->weights[level] > 0) || !isfinite(analysis->weights[level]))
            break;
        if (*end != ',') {
            read += *end == '\0';
            break;
        }
    }
    if (read != count)
        return error_set(err, STATUS_INVALID, "experiment.planned", "planned",
                         "--planned is %zu shares above 0, such as 1,1: of the control, then of the other groups",
                         count);
    return STATUS_OK;
}

static enum status numbers_of(struct analysis *analysis, const char *option, const struct data_column ***out,
                              size_t *count, struct error *err)
{
    const char *names = cli_value(analysis->cli, option);
    enum status status = STATUS_OK;

    *count = 0;
    if (names == NULL)
        return STATUS_OK;
    status = data_file_columns(analysis->cli->arena, &analysis->file, names, out, count, err);
    for (size_t i = 0; status == STATUS_OK && i < *count; i++)
        status =
            data_file_numbers(&analysis->file, text_string(analysis->cli->arena, (*out)[i]->name), &(*out)[i], err);
    return status;
}

static enum status find_columns(struct analysis *analysis, struct error *err)
{
    enum status status = data_file_column(&analysis->file, cli_value(analysis->cli, "group"), &analysis->group, err);

    if (status == STATUS_OK)
        status = numbers_of(analysis, "outcome", &analysis->outcomes, &analysis->outcome_count, err);
    if (status == STATUS_OK)
        status = numbers_of(analysis, "covariate", &analysis->covariates, &analysis->covariate_count, err);
    if (status == STATUS_OK)
        status = numbers_of(analysis, "before", &analysis->before, &analysis->before_count, err);
    if (status != STATUS_OK)
        return status;
    if (analysis->group->codes == NULL || analysis->group->level_count > EXPERIMENT_GROUPS_MAX)
        return error_set(err, STATUS_LIMIT, "experiment.groups", "group", "'%s' has more than %d groups",
                         cli_value(analysis->cli, "group"), EXPERIMENT_GROUPS_MAX);
    if (analysis->outcome_count > OUTCOMES_MAX)
        return error_set(err, STATUS_LIMIT, "experiment.outcomes", "outcome", "at most %d outcomes at once",
                         OUTCOMES_MAX);
    if (analysis->before_count > 0 && analysis->before_count != analysis->outcome_count)
        return error_set(err, STATUS_INVALID, "experiment.before", "before",
                         "--before names a column for each outcome, in their order");
    status = find_control(analysis, err);
    return status == STATUS_OK ? read_weights(analysis, err) : status;
}

/* ---- what is found ---- */

/* Rows of one outcome, and what goes with them; those without group or outcome are left out. */
struct gathered {
    double *outcomes, *before, *covariates[EXPERIMENT_COVARIATES_MAX], *values;
    uint32_t *groups;
    size_t count;
    bool shares;
};

static void fill_mean(double *values, size_t count)
{
    double sum = 0, known = 0;

    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            known++;
        }
    for (size_t i = 0; i < count; i++)
        if (isnan(values[i]))
            values[i] = known > 0 ? sum / known : 0;
}

static void gather(const struct analysis *analysis, size_t outcome, struct gathered *out)
{
    struct arena *arena = analysis->cli->arena;
    size_t rows = analysis->file.row_count;
    const double *numbers = analysis->outcomes[outcome]->numbers;

    *out = (struct gathered){.shares = true};
    out->outcomes = arena_array(arena, rows + 1, sizeof *out->outcomes);
    out->values = arena_array(arena, rows + 1, sizeof *out->values);
    out->before = arena_array(arena, rows + 1, sizeof *out->before);
    out->groups = arena_array(arena, rows + 1, sizeof *out->groups);
    for (size_t k = 0; k < analysis->covariate_count; k++)
        out->covariates[k] = arena_array(arena, rows + 1, sizeof **out->covariates);
    for (size_t i = 0; i < rows; i++) {
        if (analysis->group->codes[i] == DATA_MISSING || isnan(numbers[i]))
            continue;
        out->outcomes[out->count] = numbers[i];
        out->shares = out->shares && (numbers[i] == 0 || numbers[i] == 1);
        out->groups[out->count] = analysis->group->codes[i];
        if (analysis->before_count > 0)
            out->before[out->count] = analysis->before[outcome]->numbers[i];
        for (size_t k = 0; k < analysis->covariate_count; k++)
            out->covariates[k][out->count] = analysis->covariates[k]->numbers[i];
        out->count++;
    }
    for (size_t k = 0; k < analysis->covariate_count; k++)
        fill_mean(out->covariates[k], out->count);
}

static void measure_group(const struct gathered *rows, const double *values, uint32_t group, struct group_moments *out)
{
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++)
        if (rows->groups[i] == group && !isnan(values[i]))
            rows->values[count++] = values[i];
    group_moments_measure(rows->values, count, out);
}

static enum status compare_values(const struct analysis *analysis, const struct gathered *rows, const double *values,
                                  uint32_t group, struct effect *out, struct error *err)
{
    struct group_moments treated, control;

    measure_group(rows, values, group, &treated);
    measure_group(rows, values, analysis->control, &control);
    return effect_of_means(&treated, &control, analysis->confidence, out, err);
}

static enum status compare(struct analysis *analysis, size_t outcome, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    const struct data_column *group = analysis->group;
    struct gathered rows;
    double explained = 0;

    gather(analysis, outcome, &rows);
    double *adjusted = arena_array(arena, rows.count + 1, sizeof *adjusted);
    double *change = arena_array(arena, rows.count + 1, sizeof *change);
    const struct experiment_data data = {rows.outcomes,
                                         rows.groups,
                                         rows.count,
                                         group->level_count,
                                         (const double *const *)rows.covariates,
                                         analysis->covariate_count};
    enum status status = cuped_adjust(arena, &data, adjusted, &explained, err);

    for (size_t i = 0; i < rows.count; i++)
        change[i] = rows.outcomes[i] - rows.before[i];
    for (uint32_t level = 0; status == STATUS_OK && level < group->level_count; level++) {
        struct comparison *found = &analysis->comparisons[analysis->comparison_count];

        if (level == analysis->control)
            continue;
        *found = (struct comparison){.outcome = text_string(arena, analysis->outcomes[outcome]->name),
                                     .group = text_string(arena, group->levels[level]),
                                     .explained = explained,
                                     .shares = rows.shares,
                                     .covered = analysis->covariate_count > 0,
                                     .compared_before = analysis->before_count > 0};
        measure_group(&rows, rows.outcomes, level, &found->treated);
        measure_group(&rows, rows.outcomes, analysis->control, &found->control);
        status = (rows.shares ? effect_of_shares : effect_of_means)(&found->treated, &found->control,
                                                                    analysis->confidence, &found->effect, err);
        if (status == STATUS_OK && found->covered)
            status = compare_values(analysis, &rows, adjusted, level, &found->sharper, err);
        if (status == STATUS_OK && found->compared_before)
            status = compare_values(analysis, &rows, change, level, &found->change, err);
        sequential_measure(&data, level, analysis->control, analysis->confidence, &found->sequential);
        analysis->comparison_count++;
    }
    return status;
}

static enum status measure(struct analysis *analysis, struct error *err)
{
    const struct data_column *group = analysis->group;
    enum status status = STATUS_OK;
    double p[TESTS_MAX], adjusted[TESTS_MAX];

    for (size_t i = 0; i < analysis->file.row_count; i++)
        if (group->codes[i] == DATA_MISSING)
            analysis->missing++;
        else
            analysis->counts[group->codes[i]]++;
    if (group->level_count < 2)
        return error_set(err, STATUS_INVALID, "experiment.group", "group",
                         "there is one group only: nothing to compare");
    sample_ratio_check(analysis->counts, analysis->weights, group->level_count, &analysis->ratio);
    for (size_t i = 0; status == STATUS_OK && i < analysis->outcome_count; i++)
        status = compare(analysis, i, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < analysis->comparison_count; i++)
        p[i] = analysis->comparisons[i].effect.p;
    adjust_for_number(analysis->cli->arena, p, analysis->comparison_count, adjusted);
    for (size_t i = 0; i < analysis->comparison_count; i++)
        analysis->comparisons[i].adjusted_p = adjusted[i];
    return STATUS_OK;
}

/* ---- what is told ---- */

static void add(struct figures *figures, const struct comparison *found, const char *what, const double values[3],
                const char *note)
{
    figures_add_interval(figures, arena_format(figures->cli->arena, "%s %s %s", what, found->outcome, found->group),
                         values, note);
}

static void add_effect(struct figures *figures, const struct comparison *found, const char *what,
                       const struct effect *effect, const char *note)
{
    add(figures, found, what, (double[]){effect->value, effect->low, effect->high}, note);
    add(figures, found, arena_format(figures->cli->arena, "%s_error", what), (double[]){effect->error, NAN, NAN}, "");
    add(figures, found, arena_format(figures->cli->arena, "%s_p", what), (double[]){effect->p, NAN, NAN}, "");
}

static void add_comparison(struct figures *figures, const struct comparison *found)
{
    struct arena *arena = figures->cli->arena;
    const struct effect *effect = &found->effect;
    const struct sequential *sequential = &found->sequential;

    add(figures, found, "mean", (double[]){found->treated.mean, NAN, NAN},
        arena_format(arena, "%.0f members; the control %.6g of %.0f", found->treated.count, found->control.mean,
                     found->control.count));
    add_effect(figures, found, "effect", effect,
               found->shares ? "treated less control; Newcombe's interval, p of the score test"
                             : "treated less control; Welch");
    add(figures, found, "effect_p_adjusted", (double[]){found->adjusted_p, NAN, NAN},
        "Holm: for all comparisons of this table");
    add(figures, found, "relative", (double[]){effect->relative, effect->relative_low, effect->relative_high},
        "of the control's mean; Fieller");
    add(figures, found, "detectable", (double[]){effect->detectable, NAN, NAN},
        "the effect that so many members find 8 times of 10");
    if (found->covered)
        add_effect(figures, found, "cuped", &found->sharper,
                   arena_format(arena, "covariates explain %.1f %% of the variance", 100 * found->explained));
    if (found->compared_before)
        add_effect(figures, found, "difference_in_differences", &found->change,
                   "change since before, treated less control");
    add(figures, found, "always_valid", (double[]){sequential->value, sequential->low, sequential->high},
        "holds however often one looks, in the order of the rows");
    add(figures, found, "always_valid_p", (double[]){sequential->p, NAN, NAN},
        sequential->stop > 0 ? arena_format(arena, "one could have stopped after %zu rows", sequential->stop)
                             : "one could not have stopped yet");
}

static const char *sentence(struct analysis *analysis)
{
    struct arena *arena = analysis->cli->arena;
    const struct comparison *best = NULL;

    if (analysis->ratio.p < SAMPLE_RATIO_ALARM)
        return "The groups are not as large as planned: find out why before trusting any effect.";
    for (size_t i = 0; i < analysis->comparison_count; i++) {
        const struct comparison *one = &analysis->comparisons[i];

        if (one->adjusted_p < 1 - analysis->confidence &&
            (best == NULL ||
             fabs(one->effect.value / one->effect.error) > fabs(best->effect.value / best->effect.error)))
            best = one;
    }
    if (best == NULL)
        return "No difference between the groups is larger than chance makes: nothing is shown to have worked.";
    return arena_format(arena,
                        "'%s' changed %s from %.4g to %.4g a member (%+.4g, between %+.4g and %+.4g): "
                        "that is more than chance.",
                        best->group, best->outcome, best->control.mean, best->treated.mean, best->effect.value,
                        best->effect.low, best->effect.high);
}

static int print(struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = analysis->cli->arena;
    double smallest = INFINITY;

    figures_add(figures, "members", (double)(analysis->file.row_count - analysis->missing),
                arena_format(arena, "%zu rows without a group are left out", analysis->missing));
    figures_add(figures, "confidence", analysis->confidence, "of all intervals here");
    for (uint32_t level = 0; level < analysis->group->level_count; level++) {
        figures_add(figures, arena_format(arena, "group %s", text_string(arena, analysis->group->levels[level])),
                    analysis->counts[level], level == analysis->control ? "the control" : "");
        smallest = fmin(smallest, analysis->counts[level]);
    }
    figures_add(figures, "check sample_ratio", analysis->ratio.p,
                analysis->ratio.p < SAMPLE_RATIO_ALARM ? "the groups are NOT as large as planned"
                                                       : "p of groups as large as planned; below 0.001 is an alarm");
    figures_add(figures, "check size", smallest,
                smallest < 30 ? "members of the smallest group: too few for means to be normal"
                              : "members of the smallest group");
    for (size_t i = 0; i < analysis->comparison_count; i++)
        add_comparison(figures, &analysis->comparisons[i]);
    figures_add(figures, "summary", NAN, sentence(analysis));
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct cli *cli)
{
    struct analysis *analysis = arena_alloc(cli->arena, sizeof *analysis);
    int64_t confidence = CONFIDENCE_DEFAULT;
    struct reader_options how;
    struct figures figures;
    struct error error = {0};

    analysis->cli = cli;
    if (!cli_integer(cli, "confidence", CONFIDENCE_MIN, CONFIDENCE_MAX, &confidence) ||
        !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    if (cli_value(cli, "group") == NULL || cli_value(cli, "outcome") == NULL)
        return cli_usage(cli, "say the column of the groups with --group, and what should change with --outcome");
    if (!figures_start(&figures, cli))
        return EXIT_USAGE;
    analysis->confidence = (double)confidence / 100;
    if (data_file_read(cli, &how, &analysis->file, &error) != STATUS_OK ||
        find_columns(analysis, &error) != STATUS_OK || measure(analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return print(analysis, &figures);
}

static const struct cli_option options[] = {
    {"group", "COLUMN", "the group of each row"},
    {"control", "VALUE", "the group that had nothing; default: control, holdout, none or 0"},
    {"outcome", "A,B", "what should change: numbers, or 0 and 1"},
    {"covariate", "A,B", "known before the experiment: sharpens the effects (CUPED)"},
    {"before", "A,B", "each outcome before the experiment: difference in differences"},
    {"planned", "1,1", "shares planned: of the control, then of the others as they are met; default equal"},
    {"confidence", "PERCENT", "of the intervals; default 95"},
    OPTIONS_FILE,
};

const struct subcommand analyze_experiment = {
    .name = "analyze experiment",
    .about = "what a treatment changed, against a control group",
    .usage = "analyze experiment FILE --group COLUMN --outcome A,B [options]",
    .example =
        "patron analyze experiment mail.csv --group segment --control 'No E-Mail' --outcome visit,spend\n"
        "patron analyze experiment mail.csv --group arm --outcome spend --covariate history --before spend_before",
    .options = CLI_OPTIONS(options),
    .run = run,
};
