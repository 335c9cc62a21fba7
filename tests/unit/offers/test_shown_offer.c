/* Offers that were shown and are over: what is honoured, by which version, and what not. Worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "features/offers/shown_offer.h"

enum { ARENA_BYTES = 16 << 20, OFFERS_MAX = 8 };

static struct scene {
    struct arena *arena;
    struct programme programme;
    struct definition items[OFFERS_MAX];
    struct definition_list list;
    struct definition_set all;
    struct programme_set set;
    struct purchase_line line;
    struct error error;
} scene;

static int64_t at(const char *time)
{
    int64_t instant = 0;
    char text[INSTANT_TEXT_SIZE];

    snprintf(text, sizeof text, "2027-03-01T%sZ", time);
    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

static int setup(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.arena = arena_new(ARENA_BYTES);
    scene.programme = (struct programme){.exponent = 2, .currency = "USD", .promise_grace = 60 * INSTANT_MINUTE};
    assert_int_equal(zone_load(scene.arena, TEXT("UTC"), &scene.programme.zone, &scene.error), STATUS_OK);
    scene.line = (struct purchase_line){.number = 1, .sku = TEXT("rug"), .quantity_milli = 1000, .amount = 10000};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(scene.arena);
    return 0;
}

/* A version of an offer that takes `percent` off and is shown in the channel "web"; in order of (code, from). */
static void offer(const char *code, int percent, const char *from, const char *until, const char *more)
{
    struct definition *definition = &scene.items[scene.list.count];
    const struct definition_input input = {
        .arena = scene.arena,
        .code = text_from(code),
        .document = text_from(arena_format(
            scene.arena,
            "{\"name\":\"N\",\"discount\":{\"kind\":\"percentage\",\"percent\":%d},\"advertised\":{\"channels\":"
            "[\"web\"],\"texts\":{\"en\":{\"title\":\"T\"}}}%s}",
            percent, more)),
        .programme = &scene.programme,
        .programmes = &scene.set};

    *definition = (struct definition){.code = text_from(code),
                                      .version = (int64_t)scene.list.count + 1,
                                      .from = at(from),
                                      .until = until != NULL ? at(until) : INSTANT_NEVER};
    if (offer_parse(&input, &definition->parsed, &scene.error) != STATUS_OK)
        fail_msg("%s: %s", scene.error.field, scene.error.message);
    scene.list.count++;
}

static struct shown_offer seen(const char *code, const char *shown_at)
{
    return (struct shown_offer){.offer = text_from(code), .channel = TEXT("web"), .shown_at = at(shown_at)};
}

static struct priced price(const char *time, struct shown_offer *honours, size_t count)
{
    struct condition_purchase purchase = {.lines = &scene.line, .line_count = 1, .total = scene.line.amount};
    struct condition_event event = {.kind = TEXT("purchase"), .at = at(time)};
    struct condition_world conditions = {.arena = scene.arena,
                                         .programmes = &scene.set,
                                         .programme = &scene.programme,
                                         .now = at(time),
                                         .event = &event,
                                         .purchase = &purchase};
    struct basket basket = {.lines = &scene.line, .line_count = 1, .at = at(time), .zone = scene.programme.zone};
    const void *index;
    struct priced priced;

    scene.list.kind = &offer_kind;
    scene.list.items = scene.items;
    scene.all = (struct definition_set){&scene.list, 1};
    scene.set = (struct programme_set){.versions = &scene.programme, .version_count = 1, .definitions = &scene.all};
    assert_int_equal(offer_index_build(scene.arena, scene.items, scene.list.count, &index, &scene.error), STATUS_OK);
    condition_start(&conditions);
    const struct pricing_world world = {.arena = scene.arena, .index = index, .conditions = &conditions};
    shown_offers_find(&scene.set, scene.programme.zone, at(time), honours, count);
    assert_int_equal(shown_offers_price(&world, &basket, honours, count, &priced, &scene.error), STATUS_OK);
    return priced;
}

static const struct refused_offer *refusal(const struct priced *priced, const char *why)
{
    for (size_t i = 0; i < priced->refused_count; i++)
        if (strcmp(priced->refused[i].why, why) == 0)
            return &priced->refused[i];
    fail_msg("nothing is refused as %s", why);
    return NULL;
}

static void an_offer_applies_within_the_grace_after_its_end(void **state)
{
    struct shown_offer honour = seen("spring", "11:30:00");

    (void)state;
    offer("spring", 20, "09:00:00", "12:00:00", "");
    assert_int_equal(price("11:59:59", &honour, 1).total, 8000);
    assert_true(honour.in_force);
    assert_int_equal(price("12:00:00", NULL, 0).total, 10000);
    assert_int_equal(price("12:00:00", &honour, 1).total, 8000);
    assert_int_equal(price("12:59:59", &honour, 1).total, 8000);
    struct priced over = price("13:00:00", &honour, 1);
    assert_int_equal(over.total, 10000);
    assert_int_equal(refusal(&over, "offer.ended")->gain, 2000);
    assert_true(refusal(&over, "offer.ended")->until == at("12:00:00"));
}

