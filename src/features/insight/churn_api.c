#include "features/insight/churn_api.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "features/events/events.h"
#include "features/insight/churn_alert.h"
#include "features/insight/churn_live_store.h"
#include "features/insight/churn_record.h"
#include "features/programme/programme.h"

enum { PERIOD_DAYS = 365 };

/* ---- recording ---- */

struct churn_reason_body {
    struct text reason, note, source;
    int cause;
    int64_t at;
};
static const struct field churn_reason_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct churn_reason_body, reason),
     .minimum = 1,
     .maximum = CHURN_REASON_SIZE_MAX,
     .about = "In words, Chinese or English; the cause is read from them unless it is given."},
    {.name = "cause",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct churn_reason_body, cause),
     .choices = churn_cause_codes},
    {.name = "note",
     .type = FIELD_TEXT,
     .offset = offsetof(struct churn_reason_body, note),
     .maximum = CHURN_NOTE_SIZE_MAX},
    {.name = "source",
     .type = FIELD_TEXT,
     .offset = offsetof(struct churn_reason_body, source),
     .maximum = CODE_SIZE_MAX,
     .about = "Where it is known from: call, survey, case ..."},
    {.name = "at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct churn_reason_body, at),
     .about = "Now when absent."},
};
const struct shape churn_reason_body_shape = {
    .name = "ChurnReasonInput", .size = sizeof(struct churn_reason_body), SHAPE_FIELDS(churn_reason_fields)};

static const struct field recorded_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "cause", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = churn_cause_codes},
};
const struct shape churn_reason_recorded_shape = {
    .name = "ChurnReason", .about = "Seen in the timeline of the member.", SHAPE_FIELDS(recorded_fields)};

enum status churn_reason_handle(struct call *call, struct item *item, struct error *err)
{
    const struct churn_reason_body *given = item->body;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &churn_record_type, sizeof(struct churn_record));
    struct churn_record *body = command->body;

    body->cause = given->cause >= 0 ? (enum churn_cause)given->cause : churn_cause_of(given->reason);
    body->at = given->at != 0 ? given->at : call->now;
    body->day = business_day(call->programmes, TEXT(""), body->at);
    body->detail = churn_record_detail(
        call->arena, body->cause,
        &(struct churn_words){
            .reason = given->reason, .note = given->note, .source = given->source, .author = call->actor});
    command_subject_member(command, member);
    return STATUS_OK;
}

void churn_reason_finish(struct item *item, struct json_writer *writer)
{
    const struct churn_record *body = item->command->body;

    writer_id(writer, "id", "evt", body->id);
    writer_id(writer, "member", "mbr", body->member);
    writer_string(writer, "cause", churn_cause_codes[body->cause]);
}

/* ---- shares by cause ---- */

struct churn_causes_query {
    int32_t from, to;
};
static const struct field churn_causes_query_fields[] = {
    {.name = "from",
     .type = FIELD_DAY,
     .offset = offsetof(struct churn_causes_query, from),
     .about = "364 days before `to` when absent."},
    {.name = "to", .type = FIELD_DAY, .offset = offsetof(struct churn_causes_query, to), .about = "Today when absent."},
};
const struct shape churn_causes_query_shape = {
    .name = "ChurnCausesQuery", .size = sizeof(struct churn_causes_query), SHAPE_FIELDS(churn_causes_query_fields)};

static const struct field cause_fields[] = {
    {.name = "cause", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = churn_cause_codes},
    {.name = "count", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "share", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6},
    {.name = "low", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6, .about = "Of 90 % (Wilson)."},
    {.name = "high", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6},
};
static const struct shape cause_shape = {.name = "ChurnCause", .size = 0, SHAPE_FIELDS(cause_fields)};
static const struct field churn_causes_fields[] = {
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "to", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "recorded", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Reasons of the period."},
    {.name = "causes", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &cause_shape},
    {.name = "summary", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct shape churn_causes_shape = {.name = "ChurnCauses", .size = 0, SHAPE_FIELDS(churn_causes_fields)};

static const char *causes_summary(struct arena *arena, const struct cause_share *cells)
{
    size_t most = 0;

    for (size_t i = 1; i < CHURN_CAUSES; i++)
        most = cells[i].count > cells[most].count ? i : most;
    if (cells[most].of == 0)
        return "No reason was recorded in the period.";
    return arena_format(arena,
                        "Of %zu reasons recorded %zu are %s: %.0f %%, between %.0f and %.0f with a chance of 90 %%.",
                        cells[most].of, cells[most].count, churn_cause_name((enum churn_cause)most),
                        100 * cells[most].share, 100 * cells[most].low, 100 * cells[most].high);
}

static void write_causes(struct json_writer *writer, struct arena *arena, const size_t counts[CHURN_CAUSES])
{
    struct cause_rows rows = {.segment_count = 1};
    struct cause_table table;

    for (int i = 0; i < CHURN_CAUSES; i++)
        rows.count += counts[i];
    uint8_t *causes = arena_array(arena, rows.count + 1, sizeof *causes);
    size_t at = 0;

    for (int i = 0; i < CHURN_CAUSES; i++) {
        memset(causes + at, i, counts[i]);
        at += counts[i];
    }
    rows.causes = causes;
    churn_causes_count(arena, &rows, &table);
    writer_integer(writer, "recorded", (int64_t)rows.count);
    writer_list(writer, "causes");
    for (int i = 0; i < CHURN_CAUSES; i++) {
        const struct cause_share *cell = &table.cells[i];
        bool known = cell->of > 0;

        writer_object(writer, NULL);
        writer_string(writer, "cause", churn_cause_codes[i]);
        writer_integer(writer, "count", (int64_t)cell->count);
        writer_real(writer, "share", known ? cell->share : NAN, 6);
        writer_real(writer, "low", known ? cell->low : NAN, 6);
        writer_real(writer, "high", known ? cell->high : NAN, 6);
        writer_end(writer);
    }
    writer_end(writer);
    writer_string(writer, "summary", causes_summary(arena, table.cells));
}

enum status churn_causes_get(struct call *call, struct item *item, struct error *err)
{
    const struct churn_causes_query *query = call->query;
    const struct zone *zone = programme_at(call->programmes, call->now)->zone;
    int32_t to = query->to != FIELD_DAY_ABSENT ? query->to : zone_day(zone, call->now);
    int32_t from = query->from != FIELD_DAY_ABSENT ? query->from : to - PERIOD_DAYS + 1;
    struct storage_session *session;
    size_t counts[CHURN_CAUSES];

    if (from > to)
        return error_set(err, STATUS_INVALID, "insight.range", "from", "the period ends before it begins");
    struct churn_reasons_range range = {zone_day_start(zone, from), zone_day_start(zone, to + 1), NULL};
    struct arena *arena = arena_new(CALL_MEMBERS_BYTES);
    if (arena == NULL)
        return error_set(err, STATUS_IO, "internal.memory", "", "there is no memory");
    enum status status = call_read_begin(call, &session, err);
    if (status == STATUS_OK)
        status = call_members_all(call, session, arena, &range.members, err);
    if (status == STATUS_OK)
        status = churn_reasons_count(session, &range, counts, err);
    call_read_end(call, session);
    arena_free(arena);
    if (status != STATUS_OK)
        return status;
    writer_day(&item->writer, "from", from);
    writer_day(&item->writer, "to", to);
    write_causes(&item->writer, call->arena, counts);
    return STATUS_OK;
}
