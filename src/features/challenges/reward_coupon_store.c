#include <stdlib.h>
#include <string.h>

#include "features/challenges/challenges_store.h"
#include "features/challenges/reward_coupon.h"
#include "foundation/secret.h"

enum { MAKE_TRIES = 8 };

/* A code in the facts of a row; `name` with its quotes and colon. Codes have neither quotes nor backslashes. */
static struct text code_in(struct text facts, const char *name)
{
    const char *found = facts.size > 0 ? memmem(facts.bytes, facts.size, name, strlen(name)) : NULL;
    struct text out = {NULL, 0};

    if (found == NULL)
        return out;
    out.bytes = found + strlen(name);
    while (out.bytes + out.size < facts.bytes + facts.size && out.bytes[out.size] != '"')
        out.size++;
    return out;
}

/* Whether the reward still stands: one that was taken back meanwhile gives nothing. */
static enum status stands(struct reaction_call *call, const struct journal_row *row, bool *out, struct error *err)
{
    struct challenge_load load = {.codes = NULL};
    struct person person;
    enum status status = engine_view(call->engine, call->session, row->member, call->arena, &person, err);

    *out = false;
    if (status == STATUS_OK)
        status = challenge_state_read(call->session, call->arena, &person, &load, err);
    for (size_t i = 0; status == STATUS_OK && i < load.state.reward_count; i++)
        *out = *out || (load.state.rewards[i].id == row->id && load.state.rewards[i].taken_at == 0);
    return status;
}

static enum status issue(struct reaction_call *call, const struct journal_row *row, struct text code, struct error *err)
{
    unsigned char random[CODE_RANDOM_BYTES];
    char key[CODE_KEY_MAX + 1];
    bool current = false, made = false, wanted = false;
    const struct coupon_series *series = coupon_series_find(call->programmes, code, row->recorded_at, &current);
    enum status status = stands(call, row, &wanted, err);

    if (status != STATUS_OK || !wanted || series == NULL || series->codes != COUPON_UNIQUE)
        return status;
    for (int try = 0; try < MAKE_TRIES && !made; try++) {
        secret_random(random, sizeof random);
        made = code_make(&series->pattern, random, key);
    }
    if (!made)
        return error_set(err, STATUS_BUSY, "engine.again", "", "no code could be made: ask again");
    struct command *command =
        reaction_command(call, row, "coupon", &give_reward_coupon_type, sizeof(struct give_reward_coupon));
    struct issue_code *body = &((struct give_reward_coupon *)command->body)->issue;
    body->series = text_copy(call->arena, code);
    body->fresh = true;
    body->cause = row->id;
    body->use.key = text_copy(call->arena, text_from(key));
    coupons_name(command, call->arena, &body->use, 1);
    return STATUS_OK;
}

static enum status take_back(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct text reward = code_in(row->facts, "\"reward\":\"");
    int64_t id = reward.size > 0 ? strtoll(text_string(call->arena, reward), NULL, 10) : 0;
    struct past_event *given;

    if (id == 0)
        return STATUS_OK;
    enum status status = engine_event(call->session, id, LOAD_FOLLOWERS, call->arena, &given, err);
    for (size_t i = 0; status == STATUS_OK && i < given->follower_count; i++) {
        const struct journal_row *issued = &given->followers[i].row;
        if (!text_equals(issued->kind, "coupon_issue"))
            continue;
        struct command *command =
            reaction_command(call, row, "coupon", &void_reward_coupon_type, sizeof(struct void_reward_coupon));
        struct void_code *body = &((struct void_reward_coupon *)command->body)->code;
        body->use.key = text_copy(call->arena, code_in(issued->facts, "\"code\":\""));
        body->reason = TEXT("challenge");
        coupons_name(command, call->arena, &body->use, 1);
        break;
    }
    return status == STATUS_MISSING ? STATUS_OK : status;
}

enum status reward_coupon_react(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct text series = code_in(row->facts, "\"coupon\":\"");

    if (text_equals(row->kind, "challenge_reward"))
        return series.size > 0 ? issue(call, row, series, err) : STATUS_OK;
    return text_equals(row->kind, "challenge_clawback") ? take_back(call, row, err) : STATUS_OK;
}
