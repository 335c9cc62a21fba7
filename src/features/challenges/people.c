/* What people do with challenges and badges: enrol and leave, hand an item over, award and revoke. */
#include <stdio.h>
#include <string.h>

#include "features/challenges/follow.h"
#include "features/customers/customers.h"
#include "features/events/facts.h"
#include "foundation/encoding.h"

static struct journal_row *row_of(struct decision *decision, const struct person *person, const char *kind,
                                  const char *name, struct text code)
{
    struct builder facts = {.arena = decision->arena};
    struct journal_row *row = journal_add(decision, person->member, 0, kind, decision->now);

    builder_format(&facts, "{\"%s\":", name);
    facts_string(&facts, code);
    builder_char(&facts, '}');
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->facts = builder_done(&facts);
    return row;
}

/* ---- enrolment ---- */

static enum status check_enrolment(struct decision *decision, const struct enrol_challenge *body, struct error *err)
{
    const struct definition *definition =
        definition_at(decision->programmes, &challenge_kind, body->code, decision->now);
    struct condition_world world = {.arena = decision->arena,
                                    .programmes = decision->programmes,
                                    .programme = programme_at(decision->programmes, decision->now),
                                    .now = decision->now,
                                    .person = &decision->subjects[0],
                                    .known = &body->load.known};

    if (definition == NULL)
        return error_set(err, STATUS_MISSING, "challenge.unknown", "challenge", "there is no challenge '%.*s' now",
                         (int)body->code.size, body->code.bytes);
    const struct challenge *challenge = definition->parsed;
    if (!challenge->by_member)
        return error_set(err, STATUS_CONFLICT, "challenge.automatic", "challenge",
                         "everybody whom it is for takes part in this challenge");
    condition_start(&world);
    if (!body->leave && challenge->when.program != NULL && !condition_holds(&world, &challenge->when))
        return error_set(err, STATUS_CONFLICT, "challenge.audience", "challenge",
                         "this challenge is not for this member");
    return STATUS_OK;
}

static struct challenge_enrolment *enrolled(struct challenge_state *state, struct text code)
{
    for (size_t i = 0; i < state->enrolment_count; i++)
        if (text_equal(state->enrolments[i].challenge, code) && state->enrolments[i].left_at == 0)
            return &state->enrolments[i];
    return NULL;
}

static enum status enrol_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct enrol_challenge *body = command->body;
    struct person *person = &decision->subjects[0];
    enum status status = customer_require(decision, command, 0, err);

    body->enrolled_at = 0;
    if (status == STATUS_OK)
        status = check_enrolment(decision, body, err);
    if (status != STATUS_OK)
        return status;
    struct challenge_enrolment *there = enrolled(&body->load.state, body->code);
    if (there != NULL)
        body->enrolled_at = there->enrolled_at;
    if ((there != NULL) == !body->leave)
        return STATUS_OK;
    struct challenge_enrolment changed = {person->member->id, body->code, decision->now, 0};
    if (there != NULL) {
        changed = *there;
        changed.left_at = decision->now;
    }
    row_of(decision, person, body->leave ? "challenge_left" : "challenge_enrolment", "challenge", body->code);
    store_enrolment(decision, &changed);
    body->enrolled_at = changed.enrolled_at;
    return STATUS_OK;
}

const struct command_type enrol_challenge_type = {
    .name = "enrol_challenge", .loads = LOAD_ALONE, .load = challenges_load, .decide = enrol_decide};

/* ---- items ---- */

static enum status check_use(const struct use_reward *body, const struct challenge_reward *reward, struct error *err)
{
    if (reward == NULL)
        return error_set(err, STATUS_MISSING, "challenge.no_reward", "reward", "the member has no such reward");
    if (reward->item.size == 0)
        return error_set(err, STATUS_CONFLICT, "challenge.no_item", "reward", "nothing is handed over for this reward");
    if (reward->taken_at != 0)
        return error_set(err, STATUS_CONFLICT, "challenge.item_taken", "reward",
                         "the reward was taken back: what it was for came back");
    if (!body->undo && reward->used_at != 0)
        return error_set(err, STATUS_CONFLICT, "challenge.item_used", "reward", "the reward was handed over already");
    if (body->undo && reward->used_at == 0)
        return error_set(err, STATUS_CONFLICT, "challenge.item_not_used", "reward", "the reward was not handed over");
    return STATUS_OK;
}

