#include <math.h>

#include "cli/analyze_churn.h"
#include "features/insight/churn_cause.h"

enum { REASONS_SHOWN = 20, SEGMENTS_MAX = 100, EXPECTED_MIN = 5 };

/* The recorded reasons of a file. */
struct recorded {
    struct cli *cli;
    const struct data_file *file;
    const struct data_column *reason, *segment; /* segment may be NULL */
    uint8_t *causes;                            /* of each row */
    size_t *counts;                             /* of each level of the reason */
    size_t count;
};

static void add_share(struct figures *figures, const char *prefix, enum churn_cause cause,
                      const struct cause_share *cell)
{
    struct arena *arena = figures->cli->arena;

    figures_add_interval(figures, arena_format(arena, "%s%s", prefix, churn_cause_name(cause)),
                         (double[]){cell->share, cell->low, cell->high},
                         arena_format(arena, "%zu of %zu", cell->count, cell->of));
}

/* A row counts when it has a reason and, where a target is named, left. */
static void find_causes(struct recorded *recorded, const struct outcome *outcome)
{
    struct arena *arena = recorded->cli->arena;
    const struct data_column *reason = recorded->reason;
    uint8_t *of_level = arena_array(arena, reason->level_count + 1, sizeof *of_level);

    recorded->causes = arena_array(arena, recorded->file->row_count, sizeof *recorded->causes);
    recorded->counts = arena_array(arena, reason->level_count + 1, sizeof *recorded->counts);
    for (size_t level = 0; level < reason->level_count; level++)
        of_level[level] = (uint8_t)churn_cause_of(reason->levels[level]);
    for (size_t row = 0; row < recorded->file->row_count; row++) {
        uint32_t code = reason->codes[row];
        bool counts = code != DATA_MISSING && (outcome == NULL || outcome->values[row] == 1);

        recorded->causes[row] = counts ? of_level[code] : CAUSE_NONE;
        if (counts) {
            recorded->counts[code]++;
            recorded->count++;
        }
    }
}

/* What was written, commonest first, and what it was taken for. */
static void add_reasons(struct figures *figures, struct recorded *recorded)
{
    struct arena *arena = figures->cli->arena;
    const struct data_column *reason = recorded->reason;

    for (size_t shown = 0; shown < REASONS_SHOWN; shown++) {
        size_t best = 0;

        for (size_t level = 1; level < reason->level_count; level++)
            if (recorded->counts[level] > recorded->counts[best])
                best = level;
        if (recorded->counts[best] == 0)
            return;
        figures_add(figures,
                    arena_format(arena, "reason %.*s", (int)reason->levels[best].size, reason->levels[best].bytes),
                    (double)recorded->counts[best],
                    arena_format(arena, "taken for: %s", churn_cause_name(churn_cause_of(reason->levels[best]))));
        recorded->counts[best] = 0;
    }
}

static void add_segments(struct figures *figures, const struct recorded *recorded)
{
    struct arena *arena = figures->cli->arena;
    const struct data_column *segment = recorded->segment;
    const struct cause_rows rows = {.causes = recorded->causes,
                                    .segments = segment->codes,
                                    .count = recorded->file->row_count,
                                    .segment_count = segment->level_count};
    struct cause_table table;

    churn_causes_count(arena, &rows, &table);
    for (size_t s = 0; s < table.segment_count; s++)
        for (size_t c = 0; c < CHURN_CAUSES; c++)
            if (table.cells[s * CHURN_CAUSES + c].count > 0)
                add_share(figures,
                          arena_format(arena, "%.*s: ", (int)segment->levels[s].size, segment->levels[s].bytes),
                          (enum churn_cause)c, &table.cells[s * CHURN_CAUSES + c]);
    if (isnan(table.p_value))
        return;
    figures_add(
        figures, "check segments", table.p_value,
        arena_format(arena, "chance of such differences if causes were alike in all segments%s",
                     table.least_expected < EXPECTED_MIN ? "; rough, because some segments have few rows" : ""));
}

static void add_all(struct figures *figures, const struct recorded *recorded)
{
    const struct cause_rows rows = {.causes = recorded->causes, .count = recorded->file->row_count, .segment_count = 1};
    struct cause_table table;
    size_t first = 0;

    churn_causes_count(figures->cli->arena, &rows, &table);
    figures_add(figures, "reasons", (double)recorded->count, "rows with a recorded reason");
    for (size_t c = 0; c < CHURN_CAUSES; c++) {
        add_share(figures, "cause ", (enum churn_cause)c, &table.cells[c]);
        first = table.cells[c].count > table.cells[first].count && c != CAUSE_OTHER ? c : first;
    }
    figures_add(figures, "check other", table.cells[CAUSE_OTHER].share,
                table.cells[CAUSE_OTHER].share > 0.2
                    ? "many reasons name no cause: write the causes' names, such as 'passive service'"
                    : "of the reasons name none of the seven causes");
    figures_add(figures, "summary causes", NAN,
                arena_format(figures->cli->arena, "of %zu who said why they left, %.0f %% named %s (%.0f to %.0f %%)",
                             recorded->count, 100 * table.cells[first].share, churn_cause_name((enum churn_cause)first),
                             100 * table.cells[first].low, 100 * table.cells[first].high));
}

enum status churn_causes_add(struct cli *cli, const struct data_file *file, const struct outcome *outcome,
                             struct figures *figures, struct error *err)
{
    struct recorded recorded = {.cli = cli, .file = file};
    const char *segment = cli_value(cli, "segment");
    enum status status = data_file_column(file, cli_value(cli, "reason"), &recorded.reason, err);

    if (status == STATUS_OK && segment != NULL)
        status = data_file_column(file, segment, &recorded.segment, err);
    if (status != STATUS_OK)
        return status;
    if (recorded.segment != NULL && (recorded.segment->codes == NULL || recorded.segment->level_count > SEGMENTS_MAX))
        return error_set(err, STATUS_INVALID, "churn.segments", "segment", "'%s' has more than %d values", segment,
                         SEGMENTS_MAX);
    if (recorded.reason->codes != NULL)
        find_causes(&recorded, outcome);
    if (recorded.count == 0)
        return error_set(err, STATUS_INVALID, "churn.reasons", "reason", "no row%s has a reason",
                         outcome != NULL ? " that left" : "");
    add_all(figures, &recorded);
    add_reasons(figures, &recorded);
    if (recorded.segment != NULL)
        add_segments(figures, &recorded);
    return STATUS_OK;
}
