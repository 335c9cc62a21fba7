/* The document of an offer, read strictly: docs/offers.md describes every field. */
#include <stdlib.h>
#include <string.h>

#include "features/conditions/condition_read.h"
#include "features/definitions/advertised_read.h"
#include "features/definitions/definition_read.h"
#include "features/offers/offer_index.h"

/* ---- lists of texts ---- */

static int compare_texts(const void *left, const void *right)
{
    const struct text *a = left, *b = right;

    return text_compare(*a, *b);
}

static enum status read_list(const struct object *object, const char *name, size_t size_max, struct text_list *out)
{
    size_t count;

    TRY(object_list(object, name, (struct range){0, OFFER_LIST_MAX}, &count));
    struct text *items = arena_array(object->arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        json_t *item = json_array_get(json_object_get(object->json, name), i);
        if (!json_is_string(item) || json_string_length(item) == 0 || json_string_length(item) > size_max)
            return error_set(object->err, STATUS_INVALID, "programme.invalid",
                             arena_format(object->arena, "%s[%zu]", object_path(object, name), i),
                             "a text of 1 to %zu bytes is expected", size_max);
        items[i] = text_copy(object->arena, (struct text){json_string_value(item), json_string_length(item)});
    }
    if (count > 1)
        qsort(items, count, sizeof *items, compare_texts);
    out->items = items;
    out->count = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || !text_equal(items[i], items[out->count - 1]))
            items[out->count++] = items[i];
    return STATUS_OK;
}

/* ---- conditions ---- */

static enum status read_filter(const struct object *object, struct offer_filter *out)
{
    static const char *const fields[] = {"skus", "categories",     "except_skus", "except_categories",
                                         "when", "not_discounted", NULL};

    if (object->json == NULL)
        return STATUS_OK;
    TRY(object_check(object, fields));
    TRY(read_list(object, "skus", OFFER_SKU_MAX, &out->skus));
    TRY(read_list(object, "categories", CODE_SIZE_MAX, &out->categories));
    TRY(read_list(object, "except_skus", OFFER_SKU_MAX, &out->except_skus));
    TRY(read_list(object, "except_categories", CODE_SIZE_MAX, &out->except_categories));
    TRY(object_boolean(object, "not_discounted", &out->not_discounted));
    return object_condition(object, "when", CONDITION_LINE, &out->when);
}

/* ---- the discount ---- */

/* "12.5": hundredths of the public price, at most two decimals more. */
static enum status read_percent(const struct object *object, bool required, int64_t *out)
{
    int64_t factor = -1;

    TRY(object_factor(object, "percent", required, &factor));
    if (factor < 0)
        return STATUS_OK;
    if (factor == 0 || factor > 100 * FACTOR_SCALE)
        return object_refuse(object, "percent", "a percentage above 0, up to 100, is expected");
    *out = factor; /* 20 is 20 * FACTOR_SCALE, of 100 * FACTOR_SCALE = PERCENT_SCALE */
    return STATUS_OK;
}

static const char *const target_words[] = {"order", "item", "cheapest", "dearest", "shipping", NULL};

static enum status read_target(const struct object *object, struct offer *offer)
{
    int target = offer->kind == OFFER_PRICE ? ON_ITEM : ON_ORDER;

    TRY(object_word(object, "on", false, target_words, &target));
    offer->target = (enum offer_target)target;
    offer->count = 1;
    if (json_object_get(object->json, "count") != NULL && offer->target != ON_CHEAPEST && offer->target != ON_DEAREST)
        return object_refuse(object, "count", "only a discount on the cheapest or dearest pieces has a number of them");
    return object_integer(object, "count", false, (struct range){1, OFFER_PIECES_MAX}, &offer->count);
}

static enum status read_percentage(const struct object *object, struct offer *offer)
{
    static const char *const fields[] = {"kind", "percent", "on", "count", "most", NULL};

    TRY(object_check(object, fields));
    TRY(read_percent(object, true, &offer->percent));
    return read_target(object, offer);
}

static enum status read_amount(const struct object *object, struct offer *offer)
{
    static const char *const fields[] = {"kind", "amount", "on", "count", "most", NULL};

    TRY(object_check(object, fields));
    TRY(object_money(object, "amount", true, 1, &offer->money));
    return read_target(object, offer);
}

static int compare_prices(const void *left, const void *right)
{
    const struct offer_price *a = left, *b = right;

    return text_compare(a->sku, b->sku);
}

static enum status read_prices(const struct object *object, struct offer *offer)
{
    static const char *const fields[] = {"sku", "price", NULL};

