#include "features/events/purchase.h"

#include <string.h>

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/entitlements/membership.h"
#include "features/events/honoured.h"
#include "features/points/ledger.h"

/* ---- amounts ---- */

static enum status overflow(struct error *err)
{
    return error_set(err, STATUS_INVALID, "purchase.range", "total", "the amount is too large");
}

enum status purchase_check_lines(struct purchase *body, struct error *err)
{
    int64_t sum = 0;

    if (body->line_count == 0) {
        if (!body->total_given)
            return error_set(err, STATUS_INVALID, "purchase.empty", "total", "a purchase has lines or a total");
        body->whole = (struct purchase_line){.quantity_milli = 1000, .amount = body->total};
        body->lines = &body->whole;
        body->line_count = 1;
    }
    for (size_t i = 0; i < body->line_count; i++) {
        struct purchase_line *line = &body->lines[i];
        line->number = (int32_t)i + 1;
        if (line->amount < 0 || line->quantity_milli < 0 || line->discount < 0) {
            error_set(err, STATUS_INVALID, "purchase.negative", "amount",
                      "a purchase line is not negative; goods come back by a return");
            error_prefix_field(err, "lines[%zu].", i);
            return STATUS_INVALID;
        }
        enum status status = line_terms_check(line, err);
        if (status != STATUS_OK) {
            error_prefix_field(err, "lines[%zu].", i);
            return status;
        }
        if (!checked_add(sum, line->amount, &sum))
            return overflow(err);
    }
    if (body->total_given && body->total != sum)
        return error_set(err, STATUS_INVALID, "purchase.total", "total", "the lines do not sum to the total");
    body->total = sum;
    return STATUS_OK;
}

static const struct currency_rate *find_rate(const struct programme_set *set, const char *currency, int32_t day)
{
    for (size_t i = 0; i < set->rate_count; i++)
        if (set->rates[i].day == day && text_equals(text_from(set->rates[i].currency), currency))
            return &set->rates[i];
    return NULL;
}

/* Plain lines stay where they are: nothing is written into them. */
static struct purchase_line *own_lines(const struct decision *decision, const struct purchase *body)
{
    struct purchase_line *lines = body->loaded_lines != NULL ? body->loaded_lines : body->lines;
    bool plain = decision->programmes->category_count == 0;

    for (size_t i = 0; plain && i < body->line_count; i++)
        plain = lines[i].terms == NULL;
    return plain ? lines : arena_copy(decision->arena, lines, body->line_count * sizeof *lines);
}

/*
 * Converts a foreign amount once, half even; the lines share it by largest remainder. Works on a copy: the body must stay
 * as it is when the batch runs again.
 */
static enum status convert(const struct decision *decision, const struct programme *programme, struct purchase *body,
                           struct journal_row *row, struct purchase_facts *facts, struct error *err)
{
    const struct currency_rate *rate;
    struct purchase_line *lines;
    int64_t *weights, *shares;
    char day[DAY_TEXT_SIZE];

    row->lines = own_lines(decision, body);
    row->line_count = body->line_count;
    row->amount = body->total;
    if (body->currency[0] == '\0' || text_equals(text_from(programme->currency), body->currency))
        return STATUS_OK;
    rate = find_rate(decision->programmes, body->currency, body->day);
    if (rate == NULL)
        return error_set(err, STATUS_INVALID, "purchase.no_rate", "currency", "there is no rate of %s for %s",
                         body->currency, day_format(body->day, day));
    if (!checked_scale(body->total, rate->numerator, rate->denominator, ROUNDING_HALF_EVEN, &row->amount))
        return overflow(err);
    lines = arena_copy(decision->arena, row->lines, row->line_count * sizeof *lines);
    weights = arena_array(decision->arena, body->line_count, sizeof *weights);
    shares = arena_array(decision->arena, body->line_count, sizeof *shares);
    for (size_t i = 0; i < body->line_count; i++)
        weights[i] = lines[i].amount;
    if (!split_largest_remainder(row->amount, weights, shares, (int)body->line_count))
        return overflow(err);
    for (size_t i = 0; i < body->line_count; i++) {
        lines[i].amount = shares[i];
        if (!checked_scale(lines[i].discount, rate->numerator, rate->denominator, ROUNDING_HALF_EVEN,
                           &lines[i].discount) ||
            !terms_convert(decision->arena, &lines[i], rate->numerator, rate->denominator))
            return overflow(err);
    }
    row->lines = lines;
    facts->currency = text_from(body->currency);
    facts->original = body->total;
    return STATUS_OK;
}

