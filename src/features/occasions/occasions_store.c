#include "features/occasions/occasions_store.h"

#include "features/conditions/conditions_store.h"
#include "features/referrals/referrals_store.h"
#include "foundation/clock.h"
#include "queries.h"

/* ---- loading ---- */

enum status occasion_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct condition_load *loads = arena_array(context->arena, count, sizeof *loads);
    size_t wanted = 0;

    for (size_t i = 0; i < count; i++) {
        struct rules_known *known = commands[i]->body;
        known->person = (struct condition_person){0};
        if (known->parts != 0)
            loads[wanted++] = (struct condition_load){commands[i], 0, known->parts, &known->person};
    }
    return wanted > 0 ? conditions_load(context, loads, wanted, err) : STATUS_OK;
}

/* Names budgets, and what conditions ask. */
static void prepare(const struct programme_set *set, struct command *command)
{
    struct give_occasion *body = command->body;
    const struct rules_event event = {.trigger = occasion_trigger(body->kind),
                                      .at = body->at,
                                      .store = body->store,
                                      .channel = body->channel,
                                      .properties = body->properties};

    (void)rules_prepare(set, &event, &body->known, command, command->arena);
    if (body->kind == OCCASION_BIRTHDAY)
        body->known.parts |= CONDITION_PROFILE;
}

/* ---- following the journal ---- */

static bool asks(const struct programme_set *set, enum occasion_kind kind)
{
    return accrual_needs(set, occasion_trigger(kind)).any;
}

static bool idle(const struct programme_set *programmes)
{
    return !asks(programmes, OCCASION_REGISTRATION) && !asks(programmes, OCCASION_REFERRAL);
}

static void welcome(struct reaction_call *call, const struct journal_row *row)
{
    if (!asks(call->programmes, OCCASION_REGISTRATION))
        return;
    struct command *command = reaction_command(call, row, NULL, &give_occasion_type, sizeof(struct give_occasion));
    *(struct give_occasion *)command->body = (struct give_occasion){.kind = OCCASION_REGISTRATION,
                                                                    .at = row->at,
                                                                    .cause = row->id,
                                                                    .store = text_copy(call->arena, row->store),
                                                                    .channel = text_copy(call->arena, row->channel)};
    prepare(call->programmes, command);
}

/* The referral that a row of the friend follows from; NULL: it is not there. */
static enum status find_referral(struct reaction_call *call, const struct journal_row *row, const struct referral **out,
                                 struct error *err)
{
    struct group group = {.members = arena_alloc(call->arena, sizeof *group.members), .member_count = 1};
    struct person person = {&group, group.members, group.members};
    struct referral_state_of state;

    group.members[0].id = group.members[0].leader = row->member;
    enum status status = referrals_read(call->session, call->arena, &person, &state, err);
    *out = NULL;
    for (size_t i = 0; status == STATUS_OK && i < state.referral_count; i++)
        if (state.referrals[i].id == row->cause)
            *out = &state.referrals[i];
    return status;
}

/* A command for the referrer, whose claim 1 is that of the referral. */
static struct command *for_referrer(struct reaction_call *call, const struct journal_row *row,
                                    const struct referral *referral, const struct command_type *type, size_t size)
{
    struct command *command = reaction_command(call, row, NULL, type, size);

    command->subjects[0].id = referral->referrer;
    command->claims[command->claim_count++] = (struct claim_key){
        .kind = OCCASION_CLAIM, .key = text_from(arena_format(call->arena, "referral:%lld", (long long)referral->id))};
    return command;
}

/* As the row says it was, whatever became of it meanwhile: {"programme":"friends","state":"rewarded"}. */
static bool was_rewarded(const struct journal_row *row)
{
    for (size_t i = 0; i < row->facts.size; i++)
        if (text_starts_with((struct text){row->facts.bytes + i, row->facts.size - i}, TEXT("\"state\":\"rewarded\"")))
            return true;
    return false;
}

static struct text properties_of(struct arena *arena, const struct referral *referral)
{
    struct builder out = {.arena = arena};

    builder_string(&out, "{\"programme\":");
    facts_string(&out, referral->programme);
    builder_char(&out, '}');
    return builder_done(&out);
}

static enum status brought(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    bool undone = text_equals(row->kind, "referral_undone");
    const struct referral *referral;

    if (row->cause == 0 || (!undone && !was_rewarded(row)))
        return STATUS_OK;
    enum status status = find_referral(call, row, &referral, err);
    if (status != STATUS_OK || referral == NULL)
        return status;
    struct command *command;
    if (undone) {
        command = for_referrer(call, row, referral, &undo_occasion_type, sizeof(struct undo_occasion));
        command->events[command->event_count++] = (struct event_reference){.claim = 1};
        struct rules_known none;
        const struct rules_event event = {.trigger = occasion_trigger(OCCASION_REFERRAL), .at = row->at};
        (void)rules_prepare(call->programmes, &event, &none, command, call->arena);
        return STATUS_OK;
    }
    command = for_referrer(call, row, referral, &give_occasion_type, sizeof(struct give_occasion));
    *(struct give_occasion *)command->body = (struct give_occasion){
        .kind = OCCASION_REFERRAL, .at = row->at, .properties = properties_of(call->arena, referral)};
    prepare(call->programmes, command);
    return STATUS_OK;
}

static enum status react(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    if (row->member == 0)
        return STATUS_OK;
    if (!text_equals(row->kind, "registration"))
        return brought(call, row, err);
    welcome(call, row);
    return STATUS_OK;
}

static const char *const kinds[] = {"registration", "referral_qualified", "referral_decided", "referral_undone", NULL};

