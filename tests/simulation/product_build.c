/* Turns actions into commands, and replies into outcomes. */
#include <stdio.h>
#include <string.h>

#include "features/customers/commands.h"
#include "features/customers/customers_store.h"
#include "features/events/attribution.h"
#include "features/events/events_store.h"
#include "features/events/quoted_api.h"
#include "features/events/visit.h"
#include "features/points/points.h"
#include "product_market.h"

static const unsigned char tombstone_key[SEAL_KEY_SIZE];
static const char *const stores[] = {"soho", "bund"};

static struct text identifier_key(struct product *product, int identifier)
{
    return text_from(arena_format(product->arena, identifier % 2 == 0 ? "m%d" : "C%d", identifier));
}

static void add_identifier(struct product *product, struct command *command, int identifier)
{
    command->claims[command->claim_count++] = (struct claim_key){.kind = identifier % 2 == 0 ? "external" : "card",
                                                                 .key = identifier_key(product, identifier)};
}

static void add_subject(const struct model *model, struct command *command, int member)
{
    command->subjects[command->subject_count++] =
        (struct subject){.by = SUBJECT_MEMBER, .id = model->members[member].real};
}

/* Subjects by identifiers are the first claims. */
static void add_claimed_subject(struct product *product, struct command *command, const int *identifiers, int count)
{
    for (int i = 0; i < count; i++)
        add_identifier(product, command, identifiers[i]);
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_CLAIMS, .first = 0, .count = count};
    command->bucket = claim_bucket(command->claims[0].kind, command->claims[0].key);
}

static struct text wallet_code(const struct model *model, int wallet)
{
    return text_from(model->rules->wallets[wallet].code);
}

static struct points_context when(const struct action *action)
{
    return (struct points_context){.at_given = true, .at = action->at};
}

static void name_owners(const struct model *model, struct slot *slot)
{
    int owners[GROUP_MAX], count = model_owners(model, slot->action.event, owners);

    for (int i = 0; i < count; i++)
        add_subject(model, &slot->command, owners[i]);
    slot->command.events[slot->command.event_count++] =
        (struct event_reference){.id = model->events[slot->action.event].real, .claim = -1};
}

/* ---- events ---- */

static void add_event_id(struct product *product, struct command *command, const struct action *action,
                         struct event_identity *identity)
{
    identity->event_claim = (int)command->claim_count;
    identity->event_reference = (int)command->event_count;
    identity->digest[0] = (unsigned char)action->content;
    command->claims[command->claim_count++] = (struct claim_key){
        .kind = "event", .key = text_from(arena_format(product->arena, "shop/e%d", action->event_id))};
    command->events[command->event_count++] = (struct event_reference){.claim = identity->event_claim};
}

static void build_purchase(struct product *product, const struct model *model, struct slot *slot)
{
    const struct action *action = &slot->action;
    struct purchase *body = arena_alloc(product->arena, sizeof *body);
    struct command *command = &slot->command;
    struct configuration configuration = engine_configuration(product->engine);
    const struct programme *programme = programme_at(configuration.programmes, action->at);

    slot->body = body;
    if (action->member >= 0)
        add_subject(model, command, action->member);
    else if (!action->anonymous)
        add_claimed_subject(product, command, action->identifiers, 1);
    body->named = !action->anonymous;
    body->register_unknown = action->register_unknown;
    body->at = action->at;
    body->day = command->day = model_day(action->at);
    body->store = text_from(stores[action->receipt % 2]);
    body->channel = text_from(channels[action->channel]);
    body->identity = EVENT_IDENTITY_NONE;
    body->identity.receipt_claim = (int)command->claim_count;
    body->receipt = text_from(arena_format(product->arena, "2026-01-01/r%d", action->receipt));
    command->claims[command->claim_count++] = (struct claim_key){.kind = "receipt", .key = body->receipt};
    if (action->anonymous)
        command->bucket = claim_bucket("receipt", body->receipt);
    if (action->event_id >= 0)
        add_event_id(product, command, action, &body->identity);
    body->lines = arena_array(product->arena, LINES, sizeof *body->lines);
    body->line_count = (size_t)action->line_count;
    for (int i = 0; i < action->line_count; i++)
        body->lines[i] = (struct purchase_line){.sku = text_from(skus[action->line_sku[i]]),
                                                .category = text_from(categories[action->line_category[i]]),
                                                .quantity_milli = action->line_quantity[i],
                                                .amount = action->line_amount[i]};
    if (action->quote >= 0) {
        product_take_quote(product, model, action->quote, body);
        quoted_name(body, command, product->arena);
    }
    if (action->card >= 0)
        product_take_card(product, model, slot, body);
    if (action->pay_points > 0 || action->pay_hold >= 0)
        body->payments[body->payment_count++] =
            (struct payment){.wallet = wallet_code(model, action->wallet),
                             .points = action->pay_points,
                             .hold = action->pay_hold >= 0 ? model->events[action->pay_hold].real : 0};
    purchase_counters(programme, command, product->arena);
    purchase_rules(configuration.programmes, body);
    purchase_rule_counters(configuration.programmes, body, command, product->arena);
    command->type = purchase_type(programme, body);
    engine_configuration_release(product->engine, configuration);
}

