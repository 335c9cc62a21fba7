/*
 * seating.h: who gets a seat of an event and who waits: seats for everybody, seats that are kept for tiers, a waiting list in
 * order. Pure.
 *
 * No booking has a seat of its own: those of a group fill the seats that are kept for it, and what is more of them the open ones,
 * as everybody else. So when one of the group leaves, somebody who holds an open seat is at once on a kept one. What nobody
 * who waits is owed may be had at once: a newcomer gets a seat when there is one even if all who wait are seated before.
 */
#ifndef PATRON_FEATURES_MEMBER_EVENTS_SEATING_H
#define PATRON_FEATURES_MEMBER_EVENTS_SEATING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEATING_GROUPS_MAX = 8, SEATING_NO_GROUP = -1 };

struct seating_group {
    int64_t kept; /* seats that nobody else gets */
    int64_t booked, waiting;
};

struct seating {
    int64_t seats; /* in all; at least the sum of those kept */
    struct seating_group groups[SEATING_GROUPS_MAX];
    size_t group_count;
    int64_t booked, waiting; /* in all, those of no group included */
};

/* Whether one of `group` (SEATING_NO_GROUP: of none) could be seated now. */
bool seating_has_seat(const struct seating *seating, int group);
/* The same for a newcomer, who goes ahead of nobody: all who wait are seated before. */
bool seating_lets_in(const struct seating *seating, int group);

/* Of none, `booked` or `waiting` grow by the changes. */
void seating_change(struct seating *seating, int group, int64_t booked, int64_t waiting);

/*
 * Goes through those who wait, in order: seats each who can be, and tells it in `seated`. The groups of the first `count` who
 * wait. Returns how many.
 */
size_t seating_promote(struct seating *seating, const int *groups, size_t count, bool *seated);

/* Bookings for which there is no seat any more. */
int64_t seating_over(const struct seating *seating);
/* Seats that one of `group` can have, were nobody waiting. */
int64_t seating_free(const struct seating *seating, int group);

#endif
