/* What purchases at partners earn, what points are worth there, and statements. The tills are tests/api/test_partners.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/partners/partner_facts.h"
#include "features/partners/statement.h"
#include "features/partners/statement_view_api.h"
#include "foundation/instant.h"

enum { SEPTEMBER = 2026 * 12 + 8 };

struct desk {
    struct arena *arena;
    struct programme programme;
    struct programme_set set;
    struct error error;
};

static int desk_open(void **state)
{
    struct arena *arena = arena_new(16 << 20);
    struct desk *desk = arena_alloc(arena, sizeof *desk);

    desk->arena = arena;
    assert_int_equal(programme_parse(arena,
                                     TEXT("{\"zone\":\"UTC\",\"currency\":\"USD\",\"wallets\":["
                                          "{\"code\":\"miles\",\"spendable\":false},{\"code\":\"points\"}]}"),
                                     &desk->programme, &desk->error),
                     STATUS_OK);
    desk->set = (struct programme_set){.versions = &desk->programme, .version_count = 1};
    *state = desk;
    return 0;
}

static int desk_close(void **state)
{
    arena_free(((struct desk *)*state)->arena);
    return 0;
}

static enum status parse(struct desk *desk, const char *document, const struct partner **out)
{
    const struct definition_input input = {.arena = desk->arena,
                                           .code = TEXT("acme"),
                                           .document = text_from(document),
                                           .programme = &desk->programme,
                                           .programmes = &desk->set,
                                           .saving = true};
    const void *parsed;
    enum status status = partner_kind.parse(&input, &parsed, &desk->error);

    *out = parsed;
    return status;
}

static const struct partner *partner_of(struct desk *desk, const char *document)
{
    const struct partner *partner;

    if (parse(desk, document, &partner) != STATUS_OK)
        fail_msg("%s: %s: %s", document, desk->error.field, desk->error.message);
    return partner;
}

#define RATES "\"settlement\":{\"issued\":\"0.012\",\"redeemed\":\"0.0075\"}"
#define EARN "\"earn\":{\"wallet\":\"points\",\"points\":3,\"per\":\"2.00\""
#define REDEEM "\"redeem\":{\"wallet\":\"points\",\"points\":100,\"worth\":\"0.80\"}"

static void assert_earns(const struct partner *partner, int64_t minor, int64_t points)
{
    int64_t earned = -1;

    assert_true(partner_earn(&partner->earn, minor, &earned));
    assert_int_equal(earned, points);
}

static void a_purchase_earns_for_its_amount_rounded_as_the_partner_says(void **state)
{
    struct desk *desk = *state;
    static const struct {
        const char *rounding;
        int64_t of_333, of_367, of_100; /* 3.33, 3.67 and 1.00 at 3 per 2.00: 4.995, 5.505, 1.5 */
    } cases[] = {{"floor", 4, 5, 1}, {"half_up", 5, 6, 2}, {"half_even", 5, 6, 2}, {"ceil", 5, 6, 2}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct partner *partner =
            partner_of(desk, arena_format(desk->arena, "{\"name\":\"A\"," EARN ",\"rounding\":\"%s\"}," RATES "}",
                                          cases[i].rounding));
        assert_earns(partner, 333, cases[i].of_333);
        assert_earns(partner, 367, cases[i].of_367);
        assert_earns(partner, 100, cases[i].of_100);
        assert_earns(partner, 0, 0);
    }
    const struct partner *fixed = partner_of(
        desk,
        "{\"name\":\"A\",\"currency\":\"JPY\",\"earn\":{\"wallet\":\"miles\",\"points\":50,\"minimum\":\"500\"}," RATES
        "}");
    assert_earns(fixed, 499, 0);
    assert_earns(fixed, 500, 50);
    assert_earns(fixed, 100000, 50);
    assert_earns(partner_of(desk, "{\"name\":\"A\"," RATES "}"), 1000, 0);
}

