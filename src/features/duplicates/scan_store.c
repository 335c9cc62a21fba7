#include "features/duplicates/scan_store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/duplicates/queue_store.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

enum { PUT_ROWS = 500, PUT_COLUMNS = 8, THOUSAND = 1000, MILLION = 1000000 };

static const size_t MEMORY_MAX = (size_t)16 << 30;

/* ---- reading ---- */

/* A member arrives as one row for each of its phones and e-mails. */
struct reading {
    struct duplicate_base *base;
    struct arena *arena; /* of the member under way */
    int64_t member, leader;
    struct duplicate_person person;
};

static void finish_member(struct reading *reading)
{
    if (reading->member != 0)
        duplicate_base_add(reading->base, reading->leader, &reading->person);
    reading->member = 0;
    reading->person = (struct duplicate_person){.phone_count = 0};
    arena_reset(reading->arena);
}

static void begin_member(struct reading *reading, const struct storage_row *row)
{
    struct arena *arena = reading->arena;

    reading->member = row_integer(row, 0);
    reading->leader = row_integer(row, 1);
    reading->person.family_name = row_text_copy(row, 2, arena);
    reading->person.given_name = row_text_copy(row, 3, arena);
    reading->person.name = row_text_copy(row, 4, arena);
    reading->person.birthday = row_text_copy(row, 5, arena);
    reading->person.lunar = text_equals(row_text(row, 6), "lunar");
    reading->person.gender = row_text_copy(row, 7, arena);
    reading->person.region = row_text_copy(row, 8, arena);
    reading->person.city = row_text_copy(row, 9, arena);
    reading->person.address = row_text_copy(row, 10, arena);
    reading->person.postcode = row_text_copy(row, 11, arena);
}

static enum status receive_member(void *context, const struct storage_row *row, struct error *err)
{
    struct reading *reading = context;
    struct duplicate_person *person = &reading->person;

    if (row_integer(row, 0) != reading->member) {
        finish_member(reading);
        if (duplicate_base_count(reading->base) >= PERSONS_MAX)
            return error_set(err, STATUS_LIMIT, "duplicates.memory", "", "there are more than %d members", PERSONS_MAX);
        begin_member(reading, row);
    }
    if (text_equals(row_text(row, 12), "phone") && person->phone_count < PERSON_PHONES_MAX)
        person->phones[person->phone_count++] = row_text_copy(row, 13, reading->arena);
    if (text_equals(row_text(row, 12), "email") && person->email_count < PERSON_EMAILS_MAX)
        person->emails[person->email_count++] = row_text_copy(row, 13, reading->arena);
    return STATUS_OK;
}

/* Two persons, the one with the smaller id first. */
struct two {
    int64_t members[2];
};

static struct text two_key(const struct two *two)
{
    return (struct text){(const char *)two->members, sizeof two->members};
}

static struct two two_of(int64_t a, int64_t b)
{
    return a < b ? (struct two){{a, b}} : (struct two){{b, a}};
}

struct decided {
    struct arena *arena;
    struct map *pairs;
};

static enum status receive_decided(void *context, const struct storage_row *row, struct error *err)
{
    struct decided *decided = context;
    const struct two two = two_of(row_integer(row, 0), row_integer(row, 1));
    struct two *kept = arena_copy(decided->arena, &two, sizeof two);

    (void)err;
    map_put(decided->pairs, two_key(kept), kept);
    return STATUS_OK;
}

static enum status read_all(struct engine *engine, struct arena *arena, struct duplicate_base *base,
                            struct map **decided_pairs, struct error *err)
{
    struct decided decided = {arena, map_new(arena, 64)};
    struct reading reading = {.base = base, .arena = arena_new(MEMORY_MAX)};
    const struct storage_receiver members = {.row = receive_member, .context = &reading};
    const struct storage_receiver pairs = {.row = receive_decided, .context = &decided};
    struct storage_session *session = NULL;
    enum status status = storage_session_new(engine_storage(engine), true, &session, err);

    if (status == STATUS_OK)
        status = storage_begin(session, err);
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        const struct storage_value value = value_integer(bucket);
        status = storage_stream(session, &query_duplicates_scan_members, &value, &members, err);
        finish_member(&reading);
    }
    if (status == STATUS_OK)
        status = storage_stream(session, &query_duplicates_pairs_decided, NULL, &pairs, err);
    if (session != NULL)
        storage_rollback(session);
    storage_session_free(session);
    arena_free(reading.arena);
    *decided_pairs = decided.pairs;
    return status;
}

/* ---- keeping ---- */

