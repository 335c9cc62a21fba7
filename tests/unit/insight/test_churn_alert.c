#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/churn_alert.h"
#include "mathematics/logistic.h"
#include "mathematics/random.h"

enum { PERIODS = 60, ALERTS = 10 };

static void make_rule(double periods_between, struct alert_rule *out)
{
    struct arena *arena = arena_new((size_t)1 << 26);

    alert_rule_make(arena, periods_between, out);
    arena_free(arena);
}

static void fill(double *risks, uint64_t seed, size_t rise_at, double odds)
{
    struct random random;

    random_start(&random, seed);
    for (size_t i = 0; i < PERIODS; i++)
        risks[i] = logistic_probability(-2 + 0.15 * random_normal(&random) + (i >= rise_at ? log(odds) : 0));
}

static void a_risk_that_doubles_is_told_with_its_beginning(void **state)
{
    struct alert_rule rule;
    struct churn_alert alerts[ALERTS];
    double risks[PERIODS];

    (void)state;
    make_rule(200, &rule);
    fill(risks, 1, 30, 2);
    risks[10] = NAN;
    risks[31] = NAN;
    assert_int_equal(churn_alerts_find(&rule, risks, PERIODS, alerts, ALERTS), 1);
    assert_in_range(alerts[0].period, 30, 36);
    assert_in_range(alerts[0].since, 29, 32);
    assert_true(fabs(alerts[0].before - 0.119) < 0.02 && fabs(alerts[0].after - 0.213) < 0.05);
}

static void false_alarms_are_as_many_as_stated(void **state)
{
    enum { SERIES = 3000 };
    struct alert_rule rule;
    struct churn_alert alerts[ALERTS];
    double risks[PERIODS], found = 0;

    (void)state;
    make_rule(100, &rule);
    for (uint64_t seed = 0; seed < SERIES; seed++) {
        fill(risks, seed + 1000, PERIODS, 1);
        found += (double)churn_alerts_find(&rule, risks, PERIODS, alerts, 1);
    }
    /* Times to the first alarm are nearly exponential once the sum has left 0: at most 58 of 100 periods' chance. */
    double stated = SERIES * (1 - exp(-(PERIODS - 2) / 100.0));

    assert_true(found < stated * 1.05);
    assert_true(found > stated * 0.8);
}

static void what_is_not_news_is_not_told(void **state)
{
    struct alert_rule rule;
    struct churn_alert alerts[ALERTS];
    double risks[PERIODS];

    (void)state;
    make_rule(1000, &rule);
    for (size_t i = 0; i < PERIODS; i++)
        risks[i] = i < 40 ? 0.2 : 0.203; /* steady, then a shade higher */
    assert_int_equal(churn_alerts_find(&rule, risks, PERIODS, alerts, ALERTS), 0);
    for (size_t i = 0; i < PERIODS; i++)
        risks[i] = i % 2 == 0 ? 0 : 1;
    assert_int_equal(churn_alerts_find(&rule, risks, PERIODS, alerts, ALERTS), 0);
    fill(risks, 3, 30, 0.3); /* a fall */
    assert_int_equal(churn_alerts_find(&rule, risks, PERIODS, alerts, ALERTS), 0);
    for (size_t i = 0; i < PERIODS; i++)
        risks[i] = NAN;
    assert_int_equal(churn_alerts_find(&rule, risks, PERIODS, alerts, ALERTS), 0);
    assert_int_equal(churn_alerts_find(&rule, risks, 0, alerts, ALERTS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_risk_that_doubles_is_told_with_its_beginning),
        cmocka_unit_test(false_alarms_are_as_many_as_stated),
        cmocka_unit_test(what_is_not_news_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
