/* Lists of codes and of their uses, and what a person has and used. */
#include "features/coupons/coupons_store.h"

#include <stdlib.h>

#include "features/conditions/conditions_store.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { USES_SHOWN = 100 };

/* ---- lists ---- */

struct use_list {
    struct arena *arena;
    struct text key;
    struct coupon_row *items;
    size_t count, capacity;
};

static enum status receive_listed_use(void *context, const struct storage_row *row, struct error *err)
{
    struct use_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct coupon_row){.key = list->key,
                                                     .id = row_integer(row, 0),
                                                     .member = row_integer(row, 1),
                                                     .state = row_integer(row, 2),
                                                     .at = row_integer(row, 3),
                                                     .until = row_integer(row, 4),
                                                     .ended_by = row_integer(row, 5)};
    return STATUS_OK;
}

enum status coupon_uses_read(struct storage_session *session, struct arena *arena, struct text key,
                             struct coupon_row **out, size_t *count, struct error *err)
{
    struct use_list list = {.arena = arena, .key = key};
    const struct storage_receiver receiver = {.row = receive_listed_use, .context = &list};
    const struct storage_value values[] = {value_integer(coupon_bucket(key)), value_text(key),
                                           value_integer(USES_SHOWN)};
    enum status status = storage_run(session, &query_coupons_code_uses, values, 1, &receiver, err);

    *out = list.items;
    *count = list.count;
    return status;
}

struct code_list {
    struct arena *arena;
    struct text series;
    struct coupon_code *items;
    size_t count, capacity;
};

static struct coupon_code *add_code(struct code_list *list)
{
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    struct coupon_code *code = &list->items[list->count++];
    *code = (struct coupon_code){.series = list->series};
    return code;
}

static enum status receive_page_code(void *context, const struct storage_row *row, struct error *err)
{
    struct code_list *list = context;
    struct coupon_code *code = add_code(list);

    (void)err;
    code->key = row_text_copy(row, 0, list->arena);
    code->issued_at = row_integer(row, 1);
    code->valid_from = row_integer(row, 2);
    code->valid_until = row_integer(row, 3);
    code->uses = row_integer(row, 4);
    code->owner = row_integer(row, 5);
    code->voided_at = row_integer(row, 6);
    return STATUS_OK;
}

enum status coupon_page_read(struct storage_session *session, struct arena *arena, const struct coupon_page *page,
                             struct coupon_code **out, size_t *count, struct error *err)
{
    struct code_list list = {.arena = arena, .series = page->series};
    const struct storage_receiver receiver = {.row = receive_page_code, .context = &list};
    enum status status = STATUS_OK;

    for (int bucket = page->bucket; bucket < BUCKET_COUNT && list.count < page->limit && status == STATUS_OK;
         bucket++) {
        struct text after = bucket == page->bucket ? page->after : TEXT("");
        const struct storage_value values[] = {value_integer(bucket), value_text(page->series), value_text(after),
                                               value_integer((int64_t)(page->limit - list.count))};
        status = storage_run(session, &query_coupons_codes_page, values, 1, &receiver, err);
    }
    *out = list.items;
    *count = list.count;
    return status;
}

/* ---- a person ---- */

struct person_reading {
    struct arena *arena;
    struct person *person;
};

static enum status receive_used(void *context, const struct storage_row *row, struct error *err)
{
    const struct person_reading *reading = context;
    struct member *member = group_find(reading->person->group, row_integer(row, 0));

    (void)err;
    if (member == NULL || member->progress_loaded)
        return STATUS_OK;
    member->progress = arena_grow(reading->arena, member->progress, &member->progress_capacity,
                                  member->progress_count + 1, sizeof *member->progress);
    member->progress[member->progress_count++] =
        (struct progress){.id = row_text_copy(row, 1, reading->arena), .used = row_integer(row, 2)};
    return STATUS_OK;
}

/* The members of the person: (bucket, member) each. */
static const struct storage_value *person_values(struct arena *arena, const struct person *person, size_t *count)
{
    struct storage_value *values = arena_array(arena, 2 * person->group->member_count + 1, sizeof *values);

    *count = 0;
    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (member->leader != person->leader->id)
            continue;
        values[2 * *count] = value_integer(id_bucket(member->id));
        values[2 * *count + 1] = value_integer(member->id);
        (*count)++;
    }
    return values;
}

enum status coupon_person_read(struct storage_session *session, struct arena *arena, struct person *person,
                               struct condition_person *known, struct error *err)
{
    struct person_reading reading = {arena, person};
    const struct storage_receiver receiver = {.row = receive_used, .context = &reading};
    size_t count;
    const struct storage_value *values = person_values(arena, person, &count);
    enum status status = storage_run(session, &query_coupons_series_used, values, count, &receiver, err);

    if (status == STATUS_OK && known != NULL)
        status = conditions_read(session, arena, person, CONDITION_PROFILE | CONDITION_SEGMENTS, known, err);
    return status;
}

struct owned_list {
    struct arena *arena;
    struct coupon_use *items;
    size_t count, capacity;
};

static enum status receive_owned(void *context, const struct storage_row *row, struct error *err)
{
    struct owned_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] =
        (struct coupon_use){.key = row_text_copy(row, 0, list->arena), .issued_at = row_integer(row, 2), .counter = -1};
    return STATUS_OK;
}

static int compare_owned(const void *a, const void *b)
{
    const struct coupon_use *left = a, *right = b;

    if (left->issued_at != right->issued_at)
        return left->issued_at < right->issued_at ? -1 : 1;
    return text_compare(left->key, right->key);
}

enum status coupon_owned_read(struct storage_session *session, struct arena *arena, struct person *person,
                              struct coupon_use **out, size_t *count, struct error *err)
{
    struct owned_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_owned, .context = &list};
    struct condition_person known = {.parts = 0};
    size_t members;
    const struct storage_value *values = person_values(arena, person, &members);
    enum status status = storage_run(session, &query_coupons_owner_page, values, members, &receiver, err);

    if (status == STATUS_OK && list.count > 1)
        qsort(list.items, list.count, sizeof *list.items, compare_owned);
    if (status == STATUS_OK)
        status = coupons_read(session, arena, list.items, list.count, err);
    if (status == STATUS_OK)
        status = coupon_person_read(session, arena, person, &known, err);
    for (size_t i = 0; i < list.count; i++)
        list.items[i].known = known;
    *out = list.items;
    *count = list.count;
    return status;
}

struct finding {
    struct arena *arena;
    struct text key;
};

static enum status receive_key(void *context, const struct storage_row *row, struct error *err)
{
    struct finding *finding = context;

    (void)err;
    finding->key = row_text_copy(row, 0, finding->arena);
    return STATUS_OK;
}

enum status coupon_free_find(struct storage_session *session, struct arena *arena, struct text series, int64_t now,
                             struct text *key, struct error *err)
{
    unsigned char from;
    struct finding finding = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_key, .context = &finding};
    enum status status = STATUS_OK;

    secret_random(&from, 1); /* so that not all ask for the same one */
    for (int i = 0; i < BUCKET_COUNT && finding.key.size == 0 && status == STATUS_OK; i++) {
        const struct storage_value values[] = {value_integer((from + i) % BUCKET_COUNT), value_text(series),
                                               value_integer(now)};
        status = storage_run(session, &query_coupons_code_free, values, 1, &receiver, err);
    }
    *key = finding.key;
    return status;
}
