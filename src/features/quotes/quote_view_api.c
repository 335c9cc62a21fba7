#include "features/quotes/quote_view_api.h"

/* ---- replies ---- */

static const struct field cut_fields[] = {
    {.name = "offer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "before", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What the line cost before it ..."},
    {.name = "after", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "... and costs with it."},
};
static const struct shape cut_shape = {.name = "QuoteDiscount", SHAPE_FIELDS(cut_fields)};

static const struct field line_fields[] = {
    {.name = "line", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "sku", .type = FIELD_TEXT},
    {.name = "category", .type = FIELD_TEXT},
    {.name = "quantity", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 3},
    {.name = "public", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "The public price."},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What it costs."},
    {.name = "shipping", .type = FIELD_BOOLEAN},
    {.name = "discounts",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &cut_shape,
     .about = "In the order in which the offers applied."},
};
static const struct shape line_shape = {.name = "QuoteLine", SHAPE_FIELDS(line_fields)};

static const struct field gift_fields[] = {
    {.name = "sku", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "count", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape gift_shape = {.name = "QuoteGift", SHAPE_FIELDS(gift_fields)};

static const char *const because_words[] = {"tier", "membership", "given", "everyone", "condition", "segment", NULL};
static const struct field because_fields[] = {
    {.name = "by", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = because_words},
    {.name = "code", .type = FIELD_TEXT, .about = "Of the tier, the membership, the segment."},
    {.name = "name", .type = FIELD_TEXT, .about = "As people know it: because of Gold."},
};
static const struct shape because_shape = {.name = "QuoteBecause", SHAPE_FIELDS(because_fields)};

static const struct field honours_fields[] = {
    {.name = "channel", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "shown_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
};
static const struct shape honours_shape = {.name = "QuoteHonours", SHAPE_FIELDS(honours_fields)};

static const char *const offer_kinds[] = {"offer", "benefit", NULL};
static const char *const offer_reasons[] = {"public",    "season",  "member", "tier",   "segment",
                                            "condition", "benefit", "code",   "coupon", NULL};
static const struct field offer_fields[] = {
    {.name = "offer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "kind",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .choices = offer_kinds,
     .about = "A benefit applies by itself; `offer` is its code."},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What it takes off."},
    {.name = "reason",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .choices = offer_reasons,
     .about = "Why this customer has it."},
    {.name = "because", .type = FIELD_OBJECT, .shape = &because_shape, .about = "What the customer is or holds."},
    {.name = "honours",
     .type = FIELD_OBJECT,
     .shape = &honours_shape,
     .about = "It is over, and applies because it was shown there and then."},
    {.name = "sets", .type = FIELD_INTEGER, .about = "Of pieces, where it makes more than one."},
    {.name = "code", .type = FIELD_TEXT, .about = "That opened it."},
    {.name = "series", .type = FIELD_TEXT, .about = "Of the coupon that opened it."},
    {.name = "gift", .type = FIELD_OBJECT, .shape = &gift_shape, .about = "To add: it is not in the basket."},
    {.name = "guaranteed",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "False: it is limited and not reserved, and is checked again when the customer pays."},
};
static const struct shape offer_shape = {.name = "QuoteOffer", SHAPE_FIELDS(offer_fields)};

static const struct field needs_fields[] = {
    {.name = "tiers", .type = FIELD_LIST, .element = FIELD_TEXT, .about = "Codes."},
    {.name = "memberships", .type = FIELD_LIST, .element = FIELD_TEXT, .about = "Codes."},
};
static const struct shape needs_shape = {
    .name = "QuoteNeeds", .about = "Any of these would open it.", SHAPE_FIELDS(needs_fields)};

static const struct field refusal_fields[] = {
    {.name = "offer", .type = FIELD_TEXT, .about = "Absent for a code that no offer has."},
    {.name = "name", .type = FIELD_TEXT},
    {.name = "code", .type = FIELD_TEXT, .about = "That was shown."},
    {.name = "why", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "offer.minimum_spend and its kind."},
    {.name = "sentence", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "missing", .type = FIELD_AMOUNT, .about = "So much more must be spent."},
    {.name = "missing_quantity", .type = FIELD_DECIMAL, .scale = 3, .about = "So many more pieces are needed."},
    {.name = "needs", .type = FIELD_OBJECT, .shape = &needs_shape, .about = "With offer.audience: who has it."},
    {.name = "by", .type = FIELD_TEXT, .about = "The offer that applies instead."},
    {.name = "from", .type = FIELD_INSTANT, .about = "When it begins."},
    {.name = "ended_at", .type = FIELD_INSTANT, .about = "When it ended."},
    {.name = "would_have", .type = FIELD_AMOUNT, .about = "Of one that was shown: what it would have gained."},
};
static const struct shape refusal_shape = {.name = "QuoteRefusal", SHAPE_FIELDS(refusal_fields)};

static const struct field next_fields[] = {
    {.name = "offer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "spend", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "So much more ..."},
    {.name = "gain", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "... takes so much more off."},
};
static const struct shape next_shape = {.name = "QuoteNext", SHAPE_FIELDS(next_fields)};

static const struct field earning_fields[] = {
    {.name = "rule", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape earning_shape = {.name = "QuoteEarning", SHAPE_FIELDS(earning_fields)};

static const struct field usable_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "available", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "So many are best used, ..."},
    {.name = "worth", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "... and pay so much."},
};
static const struct shape usable_shape = {.name = "QuoteUsablePoints", SHAPE_FIELDS(usable_fields)};

static const struct field held_fields[] = {
    {.name = "hold", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "hld"},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "worth", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
static const struct shape held_shape = {.name = "QuoteHeld", SHAPE_FIELDS(held_fields)};

const char *const quote_state_words[] = {"open", "settled", "released", "lapsed", NULL};

#define PRICE_FIELDS                                                                                                   \
    {.name = "public", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "At public prices."},                   \
        {.name = "discount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},                                           \
        {.name = "total", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What it costs."},                   \
        {.name = "reserved", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},                                          \
        {.name = "organisation", .type = FIELD_ID, .prefix = "mbr", .about = "That it is for."},                       \
        {.name = "lines", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &line_shape}, \
        {.name = "offers",                                                                                             \
         .type = FIELD_LIST,                                                                                           \
         .flags = FIELD_REQUIRED,                                                                                      \
         .element = FIELD_OBJECT,                                                                                      \
         .shape = &offer_shape,                                                                                        \
         .about = "That apply, in their order."},                                                                      \
    {                                                                                                                  \
        .name = "held", .type = FIELD_OBJECT, .shape = &held_shape, .about = "Points on hold."                         \
    }

static const struct field quote_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "quo", .about = "Null: it is not kept."},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    PRICE_FIELDS,
    {.name = "not_applied",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &refusal_shape,
     .about = "Offers that have to do with the basket and do not apply."},
    {.name = "next",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &next_shape,
     .about = "What a little more would gain, the nearest first."},
    {.name = "earns", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &earning_shape},
    {.name = "usable_points",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &usable_shape},
    {.name = "bounded",
     .type = FIELD_BOOLEAN,
     .about = "There were too many ways to combine the offers to try them all."},
};
const struct shape quote_shape = {.name = "Quote", SHAPE_FIELDS(quote_fields)};

static const struct field kept_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "quo"},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = quote_state_words},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "purchase", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "evt", .about = "That settled it."},
    PRICE_FIELDS,
};
const struct shape kept_quote_shape = {.name = "KeptQuote", SHAPE_FIELDS(kept_fields)};

