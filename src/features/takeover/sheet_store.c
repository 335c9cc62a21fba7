#include "features/takeover/sheet_store.h"

#include <string.h>

#include "queries.h"

enum { LINE_COLUMNS = 8, FILE_COLUMNS = 10, LINES_AT_ONCE = 4096, WRITE_ARENA_SIZE = 256 * 1024 * 1024 };

enum status migration_name_check(struct text name, struct error *err)
{
    bool valid = name.size > 0 && name.size <= MIGRATION_NAME_MAX;

    for (size_t i = 0; i < name.size; i++) {
        char c = name.bytes[i];
        valid &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                 c == '.';
    }
    return valid
               ? STATUS_OK
               : error_set(err, STATUS_INVALID, "migration.name", "migration",
                           "the name of a migration has 1 to %d letters, digits, dots and dashes", MIGRATION_NAME_MAX);
}

/* ---- files ---- */

struct file_list {
    struct arena *arena;
    struct takeover_file *files;
    size_t count, capacity;
};

static enum status receive_file(void *context, const struct storage_row *row, struct error *err)
{
    struct file_list *list = context;

    (void)err;
    list->files = arena_grow(list->arena, list->files, &list->capacity, list->count + 1, sizeof *list->files);
    list->files[list->count++] = (struct takeover_file){.migration = row_text_copy(row, 0, list->arena),
                                                        .source = row_text_copy(row, 1, list->arena),
                                                        .kind = row_text_copy(row, 2, list->arena),
                                                        .rows = row_integer(row, 3),
                                                        .imported = row_integer(row, 4),
                                                        .known = row_integer(row, 5),
                                                        .refused = row_integer(row, 6),
                                                        .registered = row_integer(row, 7),
                                                        .at = row_integer(row, 8),
                                                        .actor = row_text_copy(row, 9, list->arena),
                                                        .version = row_integer(row, 10)};
    return STATUS_OK;
}

enum status takeover_files(struct storage_session *session, struct arena *arena, struct text migration,
                           struct takeover_file **out, size_t *count, struct error *err)
{
    struct file_list list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_file, .context = &list};
    const struct storage_value values[] = {value_text(migration), value_integer(migration.size == 0)};
    enum status status = storage_run(session, &query_takeover_files, values, 1, &receiver, err);

    if (status != STATUS_OK)
        return status;
    *out = list.files;
    *count = list.count;
    return STATUS_OK;
}

static enum status put_lines(struct storage_session *session, struct arena *arena, const struct takeover_file *file,
                             const struct sheet *sheet, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t from = 0; from < sheet->count && status == STATUS_OK; from += LINES_AT_ONCE) {
        size_t count = sheet->count - from < LINES_AT_ONCE ? sheet->count - from : LINES_AT_ONCE;
        struct storage_value *values = arena_array(arena, count * LINE_COLUMNS, sizeof *values);
        for (size_t i = 0; i < count; i++) {
            const struct sheet_line *line = sheet->lines[from + i];
            const struct storage_value of[LINE_COLUMNS] = {
                value_text(file->migration),  value_text(file->source),  value_integer((int64_t)(from + i)),
                value_integer(line->measure), value_text(line->wallet),  value_text(line->store),
                value_text(line->month),      value_integer(line->value)};
            memcpy(&values[i * LINE_COLUMNS], of, sizeof of);
        }
        status = storage_run(session, &query_takeover_lines_put, values, count, NULL, err);
    }
    return status;
}

enum status takeover_file_put(struct storage_session *session, struct arena *arena, const struct takeover_file *file,
                              const struct sheet *lines, struct error *err)
{
    const struct storage_value key[] = {value_text(file->migration), value_text(file->source)};
    const struct storage_value values[FILE_COLUMNS] = {value_text(file->migration),   value_text(file->source),
                                                       value_text(file->kind),        value_integer(file->rows),
                                                       value_integer(file->imported), value_integer(file->known),
                                                       value_integer(file->refused),  value_integer(file->registered),
                                                       value_integer(file->at),       value_text(file->actor)};
    enum status status = storage_run(session, &query_takeover_file_put, values, 1, NULL, err);

    if (status == STATUS_OK)
        status = storage_run(session, &query_takeover_lines_delete, key, 1, NULL, err);
    return status == STATUS_OK && lines != NULL ? put_lines(session, arena, file, lines, err) : status;
}

enum status takeover_file_write(struct engine *engine, const struct takeover_file *file, const struct sheet *lines,
                                struct error *err)
{
    struct storage_session *session = NULL;
    struct arena *arena = arena_new(WRITE_ARENA_SIZE);

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory for the sheet");
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);
    if (status == STATUS_OK)
        status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = takeover_file_put(session, arena, file, lines, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    if (status != STATUS_OK && session != NULL)
        storage_rollback(session);
    storage_session_free(session);
    arena_free(arena);
    return status;
}

/* ---- theirs ---- */

struct telling {
    struct sheet *sheet;
    bool given;
    int files_with_holders; /* members may be in more than one file */
    int64_t holders;
};

static enum status receive_line(void *context, const struct storage_row *row, struct error *err)
{
    struct telling *telling = context;
    const struct sheet_line line = {.measure = (enum sheet_measure)row_integer(row, 0),
                                    .wallet = row_text(row, 1),
                                    .store = row_text(row, 2),
                                    .month = row_text(row, 3),
                                    .value = row_integer(row, 4)};

