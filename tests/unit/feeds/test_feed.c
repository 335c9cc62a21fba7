/* What a channel shows: by hand, and over random histories of publications and withdrawals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "features/definitions/lifecycle.h"
#include "features/feeds/feed.h"

enum { KINDS = 2, CODES = 4, VERSIONS = 12, TIME_MAX = 1000, AHEAD = 5, HISTORIES = 300, MOMENTS = 60 };

/* ---- a kind without a document: what is advertised stands in the parsed struct ---- */

static const struct advertised *advertised_of(const void *parsed)
{
    return parsed;
}
static const struct definition_kind kinds[KINDS] = {{.name = "offer", .advertised = advertised_of},
                                                    {.name = "reward", .advertised = advertised_of}};
static const struct text web[] = {{"web", 3}}, both[] = {{"till", 4}, {"web", 3}};

static struct history {
    struct {
        struct definition_span spans[VERSIONS];
        struct advertised advertised[VERSIONS];
        size_t count;
    } codes[KINDS][CODES];
    struct definition items[KINDS][CODES * VERSIONS];
    struct definition_list lists[KINDS];
    struct definition_set all;
    struct programme_set set;
} history;

static uint64_t seed;
static int64_t draw(int64_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

static struct text code_of(size_t code)
{
    static const struct text codes[CODES] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};

    return codes[code];
}

/* The configuration, as it is read from what is stored. */
static void configure(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        size_t count = 0;
        for (size_t c = 0; c < CODES; c++)
            for (size_t v = 0; v < history.codes[k][c].count; v++) {
                const struct definition_span *span = &history.codes[k][c].spans[v];
                if (span->until > span->from)
                    history.items[k][count++] = (struct definition){.code = code_of(c),
                                                                    .version = span->version,
                                                                    .from = span->from,
                                                                    .until = span->until,
                                                                    .parsed = &history.codes[k][c].advertised[v]};
            }
        history.lists[k] = (struct definition_list){.kind = &kinds[k], .items = history.items[k], .count = count};
    }
    history.all = (struct definition_set){history.lists, KINDS};
    history.set = (struct programme_set){.definitions = &history.all};
}

/* Versions ascend by (from, version): one that begins earlier than another comes before it, whenever it was published. */
static void publish(size_t k, size_t c, int64_t now)
{
    size_t count = history.codes[k][c].count, place = count;
    struct definition_span *spans = history.codes[k][c].spans;
    struct advertised *advertised = history.codes[k][c].advertised;
    int64_t from = now + AHEAD + (draw(2) == 0 ? draw(100) : 0);

    if (count == VERSIONS)
        return;
    for (; place > 0 && spans[place - 1].from > from; place--) {
        spans[place] = spans[place - 1];
        advertised[place] = advertised[place - 1];
    }
    spans[place] = (struct definition_span){
        .version = (int64_t)count + 1, .from = from, .ends_at = draw(3) == 0 ? from + 1 + draw(150) : INSTANT_NEVER};
    advertised[place] = (struct advertised){.from = INT64_MIN, .until = INSTANT_NEVER};
    if (draw(4) > 0) {
        advertised[place].channels = draw(2) == 0 ? web : both;
        advertised[place].channel_count = advertised[place].channels == web ? 1 : 2;
    }
    if (draw(3) == 0) {
        advertised[place].from = from - 20 + draw(60);
        advertised[place].until = advertised[place].from + 1 + draw(80);
    }
    history.codes[k][c].count++;
    definition_spans(spans, count + 1);
}

static void change(int64_t now)
{
    size_t k = (size_t)draw(KINDS), c = (size_t)draw(CODES), count = history.codes[k][c].count;

    if (draw(4) > 0 || count == 0)
        publish(k, c, now);
    else
        definition_spans_end(history.codes[k][c].spans, count, draw(2) == 0 ? 0 : 1 + draw((int64_t)count),
                             now + AHEAD + draw(40));
    configure();
}

/* ---- the property ---- */

/* What was on the wall at that moment, written down then: bits of (kind, code), and the version in each. */
struct seen {
    int64_t at;
    int64_t versions[KINDS][CODES];
};

static void look(struct arena *arena, struct text channel, int64_t at, struct seen *out)
{
    struct advertisements all;

    advertisements_gather(arena, &history.set, channel, &all);
    struct feed feed = feed_at(arena, &all, at);
    *out = (struct seen){.at = at};
    assert_true(feed.from <= at && at < feed.until);
    for (size_t i = 0; i < feed.count; i++)
        out->versions[feed.items[i]->kind - kinds][feed.items[i]->definition->code.bytes[0] - 'a'] =
            feed.items[i]->definition->version;
}

