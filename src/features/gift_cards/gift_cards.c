#include "features/gift_cards/gift_cards.h"

#include <stdio.h>

#include "features/points/context.h"
#include "foundation/map.h"
#include "foundation/money.h"

const struct code_pattern gift_pattern = {.prefix = {"G", 1}, .length = CODE_RANDOM_USUAL, .group = 6};
const char *const gift_states[] = {"", "sold", "active", "void", "expired", NULL};

static const struct text none = {NULL, 0};

const char *gift_counter(struct arena *arena, struct text key)
{
    return arena_format(arena, "gift:%.*s", (int)key.size, key.bytes);
}

int gift_bucket(struct text key)
{
    char id[CODE_KEY_MAX + 8];
    int size = snprintf(id, sizeof id, "gift:%.*s", (int)key.size, key.bytes);

    return (int)(hash_stable((struct text){id, (size_t)size}) % BUCKET_COUNT);
}

/* The code stays out of the journal: whoever reads it must not be able to spend. */
static struct journal_row *start_row(struct decision *decision, const struct command *command, const char *kind,
                                     const struct points_context *context, struct builder *facts)
{
    struct journal_row *row = journal_add(decision, NULL, command->bucket, kind, decision->now);

    fact_code(facts, "till", context->till);
    fact_code(facts, "employee", context->employee);
    if (facts->size > 0)
        builder_char(facts, '}');
    row->facts = builder_done(facts);
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->store = text_copy(decision->arena, context->store);
    row->channel = text_copy(decision->arena, context->channel);
    return row;
}

/* ---- selling ---- */

static enum status decide_sell(struct decision *decision, struct command *command, struct error *err)
{
    struct sell_gift_card *body = command->body;
    struct counter *counter = decision->counters[0];
    struct builder facts = {.arena = decision->arena};

    if (body->card.minor <= 0 || body->card.minor > GIFT_MINOR_MAX)
        return error_set(err, STATUS_INVALID, "gift_card.amount", "amount", "a gift card has an amount above zero");
    if (body->card.expires_at <= decision->now)
        return error_set(err, STATUS_INVALID, "gift_card.expires_at", "expires_at", "the end lies ahead");
    if (!counter->fresh)
        return error_set(err, STATUS_BUSY, "engine.again", "", "another card has this code: ask again");
    fact_code(&facts, "paid_by", body->card.paid_by);
    struct journal_row *row = start_row(decision, command, "gift_card_sold", &body->context, &facts);
    row->amount = body->card.minor;
    body->card.id = row->id;
    body->card.version = 1;
    body->card.state = body->active ? GIFT_ACTIVE : GIFT_SOLD;
    body->card.sold_at = decision->now;
    body->card.activated_at = body->active ? decision->now : 0;
    body->card.store = row->store;
    counter->used = 0;
    counter->maximum = body->card.minor;
    counter->changed = true;
    store_gift_card(decision, &body->card);
    store_gift_movement(decision, row,
                        (struct gift_movement){row->id, ACCOUNT_PAID_IN, ACCOUNT_ACTIVE, body->card.minor});
    body->result = (struct gift_result){row->id, body->card.minor, body->card.minor, body->card.state};
    body->card.store = none; /* it lies in the batch's arena */
    return STATUS_OK;
}

const struct command_type sell_gift_card_type = {.name = "sell_gift_card", .decide = decide_sell};

/* ---- changing ---- */

static enum status check_card(const struct decision *decision, const struct change_gift_card *body, struct error *err)
{
    const struct counter *counter = decision->counters[0];

    if (body->card.id == 0)
        return error_set(err, STATUS_MISSING, "gift_card.unknown", "code", "there is no such gift card");
    if (counter->maximum < 0 || body->card.state == GIFT_VOID)
        return error_set(err, STATUS_CONFLICT, "gift_card.void", "code", "the gift card has been made void");
    if (body->card.state == GIFT_EXPIRED)
        return error_set(err, STATUS_CONFLICT, "gift_card.expired", "code", "the gift card has expired");
    if (body->action == GIFT_ACTIVATE && body->card.state != GIFT_SOLD)
        return error_set(err, STATUS_CONFLICT, "gift_card.active", "code", "the gift card is active already");
    if (body->action == GIFT_EXPIRE && decision->now < body->card.expires_at)
        return error_set(err, STATUS_CONFLICT, "gift_card.active", "code",
                         "a top-up has put off the end of the gift card");
    if (body->action != GIFT_CHARGE && body->action != GIFT_TOP_UP)
        return STATUS_OK;
    if (body->action == GIFT_CHARGE && !body->proved)
        return error_set(err, STATUS_FORBIDDEN, "gift_card.pin", "pin", "this is not the PIN of the gift card");
    if (body->card.state != GIFT_ACTIVE)
        return error_set(err, STATUS_CONFLICT, "gift_card.inactive", "code", "the gift card is not active yet");
    if (decision->now >= body->card.expires_at)
        return error_set(err, STATUS_CONFLICT, "gift_card.expired", "code", "the gift card has expired");
    return STATUS_OK;
}

