/* What happens to a booking of an event after the registration. */
#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/member_events/event_bookings.h"
#include "features/member_events/work.h"
#include "features/points/context.h"
#include "features/points/ledger.h"
#include "features/reactions/award.h"

static const struct {
    const char *kind;
    enum event_booking_state to;
    unsigned from;  /* bits of states */
    bool by_itself; /* does nothing when it is not so */
    bool counts;    /* seats or the waiting list change */
} actions[] = {
    [EVENT_CANCEL] = {"member_event_cancelled", EVENT_CANCELLED, 1U << EVENT_WAITING | 1U << EVENT_BOOKED, false, true},
    [EVENT_CHECK_IN] = {"member_event_attended", EVENT_ATTENDED, 1U << EVENT_BOOKED, false, false},
    [EVENT_CORRECT] = {"member_event_corrected", EVENT_BOOKED, 1U << EVENT_ATTENDED, false, false},
    [EVENT_PROMOTE] = {"member_event_promoted", EVENT_BOOKED, 1U << EVENT_WAITING, true, true},
    [EVENT_CALL_OFF] = {"member_event_called_off", EVENT_CANCELLED, 1U << EVENT_WAITING | 1U << EVENT_BOOKED, true,
                        true},
    [EVENT_MISS] = {"member_event_missed", EVENT_NO_SHOW, 1U << EVENT_BOOKED, true, false},
    [EVENT_LAPSE] = {"member_event_not_seated", EVENT_NOT_SEATED, 1U << EVENT_WAITING, true, true},
    [EVENT_FORGET] = {"member_event_cancelled", EVENT_CANCELLED, 1U << EVENT_WAITING | 1U << EVENT_BOOKED, true, true},
};

bool change_event_booking_name(struct command *command, struct arena *arena, const struct programme_set *set,
                               const struct event_booking *booking)
{
    struct change_event_booking *body = command->body;
    const int64_t rows[] = {booking->id, booking->spent_by, booking->awarded_by};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i] != 0 && (i == 0 || rows[i] != booking->id))
            command->events[command->event_count++] = (struct event_reference){.id = rows[i], .claim = -1};
    body->counted = actions[body->action].counts;
    return !body->counted || event_counters_name(command, arena, set, booking->event, booking->tier, &body->counters);
}

struct changing {
    struct decision *decision;
    struct change_event_booking *body;
    const struct programme *programme;
    const struct member_event *event; /* NULL: it is no longer known */
    struct member_event_known known;
    struct event_booking booking;
    const char *kind;
    enum event_booking_state to;
    bool promoted; /* of a promotion: the price can be paid */
    bool late;
    struct journal_row *row;
    struct ledger ledger;
};

/* ---- whether it may, or is so ---- */

static enum status check_cancellation(struct changing *work, struct error *err)
{
    int64_t now = work->decision->now;
    char text[INSTANT_TEXT_SIZE];

    if (work->event == NULL || work->known.called_off)
        return STATUS_OK;
    if (now >= work->event->starts)
        return error_set(err, STATUS_CONFLICT, "member_event.began", "", "the event began at %s",
                         instant_format(work->event->starts, text));
    work->late = work->booking.state == EVENT_BOOKED && now >= work->event->cancel_until;
    if (work->late && work->event->late == EVENT_LATE_REFUSED)
        return error_set(err, STATUS_CONFLICT, "member_event.too_late", "", "it could be cancelled until %s",
                         instant_format(work->event->cancel_until, text));
    return STATUS_OK;
}

/* Seldom are bookings of an event so old that it is no longer known: then they can be checked in. */
static enum status check_in_time(const struct changing *work, struct error *err)
{
    const struct member_event *event = work->event;
    int64_t now = work->decision->now;
    char text[INSTANT_TEXT_SIZE];

    if (event == NULL)
        return STATUS_OK;
    if (work->known.called_off)
        return error_set(err, STATUS_CONFLICT, "member_event.called_off", "event", "the event was called off");
    if (now < event->check_in_from)
        return error_set(err, STATUS_CONFLICT, "member_event.too_early", "", "people are checked in from %s",
                         instant_format(event->check_in_from, text));
    if (now >= event->ends + event->no_show.after)
        return error_set(err, STATUS_CONFLICT, "member_event.over", "", "the event ended at %s",
                         instant_format(event->ends, text));
    return STATUS_OK;
}

