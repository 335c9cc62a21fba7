#include "features/insight/segment_live_store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "features/insight/segment_live.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { MEMBER_COLUMNS = 4, SEGMENT_COLUMNS = 6, ROWS_AT_ONCE = 1000, PAUSE_MS = 2, SEED = 1 };

static const size_t MEMORY_MAX = (size_t)8 << 30;

/* ---- the plan ---- */

static enum status receive_plan(void *context, const struct storage_row *row, struct error *err)
{
    struct segment_plan *plan = context;
    char method[16];

    (void)err;
    *plan = (struct segment_plan){.every_days = row_integer(row, 0),
                                  .wanted = row_integer(row, 2),
                                  .run_at = row_integer(row, 3),
                                  .members = row_integer(row, 4),
                                  .explained = row_integer(row, 5),
                                  .stability = row_integer(row, 6)};
    snprintf(method, sizeof method, "%.*s", (int)row_text(row, 1).size, row_text(row, 1).bytes);
    if (!segment_method_from(method, &plan->method))
        plan->method = SEGMENT_MEANS;
    return STATUS_OK;
}

enum status segment_plan_read(struct storage_session *session, struct segment_plan *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_plan, .context = out};

    *out = (struct segment_plan){.every_days = SEGMENT_DAYS_USUAL};
    return storage_run(session, &query_insight_segment_plan_get, NULL, 1, &receiver, err);
}

enum status segment_plan_keep(struct storage_session *session, const struct segment_plan *plan, struct error *err)
{
    const struct storage_value values[] = {value_integer(plan->every_days),
                                           value_text(text_from(segment_method_name(plan->method))),
                                           value_integer(plan->wanted)};

    return storage_run(session, &query_insight_segment_plan_put, values, 1, NULL, err);
}

/* ---- what was found ---- */

struct reading {
    struct arena *arena;
    void *out;
};

static void read_body(const char *body, struct segment_mean *means)
{
    for (int i = 0; i < LIVE_FEATURES; i++) {
        char *end;
        double numbers[4];

        for (int k = 0; k < 4; k++) {
            numbers[k] = strtod(body, &end);
            body = end;
        }
        means[i] = (struct segment_mean){numbers[0], numbers[1], numbers[2], numbers[3]};
    }
}

static struct text write_body(struct arena *arena, const struct segment_mean *means)
{
    struct builder body = {.arena = arena};

    for (int i = 0; i < LIVE_FEATURES; i++)
        builder_format(&body, "%.17g %.17g %.17g %.17g\n", means[i].mean,
                       isfinite(means[i].low) ? means[i].low : means[i].mean,
                       isfinite(means[i].high) ? means[i].high : means[i].mean, means[i].apart);
    return builder_done(&body);
}

static enum status receive_segment(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct found_segments *out = reading->out;

    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    struct found_segment *segment = &out->items[out->count++];

    *segment = (struct found_segment){.number = row_integer(row, 0),
                                      .name = row_text_copy(row, 1, reading->arena),
                                      .members = row_integer(row, 2),
                                      .found_at = row_integer(row, 3),
                                      .seen_at = row_integer(row, 4),
                                      .left_at = row_integer(row, 5)};
    read_body(text_string(reading->arena, row_text(row, 6)), segment->means);
    return STATUS_OK;
}

enum status found_segments_read(struct storage_session *session, struct arena *arena, struct found_segments *out,
                                struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_segment, .context = &reading};

    *out = (struct found_segments){0};
    return storage_run(session, &query_insight_found_segments, NULL, 1, &receiver, err);
}

static enum status receive_own_segment(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;

    (void)err;
    *(struct segment_member *)reading->out = (struct segment_member){
        .segment = row_integer(row, 0), .since = row_integer(row, 1), .name = row_text_copy(row, 2, reading->arena)};
    return STATUS_OK;
}

