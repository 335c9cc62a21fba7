#include "features/insight/churn_model.h"

#include <math.h>
#include <string.h>

#include "mathematics/parallel.h"
#include "mathematics/random.h"

enum { ROWS_MANY = 50000, ROUNDS_FEW_ROWS = 250, ROUNDS_MANY_ROWS = 150, PATIENCE = 20, DEPTH = 4 };

/* A trial on this many rows, with so many of the rarer outcome, is as exact as anyone acts on: AUC to about 0.005. */
enum { TRIAL_ROWS = 60000, TRIAL_CLASS = 3000 };

static const size_t PART_BYTES_MAX = (size_t)8 << 30;

/* Slow steps and shares of rows and columns, so that no single tree says much (Friedman 2002). */
static const double RATE_FEW_ROWS = 0.07, RATE_MANY_ROWS = 0.1, ROW_SHARE = 0.5, COLUMN_SHARE = 0.3, WEIGHT_MIN = 10;

struct task {
    struct arena *arena;
    const struct churn_design *design;
    const uint8_t *outcome;
    const struct churn_rows *known; /* the rows of the trial */
    const struct churn_setup *setup;
    struct random random;
    bool many; /* all known rows, not those of a part: steps and numbers of trees belong together */
    struct error *err;
};

/* What the line and the trees say of rows; of a model that is not asked for, nothing. */
struct scores {
    double *line, *trees;
};

void churn_model_release(struct churn_model *model)
{
    boosted_trees_free(model->trees);
    model->trees = NULL;
}

static bool has_line(enum churn_kind kind)
{
    return kind != CHURN_TREES;
}

static bool has_trees(enum churn_kind kind)
{
    return kind != CHURN_LOGISTIC;
}

/* ---- parts ---- */

/* Gives each chosen row a part, so that every part has its share of each outcome. */
static uint32_t *deal_parts(struct task *task, const struct churn_rows *rows, size_t parts)
{
    uint32_t *part_of = arena_array(task->arena, rows->count, sizeof *part_of);
    uint32_t *places = arena_array(task->arena, rows->count, sizeof *places);
    size_t dealt = 0;

    for (int outcome = 0; outcome < 2; outcome++) {
        size_t count = 0;

        for (uint32_t i = 0; i < rows->count; i++)
            if (task->outcome[rows->chosen[i]] == outcome)
                places[count++] = i;
        random_shuffle(&task->random, places, count);
        for (size_t k = 0; k < count; k++)
            part_of[places[k]] = (uint32_t)(dealt++ % parts);
    }
    return part_of;
}

/* The rows of one part, or of all others. */
static struct churn_rows take_part(struct task *task, const struct churn_rows *rows, const uint32_t *part_of,
                                   size_t part, bool others)
{
    uint32_t *chosen = arena_array(task->arena, rows->count, sizeof *chosen);
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++)
        if ((part_of[i] != part) == others)
            chosen[count++] = rows->chosen[i];
    return (struct churn_rows){chosen, count};
}

/* ---- the models as they are ---- */

static struct tree_rows tree_rows_of(const struct churn_design *design, const struct churn_rows *rows,
                                     const uint8_t *outcome)
{
    return (struct tree_rows){.values = design->tree_rows,
                              .outcome = outcome,
                              .chosen = rows->chosen,
                              .chosen_count = rows->count,
                              .column_count = design->tree_term_count};
}

static struct boosting boosting_of(const struct task *task)
{
    bool many = task->many;

    return (struct boosting){.rounds = many ? ROUNDS_MANY_ROWS : ROUNDS_FEW_ROWS,
                             .depth = DEPTH,
                             .patience = PATIENCE,
                             .rate = many ? RATE_MANY_ROWS : RATE_FEW_ROWS,
                             .row_share = ROW_SHARE,
                             .column_share = COLUMN_SHARE,
                             .weight_min = WEIGHT_MIN,
                             .seed = task->setup->seed};
}

static enum status learn_line(struct task *task, const struct churn_rows *rows, struct churn_model *model,
                              struct error *err)
{
    const struct logistic_data data = {.rows = task->design->rows,
                                       .outcome = task->outcome,
                                       .chosen = rows->chosen,
                                       .chosen_count = rows->count,
                                       .column_count = task->design->term_count};

    if (!logistic_learn(task->arena, &data, &model->line))
        return error_set(err, STATUS_INVALID, "churn.fit", "", "the line does not fit these rows");
    return STATUS_OK;
}

