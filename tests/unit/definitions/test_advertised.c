/* What a document says of its advertising, and which version a channel shows at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "features/definitions/advertised_read.h"
#include "features/definitions/definition_read.h"

struct poster {
    const struct advertised *advertised;
};

static enum status read_poster(const struct object *document, void *out)
{
    struct poster *poster = out;
    struct advertised_terms terms = {.from = INT64_MIN, .until = INSTANT_NEVER};
    int64_t points = 0;

    TRY(object_integer(document, "points", false, (struct range){0, 1000}, &points));
    TRY(object_instant(document, "starts", &terms.from));
    TRY(object_instant(document, "ends", &terms.until));
    terms.points = points;
    return object_advertised(document, terms, &poster->advertised);
}

static const struct advertised *advertised_of(const void *parsed)
{
    return ((const struct poster *)parsed)->advertised;
}

static const struct definition_kind poster_kind = {.name = "poster", .plural = "posters", .advertised = advertised_of};

static struct {
    struct arena *arena;
    struct poster poster;
    struct error error;
} scene;

static int setup(void **state)
{
    (void)state;
    scene.arena = arena_new(1 << 20);
    scene.error = (struct error){0};
    scene.poster.advertised = NULL;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(scene.arena);
    return 0;
}

static enum status read_json(const char *json)
{
    static const struct programme programme = {.currency = "EUR", .exponent = 2};
    const struct definition_input input = {
        .arena = scene.arena, .code = TEXT("p"), .document = text_from(json), .programme = &programme};

    return definition_read(&input, read_poster, &scene.poster, &scene.error);
}

static int64_t at(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

static void a_document_without_the_field_is_not_advertised(void **state)
{
    (void)state;
    assert_int_equal(read_json("{}"), STATUS_OK);
    assert_null(scene.poster.advertised);
}

static void words_channels_and_times_are_read(void **state)
{
    (void)state;
    assert_int_equal(
        read_json("{\"ends\":\"2026-12-01T00:00:00Z\",\"advertised\":{\"channels\":[\"web\",\"till\"],\"from\":"
                  "\"2026-11-01T00:00:00Z\",\"until\":\"2026-12-24T00:00:00Z\",\"texts\":{\"en\":{\"title\":\"Ten "
                  "off\",\"link\":\"https://shop.example/ten\"},\"zh-CN\":{\"title\":\"减十元\",\"text\":\"每单\"}}}}"),
        STATUS_OK);
    const struct advertised *read = scene.poster.advertised;
    assert_int_equal(read->channel_count, 2);
    assert_true(text_equals(read->texts[0].title, "Ten off"));
    assert_true(text_equals(read->texts[1].about, "每单"));
    assert_int_equal(read->texts[2].title.size, 0);
    assert_true(read->from == at("2026-11-01T00:00:00Z"));
    assert_true(read->until == at("2026-12-01T00:00:00Z")); /* it is over before the advertising is */
    assert_int_equal(advertised_language(read, 0), 0);
    assert_int_equal(advertised_language(read, 2), 1); /* the other script before English */
}

static void refuses(const char *json, const char *field)
{
    if (read_json(json) != STATUS_INVALID)
        fail_msg("%s was read", json);
    assert_string_equal(scene.error.field, field);
}

static void what_cannot_be_shown_is_refused_by_its_path(void **state)
{
    (void)state;
    refuses("{\"advertised\":{\"texts\":{\"en\":{\"title\":\"T\"}}}}", "advertised.channels");
    refuses("{\"advertised\":{\"channels\":[],\"texts\":{\"en\":{\"title\":\"T\"}}}}", "advertised.channels");
    refuses("{\"advertised\":{\"channels\":[\"a b\"],\"texts\":{\"en\":{\"title\":\"T\"}}}}", "advertised.channels");
    refuses("{\"advertised\":{\"channels\":[\"web\"]}}", "advertised.texts");
    refuses("{\"advertised\":{\"channels\":[\"web\"],\"texts\":{}}}", "advertised.texts");
    refuses("{\"advertised\":{\"channels\":[\"web\"],\"texts\":{\"fr\":{\"title\":\"T\"}}}}", "advertised.texts.fr");
    refuses("{\"advertised\":{\"channels\":[\"web\"],\"texts\":{\"en\":{\"text\":\"T\"}}}}",
            "advertised.texts.en.title");
    refuses("{\"advertised\":{\"channels\":[\"web\"],\"texts\":{\"en\":{\"title\":\"T\",\"link\":\"javascript:x\"}}}}",
            "advertised.texts.en.link");
    refuses("{\"ends\":\"2026-11-01T00:00:00Z\",\"advertised\":{\"channels\":[\"web\"],\"from\":"
            "\"2026-11-01T00:00:00Z\",\"texts\":{\"en\":{\"title\":\"T\"}}}}",
            "advertised.until");
}

static void a_version_is_shown_while_it_is_in_force_and_advertised(void **state)
{
    static const struct text channels[] = {{"web", 3}};
    static const struct advertised narrow = {.channels = channels, .channel_count = 1, .from = 15, .until = 25},
                                   wide = {.channels = channels, .channel_count = 1, .from = 0, .until = INSTANT_NEVER};
    static const struct poster first = {&narrow}, second = {&wide}, third = {NULL};
    static const struct definition items[] = {
        {.code = {"ten", 3}, .version = 1, .from = 10, .until = 20, .parsed = &first},
        {.code = {"ten", 3}, .version = 2, .from = 20, .until = 30, .parsed = &second},
        {.code = {"ten", 3}, .version = 3, .from = 30, .until = INSTANT_NEVER, .parsed = &third}};
    static const struct definition_list list = {.kind = &poster_kind, .items = items, .count = 3};
    static const struct definition_set all = {.lists = &list, .count = 1};
    static const struct programme_set set = {.definitions = &all};
    static const int64_t versions[] = {0, 1, 1, 2, 2, 0}, times[] = {14, 15, 19, 20, 29, 30};

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct advertisement shown = {0};
        bool found = advertisement_at(&set, &poster_kind, TEXT("ten"), TEXT("web"), times[i], &shown);
        assert_int_equal(found ? shown.definition->version : 0, versions[i]);
    }
    struct advertisement shown;
    assert_false(advertisement_at(&set, &poster_kind, TEXT("ten"), TEXT("till"), 15, &shown));
    assert_true(advertisement_at(&set, &poster_kind, TEXT("ten"), TEXT("web"), 15, &shown));
    assert_int_equal(shown.from, 15);
    assert_int_equal(shown.until, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_document_without_the_field_is_not_advertised, setup, teardown),
        cmocka_unit_test_setup_teardown(words_channels_and_times_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_shown_is_refused_by_its_path, setup, teardown),
        cmocka_unit_test(a_version_is_shown_while_it_is_in_force_and_advertised),
    };

    return cmocka_run_group_tests_name("advertised", tests, NULL, NULL);
}
