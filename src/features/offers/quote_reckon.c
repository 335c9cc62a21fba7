/* What a quote says: the price, why, what would come next, the codes that are used, and what points do. */
#include <string.h>

#include "features/offers/quote.h"
#include "features/points/ledger.h"

/* ---- what is told ---- */

static struct text key_of(struct arena *arena, const struct basket *basket, const struct applied_offer *applied)
{
    for (size_t i = 0; applied->series.size > 0 && i < basket->code_count; i++)
        if (text_equal(basket->codes[i].code, applied->code))
            return text_copy(arena, basket->codes[i].key);
    return (struct text){NULL, 0};
}

static bool is_membership(const struct benefit_holding *holding)
{
    return holding->by != NULL && strcmp(holding->by, "membership") == 0;
}

static struct quoted_offer report_offer(struct arena *arena, const struct programme_set *programmes,
                                        const struct basket *basket, const struct applied_offer *applied)
{
    const struct offer *offer = applied->offer;
    const struct benefit_holding *holding = &applied->holding;
    const struct zone *zone = programme_at(programmes, basket->at)->zone;

    return (struct quoted_offer){
        .code = text_copy(arena, offer->code),
        .name = text_copy(arena, offer->name),
        .version = applied->definition->version,
        .reason = text_from(offer_reason(offer)),
        .amount = applied->amount,
        .sets = applied->sets,
        .gift = text_copy(arena, offer->gift),
        .gifts = applied->gifts,
        .shown = text_copy(arena, applied->code),
        .series = text_copy(arena, applied->series),
        .limits = {offer->limits.uses, offer->limits.budget, offer->limits.per_member, offer->limits.per_member_day},
        .budget_partial = offer->limits.budget_partial,
        .day = offer->limits.per_member_day != INT64_MAX ? zone_day(zone, basket->at) : 0,
        .benefit = offer->benefit,
        .by = text_from(holding->by != NULL ? holding->by : ""),
        .by_code = text_copy(arena, holding->code),
        .by_name = text_copy(arena, offer_holding_name(programmes, holding, basket->at)),
        .membership = is_membership(holding) ? holding->right : 0};
}

/* An offer that is over says by what it still applies. */
static void report_honour(struct arena *arena, const struct basket *basket, const struct applied_offer *applied,
                          struct quoted_offer *out)
{
    for (size_t i = 0; i < basket->honour_count; i++) {
        if (basket->honours[i].definition != applied->definition)
            continue;
        out->channel = text_copy(arena, basket->honours[i].channel);
        out->shown_at = basket->honours[i].shown_at;
    }
}

static struct quoted_refusal report_refusal(struct arena *arena, const struct programme_set *programmes, int64_t at,
                                            const struct refused_offer *refused)
{
    struct quoted_refusal out = {.shown = text_copy(arena, refused->code),
                                 .why = text_from(refused->why),
                                 .missing_minor = refused->missing_minor,
                                 .missing_milli = refused->missing_milli,
                                 .from = refused->from,
                                 .until = refused->until,
                                 .gain = refused->gain,
                                 .offer = text_copy(arena, refused->named)};

    if (refused->offer != NULL) {
        out.offer = text_copy(arena, refused->offer->code);
        out.name = text_copy(arena, refused->offer->name);
        out.needs = offer_needs(arena, programmes, refused->offer, refused->need, at);
    }
    if (refused->by != NULL)
        out.by = text_copy(arena, refused->by->code);
    return out;
}

static void report_lines(struct arena *arena, const struct basket *basket, const struct priced *priced,
                         struct quoted *out)
{
    out->line_count = basket->line_count;
    out->lines = arena_array(arena, out->line_count + 1, sizeof *out->lines);
    for (size_t i = 0; i < out->line_count; i++)
        out->lines[i] = (struct quoted_line){.sku = text_copy(arena, basket->lines[i].sku),
                                             .category = text_copy(arena, basket->lines[i].category),
                                             .quantity_milli = basket->lines[i].quantity_milli,
                                             .public_amount = basket->lines[i].amount,
                                             .amount = priced->amounts[i],
                                             .discount = basket->lines[i].discount,
                                             .shipping = basket->shipping != NULL && basket->shipping[i]};
}

