#include "mathematics/boosted_trees.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xgboost/c_api.h>

enum { LOSS_DIGITS = 32 };

struct boosted_trees {
    BoosterHandle booster;
};

static enum status library_fault(struct error *err)
{
    const char *message = XGBGetLastError();

    if (strstr(message, "bad_alloc") != NULL)
        return error_set(err, STATUS_LIMIT, "trees.memory", "", "there is no memory for trees of so many rows");
    return error_set(err, STATUS_DEFECT, "trees.library", "", "XGBoost: %.*s", (int)strcspn(message, "\n"), message);
}

/* ---- matrices ---- */

static enum status matrix_make(const struct tree_rows *rows, DMatrixHandle *out, struct error *err)
{
    size_t columns = rows->column_count, count = rows->chosen_count;
    float *values = NULL, *labels = NULL;
    DMatrixHandle matrix = NULL;
    enum status status = STATUS_OK;

    values = malloc((count * columns + 1) * sizeof *values);
    labels = malloc((count + 1) * sizeof *labels);
    if (values == NULL || labels == NULL) {
        status = error_set(err, STATUS_LIMIT, "trees.memory", "", "there is no memory for %zu rows", count);
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        size_t number = rows->chosen == NULL ? i : rows->chosen[i];

        memcpy(values + i * columns, rows->values + number * columns, columns * sizeof *values);
        labels[i] = rows->outcome != NULL ? (float)rows->outcome[number] : 0;
    }
    if (XGDMatrixCreateFromMat(values, count, columns, NAN, &matrix) != 0 ||
        XGDMatrixSetFloatInfo(matrix, "label", labels, count) != 0) {
        status = library_fault(err);
        if (matrix != NULL)
            XGDMatrixFree(matrix);
        goto out;
    }
    *out = matrix;
out:
    free(values);
    free(labels);
    return status;
}

/* ---- learning ---- */

/*
 * One thread: the sums are then the same on every machine. Those of the library wait for each other in busy loops, which on
 * a machine that does anything else takes most of the time; who learns several models learns them side by side.
 */
static bool set_parameters(BoosterHandle booster, const struct boosting *how, const struct tree_rows *rows)
{
    char texts[7][LOSS_DIGITS];
    double ones = 0;

    snprintf(texts[0], LOSS_DIGITS, "%d", how->depth);
    snprintf(texts[1], LOSS_DIGITS, "%.9g", how->rate);
    snprintf(texts[2], LOSS_DIGITS, "%.9g", how->row_share);
    snprintf(texts[3], LOSS_DIGITS, "%.9g", how->column_share);
    snprintf(texts[4], LOSS_DIGITS, "%.9g", how->weight_min);
    snprintf(texts[5], LOSS_DIGITS, "%u", (unsigned)(how->seed & 0x7FFFFFFF));
    for (size_t i = 0; i < rows->chosen_count; i++)
        ones += rows->outcome[rows->chosen == NULL ? i : rows->chosen[i]];
    /* The share of ones, kept from 0 and 1: where the first tree starts. */
    snprintf(texts[6], LOSS_DIGITS, "%.9g", (ones + 0.5) / ((double)rows->chosen_count + 1));
    const char *const parameters[][2] = {
        {"verbosity", "0"},
        {"objective", "binary:logistic"},
        {"tree_method", "hist"},
        {"max_depth", texts[0]},
        {"eta", texts[1]},
        {"subsample", texts[2]},
        {"colsample_bytree", texts[3]},
        {"min_child_weight", texts[4]},
        {"seed", texts[5]},
        {"eval_metric", "logloss"},
        {"base_score", texts[6]},
        {"nthread", "1"},
    };

    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        if (XGBoosterSetParam(booster, parameters[i][0], parameters[i][1]) != 0)
            return false;
    return true;
}

/* "[7]	held-out-logloss:0.4113": the number after the last colon. */
static bool read_loss(BoosterHandle booster, int round, DMatrixHandle matrix, double *loss)
{
    const char *name = "held-out", *text = NULL;

    if (XGBoosterEvalOneIter(booster, round, &matrix, &name, 1, &text) != 0)
        return false;
    const char *colon = strrchr(text, ':');

    *loss = colon != NULL ? strtod(colon + 1, NULL) : INFINITY;
    return true;
}

