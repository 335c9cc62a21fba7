/*
 * Pareto/NBD: buys at a gamma rate (r, alpha), leaves at a moment that is exponential at a gamma rate (s, beta). A customer's
 * likelihood is (Schmittlein, Morrison, Colombo 1987; Fader, Hardie 2005)
 *     G(r + x) / G(r) alpha^r beta^s * (f(T) (beta + T) + s I(t_x, T))
 *     f(t) = (alpha + t)^-(r + x) (beta + t)^-(s + 1)         I = integral of f from t_x to T
 * The books write I with two hypergeometric functions and subtract them, which loses digits and has no simple derivatives.
 * Here f is integrated as it stands, by Gauss-Legendre between the times that rows share, together with its derivatives.
 * All customers with as many repeats share the integrals, so that the cost is that of distinct times, not of customers.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/insight/clv_model.h"
#include "mathematics/jet.h"
#include "mathematics/quadrature.h"

enum { R, ALPHA, S, BETA };
enum { RR, RALPHA, RS, RBETA, AA, ALPHAS, ALPHABETA, SS, SBETA, BB };
enum { CHUNK_ROWS = 1024, CHUNK_TIMES = 2 * CHUNK_ROWS };

/* Rows of one group that share a list of times. */
struct chunk {
    uint32_t repeats;
    uint32_t time_count;
    size_t first, end; /* rows */
    size_t times;      /* offset of its list */
};

/* What a chunk knows at each of its times: f, and s times the integral from there to its last time over f. */
struct station {
    struct jet density;
    struct jet rest;
};

struct place { /* of a row, in its chunk's list */
    uint16_t last, observed;
};

struct clv_pareto {
    const struct clv_rows *rows;
    struct chunk *chunks;
    size_t chunk_count;
    struct place *places;     /* by row */
    uint32_t *times;          /* lists of all chunks: indexes of rows->times, ascending */
    struct station *stations; /* of the chunk at hand */
};

/* ---- preparation ---- */

static int compare_indexes(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

static uint16_t place_of(const uint32_t *times, size_t count, uint32_t time)
{
    const uint32_t *found = bsearch(&time, times, count, sizeof *times, compare_indexes);

    return (uint16_t)(found - times);
}

static void list_times(struct clv_pareto *pareto, struct chunk *chunk)
{
    const struct clv_row *rows = pareto->rows->rows;
    uint32_t *times = pareto->times + chunk->times;
    size_t count = 0, kept = 0;

    for (size_t i = chunk->first; i < chunk->end; i++) {
        times[count++] = rows[i].last;
        times[count++] = rows[i].observed;
    }
    qsort(times, count, sizeof *times, compare_indexes);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || times[i] != times[kept - 1])
            times[kept++] = times[i];
    chunk->time_count = (uint32_t)kept;
    for (size_t i = chunk->first; i < chunk->end; i++)
        pareto->places[i] =
            (struct place){place_of(times, kept, rows[i].last), place_of(times, kept, rows[i].observed)};
}

struct clv_pareto *clv_pareto_new(struct arena *arena, const struct clv_rows *rows)
{
    struct clv_pareto *pareto = arena_alloc(arena, sizeof *pareto);
    size_t chunks = rows->group_count + rows->row_count / CHUNK_ROWS, used = 0;

    pareto->rows = rows;
    pareto->stations = arena_array(arena, CHUNK_TIMES, sizeof *pareto->stations);
    pareto->chunks = arena_array(arena, chunks, sizeof *pareto->chunks);
    pareto->places = arena_array(arena, rows->row_count, sizeof *pareto->places);
    pareto->times = arena_array(arena, 2 * rows->row_count, sizeof *pareto->times);
    for (size_t i = 0; i < rows->group_count; i++)
        for (size_t first = rows->groups[i].first; first < rows->groups[i].end; first += CHUNK_ROWS) {
            struct chunk *chunk = &pareto->chunks[pareto->chunk_count++];
            size_t end = first + CHUNK_ROWS;

            *chunk = (struct chunk){.repeats = rows->groups[i].repeats,
                                    .first = first,
                                    .end = end < rows->groups[i].end ? end : rows->groups[i].end,
                                    .times = used};
            list_times(pareto, chunk);
            used += chunk->time_count; /* lists only shrink, so the next one may follow at once */
        }
    return pareto;
}