struct quoted quote_report(struct arena *arena, const struct programme_set *programmes, const struct basket *basket,
                           const struct priced *priced)
{
    const struct programme *programme = programme_at(programmes, basket->at);
    struct quoted out = {.public_total = priced->public_total,
                         .total = priced->total,
                         .offer_count = priced->applied_count,
                         .cut_count = priced->cut_count,
                         .refusal_count = priced->refused_count,
                         .bounded = priced->bounded};

    memcpy(out.currency, programme->currency, CURRENCY_SIZE);
    report_lines(arena, basket, priced, &out);
    out.offers = arena_array(arena, out.offer_count + 1, sizeof *out.offers);
    for (size_t i = 0; i < out.offer_count; i++)
        out.offers[i] = report_offer(arena, programmes, basket, &priced->applied[i]);
    for (size_t i = 0; i < out.offer_count; i++) {
        out.offers[i].key = key_of(arena, basket, &priced->applied[i]);
        report_honour(arena, basket, &priced->applied[i], &out.offers[i]);
    }
    out.cuts = arena_array(arena, out.cut_count + 1, sizeof *out.cuts);
    for (size_t i = 0; i < out.cut_count; i++)
        out.cuts[i] = (struct quoted_cut){(int64_t)priced->cuts[i].line, (int64_t)priced->cuts[i].applied,
                                          priced->cuts[i].amount};
    out.refusals = arena_array(arena, out.refusal_count + 1, sizeof *out.refusals);
    for (size_t i = 0; i < out.refusal_count; i++)
        out.refusals[i] = report_refusal(arena, programmes, basket->at, &priced->refused[i]);
    return out;
}

bool quoted_offer_guaranteed(const struct quoted *quoted, const struct quoted_offer *offer)
{
    const struct offer_left *limits = &offer->limits;
    bool limited = limits->uses != INT64_MAX || limits->budget != INT64_MAX || limits->member != INT64_MAX ||
                   limits->member_day != INT64_MAX || offer->series.size > 0;

    return quoted->reserved || !limited;
}

/* ---- pricing in a decision ---- */

struct left_context {
    const struct decision *decision;
    const struct command *command;
    const struct person *person;
    int32_t day;
};

static struct offer_left ask_left(void *opaque, const struct offer *offer)
{
    const struct left_context *context = opaque;

    return quote_left(context->decision, context->command, context->person, offer, context->day);
}

static enum status report_next(const struct pricing_world *world, const struct quote_request *body,
                               const struct priced *priced, struct quoted *out, struct error *err)
{
    struct next_offer items[QUOTE_NEXT_MAX];
    struct next_offers next = {.items = items, .max = QUOTE_NEXT_MAX};
    enum status status = body->plain ? STATUS_OK : offers_next(world, &body->basket, priced, &next, err);

    for (size_t i = 0; i < next.count && status == STATUS_OK; i++)
        out->next[i] =
            (struct quoted_next){text_copy(world->arena, items[i].offer->code),
                                 text_copy(world->arena, items[i].offer->name), items[i].missing_minor, items[i].gain};
    out->next_count = next.count;
    return status;
}

/* ---- points ---- */

void quoted_earn(struct arena *arena, struct quoted *quoted, const struct quoted_earning *earning)
{
    quoted->earnings = arena_grow(arena, quoted->earnings, &quoted->earning_capacity, quoted->earning_count + 1,
                                  sizeof *quoted->earnings);
    quoted->earnings[quoted->earning_count++] =
        (struct quoted_earning){text_copy(arena, earning->rule), text_copy(arena, earning->wallet), earning->points};
}

/* What goes on hold to pay with earns nothing. */
static int64_t points_worth(const struct programme *programme, const struct quote_request *body)
{
    const struct wallet_policy *policy = body->wallet.size > 0 ? programme_wallet(programme, body->wallet) : NULL;
    int64_t worth = 0;

    if (policy == NULL || policy->value_points == 0 || !wallet_points_value(policy, body->points, &worth))
        return 0;
    return worth < body->quoted.total ? worth : body->quoted.total;
}

