#include "product.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "features/coupons/coupons.h"
#include "features/earning/accrual.h"
#include "features/entitlements/benefit.h"
#include "features/events/events_store.h"
#include "features/offers/offer.h"
#include "features/points/ledger.h"
#include "features/points/verify.h"
#include "features/programme/programme.h"
#include "queries.h"

enum { LISTS = 4 }; /* kinds of definitions */

static const unsigned char seal_key[SEAL_KEY_SIZE] = "a key for tests, thirty-two byte";
static const struct programme_rules *current_rules; /* the hook has no context of its own */

void product_fail(const struct error *error, const char *where)
{
    fprintf(stderr, "%s: %s: %s\n", where, error->code, error->message);
    exit(2);
}

/* A definition that was drawn, in force at all times. */
static enum status publish(struct arena *arena, const struct programme_set *set, struct definition_list *list,
                           const char *code, const char *document, struct error *err)
{
    const struct definition_input input = {.arena = arena,
                                           .code = text_from(code),
                                           .document = text_copy(arena, text_from(document)),
                                           .programme = &set->versions[0],
                                           .programmes = set,
                                           .saving = true};
    struct definition *items = arena_array(arena, list->count + 1, sizeof *items);

    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    struct definition *item = &items[list->count++];
    *item = (struct definition){
        .code = input.code, .version = 1, .from = INT64_MIN, .until = INSTANT_NEVER, .document = input.document};
    return list->kind->parse(&input, &item->parsed, err);
}

static enum status publish_drawn(struct arena *arena, struct programme_set *set, struct error *err)
{
    struct definition_list *lists = arena_array(arena, LISTS, sizeof *lists);
    struct definition_set *definitions = arena_alloc(arena, sizeof *definitions);
    enum status status = STATUS_OK;
    char document[2048];

    lists[0].kind = &earning_rule_kind;
    lists[1].kind = &benefit_kind;
    lists[2].kind = &coupon_series_kind;
    lists[3].kind = &offer_kind;
    for (int a = 0; a < ACCRUALS && current_rules->accruals[a].code != NULL && status == STATUS_OK; a++) {
        accrual_document(current_rules, a, document, sizeof document);
        status = publish(arena, set, &lists[0], current_rules->accruals[a].code, document, err);
    }
    for (int b = 0; b < BOOSTS && current_rules->boosts[b].code != NULL && status == STATUS_OK; b++) {
        boost_document(current_rules, b, document, sizeof document);
        status = publish(arena, set, &lists[1], current_rules->boosts[b].code, document, err);
    }
    if (status == STATUS_OK)
        status = publish(arena, set, &lists[2], "drawn", SERIES_DOCUMENT, err);
    for (int o = 0; o < OFFERS && current_rules->offers[o].code != NULL && status == STATUS_OK; o++) {
        offer_document(current_rules, o, document, sizeof document);
        status = publish(arena, set, &lists[3], current_rules->offers[o].code, document, err);
    }
    for (int i = 0; i < LISTS && status == STATUS_OK; i++)
        status = lists[i].kind->index(arena, lists[i].items, lists[i].count, &lists[i].index, err);
    *definitions = (struct definition_set){lists, LISTS};
    set->definitions = definitions;
    return status;
}

static enum status configure(struct storage_session *session, struct arena *arena, const struct programme_set **out,
                             struct error *err)
{
    struct programme *versions = arena_array(arena, VERSIONS, sizeof *versions);
    struct programme_set *set = arena_alloc(arena, sizeof *set);
    char document[8192];

    for (int i = 0; i < VERSIONS; i++) {
        world_document(current_rules, i, document, sizeof document);
        enum status status = programme_parse(arena, text_from(document), &versions[i], err);
        if (status != STATUS_OK)
            return status;
        versions[i].version = i + 1;
        versions[i].effective_at = i == 0 ? INT64_MIN : SECOND_VERSION_AT;
    }
    set->versions = versions;
    set->version_count = VERSIONS;
    *out = set;
    enum status status = events_configure(session, arena, set, err);
    return status == STATUS_OK ? publish_drawn(arena, set, err) : status;
}

static const struct engine_hooks hooks = {.advance = points_advance, .configure = configure};

static int64_t read_clock(void *context)
{
    return ((const struct product *)context)->now;
}

static void empty_postgres(const char *database)
{
    PGconn *server = PQconnectdb(database);
    PGresult *result =
        PQexec(server, "SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public");

    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fprintf(stderr, "%s", PQerrorMessage(server));
        exit(2);
    }
    PQclear(result);
    PQfinish(server);
}

