/* segment_live_api.h: segments found by machine: which there are, who is in them, how often they are found. */
#ifndef PATRON_FEATURES_INSIGHT_SEGMENT_LIVE_API_H
#define PATRON_FEATURES_INSIGHT_SEGMENT_LIVE_API_H

#include "api/call.h"
#include "api/job.h"

extern const struct shape found_segments_shape, segment_plan_body_shape, segment_member_shape, own_segment_shape;
extern const struct job_kind segments_job;

enum status found_segments_get(struct call *call, struct item *item, struct error *err);
enum status found_segments_post(struct call *call, struct item *item, struct error *err);
enum status segment_plan_put(struct call *call, struct item *item, struct error *err);
enum status segment_members_list(struct call *call, struct item *item, struct error *err);
enum status own_segment_get(struct call *call, struct item *item, struct error *err);

#endif