/* ---- the integral ---- */

/* log f at a time, with its derivatives. */
static void log_density(double time, const double *p, double m, struct jet *out)
{
    double by_alpha = 1 / (p[ALPHA] + time), by_beta = 1 / (p[BETA] + time);
    double log_alpha = log(p[ALPHA] + time), log_beta_time = log(p[BETA] + time);

    *out = (struct jet){.value = -m * log_alpha - (p[S] + 1) * log_beta_time};
    out->gradient[R] = -log_alpha;
    out->gradient[ALPHA] = -m * by_alpha;
    out->gradient[S] = -log_beta_time;
    out->gradient[BETA] = -(p[S] + 1) * by_beta;
    out->hessian[RALPHA] = -by_alpha;
    out->hessian[AA] = m * by_alpha * by_alpha;
    out->hessian[SBETA] = -by_beta;
    out->hessian[BB] = (p[S] + 1) * by_beta * by_beta;
}

/*
 * Adds the integral of f / exp(shift) over [from, to]. A panel is short against the distance to the poles at -alpha and
 * -beta and against the fall of f, so that 4 or 8 nodes are exact to rounding; what fell by exp(-45) is left out.
 */
static void integrate(double from, double to, const double *p, double m, double shift, struct jet *sum)
{
    double near = fmin(p[ALPHA], p[BETA]);

    while (from < to) {
        double reach = near + from, fall = m / (p[ALPHA] + from) + (p[S] + 1) / (p[BETA] + from);
        double width = fmin(to - from, fmin(reach / 2, 3 / fall));
        bool short_panel = fall * width < 0.2 && width < 0.1 * reach;
        const struct quadrature *rule = short_panel ? &quadrature_four : &quadrature_eight;
        double largest = -INFINITY;

        if (to - from - width < 1e-9 * width)
            width = to - from;
        for (int i = 0; i < rule->count; i++) {
            struct jet density;

            log_density(from + width * rule->nodes[i], p, m, &density);
            jet_add_exp(sum, width * rule->weights[i], &density, shift);
            largest = fmax(largest, density.value);
        }
        if (largest - shift < -45 || width == to - from)
            return;
        from += width;
    }
}

/* sum = s * integral, whose derivatives by s have another term. */
static void times_s(struct jet *integral, double s)
{
    struct jet product = {0};

    jet_add(&product, s, integral);
    product.gradient[S] += integral->value;
    product.hessian[RS] += integral->gradient[R];
    product.hessian[ALPHAS] += integral->gradient[ALPHA];
    product.hessian[SS] += 2 * integral->gradient[S];
    product.hessian[SBETA] += integral->gradient[BETA];
    *integral = product;
}

/* log of f(T) (beta + T) */
static void log_here(const struct jet *density, double time, const double *p, struct jet *out)
{
    double by_beta = 1 / (p[BETA] + time);

    *out = *density;
    out->value += log(p[BETA] + time);
    out->gradient[BETA] += by_beta;
    out->hessian[BB] -= by_beta * by_beta;
}

static void find_stations(const struct clv_pareto *pareto, const struct chunk *chunk, const double *p,
                          struct station *stations)
{
    const uint32_t *times = pareto->times + chunk->times;
    const double *at = pareto->rows->times;
    double m = p[R] + chunk->repeats;

    for (uint32_t i = chunk->time_count; i-- > 0;) {
        struct station *station = &stations[i];

        log_density(at[times[i]], p, m, &station->density);
        station->rest = (struct jet){0};
        if (i + 1 == chunk->time_count)
            continue;
        integrate(at[times[i]], at[times[i + 1]], p, m, station->density.value, &station->rest);
        times_s(&station->rest, p[S]);
        jet_add(&station->rest, exp(station[1].density.value - station->density.value), &station[1].rest);
    }
}

