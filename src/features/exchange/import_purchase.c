#include "features/exchange/import_purchase.h"

#include <string.h>

#include "features/customers/identifier.h"
#include "features/exchange/value.h"
#include "foundation/checked.h"

static const char *date_format(const struct import_rules *rules, struct arena *arena)
{
    return rules->mapping->date_format.size == 0 ? NULL : text_string(arena, rules->mapping->date_format);
}

static enum status in_field(enum status status, enum import_field field, struct error *err)
{
    if (status != STATUS_OK && err != NULL)
        strcpy(err->field, import_field_name(field));
    return status;
}

static enum status read_instant(const struct import_rules *rules, const struct import_row *row, struct arena *arena,
                                int64_t *at, struct error *err)
{
    struct moment moment;
    struct text text = row->values[IMPORT_AT];
    if (text.size == 0)
        return error_set(err, STATUS_INVALID, "import.date", "at", "the row has no date");
    enum status status = moment_parse(text, date_format(rules, arena), &moment, err);
    if (status != STATUS_OK)
        return in_field(status, IMPORT_AT, err);
    if (row->values[IMPORT_TIME].size > 0 && !moment.time_given) {
        status = time_parse(row->values[IMPORT_TIME], &moment.micros, err);
        if (status != STATUS_OK)
            return in_field(status, IMPORT_TIME, err);
    }
    *at = moment_instant(&moment, rules->zone);
    return STATUS_OK;
}

/* Codes become part of keys and indexes: their sizes have limits. */
static enum status check_sizes(const struct import_row *row, struct error *err)
{
    static const struct {
        enum import_field field;
        size_t maximum;
    } limits[] = {{IMPORT_STORE, CODE_SIZE_MAX},     {IMPORT_CHANNEL, CODE_SIZE_MAX},
                  {IMPORT_TILL, EVENT_KEY_PART_MAX}, {IMPORT_RECEIPT, EVENT_KEY_PART_MAX},
                  {IMPORT_SKU, CODE_SIZE_MAX},       {IMPORT_CATEGORY, CODE_SIZE_MAX}};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (row->values[limits[i].field].size > limits[i].maximum)
            return error_set(err, STATUS_INVALID, "import.field_size", import_field_name(limits[i].field),
                             "'%.*s...' is longer than %zu bytes", 20, row->values[limits[i].field].bytes,
                             limits[i].maximum);
    return STATUS_OK;
}

enum status import_row_moment(const struct import_rules *rules, const struct import_row *row, struct arena *arena,
                              struct row_moment *out, struct error *err)
{
    struct row_moment moment = {0};
    enum status status = check_sizes(row, err);
    if (status == STATUS_OK)
        status = read_instant(rules, row, arena, &moment.at, err);
    if (status != STATUS_OK)
        return status;
    moment.day = business_day(rules->programmes, row->values[IMPORT_STORE], moment.at);
    if (row->values[IMPORT_RECEIPT].size > 0)
        moment.receipt = receipt_key(arena, &(struct receipt){.day = moment.day,
                                                              .channel = row->values[IMPORT_CHANNEL],
                                                              .store = row->values[IMPORT_STORE],
                                                              .till = row->values[IMPORT_TILL],
                                                              .number = row->values[IMPORT_RECEIPT]});
    *out = moment;
    return STATUS_OK;
}

