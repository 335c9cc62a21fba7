/* What comes next under Pareto/NBD: closed forms of those who are here, times the chance that they are. */
#include <math.h>

#include "features/insight/clv_pareto.h"
#include "mathematics/parallel.h"
#include "mathematics/quadrature.h"

enum { R = CLV_PARETO_R, ALPHA = CLV_PARETO_ALPHA, S = CLV_PARETO_S, BETA = CLV_PARETO_BETA };
enum { TABLE_STEPS = 512, ROWS_OF_TABLE = 4096 };

/* ---- who is here ---- */

/* What a chunk knows at each of its times, as in clv_pareto.c but without derivatives. */
struct value {
    double density; /* log f */
    double rest;    /* s times the integral of f from there to the last time, over f */
};

static double log_density(const double *p, double m, double time)
{
    return -m * log(p[ALPHA] + time) - (p[S] + 1) * log(p[BETA] + time);
}

/* The integral of f over [from, to] over f at `from`. */
static double integral(const double *p, double m, double from, double to, const struct value *ends)
{
    double shift = ends[0].density, sum = 0;

    while (from < to) {
        struct clv_panel panel = clv_pareto_panel(p, m, from, to);
        const struct quadrature *rule = panel.nodes == 8 ? &quadrature_eight : &quadrature_four;
        double largest = -INFINITY;

        /* Simpson's rule is for a whole gap, so its ends are known. */
        if (panel.nodes == 0 && sum == 0)
            return panel.width / 6 *
                   (1 + 4 * exp(log_density(p, m, from + panel.width / 2) - shift) + exp(ends[1].density - shift));
        for (int i = 0; i < rule->count; i++) {
            double density = log_density(p, m, from + panel.width * rule->nodes[i]);

            sum += panel.width * rule->weights[i] * exp(density - shift);
            largest = fmax(largest, density);
        }
        if (largest - shift < -45 || panel.width == to - from)
            return sum;
        from += panel.width;
    }
    return sum;
}

static void find_values(const struct clv_pareto *pareto, const struct clv_chunk *chunk, const double *p,
                        struct value *values)
{
    const uint32_t *times = pareto->times + 2 * chunk->first;
    const double *at = pareto->rows->times;
    double m = p[R] + chunk->repeats;

    for (uint32_t i = chunk->time_count; i-- > 0;) {
        values[i] = (struct value){log_density(p, m, at[times[i]]), 0};
        if (i + 1 < chunk->time_count)
            values[i].rest = p[S] * integral(p, m, at[times[i]], at[times[i + 1]], &values[i]) +
                             exp(values[i + 1].density - values[i].density) * values[i + 1].rest;
    }
}

static void find_alive(const struct clv_pareto *pareto, const struct clv_chunk *chunk, const double *p,
                       struct clv_score *out)
{
    struct value values[CLV_PARETO_TIMES];
    const struct clv_rows *rows = pareto->rows;

    find_values(pareto, chunk, p, values);
    for (size_t i = chunk->first; i < chunk->end; i++) {
        const struct value *last = &values[pareto->places[i].last], *observed = &values[pareto->places[i].observed];
        double fall = exp(observed->density - last->density);
        double here = fall * (p[BETA] + rows->times[rows->rows[i].observed]);

        out[i].alive = here / (last->rest - fall * observed->rest + here);
    }
}

/* ---- what they buy ---- */

/* The integral of exp(-c v) over v from 0 to `length`. */
static double falling(double c, double length)
{
    return fabs(c * length) < 1e-12 ? length : -expm1(-c * length) / c;
}

/* The integral of exp(-discount u) (1 + u / scale)^-s over all u, by a trapezoid sum in log u. */
static double discounted_survival(double discount, double s, double scale)
{
    double step = 0.125, sum = 0, top = log(60 / discount);

    for (double v = fmin(log(scale), -log(discount)) - 36; v < top; v += step) {
        double u = exp(v);

        sum += exp(v - discount * u - s * log1p(u / scale));
    }
    return sum * step;
}

