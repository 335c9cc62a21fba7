#include "features/definitions/references_store.h"

#include <string.h>

#include "foundation/nearest.h"
#include "queries.h"

static enum status receive_found(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    ((struct reference_asked *)context)[row_integer(row, 0)].found = true;
    return STATUS_OK;
}

enum status references_resolve(struct storage_session *session, struct arena *arena, struct reference_asked *asked,
                               size_t count, struct error *err)
{
    enum { WIDTH = 5 };
    const struct storage_receiver receiver = {.row = receive_found, .context = asked};
    struct storage_value *values = arena_array(arena, WIDTH * count + 1, sizeof *values);
    size_t width = 0;

    for (size_t i = 0; i < count; i++) {
        values[width++] = value_integer((int64_t)i);
        values[width++] = value_string(asked[i].reference.kind);
        values[width++] = value_text(asked[i].reference.code);
        values[width++] = value_integer(asked[i].from);
        values[width++] = value_integer(asked[i].until);
    }
    return storage_run(session, &query_definitions_named, values, count, &receiver, err);
}

struct looking {
    struct arena *arena;
    struct nearest nearest;
};

static enum status receive_code(void *context, const struct storage_row *row, struct error *err)
{
    struct looking *looking = context;

    (void)err;
    nearest_try(&looking->nearest, text_copy(looking->arena, row_text(row, 0)));
    return STATUS_OK;
}

/* "coupon_series" is "coupon series" in a sentence. */
static const char *kind_words(struct arena *arena, const char *kind)
{
    char *words = arena_format(arena, "%s", kind);

    for (char *c = words; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    return words;
}

enum status reference_sentence(struct storage_session *session, struct arena *arena,
                               const struct reference_asked *asked, struct text *out, struct error *err)
{
    const struct definition_reference *reference = &asked->reference;
    struct looking looking = {arena, nearest_start(reference->code)};
    const struct storage_receiver receiver = {.row = receive_code, .context = &looking};
    const struct storage_value values[] = {value_string(reference->kind), value_integer(asked->from),
                                           value_integer(asked->until)};
    struct builder sentence = {.arena = arena};
    enum status status = storage_run(session, &query_definitions_codes, values, 1, &receiver, err);

    builder_format(&sentence, "there is no %s '%.*s' that is published for that time",
                   kind_words(arena, reference->kind), (int)reference->code.size, reference->code.bytes);
    if (looking.nearest.best.size > 0)
        builder_format(&sentence, "; did you mean '%.*s'?", (int)looking.nearest.best.size, looking.nearest.best.bytes);
    *out = builder_done(&sentence);
    return status;
}

enum status references_check(struct storage_session *session, struct arena *arena, struct reference_asked *asked,
                             size_t count, struct error *err)
{
    struct text sentence;
    enum status status = references_resolve(session, arena, asked, count, err);

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (asked[i].found || asked[i].reference.loose)
            continue;
        status = reference_sentence(session, arena, &asked[i], &sentence, err);
        if (status != STATUS_OK)
            return status;
        status = error_set(err, STATUS_INVALID, "definition.reference",
                           arena_format(arena, "document.%s", asked[i].reference.field), "%.*s", (int)sentence.size,
                           sentence.bytes);
        if (asked[i].line > 0)
            error_add_context(err, "line %d", asked[i].line);
    }
    return status;
}

struct reference_asked *references_asked(struct arena *arena, const struct definition_kind *kind,
                                         const struct definition *candidate, size_t *count)
{
    struct definition_references found = {.arena = arena};

    if (kind->references != NULL)
        kind->references(candidate->parsed, &found);
    struct reference_asked *asked = arena_array(arena, found.count + 1, sizeof *asked);
    for (size_t i = 0; i < found.count; i++)
        asked[i] = (struct reference_asked){found.items[i], candidate->from, candidate->until, 0, false};
    *count = found.count;
    return asked;
}
