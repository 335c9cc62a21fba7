/* What is quoted, as it is kept: compact JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "features/offers/quote.h"

/* ---- writing ---- */

static json_t *json_text(struct text text)
{
    return json_stringn(text.bytes != NULL ? text.bytes : "", text.size);
}

static void put_text(json_t *object, const char *name, struct text text)
{
    if (text.size > 0)
        json_object_set_new(object, name, json_text(text));
}

static void put_number(json_t *object, const char *name, int64_t number, int64_t usual)
{
    if (number != usual)
        json_object_set_new(object, name, json_integer(number));
}

static void put_texts(json_t *object, const char *name, const struct text *texts, size_t count)
{
    if (count == 0)
        return;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_text(texts[i]));
    json_object_set_new(object, name, list);
}

static json_t *write_line(const struct quoted_line *line)
{
    json_t *object = json_object();

    put_text(object, "sku", line->sku);
    put_text(object, "category", line->category);
    put_number(object, "quantity", line->quantity_milli, 1000);
    put_number(object, "public", line->public_amount, 0);
    put_number(object, "amount", line->amount, 0);
    put_number(object, "discount", line->discount, 0);
    put_number(object, "shipping", line->shipping, 0);
    return object;
}

static json_t *write_offer(const struct quoted_offer *offer)
{
    json_t *object = json_object();

    put_text(object, "code", offer->code);
    put_text(object, "name", offer->name);
    put_number(object, "version", offer->version, 0);
    put_text(object, "reason", offer->reason);
    put_number(object, "amount", offer->amount, 0);
    put_number(object, "sets", offer->sets, 1);
    put_text(object, "gift", offer->gift);
    put_number(object, "gifts", offer->gifts, 0);
    put_text(object, "shown", offer->shown);
    put_text(object, "series", offer->series);
    put_text(object, "key", offer->key);
    put_text(object, "channel", offer->channel);
    put_number(object, "shown_at", offer->shown_at, 0);
    put_number(object, "uses", offer->limits.uses, INT64_MAX);
    put_number(object, "budget", offer->limits.budget, INT64_MAX);
    put_number(object, "member", offer->limits.member, INT64_MAX);
    put_number(object, "member_day", offer->limits.member_day, INT64_MAX);
    put_number(object, "partial", offer->budget_partial, 0);
    put_number(object, "day", offer->day, 0);
    put_number(object, "benefit", offer->benefit, 0);
    put_text(object, "by", offer->by);
    put_text(object, "by_code", offer->by_code);
    put_text(object, "by_name", offer->by_name);
    put_number(object, "membership", offer->membership, 0);
    return object;
}

struct text quote_write(struct arena *arena, const struct quoted *quoted)
{
    json_t *document = json_object(), *lines = json_array(), *offers = json_array(), *cuts = json_array();

    json_object_set_new(document, "currency", json_string(quoted->currency));
    put_number(document, "public", quoted->public_total, 0);
    put_number(document, "total", quoted->total, 0);
    for (size_t i = 0; i < quoted->line_count; i++)
        json_array_append_new(lines, write_line(&quoted->lines[i]));
    json_object_set_new(document, "lines", lines);
    for (size_t i = 0; i < quoted->offer_count; i++)
        json_array_append_new(offers, write_offer(&quoted->offers[i]));
    json_object_set_new(document, "offers", offers);
    for (size_t i = 0; i < quoted->cut_count; i++) {
        json_t *cut = json_array();
        json_array_append_new(cut, json_integer(quoted->cuts[i].line));
        json_array_append_new(cut, json_integer(quoted->cuts[i].offer));
        json_array_append_new(cut, json_integer(quoted->cuts[i].amount));
        json_array_append_new(cuts, cut);
    }
    json_object_set_new(document, "cuts", cuts);
    put_number(document, "reserved", quoted->reserved, 0);
    put_text(document, "wallet", quoted->wallet);
    put_number(document, "points", quoted->points, 0);
    put_number(document, "worth", quoted->worth, 0);
    put_number(document, "hold", quoted->hold, 0);
    put_texts(document, "codes", quoted->shown.codes, quoted->shown.code_count);
    put_texts(document, "coupons", quoted->shown.coupons, quoted->shown.coupon_count);
    put_number(document, "organisation", quoted->organisation, 0);
    put_text(document, "terms", quoted->terms);
    char *dumped = json_dumps(document, JSON_COMPACT);
    struct text text = text_copy(arena, text_from(dumped));
    free(dumped);
    json_decref(document);
    return text;
}

/* ---- reading ---- */

static struct text get_text(struct arena *arena, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    struct text text = {json_string_value(value), json_string_length(value)};

    return text.size > 0 ? text_copy(arena, text) : (struct text){NULL, 0};
}

static int64_t get_number(const json_t *object, const char *name, int64_t usual)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : usual;
}

