#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/survey_file.h"
#include "foundation/instant.h"

enum { GROUPS_MAX = 5000, EXPECTED_MIN = 5 };

/* One of the three scores: what is measured and what it is called. */
struct kind {
    const char *name;                                      /* of the figure */
    enum answer_measure measure;                           /* compared between groups */
    struct answer_scale (*scale)(double low, double high); /* NULL: 0 to 10 */
};

static const struct kind nps = {"nps", ANSWER_NET, NULL}, csat = {"csat", ANSWER_TOP, answer_scale_csat},
                         ces = {"ces", ANSWER_MEAN, answer_scale_ces};

struct answer_group {
    struct text name;
    int32_t start; /* of a period */
    struct answer_tally tally;
};

/* A call of `analyze nps`, `csat` or `ces`. */
struct analysis {
    const struct kind *kind;
    struct survey_file survey;
    const struct data_column *score;
    struct answer_scale scale;
    struct answer_tally all;
    enum cohort_period period;
    struct answer_group *groups;
    struct answer_tally *tallies; /* of the groups */
    size_t group_count;
    size_t ungrouped; /* answers without a group */
};

/* ---- groups ---- */

static int compare_groups(const void *a, const void *b)
{
    const struct answer_group *left = a, *right = b;

    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return text_compare(left->name, right->name);
}

static enum status check_group_count(size_t count, struct error *err)
{
    if (count <= GROUPS_MAX)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "survey.groups", "group", "there are %zu groups; at most %d can be compared",
                     count, GROUPS_MAX);
}

static enum status group_by_column(struct analysis *analysis, const char *name, struct error *err)
{
    const struct data_column *column;
    enum status status = data_file_column(&analysis->survey.data, name, &column, err);

    if (status != STATUS_OK)
        return status;
    if (column->codes == NULL)
        return error_set(err, STATUS_INVALID, "survey.groups", "group", "the column '%s' holds numbers, not groups",
                         name);
    status = check_group_count(column->level_count, err);
    if (status != STATUS_OK)
        return status;
    analysis->groups = arena_array(analysis->survey.cli->arena, column->level_count + 1, sizeof *analysis->groups);
    analysis->group_count = column->level_count;
    for (size_t i = 0; i < column->level_count; i++)
        analysis->groups[i].name = column->levels[i];
    for (size_t row = 0; row < analysis->survey.data.row_count; row++)
        if (column->codes[row] == DATA_MISSING)
            analysis->ungrouped++;
        else
            answer_tally_add(&analysis->groups[column->codes[row]].tally, &analysis->scale,
                             analysis->score->numbers[row]);
    return STATUS_OK;
}

/* The period of a day among those met so far, which grow; few enough to look through from the last one met. */
static struct answer_group *period_of(struct analysis *analysis, size_t *capacity, int32_t start)
{
    struct arena *arena = analysis->survey.cli->arena;
    char day[DAY_TEXT_SIZE];

    for (size_t i = analysis->group_count; i-- > 0;)
        if (analysis->groups[i].start == start)
            return &analysis->groups[i];
    if (analysis->group_count >= GROUPS_MAX)
        return NULL;
    analysis->groups =
        arena_grow(arena, analysis->groups, capacity, analysis->group_count + 1, sizeof *analysis->groups);
    analysis->groups[analysis->group_count] =
        (struct answer_group){.name = text_copy(arena, text_from(day_format(start, day))), .start = start};
    return &analysis->groups[analysis->group_count++];
}

static enum status group_by_period(struct analysis *analysis, const char *name, struct error *err)
{
    size_t capacity = 0;
    int32_t *days;
    enum status status = survey_days(&analysis->survey, name, &days, err);

    for (size_t row = 0; status == STATUS_OK && row < analysis->survey.data.row_count; row++) {
        if (days[row] == SURVEY_NO_DAY) {
            analysis->ungrouped++;
            continue;
        }
        struct answer_group *group = period_of(analysis, &capacity, cohort_start(analysis->period, days[row]));

        if (group == NULL)
            return check_group_count(GROUPS_MAX + 1, err);
        answer_tally_add(&group->tally, &analysis->scale, analysis->score->numbers[row]);
    }
    return status;
}

