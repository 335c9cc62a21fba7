/*
 * condition.h: conditions of the programme: expressions over a member, an event, a purchase and one of its lines, compiled when
 * the configuration is read and evaluated within a decision. Pure.
 *
 * The facts of each kind come after those of the kinds before it: a condition on a purchase may name its member and the event
 * that it is, too.
 */
#ifndef PATRON_FEATURES_CONDITIONS_CONDITION_H
#define PATRON_FEATURES_CONDITIONS_CONDITION_H

#include "features/conditions/facts.h"

/* What a condition may name. */
enum condition_about {
    CONDITION_MEMBER,   /* member.*; without scores: put them into a segment and name that */
    CONDITION_EVENT,    /* and event.* */
    CONDITION_PURCHASE, /* and purchase.*: also of a basket that is only priced */
    CONDITION_LINE,     /* and line.* */
};

enum {
    CONDITION_SIZE_MAX = 4000,   /* bytes of an expression */
    CONDITION_COST_MAX = 100000, /* steps of an evaluation */
};

/* What has to be loaded of the person for a condition, beside the group: a set. */
enum condition_part {
    CONDITION_PROFILE = 1,  /* profile, tags, consents, custom fields */
    CONDITION_SEGMENTS = 2, /* the segments that the person is in */
    CONDITION_DAYS = 4,     /* the last days with purchases */
};

struct condition {
    struct text source; /* empty: holds always, and `program` is NULL */
    const struct rule_program *program;
    enum condition_about about;
    unsigned parts; /* enum condition_part */
    bool scores;    /* it names what models say */
    bool timed;     /* what it gives changes by time alone */
};

/* What an expression must give. */
struct condition_request {
    struct text source;
    enum condition_about about;
    const struct rule_type *type; /* rule_type_bool for a condition; rule_type_double also takes an int */
    bool scores;                  /* it may name what models say: it is not evaluated within decisions */
};

/*
 * Compiles into `arena`, which frees what it needs with itself. STATUS_INVALID as rule_compile, `condition.scores` for a fact
 * of scores, `rules.type` for another type than asked for; the caller adds the field.
 */
enum status condition_compile(struct arena *arena, const struct condition_request *request, struct condition *out,
                              struct error *err);

/* What is loaded of a person for conditions (conditions_store.h fills it). */
struct condition_person {
    unsigned parts;                 /* those loaded */
    struct customer_state *members; /* CONDITION_PROFILE: profile, tags, consents and custom fields, the leader first */
    size_t member_count;
    struct text *segments; /* CONDITION_SEGMENTS: codes */
    size_t segment_count, segment_capacity;
    struct member_day *days; /* CONDITION_DAYS: of each member at least those of the last RULE_WINDOW_DAYS_MAX days */
    size_t day_count, day_capacity;
};

/* Puts what was loaded into the sources of facts_fill. */
void condition_sources(struct arena *arena, const struct condition_person *known, struct fact_sources *sources);

struct condition_event {
    struct text kind; /* "purchase", "visit", a declared kind ... */
    int64_t at;
    struct text store, channel, till, employee; /* empty: not told */
    struct text properties;                     /* of a custom kind: a JSON object; empty: none */
};

/* Codes that were shown: public ones folded (in capitals), coupons as shown, and the series of the coupons. */
struct shown_codes {
    const struct text *codes, *coupons;
    size_t code_count, coupon_count;
};

struct condition_purchase {
    const struct purchase_line *lines;
    size_t line_count;
    int64_t total, paid_with_points; /* minor units */
    struct text terms;               /* of the organisation that it is bought for; empty: none */
    struct shown_codes shown;
};

/* Everything that conditions of one decision may look at. Zeroed but for what is named; condition_start fills the slots. */
struct condition_world {
    struct arena *arena;
    const struct programme_set *programmes;
    const struct programme *programme; /* whose zone and currency count */
    int64_t now;                       /* where within and days_since look from */
    const struct person *person; /* NULL, or without a group: nobody known; member.known is false, the rest null */
    const struct condition_person *known; /* NULL: nothing loaded */
    const struct condition_event *event;
    const struct condition_purchase *purchase;

    struct rule_value *slots;
};
void condition_start(struct condition_world *world);
/* The line that line.* means from now on. */
void condition_line(struct condition_world *world, const struct purchase_line *line);
/* Again after the decision changed the person: its facts of standing and points. */
void condition_refresh(struct condition_world *world);

/* One evaluation. An error leaves `holds` false, and its sentence in `why`. */
struct condition_result {
    bool holds;
    int64_t valid_until; /* INSTANT_NEVER: for ever, while the facts stay */
    struct error why;    /* STATUS_OK: it was decided */
};
struct condition_result condition_evaluate(struct condition_world *world, const struct condition *condition);
/* Whether it holds; an error counts as no. */
bool condition_holds(struct condition_world *world, const struct condition *condition);

/* The number that an expression of type double or int gives; STATUS_INVALID when it gives none. */
enum status condition_number(struct condition_world *world, const struct condition *condition, double *out,
                             struct error *err);

/* The names that a condition may use, for documentation and editors. */
const struct rule_environment *condition_environment(enum condition_about about);

#endif
