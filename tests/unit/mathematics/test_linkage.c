#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mathematics/linkage.h"
#include "mathematics/random.h"

enum { FIELDS = 4, CODES = 4096 };

/* What is usual; the truth below differs from it. */
static struct linkage_model usual(void)
{
    struct linkage_model model = {.field_count = FIELDS, .share = 1e-4};

    for (size_t field = 0; field < FIELDS; field++) {
        model.level_count[field] = 3;
        model.same[field][0] = 0.8, model.same[field][1] = 0.1, model.same[field][2] = 0.1;
        model.other[field][0] = 0.02, model.other[field][1] = 0.03, model.other[field][2] = 0.95;
    }
    return model;
}

static const double true_same[FIELDS][3] = {{.95, .04, .01}, {.7, .2, .1}, {.6, .1, .3}, {.9, .05, .05}};
static const double true_other[FIELDS][3] = {{.01, .02, .97}, {.1, .1, .8}, {.001, .009, .99}, {.05, .05, .9}};

static unsigned draw(struct random *random, const double *chances)
{
    double u = random_uniform(random);

    return u < chances[0] ? 0 : u < chances[0] + chances[1] ? 1 : 2;
}

/* Each code once; a missing value every tenth time. */
static void sample_pairs(struct random *random, const double (*chances)[3], size_t count, struct linkage_count *out)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t code = 0;
        for (size_t field = 0; field < FIELDS; field++) {
            unsigned level = random_below(random, 10) == 0 ? LINKAGE_MISSING : draw(random, chances[field]);
            code |= (uint64_t)level << (LINKAGE_BITS * field);
        }
        out[code].code = code;
        out[code].count++;
    }
}

static void chances_are_learned_without_labels(void **state)
{
    struct linkage_count *near = calloc(CODES, sizeof *near), *any = calloc(CODES, sizeof *any);
    struct linkage_model model = usual();
    struct random random;

    (void)state;
    random_start(&random, 5);
    sample_pairs(&random, true_same, 20000, near);
    sample_pairs(&random, true_other, 400000, near);
    sample_pairs(&random, true_other, 400000, any);
    const struct linkage_sample sample = {near, CODES, any, CODES, 420000};
    int steps = linkage_learn(&model, &sample, 10);

    assert_in_range(steps, 2, 199);
    assert_true(fabs(model.share - 20000.0 / 420000) < 0.002);
    for (size_t field = 0; field < FIELDS; field++)
        for (unsigned level = 0; level < 3; level++) {
            assert_true(fabs(model.same[field][level] - true_same[field][level]) < 0.03);
            assert_true(fabs(model.other[field][level] - true_other[field][level]) < 0.01);
        }
    free(near);
    free(any);
}

static void nothing_seen_leaves_what_is_usual(void **state)
{
    struct linkage_model model = usual();
    const struct linkage_sample nothing = {.pair_count = 0};

    (void)state;
    linkage_learn(&model, &nothing, 100);
    assert_true(fabs(model.same[0][0] - 0.8) < 1e-12);
    assert_true(model.share == 1e-4);
}

static void weights_add_up_to_a_probability(void **state)
{
    struct linkage_model model = usual();
    uint64_t all = 0, none = 0, missing = 0;

    (void)state;
    for (size_t field = 0; field < FIELDS; field++) {
        none |= (uint64_t)2 << (LINKAGE_BITS * field);
        missing |= (uint64_t)LINKAGE_MISSING << (LINKAGE_BITS * field);
    }
    assert_true(fabs(linkage_weight(&model, all) - 4 * log2(40)) < 1e-9);
    assert_true(linkage_weight(&model, missing) == 0);
    assert_true(fabs(linkage_probability(&model, 0) - 1e-4) < 1e-12);
    assert_true(linkage_probability(&model, linkage_weight(&model, all)) > 0.99);
    assert_true(linkage_probability(&model, linkage_weight(&model, none)) < 1e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chances_are_learned_without_labels),
        cmocka_unit_test(nothing_seen_leaves_what_is_usual),
        cmocka_unit_test(weights_add_up_to_a_probability),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
