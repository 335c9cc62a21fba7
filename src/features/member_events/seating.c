#include "features/member_events/seating.h"

#include <assert.h>

static int64_t at_least_none(int64_t number)
{
    return number > 0 ? number : 0;
}

/* Open seats, less those that are taken; below 0: more than there are. `waiting`: those who wait count as seated. */
static int64_t open_left(const struct seating *seating, bool waiting)
{
    int64_t left = seating->seats;
    int64_t others = seating->booked + (waiting ? seating->waiting : 0);

    for (size_t i = 0; i < seating->group_count; i++) {
        const struct seating_group *group = &seating->groups[i];
        int64_t taken = group->booked + (waiting ? group->waiting : 0);
        left -= group->kept + at_least_none(taken - group->kept);
        others -= taken;
    }
    return left - others;
}

static const struct seating_group *group_of(const struct seating *seating, int group)
{
    assert(group < (int)seating->group_count);
    return group == SEATING_NO_GROUP ? NULL : &seating->groups[group];
}

bool seating_has_seat(const struct seating *seating, int group)
{
    const struct seating_group *own = group_of(seating, group);

    /* With more bookings than seats a kept one may be somebody's already. */
    if (own != NULL && own->booked < own->kept && seating->booked < seating->seats)
        return true;
    return open_left(seating, false) > 0;
}

bool seating_lets_in(const struct seating *seating, int group)
{
    const struct seating_group *own = group_of(seating, group);

    if (own != NULL && own->booked + own->waiting < own->kept && seating->booked + own->waiting < seating->seats)
        return true;
    return open_left(seating, true) > 0;
}

void seating_change(struct seating *seating, int group, int64_t booked, int64_t waiting)
{
    assert(group < (int)seating->group_count);
    seating->booked += booked;
    seating->waiting += waiting;
    if (group == SEATING_NO_GROUP)
        return;
    seating->groups[group].booked += booked;
    seating->groups[group].waiting += waiting;
}

size_t seating_promote(struct seating *seating, const int *groups, size_t count, bool *seated)
{
    size_t promoted = 0;

    for (size_t i = 0; i < count; i++) {
        seated[i] = seating_has_seat(seating, groups[i]);
        if (!seated[i])
            continue;
        seating_change(seating, groups[i], 1, -1);
        promoted++;
    }
    return promoted;
}

int64_t seating_over(const struct seating *seating)
{
    int64_t open = open_left(seating, false), all = seating->seats - seating->booked;

    return at_least_none(open < all ? -open : -all);
}

int64_t seating_free(const struct seating *seating, int group)
{
    const struct seating_group *own = group_of(seating, group);
    int64_t kept = own != NULL ? at_least_none(own->kept - own->booked) : 0;
    int64_t free = kept + at_least_none(open_left(seating, false)),
            all = at_least_none(seating->seats - seating->booked);

    return free < all ? free : all;
}
