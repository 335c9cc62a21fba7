/* facts_store.h: the facts of one member, read from the database. */
#ifndef PATRON_FEATURES_FACTS_FACTS_STORE_H
#define PATRON_FEATURES_FACTS_FACTS_STORE_H

#include "engine/engine.h"
#include "features/conditions/facts.h"

struct fact_request {
    struct engine *engine;
    struct arena *arena;
    const struct programme_set *programmes; /* in force, borrowed */
    int64_t now;
    int64_t member;
    unsigned needed;                    /* enum facts_part */
    const struct rule_program *program; /* NULL, or the one whose facts are asked about: */
    int64_t *until;                     /* as facts_until */
};

/* Fills FACT_COUNT slots as of now. STATUS_MISSING `member.unknown`. */
enum status facts_read(const struct fact_request *request, struct storage_session *session, struct rule_value *slots,
                       struct error *err);

#endif
