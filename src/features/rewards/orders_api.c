/* Orders of rewards over HTTP. */
#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/coupons/coupons_api.h"
#include "features/coupons/granted_api.h"
#include "features/gift_cards/gift_payment_api.h"
#include "features/points/context_api.h"
#include "features/redemption/proof_api.h"
#include "features/redemption/velocity.h"
#include "features/rewards/reward_card.h"
#include "features/rewards/rewards_api.h"
#include "foundation/id.h"
#include "foundation/instant.h"

enum { MAKE_TRIES = 100 };

/* ---- ordering ---- */

struct order_input {
    struct member_reference *member;
    struct proof_input *proof;
    struct text reward, code;
    int64_t quantity, slot;
    struct context_input context;
};
static const struct field input_fields[] = {
    MEMBER_FIELD(struct order_input, "member", member),
    {.name = "reward",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct order_input, reward),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "quantity",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct order_input, quantity),
     .minimum = 1,
     .maximum = REWARD_QUANTITY_MAX,
     .fallback = 1},
    {.name = "slot",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct order_input, slot),
     .about = "The beginning of one of its times."},
    {.name = "code",
     .type = FIELD_TEXT,
     .offset = offsetof(struct order_input, code),
     .minimum = 1,
     .maximum = CODE_GIVEN_MAX,
     .about = "Of a coupon that opens the reward: it pays instead of points."},
    PROOF_FIELD(struct order_input, proof),
    CONTEXT_FIELDS(struct order_input),
};
const struct shape reward_order_input_shape = {
    .name = "RewardOrderInput", .size = sizeof(struct order_input), SHAPE_FIELDS(input_fields)};

/* The series of which a reward gives a code, and a key for it. */
static enum status make_gift(struct call *call, const struct reward *reward, struct order_reward *body,
                             struct error *err)
{
    unsigned char random[CODE_RANDOM_BYTES];
    char key[CODE_KEY_MAX + 1];
    bool current = false, made = false;
    const struct coupon_series *series = coupon_series_find(call->programmes, reward->gives, call->now, &current);

    if (series == NULL || !current || series->codes != COUPON_UNIQUE)
        return error_set(err, STATUS_CONFLICT, "reward.gift", "reward", "what the reward gives cannot be had now");
    for (int try = 0; try < MAKE_TRIES && !made; try++) {
        secret_random(random, sizeof random);
        made = code_make(&series->pattern, random, key);
    }
    if (made)
        body->gift.key = text_copy(call->arena, text_from(key));
    return STATUS_OK;
}

static enum status take_code(struct call *call, const struct order_input *input, struct order_reward *body,
                             struct error *err)
{
    struct text given = input->code;
    const struct json_list codes = {.items = &given, .count = 1};
    size_t count;
    enum status status = coupons_take(call, &codes, input->member->id, &body->coupon, &count, err);

    if (status != STATUS_OK)
        return status;
    return coupons_lapse_code(call->engine, call->arena, body->coupon.key, err);
}

static enum status fill_order(struct call *call, struct item *item, struct order_reward *body, struct error *err)
{
    const struct order_input *input = item->body;
    const struct definition *definition = definition_at(call->programmes, &reward_kind, input->reward, call->now);
    char *pin = NULL;
    enum status status = STATUS_OK;

    body->context = context_of(&input->context);
    body->reward = input->reward;
    body->quantity = input->quantity;
    body->slot_from = input->slot;
    body->coupon.counter = body->gift.counter = -1;
    if (definition == NULL)
        return error_set(err, STATUS_MISSING, "reward.unknown", "reward", "there is no such reward now");
    const struct reward *reward = definition->parsed;
    if (reward->gift == REWARD_COUPON)
        status = make_gift(call, reward, body, err);
    if (reward->gift == REWARD_CARD)
        status = gift_card_make(call, &body->card, &pin, err);
    item->user = pin;
    if (status == STATUS_OK && input->code.size > 0)
        status = take_code(call, input, body, err);
    return status;
}

enum status reward_order_handle(struct call *call, struct item *item, struct error *err)
{
    const struct order_input *input = item->body;
    struct command *command = item_command(item, &order_reward_type, sizeof(struct order_reward));
    struct order_reward *body = command->body;
    const struct velocity_place place = {input->context.store, input->context.till, input->context.employee};
    enum status status = proof_take(call, input->member, input->proof, &body->proof, err);

    if (status == STATUS_OK)
        status = fill_order(call, item, body, err);
    if (status != STATUS_OK)
        return status;
    velocity_counters(programme_at(call->programmes, call->now), VELOCITY_REDEEMING, &place, command, call->arena);
    if (!order_reward_name(command, call->arena))
        return error_set(err, STATUS_LIMIT, "reward.limits", "", "the programme limits too much at once");
    return member_reference_apply(call, command, input->member, "member", err);
}

