#include "features/insight/satisfaction_panel.h"

#include <math.h>
#include <stdbool.h>

#include "mathematics/distribution.h"
#include "mathematics/sample.h"
#include "mathematics/special.h"

enum { MEMBERS_MIN = 10, N = PANEL_VARIABLES };

static const double SAME = 1 - 1e-9; /* a correlation above: two columns say the same */

static const char *const names[N] = {"satisfaction1", "loyalty1", "satisfaction2", "loyalty2"};

const char *panel_path_name(enum panel_path path)
{
    static const char *const words[PANEL_PATHS] = {
        [PANEL_SATISFACTION_STAYS] = "satisfaction1 -> satisfaction2",
        [PANEL_LOYALTY_STAYS] = "loyalty1 -> loyalty2",
        [PANEL_SATISFACTION_TO_LOYALTY] = "satisfaction1 -> loyalty2",
        [PANEL_LOYALTY_TO_SATISFACTION] = "loyalty1 -> satisfaction2",
        [PANEL_DIFFERENCE] = "difference",
    };

    return words[path];
}

static bool is_complete(const struct panel_data *data, size_t i)
{
    bool complete = true;

    for (int j = 0; j < N; j++)
        complete = complete && isfinite(data->columns[j][i]);
    return complete;
}

static enum status find_moments(const struct panel_data *data, struct sample samples[N], struct error *err)
{
    for (size_t i = 0; i < data->count; i++)
        for (int j = 0; j < N && is_complete(data, i); j++)
            sample_add(&samples[j], data->columns[j][i]);
    if (samples[0].count < MEMBERS_MIN)
        return error_set(err, STATUS_INVALID, "panel.rows", "",
                         "%.0f members answered everything in both waves; it takes %d", samples[0].count, MEMBERS_MIN);
    for (int j = 0; j < N; j++) {
        double variance = sample_variance(&samples[j]);

        if (!(variance > 1e-14 * samples[j].mean * samples[j].mean) || !isfinite(variance))
            return error_set(err, STATUS_INVALID, "panel.constant", names[j],
                             "the answers of %s do not vary, or are too large", names[j]);
    }
    return STATUS_OK;
}

static void standardise(const struct panel_data *data, const struct sample samples[N], size_t i, double z[N])
{
    for (int j = 0; j < N; j++)
        z[j] = (data->columns[j][i] - samples[j].mean) / sqrt(samples[j].squares / samples[j].count);
}

/* The two paths into a variable of the second wave, from its correlations with those of the first. */
static void solve(double r, const double right[2], double out[2])
{
    out[0] = (right[0] - r * right[1]) / (1 - r * r);
    out[1] = (right[1] - r * right[0]) / (1 - r * r);
}

/* Paths in the order of enum panel_path from those into satisfaction and into loyalty. */
static void arrange(double into[2][2], double out[PANEL_PATHS])
{
    out[PANEL_SATISFACTION_STAYS] = into[0][0];
    out[PANEL_LOYALTY_STAYS] = into[1][1];
    out[PANEL_SATISFACTION_TO_LOYALTY] = into[1][0];
    out[PANEL_LOYALTY_TO_SATISFACTION] = into[0][1];
    out[PANEL_DIFFERENCE] = into[1][0] - into[0][1];
}

/* How much one member moves a correlation. */
static double influence(const double z[N], double correlations[N][N], int j, int k)
{
    return z[j] * z[k] - correlations[j][k] * (z[j] * z[j] + z[k] * z[k]) / 2;
}

/* Squares of how much each member moves each path, summed up. */
static void sum_influences(const struct panel_data *data, const struct sample samples[N], double correlations[N][N],
                           double into[2][2], double squares[PANEL_PATHS])
{
    for (size_t i = 0; i < data->count; i++) {
        double z[N], moved[2][2], moves[PANEL_PATHS];

        if (!is_complete(data, i))
            continue;
        standardise(data, samples, i, z);
        double first = influence(z, correlations, 0, 1);

        for (int k = 0; k < 2; k++) {
            const double right[2] = {influence(z, correlations, 0, 2 + k) - first * into[k][1],
                                     influence(z, correlations, 1, 2 + k) - first * into[k][0]};

            solve(correlations[0][1], right, moved[k]);
        }
        arrange(moved, moves);
        for (int path = 0; path < PANEL_PATHS; path++)
            squares[path] += moves[path] * moves[path];
    }
}

