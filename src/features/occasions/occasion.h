/*
 * occasion.h: what earning rules give without an event of a till: for joining, for a friend who was brought, on the birthday
 * and on the day of joining of each year. Pure.
 *
 * An occasion on which no rule gives anything leaves nothing behind. One that gave is a journal row of its own, with what earned
 * what in its facts as that of any event.
 */
#ifndef PATRON_FEATURES_OCCASIONS_OCCASION_H
#define PATRON_FEATURES_OCCASIONS_OCCASION_H

#include "features/conditions/birthday.h"
#include "features/events/rules_of_event.h"

enum {
    OCCASION_LATE_DAYS = 7, /* a birthday that a server slept through is made good so long */
};

/* The claim by which an occasion is found again, to be taken back. */
#define OCCASION_CLAIM "occasion"

enum occasion_kind { OCCASION_REGISTRATION, OCCASION_REFERRAL, OCCASION_BIRTHDAY, OCCASION_ANNIVERSARY };

/* The trigger of its rules, and the kind of its journal row. */
struct text occasion_trigger(enum occasion_kind kind);
const char *occasion_row_kind(enum occasion_kind kind);

/* An occasion of a year: the day on which it fell, and of which year it is. */
struct occasion_day {
    int32_t day;
    int year; /* of a lunar birthday the one in which the lunar year began; of the day of joining, as the day says */
};

/*
 * The last one within OCCASION_LATE_DAYS that is not after `today`; false: there is none. The anniversary is that of the day
 * `joined`, from the first year on.
 */
bool occasion_birthday(const struct birthday *birthday, int32_t today, struct occasion_day *out);
bool occasion_anniversary(int32_t joined, int leap_day, int32_t today, struct occasion_day *out);

/*
 * Asks the rules for subject 0. Of a registration and a referral claim 0 is that of the reaction, and `at` is told; of a referral
 * claim 1 is its OCCASION_CLAIM. A day of the year is found out here, and gives once a year, whatever becomes of the date.
 */
struct give_occasion {
    struct rules_known known;
    enum occasion_kind kind;
    int64_t at, cause;
    struct text store, channel, properties;
};
extern const struct command_type give_occasion_type;

/* Takes back what event 0, an occasion that claim 1 holds, gave to subject 0; claim 0 is that of the reaction. */
struct undo_occasion {
    struct rules_known known; /* nothing is asked */
};
extern const struct command_type undo_occasion_type;

/* ---- occasions_store.c ---- */

/* Reads `known` of both, which comes first in their bodies. */
enum status occasion_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

#endif
