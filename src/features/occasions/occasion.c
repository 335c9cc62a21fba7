#include "features/occasions/occasion.h"

#include "features/conditions/condition.h"
#include "features/events/events.h"
#include "features/points/ledger.h"
#include "features/reactions/award.h"
#include "features/reactions/reaction.h"
#include "foundation/lunar.h"

struct text occasion_trigger(enum occasion_kind kind)
{
    static const char *const triggers[] = {"registration", "referral", "birthday", "anniversary"};

    return text_from(triggers[kind]);
}

const char *occasion_row_kind(enum occasion_kind kind)
{
    static const char *const kinds[] = {"occasion_registration", "occasion_referral", "occasion_birthday",
                                        "occasion_anniversary"};

    return kinds[kind];
}

/* ---- days ---- */

bool occasion_birthday(const struct birthday *birthday, int32_t today, struct occasion_day *out)
{
    int32_t day = birthday_from(birthday, today - OCCASION_LATE_DAYS), new_year;

    if (day > today)
        return false;
    *out = (struct occasion_day){day, date_from_day(day).year};
    if (birthday->lunar && lunar_day(out->year, 1, 1, &new_year) && day < new_year)
        out->year--;
    return true;
}

bool occasion_anniversary(int32_t joined, int leap_day, int32_t today, struct occasion_day *out)
{
    struct date date = date_from_day(joined);
    const struct birthday of = {.month = date.month, .day = date.day, .leap_day = leap_day};

    return occasion_birthday(&of, today, out) && out->year > date.year;
}

/* ---- which one ---- */

static int64_t joined_at(const struct person *person)
{
    int64_t first = person->leader->registered_at;

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (member->leader == person->leader->id && member->registered_at < first)
            first = member->registered_at;
    }
    return first;
}

static bool find_birthday(const struct decision *decision, const struct give_occasion *body,
                          const struct programme *programme, int32_t today, struct occasion_day *out)
{
    struct fact_sources sources = {.person = &decision->subjects[0], .now = decision->now, .programme = programme};
    struct birthday birthday;

    condition_sources(decision->arena, &body->known.person, &sources);
    return fact_birthday(&sources, &birthday) && occasion_birthday(&birthday, today, out) &&
           out->day >= zone_day(programme->zone, joined_at(&decision->subjects[0]));
}

/* What says that a person had the occasion of a year. */
static struct text year_id(struct arena *arena, enum occasion_kind kind, int year)
{
    struct text trigger = occasion_trigger(kind);

    return text_from(arena_format(arena, "occasion:%.*s:%d", (int)trigger.size, trigger.bytes, year));
}

static bool had(const struct person *person, struct text id)
{
    for (size_t m = 0; m < person->group->member_count; m++) {
        const struct member *member = &person->group->members[m];
        for (size_t i = 0; member->leader == person->leader->id && i < member->progress_count; i++)
            if (member->progress[i].used > 0 && text_equal(member->progress[i].id, id))
                return true;
    }
    return false;
}

/* Of a day of the year: false when it is none, or was. Fills `at`, `properties` and the id of the year. */
static bool find_day(const struct decision *decision, const struct give_occasion *body, struct rules_event *event,
                     struct text *id)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct person *person = &decision->subjects[0];
    int32_t today = zone_day(programme->zone, decision->now);
    int32_t joined = zone_day(programme->zone, joined_at(person));
    struct occasion_day day;
    bool there = body->kind == OCCASION_BIRTHDAY
                     ? find_birthday(decision, body, programme, today, &day)
                     : occasion_anniversary(joined, programme->birthday_leap_day, today, &day);

    if (!there)
        return false;
    event->at = zone_day_start(programme->zone, day.day);
    if (body->kind == OCCASION_ANNIVERSARY)
        event->properties =
            text_from(arena_format(decision->arena, "{\"years\":%d}", day.year - date_from_day(joined).year));
    *id = year_id(decision->arena, body->kind, day.year);
    return !had(person, *id);
}

/* ---- giving ---- */

static enum status record(struct decision *decision, const struct command *command, const struct rules_event *event,
                          struct journal_row *row, struct error *err)
{
    struct person *person = &decision->subjects[0];
    struct purchase_facts facts = {0};

