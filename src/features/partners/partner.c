#include "features/partners/partner.h"

#include "features/points/ledger.h"
#include "features/redemption/freeze.h"
#include "features/redemption/velocity.h"

bool partner_earn(const struct partner_earning *earning, int64_t minor, int64_t *points)
{
    *points = 0;
    if (earning->wallet.size == 0 || minor <= 0 || minor < earning->minimum)
        return true;
    if (earning->per > 0)
        return checked_scale(minor, earning->points, earning->per, earning->rounding, points);
    *points = earning->points;
    return true;
}

bool partner_worth(const struct partner_redeeming *redeeming, int64_t points, int64_t *minor)
{
    return checked_scale(points, redeeming->minor, redeeming->points, ROUNDING_FLOOR, minor);
}

bool partner_points_for(const struct partner_redeeming *redeeming, int64_t minor, int64_t *points)
{
    return checked_scale(minor, redeeming->points, redeeming->minor, ROUNDING_CEIL, points);
}

static int64_t ten_to(int power)
{
    int64_t value = 1;

    while (power-- > 0)
        value *= 10;
    return value;
}

bool partner_value(const struct partner *partner, int64_t rate, int64_t points, int64_t *minor)
{
    return checked_scale(points, rate, ten_to(PARTNER_RATE_DECIMALS - partner->exponent), ROUNDING_HALF_EVEN, minor);
}

bool partner_has_store(const struct partner *partner, struct text store)
{
    for (size_t i = 0; i < partner->store_count; i++)
        if (text_equal(partner->stores[i], store))
            return true;
    return partner->store_count == 0;
}

const struct partner *partner_at(const struct programme_set *set, struct text code, int64_t at)
{
    const struct definition_list *list = definitions_of(set, &partner_kind);
    const struct definition *found = definition_at(set, &partner_kind, code, at);

    /* Before the first one, and in the times between two and after the last, the one that is nearest before, or the first. */
    for (size_t i = 0; found == NULL && i < list->count; i++)
        if (text_equal(list->items[i].code, code)) {
            found = &list->items[i];
            while (i + 1 < list->count && text_equal(list->items[i + 1].code, code) && list->items[i + 1].from <= at)
                found = &list->items[++i];
        }
    return found != NULL ? found->parsed : NULL;
}

enum status partner_open(const struct decision *decision, struct text code, int64_t at, const struct partner **out,
                         struct error *err)
{
    const struct definition *now = definition_at(decision->programmes, &partner_kind, code, decision->now);

    if (now == NULL)
        return error_set(err, STATUS_MISSING, "partner.unknown", "partner", "there is no such partner now");
    if (((const struct partner *)now->parsed)->suspended)
        return error_set(err, STATUS_CONFLICT, "partner.suspended", "partner", "the partner is suspended");
    *out = partner_at(decision->programmes, code, at);
    return STATUS_OK;
}

/* ---- limits of a day ---- */

/* The row of a member says which day it counts, as those of velocities do. */
static const char *limit_id(struct arena *arena, struct text code)
{
    return arena_format(arena, "partner:%.*s", (int)code.size, code.bytes);
}

static struct velocity_sum used_of(const struct decision *decision, const struct person *person, struct text code,
                                   int32_t day)
{
    struct text id = text_from(limit_id(decision->arena, code));
    struct velocity_sum used = {.period = day};

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        for (size_t p = 0; member->leader == person->leader->id && p < member->progress_count; p++) {
            struct velocity_sum row = velocity_unpack(member->progress[p].used);
            if (!text_equal(member->progress[p].id, id) || row.period != day)
                continue;
            used.count += row.count;
            used.points += row.points;
        }
    }
    return used;
}

static int32_t today(const struct decision *decision)
{
    return zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
}

int64_t partner_usable(const struct decision *decision, const struct partner *partner, const struct person *person,
                       int64_t *left)
{
    const struct partner_redeeming *redeem = &partner->redeem;
    int64_t most = INT64_MAX;

    if (redeem->wallet.size == 0)
        most = 0;
    if (redeem->day_points != INT64_MAX || redeem->day_times != INT64_MAX) {
        const struct velocity_sum used = used_of(decision, person, partner->code, today(decision));
        if (used.count >= redeem->day_times || used.points >= redeem->day_points)
            most = 0;
        else if (redeem->day_points != INT64_MAX && most > redeem->day_points - used.points)
            most = redeem->day_points - used.points;
    }
    if (left != NULL)
        *left = most;
    if (most == 0 || freeze_find(decision->programmes, person, redeem->wallet, (struct text){NULL, 0}) != NULL)
        return 0;
    int64_t available = ledger_available(person->group, person->member, redeem->wallet);
    return available < most ? available : most;
}

void partner_count(struct decision *decision, const struct person *person, const struct partner_use *use)
{
    struct text id = text_from(limit_id(decision->arena, use->code));
    struct member *member = person->member;

    /* What is undone is taken from the row that counted it: the member may have been merged since. */
    for (size_t i = 0; use->points < 0 && i < person->group->member_count; i++) {
        struct member *other = &person->group->members[i];
        for (size_t p = 0; other->leader == person->leader->id && p < other->progress_count; p++) {
            struct velocity_sum row = velocity_unpack(other->progress[p].used);
            if (text_equal(other->progress[p].id, id) && row.period == use->day && row.points >= -use->points)
                member = other;
        }
    }
    struct progress *progress = member_progress(decision, member, id);
    struct velocity_sum row = velocity_unpack(progress->used);
    if (row.period < use->day && use->points > 0)
        row = (struct velocity_sum){.period = use->day};
    if (row.period != use->day)
        return;
    row.points = row.points + use->points > 0 ? row.points + use->points : 0;
    row.count = row.count + use->times > 0 ? row.count + use->times : 0;
    progress->used = velocity_pack(row);
    progress->changed = true;
}