enum status member_segment_read(struct storage_session *session, struct arena *arena, int64_t member, bool *found,
                                struct segment_member *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_own_segment, .context = &reading};
    const struct storage_value values[] = {value_integer(id_bucket(member)), value_integer(member)};

    *out = (struct segment_member){0};
    enum status status = storage_run(session, &query_insight_member_segment_get, values, 1, &receiver, err);

    *found = out->segment > 0;
    out->member = member;
    return status;
}

static enum status receive_segment_member(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct segment_members *out = reading->out;

    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct segment_member){.member = row_integer(row, 0), .since = row_integer(row, 1)};
    return STATUS_OK;
}

struct counting {
    const struct map *members;
    struct found_segments *found;
};

static enum status receive_counted(void *context, const struct storage_row *row, struct error *err)
{
    const struct counting *counting = context;

    (void)err;
    if (map_get_id(counting->members, row_integer(row, 0)) == NULL)
        return STATUS_OK;
    for (size_t i = 0; i < counting->found->count; i++)
        counting->found->items[i].members += counting->found->items[i].number == row_integer(row, 1);
    return STATUS_OK;
}

enum status found_segments_count(struct storage_session *session, const struct map *members,
                                 struct found_segments *found, struct error *err)
{
    struct counting counting = {members, found};
    const struct storage_receiver receiver = {.row = receive_counted, .context = &counting};

    for (size_t i = 0; i < found->count; i++)
        found->items[i].members = 0;
    return storage_stream(session, &query_insight_member_segments, NULL, &receiver, err);
}

enum status segment_members_read(struct storage_session *session, struct arena *arena, const struct segment_page *page,
                                 struct segment_members *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_segment_member, .context = &reading};
    const struct storage_value values[] = {value_integer(page->number),
                                           value_integer(page->after == 0 ? -1 : id_bucket(page->after)),
                                           value_integer(page->after), value_integer(page->limit)};

    *out = (struct segment_members){0};
    return storage_run(session, &query_insight_segment_members_page, values, 1, &receiver, err);
}

/* ---- finding them again ---- */

struct refresh {
    struct arena *arena;
    const struct segment_refresh *what;
    struct segment_plan plan;
    int64_t now;
    struct found_segments before; /* also those that left */
    struct live_members members;
    struct segment_features features;
    struct segmentation found;
    struct segment_overlap overlap;
    size_t places[SEGMENTS_MAX]; /* of those before that were there, among all before */
    struct found_segment segments[SEGMENTS_MAX];
};

static void set_features(struct refresh *refresh)
{
    double **columns = arena_array(refresh->arena, LIVE_FEATURES, sizeof *columns);

    for (size_t j = 0; j < LIVE_FEATURES; j++) {
        columns[j] = arena_array(refresh->arena, refresh->members.count + 1, sizeof **columns);
        for (size_t i = 0; i < refresh->members.count; i++)
            columns[j][i] = refresh->members.list[i].features[j];
    }
    refresh->features = (struct segment_features){(const double *const *)columns, live_feature_names, LIVE_FEATURES,
                                                  refresh->members.count};
}

static int compare_ids(const void *a, const void *b)
{
    const struct live_member *left = a, *right = b;

    return (left->id > right->id) - (left->id < right->id);
}

static enum status count_overlap(void *context, const struct storage_row *row, struct error *err)
{
    struct refresh *refresh = context;
    struct segment_overlap *overlap = &refresh->overlap;
    const struct live_member wanted = {.id = row_integer(row, 0)};
    const struct live_member *member =
        bsearch(&wanted, refresh->members.list, refresh->members.count, sizeof wanted, compare_ids);

    (void)err;
    for (size_t j = 0; j < overlap->old_count; j++) {
        if (refresh->before.items[refresh->places[j]].number != row_integer(row, 1))
            continue;
        overlap->old[j]++;
        if (member != NULL && refresh->found.of[member - refresh->members.list] != SEGMENT_NONE)
            overlap->shared[refresh->found.of[member - refresh->members.list]][j]++;
    }
    return STATUS_OK;
}

