#include "features/entitlements/grant.h"

enum status object_grant(const struct object *object, bool required, struct grant *out)
{
    TRY(object_code(object, "benefit", required, &out->benefit));
    TRY(object_integer(object, "days", false, (struct range){1, GRANT_DAYS_MAX}, &out->days));
    return out->days > 0 && out->benefit.size == 0 ? object_missing(object, "benefit") : STATUS_OK;
}

void grant_reference(const struct grant *grant, const char *path, struct definition_references *out)
{
    reference_add(out, benefit_kind.name, grant->benefit, arena_format(out->arena, "%s.benefit", path));
}

static const struct programme *programme_now(const struct decision *decision)
{
    return programme_at(decision->programmes, decision->now);
}

enum status grant_check(const struct decision *decision, const struct person *person, const struct grant *grant,
                        struct error *err)
{
    struct held held;

    if (definition_at(decision->programmes, &benefit_kind, grant->benefit, decision->now) == NULL)
        return error_set(err, STATUS_MISSING, "benefit.unknown", "benefit", "there is no benefit '%.*s' in force",
                         (int)grant->benefit.size, grant->benefit.bytes);
    held_read(&person->leader->standing, programme_now(decision)->ladder.metric, &held);
    if (held.right_count == RIGHTS_MAX)
        return error_set(err, STATUS_LIMIT, "tier.rights", "", "a member holds at most %d rights at a time",
                         RIGHTS_MAX);
    return STATUS_OK;
}

enum status grant_give(struct decision *decision, const struct person *person, const struct grant *grant,
                       struct grant_source source, struct error *err)
{
    const struct zone *zone = programme_now(decision)->zone;
    const struct points_context context = {.till = {NULL, 0}};
    struct builder facts = {.arena = decision->arena};
    struct right right = {
        .kind = RIGHT_BENEFIT, .id = source.row, .code = grant->benefit, .from = decision->now, .until = INSTANT_NEVER};
    enum status status = grant_check(decision, person, grant, err);

    if (status != STATUS_OK)
        return status;
    if (grant->days > 0)
        right.until = zone_day_start(zone, zone_day(zone, decision->now) + (int32_t)grant->days);
    fact_code(&facts, "benefit", right.code);
    fact_code(&facts, "source", text_from(source.what));
    if (right.until != INSTANT_NEVER)
        fact_number(&facts, "until", right.until);
    struct journal_row *row = points_row(decision, person->member, "benefit_given", decision->now, &context, &facts);
    row->cause = source.row;
    return right_give(decision, person, &right, err);
}

/* Of the person, in force; false: there is none. */
static bool find_right(const struct decision *decision, const struct person *person, int64_t source, struct right *out)
{
    struct held held;

    held_read(&person->leader->standing, programme_now(decision)->ladder.metric, &held);
    for (size_t i = 0; i < held.right_count; i++) {
        *out = held.rights[i];
        if (out->kind == RIGHT_BENEFIT && out->id == source && out->until > decision->now)
            return true;
    }
    return false;
}

static bool is_used(const struct entitled *entitled, int64_t right)
{
    for (size_t i = 0; i < entitled->use_count; i++)
        if (entitled->uses[i].right == right && entitled->uses[i].reversed == 0)
            return true;
    return false;
}

enum grant_end grant_end_of(const struct decision *decision, const struct person *person, int64_t source,
                            const struct entitled *entitled)
{
    struct right right;

    if (is_used(entitled, source))
        return GRANT_USED;
    return find_right(decision, person, source, &right) ? GRANT_ENDED : GRANT_GONE;
}

enum grant_end grant_take_back(struct decision *decision, const struct person *person, int64_t source,
                               const struct entitled *entitled)
{
    const struct points_context context = {.till = {NULL, 0}};
    struct builder facts = {.arena = decision->arena};
    enum grant_end end = grant_end_of(decision, person, source, entitled);
    struct right right;

    if (end != GRANT_ENDED || !find_right(decision, person, source, &right))
        return end;
    fact_code(&facts, "code", text_copy(decision->arena, right.code));
    fact_number(&facts, "until", decision->now);
    struct journal_row *row = points_row(decision, person->member, "right_ended", decision->now, &context, &facts);
    row->cause = source;
    right_end(decision, person, source, decision->now);
    return end;
}
