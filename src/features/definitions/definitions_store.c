#include "features/definitions/definitions_store.h"

#include "foundation/instant.h"
#include "queries.h"

static struct storage_value kind_of(const struct definition_key *key)
{
    return value_string(key->kind->name);
}

/* ---- a definition ---- */

enum definition_state definition_record_state(const struct definition_record *record)
{
    if (record->current.version != 0)
        return DEFINITION_IN_FORCE;
    if (record->next.version != 0)
        return DEFINITION_SCHEDULED;
    if (record->versions == 0)
        return DEFINITION_DRAFT;
    return record->withdrawn ? DEFINITION_WITHDRAWN : DEFINITION_ENDED;
}

enum status definition_unknown(const struct definition_key *key, struct error *err)
{
    return error_set(err, STATUS_MISSING, "definition.unknown", "", "there is no %s '%.*s'", key->kind->name,
                     (int)(key->code.size < CODE_SIZE_MAX ? key->code.size : CODE_SIZE_MAX), key->code.bytes);
}

static struct definition_record read_record(const struct storage_row *row, struct arena *arena)
{
    enum { DRAFT_DOCUMENT = 19, DOCUMENT = 20 };
    struct definition_record record = {
        .code = row_text_copy(row, 0, arena),
        .name = row_text_copy(row, 1, arena),
        .revision = row_integer(row, 2),
        .versions = row_integer(row, 3),
        .withdrawn = row_integer(row, 4) != 0,
        .draft = {.state = (enum draft_state)row_integer(row, 5),
                  .name = row_text_copy(row, 6, arena),
                  .author = row_text_copy(row, 7, arena),
                  .note = row_text_copy(row, 8, arena),
                  .saved_at = row_integer(row, 9),
                  .reviewer = row_text_copy(row, 10, arena),
                  .review_note = row_text_copy(row, 11, arena),
                  .reviewed_at = row_integer(row, 12)},
        .current = {row_integer(row, 13), row_integer(row, 14), row_integer(row, 15)},
        .next = {row_integer(row, 16), row_integer(row, 17), row_integer(row, 18)},
    };

    if (row->count > DOCUMENT) {
        record.draft.document = row_text_copy(row, DRAFT_DOCUMENT, arena);
        record.document = row_text_copy(row, DOCUMENT, arena);
    }
    return record;
}

struct records {
    struct arena *arena;
    struct definition_record *items;
    size_t count, capacity;
};

static enum status receive_record(void *context, const struct storage_row *row, struct error *err)
{
    struct records *records = context;

    (void)err;
    records->items =
        arena_grow(records->arena, records->items, &records->capacity, records->count + 1, sizeof *records->items);
    records->items[records->count++] = read_record(row, records->arena);
    return STATUS_OK;
}

enum status definition_find(struct storage_session *session, struct arena *arena, const struct definition_key *key,
                            struct definition_record *out, struct error *err)
{
    struct records records = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_record, .context = &records};
    const struct storage_value values[] = {kind_of(key), value_text(key->code), value_integer(key->now)};
    enum status status = storage_run(session, &query_definitions_find, values, 1, &receiver, err);

    if (status != STATUS_OK)
        return status;
    *out = records.count > 0 ? records.items[0] : (struct definition_record){.code = key->code};
    return STATUS_OK;
}

enum status definition_list(struct storage_session *session, struct arena *arena, const struct definition_page *page,
                            struct definition_record **out, size_t *count, struct error *err)
{
    struct records records = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_record, .context = &records};
    const struct storage_value values[] = {kind_of(&page->after), value_text(page->after.code),
                                           value_integer(page->after.now), value_integer(page->filter),
                                           value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, &query_definitions_page, values, 1, &receiver, err);

    *out = records.items;
    *count = records.count;
    return status;
}

enum status definition_turn(struct storage_session *session, struct error *err)
{
    return storage_run(session, &query_definitions_turn_take, NULL, 1, NULL, err);
}

