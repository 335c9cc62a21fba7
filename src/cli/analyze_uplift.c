#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analyze.h"
#include "cli/analyze_plot.h"
#include "cli/data_cells.h"
#include "cli/data_file.h"
#include "features/insight/uplift_model.h"

enum { FOLDS_DEFAULT = 5, FOLDS_MAX = 50, SPLITS_MAX = 1000, BANDS = 10, SAMPLES = 200, FEATURES_MAX = 200 };

static const double NORMAL_95 = 1.6448536269514722, TOP = 0.3, CONFIDENCE = 0.9, UNBALANCED = 5;
static const size_t SCRATCH_MAX = (size_t)2 << 30;

/* A call of `analyze uplift`. Rows of other groups, or without an outcome, are left out. */
struct analysis {
    struct cli *cli;
    struct data_file file;
    const struct data_column *treatment, *outcome, *id, *baseline;
    struct uplift_data data;
    struct uplift_design design;
    struct uplift_task task;
    uint32_t *rows; /* of the file, for each member here */
    double *scores, *simple;
    int64_t folds, splits, seed;
    double margin, cost;
    struct effect effect;
    struct uplift_curve curve;
    bool chosen;
};

/* ---- what is asked ---- */

static enum status find_level(const struct data_column *column, const char *value, uint32_t *out, struct error *err)
{
    for (uint32_t level = 0; level < column->level_count; level++)
        if (text_equals(column->levels[level], value)) {
            *out = level;
            return STATUS_OK;
        }
    return error_set(err, STATUS_INVALID, "uplift.value", "treatment", "the column '%.*s' nowhere says '%s'",
                     (int)column->name.size, column->name.bytes, value);
}

static bool money_option(const struct cli *cli, const char *name, double *out)
{
    const char *value = cli_value(cli, name);

    if (value == NULL)
        return true;
    return data_number(text_from(value), false, out) && *out >= 0;
}

static enum status select_rows(struct analysis *analysis, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    size_t rows = analysis->file.row_count, count = 0;
    double *outcomes = arena_array(arena, rows + 1, sizeof *outcomes);
    unsigned char *treated = arena_array(arena, rows + 1, sizeof *treated);
    uint32_t control = 0, level = 0;
    const char *name = cli_value(analysis->cli, "treated");

    if (analysis->treatment->codes == NULL)
        return error_set(err, STATUS_INVALID, "uplift.value", "treatment",
                         "the column of the treatment has too many values");
    const char *none = cli_value(analysis->cli, "control");
    enum status status = find_level(analysis->treatment, none != NULL ? none : "0", &control, err);

    if (status == STATUS_OK)
        status = find_level(analysis->treatment, name != NULL ? name : "1", &level, err);
    if (status != STATUS_OK)
        return status;
    analysis->rows = arena_array(arena, rows + 1, sizeof *analysis->rows);
    for (size_t i = 0; i < rows; i++) {
        uint32_t code = analysis->treatment->codes[i];

        if ((code != control && code != level) || isnan(analysis->outcome->numbers[i]))
            continue;
        analysis->rows[count] = (uint32_t)i;
        outcomes[count] = analysis->outcome->numbers[i];
        treated[count++] = code == level;
    }
    analysis->data = (struct uplift_data){outcomes, treated, count};
    return STATUS_OK;
}

static bool is_ignored(const struct analysis *analysis, const struct data_column *column)
{
    const char *names = cli_value(analysis->cli, "ignore");

    if (column == analysis->treatment || column == analysis->outcome || column == analysis->id)
        return true;
    while (names != NULL && *names != '\0') {
        size_t size = strcspn(names, ",");

        if (text_equal(text_trim((struct text){names, size}), column->name))
            return true;
        names += size + (names[size] == ',');
    }
    return false;
}

