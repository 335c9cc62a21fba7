/* sorter.h: sorts more records than fit in memory: runs in unnamed temporary files, merged at the end. */
#ifndef PATRON_FEATURES_EXCHANGE_SORTER_H
#define PATRON_FEATURES_EXCHANGE_SORTER_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/error.h"
#include "foundation/text.h"

enum {
    SORTER_RUNS_MAX = 512, /* temporary files open at once */
    SORTER_MEMORY_DEFAULT = 48 * 1024 * 1024,
    SORTER_RECORD_SIZE_MAX = 16 * 1024 * 1024, /* key and payload of one record */
};

struct sorter;

/* `memory_bytes` of records are kept before a run is written; temporary files go to TMPDIR. Free with sorter_free. */
enum status sorter_new(size_t memory_bytes, struct sorter **out, struct error *err);
void sorter_free(struct sorter *sorter); /* accepts NULL */

/* Copies the record. STATUS_LIMIT `exchange.sort_size` past the limits, STATUS_IO `exchange.temporary` without space. */
enum status sorter_add(struct sorter *sorter, struct text key, struct text payload, struct error *err);

/* After the last record: makes ready for sorter_next. */
enum status sorter_finish(struct sorter *sorter, struct error *err);

/* Ascending by key bytewise, equal keys in the order added. The texts are borrowed until the next call. */
enum status sorter_next(struct sorter *sorter, struct text *key, struct text *payload, bool *end, struct error *err);

#endif
