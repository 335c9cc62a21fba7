/* What a basket would earn, rule by rule. */
#include <stddef.h>
#include <string.h>

#include "features/programme/programme.h"
#include "features/programme/programme_api.h"

enum { PREVIEW_LINES_MAX = 1000, DRAFT_BYTES_MAX = 262144 };

struct preview_line {
    struct text sku, category;
    struct json_amount amount;
};
struct preview_input {
    struct json_list lines;
    struct text store, channel, tier, terms, document;
    int64_t at, qualifying, paid_with_points;
};

static const struct field line_fields[] = {
    {.name = "sku", .type = FIELD_TEXT, .offset = offsetof(struct preview_line, sku), .maximum = 128},
    {.name = "category",
     .type = FIELD_TEXT,
     .offset = offsetof(struct preview_line, category),
     .maximum = CODE_SIZE_MAX},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .offset = offsetof(struct preview_line, amount)},
};
static const struct shape line_shape = {
    .name = "PreviewLine", .size = sizeof(struct preview_line), SHAPE_FIELDS(line_fields)};
static const struct field input_fields[] = {
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct preview_input, lines),
     .minimum = 1,
     .maximum = PREVIEW_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_shape},
    {.name = "store", .type = FIELD_TEXT, .offset = offsetof(struct preview_input, store), .maximum = CODE_SIZE_MAX},
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
static const struct field preview_fields[] = {
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "total", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "rules", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &rule_shape},
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
        lines[i].amount = given[i].amount.minor;
        if (given[i].amount.minor < 0 || !checked_add(input->total, given[i].amount.minor, &input->total))
            return error_set(err, STATUS_INVALID, "points.range", arena_format(call->arena, "lines[%zu].amount", i),
                             "the amount is out of range");
    }
    input->lines = lines;
    input->line_count = body->lines.count;
    return STATUS_OK;
}

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
    struct programme draft;
    struct earned *earned;
    size_t count;
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
    if (status != STATUS_OK)
        return status;
    input.paid_with_points = body->paid_with_points < input.total ? body->paid_with_points : input.total;
    status = programme_earn(programme, &input, call->arena, &earned, &count, err);
    if (status != STATUS_OK)
        return status;
    writer_integer(&item->writer, "version", programme->version);
    writer_amount(&item->writer, "total", input.total, programme->currency);
    writer_list(&item->writer, "rules");
    for (size_t i = 0; i < count; i++)
        write_rule(&item->writer, &earned[i]);
    writer_end(&item->writer);
    return STATUS_OK;
}
