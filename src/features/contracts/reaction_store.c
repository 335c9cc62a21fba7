/* Which events count for which contracts: the reaction that posts the commands. */
#include "features/contracts/contracts_store.h"
#include "features/orders/bookings_store.h"
#include "features/reactions/happened.h"
#include "foundation/id.h"
#include "foundation/map.h"
#include "queries.h"

enum { MAP_START = 64 };

/* A member, and the contracts that its events may count for. */
struct counter_of {
    int64_t member;
    size_t *contracts;
    size_t count, capacity;
};

struct open_contract {
    int64_t id, holder;
};

/* Read once a pass: most installations have few contracts, or none. */
struct pass {
    struct arena *arena;
    struct open_contract *items;
    size_t count, capacity;
    struct map *members;          /* member id -> struct counter_of */
    struct storage_value *people; /* slot, bucket, member: whose events count */
    size_t people_count, people_capacity;
};

static enum status receive_open(void *context, const struct storage_row *row, struct error *err)
{
    struct pass *pass = context;

    (void)err;
    pass->items = arena_grow(pass->arena, pass->items, &pass->capacity, pass->count + 1, sizeof *pass->items);
    pass->items[pass->count++] = (struct open_contract){row_integer(row, 0), row_integer(row, 1)};
    return STATUS_OK;
}

static void want(struct pass *pass, int64_t slot, int64_t member)
{
    pass->people = arena_grow(pass->arena, pass->people, &pass->people_capacity, 3 * (pass->people_count + 1),
                              sizeof *pass->people);
    struct storage_value *key = &pass->people[3 * pass->people_count++];
    key[0] = value_integer(slot);
    key[1] = value_integer(id_bucket(member));
    key[2] = value_integer(member);
}

static enum status receive_contact(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    want(context, row_integer(row, 0), row_integer(row, 1));
    return STATUS_OK;
}

static void link(struct pass *pass, int64_t member, size_t contract)
{
    struct counter_of *counter = map_get_id(pass->members, member);

    if (counter == NULL) {
        counter = arena_alloc(pass->arena, sizeof *counter);
        *counter = (struct counter_of){.member = member};
        map_put_id(pass->members, member, counter);
    }
    for (size_t i = 0; i < counter->count; i++)
        if (counter->contracts[i] == contract)
            return;
    counter->contracts =
        arena_grow(pass->arena, counter->contracts, &counter->capacity, counter->count + 1, sizeof *counter->contracts);
    counter->contracts[counter->count++] = contract;
}

static enum status receive_person(void *context, const struct storage_row *row, struct error *err)
{
    struct pass *pass = context;
    size_t slot = (size_t)row_integer(row, 0);

    (void)err;
    link(pass, row_integer(row, 1), slot);
    link(pass, row_integer(row, 2), slot);
    return STATUS_OK;
}

static enum status read_pass(struct reaction_call *call, struct pass *pass, struct error *err)
{
    const struct storage_receiver open = {.row = receive_open, .context = pass};
    const struct storage_receiver contact = {.row = receive_contact, .context = pass};
    const struct storage_receiver person = {.row = receive_person, .context = pass};
    const struct storage_value since = value_integer(clock_now(engine_clock(call->engine)) - CONTRACT_COUNTS_AFTER);
    enum status status = storage_run(call->session, &query_contracts_contracts_open, &since, 1, &open, err);

    if (status != STATUS_OK || pass->count == 0)
        return status;
    struct storage_value *holders = arena_array(pass->arena, 2 * pass->count, sizeof *holders);
    for (size_t i = 0; i < pass->count; i++) {
        holders[2 * i] = value_integer((int64_t)i);
        holders[2 * i + 1] = value_integer(pass->items[i].holder);
        want(pass, (int64_t)i, pass->items[i].holder);
    }
    pass->members = map_new(pass->arena, MAP_START);
    status = storage_run(call->session, &query_contracts_contract_contacts, holders, pass->count, &contact, err);
    return status == STATUS_OK ? storage_run(call->session, &query_contracts_contract_people, pass->people,
                                             pass->people_count, &person, err)
                               : status;
}

