#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/analyze.h"
#include "cli/attitude_file.h"
#include "features/insight/loyalty_base.h"

enum { TREND_DEFAULT = 12, TREND_MAX = 600, CHECK_DAYS_MAX = 3650, BANDS = 5 };

static const double DIFFERENCE_LARGE = 1.6448536269514722; /* standard errors */

/* A call of `analyze loyalty`. */
struct analysis {
    struct cli *cli;
    struct purchase_column store;
    struct purchase_file file;
    struct attitude_file attitudes;
    struct loyalty_base base;
    struct loyalty_member *members;
    struct loyalty_summary all;
    int64_t trend, check; /* months, days; check 0: not asked */
};

static enum status learn(struct analysis *analysis, struct error *err)
{
    struct cli *cli = analysis->cli;
    struct purchase_file *file = &analysis->file;
    struct loyalty_weights weights;
    enum status status = attitude_weights_read(cli, &weights, err);

    if (status == STATUS_OK && cli_value(cli, "attitudes") != NULL)
        status = attitude_file_read(cli, file, &analysis->attitudes, err);
    if (status != STATUS_OK)
        return status;
    const struct clv_purchases purchases = {file->purchases, file->count, file->customer_count};

    loyalty_base_build(cli->arena, &purchases, analysis->attitudes.answers, analysis->attitudes.count, &weights,
                       &analysis->base);
    analysis->members = arena_array(cli->arena, file->customer_count, sizeof *analysis->members);
    loyalty_measure(&analysis->base, file->last_day, analysis->members);
    loyalty_summarise(analysis->members, file->customer_count, NULL, 0, &analysis->all);
    return STATUS_OK;
}

/* "behaviour attitude" */
static const char *rests_on(struct arena *arena, unsigned sides)
{
    struct builder text = {.arena = arena};

    for (int i = 0; i < LOYALTY_SIDES; i++)
        if (sides >> i & 1) {
            builder_string(&text, text.size > 0 ? " " : "");
            builder_string(&text, loyalty_side_name((enum loyalty_side)i));
        }
    return text_string(arena, builder_done(&text));
}

static bool is_known(const struct analysis *analysis, int side)
{
    return analysis->all.sides[side].members > 0 && analysis->base.weights.sides[side] > 0;
}

/* ---- each member ---- */

