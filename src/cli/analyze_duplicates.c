#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/person_file.h"
#include "features/duplicates/evidence.h"
#include "features/duplicates/find.h"
#include "foundation/map.h"

enum { PAIRS_SHOWN = 50 };

/* A call of `analyze duplicates`. */
struct finding {
    struct cli *cli;
    struct person_file file;
    struct duplicate_result result;
};

static struct text number_text(struct arena *arena, const char *format, double value)
{
    return text_from(arena_format(arena, format, value));
}

/* ---- pairs ---- */

static void print_pairs(const struct finding *finding, struct output *output, size_t limit)
{
    struct arena *arena = finding->cli->arena;
    const struct duplicate_base *base = finding->file.base;
    const struct duplicate_result *result = &finding->result;

    for (size_t i = 0; i < result->pair_count && i < limit; i++) {
        const struct duplicate_pair *pair = &result->pairs[i];
        struct duplicate_evidence evidence[DUPLICATE_FIELDS];
        size_t count = duplicate_evidence_list(arena, base, &result->model, pair->a, pair->b, evidence);
        struct builder text = {.arena = arena};

        for (size_t e = 0; e < count; e++)
            builder_format(&text, "%s%s %s (%.*s | %.*s) %+.1f", e == 0 ? "" : "; ",
                           duplicate_field_names[evidence[e].field], evidence[e].level, (int)evidence[e].first.size,
                           evidence[e].first.bytes, (int)evidence[e].second.size, evidence[e].second.bytes,
                           evidence[e].weight);
        if (fabs(pair->rarity) >= 0.05)
            builder_format(&text, "; rarity %+.1f", pair->rarity);
        const struct text fields[] = {finding->file.ids[pair->a],
                                      finding->file.ids[pair->b],
                                      number_text(arena, "%.4f", pair->probability),
                                      number_text(arena, "%.1f", pair->weight),
                                      finding->file.ids[result->groups[pair->a]],
                                      pair->implied ? TEXT("yes") : TEXT("no"),
                                      builder_done(&text)};
        output_row(output, fields);
    }
}

/* ---- against the truth ---- */

/* "rec-12-org" and "rec-12-dup-3" are one person, as the Febrl generator writes; else equal values are. */
static struct text entity_of(struct text truth)
{
    size_t end = 4;

    if (!text_starts_with(truth, TEXT("rec-")))
        return truth;
    while (end < truth.size && truth.bytes[end] >= '0' && truth.bytes[end] <= '9')
        end++;
    return end < truth.size && truth.bytes[end] == '-' ? (struct text){truth.bytes, end} : truth;
}

static double true_pairs(const struct finding *finding)
{
    struct map *counts = map_new(finding->cli->arena, 1024);
    size_t count = duplicate_base_count(finding->file.base);
    double pairs = 0;

    for (size_t i = 0; i < count; i++) {
        struct text entity = entity_of(finding->file.truths[i]);
        if (entity.size == 0)
            continue;
        uintptr_t seen = (uintptr_t)map_get(counts, entity);
        pairs += (double)seen;
        map_put(counts, entity, (void *)(seen + 1));
    }
    return pairs;
}

static void add_quality(struct figures *figures, const struct finding *finding)
{
    double truth = true_pairs(finding), found = (double)finding->result.pair_count, right = 0;

    for (size_t i = 0; i < finding->result.pair_count; i++) {
        struct text a = entity_of(finding->file.truths[finding->result.pairs[i].a]);
        struct text b = entity_of(finding->file.truths[finding->result.pairs[i].b]);
        right += a.size > 0 && text_equal(a, b);
    }
    figures_add(figures, "true_pairs", truth, "");
    figures_add(figures, "right_pairs", right, "found and true");
    figures_add(figures, "precision", found > 0 ? right / found : NAN, "of the pairs found");
    figures_add(figures, "recall", truth > 0 ? right / truth : NAN, "of the true pairs");
    figures_add(figures, "f1", truth + found > 0 ? 2 * right / (truth + found) : NAN, "");
}

static int print_figures(const struct finding *finding, double threshold)
{
    const struct duplicate_result *result = &finding->result;
    size_t count = duplicate_base_count(finding->file.base), persons = 0;
    struct figures figures;

    if (!figures_start(&figures, finding->cli))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++)
        persons += result->groups[i] == i;
    figures_add(&figures, "records", (double)count, "");
    figures_add(&figures, "persons", (double)persons, "when all pairs found are merged");
    figures_add(&figures, "compared", (double)result->compared, "near pairs that the model learned from");
    figures_add(&figures, "pairs", (double)result->pair_count, "");
    figures_add(&figures, "threshold", threshold, "least probability of a pair");
    figures_add(&figures, "share", result->model.share, "of all pairs of records that are one person, as learned");
    if (finding->file.truths != NULL)
        add_quality(&figures, finding);
    output_end(&figures.output);
    return finding->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- what was learned ---- */

