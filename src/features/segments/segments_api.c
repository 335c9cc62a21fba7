#include "features/segments/segments_api.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/page.h"
#include "features/segments/membership_store.h"
#include "features/segments/segment.h"
#include "features/segments/segment_follow_store.h"

enum { SIZE_DAYS_USUAL = 90, SIZE_DAYS_MAX = 3660 };

/* ---- who is in ---- */

static const struct field membership_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "since", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED, .about = "When they came into the segment."},
};
const struct shape segment_membership_shape = {.name = "SegmentMembership", SHAPE_FIELDS(membership_fields)};

/* STATUS_MISSING for a code that no segment in force has. */
static enum status check_segment(struct call *call, struct error *err)
{
    if (definition_at(call->programmes, &segment_kind, call->parameters[0], call->now) != NULL)
        return STATUS_OK;
    return error_set(err, STATUS_MISSING, "segment.not_in_force", "segment", "no such segment is in force");
}

static enum status rows_inside(struct call *call, struct storage_session *session, const struct membership_rows *rows,
                               bool **out, struct error *err)
{
    int64_t *ids = arena_array(call->arena, rows->count + 1, sizeof *ids);
    *out = arena_array(call->arena, rows->count + 1, sizeof **out);
    for (size_t i = 0; i < rows->count; i++)
        ids[i] = rows->items[i].member;
    return call_members_inside(call, session, &(struct scope_people){ids, rows->count, *out}, err);
}