static bool run_rounds(BoosterHandle booster, const struct boosting *how, DMatrixHandle matrix, DMatrixHandle other,
                       double *losses)
{
    double best = INFINITY;

    for (int round = 0, since = 0; round < how->rounds; round++, since++) {
        if (other != NULL && how->patience > 0 && since > how->patience) {
            losses[round] = INFINITY;
            continue;
        }
        if (XGBoosterUpdateOneIter(booster, round, matrix) != 0)
            return false;
        if (other != NULL && !read_loss(booster, round, other, &losses[round]))
            return false;
        if (other != NULL && losses[round] < best) {
            best = losses[round];
            since = 0;
        }
    }
    return true;
}

enum status boosted_trees_learn(const struct boosting *how, const struct tree_rows *rows,
                                const struct tree_rows *held_out, double *losses, struct boosted_trees **out,
                                struct error *err)
{
    struct boosted_trees *trees = calloc(1, sizeof *trees);
    DMatrixHandle matrices[2] = {NULL, NULL};
    enum status status = STATUS_OK;

    if (trees == NULL)
        return error_set(err, STATUS_LIMIT, "trees.memory", "", "there is no memory to learn with");
    status = matrix_make(rows, &matrices[0], err);
    if (status == STATUS_OK && held_out != NULL)
        status = matrix_make(held_out, &matrices[1], err);
    if (status != STATUS_OK)
        goto out;
    if (XGBoosterCreate(matrices, held_out != NULL ? 2 : 1, &trees->booster) != 0 ||
        !set_parameters(trees->booster, how, rows) ||
        !run_rounds(trees->booster, how, matrices[0], matrices[1], losses))
        status = library_fault(err);
out:
    for (size_t i = 0; i < 2; i++)
        if (matrices[i] != NULL)
            XGDMatrixFree(matrices[i]);
    if (status != STATUS_OK)
        boosted_trees_free(trees);
    else
        *out = trees;
    return status;
}

void boosted_trees_free(struct boosted_trees *trees)
{
    if (trees != NULL && trees->booster != NULL)
        XGBoosterFree(trees->booster);
    free(trees);
}

/* ---- answers ---- */

/* `what` by the library's numbers: 1 log-odds, 2 contributions; `width` numbers a row. */
static enum status predict(const struct boosted_trees *trees, const struct tree_rows *rows, int what, int rounds,
                           double *out, struct error *err)
{
    char question[160];
    size_t width = what == 1 ? 1 : rows->column_count + 1;
    bst_ulong const *shape;
    bst_ulong dimensions;
    const float *answer;
    DMatrixHandle matrix;
    enum status status = matrix_make(rows, &matrix, err);

    if (status != STATUS_OK)
        return status;
    snprintf(
        question, sizeof question,
        "{\"type\": %d, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": %d, \"strict_shape\": true}",
        what, rounds);
    if (XGBoosterPredictFromDMatrix(trees->booster, matrix, question, &shape, &dimensions, &answer) != 0)
        status = library_fault(err);
    for (size_t i = 0; status == STATUS_OK && i < rows->chosen_count * width; i++)
        out[i] = (double)answer[i];
    XGDMatrixFree(matrix);
    return status;
}

enum status boosted_trees_score(const struct boosted_trees *trees, const struct tree_rows *rows, int rounds,
                                double *out, struct error *err)
{
    return predict(trees, rows, 1, rounds, out, err);
}

enum status boosted_trees_explain(const struct boosted_trees *trees, const struct tree_rows *rows, int rounds,
                                  double *out, struct error *err)
{
    return predict(trees, rows, 2, rounds, out, err);
}

/* ---- as text ---- */

enum status boosted_trees_write(const struct boosted_trees *trees, struct arena *arena, struct text *out,
                                struct error *err)
{
    const char *bytes = NULL;
    bst_ulong size = 0;

    if (XGBoosterSaveModelToBuffer(trees->booster, "{\"format\": \"json\"}", &size, &bytes) != 0)
        return library_fault(err);
    *out = text_copy(arena, (struct text){bytes, size});
    return STATUS_OK;
}

enum status boosted_trees_read(struct text text, struct boosted_trees **out, struct error *err)
{
    struct boosted_trees *trees = calloc(1, sizeof *trees);

    if (trees == NULL)
        return error_set(err, STATUS_LIMIT, "trees.memory", "", "there is no memory for the trees");
    /* One thread: kept trees score few rows at a time, for which waking others takes longer. */
    if (XGBoosterCreate(NULL, 0, &trees->booster) != 0 || XGBoosterSetParam(trees->booster, "verbosity", "0") != 0 ||
        XGBoosterSetParam(trees->booster, "nthread", "1") != 0 ||
        XGBoosterLoadModelFromBuffer(trees->booster, text.bytes, text.size) != 0) {
        boosted_trees_free(trees);
        return library_fault(err);
    }
    *out = trees;
    return STATUS_OK;
}
