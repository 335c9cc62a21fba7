#include "cli/data_cells.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/exchange/value.h"

/* Beyond them sums of powers leave what a double holds; below them they vanish in it. */
static const double NUMBER_MAX = 1e15, NUMBER_LEAST = 1e-15;

enum { BLOCK_ROWS = 65536, SLOTS_FIRST = 64, DIGITS_MAX = 15 };

/* As much as a column may ever take: data_file.c stops long before. */
static const size_t CELLS_ARENA_LIMIT = (size_t)1 << 36;

struct data_cells {
    struct arena *arena;
    bool comma;
    bool texts;        /* a level is no number */
    size_t text_row;   /* where the first of them is met */
    bool numbers_only; /* there were more levels than DATA_LEVELS_NUMERIC, all numbers: blocks hold numbers */
    void **blocks;     /* of BLOCK_ROWS codes or numbers each */
    size_t block_count, block_capacity;
    size_t row_count, missing;
    struct text *levels;
    double *values; /* of each level; NaN: a text */
    size_t level_count, level_capacity, value_capacity, level_bytes;
    uint32_t *slots; /* 1 + level; 0 is free */
    size_t slot_count;
    uint32_t next_code; /* what data_cells_add appends */
    double next_number;
};

struct data_cells *data_cells_new(bool comma)
{
    struct arena *arena = arena_new(CELLS_ARENA_LIMIT);
    if (arena == NULL)
        return NULL;

    struct data_cells *cells = arena_alloc(arena, sizeof *cells);
    *cells = (struct data_cells){.arena = arena, .comma = comma, .slot_count = SLOTS_FIRST};
    cells->slots = arena_array(arena, SLOTS_FIRST, sizeof *cells->slots);
    return cells;
}

void data_cells_free(struct data_cells *cells)
{
    if (cells != NULL)
        arena_free(cells->arena);
}

size_t data_cells_bytes(const struct data_cells *cells)
{
    return arena_used(cells->arena);
}

/* ---- numbers ---- */

static bool has_foreign_letters(struct text cell)
{
    /* Signs of money, and blanks that divide thousands. */
    static const char *const signs[] = {"\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5",    "\xEF\xBF\xA5",
                                        "\xE5\x85\x83", "\xC2\xA0", "\xE2\x80\xAF"};

    for (size_t i = 0; i < cell.size;) {
        size_t size = (unsigned char)cell.bytes[i] < 0x80 ? 1 : 0;
        for (size_t k = 0; size == 0 && k < sizeof signs / sizeof signs[0]; k++)
            if (text_starts_with((struct text){cell.bytes + i, cell.size - i}, text_from(signs[k])))
                size = strlen(signs[k]);
        if (size == 0)
            return true;
        i += size;
    }
    return false;
}

/* Digits with at most one point: exact, because both the digits and the power of ten are exact. 0: not of this form. */
static int plain_number(struct text cell, char point, double *out)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    bool negative = cell.size > 0 && cell.bytes[0] == '-';
    int64_t digits = 0;
    size_t count = 0, decimals = 0;
    bool pointed = false;

    for (size_t i = negative; i < cell.size; i++) {
        char byte = cell.bytes[i];
        if (byte == point && !pointed) {
            pointed = true;
        } else if (byte >= '0' && byte <= '9' && count < DIGITS_MAX) {
            digits = digits * 10 + (byte - '0');
            count++;
            decimals += pointed;
        } else {
            return 0;
        }
    }
    if (count == 0)
        return 0;
    *out = (double)(negative ? -digits : digits) / powers[decimals];
    return 1;
}

bool data_number(struct text cell, bool comma, double *out)
{
    char plain[NUMBER_TEXT_SIZE], *end;
    size_t digits = 0;

    while (digits < cell.size && isdigit((unsigned char)cell.bytes[digits]))
        digits++;
    if (digits == cell.size && digits > 1 && (digits > DIGITS_MAX || cell.bytes[0] == '0'))
        return false;
    if (plain_number(cell, comma ? ',' : '.', out))
        return true;
    if (has_foreign_letters(cell) || number_plain(cell, comma, plain, NULL) != STATUS_OK)
        return false;
    double number = strtod(plain, &end);

    if (*end != '\0' || !(fabs(number) <= NUMBER_MAX))
        return false;
    *out = fabs(number) < NUMBER_LEAST ? 0 : number;
    return true;
}

static bool is_missing(struct text cell)
{
    static const char *const words[] = {"NA", "NaN", "nan", "null", "NULL", "-"};

    if (cell.size == 0)
        return true;
    /* Most cells are numbers: one look at their first byte. */
    if (cell.size > 4 || (cell.bytes[0] != 'N' && cell.bytes[0] != 'n' && cell.bytes[0] != '-'))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equals(cell, words[i]))
            return true;
    return false;
}

/* ---- levels ---- */

static uint64_t hash_text(struct text text)
{
    static const uint64_t factor = 0x9E3779B97F4A7C15u;
    uint64_t hash = text.size * factor, word;
    size_t i = 0;

    for (; i + sizeof word <= text.size; i += sizeof word) {
        memcpy(&word, text.bytes + i, sizeof word);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 31;
    }
    word = 0;
    if (i < text.size)
        memcpy(&word, text.bytes + i, text.size - i);
    hash = (hash ^ word) * factor;
    return hash ^ hash >> 29;
}

static size_t slot_find(const struct data_cells *cells, struct text text)
{
    size_t mask = cells->slot_count - 1, slot = (size_t)hash_text(text) & mask;

    while (cells->slots[slot] != 0 && !text_equal(cells->levels[cells->slots[slot] - 1], text))
        slot = (slot + 1) & mask;
    return slot;
}

