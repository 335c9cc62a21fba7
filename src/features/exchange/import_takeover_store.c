/* Imports of what is taken over from the system before. */
#include <stdlib.h>
#include <string.h>

#include "features/exchange/import_takeover.h"
#include "features/exchange/importer_store.h"
#include "features/takeover/sheet_store.h"
#include "foundation/clock.h"

enum { SHEET_ARENA_SIZE = 256 * 1024 * 1024, GROUP_ARENA_SIZE = 512 * 1024 * 1024 };

struct taking {
    struct sorter *by_member;
    struct arena *sheet_arena;
    struct arena *group; /* of one member's rows */
    struct sheet theirs; /* what the file says */
    int64_t holders;
};

enum status importer_taking_start(struct importer *run, struct error *err)
{
    struct taking *taking = calloc(1, sizeof *taking);

    if (taking == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to import with");
    run->taking = taking;
    taking->sheet_arena = arena_new(SHEET_ARENA_SIZE);
    taking->group = arena_new(GROUP_ARENA_SIZE);
    if (taking->sheet_arena == NULL || taking->group == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to import with");
    sheet_start(&taking->theirs, taking->sheet_arena);
    return sorter_new(SORTER_MEMORY_DEFAULT, &taking->by_member, err);
}

void importer_taking_release(struct importer *run)
{
    struct taking *taking = run->taking;

    if (taking == NULL)
        return;
    sorter_free(taking->by_member);
    arena_free(taking->sheet_arena);
    arena_free(taking->group);
    free(taking);
}

/* ---- what became of a command ---- */

static enum status refuse_row(struct importer *run, const struct takeover_row *row, enum status status,
                              const struct error *error, struct error *err)
{
    struct error copy = *error;

    return importer_pass_over(run, status, row->line, &copy, err);
}

static void count_row(struct importer *run, const struct command *command, const struct takeover_row *row)
{
    struct error error;

    if (row->result == TAKEOVER_NEW)
        run->counts->imported++;
    else if (row->result == TAKEOVER_KNOWN)
        run->counts->known++;
    else if (takeover_refusal(command, row, &error) != STATUS_OK)
        importer_refuse(run, row->line, &error);
}

enum status importer_taken_over(struct importer *run, const struct command *command, struct error *err)
{
    const struct takeover *takeover = command->body;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < takeover->row_count && status == STATUS_OK; i++)
        if (command->status == STATUS_OK)
            count_row(run, command, &takeover->rows[i]);
        else
            status = refuse_row(run, &takeover->rows[i], command->status, &command->error, err);
    run->counts->registered += command->status == STATUS_OK && takeover->registered;
    return status;
}

/* What the engine would say, without asking it. */
static enum status judge(struct importer *run, struct command *command, struct error *err)
{
    struct takeover *takeover = command->body;
    bool known = false;
    enum status status = dry_run_takeover(run->dry, run->reads, command, &known, err);

    if (status != STATUS_OK)
        return status;
    takeover->registered = !known && takeover->register_unknown;
    if (!known && !takeover->register_unknown)
        command->status = error_set(&command->error, STATUS_MISSING, "member.unknown", "external",
                                    "nobody is known by this identifier");
    return importer_taken_over(run, command, err);
}

static enum status take_command(struct importer *run, struct error *err)
{
    struct command *command = pipeline_command(run->pipeline);

    if (run->options->dry_run) {
        enum status status = judge(run, command, err);
        return status == STATUS_OK ? pipeline_skip(run->pipeline, err) : status;
    }
    command->actor = TEXT("import");
    return pipeline_add(run->pipeline, 0, err);
}

/* ---- rows ---- */

static enum status take_row(struct importer *run, const struct import_row *row, struct error *err)
{
    struct error error = {0};
    enum status status =
        import_takeover_build(&run->rules, pipeline_arena(run->pipeline), row, pipeline_command(run->pipeline), &error);

