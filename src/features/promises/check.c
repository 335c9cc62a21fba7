/* check.c: a purchase is checked for what was due and not given. */
#include "features/conditions/condition.h"
#include "features/events/events.h"
#include "features/events/facts.h"
#include "features/points/context.h"
#include "features/promises/missed_rows.h"
#include "features/reactions/happened.h"
#include "features/reactions/reaction.h"
#include "features/tasks/tasks.h"

static const struct text none = {NULL, 0};

/* ---- rows ---- */

struct journal_row *missed_row(struct decision *decision, const struct member *member, const struct missed *missed,
                               const char *kind)
{
    struct journal_row *row = journal_add(decision, member, 0, kind, decision->now);
    struct builder facts = {.arena = decision->arena};

    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->store = missed->store;
    row->channel = missed->channel;
    row->cause = missed->id != 0 ? missed->id : missed->purchase;
    fact_code(&facts, "missed", text_from(missed_kinds[missed->kind]));
    fact_code(&facts, "code", missed->code);
    if (missed->version > 0)
        fact_number(&facts, "version", missed->version);
    fact_code(&facts, "why", missed->why);
    fact_number(&facts, "value", missed->value);
    fact_number(&facts, "left", missed->left);
    if (missed->state != 0)
        fact_code(&facts, "state", text_from(missed_states[missed->state]));
    builder_char(&facts, '}');
    row->facts = builder_done(&facts);
    return row;
}

const char *missed_counter(struct arena *arena, int32_t day)
{
    char text[DAY_TEXT_SIZE];

    return arena_format(arena, "missed_benefits:%s", day_format(day, text));
}

struct text missed_progress(struct arena *arena, const struct missed *missed)
{
    struct text code = missed->kind == MISSED_COUPON ? missed->good.key : missed->code;

    return text_from(arena_format(arena, "missed:%.*s:%d", (int)code.size, code.bytes, (int)missed->limit_day));
}

/* ---- making good ---- */

bool missed_within(const struct missed_policy *policy, const struct missed *missed, const struct counter *counter)
{
    return missed->value <= policy->limit &&
           (policy->daily_limit == INT64_MAX ||
            (counter->used <= policy->daily_limit && missed->value <= policy->daily_limit - counter->used));
}

enum status missed_give(const struct missed_giving *giving, struct missed *missed, struct error *err)
{
    struct builder facts = {.arena = giving->decision->arena};

    fact_code(&facts, "missed", text_from(missed_kinds[missed->kind]));
    fact_code(&facts, "code", missed->code);
    fact_number(&facts, "value", missed->left);
    builder_char(&facts, '}');
    const struct good_giving good = {.decision = giving->decision,
                                     .person = giving->person,
                                     .means = giving->means,
                                     .keys = giving->keys,
                                     .row_kind = "missed_benefit_good",
                                     .cause = missed->id,
                                     .facts = builder_done(&facts)};
    enum status status = giving->kind == GOOD_VOUCHER ? good_give_voucher(&good, missed->left, &missed->good, err)
                                                      : good_give_worth(&good, missed->left, &missed->good, err);
    if (status == STATUS_OK)
        missed->state = MISSED_GOOD;
    return status;
}

/* ---- the purchase ---- */

struct checking {
    struct decision *decision;
    struct command *command;
    struct check_benefits *body;
    const struct journal_row *row; /* of the purchase */
    struct purchase_facts facts;
    struct happened happened;
    const struct missed_policy *policy;
    const struct zone *zone;
    struct person before; /* as the person was, as far as that is known */
    struct journal_row *first;
};

/* The person without this purchase: what came before and after it stays. */
static struct person person_before(const struct checking *work)
{
    struct arena *arena = work->decision->arena;
    const struct person *now = &work->decision->subjects[0];
    struct group *group = arena_copy(arena, now->group, sizeof *group);

    group->members = arena_copy(arena, now->group->members, now->group->member_count * sizeof *group->members);
    struct member *leader = group_find(group, now->leader->id);
    struct standing *standing = &leader->standing;
    if (standing->purchases > 0)
        standing->purchases--;
    standing->spend -=
        work->happened.purchase.total < standing->spend ? work->happened.purchase.total : standing->spend;
    if (standing->purchases == 0)
        standing->purchase_days = standing->first_purchase_at = standing->last_purchase_at = 0;
    if (work->facts.version != 0)
        standing->tier = work->facts.tier;
    return (struct person){group, group_find(group, now->member->id), leader};
}