enum status import_claims(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                          struct command *command, struct error *err)
{
    static const struct {
        enum import_field field;
        const char *kind;
    } kinds[] = {{IMPORT_EXTERNAL, "external"},
                 {IMPORT_CARD, "card"},
                 {IMPORT_PHONE, "phone"},
                 {IMPORT_EMAIL, "email"},
                 {IMPORT_OPENID, "openid"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (row->values[kinds[i].field].size == 0)
            continue;
        struct identifier identifier;
        enum status status = identifier_normalise(arena, text_from(kinds[i].kind), row->values[kinds[i].field],
                                                  rules->region, &identifier, err);
        if (status != STATUS_OK)
            return in_field(status, kinds[i].field, err);
        command->claims[command->claim_count++] =
            (struct claim_key){.kind = identifier.kind, .key = text_copy(arena, identifier.value)};
    }
    return STATUS_OK;
}

/* The amount in minor units of the row's currency, or of the programme's. */
static enum status read_amount(const struct import_rules *rules, const struct import_row *row, enum import_field field,
                               int64_t *minor, struct error *err)
{
    struct text currency = row->values[IMPORT_CURRENCY];
    int exponent = currency.size == 0 ? rules->programme->exponent : currency_exponent(currency);
    if (exponent < 0)
        return error_set(err, STATUS_INVALID, "import.currency", "currency", "'%.*s' is not a currency code",
                         (int)(currency.size > 10 ? 10 : currency.size), currency.bytes);
    char plain[NUMBER_TEXT_SIZE];
    bool near = false;
    enum status status = number_plain(row->values[field], rules->mapping->decimal_comma, plain, err);
    if (status == STATUS_OK)
        status = money_parse_import(text_from(plain), exponent, minor, &near, err);
    *rules->rounded += near;
    return in_field(status, field, err);
}

/* Cost and tax of the line, where the file tells them. */
static enum status build_terms(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                               struct purchase_line *line, struct error *err)
{
    enum status status = STATUS_OK;
    if (row->values[IMPORT_COST].size == 0 && row->values[IMPORT_TAX].size == 0)
        return STATUS_OK;
    struct line_terms *terms = arena_alloc(arena, sizeof *terms);
    *terms = line_terms_start();
    if (row->values[IMPORT_COST].size > 0)
        status = read_amount(rules, row, IMPORT_COST, &terms->unit_cost, err);
    if (status == STATUS_OK && terms->unit_cost < TERMS_UNKNOWN)
        status = in_field(error_set(err, STATUS_INVALID, "purchase.negative", "", "a cost is not negative"),
                          IMPORT_COST, err);
    if (status == STATUS_OK && row->values[IMPORT_TAX].size > 0)
        status = in_field(tax_rate_parse(row->values[IMPORT_TAX], rules->mapping->decimal_comma, &terms->tax, err),
                          IMPORT_TAX, err);
    line->terms = terms;
    return status;
}

static enum status build_line(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                              struct purchase_line *line, struct error *err)
{
    line->quantity_milli = 1000;
    enum status status = read_amount(rules, row, IMPORT_AMOUNT, &line->amount, err);
    if (status == STATUS_OK && row->values[IMPORT_DISCOUNT].size > 0) {
        status = read_amount(rules, row, IMPORT_DISCOUNT, &line->discount, err);
        if (line->discount < 0) /* some tills write what was taken off as a negative amount */
            line->discount = -line->discount;
    }
    if (status == STATUS_OK && row->values[IMPORT_QUANTITY].size > 0)
        status = in_field(
            number_parse(row->values[IMPORT_QUANTITY], rules->mapping->decimal_comma, 3, &line->quantity_milli, err),
            IMPORT_QUANTITY, err);
    if (status != STATUS_OK)
        return status;
    line->sku = text_copy(arena, row->values[IMPORT_SKU]);
    line->category = text_copy(arena, row->values[IMPORT_CATEGORY]);
    return build_terms(rules, arena, row, line, err);
}

/* The member is named by the first row that names one; another row may not name somebody else. */
static enum status build_member(const struct import_rules *rules, struct arena *arena, const struct import_rows *rows,
                                struct command *out, struct error *err)
{
    size_t first = 0;
    for (size_t i = 0; i < rows->count && out->claim_count == 0; i++) {
        enum status status = import_claims(rules, arena, &rows->rows[i], out, err);
        if (status != STATUS_OK)
            return status;
        first = i;
    }
    for (size_t i = first + 1; i < rows->count; i++)
        for (int f = IMPORT_EXTERNAL; f <= IMPORT_OPENID; f++)
            if (rows->rows[i].values[f].size > 0 && !text_equal(rows->rows[i].values[f], rows->rows[first].values[f]))
                return error_set(err, STATUS_INVALID, "import.receipt_members", import_field_name((enum import_field)f),
                                 "the rows of one receipt name different members: '%.*s' and '%.*s'",
                                 (int)rows->rows[first].values[f].size, rows->rows[first].values[f].bytes,
                                 (int)rows->rows[i].values[f].size, rows->rows[i].values[f].bytes);
    return STATUS_OK;
}

static void add_claim(struct command *command, const char *kind, struct text key)
{
    command->claims[command->claim_count++] = (struct claim_key){.kind = kind, .key = key};
}

static void name_purchase(struct arena *arena, const struct import_row *row, struct purchase *purchase,
                          struct command *out)
{
    purchase->identity = EVENT_IDENTITY_NONE;
    if (purchase->receipt.size > 0) {
        purchase->identity.receipt_claim = (int)out->claim_count;
        add_claim(out, "receipt", purchase->receipt);
    } else {
        purchase->identity.row_claim = (int)out->claim_count;
        add_claim(out, "row", text_copy(arena, text_from(row->key)));
    }
    out->bucket = claim_bucket(out->claims[0].kind, out->claims[0].key);
}

enum status import_purchase_build(const struct import_rules *rules, struct arena *arena, const struct import_rows *rows,
                                  struct command *out, struct error *err)
{
    struct row_moment moment;
    struct purchase *purchase = arena_alloc(arena, sizeof *purchase);
    *out = (struct command){.body = purchase, .day = DAY_NONE, .bucket = -1};
    out->claims = arena_array(arena, 8, sizeof *out->claims);
    if (rows->count > PURCHASE_LINES_MAX)
        return error_set(err, STATUS_LIMIT, "import.lines", "receipt", "one receipt has more than %d lines",
                         PURCHASE_LINES_MAX);
    enum status status = import_row_moment(rules, &rows->rows[0], arena, &moment, err);
    if (status == STATUS_OK)
        status = build_member(rules, arena, rows, out, err);
    if (status != STATUS_OK)
        return status;

