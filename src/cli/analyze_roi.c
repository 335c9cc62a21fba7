#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/analyze.h"
#include "cli/data_file.h"
#include "cli/purchase_file.h"
#include "features/exchange/value.h"
#include "features/insight/reward_return.h"
#include "foundation/map.h"

enum { MARGIN_DEFAULT = 100 };

static const double ALIKE = 0.1; /* standard deviations; the usual limit of balance after matching */

/* A call of `analyze roi`. */
struct analysis {
    struct cli *cli;
    struct purchase_file purchases;
    struct data_file file; /* of rewards */
    struct reward *rewards;
    size_t reward_count, unknown; /* rewards of members who never bought */
    int64_t margin, breakage, seed;
    struct reward_result result;
};

/* ---- the file of rewards ---- */

struct reward_columns {
    const struct data_column *customer, *start, *end, *cost, *liability, *holdout;
};

static enum status optional_numbers(const struct analysis *analysis, const char *option, const struct data_column **out,
                                    struct error *err)
{
    const char *name = cli_value(analysis->cli, option);

    *out = NULL;
    return name == NULL ? STATUS_OK : data_file_numbers(&analysis->file, name, out, err);
}

static enum status find_columns(const struct analysis *analysis, struct reward_columns *out, struct error *err)
{
    static const struct {
        const char *option, *usual;
        size_t offset;
    } needed[] = {{"reward-customer", "customer", offsetof(struct reward_columns, customer)},
                  {"reward-start", "start", offsetof(struct reward_columns, start)},
                  {"reward-end", "end", offsetof(struct reward_columns, end)}};
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < sizeof needed / sizeof needed[0]; i++) {
        const char *name = cli_value(analysis->cli, needed[i].option);

        status = data_file_column(&analysis->file, name != NULL ? name : needed[i].usual,
                                  (const struct data_column **)((char *)out + needed[i].offset), err);
    }
    if (status == STATUS_OK)
        status = optional_numbers(analysis, "reward-cost", &out->cost, err);
    if (status == STATUS_OK)
        status = optional_numbers(analysis, "liability", &out->liability, err);
    if (status == STATUS_OK)
        status = optional_numbers(analysis, "holdout", &out->holdout, err);
    return status;
}

static struct text cell_text(struct arena *arena, const struct data_column *column, size_t row)
{
    if (column->codes == NULL)
        return isnan(column->numbers[row]) ? TEXT("") : text_from(arena_format(arena, "%.15g", column->numbers[row]));
    return column->codes[row] == DATA_MISSING ? TEXT("") : column->levels[column->codes[row]];
}

static enum status cell_day(const struct analysis *analysis, const struct data_column *column, size_t row, int32_t *out,
                            struct error *err)
{
    struct moment moment;
    enum status status = moment_parse(cell_text(analysis->cli->arena, column, row),
                                      cli_value(analysis->cli, "date-format"), &moment, err);

    if (status == STATUS_OK)
        *out = moment.absolute ? (int32_t)(moment.instant / INSTANT_DAY) : moment.day;
    return status;
}

static double cell_number(const struct data_column *column, size_t row)
{
    return column == NULL || isnan(column->numbers[row]) ? 0 : column->numbers[row];
}

static enum status read_reward(struct analysis *analysis, const struct reward_columns *columns,
                               const struct map *numbers, size_t row, struct error *err)
{
    struct reward reward = {.cost = cell_number(columns->cost, row),
                            .liability = cell_number(columns->liability, row),
                            .held_out = cell_number(columns->holdout, row) != 0};
    const void *known = map_get(numbers, cell_text(analysis->cli->arena, columns->customer, row));
    enum status status = cell_day(analysis, columns->start, row, &reward.start, err);

    if (status == STATUS_OK)
        status = cell_day(analysis, columns->end, row, &reward.end, err);
    if (status != STATUS_OK)
        return status;
    if (reward.end < reward.start)
        return error_set(err, STATUS_INVALID, "reward.days", "", "the reward ends before it starts");
    if (known == NULL) {
        analysis->unknown++;
        return STATUS_OK;
    }
    reward.customer = (uint32_t)((uintptr_t)known - 1);
    analysis->rewards[analysis->reward_count++] = reward;
    return STATUS_OK;
}