static const struct zone *zone_of(const struct programme_set *programmes, const struct journal_row *row)
{
    const struct store *place = store_find(programmes, row->store);

    return place != NULL && place->zone != NULL ? place->zone : programme_at(programmes, row->at)->zone;
}

bool missed_is_checked(const struct programme_set *programmes, const struct journal_row *row)
{
    const struct missed_policy *policy = programme_at(programmes, row->recorded_at)->missed;
    const struct zone *zone = zone_of(programmes, row);

    if (policy == NULL)
        return false;
    /* A claim lies as late as it may: its purchase was recorded in time. */
    if (text_equals(row->kind, "claim"))
        return policy->claimed;
    return zone_day(zone, row->recorded_at) - zone_day(zone, row->at) <= policy->late_days;
}

static bool is_checked(const struct checking *work)
{
    return missed_is_checked(work->decision->programmes, work->row) && work->happened.bought &&
           !work->happened.came_back && !work->facts.own_sale && work->facts.organisation == 0;
}

/* ---- what the offers would have taken off ---- */

static void make_basket(const struct checking *work, struct purchase_line *given, struct basket *basket)
{
    struct arena *arena = work->decision->arena;
    const struct condition_purchase *purchase = &work->happened.purchase;
    struct purchase_line *lines = arena_array(arena, purchase->line_count + 1, sizeof *lines);

    for (size_t i = 0; i < purchase->line_count; i++) {
        given[i] = purchase->lines[i];
        const struct item_category *category =
            given[i].above == NULL ? category_find(work->decision->programmes, given[i].category) : NULL;
        if (category != NULL)
            given[i].above = category->above;
        lines[i] = missed_public_line(&given[i]);
    }
    *basket = (struct basket){.lines = lines,
                              .line_count = purchase->line_count,
                              .shipping = terms_shipping(arena, purchase->lines, purchase->line_count),
                              .store = work->row->store,
                              .channel = work->row->channel,
                              .at = work->row->at,
                              .zone = work->zone,
                              .codes = arena_array(arena, 1, sizeof *basket->codes)};
}

static enum status price(const struct checking *work, struct quote_request *request, struct error *err)
{
    struct command asked = *work->command;

    asked.body = request;
    asked.arena = work->decision->arena;
    return quote_reckon(work->decision, &asked, &work->before, err);
}

/* Whether the offer still has room for it; then it is counted, if nothing of the offer was given with the purchase. */
static bool count_offer(const struct checking *work, const struct missed_due *due, struct missed *missed)
{
    struct quoted_offer offer = *due->offer;
    const struct quoted quoted = {.offers = &offer, .offer_count = 1};
    const struct offer_left *limits = &offer.limits;
    struct error ignored;

    if (!due->unused)
        return true;
    offer.amount = due->amount;
    if (quote_count(work->decision, work->command, &work->decision->subjects[0], &quoted, &ignored) != STATUS_OK)
        return false;
    missed->limits = (limits->uses != INT64_MAX ? MISSED_LIMIT_USES : 0) |
                     (limits->budget != INT64_MAX ? MISSED_LIMIT_BUDGET : 0) |
                     (limits->member != INT64_MAX ? MISSED_LIMIT_MEMBER : 0) |
                     (limits->member_day != INT64_MAX ? MISSED_LIMIT_DAY : 0);
    missed->limit_day = offer.day;
    return true;
}

/* ---- what is found ---- */

static void open_task(struct checking *work, struct missed *missed)
{
    struct decision *decision = work->decision;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    char money[MONEY_TEXT_SIZE];
    struct task task;
    bool existed;
    struct error ignored;
    const struct task_spec spec = {
        .member = decision->subjects[0].member,
        .reason = TEXT("approval"),
        .text = text_from(arena_format(decision->arena, "Missed benefit %.*s: %s %s", (int)missed->code.size,
                                       missed->code.bytes, money_format(missed->value, programme->exponent, money),
                                       programme->currency)),
        .store = store_find(decision->programmes, missed->store) != NULL ? missed->store : none,
        .owner = {.role = TEXT("finance")},
        .priority = -1,
        .opened_by = TEXT("patron")};

    /* Without the reason for it there is no task; it waits all the same. */
    if (task_open(decision, work->command, &spec, &task, &existed, &ignored) == STATUS_OK)
        missed->task = task.id;
}

