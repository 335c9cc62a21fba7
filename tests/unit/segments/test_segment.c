#include "features/segments/segment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_BYTES = 256 << 20 };
#define NOW INT64_C(1000000000000) /* microseconds */

static struct arena *arena;
static struct programme programme;

static const struct segment_rule *parse(const char *document, struct error *err)
{
    const void *out = NULL;
    const struct definition_input input = {
        .arena = arena, .code = TEXT("x"), .document = text_from(document), .programme = &programme, .saving = true};
    return segment_kind.parse(&input, &out, err) == STATUS_OK ? out : NULL;
}

static void refused(const char *document, const char *code, const char *field)
{
    struct error error = {0};
    assert_null(parse(document, &error));
    assert_string_equal(error.code, code);
    assert_string_equal(error.field, field);
}

static void a_document_is_a_name_and_an_expression(void **state)
{
    struct error error = {0};
    (void)state;
    const struct segment_rule *segment = parse(
        "{\"name\": \"Regulars\", \"about\": \"b\", \"when\": \"member.clv > 10 && member.stage == 'loyal'\"}", &error);
    assert_non_null(segment);
    assert_true(text_equals(segment->name, "Regulars") && segment->when.scores && segment->when.timed);
    refused("{\"when\": \"true\"}", "programme.missing_field", "name");
    refused("{\"name\": \"a\"}", "programme.missing_field", "when");
    refused("{\"name\": \"a\", \"when\": \"true\", \"else\": 1}", "programme.unknown_field", "else");
    refused("{\"name\": \"a\", \"when\": \"member.spent > 1.0\"}", "rules.name", "when");
    refused("{\"name\": \"a\", \"when\": \"member.spend\"}", "rules.type", "when");
    refused("{\"name\": \"a\", \"when\": \"'b' in member.segments\"}", "segment.recursion", "when");
    refused("{\"name\": \"a\", \"when\": \"event.kind == 'visit'\"}", "rules.name", "when");
}

static void filter_is(const char *when, bool lasting, const char *expected)
{
    struct condition condition;
    struct rule_filter filter;
    struct error error = {0};
    const struct segment_narrowing narrowing = {&programme, NOW, lasting};
    if (segment_compile(arena, text_from(when), &condition, &error) != STATUS_OK)
        fail_msg("%s: %s", when, error.message);
    segment_filter(arena, &condition, &narrowing, &filter);
    if (!text_equals(filter.sqlite, expected))
        fail_msg("%s:\n%.*s\ninstead of\n%s", when, (int)filter.sqlite.size, filter.sqlite.bytes, expected);
    arena_reset(arena);
}

static void a_filter_lets_through_whoever_may_be_in(void **state)
{
    (void)state;
    filter_is("member.purchases >= 3", false, "s.purchases >= 1");
    filter_is("!(member.purchases >= 3)", false, "s.purchases <= 5");
    filter_is("member.spend > 50.0 && member.points > 5", false, "s.spend >= 4998");
    filter_is("member.spend > 50.0 || member.points > 5", false, "");
    filter_is("member.tier in ['gold', 'silver']", false, "(s.tier = ?3 OR s.tier = ?4)");
    filter_is("member.tier != 'gold'", false, "s.tier <> ?3");
    filter_is("member.last_purchase_at == null", false, "s.last_purchase_at = 0");
    filter_is("has(member.tier) ? member.visits < 2 : false", false, "(s.tier <> ?3 AND s.visits <= 4)");
    filter_is("false", false, "1 = 0");
    filter_is("true", false, "");
    filter_is("member.purchases / 2 == 1", false, "");
}

static void what_time_may_bring_in_is_let_through_for_good(void **state)
{
    (void)state;
    filter_is("within(member.last_purchase_at, '1s') && member.purchases > 2", false,
              "((s.last_purchase_at > 999999000000 AND s.last_purchase_at <= 1000000000000) AND s.purchases >= 0)");
    filter_is("within(member.last_purchase_at, '1s') && member.purchases > 2", true, "s.purchases >= 0");
    filter_is("!within(member.last_purchase_at, '1s')", false,
              "(s.last_purchase_at <= 999999000000 OR s.last_purchase_at > 1000000000000)");
    filter_is("!within(member.last_purchase_at, '1s')", true, "");
    filter_is("days_since(member.last_purchase_at) > 1", true, "");
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(ARENA_BYTES);
    programme = (struct programme){.exponent = 2};
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_a_name_and_an_expression),
        cmocka_unit_test(a_filter_lets_through_whoever_may_be_in),
        cmocka_unit_test(what_time_may_bring_in_is_let_through_for_good),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