static void build_return(struct product *product, const struct model *model, struct slot *slot)
{
    const struct action *action = &slot->action;
    struct purchase_return *body = arena_alloc(product->arena, sizeof *body);
    struct return_line *lines = arena_array(product->arena, LINES, sizeof *lines);
    struct configuration configuration = engine_configuration(product->engine);
    struct storage_session *session;
    struct error error;

    slot->body = body;
    body->at = action->at;
    body->day = model_day(action->at);
    body->identity = EVENT_IDENTITY_NONE;
    body->lines = lines;
    body->line_count = (size_t)action->return_line_count;
    for (int i = 0; i < action->return_line_count; i++)
        lines[i] = (struct return_line){.of_line = action->return_lines[i] + 1,
                                        .quantity_given = action->return_mode[i] == PART_QUANTITY,
                                        .amount_given = action->return_mode[i] == PART_AMOUNT,
                                        .quantity_milli = action->return_value[i],
                                        .amount = action->return_value[i]};
    slot->command.type = &return_command_type;
    if (engine_read_begin(product->engine, &session, &error) != STATUS_OK)
        product_fail(&error, "read");
    slot->command.body = body;
    if (return_prepare(session, configuration.programmes, &slot->command, model->events[action->event].real,
                       product->arena, &error) != STATUS_OK)
        product_fail(&error, "return_prepare");
    engine_read_end(product->engine, session);
    engine_configuration_release(product->engine, configuration);
}

static void build_claim(struct product *product, const struct model *model, struct slot *slot)
{
    const struct model_event *purchase = &model->events[slot->action.event];
    struct attribution *body = slot->body = arena_alloc(product->arena, sizeof *body);
    struct command *command = &slot->command;
    struct configuration configuration = engine_configuration(product->engine);
    const struct programme *programme = programme_at(configuration.programmes, purchase->at);

    struct purchase asked = {.at = purchase->at, .channel = text_from(channels[purchase->channel])};
    purchase_rules(configuration.programmes, &asked);
    command->type = attribution_type(programme, programme, asked.load_progress);
    add_subject(model, command, slot->action.member);
    body->claim = (int)command->claim_count;
    command->claims[command->claim_count++] =
        (struct claim_key){.kind = "attribution", .key = attribution_key(product->arena, purchase->real)};
    command->events[command->event_count++] = (struct event_reference){.id = purchase->real, .claim = -1};
    command->day = model_day(purchase->at);
    purchase_counters(programme, command, product->arena);
    purchase_rule_counters(configuration.programmes, &asked, command, product->arena);
    engine_configuration_release(product->engine, configuration);
}

static void build_visit(struct product *product, const struct model *model, struct slot *slot)
{
    struct visit *body = arena_alloc(product->arena, sizeof *body);

    slot->body = body;
    slot->command.type = visit_type(false);
    add_subject(model, &slot->command, slot->action.member);
    body->at = slot->action.at;
    body->day = model_day(body->at);
    body->identity = EVENT_IDENTITY_NONE;
}

/* ---- points ---- */

static void build_points(struct product *product, const struct model *model, struct slot *slot)
{
    const struct action *action = &slot->action;
    struct command *command = &slot->command;
    struct text wallet = wallet_code(model, action->wallet);

    if (action->kind == ACT_REDEEM) {
        struct redemption *body = slot->body = arena_alloc(product->arena, sizeof *body);
        *body = (struct redemption){.context = when(action), .wallet = wallet, .points = action->points};
        command->type = &redeem_command_type;
    } else if (action->kind == ACT_HOLD) {
        struct hold_request *body = slot->body = arena_alloc(product->arena, sizeof *body);
        *body = (struct hold_request){
            .context = when(action), .wallet = wallet, .points = action->points, .seconds = action->seconds};
        command->type = &hold_command_type;
    } else if (action->kind == ACT_ADJUST) {
        struct adjustment *body = slot->body = arena_alloc(product->arena, sizeof *body);
        *body = (struct adjustment){
            .context = when(action), .wallet = wallet, .points = action->points, .reason = TEXT("goodwill")};
        command->type = &adjust_command_type;
    } else {
        struct transfer *body = slot->body = arena_alloc(product->arena, sizeof *body);
        *body = (struct transfer){.context = when(action), .wallet = wallet, .points = action->points};
        command->type = &transfer_command_type;
    }
    add_subject(model, command, action->member);
    if (action->kind == ACT_TRANSFER)
        add_subject(model, command, action->other);
}

