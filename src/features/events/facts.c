#include "features/events/facts.h"

#include <jansson.h>

#include "foundation/checked.h"

void facts_string(struct builder *builder, struct text text)
{
    builder_char(builder, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (c == '"' || c == '\\') {
            builder_char(builder, '\\');
            builder_char(builder, (char)c);
        } else if (c < 0x20) {
            builder_format(builder, "\\u%04x", c);
        } else {
            builder_char(builder, (char)c);
        }
    }
    builder_char(builder, '"');
}

/* ---- writing ---- */

static void member_name(struct builder *out, const char *name)
{
    if (out->bytes[out->size - 1] != '{')
        builder_char(out, ',');
    builder_char(out, '"');
    builder_string(out, name);
    builder_bytes(out, "\":", 2);
}

static void write_integer(struct builder *out, const char *name, int64_t value)
{
    if (value == 0)
        return;
    member_name(out, name);
    builder_integer(out, value);
}

static void write_text(struct builder *out, const char *name, struct text value)
{
    if (value.size == 0)
        return;
    member_name(out, name);
    facts_string(out, value);
}

static void write_bonuses(struct builder *out, const struct earned_facts *earned)
{
    if (earned->bonus_count == 0)
        return;
    member_name(out, "bonuses");
    builder_char(out, '[');
    for (size_t i = 0; i < earned->bonus_count; i++) {
        if (i > 0)
            builder_char(out, ',');
        builder_char(out, '{');
        write_text(out, "multiplier", earned->bonuses[i].multiplier);
        write_integer(out, "bonus", earned->bonuses[i].bonus);
        write_text(out, "progress", earned->bonuses[i].progress);
        write_integer(out, "budget", earned->bonuses[i].budget ? 1 : 0);
        builder_char(out, '}');
    }
    builder_char(out, ']');
}

/* What an earning rule that was published by itself needs to be asked again. */
static void write_published(struct builder *out, const struct earned_facts *earned)
{
    write_integer(out, "version", earned->version);
    for (size_t i = 0; i < earned->use_count; i++) {
        if (i == 0)
            member_name(out, "uses");
        builder_char(out, i == 0 ? '[' : ',');
        facts_string(out, earned->uses[i]);
        if (i + 1 == earned->use_count)
            builder_char(out, ']');
    }
    write_integer(out, "budget", earned->budget ? 1 : 0);
}

static void write_earned(struct builder *out, const struct purchase_facts *facts)
{
    if (facts->earned_count == 0)
        return;
    member_name(out, "earned");
    builder_char(out, '[');
    for (size_t i = 0; i < facts->earned_count; i++) {
        if (i > 0)
            builder_char(out, ',');
        builder_char(out, '{');
        write_text(out, "rule", facts->earned[i].rule);
        write_text(out, "wallet", facts->earned[i].wallet);
        write_integer(out, "points", facts->earned[i].points);
        write_bonuses(out, &facts->earned[i]);
        write_published(out, &facts->earned[i]);
        builder_char(out, '}');
    }
    builder_char(out, ']');
}

static void write_digest(struct builder *out, const struct purchase_facts *facts)
{
    static const char hex[] = "0123456789abcdef";

    if (!facts->digest_given)
        return;
    member_name(out, "digest");
    builder_char(out, '"');
    for (size_t i = 0; i < SEAL_SIZE; i++) {
        builder_char(out, hex[facts->digest[i] >> 4]);
        builder_char(out, hex[facts->digest[i] & 15]);
    }
    builder_char(out, '"');
}

static void next_element(struct builder *out)
{
    if (out->bytes[out->size - 1] != '[')
        builder_char(out, ',');
    builder_char(out, '{');
}

static void write_prices(struct builder *out, const struct line_terms *terms)
{
    for (size_t i = 0; i < terms->discount_count; i++) {
        if (i == 0) {
            member_name(out, "discounts");
            builder_char(out, '[');
        }
        next_element(out);
        write_text(out, "kind", terms->discounts[i].kind);
        write_text(out, "code", terms->discounts[i].code);
        write_integer(out, "amount", terms->discounts[i].amount);
        builder_string(out, i + 1 < terms->discount_count ? "}" : "}]");
    }
    for (size_t i = 0; i < terms->modifier_count; i++) {
        if (i == 0) {
            member_name(out, "modifiers");
            builder_char(out, '[');
        }
        next_element(out);
        write_text(out, "code", terms->modifiers[i].code);
        write_integer(out, "quantity", terms->modifiers[i].quantity_milli);
        write_integer(out, "price", terms->modifiers[i].price);
        builder_string(out, i + 1 < terms->modifier_count ? "}" : "}]");
    }
}

