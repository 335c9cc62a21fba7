#include "features/insight/rescore_store.h"

#include "features/insight/churn_live_store.h"
#include "features/programme/programme.h"
#include "storage/storage.h"

enum { WEEK_DAYS = 7, RISK_WEEKS = 26 };

/* Weeks that were missed are measured later, but not so many that scoring takes long for it. */
static const size_t PERSON_WEEKS_MAX = 1000000;

static const size_t MEMORY_MAX = (size_t)16 << 30;

/* The programme's day now. */
static int32_t today_of(struct engine *engine, int64_t now)
{
    struct configuration configuration = engine_configuration(engine);
    int32_t today = zone_day(programme_at(configuration.programmes, now)->zone, now);

    engine_configuration_release(engine, configuration);
    return today;
}

/* Everything as of one moment. */
struct reading {
    struct live_base base; /* nobody in it when the model is fresh enough */
    struct kept_model kept;
    struct risk_points risks; /* of the last weeks */
};

static enum status read_base(struct engine *engine, struct arena *arena, int64_t fresh, struct reading *out,
                             struct error *err)
{
    struct kept_model *kept = &out->kept;
    int64_t now = clock_now(engine_clock(engine));
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), true, &session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = live_model_get(session, arena, kept, err);
    if (status == STATUS_OK && kept->learned_at < fresh)
        status = live_base_read(session, arena, today_of(engine, now), &out->base, err);
    if (status == STATUS_OK)
        status = risks_read(session, arena, out->base.today - WEEK_DAYS * (RISK_WEEKS + 1), &out->risks, err);
    storage_rollback(session);
    storage_session_free(session);
    return status;
}

/* ---- risk by week ---- */

static bool is_measured(const struct risk_points *points, int32_t day)
{
    for (size_t i = 0; i < points->count; i++)
        if (points->items[i].day == day)
            return true;
    return false;
}

static enum status measure_week(struct arena *arena, const struct reading *reading, int32_t day,
                                struct risk_points *out, struct error *err)
{
    struct arena *scratch = arena_new(MEMORY_MAX);
    struct churn_mean means[CHURN_SERIES];

    if (scratch == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory");
    enum status status = churn_risk_measure(scratch, &reading->base, &reading->kept.model, day, means, err);

    for (int i = 0; status == STATUS_OK && i < CHURN_SERIES; i++) {
        if (means[i].members <= 0)
            continue;
        out->items = arena_grow(arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
        out->items[out->count++] =
            (struct risk_point){(enum churn_series)i, day, (int64_t)means[i].members, means[i].risk};
    }
    arena_free(scratch);
    return status;
}

/* Weeks end on the same day of the week for ever, so that a week is measured once. */
static enum status measure_risks(struct arena *arena, const struct reading *reading, struct risk_points *out,
                                 struct error *err)
{
    int32_t day = reading->base.today - reading->base.today % WEEK_DAYS;
    enum status status = STATUS_OK;
    size_t done = 0;

    for (int week = 0; status == STATUS_OK && week < RISK_WEEKS; week++, day -= WEEK_DAYS) {
        if (is_measured(&reading->risks, day))
            continue;
        if (done > 0 && done + reading->base.person_count > PERSON_WEEKS_MAX)
            break;
        status = measure_week(arena, reading, day, out, err);
        done += reading->base.person_count;
    }
    return status;
}

/* ---- keeping ---- */

static enum status keep_model(struct storage_session *session, struct arena *arena, const struct kept_model *model,
                              const struct risk_points *risks, struct error *err)
{
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    status = live_model_put(session, arena, model, err);
    if (status == STATUS_OK)
        status = risks_put(session, arena, risks, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

/* What one call has learned, to be kept. */
struct outcome {
    struct score_rows rows;
    struct risk_points risks;
    struct rescore_result result;
};

static enum status keep(struct engine *engine, struct arena *arena, const struct rescore *what, struct outcome *outcome,
                        struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);

    if (status != STATUS_OK)
        return status;
    status = keep_model(session, arena, &outcome->result.model, &outcome->risks, err);
    if (status == STATUS_OK && !what->keep_only)
        status = scores_keep(session, &outcome->rows, what->watch, &outcome->result.stopped, err);
    storage_session_free(session);
    return status;
}

static enum status learn(struct arena *arena, const struct rescore *what, int64_t now, struct reading *reading,
                         struct error *err)
{
    struct kept_model *kept = &reading->kept;
    bool choose = what->choose || now - kept->chosen_at > MODEL_CHOSEN_DAYS * INSTANT_DAY;
    bool chosen = kept->model.chosen, within = kept->model.within;
    enum status status =
        live_learn(arena, &reading->base, choose ? CLV_MODELS : kept->model.fit.model, &kept->model, err);

    if (status != STATUS_OK)
        return status;
    if (choose) {
        kept->chosen_at = now;
    } else {
        kept->model.chosen = chosen;
        kept->model.within = within;
    }
    kept->learned_at = now;
    return STATUS_OK;
}

static enum status score(struct arena *arena, const struct reading *reading, struct outcome *out, struct error *err)
{
    struct live_score *scores = arena_array(arena, reading->base.person_count + 1, sizeof *scores);
    enum status status = live_score(arena, &reading->base, &reading->kept.model, LIVE_HORIZON_WEEKS, scores, err);

    if (status != STATUS_OK)
        return status;
    out->rows = (struct score_rows){&reading->base, scores, reading->kept.learned_at};
    out->result.persons = reading->base.person_count;
    return measure_risks(arena, reading, &out->risks, err);
}

static enum status run_in(struct engine *engine, struct arena *arena, const struct rescore *what,
                          struct rescore_result *out, struct error *err)
{
    int64_t now = clock_now(engine_clock(engine));
    int64_t fresh = what->unless_hours > 0 ? now - what->unless_hours * INSTANT_HOUR : INT64_MAX;
    struct outcome outcome = {0};
    struct reading reading = {0};
    enum status status = read_base(engine, arena, fresh, &reading, err);

    if (status != STATUS_OK || reading.kept.learned_at >= fresh) {
        out->model = reading.kept;
        return status;
    }
    status = learn(arena, what, now, &reading, err);
    if (status == STATUS_OK && !what->keep_only)
        status = score(arena, &reading, &outcome, err);
    outcome.result.model = reading.kept;
    if (status == STATUS_OK)
        status = keep(engine, arena, what, &outcome, err);
    if (status == STATUS_OK)
        *out = outcome.result;
    return status;
}

enum status rescore_run(struct engine *engine, const struct rescore *what, struct rescore_result *out,
                        struct error *err)
{
    struct arena *arena = arena_new(MEMORY_MAX);

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory");
    enum status status = run_in(engine, arena, what, out, err);

    arena_free(arena);
    return status;
}
