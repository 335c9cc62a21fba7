#include "features/insight/segments.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "foundation/text.h"
#include "mathematics/mixture.h"

enum { SAMPLE_MAX = 1000, LEARN_MAX = 50000, STARTS_FOR_BIC = 1 };

/* Mixtures are learned more slowly, and with fewer starts nearly as well. */
static const struct {
    int pairs, starts;
} efforts[] = {[SEGMENT_MEANS] = {10, 10}, [SEGMENT_MIXTURE] = {4, 3}};

static const double SKEWED = 2, STABLE = 0.75, STABLE_MORE = 0.1, STABLE_LESS = 0.05, APART = 0.5;
static const double NORMAL_95 = 1.6448536269514722;

static const char *const method_names[] = {[SEGMENT_MEANS] = "means", [SEGMENT_MIXTURE] = "mixture"};

const char *segment_method_name(enum segment_method method)
{
    return method_names[method];
}

bool segment_method_from(const char *name, enum segment_method *out)
{
    for (size_t i = 0; i < sizeof method_names / sizeof method_names[0]; i++)
        if (strcmp(name, method_names[i]) == 0) {
            *out = (enum segment_method)i;
            return true;
        }
    return false;
}

/* Members with all features, as points. */
struct grouping {
    const struct grouper *grouper;
    enum segment_method method;
    const struct segment_features *features;
    uint32_t *members; /* by point */
    double *rows;
    struct points points;
    struct random random;
    struct segmentation *out;
};

/* ---- preparation ---- */

static size_t find_whole(struct arena *arena, struct grouping *grouping)
{
    const struct segment_features *features = grouping->features;
    size_t count = 0;

    grouping->members = arena_array(arena, features->member_count + 1, sizeof *grouping->members);
    for (size_t i = 0; i < features->member_count; i++) {
        bool whole = true;

        for (size_t j = 0; j < features->feature_count; j++)
            whole = whole && isfinite(features->columns[j][i]);
        if (whole)
            grouping->members[count++] = (uint32_t)i;
    }
    return count;
}

struct moments {
    double mean, deviation, skewness, least;
};

static void measure(const struct grouping *grouping, size_t feature, bool logarithm, struct moments *out)
{
    const double *column = grouping->features->columns[feature];
    double n = (double)grouping->points.count, squares = 0, cubes = 0;
    struct moments moments = {.least = INFINITY};

    for (size_t i = 0; i < grouping->points.count; i++) {
        double value = column[grouping->members[i]];

        moments.least = fmin(moments.least, value);
        moments.mean += (logarithm ? log1p(value) : value) / n;
    }
    for (size_t i = 0; i < grouping->points.count; i++) {
        double value = column[grouping->members[i]], miss = (logarithm ? log1p(value) : value) - moments.mean;

        squares += miss * miss / n;
        cubes += miss * miss * miss / n;
    }
    moments.deviation = sqrt(squares);
    moments.skewness = squares > 0 ? cubes / (squares * moments.deviation) : 0;
    *out = moments;
}

/* Columns of standardised features, those that differ only. */
static void standardise(struct arena *arena, struct grouping *grouping)
{
    size_t count = grouping->points.count, width = 0, at = 0;
    struct segment_feature *features = grouping->out->features;

    for (size_t j = 0; j < grouping->features->feature_count; j++) {
        struct moments moments;

        measure(grouping, j, false, &moments);
        features[j].logarithm = moments.least >= 0 && moments.skewness > SKEWED;
        if (features[j].logarithm)
            measure(grouping, j, true, &moments);
        features[j].mean = moments.mean;
        features[j].deviation = moments.deviation;
        features[j].used = isfinite(moments.deviation) && moments.deviation > 1e-12 * fabs(moments.mean);
        width += features[j].used;
    }
    grouping->points.width = width;
    grouping->rows = arena_array(arena, count * width + 1, sizeof *grouping->rows);
    grouping->points.rows = grouping->rows;
    for (size_t j = 0; j < grouping->features->feature_count; j++) {
        if (!features[j].used)
            continue;
        for (size_t i = 0; i < count; i++) {
            double value = grouping->features->columns[j][grouping->members[i]];

            value = features[j].logarithm ? log1p(value) : value;
            grouping->rows[i * width + at] = (value - features[j].mean) / features[j].deviation;
        }
        at++;
    }
}

/* ---- the number ---- */