static void build_undoing(struct product *product, const struct model *model, struct slot *slot)
{
    const struct action *action = &slot->action;

    if (action->kind == ACT_REVERSE) {
        struct undoing *body = slot->body = arena_alloc(product->arena, sizeof *body);
        *body = (struct undoing){.context = when(action), .points = action->points};
        slot->command.type = &reverse_command_type;
    } else {
        struct hold_end *body = slot->body = arena_alloc(product->arena, sizeof *body);
        *body = (struct hold_end){.context = when(action), .points = action->points};
        slot->command.type = action->kind == ACT_CAPTURE ? &capture_command_type : &release_command_type;
    }
    name_owners(model, slot);
}

/* ---- people ---- */

static void build_people(struct product *product, const struct model *model, struct slot *slot)
{
    const struct action *action = &slot->action;
    struct command *command = &slot->command;

    if (action->kind == ACT_REGISTER) {
        struct register_member *body = slot->body = arena_alloc(product->arena, sizeof *body);
        body->load.tombstone_key = tombstone_key;
        command->type = &register_member_type;
        add_claimed_subject(product, command, action->identifiers, action->identifier_count);
        return;
    }
    add_subject(model, command, action->member);
    if (action->other >= 0)
        add_subject(model, command, action->other);
    if (action->kind == ACT_ERASE) {
        struct erase_member *body = slot->body = arena_alloc(product->arena, sizeof *body);
        body->load.parts[0] = PART_IDENTIFIERS | PART_HOUSEHOLD;
        command->type = &erase_member_type;
    } else if (action->kind == ACT_MERGE) {
        struct merge_members *body = slot->body = arena_alloc(product->arena, sizeof *body);
        body->load.parts[0] = body->load.parts[1] = PART_PROFILE | PART_DAYS;
        command->type = &merge_members_type;
    } else if (action->kind == ACT_UNMERGE) {
        struct unmerge_members *body = slot->body = arena_alloc(product->arena, sizeof *body);
        body->load.parts[0] = PART_LINKS | PART_DAYS;
        command->type = &unmerge_members_type;
    } else {
        struct change_household *body = slot->body = arena_alloc(product->arena, sizeof *body);
        body->load.parts[0] = PART_HOUSEHOLD;
        body->action = (enum household_action)(action->kind - ACT_FOUND);
        body->pooled = action->pooled;
        body->household = action->kind == ACT_FOUND ? 0 : model->household_real[action->household];
        command->type = &change_household_type;
    }
}

static struct text render(const struct command *command, struct arena *arena, int *http_status)
{
    *http_status = 201;
    return text_from(arena_format(arena, "{\"id\":%lld}", (long long)command->id));
}

void product_build(struct product *product, const struct model *model, struct slot *slot)
{
    struct command *command = &slot->command;

    *command = (struct command){.day = DAY_NONE, .bucket = -1, .arena = product->arena};
    command->claims = arena_array(product->arena, COMMAND_CLAIMS_MAX, sizeof *command->claims);
    switch (slot->action.kind) {
    case ACT_PURCHASE:
        build_purchase(product, model, slot);
        break;
    case ACT_RETURN:
        build_return(product, model, slot);
        break;
    case ACT_CLAIM:
        build_claim(product, model, slot);
        break;
    case ACT_VISIT:
        build_visit(product, model, slot);
        break;
    case ACT_QUOTE:
        product_build_quote(product, model, slot);
        break;
    case ACT_DROP:
        product_build_drop(product, model, slot);
        break;
    case ACT_ISSUE:
        product_build_issue(product, model, slot);
        break;
    case ACT_SELL:
        product_build_sell(product, slot);
        break;
    case ACT_REDEEM:
    case ACT_HOLD:
    case ACT_ADJUST:
    case ACT_TRANSFER:
        build_points(product, model, slot);
        break;
    case ACT_REVERSE:
    case ACT_CAPTURE:
    case ACT_RELEASE:
        build_undoing(product, model, slot);
        break;
    case ACT_REGISTER:
    case ACT_MERGE:
    case ACT_UNMERGE:
    case ACT_FOUND:
    case ACT_JOIN:
    case ACT_LEAVE:
    case ACT_POOL:
    case ACT_ERASE:
    case ACT_KINDS:
        build_people(product, model, slot);
        break;
    }
    command->body = slot->body;
    if (slot->request == 0)
        return;
    command->request_scope = TEXT("simulation");
    command->request_key = text_from(arena_format(product->arena, "k%d", slot->request));
    command->request_digest[0] = slot->other_body;
    command->render = render;
}

/* ---- replies ---- */

