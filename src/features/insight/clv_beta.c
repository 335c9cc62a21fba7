/*
 * The models with a chance of leaving at each purchase, drawn from a beta distribution, and gaps of Erlang-k: BG/NBD,
 * MBG/NBD, BG/CNBD-k, MBG/CNBD-k, and the NBD where nobody leaves. Parameters: r, alpha, a, b.
 *
 * With m = r + k x, a customer's likelihood is, up to factors without parameters (Platzer, Reutterer 2016, eq. 7),
 *     B(a, b + x + z) / B(a, b) * G(m) / G(r) * alpha^r (alpha + T)^-m * (S1 + S2)
 *     S1 = a / (b + x + z - 1) * ((alpha + T) / (alpha + t_x))^m   left at t_x
 *     S2 = sum over j < k of (m)_j / j! * ((T - t_x) / (alpha + T))^j   stays, j of k phases of the next gap are over
 * where z is 1 when one can leave after the first purchase; without it S1 is 0 at x = 0.
 */
#include <assert.h>
#include <math.h>

#include "features/insight/clv_future.h"
#include "features/insight/clv_model.h"
#include "mathematics/jet.h"
#include "mathematics/special.h"

enum { TABLE_STEPS = 256 };
enum { R, ALPHA, A, B };                                        /* parameters */
enum { RR, RALPHA, RA, RB, AA, ALPHAA, ALPHAB, PAA, PAB, PBB }; /* pairs in a jet; AA is alpha alpha, PAA a a */

struct leaving {
    bool possible; /* not in the NBD */
    bool at_first; /* after the first purchase too */
};

static struct leaving leaving_of(enum clv_model model)
{
    return (struct leaving){.possible = model != CLV_NBD, .at_first = model == CLV_MBG_NBD || model == CLV_MBG_CNBD};
}

/* What depends on the number of repeats alone. */
static void add_repeats(const struct clv_rows *rows, const struct clv_fit *fit, struct leaving leaving, struct jet *sum)
{
    static const double of_r[] = {1, 0, 0, 0}, of_b[] = {0, 0, 0, 1}, of_ab[] = {0, 0, 1, 1};
    const double *p = fit->parameters;

    jet_add_log_gamma(sum, -rows->customers, p[R], of_r);
    if (leaving.possible) {
        jet_add_log_gamma(sum, -rows->customers, p[B], of_b);
        jet_add_log_gamma(sum, rows->customers, p[A] + p[B], of_ab);
    }
    for (size_t i = 0; i < rows->group_count; i++) {
        const struct clv_group *group = &rows->groups[i];
        double survived = group->repeats + (leaving.at_first ? 1.0 : 0.0);

        jet_add_log_gamma(sum, group->count, p[R] + (double)fit->regularity * group->repeats, of_r);
        if (leaving.possible) {
            jet_add_log_gamma(sum, group->count, p[B] + survived, of_b);
            jet_add_log_gamma(sum, -group->count, p[A] + p[B] + survived, of_ab);
        }
    }
    double constant = (fit->regularity - 1) * rows->log_gaps - rows->repeats * log_gamma(fit->regularity);

    sum->value += constant;
}

/* alpha^r (alpha + T)^-m */
static void add_observed(const struct clv_rows *rows, const struct clv_fit *fit, const double *logs, struct jet *sum)
{
    double r = fit->parameters[R], alpha = fit->parameters[ALPHA], n = rows->customers;

    sum->value += n * r * log(alpha);
    sum->gradient[R] += n * log(alpha);
    sum->gradient[ALPHA] += n * r / alpha;
    sum->hessian[RALPHA] += n / alpha;
    sum->hessian[AA] -= n * r / (alpha * alpha);
    for (size_t i = 0; i < rows->time_count; i++) {
        double count = rows->observed_counts[i], inverse = 1 / (alpha + rows->times[i]);

        if (count == 0)
            continue;
        double m = r * count + fit->regularity * rows->observed_repeats[i];

        sum->value -= m * logs[i];
        sum->gradient[R] -= count * logs[i];
        sum->gradient[ALPHA] -= m * inverse;
        sum->hessian[RALPHA] -= count * inverse;
        sum->hessian[AA] += m * inverse * inverse;
    }
}

