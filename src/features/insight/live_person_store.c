#include "features/insight/live_person_store.h"

#include <math.h>

#include "features/programme/programme.h"

size_t churn_why_strongest(const struct churn_why *why, enum churn_trait *out, size_t limit)
{
    bool told[CHURN_TRAITS] = {false};
    size_t count = 0;

    for (; count < limit && count < CHURN_TRAITS; count++) {
        int best = -1;

        for (int t = 0; t < CHURN_TRAITS; t++)
            if (!told[t] && (best < 0 || fabs(why->parts[t]) > fabs(why->parts[best])))
                best = t;
        told[best] = true;
        out[count] = (enum churn_trait)best;
    }
    return count;
}

static enum status read_risk(struct storage_session *session, struct arena *arena, const struct live_base *base,
                             struct person_scores *out, struct error *err)
{
    struct kept_churn churn;
    enum status status = churn_kept_get(session, arena, &churn, err);

    if (status == STATUS_OK && churn.live.in_force) {
        out->fitted = true;
        out->window = churn.live.window;
        status = churn_live_risks(arena, &churn.live, base, &out->score.risk, err);
        if (status == STATUS_OK)
            status = churn_live_explain(arena, &churn.live, base, &out->why, err);
    }
    churn_live_release(&churn.live);
    return status;
}

enum status person_scores_read(struct storage_session *session, struct arena *arena,
                               const struct person_question *question, struct person_scores *out, struct error *err)
{
    int32_t today = zone_day(programme_at(question->programmes, question->now)->zone, question->now);
    struct habit_standard standard = {.window = habit_window_at(question->programmes, question->now)};
    struct live_base base;

    *out = (struct person_scores){0};
    enum status status = live_model_get(session, arena, &out->model, err);

    if (status == STATUS_OK)
        status = live_person_read(session, arena, question->leader, today, &base, err);
    if (status == STATUS_OK)
        status = habit_base_get(session, arena, &standard.base, err);
    if (status == STATUS_OK)
        status = habit_of_person(session, arena, question->leader, &standard, &out->habit, err);
    if (status != STATUS_OK)
        return status;
    out->base = standard.base;
    out->purchase_days = base.day_count;
    out->bought = base.person_count > 0;
    out->known = out->bought && out->model.learned_at > 0;
    if (!out->known)
        return STATUS_OK;
    status = live_score(arena, &base, &out->model.model, question->weeks, &out->score, err);
    if (status == STATUS_OK)
        status = read_risk(session, arena, &base, out, err);
    out->score.kind = out->habit.member.type;
    return status;
}
