#include "foundation/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (size_t size = 1; size < 200; size++) {
        unsigned char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(memory[i], 0);
            memory[i] = 0xFF;
        }
    }
    arena_free(arena);
}

static void memory_is_zeroed_again_after_a_reset(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (int round = 0; round < 3; round++) {
        unsigned char *memory = arena_alloc(arena, 5000);
        for (size_t i = 0; i < 5000; i++) {
            assert_int_equal(memory[i], 0);
            memory[i] = 0xAA;
        }
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    arena_free(arena);
}

static void past_the_limit_try_answers_null(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    assert_non_null(arena_try(arena, 1000));
    assert_null(arena_try(arena, 100));
    assert_non_null(arena_try(arena, 16));
    assert_null(arena_try(arena, SIZE_MAX));
    arena_reset(arena);
    assert_non_null(arena_try(arena, 1024));
    arena_free(arena);
}

static void one_request_may_be_larger_than_a_block(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64 << 20);
    for (int round = 0; round < 2; round++) {
        char *small = arena_string(arena, "small", 5);
        char *large = arena_alloc(arena, 20 << 20);
        large[(20 << 20) - 1] = 'x';
        char *after = arena_string(arena, "after", 5);
        assert_string_equal(small, "small");
        assert_string_equal(after, "after");
        arena_reset(arena);
    }
    arena_free(arena);
}

static void a_grown_array_keeps_its_elements_and_zeroes_the_rest(void **state)
{
    (void)state;
    struct arena *arena = arena_new(16 << 20);
    int64_t *numbers = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < 10000; i++) {
        if (i % 1000 == 0)
            arena_alloc(arena, 3); /* so that it cannot always grow where it stands */
        numbers = arena_grow(arena, numbers, &capacity, i + 1, sizeof *numbers);
        assert_true(capacity > i);
        assert_int_equal(numbers[i], 0);
        numbers[i] = (int64_t)i;
    }
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(numbers[i], i);
    arena_free(arena);
}

static void a_large_array_is_lengthened_and_keeps_its_elements(void **state)
{
    (void)state;
    enum { COUNT = 1000000 };
    struct arena *arena = arena_new(64 << 20);
    int64_t *numbers = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 50000 == 0)
            memset(arena_alloc(arena, 3000), 0xFF, 3000); /* what comes after it is not its own */
        numbers = arena_lengthen(arena, numbers, &capacity, i + 1, sizeof *numbers);
        assert_true(capacity > i);
        assert_int_equal(numbers[i], 0);
        numbers[i] = (int64_t)i;
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(numbers[i], i);
    /* Not twice in memory: what it is, a quarter for growth, and what small beginnings left. */
    assert_true(arena_used(arena) < COUNT * sizeof *numbers * 5 / 4 + (5 << 20));
    arena_free(arena);
}

static void formatted_text_has_the_length_it_needs(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    assert_string_equal(arena_format(arena, "%s-%05d", "lot", 42), "lot-00042");
    assert_string_equal(arena_format(arena, "%s", ""), "");
    assert_memory_equal(arena_copy(arena, "abc", 3), "abc", 3);
    assert_string_equal(arena_string(arena, "abcdef", 3), "abc");
    arena_free(arena);
    arena_free(NULL);
}

static void note(void *argument)
{
    int *noted = argument;
    noted[1] = noted[0] * 10 + noted[1];
    noted[0]++;
}

static void what_is_deferred_runs_once_with_the_memory(void **state)
{
    int noted[2] = {1, 0};
    struct arena *arena = arena_new(1 << 20);
    (void)state;
    arena_defer(arena, note, noted);
    arena_reset(arena);
    assert_int_equal(noted[1], 10);
    arena_defer(arena, note, noted);
    arena_free(arena);
    assert_int_equal(noted[1], 30);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_deferred_runs_once_with_the_memory),
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(memory_is_zeroed_again_after_a_reset),
        cmocka_unit_test(past_the_limit_try_answers_null),
        cmocka_unit_test(one_request_may_be_larger_than_a_block),
        cmocka_unit_test(a_grown_array_keeps_its_elements_and_zeroes_the_rest),
        cmocka_unit_test(a_large_array_is_lengthened_and_keeps_its_elements),
        cmocka_unit_test(formatted_text_has_the_length_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
