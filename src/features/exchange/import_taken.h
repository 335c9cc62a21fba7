/* import_taken.h: what the builders of rows taken over share: fields as values, the claim of a row. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORT_TAKEN_H
#define PATRON_FEATURES_EXCHANGE_IMPORT_TAKEN_H

#include "features/exchange/import_takeover.h"

/* A code of at most CODE_SIZE_MAX bytes, or a text of `maximum`: STATUS_INVALID `import.field_size`. */
enum status taken_text(struct arena *arena, const struct import_row *row, enum import_field field, size_t maximum,
                       struct text *out, struct error *err);
/* A moment, and what it is when the row has none. */
struct taken_moment {
    enum import_field field;
    int64_t absent;
};
/* A day alone is its first instant. */
enum status taken_instant(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                          struct taken_moment which, int64_t *out, struct error *err);
/* The first instant after: a day alone is the last day; "never", or a year from 2100 on: INSTANT_NEVER. */
enum status taken_end(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                      struct taken_moment which, int64_t *out, struct error *err);
/* yes or no, in several words; false when absent. */
enum status taken_fact(const struct import_row *row, enum import_field field, bool *out, struct error *err);

/* The number of the row in the system before, or what tells it apart from others. */
enum status taken_id(struct arena *arena, const struct import_row *row, struct text *out, struct error *err);

/* Starts the command: claims and subject of whom the row names (nobody: STATUS_INVALID `import.no_identifier`, if `needed`). */
struct taken_start {
    const struct command_type *type;
    struct takeover *takeover; /* the body, zeroed */
    size_t row_count;
    bool needed;
};
enum status taken_start(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                        const struct taken_start *start, struct command *out, struct error *err);
/* Adds the claim of the next row. */
void taken_row(struct arena *arena, struct command *command, const char *kind, struct text id,
               const struct takeover_row *row);

#endif
