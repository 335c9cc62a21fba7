#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/orders/bookings.h"

/* Every state and event of a kind: the state after it, "known" when told twice, "-" when refused. */
struct expectation {
    enum booking_kind kind;
    enum booking_state state;
    int64_t done; /* what had been told */
    const char *after[BOOKING_EVENT_COUNT];
};

#define BIT(event) (INT64_C(1) << (event))
#define AFTER(pay, prepare, collect, cancel, arrive, depart, miss, amend, charge) \
    {                                                                             \
        pay, prepare, collect, cancel, arrive, depart, miss, amend, charge        \
    }

static const struct expectation expectations[] = {
    /*                                  pay, ready, collect, cancel, arrive, depart, no show, amend, charge */
    {BOOKING_ORDER, BOOKING_PLACED, 0, AFTER("paid", "ready", "collected", "cancelled", "-", "-", "-", "-", "-")},
    {BOOKING_ORDER, BOOKING_PAID, BIT(BOOKING_PAY),
     AFTER("known", "ready", "collected", "cancelled", "-", "-", "-", "-", "-")},
    {BOOKING_ORDER, BOOKING_READY, BIT(BOOKING_PREPARE),
     AFTER("ready", "known", "collected", "cancelled", "-", "-", "-", "-", "-")},
    {BOOKING_ORDER, BOOKING_READY, BIT(BOOKING_PREPARE) | BIT(BOOKING_PAY),
     AFTER("known", "known", "collected", "cancelled", "-", "-", "-", "-", "-")},
    {BOOKING_ORDER, BOOKING_COLLECTED, BIT(BOOKING_COLLECT),
     AFTER("collected", "collected", "known", "-", "-", "-", "-", "-", "-")},
    {BOOKING_ORDER, BOOKING_COLLECTED, BIT(BOOKING_COLLECT) | BIT(BOOKING_PAY) | BIT(BOOKING_PREPARE),
     AFTER("known", "known", "known", "-", "-", "-", "-", "-", "-")},
    {BOOKING_ORDER, BOOKING_CANCELLED, BIT(BOOKING_CANCEL), AFTER("-", "-", "-", "known", "-", "-", "-", "-", "-")},
    {BOOKING_RESERVATION, BOOKING_BOOKED, 0,
     AFTER("-", "-", "-", "cancelled", "arrived", "-", "no_show", "booked", "-")},
    {BOOKING_RESERVATION, BOOKING_ARRIVED, BIT(BOOKING_ARRIVE), AFTER("-", "-", "-", "-", "known", "-", "-", "-", "-")},
    {BOOKING_RESERVATION, BOOKING_NO_SHOW, BIT(BOOKING_MISS),
     AFTER("-", "-", "-", "-", "arrived", "-", "known", "-", "-")},
    {BOOKING_RESERVATION, BOOKING_CANCELLED, BIT(BOOKING_CANCEL),
     AFTER("-", "-", "-", "known", "-", "-", "-", "-", "-")},
    {BOOKING_STAY, BOOKING_BOOKED, 0,
     AFTER("-", "-", "-", "cancelled", "arrived", "departed", "no_show", "booked", "booked")},
    {BOOKING_STAY, BOOKING_ARRIVED, BIT(BOOKING_ARRIVE),
     AFTER("-", "-", "-", "cancelled", "known", "departed", "-", "arrived", "arrived")},
    {BOOKING_STAY, BOOKING_DEPARTED, BIT(BOOKING_DEPART),
     AFTER("-", "-", "-", "-", "departed", "known", "-", "-", "departed")},
    {BOOKING_STAY, BOOKING_NO_SHOW, BIT(BOOKING_MISS),
     AFTER("-", "-", "-", "-", "arrived", "-", "known", "-", "no_show")},
    {BOOKING_STAY, BOOKING_CANCELLED, BIT(BOOKING_CANCEL),
     AFTER("-", "-", "-", "known", "-", "-", "-", "-", "cancelled")},
};

static const char *after(const struct expectation *expectation, enum booking_event event)
{
    enum booking_state next;

    switch (booking_next(expectation->kind, expectation->state, expectation->done, event, &next)) {
    case BOOKING_MOVES:
        return booking_state_name(next);
    case BOOKING_KNOWN:
        return "known";
    case BOOKING_REFUSED:
        break;
    }
    return "-";
}

