#include "features/segments/segment.h"

#include <math.h>
#include <stdio.h>

#include "features/conditions/facts_time.h"
#include "features/definitions/definition_read.h"

enum { MILLIONTHS = 1000000, FILTER_BYTES = RULE_COMPILE_BYTES };

/* ---- the document ---- */

enum status segment_compile(struct arena *arena, struct text when, struct condition *out, struct error *err)
{
    const struct condition_request request = {
        .source = when, .about = CONDITION_MEMBER, .type = &rule_type_bool, .scores = true};
    enum status status = condition_compile(arena, &request, out, err);
    if (status == STATUS_OK && (out->parts & CONDITION_SEGMENTS) != 0)
        return error_set(err, STATUS_INVALID, "segment.recursion", "",
                         "a segment does not name segments: write its condition out");
    return status;
}

static enum status read_segment(const struct object *document, void *out)
{
    static const char *const fields[] = {"name", "about", "when", NULL};
    struct segment_rule *segment = out;
    struct text when = {0};

    TRY(object_check(document, fields));
    TRY(object_text(document, "name", true, SEGMENT_NAME_MAX, &segment->name));
    TRY(object_text(document, "about", false, SEGMENT_ABOUT_MAX, &segment->about));
    TRY(object_text(document, "when", true, CONDITION_SIZE_MAX, &when));
    if (segment_compile(document->arena, when, &segment->when, document->err) == STATUS_OK)
        return STATUS_OK;
    if (document->err != NULL)
        snprintf(document->err->field, sizeof document->err->field, "%s", object_path(document, "when"));
    return STATUS_INVALID;
}

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct segment_rule *segment = arena_alloc(input->arena, sizeof *segment);

    *out = segment;
    return definition_read(input, read_segment, segment, err);
}

const struct definition_kind segment_kind = {.name = "segment", .plural = "segments", .parse = parse};

/* ---- evaluating ---- */

struct segment_answer segment_evaluate(struct arena *arena, const struct condition *when,
                                       const struct fact_sources *sources, const struct rule_value *slots)
{
    struct rule_evaluation evaluation = {.arena = arena,
                                         .slots = slots,
                                         .now = sources->now,
                                         .zone = sources->programme->zone,
                                         .cost_max = CONDITION_COST_MAX};
    struct error ignored;
    struct segment_answer answer = {.inside = true, .until = INSTANT_NEVER};
    if (when->program == NULL)
        return answer;
    enum status status = rule_evaluate(when->program, &evaluation, &ignored);
    answer.inside = status == STATUS_OK && evaluation.value.kind == RULE_BOOL && evaluation.value.boolean;
    answer.until = evaluation.valid_until;
    if (when->timed) {
        int64_t until = facts_until(sources, when->program);
        answer.until = until < answer.until ? until : answer.until;
    }
    return answer;
}

bool segment_reads_points(const struct condition *when)
{
    return when->program != NULL &&
           (rule_program_reads(when->program, FACT_POINTS) || rule_program_reads(when->program, FACT_PENDING_POINTS) ||
            rule_program_reads(when->program, FACT_WALLETS));
}

/* ---- the filter ---- */

/* Rows of a person of several members lie with each of them: such a person is looked at in any case. */
#define OF_SEVERAL "EXISTS (SELECT 1 FROM standing_own AS o WHERE o.bucket = s.bucket AND o.member = s.member)"
#define OF_PROFILE(column)                                                                                       \
    "(EXISTS (SELECT 1 FROM profile AS p WHERE p.bucket = s.bucket AND p.member = s.member AND p." column " %) " \
    "OR " OF_SEVERAL ")"
#define OF_SCORE(column) \
    "EXISTS (SELECT 1 FROM member_score AS c WHERE c.bucket = s.bucket AND c.member = s.member AND c." column " %)"

