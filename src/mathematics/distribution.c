#include "mathematics/distribution.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* From here on Student's distribution is the normal one to all digits, and GSL's series does not converge any more. */
static const double FREEDOM_MAX = 1e9;

double student_quantile(double probability, double freedom)
{
    return gsl_cdf_tdist_Pinv(probability, fmin(freedom, FREEDOM_MAX));
}

double student_two_sided(double t, double freedom)
{
    return fmin(1, 2 * gsl_cdf_tdist_Q(fabs(t), fmin(freedom, FREEDOM_MAX)));
}

double normal_two_sided(double z)
{
    return fmin(1, 2 * gsl_cdf_ugaussian_Q(fabs(z)));
}

double chi_square_above(double x, double freedom)
{
    return x <= 0 ? 1 : gsl_cdf_chisq_Q(x, freedom);
}

double fisher_above(double f, double first, double second)
{
    return f <= 0 ? 1 : gsl_cdf_fdist_Q(f, first, second);
}

void share_interval(double successes, double count, double z, double *low, double *high)
{
    if (count <= 0) {
        *low = 0;
        *high = 1;
        return;
    }
    double share = successes / count, square = z * z / count;
    double centre = (share + square / 2) / (1 + square);
    double reach = z / (1 + square) * sqrt(share * (1 - share) / count + square / (4 * count));

    *low = successes <= 0 ? 0 : fmax(0, centre - reach);
    *high = successes >= count ? 1 : fmin(1, centre + reach);
}
