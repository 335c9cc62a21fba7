#include "clv_fixture.h"

#include "features/insight/churn_live.h"
#include "mathematics/random.h"

enum { PERSONS = 600, TODAY = 1000, GAP = 7, WINDOW = 28 };

/* Persons who buy every week; who spends little bought last just before the window. */
static struct live_base made_base(struct arena *arena, uint64_t seed)
{
    struct live_base base = {.days = arena_array(arena, PERSONS * 40, sizeof *base.days),
                             .persons = arena_array(arena, PERSONS, sizeof *base.persons),
                             .today = TODAY};
    struct random random;

    random_start(&random, seed);
    for (uint32_t i = 0; i < PERSONS; i++) {
        bool poor = i % 2 == 0;
        int32_t until = poor ? TODAY - WINDOW - 1 : TODAY, day = TODAY - 100 - (int32_t)(random_uniform(&random) * 60);

        base.persons[base.person_count++] = 64 * (i + 1);
        for (; day <= until; day += GAP - 2 + (int32_t)(random_uniform(&random) * 5))
            base.days[base.day_count++] = (struct clv_purchase){i, day, poor ? 500 + i % 7 : 5000 + i % 11};
    }
    return base;
}

struct made {
    struct arena *arena;
    struct live_base base;
    struct live_model clv;
    struct churn_live live;
    struct error error;
};

static void make(struct made *made)
{
    *made = (struct made){.arena = arena_new((size_t)1 << 30)};
    made->base = made_base(made->arena, 5);
    assert_int_equal(live_learn(made->arena, &made->base, CLV_PARETO_NBD, &made->clv, &made->error), STATUS_OK);
    assert_int_equal(churn_live_learn(made->arena, &made->base, &made->clv, &made->live, &made->error), STATUS_OK);
}

static void drop(struct made *made)
{
    churn_live_release(&made->live);
    arena_free(made->arena);
}

static void what_days_do_not_tell_is_learned_and_put_in_force(void **state)
{
    struct made made;

    (void)state;
    make(&made);
    assert_true(made.live.learned && made.live.in_force);
    assert_int_equal(made.live.window, WINDOW);
    assert_int_equal(made.live.day, TODAY - WINDOW);
    assert_true(made.live.own.auc.value > made.live.plain.auc.value + 0.1);
    assert_true(made.live.gain.value > 1.645 * made.live.gain.error);
    assert_true(made.live.threshold.false_alarms <= ALERT_FALSE_SHARE);
    assert_true(made.live.threshold.caught > 0.9);
    assert_near(made.live.left, 0.5, 0.01);
    drop(&made);
}

static void what_is_written_tells_the_same_risks_and_reasons(void **state)
{
    struct made made;
    struct churn_live read;
    struct churn_why before, after;
    struct text text;

    (void)state;
    make(&made);
    double *risks = arena_array(made.arena, PERSONS, sizeof *risks),
           *again = arena_array(made.arena, PERSONS, sizeof *again);

    assert_int_equal(churn_live_write(made.arena, &made.live, &text, &made.error), STATUS_OK);
    assert_true(churn_live_read(made.arena, text, &read));
    assert_int_equal(churn_live_risks(made.arena, &made.live, &made.base, risks, &made.error), STATUS_OK);
    assert_int_equal(churn_live_risks(made.arena, &read, &made.base, again, &made.error), STATUS_OK);
    for (size_t i = 0; i < PERSONS; i++)
        assert_near(again[i], risks[i], 1e-9);
    assert_near(read.threshold.risk, made.live.threshold.risk, 0);
    assert_near(read.own.auc.value, made.live.own.auc.value, 0);
    assert_int_equal(churn_live_explain(made.arena, &made.live, &made.base, &before, &made.error), STATUS_OK);
    assert_int_equal(churn_live_explain(made.arena, &read, &made.base, &after, &made.error), STATUS_OK);
    for (int t = 0; t < CHURN_TRAITS; t++)
        assert_near(after.parts[t], before.parts[t], 1e-6);
    churn_live_release(&read);
    drop(&made);
}

static void a_short_past_or_no_text_teaches_nothing(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    struct live_base base = made_base(arena, 5);
    struct live_model clv;
    struct churn_live live;
    struct error error = {0};

    (void)state;
    assert_int_equal(live_learn(arena, &base, CLV_PARETO_NBD, &clv, &error), STATUS_OK);
    clv.usual = 60; /* a window as long as all that is known */
    assert_int_equal(churn_live_learn(arena, &base, &clv, &live, &error), STATUS_OK);
    assert_false(live.learned || live.in_force);
    assert_false(live.threshold.risk >= 0);
    assert_false(churn_live_read(arena, TEXT(""), &live));
    assert_false(churn_live_read(arena, TEXT(" 1 1 1 7\n{}"), &live));
    assert_false(live.learned);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_days_do_not_tell_is_learned_and_put_in_force),
        cmocka_unit_test(what_is_written_tells_the_same_risks_and_reasons),
        cmocka_unit_test(a_short_past_or_no_text_teaches_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