    TRY(object_list(object, "prices", (struct range){0, OFFER_LIST_MAX}, &offer->price_count));
    struct offer_price *prices = arena_array(object->arena, offer->price_count + 1, sizeof *prices);
    for (size_t i = 0; i < offer->price_count; i++) {
        struct object inner = object_element(object, "prices", i);
        TRY(object_check(&inner, fields));
        TRY(object_text(&inner, "sku", true, OFFER_SKU_MAX, &prices[i].sku));
        TRY(object_money(&inner, "price", true, 0, &prices[i].price));
    }
    if (offer->price_count > 1)
        qsort(prices, offer->price_count, sizeof *prices, compare_prices);
    for (size_t i = 1; i < offer->price_count; i++)
        if (text_equal(prices[i].sku, prices[i - 1].sku))
            return object_refuse(object, "prices", "each sku has one price");
    offer->prices = prices;
    return STATUS_OK;
}

static enum status read_price(const struct object *object, struct offer *offer)
{
    static const char *const fields[] = {"kind", "price", "prices", "on", "count", "most", NULL};
    bool one = json_object_get(object->json, "price") != NULL;

    TRY(object_check(object, fields));
    TRY(read_prices(object, offer));
    if (one == (offer->price_count > 0))
        return object_refuse(object, "price", "either one price, or prices by sku");
    TRY(object_money(object, "price", false, 0, &offer->money));
    TRY(read_target(object, offer));
    if (offer->price_count > 0 && offer->target != ON_ITEM)
        return object_refuse(object, "on", "prices by sku are of each item");
    return STATUS_OK;
}

static const char *const which_words[] = {"cheapest", "best", NULL};

static enum status read_which(const struct object *object, struct offer *offer)
{
    int which = 0;

    TRY(object_word(object, "which", false, which_words, &which));
    offer->best = which == 1;
    return STATUS_OK;
}

static enum status read_buy_get(const struct object *object, struct offer *offer)
{
    static const char *const fields[] = {"kind", "buy", "get", "percent", "of", "which", "most", NULL};
    const struct range pieces = {1, OFFER_PIECES_MAX};

    offer->percent = PERCENT_SCALE;
    TRY(object_check(object, fields));
    TRY(object_integer(object, "buy", true, pieces, &offer->buy));
    TRY(object_integer(object, "get", true, pieces, &offer->get));
    TRY(read_percent(object, false, &offer->percent));
    TRY(read_which(object, offer));
    struct object of = object_nested(object, "of");
    offer->other = of.json != NULL;
    return read_filter(&of, &offer->of);
}

static enum status read_n_for_m(const struct object *object, struct offer *offer)
{
    static const char *const fields[] = {"kind", "take", "pay", "which", "most", NULL};
    const struct range pieces = {1, OFFER_PIECES_MAX};
    int64_t take = 0;

    TRY(object_check(object, fields));
    TRY(object_integer(object, "take", true, pieces, &take));
    TRY(object_integer(object, "pay", true, pieces, &offer->buy));
    if (offer->buy >= take)
        return object_refuse(object, "pay", "fewer are paid than taken");
    offer->get = take - offer->buy;
    offer->kind = OFFER_BUY_GET;
    offer->percent = PERCENT_SCALE;
    return read_which(object, offer);
}

static enum status read_set_price(const struct object *object, struct offer *offer)
{
    static const char *const fields[] = {"kind", "count", "price", "most", NULL};

    TRY(object_check(object, fields));
    TRY(object_integer(object, "count", true, (struct range){2, OFFER_PIECES_MAX}, &offer->count));
    return object_money(object, "price", true, 0, &offer->money);
}

static enum status read_bundle(const struct object *object, struct offer *offer)
{
    static const char *const fields[] = {"kind", "parts", "price", "most", NULL};
    static const char *const part_fields[] = {"items", "count", NULL};

    TRY(object_check(object, fields));
    TRY(object_money(object, "price", true, 0, &offer->money));
    TRY(object_list(object, "parts", (struct range){2, OFFER_PARTS_MAX}, &offer->part_count));
    struct offer_part *parts = arena_array(object->arena, offer->part_count, sizeof *parts);
    for (size_t i = 0; i < offer->part_count; i++) {
        struct object part = object_element(object, "parts", i);
        parts[i].count = 1;
        TRY(object_check(&part, part_fields));
        TRY(object_integer(&part, "count", false, (struct range){1, 1000}, &parts[i].count));
        struct object items = object_nested(&part, "items");
        if (items.json == NULL)
            return object_missing(&part, "items");
        TRY(read_filter(&items, &parts[i].items));
    }
    offer->parts = parts;
    return STATUS_OK;
}

