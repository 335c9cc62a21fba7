#include "features/insight/rfm.h"

#include <assert.h>
#include <stdlib.h>

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

struct rfm_cuts rfm_cut(int64_t *values, size_t count, int bins)
{
    struct rfm_cuts cuts = {.bins = bins};

    assert(bins >= RFM_BINS_MIN);
    assert(bins <= RFM_BINS_MAX);
    if (count > 1)
        qsort(values, count, sizeof *values, compare);
    for (int k = 1; k < bins; k++) {
        /* The first value with at least k n / bins values strictly below it. */
        size_t at = ((size_t)k * count + (size_t)bins - 1) / (size_t)bins;
        while (at < count && at > 0 && values[at] == values[at - 1])
            at++;
        cuts.starts[k - 1] = at < count ? values[at] : INT64_MAX;
    }
    return cuts;
}

int rfm_score(const struct rfm_cuts *cuts, int64_t value)
{
    int score = 1;

    while (score < cuts->bins && value >= cuts->starts[score - 1])
        score++;
    return score;
}

void rfm_score_all(struct arena *scratch, const struct rfm_value *values, size_t count, int bins,
                   struct rfm_scores *scores)
{
    int64_t *sorted = arena_array(scratch, count + 1, sizeof *sorted);
    struct rfm_cuts cuts;

    for (size_t i = 0; i < count; i++)
        sorted[i] = values[i].recency;
    cuts = rfm_cut(sorted, count, bins);
    for (size_t i = 0; i < count; i++)
        scores[i].recency = rfm_score(&cuts, values[i].recency);
    for (size_t i = 0; i < count; i++)
        sorted[i] = values[i].frequency;
    cuts = rfm_cut(sorted, count, bins);
    for (size_t i = 0; i < count; i++)
        scores[i].frequency = rfm_score(&cuts, values[i].frequency);
    for (size_t i = 0; i < count; i++)
        sorted[i] = values[i].monetary;
    cuts = rfm_cut(sorted, count, bins);
    for (size_t i = 0; i < count; i++)
        scores[i].monetary = rfm_score(&cuts, values[i].monetary);
}
