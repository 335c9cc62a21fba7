/* The lines of a purchase: list price, discounts, modifiers, cost and tax beside what always was there. */
#include "features/events/line_api.h"

#include <stddef.h>
#include <string.h>

#include "features/events/event_input_api.h"
#include "features/events/purchase_api.h"

/* ---- requests ---- */

struct discount_input {
    struct text kind, code;
    struct json_amount amount;
};
static const struct field discount_input_fields[] = {
    {.name = "kind",
     .type = FIELD_TEXT,
     .offset = offsetof(struct discount_input, kind),
     .maximum = CODE_SIZE_MAX,
     .about = "promotion, coupon, member, employee, manual, or a code of your own."},
    {.name = "code", .type = FIELD_TEXT, .offset = offsetof(struct discount_input, code), .maximum = CODE_SIZE_MAX},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct discount_input, amount)},
};
static const struct shape discount_input_shape = {
    .name = "LineDiscountInput", .size = sizeof(struct discount_input), SHAPE_FIELDS(discount_input_fields)};

struct modifier_input {
    struct text code, text;
    int64_t quantity_milli;
    struct json_amount price;
};
static const struct field modifier_input_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .offset = offsetof(struct modifier_input, code), .maximum = CODE_SIZE_MAX},
    {.name = "text",
     .type = FIELD_TEXT,
     .offset = offsetof(struct modifier_input, text),
     .maximum = MODIFIER_TEXT_MAX,
     .about = "In words, such as less ice; they go when the member is erased."},
    {.name = "quantity",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct modifier_input, quantity_milli),
     .scale = 3,
     .minimum = 0,
     .maximum = INT64_C(1000000000),
     .fallback = 1000},
    {.name = "price",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct modifier_input, price),
     .about = "What it adds; the amount of the line holds it."},
};
static const struct shape modifier_input_shape = {
    .name = "LineModifierInput", .size = sizeof(struct modifier_input), SHAPE_FIELDS(modifier_input_fields)};

struct line_input {
    struct text sku, category;
    int64_t quantity_milli;
    struct json_amount amount, discount, list_price, unit_cost;
    struct json_list discounts, modifiers;
    int64_t tax;
    bool shipping;
    unsigned char discount_given, list_given, cost_given, tax_given;
};

static const struct field line_input_fields[] = {
    {.name = "sku", .type = FIELD_TEXT, .offset = offsetof(struct line_input, sku), .maximum = 128},
    {.name = "category",
     .type = FIELD_TEXT,
     .offset = offsetof(struct line_input, category),
     .maximum = CODE_SIZE_MAX,
     .about = "From the item catalogue when absent."},
    {.name = "quantity",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct line_input, quantity_milli),
     .scale = 3,
     .minimum = 0,
     .maximum = INT64_C(1000000000000),
     .fallback = 1000},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct line_input, amount),
     .about = "What the line adds to the total, after discounts."},
    {.name = "discount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct line_input, discount),
     .presence = offsetof(struct line_input, discount_given),
     .about =
         "The sum of the discounts already taken from the line; absent: of `discounts`, or what `list_price` is more."},
    {.name = "list_price",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct line_input, list_price),
     .presence = offsetof(struct line_input, list_given),
     .about = "Of the whole line: its amount and its discounts."},
    {.name = "discounts",
     .type = FIELD_LIST,
     .offset = offsetof(struct line_input, discounts),
     .maximum = LINE_DISCOUNTS_MAX,
     .element = FIELD_OBJECT,
     .shape = &discount_input_shape,
     .about = "Each discount apart."},
    {.name = "modifiers",
     .type = FIELD_LIST,
     .offset = offsetof(struct line_input, modifiers),
     .maximum = LINE_MODIFIERS_MAX,
     .element = FIELD_OBJECT,
     .shape = &modifier_input_shape,
     .about = "What was changed about the item."},
    {.name = "unit_cost",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct line_input, unit_cost),
     .presence = offsetof(struct line_input, cost_given),
     .about = "What one costs the shop; from the item catalogue when absent."},
    {.name = "tax_rate",
     .type = FIELD_DECIMAL,
     .offset = offsetof(struct line_input, tax),
     .presence = offsetof(struct line_input, tax_given),
     .scale = 6,
     .minimum = 0,
     .maximum = TAX_SCALE,
     .about = "Of the tax that the amount holds; from the item catalogue when absent."},
    {.name = "shipping",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct line_input, shipping),
     .about = "The line is for shipping: free shipping that was due and not given is noticed. Of a quote: as it was "
              "quoted."},
};
const struct shape line_input_shape = {
    .name = "PurchaseLineInput", .size = sizeof(struct line_input), SHAPE_FIELDS(line_input_fields)};

