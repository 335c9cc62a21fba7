/* What an event counts for the steps of a challenge. */
#include <stdio.h>

#include "features/challenges/follow.h"
#include "features/reactions/happened.h"

struct counting {
    struct condition_world *world;
    const struct definition *definition;
    const struct past_event *event;
    struct challenge_row *rows;
    size_t count, capacity;
};

static void add(struct counting *counting, const struct challenge_step *step, struct text value, int64_t units)
{
    struct arena *arena = counting->world->arena;

    if (units <= 0)
        return;
    for (size_t i = 0; i < counting->count; i++) {
        struct challenge_row *row = &counting->rows[i];
        if (text_equal(row->step, step->code) && text_equal(row->value, value)) {
            if (step->measure == MEASURE_QUANTITY || step->measure == MEASURE_AMOUNT)
                row->units += units;
            return;
        }
    }
    counting->rows =
        arena_grow(arena, counting->rows, &counting->capacity, counting->count + 1, sizeof *counting->rows);
    counting->rows[counting->count++] = (struct challenge_row){.challenge = counting->definition->code,
                                                               .step = step->code,
                                                               .member = counting->event->row.member,
                                                               .event = counting->event->row.id,
                                                               .at = counting->event->row.at,
                                                               .value = value,
                                                               .units = units};
}

/* What tells different ones apart: of the event, or of a line. Empty counts for nothing. */
static struct text value_of(const struct counting *counting, const struct challenge_step *step,
                            const struct purchase_line *line)
{
    const struct journal_row *row = &counting->event->row;

    if (step->measure == MEASURE_STREAK)
        return text_from(
            arena_format(counting->world->arena, "%lld", (long long)challenge_period_number(step->period, row->day)));
    if (step->measure != MEASURE_DISTINCT)
        return TEXT("");
    switch (step->of) {
    case OF_STORE:
        return row->store;
    case OF_CHANNEL:
        return row->channel;
    case OF_SKU:
        return line != NULL ? line->sku : TEXT("");
    case OF_CATEGORY:
        return line != NULL ? line->category : TEXT("");
    case OF_DAY:
        return text_from(arena_format(counting->world->arena, "%d", row->day));
    }
    return TEXT("");
}

static void add_part(struct counting *counting, const struct challenge_step *step, const struct purchase_line *line,
                     int64_t amount)
{
    struct text value = value_of(counting, step, line);
    int64_t units = step->measure == MEASURE_QUANTITY ? line->quantity_milli
                    : step->measure == MEASURE_AMOUNT ? amount
                                                      : 1;

    if (step->measure != MEASURE_DISTINCT || value.size > 0)
        add(counting, step, value, units);
}

static void count_step(struct counting *counting, const struct challenge_step *step)
{
    struct condition_world *world = counting->world;
    const struct condition_purchase *purchase = world->purchase;

    if (step->when.program != NULL && !condition_holds(world, &step->when))
        return;
    if (!step->by_line) {
        add_part(counting, step, NULL, purchase != NULL ? purchase->total : 0);
        return;
    }
    for (size_t i = 0; i < purchase->line_count; i++) {
        const struct purchase_line *line = &purchase->lines[i];
        condition_line(world, line);
        if (step->lines.program == NULL || condition_holds(world, &step->lines))
            add_part(counting, step, line, line->amount);
    }
}

static bool counts_kind(const struct challenge_step *step, struct text kind)
{
    return happened_is_purchase(kind) ? text_equals(step->event, "purchase") : text_equal(step->event, kind);
}

enum status challenge_units(struct condition_world *world, const struct definition *definition,
                            const struct past_event *event, struct challenge_row **out, size_t *count,
                            struct error *err)
{
    const struct challenge *challenge = definition->parsed;
    struct counting counting = {.world = world, .definition = definition, .event = event};
    struct happened happened;
    enum status status = happened_read(world->arena, event, &happened, err);

    *out = NULL;
    *count = 0;
    if (status != STATUS_OK || happened.came_back)
        return status;
    world->event = &happened.event;
    world->purchase = happened.bought ? &happened.purchase : NULL;
    condition_start(world);
    for (size_t i = 0; i < challenge->step_count; i++)
        if (counts_kind(&challenge->steps[i], event->row.kind))
            count_step(&counting, &challenge->steps[i]);
    world->event = NULL;
    world->purchase = NULL;
    *out = counting.rows;
    *count = counting.count;
    return STATUS_OK;
}