static enum status read_gift(const struct object *object, struct offer *offer)
{
    static const char *const fields[] = {"kind", "sku", "count", "value", NULL};

    offer->count = 1;
    TRY(object_check(object, fields));
    TRY(object_text(object, "sku", true, OFFER_SKU_MAX, &offer->gift));
    TRY(object_integer(object, "count", false, (struct range){1, 1000}, &offer->count));
    return object_money(object, "value", false, 0, &offer->gift_value);
}

static const struct {
    const char *word;
    enum offer_kind kind;
    enum status (*read)(const struct object *object, struct offer *offer);
} kinds[] = {
    {"percentage", OFFER_PERCENTAGE, read_percentage},
    {"amount", OFFER_AMOUNT, read_amount},
    {"price", OFFER_PRICE, read_price},
    {"buy_get", OFFER_BUY_GET, read_buy_get},
    {"n_for_m", OFFER_BUY_GET, read_n_for_m},
    {"set_price", OFFER_SET_PRICE, read_set_price},
    {"bundle", OFFER_BUNDLE, read_bundle},
    {"gift", OFFER_GIFT, read_gift},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

static enum status read_discount(const struct object *document, struct offer *offer)
{
    const char *words[KIND_COUNT + 1] = {NULL};
    struct object object = object_nested(document, "discount");
    int kind = 0;

    if (object.json == NULL)
        return object_missing(document, "discount");
    if (!json_is_object(object.json))
        return object_refuse(document, "discount", "an object is expected");
    for (size_t i = 0; i < KIND_COUNT; i++)
        words[i] = kinds[i].word;
    TRY(object_word(&object, "kind", true, words, &kind));
    offer->kind = kinds[kind].kind;
    TRY(kinds[kind].read(&object, offer));
    return object_money(&object, "most", false, 1, &offer->most);
}

/* ---- when and where ---- */

static bool two_numbers(const char *text, char between, int *first, int *second)
{
    if (text == NULL || strlen(text) != 5 || text[2] != between)
        return false;
    for (int i = 0; i < 5; i++)
        if (i != 2 && (text[i] < '0' || text[i] > '9'))
            return false;
    *first = (text[0] - '0') * 10 + text[1] - '0';
    *second = (text[3] - '0') * 10 + text[4] - '0';
    return true;
}

static enum status read_minute(const struct object *object, const char *name, int32_t *out)
{
    int hour, minute;

    if (!two_numbers(json_string_value(json_object_get(object->json, name)), ':', &hour, &minute) || hour > 24 ||
        minute > 59 || (hour == 24 && minute > 0))
        return object_refuse(object, name, "a time of the day such as \"17:30\" is expected");
    *out = hour * 60 + minute;
    return STATUS_OK;
}

static enum status read_month_day(const struct object *object, const char *name, int32_t *out)
{
    int month, day;

    if (!two_numbers(json_string_value(json_object_get(object->json, name)), '-', &month, &day) || month < 1 ||
        month > 12 || day < 1 || day > days_in_month(2024, month))
        return object_refuse(object, name, "a day of the year such as \"12-24\" is expected");
    *out = month * 100 + day;
    return STATUS_OK;
}

static enum status read_spans(const struct object *object, const char *name, struct offer_span *out, size_t *count)
{
    static const char *const fields[] = {"from", "until", NULL};
    bool hours = strcmp(name, "hours") == 0;

    TRY(object_list(object, name, (struct range){0, OFFER_SPANS_MAX}, count));
    for (size_t i = 0; i < *count; i++) {
        struct object span = object_element(object, name, i);
        TRY(object_check(&span, fields));
        TRY(hours ? read_minute(&span, "from", &out[i].from) : read_month_day(&span, "from", &out[i].from));
        TRY(hours ? read_minute(&span, "until", &out[i].until) : read_month_day(&span, "until", &out[i].until));
        if (!hours)
            out[i].until++; /* the last day is part of the season */
    }
    return STATUS_OK;
}

static enum status read_weekdays(const struct object *object, unsigned *out)
{
    static const char *const words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
    struct text_list names = {0};

    TRY(read_list(object, "weekdays", 3, &names));
    for (size_t i = 0; i < names.count; i++) {
        int day = 0;
        while (words[day] != NULL && !text_equals(names.items[i], words[day]))
            day++;
        if (words[day] == NULL)
            return object_refuse(object, "weekdays", "days are mon, tue, wed, thu, fri, sat and sun");
        *out |= 1U << day;
    }
    return STATUS_OK;
}

static enum status read_schedule(const struct object *document, struct offer_schedule *out)
{
    static const char *const fields[] = {"starts_at", "ends_at", "priority_hours", "weekdays", "hours",
                                         "seasons",   NULL};
    struct object object = object_nested(document, "schedule");
    int64_t hours = 0;

    *out = (struct offer_schedule){.starts_at = INT64_MIN, .ends_at = INSTANT_NEVER};
    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_instant(&object, "starts_at", &out->starts_at));
    TRY(object_instant(&object, "ends_at", &out->ends_at));
    if (out->ends_at <= out->starts_at)
        return object_refuse(&object, "ends_at", "an offer ends after it starts");
    TRY(object_integer(&object, "priority_hours", false, (struct range){1, OFFER_PRIORITY_HOURS_MAX}, &hours));
    if (hours > 0 && out->starts_at == INT64_MIN)
        return object_refuse(&object, "priority_hours", "what has no start does not begin earlier");
    out->priority = hours * INSTANT_HOUR;
    TRY(read_weekdays(&object, &out->weekdays));
    TRY(read_spans(&object, "hours", out->hours, &out->hour_count));
    return read_spans(&object, "seasons", out->seasons, &out->season_count);
}

