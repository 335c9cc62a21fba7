#include "features/events/honoured.h"

#include <string.h>

static void find(const struct programme_set *set, const struct purchase *body, struct shown_offer *out)
{
    const struct zone *zone = rules_store_zone(set, body->store);

    for (size_t i = 0; i < body->honour_count; i++)
        out[i] = body->honours[i];
    shown_offers_find(set, zone != NULL ? zone : programme_at(set, body->at)->zone, body->at, out, body->honour_count);
}

unsigned honoured_parts(const struct programme_set *set, const struct purchase *body)
{
    struct shown_offer honours[SHOWN_OFFERS_MAX];
    unsigned parts = 0;

    find(set, body, honours);
    for (size_t i = 0; i < body->honour_count; i++)
        if (honours[i].definition != NULL)
            parts |= offer_parts(honours[i].definition->parsed);
    return parts;
}

/* ---- what it takes off these goods ---- */

struct pricing {
    struct decision *decision;
    const struct purchase *body;
    struct purchase_line *lines; /* at public prices */
    size_t line_count;
    struct condition_purchase purchase;
    struct condition_event event;
    struct condition_world conditions;
    struct pricing_world world;
    struct basket basket;
};

static void open_pricing(struct pricing *pricing, const struct journal_row *row)
{
    const struct purchase *body = pricing->body;
    struct decision *decision = pricing->decision;
    const struct person *person = body->named ? &decision->subjects[0] : NULL;

    pricing->line_count = row->line_count;
    pricing->lines = arena_array(decision->arena, row->line_count + 1, sizeof *pricing->lines);
    for (size_t i = 0; i < row->line_count; i++) {
        pricing->lines[i] = row->lines[i];
        pricing->lines[i].amount += row->lines[i].discount;
        pricing->lines[i].discount = 0;
        pricing->purchase.total += pricing->lines[i].amount;
    }
    pricing->purchase.lines = pricing->lines;
    pricing->purchase.line_count = row->line_count;
    pricing->event = (struct condition_event){
        .kind = TEXT("purchase"), .at = body->at, .store = body->store, .channel = body->channel};
    pricing->conditions = (struct condition_world){.arena = decision->arena,
                                                   .programmes = decision->programmes,
                                                   .programme = programme_at(decision->programmes, body->at),
                                                   .now = body->at,
                                                   .person = person,
                                                   .known = &body->known.person,
                                                   .event = &pricing->event,
                                                   .purchase = &pricing->purchase};
    condition_start(&pricing->conditions);
    pricing->world =
        (struct pricing_world){.arena = decision->arena, .conditions = &pricing->conditions, .known = person != NULL};
    if (person != NULL)
        pricing->world.tier = person->leader->standing.tier;
}

/* What the offer takes off; `*why` when it is nothing. */
static enum status reckon(struct pricing *pricing, const struct shown_offer *honour, int64_t *value, const char **why,
                          struct error *err)
{
    const struct zone *zone = rules_store_zone(pricing->decision->programmes, pricing->body->store);
    struct basket basket = {.lines = pricing->lines,
                            .shipping = terms_shipping(pricing->world.arena, pricing->lines, pricing->line_count),
                            .line_count = pricing->line_count,
                            .store = pricing->body->store,
                            .channel = pricing->body->channel,
                            .at = pricing->body->at,
                            .zone = zone != NULL ? zone : pricing->conditions.programme->zone,
                            .honours = honour,
                            .honour_count = 1};
    struct priced priced;
    enum status status = offers_price(&pricing->world, &basket, &priced, err);

    *value = 0;
    *why = "offer.nothing";
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < priced.applied_count; i++)
        if (priced.applied[i].definition == honour->definition) {
            *value = priced.applied[i].amount;
            *why = NULL;
        }
    for (size_t i = 0; i < priced.refused_count && *why != NULL; i++)
        if (priced.refused[i].definition == honour->definition)
            *why = priced.refused[i].why;
    return STATUS_OK;
}