static enum status tally(struct analysis *analysis, struct error *err)
{
    struct cli *cli = analysis->survey.cli;
    const char *group = cli_value(cli, "group"), *date = cli_value(cli, "date");
    double low = 0, high = 0;
    enum status status = data_file_numbers(&analysis->survey.data, cli_value(cli, "score"), &analysis->score, err);

    if (status == STATUS_OK && analysis->kind->scale != NULL)
        status = survey_scale(&analysis->survey, &analysis->score, 1, &low, &high, err);
    if (status != STATUS_OK)
        return status;
    analysis->scale = analysis->kind->scale != NULL ? analysis->kind->scale(low, high) : answer_scale_nps();
    for (size_t row = 0; row < analysis->survey.data.row_count; row++)
        answer_tally_add(&analysis->all, &analysis->scale, analysis->score->numbers[row]);
    if (analysis->all.count == 0)
        return error_set(err, STATUS_INVALID, "survey.empty", "score", "there is no answer from %g to %g",
                         analysis->scale.low, analysis->scale.high);
    status = group != NULL  ? group_by_column(analysis, group, err)
             : date != NULL ? group_by_period(analysis, date, err)
                            : STATUS_OK;
    if (status != STATUS_OK || analysis->groups == NULL)
        return status;
    qsort(analysis->groups, analysis->group_count, sizeof *analysis->groups, compare_groups);
    analysis->tallies = arena_array(cli->arena, analysis->group_count + 1, sizeof *analysis->tallies);
    for (size_t i = 0; i < analysis->group_count; i++)
        analysis->tallies[i] = analysis->groups[i].tally;
    return STATUS_OK;
}

/* ---- the whole ---- */

static void add(struct figures *figures, const struct analysis *analysis, const char *name, enum answer_measure measure,
                const char *note)
{
    struct answer_estimate estimate;

    answer_estimate(&analysis->all, &analysis->scale, measure, analysis->survey.confidence, &estimate);
    survey_add_estimate(figures, name, &estimate, note);
}

static void add_whole(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    const struct answer_scale *scale = &analysis->scale;
    const char *good = arena_format(arena, "per cent of the answers are %g or more", scale->top);
    const char *bad = arena_format(arena, "per cent of the answers are %g or less", scale->bottom);

    survey_add_head(figures, &analysis->survey, &analysis->all);
    figures_add(figures, "scale", scale->high, arena_format(arena, "answers from %g to %g", scale->low, scale->high));
    if (analysis->kind == &nps) {
        add(figures, analysis, "promoters", ANSWER_TOP, good);
        add(figures, analysis, "detractors", ANSWER_BOTTOM, bad);
        add(figures, analysis, "nps", ANSWER_NET,
            "promoters less detractors, from -100 to 100; adjusted Wald interval");
        add(figures, analysis, "mean", ANSWER_MEAN, "");
        return;
    }
    if (analysis->kind == &csat) {
        add(figures, analysis, "csat", ANSWER_TOP, arena_format(arena, "%s; Wilson's interval", good));
        add(figures, analysis, "mean", ANSWER_MEAN, "Student's interval");
        add(figures, analysis, "dissatisfied", ANSWER_BOTTOM, bad);
        return;
    }
    add(figures, analysis, "ces", ANSWER_MEAN, "mean of 'it was easy': more is less effort; Student's interval");
    add(figures, analysis, "easy", ANSWER_TOP, good);
    add(figures, analysis, "hard", ANSWER_BOTTOM, bad);
}

/* ---- groups beside each other ---- */

static void add_groups(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    size_t count = analysis->group_count;
    struct answer_difference *rest = arena_array(arena, count + 1, sizeof *rest);
    double level = 1 - analysis->survey.confidence;

    answer_against_rest(arena, analysis->tallies, count, analysis->kind->measure, analysis->survey.confidence, rest);
    for (size_t i = 0; i < count; i++) {
        const struct answer_tally *of = &analysis->tallies[i];
        const char *verdict = isnan(rest[i].p_value)     ? "too few to compare"
                              : rest[i].p_value >= level ? "as the others"
                              : rest[i].value > 0        ? "above the others"
                                                         : "below the others";
        struct answer_estimate estimate;

        answer_estimate(of, &analysis->scale, analysis->kind->measure, analysis->survey.confidence, &estimate);
        survey_add_estimate(
            figures, arena_format(arena, "%s %s", analysis->kind->name, text_string(arena, analysis->groups[i].name)),
            &estimate,
            arena_format(arena, "%.0f answers; %s%s%s", of->count, verdict, isnan(rest[i].p_value) ? "" : ", ",
                         isnan(rest[i].p_value) ? "" : survey_p_text(arena, rest[i].p_value)));
    }
    if (analysis->ungrouped > 0)
        figures_add(figures, "ungrouped", (double)analysis->ungrouped, "rows without a group");
    double p = answer_groups_differ(analysis->tallies, count, analysis->kind->measure);

    figures_add(figures, "p_value groups", p,
                isnan(p)    ? "too few answers to say whether the groups differ"
                : p < level ? "the groups differ by more than chance"
                            : "the groups differ no more than chance makes them");
}