/* What the lines cost and lie in, as it is now, goes with the sale. Nothing for plain lines. */
static void keep_terms(const struct decision *decision, const struct purchase *body, struct journal_row *row,
                       struct purchase_facts *facts)
{
    if (row->lines != body->lines)
        facts->terms =
            terms_gather(decision->arena, decision->programmes, row->lines, row->line_count, &facts->term_count);
}

/* ---- standing ---- */

/* Each day is there once, and mostly it is the latest. */
static int64_t purchases_of_day(const struct member *member, int32_t day)
{
    for (size_t i = member->day_count; i > 0; i--)
        if (member->days[i - 1].day == day)
            return member->days[i - 1].count;
    return 0;
}

void purchase_count(struct decision *decision, struct person *person, int64_t at, int64_t amount)
{
    int32_t day = zone_day(programme_at(decision->programmes, decision->now)->zone, at);
    struct member_day *own = member_day_at(decision, person->member, day);
    int64_t before = 0;

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (member->leader == person->leader->id)
            before += purchases_of_day(member, day);
    }
    int64_t lapsed = lifecycle_or_usual(decision->programmes->lifecycle)->lapsed_tenths;
    int64_t interval = standing_usual_interval(&person->leader->standing, decision->programmes->median_interval,
                                               decision->programmes->lifecycle);
    standing_add_purchase(decision, person->group, person->member,
                          (struct standing_purchase){.at = at,
                                                     .day = day,
                                                     .amount = amount,
                                                     .new_day = before == 0,
                                                     .new_own_day = own->count == 0,
                                                     .lapse_interval = lapsed * interval / 10});
    own->count++;
    own->spend += amount;
    own->changed = true;
}

/* ---- the result ---- */

const struct wallet_balance *wallet_balances(struct arena *arena, const struct person *person, size_t *count)
{
    struct wallet_balance *balances = NULL;
    size_t size = 0, capacity = 0;

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        for (size_t w = 0; member->leader == person->leader->id && w < member->wallet_count; w++) {
            struct text code = member->wallets[w].code;
            size_t known = 0;
            while (known < size && !text_equal(balances[known].wallet, code))
                known++;
            if (known < size) {
                balances[known].pending += member->wallets[w].pending;
                continue;
            }
            balances = arena_grow(arena, balances, &capacity, size + 1, sizeof *balances);
            balances[size++] = (struct wallet_balance){
                .wallet = text_copy(arena, code),
                .available = ledger_available(person->group, person->member, code),
                .pending = member->wallets[w].pending,
                .balance = ledger_balance(person->group, person->member, code),
            };
        }
    }
    *count = size;
    return balances;
}

void purchase_report(const struct command *command, const struct person *person, const struct purchase_facts *facts,
                     struct purchase_result *result)
{
    result->member = person->member->id;
    result->paid_minor = facts->paid_minor;
    result->prepaid = facts->prepaid;
    result->earned = earned_copy(command->arena, facts);
    result->earned_count = facts->earned_count;
    result->own_sale = facts->own_sale;
    result->tier_before = text_copy(command->arena, facts->tier);
    result->tier_after = text_copy(command->arena, person->leader->standing.tier);
    result->balances = wallet_balances(command->arena, person, &result->balance_count);
}

/* ---- a quote ---- */

/* What benefits took off was saved by the memberships that gave them. */
static void save(struct decision *decision, const struct quoted *quoted, const struct journal_row *row)
{
    for (size_t i = 0; i < quoted->offer_count; i++) {
        const struct quoted_offer *offer = &quoted->offers[i];
        const struct membership_saving saving = {.membership = offer->membership,
                                                 .row = row->id,
                                                 .line = (int64_t)i + 1,
                                                 .minor = offer->amount,
                                                 .at = row->at,
                                                 .what = offer->code};
        if (offer->membership != 0 && offer->amount > 0)
            store_membership_saving(decision, decision->subjects[0].member, &saving);
    }
}

