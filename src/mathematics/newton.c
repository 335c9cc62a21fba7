#include "mathematics/newton.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 200, HALVINGS_MAX = 40, SWEEPS_MAX = 60, N = NEWTON_PARAMETERS_MAX };

static const double LOGARITHM_LIMIT = 14, STEP_LIMIT = 2, RISE_ENOUGH = 1e-9;
static const double ROUNDING = 1e-13; /* of a large sum: a smaller fall is none */

/* A point on the scale searched, with the derivatives on that scale. */
struct point {
    double at[N];
    double value;
    double gradient[N];
    double hessian[N * N];
};

static void natural(const struct objective *objective, const double *at, double *parameters)
{
    for (size_t i = 0; i < objective->parameter_count; i++)
        parameters[i] = i < objective->positive_count ? exp(at[i]) : at[i];
}

static void point_evaluate(const struct objective *objective, struct point *point)
{
    size_t count = objective->parameter_count;
    double parameters[N] = {0};

    natural(objective, point->at, parameters);
    point->value = objective->evaluate(objective->context, parameters, point->gradient, point->hessian);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            double scale = (i < objective->positive_count ? parameters[i] : 1) *
                           (j < objective->positive_count ? parameters[j] : 1);

            point->hessian[i * count + j] *= scale;
        }
    for (size_t i = 0; i < objective->positive_count; i++) {
        point->gradient[i] *= parameters[i];
        point->hessian[i * count + i] += point->gradient[i];
    }
}

/* One Jacobi rotation that empties (p, q) of `a` and gathers the rotation in `v`. */
static void rotate(double *a, double *v, size_t count, size_t p, size_t q)
{
    double theta = (a[q * count + q] - a[p * count + p]) / (2 * a[p * count + q]);
    double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;

    for (size_t i = 0; i < count; i++) {
        double ip = a[i * count + p], iq = a[i * count + q];

        a[i * count + p] = c * ip - s * iq;
        a[i * count + q] = s * ip + c * iq;
    }
    for (size_t i = 0; i < count; i++) {
        double pi = a[p * count + i], qi = a[q * count + i];

        a[p * count + i] = c * pi - s * qi;
        a[q * count + i] = s * pi + c * qi;
        double vp = v[i * count + p], vq = v[i * count + q];

        v[i * count + p] = c * vp - s * vq;
        v[i * count + q] = s * vp + c * vq;
    }
}

/* Eigenvalues on the diagonal of `a`, eigenvectors in the columns of `v`. */
static void eigen(double *a, double *v, size_t count)
{
    for (size_t i = 0; i < count * count; i++)
        v[i] = i % (count + 1) == 0;
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        bool rotated = false;

        for (size_t p = 0; p < count; p++)
            for (size_t q = p + 1; q < count; q++) {
                double size = sqrt(fabs(a[p * count + p] * a[q * count + q]));

                if (fabs(a[p * count + q]) > 1e-15 * size && fabs(a[p * count + q]) > 1e-300) {
                    rotate(a, v, count, p, q);
                    rotated = true;
                }
            }
        if (!rotated)
            return;
    }
}

/* Parameters that lie at a limit and would pass it stand still. */
static bool is_pinned(const struct objective *objective, const struct point *point, size_t i)
{
    return i < objective->positive_count && ((point->at[i] >= LOGARITHM_LIMIT && point->gradient[i] > 0) ||
                                             (point->at[i] <= -LOGARITHM_LIMIT && point->gradient[i] < 0));
}

/* The step of Newton with curvatures made positive; returns the rise that it promises. */
static double find_step(const struct objective *objective, const struct point *point, double *step)
{
    size_t count = objective->parameter_count;
    double a[N * N], v[N * N], gradient[N], longest = 0, rise = 0;

    for (size_t i = 0; i < count; i++) {
        bool pinned = is_pinned(objective, point, i);

        gradient[i] = pinned ? 0 : point->gradient[i];
        for (size_t j = 0; j < count; j++)
            a[i * count + j] = pinned || is_pinned(objective, point, j) ? (i == j) : -point->hessian[i * count + j];
    }
    eigen(a, v, count);
    double largest = 0;

    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(a[i * count + i]));
    memset(step, 0, count * sizeof *step);
    for (size_t k = 0; k < count; k++) {
        double along = 0, curvature = fmax(fabs(a[k * count + k]), 1e-12 * largest + 1e-100);

        for (size_t i = 0; i < count; i++)
            along += v[i * count + k] * gradient[i];
        for (size_t i = 0; i < count; i++)
            step[i] += v[i * count + k] * along / curvature;
        rise += along * along / curvature / 2;
    }
    for (size_t i = 0; i < count; i++)
        longest = fmax(longest, fabs(step[i]));
    for (size_t i = 0; longest > STEP_LIMIT && i < count; i++)
        step[i] *= STEP_LIMIT / longest;
    return rise;
}