enum status definition_put(struct storage_session *session, const struct definition_key *key,
                           const struct definition_record *record, struct error *err)
{
    const struct definition_draft *draft = &record->draft;
    const struct storage_value values[] = {
        kind_of(key),
        value_text(record->code),
        value_text(record->name),
        value_integer(record->revision),
        value_integer(record->versions),
        value_integer(record->withdrawn),
        value_integer(draft->state),
        value_text(draft->name),
        value_text(draft->document),
        value_text(draft->author),
        value_text(draft->note),
        value_integer(draft->saved_at),
        value_text(draft->reviewer),
        value_text(draft->review_note),
        value_integer(draft->reviewed_at),
    };

    return storage_run(session, &query_definitions_put, values, 1, NULL, err);
}

enum status definition_drop(struct storage_session *session, const struct definition_key *key, struct error *err)
{
    const struct storage_value values[] = {kind_of(key), value_text(key->code)};

    return storage_run(session, &query_definitions_drop, values, 1, NULL, err);
}

/* ---- versions ---- */

struct releases {
    struct arena *arena;
    struct definition_release *items;
    size_t count, capacity;
};

static enum status receive_release(void *context, const struct storage_row *row, struct error *err)
{
    struct releases *releases = context;
    struct arena *arena = releases->arena;

    (void)err;
    releases->items =
        arena_grow(arena, releases->items, &releases->capacity, releases->count + 1, sizeof *releases->items);
    releases->items[releases->count++] = (struct definition_release){.version = row_integer(row, 0),
                                                                     .from = row_integer(row, 1),
                                                                     .ends_at = row_integer(row, 2),
                                                                     .until = row_integer(row, 3),
                                                                     .published_at = row_integer(row, 4),
                                                                     .publisher = row_text_copy(row, 5, arena),
                                                                     .author = row_text_copy(row, 6, arena),
                                                                     .reviewer = row_text_copy(row, 7, arena),
                                                                     .note = row_text_copy(row, 8, arena),
                                                                     .withdrawn_at = row_integer(row, 9),
                                                                     .withdrawn_by = row_text_copy(row, 10, arena),
                                                                     .withdrawal_note = row_text_copy(row, 11, arena),
                                                                     .document = row_text_copy(row, 12, arena)};
    return STATUS_OK;
}

enum status definition_releases(struct storage_session *session, struct arena *arena, const struct release_page *page,
                                struct definition_release **out, size_t *count, struct error *err)
{
    struct releases releases = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_release, .context = &releases};
    const struct storage_value values[] = {kind_of(page->key), value_text(page->key->code), value_integer(page->before),
                                           value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, &query_definitions_versions, values, 1, &receiver, err);

    *out = releases.items;
    *count = releases.count;
    return status;
}

struct spans {
    struct arena *arena;
    struct definition_span *items;
    size_t count, capacity;
};

static enum status receive_span(void *context, const struct storage_row *row, struct error *err)
{
    struct spans *spans = context;

    (void)err;
    spans->items = arena_grow(spans->arena, spans->items, &spans->capacity, spans->count + 1, sizeof *spans->items);
    spans->items[spans->count++] =
        (struct definition_span){row_integer(row, 0), row_integer(row, 1), row_integer(row, 2), row_integer(row, 3)};
    return STATUS_OK;
}

static enum status read_spans(struct storage_session *session, const struct definition_key *key, struct spans *out,
                              struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_span, .context = out};
    const struct storage_value values[] = {kind_of(key), value_text(key->code)};

    return storage_run(session, &query_definitions_spans, values, 1, &receiver, err);
}

