#include "features/insight/rescore_store.h"

#include "features/programme/programme.h"
#include "storage/storage.h"

static const size_t MEMORY_MAX = (size_t)16 << 30;

/* The programme's day now. */
static int32_t today_of(struct engine *engine, int64_t now)
{
    struct configuration configuration = engine_configuration(engine);
    int32_t today = zone_day(programme_at(configuration.programmes, now)->zone, now);

    engine_configuration_release(engine, configuration);
    return today;
}

/* Days and model as of one moment; no days when the model is fresh enough. */
static enum status read_base(struct engine *engine, struct arena *arena, int64_t fresh, struct live_base *base,
                             struct kept_model *kept, struct error *err)
{
    int64_t now = clock_now(engine_clock(engine));
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), true, &session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = live_model_get(session, arena, kept, err);
    if (status == STATUS_OK && kept->learned_at < fresh)
        status = live_base_read(session, arena, today_of(engine, now), base, err);
    storage_rollback(session);
    storage_session_free(session);
    return status;
}

static enum status keep_model(struct storage_session *session, struct arena *arena, const struct kept_model *model,
                              struct error *err)
{
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    status = live_model_put(session, arena, model, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

static enum status keep(struct engine *engine, struct arena *arena, const struct rescore *what,
                        const struct score_rows *rows, struct rescore_result *out, struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);

    if (status != STATUS_OK)
        return status;
    status = keep_model(session, arena, &out->model, err);
    if (status == STATUS_OK && !what->keep_only)
        status = scores_keep(session, rows, what->watch, &out->stopped, err);
    storage_session_free(session);
    return status;
}

static enum status run_in(struct engine *engine, struct arena *arena, const struct rescore *what,
                          struct rescore_result *out, struct error *err)
{
    int64_t now = clock_now(engine_clock(engine));
    struct rescore_result result = {0};
    struct live_base base;
    struct score_rows rows = {.base = &base, .scored_at = now};
    int64_t fresh = what->unless_fresh ? now - RESCORE_FRESH_HOURS * INSTANT_HOUR : INT64_MAX;
    enum status status = read_base(engine, arena, fresh, &base, &result.model, err);

    if (status != STATUS_OK || result.model.learned_at >= fresh) {
        *out = result;
        return status;
    }
    bool choose = what->choose || now - result.model.chosen_at > MODEL_CHOSEN_DAYS * INSTANT_DAY;
    bool chosen = result.model.model.chosen, within = result.model.model.within;

    status = live_learn(arena, &base, choose ? CLV_MODELS : result.model.model.fit.model, &result.model.model, err);
    if (status != STATUS_OK)
        return status;
    if (choose) {
        result.model.chosen_at = now;
    } else {
        result.model.model.chosen = chosen;
        result.model.model.within = within;
    }
    result.model.learned_at = now;
    if (!what->keep_only) {
        struct live_score *scores = arena_array(arena, base.person_count + 1, sizeof *scores);

        status = live_score(arena, &base, &result.model.model, LIVE_HORIZON_WEEKS, scores, err);
        rows.scores = scores;
        result.persons = base.person_count;
    }
    if (status == STATUS_OK)
        status = keep(engine, arena, what, &rows, &result, err);
    if (status == STATUS_OK)
        *out = result;
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
