#include "features/coupons/coupons.h"

#include <string.h>

#include "features/coupons/coupons_rows.h"
#include "features/coupons/series.h"

/* A public code is no row of its own. The texts of the series live with the configuration. */
static void fill_public(const struct programme_set *set, int64_t now, struct coupon_use *use)
{
    const struct coupon_series *series = use->found ? NULL : coupon_public_find(set, use->key, now);

    if (series == NULL)
        return;
    use->found = true;
    use->series = series->code;
    use->valid_from = INT64_MIN;
    use->valid_until = INSTANT_NEVER;
}

static bool is_known(const struct person *person)
{
    return person != NULL && person->group != NULL;
}

int64_t coupon_valid_until(const struct coupon_series *series, const struct zone *zone, int64_t at)
{
    return series->days > 0 ? zone_day_start(zone, zone_day(zone, at) + series->days + 1) : INSTANT_NEVER;
}

/* ---- counters and progress ---- */

const char *coupon_counter_id(struct arena *arena, struct text key)
{
    return arena_format(arena, "code:%.*s", (int)key.size, key.bytes);
}

bool coupons_name(struct command *command, struct arena *arena, struct coupon_use *uses, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *id = coupon_counter_id(arena, uses[i].key);
        uses[i].counter = -1;
        for (size_t c = 0; c < command->counter_count; c++)
            if (strcmp(command->counters[c], id) == 0)
                uses[i].counter = (int)c;
        if (uses[i].counter >= 0)
            continue;
        if (command->counter_count == COMMAND_COUNTERS_MAX)
            return false;
        uses[i].counter = (int)command->counter_count;
        command->counters[command->counter_count++] = id;
    }
    return true;
}

static struct text progress_id(struct arena *arena, struct text series)
{
    return text_from(arena_format(arena, "coupon:%.*s", (int)series.size, series.bytes));
}

int64_t coupon_member_used(const struct person *person, struct text series)
{
    int64_t used = 0;

    for (size_t i = 0; is_known(person) && i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        for (size_t p = 0; member->leader == person->leader->id && p < member->progress_count; p++) {
            struct text id = member->progress[p].id;
            if (text_starts_with(id, TEXT("coupon:")) && id.size == series.size + 7 &&
                memcmp(id.bytes + 7, series.bytes, series.size) == 0)
                used += member->progress[p].used;
        }
    }
    return used;
}

/* Given back it is taken from whom has it: the member of the use may have been merged since. */
static void count_member(const struct coupon_act *act, struct text series, int64_t change)
{
    const struct person *person = act->person;
    struct text id = progress_id(act->decision->arena, series);

    if (!is_known(person))
        return;
    struct member *member = person->member;
    for (size_t i = 0; change < 0 && i < person->group->member_count; i++) {
        struct member *other = &person->group->members[i];
        for (size_t p = 0; other->leader == person->leader->id && p < other->progress_count; p++)
            if (text_equal(other->progress[p].id, id) && other->progress[p].used > 0)
                member = other;
    }
    struct progress *progress = member_progress(act->decision, member, id);
    if (progress->used + change < 0)
        return;
    progress->used += change;
    progress->changed = true;
}

/* ---- whether it applies ---- */

static enum status check_known(const struct coupon_use *use, const struct coupon_question *question, struct error *err)
{
    if (use->found)
        return STATUS_OK;
    if (coupon_mistyped(question->set, use->key))
        return error_set(err, STATUS_INVALID, "coupon.check_character", "code",
                         "a character of the code is wrong, or two changed places; codes have no 0, 1, I, L and O");
    return error_set(err, STATUS_MISSING, "coupon.unknown", "code", "there is no such coupon");
}

static enum status check_time(const struct coupon_use *use, const struct coupon_series *series, bool current,
                              int64_t now, struct error *err)
{
    int64_t from = use->valid_from > series->from ? use->valid_from : series->from;
    int64_t until = use->valid_until < series->until ? use->valid_until : series->until;
    char text[INSTANT_TEXT_SIZE];

    if (now < from)
        return error_set(err, STATUS_CONFLICT, "coupon.not_started", "code", "the coupon is valid from %s",
                         instant_format(from, text));
    if (now >= until)
        return error_set(err, STATUS_CONFLICT, "coupon.expired", "code", "the coupon was valid until %s",
                         instant_format(until, text));
    if (!current)
        return error_set(err, STATUS_CONFLICT, "coupon.expired", "code", "coupons of this series are no longer taken");
    return STATUS_OK;
}

static enum status check_uses(const struct coupon_use *use, const struct coupon_series *series,
                              const struct coupon_question *question, struct error *err)
{
    int64_t used = question->counter != NULL ? question->counter->used : use->used;
    int64_t most = use->uses > 0 ? use->uses : series->uses;

    if (used < most)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "coupon.used", "code",
                     most == 1 ? "the coupon has been used, or is reserved just now"
                               : "the coupon has been used as often as it may be");
}

