#include "features/redemption/spending.h"

enum status spending_check(const struct spending *spending, struct error *err)
{
    const struct proof_demand demand = {spending->decision, spending->person, spending->policy, spending->points};
    const struct velocity_use use = {.decision = spending->decision,
                                     .command = spending->command,
                                     .person = spending->person,
                                     .action = VELOCITY_REDEEMING,
                                     .at = spending->decision->now,
                                     .points = spending->points,
                                     .place = spending->place};
    enum status status =
        freeze_check(spending->decision, spending->person, spending->policy->code, spending->place.employee, err);

    if (status == STATUS_OK)
        status = proof_require(&demand, spending->proof, err);
    return status == STATUS_OK ? velocity_take(&use, err) : status;
}

bool spending_needs_progress(const struct programme *programme)
{
    return velocity_limits_members(programme, VELOCITY_REDEEMING);
}
