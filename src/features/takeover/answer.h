/* answer.h: an answer to a question of a survey: what was asked on which scale, and what was said. Pure. */
#ifndef PATRON_FEATURES_TAKEOVER_ANSWER_H
#define PATRON_FEATURES_TAKEOVER_ANSWER_H

#include "features/takeover/takeover.h"

enum { ANSWER_QUESTION_SIZE_MAX = 100, ANSWER_COMMENT_SIZE_MAX = 4000, ANSWER_MILLI = 1000 };

/* Scale and direction are kept with every answer: the same 1 is the best school mark and the worst satisfaction. */
struct answer {
    struct text question; /* a code, such as nps */
    int64_t low, high;    /* the scale, in thousandths */
    bool low_is_best;     /* the direction of the scale */
    int64_t value;        /* thousandths, within the scale */
    int64_t at;
    int32_t day; /* business day */
    struct text channel, store;
    struct text comment; /* personal text */
};

/* STATUS_INVALID `answer.scale`, `answer.value`. */
enum status answer_check(const struct answer *answer, struct error *err);

/* One row: becomes an event of kind "answer" and a row to count. */
struct take_answer {
    struct takeover takeover;
    struct answer answer;
};
extern const struct command_type take_answer_type;

/* answer_store.c */
void store_answer(struct decision *decision, const struct journal_row *row, const struct answer *answer);

#endif