    (void)err;
    if (line.measure == SHEET_HOLDERS && !telling->given) {
        telling->files_with_holders++;
        telling->holders = line.value;
    } else {
        sheet_add(telling->sheet, &line);
    }
    return STATUS_OK;
}

enum status sheet_theirs(struct storage_session *session, struct text migration, struct sheet *out, bool *given,
                         struct error *err)
{
    struct telling telling = {.sheet = out};
    const struct storage_receiver receiver = {.row = receive_line, .context = &telling};
    enum status status = STATUS_OK;

    for (int hand = 1; hand >= 0 && status == STATUS_OK && out->count == 0; hand--) {
        const struct storage_value values[] = {value_text(migration), value_integer(hand)};
        telling.given = hand == 1;
        status = storage_run(session, &query_takeover_lines, values, 1, &receiver, err);
    }
    *given = telling.given;
    if (telling.files_with_holders == 1)
        sheet_add(out, &(struct sheet_line){.measure = SHEET_HOLDERS, .value = telling.holders});
    if (status == STATUS_OK && out->count == 0)
        return error_set(err, STATUS_MISSING, "migration.unknown", "migration",
                         "nothing is known of what the system before says: import balances, or give a sheet");
    return status;
}

/* ---- ours ---- */

struct counting {
    struct sheet *sheet;
    const struct zone *zone;
    int64_t expires_at; /* of the row before, whose month is `month` */
    char bytes[SHEET_MONTH_SIZE];
    struct text month;
};

static enum status receive_points(void *context, const struct storage_row *row, struct error *err)
{
    struct counting *counting = context;
    int64_t expires_at = row_integer(row, 2);

    (void)err;
    if (expires_at != counting->expires_at || counting->month.size == 0) {
        counting->expires_at = expires_at;
        counting->month = sheet_month(counting->zone, expires_at, counting->bytes);
    }
    sheet_add_lot(counting->sheet, row_text(row, 0), row_text(row, 1), counting->month, row_integer(row, 3));
    return STATUS_OK;
}

static enum status receive_debt(void *context, const struct storage_row *row, struct error *err)
{
    const struct counting *counting = context;

    (void)err;
    sheet_add(counting->sheet,
              &(struct sheet_line){.measure = SHEET_DEBT, .wallet = row_text(row, 0), .value = row_integer(row, 1)});
    return STATUS_OK;
}

static enum status receive_holders(void *context, const struct storage_row *row, struct error *err)
{
    const struct counting *counting = context;

    (void)err;
    sheet_add(counting->sheet, &(struct sheet_line){.measure = SHEET_HOLDERS, .value = row_integer(row, 0)});
    return STATUS_OK;
}

static enum status receive_members(void *context, const struct storage_row *row, struct error *err)
{
    const struct counting *counting = context;

    (void)err;
    sheet_add(counting->sheet, &(struct sheet_line){.measure = SHEET_MEMBERS, .value = row_integer(row, 0)});
    return STATUS_OK;
}

enum status sheet_ours(struct storage_session *session, const struct zone *zone, struct sheet *out, struct error *err)
{
    const struct {
        const struct storage_query *query;
        enum status (*row)(void *context, const struct storage_row *row, struct error *err);
    } reads[] = {{&query_takeover_points_now, receive_points},
                 {&query_takeover_debts_now, receive_debt},
                 {&query_takeover_holders_now, receive_holders},
                 {&query_takeover_members_now, receive_members}};
    struct counting counting = {.sheet = out, .zone = zone};
    enum status status = STATUS_OK;

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        for (size_t i = 0; i < sizeof reads / sizeof reads[0] && status == STATUS_OK; i++) {
            const struct storage_receiver receiver = {.row = reads[i].row, .context = &counting};
            const struct storage_value value = value_integer(bucket);
            status = storage_run(session, reads[i].query, &value, 1, &receiver, err);
        }
    return status;
}

/* The rows of balances that were refused when their files were last read. */
static enum status count_refused(struct storage_session *session, struct arena *arena, struct text migration,
                                 int64_t *refused, struct error *err)
{
    struct takeover_file *files;
    size_t count;
    enum status status = takeover_files(session, arena, migration, &files, &count, err);

    *refused = 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        if (text_equals(files[i].kind, "balances"))
            *refused += files[i].refused;
    return status;
}

enum status control_run(struct storage_session *session, struct arena *arena, const struct control_request *request,
                        struct control *out, struct error *err)
{
    struct sheet theirs, ours;
    bool given = request->theirs != NULL;
    int64_t refused = 0;
    enum status status = count_refused(session, arena, request->migration, &refused, err);

    sheet_start(&theirs, arena);
    sheet_start(&ours, arena);
    if (status == STATUS_OK && !given)
        status = sheet_theirs(session, request->migration, &theirs, &given, err);
    if (status == STATUS_OK)
        status = sheet_ours(session, request->programme->zone, &ours, err);
    if (status != STATUS_OK)
        return status;
    sheet_compare(arena, request->programme, request->theirs != NULL ? request->theirs : &theirs, &ours, given, out);
    out->refused = refused;
    return STATUS_OK;
}
