/* churn_record.h: a reason for leaving, recorded of a member: a journal row, and a row to count. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_RECORD_H
#define PATRON_FEATURES_INSIGHT_CHURN_RECORD_H

#include "engine/decide.h"
#include "features/insight/churn_cause.h"

enum { CHURN_REASON_SIZE_MAX = 400, CHURN_NOTE_SIZE_MAX = 4000 };

/* What was said; empty: nothing. */
struct churn_words {
    struct text reason, note, source, author;
};
/* As the journal keeps it, and as an event of a declared kind: JSON with properties. */
struct text churn_record_detail(struct arena *arena, enum churn_cause cause, const struct churn_words *words);

/* The body of the command; subject 0 is the member. */
struct churn_record {
    enum churn_cause cause;
    int64_t at;
    int32_t day;
    struct text detail; /* the words, as the JSON that the journal keeps */
    bool from_row;      /* the last claim of the command names a row of a file, which counts once */
    bool known;         /* result: the row was there already, nothing happened */
    int64_t id;         /* result */
    int64_t member;     /* result */
};

extern const struct command_type churn_record_type;

/* churn_record_store.c */
void store_churn_reason(struct decision *decision, const struct journal_row *row, enum churn_cause cause);

#endif
