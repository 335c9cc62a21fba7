/* The sale that a booking becomes: recorded, moved to another store, taken back; and its points, which wait. */
#include <string.h>

#include "features/customers/standing.h"
#include "features/orders/booking_command.h"
#include "features/points/ledger.h"

struct person *booking_person(const struct booking_decision *now, int subject)
{
    struct person *person = subject >= 0 ? &now->decision->subjects[subject] : NULL;

    return person != NULL && person->member != NULL && person->member->status == MEMBER_ACTIVE ? person : NULL;
}

/* ---- lines ---- */

static void add_lines(struct purchase_line *out, size_t *count, const struct purchase_line *lines, size_t line_count)
{
    for (size_t i = 0; i < line_count && *count < BOOKING_LINES_MAX; i++)
        out[(*count)++] = lines[i];
}

static void add_past(struct arena *arena, struct purchase_line *out, size_t *count, const struct journal_row *row)
{
    struct journal_row own = *row; /* the event stays as it was loaded */

    own.lines = arena_copy(arena, row->lines, row->line_count * sizeof *row->lines);
    row_attach_terms(arena, &own);
    add_lines(out, count, own.lines, own.line_count);
}

struct purchase_line *booking_gather(struct arena *arena, const struct past_event *begun,
                                     const struct booking_work *work, size_t *count)
{
    struct purchase_line *lines = arena_array(arena, BOOKING_LINES_MAX, sizeof *lines);

    *count = 0;
    if (begun != NULL)
        add_past(arena, lines, count, &begun->row);
    for (size_t f = 0; begun != NULL && f < begun->follower_count; f++)
        if (text_equals(begun->followers[f].row.kind, "stay_folio"))
            add_past(arena, lines, count, &begun->followers[f].row);
    add_lines(lines, count, work->lines, work->line_count);
    for (size_t i = 0; i < *count; i++)
        lines[i].number = (int32_t)i + 1;
    return lines;
}

struct purchase_line *booking_lines(struct booking_decision *now, size_t *count)
{
    const struct booking_work *work = now->work;
    const struct past_event *begun = work->id != 0 ? now->decision->events[work->booking_event] : NULL;
    struct purchase_line *lines = booking_gather(now->decision->arena, begun, work, count);

    /* Priced when the command was made, of the same lines: the booking has not changed since. */
    if (work->priced != NULL && work->priced_count == *count)
        for (size_t i = 0; i < *count; i++)
            lines[i].terms = work->priced[i].terms;
    return lines;
}

/* ---- selling ---- */

/* A receipt may be known by now; that of a sale that moves is its own. */
static enum status check_receipt(const struct booking_decision *now, struct error *err)
{
    const struct event_identity *identity = &now->work->sale.identity;
    int64_t known;

    if (identity->receipt_claim < 0 || identity->receipt_claim == now->work->receipt_claim)
        return STATUS_OK;
    return event_identity_check(now->decision, now->command, identity, &known, err);
}

/* The words of modifiers go with the sale, as they went with the order. */
static struct text sale_detail(struct arena *arena, const struct purchase_line *lines, size_t count)
{
    struct text words = modifier_texts_write(arena, lines, count);
    struct builder out = {.arena = arena};

    if (words.size == 0)
        return words;
    builder_string(&out, "{\"modifiers\":");
    builder_text(&out, words);
    builder_char(&out, '}');
    return builder_done(&out);
}

enum status booking_sell(struct booking_decision *now, const struct booking_sale *terms, struct error *err)
{
    struct booking_work *work = now->work;
    struct purchase *sale = &work->sale;

    sale->trigger = now->booking.kind == BOOKING_STAY ? TEXT("stay") : TEXT("order");
    sale->named = booking_person(now, work->buyer) != NULL;
    sale->register_unknown = false;
    sale->at = terms->at;
    sale->day = business_day(now->decision->programmes, terms->store, terms->at);
    sale->store = terms->store;
    sale->channel = now->booking.channel;
    sale->till = work->till;
    sale->employee = work->employee;
    memcpy(sale->currency, now->booking.currency, CURRENCY_SIZE);
    sale->lines = terms->lines;
    sale->line_count = terms->line_count;
    sale->loaded_lines = NULL;
    sale->detail = sale_detail(now->decision->arena, terms->lines, terms->line_count);
    sale->total_given = false;
    sale->cause = now->booking.id;
    sale->pending_until = terms->pending_until;
    sale->earns_nothing = terms->earns_nothing;
    struct journal_row *row;
    enum status status = check_receipt(now, err);
    if (status == STATUS_OK)
        status = purchase_record_part(now->decision, now->command, sale, &row, err);
    if (status != STATUS_OK)
        return status;
    event_identity_take(now->decision, now->command, &sale->identity, row->id, row->member);
    now->booking.purchase = sale->result.id;
    work->result.sold = true;
    return STATUS_OK;
}

