#include "features/segments/segment_follow_store.h"

#include <stdlib.h>
#include <string.h>

#include "features/segments/segments_store.h"
#include "queries.h"
#include "storage/storage.h"

enum { ROWS_AT_ONCE = 2000, DUE_AT_ONCE = 2000, DUE_OF_BUCKET = 500, DROPS_AT_ONCE = 8192, TRIES_MAX = 50 };
#define PASS_ARENA_BYTES ((size_t)512 << 20)
#define PASSES_MAX 1000000

struct segment_follower {
    struct engine *engine;
    struct arena *arena;
    struct storage_session *writes;
    bool prepared;
    /* The whole base: of which segments, how far. */
    struct arena *base_arena;
    struct text base_of; /* codes and what they rest on */
    int base_bucket;
};

/* What a pass knows; the configuration is borrowed for it. */
struct pass {
    struct segment_follower *follower;
    struct arena *arena;
    struct live_rules rules;
    struct segment_states states;
    bool behind;
};

enum status segment_follower_new(struct engine *engine, struct segment_follower **out, struct error *err)
{
    struct segment_follower *follower = calloc(1, sizeof *follower);
    if (follower == NULL)
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory to follow segments");
    follower->engine = engine;
    follower->arena = arena_new(PASS_ARENA_BYTES);
    follower->base_arena = arena_new(PASS_ARENA_BYTES);
    if (follower->arena == NULL || follower->base_arena == NULL) {
        segment_follower_free(follower);
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory to follow segments");
    }
    *out = follower;
    return STATUS_OK;
}

void segment_follower_free(struct segment_follower *follower)
{
    if (follower == NULL)
        return;
    storage_session_free(follower->writes);
    arena_free(follower->base_arena);
    arena_free(follower->arena);
    free(follower);
}

/* A database without segments gets no session that writes. */
static enum status prepare(struct segment_follower *follower, struct error *err)
{
    enum status status = STATUS_OK;
    if (follower->writes == NULL)
        status = storage_session_new(engine_storage(follower->engine), false, &follower->writes, err);
    if (status == STATUS_OK && !follower->prepared)
        status = segment_turns_create(follower->writes, err);
    follower->prepared = follower->prepared || status == STATUS_OK;
    return status;
}

/* ---- which there are ---- */

static enum status read_rules(struct pass *pass, const struct programme_set *programmes,
                              struct storage_session *session, struct error *err)
{
    int64_t scored_at;
    enum status status = segment_states_read(session, pass->arena, &pass->states, err);
    if (status == STATUS_OK)
        status = segment_scored_at(session, &scored_at, err);
    if (status == STATUS_OK)
        live_rules_of(pass->arena, programmes, clock_now(engine_clock(pass->follower->engine)), scored_at,
                      &pass->rules);
    return status;
}

static const struct segment_state *state_of(const struct segment_states *states, struct text code)
{
    for (size_t i = 0; i < states->count; i++)
        if (text_equal(states->items[i].segment, code))
            return &states->items[i];
    return NULL;
}

static bool is_live(const struct live_rules *rules, struct text code)
{
    for (size_t i = 0; i < rules->count; i++)
        if (text_equal(rules->items[i].code, code))
            return true;
    return false;
}

static struct membership_changes changes_of(struct pass *pass, const struct segment_positions *positions)
{
    const struct segment_time *time = &pass->rules.time;
    return (struct membership_changes){.arena = pass->arena,
                                       .positions = positions,
                                       .now = time->now,
                                       .today = zone_day(time->programme->zone, time->now)};
}

/* Somebody else was faster: the next pass sees what they wrote. */
static enum status tolerate(struct pass *pass, enum status status)
{
    if (status != STATUS_BUSY)
        return status;
    pass->behind = true;
    return STATUS_OK;
}

/* ---- segments that ended ---- */

