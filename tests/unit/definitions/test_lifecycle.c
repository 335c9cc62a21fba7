/* The states of a draft, and when each version is in force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/definitions/lifecycle.h"

enum { STATES = DRAFT_REFUSED + 1, ACTIONS = DRAFT_PUBLISH + 1, NO = -1, OWN = -2, REVIEW = -3 };

/* What becomes of each state by each action of somebody else than the author. NO: `definition.state`, REVIEW: `.review`. */
static const int freely[STATES][ACTIONS] = {
    /*                   save        drop        submit        approve         refuse         publish */
    [DRAFT_NONE] = {DRAFT_OPEN, NO, NO, NO, NO, NO},
    [DRAFT_OPEN] = {DRAFT_OPEN, DRAFT_NONE, DRAFT_REVIEW, NO, NO, DRAFT_NONE},
    [DRAFT_REVIEW] = {DRAFT_OPEN, DRAFT_NONE, NO, DRAFT_APPROVED, DRAFT_REFUSED, DRAFT_NONE},
    [DRAFT_APPROVED] = {DRAFT_OPEN, DRAFT_NONE, NO, NO, NO, DRAFT_NONE},
    [DRAFT_REFUSED] = {DRAFT_OPEN, DRAFT_NONE, DRAFT_REVIEW, NO, NO, DRAFT_NONE},
};

static int expected_of(int state, int action, bool author, bool second_person)
{
    if (state == DRAFT_REVIEW && author && (action == DRAFT_APPROVE || action == DRAFT_REFUSE))
        return OWN;
    if (second_person && action == DRAFT_PUBLISH && state != DRAFT_NONE && state != DRAFT_APPROVED)
        return REVIEW;
    return freely[state][action];
}

static int outcome_of(const struct draft_step *step)
{
    struct error error = {0};
    enum draft_state next = DRAFT_NONE;
    enum status status = draft_next(step, &next, &error);

    if (status == STATUS_OK)
        return (int)next;
    if (status == STATUS_FORBIDDEN)
        assert_string_equal(error.code, "definition.own");
    else
        assert_int_equal(status, STATUS_CONFLICT);
    return status == STATUS_FORBIDDEN ? OWN : text_equals(text_from(error.code), "definition.review") ? REVIEW : NO;
}

static void each_state_has_its_actions(void **state)
{
    (void)state;
    for (int at = 0; at < STATES; at++)
        for (int action = 0; action < ACTIONS; action++)
            for (int author = 0; author < 2; author++)
                for (int second_person = 0; second_person < 2; second_person++) {
                    const struct draft_step step = {.state = (enum draft_state)at,
                                                    .action = (enum draft_action)action,
                                                    .author = TEXT("user:anna"),
                                                    .actor = author ? TEXT("user:anna") : TEXT("user:bert"),
                                                    .review = second_person ? REVIEW_SECOND_PERSON : REVIEW_NONE};
                    assert_int_equal(outcome_of(&step), expected_of(at, action, author, second_person));
                }
}

/* ---- versions ---- */

static struct definition_span span_of(int64_t version, int64_t from)
{
    return (struct definition_span){.version = version, .from = from, .ends_at = INSTANT_NEVER};
}

static void a_version_ends_where_the_next_one_begins(void **state)
{
    struct definition_span spans[] = {span_of(1, 10), span_of(3, 20), span_of(2, 30)};

    (void)state;
    definition_spans(spans, 3);
    assert_int_equal(spans[0].until, 20);
    assert_int_equal(spans[1].until, 30);
    assert_int_equal(spans[2].until, INSTANT_NEVER);
}

static void of_two_from_the_same_moment_the_later_published_counts(void **state)
{
    struct definition_span spans[] = {span_of(1, 10), span_of(2, 20), span_of(3, 20)};

    (void)state;
    definition_spans(spans, 3);
    assert_int_equal(spans[0].until, 20);
    assert_int_equal(spans[1].until, 20);
    assert_int_equal(spans[2].until, INSTANT_NEVER);
}

static void a_planned_end_comes_before_the_next_version(void **state)
{
    struct definition_span spans[] = {span_of(1, 10), span_of(2, 20)};

    (void)state;
    spans[0].ends_at = 15;
    definition_spans(spans, 2);
    assert_int_equal(spans[0].until, 15);
}

static void a_withdrawal_ends_what_is_in_force_and_what_was_to_come(void **state)
{
    struct definition_span spans[] = {span_of(1, 10), span_of(2, 20), span_of(3, 40)};

    (void)state;
    definition_spans(spans, 3);
    assert_true(definition_spans_end(spans, 3, 0, 25));
    assert_int_equal(spans[0].until, 20);
    assert_int_equal(spans[1].until, 25);
    assert_int_equal(spans[2].until, 40); /* never in force */
    assert_false(definition_spans_end(spans, 3, 0, 25));
}

static void what_another_version_replaced_does_not_come_back(void **state)
{
    struct definition_span spans[] = {span_of(1, 10), span_of(2, 40), span_of(3, 40)};

    (void)state;
    definition_spans(spans, 3);
    assert_true(definition_spans_end(spans, 3, 0, 25));
    assert_int_equal(spans[1].until, 40);
    assert_int_equal(spans[2].until, 40);
}

static void one_version_to_come_is_withdrawn_and_the_one_in_force_goes_on(void **state)
{
    struct definition_span spans[] = {span_of(1, 10), span_of(2, 40)};

    (void)state;
    definition_spans(spans, 2);
    assert_true(definition_spans_end(spans, 2, 2, 25));
    assert_int_equal(spans[0].until, INSTANT_NEVER);
    assert_int_equal(spans[1].until, 40);
    assert_false(definition_spans_end(spans, 2, 2, 25));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_actions),
        cmocka_unit_test(a_version_ends_where_the_next_one_begins),
        cmocka_unit_test(of_two_from_the_same_moment_the_later_published_counts),
        cmocka_unit_test(a_planned_end_comes_before_the_next_version),
        cmocka_unit_test(a_withdrawal_ends_what_is_in_force_and_what_was_to_come),
        cmocka_unit_test(what_another_version_replaced_does_not_come_back),
        cmocka_unit_test(one_version_to_come_is_withdrawn_and_the_one_in_force_goes_on),
    };

    return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
