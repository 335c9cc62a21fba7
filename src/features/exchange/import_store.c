#include "features/exchange/import_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "features/customers/commands.h"
#include "features/customers/policy.h"
#include "features/exchange/import_member.h"
#include "features/exchange/import_reason.h"
#include "features/exchange/import_stay.h"
#include "features/exchange/importer_store.h"
#include "features/exchange/value.h"
#include "features/insight/churn_record.h"

enum { SCRATCH_SIZE = 64 * 1024 * 1024 };

void importer_refuse(struct importer *run, int64_t line, const struct error *error)
{
    struct import_problem problem = {line, error->field, error->code, error->message};
    run->counts->refused++;
    if (run->options->problem != NULL)
        run->options->problem(run->options->context, &problem);
}

void importer_report(struct importer *run)
{
    if (run->options->progress != NULL && !run->options->progress(run->options->context, reader_position(run->reader),
                                                                  reader_size(run->reader), run->counts))
        run->stopped = true;
}

enum status importer_pass_over(struct importer *run, enum status status, int64_t line, struct error *error,
                               struct error *err)
{
    if (status == STATUS_OK)
        return STATUS_OK;
    if (status == STATUS_IO || status == STATUS_BUSY) {
        if (err != NULL)
            *err = *error;
        return status;
    }
    importer_refuse(run, line, error);
    return STATUS_OK;
}

/* ---- what became of the commands ---- */

static enum status command_done(void *context, const struct command *command, int64_t line, struct error *err)
{
    struct importer *run = context;
    if (import_kind_taken_over(run->options->mapping->kind))
        return importer_taken_over(run, command, err);
    if (command->status == STATUS_CONFLICT && strcmp(command->error.code, "receipt.known") == 0) {
        run->counts->known++;
        return STATUS_OK;
    }
    if (command->status != STATUS_OK) {
        struct error error = command->error;
        return importer_pass_over(run, command->status, line, &error, err);
    }
    bool known = false;
    if (run->options->mapping->kind == IMPORT_PURCHASES) {
        const struct purchase *purchase = command->body;
        known = purchase->result.known;
        run->counts->registered += !known && purchase->result.registered;
    } else if (run->options->mapping->kind == IMPORT_STAYS) {
        known = ((const struct booking_work *)command->body)->result.known;
    } else if (run->options->mapping->kind == IMPORT_REASONS) {
        known = ((const struct churn_record *)command->body)->known;
    } else {
        known = ((const struct register_member *)command->body)->existed;
    }
    if (known)
        run->counts->known++;
    else
        run->counts->imported++;
    return STATUS_OK;
}

/* What the engine would say, without asking it. */
static enum status judge_dry(struct importer *run, const struct command *command, int64_t line, struct error *err)
{
    enum dry_verdict verdict = DRY_NEW;
    struct error error;
    bool stay = run->options->mapping->kind == IMPORT_STAYS;
    enum status status =
        stay ? dry_run_stay(run->dry, run->reads, command, &verdict, err)
             : dry_run_judge(run->dry, run->reads, command, run->options->register_unknown, &verdict, err);
    if (status != STATUS_OK)
        return status;
    switch (verdict) {
    case DRY_KNOWN:
        run->counts->known++;
        break;
    case DRY_REGISTERS:
        run->counts->registered++;
        run->counts->imported++;
        break;
    case DRY_NEW:
        run->counts->imported++;
        break;
    case DRY_UNKNOWN:
        error_set(&error, STATUS_MISSING, "member.unknown", "external",
                  run->options->mapping->kind == IMPORT_REASONS || stay
                      ? "nobody is known by this identifier"
                      : "nobody is known by this identifier: --register makes a member");
        importer_refuse(run, line, &error);
        break;
    }
    return STATUS_OK;
}

static enum status take_command(struct importer *run, enum status built, int64_t line, struct error *error,
                                struct error *err)
{
    struct command *command = pipeline_command(run->pipeline);
    if (built != STATUS_OK || run->options->dry_run) {
        enum status status =
            built != STATUS_OK ? importer_pass_over(run, built, line, error, err) : judge_dry(run, command, line, err);
        return status == STATUS_OK ? pipeline_skip(run->pipeline, err) : status;
    }
    command->actor = TEXT("import");
    return pipeline_add(run->pipeline, line, err);
}

/* ---- rows ---- */

