#include "till.h"

#include "features/events/sales.h"

/* ---- cost and tax ---- */

static void tax_is_taken_out_of_the_amount_half_to_even(void **state)
{
    (void)state;
    assert_int_equal(terms_net(2120, 60000), 2000);
    assert_int_equal(terms_net(1000, 130000), 885); /* 884.96 */
    assert_int_equal(terms_net(1290, 0), 1290);
    assert_int_equal(terms_net(1290, TERMS_UNKNOWN), 1290);
}

static void cost_is_the_unit_cost_times_the_quantity(void **state)
{
    (void)state;
    assert_int_equal(terms_cost(327, 2000), 654);
    assert_int_equal(terms_cost(101, 500), 50); /* 50.5 */
    assert_int_equal(terms_cost(0, 5000), 0);
    assert_int_equal(terms_cost(TERMS_UNKNOWN, 1000), TERMS_UNKNOWN);
}

static void parts_sum_to_the_whole_however_they_are_rounded(void **state)
{
    struct line_terms sale = line_terms_start();
    struct purchase_line left = {.quantity_milli = 3000, .amount = 1000};
    int64_t cost = 0, net = 0;

    (void)state;
    sale.unit_cost = 101;
    sale.tax = 130000;
    for (int i = 0; i < 3; i++) {
        struct purchase_line after = left;
        after.quantity_milli -= 1000;
        after.amount = i == 2 ? 0 : after.amount - 333;
        struct line_terms part = terms_of_part(&sale, &left, &after, 1);
        cost += part.cost;
        net += part.net;
        left = after;
    }
    assert_int_equal(cost, 303);
    assert_int_equal(net, 885);
}

/* ---- foreign currencies ---- */

/* The shares of 300 over 4300, 1400 and 2300 are 161.25, 52.5 and 86.25: the largest remainder gets the last one. */
static void a_converted_discount_is_split_by_largest_remainder(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct line_discount discounts[] = {{.amount = 4300}, {.amount = 1400}, {.amount = 2300}};
    struct line_terms terms = line_terms_start();
    struct purchase_line line = {.amount = 500, .discount = 300, .terms = &terms};

    (void)state;
    terms.discounts = discounts;
    terms.discount_count = 3;
    terms.unit_cost = 8000;
    assert_true(terms_convert(arena, &line, 3, 80));
    assert_int_equal(line.terms->discounts[0].amount, 161);
    assert_int_equal(line.terms->discounts[1].amount, 53);
    assert_int_equal(line.terms->discounts[2].amount, 86);
    assert_int_equal(line.terms->unit_cost, 300);
    assert_int_equal(line.terms->list_price, 800);
    assert_int_equal(discounts[0].amount, 4300);
    arena_free(arena);
}

/* ---- facts ---- */