/* What cannot be given now waits for somebody. */
static void make_good(struct checking *work, struct missed *missed)
{
    struct counter *counter = work->decision->counters[work->body->day_counter];
    const struct missed_giving giving = {.decision = work->decision,
                                         .person = &work->decision->subjects[0],
                                         .means = &work->policy->means,
                                         .keys = &work->body->keys,
                                         .kind = work->policy->action == MISSED_VOUCHER ? GOOD_VOUCHER : GOOD_POINTS};
    struct error ignored;

    missed->state = MISSED_LISTED;
    if (work->policy->action == MISSED_LIST || missed->kind == MISSED_BENEFIT || missed->kind == MISSED_COUPON)
        return;
    if (missed_within(work->policy, missed, counter) && missed_give(&giving, missed, &ignored) == STATUS_OK) {
        counter->used += missed->value;
        counter->changed = true;
        return;
    }
    missed->state = MISSED_WAITING;
    open_task(work, missed);
}

static struct missed start(const struct checking *work, enum missed_kind kind, struct text code, int64_t value)
{
    return (struct missed){.member = work->row->member,
                           .purchase = work->row->id,
                           .kind = kind,
                           .code = code,
                           .store = work->row->store,
                           .channel = work->row->channel,
                           .day = work->row->day,
                           .at = work->row->at,
                           .found_at = work->decision->now,
                           .value = value,
                           .left = value};
}

static void add(struct checking *work, struct missed *missed)
{
    struct journal_row *row = missed_row(work->decision, work->decision->subjects[0].member, missed, "missed_benefit");

    if (work->first == NULL)
        work->first = row;
    missed->id = row->id;
    make_good(work, missed);
    store_missed(work->decision, missed);
    work->body->found++;
}

/* ---- offers ---- */

static void add_gifts(struct checking *work, const struct quoted *quoted)
{
    for (size_t i = 0; i < quoted->offer_count; i++) {
        const struct quoted_offer *offer = &quoted->offers[i];
        const struct definition *definition =
            definition_version(work->decision->programmes, &offer_kind, offer->code, offer->version);
        if (offer->gifts == 0 || definition == NULL)
            continue;
        struct missed missed = start(work, MISSED_GIFT, offer->code, 0);
        const struct missed_due due = {.offer = offer, .unused = offer->amount == 0};
        if (!checked_multiply(((const struct offer *)definition->parsed)->gift_value, offer->gifts, &missed.value))
            continue;
        missed.left = missed.value;
        missed.version = offer->version;
        missed.why = offer->reason;
        if (count_offer(work, &due, &missed))
            add(work, &missed);
    }
}

static bool listed_before(const struct checking *work, struct text id);

static void list_once(struct checking *work, struct missed *missed)
{
    struct text id = missed_progress(work->decision->arena, missed);

    if (listed_before(work, id))
        return;
    struct progress *progress = member_progress(work->decision, work->decision->subjects[0].member, id);
    progress->used = 1;
    progress->changed = true;
    add(work, missed);
}

/* What coupons of the member would have taken off beyond `given`, the most that was given or due without them. */
static enum status check_coupons(struct checking *work, const struct basket *basket, int64_t given, struct error *err)
{
    struct check_benefits *body = work->body;
    struct quote_request request = {
        .basket = *basket, .plain = true, .known = body->entitled.known, .coupons = body->coupons};
    struct basket_code *codes = arena_array(work->decision->arena, COUPONS_MAX + 1, sizeof *codes);

    request.coupon_count = request.basket.code_count = body->coupon_count;
    request.basket.codes = codes;
    for (size_t i = 0; i < body->coupon_count; i++)
        codes[i] = (struct basket_code){
            .code = body->coupons[i].key, .folded = body->coupons[i].key, .key = body->coupons[i].key};
    enum status status = body->coupon_count > 0 ? price(work, &request, err) : STATUS_OK;
    if (status != STATUS_OK || body->coupon_count == 0)
        return status;
    int64_t gain = request.quoted.public_total - request.quoted.total - given;
    for (size_t i = 0; i < request.quoted.offer_count && gain > 0; i++) {
        const struct quoted_offer *offer = &request.quoted.offers[i];
        if (offer->series.size == 0 || offer->amount == 0)
            continue;
        struct missed missed = start(work, MISSED_COUPON, offer->series, offer->amount < gain ? offer->amount : gain);
        missed.version = offer->version;
        missed.why = offer->reason;
        missed.good.key = offer->key;
        missed.good.series = offer->series;
        gain -= missed.value;
        list_once(work, &missed);
    }
    return STATUS_OK;
}

static int64_t given_off(const struct purchase_line *lines, size_t count)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += lines[i].discount;
    return sum;
}

static enum status check_offers(struct checking *work, struct error *err)
{
    struct arena *arena = work->decision->arena;
    struct purchase_line *given = arena_array(arena, work->happened.purchase.line_count + 1, sizeof *given);
    struct quote_request request = {.plain = true, .known = work->body->entitled.known};