    row->day = zone_day(programme_at(decision->programmes, event->at)->zone, event->at);
    row->store = event->store;
    row->channel = event->channel;
    enum status status = rules_earn(decision, command, event, row, &facts, err);
    row->facts = purchase_facts_write(decision->arena, &facts);
    points_set_due(person->group, person->leader);
    return status;
}

static void remember(struct decision *decision, const struct command *command, const struct journal_row *row,
                     struct text id)
{
    if (id.size > 0) {
        struct progress *progress = member_progress(decision, decision->subjects[0].member, id);
        progress->used = 1;
        progress->changed = true;
        return;
    }
    reaction_keep(decision, command, row);
    if (command->claim_count > 1)
        claim_take(decision, OCCASION_CLAIM, command->claims[1].key, row->id, row->member);
}

static enum status give_decide(struct decision *decision, struct command *command, struct error *err)
{
    const struct give_occasion *body = command->body;
    const struct person *person = &decision->subjects[0];
    bool yearly = body->kind == OCCASION_BIRTHDAY || body->kind == OCCASION_ANNIVERSARY, gives;
    struct rules_event event = {.trigger = occasion_trigger(body->kind),
                                .at = body->at,
                                .store = body->store,
                                .channel = body->channel,
                                .properties = body->properties,
                                .known = &body->known};
    struct text id = {NULL, 0};

    if (person->member == NULL || person->member->status != MEMBER_ACTIVE)
        return STATUS_OK;
    if (yearly ? !find_day(decision, body, &event, &id)
               : reaction_done(command) || (command->claim_count > 1 && command->claims[1].reference != 0))
        return STATUS_OK;
    enum status status = rules_ask(decision, command, &event, &gives, err);
    if (status != STATUS_OK || !gives)
        return status;
    struct journal_row *row = journal_add(decision, person->member, 0, occasion_row_kind(body->kind), event.at);
    row->cause = body->cause;
    status = record(decision, command, &event, row, err);
    if (status == STATUS_OK)
        remember(decision, command, row, id);
    return status;
}

const struct command_type give_occasion_type = {
    .name = "give_occasion", .loads = LOAD_PROGRESS, .load = occasion_load, .decide = give_decide};

/* ---- taking back ---- */

static enum status take_back(struct decision *decision, const struct command *command, struct posting *posting,
                             const struct earned_facts *earned, struct error *err)
{
    struct person *person = &decision->subjects[0];
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct wallet_policy *policy = programme_wallet(programme, earned->wallet);
    const struct accrual_used used = {
        .code = earned->rule, .uses = earned->uses, .use_count = earned->use_count, .budget = earned->budget};
    const struct tier_points moved = {earned->wallet, -earned->points};
    const struct tier_gain gain = {.points = &moved, .point_count = 1};
    struct ledger ledger = {posting, person->group, person->member, programme, policy};
    int64_t written_off;

    accrual_give_up(decision, command, person->member, &used, earned->points, true);
    if (policy == NULL)
        return STATUS_OK;
    enum status status = ledger_claw_back(&ledger, decision->events[0], earned->points, &written_off, err);
    return status == STATUS_OK ? event_qualify(decision, person, &gain, posting->row->id, err) : status;
}

static enum status undo_decide(struct decision *decision, struct command *command, struct error *err)
{
    const struct past_event *given = decision->events[0];
    const struct person *person = &decision->subjects[0];
    struct purchase_facts facts;

    if (reaction_done(command) || given == NULL || person->member == NULL || person->member->status != MEMBER_ACTIVE)
        return STATUS_OK;
    enum status status = purchase_facts_read(decision->arena, given->row.facts, &facts, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = journal_add(decision, person->member, 0, "occasion_undone", decision->now);
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->cause = given->row.id;
    struct posting posting = posting_start(decision, row);
    for (size_t i = 0; i < facts.earned_count && status == STATUS_OK; i++)
        status = take_back(decision, command, &posting, &facts.earned[i], err);
    points_set_due(person->group, person->leader);
    claim_drop(decision, OCCASION_CLAIM, command->claims[1].key);
    reaction_keep(decision, command, row);
    return status;
}

const struct command_type undo_occasion_type = {.name = "undo_occasion",
                                                .loads = LOAD_LOTS | LOAD_FOLLOWERS | LOAD_PROGRESS,
                                                .load = occasion_load,
                                                .decide = undo_decide};