static enum status take_purchase(struct importer *run, const struct import_row *rows, size_t count, struct error *err)
{
    assert(rows != NULL);
    struct error error = {0};
    struct import_rows all = {rows, count};
    enum status status = import_purchase_build(&run->rules, pipeline_arena(run->pipeline), &all,
                                               pipeline_command(run->pipeline), &error);
    return take_command(run, status, rows[0].line, &error, err);
}

static enum status take_member(struct importer *run, const struct import_row *row, struct error *err)
{
    struct error error = {0};
    enum status status =
        import_member_build(&run->rules, pipeline_arena(run->pipeline), row, pipeline_command(run->pipeline), &error);
    return take_command(run, status, row->line, &error, err);
}

static enum status take_reason(struct importer *run, const struct import_row *row, struct error *err)
{
    struct error error = {0};
    enum status status =
        import_reason_build(&run->rules, pipeline_arena(run->pipeline), row, pipeline_command(run->pipeline), &error);
    return take_command(run, status, row->line, &error, err);
}

static enum status take_stay(struct importer *run, const struct import_row *row, struct error *err)
{
    struct error error = {0};
    enum status status =
        import_stay_build(&run->rules, pipeline_arena(run->pipeline), row, pipeline_command(run->pipeline), &error);
    return take_command(run, status, row->line, &error, err);
}

static enum status write_items(struct importer *run, struct error *err)
{
    int64_t changed = 0;
    if (run->item_count == 0)
        return STATUS_OK;
    enum status status = STATUS_OK;
    if (!run->options->dry_run)
        status = items_write(run->engine, run->items, run->item_count, &changed, err);
    else
        changed = (int64_t)run->item_count;
    run->counts->imported += changed;
    run->counts->known += (int64_t)run->item_count - changed;
    run->item_count = 0;
    arena_reset(run->items_arena);
    return status;
}

/* Brand, cost and tax, as far as the file tells them. */
static enum status read_terms(const struct importer *run, const struct import_row *row, struct item_row *item,
                              struct error *err)
{
    bool comma = run->options->mapping->decimal_comma;
    enum status status = STATUS_OK;
    item->costed = row->values[IMPORT_COST].size > 0;
    item->taxed = row->values[IMPORT_TAX].size > 0;
    if (row->values[IMPORT_BRAND].size > CODE_SIZE_MAX)
        return error_set(err, STATUS_INVALID, "import.field_size", "brand", "the brand is too long");
    if (item->costed)
        status = number_parse(row->values[IMPORT_COST], comma, run->rules.programme->exponent, &item->cost, err);
    if (status == STATUS_OK && item->taxed)
        status = tax_rate_parse(row->values[IMPORT_TAX], comma, &item->tax, err);
    if (status == STATUS_OK && item->costed && item->cost < 0)
        return error_set(err, STATUS_INVALID, "purchase.negative", "unit_cost", "a cost is not negative");
    return status;
}

static enum status take_item(struct importer *run, const struct import_row *row, struct error *err)
{
    struct error error = {0};
    struct item_row *item = &run->items[run->item_count];
    enum status status = STATUS_OK;
    *item = (struct item_row){.price = -1};
    if (row->values[IMPORT_SKU].size == 0 || row->values[IMPORT_SKU].size > CODE_SIZE_MAX)
        status =
            error_set(&error, STATUS_INVALID, "import.field_size", "sku", "the row has no item number, or a long one");
    else if (row->values[IMPORT_CATEGORY].size > CODE_SIZE_MAX)
        status = error_set(&error, STATUS_INVALID, "import.field_size", "category", "the category is too long");
    else if (row->values[IMPORT_PRICE].size > 0)
        status = number_parse(row->values[IMPORT_PRICE], run->options->mapping->decimal_comma,
                              run->rules.programme->exponent, &item->price, &error);
    if (status == STATUS_OK)
        status = read_terms(run, row, item, &error);
    if (status != STATUS_OK)
        return importer_pass_over(run, status, row->line, &error, err);
    item->sku = text_copy(run->items_arena, row->values[IMPORT_SKU]);
    item->name = text_copy(run->items_arena, row->values[IMPORT_NAME]);
    item->category = text_copy(run->items_arena, row->values[IMPORT_CATEGORY]);
    item->brand = text_copy(run->items_arena, row->values[IMPORT_BRAND]);
    return ++run->item_count == IMPORT_ITEMS_BATCH ? write_items(run, err) : STATUS_OK;
}

/* ---- grouping by receipt ---- */

