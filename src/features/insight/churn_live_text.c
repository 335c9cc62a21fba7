/* churn_live_text.c: a learned risk as text: numbers in one order, then the trees as their library writes them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/insight/churn_live.h"

enum { TEXT_VERSION = 1, HEAD_NUMBERS = 32, TERM_NUMBERS = 10 };

/* ---- numbers in one order ---- */

static size_t head_of(const struct churn_live *live, double numbers[HEAD_NUMBERS])
{
    const struct churn_skill *own = &live->own, *plain = &live->plain;
    const double head[] = {TEXT_VERSION,
                           live->learned,
                           live->in_force,
                           live->day,
                           live->window,
                           live->members,
                           live->left,
                           own->auc.value,
                           own->auc.error,
                           own->log_loss.value,
                           own->log_loss.error,
                           own->brier.value,
                           own->brier.error,
                           plain->auc.value,
                           plain->auc.error,
                           plain->log_loss.value,
                           plain->log_loss.error,
                           plain->brier.value,
                           plain->brier.error,
                           live->gain.value,
                           live->gain.error,
                           live->threshold.risk,
                           live->threshold.false_alarms,
                           live->threshold.caught,
                           live->model.rounds,
                           live->model.constant,
                           live->model.line_weight,
                           live->model.trees_weight,
                           (double)live->design.term_count,
                           (double)live->design.tree_term_count};

    memcpy(numbers, head, sizeof head);
    return sizeof head / sizeof head[0];
}

static void set_head(struct churn_live *live, const double *numbers)
{
    size_t at = 1;

    live->learned = numbers[at++] > 0;
    live->in_force = numbers[at++] > 0;
    live->day = (int32_t)numbers[at++];
    live->window = (int32_t)numbers[at++];
    live->members = numbers[at++];
    live->left = numbers[at++];
    for (int i = 0; i < 2; i++) {
        struct churn_skill *skill = i == 0 ? &live->own : &live->plain;
        struct measure *const measures[] = {&skill->auc, &skill->log_loss, &skill->brier};

        for (size_t k = 0; k < sizeof measures / sizeof measures[0]; k++) {
            measures[k]->value = numbers[at++];
            measures[k]->error = numbers[at++];
        }
    }
    live->gain.value = numbers[at++];
    live->gain.error = numbers[at++];
    live->threshold.risk = numbers[at++];
    live->threshold.false_alarms = numbers[at++];
    live->threshold.caught = numbers[at++];
    live->model.kind = CHURN_BOTH;
    live->model.rounds = (int)numbers[at++];
    live->model.constant = numbers[at++];
    live->model.line_weight = numbers[at++];
    live->model.trees_weight = numbers[at++];
    live->design.term_count = (size_t)numbers[at++];
    live->design.tree_term_count = (size_t)numbers[at++];
}

static void write_numbers(struct builder *out, const double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        builder_format(out, " %.17g", numbers[i]);
}

/* ---- writing ---- */

enum status churn_live_write(struct arena *arena, const struct churn_live *live, struct text *out, struct error *err)
{
    struct builder text = {.arena = arena};
    double head[HEAD_NUMBERS];
    struct text trees = TEXT("");

    write_numbers(&text, head, head_of(live, head));
    for (size_t t = 0; t < live->design.term_count; t++) {
        const struct churn_term *term = &live->design.terms[t];
        const double numbers[TERM_NUMBERS] = {
            (double)term->source, term->kind,     term->knot,
            term->mean,           term->scale,    term->knots[0],
            term->knots[1],       term->knots[2], live->model.line.coefficients[t + 1],
            live->design.means[t]};

        write_numbers(&text, numbers, TERM_NUMBERS);
        write_numbers(&text, &term->knots[CHURN_KNOTS - 1], 1);
    }
    for (size_t t = 0; t < live->design.tree_term_count; t++)
        write_numbers(&text, &(double){(double)live->design.tree_terms[t].source}, 1);
    enum status status = STATUS_OK;

    if (live->learned) {
        write_numbers(&text, live->model.line.coefficients, 1);
        status = boosted_trees_write(live->model.trees, arena, &trees, err);
    }
    if (status != STATUS_OK)
        return status;
    builder_char(&text, '\n');
    builder_text(&text, trees);
    *out = builder_done(&text);
    return STATUS_OK;
}

/* ---- reading ---- */

/* `at` goes on; false past the end of the line. */
static bool read_numbers(const char **at, double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *end;

        if (**at == '\n' || **at == '\0')
            return false;
        numbers[i] = strtod(*at, &end);
        if (end == *at)
            return false;
        *at = end;
    }
    return true;
}

static bool read_terms(struct arena *arena, const char **at, struct churn_live *live)
{
    struct churn_design *design = &live->design;
    struct logistic_fit *line = &live->model.line;
    double *means = arena_array(arena, design->term_count + 1, sizeof *means), number = 0;

    design->column_count = CHURN_TRAITS;
    design->means = means;
    design->terms = arena_array(arena, design->term_count + 1, sizeof *design->terms);
    design->tree_terms = arena_array(arena, design->tree_term_count + 1, sizeof *design->tree_terms);
    line->column_count = design->term_count;
    line->coefficients = arena_array(arena, design->term_count + 1, sizeof *line->coefficients);
    for (size_t t = 0; t < design->term_count; t++) {
        struct churn_term *term = &design->terms[t];
        double numbers[TERM_NUMBERS + 1];

        if (!read_numbers(at, numbers, TERM_NUMBERS + 1) || !(numbers[0] >= 0 && numbers[0] < CHURN_TRAITS) ||
            !(numbers[1] >= CHURN_NUMBER && numbers[1] <= CHURN_ABSENT) ||
            !(numbers[2] >= 0 && numbers[2] < CHURN_KNOTS))
            return false;
        *term = (struct churn_term){.source = (size_t)numbers[0],
                                    .kind = (enum churn_term_kind)numbers[1],
                                    .knot = (int)numbers[2],
                                    .mean = numbers[3],
                                    .scale = numbers[4],
                                    .knots = {numbers[5], numbers[6], numbers[7], numbers[TERM_NUMBERS]}};
        line->coefficients[t + 1] = numbers[8];
        means[t] = numbers[9];
    }
    for (size_t t = 0; t < design->tree_term_count; t++) {
        if (!read_numbers(at, &number, 1) || !(number >= 0 && number < CHURN_TRAITS))
            return false;
        design->tree_terms[t] = (struct churn_term){.source = (size_t)number, .kind = CHURN_NUMBER, .scale = 1};
    }
    return read_numbers(at, line->coefficients, 1);
}

bool churn_live_read(struct arena *arena, struct text text, struct churn_live *out)
{
    struct churn_live live = {0};
    double head[HEAD_NUMBERS];
    const char *at = text_string(arena, text);
    size_t count = head_of(&live, head);
    struct error ignored;

    *out = (struct churn_live){.threshold = {.risk = NAN}};
    if (!read_numbers(&at, head, count) || head[0] != TEXT_VERSION || !(head[count - 2] >= 0) ||
        !(head[count - 2] <= CHURN_TERMS_MAX) || !(head[count - 1] >= 0) || !(head[count - 1] <= CHURN_TERMS_MAX))
        return false;
    set_head(&live, head);
    if (live.learned) {
        if (!read_terms(arena, &at, &live) || *at != '\n' ||
            boosted_trees_read(text_from(at + 1), &live.model.trees, &ignored) != STATUS_OK)
            return false;
    }
    *out = live;
    return true;
}
