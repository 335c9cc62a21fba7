/* Months of issue, how they were redeemed, and what is still to come. */
#include <math.h>
#include <stddef.h>

#include "features/finance/finance_api.h"
#include "features/finance/view_api.h"

enum { FACTOR_DECIMALS = 6, SHARE_DECIMALS = 4 };

struct vintages_query {
    struct text wallet, entity, month;
};
static const struct field query_fields[] = {
    {.name = "wallet",
     .type = FIELD_TEXT,
     .offset = offsetof(struct vintages_query, wallet),
     .maximum = CODE_SIZE_MAX,
     .about = "The first points account of the programme when absent."},
    {.name = "entity",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct vintages_query, entity),
     .maximum = CODE_SIZE_MAX,
     .about = "What one legal entity issued alone."},
    {.name = "month",
     .type = FIELD_TEXT,
     .offset = offsetof(struct vintages_query, month),
     .minimum = 7,
     .maximum = 7,
     .about = "As of its end; the last month that is over when absent."},
};
const struct shape finance_vintages_query_shape = {
    .name = "FinanceVintagesQuery", .size = sizeof(struct vintages_query), SHAPE_FIELDS(query_fields)};

static const struct field vintage_fields[] = {
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of issue."},
    {.name = "issued",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "With what was adjusted, taken over and clawed back."},
    {.name = "redeemed", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "expired", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "outstanding", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "expected",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Of what is outstanding, to be redeemed."},
    {.name = "developed",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .scale = SHARE_DECIMALS,
     .about = "The share of its redemption that points of its age have usually seen; null without an estimate."},
    {.name = "method",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "chain_ladder; cape_cod where too little was redeemed yet; none without an estimate."},
    {.name = "redeemed_by_age",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_INTEGER,
     .about = "In the month of issue, the month after, and so on."},
};
static const struct shape vintage_shape = {.name = "FinanceVintage", SHAPE_FIELDS(vintage_fields)};

static const struct field entity_fields[] = {
    {.name = "entity", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "outstanding", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "expected", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "liability", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct shape entity_shape = {.name = "FinanceEntityLiability", SHAPE_FIELDS(entity_fields)};

#define POINTS(text_name, words)                                                              \
    {                                                                                         \
        .name = (text_name), .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = (words) \
    }
#define VALUE(text_name)                                                                    \
    {                                                                                       \
        .name = (text_name), .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE \
    }
static const struct field reply_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "As of its end."},
    {.name = "enough",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "Whether there is history enough to estimate from; otherwise all that is outstanding counts."},
    {.name = "growing",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "The oldest points are still being redeemed: the estimate is rather too low."},
    POINTS("outstanding", "In lots; the closing of the month is less the debts of members."),
    POINTS("expected", "To be redeemed."),
    POINTS("low", "Of the 90 % range."),
    POINTS("high", "Of the 90 % range."),
    POINTS("standard_error", NULL),
    {.name = "rate",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .scale = SHARE_DECIMALS,
     .about = "The share of all issued points that is redeemed in the end."},
    VALUE("liability"),
    VALUE("liability_low"),
    VALUE("liability_high"),
    {.name = "sentence", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "factors",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_DECIMAL,
     .about = "By age in months: what is redeemed until the next age over what was until this one."},
    {.name = "vintages", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &vintage_shape},
    {.name = "entities", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &entity_shape},
};
const struct shape finance_vintages_shape = {
    .name = "FinanceVintages", .about = "What is expected of the points that are out.", SHAPE_FIELDS(reply_fields)};

/* ---- writing ---- */

static void write_value(struct json_writer *writer, const char *name, const struct finance_rates *rates,
                        struct text wallet, double points)
{
    if (finance_has_value(rates, wallet))
        writer_amount(writer, name, finance_value(rates, wallet, llround(points)), rates->currency);
    else
        writer_null(writer, name);
}

static void write_vintage(struct json_writer *writer, const struct finance_vintage *vintage, bool estimated)
{
    char month[MONTH_TEXT_SIZE];

    writer_object(writer, NULL);
    writer_string(writer, "month", month_format(vintage->month, month));
    writer_integer(writer, "issued", vintage->issued);
    writer_integer(writer, "redeemed", vintage->redeemed);
    writer_integer(writer, "expired", vintage->expired);
    writer_integer(writer, "outstanding", vintage->outstanding);
    writer_integer(writer, "expected", llround(vintage->expected));
    if (estimated)
        writer_decimal(writer, "developed", llround(vintage->developed * 1e4), SHARE_DECIMALS);
    else
        writer_null(writer, "developed");
    writer_string(writer, "method", !estimated ? "none" : vintage->by_rate ? "cape_cod" : "chain_ladder");
    writer_list(writer, "redeemed_by_age");
    for (size_t age = 0; age < vintage->age_count; age++)
        writer_integer(writer, NULL, vintage->ages[age]);
    writer_end(writer);
    writer_end(writer);
}

static void write_estimate(struct json_writer *writer, const struct finance_vintages *vintages, struct text wallet)
{
    const struct finance_breakage *breakage = vintages->breakage;

    writer_boolean(writer, "enough", breakage->enough);
    writer_boolean(writer, "growing", breakage->growing);
    writer_integer(writer, "outstanding", breakage->outstanding);
    writer_integer(writer, "expected", llround(breakage->expected));
    writer_integer(writer, "low", llround(breakage->low));
    writer_integer(writer, "high", llround(breakage->high));
    writer_integer(writer, "standard_error", llround(breakage->standard_error));
    if (breakage->enough)
        writer_decimal(writer, "rate", llround(breakage->rate * 1e4), SHARE_DECIMALS);
    else
        writer_null(writer, "rate");
    write_value(writer, "liability", vintages->rates, wallet, breakage->expected);
    write_value(writer, "liability_low", vintages->rates, wallet, breakage->low);
    write_value(writer, "liability_high", vintages->rates, wallet, breakage->high);
    writer_text(writer, "sentence", breakage->sentence);
}

static void write_vintages(struct json_writer *writer, const struct finance_vintages *vintages, struct text wallet)
{
    const struct finance_breakage *breakage = vintages->breakage;
    char month[MONTH_TEXT_SIZE];

    writer_text(writer, "wallet", wallet);
    writer_string(writer, "month", month_format(breakage->as_of, month));
    write_estimate(writer, vintages, wallet);
    writer_list(writer, "factors");
    for (size_t k = 0; breakage->enough && k + 1 < breakage->count; k++)
        writer_decimal(writer, NULL, llround(breakage->factors[k] * 1e6), FACTOR_DECIMALS);
    writer_end(writer);
    writer_list(writer, "vintages");
    for (size_t i = 0; i < breakage->count; i++)
        write_vintage(writer, &breakage->vintages[i], breakage->enough);
    writer_end(writer);
    writer_list(writer, "entities");
    for (size_t i = 0; i < vintages->entity_count; i++) {
        const struct finance_entity_breakage *entity = &vintages->entities[i];
        writer_object(writer, NULL);
        writer_text(writer, "entity", entity->entity);
        writer_integer(writer, "outstanding", entity->outstanding);
        writer_integer(writer, "expected", llround(entity->expected));
        write_value(writer, "liability", vintages->rates, wallet, entity->expected);
        writer_end(writer);
    }
    writer_end(writer);
}

enum status finance_vintages_handle(struct call *call, struct item *item, struct error *err)
{
    static const struct vintages_query nothing;
    const struct vintages_query *query = call->query != NULL ? call->query : &nothing;
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct finance_view view = {.wallet = query->wallet, .entity = query->entity};
    struct finance_vintages vintages;
    int32_t month;

    if (view.wallet.size == 0 && programme->wallet_count > 0)
        view.wallet = programme->wallets[0].code;
    enum status status = finance_call_view(call, &view, err);
    if (status != STATUS_OK)
        return status;
    status = finance_month_read(query->month, finance_view_this_month(&view) - 1, "month", &month, err);
    if (status == STATUS_OK && month > finance_view_this_month(&view))
        status = error_set(err, STATUS_INVALID, "finance.month", "month", "the month lies ahead");
    if (status == STATUS_OK)
        status = finance_view_vintages(&view, month, &vintages, err);
    if (status == STATUS_OK)
        write_vintages(&item->writer, &vintages, view.wallet);
    call_read_end(call, view.session);
    return status;
}
