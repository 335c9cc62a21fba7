#include "features/insight/rescore_store.h"

#include <malloc.h>
#include <math.h>
#include <pthread.h>

#include "features/insight/churn_live_store.h"
#include "features/insight/habit_store.h"
#include "features/insight/live_chunk_store.h"
#include "features/insight/member_alert_store.h"
#include "features/insight/score_list_store.h"
#include "features/programme/programme.h"
#include "foundation/id.h"
#include "storage/storage.h"

enum {
    WEEK_DAYS = 7,
    RISK_WEEKS = 26,
    RISE_MIN = 50000, /* of a risk that another model told before: less may be the models' difference */
};

/* Weeks that were missed are measured later, but not so many that scoring takes long for it. */
static const size_t PERSON_WEEKS_MAX = 300000;

/* How many persons the models learn from, and how many are scored at a time: a base of any size takes the same memory. */
static const size_t SAMPLE_PERSONS = 100000, CHUNK_PERSONS = 8000, MEMORY_MAX = (size_t)4 << 30;

/* The programme's day now. */
static int32_t today_of(struct engine *engine, int64_t now)
{
    struct configuration configuration = engine_configuration(engine);
    int32_t today = zone_day(programme_at(configuration.programmes, now)->zone, now);

    engine_configuration_release(engine, configuration);
    return today;
}

/* One call. */
struct work {
    struct engine *engine;
    const struct rescore *what;
    struct storage_session *reads, *writes;
    struct storage_session *compares; /* reads the scores of before, while `reads` is ahead */
    int64_t now;
    int32_t today;
    struct kept_model kept;
    struct kept_churn churn;
    struct habit_base habits;
    struct habit_brands *brands;
    size_t persons;           /* as far as is known before all are scored */
    bool comparable;          /* the risks kept mean what the new ones do */
    int64_t threshold_before; /* of the model by which they were made */
    struct score_pace pace;
    struct score_lists *lists;
    struct rescore_result result;
};

/* ---- risk by week ---- */

static bool is_measured(const struct risk_points *points, int32_t day)
{
    for (size_t i = 0; i < points->count; i++)
        if (points->items[i].day == day)
            return true;
    return false;
}

/* `share` of the members are in the base: their numbers are told as of all. */
static enum status measure_week(struct arena *arena, const struct work *work, const struct live_base *base, int32_t day,
                                struct risk_points *out, struct error *err)
{
    struct arena *scratch = arena_new(MEMORY_MAX);
    struct churn_mean means[CHURN_SERIES];
    double times = (double)work->persons / (double)base->person_count;