static struct points_result *points_result(struct slot *slot)
{
    switch (slot->action.kind) {
    case ACT_REDEEM:
        return &((struct redemption *)slot->body)->result;
    case ACT_HOLD:
        return &((struct hold_request *)slot->body)->result;
    case ACT_ADJUST:
        return &((struct adjustment *)slot->body)->result;
    case ACT_TRANSFER:
        return &((struct transfer *)slot->body)->result;
    case ACT_REVERSE:
        return &((struct undoing *)slot->body)->result;
    case ACT_CAPTURE:
    case ACT_RELEASE:
        return &((struct hold_end *)slot->body)->result;
    case ACT_REGISTER:
    case ACT_PURCHASE:
    case ACT_RETURN:
    case ACT_VISIT:
    case ACT_MERGE:
    case ACT_UNMERGE:
    case ACT_FOUND:
    case ACT_JOIN:
    case ACT_LEAVE:
    case ACT_POOL:
    case ACT_ERASE:
    case ACT_CLAIM:
    case ACT_QUOTE:
    case ACT_DROP:
    case ACT_ISSUE:
    case ACT_SELL:
    case ACT_KINDS:
        break;
    }
    return NULL;
}

static bool same(struct product *product, const char *what, int64_t model, int64_t real)
{
    if (model != real)
        snprintf(product->difference, sizeof product->difference, "%s is %lld, the model says %lld", what,
                 (long long)real, (long long)model);
    return model == real;
}

static bool check_purchase(struct product *product, struct model *model, struct slot *slot)
{
    const struct purchase_result *result = slot->action.kind == ACT_CLAIM ? &((struct attribution *)slot->body)->result
                                                                          : &((struct purchase *)slot->body)->result;
    const struct outcome *expected = &slot->expected;
    const char *tier = expected->level >= 0 ? level_codes[expected->level] : "";
    int64_t earned = 0;

    if (expected->known >= 0 || result->known)
        return same(product, "known", expected->known >= 0, result->known) &&
               same(product, "the event known", model->events[expected->known].real, result->id);
    for (size_t i = 0; i < result->earned_count; i++)
        earned += result->earned[i].points;
    if (expected->member >= 0)
        model->members[expected->member].real = result->member;
    model->events[expected->event].real = result->id;
    if (!text_equals(result->tier_after, tier)) {
        snprintf(product->difference, sizeof product->difference, "the tier after is '%.*s', the model says '%s'",
                 (int)result->tier_after.size, result->tier_after.bytes, tier);
        return false;
    }
    return same(product, "what was earned", expected->earned, earned) &&
           same(product, "the amount", expected->money, result->amount) &&
           same(product, "registered", expected->member >= 0, result->registered);
}

static bool check_done(struct product *product, struct model *model, struct slot *slot)
{
    const struct outcome *expected = &slot->expected;
    const struct points_result *points = points_result(slot);

    if (points != NULL) {
        if (expected->event >= 0)
            model->events[expected->event].real = points->id;
        if (slot->action.kind == ACT_TRANSFER) {
            model->events[expected->payment].real = points->id;
            model->events[expected->event].real = ((struct transfer *)slot->body)->received.id;
        }
        return same(product, "available", expected->available, points->available) &&
               same(product, "the balance", expected->balance, points->balance) &&
               same(product, "written off", expected->written_off, points->written_off);
    }
    if (slot->action.kind == ACT_PURCHASE || slot->action.kind == ACT_CLAIM)
        return check_purchase(product, model, slot);
    if (slot->action.kind == ACT_SELL)
        model->market.cards[slot->action.card].real = ((struct sell_gift_card *)slot->body)->card.id;
    if (slot->action.kind == ACT_QUOTE)
        return product_check_quote(product, model, slot);
    if (slot->action.kind == ACT_REGISTER)
        model->members[expected->member].real = ((struct register_member *)slot->body)->member;
    if (slot->action.kind == ACT_FOUND)
        model->household_real[slot->expected.event] = ((struct change_household *)slot->body)->household;
    if (slot->action.kind == ACT_RETURN) {
        const struct return_result *result = &((struct purchase_return *)slot->body)->result;
        return same(product, "the money back", expected->money, result->money) &&
               same(product, "what goes back to a gift card", expected->to_card, result->to_cards) &&
               same(product, "written off", expected->written_off, result->written_off);
    }
    return true;
}

bool product_check(struct product *product, struct model *model, struct slot *slot)
{
    const char *expected = slot->expected.code != NULL ? slot->expected.code : "done";
    const char *real = slot->command.status == STATUS_OK ? "done" : slot->command.error.code;

    product->difference[0] = '\0';
    if (strcmp(expected, real) != 0) {
        snprintf(product->difference, sizeof product->difference, "it is %s (%s), the model says %s", real,
                 slot->command.error.message, expected);
        return false;
    }
    return slot->expected.code != NULL || check_done(product, model, slot);
}
