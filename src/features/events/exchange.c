#include "features/events/exchange.h"

#include "features/events/return_internal.h"
#include "features/points/ledger.h"

const struct command_type exchange_command_type = {
    .name = "exchange",
    .loads = LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS,
    .load = purchase_load,
    .decide = exchange_decide,
};

static void add_net(struct wallet_points *list, size_t *count, struct text wallet, int64_t points)
{
    size_t i = 0;

    while (i < *count && !text_equal(list[i].wallet, wallet))
        i++;
    if (i == *count && *count < PROGRAMME_WALLETS_MAX)
        list[(*count)++] = (struct wallet_points){wallet, 0};
    if (i < *count)
        list[i].points += points;
}

static void settle(const struct command *command, struct exchange *body)
{
    struct wallet_points *points = arena_array(command->arena, PROGRAMME_WALLETS_MAX, sizeof *points);

    body->point_count = 0;
    for (size_t i = 0; i < body->buy.result.earned_count; i++)
        add_net(points, &body->point_count, body->buy.result.earned[i].wallet, body->buy.result.earned[i].points);
    for (size_t i = 0; i < body->back.result.clawed_back_count; i++)
        add_net(points, &body->point_count, body->back.result.clawed_back[i].wallet,
                -body->back.result.clawed_back[i].points);
    body->points = points;
    body->to_pay = body->buy.result.amount - body->buy.result.paid_minor - body->back.result.money;
    for (size_t i = 0; i < body->buy.result.card_count; i++)
        body->to_pay -= body->buy.result.cards[i].minor;
}

/*
 * The points that paid for the old goods come back first, and what they qualified for goes, so that the new goods may be paid
 * with these and earn as if the old ones were not there. What the old goods earned is taken back last, also of what the new
 * ones earned: a policy that writes debt off sees the net.
 */
enum status exchange_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct exchange *body = command->body;
    struct return_work work = {.decision = decision, .command = command};
    struct journal_row *row;
    int64_t known;
    enum status status = event_identity_check(decision, command, &body->buy.identity, &known, err);

    body->buy.result = (struct purchase_result){.id = known, .known = known != 0};
    body->back.result = (struct return_result){.id = 0, .known = known != 0};
    if (status != STATUS_OK || known != 0)
        return status;
    status = return_open(&work, &body->back, err);
    if (status == STATUS_OK)
        status = return_reckon(&work, err);
    if (status != STATUS_OK)
        return status;
    body->buy.exchanged = work.purchase->row.id;
    status = purchase_record(decision, command, &row, err);
    if (status != STATUS_OK)
        return status;
    work.after.exchange = row->id;
    status = return_close(&work, &body->back, err);
    if (status != STATUS_OK)
        return status;
    event_identity_take(decision, command, &body->buy.identity, row->id, row->member);
    settle(command, body);
    return STATUS_OK;
}