    if (scratch == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory");
    enum status status = churn_risk_measure(scratch, base, &work->kept.model, day, means, err);

    for (int i = 0; status == STATUS_OK && i < CHURN_SERIES; i++) {
        if (means[i].members <= 0)
            continue;
        out->items = arena_grow(arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
        out->items[out->count++] =
            (struct risk_point){(enum churn_series)i, day, llround(means[i].members * times), means[i].risk};
    }
    arena_free(scratch);
    return status;
}

/* Weeks end on the same day of the week for ever, so that a week is measured once. */
static enum status measure_risks(struct arena *arena, const struct work *work, const struct live_base *base,
                                 struct risk_points *out, struct error *err)
{
    int32_t day = base->today - base->today % WEEK_DAYS;
    struct risk_points known;
    enum status status = risks_read(work->reads, arena, base->today - WEEK_DAYS * (RISK_WEEKS + 1), &known, err);
    size_t done = 0;

    for (int week = 0; status == STATUS_OK && week < RISK_WEEKS; week++, day -= WEEK_DAYS) {
        if (is_measured(&known, day))
            continue;
        if (done > 0 && done + base->person_count > PERSON_WEEKS_MAX)
            break;
        status = measure_week(arena, work, base, day, out, err);
        done += base->person_count;
    }
    return status;
}

/* ---- learning ---- */

static enum status learn_lifetime(struct arena *arena, struct work *work, const struct live_base *base, bool choose,
                                  struct error *err)
{
    struct kept_model *kept = &work->kept;
    bool chosen = kept->model.chosen, within = kept->model.within;
    enum status status = live_learn(arena, base, choose ? CLV_MODELS : kept->model.fit.model, &kept->model, err);

    if (status != STATUS_OK)
        return status;
    if (choose) {
        kept->chosen_at = work->now;
    } else {
        kept->model.chosen = chosen;
        kept->model.within = within;
    }
    kept->learned_at = work->now;
    return STATUS_OK;
}

/* In millionths, as risks are kept; 0: there is none. */
static int64_t threshold_of(const struct churn_live *live)
{
    return isfinite(live->threshold.risk) ? llround(live->threshold.risk * SCORE_MILLION) : 0;
}

/* With its trial on held-out members this takes seconds: when the model is chosen, or there is none, or an old one. */
static enum status learn_churn(struct arena *arena, struct work *work, const struct live_base *base, bool choose,
                               struct error *err)
{
    bool old = work->now - work->churn.learned_at > MODEL_CHOSEN_DAYS * INSTANT_DAY;

    if (!choose && !old && work->churn.live.learned)
        return STATUS_OK;
    bool was_in_force = work->churn.live.in_force;

    work->threshold_before = threshold_of(&work->churn.live);

    churn_live_release(&work->churn.live);
    work->churn.learned_at = work->now;
    work->churn.fresh = true;
    enum status status = churn_live_learn(arena, base, &work->kept.model, &work->churn.live, err);

    work->comparable = was_in_force == work->churn.live.in_force;
    return status;
}

/* In one transaction. */
static enum status keep_models(struct arena *arena, struct work *work, const struct risk_points *risks,
                               struct error *err)
{
    enum status status = storage_begin(work->writes, err);

    if (status != STATUS_OK)
        return status;
    status = live_model_put(work->writes, arena, &work->kept, err);
    if (status == STATUS_OK && work->churn.fresh)
        status = churn_kept_put(work->writes, arena, &work->churn, err);
    if (status == STATUS_OK && !work->what->keep_only)
        status = risks_put(work->writes, arena, risks, err);
    if (status == STATUS_OK)
        return storage_commit(work->writes, err);
    storage_rollback(work->writes);
    return status;
}

/* `kept` holds what scoring needs later; the days learned from go with an arena of their own. */
static enum status learn(struct arena *kept, struct work *work, struct error *err)
{
    struct arena *arena = arena_new(MEMORY_MAX);
    struct live_chunk chunk = {.persons = SAMPLE_PERSONS};
    struct live_base base;
    struct risk_points risks = {0};
    bool choose = work->what->choose || work->now - work->kept.chosen_at > MODEL_CHOSEN_DAYS * INSTANT_DAY;

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory");
    enum status status = live_chunk_read(work->reads, arena, &chunk, work->today, &base, err);

    work->persons = base.person_count * BUCKET_COUNT / (size_t)(chunk.first > 0 ? chunk.first : 1);
    if (status == STATUS_OK)
        status = learn_lifetime(arena, work, &base, choose, err);
    if (status == STATUS_OK && !work->what->keep_only)
        status = learn_churn(kept, work, &base, choose, err);
    if (status == STATUS_OK && !work->what->keep_only)
        status = measure_risks(arena, work, &base, &risks, err);
    if (status == STATUS_OK)
        status = keep_models(arena, work, &risks, err);
    arena_free(arena);
    return status;
}

/* ---- kinds of buyers ---- */

static enum status learn_habits(struct arena *kept, struct work *work, struct error *err)
{
    enum status status = habits_renew(work->engine, work->writes, work->now, err);

    if (status == STATUS_OK)
        status = habits_learn(work->writes, work->persons, work->now, &work->habits, err);
    if (status == STATUS_OK)
        status = habit_base_put(work->writes, kept, &work->habits, work->now, err);
    return status == STATUS_OK ? habit_brands_read(work->reads, kept, &work->brands, err) : status;
}

struct buckets {
    int first, end;
};

/* Persons of a chunk and habits of a bucket are both by id. */
static enum status add_kinds(struct arena *arena, const struct work *work, struct buckets buckets,
                             const struct live_base *base, struct live_score *scores, struct error *err)
{
    const struct habit_judge judge = {&work->habits, work->brands};
    enum status status = STATUS_OK;
    size_t at = 0;

    for (int bucket = buckets.first; status == STATUS_OK && bucket < buckets.end; bucket++) {
        struct habits habits;

        status = habits_of_bucket(work->reads, arena, bucket, &judge, &habits, err);
        for (size_t i = 0; status == STATUS_OK && at < base->person_count && id_bucket(base->persons[at]) == bucket;
             at++) {
            while (i < habits.count && habits.items[i].person < base->persons[at])
                i++;
            if (i < habits.count && habits.items[i].person == base->persons[at])
                scores[at].kind = habits.items[i].member.type;
        }
    }
    return status;
}

/* ---- scoring ---- */

static enum status score_base(struct arena *arena, const struct work *work, const struct live_base *base,
                              struct live_score *scores, struct error *err)
{
    const struct churn_live *churn = &work->churn.live;
    enum status status = live_score(arena, base, &work->kept.model, LIVE_HORIZON_WEEKS, scores, err);

    if (status != STATUS_OK || !churn->in_force)
        return status;
    double *risks = arena_array(arena, base->person_count + 1, sizeof *risks);

    status = churn_live_risks(arena, churn, base, risks, err);
    for (size_t i = 0; status == STATUS_OK && i < base->person_count; i++)
        scores[i].risk = risks[i];
    return status;
}

/* A scored chunk: it is written while the next one is read and scored. */
struct keeping {
    struct work *work;
    struct arena *arena; /* holds what follows */
    struct live_base base;
    struct live_score *scores;
    struct alert_check check;
    pthread_t thread;
    bool started;
    enum status status;
    struct error error;
};

static enum status keep_scores(struct keeping *keeping, struct error *err)
{
    struct work *work = keeping->work;
    const struct live_base *base = &keeping->base;
    struct alert_check *check = &keeping->check;
    struct kept_score *kept = arena_array(keeping->arena, base->person_count + 1, sizeof *kept);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < base->person_count; i++) {
        kept[i] = (struct kept_score){.member = base->persons[i], .scored_at = work->kept.learned_at};
        score_whole(&keeping->scores[i], &kept[i]);
    }
    check->scores = kept;
    check->count = base->person_count;
    check->threshold = threshold_of(&work->churn.live);
    check->threshold_before = work->churn.fresh ? work->threshold_before : check->threshold;
    check->rise = work->churn.fresh ? RISE_MIN : 1;
    if (check->threshold > 0 && work->comparable)
        status = member_alerts_raise(work->compares, work->writes, check, work->now, &work->result.alerts, err);
    if (status == STATUS_OK)
        status = scores_put(work->writes, &work->pace, kept, base->person_count, err);
    return status == STATUS_OK ? score_lists_add(work->lists, kept, base->person_count, err) : status;
}

static void *run_keeping(void *context)
{
    struct keeping *keeping = context;

    pthread_setname_np(pthread_self(), "scores");
    keeping->status = keep_scores(keeping, &keeping->error);
    return NULL;
}

/* One chunk is written at a time: the one before has ended. */
static void begin_keeping(struct keeping *keeping)
{
    keeping->started = pthread_create(&keeping->thread, NULL, run_keeping, keeping) == 0;
    if (!keeping->started)
        run_keeping(keeping);
}

static enum status end_keeping(struct keeping *keeping, struct error *err)
{
    if (keeping->started)
        pthread_join(keeping->thread, NULL);
    enum status status = keeping->status;

