/*
 * What a basket would cost and earn if it were bought now, through the same functions as a quote and a purchase: what they would
 * load is read, and nothing is written.
 */
#include "features/quotes/simulate_api.h"

#include <stddef.h>

#include "features/conditions/conditions_store.h"
#include "features/earning/earning_api.h"
#include "features/entitlements/benefit.h"
#include "features/events/purchase.h"
#include "features/offers/quotes_store.h"
#include "features/quotes/quote_input_api.h"
#include "features/quotes/quote_view_api.h"
#include "features/quotes/quotes_api.h"

/* ---- the shapes ---- */

static const struct field bonus_fields[] = {
    {.name = "multiplier", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape bonus_shape = {.name = "SimulatedBonus", SHAPE_FIELDS(bonus_fields)};
static const struct field rule_fields[] = {
    {.name = "rule", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "applied", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "In all, bonuses included."},
    {.name = "bonuses", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &bonus_shape},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "Why it gives nothing, as a code."},
    {.name = "message", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "The same as a sentence."},
};
static const struct shape rule_shape = {.name = "SimulatedRule", SHAPE_FIELDS(rule_fields)};
static const struct field points_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape points_shape = {.name = "SimulatedPoints", SHAPE_FIELDS(points_fields)};
static const struct field benefit_fields[] = {
    {.name = "benefit", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "held", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "by",
     .type = FIELD_TEXT,
     .flags = FIELD_NULLABLE,
     .about = "everyone, tier, membership, given or condition."},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "Why it is not held, as a code."},
    {.name = "message", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "The same as a sentence."},
};
static const struct shape benefit_shape = {.name = "SimulatedBenefit", SHAPE_FIELDS(benefit_fields)};
static const struct field simulation_fields[] = {
    {.name = "price",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .shape = &quote_shape,
     .about = "As a quote tells it; not_applied has all offers that there are, coupons and codes."},
    {.name = "rules",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &rule_shape,
     .about = "Of the programme."},
    {.name = "earning_rules",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &accrual_outcome_shape,
     .about = "In the order in which they are asked; those that are over come last."},
    {.name = "benefits", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &benefit_shape},
    {.name = "points",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &points_shape,
     .about = "What the purchase would give, by account."},
};
const struct shape simulation_shape = {
    .name = "Simulation", .about = "A basket tried; nothing is written.", SHAPE_FIELDS(simulation_fields)};

struct simulation_input {
    struct member_reference *member;
    struct text store, channel;
    struct json_list lines, codes;
};
static const struct field input_fields[] = {
    {.name = "member",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct simulation_input, member),
     .shape = &member_reference_shape,
     .about = "Without one nobody is known, and nothing is earned."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct simulation_input, store),
     .maximum = CODE_SIZE_MAX},
    {.name = "channel",
     .type = FIELD_TEXT,
     .offset = offsetof(struct simulation_input, channel),
     .maximum = CODE_SIZE_MAX},
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct simulation_input, lines),
     .minimum = 1,
     .maximum = BASKET_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &quote_line_input_shape},
    {.name = "codes",
     .type = FIELD_LIST,
     .offset = offsetof(struct simulation_input, codes),
     .maximum = BASKET_CODES_MAX,
     .element = FIELD_TEXT,
     .about = "Codes and coupons that are shown."},
};
const struct shape simulation_input_shape = {
    .name = "SimulationInput", .size = sizeof(struct simulation_input), SHAPE_FIELDS(input_fields)};

/* ---- the price ---- */

/* Each offer by the version that concerns now: in force, or the next, or the last. */
struct json_list simulation_offers(const struct quoting *quoting)
{
    const struct definition_list *list = definitions_of(quoting->programmes, &offer_kind);
    struct text *codes = arena_array(quoting->arena, list->count + 1, sizeof *codes);
    struct json_list all = {.items = codes};

    for (size_t i = 0; i < list->count && all.count < REFUSED_MAX; i++)
        if (i == 0 || !text_equal(list->items[i].code, list->items[i - 1].code))
            codes[all.count++] = list->items[i].code;
    return all;
}

/* ---- what it earns ---- */

/* The lines as the purchase would have them. */
static struct purchase_line *bought_lines(const struct quoting *quoting, const struct quote_request *body)
{
    const struct quoted *quoted = &body->quoted;
    struct purchase_line *lines = arena_array(quoting->arena, quoted->line_count + 1, sizeof *lines);

    for (size_t i = 0; i < quoted->line_count; i++) {
        const struct quoted_line *of = &quoted->lines[i];
        const struct item_category *category = category_find(quoting->programmes, of->category);
        lines[i] = (struct purchase_line){.number = (int32_t)i + 1,
                                          .sku = of->sku,
                                          .category = of->category,
                                          .above = category != NULL ? category->above : NULL,
                                          .quantity_milli = of->quantity_milli,
                                          .amount = of->amount,
                                          .discount = of->discount + of->public_amount - of->amount};
    }
    return lines;
}

