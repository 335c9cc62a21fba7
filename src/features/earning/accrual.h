/*
 * accrual.h: what the earning rules give for an event, and why the others give nothing; asked again with what is left of a
 * purchase. Pure.
 *
 * Rules are asked by priority, the higher first, then by code. The first exclusive rule that gives something is alone; in a
 * group `first` the first that gives something counts, in a group `best` the one that gives the most. Rules of the programme
 * document are untouched by this: what rules here give comes on top.
 */
#ifndef PATRON_FEATURES_EARNING_ACCRUAL_H
#define PATRON_FEATURES_EARNING_ACCRUAL_H

#include "features/earning/accrual_rule.h"

enum { ACCRUAL_TRIGGERS_MAX = 2 }; /* of one event: a stay is a purchase, too */

/* What a rule gives for an event. */
struct accrual_outcome {
    const struct definition *definition;
    const struct accrual_rule *rule;
    int64_t points; /* given; 0: none */
    int64_t wanted; /* before caps and budget */
    const char
        *reason; /* why it gives nothing, or less than wanted: "earning.condition" ...; NULL: it gives what it says */
    struct text detail; /* the code of the rule that excludes it, the sentence of a failed expression; may be empty */
};

/* An event that may earn. Zeroed but for what is named. */
struct accrual_event {
    struct text triggers[ACCRUAL_TRIGGERS_MAX]; /* "purchase" and "stay" */
    size_t trigger_count;
    int64_t at, now; /* `now`: from where conditions on the member look back */
    const struct programme_set *programmes;
    const struct programme *programme; /* in force at `at` */
    const struct zone *store_zone;     /* NULL: the programme's */
    struct text store, channel, till, employee, properties;
    struct text tier;
    const struct person *person;          /* NULL: nobody known */
    const struct condition_person *known; /* NULL: nothing loaded */
    struct shown_codes shown;             /* that the purchase uses */

    /* Of a purchase: what the rules of the programme were asked and what they gave. NULL: no purchase. */
    const struct earning_input *input;
    const struct earned *base;
    size_t base_count;

    /*
     * How many points the caps and the budget still have for a rule, INT64_MAX for no limit; `*partial` when less than wanted
     * may be given, `*reason` the limit. NULL: no limits.
     */
    int64_t (*left)(void *context, const struct accrual_outcome *outcome, bool *partial, const char **reason);
    void *context;
};

/*
 * Asks the rules that can match, or with `all` every published one that has the trigger and is not over for good. The
 * outcomes are in the order in which they were asked. STATUS_LIMIT `points.range`.
 */
enum status accrual_apply(const struct accrual_event *event, bool all, struct arena *arena,
                          struct accrual_outcome **out, size_t *count, struct error *err);

/* What was given, in the order of that time. */
struct accrual_given {
    struct text code;
    int64_t version;
    int64_t points;
    int64_t left; /* result */
};

/* What is left of a purchase: `remaining` of `whole`, goods by amount. */
struct accrual_rest {
    struct accrual_given *given;
    size_t count;
    int64_t remaining, whole;
};

/*
 * What the same rules give for what is left: never more than they gave. A rule that is no longer at hand keeps the share of the
 * goods that are left, rounded down.
 */
enum status accrual_again(const struct accrual_event *event, const struct accrual_rest *rest, struct arena *arena,
                          struct error *err);

/* ---- the index ---- */

/* As definition_kind.index and .conflicts. */
enum status accrual_index_build(struct arena *arena, const struct definition *items, size_t count, const void **out,
                                struct error *err);
bool accrual_conflicts(struct arena *arena, const struct definition *a, const struct definition *b,
                       struct text *sentence);

/* Published versions that can match the event, in the order of asking. */
size_t accrual_candidates(const struct accrual_event *event, bool all, struct arena *arena,
                          const struct definition ***out);

/* Those with a budget in force at the time of the event. */
size_t accrual_budgeted(const struct accrual_event *event, struct arena *arena, const struct definition ***out);

/* What all rules for a trigger need, in force or to come: parts of the person; whether they limit members. */
struct accrual_needs {
    bool any, limits_members;
    unsigned parts;
};
struct accrual_needs accrual_needs(const struct programme_set *set, struct text trigger);

#endif