    purchase->at = moment.at;
    purchase->day = moment.day;
    purchase->receipt = moment.receipt;
    purchase->named = out->claim_count > 0;
    purchase->register_unknown = rules->register_unknown;
    purchase->priced = rules->programmes->items_priced;
    purchase->store = text_copy(arena, rows->rows[0].values[IMPORT_STORE]);
    purchase->channel = text_copy(arena, rows->rows[0].values[IMPORT_CHANNEL]);
    struct text currency = rows->rows[0].values[IMPORT_CURRENCY];
    if (currency.size == CURRENCY_SIZE - 1)
        memcpy(purchase->currency, currency.bytes, currency.size);
    purchase->lines = arena_array(arena, rows->count, sizeof *purchase->lines);
    purchase->line_count = rows->count;
    for (size_t i = 0; i < rows->count; i++) {
        status = build_line(rules, arena, &rows->rows[i], &purchase->lines[i], err);
        if (status != STATUS_OK)
            return status;
    }
    if (purchase->named) {
        out->subjects[0] = (struct subject){.by = SUBJECT_CLAIMS, .first = 0, .count = (int)out->claim_count};
        out->subject_count = 1;
        out->day = zone_day(rules->programme->zone, moment.at);
    }
    name_purchase(arena, &rows->rows[0], purchase, out);
    const struct programme *programme = programme_at(rules->programmes, moment.at);
    purchase_rules(rules->programmes, purchase);
    out->type = purchase_type(programme, purchase);
    purchase_counters(programme, out, arena);
    purchase_rule_counters(rules->programmes, purchase, out, arena);
    return STATUS_OK;
}
