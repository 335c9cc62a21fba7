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

#include "features/insight/clv_pareto.h"
#include "mathematics/jet.h"
#include "mathematics/parallel.h"
#include "mathematics/quadrature.h"

enum { R = CLV_PARETO_R, ALPHA = CLV_PARETO_ALPHA, S = CLV_PARETO_S, BETA = CLV_PARETO_BETA };
enum { RR, RALPHA, RS, RBETA, AA, ALPHAS, ALPHABETA, SS, SBETA, BB };
enum { ROWS_OF_THREADS = 16384 }; /* with fewer, a thread costs more than it saves */

/* What a chunk knows at each of its times: f, and s times the integral from there to its last time over f. */
struct station {
    struct jet density;
    struct jet rest;
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

static void list_times(struct clv_pareto *pareto, struct clv_chunk *chunk)
{
    const struct clv_row *rows = pareto->rows->rows;
    uint32_t *times = pareto->times + 2 * chunk->first;
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
            (struct clv_place){place_of(times, kept, rows[i].last), place_of(times, kept, rows[i].observed)};
}

static void list_share(void *context, size_t thread)
{
    struct clv_pareto *pareto = context;

    for (size_t i = thread; i < pareto->chunk_count; i += pareto->threads)
        list_times(pareto, &pareto->chunks[i]);
}

struct clv_pareto *clv_pareto_new(struct arena *arena, const struct clv_rows *rows)
{
    struct clv_pareto *pareto = arena_alloc(arena, sizeof *pareto);
    size_t chunks = rows->group_count + rows->row_count / CLV_PARETO_ROWS;

    pareto->rows = rows;
    pareto->threads = rows->row_count < ROWS_OF_THREADS ? 1 : parallel_threads();
    pareto->stations =
        arena_array(arena, rows->row_count < CLV_PARETO_ROWS ? 2 * rows->row_count : pareto->threads * CLV_PARETO_TIMES,
                    sizeof *pareto->stations);
    pareto->chunks = arena_array(arena, chunks, sizeof *pareto->chunks);
    pareto->places = arena_array(arena, rows->row_count, sizeof *pareto->places);
    pareto->times = arena_array(arena, 2 * rows->row_count, sizeof *pareto->times);
    for (size_t i = 0; i < rows->group_count; i++)
        for (size_t first = rows->groups[i].first; first < rows->groups[i].end; first += CLV_PARETO_ROWS) {
            size_t end = first + CLV_PARETO_ROWS;

            pareto->chunks[pareto->chunk_count++] =
                (struct clv_chunk){.repeats = rows->groups[i].repeats,
                                   .first = first,
                                   .end = end < rows->groups[i].end ? end : rows->groups[i].end};
        }
    parallel_run(pareto->threads, list_share, pareto);
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

/* sum += size * f, whose logarithm and derivatives are given; written out, as most of the Hessian of log f is zero. */
static void add_density(struct jet *sum, double size, const struct jet *density)
{
    const double *g = density->gradient;
    double r = size * g[R], alpha = size * g[ALPHA], s = size * g[S], beta = size * g[BETA];

    sum->value += size;
    sum->gradient[R] += r;
    sum->gradient[ALPHA] += alpha;
    sum->gradient[S] += s;
    sum->gradient[BETA] += beta;
    sum->hessian[RR] += r * g[R];
    sum->hessian[RALPHA] += r * g[ALPHA] + size * density->hessian[RALPHA];
    sum->hessian[RS] += r * g[S];
    sum->hessian[RBETA] += r * g[BETA];
    sum->hessian[AA] += alpha * g[ALPHA] + size * density->hessian[AA];
    sum->hessian[ALPHAS] += alpha * g[S];
    sum->hessian[ALPHABETA] += alpha * g[BETA];
    sum->hessian[SS] += s * g[S];
    sum->hessian[SBETA] += s * g[BETA] + size * density->hessian[SBETA];
    sum->hessian[BB] += beta * g[BETA] + size * density->hessian[BB];
}

/*
 * A panel is short against the distance to the poles at -alpha and -beta and against the fall of f, so that its nodes are
 * exact to rounding; Simpson's rule errs by 1e-10 at most of the panels that it gets.
 */
struct clv_panel clv_pareto_panel(const double *p, double m, double from, double to)
{
    double reach = fmin(p[ALPHA], p[BETA]) + from, fall = m / (p[ALPHA] + from) + (p[S] + 1) / (p[BETA] + from);
    double width = fmin(to - from, fmin(reach / 2, 3 / fall));

