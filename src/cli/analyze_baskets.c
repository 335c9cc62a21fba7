#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/analyze.h"
#include "cli/data_cells.h"
#include "features/insight/baskets.h"
#include "foundation/map.h"

enum { LINES_MAX = 100000000, BASKETS_MAX = 20000000, ITEMS_MAX = 2000000 };
enum { COUNT_LEAST = 5, SIZE_DEFAULT = 3, TOP_DEFAULT = 50, TOP_MAX = 1000000 };

static const double SUPPORT_DEFAULT = 0.001, CONFIDENCE_DEFAULT = 0.1;

/* Names numbered in the order in which they are met. */
struct numbering {
    struct map *numbers; /* name to number + 1 */
    struct text *names;
    size_t count, capacity, limit;
    const char *what;
};

/* A call of `analyze baskets`. */
struct analysis {
    struct cli *cli;
    struct numbering baskets, items;
    struct basket_line *lines;
    size_t line_count, line_capacity;
    int64_t refused, size, top;
    double support, confidence;
    struct basket_question question;
    struct basket_rules rules;
};

/* ---- the file ---- */

static enum status number_of(struct arena *arena, struct numbering *numbering, struct text name, uint32_t *out,
                             struct error *err)
{
    const void *known = map_get(numbering->numbers, name);

    if (known != NULL) {
        *out = (uint32_t)((uintptr_t)known - 1);
        return STATUS_OK;
    }
    if (numbering->count == numbering->limit)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there are more than %zu %s", numbering->limit,
                         numbering->what);
    numbering->names =
        arena_lengthen(arena, numbering->names, &numbering->capacity, numbering->count + 1, sizeof *numbering->names);
    numbering->names[numbering->count] = text_copy(arena, name);
    *out = (uint32_t)numbering->count++;
    map_put(numbering->numbers, numbering->names[*out], (void *)((uintptr_t)*out + 1));
    return STATUS_OK;
}

static enum status find_column(const struct reader *reader, const char *name, size_t *out, struct error *err)
{
    size_t count = 0;
    const struct text *columns = reader_columns(reader, &count);

    for (size_t i = 0; i < count; i++)
        if (text_equals(columns[i], name)) {
            *out = i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_MISSING, "analyze.column", "", "the file has no column '%s'", name);
}

/* The cell; empty where it says that nothing is known. */
static struct text known_text(const struct record *record, size_t column)
{
    struct text cell = column < record->field_count ? text_trim(record->fields[column]) : TEXT("");

    return text_equals(cell, "NA") || text_equals(cell, "N/A") || text_equals(cell, "NULL") ? TEXT("") : cell;
}

static enum status add_line(struct analysis *analysis, const struct record *record, const size_t columns[2],
                            struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    struct text basket = known_text(record, columns[0]), item = known_text(record, columns[1]);
    bool told = columns[1] < record->field_count && record->fields[columns[1]].size > 0;
    struct basket_line line;

    if (basket.size == 0 || !told)
        return error_set(err, STATUS_INVALID, "analyze.empty", "", "the row lacks %s",
                         basket.size == 0 ? "the basket" : "the item");
    enum status status = number_of(arena, &analysis->baskets, basket, &line.basket, err);

    /* An item that nobody knows is no item, yet somebody came for it: the basket counts. */
    if (status == STATUS_OK && item.size == 0)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = number_of(arena, &analysis->items, item, &line.item, err);
    if (status != STATUS_OK)
        return status;
    if (analysis->line_count == LINES_MAX)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there are more than %d rows", LINES_MAX);
    analysis->lines = arena_lengthen(arena, analysis->lines, &analysis->line_capacity, analysis->line_count + 1,
                                     sizeof *analysis->lines);
    analysis->lines[analysis->line_count++] = line;
    return STATUS_OK;
}

static enum status read_lines(struct analysis *analysis, struct reader *reader, struct error *err)
{
    size_t columns[2] = {SIZE_MAX, SIZE_MAX};

