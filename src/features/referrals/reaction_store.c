/* Which purchases concern a referral: the reaction that rewards. */
#include "features/reactions/happened.h"
#include "features/referrals/referrals_store.h"
#include "queries.h"

static bool idle(const struct programme_set *programmes)
{
    return definitions_of(programmes, &referral_programme_kind)->count == 0;
}

static unsigned parts_of(const struct programme_set *programmes, struct text code)
{
    const struct definition_list *list = definitions_of(programmes, &referral_programme_kind);
    unsigned parts = 0;

    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->items[i].code, code))
            parts |= ((const struct referral_programme *)list->items[i].parsed)->qualifies.parts;
    return parts;
}

/* The referral by which the member came; NULL: none that still matters. */
static enum status find(struct reaction_call *call, int64_t member, const struct referral **out, struct error *err)
{
    struct group group = {.members = arena_alloc(call->arena, sizeof *group.members), .member_count = 1};
    struct person person = {&group, group.members, group.members};
    struct referral_state_of state;

    group.members[0].id = group.members[0].leader = member;
    enum status status = referrals_read(call->session, call->arena, &person, &state, err);
    *out = NULL;
    for (size_t i = 0; i < state.referral_count; i++)
        if (state.referrals[i].friend_member == member && state.referrals[i].state != REFERRAL_REFUSED)
            *out = &state.referrals[i];
    return status;
}

static void post(struct reaction_call *call, const struct journal_row *row, int64_t purchase,
                 const struct referral *referral)
{
    struct command *command = reaction_command(call, row, NULL, &follow_referral_type, sizeof(struct follow_referral));
    struct follow_referral *body = command->body;
    const int64_t events[] = {purchase, referral->friend_row, referral->referrer_row};

    body->came_back = purchase != row->id;
    body->load.parts = parts_of(call->programmes, referral->programme);
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = referral->referrer};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (events[i] != 0)
            command->events[command->event_count++] = (struct event_reference){.id = events[i], .claim = -1};
}

static enum status react(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    bool back = text_equals(row->kind, "return") || text_equals(row->kind, "void");
    int64_t purchase = back ? row->cause : row->id;
    const struct referral *referral;

    if (row->member == 0 || purchase == 0 || (!back && !happened_is_purchase(row->kind)))
        return STATUS_OK;
    enum status status = find(call, row->member, &referral, err);
    if (status != STATUS_OK || referral == NULL)
        return status;
    post(call, row, purchase, referral);
    return STATUS_OK;
}

static const char *const kinds[] = {"purchase", "claim", "return", "void", NULL};

const struct reaction referrals_reaction = {.name = "referrals", .kinds = kinds, .idle = idle, .react = react};
