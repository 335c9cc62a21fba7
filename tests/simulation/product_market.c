/* Quotes and coupons of the model as commands of the product, and what is counted of them. */
#include <stdio.h>
#include <string.h>

#include "api/internal.h"
#include "features/coupons/coupons_store.h"
#include "features/events/quoted_api.h"
#include "features/gift_cards/gift_cards.h"
#include "features/offers/quotes_store.h"
#include "features/quotes/quote_input_api.h"
#include "features/quotes/quote_rules.h"
#include "product_market.h"

enum { CARDS_AT_ONCE = 24 };

static const char *const stores[] = {"soho", "bund"};

static bool same(struct product *product, const char *what, int64_t model, int64_t real)
{
    if (model != real)
        snprintf(product->difference, sizeof product->difference, "%s is %lld, the model says %lld", what,
                 (long long)real, (long long)model);
    return model == real;
}

/* ---- coupons ---- */

/* Symbols that nobody misreads, and none of them chance. */
static struct text coupon_key(struct arena *arena, int coupon)
{
    char *key = arena_copy(arena, "CPN22222222", sizeof "CPN22222222");

    for (int i = 10; coupon > 0; i--, coupon /= 8)
        key[i] = (char)('2' + coupon % 8);
    return text_from(key);
}

void product_build_issue(struct product *product, const struct model *model, struct slot *slot)
{
    struct issue_code *body = slot->body = arena_alloc(product->arena, sizeof *body);
    struct command *command = &slot->command;

    *body = (struct issue_code){.series = TEXT("drawn"), .fresh = true};
    body->use.key = coupon_key(product->arena, slot->action.coupon);
    command->type = &coupon_issue_type;
    command->subjects[command->subject_count++] =
        (struct subject){.by = SUBJECT_MEMBER, .id = model->members[slot->action.member].real};
    coupons_name(command, product->arena, &body->use, 1);
}

/* ---- gift cards ---- */

static struct text card_key(struct arena *arena, int card)
{
    return text_from(arena_format(arena, "GCARD%d", card));
}

void product_build_sell(struct product *product, struct slot *slot)
{
    struct sell_gift_card *body = slot->body = arena_alloc(product->arena, sizeof *body);
    struct command *command = &slot->command;
    struct text key = card_key(product->arena, slot->action.card);

    *body = (struct sell_gift_card){.card = {.key = key,
                                             .minor = slot->action.card_minor,
                                             .expires_at = INSTANT_NEVER,
                                             .paid_by = TEXT("cash"),
                                             .pin_hash = TEXT("none")},
                                    .active = true};
    command->type = &sell_gift_card_type;
    command->bucket = gift_bucket(key);
    command->counters[command->counter_count++] = gift_counter(product->arena, key);
}

void product_take_card(struct product *product, const struct model *model, struct slot *slot, struct purchase *body)
{
    const struct action *action = &slot->action;
    struct error error;

    body->cards[body->card_count++] = (struct gift_payment){.key = card_key(product->arena, action->card),
                                                            .card = model->market.cards[action->card].real,
                                                            .state = GIFT_ACTIVE,
                                                            .expires_at = INSTANT_NEVER,
                                                            .minor = action->card_minor,
                                                            .partial = action->card_partial};
    if (gift_payments_name(&slot->command, product->arena, body->cards, body->card_count, &error) != STATUS_OK)
        product_fail(&error, "gift_payments_name");
}

/* The last ones of them. */
static bool same_cards(struct product *product, struct storage_session *session, const struct model *model, int from)
{
    struct command *command = arena_alloc(product->arena, sizeof *command);
    struct decision *decision = arena_alloc(product->arena, sizeof *decision);
    int count = model->market.card_count, first = count - from < CARDS_AT_ONCE ? from : count - CARDS_AT_ONCE;
    struct error error;

    *command = (struct command){.arena = product->arena};
    *decision = (struct decision){.arena = product->arena};
    for (int c = first; c < count; c++)
        command->counters[command->counter_count++] = gift_counter(product->arena, card_key(product->arena, c));
    if (limits_read(session, product->arena, command, false, decision, &error) != STATUS_OK)
        product_fail(&error, "limits_read");
    for (int c = first; c < count; c++)
        if (!same(product, "what was spent of a gift card",
                  model->market.cards[c].sold - model->market.cards[c].balance, decision->counters[c - first]->used))
            return false;
    return true;
}

/* ---- quotes ---- */

static void take_codes(struct product *product, struct storage_session *session, const struct action *action,
                       struct quote_request *body)
{
    struct basket_code *codes = arena_array(product->arena, 2, sizeof *codes);
    struct error error;
    size_t count = 0;

    if (action->shows_code)
        codes[count++] = (struct basket_code){.code = TEXT("sale")};
    if (action->coupon >= 0) {
        struct coupon_use *use = arena_alloc(product->arena, sizeof *use);
        struct text key = coupon_key(product->arena, action->coupon);
        *use = (struct coupon_use){.given = key, .key = key, .counter = -1};
        if (coupons_read(session, product->arena, use, 1, &error) != STATUS_OK)
            product_fail(&error, "coupons_read");
        codes[count++] = (struct basket_code){.code = key, .key = key};
        body->coupons = use;
        body->coupon_count = 1;
    }
    for (size_t i = 0; i < count; i++)
        codes[i].folded = offer_code_fold(product->arena, codes[i].code);
    body->basket.codes = codes;
    body->basket.code_count = count;
}