static enum status check_at_door(const struct changing *work, struct error *err)
{
    const struct change_event_booking *body = work->body;
    const struct event_booking *booking = &work->booking;
    char text[INSTANT_TEXT_SIZE];

    if (body->at_event.size > 0 && !text_equal(body->at_event, booking->event))
        return error_set(err, STATUS_CONFLICT, "member_event.other_event", "ticket",
                         "the ticket is for another event: '%.*s'", (int)booking->event.size, booking->event.bytes);
    if (booking->state == EVENT_ATTENDED)
        return error_set(err, STATUS_CONFLICT, "member_event.checked_in", "ticket", "the ticket was used at %s",
                         instant_format(booking->ended_at, text));
    if (booking->state != EVENT_BOOKED)
        return error_set(err, STATUS_CONFLICT, "member_event.not_booked", "ticket", "the booking is %s",
                         event_booking_states[event_booking_state_at(booking, work->event, work->decision->now)]);
    return check_in_time(work, err);
}

static bool seat_is_free(const struct changing *work)
{
    struct seating seating;

    return event_seating(work->decision, work->event, &work->body->counters, &seating) &&
           seating_has_seat(&seating, member_event_group(work->event, work->booking.tier));
}

/* Of those that happen by themselves: whether it is so now. */
static bool is_so(const struct changing *work)
{
    const struct member_event *event = work->event;
    int64_t now = work->decision->now;

    if (work->body->action == EVENT_FORGET)
        return work->decision->subjects[0].member->status == MEMBER_ERASED;
    if (event == NULL)
        return false;
    switch (work->body->action) {
    case EVENT_PROMOTE:
        return work->known.in_force && !work->known.called_off && now < event->starts && seat_is_free(work);
    case EVENT_CALL_OFF:
        return work->known.called_off;
    case EVENT_MISS:
        return !work->known.called_off && now >= event->ends + event->no_show.after;
    case EVENT_LAPSE:
        return now >= event->starts;
    case EVENT_CANCEL:
    case EVENT_CHECK_IN:
    case EVENT_CORRECT:
    case EVENT_FORGET:
        break;
    }
    return true;
}

static enum status check_change(struct changing *work, bool *nothing, struct error *err)
{
    const struct event_booking *booking = &work->booking;
    enum event_booking_action action = work->body->action;
    bool fits = booking->id != 0 && (actions[action].from & 1U << booking->state) != 0;

    *nothing = actions[action].by_itself && (!fits || !is_so(work));
    if (*nothing)
        return STATUS_OK;
    if (booking->id == 0)
        return error_set(err, STATUS_MISSING, "member_event.unknown_booking", "booking",
                         "there is no such booking of an event");
    if (action == EVENT_CHECK_IN)
        return check_at_door(work, err);
    if (!fits)
        return error_set(err, STATUS_CONFLICT, "member_event.state", "", "the booking is %s",
                         event_booking_states[booking->state]);
    return action == EVENT_CANCEL ? check_cancellation(work, err) : STATUS_OK;
}

/* ---- points ---- */

static const struct past_event *loaded_row(const struct decision *decision, int64_t id)
{
    for (size_t i = 0; i < COMMAND_EVENTS_MAX && id != 0; i++)
        if (decision->events[i] != NULL && decision->events[i]->row.id == id)
            return decision->events[i];
    return NULL;
}

static struct hold *find_hold(const struct changing *work)
{
    struct group *group = work->decision->subjects[0].group;

    for (size_t i = 0; i < group->member_count; i++) {
        struct hold *hold = member_hold(&group->members[i], work->booking.id);
        if (hold != NULL && hold->state == HOLD_OPEN)
            return hold;
    }
    return NULL;
}

/* To the lots that they came from. */
static enum status give_back(struct changing *work, struct error *err)
{
    struct event_booking *booking = &work->booking;
    struct hold *hold = booking->spent_by == 0 ? find_hold(work) : NULL;
    const struct past_event *spent = loaded_row(work->decision, booking->spent_by);

    if (booking->points == 0 || work->ledger.policy == NULL)
        return STATUS_OK;
    if (hold != NULL)
        return ledger_release(&work->ledger, hold, HOLD_RELEASED, err);
    if (spent == NULL)
        return STATUS_OK;
    work->row->cause = spent->row.id;
    booking->given_back = booking->points;
    return ledger_give_back(&work->ledger, spent, booking->points, err);
}

