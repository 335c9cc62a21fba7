/* import_stay.h: a past stay from a row of a file: guest, payer, nights, rate and bill, over since its departure. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORT_STAY_H
#define PATRON_FEATURES_EXCHANGE_IMPORT_STAY_H

#include "features/exchange/import_purchase.h"
#include "features/orders/booking_command.h"

/*
 * The command, in `arena`; the row may be released. The stay is known by its number within its channel, the last claim.
 * STATUS_INVALID names the field: `stay.days`, `rate_code.unknown`, `import.date` ...
 */
enum status import_stay_build(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                              struct command *out, struct error *err);

#endif
