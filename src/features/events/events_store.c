#include "features/events/events_store.h"

#include "features/conditions/conditions_store.h"
#include "features/customers/customers.h"
#include "features/events/attribution.h"
#include "features/events/visit.h"
#include "features/gift_cards/gift_cards_store.h"
#include "features/points/points.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- what earning rules ask of persons ---- */

static struct rules_known *known_of_visit(struct command *command)
{
    return &((struct visit *)command->body)->known;
}

static struct rules_known *known_of_custom(struct command *command)
{
    return &((struct custom_event *)command->body)->known;
}

static struct rules_known *known_of_claim(struct command *command)
{
    return &((struct attribution *)command->body)->known;
}

static struct rules_known *known_of_purchase(struct command *command)
{
    return &((struct purchase *)command->body)->known;
}

/* Of subject 0. */
static enum status known_load(struct load_context *context, struct command **commands, size_t count,
                              struct rules_known *(*known)(struct command *), struct error *err)
{
    struct condition_load *loads = arena_array(context->arena, count, sizeof *loads);
    size_t wanted = 0;

    for (size_t c = 0; c < count; c++) {
        struct rules_known *of = known(commands[c]);
        of->person = (struct condition_person){0};
        if (of->parts != 0)
            loads[wanted++] = (struct condition_load){commands[c], 0, of->parts, &of->person};
    }
    return wanted > 0 ? conditions_load(context, loads, wanted, err) : STATUS_OK;
}

/* ---- what the catalogue knows of purchase lines ---- */

/* A line that waits for its sku; several may wait for one. */
struct waiting {
    struct purchase_line *line;
    bool priced; /* cost and tax too */
    struct waiting *next;
};

struct item_load {
    struct arena *arena; /* of the batch */
    struct map *by_sku;  /* sku -> struct waiting */
    struct storage_value *skus;
    size_t sku_count, sku_capacity;
};

static enum status receive_item(void *context, const struct storage_row *row, struct error *err)
{
    const struct item_load *load = context;
    struct text category = row_text_copy(row, 1, load->arena);

    (void)err;
    for (struct waiting *wait = map_get(load->by_sku, row_text(row, 0)); wait != NULL; wait = wait->next) {
        if (wait->line->category.size == 0)
            wait->line->category = category;
        if (wait->priced)
            terms_price(load->arena, wait->line, row_integer(row, 2), row_integer(row, 3));
    }
    return STATUS_OK;
}

static bool is_waiting(const struct purchase *body, const struct purchase_line *line)
{
    return line->sku.size > 0 && (body->priced || line->category.size == 0);
}

static void want_item(struct item_load *load, struct purchase_line *line, bool priced)
{
    struct waiting *wait = arena_alloc(load->arena, sizeof *wait);
    struct waiting *first = map_get(load->by_sku, line->sku);

    *wait = (struct waiting){line, priced, NULL};
    if (first != NULL) {
        wait->next = first->next;
        first->next = wait;
        return;
    }
    map_put(load->by_sku, line->sku, wait);
    load->skus = arena_grow(load->arena, load->skus, &load->sku_capacity, load->sku_count + 1, sizeof *load->skus);
    load->skus[load->sku_count++] = value_text(line->sku);
}

/* Works on a copy of the lines in the batch's arena: the same command may be loaded again by another batch. */
static void want_items(struct item_load *load, struct purchase *body)
{
    size_t waiting = 0;

    body->loaded_lines = NULL;
    for (size_t i = 0; i < body->line_count; i++)
        waiting += is_waiting(body, &body->lines[i]);
    if (waiting == 0)
        return;
    for (size_t i = 0; i < body->line_count; i++)
        body->lines[i].number = (int32_t)i + 1;
    body->loaded_lines = arena_copy(load->arena, body->lines, body->line_count * sizeof *body->lines);
    for (size_t i = 0; i < body->line_count; i++)
        if (is_waiting(body, &body->loaded_lines[i]))
            want_item(load, &body->loaded_lines[i], body->priced);
}