/* A cost or a rate of 0 is known, and so written. */
static void write_known(struct builder *out, const char *name, int64_t value)
{
    if (value == TERMS_UNKNOWN)
        return;
    member_name(out, name);
    builder_integer(out, value);
}

static void write_terms(struct builder *out, const struct purchase_facts *facts)
{
    if (facts->term_count == 0)
        return;
    member_name(out, "lines");
    builder_char(out, '[');
    for (size_t i = 0; i < facts->term_count; i++) {
        const struct line_terms *terms = &facts->terms[i];
        next_element(out);
        write_integer(out, "line", terms->line);
        write_known(out, "unit_cost", terms->unit_cost);
        write_known(out, "cost", terms->cost);
        write_known(out, "tax", terms->tax);
        if (terms->tax > 0)
            write_integer(out, "net", terms->net);
        for (const struct text *above = terms->above; above != NULL && above->size > 0; above++) {
            if (above == terms->above)
                member_name(out, "above");
            builder_char(out, above == terms->above ? '[' : ',');
            facts_string(out, *above);
            if (above[1].size == 0)
                builder_char(out, ']');
        }
        write_prices(out, terms);
        builder_char(out, '}');
    }
    builder_char(out, ']');
}

int64_t contact_part(int64_t points, int64_t contact_share)
{
    int64_t part = 0;

    (void)checked_scale(points, contact_share, FACTOR_SCALE, ROUNDING_FLOOR, &part);
    return part;
}

static void write_texts(struct builder *out, const char *name, const struct text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0)
            member_name(out, name);
        builder_char(out, i == 0 ? '[' : ',');
        facts_string(out, texts[i]);
    }
    if (count > 0)
        builder_char(out, ']');
}

static void write_offers(struct builder *out, const struct purchase_facts *facts)
{
    if (facts->offer_count == 0)
        return;
    member_name(out, "offers");
    builder_char(out, '[');
    for (size_t i = 0; i < facts->offer_count; i++) {
        const struct offer_facts *offer = &facts->offers[i];
        next_element(out);
        write_text(out, "code", offer->code);
        write_integer(out, "amount", offer->amount);
        write_integer(out, "uses", offer->uses ? 1 : 0);
        write_integer(out, "budget", offer->budget ? 1 : 0);
        write_integer(out, "member", offer->member ? 1 : 0);
        write_integer(out, "member_day", offer->member_day ? 1 : 0);
        write_integer(out, "day", offer->day);
        write_text(out, "coupon", offer->coupon);
        write_text(out, "series", offer->series);
        write_integer(out, "benefit", offer->benefit ? 1 : 0);
        write_integer(out, "membership", offer->membership);
        builder_char(out, '}');
    }
    builder_char(out, ']');
}

static void write_cards(struct builder *out, const struct purchase_facts *facts)
{
    if (facts->card_count == 0)
        return;
    member_name(out, "cards");
    builder_char(out, '[');
    for (size_t i = 0; i < facts->card_count; i++)
        builder_format(out, "%s[%lld,%lld,%lld,%d]", i > 0 ? "," : "", (long long)facts->cards[i].card,
                       (long long)facts->cards[i].charge, (long long)facts->cards[i].minor, facts->cards[i].bucket);
    builder_char(out, ']');
}

static void write_honours(struct builder *out, const struct purchase_facts *facts)
{
    for (size_t i = 0; i < facts->honour_count; i++) {
        const struct honour_facts *honour = &facts->honours[i];
        if (i == 0) {
            member_name(out, "honour");
            builder_char(out, '[');
        }
        next_element(out);
        write_text(out, "offer", honour->offer);
        write_text(out, "channel", honour->channel);
        write_integer(out, "shown_at", honour->shown_at);
        write_integer(out, "value", honour->value);
        builder_string(out, i + 1 < facts->honour_count ? "}" : "}]");
    }
}

struct text purchase_facts_write(struct arena *arena, const struct purchase_facts *facts)
{
    struct builder out = {.arena = arena};

