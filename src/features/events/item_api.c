#include "features/events/item_api.h"

#include <stddef.h>
#include <string.h>

#include "features/events/catalogue_fields_api.h"

/* ---- bodies; every one begins with its key ---- */

struct item_input {
    struct text sku, name, category;
    struct json_amount price;
    unsigned char price_given;
    struct text attributes;
    struct text brand;
    struct json_amount cost;
    unsigned char cost_given, tax_given;
    int64_t tax;
};
struct category_input {
    struct text code, name, parent;
};
struct shelf_input {
    struct text sku, aisle, shelf;
};

static const struct field item_fields[] = {
    KEY_FIELD(struct item_input, sku, "sku", 128),
    NAME_FIELD(struct item_input),
    {.name = "category", .type = FIELD_TEXT, .offset = offsetof(struct item_input, category), .maximum = CODE_SIZE_MAX},
    {.name = "price",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct item_input, price),
     .presence = offsetof(struct item_input, price_given),
     .about = "In the programme's currency."},
    {.name = "attributes", .type = FIELD_JSON_MAP, .offset = offsetof(struct item_input, attributes), .maximum = 8192},
    {.name = "brand", .type = FIELD_TEXT, .offset = offsetof(struct item_input, brand), .maximum = CODE_SIZE_MAX},
    {.name = "unit_cost",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct item_input, cost),
     .presence = offsetof(struct item_input, cost_given),
     .about = "What one costs the shop, without tax; a sale keeps it as it is then."},
    {.name = "tax_rate",
     .type = FIELD_DECIMAL,
     .offset = offsetof(struct item_input, tax),
     .presence = offsetof(struct item_input, tax_given),
     .scale = 6,
     .minimum = 0,
     .maximum = TAX_SCALE,
     .about = "Of the tax that prices hold: 0.13 for 13 %; absent: prices hold none."},
};
const struct shape item_input_shape = {
    .name = "ItemInput", .size = sizeof(struct item_input), SHAPE_FIELDS(item_fields)};

static const struct field category_fields[] = {
    KEY_FIELD(struct category_input, code, "code", CODE_SIZE_MAX),
    NAME_FIELD(struct category_input),
    {.name = "parent",
     .type = FIELD_TEXT,
     .offset = offsetof(struct category_input, parent),
     .maximum = CODE_SIZE_MAX,
     .about = "The category it lies in."},
};
const struct shape category_input_shape = {
    .name = "ItemCategoryInput", .size = sizeof(struct category_input), SHAPE_FIELDS(category_fields)};

static const struct field shelf_fields[] = {
    KEY_FIELD(struct shelf_input, sku, "sku", 128),
    {.name = "aisle", .type = FIELD_TEXT, .offset = offsetof(struct shelf_input, aisle), .maximum = CODE_SIZE_MAX},
    {.name = "shelf", .type = FIELD_TEXT, .offset = offsetof(struct shelf_input, shelf), .maximum = CODE_SIZE_MAX},
};
const struct shape shelf_input_shape = {.name = "ItemShelfInput",
                                        .about = "Where an item lies in a store.",
                                        .size = sizeof(struct shelf_input),
                                        SHAPE_FIELDS(shelf_fields)};

/* ---- replies ---- */

static const struct field item_reply[] = {
    REPLY_TEXT("sku"),
    REPLY_VERSION,
    REPLY_TEXT("name"),
    REPLY_TEXT("category"),
    {.name = "price", .type = FIELD_AMOUNT, .flags = FIELD_NULLABLE},
    {.name = "attributes", .type = FIELD_JSON_MAP, .flags = FIELD_REQUIRED},
    REPLY_TEXT("brand"),
    {.name = "unit_cost", .type = FIELD_AMOUNT, .flags = FIELD_NULLABLE},
    {.name = "tax_rate", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6},
};
const struct shape item_shape = {.name = "Item", .size = 0, SHAPE_FIELDS(item_reply)};
static const struct field category_reply[] = {REPLY_TEXT("code"), REPLY_VERSION, REPLY_TEXT("name"),
                                              REPLY_TEXT("parent")};
const struct shape category_shape = {.name = "ItemCategory", .size = 0, SHAPE_FIELDS(category_reply)};
static const struct field shelf_reply[] = {REPLY_TEXT("store"), REPLY_TEXT("sku"), REPLY_VERSION, REPLY_TEXT("aisle"),
                                           REPLY_TEXT("shelf")};
const struct shape shelf_shape = {.name = "ItemShelf", .size = 0, SHAPE_FIELDS(shelf_reply)};