static enum status check_person(const struct coupon_use *use, const struct coupon_series *series,
                                const struct coupon_question *question, struct error *err)
{
    const struct person *person = question->person;
    bool wanted = series->personal || use->owner != 0 || series->member_uses != INT64_MAX;

    if (!is_known(person))
        return wanted ? error_set(err, STATUS_CONFLICT, "coupon.member_needed", "member",
                                  "only a member can use this coupon: say who it is")
                      : STATUS_OK;
    if (use->owner != 0) {
        const struct member *owner = group_find(person->group, use->owner);
        if (owner == NULL || owner->leader != person->leader->id)
            return error_set(err, STATUS_CONFLICT, "coupon.other_member", "member", "the coupon is another member's");
    } else if (series->personal) {
        return error_set(err, STATUS_CONFLICT, "coupon.other_member", "member",
                         "the coupon has not been given to a member yet");
    }
    if (question->member_used >= series->member_uses)
        return error_set(err, STATUS_CONFLICT, "coupon.member_limit", "member",
                         "the member has used %lld of these coupons, and may use no more",
                         (long long)question->member_used);
    return STATUS_OK;
}

static enum status check_audience(const struct coupon_use *use, const struct coupon_series *series,
                                  const struct coupon_question *question, struct error *err)
{
    struct condition_world own = {.arena = question->arena,
                                  .programmes = question->set,
                                  .programme = programme_at(question->set, question->now),
                                  .now = question->now,
                                  .person = question->person,
                                  .known = &use->known};
    struct condition_world *world = question->world;

    if (series->when.source.size == 0)
        return STATUS_OK;
    if (world == NULL) {
        condition_start(&own);
        world = &own;
    }
    if (condition_holds(world, &series->when))
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "coupon.audience", "member", "the coupon is not for this member");
}

enum status coupon_applies(const struct coupon_use *given, const struct coupon_question *question,
                           const struct coupon_series **series, struct error *err)
{
    struct coupon_use seen = *given;
    const struct coupon_use *use = &seen;
    bool current = false;

    fill_public(question->set, question->now, &seen);
    if (question->counter != NULL && question->counter->maximum > 0 && question->counter->maximum != INT64_MAX)
        seen.owner = question->counter->maximum;
    enum status status = check_known(use, question, err);
    if (status != STATUS_OK)
        return status;
    const struct coupon_series *found = coupon_series_find(question->set, use->series, question->now, &current);
    if (found == NULL)
        return error_set(err, STATUS_CONFLICT, "coupon.expired", "code", "coupons of this series are no longer taken");
    if (series != NULL)
        *series = found;
    if (use->voided || (question->counter != NULL && question->counter->maximum < 0))
        return error_set(err, STATUS_CONFLICT, "coupon.void", "code", "the coupon has been made void");
    if (use->reserved)
        return STATUS_OK;
    status = check_time(use, found, current, question->now, err);
    if (status == STATUS_OK)
        status = check_uses(use, found, question, err);
    if (status == STATUS_OK)
        status = check_person(use, found, question, err);
    return status == STATUS_OK ? check_audience(use, found, question, err) : status;
}

/* ---- in a decision ---- */

static struct counter *counter_of(const struct coupon_act *act, const struct coupon_use *use)
{
    return use->counter >= 0 ? act->decision->counters[use->counter] : NULL;
}

static void count_use(const struct coupon_act *act, const struct coupon_use *use, int64_t change)
{
    struct counter *counter = counter_of(act, use);

    counter->used += change;
    counter->changed = true;
    count_member(act, use->series, change);
}

static struct coupon_row row_of(const struct coupon_act *act, const struct coupon_use *use, int64_t id)
{
    return (struct coupon_row){.key = use->key,
                               .id = id,
                               .series = use->series,
                               .member = is_known(act->person) ? act->person->member->id : 0,
                               .at = act->decision->now};
}

static enum status take(const struct coupon_act *act, struct coupon_use *use, int64_t until,
                        const struct coupon_series **series, struct error *err)
{
    fill_public(act->decision->programmes, act->decision->now, use);
    const struct coupon_question question = {.set = act->decision->programmes,
                                             .now = act->decision->now,
                                             .person = act->person,
                                             .counter = counter_of(act, use),
                                             .member_used = coupon_member_used(act->person, use->series),
                                             .arena = act->decision->arena};
    enum status status = coupon_applies(use, &question, series, err);

    if (status != STATUS_OK)
        return status;
    struct coupon_row row = row_of(act, use, act->row->id);
    row.state = until > 0 ? COUPON_RESERVED : COUPON_REDEEMED;
    row.until = until;
    count_use(act, use, 1);
    store_coupon_use(act->decision, &row);
    return STATUS_OK;
}

enum status coupon_redeem(const struct coupon_act *act, struct coupon_use *use, const struct coupon_series **series,
                          struct error *err)
{
    return take(act, use, 0, series, err);
}

enum status coupon_reserve(const struct coupon_act *act, struct coupon_use *use, int64_t until,
                           const struct coupon_series **series, struct error *err)
{
    return take(act, use, until, series, err);
}

void coupon_settle(const struct coupon_act *act, const struct coupon_use *use, int64_t id)
{
    struct coupon_row row = row_of(act, use, id);

    row.state = COUPON_REDEEMED;
    row.ended_by = act->row->id;
    store_coupon_use(act->decision, &row);
}

void coupon_release(const struct coupon_act *act, const struct coupon_use *use, int64_t id)
{
    struct coupon_row row = row_of(act, use, id);

    row.state = COUPON_RELEASED;
    row.ended_by = act->row->id;
    if (counter_of(act, use)->used > 0)
        count_use(act, use, -1);
    store_coupon_use(act->decision, &row);
}
