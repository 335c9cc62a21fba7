/* The document of an event. */
#include "features/conditions/condition_read.h"
#include "features/definitions/advertised_read.h"
#include "features/definitions/definition_read.h"
#include "features/member_events/member_events.h"
#include "foundation/instant.h"

/* ---- names ---- */

static enum status read_names(const struct object *object, struct member_event *event)
{
    struct object names = object_nested(object, "names");
    struct member_event_name *list = arena_array(object->arena, MEMBER_EVENT_NAMES_MAX, sizeof *list);
    const char *language;
    json_t *ignored;

    if (names.json == NULL)
        return STATUS_OK;
    if (!json_is_object(names.json) || json_object_size(names.json) > MEMBER_EVENT_NAMES_MAX)
        return object_refuse(object, "names", "an object with a name for each of at most 16 languages is expected");
    json_object_foreach(names.json, language, ignored)
    {
        struct member_event_name *one = &list[event->name_count];
        one->language = text_copy(object->arena, text_from(language));
        if (one->language.size == 0 || one->language.size > MEMBER_EVENT_LANGUAGE_MAX ||
            !object_code_is_valid(one->language))
            return object_refuse(&names, text_string(object->arena, one->language),
                                 "a language such as zh-CN is expected");
        TRY(object_text(&names, language, true, MEMBER_EVENT_NAME_MAX, &one->name));
        event->name_count++;
    }
    event->names = list;
    return STATUS_OK;
}

/* ---- times ---- */

static enum status read_times(const struct object *object, struct member_event *event)
{
    if (json_object_get(object->json, "starts") == NULL)
        return object_missing(object, "starts");
    if (json_object_get(object->json, "ends") == NULL)
        return object_missing(object, "ends");
    TRY(object_instant(object, "starts", &event->starts));
    TRY(object_instant(object, "ends", &event->ends));
    if (event->ends <= event->starts)
        return object_refuse(object, "ends", "the end lies after the beginning");
    return STATUS_OK;
}

static enum status read_registration(const struct object *object, struct member_event *event)
{
    static const char *const names[] = {"from", "until", NULL};
    struct object registration = object_nested(object, "registration");

    event->opens = INT64_MIN;
    event->closes = event->starts;
    if (registration.json == NULL)
        return STATUS_OK;
    TRY(object_check(&registration, names));
    TRY(object_instant(&registration, "from", &event->opens));
    TRY(object_instant(&registration, "until", &event->closes));
    if (event->closes > event->starts)
        return object_refuse(&registration, "until", "nobody registers after the beginning of the event");
    return event->closes > event->opens ? STATUS_OK
                                        : object_refuse(&registration, "until", "the end lies after the beginning");
}

static enum status read_cancellation(const struct object *object, struct member_event *event)
{
    static const char *const names[] = {"until_hours", "late", NULL};
    static const char *const words[] = {"no_show", "keep_price", "refused", NULL};
    struct object cancellation = object_nested(object, "cancellation");
    int64_t hours = 0;
    int late = EVENT_LATE_NO_SHOW;

    if (cancellation.json != NULL) {
        TRY(object_check(&cancellation, names));
        TRY(object_integer(&cancellation, "until_hours", false, (struct range){0, MEMBER_EVENT_HOURS_MAX}, &hours));
        TRY(object_word(&cancellation, "late", false, words, &late));
    }
    event->cancel_until = event->starts - hours * INSTANT_HOUR;
    event->late = (enum member_event_late)late;
    return STATUS_OK;
}

/* ---- seats ---- */

static bool kept_before(const struct member_event *event, size_t count, struct text tier)
{
    for (size_t i = 0; i < count; i++)
        for (size_t t = 0; t < event->kept[i].tier_count; t++)
            if (text_equal(event->kept[i].tiers[t], tier))
                return true;
    return false;
}

static enum status read_kept(const struct object *object, struct member_event *event)
{
    static const char *const names[] = {"tiers", "seats", NULL};
    size_t count, tiers = 0;
    int64_t sum = 0;

    TRY(object_list(object, "kept", (struct range){0, SEATING_GROUPS_MAX}, &count));
    for (size_t i = 0; i < count; i++) {
        struct object one = object_element(object, "kept", i);
        struct member_event_kept *kept = &event->kept[i];
        TRY(object_check(&one, names));
        TRY(object_codes(&one, "tiers", &kept->tiers, &kept->tier_count));
        TRY(object_integer(&one, "seats", true, (struct range){1, MEMBER_EVENT_SEATS_MAX}, &kept->seats));
        if (kept->tier_count == 0)
            return object_missing(&one, "tiers");
        for (size_t t = 0; t < kept->tier_count; t++)
            if (kept_before(event, i, kept->tiers[t]))
                return object_refuse(&one, "tiers", "a tier is in one group only");
        tiers += kept->tier_count;
        sum += kept->seats;
    }
    event->kept_count = count;
    if (tiers > MEMBER_EVENT_TIERS_MAX)
        return object_refuse(object, "kept", "at most 16 tiers have seats of their own");
    return sum <= event->seats ? STATUS_OK : object_refuse(object, "kept", "more seats are kept than there are");
}

/* ---- points ---- */

static enum status read_points(const struct object *object, const char *name, struct text *wallet, int64_t *points)
{
    static const char *const names[] = {"points", "wallet", NULL};
    struct object inner = object_nested(object, name);

    if (inner.json == NULL)
        return STATUS_OK;
    TRY(object_check(&inner, names));
    TRY(object_code(&inner, "wallet", false, wallet));
    return object_integer(&inner, "points", true, (struct range){1, MEMBER_EVENT_POINTS_MAX}, points);
}