    if (to - from - width < 1e-9 * width)
        width = to - from;
    if (width == to - from && fall * width < 0.02 && width < 0.01 * reach)
        return (struct clv_panel){width, 0};
    return (struct clv_panel){width, fall * width < 0.2 && width < 0.1 * reach ? 4 : 8};
}

/* Adds the integral of f / exp(shift) over [from, to]; what fell by exp(-45) is left out. */
static void integrate(double from, double to, const double *p, double m, double shift, struct jet *sum)
{
    while (from < to) {
        struct clv_panel panel = clv_pareto_panel(p, m, from, to);
        const struct quadrature *rule = panel.nodes == 8 ? &quadrature_eight : &quadrature_four;
        double largest = -INFINITY;

        for (int i = 0; i < rule->count; i++) {
            struct jet density;

            log_density(from + panel.width * rule->nodes[i], p, m, &density);
            add_density(sum, panel.width * rule->weights[i] * exp(density.value - shift), &density);
            largest = fmax(largest, density.value);
        }
        if (largest - shift < -45 || panel.width == to - from)
            return;
        from += panel.width;
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
    out->value -= density->gradient[S]; /* which is -log(beta + T) */
    out->gradient[BETA] += by_beta;
    out->hessian[BB] -= by_beta * by_beta;
}

/* rest = the integral of f from this station to the next over f here. */
static void find_rest(const double *p, double m, const double between[2], const struct station *next,
                      struct station *station)
{
    double from = between[0], to = between[1], shift = station->density.value;
    struct clv_panel panel = clv_pareto_panel(p, m, from, to);
    struct jet middle;

    if (panel.nodes > 0) {
        integrate(from, to, p, m, shift, &station->rest);
        return;
    }
    log_density(from + panel.width / 2, p, m, &middle);
    add_density(&station->rest, panel.width / 6, &station->density);
    add_density(&station->rest, panel.width * (2.0 / 3) * exp(middle.value - shift), &middle);
    add_density(&station->rest, panel.width / 6 * exp(next->density.value - shift), &next->density);
}

static void find_stations(const struct clv_pareto *pareto, const struct clv_chunk *chunk, const double *p,
                          struct station *stations)
{
    const uint32_t *times = pareto->times + 2 * chunk->first;
    const double *at = pareto->rows->times;
    double m = p[R] + chunk->repeats;

    for (uint32_t i = chunk->time_count; i-- > 0;) {
        struct station *station = &stations[i];

        log_density(at[times[i]], p, m, &station->density);
        station->rest = (struct jet){0};
        if (i + 1 == chunk->time_count)
            continue;
        find_rest(p, m, (double[]){at[times[i]], at[times[i + 1]]}, &station[1], station);
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

static void add_chunk(const struct clv_pareto *pareto, const struct clv_chunk *chunk, const double *p,
                      const struct station *stations, struct jet *sum)
{
    const struct clv_rows *rows = pareto->rows;

    for (size_t i = chunk->first; i < chunk->end; i++) {
        const struct station *last = &stations[pareto->places[i].last];
        const struct station *observed = &stations[pareto->places[i].observed];
        double shift = last->density.value;
        struct jet here, either = last->rest;

        jet_add(&either, -exp(observed->density.value - shift), &observed->rest);
        log_here(&observed->density, rows->times[rows->rows[i].observed], p, &here);
        add_density(&either, exp(here.value - shift), &here);
        jet_add_log(sum, rows->rows[i].count, &either, shift);
    }
}

/* Sums of blocks of chunks, so that the result does not depend on the number of threads. */
struct summing {
    const struct clv_pareto *pareto;
    const double *parameters;
    struct jet sums[CLV_PARETO_BLOCKS];
};

static void sum_share(void *context, size_t thread)
{
    struct summing *summing = context;
    const struct clv_pareto *pareto = summing->pareto;
    struct station *stations = pareto->stations + thread * CLV_PARETO_TIMES;

    for (size_t block = thread; block < CLV_PARETO_BLOCKS; block += pareto->threads) {
        size_t end = (block + 1) * pareto->chunk_count / CLV_PARETO_BLOCKS;

        for (size_t i = block * pareto->chunk_count / CLV_PARETO_BLOCKS; i < end; i++) {
            find_stations(pareto, &pareto->chunks[i], summing->parameters, stations);
            add_chunk(pareto, &pareto->chunks[i], summing->parameters, stations, &summing->sums[block]);
        }
    }
}

void clv_pareto_likelihood(const struct clv_pareto *pareto, const double *parameters, struct jet *sum)
{
    struct summing summing = {.pareto = pareto, .parameters = parameters};

    *sum = (struct jet){0};
    add_repeats(pareto->rows, parameters, sum);
    parallel_run(pareto->threads, sum_share, &summing);
    for (size_t i = 0; i < CLV_PARETO_BLOCKS; i++)
        jet_add(sum, 1, &summing.sums[i]);
}