    make_basket(work, given, &request.basket);
    enum status status = price(work, &request, err);
    if (status != STATUS_OK)
        return status;
    struct missed_due *due = arena_array(arena, request.quoted.offer_count + 1, sizeof *due);
    size_t count = missed_compare(arena, &request.quoted, given, due);
    for (size_t i = 0; i < count; i++) {
        const struct quoted_offer *offer = due[i].offer;
        struct missed missed = start(work, offer->benefit ? MISSED_PRICE : MISSED_OFFER, offer->code, due[i].amount);
        missed.version = offer->version;
        missed.why = offer->benefit && offer->by.size > 0 ? offer->by : offer->reason;
        missed.lines = due[i].lines;
        if (count_offer(work, &due[i], &missed))
            add(work, &missed);
    }
    add_gifts(work, &request.quoted);
    int64_t off = given_off(given, work->happened.purchase.line_count);
    int64_t due_off = request.quoted.public_total - request.quoted.total;
    return check_coupons(work, &request.basket, off > due_off ? off : due_off, err);
}

/* ---- gifts that are the member's by a benefit ---- */

static bool is_used_at(const struct benefit *benefit, struct text store)
{
    for (size_t i = 0; i < benefit->store_count; i++)
        if (text_equal(benefit->stores[i], store))
            return true;
    return benefit->store_count == 0;
}

static bool listed_before(const struct checking *work, struct text id)
{
    const struct person *person = &work->decision->subjects[0];

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        for (size_t p = 0; member->leader == person->leader->id && p < member->progress_count; p++)
            if (text_equal(member->progress[p].id, id) && member->progress[p].used > 0)
                return true;
    }
    return false;
}

static void check_benefit(struct checking *work, const struct benefit_asker *asker, const struct definition *definition)
{
    const struct benefit *benefit = definition->parsed;
    const struct entitled *entitled = &work->body->entitled;
    struct benefit_holding holding;
    struct benefit_left left;

    if (benefit->effect != EFFECT_GIFT || benefit->count == 0 || !definition_in_force(definition, asker->at) ||
        !is_used_at(benefit, work->row->store) || !benefit_holds(asker, definition, &holding) ||
        !benefit_left_of(asker, definition, &holding, entitled->uses, entitled->use_count, &left) || left.left == 0)
        return;
    struct missed missed = start(work, MISSED_BENEFIT, definition->code, benefit->value);
    missed.why = text_from(holding.by);
    missed.limit_day = left.from == INT64_MIN ? 0 : zone_day(work->zone, left.from);
    list_once(work, &missed);
}

static void check_standing(struct checking *work)
{
    const struct definition_list *list = definitions_of(work->decision->programmes, &benefit_kind);
    struct condition_world world = {.arena = work->decision->arena,
                                    .programmes = work->decision->programmes,
                                    .programme = programme_at(work->decision->programmes, work->row->at),
                                    .now = work->row->at,
                                    .person = &work->before,
                                    .known = &work->body->entitled.known};
    const struct benefit_asker asker = {work->decision->programmes, &work->before, &world, work->row->at};

    if (list->count == 0)
        return;
    condition_start(&world);
    for (size_t i = 0; i < list->count; i++)
        check_benefit(work, &asker, &list->items[i]);
}

/* ---- the decision ---- */

static enum status check_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct checking work = {.decision = decision, .command = command, .body = command->body};
    const struct person *person = &decision->subjects[0];

    work.body->found = 0;
    if (reaction_done(command) || decision->events[0] == NULL || person->member == NULL ||
        person->member->status != MEMBER_ACTIVE)
        return STATUS_OK;
    work.row = &decision->events[0]->row;
    work.policy = programme_at(decision->programmes, work.row->recorded_at)->missed;
    enum status status = purchase_facts_read(decision->arena, work.row->facts, &work.facts, err);
    if (status == STATUS_OK)
        status = happened_read(decision->arena, decision->events[0], &work.happened, err);
    if (status != STATUS_OK || !is_checked(&work))
        return status;
    work.zone = zone_of(decision->programmes, work.row);
    work.before = person_before(&work);
    status = check_offers(&work, err);
    if (status != STATUS_OK)
        return status;
    check_standing(&work);
    if (work.first != NULL)
        reaction_keep(decision, command, work.first);
    return STATUS_OK;
}

const struct command_type check_benefits_type = {.name = "check_benefits",
                                                 .loads = LOAD_PROGRESS | LOAD_FOLLOWERS | LOAD_ALONE,
                                                 .load = check_benefits_load,
                                                 .decide = check_decide};
