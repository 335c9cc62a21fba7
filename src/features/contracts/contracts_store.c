#include "features/contracts/contracts_store.h"

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { FOLLOWED_AT_ONCE = 200 };
#define FOLLOW_ARENA ((size_t)64 << 20)

/* ---- written by commands ---- */

void store_contract(struct decision *decision, const struct contract *contract, int64_t due_at)
{
    const struct storage_value values[] = {value_integer(id_bucket(contract->id)),
                                           value_integer(contract->id),
                                           value_integer(contract->version),
                                           value_integer(contract->member),
                                           value_text(contract->code),
                                           value_text(contract->name),
                                           value_text(contract->contacts),
                                           value_integer(contract->counts),
                                           value_integer(contract->metric),
                                           value_integer(contract->commitment),
                                           value_integer(contract->price),
                                           value_integer(contract->shortfall),
                                           value_integer(contract->after_extension),
                                           value_integer(contract->extend_months),
                                           value_integer(contract->carry),
                                           value_integer(contract->automatic),
                                           value_integer(contract->months),
                                           value_integer(contract->notice_days),
                                           value_integer(contract->remind_days),
                                           value_text(contract->reason),
                                           value_text(contract->owner.person),
                                           value_text(contract->owner.place),
                                           value_text(contract->owner.role),
                                           value_integer(contract->agreed_at),
                                           value_integer(contract->from_day),
                                           value_integer(contract_period_end(contract_current(contract))),
                                           value_integer(contract->months_over),
                                           value_integer(contract->renews),
                                           value_integer(contract->renew_months),
                                           value_integer(contract->renew_commitment),
                                           value_integer(contract->end_day),
                                           value_text(contract->end_reason),
                                           value_integer(contract->ended_at),
                                           value_integer(contract->reminded_day),
                                           value_integer(contract->change_count),
                                           value_integer(due_at)};

    row_add(decision, &query_contracts_contract_put, arena_copy(decision->arena, values, sizeof values));
}

void store_contract_terms(struct decision *decision, const struct contract *contract,
                          const struct contract_terms *terms)
{
    const struct storage_value values[] = {
        value_integer(id_bucket(contract->id)), value_integer(contract->id), value_integer(terms->from_day),
        value_integer(contract->member),        value_integer(terms->row),   value_integer(terms->discount),
        value_integer(terms->factor),           value_text(terms->payment),  value_integer(terms->until)};

    row_add(decision, &query_contracts_terms_put, arena_copy(decision->arena, values, sizeof values));
}

void store_contract_period(struct decision *decision, const struct contract *contract,
                           const struct contract_period *period)
{
    const struct storage_value values[] = {value_integer(id_bucket(contract->id)),
                                           value_integer(contract->id),
                                           value_integer(period->number),
                                           value_integer(contract->member),
                                           value_integer(period->from_day),
                                           value_integer(period->until_day),
                                           value_integer(period->extended_day),
                                           value_integer(period->commitment),
                                           value_integer(period->carried),
                                           value_integer(period->spend),
                                           value_integer(period->purchases),
                                           value_integer(period->nights),
                                           value_integer(period->due),
                                           value_integer(period->closed_at)};

    row_add(decision, &query_contracts_period_put, arena_copy(decision->arena, values, sizeof values));
}

void store_contract_change(struct decision *decision, const struct contract *contract,
                           const struct contract_change *change)
{
    const struct storage_value values[] = {value_integer(id_bucket(contract->id)),
                                           value_integer(contract->id),
                                           value_integer(change->number),
                                           value_integer(contract->member),
                                           value_integer(change->at),
                                           value_text(change->what),
                                           value_text(change->actor),
                                           value_text(change->reason),
                                           value_integer(change->period),
                                           value_integer(change->day),
                                           value_integer(change->amount),
                                           value_integer(change->collected_at),
                                           value_text(change->reference)};

    row_add(decision, &query_contracts_change_put, arena_copy(decision->arena, values, sizeof values));
}