static void slots_double(struct data_cells *cells)
{
    cells->slot_count *= 2;
    cells->slots = arena_array(cells->arena, cells->slot_count, sizeof *cells->slots);
    for (size_t i = 0; i < cells->level_count; i++)
        cells->slots[slot_find(cells, cells->levels[i])] = (uint32_t)(i + 1);
}

static uint32_t level_add(struct data_cells *cells, struct text text, size_t slot)
{
    size_t level = cells->level_count++;

    cells->levels =
        arena_lengthen(cells->arena, cells->levels, &cells->level_capacity, level + 1, sizeof *cells->levels);
    cells->levels[level] = text_copy(cells->arena, text);
    cells->level_bytes += text.size;
    cells->slots[slot] = (uint32_t)(level + 1);
    if (!cells->texts) {
        double value = NAN;

        cells->texts = !data_number(text, cells->comma, &value);
        cells->text_row = cells->row_count;
        cells->values =
            arena_lengthen(cells->arena, cells->values, &cells->value_capacity, level + 1, sizeof *cells->values);
        cells->values[level] = value;
    }
    if (cells->level_count * 2 > cells->slot_count)
        slots_double(cells);
    return (uint32_t)level;
}

/* ---- rows ---- */

static void *block_of(const struct data_cells *cells, size_t row)
{
    return cells->blocks[row / BLOCK_ROWS];
}

static double number_at(const struct data_cells *cells, size_t row)
{
    if (cells->numbers_only)
        return ((const double *)block_of(cells, row))[row % BLOCK_ROWS];
    uint32_t code = ((const uint32_t *)block_of(cells, row))[row % BLOCK_ROWS];

    return code == DATA_MISSING ? NAN : cells->values[code];
}

/* There are too many levels for a dictionary of numbers to help. */
static void turn_to_numbers(struct data_cells *cells)
{
    for (size_t b = 0; b < cells->block_count; b++) {
        double *numbers = arena_array(cells->arena, BLOCK_ROWS, sizeof *numbers);

        for (size_t i = 0; i < BLOCK_ROWS && b * BLOCK_ROWS + i < cells->row_count; i++)
            numbers[i] = number_at(cells, b * BLOCK_ROWS + i);
        cells->blocks[b] = numbers;
    }
    cells->numbers_only = true;
}

bool data_cells_strict(const struct data_cells *cells)
{
    return cells->numbers_only;
}

bool data_cells_accept(struct data_cells *cells, struct text cell)
{
    cell = text_trim(cell);
    cells->next_code = DATA_MISSING;
    cells->next_number = NAN;
    if (is_missing(cell))
        return true;
    if (cells->numbers_only)
        return data_number(cell, cells->comma, &cells->next_number);
    size_t slot = slot_find(cells, cell);

    cells->next_code = cells->slots[slot] != 0 ? cells->slots[slot] - 1 : level_add(cells, cell, slot);
    if (!cells->texts && cells->level_count > DATA_LEVELS_NUMERIC) {
        cells->next_number = cells->values[cells->next_code];
        turn_to_numbers(cells);
    }
    return true;
}

void data_cells_add(struct data_cells *cells)
{
    size_t place = cells->row_count % BLOCK_ROWS;

    if (place == 0) {
        cells->blocks = arena_lengthen(cells->arena, cells->blocks, &cells->block_capacity, cells->block_count + 1,
                                       sizeof *cells->blocks);
        cells->blocks[cells->block_count++] =
            arena_array(cells->arena, BLOCK_ROWS, cells->numbers_only ? sizeof(double) : sizeof(uint32_t));
    }
    if (cells->numbers_only) {
        ((double *)block_of(cells, cells->row_count))[place] = cells->next_number;
        cells->missing += isnan(cells->next_number) ? 1 : 0;
    } else {
        ((uint32_t *)block_of(cells, cells->row_count))[place] = cells->next_code;
        cells->missing += cells->next_code == DATA_MISSING;
    }
    cells->row_count++;
}

void data_cells_add_missing(struct data_cells *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cells->next_code = DATA_MISSING;
        cells->next_number = NAN;
        data_cells_add(cells);
    }
}

/* ---- the end ---- */

static bool finish_levels(const struct data_cells *cells, struct arena *arena, struct data_column *out)
{
    struct text *levels = arena_try(arena, cells->level_count * sizeof *levels);
    char *bytes = arena_try(arena, cells->level_bytes);
    uint32_t *codes = arena_try(arena, cells->row_count * sizeof *codes);

    if (levels == NULL || bytes == NULL || codes == NULL)
        return false;
    for (size_t i = 0; i < cells->level_count; i++) {
        memcpy(bytes, cells->levels[i].bytes, cells->levels[i].size);
        levels[i] = (struct text){bytes, cells->levels[i].size};
        bytes += levels[i].size;
    }
    for (size_t row = 0; row < cells->row_count; row += BLOCK_ROWS) {
        size_t count = cells->row_count - row < BLOCK_ROWS ? cells->row_count - row : BLOCK_ROWS;

        memcpy(codes + row, block_of(cells, row), count * sizeof *codes);
    }
    out->levels = levels;
    out->level_count = cells->level_count;
    out->codes = codes;
    return true;
}

bool data_cells_finish(const struct data_cells *cells, struct arena *arena, struct data_column *out)
{
    out->numeric = !cells->texts;
    out->missing = cells->missing;
    out->text_row = cells->text_row;
    if (out->numeric) {
        out->numbers = arena_try(arena, cells->row_count * sizeof *out->numbers);
        if (out->numbers == NULL)
            return false;
        for (size_t row = 0; row < cells->row_count; row++)
            out->numbers[row] = number_at(cells, row);
    }
    return cells->numbers_only || finish_levels(cells, arena, out);
}
