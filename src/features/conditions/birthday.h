/* birthday.h: on which days the birthday of a profile falls. Pure. */
#ifndef PATRON_FEATURES_CONDITIONS_BIRTHDAY_H
#define PATRON_FEATURES_CONDITIONS_BIRTHDAY_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/text.h"

struct birthday {
    int month, day; /* of the calendar that it is told in */
    bool lunar;     /* the Chinese one */
    int leap_day;   /* the day of February on which 29 February falls in common years; 29: 1 March */
};

/* "1990-05-01" or "--05-01"; the calendar is "lunar" or another text. False without a birthday. */
bool birthday_read(struct text birthday, struct text calendar, int leap_day, struct birthday *out);

/* The first birthday that is not before `day`. */
int32_t birthday_from(const struct birthday *birthday, int32_t day);

#endif