/* The hold of who waited is spent; without one, because the event has moved since, the points that there are. */
static enum status pay(struct changing *work, struct error *err)
{
    struct event_booking *booking = &work->booking;
    struct hold *hold = find_hold(work);

    if (booking->points == 0)
        return STATUS_OK;
    booking->spent_by = work->row->id;
    if (hold != NULL)
        return ledger_capture(&work->ledger, hold, booking->points, err);
    return ledger_draw(&work->ledger, booking->points, ACCOUNT_REDEEMED, err);
}

static bool can_pay(const struct changing *work)
{
    const struct person *person = &work->decision->subjects[0];
    const struct event_booking *booking = &work->booking;

    if (booking->points == 0)
        return true;
    if (programme_wallet(work->programme, booking->wallet) == NULL)
        return false; /* the account is no more */
    return find_hold(work) != NULL ||
           ledger_available(person->group, person->member, booking->wallet) >= booking->points;
}

/* What the rule says for who did not come, or cancelled too late, at `from`. */
static enum status apply_rule(struct changing *work, int64_t from, struct error *err)
{
    const struct member_event_no_show *rule = &work->event->no_show;
    enum status status = rule->keep_price ? STATUS_OK : give_back(work, err);

    if (status == STATUS_OK && rule->lose_points > 0 && work->ledger.policy != NULL)
        status = ledger_adjust_down(&work->ledger, rule->lose_points, err);
    if (rule->bar_days > 0)
        work->booking.barred_until = from + rule->bar_days * INSTANT_DAY;
    return status;
}

/* ---- changing ---- */

static enum status cancel(struct changing *work, struct error *err)
{
    if (!work->late)
        return give_back(work, err);
    if (work->booking.reason.size == 0)
        work->booking.reason = TEXT("late");
    return work->event->late == EVENT_LATE_NO_SHOW ? apply_rule(work, work->decision->now, err) : STATUS_OK;
}

static enum status apply(struct changing *work, struct error *err)
{
    struct event_booking *booking = &work->booking;
    int64_t now = work->decision->now;

    booking->ended_at = now;
    switch (work->body->action) {
    case EVENT_CANCEL:
        return cancel(work, err);
    case EVENT_CALL_OFF:
        booking->reason = TEXT("called_off");
        return give_back(work, err);
    case EVENT_FORGET:
        booking->reason = TEXT("erased");
        return give_back(work, err);
    case EVENT_PROMOTE:
        if (!work->promoted) {
            booking->reason = TEXT("points");
            return STATUS_OK;
        }
        booking->ended_at = 0;
        booking->seated_at = now;
        return pay(work, err);
    case EVENT_MISS:
        return apply_rule(work, work->event->ends, err);
    case EVENT_LAPSE:
        return give_back(work, err);
    case EVENT_CHECK_IN:
    case EVENT_CORRECT:
        break;
    }
    return STATUS_OK;
}

static void count(struct changing *work, int64_t from)
{
    const struct event_counters *counters = &work->body->counters;
    struct text tier = work->booking.tier;
    bool seated = work->to == EVENT_BOOKED;

    if (!work->body->counted)
        return;
    if (from == EVENT_WAITING)
        event_count(work->decision, counters, tier, seated, -1);
    else
        event_count(work->decision, counters, tier, -1, 0);
}

static struct builder facts_of(const struct changing *work)
{
    struct builder facts = {.arena = work->decision->arena};

    fact_code(&facts, "event", work->booking.event);
    fact_code(&facts, "booking", text_from(arena_format(work->decision->arena, "%lld", (long long)work->booking.id)));
    fact_code(&facts, "reason", work->booking.reason);
    return facts;
}

static void start_row(struct changing *work)
{
    struct person *person = &work->decision->subjects[0];
    struct posting *posting = arena_alloc(work->decision->arena, sizeof *posting);
    struct builder facts = facts_of(work);

    work->row =
        points_row(work->decision, person->member, work->kind, work->decision->now, &work->body->context, &facts);
    work->row->cause = work->booking.id;
    *posting = posting_start(work->decision, work->row);
    work->ledger = (struct ledger){posting, person->group, person->member, work->programme,
                                   programme_wallet(work->programme, work->booking.wallet)};
}