static const struct text *get_texts(struct arena *arena, const json_t *object, const char *name, size_t *count)
{
    const json_t *list = json_object_get(object, name);
    *count = json_array_size(list);
    struct text *texts = arena_array(arena, *count + 1, sizeof *texts);

    for (size_t i = 0; i < *count; i++) {
        const json_t *value = json_array_get(list, i);
        texts[i] = text_copy(arena, (struct text){json_string_value(value), json_string_length(value)});
    }
    return texts;
}

static struct quoted_line read_line(struct arena *arena, const json_t *object)
{
    return (struct quoted_line){.sku = get_text(arena, object, "sku"),
                                .category = get_text(arena, object, "category"),
                                .quantity_milli = get_number(object, "quantity", 1000),
                                .public_amount = get_number(object, "public", 0),
                                .amount = get_number(object, "amount", 0),
                                .discount = get_number(object, "discount", 0),
                                .shipping = get_number(object, "shipping", 0) != 0};
}

static struct quoted_offer read_offer(struct arena *arena, const json_t *object)
{
    return (struct quoted_offer){
        .code = get_text(arena, object, "code"),
        .name = get_text(arena, object, "name"),
        .version = get_number(object, "version", 0),
        .reason = get_text(arena, object, "reason"),
        .amount = get_number(object, "amount", 0),
        .sets = get_number(object, "sets", 1),
        .gift = get_text(arena, object, "gift"),
        .gifts = get_number(object, "gifts", 0),
        .shown = get_text(arena, object, "shown"),
        .series = get_text(arena, object, "series"),
        .key = get_text(arena, object, "key"),
        .limits = {get_number(object, "uses", INT64_MAX), get_number(object, "budget", INT64_MAX),
                   get_number(object, "member", INT64_MAX), get_number(object, "member_day", INT64_MAX)},
        .budget_partial = get_number(object, "partial", 0) != 0,
        .day = (int32_t)get_number(object, "day", 0),
        .channel = get_text(arena, object, "channel"),
        .shown_at = get_number(object, "shown_at", 0),
        .benefit = get_number(object, "benefit", 0) != 0,
        .by = get_text(arena, object, "by"),
        .by_code = get_text(arena, object, "by_code"),
        .by_name = get_text(arena, object, "by_name"),
        .membership = get_number(object, "membership", 0)};
}

static bool read_cut(const json_t *list, const struct quoted *quoted, struct quoted_cut *out)
{
    *out = (struct quoted_cut){json_integer_value(json_array_get(list, 0)), json_integer_value(json_array_get(list, 1)),
                               json_integer_value(json_array_get(list, 2))};
    return out->line >= 0 && out->line < (int64_t)quoted->line_count && out->offer >= 0 &&
           out->offer < (int64_t)quoted->offer_count;
}

static bool read_all(struct arena *arena, const json_t *document, struct quoted *out)
{
    const json_t *lines = json_object_get(document, "lines"), *offers = json_object_get(document, "offers"),
                 *cuts = json_object_get(document, "cuts");
    struct text currency = get_text(arena, document, "currency");

    if (currency.size != CURRENCY_SIZE - 1)
        return false;
    memcpy(out->currency, currency.bytes, currency.size);
    out->line_count = json_array_size(lines);
    out->lines = arena_array(arena, out->line_count + 1, sizeof *out->lines);
    for (size_t i = 0; i < out->line_count; i++)
        out->lines[i] = read_line(arena, json_array_get(lines, i));
    out->offer_count = json_array_size(offers);
    out->offers = arena_array(arena, out->offer_count + 1, sizeof *out->offers);
    for (size_t i = 0; i < out->offer_count; i++)
        out->offers[i] = read_offer(arena, json_array_get(offers, i));
    out->cut_count = json_array_size(cuts);
    out->cuts = arena_array(arena, out->cut_count + 1, sizeof *out->cuts);
    for (size_t i = 0; i < out->cut_count; i++)
        if (!read_cut(json_array_get(cuts, i), out, &out->cuts[i]))
            return false;
    return true;
}

enum status quote_read(struct arena *arena, struct text json, struct quoted *out, struct error *err)
{
    json_t *document = json_loadb(json.bytes, json.size, 0, NULL);
    struct quoted quoted = {.public_total = get_number(document, "public", 0),
                            .total = get_number(document, "total", 0),
                            .reserved = get_number(document, "reserved", 0) != 0,
                            .wallet = get_text(arena, document, "wallet"),
                            .points = get_number(document, "points", 0),
                            .worth = get_number(document, "worth", 0),
                            .hold = get_number(document, "hold", 0),
                            .organisation = get_number(document, "organisation", 0),
                            .terms = get_text(arena, document, "terms")};
    quoted.shown.codes = get_texts(arena, document, "codes", &quoted.shown.code_count);
    quoted.shown.coupons = get_texts(arena, document, "coupons", &quoted.shown.coupon_count);
    bool good = read_all(arena, document, &quoted);

    json_decref(document);
    if (!good)
        return error_set(err, STATUS_DEFECT, "quote.document", "", "a quote cannot be read");
    *out = quoted;
    return STATUS_OK;
}