static const struct field ended_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "quo"},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = quote_state_words},
};
const struct shape quote_ended_shape = {.name = "QuoteEnded", SHAPE_FIELDS(ended_fields)};

/* ---- writing ---- */

static void write_line(struct json_writer *writer, const struct quoted *quoted, size_t index)
{
    const struct quoted_line *line = &quoted->lines[index];
    int64_t price = line->public_amount;

    writer_object(writer, NULL);
    writer_integer(writer, "line", (int64_t)index + 1);
    if (line->sku.size > 0)
        writer_text(writer, "sku", line->sku);
    if (line->category.size > 0)
        writer_text(writer, "category", line->category);
    writer_decimal(writer, "quantity", line->quantity_milli, 3);
    writer_amount(writer, "public", line->public_amount, quoted->currency);
    writer_amount(writer, "amount", line->amount, quoted->currency);
    if (line->shipping)
        writer_boolean(writer, "shipping", true);
    writer_list(writer, "discounts");
    for (size_t i = 0; i < quoted->cut_count; i++) {
        if (quoted->cuts[i].line != (int64_t)index)
            continue;
        writer_object(writer, NULL);
        writer_text(writer, "offer", quoted->offers[quoted->cuts[i].offer].code);
        writer_amount(writer, "amount", quoted->cuts[i].amount, quoted->currency);
        writer_amount(writer, "before", price, quoted->currency);
        price -= quoted->cuts[i].amount;
        writer_amount(writer, "after", price, quoted->currency);
        writer_end(writer);
    }
    writer_end(writer);
    writer_end(writer);
}

