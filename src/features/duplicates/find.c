#include "features/duplicates/find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/duplicates/blocks.h"
#include "features/duplicates/groups.h"
#include "mathematics/parallel.h"
#include "mathematics/random.h"

enum { SAMPLE_PAIRS = 1000000, SAMPLE_SEED = 1969, NEAR_FIRST = 4096, JOBS = BLOCK_PASSES * BLOCK_PARTS };

/* What is usual counts as so many pairs beside those of the base. */
static const double USUAL_STRENGTH = 50;
/* A near pair is kept for learning when its odds before learning, in bits, are above this. */
static const double NEAR_ODDS_MIN = -14;
/* How many records in ten are expected to be there twice, before learning. */
static const double USUAL_SHARE = 0.1;

/* ---- a sample of all pairs ---- */

static int compare_codes(const void *x, const void *y)
{
    const uint64_t *a = x, *b = y;

    return (*a > *b) - (*a < *b);
}

/* Sorts the codes and counts each. */
static struct linkage_count *count_codes(struct arena *arena, uint64_t *codes, size_t count, size_t *distinct)
{
    struct linkage_count *counts = NULL;
    size_t size = 0, capacity = 0;

    if (count > 1)
        qsort(codes, count, sizeof *codes, compare_codes);
    for (size_t i = 0; i < count; i++) {
        if (size == 0 || counts[size - 1].code != codes[i]) {
            counts = arena_grow(arena, counts, &capacity, size + 1, sizeof *counts);
            counts[size++] = (struct linkage_count){codes[i], 0};
        }
        counts[size - 1].count++;
    }
    *distinct = size;
    return counts;
}

static uint64_t code_of(const struct duplicate_base *base, size_t a, size_t b)
{
    struct duplicate_comparison comparison;

    duplicate_compare(base, duplicate_record_at(base, a), duplicate_record_at(base, b), &comparison);
    return comparison.code;
}

/* All pairs when they are few, else as many as chance picks. */
static struct linkage_count *sample_pairs(struct arena *arena, const struct duplicate_base *base, size_t *distinct)
{
    size_t records = duplicate_base_count(base), count = 0;
    struct arena *scratch = arena_new(SIZE_MAX / 4);
    struct random random;

    if (scratch == NULL)
        abort();
    uint64_t *codes = arena_array(scratch, SAMPLE_PAIRS, sizeof *codes);
    if ((double)records * (double)(records - 1) / 2 <= SAMPLE_PAIRS) {
        for (size_t a = 0; a < records; a++)
            for (size_t b = a + 1; b < records; b++)
                codes[count++] = code_of(base, a, b);
    } else {
        random_start(&random, SAMPLE_SEED);
        while (count < SAMPLE_PAIRS) {
            size_t a = random_below(&random, records), b = random_below(&random, records);
            if (a != b)
                codes[count++] = code_of(base, a, b);
        }
    }
    struct linkage_count *counts = count_codes(arena, codes, count, distinct);
    arena_free(scratch);
    return counts;
}

/* ---- near pairs ---- */

struct near_pair {
    uint32_t a, b;
    uint64_t code;
};

/* The near pairs that one thread has kept. */
struct catch
{
    struct search_state *state;
    struct arena *arena;
    struct near_pair *pairs;
    size_t count, capacity;
};

struct search_state {
    const struct duplicate_base *base;
    const struct duplicate_search *search;
    double weights[DUPLICATE_FIELDS][LINKAGE_MISSING + 1]; /* before learning */
    double weight_min;
    size_t threads, next_job; /* jobs are done in rounds of `threads` */
    struct catch catches[PARALLEL_THREADS_MAX];
};

static void keep_near(void *context, uint32_t a, uint32_t b)
{
    struct catch *catch = context;
    const struct search_state *state = catch->state;
    uint64_t code = code_of(state->base, a, b);
    double weight = 0;

    for (size_t field = 0; field < DUPLICATE_FIELDS; field++)
        weight += state->weights[field][linkage_level(code, field)];
    if (weight < state->weight_min)
        return;
    catch->pairs = arena_grow(catch->arena, catch->pairs, &catch->capacity, catch->count + 1, sizeof *catch->pairs);
    catch->pairs[catch->count++] = (struct near_pair){a, b, code};
}

