#include "features/gift_cards/gift_payment.h"

#include <string.h>

#include "foundation/money.h"

/* ---- counters ---- */

static int find_counter(const struct command *command, const char *id)
{
    for (size_t i = 0; i < command->counter_count; i++)
        if (strcmp(command->counters[i], id) == 0)
            return (int)i;
    return -1;
}

enum status gift_counter_name(struct command *command, const char *counter, struct error *err)
{
    if (find_counter(command, counter) >= 0)
        return STATUS_OK;
    if (command->counter_count == COMMAND_COUNTERS_MAX)
        return error_set(err, STATUS_INVALID, "gift_card.counters", "payments",
                         "too many limits are asked at once for a gift card to pay as well");
    command->counters[command->counter_count++] = counter;
    return STATUS_OK;
}

enum status gift_payments_name(struct command *command, struct arena *arena, const struct gift_payment *payments,
                               size_t count, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        for (size_t j = 0; j < i; j++)
            if (text_equal(payments[i].key, payments[j].key))
                return error_set(err, STATUS_INVALID, "gift_card.twice", "payments",
                                 "a gift card pays once for a purchase");
        status = gift_counter_name(command, gift_counter(arena, payments[i].key), err);
    }
    return status;
}

/* ---- paying ---- */

static struct journal_row *add_row(const struct gift_charging *charging, const char *kind, int bucket, int64_t cause,
                                   int64_t minor)
{
    struct journal_row *row = journal_add(charging->decision, charging->member, bucket, kind, charging->purchase->at);

    row->day = charging->purchase->day;
    row->store = charging->purchase->store;
    row->channel = charging->purchase->channel;
    row->cause = cause;
    row->amount = minor;
    return row;
}

static enum status refuse(const struct gift_charging *charging, const struct gift_payment *payment,
                          const struct counter *counter, struct error *err)
{
    if (counter == NULL || counter->maximum < 0 || payment->state == GIFT_VOID)
        return error_set(err, STATUS_CONFLICT, "gift_card.void", "code", "the gift card has been made void");
    if (payment->state != GIFT_ACTIVE)
        return error_set(err, STATUS_CONFLICT, "gift_card.inactive", "code", "the gift card is not active yet");
    if (charging->decision->now >= payment->expires_at)
        return error_set(err, STATUS_CONFLICT, "gift_card.expired", "code", "the gift card has expired");
    if (payment->minor <= 0)
        return error_set(err, STATUS_INVALID, "gift_card.amount", "amount", "the amount is above zero");
    return STATUS_OK;
}

static enum status pay_one(const struct gift_charging *charging, const struct gift_payment *payment, int64_t most,
                           struct gift_paid *out, struct error *err)
{
    const struct programme *programme = programme_at(charging->decision->programmes, charging->decision->now);
    int at = find_counter(charging->command, gift_counter(charging->decision->arena, payment->key));
    struct counter *counter = at >= 0 ? charging->decision->counters[at] : NULL;
    char text[MONEY_TEXT_SIZE];
    enum status status = refuse(charging, payment, counter, err);

    if (status != STATUS_OK)
        return status;
    int64_t balance = counter->maximum - counter->used;
    int64_t minor = payment->partial && payment->minor > balance ? balance : payment->minor;
    if (minor > balance || minor == 0)
        return error_set(err, STATUS_CONFLICT, "gift_card.insufficient", "amount", "the gift card has %s %s",
                         money_format(balance, programme->exponent, text), programme->currency);
    if (minor > most)
        return error_set(err, STATUS_INVALID, "purchase.overpaid", "amount", "more is paid than the purchase costs");
    counter->used += minor;
    counter->changed = true;
    struct journal_row *row =
        add_row(charging, "gift_card_charge", charging->command->bucket, charging->purchase->id, minor);
    store_gift_movement(charging->decision, row,
                        (struct gift_movement){payment->card, ACCOUNT_ACTIVE, ACCOUNT_REDEEMED, minor});
    *out = (struct gift_paid){payment->card, row->id, minor, gift_bucket(payment->key), balance - minor};
    return STATUS_OK;
}

enum status gift_pay(const struct gift_charging *charging, const struct gift_payment *payments, size_t count,
                     struct gift_paid *out, struct error *err)
{
    int64_t most = charging->most;

    for (size_t i = 0; i < count; i++) {
        enum status status = pay_one(charging, &payments[i], most, &out[i], err);
        if (status != STATUS_OK) {
            error_prefix_field(err, "payments[%zu].", i);
            return status;
        }
        most -= out[i].minor;
    }
    return STATUS_OK;
}

/* ---- giving back ---- */

bool gift_give_back(const struct gift_charging *charging, const struct gift_taker *taker, const struct gift_paid *paid,
                    int64_t minor)
{
    int at = taker != NULL && taker->counter != NULL ? find_counter(charging->command, taker->counter) : -1;
    struct counter *counter = at >= 0 ? charging->decision->counters[at] : NULL;

    if (counter == NULL || counter->maximum < 0 || counter->used < minor ||
        charging->decision->now >= taker->expires_at)
        return false;
    counter->used -= minor;
    counter->changed = true;
    struct journal_row *row = add_row(charging, "gift_card_refund", id_bucket(paid->charge), paid->charge, minor);
    store_gift_movement(charging->decision, row,
                        (struct gift_movement){paid->card, ACCOUNT_REDEEMED, ACCOUNT_ACTIVE, minor});
    return true;
}
