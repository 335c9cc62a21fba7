#include "features/orders/bookings.h"

#include <assert.h>
#include <string.h>

#include "foundation/checked.h"

/* ---- names ---- */

static const char *const kind_names[] = {
    [BOOKING_ORDER] = "order", [BOOKING_RESERVATION] = "reservation", [BOOKING_STAY] = "stay"};

static const char *const state_names[] = {
    [BOOKING_PLACED] = "placed",       [BOOKING_PAID] = "paid",           [BOOKING_READY] = "ready",
    [BOOKING_COLLECTED] = "collected", [BOOKING_CANCELLED] = "cancelled", [BOOKING_BOOKED] = "booked",
    [BOOKING_ARRIVED] = "arrived",     [BOOKING_DEPARTED] = "departed",   [BOOKING_NO_SHOW] = "no_show"};

const char *booking_kind_name(enum booking_kind kind)
{
    return kind_names[kind];
}

const char *booking_state_name(enum booking_state state)
{
    return state_names[state];
}

/* ---- the states ---- */

struct transition {
    enum booking_kind kind;
    enum booking_event event;
    enum booking_state from, to;
};

/* Whatever is not here is refused. A fact that comes late leaves the state: the till told first what came after it. */
static const struct transition transitions[] = {
    {BOOKING_ORDER, BOOKING_PAY, BOOKING_PLACED, BOOKING_PAID},
    {BOOKING_ORDER, BOOKING_PAY, BOOKING_READY, BOOKING_READY},
    {BOOKING_ORDER, BOOKING_PAY, BOOKING_COLLECTED, BOOKING_COLLECTED},
    {BOOKING_ORDER, BOOKING_PREPARE, BOOKING_PLACED, BOOKING_READY},
    {BOOKING_ORDER, BOOKING_PREPARE, BOOKING_PAID, BOOKING_READY},
    {BOOKING_ORDER, BOOKING_PREPARE, BOOKING_COLLECTED, BOOKING_COLLECTED},
    {BOOKING_ORDER, BOOKING_COLLECT, BOOKING_PLACED, BOOKING_COLLECTED},
    {BOOKING_ORDER, BOOKING_COLLECT, BOOKING_PAID, BOOKING_COLLECTED},
    {BOOKING_ORDER, BOOKING_COLLECT, BOOKING_READY, BOOKING_COLLECTED},
    {BOOKING_ORDER, BOOKING_CANCEL, BOOKING_PLACED, BOOKING_CANCELLED},
    {BOOKING_ORDER, BOOKING_CANCEL, BOOKING_PAID, BOOKING_CANCELLED},
    {BOOKING_ORDER, BOOKING_CANCEL, BOOKING_READY, BOOKING_CANCELLED},

    {BOOKING_RESERVATION, BOOKING_AMEND, BOOKING_BOOKED, BOOKING_BOOKED},
    {BOOKING_RESERVATION, BOOKING_ARRIVE, BOOKING_BOOKED, BOOKING_ARRIVED},
    {BOOKING_RESERVATION, BOOKING_ARRIVE, BOOKING_NO_SHOW, BOOKING_ARRIVED}, /* later than anybody hoped */
    {BOOKING_RESERVATION, BOOKING_MISS, BOOKING_BOOKED, BOOKING_NO_SHOW},
    {BOOKING_RESERVATION, BOOKING_CANCEL, BOOKING_BOOKED, BOOKING_CANCELLED},

    {BOOKING_STAY, BOOKING_AMEND, BOOKING_BOOKED, BOOKING_BOOKED},
    {BOOKING_STAY, BOOKING_AMEND, BOOKING_ARRIVED, BOOKING_ARRIVED},
    {BOOKING_STAY, BOOKING_ARRIVE, BOOKING_BOOKED, BOOKING_ARRIVED},
    {BOOKING_STAY, BOOKING_ARRIVE, BOOKING_NO_SHOW, BOOKING_ARRIVED},
    {BOOKING_STAY, BOOKING_ARRIVE, BOOKING_DEPARTED, BOOKING_DEPARTED},
    {BOOKING_STAY, BOOKING_DEPART, BOOKING_BOOKED, BOOKING_DEPARTED},
    {BOOKING_STAY, BOOKING_DEPART, BOOKING_ARRIVED, BOOKING_DEPARTED},
    {BOOKING_STAY, BOOKING_MISS, BOOKING_BOOKED, BOOKING_NO_SHOW},
    {BOOKING_STAY, BOOKING_CANCEL, BOOKING_BOOKED, BOOKING_CANCELLED},
    {BOOKING_STAY, BOOKING_CANCEL, BOOKING_ARRIVED, BOOKING_CANCELLED}, /* whose bed was not what was promised */
    {BOOKING_STAY, BOOKING_CHARGE, BOOKING_BOOKED, BOOKING_BOOKED},
    {BOOKING_STAY, BOOKING_CHARGE, BOOKING_ARRIVED, BOOKING_ARRIVED},
    {BOOKING_STAY, BOOKING_CHARGE, BOOKING_DEPARTED, BOOKING_DEPARTED},   /* found in the room afterwards */
    {BOOKING_STAY, BOOKING_CHARGE, BOOKING_NO_SHOW, BOOKING_NO_SHOW},     /* a fee */
    {BOOKING_STAY, BOOKING_CHARGE, BOOKING_CANCELLED, BOOKING_CANCELLED}, /* a fee */
};
enum { TRANSITION_COUNT = sizeof transitions / sizeof transitions[0] };

