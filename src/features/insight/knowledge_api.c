/* RFM, stages, and what is known of one member. */
#include <stddef.h>

#include "features/insight/base.h"
#include "features/insight/insight_api.h"
#include "features/insight/insight_store.h"
#include "features/measures/measures_api.h"

enum { BASE_ARENA_BYTES = 512 << 20 };

/* ---- RFM ---- */

struct rfm_query {
    int64_t bins;
};
static const struct field rfm_query_fields[] = {
    {.name = "bins",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct rfm_query, bins),
     .minimum = RFM_BINS_MIN,
     .maximum = RFM_BINS_MAX,
     .fallback = RFM_BINS_DEFAULT,
     .about = "5: quintiles."},
};
const struct shape rfm_query_shape = {
    .name = "RfmQuery", .size = sizeof(struct rfm_query), SHAPE_FIELDS(rfm_query_fields)};

static const struct field rfm_cell_fields[] = {
    {.name = "recency", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "frequency", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "monetary", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "spend", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
static const struct shape rfm_cell_shape = {.name = "RfmCell", .size = 0, SHAPE_FIELDS(rfm_cell_fields)};
static const struct field rfm_fields[] = {
    {.name = "bins", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "With a purchase."},
    {.name = "cells",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &rfm_cell_shape,
     .about = "Those with members; equal values have equal scores, the best is `bins`."},
    MEASURES_FIELD,
};
const struct shape rfm_shape = {.name = "Rfm", .size = 0, SHAPE_FIELDS(rfm_fields)};

static void write_grid(const struct call *call, struct json_writer *writer, const struct rfm_grid *grid, int bins,
                       const char *currency)
{
    writer_integer(writer, "bins", bins);
    writer_integer(writer, "members", (int64_t)grid->count);
    measures_write_shown(writer, call, "rfm");
    writer_list(writer, "cells");
    for (int i = 0; i < bins * bins * bins; i++) {
        if (grid->cells[i].count == 0)
            continue;
        writer_object(writer, NULL);
        writer_integer(writer, "recency", i / (bins * bins) + 1);
        writer_integer(writer, "frequency", i / bins % bins + 1);
        writer_integer(writer, "monetary", i % bins + 1);
        writer_integer(writer, "members", grid->cells[i].count);
        writer_amount(writer, "spend", grid->cells[i].monetary, currency);
        writer_end(writer);
    }
    writer_end(writer);
}

static enum status compute_rfm(struct call *call, struct storage_session *session, struct json_writer *writer,
                               struct error *err)
{
    const struct rfm_query *query = call->query;
    struct rfm_base base = {.arena = arena_new(CALL_MEMBERS_BYTES)};

    if (base.arena == NULL)
        return error_set(err, STATUS_IO, "internal.memory", "", "there is no memory");
    struct standings_reader reader = {.each = rfm_base_add, .context = &base};
    enum status status = call_members_all(call, session, base.arena, &reader.members, err);
    if (status == STATUS_OK)
        status = standings_stream(session, &reader, err);
    if (status == STATUS_OK) {
        struct rfm_grid grid = rfm_grid_make(&base, (int)query->bins);
        write_grid(call, writer, &grid, (int)query->bins, programme_at(call->programmes, call->now)->currency);
    }
    arena_free(base.arena);
    return status;
}

enum status rfm_get(struct call *call, struct item *item, struct error *err)
{
    const struct rfm_query *query = call->query;

    return insight_reply(call, item, insight_part_name(call, arena_format(call->arena, "rfm:%d", (int)query->bins)),
                         compute_rfm, err);
}

/* ---- stages ---- */

static const struct field stage_fields[] = {
    {.name = "stage", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "spend", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
static const struct shape stage_shape = {.name = "StageCount", .size = 0, SHAPE_FIELDS(stage_fields)};
static const struct field stages_fields[] = {
    {.name = "usual_interval_days", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 1},
    {.name = "stages", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &stage_shape},
    MEASURES_FIELD,
};
const struct shape stages_shape = {.name = "Stages", .size = 0, SHAPE_FIELDS(stages_fields)};

static void write_interval(struct json_writer *writer, int64_t interval)
{
    if (interval > 0)
        writer_decimal(writer, "usual_interval_days", (interval * 10 + INSTANT_DAY / 2) / INSTANT_DAY, 1);
    else
        writer_null(writer, "usual_interval_days");
}

static enum status compute_stages(struct call *call, struct storage_session *session, struct json_writer *writer,
                                  struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct base_counts counts = {
        .now = call->now, .today = zone_day(programme->zone, call->now), .rules = call->programmes->lifecycle};
    struct standings_reader reader = {.each = base_count, .context = &counts};
    struct arena *arena = arena_new(CALL_MEMBERS_BYTES);

    if (arena == NULL)
        return error_set(err, STATUS_IO, "internal.memory", "", "there is no memory");
    enum status status = insight_median(call, session, &counts.median_interval, err);
    if (status == STATUS_OK)
        status = call_members_all(call, session, arena, &reader.members, err);
    if (status == STATUS_OK)
        status = standings_stream(session, &reader, err);
    arena_free(arena);
    if (status != STATUS_OK)
        return status;
    write_interval(writer, counts.median_interval);
    measures_write_shown(writer, call, "stages");
    writer_list(writer, "stages");
    for (int i = 0; i < STAGE_COUNT; i++) {
        writer_object(writer, NULL);
        writer_string(writer, "stage", stage_name((enum stage)i));
        writer_integer(writer, "members", counts.stages[i]);
        writer_amount(writer, "spend", counts.stage_spend[i], programme->currency);
        writer_end(writer);
    }
    writer_end(writer);
    return STATUS_OK;
}

enum status stages_get(struct call *call, struct item *item, struct error *err)
{
    return insight_reply(call, item, insight_part_name(call, "stages"), compute_stages, err);
}

/* ---- one member ---- */

static const struct field scores_fields[] = {
    {.name = "recency", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "frequency", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "monetary", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
const struct shape rfm_scores_shape = {.name = "RfmScores", .size = 0, SHAPE_FIELDS(scores_fields)};
static const struct field knowledge_fields[] = {
    {.name = "member",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .prefix = "mbr",
     .about = "The person's first member."},
    {.name = "stage", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "active", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "usual_interval_days", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 1},
    {.name = "next_purchase_expected_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "days_since_purchase", .type = FIELD_INTEGER, .flags = FIELD_NULLABLE},
    {.name = "purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "purchase_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "visits", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "spend", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "returned", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "spend_90_days", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "spend_90_days_before", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "average_basket", .type = FIELD_AMOUNT, .flags = FIELD_NULLABLE},
    {.name = "first_purchase_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "last_purchase_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "last_visit_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "tier", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "rfm",
     .type = FIELD_OBJECT,
     .flags = FIELD_NULLABLE,
     .shape = &rfm_scores_shape,
     .about = "Quintiles, 5 is best."},
};
const struct shape knowledge_shape = {.name = "Knowledge", .size = 0, SHAPE_FIELDS(knowledge_fields)};

static void write_rhythm(struct json_writer *writer, const struct call *call, const struct standing *standing,
                         int64_t median)
{
    int32_t today = zone_day(programme_at(call->programmes, call->now)->zone, call->now);
    int64_t interval = standing_usual_interval(standing, median, call->programmes->lifecycle);

    writer_string(writer, "stage",
                  stage_name(standing_stage(standing, call->now, today, median, call->programmes->lifecycle)));
    writer_boolean(writer, "active", standing_active(standing, call->now, call->programmes->lifecycle));
    write_interval(writer, standing->purchases > 0 ? interval : 0);
    writer_instant(writer, "next_purchase_expected_at",
                   standing->purchases > 0 && interval > 0 ? standing->last_purchase_at + interval : 0);
    if (standing->purchases > 0)
        writer_integer(writer, "days_since_purchase",
                       today - zone_day(programme_at(call->programmes, call->now)->zone, standing->last_purchase_at));
    else
        writer_null(writer, "days_since_purchase");
}

static void write_totals(struct json_writer *writer, const struct call *call, const struct standing *standing)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    int32_t today = zone_day(programme->zone, call->now);

    writer_integer(writer, "purchases", standing->purchases);
    writer_integer(writer, "purchase_days", standing->purchase_days);
    writer_integer(writer, "visits", standing->visits);
    writer_amount(writer, "spend", standing->spend, programme->currency);
    writer_amount(writer, "returned", standing->returns, programme->currency);
    writer_amount(writer, "spend_90_days", standing_spend_between(standing, today - 89, today), programme->currency);
    writer_amount(writer, "spend_90_days_before", standing_spend_between(standing, today - 179, today - 90),
                  programme->currency);
    if (standing->purchases > 0)
        writer_amount(writer, "average_basket", standing->spend / standing->purchases, programme->currency);
    else
        writer_null(writer, "average_basket");
    writer_instant(writer, "first_purchase_at", standing->first_purchase_at);
    writer_instant(writer, "last_purchase_at", standing->last_purchase_at);
    writer_instant(writer, "last_visit_at", standing->last_visit_at);
    writer_text(writer, "tier", standing->tier);
}

/* ---- the cuts of the quintiles, kept like a reply ---- */

enum { DIMENSIONS = 3, CUTS_PER_DIMENSION = RFM_BINS_DEFAULT - 1 };

static struct text cuts_write(struct arena *arena, const struct rfm_grid *grid)
{
    const struct rfm_cuts *cuts[DIMENSIONS] = {&grid->recency, &grid->frequency, &grid->monetary};
    struct builder out = {.arena = arena};

    for (int d = 0; d < DIMENSIONS; d++) {
        for (int i = 0; i < CUTS_PER_DIMENSION; i++) {
            builder_integer(&out, cuts[d]->starts[i]);
            builder_char(&out, ' ');
        }
    }
    return builder_done(&out);
}

static void cuts_read(struct text text, struct rfm_grid *grid)
{
    struct rfm_cuts *cuts[DIMENSIONS] = {&grid->recency, &grid->frequency, &grid->monetary};
    size_t at = 0;

    for (int d = 0; d < DIMENSIONS; d++) {
        cuts[d]->bins = RFM_BINS_DEFAULT;
        for (int i = 0; i < CUTS_PER_DIMENSION; i++) {
            size_t end = at;
            while (end < text.size && text.bytes[end] != ' ')
                end++;
            if (!text_to_integer((struct text){text.bytes + at, end - at}, &cuts[d]->starts[i]))
                cuts[d]->starts[i] = INT64_MAX;
            at = end + 1 < text.size ? end + 1 : text.size;
        }
    }
}

static enum status compute_cuts(struct call *call, struct storage_session *session, struct rfm_grid *grid,
                                struct error *err)
{
    struct rfm_base base = {.arena = arena_new(BASE_ARENA_BYTES)};

    if (base.arena == NULL)
        return error_set(err, STATUS_IO, "internal.memory", "", "there is no memory");
    int64_t started = clock_boot(engine_clock(call->engine));
    const struct standings_reader reader = {.each = rfm_base_add, .context = &base};
    enum status status = standings_stream(session, &reader, err);
    if (status == STATUS_OK)
        *grid = rfm_grid_make(&base, RFM_BINS_DEFAULT);
    arena_free(base.arena);
    grid->cells = NULL;
    int64_t took = clock_boot(engine_clock(call->engine)) - started;
    if (status != STATUS_OK)
        return status;
    return insight_keep(call, TEXT("cuts"), &(struct kept_reply){call->now, took, cuts_write(call->arena, grid)}, err);
}

static enum status find_cuts(struct call *call, struct storage_session *session, struct rfm_grid *grid,
                             struct error *err)
{
    struct kept_reply kept = {0};
    enum status status = kept_reply_get(session, call->arena, TEXT("cuts"), &kept, err);

    if (status != STATUS_OK || !insight_is_fresh(call, &kept))
        return status != STATUS_OK ? status : compute_cuts(call, session, grid, err);
    cuts_read(kept.body, grid);
    return STATUS_OK;
}

enum status insight_write_rfm(struct call *call, struct storage_session *session, const struct standing *standing,
                              struct json_writer *writer, struct error *err)
{
    struct rfm_grid grid = {0};

    if (standing->purchases == 0) {
        writer_null(writer, "rfm");
        return STATUS_OK;
    }
    enum status status = find_cuts(call, session, &grid, err);
    if (status != STATUS_OK)
        return status;
    struct rfm_scores scores = rfm_grid_score(&grid, rfm_value_of(standing));
    writer_object(writer, "rfm");
    writer_integer(writer, "recency", scores.recency);
    writer_integer(writer, "frequency", scores.frequency);
    writer_integer(writer, "monetary", scores.monetary);
    writer_end(writer);
    return STATUS_OK;
}

static enum status write_knowledge(struct call *call, struct storage_session *session, int64_t member,
                                   struct json_writer *writer, struct error *err)
{
    struct person person;
    int64_t median;
    enum status status = engine_view(call->engine, session, member, call->arena, &person, err);

    if (status == STATUS_OK)
        status = insight_median(call, session, &median, err);
    if (status != STATUS_OK)
        return status;
    writer_id(writer, "member", "mbr", person.leader->id);
    write_rhythm(writer, call, &person.leader->standing, median);
    write_totals(writer, call, &person.leader->standing);
    return insight_write_rfm(call, session, &person.leader->standing, writer, err);
}

enum status knowledge_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = write_knowledge(call, session, member, &item->writer, err);
    call_read_end(call, session);
    return status;
}
