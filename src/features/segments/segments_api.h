/* segments_api.h: segments over the API, beside the routes that every definition has. */
#ifndef PATRON_FEATURES_SEGMENTS_SEGMENTS_API_H
#define PATRON_FEATURES_SEGMENTS_SEGMENTS_API_H

#include "api/call.h"
#include "api/job.h"

extern const struct shape segment_membership_shape, segment_sizes_shape, segment_sizes_query_shape,
    member_segments_shape, segment_preview_body_shape, segment_preview_shape;
extern const struct job_kind segment_evaluation_job, segment_preview_job;

enum status segment_people_list(struct call *call, struct item *item, struct error *err);
enum status segment_sizes_get(struct call *call, struct item *item, struct error *err);
enum status member_segments_get(struct call *call, struct item *item, struct error *err);
enum status segment_preview_post(struct call *call, struct item *item, struct error *err);
enum status segment_evaluation_post(struct call *call, struct item *item, struct error *err);

#endif
