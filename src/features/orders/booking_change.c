/* What happens to a booking, and the commands. */
#include <string.h>

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/orders/booking_command.h"
#include "features/points/ledger.h"

/* ---- rows ---- */

static bool own_currency(const struct booking_decision *now)
{
    const struct programme *programme = programme_at(now->decision->programmes, now->decision->now);

    return text_equals(text_from(programme->currency), now->booking.currency);
}

static int64_t sum_of(const struct purchase_line *lines, size_t count)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += lines[i].amount;
    return sum;
}

/* The facts are written last, when the booking is what it becomes. */
struct journal_row *booking_row(struct booking_decision *now, const char *kind)
{
    const struct booking_work *work = now->work;
    const struct person *guest = booking_person(now, work->guest);
    struct journal_row *row =
        journal_add(now->decision, guest != NULL ? guest->member : NULL,
                    now->booking.id != 0 ? id_bucket(now->booking.id) : now->command->bucket, kind, work->at);

    row->cause = now->booking.id;
    row->day = work->day;
    row->store = work->store.size > 0 ? work->store : now->booking.store;
    row->channel = now->booking.channel;
    if (now->told)
        return row;
    row->lines = arena_copy(now->decision->arena, work->lines, work->line_count * sizeof *work->lines);
    row->line_count = work->line_count;
    row->amount = own_currency(now) ? sum_of(work->lines, work->line_count) : 0;
    row->detail = work->detail;
    for (size_t i = 0; i < row->line_count; i++)
        row->lines[i].number = (int32_t)i + 1;
    return row;
}

static void finish_row(const struct booking_decision *now, struct journal_row *row)
{
    const struct booking_work *work = now->work;
    struct purchase_facts facts = {.event_id = work->event_id,
                                   .till = work->till,
                                   .employee = work->employee,
                                   .digest_given = work->identity.event_claim >= 0};

    memcpy(facts.digest, work->identity.digest, SEAL_SIZE);
    facts.terms =
        terms_gather(now->decision->arena, now->decision->programmes, row->lines, row->line_count, &facts.term_count);
    if (!own_currency(now) && row->line_count > 0) {
        facts.currency = text_copy(now->decision->arena, text_from(now->booking.currency));
        facts.original = sum_of(work->lines, work->line_count);
    }
    row->facts = booking_facts(now->decision->arena, &facts, &now->booking);
}

/* ---- orders ---- */

static int64_t points_wait(const struct booking_decision *now, const struct booking_policy *policy, bool ended)
{
    const struct zone *zone = programme_at(now->decision->programmes, now->decision->now)->zone;

    if (!ended && policy->activation == ACTIVE_ENDED)
        return INSTANT_OPEN;
    return booking_active_at(policy, zone, now->work->at);
}

static struct text credited_store(const struct booking_decision *now, const struct booking_policy *policy)
{
    const struct booking *booking = &now->booking;

    return policy->credit == CREDIT_ORDERING && booking->origin.size > 0 ? booking->origin : booking->store;
}

static enum status sell_order(struct booking_decision *now, bool ended, struct error *err)
{
    const struct booking_policy *policy = &booking_rules_of(now->decision->programmes)->orders;
    struct booking_sale sale = {
        .at = now->work->at, .store = credited_store(now, policy), .pending_until = points_wait(now, policy, ended)};

    sale.lines = booking_lines(now, &sale.line_count);
    return booking_sell(now, &sale, err);
}

static enum status collect_order(struct booking_decision *now, struct error *err)
{
    const struct booking_policy *policy = &booking_rules_of(now->decision->programmes)->orders;
    const struct past_event *sale = now->booking.purchase != 0 ? now->decision->events[0] : NULL;
    bool elsewhere = sale != NULL && policy->credit == CREDIT_COLLECTING && now->work->store.size > 0 &&
                     !text_equal(now->work->store, sale->row.store);

    if (now->work->store.size > 0)
        now->booking.store = now->work->store;
    if (sale == NULL)
        return sell_order(now, true, err);
    if (policy->activation == ACTIVE_PAID && !elsewhere)
        return STATUS_OK;
    const struct zone *zone = programme_at(now->decision->programmes, now->decision->now)->zone;
    int64_t since = policy->activation == ACTIVE_PAID ? sale->row.at : now->work->at;
    int64_t active_at = booking_active_at(policy, zone, since);
    return elsewhere ? booking_move_sale(now, active_at, err) : booking_release(now, active_at, err);
}