static void score_line(const struct churn_model *model, const struct churn_design *design,
                       const struct churn_rows *rows, double *out)
{
    for (size_t i = 0; i < rows->count; i++) {
        size_t row = rows->chosen == NULL ? i : rows->chosen[i];

        out[i] = logistic_score(&model->line, design->rows + row * design->term_count);
    }
}

/* Both models learned at once: they share nothing but what they read. */
struct learning {
    struct task *task;
    const struct churn_rows *rows, *tree_rows;
    struct churn_model *model;
    enum status status[2];
    struct error errors[2];
};

static enum status learn_trees(struct task *task, const struct churn_rows *rows, struct churn_model *model,
                               struct error *err)
{
    struct boosting how = boosting_of(task);
    const struct tree_rows tree_rows = tree_rows_of(task->design, rows, task->outcome);

    how.rounds = model->rounds;
    return boosted_trees_learn(&how, &tree_rows, NULL, NULL, &model->trees, err);
}

static void learn_one(void *context, size_t thread)
{
    struct learning *learning = context;

    if (thread == 0 && has_line(learning->model->kind))
        learning->status[0] = learn_line(learning->task, learning->rows, learning->model, &learning->errors[0]);
    if (thread == 1 && has_trees(learning->model->kind))
        learning->status[1] = learn_trees(learning->task, learning->tree_rows, learning->model, &learning->errors[1]);
}

/* Of very many rows CHURN_TREE_ROWS_MAX drawn evenly, in their order. */
static struct churn_rows draw_rows(struct task *task, const struct churn_rows *rows)
{
    if (rows->count <= CHURN_TREE_ROWS_MAX)
        return *rows;
    uint32_t *chosen = arena_array(task->arena, CHURN_TREE_ROWS_MAX, sizeof *chosen);
    size_t count = 0;

    for (size_t i = 0; i < rows->count && count < CHURN_TREE_ROWS_MAX; i++)
        if (random_uniform(&task->random) * (double)(rows->count - i) < (double)(CHURN_TREE_ROWS_MAX - count))
            chosen[count++] = rows->chosen[i];
    return (struct churn_rows){chosen, count};
}

/* Both models on `rows`, with as many trees as `model->rounds`. */
static enum status learn_plain(struct task *task, const struct churn_rows *rows, struct churn_model *model)
{
    const struct churn_rows tree_rows = draw_rows(task, rows);
    struct learning learning = {.task = task, .rows = rows, .tree_rows = &tree_rows, .model = model};

    parallel_run(2, learn_one, &learning);
    for (int i = 0; i < 2; i++)
        if (learning.status[i] != STATUS_OK) {
            *task->err = learning.errors[i];
            return learning.status[i];
        }
    return STATUS_OK;
}

static enum status score_plain(const struct churn_model *model, const struct churn_design *design,
                               const struct churn_rows *rows, const struct scores *out, struct error *err)
{
    const struct tree_rows tree_rows = tree_rows_of(design, rows, NULL);

    if (has_line(model->kind))
        score_line(model, design, rows, out->line);
    return has_trees(model->kind) ? boosted_trees_score(model->trees, &tree_rows, model->rounds, out->trees, err)
                                  : STATUS_OK;
}

/* ---- weights ---- */

/* The weight of each score by which they foretell the outcomes best, none below 0: Platt scaling, of two when there are two. */
static void weigh(struct task *task, const uint8_t *outcome, size_t count, const struct scores *scores,
                  struct churn_model *model)
{
    double *rows = arena_array(task->arena, count * 2, sizeof *rows);
    bool used[2] = {has_line(model->kind), has_trees(model->kind)};
    double weights[2] = {0, 0};

    for (bool again = true; again;) {
        size_t columns = (size_t)used[0] + used[1], column = 0;
        const struct logistic_data data = {
            .rows = rows, .outcome = outcome, .chosen_count = count, .column_count = columns};
        struct logistic_fit fit;

        for (size_t i = 0; i < count; i++) {
            column = 0;
            if (used[0])
                rows[i * columns + column++] = scores->line[i];
            if (used[1])
                rows[i * columns + column++] = scores->trees[i];
        }
        if (!logistic_learn(task->arena, &data, &fit))
            break;
        again = false;
        column = 0;
        model->constant = fit.coefficients[0];
        for (size_t k = 0; k < 2; k++) {
            weights[k] = used[k] ? fit.coefficients[++column] : 0;
            if (weights[k] < 0)
                again = true, used[k] = false;
        }
    }
    model->line_weight = weights[0];
    model->trees_weight = weights[1];
}