static bool has_terms(const struct line_input *line)
{
    return line->discounts.count > 0 || line->modifiers.count > 0 || line->list_given == PRESENCE_GIVEN ||
           line->cost_given == PRESENCE_GIVEN || line->tax_given == PRESENCE_GIVEN || line->shipping;
}

static void terms_content(struct builder *content, const struct line_input *line)
{
    const struct discount_input *discounts = line->discounts.items;
    const struct modifier_input *modifiers = line->modifiers.items;

    for (size_t i = 0; i < line->discounts.count; i++) {
        content_text(content, discounts[i].kind);
        content_text(content, discounts[i].code);
        content_integer(content, discounts[i].amount.minor);
    }
    for (size_t i = 0; i < line->modifiers.count; i++) {
        content_text(content, modifiers[i].code);
        content_text(content, modifiers[i].text);
        content_integer(content, modifiers[i].quantity_milli);
        content_integer(content, modifiers[i].price.minor);
    }
    content_integer(content, line->list_given == PRESENCE_GIVEN ? line->list_price.minor : -1);
    content_integer(content, line->cost_given == PRESENCE_GIVEN ? line->unit_cost.minor : -1);
    content_integer(content, line->tax_given == PRESENCE_GIVEN ? line->tax : -1);
    if (line->shipping)
        content_text(content, TEXT("shipping"));
}

void lines_content(struct builder *content, const struct json_list *list)
{
    const struct line_input *lines = list->items;

    for (size_t i = 0; i < list->count; i++) {
        content_text(content, lines[i].sku);
        content_text(content, lines[i].category);
        content_integer(content, lines[i].quantity_milli);
        content_integer(content, lines[i].amount.minor);
        content_integer(content, lines[i].discount.minor);
        content_text(content, text_from(lines[i].amount.currency));
        /* Nothing for plain lines: what was sent before there were terms is still the same. */
        if (has_terms(&lines[i]))
            terms_content(content, &lines[i]);
    }
}

static enum status take_currency(struct purchase *body, const struct json_amount *amount, struct error *err)
{
    if (amount->currency[0] == '\0')
        return STATUS_OK;
    if (body->currency[0] == '\0')
        memcpy(body->currency, amount->currency, CURRENCY_SIZE);
    if (strcmp(body->currency, amount->currency) != 0)
        return error_set(err, STATUS_INVALID, "purchase.currencies", "lines",
                         "a purchase has one currency, not %s and %s", body->currency, amount->currency);
    return STATUS_OK;
}

static enum status take_currencies(struct purchase *body, const struct line_input *line, struct error *err)
{
    const struct json_amount *const amounts[] = {&line->amount, &line->discount, &line->list_price, &line->unit_cost};
    const struct discount_input *discounts = line->discounts.items;
    const struct modifier_input *modifiers = line->modifiers.items;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0] && status == STATUS_OK; i++)
        status = take_currency(body, amounts[i], err);
    for (size_t i = 0; i < line->discounts.count && status == STATUS_OK; i++)
        status = take_currency(body, &discounts[i].amount, err);
    for (size_t i = 0; i < line->modifiers.count && status == STATUS_OK; i++)
        status = take_currency(body, &modifiers[i].price, err);
    return status;
}