void store_contract_count(struct decision *decision, const struct contract *contract,
                          const struct contract_count *count)
{
    const struct storage_value values[] = {value_integer(id_bucket(contract->id)),
                                           value_integer(contract->id),
                                           value_integer(count->event),
                                           value_integer(contract->member),
                                           value_integer(count->buyer),
                                           value_integer(count->day),
                                           value_integer(count->spend),
                                           value_integer(count->purchases),
                                           value_integer(count->nights)};

    row_add(decision, &query_contracts_count_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- read ---- */

/* Contracts, one a slot. */
struct reading {
    struct arena *arena;
    struct contract **contracts;
    struct contract_load **loads; /* NULL: read for people */
};

static enum status receive_contract(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct arena *arena = reading->arena;
    struct contract *out = reading->contracts[row_integer(row, 0)];

    (void)err;
    out->id = row_integer(row, 1);
    out->version = row_integer(row, 2);
    out->member = row_integer(row, 3);
    out->code = row_text_copy(row, 4, arena);
    out->name = row_text_copy(row, 5, arena);
    out->contacts = row_text_copy(row, 6, arena);
    out->counts = row_integer(row, 7);
    out->metric = row_integer(row, 8);
    out->commitment = row_integer(row, 9);
    out->price = row_integer(row, 10);
    out->shortfall = row_integer(row, 11);
    out->after_extension = row_integer(row, 12);
    out->extend_months = row_integer(row, 13);
    out->carry = row_integer(row, 14) != 0;
    out->automatic = row_integer(row, 15) != 0;
    out->months = row_integer(row, 16);
    out->notice_days = row_integer(row, 17);
    out->remind_days = row_integer(row, 18);
    out->reason = row_text_copy(row, 19, arena);
    out->owner = (struct task_owner){row_text_copy(row, 20, arena), row_text_copy(row, 21, arena),
                                     row_text_copy(row, 22, arena)};
    out->agreed_at = row_integer(row, 23);
    out->from_day = (int32_t)row_integer(row, 24);
    out->months_over = row_integer(row, 25);
    out->renews = row_integer(row, 26) != 0;
    out->renew_months = row_integer(row, 27);
    out->renew_commitment = row_integer(row, 28);
    out->end_day = (int32_t)row_integer(row, 29);
    out->end_reason = row_text_copy(row, 30, arena);
    out->ended_at = row_integer(row, 31);
    out->reminded_day = (int32_t)row_integer(row, 32);
    out->change_count = row_integer(row, 33);
    return STATUS_OK;
}

static enum status receive_terms(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct contract *out = reading->contracts[row_integer(row, 0)];

    (void)err;
    out->terms = arena_grow(reading->arena, out->terms, &out->term_capacity, out->term_count + 1, sizeof *out->terms);
    out->terms[out->term_count++] = (struct contract_terms){.row = row_integer(row, 1),
                                                            .from_day = (int32_t)row_integer(row, 2),
                                                            .discount = row_integer(row, 3),
                                                            .factor = row_integer(row, 4),
                                                            .payment = row_text_copy(row, 5, reading->arena),
                                                            .until = row_integer(row, 6)};
    return STATUS_OK;
}

static enum status receive_period(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct contract *out = reading->contracts[row_integer(row, 0)];

    (void)err;
    out->periods =
        arena_grow(reading->arena, out->periods, &out->period_capacity, out->period_count + 1, sizeof *out->periods);
    out->periods[out->period_count++] = (struct contract_period){.number = row_integer(row, 1),
                                                                 .from_day = (int32_t)row_integer(row, 2),
                                                                 .until_day = (int32_t)row_integer(row, 3),
                                                                 .extended_day = (int32_t)row_integer(row, 4),
                                                                 .commitment = row_integer(row, 5),
                                                                 .carried = row_integer(row, 6),
                                                                 .spend = row_integer(row, 7),
                                                                 .purchases = row_integer(row, 8),
                                                                 .nights = row_integer(row, 9),
                                                                 .due = row_integer(row, 10),
                                                                 .closed_at = row_integer(row, 11)};
    return STATUS_OK;
}

static enum status receive_change(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct contract *out = reading->contracts[row_integer(row, 0)];

    (void)err;
    out->changes =
        arena_grow(reading->arena, out->changes, &out->loaded_capacity, out->loaded_count + 1, sizeof *out->changes);
    out->changes[out->loaded_count++] = (struct contract_change){.number = row_integer(row, 1),
                                                                 .at = row_integer(row, 2),
                                                                 .what = row_text_copy(row, 3, reading->arena),
                                                                 .actor = row_text_copy(row, 4, reading->arena),
                                                                 .reason = row_text_copy(row, 5, reading->arena),
                                                                 .period = row_integer(row, 6),
                                                                 .day = (int32_t)row_integer(row, 7),
                                                                 .amount = row_integer(row, 8),
                                                                 .collected_at = row_integer(row, 9),
                                                                 .reference = row_text_copy(row, 10, reading->arena)};
    return STATUS_OK;
}

/* The reading lives in its arena: receivers are called at the flush. */
static enum status send(struct storage_session *session, struct reading *reading, const int64_t *ids, size_t count,
                        struct error *err)
{
    const struct storage_receiver contracts = {.row = receive_contract, .context = reading};
    const struct storage_receiver terms = {.row = receive_terms, .context = reading};
    const struct storage_receiver periods = {.row = receive_period, .context = reading};
    const struct storage_receiver changes = {.row = receive_change, .context = reading};
    struct storage_value *keys = arena_array(reading->arena, 3 * count + 1, sizeof *keys);
    struct storage_value *wider = arena_array(reading->arena, 4 * count + 1, sizeof *wider);

    for (size_t i = 0; i < count; i++) {
        *reading->contracts[i] = (struct contract){.id = 0};
        keys[3 * i] = wider[4 * i] = value_integer((int64_t)i);
        keys[3 * i + 1] = wider[4 * i + 1] = value_integer(id_bucket(ids[i]));
        keys[3 * i + 2] = wider[4 * i + 2] = value_integer(ids[i]);
        wider[4 * i + 3] = value_integer(reading->loads == NULL);
    }
    enum status status = storage_send(session, &query_contracts_contracts_load, keys, count, &contracts, err);
    if (status == STATUS_OK)
        status = storage_send(session, &query_contracts_terms_load, keys, count, &terms, err);
    if (status == STATUS_OK)
        status = storage_send(session, &query_contracts_periods_load, keys, count, &periods, err);
    return status == STATUS_OK ? storage_send(session, &query_contracts_changes_load, wider, count, &changes, err)
                               : status;
}

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;

    (void)err;
    reading->loads[row_integer(row, 0)]->before = (struct contract_count){.event = row_integer(row, 1),
                                                                          .buyer = row_integer(row, 2),
                                                                          .day = (int32_t)row_integer(row, 3),
                                                                          .spend = row_integer(row, 4),
                                                                          .purchases = row_integer(row, 5),
                                                                          .nights = row_integer(row, 6)};
    return STATUS_OK;
}

static enum status receive_contact(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct contract_load *load = reading->loads[row_integer(row, 0)];

    (void)err;
    load->contacts = arena_grow(reading->arena, load->contacts, &load->contact_capacity, load->contact_count + 1,
                                sizeof *load->contacts);
    load->contacts[load->contact_count++] = (struct organisation_contact){.member = row_integer(row, 1),
                                                                          .organisation = row_integer(row, 2),
                                                                          .role = row_text_copy(row, 3, reading->arena),
                                                                          .from_on = row_integer(row, 4),
                                                                          .until_on = row_integer(row, 5)};
    return STATUS_OK;
}

/* The members of subject 0's person, as contacts of the organisation. */
static size_t want_contacts(const struct load_context *context, const struct command *command, int64_t slot,
                            struct storage_value *out)
{
    const struct contract_load *load = command->body;
    const struct group *group = context->group_of(context, command, 0);
    int64_t named = context->member_of(context, command, 0);
    size_t count = 0;

    if (load->customer == 0 || group == NULL || named == 0)
        return 0;
    int64_t leader = group_find((struct group *)(uintptr_t)group, named)->leader;
    for (size_t i = 0; i < group->member_count; i++) {
        if (group->members[i].leader != leader)
            continue;
        struct storage_value *key = &out[4 * count++];
        key[0] = value_integer(slot);
        key[1] = value_integer(id_bucket(group->members[i].id));
        key[2] = value_integer(group->members[i].id);
        key[3] = value_integer(load->customer);
    }
    return count;
}

enum status contracts_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct arena *arena = context->arena;
    struct reading *reading = arena_alloc(arena, sizeof *reading);
    struct storage_value *events = arena_array(arena, 4 * count + 1, sizeof *events);
    struct storage_value *contacts = arena_array(arena, 4 * count * GROUP_MEMBERS_MAX + 1, sizeof *contacts);
    int64_t *ids = arena_array(arena, count + 1, sizeof *ids);
    size_t event_count = 0, contact_count = 0;

    *reading = (struct reading){arena, arena_array(arena, count + 1, sizeof(struct contract *)),
                                arena_array(arena, count + 1, sizeof(struct contract_load *))};
    for (size_t i = 0; i < count; i++) {
        struct contract_load *load = commands[i]->body;
        reading->contracts[i] = &load->contract;
        reading->loads[i] = load;
        ids[i] = load->id;
        load->before = (struct contract_count){.event = load->event};
        load->contacts = NULL;
        load->contact_count = load->contact_capacity = 0;
        if (load->event != 0) {
            struct storage_value *key = &events[4 * event_count++];
            key[0] = value_integer((int64_t)i);
            key[1] = value_integer(id_bucket(load->id));
            key[2] = value_integer(load->id);
            key[3] = value_integer(load->event);
        }
        contact_count += want_contacts(context, commands[i], (int64_t)i, &contacts[4 * contact_count]);
    }
    const struct storage_receiver of_events = {.row = receive_count, .context = reading};
    const struct storage_receiver of_contacts = {.row = receive_contact, .context = reading};
    enum status status = send(context->session, reading, ids, count, err);
    if (status == STATUS_OK && event_count > 0)
        status = storage_send(context->session, &query_contracts_counts_load, events, event_count, &of_events, err);
    return status == STATUS_OK && contact_count > 0 ? storage_send(context->session, &query_contracts_contacts_load,
                                                                   contacts, contact_count, &of_contacts, err)
                                                    : status;
}

