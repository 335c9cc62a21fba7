/* context.h: when and where a command on points happened, and the journal row that says so. Pure. */
#ifndef PATRON_FEATURES_POINTS_CONTEXT_H
#define PATRON_FEATURES_POINTS_CONTEXT_H

#include "features/points/points.h"

/* When: now by default. STATUS_INVALID `event.in_future`. */
enum status points_at(const struct decision *decision, const struct points_context *context, int64_t *at,
                      struct error *err);

/* Facts are compact JSON of codes and numbers: each adds a member, the first one opens the object. Without a code: nothing. */
void fact_code(struct builder *facts, const char *name, struct text code);
void fact_number(struct builder *facts, const char *name, int64_t number);

/* A row of `member` in its context. `facts` is finished here, with till and employee. */
struct journal_row *points_row(struct decision *decision, const struct member *member, const char *kind, int64_t at,
                               const struct points_context *context, struct builder *facts);

#endif
