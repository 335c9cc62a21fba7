/* The journal rows of one operation, and the order of its movements over all of them. */
#include <assert.h>

#include "features/points/lots.h"

struct posting posting_start(struct decision *decision, struct journal_row *row)
{
    return (struct posting){.decision = decision, .row = row};
}

struct journal_row *posting_row(struct posting *posting, const struct member *member)
{
    struct journal_row *primary = posting->row;

    if (primary->member == member->id)
        return primary;
    for (size_t i = 0; i < posting->companion_count; i++)
        if (posting->companions[i]->member == member->id)
            return posting->companions[i];
    assert(posting->companion_count < GROUP_MEMBERS_MAX);
    struct journal_row *row = journal_add(posting->decision, member, 0, "share", primary->at);
    row->day = primary->day;
    row->cause = primary->id;
    row->store = primary->store;
    row->channel = primary->channel;
    posting->lines[posting->companion_count] = (struct builder){.arena = posting->decision->arena};
    posting->companions[posting->companion_count++] = row;
    return row;
}

/*
 * Rows of several buckets do not tell the order of their movements: a companion says in its facts which movements of the
 * posting are its own, {"lines":[2,5]}. The primary has the others.
 */
static void note_line(struct posting *posting, const struct journal_row *row)
{
    for (size_t i = 0; i < posting->companion_count; i++) {
        if (posting->companions[i] != row)
            continue;
        struct builder *lines = &posting->lines[i];
        if (lines->size == 0)
            builder_string(lines, "{\"lines\":[");
        else
            lines->bytes[lines->size - 2] = ',', lines->size--; /* for the end, which is written again */
        builder_format(lines, "%d]}", posting->line_count);
        posting->companions[i]->facts = builder_done(lines);
    }
}

void posting_add(struct posting *posting, const struct member *member, struct movement movement)
{
    struct journal_row *row = posting_row(posting, member);

    posting->line_count++;
    note_line(posting, row);
    movement_add(posting->decision, row, movement);
}

/* ---- reading back ---- */

static bool is_companion(const struct past_event *primary, const struct past_event *follower)
{
    return text_equals(follower->row.kind, "share") && follower->row.cause == primary->row.id;
}

/* The next number of the facts of a companion; 0: there is none. */
static size_t next_line(struct text *facts)
{
    size_t line = 0;

    while (facts->size > 0 && (facts->bytes[0] < '0' || facts->bytes[0] > '9'))
        *facts = (struct text){facts->bytes + 1, facts->size - 1};
    while (facts->size > 0 && facts->bytes[0] >= '0' && facts->bytes[0] <= '9' && line < INT32_MAX) {
        line = line * 10 + (size_t)(facts->bytes[0] - '0');
        *facts = (struct text){facts->bytes + 1, facts->size - 1};
    }
    return line;
}

const struct movement **posting_order(struct arena *arena, const struct past_event *primary, size_t *count)
{
    size_t total = primary->row.movement_count, rest_count = 0, used = 0;

    for (size_t f = 0; f < primary->follower_count; f++)
        if (is_companion(primary, &primary->followers[f]))
            total += primary->followers[f].row.movement_count;
    const struct movement **order = arena_array(arena, total + 1, sizeof *order);
    const struct movement **rest = arena_array(arena, total + 1, sizeof *rest); /* without a line of their own */
    for (size_t i = 0; i < primary->row.movement_count; i++)
        rest[rest_count++] = &primary->row.movements[i];
    for (size_t f = 0; f < primary->follower_count; f++) {
        const struct journal_row *row = &primary->followers[f].row;
        struct text facts = row->facts;
        for (size_t i = 0; is_companion(primary, &primary->followers[f]) && i < row->movement_count; i++) {
            size_t line = next_line(&facts);
            if (line > 0 && line <= total && order[line - 1] == NULL)
                order[line - 1] = &row->movements[i];
            else
                rest[rest_count++] = &row->movements[i];
        }
    }
    for (size_t i = 0; i < total; i++)
        if (order[i] == NULL)
            order[i] = rest[used++];
    assert(used == rest_count);
    *count = total;
    return order;
}
