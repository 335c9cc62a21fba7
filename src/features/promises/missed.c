/* What was due and not given; what is left of it. */
#include "features/promises/missed.h"

#include <stdlib.h>

#include "features/events/terms.h"
#include "foundation/checked.h"

const char *const missed_kinds[] = {"", "offer", "gift", "benefit", "coupon", "price", NULL};
const char *const missed_states[] = {"", "listed", "made_good", "waiting", "withdrawn", "refused", NULL};

/* ---- shares of lines ---- */

struct text missed_lines_write(struct arena *arena, const struct missed_line *lines, size_t count)
{
    struct builder out = {.arena = arena};

    for (size_t i = 0; i < count; i++)
        builder_format(&out, "%s%lld:%lld:%lld", i > 0 ? " " : "", (long long)lines[i].number, (long long)lines[i].base,
                       (long long)lines[i].share);
    return builder_done(&out);
}

/* The next one; false at the end. Only what missed_lines_write wrote is read. */
static bool next_line(struct text *rest, struct missed_line *out)
{
    int64_t *const parts[] = {&out->number, &out->base, &out->share};

    if (rest->size == 0)
        return false;
    for (size_t part = 0; part < 3; part++) {
        size_t size = 0;
        while (size < rest->size && rest->bytes[size] != ':' && rest->bytes[size] != ' ')
            size++;
        if (!text_to_integer((struct text){rest->bytes, size}, parts[part]))
            return false;
        size += size < rest->size;
        rest->bytes += size;
        rest->size -= size;
    }
    return true;
}

static const struct purchase_line *line_of(const struct purchase_line *lines, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (lines[i].number == number)
            return &lines[i];
    return NULL;
}

int64_t missed_value_left(const struct missed *missed, const struct purchase_line *left, size_t count, bool all_back)
{
    struct text rest = missed->lines;
    struct missed_line line;
    int64_t sum = 0;

    if (all_back)
        return 0;
    if (rest.size == 0)
        return missed->value;
    while (next_line(&rest, &line)) {
        const struct purchase_line *now = line_of(left, count, line.number);
        int64_t share = 0;
        if (now == NULL || (now->amount == 0 && now->quantity_milli == 0))
            continue;
        if (line.base <= 0 || now->amount >= line.base)
            share = line.share;
        else if (!checked_scale(line.share, now->amount, line.base, ROUNDING_FLOOR, &share))
            share = 0;
        sum += share;
    }
    return sum < missed->value ? sum : missed->value;
}

int64_t missed_points_left(const struct missed *missed, int64_t value_left)
{
    int64_t points;

    if (value_left >= missed->good.cost)
        return missed->good.points;
    return checked_scale(missed->good.points, value_left, missed->good.cost, ROUNDING_FLOOR, &points) ? points : 0;
}

/* ---- comparing ---- */

struct purchase_line missed_public_line(const struct purchase_line *line)
{
    struct purchase_line out = *line;

    out.amount = line->amount + line->discount;
    out.discount = 0;
    out.terms = NULL;
    return out;
}

static int64_t given_by_code(const struct purchase_line *lines, size_t count, struct text code)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t d = 0; lines[i].terms != NULL && d < lines[i].terms->discount_count; d++)
            if (text_equal(lines[i].terms->discounts[d].code, code))
                sum += lines[i].terms->discounts[d].amount;
    return sum;
}

/* The missing amount over the lines as the offer would have taken it off. */
static struct text share_lines(struct arena *arena, const struct quoted *quoted, size_t offer,
                               const struct purchase_line *lines, int64_t amount)
{
    int64_t *weights = arena_array(arena, quoted->line_count + 1, sizeof *weights);
    int64_t *shares = arena_array(arena, quoted->line_count + 1, sizeof *shares);
    struct missed_line *out = arena_array(arena, quoted->line_count + 1, sizeof *out);
    size_t count = 0;
    int64_t sum = 0;

    for (size_t i = 0; i < quoted->cut_count; i++)
        if (quoted->cuts[i].offer == (int64_t)offer) {
            weights[quoted->cuts[i].line] += quoted->cuts[i].amount;
            sum += quoted->cuts[i].amount;
        }
    if (sum == 0 || !split_largest_remainder(amount, weights, shares, (int)quoted->line_count))
        return (struct text){NULL, 0};
    for (size_t i = 0; i < quoted->line_count; i++)
        if (shares[i] > 0)
            out[count++] = (struct missed_line){lines[i].number, lines[i].amount, shares[i]};
    return missed_lines_write(arena, out, count);
}

size_t missed_compare(struct arena *arena, const struct quoted *quoted, const struct purchase_line *lines,
                      struct missed_due *out)
{
    int64_t *missing = arena_array(arena, quoted->offer_count + 1, sizeof *missing);
    bool *unused = arena_array(arena, quoted->offer_count + 1, sizeof *unused);
    int64_t other = 0;
    size_t count = 0;

    for (size_t i = 0; i < quoted->line_count; i++)
        other += lines[i].discount;
    for (size_t i = 0; i < quoted->offer_count; i++) {
        int64_t due = quoted->offers[i].amount;
        int64_t given = given_by_code(lines, quoted->line_count, quoted->offers[i].code);
        int64_t matched = given < due ? given : due;
        unused[i] = given == 0;
        missing[i] = due - matched;
        other -= matched;
    }
    for (size_t i = quoted->offer_count; i-- > 0 && other > 0;) {
        int64_t covered = missing[i] < other ? missing[i] : other;
        missing[i] -= covered;
        other -= covered;
    }
    for (size_t i = 0; i < quoted->offer_count; i++)
        if (missing[i] > 0)
            out[count++] = (struct missed_due){&quoted->offers[i], missing[i], unused[i],
                                               share_lines(arena, quoted, i, lines, missing[i])};
    return count;
}

/* ---- copies ---- */

void missed_copy(struct arena *arena, const struct missed *missed, struct missed *out)
{
    *out = *missed;
    out->code = text_copy(arena, missed->code);
    out->why = text_copy(arena, missed->why);
    out->store = text_copy(arena, missed->store);
    out->channel = text_copy(arena, missed->channel);
    out->lines = text_copy(arena, missed->lines);
    out->good.wallet = text_copy(arena, missed->good.wallet);
    out->good.series = text_copy(arena, missed->good.series);
    out->good.key = text_copy(arena, missed->good.key);
    out->decided_by = text_copy(arena, missed->decided_by);
}