static bool happens_once(enum booking_event event)
{
    return event != BOOKING_AMEND && event != BOOKING_CHARGE;
}

enum booking_step booking_next(enum booking_kind kind, enum booking_state state, int64_t done, enum booking_event event,
                               enum booking_state *next)
{
    if (happens_once(event) && (done & (INT64_C(1) << event)) != 0)
        return BOOKING_KNOWN;
    for (size_t i = 0; i < TRANSITION_COUNT; i++) {
        if (transitions[i].kind != kind || transitions[i].event != event || transitions[i].from != state)
            continue;
        *next = transitions[i].to;
        return BOOKING_MOVES;
    }
    return BOOKING_REFUSED;
}

bool booking_state_find(enum booking_kind kind, struct text name, enum booking_state *out)
{
    for (size_t i = 0; i < TRANSITION_COUNT; i++) {
        const enum booking_state both[] = {transitions[i].from, transitions[i].to};
        for (size_t s = 0; s < 2; s++)
            if (transitions[i].kind == kind && text_equals(name, state_names[both[s]])) {
                *out = both[s];
                return true;
            }
    }
    return false;
}

static const char *const row_kinds[][BOOKING_EVENT_COUNT] = {
    [BOOKING_ORDER] = {[BOOKING_PAY] = "order_paid",
                       [BOOKING_PREPARE] = "order_ready",
                       [BOOKING_COLLECT] = "order_collected",
                       [BOOKING_CANCEL] = "order_cancelled"},
    [BOOKING_RESERVATION] = {[BOOKING_CANCEL] = "reservation_cancelled",
                             [BOOKING_ARRIVE] = "visit",
                             [BOOKING_MISS] = "reservation_no_show",
                             [BOOKING_AMEND] = "reservation_changed"},
    [BOOKING_STAY] = {[BOOKING_CANCEL] = "stay_cancelled",
                      [BOOKING_ARRIVE] = "visit",
                      [BOOKING_DEPART] = "stay_departed",
                      [BOOKING_MISS] = "stay_no_show",
                      [BOOKING_AMEND] = "stay_changed",
                      [BOOKING_CHARGE] = "stay_folio"},
};

const char *booking_row_kind(enum booking_kind kind, enum booking_event event)
{
    assert(row_kinds[kind][event] != NULL);
    return row_kinds[kind][event];
}

static const char *const deeds[] = {[BOOKING_PAY] = "paid",
                                    [BOOKING_PREPARE] = "made ready",
                                    [BOOKING_COLLECT] = "collected",
                                    [BOOKING_CANCEL] = "cancelled",
                                    [BOOKING_ARRIVE] = "checked in",
                                    [BOOKING_DEPART] = "departed from",
                                    [BOOKING_MISS] = "marked as no-show",
                                    [BOOKING_AMEND] = "changed",
                                    [BOOKING_CHARGE] = "charged"};

enum status booking_check(const struct booking *booking, enum booking_event event, bool *known,
                          enum booking_state *next, struct error *err)
{
    enum booking_step step = booking_next(booking->kind, booking->state, booking->done, event, next);

    *known = step == BOOKING_KNOWN;
    if (step == BOOKING_REFUSED)
        return error_set(err, STATUS_CONFLICT, "order.state", "", "%s that is %s cannot be %s",
                         booking->kind == BOOKING_ORDER  ? "an order"
                         : booking->kind == BOOKING_STAY ? "a stay"
                                                         : "a reservation",
                         state_names[booking->state], deeds[event]);
    return STATUS_OK;
}

int64_t booking_nights(const struct booking *booking)
{
    return booking->until_day == DAY_NONE ? 0 : booking->until_day - booking->from_day;
}

