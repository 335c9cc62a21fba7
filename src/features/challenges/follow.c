/* What an event does to the challenges of its member. */
#include "features/challenges/follow.h"

#include <string.h>

#include "features/coupons/coupons.h"
#include "features/events/facts.h"
#include "features/reactions/award.h"

enum { ROUNDS_AT_ONCE = 1000 /* of one event; the next event goes on */ };

enum mode { MODE_COUNT, MODE_RECOUNT, MODE_SETTLE };

struct work {
    struct decision *decision;
    struct follow_challenges *body;
    const struct person *person;
    const struct past_event *event; /* NULL: settling */
    enum mode mode;
    struct condition_world world;
    struct journal_row *row; /* made when something changes */
    struct builder codes;    /* of the challenges that changed, for its facts */
};

/* One challenge of the work. */
struct part {
    const struct definition *definition;
    const struct challenge *challenge;
    const struct zone *zone;
    const struct challenge_row *rows; /* before */
    size_t row_count;
    struct challenge_progress before, after;
};

/* ---- what is loaded ---- */

bool challenge_taken_part(const struct challenge *challenge, const struct challenge_state *state, struct text code,
                          int64_t at, int64_t *enrolled_at)
{
    *enrolled_at = INT64_MIN;
    if (!challenge->by_member)
        return true;
    for (size_t i = 0; i < state->enrolment_count; i++) {
        const struct challenge_enrolment *enrolment = &state->enrolments[i];
        bool counts = text_equal(enrolment->challenge, code) && enrolment->enrolled_at <= at &&
                      (enrolment->left_at == 0 || at < enrolment->left_at);
        if (counts && (*enrolled_at == INT64_MIN || enrolment->enrolled_at < *enrolled_at))
            *enrolled_at = enrolment->enrolled_at;
    }
    return *enrolled_at != INT64_MIN;
}

const struct challenge_row *challenge_rows_of(struct arena *arena, const struct challenge_state *state,
                                              struct text code, size_t *count)
{
    struct challenge_row *rows = arena_array(arena, state->row_count + 1, sizeof *rows);

    *count = 0;
    for (size_t i = 0; i < state->row_count; i++)
        if (text_equal(state->rows[i].challenge, code))
            rows[(*count)++] = state->rows[i];
    return rows;
}

size_t challenge_given(const struct challenge_state *state, struct text code)
{
    size_t count = 0;

    for (size_t i = 0; i < state->reward_count; i++)
        count += state->rewards[i].taken_at == 0 && text_equal(state->rewards[i].challenge, code);
    return count;
}

/* ---- the journal ---- */

static int64_t cause_of(const struct work *work)
{
    return work->event != NULL ? work->event->row.id : 0;
}

static void note(struct work *work, struct text code)
{
    if (work->row == NULL) {
        const struct programme *programme = programme_at(work->decision->programmes, work->decision->now);
        work->row = journal_add(work->decision, work->person->member, 0, "challenge_progress", work->decision->now);
        work->row->day = zone_day(programme->zone, work->decision->now);
        work->row->cause = cause_of(work);
        work->codes.arena = work->decision->arena;
    }
    builder_string(&work->codes, work->codes.size > 0 ? "," : "{\"challenges\":[");
    facts_string(&work->codes, code);
}

static void finish_note(struct work *work)
{
    if (work->row == NULL)
        return;
    builder_string(&work->codes, "]}");
    work->row->facts = builder_done(&work->codes);
}

/* ---- rewards ---- */

static struct text reward_facts(struct arena *arena, const struct challenge_reward *reward)
{
    struct builder facts = {.arena = arena};

    builder_string(&facts, "{\"challenge\":");
    facts_string(&facts, reward->challenge);
    builder_format(&facts, ",\"number\":%lld", (long long)reward->number);
    if (reward->points > 0)
        builder_format(&facts, ",\"points\":%lld", (long long)reward->points);
    if (reward->badge.size > 0) {
        builder_string(&facts, ",\"badge\":");
        facts_string(&facts, reward->badge);
    }
    builder_char(&facts, '}');
    return builder_done(&facts);
}

