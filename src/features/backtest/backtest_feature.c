/* backtest_feature.c: how back-tests plug into the program. */
#include "api/feature.h"
#include "features/backtest/backtest_api.h"
#include "features/backtest/view_api.h"

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/back-tests",
     .operation = "start_back_test",
     .summary = "Start a job that decides a past period again under a planned programme",
     .permission = PERMISSION_PROGRAMME_READ,
     .scope = SCOPE_WHOLE,
     .body = &backtest_body_shape,
     .reply = &job_started_shape,
     .status = 202,
     .handle = backtest_start},
    {.method = HTTP_GET,
     .path = "/v1/back-tests/{job}",
     .operation = "get_back_test",
     .summary = "The report of a back-test",
     .permission = PERMISSION_PROGRAMME_READ,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_FILE,
     .handle = backtest_get},
};

static const struct job_kind *const jobs[] = {&backtest_job};

extern const struct feature backtest_feature;
const struct feature backtest_feature = {.name = "backtest",
                                         .routes = routes,
                                         .route_count = sizeof routes / sizeof routes[0],
                                         .jobs = jobs,
                                         .job_count = sizeof jobs / sizeof jobs[0]};
