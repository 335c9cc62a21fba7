/* What budgets and limits of members still allow, and what is used of them. */
#include "model.h"

static int month_of(int64_t at)
{
    int year, month, mday;

    model_date(model_day(at), &year, &month, &mday);
    return year * 12 + month;
}

static struct model_progress *progress_at(struct model_member *member, int multiplier, int month)
{
    for (int i = 0; i < member->progress_count; i++)
        if (member->progress[i].multiplier == multiplier && member->progress[i].month == month)
            return &member->progress[i];
    if (member->progress_count == PROGRESS_MAX)
        return NULL;
    member->progress[member->progress_count] = (struct model_progress){multiplier, month, 0};
    return &member->progress[member->progress_count++];
}

void model_limits_find(const struct model *model, const struct model_event *purchase,
                       int64_t limits[RULES][MULTIPLIERS])
{
    for (int r = 0; r < RULES; r++)
        for (int i = 0; i < MULTIPLIERS; i++) {
            const struct multiplier_rules *multiplier = &model->rules->rules[r].multipliers[i];
            limits[r][i] = NEVER;
            if (multiplier->budget > 0)
                limits[r][i] = multiplier->budget - model->budget_used[r][i];
            int64_t left = multiplier->member_limit > 0 ? multiplier->member_limit : NEVER;
            for (int m = 0; multiplier->member_limit > 0 && m < model->member_count; m++)
                for (int p = 0; model_same_person(model, m, purchase->member) && p < model->members[m].progress_count;
                     p++)
                    if (model->members[m].progress[p].multiplier == r * MULTIPLIERS + i &&
                        model->members[m].progress[p].month == month_of(purchase->at))
                        left -= model->members[m].progress[p].used;
            limits[r][i] = left < limits[r][i] ? left : limits[r][i];
            if (limits[r][i] < 0) /* two persons that were merged may have used more */
                limits[r][i] = 0;
        }
}

void model_limits_use(struct model *model, const struct model_event *purchase, int r, int i, int64_t bonus)
{
    const struct multiplier_rules *multiplier = &model->rules->rules[r].multipliers[i];

    if (bonus == 0)
        return;
    if (multiplier->budget > 0)
        model->budget_used[r][i] += bonus;
    if (multiplier->member_limit > 0)
        progress_at(&model->members[purchase->member], r * MULTIPLIERS + i, month_of(purchase->at))->used += bonus;
}

int64_t model_progress_used(const struct model *model, const struct model_event *purchase, int limit)
{
    int64_t used = 0;

    for (int m = 0; m < model->member_count; m++)
        for (int p = 0; model_same_person(model, m, purchase->member) && p < model->members[m].progress_count; p++)
            if (model->members[m].progress[p].multiplier == limit &&
                model->members[m].progress[p].month == month_of(purchase->at))
                used += model->members[m].progress[p].used;
    return used;
}

void model_progress_add(struct model *model, const struct model_event *purchase, int limit, int64_t amount)
{
    struct model_progress *progress = progress_at(&model->members[purchase->member], limit, month_of(purchase->at));

    progress->used += amount;
    if (progress->used < 0)
        progress->used = 0;
}
