/* habit_store.c: what all do, and each person judged against it. */
#include "features/insight/habit_store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/insight/habit_count_store.h"
#include "features/insight/live_store.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

enum { ARENA_MAX = 1 << 30, TEXT_VERSION = 1, BRANDS_AT_ONCE = 500 };

/* ---- reading ---- */

struct reading {
    struct arena *arena; /* NULL: brands are not kept */
    void (*each)(void *context, const struct habit *habit);
    void *context;
};

static enum status receive_habit(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct habit habit = {
        .person = row_integer(row, 0), .counted_at = row_integer(row, 1), .member.type = TYPE_UNKNOWN};
    struct type_evidence *evidence = habit.member.evidence;

    (void)err;
    evidence[TYPE_VALUE].of = (double)row_integer(row, 2);
    evidence[TYPE_VALUE].count = (double)row_integer(row, 3);
    evidence[TYPE_BRAND].of = (double)row_integer(row, 4);
    evidence[TYPE_BRAND].count = (double)row_integer(row, 5);
    habit.member.brands = (uint32_t)row_integer(row, 6);
    if (reading->arena != NULL && row_text(row, 7).size > 0)
        habit.brand = row_text_copy(row, 7, reading->arena);
    evidence[TYPE_IMPULSE].of = (double)row_integer(row, 8);
    evidence[TYPE_IMPULSE].count = (double)row_integer(row, 9);
    evidence[TYPE_INFORMATION].of = (double)row_integer(row, 10);
    evidence[TYPE_INFORMATION].count = (double)row_integer(row, 11);
    reading->each(reading->context, &habit);
    return STATUS_OK;
}

/* ---- what all do ---- */

struct summing {
    struct type_sums sums;
    int64_t since;
};

static void add_habit(void *context, const struct habit *habit)
{
    struct summing *summing = context;
    struct type_member member = habit->member;

    /* Days with purchases of whoever did nothing since then are no longer in the window. */
    if (habit->counted_at < summing->since && member.evidence[TYPE_INFORMATION].count == 0)
        member.evidence[TYPE_INFORMATION].of = 0;
    type_sums_add(&summing->sums, &member);
}

struct brand_count {
    double lines;
    struct text name;
};

struct brand_counts {
    struct arena *arena;
    struct map *map;
};

static enum status receive_brand(void *context, const struct storage_row *row, struct error *err)
{
    struct brand_counts *counts = context;
    struct text name = row_text(row, 0);
    struct brand_count *known = name.size > 0 ? map_get(counts->map, name) : NULL;

    (void)err;
    if (name.size == 0)
        return STATUS_OK;
    if (known == NULL) {
        known = arena_alloc(counts->arena, sizeof *known);
        *known = (struct brand_count){0, text_copy(counts->arena, name)};
        map_put(counts->map, known->name, known);
    }
    known->lines += (double)row_integer(row, 1);
    return STATUS_OK;
}

static enum status put_brands(struct storage_session *writes, const struct brand_counts *counts, struct error *err)
{
    struct storage_value values[BRANDS_AT_ONCE * 2];
    size_t filled = 0, all = map_count(counts->map);
    enum status status = storage_begin(writes, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(writes, &query_insight_brand_lines_drop, NULL, 1, NULL, err);
    for (size_t i = 0; status == STATUS_OK && i < all; i++) {
        const struct brand_count *brand = map_value_at(counts->map, i);

        values[filled * 2] = value_text(brand->name);
        values[filled * 2 + 1] = value_integer((int64_t)brand->lines);
        if (++filled < BRANDS_AT_ONCE && i + 1 < all)
            continue;
        status = storage_run(writes, &query_insight_brand_lines_put, values, filled, NULL, err);
        filled = 0;
    }
    if (status == STATUS_OK)
        return storage_commit(writes, err);
    storage_rollback(writes);
    return status;
}

/* Brands by the members of so many buckets as it takes. */
static enum status learn_brands(struct storage_session *writes, struct arena *arena, size_t persons,
                                struct habit_base *base, double *top, struct error *err)
{
    struct brand_counts counts = {arena, map_new(arena, 256)};
    const struct storage_receiver receiver = {.row = receive_brand, .context = &counts};
    size_t each = persons / BUCKET_COUNT + 1, buckets = (HABIT_BRAND_PERSONS + each - 1) / each;
    enum status status = STATUS_OK;

    for (size_t bucket = 0; status == STATUS_OK && bucket < buckets && bucket < BUCKET_COUNT; bucket++) {
        const struct storage_value value = value_integer((int64_t)bucket);

        status = storage_run(writes, &query_insight_habit_brands, &value, 1, &receiver, err);
    }
    for (size_t i = 0; i < map_count(counts.map); i++) {
        const struct brand_count *brand = map_value_at(counts.map, i);

        base->brand_lines += brand->lines;
        *top = fmax(*top, brand->lines);
    }
    *top = base->brand_lines > 0 ? *top / base->brand_lines : 0;
    return status == STATUS_OK ? put_brands(writes, &counts, err) : status;
}

static enum status learn(struct storage_session *writes, struct arena *arena, size_t persons, struct summing *summing,
                         struct habit_base *out, struct error *err)
{
    const struct reading reading = {.each = add_habit, .context = summing};
    const struct storage_receiver receiver = {.row = receive_habit, .context = (void *)&reading};
    struct habit_base base = {.known = true};
    double top = 0;
    enum status status = STATUS_OK;

    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        const struct storage_value value = value_integer(bucket);