/* ---- learning with weights ---- */

/* The trees of the inner parts, kept until it is known how many of them are best. */
struct inner {
    struct churn_rows training[CHURN_INNER_FOLDS], held_out[CHURN_INNER_FOLDS];
    struct churn_model models[CHURN_INNER_FOLDS];
    double *losses; /* sums over the parts, by round */
};

static enum status learn_inner(struct task *task, struct inner *inner, size_t part)
{
    struct churn_model *model = &inner->models[part];
    const struct churn_rows *rows = &inner->training[part];
    enum status status = has_line(model->kind) ? learn_line(task, rows, model, task->err) : STATUS_OK;

    if (status != STATUS_OK || !has_trees(model->kind))
        return status;
    const struct boosting how = boosting_of(task);
    const struct tree_rows tree_rows = tree_rows_of(task->design, rows, task->outcome),
                           held_out = tree_rows_of(task->design, &inner->held_out[part], task->outcome);
    double *losses = arena_array(task->arena, (size_t)how.rounds, sizeof *losses);

    status = boosted_trees_learn(&how, &tree_rows, &held_out, losses, &model->trees, task->err);
    for (int round = 0; status == STATUS_OK && round < how.rounds; round++)
        inner->losses[round] += losses[round];
    return status;
}

static int best_round(const double *losses, int rounds)
{
    int best = 0;

    for (int round = 1; round < rounds; round++)
        if (losses[round] < losses[best])
            best = round;
    return best + 1;
}

/* Of many rows one part held out says enough. */
static size_t inner_parts(const struct churn_rows *rows)
{
    return rows->count >= ROWS_MANY ? 1 : CHURN_INNER_FOLDS;
}

/* Weights, and the number of trees, by parts held out inside `rows`, dealt before. */
static enum status find_weights(struct task *task, const struct churn_rows *rows, const uint32_t *part_of,
                                struct churn_model *model)
{
    struct inner inner = {.losses = arena_array(task->arena, ROUNDS_FEW_ROWS, sizeof(double))};
    struct scores scores = {arena_array(task->arena, rows->count, sizeof(double)),
                            arena_array(task->arena, rows->count, sizeof(double))};
    uint8_t *outcome = arena_array(task->arena, rows->count, sizeof *outcome);
    enum status status = STATUS_OK;
    size_t count = 0, parts = inner_parts(rows);

    for (size_t part = 0; status == STATUS_OK && part < parts; part++) {
        inner.models[part].kind = model->kind;
        inner.training[part] = take_part(task, rows, part_of, part, true);
        inner.held_out[part] = take_part(task, rows, part_of, part, false);
        status = learn_inner(task, &inner, part);
    }
    model->rounds = best_round(inner.losses, boosting_of(task).rounds);
    for (size_t part = 0; part < parts; part++) {
        const struct churn_rows *held_out = &inner.held_out[part];
        const struct scores place = {scores.line + count, scores.trees + count};

        inner.models[part].rounds = model->rounds;
        if (status == STATUS_OK)
            status = score_plain(&inner.models[part], task->design, held_out, &place, task->err);
        for (size_t i = 0; i < held_out->count; i++)
            outcome[count + i] = task->outcome[held_out->chosen[i]];
        count += held_out->count;
        churn_model_release(&inner.models[part]);
    }
    if (status == STATUS_OK)
        weigh(task, outcome, count, &scores, model);
    return status;
}

/* ---- the trial ---- */

static double combine(const struct churn_model *model, const struct scores *scores, size_t i)
{
    return model->constant + (has_line(model->kind) ? model->line_weight * scores->line[i] : 0) +
           (has_trees(model->kind) ? model->trees_weight * scores->trees[i] : 0);
}

/* One part held out, with all that a thread of its own needs. */
struct part {
    struct task task; /* with an arena and an error of its own */
    struct churn_rows training, held_out;
    uint32_t *inner_part_of;
    struct scores scores;
    double *probabilities; /* of the rows held out */
    int rounds;
    enum status status;
    struct error error;
};