    for (bool end = false;;) {
        struct record record = {0};
        enum status status = reader_next(reader, &record, &end, err);

        /* JSON Lines name their columns only with the first row. */
        if ((end || status == STATUS_OK) && columns[0] == SIZE_MAX &&
            (find_column(reader, cli_value(analysis->cli, "basket"), &columns[0], err) != STATUS_OK ||
             find_column(reader, cli_value(analysis->cli, "item"), &columns[1], err) != STATUS_OK))
            return STATUS_MISSING;
        if (end)
            return STATUS_OK;
        if (status == STATUS_OK)
            status = add_line(analysis, &record, columns, err);
        if (status == STATUS_INVALID && analysis->refused++ == 0)
            fprintf(stderr, "line %lld: %s\n", (long long)record.line, err->message);
        if (status != STATUS_OK && status != STATUS_INVALID)
            return status;
    }
}

static enum status read_file(struct analysis *analysis, const struct reader_options *how, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    struct reader *reader = NULL;

    analysis->baskets = (struct numbering){.numbers = map_new(arena, 4096), .limit = BASKETS_MAX, .what = "baskets"};
    analysis->items = (struct numbering){.numbers = map_new(arena, 4096), .limit = ITEMS_MAX, .what = "items"};
    enum status status = analyze_open(analysis->cli, how, &reader, err);

    if (status == STATUS_OK)
        status = read_lines(analysis, reader, err);
    reader_close(reader);
    if (analysis->refused > 0)
        fprintf(stderr, "%lld rows could not be read\n", (long long)analysis->refused);
    if (status == STATUS_OK && analysis->line_count == 0)
        return error_set(err, STATUS_INVALID, "analyze.empty", "", "the file has no row that can be read");
    return status;
}

static enum status mine(struct analysis *analysis, struct error *err)
{
    double least = ceil(analysis->support * (double)analysis->baskets.count);

    analysis->question = (struct basket_question){.lines = analysis->lines,
                                                  .line_count = analysis->line_count,
                                                  .basket_count = analysis->baskets.count,
                                                  .item_count = analysis->items.count,
                                                  .count_min = least > COUNT_LEAST ? (size_t)least : COUNT_LEAST,
                                                  .confidence_min = analysis->confidence,
                                                  .size_max = (size_t)analysis->size};
    return baskets_mine(analysis->cli->arena, &analysis->question, &analysis->rules, err);
}

/* ---- what is told ---- */

static struct text names_of(const struct analysis *analysis, const struct basket_rule *rule)
{
    struct builder names = {.arena = analysis->cli->arena};

    for (size_t i = 0; i + 1 < rule->size; i++) {
        if (i > 0)
            builder_string(&names, " + ");
        builder_text(&names, analysis->items.names[rule->items[i]]);
    }
    return builder_done(&names);
}

