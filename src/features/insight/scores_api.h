/* scores_api.h: what each member is worth and how likely they stay: one member now, all as last scored. */
#ifndef PATRON_FEATURES_INSIGHT_SCORES_API_H
#define PATRON_FEATURES_INSIGHT_SCORES_API_H

#include "api/call.h"
#include "api/job.h"

extern const struct shape member_scores_query_shape, member_scores_shape, scores_query_shape, score_row_shape,
    rescore_body_shape, clv_model_shape;
extern const struct job_kind rescore_job;

enum status member_scores_get(struct call *call, struct item *item, struct error *err);
enum status scores_list(struct call *call, struct item *item, struct error *err);
enum status rescore_post(struct call *call, struct item *item, struct error *err);
enum status clv_model_get(struct call *call, struct item *item, struct error *err);

#endif
