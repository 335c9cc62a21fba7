#include "mathematics/text_distance.h"

#include <stdbool.h>
#include <string.h>

enum { PREFIX_MAX = 4 };

static const double PREFIX_SHARE = 0.1;

static size_t read_characters(struct text text, uint32_t out[TEXT_DISTANCE_LENGTH])
{
    size_t count = 0;

    for (size_t i = 0; i < text.size && count < TEXT_DISTANCE_LENGTH; count++) {
        unsigned char lead = (unsigned char)text.bytes[i++];
        uint32_t character = lead < 0x80 ? lead : lead < 0xe0 ? lead & 0x1fu : lead < 0xf0 ? lead & 0x0fu : lead & 7u;

        while (i < text.size && ((unsigned char)text.bytes[i] & 0xc0) == 0x80)
            character = character << 6 | ((unsigned char)text.bytes[i++] & 0x3fu);
        out[count] = character;
    }
    return count;
}

/* ---- Jaro and Winkler ---- */

/* Marks the characters that have an equal one near by; returns how many. A bit for each character. */
static size_t match(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, uint64_t marks[2])
{
    size_t longer = a_count > b_count ? a_count : b_count, window = longer / 2 > 0 ? longer / 2 - 1 : 0, count = 0;

    marks[0] = marks[1] = 0;
    for (size_t i = 0; i < a_count; i++) {
        size_t from = i > window ? i - window : 0, to = i + window + 1 < b_count ? i + window + 1 : b_count;
        for (size_t j = from; j < to; j++)
            if (a[i] == b[j] && (marks[1] >> j & 1) == 0) {
                marks[0] |= (uint64_t)1 << i;
                marks[1] |= (uint64_t)1 << j;
                count++;
                break;
            }
    }
    return count;
}

static size_t out_of_order(const uint32_t *a, const uint32_t *b, const uint64_t marks[2], size_t count)
{
    size_t wrong = 0, i = 0, j = 0;

    for (size_t k = 0; k < count; k++, i++, j++) {
        while ((marks[0] >> i & 1) == 0)
            i++;
        while ((marks[1] >> j & 1) == 0)
            j++;
        wrong += a[i] != b[j];
    }
    return wrong / 2;
}

double jaro_winkler(struct text a, struct text b)
{
    uint32_t first[TEXT_DISTANCE_LENGTH], second[TEXT_DISTANCE_LENGTH];
    size_t a_count = read_characters(a, first), b_count = read_characters(b, second), prefix = 0;
    uint64_t marks[2];
    size_t count = match(first, a_count, second, b_count, marks);

    if (count == 0)
        return 0;
    double matched = (double)count, swapped = (double)out_of_order(first, second, marks, count);
    double jaro = (matched / (double)a_count + matched / (double)b_count + (matched - swapped) / matched) / 3;
    while (prefix < PREFIX_MAX && prefix < a_count && prefix < b_count && first[prefix] == second[prefix])
        prefix++;
    return jaro + (double)prefix * PREFIX_SHARE * (1 - jaro);
}

/* ---- edits ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t edit_distance(struct text a, struct text b, size_t limit)
{
    uint32_t first[TEXT_DISTANCE_LENGTH], second[TEXT_DISTANCE_LENGTH];
    uint8_t rows[3][TEXT_DISTANCE_LENGTH + 1];
    uint8_t *before = rows[0], *last = rows[1], *row = rows[2];
    size_t a_count = read_characters(a, first), b_count = read_characters(b, second);

    if (a_count > b_count + limit || b_count > a_count + limit)
        return limit + 1;
    for (size_t j = 0; j <= b_count; j++)
        last[j] = (uint8_t)j;
    for (size_t i = 1; i <= a_count; i++) {
        size_t best = row[0] = (uint8_t)i;
        for (size_t j = 1; j <= b_count; j++) {
            size_t cost =
                least(least(last[j] + 1u, row[j - 1] + 1u), last[j - 1] + (size_t)(first[i - 1] != second[j - 1]));
            if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                cost = least(cost, before[j - 2] + 1u);
            row[j] = (uint8_t)cost;
            best = least(best, cost);
        }
        if (best > limit)
            return limit + 1;
        uint8_t *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return least(last[b_count], limit + 1);
}

/* ---- sets ---- */

double dice_share(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count)
{
    size_t i = 0, j = 0, common = 0;

    while (i < a_count && j < b_count) {
        if (a[i] == b[j]) {
            common++;
            i++;
            j++;
        } else if (a[i] < b[j]) {
            i++;
        } else {
            j++;
        }
    }
    return a_count + b_count == 0 ? 0 : 2.0 * (double)common / (double)(a_count + b_count);
}