static const struct line_terms *take_terms(struct arena *arena, const struct line_input *line)
{
    const struct discount_input *from = line->discounts.items;
    const struct modifier_input *changes = line->modifiers.items;
    struct line_discount *discounts = arena_array(arena, line->discounts.count + 1, sizeof *discounts);
    struct line_modifier *modifiers = arena_array(arena, line->modifiers.count + 1, sizeof *modifiers);
    struct line_terms *terms = arena_alloc(arena, sizeof *terms);

    for (size_t i = 0; i < line->discounts.count; i++)
        discounts[i] = (struct line_discount){from[i].kind, from[i].code, from[i].amount.minor};
    for (size_t i = 0; i < line->modifiers.count; i++)
        modifiers[i] =
            (struct line_modifier){changes[i].code, changes[i].text, changes[i].quantity_milli, changes[i].price.minor};
    *terms = line_terms_start();
    terms->shipping = line->shipping;
    terms->list_given = line->list_given == PRESENCE_GIVEN;
    terms->list_price = line->list_price.minor;
    terms->discounts = discounts;
    terms->discount_count = line->discounts.count;
    terms->modifiers = modifiers;
    terms->modifier_count = line->modifiers.count;
    if (line->cost_given == PRESENCE_GIVEN)
        terms->unit_cost = line->unit_cost.minor;
    if (line->tax_given == PRESENCE_GIVEN)
        terms->tax = line->tax;
    return terms;
}

/* The sum that the line does not say itself. Sums out of range are left to the decision to refuse. */
static int64_t discount_of(const struct line_input *line)
{
    const struct discount_input *discounts = line->discounts.items;
    int64_t sum = 0;

    if (line->discount_given == PRESENCE_GIVEN)
        return line->discount.minor;
    for (size_t i = 0; i < line->discounts.count; i++)
        if (!checked_add(sum, discounts[i].amount.minor, &sum))
            return 0;
    if (line->discounts.count == 0 && line->list_given == PRESENCE_GIVEN &&
        !checked_subtract(line->list_price.minor, line->amount.minor, &sum))
        return 0;
    return sum;
}

enum status lines_take(struct arena *arena, const struct json_list *list, struct purchase *body, struct error *err)
{
    const struct line_input *lines = list->items;
    size_t term_count = 0;

    body->lines = arena_array(arena, list->count + 1, sizeof *body->lines);
    body->line_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        body->lines[i] = (struct purchase_line){.number = (int32_t)i + 1,
                                                .sku = lines[i].sku,
                                                .category = lines[i].category,
                                                .quantity_milli = lines[i].quantity_milli,
                                                .amount = lines[i].amount.minor,
                                                .discount = discount_of(&lines[i])};
        if (has_terms(&lines[i]))
            body->lines[i].terms = take_terms(arena, &lines[i]);
        term_count += lines[i].discounts.count + lines[i].modifiers.count;
        enum status status = take_currencies(body, &lines[i], err);
        if (status != STATUS_OK)
            return status;
    }
    if (term_count > PURCHASE_TERMS_MAX)
        return error_set(err, STATUS_LIMIT, "purchase.terms", "lines",
                         "a purchase has at most %d discounts and modifiers", PURCHASE_TERMS_MAX);
    return STATUS_OK;
}

/* ---- points that pay, and the detail ---- */

struct payment_input {
    struct text wallet;
    int64_t points, hold;
};

static const struct field payment_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .offset = offsetof(struct payment_input, wallet), .maximum = CODE_SIZE_MAX},
    {.name = "points",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct payment_input, points),
     .minimum = 1,
     .maximum = INT64_C(1000000000000),
     .about = "Of a hold: all of it when absent."},
    {.name = "hold", .type = FIELD_ID, .offset = offsetof(struct payment_input, hold), .prefix = "hld"},
};
const struct shape payment_input_shape = {
    .name = "PointsPayment", .size = sizeof(struct payment_input), SHAPE_FIELDS(payment_fields)};

