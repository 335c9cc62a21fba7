#include "mathematics/jet.h"

#include "mathematics/special.h"

static void add_function(struct jet *sum, const double derivatives[3], const double coefficients[JET_PARAMETERS])
{
    sum->value += derivatives[0];
    for (int i = 0, pair = 0; i < JET_PARAMETERS; i++) {
        sum->gradient[i] += derivatives[1] * coefficients[i];
        for (int j = i; j < JET_PARAMETERS; j++, pair++)
            sum->hessian[pair] += derivatives[2] * coefficients[i] * coefficients[j];
    }
}

void jet_add_log_gamma(struct jet *sum, double weight, double argument, const double coefficients[JET_PARAMETERS])
{
    const double derivatives[3] = {weight * log_gamma(argument), weight * digamma(argument),
                                   weight * trigamma(argument)};

    add_function(sum, derivatives, coefficients);
}

void jet_add_log_linear(struct jet *sum, double weight, double argument, const double coefficients[JET_PARAMETERS])
{
    const double derivatives[3] = {weight * log(argument), weight / argument, -weight / (argument * argument)};

    add_function(sum, derivatives, coefficients);
}

void jet_spread(const struct jet *jet, size_t count, double *gradient, double *hessian)
{
    for (size_t i = 0, pair = 0; i < JET_PARAMETERS; i++)
        for (size_t j = i; j < JET_PARAMETERS; j++, pair++)
            if (j < count)
                hessian[i * count + j] = hessian[j * count + i] = jet->hessian[pair];
    for (size_t i = 0; i < count; i++)
        gradient[i] = jet->gradient[i];
}
