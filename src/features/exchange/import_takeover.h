/* import_takeover.h: commands from rows that are taken over from the system before: points, tiers, coupons, answers, consents. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORT_TAKEOVER_H
#define PATRON_FEATURES_EXCHANGE_IMPORT_TAKEOVER_H

#include "features/exchange/import_purchase.h"
#include "features/takeover/balances.h"

/* A row of balances, read. */
struct import_lot {
    struct taken_lot lot;
    int64_t digest, line;
    bool over; /* its points were over before now: STATUS_CONFLICT `migration.expired` unless they are wanted */
};

/*
 * Texts are copied into `arena`. STATUS_INVALID names the field: `import.number`, `import.date`, `wallet.unknown` ...
 */
enum status import_lot_read(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                            struct import_lot *out, struct error *err);

/*
 * The command of at most TAKEOVER_ROWS_MAX lots of one member, in `arena`; `row` is one of them and names the member. A row of
 * 0 points is not among the lots.
 */
struct import_lots {
    const struct import_row *row;
    const struct import_lot *lots;
    size_t count;
};
enum status import_balances_build(const struct import_rules *rules, struct arena *arena, const struct import_lots *lots,
                                  struct command *out, struct error *err);

/*
 * The command of one row of tiers, coupons, answers or consents, in `arena`; the row may be released. STATUS_INVALID names the
 * field.
 */
enum status import_takeover_build(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                  struct command *out, struct error *err);

#endif