static void write_offer(struct json_writer *writer, const struct quoted *quoted, const struct quoted_offer *offer)
{
    writer_object(writer, NULL);
    writer_text(writer, "offer", offer->code);
    writer_string(writer, "kind", offer_kinds[offer->benefit ? 1 : 0]);
    writer_text(writer, "name", offer->name);
    writer_integer(writer, "version", offer->version);
    writer_amount(writer, "amount", offer->amount, quoted->currency);
    writer_text(writer, "reason", offer->reason);
    if (offer->by.size > 0) {
        writer_object(writer, "because");
        writer_text(writer, "by", offer->by);
        if (offer->by_code.size > 0)
            writer_text(writer, "code", offer->by_code);
        if (offer->by_name.size > 0)
            writer_text(writer, "name", offer->by_name);
        writer_end(writer);
    }
    if (offer->channel.size > 0) {
        writer_object(writer, "honours");
        writer_text(writer, "channel", offer->channel);
        writer_instant(writer, "shown_at", offer->shown_at);
        writer_end(writer);
    }
    if (offer->sets > 1)
        writer_integer(writer, "sets", offer->sets);
    if (offer->shown.size > 0)
        writer_text(writer, "code", offer->shown);
    if (offer->series.size > 0)
        writer_text(writer, "series", offer->series);
    if (offer->gifts > 0) {
        writer_object(writer, "gift");
        writer_text(writer, "sku", offer->gift);
        writer_integer(writer, "count", offer->gifts);
        writer_end(writer);
    }
    writer_boolean(writer, "guaranteed", quoted_offer_guaranteed(quoted, offer));
    writer_end(writer);
}

void write_quote_price(struct json_writer *writer, const struct quoted *quoted)
{
    const char *currency = quoted->currency;

    writer_amount(writer, "public", quoted->public_total, currency);
    writer_amount(writer, "discount", quoted->public_total - quoted->total, currency);
    writer_amount(writer, "total", quoted->total, currency);
    writer_boolean(writer, "reserved", quoted->reserved);
    if (quoted->organisation != 0)
        writer_id(writer, "organisation", "mbr", quoted->organisation);
    writer_list(writer, "lines");
    for (size_t i = 0; i < quoted->line_count; i++)
        write_line(writer, quoted, i);
    writer_end(writer);
    writer_list(writer, "offers");
    for (size_t i = 0; i < quoted->offer_count; i++)
        write_offer(writer, quoted, &quoted->offers[i]);
    writer_end(writer);
    if (quoted->hold == 0)
        return;
    writer_object(writer, "held");
    writer_id(writer, "hold", "hld", quoted->hold);
    writer_text(writer, "wallet", quoted->wallet);
    writer_integer(writer, "points", quoted->points);
    writer_amount(writer, "worth", quoted->worth, currency);
    writer_end(writer);
}

