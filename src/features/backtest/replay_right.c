/* replay_right.c: tiers, benefits, memberships and terms of contracts that were given, bought or ended. */
#include <string.h>

#include "features/backtest/replay_internal.h"
#include "features/entitlements/membership.h"

static const char *const right_kinds[] = {
    "tier_given",           "benefit_given",       "right_ended",      "membership_bought", "membership_renewed",
    "membership_cancelled", "membership_refunded", "contract_agreed",  "contract_terms",    "contract_renewal",
    "contract_renewed",     "contract_extended",   "contract_amended", "contract_notice",   "contract_ended"};

bool replay_is_right(struct text kind)
{
    for (size_t i = 0; i < sizeof right_kinds / sizeof right_kinds[0]; i++)
        if (text_equals(kind, right_kinds[i]))
            return true;
    return false;
}

/* ---- the facts of such a row: flat, codes and numbers ---- */

/* What follows "name":. */
static struct text value_of(struct arena *arena, struct text facts, const char *name)
{
    struct text key = text_from(arena_format(arena, "\"%s\":", name));
    for (size_t i = 0; i + key.size < facts.size; i++)
        if (memcmp(facts.bytes + i, key.bytes, key.size) == 0)
            return (struct text){facts.bytes + i + key.size, facts.size - i - key.size};
    return (struct text){NULL, 0};
}

static struct text code_in(struct arena *arena, struct text facts, const char *name)
{
    struct text value = value_of(arena, facts, name);
    size_t end = 1;
    while (end < value.size && value.bytes[end] != '"')
        end++;
    return value.size > 1 && end < value.size ? (struct text){value.bytes + 1, end - 1} : (struct text){NULL, 0};
}

static int64_t number_in(struct arena *arena, struct text facts, const char *name, int64_t otherwise)
{
    struct text value = value_of(arena, facts, name);
    size_t end = 0;
    int64_t number;
    while (end < value.size && (value.bytes[end] == '-' || (value.bytes[end] >= '0' && value.bytes[end] <= '9')))
        end++;
    value.size = end;
    return end > 0 && text_to_integer(value, &number) ? number : otherwise;
}

/* ---- giving ---- */

/* What keeps the level keeps a trial of it. What was said otherwise, the journal does not tell. */
static void complete_trial(const struct tier_ladder *ladder, const struct tier_level *level, struct right *right)
{
    for (size_t i = 0; i < level->to_keep.count && i < TRIAL_ALTERNATIVES_MAX; i++)
        right->kept_by[right->kept_by_count++] = level->to_keep.any_of[i];
    if (level->to_keep.count == 0 && level->keep > 0 && level->keep != INT64_MAX)
        right->kept_by[right->kept_by_count++].at_least[ladder->metric] = level->keep;
}

/* False: the programme of this world has no such tier. */
static bool find_tier(const struct programme *programme, struct right *right)
{
    const struct tier_ladder *ladder =
        programme->ladder.level_count > 0 ? programme_ladder_find(programme, right->ladder) : NULL;
    const struct tier_level *level = ladder != NULL ? ladder_find(ladder, right->tier) : NULL;
    if (level == NULL)
        return false;
    if (text_equal(programme->ladder.code, ladder->code))
        right->ladder = (struct text){NULL, 0};
    if (text_equals(right->code, "trial"))
        complete_trial(ladder, level, right);
    return true;
}

/* Until when a membership lasts that is paid until then. */
static int64_t membership_until(const struct decision *decision, const struct membership_plan *plan, int64_t paid_until)
{
    const struct zone *zone = programme_at(decision->programmes, decision->now)->zone;
    if (plan == NULL || plan->renewal == RENEWAL_NONE)
        return paid_until;
    return zone_day_start(zone, zone_day(zone, paid_until) + plan->grace_days);
}

