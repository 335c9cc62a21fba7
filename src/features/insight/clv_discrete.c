/*
 * A customer's likelihood is (Fader, Hardie, Shang 2010, eq. 6), with n opportunities, the last used t and x used,
 *     B(alpha + x, beta + n - x) / B(alpha, beta) * B(gamma, delta + n) / B(gamma, delta)                 still here
 *     + sum over i < n - t of B(alpha + x, beta + t - x + i) B(gamma + 1, delta + t + i) / the same       left after t + i
 */
#include "features/insight/clv_discrete.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "mathematics/jet.h"
#include "mathematics/newton.h"
#include "mathematics/special.h"

enum { ALPHA, BETA, GAMMA, DELTA, SERIES_MAX = 1000000 };

struct sample {
    const struct clv_chance *chances;
    size_t count;
};

/* Adds log B(parameters[first] + a, parameters[first + 1] + b). */
static void add_log_beta(struct jet *sum, double weight, const double *parameters, int first, const double plus[2])
{
    double one[JET_PARAMETERS] = {0}, other[JET_PARAMETERS] = {0}, both[JET_PARAMETERS] = {0};
    double a = parameters[first] + plus[0], b = parameters[first + 1] + plus[1];

    one[first] = other[first + 1] = both[first] = both[first + 1] = 1;
    jet_add_log_gamma(sum, weight, a, one);
    jet_add_log_gamma(sum, weight, b, other);
    jet_add_log_gamma(sum, -weight, a + b, both);
}

/* The log likelihood of one customer; `alive` is the share of those still here. */
static void likelihood(const double *parameters, const struct clv_chance *chance, struct jet *out, double *alive)
{
    double x = chance->repeats, t = chance->last, n = chance->opportunities;
    struct jet here = {0}, either = {0}, total = {0};

    add_log_beta(&here, 1, parameters, ALPHA, (double[]){x, n - x});
    add_log_beta(&here, 1, parameters, GAMMA, (double[]){0, n});
    jet_add_exp(&either, 1, &here, here.value);
    for (double i = 0; i < n - t; i++) {
        struct jet gone = {0};

        add_log_beta(&gone, 1, parameters, ALPHA, (double[]){x, t - x + i});
        add_log_beta(&gone, 1, parameters, GAMMA, (double[]){1, t + i});
        jet_add_exp(&either, 1, &gone, here.value);
    }
    *alive = 1 / either.value;
    jet_add_log(&total, 1, &either, here.value);
    add_log_beta(&total, -1, parameters, ALPHA, (double[]){0, 0});
    add_log_beta(&total, -1, parameters, GAMMA, (double[]){0, 0});
    *out = total;
}

/* Over every opportunity that may have been the last one used: so many ways to place the others before it. */
double clv_discrete_probability(const struct clv_discrete_fit *fit, uint32_t opportunities, uint32_t used)
{
    double sum = 0, alive;
    struct jet one;

    assert(used <= opportunities);
    for (uint32_t last = used; last <= (used > 0 ? opportunities : 0); last++) {
        const struct clv_chance chance = {used, last, opportunities, 1};
        double ways = used > 0 ? log_gamma(last) - log_gamma(used) - log_gamma((double)last - (double)used + 1) : 0;

        likelihood(fit->parameters, &chance, &one, &alive);
        sum += exp(ways + one.value);
    }
    return sum;
}

static double evaluate(const void *context, const double *parameters, double *gradient, double *hessian)
{
    const struct sample *sample = context;
    struct jet sum = {0};

    for (size_t i = 0; i < sample->count; i++) {
        struct jet one;
        double alive;

        likelihood(parameters, &sample->chances[i], &one, &alive);
        jet_add(&sum, sample->chances[i].count, &one);
    }
    jet_spread(&sum, CLV_PARAMETERS, gradient, hessian);
    return sum.value;
}

enum status clv_discrete_fit(const struct clv_chance *chances, size_t count, struct clv_discrete_fit *out,
                             struct error *err)
{
    struct sample sample = {chances, count};
    struct objective objective = {
        .parameter_count = CLV_PARAMETERS, .positive_count = CLV_PARAMETERS, .evaluate = evaluate, .context = &sample};
    struct optimum optimum;
    double repeats = 0;