static enum status drop_bucket(struct pass *pass, struct text segment, int bucket, struct error *err)
{
    struct segment_positions positions;
    struct storage_session *session;
    struct member_ids members = {0};
    enum status status = engine_read_begin(pass->follower->engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = segment_positions_read(session, &positions, err);
    if (status == STATUS_OK)
        status = membership_bucket(session, pass->arena, bucket, segment, &members, err);
    engine_read_end(pass->follower->engine, session);
    for (size_t at = 0; status == STATUS_OK && at < members.count; at += DROPS_AT_ONCE) {
        struct membership_changes changes = changes_of(pass, &positions);
        for (size_t i = at; i < members.count && i < at + DROPS_AT_ONCE; i++)
            membership_move(&changes, members.ids[i], segment, false);
        status = membership_commit(pass->follower->writes, &changes, &positions, err);
    }
    return status;
}

static enum status drop_ended(struct pass *pass, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < pass->states.count; i++) {
        struct text code = pass->states.items[i].segment;
        if (is_live(&pass->rules, code))
            continue;
        for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++)
            status = drop_bucket(pass, code, bucket, err);
        if (status == STATUS_OK)
            status = segment_state_drop(pass->follower->writes, code, pass->rules.count == 0, err);
    }
    return tolerate(pass, status);
}

/* ---- persons ---- */

struct gathering {
    struct arena *arena;
    struct id_list ids;
    int64_t last;
    size_t rows;
};

static enum status receive_row(void *context, const struct storage_row *row, struct error *err)
{
    struct gathering *gathering = context;
    (void)err;
    gathering->rows++;
    gathering->last = row_integer(row, 0);
    if (row_integer(row, 1) != 0)
        id_list_add(gathering->arena, &gathering->ids, row_integer(row, 1));
    return STATUS_OK;
}

/* The members of rows that were not followed yet; where nothing was ever followed it begins with what comes. */
static enum status gather_rows(struct storage_session *session, struct membership_changes *changes,
                               struct gathering *gathering, bool *more, struct error *err)
{
    const struct segment_positions *positions = changes->positions;
    const struct storage_receiver receiver = {.row = receive_row, .context = gathering};
    enum status status = STATUS_OK;
    *more = false;
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        size_t left = ROWS_AT_ONCE - gathering->rows, before = gathering->rows;
        if (positions->read[bucket] < 0)
            membership_follow(changes, bucket, positions->head[bucket]);
        if (positions->read[bucket] < 0 || positions->read[bucket] >= positions->head[bucket])
            continue;
        if (left == 0) {
            *more = true;
            break;
        }
        const struct storage_value values[] = {value_integer(bucket), value_integer(positions->read[bucket]),
                                               value_integer(positions->head[bucket]), value_integer((int64_t)left)};
        status = storage_run(session, &query_segments_journal_members, values, 1, &receiver, err);
        bool cut = gathering->rows - before == left;
        membership_follow(changes, bucket, cut ? gathering->last : positions->head[bucket]);
    }
    return status;
}

static enum status receive_due(void *context, const struct storage_row *row, struct error *err)
{
    struct gathering *gathering = context;
    (void)err;
    gathering->rows++;
    id_list_add(gathering->arena, &gathering->ids, row_integer(row, 0));
    return STATUS_OK;
}

static enum status gather_due(struct storage_session *session, int64_t now, struct gathering *gathering, bool *more,
                              struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_due, .context = gathering};
    enum status status = STATUS_OK;
    *more = false;
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT && gathering->rows < DUE_AT_ONCE; bucket++) {
        size_t before = gathering->rows;
        const struct storage_value values[] = {value_integer(bucket), value_integer(now), value_integer(DUE_OF_BUCKET)};
        status = storage_run(session, &query_segments_due_members, values, 1, &receiver, err);
        *more = *more || gathering->rows - before == DUE_OF_BUCKET;
    }
    *more = *more || gathering->rows >= DUE_AT_ONCE;
    return status;
}

static enum status evaluate_some(struct pass *pass, bool due, struct storage_session *session,
                                 struct membership_changes *changes, bool *more, struct error *err)
{
    struct gathering gathering = {.arena = pass->arena};
    const struct segment_work work = {pass->arena, session, &pass->rules, changes};
    enum status status = due ? gather_due(session, pass->rules.time.now, &gathering, more, err)
                             : gather_rows(session, changes, &gathering, more, err);
    return status == STATUS_OK ? segments_follow_people(&work, &gathering.ids, due, err) : status;
}

