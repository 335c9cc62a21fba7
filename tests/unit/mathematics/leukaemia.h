/*
 * leukaemia.h: weeks of remission of 42 patients, half of them treated (Freireich 1963), with the logarithm of their white
 * cells (Kleinbaum and Klein 2012). What is expected of them was computed by R 4.2.2 with survival 3.5-3.
 */
#ifndef PATRON_TESTS_LEUKAEMIA_H
#define PATRON_TESTS_LEUKAEMIA_H

#include <stdint.h>

enum { PATIENTS = 42 };

static const double weeks[PATIENTS] = {35, 34, 32, 32, 25, 23, 22, 20, 19, 17, 16, 13, 11, 10, 10, 9, 7, 6, 6, 6, 6,
                                       23, 22, 17, 15, 12, 12, 11, 11, 8,  8,  8,  8,  5,  5,  4,  4, 3, 2, 2, 1, 1};
static const uint8_t relapsed[PATIENTS] = {0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 1,
                                           1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const uint32_t untreated[PATIENTS] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                             1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const double white_cells[PATIENTS] = {1.45, 1.47, 2.20, 2.53, 1.78, 2.57, 2.32, 2.01, 2.05, 2.16, 3.60,
                                             2.88, 2.60, 2.70, 2.96, 2.80, 4.43, 3.20, 2.31, 4.06, 3.28, 1.97,
                                             2.73, 2.95, 2.30, 1.50, 3.06, 3.49, 2.12, 3.52, 3.05, 2.32, 3.26,
                                             3.49, 3.97, 4.36, 2.42, 4.01, 4.91, 4.48, 2.80, 5.00};

#endif