static const struct answer_group *group_named(const struct analysis *analysis, struct text name)
{
    for (size_t i = 0; i < analysis->group_count; i++)
        if (text_equal(analysis->groups[i].name, name))
            return &analysis->groups[i];
    return NULL;
}

/* The two groups to compare: as asked, or the only two, or the last two periods. False: nothing is compared. */
static enum status find_pair(const struct analysis *analysis, const struct answer_group *pair[2], struct error *err)
{
    const char *compare = cli_value(analysis->survey.cli, "compare"), *comma = NULL;
    size_t count = analysis->group_count;

    pair[0] = pair[1] = NULL;
    if (compare == NULL) {
        if (count == 2 || (count > 2 && cli_value(analysis->survey.cli, "group") == NULL)) {
            pair[0] = &analysis->groups[count - 1];
            pair[1] = &analysis->groups[count - 2];
        }
        return STATUS_OK;
    }
    /* A name may hold a comma: whichever one parts two names that there are. */
    for (comma = strchr(compare, ','); comma != NULL; comma = strchr(comma + 1, ',')) {
        pair[0] = group_named(analysis, (struct text){compare, (size_t)(comma - compare)});
        pair[1] = group_named(analysis, text_from(comma + 1));
        if (pair[0] != NULL && pair[1] != NULL)
            return STATUS_OK;
    }
    return error_set(err, STATUS_INVALID, "survey.groups", "compare",
                     "--compare '%s' does not name two groups that there are, such as '%s'", compare,
                     count > 0 ? text_string(analysis->survey.cli->arena, analysis->groups[0].name) : "");
}

static void add_difference(struct figures *figures, const struct analysis *analysis,
                           const struct answer_group *const pair[2])
{
    struct arena *arena = figures->cli->arena;
    const char *names =
        arena_format(arena, "%s - %s", text_string(arena, pair[0]->name), text_string(arena, pair[1]->name));
    struct answer_difference difference;

    answer_compare(&pair[0]->tally, &pair[1]->tally, analysis->kind->measure, analysis->survey.confidence, &difference);
    figures_add_interval(figures, arena_format(arena, "difference %s", names),
                         (double[]){difference.value, difference.low, difference.high},
                         isnan(difference.p_value)                              ? "too few answers to test"
                         : difference.p_value < 1 - analysis->survey.confidence ? "more than chance"
                                                                                : "no more than chance makes");
    figures_add(figures, arena_format(arena, "p_value %s", names), difference.p_value,
                "of a difference at least as large when there is none");
}

/* ---- what it says ---- */

static const char *sentence(const struct analysis *analysis)
{
    struct arena *arena = analysis->survey.cli->arena;
    struct answer_estimate estimate;
    const struct answer_tally *all = &analysis->all;

    answer_estimate(all, &analysis->scale, analysis->kind->measure, analysis->survey.confidence, &estimate);
    if (analysis->kind == &nps)
        return arena_format(arena,
                            "Of 100 customers who answered %.0f recommend you and %.0f warn others: a net score of "
                            "%.0f, between %.0f and %.0f for all your customers if these are like the others.",
                            100 * all->top / all->count, 100 * all->bottom / all->count, estimate.value, estimate.low,
                            estimate.high);
    if (analysis->kind == &csat)
        return arena_format(arena,
                            "%.0f of 100 customers who answered are satisfied, between %.0f and %.0f of all your "
                            "customers if these are like the others.",
                            estimate.value, estimate.low, estimate.high);
    return arena_format(
        arena, "%.0f of 100 customers who answered found it easy and %.0f hard; the mean is %.2f of %g.",
        100 * all->top / all->count, 100 * all->bottom / all->count, estimate.value, analysis->scale.high);
}