static enum status charge(const struct decision *decision, struct change_gift_card *body, int64_t *moved,
                          struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct counter *counter = decision->counters[0];
    int64_t balance = counter->maximum - counter->used;
    char text[MONEY_TEXT_SIZE];

    if (body->minor <= 0)
        return error_set(err, STATUS_INVALID, "gift_card.amount", "amount", "the amount is above zero");
    *moved = body->partly && body->minor > balance ? balance : body->minor;
    if (*moved > balance || *moved == 0)
        return error_set(err, STATUS_CONFLICT, "gift_card.insufficient", "amount", "the gift card has %s %s",
                         money_format(balance, programme->exponent, text), programme->currency);
    counter->used += *moved;
    counter->changed = true;
    return STATUS_OK;
}

static enum status refund(const struct decision *decision, struct change_gift_card *body, int64_t *moved,
                          struct error *err)
{
    const struct past_event *event = decision->events[0];
    struct counter *counter = decision->counters[0];
    int64_t left;

    if (event == NULL || !text_equals(event->row.kind, "gift_card_charge") || event->row.cause != body->card.id)
        return error_set(err, STATUS_MISSING, "gift_card.unknown_charge", "charge", "there is no such charge");
    left = event->row.amount;
    for (size_t i = 0; i < event->follower_count; i++)
        if (text_equals(event->followers[i].row.kind, "gift_card_refund"))
            left -= event->followers[i].row.amount;
    *moved = body->minor == 0 ? left : body->minor;
    if (*moved <= 0 || *moved > left || *moved > counter->used)
        return error_set(err, STATUS_CONFLICT, "gift_card.refunded", "amount",
                         "no more is left of the charge to give back");
    counter->used -= *moved;
    counter->changed = true;
    return STATUS_OK;
}

static enum status check_top_up(const struct decision *decision, const struct change_gift_card *body, int64_t balance,
                                struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct gift_card_policy *policy = &programme->gift_cards;
    int64_t most = policy->maximum > 0 ? policy->maximum : GIFT_MINOR_MAX;
    int64_t full = policy->balance > 0 ? policy->balance : GIFT_MINOR_MAX;
    char text[MONEY_TEXT_SIZE];

    if (policy->no_top_up)
        return error_set(err, STATUS_CONFLICT, "gift_card.no_top_up", "", "gift cards are not topped up here");
    if (body->minor <= 0)
        return error_set(err, STATUS_INVALID, "gift_card.amount", "amount", "the amount is above zero");
    if (body->minor < policy->minimum || body->minor > most)
        return error_set(err, STATUS_INVALID, "gift_card.top_up_amount", "amount", "a top-up is %s %s %s",
                         body->minor > most ? "at most" : "at least",
                         money_format(body->minor > most ? most : policy->minimum, programme->exponent, text),
                         programme->currency);
    if (body->minor > full - balance || body->minor > GIFT_MINOR_MAX - body->card.minor)
        return error_set(err, STATUS_CONFLICT, "gift_card.full", "amount", "a gift card has at most %s %s",
                         money_format(full, programme->exponent, text), programme->currency);
    return STATUS_OK;
}

/* As a sale: what is paid in is owed. */
static enum status top_up(const struct decision *decision, const struct change_gift_card *body, struct gift_card *card,
                          int64_t *moved, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct counter *counter = decision->counters[0];
    enum status status = check_top_up(decision, body, counter->maximum - counter->used, err);

    if (status != STATUS_OK)
        return status;
    *moved = body->minor;
    counter->maximum += body->minor;
    counter->changed = true;
    if (card->expires_at == INSTANT_NEVER || programme->gift_cards.days == 0)
        return STATUS_OK;
    int32_t day = zone_day(programme->zone, decision->now) + (int32_t)programme->gift_cards.days;
    int64_t end = zone_day_start(programme->zone, day);
    if (end > card->expires_at)
        card->expires_at = end;
    return STATUS_OK;
}