static void write_codes(struct json_writer *writer, const char *name, const struct text *codes, size_t count)
{
    if (count == 0)
        return;
    writer_list(writer, name);
    for (size_t i = 0; i < count; i++)
        writer_text(writer, NULL, codes[i]);
    writer_end(writer);
}

static void write_refusal(struct json_writer *writer, const struct quoted_refusal *refusal, const char *currency)
{
    writer_object(writer, NULL);
    if (refusal->offer.size > 0)
        writer_text(writer, "offer", refusal->offer);
    if (refusal->name.size > 0)
        writer_text(writer, "name", refusal->name);
    if (refusal->shown.size > 0)
        writer_text(writer, "code", refusal->shown);
    writer_text(writer, "why", refusal->why);
    writer_string(writer, "sentence", pricing_reason_text(refusal->why.bytes));
    if (refusal->missing_minor > 0)
        writer_amount(writer, "missing", refusal->missing_minor, currency);
    if (refusal->missing_milli > 0)
        writer_decimal(writer, "missing_quantity", refusal->missing_milli, 3);
    if (refusal->needs.tier_count + refusal->needs.membership_count > 0) {
        writer_object(writer, "needs");
        write_codes(writer, "tiers", refusal->needs.tiers, refusal->needs.tier_count);
        write_codes(writer, "memberships", refusal->needs.memberships, refusal->needs.membership_count);
        writer_end(writer);
    }
    if (refusal->by.size > 0)
        writer_text(writer, "by", refusal->by);
    if (refusal->from > 0)
        writer_instant(writer, "from", refusal->from);
    if (refusal->until > 0 && refusal->until != INSTANT_NEVER)
        writer_instant(writer, "ended_at", refusal->until);
    if (refusal->gain > 0)
        writer_amount(writer, "would_have", refusal->gain, currency);
    writer_end(writer);
}

static void write_next(struct json_writer *writer, const struct quoted *quoted)
{
    writer_list(writer, "next");
    for (size_t i = 0; i < quoted->next_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "offer", quoted->next[i].offer);
        writer_text(writer, "name", quoted->next[i].name);
        writer_amount(writer, "spend", quoted->next[i].missing_minor, quoted->currency);
        writer_amount(writer, "gain", quoted->next[i].gain, quoted->currency);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_points(struct json_writer *writer, const struct quoted *quoted)
{
    writer_list(writer, "earns");
    for (size_t i = 0; i < quoted->earning_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "rule", quoted->earnings[i].rule);
        writer_text(writer, "wallet", quoted->earnings[i].wallet);
        writer_integer(writer, "points", quoted->earnings[i].points);
        writer_end(writer);
    }
    writer_end(writer);
    writer_list(writer, "usable_points");
    for (size_t i = 0; i < quoted->usable_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", quoted->usable[i].wallet);
        writer_integer(writer, "available", quoted->usable[i].available);
        writer_integer(writer, "points", quoted->usable[i].points);
        writer_amount(writer, "worth", quoted->usable[i].worth, quoted->currency);
        writer_end(writer);
    }
    writer_end(writer);
}

void write_quote(struct json_writer *writer, const struct quote_request *body)
{
    writer_id(writer, "id", "quo", body->id);
    writer_instant(writer, "expires_at", body->due_at);
    write_quote_price(writer, &body->quoted);
    writer_list(writer, "not_applied");
    for (size_t i = 0; i < body->quoted.refusal_count; i++)
        write_refusal(writer, &body->quoted.refusals[i], body->quoted.currency);
    writer_end(writer);
    write_next(writer, &body->quoted);
    write_points(writer, &body->quoted);
    if (body->quoted.bounded)
        writer_boolean(writer, "bounded", true);
}
