/* habit_count_store.c: what persons did, counted from their lines and looks. */
#include "features/insight/habit_store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/events/events.h"
#include "features/insight/habit_count_store.h"
#include "foundation/id.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- when looks count ---- */

static bool is_look(struct text kind)
{
    static const char word[] = "view";

    for (size_t i = 0; i + sizeof word - 1 <= kind.size; i++)
        if (memcmp(kind.bytes + i, word, sizeof word - 1) == 0)
            return true;
    return false;
}

struct habit_window habit_window_at(const struct programme_set *set, int64_t now)
{
    int32_t days = HABIT_WINDOW_DAYS;

    for (size_t i = 0; i < set->event_kind_count; i++) {
        const struct event_kind *kind = &set->event_kinds[i];

        if (is_look(kind->name) && kind->kept_days > 0 && kind->kept_days < days)
            days = kind->kept_days;
    }
    int64_t since = now - days * INSTANT_DAY;

    return (struct habit_window){since, zone_day(programme_at(set, now)->zone, since)};
}

/* ---- counting ---- */

struct counting {
    struct arena *arena;
    const int64_t *persons; /* ascending in the order given */
    struct map *numbers;    /* of persons: their number + 1, by id */
    struct type_line *lines;
    size_t count, capacity;
    struct map *brands, *categories; /* number + 1, by text */
    struct text *brand_names;
    size_t brand_capacity;
    struct habit *out;
};

/* Small numbers as values of a map. */
static void *number_value(size_t number)
{
    return (void *)(uintptr_t)(number + 1);
}

static uint32_t number_of(struct map *map, struct text text, struct arena *arena, bool *fresh)
{
    void *known = map_get(map, text);

    *fresh = known == NULL;
    if (known != NULL)
        return (uint32_t)((uintptr_t)known - 1);
    uint32_t number = (uint32_t)map_count(map);

    map_put(map, text_copy(arena, text), number_value(number));
    return number;
}

static enum status receive_line(void *context, const struct storage_row *row, struct error *err)
{
    struct counting *counting = context;
    struct text category = row_text(row, 2), brand = row_text(row, 4);
    void *person = map_get_id(counting->numbers, row_integer(row, 0));
    bool discounted = row_integer(row, 3) > 0, fresh = false;

    (void)err;
    if (person == NULL)
        return STATUS_OK;
    counting->lines =
        arena_grow(counting->arena, counting->lines, &counting->capacity, counting->count + 1, sizeof *counting->lines);
    struct type_line *line = &counting->lines[counting->count++];

    *line = (struct type_line){.customer = (uint32_t)((uintptr_t)person - 1),
                               .day = (int32_t)row_integer(row, 1),
                               .brand = TYPE_NOTHING,
                               .category = TYPE_NOTHING,
                               .discounted = discounted,
                               .promoted = discounted,
                               .looked = NAN};
    if (category.size > 0)
        line->category = number_of(counting->categories, category, counting->arena, &fresh);
    if (brand.size == 0)
        return STATUS_OK;
    line->brand = number_of(counting->brands, brand, counting->arena, &fresh);
    if (fresh) {
        counting->brand_names = arena_grow(counting->arena, counting->brand_names, &counting->brand_capacity,
                                           line->brand + (size_t)1, sizeof *counting->brand_names);
        counting->brand_names[line->brand] = text_copy(counting->arena, brand);
    }
    return STATUS_OK;
}

static enum status receive_looks(void *context, const struct storage_row *row, struct error *err)
{
    struct counting *counting = context;
    void *person = map_get_id(counting->numbers, row_integer(row, 0));

    (void)err;
    if (person != NULL)
        counting->out[(uintptr_t)person - 1].member.evidence[TYPE_INFORMATION].count += (double)row_integer(row, 1);
    return STATUS_OK;
}

static enum status read_lines(struct storage_session *session, struct counting *counting, size_t count,
                              const struct habit_window *window, struct error *err)
{
    const struct storage_receiver lines = {.row = receive_line, .context = counting},
                                  looks = {.row = receive_looks, .context = counting};
    struct storage_value *names = arena_array(counting->arena, count * 2 + 1, sizeof *names),
                         *since = arena_array(counting->arena, count * 3 + 1, sizeof *since);

    for (size_t i = 0; i < count; i++) {
        const struct storage_value bucket = value_integer(id_bucket(counting->persons[i])),
                                   person = value_integer(counting->persons[i]);

        names[i * 2] = since[i * 3] = bucket;
        names[i * 2 + 1] = since[i * 3 + 1] = person;
        since[i * 3 + 2] = value_integer(window->since);
    }
    enum status status = storage_run(session, &query_insight_habit_lines, names, count, &lines, err);

    if (status == STATUS_OK)
        status = storage_run(session, &query_insight_habit_looks, since, count, &looks, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_insight_habit_looks_traced, since, count, &looks, err);
    return status;
}

static int compare_lines(const void *a, const void *b)
{
    const struct type_line *left = a, *right = b;

    if (left->customer != right->customer)
        return left->customer < right->customer ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

/* Days with purchases since looks count. */
static void count_look_days(struct counting *counting, int32_t since_day)
{
    qsort(counting->lines, counting->count, sizeof *counting->lines, compare_lines);
    for (size_t i = 0; i < counting->count; i++) {
        const struct type_line *line = &counting->lines[i];
        bool same = i > 0 && line[-1].customer == line->customer && line[-1].day == line->day;

        if (!same && line->day >= since_day)
            counting->out[line->customer].member.evidence[TYPE_INFORMATION].of++;
    }
}

enum status habits_count(struct storage_session *session, struct arena *arena, const struct persons *persons,
                         const struct habit_window *window, struct habit *out, struct error *err)
{
    size_t count = persons->count;
    struct counting counting = {.arena = arena,
                                .persons = persons->ids,
                                .numbers = map_new(arena, count),
                                .brands = map_new(arena, 64),
                                .categories = map_new(arena, 64),
                                .out = out};
    struct type_member *members = arena_array(arena, count + 1, sizeof *members);

    for (size_t i = 0; i < count; i++) {
        out[i] = (struct habit){.person = persons->ids[i]};
        map_put_id(counting.numbers, persons->ids[i], number_value(i));
    }
    enum status status = read_lines(session, &counting, count, window, err);

    if (status != STATUS_OK)
        return status;
    if (counting.count > 0)
        count_look_days(&counting, window->since_day);
    const struct type_lines lines = {.list = counting.lines,
                                     .count = counting.count,
                                     .customer_count = count,
                                     .brand_count = map_count(counting.brands),
                                     .category_count = map_count(counting.categories)};

    types_count(arena, &lines, members, NULL);
    for (size_t i = 0; i < count; i++) {
        const struct type_evidence looks = out[i].member.evidence[TYPE_INFORMATION];

        out[i].member = members[i];
        out[i].member.evidence[TYPE_INFORMATION] = looks;
        if (members[i].brand != TYPE_NOTHING)
            out[i].brand = counting.brand_names[members[i].brand];
    }
    return STATUS_OK;
}