/* Columns that may say who a member is: numbers, and texts of few levels. */
static enum status build_design(struct analysis *analysis, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    struct uplift_feature *features = arena_array(arena, FEATURES_MAX, sizeof *features);
    size_t count = analysis->data.count, feature_count = 0;

    for (size_t k = 0; k < analysis->file.column_count && feature_count < FEATURES_MAX; k++) {
        const struct data_column *column = &analysis->file.columns[k];
        struct uplift_feature *feature = &features[feature_count];

        if (is_ignored(analysis, column) || (!column->numeric && column->level_count > UPLIFT_LEVELS_MAX))
            continue;
        *feature = (struct uplift_feature){.name = text_string(arena, column->name)};
        if (column->numeric) {
            double *numbers = arena_array(arena, count + 1, sizeof *numbers);

            for (size_t i = 0; i < count; i++)
                numbers[i] = column->numbers[analysis->rows[i]];
            feature->numbers = numbers;
        } else {
            uint32_t *codes = arena_array(arena, count + 1, sizeof *codes);

            for (size_t i = 0; i < count; i++)
                codes[i] = column->codes[analysis->rows[i]]; /* DATA_MISSING is UPLIFT_MISSING */
            feature->codes = codes;
            feature->levels = column->levels;
            feature->level_count = column->level_count;
        }
        feature_count++;
    }
    return uplift_design_build(arena, features, feature_count, count, &analysis->design, err);
}

static enum status find_columns(struct analysis *analysis, struct error *err)
{
    const struct cli *cli = analysis->cli;
    enum status status = data_file_column(&analysis->file, cli_value(cli, "treatment"), &analysis->treatment, err);

    if (status == STATUS_OK)
        status = data_file_numbers(&analysis->file, cli_value(cli, "outcome"), &analysis->outcome, err);
    if (status == STATUS_OK && cli_value(cli, "customer") != NULL)
        status = data_file_column(&analysis->file, cli_value(cli, "customer"), &analysis->id, err);
    if (status == STATUS_OK && cli_value(cli, "baseline") != NULL)
        status = data_file_numbers(&analysis->file, cli_value(cli, "baseline"), &analysis->baseline, err);
    if (status == STATUS_OK)
        status = select_rows(analysis, err);
    if (status != STATUS_OK)
        return status;
    analysis->simple = arena_array(cli->arena, analysis->data.count + 1, sizeof(double));
    for (size_t i = 0; analysis->baseline != NULL && i < analysis->data.count; i++) {
        double value = analysis->baseline->numbers[analysis->rows[i]];

        analysis->simple[i] = isnan(value) ? 0 : value;
    }
    return build_design(analysis, err);
}

/* ---- what is found ---- */

/* The effect of the arms in any column; used for the outcome and for the check of balance. */
static enum status compare_arms(struct arena *arena, const struct uplift_data *data, const double *values,
                                size_t stride, struct effect *out, struct error *err)
{
    double *sorted[2] = {arena_array(arena, data->count + 1, sizeof(double)),
                         arena_array(arena, data->count + 1, sizeof(double))};
    size_t counts[2] = {0, 0};
    struct group_moments samples[2];

    for (size_t i = 0; i < data->count; i++) {
        int arm = data->treated[i] != 0;

        sorted[arm][counts[arm]++] = values[i * stride];
    }
    for (int arm = 0; arm < 2; arm++)
        group_moments_measure(sorted[arm], counts[arm], &samples[arm]);
    return effect_of_means(&samples[1], &samples[0], CONFIDENCE, out, err);
}

static enum status learn(struct analysis *analysis, enum uplift_model model, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    double *scores[UPLIFT_MODELS];
    struct uplift_curve curves[UPLIFT_MODELS];
    enum status status = compare_arms(arena, &analysis->data, analysis->data.outcomes, 1, &analysis->effect, err);
    enum uplift_model first = analysis->chosen ? 0 : model, last = analysis->chosen ? UPLIFT_MODELS - 1 : model;

    for (enum uplift_model i = first; status == STATUS_OK && i <= last; i++) {
        scores[i] = arena_array(arena, analysis->data.count + 1, sizeof(double));
        analysis->task = (struct uplift_task){&analysis->design, &analysis->data, i};
        status =
            uplift_cross(arena, &analysis->task, (size_t)analysis->folds, (uint64_t)analysis->seed, scores[i], err);
        if (status == STATUS_OK)
            status = uplift_curve_build(arena, &analysis->data, scores[i], &curves[i], err);
        if (status == STATUS_OK && (i == first || curves[i].qini > curves[model].qini))
            model = i;
    }
    if (status != STATUS_OK)
        return status;
    analysis->task.model = model;
    analysis->scores = scores[model];
    analysis->curve = curves[model];
    return STATUS_OK;
}

/* ---- what is told ---- */

