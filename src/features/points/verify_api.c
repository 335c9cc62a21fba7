/* Verification as a job of the server. */
#include <stdlib.h>

#include "api/job.h"
#include "features/points/points_api.h"
#include "features/points/verify.h"

static void tell_progress(void *context, int buckets_done)
{
    job_progress(context, buckets_done, BUCKET_COUNT);
}

static bool is_cancelled(void *context)
{
    return job_cancelled(context);
}

static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *input, struct error *err)
{
    const struct verify_options options = {.storage = engine_storage(engine),
                                           .seal_key = engine_seal_key(engine),
                                           .threads = 1,
                                           .progress = tell_progress,
                                           .cancelled = is_cancelled,
                                           .context = job};
    struct verify_report report;
    enum status status = verify_run(&options, &report, err);

    (void)arena;
    (void)input;
    if (status != STATUS_OK)
        return status;
    job_count(job, "rows", report.rows);
    job_count(job, "movements", report.movements);
    job_count(job, "wallets", report.wallets);
    job_count(job, "lots", report.lots);
    job_count(job, "erased", report.erased);
    if (!report.clean)
        return error_set(err, STATUS_CONFLICT, "verify.disagrees", "", "bucket %d, %s, %s: %s", report.bucket,
                         report.table, report.key, report.what);
    job_message(job, "everything agrees");
    return STATUS_OK;
}

const struct job_kind verify_job = {.name = "verify", .permission = PERMISSION_POINTS_VERIFY, .run = run};

enum status verify_handle(struct call *call, struct item *item, struct error *err)
{
    return call_job(call, item, &verify_job, NULL, err);
}
