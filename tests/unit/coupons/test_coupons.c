/* Whether a code applies and why not, and what a decision does with it. The database's part is tests/api/test_coupons.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/coupons/commands.h"
#include "foundation/instant.h"

enum { SERIES_MAX = 4 };

struct till {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct definition items[SERIES_MAX];
    struct definition_list list;
    struct definition_set definitions;
    struct programme_set set;
    struct counter counter;
    struct command command;
    struct coupon_use use;
    struct error error;
};

static struct arena *last_arena; /* of the test that runs */

static int release(void **state)
{
    (void)state;
    arena_free(last_arena);
    last_arena = NULL;
    return 0;
}

static int64_t at(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

static enum status parse(struct till *till, const char *code, const char *document, const void **out)
{
    const struct definition_input input = {.arena = till->arena,
                                           .code = text_from(code),
                                           .document = text_from(document),
                                           .programme = &till->programme,
                                           .programmes = &till->set,
                                           .saving = true};

    return coupon_series_kind.parse(&input, out, &till->error);
}

/* Series in the order of their codes, in force for ever. */
static void publish(struct till *till, const char *code, const char *document)
{
    struct definition *item = &till->items[till->list.count++];

    *item = (struct definition){.code = text_from(code), .version = 1, .from = 0, .until = INSTANT_NEVER};
    if (parse(till, code, document, &item->parsed) != STATUS_OK)
        fail_msg("%s: %s: %s", code, till->error.field, till->error.message);
    assert_int_equal(coupon_series_kind.index(till->arena, till->items, till->list.count, &till->list.index, NULL),
                     STATUS_OK);
}

static void till_open(struct till *till)
{
    memset(till, 0, sizeof *till);
    till->arena = last_arena = arena_new(16 << 20);
    assert_int_equal(
        programme_parse(till->arena,
                        TEXT("{\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"}]}"),
                        &till->programme, &till->error),
        STATUS_OK);
    till->list = (struct definition_list){.kind = &coupon_series_kind, .items = till->items};
    till->definitions = (struct definition_set){&till->list, 1};
    till->set =
        (struct programme_set){.versions = &till->programme, .version_count = 1, .definitions = &till->definitions};
    decision_start(&till->decision, till->arena, at("2026-11-22T10:00:00Z"), &till->set);
    till->counter = (struct counter){.id = TEXT("code:X"), .maximum = INT64_MAX, .fresh = true};
    till->decision.counters[0] = &till->counter;
    till->command = (struct command){.bucket = 3, .arena = till->arena};
    till->use = (struct coupon_use){.counter = 0};
}

/* A code of a series, as the database would tell it. */
static void bring(struct till *till, const char *key, const char *series)
{
    till->use.key = text_from(key);
    till->use.found = series != NULL;
    till->use.series = text_from(series);
    till->use.valid_from = INT64_MIN;
    till->use.valid_until = INSTANT_NEVER;
}

static void member_comes(struct till *till)
{
    member_new(&till->decision, 0, 5, at("2026-01-01T00:00:00Z"));
}

static enum status redeem(struct till *till, int64_t *row_id)
{
    const struct member *member = till->decision.subjects[0].member;
    struct journal_row *row = journal_add(&till->decision, member, 3, "coupon_redemption", till->decision.now);
    const struct coupon_act act = {&till->decision, &till->command, &till->decision.subjects[0], row};

    if (row_id != NULL)
        *row_id = row->id;
    return coupon_redeem(&act, &till->use, NULL, &till->error);
}

static void assert_refused(struct till *till, const char *code)
{
    till->error.code[0] = '\0';
    assert_int_not_equal(redeem(till, NULL), STATUS_OK);
    assert_string_equal(till->error.code, code);
}

/* ---- why not ---- */

static void an_unknown_code_says_so_and_a_mistyped_one_says_that(void **state)
{
    struct till till;
    char key[] = "W23456789J";

    (void)state;
    till_open(&till);
    publish(&till, "welcome", "{\"name\":\"W\",\"codes\":{\"kind\":\"unique\",\"prefix\":\"W\",\"length\":8}}");
    key[9] = code_check_symbol(key + 1, 8);
    bring(&till, key, NULL);
    assert_refused(&till, "coupon.unknown"); /* right, but nobody was given it */
    key[3] = key[3] == 'Z' ? 'Y' : 'Z';
    bring(&till, key, NULL);
    assert_refused(&till, "coupon.check_character");
    bring(&till, "SUMMER", NULL);
    assert_refused(&till, "coupon.unknown");
    assert_int_equal(till.counter.used, 0);
}

static void a_code_is_valid_from_its_first_instant_until_before_its_last(void **state)
{
    struct till till;

    (void)state;
    till_open(&till);
    publish(&till, "xmas",
            "{\"name\":\"X\",\"codes\":{\"kind\":\"public\",\"code\":\"xmas-26\"},"
            "\"valid\":{\"from\":\"2026-12-01T00:00:00Z\",\"until\":\"2026-12-25T00:00:00Z\"}}");
    bring(&till, "XMAS26", NULL);
    till.decision.now = at("2026-11-30T23:59:59.999999Z");
    assert_refused(&till, "coupon.not_started");
    till.decision.now = at("2026-12-01T00:00:00Z");
    assert_int_equal(redeem(&till, NULL), STATUS_OK);
    assert_true(text_equals(till.use.series, "xmas"));
    till.decision.now = at("2026-12-25T00:00:00Z");
    assert_refused(&till, "coupon.expired");
    assert_int_equal(till.counter.used, 1);
}

