/* Tiers: reaching a threshold raises at once; the end of a period keeps, gives grace, or lowers. */
#include "model.h"

static int64_t period_end(const struct ladder_rules *ladder, int64_t registered_at, int64_t at)
{
    int32_t day = model_day(at), joined = model_day(registered_at);
    int year, month, mday;

    switch (ladder->validity) {
    case FROM_START:
        return model_day_start(model_add_months(day, ladder->months));
    case FROM_JOIN:
        for (int cycle = 1;; cycle++) {
            int64_t end = model_day_start(model_add_months(joined, cycle * ladder->months));
            if (end > at)
                return end;
        }
    case CALENDAR_YEAR:
        model_date(day, &year, &month, &mday);
        return model_day_start(model_day_of(year + 1, 1, 1));
    case FOREVER:
        break;
    }
    return NEVER;
}

static void new_period(const struct ladder_rules *ladder, struct model_tier *tier, int64_t registered_at, int64_t at)
{
    tier->qualifying = 0;
    tier->from = at;
    tier->until = period_end(ladder, registered_at, at);
    tier->grace = false;
}

static int level_for(const struct ladder_rules *ladder, int64_t qualifying)
{
    int level = 0;

    while (level + 1 < ladder->levels && qualifying >= ladder->qualify[level + 1])
        level++;
    return level;
}

/* What counts for keeping: not the points that were needed to reach the tier within the same period from the start. */
static int64_t keeping(const struct ladder_rules *ladder, const struct model_tier *tier)
{
    if (ladder->validity == FROM_START && tier->from < tier->since)
        return tier->qualifying - ladder->qualify[tier->level];
    return tier->qualifying;
}

void tier_begin(const struct ladder_rules *ladder, struct model_tier *tier, int64_t at)
{
    *tier = (struct model_tier){.level = -1, .until = NEVER};
    if (ladder->levels == 0)
        return;
    tier->level = 0;
    tier->since = at;
    new_period(ladder, tier, at, at);
}

void tier_add(const struct ladder_rules *ladder, struct model_tier *tier, int64_t registered_at, int64_t amount,
              int64_t now)
{
    if (ladder->levels == 0 || amount == 0)
        return;
    tier->qualifying += amount;
    int reached = level_for(ladder, tier->qualifying);
    if (amount > 0 && reached > tier->level) {
        tier->level = reached;
        tier->since = now;
        tier->grace = false;
        tier->until = period_end(ladder, registered_at, now);
        if (tier->from >= now)
            tier->from = now - 1;
    } else if (tier->grace && keeping(ladder, tier) >= ladder->keep[tier->level]) {
        new_period(ladder, tier, registered_at, now);
    }
}

void tier_period_over(const struct ladder_rules *ladder, struct model_tier *tier, int64_t registered_at)
{
    int64_t at = tier->until, counts = keeping(ladder, tier);

    if (tier->level == 0 || counts >= ladder->keep[tier->level]) {
        new_period(ladder, tier, registered_at, at);
        return;
    }
    if (!tier->grace && ladder->grace_days > 0) {
        tier->grace = true;
        tier->until = model_day_start(model_day(at) + ladder->grace_days);
        return;
    }
    int lower = tier->level - 1;
    if (ladder->by_balance && level_for(ladder, counts) < lower)
        lower = level_for(ladder, counts);
    tier->level = lower;
    tier->since = at;
    new_period(ladder, tier, registered_at, at);
}

void tier_settle(const struct ladder_rules *ladder, struct model_tier *tier, int64_t registered_at, int64_t now)
{
    while (ladder->levels > 0 && tier->until <= now)
        tier_period_over(ladder, tier, registered_at);
}

void tier_join(const struct ladder_rules *ladder, struct model_tier *tier, int64_t registered_at, int64_t now)
{
    int64_t together = tier->qualifying;

    tier->qualifying = 0;
    tier_add(ladder, tier, registered_at, together, now);
}

void tier_merge(struct model_tier *into, const struct model_tier *other)
{
    bool higher = other->level > into->level || (other->level == into->level && other->until > into->until);
    struct model_tier merged = higher ? *other : *into;

    merged.qualifying = into->qualifying + other->qualifying;
    merged.from = into->from > other->from ? into->from : other->from;
    *into = merged;
}

void model_qualify(struct model *model, int member, int64_t amount)
{
    int list[GROUP_MAX], persons = 0, count = model_group(model, member, list);
    struct model_member *m = &model->members[member], *leader = &model->members[m->leader];

    for (int i = 0; i < count; i++)
        persons += model_same_person(model, list[i], member);
    if (persons > 1 && amount != 0)
        tier_settle(&model->rules->ladder, &m->share, m->registered_at, model->now);
    if (persons > 1)
        tier_add(&model->rules->ladder, &m->share, m->registered_at, amount, model->now);
    tier_add(&model->rules->ladder, &leader->tier, leader->registered_at, amount, model->now);
    model_touched(model, m->leader);
}