static void facts_keep_the_terms_and_the_detail_their_words(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct line_discount discounts[] = {{TEXT("coupon"), TEXT("TEN"), 600}};
    const struct line_modifier modifiers[] = {{.code = TEXT("pearls"), .quantity_milli = 2000, .price = 200},
                                              {.text = TEXT("less \"ice\""), .quantity_milli = 1000}};
    const struct text above[] = {TEXT("drinks"), TEXT("food"), {NULL, 0}};
    struct line_terms terms = line_terms_start();
    struct purchase_line line = {.number = 3, .quantity_milli = 1000, .amount = 5400, .discount = 600, .above = above};
    struct programme_set set = {0};
    struct purchase_facts facts = {0}, read;
    struct error err = {0};

    (void)state;
    terms.discounts = discounts;
    terms.discount_count = 1;
    terms.modifiers = modifiers;
    terms.modifier_count = 2;
    terms.unit_cost = 0;
    terms.tax = 80000;
    line.terms = &terms;
    facts.terms = terms_gather(arena, &set, &line, 1, &facts.term_count);
    struct text json = purchase_facts_write(arena, &facts);
    assert_int_equal(purchase_facts_read(arena, json, &read, &err), STATUS_OK);
    assert_int_equal(read.term_count, 1);
    assert_int_equal(read.terms[0].line, 3);
    assert_int_equal(read.terms[0].cost, 0);
    assert_int_equal(read.terms[0].net, 5000);
    assert_true(text_equals(read.terms[0].above[1], "food"));
    assert_int_equal(read.terms[0].above[2].size, 0);
    assert_true(text_equals(read.terms[0].discounts[0].code, "TEN"));
    assert_int_equal(read.terms[0].modifiers[0].price, 200);
    assert_null(memmem(json.bytes, json.size, "less", 4));
    struct text words = modifier_texts_write(arena, &line, 1);
    assert_true(text_equals(words, "[{\"line\":1,\"modifier\":2,\"text\":\"less \\\"ice\\\"\"}]"));
    struct text detail = text_from("{\"modifiers\":[{\"line\":3,\"modifier\":2,\"text\":\"less ice\"},"
                                   "{\"line\":3,\"modifier\":9,\"text\":\"x\"}]}");
    modifier_texts_read(arena, detail, &read);
    assert_true(text_equals(read.terms[0].modifiers[1].text, "less ice"));
    arena_free(arena);
}

static void a_plain_purchase_keeps_nothing_of_its_lines(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *bought = till_buy(&till, lines, 1);
    struct past_event past = till_past(&till, bought->result.id);
    assert_null(memmem(past.row.facts.bytes, past.row.facts.size, "lines", 5));
    till_close(&till);
}

/* ---- sums ---- */

static struct sales_line sold(int64_t event, enum sales_kind kind, struct purchase_line *line)
{
    return (struct sales_line){.event = event, .kind = kind, .day = 20000, .store = TEXT("S"), .line = line};
}

static void a_void_leaves_nothing_and_an_unknown_cost_no_profit(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct programme_set set = {0};
    const struct sales_question question = {.by = SALES_BY_ITEM, .first = 0, .last = 30000};
    struct line_terms terms = line_terms_start();
    struct purchase_line known = {.sku = TEXT("k"), .quantity_milli = 1000, .amount = 1000, .terms = &terms};
    struct purchase_line unknown = {.sku = TEXT("u"), .quantity_milli = 2000, .amount = 3000};
    const struct sales_line lines[] = {sold(1, SALES_SOLD, &known), sold(1, SALES_SOLD, &unknown),
                                       sold(2, SALES_SOLD, &unknown), sold(3, SALES_VOIDED, &unknown)};
    struct sales_sum sum;
    struct error err = {0};

    (void)state;
    terms.cost = 400;
    sales_start(&sum, arena, &question, &set);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(sales_add(&sum, &lines[i], &err), STATUS_OK);
    sales_finish(&sum);
    assert_int_equal(sum.group_count, 2);
    assert_true(text_equals(sum.groups[0]->key, "u"));
    assert_int_equal(sum.groups[0]->purchases, 1);
    assert_int_equal(sum.groups[0]->sales, 3000);
    assert_false(sales_profit_known(sum.groups[0]));
    assert_true(sales_profit_known(sum.groups[1]));
    assert_int_equal(sum.groups[1]->net_sales - sum.groups[1]->cost, 600);
    assert_int_equal(sales_known_share(&sum.total), 2500);
    assert_int_equal(sum.total.purchases, 1);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tax_is_taken_out_of_the_amount_half_to_even),
        cmocka_unit_test(cost_is_the_unit_cost_times_the_quantity),
        cmocka_unit_test(parts_sum_to_the_whole_however_they_are_rounded),
        cmocka_unit_test(a_converted_discount_is_split_by_largest_remainder),
        cmocka_unit_test(facts_keep_the_terms_and_the_detail_their_words),
        cmocka_unit_test(a_plain_purchase_keeps_nothing_of_its_lines),
        cmocka_unit_test(a_void_leaves_nothing_and_an_unknown_cost_no_profit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