static struct text facts_with(struct arena *arena, struct text facts, const char *name, struct text code)
{
    struct builder out = {.arena = arena};

    builder_text(&out, (struct text){facts.bytes, facts.size - 1});
    fact_code(&out, name, code);
    builder_char(&out, '}');
    return builder_done(&out);
}

/* Why there is none is said in the row: the rest of the reward is given all the same. */
static void give_benefit(struct work *work, const struct grant *grant, struct journal_row *row)
{
    struct arena *arena = work->decision->arena;
    struct error err = {0};

    if (grant->benefit.size == 0)
        return;
    row->facts = facts_with(arena, row->facts, "benefit", grant->benefit);
    if (grant_give(work->decision, work->person, grant, (struct grant_source){row->id, "challenge"}, &err) != STATUS_OK)
        row->facts = facts_with(arena, row->facts, "not_given", text_from(err.code));
}

/* The code follows from what the row says (reward_coupon.h). */
static void name_coupon(const struct work *work, struct text code, struct journal_row *row)
{
    bool current = false;
    const struct coupon_series *series =
        coupon_series_find(work->decision->programmes, code, work->decision->now, &current);
    bool can = series != NULL && current && series->codes == COUPON_UNIQUE && work->decision->now < series->until;

    if (code.size > 0)
        row->facts = facts_with(work->decision->arena, row->facts, can ? "coupon" : "not_given",
                                can ? code : TEXT("coupon.series"));
}

static enum status give(struct work *work, const struct part *part, int64_t number, struct error *err)
{
    struct decision *decision = work->decision;
    const struct challenge_reward_terms *terms = &part->challenge->reward;
    bool points = terms->points > 0 && award_possible(decision, terms->wallet);
    struct challenge_reward reward = {.member = work->person->member->id,
                                      .challenge = part->definition->code,
                                      .number = number,
                                      .event = cause_of(work),
                                      .given_at = decision->now,
                                      .wallet = points ? terms->wallet : TEXT(""),
                                      .points = points ? terms->points : 0,
                                      .badge = terms->badge,
                                      .item = terms->item};
    struct award award = {.kind = "challenge_reward",
                          .wallet = reward.wallet,
                          .points = reward.points,
                          .pending_until =
                              terms->pending_days > 0 ? decision->now + terms->pending_days * INSTANT_DAY : 0,
                          .cause = reward.event,
                          .facts = reward_facts(decision->arena, &reward)};
    struct journal_row *row;
    enum status status = award_give(decision, work->person, &award, &row, err);

    if (status != STATUS_OK)
        return status;
    reward.id = row->id;
    store_reward(decision, &reward);
    give_benefit(work, &terms->grants, row);
    name_coupon(work, terms->coupon, row);
    if (reward.badge.size > 0)
        badge_award(decision, work->person, &work->body->load.state, reward.badge, reward.id, reward.event);
    return STATUS_OK;
}

static const struct past_event *loaded_row(const struct decision *decision, int64_t id)
{
    for (size_t i = 1; i < COMMAND_EVENTS_MAX; i++)
        if (decision->events[i] != NULL && decision->events[i]->row.id == id)
            return decision->events[i];
    return NULL;
}

static enum status take(struct work *work, struct challenge_reward *reward, struct error *err)
{
    struct decision *decision = work->decision;
    struct person person = *work->person;
    struct challenge_state *state = &work->body->load.state;
    struct award award = {.kind = "challenge_clawback",
                          .wallet = reward->wallet,
                          .points = reward->points,
                          .cause = cause_of(work),
                          .facts = reward_facts(decision->arena, reward)};
    int64_t taken;