    if (status != STATUS_OK && err != NULL)
        *err = keeping->error;
    arena_free(keeping->arena);
    *keeping = (struct keeping){.work = keeping->work};
    return status;
}

/* Reads and scores the next chunk into `out`, whose arena is for end_keeping. */
static enum status score_chunk(struct work *work, struct live_chunk *chunk, struct keeping *out, struct error *err)
{
    out->arena = arena_new(MEMORY_MAX);
    out->check.first = chunk->first;
    if (out->arena == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory");
    enum status status = live_chunk_read(work->reads, out->arena, chunk, work->today, &out->base, err);

    out->check.end = chunk->first;
    if (status != STATUS_OK || out->base.person_count == 0)
        return status;
    out->scores = arena_array(out->arena, out->base.person_count, sizeof *out->scores);
    status = score_base(out->arena, work, &out->base, out->scores, err);
    if (status == STATUS_OK)
        status = add_kinds(out->arena, work, (struct buckets){out->check.first, out->check.end}, &out->base,
                           out->scores, err);
    work->result.persons += out->base.person_count;
    return status;
}

/* Until all are scored or somebody stops it. */
static enum status score_chunks(struct work *work, struct error *err)
{
    const struct score_watch *watch = work->what->watch;
    struct live_chunk chunk = {.persons = CHUNK_PERSONS};
    struct keeping both[2] = {{.work = work}, {.work = work}};
    enum status status = STATUS_OK;
    int turn = 0;