void payments_content(struct builder *content, const struct json_list *list)
{
    const struct payment_input *payments = list->items;

    for (size_t i = 0; i < list->count; i++) {
        content_text(content, payments[i].wallet);
        content_integer(content, payments[i].points);
        content_integer(content, payments[i].hold);
    }
}

void payments_take(const struct json_list *list, struct purchase *body)
{
    const struct payment_input *payments = list->items;

    for (size_t i = 0; i < list->count; i++)
        body->payments[body->payment_count++] =
            (struct payment){.wallet = payments[i].wallet, .points = payments[i].points, .hold = payments[i].hold};
}

struct stored_payment_input {
    struct text code;
    struct json_amount amount;
};

static const struct field stored_payment_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct stored_payment_input, code),
     .maximum = CODE_SIZE_MAX,
     .about = "Of the stored value."},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct stored_payment_input, amount)},
};
const struct shape stored_payment_input_shape = {
    .name = "StoredValuePayment", .size = sizeof(struct stored_payment_input), SHAPE_FIELDS(stored_payment_fields)};

void stored_content(struct builder *content, const struct stored_payment_input *stored)
{
    if (stored == NULL)
        return;
    content_text(content, stored->code);
    content_integer(content, stored->amount.minor);
}

enum status stored_take(const struct programme *programme, const struct stored_payment_input *input,
                        struct purchase *body, struct error *err)
{
    if (input == NULL)
        return STATUS_OK;
    if (strcmp(input->amount.currency, programme->currency) != 0)
        return error_set(err, STATUS_INVALID, "stored_value.currency", "pay_stored_value.amount",
                         "stored value is in %s", programme->currency);
    body->payments[body->payment_count++] = (struct payment){.stored_value = input->code, .minor = input->amount.minor};
    return STATUS_OK;
}

struct text purchase_detail(struct arena *arena, struct text properties, const struct purchase *body)
{
    struct text words = modifier_texts_write(arena, body->lines, body->line_count);
    struct builder out = {.arena = arena};

    if (properties.size <= 2 && words.size == 0)
        return (struct text){NULL, 0};
    builder_char(&out, '{');
    if (properties.size > 2) {
        builder_string(&out, "\"properties\":");
        builder_text(&out, properties);
    }
    if (words.size > 0) {
        builder_string(&out, properties.size > 2 ? ",\"modifiers\":" : "\"modifiers\":");
        builder_text(&out, words);
    }
    builder_char(&out, '}');
    return builder_done(&out);
}

/* ---- replies ---- */