    person.member = group_find(person.group, reward->member);
    if (person.member == NULL)
        return STATUS_OK;
    award.facts = facts_with(decision->arena, award.facts, "reward",
                             text_from(arena_format(decision->arena, "%lld", (long long)reward->id)));
    if (grant_take_back(decision, &person, reward->id, &work->body->load.entitled) == GRANT_USED)
        award.facts = facts_with(decision->arena, award.facts, "kept", TEXT("benefit"));
    enum status status = award_take_back(decision, &person, &award, loaded_row(decision, reward->id), &taken, err);
    if (status != STATUS_OK)
        return status;
    reward->taken_at = decision->now;
    store_reward(decision, reward);
    for (size_t i = 0; i < state->badge_count; i++)
        if (state->badges[i].source == reward->id && state->badges[i].revoked_at == 0)
            badge_revoke(decision, &person, &work->body->load, &state->badges[i], cause_of(work));
    return STATUS_OK;
}

static struct challenge_reward *newest(struct challenge_state *state, struct text code)
{
    struct challenge_reward *found = NULL;

    for (size_t i = 0; i < state->reward_count; i++) {
        struct challenge_reward *reward = &state->rewards[i];
        if (reward->taken_at == 0 && text_equal(reward->challenge, code) &&
            (found == NULL || reward->number > found->number ||
             (reward->number == found->number && reward->id > found->id)))
            found = reward;
    }
    return found;
}

/* As many as rounds ended; back go no more than this event undid. */
static enum status settle(struct work *work, const struct part *part, struct error *err)
{
    struct challenge_state *state = &work->body->load.state;
    struct text code = part->definition->code;
    int64_t given = (int64_t)challenge_given(state, code), due = part->after.completed;
    int64_t lost = part->before.completed - due;
    enum status status = STATUS_OK;

    for (int64_t i = 0; i < due - given && i < ROUNDS_AT_ONCE && status == STATUS_OK; i++) {
        if (work->row == NULL)
            note(work, code);
        status = give(work, part, given + i + 1, err);
    }
    for (int64_t i = 0; work->mode == MODE_RECOUNT && i < lost && i < given - due && status == STATUS_OK; i++) {
        struct challenge_reward *reward = newest(state, code);
        if (reward != NULL)
            status = take(work, reward, err);
    }
    return status;
}

/* ---- counting ---- */

static bool same_row(const struct challenge_row *a, const struct challenge_row *b)
{
    return a->event == b->event && text_equal(a->step, b->step) && text_equal(a->value, b->value);
}

static const struct challenge_row *find_row(const struct challenge_row *rows, size_t count,
                                            const struct challenge_row *row)
{
    for (size_t i = 0; i < count; i++)
        if (same_row(&rows[i], row))
            return &rows[i];
    return NULL;
}

static bool has_event(const struct part *part, int64_t event)
{
    for (size_t i = 0; i < part->row_count; i++)
        if (part->rows[i].event == event)
            return true;
    return false;
}

static bool takes_part(struct work *work, const struct part *part)
{
    const struct journal_row *row = &work->event->row;

    return challenge_in_time(part->challenge, part->zone, row->at, row->recorded_at) &&
           (part->challenge->when.program == NULL || condition_holds(&work->world, &part->challenge->when));
}

/* Writes what changed of the event's rows; `*out` are all rows afterwards. */
static void replace_rows(struct work *work, const struct part *part, struct challenge_row *counted, size_t count,
                         struct challenge_row *out, size_t *out_count)
{
    bool changed = false;

    *out_count = 0;
    for (size_t i = 0; i < part->row_count; i++) {
        const struct challenge_row *row = &part->rows[i];
        if (row->event != work->event->row.id) {
            out[(*out_count)++] = *row;
        } else if (find_row(counted, count, row) == NULL) {
            store_counts_delete(work->decision, row);
            changed = true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct challenge_row *before = find_row(part->rows, part->row_count, &counted[i]);
        if (before == NULL || before->units != counted[i].units) {
            store_counts(work->decision, &counted[i]);
            changed = true;
        }
        out[(*out_count)++] = counted[i];
    }
    if (changed)
        note(work, part->definition->code);
}

static enum status count_event(struct work *work, struct part *part, const struct challenge_row **rows, size_t *count,
                               struct error *err)
{
    bool known = work->event != NULL && has_event(part, work->event->row.id);
    bool counts = work->mode == MODE_COUNT ? !known && takes_part(work, part) : work->mode == MODE_RECOUNT && known;
    struct challenge_row *counted;
    size_t counted_count;

