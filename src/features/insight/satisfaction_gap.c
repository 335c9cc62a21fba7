#include "features/insight/satisfaction_gap.h"

#include <math.h>

#include "mathematics/sample.h"

static bool is_on_scale(const struct answer_scale *scale, double answer)
{
    return answer >= scale->low && answer <= scale->high;
}

static void find_gap(const struct attribute_data *data, size_t j, double confidence, struct attribute *attribute)
{
    struct sample gaps = {0}, expectations = {0};

    for (size_t row = 0; row < data->row_count; row++) {
        double score = data->scores[j][row], expected = data->expected[j][row];

        if (is_on_scale(&data->scale, score) && is_on_scale(&data->scale, expected)) {
            sample_add(&gaps, score - expected);
            sample_add(&expectations, expected);
        }
    }
    attribute->pairs = gaps.count;
    attribute->p_value = sample_differs_from_zero(&gaps);
    if (gaps.count == 0)
        return;
    attribute->expectation = expectations.mean;
    attribute->gap.value = gaps.mean;
    sample_interval(&gaps, confidence, &attribute->gap.low, &attribute->gap.high);
}

enum status attributes_score(struct arena *arena, const struct attribute_data *data, double confidence,
                             struct attribute *out, struct error *err)
{
    double *p_values = arena_array(arena, data->attribute_count, sizeof *p_values), answers = 0;

    for (size_t j = 0; j < data->attribute_count; j++) {
        struct attribute *attribute = &out[j];

        *attribute = (struct attribute){.expectation = NAN, .gap = {NAN, NAN, NAN}, .p_value = NAN};
        for (size_t row = 0; row < data->row_count; row++)
            answer_tally_add(&attribute->tally, &data->scale, data->scores[j][row]);
        answers += attribute->tally.count;
        answer_estimate(&attribute->tally, &data->scale, ANSWER_MEAN, confidence, &attribute->mean);
        answer_estimate(&attribute->tally, &data->scale, ANSWER_TOP, confidence, &attribute->top);
        if (data->expected != NULL)
            find_gap(data, j, confidence, attribute);
        p_values[j] = attribute->p_value;
    }
    if (answers == 0)
        return error_set(err, STATUS_INVALID, "survey.empty", "scores", "there is no answer on the scale");
    holm_adjust(arena, p_values, data->attribute_count);
    for (size_t j = 0; j < data->attribute_count; j++) {
        out[j].p_value = p_values[j];
        out[j].verdict = isnan(p_values[j])              ? ATTRIBUTE_UNKNOWN
                         : p_values[j] >= 1 - confidence ? ATTRIBUTE_AS_EXPECTED
                         : out[j].gap.value > 0          ? ATTRIBUTE_ABOVE
                                                         : ATTRIBUTE_BELOW;
    }
    return STATUS_OK;
}