enum status purchase_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct item_load *load = arena_alloc(context->arena, sizeof *load);
    bool **erased = arena_array(context->arena, count, sizeof(bool *));
    struct proof **proofs = arena_array(context->arena, count, sizeof *proofs);
    struct quote_settlement **quotes = arena_array(context->arena, count, sizeof *quotes);
    const struct command **quoting = arena_array(context->arena, count, sizeof(const struct command *));
    size_t proof_count = 0, quote_count = 0;

    load->arena = context->arena;
    load->by_sku = map_new(context->arena, count);
    for (size_t c = 0; c < count; c++) {
        struct purchase *body = commands[c]->body;
        want_items(load, body);
        erased[c] = &body->erased_before;
        if (body->proof.kind != 0)
            proofs[proof_count++] = &body->proof;
        if (body->quote != NULL) {
            quoting[quote_count] = commands[c];
            quotes[quote_count++] = body->quote;
        }
    }
    enum status status = known_load(context, commands, count, known_of_purchase, err);
    if (status == STATUS_OK)
        status = registrations_load(context, commands, erased, count, err);
    if (status == STATUS_OK)
        status = proofs_load(context, proofs, proof_count, err);
    if (status == STATUS_OK)
        status = quote_settlements_load(context, quoting, quotes, quote_count, err);
    if (status != STATUS_OK || load->sku_count == 0)
        return status;
    const struct storage_receiver receiver = {.row = receive_item, .context = load};
    return storage_send(context->session, &query_events_items_sold, load->skus, load->sku_count, &receiver, err);
}

enum status visit_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    return known_load(context, commands, count, known_of_visit, err);
}

enum status custom_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    return known_load(context, commands, count, known_of_custom, err);
}

enum status attribution_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    return known_load(context, commands, count, known_of_claim, err);
}

struct category_read {
    struct arena *arena;
    struct purchase_line *lines;
};

static enum status receive_line_category(void *context, const struct storage_row *row, struct error *err)
{
    const struct category_read *read = context;

    (void)err;
    read->lines[row_integer(row, 0)].category = row_text_copy(row, 1, read->arena);
    return STATUS_OK;
}

enum status line_categories(struct storage_session *session, struct arena *arena, struct purchase_line *lines,
                            size_t count, struct error *err)
{
    struct category_read read = {arena, lines};
    const struct storage_receiver receiver = {.row = receive_line_category, .context = &read};
    struct storage_value *values = arena_array(arena, 2 * count + 1, sizeof *values);
    size_t rows = 0;

    for (size_t i = 0; i < count; i++) {
        if (lines[i].category.size > 0 || lines[i].sku.size == 0)
            continue;
        values[2 * rows] = value_integer((int64_t)i);
        values[2 * rows++ + 1] = value_text(lines[i].sku);
    }
    return rows == 0 ? STATUS_OK : storage_run(session, &query_events_item_categories, values, rows, &receiver, err);
}

/* ---- configuration ---- */

struct configure {
    struct arena *arena;
    struct map *zones; /* name -> struct zone */
    struct store *stores;
    size_t store_count, store_capacity;
    struct employee *employees;
    size_t employee_count, employee_capacity;
    struct event_kind *kinds;
    size_t kind_count, kind_capacity;
    struct item_category *categories;
    size_t category_count, category_capacity;
    bool items_priced;
};

static enum status receive_store(void *context, const struct storage_row *row, struct error *err)
{
    struct configure *configure = context;
    struct text zone_text = row_text_copy(row, 2, configure->arena);
    const struct zone *zone = zone_text.size > 0 ? map_get(configure->zones, zone_text) : NULL;
    enum place_kind kind = PLACE_STORE;

    (void)place_kind_find(row_text(row, 4), &kind);

    if (zone == NULL && zone_text.size > 0) {
        enum status status = zone_load(configure->arena, zone_text, &zone, err);
        if (status != STATUS_OK)
            return status;
        map_put(configure->zones, zone_text, (void *)(uintptr_t)zone);
    }
    configure->stores = arena_grow(configure->arena, configure->stores, &configure->store_capacity,
                                   configure->store_count + 1, sizeof *configure->stores);
    configure->stores[configure->store_count++] = (struct store){.code = row_text_copy(row, 0, configure->arena),
                                                                 .name = row_text_copy(row, 1, configure->arena),
                                                                 .zone = zone,
                                                                 .cut_minutes = (int)row_integer(row, 3),
                                                                 .kind = kind,
                                                                 .parent = row_text_copy(row, 5, configure->arena),
                                                                 .opened_on = (int32_t)row_integer(row, 6),
                                                                 .closed_on = (int32_t)row_integer(row, 7)};
    return STATUS_OK;
}

