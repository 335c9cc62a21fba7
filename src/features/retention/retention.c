#include "features/retention/retention.h"

#include "features/programme/programme.h"

enum status retention_check(const struct retention_policy *policy, struct error *err)
{
    bool days = policy->detail_days >= RETENTION_DAYS_MIN && policy->detail_days <= RETENTION_DAYS_MAX;

    bool archived = policy->detail_days > 0 && policy->archive_days > policy->detail_days &&
                    policy->archive_days <= RETENTION_DAYS_MAX;

    if (policy->detail_days != 0 && !days)
        return error_set(err, STATUS_INVALID, "retention.days", "detail_days",
                         "texts are kept for %d to %d days, or for ever with 0", RETENTION_DAYS_MIN,
                         RETENTION_DAYS_MAX);
    if (policy->archive_days != 0 && !archived)
        return error_set(
            err, STATUS_INVALID, "retention.archive_days", "archive_days",
            "texts stay in the archive until they are older than in the database, at most %d days; 0: they "
            "are not archived",
            RETENTION_DAYS_MAX);
    return STATUS_OK;
}

static enum status decide_cut(struct decision *decision, struct command *command, struct error *err)
{
    const struct retention_cut *body = command->body;
    struct journal_row *row = journal_add(decision, NULL, command->bucket, "retention", decision->now);

    (void)err;
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->facts = text_from(arena_format(decision->arena, "{\"until\":%lld}", (long long)body->until));
    store_cut(decision, command->bucket, body->until, row->id);
    return STATUS_OK;
}

const struct command_type retention_cut_type = {.name = "retention", .decide = decide_cut};
