#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/churn_cause.h"

static void reasons_are_known_by_their_words(void **state)
{
    static const struct {
        const char *reason;
        enum churn_cause cause;
    } known[] = {
        {"Competitor had better devices", CAUSE_COMPETITION},
        {"Moved", CAUSE_MOVED},
        {"Deceased", CAUSE_MOVED},
        {"Poor expertise of phone support", CAUSE_PASSIVE_SERVICE},
        {"Passive Service", CAUSE_PASSIVE_SERVICE},
        {"Price too high", CAUSE_PRICE},
        {"Extra data charges", CAUSE_PRICE},
        {"Network reliability", CAUSE_PRODUCT},
        {"Product dissatisfaction", CAUSE_PRODUCT},
        {"Two outages in a week", CAUSE_INCIDENT},
        {"they lied to me", CAUSE_ETHICS},
        {"\xE6\x9C\x8D\xE5\x8A\xA1\xE6\x80\x81\xE5\xBA\xA6\xE5\xB7\xAE", CAUSE_PASSIVE_SERVICE},
        {"removed my account", CAUSE_OTHER},
        {"", CAUSE_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (churn_cause_of(text_from(known[i].reason)) != known[i].cause)
            fail_msg("'%s' is taken for %s", known[i].reason,
                     churn_cause_name(churn_cause_of(text_from(known[i].reason))));
    for (size_t cause = 0; cause < CAUSE_OTHER; cause++)
        assert_int_equal(churn_cause_of(text_from(churn_cause_name((enum churn_cause)cause))), cause);
}

static void shares_are_counted_by_segment(void **state)
{
    static const uint8_t causes[] = {CAUSE_PRICE, CAUSE_PRICE, CAUSE_MOVED, CAUSE_NONE,
                                     CAUSE_PRICE, CAUSE_MOVED, CAUSE_MOVED, CAUSE_MOVED};
    static const uint32_t segments[] = {0, 0, 0, 0, 1, 1, 1, UINT32_MAX};
    struct arena *arena = arena_new(1 << 20);
    const struct cause_rows rows = {causes, segments, 8, 2};
    struct cause_table table;

    (void)state;
    churn_causes_count(arena, &rows, &table);
    const struct cause_share *price = &table.cells[CAUSE_PRICE];

    assert_int_equal(price->count, 2);
    assert_int_equal(price->of, 3);
    assert_true(price->low < price->share && price->share < price->high);
    assert_int_equal(table.cells[CHURN_CAUSES + CAUSE_MOVED].count, 2);
    /* Chi-square of (2 1; 1 2) is 2/3 with one degree of freedom. */
    assert_true(fabs(table.p_value - erfc(sqrt(1.0 / 3))) < 1e-9);
    assert_true(fabs(table.least_expected - 1.5) < 1e-12);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_are_known_by_their_words),
        cmocka_unit_test(shares_are_counted_by_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
