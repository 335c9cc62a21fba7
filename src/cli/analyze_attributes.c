#include <math.h>

#include "cli/survey_file.h"
#include "features/insight/satisfaction_gap.h"

/* A call of `analyze attributes`. */
struct analysis {
    struct survey_file survey;
    const struct data_column **scores, **expectations;
    size_t count, expectation_count;
    struct answer_scale scale;
    struct attribute *attributes;
};

static enum status score(struct analysis *analysis, struct error *err)
{
    struct cli *cli = analysis->survey.cli;
    const char *expectations = cli_value(cli, "expectations");
    double low, high, low_expected, high_expected;
    enum status status =
        survey_columns(&analysis->survey, cli_value(cli, "scores"), &analysis->scores, &analysis->count, err);

    if (status == STATUS_OK && expectations != NULL)
        status =
            survey_columns(&analysis->survey, expectations, &analysis->expectations, &analysis->expectation_count, err);
    if (status != STATUS_OK)
        return status;
    if (analysis->count > ATTRIBUTES_MAX || (expectations != NULL && analysis->expectation_count != analysis->count))
        return error_set(err, STATUS_INVALID, "survey.pairs", "expectations",
                         "there are 1 to %d scores, and as many expectations in the same order: not %zu and %zu",
                         ATTRIBUTES_MAX, analysis->count, analysis->expectation_count);
    status = survey_scale(&analysis->survey, analysis->scores, analysis->count, &low, &high, err);
    if (status == STATUS_OK && expectations != NULL && !(analysis->survey.low < analysis->survey.high)) {
        /* Both sides lie on one scale: the longer of the two. */
        status = survey_scale(&analysis->survey, analysis->expectations, analysis->count, &low_expected, &high_expected,
                              err);
        if (status == STATUS_OK && !answer_scale_guess(fmin(low, low_expected), fmax(high, high_expected), &low, &high))
            high = fmax(high, high_expected);
    }
    if (status != STATUS_OK)
        return status;
    const struct attribute_data data = {
        .scores = survey_numbers(cli->arena, analysis->scores, analysis->count),
        .expected = expectations != NULL ? survey_numbers(cli->arena, analysis->expectations, analysis->count) : NULL,
        .attribute_count = analysis->count,
        .row_count = analysis->survey.data.row_count,
        .scale = answer_scale_csat(low, high),
    };

    analysis->scale = data.scale;
    analysis->attributes = arena_array(cli->arena, analysis->count, sizeof *analysis->attributes);
    return attributes_score(cli->arena, &data, analysis->survey.confidence, analysis->attributes, err);
}

static const char *name_of(const struct analysis *analysis, size_t j)
{
    return text_string(analysis->survey.cli->arena, analysis->scores[j]->name);
}

static void add_attribute(struct figures *figures, const struct analysis *analysis, size_t j)
{
    static const char *const verdicts[] = {[ATTRIBUTE_AS_EXPECTED] = "as expected, as far as chance lets one see",
                                           [ATTRIBUTE_ABOVE] = "better than expected",
                                           [ATTRIBUTE_BELOW] = "worse than expected",
                                           [ATTRIBUTE_UNKNOWN] = "too few pairs, or all alike, to test"};
    const struct attribute *attribute = &analysis->attributes[j];
    const char *name = name_of(analysis, j);
    struct arena *arena = figures->cli->arena;

    survey_add_estimate(figures, arena_format(arena, "mean %s", name), &attribute->mean,
                        arena_format(arena, "%.0f answers, %.0f missing, %.0f off the scale", attribute->tally.count,
                                     attribute->tally.missing, attribute->tally.off_scale));
    survey_add_estimate(figures, arena_format(arena, "top %s", name), &attribute->top,
                        arena_format(arena, "per cent of the answers are %g or more", analysis->scale.top));
    if (analysis->expectations == NULL)
        return;
    figures_add(figures, arena_format(arena, "expected %s", name), attribute->expectation,
                arena_format(arena, "mean of %.0f who said both", attribute->pairs));
    survey_add_estimate(figures, arena_format(arena, "gap %s", name), &attribute->gap, verdicts[attribute->verdict]);
    figures_add(figures, arena_format(arena, "p_value %s", name), attribute->p_value,
                "that experience is as expected; raised for the number of attributes (Holm)");
}

