/* The basket of a request, and pricing it without an engine pass; also for the command line. */
#include <stddef.h>
#include <string.h>

#include "features/conditions/conditions_store.h"
#include "features/events/events_store.h"
#include "features/events/honour_input_api.h"
#include "features/offers/quotes_store.h"
#include "features/organisations/organisations_store.h"
#include "features/quotes/quote_input_api.h"
#include "features/quotes/quote_rules.h"

enum { QUANTITY_MAX_MILLI = 1000000000, EXPLAIN_MAX = 20 };

/* ---- input ---- */

struct quote_line_input {
    struct text sku, category;
    int64_t quantity_milli;
    struct json_amount amount, discount;
    bool shipping;
};

static const struct field line_input_fields[] = {
    {.name = "sku",
     .type = FIELD_TEXT,
     .offset = offsetof(struct quote_line_input, sku),
     .minimum = 1,
     .maximum = OFFER_SKU_MAX},
    {.name = "category",
     .type = FIELD_TEXT,
     .offset = offsetof(struct quote_line_input, category),
     .maximum = CODE_SIZE_MAX,
     .about = "From the item catalogue when absent."},
    {.name = "quantity",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct quote_line_input, quantity_milli),
     .scale = 3,
     .minimum = 0,
     .maximum = QUANTITY_MAX_MILLI,
     .fallback = 1000},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct quote_line_input, amount),
     .about = "The public price of the whole line."},
    {.name = "discount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct quote_line_input, discount),
     .about = "What the shop took off before: the amount is without it."},
    {.name = "shipping",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct quote_line_input, shipping),
     .about = "The line is for shipping: only offers on shipping touch it."},
};
const struct shape quote_line_input_shape = {
    .name = "QuoteLineInput", .size = sizeof(struct quote_line_input), SHAPE_FIELDS(line_input_fields)};

static const struct field points_input_fields[] = {
    {.name = "wallet",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct quote_points_input, wallet),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "points",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct quote_points_input, points),
     .minimum = 1,
     .maximum = INT64_C(1000000000000)},
};
static const struct shape points_input_shape = {
    .name = "QuotePointsInput", .size = sizeof(struct quote_points_input), SHAPE_FIELDS(points_input_fields)};

static const struct field quote_input_fields[] = {
    {.name = "member",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct quote_input, member),
     .shape = &member_reference_shape,
     .about = "Whom it is for; without, the prices are those for everybody."},
    {.name = "organisation",
     .type = FIELD_ID,
     .offset = offsetof(struct quote_input, organisation),
     .prefix = "mbr",
     .about = "The member buys for it, as one of its contacts: its terms and prices hold."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct quote_input, store),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "channel",
     .type = FIELD_TEXT,
     .offset = offsetof(struct quote_input, channel),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct quote_input, lines),
     .minimum = 1,
     .maximum = BASKET_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &quote_line_input_shape},
    {.name = "codes",
     .type = FIELD_LIST,
     .offset = offsetof(struct quote_input, codes),
     .maximum = BASKET_CODES_MAX,
     .element = FIELD_TEXT,
     .about = "Codes and coupons that the customer shows."},
    HONOURS_FIELD(struct quote_input, honours),
    {.name = "explain",
     .type = FIELD_LIST,
     .offset = offsetof(struct quote_input, explain),
     .maximum = EXPLAIN_MAX,
     .element = FIELD_TEXT,
     .about = "Codes of offers, and of benefits, to answer for, whether they have to do with the basket or not."},
    {.name = "next",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct quote_input, next),
     .fallback = 1,
     .about = "Tell what a little more would gain."},
    {.name = "keep",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct quote_input, keep),
     .fallback = 1,
     .about = "Keep the quote for 15 minutes; otherwise nothing is stored."},
    {.name = "reserve",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct quote_input, reserve),
     .about = "And take what is limited now, so that it is there when the customer pays."},
    {.name = "pay_points",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct quote_input, points),
     .shape = &points_input_shape,
     .about = "With reserve: points that go on hold to pay with."},
    {.name = "at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct quote_input, at),
     .about = "Without keep: what it cost, or will cost, then."},
};

static enum status check_input(const void *value, struct error *err)
{
    const struct quote_input *input = value;

    if (input->reserve && !input->keep)
        return error_set(err, STATUS_INVALID, "quote.reserve", "reserve", "what is not kept reserves nothing");
    if (input->points != NULL && (!input->reserve || input->member == NULL))
        return error_set(err, STATUS_INVALID, "quote.points", "pay_points",
                         "points go on hold for a member, with reserve");
    if (input->at != 0 && input->keep)
        return error_set(err, STATUS_INVALID, "quote.at", "at", "a quote that is kept is of now");
    return STATUS_OK;
}

const struct shape quote_input_shape = {.name = "QuoteInput",
                                        .about = "A basket at public prices.",
                                        .size = sizeof(struct quote_input),
                                        SHAPE_FIELDS(quote_input_fields),
                                        .check = check_input};

/* ---- the basket ---- */

