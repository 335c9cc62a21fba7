#include "features/insight/base.h"

void base_count(void *context, const struct standing *standing)
{
    struct base_counts *counts = context;
    enum stage stage = standing_stage(standing, counts->now, counts->today, counts->median_interval, counts->rules);

    counts->standings++;
    counts->active += standing_active(standing, counts->now, counts->rules);
    counts->buyers += standing->purchases >= 1;
    counts->repeat_buyers += standing->purchases >= lifecycle_or_usual(counts->rules)->repeat_purchases;
    counts->stages[stage]++;
    counts->stage_spend[stage] += standing->spend;
}

struct rfm_value rfm_value_of(const struct standing *standing)
{
    return (struct rfm_value){standing->last_purchase_at, standing->purchases, standing->spend};
}

void rfm_base_add(void *context, const struct standing *standing)
{
    struct rfm_base *base = context;

    if (standing->purchases == 0)
        return;
    base->values = arena_grow(base->arena, base->values, &base->capacity, base->count + 1, sizeof *base->values);
    base->values[base->count++] = rfm_value_of(standing);
}

struct rfm_scores rfm_grid_score(const struct rfm_grid *grid, struct rfm_value value)
{
    return (struct rfm_scores){rfm_score(&grid->recency, value.recency), rfm_score(&grid->frequency, value.frequency),
                               rfm_score(&grid->monetary, value.monetary)};
}

struct rfm_grid rfm_grid_make(const struct rfm_base *base, int bins)
{
    int64_t *sorted = arena_array(base->arena, base->count + 1, sizeof *sorted);
    struct rfm_grid grid = {.count = base->count};

    for (size_t i = 0; i < base->count; i++)
        sorted[i] = base->values[i].recency;
    grid.recency = rfm_cut(sorted, base->count, bins);
    for (size_t i = 0; i < base->count; i++)
        sorted[i] = base->values[i].frequency;
    grid.frequency = rfm_cut(sorted, base->count, bins);
    for (size_t i = 0; i < base->count; i++)
        sorted[i] = base->values[i].monetary;
    grid.monetary = rfm_cut(sorted, base->count, bins);
    grid.cells = arena_array(base->arena, (size_t)bins * (size_t)bins * (size_t)bins, sizeof *grid.cells);
    for (size_t i = 0; i < base->count; i++) {
        struct rfm_scores scores = rfm_grid_score(&grid, base->values[i]);
        struct rfm_cell *cell =
            &grid.cells[((scores.recency - 1) * bins + scores.frequency - 1) * bins + scores.monetary - 1];
        cell->count++;
        cell->monetary += base->values[i].monetary;
    }
    return grid;
}