        status = storage_run(writes, &query_insight_habits_of_bucket, &value, 1, &receiver, err);
    }
    if (status == STATUS_OK)
        status = learn_brands(writes, arena, persons, &base, &top, err);
    if (status != STATUS_OK)
        return status;
    type_sums_base(&summing->sums, top, &base.types);
    *out = base;
    return STATUS_OK;
}

enum status habits_learn(struct storage_session *writes, size_t persons, int64_t now, struct habit_base *out,
                         struct error *err)
{
    struct summing summing = {.since = now - HABIT_WINDOW_DAYS * INSTANT_DAY};
    struct arena *arena = arena_new(ARENA_MAX);

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory to count with");
    enum status status = learn(writes, arena, persons, &summing, out, err);

    arena_free(arena);
    return status;
}

/* ---- as text ---- */

static struct text habit_base_write(struct arena *arena, const struct habit_base *base)
{
    struct builder out = {.arena = arena};

    builder_format(&out, "%d %.17g %.17g", TEXT_VERSION, base->brand_lines, base->types.spread);
    for (int i = 0; i < TYPE_KINDS; i++)
        builder_format(&out, " %d %.17g", base->types.known[i], base->types.rates[i]);
    return builder_done(&out);
}

static bool habit_base_read(struct text text, struct habit_base *out)
{
    char copy[1024], *at = copy;
    double numbers[3 + 2 * TYPE_KINDS];

    *out = (struct habit_base){0};
    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    memcpy(copy, text.bytes, text.size);
    copy[text.size] = '\0';
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char *end;

        numbers[i] = strtod(at, &end);
        if (end == at)
            return false;
        at = end;
    }
    if ((int)numbers[0] != TEXT_VERSION)
        return false;
    *out = (struct habit_base){.known = true, .brand_lines = numbers[1], .types.spread = numbers[2]};
    for (int i = 0; i < TYPE_KINDS; i++) {
        out->types.known[i] = numbers[3 + 2 * i] > 0;
        out->types.rates[i] = numbers[4 + 2 * i];
    }
    return true;
}

enum status habit_base_put(struct storage_session *writes, struct arena *arena, const struct habit_base *base,
                           int64_t now, struct error *err)
{
    const struct kept_text text = {now, habit_base_write(arena, base)};

    return model_text_put(writes, TEXT("types"), &text, err);
}

enum status habit_base_get(struct storage_session *session, struct arena *arena, struct habit_base *out,
                           struct error *err)
{
    struct kept_text text;
    enum status status = model_text_get(session, arena, TEXT("types"), &text, err);

    *out = (struct habit_base){0};
    if (status == STATUS_OK)
        habit_base_read(text.body, out);
    return status;
}

/* ---- judging ---- */

struct habit_brands {
    struct brand_counts counts;
};

enum status habit_brands_read(struct storage_session *session, struct arena *arena, struct habit_brands **out,
                              struct error *err)
{
    struct habit_brands *brands = arena_alloc(arena, sizeof *brands);
    const struct storage_receiver receiver = {.row = receive_brand, .context = &brands->counts};

    brands->counts = (struct brand_counts){arena, map_new(arena, 256)};
    *out = brands;
    return storage_run(session, &query_insight_brand_lines, NULL, 1, &receiver, err);
}

static void judge_habit(const struct habit_base *base, const struct brand_counts *counts, struct habit *habit)
{
    const struct brand_count *brand = habit->brand.size > 0 ? map_get(counts->map, habit->brand) : NULL;
    /* A brand that no one else bought: the own lines are all that is known of it. */
    double lines = brand != NULL ? brand->lines : habit->member.evidence[TYPE_BRAND].count;

    type_judge(&base->types, base->brand_lines > 0 ? fmin(1, lines / base->brand_lines) : 1, &habit->member);
}

struct listing {
    struct arena *arena;
    const struct habit_judge *judge;
    struct habits *out;
};

static void list_habit(void *context, const struct habit *habit)
{
    struct listing *listing = context;
    struct habits *out = listing->out;

    out->items = arena_grow(listing->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count] = *habit;
    judge_habit(listing->judge->base, &listing->judge->brands->counts, &out->items[out->count++]);
}

enum status habits_of_bucket(struct storage_session *session, struct arena *arena, int bucket,
                             const struct habit_judge *judge, struct habits *out, struct error *err)
{
    struct listing listing = {arena, judge, out};
    struct reading reading = {.arena = arena, .each = list_habit, .context = &listing};
    const struct storage_receiver receiver = {.row = receive_habit, .context = &reading};
    const struct storage_value value = value_integer(bucket);

    *out = (struct habits){0};
    return storage_run(session, &query_insight_habits_of_bucket, &value, 1, &receiver, err);
}

enum status habit_of_person(struct storage_session *session, struct arena *arena, int64_t leader,
                            const struct habit_standard *standard, struct habit *out, struct error *err)
{
    struct brand_counts counts = {arena, map_new(arena, 4)};
    const struct storage_receiver receiver = {.row = receive_brand, .context = &counts};
    enum status status = habits_count(session, arena, &(struct persons){&leader, 1}, &standard->window, out, err);
    const struct storage_value brand = value_text(out->brand);

    if (status == STATUS_OK && out->brand.size > 0)
        status = storage_run(session, &query_insight_brand_lines_of, &brand, 1, &receiver, err);
    if (status != STATUS_OK)
        return status;
    out->member.type = TYPE_UNKNOWN;
    if (standard->base.known)
        judge_habit(&standard->base, &counts, out);
    return STATUS_OK;
}