static enum status take_lines(const struct quoting *quoting, const struct quote_input *input,
                              const struct programme *programme, struct basket *basket, struct error *err)
{
    const struct quote_line_input *given = input->lines.items;
    struct purchase_line *lines = arena_array(quoting->arena, input->lines.count, sizeof *lines);
    bool *shipping = arena_array(quoting->arena, input->lines.count, sizeof *shipping);

    for (size_t i = 0; i < input->lines.count; i++) {
        const char *discounted = given[i].discount.currency;
        bool foreign = strcmp(given[i].amount.currency, programme->currency) != 0 ||
                       (discounted[0] != '\0' && strcmp(discounted, programme->currency) != 0);
        if (foreign)
            return error_set(err, STATUS_INVALID, "json.currency", arena_format(quoting->arena, "lines[%zu].amount", i),
                             "amounts are in %s, the programme's currency", programme->currency);
        if (given[i].amount.minor < 0 || given[i].discount.minor < 0)
            return error_set(err, STATUS_INVALID, "purchase.negative",
                             arena_format(quoting->arena, "lines[%zu].amount", i), "a line is not negative");
        lines[i] = (struct purchase_line){.number = (int32_t)i + 1,
                                          .sku = given[i].sku,
                                          .category = given[i].category,
                                          .quantity_milli = given[i].quantity_milli,
                                          .amount = given[i].amount.minor,
                                          .discount = given[i].discount.minor};
        shipping[i] = given[i].shipping;
    }
    basket->lines = lines;
    basket->shipping = shipping;
    basket->line_count = input->lines.count;
    return STATUS_OK;
}

static enum status complete_lines(const struct quoting *quoting, struct storage_session *session, struct basket *basket,
                                  struct error *err)
{
    struct purchase_line *lines = arena_copy(quoting->arena, basket->lines, basket->line_count * sizeof *lines);
    enum status status = line_categories(session, quoting->arena, lines, basket->line_count, err);

    for (size_t i = 0; i < basket->line_count && status == STATUS_OK; i++) {
        const struct item_category *category = category_find(quoting->programmes, lines[i].category);
        lines[i].above = category != NULL ? category->above : NULL;
    }
    basket->lines = lines;
    return status;
}

static void take_codes(const struct quoting *quoting, const struct quote_input *input, struct basket *basket)
{
    const struct offer_index *index = offer_index_of(quoting->programmes);
    const struct text *given = input->codes.items;
    struct basket_code *codes = arena_array(quoting->arena, input->codes.count + 1, sizeof *codes);
    size_t coupons = 0;

    for (size_t i = 0; i < input->codes.count; i++) {
        codes[i] = (struct basket_code){.code = given[i], .folded = offer_code_fold(quoting->arena, given[i])};
        if (coupons < COUPONS_MAX && !offer_index_has_code(index, codes[i].folded) &&
            code_key(quoting->arena, given[i], &codes[i].key, NULL) == STATUS_OK)
            coupons++;
    }
    basket->codes = codes;
    basket->code_count = input->codes.count;
}

struct json_list quote_coupon_codes(const struct quoting *quoting, const struct quote_request *body)
{
    struct text *given = arena_array(quoting->arena, body->basket.code_count + 1, sizeof *given);
    struct json_list list = {.items = given};

    for (size_t i = 0; i < body->basket.code_count; i++)
        if (body->basket.codes[i].key.size > 0)
            given[list.count++] = body->basket.codes[i].code;
    return list;
}

/* Offers that are asked about: in force then, or the last that was, or the next to be. */
static enum status take_explain(const struct quoting *quoting, const struct quote_input *input, struct basket *basket,
                                struct error *err)
{
    const struct text *given = input->explain.items;
    const struct definition_list *list = definitions_of(quoting->programmes, &offer_kind);
    const struct definition **asked = arena_array(quoting->arena, input->explain.count + 1, sizeof *asked);

    for (size_t i = 0; i < input->explain.count; i++) {
        asked[i] = definition_at(quoting->programmes, &offer_kind, given[i], basket->at);
        for (size_t d = 0; asked[i] == NULL && d < list->count; d++)
            if (text_equal(list->items[d].code, given[i]) &&
                (list->items[d].from > basket->at || d + 1 == list->count ||
                 !text_equal(list->items[d + 1].code, given[i])))
                asked[i] = &list->items[d];
        if (asked[i] == NULL)
            asked[i] = offer_of_benefit(quoting->arena, quoting->programmes, given[i], basket->at);
        if (asked[i] == NULL)
            return error_set(err, STATUS_MISSING, "offer.unknown", arena_format(quoting->arena, "explain[%zu]", i),
                             "there is no such offer");
    }
    basket->explain = asked;
    basket->explain_count = input->explain.count;
    return STATUS_OK;
}

static const struct zone *zone_at(const struct quoting *quoting, const struct programme *programme, struct text store)
{
    const struct store *place = store.size > 0 ? store_find(quoting->programmes, store) : NULL;

    return place != NULL && place->zone != NULL ? place->zone : programme->zone;
}

/* ---- pricing ---- */