/* log S1 with its derivatives, where it is not 0. */
static void left(const struct clv_rows *rows, const struct clv_row *row, const struct clv_fit *fit, const double *logs,
                 struct jet *out)
{
    const double *p = fit->parameters;
    double m = p[R] + (double)fit->regularity * row->repeats;
    double chances = p[B] + row->repeats - (leaving_of(fit->model).at_first ? 0 : 1);
    double at_end = 1 / (p[ALPHA] + rows->times[row->observed]), at_last = 1 / (p[ALPHA] + rows->times[row->last]);
    double spread = logs[row->observed] - logs[row->last];

    *out = (struct jet){.value = m * spread}; /* the caller adds log(a / chances), the same for a whole group */
    out->gradient[R] = spread;
    out->gradient[ALPHA] = m * (at_end - at_last);
    out->gradient[A] = 1 / p[A];
    out->gradient[B] = -1 / chances;
    out->hessian[RALPHA] = at_end - at_last;
    out->hessian[AA] = m * (at_last * at_last - at_end * at_end);
    out->hessian[PAA] = -1 / (p[A] * p[A]);
    out->hessian[PBB] = 1 / (chances * chances);
}

/* log S2 with its derivatives; 0 when gaps are not regular. */
static void stayed(const struct clv_rows *rows, const struct clv_row *row, const struct clv_fit *fit, struct jet *out)
{
    double m = fit->parameters[R] + (double)fit->regularity * row->repeats;
    double inverse = 1 / (fit->parameters[ALPHA] + rows->times[row->observed]);
    double u = (rows->times[row->observed] - rows->times[row->last]) * inverse;
    struct jet sum = {.value = 1};
    double term = 1, by_r = 0, by_rr = 0;

    *out = (struct jet){0};
    if (fit->regularity == 1)
        return;
    for (int j = 1; j < fit->regularity; j++) {
        double phase = m + j - 1, by_alpha = -j * inverse;

        term *= phase / j * u;
        by_r += 1 / phase;
        by_rr -= 1 / (phase * phase);
        sum.value += term;
        sum.gradient[R] += term * by_r;
        sum.gradient[ALPHA] += term * by_alpha;
        sum.hessian[RR] += term * (by_rr + by_r * by_r);
        sum.hessian[RALPHA] += term * by_r * by_alpha;
        sum.hessian[AA] += term * (j * inverse * inverse + by_alpha * by_alpha);
    }
    jet_add_log(out, 1, &sum, 0);
}

/* sum += count * log(exp(one) + exp(other)) */
static void add_either(struct jet *sum, double count, const struct jet *one, const struct jet *other)
{
    double share = 1 / (1 + exp(other->value - one->value)), rest = 1 - share;
    double difference[JET_PARAMETERS], mixed[JET_PAIRS], outer[JET_PAIRS];

    for (int i = 0; i < JET_PARAMETERS; i++)
        difference[i] = one->gradient[i] - other->gradient[i];
    for (int i = 0; i < JET_PAIRS; i++)
        mixed[i] = share * one->hessian[i] + rest * other->hessian[i];
    jet_outer(outer, mixed, difference, share * rest);
    sum->value += count * log_add_exp(one->value, other->value);
    for (int i = 0; i < JET_PARAMETERS; i++)
        sum->gradient[i] += count * (share * one->gradient[i] + rest * other->gradient[i]);
    for (int i = 0; i < JET_PAIRS; i++)
        sum->hessian[i] += count * outer[i];
}

static double log_chance_of_leaving(const struct clv_fit *fit, uint32_t repeats)
{
    return log(fit->parameters[A] / (fit->parameters[B] + repeats - (leaving_of(fit->model).at_first ? 0 : 1)));
}

void clv_beta_likelihood(const struct clv_rows *rows, const struct clv_fit *fit, double *scratch, struct jet *sum)
{
    struct leaving leaving = leaving_of(fit->model);

    *sum = (struct jet){0};
    for (size_t i = 0; i < rows->time_count; i++)
        scratch[i] = log(fit->parameters[ALPHA] + rows->times[i]);
    add_repeats(rows, fit, leaving, sum);
    add_observed(rows, fit, scratch, sum);
    if (!leaving.possible)
        return;
    for (size_t i = 0; i < rows->group_count; i++) {
        const struct clv_group *group = &rows->groups[i];
        bool could_leave = leaving.at_first || group->repeats > 0;
        double chance = could_leave ? log_chance_of_leaving(fit, group->repeats) : 0;

        for (size_t j = group->first; j < group->end; j++) {
            struct jet gone, here;

            stayed(rows, &rows->rows[j], fit, &here);
            if (could_leave) {
                left(rows, &rows->rows[j], fit, scratch, &gone);
                gone.value += chance;
                add_either(sum, rows->rows[j].count, &gone, &here);
            } else {
                jet_add(sum, rows->rows[j].count, &here);
            }
        }
    }
}