    builder_char(&out, '{');
    write_integer(&out, "programme", facts->version);
    write_text(&out, "tier", facts->tier);
    write_integer(&out, "qualifying", facts->qualifying);
    write_text(&out, "boosts", facts->boosts);
    write_integer(&out, "paid", facts->paid_minor);
    write_integer(&out, "prepaid", facts->prepaid);
    write_integer(&out, "payments", facts->payment_count);
    write_earned(&out, facts);
    write_text(&out, "currency", facts->currency);
    write_integer(&out, "original", facts->original);
    write_text(&out, "event", facts->event_id);
    write_text(&out, "till", facts->till);
    write_text(&out, "employee", facts->employee);
    write_integer(&out, "plain", facts->plain ? 1 : 0);
    write_integer(&out, "organisation", facts->organisation);
    write_integer(&out, "contact", facts->contact);
    write_text(&out, "contract", facts->contract);
    write_integer(&out, "contact_share", facts->contact_share);
    write_digest(&out, facts);
    write_cards(&out, facts);
    write_integer(&out, "money", facts->money);
    write_integer(&out, "written_off", facts->written_off);
    write_integer(&out, "exchange", facts->exchange);
    write_integer(&out, "unreceipted", facts->unreceipted ? 1 : 0);
    write_terms(&out, facts);
    write_integer(&out, "quote", facts->quote);
    write_integer(&out, "reserved", facts->settled_reserved ? 1 : 0);
    write_offers(&out, facts);
    write_honours(&out, facts);
    write_texts(&out, "codes", facts->shown.codes, facts->shown.code_count);
    write_texts(&out, "coupons", facts->shown.coupons, facts->shown.coupon_count);
    write_integer(&out, "own_sale", facts->own_sale ? 1 : 0);
    builder_char(&out, '}');
    return out.size == 2 ? (struct text){NULL, 0} : builder_done(&out);
}

/* ---- reading ---- */

static struct text read_text(struct arena *arena, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_string(value))
        return (struct text){NULL, 0};
    return text_copy(arena, (struct text){json_string_value(value), json_string_length(value)});
}

static int64_t read_integer(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void read_bonuses(struct arena *arena, const json_t *list, struct earned_facts *earned)
{
    size_t count = json_array_size(list);
    struct bonus_facts *bonuses = arena_array(arena, count + 1, sizeof *bonuses);

    for (size_t i = 0; i < count; i++) {
        const json_t *bonus = json_array_get(list, i);
        bonuses[i] = (struct bonus_facts){.multiplier = read_text(arena, bonus, "multiplier"),
                                          .bonus = read_integer(bonus, "bonus"),
                                          .progress = read_text(arena, bonus, "progress"),
                                          .budget = read_integer(bonus, "budget") == 1};
    }
    earned->bonuses = bonuses;
    earned->bonus_count = count;
}

static void read_published(struct arena *arena, const json_t *entry, struct earned_facts *earned)
{
    const json_t *list = json_object_get(entry, "uses");
    struct text *uses = arena_array(arena, json_array_size(list) + 1, sizeof *uses);

    earned->version = read_integer(entry, "version");
    earned->budget = read_integer(entry, "budget") == 1;
    earned->use_count = json_array_size(list);
    for (size_t i = 0; i < earned->use_count; i++) {
        const json_t *use = json_array_get(list, i);
        uses[i] = text_copy(arena, (struct text){json_string_value(use), json_string_length(use)});
    }
    earned->uses = uses;
}

static void read_earned(struct arena *arena, const json_t *list, struct purchase_facts *out)
{
    size_t count = json_array_size(list);
    struct earned_facts *earned = arena_array(arena, count + 1, sizeof *earned);

    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(list, i);
        earned[i].rule = read_text(arena, entry, "rule");
        earned[i].wallet = read_text(arena, entry, "wallet");
        earned[i].points = read_integer(entry, "points");
        read_bonuses(arena, json_object_get(entry, "bonuses"), &earned[i]);
        read_published(arena, entry, &earned[i]);
    }
    out->earned = earned;
    out->earned_count = count;
}

static const struct text *read_texts(struct arena *arena, const json_t *list, size_t *count)
{
    *count = json_array_size(list);
    struct text *texts = arena_array(arena, *count + 1, sizeof *texts);

    for (size_t i = 0; i < *count; i++) {
        const json_t *entry = json_array_get(list, i);
        texts[i] = text_copy(arena, (struct text){json_string_value(entry), json_string_length(entry)});
    }
    return texts;
}

static void read_honours(struct arena *arena, const json_t *list, struct purchase_facts *out)
{
    size_t count = json_array_size(list);
    struct honour_facts *honours = arena_array(arena, count + 1, sizeof *honours);

    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(list, i);
        honours[i] = (struct honour_facts){.offer = read_text(arena, entry, "offer"),
                                           .channel = read_text(arena, entry, "channel"),
                                           .shown_at = read_integer(entry, "shown_at"),
                                           .value = read_integer(entry, "value")};
    }
    out->honours = honours;
    out->honour_count = count;
}

