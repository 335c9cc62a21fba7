/* What a basket would earn, rule by rule, and why a rule gives nothing. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "features/conditions/conditions_store.h"
#include "features/customers/member_reference_api.h"
#include "features/earning/accrual.h"
#include "features/earning/earning_api.h"

enum { PREVIEW_LINES_MAX = 1000, DRAFT_BYTES_MAX = 262144, DRAFT_RULES_MAX = 50 };

struct preview_line {
    struct text sku, category;
    int64_t quantity_milli;
    struct json_amount amount, discount;
};
struct preview_rule {
    struct text code, document;
};
struct preview_input {
    struct json_list lines, rules, segments;
    struct member_reference *member;
    struct text store, channel, tier, terms, document;
    int64_t at, qualifying, paid_with_points;
};

static const struct field line_fields[] = {
    {.name = "sku", .type = FIELD_TEXT, .offset = offsetof(struct preview_line, sku), .maximum = 128},
    {.name = "category",
     .type = FIELD_TEXT,
     .offset = offsetof(struct preview_line, category),
     .maximum = CODE_SIZE_MAX},
    {.name = "quantity",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct preview_line, quantity_milli),
     .scale = 3,
     .maximum = INT64_C(1000000000000),
     .fallback = 1000},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .offset = offsetof(struct preview_line, amount)},
    {.name = "discount", .type = FIELD_AMOUNT, .offset = offsetof(struct preview_line, discount)},
};
static const struct shape line_shape = {
    .name = "PreviewLine", .size = sizeof(struct preview_line), SHAPE_FIELDS(line_fields)};
static const struct field draft_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct preview_rule, code),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "document",
     .type = FIELD_JSON_MAP,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct preview_rule, document),
     .maximum = DEFINITION_DOCUMENT_MAX},
};
static const struct shape draft_shape = {
    .name = "PreviewDraft", .size = sizeof(struct preview_rule), SHAPE_FIELDS(draft_fields)};
static const struct field input_fields[] = {
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct preview_input, lines),
     .minimum = 1,
     .maximum = PREVIEW_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_shape},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct preview_input, store),
     .maximum = CODE_SIZE_MAX},
    {.name = "channel",
     .type = FIELD_TEXT,
     .offset = offsetof(struct preview_input, channel),
     .maximum = CODE_SIZE_MAX},
    {.name = "tier", .type = FIELD_TEXT, .offset = offsetof(struct preview_input, tier), .maximum = CODE_SIZE_MAX},
    {.name = "terms",
     .type = FIELD_TEXT,
     .offset = offsetof(struct preview_input, terms),
     .maximum = CODE_SIZE_MAX,
     .about = "Of the organisation that it is bought for."},
    {.name = "qualifying",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct preview_input, qualifying),
     .minimum = 0,
     .maximum = INT64_MAX / 4,
     .about = "The qualifying sum before the purchase; with metric spend in minor units."},
    {.name = "paid_with_points",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct preview_input, paid_with_points),
     .minimum = 0,
     .maximum = INT64_MAX / 4,
     .about = "The part paid with points, in minor units."},
    {.name = "at", .type = FIELD_INSTANT, .offset = offsetof(struct preview_input, at)},
    {.name = "document",
     .type = FIELD_JSON_MAP,
     .offset = offsetof(struct preview_input, document),
     .maximum = DRAFT_BYTES_MAX,
     .about = "A draft instead of the programme in force."},
    {.name = "member",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct preview_input, member),
     .shape = &member_reference_shape,
     .about = "Whose basket it is: tier, qualifying sum and facts are theirs, where the request does not say."},
    {.name = "segments",
     .type = FIELD_LIST,
     .offset = offsetof(struct preview_input, segments),
     .maximum = MULTIPLIER_CODES_MAX,
     .element = FIELD_TEXT,
     .about = "Without a member: the segments to assume."},
    {.name = "earning_rules",
     .type = FIELD_LIST,
     .offset = offsetof(struct preview_input, rules),
     .maximum = DRAFT_RULES_MAX,
     .element = FIELD_OBJECT,
     .shape = &draft_shape,
     .about = "Drafts of earning rules, beside the published ones or instead of those with the same code."},
};
const struct shape preview_input_shape = {
    .name = "PreviewInput", .size = sizeof(struct preview_input), SHAPE_FIELDS(input_fields)};

static const struct field bonus_fields[] = {
    {.name = "multiplier", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape bonus_shape = {.name = "PreviewBonus", SHAPE_FIELDS(bonus_fields)};
static const struct field rule_fields[] = {
    {.name = "rule", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "In all, bonuses included."},
    {.name = "bonuses", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &bonus_shape},
};
static const struct shape rule_shape = {.name = "PreviewRule", SHAPE_FIELDS(rule_fields)};
static const struct field preview_points_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape preview_points_shape = {.name = "PreviewPoints", SHAPE_FIELDS(preview_points_fields)};
static const struct field outcome_fields[] = {
    {.name = "rule", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "0: a draft."},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "applied", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "Why it gives nothing, as a code."},
    {.name = "message", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "The same as a sentence."},
    {.name = "by", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "The rule that excludes it."},
};
const struct shape accrual_outcome_shape = {.name = "PreviewEarningRule", SHAPE_FIELDS(outcome_fields)};
static const struct field preview_fields[] = {
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "total", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "rules", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &rule_shape},
    {.name = "earning_rules",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &accrual_outcome_shape,
     .about = "All that are published and not over, in the order in which they are asked."},
    {.name = "points",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &preview_points_shape,
     .about = "The sum for each account."},
};
const struct shape preview_shape = {
    .name = "Preview", .about = "What a basket would earn, without budgets and limits.", SHAPE_FIELDS(preview_fields)};

static enum status read_lines(struct call *call, const struct preview_input *body, const struct programme *programme,
                              struct earning_input *input, struct error *err)
{
    const struct preview_line *given = body->lines.items;
    struct purchase_line *lines = arena_array(call->arena, body->lines.count, sizeof *lines);

    for (size_t i = 0; i < body->lines.count; i++) {
        if (strcmp(given[i].amount.currency, programme->currency) != 0)
            return error_set(err, STATUS_INVALID, "json.currency", arena_format(call->arena, "lines[%zu].amount", i),
                             "amounts are in %s, the programme's currency", programme->currency);
        lines[i].number = (int32_t)i + 1;
        lines[i].sku = given[i].sku;
        lines[i].category = given[i].category;
        const struct item_category *category = category_find(call->programmes, given[i].category);
        lines[i].above = category != NULL ? category->above : NULL;
        lines[i].quantity_milli = given[i].quantity_milli;
        lines[i].amount = given[i].amount.minor;
        lines[i].discount = given[i].discount.minor;
        if (given[i].amount.minor < 0 || !checked_add(input->total, given[i].amount.minor, &input->total))
            return error_set(err, STATUS_INVALID, "points.range", arena_format(call->arena, "lines[%zu].amount", i),
                             "the amount is out of range");
    }
    input->lines = lines;
    input->line_count = body->lines.count;
    return STATUS_OK;
}

/* What goes into an account. */
struct wallet_sum {
    struct text wallet;
    int64_t points;
};

