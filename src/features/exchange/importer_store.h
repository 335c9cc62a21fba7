/* importer_store.h: an import under way, between the files that do it: import_store.c and import_takeover_store.c. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORTER_STORE_H
#define PATRON_FEATURES_EXCHANGE_IMPORTER_STORE_H

#include "features/exchange/dry_run_store.h"
#include "features/exchange/import_purchase.h"
#include "features/exchange/import_row.h"
#include "features/exchange/import_store.h"
#include "features/exchange/pipeline_store.h"
#include "features/exchange/sorter.h"

enum { IMPORT_ITEMS_BATCH = 1000, IMPORT_PROGRESS_ROWS = 1024 };

struct taking; /* import_takeover_store.c */

struct importer {
    const struct import_options *options;
    struct engine *engine;
    struct import_counts *counts;
    struct configuration configuration;
    struct import_rules rules;
    struct reader *reader;
    struct row_counts *rows;
    struct pipeline *pipeline;
    struct arena *settings;        /* lives as long as the run */
    struct arena *scratch;         /* of one row or receipt */
    struct storage_session *reads; /* of a dry run */
    struct dry_run *dry;
    struct sorter *by_receipt, *by_time;
    struct taking *taking; /* of balances */
    struct item_row items[IMPORT_ITEMS_BATCH];
    struct arena *items_arena;
    size_t item_count;
    size_t resolved; /* columns known when the mapping was last resolved */
    bool stopped;
};

void importer_refuse(struct importer *run, int64_t line, const struct error *error);
void importer_report(struct importer *run);
/* A fault of one row is told and passed over; any other ends the import. */
enum status importer_pass_over(struct importer *run, enum status status, int64_t line, struct error *error,
                               struct error *err);

/* ---- rows taken over (import_takeover_store.c) ---- */

/* Balances are sorted by member first; the others are taken as they come. */
enum status importer_taking_start(struct importer *run, struct error *err);
void importer_taking_release(struct importer *run);
enum status importer_take_over(struct importer *run, const struct import_row *row, struct error *err);
/* After the last row: the members of balances, one after the other. */
enum status importer_take_members(struct importer *run, struct error *err);
/* What became of a command: of each of its rows. */
enum status importer_taken_over(struct importer *run, const struct command *command, struct error *err);
/* Keeps the counts of the file, and of balances its sheet. */
enum status importer_taking_keep(struct importer *run, struct error *err);

#endif
