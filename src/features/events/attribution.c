#include "features/events/attribution.h"

#include <string.h>

#include "features/customers/customers.h"
#include "features/events/return_internal.h"
#include "features/points/ledger.h"

static const struct command_type attribution_types[] = {
    {"claim", LOAD_FOLLOWERS, attribution_load, attribution_decide},
    {"claim", LOAD_FOLLOWERS | LOAD_PROGRESS, attribution_load, attribution_decide},
};

const struct command_type *attribution_type(const struct programme *then, const struct programme *now, bool rules_limit)
{
    bool limited = rules_limit || programme_limits_members(then) || velocity_limits_members(now, VELOCITY_EARNING);

    return &attribution_types[limited ? 1 : 0];
}

static enum status check_purchase(const struct decision *decision, const struct command *command,
                                  const struct attribution *body, struct error *err)
{
    const struct past_event *purchase = decision->events[0];
    int days = programme_at(decision->programmes, decision->now)->late_claim_days;

    if (purchase == NULL || !text_equals(purchase->row.kind, "purchase"))
        return error_set(err, STATUS_MISSING, "purchase.unknown", "purchase", "there is no such purchase");
    if (purchase->row.member != 0 || command->claims[body->claim].reference != 0)
        return error_set(err, STATUS_CONFLICT, "purchase.has_member", "purchase",
                         "the purchase belongs to a member already");
    if (decision->now - purchase->row.at > days * INSTANT_DAY)
        return error_set(err, STATUS_CONFLICT, "purchase.claim_late", "purchase",
                         "an anonymous purchase can be claimed for %d days", days);
    return STATUS_OK;
}

/* What was taken off what is left: what came back had its part of it. */
static void keep_discounts(struct arena *arena, const struct purchase_line *bought, struct purchase_line *left,
                           struct line_terms *terms)
{
    struct line_discount *discounts = arena_copy(arena, terms->discounts, terms->discount_count * sizeof *discounts);

    if (terms->discount_count == 0)
        return;
    left->discount = 0;
    for (size_t i = 0; i < terms->discount_count; i++) {
        discounts[i].amount -= return_part(discounts[i].amount, bought, left);
        left->discount += discounts[i].amount;
    }
    terms->discounts = discounts;
    terms->list_price = left->amount + left->discount;
}

/* What is left of a line keeps its terms, but for what came back. */
static void keep_rest(struct arena *arena, const struct purchase_line *bought, struct purchase_line *left)
{
    static const struct purchase_line nothing = {0};

    if (bought->terms == NULL)
        return;
    struct line_terms *terms = arena_copy(arena, bought->terms, sizeof *terms);
    const struct line_terms rest = terms_of_part(bought->terms, left, &nothing, left->number);
    terms->cost = rest.cost;
    terms->net = rest.net;
    keep_discounts(arena, bought, left, terms);
    left->terms = terms;
}

/* What the offers of `bought` used is free again when the goods come back; of those that all came back it is already. */
static void keep_offers(struct arena *arena, const struct journal_row *purchase, const struct purchase_facts *bought,
                        const struct journal_row *claim, struct purchase_facts *facts)
{
    struct offer_facts *offers = arena_array(arena, bought->offer_count + 1, sizeof *offers);

    facts->offers = offers;
    for (size_t i = 0; i < bought->offer_count; i++) {
        const struct offer_facts *offer = &bought->offers[i];
        bool added = !return_offer_has_goods(purchase->lines, purchase->line_count, offer); /* a gift: for all goods */
        if (added || return_offer_has_goods(claim->lines, claim->line_count, offer))
            offers[facts->offer_count++] = *offer;
    }
}

/* The claim takes the lines that have not come back: later returns are returns of the claim. */
static enum status fill_row(struct decision *decision, struct journal_row *row, struct purchase_facts *facts,
                            struct error *err)
{
    const struct past_event *purchase = decision->events[0];
    struct purchase_facts bought;
    enum status status = purchase_facts_read(decision->arena, purchase->row.facts, &bought, err);

    if (status != STATUS_OK)
        return status;
    status = return_cards_left(decision->arena, purchase, facts, err);
    if (status != STATUS_OK)
        return status;
    terms_attach(purchase->row.lines, purchase->row.line_count, bought.terms, bought.term_count);
    struct purchase_line *left = return_lines_left(decision->arena, purchase);

    for (size_t i = 0; i < purchase->row.line_count; i++) {
        if (left[i].amount == 0 && left[i].quantity_milli == 0 && purchase->follower_count > 0)
            continue;
        row->amount += left[i].amount;
        keep_rest(decision->arena, &purchase->row.lines[i], &left[i]);
        left[row->line_count++] = left[i];
    }
    if (row->line_count == 0)
        return error_set(err, STATUS_CONFLICT, "return.nothing_left", "purchase",
                         "everything of this purchase came back already");
    row->lines = left;
    facts->quote = bought.quote;
    facts->settled_reserved = bought.settled_reserved;
    keep_offers(decision->arena, &purchase->row, &bought, row, facts);
    facts->shown = bought.shown; /* earning rules ask for its codes */
    facts->terms = terms_of_lines(decision->arena, left, row->line_count, &facts->term_count);
    row->cause = purchase->row.id;
    row->day = purchase->row.day;
    row->store = purchase->row.store;
    row->channel = purchase->row.channel;
    return STATUS_OK;
}

enum status attribution_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct attribution *body = command->body;
    struct person *person = &decision->subjects[0];
    struct purchase_facts facts = {0};
    enum status status = check_purchase(decision, command, body, err);

    body->result = (struct purchase_result){0};
    if (status == STATUS_OK)
        status = customer_require(decision, command, 0, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = journal_add(decision, person->member, 0, "claim", decision->events[0]->row.at);
    status = fill_row(decision, row, &facts, err);
    if (status != STATUS_OK)
        return status;
    struct purchase_earning earning = {.person = person,
                                       .row = row,
                                       .lines = row->lines,
                                       .line_count = row->line_count,
                                       .total = row->amount,
                                       .at = row->at,
                                       .store = row->store,
                                       .channel = row->channel,
                                       .limited = true,
                                       .seller = &body->seller,
                                       .employee = body->employee,
                                       .shown = facts.shown,
                                       .known = &body->known};
    status = purchase_earn(decision, command, &earning, &facts, err);
    if (status != STATUS_OK)
        return status;
    row->facts = purchase_facts_write(decision->arena, &facts);
    measure_add(decision, id_bucket(row->id), row->day, "anonymous_purchases", row->store, -1);
    measure_add(decision, id_bucket(row->id), row->day, "anonymous_sales", row->store, -row->amount);
    claim_take(decision, command->claims[body->claim].kind, command->claims[body->claim].key, row->id, row->member);
    purchase_count(decision, person, row->at, row->amount);
    points_set_due(person->group, person->leader);
    purchase_report(command, person, &facts, &body->result);
    body->result.id = row->id;
    body->result.amount = row->amount;
    memcpy(body->result.currency, programme_at(decision->programmes, row->at)->currency, CURRENCY_SIZE);
    return STATUS_OK;
}
