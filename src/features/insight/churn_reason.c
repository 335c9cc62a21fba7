#include <math.h>

#include "features/insight/churn_model.h"

enum { ROWS_AT_ONCE = 4096 };

static size_t number_at(const struct churn_rows *rows, size_t i)
{
    return rows->chosen == NULL ? i : rows->chosen[i];
}

enum status churn_score(const struct churn_model *model, const struct churn_design *design,
                        const struct churn_rows *rows, double *out, struct error *err)
{
    const struct tree_rows tree_rows = {.values = design->tree_rows,
                                        .chosen = rows->chosen,
                                        .chosen_count = rows->count,
                                        .column_count = design->tree_term_count};
    enum status status = STATUS_OK;

    if (model->kind != CHURN_LOGISTIC)
        status = boosted_trees_score(model->trees, &tree_rows, model->rounds, out, err);
    for (size_t i = 0; status == STATUS_OK && i < rows->count; i++) {
        const double *row = design->rows + number_at(rows, i) * design->term_count;
        double trees = model->kind != CHURN_LOGISTIC ? model->trees_weight * out[i] : 0;
        double line = model->kind != CHURN_TREES ? model->line_weight * logistic_score(&model->line, row) : 0;

        out[i] = model->constant + line + trees;
    }
    return status;
}

/* The means of the terms that are not standard: shares of levels. */
static double *term_means(struct arena *arena, const struct churn_design *design)
{
    double *means = arena_array(arena, design->term_count, sizeof *means);

    for (size_t row = 0; row < design->row_count; row++)
        for (size_t t = 0; t < design->term_count; t++)
            means[t] += design->rows[row * design->term_count + t] / (double)design->row_count;
    return means;
}

static void explain_line(const struct churn_model *model, const struct churn_design *design,
                         const struct churn_rows *rows, const double *means, double *out)
{
    for (size_t i = 0; i < rows->count; i++) {
        const double *row = design->rows + number_at(rows, i) * design->term_count;

        for (size_t t = 0; t < design->term_count; t++)
            out[i * design->column_count + design->terms[t].source] +=
                model->line_weight * model->line.coefficients[t + 1] * (row[t] - means[t]);
    }
}

static enum status explain_trees(struct arena *arena, const struct churn_model *model,
                                 const struct churn_design *design, const struct churn_rows *rows,
                                 struct churn_reasons *out, struct error *err)
{
    size_t width = design->tree_term_count + 1;
    double *values = arena_array(arena, ROWS_AT_ONCE * width, sizeof *values);
    uint32_t *chosen = arena_array(arena, ROWS_AT_ONCE, sizeof *chosen);

    for (size_t start = 0; start < rows->count; start += ROWS_AT_ONCE) {
        size_t count = rows->count - start < ROWS_AT_ONCE ? rows->count - start : ROWS_AT_ONCE;
        const struct tree_rows tree_rows = {.values = design->tree_rows,
                                            .chosen = chosen,
                                            .chosen_count = count,
                                            .column_count = design->tree_term_count};

        for (size_t i = 0; i < count; i++)
            chosen[i] = (uint32_t)number_at(rows, start + i);
        enum status status = boosted_trees_explain(model->trees, &tree_rows, model->rounds, values, err);

        if (status != STATUS_OK)
            return status;
        for (size_t i = 0; i < count; i++)
            for (size_t t = 0; t + 1 < width; t++)
                out->parts[(start + i) * design->column_count + design->tree_terms[t].source] +=
                    model->trees_weight * values[i * width + t];
        out->base += start == 0 ? model->trees_weight * values[width - 1] : 0;
    }
    return STATUS_OK;
}

enum status churn_explain(struct arena *arena, const struct churn_model *model, const struct churn_design *design,
                          const struct churn_rows *rows, struct churn_reasons *out, struct error *err)
{
    for (size_t i = 0; i < rows->count * design->column_count; i++)
        out->parts[i] = 0;
    out->base = model->constant;
    if (model->kind != CHURN_TREES) {
        const double *means = design->means != NULL ? design->means : term_means(arena, design);

        explain_line(model, design, rows, means, out->parts);
        out->base += model->line_weight * model->line.coefficients[0];
        for (size_t t = 0; t < design->term_count; t++)
            out->base += model->line_weight * model->line.coefficients[t + 1] * means[t];
    }
    if (model->kind == CHURN_LOGISTIC)
        return STATUS_OK;
    return explain_trees(arena, model, design, rows, out, err);
}

struct measure churn_contrast(const struct churn_model *model, const struct churn_design *design, size_t column,
                              double from, double to)
{
    size_t width = design->term_count + 1;
    double sum = 0, variance = 0;
    double steps[CHURN_TERMS_MAX] = {0};

    for (size_t t = 0; t < design->term_count; t++)
        if (design->terms[t].source == column && design->terms[t].kind != CHURN_ABSENT)
            steps[t] = churn_term_value(&design->terms[t], to) - churn_term_value(&design->terms[t], from);
    for (size_t t = 0; t < design->term_count; t++) {
        sum += steps[t] * model->line.coefficients[t + 1];
        for (size_t u = 0; steps[t] != 0 && u < design->term_count; u++)
            variance += steps[t] * steps[u] * model->line.covariance[(t + 1) * width + u + 1];
    }
    return (struct measure){sum, sqrt(fmax(0, variance))};
}
