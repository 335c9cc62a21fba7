/* token.h: the words of an expression. */
#ifndef PATRON_RULES_TOKEN_H
#define PATRON_RULES_TOKEN_H

#include <stdint.h>

#include "foundation/error.h"
#include "foundation/text.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,        /* an identifier, also a reserved one */
    TOKEN_QUOTED_NAME, /* `a-b`, only after a dot; the text is without the back-quotes */
    TOKEN_INT,
    TOKEN_UINT,
    TOKEN_DOUBLE,
    TOKEN_STRING,
    TOKEN_BYTES,
    TOKEN_DOT,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_QUESTION,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_LIST,
    TOKEN_CLOSE_LIST,
    TOKEN_OPEN_MAP,
    TOKEN_CLOSE_MAP,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_TIMES,
    TOKEN_DIVIDE,
    TOKEN_REMAINDER,
    TOKEN_NOT,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_EQUAL,
    TOKEN_UNEQUAL,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_EQUAL,
    TOKEN_IN,
};

struct rule_place {
    int line, column; /* from 1; columns count code points */
};

struct token {
    enum token_kind kind;
    struct text text; /* as written */
    size_t at;        /* bytes from the start of the expression */
};

struct token_reader {
    struct text source;
    size_t at;
};

/* The next word. STATUS_INVALID `rules.syntax` with `*failed_at` set at what begins no word. */
enum status token_next(struct token_reader *reader, struct token *out, size_t *failed_at, struct error *err);

struct rule_place token_place(struct text source, size_t at);

#endif
