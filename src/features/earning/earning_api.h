/* earning_api.h: the preview of what a basket earns. */
#ifndef PATRON_FEATURES_EARNING_EARNING_API_H
#define PATRON_FEATURES_EARNING_EARNING_API_H

#include "api/call.h"

extern const struct shape preview_input_shape, preview_shape;
enum status preview_handle(struct call *call, struct item *item, struct error *err);

/* One rule: whether it applied, or why not. */
struct accrual_outcome;
extern const struct shape accrual_outcome_shape;
void accrual_outcome_write(struct json_writer *writer, struct arena *arena, const struct accrual_outcome *outcome);

#endif