static const char *sentence(const struct analysis *analysis)
{
    struct arena *arena = analysis->survey.cli->arena;
    size_t best = analysis->count, worst = analysis->count, widest = analysis->count;

    for (size_t j = 0; j < analysis->count; j++) {
        const struct attribute *here = &analysis->attributes[j], *all = analysis->attributes;

        if (isnan(here->mean.value))
            continue;
        best = best == analysis->count || here->mean.value > all[best].mean.value ? j : best;
        worst = worst == analysis->count || here->mean.value < all[worst].mean.value ? j : worst;
        if (here->verdict == ATTRIBUTE_BELOW && (widest == analysis->count || here->gap.value < all[widest].gap.value))
            widest = j;
    }
    const char *level = arena_format(arena, "Best is %s with %.2f, weakest %s with %.2f of %g", name_of(analysis, best),
                                     analysis->attributes[best].mean.value, name_of(analysis, worst),
                                     analysis->attributes[worst].mean.value, analysis->scale.high);

    if (best == worst)
        level = arena_format(arena, "The mean of %s is %.2f of %g", name_of(analysis, best),
                             analysis->attributes[best].mean.value, analysis->scale.high);
    if (analysis->expectations == NULL)
        return arena_format(arena, "%s.", level);
    if (widest == analysis->count)
        return arena_format(arena, "%s; nothing falls behind what was expected by more than chance.", level);
    return arena_format(arena, "%s; %s falls furthest behind what was expected, by %.2f.", level,
                        name_of(analysis, widest), -analysis->attributes[widest].gap.value);
}

static int run(struct cli *cli)
{
    struct analysis analysis = {0};
    struct answer_tally all = {0};
    struct reader_options how;
    struct figures figures;
    struct error error = {0};

    if (!survey_options(cli, &how, &analysis.survey))
        return EXIT_USAGE;
    if (cli_value(cli, "scores") == NULL)
        return cli_usage(cli, "say the columns of the answers with --scores A,B,C");
    if (!figures_start(&figures, cli))
        return EXIT_USAGE;
    if (data_file_read(cli, &how, &analysis.survey.data, &error) != STATUS_OK || score(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t j = 0; j < analysis.count; j++)
        answer_tally_join(&all, &analysis.attributes[j].tally, 1);
    figures_add(&figures, "rows", (double)analysis.survey.data.row_count, "");
    figures_add(&figures, "answers", all.count,
                arena_format(cli->arena, "%.0f cells without an answer and %.0f off the scale are left out",
                             all.missing, all.off_scale));
    figures_add(&figures, "confidence", analysis.survey.confidence, "of all intervals here");
    figures_add(&figures, "scale", analysis.scale.high,
                arena_format(cli->arena, "answers from %g to %g", analysis.scale.low, analysis.scale.high));
    for (size_t j = 0; j < analysis.count; j++)
        add_attribute(&figures, &analysis, j);
    figures_add(&figures, "check missing", all.count > 0 ? all.missing / (all.count + all.missing) : NAN,
                all.missing > 0.1 * (all.count + all.missing)
                    ? "share of the cells without an answer: many; who skips a question may think otherwise"
                    : "share of the cells without an answer");
    return survey_end(&figures, &analysis.survey, sentence(&analysis));
}

static const struct cli_option options[] = {
    {"scores", "A,B", "the columns of the attributes"},
    {"expectations", "A,B", "what was expected of each, in the same order"},
    OPTION_SCALE,
    OPTION_CONFIDENCE,
    OPTIONS_FILE,
};

const struct subcommand analyze_attributes = {
    .name = "analyze attributes",
    .about = "scores of several attributes, and gaps between expectation and experience",
    .usage = "analyze attributes FILE --scores A,B [options]",
    .example = "patron analyze attributes answers.csv --scores price,staff,choice --scale 1-5\n"
               "patron analyze attributes answers.csv --scores staff,choice --expectations staff_wish,choice_wish",
    .options = CLI_OPTIONS(options),
    .run = run,
};