static void points_are_worth_what_is_said_rounded_for_the_member_to_see(void **state)
{
    const struct partner *partner = partner_of(*state, "{\"name\":\"A\"," REDEEM "," RATES "}");
    int64_t out = 0;

    assert_true(partner_worth(&partner->redeem, 99, &out)); /* 0.792 */
    assert_int_equal(out, 79);
    assert_true(partner_points_for(&partner->redeem, 100, &out)); /* 125 exactly */
    assert_int_equal(out, 125);
    assert_true(partner_points_for(&partner->redeem, 99, &out)); /* 123.75 */
    assert_int_equal(out, 124);
    assert_true(partner_value(partner, partner->rate_issued, 1197, &out)); /* 14.364 */
    assert_int_equal(out, 1436);
    assert_true(partner_value(partner, partner->rate_redeemed, 200, &out));
    assert_int_equal(out, 150);
    assert_string_equal(partner_rate_text(((struct desk *)*state)->arena, partner->rate_redeemed), "0.0075");
    assert_string_equal(partner_rate_text(((struct desk *)*state)->arena, 2000000), "2");
}

static void a_wrong_document_is_refused_with_the_field(void **state)
{
    static const char *const wrong[][2] = {
        {"{\"name\":\"A\"}", "settlement"},
        {"{" RATES "}", "name"},
        {"{\"name\":\"A\",\"settlement\":{\"issued\":\"0.01\"}}", "settlement.redeemed"},
        {"{\"name\":\"A\",\"settlement\":{\"issued\":\"0.0000001\",\"redeemed\":\"0\"}}", "settlement.issued"},
        {"{\"name\":\"A\",\"currency\":\"XXY\"," RATES "}", "currency"},
        {"{\"name\":\"A\",\"earn\":{\"wallet\":\"none\",\"points\":1}," RATES "}", "earn.wallet"},
        {"{\"name\":\"A\",\"currency\":\"JPY\",\"earn\":{\"wallet\":\"points\",\"points\":1,\"per\":\"1.50\"}," RATES
         "}",
         "earn.per"},
        {"{\"name\":\"A\",\"redeem\":{\"wallet\":\"miles\",\"points\":1,\"worth\":\"1.00\"}," RATES "}",
         "redeem.wallet"},
        {"{\"name\":\"A\",\"redeem\":{\"wallet\":\"points\",\"points\":1,\"worth\":\"1.00\","
         "\"per_member_and_day\":{\"times\":0}}," RATES "}",
         "redeem.per_member_and_day.times"},
        {"{\"name\":\"A\",\"claim_days\":400," RATES "}", "claim_days"},
        {"{\"name\":\"A\",\"extra\":1," RATES "}", "extra"},
    };
    struct desk *desk = *state;
    const struct partner *partner;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(parse(desk, wrong[i][0], &partner), STATUS_INVALID);
        assert_string_equal(desk->error.field, wrong[i][1]);
    }
}

static void what_a_row_keeps_can_be_read_back(void **state)
{
    struct desk *desk = *state;
    const struct partner_facts facts = {.partner = TEXT("acme"),
                                        .store = TEXT("BER"),
                                        .receipt = TEXT("x\",\"minor\":7,\"points\":8"),
                                        .currency = "EUR",
                                        .minor = 15050,
                                        .points = 150,
                                        .earning = {TEXT("points"), 1, 100, 500, ROUNDING_CEIL}};
    struct partner_facts read;

    partner_facts_read(desk->arena, partner_facts_write(desk->arena, &facts), &read);
    assert_true(text_equal(read.receipt, facts.receipt));
    assert_true(text_equals(read.partner, "acme") && text_equals(read.store, "BER"));
    assert_string_equal(read.currency, "EUR");
    assert_int_equal(read.minor, 15050);
    assert_int_equal(read.points, 150);
    assert_true(text_equals(read.earning.wallet, "points"));
    assert_int_equal(read.earning.points, 1);
    assert_int_equal(read.earning.per, 100);
    assert_int_equal(read.earning.minimum, 500);
    assert_int_equal(read.earning.rounding, ROUNDING_CEIL);
}

static struct finance_sum sum(int32_t month, enum finance_entry entry, int64_t amount, int32_t late_for)
{
    return (struct finance_sum){SUM_PARTNER, month,    TEXT("points"), TEXT("partner:acme"),
                                {NULL, 0},   late_for, entry,          amount};
}

