#include "clv_fixture.h"

#include "features/insight/churn_risk.h"
#include "features/insight/live_model.h"

enum { PERSONS = 400, TODAY = 1000 };

/* Persons who buy every so many days and stop some time, by a rule without chance. */
static struct live_base made_base(struct arena *arena)
{
    struct live_base base = {.days = arena_array(arena, PERSONS * 40, sizeof *base.days),
                             .persons = arena_array(arena, PERSONS, sizeof *base.persons),
                             .today = TODAY};

    for (uint32_t i = 0; i < PERSONS; i++) {
        int32_t first = TODAY - 300 - (int32_t)(i * 7 % 60), gap = 5 + (int32_t)(i * 13 % 50);
        int32_t until = i % 3 == 0 ? TODAY : first + (int32_t)(i * 17 % 250);

        base.persons[base.person_count++] = 64 * (i + 1);
        for (int32_t day = first, n = 0; day <= until && n < 40; day += gap + (int32_t)((i + (uint32_t)n) % 5), n++)
            base.days[base.day_count++] = (struct clv_purchase){i, day, 1000 + (double)(i * 37 % 4000) + 10 * n};
    }
    return base;
}

static void what_is_written_scores_as_what_was_learned(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    struct live_base base = made_base(arena);
    struct live_score *before = arena_array(arena, PERSONS, sizeof *before);
    struct live_score *after = arena_array(arena, PERSONS, sizeof *after);
    struct live_model learned, read;
    struct error error = {0};

    (void)state;
    assert_int_equal(live_learn(arena, &base, CLV_MODELS, &learned, &error), STATUS_OK);
    assert_true(live_model_read(live_model_write(arena, &learned), &read));
    assert_int_equal(live_score(arena, &base, &learned, LIVE_HORIZON_WEEKS, before, &error), STATUS_OK);
    assert_int_equal(live_score(arena, &base, &read, LIVE_HORIZON_WEEKS, after, &error), STATUS_OK);
    for (size_t i = 0; i < PERSONS; i++) {
        assert_near(after[i].alive, before[i].alive, 0);
        assert_near(after[i].lifetime, before[i].lifetime, 0);
        assert_near(after[i].loyalty, before[i].loyalty, 0);
        assert_true(before[i].alive >= 0 && before[i].alive <= 1 && before[i].expected >= 0);
    }
    arena_free(arena);
}

static void a_text_that_is_no_model_is_none(void **state)
{
    struct live_model model;

    (void)state;
    assert_false(live_model_read(TEXT(""), &model));
    assert_false(live_model_read(TEXT("1 pareto-nbd 5 7"), &model));
    assert_false(live_model_read(TEXT("2 pareto-nbd 5 7 1 1"), &model));
}

static void a_base_without_repeats_teaches_nothing(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 28);
    struct clv_purchase days[] = {{0, 990, 100}, {1, 995, 100}};
    int64_t persons[] = {64, 128};
    struct live_base base = {.days = days, .day_count = 2, .persons = persons, .person_count = 2, .today = TODAY};
    struct live_model model;
    struct error error = {0};

    (void)state;
    assert_int_equal(live_learn(arena, &base, CLV_MODELS, &model, &error), STATUS_INVALID);
    assert_string_equal(error.code, "clv.repeats");
    arena_free(arena);
}

static void risk_is_the_mean_of_those_who_bought_within_a_year(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    struct live_base base = made_base(arena);
    struct live_score *scores = arena_array(arena, PERSONS, sizeof *scores);
    struct churn_mean means[CHURN_SERIES];
    struct live_model model;
    struct error error = {0};
    double risk = 0, members = 0;

    (void)state;
    assert_int_equal(live_learn(arena, &base, CLV_PARETO_NBD, &model, &error), STATUS_OK);
    assert_int_equal(live_score(arena, &base, &model, 1, scores, &error), STATUS_OK);
    assert_int_equal(churn_risk_measure(arena, &base, &model, TODAY, means, &error), STATUS_OK);
    for (size_t i = 0; i < base.day_count; i++)
        if ((i + 1 == base.day_count || base.days[i + 1].customer != base.days[i].customer) &&
            base.days[i].day > TODAY - CHURN_ACTIVE_DAYS) {
            risk += 1 - scores[base.days[i].customer].alive;
            members++;
        }
    assert_near(means[CHURN_ALL].members, members, 0);
    assert_near(means[CHURN_ALL].risk, risk / members, 1e-12);
    assert_true(means[CHURN_BEST].members >= members / 5 && means[CHURN_BEST].members < members / 4);
    assert_near(means[CHURN_NEW].members, 0, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_scores_as_what_was_learned),
        cmocka_unit_test(a_text_that_is_no_model_is_none),
        cmocka_unit_test(a_base_without_repeats_teaches_nothing),
        cmocka_unit_test(risk_is_the_mean_of_those_who_bought_within_a_year),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
