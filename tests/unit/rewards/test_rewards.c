/* What rewards cost whom, and whether they may be had. Orders are tests/api/test_rewards.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/rewards/reward_orders.h"
#include "foundation/instant.h"

struct shop {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct error error;
};

static struct arena *last_arena; /* of the test that runs */

static int release(void **state)
{
    (void)state;
    arena_free(last_arena);
    last_arena = NULL;
    return 0;
}

static int64_t at(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

static void shop_open(struct shop *shop)
{
    memset(shop, 0, sizeof *shop);
    shop->arena = last_arena = arena_new(16 << 20);
    assert_int_equal(
        programme_parse(
            shop->arena,
            TEXT("{\"zone\":\"UTC\",\"currency\":\"USD\",\"wallets\":[{\"code\":\"miles\",\"spendable\":false},"
                 "{\"code\":\"points\"}],\"tiers\":{\"metric\":\"spend\",\"levels\":["
                 "{\"code\":\"basic\"},{\"code\":\"gold\",\"qualify\":\"100.00\"}]}}"),
            &shop->programme, &shop->error),
        STATUS_OK);
    shop->set = (struct programme_set){.versions = &shop->programme, .version_count = 1};
    decision_start(&shop->decision, shop->arena, at("2026-11-22T10:00:00Z"), &shop->set);
    member_new(&shop->decision, 0, 5, at("2026-01-01T00:00:00Z"));
}

static enum status parse(struct shop *shop, const char *document, const struct reward **out)
{
    const struct definition_input input = {.arena = shop->arena,
                                           .code = TEXT("r"),
                                           .document = text_from(document),
                                           .programme = &shop->programme,
                                           .programmes = &shop->set,
                                           .saving = true};
    const void *parsed;
    enum status status = reward_kind.parse(&input, &parsed, &shop->error);

    *out = parsed;
    return status;
}

static const struct reward *reward_of(struct shop *shop, const char *document)
{
    const struct reward *reward;

    if (parse(shop, document, &reward) != STATUS_OK)
        fail_msg("%s: %s: %s", document, shop->error.field, shop->error.message);
    return reward;
}

static void assert_answer(struct shop *shop, const struct reward *reward, struct reward_question question,
                          const char *code)
{
    int64_t missing;

    question.set = &shop->set;
    question.now = shop->decision.now;
    question.person = &shop->decision.subjects[0];
    question.arena = shop->arena;
    if (question.quantity == 0)
        question.quantity = 1;
    shop->error.code[0] = '\0';
    (void)reward_check(reward, &question, &missing, &shop->error);
    assert_string_equal(shop->error.code, code);
}

static void the_price_is_that_of_the_tier_and_leaves_out_as_in_the_price_for_all(void **state)
{
    struct shop shop;

    (void)state;
    shop_open(&shop);
    const struct reward *reward = reward_of(&shop, "{\"name\":\"M\",\"price\":{\"points\":100,\"money\":\"5.00\"},"
                                                   "\"tier_prices\":[{\"tier\":\"gold\",\"points\":80}]}");
    struct person *person = &shop.decision.subjects[0];
    assert_int_equal(reward_price_of(reward, person).points, 100);
    person->leader->standing.tier = TEXT("gold");
    assert_int_equal(reward_price_of(reward, person).points, 80);
    assert_int_equal(reward_price_of(reward, person).minor, 500);
    assert_int_equal(reward_price_of(reward, NULL).points, 100);
    assert_true(text_equals(reward->wallet, "points")); /* miles cannot be spent */
}

static void stock_times_and_limits_are_asked_before_points(void **state)
{
    struct shop shop;

    (void)state;
    shop_open(&shop);
    const struct reward *reward = reward_of(&shop, "{\"name\":\"M\",\"price\":{\"points\":1},\"stock\":3}");
    assert_answer(&shop, reward, (struct reward_question){.used = 2}, "reward.points");
    assert_answer(&shop, reward, (struct reward_question){.used = 2, .quantity = 2}, "reward.sold_out");
    assert_answer(&shop, reward, (struct reward_question){.used = 2, .free = true}, "");
    reward = reward_of(&shop, "{\"name\":\"M\",\"price\":{\"points\":0},\"slots\":[{\"from\":\"2026-11-22T10:00:00Z\","
                              "\"until\":\"2026-11-22T11:00:00Z\",\"capacity\":5},{\"from\":\"2026-11-22T12:00:00Z\","
                              "\"until\":\"2026-11-22T13:00:00Z\",\"capacity\":5}]}");
    assert_answer(&shop, reward, (struct reward_question){.quantity = 1}, "reward.slot_needed");
    assert_answer(&shop, reward, (struct reward_question){.slot = &reward->slots[0]}, "reward.slot_over");
    assert_answer(&shop, reward, (struct reward_question){.slot = &reward->slots[1], .slot_used = 5},
                  "reward.slot_full");
    assert_answer(&shop, reward, (struct reward_question){.slot = &reward->slots[1], .slot_used = 4}, "");
    reward = reward_of(&shop, "{\"name\":\"M\",\"price\":{\"points\":0},\"per_member\":2}");
    struct progress *progress = member_progress(&shop.decision, shop.decision.subjects[0].member, TEXT("reward:r"));
    progress->used = 1;
    assert_answer(&shop, reward, (struct reward_question){.quantity = 1}, "");
    assert_answer(&shop, reward, (struct reward_question){.quantity = 2}, "reward.member_limit");
}

static void an_order_that_nobody_collects_is_over_at_its_instant(void **state)
{
    struct reward_order order = {.state = REWARD_READY, .until = 1000};

    (void)state;
    assert_int_equal(reward_state_at(&order, 999), REWARD_READY);
    assert_int_equal(reward_state_at(&order, 1000), REWARD_EXPIRED);
    order.state = REWARD_SHIPPED;
    assert_int_equal(reward_state_at(&order, 1000), REWARD_SHIPPED);
}

static void a_wrong_document_is_refused_with_the_field(void **state)
{
    static const char *const wrong[][2] = {
        {"{\"name\":\"M\"}", "price"},
        {"{\"name\":\"M\",\"price\":{\"points\":-1}}", "price.points"},
        {"{\"name\":\"M\",\"price\":{\"points\":1,\"wallet\":\"miles\"}}", "price.wallet"},
        {"{\"name\":\"M\",\"price\":{\"points\":1},\"tier_prices\":[{\"tier\":\"tin\"}]}", "tier_prices[0].tier"},
        {"{\"name\":\"M\",\"price\":{\"points\":1},\"pictures\":[\"javascript:1\"]}", "pictures[0]"},
        {"{\"name\":\"M\",\"price\":{\"points\":1},\"slots\":[{\"from\":\"2026-11-22T10:00:00Z\","
         "\"until\":\"2026-11-22T10:00:00Z\",\"capacity\":1}]}",
         "slots[0].until"},
        {"{\"name\":\"M\",\"price\":{\"points\":1},\"when\":\"1 + 1\"}", "when"},
    };
    struct shop shop;
    const struct reward *reward;

    (void)state;
    shop_open(&shop);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(parse(&shop, wrong[i][0], &reward), STATUS_INVALID);
        assert_string_equal(shop.error.field, wrong[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_price_is_that_of_the_tier_and_leaves_out_as_in_the_price_for_all, release),
        cmocka_unit_test_teardown(stock_times_and_limits_are_asked_before_points, release),
        cmocka_unit_test_teardown(an_order_that_nobody_collects_is_over_at_its_instant, release),
        cmocka_unit_test_teardown(a_wrong_document_is_refused_with_the_field, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