/* What is left to chance is drawn here, in order, so that the threads change nothing. */
static void deal_part(struct task *task, const struct churn_trial *trial, size_t number, struct part *out)
{
    *out = (struct part){.task = *task,
                         .training = take_part(task, task->known, trial->fold_of, number, true),
                         .held_out = take_part(task, task->known, trial->fold_of, number, false)};
    out->inner_part_of = deal_parts(task, &out->training, CHURN_INNER_FOLDS);
    out->scores = (struct scores){arena_array(task->arena, out->held_out.count, sizeof(double)),
                                  arena_array(task->arena, out->held_out.count, sizeof(double))};
    out->probabilities = arena_array(task->arena, out->held_out.count, sizeof(double));
}

static enum status try_part(struct part *part)
{
    struct churn_model model = {.kind = part->task.setup->kind};
    enum status status = find_weights(&part->task, &part->training, part->inner_part_of, &model);

    if (status == STATUS_OK && has_line(model.kind))
        status = learn_line(&part->task, &part->training, &model, &part->error);
    if (status == STATUS_OK && has_trees(model.kind))
        status = learn_trees(&part->task, &part->training, &model, &part->error);
    if (status == STATUS_OK)
        status = score_plain(&model, part->task.design, &part->held_out, &part->scores, &part->error);
    for (size_t i = 0; status == STATUS_OK && i < part->held_out.count; i++)
        part->probabilities[i] = logistic_probability(combine(&model, &part->scores, i));
    part->rounds = model.rounds;
    churn_model_release(&model);
    return status;
}

struct trying {
    struct part *parts;
    size_t count, threads;
};

static void try_parts(void *context, size_t thread)
{
    struct trying *trying = context;

    for (size_t i = thread; i < trying->count; i += trying->threads) {
        struct part *part = &trying->parts[i];

        part->task.err = &part->error;
        part->task.arena = arena_new(PART_BYTES_MAX);
        part->status = part->task.arena != NULL ? try_part(part)
                                                : error_set(&part->error, STATUS_LIMIT, "trees.memory", "",
                                                            "there is no memory to learn with");
        arena_free(part->task.arena);
    }
}

/* Plain scores of every row to `plain`, probabilities to the trial, the mean number of trees to `rounds`. */
static enum status try_all(struct task *task, const struct scores *plain, struct churn_trial *trial, double *rounds)
{
    struct trying trying = {.parts = arena_array(task->arena, trial->folds, sizeof *trying.parts),
                            .count = trial->folds,
                            .threads = parallel_threads() < trial->folds ? parallel_threads() : trial->folds};
    size_t *next = arena_array(task->arena, trial->folds, sizeof *next);

    for (size_t part = 0; part < trial->folds; part++)
        deal_part(task, trial, part, &trying.parts[part]);
    parallel_run(trying.threads, try_parts, &trying);
    for (size_t part = 0; part < trial->folds; part++) {
        if (trying.parts[part].status != STATUS_OK) {
            *task->err = trying.parts[part].error;
            return trying.parts[part].status;
        }
        *rounds += (double)trying.parts[part].rounds / (double)trial->folds;
    }
    for (size_t i = 0; i < task->known->count; i++) {
        const struct part *part = &trying.parts[trial->fold_of[i]];
        size_t k = next[trial->fold_of[i]]++;

        trial->probabilities[i] = part->probabilities[k];
        plain->line[i] = part->scores.line[k];
        plain->trees[i] = part->scores.trees[k];
    }
    return STATUS_OK;
}

static void add_measure(struct measure *sum, struct measure one, double count)
{
    sum->value += one.value / count;
    sum->error = hypot(sum->error, one.error / count);
}

static void measure_parts(struct task *task, struct churn_trial *trial)
{
    size_t count = task->known->count;
    double *probabilities = arena_array(task->arena, count, sizeof *probabilities);
    uint8_t *outcome = arena_array(task->arena, count, sizeof *outcome);

    for (size_t part = 0; part < trial->folds; part++) {
        struct foretelling told = {probabilities, outcome, 0};

        for (size_t i = 0; i < count; i++)
            if (trial->fold_of[i] == part) {
                probabilities[told.count] = trial->probabilities[i];
                outcome[told.count++] = task->outcome[task->known->chosen[i]];
            }
        add_measure(&trial->auc, foretelling_auc(task->arena, &told), (double)trial->folds);
        add_measure(&trial->log_loss, foretelling_log_loss(&told), (double)trial->folds);
        add_measure(&trial->brier, foretelling_brier(&told), (double)trial->folds);
    }
}

