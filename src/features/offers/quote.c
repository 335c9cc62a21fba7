#include "features/offers/quote.h"

#include "features/customers/customers.h"
#include "features/points/ledger.h"
#include "features/redemption/spending.h"

static const char *const state_names[] = {[0] = "",
                                          [QUOTE_OPEN] = "open",
                                          [QUOTE_SETTLED] = "settled",
                                          [QUOTE_RELEASED] = "released",
                                          [QUOTE_LAPSED] = "lapsed"};

const char *quote_state_name(enum quote_state state)
{
    return state_names[state];
}

/* ---- keeping ---- */

/* The points of the quote go on hold for its life, in a row of their own whose cause is the quote. */
static enum status hold_points(struct decision *decision, const struct command *command, struct person *person,
                               const struct journal_row *quote, struct error *err)
{
    struct quote_request *body = command->body;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct wallet_policy *policy = programme_wallet(programme, body->wallet);
    const struct proof proof = {0};
    struct hold *hold;

    if (policy == NULL || !policy->spendable || policy->value_points == 0)
        return error_set(err, STATUS_INVALID, "purchase.wallet_not_payable", "pay_points.wallet",
                         "points of '%.*s' cannot pay for a purchase", (int)body->wallet.size, body->wallet.bytes);
    const struct spending spending = {.decision = decision,
                                      .command = command,
                                      .person = person,
                                      .policy = policy,
                                      .points = body->points,
                                      .proof = &proof,
                                      .place = {body->basket.store, {NULL, 0}, {NULL, 0}}};
    if (!wallet_points_value(policy, body->points, &body->quoted.worth))
        return error_set(err, STATUS_INVALID, "points.range", "pay_points.points", "these are too many points");
    if (body->quoted.worth > body->quoted.total)
        return error_set(err, STATUS_INVALID, "purchase.overpaid", "pay_points.points",
                         "the points are worth more than the purchase");
    enum status status = spending_check(&spending, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = journal_add(decision, person->member, 0, "hold", decision->now);
    row->day = quote->day;
    row->cause = quote->id;
    row->store = quote->store;
    row->channel = quote->channel;
    row->facts = text_from(arena_format(decision->arena, "{\"wallet\":\"%.*s\",\"points\":%lld,\"expires_at\":%lld}",
                                        (int)policy->code.size, policy->code.bytes, (long long)body->points,
                                        (long long)body->due_at));
    struct posting posting = posting_start(decision, row);
    struct ledger ledger = {&posting, person->group, person->member, programme, policy};
    status = ledger_hold(&ledger, body->points, body->due_at, &hold, err);
    if (status != STATUS_OK)
        return status;
    points_set_due(person->group, person->leader);
    body->quoted.wallet = body->wallet;
    body->quoted.points = body->points;
    body->quoted.hold = row->id;
    return STATUS_OK;
}

static enum status find_person(struct decision *decision, struct command *command, struct person **out,
                               struct error *err)
{
    *out = NULL;
    if (command->subject_count == 0)
        return STATUS_OK;
    enum status status = customer_require(decision, command, 0, err);
    if (status == STATUS_OK)
        *out = &decision->subjects[0];
    return status;
}

/* A coupon is reserved for as long as the quote: the quote ends it. */
static enum status reserve_coupons(struct decision *decision, const struct command *command,
                                   const struct person *person, const struct journal_row *row, struct error *err)
{
    struct quote_request *body = command->body;
    const struct coupon_act act = {decision, command, person, row};
    enum status status = STATUS_OK;

    for (size_t u = 0; u < body->coupon_count && status == STATUS_OK; u++) {
        const struct coupon_series *series;
        bool used = false;
        for (size_t i = 0; i < body->quoted.offer_count; i++)
            used = used || text_equal(body->quoted.offers[i].key, body->coupons[u].key);
        if (used)
            status = coupon_reserve(&act, &body->coupons[u], INSTANT_NEVER, &series, err);
    }
    return status;
}

static enum status reserve(struct decision *decision, struct command *command, struct person *person,
                           const struct journal_row *row, struct error *err)
{
    struct quote_request *body = command->body;

    if (!body->reserve)
        return STATUS_OK;
    body->quoted.reserved = true;
    enum status status = quote_count(decision, command, person, &body->quoted, err);
    if (status == STATUS_OK)
        status = reserve_coupons(decision, command, person, row, err);
    return status == STATUS_OK && body->wallet.size > 0 ? hold_points(decision, command, person, row, err) : status;
}

static enum status decide_request(struct decision *decision, struct command *command, struct error *err)
{
    struct quote_request *body = command->body;
    struct person *person;
    enum status status = find_person(decision, command, &person, err);

    body->quoted = (struct quoted){.points = 0};
    body->basket.at = decision->now;
    if (status == STATUS_OK)
        status = quote_reckon(decision, command, person, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row =
        journal_add(decision, person != NULL ? person->member : NULL, command->bucket, "quote", decision->now);
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->store = body->basket.store;
    row->channel = body->basket.channel;
    row->amount = body->quoted.total;
    body->id = row->id;
    body->due_at = decision->now + QUOTE_SECONDS * INSTANT_SECOND;
    status = reserve(decision, command, person, row, err);
    if (status != STATUS_OK)
        return status;
    row->facts = text_from(arena_format(decision->arena, "{\"until\":%lld,\"reserved\":%d}", (long long)body->due_at,
                                        body->quoted.reserved));
    store_quote(decision, &(struct quote_row){.id = row->id,
                                              .member = row->member,
                                              .state = QUOTE_OPEN,
                                              .at = decision->now,
                                              .due_at = body->due_at,
                                              .reserved = body->quoted.reserved,
                                              .document = quote_write(decision->arena, &body->quoted)});
    return STATUS_OK;
}

static const struct command_type request_types[] = {
    {"quote", LOAD_ALONE, quote_request_load, decide_request},
    {"quote", LOAD_ALONE | LOAD_PROGRESS, quote_request_load, decide_request},
    {"quote", SPENDING_LOADS, quote_request_load, decide_request},
};

const struct command_type *quote_type(const struct offer_index *index, const struct quote_request *request)
{
    if (request->wallet.size > 0)
        return &request_types[2];
    return &request_types[offer_index_limits_members(index) || request->coupon_count > 0];
}

/* ---- ending ---- */

static void give_back(struct decision *decision, const struct command *command, const struct person *person,
                      const struct quoted *quoted)
{
    for (size_t i = 0; i < quoted->offer_count; i++) {
        const struct quoted_offer *offer = &quoted->offers[i];
        quote_uncount(decision, command,
                      &(struct quote_back){.person = person,
                                           .offer = offer->code,
                                           .uses = offer->limits.uses != INT64_MAX,
                                           .budget = offer->limits.budget != INT64_MAX,
                                           .member = offer->limits.member != INT64_MAX,
                                           .member_day = offer->limits.member_day != INT64_MAX,
                                           .day = offer->day,
                                           .amount = offer->amount,
                                           .use = true});
    }
}

static struct hold *find_hold(const struct person *person, int64_t id)
{
    for (size_t i = 0; id != 0 && person->group != NULL && i < person->group->member_count; i++) {
        struct hold *hold = member_hold(&person->group->members[i], id);
        if (hold != NULL && hold->state == HOLD_OPEN)
            return hold;
    }
    return NULL;
}

static enum status release_points(struct decision *decision, struct person *person, const struct quoted *quoted,
                                  const struct journal_row *ended, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct hold *hold = find_hold(person, quoted->hold);
    const struct wallet_policy *policy = hold != NULL ? programme_wallet(programme, hold->wallet) : NULL;

    if (policy == NULL)
        return STATUS_OK;
    struct journal_row *row = journal_add(decision, person->member, 0, "release", decision->now);
    row->day = ended->day;
    row->cause = quoted->hold;
    struct posting posting = posting_start(decision, row);
    struct ledger ledger = {&posting, person->group, person->member, programme, policy};
    enum status status = ledger_release(&ledger, hold, HOLD_RELEASED, err);
    points_set_due(person->group, person->leader);
    return status;
}

static enum status decide_end(struct decision *decision, struct command *command, struct error *err)
{
    struct quote_end *body = command->body;
    struct person *person = command->subject_count > 0 ? &decision->subjects[0] : NULL;
    bool somebody = person != NULL && person->member != NULL;

    body->ended = false;
    if (body->row.id == 0)
        return error_set(err, STATUS_MISSING, "quote.unknown", "quote", "there is no such quote");
    if (body->row.state != QUOTE_OPEN || (body->lapsed && body->row.due_at > decision->now))
        return STATUS_OK;
    struct journal_row *row =
        journal_add(decision, somebody ? person->member : NULL, id_bucket(body->id), "quote_ended", decision->now);
    row->cause = body->id;
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->facts = body->lapsed ? TEXT("{\"lapsed\":1}") : TEXT("{\"lapsed\":0}");
    enum status status = STATUS_OK;
    const struct coupon_act act = {decision, command, person, row};
    if (body->row.reserved)
        give_back(decision, command, person, &body->quoted);
    for (size_t i = 0; body->row.reserved && i < body->coupon_count; i++)
        coupon_release(&act, &body->coupons[i], body->id);
    if (body->row.reserved && somebody)
        status = release_points(decision, person, &body->quoted, row, err);
    if (status != STATUS_OK)
        return status;
    body->row.state = body->lapsed ? QUOTE_LAPSED : QUOTE_RELEASED;
    store_quote(decision, &body->row);
    body->ended = true;
    return STATUS_OK;
}

const struct command_type quote_end_type = {
    .name = "quote_end", .loads = SPENDING_LOADS, .load = quote_end_load, .decide = decide_end};

/* ---- settling ---- */

static bool is_of(const struct person *person, int64_t member)
{
    return member == 0 || (person != NULL && person->group != NULL && group_find(person->group, member) != NULL);
}

enum status quote_settle(struct decision *decision, const struct command *command, const struct person *person,
                         struct quote_settlement *settlement, const struct journal_row *row, struct error *err)
{
    struct quote_row *quote = &settlement->row;
    enum status status = STATUS_OK;

    if (quote->id == 0)
        return error_set(err, STATUS_MISSING, "quote.unknown", "quote", "there is no such quote");
    if (quote->state == QUOTE_SETTLED)
        return error_set(err, STATUS_CONFLICT, "quote.settled", "quote", "another purchase has settled the quote");
    /* What was bought in time is sold at its price, whenever the till sends it. */
    if (quote->state == QUOTE_RELEASED || row->at >= quote->due_at)
        return error_set(err, STATUS_CONFLICT, "quote.over", "quote", "the quote is over: ask for another");
    if (!is_of(person, quote->member))
        return error_set(err, STATUS_CONFLICT, "quote.other_member", "quote", "the quote is another member's");
    bool reserved = quote->reserved && quote->state == QUOTE_OPEN;
    if (!reserved)
        status = quote_count(decision, command, person, &settlement->quoted, err);
    const struct coupon_act act = {decision, command, person, row};
    for (size_t i = 0; i < settlement->coupon_count && status == STATUS_OK; i++) {
        const struct coupon_series *series;
        if (reserved)
            coupon_settle(&act, &settlement->coupons[i], quote->id);
        else
            status = coupon_redeem(&act, &settlement->coupons[i], &series, err);
    }
    if (status != STATUS_OK)
        return status;
    quote->state = QUOTE_SETTLED;
    quote->settled_by = row->id;
    store_quote(decision, quote);
    return STATUS_OK;
}