static enum status receive_employee(void *context, const struct storage_row *row, struct error *err)
{
    struct configure *configure = context;

    (void)err;
    configure->employees = arena_grow(configure->arena, configure->employees, &configure->employee_capacity,
                                      configure->employee_count + 1, sizeof *configure->employees);
    configure->employees[configure->employee_count++] =
        (struct employee){row_text_copy(row, 0, configure->arena), row_text_copy(row, 1, configure->arena),
                          row_integer(row, 2) != 0, row_integer(row, 3)};
    return STATUS_OK;
}

/* A place without a zone has that of the nearest place above which has one. */
static void inherit_zones(struct programme_set *set, struct store *stores)
{
    for (size_t i = 0; i < set->store_count; i++) {
        const struct store *above = &stores[i];
        for (int depth = 0; above != NULL && above->zone == NULL && depth < PLACE_DEPTH_MAX; depth++)
            above = above->parent.size > 0 ? store_find(set, above->parent) : NULL;
        if (above != NULL)
            stores[i].zone = above->zone;
    }
}

static enum status receive_kind(void *context, const struct storage_row *row, struct error *err)
{
    struct configure *configure = context;
    struct event_kind kind = {.name = row_text_copy(row, 0, configure->arena),
                              .kept_days = (int32_t)row_integer(row, 1)};
    enum status status = event_kind_parse(configure->arena, row_text(row, 2), &kind, err);

    if (status != STATUS_OK)
        return status;
    configure->kinds = arena_grow(configure->arena, configure->kinds, &configure->kind_capacity,
                                  configure->kind_count + 1, sizeof *configure->kinds);
    configure->kinds[configure->kind_count++] = kind;
    return STATUS_OK;
}

static enum status receive_category(void *context, const struct storage_row *row, struct error *err)
{
    struct configure *configure = context;

    (void)err;
    configure->categories = arena_grow(configure->arena, configure->categories, &configure->category_capacity,
                                       configure->category_count + 1, sizeof *configure->categories);
    configure->categories[configure->category_count++] =
        (struct item_category){.code = row_text_copy(row, 0, configure->arena),
                               .name = row_text_copy(row, 1, configure->arena),
                               .parent = row_text_copy(row, 2, configure->arena)};
    return STATUS_OK;
}

static enum status receive_priced(void *context, const struct storage_row *row, struct error *err)
{
    struct configure *configure = context;

    (void)row;
    (void)err;
    configure->items_priced = true;
    return STATUS_OK;
}

/* Each category gets the list of those above it. */
static void find_above(struct arena *arena, const struct programme_set *set, struct item_category *categories)
{
    for (size_t i = 0; i < set->category_count; i++) {
        struct text *above = arena_array(arena, CATEGORY_DEPTH_MAX + 1, sizeof *above);
        size_t depth = 0;
        for (struct text code = categories[i].parent; code.size > 0 && depth < CATEGORY_DEPTH_MAX; depth++) {
            const struct item_category *parent = category_find(set, code);
            above[depth] = code;
            code = parent != NULL ? parent->parent : (struct text){NULL, 0};
        }
        categories[i].above = depth > 0 ? above : NULL;
    }
}

static enum status configure_items(struct storage_session *session, struct configure *configure,
                                   struct programme_set *set, struct error *err)
{
    const struct storage_receiver categories = {.row = receive_category, .context = configure};
    const struct storage_receiver priced = {.row = receive_priced, .context = configure};
    enum status status = storage_run(session, &query_events_categories_configure, NULL, 1, &categories, err);

    if (status == STATUS_OK)
        status = storage_run(session, &query_events_items_priced, NULL, 1, &priced, err);
    if (status != STATUS_OK)
        return status;
    set->categories = configure->categories;
    set->category_count = configure->category_count;
    set->items_priced = configure->items_priced;
    find_above(configure->arena, set, configure->categories);
    return STATUS_OK;
}

