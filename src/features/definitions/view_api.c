#include "features/definitions/view_api.h"

#include <string.h>

#include "features/definitions/definitions_api.h"
#include "features/definitions/plan_store.h"
#include "features/definitions/programme_draft_store.h"
#include "features/definitions/references_store.h"

enum { MISFITS_MAX = 20 }; /* told of each kind */

/* ---- which one ---- */

struct definition_key definition_call_key(const struct call *call)
{
    static const char prefix[] = "/v1/";
    const char *path = call->route->path + sizeof prefix - 1;
    const struct text plural = {path, strcspn(path, "/")};
    const struct definition_set *all = call->programmes->definitions;

    for (size_t i = 0; i < all->count; i++)
        if (text_equals(plural, all->lists[i].kind->plural))
            return (struct definition_key){all->lists[i].kind, call->parameters[0], call->now};
    return (struct definition_key){&programme_draft_kind, PROGRAMME_DRAFT_CODE, call->now};
}

/* ---- replies ---- */

static const struct field draft_fields[] = {
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = draft_state_names + DRAFT_OPEN},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "author", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Who saved it last."},
    {.name = "note", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "saved_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "reviewer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "reviewed_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "review_note", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "document", .type = FIELD_JSON_MAP, .maximum = PROGRAMME_DOCUMENT_MAX, .about = "Not in lists."},
};
static const struct shape draft_shape = {.name = "DefinitionDraft", SHAPE_FIELDS(draft_fields)};

static const struct field period_fields[] = {
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "until",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The first moment at which it is not in force; null: open."},
    {.name = "document", .type = FIELD_JSON_MAP, .maximum = PROGRAMME_DOCUMENT_MAX, .about = "Of what is in force."},
};
static const struct shape period_shape = {.name = "DefinitionPeriod", SHAPE_FIELDS(period_fields)};

static const struct field conflict_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Null: its draft."},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct shape conflict_shape = {.name = "DefinitionContradiction", SHAPE_FIELDS(conflict_fields)};

static const struct field namer_fields[] = {
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "field", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of its document, by path."},
};
static const struct shape namer_shape = {.name = "DefinitionNamer", SHAPE_FIELDS(namer_fields)};

