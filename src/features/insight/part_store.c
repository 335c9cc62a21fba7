#include "features/insight/part_store.h"

#include "queries.h"
#include "storage/storage.h"

static const size_t PART_ARENA_BYTES = (size_t)8 << 30; /* address space */

/* A person by the leader, over the stores of the part. */
struct tally {
    int64_t ever, period; /* purchases */
    int64_t last_at;      /* purchase or visit */
    bool present;         /* not erased */
};

struct people_read {
    struct arena *arena;
    const struct insight_part *part;
    struct map *tallies; /* leader -> struct tally */
};

static enum status receive_tally(void *context, const struct storage_row *row, struct error *err)
{
    struct people_read *read = context;
    int64_t leader = row_integer(row, 0), last_at = row_integer(row, 5);

    (void)err;
    if (!read->part->sees(read->part->context, row_text(row, 2)))
        return STATUS_OK;
    struct tally *tally = map_get_id(read->tallies, leader);
    if (tally == NULL) {
        tally = arena_alloc(read->arena, sizeof *tally);
        map_put_id(read->tallies, leader, tally);
    }
    tally->present |= row_integer(row, 1) == MEMBER_ACTIVE;
    tally->ever += row_integer(row, 3);
    tally->period += row_integer(row, 4);
    tally->last_at = last_at > tally->last_at ? last_at : tally->last_at;
    return STATUS_OK;
}

static struct part_people people_of(const struct map *tallies, const struct part_period *period)
{
    struct part_people people = {0};

    for (size_t i = 0; i < map_count(tallies); i++) {
        const struct tally *tally = map_value_at(tallies, i);
        people.period.all += tally->period >= 1;
        people.period.repeat += tally->period >= period->repeat_purchases;
        if (!tally->present)
            continue;
        people.members++;
        people.active += tally->last_at > period->active_after;
        people.ever.all += tally->ever >= 1;
        people.ever.repeat += tally->ever >= period->repeat_purchases;
    }
    return people;
}

enum status part_people_read(struct storage_session *session, const struct insight_part *part,
                             const struct part_period *period, struct part_people *out, struct error *err)
{
    struct people_read read = {.arena = arena_new(PART_ARENA_BYTES), .part = part};
    const struct storage_receiver receiver = {.row = receive_tally, .context = &read};
    enum status status = STATUS_OK;

    if (read.arena == NULL)
        return error_set(err, STATUS_IO, "internal.memory", "", "there is no memory");
    read.tallies = map_new(read.arena, 1024);
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(period->start),
                                               value_integer(period->end)};
        status = storage_run(session, &query_insight_part_people, values, 1, &receiver, err);
    }
    if (status == STATUS_OK)
        *out = people_of(read.tallies, period);
    arena_free(read.arena);
    return status;
}