enum status events_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                             struct error *err)
{
    struct configure configure = {.arena = arena, .zones = map_new(arena, 16)};
    const struct storage_receiver stores = {.row = receive_store, .context = &configure};
    const struct storage_receiver employees = {.row = receive_employee, .context = &configure};
    const struct storage_receiver kinds = {.row = receive_kind, .context = &configure};
    enum status status = storage_run(session, &query_events_stores_configure, NULL, 1, &stores, err);

    if (status == STATUS_OK)
        status = storage_run(session, &query_events_employees_configure, NULL, 1, &employees, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_events_kinds_configure, NULL, 1, &kinds, err);
    if (status != STATUS_OK)
        return status;
    set->stores = configure.stores;
    set->store_count = configure.store_count;
    inherit_zones(set, configure.stores);
    set->employees = configure.employees;
    set->employee_count = configure.employee_count;
    set->event_kinds = configure.kinds;
    set->event_kind_count = configure.kind_count;
    return configure_items(session, &configure, set, err);
}

/* ---- own sales ---- */

static enum status receive_seller(void *context, const struct storage_row *row, struct error *err)
{
    struct seller *seller = context;

    (void)err;
    seller->leader = row_integer(row, 0);
    seller->household = row_integer(row, 1);
    return STATUS_OK;
}

enum status seller_find(struct storage_session *session, const struct programme_set *set, struct text employee,
                        struct seller *out, struct error *err)
{
    const struct employee *who = employee.size > 0 ? employee_find(set, employee) : NULL;
    const struct storage_receiver receiver = {.row = receive_seller, .context = out};

    *out = (struct seller){.member = who != NULL ? who->member : 0};
    if (out->member == 0)
        return STATUS_OK;
    const struct storage_value values[] = {value_integer(id_bucket(out->member)), value_integer(out->member)};
    return storage_run(session, &query_events_seller_find, values, 1, &receiver, err);
}

/* ---- returns ---- */

struct text attribution_key(struct arena *arena, int64_t purchase)
{
    struct builder key = {.arena = arena};

    builder_integer(&key, purchase);
    return builder_done(&key);
}

enum status attribution_find(struct storage_session *session, struct arena *arena, int64_t purchase, int64_t *claim,
                             int64_t *member, struct error *err)
{
    return engine_claim_find(session, "attribution", attribution_key(arena, purchase), claim, member, err);
}

static enum status unknown_purchase(struct error *err)
{
    return error_set(err, STATUS_MISSING, "purchase.unknown", "purchase", "there is no such purchase");
}

/* Whoever's points paid for it gets them back, also when they have parted since; a contact gives back its part. */
static enum status name_payers(struct storage_session *session, struct command *command,
                               const struct past_event *purchase, struct arena *arena, struct error *err)
{
    struct purchase_facts facts;
    struct past_event *event;
    struct text wallet;
    int64_t points;
    enum status status = purchase_facts_read(arena, purchase->row.facts, &facts, err);

    if (status == STATUS_OK && facts.contact_share > 0)
        command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = facts.contact};
    if (status != STATUS_OK || facts.payment_count == 0)
        return status;
    status = engine_event(session, purchase->row.id, LOAD_FOLLOWERS, arena, &event, err);
    for (size_t f = 0; status == STATUS_OK && f < event->follower_count; f++)
        if (payment_read(&event->followers[f].row, arena, &wallet, &points))
            status = points_name_owners(command, &event->followers[f], err);
    return status;
}

struct preparation {
    struct storage_session *session;
    const struct programme_set *set;
    struct command *command;
    struct purchase_return *body;
    struct arena *arena;
};

static int add_claim(struct preparation *preparation, const char *kind, struct text key)
{
    struct command *command = preparation->command;

    if (command->claims == NULL)
        command->claims = arena_array(preparation->arena, COMMAND_CLAIMS_MAX, sizeof *command->claims);
    command->claims[command->claim_count] = (struct claim_key){.kind = kind, .key = key};
    return (int)command->claim_count++;
}

/* The gift cards that paid, which get it back. */
static enum status name_cards(struct preparation *preparation, const struct past_event *purchase, struct error *err)
{
    struct arena *arena = preparation->arena;
    struct purchase_facts facts;
    enum status status = purchase_facts_read(arena, purchase->row.facts, &facts, err);

