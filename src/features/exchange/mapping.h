/* mapping.h: which column of a file means what: by options, by a saved document, or by the well-known names of headers. Pure. */
#ifndef PATRON_FEATURES_EXCHANGE_MAPPING_H
#define PATRON_FEATURES_EXCHANGE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum import_kind {
    IMPORT_PURCHASES,
    IMPORT_MEMBERS,
    IMPORT_ITEMS,
    IMPORT_REASONS,
    IMPORT_BALANCES,
    IMPORT_TIERS,
    IMPORT_COUPONS,
    IMPORT_ANSWERS,
    IMPORT_CONSENTS,
    IMPORT_STAYS,
    IMPORT_KINDS,
};
const char *import_kind_name(enum import_kind kind); /* "purchases" */
/* Rows taken over from the system before (features/takeover). */
bool import_kind_taken_over(enum import_kind kind);
bool import_kind_from(struct text name, enum import_kind *out);

/* What a column may mean. The names are in mapping.c. */
enum import_field {
    IMPORT_EXTERNAL,
    IMPORT_PHONE,
    IMPORT_EMAIL,
    IMPORT_CARD,
    IMPORT_OPENID,
    IMPORT_AT,
    IMPORT_TIME,
    IMPORT_RECEIPT,
    IMPORT_TILL,
    IMPORT_STORE,
    IMPORT_CHANNEL,
    IMPORT_CURRENCY,
    IMPORT_AMOUNT,
    IMPORT_SKU,
    IMPORT_CATEGORY,
    IMPORT_QUANTITY,
    IMPORT_DISCOUNT,
    IMPORT_NAME,
    IMPORT_GIVEN_NAME,
    IMPORT_FAMILY_NAME,
    IMPORT_GENDER,
    IMPORT_BIRTHDAY,
    IMPORT_LANGUAGE,
    IMPORT_TAGS,
    IMPORT_REGISTERED,
    IMPORT_PRICE,
    IMPORT_REASON,
    IMPORT_CAUSE,
    IMPORT_NOTE,
    IMPORT_SOURCE,
    IMPORT_BRAND,
    IMPORT_COST,
    IMPORT_TAX,
    IMPORT_ID,
    IMPORT_WALLET,
    IMPORT_POINTS,
    IMPORT_EARNED,
    IMPORT_ACTIVE,
    IMPORT_EXPIRES,
    IMPORT_TIER,
    IMPORT_SINCE,
    IMPORT_FROM,
    IMPORT_UNTIL,
    IMPORT_PROGRESS,
    IMPORT_TRIAL,
    IMPORT_GRACE,
    IMPORT_CODE,
    IMPORT_VALUE,
    IMPORT_STATE,
    IMPORT_USES,
    IMPORT_QUESTION,
    IMPORT_SCALE,
    IMPORT_DIRECTION,
    IMPORT_COMMENT,
    IMPORT_PURPOSE,
    IMPORT_WORDING,
    IMPORT_PAYER,
    IMPORT_ARRIVAL,
    IMPORT_DEPARTURE,
    IMPORT_NIGHTS,
    IMPORT_RATE,
    IMPORT_FIELDS,
};

enum { MAPPING_DOCUMENT_MAX = 16384, MAPPING_NAME_MAX = 64, MAPPING_OPTION_MAX = 256 };

enum import_group { GROUP_AUTO, GROUP_NONE, GROUP_RECEIPT };

/* A mapping: names and constants as given, and the columns found for them. */
struct mapping {
    enum import_kind kind;
    struct text names[IMPORT_FIELDS];     /* column by name or number; empty: not mapped */
    struct text constants[IMPORT_FIELDS]; /* empty: none */
    bool named[IMPORT_FIELDS];            /* asked for: the column must exist */
    int columns[IMPORT_FIELDS];           /* -1: none */
    struct text zone;                     /* empty: the programme's */
    struct text date_format;
    struct text format, encoding, delimiter, header, column_names; /* how to read the file; empty: found out */
    bool decimal_comma;
    enum import_group group;
};

void mapping_start(struct mapping *mapping, enum import_kind kind);

/* "amount=sales_value", "currency=USD". STATUS_INVALID `mapping.syntax`, `mapping.field` (naming the nearest). */
enum status mapping_set_column(struct mapping *mapping, struct arena *arena, struct text option, struct error *err);
enum status mapping_set_constant(struct mapping *mapping, struct arena *arena, struct text option, struct error *err);

/*
 * Finds the columns among a file's, first those named, then by well-known names. STATUS_INVALID `mapping.column` for a
 * named one that is missing; with `complete`, `mapping.required` when what the kind needs is not there.
 */
enum status mapping_resolve(struct mapping *mapping, const struct text *columns, size_t count, bool complete,
                            struct error *err);

/* The value of a field in a row: the column's, else the constant; trimmed. "NA", "NULL", "N/A" and "\N" are empty. */
struct text mapping_value(const struct mapping *mapping, enum import_field field, const struct text *fields,
                          size_t field_count);

const char *import_field_name(enum import_field field);
/* One line a field of the kind, for help: "amount    what the purchase or line costs after discounts". */
void mapping_describe(enum import_kind kind, struct builder *out);

/* ---- saved mappings ---- */

/* The mapping as a JSON document, and back. STATUS_INVALID `mapping.document` with the failing member. */
struct text mapping_write(const struct mapping *mapping, struct arena *arena);
enum status mapping_read(struct arena *arena, struct text json, struct mapping *out, struct error *err);

#endif
