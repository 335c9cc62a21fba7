#include "features/customers/standing.h"

#include <assert.h>
#include <string.h>

/* ---- the spend of recent days ---- */

/* The list with `amount` added on `day` and without the days further back than STANDING_RECENT_DAYS before the last. */
static void recent_add(struct arena *arena, struct standing *standing, int32_t day, int64_t amount)
{
    int32_t last = standing->recent_count > 0 ? standing->recent[standing->recent_count - 1].day : day;
    if (day > last)
        last = day;
    if (day <= last - STANDING_RECENT_DAYS)
        return;

    struct day_spend *days = arena_array(arena, standing->recent_count + 1, sizeof *days);
    size_t count = 0;
    bool added = false;
    for (size_t i = 0; i < standing->recent_count; i++) {
        struct day_spend entry = standing->recent[i];
        if (entry.day <= last - STANDING_RECENT_DAYS)
            continue;
        if (!added && entry.day >= day) {
            added = true;
            if (entry.day == day) {
                days[count++] = (struct day_spend){day, entry.spend + amount};
                continue;
            }
            days[count++] = (struct day_spend){day, amount};
        }
        days[count++] = entry;
    }
    if (!added)
        days[count++] = (struct day_spend){day, amount};
    standing->recent = days;
    standing->recent_count = count;
}

int64_t standing_spend_between(const struct standing *standing, int32_t from, int32_t to)
{
    int64_t sum = 0;

    for (size_t i = 0; i < standing->recent_count; i++)
        if (standing->recent[i].day >= from && standing->recent[i].day <= to)
            sum += standing->recent[i].spend;
    return sum;
}

/* ---- events ---- */

static void apply_purchase(struct arena *arena, struct standing *standing, struct standing_purchase purchase,
                           bool new_day)
{
    int64_t lapse = purchase.lapse_interval;

    if (lapse > 0 && standing->last_purchase_at != 0 && purchase.at > standing->last_purchase_at &&
        purchase.at - standing->last_purchase_at >= lapse)
        standing->won_back_at = purchase.at;
    standing->purchases++;
    standing->purchase_days += new_day;
    standing->spend += purchase.amount;
    if (standing->first_purchase_at == 0 || purchase.at < standing->first_purchase_at)
        standing->first_purchase_at = purchase.at;
    if (purchase.at > standing->last_purchase_at)
        standing->last_purchase_at = purchase.at;
    if (purchase.at > standing->last_event_at)
        standing->last_event_at = purchase.at;
    recent_add(arena, standing, purchase.day, purchase.amount);
}

void standing_add_purchase(struct decision *decision, struct group *group, struct member *member,
                           struct standing_purchase purchase)
{
    struct member *leader = group_leader(group, member);

    apply_purchase(decision->arena, &leader->standing, purchase, purchase.new_day);
    leader->standing_changed = true;
    if (group_person_size(group, leader) > 1) {
        apply_purchase(decision->arena, &member->own, purchase, purchase.new_own_day);
        member->own_changed = true;
    }
}

static void apply_return(struct arena *arena, struct standing *standing, int32_t day, int64_t amount)
{
    standing->spend -= amount;
    standing->returns += amount;
    recent_add(arena, standing, day, -amount);
}

void standing_add_return(struct decision *decision, struct group *group, struct member *member, int32_t day,
                         int64_t amount)
{
    struct member *leader = group_leader(group, member);

    apply_return(decision->arena, &leader->standing, day, amount);
    leader->standing_changed = true;
    if (group_person_size(group, leader) > 1) {
        apply_return(decision->arena, &member->own, day, amount);
        member->own_changed = true;
    }
}

static void apply_void(struct arena *arena, struct standing *standing, const struct standing_void *purchase,
                       const struct standing_others *others, bool last_of_day)
{
    standing->purchases--;
    standing->purchase_days -= last_of_day;
    standing->spend -= purchase->amount;
    if (standing->first_purchase_at == purchase->at)
        standing->first_purchase_at = others->first_purchase_at;
    if (standing->last_purchase_at == purchase->at)
        standing->last_purchase_at = others->last_purchase_at;
    if (standing->last_event_at == purchase->at)
        standing->last_event_at = others->last_event_at;
    if (standing->won_back_at == purchase->at)
        standing->won_back_at = 0;
    recent_add(arena, standing, purchase->day, -purchase->amount);
}

void standing_drop_purchase(struct decision *decision, struct group *group, struct member *member,
                            const struct standing_void *purchase)
{
    struct member *leader = group_leader(group, member);

    apply_void(decision->arena, &leader->standing, purchase, &purchase->person, purchase->last_of_day);
    leader->standing_changed = true;
    if (group_person_size(group, leader) > 1) {
        apply_void(decision->arena, &member->own, purchase, &purchase->own, purchase->last_of_own_day);
        member->own_changed = true;
    }
}

static void apply_visit(struct standing *standing, int64_t at)
{
    standing->visits++;
    if (at > standing->last_visit_at)
        standing->last_visit_at = at;
    if (at > standing->last_event_at)
        standing->last_event_at = at;
}

void standing_add_visit(struct decision *decision, struct group *group, struct member *member, int64_t at)
{
    struct member *leader = group_leader(group, member);

    (void)decision;
    apply_visit(&leader->standing, at);
    leader->standing_changed = true;
    if (group_person_size(group, leader) > 1) {
        apply_visit(&member->own, at);
        member->own_changed = true;
    }
}

