#include <math.h>

#include "cli/analyze.h"
#include "cli/purchase_file.h"
#include "features/insight/types.h"

enum { BRAND, CATEGORY, PROMOTION, DISCOUNT, VIEWS, REVIEWS, COLUMNS };

/* A call of `analyze types`. */
struct analysis {
    struct cli *cli;
    struct purchase_file file;
    struct purchase_column columns[COLUMNS];
    struct type_member *members;
    struct type_base base;
};

/* What each type is told from, and what a share of it means. */
struct kind {
    const char *rate, *about;
};

static const struct kind kinds[TYPE_KINDS] = {
    [TYPE_VALUE] = {"discounted_share", "of all lines, bought discounted"},
    [TYPE_BRAND] = {"brand_share", "of the lines at full price, the brand bought most of all"},
    [TYPE_IMPULSE] = {"promoted_share",
                      "of the categories bought for the first time after the first day, promoted then"},
    [TYPE_INFORMATION] = {"looks", "views and reviews read, a day with purchases"},
};

static bool says_yes(const struct purchase_column *column, size_t row)
{
    static const char *const no[] = {"0", "0.00", "0.0", "no", "No", "NO", "n", "N", "false", "False", "FALSE"};

    if (column->codes[row] == PURCHASE_MISSING)
        return false;
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (text_equals(column->levels[column->codes[row]], no[i]))
            return false;
    return true;
}

static float looked(const struct analysis *analysis, size_t row)
{
    double sum = 0;
    bool known = false;

    for (int i = VIEWS; i <= REVIEWS; i++) {
        const struct purchase_column *column = &analysis->columns[i];

        if (!column->known || isnan(column->numbers[row]))
            continue;
        sum += fmax(0, column->numbers[row]);
        known = true;
    }
    return known ? (float)sum : NAN;
}

static enum status learn(struct analysis *analysis, struct error *err)
{
    struct arena *arena = analysis->cli->arena;
    const struct purchase_file *file = &analysis->file;
    const struct purchase_column *columns = analysis->columns;
    struct type_line *list = arena_array(arena, file->count, sizeof *list);
    struct type_lines lines = {.list = list,
                               .count = file->count,
                               .customer_count = file->customer_count,
                               .brand_count = columns[BRAND].level_count,
                               .category_count = columns[CATEGORY].level_count};
    bool any = false;

    for (int i = 0; i < COLUMNS; i++)
        any = any || columns[i].known;
    if (!any)
        return error_set(err, STATUS_INVALID, "types.columns", "",
                         "name what tells types apart: --discount, --brand, --category with --promotion, --views or "
                         "--reviews");
    for (size_t i = 0; i < file->count; i++) {
        struct type_line *line = &list[i];

        *line = (struct type_line){.customer = file->purchases[i].customer,
                                   .day = file->purchases[i].day,
                                   .brand = columns[BRAND].known ? columns[BRAND].codes[i] : TYPE_NOTHING,
                                   .category = columns[CATEGORY].known ? columns[CATEGORY].codes[i] : TYPE_NOTHING,
                                   .looked = looked(analysis, i)};
        line->discounted =
            columns[DISCOUNT].known && !isnan(columns[DISCOUNT].numbers[i]) && columns[DISCOUNT].numbers[i] != 0;
        line->promoted = columns[PROMOTION].known ? says_yes(&columns[PROMOTION], i) : line->discounted;
    }
    analysis->members = arena_array(arena, file->customer_count, sizeof *analysis->members);
    return types_find(arena, &lines, analysis->members, &analysis->base, err);
}

/* ---- each member ---- */

static struct text brand_name(const struct analysis *analysis, const struct type_member *member)
{
    return member->brand == TYPE_NOTHING ? TEXT("") : analysis->columns[BRAND].levels[member->brand];
}

