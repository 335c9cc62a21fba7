#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/duplicates/compare.h"
#include "features/duplicates/queue.h"

static int set_up(void **state)
{
    *state = arena_new((size_t)1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void a_pair_has_one_id_in_the_bucket_of_its_first_member(void **state)
{
    int64_t one = 7 * BUCKET_COUNT + 11, other = 9 * BUCKET_COUNT + 3;

    (void)state;
    assert_int_equal(queue_pair_id(one, other), queue_pair_id(other, one));
    assert_int_equal(id_bucket(queue_pair_id(other, one)), 11);
    assert_true(queue_pair_id(one, other) > 0);
    assert_true(queue_pair_id(one, other) != queue_pair_id(one, other + BUCKET_COUNT));
}

static void the_state_follows_the_persons(void **state)
{
    struct queue_pair pair = {.leaders = {1, 2}, .state = DUPLICATE_OPEN};

    (void)state;
    assert_string_equal(queue_pair_state(&pair), "open");
    pair.leaders[1] = 1;
    assert_string_equal(queue_pair_state(&pair), "merged");
    pair.state = DUPLICATE_MERGED;
    assert_string_equal(queue_pair_state(&pair), "merged");
    pair.leaders[1] = 2;
    assert_string_equal(queue_pair_state(&pair), "unmerged");
    pair.state = DUPLICATE_LATER;
    assert_string_equal(queue_pair_state(&pair), "later");
}

static void a_model_is_read_as_it_was_written(void **state)
{
    struct linkage_model model, again;

    duplicate_model_usual(&model);
    model.share = 0.1 / 3;
    memset(&again, 0, sizeof again);
    struct text text = linkage_text(*state, &model);
    assert_true(linkage_from_text(text, &again));
    assert_memory_equal(&model, &again, sizeof model);
    assert_false(linkage_from_text((struct text){text.bytes, text.size / 2}, &again));
    assert_false(linkage_from_text(TEXT("another-kind 0.5"), &again));
    assert_false(linkage_from_text(TEXT(""), &again));
}

static void masks_leave_what_tells_people_apart_and_no_more(void **state)
{
    assert_true(text_equals(mask_text(*state, TEXT("小明"), MASK_NAME), "小***"));
    assert_true(text_equals(mask_text(*state, TEXT("+8613800138000"), MASK_PHONE), "***8000"));
    assert_true(text_equals(mask_text(*state, TEXT("12345"), MASK_PHONE), "***"));
    assert_true(text_equals(mask_text(*state, TEXT("mary@mail.example"), MASK_EMAIL), "m***@mail.example"));
    assert_true(text_equals(mask_text(*state, TEXT("1990-05-17"), MASK_DAY), "1990-**-**"));
    assert_true(text_equals(mask_text(*state, TEXT("--05-17"), MASK_DAY), "-**-**"));
    assert_true(text_equals(mask_text(*state, TEXT("12 High Street"), MASK_ALL), "***"));
    assert_true(text_equals(mask_text(*state, TEXT("York"), MASK_NOTHING), "York"));
    assert_int_equal(mask_text(*state, TEXT(""), MASK_NAME).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pair_has_one_id_in_the_bucket_of_its_first_member, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_state_follows_the_persons, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_model_is_read_as_it_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(masks_leave_what_tells_people_apart_and_no_more, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
