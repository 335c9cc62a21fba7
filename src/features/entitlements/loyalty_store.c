#include "features/entitlements/loyalty_store.h"

#include "features/entitlements/tier_given.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { MEASURED_AT_ONCE = 256, MEASURE_ARENA = 16 << 20 };

/* The least index that a level of any ladder asks for; 0: none does. */
static int64_t least_asked(const struct programme *programme)
{
    int64_t least = 0;

    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        const struct tier_ladder *ladder = programme_ladder(programme, i);
        for (size_t l = 0; l < ladder->level_count; l++) {
            const struct tier_level *level = &ladder->levels[l];
            const struct tier_requirement *asked[] = {&level->to_qualify, &level->to_keep};
            if (ladder->metric == TIER_LOYALTY && level->qualify > 0 && (least == 0 || level->qualify < least))
                least = level->qualify;
            for (size_t r = 0; r < 2; r++)
                for (size_t a = 0; a < asked[r]->count; a++) {
                    int64_t needed = asked[r]->any_of[a].at_least[TIER_LOYALTY];
                    if (needed > 0 && (least == 0 || needed < least))
                        least = needed;
                }
        }
    }
    return least;
}

struct measured {
    struct {
        int64_t member, loyalty;
    } items[MEASURED_AT_ONCE];
    size_t count;
};

static enum status receive(void *context, const struct storage_row *row, struct error *err)
{
    struct measured *measured = context;

    (void)err;
    measured->items[measured->count].member = row_integer(row, 0);
    measured->items[measured->count++].loyalty = row_integer(row, 1);
    return STATUS_OK;
}

static enum status read_some(struct engine *engine, int bucket, int64_t after, int64_t least, struct measured *measured,
                             struct error *err)
{
    const struct storage_receiver receiver = {.row = receive, .context = measured};
    const struct storage_value values[] = {value_integer(bucket), value_integer(after), value_integer(least),
                                           value_integer(MEASURED_AT_ONCE)};
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    measured->count = 0;
    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_entitlements_loyalty_page, values, 1, &receiver, err);
    engine_read_end(engine, session);
    return status;
}

static enum status post_some(struct engine *engine, struct arena *arena, const struct measured *measured,
                             int64_t *changed, struct error *err)
{
    struct command **commands = arena_array(arena, measured->count + 1, sizeof(struct command *));

    for (size_t i = 0; i < measured->count; i++) {
        struct measure_loyalty *body = arena_alloc(arena, sizeof *body);
        *body = (struct measure_loyalty){.loyalty = measured->items[i].loyalty};
        commands[i] = arena_alloc(arena, sizeof **commands);
        *commands[i] = (struct command){.type = &measure_loyalty_type,
                                        .body = body,
                                        .subjects = {{.by = SUBJECT_MEMBER, .id = measured->items[i].member}},
                                        .subject_count = 1,
                                        .arena = arena,
                                        .day = DAY_NONE,
                                        .bucket = -1};
    }
    enum status status = measured->count > 0 ? engine_run(engine, commands, measured->count, err) : STATUS_OK;
    for (size_t i = 0; i < measured->count && status == STATUS_OK; i++)
        *changed += ((const struct measure_loyalty *)commands[i]->body)->changed;
    return status; /* somebody erased meanwhile is left out */
}

enum status tiers_measure(struct engine *engine, int64_t *count, struct error *err)
{
    struct configuration configuration = engine_configuration(engine);
    int64_t least = least_asked(programme_at(configuration.programmes, clock_now(engine_clock(engine))));
    struct arena *arena = arena_new(MEASURE_ARENA);
    struct measured *measured = arena_alloc(arena, sizeof *measured);
    struct arena *commands = arena_new(MEASURE_ARENA);
    enum status status = STATUS_OK;

    engine_configuration_release(engine, configuration);
    *count = 0;
    for (int bucket = 0; bucket < BUCKET_COUNT && least > 0 && status == STATUS_OK; bucket++) {
        int64_t after = 0;
        do {
            arena_reset(commands);
            status = read_some(engine, bucket, after, least, measured, err);
            if (status == STATUS_OK)
                status = post_some(engine, commands, measured, count, err);
            if (measured->count > 0)
                after = measured->items[measured->count - 1].member;
        } while (status == STATUS_OK && measured->count == MEASURED_AT_ONCE);
    }
    arena_free(commands);
    arena_free(arena);
    return status;
}