static void write_rule(struct json_writer *writer, const struct earned *earned)
{
    writer_object(writer, NULL);
    writer_text(writer, "rule", earned->rule->code);
    writer_text(writer, "wallet", earned->rule->wallet);
    writer_integer(writer, "points", earned->points);
    writer_list(writer, "bonuses");
    for (size_t i = 0; i < earned->bonus_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "multiplier", earned->bonuses[i].multiplier->code);
        writer_integer(writer, "points", earned->bonuses[i].bonus);
        writer_end(writer);
    }
    writer_end(writer);
    writer_end(writer);
}

/* ---- the rules that are published by themselves ---- */

/* The sentence of a reason. */
static const char *sentence_of(const char *reason)
{
    static const struct {
        const char *reason, *sentence;
    } sentences[] = {
        {"earning.not_started", "it is not in force yet"},
        {"earning.ended", "it is over"},
        {"earning.weekday", "it is not for this day of the week"},
        {"earning.hours", "it is not for this time of the day"},
        {"earning.store", "it is for other stores"},
        {"earning.channel", "it is for other channels"},
        {"earning.tier", "it is for other tiers"},
        {"earning.segment", "the member is in none of its segments"},
        {"earning.audience", "the member is not among those it is for"},
        {"earning.condition", "its condition does not hold"},
        {"earning.lines", "none of the lines counts for it"},
        {"earning.nothing", "what counts for it is too little for a point"},
        {"earning.cap", "the member had as much of it as the cap allows"},
        {"earning.budget", "its budget is used up"},
        {"earning.excluded_by", "another rule is exclusive"},
        {"earning.group", "another rule of its group counts"},
        {"earning.error", "an expression failed"},
    };

    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strcmp(sentences[i].reason, reason) == 0)
            return sentences[i].sentence;
    return reason;
}

