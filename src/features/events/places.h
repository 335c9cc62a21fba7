/*
 * places.h: the tree of places (company, legal entity, brand, region, store, till), their opening hours, and who works
 * there. Pure.
 */
#ifndef PATRON_FEATURES_EVENTS_PLACES_H
#define PATRON_FEATURES_EVENTS_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum { PLACE_DEPTH_MAX = 16, EMPLOYEES_MAX = 200000, HOURS_WEEKLY_MAX = 21, HOURS_EXCEPTIONS_MAX = 400 };

/* From the root to the leaves: what lies below is later. */
enum place_kind {
    PLACE_COMPANY,
    PLACE_ENTITY,
    PLACE_BRAND,
    PLACE_REGION,
    PLACE_STORE,
    PLACE_TILL,
};
extern const char *const place_kinds[]; /* "company" ...; ends with NULL */
bool place_kind_find(struct text name, enum place_kind *out);

/*
 * Whether a `child` may lie below a `parent`: later kinds below earlier ones, regions in regions too, tills in stores only.
 * STATUS_INVALID `place.parent`.
 */
enum status place_check_below(enum place_kind parent, enum place_kind child, struct error *err);

/* A till's code begins with its store's and '/': "soho/3". STATUS_INVALID `place.till_code`. */
enum status place_check_till(struct text code, struct text store, struct error *err);

/* ---- the order of the tree ---- */

struct place_node {
    struct text code, parent;
    int depth;    /* result: 0 at a root; a place whose parent is unknown is one */
    size_t index; /* result: of the node in the order given */
};

/* Orders `nodes` (ascending by code) depth first, siblings by code. A ring, which no change lets arise, ends as roots. */
void place_order(struct arena *arena, struct place_node *nodes, size_t count);

/* ---- opening hours ---- */

/* Open from `opens` until `closes`, minutes after midnight; not after `opens`: until then on the next day. */
struct opening {
    unsigned days; /* bit 1 << weekday, Monday 0 */
    int opens, closes;
};
/* On one day, instead of what the week says. */
struct opening_exception {
    int32_t day;
    bool closed;
    int opens, closes;
};
struct opening_hours {
    const struct opening *weekly;
    size_t weekly_count; /* 0: hours are not known */
    const struct opening_exception *exceptions;
    size_t exception_count;
};

/* "09:30" as minutes; "24:00" is the end of the day. False for anything else. */
bool minutes_read(struct text text, int *out);

/* 0 Monday to 6 Sunday. */
int weekday_of(int32_t day);

/* Whether the place is open at `minute` of the calendar day; a night begun on the day before counts. */
bool opening_hours_open(const struct opening_hours *hours, int32_t day, int minute);

#endif
