#include "features/exchange/import_stay.h"

#include <string.h>

#include "features/customers/identifier.h"
#include "features/exchange/import_taken.h"
#include "features/exchange/value.h"

/* ---- days and the bill ---- */

static enum status read_days(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                             struct booking_work *work, struct error *err)
{
    int64_t arrival = 0, nights = 0;
    enum status status = taken_instant(rules, arena, row, (struct taken_moment){IMPORT_ARRIVAL, 0}, &arrival, err);

    if (status == STATUS_OK)
        status = taken_instant(rules, arena, row, (struct taken_moment){IMPORT_DEPARTURE, 0}, &work->at, err);
    if (status == STATUS_OK && row->values[IMPORT_NIGHTS].size > 0)
        status = number_parse(row->values[IMPORT_NIGHTS], rules->mapping->decimal_comma, 0, &nights, err);
    if (status != STATUS_OK)
        return status;
    int32_t from = zone_day(rules->zone, arrival);
    if (arrival == 0 || nights < 0 || nights > BOOKING_NIGHTS_MAX)
        return error_set(err, STATUS_INVALID, "stay.days", "arrival", "the row has no arrival, or too many nights");
    if (work->at == 0)
        work->at = zone_day_start(rules->zone, from + (int32_t)nights);
    work->day = business_day(rules->programmes, row->values[IMPORT_STORE], work->at);
    int32_t until = zone_day(rules->zone, work->at);
    if (until < from || until - from > BOOKING_NIGHTS_MAX)
        return error_set(err, STATUS_INVALID, "stay.days", "departure",
                         "a stay ends on or after the day of arrival, within %d nights", BOOKING_NIGHTS_MAX);
    work->wanted.from_day = from;
    work->wanted.until_day = until;
    work->wanted.at = work->at;
    return STATUS_OK;
}

static enum status read_bill(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                             struct booking_work *work, struct error *err)
{
    struct text amount = row->values[IMPORT_AMOUNT], currency = row->values[IMPORT_CURRENCY];
    int exponent = currency.size == 0 ? rules->programme->exponent : currency_exponent(currency);
    struct purchase_line *line = arena_alloc(arena, sizeof *line);

    if (exponent < 0)
        return error_set(err, STATUS_INVALID, "import.currency", "currency", "'%.*s' is not a currency code",
                         (int)(currency.size > 10 ? 10 : currency.size), currency.bytes);
    if (currency.size > 0)
        memcpy(work->currency, currency.bytes, CURRENCY_SIZE - 1);
    else
        memcpy(work->currency, rules->programme->currency, CURRENCY_SIZE);
    memcpy(work->wanted.currency, work->currency, CURRENCY_SIZE);
    if (amount.size == 0)
        return STATUS_OK;
    *line = (struct purchase_line){.number = 1, .quantity_milli = 1000};
    enum status status = number_parse(amount, rules->mapping->decimal_comma, exponent, &line->amount, err);
    if (status == STATUS_OK && line->amount < 0)
        status = error_set(err, STATUS_INVALID, "purchase.negative", "amount", "a bill is not negative");
    if (status == STATUS_OK && line->amount > 0) {
        work->lines = line;
        work->line_count = 1;
    }
    return status;
}

/* ---- who ---- */

static int add_subject(struct command *command, size_t first)
{
    command->subjects[command->subject_count] =
        (struct subject){.by = SUBJECT_CLAIMS, .first = (int)first, .count = (int)(command->claim_count - first)};
    return (int)command->subject_count++;
}

/* "4711" is an external number; "card:4711" says what it is. */
static enum status name_payer(const struct import_rules *rules, struct arena *arena, struct text given,
                              struct command *command, struct error *err)
{
    const char *colon = memchr(given.bytes, ':', given.size);
    struct text kind = TEXT("external"), value = given;
    struct identifier identifier;

    if (colon != NULL) {
        kind = (struct text){given.bytes, (size_t)(colon - given.bytes)};
        value = (struct text){colon + 1, given.size - kind.size - 1};
    }
    enum status status = identifier_normalise(arena, kind, value, rules->region, &identifier, err);
    if (status == STATUS_OK)
        command->claims[command->claim_count++] =
            (struct claim_key){.kind = identifier.kind, .key = text_copy(arena, identifier.value)};
    return status;
}

/* Whose sale it is comes first: see booking_command.h. */
static enum status name_persons(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                struct command *command, struct error *err)
{
    struct booking_work *work = command->body;
    struct text payer = row->values[IMPORT_PAYER];
    bool paying = rate_code_of(booking_rules_of(rules->programmes), work->wanted.rate).credit == RATE_PAYER;
    enum status status = STATUS_OK;

