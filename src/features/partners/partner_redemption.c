/* Points that pay at a partner, and what comes back of them. */
#include <string.h>

#include "features/customers/customers.h"
#include "features/finance/partner_place.h"
#include "features/partners/partner_row.h"
#include "features/points/context.h"
#include "features/redemption/spending.h"

/* ---- redeeming ---- */

/* Points and what they are worth, of which one was told. */
static enum status reckon(struct partner_work *work, const struct partner_redemption *body, struct error *err)
{
    const struct partner_redeeming *redeem = &work->partner->redeem;
    struct partner_facts *facts = &work->facts;
    bool fits = true;

    if (redeem->wallet.size == 0)
        return error_set(err, STATUS_CONFLICT, "partner.no_redemption", "partner", "points are not redeemed there");
    facts->points = body->points;
    facts->minor = body->minor;
    if (body->points == 0)
        fits = partner_points_for(redeem, body->minor, &facts->points);
    else
        fits = partner_worth(redeem, body->points, &facts->minor);
    if (!fits || facts->points <= 0 || facts->points > PARTNER_POINTS_MAX)
        return error_set(err, STATUS_INVALID, "points.amount", "points", "points are more than 0");
    if (facts->points < redeem->minimum)
        return error_set(err, STATUS_CONFLICT, "partner.minimum", "points", "at least %lld points are redeemed at once",
                         (long long)redeem->minimum);
    facts->earning.wallet = redeem->wallet;
    memcpy(facts->currency, work->partner->currency, CURRENCY_SIZE);
    return STATUS_OK;
}

/* A partner learns no more than what may be used at its tills. */
static enum status check_usable(const struct partner_work *work, struct error *err)
{
    int64_t left, usable = partner_usable(work->decision, work->partner, work->person, &left);

    if (work->facts.points <= usable)
        return STATUS_OK;
    if (work->facts.points > left)
        return error_set(err, STATUS_CONFLICT, "partner.limit", "points",
                         "%lld points may be redeemed there today by this member", (long long)usable);
    return error_set(err, STATUS_CONFLICT, "points.insufficient", "points", "%lld points are usable, not %lld",
                     (long long)usable, (long long)work->facts.points);
}

static enum status check_spending(struct partner_work *work, const struct command *command, struct error *err)
{
    const struct partner_redemption *body = command->body;
    const struct spending spending = {
        .decision = work->decision,
        .command = command,
        .person = work->person,
        .policy = programme_wallet(work->programme, work->facts.earning.wallet),
        .points = work->facts.points,
        .proof = &body->proof,
        .place = {partner_place(work->decision->arena, body->moment.partner), body->moment.till, {NULL, 0}}};

    if (spending.policy == NULL)
        return error_set(err, STATUS_CONFLICT, "wallet.unknown", "wallet", "the points account no longer exists");
    enum status status = spending_check(&spending, err);
    if (status != STATUS_OK)
        return status;
    proof_use(work->decision, &body->proof);
    work->facts.proof = text_from(proof_name(body->proof.kind));
    return STATUS_OK;
}

static enum status check_redemption(struct partner_work *work, const struct command *command, struct error *err)
{
    const struct partner_redemption *body = command->body;
    const struct claim_key *receipt = &command->claims[body->receipt_claim];
    struct decision *decision = work->decision;
    char id[ID_TEXT_SIZE];

    if (receipt->reference != 0)
        return error_set(err, STATUS_CONFLICT, "partner.receipt_known", "receipt",
                         "points were redeemed with this receipt already: %s",
                         id_format("evt", receipt->reference, id));
    enum status status = partner_open(decision, body->moment.partner, decision->now, &work->partner, err);
    if (status != STATUS_OK)
        return status;
    if (!partner_has_store(work->partner, body->moment.store))
        return error_set(err, STATUS_INVALID, "partner.store", "partner_store", "the partner has no store '%.*s'",
                         (int)body->moment.store.size, body->moment.store.bytes);
    status = customer_require(decision, command, 0, err);
    work->person = &decision->subjects[0];
    return status == STATUS_OK ? reckon(work, body, err) : status;
}

