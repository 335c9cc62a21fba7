#include "mathematics/independent.h"

#include <math.h>

static const double DEPENDENT = 1e-9;

/* Cholesky's elimination that leaves out empty pivots. */
size_t independent_columns(double *gram, size_t count, size_t *kept)
{
    size_t found = 0;

    for (size_t a = 0; a < count; a++) {
        double *row = gram + a * count, whole = row[a], left = whole;

        for (size_t k = 0; k < found; k++) {
            size_t b = kept[k];
            double sum = row[b];

            for (size_t m = 0; m < k; m++)
                sum -= row[kept[m]] * gram[b * count + kept[m]];
            row[b] = sum / gram[b * count + b];
            left -= row[b] * row[b];
        }
        if (whole > 0 && isfinite(whole) && left > DEPENDENT * whole) {
            row[a] = sqrt(left);
            kept[found++] = a;
        }
    }
    return found;
}
