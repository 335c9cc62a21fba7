#include "features/segments/segment_people_store.h"

#include <math.h>

#include "foundation/map.h"
#include "queries.h"

static const double MILLIONTHS = 1e6;

/* ---- who they are ---- */

static void add_gone(struct segment_people *people, int64_t id)
{
    people->gone[people->gone_count++] = id;
}

/* The leaders of the members, each once; members that are not their own leader are persons no more. */
static enum status find_persons(struct loader *loader, const struct id_list *ids, struct segment_people *out,
                                struct error *err)
{
    struct map *seen = map_new(loader->arena, ids->count);
    enum status status = loader_resolve(loader, ids, err);
    for (size_t i = 0; status == STATUS_OK && i < ids->count; i++) {
        const struct found_member *found = loader_found(loader, ids->ids[i]);
        if (map_get_id(seen, ids->ids[i]) != NULL)
            continue;
        map_put_id(seen, ids->ids[i], loader);
        if (found == NULL || found->leader == 0) {
            add_gone(out, ids->ids[i]);
            continue;
        }
        const struct found_member *leader = loader_found(loader, found->leader);
        if (found->leader != found->id || found->status != MEMBER_ACTIVE)
            add_gone(out, found->id);
        if (leader == NULL || leader->status != MEMBER_ACTIVE ||
            (leader->id != found->id && map_get_id(seen, leader->id) != NULL))
            continue;
        map_put_id(seen, leader->id, loader);
        struct loaded_group *group = loader_group(loader, leader->id);
        struct segment_person *person = &out->items[out->count++];
        person->leader = leader->id;
        person->person.group = &group->live;
        person->person.leader = person->person.member = group_find(&group->live, leader->id);
    }
    return status;
}

/* ---- scores ---- */

struct scoring {
    struct map *by_id;
};

/* What is not known of amounts is -1. */
static double known(int64_t number)
{
    return number < 0 ? NAN : (double)number;
}

static enum status receive_score(void *context, const struct storage_row *row, struct error *err)
{
    const struct scoring *scoring = context;
    struct segment_person *person = map_get_id(scoring->by_id, row_integer(row, 0));
    (void)err;
    if (person == NULL)
        return STATUS_OK;
    person->scored = true;
    person->scores = (struct fact_scores){.alive = (double)row_integer(row, 1) / MILLIONTHS,
                                          .expected = (double)row_integer(row, 2) / MILLIONTHS,
                                          .value = known(row_integer(row, 3)),
                                          .lifetime = known(row_integer(row, 4)),
                                          .loyalty = (double)row_integer(row, 5)};
    return STATUS_OK;
}

static enum status read_scores(struct storage_session *session, struct arena *arena, struct segment_people *people,
                               struct error *err)
{
    struct scoring scoring = {map_new(arena, people->count)};
    const struct storage_receiver receiver = {.row = receive_score, .context = &scoring};
    struct storage_value *values = arena_array(arena, people->count * 2 + 1, sizeof *values);
    for (size_t i = 0; i < people->count; i++) {
        map_put_id(scoring.by_id, people->items[i].leader, &people->items[i]);
        values[i * 2] = value_integer(id_bucket(people->items[i].leader));
        values[i * 2 + 1] = value_integer(people->items[i].leader);
    }
    return storage_run(session, &query_segments_scores, values, people->count, &receiver, err);
}

/* ---- all of them ---- */

static enum status read_known(struct storage_session *session, struct arena *arena, struct segment_people *people,
                              unsigned parts, struct error *err)
{
    struct condition_reading *readings = arena_array(arena, people->count + 1, sizeof *readings);
    for (size_t i = 0; i < people->count; i++)
        readings[i] = (struct condition_reading){&people->items[i].person, &people->items[i].known};
    return conditions_read_all(session, arena, readings, people->count, parts, err);
}

enum status segment_people_read(struct storage_session *session, struct arena *arena, const struct id_list *ids,
                                struct segment_needs needs, struct segment_people *out, struct error *err)
{
    struct loader loader;
    *out = (struct segment_people){.items = arena_array(arena, ids->count + 1, sizeof *out->items),
                                   .gone = arena_array(arena, ids->count + 1, sizeof *out->gone)};
    loader_start(&loader, session, arena);
    enum status status = find_persons(&loader, ids, out, err);
    if (status == STATUS_OK)
        status = loader_states(&loader, err);
    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status == STATUS_OK && needs.parts != 0)
        status = read_known(session, arena, out, needs.parts, err);
    return status == STATUS_OK && needs.scores ? read_scores(session, arena, out, err) : status;
}

void segment_sources(struct arena *arena, const struct segment_time *time, const struct segment_person *person,
                     struct fact_sources *out)
{
    *out = (struct fact_sources){.person = &person->person,
                                 .now = time->now,
                                 .programme = time->programme,
                                 .median_interval = time->median_interval,
                                 .lifecycle = time->programmes->lifecycle,
                                 .scores = person->scored ? &person->scores : NULL};
    condition_sources(arena, &person->known, out);
}