static enum status change_membership(struct turn *turn, const struct journal_row *row, struct error *err)
{
    struct decision *decision = &turn->world->decision;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct text code = code_in(decision->arena, row->facts, "membership");
    const struct definition *definition = definition_at(decision->programmes, &membership_kind, code, decision->now);
    const struct membership_plan *plan = definition != NULL ? definition->parsed : NULL;
    int64_t paid_until = number_in(decision->arena, row->facts, "paid_until", decision->now);
    struct right right = {.kind = RIGHT_MEMBERSHIP,
                          .id = row->id,
                          .code = code,
                          .from = decision->now,
                          .until = membership_until(decision, plan, paid_until)};
    if (text_equals(row->kind, "membership_bought")) {
        if (plan != NULL && plan->tier.size > 0) {
            right.ladder = plan->ladder;
            right.tier = plan->tier;
        }
        return right_give(decision, &turn->person, &right, err);
    }
    struct held held;
    held_read(&turn->one->member.standing, programme->ladder.metric, &held);
    const struct right *given = right_find(&held, RIGHT_MEMBERSHIP, code, decision->now);
    int64_t until = text_equals(row->kind, "membership_renewed")                                   ? right.until
                    : text_equals(row->kind, "membership_cancelled") && paid_until > decision->now ? paid_until
                                                                                                   : decision->now;
    if (given != NULL)
        right_end(decision, &turn->person, given->id, until);
    return STATUS_OK;
}

/* The last version of its terms lasts until then; an earlier one until the next. */
static void end_contract_terms(struct turn *turn, struct text code, int64_t until)
{
    struct decision *decision = &turn->world->decision;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct right *last = NULL;
    struct held held;

    held_read(&turn->one->member.standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < held.right_count; i++) {
        const struct right *right = &held.rights[i];
        if (right->kind == RIGHT_CONTRACT && text_equal(right->code, code) &&
            (last == NULL || right->from > last->from))
            last = right;
    }
    if (last != NULL)
        right_end(decision, &turn->person, last->id, until);
}

static enum status change_contract(struct turn *turn, const struct journal_row *row, struct error *err)
{
    struct decision *decision = &turn->world->decision;
    struct arena *arena = decision->arena;
    struct right right = {.kind = RIGHT_CONTRACT,
                          .id = row->id,
                          .code = code_in(arena, row->facts, "contract"),
                          .from = number_in(arena, row->facts, "from", decision->now),
                          .until = number_in(arena, row->facts, "until", INSTANT_NEVER)};
    bool gives = text_equals(row->kind, "contract_agreed") || text_equals(row->kind, "contract_terms");

    end_contract_terms(turn, right.code, gives ? right.from : right.until);
    if (!gives || right.until <= decision->now)
        return STATUS_OK;
    right.sums[RIGHT_SUM_DISCOUNT] = number_in(arena, row->facts, "discount", 0);
    right.sums[RIGHT_SUM_FACTOR] = number_in(arena, row->facts, "factor", 0);
    return right_give(decision, &turn->person, &right, err);
}

static enum status right_in(struct turn *turn, const struct journal_row *row, struct error *err)
{
    struct decision *decision = &turn->world->decision;
    struct arena *arena = decision->arena;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    bool tier = text_equals(row->kind, "tier_given");
    if (text_equals(row->kind, "right_ended")) {
        right_end(decision, &turn->person, row->cause, number_in(arena, row->facts, "until", decision->now));
        return STATUS_OK;
    }
    if (text_starts_with(row->kind, TEXT("contract_")))
        return change_contract(turn, row, err);
    if (!tier && !text_equals(row->kind, "benefit_given"))
        return change_membership(turn, row, err);
    struct right right = {.kind = tier ? RIGHT_TIER : RIGHT_BENEFIT,
                          .id = !tier && row->cause != 0 ? row->cause : row->id, /* cause: what it came with */
                          .code = code_in(arena, row->facts, tier ? "as" : "benefit"),
                          .from = decision->now,
                          .until = number_in(arena, row->facts, "until", INSTANT_NEVER),
                          .ladder = code_in(arena, row->facts, "ladder"),
                          .tier = code_in(arena, row->facts, "tier")};
    return !tier || find_tier(programme, &right) ? right_give(decision, &turn->person, &right, err) : STATUS_OK;
}

enum status replay_right(struct replay *replay, const struct replay_input *input, struct error *err)
{
    const struct journal_row *row = input->row;
    struct replay_person *person = replay_person_of(replay, input);
    enum status status = STATUS_OK;
    for (int w = 0; person != NULL && w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = turn_of(replay, person, w);
        status = turn_begin(&turn, row->recorded_at, err);
        if (status == STATUS_OK)
            status = right_in(&turn, row, err);
        turn_end(&turn);
    }
    return status;
}
