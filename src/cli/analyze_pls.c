#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/analyze_plot.h"
#include "cli/analyze_pls.h"
#include "cli/programme.h"
#include "mathematics/parallel.h"

enum { SAMPLES_DEFAULT = 5000, SAMPLES_LEAST = 200, CONFIDENCE_DEFAULT = 90, GROUPS_MAX = 1000 };

static const double DRAWS_MAX = 2.5e7; /* rows times samples that are drawn without being asked for */

/* ---- options ---- */

static bool read_words(struct pls_call *call)
{
    static const struct {
        const char *name;
        enum pls_scheme scheme;
    } schemes[] = {{"path", PLS_SCHEME_PATH}, {"centroid", PLS_SCHEME_CENTROID}, {"factorial", PLS_SCHEME_FACTORIAL}};
    const char *scheme = cli_value(call->cli, "scheme"), *missing = cli_value(call->cli, "missing");
    const char *signs = cli_value(call->cli, "signs");
    size_t found = 0;

    while (scheme != NULL && found < PLS_SCHEMES && strcmp(scheme, schemes[found].name) != 0)
        found++;
    if (found == PLS_SCHEMES)
        return cli_usage(call->cli, "--scheme is path, centroid or factorial"), false;
    if (missing != NULL && strcmp(missing, "mean") != 0 && strcmp(missing, "casewise") != 0)
        return cli_usage(call->cli, "--missing is mean or casewise"), false;
    if (signs != NULL && strcmp(signs, "turn") != 0 && strcmp(signs, "keep") != 0)
        return cli_usage(call->cli, "--signs is turn or keep"), false;
    call->settings.scheme = schemes[found].scheme;
    call->settings.consistent = cli_flag(call->cli, "consistent");
    call->missing = missing != NULL && strcmp(missing, "casewise") == 0 ? PLS_MISSING_CASEWISE : PLS_MISSING_MEAN;
    call->resampling.keep_signs = signs != NULL && strcmp(signs, "keep") == 0;
    return true;
}

static bool read_options(struct pls_call *call)
{
    int64_t samples = SAMPLES_DEFAULT, seed = 1, confidence = CONFIDENCE_DEFAULT;
    const char *scale = cli_value(call->cli, "scale");
    double low = NAN, high = NAN;
    char end;

    if (cli_value(call->cli, "model") == NULL)
        return cli_usage(call->cli, "--model is ecsi, or a file that describes a model"), false;
    if (!read_words(call) || !cli_integer(call->cli, "bootstrap", 0, PLS_SAMPLES_MAX, &samples) ||
        !cli_integer(call->cli, "seed", 0, INT64_MAX, &seed) ||
        !cli_integer(call->cli, "confidence", 50, 99, &confidence))
        return false;
    if (scale != NULL && (sscanf(scale, "%lf-%lf%c", &low, &high, &end) != 2 || !(low < high) || !isfinite(high - low)))
        return cli_usage(call->cli, "--scale is the least and the greatest possible answer, such as 1-10"), false;
    call->resampling.samples = (size_t)samples;
    call->resampling.seed = (uint64_t)seed;
    call->resampling.confidence = (double)confidence / 100;
    call->resampling.scale[0] = low;
    call->resampling.scale[1] = high;
    call->resampling.threads = parallel_threads();
    return true;
}

/* ---- work ---- */

static enum status read_model(struct pls_call *call, struct error *err)
{
    struct cli *cli = call->cli;
    const char *name = cli_value(cli, "model");
    struct text source = text_from(pls_model_ecsi);
    struct text *columns = arena_array(cli->arena, call->file.column_count + 1, sizeof *columns);
    enum status status =
        strcmp(name, "ecsi") == 0 ? STATUS_OK : cli_read_file(cli, name, PLS_TEXT_SIZE_MAX, &source, err);

    for (size_t i = 0; i < call->file.column_count; i++)
        columns[i] = call->file.columns[i].name;
    return status == STATUS_OK ? pls_model_parse(cli->arena, source, columns, call->file.column_count, &call->plan, err)
                               : status;
}

static enum status read_answers(struct pls_call *call, struct error *err)
{
    const struct pls_model *model = &call->plan.first;
    const double *columns[PLS_INDICATORS_MAX];

    for (size_t i = 0; i < model->indicator_count; i++) {
        const struct data_column *column;
        enum status status = data_file_numbers(
            &call->file, text_string(call->cli->arena, call->file.columns[call->plan.columns[i]].name), &column, err);

        if (status != STATUS_OK)
            return status;
        columns[i] = column->numbers;
    }
    const struct pls_answers answers = {columns, model->indicators, model->indicator_count, call->file.row_count};

    return pls_data_prepare(call->cli->arena, &answers, call->missing, &call->data, err);
}

static enum status read_group(struct pls_call *call, struct error *err)
{
    const char *name = cli_value(call->cli, "group");

    if (name == NULL)
        return STATUS_OK;
    enum status status = data_file_column(&call->file, name, &call->group, err);

    if (status == STATUS_OK && (call->group->codes == NULL || call->group->level_count > GROUPS_MAX))
        return error_set(err, STATUS_INVALID, "pls.groups", "group", "the column '%s' makes more than %d groups", name,
                         GROUPS_MAX);
    return status;
}

/* An answer outside the scale that was named is a mistake in one of both. */
static enum status settle_scale(struct pls_call *call, struct error *err)
{
    double *scale = call->resampling.scale;

