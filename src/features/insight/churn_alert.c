#include "features/insight/churn_alert.h"

#include <math.h>

#include "mathematics/cusum.h"
#include "mathematics/logistic.h"

/* Half of the rise that is found soonest: one spread of the past. */
static const double ALLOWANCE = 0.5, SPREAD_MIN = 0.1, RISK_MIN = 1e-6;

void alert_rule_make(struct arena *arena, double periods_between, struct alert_rule *out)
{
    double kept = fmin(fmax(periods_between, ALERT_PERIODS_BETWEEN_MIN), ALERT_PERIODS_BETWEEN_MAX);

    out->threshold = cusum_threshold(arena, ALLOWANCE, kept);
}

/* The period in which the last `rise` known risks up to `period` begin. */
static size_t start_of_rise(const double *risks, size_t period, size_t rise)
{
    size_t start = period;

    for (size_t left = rise; left > 0; start--) {
        left -= isfinite(risks[start]) ? 1 : 0;
        if (left == 0 || start == 0)
            break;
    }
    return start;
}

size_t churn_alerts_find(const struct alert_rule *rule, const double *risks, size_t count, struct churn_alert *out,
                         size_t limit)
{
    struct cusum watch;
    size_t found = 0;

    cusum_start(&watch, ALLOWANCE, rule->threshold, SPREAD_MIN);
    for (size_t period = 0; period < count && found < limit; period++) {
        struct cusum_alarm alarm;

        if (!isfinite(risks[period]))
            continue;
        double risk = fmin(fmax(risks[period], RISK_MIN), 1 - RISK_MIN);

        if (cusum_take(&watch, log(risk / (1 - risk)), &alarm))
            out[found++] = (struct churn_alert){.period = period,
                                                .since = start_of_rise(risks, period, alarm.rise),
                                                .before = logistic_probability(alarm.before),
                                                .after = logistic_probability(alarm.after)};
    }
    return found;
}
