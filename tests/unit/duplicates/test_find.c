#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/duplicates/blocks.h"
#include "features/duplicates/find.h"
#include "mathematics/random.h"

enum { PERSONS = 600, TWICE = 60 };

static int set_up(void **state)
{
    *state = arena_new((size_t)1 << 30);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static struct text pick(struct random *random, const char *const *words, size_t count)
{
    return text_from(words[random_below(random, count)]);
}

static struct duplicate_person make_person(struct arena *arena, struct random *random)
{
    static const char *const families[] = {"王", "李", "张", "欧阳", "Smith", "Jones", "Miller", "Underwood"};
    static const char *const givens[] = {"小明", "丽",   "建国", "海燕",    "思佳",  "John",
                                         "Mary", "Lucy", "Paul", "Winston", "Peter", "Catherine"};
    static const char *const cities[] = {"上海", "York", "Leeds"};
    struct duplicate_person person = {.phone_count = 1};

    person.family_name = pick(random, families, 8);
    person.given_name = pick(random, givens, 12);
    person.birthday = text_from(arena_format(arena, "%d-%02d-%02d", 1950 + (int)random_below(random, 55),
                                             1 + (int)random_below(random, 12), 1 + (int)random_below(random, 28)));
    person.phones[0] = text_from(arena_format(arena, "138%08d", (int)random_below(random, 100000000)));
    person.address = text_from(arena_format(arena, "%d Mill Lane", 1 + (int)random_below(random, 900)));
    person.city = pick(random, cities, 3);
    return person;
}

/* PERSONS persons, the first TWICE of them once more with a wrong digit in the phone and another address. */
static struct duplicate_base *make_base(struct arena *arena)
{
    struct duplicate_base *base = duplicate_base_new(arena);
    struct duplicate_person twice[TWICE];
    struct random random;

    random_start(&random, 3);
    for (size_t i = 0; i < PERSONS; i++) {
        struct duplicate_person person = make_person(arena, &random);
        if (i < TWICE)
            twice[i] = person;
        duplicate_base_add(base, (int64_t)i, &person);
    }
    for (size_t i = 0; i < TWICE; i++) {
        char *phone = text_string(arena, twice[i].phones[0]);
        phone[5] = phone[5] == '7' ? '2' : '7';
        twice[i].phones[0] = text_from(phone);
        twice[i].address = make_person(arena, &random).address;
        duplicate_base_add(base, (int64_t)i, &twice[i]);
    }
    return base;
}

static void the_same_persons_are_found_without_labels(void **state)
{
    struct duplicate_base *base = make_base(*state);
    const struct duplicate_search search = {.threads = 2, .whole = true};
    struct duplicate_result result;
    struct error error;
    size_t right = 0;

    assert_int_equal(duplicates_find(*state, base, &search, &result, &error), STATUS_OK);
    for (size_t i = 0; i < result.pair_count; i++)
        right += duplicate_record_at(base, result.pairs[i].a)->id == duplicate_record_at(base, result.pairs[i].b)->id;
    assert_int_equal(right, result.pair_count);
    assert_in_range(right, TWICE - 1, TWICE);
    assert_true(result.pairs[0].probability >= result.pairs[result.pair_count - 1].probability);
    duplicate_base_free(base);
}

static void the_result_does_not_depend_on_the_threads(void **state)
{
    struct duplicate_base *base = make_base(*state);
    struct duplicate_result one, three;
    struct error error;

    duplicates_find(*state, base, &(struct duplicate_search){.threads = 1}, &one, &error);
    duplicates_find(*state, base, &(struct duplicate_search){.threads = 3}, &three, &error);
    assert_int_equal(one.pair_count, three.pair_count);
    assert_memory_equal(&one.model, &three.model, sizeof one.model);
    for (size_t i = 0; i < one.pair_count; i++) {
        assert_int_equal(one.pairs[i].a, three.pairs[i].a);
        assert_int_equal(one.pairs[i].b, three.pairs[i].b);
        assert_true(one.pairs[i].weight == three.pairs[i].weight);
    }
    duplicate_base_free(base);
}

/* A couple, and twins: one address, one family name, perhaps one birthday. */
static void those_who_live_together_are_not_one_person(void **state)
{
    struct duplicate_base *base = make_base(*state);
    struct duplicate_person a = {.family_name = TEXT("Underwood"),
                                 .given_name = TEXT("Winston"),
                                 .birthday = TEXT("1961-03-09"),
                                 .address = TEXT("12 High Street"),
                                 .city = TEXT("York")};
    struct duplicate_result result;
    struct error error;
    size_t first = duplicate_base_count(base);

    duplicate_base_add(base, 10000, &a);
    a.given_name = TEXT("Catherine");
    a.birthday = TEXT("1963-11-20");
    duplicate_base_add(base, 10001, &a);
    a.given_name = TEXT("Mary");
    a.birthday = TEXT("1990-05-17");
    duplicate_base_add(base, 10002, &a);
    a.given_name = TEXT("Paul");
    duplicate_base_add(base, 10003, &a);
    assert_int_equal(duplicates_find(*state, base, &(struct duplicate_search){.threads = 1}, &result, &error),
                     STATUS_OK);
    for (size_t i = 0; i < result.pair_count; i++)
        assert_true(result.pairs[i].b < first);
    duplicate_base_free(base);
}

static void a_base_of_nobody_or_one_has_no_pairs(void **state)
{
    struct duplicate_base *base = duplicate_base_new(*state);
    const struct duplicate_person person = {.name = TEXT("王小明")};
    struct duplicate_result result;
    struct error error;

    for (int count = 0; count < 2; count++) {
        assert_int_equal(duplicates_find(*state, base, &(struct duplicate_search){.whole = true}, &result, &error),
                         STATUS_OK);
        assert_int_equal(result.pair_count, 0);
        duplicate_base_add(base, 1, &person);
    }
    duplicate_base_free(base);
}

static bool stop(void *context, size_t done, size_t total)
{
    (void)context;
    return done * 2 < total;
}

static void a_search_can_be_stopped(void **state)
{
    struct duplicate_base *base = make_base(*state);
    struct duplicate_result result;
    struct error error;

    assert_int_equal(duplicates_find(*state, base, &(struct duplicate_search){.go_on = stop}, &result, &error),
                     STATUS_OK);
    assert_true(result.stopped);
    assert_int_equal(result.pair_count, 0);
    duplicate_base_free(base);
}

static void count_pair(void *context, uint32_t a, uint32_t b)
{
    size_t *count = context;

    assert_true(a < b);
    ++*count;
}

static void a_common_key_makes_no_square_of_pairs(void **state)
{
    enum { SAME = 3000 };
    struct duplicate_base *base = duplicate_base_new(*state);
    struct duplicate_person person = {.name = TEXT("王伟"), .birthday = TEXT("1900-01-01"), .city = TEXT("上海")};
    size_t count = 0;

    for (int64_t i = 0; i < SAME; i++)
        duplicate_base_add(base, i, &person);
    for (size_t pass = 0; pass < BLOCK_PASSES; pass++)
        for (size_t part = 0; part < BLOCK_PARTS; part++)
            block_part(base, pass, part, &(struct block_receiver){count_pair, &count});
    assert_in_range(count, SAME, SAME * 200);
    duplicate_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_persons_are_found_without_labels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_result_does_not_depend_on_the_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(those_who_live_together_are_not_one_person, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_base_of_nobody_or_one_has_no_pairs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_search_can_be_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_common_key_makes_no_square_of_pairs, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