static enum status report_earnings(const struct pricing_world *world, const struct programme *programme,
                                   const struct person *person, struct quote_request *body, struct error *err)
{
    const struct basket *basket = &body->basket;
    const struct standing *standing = &person->leader->standing;
    struct purchase_line *lines = arena_array(world->arena, basket->line_count + 1, sizeof *lines);
    struct earned *earned;
    size_t count;

    for (size_t i = 0; i < basket->line_count; i++) {
        lines[i] = basket->lines[i];
        lines[i].amount = body->quoted.lines[i].amount;
    }
    const struct benefit_asker asker = {
        .programmes = world->conditions->programmes, .person = person, .at = basket->at};
    struct tier_share share;
    struct earning_input input = {.at = basket->at,
                                  .store = basket->store,
                                  .channel = basket->channel,
                                  .lines = lines,
                                  .line_count = basket->line_count,
                                  .total = body->quoted.total,
                                  .paid_with_points = points_worth(programme, body),
                                  .terms = body->terms,
                                  .tier = standing->tier,
                                  .qualifying = standing->qualifying,
                                  .boosts = benefit_boosts(&asker, world->arena)};
    enum status status = programme_tier_share(programme, &input, world->arena, &share, err);
    input.share = &share;
    if (status == STATUS_OK)
        status = programme_earn(programme, &input, world->arena, &earned, &count, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        if (earned[i].points > 0)
            quoted_earn(world->arena, &body->quoted,
                        &(struct quoted_earning){earned[i].rule->code, earned[i].rule->wallet, earned[i].points});
    const struct quote_earning earning = {world, programme, person, &input, earned, count};
    return body->earn_more != NULL ? body->earn_more(&earning, &body->quoted, err) : STATUS_OK;
}

static void report_usable(struct arena *arena, const struct programme *programme, const struct person *person,
                          struct quoted *out)
{
    for (size_t i = 0; i < programme->wallet_count; i++) {
        const struct wallet_policy *policy = &programme->wallets[i];
        int64_t available = ledger_available(person->group, person->member, policy->code);
        int64_t most = 0, worth = 0, fewest = 0;
        if (!policy->spendable || policy->value_points == 0 || policy->value_minor == 0 || available <= 0)
            continue;
        if (!checked_scale(out->total, policy->value_points, policy->value_minor, ROUNDING_FLOOR, &most) ||
            most > available)
            most = available;
        if (!wallet_points_value(policy, most, &worth) || !wallet_points_for(policy, worth, &fewest))
            continue;
        out->usable[out->usable_count++] = (struct quoted_points){.wallet = text_copy(arena, policy->code),
                                                                  .available = available,
                                                                  .points = fewest < most ? fewest : most,
                                                                  .worth = worth};
    }
}

/* ---- coupons ---- */

/* What the codes that are none of an offer open, or why they open nothing. */
static struct basket_code *check_coupons(const struct decision *decision, const struct command *command,
                                         struct condition_world *world)
{
    const struct quote_request *body = command->body;
    struct basket_code *codes = arena_copy(command->arena, body->basket.codes, body->basket.code_count * sizeof *codes);

    for (size_t u = 0; u < body->coupon_count; u++) {
        const struct coupon_use *use = &body->coupons[u];
        const struct coupon_series *series = NULL;
        struct coupon_question question = {.set = decision->programmes,
                                           .now = body->basket.at,
                                           .person = world->person,
                                           .counter = use->counter >= 0 ? decision->counters[use->counter] : NULL,
                                           .world = world,
                                           .arena = command->arena};
        struct error error = {0};
        bool good = coupon_applies(use, &question, &series, &error) == STATUS_OK;
        if (good && world->person != NULL) { /* now that its series is known */
            question.member_used = coupon_member_used(world->person, series->code);
            good = coupon_applies(use, &question, &series, &error) == STATUS_OK;
        }
        for (size_t i = 0; i < body->basket.code_count; i++) {
            if (!text_equal(codes[i].key, use->key))
                continue;
            codes[i].refused_by = good ? NULL : arena_format(command->arena, "%s", error.code);
            codes[i].series = good ? series->code : (struct text){NULL, 0};
            if (good && series->gift == COUPON_OFFER)
                codes[i].opens = series->opens;
        }
    }
    return codes;
}

static bool is_unknown(const struct basket_code *code)
{
    return code->refused_by != NULL && strcmp(code->refused_by, "coupon.unknown") == 0;
}

/* A code as conditions know it. */
static struct text code_word(const struct basket_code *code)
{
    return code->key.size > 0 && !is_unknown(code) ? code->code : code->folded;
}

struct condition_purchase quote_purchase(struct arena *arena, const struct quote_request *request)
{
    const struct basket *basket = &request->basket;
    struct text *codes = arena_array(arena, basket->code_count + 1, sizeof *codes);
    struct text *coupons = arena_array(arena, basket->code_count + 1, sizeof *coupons);
    struct condition_purchase purchase = {.lines = basket->lines,
                                          .line_count = basket->line_count,
                                          .terms = request->terms,
                                          .shown = {.codes = codes, .coupons = coupons}};

    for (size_t i = 0; i < basket->line_count; i++)
        if (!checked_add(purchase.total, basket->lines[i].amount, &purchase.total))
            break; /* refused when it is priced */
    for (size_t i = 0; i < basket->code_count; i++) {
        if (basket->codes[i].refused_by == NULL || is_unknown(&basket->codes[i]))
            codes[purchase.shown.code_count++] = code_word(&basket->codes[i]);
        if (basket->codes[i].series.size > 0)
            coupons[purchase.shown.coupon_count++] = basket->codes[i].series;
    }
    return purchase;
}

/* What is kept with the purchase for good: no e-mail address or number that somebody typed. */
static bool is_plain_word(struct text word)
{
    bool letter = false;

    for (size_t i = 0; i < word.size; i++) {
        char c = word.bytes[i];
        letter = letter || (c >= 'A' && c <= 'Z');
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return letter && word.size <= CODE_SIZE_MAX;
}

static bool opened(const struct quoted *quoted, const struct basket_code *code)
{
    for (size_t i = 0; i < quoted->offer_count; i++)
        if (text_equal(quoted->offers[i].shown, code->code))
            return true;
    return false;
}

/*
 * The codes that the purchase uses, for its earning rules: coupons and codes of offers that opened one of them, and words that are
 * neither: a rule may give points for a word alone.
 */
static struct shown_codes used_codes(struct arena *arena, const struct offer_index *index, const struct basket *basket,
                                     const struct quoted *quoted)
{
    struct text *codes = arena_array(arena, basket->code_count + 1, sizeof *codes);
    struct text *coupons = arena_array(arena, basket->code_count + 1, sizeof *coupons);
    struct shown_codes used = {.codes = codes, .coupons = coupons};

    for (size_t i = 0; i < basket->code_count; i++) {
        const struct basket_code *code = &basket->codes[i];
        bool word = code->refused_by == NULL ? code->key.size == 0 : is_unknown(code);
        word = word && !offer_index_has_code(index, code->folded);
        if (word ? !is_plain_word(code->folded) : !opened(quoted, code))
            continue;
        codes[used.code_count++] = text_copy(arena, code_word(code));
        if (code->series.size > 0)
            coupons[used.coupon_count++] = text_copy(arena, code->series);
    }
    return used;
}

/* ---- all of it ---- */

static enum status reckon(const struct pricing_world *world, const struct programme *programme,
                          const struct person *person, struct quote_request *body, struct error *err)
{
    const struct programme_set *set = world->conditions->programmes;
    struct shown_offer *honours = arena_copy(world->arena, body->honours, body->honour_count * sizeof *honours);
    struct priced priced;

    shown_offers_find(set, body->basket.zone, body->basket.at, honours, body->honour_count);
    enum status status = shown_offers_price(world, &body->basket, honours, body->honour_count, &priced, err);

    if (status != STATUS_OK)
        return status;
    body->quoted = quote_report(world->arena, world->conditions->programmes, &body->basket, &priced);
    body->quoted.shown = used_codes(world->arena, world->index, &body->basket, &body->quoted);
    body->quoted.organisation = body->organisation;
    body->quoted.terms = text_copy(world->arena, body->terms);
    status = report_next(world, body, &priced, &body->quoted, err);
    if (status != STATUS_OK || person == NULL)
        return status;
    report_usable(world->arena, programme, person, &body->quoted);
    return report_earnings(world, programme, person, body, err);
}

enum status quote_reckon(struct decision *decision, const struct command *command, const struct person *person,
                         struct error *err)
{
    struct quote_request *body = command->body;
    const struct programme *programme = programme_at(decision->programmes, body->basket.at);
    const struct condition_event event = {
        .kind = TEXT("purchase"), .at = body->basket.at, .store = body->basket.store, .channel = body->basket.channel};
    struct condition_purchase purchase = quote_purchase(command->arena, body);
    struct condition_world conditions = {.arena = command->arena,
                                         .programmes = decision->programmes,
                                         .programme = programme,
                                         .now = body->basket.at,
                                         .person = person,
                                         .known = &body->known,
                                         .event = &event,
                                         .purchase = &purchase};
    struct left_context context = {decision, command, person, zone_day(programme->zone, body->basket.at)};
    struct pricing_world world = {.arena = command->arena,
                                  .index = offer_index_of(decision->programmes),
                                  .conditions = &conditions,
                                  .known = person != NULL,
                                  .left = ask_left,
                                  .context = &context};

    if (person != NULL)
        world.tier = person->leader->standing.tier;
    condition_start(&conditions);
    if (body->coupon_count > 0) { /* now it is known which of them are good */
        body->basket.codes = check_coupons(decision, command, &conditions);
        purchase = quote_purchase(command->arena, body);
        condition_start(&conditions);
    }
    return reckon(&world, programme, person, body, err);
}