    for (int turn = 0; turn < 2 && status == STATUS_OK; turn++) {
        size_t first = command->claim_count;
        bool guests_turn = paying == (turn == 1);
        if (guests_turn)
            status = import_claims(rules, arena, row, command, err);
        else if (payer.size > 0)
            status = name_payer(rules, arena, payer, command, err);
        if (status != STATUS_OK)
            break;
        if (guests_turn && command->claim_count == first)
            return error_set(err, STATUS_INVALID, "import.no_identifier", "external", "the row names nobody");
        if (command->claim_count > first)
            *(guests_turn ? &work->guest : &work->payer) = add_subject(command, first);
    }
    work->buyer = 0;
    return status;
}

/* ---- the command ---- */

static enum status read_texts(struct arena *arena, const struct import_rules *rules, const struct import_row *row,
                              struct booking_work *work, struct error *err)
{
    struct booking *wanted = &work->wanted;
    enum status status = taken_text(arena, row, IMPORT_ID, EVENT_KEY_PART_MAX, &wanted->number, err);

    if (status == STATUS_OK && wanted->number.size == 0)
        status = error_set(err, STATUS_INVALID, "import.field_size", "id", "a stay has a number");
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_STORE, CODE_SIZE_MAX, &wanted->store, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_CHANNEL, CODE_SIZE_MAX, &wanted->channel, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_RATE, CODE_SIZE_MAX, &wanted->rate, err);
    if (status == STATUS_OK && wanted->rate.size > 0 &&
        !rate_code_known(booking_rules_of(rules->programmes), wanted->rate))
        status = error_set(err, STATUS_INVALID, "rate_code.unknown", "rate", "there is no rate code '%.*s'",
                           (int)wanted->rate.size, wanted->rate.bytes);
    work->store = wanted->store;
    work->event_id = wanted->number;
    return status;
}

static void claim_number(struct arena *arena, const struct import_row *row, struct command *command)
{
    struct booking_work *work = command->body;
    const struct booking *wanted = &work->wanted;
    struct builder says = {.arena = arena};
    unsigned char digest[DIGEST_SIZE];

    builder_format(&says, "%d\n%d\n%lld\n%lld\n%.*s\n%.*s\n%.*s", wanted->from_day, wanted->until_day,
                   (long long)work->at, (long long)(work->line_count > 0 ? work->lines[0].amount : 0),
                   (int)wanted->store.size, wanted->store.bytes, (int)wanted->rate.size, wanted->rate.bytes,
                   (int)row->values[IMPORT_PAYER].size, row->values[IMPORT_PAYER].bytes);
    digest_compute(says.bytes, says.size, digest);
    memcpy(work->identity.digest, digest, SEAL_SIZE);
    work->identity.event_claim = (int)command->claim_count;
    work->identity.event_reference = (int)command->event_count;
    command->events[command->event_count++] = (struct event_reference){.claim = work->identity.event_claim};
    command->claims[command->claim_count++] = (struct claim_key){
        .kind = booking_kind_name(BOOKING_STAY), .key = event_key(arena, wanted->channel, wanted->number)};
}

enum status import_stay_build(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                              struct command *out, struct error *err)
{
    struct booking_work *work = arena_alloc(arena, sizeof *work);

    work->identity = work->sale.identity = EVENT_IDENTITY_NONE;
    work->buyer = work->guest = work->payer = work->receipt_claim = -1;
    work->happens = true;
    work->event = BOOKING_DEPART;
    work->wanted = (struct booking){.kind = BOOKING_STAY, .state = BOOKING_BOOKED};
    *out = (struct command){.body = work, .day = DAY_NONE, .bucket = -1};
    out->claims = arena_array(arena, COMMAND_CLAIMS_MAX, sizeof *out->claims);
    enum status status = read_texts(arena, rules, row, work, err);
    if (status == STATUS_OK)
        status = read_days(rules, arena, row, work, err);
    if (status == STATUS_OK)
        status = event_check_instant(work->at, rules->now, err);
    if (status == STATUS_OK)
        status = read_bill(rules, arena, row, work, err);
    if (status == STATUS_OK)
        status = name_persons(rules, arena, row, out, err);
    if (status != STATUS_OK)
        return status;
    const struct programme *programme = programme_at(rules->programmes, work->at);
    out->type = booking_open_type(rules->programmes, BOOKING_STAY, work->at, true);
    out->day = zone_day(programme->zone, work->at);
    out->bucket = claim_bucket(out->claims[0].kind, out->claims[0].key);
    claim_number(arena, row, out);
    purchase_counters(programme, out, arena);
    booking_rules_need(rules->programmes, BOOKING_STAY, out, arena);
    return STATUS_OK;
}
