/* The 90 % intervals of totals against what happened, over bases drawn from each kind of model. */
#include "clv_coverage.h"

#include "features/insight/clv_discrete.h"

static void intervals_of_pareto_hold_nine_times_in_ten(void **state)
{
    (void)state;
    check_coverage((struct clv_fit){.model = CLV_PARETO_NBD, .regularity = 1, .parameters = {0.8, 6, 0.7, 12}});
}

static void intervals_of_customers_who_never_leave_hold_nine_times_in_ten(void **state)
{
    (void)state;
    check_coverage((struct clv_fit){.model = CLV_NBD, .regularity = 1, .parameters = {0.8, 8}});
}

static double dice_beta(struct dice *dice, double a, double b)
{
    double one = dice_gamma(dice, a);

    return one / (one + dice_gamma(dice, b));
}

/* Customers of BG/BB by what they used of `SEEN` opportunities; how many of `AHEAD` they use after that. */
enum { SEEN = 6, AHEAD = 5, KINDS = (SEEN + 1) * (SEEN + 1) };

static double draw_chances(struct dice *dice, const double *parameters, struct clv_chance *kinds)
{
    double later = 0;

    for (uint32_t i = 0; i < KINDS; i++)
        kinds[i] = (struct clv_chance){i / (SEEN + 1), i % (SEEN + 1), SEEN, 0};
    for (int i = 0; i < CUSTOMERS; i++) {
        double uses = dice_beta(dice, parameters[0], parameters[1]);
        double leaves = dice_beta(dice, parameters[2], parameters[3]);
        uint32_t used = 0, last = 0;

        for (uint32_t at = 1; at <= SEEN + AHEAD && dice_uniform(dice) >= leaves; at++) {
            if (dice_uniform(dice) >= uses)
                continue;
            later += at > SEEN;
            used += at <= SEEN;
            last = at <= SEEN ? at : last;
        }
        kinds[used * (SEEN + 1) + last].count++;
    }
    return later;
}

static void intervals_of_opportunities_hold_nine_times_in_ten(void **state)
{
    const double truth[CLV_PARAMETERS] = {1.2, 0.75, 0.66, 2.8};
    struct dice dice = {88172645463325252ULL};
    int covered = 0;

    (void)state;
    for (int base = 0; base < BASES; base++) {
        struct clv_chance kinds[KINDS], met[KINDS];
        struct clv_discrete_fit fit;
        struct clv_total total;
        struct error err = {0};
        double actual = draw_chances(&dice, truth, kinds);
        size_t count = 0;

        for (size_t i = 0; i < KINDS; i++)
            if (kinds[i].count > 0)
                met[count++] = kinds[i];
        assert_int_equal(clv_discrete_fit(met, count, &fit, &err), STATUS_OK);
        clv_discrete_total(met, count, &fit, AHEAD, &total);
        covered += total.low <= actual && actual <= total.high;
    }
    print_message("# bg-bb: %d of %d totals in their 90 %% interval\n", covered, BASES);
    if (covered < 0.88 * BASES || covered > 0.92 * BASES)
        fail_msg("bg-bb covers %d of %d", covered, BASES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_of_pareto_hold_nine_times_in_ten),
        cmocka_unit_test(intervals_of_customers_who_never_leave_hold_nine_times_in_ten),
        cmocka_unit_test(intervals_of_opportunities_hold_nine_times_in_ten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