/* Numbers and names: of those before where they go on, else the next numbers. */
static void number_segments(struct refresh *refresh)
{
    size_t old_of[SEGMENTS_MAX];
    int64_t last = 0;

    for (size_t i = 0; i < refresh->before.count; i++)
        last = refresh->before.items[i].number > last ? refresh->before.items[i].number : last;
    segments_match(&refresh->overlap, old_of);
    for (size_t i = 0; i < refresh->found.count; i++) {
        const struct segment *segment = &refresh->found.segments[i];
        const struct found_segment *old =
            old_of[i] == SEGMENT_UNMATCHED ? NULL : &refresh->before.items[refresh->places[old_of[i]]];
        bool same =
            old != NULL && segment_name_holds(text_string(refresh->arena, old->name), &refresh->features, segment);

        refresh->segments[i] = (struct found_segment){.number = old != NULL ? old->number : ++last,
                                                      .members = (int64_t)segment->members,
                                                      .found_at = old != NULL ? old->found_at : refresh->now,
                                                      .name = same ? old->name : text_from(segment->name)};
        for (int j = 0; j < LIVE_FEATURES; j++)
            refresh->segments[i].means[j] = segment->means[j];
    }
}

static enum status match(struct refresh *refresh, struct storage_session *session, struct error *err)
{
    const struct storage_receiver receiver = {.row = count_overlap, .context = refresh};
    struct segment_overlap *overlap = &refresh->overlap;

    overlap->fresh_count = refresh->found.count;
    for (size_t i = 0; i < refresh->found.count; i++)
        overlap->fresh[i] = refresh->found.segments[i].members;
    for (size_t i = 0; i < refresh->before.count && overlap->old_count < SEGMENTS_MAX; i++)
        if (refresh->before.items[i].left_at == 0)
            refresh->places[overlap->old_count++] = i;
    if (refresh->found.count == 0)
        return STATUS_OK;
    enum status status = storage_stream(session, &query_insight_member_segments, NULL, &receiver, err);

    if (status == STATUS_OK)
        number_segments(refresh);
    return status;
}

static enum status find(struct refresh *refresh, struct storage_session *session, struct error *err)
{
    const struct live_part part = {.first = INT32_MIN, .last = INT32_MAX, .sample = 100};
    const struct segment_question question = {
        .method = refresh->plan.method, .wanted = (size_t)refresh->plan.wanted, .seed = SEED};
    enum status status = live_members_read(session, refresh->arena, &part, refresh->now, &refresh->members, err);

    if (status != STATUS_OK)
        return status;
    set_features(refresh);
    status = segments_find(refresh->arena, &refresh->features, &question, &refresh->found, err);
    if (status != STATUS_OK)
        return status;
    refresh->plan.run_at = refresh->now;
    refresh->plan.members = (int64_t)refresh->found.members;
    refresh->plan.explained = llround(refresh->found.explained * SEGMENT_MILLION);
    refresh->plan.stability = refresh->found.count > 1
                                  ? llround(fmax(0, refresh->found.stability[refresh->found.count]) * SEGMENT_MILLION)
                                  : 0;
    if (refresh->found.count == 1) /* members differ by degrees only: there is nothing to name */
        refresh->found.count = 0;
    return match(refresh, session, err);
}

/* ---- keeping them ---- */

static enum status put_segments(const struct refresh *refresh, struct storage_session *session, struct error *err)
{
    struct storage_value values[SEGMENTS_MAX * SEGMENT_COLUMNS];
    const struct storage_value now = value_integer(refresh->now);
    const struct storage_value run[] = {
        value_integer(refresh->plan.every_days), value_text(text_from(segment_method_name(refresh->plan.method))),
        value_integer(refresh->plan.wanted),     value_integer(refresh->plan.run_at),
        value_integer(refresh->plan.members),    value_integer(refresh->plan.explained),
        value_integer(refresh->plan.stability)};