/* ---- for whom, and how much of it ---- */

static enum status read_audience(const struct object *document, struct offer_audience *out)
{
    static const char *const fields[] = {"members", "tiers", "segments", "benefits", "when", NULL};
    struct object object = object_nested(document, "audience");

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_boolean(&object, "members", &out->members));
    TRY(read_list(&object, "tiers", CODE_SIZE_MAX, &out->tiers));
    TRY(read_list(&object, "segments", CODE_SIZE_MAX, &out->segments));
    TRY(read_list(&object, "benefits", CODE_SIZE_MAX, &out->benefits));
    TRY(object_condition(&object, "when", CONDITION_PURCHASE, &out->when));
    out->members |= out->tiers.count > 0 || out->segments.count > 0 || out->benefits.count > 0;
    return STATUS_OK;
}

static enum status read_minimum(const struct object *document, struct offer *offer)
{
    static const char *const fields[] = {"spend", "quantity", "of", NULL};
    static const char *const words[] = {"items", "order", NULL};
    struct object object = object_nested(document, "minimum");
    int of = 0;
    int64_t quantity = 0;

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_money(&object, "spend", false, 1, &offer->minimum_spend));
    TRY(object_integer(&object, "quantity", false, (struct range){1, OFFER_PIECES_MAX}, &quantity));
    TRY(object_word(&object, "of", false, words, &of));
    offer->minimum_milli = quantity * 1000;
    offer->minimum_of_order = of == 1;
    return STATUS_OK;
}

static enum status read_limits(const struct object *document, struct offer_limits *out)
{
    static const char *const fields[] = {"uses",      "budget", "budget_partial", "per_member", "per_member_day",
                                         "per_order", NULL};
    struct object object = object_nested(document, "limits");
    const struct range any = {1, INT64_C(1000000000000)};

    *out = (struct offer_limits){INT64_MAX, INT64_MAX, false, INT64_MAX, INT64_MAX, INT64_MAX};
    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_integer(&object, "uses", false, any, &out->uses));
    TRY(object_money(&object, "budget", false, 1, &out->budget));
    TRY(object_boolean(&object, "budget_partial", &out->budget_partial));
    TRY(object_integer(&object, "per_member", false, any, &out->per_member));
    TRY(object_integer(&object, "per_member_day", false, any, &out->per_member_day));
    return object_integer(&object, "per_order", false, any, &out->per_order);
}

static enum status read_codes(const struct object *document, struct offer *offer)
{
    TRY(read_list(document, "codes", CODE_SIZE_MAX, &offer->codes));
    struct text *folded = arena_array(document->arena, offer->codes.count + 1, sizeof *folded);
    for (size_t i = 0; i < offer->codes.count; i++)
        folded[i] = offer_code_fold(document->arena, offer->codes.items[i]);
    if (offer->codes.count > 1)
        qsort(folded, offer->codes.count, sizeof *folded, compare_texts);
    offer->codes.items = folded;
    return object_code(document, "coupon", false, &offer->coupon);
}