static enum status use_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct use_reward *body = command->body;
    struct challenge_reward *reward = NULL;
    enum status status = customer_require(decision, command, 0, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < body->load.state.reward_count; i++)
        if (body->load.state.rewards[i].id == body->reward)
            reward = &body->load.state.rewards[i];
    status = check_use(body, reward, err);
    if (status != STATUS_OK)
        return status;
    struct person person = decision->subjects[0];
    person.member = group_find(person.group, reward->member);
    struct journal_row *row = row_of(decision, &person, body->undo ? "challenge_item_back" : "challenge_item",
                                     "challenge", reward->challenge);
    row->cause = reward->id;
    reward->used_at = body->undo ? 0 : decision->now;
    store_reward(decision, reward);
    body->result = *reward;
    body->result.challenge = text_copy(command->arena, reward->challenge);
    body->result.wallet = text_copy(command->arena, reward->wallet);
    body->result.badge = text_copy(command->arena, reward->badge);
    body->result.item = text_copy(command->arena, reward->item);
    return STATUS_OK;
}

const struct command_type use_reward_type = {
    .name = "use_challenge_reward", .loads = LOAD_ALONE, .load = challenges_load, .decide = use_decide};

/* ---- badges ---- */

/* The benefit that a badge grants; why there is none is said in the row. */
static void grant_with(struct decision *decision, const struct person *person, struct text code,
                       struct journal_row *row)
{
    const struct definition *definition = definition_at(decision->programmes, &badge_kind, code, decision->now);
    const struct grant *grant = definition != NULL ? &((const struct badge *)definition->parsed)->grants : NULL;
    struct builder facts = {.arena = decision->arena};
    struct error err = {0};

    if (grant == NULL || grant->benefit.size == 0)
        return;
    fact_code(&facts, "badge", code);
    fact_code(&facts, "benefit", grant->benefit);
    if (grant_give(decision, person, grant, (struct grant_source){row->id, "badge"}, &err) != STATUS_OK)
        fact_code(&facts, "not_given", text_from(err.code));
    builder_char(&facts, '}');
    row->facts = builder_done(&facts);
}

int64_t badge_award(struct decision *decision, const struct person *person, struct challenge_state *state,
                    struct text code, int64_t source, int64_t cause)
{
    for (size_t i = 0; i < state->badge_count; i++)
        if (state->badges[i].revoked_at == 0 && text_equal(state->badges[i].badge, code))
            return 0;
    struct journal_row *row = row_of(decision, person, "badge", "badge", code);
    row->cause = cause;
    grant_with(decision, person, code, row);
    const struct member_badge badge = {row->id, person->member->id, code, decision->now, source, 0};
    store_badge(decision, &badge);
    state->badges =
        arena_grow(decision->arena, state->badges, &state->badge_capacity, state->badge_count + 1, sizeof badge);
    state->badges[state->badge_count++] = badge;
    return row->id;
}

void badge_revoke(struct decision *decision, const struct person *person, struct challenge_load *load,
                  struct member_badge *badge, int64_t cause)
{
    struct journal_row *row = row_of(decision, person, "badge_revoked", "badge", badge->badge);
    struct builder facts = {.arena = decision->arena};

    row->cause = cause != 0 ? cause : badge->id;
    if (grant_take_back(decision, person, badge->id, &load->entitled) == GRANT_USED) {
        fact_code(&facts, "badge", badge->badge);
        fact_code(&facts, "kept", TEXT("benefit"));
        builder_char(&facts, '}');
        row->facts = builder_done(&facts);
    }
    badge->revoked_at = decision->now;
    store_badge(decision, badge);
}

static struct text reason_text(struct arena *arena, struct text reason)
{
    struct builder out = {.arena = arena};