static enum status settle(struct decision *decision, const struct command *command, struct purchase *body,
                          const struct journal_row *row, struct purchase_facts *facts, struct error *err)
{
    if (body->quote == NULL)
        return STATUS_OK;
    const struct quoted *quoted = &body->quote->quoted;
    struct offer_facts *offers = arena_array(decision->arena, quoted->offer_count + 1, sizeof *offers);
    for (size_t i = 0; i < quoted->offer_count; i++) {
        const struct quoted_offer *offer = &quoted->offers[i];
        offers[i] = (struct offer_facts){.code = offer->code,
                                         .amount = offer->amount,
                                         .uses = offer->limits.uses != INT64_MAX,
                                         .budget = offer->limits.budget != INT64_MAX,
                                         .member = offer->limits.member != INT64_MAX,
                                         .member_day = offer->limits.member_day != INT64_MAX,
                                         .day = offer->day,
                                         .coupon = offer->key,
                                         .series = offer->series,
                                         .benefit = offer->benefit,
                                         .membership = offer->membership};
    }
    facts->quote = body->quote->id;
    facts->settled_reserved = body->quote->row.reserved && body->quote->row.state == QUOTE_OPEN;
    facts->offers = offers;
    facts->offer_count = quoted->offer_count;
    facts->shown = quoted->shown;
    honoured_quote(decision->arena, quoted, facts);
    enum status status =
        quote_settle(decision, command, body->named ? &decision->subjects[0] : NULL, body->quote, row, err);
    if (status == STATUS_OK && body->named)
        save(decision, quoted, row);
    return status;
}

/* ---- the decision ---- */

/* Finds or registers the member. */
static enum status find_person(struct decision *decision, const struct command *command, struct purchase *body,
                               struct error *err)
{
    enum status status = STATUS_OK;

    body->result.registered = false;
    if (!body->named)
        return body->payment_count == 0 ? STATUS_OK
                                        : error_set(err, STATUS_INVALID, "purchase.anonymous", "pay_points",
                                                    "an anonymous purchase cannot be paid with points");
    if (body->contact_share > 0)
        status = customer_require(decision, command, 1, err);
    if (status != STATUS_OK || !body->register_unknown)
        return status != STATUS_OK ? status : customer_require(decision, command, 0, err);
    status = customer_check(decision, command, 0, err);
    if (status != STATUS_OK || decision->subjects[0].member != NULL)
        return status;
    body->result.registered = true;
    status = customer_register_in(
        decision, command, 0, (struct customer_registration){body->at, body->store, body->channel, body->erased_before},
        err);
    /* Registered in the past: periods that are over since then must not count what the purchase adds now. */
    return status == STATUS_OK ? points_advance(decision, decision->subjects[0].group, err) : status;
}

static enum status reward(struct decision *decision, struct command *command, struct purchase *body,
                          struct journal_row *row, struct purchase_facts *facts, struct error *err)
{
    struct person *person = &decision->subjects[0];
    struct purchase_earning earning = {.person = person,
                                       .row = row,
                                       .lines = row->lines,
                                       .line_count = row->line_count,
                                       .total = row->amount,
                                       .at = body->at,
                                       .pending_until = body->pending_until,
                                       .store = body->store,
                                       .channel = body->channel,
                                       .limited = body->limited,
                                       .seller = &body->seller,
                                       .till = body->till,
                                       .employee = body->employee,
                                       .trigger = body->trigger,
                                       .known = &body->known,
                                       .terms = body->terms,
                                       .shown = facts->shown,
                                       .contact = body->contact_share > 0 ? &decision->subjects[1] : NULL,
                                       .contact_share = body->contact_share};
    enum status status = purchase_pay(decision, command, body, row, &earning.paid, err);

    facts->payment_count = earning.paid.rows;
    facts->plain = body->earns_nothing;
    facts->tier = person->leader->standing.tier;
    if (status == STATUS_OK && !body->earns_nothing)
        status = purchase_earn(decision, command, &earning, facts, err);
    if (status != STATUS_OK)
        return status;
    purchase_count(decision, person, body->at, row->amount);
    points_set_due(person->group, person->leader);
    purchase_report(command, person, facts, &body->result);
    body->result.paid_minor = earning.paid.minor;
    return STATUS_OK;
}

