#include "features/insight/live_table_store.h"

#include <stdlib.h>

#include "queries.h"
#include "storage/storage.h"

enum { RETURNS_MAX = 40000000 };

static const size_t RETURNS_BYTES_MAX = (size_t)RETURNS_MAX * 4 * 32; /* lists grow by doubling */

bool live_part_has(const struct live_part *part, int64_t leader)
{
    /* Bits of ids, well mixed (Fibonacci hashing), so that a sample is of all times and buckets alike. */
    uint64_t mixed = (uint64_t)leader * UINT64_C(0x9E3779B97F4A7C15);

    mixed ^= mixed >> 32;
    mixed *= UINT64_C(0xD6E8FEB86659FD93);
    return part->sample >= 100 || (double)(mixed >> 32) / 4294967296.0 * 100 < part->sample;
}

/* ---- streams ---- */

struct stream {
    const struct live_part *part;
    const struct live_receiver *receiver;
    const struct returns *returns; /* of lines */
};

static enum status hand_on(const struct stream *stream, const void *row, struct error *err)
{
    return stream->receiver->each(stream->receiver->context, row, err);
}

static enum status receive_day(void *context, const struct storage_row *row, struct error *err)
{
    const struct stream *stream = context;
    const struct live_day day = {row_integer(row, 0), row_integer(row, 2), (int32_t)row_integer(row, 1)};

    return live_part_has(stream->part, day.leader) ? hand_on(stream, &day, err) : STATUS_OK;
}

enum status live_days_stream(struct storage_session *session, const struct live_part *part,
                             const struct live_receiver *receiver, struct error *err)
{
    struct stream stream = {.part = part, .receiver = receiver};
    const struct storage_receiver rows = {.row = receive_day, .context = &stream};
    const struct storage_value values[] = {value_integer(part->first), value_integer(part->last)};

    return storage_stream(session, &query_insight_table_days, values, &rows, err);
}

static enum status receive_person(void *context, const struct storage_row *row, struct error *err)
{
    const struct stream *stream = context;
    const struct live_person person = {.id = row_integer(row, 0),
                                       .purchases = row_integer(row, 1),
                                       .purchase_days = row_integer(row, 2),
                                       .spend = row_integer(row, 3),
                                       .returns = row_integer(row, 4),
                                       .visits = row_integer(row, 5),
                                       .first_purchase_at = row_integer(row, 6),
                                       .last_purchase_at = row_integer(row, 7),
                                       .registered_at = row_integer(row, 8),
                                       .tier = row_text(row, 9)};

    return live_part_has(stream->part, person.id) ? hand_on(stream, &person, err) : STATUS_OK;
}

enum status live_persons_stream(struct storage_session *session, const struct live_part *part,
                                const struct live_receiver *receiver, struct error *err)
{
    struct stream stream = {.part = part, .receiver = receiver};
    const struct storage_receiver rows = {.row = receive_person, .context = &stream};

    return storage_stream(session, &query_insight_table_persons, NULL, &rows, err);
}

static enum status receive_habit(void *context, const struct storage_row *row, struct error *err)
{
    const struct stream *stream = context;
    const struct live_habit habit = {row_integer(row, 0), row_integer(row, 1), row_integer(row, 2),
                                     row_integer(row, 3)};

    return live_part_has(stream->part, habit.leader) ? hand_on(stream, &habit, err) : STATUS_OK;
}

enum status live_habits_stream(struct storage_session *session, const struct live_part *part,
                               const struct live_receiver *receiver, struct error *err)
{
    struct stream stream = {.part = part, .receiver = receiver};
    const struct storage_receiver rows = {.row = receive_habit, .context = &stream};

    return storage_stream(session, &query_insight_table_habits, NULL, &rows, err);
}

static enum status receive_item(void *context, const struct storage_row *row, struct error *err)
{
    const struct live_item item = {row_text(row, 0), row_text(row, 1), row_text(row, 2), row_text(row, 3),
                                   row_integer(row, 4)};

    return hand_on(context, &item, err);
}

