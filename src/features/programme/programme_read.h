/*
 * programme_read.h: reading the objects of a programme document, strictly: every error names its field by path. Without a field,
 * `*out` stays as it is. `programme.invalid`, `programme.unknown_field`, `programme.missing_field`. Pure.
 */
#ifndef PATRON_FEATURES_PROGRAMME_PROGRAMME_READ_H
#define PATRON_FEATURES_PROGRAMME_PROGRAMME_READ_H

#include <jansson.h>

#include "features/programme/programme.h"

/* An object being read. `path` is empty for the document itself. */
struct object {
    struct arena *arena;
    json_t *json;
    const char *path;
    struct programme *programme; /* for the currency's decimals and the codes already read */
    struct error *err;
};

struct range {
    int64_t minimum, maximum;
};

#define TRY(expression)                    \
    do {                                   \
        enum status status = (expression); \
        if (status != STATUS_OK)           \
            return status;                 \
    } while (0)

const char *object_path(const struct object *object, const char *name);
enum status object_refuse(const struct object *object, const char *name, const char *sentence);
/* Fails on a field that is not in `names` (ends with NULL), and on anything but an object. */
enum status object_check(const struct object *object, const char *const *names);
enum status object_missing(const struct object *object, const char *name);
enum status object_text(const struct object *object, const char *name, bool required, size_t size_max,
                        struct text *out);
/* Codes go into keys, facts and file names as they are: 1 to CODE_SIZE_MAX bytes, no spaces, quotes, colons and slashes. */
bool object_code_is_valid(struct text code);
enum status object_code(const struct object *object, const char *name, bool required, struct text *out);
enum status object_boolean(const struct object *object, const char *name, bool *out);
enum status object_integer(const struct object *object, const char *name, bool required, struct range range,
                           int64_t *out);
enum status object_int(const struct object *object, const char *name, bool required, struct range range, int *out);
/* One of `words` (ends with NULL); `*out` is its index. */
enum status object_word(const struct object *object, const char *name, bool required, const char *const *words,
                        int *out);
/* An amount of the programme's currency, as a decimal text. */
enum status object_money(const struct object *object, const char *name, bool required, int64_t minimum, int64_t *out);
/* "1.5", 1.5 or 2: at most four decimals, 0 to 1000; of FACTOR_SCALE. */
enum status object_factor(const struct object *object, const char *name, bool required, int64_t *out);
enum status object_instant(const struct object *object, const char *name, int64_t *out);
enum status object_codes(const struct object *object, const char *name, const struct text **out, size_t *count);
/* The member "expiry" of a points account; without it `policy` stays as it is. */
enum status object_expiry(const struct object *object, struct wallet_policy *policy);
/* A sentence for an account that the programme has not, with the nearest name. */
const char *programme_no_wallet(struct arena *arena, const struct programme *programme, struct text wallet);
/* What is paid in is never earned: whether the account is the principal of a stored value. */
bool programme_is_principal(const struct programme *programme, struct text wallet);
struct object object_nested(const struct object *object, const char *name);
struct object object_element(const struct object *object, const char *name, size_t index);
/* The size of the list `name`, checked against its limits. */
enum status object_list(const struct object *object, const char *name, struct range range, size_t *count);

/* ladder_parse.c: "tiers" and "ladders" of a document; one set of minimums: {"nights": 50, "spend": "100.00"}. */
enum status ladders_read(const struct object *document, struct programme *programme);
enum status minimums_read(const struct object *object, struct tier_minimums *out);

/* promise_policy.c: "honours" and "missed_benefits" of a document; its accounts are read already. */
enum status promises_read(const struct object *document, struct programme *programme);

#endif