static void read_offers(struct arena *arena, const json_t *list, struct purchase_facts *out)
{
    size_t count = json_array_size(list);
    struct offer_facts *offers = arena_array(arena, count + 1, sizeof *offers);

    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(list, i);
        offers[i] = (struct offer_facts){.code = read_text(arena, entry, "code"),
                                         .amount = read_integer(entry, "amount"),
                                         .uses = read_integer(entry, "uses") == 1,
                                         .budget = read_integer(entry, "budget") == 1,
                                         .member = read_integer(entry, "member") == 1,
                                         .member_day = read_integer(entry, "member_day") == 1,
                                         .day = (int32_t)read_integer(entry, "day"),
                                         .coupon = read_text(arena, entry, "coupon"),
                                         .series = read_text(arena, entry, "series"),
                                         .benefit = read_integer(entry, "benefit") == 1,
                                         .membership = read_integer(entry, "membership")};
    }
    out->offers = offers;
    out->offer_count = count;
}

static int64_t read_known(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : TERMS_UNKNOWN;
}

static void read_prices(struct arena *arena, const json_t *entry, struct line_terms *terms)
{
    const json_t *discounts = json_object_get(entry, "discounts"), *modifiers = json_object_get(entry, "modifiers");
    struct line_discount *discount = arena_array(arena, json_array_size(discounts) + 1, sizeof *discount);
    struct line_modifier *modifier = arena_array(arena, json_array_size(modifiers) + 1, sizeof *modifier);

    terms->discounts = discount;
    terms->discount_count = json_array_size(discounts);
    for (size_t i = 0; i < terms->discount_count; i++) {
        const json_t *from = json_array_get(discounts, i);
        discount[i] = (struct line_discount){read_text(arena, from, "kind"), read_text(arena, from, "code"),
                                             read_integer(from, "amount")};
    }
    terms->modifiers = modifier;
    terms->modifier_count = json_array_size(modifiers);
    for (size_t i = 0; i < terms->modifier_count; i++) {
        const json_t *from = json_array_get(modifiers, i);
        modifier[i] = (struct line_modifier){.code = read_text(arena, from, "code"),
                                             .quantity_milli = read_integer(from, "quantity"),
                                             .price = read_integer(from, "price")};
    }
}

static const struct text *read_above(struct arena *arena, const json_t *list)
{
    size_t count = json_array_size(list);

    if (count == 0)
        return NULL;
    struct text *above = arena_array(arena, count + 1, sizeof *above);
    for (size_t i = 0; i < count; i++) {
        const json_t *code = json_array_get(list, i);
        above[i] = text_copy(arena, (struct text){json_string_value(code), json_string_length(code)});
    }
    return above;
}

static const struct line_terms *read_terms(struct arena *arena, const json_t *list, size_t *count)
{
    *count = json_array_size(list);
    struct line_terms *terms = arena_array(arena, *count + 1, sizeof *terms);

    for (size_t i = 0; i < *count; i++) {
        const json_t *entry = json_array_get(list, i);
        terms[i] = (struct line_terms){.line = (int32_t)read_integer(entry, "line"),
                                       .unit_cost = read_known(entry, "unit_cost"),
                                       .cost = read_known(entry, "cost"),
                                       .tax = read_known(entry, "tax"),
                                       .net = read_integer(entry, "net"),
                                       .above = read_above(arena, json_object_get(entry, "above"))};
        read_prices(arena, entry, &terms[i]);
    }
    return terms;
}

enum status terms_facts_read(struct arena *arena, struct text json, const struct line_terms **terms, size_t *count,
                             struct error *err)
{
    *count = 0;
    *terms = NULL;
    if (json.size == 0)
        return STATUS_OK;
    json_t *object = json_loadb(json.bytes, json.size, 0, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        return error_set(err, STATUS_DEFECT, "event.facts", "", "the facts of the event cannot be read");
    }
    *terms = read_terms(arena, json_object_get(object, "lines"), count);
    json_decref(object);
    return STATUS_OK;
}

static void read_cards(struct arena *arena, const json_t *list, struct purchase_facts *out)
{
    size_t count = json_array_size(list);
    struct gift_paid *cards = arena_array(arena, count + 1, sizeof *cards);

    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        cards[i] = (struct gift_paid){.card = json_integer_value(json_array_get(one, 0)),
                                      .charge = json_integer_value(json_array_get(one, 1)),
                                      .minor = json_integer_value(json_array_get(one, 2)),
                                      .bucket = (int)json_integer_value(json_array_get(one, 3))};
    }
    out->cards = cards;
    out->card_count = count;
}