static const struct field discount_fields[] = {
    {.name = "kind", .type = FIELD_TEXT},
    {.name = "code", .type = FIELD_TEXT},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
static const struct shape discount_shape = {.name = "LineDiscount", .size = 0, SHAPE_FIELDS(discount_fields)};

static const struct field modifier_fields[] = {
    {.name = "code", .type = FIELD_TEXT},
    {.name = "text", .type = FIELD_TEXT, .about = "Its words, until the member is erased."},
    {.name = "quantity", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 3},
    {.name = "price", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
static const struct shape modifier_shape = {.name = "LineModifier", .size = 0, SHAPE_FIELDS(modifier_fields)};

static const struct field line_fields[] = {
    {.name = "line", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "sku", .type = FIELD_TEXT},
    {.name = "category", .type = FIELD_TEXT},
    {.name = "quantity", .type = FIELD_DECIMAL, .scale = 3},
    {.name = "amount", .type = FIELD_AMOUNT},
    {.name = "discount", .type = FIELD_AMOUNT},
    {.name = "of_line", .type = FIELD_INTEGER, .about = "Of a return: the line of the purchase."},
    {.name = "shipping", .type = FIELD_BOOLEAN, .about = "The line is for shipping."},
    {.name = "list_price", .type = FIELD_AMOUNT, .about = "The amount and the discounts, where they were told apart."},
    {.name = "discounts", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &discount_shape},
    {.name = "modifiers", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &modifier_shape},
    {.name = "unit_cost", .type = FIELD_AMOUNT, .about = "At the sale."},
    {.name = "cost", .type = FIELD_AMOUNT, .about = "Of the quantity."},
    {.name = "tax_rate", .type = FIELD_DECIMAL, .scale = 6, .about = "At the sale."},
    {.name = "net", .type = FIELD_AMOUNT, .about = "The amount without tax."},
};
const struct shape purchase_line_shape = {.name = "PurchaseLine", .size = 0, SHAPE_FIELDS(line_fields)};

static void write_prices(struct json_writer *writer, const struct line_terms *terms, const char *currency)
{
    if (terms->discount_count > 0)
        writer_list(writer, "discounts");
    for (size_t i = 0; i < terms->discount_count; i++) {
        writer_object(writer, NULL);
        if (terms->discounts[i].kind.size > 0)
            writer_text(writer, "kind", terms->discounts[i].kind);
        if (terms->discounts[i].code.size > 0)
            writer_text(writer, "code", terms->discounts[i].code);
        writer_amount(writer, "amount", terms->discounts[i].amount, currency);
        writer_end(writer);
    }
    if (terms->discount_count > 0)
        writer_end(writer);
    if (terms->modifier_count > 0)
        writer_list(writer, "modifiers");
    for (size_t i = 0; i < terms->modifier_count; i++) {
        writer_object(writer, NULL);
        if (terms->modifiers[i].code.size > 0)
            writer_text(writer, "code", terms->modifiers[i].code);
        if (terms->modifiers[i].text.size > 0)
            writer_text(writer, "text", terms->modifiers[i].text);
        writer_decimal(writer, "quantity", terms->modifiers[i].quantity_milli, 3);
        writer_amount(writer, "price", terms->modifiers[i].price, currency);
        writer_end(writer);
    }
    if (terms->modifier_count > 0)
        writer_end(writer);
}

static void write_terms(struct json_writer *writer, const struct line_terms *terms, const char *currency)
{
    if (terms->shipping)
        writer_boolean(writer, "shipping", true);
    write_prices(writer, terms, currency);
    if (terms->unit_cost != TERMS_UNKNOWN)
        writer_amount(writer, "unit_cost", terms->unit_cost, currency);
    if (terms->cost != TERMS_UNKNOWN)
        writer_amount(writer, "cost", terms->cost, currency);
    if (terms->tax == TERMS_UNKNOWN)
        return;
    writer_decimal(writer, "tax_rate", terms->tax, 6);
    if (terms->tax > 0)
        writer_amount(writer, "net", terms->net, currency);
}

void write_lines(struct json_writer *writer, const struct purchase_line *lines, size_t count, const char *currency)
{
    for (size_t i = 0; i < count; i++) {
        writer_object(writer, NULL);
        writer_integer(writer, "line", lines[i].number);
        if (lines[i].sku.size > 0)
            writer_text(writer, "sku", lines[i].sku);
        if (lines[i].category.size > 0)
            writer_text(writer, "category", lines[i].category);
        writer_decimal(writer, "quantity", lines[i].quantity_milli, 3);
        writer_amount(writer, "amount", lines[i].amount, currency);
        if (lines[i].discount > 0)
            writer_amount(writer, "discount", lines[i].discount, currency);
        if (lines[i].discount > 0)
            writer_amount(writer, "list_price", lines[i].amount + lines[i].discount, currency);
        if (lines[i].of_line > 0)
            writer_integer(writer, "of_line", lines[i].of_line);
        if (lines[i].terms != NULL)
            write_terms(writer, lines[i].terms, currency);
        writer_end(writer);
    }
}
