/* Verification of the figures as a job of the server. */
#include "features/finance/finance_api.h"
#include "features/finance/finance_store.h"

static void tell_progress(void *context, int buckets_done)
{
    job_progress(context, buckets_done, BUCKET_COUNT);
}

static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *input, struct error *err)
{
    const struct finance_verifying verifying = {.engine = engine, .progress = tell_progress, .context = job};
    struct finance_check check;
    enum status status = finance_catch_up(engine, NULL, err);

    (void)arena;
    (void)input;
    if (status == STATUS_OK)
        status = finance_verify(&verifying, &check, err);
    if (status != STATUS_OK)
        return status;
    job_count(job, "movements", check.movements);
    job_count(job, "figures", check.sums);
    job_count(job, "closed_months", check.months);
    if (!check.clean)
        return error_set(err, STATUS_CONFLICT, "finance.disagrees", "", "%s", check.what);
    job_message(job, "everything agrees");
    return STATUS_OK;
}

const struct job_kind finance_verify_job = {
    .name = "finance_verify", .permission = PERMISSION_FINANCE_READ, .run = run};

enum status finance_verify_handle(struct call *call, struct item *item, struct error *err)
{
    return call_job(call, item, &finance_verify_job, NULL, err);
}
