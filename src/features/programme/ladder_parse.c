/*
 * Reads the ladders of a programme document: "tiers", the short form of a single one, and "ladders". A level asks for a number in
 * the ladder's metric, or for one of several alternatives, each a set of minimums.
 */
#include <string.h>

#include "features/programme/programme_read.h"

enum { MONTHS_MAX = 1200 };

static struct range metric_range(enum tier_metric metric)
{
    return (struct range){0, metric == TIER_LOYALTY ? 100 : INT64_MAX / 4};
}

static enum status read_amount(const struct object *object, const char *name, enum tier_metric metric, int64_t *out)
{
    if (metric == TIER_SPEND)
        return object_money(object, name, false, 0, out);
    return object_integer(object, name, false, metric_range(metric), out);
}

enum status minimums_read(const struct object *object, struct tier_minimums *out)
{
    bool any = false;

    *out = (struct tier_minimums){{0}};
    TRY(object_check(object, tier_metric_names));
    for (int i = 0; i < TIER_METRICS; i++) {
        TRY(read_amount(object, tier_metric_names[i], (enum tier_metric)i, &out->at_least[i]));
        any = any || out->at_least[i] > 0;
    }
    return any ? STATUS_OK : object_refuse(object, tier_metric_names[0], "one of the alternatives asks for nothing");
}

/* A number or a list of alternatives; `*plain` is set by the former. */
static enum status read_requirement(const struct object *object, struct tier_ladder *ladder, const char *name,
                                    int64_t *plain, struct tier_requirement *out)
{
    if (!json_is_array(json_object_get(object->json, name)))
        return read_amount(object, name, ladder->metric, plain);
    TRY(object_list(object, name, (struct range){1, TIER_ALTERNATIVES_MAX}, &out->count));
    struct tier_minimums *any_of = arena_array(object->arena, out->count, sizeof *any_of);
    for (size_t i = 0; i < out->count; i++) {
        struct object inner = object_element(object, name, i);
        TRY(minimums_read(&inner, &any_of[i]));
        for (size_t m = 0; m < TIER_METRICS; m++)
            if (any_of[i].at_least[m] > 0)
                ladder->counts |= 1u << m;
    }
    out->any_of = any_of;
    return STATUS_OK;
}

/* What of the ladder's metric alone leads to the level. */
static int64_t plain_of(const struct tier_ladder *ladder, const struct tier_requirement *requirement)
{
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < requirement->count; i++) {
        const int64_t *at_least = requirement->any_of[i].at_least;
        bool alone = at_least[ladder->metric] > 0;
        for (size_t m = 0; m < TIER_METRICS; m++)
            alone = alone && (m == (size_t)ladder->metric || at_least[m] == 0);
        if (alone && at_least[ladder->metric] < least)
            least = at_least[ladder->metric];
    }
    return least;
}

static enum status read_thresholds(const struct object *object, struct tier_ladder *ladder, struct tier_level *level)
{
    TRY(object_boolean(object, "invitation_only", &level->invitation_only));
    if (level->invitation_only) {
        if (json_object_get(object->json, "qualify") != NULL || json_object_get(object->json, "keep") != NULL)
            return object_refuse(object, "qualify", "nobody qualifies for a level that is by invitation only");
        level->qualify = INT64_MAX;
        level->keep = 0;
        return STATUS_OK;
    }
    TRY(read_requirement(object, ladder, "qualify", &level->qualify, &level->to_qualify));
    if (level->to_qualify.count > 0)
        level->qualify = plain_of(ladder, &level->to_qualify);
    if (level->qualify < 0)
        return object_missing(object, "qualify");
    level->to_keep = level->to_qualify;
    level->keep = level->qualify;
    if (json_object_get(object->json, "keep") == NULL)
        return STATUS_OK;
    level->to_keep = (struct tier_requirement){NULL, 0};
    TRY(read_requirement(object, ladder, "keep", &level->keep, &level->to_keep));
    if (level->to_keep.count > 0)
        level->keep = plain_of(ladder, &level->to_keep);
    return STATUS_OK;
}

static enum status read_level(const struct object *object, struct tier_ladder *ladder, struct tier_level *level)
{
    static const char *const fields[] = {"code",     "name", "qualify", "keep", "factor", "invitation_only",
                                         "approval", NULL};

    level->factor = FACTOR_SCALE;
    TRY(object_check(object, fields));
    TRY(object_code(object, "code", true, &level->code));
    level->name = level->code;
    TRY(object_text(object, "name", false, 200, &level->name));
    TRY(read_thresholds(object, ladder, level));
    TRY(object_boolean(object, "approval", &level->approval));
    return object_factor(object, "factor", false, &level->factor);
}

/* Levels that are reached by the ladder's metric alone rise; of alternatives the higher level counts. */
static enum status check_order(const struct object *level, const struct tier_level *levels, size_t index)
{
    int64_t below = -1;

    if (index == 0)
        return levels[0].qualify == 0 ? STATUS_OK : object_refuse(level, "qualify", "the first level starts at 0");
    for (size_t i = 0; i < index; i++)
        if (levels[i].qualify != INT64_MAX)
            below = levels[i].qualify;
    if (levels[index].qualify != INT64_MAX && levels[index].qualify <= below)
        return object_refuse(level, "qualify", "each level starts above the one before");
    for (size_t i = 0; i < index; i++)
        if (text_equal(levels[i].code, levels[index].code))
            return object_refuse(level, "code", "another level already has this code");
    return STATUS_OK;
}