static void without_a_grace_nothing_is_honoured(void **state)
{
    struct shown_offer honour = seen("spring", "11:30:00");

    (void)state;
    scene.programme.promise_grace = 0;
    offer("spring", 20, "09:00:00", "12:00:00", "");
    assert_int_equal(price("12:00:00", &honour, 1).total, 10000);
}

static void what_was_not_shown_then_or_there_is_refused(void **state)
{
    struct shown_offer honours[] = {seen("spring", "12:00:00"), seen("winter", "11:00:00"), seen("spring", "11:00:00")};
    struct priced priced;

    (void)state;
    offer("spring", 20, "09:00:00", "12:00:00", "");
    honours[2].channel = TEXT("till");
    priced = price("12:10:00", honours, 3);
    assert_int_equal(priced.total, 10000);
    assert_int_equal(priced.refused_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(priced.refused[i].why, "offer.not_shown");
        assert_true(text_equal(priced.refused[i].named, honours[i].offer));
    }
}

/* 20 % was shown until 12:00; since then it is 10 %. */
static void the_version_that_was_shown_counts_instead_of_the_one_in_force(void **state)
{
    struct shown_offer honour = seen("spring", "11:30:00");
    struct priced priced;

    (void)state;
    offer("spring", 20, "09:00:00", "12:00:00", "");
    offer("spring", 10, "12:00:00", NULL, "");
    assert_int_equal(price("12:10:00", NULL, 0).total, 9000);
    priced = price("12:10:00", &honour, 1);
    assert_int_equal(priced.total, 8000); /* not both */
    assert_int_equal(priced.applied_count, 1);
    assert_int_equal(priced.applied[0].definition->version, 1);
}

/* An honour costs nobody anything. */
static void a_better_version_in_force_applies(void **state)
{
    struct shown_offer honour = seen("spring", "11:30:00");

    (void)state;
    offer("spring", 10, "09:00:00", "12:00:00", "");
    offer("spring", 30, "12:00:00", NULL, "");
    struct priced priced = price("12:10:00", &honour, 1);
    assert_int_equal(priced.total, 7000);
    assert_int_equal(refusal(&priced, "offer.replaced")->definition->version, 1);
}

/* Of a group the best applies, whether it is in force or honoured; an honour that loses says by whom. */
static void an_honoured_offer_stands_beside_others_as_it_did(void **state)
{
    struct shown_offer honour = seen("spring", "11:30:00");
    const char *group = ",\"group\":\"g\",\"apply\":\"best\"";

    (void)state;
    offer("always", 30, "09:00:00", NULL, group);
    offer("spring", 20, "09:00:00", "12:00:00", group);
    struct priced priced = price("12:10:00", &honour, 1);
    assert_int_equal(priced.total, 7000);
    assert_true(text_equals(refusal(&priced, "offer.group")->by->code, "always"));
    offer("summer", 10, "09:00:00", "12:00:00", "");
    struct shown_offer both[] = {seen("spring", "11:30:00"), seen("summer", "11:30:00")};
    assert_int_equal(price("12:10:00", both, 2).total, 6300); /* 30 %, then 10 % of 70.00 */
}

static void an_hour_that_is_over_is_honoured_for_as_long(void **state)
{
    struct shown_offer honour = seen("happy", "10:15:00");

    (void)state;
    offer("happy", 20, "09:00:00", NULL, ",\"schedule\":{\"hours\":[{\"from\":\"11:00\",\"until\":\"12:00\"}]}");
    struct priced early = price("10:30:00", &honour, 1);
    assert_int_equal(early.total, 10000);
    refusal(&early, "offer.not_now");
    assert_int_equal(price("11:00:00", &honour, 1).total, 8000);
    assert_int_equal(price("12:58:00", &honour, 1).total, 8000);
    struct priced late = price("13:00:00", &honour, 1);
    assert_int_equal(late.total, 10000);
    assert_int_equal(refusal(&late, "offer.not_now")->gain, 2000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_offer_applies_within_the_grace_after_its_end),
        TEST(without_a_grace_nothing_is_honoured),
        TEST(what_was_not_shown_then_or_there_is_refused),
        TEST(the_version_that_was_shown_counts_instead_of_the_one_in_force),
        TEST(a_better_version_in_force_applies),
        TEST(an_honoured_offer_stands_beside_others_as_it_did),
        TEST(an_hour_that_is_over_is_honoured_for_as_long),
    };

    return cmocka_run_group_tests_name("honour", tests, NULL, NULL);
}