/* ---- reservations and stays ---- */

/* Checking in is a visit of the guest. */
static enum status count_visit(struct booking_decision *now, const struct journal_row *row, struct error *err)
{
    struct person *guest = booking_person(now, now->work->guest);
    enum status status = STATUS_OK;

    measure_add(now->decision, id_bucket(row->id), row->day, "visits", row->store, 1);
    if (guest == NULL)
        return STATUS_OK;
    standing_add_visit(now->decision, guest->group, guest->member, row->at);
    status = event_qualify(now->decision, guest, &(struct tier_gain){.visits = 1}, row->id, err);
    points_set_due(guest->group, guest->leader);
    return status;
}

static bool earns(const struct booking_decision *now)
{
    return rate_code_of(booking_rules_of(now->decision->programmes), now->booking.rate).earns;
}

static enum status bad_days(struct error *err)
{
    return error_set(err, STATUS_INVALID, "stay.days", "departure",
                     "a stay ends on or after the day of arrival, within %d nights", BOOKING_NIGHTS_MAX);
}

/* The nights are the guest's, whoever pays; at a rate that earns nothing they do not qualify either. */
static enum status qualify_nights(struct booking_decision *now, const struct journal_row *row, struct error *err)
{
    struct person *guest = booking_person(now, now->work->guest);
    const struct tier_gain gain = {.nights = booking_nights(&now->booking), .stays = 1};

    if (guest == NULL || !earns(now))
        return STATUS_OK;
    enum status status = event_qualify(now->decision, guest, &gain, row->id, err);
    points_set_due(guest->group, guest->leader);
    return status;
}

/* The folio becomes one sale on the day of departure; each night counts on its own day. */
static enum status depart(struct booking_decision *now, const struct journal_row *row, struct error *err)
{
    const struct booking_policy *policy = &booking_rules_of(now->decision->programmes)->stays;
    struct booking_sale sale = {.at = now->work->at,
                                .store = now->booking.store,
                                .pending_until = points_wait(now, policy, true),
                                .earns_nothing = !earns(now)};

    if (now->work->day >= now->booking.from_day)
        now->booking.until_day = now->work->day;
    if (booking_nights(&now->booking) > BOOKING_NIGHTS_MAX)
        return bad_days(err);
    for (int32_t night = now->booking.from_day; night < now->booking.until_day; night++)
        measure_add(now->decision, id_bucket(row->id), night, "nights", now->booking.store, 1);
    measure_add(now->decision, id_bucket(row->id), row->day, "stays", now->booking.store, 1);
    sale.lines = booking_lines(now, &sale.line_count);
    enum status status = qualify_nights(now, row, err);
    return status == STATUS_OK && sale.line_count > 0 ? booking_sell(now, &sale, err) : status;
}

/* All of the folio becomes one sale. */
static enum status check_folio(struct booking_decision *now, struct error *err)
{
    size_t count, terms = 0;
    const struct purchase_line *lines = booking_lines(now, &count);

    for (size_t i = 0; i < count; i++)
        if (lines[i].terms != NULL)
            terms += lines[i].terms->discount_count + lines[i].terms->modifier_count;
    if (count >= BOOKING_LINES_MAX || terms > PURCHASE_TERMS_MAX)
        return error_set(err, STATUS_LIMIT, "stay.folio_full", "lines",
                         "a folio has fewer than %d lines, and at most %d discounts and modifiers", BOOKING_LINES_MAX,
                         PURCHASE_TERMS_MAX);
    return STATUS_OK;
}

/* What is charged after the folio was closed is a sale of its own; a fee for not coming earns nothing. */
static enum status charge(struct booking_decision *now, struct error *err)
{
    const struct booking_policy *policy = &booking_rules_of(now->decision->programmes)->stays;
    const struct booking_work *work = now->work;
    enum booking_state state = now->booking.state;
    int64_t sum;