static enum status needed(struct reaction_call *call, bool *out, struct error *err)
{
    struct pass *pass = arena_alloc(call->arena, sizeof *pass);
    *pass = (struct pass){.arena = call->arena};
    enum status status = read_pass(call, pass, err);

    call->user = pass;
    *out = pass->count > 0;
    return status;
}

/* ---- posting ---- */

/* What a command is about. */
struct candidate {
    const struct journal_row *row; /* that is followed */
    int64_t event, buyer;          /* that counts, and whose it is */
    int64_t nights, payer;
};

static void post(struct reaction_call *call, const struct candidate *candidate, const struct open_contract *contract)
{
    const char *part = arena_format(call->arena, "%lld:%lld", (long long)contract->id, (long long)candidate->event);
    struct command *command =
        reaction_command(call, candidate->row, part, &count_contract_type, sizeof(struct count_contract));
    struct count_contract *body = command->body;

    body->load.id = contract->id;
    body->load.event = candidate->event;
    body->load.customer = contract->holder;
    body->nights = candidate->nights;
    body->payer = candidate->payer;
    command->subject_count = 0;
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = candidate->buyer};
    if (contract->holder != candidate->buyer) {
        body->holder = 1;
        command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = contract->holder};
    }
    command->events[command->event_count++] = (struct event_reference){.id = candidate->event, .claim = -1};
}

static void post_all(struct reaction_call *call, const struct pass *pass, const struct candidate *candidate,
                     int64_t member)
{
    const struct counter_of *counter = map_get_id(pass->members, member);

    for (size_t i = 0; counter != NULL && i < counter->count; i++)
        post(call, candidate, &pass->items[counter->contracts[i]]);
}

/* The nights are the guest's; for who pays as well. */
static enum status take_stay(struct reaction_call *call, int64_t stay, struct candidate *candidate, struct error *err)
{
    struct booking booking;
    enum status status = booking_read(call->session, call->arena, BOOKING_STAY, stay, &booking, err);

    if (status != STATUS_OK)
        return status;
    candidate->nights = booking_nights(&booking);
    candidate->payer = booking.payer;
    return STATUS_OK;
}

static enum status react_event(struct reaction_call *call, const struct pass *pass, const struct journal_row *row,
                               struct error *err)
{
    bool back = text_equals(row->kind, "return") || text_equals(row->kind, "void");
    struct candidate candidate = {.row = row, .event = back ? row->cause : row->id, .buyer = row->member};
    enum status status = STATUS_OK;

    if (candidate.event == 0)
        return STATUS_OK;
    if (text_equals(row->kind, "stay_departed"))
        status = take_stay(call, row->cause, &candidate, err);
    if (status != STATUS_OK)
        return status;
    post_all(call, pass, &candidate, row->member);
    const struct counter_of *guest = map_get_id(pass->members, row->member);
    const struct counter_of *payer = candidate.payer != 0 ? map_get_id(pass->members, candidate.payer) : NULL;
    for (size_t i = 0; payer != NULL && i < payer->count; i++) {
        bool posted = false;
        for (size_t g = 0; guest != NULL && g < guest->count; g++)
            posted |= guest->contracts[g] == payer->contracts[i];
        if (!posted)
            post(call, &candidate, &pass->items[payer->contracts[i]]);
    }
    return STATUS_OK;
}

/* ---- again: a contract was agreed, or who belongs together changed ---- */

struct past {
    struct reaction_call *call;
    const struct pass *pass;
    const struct journal_row *row;
    size_t contract;
    struct candidate *found; /* of the contract, each event once */
    size_t count, capacity;
    struct map *seen; /* their ids */
};

static void add_past(struct past *past, int64_t event, int64_t buyer, int64_t stay)
{
    if (map_get_id(past->seen, event) != NULL)
        return;
    map_put_id(past->seen, event, past);
    past->found = arena_grow(past->call->arena, past->found, &past->capacity, past->count + 1, sizeof *past->found);
    past->found[past->count++] =
        (struct candidate){.row = past->row, .event = event, .buyer = buyer, .payer = stay /* until it is read */};
}

