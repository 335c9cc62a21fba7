/* uses.c: using a benefit, taking a use back, giving a benefit by hand. */
#include "features/customers/customers.h"
#include "features/entitlements/entitled.h"

/* The world of conditions on the person. */
static struct benefit_asker asker_of(struct decision *decision, struct condition_world *world,
                                     const struct entitled *entitled, int64_t at)
{
    *world = (struct condition_world){.arena = decision->arena,
                                      .programmes = decision->programmes,
                                      .programme = programme_at(decision->programmes, at),
                                      .now = at,
                                      .person = &decision->subjects[0],
                                      .known = &entitled->known};
    condition_start(world);
    return (struct benefit_asker){decision->programmes, &decision->subjects[0], world, at};
}

static enum status find_benefit(const struct decision *decision, struct text code, int64_t at,
                                const struct definition **out, struct error *err)
{
    *out = definition_at(decision->programmes, &benefit_kind, code, at);
    if (*out == NULL)
        return error_set(err, STATUS_MISSING, "benefit.unknown", "benefit", "there is no benefit '%.*s' in force",
                         (int)code.size, code.bytes);
    return STATUS_OK;
}

static bool is_used_at(const struct benefit *benefit, struct text store)
{
    for (size_t i = 0; i < benefit->store_count; i++)
        if (text_equal(benefit->stores[i], store))
            return true;
    return benefit->store_count == 0;
}

static enum status check_use(const struct benefit_asker *asker, const struct definition *definition,
                             struct use_benefit *body, struct benefit_holding *holding, struct error *err)
{
    const struct benefit *benefit = definition->parsed;

    if (!benefit_holds(asker, definition, holding))
        return error_set(err, STATUS_CONFLICT, "benefit.not_held", "benefit",
                         "the member is not entitled to this benefit");
    if (benefit->count == 0)
        return error_set(err, STATUS_CONFLICT, "benefit.standing", "benefit",
                         "the benefit holds by itself: it is not used up");
    if (!is_used_at(benefit, body->context.store))
        return error_set(err, STATUS_CONFLICT, "benefit.store", "store", "the benefit is not used at this store");
    benefit_left_of(asker, definition, holding, body->entitled.uses, body->entitled.use_count, &body->left);
    if (body->left.left < body->units)
        return error_set(err, STATUS_CONFLICT, "benefit.used_up", "units", "%lld of %lld are left",
                         (long long)body->left.left, (long long)body->left.allowed);
    return STATUS_OK;
}

static void save(struct decision *decision, const struct benefit_use *use, int64_t row, int64_t minor)
{
    const struct membership_saving saving = {
        .membership = use->right, .row = row, .minor = minor, .at = use->at, .what = use->code};

    if (minor != 0)
        store_membership_saving(decision, decision->subjects[0].member, &saving);
}

static struct journal_row *use_row(struct decision *decision, const struct benefit_use *use, const char *kind,
                                   const struct points_context *context)
{
    struct builder facts = {.arena = decision->arena};

    fact_code(&facts, "benefit", use->code);
    fact_number(&facts, "units", use->units);
    if (use->value > 0)
        fact_number(&facts, "value", use->value);
    return points_row(decision, decision->subjects[0].member, kind, use->at, context, &facts);
}

static enum status use_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct use_benefit *body = command->body;
    struct condition_world world;
    const struct definition *definition;
    struct benefit_holding holding = {.right = 0};
    int64_t at;
    enum status status = customer_require(decision, command, 0, err);

    body->existed = body->claim >= 0 && command->claims[body->claim].reference != 0;
    if (status == STATUS_OK && body->existed) {
        body->use = (struct benefit_use){.id = command->claims[body->claim].reference};
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = points_at(decision, &body->context, &at, err);
    if (status == STATUS_OK)
        status = find_benefit(decision, body->code, at, &definition, err);
    if (status != STATUS_OK)
        return status;
    const struct benefit_asker asker = asker_of(decision, &world, &body->entitled, at);
    status = check_use(&asker, definition, body, &holding, err);
    if (status != STATUS_OK)
        return status;
    const struct benefit *benefit = definition->parsed;
    struct benefit_use use = {.member = decision->subjects[0].member->id,
                              .code = body->code,
                              .store = body->context.store,
                              .units = body->units,
                              .at = at,
                              .value = benefit->value * body->units,
                              .right = holding.right};
    const struct journal_row *row = use_row(decision, &use, "benefit_use", &body->context);
    use.id = row->id;
    if (body->claim >= 0)
        claim_take(decision, "benefit_use", command->claims[body->claim].key, row->id, use.member);
    store_benefit_use(decision, &use);
    if (entitled_membership(&body->entitled, use.right) != NULL)
        save(decision, &use, row->id, use.value);
    body->left.used += use.units;
    body->left.left -= use.units;
    body->use = use;
    return STATUS_OK;
}

const struct command_type use_benefit_type = {
    .name = "use_benefit", .loads = LOAD_ALONE, .load = entitled_load, .decide = use_decide};

static enum status reverse_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct reverse_use *body = command->body;
    struct benefit_use *use = NULL;
    enum status status = customer_require(decision, command, 0, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < body->entitled.use_count; i++)
        if (body->entitled.uses[i].id == body->use)
            use = &body->entitled.uses[i];
    if (use == NULL)
        return error_set(err, STATUS_MISSING, "benefit.unknown_use", "use", "the member has no such use");
    if (use->reversed != 0)
        return error_set(err, STATUS_CONFLICT, "benefit.reversed", "use", "the use was taken back already");
    const struct points_context context = {.store = use->store, .note = body->reason};
    struct benefit_use back = *use;
    back.at = decision->now;
    struct journal_row *row = use_row(decision, &back, "benefit_reversal", &context);
    row->cause = use->id;
    use->reversed = row->id;
    store_benefit_use(decision, use);
    if (entitled_membership(&body->entitled, use->right) != NULL)
        save(decision, use, row->id, -use->value);
    body->id = row->id;
    body->result = *use;
    body->result.code = text_copy(command->arena, use->code);
    body->result.store = text_copy(command->arena, use->store);
    return STATUS_OK;
}

const struct command_type reverse_use_type = {
    .name = "reverse_use", .loads = LOAD_ALONE, .load = entitled_load, .decide = reverse_decide};

static enum status give_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct give_benefit *body = command->body;
    const struct zone *zone = programme_at(decision->programmes, decision->now)->zone;
    const struct points_context context = {.note = body->reason};
    const struct definition *definition;
    struct builder facts = {.arena = decision->arena};
    int64_t until = body->until;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = find_benefit(decision, body->code, decision->now, &definition, err);
    if (status != STATUS_OK)
        return status;
    if (body->days > 0)
        until = zone_day_start(zone, zone_day(zone, decision->now) + (int32_t)body->days);
    if (until <= decision->now)
        return error_set(err, STATUS_INVALID, "benefit.until", "until", "it ends after now");
    fact_code(&facts, "benefit", body->code);
    fact_code(&facts, "source", body->source);
    if (until != INSTANT_NEVER)
        fact_number(&facts, "until", until);
    struct journal_row *row =
        points_row(decision, decision->subjects[0].member, "benefit_given", decision->now, &context, &facts);
    body->result =
        (struct right){.kind = RIGHT_BENEFIT, .id = row->id, .code = body->code, .from = decision->now, .until = until};
    audit_add(decision, command, "benefit.given", row->member, (struct text){NULL, 0}, row->facts);
    return right_give(decision, &decision->subjects[0], &body->result, err);
}

const struct command_type give_benefit_type = {.name = "give_benefit", .decide = give_decide};