#define ROW_FIELDS                                                                                                    \
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                                    \
        {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                                \
        {.name = "revision",                                                                                          \
         .type = FIELD_INTEGER,                                                                                       \
         .flags = FIELD_REQUIRED,                                                                                     \
         .about = "Raised by every change; the number in the ETag."},                                                 \
        {.name = "state",                                                                                             \
         .type = FIELD_CHOICE,                                                                                        \
         .flags = FIELD_REQUIRED,                                                                                     \
         .choices = definition_state_names,                                                                           \
         .about = "Of what is published; draft: never published."},                                                   \
        {.name = "versions", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "How many there are."},         \
        {.name = "draft", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .shape = &draft_shape},     \
        {.name = "in_force", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .shape = &period_shape}, \
    {                                                                                                                 \
        .name = "next", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .shape = &period_shape,       \
        .about = "The version that comes into force next."                                                            \
    }

static const struct field row_fields[] = {ROW_FIELDS};
const struct shape definition_row_shape = {
    .name = "DefinitionRow", .about = "A part of the programme in a list.", SHAPE_FIELDS(row_fields)};

static const struct field definition_fields[] = {
    ROW_FIELDS,
    {.name = "published", .type = FIELD_INTEGER, .about = "The number of the version that the request published."},
    {.name = "conflicts",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &conflict_shape,
     .about = "What it contradicts; of a request that saves, checks or publishes."},
    {.name = "warnings",
     .type = FIELD_LIST,
     .element = FIELD_TEXT,
     .about = "What the document leaves open and should not; as above."},
    {.name = "named_by",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &namer_shape,
     .about = "What is in force or to come and names it; of one definition."},
};
const struct shape definition_shape = {.name = "Definition",
                                       .about = "A part of the programme that is published by itself.",
                                       SHAPE_FIELDS(definition_fields)};

static const struct field version_fields[] = {
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "until",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The first moment at which it is not in force; the same as from: it never was."},
    {.name = "in_force", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "published_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "publisher", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "author", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "reviewer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "note", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "withdrawn_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "withdrawn_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "withdrawal_note", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "document", .type = FIELD_JSON_MAP, .flags = FIELD_REQUIRED, .maximum = DEFINITION_DOCUMENT_MAX},
};
const struct shape definition_version_shape = {
    .name = "DefinitionVersion", .about = "A published version, kept for ever.", SHAPE_FIELDS(version_fields)};

static void write_or_null(struct json_writer *writer, const char *name, struct text value)
{
    if (value.size > 0)
        writer_text(writer, name, value);
    else
        writer_null(writer, name);
}

static void write_draft(struct json_writer *writer, const struct definition_draft *draft, bool documents)
{
    if (draft->state == DRAFT_NONE) {
        writer_null(writer, "draft");
        return;
    }
    writer_object(writer, "draft");
    writer_string(writer, "state", draft_state_names[draft->state]);
    writer_text(writer, "name", draft->name);
    writer_text(writer, "author", draft->author);
    writer_text(writer, "note", draft->note);
    writer_instant(writer, "saved_at", draft->saved_at);
    write_or_null(writer, "reviewer", draft->reviewer);
    writer_instant(writer, "reviewed_at", draft->reviewed_at);
    writer_text(writer, "review_note", draft->review_note);
    if (documents)
        writer_raw(writer, "document", draft->document);
    writer_end(writer);
}

static void write_period(struct json_writer *writer, const char *name, const struct definition_period *period,
                         struct text document)
{
    if (period->from == 0 && period->until == 0) {
        writer_null(writer, name);
        return;
    }
    writer_object(writer, name);
    writer_integer(writer, "version", period->version);
    writer_instant(writer, "from", period->from);
    writer_instant(writer, "until", period->until);
    if (document.size > 0)
        writer_raw(writer, "document", document);
    writer_end(writer);
}

void definition_write(struct json_writer *writer, const struct definition_record *record, bool documents)
{
    writer_text(writer, "code", record->code);
    writer_text(writer, "name", record->name.size > 0 ? record->name : record->draft.name);
    writer_integer(writer, "revision", record->revision);
    writer_string(writer, "state", definition_state_names[definition_record_state(record)]);
    writer_integer(writer, "versions", record->versions);
    write_draft(writer, &record->draft, documents);
    write_period(writer, "in_force", &record->current, documents ? record->document : (struct text){NULL, 0});
    write_period(writer, "next", &record->next, (struct text){NULL, 0});
}

void definition_release_write(struct json_writer *writer, const struct definition_release *release, int64_t now)
{
    writer_integer(writer, "version", release->version);
    writer_instant(writer, "from", release->from);
    writer_instant(writer, "until", release->until);
    writer_boolean(writer, "in_force", release->from <= now && now < release->until);
    writer_instant(writer, "published_at", release->published_at);
    writer_text(writer, "publisher", release->publisher);
    writer_text(writer, "author", release->author);
    write_or_null(writer, "reviewer", release->reviewer);
    writer_text(writer, "note", release->note);
    writer_instant(writer, "withdrawn_at", release->withdrawn_at);
    write_or_null(writer, "withdrawn_by", release->withdrawn_by);
    writer_text(writer, "withdrawal_note", release->withdrawal_note);
    writer_raw(writer, "document", release->document);
}

struct text definition_text(struct arena *arena, const struct definition_key *key,
                            const struct definition_record *record)
{
    struct json_writer writer;

    if (record->revision == 0 || (record->versions == 0 && record->draft.state == DRAFT_NONE))
        return (struct text){NULL, 0};
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    writer_string(&writer, "kind", key->kind->name);
    definition_write(&writer, record, true);
    writer_end(&writer);
    return writer_done(&writer);
}

/* ---- what is to be said of a document ---- */

static void write_conflicts(struct json_writer *writer, const struct conflicts *conflicts)
{
    writer_list(writer, "conflicts");
    for (size_t i = 0; i < conflicts->count; i++) {
        const struct definition_conflict *conflict = &conflicts->items[i];
        writer_object(writer, NULL);
        writer_text(writer, "code", conflict->b->code);
        if (conflict->b->version != 0)
            writer_integer(writer, "version", conflict->b->version);
        else
            writer_null(writer, "version");
        writer_text(writer, "reason", conflict->reason);
        writer_end(writer);
    }
    writer_end(writer);
}

/* A part that is in force or to come, and could not be published under the new programme: it names what is gone there. */
static void write_misfits(struct json_writer *writer, const struct definition_plan *plan,
                          const struct definition_list *list, const struct programme *programme)
{
    struct definition_input input = {
        .arena = plan->arena, .programme = programme, .programmes = plan->set, .saving = true};
    size_t told = 0;

    for (size_t i = 0; i < list->count && told < MISFITS_MAX; i++) {
        const struct definition *one = &list->items[i];
        struct error problem = {0};
        const void *parsed;

        input.code = one->code;
        input.document = one->document;
        if (one->until <= plan->now || list->kind->parse(&input, &parsed, &problem) == STATUS_OK)
            continue;
        told++;
        writer_string(writer, NULL,
                      arena_format(plan->arena, "%s '%.*s' (version %lld) does not go with it: %s: %s",
                                   list->kind->name, (int)one->code.size, one->code.bytes, (long long)one->version,
                                   problem.field, problem.message));
    }
}

/* What it names and is not published: refused at its publication, but for what is loose. */
static enum status write_unnamed(struct storage_session *session, struct json_writer *writer,
                                 const struct definition_plan *plan, const struct definition *candidate,
                                 struct error *err)
{
    size_t count;
    struct reference_asked *asked = references_asked(plan->arena, plan->kind, candidate, &count);
    enum status status = references_resolve(session, plan->arena, asked, count, err);

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct text sentence;
        if (asked[i].found)
            continue;
        status = reference_sentence(session, plan->arena, &asked[i], &sentence, err);
        writer_string(
            writer, NULL,
            arena_format(plan->arena, "%s: %.*s", asked[i].reference.field, (int)sentence.size, sentence.bytes));
    }
    return status;
}