    if (isnan(scale[0])) {
        scale[0] = call->data.low;
        scale[1] = call->data.high;
    }
    if (call->data.low < scale[0] || call->data.high > scale[1])
        return error_set(err, STATUS_INVALID, "pls.scale", "scale", "answers run from %g to %g, not from %g to %g",
                         call->data.low, call->data.high, scale[0], scale[1]);
    return STATUS_OK;
}

static enum status estimate(struct pls_call *call, struct error *err)
{
    struct arena *arena = call->cli->arena;
    struct pls_moments moments;

    pls_moments_start(arena, call->data.column_count, &moments);
    if (!pls_moments_take(&call->data, NULL, &moments))
        return error_set(err, STATUS_INVALID, "pls.constant", "model", "a column has no two different answers");
    pls_estimate_start(arena, &call->plan, &call->estimate);
    enum pls_outcome outcome = pls_estimate(&call->plan, &call->settings, moments.correlations, &call->estimate);

    if (outcome != PLS_FITTED)
        return pls_estimate_fault(&call->plan, outcome, &call->estimate, err);
    double enough = floor(DRAWS_MAX / (double)call->data.row_count);

    if (cli_value(call->cli, "bootstrap") == NULL && (double)call->resampling.samples > enough) {
        call->resampling.samples = enough < SAMPLES_LEAST ? SAMPLES_LEAST : (size_t)enough;
        call->fewer = true;
    }
    return STATUS_OK;
}

static enum status compute(struct pls_call *call, const struct reader_options *how, struct error *err)
{
    enum status status = data_file_read(call->cli, how, &call->file, err);

    if (status == STATUS_OK)
        status = read_model(call, err);
    if (status == STATUS_OK)
        status = read_answers(call, err);
    if (status == STATUS_OK)
        status = read_group(call, err);
    if (status == STATUS_OK)
        status = settle_scale(call, err);
    return status == STATUS_OK ? estimate(call, err) : status;
}

static int run(struct cli *cli)
{
    struct pls_call *call = arena_alloc(cli->arena, sizeof *call);
    bool scores = cli_flag(cli, "scores"), indices = cli_flag(cli, "indices");
    struct reader_options how;
    struct error error = {0};
    struct output output;

    call->cli = cli;
    if (!read_options(call) || !analyze_reader_options(cli, &how) ||
        !output_start(&output, cli, pls_figure_columns, PLS_FIGURE_COLUMNS))
        return EXIT_USAGE;
    if (compute(call, &how, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    const struct pls_problem problem = {&call->plan, &call->settings, &call->data, &call->estimate};
    bool drawn = cli_value(cli, "plot") != NULL, each = scores || indices;

    if (drawn || !each)
        pls_bootstrap(cli->arena, &problem, &call->resampling, &call->results);
    if (drawn && pls_plot(call, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (each)
        pls_print_scores(call, indices);
    else
        pls_print_figures(call, &output);
    return call->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static void more_help(struct builder *out)
{
    builder_string(out, "\nA model is a text, a line each:\n"
                        "  Image: IMAG1 IMAG2 IMAG3      measured by these columns; IMAG* is all that begin so\n"
                        "  Price (B): fees value         made by its columns: formative, mode B\n"
                        "  Trust: Image Price            made of constructs, in two stages\n"
                        "  Image, Price -> Loyalty       what acts on what\n"
                        "\n--model ecsi is:\n");
    for (const char *line = pls_model_ecsi; *line != '\0';) {
        size_t size = strcspn(line, "\n") + 1;

        builder_string(out, "  ");
        builder_bytes(out, line, size);
        line += size;
    }
}

static const struct cli_option options[] = {
    {"model", "MODEL", "ecsi, or a file that describes a model (below)"},
    {"scheme", "SCHEME", "path, centroid or factorial; default path"},
    {"consistent", NULL, "PLSc: correct correlations for the reliability of reflective constructs"},
    {"missing", "HOW", "mean: a missing answer is the mean of its column; casewise: leave out the row; default mean"},
    {"bootstrap", "SAMPLES", "for the intervals; 0: none; default 5000, fewer for large files"},
    {"seed", "NUMBER", "of the random numbers: the same seed gives the same result; default 1"},
    {"confidence", "PERCENT", "of the intervals; default 90"},
    {"signs", "HOW",
     "turn: constructs of a sample are turned to agree with the estimate; keep: as they come; default turn"},
    {"scale", "LOW-HIGH", "the possible answers, such as 1-10; default: the least and the greatest there are"},
    {"group", "COLUMN", "indices by group"},
    {"cross-loadings", NULL, "also print the correlations of all columns with all constructs"},
    {"scores", NULL, "a row for each answer: its standardised scores"},
    {"indices", NULL, "a row for each answer: its indices from 0 to 100"},
    OPTION_PLOT,
    OPTIONS_FILE,
};

const struct subcommand analyze_pls = {
    .name = "analyze pls",
    .about = "why customers are satisfied, and what it does: path models of surveys",
    .usage = "analyze pls FILE --model ecsi|MODEL.txt [options]",
    .example = "patron analyze pls survey.csv --model ecsi --scale 1-10\n"
               "patron analyze pls survey.csv --model model.txt --consistent --group store --format json",
    .options = CLI_OPTIONS(options),
    .run = run,
    .more_help = more_help,
};