static void choose_sample(struct arena *arena, struct grouping *grouping, size_t most, struct points *out)
{
    size_t count = grouping->points.count, width = grouping->points.width;
    size_t kept = count < most ? count : most;
    uint32_t *order = arena_array(arena, count, sizeof *order);
    double *rows = arena_array(arena, kept * width, sizeof *rows);

    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    random_shuffle(&grouping->random, order, count);
    for (size_t i = 0; i < kept; i++)
        memcpy(rows + i * width, grouping->rows + order[i] * width, width * sizeof *rows);
    *out = (struct points){rows, kept, width};
}

static size_t choose_number(struct arena *arena, struct grouping *grouping)
{
    struct segmentation *out = grouping->out;
    int pairs = efforts[grouping->method].pairs;
    double best = 0;
    size_t number = 1;
    struct points sample;

    choose_sample(arena, grouping, SAMPLE_MAX, &sample);
    const struct points even = {clusters_even(arena, &sample, &grouping->random), sample.count, sample.width};

    for (size_t k = 2; k <= SEGMENTS_MAX; k++) {
        out->stability[k] = clusters_stability(arena, &sample, grouping->grouper, k, pairs, &grouping->random);
        out->even[k] = clusters_stability(arena, &even, grouping->grouper, k, pairs, &grouping->random);
        if (out->stability[k] >= STABLE && out->stability[k] - out->even[k] >= STABLE_MORE)
            best = fmax(best, out->stability[k]);
    }
    for (size_t k = 2; k <= SEGMENTS_MAX; k++)
        if (best > 0 && out->stability[k] >= best - STABLE_LESS && out->stability[k] - out->even[k] >= STABLE_MORE)
            number = k;
    return number;
}

/* ---- the segments ---- */

/* Points in their groups. */
struct placed {
    uint32_t *of;
    size_t sizes[SEGMENTS_MAX];
};

static void add_means(const struct grouping *grouping, const struct placed *placed, size_t group,
                      struct segment *segment)
{
    for (size_t j = 0; j < grouping->features->feature_count; j++) {
        const struct segment_feature *feature = &grouping->out->features[j];
        const double *column = grouping->features->columns[j];
        double n = (double)segment->members, sum = 0, squares = 0, apart = 0;

        for (size_t i = 0; i < grouping->points.count; i++)
            if (placed->of[i] == group) {
                double value = column[grouping->members[i]];

                sum += value / n;
                apart += (feature->logarithm ? log1p(value) : value) / n;
            }
        for (size_t i = 0; i < grouping->points.count; i++)
            if (placed->of[i] == group)
                squares += (column[grouping->members[i]] - sum) * (column[grouping->members[i]] - sum) / n;
        double reach = n > 1 ? NORMAL_95 * sqrt(squares / (n - 1)) : NAN;

        segment->means[j] = (struct segment_mean){sum, sum - reach, sum + reach,
                                                  feature->used ? (apart - feature->mean) / feature->deviation : 0};
    }
}

/* What sets it apart most, at most SEGMENT_NAME_PARTS features. */
static void name_segment(struct arena *arena, const struct grouping *grouping, struct segment *segment)
{
    struct builder name = {.arena = arena};
    bool told[SEGMENT_FEATURES_MAX] = {0};

    for (int part = 0; part < SEGMENT_NAME_PARTS; part++) {
        size_t most = grouping->features->feature_count;

        for (size_t j = 0; j < grouping->features->feature_count; j++)
            if (!told[j] && fabs(segment->means[j].apart) >= APART &&
                (most == grouping->features->feature_count ||
                 fabs(segment->means[j].apart) > fabs(segment->means[most].apart)))
                most = j;
        if (most == grouping->features->feature_count)
            break;
        told[most] = true;
        builder_format(&name, "%s%s %s", name.size > 0 ? ", " : "", segment->means[most].apart > 0 ? "high" : "low",
                       grouping->features->names[most]);
    }
    if (name.size == 0)
        builder_string(&name, "average");
    segment->name = text_string(arena, builder_done(&name));
}