/* Big-endian with the sign turned, so that bytes sort as numbers do. */
static void time_key(int64_t at, struct builder *key)
{
    uint64_t number = (uint64_t)at ^ (UINT64_C(1) << 63);
    for (int shift = 56; shift >= 0; shift -= 8)
        builder_char(key, (char)(number >> shift));
}

static enum status sort_row(struct importer *run, const struct import_row *row, struct error *err)
{
    struct error error = {0};
    struct row_moment moment;
    struct builder payload = {.arena = run->scratch};
    struct builder key = {.arena = run->scratch};
    enum status status = import_row_moment(&run->rules, row, run->scratch, &moment, &error);
    if (status != STATUS_OK)
        return importer_pass_over(run, status, row->line, &error, err);
    import_row_pack(row, &payload);
    if (moment.receipt.size > 0)
        return sorter_add(run->by_receipt, moment.receipt, builder_done(&payload), err);
    time_key(moment.at, &key);
    builder_string(&key, row->key);
    return sorter_add(run->by_time, builder_done(&key), builder_done(&payload), err);
}

/* The rows of one receipt, from the first stage, go whole into the second, which sorts by time. */
static enum status sort_receipt(struct importer *run, const struct builder *rows, struct text receipt,
                                struct error *err)
{
    struct import_row first;
    struct row_moment moment;
    struct builder key = {.arena = run->scratch};
    if (rows->size == 0)
        return STATUS_OK;
    import_row_unpack(builder_done(rows), &first);
    enum status status = import_row_moment(&run->rules, &first, run->scratch, &moment, err);
    if (status != STATUS_OK)
        return status;
    time_key(moment.at, &key);
    builder_text(&key, receipt);
    return sorter_add(run->by_time, builder_done(&key), builder_done(rows), err);
}

static enum status regroup(struct importer *run, struct error *err)
{
    struct text receipt = {NULL, 0};
    struct builder rows = {.arena = run->scratch};
    bool end = false;
    arena_reset(run->scratch);
    enum status status = sorter_finish(run->by_receipt, err);
    while (status == STATUS_OK) {
        struct text key, payload;
        status = sorter_next(run->by_receipt, &key, &payload, &end, err);
        if (status != STATUS_OK || end)
            break;
        if (rows.size > 0 && !text_equal(key, receipt)) {
            status = sort_receipt(run, &rows, receipt, err);
            arena_reset(run->scratch);
            rows = (struct builder){.arena = run->scratch};
        }
        if (rows.size == 0)
            receipt = text_copy(run->scratch, key);
        if (rows.size + payload.size <= SORTER_RECORD_SIZE_MAX / 2)
            builder_text(&rows, payload);
    }
    if (status == STATUS_OK)
        status = sort_receipt(run, &rows, receipt, err);
    return status == STATUS_OK ? sorter_finish(run->by_time, err) : status;
}

static enum status take_groups(struct importer *run, struct error *err)
{
    bool end = false;
    enum status status = regroup(run, err);
    for (int64_t done = 0; status == STATUS_OK && !run->stopped; done++) {
        struct text key, payload;
        status = sorter_next(run->by_time, &key, &payload, &end, err);
        if (status != STATUS_OK || end)
            break;
        arena_reset(run->scratch);
        struct import_row *rows = NULL;
        size_t count = 0, capacity = 0, at = 0;
        while (at < payload.size) {
            rows = arena_grow(run->scratch, rows, &capacity, count + 1, sizeof *rows);
            at += import_row_unpack((struct text){payload.bytes + at, payload.size - at}, &rows[count++]);
        }
        status = take_purchase(run, rows, count, err);
        if (done % IMPORT_PROGRESS_ROWS == 0)
            importer_report(run);
    }
    return status;
}

/* ---- the file ---- */

static enum status resolve(struct importer *run, bool complete, struct error *err)
{
    size_t count = 0;
    const struct text *columns = reader_columns(run->reader, &count);
    if (count == run->resolved && !complete)
        return STATUS_OK;
    run->resolved = count;
    return mapping_resolve(run->options->mapping, columns, count, complete, err);
}