void accrual_outcome_write(struct json_writer *writer, struct arena *arena, const struct accrual_outcome *outcome)
{
    bool by = outcome->reason != NULL && strcmp(outcome->reason, "earning.error") != 0 && outcome->detail.size > 0;
    bool failed = outcome->reason != NULL && !by && outcome->detail.size > 0;

    writer_object(writer, NULL);
    writer_text(writer, "rule", outcome->definition->code);
    writer_integer(writer, "version", outcome->definition->version);
    writer_text(writer, "name", outcome->rule->name);
    writer_text(writer, "wallet", outcome->rule->wallet);
    writer_boolean(writer, "applied", outcome->points > 0);
    writer_integer(writer, "points", outcome->points);
    if (outcome->reason == NULL) {
        writer_null(writer, "reason");
        writer_null(writer, "message");
    } else {
        writer_string(writer, "reason", outcome->reason);
        writer_string(writer, "message",
                      failed ? arena_format(arena, "%s: %.*s", sentence_of(outcome->reason), (int)outcome->detail.size,
                                            outcome->detail.bytes)
                             : sentence_of(outcome->reason));
    }
    if (by)
        writer_text(writer, "by", outcome->detail);
    else
        writer_null(writer, "by");
    writer_end(writer);
}

static int compare_items(const void *left, const void *right)
{
    const struct definition *a = left, *b = right;
    int code = text_compare(a->code, b->code);

    return code != 0 ? code : (a->from > b->from) - (a->from < b->from);
}

static bool is_draft(const struct preview_input *body, struct text code)
{
    const struct preview_rule *drafts = body->rules.items;

    for (size_t i = 0; i < body->rules.count; i++)
        if (text_equal(drafts[i].code, code))
            return true;
    return false;
}

/* The configuration with the drafts of the request in the place of what is published. */
static enum status with_drafts(struct call *call, const struct preview_input *body, const struct programme *programme,
                               const struct programme_set **out, struct error *err)
{
    const struct definition_list *published = definitions_of(call->programmes, &earning_rule_kind);
    const struct preview_rule *drafts = body->rules.items;
    struct programme_set *set = arena_copy(call->arena, call->programmes, sizeof *set);
    struct definition_set *definitions = arena_alloc(call->arena, sizeof *definitions);
    struct definition_list *list = arena_alloc(call->arena, sizeof *list);
    struct definition *items = arena_array(call->arena, published->count + body->rules.count + 1, sizeof *items);

    *list = (struct definition_list){.kind = &earning_rule_kind, .items = items};
    for (size_t i = 0; i < published->count; i++)
        if (!is_draft(body, published->items[i].code))
            items[list->count++] = published->items[i];
    for (size_t i = 0; i < body->rules.count; i++) {
        const struct definition_input input = {.arena = call->arena,
                                               .code = drafts[i].code,
                                               .document = drafts[i].document,
                                               .programme = programme,
                                               .programmes = call->programmes,
                                               .saving = true};
        struct definition *item = &items[list->count++];
        *item = (struct definition){
            .code = drafts[i].code, .from = INT64_MIN, .until = INSTANT_NEVER, .document = drafts[i].document};
        enum status status = accrual_rule_parse(&input, &item->parsed, err);
        if (status != STATUS_OK) {
            error_prefix_field(err, "earning_rules[%zu].document.", i);
            return status;
        }
    }
    qsort(items, list->count, sizeof *items, compare_items);
    enum status status = accrual_index_build(call->arena, items, list->count, &list->index, err);
    *definitions = (struct definition_set){list, 1};
    set->definitions = definitions;
    *out = set;
    return status;
}

/* ---- the member ---- */

struct preview_person {
    struct person person;
    struct condition_person known;
};

static enum status read_person(struct call *call, const struct preview_input *body, unsigned parts,
                               struct preview_person *out, struct error *err)
{
    struct storage_session *session;
    int64_t member;

    if (body->member == NULL) {
        out->known = (struct condition_person){
            .parts = CONDITION_SEGMENTS, .segments = body->segments.items, .segment_count = body->segments.count};
        return STATUS_OK;
    }
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = member_reference_find(call, session, body->member, &member, err);
    if (status == STATUS_OK)
        status = engine_view(call->engine, session, member, call->arena, &out->person, err);
    if (status == STATUS_OK)
        status = conditions_read(session, call->arena, &out->person, parts, &out->known, err);
    call_read_end(call, session);
    return status == STATUS_OK ? call_check_member(call, member, "member", err) : status;
}

