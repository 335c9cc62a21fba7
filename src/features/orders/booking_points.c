/* Points of a stay that are pending from the check-in until the departure, when the sale takes their place. */
#include <string.h>

#include "features/orders/booking_command.h"
#include "features/points/ledger.h"

/* ---- what the stay would earn ---- */

/* What of the nights is not on the folio yet is a line of its own. */
static enum status add_nights(const struct booking_decision *now, struct purchase *body, struct error *err)
{
    struct purchase_line *lines = arena_array(now->decision->arena, body->line_count + 1, sizeof *lines);
    int64_t expected, charged = 0;

    for (size_t i = 0; i < body->line_count; i++) {
        lines[i] = body->lines[i];
        charged += lines[i].amount;
    }
    if (!booking_expected(&now->booking, &expected))
        return error_set(err, STATUS_INVALID, "purchase.range", "night_price", "the amount is too large");
    body->lines = lines;
    if (expected > charged)
        lines[body->line_count++] = (struct purchase_line){.quantity_milli = 1000, .amount = expected - charged};
    return STATUS_OK;
}

static enum status foresee(struct booking_decision *now, struct points_expected *out, struct error *err)
{
    const struct booking_work *work = now->work;
    struct purchase body = {.named = true,
                            .at = work->at,
                            .day = business_day(now->decision->programmes, now->booking.store, work->at),
                            .store = now->booking.store,
                            .channel = now->booking.channel,
                            .trigger = work->sale.trigger,
                            .known = work->sale.known};

    *out = (struct points_expected){0};
    memcpy(body.currency, now->booking.currency, CURRENCY_SIZE);
    body.lines = booking_lines(now, &body.line_count);
    enum status status = add_nights(now, &body, err);
    return status == STATUS_OK && body.line_count > 0 ? purchase_foresee(now->decision, now->command, &body, out, err)
                                                      : status;
}

/* ---- posting ---- */

/* Points that wait, and whose they are. */
struct waiting {
    struct booking_decision *now;
    struct group *group;
    struct member *member;
    struct posting posting;
    bool posted;
};

static bool start(struct waiting *waiting, struct booking_decision *now, int64_t member)
{
    *waiting = (struct waiting){.now = now};
    for (size_t s = 0; s < COMMAND_SUBJECTS_MAX && waiting->member == NULL; s++) {
        waiting->group = now->decision->subjects[s].group;
        waiting->member = waiting->group != NULL ? group_find(waiting->group, member) : NULL;
    }
    return waiting->member != NULL && waiting->member->status == MEMBER_ACTIVE;
}

static struct ledger ledger_of(struct waiting *waiting, struct text wallet)
{
    struct decision *decision = waiting->now->decision;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct wallet_policy *policy = programme_wallet(programme, wallet);

    if (policy == NULL) { /* the programme no longer has the account */
        struct wallet_policy *plain = arena_alloc(decision->arena, sizeof *plain);
        *plain = (struct wallet_policy){.code = wallet, .debt = DEBT_ALLOW};
        policy = plain;
    }
    if (!waiting->posted) {
        const struct booking *booking = &waiting->now->booking;
        struct journal_row *row = journal_add(decision, waiting->member, 0, "stay_points", waiting->now->work->at);
        row->cause = booking->id;
        row->day = waiting->now->work->day;
        row->store = booking->store;
        row->channel = booking->channel;
        waiting->posting = posting_start(decision, row);
        waiting->posted = true;
    }
    return (struct ledger){&waiting->posting, waiting->group, waiting->member, programme, policy};
}

static void finish(const struct waiting *waiting)
{
    if (waiting->posted)
        points_set_due(waiting->group, group_leader(waiting->group, waiting->member));
}

/* All go; what a return of other goods has taken of them is owed by what the stay earned. */
static enum status take_back(struct booking_decision *now, const struct booking_awaited *awaited, struct error *err)
{
    struct waiting waiting;
    enum status status = STATUS_OK;