bool booking_expected(const struct booking *booking, int64_t *out)
{
    return checked_multiply(booking->night_price, booking_nights(booking), out);
}

/* ---- points that wait: "MEMBER WALLET POINTS LOT WALLET POINTS LOT ..." ---- */

struct text booking_awaited_write(struct arena *arena, const struct booking_awaited *awaited)
{
    struct builder out = {.arena = arena};

    if (awaited->count == 0)
        return TEXT("");
    builder_integer(&out, awaited->member);
    for (size_t i = 0; i < awaited->count; i++) {
        builder_char(&out, ' ');
        builder_text(&out, awaited->items[i].wallet);
        builder_char(&out, ' ');
        builder_integer(&out, awaited->items[i].points);
        builder_char(&out, ' ');
        builder_integer(&out, awaited->items[i].lot);
    }
    return builder_done(&out);
}

static struct text next_word(struct text *rest)
{
    size_t size = 0;

    while (size < rest->size && rest->bytes[size] != ' ')
        size++;
    struct text word = {rest->bytes, size};
    size += size < rest->size;
    *rest = (struct text){rest->bytes + size, rest->size - size};
    return word;
}

void booking_awaited_read(struct text text, struct booking_awaited *out)
{
    *out = (struct booking_awaited){0};
    if (text.size == 0 || !text_to_integer(next_word(&text), &out->member))
        return;
    while (text.size > 0 && out->count < PROGRAMME_WALLETS_MAX) {
        out->items[out->count].wallet = next_word(&text);
        if (!text_to_integer(next_word(&text), &out->items[out->count].points) ||
            !text_to_integer(next_word(&text), &out->items[out->count].lot))
            return;
        out->count++;
    }
}

/* ---- the rules ---- */

static const struct booking_rules defaults = {0};

const struct booking_rules *booking_rules_of(const struct programme_set *set)
{
    return set->bookings != NULL ? set->bookings : &defaults;
}

static const struct rate_code *find_rate(const struct booking_rules *rules, struct text code)
{
    for (size_t i = 0; code.size > 0 && i < rules->rate_count; i++)
        if (text_equal(rules->rates[i].code, code))
            return &rules->rates[i];
    return NULL;
}

bool rate_code_known(const struct booking_rules *rules, struct text code)
{
    return find_rate(rules, code) != NULL;
}

struct rate_code rate_code_of(const struct booking_rules *rules, struct text code)
{
    const struct rate_code *found = find_rate(rules, code);

    return found != NULL ? *found : (struct rate_code){.code = code, .earns = true, .credit = RATE_PAYER};
}

int64_t booking_active_at(const struct booking_policy *policy, const struct zone *zone, int64_t at)
{
    const struct wallet_policy days = {.pending_days = policy->return_days};

    return wallet_active_at(&days, zone, at);
}

int64_t booking_buyer(const struct booking_rules *rules, const struct booking *booking)
{
    if (booking->kind != BOOKING_STAY || booking->payer == 0)
        return booking->member;
    return rate_code_of(rules, booking->rate).credit == RATE_PAYER ? booking->payer : booking->member;
}

/* ---- facts ---- */

static void add_name(struct builder *out, const char *name)
{
    if (out->bytes[out->size - 1] != '{')
        builder_char(out, ',');
    builder_format(out, "\"%s\":", name);
}

static void add_integer(struct builder *out, const char *name, int64_t value)
{
    if (value == 0)
        return;
    add_name(out, name);
    builder_integer(out, value);
}

static void add_text(struct builder *out, const char *name, struct text value)
{
    if (value.size == 0)
        return;
    add_name(out, name);
    facts_string(out, value);
}

struct text booking_facts(struct arena *arena, const struct purchase_facts *facts, const struct booking *booking)
{
    struct text known = purchase_facts_write(arena, facts);
    struct builder out = {.arena = arena};

    if (known.size > 0)
        builder_bytes(&out, known.bytes, known.size - 1);
    else
        builder_char(&out, '{');
    add_text(&out, "number", booking->number);
    add_text(&out, "origin", booking->origin);
    add_integer(&out, "payer", booking->payer);
    add_text(&out, "rate", booking->rate);
    add_integer(&out, "party", booking->party);
    add_text(&out, "place", booking->place);
    add_integer(&out, "for", booking->kind == BOOKING_RESERVATION ? booking->at : 0);
    if (booking->kind == BOOKING_STAY) {
        add_integer(&out, "arrival", booking->from_day);
        add_integer(&out, "departure", booking->until_day);
    }
    builder_char(&out, '}');
    return builder_done(&out);
}