    for (size_t i = 0; i < count; i++) {
        const struct clv_chance *chance = &chances[i];

        if (chance->repeats > chance->last || chance->last > chance->opportunities ||
            (chance->repeats > 0) != (chance->last > 0) || chance->opportunities > CLV_OPPORTUNITIES_MAX ||
            !(chance->count >= 0))
            return error_set(err, STATUS_INVALID, "clv.times", "",
                             "row %zu cannot have used %u opportunities, the last being number %u of %u", i + 1,
                             chance->repeats, chance->last, chance->opportunities);
        repeats += chance->count * chance->repeats;
    }
    if (repeats == 0)
        return error_set(err, STATUS_INVALID, "clv.repeats", "",
                         "nobody has come back: there is nothing to learn from yet");
    newton_maximise(&objective, (double[]){1, 1, 1, 3}, &optimum);
    if (!isfinite(optimum.value))
        return error_set(err, STATUS_INVALID, "clv.fit", "", "bg-bb does not fit these purchases");
    struct clv_discrete_fit fit = {
        .log_likelihood = optimum.value, .converged = optimum.converged, .at_limit = optimum.at_limit};

    memcpy(fit.parameters, optimum.parameters, sizeof fit.parameters);
    memcpy(fit.errors, optimum.errors, sizeof fit.errors);
    memcpy(fit.covariance, optimum.covariance, sizeof fit.covariance);
    *out = fit;
    return STATUS_OK;
}

struct clv_score clv_discrete_score(const struct clv_discrete_fit *fit, const struct clv_chance *chance,
                                    uint32_t opportunities, double discount)
{
    const double *p = fit->parameters;
    double x = chance->repeats, n = chance->opportunities, stay = 1, survived = 0, pairs = 0, discounted = 0;
    double all = p[ALPHA] + p[BETA] + n, use = (p[ALPHA] + x) / all, use_twice = use * (p[ALPHA] + x + 1) / (all + 1);
    struct clv_score score = {0};
    struct jet ignored;

    likelihood(p, chance, &ignored, &score.alive);
    for (uint32_t i = 1; i <= SERIES_MAX && (i <= opportunities || discount > 0); i++) {
        stay *= (p[DELTA] + n + i - 1) / (p[GAMMA] + p[DELTA] + n + i - 1); /* here at the i-th from now */
        if (i <= opportunities) {
            survived += stay;
            pairs += 2.0 * (i - 1) * stay;
        }
        double term = discount > 0 ? stay * pow(1 + discount, -(double)i) : 0;

        discounted += term;
        if (i > opportunities && term < 1e-14 * discounted)
            break;
    }
    score.expected = score.alive * use * survived;
    score.variance = score.alive * use_twice * pairs + score.expected - score.expected * score.expected;
    score.discounted = score.alive * use * discounted;
    return score;
}

/* ---- totals ---- */

static double total(const struct sample *sample, const struct clv_discrete_fit *fit, uint32_t opportunities,
                    double *variance)
{
    double sum = 0;

    *variance = 0;
    for (size_t i = 0; i < sample->count; i++) {
        struct clv_score score = clv_discrete_score(fit, &sample->chances[i], opportunities, 0);

        sum += sample->chances[i].count * score.expected;
        *variance += sample->chances[i].count * score.variance;
    }
    return sum;
}

void clv_discrete_total(const struct clv_chance *chances, size_t count, const struct clv_discrete_fit *fit,
                        uint32_t opportunities, struct clv_total *out)
{
    static const double step = 1e-3;
    const struct sample sample = {chances, count};
    double variance, ignored, slopes[CLV_PARAMETERS], expected = total(&sample, fit, opportunities, &variance);

    for (int i = 0; i < CLV_PARAMETERS; i++) {
        struct clv_discrete_fit up = *fit, down = *fit;

        up.parameters[i] *= exp(step);
        down.parameters[i] *= exp(-step);
        slopes[i] = (total(&sample, &up, opportunities, &ignored) - total(&sample, &down, opportunities, &ignored)) /
                    (2 * step * fit->parameters[i]);
    }
    for (int i = 0; i < CLV_PARAMETERS && isfinite(fit->covariance[0]); i++)
        for (int j = 0; j < CLV_PARAMETERS; j++)
            variance += slopes[i] * slopes[j] * fit->covariance[i * CLV_PARAMETERS + j];
    double reach = normal_quantile(0.95) * sqrt(fmax(0, variance));

    *out = (struct clv_total){expected, fmax(0, expected - reach), expected + reach};
}
