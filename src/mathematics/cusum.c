#include "mathematics/cusum.h"

#include <math.h>

#include "mathematics/distribution.h"
#include "mathematics/linear.h"
#include "mathematics/special.h"

enum { STATES = 80, STEPS = 60, VALUES_MIN = 2 };

static const double THRESHOLD_MAX = 40, SURPRISE_MAX = 8;

double cusum_run_length(struct arena *arena, double allowance, double threshold)
{
    double *matrix = arena_array(arena, STATES * STATES, sizeof *matrix), lengths[STATES];
    double width = 2 * threshold / (2 * STATES - 1);

    for (int i = 0; i < STATES; i++) {
        lengths[i] = 1;
        for (int j = 0; j < STATES; j++) {
            double middle = allowance + (j - i) * width;
            double chance =
                normal_probability(middle + width / 2) - (j > 0 ? normal_probability(middle - width / 2) : 0);

            matrix[i * STATES + j] = (i == j ? 1 : 0) - chance;
        }
    }
    return linear_solve(matrix, STATES, lengths) ? lengths[0] : INFINITY;
}

double cusum_threshold(struct arena *arena, double allowance, double run_length)
{
    double low = 0, high = THRESHOLD_MAX;

    for (int step = 0; step < STEPS && high - low > 1e-6; step++) {
        double middle = (low + high) / 2;

        if (cusum_run_length(arena, allowance, middle) < run_length)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

void cusum_start(struct cusum *cusum, double allowance, double threshold, double spread_min)
{
    *cusum = (struct cusum){.allowance = allowance, .threshold = threshold, .spread_min = spread_min};
}

static void learn(struct cusum *cusum, double value)
{
    double away = value - cusum->mean;

    cusum->count++;
    cusum->mean += away / cusum->count;
    cusum->squares += away * (value - cusum->mean);
}

/* How much the value stands out from the past, as a standard normal number. */
static double surprise(const struct cusum *cusum, double value)
{
    double freedom = cusum->count - 1;
    double spread = fmax(sqrt(cusum->squares / freedom), cusum->spread_min);
    double t = spread > 0 ? (value - cusum->mean) / spread * sqrt(cusum->count / (cusum->count + 1)) : 0;
    double outside = student_two_sided(t, freedom) / 2;
    double normal = outside > 0 ? fmin(-normal_quantile(outside), SURPRISE_MAX) : SURPRISE_MAX;

    return t >= 0 ? normal : -normal;
}

bool cusum_take(struct cusum *cusum, double value, struct cusum_alarm *alarm)
{
    if (cusum->count < VALUES_MIN) {
        learn(cusum, value);
        return false;
    }
    cusum->sum += surprise(cusum, value) - cusum->allowance;
    cusum->rise++;
    cusum->rise_sum += value;
    if (!(cusum->sum > 0)) {
        cusum->sum = 0;
        cusum->rise = 0;
        cusum->rise_sum = 0;
    }
    if (!(cusum->sum > cusum->threshold)) {
        learn(cusum, value);
        return false;
    }
    /* The past holds the values of the rise but this one; take them out of its mean. */
    double risen = cusum->rise_sum - value, earlier = cusum->count - (double)(cusum->rise - 1);

    *alarm = (struct cusum_alarm){.rise = cusum->rise,
                                  .before = earlier > 0 ? (cusum->mean * cusum->count - risen) / earlier : cusum->mean,
                                  .after = cusum->rise_sum / (double)cusum->rise};
    cusum_start(cusum, cusum->allowance, cusum->threshold, cusum->spread_min);
    learn(cusum, alarm->after);
    return true;
}
