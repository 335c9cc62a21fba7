#include "features/insight/live_chunk_store.h"

#include <stdlib.h>
#include <string.h>

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { BUCKET_DAYS_MAX = 20000000, BUCKET_MEMORY_MAX = 1 << 30 };

struct person_day {
    int64_t person, spend;
    int32_t day;
};

/* What is read of one bucket. */
struct reading {
    struct arena *arena;
    int64_t *apart; /* ids of those who are no person of their own: merged into another, or erased; ascending */
    size_t apart_count, apart_capacity, apart_at;
    struct person_day *days;
    size_t day_count, day_capacity;
};

static enum status receive_apart(void *context, const struct storage_row *row, struct error *err)
{
    struct reading *reading = context;

    (void)err;
    reading->apart = arena_grow(reading->arena, reading->apart, &reading->apart_capacity, reading->apart_count + 1,
                                sizeof *reading->apart);
    reading->apart[reading->apart_count++] = row_integer(row, 0);
    return STATUS_OK;
}

static enum status add_day(struct reading *reading, const struct storage_row *row, struct error *err)
{
    if (reading->day_count >= BUCKET_DAYS_MAX)
        return error_set(err, STATUS_LIMIT, "insight.days", "",
                         "there are more than %d days with purchases in a bucket", BUCKET_DAYS_MAX);
    reading->days = arena_grow(reading->arena, reading->days, &reading->day_capacity, reading->day_count + 1,
                               sizeof *reading->days);
    reading->days[reading->day_count++] =
        (struct person_day){row_integer(row, 0), row_integer(row, 2), (int32_t)row_integer(row, 1)};
    return STATUS_OK;
}

/* Days come by member, as the members apart do. */
static enum status receive_day(void *context, const struct storage_row *row, struct error *err)
{
    struct reading *reading = context;
    int64_t member = row_integer(row, 0);

    while (reading->apart_at < reading->apart_count && reading->apart[reading->apart_at] < member)
        reading->apart_at++;
    if (reading->apart_at < reading->apart_count && reading->apart[reading->apart_at] == member)
        return STATUS_OK;
    return add_day(reading, row, err);
}

/* Days of members who were merged into a person of the bucket. */
static enum status receive_joined(void *context, const struct storage_row *row, struct error *err)
{
    return add_day(context, row, err);
}

static int compare_days(const void *a, const void *b)
{
    const struct person_day *left = a, *right = b;

    if (left->person != right->person)
        return left->person < right->person ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

static enum status read_bucket(struct storage_session *session, struct reading *reading, int bucket, struct error *err)
{
    const struct storage_value value = value_integer(bucket);
    const struct storage_receiver apart = {.row = receive_apart, .context = reading},
                                  own = {.row = receive_day, .context = reading},
                                  joined = {.row = receive_joined, .context = reading};
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_insight_chunk_apart, &value, 1, &apart, err);
    if (status == STATUS_OK)
        status = storage_stream(session, &query_insight_chunk_days, &value, &own, err);
    size_t own_count = reading->day_count;

    if (status == STATUS_OK)
        status = storage_run(session, &query_insight_chunk_joined, &value, 1, &joined, err);
    storage_rollback(session);
    if (status == STATUS_OK && reading->day_count > own_count)
        qsort(reading->days, reading->day_count, sizeof *reading->days, compare_days);
    return status;
}

/* ---- several buckets as one ---- */

struct part {
    struct part *next;
    struct clv_purchase *days;
    int64_t *persons;
    size_t day_count, person_count;
};

static struct part *part_of(struct arena *arena, const struct reading *reading)
{
    struct part *part = arena_alloc(arena, sizeof *part);
    size_t persons = 0;

    for (size_t i = 0; i < reading->day_count; i++)
        persons += i == 0 || reading->days[i].person != reading->days[i - 1].person;
    *part = (struct part){.days = arena_array(arena, reading->day_count + 1, sizeof *part->days),
                          .persons = arena_array(arena, persons + 1, sizeof *part->persons),
                          .day_count = reading->day_count};
    for (size_t i = 0; i < reading->day_count; i++) {
        const struct person_day *day = &reading->days[i];

        if (i == 0 || day->person != reading->days[i - 1].person)
            part->persons[part->person_count++] = day->person;
        part->days[i] = (struct clv_purchase){(uint32_t)(part->person_count - 1), day->day, (double)day->spend};
    }
    return part;
}

static void join_parts(struct arena *arena, const struct part *first, int32_t today, struct live_base *out)
{
    size_t days = 0, persons = 0;

    for (const struct part *part = first; part != NULL; part = part->next) {
        days += part->day_count;
        persons += part->person_count;
    }
    *out = (struct live_base){.days = arena_array(arena, days + 1, sizeof *out->days),
                              .persons = arena_array(arena, persons + 1, sizeof *out->persons),
                              .today = today};
    for (const struct part *part = first; part != NULL; part = part->next) {
        for (size_t i = 0; i < part->day_count; i++) {
            struct clv_purchase day = part->days[i];

            day.customer += (uint32_t)out->person_count;
            out->days[out->day_count++] = day;
            out->today = day.day > out->today ? day.day : out->today; /* a store's day may be ahead */
        }
        memcpy(out->persons + out->person_count, part->persons, part->person_count * sizeof *part->persons);
        out->person_count += part->person_count;
    }
}

enum status live_chunk_read(struct storage_session *session, struct arena *arena, struct live_chunk *chunk,
                            int32_t today, struct live_base *out, struct error *err)
{
    struct arena *scratch = arena_new(BUCKET_MEMORY_MAX), *kept = arena_new(BUCKET_MEMORY_MAX);
    struct part *first = NULL, **link = &first;
    enum status status = STATUS_OK;
    size_t persons = 0;
    int bucket = chunk->first;

    if (scratch == NULL || kept == NULL)
        status = error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory for the days");
    for (; status == STATUS_OK && bucket < BUCKET_COUNT && (bucket == chunk->first || persons < chunk->persons);
         bucket++) {
        struct reading reading = {.arena = scratch};

        arena_reset(scratch);
        status = read_bucket(session, &reading, bucket, err);
        if (status != STATUS_OK)
            break;
        *link = part_of(kept, &reading);
        persons += (*link)->person_count;
        link = &(*link)->next;
    }
    if (status == STATUS_OK) {
        join_parts(arena, first, today, out);
        chunk->first = bucket;
    }
    arena_free(kept);
    arena_free(scratch);
    return status;
}