    if (status != STATUS_OK || facts.card_count == 0)
        return status;
    struct gift_taker *takers = arena_array(arena, facts.card_count, sizeof *takers);
    for (size_t i = 0; i < facts.card_count; i++)
        takers[i] = (struct gift_taker){.card = facts.cards[i].card, .bucket = facts.cards[i].bucket};
    status = gift_takers_read(preparation->session, arena, takers, facts.card_count, err);
    for (size_t i = 0; i < facts.card_count && status == STATUS_OK; i++)
        if (takers[i].counter != NULL)
            status = gift_counter_name(preparation->command, takers[i].counter, err);
    preparation->body->takers = takers;
    preparation->body->taker_count = facts.card_count;
    return status;
}

static enum status prepare(struct preparation *preparation, int64_t id, struct error *err)
{
    struct command *command = preparation->command;
    struct arena *arena = preparation->arena;
    struct past_event *purchase;
    int64_t claim = 0, member = 0;
    enum status status = engine_event(preparation->session, id, 0, arena, &purchase, err);

    if (status == STATUS_MISSING || (status == STATUS_OK && !text_equals(purchase->row.kind, "purchase")))
        return unknown_purchase(err);
    if (status == STATUS_OK && purchase->row.member == 0)
        status = attribution_find(preparation->session, arena, id, &claim, &member, err);
    if (status == STATUS_OK && claim != 0)
        status = engine_event(preparation->session, claim, 0, arena, &purchase, err);
    if (status != STATUS_OK)
        return status;
    preparation->body->attribution_claim = preparation->body->receipt_claim = -1;
    if (purchase->row.member != 0) {
        command->subjects[command->subject_count++] =
            (struct subject){.by = SUBJECT_MEMBER, .id = purchase->row.member};
        status = name_payers(preparation->session, command, purchase, arena, err);
        if (status != STATUS_OK)
            return status;
    } else {
        preparation->body->attribution_claim = add_claim(preparation, "attribution", attribution_key(arena, id));
    }
    status = name_cards(preparation, purchase, err);
    if (status != STATUS_OK)
        return status;
    if (preparation->body->voids && purchase->row.receipt.size > 0)
        preparation->body->receipt_claim = add_claim(preparation, "receipt", purchase->row.receipt);
    command->events[0] = (struct event_reference){.id = purchase->row.id, .claim = -1};
    command->event_count = command->event_count > 0 ? command->event_count : 1;
    command->bucket = id_bucket(purchase->row.id);
    command->day = zone_day(programme_at(preparation->set, purchase->row.recorded_at)->zone, purchase->row.at);
    return return_counters(arena, purchase, command, err);
}

enum status return_prepare(struct storage_session *session, const struct programme_set *set, struct command *command,
                           int64_t id, struct arena *arena, struct error *err)
{
    struct preparation preparation = {session, set, command, command->body, arena};

    return prepare(&preparation, id, err);
}

enum status exchange_prepare(struct storage_session *session, const struct programme_set *set, struct command *command,
                             int64_t id, struct arena *arena, struct error *err)
{
    struct exchange *body = command->body;
    struct preparation preparation = {session, set, command, &body->back, arena};
    enum status status = prepare(&preparation, id, err);

    if (status != STATUS_OK)
        return status;
    body->buy.named = command->subject_count > 0;
    command->second_day_given = true;
    command->second_day = command->day;
    return STATUS_OK;
}

/* ---- events kept for days ---- */

enum status trace_put(struct storage_session *session, const struct custom_event *event, int64_t member, int64_t id,
                      struct error *err)
{
    const struct storage_value values[] = {
        value_integer(id_bucket(member)), value_integer(member),
        value_integer(event->at),         value_integer(id),
        value_text(event->kind),          value_text(event->store),
        value_text(event->channel),       value_text(event->properties),
    };

    return storage_run(session, &query_events_trace_put, values, 1, NULL, err);
}

enum status traces_purge(struct storage_session *session, const struct programme_set *set, int64_t now,
                         struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t k = 0; k < set->event_kind_count; k++) {
        const struct event_kind *kind = &set->event_kinds[k];
        for (int bucket = 0; kind->kept_days > 0 && bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
            const struct storage_value values[] = {value_integer(bucket), value_text(kind->name),
                                                   value_integer(now - kind->kept_days * INSTANT_DAY)};
            status = storage_run(session, &query_events_trace_purge, values, 1, NULL, err);
        }
    }
    return status;
}
