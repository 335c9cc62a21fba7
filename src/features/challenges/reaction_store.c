/* Which events concern which challenges: the reaction that posts the commands. */
#include "features/challenges/challenges_store.h"
#include "features/reactions/happened.h"

enum { REWARDS_NAMED = COMMAND_EVENTS_MAX - 1 };

static bool idle(const struct programme_set *programmes)
{
    return definitions_of(programmes, &challenge_kind)->count == 0;
}

/* A step waits for events of the kind; an empty one: of any. */
static bool waits_for(const struct challenge *challenge, struct text kind)
{
    for (size_t i = 0; i < challenge->step_count; i++) {
        struct text event = challenge->steps[i].event;
        if (kind.size == 0 || (happened_is_purchase(kind) ? text_equals(event, "purchase") : text_equal(event, kind)))
            return true;
    }
    return false;
}

/* Whether what happened then may count; INSTANT_NEVER: it is not known here when it happened. */
static bool may_count(const struct challenge *challenge, int64_t happened)
{
    return happened == INSTANT_NEVER || challenge->window != WINDOW_FIXED ||
           (happened >= challenge->starts_at && happened < challenge->ends_at);
}

static unsigned parts_of(const struct challenge *challenge)
{
    unsigned parts = challenge->when.parts;

    for (size_t i = 0; i < challenge->step_count; i++)
        parts |= challenge->steps[i].when.parts | challenge->steps[i].lines.parts;
    return parts;
}

/*
 * The challenges that wait for the kind, and may count what happened then; those in force at `at`, or with INSTANT_NEVER all that
 * still are known.
 */
static void find(struct reaction_call *call, struct text kind, int64_t at, int64_t happened,
                 struct challenge_load *load)
{
    const struct definition_list *list = definitions_of(call->programmes, &challenge_kind);
    struct text *codes = arena_array(call->arena, list->count + 1, sizeof *codes);

    for (size_t i = 0; i < list->count; i++) {
        const struct definition *definition = &list->items[i];
        bool wanted = (at == INSTANT_NEVER || definition_in_force(definition, at)) &&
                      waits_for(definition->parsed, kind) && may_count(definition->parsed, happened);
        if (!wanted)
            continue;
        load->parts |= parts_of(definition->parsed);
        /* Versions of one code lie side by side. */
        if (load->code_count == 0 || !text_equal(codes[load->code_count - 1], definition->code))
            codes[load->code_count++] = text_copy(call->arena, definition->code);
    }
    load->codes = codes;
}

static void post(struct reaction_call *call, const struct journal_row *row, int64_t event,
                 const struct command_type *type, const struct challenge_load *load)
{
    if (load->code_count == 0)
        return;
    struct command *command = reaction_command(call, row, NULL, type, sizeof(struct follow_challenges));
    ((struct follow_challenges *)command->body)->load = *load;
    if (event != 0)
        command->events[command->event_count++] = (struct event_reference){.id = event, .claim = -1};
}

/* Names the last rewards, so that what is left of their lots, or expired, is at hand when they are taken back. */
static enum status name_rewards(struct reaction_call *call, struct command *command, int64_t member, struct error *err)
{
    struct challenge_load load = {.codes = NULL};
    const struct challenge_state *state = &load.state;
    struct person person;
    enum status status = engine_view(call->engine, call->session, member, call->arena, &person, err);

    if (status == STATUS_OK)
        status = challenge_state_read(call->session, call->arena, &person, &load, err);
    for (size_t named = 0; status == STATUS_OK && named < REWARDS_NAMED; named++) {
        struct challenge_reward *last = NULL;
        for (size_t i = 0; i < state->reward_count; i++)
            if (state->rewards[i].taken_at == 0 && state->rewards[i].points > 0 &&
                (last == NULL || state->rewards[i].given_at > last->given_at))
                last = &state->rewards[i];
        if (last == NULL)
            break;
        command->events[command->event_count++] = (struct event_reference){.id = last->id, .claim = -1};
        last->taken_at = 1; /* named */
    }
    return status;
}

static enum status react_return(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct challenge_load load = {.codes = NULL};
    size_t before = call->command_count;

    find(call, TEXT("purchase"), INSTANT_NEVER, INSTANT_NEVER, &load);
    post(call, row, row->cause, &recount_challenges_type, &load);
    return call->command_count > before ? name_rewards(call, call->commands[before], row->member, err) : STATUS_OK;
}

static enum status react(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct challenge_load load = {.codes = NULL};

    if (row->member == 0)
        return STATUS_OK;
    if (text_equals(row->kind, "return") || text_equals(row->kind, "void"))
        return row->cause != 0 ? react_return(call, row, err) : STATUS_OK;
    if (text_equals(row->kind, "merge")) {
        find(call, TEXT(""), row->recorded_at, INSTANT_NEVER, &load);
        post(call, row, 0, &settle_challenges_type, &load);
        return STATUS_OK;
    }
    /* A claim is of a purchase that happened before. */
    find(call, row->kind, row->recorded_at, text_equals(row->kind, "claim") ? INSTANT_NEVER : row->at, &load);
    post(call, row, row->id, &count_challenges_type, &load);
    return reward_coupon_react(call, row, err);
}

const struct reaction challenges_reaction = {.name = "challenges", .idle = idle, .react = react};
