/* The automatic choice on bases drawn from each model: what it foretells of days that neither fit nor choice has seen. */
#include "clv_fixture.h"

#include "features/insight/clv_choice.h"

enum { CUSTOMERS = 3000, FIRST_DAYS = 84, LEARNED = 364, HELD_OUT = 182, AHEAD = 182, PURCHASES_MAX = 600000 };

static const double BIAS_MAX = 0.1;

/* Purchases of a base drawn from `truth`, whose unit is the week, from day 0 to that after the days ahead. */
static size_t draw_base(const struct clv_fit *truth, uint64_t seed, struct clv_purchase *out)
{
    const int32_t last = LEARNED + HELD_OUT + AHEAD;
    struct dice dice = {seed};
    size_t count = 0;

    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        int32_t first = (int32_t)(dice_uniform(&dice) * FIRST_DAYS);
        struct dice_life life = dice_life(&dice, truth);

        for (double time = 0; first + 7 * time <= last; time = dice_next(&dice, truth, &life)) {
            assert_true(count < PURCHASES_MAX);
            out[count++] = (struct clv_purchase){i, first + (int32_t)(7 * time), 10};
        }
    }
    return count;
}

/* What the chosen model, fitted again on all but the days ahead, foretells of these, as a share of what came. */
static double foretell(struct arena *arena, const struct clv_purchase *purchases, size_t count, enum clv_model *chosen)
{
    const struct clv_period trial = {LEARNED, LEARNED + HELD_OUT}, all = {trial.until, trial.until + AHEAD};
    struct clv_history history;
    struct clv_choice choice;
    struct clv_rows rows;
    struct clv_total total;
    struct clv_fit fit;
    struct error err = {0};
    double actual = 0;

    clv_log_sum(arena, purchases, count, CUSTOMERS, &trial, &history);
    assert_int_equal(clv_choose(arena, &history, &choice, &err), STATUS_OK);
    assert_true(choice.within);
    clv_log_sum(arena, purchases, count, CUSTOMERS, &all, &history);
    assert_int_equal(clv_history_rows(arena, &history, &rows, &err), STATUS_OK);
    assert_int_equal(clv_fit(arena, &rows, choice.chosen, 0, &fit, &err), STATUS_OK);
    assert_int_equal(clv_total(&rows, &fit, AHEAD / 7.0, &total, &err), STATUS_OK);
    for (size_t i = 0; i < history.count; i++)
        actual += history.later[i];
    *chosen = choice.chosen;
    return total.expected / actual;
}

static void check_bases(struct clv_fit truth)
{
    struct clv_purchase *purchases = test_malloc(PURCHASES_MAX * sizeof *purchases);
    struct arena *arena = arena_new((size_t)1 << 28);

    for (uint64_t seed = 1; seed <= 3; seed++) {
        enum clv_model chosen;

        arena_reset(arena);
        size_t count = draw_base(&truth, seed * 0x9E3779B97F4A7C15ULL, purchases);
        double share = foretell(arena, purchases, count, &chosen);

        print_message("# drawn from %s, k %d, seed %d: %s chosen, foretells %.3f of what comes\n",
                      clv_model_name(truth.model), truth.regularity, (int)seed, clv_model_name(chosen), share);
        assert_near(share, 1, BIAS_MAX);
        if (truth.regularity > 1)
            assert_true(chosen == CLV_BG_CNBD || chosen == CLV_MBG_CNBD);
    }
    arena_free(arena);
    test_free(purchases);
}

static void bases_drawn_from_bg_nbd_are_foretold_within_a_tenth(void **state)
{
    (void)state;
    check_bases((struct clv_fit){.model = CLV_BG_NBD, .regularity = 1, .parameters = {0.5, 4, 0.8, 2.5}});
}

static void bases_drawn_from_mbg_nbd_are_foretold_within_a_tenth(void **state)
{
    (void)state;
    check_bases((struct clv_fit){.model = CLV_MBG_NBD, .regularity = 1, .parameters = {0.6, 4, 0.8, 2.5}});
}

static void bases_drawn_from_pareto_nbd_are_foretold_within_a_tenth(void **state)
{
    (void)state;
    check_bases((struct clv_fit){.model = CLV_PARETO_NBD, .regularity = 1, .parameters = {0.8, 6, 0.7, 30}});
}

static void bases_drawn_from_nbd_are_foretold_within_a_tenth(void **state)
{
    (void)state;
    check_bases((struct clv_fit){.model = CLV_NBD, .regularity = 1, .parameters = {0.8, 8}});
}

static void bases_of_regular_gaps_are_foretold_within_a_tenth_and_known_as_such(void **state)
{
    (void)state;
    check_bases((struct clv_fit){.model = CLV_BG_CNBD, .regularity = 2, .parameters = {1.3, 3, 0.4, 2.5}});
    check_bases((struct clv_fit){.model = CLV_MBG_CNBD, .regularity = 2, .parameters = {1.3, 3, 0.4, 2.5}});
}

/* Where no model comes within a tenth, the smallest error of a customer decides, and the answer says so. */
static void a_miss_of_all_models_is_told(void **state)
{
    struct clv_purchase *purchases = test_malloc(PURCHASES_MAX * sizeof *purchases);
    struct clv_fit truth = {.model = CLV_NBD, .regularity = 1, .parameters = {0.8, 8}};
    struct arena *arena = arena_new((size_t)1 << 28);
    const struct clv_period period = {LEARNED, LEARNED + HELD_OUT};
    struct clv_history history;
    struct clv_choice choice;
    struct error err = {0};

    (void)state;
    size_t count = draw_base(&truth, 1, purchases), kept = 0;

    for (size_t i = 0; i < count; i++) /* from the holdout on they buy a third as often */
        if (purchases[i].day <= LEARNED || i % 3 == 0)
            purchases[kept++] = purchases[i];
    clv_log_sum(arena, purchases, kept, CUSTOMERS, &period, &history);
    assert_int_equal(clv_choose(arena, &history, &choice, &err), STATUS_OK);
    assert_false(choice.within);
    for (int i = 0; i < CLV_MODELS; i++)
        if (choice.trials[i].fitted)
            assert_true(choice.trials[choice.chosen].absolute <= choice.trials[i].absolute);
    arena_free(arena);
    test_free(purchases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bases_drawn_from_bg_nbd_are_foretold_within_a_tenth),
        cmocka_unit_test(bases_drawn_from_mbg_nbd_are_foretold_within_a_tenth),
        cmocka_unit_test(bases_drawn_from_pareto_nbd_are_foretold_within_a_tenth),
        cmocka_unit_test(bases_drawn_from_nbd_are_foretold_within_a_tenth),
        cmocka_unit_test(bases_of_regular_gaps_are_foretold_within_a_tenth_and_known_as_such),
        cmocka_unit_test(a_miss_of_all_models_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