static void every_state_takes_every_event_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
        for (int event = 0; event < BOOKING_EVENT_COUNT; event++) {
            const struct expectation *expected = &expectations[i];
            const char *found = after(expected, (enum booking_event)event);
            if (strcmp(found, expected->after[event]) != 0)
                fail_msg("%s %s, event %d: %s instead of %s", booking_kind_name(expected->kind),
                         booking_state_name(expected->state), event, found, expected->after[event]);
        }
}

static void what_is_refused_says_why(void **state)
{
    const struct booking booking = {.kind = BOOKING_ORDER, .state = BOOKING_CANCELLED, .done = BIT(BOOKING_CANCEL)};
    struct error err = {0};
    enum booking_state next;
    bool known;

    (void)state;
    assert_int_equal(booking_check(&booking, BOOKING_COLLECT, &known, &next, &err), STATUS_CONFLICT);
    assert_string_equal(err.code, "order.state");
    assert_string_equal(err.message, "an order that is cancelled cannot be collected");
    assert_int_equal(booking_check(&booking, BOOKING_CANCEL, &known, &next, &err), STATUS_OK);
    assert_true(known);
}

static void states_have_names_of_their_kind(void **state)
{
    enum booking_state found;

    (void)state;
    assert_true(booking_state_find(BOOKING_STAY, TEXT("no_show"), &found));
    assert_int_equal(found, BOOKING_NO_SHOW);
    assert_false(booking_state_find(BOOKING_ORDER, TEXT("no_show"), &found));
    assert_false(booking_state_find(BOOKING_RESERVATION, TEXT("paid"), &found));
}

static void the_rate_code_says_whose_sale_it_is(void **state)
{
    const struct rate_code rates[] = {{.code = TEXT("BAR"), .earns = true, .credit = RATE_PAYER},
                                      {.code = TEXT("CORP"), .earns = true, .credit = RATE_GUEST},
                                      {.code = TEXT("STAFF"), .earns = false, .credit = RATE_PAYER}};
    const struct booking_rules rules = {.rates = rates, .rate_count = 3};
    struct booking stay = {.kind = BOOKING_STAY, .member = 7, .payer = 9, .rate = TEXT("BAR")};

    (void)state;
    assert_int_equal(booking_buyer(&rules, &stay), 9);
    stay.rate = TEXT("CORP");
    assert_int_equal(booking_buyer(&rules, &stay), 7);
    stay.rate = TEXT("GONE");
    assert_int_equal(booking_buyer(&rules, &stay), 9);
    assert_true(rate_code_of(&rules, stay.rate).earns);
    assert_false(rate_code_of(&rules, TEXT("STAFF")).earns);
    stay.payer = 0;
    assert_int_equal(booking_buyer(&rules, &stay), 7);
}

static void facts_are_codes_and_numbers_beside_those_of_any_event(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    const struct purchase_facts facts = {.till = TEXT("A/1")};
    const struct booking stay = {.kind = BOOKING_STAY,
                                 .number = TEXT("S\"1"),
                                 .payer = 9,
                                 .rate = TEXT("BAR"),
                                 .from_day = 20482,
                                 .until_day = 20486};
    const struct booking plain = {.kind = BOOKING_ORDER};

    (void)state;
    struct text text = booking_facts(arena, &facts, &stay);
    assert_true(text_equals(text,
                            "{\"till\":\"A/1\",\"number\":\"S\\\"1\",\"payer\":9,\"rate\":\"BAR\",\"arrival\":20482,"
                            "\"departure\":20486}"));
    assert_true(text_equals(booking_facts(arena, &(struct purchase_facts){0}, &plain), "{}"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_takes_every_event_as_the_table_says),
        cmocka_unit_test(what_is_refused_says_why),
        cmocka_unit_test(states_have_names_of_their_kind),
        cmocka_unit_test(the_rate_code_says_whose_sale_it_is),
        cmocka_unit_test(facts_are_codes_and_numbers_beside_those_of_any_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