static void add_bands(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    struct uplift_band bands[BANDS];

    uplift_bands(arena, &analysis->data, analysis->scores, BANDS, bands);
    for (int i = 0; i < BANDS; i++) {
        struct effect effect;

        if (effect_of_means(&bands[i].treated, &bands[i].control, CONFIDENCE, &effect, NULL) != STATUS_OK)
            continue;
        figures_add_interval(figures, arena_format(arena, "decile %d", i + 1),
                             (double[]){effect.value, effect.low, effect.high},
                             arena_format(arena, "effect among %zu members foretold %.4g to %.4g", bands[i].count,
                                          bands[i].low_score, bands[i].high_score));
    }
}

/* What sets the best 30 % apart: the three columns whose means differ most from those of all, in standard deviations. */
static void add_targets(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    const struct uplift_design *design = &analysis->design;
    struct uplift_band bands[BANDS];
    double *sums = arena_array(arena, design->column_count, sizeof *sums), count = 0;

    uplift_bands(arena, &analysis->data, analysis->scores, BANDS, bands);
    double least = INFINITY;

    for (int i = 0; i < (int)(TOP * BANDS + 0.5); i++)
        least = bands[i].count > 0 ? fmin(least, bands[i].low_score) : least;
    for (size_t i = 0; i < analysis->data.count; i++) {
        if (analysis->scores[i] < least)
            continue;
        count++;
        for (size_t k = 0; k < design->column_count; k++)
            sums[k] += design->values[i * design->column_count + k];
    }
    for (int place = 1; place <= 3 && count > 0; place++) {
        size_t best = design->column_count;

        for (size_t k = 0; k < design->column_count; k++)
            if (!design->derived[k] && (best == design->column_count || fabs(sums[k]) > fabs(sums[best])))
                best = k;
        if (best == design->column_count || sums[best] == 0)
            return;
        figures_add(figures, arena_format(arena, "target %d", place), sums[best] / count,
                    arena_format(arena, "%s is %s among those whom it changes most; in standard deviations",
                                 design->names[best], sums[best] > 0 ? "higher or more frequent" : "lower or rarer"));
        sums[best] = 0;
    }
}

/* The column in which treated and control differ most: chance made them differ, or it was not known before. */
static void add_balance(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    const struct uplift_design *design = &analysis->design;
    double most = 0;
    size_t worst = 0;

    for (size_t k = 0; k < design->column_count; k++) {
        struct effect effect;

        if (compare_arms(arena, &analysis->data, design->values + k, design->column_count, &effect, NULL) != STATUS_OK)
            continue;
        double size = effect.error > 0 ? fabs(effect.value) / effect.error : 0;

        if (size > most) {
            most = size;
            worst = k;
        }
    }
    figures_add(
        figures, "check balance", most,
        most > UNBALANCED
            ? arena_format(arena, "'%s' differs between treated and control: if it was not known before, --ignore it",
                           design->names[worst])
            : arena_format(arena, "standard errors between treated and control in '%s', the most of all columns",
                           design->names[worst]));
}

static enum status add_splits(struct figures *figures, const struct analysis *analysis, struct error *err)
{
    struct arena *scratch = arena_new(SCRATCH_MAX);
    double sums[3] = {0}, squares[3] = {0}, count = (double)analysis->splits;
    static const char *const names[] = {"qini_splits", "qini_splits_baseline", "qini_splits_difference"};
    enum status status = STATUS_OK;

    for (int64_t i = 0; status == STATUS_OK && i < analysis->splits; i++) {
        double qinis[3] = {0};

        arena_reset(scratch);
        status = uplift_half(scratch, &analysis->task, analysis->simple, (uint64_t)(analysis->seed + i), qinis, err);
        qinis[2] = qinis[0] - qinis[1];
        for (int k = 0; k < 3; k++) {
            sums[k] += qinis[k];
            squares[k] += qinis[k] * qinis[k];
        }
    }
    arena_free(scratch);
    for (int k = 0; status == STATUS_OK && k < 3; k++) {
        double mean = sums[k] / count,
               deviation = sqrt(fmax(0, (squares[k] - count * mean * mean) / fmax(1, count - 1)));
        double reach = 2 * deviation / sqrt(count);

        if (k == 0 || analysis->baseline != NULL)
            figures_add_interval(figures, names[k], (double[]){mean, mean - reach, mean + reach},
                                 arena_format(figures->cli->arena,
                                              "mean of %.0f half splits, two standard errors; deviation %.5f", count,
                                              deviation));
    }
    return status;
}

