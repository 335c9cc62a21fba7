#include "features/insight/segment_live_api.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "api/page.h"
#include "features/insight/segment_live_store.h"
#include "features/programme/programme.h"
#include "foundation/id.h"

enum { DECIMALS = 6, NO_FEATURES = -1 };

static const char *const method_choices[] = {"means", "mixture", NULL};

/* ---- which there are ---- */

static const struct field segment_feature_fields[] = {
    {.name = "feature",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "purchases (days), mean_spend, days_since_last, days_as_customer, returned_share, discounted_share (of "
              "lines), categories."},
    {.name = "mean", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .about = "Of its members."},
    {.name = "low", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .about = "Of the 90 % interval of the mean."},
    {.name = "high", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED},
    {.name = "apart",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED,
     .about = "Standard deviations from the mean of all members."},
};
static const struct shape segment_feature_shape = {.name = "SegmentFeature", SHAPE_FIELDS(segment_feature_fields)};
static const struct field found_segment_fields[] = {
    {.name = "segment",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .prefix = "fsg",
     .about = "Stays the same as long as enough of the same members are in it."},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "What sets it apart most."},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "share", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .about = "Of the members that were grouped."},
    {.name = "first_found_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "features",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &segment_feature_shape,
     .about = "Empty for who sees a part of the company: they are means of all."},
};
static const struct shape found_segment_shape = {.name = "FoundSegment", SHAPE_FIELDS(found_segment_fields)};

#define PLAN_ABOUT_DAYS "Days from one finding to the next; 0: only when asked."
#define PLAN_ABOUT_NUMBER "How many; 0: the largest number that is stable."

static const struct field found_segments_fields[] = {
    {.name = "every_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = PLAN_ABOUT_DAYS},
    {.name = "method", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = method_choices},
    {.name = "number", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = PLAN_ABOUT_NUMBER},
    {.name = "found_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "The last time."},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Who were grouped then."},
    {.name = "explained",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The share of the differences between members that segments tell; null for a part of the company."},
    {.name = "stability",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "How far halves of the members agree on so many segments: 1 wholly, 0 as by chance."},
    {.name = "segments",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &found_segment_shape,
     .about = "The largest first; none where members differ by degrees and not by groups."},
};
const struct shape found_segments_shape = {.name = "FoundSegments", SHAPE_FIELDS(found_segments_fields)};

static void write_segment(struct json_writer *writer, const struct found_segment *segment, int64_t members,
                          int exponent)
{
    writer_object(writer, NULL);
    writer_id(writer, "segment", "fsg", segment->number);
    writer_text(writer, "name", segment->name);
    writer_integer(writer, "members", segment->members);
    writer_real(writer, "share", members > 0 ? (double)segment->members / (double)members : 0, DECIMALS);
    writer_instant(writer, "first_found_at", segment->found_at);
    writer_list(writer, "features");
    for (int i = 0; i < (exponent == NO_FEATURES ? 0 : LIVE_FEATURES); i++) {
        const struct segment_mean *mean = &segment->means[i];
        double unit = i == LIVE_MEAN_SPEND ? pow(10, -exponent) : 1;

        writer_object(writer, NULL);
        writer_string(writer, "feature", live_feature_names[i]);
        writer_real(writer, "mean", mean->mean * unit, DECIMALS);
        writer_real(writer, "low", mean->low * unit, DECIMALS);
        writer_real(writer, "high", mean->high * unit, DECIMALS);
        writer_real(writer, "apart", mean->apart, DECIMALS);
        writer_end(writer);
    }
    writer_end(writer);
    writer_end(writer);
}

static void write_found(const struct call *call, struct json_writer *writer, const struct segment_plan *plan,
                        const struct found_segments *found)
{
    int exponent = programme_at(call->programmes, call->now)->exponent;

    writer_integer(writer, "every_days", plan->every_days);
    writer_string(writer, "method", segment_method_name(plan->method));
    writer_integer(writer, "number", plan->wanted);
    writer_instant(writer, "found_at", plan->run_at);
    writer_integer(writer, "members", plan->members);
    if (call->scope->whole) {
        writer_decimal(writer, "explained", plan->explained, DECIMALS);
        writer_decimal(writer, "stability", plan->stability, DECIMALS);
    } else {
        writer_null(writer, "explained");
        writer_null(writer, "stability");
    }
    writer_list(writer, "segments");
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].left_at == 0)
            write_segment(writer, &found->items[i], plan->members, call->scope->whole ? exponent : NO_FEATURES);
    writer_end(writer);
}