static int print_scores(const struct analysis *analysis, struct output *output)
{
    struct arena *arena = analysis->cli->arena;

    for (size_t i = 0; i < analysis->file.customer_count; i++) {
        const struct type_member *member = &analysis->members[i];
        const struct type_evidence *value = &member->evidence[TYPE_VALUE], *brand = &member->evidence[TYPE_BRAND];
        const struct type_evidence *impulse = &member->evidence[TYPE_IMPULSE];
        const struct type_evidence *looks = &member->evidence[TYPE_INFORMATION];
        const struct text fields[] = {analysis->file.names[i],
                                      text_from(customer_type_name(member->type)),
                                      figure_text(arena, value->of),
                                      figure_text(arena, value->share),
                                      figure_text(arena, value->low),
                                      figure_text(arena, value->chance),
                                      brand_name(analysis, member),
                                      figure_text(arena, brand->of),
                                      figure_text(arena, brand->share),
                                      figure_text(arena, brand->low),
                                      figure_text(arena, brand->chance),
                                      figure_text(arena, impulse->of),
                                      figure_text(arena, impulse->share),
                                      figure_text(arena, impulse->low),
                                      figure_text(arena, impulse->chance),
                                      figure_text(arena, looks->of),
                                      figure_text(arena, looks->share),
                                      figure_text(arena, looks->low),
                                      figure_text(arena, looks->chance),
                                      LEVEL_USUAL};

        output_row(output, fields);
    }
    output_end(output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the base ---- */

static void add_types(struct figures *figures, const struct analysis *analysis)
{
    struct arena *arena = figures->cli->arena;
    double all = (double)analysis->file.customer_count;

    for (int i = 0; i <= TYPE_KINDS; i++) {
        double count = (double)analysis->base.members[i];
        const char *note = arena_format(arena, "%.1f %% of the members", 100 * count / all);

        if (i < TYPE_KINDS && !analysis->base.known[i])
            note = "no column tells it";
        figures_add(figures, customer_type_name((enum customer_type)i), count, note);
    }
    for (int i = 0; i < TYPE_KINDS; i++)
        if (analysis->base.known[i])
            figures_add(figures, kinds[i].rate, analysis->base.rates[i], kinds[i].about);
}

static void add_checks(struct figures *figures, const struct analysis *analysis)
{
    if (analysis->base.known[TYPE_INFORMATION])
        figures_add(figures, "check spread", analysis->base.spread,
                    "variance of looks over that of chance alone; what is called much allows for it");
    if (analysis->base.known[TYPE_VALUE])
        figures_add(figures, "check discounts", analysis->base.rates[TYPE_VALUE],
                    analysis->base.rates[TYPE_VALUE] > TYPE_SHARE_MIN
                        ? "most of what is sold is discounted: value-driven means more than all others do"
                        : "most of what is sold is not discounted");
}

static int print_base(const struct analysis *analysis, struct figures *figures)
{
    struct arena *arena = figures->cli->arena;
    const struct type_base *base = &analysis->base;
    enum customer_type most = TYPE_VALUE;

    figures_add(figures, "members", (double)analysis->file.customer_count, "");
    figures_add(figures, "lines", (double)analysis->file.count, "");
    add_types(figures, analysis);
    add_checks(figures, analysis);
    for (int i = 1; i < TYPE_KINDS; i++)
        most = base->members[i] > base->members[most] ? (enum customer_type)i : most;
    figures_add(figures, "summary", NAN,
                base->members[TYPE_UNKNOWN] == analysis->file.customer_count
                    ? "No member's purchases say enough for a type."
                    : arena_format(arena,
                                   "Of %zu members %zu show a type clearly; the most frequent is %s with %zu. Of the "
                                   "other %zu too little is known, or they buy like all.",
                                   analysis->file.customer_count,
                                   analysis->file.customer_count - base->members[TYPE_UNKNOWN],
                                   customer_type_name(most), base->members[most], base->members[TYPE_UNKNOWN]));
    output_end(&figures->output);
    return analysis->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct output_column columns[] = {{"customer", false},       {"type", false},
                                                   {"lines", true},           {"discounted_share", true},
                                                   {"discounted_low", true},  {"discounted_chance", true},
                                                   {"brand", false},          {"full_price_lines", true},
                                                   {"brand_share", true},     {"brand_low", true},
                                                   {"brand_chance", true},    {"new_categories", true},
                                                   {"promoted_share", true},  {"promoted_low", true},
                                                   {"promoted_chance", true}, {"days", true},
                                                   {"looks", true},           {"looks_low", true},
                                                   {"looks_chance", true},    {"level", true}};
    struct analysis analysis = {.cli = cli,
                                .columns = {[BRAND] = {.option = "brand"},
                                            [CATEGORY] = {.option = "category"},
                                            [PROMOTION] = {.option = "promotion"},
                                            [DISCOUNT] = {.option = "discount", .number = true},
                                            [VIEWS] = {.option = "views", .number = true},
                                            [REVIEWS] = {.option = "reviews", .number = true}}};
    bool each = cli_flag(cli, "scores");
    struct reader_options how;
    struct figures figures;
    struct output output;
    struct error error = {0};

    if (!analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    if (each ? !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]) : !figures_start(&figures, cli))
        return EXIT_USAGE;
    if (purchase_file_read_columns(cli, &how, analysis.columns, COLUMNS, &analysis.file, &error) != STATUS_OK ||
        learn(&analysis, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return each ? print_scores(&analysis, &output) : print_base(&analysis, &figures);
}

static const struct cli_option options[] = {
    OPTIONS_PURCHASES,
    {"discount", "COLUMN", "what was taken off the line; 0 or empty: full price"},
    {"brand", "COLUMN", "the brand of the line"},
    {"category", "COLUMN", "its category, for purchases on impulse"},
    {"promotion", "COLUMN", "whether it was promoted; 0, no, false or empty: not; default: discounted"},
    {"views", "COLUMN", "how often it was looked at before"},
    {"reviews", "COLUMN", "how many reviews of it were read before"},
    {"scores", NULL, "a row for each member, with the evidence"},
    OPTIONS_FILE,
};

static const struct live_source live = {.rows = LIVE_ROWS_LINES,
                                        .defaults = {"discount=discount", "brand=brand", "category=category"}};

const struct subcommand analyze_types = {
    .name = "analyze types",
    .about = "what kind of buyer each member is, with the evidence",
    .usage = "analyze types FILE [options]",
    .example = "patron analyze types lines.csv --discount saved --brand maker --category group --promotion leaflet\n"
               "patron analyze types lines.csv --discount saved --views seen --scores --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
    .live = &live,
};