/*
 * September: 1,250 issued, 133 clawed back, of which 80 were written off: 1,197 at 0.012 are 14.364. 300 redeemed, 100 given back: 200
 * at 0.0075 are 1.50. Two upgrades of 8.00 that Acme pays for, three quarters ours: 12.00; a mug, half of 3.33. Acme is owed nothing
 * for what another partner or another month has. 14.36 - 1.50 - 12.00 + 1.66 = 2.52.
 */
static void a_statement_nets_what_each_owes(void **state)
{
    struct desk *desk = *state;
    const struct finance_sum other = {SUM_PARTNER, SEPTEMBER, TEXT("points"), TEXT("partner:acme2"),
                                      {NULL, 0},   0,         FINANCE_ISSUED, 5};
    const struct finance_sum sums[] = {sum(SEPTEMBER, FINANCE_ISSUED, 1210, 0),
                                       sum(SEPTEMBER, FINANCE_ISSUED, 40, SEPTEMBER - 1),
                                       sum(SEPTEMBER, FINANCE_CLAWED_BACK, -133, 0),
                                       sum(SEPTEMBER, FINANCE_WRITTEN_OFF, 80, 0),
                                       sum(SEPTEMBER, FINANCE_REDEEMED, -200, 0),
                                       sum(SEPTEMBER + 1, FINANCE_ISSUED, 7, 0),
                                       other};
    const struct partner_fulfilment rewards[] = {{SEPTEMBER, TEXT("acme"), TEXT("mug"), 1, 16650},
                                                 {SEPTEMBER, TEXT("acme"), TEXT("flight"), 3, 0},
                                                 {SEPTEMBER, TEXT("acme"), TEXT("flight"), -1, -120000},
                                                 {SEPTEMBER, TEXT("acme2"), TEXT("flight"), 9, 9}};
    const struct statement_input input = {sums, 7, rewards, 4};
    struct partner_statement statement = {
        .partner = partner_of(desk, "{\"name\":\"A\"," REDEEM "," RATES "}"), .code = TEXT("acme"), .month = SEPTEMBER};

    assert_int_equal(statement_build(desk->arena, &input, &statement, &desk->error), STATUS_OK);
    assert_int_equal(statement.line_count, 4);
    const struct statement_line *issued = &statement.lines[0], *redeemed = &statement.lines[1];
    assert_int_equal(issued->issued, 1250);
    assert_int_equal(issued->clawed_back, 133);
    assert_int_equal(issued->written_off, 80);
    assert_int_equal(issued->points, 1197);
    assert_int_equal(issued->late, 40);
    assert_int_equal(issued->minor, 1436);
    assert_int_equal(redeemed->points, 200);
    assert_int_equal(redeemed->minor, -150);
    assert_true(text_equals(statement.lines[2].reward, "flight"));
    assert_int_equal(statement.lines[2].points, 2);
    assert_int_equal(statement.lines[2].minor, -1200);
    assert_int_equal(statement.lines[3].minor, 166); /* 1.665, half even */
    assert_int_equal(statement.net, 252);
}

static void the_rates_of_a_month_are_those_that_it_began_with(void **state)
{
    const struct statement_period periods[] = {{100, 250}, {250, 400}, {500, INSTANT_NEVER}};

    (void)state;
    assert_int_equal(statement_period_of(periods, 3, 0, 50), 0);    /* before the first one */
    assert_int_equal(statement_period_of(periods, 3, 50, 150), 0);  /* came during the month */
    assert_int_equal(statement_period_of(periods, 3, 200, 300), 0); /* changed during the month */
    assert_int_equal(statement_period_of(periods, 3, 300, 390), 1);
    assert_int_equal(statement_period_of(periods, 3, 410, 490), 1); /* withdrawn: the last before */
    assert_int_equal(statement_period_of(periods, 3, 410, 600), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_purchase_earns_for_its_amount_rounded_as_the_partner_says, desk_open,
                                        desk_close),
        cmocka_unit_test_setup_teardown(points_are_worth_what_is_said_rounded_for_the_member_to_see, desk_open,
                                        desk_close),
        cmocka_unit_test_setup_teardown(a_wrong_document_is_refused_with_the_field, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(what_a_row_keeps_can_be_read_back, desk_open, desk_close),
        cmocka_unit_test_setup_teardown(a_statement_nets_what_each_owes, desk_open, desk_close),
        cmocka_unit_test(the_rates_of_a_month_are_those_that_it_began_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