static enum status read_rewards(struct analysis *analysis, const struct reader_options *how, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    struct reader_options other = *how;
    struct map *numbers = map_new(arena, analysis->purchases.customer_count);
    struct reward_columns columns;

    other.path = cli_value(analysis->cli, "rewards");
    other.columns = NULL;
    enum status status = data_file_read(analysis->cli, &other, &analysis->file, err);

    if (status == STATUS_OK)
        status = find_columns(analysis, &columns, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < analysis->purchases.customer_count; i++)
        map_put(numbers, analysis->purchases.names[i], (void *)((uintptr_t)i + 1));
    analysis->rewards = arena_array(arena, analysis->file.row_count + 1, sizeof *analysis->rewards);
    for (size_t i = 0; i < analysis->file.row_count; i++) {
        struct error wrong = {0};

        if (read_reward(analysis, &columns, numbers, i, &wrong) != STATUS_OK && analysis->file.refused++ == 0)
            fprintf(stderr, "%s, line %lld: %s\n", other.path, (long long)analysis->file.lines[i], wrong.message);
    }
    return STATUS_OK;
}

/* ---- what is told ---- */

static void add_window(struct figures *figures, const struct analysis *analysis, enum reward_window window)
{
    struct arena *arena = figures->cli->arena;
    const struct reward_effect *effect = &analysis->result.effects[window];
    const char *name = reward_window_name(window);

    if (effect->rewards == 0) {
        figures_add(figures, arena_format(arena, "effect %s", name), NAN, "not enough time has passed");
        return;
    }
    figures_add_interval(
        figures, arena_format(arena, "effect %s", name), (double[]){effect->value, effect->low, effect->high},
        arena_format(arena, "margin of a reward beyond that of the control; %.0f rewards, %.0f controls",
                     effect->rewards, effect->controls));
    if (window < REWARD_UNTIL_30 || !(effect->cost > 0))
        return;
    figures_add(figures, arena_format(arena, "net %s", name), effect->net,
                arena_format(arena, "after a cost of %.4g a reward", effect->cost));
    figures_add_interval(figures, arena_format(arena, "return %s", name),
                         (double[]){effect->returned, effect->returned_low, effect->returned_high},
                         "net for each unit of cost");
}

static bool differed_before(const struct reward_result *result)
{
    return result->placebo.rewards > 0 && (result->placebo.low > 0 || result->placebo.high < 0);
}

static const char *sentence(const struct analysis *analysis)
{
    struct arena *arena = analysis->cli->arena;
    const struct reward_effect *effects = analysis->result.effects, *last = NULL;
    enum reward_window window = REWARD_DURING;

    for (enum reward_window i = REWARD_UNTIL_30; i < REWARD_WINDOWS; i++)
        if (effects[i].rewards > 0) {
            last = &effects[i];
            window = i;
        }
    if (last == NULL)
        return "It is too early to say what the rewards brought: no reward has ended 30 days ago.";
    if (differed_before(&analysis->result))
        return "Those who had rewards bought differently before already: hold out some members by chance to know what "
               "rewards bring.";
    int days = window == REWARD_UNTIL_30 ? 30 : window == REWARD_UNTIL_90 ? 90 : 180;

    if (last->low <= 0 && last->high >= 0)
        return arena_format(
            arena,
            "Until %d days after their end the rewards have not shown that they bring anything: %+.4g a "
            "reward, between %+.4g and %+.4g.",
            days, last->value, last->low, last->high);
    if (!(last->cost > 0))
        return arena_format(arena,
                            "Until %d days after its end a reward brought %+.4g of margin that would not have come "
                            "otherwise (between %+.4g and %+.4g).",
                            days, last->value, last->low, last->high);
    return arena_format(
        arena,
        "Until %d days after its end a reward brought %+.4g of margin that would not have come otherwise, "
        "and cost %.4g: %s %.4g each.",
        days, last->value, last->cost, last->net >= 0 ? "it earned" : "it lost", fabs(last->net));
}

