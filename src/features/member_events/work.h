/* work.h: what the decisions on bookings of events share. Pure. */
#ifndef PATRON_FEATURES_MEMBER_EVENTS_WORK_H
#define PATRON_FEATURES_MEMBER_EVENTS_WORK_H

#include "features/member_events/event_bookings.h"

/* Who is booked and who waits; false when the event keeps seats for a tier whose counters are not named. */
bool event_seating(const struct decision *decision, const struct member_event *event,
                   const struct event_counters *counters, struct seating *out);

/* Counts a booking of `tier` (empty: none) in or out. */
void event_count(struct decision *decision, const struct event_counters *counters, struct text tier, int64_t booked,
                 int64_t waiting);

/* At the end of a decision that moved points: what is due for each person. */
void event_points_due(struct decision *decision);

#endif