void standing_touch(struct group *group, struct member *member, int64_t at)
{
    struct member *leader = group_leader(group, member);

    if (at > leader->standing.last_event_at) {
        leader->standing.last_event_at = at;
        leader->standing_changed = true;
    }
    if (group_person_size(group, leader) > 1 && at > member->own.last_event_at) {
        member->own.last_event_at = at;
        member->own_changed = true;
    }
}

/* ---- the fold over the members of a person ---- */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier_known(int64_t a, int64_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

static void fold_tier(struct standing *folded, const struct standing *share,
                      int (*rank)(void *context, struct text tier), void *context)
{
    int mine = rank(context, folded->tier), theirs = rank(context, share->tier);

    if (theirs < mine || (theirs == mine && share->tier_until <= folded->tier_until))
        return;
    folded->tier = share->tier;
    folded->tier_since = share->tier_since;
    folded->tier_until = share->tier_until;
    folded->tier_grace = share->tier_grace;
}

struct standing standing_fold(struct arena *arena, const struct standing *shares, size_t count, int64_t shared_days,
                              int (*rank)(void *context, struct text tier), void *context)
{
    assert(count > 0);
    struct standing folded = shares[0];

    for (size_t i = 1; i < count; i++) {
        const struct standing *share = &shares[i];
        folded.purchases += share->purchases;
        folded.purchase_days += share->purchase_days;
        folded.spend += share->spend;
        folded.returns += share->returns;
        folded.visits += share->visits;
        folded.first_purchase_at = earlier_known(folded.first_purchase_at, share->first_purchase_at);
        folded.last_purchase_at = later(folded.last_purchase_at, share->last_purchase_at);
        folded.last_visit_at = later(folded.last_visit_at, share->last_visit_at);
        folded.last_event_at = later(folded.last_event_at, share->last_event_at);
        folded.won_back_at = later(folded.won_back_at, share->won_back_at);
        folded.qualifying += share->qualifying;
        folded.qualifying_from = later(folded.qualifying_from, share->qualifying_from);
        if (share->due_at < folded.due_at)
            folded.due_at = share->due_at;
        fold_tier(&folded, share, rank, context);
        for (size_t d = 0; d < share->recent_count; d++)
            recent_add(arena, &folded, share->recent[d].day, share->recent[d].spend);
    }
    folded.purchase_days -= shared_days;
    return folded;
}

/* ---- lifecycle ---- */

const struct lifecycle lifecycle_usual = {.active_days = 365,
                                          .own_interval_days = 3,
                                          .at_risk_tenths = 20,
                                          .lapsed_tenths = 30,
                                          .lost_tenths = 50,
                                          .won_back_days = 90,
                                          .new_purchases = 3,
                                          .growth_days = 90,
                                          .repeat_purchases = 2};

const struct lifecycle *lifecycle_or_usual(const struct lifecycle *rules)
{
    return rules != NULL ? rules : &lifecycle_usual;
}

const char *stage_name(enum stage stage)
{
    switch (stage) {
    case STAGE_NONE:
        return "none";
    case STAGE_NEW:
        return "new";
    case STAGE_GROWING:
        return "growing";
    case STAGE_LOYAL:
        return "loyal";
    case STAGE_AT_RISK:
        return "at_risk";
    case STAGE_LAPSED:
        return "lapsed";
    case STAGE_LOST:
        return "lost";
    case STAGE_WON_BACK:
        return "won_back";
    }
    return "none";
}

int64_t standing_usual_interval(const struct standing *standing, int64_t median_interval, const struct lifecycle *rules)
{
    if (standing->purchase_days < lifecycle_or_usual(rules)->own_interval_days)
        return median_interval;
    return (standing->last_purchase_at - standing->first_purchase_at) / (standing->purchase_days - 1);
}

/* Whether silence lasts so many tenths of the interval. */
static bool is_silent(int64_t silence, int64_t interval, int64_t tenths)
{
    return interval > 0 && silence * 10 / tenths >= interval;
}

enum stage standing_stage(const struct standing *standing, int64_t now, int32_t today, int64_t median_interval,
                          const struct lifecycle *rules)
{
    if (standing->purchases == 0)
        return STAGE_NONE;

    rules = lifecycle_or_usual(rules);
    int64_t interval = standing_usual_interval(standing, median_interval, rules);
    int64_t silence = now - standing->last_purchase_at;
    int32_t growth = (int32_t)rules->growth_days;
    if (is_silent(silence, interval, rules->lost_tenths))
        return STAGE_LOST;
    if (is_silent(silence, interval, rules->lapsed_tenths))
        return STAGE_LAPSED;
    if (is_silent(silence, interval, rules->at_risk_tenths))
        return STAGE_AT_RISK;
    if (standing->won_back_at != 0 && now < standing->won_back_at + rules->won_back_days * INSTANT_DAY)
        return STAGE_WON_BACK;
    if (standing->purchases < rules->new_purchases)
        return STAGE_NEW;
    if (standing_spend_between(standing, today - growth + 1, today) >
        standing_spend_between(standing, today - 2 * growth + 1, today - growth))
        return STAGE_GROWING;
    return STAGE_LOYAL;
}

bool standing_active(const struct standing *standing, int64_t now, const struct lifecycle *rules)
{
    int64_t last = later(standing->last_purchase_at, standing->last_visit_at);

    return last != 0 && last > standing_active_after(now, rules);
}

int64_t standing_active_after(int64_t now, const struct lifecycle *rules)
{
    return now - lifecycle_or_usual(rules)->active_days * INSTANT_DAY;
}
