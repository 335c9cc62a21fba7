/* import_purchase.h: a purchase command from the rows of a file: one, or all that share a receipt. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORT_PURCHASE_H
#define PATRON_FEATURES_EXCHANGE_IMPORT_PURCHASE_H

#include "engine/decide.h"
#include "features/events/purchase.h"
#include "features/exchange/import_row.h"

/* What holds for every row of a file. */
struct import_rules {
    const struct mapping *mapping;
    const struct programme_set *programmes;
    const struct programme *programme; /* in force now: zone, currency, region */
    const struct zone *zone;           /* of times without an offset */
    struct text region;                /* home of phone numbers without country code */
    bool register_unknown;
    int64_t *rounded; /* counts amounts whose tiny excess of decimals was rounded away */
    int64_t now;      /* when members join whose row does not say */
};

struct import_rows {
    const struct import_row *rows;
    size_t count;
};

/* What tells purchases apart before they are built: when, and to which receipt a row belongs. */
struct row_moment {
    int64_t at;
    int32_t day;         /* business day */
    struct text receipt; /* the receipt key; empty: a purchase of its own */
};
enum status import_row_moment(const struct import_rules *rules, const struct import_row *row, struct arena *arena,
                              struct row_moment *out, struct error *err);

/*
 * The command, in `arena`; the rows may be released. STATUS_INVALID names the field (`import.date`, `import.number`,
 * `import.receipt_members` ...).
 */
enum status import_purchase_build(const struct import_rules *rules, struct arena *arena, const struct import_rows *rows,
                                  struct command *out, struct error *err);

/* The identifiers of a row as claims of the command; 0 without any. */
enum status import_claims(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                          struct command *command, struct error *err);

#endif