enum status live_items_stream(struct storage_session *session, const struct live_receiver *receiver, struct error *err)
{
    struct stream stream = {.receiver = receiver};
    const struct storage_receiver rows = {.row = receive_item, .context = &stream};

    return storage_stream(session, &query_insight_table_items, NULL, &rows, err);
}

/* ---- lines, less what came back ---- */

struct returned {
    int64_t purchase, line, quantity_milli, amount;
};

struct returns {
    struct arena *arena;
    struct returned *list;
    size_t count, capacity;
};

static int compare_returned(const void *a, const void *b)
{
    const struct returned *left = a, *right = b;

    if (left->purchase != right->purchase)
        return left->purchase < right->purchase ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

static enum status receive_return(void *context, const struct storage_row *row, struct error *err)
{
    struct returns *returns = context;

    if (returns->count >= RETURNS_MAX)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there are more than %d returns", RETURNS_MAX);
    returns->list =
        arena_grow(returns->arena, returns->list, &returns->capacity, returns->count + 1, sizeof *returns->list);
    returns->list[returns->count++] =
        (struct returned){row_integer(row, 0), row_integer(row, 1), row_integer(row, 2), row_integer(row, 3)};
    return STATUS_OK;
}

static void take_returned(const struct returns *returns, int64_t number, struct live_line *line)
{
    const struct returned wanted = {.purchase = line->purchase, .line = number};
    size_t low = 0, high = returns->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_returned(&returns->list[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < returns->count && compare_returned(&returns->list[low], &wanted) == 0; low++) {
        line->quantity_milli -= returns->list[low].quantity_milli;
        line->amount -= returns->list[low].amount;
    }
}

static enum status receive_line(void *context, const struct storage_row *row, struct error *err)
{
    const struct stream *stream = context;
    struct live_line line = {.leader = row_integer(row, 0),
                             .purchase = row_integer(row, 1),
                             .day = (int32_t)row_integer(row, 2),
                             .store = row_text(row, 3),
                             .channel = row_text(row, 4),
                             .sku = row_text(row, 7),
                             .category = row_text(row, 8),
                             .quantity_milli = row_integer(row, 9),
                             .amount = row_integer(row, 10),
                             .discount = row_integer(row, 11)};
    int64_t bought = line.amount;

    if (!live_part_has(stream->part, line.leader))
        return STATUS_OK;
    take_returned(stream->returns, row_integer(row, 6), &line);
    return line.amount <= 0 && bought > 0 ? STATUS_OK : hand_on(stream, &line, err);
}

enum status live_lines_stream(struct storage_session *session, const struct live_part *part,
                              const struct live_receiver *receiver, struct error *err)
{
    struct returns returns = {.arena = arena_new(RETURNS_BYTES_MAX)};
    struct stream stream = {.part = part, .receiver = receiver, .returns = &returns};
    const struct storage_receiver back = {.row = receive_return, .context = &returns};
    const struct storage_receiver rows = {.row = receive_line, .context = &stream};
    const struct storage_value values[] = {value_integer(part->first), value_integer(part->last)};

    if (returns.arena == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory for the returns");
    enum status status = storage_stream(session, &query_insight_table_returns, NULL, &back, err);

    if (status == STATUS_OK && returns.count > 0)
        qsort(returns.list, returns.count, sizeof *returns.list, compare_returned);
    if (status == STATUS_OK)
        status = storage_stream(session, &query_insight_table_lines, values, &rows, err);
    arena_free(returns.arena);
    return status;
}

/* ---- counts ---- */

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status live_days_count(struct storage_session *session, const struct live_part *part, int64_t *out,
                            struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_count, .context = out};
    const struct storage_value values[] = {value_integer(part->first), value_integer(part->last)};

    return storage_run(session, &query_insight_table_days_count, values, 1, &receiver, err);
}

enum status live_persons_count(struct storage_session *session, int64_t *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_count, .context = out};

    return storage_run(session, &query_insight_table_persons_count, NULL, 1, &receiver, err);
}
