/* Reads the document of a challenge. docs/challenges.md describes it. */
#include <stdio.h>
#include <string.h>

#include "features/challenges/badge.h"
#include "features/challenges/challenge.h"
#include "features/conditions/condition_read.h"
#include "features/coupons/coupons.h"
#include "features/definitions/advertised_read.h"
#include "features/definitions/definition_read.h"
#include "features/events/events.h"

enum { DAYS_MAX = 3660, TARGET_MAX = 1000000, REPEAT_MAX = 1000000, NAME_MAX_BYTES = 200, ITEM_MAX = 200 };

const char *const challenge_measure_names[] = {"events", "quantity", "amount", "distinct", "streak", NULL};

struct text challenge_units_text(struct arena *arena, const struct challenge_step *step, int64_t units, int exponent)
{
    enum { MILLI = 1000, MILLI_DECIMALS = 3 };
    bool goods = step->measure == MEASURE_QUANTITY, whole = goods && units % MILLI == 0;
    int decimals = step->measure == MEASURE_AMOUNT ? exponent : goods && !whole ? MILLI_DECIMALS : 0;
    char text[MONEY_TEXT_SIZE];

    return text_copy(arena, text_from(money_format(whole ? units / MILLI : units, decimals, text)));
}

static const char *const period_names[] = {"day", "week", "month", "quarter", "year", NULL};

/* ---- conditions ---- */

/* ---- the window ---- */

static enum status read_window(const struct object *document, struct challenge *challenge)
{
    static const char *const fields[] = {"kind", "starts_at", "ends_at", "period", "days", NULL};
    static const char *const kinds[] = {"open", "fixed", "calendar", "rolling", "sliding", NULL};
    struct object object = object_nested(document, "window");
    int kind = WINDOW_OPEN, period = PERIOD_MONTH;

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_word(&object, "kind", true, kinds, &kind));
    challenge->window = (enum challenge_window)kind;
    switch (challenge->window) {
    case WINDOW_OPEN:
        break;
    case WINDOW_FIXED:
        TRY(object_instant(&object, "starts_at", &challenge->starts_at));
        TRY(object_instant(&object, "ends_at", &challenge->ends_at));
        if (challenge->starts_at == 0 || challenge->ends_at <= challenge->starts_at)
            return object_refuse(&object, "ends_at", "a start, and an end after it, are expected");
        break;
    case WINDOW_CALENDAR:
        TRY(object_word(&object, "period", true, period_names, &period));
        challenge->period = (enum challenge_period)period;
        break;
    case WINDOW_ROLLING:
    case WINDOW_SLIDING:
        TRY(object_integer(&object, "days", true, (struct range){1, DAYS_MAX}, &challenge->days));
        break;
    }
    return STATUS_OK;
}

/* ---- steps ---- */

static enum status check_event(const struct definition_input *input, const struct object *object,
                               const struct challenge_step *step)
{
    if (text_equals(step->event, "purchase") || text_equals(step->event, "visit") || !input->saving)
        return STATUS_OK;
    for (size_t i = 0; i < input->programmes->event_kind_count; i++)
        if (text_equal(input->programmes->event_kinds[i].name, step->event) &&
            input->programmes->event_kinds[i].kept_days == 0)
            return STATUS_OK;
    return object_refuse(object, "event", "'purchase', 'visit' or a declared kind that is kept for ever is expected");
}

static enum status read_target(const struct object *object, struct challenge_step *step)
{
    int64_t target = 0;

    if (step->measure == MEASURE_AMOUNT)
        return object_money(object, "target", true, 1, &step->target);
    TRY(object_integer(object, "target", true, (struct range){1, TARGET_MAX}, &target));
    step->target = step->measure == MEASURE_QUANTITY ? target * 1000 : target;
    return STATUS_OK;
}

static enum status read_measure(const struct object *object, struct challenge_step *step)
{
    static const char *const ofs[] = {"store", "channel", "sku", "category", "day", NULL};
    int measure = MEASURE_EVENTS, of = OF_STORE, period = PERIOD_WEEK;

