/* Registering for an event. */
#include "features/member_events/event_bookings.h"

#include <stdio.h>
#include <string.h>

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/member_events/work.h"
#include "features/points/context.h"
#include "features/points/ledger.h"
#include "features/redemption/spending.h"

const char *const event_booking_states[] = {"",          "waiting", "booked",     "attended",
                                            "cancelled", "no_show", "not_seated", NULL};

void event_booking_copy(struct arena *arena, const struct event_booking *booking, struct event_booking *out)
{
    *out = *booking;
    struct text *texts[] = {&out->event, &out->tier, &out->wallet, &out->store, &out->reason, &out->award_wallet};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = text_copy(arena, *texts[i]);
}

enum event_booking_state event_booking_state_at(const struct event_booking *booking, const struct member_event *event,
                                                int64_t now)
{
    if (booking->state == EVENT_WAITING && event != NULL && event->starts <= now)
        return EVENT_NOT_SEATED;
    return (enum event_booking_state)booking->state;
}

bool event_bookings_has(const struct event_booking *own, size_t count, struct text event)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(own[i].event, event) && own[i].state != EVENT_CANCELLED && own[i].state != EVENT_NOT_SEATED)
            return true;
    return false;
}

int64_t event_bookings_barred_until(const struct event_booking *own, size_t count)
{
    int64_t until = 0;

    for (size_t i = 0; i < count; i++)
        if (own[i].barred_until > until)
            until = own[i].barred_until;
    return until;
}

/* ---- counters ---- */

static const char *counter_id(struct arena *arena, const char *what, struct text code, struct text tier)
{
    if (tier.size == 0)
        return arena_format(arena, "%s:%.*s", what, (int)code.size, code.bytes);
    return arena_format(arena, "%s:%.*s:%.*s", what, (int)code.size, code.bytes, (int)tier.size, tier.bytes);
}

const char *event_booked_counter(struct arena *arena, struct text code, struct text tier)
{
    return counter_id(arena, "member_event_booked", code, tier);
}

const char *event_waiting_counter(struct arena *arena, struct text code, struct text tier)
{
    return counter_id(arena, "member_event_waiting", code, tier);
}

static int add_counter(struct command *command, const char *id)
{
    command->counters[command->counter_count] = id;
    return (int)command->counter_count++;
}

bool event_counters_name(struct command *command, struct arena *arena, const struct programme_set *set,
                         struct text code, struct text tier, struct event_counters *out)
{
    static const struct text all = {NULL, 0};

    *out = (struct event_counters){.tier_count = 0};
    out->tier_count = member_event_tiers(set, code, tier, out->tiers);
    if (command->counter_count + 3 + 2 * out->tier_count > COMMAND_COUNTERS_MAX)
        return false;
    out->places = add_counter(command, counter_id(arena, "member_event", code, all));
    out->booked = add_counter(command, event_booked_counter(arena, code, all));
    out->waiting = add_counter(command, event_waiting_counter(arena, code, all));
    for (size_t i = 0; i < out->tier_count; i++) {
        out->tiers[i] = text_copy(arena, out->tiers[i]);
        out->tier_booked[i] = add_counter(command, event_booked_counter(arena, code, out->tiers[i]));
        out->tier_waiting[i] = add_counter(command, event_waiting_counter(arena, code, out->tiers[i]));
    }
    return true;
}

static int find_tier(const struct event_counters *counters, struct text tier)
{
    for (size_t i = 0; i < counters->tier_count && tier.size > 0; i++)
        if (text_equal(counters->tiers[i], tier))
            return (int)i;
    return -1;
}

bool event_seating(const struct decision *decision, const struct member_event *event,
                   const struct event_counters *counters, struct seating *out)
{
    *out = (struct seating){.seats = event->seats,
                            .group_count = event->kept_count,
                            .booked = decision->counters[counters->booked]->used,
                            .waiting = decision->counters[counters->waiting]->used};
    for (size_t i = 0; i < event->kept_count; i++) {
        out->groups[i].kept = event->kept[i].seats;
        for (size_t t = 0; t < event->kept[i].tier_count; t++) {
            int tier = find_tier(counters, event->kept[i].tiers[t]);
            if (tier < 0)
                return false;
            out->groups[i].booked += decision->counters[counters->tier_booked[tier]]->used;
            out->groups[i].waiting += decision->counters[counters->tier_waiting[tier]]->used;
        }
    }
    return true;
}

