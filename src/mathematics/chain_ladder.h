/*
 * chain_ladder.h: how a triangle of cumulative figures develops with age, and what is still to come: the chain ladder with
 * its standard error (Mack 1993, "Distribution-free calculation of the standard error of chain ladder reserve estimates",
 * ASTIN Bulletin 23).
 */
#ifndef PATRON_MATHEMATICS_CHAIN_LADDER_H
#define PATRON_MATHEMATICS_CHAIN_LADDER_H

#include <stdbool.h>
#include <stddef.h>

enum { CHAIN_LADDER_SIZE_MAX = 240 };

/* Origins by ages, the oldest origin first; origin i is known at ages 0 .. size - 1 - i. */
struct chain_ladder_triangle {
    const double *cumulative; /* size * size, row by row; what is not known is not read */
    size_t size;              /* 2 .. CHAIN_LADDER_SIZE_MAX */
};

struct chain_ladder {
    size_t size;
    double factors[CHAIN_LADDER_SIZE_MAX];   /* [k]: from age k to k + 1; 1 where nothing is known; size - 1 of them */
    double variances[CHAIN_LADDER_SIZE_MAX]; /* sigma squared of the paper */
    double sums[CHAIN_LADDER_SIZE_MAX];      /* of what the factor was divided by; 0: nothing */
};

void chain_ladder_fit(const struct chain_ladder_triangle *triangle, struct chain_ladder *out);

/* The share of the end that is reached at `age`: 1 / product of the later factors. */
double chain_ladder_developed(const struct chain_ladder *ladder, size_t age);

/* One origin as it stands. */
struct chain_ladder_origin {
    size_t age;            /* the last known one */
    double latest;         /* cumulative figure there, above 0: others are left out */
    double ultimate;       /* result */
    double standard_error; /* result: of the ultimate, and so of what is still to come */
};

/* Projects `origins`, the oldest first; returns the standard error of the sum of what is still to come. */
double chain_ladder_project(const struct chain_ladder *ladder, struct chain_ladder_origin *origins, size_t count);

#endif