static enum status decide_redemption(struct decision *decision, struct command *command, struct error *err)
{
    struct partner_redemption *body = command->body;
    struct partner_work work;
    struct ledger ledger;
    enum status status = partner_work_start(&work, decision, &body->moment, err);

    if (status == STATUS_OK)
        status = check_redemption(&work, command, err);
    if (status == STATUS_OK)
        status = check_spending(&work, command, err);
    if (status == STATUS_OK)
        status = check_usable(&work, err);
    if (status != STATUS_OK)
        return status;
    partner_work_row(&work, "partner_redemption", command->bucket, 0);
    status = partner_work_ledger(&work, &ledger, err);
    if (status == STATUS_OK)
        status = ledger_draw(&ledger, work.facts.points, ACCOUNT_REDEEMED, err);
    if (status != STATUS_OK)
        return status;
    partner_count(
        decision, work.person,
        &(struct partner_use){work.partner->code, zone_day(work.programme->zone, decision->now), work.facts.points, 1});
    claim_take(decision, PARTNER_REDEMPTION_CLAIM, command->claims[body->receipt_claim].key, work.row->id,
               work.row->member);
    partner_work_finish(&work, command, true, &body->result);
    return STATUS_OK;
}

const struct command_type partner_redemption_type = {
    .name = "partner_redemption", .loads = SPENDING_LOADS, .load = spending_load, .decide = decide_redemption};

/* ---- undoing ---- */

/* What the points that come back are worth: a share of what was paid with them, so that all of them are all of it. */
static enum status reckon_void(struct partner_work *work, const struct past_event *event, int64_t points,
                               struct error *err)
{
    const struct text reason = work->facts.reason, till = work->facts.till;
    struct partner_facts paid;
    int64_t before = 0, after = 0;

    partner_facts_read(work->decision->arena, event->row.facts, &paid);
    int64_t left = ledger_given_left(event, paid.earning.wallet);
    if (points == 0)
        points = left;
    if (left == 0 || points > left)
        return error_set(err, STATUS_CONFLICT, "points.reversed", "points", "%lld points are left to give back",
                         (long long)left);
    (void)checked_scale(paid.minor, paid.points - left, paid.points, ROUNDING_HALF_EVEN, &before);
    (void)checked_scale(paid.minor, paid.points - left + points, paid.points, ROUNDING_HALF_EVEN, &after);
    work->facts = paid;
    work->facts.reason = reason;
    work->facts.till = till;
    work->facts.points = points;
    work->facts.minor = after - before;
    return STATUS_OK;
}

static enum status decide_void(struct decision *decision, struct command *command, struct error *err)
{
    struct partner_redemption_void *body = command->body;
    const struct past_event *event = decision->events[0];
    struct partner_work work;
    struct ledger ledger;
    enum status status = partner_work_start(&work, decision, &body->moment, err);

    if (status != STATUS_OK)
        return status;
    if (event == NULL || !text_equals(event->row.kind, "partner_redemption"))
        return error_set(err, STATUS_MISSING, "partner.receipt_unknown", "receipt",
                         "no points were redeemed with this receipt");
    work.partner = partner_at(decision->programmes, body->moment.partner, decision->now);
    work.person = &decision->subjects[0];
    work.facts.reason = body->reason;
    status = customer_require(decision, command, 0, err);
    if (status == STATUS_OK)
        status = reckon_void(&work, event, body->points, err);
    if (status != STATUS_OK)
        return status;
    partner_work_row(&work, "partner_redemption_void", command->bucket, event->row.id);
    status = partner_work_ledger(&work, &ledger, err);
    if (status == STATUS_OK)
        status = ledger_give_back(&ledger, event, work.facts.points, err);
    if (status != STATUS_OK)
        return status;
    bool whole = ledger_given_left(event, work.facts.earning.wallet) == work.facts.points;
    partner_count(decision, work.person,
                  &(struct partner_use){body->moment.partner, zone_day(work.programme->zone, event->row.recorded_at),
                                        -work.facts.points, whole ? -1 : 0});
    partner_work_finish(&work, command, false, &body->result);
    return STATUS_OK;
}

const struct command_type partner_redemption_void_type = {.name = "partner_redemption_void",
                                                          .loads =
                                                              LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS | LOAD_ALONE,
                                                          .decide = decide_void};