static enum status receive_past(void *context, const struct storage_row *row, struct error *err)
{
    int64_t id = id_make(row_integer(row, 2), (int)row_integer(row, 1));

    (void)err;
    add_past(context, id, row_integer(row, 3),
             text_equals(row_text(row, 4), "stay_departed") ? row_integer(row, 5) : 0);
    return STATUS_OK;
}

static enum status receive_counted(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    add_past(context, row_integer(row, 0), row_integer(row, 1),
             text_equals(row_text(row, 2), "stay_departed") ? row_integer(row, 3) : 0);
    return STATUS_OK;
}

/* What the members who may count did since it began, and what it counts of others. */
static enum status recount(struct past *past, struct error *err)
{
    struct reaction_call *call = past->call;
    const struct open_contract *open = &past->pass->items[past->contract];
    const struct storage_receiver of_members = {.row = receive_past, .context = past};
    const struct storage_receiver of_contract = {.row = receive_counted, .context = past};
    const struct storage_value key[] = {value_integer(id_bucket(open->id)), value_integer(open->id)};
    struct contract contract;
    enum status status = contract_read(call->session, call->arena, open->id, &contract, err);

    if (status != STATUS_OK)
        return status;
    const struct zone *zone = programme_at(call->programmes, contract.agreed_at)->zone;
    int64_t since = zone_day_start(zone, contract.from_day - 1);
    struct storage_value *values = arena_array(call->arena, 4 * map_count(past->pass->members) + 1, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; i < map_count(past->pass->members); i++) {
        const struct counter_of *counter = map_value_at(past->pass->members, i);
        int64_t member = counter->member;
        for (size_t c = 0; c < counter->count; c++) {
            if (counter->contracts[c] != past->contract)
                continue;
            values[4 * count] = value_integer(0);
            values[4 * count + 1] = value_integer(id_bucket(member));
            values[4 * count + 2] = value_integer(member);
            values[4 * count++ + 3] = value_integer(since);
        }
    }
    status = storage_run(call->session, &query_contracts_contract_past, values, count, &of_members, err);
    if (status == STATUS_OK)
        status = storage_run(call->session, &query_contracts_contract_counted, key, 1, &of_contract, err);
    for (size_t i = 0; i < past->count && status == STATUS_OK; i++) {
        int64_t stay = past->found[i].payer;
        past->found[i].payer = 0;
        if (stay != 0)
            status = take_stay(call, stay, &past->found[i], err);
        post(call, &past->found[i], open);
    }
    return status;
}

static enum status react_again(struct reaction_call *call, const struct pass *pass, const struct journal_row *row,
                               struct error *err)
{
    const struct counter_of *counter = map_get_id(pass->members, row->member);
    enum status status = STATUS_OK;

    for (size_t i = 0; counter != NULL && i < counter->count && status == STATUS_OK; i++) {
        struct past past = {.call = call, .pass = pass, .row = row, .contract = counter->contracts[i]};
        past.seen = map_new(call->arena, MAP_START);
        if (!text_equals(row->kind, "contract_agreed") || pass->items[past.contract].id == row->id)
            status = recount(&past, err);
    }
    return status;
}

static enum status react(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    static const char *const again[] = {"contract_agreed", "merge", "unmerge", "unmerged", "contact"};
    const struct pass *pass = call->user;

    if (row->member == 0)
        return STATUS_OK;
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++)
        if (text_equals(row->kind, again[i]))
            return react_again(call, pass, row, err);
    return react_event(call, pass, row, err);
}

static const char *const kinds[] = {"purchase",      "claim",           "return", "void",
                                    "stay_departed", "contract_agreed", "merge",  "unmerge",
                                    "unmerged",      "contact",         NULL};

const struct reaction contracts_reaction = {.name = "contracts", .kinds = kinds, .needed = needed, .react = react};