static void put_values(const struct duplicate_pair *pair, struct two two, int64_t now, struct storage_value *values)
{
    values[0] = value_integer(id_bucket(two.members[0]));
    values[1] = value_integer(queue_pair_id(two.members[0], two.members[1]));
    values[2] = value_integer(two.members[0]);
    values[3] = value_integer(two.members[1]);
    values[4] = value_integer(llround(pair->weight * THOUSAND));
    values[5] = value_integer(llround(pair->rarity * THOUSAND));
    values[6] = value_integer(llround(pair->probability * MILLION));
    values[7] = value_integer(now);
}

struct keeping {
    struct arena *arena;
    const struct duplicate_base *base;
    const struct duplicate_result *found;
    struct map *known; /* pairs of persons that are decided or written */
    int64_t now;
};

/* The pairs of persons, each once by its best pair of members; fills `values` and returns how many. */
static size_t choose_rows(struct keeping *keeping, struct storage_value *values, struct scan_result *out)
{
    size_t count = 0;

    for (size_t i = 0; i < keeping->found->pair_count; i++) {
        const struct duplicate_pair *pair = &keeping->found->pairs[i];
        struct two two =
            two_of(duplicate_record_at(keeping->base, pair->a)->id, duplicate_record_at(keeping->base, pair->b)->id);
        if (two.members[0] == two.members[1] || map_get(keeping->known, two_key(&two)) != NULL)
            continue;
        struct two *kept = arena_copy(keeping->arena, &two, sizeof two);
        map_put(keeping->known, two_key(kept), kept);
        if (count == QUEUE_PAIRS_MAX)
            out->cut++;
        else
            put_values(pair, two, keeping->now, values + PUT_COLUMNS * count++);
    }
    return count;
}

static enum status write_all(struct storage_session *session, struct keeping *keeping, struct scan_result *out,
                             struct error *err)
{
    struct storage_value *values =
        arena_array(keeping->arena, PUT_COLUMNS * (keeping->found->pair_count + 1), sizeof *values);
    size_t count = choose_rows(keeping, values, out);
    const struct storage_value model[] = {value_integer(keeping->now),
                                          value_text(linkage_text(keeping->arena, &keeping->found->model))};
    enum status status = storage_run_alone(session, &query_duplicates_model_put, model, 1, err);

    for (size_t done = 0; status == STATUS_OK && done < count; done += PUT_ROWS)
        status = storage_run_alone(session, &query_duplicates_pair_put, values + PUT_COLUMNS * done,
                                   count - done < PUT_ROWS ? count - done : PUT_ROWS, err);
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        const struct storage_value drop[] = {value_integer(bucket), value_integer(keeping->now)};
        status = storage_run_alone(session, &query_duplicates_pairs_drop, drop, 1, err);
        if (status == STATUS_OK)
            status = storage_run_alone(session, &query_duplicates_pairs_drop_erased, drop, 1, err);
    }
    out->pairs = count;
    return status;
}

static enum status keep(struct engine *engine, struct keeping *keeping, struct scan_result *out, struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);

    if (status != STATUS_OK)
        return status;
    status = write_all(session, keeping, out, err);
    storage_session_free(session);
    return status;
}

static enum status scan_in(struct engine *engine, struct arena *arena, struct duplicate_base *base,
                           const struct scan *scan, struct scan_result *out, struct error *err)
{
    const struct duplicate_search search = {
        .threads = scan->threads, .threshold = scan->threshold, .go_on = scan->go_on, .context = scan->context};
    struct keeping keeping = {.arena = arena, .base = base, .now = clock_now(engine_clock(engine))};
    struct duplicate_result found;
    enum status status = read_all(engine, arena, base, &keeping.known, err);

    if (status == STATUS_OK)
        status = duplicates_find(arena, base, &search, &found, err);
    if (status != STATUS_OK)
        return status;
    out->members = duplicate_base_count(base);
    out->stopped = found.stopped;
    keeping.found = &found;
    return found.stopped ? STATUS_OK : keep(engine, &keeping, out, err);
}

enum status duplicates_scan(struct engine *engine, const struct scan *scan, struct scan_result *out, struct error *err)
{
    struct arena *arena = arena_new(MEMORY_MAX);

    *out = (struct scan_result){.members = 0};
    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "duplicates.memory", "", "there is no memory to search with");
    struct duplicate_base *base = duplicate_base_new(arena);
    enum status status = scan_in(engine, arena, base, scan, out, err);
    duplicate_base_free(base);
    arena_free(arena);
    return status;
}
