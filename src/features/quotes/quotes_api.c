#include "features/quotes/quotes_api.h"

#include "api/page.h"
#include "features/coupons/coupons_api.h"
#include "features/offers/quotes_store.h"
#include "features/quotes/quote_input_api.h"

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

static const char *const state_words[] = {"open", "settled", "released", "lapsed", NULL};

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
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = state_words},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "purchase", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "evt", .about = "That settled it."},
    PRICE_FIELDS,
};
const struct shape kept_quote_shape = {.name = "KeptQuote", SHAPE_FIELDS(kept_fields)};

static const struct field ended_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "quo"},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = state_words},
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

static void write_price(struct json_writer *writer, const struct quoted *quoted)
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
    write_price(writer, &body->quoted);
    writer_list(writer, "not_applied");
    for (size_t i = 0; i < body->quoted.refusal_count; i++)
        write_refusal(writer, &body->quoted.refusals[i], body->quoted.currency);
    writer_end(writer);
    write_next(writer, &body->quoted);
    write_points(writer, &body->quoted);
    if (body->quoted.bounded)
        writer_boolean(writer, "bounded", true);
}

/* ---- who ---- */

/* In a session of its own: whether the caller sees the member is asked outside of one. */
static enum status find_member(struct call *call, const struct quoting *quoting, const struct quote_input *input,
                               struct quote_request *body, int64_t *member, struct error *err)
{
    struct storage_session *session;
    int64_t named = 0;

    *member = 0;
    if (input->member == NULL && input->organisation != 0)
        return quote_buyer(quoting, NULL, input, member, body, err);
    if (input->member == NULL)
        return STATUS_OK;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = member_reference_find(call, session, input->member, &named, err);
    *member = named;
    if (status == STATUS_OK)
        status = quote_buyer(quoting, session, input, member, body, err);
    call_read_end(call, session);
    return status == STATUS_OK ? call_check_member(call, named, "member", err) : status;
}

static enum status find_person(struct call *call, struct storage_session *session, int64_t member,
                               struct person *person, struct error *err)
{
    *person = (struct person){NULL, NULL, NULL};
    if (member == 0)
        return STATUS_OK;
    enum status status = engine_view(call->engine, session, member, call->arena, person, err);
    if (status == STATUS_OK && person->member->status != MEMBER_ACTIVE)
        status = error_set(err, STATUS_MISSING, "member.unknown", "member", "there is no such member");
    return status;
}

/* ---- asking ---- */

static void keep(const struct quoting *quoting, struct item *item, const struct quote_request *body,
                 const struct person *person)
{
    const struct offer_index *index = offer_index_of(quoting->programmes);
    struct command *command = item_command(item, quote_type(index, body), sizeof *body);
    struct quote_request *kept = command->body;
    int64_t member = person->member != NULL ? person->member->id : 0;

    *kept = *body;
    kept->known = (struct condition_person){.parts = 0};
    if (member != 0)
        command_subject_member(command, member);
    command->bucket = member != 0 ? id_bucket(member) : (int)((uint64_t)quoting->now / 1000 % BUCKET_COUNT);
    quote_name_counters(quoting, body, person, command);
}

/* Reading codes counts guesses, and so comes before the session in which the basket is priced. */
enum status quote_take_coupons(struct call *call, const struct quoting *quoting, int64_t member,
                               struct quote_request *body, struct error *err)
{
    const struct json_list codes = quote_coupon_codes(quoting, body);

    if (codes.count == 0)
        return STATUS_OK;
    body->coupons = arena_array(call->arena, COUPONS_MAX, sizeof *body->coupons);
    body->parts |= CONDITION_PROFILE | CONDITION_SEGMENTS;
    return coupons_take(call, &codes, member, body->coupons, &body->coupon_count, err);
}

static enum status price(const struct quoting *quoting, struct storage_session *session, struct item *item,
                         struct quote_request *body, const struct person *person, struct error *err)
{
    const struct quote_input *input = item->body;
    enum status status = quote_complete(quoting, session, person, body, err);

    if (status == STATUS_OK && input->keep)
        keep(quoting, item, body, person);
    else if (status == STATUS_OK)
        status = quote_now(quoting, session, person, body, err);
    if (status == STATUS_OK && !input->keep)
        write_quote(&item->writer, body);
    return status;
}

enum status quote_handle(struct call *call, struct item *item, struct error *err)
{
    const struct quoting quoting = {call->arena, call->programmes, call->now};
    struct quote_request *body = arena_alloc(call->arena, sizeof *body);
    struct storage_session *session;
    struct person person;
    int64_t member = 0;
    enum status status = quote_open(&quoting, item->body, body, err);

