/* pls_text.h: a path model as it is written: words with their places. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_PLS_TEXT_H
#define PATRON_FEATURES_INSIGHT_PLS_TEXT_H

#include "features/insight/pls_model.h"

enum { PLS_WORDS_MAX = 4096 };

struct pls_place {
    int line, column; /* 1 is the first */
};

enum pls_word_kind { PLS_NAME, PLS_PREFIX, PLS_COLON, PLS_ARROW, PLS_OPEN, PLS_CLOSE, PLS_COMMA, PLS_END };

struct pls_word {
    enum pls_word_kind kind;
    struct text text; /* without quotes, or without the '*' of a prefix */
    struct pls_place place;
};

/* Words of the whole text; each line ends with PLS_END. The array is the arena's. */
enum status pls_text_split(struct arena *arena, struct text source, struct pls_word **words, size_t *count,
                           struct error *err);

/* STATUS_INVALID `pls.model` at a place. */
enum status pls_text_fault(struct error *err, struct pls_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
