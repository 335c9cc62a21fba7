/* facts.c: facts as they are written. */
#include "features/events/facts.h"

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
        if (terms->shipping)
            write_integer(out, "shipping", 1);
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
