/* What is different between two versions of a definition, over HTTP. */
#include <stddef.h>

#include "features/definitions/definitions_api.h"
#include "features/definitions/difference.h"
#include "features/definitions/programme_draft_store.h"
#include "features/definitions/view_api.h"

struct difference_query {
    struct text from, to;
};
static const struct field query_fields[] = {
    {.name = "from",
     .type = FIELD_TEXT,
     .offset = offsetof(struct difference_query, from),
     .maximum = 20,
     .about = "The number of a version, in_force (the default) or draft. What is not there counts as empty."},
    {.name = "to",
     .type = FIELD_TEXT,
     .offset = offsetof(struct difference_query, to),
     .maximum = 20,
     .about = "As from; the default is the draft."},
};
const struct shape difference_query_shape = {
    .name = "DifferenceQuery", .size = sizeof(struct difference_query), SHAPE_FIELDS(query_fields)};

static const struct field change_fields[] = {
    {.name = "path",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "As \"rules[base].points\" or \"steps[0]\"."},
    {.name = "before",
     .type = FIELD_JSON,
     .maximum = PROGRAMME_DOCUMENT_MAX,
     .about = "Left out when the field is not there."},
    {.name = "after", .type = FIELD_JSON, .maximum = PROGRAMME_DOCUMENT_MAX},
};
static const struct shape change_shape = {.name = "FieldDifference", SHAPE_FIELDS(change_fields)};
static const struct field difference_fields[] = {
    {.name = "from", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "to", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "changes", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &change_shape},
};
const struct shape difference_shape = {
    .name = "Difference", .about = "Two versions, field by field.", SHAPE_FIELDS(difference_fields)};

static enum status read_version(struct call *call, struct storage_session *session, const struct definition_key *key,
                                int64_t number, struct text *out, struct error *err)
{
    struct definition_release *found;
    size_t count;

    if (key->kind == &programme_draft_kind)
        return programme_draft_document(session, call->arena, number, out, err);
    const struct release_page page = {key, number + 1, 1};
    enum status status = definition_releases(session, call->arena, &page, &found, &count, err);
    if (status != STATUS_OK)
        return status;
    if (count == 0 || found[0].version != number)
        return error_set(err, STATUS_MISSING, "definition.version_unknown", "", "there is no version %lld",
                         (long long)number);
    *out = found[0].document;
    return STATUS_OK;
}

struct side {
    const char *name; /* "from" */
    struct text which;
    struct text document;
};

static enum status read_side(struct call *call, struct storage_session *session, const struct definition_key *key,
                             const struct definition_record *record, struct side *side, struct error *err)
{
    int64_t number;

    if (text_equals(side->which, "in_force"))
        side->document = record->document;
    else if (text_equals(side->which, "draft"))
        side->document = record->draft.document;
    else if (text_to_integer(side->which, &number) && number >= 0 && number <= DEFINITION_VERSIONS_MAX)
        return read_version(call, session, key, number, &side->document, err);
    else
        return error_set(err, STATUS_INVALID, "json.choice", side->name,
                         "the number of a version, 'in_force' or 'draft' is expected");
    return STATUS_OK;
}

static enum status read_sides(struct call *call, const struct definition_key *key, struct side *from, struct side *to,
                              struct error *err)
{
    struct definition_record record;
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = definition_look(session, call->arena, call->programmes, key, &record, err);
    if (status == STATUS_OK && record.revision == 0 && key->kind != &programme_draft_kind)
        status = definition_unknown(key, err);
    if (status == STATUS_OK)
        status = read_side(call, session, key, &record, from, err);
    if (status == STATUS_OK)
        status = read_side(call, session, key, &record, to, err);
    call_read_end(call, session);
    return status;
}

enum status definition_difference_handle(struct call *call, struct item *item, struct error *err)
{
    const struct difference_query *query = call->query;
    const struct definition_key key = definition_call_key(call);
    struct side from = {.name = "from", .which = query->from.size > 0 ? query->from : TEXT("in_force")};
    struct side to = {.name = "to", .which = query->to.size > 0 ? query->to : TEXT("draft")};
    struct difference *found;
    size_t count;
    enum status status = read_sides(call, &key, &from, &to, err);

    if (status == STATUS_OK)
        status = difference_find(call->arena, from.document, to.document, &found, &count, err);
    if (status != STATUS_OK)
        return status;
    writer_text(&item->writer, "from", from.which);
    writer_text(&item->writer, "to", to.which);
    writer_list(&item->writer, "changes");
    for (size_t i = 0; i < count; i++) {
        writer_object(&item->writer, NULL);
        writer_text(&item->writer, "path", found[i].path);
        if (found[i].before.size > 0)
            writer_raw(&item->writer, "before", found[i].before);
        if (found[i].after.size > 0)
            writer_raw(&item->writer, "after", found[i].after);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    return STATUS_OK;
}