/* Issued on 1 March 2026 at 22:00 in Shanghai (14:00 UTC), valid 30 days: to the end of 31 March there, 16:00 UTC. */
static void days_after_issue_end_with_a_whole_day_of_the_programme(void **state)
{
    struct till till;

    (void)state;
    till_open(&till);
    publish(&till, "w", "{\"name\":\"W\",\"valid\":{\"days\":30}}");
    assert_int_equal(coupon_valid_until(till.items[0].parsed, till.programme.zone, at("2026-03-01T14:00:00Z")),
                     at("2026-03-31T16:00:00Z"));
}

static void a_single_code_is_used_once_and_a_release_gives_it_back(void **state)
{
    struct till till;
    int64_t id;

    (void)state;
    till_open(&till);
    publish(&till, "w", "{\"name\":\"W\"}");
    bring(&till, "ABC", "w");
    assert_int_equal(redeem(&till, &id), STATUS_OK);
    assert_refused(&till, "coupon.used");
    struct journal_row *row = journal_add(&till.decision, NULL, 3, "coupon_release", till.decision.now);
    coupon_release(&(struct coupon_act){&till.decision, &till.command, NULL, row}, &till.use, id);
    assert_int_equal(till.counter.used, 0);
    assert_int_equal(redeem(&till, NULL), STATUS_OK);
}

static void a_code_that_may_be_used_thrice_is_used_thrice(void **state)
{
    struct till till;

    (void)state;
    till_open(&till);
    publish(&till, "w", "{\"name\":\"W\",\"uses\":3}");
    bring(&till, "ABC", "w");
    for (int i = 0; i < 3; i++)
        assert_int_equal(redeem(&till, NULL), STATUS_OK);
    assert_refused(&till, "coupon.used");
    till.use.uses = 4; /* as a list that was read in said of this code */
    assert_int_equal(redeem(&till, NULL), STATUS_OK);
    assert_refused(&till, "coupon.used");
}

static void a_member_uses_as_many_of_a_series_as_it_says(void **state)
{
    struct till till;

    (void)state;
    till_open(&till);
    publish(&till, "w", "{\"name\":\"W\",\"uses\":10,\"uses_per_member\":2}");
    bring(&till, "ABC", "w");
    assert_refused(&till, "coupon.member_needed");
    member_comes(&till);
    assert_int_equal(redeem(&till, NULL), STATUS_OK);
    assert_int_equal(redeem(&till, NULL), STATUS_OK);
    assert_refused(&till, "coupon.member_limit");
    assert_int_equal(coupon_member_used(&till.decision.subjects[0], TEXT("w")), 2);
    assert_int_equal(coupon_member_used(&till.decision.subjects[0], TEXT("w2")), 0);
    assert_int_equal(till.counter.used, 2);
}

static void a_personal_code_is_its_owners_alone(void **state)
{
    struct till till;

    (void)state;
    till_open(&till);
    publish(&till, "p", "{\"name\":\"P\",\"personal\":true}");
    bring(&till, "ABC", "p");
    assert_refused(&till, "coupon.member_needed");
    member_comes(&till);
    assert_refused(&till, "coupon.other_member"); /* nobody was given it */
    till.use.owner = till.decision.subjects[0].member->id + BUCKET_COUNT;
    assert_refused(&till, "coupon.other_member");
    till.counter.maximum = till.decision.subjects[0].member->id; /* it became this member's a moment ago */
    assert_int_equal(redeem(&till, NULL), STATUS_OK);
}

static void a_void_code_is_refused_also_when_it_became_void_a_moment_ago(void **state)
{
    struct till till;

    (void)state;
    till_open(&till);
    publish(&till, "w", "{\"name\":\"W\"}");
    bring(&till, "ABC", "w");
    till.counter.maximum = -1;
    assert_refused(&till, "coupon.void");
    till.counter.maximum = INT64_MAX;
    till.use.voided = true;
    assert_refused(&till, "coupon.void");
}

static void who_may_use_a_code_is_an_expression_over_the_member(void **state)
{
    struct till till;

    (void)state;
    till_open(&till);
    publish(&till, "w", "{\"name\":\"W\",\"when\":\"member.purchases >= 2\"}");
    bring(&till, "ABC", "w");
    member_comes(&till);
    assert_refused(&till, "coupon.audience");
    till.decision.subjects[0].leader->standing.purchases = 2;
    assert_int_equal(redeem(&till, NULL), STATUS_OK);
}

static void a_series_that_was_withdrawn_is_taken_no_more(void **state)
{
    struct till till;

    (void)state;
    till_open(&till);
    publish(&till, "w", "{\"name\":\"W\"}");
    till.items[0].until = till.decision.now;
    bring(&till, "ABC", "w");
    assert_refused(&till, "coupon.expired");
}

