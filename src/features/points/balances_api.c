/* Balances, lots, statements and the whole ledger over HTTP. */
#include <stddef.h>
#include <stdlib.h>

#include "api/page.h"
#include "features/points/ledger.h"
#include "features/points/lots.h"
#include "features/points/points.h"
#include "features/points/points_api.h"
#include "features/points/points_store.h"
#include "features/redemption/freeze.h"

/* The person of the path, as of now. */
static enum status view_member(struct call *call, struct person *person, struct error *err)
{
    struct storage_session *session;
    int64_t member = 0;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, person, err);
    call_read_end(call, session);
    return status;
}

/* ---- balances ---- */

static const struct field expiry_fields[] = {
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape expiry_shape = {.name = "NextExpiry", SHAPE_FIELDS(expiry_fields)};
static const struct field balance_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "active", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "pending", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "held", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "debt", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "balance", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "active + pending + held - debt"},
    {.name = "available",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "What may be spent now, with what a pooled household shares."},
    {.name = "value", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Of what is available."},
    {.name = "next_expiry", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .shape = &expiry_shape},
};
const struct shape balance_shape = {
    .name = "Balance", .about = "What a person has in an account.", SHAPE_FIELDS(balance_fields)};

static struct wallet person_totals(const struct person *person, struct text code)
{
    struct wallet totals = {.code = code};

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct wallet *wallet = member_wallet_find(&person->group->members[i], code);
        if (wallet == NULL || person->group->members[i].leader != person->leader->id)
            continue;
        totals.active += wallet->active;
        totals.pending += wallet->pending;
        totals.held += wallet->held;
        totals.debt += wallet->debt;
    }
    return totals;
}

static void write_next_expiry(const struct decision *decision, struct json_writer *writer, const struct person *person,
                              struct text code)
{
    int64_t at = INSTANT_NEVER, points = 0;

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        for (size_t j = 0; member->leader == person->leader->id && j < member->lot_count; j++) {
            const struct lot *lot = &member->lots[j];
            int64_t expires_at = lot_expiry(decision, person->leader, lot);
            if (lot->remaining == 0 || !text_equal(lot->wallet, code) || expires_at == INSTANT_NEVER || expires_at > at)
                continue;
            points = expires_at < at ? lot->remaining : points + lot->remaining;
            at = expires_at;
        }
    }
    if (at == INSTANT_NEVER) {
        writer_null(writer, "next_expiry");
        return;
    }
    writer_object(writer, "next_expiry");
    writer_instant(writer, "at", at);
    writer_integer(writer, "points", points);
    writer_end(writer);
}

static void write_balance(const struct call *call, struct json_writer *writer, const struct person *person,
                          const struct wallet_policy *policy)
{
    const struct decision decision = {.arena = call->arena, .now = call->now, .programmes = call->programmes};
    struct wallet totals = person_totals(person, policy->code);
    int64_t available = ledger_available(person->group, person->member, policy->code), value;

    writer_object(writer, NULL);
    writer_text(writer, "wallet", policy->code);
    writer_text(writer, "name", policy->name);
    writer_integer(writer, "active", totals.active);
    writer_integer(writer, "pending", totals.pending);
    writer_integer(writer, "held", totals.held);
    writer_integer(writer, "debt", totals.debt);
    writer_integer(writer, "balance", totals.active + totals.pending + totals.held - totals.debt);
    writer_integer(writer, "available", policy->spendable ? available : 0);
    if (policy->spendable && wallet_points_value(policy, available, &value))
        writer_amount(writer, "value", value, programme_at(call->programmes, call->now)->currency);
    else
        writer_null(writer, "value");
    write_next_expiry(&decision, writer, person, policy->code);
    writer_end(writer);
}

enum status balances_handle(struct call *call, struct item *item, struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct person person;
    enum status status = view_member(call, &person, err);

    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < programme->wallet_count; i++)
        write_balance(call, &item->writer, &person, &programme->wallets[i]);
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* ---- lots ---- */

