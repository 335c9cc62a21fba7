#include "cli/outcome.h"

#include <strings.h>

#include "cli/data_cells.h"

enum { LEVELS_TOLD = 6, SIZE_TOLD = 24 };

static bool means_yes(struct text level)
{
    static const char *const words[] = {"yes",
                                        "y",
                                        "true",
                                        "t",
                                        "1",
                                        "left",
                                        "lost",
                                        "churn",
                                        "churned",
                                        "gone",
                                        "leaver",
                                        "exited",
                                        "dead",
                                        "cancelled",
                                        "canceled",
                                        "event",
                                        "\xE6\x98\xAF",
                                        "\xE6\xB5\x81\xE5\xA4\xB1",
                                        "j",
                                        "ja",
                                        "oui",
                                        "si"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct text word = text_from(words[i]);

        if (level.size == word.size && strncasecmp(level.bytes, word.bytes, word.size) == 0)
            return true;
    }
    return false;
}

/* The values of a column, for a message. */
static const char *tell_levels(struct arena *arena, const struct data_column *column)
{
    struct builder out = {.arena = arena};

    for (size_t i = 0; i < column->level_count && i < LEVELS_TOLD; i++)
        builder_format(&out, "%s'%.*s'", i > 0 ? ", " : "",
                       (int)(column->levels[i].size > SIZE_TOLD ? SIZE_TOLD : column->levels[i].size),
                       column->levels[i].bytes);
    if (column->level_count > LEVELS_TOLD)
        builder_string(&out, " ...");
    return text_string(arena, builder_done(&out));
}

static bool find_level(const struct data_column *column, const char *positive, uint32_t *level)
{
    double wanted, number;
    bool numeric = data_number(text_from(positive), false, &wanted);

    for (uint32_t i = 0; i < column->level_count; i++)
        if (text_equals(column->levels[i], positive) ||
            (numeric && column->numeric && data_number(column->levels[i], false, &number) && number == wanted)) {
            *level = i;
            return true;
        }
    return false;
}

/* The only level that means yes, when there are two at most. */
static bool guess_level(const struct data_column *column, uint32_t *level)
{
    size_t found = 0;

    for (uint32_t i = 0; column->level_count <= 2 && i < column->level_count; i++)
        if (means_yes(column->levels[i])) {
            *level = i;
            found++;
        }
    return found == 1;
}

enum status outcome_read(struct arena *arena, const struct data_file *file, const struct data_column *column,
                         const char *positive, struct outcome *out, struct error *err)
{
    struct outcome outcome = {.values = arena_array(arena, file->row_count, sizeof *outcome.values)};
    uint32_t level = DATA_MISSING;

    if (column->codes == NULL)
        return error_set(err, STATUS_INVALID, "analyze.positive", "",
                         "the column '%.*s' has too many values for an outcome", (int)column->name.size,
                         column->name.bytes);
    if (positive != NULL && !find_level(column, positive, &level))
        return error_set(err, STATUS_INVALID, "analyze.positive", "positive",
                         "no cell of the column '%.*s' is '%s': it holds %s", (int)column->name.size,
                         column->name.bytes, positive, tell_levels(arena, column));
    if (positive == NULL && !guess_level(column, &level) && column->level_count != 1)
        return error_set(err, STATUS_INVALID, "analyze.positive", "positive",
                         "say with --positive which value of the column '%.*s' counts: it holds %s",
                         (int)column->name.size, column->name.bytes, tell_levels(arena, column));
    for (size_t row = 0; row < file->row_count; row++) {
        outcome.values[row] = column->codes[row] == DATA_MISSING ? OUTCOME_UNKNOWN : column->codes[row] == level;
        outcome.ones += outcome.values[row] == 1;
        outcome.unknown += outcome.values[row] == OUTCOME_UNKNOWN;
    }
    outcome.positive = level != DATA_MISSING ? column->levels[level] : TEXT("");
    *out = outcome;
    return STATUS_OK;
}
