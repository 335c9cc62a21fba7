#include "features/redemption/freeze.h"

#include <stdlib.h>

#include "features/customers/customers.h"

static int compare_freezes(const void *a, const void *b)
{
    const struct freeze *left = a, *right = b;

    if (left->member != right->member)
        return left->member < right->member ? -1 : 1;
    return left->id < right->id ? -1 : left->id > right->id;
}

void freezes_sort(struct freeze *freezes, size_t count)
{
    if (count > 0)
        qsort(freezes, count, sizeof *freezes, compare_freezes);
}

/* The first freeze of the member, or of a later one. */
static size_t first_of(const struct programme_set *set, int64_t member)
{
    size_t low = 0, high = set->freeze_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->freezes[middle].member < member)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct freeze *of_member(const struct programme_set *set, int64_t member, struct text wallet)
{
    for (size_t i = first_of(set, member); i < set->freeze_count && set->freezes[i].member == member; i++)
        if (set->freezes[i].wallet.size == 0 || text_equal(set->freezes[i].wallet, wallet))
            return &set->freezes[i];
    return NULL;
}

static const struct freeze *of_employee(const struct programme_set *set, struct text employee)
{
    for (size_t i = 0; employee.size > 0 && i < set->freeze_count && set->freezes[i].member == 0; i++)
        if (text_equal(set->freezes[i].employee, employee))
            return &set->freezes[i];
    return NULL;
}

const struct freeze *freeze_find(const struct programme_set *set, const struct person *person, struct text wallet,
                                 struct text employee)
{
    const struct freeze *found = NULL;

    if (set->freeze_count == 0)
        return NULL;
    for (size_t i = 0; person != NULL && person->group != NULL && i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (found == NULL && (person->group->pooled || member->leader == person->leader->id))
            found = of_member(set, member->id, wallet);
    }
    return found != NULL ? found : of_employee(set, employee);
}

enum status freeze_check(const struct decision *decision, const struct person *person, struct text wallet,
                         struct text employee, struct error *err)
{
    const struct freeze *found = freeze_find(decision->programmes, person, wallet, employee);

    if (found == NULL)
        return STATUS_OK;
    if (found->member == 0)
        return error_set(err, STATUS_CONFLICT, "member.frozen", "employee",
                         "no points are spent through this employee while a case is looked into");
    return error_set(err, STATUS_CONFLICT, "member.frozen", found->wallet.size > 0 ? "wallet" : "member",
                     "the points are frozen while a case is looked into; nothing is lost");
}

/* ---- what waits ---- */

enum { FROZEN_OPEN = 1 }; /* stands for INSTANT_OPEN: nothing ever waited until the first microsecond of 1970 */

int64_t lot_frozen(int64_t pending_until)
{
    return LOT_FROZEN_UNTIL + (pending_until == INSTANT_OPEN ? FROZEN_OPEN : pending_until > 0 ? pending_until : 0);
}

bool lot_is_frozen(int64_t active_at)
{
    return active_at >= LOT_FROZEN_UNTIL && active_at < INSTANT_OPEN;
}

int64_t lot_frozen_pending(int64_t active_at)
{
    int64_t rest = active_at - LOT_FROZEN_UNTIL;

    return rest == FROZEN_OPEN ? INSTANT_OPEN : rest;
}

/* ---- when a case was closed ---- */

static bool is_named(const struct thaw *body, int64_t lot)
{
    for (size_t i = 0; i < body->lot_count; i++)
        if (body->lots[i] == lot)
            return true;
    return false;
}

/* The lots get the time at which they would have become active; the next look at the person makes them so. */
static enum status decide_thaw(struct decision *decision, struct command *command, struct error *err)
{
    struct thaw *body = command->body;
    struct person *person = &decision->subjects[0];
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    enum status status = customer_require(decision, command, 0, err);

    body->released = 0;
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < person->member->lot_count; i++) {
        struct lot *lot = &person->member->lots[i];
        const struct wallet_policy *policy = programme_wallet(programme, lot->wallet);
        if (!lot->pending || !lot_is_frozen(lot->active_at) || !is_named(body, lot->id) ||
            freeze_find(decision->programmes, person, lot->wallet, TEXT("")) != NULL)
            continue;
        int64_t active_at = policy != NULL ? wallet_active_at(policy, programme->zone, lot->earned_at) : lot->earned_at;
        int64_t pending_until = lot_frozen_pending(lot->active_at); /* an order that was not collected waits on */
        active_at = pending_until > active_at ? pending_until : active_at;
        lot->active_at = active_at > decision->now ? active_at : decision->now;
        lot->changed = true;
        body->released += lot->remaining;
        standing_due(person->leader, lot->active_at);
    }
    if (body->released == 0)
        return STATUS_OK;
    struct journal_row *row = journal_add(decision, person->member, 0, "thaw", decision->now);
    row->day = zone_day(programme->zone, decision->now);
    row->facts = text_from(arena_format(decision->arena, "{\"points\":%lld}", (long long)body->released));
    return STATUS_OK;
}

const struct command_type thaw_type = {.name = "thaw", .loads = LOAD_LOTS, .decide = decide_thaw};