static void take_basket(struct product *product, const struct programme_set *programmes, const struct action *action,
                        struct basket *basket)
{
    struct purchase_line *lines = arena_array(product->arena, LINES, sizeof *lines);

    for (int i = 0; i < action->line_count; i++)
        lines[i] = (struct purchase_line){.number = i + 1,
                                          .sku = text_from(skus[action->line_sku[i]]),
                                          .category = text_from(categories[action->line_category[i]]),
                                          .quantity_milli = action->line_quantity[i],
                                          .amount = action->line_amount[i]};
    *basket = (struct basket){.lines = lines,
                              .line_count = (size_t)action->line_count,
                              .store = text_from(stores[action->channel]),
                              .channel = text_from(channels[action->channel]),
                              .at = product->now,
                              .zone = programme_at(programmes, product->now)->zone};
}

void product_build_quote(struct product *product, const struct model *model, struct slot *slot)
{
    const struct action *action = &slot->action;
    struct quote_request *body = slot->body = arena_alloc(product->arena, sizeof *body);
    struct command *command = &slot->command;
    struct configuration configuration = engine_configuration(product->engine);
    const struct quoting quoting = {product->arena, configuration.programmes, product->now};
    struct person person = {NULL, NULL, NULL};
    struct storage_session *session;
    struct error error;

    *body = (struct quote_request){.reserve = action->reserve, .plain = true, .earn_more = quote_rules_earn};
    body->parts =
        offer_index_parts(offer_index_of(configuration.programmes)) | quote_rules_parts(configuration.programmes);
    take_basket(product, configuration.programmes, action, &body->basket);
    if (engine_read_begin(product->engine, &session, &error) != STATUS_OK)
        product_fail(&error, "read");
    take_codes(product, session, action, body);
    command->bucket = slot->number % BUCKET_COUNT;
    if (action->member >= 0) {
        int64_t member = model->members[action->member].real;
        if (engine_view(product->engine, session, member, product->arena, &person, &error) != STATUS_OK)
            product_fail(&error, "view");
        command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
        command->bucket = id_bucket(member);
    }
    engine_read_end(product->engine, session);
    command->type = quote_type(offer_index_of(configuration.programmes), body);
    quote_name_counters(&quoting, body, &person, command);
    engine_configuration_release(product->engine, configuration);
}

void product_build_drop(struct product *product, const struct model *model, struct slot *slot)
{
    const struct model_quote *quote = &model->market.quotes[slot->action.quote];
    struct quote_end *body = slot->body = arena_alloc(product->arena, sizeof *body);
    struct command *command = &slot->command;
    struct storage_session *session;
    struct quote_row row;
    struct error error;

    *body = (struct quote_end){.id = quote->real};
    command->type = &quote_end_type;
    command->bucket = id_bucket(quote->real);
    if (engine_read_begin(product->engine, &session, &error) != STATUS_OK ||
        quote_find(session, product->arena, quote->real, &row, &error) != STATUS_OK ||
        quote_read(product->arena, row.document, &body->quoted, &error) != STATUS_OK)
        product_fail(&error, "quote");
    engine_read_end(product->engine, session);
    if (row.member != 0)
        command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = row.member};
    if (!row.reserved)
        return;
    body->coupons = quoted_coupons(&body->quoted, command, product->arena, &body->coupon_count);
    quoted_counters(&body->quoted, command, product->arena);
}

void product_take_quote(struct product *product, const struct model *model, int quote, struct purchase *body)
{
    struct configuration configuration = engine_configuration(product->engine);
    struct request request = {.call = {.arena = product->arena,
                                       .engine = product->engine,
                                       .now = product->now,
                                       .programmes = configuration.programmes}};
    struct error error;

    if (quoted_take(&request.call, model->market.quotes[quote].real, body, &error) != STATUS_OK)
        product_fail(&error, "quoted_take");
    engine_configuration_release(product->engine, configuration);
}

/* What the offers are, and why some do not apply. */
static void tell(const struct model *model, const struct quoted *quoted)
{
    char document[2048];

    for (int o = 0; o < OFFERS && model->rules->offers[o].code != NULL; o++) {
        offer_document(model->rules, o, document, sizeof document);
        fprintf(stderr, "  %s: %s\n", model->rules->offers[o].code, document);
    }
    for (size_t i = 0; i < quoted->refusal_count; i++)
        fprintf(stderr, "  %.*s%.*s: %.*s\n", (int)quoted->refusals[i].offer.size, quoted->refusals[i].offer.bytes,
                (int)quoted->refusals[i].shown.size, quoted->refusals[i].shown.bytes, (int)quoted->refusals[i].why.size,
                quoted->refusals[i].why.bytes);
}