static enum status unknown(struct error *err)
{
    return error_set(err, STATUS_MISSING, "contract.unknown", "contract", "there is no such contract");
}

enum status contract_read(struct storage_session *session, struct arena *arena, int64_t id, struct contract *out,
                          struct error *err)
{
    struct reading reading = {arena, &out, NULL};
    enum status status = send(session, &reading, &id, 1, err);

    if (status == STATUS_OK)
        status = storage_flush(session, err);
    return status == STATUS_OK && out->id == 0 ? unknown(err) : status;
}

enum status contract_find(struct storage_session *session, struct text word, int64_t *id, struct error *err)
{
    int64_t member;

    if (id_parse("ctr", word, id))
        return STATUS_OK;
    enum status status = engine_claim_find(session, CONTRACT_CLAIM, word, id, &member, err);
    return status == STATUS_OK && *id == 0 ? unknown(err) : status;
}

/* ---- lists ---- */

struct id_listing {
    struct arena *arena;
    int64_t *ids;
    size_t count, capacity;
};

static enum status receive_id(void *context, const struct storage_row *row, struct error *err)
{
    struct id_listing *list = context;

    (void)err;
    list->ids = arena_grow(list->arena, list->ids, &list->capacity, list->count + 1, sizeof *list->ids);
    list->ids[list->count++] = row_integer(row, 0);
    return STATUS_OK;
}