/* Writes `until` where it is not as it was in `before`. */
static enum status write_untils(struct storage_session *session, const struct definition_key *key,
                                const struct spans *spans, const struct definition_span *before, struct error *err)
{
    enum { COLUMNS = 4 };
    struct storage_value *values = arena_array(spans->arena, spans->count * COLUMNS, sizeof *values);
    size_t count = 0;

    for (size_t i = 0; i < spans->count; i++) {
        if (spans->items[i].until == before[i].until)
            continue;
        struct storage_value *row = &values[count++ * COLUMNS];
        row[0] = kind_of(key);
        row[1] = value_text(key->code);
        row[2] = value_integer(spans->items[i].version);
        row[3] = value_integer(spans->items[i].until);
    }
    return storage_run(session, &query_definitions_version_until, values, count, NULL, err);
}

static enum status write_ends(struct storage_session *session, const struct definition_key *key,
                              const struct spans *spans, const struct definition_span *before,
                              const struct definition_end *end, struct error *err)
{
    enum { COLUMNS = 7 };
    struct storage_value *values = arena_array(spans->arena, spans->count * COLUMNS, sizeof *values);
    size_t count = 0;

    for (size_t i = 0; i < spans->count; i++) {
        if (spans->items[i].ends_at == before[i].ends_at)
            continue;
        struct storage_value *row = &values[count++ * COLUMNS];
        row[0] = kind_of(key);
        row[1] = value_text(key->code);
        row[2] = value_integer(spans->items[i].version);
        row[3] = value_integer(spans->items[i].ends_at);
        row[4] = value_integer(key->now);
        row[5] = value_text(end->actor);
        row[6] = value_text(end->note);
    }
    return storage_run(session, &query_definitions_version_end, values, count, NULL, err);
}

static struct definition_span *copy_spans(const struct spans *spans)
{
    struct definition_span *copy = arena_array(spans->arena, spans->count + 1, sizeof *copy);

    for (size_t i = 0; i < spans->count; i++)
        copy[i] = spans->items[i];
    return copy;
}

enum status definition_release_add(struct storage_session *session, struct arena *arena,
                                   const struct definition_key *key, const struct definition_release *release,
                                   struct error *err)
{
    struct spans spans = {.arena = arena};
    const struct storage_value values[] = {
        kind_of(key),
        value_text(key->code),
        value_integer(release->version),
        value_integer(release->from),
        value_integer(release->ends_at),
        value_integer(release->published_at),
        value_text(release->publisher),
        value_text(release->author),
        value_text(release->reviewer),
        value_text(release->note),
        value_text(release->document),
    };
    enum status status = storage_run(session, &query_definitions_version_add, values, 1, NULL, err);

    if (status == STATUS_OK)
        status = read_spans(session, key, &spans, err);
    if (status != STATUS_OK)
        return status;
    const struct definition_span *before = copy_spans(&spans);
    definition_spans(spans.items, spans.count);
    status = write_untils(session, key, &spans, before, err);
    return status == STATUS_OK ? storage_run(session, &query_definitions_epoch_bump, NULL, 1, NULL, err) : status;
}

enum status definition_release_end(struct storage_session *session, struct arena *arena,
                                   const struct definition_key *key, const struct definition_end *end, bool *left,
                                   struct error *err)
{
    struct spans spans = {.arena = arena};
    enum status status = read_spans(session, key, &spans, err);

    if (status != STATUS_OK)
        return status;
    const struct definition_span *before = copy_spans(&spans);
    if (!definition_spans_end(spans.items, spans.count, end->version, end->at))
        return error_set(err, STATUS_CONFLICT, "definition.state", "", "nothing of it is in force at that time");
    *left = false;
    for (size_t i = 0; i < spans.count; i++)
        *left = *left || (spans.items[i].until > end->at && spans.items[i].until > spans.items[i].from);
    status = write_ends(session, key, &spans, before, end, err);
    if (status == STATUS_OK)
        status = write_untils(session, key, &spans, before, err);
    return status == STATUS_OK ? storage_run(session, &query_definitions_epoch_bump, NULL, 1, NULL, err) : status;
}