static enum status explain(const struct simulating *simulating, struct purchase_explained *out, struct error *err)
{
    const struct quoting *quoting = simulating->quoting;
    const struct quote_request *body = simulating->body;
    const struct person *person = simulating->person;
    struct decision *decision = arena_alloc(quoting->arena, sizeof *decision);
    struct command *command = arena_alloc(quoting->arena, sizeof *command);
    const struct purchase asked = {.at = quoting->now, .store = body->basket.store, .channel = body->basket.channel};
    struct rules_known known = {.parts = accrual_needs(quoting->programmes, TEXT("purchase")).parts};

    *out = (struct purchase_explained){.base = NULL};
    if (person->member == NULL)
        return STATUS_OK;
    *decision = (struct decision){
        .arena = quoting->arena, .now = quoting->now, .programmes = quoting->programmes, .subjects = {*person}};
    command->arena = quoting->arena;
    purchase_counters(programme_at(quoting->programmes, quoting->now), command, quoting->arena);
    purchase_rule_counters(quoting->programmes, &asked, command, quoting->arena);
    enum status status = limits_read(simulating->session, quoting->arena, command, true, decision, err);
    for (size_t i = 0; i < person->group->member_count; i++)
        person->group->members[i].progress_loaded = true;
    if (status == STATUS_OK)
        status = conditions_read(simulating->session, quoting->arena, person, known.parts, &known.person, err);
    if (status != STATUS_OK)
        return status;
    const struct purchase_earning earning = {.person = &decision->subjects[0],
                                             .lines = bought_lines(quoting, body),
                                             .line_count = body->quoted.line_count,
                                             .total = body->quoted.total,
                                             .at = quoting->now,
                                             .store = body->basket.store,
                                             .channel = body->basket.channel,
                                             .shown = body->quoted.shown,
                                             .known = &known};
    return purchase_foretell(decision, command, &earning, out, err);
}

/* ---- the reply ---- */

static void write_reason(struct json_writer *writer, const char *reason, const char *message)
{
    writer_string(writer, "reason", reason);
    writer_string(writer, "message", message);
}

static void write_rule(struct json_writer *writer, const struct earned *earned)
{
    bool applied = earned->points > 0;

    writer_object(writer, NULL);
    writer_text(writer, "rule", earned->rule->code);
    writer_text(writer, "wallet", earned->rule->wallet);
    writer_boolean(writer, "applied", applied);
    writer_integer(writer, "points", earned->points);
    writer_list(writer, "bonuses");
    for (size_t i = 0; i < earned->bonus_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "multiplier", earned->bonuses[i].multiplier->code);
        writer_integer(writer, "points", earned->bonuses[i].bonus);
        writer_end(writer);
    }
    writer_end(writer);
    write_reason(writer, applied ? NULL : "earning.nothing",
                 applied ? NULL : "none of the lines counts for it, or what counts is too little for a point");
    writer_end(writer);
}

/* Rules that are over for good are not asked any more: the last version of each says so. */
static void write_over(struct json_writer *writer, const struct quoting *quoting)
{
    const struct definition_list *list = definitions_of(quoting->programmes, &earning_rule_kind);

    for (size_t i = 0; i < list->count; i++) {
        const struct definition *item = &list->items[i];
        const struct accrual_rule *rule = item->parsed;
        bool last = i + 1 == list->count || !text_equal(list->items[i + 1].code, item->code);
        if (!last || item->until > quoting->now || !accrual_trigger_has_lines(rule->trigger))
            continue;
        const struct accrual_outcome outcome = {.definition = item, .rule = rule, .reason = "earning.ended"};
        accrual_outcome_write(writer, quoting->arena, &outcome);
    }
}