static int compare_near(const void *x, const void *y)
{
    const struct near_pair *a = x, *b = y;

    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

/* Sorts what a thread has and drops what it has twice. */
static void compact(struct catch *catch)
{
    size_t count = 0;

    if (catch->count > 1)
        qsort(catch->pairs, catch->count, sizeof *catch->pairs, compare_near);
    for (size_t i = 0; i < catch->count; i++)
        if (count == 0 || compare_near(&catch->pairs[count - 1], &catch->pairs[i]) != 0)
            catch->pairs[count++] = catch->pairs[i];
    catch->count = count;
}

static void run_job(void *context, size_t thread)
{
    struct search_state *state = context;
    size_t job = state->next_job + thread;
    const struct block_receiver receiver = {keep_near, &state->catches[thread]};

    if (job >= JOBS)
        return;
    block_part(state->base, job / BLOCK_PARTS, job % BLOCK_PARTS, &receiver);
    compact(&state->catches[thread]);
}

/* False when it was stopped. */
static bool find_near(struct search_state *state)
{
    const struct duplicate_search *search = state->search;

    for (; state->next_job < JOBS; state->next_job += state->threads) {
        if (search->go_on != NULL && !search->go_on(search->context, state->next_job, JOBS))
            return false;
        parallel_run(state->threads, run_job, state);
    }
    return true;
}

/* What all threads have, each pair once, in one array of `arena`. */
static struct near_pair *gather(struct arena *arena, struct search_state *state, size_t *count)
{
    struct catch all = {.count = 0};

    for (size_t t = 0; t < state->threads; t++)
        all.count += state->catches[t].count;
    all.pairs = arena_array(arena, all.count + 1, sizeof *all.pairs);
    all.count = 0;
    for (size_t t = 0; t < state->threads; t++) {
        if (state->catches[t].count > 0)
            memcpy(all.pairs + all.count, state->catches[t].pairs, state->catches[t].count * sizeof *all.pairs);
        all.count += state->catches[t].count;
    }
    compact(&all);
    *count = all.count;
    return all.pairs;
}

/* ---- the search ---- */

static void set_weights(struct search_state *state, const struct linkage_model *model)
{
    for (size_t field = 0; field < DUPLICATE_FIELDS; field++)
        for (unsigned level = 0; level < model->level_count[field]; level++)
            state->weights[field][level] = linkage_field_weight(model, field, level);
    state->weight_min = NEAR_ODDS_MIN - log2(model->share / (1 - model->share));
}

static void learn(struct arena *arena, const struct linkage_sample *any, const struct near_pair *near, size_t count,
                  struct duplicate_result *out)
{
    struct linkage_sample sample = *any;
    uint64_t *codes = arena_array(arena, count + 1, sizeof *codes);

    for (size_t i = 0; i < count; i++)
        codes[i] = near[i].code;
    sample.near = count_codes(arena, codes, count, &sample.near_count);
    out->steps = linkage_learn(&out->model, &sample, USUAL_STRENGTH);
}

static void choose(struct arena *arena, const struct duplicate_base *base, const struct near_pair *near, size_t count,
                   double threshold, struct duplicate_result *out)
{
    size_t capacity = 0;

    for (size_t i = 0; i < count; i++) {
        struct duplicate_pair pair = duplicate_pair_weigh(base, &out->model, near[i].a, near[i].b);
        if (pair.probability < threshold)
            continue;
        out->pairs = arena_grow(arena, out->pairs, &capacity, out->pair_count + 1, sizeof *out->pairs);
        out->pairs[out->pair_count++] = pair;
    }
    duplicate_pairs_sort(out->pairs, out->pair_count);
}

static void search_in(struct arena *arena, struct arena *scratch, struct search_state *state,
                      struct duplicate_result *out)
{
    const struct duplicate_base *base = state->base;
    const struct duplicate_search *search = state->search;
    double records = (double)duplicate_base_count(base);
    struct linkage_sample any = {.pair_count = records * (records - 1) / 2};
    size_t count;

    duplicate_model_usual(&out->model);
    out->model.share = fmin(0.25, USUAL_SHARE / records);
    any.any = sample_pairs(scratch, base, &any.any_count);
    /* Without near pairs only the chances of two are learned, which is enough to tell what is worth a look. */
    linkage_learn(&out->model, &any, USUAL_STRENGTH);
    out->model.share = fmin(0.25, USUAL_SHARE / records);
    set_weights(state, &out->model);
    out->stopped = !find_near(state);
    if (out->stopped)
        return;
    struct near_pair *near = gather(scratch, state, &count);
    out->compared = count;
    learn(scratch, &any, near, count, out);
    choose(arena, base, near, count, search->threshold > 0 ? search->threshold : DUPLICATE_THRESHOLD, out);
    duplicate_groups_find(arena, base, out);
    if (search->whole)
        duplicate_groups_pairs(arena, base, out);
}

enum status duplicates_find(struct arena *arena, const struct duplicate_base *base,
                            const struct duplicate_search *search, struct duplicate_result *out, struct error *err)
{
    struct arena *scratch = arena_new(SIZE_MAX / 4);
    struct search_state state = {.base = base, .search = search};
    enum status status = scratch != NULL ? STATUS_OK : STATUS_LIMIT;

    *out = (struct duplicate_result){.pairs = NULL};
    state.threads = search->threads > 0 ? search->threads : parallel_threads();
    if (state.threads > PARALLEL_THREADS_MAX)
        state.threads = PARALLEL_THREADS_MAX;
    for (size_t t = 0; t < state.threads && status == STATUS_OK; t++) {
        state.catches[t] = (struct catch){.state = &state, .arena = arena_new(SIZE_MAX / 4)};
        if (state.catches[t].arena == NULL)
            status = STATUS_LIMIT;
    }
    if (status == STATUS_OK)
        search_in(arena, scratch, &state, out);
    for (size_t t = 0; t < state.threads; t++)
        arena_free(state.catches[t].arena);
    arena_free(scratch);
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(err, STATUS_LIMIT, "duplicates.memory", "", "there is no memory to search with");
}