static void write_money(struct json_writer *writer, const char *name, int64_t minor, const char *currency)
{
    if (minor >= 0)
        writer_amount(writer, name, minor, currency);
    else
        writer_null(writer, name);
}

void item_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row)
{
    const char *currency = programme_at(call->programmes, call->now)->currency;
    struct text attributes = row->columns[ITEM_ATTRIBUTES].text;

    writer_text(writer, "sku", row->key);
    writer_integer(writer, "version", row->version);
    writer_text(writer, "name", row->columns[ITEM_NAME].text);
    writer_text(writer, "category", row->columns[ITEM_CATEGORY].text);
    write_money(writer, "price", row->columns[ITEM_PRICE].integer, currency);
    writer_raw(writer, "attributes", attributes.size > 0 ? attributes : TEXT("{}"));
    writer_text(writer, "brand", row->columns[ITEM_BRAND].text);
    write_money(writer, "unit_cost", row->columns[ITEM_COST].integer, currency);
    if (row->columns[ITEM_TAX].integer >= 0)
        writer_decimal(writer, "tax_rate", row->columns[ITEM_TAX].integer, 6);
    else
        writer_null(writer, "tax_rate");
}

void item_category_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row)
{
    (void)call;
    writer_text(writer, "code", row->key);
    writer_integer(writer, "version", row->version);
    writer_text(writer, "name", row->columns[CATEGORY_NAME].text);
    writer_text(writer, "parent", row->columns[CATEGORY_PARENT].text);
}

void item_shelf_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row)
{
    (void)call;
    writer_text(writer, "store", row->columns[SHELF_STORE].text);
    writer_text(writer, "sku", row->columns[SHELF_SKU].text);
    writer_integer(writer, "version", row->version);
    writer_text(writer, "aisle", row->columns[SHELF_AISLE].text);
    writer_text(writer, "shelf", row->columns[SHELF_SHELF].text);
}

/* ---- from a body to a row ---- */

struct text item_shelf_key(const struct call *call, struct text own)
{
    struct builder key = {.arena = call->arena};

    builder_text(&key, call->parameters[0]);
    builder_char(&key, '\n');
    builder_text(&key, own);
    return builder_done(&key);
}

enum status item_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err)
{
    const struct item_input *input = body;
    const char *currency = programme_at(call->programmes, call->now)->currency;
    bool priced = input->price_given == PRESENCE_GIVEN, costed = input->cost_given == PRESENCE_GIVEN;

    if (priced && strcmp(input->price.currency, currency) != 0)
        return error_set(err, STATUS_INVALID, "purchase.currencies", "price",
                         "prices are in %s, the programme's currency", currency);
    if (costed && strcmp(input->cost.currency, currency) != 0)
        return error_set(err, STATUS_INVALID, "purchase.currencies", "unit_cost",
                         "costs are in %s, the programme's currency", currency);
    if (costed && input->cost.minor < 0)
        return error_set(err, STATUS_INVALID, "purchase.negative", "unit_cost", "a cost is not negative");
    row->columns[ITEM_NAME] = value_text(input->name);
    row->columns[ITEM_CATEGORY] = value_text(input->category);
    row->columns[ITEM_PRICE] = value_integer(priced ? input->price.minor : -1);
    row->columns[ITEM_ATTRIBUTES] = value_text(input->attributes.size > 0 ? input->attributes : TEXT("{}"));
    row->columns[ITEM_BRAND] = value_text(input->brand);
    row->columns[ITEM_COST] = value_integer(costed ? input->cost.minor : TERMS_UNKNOWN);
    row->columns[ITEM_TAX] = value_integer(input->tax_given == PRESENCE_GIVEN ? input->tax : TERMS_UNKNOWN);
    return STATUS_OK;
}

enum status item_category_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err)
{
    const struct category_input *input = body;

    (void)call;
    (void)err;
    row->columns[CATEGORY_NAME] = value_text(input->name);
    row->columns[CATEGORY_PARENT] = value_text(input->parent);
    return STATUS_OK;
}

/* The key of the row begins with the store of the address. */
enum status item_shelf_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err)
{
    const struct shelf_input *input = body;

    if (memchr(row->key.bytes, '\n', row->key.size) != NULL)
        return error_set(err, STATUS_INVALID, "catalogue.key", "sku", "an item number is one line");
    row->columns[SHELF_STORE] = value_text(call->parameters[0]);
    row->columns[SHELF_SKU] = value_text(row->key);
    row->columns[SHELF_AISLE] = value_text(input->aisle);
    row->columns[SHELF_SHELF] = value_text(input->shelf);
    row->key = item_shelf_key(call, row->key);
    return STATUS_OK;
}
