/* import_member.h: a registration from a row of a file. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORT_MEMBER_H
#define PATRON_FEATURES_EXCHANGE_IMPORT_MEMBER_H

#include "features/exchange/import_purchase.h"

/* STATUS_INVALID names the field, as in import_purchase.h. */
enum status import_member_build(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                struct command *out, struct error *err);

#endif
