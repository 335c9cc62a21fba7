#include "features/insight/clv_future.h"

#include <math.h>
#include <stdlib.h>

#include "mathematics/special.h"

enum { SERIES_MAX = 2000000 };

static const double SERIES_END = 1e-14, RATE_END = 1e-12;

double clv_future_log_mass(const struct clv_future *future, double time, double n)
{
    return log_gamma(future->shape + n) - log_gamma(future->shape) - log_gamma(n + 1) -
           future->shape * log1p(time / future->scale) - n * log1p(future->scale / time);
}

/* Where the sum may begin: below lies nothing that counts. */
static int series_start(const struct clv_future *future, double time)
{
    double mode = fmax(0, (future->shape - 1) * time / future->scale), low = 0, high = floor(mode);

    if (clv_future_log_mass(future, time, 0) > -300 || high > SERIES_MAX)
        return 0;
    while (high - low > 1) {
        double middle = floor((low + high) / 2);

        if (clv_future_log_mass(future, time, middle) < -60)
            low = middle;
        else
            high = middle;
    }
    return (int)low;
}

void clv_future_moments(const struct clv_future *future, double time, double *mean, double *pairs)
{
    double odds = time / (future->scale + time), mode = (future->shape - 1) * time / future->scale;
    double stay = 1, reach = 0, reach_pairs = 0; /* P(stays n - 1 times), its sum, and the sum of 2 (n - 1) times it */
    int n = 0;

    *mean = *pairs = 0;
    if (time <= 0)
        return;
    int start = series_start(future, time);
    double mass = exp(clv_future_log_mass(future, time, start));

    for (int phases = 0; phases < SERIES_MAX; phases++) {
        while ((phases + future->phase) / future->regularity > n) {
            n++;
            reach += stay;
            reach_pairs += 2.0 * (n - 1) * stay;
            stay *= future->leaves ? (future->b + n - 1) / (future->a + future->b + n - 1) : 1;
        }
        if (phases < start)
            continue;
        *mean += mass * reach;
        *pairs += mass * reach_pairs;
        double ratio = odds * (future->shape + phases) / (phases + 1);

        mass *= ratio;
        if (phases > mode && ratio < 1 && mass * (n + 1.0) * (n + 1.0) < SERIES_END * (1 - ratio) * (*pairs + *mean))
            break;
    }
}

/* 2F1(1, b; a + b; y) at rates exp(step * i), for i from `first` on; computed where asked for. */
struct clv_rates {
    double discount, step;
    long first, count;
    double values[];
};

struct clv_rates *clv_rates_new(const struct clv_future *future, double observed_max, double discount)
{
    double step = fmin(0.4, 0.5 / sqrt(future->shape + 1));
    double shape_max = future->shape + future->regularity;
    long first = (long)floor((log(future->shape / (future->scale + observed_max)) - 40) / step);
    long count = (long)ceil((log(shape_max / future->scale) + 10) / step) - first + 1;
    struct clv_rates *rates = malloc(sizeof *rates + (size_t)count * sizeof(double));

    if (rates == NULL)
        return NULL;
    rates->discount = discount;
    rates->step = step;
    rates->first = first;
    rates->count = count;
    for (long i = 0; i < count; i++)
        rates->values[i] = NAN;
    return rates;
}

void clv_rates_free(struct clv_rates *rates)
{
    free(rates);
}

static double value_at(struct clv_rates *rates, const struct clv_future *future, long i, double y)
{
    double *value = &rates->values[i];

    if (isnan(*value))
        *value = future->leaves ? hypergeometric(1, future->b, future->a + future->b, y) : 1 / (1 - y);
    return *value;
}

double clv_future_discounted(struct clv_rates *rates, const struct clv_future *future)
{
    double constant = future->shape * log(future->scale) - log_gamma(future->shape), sum = 0;
    double past = log1p(2 / future->shape) + 2 * rates->step; /* beyond, terms fall */
    long centre = lround(log(future->shape / future->scale) / rates->step) - rates->first;

    for (int direction = -1; direction <= 1; direction += 2)
        for (long i = direction > 0 ? centre : centre - 1; i >= 0 && i < rates->count; i += direction) {
            double v = (double)(i + rates->first) * rates->step, rate = exp(v), z = rate / (rate + rates->discount);
            double weight = exp(constant + future->shape * v - future->scale * rate);

            /* Far above the mean a rate weighs nothing, and its hypergeometric function is the slowest of all. */
            if (direction > 0 && weight < 1e-30)
                break;
            double y = pow(z, future->regularity);
            double term = weight * pow(z, future->regularity - future->phase) * value_at(rates, future, i, y);

            sum += term;
            if (fabs((double)(i - centre)) * rates->step > past && term < RATE_END * sum)
                break;
        }
    return sum * rates->step;
}