/* Those of new rows of the journal, or (`due`) those whom time may have changed. */
static enum status follow(struct pass *pass, bool due, struct error *err)
{
    struct segment_positions positions;
    struct storage_session *session;
    bool more = false, any = false;
    enum status status = engine_read_begin(pass->follower->engine, &session, err);
    if (status != STATUS_OK)
        return status;
    struct membership_changes changes = changes_of(pass, &positions);
    status = segment_positions_read(session, &positions, err);
    if (status == STATUS_OK)
        status = evaluate_some(pass, due, session, &changes, &more, err);
    engine_read_end(pass->follower->engine, session);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        any = any || changes.touches[bucket];
    if (status == STATUS_OK && any)
        status = membership_commit(pass->follower->writes, &changes, &positions, err);
    pass->behind = pass->behind || (status == STATUS_OK && more);
    return tolerate(pass, status);
}

/* ---- the whole base ---- */

/* The segments whose members rest on something that has changed. */
static struct live_rules stale_rules(struct pass *pass)
{
    struct live_rule *items = arena_array(pass->arena, pass->rules.count + 1, sizeof *items);
    struct live_rules stale = {.items = items, .time = pass->rules.time};
    for (size_t i = 0; i < pass->rules.count; i++) {
        const struct live_rule *rule = &pass->rules.items[i];
        const struct segment_state *state = state_of(&pass->states, rule->code);
        if (state != NULL && text_equal(state->basis, rule->basis))
            continue;
        struct segment_needs needs = segment_needs_of(rule->when);
        stale.needs.parts |= needs.parts;
        stale.needs.points |= needs.points;
        stale.needs.scores |= needs.scores;
        items[stale.count++] = *rule;
    }
    return stale;
}

static struct text describe(struct arena *arena, const struct live_rules *rules)
{
    struct builder out = {.arena = arena};
    for (size_t i = 0; i < rules->count; i++) {
        builder_text(&out, rules->items[i].code);
        builder_char(&out, ' ');
        builder_text(&out, rules->items[i].basis);
        builder_char(&out, '\n');
    }
    return builder_done(&out);
}

static enum status keep_states(struct storage_session *writes, const struct live_rules *rules, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < rules->count; i++) {
        const struct segment_state state = {rules->items[i].code, rules->items[i].basis, rules->time.now};
        status = segment_state_put(writes, &state, err);
    }
    return status;
}

/* The next bucket; from the first one again when something else has to be evaluated than before. */
static enum status evaluate_base(struct pass *pass, struct error *err)
{
    struct segment_follower *follower = pass->follower;
    const struct live_rules stale = stale_rules(pass);
    if (stale.count == 0)
        return STATUS_OK;
    struct text what = describe(pass->arena, &stale);
    if (!text_equal(what, follower->base_of)) {
        arena_reset(follower->base_arena);
        follower->base_of = text_copy(follower->base_arena, what);
        follower->base_bucket = 0;
    }
    pass->behind = true;
    enum status status = segments_base(follower->engine, follower->writes, &stale, follower->base_bucket, err);
    if (status != STATUS_OK)
        return tolerate(pass, status);
    if (++follower->base_bucket < BUCKET_COUNT)
        return STATUS_OK;
    follower->base_of = (struct text){0};
    return keep_states(follower->writes, &stale, err);
}

/* ---- passes ---- */

/* As the sweeper does: a clock that jumped takes nobody out of a segment until somebody has confirmed the time. */
static bool may_sweep(struct engine *engine)
{
    struct engine_figures figures;
    engine_figures(engine, &figures);
    return !figures.sweeper_stopped;
}

