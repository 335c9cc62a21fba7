/* import_member.h: a registration from a row of a file. */
#ifndef PATRON_FEATURES_EXCHANGE_IMPORT_MEMBER_H
#define PATRON_FEATURES_EXCHANGE_IMPORT_MEMBER_H

#include "features/exchange/import_purchase.h"

/* `tombstone_key` as in struct customer_load; registered at `now` when the row does not say when. */
enum status import_member_build(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                const unsigned char *tombstone_key, int64_t now, struct command *out,
                                struct error *err);

#endif
