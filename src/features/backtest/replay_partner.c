/* replay_partner.c: what is bought at partners in both worlds: it earns points, which count for ladders. */
#include "features/backtest/replay_internal.h"
#include "features/partners/partner_facts.h"

#include <string.h>

/* A receipt of a member, for what comes back of it. */
struct kept_receipt {
    struct partner_earning terms[REPLAY_WORLDS];
    int64_t expires[REPLAY_WORLDS];
    int64_t left; /* minor units */
};

static bool same_terms(const struct partner_earning *a, const struct partner_earning *b)
{
    return text_equal(a->wallet, b->wallet) && a->points == b->points && a->per == b->per && a->minimum == b->minimum &&
           a->rounding == b->rounding;
}

/* Whether something new may happen at the partner then. */
static bool is_open(const struct replay *replay, int w, struct text code, int64_t now)
{
    const struct definition *definition = definition_at(replay->worlds[w].programmes, &partner_kind, code, now);

    return definition != NULL && !((const struct partner *)definition->parsed)->suspended;
}

/* By what it earned really; or, where the plan has another partner, by what that gives. */
static struct partner_earning terms_of(const struct replay *replay, int w, const struct journal_row *row,
                                       const struct partner_facts *facts)
{
    static const struct partner_earning nothing;
    const struct partner *was = partner_at(replay->worlds[REPLAY_AS_IT_WAS].programmes, facts->partner, row->at);
    const struct partner *is = partner_at(replay->worlds[w].programmes, facts->partner, row->at);

    if (w == REPLAY_AS_IT_WAS || !replay_in_period(replay, row->at))
        return facts->earning;
    if (!is_open(replay, w, facts->partner, row->recorded_at) &&
        is_open(replay, REPLAY_AS_IT_WAS, facts->partner, row->recorded_at))
        return nothing;
    if (is == NULL || (was != NULL && same_terms(&was->earn, &is->earn)))
        return facts->earning;
    return strcmp(is->currency, facts->currency) == 0 ? is->earn : nothing;
}

/* Points above or below 0 of the turn's person count for ladders. */
static enum status qualify(struct turn *turn, struct text wallet, int64_t points, struct error *err)
{
    const struct tier_points moved = {wallet, points};
    const struct tier_gain gain = {.points = &moved, .point_count = 1};

    return points != 0 ? event_qualify(&turn->world->decision, &turn->person, &gain, 0, err) : STATUS_OK;
}

static enum status earn_in(struct turn *turn, const struct journal_row *row, struct kept_receipt *kept, int w,
                           int64_t *points, struct error *err)
{
    const struct programme *programme = programme_at(turn->world->programmes, turn->world->decision.now);
    const struct wallet_policy *policy = programme_wallet(programme, kept->terms[w].wallet);

    *points = 0;
    if (policy == NULL || !partner_earn(&kept->terms[w], kept->left, points))
        kept->terms[w].wallet.size = 0; /* nothing is earned, and nothing taken back */
    else
        kept->expires[w] = wallet_expiry(policy, programme->zone, row->at, turn->person.leader->standing.last_event_at);
    enum status status = qualify(turn, kept->terms[w].wallet, *points, err);
    standing_touch(turn->person.group, turn->person.member, row->at);
    return status;
}

static void count(struct replay *replay, struct replay_person *person, const struct kept_receipt *kept,
                  const int64_t points[REPLAY_WORLDS])
{
    person->active = true;
    if (points[REPLAY_AS_IT_WAS] != points[REPLAY_PLAN] ||
        !text_equal(kept->terms[REPLAY_AS_IT_WAS].wallet, kept->terms[REPLAY_PLAN].wallet))
        person->touched = true;
    for (int w = 0; w < REPLAY_WORLDS; w++) {
        if (points[w] == 0)
            continue;
        replay_add_points(replay, person, w, kept->terms[w].wallet, points[w]);
        replay_add_end(replay, w, kept->terms[w].wallet, points[w], kept->expires[w]);
    }
}

/* A purchase, or the claim of one: it has what was not returned before. */
static enum status replay_receipt(struct replay *replay, const struct replay_input *input, struct error *err)
{
    const struct journal_row *row = input->row;
    struct replay_person *person = replay_person_of(replay, input);
    struct kept_receipt *kept = arena_alloc(replay->memory, sizeof *kept);
    int64_t points[REPLAY_WORLDS] = {0};
    struct partner_facts facts;
    enum status status = STATUS_OK;

    if (person == NULL)
        return STATUS_OK;
    partner_facts_read(replay->worlds[REPLAY_AS_IT_WAS].scratch, row->facts, &facts);
    kept->left = facts.minor;
    for (int w = 0; w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = turn_of(replay, person, w);
        kept->terms[w] = terms_of(replay, w, row, &facts);
        kept->terms[w].wallet = text_copy(replay->memory, kept->terms[w].wallet);
        status = turn_begin(&turn, row->recorded_at, err);
        if (status == STATUS_OK)
            status = earn_in(&turn, row, kept, w, &points[w], err);
        turn_end(&turn);
    }
    map_put_id(replay->receipts, row->id, kept);
    if (status != STATUS_OK || !replay_in_period(replay, row->at))
        return status;
    replay->report.partner_purchases++;
    count(replay, person, kept, points);
    return STATUS_OK;
}

/* Takes back what was earned until now less what is earned by what is left. */
static enum status replay_partner_return(struct replay *replay, const struct replay_input *input, struct error *err)
{
    const struct journal_row *row = input->row;
    struct replay_person *person = replay_person_of(replay, input);
    struct kept_receipt *kept = map_get_id(replay->receipts, row->cause);
    int64_t points[REPLAY_WORLDS] = {0};
    struct partner_facts facts;
    enum status status = STATUS_OK;

    if (person == NULL || kept == NULL)
        return STATUS_OK;
    partner_facts_read(replay->worlds[REPLAY_AS_IT_WAS].scratch, row->facts, &facts);
    for (int w = 0; w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = turn_of(replay, person, w);
        int64_t before = 0, after = 0;
        if (partner_earn(&kept->terms[w], kept->left, &before) &&
            partner_earn(&kept->terms[w], kept->left - facts.minor, &after))
            points[w] = after - before;
        status = turn_begin(&turn, row->recorded_at, err);
        if (status == STATUS_OK)
            status = qualify(&turn, kept->terms[w].wallet, points[w], err);
        turn_end(&turn);
    }
    kept->left -= facts.minor;
    if (status == STATUS_OK && replay_in_period(replay, row->at))
        count(replay, person, kept, points);
    return status;
}

bool replay_is_partner(struct text kind)
{
    return text_starts_with(kind, TEXT("partner_"));
}

enum status replay_partner(struct replay *replay, const struct replay_input *input, struct error *err)
{
    const struct journal_row *row = input->row;
    if (text_equals(row->kind, "partner_purchase") || text_equals(row->kind, "partner_claim"))
        return replay_receipt(replay, input, err);
    if (text_equals(row->kind, "partner_return"))
        return replay_partner_return(replay, input, err);
    if (text_equals(row->kind, "partner_redemption") && replay_in_period(replay, row->at))
        replay->report.partner_redemptions++;
    return STATUS_OK;
}