enum status segment_people_list(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    struct membership_rows rows;
    struct storage_session *session;
    bool given, *inside = NULL;
    enum status status = check_segment(call, err);
    if (status == STATUS_OK)
        status = cursor_read(call->arena, query->page.after, &cursor, &given, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    const struct membership_page page = {call->parameters[0], cursor.integers[0], query->page.limit + 1};
    status = membership_page_read(session, call->arena, &page, &rows, err);
    if (status == STATUS_OK)
        status = rows_inside(call, session, &rows, &inside, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = rows.count > (size_t)query->page.limit;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < (more ? rows.count - 1 : rows.count); i++) {
        if (inside[i]) {
            writer_object(&item->writer, NULL);
            writer_id(&item->writer, "member", "mbr", rows.items[i].member);
            writer_instant(&item->writer, "since", rows.items[i].since);
            writer_end(&item->writer);
        }
        cursor.integers[0] = rows.items[i].member;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* ---- how many ---- */

struct sizes_query {
    int64_t days;
};
static const struct field sizes_query_fields[] = {
    {.name = "days",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct sizes_query, days),
     .minimum = 1,
     .maximum = SIZE_DAYS_MAX,
     .fallback = SIZE_DAYS_USUAL,
     .about = "How far back, today included."},
};
const struct shape segment_sizes_query_shape = {
    .name = "SegmentSizesQuery", .size = sizeof(struct sizes_query), SHAPE_FIELDS(sizes_query_fields)};

static const struct field size_fields[] = {
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "joined", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "left", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "At the end of the day."},
};
static const struct shape size_shape = {.name = "SegmentSize", SHAPE_FIELDS(size_fields)};
static const struct field sizes_fields[] = {
    {.name = "segment", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Now."},
    {.name = "complete",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about =
         "False until the whole base has been looked at since the segment, or what it rests on, was last changed."},
    {.name = "evaluated_at",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "When the whole base was last evaluated; events and time are followed at once."},
    {.name = "days",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &size_shape,
     .about = "Days on which somebody came or went, the oldest first."},
};
const struct shape segment_sizes_shape = {.name = "SegmentSizes", SHAPE_FIELDS(sizes_fields)};

static void write_sizes(struct json_writer *writer, const struct segment_sizes *sizes, int32_t first)
{
    writer_list(writer, "days");
    for (size_t i = 0; i < sizes->count; i++) {
        const struct segment_size *size = &sizes->items[i];
        if (size->day < first)
            continue;
        writer_object(writer, NULL);
        writer_day(writer, "day", size->day);
        writer_integer(writer, "joined", size->joined);
        writer_integer(writer, "left", size->gone);
        writer_integer(writer, "members", size->size);
        writer_end(writer);
    }
    writer_end(writer);
}

enum status segment_sizes_get(struct call *call, struct item *item, struct error *err)
{
    const struct sizes_query *query = call->query;
    const struct zone *zone = programme_at(call->programmes, call->now)->zone;
    struct segment_progress progress;
    struct segment_sizes sizes;
    struct storage_session *session;
    int64_t count = 0;
    enum status status = check_segment(call, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = membership_count(session, call->parameters[0], &count, err);
    if (status == STATUS_OK)
        status = segment_sizes_read(session, call->arena, call->parameters[0], &sizes, err);
    if (status == STATUS_OK)
        status = segment_progress_read(call->engine, session, call->arena, call->parameters[0], &progress, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_text(&item->writer, "segment", call->parameters[0]);
    writer_integer(&item->writer, "members", count);
    writer_boolean(&item->writer, "complete", progress.complete);
    writer_instant(&item->writer, "evaluated_at", progress.evaluated_at);
    write_sizes(&item->writer, &sizes, zone_day(zone, call->now) - (int32_t)query->days + 1);
    return STATUS_OK;
}

/* ---- of a member ---- */

static const struct field own_segment_fields[] = {
    {.name = "segment", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "since", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
};
static const struct shape own_rule_segment_shape = {.name = "OwnSegment", SHAPE_FIELDS(own_segment_fields)};
static const struct field own_segments_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr", .about = "The person's id."},
    {.name = "segments",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &own_rule_segment_shape},
};
const struct shape member_segments_shape = {.name = "MemberSegments", SHAPE_FIELDS(own_segments_fields)};

enum status member_segments_get(struct call *call, struct item *item, struct error *err)
{
    struct membership_rows rows;
    struct storage_session *session;
    struct person person;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, &person, err);
    if (status == STATUS_OK)
        status = membership_of_person(session, call->arena, person.leader->id, &rows, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_id(&item->writer, "member", "mbr", person.leader->id);
    writer_list(&item->writer, "segments");
    for (size_t i = 0; i < rows.count; i++) {
        const struct definition *definition =
            definition_at(call->programmes, &segment_kind, rows.items[i].segment, call->now);
        const struct segment_rule *segment = definition == NULL ? NULL : definition->parsed;
        if (segment == NULL) /* withdrawn a moment ago */
            continue;
        writer_object(&item->writer, NULL);
        writer_text(&item->writer, "segment", rows.items[i].segment);
        writer_text(&item->writer, "name", segment->name);
        writer_instant(&item->writer, "since", rows.items[i].since);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    return STATUS_OK;
}

/* ---- evaluating the whole base now ---- */

struct evaluation_input {
    size_t size;
    char code[CODE_SIZE_MAX];
};

static bool evaluation_goes_on(void *context, int done)
{
    struct job *job = context;
    job_progress(job, done, BUCKET_COUNT);
    return !job_cancelled(job);
}

static enum status run_evaluation(struct job *job, struct engine *engine, struct arena *arena, void *input,
                                  struct error *err)
{
    const struct evaluation_input *evaluation = input;
    const struct text code = {evaluation->code, evaluation->size};
    const struct segment_evaluation what = {.code = code, .go_on = evaluation_goes_on, .context = job};
    struct storage_session *session;
    int64_t count = 0;
    (void)arena;
    job_message(job, "evaluating %.*s for the whole base", (int)code.size, code.bytes);
    enum status status = segment_evaluate_base(engine, &what, err);
    if (status != STATUS_OK || job_cancelled(job))
        return status;
    status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = membership_count(session, code, &count, err);
    engine_read_end(engine, session);
    job_progress(job, BUCKET_COUNT, BUCKET_COUNT);
    job_count(job, "members", count);
    job_message(job, "%lld members are in %.*s", (long long)count, (int)code.size, code.bytes);
    return status;
}

const struct job_kind segment_evaluation_job = {
    .name = "segment_evaluation", .permission = PERMISSION_PROGRAMME_READ, .run = run_evaluation, .release = free};

enum status segment_evaluation_post(struct call *call, struct item *item, struct error *err)
{
    struct text code = call->parameters[0];
    enum status status = check_segment(call, err);
    if (status != STATUS_OK)
        return status;
    struct evaluation_input *input = calloc(1, sizeof *input);
    if (input == NULL || code.size > sizeof input->code) {
        free(input);
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory for the job");
    }
    input->size = code.size;
    memcpy(input->code, code.bytes, code.size);
    return call_job(call, item, &segment_evaluation_job, input, err);
}
