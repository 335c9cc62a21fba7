/*
 * member_events.h: events for members: what is published of one, and whether somebody may register. Pure.
 *
 * An event moves when a version with other times is published, and is called off when its document says so or it is withdrawn
 * before its end.
 */
#ifndef PATRON_FEATURES_MEMBER_EVENTS_MEMBER_EVENTS_H
#define PATRON_FEATURES_MEMBER_EVENTS_MEMBER_EVENTS_H

#include "features/conditions/condition.h"
#include "features/definitions/advertised.h"
#include "features/member_events/seating.h"

enum {
    MEMBER_EVENT_NAME_MAX = 200,
    MEMBER_EVENT_TEXT_MAX = 4000,
    MEMBER_EVENT_NAMES_MAX = 16, /* languages */
    MEMBER_EVENT_LANGUAGE_MAX = 16,
    MEMBER_EVENT_TIERS_MAX = 16, /* for which seats are kept, in all versions */
    MEMBER_EVENT_SEATS_MAX = 1000000,
    MEMBER_EVENT_POINTS_MAX = 1000000000,
    MEMBER_EVENT_HOURS_MAX = 366 * 24,
    MEMBER_EVENT_MINUTES_MAX = 7 * 24 * 60,
    MEMBER_EVENT_DAYS_MAX = 3660,
    MEMBER_EVENT_CHECK_IN_USUAL = 120, /* minutes */
    MEMBER_EVENT_AFTER_USUAL = 60,
};

struct member_event_name {
    struct text language, name;
};

/* Seats that only members of these tiers get. */
struct member_event_kept {
    const struct text *tiers;
    size_t tier_count;
    int64_t seats;
};

/* What becomes of a cancellation after the deadline. */
enum member_event_late { EVENT_LATE_NO_SHOW, EVENT_LATE_KEEP_PRICE, EVENT_LATE_REFUSED };

/* What happens to who does not come; all zero: the price is given back, and no more. */
struct member_event_no_show {
    bool keep_price;
    int64_t lose_points; /* beside the price, of the account of the price */
    int64_t bar_days;    /* may not register for an event for so long */
    int64_t after;       /* microseconds after the end; until then people can be checked in */
};

struct member_event {
    struct text code, name, about;
    const struct member_event_name *names;
    size_t name_count;
    struct text store, place;
    int64_t starts, ends;
    int64_t seats;
    struct member_event_kept kept[SEATING_GROUPS_MAX];
    size_t kept_count;
    int64_t waiting_max; /* INT64_MAX: any number */
    struct condition when;
    int64_t opens, closes; /* of the registration; INT64_MIN: at once */
    struct text wallet;
    int64_t points;       /* the price */
    int64_t cancel_until; /* instant: the deadline */
    enum member_event_late late;
    struct member_event_no_show no_show;
    struct text award_wallet;
    int64_t award;         /* points on attendance */
    int64_t check_in_from; /* instant */
    bool called_off;
    const struct advertised *advertised; /* NULL: nowhere */
};

extern const struct definition_kind member_event_kind;

/* The name in `language`, or the one for all. */
struct text member_event_name(const struct member_event *event, struct text language);

/* The group of seats that a tier belongs to; SEATING_NO_GROUP: none. */
int member_event_group(const struct member_event *event, struct text tier);

/* The tiers that some version keeps seats for, at most MEMBER_EVENT_TIERS_MAX; and `also`, unless empty. */
size_t member_event_tiers(const struct programme_set *set, struct text code, struct text also,
                          struct text tiers[MEMBER_EVENT_TIERS_MAX]);

/* What is known of an event: the version in force, or the last one that was. */
struct member_event_known {
    const struct member_event *event; /* NULL: nothing is known, or it never was in force */
    bool in_force;
    bool called_off; /* by its document, or withdrawn before its end */
};
struct member_event_known member_event_known(const struct programme_set *set, struct text code, int64_t now);

/* A question before somebody registers. */
struct member_event_question {
    const struct programme_set *set;
    int64_t now;
    const struct person *person; /* NULL, or without a group: nobody known */
    const struct condition_person *known;
    int64_t barred_until; /* 0: may register */
    bool registered;      /* has a booking already */
    struct arena *arena;
};
/*
 * STATUS_CONFLICT `member_event.called_off`, `member_event.not_open`, `member_event.closed`, `member_event.registered`,
 * `member_event.barred`, `member_event.audience`. Points are asked for last: STATUS_CONFLICT `member_event.points` says what is missing, `*missing` how many. Seats are not asked for.
 */
enum status member_event_check(const struct member_event *event, const struct member_event_question *question,
                               int64_t *missing, struct error *err);

#endif
