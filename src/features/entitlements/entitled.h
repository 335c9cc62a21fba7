/*
 * entitled.h: the commands on benefits and memberships, and what they load of a person. Pure.
 *
 * Each body begins with `struct entitled`; subject 0 is the member.
 */
#ifndef PATRON_FEATURES_ENTITLEMENTS_ENTITLED_H
#define PATRON_FEATURES_ENTITLEMENTS_ENTITLED_H

#include "features/entitlements/benefit.h"
#include "features/entitlements/membership.h"
#include "features/points/context.h"

/* What of the person is loaded, of all its members. */
struct entitled {
    unsigned parts;   /* for conditions: benefit_parts */
    struct text code; /* uses of this benefit; empty: of all */
    struct condition_person known;
    struct benefit_use *uses;
    size_t use_count, use_capacity;
    struct membership *memberships;
    size_t membership_count, membership_capacity;
    struct membership_saving *savings;
    size_t saving_count, saving_capacity;
};

/* Saved by a membership since `from`. */
int64_t entitled_saved(const struct entitled *entitled, int64_t membership, int64_t from);
struct membership *entitled_membership(struct entitled *entitled, int64_t id); /* NULL: unknown */

/* ---- benefits ---- */

struct use_benefit { /* claim `claim`, if not -1: kind "benefit_use" */
    struct entitled entitled;
    struct text code;
    int64_t units;
    struct points_context context;
    int claim;
    struct benefit_use use;   /* result; of one that was there its id only */
    struct benefit_left left; /* result, and of what is refused */
    bool existed;
};

struct reverse_use {
    struct entitled entitled;
    int64_t use;
    struct text reason;
    int64_t id; /* result */
    struct benefit_use result;
};

struct give_benefit {
    struct entitled entitled;
    struct text code, reason, source; /* source: a code, such as "hand", "badge", "contract" */
    int64_t until;                    /* INSTANT_NEVER: no end */
    int64_t days;                     /* 0: until */
    struct right result;
};

/* ---- memberships ---- */

enum membership_action { MEMBERSHIP_BUY, MEMBERSHIP_RENEW, MEMBERSHIP_CANCEL, MEMBERSHIP_REFUND };
struct change_membership { /* claim `claim`, if not -1: kind "membership_payment" */
    struct entitled entitled;
    enum membership_action action;
    struct text code; /* MEMBERSHIP_BUY */
    int64_t id;       /* otherwise */
    bool paid_given;
    int64_t paid; /* minor units; must be the fee */
    struct text reference;
    struct points_context context;
    int claim;
    /* results */
    struct membership membership;
    const char *state;
    int64_t refund, saved, row;
    bool existed;
};

extern const struct command_type use_benefit_type, reverse_use_type, give_benefit_type, change_membership_type;

/* entitled_store.c */
enum status entitled_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
void store_benefit_use(struct decision *decision, const struct benefit_use *use);
void store_membership(struct decision *decision, const struct membership *membership);

#endif
