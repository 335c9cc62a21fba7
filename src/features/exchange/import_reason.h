/* import_reason.h: a recorded reason for leaving from a row of a file. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORT_REASON_H
#define PATRON_FEATURES_EXCHANGE_IMPORT_REASON_H

#include "features/exchange/import_purchase.h"

/*
 * The command, in `arena`; the row may be released. The row counts once, by its bytes and its ordinal among identical rows.
 * STATUS_INVALID names the field: `import.no_identifier`, `import.reason`, `import.cause`, `import.date` ...
 */
enum status import_reason_build(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                struct command *out, struct error *err);

#endif
