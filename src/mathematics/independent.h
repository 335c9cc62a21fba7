/* independent.h: which columns say something that those before them do not. */
#ifndef PATRON_MATHEMATICS_INDEPENDENT_H
#define PATRON_MATHEMATICS_INDEPENDENT_H

#include <stddef.h>

/*
 * `gram` holds in its lower triangle the sums of products of columns; it is spoilt. Numbers of the columns that do not depend
 * on those before them, but for 1e-9 of their square, go to `kept` in order; returns how many.
 */
size_t independent_columns(double *gram, size_t count, size_t *kept);

#endif