static int print_scores(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;

    for (size_t i = 0; i < analysis->file.customer_count; i++) {
        const struct loyalty_member *member = &analysis->members[i];
        const struct loyalty_score *score = &member->score;
        const struct text fields[] = {analysis->file.names[i],
                                      figure_text(arena, score->index),
                                      figure_text(arena, score->sides[LOYALTY_BEHAVIOUR]),
                                      figure_text(arena, score->sides[LOYALTY_ATTITUDE]),
                                      figure_text(arena, score->sides[LOYALTY_EMOTION]),
                                      figure_text(arena, score->sides[LOYALTY_COGNITION]),
                                      text_from(rests_on(arena, score->rests_on)),
                                      figure_text(arena, score->known),
                                      figure_text(arena, 100 * member->parts[LOYALTY_REPEAT]),
                                      figure_text(arena, 100 * member->parts[LOYALTY_RECENCY]),
                                      figure_text(arena, 100 * member->parts[LOYALTY_SHARE]),
                                      figure_text(arena, 100 * member->parts[LOYALTY_TENURE])};

        if (member->here)
            output_row(output, fields);
    }
    output_end(output);
    return analysis->file.refused + analysis->attitudes.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the base ---- */

static void add_mean(struct figures *figures, const char *name, const struct loyalty_mean *mean, const char *note)
{
    figures_add_interval(figures, name, (double[]){mean->mean, mean->low, mean->high}, note);
}

static void add_sides(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    const struct loyalty_weights *weights = &analysis->base.weights;
    double sum = 0;

    for (int i = 0; i < LOYALTY_SIDES; i++)
        sum += is_known(analysis, i) ? weights->sides[i] : 0;
    for (int i = 0; i < LOYALTY_SIDES; i++) {
        const struct loyalty_mean *mean = &analysis->all.sides[i];

        add_mean(figures, loyalty_side_name((enum loyalty_side)i), mean,
                 is_known(analysis, i)
                     ? arena_format(arena, "of %.0f members; weighs %.0f %% where every known side is known",
                                    mean->members, 100 * weights->sides[i] / sum)
                     : "nothing is known of it: its weight goes to the other sides");
    }
    for (int i = 0; i < LOYALTY_PARTS; i++)
        if (analysis->all.parts[i].members > 0)
            add_mean(figures,
                     arena_format(arena, "%s %s", loyalty_side_name(loyalty_part_side((enum loyalty_part)i)),
                                  loyalty_part_name((enum loyalty_part)i)),
                     &analysis->all.parts[i], arena_format(arena, "of %.0f members", analysis->all.parts[i].members));
}

static void add_bands(struct figures *figures, const struct analysis *analysis)
{
    double counts[BANDS] = {0};

    for (size_t i = 0; i < analysis->file.customer_count; i++)
        if (analysis->members[i].here && !isnan(analysis->members[i].score.index)) {
            int band = (int)(analysis->members[i].score.index * BANDS / 100);

            counts[band < BANDS ? band : BANDS - 1]++;
        }
    for (int i = 0; i < BANDS; i++)
        figures_add(figures,
                    arena_format(figures->cli->arena, "members %d-%d", 100 / BANDS * i,
                                 100 / BANDS * (i + 1) - (i + 1 < BANDS)),
                    counts[i], "");
}

/* The base at the ends of the months before the last day. Answers without a day have no trend. */
static void add_trend(struct figures *figures, struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    size_t count = analysis->file.customer_count;
    struct loyalty_member *members = arena_array(arena, count, sizeof *members);
    struct loyalty_base base = analysis->base;
    struct date last = date_from_day(analysis->file.last_day);
    int32_t month = day_from_date((struct date){last.year, last.month, 1});

    if (!analysis->attitudes.dated)
        base.answer_count = 0;
    for (int64_t i = analysis->trend; i > 0; i--) {
        int32_t day = day_add_months(month, -(int)i + 1) - 1;
        struct loyalty_summary summary;
        char text[DAY_TEXT_SIZE];

        if (day < analysis->file.first_day)
            continue;
        loyalty_measure(&base, day, members);
        loyalty_summarise(members, count, NULL, 0, &summary);
        add_mean(figures, arena_format(arena, "trend %s", day_format(day, text)), &summary.index,
                 arena_format(arena, "of the %.0f members there were%s", summary.index.members,
                              analysis->attitudes.count > 0 && !analysis->attitudes.dated
                                  ? "; from behaviour alone, as the answers have no date"
                                  : ""));
    }
}

/* ---- stores ---- */

struct visit {
    uint32_t customer, store;
};

static int compare_visits(const void *a, const void *b)
{
    const struct visit *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->store > right->store) - (left->store < right->store);
}

/* The store where each member bought most often; the first met of equal ones. */
static uint32_t *find_homes(const struct analysis *analysis)
{
    struct arena *arena = analysis->cli->arena;
    const struct purchase_file *file = &analysis->file;
    uint32_t *homes = arena_array(arena, file->customer_count, sizeof *homes);
    struct visit *visits = arena_array(arena, file->count + 1, sizeof *visits);
    size_t count = 0, best = 0;

    for (size_t i = 0; i < file->customer_count; i++)
        homes[i] = PURCHASE_MISSING;
    for (size_t i = 0; i < file->count; i++)
        if (analysis->store.codes[i] != PURCHASE_MISSING)
            visits[count++] = (struct visit){file->purchases[i].customer, analysis->store.codes[i]};
    qsort(visits, count, sizeof *visits, compare_visits);
    for (size_t i = 0, end = 0; i < count; i = end) {
        for (end = i; end < count && compare_visits(&visits[end], &visits[i]) == 0; end++)
            ;
        if (i == 0 || visits[i].customer != visits[i - 1].customer)
            best = 0;
        if (end - i > best) {
            best = end - i;
            homes[visits[i].customer] = visits[i].store;
        }
    }
    return homes;
}

