#include "features/conditions/facts_time.h"

#include "features/conditions/birthday.h"
#include "features/customers/profile.h"
#include "features/customers/standing.h"
#include "features/programme/held.h"

enum { QUARTER_DAYS = 90, TENTHS = 10 };

struct watch {
    const struct fact_sources *sources;
    int64_t until;
    int32_t today;
};

static void until(struct watch *watch, int64_t instant)
{
    if (instant > watch->sources->now && instant < watch->until)
        watch->until = instant;
}

static void until_day(struct watch *watch, int32_t day)
{
    if (day > watch->today && day < INT32_MAX)
        until(watch, zone_day_start(watch->sources->programme->zone, day));
}

/* Days with spend enter, leave the last `days`, and (`twice`) leave as many days before. */
static void until_spend_moves(struct watch *watch, int32_t days, bool twice)
{
    const struct standing *standing = &watch->sources->person->leader->standing;
    for (size_t i = 0; i < standing->recent_count; i++) {
        until_day(watch, standing->recent[i].day);
        until_day(watch, standing->recent[i].day + days);
        if (twice)
            until_day(watch, standing->recent[i].day + 2 * days);
    }
}

/* The first instant at which silence lasts `tenths` of the interval. */
static int64_t silent_from(const struct standing *standing, int64_t interval, int64_t tenths)
{
    return standing->last_purchase_at + (interval * tenths + TENTHS - 1) / TENTHS;
}

static void until_stage(struct watch *watch)
{
    const struct fact_sources *sources = watch->sources;
    const struct standing *standing = &sources->person->leader->standing;
    const struct lifecycle *rules = lifecycle_or_usual(sources->lifecycle);
    int64_t interval = standing_usual_interval(standing, sources->median_interval, rules);
    if (standing->purchases == 0)
        return;
    if (interval > 0) {
        until(watch, silent_from(standing, interval, rules->at_risk_tenths));
        until(watch, silent_from(standing, interval, rules->lapsed_tenths));
        until(watch, silent_from(standing, interval, rules->lost_tenths));
    }
    if (standing->won_back_at != 0)
        until(watch, standing->won_back_at + rules->won_back_days * INSTANT_DAY);
    enum stage stage =
        standing_stage(standing, sources->now, watch->today, sources->median_interval, sources->lifecycle);
    if (stage == STAGE_GROWING || stage == STAGE_LOYAL)
        until_spend_moves(watch, (int32_t)rules->growth_days, true);
}

static void until_inactive(struct watch *watch)
{
    const struct standing *standing = &watch->sources->person->leader->standing;
    int64_t last =
        standing->last_purchase_at > standing->last_visit_at ? standing->last_purchase_at : standing->last_visit_at;
    if (last != 0)
        until(watch, last + lifecycle_or_usual(watch->sources->lifecycle)->active_days * INSTANT_DAY);
}

static int32_t month_of(int32_t day)
{
    struct date date = date_from_day(day);
    return day_from_date((struct date){date.year, date.month, 1});
}

static void until_birthday(struct watch *watch, bool month)
{
    struct birthday birthday;
    if (!fact_birthday(watch->sources, &birthday))
        return;
    if (!month) {
        int32_t next = birthday_from(&birthday, watch->today);
        until_day(watch, next == watch->today ? next + 1 : next);
        return;
    }
    int32_t next = birthday_from(&birthday, month_of(watch->today));
    if (next == INT32_MAX)
        return;
    until_day(watch, month_of(next) > watch->today ? month_of(next) : day_add_months(month_of(watch->today), 1));
}

static bool reads_contract(const struct rule_program *program)
{
    return rule_program_reads(program, FACT_CONTRACT) || rule_program_reads(program, FACT_CONTRACT_DISCOUNT) ||
           rule_program_reads(program, FACT_CONTRACT_FACTOR);
}

/* Terms that begin, or end. */
static void until_terms_change(struct watch *watch)
{
    const struct standing *standing = &watch->sources->person->leader->standing;
    struct held held;
    if (standing->held.size == 0)
        return;
    held_read(standing, watch->sources->programme->ladder.metric, &held);
    for (size_t i = 0; i < held.right_count; i++)
        if (held.rights[i].kind == RIGHT_CONTRACT) {
            until(watch, held.rights[i].from);
            until(watch, held.rights[i].until);
        }
}

/* The day on which the oldest is no longer among those that are listed. */
static void until_days_move(struct watch *watch)
{
    for (size_t i = 0; i < watch->sources->day_count; i++)
        until_day(watch, watch->sources->days[i].day + RULE_WINDOW_DAYS_MAX);
}

int64_t facts_until(const struct fact_sources *sources, const struct rule_program *program)
{
    struct watch watch = {sources, INSTANT_NEVER, zone_day(sources->programme->zone, sources->now)};
    if (rule_program_reads(program, FACT_STAGE))
        until_stage(&watch);
    if (rule_program_reads(program, FACT_ACTIVE))
        until_inactive(&watch);
    if (rule_program_reads(program, FACT_SPEND_90_DAYS))
        until_spend_moves(&watch, QUARTER_DAYS, false);
    if (rule_program_reads(program, FACT_BIRTHDAY_TODAY))
        until_birthday(&watch, false);
    if (rule_program_reads(program, FACT_BIRTHDAY_MONTH))
        until_birthday(&watch, true);
    if (rule_program_reads(program, FACT_DAYS))
        until_days_move(&watch);
    if (reads_contract(program))
        until_terms_change(&watch);
    return watch.until;
}

bool facts_timed(const struct rule_program *program)
{
    static const enum fact timed[] = {FACT_STAGE,          FACT_ACTIVE,         FACT_SPEND_90_DAYS,
                                      FACT_BIRTHDAY_TODAY, FACT_BIRTHDAY_MONTH, FACT_DAYS};
    for (size_t i = 0; i < sizeof timed / sizeof timed[0]; i++)
        if (rule_program_reads(program, timed[i]))
            return true;
    return reads_contract(program);
}