static enum status take_record(struct importer *run, const struct record *record, struct error *err)
{
    struct import_row row;
    struct error error = {0};
    enum status status = import_row_read(run->options->mapping, record, run->rows, &row, err);
    if (status != STATUS_OK)
        return status;
    if (run->options->admit != NULL && run->options->mapping->kind != IMPORT_REASONS)
        status = run->options->admit(run->options->context, &row.values[IMPORT_STORE], &error);
    if (status != STATUS_OK)
        return importer_pass_over(run, status, row.line, &error, err);
    switch (run->options->mapping->kind) {
    case IMPORT_MEMBERS:
        return take_member(run, &row, err);
    case IMPORT_ITEMS:
        return take_item(run, &row, err);
    case IMPORT_REASONS:
        return take_reason(run, &row, err);
    case IMPORT_BALANCES:
    case IMPORT_TIERS:
    case IMPORT_COUPONS:
    case IMPORT_ANSWERS:
    case IMPORT_CONSENTS:
        return importer_take_over(run, &row, err);
    case IMPORT_STAYS:
        return take_stay(run, &row, err);
    case IMPORT_PURCHASES:
    case IMPORT_KINDS:
        break;
    }
    return run->by_receipt != NULL ? sort_row(run, &row, err) : take_purchase(run, &row, 1, err);
}

static enum status read_all(struct importer *run, struct error *err)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !run->stopped) {
        struct record record;
        struct error error = {0};
        bool end = false;
        arena_reset(run->scratch);
        enum status read = reader_next(run->reader, &record, &end, &error);
        if (end)
            break;
        if (read != STATUS_OK) {
            status = importer_pass_over(run, read, read == STATUS_INVALID ? record.line : 0, &error, err);
            run->counts->rows++;
            continue;
        }
        run->counts->rows++;
        status = resolve(run, run->counts->rows == 1, err);
        if (status == STATUS_OK)
            status = take_record(run, &record, err);
        if (run->counts->rows % IMPORT_PROGRESS_ROWS == 0)
            importer_report(run);
    }
    return status;
}

/* ---- start and end ---- */

static enum status choose_reader(const struct import_options *options, struct arena *arena, struct reader_options *out,
                                 struct error *err)
{
    const struct mapping *mapping = options->mapping;
    *out = (struct reader_options){.path = options->path};
    if (text_equals(mapping->format, "csv"))
        out->format = READER_CSV;
    else if (text_equals(mapping->format, "blank"))
        out->format = READER_BLANK;
    else if (text_equals(mapping->format, "json") || text_equals(mapping->format, "jsonl"))
        out->format = READER_JSON;
    else if (mapping->format.size > 0 && !text_equals(mapping->format, "auto"))
        return error_set(err, STATUS_INVALID, "import.format", "format", "the format is csv, blank or jsonl");
    if (text_equals(mapping->header, "yes"))
        out->header = READER_HEADER_YES;
    else if (text_equals(mapping->header, "no"))
        out->header = READER_HEADER_NO;
    else if (mapping->header.size > 0 && !text_equals(mapping->header, "auto"))
        return error_set(err, STATUS_INVALID, "import.header", "header", "the header is yes, no or auto");
    if (mapping->encoding.size > 0)
        out->encoding = text_string(arena, mapping->encoding);
    if (text_equals(mapping->delimiter, "tab") || text_equals(mapping->delimiter, "\\t"))
        out->delimiter = '\t';
    else if (mapping->delimiter.size == 1)
        out->delimiter = mapping->delimiter.bytes[0];
    else if (mapping->delimiter.size > 0)
        return error_set(err, STATUS_INVALID, "import.delimiter", "delimiter",
                         "the delimiter is one character, or tab");
    if (mapping->column_names.size > 0)
        out->columns = text_string(arena, mapping->column_names);
    return STATUS_OK;
}

static enum status start_rules(struct importer *run, struct error *err)
{
    int64_t now = clock_now(engine_clock(run->engine));
    run->configuration = engine_configuration(run->engine);
    const struct programme_set *set = run->configuration.programmes;
    run->rules = (struct import_rules){.mapping = run->options->mapping,
                                       .programmes = set,
                                       .programme = programme_at(set, now),
                                       .region = customers_policy_at(set, now).region,
                                       .register_unknown = run->options->register_unknown,
                                       .rounded = &run->counts->rounded,
                                       .now = now};
    run->rules.zone = run->rules.programme->zone;
    if (run->options->mapping->zone.size > 0)
        return zone_load(run->settings, run->options->mapping->zone, &run->rules.zone, err);
    return STATUS_OK;
}