    TRY(object_word(object, "count", true, challenge_measure_names, &measure));
    step->measure = (enum challenge_measure)measure;
    if (step->measure == MEASURE_DISTINCT) {
        TRY(object_word(object, "of", true, ofs, &of));
        step->of = (enum challenge_of)of;
    } else if (json_object_get(object->json, "of") != NULL) {
        return object_refuse(object, "of", "'of' belongs to the count 'distinct'");
    }
    if (step->measure == MEASURE_STREAK) {
        TRY(object_word(object, "period", true, period_names, &period));
        if (period > PERIOD_MONTH)
            return object_refuse(object, "period", "one of 'day', 'week', 'month' is expected");
        step->period = (enum challenge_period)period;
        TRY(object_integer(object, "grace", false, (struct range){0, 100}, &step->grace));
    }
    return read_target(object, step);
}

static enum status read_step(const struct definition_input *input, const struct object *object,
                             struct challenge_step *step)
{
    static const char *const fields[] = {"code", "name",   "event", "when",   "lines", "count",
                                         "of",   "period", "grace", "target", NULL};

    TRY(object_check(object, fields));
    TRY(object_code(object, "code", true, &step->code));
    step->name = step->code;
    TRY(object_text(object, "name", false, NAME_MAX_BYTES, &step->name));
    step->event = TEXT("purchase");
    TRY(object_code(object, "event", false, &step->event));
    TRY(check_event(input, object, step));
    TRY(read_measure(object, step));
    bool purchase = text_equals(step->event, "purchase");
    TRY(object_condition(object, "when", purchase ? CONDITION_PURCHASE : CONDITION_EVENT, &step->when));
    TRY(object_condition(object, "lines", CONDITION_LINE, &step->lines));
    bool goods = step->measure == MEASURE_QUANTITY ||
                 (step->measure == MEASURE_DISTINCT && (step->of == OF_SKU || step->of == OF_CATEGORY));
    step->by_line = goods || step->lines.program != NULL;
    if (!purchase && (step->by_line || step->measure == MEASURE_AMOUNT))
        return object_refuse(object, step->lines.program != NULL ? "lines" : "count", "only purchases have lines");
    return STATUS_OK;
}

static enum status read_steps(const struct definition_input *input, const struct object *document,
                              struct challenge *challenge)
{
    TRY(object_list(document, "steps", (struct range){1, CHALLENGE_STEPS_MAX}, &challenge->step_count));
    struct challenge_step *steps = arena_array(document->arena, challenge->step_count, sizeof *steps);
    for (size_t i = 0; i < challenge->step_count; i++) {
        struct object object = object_element(document, "steps", i);
        TRY(read_step(input, &object, &steps[i]));
        for (size_t before = 0; before < i; before++)
            if (text_equal(steps[before].code, steps[i].code))
                return object_refuse(&object, "code", "each step has a code of its own");
    }
    challenge->steps = steps;
    return STATUS_OK;
}

/* ---- the reward ---- */

static enum status read_reward(const struct definition_input *input, const struct object *document,
                               struct challenge_reward_terms *reward)
{
    static const char *const fields[] = {"points",  "wallet", "badge",  "item", "pending_days",
                                         "benefit", "days",   "coupon", NULL};
    struct object object = object_nested(document, "reward");

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_integer(&object, "points", false, (struct range){1, 1000000000}, &reward->points));
    TRY(object_code(&object, "wallet", false, &reward->wallet));
    TRY(object_code(&object, "badge", false, &reward->badge));
    TRY(object_grant(&object, false, &reward->grants));
    TRY(object_code(&object, "coupon", false, &reward->coupon));
    TRY(object_text(&object, "item", false, ITEM_MAX, &reward->item));
    TRY(object_integer(&object, "pending_days", false, (struct range){0, DAYS_MAX}, &reward->pending_days));
    for (size_t i = 0; i < input->programme->wallet_count && reward->points > 0 && reward->wallet.size == 0; i++)
        if (input->programme->wallets[i].spendable)
            reward->wallet = text_copy(input->arena, input->programme->wallets[i].code);
    if (input->saving && reward->points > 0 && programme_wallet(input->programme, reward->wallet) == NULL)
        return object_refuse(&object, "wallet", programme_no_wallet(input->arena, input->programme, reward->wallet));
    return STATUS_OK;
}

/* ---- the document ---- */

struct reading {
    const struct definition_input *input;
    struct challenge *challenge;
};