/* The share of the differences between points that is between groups. */
static double share_explained(struct arena *arena, const struct grouping *grouping, const struct placed *placed)
{
    size_t width = grouping->points.width;
    double *centres = arena_array(arena, SEGMENTS_MAX * width + 1, sizeof *centres), all = 0, within = 0;

    for (size_t i = 0; i < grouping->points.count; i++)
        for (size_t j = 0; j < width; j++)
            centres[placed->of[i] * width + j] += grouping->rows[i * width + j] / (double)placed->sizes[placed->of[i]];
    for (size_t i = 0; i < grouping->points.count; i++)
        for (size_t j = 0; j < width; j++) {
            double at = grouping->rows[i * width + j], miss = at - centres[placed->of[i] * width + j];

            all += at * at;
            within += miss * miss;
        }
    return all > 0 ? fmax(0, 1 - within / all) : 0;
}

static void describe(struct arena *arena, struct grouping *grouping, const struct placed *placed)
{
    struct segmentation *out = grouping->out;
    uint32_t place[SEGMENTS_MAX] = {0};

    for (uint32_t i = 0; i < SEGMENTS_MAX; i++) {
        out->count += placed->sizes[i] > 0;
        for (uint32_t j = 0; j < SEGMENTS_MAX; j++)
            place[i] += placed->sizes[j] > placed->sizes[i] || (placed->sizes[j] == placed->sizes[i] && j < i);
    }
    for (uint32_t i = 0; i < SEGMENTS_MAX; i++) {
        struct segment *segment = &out->segments[place[i]];

        if (placed->sizes[i] == 0)
            continue;
        segment->members = placed->sizes[i];
        add_means(grouping, placed, i, segment);
        name_segment(arena, grouping, segment);
    }
    out->of = arena_array(arena, grouping->features->member_count + 1, sizeof *out->of);
    for (size_t i = 0; i < grouping->features->member_count; i++)
        out->of[i] = SEGMENT_NONE;
    for (size_t i = 0; i < grouping->points.count; i++)
        out->of[grouping->members[i]] = place[placed->of[i]];
    out->explained = share_explained(arena, grouping, placed);
}

/* Learned of as many as are enough; everybody is placed. */
static void find(struct arena *arena, struct grouping *grouping, size_t number, struct placed *out)
{
    struct points some = grouping->points;

    if (some.count > LEARN_MAX)
        choose_sample(arena, grouping, LEARN_MAX, &some);
    const void *model =
        grouping->grouper->learn(arena, &some, number, efforts[grouping->method].starts, &grouping->random);

    out->of = arena_array(arena, grouping->points.count + 1, sizeof *out->of);
    for (size_t i = 0; i < grouping->points.count; i++) {
        out->of[i] = (uint32_t)grouping->grouper->place(model, some.width, grouping->rows + i * some.width);
        out->sizes[out->of[i]]++;
    }
}

static void measure_bic(struct arena *arena, struct grouping *grouping)
{
    struct points sample;

    for (size_t k = 0; k <= SEGMENTS_MAX; k++)
        grouping->out->bic[k] = NAN;
    if (grouping->method != SEGMENT_MIXTURE)
        return;
    choose_sample(arena, grouping, SAMPLE_MAX, &sample);
    for (size_t k = 1; k <= SEGMENTS_MAX; k++) {
        struct mixture mixture;

        mixture_find(arena, &sample, k, STARTS_FOR_BIC, &grouping->random, &mixture);
        grouping->out->bic[k] = mixture.bic;
    }
}

enum status segments_find(struct arena *arena, const struct segment_features *features,
                          const struct segment_question *question, struct segmentation *out, struct error *err)
{
    struct grouping grouping = {.grouper = question->method == SEGMENT_MIXTURE ? &mixture_grouper : &means_grouper,
                                .method = question->method,
                                .features = features,
                                .out = out};
    struct placed placed = {0};

    assert(features->feature_count <= SEGMENT_FEATURES_MAX);
    assert(question->wanted <= SEGMENTS_MAX);
    size_t count = find_whole(arena, &grouping);

    if (count < SEGMENT_MEMBERS_MIN)
        return error_set(err, STATUS_INVALID, "segments.members", "",
                         "%zu members have all features: segments need %d at least", count, SEGMENT_MEMBERS_MIN);
    *out = (struct segmentation){.members = count};
    grouping.points.count = count;
    standardise(arena, &grouping);
    if (grouping.points.width == 0)
        return error_set(err, STATUS_INVALID, "segments.features", "features", "no feature differs between members");
    random_start(&grouping.random, question->seed);
    size_t number = choose_number(arena, &grouping);

    find(arena, &grouping, question->wanted > 0 ? question->wanted : number, &placed);
    measure_bic(arena, &grouping);
    describe(arena, &grouping, &placed);
    return STATUS_OK;
}
