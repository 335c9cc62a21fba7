/* zone.h: an IANA time zone as a table of its transitions, so that decisions can use it without a library or a clock. */
#ifndef PATRON_FOUNDATION_ZONE_H
#define PATRON_FOUNDATION_ZONE_H

#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/instant.h"
#include "foundation/text.h"

struct zone;

/* Loads "Asia/Shanghai" (by ICU, transitions 1900..2100) into `arena`. Unknown: STATUS_INVALID `zone.unknown`. */
enum status zone_load(struct arena *arena, struct text name, const struct zone **out, struct error *err);
const char *zone_name(const struct zone *zone);

int32_t zone_offset_seconds(const struct zone *zone, int64_t instant);

/* The day in the zone at `instant`. */
int32_t zone_day(const struct zone *zone, int64_t instant);

/* The first instant of `day` in the zone (where midnight does not exist, the next instant that does). */
int64_t zone_day_start(const struct zone *zone, int32_t day);

/*
 * The instant of a local time: `micros` since local midnight of `day`. A time that does not exist gives the next that does;
 * one that exists twice gives the first.
 */
int64_t zone_local(const struct zone *zone, int32_t day, int64_t micros);

#endif