static enum status run(struct pass *pass, const struct programme_set *programmes, struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(pass->follower->engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = read_rules(pass, programmes, session, err);
    engine_read_end(pass->follower->engine, session);
    if (status != STATUS_OK || (pass->rules.count == 0 && pass->states.count == 0))
        return status;
    status = prepare(pass->follower, err);
    if (status == STATUS_OK)
        status = drop_ended(pass, err);
    if (status == STATUS_OK && pass->rules.count > 0)
        status = follow(pass, false, err);
    if (status == STATUS_OK && may_sweep(pass->follower->engine))
        status = follow(pass, true, err);
    if (status == STATUS_OK)
        status = evaluate_base(pass, err);
    return status;
}

enum status segment_follower_pass(struct segment_follower *follower, bool *behind, struct error *err)
{
    struct pass pass = {.follower = follower, .arena = follower->arena};
    struct configuration configuration = engine_configuration(follower->engine);
    arena_reset(follower->arena);
    enum status status = run(&pass, configuration.programmes, err);
    engine_configuration_release(follower->engine, configuration);
    *behind = pass.behind;
    return status;
}

static enum status forget_bases(struct segment_follower *follower, struct error *err)
{
    struct segment_states states;
    enum status status = prepare(follower, err);
    if (status == STATUS_OK)
        status = segment_states_read(follower->writes, follower->arena, &states, err);
    for (size_t i = 0; status == STATUS_OK && i < states.count; i++) {
        states.items[i].basis = TEXT("");
        status = segment_state_put(follower->writes, &states.items[i], err);
    }
    return status;
}

enum status segments_catch_up(struct engine *engine, bool anew, struct error *err)
{
    struct segment_follower *follower;
    bool behind = true;
    enum status status = segment_follower_new(engine, &follower, err);
    if (status != STATUS_OK)
        return status;
    if (anew)
        status = forget_bases(follower, err);
    for (int i = 0; status == STATUS_OK && behind && i < PASSES_MAX; i++)
        status = segment_follower_pass(follower, &behind, err);
    segment_follower_free(follower);
    return status;
}

/* ---- one segment, now ---- */

static bool pick(struct live_rules *rules, struct text code)
{
    for (size_t i = 0; i < rules->count; i++)
        if (text_equal(rules->items[i].code, code)) {
            rules->items = &rules->items[i];
            rules->count = 1;
            rules->needs = segment_needs_of(rules->items[0].when);
            return true;
        }
    return false;
}

static enum status read_one(struct pass *pass, const struct programme_set *programmes, struct text code,
                            struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(pass->follower->engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = read_rules(pass, programmes, session, err);
    engine_read_end(pass->follower->engine, session);
    if (status == STATUS_OK && !pick(&pass->rules, code))
        return error_set(err, STATUS_MISSING, "segment.not_in_force", "segment", "no such segment is in force");
    return status;
}

static enum status evaluate_bucket(struct segment_follower *follower, const struct segment_evaluation *what, int bucket,
                                   struct live_rules *out, struct error *err)
{
    struct pass pass = {.follower = follower, .arena = follower->arena};
    struct configuration configuration = engine_configuration(follower->engine);
    arena_reset(follower->arena);
    enum status status = read_one(&pass, configuration.programmes, what->code, err);
    for (int tries = 0; status == STATUS_OK; tries++) {
        status = segments_base(follower->engine, follower->writes, &pass.rules, bucket, err);
        if (status != STATUS_BUSY || tries == TRIES_MAX)
            break;
        status = STATUS_OK;
    }
    if (status == STATUS_OK && bucket == BUCKET_COUNT - 1)
        status = keep_states(follower->writes, &pass.rules, err);
    *out = pass.rules;
    engine_configuration_release(follower->engine, configuration);
    return status;
}

enum status segment_evaluate_base(struct engine *engine, const struct segment_evaluation *what, struct error *err)
{
    struct segment_follower *follower;
    struct live_rules rules;
    enum status status = segment_follower_new(engine, &follower, err);
    if (status == STATUS_OK)
        status = prepare(follower, err);
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        if (what->go_on != NULL && !what->go_on(what->context, bucket))
            break;
        status = evaluate_bucket(follower, what, bucket, &rules, err);
    }
    segment_follower_free(follower);
    return status;
}

enum status segment_progress_read(struct engine *engine, struct storage_session *session, struct arena *arena,
                                  struct text code, struct segment_progress *out, struct error *err)
{
    struct segment_follower follower = {.engine = engine};
    struct pass pass = {.follower = &follower, .arena = arena};
    struct configuration configuration = engine_configuration(engine);
    enum status status = read_rules(&pass, configuration.programmes, session, err);
    const struct segment_state *state = status == STATUS_OK ? state_of(&pass.states, code) : NULL;
    *out = (struct segment_progress){.evaluated_at = state == NULL ? 0 : state->evaluated_at};
    for (size_t i = 0; status == STATUS_OK && i < pass.rules.count; i++)
        if (text_equal(pass.rules.items[i].code, code)) {
            out->in_force = true;
            out->complete = state != NULL && text_equal(state->basis, pass.rules.items[i].basis);
        }
    engine_configuration_release(engine, configuration);
    return status;
}
