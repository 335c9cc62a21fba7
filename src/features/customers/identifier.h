/* identifier.h: what a customer is known by (phone, e-mail, card ...), brought into one form so that equal means same. */
#ifndef PATRON_FEATURES_CUSTOMERS_IDENTIFIER_H
#define PATRON_FEATURES_CUSTOMERS_IDENTIFIER_H

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum { IDENTIFIER_SIZE_MAX = 200 };

struct identifier {
    const char *kind;  /* static: "phone", "email", "card", "openid", "external", "registration", "vat" */
    struct text value; /* normalised */
};

/* The kinds, NULL at the end. */
extern const char *const identifier_kinds[];
const char *identifier_kind(struct text name); /* the static name; NULL: unknown */

/*
 * phone: E.164 ("+8613800138000"), a national number read in `region` ("CN"; empty: "CN");
 * email: trimmed and lower-cased; card, registration number and VAT id of a company: letters and digits, upper-cased, separators dropped; openid and external: trimmed.
 * STATUS_INVALID: `identifier.kind`, `identifier.phone`, `identifier.email`, `identifier.card`, `identifier.size`, and
 * `identifier.placeholder` for what tills send when they know nobody (000000, null, anonymous ...): it must never link.
 */
enum status identifier_normalise(struct arena *arena, struct text kind, struct text value, struct text region,
                                 struct identifier *out, struct error *err);

/* The last four digits of a phone number or card, by which desks look people up; empty: none. */
struct text identifier_last_digits(struct identifier identifier);

#endif
