/* plan_api.h: a plan as it is told: in the body of a request, as the file of a programme, or as the drafts that there are. */
#ifndef PATRON_FEATURES_BACKTEST_PLAN_API_H
#define PATRON_FEATURES_BACKTEST_PLAN_API_H

#include "features/backtest/plan.h"
#include "json/shape.h"

struct storage_session;

enum { PLAN_DOCUMENT_MAX = 262144, PLAN_LINES_BYTES_MAX = 8 << 20 };

/* An element of "definitions" in a request; read into a struct planned_definition. */
extern const struct shape planned_definition_shape;

/* The lines of a programme's file (features/definitions/transfer_store.h). STATUS_INVALID names the line. */
enum status plan_read_lines(struct arena *arena, struct text lines, struct plan *plan, struct error *err);

/* A ready programme by its name (features/library). STATUS_MISSING `programme.not_ready`. */
enum status plan_read_ready(struct arena *arena, struct text name, struct plan *plan, struct error *err);

/* What is drafted: the programme, and the parts of all kinds of `set`; what the plan names already stays. */
enum status plan_read_drafts(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                             int64_t now, struct plan *plan, struct error *err);

#endif