    if (!checked_add(now->booking.amount, sum_of(work->lines, work->line_count), &sum))
        return error_set(err, STATUS_INVALID, "purchase.range", "lines", "the amount is too large");
    if (now->booking.amount == 0 && now->booking.night_price == 0)
        memcpy(now->booking.currency, work->currency, CURRENCY_SIZE);
    now->booking.amount = sum;
    if (state == BOOKING_BOOKED || state == BOOKING_ARRIVED)
        return check_folio(now, err);
    struct booking_sale sale = {
        .at = work->at,
        .store = now->booking.store,
        .lines = arena_copy(now->decision->arena, work->lines, work->line_count * sizeof *work->lines),
        .line_count = work->line_count,
        .pending_until = points_wait(now, policy, true),
        .earns_nothing = state != BOOKING_DEPARTED || !earns(now)};
    return booking_sell(now, &sale, err);
}

static enum status amend(struct booking_decision *now, struct error *err)
{
    const struct booking_work *work = now->work;
    const struct booking *wanted = &work->wanted;
    struct booking *booking = &now->booking;

    if (work->changes & CHANGE_DAYS) {
        booking->from_day = wanted->from_day != DAY_NONE ? wanted->from_day : booking->from_day;
        booking->until_day = wanted->until_day != DAY_NONE ? wanted->until_day : booking->until_day;
        booking->at = wanted->at != 0 ? wanted->at : booking->at;
    }
    if (work->changes & CHANGE_PARTY)
        booking->party = wanted->party;
    if (work->changes & CHANGE_PLACE)
        booking->place = wanted->place;
    if (work->changes & CHANGE_RATE)
        booking->rate = wanted->rate;
    if (work->changes & CHANGE_PAYER)
        booking->payer = wanted->payer;
    if (work->changes & CHANGE_PRICE)
        booking->night_price = wanted->night_price;
    if ((work->changes & CHANGE_PRICE) && booking->amount == 0)
        memcpy(booking->currency, wanted->currency, CURRENCY_SIZE);
    if (booking->kind == BOOKING_STAY && (booking_nights(booking) < 0 || booking_nights(booking) > BOOKING_NIGHTS_MAX))
        return bad_days(err);
    return STATUS_OK;
}

/* ---- one event ---- */

static enum status carry_out(struct booking_decision *now, const struct journal_row *row, struct error *err)
{
    const struct booking_work *work = now->work;
    struct booking *booking = &now->booking;

    switch (work->event) {
    case BOOKING_PAY:
        booking->paid_at = work->at;
        return booking->purchase == 0 ? sell_order(now, false, err) : STATUS_OK;
    case BOOKING_PREPARE:
        booking->ready_at = work->at;
        return STATUS_OK;
    case BOOKING_COLLECT:
        booking->ended_at = work->at;
        return collect_order(now, err);
    case BOOKING_CANCEL:
        booking->ended_at = work->at;
        return booking->purchase != 0 ? booking_refund(now, err) : STATUS_OK;
    case BOOKING_ARRIVE:
        booking->arrived_at = work->at;
        booking->ended_at = booking->kind == BOOKING_RESERVATION ? work->at : 0;
        return count_visit(now, row, err);
    case BOOKING_DEPART:
        booking->ended_at = work->at;
        return depart(now, row, err);
    case BOOKING_MISS:
        booking->ended_at = work->at;
        return STATUS_OK;
    case BOOKING_AMEND:
        return amend(now, err);
    case BOOKING_CHARGE:
        return charge(now, err);
    case BOOKING_EVENT_COUNT:
        break;
    }
    return error_set(err, STATUS_DEFECT, "order.state", "", "this cannot happen");
}

/* Points, stored value or gift cards are to pay. */
static bool pays(const struct booking_work *work)
{
    return work->sale.payment_count > 0 || work->sale.card_count > 0;
}

enum status booking_happen(struct booking_decision *now, bool *known, struct error *err)
{
    const struct booking_work *work = now->work;
    struct booking *booking = &now->booking;
    int64_t ended_at = booking->ended_at;
    enum booking_state next;
    enum status status = booking_check(booking, work->event, known, &next, err);

