#include "features/segments/segments_feature.h"

#include "api/page.h"
#include "features/definitions/definitions_api.h"
#include "features/segments/segments_api.h"

static const struct route routes[] = {
    DEFINITION_ROUTES("segments", "segment", "a segment"),
    {.method = HTTP_POST,
     .path = "/v1/segments/preview",
     .operation = "preview_segment",
     .summary = "For how many members an expression holds, and for whom, before it becomes a segment",
     .permission = PERMISSION_PROGRAMME_READ,
     .scope = SCOPE_WHOLE,
     .body = &segment_preview_body_shape,
     .reply = &segment_preview_shape,
     .handle = segment_preview_post},
    {.method = HTTP_GET,
     .path = "/v1/segments/{code}/members",
     .operation = "list_segment_people",
     .summary = "Who is in a segment, and since when",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_INSIDER,
     .query = &page_query_shape,
     .kind = REPLY_PAGE,
     .reply = &segment_membership_shape,
     .handle = segment_people_list},
    {.method = HTTP_GET,
     .path = "/v1/segments/{code}/count",
     .operation = "get_segment_sizes",
     .summary = "How many are in a segment, and how many came and went day by day",
     .permission = PERMISSION_PROGRAMME_READ,
     .scope = SCOPE_WHOLE,
     .query = &segment_sizes_query_shape,
     .reply = &segment_sizes_shape,
     .handle = segment_sizes_get},
    {.method = HTTP_POST,
     .path = "/v1/segments/{code}/evaluation",
     .operation = "evaluate_segment",
     .summary = "Evaluate a segment for the whole base now, as happens by itself when it is published",
     .permission = PERMISSION_PROGRAMME_PUBLISH,
     .scope = SCOPE_WHOLE,
     .reply = &job_started_shape,
     .status = 202,
     .handle = segment_evaluation_post},
    {.method = HTTP_GET,
     .path = "/v1/members/{member}/segments",
     .operation = "list_member_segments",
     .summary = "The segments that a member is in, and since when",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_MEMBER,
     .reply = &member_segments_shape,
     .handle = member_segments_get},
};

static const struct job_kind *const jobs[] = {&segment_evaluation_job, &segment_preview_job};

const struct feature segments_feature = {.name = "segments",
                                         .routes = routes,
                                         .route_count = sizeof routes / sizeof routes[0],
                                         .jobs = jobs,
                                         .job_count = sizeof jobs / sizeof jobs[0]};
