#include "features/events/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 5 /* more than facts usually have of anything: room must grow */
#define COUNT(array) (sizeof(array) / sizeof *(array))

#define CODE(literal)                  \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }
static const struct text codes[MANY] = {CODE("one"), CODE("two \"2\""), CODE("\xC3\xA9t\xC3\xA9"), CODE("a\\b\n\x01"),
                                        CODE("five")};

static void assert_written(struct arena *arena, const struct purchase_facts *facts, const char *json)
{
    assert_string_equal(text_string(arena, purchase_facts_write(arena, facts)), json);
}

/* What was read is written as it was: nothing that the writer knows is lost on the way. */
static void assert_kept(struct arena *arena, const struct purchase_facts *facts, struct purchase_facts *read)
{
    struct text json = purchase_facts_write(arena, facts);
    struct error err = {0};

    assert_int_equal(purchase_facts_read(arena, json, read, &err), STATUS_OK);
    assert_written(arena, read, text_string(arena, json));
}

static void facts_of_a_plain_purchase_are_kept(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct earned_facts earned[] = {{.rule = TEXT("base"), .wallet = TEXT("points"), .points = 28},
                                          {.rule = TEXT("level"), .wallet = TEXT("qualifying"), .points = 28}};
    const struct purchase_facts facts = {
        .version = 1, .tier = TEXT("member"), .qualifying = 651, .earned = earned, .earned_count = COUNT(earned)};
    struct purchase_facts read;

    (void)state;
    assert_kept(arena, &facts, &read);
    assert_written(arena, &read,
                   "{\"programme\":1,\"tier\":\"member\",\"qualifying\":651,\"earned\":[{\"rule\":\"base\",\"wallet\":"
                   "\"points\",\"points\":28},{\"rule\":\"level\",\"wallet\":\"qualifying\",\"points\":28}]}");
    assert_int_equal(read.earned_count, 2);
    assert_int_equal(read.earned[1].bonus_count, 0);
    arena_free(arena);
}

static void facts_of_everything_are_kept(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct bonus_facts bonuses[MANY];
    struct earned_facts earned[MANY];
    struct offer_facts offers[MANY];
    struct honour_facts honours[MANY];
    struct gift_paid cards[MANY];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        bonuses[i] = (struct bonus_facts){codes[i], i, codes[MANY - 1 - i], i % 2 == 1};
        earned[i] = (struct earned_facts){.rule = codes[i],
                                          .wallet = codes[0],
                                          .points = i - 2,
                                          .bonuses = bonuses,
                                          .bonus_count = (size_t)i,
                                          .version = i,
                                          .uses = codes,
                                          .use_count = (size_t)(MANY - i),
                                          .budget = i == 3};
        offers[i] = (struct offer_facts){.code = codes[i],
                                         .amount = i,
                                         .uses = i == 1,
                                         .budget = i == 2,
                                         .member = i == 3,
                                         .member_day = i == 4,
                                         .day = 20000 + i,
                                         .coupon = codes[1],
                                         .series = codes[2],
                                         .benefit = i == 0,
                                         .membership = i * INT64_C(64000000000)};
        honours[i] = (struct honour_facts){codes[i], codes[3], INT64_MAX - i, -i};
        cards[i] = (struct gift_paid){.card = i, .charge = INT64_MAX, .minor = INT64_MIN, .bucket = 63 - i};
    }
    struct purchase_facts read, facts = {.version = 7,
                                         .tier = codes[3],
                                         .qualifying = -5,
                                         .boosts = TEXT("a:2,b:3"),
                                         .paid_minor = 1,
                                         .prepaid = 2,
                                         .payment_count = 3,
                                         .earned = earned,
                                         .earned_count = MANY,
                                         .currency = TEXT("USD"),
                                         .original = 4,
                                         .event_id = TEXT("evt"),
                                         .till = TEXT("till"),
                                         .employee = TEXT("employee"),
                                         .plain = true,
                                         .organisation = 5,
                                         .contact = 6,
                                         .contract = TEXT("contract"),
                                         .contact_share = 8,
                                         .money = 9,
                                         .written_off = 10,
                                         .exchange = 11,
                                         .unreceipted = true,
                                         .quote = 12,
                                         .settled_reserved = true,
                                         .offers = offers,
                                         .offer_count = MANY,
                                         .honours = honours,
                                         .honour_count = MANY,
                                         .shown = {codes, codes + 1, MANY, MANY - 1},
                                         .cards = cards,
                                         .card_count = MANY,
                                         .own_sale = true};
    assert_kept(arena, &facts, &read);
    assert_int_equal(read.earned_count, MANY);
    assert_true(text_equal(read.earned[4].bonuses[3].multiplier, codes[3]));
    assert_true(text_equal(read.tier, codes[3]));
    assert_true(read.cards[2].minor == INT64_MIN);
    assert_int_equal(read.shown.coupon_count, MANY - 1);
    facts.digest_given = true; /* is written, and read by nobody */
    assert_int_equal(purchase_facts_read(arena, purchase_facts_write(arena, &facts), &read, NULL), STATUS_OK);
    assert_true(read.own_sale && read.contact_share == 8);
    arena_free(arena);
}

