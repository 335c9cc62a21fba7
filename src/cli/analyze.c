#include <math.h>
#include <string.h>

#include "cli/analyze.h"
#include "cli/analyze_live.h"

/* clang-format off */
static const struct subcommand *const analyses[] = {
    &analyze_rfm,
    &analyze_clv,
    &analyze_cohorts,
    &analyze_churn,
    &analyze_survival,
    &analyze_loyalty,
    &analyze_experiment,
    &analyze_uplift,
    &analyze_roi,
    &analyze_demand,
    &analyze_baskets,
    &analyze_next,
    &analyze_profit,
    &analyze_pls,
    &analyze_nps,
    &analyze_csat,
    &analyze_ces,
    &analyze_attributes,
    &analyze_drivers,
    &analyze_trend,
    &analyze_matrix,
    &analyze_panel,
    &analyze_types,
    &analyze_segments,
    &analyze_counts,
    &analyze_duplicates,
    NULL,
};
/* clang-format on */

const struct subcommand analyze_subcommand = {
    .name = "analyze",
    .about = "figures of a plain file, without a database: lifetime value, cohorts ...",
    .usage = "analyze NAME FILE [options]",
    .example = "patron analyze rfm sales.csv --customer id --bins 5\n"
               "patron analyze clv sales.csv --customer id --date day --amount total --holdout 26 --horizon 52\n"
               "patron analyze cohorts sales.csv --period quarter --format csv",
    .children = analyses,
};

bool analyze_reader_options(const struct cli *cli, struct reader_options *out)
{
    static const struct {
        const char *name;
        enum reader_format format;
    } formats[] = {{"csv", READER_CSV}, {"blank", READER_BLANK}, {"jsonl", READER_JSON}};
    const char *format = cli_value(cli, "input-format"), *delimiter = cli_value(cli, "delimiter");

    *out = (struct reader_options){0};
    if (!memory_limit(cli))
        return false;
    if (analyze_is_live(cli))
        return cli->argument_count == 0 || (cli_usage(cli, "say a file or a database, not both"), false);
    if (cli->argument_count != 1)
        return cli_usage(cli, "say one file, or - for standard input"), false;
    *out = (struct reader_options){
        .path = cli->arguments[0], .encoding = cli_value(cli, "encoding"), .columns = cli_value(cli, "columns")};
    for (size_t i = 0; format != NULL && i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(format, formats[i].name) == 0)
            out->format = formats[i].format;
    if (format != NULL && out->format == READER_AUTO)
        return cli_usage(cli, "--input-format is csv, blank or jsonl"), false;
    if (delimiter != NULL && strcmp(delimiter, "tab") != 0 && strlen(delimiter) != 1)
        return cli_usage(cli, "--delimiter is one character, or tab"), false;
    if (delimiter != NULL)
        out->delimiter = strcmp(delimiter, "tab") == 0 ? '\t' : delimiter[0];
    return true;
}

/* ---- figures ---- */

static const double CONFIDENCE_USUAL = 0.9;

struct text figure_text(struct arena *arena, double value)
{
    if (isnan(value))
        return TEXT("");
    if (value == floor(value) && fabs(value) < 1e15)
        return text_from(arena_format(arena, "%.0f", value));
    if (fabs(value) >= 1000)
        return text_from(arena_format(arena, "%.2f", value));
    return text_from(arena_format(arena, "%.6g", value));
}

bool figures_start(struct figures *figures, struct cli *cli)
{
    static const struct output_column columns[] = {
        {"figure", false}, {"value", true}, {"low", true}, {"high", true}, {"note", false}};

    figures->cli = cli;
    figures->confidence_told = false;
    return output_start(&figures->output, cli, columns, sizeof columns / sizeof columns[0]);
}

/* JSON and CSV give the digits that a computation needs, a table those that a reader does. */
static struct text printed_value(const struct figures *figures, double value)
{
    if (!isfinite(value))
        return TEXT("");
    if (figures->output.format == OUTPUT_TABLE || value == floor(value))
        return figure_text(figures->cli->arena, value);
    return text_from(arena_format(figures->cli->arena, "%.10g", value));
}

void figures_add_interval(struct figures *figures, const char *name, const double values[3], const char *note)
{
    if (!figures->confidence_told && (isfinite(values[1]) || isfinite(values[2]))) {
        figures->confidence_told = true;
        figures_add(figures, "confidence", CONFIDENCE_USUAL, "of all intervals here");
    }
    figures->confidence_told |= strcmp(name, "confidence") == 0;

    const struct text fields[] = {text_from(name), printed_value(figures, values[0]), printed_value(figures, values[1]),
                                  printed_value(figures, values[2]), text_from(note)};

    output_row(&figures->output, fields);
}

void figures_add(struct figures *figures, const char *name, double value, const char *note)
{
    figures_add_interval(figures, name, (double[]){value, NAN, NAN}, note);
}