static const char *const kinds[] = {[GIFT_TOP_UP] = "gift_card_topped_up", [GIFT_ACTIVATE] = "gift_card_activated",
                                    [GIFT_CHARGE] = "gift_card_charge",    [GIFT_REFUND] = "gift_card_refund",
                                    [GIFT_MAKE_VOID] = "gift_card_void",   [GIFT_EXPIRE] = "gift_card_expired"};

/* What each does to the card; of an activation nothing moves. */
static const struct gift_movement moves[] = {[GIFT_ACTIVATE] = {.card = 0},
                                             [GIFT_TOP_UP] = {0, ACCOUNT_PAID_IN, ACCOUNT_ACTIVE, 0},
                                             [GIFT_CHARGE] = {0, ACCOUNT_ACTIVE, ACCOUNT_REDEEMED, 0},
                                             [GIFT_REFUND] = {0, ACCOUNT_REDEEMED, ACCOUNT_ACTIVE, 0},
                                             [GIFT_MAKE_VOID] = {0, ACCOUNT_ACTIVE, ACCOUNT_ADJUSTED, 0},
                                             [GIFT_EXPIRE] = {0, ACCOUNT_ACTIVE, ACCOUNT_EXPIRED, 0}};

static enum status apply(struct decision *decision, struct change_gift_card *body, struct gift_card *card,
                         int64_t *moved, struct error *err)
{
    struct counter *counter = decision->counters[0];

    switch (body->action) {
    case GIFT_ACTIVATE:
        card->state = GIFT_ACTIVE;
        card->activated_at = decision->now;
        counter->changed = true;
        return STATUS_OK;
    case GIFT_CHARGE:
        return charge(decision, body, moved, err);
    case GIFT_REFUND:
        return refund(decision, body, moved, err);
    case GIFT_MAKE_VOID:
        *moved = counter->maximum - counter->used;
        card->state = GIFT_VOID;
        card->voided_at = decision->now;
        counter->maximum = -1;
        counter->changed = true;
        return STATUS_OK;
    case GIFT_EXPIRE:
        *moved = counter->maximum - counter->used;
        card->state = GIFT_EXPIRED;
        counter->maximum = counter->used;
        counter->changed = true;
        return STATUS_OK;
    case GIFT_TOP_UP:
        return top_up(decision, body, card, moved, err);
    }
    return STATUS_OK;
}

static enum status decide_change(struct decision *decision, struct command *command, struct error *err)
{
    struct change_gift_card *body = command->body;
    const struct counter *counter = decision->counters[0];
    struct gift_card card = body->card; /* the loaded one stays: the batch may be repeated */
    struct builder facts = {.arena = decision->arena};
    int64_t moved = 0;
    enum status status = check_card(decision, body, err);

    if (status == STATUS_OK)
        status = apply(decision, body, &card, &moved, err);
    if (status != STATUS_OK)
        return status;
    fact_code(&facts, "receipt", body->receipt);
    fact_code(&facts, "reason", body->reason);
    fact_code(&facts, "paid_by", body->paid_by);
    struct journal_row *row = start_row(decision, command, kinds[body->action], &body->context, &facts);
    row->amount = moved;
    row->cause = body->action == GIFT_REFUND ? decision->events[0]->row.id : body->card.id;
    if (moved > 0)
        store_gift_movement(
            decision, row,
            (struct gift_movement){card.id, moves[body->action].debit, moves[body->action].credit, moved});
    if (body->action == GIFT_EXPIRE) {
        row->at = card.expires_at;
        row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, row->at);
        row->store = text_copy(decision->arena, card.store);
    }
    if (body->action == GIFT_TOP_UP)
        store_gift_top_up(decision, &card, moved);
    if (card.state != body->card.state) {
        card.version++;
        store_gift_card(decision, &card);
    }
    if (body->action == GIFT_MAKE_VOID)
        audit_add(decision, command, "gift_card.voided", row->id, none, row->facts);
    body->result =
        (struct gift_result){row->id, moved, counter->maximum < 0 ? 0 : counter->maximum - counter->used, card.state};
    return STATUS_OK;
}

const struct command_type change_gift_card_type = {
    .name = "change_gift_card", .load = change_gift_card_load, .decide = decide_change};
const struct command_type refund_gift_card_type = {.name = "refund_gift_card",
                                                   .loads = LOAD_FOLLOWERS | LOAD_ALONE,
                                                   .load = change_gift_card_load,
                                                   .decide = decide_change};
const struct command_type top_up_gift_card_type = {
    .name = "top_up_gift_card", .loads = LOAD_ALONE, .load = change_gift_card_load, .decide = decide_change};