/* The rows of attendance are those of the points that it gives. */
static enum status check_in(struct changing *work, struct error *err)
{
    const struct person *person = &work->decision->subjects[0];
    struct event_booking *booking = &work->booking;
    struct builder facts = facts_of(work);
    bool gives =
        work->event != NULL && work->event->award > 0 && award_possible(work->decision, work->event->award_wallet);

    fact_code(&facts, "employee", work->body->context.employee);
    builder_char(&facts, '}');
    const struct award award = {.kind = work->kind,
                                .wallet = gives ? work->event->award_wallet : (struct text){NULL, 0},
                                .points = gives ? work->event->award : 0,
                                .cause = booking->id,
                                .facts = builder_done(&facts)};
    enum status status = award_give(work->decision, person, &award, &work->row, err);
    if (status != STATUS_OK)
        return status;
    work->row->store = work->body->context.store;
    work->row->channel = work->body->context.channel;
    work->row->detail = points_note_detail(work->decision->arena, work->body->context.note);
    booking->award_wallet = award.wallet;
    booking->award = award.points;
    booking->awarded_by = work->row->id;
    booking->ended_at = work->decision->now;
    standing_touch(person->group, person->member, work->decision->now);
    return STATUS_OK;
}

static enum status correct(struct changing *work, struct error *err)
{
    struct event_booking *booking = &work->booking;
    struct builder facts = facts_of(work);
    int64_t taken;

    fact_code(&facts, "employee", work->body->context.employee);
    builder_char(&facts, '}');
    const struct award award = {.kind = work->kind,
                                .wallet = booking->award_wallet,
                                .points = booking->award,
                                .cause = booking->id,
                                .facts = builder_done(&facts)};
    enum status status = award_take_back(work->decision, &work->decision->subjects[0], &award,
                                         loaded_row(work->decision, booking->awarded_by), &taken, err);
    booking->award = booking->awarded_by = booking->ended_at = 0;
    booking->award_wallet = booking->reason = (struct text){NULL, 0};
    return status;
}

static enum status move(struct changing *work, struct error *err)
{
    if (work->body->action == EVENT_CHECK_IN)
        return check_in(work, err);
    if (work->body->action == EVENT_CORRECT)
        return correct(work, err);
    start_row(work);
    if (work->booking.points > 0 && work->ledger.policy == NULL && !actions[work->body->action].by_itself)
        return error_set(err, STATUS_INVALID, "wallet.unknown", "wallet", "there is no points account '%.*s'",
                         (int)work->booking.wallet.size, work->booking.wallet.bytes);
    return apply(work, err);
}

static enum status decide_change(struct decision *decision, struct command *command, struct error *err)
{
    struct change_event_booking *body = command->body;
    struct changing work = {.decision = decision,
                            .body = body,
                            .programme = programme_at(decision->programmes, decision->now),
                            .known = member_event_known(decision->programmes, body->booking.event, decision->now),
                            .booking = body->booking, /* the loaded one stays: the batch may be repeated */
                            .kind = actions[body->action].kind,
                            .to = actions[body->action].to};
    bool nothing;

    work.event = work.known.event;
    enum status status = check_change(&work, &nothing, err);
    body->result = (struct event_booking){.id = 0};
    if (status != STATUS_OK || nothing)
        return status;
    status = actions[body->action].by_itself ? STATUS_OK : customer_require(decision, command, 0, err);
    if (status != STATUS_OK)
        return status;
    work.booking.reason = body->reason;
    work.promoted = body->action == EVENT_PROMOTE && can_pay(&work);
    if (body->action == EVENT_PROMOTE && !work.promoted) {
        work.kind = actions[EVENT_CANCEL].kind;
        work.to = EVENT_CANCELLED;
        work.booking.reason = TEXT("points");
    }
    status = move(&work, err);
    if (status != STATUS_OK)
        return status;
    count(&work, body->booking.state);
    work.booking.state = work.to;
    work.booking.version++;
    store_event_booking(decision, &work.booking);
    event_points_due(decision);
    event_booking_copy(command->arena, &work.booking, &body->result);
    return STATUS_OK;
}

const struct command_type change_event_booking_type = {.name = "change_event_booking",
                                                       .loads = LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS | LOAD_ALONE,
                                                       .load = change_event_booking_load,
                                                       .decide = decide_change};