/* The same for many scales: between points of a grid in log scale by cubics, which miss by 1e-9 at most. */
struct survivals {
    const double *p;
    const struct clv_question *question;
    bool tabled;
    double low, step; /* logarithms of scales */
    double values[TABLE_STEPS + 3];
};

static void table_survivals(const struct clv_rows *rows, struct survivals *out)
{
    double low = log(out->p[BETA] + rows->times[0]), high = log(out->p[BETA] + rows->times[rows->time_count - 1]);

    out->tabled = rows->row_count > ROWS_OF_TABLE && out->question->discount > 0 && high > low;
    if (!out->tabled)
        return;
    out->step = (high - low) / TABLE_STEPS;
    out->low = low - out->step;
    for (int i = 0; i < TABLE_STEPS + 3; i++)
        out->values[i] = discounted_survival(out->question->discount, out->p[S], exp(out->low + i * out->step));
}

static double survival_at(const struct survivals *survivals, double scale)
{
    if (survivals->question->discount <= 0)
        return 0;
    if (!survivals->tabled)
        return discounted_survival(survivals->question->discount, survivals->p[S], scale);
    double at = (log(scale) - survivals->low) / survivals->step;
    int left = (int)fmax(1, fmin(TABLE_STEPS, floor(at)));
    const double *y = survivals->values + left - 1;
    double x = at - left;

    return -y[0] * x * (x - 1) * (x - 2) / 6 + y[1] * (x + 1) * (x - 1) * (x - 2) / 2 -
           y[2] * (x + 1) * x * (x - 2) / 2 + y[3] * (x + 1) * x * (x - 1) / 6;
}

struct outlook {       /* of those who are here, observed as long: integrals of their survival S(u) */
    double time;       /* of S */
    double time_twice; /* of 2 u S */
    double discounted; /* of exp(-discount u) S, without end */
};

static struct outlook outlook_at(const struct survivals *survivals, double observed)
{
    const double *p = survivals->p;
    double scale = p[BETA] + observed, length = log1p(survivals->question->time / scale);
    double once = falling(p[S] - 1, length), twice = falling(p[S] - 2, length);

    return (struct outlook){scale * once, 2 * scale * scale * (twice - once), survival_at(survivals, scale)};
}

struct scoring {
    const struct clv_pareto *pareto;
    struct survivals survivals;
    struct clv_score *out;
};

/* Rows of one length follow each other, so the outlook is found once for them. */
static void score_chunk(const struct scoring *scoring, const struct clv_chunk *chunk)
{
    const struct clv_rows *rows = scoring->pareto->rows;
    const double *p = scoring->survivals.p;
    struct outlook outlook = {0};

    for (size_t i = chunk->first; i < chunk->end; i++) {
        uint32_t observed = rows->rows[i].observed;
        struct clv_score *score = &scoring->out[i];

        if (i == chunk->first || observed != rows->rows[i - 1].observed)
            outlook = outlook_at(&scoring->survivals, rows->times[observed]);
        double shape = p[R] + rows->rows[i].repeats, scale = p[ALPHA] + rows->times[observed];
        double pairs = score->alive * shape * (shape + 1) / (scale * scale) * outlook.time_twice;

        score->expected = score->alive * shape / scale * outlook.time;
        score->variance = pairs + score->expected - score->expected * score->expected;
        score->discounted = score->alive * shape / scale * outlook.discounted;
    }
}

static void score_share(void *context, size_t thread)
{
    const struct scoring *scoring = context;
    const struct clv_pareto *pareto = scoring->pareto;

    for (size_t i = thread; i < pareto->chunk_count; i += pareto->threads) {
        find_alive(pareto, &pareto->chunks[i], scoring->survivals.p, scoring->out);
        score_chunk(scoring, &pareto->chunks[i]);
    }
}

void clv_pareto_score(const struct clv_pareto *pareto, const double *parameters, const struct clv_question *question,
                      struct clv_score *out)
{
    struct scoring scoring = {.pareto = pareto, .survivals = {.p = parameters, .question = question}, .out = out};

    table_survivals(pareto->rows, &scoring.survivals);
    parallel_run(pareto->threads, score_share, &scoring);
}
