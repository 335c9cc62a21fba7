/*
 * accrual_post.h: what an event earns by earning rules, within caps and budgets, as lots of its journal row; and caps and budgets
 * given back. Pure.
 */
#ifndef PATRON_FEATURES_EARNING_ACCRUAL_POST_H
#define PATRON_FEATURES_EARNING_ACCRUAL_POST_H

#include "features/earning/accrual.h"
#include "features/points/ledger.h"

enum { ACCRUAL_USES_MAX = 2 * ACCRUAL_CAPS_MAX };

/* Something given; kept in the facts of the journal row. Texts live as long as the decision. */
struct accrual_posted {
    struct text code, wallet;
    const struct accrual_rule *rule;
    int64_t version, points;
    struct text uses[ACCRUAL_USES_MAX]; /* progress ids of its caps */
    size_t use_count;
    bool budget; /* it used its counters */
    int64_t active_at, expires_at;
};

/* Where it goes. `event.left` is set here. */
struct accrual_posting {
    struct decision *decision;
    const struct command *command;
    struct person *person;
    struct journal_row *row;
    struct text employee;
    int64_t pending_until;  /* 0: as account and rule say */
    struct posting *lots;   /* of `row`; NULL: one of its own */
    struct person *contact; /* of an organisation, who gets a part of the points; NULL: nobody */
    int64_t contact_share;  /* of FACTOR_SCALE */
    bool all;               /* only asked: those that cannot match, too, and why */
    bool estimate;          /* only asked: a rule that the submitter did not know of gives nothing */
};

/* Asks the rules, within caps and budgets, and posts nothing. */
enum status accrual_ask(const struct accrual_posting *posting, struct accrual_event *event,
                        struct accrual_outcome **out, size_t *count, struct error *err);

/*
 * Asks the rules and posts what they give. STATUS_BUSY `programme.changed` when a rule came into force of whose budget, caps or
 * conditions the submitter did not know.
 */
enum status accrual_post(const struct accrual_posting *posting, struct accrual_event *event,
                         struct accrual_posted **out, size_t *count, struct error *err);

/* Lists the counters of the budgets of rules that can match in `command`. */
void accrual_counters(const struct accrual_event *event, struct command *command, struct arena *arena);

/* Lists those of a rule that gave something. */
void accrual_counters_of(struct text code, struct command *command, struct arena *arena);

/* Gives caps and budgets `points` back, and with `all` one of the times. `used` tells what was used. */
struct accrual_used {
    struct text code;
    const struct text *uses;
    size_t use_count;
    bool budget;
};
void accrual_give_up(struct decision *decision, const struct command *command, struct member *member,
                     const struct accrual_used *used, int64_t points, bool all);

/* When points of the rule are active, and when they end. `activity_at`: the member's last activity. */
void accrual_times(const struct accrual_rule *rule, const struct programme *programme, int64_t at, int64_t activity_at,
                   int64_t *active_at, int64_t *expires_at);

#endif