static const struct field lot_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "lot"},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "source",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .prefix = "evt",
     .about = "The event that earned it."},
    {.name = "earned_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "active_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "remaining", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "held", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "pending", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
};
const struct shape lot_shape = {.name = "Lot", .about = "Points of one origin.", SHAPE_FIELDS(lot_fields)};

struct listed_lot {
    const struct lot *lot;
    int64_t member, expires_at;
};

static int compare_listed(const void *a, const void *b)
{
    const struct listed_lot *first = a, *second = b;

    if (first->expires_at != second->expires_at)
        return first->expires_at < second->expires_at ? -1 : 1;
    return first->lot->id < second->lot->id ? -1 : first->lot->id > second->lot->id;
}

static struct listed_lot *list_lots(const struct call *call, const struct person *person, size_t *count)
{
    const struct decision decision = {.arena = call->arena, .now = call->now, .programmes = call->programmes};
    struct listed_lot *lots = NULL;
    size_t capacity = 0;

    *count = 0;
    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        for (size_t j = 0; member->leader == person->leader->id && j < member->lot_count; j++) {
            if (member->lots[j].remaining + member->lots[j].held == 0)
                continue;
            lots = arena_grow(call->arena, lots, &capacity, *count + 1, sizeof *lots);
            lots[(*count)++] = (struct listed_lot){&member->lots[j], member->id,
                                                   lot_expiry(&decision, person->leader, &member->lots[j])};
        }
    }
    if (*count > 1)
        qsort(lots, *count, sizeof *lots, compare_listed);
    return lots;
}

static void write_lot(struct json_writer *writer, const struct listed_lot *listed)
{
    const struct lot *lot = listed->lot;

    writer_object(writer, NULL);
    writer_id(writer, "id", "lot", lot->id);
    writer_id(writer, "member", "mbr", listed->member);
    writer_text(writer, "wallet", lot->wallet);
    writer_id(writer, "source", "evt", lot->source);
    writer_instant(writer, "earned_at", lot->earned_at);
    writer_instant(writer, "active_at", lot_is_frozen(lot->active_at) ? INSTANT_NEVER : lot->active_at);
    writer_instant(writer, "expires_at", listed->expires_at);
    writer_integer(writer, "points", lot->amount);
    writer_integer(writer, "remaining", lot->remaining);
    writer_integer(writer, "held", lot->held);
    writer_boolean(writer, "pending", lot->pending);
    writer_end(writer);
}

enum status lots_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct person person;
    size_t count, written = 0, i = 0;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = view_member(call, &person, err);
    if (status != STATUS_OK)
        return status;
    struct listed_lot *lots = list_lots(call, &person, &count);
    while (given && i < count &&
           (lots[i].expires_at < cursor.integers[0] ||
            (lots[i].expires_at == cursor.integers[0] && lots[i].lot->id <= cursor.integers[1])))
        i++;
    writer_list(&item->writer, "items");
    for (; i < count && written < (size_t)query->page.limit; i++, written++) {
        write_lot(&item->writer, &lots[i]);
        cursor.integers[0] = lots[i].expires_at;
        cursor.integers[1] = lots[i].lot->id;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, i < count);
    return STATUS_OK;
}

/* ---- statements ---- */

struct statement_query {
    struct text wallet;
};
static const struct field statement_query_fields[] = {
    {.name = "wallet",
     .type = FIELD_TEXT,
     .offset = offsetof(struct statement_query, wallet),
     .maximum = CODE_SIZE_MAX,
     .about = "The programme's first account by default."},
};
const struct shape statement_query_shape = {
    .name = "StatementQuery", .size = sizeof(struct statement_query), SHAPE_FIELDS(statement_query_fields)};
