#include "foundation/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_key_leads_to_its_latest_value(void **state)
{
    (void)state;
    struct arena *arena = arena_new(16 << 20);
    struct map *map = map_new(arena, 0);
    int a, b, c;
    assert_null(map_get(map, TEXT("phone")));
    map_put(map, TEXT("phone"), &a);
    map_put(map, TEXT(""), &b);
    map_put(map, TEXT("phone"), &c);
    assert_ptr_equal(map_get(map, TEXT("phone")), &c);
    assert_ptr_equal(map_get(map, (struct text){0}), &b);
    assert_int_equal(map_count(map), 2);
    arena_free(arena);
}

static void a_hundred_thousand_ids_are_found_in_the_order_they_came(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct arena *arena = arena_new(64 << 20);
    struct map *map = map_new(arena, 10);
    int64_t *values = arena_array(arena, COUNT, sizeof *values);
    for (int64_t i = 0; i < COUNT; i++) {
        values[i] = (i - COUNT / 2) * 64;
        map_put_id(map, values[i], &values[i]);
    }
    assert_int_equal(map_count(map), COUNT);
    for (int64_t i = 0; i < COUNT; i++) {
        assert_ptr_equal(map_get_id(map, values[i]), &values[i]);
        assert_ptr_equal(map_value_at(map, (size_t)i), &values[i]);
    }
    assert_null(map_get_id(map, 1));
    arena_free(arena);
}

static void an_id_and_the_text_of_its_bytes_are_different_keys(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct map *map = map_new(arena, 2);
    int64_t id = 5;
    int a, b;
    map_put_id(map, id, &a);
    map_put(map, (struct text){(const char *)&id, sizeof id}, &b);
    assert_ptr_equal(map_get_id(map, id), &a);
    assert_ptr_equal(map_get(map, (struct text){(const char *)&id, sizeof id}), &b);
    arena_free(arena);
}

static void the_stable_hash_never_changes(void **state)
{
    (void)state;
    assert_true(hash_stable(TEXT("")) == 0x349b33915ab4ce7f);
    assert_true(hash_stable((struct text){0}) == 0x349b33915ab4ce7f);
    assert_true(hash_stable(TEXT("phone:+8613800138000")) == 0xb381e2805933f669);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_leads_to_its_latest_value),
        cmocka_unit_test(a_hundred_thousand_ids_are_found_in_the_order_they_came),
        cmocka_unit_test(an_id_and_the_text_of_its_bytes_are_different_keys),
        cmocka_unit_test(the_stable_hash_never_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