static void facts_keep_how_the_prices_of_lines_came_about(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct text above[] = {TEXT("drinks"), TEXT("hot"), TEXT("coffee"), TEXT("")};
    const struct line_discount discounts[] = {{TEXT("coupon"), codes[1], 5}, {TEXT("member"), TEXT(""), 6}};
    const struct line_modifier modifiers[] = {{.code = codes[0], .quantity_milli = 1000, .price = 3},
                                              {.code = codes[1], .quantity_milli = 2000}};
    struct line_terms terms[MANY];
    struct purchase_facts read;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        terms[i] = line_terms_start();
        terms[i].line = i + 1;
    }
    terms[1].unit_cost = 0;
    terms[1].cost = 12;
    terms[2].tax = 130000;
    terms[2].net = 88;
    terms[3].above = above;
    terms[4].discounts = discounts;
    terms[4].discount_count = COUNT(discounts);
    terms[4].modifiers = modifiers;
    terms[4].modifier_count = COUNT(modifiers);
    const struct purchase_facts facts = {.terms = terms, .term_count = MANY};
    assert_kept(arena, &facts, &read);
    assert_int_equal(read.terms[0].unit_cost, TERMS_UNKNOWN);
    assert_int_equal(read.terms[1].unit_cost, 0);
    assert_null(read.terms[0].above);
    assert_int_equal(read.terms[3].above[3].size, 0);

    const struct line_terms *alone;
    size_t count;
    struct error err = {0};
    assert_int_equal(terms_facts_read(arena, purchase_facts_write(arena, &facts), &alone, &count, &err), STATUS_OK);
    assert_int_equal(count, MANY);
    assert_int_equal(alone[4].modifiers[1].quantity_milli, 2000);
    arena_free(arena);
}

static void facts_are_read_in_any_order_and_of_any_type(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct purchase_facts read;
    struct error err = {0};

    (void)state;
    assert_int_equal(purchase_facts_read(arena,
                                         TEXT(" {\"own_sale\": 1, \"later\": [{\"a\": 1.5}], \"tier\": 5,\n"
                                              "\"programme\": \"3\", \"qualifying\": 1.0, \"plain\": true,\n"
                                              "\"earned\": [7, {\"points\": 2, \"rule\": \"a\"}], \"offers\": {},\n"
                                              "\"cards\": [5, [1], [1, 2, 3, 4, 5]], \"codes\": [1, \"x\"],\n"
                                              "\"lines\": [0], \"money\": 4, \"money\": 5}"),
                                         &read, &err),
                     STATUS_OK);
    assert_true(read.own_sale);
    assert_false(read.plain);
    assert_int_equal(read.tier.size, 0);
    assert_int_equal(read.version, 0);
    assert_int_equal(read.qualifying, 0);
    assert_int_equal(read.earned_count, 2);
    assert_int_equal(read.earned[0].points, 0);
    assert_int_equal(read.earned[1].points, 2);
    assert_int_equal(read.offer_count, 0);
    assert_int_equal(read.card_count, 3);
    assert_int_equal(read.cards[0].card, 0);
    assert_int_equal(read.cards[1].charge, 0);
    assert_int_equal(read.cards[2].bucket, 4);
    assert_int_equal(read.shown.code_count, 2);
    assert_true(text_equals(read.shown.codes[1], "x"));
    assert_int_equal(read.term_count, 1);
    assert_int_equal(read.terms[0].cost, TERMS_UNKNOWN);
    assert_int_equal(read.money, 5);
    arena_free(arena);
}

static void facts_that_are_no_object_are_a_defect(void **state)
{
    static const char *const wrong[] = {"[]", "7", "{", "{\"tier\":\"a\"} x", "{\"tier\":\"\xFF\"}", "null"};
    struct arena *arena = arena_new(1 << 20);
    const struct line_terms *terms;
    struct purchase_facts read;
    struct error err = {0};
    size_t count;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(purchase_facts_read(arena, text_from(wrong[i]), &read, &err), STATUS_DEFECT);
        assert_string_equal(err.code, "event.facts");
        assert_int_equal(read.tier.size, 0);
        assert_int_equal(terms_facts_read(arena, text_from(wrong[i]), &terms, &count, &err), STATUS_DEFECT);
        assert_null(terms);
    }
    assert_int_equal(purchase_facts_read(arena, TEXT(""), &read, &err), STATUS_OK);
    assert_int_equal(terms_facts_read(arena, TEXT(""), &terms, &count, &err), STATUS_OK);
    assert_int_equal(count, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_a_plain_purchase_are_kept),
        cmocka_unit_test(facts_of_everything_are_kept),
        cmocka_unit_test(facts_keep_how_the_prices_of_lines_came_about),
        cmocka_unit_test(facts_are_read_in_any_order_and_of_any_type),
        cmocka_unit_test(facts_that_are_no_object_are_a_defect),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