static enum status read_levels(const struct object *object, struct tier_ladder *ladder)
{
    TRY(object_list(object, "levels", (struct range){1, TIER_LEVELS_MAX}, &ladder->level_count));
    struct tier_level *levels = arena_array(object->arena, ladder->level_count, sizeof *levels);
    for (size_t i = 0; i < ladder->level_count; i++) {
        struct object inner = object_element(object, "levels", i);
        levels[i] = (struct tier_level){.qualify = i == 0 ? 0 : -1};
        TRY(read_level(&inner, ladder, &levels[i]));
        TRY(check_order(&inner, levels, i));
    }
    ladder->levels = levels;
    return STATUS_OK;
}

static enum status read_validity(const struct object *tiers, struct tier_ladder *ladder)
{
    static const char *const fields[] = {"kind", "months", NULL};
    static const char *const kinds[] = {"from_start", "from_join", "calendar_year", "forever", NULL};
    struct object object = object_nested(tiers, "validity");
    int kind = TIER_FOREVER;

    ladder->validity = TIER_FOREVER;
    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_word(&object, "kind", true, kinds, &kind));
    ladder->validity = (enum tier_validity)kind;
    bool months = ladder->validity == TIER_FROM_START || ladder->validity == TIER_FROM_JOIN;
    return object_int(&object, "months", months, (struct range){1, MONTHS_MAX}, &ladder->validity_months);
}

/* A soft landing falls one step and has a floor. */
static enum status read_downgrade(const struct object *object, struct tier_ladder *ladder)
{
    static const char *const downgrades[] = {"one_down", "by_balance", "soft_landing", NULL};
    enum { SOFT_LANDING = DOWNGRADE_BY_BALANCE + 1 };
    int downgrade = DOWNGRADE_ONE;
    struct text floor = {NULL, 0};

    TRY(object_word(object, "downgrade", false, downgrades, &downgrade));
    TRY(object_code(object, "floor", downgrade == SOFT_LANDING, &floor));
    ladder->downgrade = downgrade == DOWNGRADE_BY_BALANCE ? DOWNGRADE_BY_BALANCE : DOWNGRADE_ONE;
    for (size_t i = 0; i < ladder->level_count && floor.size > 0; i++)
        if (text_equal(ladder->levels[i].code, floor)) {
            ladder->floor = i;
            return STATUS_OK;
        }
    return floor.size > 0 ? object_refuse(object, "floor", "there is no level with this code") : STATUS_OK;
}

static enum status check_wallet(const struct object *object, const struct programme *programme,
                                const struct tier_ladder *ladder)
{
    if ((ladder->counts >> TIER_POINTS & 1) == 0 && ladder->wallet.size == 0)
        return STATUS_OK;
    if (ladder->wallet.size == 0)
        return object_missing(object, "wallet");
    if (programme_wallet(programme, ladder->wallet) == NULL)
        return object_refuse(object, "wallet", programme_no_wallet(object->arena, programme, ladder->wallet));
    return STATUS_OK;
}

static enum status read_ladder(const struct object *object, const struct programme *programme,
                               struct tier_ladder *ladder)
{
    static const char *const fields[] = {"code",      "name",  "metric",     "wallet",   "levels", "validity",
                                         "downgrade", "floor", "grace_days", "crossing", NULL};
    static const char *const crossings[] = {"before", "after", "marginal", NULL};
    int metric = TIER_POINTS, crossing = CROSSING_BEFORE;

    TRY(object_check(object, fields));
    TRY(object_code(object, "code", ladder->code.size == 0, &ladder->code));
    ladder->name = ladder->code;
    TRY(object_text(object, "name", false, 200, &ladder->name));
    TRY(object_word(object, "metric", true, tier_metric_names, &metric));
    ladder->metric = (enum tier_metric)metric;
    ladder->counts = 1u << ladder->metric;
    TRY(object_code(object, "wallet", false, &ladder->wallet));
    TRY(read_levels(object, ladder));
    TRY(check_wallet(object, programme, ladder));
    TRY(read_validity(object, ladder));
    TRY(read_downgrade(object, ladder));
    TRY(object_word(object, "crossing", false, crossings, &crossing));
    ladder->crossing = (enum tier_crossing)crossing;
    return object_int(object, "grace_days", false, (struct range){0, 3650}, &ladder->grace_days);
}

enum status ladders_read(const struct object *document, struct programme *programme)
{
    struct object tiers = object_nested(document, "tiers");
    struct tier_ladder ladders[LADDERS_MAX] = {{.code = {NULL, 0}}};
    size_t count = 0, listed;

    if (tiers.json != NULL) {
        ladders[0].code = TEXT("main");
        TRY(read_ladder(&tiers, programme, &ladders[count++]));
    }
    TRY(object_list(document, "ladders", (struct range){0, LADDERS_MAX - (int64_t)count}, &listed));
    for (size_t i = 0; i < listed; i++) {
        struct object object = object_element(document, "ladders", i);
        TRY(read_ladder(&object, programme, &ladders[count]));
        for (size_t j = 0; j < count; j++)
            if (text_equal(ladders[j].code, ladders[count].code))
                return object_refuse(&object, "code", "another ladder already has this code");
        count++;
    }
    if (count == 0)
        return STATUS_OK;
    programme->ladder = ladders[0];
    programme->further = arena_copy(document->arena, ladders + 1, (count - 1) * sizeof *ladders);
    programme->further_count = count - 1;
    return STATUS_OK;
}