/* ---- the whole ---- */

static void add_points(struct wallet_sum *sums, size_t *count, struct text wallet, int64_t points)
{
    size_t i = 0;

    while (i < *count && !text_equal(sums[i].wallet, wallet))
        i++;
    if (i == *count)
        sums[(*count)++] = (struct wallet_sum){wallet, 0};
    sums[i].points += points;
}

static void write_preview(struct call *call, struct json_writer *writer, const struct accrual_event *event,
                          const struct accrual_outcome *outcomes, size_t count)
{
    struct wallet_sum *sums = arena_array(call->arena, event->base_count + count + 1, sizeof *sums);
    size_t sum_count = 0;

    writer_integer(writer, "version", event->programme->version);
    writer_amount(writer, "total", event->input->total, event->programme->currency);
    writer_list(writer, "rules");
    for (size_t i = 0; i < event->base_count; i++) {
        write_rule(writer, &event->base[i]);
        add_points(sums, &sum_count, event->base[i].rule->wallet, event->base[i].points);
    }
    writer_end(writer);
    writer_list(writer, "earning_rules");
    for (size_t i = 0; i < count; i++) {
        accrual_outcome_write(writer, call->arena, &outcomes[i]);
        add_points(sums, &sum_count, outcomes[i].rule->wallet, outcomes[i].points);
    }
    writer_end(writer);
    writer_list(writer, "points");
    for (size_t i = 0; i < sum_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", sums[i].wallet);
        writer_integer(writer, "points", sums[i].points);
        writer_end(writer);
    }
    writer_end(writer);
}

/* Asks the rules of the programme, then those that are published by themselves. */
static enum status ask(struct call *call, struct accrual_event *event, struct earning_input *input,
                       struct json_writer *writer, struct error *err)
{
    struct accrual_outcome *outcomes;
    struct earned *earned;
    size_t count;
    enum status status = programme_earn(event->programme, input, call->arena, &earned, &event->base_count, err);

    if (status != STATUS_OK)
        return status;
    event->input = input;
    event->base = earned;
    status = accrual_apply(event, true, call->arena, &outcomes, &count, err);
    if (status == STATUS_OK)
        write_preview(call, writer, event, outcomes, count);
    return status;
}

enum status preview_handle(struct call *call, struct item *item, struct error *err)
{
    const struct preview_input *body = item->body;
    struct earning_input input = {.at = body->at != 0 ? body->at : call->now,
                                  .store = body->store,
                                  .channel = body->channel,
                                  .tier = body->tier,
                                  .terms = body->terms,
                                  .qualifying = body->qualifying};
    const struct programme *programme = programme_at(call->programmes, input.at);
    struct preview_person who = {0};
    struct programme draft;
    const struct programme_set *set;
    enum status status = STATUS_OK;

    if (body->document.size > 0) {
        status = programme_parse(call->arena, body->document, &draft, err);
        if (status != STATUS_OK) {
            error_prefix_field(err, "document.");
            return status;
        }
        programme = &draft;
    }
    status = read_lines(call, body, programme, &input, err);
    if (status == STATUS_OK)
        status = with_drafts(call, body, programme, &set, err);
    if (status == STATUS_OK)
        status = read_person(call, body, accrual_needs(set, TEXT("purchase")).parts, &who, err);
    if (status != STATUS_OK)
        return status;
    if (who.person.leader != NULL && input.tier.size == 0)
        input.tier = who.person.leader->standing.tier;
    if (who.person.leader != NULL && input.qualifying == 0)
        input.qualifying = who.person.leader->standing.qualifying;
    input.paid_with_points = body->paid_with_points < input.total ? body->paid_with_points : input.total;
    struct accrual_event event = {.triggers = {TEXT("purchase")},
                                  .trigger_count = 1,
                                  .at = input.at,
                                  .now = call->now,
                                  .programmes = set,
                                  .programme = programme,
                                  .store = body->store,
                                  .channel = body->channel,
                                  .tier = input.tier,
                                  .person = who.person.group != NULL ? &who.person : NULL,
                                  .known = &who.known};
    return ask(call, &event, &input, &item->writer, err);
}