static int print(const struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    const struct reward_result *result = &analysis->result;
    char day[DAY_TEXT_SIZE];

    figures_add(figures, "customers", (double)analysis->purchases.customer_count,
                arena_format(arena, "purchases until %s", day_format(analysis->purchases.last_day, day)));
    figures_add(figures, "rewards", (double)analysis->reward_count,
                arena_format(arena, "%zu more of members who never bought are left out", analysis->unknown));
    figures_add(figures, "control", NAN,
                result->matched ? "the three members most alike before the start, of those who never had a reward"
                                : "members held out");
    for (enum reward_window window = 0; window < REWARD_WINDOWS; window++)
        add_window(figures, analysis, window);
    figures_add(
        figures, "check alike", result->imbalance,
        result->imbalance <= ALIKE
            ? "the largest difference before the start, in standard deviations: at most 0.1"
            : "the control differed before the start by more than 0.1 standard deviations: trust the effects less");
    const struct reward_effect *placebo = &result->placebo;

    if (placebo->rewards > 0)
        figures_add_interval(figures, "check placebo", (double[]){placebo->value, placebo->low, placebo->high},
                             differed_before(result)
                                 ? "the rewarded bought differently half a year before already: "
                                   "the effects hold some of that"
                                 : "the same measure half a year before the start: 0 within chance");
    figures_add(figures, "summary", NAN, sentence(analysis));
    output_end(&figures->output);
    return analysis->purchases.refused + analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct cli *cli)
{
    struct analysis analysis = {.cli = cli, .margin = MARGIN_DEFAULT, .seed = 1};
    struct reader_options how;
    struct figures figures;
    struct error error = {0};

    if (!cli_integer(cli, "margin", 1, 100, &analysis.margin) ||
        !cli_integer(cli, "breakage", 0, 100, &analysis.breakage) ||
        !cli_integer(cli, "seed", 0, INT32_MAX, &analysis.seed) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    if (cli_value(cli, "rewards") == NULL)
        return cli_usage(cli, "name the file of rewards with --rewards");
    if (!figures_start(&figures, cli))
        return EXIT_USAGE;
    if (purchase_file_read(cli, &how, &analysis.purchases, &error) != STATUS_OK ||
        read_rewards(&analysis, &how, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    const struct clv_purchases purchases = {analysis.purchases.purchases, analysis.purchases.count,
                                            analysis.purchases.customer_count};
    const struct reward_question question = {.purchases = &purchases,
                                             .last_day = analysis.purchases.last_day,
                                             .rewards = analysis.rewards,
                                             .reward_count = analysis.reward_count,
                                             .margin = (double)analysis.margin / 100,
                                             .breakage = (double)analysis.breakage / 100,
                                             .seed = (uint64_t)analysis.seed};

    if (reward_measure(cli->arena, &question, &analysis.result, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return print(&analysis, &figures);
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"rewards", "FILE", "the rewards, a row each: customer, start, end, and what follows"},
    {"reward-customer", "COLUMN", "of that file; default customer"},
    {"reward-start", "COLUMN", "first day of the reward; default start"},
    {"reward-end", "COLUMN", "its last day; default end"},
    {"reward-cost", "COLUMN", "what it has cost"},
    {"liability", "COLUMN", "what is still owed for it, such as points not yet redeemed"},
    {"holdout", "COLUMN", "1: held out, would have had it; 0: had it"},
    {"margin", "PERCENT", "of an amount that is earned; default 100"},
    {"breakage", "PERCENT", "of the liability that is never redeemed; default 0"},
    {"seed", "NUMBER", "of the random numbers: the same seed gives the same result; default 1"},
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_DAYS};

const struct subcommand analyze_roi = {
    .name = "analyze roi",
    .about = "what rewards brought beyond their cost, also 30, 90 and 180 days after they ended",
    .usage = "analyze roi PURCHASES --rewards FILE [options]",
    .example = "patron analyze roi sales.csv --customer id --date day --amount total --margin 35 \\\n"
               "    --rewards rewards.csv --reward-cost cost --liability open --breakage 20",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};