    while (status == STATUS_OK && chunk.first < BUCKET_COUNT) {
        size_t done = work->result.persons, total = done > work->persons ? done : work->persons;

        work->result.stopped = watch != NULL && !watch->go_on(watch->context, done, total);
        if (work->result.stopped)
            break;
        status = score_chunk(work, &chunk, &both[turn], err);
        enum status before = end_keeping(&both[1 - turn], status == STATUS_OK ? err : NULL);

        status = status == STATUS_OK ? before : status;
        if (status == STATUS_OK && both[turn].base.person_count > 0)
            begin_keeping(&both[turn]);
        turn = 1 - turn;
    }
    for (int i = 0; i < 2; i++) {
        enum status last = end_keeping(&both[i], status == STATUS_OK ? err : NULL);

        status = status == STATUS_OK ? last : status;
    }
    return status;
}

static enum status score_all(struct work *work, struct error *err)
{
    enum status status = score_chunks(work, err);

    if (status != STATUS_OK || work->result.stopped)
        return status;
    status = scores_drop_older(work->writes, work->kept.learned_at, err);
    if (status == STATUS_OK)
        status = score_lists_keep(work->writes, work->lists, work->what->watch, &work->result.stopped, err);
    if (status != STATUS_OK || work->result.stopped)
        return status;
    /* From here on all scores are those of this scoring: segments that rest on them wait for it. */
    const struct kept_text scored = {.learned_at = work->kept.learned_at, .body = TEXT("")};
    return model_text_put(work->writes, TEXT("scored"), &scored, err);
}

/* ---- all of it ---- */

static enum status run(struct arena *arena, struct work *work, struct error *err)
{
    int64_t fresh = work->what->unless_hours > 0 ? work->now - work->what->unless_hours * INSTANT_HOUR : INT64_MAX;
    enum status status = live_model_get(work->reads, arena, &work->kept, err);

    if (status != STATUS_OK || work->kept.learned_at >= fresh)
        return status;
    status = storage_session_new(engine_storage(work->engine), false, &work->writes, err);
    if (status == STATUS_OK)
        status = storage_session_new(engine_storage(work->engine), true, &work->compares, err);
    if (status == STATUS_OK)
        status = churn_kept_get(work->reads, arena, &work->churn, err);
    if (status == STATUS_OK)
        status = learn(arena, work, err);
    if (status == STATUS_OK && !work->what->keep_only)
        status = learn_habits(arena, work, err);
    if (status == STATUS_OK && !work->what->keep_only)
        status = score_all(work, err);
    return status;
}

enum status rescore_run(struct engine *engine, const struct rescore *what, struct rescore_result *out,
                        struct error *err)
{
    int64_t now = clock_now(engine_clock(engine));
    struct work work = {.engine = engine,
                        .what = what,
                        .now = now,
                        .today = today_of(engine, now),
                        .comparable = true,
                        .lists = score_lists_new()};
    struct arena *arena = arena_new(MEMORY_MAX);
    enum status status = arena != NULL && work.lists != NULL
                             ? storage_session_new(engine_storage(engine), true, &work.reads, err)
                             : error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory");

    if (status == STATUS_OK)
        status = run(arena, &work, err);
    if (status == STATUS_OK) {
        work.result.model = work.kept;
        *out = work.result;
    }
    churn_live_release(&work.churn.live);
    score_lists_free(work.lists);
    storage_session_free(work.compares);
    storage_session_free(work.writes);
    storage_session_free(work.reads);
    arena_free(arena);
    /* The next scoring may run on another thread, whose heap would take as much again. */
    malloc_trim(0);
    return status;
}
