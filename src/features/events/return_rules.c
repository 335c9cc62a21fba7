/* What goods that come back had earned by earning rules that are published by themselves. */
#include "features/events/return_internal.h"

static const struct earned_facts *published_of(const struct purchase_facts *facts, const struct earned_facts *wanted)
{
    for (size_t i = 0; i < facts->earned_count; i++)
        if (facts->earned[i].version == wanted->version && text_equal(facts->earned[i].rule, wanted->rule))
            return &facts->earned[i];
    return wanted;
}

static void give_up_caps(struct return_work *work, const struct earned_facts *before, int64_t left)
{
    const struct accrual_used used = {before->rule, before->uses, before->use_count, before->budget};

    if (left < before->points)
        accrual_give_up(work->decision, work->command, work->person.member, &used, before->points - left, left == 0);
}

/* All at once, because one may multiply what another gives. */
enum status return_reckon_rules(struct return_work *work, const struct left_earned *base, struct earned_facts *after,
                                struct error *err)
{
    const struct programme_set *set = work->decision->programmes;
    const struct journal_row *purchase = &work->purchase->row;
    size_t count = work->before.earned_count, asked = 0;
    struct accrual_given *given = arena_array(work->decision->arena, count + 1, sizeof *given);

    for (size_t i = 0; i < count; i++)
        if (work->before.earned[i].version > 0)
            given[asked++] =
                (struct accrual_given){.code = work->before.earned[i].rule,
                                       .version = work->before.earned[i].version,
                                       .points = published_of(&work->bought, &work->before.earned[i])->points};
    if (asked > 0 && base->input.line_count > 0) {
        const struct accrual_event event = {.triggers = {TEXT("purchase")},
                                            .trigger_count = 1,
                                            .at = purchase->at,
                                            .now = purchase->recorded_at,
                                            .programmes = set,
                                            .programme = programme_by_version(set, work->bought.version),
                                            .store = purchase->store,
                                            .channel = purchase->channel,
                                            .till = work->bought.till,
                                            .employee = work->bought.employee,
                                            .tier = work->bought.tier,
                                            .shown = work->bought.shown,
                                            .input = &base->input,
                                            .base = base->earned,
                                            .base_count = base->count};
        const struct accrual_rest rest = {given, asked, base->input.total, purchase->amount};
        enum status status = accrual_again(&event, &rest, work->decision->arena, err);
        if (status != STATUS_OK)
            return status;
    }
    asked = 0;
    for (size_t i = 0; i < count; i++) {
        const struct earned_facts *before = &work->before.earned[i];
        if (before->version == 0)
            continue;
        after[i] = *before;
        after[i].points = given[asked].left < before->points ? given[asked].left : before->points;
        asked++;
        give_up_caps(work, before, after[i].points);
    }
    return STATUS_OK;
}
