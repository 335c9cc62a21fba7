#include "features/definitions/transfer_store.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "features/definitions/programme_draft_store.h"
#include "features/definitions/references_store.h"
#include "features/programme/programme_store.h"
#include "foundation/instant.h"
#include "foundation/map.h"
#include "queries.h"

/* ---- out ---- */

struct writing {
    struct arena *arena;
    struct builder lines;
    const char *kind;
    int64_t now;
};

static void set_text(json_t *line, const char *name, struct text value)
{
    if (value.size > 0)
        json_object_set_new(line, name, json_stringn(value.bytes, value.size));
}

static void set_instant(json_t *line, const char *name, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    json_object_set_new(line, name, json_string(instant_format(at, text)));
}

/* Takes `line`; the document goes last, as it stands. */
static enum status write_line(struct writing *writing, json_t *line, struct text document, struct error *err)
{
    json_t *value = json_loadb(document.bytes, document.size, 0, NULL);

    json_object_set_new(line, "document", value);
    char *text = json_dumps(line, JSON_COMPACT);
    builder_string(&writing->lines, text != NULL ? text : "{}");
    builder_char(&writing->lines, '\n');
    free(text);
    json_decref(line);
    if (writing->lines.size > TRANSFER_BYTES_MAX)
        return error_set(err, STATUS_LIMIT, "definition.lines", "", "the file would have more than %d bytes",
                         TRANSFER_BYTES_MAX);
    return STATUS_OK;
}

static json_t *start_line(const struct writing *writing, struct text code)
{
    json_t *line = json_pack("{s:s}", "kind", writing->kind);

    set_text(line, "code", code);
    return line;
}

static enum status receive_version(void *context, const struct storage_row *row, struct error *err)
{
    struct writing *writing = context;
    json_t *line = start_line(writing, row_text(row, 0));

    if (row_integer(row, 1) > writing->now)
        set_instant(line, "effective_at", row_integer(row, 1));
    if (row_integer(row, 2) != INSTANT_NEVER)
        set_instant(line, "until", row_integer(row, 2));
    set_text(line, "note", row_text(row, 3));
    return write_line(writing, line, row_text(row, 4), err);
}

static enum status receive_draft(void *context, const struct storage_row *row, struct error *err)
{
    struct writing *writing = context;
    json_t *line = start_line(writing, row_text(row, 0));

    json_object_set_new(line, "draft", json_true());
    return write_line(writing, line, row_text(row, 1), err);
}

enum status definitions_export(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                               int64_t now, struct text *out, struct error *err)
{
    struct writing writing = {.arena = arena, .lines = {.arena = arena}, .now = now};
    const struct storage_receiver versions = {.row = receive_version, .context = &writing};
    const struct storage_receiver drafts = {.row = receive_draft, .context = &writing};

    writing.kind = programme_draft_kind.name;
    enum status status =
        write_line(&writing, start_line(&writing, (struct text){NULL, 0}), programme_at(set, now)->source, err);
    for (size_t i = 0; i < set->definitions->count && status == STATUS_OK; i++) {
        writing.kind = set->definitions->lists[i].kind->name;
        const struct storage_value live[] = {value_string(writing.kind), value_integer(now)};
        const struct storage_value all[] = {value_string(writing.kind), value_integer(DEFINITIONS_MAX)};
        status = storage_run(session, &query_definitions_live, live, 1, &versions, err);
        if (status == STATUS_OK)
            status = storage_run(session, &query_definitions_drafts, all, 1, &drafts, err);
    }
    *out = builder_done(&writing.lines);
    return status;
}

/* ---- in ---- */

struct importing {
    struct storage_session *session;
    const struct definition_transfer *transfer;
    struct definition_transferred *result;
    struct programme_set set;      /* with the programme of the file */
    struct arena *kept;            /* as long as the import */
    struct arena *line_arena;      /* as long as a line */
    struct reference_asked *named; /* by what the file publishes */
    size_t named_count, named_capacity;
    struct map
        *brought; /* what the file publishes, by kind and code; of a check alone: nothing of it is in the database */
    int number;   /* of the line */
};

struct line {
    const struct definition_kind *kind;
    struct text code, note, document;
    int64_t effective_at, until;
    bool draft;
};

static enum status refuse_line(struct error *err, const char *field, const char *sentence)
{
    return error_set(err, STATUS_INVALID, "definition.line", field, "%s", sentence);
}

static const struct definition_kind *find_kind(const struct programme_set *set, const char *name)
{
    if (strcmp(name, programme_draft_kind.name) == 0)
        return &programme_draft_kind;
    for (size_t i = 0; i < set->definitions->count; i++)
        if (strcmp(set->definitions->lists[i].kind->name, name) == 0 ||
            strcmp(set->definitions->lists[i].kind->plural, name) == 0)
            return set->definitions->lists[i].kind;
    return NULL;
}

static enum status check_names(json_t *root, struct error *err)
{
    static const char *const names[] = {"kind", "code", "document", "note", "effective_at", "until", "draft", NULL};
    const char *key;
    json_t *value;