static void add_checks(struct figures *figures, const struct analysis *analysis)
{
    const struct answer_tally *all = &analysis->all;
    double rarest = fmin(all->top, all->bottom), other = all->count - all->top - all->bottom;

    if (analysis->kind->measure == ANSWER_NET)
        figures_add(figures, "check size", rarest,
                    rarest < EXPECTED_MIN || other < 1
                        ? "promoters or detractors, the fewer: below 5, or nobody between them, the interval is rough"
                        : "promoters or detractors, the fewer: the interval covers as often as it says");
    if (analysis->kind->measure == ANSWER_MEAN)
        figures_add(figures, "check size", all->count,
                    all->count < 30 ? "answers: few for a mean, take the interval with care"
                                    : "answers: enough for the interval of a mean");
    figures_add(figures, "check answers_alone", NAN,
                "supposed, not checked: each answer is of another customer, and who answers is like who does not");
}

static int run(struct cli *cli, const struct kind *kind)
{
    struct analysis analysis = {.kind = kind};
    const struct answer_group *pair[2];
    struct reader_options how;
    struct figures figures;
    struct error error = {0};

    if (!survey_options(cli, &how, &analysis.survey) || !survey_period(cli, &analysis.period))
        return EXIT_USAGE;
    if (cli_value(cli, "score") == NULL)
        return cli_usage(cli, "say the column of the answers with --score");
    if (cli_value(cli, "group") != NULL && cli_value(cli, "date") != NULL)
        return cli_usage(cli, "say --group or --date, not both");
    if (!figures_start(&figures, cli))
        return EXIT_USAGE;
    if (data_file_read(cli, &how, &analysis.survey.data, &error) != STATUS_OK ||
        tally(&analysis, &error) != STATUS_OK || find_pair(&analysis, pair, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    add_whole(&figures, &analysis);
    if (analysis.group_count > 0)
        add_groups(&figures, &analysis);
    if (pair[0] != NULL)
        add_difference(&figures, &analysis, pair);
    add_checks(&figures, &analysis);
    return survey_end(&figures, &analysis.survey, sentence(&analysis));
}

static int run_nps(struct cli *cli)
{
    return run(cli, &nps);
}

static int run_csat(struct cli *cli)
{
    return run(cli, &csat);
}

static int run_ces(struct cli *cli)
{
    return run(cli, &ces);
}

/* clang-format off */
#define OPTIONS_SCORES \
    {"score", "COLUMN", "the answers"}, \
    {"group", "COLUMN", "a score for each store, product, segment ..."}, \
    {"date", "COLUMN", "a score for each period"}, \
    {"period", "PERIOD", "week, month or quarter; default month"}, \
    {"date-format", "FORMAT", "letters d m y H M S and separators, such as d/m/y"}, \
    {"compare", "A,B", "test two groups, or two periods by their first days; default: the only or the last two"}, \
    OPTION_CONFIDENCE
/* clang-format on */

static const struct cli_option nps_options[] = {OPTIONS_SCORES, OPTIONS_FILE};
static const struct cli_option scale_options[] = {OPTIONS_SCORES, OPTION_SCALE, OPTIONS_FILE};

const struct subcommand analyze_nps = {
    .name = "analyze nps",
    .about = "net promoter score, with its interval, by store or month",
    .usage = "analyze nps FILE --score COLUMN [options]",
    .example = "patron analyze nps answers.csv --score recommend --group store\n"
               "patron analyze nps answers.csv --score recommend --date day --compare 2026-02-01,2026-01-01",
    .options = CLI_OPTIONS(nps_options),
    .run = run_nps,
};

const struct subcommand analyze_csat = {
    .name = "analyze csat",
    .about = "satisfaction: share of the best two answers, and the mean",
    .usage = "analyze csat FILE --score COLUMN [options]",
    .example = "patron analyze csat answers.csv --score satisfied --scale 1-5 --group store --compare North,South",
    .options = CLI_OPTIONS(scale_options),
    .run = run_csat,
};

const struct subcommand analyze_ces = {
    .name = "analyze ces",
    .about = "customer effort: how easy it was",
    .usage = "analyze ces FILE --score COLUMN [options]",
    .example = "patron analyze ces answers.csv --score easy --scale 1-7 --date day --period quarter",
    .options = CLI_OPTIONS(scale_options),
    .run = run_ces,
};
