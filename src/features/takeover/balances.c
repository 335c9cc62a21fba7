#include "features/takeover/balances.h"

#include <assert.h>

#include "features/events/facts.h"
#include "features/points/ledger.h"
#include "features/points/points.h"

/* ---- debts among lots ---- */

/* The lot of `wallet` with points left that expires first. NULL: none. */
static struct taken_lot *soonest(struct taken_lot *lots, size_t count, struct text wallet)
{
    struct taken_lot *found = NULL;

    for (size_t i = 0; i < count; i++) {
        struct taken_lot *lot = &lots[i];
        if (lot->stated < 0 || lot->points == 0 || !text_equal(lot->wallet, wallet))
            continue;
        if (found == NULL || lot->expires_at < found->expires_at ||
            (lot->expires_at == found->expires_at && lot->earned_at < found->earned_at))
            found = lot;
    }
    return found;
}

void taken_lots_net(struct taken_lot *lots, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lots[i].points = lots[i].stated;
    for (size_t i = 0; i < count; i++) {
        struct taken_lot *debt = &lots[i];
        while (debt->points < 0) {
            struct taken_lot *lot = soonest(lots, count, debt->wallet);
            if (lot == NULL)
                break;
            int64_t part = lot->points < -debt->points ? lot->points : -debt->points;
            lot->points -= part;
            debt->points += part;
        }
    }
}

/* ---- posting ---- */

struct work {
    struct decision *decision;
    const struct command *command;
    const struct take_balances *body;
    const struct programme *programme;
    struct person *person;
    struct posting posting;
};

static enum status post_lot(struct work *work, const struct taken_lot *lot, struct error *err)
{
    struct ledger ledger = {&work->posting, work->person->group, work->person->member, work->programme, NULL};
    enum status status = points_policy(work->programme, lot->wallet, &ledger.policy, err);

    if (status != STATUS_OK || lot->points == 0)
        return status;
    if (lot->points < 0) {
        ledger_take_over_debt(&ledger, -lot->points);
        return STATUS_OK;
    }
    return ledger_accrue(&ledger,
                         (struct accrual){.points = lot->points,
                                          .from = ACCOUNT_TAKEN_OVER,
                                          .earned_at = lot->earned_at,
                                          .active_at = lot->active_at,
                                          .expires_at = lot->expires_at},
                         NULL, err);
}

/* The new lots of one store, from the `first` on: one journal row. */
static enum status post_store(struct work *work, size_t first, bool *posted, struct error *err)
{
    const struct takeover *takeover = &work->body->takeover;
    struct decision *decision = work->decision;
    struct text store = work->body->lots[first].store;
    struct journal_row *row = journal_add(decision, work->person->member, 0, "migration", decision->now);
    struct builder facts = {.arena = decision->arena};
    enum status status = STATUS_OK;

    row->day = zone_day(work->programme->zone, decision->now);
    row->store = text_copy(decision->arena, store);
    work->posting = posting_start(decision, row);
    builder_string(&facts, "{\"of\":\"balances\",\"ids\":[");
    for (size_t i = first; i < takeover->row_count && status == STATUS_OK; i++) {
        const struct taken_lot *lot = &work->body->lots[i];
        if (takeover->rows[i].result != TAKEOVER_NEW || !text_equal(lot->store, store))
            continue;
        takeover_take(decision, work->command, &takeover->rows[i], work->person->member->id);
        if (i > first)
            builder_char(&facts, ',');
        facts_string(&facts, lot->id);
        status = post_lot(work, lot, err);
        posted[i] = true;
    }
    builder_string(&facts, "]}");
    row->facts = builder_done(&facts);
    return status;
}

static enum status decide(struct decision *decision, struct command *command, struct error *err)
{
    const struct take_balances *body = command->body;
    struct work work = {.decision = decision,
                        .command = command,
                        .body = body,
                        .programme = programme_at(decision->programmes, decision->now),
                        .person = &decision->subjects[0]};
    bool posted[TAKEOVER_ROWS_MAX] = {false};

    assert(body->takeover.row_count <= TAKEOVER_ROWS_MAX);
    enum status status = takeover_person(decision, command, err);
    if (status != STATUS_OK || !takeover_check(decision, command))
        return status;
    for (size_t i = 0; i < body->takeover.row_count && status == STATUS_OK; i++)
        if (body->takeover.rows[i].result == TAKEOVER_NEW && !posted[i])
            status = post_store(&work, i, posted, err);
    return status;
}

const struct command_type take_balances_type = {.name = "take_balances", .load = takeover_load, .decide = decide};
const struct command_type take_debts_type = {
    .name = "take_debts", .loads = LOAD_LOTS, .load = takeover_load, .decide = decide};