/* ---- replies ---- */

static const struct field order_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "rwo"},
    {.name = "state",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "ordered, ready, shipped, handed_over, cancelled or expired."},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "reward", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "quantity", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "money",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "To be paid beside the points."},
    {.name = "slot", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "partner", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "paid_by_code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Of the coupon or gift card that the reward is."},
    {.name = "ordered_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "kept_until",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The first instant at which it is no longer kept."},
    {.name = "ready_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "shipped_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    GRANTED_FIELD,
    {.name = "pin", .type = FIELD_TEXT, .about = "Of the gift card that the reward is: told once, with the order."},
    {.name = "available", .type = FIELD_INTEGER, .about = "After an order: what the person may spend."},
};
const struct shape reward_order_shape = {
    .name = "RewardOrder", .about = "A reward that a member ordered.", SHAPE_FIELDS(order_fields)};

static void write_optional(struct json_writer *writer, const char *name, struct text text)
{
    if (text.size > 0)
        writer_text(writer, name, text);
    else
        writer_null(writer, name);
}

/* A code that was made with the order stands in the order. */
static void add_coupon(const struct call *call, const struct reward_order *order, struct granted_list *granted)
{
    const struct definition *definition = definition_at(call->programmes, &reward_kind, order->reward, order->at);
    struct granted coupon = {.kind = coupon_series_kind.name, .holding = order->gift};

    if (order->gift.size == 0 || reward_card_key(order->gift).size > 0)
        return;
    if (definition != NULL)
        coupon.code = ((const struct reward *)definition->parsed)->gives;
    granted_add(call->arena, granted, &coupon);
}

static void write_order(struct json_writer *writer, struct call *call, const struct reward_order *order,
                        struct granted_list *granted)
{
    int64_t now = call->now;

    writer_id(writer, "id", "rwo", order->id);
    writer_string(writer, "state", reward_states[reward_state_at(order, now)]);
    writer_id(writer, "member", "mbr", order->member);
    writer_text(writer, "reward", order->reward);
    writer_integer(writer, "quantity", order->quantity);
    writer_text(writer, "wallet", order->wallet);
    writer_integer(writer, "points", order->points);
    if (order->minor > 0)
        writer_amount(writer, "money", order->minor, programme_at(call->programmes, order->at)->currency);
    else
        writer_null(writer, "money");
    writer_instant(writer, "slot", order->slot_from);
    writer_text(writer, "store", order->store);
    write_optional(writer, "partner", order->partner);
    write_optional(writer, "paid_by_code", order->coupon);
    struct text card = reward_card_key(order->gift);
    write_optional(writer, "code", card.size > 0 ? code_shown(call->arena, &gift_pattern, card) : order->gift);
    writer_instant(writer, "ordered_at", order->at);
    writer_instant(writer, "kept_until", order->state <= REWARD_READY ? order->until : 0);
    writer_instant(writer, "ready_at", order->ready_at);
    writer_instant(writer, "shipped_at", order->shipped_at);
    writer_instant(writer, "ended_at", order->ended_at);
    add_coupon(call, order, granted);
    granted_write(call, writer, granted, order->at);
}

void reward_order_finish(struct item *item, struct json_writer *writer)
{
    const struct order_reward *body = item->command->body;
    struct granted_list granted = granted_call_find(item->call, body->result.id);

    write_order(writer, item->call, &body->result, &granted);
    if (body->card.key.size > 0)
        writer_string(writer, "pin", item->user);
    writer_integer(writer, "available", body->available);
}

void reward_order_explain(const struct item *item, struct json_writer *writer)
{
    if (item->command == NULL || strcmp(item->command->error.code, "reward.points") != 0)
        return;
    writer_integer(writer, "missing", ((const struct order_reward *)item->command->body)->missing);
}

/* ---- reading ---- */

/* The order of the path, when the caller sees where it is handed over. */
static enum status read_order(struct call *call, struct storage_session *session, struct reward_order *out,
                              struct error *err)
{
    int64_t id = 0;
    enum status status = call_path_id(call, 0, "rwo", &id, err);

    if (status == STATUS_OK)
        status = reward_order_read(session, call->arena, id, out, err);
    return status == STATUS_OK ? call_check_store(call, out->store, "order", err) : status;
}

enum status reward_order_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct granted_list granted = {.count = 0};
    struct reward_order order;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = read_order(call, session, &order, err);
    if (status == STATUS_OK)
        status = granted_read(session, call->arena, &order.id, 1, &granted, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        write_order(&item->writer, call, &order, &granted);
    return status;
}