/* What depends on the number of repeats alone, and alpha^r beta^s. */
static void add_repeats(const struct clv_rows *rows, const double *p, struct jet *sum)
{
    static const double of_r[] = {1, 0, 0, 0};
    double n = rows->customers;

    jet_add_log_gamma(sum, -n, p[R], of_r);
    for (size_t i = 0; i < rows->group_count; i++)
        jet_add_log_gamma(sum, rows->groups[i].count, p[R] + rows->groups[i].repeats, of_r);
    sum->value += n * (p[R] * log(p[ALPHA]) + p[S] * log(p[BETA]));
    sum->gradient[R] += n * log(p[ALPHA]);
    sum->gradient[S] += n * log(p[BETA]);
    sum->gradient[ALPHA] += n * p[R] / p[ALPHA];
    sum->gradient[BETA] += n * p[S] / p[BETA];
    sum->hessian[RALPHA] += n / p[ALPHA];
    sum->hessian[SBETA] += n / p[BETA];
    sum->hessian[AA] -= n * p[R] / (p[ALPHA] * p[ALPHA]);
    sum->hessian[BB] -= n * p[S] / (p[BETA] * p[BETA]);
}

static void add_chunk(const struct clv_pareto *pareto, const struct chunk *chunk, const double *p,
                      const struct station *stations, struct jet *sum, double *alive)
{
    const struct clv_rows *rows = pareto->rows;

    for (size_t i = chunk->first; i < chunk->end; i++) {
        const struct station *last = &stations[pareto->places[i].last];
        const struct station *observed = &stations[pareto->places[i].observed];
        double shift = last->density.value;
        struct jet here, either = last->rest;

        jet_add(&either, -exp(observed->density.value - shift), &observed->rest);
        log_here(&observed->density, rows->times[rows->rows[i].observed], p, &here);
        jet_add_exp(&either, 1, &here, shift);
        if (alive != NULL)
            alive[i] = exp(here.value - shift) / either.value;
        jet_add_log(sum, rows->rows[i].count, &either, shift);
    }
}

void clv_pareto_likelihood(const struct clv_pareto *pareto, const double *parameters, double *alive, struct jet *sum)
{
    *sum = (struct jet){0};
    add_repeats(pareto->rows, parameters, sum);
    for (size_t i = 0; i < pareto->chunk_count; i++) {
        find_stations(pareto, &pareto->chunks[i], parameters, pareto->stations);
        add_chunk(pareto, &pareto->chunks[i], parameters, pareto->stations, sum, alive);
    }
}

/* ---- what comes next ---- */

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

struct outlook {       /* of those who are here, observed as long: integrals of their survival S(u) */
    double time;       /* of S */
    double time_twice; /* of 2 u S */
    double discounted; /* of exp(-discount u) S, without end */
    bool known;
};

static const struct outlook *outlook_at(struct outlook *outlooks, const struct clv_rows *rows, uint32_t time,
                                        const double *p, const struct clv_question *question)
{
    struct outlook *outlook = &outlooks[time];

    if (!outlook->known) {
        double scale = p[BETA] + rows->times[time], length = log1p(question->time / scale);
        double once = falling(p[S] - 1, length), twice = falling(p[S] - 2, length);

        *outlook =
            (struct outlook){.time = scale * once, .time_twice = 2 * scale * scale * (twice - once), .known = true};
        if (question->discount > 0)
            outlook->discounted = discounted_survival(question->discount, p[S], scale);
    }
    return outlook;
}

void clv_pareto_score(struct arena *arena, const struct clv_rows *rows, const double *parameters,
                      const struct clv_question *question, struct clv_score *out)
{
    const struct clv_pareto *pareto = clv_pareto_new(arena, rows);
    double *alive = arena_array(arena, rows->row_count, sizeof *alive);
    struct outlook *outlooks = arena_array(arena, rows->time_count, sizeof *outlooks);
    struct jet sum;

    clv_pareto_likelihood(pareto, parameters, alive, &sum);
    for (size_t i = 0; i < rows->row_count; i++) {
        uint32_t observed = rows->rows[i].observed;
        const struct outlook *outlook = outlook_at(outlooks, rows, observed, parameters, question);
        double shape = parameters[R] + rows->rows[i].repeats, scale = parameters[ALPHA] + rows->times[observed];
        double expected = alive[i] * shape / scale * outlook->time;
        double pairs = alive[i] * shape * (shape + 1) / (scale * scale) * outlook->time_twice;

        out[i] = (struct clv_score){alive[i], expected, pairs + expected - expected * expected,
                                    alive[i] * shape / scale * outlook->discounted};
    }
}