    if (status == STATUS_OK)
        return take_command(run, err);
    status = importer_pass_over(run, status, row->line, &error, err);
    return status == STATUS_OK ? pipeline_skip(run->pipeline, err) : status;
}

/* The member by whom rows are brought together: the first identifier of the row. */
static enum status member_key(struct importer *run, const struct import_row *row, struct text *out, struct error *err)
{
    struct command command = {.claims = arena_array(run->scratch, COMMAND_CLAIMS_MAX, sizeof *command.claims)};
    enum status status = import_claims(&run->rules, run->scratch, row, &command, err);

    if (status == STATUS_OK && command.claim_count == 0)
        return error_set(err, STATUS_INVALID, "import.no_identifier", "external", "the row names nobody");
    if (status != STATUS_OK)
        return status;
    *out = text_from(arena_format(run->scratch, "%s/%.*s", command.claims[0].kind, (int)command.claims[0].key.size,
                                  command.claims[0].key.bytes));
    return STATUS_OK;
}

/* What the file says counts as theirs, taken or not: the points of somebody unknown are missing here until they come. */
static void tell_sheet(struct importer *run, const struct taken_lot *lot)
{
    struct sheet *theirs = &run->taking->theirs;
    char bytes[SHEET_MONTH_SIZE];
    struct text month = sheet_month(run->rules.programme->zone, lot->expires_at, bytes);

    if (lot->points > 0)
        sheet_add_lot(theirs, lot->wallet, lot->store, month, lot->points);
    else if (lot->points < 0)
        sheet_add(theirs, &(struct sheet_line){.measure = SHEET_DEBT, .wallet = lot->wallet, .value = -lot->points});
}

static enum status sort_balance(struct importer *run, const struct import_row *row, struct error *err)
{
    struct error error = {0};
    struct builder payload = {.arena = run->scratch};
    struct text key;
    enum status status = member_key(run, row, &key, &error);

    if (status != STATUS_OK)
        return importer_pass_over(run, status, row->line, &error, err);
    import_row_pack(row, &payload);
    return sorter_add(run->taking->by_member, key, builder_done(&payload), err);
}

enum status importer_take_over(struct importer *run, const struct import_row *row, struct error *err)
{
    return run->taking != NULL ? sort_balance(run, row, err) : take_row(run, row, err);
}

/* ---- the rows of one member ---- */

struct member_rows {
    struct import_row first;
    struct import_lot *lots;
    size_t count, capacity;
    struct text key; /* whose; empty: nobody's yet */
    int64_t rows;    /* read so far, refused ones too */
};

static enum status add_lot(struct importer *run, struct member_rows *group, const struct import_row *row,
                           struct error *err)
{
    struct arena *arena = run->taking->group;
    struct import_lot lot;
    struct error error = {0};
    enum status status = import_lot_read(&run->rules, arena, row, &lot, &error);

    if (status == STATUS_OK && lot.over && !run->options->expired)
        status = error_set(&error, STATUS_CONFLICT, "migration.expired", "expires_at",
                           "the points were over before they were taken over");
    if (status != STATUS_OK)
        return importer_pass_over(run, status, row->line, &error, err);
    group->lots = arena_grow(arena, group->lots, &group->capacity, group->count + 1, sizeof *group->lots);
    group->lots[group->count++] = lot;
    return STATUS_OK;
}

/* Debts are paid from the lots of the same file, so that the order of its rows means nothing. */
static void net(struct importer *run, struct member_rows *group)
{
    struct taken_lot *lots = arena_array(run->taking->group, group->count + 1, sizeof *lots);
    bool any = false;

    for (size_t i = 0; i < group->count; i++)
        lots[i] = group->lots[i].lot;
    taken_lots_net(lots, group->count);
    for (size_t i = 0; i < group->count; i++) {
        group->lots[i].lot = lots[i];
        if (!group->lots[i].over) {
            tell_sheet(run, &lots[i]);
            any |= lots[i].points != 0;
        }
    }
    run->taking->holders += any;
}

static enum status take_lots(struct importer *run, const struct import_lots *lots, struct error *err)
{
    struct error error = {0};
    enum status status = import_balances_build(&run->rules, pipeline_arena(run->pipeline), lots,
                                               pipeline_command(run->pipeline), &error);