static enum status read_no_show(const struct object *object, struct member_event *event)
{
    static const char *const names[] = {"keep_price", "lose_points", "bar_days", "after_minutes", NULL};
    struct object rule = object_nested(object, "no_show");
    struct member_event_no_show *no_show = &event->no_show;
    int64_t minutes = MEMBER_EVENT_AFTER_USUAL;

    if (rule.json != NULL) {
        TRY(object_check(&rule, names));
        TRY(object_boolean(&rule, "keep_price", &no_show->keep_price));
        TRY(object_integer(&rule, "lose_points", false, (struct range){0, MEMBER_EVENT_POINTS_MAX},
                           &no_show->lose_points));
        TRY(object_integer(&rule, "bar_days", false, (struct range){0, MEMBER_EVENT_DAYS_MAX}, &no_show->bar_days));
        TRY(object_integer(&rule, "after_minutes", false, (struct range){0, MEMBER_EVENT_MINUTES_MAX}, &minutes));
    }
    no_show->after = minutes * INSTANT_MINUTE;
    return STATUS_OK;
}

/* ---- the rest ---- */

static const char *const fields[] = {"name",
                                     "names",
                                     "about",
                                     "store",
                                     "place",
                                     "starts",
                                     "ends",
                                     "seats",
                                     "kept",
                                     "when",
                                     "price",
                                     "no_show",
                                     "waiting_max",
                                     "attendance",
                                     "registration",
                                     "cancellation",
                                     "check_in_minutes",
                                     "called_off",
                                     "advertised",
                                     NULL};

static enum status read_event(const struct object *object, void *out)
{
    struct member_event *event = out;
    int64_t check_in = MEMBER_EVENT_CHECK_IN_USUAL;

    event->waiting_max = INT64_MAX;
    TRY(object_check(object, fields));
    TRY(object_text(object, "name", true, MEMBER_EVENT_NAME_MAX, &event->name));
    TRY(read_names(object, event));
    TRY(object_text(object, "about", false, MEMBER_EVENT_TEXT_MAX, &event->about));
    TRY(object_code(object, "store", false, &event->store));
    TRY(object_text(object, "place", false, MEMBER_EVENT_NAME_MAX, &event->place));
    TRY(read_times(object, event));
    TRY(object_integer(object, "seats", true, (struct range){1, MEMBER_EVENT_SEATS_MAX}, &event->seats));
    TRY(read_kept(object, event));
    TRY(object_integer(object, "waiting_max", false, (struct range){0, MEMBER_EVENT_SEATS_MAX}, &event->waiting_max));
    TRY(object_condition(object, "when", CONDITION_MEMBER, &event->when));
    TRY(read_points(object, "price", &event->wallet, &event->points));
    TRY(read_no_show(object, event));
    TRY(read_points(object, "attendance", &event->award_wallet, &event->award));
    TRY(read_registration(object, event));
    TRY(read_cancellation(object, event));
    TRY(object_integer(object, "check_in_minutes", false, (struct range){0, MEMBER_EVENT_MINUTES_MAX}, &check_in));
    event->check_in_from = event->starts - check_in * INSTANT_MINUTE;
    TRY(object_boolean(object, "called_off", &event->called_off));
    const struct advertised_terms terms = {
        .from = event->opens, .until = event->closes, .points = event->points, .members = true};
    return object_advertised(object, terms, &event->advertised);
}

static enum status refuse(const char *field, const char *sentence, struct error *err)
{
    return error_set(err, STATUS_INVALID, "programme.invalid", field, "%s", sentence);
}

static enum status check_tiers(const struct definition_input *input, const struct member_event *event,
                               struct error *err)
{
    for (size_t i = 0; i < event->kept_count; i++)
        for (size_t t = 0; t < event->kept[i].tier_count; t++)
            if (programme_tier(input->programme, event->kept[i].tiers[t]) == NULL)
                return refuse(arena_format(input->arena, "kept[%zu].tiers", i), "there is no such tier", err);
    return STATUS_OK;
}

/* What it refers to is there when it is saved; of what was published long ago it may be gone. */
static enum status check_references(const struct definition_input *input, const struct member_event *event,
                                    struct error *err)
{
    const struct wallet_policy *price = programme_wallet(input->programme, event->wallet);
    bool spends = event->points > 0 || event->no_show.lose_points > 0;

    if (spends && price == NULL)
        return refuse("price.wallet", programme_no_wallet(input->arena, input->programme, event->wallet), err);
    if (spends && !price->spendable)
        return refuse("price.wallet", "points of this account cannot be spent", err);
    if (event->award > 0 && programme_wallet(input->programme, event->award_wallet) == NULL)
        return refuse("attendance.wallet", programme_no_wallet(input->arena, input->programme, event->award_wallet),
                      err);
    return check_tiers(input, event, err);
}

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct member_event *event = arena_alloc(input->arena, sizeof *event);
    enum status status = definition_read(input, read_event, event, err);

    event->code = input->code;
    for (size_t i = 0; i < input->programme->wallet_count; i++) {
        const struct wallet_policy *policy = &input->programme->wallets[i];
        if (policy->spendable && event->wallet.size == 0)
            event->wallet = policy->code;
        if (policy->spendable && event->award_wallet.size == 0)
            event->award_wallet = policy->code;
    }
    if (status == STATUS_OK && input->saving)
        status = check_references(input, event, err);
    *out = event;
    return status;
}

/* Nothing is shown of an event that does not take place. */
static const struct advertised *advertised_of(const void *parsed)
{
    const struct member_event *event = parsed;

    return event->called_off ? NULL : event->advertised;
}

const struct definition_kind member_event_kind = {
    .name = "member_event", .plural = "member-events", .parse = parse, .advertised = advertised_of};
