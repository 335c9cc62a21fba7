/* ladders_api.c: the ladders in force. */
#include "features/programme/held.h"
#include "features/programme/programme_api.h"

static const struct field minimums_fields[] = {
    {.name = "points", .type = FIELD_INTEGER},  {.name = "spend", .type = FIELD_AMOUNT},
    {.name = "visits", .type = FIELD_INTEGER},  {.name = "nights", .type = FIELD_INTEGER},
    {.name = "stays", .type = FIELD_INTEGER},   {.name = "purchases", .type = FIELD_INTEGER},
    {.name = "loyalty", .type = FIELD_INTEGER},
};
const struct shape tier_minimums_shape = {
    .name = "TierMinimums", .about = "All of these; what is absent is not asked for.", SHAPE_FIELDS(minimums_fields)};

void tier_minimums_write(struct json_writer *writer, const char *name, const struct programme *programme,
                         const int64_t *amounts)
{
    writer_object(writer, name);
    for (size_t i = 0; i < TIER_METRICS; i++)
        if (amounts[i] != 0 && i == TIER_SPEND)
            writer_amount(writer, tier_metric_names[i], amounts[i], programme->currency);
        else if (amounts[i] != 0)
            writer_integer(writer, tier_metric_names[i], amounts[i]);
    writer_end(writer);
}

static const struct field level_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "qualify",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "With metric spend in minor units. null: the ladder's metric alone does not lead to it."},
    {.name = "keep", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "factor", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 4},
    {.name = "qualify_by",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &tier_minimums_shape,
     .about = "One of these suffices; empty: qualify."},
    {.name = "keep_by",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &tier_minimums_shape},
    {.name = "invitation_only", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "approval", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
};
static const struct shape level_shape = {.name = "TierLevel", SHAPE_FIELDS(level_fields)};
static const struct field ladder_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "metric", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = tier_metric_names},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "levels", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &level_shape},
};
static const struct shape ladder_shape = {.name = "TierLadder", SHAPE_FIELDS(ladder_fields)};
static const struct field tiers_fields[] = {
    {.name = "metric", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = tier_metric_names},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "levels", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &level_shape},
    {.name = "ladders",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &ladder_shape,
     .about = "All ladders, the first one first."},
};
const struct shape tiers_shape = {
    .name = "Tiers", .about = "The ladders in force; at the top the first.", SHAPE_FIELDS(tiers_fields)};

static void write_threshold(struct json_writer *writer, const char *name, int64_t value)
{
    if (value == INT64_MAX)
        writer_null(writer, name);
    else
        writer_integer(writer, name, value);
}

static void write_alternatives(struct json_writer *writer, const char *name, const struct programme *programme,
                               const struct tier_requirement *requirement)
{
    writer_list(writer, name);
    for (size_t i = 0; i < requirement->count; i++)
        tier_minimums_write(writer, NULL, programme, requirement->any_of[i].at_least);
    writer_end(writer);
}

static void write_ladder(struct json_writer *writer, const struct programme *programme,
                         const struct tier_ladder *ladder)
{
    writer_string(writer, "metric", tier_metric_names[ladder->metric]);
    writer_text(writer, "wallet", ladder->wallet);
    writer_list(writer, "levels");
    for (size_t i = 0; i < ladder->level_count; i++) {
        const struct tier_level *level = &ladder->levels[i];
        writer_object(writer, NULL);
        writer_text(writer, "code", level->code);
        writer_text(writer, "name", level->name);
        write_threshold(writer, "qualify", level->qualify);
        write_threshold(writer, "keep", level->keep);
        writer_decimal(writer, "factor", level->factor, 4);
        write_alternatives(writer, "qualify_by", programme, &level->to_qualify);
        write_alternatives(writer, "keep_by", programme, &level->to_keep);
        writer_boolean(writer, "invitation_only", level->invitation_only);
        writer_boolean(writer, "approval", level->approval);
        writer_end(writer);
    }
    writer_end(writer);
}

enum status tiers_handle(struct call *call, struct item *item, struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct json_writer *writer = &item->writer;

    (void)err;
    write_ladder(writer, programme, &programme->ladder);
    writer_list(writer, "ladders");
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        const struct tier_ladder *ladder = programme_ladder(programme, i);
        writer_object(writer, NULL);
        writer_text(writer, "code", ladder->code);
        writer_text(writer, "name", ladder->name);
        write_ladder(writer, programme, ladder);
        writer_end(writer);
    }
    writer_end(writer);
    return STATUS_OK;
}