static void count(struct decision *decision, int index, int64_t change)
{
    struct counter *counter = decision->counters[index];

    if (change == 0)
        return;
    counter->used = counter->used + change > 0 ? counter->used + change : 0;
    counter->changed = true;
}

void event_count(struct decision *decision, const struct event_counters *counters, struct text tier, int64_t booked,
                 int64_t waiting)
{
    int index = find_tier(counters, tier);

    count(decision, counters->booked, booked);
    count(decision, counters->waiting, waiting);
    if (index < 0)
        return;
    count(decision, counters->tier_booked[index], booked);
    count(decision, counters->tier_waiting[index], waiting);
}

void event_points_due(struct decision *decision)
{
    for (size_t i = 0; i < COMMAND_SUBJECTS_MAX; i++) {
        struct person *subject = &decision->subjects[i];
        for (size_t m = 0; subject->leader != NULL && m < subject->group->member_count; m++)
            if (subject->group->members[m].leader == subject->group->members[m].id)
                points_set_due(subject->group, &subject->group->members[m]);
    }
}

/* ---- registering ---- */

struct registering {
    struct decision *decision;
    struct command *command;
    struct register_for_event *body;
    struct person *person;
    const struct programme *programme;
    const struct wallet_policy *policy; /* NULL: it costs nothing */
    const struct member_event *event;
    struct event_booking booking;
    struct journal_row *row;
};

static enum status find_event(struct registering *work, struct error *err)
{
    struct decision *decision = work->decision;
    const struct definition *definition =
        definition_at(decision->programmes, &member_event_kind, work->body->event, decision->now);

    if (definition == NULL)
        return error_set(err, STATUS_MISSING, "member_event.unknown", "event", "there is no such event now");
    work->event = definition->parsed;
    if (work->event->points == 0)
        return STATUS_OK;
    work->policy = programme_wallet(work->programme, work->event->wallet);
    if (work->policy == NULL)
        return error_set(err, STATUS_INVALID, "wallet.unknown", "wallet", "there is no points account '%.*s'",
                         (int)work->event->wallet.size, work->event->wallet.bytes);
    return STATUS_OK;
}

static enum status check_registration(struct registering *work, struct error *err)
{
    struct register_for_event *body = work->body;
    const struct member_event_question question = {
        .set = work->decision->programmes,
        .now = work->decision->now,
        .person = work->person,
        .known = &body->known,
        .barred_until = event_bookings_barred_until(body->own, body->own_count),
        .registered = event_bookings_has(body->own, body->own_count, body->event),
        .arena = work->decision->arena};

    return member_event_check(work->event, &question, &body->missing, err);
}

static enum status check_spending(const struct registering *work, struct error *err)
{
    const struct register_for_event *body = work->body;
    const struct spending spending = {.decision = work->decision,
                                      .command = work->command,
                                      .person = work->person,
                                      .policy = work->policy,
                                      .points = work->booking.points,
                                      .proof = &body->proof,
                                      .place = {body->context.store, body->context.till, body->context.employee}};

    if (work->policy == NULL)
        return STATUS_OK;
    enum status status = spending_check(&spending, err);
    if (status == STATUS_OK)
        proof_use(work->decision, &body->proof);
    return status;
}

/* A seat, or the end of the waiting list. */
static enum status find_seat(struct registering *work, struct error *err)
{
    const struct register_for_event *body = work->body;
    const struct member_event *event = work->event;
    struct text tier = work->person->leader->standing.tier;
    int group = member_event_group(event, tier);
    struct seating seating;

    if (!event_seating(work->decision, event, &body->counters, &seating))
        return error_set(err, STATUS_BUSY, EVENT_CHANGED_MEANWHILE, "event", "the event changed at the same moment");
    bool seat = seating_lets_in(&seating, group);
    if (!seat && seating.waiting >= event->waiting_max)
        return error_set(err, STATUS_CONFLICT, "member_event.full", "event", "the event is full");
    const struct counter *places = work->decision->counters[body->counters.places];
    work->booking =
        (struct event_booking){.version = 1,
                               .member = work->person->member->id,
                               .event = event->code,
                               .state = seat ? EVENT_BOOKED : EVENT_WAITING,
                               .place = places->used + 1,
                               .tier = find_tier(&body->counters, tier) >= 0 ? tier : (struct text){NULL, 0},
                               .wallet = event->wallet,
                               .points = event->points,
                               .store = event->store,
                               .at = work->decision->now,
                               .seated_at = seat ? work->decision->now : 0};
    return STATUS_OK;
}

