#include "cli/analyze_opportunities.h"

#include <math.h>

#include "cli/data_file.h"
#include "cli/purchase_file.h"
#include "features/insight/clv_discrete.h"

enum { HORIZON_DEFAULT = 5, DISCOUNT_DEFAULT = 10, DISCOUNT_MAX = 1000, COUNTS_TOLD = 7 };

static const double NORMAL_95 = 1.6448536269514722, REACH_MAX = 7;

/* A call of `analyze clv --model bg-bb`. */
struct analysis {
    struct cli *cli;
    struct purchase_file file; /* with --period */
    struct clv_chances chances;
    struct clv_discrete_fit fit;
    int64_t horizon, discount, refused;
    bool log;
};

/* ---- files with a row a kind of customer ---- */

enum { REPEATS, LAST, OPPORTUNITIES, COUNT, COLUMNS };

struct column {
    const char *option;
    const char *names[3];
};

static const struct column columns[COLUMNS] = {
    [REPEATS] = {"repeats", {"frequency", "x", "repeats"}},
    [LAST] = {"last", {"recency", "t.x", "last"}},
    [OPPORTUNITIES] = {"opportunities", {"periods", "n.cal", "opportunities"}},
    [COUNT] = {"count", {"weights", "custs", "count"}},
};

static enum status find_column(const struct cli *cli, const struct data_file *file, int which,
                               const struct data_column **out, struct error *err)
{
    const char *named = cli_value(cli, columns[which].option);

    *out = NULL;
    for (int i = 0; named == NULL && i < 3; i++)
        for (size_t j = 0; j < file->column_count; j++)
            if (text_equals(file->columns[j].name, columns[which].names[i]))
                named = columns[which].names[i];
    if (named == NULL && which == COUNT)
        return STATUS_OK;
    return data_file_numbers(file, named != NULL ? named : columns[which].names[0], out, err);
}

static enum status read_kinds(struct analysis *analysis, const struct reader_options *how, struct error *err)
{
    const struct data_column *found[COLUMNS];
    struct data_file file;
    enum status status = data_file_read(analysis->cli, how, &file, err);

    for (int i = 0; status == STATUS_OK && i < COLUMNS; i++)
        status = find_column(analysis->cli, &file, i, &found[i], err);
    if (status != STATUS_OK)
        return status;
    analysis->chances.list = arena_array(analysis->cli->arena, file.row_count, sizeof *analysis->chances.list);
    analysis->chances.count = file.row_count;
    analysis->refused = file.refused;
    for (size_t i = 0; i < file.row_count; i++) {
        uint32_t numbers[COUNT];

        for (int j = 0; j < COUNT; j++) {
            double value = found[j]->numbers[i];

            if (!(value >= 0 && value <= CLV_OPPORTUNITIES_MAX && value == floor(value)))
                return error_set(err, STATUS_INVALID, "clv.times", columns[j].option,
                                 "line %lld: %g is not a number of opportunities, 0 to %d", (long long)file.lines[i],
                                 value, CLV_OPPORTUNITIES_MAX);
            numbers[j] = (uint32_t)value;
        }
        analysis->chances.list[i] = (struct clv_chance){numbers[REPEATS], numbers[LAST], numbers[OPPORTUNITIES],
                                                        found[COUNT] == NULL ? 1 : found[COUNT]->numbers[i]};
    }
    return STATUS_OK;
}

static enum status read_log(struct analysis *analysis, const struct reader_options *how, enum clv_step step,
                            struct error *err)
{
    struct purchase_file *file = &analysis->file;
    enum status status = purchase_file_read(analysis->cli, how, file, err);

    if (status != STATUS_OK)
        return status;
    analysis->refused = file->refused;
    return clv_chances_build(analysis->cli->arena,
                             &(struct clv_purchases){file->purchases, file->count, file->customer_count}, step,
                             file->last_day, &analysis->chances, err);
}

/* ---- results ---- */

static struct clv_score score_of(const struct analysis *analysis, size_t chance)
{
    return clv_discrete_score(&analysis->fit, &analysis->chances.list[chance], (uint32_t)analysis->horizon,
                              (double)analysis->discount / 100);
}

static void print_row(const struct analysis *analysis, struct output *output, struct text name, size_t chance)
{
    const struct clv_chance *kind = &analysis->chances.list[chance];
    struct clv_score score = score_of(analysis, chance);
    struct arena *arena = analysis->cli->arena;
    const struct text fields[] = {name,
                                  figure_text(arena, kind->repeats),
                                  figure_text(arena, kind->last),
                                  figure_text(arena, kind->opportunities),
                                  figure_text(arena, analysis->log ? 1 : kind->count),
                                  figure_text(arena, score.alive),
                                  figure_text(arena, score.expected),
                                  figure_text(arena, score.discounted)};

    output_row(output, fields);
}