/* Of a public code the series is known by the code alone. */
static struct text quote_coupon_series(const struct quoting *quoting, const struct coupon_use *use)
{
    const struct coupon_series *series = NULL;
    const struct coupon_question question = {.set = quoting->programmes, .now = quoting->now, .arena = quoting->arena};

    if (use->series.size > 0)
        return use->series;
    (void)coupon_applies(use, &question, &series, NULL);
    return series != NULL ? series->code : (struct text){NULL, 0};
}

void quote_name_counters(const struct quoting *quoting, const struct quote_request *body, const struct person *person,
                         struct command *command)
{
    struct text *codes = arena_array(quoting->arena, body->basket.code_count + 1, sizeof *codes);

    struct text *series = arena_array(quoting->arena, body->coupon_count + 1, sizeof *series);

    for (size_t i = 0; i < body->basket.code_count; i++)
        codes[i] = body->basket.codes[i].folded;
    for (size_t i = 0; i < body->coupon_count; i++)
        series[i] = quote_coupon_series(quoting, &body->coupons[i]);
    coupons_name(command, quoting->arena, body->coupons, body->coupon_count);
    struct offer_query query = {.at = body->basket.at,
                                .lines = body->basket.lines,
                                .line_count = body->basket.line_count,
                                .codes = codes,
                                .code_count = body->basket.code_count,
                                .series = series,
                                .series_count = body->coupon_count,
                                .store = body->basket.store,
                                .channel = body->basket.channel,
                                .segments = body->known.segments,
                                .segment_count = body->known.segment_count};
    if (person->leader != NULL)
        query.tier = person->leader->standing.tier;
    quote_counters(offer_index_of(quoting->programmes), &query, command, quoting->arena);
    shown_offer_counters(body->honours, body->honour_count, command, quoting->arena);
}

enum status quote_open(const struct quoting *quoting, const struct quote_input *input, struct quote_request *out,
                       struct error *err)
{
    int64_t at = input->at != 0 ? input->at : quoting->now;
    const struct programme *programme = programme_at(quoting->programmes, at);

    *out = (struct quote_request){.reserve = input->reserve, .plain = !input->next};
    out->basket = (struct basket){.store = input->store, .channel = input->channel, .at = at};
    out->basket.zone = zone_at(quoting, programme, input->store);
    out->parts = offer_index_parts(offer_index_of(quoting->programmes)) | quote_rules_parts(quoting->programmes) |
                 offer_benefit_parts(quoting->programmes);
    out->earn_more = quote_rules_earn;
    if (input->points != NULL) {
        out->wallet = input->points->wallet;
        out->points = input->points->points;
    }
    take_codes(quoting, input, &out->basket);
    out->honours = honours_input(quoting->arena, &input->honours, &out->honour_count);
    shown_offers_find(quoting->programmes, out->basket.zone, at, out->honours, out->honour_count);
    enum status status = take_lines(quoting, input, programme, &out->basket, err);
    return status == STATUS_OK ? take_explain(quoting, input, &out->basket, err) : status;
}

enum status quote_buyer(const struct quoting *quoting, struct storage_session *session, const struct quote_input *input,
                        int64_t *member, struct quote_request *body, struct error *err)
{
    const struct zone *zone = programme_at(quoting->programmes, body->basket.at)->zone;
    struct organisation_purchase purchase = {
        .organisation = input->organisation, .contact = *member, .day = zone_day(zone, body->basket.at)};

    if (input->organisation == 0)
        return STATUS_OK;
    if (*member == 0)
        return error_set(err, STATUS_INVALID, "organisation.buyer", "member", "name the member who buys for it");
    enum status status = organisation_buyer(session, quoting->arena, &purchase, err);
    if (status != STATUS_OK)
        return status;
    body->organisation = input->organisation;
    body->terms = purchase.terms;
    *member = purchase.buyer;
    return STATUS_OK;
}

enum status quote_complete(const struct quoting *quoting, struct storage_session *session, const struct person *person,
                           struct quote_request *body, struct error *err)
{
    enum status status = complete_lines(quoting, session, &body->basket, err);

    return status == STATUS_OK && person->member != NULL
               ? conditions_read(session, quoting->arena, person, body->parts, &body->known, err)
               : status;
}

/* Nothing is stored: what a decision would load is read. */
enum status quote_now(const struct quoting *quoting, struct storage_session *session, const struct person *person,
                      struct quote_request *body, struct error *err)
{
    struct decision decision = {
        .arena = quoting->arena, .now = quoting->now, .programmes = quoting->programmes, .subjects = {*person}};
    struct command *command = arena_alloc(quoting->arena, sizeof *command);
    const struct person *known = person->member != NULL ? &decision.subjects[0] : NULL;
    bool progress = offer_index_limits_members(offer_index_of(quoting->programmes)) || body->coupon_count > 0;

    command->body = body;
    command->arena = quoting->arena;
    quote_name_counters(quoting, body, person, command);
    for (size_t i = 0; i < body->coupon_count; i++)
        body->coupons[i].counter = -1; /* what was read of it counts */
    enum status status = limits_read(session, quoting->arena, command, progress, &decision, err);
    return status == STATUS_OK ? quote_reckon(&decision, command, known, err) : status;
}