enum status purchase_facts_read(struct arena *arena, struct text json, struct purchase_facts *out, struct error *err)
{
    *out = (struct purchase_facts){0};
    if (json.size == 0)
        return STATUS_OK;
    json_t *object = json_loadb(json.bytes, json.size, 0, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        return error_set(err, STATUS_DEFECT, "event.facts", "", "the facts of the event cannot be read");
    }
    out->version = read_integer(object, "programme");
    out->tier = read_text(arena, object, "tier");
    out->qualifying = read_integer(object, "qualifying");
    out->boosts = read_text(arena, object, "boosts");
    out->paid_minor = read_integer(object, "paid");
    out->prepaid = read_integer(object, "prepaid");
    out->payment_count = read_integer(object, "payments");
    out->currency = read_text(arena, object, "currency");
    out->original = read_integer(object, "original");
    out->event_id = read_text(arena, object, "event");
    out->till = read_text(arena, object, "till");
    out->employee = read_text(arena, object, "employee");
    out->plain = read_integer(object, "plain") == 1;
    out->organisation = read_integer(object, "organisation");
    out->contact = read_integer(object, "contact");
    out->contract = read_text(arena, object, "contract");
    out->contact_share = read_integer(object, "contact_share");
    out->money = read_integer(object, "money");
    out->written_off = read_integer(object, "written_off");
    out->exchange = read_integer(object, "exchange");
    out->unreceipted = read_integer(object, "unreceipted") == 1;
    out->own_sale = read_integer(object, "own_sale") == 1;
    out->quote = read_integer(object, "quote");
    out->settled_reserved = read_integer(object, "reserved") == 1;
    read_cards(arena, json_object_get(object, "cards"), out);
    read_offers(arena, json_object_get(object, "offers"), out);
    read_honours(arena, json_object_get(object, "honour"), out);
    out->shown.codes = read_texts(arena, json_object_get(object, "codes"), &out->shown.code_count);
    out->shown.coupons = read_texts(arena, json_object_get(object, "coupons"), &out->shown.coupon_count);
    read_earned(arena, json_object_get(object, "earned"), out);
    out->terms = read_terms(arena, json_object_get(object, "lines"), &out->term_count);
    json_decref(object);
    return STATUS_OK;
}

/* ---- the words of modifiers ---- */

struct text modifier_texts_write(struct arena *arena, const struct purchase_line *lines, size_t line_count)
{
    struct builder out = {.arena = arena};

    for (size_t i = 0; i < line_count; i++) {
        for (size_t m = 0; lines[i].terms != NULL && m < lines[i].terms->modifier_count; m++) {
            if (lines[i].terms->modifiers[m].text.size == 0)
                continue;
            builder_char(&out, out.size == 0 ? '[' : ',');
            builder_format(&out, "{\"line\":%zu,\"modifier\":%zu,\"text\":", i + 1, m + 1);
            facts_string(&out, lines[i].terms->modifiers[m].text);
            builder_char(&out, '}');
        }
    }
    if (out.size == 0)
        return (struct text){NULL, 0};
    builder_char(&out, ']');
    return builder_done(&out);
}

static void give_text(struct arena *arena, const json_t *entry, struct line_terms *terms)
{
    size_t index = (size_t)read_integer(entry, "modifier");

    if (index < 1 || index > terms->modifier_count)
        return;
    struct line_modifier *modifiers = arena_copy(arena, terms->modifiers, terms->modifier_count * sizeof *modifiers);
    modifiers[index - 1].text = read_text(arena, entry, "text");
    terms->modifiers = modifiers;
}

void modifier_texts_read(struct arena *arena, struct text detail, struct purchase_facts *facts)
{
    json_t *object = detail.size > 0 ? json_loadb(detail.bytes, detail.size, 0, NULL) : NULL;
    const json_t *list = json_object_get(object, "modifiers");
    struct line_terms *terms = arena_copy(arena, facts->terms, facts->term_count * sizeof *terms);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        for (size_t t = 0; t < facts->term_count; t++)
            if (terms[t].line == read_integer(entry, "line"))
                give_text(arena, entry, &terms[t]);
    }
    facts->terms = terms;
    json_decref(object);
}

void row_attach_terms(struct arena *arena, struct journal_row *row)
{
    struct purchase_facts facts = {0};
    struct error ignored;

    if (row->line_count == 0 ||
        terms_facts_read(arena, row->facts, &facts.terms, &facts.term_count, &ignored) != STATUS_OK)
        return;
    modifier_texts_read(arena, row->detail, &facts);
    terms_attach(row->lines, row->line_count, facts.terms, facts.term_count);
}
