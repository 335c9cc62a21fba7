/*
 * rules_of_event.h: what an event earns by the earning rules that are published by themselves: asked, posted, kept in the facts of
 * the journal row. Pure.
 */
#ifndef PATRON_FEATURES_EVENTS_RULES_OF_EVENT_H
#define PATRON_FEATURES_EVENTS_RULES_OF_EVENT_H

#include "features/earning/accrual_post.h"
#include "features/events/facts.h"

/* What is loaded of the person of a command for earning rules; in the command's body. */
struct rules_known {
    unsigned parts; /* enum condition_part: set by the submitter */
    struct condition_person person;
};

struct rules_place {
    struct text triggers[ACCRUAL_TRIGGERS_MAX];
    size_t trigger_count;
};
struct accrual_needs rules_needs(const struct programme_set *set, const struct rules_place *place);

/* An event that is no purchase. */
struct rules_event {
    struct text trigger; /* its kind */
    int64_t at;
    struct text store, channel, till, employee, properties;
    const struct rules_known *known;
};

/* Lists the counters of budgets for the event, and sets known->parts; true when the command must load progress. */
bool rules_prepare(const struct programme_set *set, const struct rules_event *event, struct rules_known *known,
                   struct command *command, struct arena *arena);

/* Earns, appends to `facts` and adds to what qualifies. `row` is the event's, of subject 0. */
enum status rules_earn(struct decision *decision, const struct command *command, const struct rules_event *event,
                       struct journal_row *row, struct purchase_facts *facts, struct error *err);

/* Whether the rules would give anything for the event now. As rules_earn, and writes nothing. */
enum status rules_ask(struct decision *decision, const struct command *command, const struct rules_event *event,
                      bool *gives, struct error *err);

/* Posts what the rules give for `event` and appends it to facts->earned. */
enum status rules_post(const struct accrual_posting *posting, struct accrual_event *event, struct purchase_facts *facts,
                       struct error *err);

/* The zone of a store that has one of its own; NULL. */
const struct zone *rules_store_zone(const struct programme_set *set, struct text store);

/* Copies what was earned for a reply that outlives the batch. */
const struct earned_facts *earned_copy(struct arena *arena, const struct purchase_facts *facts);

#endif
