/* Migrations over HTTP: their files, the sheet given by hand, and the control sheet. */
#include <stddef.h>

#include "api/page.h"
#include "features/takeover/sheet_store.h"
#include "features/takeover/takeover_api.h"

enum { CONTROL_ARENA_SIZE = 256 * 1024 * 1024 };

/* ---- files ---- */

static const struct field migration_file_fields[] = {
    {.name = "migration", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "source",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The name of the file; null: the sheet given by hand."},
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "balances, tiers ... or control."},
    {.name = "rows", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "imported", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "known", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "refused", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "registered", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED, .about = "When it was last read."},
    {.name = "actor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
const struct shape migration_file_shape = {.name = "MigrationFile",
                                           .about = "A file of a migration, as it was last read.",
                                           SHAPE_FIELDS(migration_file_fields)};

static void write_file(struct json_writer *writer, const struct takeover_file *file)
{
    writer_object(writer, NULL);
    writer_text(writer, "migration", file->migration);
    if (file->source.size > 0)
        writer_text(writer, "source", file->source);
    else
        writer_null(writer, "source");
    writer_text(writer, "kind", file->kind);
    writer_integer(writer, "rows", file->rows);
    writer_integer(writer, "imported", file->imported);
    writer_integer(writer, "known", file->known);
    writer_integer(writer, "refused", file->refused);
    writer_integer(writer, "registered", file->registered);
    writer_instant(writer, "at", file->at);
    writer_text(writer, "actor", file->actor);
    writer_integer(writer, "version", file->version);
    writer_end(writer);
}

enum status migrations_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct takeover_file *files;
    size_t count;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = takeover_files(session, call->arena, (struct text){NULL, 0}, &files, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++)
        write_file(&item->writer, &files[i]);
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* ---- the sheet given by hand ---- */

struct line_input {
    struct text measure, wallet, store, month, value;
};
static const struct field line_input_fields[] = {
    {.name = "measure",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct line_input, measure),
     .maximum = CODE_SIZE_MAX,
     .about = "members, members_with_points, points, debt or liability."},
    {.name = "wallet",
     .type = FIELD_TEXT,
     .offset = offsetof(struct line_input, wallet),
     .maximum = CODE_SIZE_MAX,
     .about = "All accounts when absent."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct line_input, store),
     .maximum = CODE_SIZE_MAX,
     .about = "All stores when absent; - for points that no store issued."},
    {.name = "month",
     .type = FIELD_TEXT,
     .offset = offsetof(struct line_input, month),
     .maximum = SHEET_MONTH_SIZE,
     .about = "Of the last day with the points, as 2026-12, or never; all when absent."},
    {.name = "value",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct line_input, value),
     .maximum = MONEY_TEXT_SIZE,
     .about = "A whole number; of liability a decimal of the programme's currency."},
};
static const struct shape line_input_shape = {
    .name = "ControlLineInput", .size = sizeof(struct line_input), SHAPE_FIELDS(line_input_fields)};

struct sheet_input {
    struct json_list lines;
};
static const struct field sheet_input_fields[] = {
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct sheet_input, lines),
     .maximum = SHEET_GIVEN_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_input_shape,
     .about = "What the system before says; an empty list gives the sheet up again."},
};
const struct shape sheet_input_shape = {
    .name = "ControlSheetInput", .size = sizeof(struct sheet_input), SHAPE_FIELDS(sheet_input_fields)};
