/* quadrature.h: nodes and weights of Gauss-Legendre on [0, 1] (Abramowitz and Stegun, table 25.4). */
#ifndef PATRON_MATHEMATICS_QUADRATURE_H
#define PATRON_MATHEMATICS_QUADRATURE_H

struct quadrature {
    int count;
    const double *nodes, *weights;
};

extern const struct quadrature quadrature_four, quadrature_eight;

#endif