static void what_is_reserved_counts_and_settling_counts_no_more(void **state)
{
    struct till till;
    const struct coupon_series *series;

    (void)state;
    till_open(&till);
    publish(&till, "w", "{\"name\":\"W\"}");
    bring(&till, "ABC", "w");
    struct journal_row *row = journal_add(&till.decision, NULL, 3, "coupon_reservation", till.decision.now);
    const struct coupon_act act = {&till.decision, &till.command, NULL, row};
    assert_int_equal(coupon_reserve(&act, &till.use, till.decision.now + INSTANT_MINUTE, &series, NULL), STATUS_OK);
    assert_refused(&till, "coupon.used");
    coupon_settle(&act, &till.use, row->id);
    assert_int_equal(till.counter.used, 1);
    till.use.reserved = true; /* who holds the reservation may still price with it */
    const struct coupon_question question = {
        .set = &till.set, .now = till.decision.now, .counter = &till.counter, .arena = till.arena};
    assert_int_equal(coupon_applies(&till.use, &question, &series, NULL), STATUS_OK);
}

/* ---- documents ---- */

static void assert_invalid(struct till *till, const char *document, const char *field)
{
    const void *out;

    assert_int_equal(parse(till, "x", document, &out), STATUS_INVALID);
    if (strcmp(till->error.field, field) != 0)
        fail_msg("%s: field '%s', not '%s'", document, till->error.field, field);
}

static void a_wrong_document_is_refused_with_the_field(void **state)
{
    struct till till;

    (void)state;
    till_open(&till);
    assert_invalid(&till, "{}", "name");
    assert_invalid(&till, "{\"name\":\"X\",\"nmae\":1}", "nmae");
    assert_invalid(&till, "{\"name\":\"X\",\"codes\":{\"kind\":\"unique\",\"length\":7}}", "codes.length");
    assert_invalid(&till, "{\"name\":\"X\",\"codes\":{\"kind\":\"unique\",\"prefix\":\"a\"}}", "codes.prefix");
    assert_invalid(&till, "{\"name\":\"X\",\"codes\":{\"kind\":\"public\"}}", "codes.code");
    assert_invalid(&till, "{\"name\":\"X\",\"codes\":{\"kind\":\"public\",\"code\":\"A\"},\"personal\":true}",
                   "personal");
    assert_invalid(&till, "{\"name\":\"X\",\"opens\":{\"offer\":\"a\",\"reward\":\"b\"}}", "opens");
    assert_invalid(&till, "{\"name\":\"X\",\"opens\":{\"points\":5,\"wallet\":\"none\"}}", "opens.wallet");
    assert_invalid(&till, "{\"name\":\"X\",\"when\":\"member.nonsense\"}", "when");
    assert_invalid(&till,
                   "{\"name\":\"X\",\"valid\":{\"from\":\"2026-12-01T00:00:00Z\",\"until\":\"2026-12-01T00:00:00Z\"}}",
                   "valid.until");
}

static void two_public_series_with_one_code_contradict_each_other(void **state)
{
    struct till till;
    struct text sentence;

    (void)state;
    till_open(&till);
    publish(&till, "a", "{\"name\":\"A\",\"codes\":{\"kind\":\"public\",\"code\":\"SUMMER\"}}");
    publish(&till, "b", "{\"name\":\"B\",\"codes\":{\"kind\":\"public\",\"code\":\"sum-mer\"}}");
    publish(&till, "c", "{\"name\":\"C\",\"codes\":{\"kind\":\"public\",\"code\":\"WINTER\"}}");
    assert_true(coupon_series_kind.conflicts(till.arena, &till.items[0], &till.items[1], &sentence));
    assert_false(coupon_series_kind.conflicts(till.arena, &till.items[0], &till.items[2], &sentence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_unknown_code_says_so_and_a_mistyped_one_says_that, release),
        cmocka_unit_test_teardown(a_code_is_valid_from_its_first_instant_until_before_its_last, release),
        cmocka_unit_test_teardown(days_after_issue_end_with_a_whole_day_of_the_programme, release),
        cmocka_unit_test_teardown(a_single_code_is_used_once_and_a_release_gives_it_back, release),
        cmocka_unit_test_teardown(a_code_that_may_be_used_thrice_is_used_thrice, release),
        cmocka_unit_test_teardown(a_member_uses_as_many_of_a_series_as_it_says, release),
        cmocka_unit_test_teardown(a_personal_code_is_its_owners_alone, release),
        cmocka_unit_test_teardown(a_void_code_is_refused_also_when_it_became_void_a_moment_ago, release),
        cmocka_unit_test_teardown(who_may_use_a_code_is_an_expression_over_the_member, release),
        cmocka_unit_test_teardown(a_series_that_was_withdrawn_is_taken_no_more, release),
        cmocka_unit_test_teardown(what_is_reserved_counts_and_settling_counts_no_more, release),
        cmocka_unit_test_teardown(a_wrong_document_is_refused_with_the_field, release),
        cmocka_unit_test_teardown(two_public_series_with_one_code_contradict_each_other, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