static const struct field sheet_kept_fields[] = {
    {.name = "migration", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "lines", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
const struct shape sheet_kept_shape = {
    .name = "ControlSheetKept", .about = "What the system before says is known.", SHAPE_FIELDS(sheet_kept_fields)};

static enum status read_lines(const struct call *call, const struct sheet_input *input, struct sheet *sheet,
                              struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    const struct line_input *lines = input->lines.items;

    sheet_start(sheet, call->arena);
    for (size_t i = 0; i < input->lines.count; i++) {
        const struct sheet_text text = {lines[i].measure, lines[i].wallet, lines[i].store, lines[i].month,
                                        lines[i].value};
        struct sheet_line line;
        enum status status = sheet_line_read(programme, &text, &line, err);
        if (status != STATUS_OK)
            return status;
        sheet_add(sheet, &line);
    }
    return STATUS_OK;
}

/* The sheet's version must be that of If-Match; its version afterwards in `*version`. */
static enum status check_version(struct call *call, struct storage_session *session, struct text migration,
                                 int64_t *version, struct error *err)
{
    struct takeover_file *files;
    int64_t wanted = 0;
    size_t count;
    enum status status = call_if_match(call, &wanted, err);

    *version = 0;
    if (status == STATUS_OK)
        status = takeover_files(session, call->arena, migration, &files, &count, err);
    if (status != STATUS_OK)
        return status;
    if (count > 0 && files[0].source.size == 0)
        *version = files[0].version;
    if (wanted != 0 && wanted != *version)
        return error_set(err, STATUS_STALE, "migration.stale", "If-Match", "the sheet was changed meanwhile");
    ++*version;
    return STATUS_OK;
}

enum status sheet_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct sheet_input *input = item->body;
    struct takeover_file file = {.migration = call->parameters[0],
                                 .kind = TEXT("control"),
                                 .rows = (int64_t)input->lines.count,
                                 .imported = (int64_t)input->lines.count,
                                 .at = call->now,
                                 .actor = call->actor};
    struct storage_session *session;
    struct sheet sheet;
    enum status status = migration_name_check(file.migration, err);

    if (status == STATUS_OK)
        status = read_lines(call, input, &sheet, err);
    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = check_version(call, session, file.migration, &item->etag, err);
    if (status == STATUS_OK)
        status = takeover_file_put(session, call->arena, &file, &sheet, err);
    if (status == STATUS_OK)
        status = call_audit(call, "migration.sheet_set", 0, (struct text){NULL, 0},
                            text_from(arena_format(call->arena, "{\"lines\":%zu}", sheet.count)), err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    writer_text(&item->writer, "migration", file.migration);
    writer_integer(&item->writer, "lines", (int64_t)sheet.count);
    return call_write_commit(call, session, err);
}

/* ---- the control sheet ---- */

static const char *const measure_names[] = {"members", "members_with_points", "points", "debt", "liability", NULL};
static const struct field control_line_fields[] = {
    {.name = "measure", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = measure_names},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "theirs",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Members or points; of liability minor units of the currency."},
    {.name = "ours", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "difference", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "ours - theirs"},
};
static const struct shape control_line_shape = {.name = "ControlLine", SHAPE_FIELDS(control_line_fields)};
static const struct field control_fields[] = {
    {.name = "migration", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "zero", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "No line has a difference."},
    {.name = "currency", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of liability."},
    {.name = "refused",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Rows of balances that were refused when their files were last read."},
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &control_line_shape},
};
const struct shape control_shape = {.name = "Control",
                                    .about = "What the system before says, what there is here, and the difference.",
                                    SHAPE_FIELDS(control_fields)};

static void write_part(struct json_writer *writer, const char *name, struct text part)
{
    if (part.size > 0)
        writer_text(writer, name, part);
    else
        writer_null(writer, name);
}

static void write_control(struct json_writer *writer, const struct control *control)
{
    writer_list(writer, "lines");
    for (size_t i = 0; i < control->count; i++) {
        const struct control_line *line = &control->lines[i];
        writer_object(writer, NULL);
        writer_string(writer, "measure", sheet_measure_name(line->of.measure));
        write_part(writer, "wallet", line->of.wallet);
        write_part(writer, "store", line->of.store);
        write_part(writer, "month", line->of.month);
        writer_integer(writer, "theirs", line->of.value);
        writer_integer(writer, "ours", line->ours);
        writer_integer(writer, "difference", line->difference);
        writer_end(writer);
    }
    writer_end(writer);
}

enum status control_handle(struct call *call, struct item *item, struct error *err)
{
    const struct control_request request = {.migration = call->parameters[0],
                                            .programme = programme_at(call->programmes, call->now)};
    struct arena *arena = arena_new(CONTROL_ARENA_SIZE);
    struct storage_session *session;
    struct control control;

    if (arena == NULL)
        return error_set(err, STATUS_BUSY, "exchange.memory", "", "there is no memory for the sheet");
    enum status status = call_read_begin(call, &session, err);
    if (status == STATUS_OK) {
        status = control_run(session, arena, &request, &control, err);
        call_read_end(call, session);
    }
    if (status == STATUS_OK) {
        writer_text(&item->writer, "migration", request.migration);
        writer_boolean(&item->writer, "zero", control.zero);
        writer_string(&item->writer, "currency", request.programme->currency);
        writer_integer(&item->writer, "refused", control.refused);
        write_control(&item->writer, &control);
    }
    arena_free(arena);
    return status;
}
