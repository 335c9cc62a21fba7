#include "features/entitlements/tier_given.h"

#include <string.h>

#include "features/customers/customers.h"
#include "features/points/context.h"

const char *const given_as_names[] = {"invitation", "trial", "grant", NULL};
const char *const tier_request_state_names[] = {"waiting", "approved", "refused", NULL};

/* ---- the form of what keeps a trial ---- */

struct text kept_by_write(struct arena *arena, const struct tier_request *request)
{
    struct builder out = {.arena = arena};

    for (size_t i = 0; i < request->kept_by_count; i++)
        for (size_t m = 0; m < TIER_METRICS; m++) {
            if (out.size > 0)
                builder_char(&out, ' ');
            builder_integer(&out, request->kept_by[i].at_least[m]);
        }
    return builder_done(&out);
}

void kept_by_read(struct text text, struct tier_request *request)
{
    size_t number = 0;

    for (size_t from = 0; from < text.size && number < (size_t)TRIAL_ALTERNATIVES_MAX * TIER_METRICS; number++) {
        const char *space = memchr(text.bytes + from, ' ', text.size - from);
        size_t end = space != NULL ? (size_t)(space - text.bytes) : text.size;
        int64_t value = 0;
        text_to_integer((struct text){text.bytes + from, end - from}, &value);
        request->kept_by[number / TIER_METRICS].at_least[number % TIER_METRICS] = value;
        from = end + 1;
    }
    request->kept_by_count = number / TIER_METRICS;
}

/* ---- rows ---- */

/* A row of the member now; the reason is its note. `facts` is finished here. */
static struct journal_row *right_row(struct decision *decision, const char *kind, struct text reason,
                                     struct builder *facts)
{
    const struct points_context context = {.note = reason};

    return points_row(decision, decision->subjects[0].member, kind, decision->now, &context, facts);
}

static struct builder facts_of(struct arena *arena, const struct tier_request *request)
{
    struct builder facts = {.arena = arena};

    fact_code(&facts, "ladder", request->ladder);
    fact_code(&facts, "tier", request->tier);
    fact_code(&facts, "as", text_from(given_as_names[request->as]));
    if (request->until != INSTANT_NEVER)
        fact_number(&facts, "until", request->until);
    return facts;
}

/* ---- giving ---- */

/* What keeps the level is what keeps a trial of it, when nothing else is said. */
static void complete_trial(const struct tier_ladder *ladder, const struct tier_level *level,
                           struct tier_request *request)
{
    if (request->as != GIVEN_TRIAL || request->kept_by_count > 0)
        return;
    for (size_t i = 0; i < level->to_keep.count && i < TRIAL_ALTERNATIVES_MAX; i++)
        request->kept_by[request->kept_by_count++] = level->to_keep.any_of[i];
    if (level->to_keep.count == 0 && level->keep > 0 && level->keep != INT64_MAX)
        request->kept_by[request->kept_by_count++].at_least[ladder->metric] = level->keep;
}

static enum status check_request(const struct decision *decision, struct tier_request *request,
                                 const struct tier_level **level, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct tier_ladder *ladder =
        programme->ladder.level_count > 0 ? programme_ladder_find(programme, request->ladder) : NULL;

    if (ladder == NULL)
        return error_set(err, STATUS_INVALID, "tier.ladder", "ladder", "the programme has no ladder '%.*s'",
                         (int)request->ladder.size, request->ladder.bytes);
    request->ladder = ladder->code;
    *level = ladder_find(ladder, request->tier);
    if (*level == NULL)
        return error_set(err, STATUS_INVALID, "tier.unknown", "tier", "the ladder has no tier '%.*s'",
                         (int)request->tier.size, request->tier.bytes);
    if (request->until <= decision->now)
        return error_set(err, STATUS_INVALID, "tier.until", "until", "it ends after now");
    if (request->as == GIVEN_TRIAL && request->until == INSTANT_NEVER)
        return error_set(err, STATUS_INVALID, "tier.until", "until", "a trial has an end");
    if (request->as != GIVEN_TRIAL && request->kept_by_count > 0)
        return error_set(err, STATUS_INVALID, "tier.trial", "kept_by", "only a trial is kept by what is done in it");
    complete_trial(ladder, *level, request);
    return STATUS_OK;
}

/* Of the first ladder, which the standing knows without its code. */
static struct text ladder_key(const struct decision *decision, struct text ladder)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);

    return text_equal(programme->ladder.code, ladder) ? (struct text){NULL, 0} : ladder;
}

static enum status give(struct decision *decision, const struct command *command, const struct tier_request *request,
                        int64_t cause, struct error *err)
{
    struct builder facts = facts_of(decision->arena, request);
    struct journal_row *row = right_row(decision, "tier_given", request->reason, &facts);
    struct right right = {.kind = RIGHT_TIER,
                          .id = row->id,
                          .code = text_from(given_as_names[request->as]),
                          .from = decision->now,
                          .until = request->until,
                          .ladder = ladder_key(decision, request->ladder),
                          .tier = request->tier,
                          .kept_by_count = request->kept_by_count};

    memcpy(right.kept_by, request->kept_by, sizeof right.kept_by);
    row->cause = cause;
    audit_add(decision, command, "tier.given", row->member, (struct text){NULL, 0}, row->facts);
    return right_give(decision, &decision->subjects[0], &right, err);
}