    json_object_foreach(root, key, value)
    {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], key) != 0)
            i++;
        if (names[i] == NULL)
            return error_set(err, STATUS_INVALID, "definition.line", key, "there is no field '%.40s' here", key);
    }
    return STATUS_OK;
}

static bool read_instant(const json_t *root, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(root, name);

    return value == NULL || (json_is_string(value) &&
                             instant_parse((struct text){json_string_value(value), json_string_length(value)}, out));
}

static enum status read_fields(const struct importing *importing, json_t *root, struct line *line, struct error *err)
{
    const char *kind = json_string_value(json_object_get(root, "kind"));
    const char *code = json_string_value(json_object_get(root, "code"));
    const char *note = json_string_value(json_object_get(root, "note"));
    const json_t *document = json_object_get(root, "document");

    if (!json_is_object(root) || kind == NULL || !json_is_object(document))
        return refuse_line(err, "", "a line is an object with a kind and a document");
    enum status status = check_names(root, err);
    if (status != STATUS_OK)
        return status;
    line->kind = find_kind(&importing->set, kind);
    if (line->kind == NULL)
        return error_set(err, STATUS_INVALID, "definition.line", "kind", "there is no kind '%.40s'", kind);
    if (!read_instant(root, "effective_at", &line->effective_at) || !read_instant(root, "until", &line->until))
        return refuse_line(err, "effective_at", "an RFC 3339 time is expected");
    line->code =
        line->kind == &programme_draft_kind ? PROGRAMME_DRAFT_CODE : text_copy(importing->line_arena, text_from(code));
    line->note = note != NULL ? text_copy(importing->line_arena, text_from(note)) : importing->transfer->note;
    line->draft = importing->transfer->drafts || json_is_true(json_object_get(root, "draft"));
    char *text = json_dumps(document, JSON_COMPACT);
    line->document = text_copy(importing->line_arena, text_from(text));
    free(text);
    return STATUS_OK;
}

static enum status read_line(const struct importing *importing, struct text bytes, struct line *line, struct error *err)
{
    json_error_t problem;
    json_t *root = json_loadb(bytes.bytes, bytes.size, JSON_REJECT_DUPLICATES, &problem);

    *line = (struct line){.kind = NULL};
    if (root == NULL)
        return error_set(err, STATUS_INVALID, "definition.line", "", "column %d: %s", problem.column, problem.text);
    enum status status = read_fields(importing, root, line, err);
    json_decref(root);
    return status;
}

static bool is_same(struct text a, struct text b)
{
    json_t *left = json_loadb(a.bytes, a.size, 0, NULL), *right = json_loadb(b.bytes, b.size, 0, NULL);
    bool same = left != NULL && right != NULL && json_equal(left, right);

    json_decref(left);
    json_decref(right);
    return same;
}

/* Whether the line says what is in force anyway. */
static enum status is_in_force(const struct importing *importing, const struct line *line, bool *out, struct error *err)
{
    const struct definition_key key = {line->kind, line->code, importing->transfer->now};
    struct definition_record record = {.document = {NULL, 0}};
    enum status status = STATUS_OK;

    *out = false;
    if (line->draft || line->effective_at > importing->transfer->now)
        return STATUS_OK;
    if (line->kind == &programme_draft_kind) {
        const struct programme *current = programme_at(importing->transfer->set, importing->transfer->now);
        *out = current->version > 0 && is_same(current->source, line->document);
        return STATUS_OK;
    }
    status = definition_find(importing->session, importing->line_arena, &key, &record, err);
    *out = status == STATUS_OK && record.current.version != 0 &&
           record.current.until == (line->until != 0 ? line->until : INSTANT_NEVER) &&
           is_same(record.document, line->document);
    return status;
}

/* The documents that follow are read with the programme that goes before them. */
static void add_programme(struct importing *importing, const struct definition *candidate)
{
    struct programme_set *set = &importing->set;
    struct programme *versions = arena_array(importing->kept, set->version_count + 1, sizeof *versions);
    struct programme added;
    size_t at = 0;

    /* Parsed anew, because the line's memory goes with the line. */
    if (programme_parse(importing->kept, candidate->document, &added, NULL) != STATUS_OK)
        return;
    added.effective_at = candidate->from;
    while (at < set->version_count && set->versions[at].effective_at <= candidate->from)
        at++;
    for (size_t i = 0; i <= set->version_count; i++)
        versions[i] = i < at ? set->versions[i] : i == at ? added : set->versions[i - 1];
    set->versions = versions;
    set->version_count++;
}

static struct text brought_key(struct arena *arena, const char *kind, struct text code)
{
    return text_from(arena_format(arena, "%s/%.*s", kind, (int)code.size, code.bytes));
}

/* What a line names may stand in a later line: it is asked for at the end. */
static void keep_names(struct importing *importing, const struct line *line, const struct definition *candidate)
{
    size_t count;
    const struct reference_asked *asked = references_asked(importing->line_arena, line->kind, candidate, &count);

    for (size_t i = 0; i < count; i++) {
        importing->named = arena_grow(importing->kept, importing->named, &importing->named_capacity,
                                      importing->named_count + 1, sizeof *importing->named);
        struct reference_asked *kept = &importing->named[importing->named_count++];
        *kept = asked[i];
        kept->line = importing->number;
        kept->reference.code = text_copy(importing->kept, asked[i].reference.code);
        kept->reference.field = arena_format(importing->kept, "%s", asked[i].reference.field);
    }
    if (importing->transfer->check)
        map_put(importing->brought, brought_key(importing->kept, line->kind->name, line->code), importing);
}