static int compare_largest_first(const void *a, const void *b)
{
    const struct found_segment *first = a, *second = b;

    if (first->members != second->members)
        return first->members > second->members ? -1 : 1;
    return (first->number > second->number) - (first->number < second->number);
}

/* How many of the caller's members are in each, in place of how many there are. */
static enum status count_part(struct call *call, struct storage_session *session, struct segment_plan *plan,
                              struct found_segments *found, struct error *err)
{
    struct arena *arena = arena_new(CALL_MEMBERS_BYTES);
    const struct map *members;

    if (arena == NULL)
        return error_set(err, STATUS_IO, "internal.memory", "", "there is no memory");
    enum status status = call_members_all(call, session, arena, &members, err);
    if (status == STATUS_OK)
        status = found_segments_count(session, members, found, err);
    arena_free(arena);
    if (found->count > 1)
        qsort(found->items, found->count, sizeof *found->items, compare_largest_first);
    plan->members = 0;
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].left_at == 0)
            plan->members += found->items[i].members;
    return status;
}

enum status found_segments_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct found_segments found;
    struct segment_plan plan;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = segment_plan_read(session, &plan, err);
    if (status == STATUS_OK)
        status = found_segments_read(session, call->arena, &found, err);
    if (status == STATUS_OK && !call->scope->whole)
        status = count_part(call, session, &plan, &found, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        write_found(call, &item->writer, &plan, &found);
    return status;
}

/* ---- how often ---- */

struct plan_body {
    int64_t every_days, number;
    int method;
};
static const struct field plan_body_fields[] = {
    {.name = "every_days",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct plan_body, every_days),
     .minimum = 0,
     .maximum = SEGMENT_DAYS_MAX,
     .fallback = SEGMENT_DAYS_USUAL,
     .about = PLAN_ABOUT_DAYS},
    {.name = "method",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct plan_body, method),
     .choices = method_choices,
     .about = "k-means, or a mixture of normal distributions."},
    {.name = "number",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct plan_body, number),
     .minimum = 0,
     .maximum = SEGMENTS_MAX,
     .about = PLAN_ABOUT_NUMBER},
};
const struct shape segment_plan_body_shape = {
    .name = "SegmentPlan", .size = sizeof(struct plan_body), SHAPE_FIELDS(plan_body_fields)};

static struct text plan_json(struct arena *arena, const struct segment_plan *plan)
{
    struct json_writer writer;

    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    writer_integer(&writer, "every_days", plan->every_days);
    writer_string(&writer, "method", segment_method_name(plan->method));
    writer_integer(&writer, "number", plan->wanted);
    writer_end(&writer);
    return writer_done(&writer);
}

enum status segment_plan_put(struct call *call, struct item *item, struct error *err)
{
    const struct plan_body *body = item->body;
    struct storage_session *session;
    struct found_segments found;
    struct segment_plan plan;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = segment_plan_read(session, &plan, err);
    struct text before = plan_json(call->arena, &plan);

