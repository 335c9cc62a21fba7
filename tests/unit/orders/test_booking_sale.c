/* The sale that an order becomes, and its points while the clock goes on. */
#include "../events/till.h"

#include "features/orders/booking_command.h"

static struct booking_work *new_work(struct till *till)
{
    struct booking_work *work = arena_alloc(till->arena, sizeof *work);

    work->identity = work->sale.identity = EVENT_IDENTITY_NONE;
    work->refund.attribution_claim = -1;
    work->guest = work->buyer = 0;
    work->payer = work->receipt_claim = -1;
    work->happens = true;
    work->at = till->decision.now;
    work->day = zone_day(till->programme.zone, work->at);
    work->store = TEXT("A");
    memcpy(work->currency, "CNY", 4);
    return work;
}

static void run(struct till *till, const struct command_type *type, struct booking_work *work)
{
    struct command *command = till_command(till, type, work);

    command->day = work->day;
    if (work->id != 0) {
        struct past_event *begun = arena_alloc(till->arena, sizeof *begun);
        struct past_event *sale = arena_alloc(till->arena, sizeof *sale);
        *begun = till_past(till, work->id);
        *sale = till_past(till, work->loaded.purchase);
        work->booking_event = 1;
        till->decision.events[0] = work->loaded.purchase != 0 ? sale : NULL;
        till->decision.events[1] = begun;
        command->event_count = 2;
        command->day = sale->row.day;
    }
    if (till_run(till, command) != STATUS_OK)
        fail_msg("%s: %s", till->error.code, till->error.message);
}

/* An order of 100.00, paid as it is placed. */
static struct booking place(struct till *till)
{
    struct booking_work *work = new_work(till);

    const struct purchase_line two[] = {{.sku = TEXT("kettle"), .quantity_milli = 1000, .amount = 6000},
                                        {.sku = TEXT("pot"), .quantity_milli = 1000, .amount = 4000}};

    work->event = BOOKING_PAY;
    work->lines = arena_copy(till->arena, two, sizeof two);
    work->line_count = 2;
    work->wanted = (struct booking){.kind = BOOKING_ORDER,
                                    .state = BOOKING_PLACED,
                                    .store = TEXT("A"),
                                    .channel = TEXT("web"),
                                    .from_day = work->day,
                                    .until_day = DAY_NONE,
                                    .at = work->at,
                                    .currency = "CNY"};
    run(till, booking_open_type(&till->set, work->wanted.kind, work->at, true), work);
    return work->result.booking;
}

static struct booking tell(struct till *till, struct booking booking, enum booking_event event, const char *store)
{
    struct booking_work *work = new_work(till);

    work->event = event;
    work->store = text_from(store);
    work->id = booking.id;
    work->seen = booking;
    work->loaded = booking;
    run(till, booking_change_type(), work);
    return work->result.booking;
}

static void move_clock(struct till *till, const char *now)
{
    struct error err = {0};

    till->decision.now = instant_of(now);
    assert_int_equal(points_advance(&till->decision, till->group, &err), STATUS_OK);
}

static const struct wallet *points(const struct till *till)
{
    return member_wallet_find(till->member, TEXT("points"));
}

static void open_shop(struct till *till, struct booking_rules *rules, const char *now)
{
    till_open(till, "", RULE_ONE_PER_UNIT, now);
    till->member->lots_loaded = till->member->progress_loaded = true;
    *rules = (struct booking_rules){.orders = {.return_days = 7}};
    till->set.bookings = rules;
}

static void points_wait_until_the_return_days_after_the_collection_are_over(void **state)
{
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_shop(&till, &rules, "2026-03-01T10:00:00Z");
    struct booking order = place(&till);
    assert_int_equal(order.state, BOOKING_PAID);
    assert_int_equal(points(&till)->pending, 100);
    /* Nobody collects it: they wait on, however long. */
    move_clock(&till, "2027-03-01T10:00:00Z");
    assert_int_equal(points(&till)->pending, 100);
    move_clock(&till, "2027-03-03T17:00:00Z");
    order = tell(&till, order, BOOKING_COLLECT, "A");
    assert_int_equal(order.state, BOOKING_COLLECTED);
    move_clock(&till, "2027-03-10T23:59:59Z");
    assert_int_equal(points(&till)->pending, 100);
    assert_int_equal(till.member->standing.due_at, instant_of("2027-03-11T00:00:00Z"));
    move_clock(&till, "2027-03-11T00:00:00Z");
    assert_int_equal(points(&till)->pending, 0);
    assert_int_equal(points(&till)->active, 100);
    const struct effects *effects = till.decision.effects;
    const struct journal_row *last = effects->rows[effects->row_count - 1];
    assert_true(text_equals(last->kind, "activation"));
    assert_int_equal(last->at, instant_of("2027-03-11T00:00:00Z"));
    till_close(&till);
}