static void start_row(struct registering *work)
{
    struct builder facts = {.arena = work->decision->arena};
    const struct event_booking *booking = &work->booking;
    bool seat = booking->state == EVENT_BOOKED;

    fact_code(&facts, "event", booking->event);
    fact_code(&facts, "wallet", booking->points > 0 ? booking->wallet : (struct text){NULL, 0});
    fact_number(&facts, "points", booking->points);
    fact_number(&facts, "place", booking->place);
    if (work->body->proof.kind != 0)
        fact_code(&facts, "proof", text_from(proof_name(work->body->proof.kind)));
    work->row = points_row(work->decision, work->person->member, seat ? "member_event_booked" : "member_event_waiting",
                           work->decision->now, &work->body->context, &facts);
    work->booking.id = work->row->id;
}

/* The price is spent; of who waits it is set aside, until the event begins. */
static enum status take_points(struct registering *work, struct error *err)
{
    struct posting *posting = arena_alloc(work->decision->arena, sizeof *posting);
    struct event_booking *booking = &work->booking;
    struct hold *hold;

    if (work->policy == NULL)
        return STATUS_OK;
    *posting = posting_start(work->decision, work->row);
    struct ledger ledger = {posting, work->person->group, work->person->member, work->programme, work->policy};
    if (booking->state == EVENT_WAITING)
        return ledger_hold(&ledger, booking->points, work->event->starts, &hold, err);
    booking->spent_by = booking->id;
    return ledger_draw(&ledger, booking->points, ACCOUNT_REDEEMED, err);
}

static enum status decide_registration(struct decision *decision, struct command *command, struct error *err)
{
    struct registering work = {.decision = decision,
                               .command = command,
                               .body = command->body,
                               .person = &decision->subjects[0],
                               .programme = programme_at(decision->programmes, decision->now)};
    enum status status = customer_require(decision, command, 0, err);

    work.body->missing = 0;
    if (status == STATUS_OK)
        status = find_event(&work, err);
    if (status == STATUS_OK)
        status = check_registration(&work, err);
    if (status == STATUS_OK)
        status = find_seat(&work, err);
    if (status == STATUS_OK)
        status = check_spending(&work, err);
    if (status != STATUS_OK)
        return status;
    start_row(&work);
    status = take_points(&work, err);
    if (status != STATUS_OK)
        return status;
    bool seat = work.booking.state == EVENT_BOOKED;
    count(decision, work.body->counters.places, 1);
    event_count(decision, &work.body->counters, work.booking.tier, seat, !seat);
    store_event_booking(decision, &work.booking);
    standing_touch(work.person->group, work.person->member, decision->now);
    event_points_due(decision);
    event_booking_copy(command->arena, &work.booking, &work.body->result);
    work.body->available =
        work.policy != NULL ? ledger_available(work.person->group, work.person->member, work.policy->code) : 0;
    return STATUS_OK;
}

const struct command_type register_for_event_type = {.name = "register_for_event",
                                                     .loads = SPENDING_LOADS,
                                                     .load = register_for_event_load,
                                                     .decide = decide_registration};

/* ---- tickets ---- */

enum { TICKET_HASH_SHOWN = 8 };

char *event_ticket(const unsigned char *seal_key, int64_t booking, char out[EVENT_TICKET_SIZE])
{
    unsigned char seal[SEAL_SIZE];
    char id[ID_TEXT_SIZE], text[ID_TEXT_SIZE + 16] = "", shown[2 * TICKET_HASH_SHOWN + 1];

    int size = snprintf(text, sizeof text, "member_event:%s", id_format("mvb", booking, id));
    seal_compute(seal_key, text, (size_t)size, seal);
    for (size_t i = 0; i < TICKET_HASH_SHOWN; i++)
        snprintf(shown + 2 * i, 3, "%02x", seal[i]);
    snprintf(out, EVENT_TICKET_SIZE, "%s-%s", id, shown);
    return out;
}

bool event_ticket_read(const unsigned char *seal_key, struct text ticket, int64_t *booking)
{
    char expected[EVENT_TICKET_SIZE];
    size_t end = 0;
    int64_t id;

    while (end < ticket.size && ticket.bytes[end] != '-')
        end++;
    if (end == ticket.size || !id_parse("mvb", (struct text){ticket.bytes, end}, &id))
        return false;
    event_ticket(seal_key, id, expected);
    if (strlen(expected) != ticket.size || !secret_equal(expected, ticket.bytes, ticket.size))
        return false;
    *booking = id;
    return true;
}