    if (!start(&waiting, now, awaited->member))
        return STATUS_OK;
    for (size_t i = 0; i < awaited->count && status == STATUS_OK; i++) {
        struct ledger ledger = ledger_of(&waiting, awaited->items[i].wallet);
        int64_t missing = awaited->items[i].points - ledger_unissue(&ledger, awaited->items[i].lot), written_off;
        if (missing > 0)
            status = ledger_claw_back(&ledger, NULL, missing, &written_off, err);
    }
    finish(&waiting);
    return status;
}

static int64_t points_of(const struct points_expected *expected, struct text wallet)
{
    for (size_t i = 0; i < expected->count; i++)
        if (text_equal(expected->items[i].wallet, wallet))
            return expected->items[i].points;
    return 0;
}

static bool is_kept(const struct booking_awaited *awaited, struct text wallet)
{
    for (size_t i = 0; i < awaited->count; i++)
        if (text_equal(awaited->items[i].wallet, wallet))
            return true;
    return false;
}

/* Lots that are as they were issued are issued anew; one of which a return has taken stays until the departure. */
static void keep_or_take_back(struct waiting *waiting, const struct booking_awaited *awaited,
                              const struct points_expected *expected, struct booking_awaited *kept)
{
    for (size_t i = 0; i < awaited->count; i++) {
        const struct lot *lot = member_lot(waiting->member, awaited->items[i].lot);
        bool whole = lot != NULL && lot->remaining == awaited->items[i].points;
        if (whole && points_of(expected, awaited->items[i].wallet) != awaited->items[i].points) {
            struct ledger ledger = ledger_of(waiting, awaited->items[i].wallet);
            ledger_unissue(&ledger, lot->id);
            continue;
        }
        kept->items[kept->count++] = awaited->items[i];
    }
}

/* Whoever owes points gets none ahead: debt would be paid with what may never be earned. */
static enum status issue(struct waiting *waiting, const struct points_expected *expected, struct booking_awaited *kept,
                         struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < expected->count && status == STATUS_OK; i++) {
        const struct wallet *wallet = member_wallet_find(waiting->member, expected->items[i].wallet);
        struct lot *lot = NULL;
        if (is_kept(kept, expected->items[i].wallet) || (wallet != NULL && wallet->debt > 0))
            continue;
        struct ledger ledger = ledger_of(waiting, expected->items[i].wallet);
        status = ledger_accrue(&ledger,
                               (struct accrual){.points = expected->items[i].points,
                                                .from = ACCOUNT_ISSUED,
                                                .earned_at = waiting->now->work->at,
                                                .active_at = INSTANT_OPEN,
                                                .expires_at = INSTANT_NEVER},
                               &lot, err);
        if (status != STATUS_OK || lot == NULL)
            continue;
        kept->items[kept->count].wallet = lot->wallet;
        kept->items[kept->count].points = expected->items[i].points;
        kept->items[kept->count++].lot = lot->id;
    }
    return status;
}

static bool waits(const struct booking_decision *now, enum booking_state next)
{
    const struct booking_rules *rules = booking_rules_of(now->decision->programmes);

    return next == BOOKING_ARRIVED && booking_person(now, now->work->buyer) != NULL &&
           rate_code_of(rules, now->booking.rate).earns;
}

enum status booking_await(struct booking_decision *now, enum booking_state next, struct error *err)
{
    struct booking_awaited awaited, kept = {0};
    struct points_expected expected;
    struct waiting waiting;
    enum status status = STATUS_OK;

    booking_awaited_read(now->booking.awaited, &awaited);
    bool stays = waits(now, next);
    int64_t buyer = stays ? booking_person(now, now->work->buyer)->member->id : 0;
    if (awaited.count > 0 && buyer != awaited.member) {
        status = take_back(now, &awaited, err);
        awaited.count = 0;
    }
    if (status == STATUS_OK && stays) {
        status = foresee(now, &expected, err);
        kept.member = buyer;
        if (status == STATUS_OK && start(&waiting, now, buyer)) {
            keep_or_take_back(&waiting, &awaited, &expected, &kept);
            status = issue(&waiting, &expected, &kept, err);
            finish(&waiting);
        }
    }
    now->booking.awaited = booking_awaited_write(now->decision->arena, &kept);
    return status;
}