    if (status == STATUS_OK)
        return take_command(run, err);
    for (size_t i = 0; i < lots->count; i++) {
        struct error copy = error;
        enum status passed = importer_pass_over(run, status, lots->lots[i].line, &copy, err);
        if (passed != STATUS_OK)
            return passed;
    }
    return pipeline_skip(run->pipeline, err);
}

/* Rows of 0 points have nothing to take, but a member who has nothing else is registered by them. */
static size_t leave_empty_rows(struct importer *run, struct member_rows *group)
{
    size_t kept = 0;

    for (size_t i = 0; i < group->count; i++) {
        if (group->lots[i].lot.stated != 0)
            group->lots[kept++] = group->lots[i];
        else
            run->counts->known++;
    }
    return kept;
}

static enum status take_group(struct importer *run, struct member_rows *group, struct error *err)
{
    enum status status = STATUS_OK;

    if (group->count == 0)
        return STATUS_OK;
    net(run, group);
    size_t count = leave_empty_rows(run, group);
    for (size_t from = 0; (from < count || from == 0) && status == STATUS_OK; from += TAKEOVER_ROWS_MAX) {
        struct import_lots lots = {&group->first, &group->lots[from], count - from};
        if (lots.count > TAKEOVER_ROWS_MAX)
            lots.count = TAKEOVER_ROWS_MAX;
        if (lots.count > 0 || run->options->register_unknown)
            status = take_lots(run, &lots, err);
    }
    return status;
}

/* A row of somebody who has more of them than a member may have lots. */
static enum status refuse_excess(struct importer *run, struct text payload, struct error *err)
{
    struct import_row row;
    struct error error;

    import_row_unpack(payload, &row);
    error_set(&error, STATUS_LIMIT, "migration.lots", "points", "a member has at most %d lots", MEMBER_LOTS_MAX);
    return importer_pass_over(run, STATUS_LIMIT, row.line, &error, err);
}

enum status importer_take_members(struct importer *run, struct error *err)
{
    struct taking *taking = run->taking;
    struct member_rows group = {0};
    bool end = false;
    enum status status = sorter_finish(taking->by_member, err);

    for (int64_t done = 0; status == STATUS_OK && !run->stopped; done++) {
        struct text key, payload;
        struct import_row row;
        status = sorter_next(taking->by_member, &key, &payload, &end, err);
        if (status != STATUS_OK || end)
            break;
        if (group.key.size > 0 && !text_equal(key, group.key)) {
            status = take_group(run, &group, err);
            arena_reset(taking->group);
            group = (struct member_rows){0};
        }
        if (status == STATUS_OK && group.rows++ >= MEMBER_LOTS_MAX) {
            status = refuse_excess(run, payload, err);
            continue;
        }
        import_row_unpack(text_copy(taking->group, payload), &row);
        if (group.key.size == 0) {
            group.key = text_copy(taking->group, key);
            group.first = row;
        }
        if (status == STATUS_OK)
            status = add_lot(run, &group, &row, err);
        if (done % IMPORT_PROGRESS_ROWS == 0)
            importer_report(run);
    }
    return status == STATUS_OK && !run->stopped ? take_group(run, &group, err) : status;
}

/* ---- the file ---- */

enum status importer_taking_keep(struct importer *run, struct error *err)
{
    const struct import_options *options = run->options;
    struct sheet *theirs = run->taking != NULL ? &run->taking->theirs : NULL;
    const struct takeover_file file = {.migration =
                                           options->migration.size > 0 ? options->migration : TEXT(MIGRATION_DEFAULT),
                                       .source = options->source.size > 0 ? options->source : TEXT("file"),
                                       .kind = text_from(import_kind_name(options->mapping->kind)),
                                       .rows = run->counts->rows,
                                       .imported = run->counts->imported,
                                       .known = run->counts->known,
                                       .refused = run->counts->refused,
                                       .registered = run->counts->registered,
                                       .at = clock_now(engine_clock(run->engine)),
                                       .actor = options->actor.size > 0 ? options->actor : TEXT("command line")};

    if (theirs != NULL)
        sheet_add(theirs, &(struct sheet_line){.measure = SHEET_HOLDERS, .value = run->taking->holders});
    return takeover_file_write(run->engine, &file, theirs, err);
}
