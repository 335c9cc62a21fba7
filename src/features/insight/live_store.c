#include "features/insight/live_store.h"

#include <stdlib.h>

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { DAYS_MAX = 50000000 };

/* ---- days ---- */

struct person_day {
    int64_t leader, spend;
    int32_t day;
};

struct days {
    struct arena *scratch;
    struct person_day *list;
    size_t count, capacity;
    bool unsorted;
};

static int compare_days(const void *a, const void *b)
{
    const struct person_day *left = a, *right = b;
    int buckets = id_bucket(left->leader) - id_bucket(right->leader);

    if (buckets != 0)
        return buckets;
    if (left->leader != right->leader)
        return left->leader < right->leader ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

static enum status receive_day(void *context, const struct storage_row *row, struct error *err)
{
    struct days *days = context;

    if (days->count >= DAYS_MAX)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there are more than %d days with purchases", DAYS_MAX);
    days->list = arena_grow(days->scratch, days->list, &days->capacity, days->count + 1, sizeof *days->list);
    struct person_day *day = &days->list[days->count++];

    *day = (struct person_day){row_integer(row, 0), row_integer(row, 2), (int32_t)row_integer(row, 1)};
    days->unsorted |= days->count > 1 && compare_days(day - 1, day) > 0;
    return STATUS_OK;
}

static void number_persons(struct arena *arena, struct days *days, int32_t today, struct live_base *out)
{
    size_t persons = 0;

    if (days->unsorted)
        qsort(days->list, days->count, sizeof *days->list, compare_days);
    for (size_t i = 0; i < days->count; i++)
        persons += i == 0 || days->list[i].leader != days->list[i - 1].leader;
    *out = (struct live_base){.days = arena_array(arena, days->count + 1, sizeof *out->days),
                              .day_count = days->count,
                              .persons = arena_array(arena, persons + 1, sizeof *out->persons),
                              .today = today};
    for (size_t i = 0; i < days->count; i++) {
        const struct person_day *day = &days->list[i];

        if (i == 0 || day->leader != days->list[i - 1].leader)
            out->persons[out->person_count++] = day->leader;
        out->days[i] = (struct clv_purchase){(uint32_t)(out->person_count - 1), day->day, (double)day->spend};
        out->today = day->day > out->today ? day->day : out->today; /* a store's day may be ahead */
    }
}

enum status live_base_read(struct storage_session *session, struct arena *arena, int32_t today, struct live_base *out,
                           struct error *err)
{
    struct days days = {.scratch = arena_new((size_t)DAYS_MAX * 4 * sizeof(struct person_day))};
    const struct storage_receiver receiver = {.row = receive_day, .context = &days};

    if (days.scratch == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory for the days");
    enum status status = storage_stream(session, &query_insight_purchase_days, NULL, &receiver, err);

    if (status == STATUS_OK)
        number_persons(arena, &days, today, out);
    arena_free(days.scratch);
    return status;
}

struct own_days {
    struct days days;
    int64_t leader;
};

static enum status receive_own_day(void *context, const struct storage_row *row, struct error *err)
{
    struct own_days *own = context;
    const struct storage_value values[] = {value_integer(own->leader), row->values[0], row->values[1]};

    return receive_day(&own->days, &(struct storage_row){values, 3}, err);
}

enum status live_person_read(struct storage_session *session, struct arena *arena, int64_t leader, int32_t today,
                             struct live_base *out, struct error *err)
{
    struct own_days own = {.days = {.scratch = arena}, .leader = leader};
    const struct storage_receiver receiver = {.row = receive_own_day, .context = &own};
    const struct storage_value values[] = {value_integer(id_bucket(leader)), value_integer(leader)};
    enum status status = storage_run(session, &query_insight_person_days, values, 1, &receiver, err);

    if (status == STATUS_OK)
        number_persons(arena, &own.days, today, out);
    return status;
}

/* ---- the model ---- */

struct model_read {
    struct arena *arena;
    struct kept_model *out;
};

static enum status receive_model(void *context, const struct storage_row *row, struct error *err)
{
    const struct model_read *read = context;
    struct kept_model kept = {.learned_at = row_integer(row, 0), .chosen_at = row_integer(row, 1)};

    (void)err;
    if (live_model_read(row_text(row, 2), &kept.model)) /* one of another version: as if there were none */
        *read->out = kept;
    return STATUS_OK;
}

enum status live_model_get(struct storage_session *session, struct arena *arena, struct kept_model *out,
                           struct error *err)
{
    struct model_read read = {arena, out};
    const struct storage_receiver receiver = {.row = receive_model, .context = &read};
    const struct storage_value name = value_text(TEXT("clv"));

    *out = (struct kept_model){0};
    return storage_run(session, &query_insight_model_get, &name, 1, &receiver, err);
}

enum status live_model_put(struct storage_session *session, struct arena *arena, const struct kept_model *model,
                           struct error *err)
{
    const struct storage_value values[] = {value_text(TEXT("clv")), value_integer(model->learned_at),
                                           value_integer(model->chosen_at),
                                           value_text(live_model_write(arena, &model->model))};

    return storage_run(session, &query_insight_model_put, values, 1, NULL, err);
}

/* ---- other models ---- */

struct text_read {
    struct arena *arena;
    struct kept_text *out;
};

static enum status receive_text(void *context, const struct storage_row *row, struct error *err)
{
    const struct text_read *read = context;

    (void)err;
    *read->out = (struct kept_text){row_integer(row, 0), row_text_copy(row, 2, read->arena)};
    return STATUS_OK;
}

enum status model_text_get(struct storage_session *session, struct arena *arena, struct text name,
                           struct kept_text *out, struct error *err)
{
    struct text_read read = {arena, out};
    const struct storage_receiver receiver = {.row = receive_text, .context = &read};
    const struct storage_value value = value_text(name);

    *out = (struct kept_text){0};
    return storage_run(session, &query_insight_model_get, &value, 1, &receiver, err);
}

enum status model_text_put(struct storage_session *session, struct text name, const struct kept_text *text,
                           struct error *err)
{
    const struct storage_value values[] = {value_text(name), value_integer(text->learned_at),
                                           value_integer(text->learned_at), value_text(text->body)};

    return storage_run(session, &query_insight_model_put, values, 1, NULL, err);
}