static void write_points(struct json_writer *writer, struct arena *arena, const struct purchase_explained *explained)
{
    struct quoted_earning *sums =
        arena_array(arena, explained->base_count + explained->outcome_count + 1, sizeof *sums);
    size_t count = 0;

    for (size_t i = 0; i < explained->base_count + explained->outcome_count; i++) {
        bool base = i < explained->base_count;
        const struct accrual_outcome *outcome = base ? NULL : &explained->outcomes[i - explained->base_count];
        struct text wallet = base ? explained->base[i].rule->wallet : outcome->rule->wallet;
        int64_t points = base ? explained->base[i].points : outcome->points;
        size_t sum = 0;
        while (sum < count && !text_equal(sums[sum].wallet, wallet))
            sum++;
        if (points == 0)
            continue;
        if (sum == count)
            sums[count++] = (struct quoted_earning){.wallet = wallet};
        sums[sum].points += points;
    }
    writer_list(writer, "points");
    for (size_t i = 0; i < count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", sums[i].wallet);
        writer_integer(writer, "points", sums[i].points);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_benefit(struct json_writer *writer, const struct benefit_asker *asker, const struct definition *item)
{
    const struct benefit *benefit = item->parsed;
    struct benefit_holding holding = {.by = NULL};
    bool early = item->from > asker->at, over = item->until <= asker->at;
    bool held = !early && !over && asker->person != NULL && benefit_holds(asker, item, &holding);

    writer_object(writer, NULL);
    writer_text(writer, "benefit", item->code);
    writer_text(writer, "name", benefit->name);
    writer_boolean(writer, "held", held);
    writer_string(writer, "by", held ? holding.by : NULL);
    if (held)
        write_reason(writer, NULL, NULL);
    else if (early || over)
        write_reason(writer, early ? "benefit.not_started" : "benefit.ended",
                     early ? "it is not in force yet" : "it is over");
    else
        write_reason(writer, "benefit.not_held", "neither tier, membership nor condition gives it to the member");
    writer_end(writer);
}

static void write_benefits(struct json_writer *writer, const struct quoting *quoting, const struct person *person,
                           const struct condition_person *known)
{
    const struct definition_list *list = definitions_of(quoting->programmes, &benefit_kind);
    struct condition_world world = {.arena = quoting->arena,
                                    .programmes = quoting->programmes,
                                    .programme = programme_at(quoting->programmes, quoting->now),
                                    .now = quoting->now,
                                    .person = person,
                                    .known = known};
    const struct benefit_asker asker = {
        .programmes = quoting->programmes, .person = person, .world = &world, .at = quoting->now};

    condition_start(&world);
    writer_list(writer, "benefits");
    for (size_t i = 0; i < list->count; i++)
        if (i + 1 == list->count || !text_equal(list->items[i + 1].code, list->items[i].code) ||
            definition_in_force(&list->items[i], quoting->now))
            write_benefit(writer, &asker, &list->items[i]);
    writer_end(writer);
}

static void write_all(struct json_writer *writer, const struct quoting *quoting, const struct quote_request *body,
                      const struct purchase_explained *explained)
{
    writer_object(writer, "price");
    write_quote(writer, body);
    writer_end(writer);
    writer_list(writer, "rules");
    for (size_t i = 0; i < explained->base_count; i++)
        write_rule(writer, &explained->base[i]);
    writer_end(writer);
    writer_list(writer, "earning_rules");
    for (size_t i = 0; i < explained->outcome_count; i++)
        accrual_outcome_write(writer, quoting->arena, &explained->outcomes[i]);
    write_over(writer, quoting);
    writer_end(writer);
    write_points(writer, quoting->arena, explained);
}

/* ---- the whole ---- */

enum status simulation_write(const struct simulating *simulating, struct json_writer *writer, struct error *err)
{
    const struct quoting *quoting = simulating->quoting;
    const struct person *person = simulating->person;
    struct purchase_explained explained;
    struct condition_person known = {.parts = 0};
    enum status status = explain(simulating, &explained, err);

    if (status == STATUS_OK && person->member != NULL)
        status = conditions_read(simulating->session, quoting->arena, person,
                                 benefit_parts(quoting->programmes, quoting->now), &known, err);
    if (status != STATUS_OK)
        return status;
    write_all(writer, quoting, simulating->body, &explained);
    write_benefits(writer, quoting, person->member != NULL ? person : NULL, &known);
    return STATUS_OK;
}

static enum status try_basket(struct call *call, struct item *item, const struct quoting *quoting, int64_t member,
                              struct quote_request *body, struct error *err)
{
    struct storage_session *session;
    struct person person = {NULL, NULL, NULL};
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    if (member != 0)
        status = engine_view(call->engine, session, member, call->arena, &person, err);
    if (status == STATUS_OK)
        status = quote_complete(quoting, session, &person, body, err);
    if (status == STATUS_OK)
        status = quote_now(quoting, session, &person, body, err);
    if (status == STATUS_OK)
        status = simulation_write(&(struct simulating){quoting, session, &person, body}, &item->writer, err);
    call_read_end(call, session);
    return status;
}

static enum status find_member(struct call *call, const struct simulation_input *input, int64_t *member,
                               struct error *err)
{
    struct storage_session *session;

    *member = 0;
    if (input->member == NULL)
        return STATUS_OK;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = member_reference_find(call, session, input->member, member, err);
    call_read_end(call, session);
    return status == STATUS_OK ? call_check_member(call, *member, "member", err) : status;
}

enum status simulate_handle(struct call *call, struct item *item, struct error *err)
{
    const struct simulation_input *input = item->body;
    const struct quoting quoting = {call->arena, call->programmes, call->now};
    const struct quote_input asked = {.member = input->member,
                                      .store = input->store,
                                      .channel = input->channel,
                                      .lines = input->lines,
                                      .codes = input->codes,
                                      .explain = simulation_offers(&quoting),
                                      .next = true};
    struct quote_request *body = arena_alloc(call->arena, sizeof *body);
    int64_t member;
    enum status status = quote_open(&quoting, &asked, body, err);

    if (status == STATUS_OK)
        status = find_member(call, input, &member, err);
    if (status == STATUS_OK)
        status = quote_take_coupons(call, &quoting, member, body, err);
    return status == STATUS_OK ? try_basket(call, item, &quoting, member, body, err) : status;
}
