/* error.h: what went wrong, in a sentence, with a stable code and the field it concerns. */
#ifndef PATRON_FOUNDATION_ERROR_H
#define PATRON_FOUNDATION_ERROR_H

#include "foundation/status.h"

enum { ERROR_CODE_SIZE = 64, ERROR_FIELD_SIZE = 128, ERROR_MESSAGE_SIZE = 512 };

struct error {
    enum status status;
    char code[ERROR_CODE_SIZE];       /* stable, such as "points.insufficient"; listed in error_codes.def */
    char field[ERROR_FIELD_SIZE];     /* the failing field, such as "lines[2].amount"; may be empty */
    char message[ERROR_MESSAGE_SIZE]; /* a whole sentence without the final stop */
};

/* Fills `err` (which may be NULL) and returns `status`, so that a caller can return it at once. A long text is cut. */
enum status error_set(struct error *err, enum status status, const char *code, const char *field, const char *format,
                      ...) __attribute__((format(printf, 5, 6)));

/* Puts `prefix` before the field, so that "amount" becomes "lines[2].amount". No effect without a field. */
void error_prefix_field(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts a context before the message: "while reading items.csv: ...". */
void error_add_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