static int print_model(const struct finding *finding)
{
    static const struct output_column columns[] = {
        {"field", false}, {"level", false}, {"same", true}, {"other", true}, {"weight", true}};
    const struct linkage_model *model = &finding->result.model;
    struct arena *arena = finding->cli->arena;
    struct output output;

    if (!output_start(&output, finding->cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t field = 0; field < DUPLICATE_FIELDS; field++)
        for (unsigned level = 0; level < model->level_count[field]; level++) {
            const struct text fields[] = {text_from(duplicate_field_names[field]),
                                          text_from(duplicate_level_name((enum duplicate_field)field, level)),
                                          number_text(arena, "%.6g", model->same[field][level]),
                                          number_text(arena, "%.6g", model->other[field][level]),
                                          number_text(arena, "%.2f", linkage_field_weight(model, field, level))};
            if (duplicate_base_known(finding->file.base, (enum duplicate_field)field) > 0)
                output_row(&output, fields);
        }
    output_end(&output);
    return finding->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- the call ---- */

static bool show_progress(void *context, size_t done, size_t total)
{
    (void)context;
    if (cli_shows_progress())
        cli_progress((int64_t)done, (int64_t)total, (int64_t)done, "parts");
    return true;
}

static int print(const struct finding *finding, double threshold)
{
    static const struct output_column columns[] = {{"first", false},   {"second", false}, {"probability", true},
                                                   {"weight", true},   {"person", false}, {"implied", false},
                                                   {"evidence", false}};
    struct cli *cli = finding->cli;
    struct output output;
    int64_t limit = PAIRS_SHOWN;

    if (cli_flag(cli, "model"))
        return print_model(finding);
    if (cli_flag(cli, "summary") || finding->file.truths != NULL)
        return print_figures(finding, threshold);
    if (!cli_integer(cli, "limit", 0, INT64_MAX, &limit) ||
        !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    print_pairs(finding, &output, (size_t)limit);
    output_end(&output);
    return finding->file.refused > 0 ? EXIT_FAILED : EXIT_DONE;
}

static bool read_threshold(const struct cli *cli, double *out)
{
    const char *value = cli_value(cli, "threshold");
    char *end = NULL;

    *out = value == NULL ? DUPLICATE_THRESHOLD : strtod(value, &end);
    if (value != NULL && (end == value || *end != '\0' || !(*out > 0 && *out < 1)))
        return cli_usage(cli, "--threshold is a probability between 0 and 1"), false;
    return true;
}

static int run(struct cli *cli)
{
    struct finding finding = {.cli = cli};
    struct reader_options how;
    struct error error = {0};
    double threshold;

    if (!read_threshold(cli, &threshold) || !analyze_reader_options(cli, &how))
        return EXIT_USAGE;
    if (person_file_read(cli, &how, cli_value(cli, "truth"), &finding.file, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    const struct duplicate_search search = {.threshold = threshold, .whole = true, .go_on = show_progress};
    enum status status = duplicates_find(cli->arena, finding.file.base, &search, &finding.result, &error);
    if (cli_shows_progress())
        cli_progress(-1, 0, 0, "parts");
    int result = status == STATUS_OK ? print(&finding, threshold) : cli_fail(cli, &error);
    duplicate_base_free(finding.file.base);
    return result;
}

static const struct cli_option options[] = {
    OPTIONS_PERSONS,
    {"threshold", "P", "least probability of a pair; default 0.9"},
    {"truth", "COLUMN", "who each row really is: prints precision, recall and F1 over pairs"},
    {"summary", NULL, "counts instead of pairs"},
    {"model", NULL, "the weights that were learned instead of pairs"},
    {"limit", "N", "how many pairs at most; default 50"},
    OPTIONS_FILE,
};

const struct subcommand analyze_duplicates = {
    .name = "analyze duplicates",
    .about = "rows that are probably one person, with the evidence",
    .usage = "analyze duplicates FILE [options]",
    .example = "patron analyze duplicates members.csv --map phone=mobile --format csv\n"
               "patron analyze duplicates members.csv --truth person --ignore note",
    .options = CLI_OPTIONS(options),
    .run = run,
    .more_help = person_file_help,
};