static void add_stores(struct figures *figures, const struct analysis *analysis)
{
    if (!analysis->store.known)
        return;
    const uint32_t *homes = find_homes(analysis);
    struct arena *arena = figures->cli->arena;
    size_t count = analysis->file.customer_count, stores = analysis->store.level_count;
    struct loyalty_member *gathered = arena_array(arena, count, sizeof *gathered);
    size_t *starts = arena_array(arena, stores + 2, sizeof *starts);

    for (size_t i = 0; i < count; i++)
        starts[homes[i] == PURCHASE_MISSING ? stores + 1 : homes[i] + 1]++;
    for (size_t i = 0; i < stores; i++)
        starts[i + 1] += starts[i];
    size_t *next = arena_copy(arena, starts, (stores + 1) * sizeof *next);

    for (size_t i = 0; i < count; i++)
        if (homes[i] != PURCHASE_MISSING)
            gathered[next[homes[i]]++] = analysis->members[i];
    for (size_t i = 0; i < stores; i++) {
        struct loyalty_summary summary;

        loyalty_summarise(gathered + starts[i], starts[i + 1] - starts[i], NULL, 0, &summary);
        if (summary.index.members > 0)
            add_mean(
                figures,
                arena_format(arena, "store %.*s", (int)analysis->store.levels[i].size, analysis->store.levels[i].bytes),
                &summary.index, arena_format(arena, "%.0f members buy here most", summary.index.members));
    }
}

/* ---- checks ---- */

static enum status add_check(struct figures *figures, const struct analysis *analysis, struct error *err)
{
    struct arena *arena = figures->cli->arena;
    const struct purchase_file *file = &analysis->file;
    const struct clv_purchases purchases = {file->purchases, file->count, file->customer_count};
    const struct clv_period period = {.end = file->last_day - (int32_t)analysis->check, .until = file->last_day};
    char day[DAY_TEXT_SIZE];
    struct loyalty_check check;

    if (analysis->check == 0)
        return STATUS_OK;
    enum status status = loyalty_check(arena, &purchases, &analysis->base.weights, &period, &check, err);

    if (status != STATUS_OK)
        return status;
    figures_add(figures, "check members", check.members,
                arena_format(arena,
                             "held out (every other one); %.0f bought in the %lld days after %s, which behaviour's "
                             "index foretells",
                             check.buyers, (long long)analysis->check, day_format(check.end, day)));
    figures_add(figures, "check area_index", check.five.first,
                "chance that one who bought has a higher index than one who did not; .5 is guessing");
    figures_add(figures, "check area_rfm", check.five.second, "the same for the sum of RFM scores 1 to 5");
    const struct ranking_difference *differences[] = {&check.five, &check.ten};

    for (int i = 0; i < 2; i++) {
        double gain = differences[i]->first - differences[i]->second, reach = DIFFERENCE_LARGE * differences[i]->error;

        figures_add_interval(figures, i == 0 ? "check gain" : "check gain_10",
                             (double[]){gain, gain - reach, gain + reach},
                             i == 0 ? "index less RFM" : "index less RFM with scores 1 to 10");
    }
    for (int i = 0; i < LOYALTY_DECILES; i++)
        figures_add(figures, arena_format(arena, "check decile_%d", i + 1), check.rates[i],
                    "share of this tenth of the members, by index, who bought");
    figures_add(figures, "check rises", check.rises,
                check.rises ? "no tenth buys less than the one below" : "a tenth buys less than the one below");
    return STATUS_OK;
}

/* Who answers may differ from who does not: then the means of what is asked do not stand for all. */
static void add_answerers(struct figures *figures, const struct analysis *analysis)
{
    size_t count = analysis->file.customer_count;
    uint32_t *groups = arena_array(figures->cli->arena, count, sizeof *groups);
    struct loyalty_summary silent, heard;

    if (analysis->attitudes.count == 0)
        return;
    for (size_t i = 0; i < analysis->base.answer_count; i++)
        groups[analysis->base.answers[i].customer] = 1;
    loyalty_summarise(analysis->members, count, groups, 0, &silent);
    loyalty_summarise(analysis->members, count, groups, 1, &heard);
    const struct loyalty_mean *one = &heard.sides[LOYALTY_BEHAVIOUR], *other = &silent.sides[LOYALTY_BEHAVIOUR];

    if (one->members < 2 || other->members < 2)
        return;
    double reach = hypot(one->high - one->mean, other->high - other->mean), gap = one->mean - other->mean;

    figures_add_interval(figures, "check answerers", (double[]){gap, gap - reach, gap + reach},
                         fabs(gap) <= reach ? "those asked behave like the rest: their answers may stand for all"
                                            : "those asked behave differently from the rest: their answers do not "
                                              "stand for all");
}