/* Moves along the step, halving it until the value rises. */
static bool advance(const struct objective *objective, struct point *point, const double *step, int *evaluations)
{
    struct point next = {0};
    double share = 1;

    for (int i = 0; i < HALVINGS_MAX; i++, share /= 2) {
        for (size_t j = 0; j < objective->parameter_count; j++) {
            next.at[j] = point->at[j] + share * step[j];
            if (j < objective->positive_count)
                next.at[j] = fmax(-LOGARITHM_LIMIT, fmin(LOGARITHM_LIMIT, next.at[j]));
        }
        point_evaluate(objective, &next);
        (*evaluations)++;
        if (isfinite(next.value) && next.value >= point->value - ROUNDING * fabs(point->value)) {
            *point = next;
            return true;
        }
    }
    return false;
}

bool invert_positive(const double *matrix, size_t count, double *inverse)
{
    double scale[N], a[N * N], v[N * N];

    for (size_t i = 0; i < count; i++) {
        if (!(matrix[i * count + i] > 0) || !isfinite(matrix[i * count + i]))
            return false;
        scale[i] = 1 / sqrt(matrix[i * count + i]);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            a[i * count + j] = matrix[i * count + j] * scale[i] * scale[j];
    eigen(a, v, count);
    for (size_t k = 0; k < count; k++)
        if (!(a[k * count + k] > 1e-14))
            return false;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            double sum = 0;

            for (size_t k = 0; k < count; k++)
                sum += v[i * count + k] * v[j * count + k] / a[k * count + k];
            inverse[i * count + j] = sum * scale[i] * scale[j];
        }
    return true;
}

static bool is_at_limit(const struct objective *objective, const struct point *point, size_t i)
{
    return i < objective->positive_count && fabs(point->at[i]) >= LOGARITHM_LIMIT - 2;
}

/*
 * Standard errors on the natural scale, by the delta method from the scale searched, where the Hessian is best conditioned.
 * Parameters at a limit are taken as known: they have no error, and no part in those of the others.
 */
static void find_errors(const struct objective *objective, const struct point *point, struct optimum *out)
{
    size_t count = objective->parameter_count;
    double negative[N * N] = {0};

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            negative[i * count + j] = is_at_limit(objective, point, i) || is_at_limit(objective, point, j)
                                          ? (i == j)
                                          : -point->hessian[i * count + j];
    bool held = invert_positive(negative, count, out->covariance);

    for (size_t i = 0; i < count; i++) {
        bool limit = is_at_limit(objective, point, i);

        for (size_t j = 0; j < count; j++) {
            double scale = (i < objective->positive_count ? out->parameters[i] : 1) *
                           (j < objective->positive_count ? out->parameters[j] : 1);

            out->covariance[i * count + j] = !held ? NAN : limit ? 0 : out->covariance[i * count + j] * scale;
        }
        out->errors[i] = held && !limit ? sqrt(out->covariance[i * count + i]) : NAN;
        out->at_limit |= limit;
    }
}

void newton_maximise(const struct objective *objective, const double *start, struct optimum *out)
{
    size_t count = objective->parameter_count;
    struct point point = {0};
    double step[N];

    assert(count > 0 && count <= N);
    for (size_t i = 0; i < count; i++)
        point.at[i] = i < objective->positive_count ? log(start[i]) : start[i];
    point_evaluate(objective, &point);
    *out = (struct optimum){.evaluations = 1};
    for (int i = 0; i < ITERATIONS_MAX && !out->converged && isfinite(point.value); i++) {
        double rise = find_step(objective, &point, step);

        bool moved = advance(objective, &point, step, &out->evaluations);

        out->converged = rise < RISE_ENOUGH || (!moved && rise < 100 * ROUNDING * fabs(point.value));
        if (!moved)
            break;
    }
    out->value = point.value;
    natural(objective, point.at, out->parameters);
    find_errors(objective, &point, out);
}