    if (status != STATUS_OK || *known)
        return status;
    if (pays(work) && booking->purchase != 0)
        return error_set(err, STATUS_CONFLICT, "order.sold", "pay_points",
                         "the sale is made already: points cannot pay for it any more");
    struct journal_row *row = booking_row(now, booking_row_kind(booking->kind, work->event));
    status = carry_out(now, row, err);
    if (status == STATUS_OK && pays(work) && !work->result.sold)
        status = error_set(err, STATUS_INVALID, "purchase.overpaid", "pay_points", "there is nothing to be paid");
    if (status != STATUS_OK)
        return status;
    if (booking->kind == BOOKING_STAY)
        status = booking_await(now, next, err);
    if (status != STATUS_OK)
        return status;
    /* A fact that comes late does not end what has ended. */
    if (next == booking->state && ended_at != 0)
        booking->ended_at = ended_at;
    booking->state = next;
    booking->done |= INT64_C(1) << work->event;
    booking->version++;
    if (row->detail.size > 0 && work->named)
        booking->detail = row->id;
    finish_row(now, row);
    if (work->identity.event_claim >= 0 && work->id != 0)
        claim_take(now->decision, now->command->claims[work->identity.event_claim].kind,
                   now->command->claims[work->identity.event_claim].key, row->id, row->member);
    return STATUS_OK;
}

/* ---- the result ---- */

static void report(const struct booking_decision *now)
{
    struct arena *arena = now->command->arena;
    struct booking *out = &now->work->result.booking;
    const struct person *buyer = booking_person(now, now->work->buyer);

    if (buyer != NULL)
        now->work->result.balances = wallet_balances(arena, buyer, &now->work->result.balance_count);
    *out = now->booking;
    out->store = text_copy(arena, out->store);
    out->origin = text_copy(arena, out->origin);
    out->channel = text_copy(arena, out->channel);
    out->number = text_copy(arena, out->number);
    out->place = text_copy(arena, out->place);
    out->rate = text_copy(arena, out->rate);
    out->awaited = text_copy(arena, out->awaited);
}

/* ---- opening ---- */

static enum status require(const struct booking_decision *now, int subject, struct error *err)
{
    return subject < 0 ? STATUS_OK : customer_require(now->decision, now->command, subject, err);
}

/* Begins the booking: its first row is its id. */
static enum status begin(struct booking_decision *now, struct error *err)
{
    struct booking_work *work = now->work;
    const struct person *guest, *payer;
    enum status status = require(now, work->guest, err);

    if (status == STATUS_OK)
        status = require(now, work->payer, err);
    if (status != STATUS_OK)
        return status;
    guest = booking_person(now, work->guest);
    payer = booking_person(now, work->payer);
    now->booking = work->wanted;
    now->booking.version = 1;
    now->booking.member = guest != NULL ? guest->member->id : 0;
    now->booking.payer = payer != NULL && payer->member->id != now->booking.member ? payer->member->id : 0;
    now->booking.amount = sum_of(work->lines, work->line_count);
    struct journal_row *row = booking_row(now, booking_kind_name(now->booking.kind));
    now->booking.id = row->id;
    if (work->detail.size > 0)
        now->booking.detail = row->id;
    finish_row(now, row);
    now->told = true;
    event_identity_take(now->decision, now->command, &work->identity, row->id, row->member);
    return STATUS_OK;
}

enum status booking_open_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct booking_work *work = command->body;
    struct booking_decision now = {.decision = decision, .command = command, .work = work};
    bool known = false;
    int64_t first;
    enum status status = event_identity_check(decision, command, &work->identity, &first, err);

    work->result = (struct booking_result){.booking = {.id = first}, .known = first != 0};
    if (status != STATUS_OK || first != 0)
        return status;
    status = event_check_instant(work->at, decision->now, err);
    if (status == STATUS_OK)
        status = begin(&now, err);
    if (status == STATUS_OK && work->happens)
        status = booking_happen(&now, &known, err);
    if (status != STATUS_OK)
        return status;
    booking_put(decision, &now.booking);
    report(&now);
    return STATUS_OK;
}

/* ---- changing ---- */

/*
 * Whether the command, prepared for the booking as it was seen, fits what it is by now: of the same sale and buyer, whose
 * points wait with somebody it names, and with as many lines as were priced.
 */
