#include "features/rewards/reward_points.h"

#include "features/points/context.h"
#include "features/points/ledger.h"
#include "features/reactions/award.h"

#define GIVEN "reward_points"

enum status reward_points_give(struct decision *decision, const struct person *person, const struct reward *reward,
                               const struct journal_row *row, struct error *err)
{
    struct builder facts = {.arena = decision->arena};
    struct award award = {
        .kind = GIVEN, .wallet = reward->gives_wallet, .points = reward->gives_points, .cause = row->id};
    struct journal_row *given;

    if (!award_possible(decision, award.wallet))
        return error_set(err, STATUS_CONFLICT, "reward.gift", "reward", "what the reward gives cannot be had now");
    fact_code(&facts, "reward", reward->code);
    fact_code(&facts, "wallet", award.wallet);
    fact_number(&facts, "points", award.points);
    builder_char(&facts, '}');
    award.facts = builder_done(&facts);
    enum status status = award_give(decision, person, &award, &given, err);
    given->store = row->store;
    given->channel = row->channel;
    return status;
}

enum status reward_points_take_back(struct decision *decision, const struct person *person,
                                    const struct past_event *ordered, struct error *err)
{
    struct award award = {.kind = "reward_points_back"};
    struct past_event given = {.follower_count = 0};
    int64_t taken;

    for (size_t i = 0; ordered != NULL && i < ordered->follower_count; i++)
        if (text_equals(ordered->followers[i].row.kind, GIVEN) && ordered->followers[i].row.movement_count > 0)
            given.row = ordered->followers[i].row;
    if (given.row.movement_count == 0)
        return STATUS_OK;
    award.wallet = text_copy(decision->arena, given.row.movements[0].wallet);
    for (size_t i = 0; i < given.row.movement_count; i++)
        if (given.row.movements[i].debit == ACCOUNT_ISSUED) /* some may have paid a debt at once */
            award.points += given.row.movements[i].amount;
    award.cause = given.row.id;
    award.facts = given.row.facts;
    if (award_possible(decision, award.wallet) &&
        ledger_available(person->group, person->member, award.wallet) < award.points)
        return error_set(err, STATUS_CONFLICT, "reward.gift_used", "", "the points that it gave have been used");
    return award_take_back(decision, person, &award, &given, &taken, err);
}