const struct reaction occasions_reaction = {.name = "occasions", .kinds = kinds, .idle = idle, .react = react};

/* ---- the days of a year ---- */

enum { GIVEN_AT_ONCE = 256, MONTH_DAY_SIZE = 5, LEAP_MARGIN_DAYS = 2 };
#define DAYS_ARENA_BYTES ((size_t)256 << 20)

struct candidates {
    struct arena *arena;
    enum occasion_kind kind;
    const struct programme *programme;
    int32_t today;
    int64_t *members;
    size_t count, capacity;
};

static bool is_day_of(const struct candidates *found, const struct storage_row *row)
{
    const struct programme *programme = found->programme;
    struct occasion_day day;
    struct birthday birthday;

    if (found->kind == OCCASION_ANNIVERSARY)
        return occasion_anniversary(zone_day(programme->zone, row_integer(row, 1)), programme->birthday_leap_day,
                                    found->today, &day);
    return birthday_read(row_text(row, 1), row_text(row, 2), programme->birthday_leap_day, &birthday) &&
           occasion_birthday(&birthday, found->today, &day);
}

static enum status receive_candidate(void *context, const struct storage_row *row, struct error *err)
{
    struct candidates *found = context;

    (void)err;
    if (!is_day_of(found, row))
        return STATUS_OK;
    found->members =
        arena_grow(found->arena, found->members, &found->capacity, found->count + 1, sizeof *found->members);
    found->members[found->count++] = row_integer(row, 0);
    return STATUS_OK;
}

static struct text month_day(struct arena *arena, int32_t day)
{
    struct date date = date_from_day(day);

    return text_from(arena_format(arena, "%02d-%02d", date.month, date.day));
}

/* A profile is parted among the members of a person: of several each may be named, and the first gives. */
static enum status find(struct storage_session *session, struct candidates *found, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_candidate, .context = found};
    struct text first = month_day(found->arena, found->today - OCCASION_LATE_DAYS - LEAP_MARGIN_DAYS);
    struct text last = month_day(found->arena, found->today + LEAP_MARGIN_DAYS);
    enum status status = STATUS_OK;

    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value birthdays[] = {value_integer(bucket), value_text(first), value_text(last),
                                                  value_integer(text_compare(first, last) > 0)};
        const struct storage_value joined[] = {value_integer(bucket),
                                               value_integer(zone_day_start(found->programme->zone, found->today))};
        status = found->kind == OCCASION_BIRTHDAY
                     ? storage_stream(session, &query_occasions_birthdays, birthdays, &receiver, err)
                     : storage_stream(session, &query_occasions_joined, joined, &receiver, err);
    }
    return status;
}

static enum status give_some(struct engine *engine, const struct programme_set *set, const struct candidates *found,
                             size_t from, int64_t *given, struct error *err)
{
    struct command *commands[GIVEN_AT_ONCE];
    struct arena *arena = arena_new(DAYS_ARENA_BYTES);
    size_t count = 0;

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to give for birthdays");
    for (size_t i = from; i < found->count && count < GIVEN_AT_ONCE; i++) {
        struct give_occasion *body = arena_alloc(arena, sizeof *body);
        struct command *command = arena_alloc(arena, sizeof *command);
        *body = (struct give_occasion){.kind = found->kind, .at = clock_now(engine_clock(engine))};
        *command =
            (struct command){.type = &give_occasion_type, .body = body, .day = DAY_NONE, .bucket = -1, .arena = arena};
        command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = found->members[i]};
        prepare(set, command);
        commands[count++] = command;
    }
    enum status status = engine_run(engine, commands, count, err);
    for (size_t i = 0; i < count; i++) {
        *given += commands[i]->status == STATUS_OK && commands[i]->id != 0;
        if (status == STATUS_OK && commands[i]->status == STATUS_BUSY) { /* the rules changed: again at the next look */
            status = STATUS_BUSY;
            *err = commands[i]->error;
        }
    }
    arena_free(arena);
    return status;
}

static enum status give_kind(struct engine *engine, const struct programme_set *set, enum occasion_kind kind,
                             int64_t *given, struct error *err)
{
    int64_t now = clock_now(engine_clock(engine));
    struct candidates found = {.kind = kind, .programme = programme_at(set, now)};
    struct storage_session *session;

    if (!asks(set, kind))
        return STATUS_OK;
    found.today = zone_day(found.programme->zone, now);
    found.arena = arena_new(DAYS_ARENA_BYTES);
    if (found.arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to look for birthdays");
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);
    if (status == STATUS_OK) {
        status = find(session, &found, err);
        storage_session_free(session);
    }
    for (size_t from = 0; from < found.count && status == STATUS_OK; from += GIVEN_AT_ONCE)
        status = give_some(engine, set, &found, from, given, err);
    arena_free(found.arena);
    return status;
}

enum status occasions_give(struct engine *engine, int32_t *day, int64_t *given, struct error *err)
{
    struct configuration configuration = engine_configuration(engine);
    int64_t now = clock_now(engine_clock(engine));
    int32_t today = zone_day(programme_at(configuration.programmes, now)->zone, now);
    enum status status = STATUS_OK;

    *given = 0;
    if (today != *day) {
        status = give_kind(engine, configuration.programmes, OCCASION_BIRTHDAY, given, err);
        if (status == STATUS_OK)
            status = give_kind(engine, configuration.programmes, OCCASION_ANNIVERSARY, given, err);
    }
    if (status == STATUS_OK)
        *day = today;
    engine_configuration_release(engine, configuration);
    return status;
}
