/* scale.h: how values become places on paper, and which of them are labelled. */
#ifndef PATRON_CLI_PLOT_SCALE_H
#define PATRON_CLI_PLOT_SCALE_H

#include <stdint.h>

#include "foundation/text.h"

enum { SCALE_TICKS_MAX = 40 };

enum scale_kind {
    SCALE_NUMBER,
    SCALE_SHARE, /* 0.25 is labelled 25 % */
    SCALE_DAY,   /* days since 1970, labelled by the calendar */
};

struct scale {
    enum scale_kind kind;
    double low, high; /* values at the ends, low < high */
    double from, to;  /* their places in pixels */
    double ticks[SCALE_TICKS_MAX];
    size_t tick_count;
    double step;
};

/*
 * Ticks at 1, 2 or 5 times a power of ten, or at the beginning of days, weeks, months or years: about `wanted` of them, never
 * twice as many. Numbers widen both ends to a tick; days keep theirs. A range without width is widened.
 */
void scale_make(struct scale *scale, enum scale_kind kind, double low, double high, int wanted);

/* Takes the ends as they are. */
void scale_make_exact(struct scale *scale, enum scale_kind kind, double low, double high, int wanted);

double scale_place(const struct scale *scale, double value);

/* A value as labelled at a tick: "12,000", "1.5 M", "25 %", "Jan 2017". */
struct text scale_label(struct arena *arena, const struct scale *scale, double value);

/* A number for people: three digits that count, thousands parted by commas. */
struct text scale_number(struct arena *arena, double value);

#endif