static enum status start(struct importer *run, struct error *err)
{
    struct reader_options reader;
    struct pipeline_receiver receiver = {command_done, run};
    run->settings = arena_new(SCRATCH_SIZE);
    run->scratch = arena_new(SCRATCH_SIZE);
    run->items_arena = arena_new(SCRATCH_SIZE);
    run->rows = row_counts_new();
    if (run->settings == NULL || run->scratch == NULL || run->items_arena == NULL || run->rows == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to import with");
    enum status status = choose_reader(run->options, run->settings, &reader, err);
    if (status == STATUS_OK)
        status = start_rules(run, err);
    if (status == STATUS_OK)
        status = reader_open(&reader, &run->reader, err);
    if (status == STATUS_OK)
        status = pipeline_new(run->engine, &receiver, &run->pipeline, err);
    if (status != STATUS_OK || !run->options->dry_run)
        return status;
    run->dry = dry_run_new(engine_seal_key(run->engine));
    if (run->dry == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to import with");
    return engine_read_begin(run->engine, &run->reads, err);
}

/* Rows are grouped when the file says which receipt they belong to, unless each row is a purchase of its own. */
static enum status start_grouping(struct importer *run, struct error *err)
{
    struct mapping *mapping = run->options->mapping;
    size_t count = 0;
    reader_columns(run->reader, &count);
    if (count > 0) {
        enum status status = resolve(run, true, err);
        if (status != STATUS_OK)
            return status;
    }
    if (mapping->kind == IMPORT_BALANCES)
        return importer_taking_start(run, err);
    bool receipts = mapping->columns[IMPORT_RECEIPT] >= 0 || mapping->names[IMPORT_RECEIPT].size > 0 || count == 0;
    if (mapping->kind != IMPORT_PURCHASES || mapping->group == GROUP_NONE ||
        (mapping->group == GROUP_AUTO && !receipts))
        return STATUS_OK;
    enum status status = sorter_new(SORTER_MEMORY_DEFAULT, &run->by_receipt, err);
    return status == STATUS_OK ? sorter_new(SORTER_MEMORY_DEFAULT, &run->by_time, err) : status;
}

static void release(struct importer *run)
{
    pipeline_free(run->pipeline);
    dry_run_free(run->dry);
    if (run->reads != NULL)
        engine_read_end(run->engine, run->reads);
    if (run->configuration.handle != NULL)
        engine_configuration_release(run->engine, run->configuration);
    reader_close(run->reader);
    row_counts_free(run->rows);
    sorter_free(run->by_receipt);
    sorter_free(run->by_time);
    importer_taking_release(run);
    arena_free(run->settings);
    arena_free(run->scratch);
    arena_free(run->items_arena);
    free(run);
}

static enum status run_through(struct importer *run, struct error *err)
{
    enum status status = start(run, err);
    if (status == STATUS_OK)
        status = start_grouping(run, err);
    if (status == STATUS_OK)
        status = read_all(run, err);
    if (status == STATUS_OK && run->by_receipt != NULL && !run->stopped)
        status = take_groups(run, err);
    if (status == STATUS_OK && run->taking != NULL && !run->stopped)
        status = importer_take_members(run, err);
    if (status == STATUS_OK)
        status = write_items(run, err);
    if (status == STATUS_OK && run->pipeline != NULL)
        status = pipeline_finish(run->pipeline, err);
    if (status == STATUS_OK)
        importer_report(run);
    if (status == STATUS_OK && import_kind_taken_over(run->options->mapping->kind) && !run->options->dry_run &&
        !run->stopped)
        status = importer_taking_keep(run, err);
    return status;
}

static enum status run_once(struct engine *engine, const struct import_options *options, struct import_counts *counts,
                            struct error *err)
{
    struct importer *run = calloc(1, sizeof *run);
    if (run == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to import with");
    run->engine = engine;
    run->options = options;
    run->counts = counts;
    *counts = (struct import_counts){0};
    enum status status = run_through(run, err);
    release(run);
    return status;
}

enum status import_run(struct engine *engine, const struct import_options *options, struct import_counts *counts,
                       struct error *err)
{
    if (!options->strict || options->dry_run)
        return run_once(engine, options, counts, err);
    if (strcmp(options->path, "-") == 0)
        return error_set(err, STATUS_INVALID, "import.strict", "strict",
                         "a strict import reads the file twice: standard input cannot be");
    struct import_options trial = *options;
    struct mapping fresh = *options->mapping; /* resolved by each run */
    trial.dry_run = true;
    enum status status = run_once(engine, &trial, counts, err);
    if (status != STATUS_OK)
        return status;
    if (counts->refused > 0)
        return error_set(err, STATUS_CONFLICT, "import.strict", "strict",
                         "nothing was imported: %lld rows would be refused", (long long)counts->refused);
    *options->mapping = fresh;
    return run_once(engine, options, counts, err);
}