static int print_rules(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;

    for (size_t i = 0; i < analysis->rules.count && i < (size_t)analysis->top; i++) {
        const struct basket_rule *rule = &analysis->rules.rules[i];
        const struct text fields[] = {names_of(analysis, rule),
                                      analysis->items.names[rule->items[rule->size - 1]],
                                      figure_text(arena, (double)rule->count),
                                      figure_text(arena, rule->support),
                                      figure_text(arena, rule->confidence),
                                      figure_text(arena, rule->lift),
                                      figure_text(arena, rule->lift_low),
                                      figure_text(arena, rule->lift_high),
                                      LEVEL_USUAL};

        output_row(output, fields);
    }
    output_end(output);
    return analysis->refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int print_summary(const struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    const struct basket_rules *rules = &analysis->rules;
    size_t above = 0;

    for (size_t i = 0; i < rules->count; i++)
        above += rules->rules[i].lift_low > 1;
    figures_add(figures, "baskets", (double)analysis->baskets.count, "");
    figures_add(figures, "items", (double)analysis->items.count, "");
    figures_add(figures, "items_a_basket", (double)analysis->line_count / (double)analysis->baskets.count,
                "lines; an item twice in a basket counts once below");
    figures_add(figures, "sets", (double)rules->set_count,
                arena_format(arena, "of two to %lld items in at least %zu baskets", (long long)analysis->size,
                             analysis->question.count_min));
    figures_add(figures, "rules", (double)rules->count,
                arena_format(arena, "with a confidence of at least %g", analysis->confidence));
    figures_add(figures, "check chance", (double)above,
                "rules whose lift is above 1 by more than chance (90 % interval)");
    const char *sentence =
        "Nothing is bought together so often: ask for a lower support, or for categories instead of items.";

    if (rules->count > 0) {
        const struct basket_rule *best = &rules->rules[0];
        struct text left = names_of(analysis, best), right = analysis->items.names[best->items[best->size - 1]];

        sentence =
            arena_format(arena, "Who buys %.*s takes %.*s too in %.0f of 100 baskets, %.3g times as often as others.",
                         (int)left.size, left.bytes, (int)right.size, right.bytes, 100 * best->confidence, best->lift);
    }
    figures_add(figures, "summary", NAN, sentence);
    output_end(&figures->output);
    return analysis->refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static bool share_option(const struct cli *cli, const char *name, double *out)
{
    const char *value = cli_value(cli, name);

    return value == NULL || (data_number(text_from(value), false, out) && *out >= 0 && *out <= 1);
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {{"if", false},      {"then", false},      {"baskets", true},
                                                   {"support", true},  {"confidence", true}, {"lift", true},
                                                   {"lift_low", true}, {"lift_high", true},  {"level", true}};
    struct analysis analysis = {.cli = cli,
                                .size = SIZE_DEFAULT,
                                .top = TOP_DEFAULT,
                                .support = SUPPORT_DEFAULT,
                                .confidence = CONFIDENCE_DEFAULT};
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    if (cli_value(cli, "basket") == NULL || cli_value(cli, "item") == NULL)
        return cli_usage(cli, "say which columns hold the basket and the item with --basket and --item");
    if (!share_option(cli, "support", &analysis.support) ||
        !share_option(cli, "minimum-confidence", &analysis.confidence))
        return cli_usage(cli, "--support and --minimum-confidence are shares from 0 to 1");
    if (!cli_integer(cli, "size", 2, BASKET_ITEMS_MAX, &analysis.size) ||
        !cli_integer(cli, "top", 1, TOP_MAX, &analysis.top) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    bool summary = cli_flag(cli, "summary");

    if (summary ? !figures_start(&figures, cli)
                : !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (read_file(&analysis, &how, &error) != STATUS_OK || mine(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return summary ? print_summary(&analysis, &figures) : print_rules(&analysis, &output);
}

static const struct cli_option options[] = {
    OPTIONS_LIVE,
    {"until", "DAY", "of a database: leave out purchases after"},
    {"basket", "COLUMN", "what belongs together: the receipt, or the customer"},
    {"item", "COLUMN", "the item, or its category"},
    {"support", "SHARE", "least share of baskets with all items of a rule; default 0.001, at least 5 baskets"},
    {"minimum-confidence", "SHARE", "least share of baskets with the left side that have the right one; default 0.1"},
    {"size", "N", "most items of a rule, 2 to 5; default 3"},
    {"top", "N", "rules to print; default 50"},
    {"summary", NULL, "counts and a sentence instead of the rules"},
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_LINES, .defaults = {"basket=receipt", "item=item"}};

const struct subcommand analyze_baskets = {
    .name = "analyze baskets",
    .about = "what is bought together: support, confidence and lift",
    .usage = "analyze baskets FILE --basket COLUMN --item COLUMN [options]",
    .example =
        "patron analyze baskets lines.csv --basket receipt --item category\n"
        "patron analyze baskets lines.csv --basket receipt --item product --support 0.0002 --size 2 --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};