bool product_check_quote(struct product *product, struct model *model, struct slot *slot)
{
    const struct quote_request *body = slot->body;
    struct model_quote *mine = &model->market.quotes[slot->expected.quote];
    int64_t cut[LINES][OFFERS] = {{0}};

    mine->real = body->id;
    for (size_t i = 0; i < body->quoted.cut_count; i++) {
        const struct quoted_cut *real = &body->quoted.cuts[i];
        for (int o = 0; o < OFFERS && model->rules->offers[o].code != NULL; o++)
            if (text_equals(body->quoted.offers[real->offer].code, model->rules->offers[o].code))
                cut[real->line][o] = real->amount;
    }
    for (int i = 0; i < LINES; i++)
        for (int o = 0; o < OFFERS; o++)
            if (cut[i][o] != mine->price.cut[i][o]) {
                tell(model, &body->quoted);
                snprintf(product->difference, sizeof product->difference,
                         "%s takes %lld off line %d, the model says %lld", model->rules->offers[o].code,
                         (long long)cut[i][o], i + 1, (long long)mine->price.cut[i][o]);
                return false;
            }
    return same(product, "the end of the quote", mine->due, body->due_at) &&
           same(product, "the total", slot->expected.money, body->quoted.total);
}

void product_lapse(struct product *product)
{
    struct error error;

    if (quotes_lapse(product->engine, &error) != STATUS_OK)
        product_fail(&error, "lapse");
}

/* ---- what is counted ---- */

static bool same_counters(struct product *product, const struct model *model, const struct decision *decision)
{
    for (int o = 0; o < OFFERS && model->rules->offers[o].code != NULL; o++) {
        const struct offer_rules *rules = &model->rules->offers[o];
        int64_t uses = decision->counters[2 * o]->used, budget = decision->counters[2 * o + 1]->used;
        if ((rules->uses > 0 && uses != model->market.uses[o]) ||
            (rules->budget > 0 && budget != model->market.budget[o])) {
            snprintf(product->difference, sizeof product->difference,
                     "of offer %s %lld uses and %lld of the budget are counted, the model says %lld and %lld",
                     rules->code, (long long)uses, (long long)budget, (long long)model->market.uses[o],
                     (long long)model->market.budget[o]);
            return false;
        }
    }
    return true;
}

static bool same_progress(struct product *product, const struct model *model, int member, const struct person *person)
{
    const struct member *real = group_find(person->group, model->members[member].real);

    for (int o = 0; real != NULL && o < OFFERS && model->rules->offers[o].code != NULL; o++) {
        const struct offer offer = {.code = text_from(model->rules->offers[o].code)};
        struct text id = offer_progress(product->arena, &offer);
        int64_t used = 0;
        for (size_t p = 0; p < real->progress_count; p++)
            used += text_equal(real->progress[p].id, id) ? real->progress[p].used : 0;
        if (used != model->members[member].offer_used[o]) {
            snprintf(product->difference, sizeof product->difference,
                     "member %d has used offer %s %lld times, the model says %lld", member,
                     model->rules->offers[o].code, (long long)used, (long long)model->members[member].offer_used[o]);
            return false;
        }
    }
    return true;
}

bool product_compare_offers(struct product *product, struct storage_session *session, const struct model *model,
                            int member, const struct person *person)
{
    struct command *command = arena_alloc(product->arena, sizeof *command);
    struct decision *decision = arena_alloc(product->arena, sizeof *decision);
    struct error error;

    *command = (struct command){.arena = product->arena};
    *decision = (struct decision){.arena = product->arena};
    if (member >= 0)
        decision->subjects[0] = *person;
    for (int o = 0; o < OFFERS && model->rules->offers[o].code != NULL; o++) {
        const struct offer offer = {.code = text_from(model->rules->offers[o].code)};
        command->counters[command->counter_count++] = offer_counter_uses(product->arena, &offer);
        command->counters[command->counter_count++] = offer_counter_budget(product->arena, &offer);
    }
    if (limits_read(session, product->arena, command, member >= 0, decision, &error) != STATUS_OK)
        product_fail(&error, "limits_read");
    return same_counters(product, model, decision) && (member < 0 || same_progress(product, model, member, person));
}

bool product_compare_coupons(struct product *product, const struct model *model, int from)
{
    struct storage_session *session;
    struct error error;
    bool equal = true;

    arena_reset(product->arena);
    if (engine_read_begin(product->engine, &session, &error) != STATUS_OK)
        product_fail(&error, "read");
    for (int c = from; c < model->market.coupon_count && equal; c++) {
        struct coupon_use use = {.key = coupon_key(product->arena, c), .counter = -1};
        if (coupons_read(session, product->arena, &use, 1, &error) != STATUS_OK)
            product_fail(&error, "coupons_read");
        if (use.found && use.used != model->market.coupons[c].used) {
            snprintf(product->difference, sizeof product->difference, "coupon %d is used %lld times, the model says %d",
                     c, (long long)use.used, model->market.coupons[c].used);
            equal = false;
        }
    }
    equal = equal && product_compare_offers(product, session, model, -1, NULL);
    equal = equal && same_cards(product, session, model, 0);
    engine_read_end(product->engine, session);
    return equal;
}