static enum status check_names_of_all(struct importing *importing, struct error *err)
{
    size_t count = 0;

    arena_reset(importing->line_arena);
    for (size_t i = 0; i < importing->named_count; i++) {
        const struct definition_reference *reference = &importing->named[i].reference;
        if (map_get(importing->brought, brought_key(importing->line_arena, reference->kind, reference->code)) == NULL)
            importing->named[count++] = importing->named[i];
    }
    return references_check(importing->session, importing->kept, importing->named, count, err);
}

static enum status bring_line(struct importing *importing, const struct line *line, struct error *err)
{
    const struct definition_transfer *transfer = importing->transfer;
    struct definition_change change = {
        .action = DEFINITION_SAVE,
        .kind = line->kind,
        .code = line->code,
        .now = transfer->now,
        .actor = transfer->actor,
        .note = line->note,
        .document = line->document,
        .publish = !line->draft,
        .without_review = transfer->without_review,
        .names_later = true,
        .at = line->effective_at > importing->result->at ? line->effective_at : importing->result->at,
        .until = line->until,
        .programmes = &importing->set,
        .arena = importing->line_arena,
    };
    struct definition_changed changed = {.version = 0};
    const void *parsed;
    bool same;
    enum status status = is_in_force(importing, line, &same, err);

    if (status != STATUS_OK)
        return status;
    if (same) {
        importing->result->unchanged++;
        return STATUS_OK;
    }
    if (transfer->check) {
        status = definition_check(&change, &parsed, err);
        changed.candidate = definition_candidate(&change, parsed);
    } else {
        status = definition_apply(importing->session, &change, &changed, err);
        if (status == STATUS_OK && transfer->changed != NULL)
            status = transfer->changed(transfer->context, &change, &changed, err);
    }
    if (status != STATUS_OK)
        return status;
    *(line->draft ? &importing->result->drafts : &importing->result->published) += 1;
    if (line->kind == &programme_draft_kind)
        add_programme(importing, &changed.candidate);
    else if (!line->draft)
        keep_names(importing, line, &changed.candidate);
    return STATUS_OK;
}

static enum status bring_lines(struct importing *importing, struct error *err)
{
    struct text rest = importing->transfer->lines;
    enum status status = STATUS_OK;

    for (int number = 1; rest.size > 0 && status == STATUS_OK; number++) {
        const char *end = memchr(rest.bytes, '\n', rest.size);
        struct text bytes = {rest.bytes, end != NULL ? (size_t)(end - rest.bytes) : rest.size};
        size_t taken = bytes.size + (end != NULL);
        struct line line;

        rest = (struct text){rest.bytes + taken, rest.size - taken};
        if (text_trim(bytes).size == 0)
            continue;
        if (number > TRANSFER_LINES_MAX)
            return error_set(err, STATUS_LIMIT, "definition.lines", "", "a file has at most %d lines",
                             TRANSFER_LINES_MAX);
        importing->number = number;
        arena_reset(importing->line_arena);
        status = read_line(importing, bytes, &line, err);
        if (status == STATUS_OK)
            status = bring_line(importing, &line, err);
        if (status != STATUS_OK)
            error_add_context(err, "line %d", number);
    }
    return status;
}

static size_t count_lines(struct text lines)
{
    size_t count = 1;

    for (size_t i = 0; i < lines.size; i++)
        count += lines.bytes[i] == '\n';
    return count;
}

enum status definitions_import(struct storage_session *session, const struct definition_transfer *transfer,
                               struct definition_transferred *out, struct error *err)
{
    enum { ARENA_BYTES = 256 << 20, LINES_A_SECOND = 500 };
    struct definition_transferred result = {.published = 0};
    struct importing importing = {.session = session,
                                  .transfer = transfer,
                                  .result = &result,
                                  .set = *transfer->set,
                                  .kept = arena_new(ARENA_BYTES),
                                  .line_arena = arena_new(ARENA_BYTES)};
    enum status status = STATUS_OK;

    /* All of it takes effect at once, and not before a large file is in. */
    result.at =
        transfer->now + PUBLICATION_AHEAD + (int64_t)(count_lines(transfer->lines) / LINES_A_SECOND) * INSTANT_SECOND;
    if (importing.kept == NULL || importing.line_arena == NULL)
        status = error_set(err, STATUS_BUSY, "exchange.memory", "", "there is no memory to import with");
    if (status == STATUS_OK) {
        importing.brought = map_new(importing.kept, 16);
        status = bring_lines(&importing, err);
    }
    if (status == STATUS_OK)
        status = check_names_of_all(&importing, err);
    arena_free(importing.kept);
    arena_free(importing.line_arena);
    if (status == STATUS_OK)
        *out = result;
    return status;
}