/* ---- what comes next ---- */

/* The customers of a row who are here, by how many phases of their gap are over. */
static int phases_of(const struct clv_rows *rows, const struct clv_row *row, const struct clv_fit *fit, double *weights)
{
    double m = fit->parameters[R] + (double)fit->regularity * row->repeats;
    double u =
        (rows->times[row->observed] - rows->times[row->last]) / (fit->parameters[ALPHA] + rows->times[row->observed]);
    double term = 1, sum = 1;

    weights[0] = 1;
    for (int j = 1; j < fit->regularity; j++)
        sum += weights[j] = term *= (m + j - 1) / j * u;
    for (int j = 0; j < fit->regularity; j++)
        weights[j] /= sum;
    return fit->regularity;
}

static struct clv_future future_of(const struct clv_fit *fit, double repeats, double observed, int phase)
{
    struct leaving leaving = leaving_of(fit->model);

    return (struct clv_future){.shape = fit->parameters[R] + fit->regularity * repeats + phase,
                               .scale = fit->parameters[ALPHA] + observed,
                               .a = fit->parameters[A],
                               .b = fit->parameters[B] + repeats + (leaving.at_first ? 1 : 0),
                               .regularity = fit->regularity,
                               .phase = phase,
                               .leaves = leaving.possible};
}

static double alive_of(const struct clv_rows *rows, const struct clv_row *row, const struct clv_fit *fit,
                       const double *logs)
{
    struct leaving leaving = leaving_of(fit->model);
    struct jet gone, here;

    if (!leaving.possible || (row->repeats == 0 && !leaving.at_first))
        return 1;
    left(rows, row, fit, logs, &gone);
    stayed(rows, row, fit, &here);
    return 1 / (1 + exp(gone.value + log_chance_of_leaving(fit, row->repeats) - here.value));
}

/* What one phase of the customers with as many repeats, observed as long, has before it. */
struct outlook {
    double mean, pairs, discounted;
};

/* Answers for one group; the rates at which its discounted sums are taken are shared by all its rows. */
struct asking {
    const struct clv_rows *rows;
    const struct clv_fit *fit;
    const struct clv_question *question;
    const double *logs;
    struct clv_rates *rates; /* NULL: no discounted sums */
};

static void find_outlooks(const struct asking *asking, uint32_t repeats, double observed, struct outlook *outlooks)
{
    for (int j = 0; j < asking->fit->regularity; j++) {
        struct clv_future future = future_of(asking->fit, repeats, observed, j);

        clv_future_moments(&future, asking->question->time, &outlooks[j].mean, &outlooks[j].pairs);
        outlooks[j].discounted = asking->rates != NULL ? clv_future_discounted(asking->rates, &future) : 0;
    }
}

static size_t count_lengths(const struct clv_rows *rows, const struct clv_group *group)
{
    size_t count = 1;

    for (size_t i = group->first + 1; i < group->end; i++)
        count += rows->rows[i].observed != rows->rows[i - 1].observed;
    return count;
}

/*
 * Outlooks change smoothly with the time observed: where a group has more different times than points of a table, they are
 * taken between its points in log(alpha + T) by cubics, which miss by 1e-8 at most.
 */
struct table {
    bool used;
    double low, step; /* logarithms */
    struct outlook points[TABLE_STEPS + 3][CLV_REGULARITY_MAX];
};

static void fill_table(const struct asking *asking, const struct clv_group *group, struct table *table)
{
    const struct clv_row *rows = asking->rows->rows;
    double alpha = asking->fit->parameters[ALPHA];
    double low = log(alpha + asking->rows->times[rows[group->first].observed]);
    double high = log(alpha + asking->rows->times[rows[group->end - 1].observed]);

    table->used = count_lengths(asking->rows, group) > 2 * TABLE_STEPS;
    if (!table->used)
        return;
    table->step = (high - low) / TABLE_STEPS;
    table->low = low - table->step;
    for (int i = 0; i < TABLE_STEPS + 3; i++)
        find_outlooks(asking, group->repeats, exp(table->low + i * table->step) - alpha, table->points[i]);
}

