#include "model.h"

#include <stdlib.h>
#include <string.h>

const char *const action_names[ACT_KINDS] = {"register", "purchase", "return",  "visit",  "redeem",   "reverse",
                                             "hold",     "capture",  "release", "adjust", "transfer", "merge",
                                             "unmerge",  "found",    "join",    "leave",  "pool",     "erase",
                                             "claim",    "quote",    "drop",    "issue",  "sell"};

/* ---- calendar: days since 1970 of Asia/Shanghai ---- */

int32_t model_day(int64_t instant)
{
    int64_t local = instant + ZONE_OFFSET;

    return (int32_t)(local >= 0 ? local / DAY : -((-local + DAY - 1) / DAY));
}

int64_t model_day_start(int32_t day)
{
    return day * DAY - ZONE_OFFSET;
}

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && leap(year) ? 29 : days[month - 1];
}

int32_t model_day_of(int year, int month, int mday)
{
    int32_t day = 0;

    for (int y = 1970; y < year; y++)
        day += leap(y) ? 366 : 365;
    for (int m = 1; m < month; m++)
        day += month_days(year, m);
    return day + mday - 1;
}

void model_date(int32_t day, int *year, int *month, int *mday)
{
    for (*year = 1970; day >= (leap(*year) ? 366 : 365); (*year)++)
        day -= leap(*year) ? 366 : 365;
    for (*month = 1; day >= month_days(*year, *month); (*month)++)
        day -= month_days(*year, *month);
    *mday = day + 1;
}

int32_t model_add_months(int32_t day, int months)
{
    int year, month, mday;

    model_date(day, &year, &month, &mday);
    year += (month - 1 + months) / 12;
    month = (month - 1 + months) % 12 + 1;
    return model_day_of(year, month, mday < month_days(year, month) ? mday : month_days(year, month));
}

/* ---- life ---- */

void model_start(struct model *model, const struct programme_rules *rules)
{
    memset(model, 0, sizeof *model);
    model->rules = rules;
    model->now = START;
    for (int i = 0; i < IDENTIFIERS; i++)
        model->identifier_owner[i] = -1;
}

void model_free(struct model *model)
{
    for (int i = 0; i < model->member_count; i++) {
        free(model->members[i].lots);
        free(model->members[i].holds);
        free(model->members[i].days);
    }
    for (int i = 0; i < model->event_count; i++)
        free(model->events[i].parts);
    free(model->lots);
    free(model->receipts);
    free(model->event_ids);
    free(model->events);
    market_free(&model->market);
}

void model_touched(struct model *model, int member)
{
    model->members[member].due = INT64_MIN;
}

struct model_event *model_event_new(struct model *model, enum model_kind kind, int member, int64_t at)
{
    if (model->event_count == model->event_capacity) {
        model->event_capacity = model->event_capacity * 2 + 1024;
        model->events = realloc(model->events, (size_t)model->event_capacity * sizeof *model->events);
    }
    struct model_event *event = &model->events[model->event_count++];
    *event =
        (struct model_event){.kind = kind, .member = member, .at = at, .payment = -1, .claim = -1, .lots = {-1, -1}};
    event->sale.quote = event->sale.coupon = event->sale.card = -1;
    return event;
}

/* ---- who belongs together ---- */

bool model_same_person(const struct model *model, int a, int b)
{
    return model->members[a].leader == model->members[b].leader;
}