static struct journal_row *start_row(struct decision *decision, const struct command *command, struct purchase *body)
{
    const struct member *member = body->named ? decision->subjects[0].member : NULL;
    struct journal_row *row = journal_add(decision, member, command->bucket, "purchase", body->at);

    row->day = body->day;
    row->store = body->store;
    row->channel = body->channel;
    row->receipt = body->receipt;
    row->detail = body->detail;
    row->cause = body->cause != 0 ? body->cause : body->exchanged;
    return row;
}

static void add_measures(struct decision *decision, const struct journal_row *row)
{
    measure_add(decision, id_bucket(row->id), row->day, "purchases", row->store, 1);
    measure_add(decision, id_bucket(row->id), row->day, "sales", row->store, row->amount);
    /* Those without a member are the fewer: what members bought is the difference. */
    if (row->member != 0)
        return;
    measure_add(decision, id_bucket(row->id), row->day, "anonymous_purchases", row->store, 1);
    measure_add(decision, id_bucket(row->id), row->day, "anonymous_sales", row->store, row->amount);
}

/* Copied: the result outlives the batch. */
static void report_honours(const struct command *command, const struct purchase_facts *facts,
                           struct purchase_result *result)
{
    struct honour_facts *honours = arena_array(command->arena, facts->honour_count + 1, sizeof *honours);

    for (size_t i = 0; i < facts->honour_count; i++)
        honours[i] = (struct honour_facts){text_copy(command->arena, facts->honours[i].offer),
                                           text_copy(command->arena, facts->honours[i].channel),
                                           facts->honours[i].shown_at, facts->honours[i].value};
    result->honoured = honours;
    result->honoured_count = facts->honour_count;
}

enum status purchase_record(struct decision *decision, struct command *command, struct journal_row **out,
                            struct error *err)
{
    return purchase_record_part(decision, command, command->body, out, err);
}

enum status purchase_record_part(struct decision *decision, struct command *command, struct purchase *body,
                                 struct journal_row **out, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, body->at);
    struct purchase_facts facts = {.event_id = body->event_id,
                                   .till = body->till,
                                   .employee = body->employee,
                                   .organisation = body->organisation,
                                   .contact = body->contact,
                                   .contract = body->terms,
                                   .contact_share = body->contact_share,
                                   .digest_given = body->identity.event_claim >= 0,
                                   .exchange = body->exchanged};
    enum status status = event_check_instant(body->at, decision->now, err);

    if (status == STATUS_OK)
        status = purchase_check_lines(body, err);
    if (status == STATUS_OK)
        status = find_person(decision, command, body, err);
    if (status != STATUS_OK)
        return status;

    struct journal_row *row = start_row(decision, command, body);
    status = settle(decision, command, body, row, &facts, err);
    if (status == STATUS_OK)
        status = convert(decision, programme, body, row, &facts, err);
    if (status == STATUS_OK)
        keep_terms(decision, body, row, &facts);
    if (status == STATUS_OK)
        status = honoured_take(decision, body, row, &facts, err);
    body->result.paid_minor = 0;
    if (status == STATUS_OK && body->named)
        status = reward(decision, command, body, row, &facts, err);
    if (status == STATUS_OK)
        status = purchase_pay_cards(decision, command, body, row, &facts, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; facts.digest_given && i < SEAL_SIZE; i++)
        facts.digest[i] = body->identity.digest[i];
    row->facts = purchase_facts_write(decision->arena, &facts);
    add_measures(decision, row);
    body->result.id = row->id;
    report_honours(command, &facts, &body->result);
    body->result.amount = row->amount;
    memcpy(body->result.currency, programme->currency, CURRENCY_SIZE);
    *out = row;
    return STATUS_OK;
}

enum status purchase_foresee(struct decision *decision, const struct command *command, struct purchase *body,
                             struct points_expected *out, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, body->at);
    struct journal_row row = {0}; /* a draft: nothing is recorded */
    struct purchase_facts facts = {0};
    bool foreign = body->currency[0] != '\0' && !text_equals(text_from(programme->currency), body->currency);
    enum status status = purchase_check_lines(body, err);

    *out = (struct points_expected){0};
    if (status != STATUS_OK || (foreign && find_rate(decision->programmes, body->currency, body->day) == NULL))
        return status;
    status = convert(decision, programme, body, &row, &facts, err);
    if (status != STATUS_OK)
        return status;
    keep_terms(decision, body, &row, &facts);
    const struct purchase_earning earning = {.person = &decision->subjects[0],
                                             .lines = row.lines,
                                             .line_count = row.line_count,
                                             .total = row.amount,
                                             .at = body->at,
                                             .store = body->store,
                                             .channel = body->channel,
                                             .till = body->till,
                                             .employee = body->employee,
                                             .trigger = body->trigger,
                                             .known = &body->known};
    return purchase_expect(decision, command, &earning, out, err);
}

