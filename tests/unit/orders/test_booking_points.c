/* Points of a stay: pending from the check-in on, replaced by those of the sale at the departure. */
#include "../events/till.h"

#include "features/orders/booking_command.h"

static struct booking_work *new_work(struct till *till)
{
    struct booking_work *work = arena_alloc(till->arena, sizeof *work);

    work->identity = work->sale.identity = work->refund.identity = EVENT_IDENTITY_NONE;
    work->refund.attribution_claim = work->refund.receipt_claim = -1;
    work->guest = work->buyer = 0;
    work->payer = work->receipt_claim = -1;
    work->happens = true;
    work->at = till->decision.now;
    work->day = zone_day(till->programme.zone, work->at);
    work->store = TEXT("HOTEL");
    memcpy(work->currency, "CNY", 4);
    return work;
}

static struct booking run(struct till *till, const struct command_type *type, struct booking_work *work)
{
    struct command *command = till_command(till, type, work);

    command->day = work->day;
    if (work->id != 0) {
        struct past_event *begun = arena_alloc(till->arena, sizeof *begun);
        *begun = till_past(till, work->id);
        work->booking_event = 0;
        till->decision.events[0] = begun;
        command->event_count = 1;
    }
    if (till_run(till, command) != STATUS_OK)
        fail_msg("%s: %s", till->error.code, till->error.message);
    return work->result.booking;
}

/* Three nights from today on. */
static struct booking book(struct till *till, int64_t night_price)
{
    struct booking_work *work = new_work(till);

    work->happens = false;
    work->wanted = (struct booking){.kind = BOOKING_STAY,
                                    .state = BOOKING_BOOKED,
                                    .store = TEXT("HOTEL"),
                                    .channel = TEXT("hotel"),
                                    .from_day = work->day,
                                    .until_day = work->day + 3,
                                    .night_price = night_price,
                                    .at = work->at,
                                    .currency = "CNY"};
    return run(till, booking_open_type(&till->set, work->wanted.kind, work->at, false), work);
}

static struct booking_work *change(struct till *till, struct booking booking, enum booking_event event)
{
    struct booking_work *work = new_work(till);

    work->event = event;
    work->id = booking.id;
    work->seen = booking;
    work->loaded = booking;
    return work;
}

static struct booking tell(struct till *till, struct booking booking, enum booking_event event)
{
    return run(till, booking_change_type(), change(till, booking, event));
}

static struct booking charge(struct till *till, struct booking booking, int64_t amount)
{
    struct booking_work *work = change(till, booking, BOOKING_CHARGE);
    const struct purchase_line line = {.sku = TEXT("room"), .quantity_milli = 1000, .amount = amount};

    work->lines = arena_copy(till->arena, &line, sizeof line);
    work->line_count = 1;
    return run(till, booking_change_type(), work);
}

static const struct wallet *points(const struct till *till)
{
    static const struct wallet none;
    const struct wallet *found = member_wallet_find(till->member, TEXT("points"));

    return found != NULL ? found : &none;
}

/* What left "issued" less what went back to it. */
static int64_t issued(const struct till *till)
{
    const struct effects *effects = till->decision.effects;
    int64_t sum = 0;

    for (size_t i = 0; i < effects->row_count; i++)
        for (size_t m = 0; m < effects->rows[i]->movement_count; m++) {
            const struct movement *movement = &effects->rows[i]->movements[m];
            sum += movement->debit == ACCOUNT_ISSUED ? movement->amount : 0;
            sum -= movement->credit == ACCOUNT_ISSUED ? movement->amount : 0;
        }
    return sum;
}

static void open_hotel(struct till *till, struct booking_rules *rules, const char *wallet)
{
    till_open(till, wallet, RULE_ONE_PER_UNIT, "2026-03-01T15:00:00Z");
    till->member->lots_loaded = till->member->progress_loaded = true;
    *rules = (struct booking_rules){0};
    till->set.bookings = rules;
}

static void the_nights_are_pending_from_the_check_in_and_the_folio_takes_their_place(void **state)
{
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_hotel(&till, &rules, "");
    struct booking stay = book(&till, 10000);
    assert_int_equal(points(&till)->pending, 0);
    stay = tell(&till, stay, BOOKING_ARRIVE);
    assert_int_equal(points(&till)->pending, 300); /* three nights at 100.00 */
    stay = charge(&till, stay, 10000);
    stay = charge(&till, stay, 12050);
    assert_int_equal(points(&till)->pending, 300); /* 220.50 of the 300.00 expected */
    stay = charge(&till, stay, 13000);
    assert_int_equal(points(&till)->pending, 350); /* 350.50 */
    assert_int_equal(points(&till)->active, 0);
    stay = tell(&till, stay, BOOKING_DEPART);
    assert_int_equal(points(&till)->pending, 0);
    assert_int_equal(points(&till)->active, 350);
    assert_int_equal(stay.awaited.size, 0);
    assert_int_equal(issued(&till), 350);
    till_close(&till);
}

static void a_guest_who_leaves_early_has_what_was_charged(void **state)
{
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_hotel(&till, &rules, "");
    struct booking stay = tell(&till, book(&till, 10000), BOOKING_ARRIVE);
    assert_int_equal(points(&till)->pending, 300);
    stay = charge(&till, stay, 10000);
    tell(&till, stay, BOOKING_DEPART);
    assert_int_equal(points(&till)->pending, 0);
    assert_int_equal(points(&till)->active, 100);
    assert_int_equal(issued(&till), 100);
    till_close(&till);
}