int model_group(const struct model *model, int member, int list[GROUP_MAX])
{
    int leader = model->members[member].leader, household = model->members[leader].household, count = 0;
    bool pooled = household != 0 && model->household_pooled[household];

    for (int i = 0; i < model->member_count && count < GROUP_MAX; i++) {
        const struct model_member *other = &model->members[i];
        if (other->leader == leader || (pooled && model->members[other->leader].household == household))
            list[count++] = i;
    }
    return count;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

struct model_facts model_person_facts(const struct model *model, int member)
{
    struct model_facts sum = {0};

    for (int i = 0; i < model->member_count; i++) {
        const struct model_facts *facts = &model->members[i].facts;
        if (!model_same_person(model, i, member))
            continue;
        sum.purchases += facts->purchases;
        sum.spend += facts->spend;
        sum.returns += facts->returns;
        sum.visits += facts->visits;
        sum.first_purchase = earlier(sum.first_purchase, facts->first_purchase);
        sum.last_purchase = later(sum.last_purchase, facts->last_purchase);
        sum.last_visit = later(sum.last_visit, facts->last_visit);
        sum.last_event = later(sum.last_event, facts->last_event);
    }
    return sum;
}

static int compare_days(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

int64_t model_person_days(const struct model *model, int member)
{
    int count = 0, distinct = 0;

    for (int i = 0; i < model->member_count; i++)
        count += model_same_person(model, i, member) ? model->members[i].day_count : 0;
    int32_t *days = malloc(((size_t)count + 1) * sizeof *days);
    count = 0;
    for (int i = 0; i < model->member_count; i++)
        for (int d = 0; model_same_person(model, i, member) && d < model->members[i].day_count; d++)
            days[count++] = model->members[i].days[d];
    qsort(days, (size_t)count, sizeof *days, compare_days);
    for (int i = 0; i < count; i++)
        distinct += i == 0 || days[i] != days[i - 1];
    free(days);
    return distinct;
}

int64_t model_available(const struct model *model, int member, int wallet)
{
    int list[GROUP_MAX], count = model_group(model, member, list);
    int64_t sum = 0;

    for (int i = 0; i < count; i++)
        sum += model->members[list[i]].wallets[wallet].active - model->members[list[i]].wallets[wallet].debt;
    return sum > 0 ? sum : 0;
}

int64_t model_balance(const struct model *model, int member, int wallet)
{
    int64_t sum = 0;

    for (int i = 0; i < model->member_count; i++) {
        const struct model_wallet *w = &model->members[i].wallets[wallet];
        if (model_same_person(model, i, member))
            sum += w->active + w->pending + w->held - w->debt;
    }
    return sum;
}

int model_owners(const struct model *model, int event, int owners[GROUP_MAX])
{
    const struct model_event *e = &model->events[event];
    int count = 1;

    if (e->claim >= 0)
        e = &model->events[e->claim];
    if (e->member < 0)
        return 0;
    owners[0] = e->member;
    if (e->payment >= 0)
        e = &model->events[e->payment];
    for (int i = 0; i < e->part_count; i++) {
        int owner = model->lots[e->parts[i].lot].member, known = 0;
        while (known < count && owners[known] != owner)
            known++;
        if (known == count)
            owners[count++] = owner; /* of one group once: there is room */
    }
    return count;
}

void model_apply(struct model *model, const struct action *action, struct outcome *outcome)
{
    *outcome = (struct outcome){.member = -1, .event = -1, .payment = -1, .known = -1, .level = -1, .quote = -1};
    switch (action->kind) {
    case ACT_REGISTER:
    case ACT_PURCHASE:
    case ACT_RETURN:
    case ACT_VISIT:
    case ACT_MERGE:
    case ACT_UNMERGE:
    case ACT_FOUND:
    case ACT_JOIN:
    case ACT_LEAVE:
    case ACT_POOL:
    case ACT_ERASE:
    case ACT_CLAIM:
        model_apply_people(model, action, outcome);
        break;
    case ACT_REDEEM:
    case ACT_REVERSE:
    case ACT_HOLD:
    case ACT_CAPTURE:
    case ACT_RELEASE:
    case ACT_ADJUST:
    case ACT_TRANSFER:
        model_apply_points(model, action, outcome);
        break;
    case ACT_QUOTE:
        market_quote(model, action, outcome);
        break;
    case ACT_DROP:
        market_release(model, action->quote);
        break;
    case ACT_ISSUE:
        market_issue(model, action, outcome);
        break;
    case ACT_SELL:
        market_sell(model, action);
        break;
    case ACT_KINDS:
        break;
    }
}
