#include "features/backtest/plan_api.h"

#include <stddef.h>

#include "features/definitions/definitions_store.h"
#include "features/definitions/programme_draft_store.h"
#include "features/library/library.h"

static const struct field planned_fields[] = {
    {.name = "kind",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct planned_definition, kind),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "Such as offer, or earning_rule."},
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct planned_definition, code),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "document",
     .type = FIELD_JSON_MAP,
     .offset = offsetof(struct planned_definition, document),
     .maximum = DEFINITION_DOCUMENT_MAX,
     .about = "Without it the part is not there in the plan."},
};
const struct shape planned_definition_shape = {
    .name = "PlannedDefinition", .size = sizeof(struct planned_definition), SHAPE_FIELDS(planned_fields)};

static enum status add(struct arena *arena, struct plan *plan, const struct planned_definition *definition,
                       struct error *err)
{
    if (plan->definition_count == PLAN_DEFINITIONS_MAX)
        return error_set(err, STATUS_LIMIT, "backtest.definitions", "definitions", "a plan has at most %d parts",
                         PLAN_DEFINITIONS_MAX);
    struct planned_definition *all = arena_array(arena, plan->definition_count + 1, sizeof *all);
    for (size_t i = 0; i < plan->definition_count; i++)
        all[i] = plan->definitions[i];
    all[plan->definition_count++] = *definition;
    plan->definitions = all;
    return STATUS_OK;
}

/* ---- a file ---- */

struct plan_line {
    struct text kind, code, document, note;
    int64_t effective_at, until;
    bool draft;
};
static const struct field line_fields[] = {
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .offset = offsetof(struct plan_line, kind)},
    {.name = "code", .type = FIELD_TEXT, .offset = offsetof(struct plan_line, code)},
    {.name = "document",
     .type = FIELD_JSON_MAP,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct plan_line, document),
     .maximum = PLAN_DOCUMENT_MAX},
    {.name = "note", .type = FIELD_TEXT, .offset = offsetof(struct plan_line, note)},
    {.name = "effective_at", .type = FIELD_INSTANT, .offset = offsetof(struct plan_line, effective_at)},
    {.name = "until", .type = FIELD_INSTANT, .offset = offsetof(struct plan_line, until)},
    {.name = "draft", .type = FIELD_BOOLEAN, .offset = offsetof(struct plan_line, draft)},
};
static const struct shape line_shape = {
    .name = "PlanLine", .size = sizeof(struct plan_line), SHAPE_FIELDS(line_fields)};

static enum status read_line(struct arena *arena, struct text json, struct plan *plan, struct error *err)
{
    struct plan_line *line = arena_alloc(arena, sizeof *line);
    enum status status = shape_read_text(arena, &line_shape, json, line, err);
    if (status != STATUS_OK)
        return status;
    if (text_equals(line->kind, "programme")) {
        plan->document = line->document;
        return STATUS_OK;
    }
    return add(arena, plan, &(struct planned_definition){line->kind, line->code, line->document}, err);
}

enum status plan_read_lines(struct arena *arena, struct text lines, struct plan *plan, struct error *err)
{
    enum status status = STATUS_OK;
    size_t number = 0;
    for (size_t at = 0; at < lines.size && status == STATUS_OK;) {
        size_t end = at;
        while (end < lines.size && lines.bytes[end] != '\n')
            end++;
        struct text line = text_trim((struct text){lines.bytes + at, end - at});
        at = end + 1;
        number++;
        if (line.size > 0)
            status = read_line(arena, line, plan, err);
        if (status != STATUS_OK)
            error_add_context(err, "line %zu", number);
    }
    return status;
}

enum status plan_read_ready(struct arena *arena, struct text name, struct plan *plan, struct error *err)
{
    const struct ready_programme *programme;
    struct text lines;
    enum status status = ready_programme_find(name, &programme, err);
    if (status == STATUS_OK)
        status = ready_lines(arena, programme, READY_EN, &lines, err);
    return status == STATUS_OK ? plan_read_lines(arena, lines, plan, err) : status;
}

/* ---- drafts ---- */

static bool is_planned(const struct plan *plan, const struct definition_kind *kind, struct text code)
{
    for (size_t i = 0; i < plan->definition_count; i++)
        if (text_equal(plan->definitions[i].code, code) && (text_equals(plan->definitions[i].kind, kind->name) ||
                                                            text_equals(plan->definitions[i].kind, kind->plural)))
            return true;
    return false;
}

/* What has a draft in any of its states. */
static enum status read_drafts(struct storage_session *session, struct arena *arena, const struct definition_key *of,
                               struct plan *plan, struct error *err)
{
    struct definition_page page = {.after = *of, .filter = FILTER_ALL, .limit = PLAN_DEFINITIONS_MAX};
    size_t count = PLAN_DEFINITIONS_MAX;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && count == page.limit) {
        struct definition_record *records;
        status = definition_list(session, arena, &page, &records, &count, err);
        for (size_t i = 0; status == STATUS_OK && i < count; i++) {
            struct definition_record record;
            page.after.code = records[i].code;
            if (records[i].draft.state == DRAFT_NONE || is_planned(plan, of->kind, records[i].code))
                continue;
            status = definition_find(session, arena, &page.after, &record, err);
            if (status == STATUS_OK && record.draft.document.size > 0)
                status = add(
                    arena, plan,
                    &(struct planned_definition){text_from(of->kind->name), record.code, record.draft.document}, err);
        }
    }
    return status;
}

enum status plan_read_drafts(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                             int64_t now, struct plan *plan, struct error *err)
{
    const struct definition_key programme = {&programme_draft_kind, PROGRAMME_DRAFT_CODE, now};
    struct definition_record record;
    enum status status = definition_look(session, arena, set, &programme, &record, err);
    if (status == STATUS_OK && plan->document.size == 0)
        plan->document = record.draft.document;
    for (size_t i = 0; status == STATUS_OK && i < set->definitions->count; i++) {
        const struct definition_key of = {.kind = set->definitions->lists[i].kind, .now = now};
        status = read_drafts(session, arena, &of, plan, err);
    }
    return status;
}