static void a_sweep_that_comes_late_dates_the_activation_as_it_was_due(void **state)
{
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_shop(&till, &rules, "2026-03-01T10:00:00Z");
    struct booking order = place(&till);
    tell(&till, order, BOOKING_COLLECT, "A");
    move_clock(&till, "2026-05-01T00:00:00Z");
    const struct effects *effects = till.decision.effects;
    assert_int_equal(effects->rows[effects->row_count - 1]->at, instant_of("2026-03-09T00:00:00Z"));
    assert_int_equal(points(&till)->active, 100);
    till_close(&till);
}

static void a_cancelled_order_was_never_bought(void **state)
{
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_shop(&till, &rules, "2026-03-01T10:00:00Z");
    till_buy(&till, (const struct line[]){{"tea", "x", 500}}, 1);
    struct booking order = place(&till);
    assert_int_equal(till.member->standing.purchases, 2);
    order = tell(&till, order, BOOKING_CANCEL, "A");
    assert_int_equal(order.state, BOOKING_CANCELLED);
    assert_int_equal(points(&till)->pending, 0);
    assert_int_equal(points(&till)->active, 5);
    assert_int_equal(till.member->standing.purchases, 1);
    assert_int_equal(till.member->standing.purchase_days, 1);
    assert_int_equal(till.member->standing.spend, 500);
    assert_int_equal(till.member->standing.returns, 0);
    assert_int_equal(till.member->days[0].count, 1);
    till_close(&till);
}

static void an_order_collected_elsewhere_is_one_sale_of_that_store(void **state)
{
    struct booking_rules rules;
    struct till till;

    (void)state;
    open_shop(&till, &rules, "2026-03-01T10:00:00Z");
    struct booking order = place(&till);
    int64_t first = order.purchase;
    move_clock(&till, "2026-03-03T17:00:00Z");
    order = tell(&till, order, BOOKING_COLLECT, "B");
    assert_true(order.purchase != first);
    assert_true(text_equals(order.store, "B"));
    struct past_event sale = till_past(&till, order.purchase);
    assert_true(text_equals(sale.row.store, "B"));
    assert_int_equal(sale.row.at, instant_of("2026-03-01T10:00:00Z"));
    assert_int_equal(sale.row.cause, order.id);
    assert_int_equal(till.member->standing.purchases, 1);
    assert_int_equal(till.member->standing.purchase_days, 1);
    assert_int_equal(till.member->standing.spend, 10000);
    assert_int_equal(points(&till)->pending, 100);
    assert_int_equal(till.member->standing.due_at, instant_of("2026-03-11T00:00:00Z"));
    till_close(&till);
}

static void what_a_day_of_the_policy_means(void **state)
{
    const struct zone *zone;
    struct arena *arena = arena_new(1 << 20);
    struct error err = {0};
    const struct booking_policy week = {.return_days = 7}, none = {.return_days = 0};
    int64_t at = instant_of("2026-03-03T17:00:00Z"); /* 4 March, 01:00 in Shanghai */

    (void)state;
    assert_int_equal(zone_load(arena, TEXT("Asia/Shanghai"), &zone, &err), STATUS_OK);
    assert_int_equal(booking_active_at(&none, zone, at), at);
    assert_int_equal(booking_active_at(&week, zone, at), instant_of("2026-03-11T16:00:00Z"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_wait_until_the_return_days_after_the_collection_are_over),
        cmocka_unit_test(a_sweep_that_comes_late_dates_the_activation_as_it_was_due),
        cmocka_unit_test(a_cancelled_order_was_never_bought),
        cmocka_unit_test(an_order_collected_elsewhere_is_one_sale_of_that_store),
        cmocka_unit_test(what_a_day_of_the_policy_means),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
