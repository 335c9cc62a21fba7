/*
 * grant.h: a benefit that comes with something else: a badge, the reward of a challenge, an order of a reward, a coupon. It is
 * given with that, and ends with it unless it was used. Pure.
 *
 * The right has the id of the journal row of what it came with, so nothing has to be kept to find it again; a row grants one.
 */
#ifndef PATRON_FEATURES_ENTITLEMENTS_GRANT_H
#define PATRON_FEATURES_ENTITLEMENTS_GRANT_H

#include "features/definitions/references.h"
#include "features/entitlements/entitled.h"
#include "features/programme/programme_read.h"

enum { GRANT_DAYS_MAX = 3660 };

struct grant {
    struct text benefit; /* code; empty: nothing is granted */
    int64_t days;        /* the day of the grant is the first; 0: no end */
};

/* "benefit" and "days" of an object; its other fields are the caller's. */
enum status object_grant(const struct object *object, bool required, struct grant *out);

/* For a kind's references: the benefit, in the object `path` of the document. */
void grant_reference(const struct grant *grant, const char *path, struct definition_references *out);

/* What it comes with. */
struct grant_source {
    int64_t row;      /* of the journal */
    const char *what; /* a code: "badge", "challenge", "reward", "coupon" */
};

/* Whether it may be given now: STATUS_MISSING `benefit.unknown`, STATUS_LIMIT `tier.rights`. */
enum status grant_check(const struct decision *decision, const struct person *person, const struct grant *grant,
                        struct error *err);
/* Gives it, with a row "benefit_given"; as grant_check. */
enum status grant_give(struct decision *decision, const struct person *person, const struct grant *grant,
                       struct grant_source source, struct error *err);

enum grant_end {
    GRANT_GONE, /* it is over already, or there was none */
    GRANT_ENDED,
    GRANT_USED, /* it stays */
};
/* What would become of it: `entitled` has the uses of the person's benefits. */
enum grant_end grant_end_of(const struct decision *decision, const struct person *person, int64_t source,
                            const struct entitled *entitled);
/* Ends it unless it was used, with a row "right_ended". */
enum grant_end grant_take_back(struct decision *decision, const struct person *person, int64_t source,
                               const struct entitled *entitled);

/* entitled_store.c: in a load function, the uses of subject 0's person; outs[i] of commands[i], filled at the flush. */
enum status benefit_uses_load(struct load_context *context, struct command **commands, struct entitled **outs,
                              size_t count, struct error *err);

#endif
