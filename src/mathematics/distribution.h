/* distribution.h: the distributions of tests: Student's t, chi-square, Fisher's F, and intervals of a share. */
#ifndef PATRON_MATHEMATICS_DISTRIBUTION_H
#define PATRON_MATHEMATICS_DISTRIBUTION_H

double student_quantile(double probability, double freedom); /* 0 < probability < 1, freedom > 0 */
double student_two_sided(double t, double freedom);          /* P(|T| >= |t|) */
double normal_two_sided(double z);                           /* P(|Z| >= |z|) */
double chi_square_above(double x, double freedom);           /* P(X >= x) */
double fisher_above(double f, double first, double second);  /* P(F >= f) */

/*
 * Wilson's interval of a share: `successes` of `count`, z of the normal distribution. Holds the share for any count, also at 0
 * and at 1 (Wilson 1927; recommended by Brown, Cai, DasGupta 2001). [0, 1] when count is 0.
 */
void share_interval(double successes, double count, double z, double *low, double *high);

#endif