    if (status == STATUS_OK)
        status = find_member(call, &quoting, item->body, body, &member, err);
    if (status == STATUS_OK)
        status = quote_take_coupons(call, &quoting, member, body, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = find_person(call, session, member, &person, err);
    if (status == STATUS_OK)
        status = price(&quoting, session, item, body, &person, err);
    call_read_end(call, session);
    return status;
}

void quote_finish(struct item *item, struct json_writer *writer)
{
    item->status = 201;
    write_quote(writer, item->command->body);
}

/* ---- those that are kept ---- */

static enum status find_quote(struct call *call, struct quote_row *row, struct error *err)
{
    struct storage_session *session;
    int64_t id;
    enum status status = call_path_id(call, 0, "quo", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = quote_find(session, call->arena, id, row, err);
    call_read_end(call, session);
    return status == STATUS_OK && row->member != 0 ? call_check_member(call, row->member, "", err) : status;
}

static enum status write_kept(struct json_writer *writer, struct arena *arena, const struct quote_row *row,
                              struct error *err)
{
    struct quoted quoted;
    enum status status = quote_read(arena, row->document, &quoted, err);

    if (status != STATUS_OK)
        return status;
    writer_id(writer, "id", "quo", row->id);
    writer_id(writer, "member", "mbr", row->member);
    writer_string(writer, "state", quote_state_name((enum quote_state)row->state));
    writer_instant(writer, "at", row->at);
    writer_instant(writer, "expires_at", row->due_at);
    writer_id(writer, "purchase", "evt", row->settled_by);
    write_price(writer, &quoted);
    return STATUS_OK;
}

enum status quote_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct quote_row row;
    enum status status = find_quote(call, &row, err);

    return status == STATUS_OK ? write_kept(&item->writer, call->arena, &row, err) : status;
}

enum status quote_delete_handle(struct call *call, struct item *item, struct error *err)
{
    struct quote_row row;
    enum status status = find_quote(call, &row, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &quote_end_type, sizeof(struct quote_end));
    struct quote_end *body = command->body;
    body->id = row.id;
    status = quote_read(call->arena, row.document, &body->quoted, err);
    if (status != STATUS_OK)
        return status;
    if (row.member != 0)
        command_subject_member(command, row.member);
    command->bucket = id_bucket(row.id);
    if (row.reserved) {
        body->coupons = quoted_coupons(&body->quoted, command, call->arena, &body->coupon_count);
        quoted_counters(&body->quoted, command, call->arena);
    }
    return STATUS_OK;
}

void quote_delete_finish(struct item *item, struct json_writer *writer)
{
    const struct quote_end *body = item->command->body;

    writer_id(writer, "id", "quo", body->id);
    writer_string(writer, "state", quote_state_name((enum quote_state)body->row.state));
}

enum status quote_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    struct quote_page page = {.limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    bool given = false;
    enum status status = call_path_id(call, 0, "mbr", &page.member, err);

    if (status == STATUS_OK)
        status = cursor_read(call->arena, query->page.after, &cursor, &given, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    page.before = given ? cursor.integers[0] : INT64_MAX;
    status = quotes_of_member(session, call->arena, &page, err);
    call_read_end(call, session);
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < page.count && i + 1 < page.limit && status == STATUS_OK; i++) {
        writer_object(&item->writer, NULL);
        status = write_kept(&item->writer, call->arena, &page.items[i], err);
        writer_end(&item->writer);
        cursor.integers[0] = page.items[i].id;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, page.count == page.limit);
    return status;
}

/* ---- what is open ---- */

struct listing_query {
    struct page page;
    int state;
    bool reserved;
};
static const struct field listing_query_fields[] = {
    PAGE_FIELDS(struct listing_query),
    {.name = "state",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct listing_query, state),
     .choices = state_words},
    {.name = "reserved",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct listing_query, reserved),
     .about = "Only those that reserve: limited offers, coupons, points."},
};
const struct shape quote_listing_query_shape = {
    .name = "QuoteListQuery", .size = sizeof(struct listing_query), SHAPE_FIELDS(listing_query_fields)};

enum status quote_listing_handle(struct call *call, struct item *item, struct error *err)
{
    const struct listing_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct quote_listing listing = {.state = (enum quote_state)(query->state + 1),
                                    .reserved = query->reserved,
                                    .after_due = INT64_MIN,
                                    .limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    bool given = false;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (given) {
        listing.after_due = cursor.integers[0];
        listing.after_id = cursor.integers[1];
    }
    status = quotes_listed(session, call->arena, &listing, err);
    call_read_end(call, session);
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < listing.count && i + 1 < listing.limit && status == STATUS_OK; i++) {
        writer_object(&item->writer, NULL);
        status = write_kept(&item->writer, call->arena, &listing.items[i], err);
        writer_end(&item->writer);
        cursor.integers[0] = listing.items[i].due_at;
        cursor.integers[1] = listing.items[i].id;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, listing.count == listing.limit);
    return status;
}