static const char *summary_of(const struct analysis *analysis)
{
    struct arena *arena = analysis->cli->arena;
    size_t loyal = 0;
    unsigned sides = 0;

    for (size_t i = 0; i < analysis->file.customer_count; i++)
        loyal += analysis->members[i].here && analysis->members[i].score.index >= 60;
    for (int i = 0; i < LOYALTY_SIDES; i++)
        sides |= is_known(analysis, i) ? 1U << i : 0;
    return arena_format(
        arena, "The loyalty of your %.0f members is %.0f of 100; %zu of them reach 60 or more. It rests on: %s.",
        analysis->all.index.members, analysis->all.index.mean, loyal, rests_on(arena, sides));
}

static int print_base(struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    char day[DAY_TEXT_SIZE];
    struct error error = {0};

    add_mean(figures, "index", &analysis->all.index,
             arena_format(arena, "0 to 100, mean of %.0f members on %s", analysis->all.index.members,
                          day_format(analysis->file.last_day, day)));
    figures_add(figures, "known", analysis->all.known, "share of the weights that is known of a member, on average");
    figures_add(figures, "usual_interval", analysis->base.usual, "days between purchases, the median of all gaps");
    add_sides(figures, analysis);
    add_bands(figures, analysis);
    add_trend(figures, analysis);
    add_stores(figures, analysis);
    if (add_check(figures, analysis, &error) != STATUS_OK)
        return cli_fail(analysis->cli, &error);
    add_answerers(figures, analysis);
    figures_add(figures, "summary", NAN, summary_of(analysis));
    output_end(&figures->output);
    return analysis->file.refused + analysis->attitudes.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {{"customer", false}, {"index", true},   {"behaviour", true},
                                                   {"attitude", true},  {"emotion", true}, {"cognition", true},
                                                   {"rests_on", false}, {"known", true},   {"repeat", true},
                                                   {"recency", true},   {"share", true},   {"tenure", true}};
    struct analysis analysis = {.cli = cli, .trend = TREND_DEFAULT, .store = {.option = "store"}};
    bool each = cli_flag(cli, "scores");
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    if (!cli_integer(cli, "trend", 0, TREND_MAX, &analysis.trend) ||
        !cli_integer(cli, "check", 1, CHECK_DAYS_MAX, &analysis.check) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    if (each ? !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]) : !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (purchase_file_read_columns(cli, &how, &analysis.store, 1, &analysis.file, &error) != STATUS_OK ||
        learn(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return each ? print_scores(&analysis, &output) : print_base(&analysis, &figures);
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"attitudes", "FILE",
     "a row a member (or answer, with a column date): recommendation, satisfaction, trust, premium; "
     "sentiment, engagement, advocacy; awareness, recall; share (of their need, 0 to 1)"},
    {"scale", "PART=LOW..HIGH",
     "how a part was asked, may be repeated; default 0..10 for recommendation, -1..1 for "
     "sentiment, 0..1 for recall and share, else 1..5"},
    {"weight", "NAME=WEIGHT",
     "of a side or part, may be repeated; default behaviour=40, attitude=30, emotion=20, "
     "cognition=10, and the parts of a side alike"},
    {"weights", "FILE", "the same as lines NAME,WEIGHT"},
    {"store", "COLUMN", "the index by store too"},
    {"trend", "MONTHS", "how many ends of months back; default 12"},
    {"check", "DAYS", "whether the index foretells the purchases of the last days better than RFM"},
    {"scores", NULL, "a row for each member"},
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_DAYS};

const struct subcommand analyze_loyalty = {
    .name = "analyze loyalty",
    .about = "the loyalty index, 0 to 100, of each member and of the base",
    .usage = "analyze loyalty FILE [options]",
    .example = "patron analyze loyalty sales.csv --attitudes survey.csv --store shop\n"
               "patron analyze loyalty sales.csv --weight behaviour=70 --weight attitude=30 --scores --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};