static int print_scores(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;

    for (size_t i = 0; analysis->log && i < analysis->file.customer_count; i++)
        print_row(analysis, output, analysis->file.names[i], analysis->chances.chance_of[i]);
    for (size_t i = 0; !analysis->log && i < analysis->chances.count; i++)
        print_row(analysis, output, text_from(arena_format(arena, "%zu", i + 1)), i);
    output_end(output);
    return analysis->refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static void add_parameters(struct figures *figures, const struct clv_discrete_fit *fit)
{
    static const char *const names[CLV_PARAMETERS] = {"alpha", "beta", "gamma", "delta"};

    for (int i = 0; i < CLV_PARAMETERS; i++) {
        double value = fit->parameters[i], reach = NORMAL_95 * fit->errors[i] / value;
        bool held = reach < REACH_MAX;

        figures_add_interval(figures, names[i],
                             (double[]){value, held ? value * exp(-reach) : NAN, held ? value * exp(reach) : NAN},
                             held ? "" : "the data do not hold it");
    }
}

/* Those who used none, one, two ... opportunities, as the model has them and as they are. */
static void add_counts(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;

    uint32_t most = 0;

    for (size_t i = 0; i < analysis->chances.count; i++)
        most = analysis->chances.list[i].opportunities > most ? analysis->chances.list[i].opportunities : most;
    for (uint32_t used = 0; used < COUNTS_TOLD && used <= most; used++) {
        double expected = 0, actual = 0;

        for (size_t i = 0; i < analysis->chances.count; i++) {
            const struct clv_chance *kind = &analysis->chances.list[i];

            actual += kind->repeats == used ? kind->count : 0;
            if (kind->opportunities >= used)
                expected += kind->count * clv_discrete_probability(&analysis->fit, kind->opportunities, used);
        }
        figures_add(
            figures, arena_format(arena, "check used_%u", used), expected,
            arena_format(arena, "customers who use %u opportunities by the model; there were %.0f", used, actual));
    }
}

static int print_base(const struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    const struct clv_discrete_fit *fit = &analysis->fit;
    double customers = 0, alive = 0, used = 0, discounted = 0;
    struct clv_total total;

    for (size_t i = 0; i < analysis->chances.count; i++) {
        const struct clv_chance *kind = &analysis->chances.list[i];
        struct clv_score score = score_of(analysis, i);

        customers += kind->count;
        used += kind->count * kind->repeats;
        alive += kind->count * score.alive;
        discounted += kind->count * score.discounted;
    }
    clv_discrete_total(analysis->chances.list, analysis->chances.count, fit, (uint32_t)analysis->horizon, &total);
    figures_add(figures, "customers", customers, "");
    figures_add(figures, "repeat_purchases", used, "opportunities used after the first purchase");
    figures_add(figures, "model", NAN, "bg-bb");
    add_parameters(figures, fit);
    figures_add(figures, "log_likelihood", fit->log_likelihood, "");
    figures_add(figures, "check fit", fit->converged && !fit->at_limit,
                !fit->converged ? "no clear maximum: take the figures with care"
                : fit->at_limit ? "a parameter ran to its limit: a simpler model says the same"
                                : "the maximum was found");
    add_counts(figures, analysis);
    figures_add(figures, "alive", alive, "customers who have not left");
    figures_add_interval(figures, "expected_purchases", (double[]){total.expected, total.low, total.high},
                         arena_format(arena, "opportunities used of the next %lld", (long long)analysis->horizon));
    figures_add(figures, "discounted_purchases", discounted,
                arena_format(arena, "of all to come, at %lld %% an opportunity", (long long)analysis->discount));
    figures_add(figures, "summary", NAN,
                arena_format(arena,
                             "Of %.0f customers about %.0f are still here; in the next %lld periods expect %.0f with a "
                             "purchase, between %.0f and %.0f with a chance of 90 %%.",
                             customers, alive, (long long)analysis->horizon, total.expected, total.low, total.high));
    output_end(&figures->output);
    return analysis->refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

int analyze_opportunities(struct cli *cli)
{
    static const struct output_column score_columns[] = {{"customer", false},     {"repeats", true},   {"last", true},
                                                         {"opportunities", true}, {"count", true},     {"alive", true},
                                                         {"expected", true},      {"discounted", true}};
    struct analysis analysis = {.cli = cli, .horizon = HORIZON_DEFAULT, .discount = DISCOUNT_DEFAULT};
    const char *period = cli_value(cli, "period");
    bool each = cli_flag(cli, "scores");
    enum clv_step step = CLV_YEAR;
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    analysis.log = period != NULL;
    if (period != NULL && !clv_step_from(period, &step))
        return cli_usage(cli, "--period is week, month, quarter or year");
    if (!cli_integer(cli, "horizon", 1, CLV_OPPORTUNITIES_MAX, &analysis.horizon) ||
        !cli_integer(cli, "discount", 1, DISCOUNT_MAX, &analysis.discount) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    if (each ? !output_start(&output, cli, score_columns, sizeof score_columns / sizeof score_columns[0])
             : !figures_start(&figures, cli))
        return EXIT_USAGE;
    enum status status = analysis.log ? read_log(&analysis, &how, step, &error) : read_kinds(&analysis, &how, &error);

    if (status == STATUS_OK)
        status = clv_discrete_fit(analysis.chances.list, analysis.chances.count, &analysis.fit, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    return each ? print_scores(&analysis, &output) : print_base(&analysis, &figures);
}
