/* Whether an earning rule holds for an event. */
#include "features/earning/accrual_internal.h"

static bool has(struct accrual_codes codes, struct text code)
{
    for (size_t i = 0; i < codes.count; i++)
        if (text_equal(codes.codes[i], code))
            return true;
    return codes.count == 0;
}

static bool refuse(struct accrual_outcome *outcome, const char *reason)
{
    outcome->reason = reason;
    return false;
}

/* ---- conditions ---- */

static void start_world(struct accrual_work *work)
{
    const struct accrual_event *event = work->event;

    if (work->world.slots != NULL)
        return;
    work->about = (struct condition_event){.kind = event->triggers[event->trigger_count - 1],
                                           .at = event->at,
                                           .store = event->store,
                                           .channel = event->channel,
                                           .till = event->till,
                                           .employee = event->employee,
                                           .properties = event->properties};
    work->world = (struct condition_world){.arena = work->arena,
                                           .programmes = event->programmes,
                                           .programme = event->programme,
                                           .now = event->now,
                                           .person = event->person,
                                           .known = event->known,
                                           .event = &work->about};
    if (event->input != NULL) {
        work->purchase = (struct condition_purchase){.lines = event->input->lines,
                                                     .line_count = event->input->line_count,
                                                     .total = event->input->total,
                                                     .paid_with_points = event->input->paid_with_points,
                                                     .terms = event->input->terms,
                                                     .shown = event->shown};
        work->world.purchase = &work->purchase;
    }
    condition_start(&work->world);
    work->world.slots[FACT_TIER] = event->tier.size > 0 ? rule_string(event->tier) : rule_null();
}

static bool asks(struct accrual_work *work, const struct condition *condition, const char *reason,
                 struct accrual_outcome *outcome)
{
    if (condition->program == NULL)
        return true;
    start_world(work);
    struct condition_result result = condition_evaluate(&work->world, condition);
    if (result.holds)
        return true;
    if (result.why.status == STATUS_OK)
        return refuse(outcome, reason);
    outcome->detail = text_copy(work->arena, text_from(result.why.message));
    return refuse(outcome, "earning.error");
}

/* ---- lines ---- */

static bool in_category(struct accrual_codes categories, const struct purchase_line *line)
{
    if (has(categories, line->category))
        return true;
    for (const struct text *above = line->above; above != NULL && above->size > 0; above++)
        if (has(categories, *above))
            return true;
    return false;
}

/* A line of which nothing is left counts no more. An expression that fails on a line leaves it out. */
static bool find_lines(struct accrual_work *work, struct accrual_outcome *outcome)
{
    const struct earning_input *input = work->event->input;
    const struct accrual_rule *rule = outcome->rule;
    struct accrual_outcome line_outcome = {0};
    bool any = false;

    for (size_t i = 0; i < input->line_count; i++) {
        const struct purchase_line *line = &input->lines[i];
        work->counts[i] = (line->amount > 0 || line->quantity_milli > 0) && has(rule->skus, line->sku) &&
                          in_category(rule->categories, line);
        if (work->counts[i] && rule->lines.program != NULL) {
            start_world(work);
            condition_line(&work->world, line);
            work->counts[i] = asks(work, &rule->lines, "earning.lines", &line_outcome);
        }
        any = any || work->counts[i];
    }
    outcome->detail = any ? outcome->detail : line_outcome.detail;
    return any || refuse(outcome, line_outcome.detail.size > 0 ? "earning.error" : "earning.lines");
}

/* ---- the member ---- */

static bool in_segments(const struct accrual_event *event, struct accrual_codes segments)
{
    for (size_t i = 0; event->known != NULL && i < event->known->segment_count; i++)
        for (size_t j = 0; j < segments.count; j++)
            if (text_equal(event->known->segments[i], segments.codes[j]))
                return true;
    return segments.count == 0;
}

/* Decided once: goods that come back change nothing of it. */
static bool is_audience(struct accrual_work *work, struct accrual_outcome *outcome)
{
    const struct accrual_event *event = work->event;
    const struct accrual_rule *rule = outcome->rule;
    const struct definition *item = outcome->definition;

    if (event->at < item->from)
        return refuse(outcome, "earning.not_started");
    if (event->at >= item->until)
        return refuse(outcome, "earning.ended");
    const char *closed =
        accrual_schedule_refusal(&rule->schedule, event->programme->zone, event->store_zone, event->at);
    if (closed != NULL)
        return refuse(outcome, closed);
    if (!has(rule->stores, event->store))
        return refuse(outcome, "earning.store");
    if (!has(rule->channels, event->channel))
        return refuse(outcome, "earning.channel");
    if (!has(rule->tiers, event->tier))
        return refuse(outcome, "earning.tier");
    if (!in_segments(event, rule->segments))
        return refuse(outcome, "earning.segment");
    return asks(work, &rule->audience, "earning.audience", outcome);
}

bool accrual_holds(struct accrual_work *work, struct accrual_outcome *outcome)
{
    if (!work->again && !is_audience(work, outcome))
        return false;
    if (!asks(work, &outcome->rule->when, "earning.condition", outcome))
        return false;
    if (outcome->rule->gift.effect == ACCRUAL_COMPUTED)
        start_world(work);
    return work->event->input == NULL || find_lines(work, outcome);
}

/* ---- starting ---- */

enum status accrual_work_start(struct accrual_work *work, const struct accrual_event *event, struct arena *arena,
                               struct error *err)
{
    const struct earning_input *input = event->input;

    *work = (struct accrual_work){.event = event, .arena = arena};
    if (input == NULL)
        return STATUS_OK;
    work->counts = arena_array(arena, input->line_count + 1, sizeof *work->counts);
    if (input->paid_with_points <= 0 || input->line_count == 0)
        return STATUS_OK;
    int64_t *weights = arena_array(arena, input->line_count, sizeof *weights);
    int64_t *paid = arena_array(arena, input->line_count, sizeof *paid);
    for (size_t i = 0; i < input->line_count; i++)
        weights[i] = input->lines[i].amount > 0 ? input->lines[i].amount : 0;
    if (!split_largest_remainder(input->paid_with_points, weights, paid, (int)input->line_count))
        return error_set(err, STATUS_LIMIT, "points.range", "", "the amounts of the purchase are out of range");
    for (size_t i = 0; i < input->line_count; i++)
        paid[i] = weights[i] - paid[i];
    work->paid = paid;
    return STATUS_OK;
}
