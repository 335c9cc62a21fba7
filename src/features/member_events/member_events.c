#include "features/member_events/member_events.h"

#include "features/points/ledger.h"

struct text member_event_name(const struct member_event *event, struct text language)
{
    for (size_t i = 0; i < event->name_count; i++)
        if (text_equal(event->names[i].language, language))
            return event->names[i].name;
    return event->name;
}

int member_event_group(const struct member_event *event, struct text tier)
{
    for (size_t i = 0; i < event->kept_count && tier.size > 0; i++)
        for (size_t t = 0; t < event->kept[i].tier_count; t++)
            if (text_equal(event->kept[i].tiers[t], tier))
                return (int)i;
    return SEATING_NO_GROUP;
}

static void add_tier(struct text *tiers, size_t *count, struct text tier)
{
    for (size_t i = 0; i < *count; i++)
        if (text_equal(tiers[i], tier))
            return;
    if (*count < MEMBER_EVENT_TIERS_MAX)
        tiers[(*count)++] = tier;
}

size_t member_event_tiers(const struct programme_set *set, struct text code, struct text also,
                          struct text tiers[MEMBER_EVENT_TIERS_MAX])
{
    const struct definition_list *list = definitions_of(set, &member_event_kind);
    size_t count = 0;

    if (also.size > 0)
        add_tier(tiers, &count, also);
    /* The newest first: with too many tiers those of old versions are left out. */
    for (size_t i = list->count; i-- > 0;) {
        const struct member_event *event = list->items[i].parsed;
        for (size_t k = 0; text_equal(list->items[i].code, code) && k < event->kept_count; k++)
            for (size_t t = 0; t < event->kept[k].tier_count; t++)
                add_tier(tiers, &count, event->kept[k].tiers[t]);
    }
    return count;
}

struct member_event_known member_event_known(const struct programme_set *set, struct text code, int64_t now)
{
    const struct definition_list *list = definitions_of(set, &member_event_kind);
    const struct definition *last = NULL;
    bool comes = false;

    for (size_t i = 0; i < list->count; i++) {
        const struct definition *one = &list->items[i];
        if (!text_equal(one->code, code))
            continue;
        if (one->from <= now)
            last = one; /* ascending */
        else
            comes = true;
    }
    if (last == NULL)
        return (struct member_event_known){.event = NULL};
    const struct member_event *event = last->parsed;
    bool in_force = definition_in_force(last, now);
    bool withdrawn = !in_force && !comes && last->until < event->ends;
    return (struct member_event_known){event, in_force, withdrawn || event->called_off};
}

/* ---- whether somebody may register ---- */

static enum status check_time(const struct member_event *event, int64_t now, struct error *err)
{
    char text[INSTANT_TEXT_SIZE];

    if (event->called_off)
        return error_set(err, STATUS_CONFLICT, "member_event.called_off", "event", "the event was called off");
    if (now < event->opens)
        return error_set(err, STATUS_CONFLICT, "member_event.not_open", "event", "members can register from %s",
                         instant_format(event->opens, text));
    if (now >= event->closes)
        return error_set(err, STATUS_CONFLICT, "member_event.closed", "event", "members could register until %s",
                         instant_format(event->closes, text));
    return STATUS_OK;
}

static enum status check_member(const struct member_event *event, const struct member_event_question *question,
                                struct error *err)
{
    char text[INSTANT_TEXT_SIZE];
    struct condition_world world = {.arena = question->arena,
                                    .programmes = question->set,
                                    .programme = programme_at(question->set, question->now),
                                    .now = question->now,
                                    .person = question->person,
                                    .known = question->known};

    if (question->registered)
        return error_set(err, STATUS_CONFLICT, "member_event.registered", "member",
                         "the member has registered already");
    if (question->barred_until > question->now)
        return error_set(err, STATUS_CONFLICT, "member_event.barred", "member",
                         "the member did not come to an event and may register again from %s",
                         instant_format(question->barred_until, text));
    if (event->when.source.size == 0)
        return STATUS_OK;
    condition_start(&world);
    if (condition_holds(&world, &event->when))
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "member_event.audience", "member", "the event is not for this member");
}

enum status member_event_check(const struct member_event *event, const struct member_event_question *question,
                               int64_t *missing, struct error *err)
{
    const struct person *person = question->person;
    bool known = person != NULL && person->group != NULL;
    enum status status = check_time(event, question->now, err);

    *missing = 0;
    if (status == STATUS_OK)
        status = check_member(event, question, err);
    if (status != STATUS_OK || event->points == 0)
        return status;
    int64_t has = known ? ledger_available(person->group, person->member, event->wallet) : 0;
    *missing = event->points > has ? event->points - has : 0;
    if (*missing == 0)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "member_event.points", "event", "%lld points are missing",
                     (long long)*missing);
}
