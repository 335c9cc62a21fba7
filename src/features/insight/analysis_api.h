/* analysis_api.h: analyses of the whole base as jobs, and their results. */
#ifndef PATRON_FEATURES_INSIGHT_ANALYSIS_API_H
#define PATRON_FEATURES_INSIGHT_ANALYSIS_API_H

#include "api/call.h"
#include "api/job.h"

extern const struct shape analysis_body_shape, analysis_shape, analysis_result_shape;
extern const struct job_kind analysis_job;

enum status analysis_post(struct call *call, struct item *item, struct error *err);
enum status analyses_list(struct call *call, struct item *item, struct error *err);
enum status analysis_get(struct call *call, struct item *item, struct error *err);

#endif