static void measure_all(struct task *task, const uint8_t *outcome, struct churn_trial *trial)
{
    size_t count = task->known->count;
    const struct foretelling told = {trial->probabilities, outcome, count};
    double *log_odds = arena_array(task->arena, count, sizeof *log_odds);
    const struct logistic_data data = {.rows = log_odds, .outcome = outcome, .chosen_count = count, .column_count = 1};
    struct logistic_fit fit;

    trial->calibration_error = foretelling_calibration_error(task->arena, &told, CHURN_BINS, &trial->by_chance);
    trial->caught = foretelling_caught(task->arena, &told, 0.1);
    for (size_t i = 0; i < count; i++) {
        double p = fmin(fmax(trial->probabilities[i], 1e-9), 1 - 1e-9);

        log_odds[i] = log(p / (1 - p));
    }
    trial->slope = trial->offset = (struct measure){NAN, NAN};
    if (!logistic_learn(task->arena, &data, &fit) || !fit.used[1])
        return;
    trial->slope = (struct measure){fit.coefficients[1], sqrt(fit.covariance[3])};
    trial->offset = (struct measure){fit.coefficients[0], sqrt(fit.covariance[0])};
}

/* ---- all of it ---- */

static enum status check_outcomes(const struct task *task, size_t *folds)
{
    size_t ones = 0, count = task->known->count;

    for (size_t i = 0; i < count; i++)
        ones += task->outcome[task->known->chosen[i]] != 0;
    size_t least = ones < count - ones ? ones : count - ones;

    if (least < CHURN_CLASS_MIN)
        return error_set(task->err, STATUS_INVALID, "churn.outcomes", "",
                         "%zu of %zu rows left: at least %d that left and %d that stayed are needed to learn from",
                         ones, count, CHURN_CLASS_MIN, CHURN_CLASS_MIN);
    *folds = task->setup->folds < least / 2 ? task->setup->folds : least / 2;
    return STATUS_OK;
}

/* Of very many rows a part with the same share of outcomes: the trial costs as much as learning several times. */
static struct churn_rows trial_rows(struct task *task, const struct churn_rows *rows)
{
    size_t ones = 0;

    for (size_t i = 0; i < rows->count; i++)
        ones += task->outcome[rows->chosen[i]] != 0;
    size_t least = ones < rows->count - ones ? ones : rows->count - ones;
    size_t parts = rows->count / TRIAL_ROWS < least / TRIAL_CLASS ? rows->count / TRIAL_ROWS : least / TRIAL_CLASS;

    return parts > 1 ? take_part(task, rows, deal_parts(task, rows, parts), 0, false) : *rows;
}

static enum status run_trial(struct task *task, struct churn_model *model, struct churn_trial *trial)
{
    size_t count = task->known->count;
    struct scores plain = {arena_array(task->arena, count, sizeof(double)),
                           arena_array(task->arena, count, sizeof(double))};
    uint8_t *outcome = arena_array(task->arena, count, sizeof *outcome);
    double rounds = 0;

    trial->count = count;
    trial->probabilities = arena_array(task->arena, count, sizeof(double));
    trial->fold_of = deal_parts(task, task->known, trial->folds);
    enum status status = try_all(task, &plain, trial, &rounds);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        outcome[i] = task->outcome[task->known->chosen[i]];
    model->rounds = (int)fmax(1, (double)lround(rounds));
    weigh(task, outcome, count, &plain, model);
    measure_parts(task, trial);
    measure_all(task, outcome, trial);
    return STATUS_OK;
}

enum status churn_learn(struct arena *arena, const struct churn_case *known, const struct churn_setup *setup,
                        struct churn_result *out, struct error *err)
{
    struct churn_rows rows = known->known;
    struct task task = {
        .arena = arena, .design = known->design, .outcome = known->outcome, .known = &rows, .setup = setup, .err = err};
    struct churn_result found = {.model.kind = setup->kind};

    if (rows.chosen == NULL) {
        uint32_t *numbers = arena_array(arena, rows.count, sizeof *numbers);

        for (uint32_t i = 0; i < rows.count; i++)
            numbers[i] = i;
        rows.chosen = numbers;
    }
    random_start(&task.random, setup->seed);
    task.many = rows.count >= ROWS_MANY;
    enum status status = check_outcomes(&task, &found.trial.folds);
    const struct churn_rows tried = status == STATUS_OK ? trial_rows(&task, &rows) : rows;

    task.known = &tried;

    if (status == STATUS_OK)
        status = run_trial(&task, &found.model, &found.trial);
    if (status == STATUS_OK)
        status = learn_plain(&task, &rows, &found.model);
    if (status == STATUS_OK)
        *out = found;
    return status;
}