static enum status read_all(struct storage_session *session, const struct id_listing *list, struct contract **out,
                            struct error *err)
{
    struct reading reading = {list->arena, arena_array(list->arena, list->count + 1, sizeof(struct contract *)), NULL};
    struct contract *items = arena_array(list->arena, list->count + 1, sizeof *items);

    for (size_t i = 0; i < list->count; i++)
        reading.contracts[i] = &items[i];
    *out = items;
    if (list->count == 0)
        return STATUS_OK;
    enum status status = send(session, &reading, list->ids, list->count, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}

enum status contracts_list(struct storage_session *session, struct arena *arena, const struct contract_page *page,
                           struct contract **out, size_t *count, struct error *err)
{
    struct id_listing list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_id, .context = &list};
    struct text state = text_from(page->state != NULL ? page->state : "");
    bool planned = text_equals(state, "planned"), running = text_equals(state, "running");
    const struct storage_value values[] = {
        value_integer(page->member),
        value_integer(text_equals(state, "ended") ? 1
                      : planned || running        ? 0
                                                  : -1),
        value_integer(planned ? page->today : INT32_MIN),
        value_integer(running ? page->today : INT32_MAX),
        value_integer(page->ending_before != DAY_NONE ? page->ending_before : INT32_MAX),
        value_integer(page->after_day),
        value_integer(page->after_id != 0 ? id_bucket(page->after_id) : -1),
        value_integer(page->after_id),
        value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, &query_contracts_contract_page, values, 1, &receiver, err);