static enum status read_beside(const struct object *document, struct offer *offer)
{
    static const char *const applies[] = {"all", "first", "best", NULL};
    static const char *const bases[] = {"cascading", "initial", NULL};
    static const char *const roundings[] = {"floor", "half_up", "half_even", "ceil", NULL};
    static const char *const rounds[] = {"order", "line", NULL};
    int apply = APPLY_BEST, basis = 0, rounding = 0, round_lines = 0;

    offer->order = OFFER_ORDER_USUAL;
    TRY(object_integer(document, "order", false, (struct range){0, 1000000}, &offer->order));
    TRY(object_code(document, "group", false, &offer->group));
    TRY(object_word(document, "apply", false, applies, &apply));
    if (offer->group.size == 0 && json_object_get(document->json, "apply") != NULL)
        return object_refuse(document, "apply", "only an offer of a group says which of the group apply");
    TRY(object_boolean(document, "exclusive", &offer->exclusive));
    TRY(object_word(document, "basis", false, bases, &basis));
    TRY(object_word(document, "rounding", false, roundings, &rounding));
    TRY(object_word(document, "round", false, rounds, &round_lines));
    offer->apply = (enum offer_apply)apply;
    offer->basis = (enum offer_basis)basis;
    offer->rounding = (enum rounding)rounding;
    offer->round_lines = round_lines == 1;
    return STATUS_OK;
}

/* What no field can say by itself. */
static enum status check_whole(const struct object *document, const struct offer *offer)
{
    bool all_goods = offer->kind == OFFER_BUNDLE || offer->kind == OFFER_GIFT || offer->price_count > 0;

    if (offer->target == ON_SHIPPING && !offer_filter_is_open(&offer->items))
        return object_refuse(document, "items", "an offer on shipping has no goods: see minimum");
    if (offer->kind == OFFER_BUNDLE && !offer_filter_is_open(&offer->items))
        return object_refuse(document, "items", "the goods of a bundle are in its parts");
    if (all_goods && offer->minimum_spend == 0 && offer->kind == OFFER_GIFT && offer->minimum_milli == 0 &&
        offer_filter_is_open(&offer->items) && !offer_needs_code(offer) && !offer->audience.members &&
        offer->audience.when.program == NULL)
        return object_refuse(document, "minimum", "a gift is for something: goods, a minimum, a code or an audience");
    if (offer->kind != OFFER_BUY_GET && offer->kind != OFFER_SET_PRICE && offer->kind != OFFER_BUNDLE &&
        offer->limits.per_order != INT64_MAX)
        return object_refuse(document, "limits.per_order", "only sets are counted in one purchase");
    if (offer->limits.budget_partial && offer->limits.budget == INT64_MAX)
        return object_refuse(document, "limits.budget_partial", "there is no budget");
    return STATUS_OK;
}

static enum status read_advertised(const struct object *document, struct offer *offer)
{
    const struct advertised_terms terms = {.from = offer->schedule.starts_at,
                                           .until = offer->schedule.ends_at,
                                           .minimum_spend = offer->minimum_spend,
                                           .members = offer->audience.members,
                                           .code = offer_needs_code(offer)};

    return object_advertised(document, terms, &offer->advertised);
}

static enum status read_offer(const struct object *document, struct offer *offer)
{
    static const char *const fields[] = {"name",     "about",      "discount",  "items", "minimum",  "audience",
                                         "schedule", "stores",     "channels",  "codes", "coupon",   "order",
                                         "group",    "apply",      "exclusive", "basis", "rounding", "round",
                                         "limits",   "advertised", NULL};

    offer->most = INT64_MAX;
    TRY(object_check(document, fields));
    TRY(object_text(document, "name", true, 200, &offer->name));
    TRY(object_text(document, "about", false, 2000, &offer->about));
    TRY(read_discount(document, offer));
    struct object items = object_nested(document, "items");
    TRY(read_filter(&items, &offer->items));
    TRY(read_minimum(document, offer));
    TRY(read_audience(document, &offer->audience));
    TRY(read_schedule(document, &offer->schedule));
    TRY(read_list(document, "stores", CODE_SIZE_MAX, &offer->stores));
    TRY(read_list(document, "channels", CODE_SIZE_MAX, &offer->channels));
    TRY(read_codes(document, offer));
    TRY(read_beside(document, offer));
    TRY(read_limits(document, &offer->limits));
    TRY(check_whole(document, offer));
    return read_advertised(document, offer);
}

static enum status read_document(const struct object *document, void *out)
{
    return read_offer(document, out);
}

enum status offer_parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct offer *offer = arena_alloc(input->arena, sizeof *offer);

    offer->code = text_copy(input->arena, input->code);
    *out = offer;
    return definition_read(input, read_document, offer, err);
}
