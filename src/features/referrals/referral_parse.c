/* Reads the document of a referral programme. docs/referrals.md describes it. */
#include <stdio.h>
#include <string.h>

#include "features/conditions/condition_read.h"
#include "features/definitions/definition_read.h"
#include "features/referrals/referral.h"

enum { DAYS_MAX = 3660, NAME_MAX_BYTES = 200, ABOUT_MAX = 2000, COUNT_MAX = 1000000, HOURS_MAX = 24 * 366 };

struct reading {
    const struct definition_input *input;
    struct referral_programme *programme;
};

static enum status read_reward(const struct definition_input *input, const struct object *document, const char *name,
                               struct referral_reward *reward)
{
    static const char *const fields[] = {"points", "wallet", NULL};
    struct object object = object_nested(document, name);

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_integer(&object, "points", true, (struct range){1, 1000000000}, &reward->points));
    TRY(object_code(&object, "wallet", false, &reward->wallet));
    for (size_t i = 0; i < input->programme->wallet_count && reward->wallet.size == 0; i++)
        if (input->programme->wallets[i].spendable)
            reward->wallet = text_copy(input->arena, input->programme->wallets[i].code);
    if (input->saving && programme_wallet(input->programme, reward->wallet) == NULL)
        return object_refuse(&object, "wallet", programme_no_wallet(input->arena, input->programme, reward->wallet));
    return STATUS_OK;
}

static enum status read_cap(const struct object *document, struct referral_programme *programme)
{
    static const char *const fields[] = {"count", "period", NULL};
    static const char *const periods[] = {"month", "year", "ever", NULL};
    struct object object = object_nested(document, "cap");
    int period = REFERRAL_EVER;

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_integer(&object, "count", true, (struct range){1, COUNT_MAX}, &programme->cap));
    TRY(object_word(&object, "period", false, periods, &period));
    programme->cap_period = (enum referral_period)period;
    return STATUS_OK;
}

static enum status read_velocity(const struct object *document, struct referral_programme *programme)
{
    static const char *const fields[] = {"count", "hours", NULL};
    struct object object = object_nested(document, "velocity");

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_integer(&object, "count", true, (struct range){1, COUNT_MAX}, &programme->velocity_count));
    return object_integer(&object, "hours", true, (struct range){1, HOURS_MAX}, &programme->velocity_hours);
}

static enum status read_document(const struct object *document, void *context)
{
    static const char *const fields[] = {
        "name",     "about",  "link", "when",     "qualifies", "attribution_days", "new_days", "waiting_days",
        "referrer", "friend", "cap",  "velocity", NULL};
    const struct reading *reading = context;
    struct referral_programme *programme = reading->programme;

    TRY(object_check(document, fields));
    TRY(object_text(document, "name", true, NAME_MAX_BYTES, &programme->name));
    TRY(object_text(document, "about", false, ABOUT_MAX, &programme->about));
    TRY(object_text(document, "link", false, REFERRAL_LINK_MAX, &programme->link));
    if (programme->link.size > 0 && strstr(text_string(document->arena, programme->link), "{code}") == NULL)
        return object_refuse(document, "link", "an address with {code} in it is expected");
    TRY(object_condition(document, "when", CONDITION_MEMBER, &programme->when));
    TRY(object_condition(document, "qualifies", CONDITION_PURCHASE, &programme->qualifies));
    TRY(object_integer(document, "attribution_days", false, (struct range){1, DAYS_MAX}, &programme->attribution_days));
    TRY(object_integer(document, "new_days", false, (struct range){1, DAYS_MAX}, &programme->new_days));
    TRY(object_integer(document, "waiting_days", false, (struct range){0, DAYS_MAX}, &programme->waiting_days));
    TRY(read_reward(reading->input, document, "referrer", &programme->referrer));
    TRY(read_reward(reading->input, document, "friend", &programme->friend_reward));
    if (programme->referrer.points == 0 && programme->friend_reward.points == 0)
        return object_refuse(document, "referrer", "a reward for the referrer, the friend, or both is expected");
    TRY(read_cap(document, programme));
    return read_velocity(document, programme);
}

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct referral_programme *programme = arena_alloc(input->arena, sizeof *programme);
    struct reading reading = {input, programme};

    *programme = (struct referral_programme){
        .attribution_days = 30, .new_days = 7, .waiting_days = 14, .cap = INT64_MAX, .cap_period = REFERRAL_EVER};
    *out = programme;
    return definition_read(input, read_document, &reading, err);
}

const struct definition_kind referral_programme_kind = {
    .name = "referral_programme", .plural = "referral-programmes", .parse = parse};