static double compare_stayed(const struct panel_data *data)
{
    struct sample samples[2] = {0};

    for (size_t i = 0; i < data->count; i++)
        if (isfinite(data->columns[PANEL_SATISFACTION_1][i]))
            sample_add(&samples[is_complete(data, i)], data->columns[PANEL_SATISFACTION_1][i]);
    return sample_differ(&samples[0], &samples[1]);
}

static enum panel_lead find_lead(const struct panel_report *report, double level)
{
    const struct panel_estimate *paths = report->paths;

    if (paths[PANEL_DIFFERENCE].p_value < level) {
        /* A larger path that is not above 0 leads nowhere. */
        enum panel_path larger =
            paths[PANEL_DIFFERENCE].value > 0 ? PANEL_SATISFACTION_TO_LOYALTY : PANEL_LOYALTY_TO_SATISFACTION;

        if (paths[larger].value > 0 && paths[larger].p_value < level)
            return larger == PANEL_SATISFACTION_TO_LOYALTY ? PANEL_SATISFACTION_LEADS : PANEL_LOYALTY_LEADS;
    }
    bool there =
        paths[PANEL_SATISFACTION_TO_LOYALTY].p_value < level || paths[PANEL_LOYALTY_TO_SATISFACTION].p_value < level;

    return there ? PANEL_BOTH_ALIKE : PANEL_NEITHER;
}

static void fill_paths(const double values[PANEL_PATHS], const double squares[PANEL_PATHS], double confidence,
                       struct panel_report *report)
{
    double n = report->count, z = normal_quantile((1 + confidence) / 2);

    for (int path = 0; path < PANEL_PATHS; path++) {
        struct panel_estimate *estimate = &report->paths[path];
        /* As for a regression on two variables and a constant: the influence of each member is seen too small. */
        double error = sqrt(squares[path] / (n * (n - 3)));

        *estimate = (struct panel_estimate){values[path], NAN, NAN, NAN, NAN};
        if (!(error > 1e-12))
            continue;
        estimate->error = error;
        estimate->low = values[path] - z * error;
        estimate->high = values[path] + z * error;
        estimate->p_value = normal_two_sided(values[path] / error);
    }
}

enum status panel_estimate(const struct panel_data *data, double confidence, struct panel_report *out,
                           struct error *err)
{
    double correlations[N][N] = {0}, into[2][2], values[PANEL_PATHS], squares[PANEL_PATHS] = {0};
    struct panel_report report = {0};
    struct sample samples[N] = {0};
    enum status status = find_moments(data, samples, err);

    if (status != STATUS_OK)
        return status;
    report.count = samples[0].count;
    report.left_out = (double)data->count - report.count;
    for (size_t i = 0; i < data->count; i++) {
        double z[N];

        if (!is_complete(data, i))
            continue;
        standardise(data, samples, i, z);
        for (int j = 0; j < N; j++)
            for (int k = 0; k < N; k++)
                correlations[j][k] += z[j] * z[k] / report.count;
    }
    double r = correlations[0][1];

    if (fabs(r) > SAME)
        return error_set(err, STATUS_INVALID, "panel.constant", names[1],
                         "satisfaction and loyalty of the first wave say the same: they cannot be told apart");
    for (int k = 0; k < 2; k++) {
        solve(r, (double[]){correlations[0][2 + k], correlations[1][2 + k]}, into[k]);
        report.explained[k] = into[k][0] * correlations[0][2 + k] + into[k][1] * correlations[1][2 + k];
    }
    double shared = into[0][0] * correlations[0][3] + into[0][1] * correlations[1][3];
    double left = (1 - report.explained[0]) * (1 - report.explained[1]);

    report.together_1 = r;
    report.together_2 = left > 1e-18 ? (correlations[2][3] - shared) / sqrt(left) : NAN;
    sum_influences(data, samples, correlations, into, squares);
    arrange(into, values);
    fill_paths(values, squares, confidence, &report);
    report.stayed_p_value = compare_stayed(data);
    report.lead = find_lead(&report, 1 - confidence);
    *out = report;
    return STATUS_OK;
}