    *count = list.count;
    return status == STATUS_OK ? read_all(session, &list, out, err) : status;
}

struct due_listing {
    struct arena *arena;
    struct contract_due *items;
    size_t count, capacity;
};

static enum status receive_due(void *context, const struct storage_row *row, struct error *err)
{
    struct due_listing *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct contract_due){.contract = row_integer(row, 0),
                                                       .member = row_integer(row, 1),
                                                       .code = row_text_copy(row, 2, list->arena),
                                                       .change = {.number = row_integer(row, 3),
                                                                  .at = row_integer(row, 4),
                                                                  .what = row_text_copy(row, 5, list->arena),
                                                                  .period = row_integer(row, 6),
                                                                  .amount = row_integer(row, 7),
                                                                  .collected_at = row_integer(row, 8),
                                                                  .reference = row_text_copy(row, 9, list->arena)}};
    return STATUS_OK;
}

enum status contract_dues_list(struct storage_session *session, struct arena *arena,
                               const struct contract_due_page *page, struct contract_due **out, size_t *count,
                               struct error *err)
{
    struct due_listing list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_due, .context = &list};
    const struct storage_value values[] = {value_integer(page->open),
                                           value_integer(page->after_at),
                                           value_integer(page->after_id != 0 ? id_bucket(page->after_id) : -1),
                                           value_integer(page->after_id),
                                           value_integer(page->after_number),
                                           value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, &query_contracts_dues_page, values, 1, &receiver, err);

    *out = list.items;
    *count = list.count;
    return status;
}

/* ---- changing ---- */

struct command *change_contract_command(struct arena *arena, const struct contract *contract,
                                        enum contract_action action)
{
    struct command *command = arena_alloc(arena, sizeof *command);
    struct change_contract *body = arena_alloc(arena, sizeof *body);

    *command =
        (struct command){.type = &change_contract_type, .body = body, .day = DAY_NONE, .bucket = -1, .arena = arena};
    *body = (struct change_contract){.load.id = contract->id,
                                     .action = action,
                                     .end_day = DAY_NONE,
                                     .commitment = -1,
                                     .terms = {.discount = -1, .factor = -1}};
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = contract->member};
    return command;
}

static enum status make_followers(struct engine *engine, struct arena *arena, struct command **commands, size_t *count,
                                  struct error *err)
{
    struct id_listing list = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_id, .context = &list};
    int64_t now = clock_now(engine_clock(engine));
    const struct storage_value values[] = {value_integer(now), value_integer(FOLLOWED_AT_ONCE)};
    struct configuration configuration = engine_configuration(engine);
    const struct contract_clock clock = {arena, programme_at(configuration.programmes, now)->zone, now};
    struct storage_session *session;
    struct contract *found = NULL;
    enum status status = engine_read_begin(engine, &session, err);

    if (status == STATUS_OK) {
        status = storage_run(session, &query_contracts_contracts_due, values, 1, &receiver, err);
        if (status == STATUS_OK)
            status = read_all(session, &list, &found, err);
        engine_read_end(engine, session);
    }
    for (size_t i = 0; i < list.count && status == STATUS_OK; i++) {
        commands[*count] = change_contract_command(arena, &found[i], CONTRACT_FOLLOW);
        contract_advance(&clock, &found[i]);
        contract_name_reminder(commands[(*count)++], &found[i]);
    }
    engine_configuration_release(engine, configuration);
    return status;
}

enum status contracts_follow(struct engine *engine, struct error *err)
{
    struct command *commands[FOLLOWED_AT_ONCE];
    struct arena *arena = arena_new(FOLLOW_ARENA);
    size_t count = 0;

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to follow contracts");
    enum status status = make_followers(engine, arena, commands, &count, err);
    if (status == STATUS_OK && count > 0)
        status = engine_run(engine, commands, count, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (commands[i]->status != STATUS_OK) {
            *err = commands[i]->error;
            status = commands[i]->status;
        }
    arena_free(arena);
    return status;
}
