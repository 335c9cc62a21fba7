/* churn_record.h: a reason for leaving, recorded of a member: a journal row, and a row to count. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_RECORD_H
#define PATRON_FEATURES_INSIGHT_CHURN_RECORD_H

#include "engine/decide.h"
#include "features/insight/churn_cause.h"

/* The body of the command; subject 0 is the member. */
struct churn_record {
    enum churn_cause cause;
    int64_t at;
    int32_t day;
    struct text detail; /* the words, as the JSON that the journal keeps */
    int64_t id;         /* result */
    int64_t member;     /* result */
};

extern const struct command_type churn_record_type;

/* churn_record_store.c */
void store_churn_reason(struct decision *decision, const struct journal_row *row, enum churn_cause cause);

#endif