/* ---- refusing ---- */

/* Reasons that tills act upon have a code of their own; of the others the sentence tells. */
static const char *code_of(const char *why)
{
    static const char *const own[] = {"offer.ended", "offer.not_now", "offer.not_shown", "offer.minimum_spend"};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcmp(own[i], why) == 0)
            return own[i];
    return "offer.nothing";
}

static enum status refuse(struct pricing *pricing, const struct shown_offer *honour, size_t index, const char *why,
                          struct error *err)
{
    struct arena *arena = pricing->decision->arena;
    const char *field = arena_format(arena, "honours[%zu]", index);
    char instant[INSTANT_TEXT_SIZE], money[MONEY_TEXT_SIZE];
    const struct programme *programme = pricing->conditions.programme;
    int64_t value = 0;
    const char *ignored;

    if (honour->definition == NULL || honour->refused_by == NULL || honour->ended_at > pricing->body->at)
        return error_set(err, STATUS_CONFLICT, code_of(why), field, "the offer '%.*s' is not honoured: %s",
                         (int)honour->offer.size, honour->offer.bytes, pricing_reason_text(why));
    enum status status = reckon(pricing, honour, &value, &ignored, err);
    if (status != STATUS_OK)
        return status;
    return error_set(err, STATUS_CONFLICT, code_of(why), field,
                     "the offer '%.*s' ended at %s, longer ago than it is honoured; it would have taken off %s %s",
                     (int)honour->offer.size, honour->offer.bytes, instant_format(honour->ended_at, instant),
                     money_format(value, programme->exponent, money), programme->currency);
}

static enum status take_one(struct pricing *pricing, const struct shown_offer *honour, size_t index,
                            struct honour_facts *out, struct error *err)
{
    const char *why = honour->refused_by;

    if (why != NULL)
        return refuse(pricing, honour, index, why, err);
    const struct offer *offer = honour->definition->parsed;
    if (offer_is_limited(offer) || offer_needs_code(offer))
        return error_set(err, STATUS_INVALID, "honour.quote_needed",
                         arena_format(pricing->decision->arena, "honours[%zu].offer", index),
                         "an offer that is limited or needs a code is honoured by a quote");
    *out = (struct honour_facts){.offer = honour->offer, .channel = honour->channel, .shown_at = honour->shown_at};
    enum status status = reckon(pricing, honour, &out->value, &why, err);
    if (status != STATUS_OK || why == NULL)
        return status;
    return refuse(pricing, honour, index, why, err);
}

enum status honoured_take(struct decision *decision, const struct purchase *body, const struct journal_row *row,
                          struct purchase_facts *facts, struct error *err)
{
    struct shown_offer honours[SHOWN_OFFERS_MAX];
    struct pricing pricing = {.decision = decision, .body = body};
    enum status status = STATUS_OK;

    if (body->honour_count == 0)
        return STATUS_OK;
    struct honour_facts *taken = arena_array(decision->arena, body->honour_count, sizeof *taken);
    find(decision->programmes, body, honours);
    open_pricing(&pricing, row);
    for (size_t i = 0; i < body->honour_count && status == STATUS_OK; i++) {
        if (honours[i].in_force) /* there is nothing to honour */
            continue;
        status = take_one(&pricing, &honours[i], i, &taken[facts->honour_count], err);
        facts->honour_count += status == STATUS_OK;
    }
    facts->honours = taken;
    return status;
}

void honoured_quote(struct arena *arena, const struct quoted *quoted, struct purchase_facts *facts)
{
    struct honour_facts *taken = arena_array(arena, quoted->offer_count + 1, sizeof *taken);

    for (size_t i = 0; i < quoted->offer_count; i++) {
        const struct quoted_offer *offer = &quoted->offers[i];
        if (offer->channel.size > 0)
            taken[facts->honour_count++] =
                (struct honour_facts){offer->code, offer->channel, offer->shown_at, offer->amount};
    }
    facts->honours = taken;
}