static void without_a_price_of_nights_each_charge_is_pending(void **state)
{
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_hotel(&till, &rules, "");
    struct booking stay = charge(&till, book(&till, 0), 5000);
    assert_int_equal(points(&till)->pending, 0); /* nobody has come yet */
    stay = tell(&till, stay, BOOKING_ARRIVE);
    assert_int_equal(points(&till)->pending, 50);
    stay = charge(&till, stay, 2000);
    assert_int_equal(points(&till)->pending, 70);
    stay = tell(&till, stay, BOOKING_CANCEL);
    assert_int_equal(stay.state, BOOKING_CANCELLED);
    assert_int_equal(points(&till)->pending, 0);
    assert_int_equal(issued(&till), 0);
    till_close(&till);
}

static void fewer_nights_and_a_rate_that_earns_nothing_take_pending_points_away(void **state)
{
    static const struct rate_code staff = {.code = {"STAFF", 5}};
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_hotel(&till, &rules, "");
    rules.rates = &staff;
    rules.rate_count = 1;
    struct booking stay = tell(&till, book(&till, 10000), BOOKING_ARRIVE);
    struct booking_work *shorter = change(&till, stay, BOOKING_AMEND);
    shorter->changes = CHANGE_DAYS;
    shorter->wanted = (struct booking){.from_day = DAY_NONE, .until_day = stay.from_day + 2};
    stay = run(&till, booking_change_type(), shorter);
    assert_int_equal(points(&till)->pending, 200);
    struct booking_work *rate = change(&till, stay, BOOKING_AMEND);
    rate->changes = CHANGE_RATE;
    rate->wanted.rate = TEXT("STAFF");
    stay = run(&till, booking_change_type(), rate);
    assert_int_equal(points(&till)->pending, 0);
    stay = tell(&till, charge(&till, stay, 20000), BOOKING_DEPART);
    assert_int_equal(points(&till)->active, 0);
    assert_int_equal(issued(&till), 0);
    till_close(&till);
}

/* 100 earned and spent; their goods come back while 300 are pending: 100 of these go. The stay earns 300; 200 are left. */
static void what_a_return_took_of_pending_points_is_still_owed_at_the_departure(void **state)
{
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_hotel(&till, &rules, "");
    struct purchase *kettle = till_buy(&till, (const struct line[]){{"kettle", "x", 10000}}, 1);
    struct posting posting =
        posting_start(&till.decision, journal_add(&till.decision, till.member, 0, "redemption", 1));
    struct ledger ledger = {&posting, till.group, till.member, &till.programme, &till.programme.wallets[0]};
    assert_int_equal(ledger_draw(&ledger, 100, ACCOUNT_REDEEMED, &till.error), STATUS_OK);
    struct booking stay = tell(&till, book(&till, 10000), BOOKING_ARRIVE);
    till_return_line(&till, kettle->result.id, 1);
    assert_int_equal(points(&till)->pending, 200);
    stay = charge(&till, stay, 30000);
    assert_int_equal(points(&till)->pending, 200);
    tell(&till, stay, BOOKING_DEPART);
    assert_int_equal(points(&till)->pending, 0);
    assert_int_equal(points(&till)->active, 200);
    assert_int_equal(points(&till)->debt, 0);
    till_close(&till);
}

static void whoever_owes_points_gets_none_ahead(void **state)
{
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_hotel(&till, &rules, ",\"debt\":\"allow\"");
    member_wallet(&till.decision, till.member, TEXT("points"))->debt = 40;
    struct booking stay = tell(&till, book(&till, 10000), BOOKING_ARRIVE);
    assert_int_equal(points(&till)->pending, 0);
    tell(&till, charge(&till, stay, 30000), BOOKING_DEPART);
    assert_int_equal(points(&till)->debt, 0);
    assert_int_equal(points(&till)->active, 260);
    till_close(&till);
}

static void what_waits_is_read_as_it_was_written(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct booking_awaited awaited = {.member = 77, .count = 2}, read;

    (void)state;
    awaited.items[0].wallet = TEXT("points");
    awaited.items[0].points = 300;
    awaited.items[0].lot = 645;
    awaited.items[1].wallet = TEXT("status");
    awaited.items[1].points = 1;
    awaited.items[1].lot = 709;
    struct text text = booking_awaited_write(arena, &awaited);
    assert_true(text_equals(text, "77 points 300 645 status 1 709"));
    booking_awaited_read(text, &read);
    assert_int_equal(read.member, 77);
    assert_int_equal(read.count, 2);
    assert_true(text_equals(read.items[1].wallet, "status"));
    assert_int_equal(read.items[1].lot, 709);
    booking_awaited_read(TEXT(""), &read);
    assert_int_equal(read.count, 0);
    awaited.count = 0;
    assert_int_equal(booking_awaited_write(arena, &awaited).size, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nights_are_pending_from_the_check_in_and_the_folio_takes_their_place),
        cmocka_unit_test(a_guest_who_leaves_early_has_what_was_charged),
        cmocka_unit_test(without_a_price_of_nights_each_charge_is_pending),
        cmocka_unit_test(fewer_nights_and_a_rate_that_earns_nothing_take_pending_points_away),
        cmocka_unit_test(what_a_return_took_of_pending_points_is_still_owed_at_the_departure),
        cmocka_unit_test(whoever_owes_points_gets_none_ahead),
        cmocka_unit_test(what_waits_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