static bool fits(const struct booking_work *work, const struct booking_rules *rules)
{
    const struct booking *seen = &work->seen, *loaded = &work->loaded;
    struct booking_awaited before, after;

    if (seen->version == loaded->version)
        return true;
    booking_awaited_read(seen->awaited, &before);
    booking_awaited_read(loaded->awaited, &after);
    bool named = after.count == 0 || after.member == before.member || after.member == booking_buyer(rules, seen);
    return seen->purchase == loaded->purchase && (work->priced == NULL || seen->amount == loaded->amount) && named &&
           booking_buyer(rules, seen) == booking_buyer(rules, loaded) && strcmp(seen->currency, loaded->currency) == 0;
}

static enum status check_version(const struct booking_work *work, const struct booking_rules *rules, struct error *err)
{
    if (work->loaded.id == 0)
        return error_set(err, STATUS_MISSING, "order.unknown", "", "there is no such order, reservation or stay");
    if (work->if_version != 0 && work->if_version != work->loaded.version)
        return error_set(err, STATUS_STALE, "order.stale", "If-Match", "it was changed meanwhile");
    if (!fits(work, rules))
        return error_set(err, STATUS_BUSY, BOOKING_CHANGED_MEANWHILE, "",
                         "it was changed at this moment; send the change again");
    return STATUS_OK;
}

enum status booking_change_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct booking_work *work = command->body;
    struct booking_decision now = {.decision = decision, .command = command, .work = work, .booking = work->loaded};
    bool known = false;
    int64_t first;
    enum status status = event_identity_check(decision, command, &work->identity, &first, err);

    work->result = (struct booking_result){.booking = work->loaded, .known = first != 0};
    if (status == STATUS_OK && first == 0) {
        status = check_version(work, booking_rules_of(decision->programmes), err);
        if (status == STATUS_OK)
            status = event_check_instant(work->at, decision->now, err);
        if (status == STATUS_OK)
            status = booking_happen(&now, &known, err);
    }
    if (status != STATUS_OK)
        return status;
    work->result.known = first != 0 || known;
    if (!work->result.known)
        booking_put(decision, &now.booking);
    report(&now);
    return STATUS_OK;
}

/* ---- command types ---- */

/* What a booking becomes earns also by the rules of its own kind. */
static struct text booking_trigger(enum booking_kind kind)
{
    return kind == BOOKING_STAY ? TEXT("stay") : TEXT("order");
}

static const struct command_type open_types[] = {
    {"booking", 0, booking_open_load, booking_open_decide},
    {"booking", LOAD_LOTS, booking_open_load, booking_open_decide},
    {"booking", LOAD_LOTS | LOAD_PROGRESS, booking_open_load, booking_open_decide},
    {"booking", SPENDING_LOADS, booking_open_load, booking_open_decide},
};

const struct command_type *booking_open_type(const struct programme_set *set, enum booking_kind kind, int64_t at,
                                             bool sells)
{
    struct purchase sale = {.trigger = booking_trigger(kind)};

    const struct programme *programme = programme_at(set, at);

    purchase_rules(set, &sale);
    bool progress = sale.load_progress || programme_limits_members(programme) ||
                    velocity_limits_members(programme, VELOCITY_EARNING);
    return &open_types[!sells ? 0 : progress ? 2 : 1];
}

const struct command_type *booking_open_spending_type(void)
{
    return &open_types[3];
}

void booking_rules_need(const struct programme_set *set, enum booking_kind kind, struct command *command,
                        struct arena *arena)
{
    struct booking_work *work = command->body;
    const struct booking *booking = work->id != 0 ? &work->seen : &work->wanted;
    const struct text stores[] = {work->store, booking->store, booking->origin};

    work->sale.trigger = booking_trigger(kind);
    purchase_rules(set, &work->sale);
    for (size_t i = 0; i < sizeof stores / sizeof stores[0]; i++) {
        const struct purchase asked = {
            .trigger = work->sale.trigger, .at = work->at, .store = stores[i], .channel = booking->channel};
        purchase_rule_counters(set, &asked, command, arena);
    }
}

static const struct command_type change_type = {
    "booking_change", LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS | LOAD_ALONE, booking_load, booking_change_decide};

const struct command_type *booking_change_type(void)
{
    return &change_type;
}