static const char *sentence(const struct analysis *analysis, const struct effect *top, bool found)
{
    struct arena *arena = analysis->cli->arena;

    if (!found)
        return "Whom the treatment changes cannot be told from these columns: treat all, or nobody.";
    return arena_format(
        arena,
        "The treatment changes the outcome by %+.4g a member on average, but by %+.4g among the 30 %% whom "
        "the model ranks first: treating these alone brings %.0f %% of the whole effect.",
        analysis->effect.value, top->value,
        analysis->effect.value != 0 ? 100 * TOP * top->value / analysis->effect.value : 0);
}

static void add_profit(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    double profit = 0;
    struct uplift_point best = uplift_best(&analysis->curve, analysis->margin, analysis->cost, &profit);

    if (cli_value(figures->cli, "margin") == NULL && cli_value(figures->cli, "cost") == NULL)
        return;
    figures_add(figures, "best_share", best.share, "the share to treat that brings the greatest profit");
    figures_add(figures, "best_profit", 1000 * profit,
                arena_format(arena, "of 1,000 members, with that share treated, at a margin of %g and a cost of %g",
                             analysis->margin, analysis->cost));
    figures_add(figures, "profit_all", 1000 * (analysis->margin * analysis->curve.effect - analysis->cost),
                "of 1,000 members, with all treated");
}

static void add_coarse(struct figures *figures, const struct uplift_design *design)
{
    struct arena *arena = figures->cli->arena;
    const char *list = "";

    for (size_t i = 0; i < design->coarse_count; i++)
        list = arena_format(arena, "%s%s'%s' says no more than '%s'", list, i > 0 ? ", " : "", design->coarse[i],
                            design->finer[i]);
    if (design->coarse_count > 0)
        figures_add(figures, "left_out", (double)design->coarse_count, list);
}

