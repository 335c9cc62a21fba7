/*
 * customers.h: how commands of every feature find, check and register the person that they are about. Pure.
 */
#ifndef PATRON_FEATURES_CUSTOMERS_CUSTOMERS_H
#define PATRON_FEATURES_CUSTOMERS_CUSTOMERS_H

#include "engine/decide.h"

/*
 * The person of `subject` exists, is not erased, and all of the subject's claims that are held are the same person's.
 * Otherwise STATUS_MISSING `member.unknown`, `member.erased`, STATUS_CONFLICT `identifier.conflict`.
 */
enum status customer_require(struct decision *decision, const struct command *command, int subject, struct error *err);

/* As customer_require, but somebody unknown is STATUS_OK and leaves subjects[subject].member NULL. */
enum status customer_check(struct decision *decision, const struct command *command, int subject, struct error *err);

/*
 * Registers the person of `subject` (named by claims) when nobody holds any of them: member, identifiers, claims, first
 * tier, journal row "registration", the measure "members_registered". The row's id comes before those of the caller's own
 * rows. Somebody known is as in customer_require. The programme's register_unknown is the caller's to ask
 * (customers_policy_at in policy.h).
 */
struct customer_registration {
    int64_t at; /* registered at */
    struct text store, channel;
    bool erased_before; /* as registrations_load found out: the member begins without any consent */
};
enum status customer_register_in(struct decision *decision, const struct command *command, int subject,
                                 struct customer_registration registration, struct error *err);

/*
 * For the load function of a command type that registers (customers_store.c): sets `*erased_before[i]` to whether command i
 * names somebody unknown, as its subject 0, by an identifier of somebody erased.
 */
enum status registrations_load(struct load_context *context, struct command **commands, bool *const *erased_before,
                               size_t count, struct error *err);

#endif
