/* export_store.h: everything out again as tables: rows by natural key, the same facts giving the same bytes anywhere. */
#ifndef PATRON_FEATURES_EXCHANGE_EXPORT_STORE_H
#define PATRON_FEATURES_EXCHANGE_EXPORT_STORE_H

#include "engine/engine.h"
#include "features/exchange/table.h"
#include "foundation/map.h"

/* How a value of the database is written. From EXPORT_MEMBER_ID on: generated here or by the clock, so only on demand. */
enum export_type {
    EXPORT_TEXT,
    EXPORT_PERSON,  /* an identifier with its kind before it: "phone:+8613800138000" */
    EXPORT_CONTACT, /* a phone or e-mail */
    EXPORT_INTEGER,
    EXPORT_MONEY,         /* minor units of the programme's currency */
    EXPORT_MONEY_OR_NONE, /* negative: none */
    EXPORT_MILLI,         /* thousandths */
    EXPORT_MICRO,         /* millionths */
    EXPORT_INSTANT,
    EXPORT_DAY,
    EXPORT_EVENT_AT, /* an instant; 0: when it was decided, which is no fact of the business */
    EXPORT_EVENT_DAY,
    EXPORT_FACT, /* "yes" or "no" */
    EXPORT_ACCOUNT,
    EXPORT_MEMBER_STATUS,
    EXPORT_HOLD_STATE,
    EXPORT_MEMBER_ID,
    EXPORT_EVENT_ID,
    EXPORT_HOUSEHOLD_ID,
    EXPORT_RECEIVED,
    EXPORT_RECEIVED_TEXT,
    EXPORT_RECEIVED_INTEGER,
};

enum { EXPORT_COLUMNS_MAX = 40 };

struct export_column {
    const char *name;
    enum export_type type;
};

struct export_table {
    const char *name;                    /* "members" */
    const char *about;                   /* one line */
    const struct storage_query *query;   /* takes a bucket */
    const struct export_column *columns; /* rows sort by all of them, in this order */
    size_t column_count;
    bool open; /* everybody sees its rows; those of the others carry two values more: store and member */
};
extern const struct export_table export_tables[];
extern const size_t export_table_count;
const struct export_table *export_table_find(struct text name); /* NULL: unknown */

struct export_options {
    const struct export_table *table;
    struct table_options file;
    bool ids;    /* generated ids and times of receipt too */
    bool masked; /* phones and e-mails are hidden but for their ends */
    /* Which rows: those of a store that `sees` accepts, and those of no store but of a member in `members`. NULL: all. */
    bool (*sees)(void *context, struct text store);
    void *sees_context;
    const struct map *members;
    /* Now and then; may be NULL. False stops the export with STATUS_BUSY `export.stopped`. */
    bool (*progress)(void *context, int64_t rows);
    void *context;
};

/* Writes the table as of one moment; memory is bounded, what does not fit goes through temporary files. */
enum status export_run(struct engine *engine, const struct export_options *options, int64_t *rows, struct error *err);

/* Every table into `directory` (made when missing), as NAME.EXTENSION, all as of one moment. */
struct export_all_options {
    const char *directory;
    enum table_format format;
    bool bom, ids;
    bool (*progress)(void *context, int64_t rows);
    void *context;
};
enum status export_all(struct engine *engine, const struct export_all_options *options, int64_t *rows,
                       struct error *err);

#endif