    if (reason.size == 0)
        return reason;
    builder_string(&out, "{\"reason\":");
    facts_string(&out, reason);
    builder_char(&out, '}');
    return builder_done(&out);
}

static enum status award(struct decision *decision, struct command *command, struct error *err)
{
    struct award_badge *body = command->body;
    struct challenge_state *state = &body->load.state;
    const struct definition *definition = definition_at(decision->programmes, &badge_kind, body->code, decision->now);

    if (definition == NULL)
        return error_set(err, STATUS_MISSING, "badge.unknown", "badge", "there is no badge '%.*s' now",
                         (int)body->code.size, body->code.bytes);
    const struct grant *grant = &((const struct badge *)definition->parsed)->grants;
    enum status status =
        grant->benefit.size > 0 ? grant_check(decision, &decision->subjects[0], grant, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    int64_t id = badge_award(decision, &decision->subjects[0], state, body->code, 0, 0);
    if (id == 0)
        return error_set(err, STATUS_CONFLICT, "badge.held", "badge", "the member has this badge already");
    body->result = state->badges[state->badge_count - 1];
    audit_add(decision, command, "badge.awarded", id, TEXT(""), reason_text(decision->arena, body->reason));
    return STATUS_OK;
}

static enum status revoke(struct decision *decision, struct command *command, struct error *err)
{
    struct award_badge *body = command->body;
    struct challenge_state *state = &body->load.state;
    struct person person = decision->subjects[0];
    struct member_badge *badge = NULL;

    for (size_t i = 0; i < state->badge_count; i++)
        if (state->badges[i].id == body->revoke)
            badge = &state->badges[i];
    if (badge == NULL)
        return error_set(err, STATUS_MISSING, "badge.unknown", "badge", "the member has no such badge");
    if (badge->revoked_at != 0)
        return error_set(err, STATUS_CONFLICT, "badge.revoked", "badge", "the badge was revoked already");
    person.member = group_find(person.group, badge->member);
    badge_revoke(decision, &person, &body->load, badge, 0);
    body->result = *badge;
    audit_add(decision, command, "badge.revoked", badge->id, TEXT(""), TEXT(""));
    return STATUS_OK;
}

static enum status award_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct award_badge *body = command->body;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = body->revoke != 0 ? revoke(decision, command, err) : award(decision, command, err);
    if (status == STATUS_OK)
        body->result.badge = text_copy(command->arena, body->result.badge);
    return status;
}

const struct command_type award_badge_type = {
    .name = "award_badge", .loads = LOAD_ALONE, .load = challenges_back_load, .decide = award_decide};

/* ---- certificates ---- */

enum { HASH_SHOWN = 8 };

char *badge_certificate(const unsigned char *seal_key, const struct member_badge *badge, char *out)
{
    unsigned char bytes[24 + CODE_SIZE_MAX], seal[SEAL_SIZE];
    const int64_t numbers[] = {badge->id, badge->member, badge->awarded_at};
    char id[ID_TEXT_SIZE], shown[2 * HASH_SHOWN + 1];
    size_t size = 0;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (int shift = 0; shift < 64; shift += 8)
            bytes[size++] = (unsigned char)((uint64_t)numbers[i] >> shift);
    size_t code = badge->badge.size < CODE_SIZE_MAX ? badge->badge.size : CODE_SIZE_MAX;
    memcpy(bytes + size, badge->badge.bytes, code);
    seal_compute(seal_key, bytes, size + code, seal);
    for (size_t i = 0; i < HASH_SHOWN; i++)
        snprintf(shown + 2 * i, 3, "%02x", seal[i]);
    snprintf(out, CERTIFICATE_SIZE, "%s-%s", id_format("bdg", badge->id, id), shown);
    return out;
}

bool badge_certificate_read(struct text certificate, int64_t *id)
{
    for (size_t i = 0; i < certificate.size; i++)
        if (certificate.bytes[i] == '-')
            return id_parse("bdg", (struct text){certificate.bytes, i}, id);
    return false;
}