static void look_up(const struct asking *asking, const struct table *table, double observed, struct outlook *outlooks)
{
    double at = (log(asking->fit->parameters[ALPHA] + observed) - table->low) / table->step;
    int left = (int)fmax(1, fmin(TABLE_STEPS, floor(at)));
    double x = at - left;
    const double weights[] = {-x * (x - 1) * (x - 2) / 6, (x + 1) * (x - 1) * (x - 2) / 2, -(x + 1) * x * (x - 2) / 2,
                              (x + 1) * x * (x - 1) / 6};

    for (int j = 0; j < asking->fit->regularity; j++) {
        outlooks[j] = (struct outlook){0};
        for (int i = 0; i < 4; i++) {
            const struct outlook *point = &table->points[left - 1 + i][j];

            outlooks[j].mean += weights[i] * point->mean;
            outlooks[j].pairs += weights[i] * point->pairs;
            outlooks[j].discounted += weights[i] * point->discounted;
        }
    }
}

static void score_group(const struct asking *asking, const struct clv_group *group, struct table *table,
                        struct clv_score *out)
{
    struct outlook outlooks[CLV_REGULARITY_MAX] = {0};
    double weights[CLV_REGULARITY_MAX];

    fill_table(asking, group, table);
    for (size_t i = group->first; i < group->end; i++) {
        const struct clv_row *row = &asking->rows->rows[i];
        double mean = 0, pairs = 0, discounted = 0;

        if (i == group->first || row[-1].observed != row->observed) {
            double observed = asking->rows->times[row->observed];

            if (table->used)
                look_up(asking, table, observed, outlooks);
            else
                find_outlooks(asking, group->repeats, observed, outlooks);
        }
        int phases = phases_of(asking->rows, row, asking->fit, weights);

        for (int j = 0; j < phases; j++) {
            mean += weights[j] * outlooks[j].mean;
            pairs += weights[j] * outlooks[j].pairs;
            discounted += weights[j] * outlooks[j].discounted;
        }
        double alive = alive_of(asking->rows, row, asking->fit, asking->logs), expected = alive * mean;

        out[i] =
            (struct clv_score){alive, expected, alive * pairs + expected - expected * expected, alive * discounted};
    }
}

void clv_beta_score(struct arena *arena, const struct clv_rows *rows, const struct clv_fit *fit,
                    const struct clv_question *question, struct clv_score *out)
{
    double *logs = arena_array(arena, rows->time_count, sizeof *logs);
    struct table *table = arena_alloc(arena, sizeof *table);
    struct asking asking = {.rows = rows, .fit = fit, .question = question, .logs = logs};

    assert(fit->regularity <= CLV_REGULARITY_MAX);
    for (size_t i = 0; i < rows->time_count; i++)
        logs[i] = log(fit->parameters[ALPHA] + rows->times[i]);
    for (size_t i = 0; i < rows->group_count; i++) {
        if (question->discount > 0) {
            struct clv_future future = future_of(fit, rows->groups[i].repeats, 0, 0);

            asking.rates = clv_rates_new(&future, rows->times[rows->time_count - 1], question->discount);
        }
        score_group(&asking, &rows->groups[i], table, out);
        clv_rates_free(asking.rates);
        asking.rates = NULL;
    }
}

/* The chance of being here after the first purchase. */
static double stays_at_first(const struct clv_fit *fit)
{
    return leaving_of(fit->model).at_first ? fit->parameters[B] / (fit->parameters[A] + fit->parameters[B]) : 1;
}

double clv_beta_expectation(const struct clv_fit *fit, double time)
{
    struct clv_future future = future_of(fit, 0, 0, 0);
    double mean, pairs;

    clv_future_moments(&future, time, &mean, &pairs);
    return stays_at_first(fit) * mean;
}

/* P(X >= n) = P(stays n - 1 times after the first) P(N >= nk) */
static double at_least(const struct clv_fit *fit, double time, uint32_t n)
{
    struct clv_future future = future_of(fit, 0, 0, 0);
    double stay = stays_at_first(fit), fewer = 0;

    if (n == 0)
        return 1;
    for (uint32_t i = 1; i < n && future.leaves; i++)
        stay *= (future.b + i - 1) / (future.a + future.b + i - 1);
    for (uint32_t i = 0; i < n * (uint32_t)fit->regularity; i++)
        fewer += exp(clv_future_log_mass(&future, time, i));
    return stay * fmax(0, 1 - fewer);
}

double clv_beta_probability(const struct clv_fit *fit, double time, uint32_t purchases)
{
    return at_least(fit, time, purchases) - at_least(fit, time, purchases + 1);
}
