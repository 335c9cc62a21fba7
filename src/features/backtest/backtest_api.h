/* backtest_api.h: back-tests over the API: a job, and its report. */
#ifndef PATRON_FEATURES_BACKTEST_BACKTEST_API_H
#define PATRON_FEATURES_BACKTEST_BACKTEST_API_H

#include "api/call.h"
#include "api/job.h"

extern const struct shape backtest_body_shape;
extern const struct job_kind backtest_job;

enum status backtest_start(struct call *call, struct item *item, struct error *err);
enum status backtest_get(struct call *call, struct item *item, struct error *err);

#endif