void definition_write_namers(struct call *call, struct json_writer *writer, const struct definition_key *key)
{
    const struct definition_named named = {key->kind, key->code, key->now};
    size_t count;
    const struct definition_namer *namers = definition_namers(call->arena, call->programmes, &named, &count);

    writer_list(writer, "named_by");
    for (size_t i = 0; i < count; i++) {
        writer_object(writer, NULL);
        writer_string(writer, "kind", namers[i].kind->name);
        writer_text(writer, "code", namers[i].definition->code);
        writer_integer(writer, "version", namers[i].definition->version);
        writer_string(writer, "field", namers[i].reference.field);
        writer_end(writer);
    }
    writer_end(writer);
}

static enum status write_warnings(struct call *call, struct storage_session *session, struct json_writer *writer,
                                  const struct definition_plan *plan, const struct definition *candidate,
                                  struct error *err)
{
    const struct definition_set *all = call->programmes->definitions;
    struct text *warnings = NULL;
    size_t count = 0;

    if (plan->kind == &programme_draft_kind)
        count = programme_warnings(call->arena, candidate->parsed, &warnings);
    writer_list(writer, "warnings");
    for (size_t i = 0; i < count; i++)
        writer_text(writer, NULL, warnings[i]);
    for (size_t i = 0; plan->kind == &programme_draft_kind && i < all->count; i++)
        write_misfits(writer, plan, &all->lists[i], candidate->parsed);
    enum status status = write_unnamed(session, writer, plan, candidate, err);
    writer_end(writer);
    return status;
}

enum status definition_write_findings(struct call *call, struct storage_session *session, struct json_writer *writer,
                                      const struct definition_kind *kind, const struct definition *candidate,
                                      struct error *err)
{
    struct arena *arena = arena_new(PLAN_ARENA_BYTES);
    struct definition_plan plan = {.arena = arena, .set = call->programmes, .kind = kind, .now = call->now};
    struct conflicts conflicts = {.arena = arena};

    if (arena == NULL)
        return error_set(err, STATUS_BUSY, "exchange.memory", "", "there is no memory to compare with");
    enum status status = definition_plan_read(session, &plan, err);
    if (status == STATUS_OK) {
        conflicts_with(&conflicts, kind, candidate, plan.items, plan.count);
        write_conflicts(writer, &conflicts);
        status = write_warnings(call, session, writer, &plan, candidate, err);
    }
    arena_free(arena);
    return status;
}