struct order_query {
    struct page page;
    int64_t member;
    struct text reward, store;
};
static const struct field order_query_fields[] = {
    PAGE_FIELDS(struct order_query),
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct order_query, member), .prefix = "mbr"},
    {.name = "reward", .type = FIELD_TEXT, .offset = offsetof(struct order_query, reward), .maximum = CODE_SIZE_MAX},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct order_query, store),
     .maximum = CODE_SIZE_MAX},
};
const struct shape reward_order_query_shape = {
    .name = "RewardOrderQuery", .size = sizeof(struct order_query), SHAPE_FIELDS(order_query_fields)};

/* What each of the orders gave. */
static enum status read_granted(struct call *call, struct storage_session *session, const struct reward_order *orders,
                                size_t count, struct granted_list **out, struct error *err)
{
    int64_t *ids = arena_array(call->arena, count + 1, sizeof *ids);

    *out = arena_array(call->arena, count + 1, sizeof **out);
    for (size_t i = 0; i < count; i++)
        ids[i] = orders[i].id;
    return granted_read(session, call->arena, ids, count, *out, err);
}

static enum status read_page(struct call *call, struct storage_session *session, struct reward_order_page *page,
                             struct reward_order **orders, size_t *count, struct error *err)
{
    const struct order_query *query = call->query;
    struct person *person = arena_alloc(call->arena, sizeof *person);
    enum status status = STATUS_OK;

    if (query->member != 0) {
        status = engine_view(call->engine, session, query->member, call->arena, person, err);
        page->person = person;
    }
    return status == STATUS_OK ? reward_orders_read(session, call->arena, page, orders, count, err) : status;
}

enum status reward_order_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct order_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct storage_session *session;
    struct reward_order *orders = NULL;
    struct granted_list *granted = NULL;
    size_t count = 0, limit = (size_t)query->page.limit;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK && query->member != 0)
        status = call_check_member(call, query->member, "member", err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    struct reward_order_page page = {.reward = query->reward,
                                     .store = query->store,
                                     .before = given ? cursor.integers[0] : INSTANT_NEVER,
                                     .before_id = given ? cursor.integers[1] : INT64_MAX,
                                     .limit = limit + 1};
    status = read_page(call, session, &page, &orders, &count, err);
    if (status == STATUS_OK)
        status = read_granted(call, session, orders, count, &granted, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = count > limit;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < (more ? limit : count); i++) {
        if (!call_sees_store(call, orders[i].store))
            continue;
        writer_object(&item->writer, NULL);
        write_order(&item->writer, call, &orders[i], &granted[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    if (more) {
        cursor.integers[0] = orders[limit - 1].at;
        cursor.integers[1] = orders[limit - 1].id;
    }
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* ---- moving on ---- */

struct change_input {
    struct text reason;
    struct context_input context;
};
static const struct field change_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .offset = offsetof(struct change_input, reason),
     .maximum = CODE_SIZE_MAX,
     .about = "A code: why it was cancelled."},
    CONTEXT_FIELDS(struct change_input),
};
const struct shape reward_order_change_shape = {
    .name = "RewardOrderChange", .size = sizeof(struct change_input), SHAPE_FIELDS(change_fields)};

static enum status change_order(struct call *call, struct item *item, enum reward_action action, struct error *err)
{
    const struct change_input *input = item->body;
    struct command *command = item_command(item, &change_reward_order_type, sizeof(struct change_reward_order));
    struct change_reward_order *body = command->body;
    struct storage_session *session;
    struct reward_order order;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = read_order(call, session, &order, err);
    body->action = action;
    body->context = context_of(&input->context);
    body->reason = input->reason;
    if (status == STATUS_OK)
        status = change_reward_order_command(session, command, &order, err);
    call_read_end(call, session);
    return status;
}

enum status reward_prepare_handle(struct call *call, struct item *item, struct error *err)
{
    return change_order(call, item, REWARD_PREPARE, err);
}

enum status reward_ship_handle(struct call *call, struct item *item, struct error *err)
{
    return change_order(call, item, REWARD_SHIP, err);
}

enum status reward_hand_over_handle(struct call *call, struct item *item, struct error *err)
{
    return change_order(call, item, REWARD_HAND_OVER, err);
}

enum status reward_cancel_handle(struct call *call, struct item *item, struct error *err)
{
    return change_order(call, item, REWARD_CANCEL, err);
}

void reward_change_finish(struct item *item, struct json_writer *writer)
{
    const struct change_reward_order *body = item->command->body;
    struct granted_list granted = granted_call_find(item->call, body->result.id);

    write_order(writer, item->call, &body->result, &granted);
}