static enum status read_advertised(const struct object *document, struct challenge *challenge)
{
    bool fixed = challenge->window == WINDOW_FIXED;
    const struct advertised_terms terms = {.from = fixed ? challenge->starts_at : INT64_MIN,
                                           .until = fixed ? challenge->ends_at : INSTANT_NEVER,
                                           .members = true};

    return object_advertised(document, terms, &challenge->advertised);
}

static enum status read_document(const struct object *document, void *context)
{
    static const char *const fields[] = {"name",  "about", "when",   "enrolment", "window",     "late_days",
                                         "order", "steps", "repeat", "reward",    "advertised", NULL};
    static const char *const enrolments[] = {"automatic", "member", NULL};
    static const char *const orders[] = {"any", "given", NULL};
    const struct reading *reading = context;
    struct challenge *challenge = reading->challenge;
    int enrolment = 0, order = 0;

    TRY(object_check(document, fields));
    TRY(object_text(document, "name", true, NAME_MAX_BYTES, &challenge->name));
    TRY(object_text(document, "about", false, CHALLENGE_TEXT_MAX, &challenge->about));
    TRY(object_condition(document, "when", CONDITION_MEMBER, &challenge->when));
    TRY(object_word(document, "enrolment", false, enrolments, &enrolment));
    challenge->by_member = enrolment == 1;
    TRY(read_window(document, challenge));
    TRY(object_integer(document, "late_days", false, (struct range){0, DAYS_MAX}, &challenge->late_days));
    TRY(object_word(document, "order", false, orders, &order));
    challenge->in_order = order == 1;
    TRY(read_steps(reading->input, document, challenge));
    TRY(object_integer(document, "repeat", false, (struct range){0, REPEAT_MAX}, &challenge->repeat));
    if (challenge->repeat == 0)
        challenge->repeat = INT64_MAX;
    TRY(read_reward(reading->input, document, &challenge->reward));
    return read_advertised(document, challenge);
}

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct challenge *challenge = arena_alloc(input->arena, sizeof *challenge);
    struct reading reading = {input, challenge};

    *challenge = (struct challenge){.late_days = CHALLENGE_LATE_DAYS, .repeat = 1};
    *out = challenge;
    return definition_read(input, read_document, &reading, err);
}

static const struct advertised *advertised_of(const void *parsed)
{
    return ((const struct challenge *)parsed)->advertised;
}

static void references_of(const void *parsed, struct definition_references *out)
{
    const struct challenge_reward_terms *reward = &((const struct challenge *)parsed)->reward;

    reference_add(out, badge_kind.name, reward->badge, "reward.badge");
    grant_reference(&reward->grants, "reward", out);
    reference_add(out, coupon_series_kind.name, reward->coupon, "reward.coupon");
}

const struct definition_kind challenge_kind = {.name = "challenge",
                                               .plural = "challenges",
                                               .parse = parse,
                                               .references = references_of,
                                               .advertised = advertised_of};

/* ---- badges ---- */

static enum status read_badge(const struct object *document, void *context)
{
    static const char *const fields[] = {"name", "about", "picture", "grants", NULL};
    static const char *const granted[] = {"benefit", "days", NULL};
    struct object grants = object_nested(document, "grants");
    struct badge *badge = context;

    TRY(object_check(document, fields));
    TRY(object_text(document, "name", true, NAME_MAX_BYTES, &badge->name));
    TRY(object_text(document, "about", false, CHALLENGE_TEXT_MAX, &badge->about));
    TRY(object_text(document, "picture", false, CHALLENGE_TEXT_MAX, &badge->picture));
    if (grants.json == NULL)
        return STATUS_OK;
    TRY(object_check(&grants, granted));
    return object_grant(&grants, true, &badge->grants);
}

static enum status parse_badge(const struct definition_input *input, const void **out, struct error *err)
{
    struct badge *badge = arena_alloc(input->arena, sizeof *badge);

    *out = badge;
    return definition_read(input, read_badge, badge, err);
}

static void badge_references(const void *parsed, struct definition_references *out)
{
    grant_reference(&((const struct badge *)parsed)->grants, "grants", out);
}

const struct definition_kind badge_kind = {
    .name = "badge", .plural = "badges", .parse = parse_badge, .references = badge_references};