/* ---- taking back ---- */

static bool something_left(struct booking_decision *now, const struct past_event *sale)
{
    const struct purchase_line *left = return_lines_left(now->decision->arena, sale);

    for (size_t i = 0; i < sale->row.line_count; i++)
        if (left[i].amount > 0 || left[i].quantity_milli > 0)
            return true;
    return false;
}

enum status booking_refund(struct booking_decision *now, struct error *err)
{
    struct booking_work *work = now->work;
    struct purchase_return *refund = &work->refund;
    const struct past_event *sale = now->decision->events[0];

    if (sale == NULL || !something_left(now, sale))
        return STATUS_OK;
    refund->at = work->at;
    refund->day = work->day;
    refund->store = sale->row.store;
    refund->channel = now->booking.channel;
    refund->till = work->till;
    refund->employee = work->employee;
    refund->identity = EVENT_IDENTITY_NONE;
    refund->line_count = 0;
    refund->voids = refund->cancels = true;
    enum status status = return_record(now->decision, now->command, refund, err);
    work->result.refunded = status == STATUS_OK;
    return status;
}

/* ---- points that wait ---- */

static int64_t account_active_at(const struct decision *decision, const struct lot *lot)
{
    const struct programme *programme = programme_at(decision->programmes, lot->earned_at);
    const struct wallet_policy *policy = programme_wallet(programme, lot->wallet);

    return policy != NULL ? wallet_active_at(policy, programme->zone, lot->earned_at) : lot->earned_at;
}

/* Points that became active, or are no longer there, stay as they are. */
enum status booking_release(struct booking_decision *now, int64_t active_at, struct error *err)
{
    const struct past_event *sale = now->decision->events[0];
    struct person *person = now->work->buyer >= 0 ? &now->decision->subjects[now->work->buyer] : NULL;
    struct member *member =
        person != NULL && person->group != NULL && sale != NULL ? group_find(person->group, sale->row.member) : NULL;

    for (size_t i = 0; member != NULL && i < member->lot_count; i++) {
        struct lot *lot = &member->lots[i];
        bool frozen = lot_is_frozen(lot->active_at);
        int64_t waits_until = frozen ? lot_frozen_pending(lot->active_at) : lot->active_at;
        if (lot->source != sale->row.id || !lot->pending || waits_until != INSTANT_OPEN)
            continue;
        int64_t account_at = account_active_at(now->decision, lot);
        lot->active_at = active_at > account_at ? active_at : account_at;
        if (frozen) /* a case goes on */
            lot->active_at = lot_frozen(lot->active_at);
        lot->changed = true;
    }
    if (member == NULL)
        return STATUS_OK;
    points_set_due(person->group, group_leader(person->group, member));
    return points_advance(now->decision, person->group, err);
}

/* ---- moving ---- */

static bool came_back_partly(const struct past_event *sale)
{
    for (size_t f = 0; f < sale->follower_count; f++)
        if (text_equals(sale->followers[f].row.kind, "return") || text_equals(sale->followers[f].row.kind, "void"))
            return true;
    return false;
}

static bool paid_otherwise(const struct booking_decision *now, const struct past_event *sale)
{
    struct text wallet;
    int64_t points;

    for (size_t f = 0; f < sale->follower_count; f++)
        if (payment_read(&sale->followers[f].row, now->decision->arena, &wallet, &points) ||
            text_equals(sale->followers[f].row.kind, "gift_card_charge"))
            return true;
    return false;
}

/* A sale of which a part came back, that a member claimed since or for which points or a gift card paid, stays where it is. */
enum status booking_move_sale(struct booking_decision *now, int64_t active_at, struct error *err)
{
    const struct past_event *sale = now->decision->events[0];
    struct booking_work *work = now->work;

    if (sale == NULL || came_back_partly(sale) || paid_otherwise(now, sale) || !text_equals(sale->row.kind, "purchase"))
        return booking_release(now, active_at, err);
    work->refund.receipt_claim = -1; /* the receipt goes to the sale that there is then */
    work->sale.limited = false;      /* the limits counted it when it was paid */
    enum status status = booking_refund(now, err);
    if (status != STATUS_OK)
        return status;
    if (work->sale.identity.receipt_claim < 0 && work->receipt_claim >= 0) {
        const struct claim_key *claim = &now->command->claims[work->receipt_claim];
        claim_drop(now->decision, claim->kind, claim->key);
        work->sale.identity.receipt_claim = work->receipt_claim;
        work->sale.receipt = sale->row.receipt;
    }
    struct booking_sale again = {.at = sale->row.at, .store = work->store, .pending_until = active_at};
    again.lines = booking_lines(now, &again.line_count);
    return booking_sell(now, &again, err);
}