static const struct rule_column columns[] = {
    {FACT_REGISTERED_AT, RULE_COLUMN_INSTANT,
     "EXISTS (SELECT 1 FROM member AS m WHERE m.bucket = s.bucket AND m.id = s.member AND m.registered_at %)", 0, true},
    {FACT_PURCHASES, RULE_COLUMN_NUMBER, "s.purchases %", 1, false},
    {FACT_PURCHASE_DAYS, RULE_COLUMN_NUMBER, "s.purchase_days %", 1, false},
    {FACT_SPEND, RULE_COLUMN_NUMBER, "s.spend %", 0, false},
    {FACT_RETURNS, RULE_COLUMN_NUMBER, "s.returns %", 0, false},
    {FACT_VISITS, RULE_COLUMN_NUMBER, "s.visits %", 1, false},
    {FACT_FIRST_PURCHASE_AT, RULE_COLUMN_INSTANT, "s.first_purchase_at %", 0, false},
    {FACT_LAST_PURCHASE_AT, RULE_COLUMN_INSTANT, "s.last_purchase_at %", 0, false},
    {FACT_LAST_VISIT_AT, RULE_COLUMN_INSTANT, "s.last_visit_at %", 0, false},
    {FACT_LAST_EVENT_AT, RULE_COLUMN_INSTANT, "s.last_event_at %", 0, false},
    {FACT_TIER, RULE_COLUMN_TEXT, "s.tier %", 0, false},
    {FACT_GENDER, RULE_COLUMN_TEXT, OF_PROFILE("gender"), 0, true},
    {FACT_BIRTHDAY, RULE_COLUMN_TEXT, OF_PROFILE("birthday"), 0, true},
    {FACT_LANGUAGE, RULE_COLUMN_TEXT, OF_PROFILE("language"), 0, true},
    {FACT_TIME_ZONE, RULE_COLUMN_TEXT, OF_PROFILE("time_zone"), 0, true},
    {FACT_COUNTRY, RULE_COLUMN_TEXT, OF_PROFILE("country"), 0, true},
    {FACT_REGION, RULE_COLUMN_TEXT, OF_PROFILE("region"), 0, true},
    {FACT_CITY, RULE_COLUMN_TEXT, OF_PROFILE("city"), 0, true},
    {FACT_POSTAL_CODE, RULE_COLUMN_TEXT, OF_PROFILE("postal_code"), 0, true},
    {FACT_TAGS, RULE_COLUMN_TEXTS,
     "(EXISTS (SELECT 1 FROM tag AS t WHERE t.bucket = s.bucket AND t.member = s.member AND t.tag %) OR " OF_SEVERAL
     ")",
     0, true},
    {FACT_ALIVE, RULE_COLUMN_NUMBER, OF_SCORE("alive"), MILLIONTHS, true},
    {FACT_EXPECTED_PURCHASES, RULE_COLUMN_NUMBER, OF_SCORE("expected"), MILLIONTHS, true},
    {FACT_EXPECTED_VALUE, RULE_COLUMN_NUMBER, OF_SCORE("value"), 0, true},
    {FACT_CLV, RULE_COLUMN_NUMBER, OF_SCORE("lifetime"), 0, true},
    {FACT_LOYALTY, RULE_COLUMN_NUMBER, OF_SCORE("loyalty"), 1, true},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

void segment_filter(struct arena *arena, const struct condition *when, const struct segment_narrowing *narrowing,
                    struct rule_filter *out)
{
    struct rule_column scaled[COLUMN_COUNT];
    const struct rule_source source = {.text = when->source, .environment = &facts_environment};
    const struct rule_sql sql = {.columns = scaled,
                                 .column_count = COLUMN_COUNT,
                                 .now = narrowing->now,
                                 .lasting = narrowing->lasting,
                                 .first_argument = 3};
    *out = (struct rule_filter){0};
    if (when->program == NULL)
        return;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        scaled[i] = columns[i];
        if (scaled[i].kind == RULE_COLUMN_NUMBER && !(scaled[i].scale > 0)) /* money */
            scaled[i].scale = pow(10, narrowing->programme->exponent);
    }
    rule_to_sql(arena, &source, &sql, out);
}