    plan.every_days = body->every_days;
    plan.method = (enum segment_method)body->method;
    plan.wanted = body->number;
    if (status == STATUS_OK)
        status = segment_plan_keep(session, &plan, err);
    if (status == STATUS_OK)
        status = found_segments_read(session, call->arena, &found, err);
    if (status == STATUS_OK)
        status = call_audit(call, "segment_plan.updated", 0, before, plan_json(call->arena, &plan), err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    if (status == STATUS_OK)
        write_found(call, &item->writer, &plan, &found);
    return status;
}

/* ---- finding them now ---- */

static bool go_on(void *context, size_t done, size_t total)
{
    struct job *job = context;

    job_progress(job, (int64_t)done, (int64_t)total);
    return !job_cancelled(job);
}

static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *input, struct error *err)
{
    const struct segment_refresh what = {.go_on = go_on, .context = job};
    struct segment_plan plan;
    bool ran;

    (void)arena;
    (void)input;
    job_message(job, "reading what members are like");
    enum status status = segments_refresh(engine, &what, &ran, &plan, err);

    if (status != STATUS_OK)
        return status;
    job_count(job, "members", plan.members);
    job_message(job,
                plan.stability > 0 ? "%lld members are in their segments"
                                   : "%lld members differ by degrees, not by groups",
                (long long)plan.members);
    return STATUS_OK;
}

const struct job_kind segments_job = {.name = "segments", .permission = PERMISSION_INSIGHT_WRITE, .run = run};

enum status found_segments_post(struct call *call, struct item *item, struct error *err)
{
    return call_job(call, item, &segments_job, NULL, err);
}

/* ---- who is in them ---- */

static const struct field segment_member_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "since", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED, .about = "When they came into the segment."},
};
const struct shape segment_member_shape = {.name = "SegmentMember", SHAPE_FIELDS(segment_member_fields)};

static enum status segment_exists(const struct found_segments *found, int64_t number, struct error *err)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].number == number && found->items[i].left_at == 0)
            return STATUS_OK;
    return error_set(err, STATUS_MISSING, "insight.no_segment", "segment", "there is no such segment (any more)");
}

static enum status members_inside(struct call *call, struct storage_session *session,
                                  const struct segment_members *members, bool **out, struct error *err)
{
    int64_t *ids = arena_array(call->arena, members->count + 1, sizeof *ids);

    *out = arena_array(call->arena, members->count + 1, sizeof **out);
    for (size_t i = 0; i < members->count; i++)
        ids[i] = members->items[i].member;
    return call_members_inside(call, session, &(struct scope_people){ids, members->count, *out}, err);
}

enum status segment_members_list(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    struct segment_members members;
    struct storage_session *session;
    struct found_segments found;
    int64_t number;
    bool given, *inside = NULL;
    enum status status = call_path_id(call, 0, "fsg", &number, err);

    if (status == STATUS_OK)
        status = cursor_read(call->arena, query->page.after, &cursor, &given, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = found_segments_read(session, call->arena, &found, err);
    if (status == STATUS_OK)
        status = segment_exists(&found, number, err);
    if (status == STATUS_OK)
        status = segment_members_read(session, call->arena,
                                      &(struct segment_page){number, cursor.integers[0], query->page.limit + 1},
                                      &members, err);
    if (status == STATUS_OK)
        status = members_inside(call, session, &members, &inside, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = members.count > (size_t)query->page.limit;

    writer_list(&item->writer, "items");
    for (size_t i = 0; i < (more ? members.count - 1 : members.count); i++) {
        if (inside[i]) {
            writer_object(&item->writer, NULL);
            writer_id(&item->writer, "member", "mbr", members.items[i].member);
            writer_instant(&item->writer, "since", members.items[i].since);
            writer_end(&item->writer);
        }
        cursor.integers[0] = members.items[i].member;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

static const struct field own_segment_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "segment",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "fsg",
     .about = "Null: who has not bought yet, or came after segments were found, is in none."},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "since", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape own_segment_shape = {.name = "MemberSegment", SHAPE_FIELDS(own_segment_fields)};

enum status own_segment_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct segment_member own;
    struct person person;
    int64_t member;
    bool found;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, &person, err);
    if (status == STATUS_OK)
        status = member_segment_read(session, call->arena, member, &found, &own, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_id(&item->writer, "member", "mbr", member);
    writer_id(&item->writer, "segment", "fsg", own.segment);
    if (found)
        writer_text(&item->writer, "name", own.name);
    else
        writer_null(&item->writer, "name");
    writer_instant(&item->writer, "since", own.since);
    return STATUS_OK;
}