void product_start(struct product *product, const struct programme_rules *rules, const char *database)
{
    struct error error;

    *product = (struct product){.now = START, .database = database};
    current_rules = rules;
    product->clock = (struct clock){read_clock, read_clock, product};
    product->arena = arena_new((size_t)1 << 30);
    if (secret_start(&error) != STATUS_OK)
        product_fail(&error, "start");
    if (database != NULL) {
        empty_postgres(database);
    } else {
        /* In memory where there is such a folder: the simulation is about decisions, not about disks. */
        snprintf(product->folder, sizeof product->folder, "%s/patron-simulation-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (mkdtemp(product->folder) == NULL)
            exit(2);
        snprintf(product->path, sizeof product->path, "%s/patron.db", product->folder);
    }
    const struct storage_options options = {
        .schema = &storage_schema, .database = database != NULL ? database : product->path, .create = true};
    if (storage_open(&options, &product->storage, &error) != STATUS_OK)
        product_fail(&error, "open");
    /* One lane: what is decided first must be known. */
    const struct engine_options engine = {
        .storage = product->storage, .hooks = &hooks, .clock = &product->clock, .seal_key = seal_key, .lanes = 1};
    if (engine_start(&engine, &product->engine, &error) != STATUS_OK)
        product_fail(&error, "start");
}

void product_stop(struct product *product)
{
    char command[128];

    engine_stop(product->engine);
    storage_close(product->storage);
    arena_free(product->arena);
    if (product->folder[0] == '\0')
        return;
    snprintf(command, sizeof command, "rm -rf %s", product->folder);
    if (system(command) != 0)
        exit(2);
}

void product_run(struct product *product, struct slot *slots, size_t count)
{
    struct command *commands[SUBMISSION_MAX];
    struct error error;

    for (size_t i = 0; i < count; i++)
        commands[i] = &slots[i].command;
    if (engine_run(product->engine, commands, count, &error) != STATUS_OK)
        product_fail(&error, "run");
}

void product_sweep(struct product *product)
{
    struct error error;

    if (engine_sweep(product->engine, &error) != STATUS_OK)
        product_fail(&error, "sweep");
}

/* ---- ids of lots ---- */

/* The lots that an event made, in the order in which it made them: 0 past the last. */
static int64_t made_lot(const struct past_event *event, int64_t member, const char *wallet, int ordinal)
{
    for (size_t i = 0; i < event->row.movement_count; i++) {
        const struct movement *movement = &event->row.movements[i];
        bool made = movement->lot != 0 && movement->member == member && text_equals(movement->wallet, wallet) &&
                    (movement->credit == ACCOUNT_ACTIVE || movement->credit == ACCOUNT_PENDING);
        if (made && ordinal-- == 0)
            return movement->lot;
    }
    return 0;
}

static void learn_lot(struct product *product, struct storage_session *session, struct model *model, int index)
{
    struct model_lot *lot = &model->lots[index];
    struct past_event *event;
    struct error error;
    int ordinal = 0;

    if (lot->real != 0)
        return;
    for (int i = index - 1; i >= 0 && i > index - 1000; i--)
        ordinal += model->lots[i].event == lot->event && model->lots[i].wallet == lot->wallet;
    if (engine_event(session, model->events[lot->event].real, 0, product->arena, &event, &error) != STATUS_OK)
        product_fail(&error, "event of a lot");
    lot->real = made_lot(event, model->members[lot->member].real, model->rules->wallets[lot->wallet].code, ordinal);
}

void product_learn_lots(struct product *product, struct model *model, int transfer)
{
    const struct model_event *event = &model->events[transfer];
    struct storage_session *session;
    struct error error;

    arena_reset(product->arena);
    if (engine_read_begin(product->engine, &session, &error) != STATUS_OK)
        product_fail(&error, "read");
    /* With each the others of its event: they, too, are equal to what arrives. */
    for (int i = 0; i < event->part_count; i++)
        for (int l = 0; l < model->lot_count; l++)
            if (model->lots[l].event == model->lots[event->parts[i].lot].event)
                learn_lot(product, session, model, l);
    for (int i = model->lot_count - 1; i >= 0 && i >= model->lot_count - 1000; i--)
        if (model->lots[i].event == transfer)
            learn_lot(product, session, model, i);
    engine_read_end(product->engine, session);
}

bool product_verify(struct product *product)
{
    struct verify_report report;
    struct error error;
    const struct verify_options options = {.storage = product->storage, .seal_key = seal_key};

    if (verify_run(&options, &report, &error) != STATUS_OK)
        product_fail(&error, "verify");
    if (!report.clean)
        snprintf(product->difference, sizeof product->difference, "verify: bucket %d, %s %s: %s", report.bucket,
                 report.table, report.key, report.what);
    return report.clean;
}
