#include "features/insight/clv_spend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mathematics/jet.h"
#include "mathematics/newton.h"

enum { P, Q, V, CUSTOMERS_MIN = 10 };
enum { PP, PQ, PV, P3, QQ, QV, Q3, VV };

/* Customers with repeat purchases, by their number; those with as many share the gamma functions. */
struct sample {
    struct clv_spend *spends;
    size_t count;
};

static int compare_spends(const void *a, const void *b)
{
    const struct clv_spend *left = a, *right = b;

    if (left->purchases != right->purchases)
        return left->purchases < right->purchases ? -1 : 1;
    return (left->mean > right->mean) - (left->mean < right->mean);
}

/* log of G(px + q) / (G(px) G(q)) v^q m^(px - 1) x^(px) / (v + xm)^(px + q), over all */
static double evaluate(const void *context, const double *parameters, double *gradient, double *hessian)
{
    const struct sample *sample = context;
    double p = parameters[P], q = parameters[Q], v = parameters[V], n = (double)sample->count;
    static const double of_q[] = {0, 1, 0, 0};
    struct jet sum = {.value = n * q * log(v)};

    sum.gradient[Q] = n * log(v);
    sum.gradient[V] = n * q / v;
    sum.hessian[QV] = n / v;
    sum.hessian[VV] = -n * q / (v * v);
    jet_add_log_gamma(&sum, -n, q, of_q);
    for (size_t i = 0, end; i < sample->count; i = end) {
        double x = sample->spends[i].purchases;
        const double of_px[] = {x, 0, 0, 0}, of_pxq[] = {x, 1, 0, 0};

        for (end = i; end < sample->count && sample->spends[end].purchases == sample->spends[i].purchases; end++) {
            double m = sample->spends[end].mean, all = v + x * m, logarithm = log(all), inverse = 1 / all;

            sum.value += (p * x - 1) * log(m) + p * x * log(x) - (p * x + q) * logarithm;
            sum.gradient[P] += x * (log(m) + log(x) - logarithm);
            sum.gradient[Q] -= logarithm;
            sum.gradient[V] -= (p * x + q) * inverse;
            sum.hessian[PV] -= x * inverse;
            sum.hessian[QV] -= inverse;
            sum.hessian[VV] += (p * x + q) * inverse * inverse;
        }
        jet_add_log_gamma(&sum, (double)(end - i), p * x + q, of_pxq);
        jet_add_log_gamma(&sum, -(double)(end - i), p * x, of_px);
    }
    jet_spread(&sum, CLV_SPEND_PARAMETERS, gradient, hessian);
    return sum.value;
}

/* Mean of the means, and how they go with the number of purchases; the spread of the means by the way. */
static double describe(const struct sample *sample, struct clv_spend_fit *out)
{
    double n = (double)sample->count, x = 0, m = 0, xx = 0, mm = 0, xm = 0;

    for (size_t i = 0; i < sample->count; i++) {
        x += sample->spends[i].purchases / n;
        m += sample->spends[i].mean / n;
    }
    for (size_t i = 0; i < sample->count; i++) {
        double dx = sample->spends[i].purchases - x, dm = sample->spends[i].mean - m;

        xx += dx * dx;
        mm += dm * dm;
        xm += dx * dm;
    }
    out->mean = m;
    out->correlation = xx > 0 && mm > 0 ? xm / sqrt(xx * mm) : 0;
    out->customers = (uint32_t)sample->count;
    return mm / (n * m * m);
}

enum status clv_spend_fit(struct arena *arena, const struct clv_spend *spends, size_t count, struct clv_spend_fit *out,
                          struct error *err)
{
    struct sample sample = {.spends = arena_array(arena, count, sizeof *sample.spends)};
    struct objective objective = {.parameter_count = CLV_SPEND_PARAMETERS,
                                  .positive_count = CLV_SPEND_PARAMETERS,
                                  .evaluate = evaluate,
                                  .context = &sample};
    struct clv_spend_fit fit = {0};
    struct optimum optimum;

    for (size_t i = 0; i < count; i++)
        if (spends[i].purchases > 0 && spends[i].mean > 0 && isfinite(spends[i].mean))
            sample.spends[sample.count++] = spends[i];
    if (sample.count < CUSTOMERS_MIN)
        return error_set(err, STATUS_INVALID, "clv.spends", "amount",
                         "%zu customers with repeat purchases are too few to learn spending from: it takes %d",
                         sample.count, CUSTOMERS_MIN);
    if (describe(&sample, &fit) < 1e-12)
        return error_set(err, STATUS_INVALID, "clv.spends", "amount",
                         "all customers spend the same: there is no spread to learn from");
    qsort(sample.spends, sample.count, sizeof *sample.spends, compare_spends);
    newton_maximise(&objective, (double[]){3, 3, fit.mean}, &optimum);
    if (!isfinite(optimum.value))
        return error_set(err, STATUS_INVALID, "clv.fit", "amount", "gamma-gamma does not fit these amounts");
    memcpy(fit.parameters, optimum.parameters, sizeof fit.parameters);
    memcpy(fit.errors, optimum.errors, sizeof fit.errors);
    fit.log_likelihood = optimum.value;
    fit.converged = optimum.converged;
    fit.at_limit = optimum.at_limit;
    *out = fit;
    return STATUS_OK;
}

double clv_spend_expected(const struct clv_spend_fit *fit, const struct clv_spend *spend)
{
    double p = fit->parameters[P], q = fit->parameters[Q], v = fit->parameters[V];
    double weight = p * spend->purchases + q - 1;

    if (weight <= 0 || (spend->purchases == 0 && q <= 1))
        return fit->mean;
    return p * (v + spend->purchases * spend->mean) / weight;
}