static const struct field statement_earned_fields[] = {
    {.name = "rule", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape statement_earned_shape = {.name = "StatementEarned", SHAPE_FIELDS(statement_earned_fields)};
static const struct field entry_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "balance", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Afterwards."},
    {.name = "earned",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &statement_earned_shape,
     .about = "By which rules."},
};
static const struct shape entry_shape = {.name = "StatementEntry", SHAPE_FIELDS(entry_fields)};
static const struct field statement_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "opening", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "entries", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &entry_shape},
    {.name = "closing", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
const struct shape statement_shape = {
    .name = "Statement", .about = "What changed a balance in a month.", SHAPE_FIELDS(statement_fields)};

/* "2026-11" in the programme's zone. */
static enum status read_month(const struct call *call, struct statement_range *range, struct error *err)
{
    const struct zone *zone = programme_at(call->programmes, call->now)->zone;
    struct text month = call->parameters[1];
    int32_t first;

    if (month.size != 7 || !day_parse(text_from(arena_format(call->arena, "%.7s-01", month.bytes)), &first))
        return error_set(err, STATUS_MISSING, "path.unknown", "", "a month as in 2026-11 is expected");
    range->start = zone_day_start(zone, first);
    range->end = zone_day_start(zone, day_add_months(first, 1));
    return STATUS_OK;
}

static void write_earned_rules(struct json_writer *writer, const struct statement_entry *entry, struct text wallet)
{
    bool any = false;

    for (size_t i = 0; i < entry->earned_count; i++) {
        if (!text_equal(entry->earned[i].wallet, wallet))
            continue;
        if (!any)
            writer_list(writer, "earned");
        any = true;
        writer_object(writer, NULL);
        writer_text(writer, "rule", entry->earned[i].rule);
        writer_integer(writer, "points", entry->earned[i].points);
        writer_end(writer);
    }
    if (any)
        writer_end(writer);
}

/* The balance is the member's, wherever the points came from; where that was is told to who sees it. */
static void write_statement(const struct call *call, struct json_writer *writer, const struct statement *statement,
                            struct text wallet)
{
    int64_t balance = statement->opening;

    writer_integer(writer, "opening", statement->opening);
    writer_list(writer, "entries");
    for (size_t i = 0; i < statement->entry_count; i++) {
        const struct statement_entry *entry = &statement->entries[i];
        balance += entry->change;
        writer_object(writer, NULL);
        writer_id(writer, "id", "evt", entry->id);
        writer_id(writer, "member", "mbr", entry->member);
        writer_text(writer, "kind", entry->kind);
        writer_instant(writer, "at", entry->at);
        writer_text(writer, "store", call_sees_store(call, entry->store) ? entry->store : TEXT(""));
        writer_integer(writer, "points", entry->change);
        writer_integer(writer, "balance", balance);
        write_earned_rules(writer, entry, wallet);
        writer_end(writer);
    }
    writer_end(writer);
    writer_integer(writer, "closing", statement->closing);
}

enum status statement_handle(struct call *call, struct item *item, struct error *err)
{
    const struct statement_query *query = call->query;
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct statement_range range = {.wallet = query->wallet.size > 0 ? query->wallet : programme->wallets[0].code};
    const struct wallet_policy *policy;
    struct statement statement;
    struct storage_session *session;
    struct person person;
    enum status status = read_month(call, &range, err);

    if (status == STATUS_OK)
        status = points_policy(programme, range.wallet, &policy, err);
    if (status == STATUS_OK)
        status = view_member(call, &person, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    int64_t *members = arena_array(call->arena, person.group->member_count, sizeof *members);
    for (size_t i = 0; i < person.group->member_count; i++)
        if (person.group->members[i].leader == person.leader->id)
            members[range.member_count++] = person.group->members[i].id;
    range.members = members;
    status = statement_read(session, call->arena, &range, &statement, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_text(&item->writer, "wallet", range.wallet);
    writer_text(&item->writer, "month", call->parameters[1]);
    write_statement(call, &item->writer, &statement, range.wallet);
    return STATUS_OK;
}

/* ---- liability ---- */

static const struct field liability_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "active", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "pending", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "held", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "debt", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "outstanding", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "active + pending + held"},
    {.name = "value",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Of what is outstanding."},
    {.name = "issued", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "redeemed", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "expired", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "clawed_back", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "written_off", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "adjusted", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Given less taken by hand."},
    {.name = "paid_in", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Of stored value: principal."},
    {.name = "paid_out", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Principal that was refunded."},
    {.name = "taken_over",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Brought along from the system before, less its debts."},
    {.name = "breakage",
     .type = FIELD_DECIMAL,
     .scale = 4,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "expired / (issued + taken over) so far"},
};
const struct shape liability_shape = {
    .name = "Liability", .about = "What the house owes in points of an account.", SHAPE_FIELDS(liability_fields)};

struct totals_list {
    const struct account_total *totals;
    size_t count;
};

static int64_t total_of(const struct totals_list *list, struct text wallet, enum account account)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->totals[i].account == account && text_equal(list->totals[i].wallet, wallet))
            return list->totals[i].amount;
    return 0;
}

static void write_liability(const struct call *call, struct json_writer *writer, const struct totals_list *totals,
                            struct text wallet)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    const struct wallet_policy *policy = programme_wallet(programme, wallet);
    int64_t active = total_of(totals, wallet, ACCOUNT_ACTIVE), pending = total_of(totals, wallet, ACCOUNT_PENDING);
    int64_t held = total_of(totals, wallet, ACCOUNT_HELD), issued = -total_of(totals, wallet, ACCOUNT_ISSUED);
    int64_t expired = total_of(totals, wallet, ACCOUNT_EXPIRED), value, breakage;
    int64_t taken_over = -total_of(totals, wallet, ACCOUNT_TAKEN_OVER);

    writer_object(writer, NULL);
    writer_text(writer, "wallet", wallet);
    writer_integer(writer, "active", active);
    writer_integer(writer, "pending", pending);
    writer_integer(writer, "held", held);
    writer_integer(writer, "debt", -total_of(totals, wallet, ACCOUNT_DEBT));
    writer_integer(writer, "outstanding", active + pending + held);
    if (policy != NULL && wallet_points_value(policy, active + pending + held, &value))
        writer_amount(writer, "value", value, programme->currency);
    else
        writer_null(writer, "value");
    writer_integer(writer, "issued", issued);
    writer_integer(writer, "redeemed", total_of(totals, wallet, ACCOUNT_REDEEMED));
    writer_integer(writer, "expired", expired);
    writer_integer(writer, "clawed_back", total_of(totals, wallet, ACCOUNT_CLAWED_BACK));
    writer_integer(writer, "written_off", -total_of(totals, wallet, ACCOUNT_WRITTEN_OFF));
    writer_integer(writer, "adjusted", -total_of(totals, wallet, ACCOUNT_ADJUSTED));
    writer_integer(writer, "paid_in", -total_of(totals, wallet, ACCOUNT_PAID_IN));
    writer_integer(writer, "paid_out", total_of(totals, wallet, ACCOUNT_PAID_OUT));
    writer_integer(writer, "taken_over", taken_over);
    if (issued + taken_over > 0 && checked_scale(expired, 10000, issued + taken_over, ROUNDING_HALF_EVEN, &breakage))
        writer_decimal(writer, "breakage", breakage, 4);
    else
        writer_null(writer, "breakage");
    writer_end(writer);
}

static bool sees_store(void *context, struct text store)
{
    return call_sees_store(context, store);
}

enum status liability_handle(struct call *call, struct item *item, struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct storage_session *session;
    struct account_total *totals;
    size_t count;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    const struct ledger_part part = {.sees = sees_store, .sees_context = call};
    status = call->scope->whole ? account_totals(session, call->arena, &totals, &count, err)
                                : account_part_totals(session, call->arena, part, &totals, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    const struct totals_list list = {totals, count};
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < programme->wallet_count; i++)
        write_liability(call, &item->writer, &list, programme->wallets[i].code);
    for (size_t i = 0; i < count; i++) /* accounts that the programme no longer has */
        if (programme_wallet(programme, totals[i].wallet) == NULL &&
            (i == 0 || !text_equal(totals[i].wallet, totals[i - 1].wallet)))
            write_liability(call, &item->writer, &list, totals[i].wallet);
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* ---- movements ---- */

struct ledger_query {
    struct page page;
    struct text wallet;
    int32_t day;
};
static const struct field ledger_query_fields[] = {
    PAGE_FIELDS(struct ledger_query),
    {.name = "wallet", .type = FIELD_TEXT, .offset = offsetof(struct ledger_query, wallet), .maximum = CODE_SIZE_MAX},
    {.name = "day", .type = FIELD_DAY, .offset = offsetof(struct ledger_query, day), .about = "A business day."},
};
const struct shape ledger_query_shape = {
    .name = "LedgerQuery", .size = sizeof(struct ledger_query), SHAPE_FIELDS(ledger_query_fields)};
static const struct field ledger_entry_fields[] = {
    {.name = "event", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "line", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of the event; empty: of the company."},
    {.name = "issued_store",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "Of the event that gave the lot; empty without a lot."},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "debit", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "credit", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "lot", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "lot"},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
};
const struct shape ledger_entry_shape = {
    .name = "LedgerEntry", .about = "One movement of points.", SHAPE_FIELDS(ledger_entry_fields)};

/* Other stores' names are left out of what is shown. */
static struct text shown_store(const struct call *call, struct text store)
{
    return call_sees_store(call, store) ? store : TEXT("");
}

/* What happened at a store is of that store; what happened nowhere, such as an expiry, of the one that issued the lot. */
static bool sees_entry(const struct call *call, const struct ledger_entry *entry)
{
    return call_sees_store(call, entry->store.size > 0 ? entry->store : entry->issued_store);
}

static void write_entry(const struct call *call, struct json_writer *writer, const struct ledger_entry *entry)
{
    writer_object(writer, NULL);
    writer_id(writer, "event", "evt", id_make(entry->seq, entry->bucket));
    writer_integer(writer, "line", entry->line);
    writer_id(writer, "member", "mbr", entry->member);
    writer_text(writer, "kind", entry->kind);
    writer_text(writer, "store", shown_store(call, entry->store));
    writer_text(writer, "issued_store", shown_store(call, entry->issued_store));
    writer_text(writer, "wallet", entry->wallet);
    writer_string(writer, "debit", account_name(entry->debit));
    writer_string(writer, "credit", account_name(entry->credit));
    writer_integer(writer, "points", entry->amount);
    writer_id(writer, "lot", "lot", entry->lot);
    writer_instant(writer, "at", entry->at);
    writer_day(writer, "day", entry->day);
    writer_end(writer);
}

enum status ledger_handle(struct call *call, struct item *item, struct error *err)
{
    const struct ledger_query *query = call->query;
    struct cursor cursor = {.integer_count = 3};
    struct ledger_filter filter = {
        .wallet = query->wallet, .day = query->day, .bucket = -1, .limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    struct ledger_entry *entries;
    size_t count, limit = (size_t)query->page.limit;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (given) {
        filter.bucket = cursor.integers[0];
        filter.seq = cursor.integers[1];
        filter.line = cursor.integers[2];
    }
    status = ledger_entries(session, call->arena, &filter, &entries, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count && i < limit; i++) {
        if (sees_entry(call, &entries[i]))
            write_entry(call, &item->writer, &entries[i]);
        cursor.integers[0] = entries[i].bucket;
        cursor.integers[1] = entries[i].seq;
        cursor.integers[2] = entries[i].line;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, count > limit);
    return STATUS_OK;
}