static void copy_result(struct arena *arena, const struct tier_request *from, struct tier_request *to)
{
    *to = *from;
    to->ladder = text_copy(arena, from->ladder);
    to->tier = text_copy(arena, from->tier);
    to->reason = text_copy(arena, from->reason);
    to->asked_by = text_copy(arena, from->asked_by);
    to->decided_by = text_copy(arena, from->decided_by);
}

static enum status give_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct give_tier *body = command->body;
    struct tier_request request = body->wanted;
    const struct zone *zone = programme_at(decision->programmes, decision->now)->zone;
    const struct tier_level *level;
    enum status status = customer_require(decision, command, 0, err);

    if (status != STATUS_OK)
        return status;
    if (body->days > 0)
        request.until = zone_day_start(zone, zone_day(zone, decision->now) + (int32_t)body->days);
    status = check_request(decision, &request, &level, err);
    if (status != STATUS_OK)
        return status;
    request.member = decision->subjects[0].member->id;
    request.asked_by = command->actor;
    request.asked_at = decision->now;
    request.state = TIER_REQUEST_APPROVED;
    if (!level->approval || body->may_approve) {
        status = give(decision, command, &request, 0, err);
    } else {
        struct builder facts = facts_of(decision->arena, &request);
        struct journal_row *row = right_row(decision, "tier_requested", request.reason, &facts);
        request.id = row->id;
        request.state = TIER_REQUEST_WAITING;
        store_tier_request(decision, &request);
        audit_add(decision, command, "tier.requested", row->member, (struct text){NULL, 0}, row->facts);
    }
    if (status == STATUS_OK)
        copy_result(command->arena, &request, &body->result);
    return status;
}

const struct command_type give_tier_type = {.name = "give_tier", .decide = give_decide};

static enum status decide_request(struct decision *decision, struct command *command, struct error *err)
{
    struct decide_tier_request *body = command->body;
    struct tier_request request = body->request;
    const struct tier_level *level;
    enum status status = STATUS_OK;

    if (request.id == 0)
        return error_set(err, STATUS_MISSING, "tier.unknown_request", "request", "there is no such request");
    if (request.state != TIER_REQUEST_WAITING)
        return error_set(err, STATUS_CONFLICT, "tier.request_decided", "request", "it is %s already",
                         tier_request_state_names[request.state]);
    if (text_equal(request.asked_by, command->actor))
        return error_set(err, STATUS_FORBIDDEN, "tier.second_person", "", "another person decides what one asked for");
    status = customer_require(decision, command, 0, err);
    if (status == STATUS_OK && body->approve)
        status = check_request(decision, &request, &level, err);
    if (status == STATUS_OK && body->approve)
        status = give(decision, command, &request, request.id, err);
    if (status != STATUS_OK)
        return status;
    if (!body->approve) {
        struct builder facts = facts_of(decision->arena, &request);
        struct journal_row *row = right_row(decision, "tier_refused", (struct text){NULL, 0}, &facts);
        row->cause = request.id;
        audit_add(decision, command, "tier.refused", row->member, (struct text){NULL, 0}, row->facts);
    }
    request.state = body->approve ? TIER_REQUEST_APPROVED : TIER_REQUEST_REFUSED;
    request.decided_by = command->actor;
    request.decided_at = decision->now;
    store_tier_request(decision, &request);
    copy_result(command->arena, &request, &body->result);
    return STATUS_OK;
}

const struct command_type decide_tier_request_type = {
    .name = "decide_tier_request", .loads = LOAD_ALONE, .load = tier_request_load, .decide = decide_request};

/* ---- ending ---- */

static enum status end_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct end_right *body = command->body;
    const struct person *person = &decision->subjects[0];
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct right *right = NULL;
    struct held held;
    enum status status = customer_require(decision, command, 0, err);

    if (status != STATUS_OK)
        return status;
    held_read(&person->leader->standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < held.right_count; i++)
        if (held.rights[i].id == body->right && held.rights[i].kind != RIGHT_MEMBERSHIP &&
            held.rights[i].kind != RIGHT_CONTRACT)
            right = &held.rights[i];
    if (right == NULL)
        return error_set(err, STATUS_MISSING, "tier.unknown_right", "right", "the member has no such right");
    body->ended_at = body->at > decision->now ? body->at : decision->now;
    struct builder facts = {.arena = decision->arena};
    fact_code(&facts, "code", right->code);
    fact_code(&facts, "tier", right->tier);
    fact_number(&facts, "until", body->ended_at);
    struct journal_row *row = right_row(decision, "right_ended", body->reason, &facts);
    row->cause = body->right;
    body->id = row->id;
    audit_add(decision, command, "right.ended", row->member, (struct text){NULL, 0}, row->facts);
    right_end(decision, person, body->right, body->ended_at);
    return STATUS_OK;
}

const struct command_type end_right_type = {.name = "end_right", .decide = end_decide};

/* ---- the loyalty index ---- */

static enum status measure_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct measure_loyalty *body = command->body;
    const struct person *person = &decision->subjects[0];
    enum status status = customer_require(decision, command, 0, err);

    body->changed = false;
    if (status != STATUS_OK)
        return status;
    return tier_measure(decision, person->leader, programme_at(decision->programmes, decision->now), body->loyalty,
                        &body->changed);
}

const struct command_type measure_loyalty_type = {.name = "measure_loyalty", .decide = measure_decide};
