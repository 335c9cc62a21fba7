#include "features/library/library_api.h"

#include <stddef.h>

#include "api/page.h"
#include "features/definitions/feature_api.h"
#include "features/definitions/view_api.h"

enum { LINES_BYTES_MAX = 1 << 20 };

/* ---- what is asked ---- */

struct ready_query {
    int language;
};
#define LANGUAGE_FIELD(structure)                                                                                  \
    {                                                                                                              \
        .name = "language", .type = FIELD_CHOICE, .flags = FIELD_DEFAULT, .offset = offsetof(structure, language), \
        .choices = ready_languages, .fallback = READY_EN,                                                          \
    }
static const struct field query_fields[] = {LANGUAGE_FIELD(struct ready_query)};
const struct shape ready_query_shape = {
    .name = "ReadyQuery", .size = sizeof(struct ready_query), SHAPE_FIELDS(query_fields)};

struct ready_publication {
    int language;
    bool replace, check;
};
static const struct field publication_fields[] = {
    LANGUAGE_FIELD(struct ready_publication),
    {.name = "replace",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct ready_publication, replace),
     .about = "Although a programme is published already."},
    {.name = "check",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct ready_publication, check),
     .about = "Only check it; nothing is saved."},
};
const struct shape ready_publication_body_shape = {
    .name = "ReadyPublication", .size = sizeof(struct ready_publication), SHAPE_FIELDS(publication_fields)};

/* ---- what is told ---- */

#define SUMMARY_FIELDS                                                                                \
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                    \
    {                                                                                                 \
        .name = "about", .type = FIELD_JSON_MAP, .flags = FIELD_REQUIRED, .maximum = LINES_BYTES_MAX, \
        .about = "Title, for whom, and what it costs of 100 of sales."                                \
    }
static const struct field summary_fields[] = {SUMMARY_FIELDS};
const struct shape ready_summary_shape = {.name = "ReadySummary", SHAPE_FIELDS(summary_fields)};
static const struct field programme_fields[] = {
    SUMMARY_FIELDS,
    {.name = "terms", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "For members, as Markdown."},
    {.name = "receipt", .type = FIELD_JSON_MAP, .flags = FIELD_REQUIRED, .maximum = LINES_BYTES_MAX},
    {.name = "document", .type = FIELD_JSON_MAP, .flags = FIELD_REQUIRED, .maximum = LINES_BYTES_MAX},
    {.name = "lines",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "The programme and its parts as POST /v1/definitions/file takes them."},
};
const struct shape ready_programme_shape = {.name = "ReadyProgramme", SHAPE_FIELDS(programme_fields)};

static enum status write_summary(struct json_writer *writer, struct arena *arena,
                                 const struct ready_programme *programme, enum ready_language language,
                                 struct error *err)
{
    struct text about;
    enum status status = ready_text(arena, programme->about, language, &about, err);
    writer_string(writer, "name", programme->name);
    if (status == STATUS_OK)
        writer_raw(writer, "about", about);
    return status;
}

enum status ready_write(struct json_writer *writer, struct arena *arena, const struct ready_programme *programme,
                        enum ready_language language, struct error *err)
{
    struct text receipt, document, lines;
    enum status status = write_summary(writer, arena, programme, language, err);
    if (status == STATUS_OK)
        status = ready_text(arena, programme->receipt, language, &receipt, err);
    if (status == STATUS_OK)
        status = ready_text(arena, programme->programme, language, &document, err);
    if (status == STATUS_OK)
        status = ready_lines(arena, programme, language, &lines, err);
    if (status != STATUS_OK)
        return status;
    writer_text(writer, "terms", programme->terms[language]);
    writer_raw(writer, "receipt", receipt);
    writer_raw(writer, "document", document);
    writer_text(writer, "lines", lines);
    return STATUS_OK;
}

enum status ready_list(struct call *call, struct item *item, struct error *err)
{
    const struct ready_query *query = call->query;
    enum status status = STATUS_OK;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < ready_programme_count && status == STATUS_OK; i++) {
        writer_object(&item->writer, NULL);
        status =
            write_summary(&item->writer, call->arena, &ready_programmes[i], (enum ready_language)query->language, err);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return status;
}

enum status ready_get(struct call *call, struct item *item, struct error *err)
{
    const struct ready_query *query = call->query;
    const struct ready_programme *programme;
    enum status status = ready_programme_find(call->parameters[0], &programme, err);
    return status == STATUS_OK
               ? ready_write(&item->writer, call->arena, programme, (enum ready_language)query->language, err)
               : status;
}

/* ---- loading ---- */

enum status ready_check_replace(const struct programme_set *set, int64_t now, bool replace, struct error *err)
{
    if (replace || programme_at(set, now)->version == 0)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "programme.published", "replace",
                     "version %lld of the programme is in force, and would be replaced: say so",
                     (long long)programme_at(set, now)->version);
}

enum status ready_publish(struct call *call, struct item *item, struct error *err)
{
    const struct ready_publication *body = item->body;
    const struct ready_programme *programme;
    struct text lines;
    enum status status = ready_programme_find(call->parameters[0], &programme, err);
    if (status == STATUS_OK)
        status = ready_check_replace(call->programmes, call->now, body->replace || body->check, err);
    if (status == STATUS_OK)
        status = ready_lines(call->arena, programme, (enum ready_language)body->language, &lines, err);
    if (status != STATUS_OK)
        return status;
    const struct definition_lines given = {.text = lines,
                                           .note = text_from(arena_format(call->arena, "ready: %s", programme->name)),
                                           .check = body->check};
    return definitions_import_lines(call, item, &given, err);
}