    *rows = part->rows;
    *count = part->row_count;
    if (!counts)
        return STATUS_OK;
    enum status status = challenge_units(&work->world, part->definition, work->event, &counted, &counted_count, err);
    if (status != STATUS_OK)
        return status;
    struct challenge_row *after =
        arena_array(work->decision->arena, part->row_count + counted_count + 1, sizeof *after);
    replace_rows(work, part, counted, counted_count, after, count);
    *rows = after;
    return STATUS_OK;
}

static enum status follow_one(struct work *work, struct text code, struct error *err)
{
    struct decision *decision = work->decision;
    const struct challenge_state *state = &work->body->load.state;
    int64_t then = work->event != NULL ? work->event->row.recorded_at : decision->now;
    int64_t at = work->event != NULL ? work->event->row.at : decision->now;
    struct part part = {.definition = definition_at(decision->programmes, &challenge_kind, code, then),
                        .zone = programme_at(decision->programmes, decision->now)->zone};
    struct challenge_folding folding = {.zone = part.zone, .now = decision->now};

    if (part.definition == NULL)
        return STATUS_OK;
    part.challenge = part.definition->parsed;
    if (!challenge_taken_part(part.challenge, state, code, at, &folding.enrolled_at))
        return STATUS_OK;
    folding.rows = part.rows = challenge_rows_of(decision->arena, state, code, &part.row_count);
    folding.count = part.row_count;
    challenge_fold(decision->arena, part.challenge, &folding, &part.before);
    enum status status = count_event(work, &part, &folding.rows, &folding.count, err);
    if (status != STATUS_OK)
        return status;
    challenge_fold(decision->arena, part.challenge, &folding, &part.after);
    return settle(work, &part, err);
}

static enum status follow(struct decision *decision, struct command *command, enum mode mode, struct error *err)
{
    struct follow_challenges *body = command->body;
    const struct past_event *event = mode != MODE_SETTLE ? decision->events[0] : NULL;
    struct work work = {.decision = decision,
                        .body = body,
                        .person = &decision->subjects[0],
                        .event = event,
                        .mode = mode,
                        .world = {.arena = decision->arena,
                                  .programmes = decision->programmes,
                                  .programme = programme_at(decision->programmes, decision->now),
                                  .now = event != NULL ? event->row.recorded_at : decision->now,
                                  .person = &decision->subjects[0],
                                  .known = &body->load.known}};
    enum status status = STATUS_OK;

    if (work.person->member == NULL || work.person->member->status == MEMBER_ERASED ||
        (mode != MODE_SETTLE && (event == NULL || event->row.member == 0)))
        return STATUS_OK;
    condition_start(&work.world);
    for (size_t i = 0; i < body->load.code_count && status == STATUS_OK; i++)
        status = follow_one(&work, body->load.codes[i], err);
    finish_note(&work);
    return status;
}

static enum status count_decide(struct decision *decision, struct command *command, struct error *err)
{
    return follow(decision, command, MODE_COUNT, err);
}

static enum status recount_decide(struct decision *decision, struct command *command, struct error *err)
{
    return follow(decision, command, MODE_RECOUNT, err);
}

static enum status settle_decide(struct decision *decision, struct command *command, struct error *err)
{
    return follow(decision, command, MODE_SETTLE, err);
}

const struct command_type count_challenges_type = {
    .name = "count_challenges", .loads = LOAD_FOLLOWERS, .load = challenges_load, .decide = count_decide};
const struct command_type recount_challenges_type = {.name = "recount_challenges",
                                                     .loads = LOAD_FOLLOWERS | LOAD_LOTS,
                                                     .load = challenges_back_load,
                                                     .decide = recount_decide};
const struct command_type settle_challenges_type = {
    .name = "settle_challenges", .loads = LOAD_ALONE, .load = challenges_load, .decide = settle_decide};