static void check_proof(struct arena *arena, const struct advertisements *all, const struct seen *seen)
{
    struct feed feed = feed_at(arena, all, seen->at);

    for (size_t k = 0; k < KINDS; k++)
        for (size_t c = 0; c < CODES; c++) {
            struct feed_proof proof = feed_prove(all, &kinds[k], code_of(c), seen->at);
            int64_t version = proof.shown != NULL ? proof.shown->definition->version : 0;
            if (version != seen->versions[k][c])
                fail_msg("%s %zu at %lld: version %lld was shown, the proof says %lld", kinds[k].name, c,
                         (long long)seen->at, (long long)seen->versions[k][c], (long long)version);
            size_t in_feed = 0;
            for (size_t i = 0; i < feed.count; i++)
                in_feed += feed.items[i] == proof.shown;
            assert_int_equal(in_feed, proof.shown != NULL);
            if (proof.shown == NULL && proof.before != NULL)
                assert_true(proof.before->until <= seen->at);
            if (proof.shown == NULL && proof.after != NULL)
                assert_true(proof.after->from > seen->at);
        }
}

/* Whatever becomes of definitions later, the proof says of a moment what was shown then. */
static void the_proof_of_a_moment_is_the_feed_of_that_moment(void **state)
{
    (void)state;
    for (uint64_t h = 0; h < HISTORIES; h++) {
        struct arena *arena = arena_new((size_t)64 << 20);
        struct text channel = h % 2 == 0 ? TEXT("web") : TEXT("till");
        struct seen seen[MOMENTS];
        struct advertisements all;
        int64_t now = 0;
        seed = h + 1;
        history = (struct history){.set = {.definitions = NULL}};
        configure();
        for (size_t m = 0; m < MOMENTS; m++) {
            now += draw(TIME_MAX / MOMENTS);
            if (draw(2) == 0)
                change(now);
            look(arena, channel, now, &seen[m]);
        }
        advertisements_gather(arena, &history.set, channel, &all);
        for (size_t m = 0; m < MOMENTS; m++)
            check_proof(arena, &all, &seen[m]);
        arena_free(arena);
    }
}

/* Between two changes the feed is one version, and at each change it is another. */
static void versions_follow_each_other_without_gaps(void **state)
{
    (void)state;
    for (uint64_t h = 0; h < HISTORIES; h++) {
        struct arena *arena = arena_new((size_t)64 << 20);
        struct advertisements all;
        const int64_t *changes;
        int64_t until = INSTANT_NEVER;
        seed = 1000 + h;
        history = (struct history){.set = {.definitions = NULL}};
        for (int64_t now = 0; now < TIME_MAX; now += 1 + draw(50))
            change(now);
        advertisements_gather(arena, &history.set, TEXT("web"), &all);
        size_t count = feed_changes(arena, &all, INSTANT_NEVER, 1000, &changes);
        for (size_t i = 0; i < count; i++) {
            struct feed feed = feed_at(arena, &all, changes[i]);
            assert_true(feed.from == changes[i]);
            assert_true(feed.until == until);
            until = changes[i];
        }
        arena_free(arena);
    }
}

static void a_feed_by_hand(void **state)
{
    static const struct advertised shown = {
        .channels = web, .channel_count = 1, .from = INT64_MIN, .until = INSTANT_NEVER};
    static const struct definition items[] = {
        {.code = {"a", 1}, .version = 1, .from = 100, .until = 200, .parsed = &shown},
        {.code = {"a", 1}, .version = 2, .from = 200, .until = 300, .parsed = &shown},
        {.code = {"b", 1}, .version = 1, .from = 150, .until = INSTANT_NEVER, .parsed = &shown}};
    static const struct definition_list list = {.kind = &kinds[0], .items = items, .count = 3};
    static const struct definition_set all_kinds = {&list, 1};
    static const struct programme_set set = {.definitions = &all_kinds};
    static const int64_t expected[] = {300, 200, 150, 100};
    struct arena *arena = arena_new(1 << 20);
    struct advertisements all;
    const int64_t *changes;

    (void)state;
    advertisements_gather(arena, &set, TEXT("web"), &all);
    assert_int_equal(feed_at(arena, &all, 99).count, 0);
    assert_true(feed_at(arena, &all, 99).from == INT64_MIN);
    assert_int_equal(feed_at(arena, &all, 149).count, 1);
    struct feed feed = feed_at(arena, &all, 199);
    assert_int_equal(feed.count, 2);
    assert_int_equal(feed.items[0]->definition->version, 1);
    assert_int_equal(feed.from, 150);
    assert_int_equal(feed.until, 200);
    assert_int_equal(feed_at(arena, &all, 200).items[0]->definition->version, 2);
    assert_int_equal(feed_at(arena, &all, 300).count, 1); /* gone at that instant */
    assert_int_equal(feed_changes(arena, &all, INSTANT_NEVER, 10, &changes), 4);
    assert_memory_equal(changes, expected, sizeof expected);
    assert_int_equal(feed_changes(arena, &all, 300, 2, &changes), 2);
    struct feed_proof proof = feed_prove(&all, NULL, TEXT("a"), 350);
    assert_null(proof.shown);
    assert_int_equal(proof.before->definition->version, 2);
    assert_null(proof.after);
    assert_int_equal(feed_prove(&all, NULL, TEXT("b"), 120).after->from, 150);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_feed_by_hand),
        cmocka_unit_test(the_proof_of_a_moment_is_the_feed_of_that_moment),
        cmocka_unit_test(versions_follow_each_other_without_gaps),
    };

    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
