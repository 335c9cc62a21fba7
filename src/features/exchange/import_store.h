/* import_store.h: a whole import: reads the file, makes commands, keeps the engine busy, tells what was refused and why. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORT_STORE_H
#define PATRON_FEATURES_EXCHANGE_IMPORT_STORE_H

#include "engine/engine.h"
#include "features/exchange/mapping.h"
#include "features/exchange/reader.h"

struct import_counts {
    int64_t rows;       /* read from the file */
    int64_t imported;   /* purchases, members, items or other rows that are new */
    int64_t known;      /* already there */
    int64_t refused;    /* with a reason each */
    int64_t registered; /* members made by the way */
    int64_t rounded;    /* amounts with a tiny excess of decimals */
};

struct import_problem {
    int64_t line;       /* of the file */
    const char *column; /* the field, or "" */
    const char *code;
    const char *reason;
};

struct import_options {
    const char *path;        /* "-": standard input */
    struct mapping *mapping; /* kind, columns, constants, and how to read; resolved here */
    bool register_unknown;   /* purchases, balances ... register unknown members */
    bool dry_run;            /* nothing is written */
    bool strict;             /* nothing is imported when a row would be refused: the file is read twice */
    bool expired; /* points taken over that are over come in and expire at once; otherwise they are refused */
    struct text
        migration; /* of rows taken over: the name of the migration and of the file within it, and who asks; may be empty */
    struct text source, actor;
    /* Now and then, from the calling thread; may be NULL. False stops the import where it is. */
    bool (*progress)(void *context, int64_t position, int64_t size, const struct import_counts *counts);
    /* For each row that is refused, from the calling thread; may be NULL. */
    void (*problem)(void *context, const struct import_problem *problem);
    /* Whether a row of `store` may come in, which it may fill when it is empty; may be NULL. A fault refuses the row. */
    enum status (*admit)(void *context, struct text *store, struct error *err);
    void *context;
};

/*
 * Runs to the end, or to the first error that is not of one row. Killed at any moment and run again the result is as of one
 * run: a purchase is known by its receipt, a row without one by its bytes and its ordinal among identical rows.
 */
enum status import_run(struct engine *engine, const struct import_options *options, struct import_counts *counts,
                       struct error *err);

/* ---- saved mappings ---- */

struct saved_mapping {
    struct text name, kind, document;
    int64_t version;
};
enum status mappings_read(struct storage_session *session, struct arena *arena, struct saved_mapping **out,
                          size_t *count, struct error *err);
/* STATUS_MISSING `mapping.unknown`. */
enum status mapping_find(struct storage_session *session, struct arena *arena, struct text name,
                         struct saved_mapping *out, struct error *err);
/* In the caller's write transaction. */
enum status mapping_save(struct storage_session *session, const struct saved_mapping *mapping, struct error *err);
enum status mapping_delete(struct storage_session *session, struct text name, struct error *err);

/* ---- items ---- */

struct item_row {
    struct text sku, name, category;
    int64_t price; /* minor units of the programme's currency; -1: none */
    struct text brand;
    bool costed, taxed; /* what the file does not tell stays as it is */
    int64_t cost;       /* of one, minor units */
    int64_t tax;        /* of TAX_SCALE */
};
/* Writes items in a transaction of their own; `*changed` counts those that are new or different. */
enum status items_write(struct engine *engine, const struct item_row *items, size_t count, int64_t *changed,
                        struct error *err);

#endif