static int print_base(const struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    double treated = 0, qini = analysis->curve.qini;
    struct effect top = {0};
    struct error error = {0};

    for (size_t i = 0; i < analysis->data.count; i++)
        treated += analysis->data.treated[i];
    figures_add(figures, "members", (double)analysis->data.count,
                arena_format(arena, "%.0f treated; %zu rows of other groups or without an outcome are left out",
                             treated, analysis->file.row_count - analysis->data.count));
    figures_add(figures, "model", (double)analysis->design.column_count,
                arena_format(arena,
                             "%s%s; columns on the left; scores of %lld parts, each learned from the others, seed %lld",
                             uplift_model_name(analysis->task.model), analysis->chosen ? ", the better of two" : "",
                             (long long)analysis->folds, (long long)analysis->seed));
    add_coarse(figures, &analysis->design);
    figures_add_interval(figures, "effect",
                         (double[]){analysis->effect.value, analysis->effect.low, analysis->effect.high},
                         "treated less control over all members; Welch");
    add_balance(figures, analysis);
    double reach =
        NORMAL_95 * uplift_qini_error(arena, &analysis->data, analysis->scores, SAMPLES, (uint64_t)analysis->seed);

    figures_add_interval(figures, "qini", (double[]){qini, qini - reach, qini + reach},
                         "area between the curve and a choice by chance, a member treated");
    figures_add(figures, "auuc", analysis->curve.auuc, "area under share x effect");
    if (analysis->baseline != NULL) {
        struct uplift_curve curve;

        if (uplift_curve_build(arena, &analysis->data, analysis->simple, &curve, &error) == STATUS_OK)
            figures_add(figures, "qini_baseline", curve.qini, "of the column --baseline alone");
    }
    if (analysis->splits > 0 && add_splits(figures, analysis, &error) != STATUS_OK)
        return cli_fail(figures->cli, &error);
    if (uplift_at(arena, &analysis->data, analysis->scores, TOP, &top, &error) == STATUS_OK)
        figures_add_interval(figures, "effect_top_30", (double[]){top.value, top.low, top.high},
                             "effect among the 30 % ranked first");
    add_bands(figures, analysis);
    add_targets(figures, analysis);
    add_profit(figures, analysis);
    figures_add(figures, "summary", NAN, sentence(analysis, &top, qini - reach > 0));
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static struct text id_of(const struct analysis *analysis, size_t member)
{
    struct arena *arena = analysis->cli->arena;
    size_t row = analysis->rows[member];

    if (analysis->id == NULL)
        return text_from(arena_format(arena, "%lld", (long long)analysis->file.lines[row]));
    if (analysis->id->codes == NULL)
        return figure_text(arena, analysis->id->numbers[row]);
    return analysis->id->codes[row] == DATA_MISSING ? TEXT("") : analysis->id->levels[analysis->id->codes[row]];
}

static int print_scores(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;

    for (size_t i = 0; i < analysis->data.count; i++) {
        const struct text fields[] = {id_of(analysis, i), figure_text(arena, analysis->scores[i]),
                                      figure_text(arena, analysis->data.treated[i]),
                                      figure_text(arena, analysis->data.outcomes[i])};

        output_row(output, fields);
    }
    output_end(output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static enum status draw(const struct analysis *analysis, struct error *err)
{
    struct uplift_curve simple;
    const struct uplift_picture picture = {
        .curve = &analysis->curve,
        .simple = analysis->baseline != NULL ? &simple : NULL,
        .model = uplift_model_name(analysis->task.model),
        .outcome = cli_value(analysis->cli, "outcome"),
        .column = cli_value(analysis->cli, "baseline"),
        .members = analysis->data.count,
    };
    enum status status = STATUS_OK;

    if (picture.simple != NULL)
        status = uplift_curve_build(analysis->cli->arena, &analysis->data, analysis->simple, &simple, err);
    return status == STATUS_OK ? uplift_plot(analysis->cli, &picture, err) : status;
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"id", false}, {"uplift", true}, {"treated", true}, {"outcome", true}};
    struct analysis *analysis = arena_alloc(cli->arena, sizeof *analysis);
    const char *name = cli_value(cli, "model");
    enum uplift_model model = UPLIFT_TWO_MODELS;
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    *analysis = (struct analysis){.cli = cli, .folds = FOLDS_DEFAULT, .seed = 1, .margin = 1};
    analysis->chosen = name != NULL && strcmp(name, "auto") == 0;
    if (name != NULL && !analysis->chosen && !uplift_model_from(name, &model))
        return cli_usage(cli, "--model is two-models, class or auto");
    if (cli_value(cli, "treatment") == NULL || cli_value(cli, "outcome") == NULL)
        return cli_usage(cli, "say who was treated with --treatment, and what should change with --outcome");
    if (!money_option(cli, "margin", &analysis->margin) || !money_option(cli, "cost", &analysis->cost))
        return cli_usage(cli, "--margin and --cost are amounts of at least 0");
    if (!cli_integer(cli, "folds", 2, FOLDS_MAX, &analysis->folds) ||
        !cli_integer(cli, "splits", 1, SPLITS_MAX, &analysis->splits) ||
        !cli_integer(cli, "seed", 0, INT32_MAX, &analysis->seed) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    bool each = cli_flag(cli, "scores");

    if (each ? !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]) : !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (data_file_read(cli, &how, &analysis->file, &error) != STATUS_OK ||
        find_columns(analysis, &error) != STATUS_OK || learn(analysis, model, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    if (cli_value(cli, "plot") != NULL && draw(analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return each ? print_scores(analysis, &output) : print_base(analysis, &figures);
}

static const struct cli_option options[] = {
    {"treatment", "COLUMN", "who was treated"},
    {"control", "VALUE", "what that column says of the control; default 0"},
    {"treated", "VALUE", "what it says of the treated; default 1; other rows are left out"},
    {"outcome", "COLUMN", "what should change: a number, or 0 and 1"},
    {"ignore", "A,B", "columns not to learn from: what was not known before the treatment"},
    {"customer", "COLUMN", "who a row is; not learned from"},
    {"model", "MODEL", "two-models (default), class, or auto: the better of both"},
    {"folds", "N", "parts, each scored by a model of the others; default 5"},
    {"splits", "N", "also the mean Qini over N half splits, of the seeds from --seed on"},
    {"baseline", "COLUMN", "a column to compare with, as a score of its own"},
    {"seed", "N", "of chance; default 1"},
    {"margin", "AMOUNT", "earned a unit of outcome: tells the share that is best to treat"},
    {"cost", "AMOUNT", "of treating a member"},
    {"scores", NULL, "a row for each member"},
    OPTION_PLOT,
    OPTIONS_FILE,
};

const struct subcommand analyze_uplift = {
    .name = "analyze uplift",
    .about = "whom a treatment changes: who should get it, and how many",
    .usage = "analyze uplift FILE --treatment COLUMN --outcome COLUMN [options]",
    .example = "patron analyze uplift mail.csv --treatment segment --control 'No E-Mail' --treated 'Womens E-Mail' \\\n"
               "    --outcome visit --ignore conversion,spend --margin 2 --cost 0.05",
    .options = CLI_OPTIONS(options),
    .run = run,
};
