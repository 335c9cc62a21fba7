#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/duplicates/evidence.h"

static int set_up(void **state)
{
    *state = arena_new((size_t)1 << 28);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

/* The level of one field of two persons. */
static unsigned level_of(void **state, enum duplicate_field field, struct duplicate_person a, struct duplicate_person b)
{
    struct duplicate_base *base = duplicate_base_new(*state);
    struct duplicate_comparison comparison;

    duplicate_base_add(base, 1, &a);
    duplicate_base_add(base, 2, &b);
    duplicate_compare(base, duplicate_record_at(base, 0), duplicate_record_at(base, 1), &comparison);
    duplicate_base_free(base);
    return linkage_level(comparison.code, field);
}

static struct duplicate_person named(const char *family, const char *given)
{
    return (struct duplicate_person){.family_name = text_from(family), .given_name = text_from(given)};
}

static struct duplicate_person whole(const char *name)
{
    return (struct duplicate_person){.name = text_from(name)};
}

static unsigned given(void **state, struct duplicate_person a, struct duplicate_person b)
{
    return level_of(state, DUPLICATE_GIVEN_NAME, a, b);
}

static unsigned family(void **state, struct duplicate_person a, struct duplicate_person b)
{
    return level_of(state, DUPLICATE_FAMILY_NAME, a, b);
}

static void names_agree_by_letters_sound_and_slips(void **state)
{
    assert_int_equal(given(state, named("Smith", "Zoë"), named("smith", "ZOE")), 0);
    assert_int_equal(given(state, named("王", "小明"), named("王", "晓明")), 1);
    assert_int_equal(given(state, named("王", "小明"), named("Wang", "Xiaoming")), 1);
    assert_int_equal(family(state, named("单", "丽"), named("Shan", "Li")), 1);
    assert_int_equal(given(state, named("Smith", "Catherine"), named("Smith", "Catherien")), 2);
    assert_int_equal(given(state, named("Smith", "J."), named("Smith", "John")), 3);
    assert_int_equal(given(state, named("Smith", "Rose"), named("Smith", "Peter")), 4);
    assert_int_equal(given(state, named("Smith", "Rose"), named("Smith", "")), LINKAGE_MISSING);
}

static void names_may_be_exchanged_or_in_one_field(void **state)
{
    assert_int_equal(given(state, named("mia", "gloster"), named("gloster", "mia")), 1);
    assert_int_equal(family(state, named("mia", "gloster"), named("gloster", "mia")), 1);
    assert_int_equal(family(state, whole("欧阳小明"), named("欧阳", "小明")), 0);
    assert_int_equal(given(state, whole("Mary Ann Jones"), named("Jones", "Mary Ann")), 0);
    assert_int_equal(given(state, whole("Wang Xiaoming"), whole("王小明")), 1);
}

static unsigned birthday(void **state, const char *a, const char *b)
{
    return level_of(state, DUPLICATE_BIRTHDAY, (struct duplicate_person){.birthday = text_from(a)},
                    (struct duplicate_person){.birthday = text_from(b)});
}

static void birthdays_agree_but_for_a_slip(void **state)
{
    assert_int_equal(birthday(state, "1990-05-17", "19900517"), 0);
    assert_int_equal(birthday(state, "1990-05-17", "17/05/1990"), 0);
    assert_int_equal(birthday(state, "1990-05-07", "1990-07-05"), 1);
    assert_int_equal(birthday(state, "1990-05-17", "1990-05-18"), 1);
    assert_int_equal(birthday(state, "1990-05-17", "1909-05-17"), 1);
    assert_int_equal(birthday(state, "1990-05-17", "--05-17"), 1);
    assert_int_equal(birthday(state, "1990-05-17", "1990-05-28"), 2);
    assert_int_equal(birthday(state, "1990-05-17", "1971-11-28"), 3);
    assert_int_equal(birthday(state, "1990-05-17", "unknown"), LINKAGE_MISSING);
}

static unsigned phone(void **state, const char *a, const char *b)
{
    struct duplicate_person first = {.phones = {text_from(a)}, .phone_count = 1};
    struct duplicate_person second = {.phones = {TEXT("02155550000"), text_from(b)}, .phone_count = 2};

    return level_of(state, DUPLICATE_PHONE, first, second);
}

static void phones_agree_but_for_a_digit(void **state)
{
    assert_int_equal(phone(state, "+86 138 0013 8000", "13800138000"), 0);
    assert_int_equal(phone(state, "13800138000", "13800138001"), 1);
    assert_int_equal(phone(state, "13800138000", "13800318000"), 1);
    assert_int_equal(phone(state, "13800138000", "1380013800"), 1);
    assert_int_equal(phone(state, "13800138000", "13911118000"), 2);
}

static void emails_agree_but_for_a_letter_or_the_house(void **state)
{
    const struct duplicate_person a = {.emails = {TEXT("Wang.Wei@mail.example")}, .email_count = 1};
    struct duplicate_person b = {.emails = {TEXT("wang.wei@mail.example")}, .email_count = 1};

    assert_int_equal(level_of(state, DUPLICATE_EMAIL, a, b), 0);
    b.emails[0] = TEXT("wang.wie@mail.example");
    assert_int_equal(level_of(state, DUPLICATE_EMAIL, a, b), 1);
    b.emails[0] = TEXT("wang.wei@post.example");
    assert_int_equal(level_of(state, DUPLICATE_EMAIL, a, b), 1);
    b.emails[0] = TEXT("wang.wei77@post.example");
    assert_int_equal(level_of(state, DUPLICATE_EMAIL, a, b), 2);
}

static unsigned address(void **state, const char *a, const char *b)
{
    return level_of(state, DUPLICATE_ADDRESS, (struct duplicate_person){.address = text_from(a)},
                    (struct duplicate_person){.address = text_from(b)});
}

static void addresses_agree_by_their_letters_and_numbers(void **state)
{
    assert_int_equal(address(state, "12 High Street, Flat 3", "12 HIGH STREET FLAT 3"), 0);
    assert_int_equal(address(state, "浦东新区世纪大道100号", "浦东新区世纪大道 100 号"), 0);
    assert_int_equal(address(state, "12 Tullaroop Street Willaroo", "12 Tularoop Street Willaroo"), 1);
    assert_in_range(address(state, "12 Tullaroop Street Willaroo", "14 Tullaroop Street Willaroo"), 2, 3);
    assert_int_equal(address(state, "12 High Street", "9 Mill Lane"), 4);
}

static void what_follows_from_the_narrower_place_is_not_counted_again(void **state)
{
    struct duplicate_person a = {.address = TEXT("12 High Street"), .postcode = TEXT("AB1 2CD"), .city = TEXT("York")};
    struct duplicate_person b = a;

    assert_int_equal(level_of(state, DUPLICATE_POSTCODE, a, b), LINKAGE_MISSING);
    assert_int_equal(level_of(state, DUPLICATE_CITY, a, b), LINKAGE_MISSING);
    b.address = TEXT("");
    assert_int_equal(level_of(state, DUPLICATE_POSTCODE, a, b), 0);
    assert_int_equal(level_of(state, DUPLICATE_CITY, a, b), LINKAGE_MISSING);
    b.postcode = TEXT("AB1 2CX");
    assert_int_equal(level_of(state, DUPLICATE_POSTCODE, a, b), 1);
    assert_int_equal(level_of(state, DUPLICATE_CITY, a, b), 0);
}

static void evidence_shows_both_sides(void **state)
{
    struct duplicate_base *base = duplicate_base_new(*state);
    struct duplicate_person a = named("gloster", "mia"), b = named("mia", "gloster");
    struct duplicate_evidence evidence[DUPLICATE_FIELDS];
    struct linkage_model model;

    a.birthday = TEXT("1990-05-17");
    b.birthday = TEXT("1990-05-18");
    duplicate_base_add(base, 1, &a);
    duplicate_base_add(base, 2, &b);
    duplicate_model_usual(&model);
    assert_int_equal(duplicate_evidence_list(*state, base, &model, 0, 1, evidence), 3);
    assert_string_equal(evidence[0].level, "swapped");
    assert_true(text_equals(evidence[0].first, "gloster"));
    assert_true(text_equals(evidence[0].second, "gloster"));
    assert_string_equal(evidence[2].level, "one digit wrong");
    assert_true(text_equals(evidence[2].second, "1990-05-18"));
    assert_true(evidence[2].weight > 0);
    duplicate_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_agree_by_letters_sound_and_slips, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_may_be_exchanged_or_in_one_field, set_up, tear_down),
        cmocka_unit_test_setup_teardown(birthdays_agree_but_for_a_slip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(phones_agree_but_for_a_digit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(emails_agree_but_for_a_letter_or_the_house, set_up, tear_down),
        cmocka_unit_test_setup_teardown(addresses_agree_by_their_letters_and_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_follows_from_the_narrower_place_is_not_counted_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(evidence_shows_both_sides, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