    for (size_t i = 0; i < refresh->found.count; i++) {
        const struct found_segment *segment = &refresh->segments[i];
        struct storage_value *row = values + i * SEGMENT_COLUMNS;

        row[0] = value_integer(segment->number);
        row[1] = value_text(segment->name);
        row[2] = value_integer(segment->members);
        row[3] = value_integer(segment->found_at);
        row[4] = now;
        row[5] = value_text(write_body(refresh->arena, segment->means));
    }
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_insight_found_segment_put, values, refresh->found.count, NULL, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_insight_found_segments_leave, &now, 1, NULL, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_insight_segment_run_put, run, 1, NULL, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

static bool goes_on(const struct segment_refresh *what, size_t done, size_t total)
{
    return what->go_on == NULL || what->go_on(what->context, done, total);
}

static enum status put_members(const struct refresh *refresh, struct storage_session *session, bool *stopped,
                               struct error *err)
{
    struct storage_value *values = arena_array(refresh->arena, ROWS_AT_ONCE * MEMBER_COLUMNS, sizeof *values);
    enum status status = STATUS_OK;
    size_t rows = 0;

    for (size_t i = 0; status == STATUS_OK && refresh->found.count > 0 && i <= refresh->members.count; i++) {
        bool end = i == refresh->members.count;

        if (!end && refresh->found.of[i] != SEGMENT_NONE) {
            struct storage_value *row = values + rows++ * MEMBER_COLUMNS;
            int64_t member = refresh->members.list[i].id;

            row[0] = value_integer(id_bucket(member));
            row[1] = value_integer(member);
            row[2] = value_integer(refresh->segments[refresh->found.of[i]].number);
            row[3] = value_integer(refresh->now);
        }
        if (rows < ROWS_AT_ONCE && !(end && rows > 0))
            continue;
        status = storage_run_alone(session, &query_insight_member_segment_put, values, rows, err);
        rows = 0;
        *stopped = !goes_on(refresh->what, i, refresh->members.count);
        if (*stopped)
            return status;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL); /* for other writers */
    }
    return status;
}

static enum status keep(const struct refresh *refresh, struct storage_session *session, struct error *err)
{
    bool stopped = false;
    enum status status = put_segments(refresh, session, err);

    if (status == STATUS_OK)
        status = put_members(refresh, session, &stopped, err);
    for (int bucket = 0; status == STATUS_OK && !stopped && bucket < BUCKET_COUNT; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(refresh->now)};

        status = storage_run_alone(session, &query_insight_member_segments_drop, values, 1, err);
    }
    return status;
}

static bool is_due(const struct segment_plan *plan, int64_t now)
{
    /* An hour's work begins at any minute of it: a week later may be a little less than a week. */
    return plan->every_days > 0 && now - plan->run_at >= plan->every_days * INSTANT_DAY - 2 * INSTANT_HOUR;
}

static enum status read_and_find(struct engine *engine, struct refresh *refresh, bool *ran, struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), true, &session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = segment_plan_read(session, &refresh->plan, err);
    *ran = status == STATUS_OK && (!refresh->what->only_due || is_due(&refresh->plan, refresh->now));
    if (*ran)
        status = found_segments_read(session, refresh->arena, &refresh->before, err);
    if (*ran && status == STATUS_OK)
        status = find(refresh, session, err);
    storage_rollback(session);
    storage_session_free(session);
    return status;
}

enum status segments_refresh(struct engine *engine, const struct segment_refresh *what, bool *ran,
                             struct segment_plan *out, struct error *err)
{
    struct arena *arena = arena_new(MEMORY_MAX);
    struct storage_session *session;

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory for segments");
    struct refresh *refresh = arena_alloc(arena, sizeof *refresh);

    *refresh = (struct refresh){.arena = arena, .what = what, .now = clock_now(engine_clock(engine))};
    enum status status = read_and_find(engine, refresh, ran, err);

    if (*ran && status == STATUS_OK && goes_on(what, 0, refresh->members.count)) {
        status = storage_session_new(engine_storage(engine), false, &session, err);
        if (status == STATUS_OK) {
            status = keep(refresh, session, err);
            storage_session_free(session);
        }
    }
    *out = refresh->plan;
    arena_free(arena);
    return status;
}