enum status purchase_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct purchase *body = command->body;
    struct journal_row *row;
    int64_t known;
    enum status status = event_identity_check(decision, command, &body->identity, &known, err);

    body->result = (struct purchase_result){.id = known, .known = known != 0};
    if (status != STATUS_OK || known != 0)
        return status;
    status = purchase_record(decision, command, &row, err);
    if (status == STATUS_OK)
        event_identity_take(decision, command, &body->identity, row->id, row->member);
    return status;
}

void purchase_rules(const struct programme_set *set, struct purchase *body)
{
    const struct rules_place place = {{TEXT("purchase"), body->trigger}, body->trigger.size > 0 ? 2 : 1};
    const struct accrual_needs needs = rules_needs(set, &place);

    body->known.parts = needs.parts;
    body->known.parts |= honoured_parts(set, body);
    body->load_progress = body->load_progress || needs.limits_members;
}

void purchase_rule_counters(const struct programme_set *set, const struct purchase *body, struct command *command,
                            struct arena *arena)
{
    const struct earning_input input = {.lines = body->lines, .line_count = body->line_count};
    const struct accrual_event event = {.triggers = {TEXT("purchase"), body->trigger},
                                        .trigger_count = body->trigger.size > 0 ? 2 : 1,
                                        .at = body->at,
                                        .programmes = set,
                                        .store = body->store,
                                        .channel = body->channel,
                                        .input = body->line_count > 0 ? &input : NULL};

    accrual_counters(&event, command, arena);
}

/* ---- command types: one for each combination of loads, so that a plain accrual loads neither lots nor progress ---- */

static const struct command_type purchase_types[] = {
    {"purchase", 0, purchase_load, purchase_decide},
    {"purchase", LOAD_LOTS, purchase_load, purchase_decide},
    {"purchase", LOAD_PROGRESS, purchase_load, purchase_decide},
    {"purchase", LOAD_LOTS | LOAD_PROGRESS, purchase_load, purchase_decide},
    {"purchase", SPENDING_LOADS, purchase_load, purchase_decide},
};

bool programme_limits_members(const struct programme *programme)
{
    for (size_t i = 0; i < programme->rule_count; i++)
        for (size_t m = 0; m < programme->rules[i].multiplier_count; m++)
            if (programme->rules[i].multipliers[m].member_limit != INT64_MAX)
                return true;
    return false;
}

bool purchase_limits_members(const struct programme *programme, const struct purchase *purchase)
{
    return purchase->limited && (velocity_limits_members(programme, VELOCITY_EARNING) ||
                                 (purchase->payment_count > 0 && spending_needs_progress(programme)));
}

void purchase_limits(const struct programme *programme, const struct purchase *purchase, struct command *command,
                     struct arena *arena)
{
    const struct velocity_place place = {purchase->store, purchase->till, purchase->employee};

    velocity_counters(programme, VELOCITY_EARNING, &place, command, arena);
    if (purchase->payment_count > 0)
        velocity_counters(programme, VELOCITY_REDEEMING, &place, command, arena);
}

const struct command_type *purchase_type(const struct programme *programme, const struct purchase *purchase)
{
    unsigned loads =
        (purchase->payment_count > 0 ? LOAD_LOTS : 0) |
        (purchase->named && (programme_limits_members(programme) || purchase->load_progress) ? LOAD_PROGRESS : 0);
    if (purchase->proof.kind != 0 || purchase->quote != NULL)
        loads = SPENDING_LOADS;

    for (size_t i = 0; i < sizeof purchase_types / sizeof purchase_types[0]; i++)
        if (purchase_types[i].loads == loads)
            return &purchase_types[i];
    return &purchase_types[4];
}
