#include "toy.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/loader.h"
#include "engine/seal.h"

static const unsigned char toy_key[SEAL_KEY_SIZE] = "a key for tests, thirty-two byte";

/* ---- the programme ---- */

static enum status expire(struct decision *decision, struct member *member, struct lot *lot)
{
    struct journal_row *row = journal_add(decision, member, 0, "expiry", lot->expires_at);

    movement_add(decision, row,
                 (struct movement){member->id, lot->wallet, ACCOUNT_ACTIVE, ACCOUNT_EXPIRED, lot->remaining, lot->id});
    struct wallet *wallet = member_wallet(decision, member, lot->wallet);
    wallet->active -= lot->remaining;
    wallet->changed = true;
    lot->remaining = 0;
    lot->changed = true;
    return STATUS_OK;
}

static enum status toy_advance(struct decision *decision, struct group *group, struct error *err)
{
    struct member *member = &group->members[0];

    (void)err;
    for (size_t i = 0; i < member->lot_count; i++)
        if (member->lots[i].remaining > 0 && member->lots[i].expires_at <= decision->now)
            expire(decision, member, &member->lots[i]);
    if (!member->lots_loaded)
        return STATUS_OK;
    member->standing.due_at = INSTANT_NEVER;
    for (size_t i = 0; i < member->lot_count; i++)
        if (member->lots[i].remaining > 0)
            standing_due(member, member->lots[i].expires_at);
    member->standing_changed = true;
    return STATUS_OK;
}

static enum status toy_configure(struct storage_session *session, struct arena *arena, const struct programme_set **out,
                                 struct error *err)
{
    (void)session;
    (void)err;
    *out = arena_alloc(arena, 1);
    return STATUS_OK;
}

static const struct engine_hooks toy_hooks = {.advance = toy_advance, .configure = toy_configure};

static void earn(struct decision *decision, struct member *member, struct toy *toy)
{
    struct journal_row *row = journal_add(decision, member, 0, "toy", decision->now);
    struct lot *lot = member_lot_add(decision, member);
    struct wallet *wallet = member_wallet(decision, member, TEXT("points"));

    lot->id = row->id;
    lot->wallet = TEXT("points");
    lot->earned_at = lot->active_at = decision->now;
    lot->expires_at = toy->expires_at;
    lot->amount = lot->remaining = toy->points;
    wallet->active += toy->points;
    wallet->changed = true;
    movement_add(decision, row,
                 (struct movement){member->id, lot->wallet, ACCOUNT_ISSUED, ACCOUNT_ACTIVE, toy->points, lot->id});
    standing_due(member, lot->expires_at);
    row->detail = TEXT("{\"note\":\"a personal remark\"}");
    if (toy->command.claim_count > 1)
        claim_take(decision, "receipt", toy->claims[1].key, row->id, member->id);
}

static enum status spend(struct decision *decision, struct member *member, int64_t points, struct error *err)
{
    struct wallet *wallet = member_wallet(decision, member, TEXT("points"));

    if (wallet->active < points)
        return error_set(err, STATUS_CONFLICT, "points.insufficient", "points", "there are %lld points",
                         (long long)wallet->active);
    struct journal_row *row = journal_add(decision, member, 0, "toy", decision->now);
    for (size_t i = 0; i < member->lot_count && points > 0; i++) {
        struct lot *lot = &member->lots[i];
        int64_t taken = lot->remaining < points ? lot->remaining : points;
        if (taken == 0)
            continue;
        lot->remaining -= taken;
        lot->changed = true;
        wallet->active -= taken;
        wallet->changed = true;
        points -= taken;
        movement_add(decision, row,
                     (struct movement){member->id, lot->wallet, ACCOUNT_ACTIVE, ACCOUNT_REDEEMED, taken, lot->id});
    }
    return STATUS_OK;
}

static enum status toy_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct toy *toy = command->body;
    struct member *member = decision->subjects[0].member;

    if (command->claim_count > 1 && command->claims[1].reference != 0)
        return error_set(err, STATUS_CONFLICT, "receipt.known", "receipt", "this receipt is known");
    if (member == NULL) {
        member = member_new(decision, 0, command->bucket, decision->now);
        claim_take(decision, "external", toy->claims[0].key, member->id, member->id);
    }
    if (toy->points < 0)
        return spend(decision, member, -toy->points, err);
    earn(decision, member, toy);
    return STATUS_OK;
}

static struct text toy_render(const struct command *command, struct arena *arena, int *http_status)
{
    *http_status = 201;
    return text_from(arena_format(arena, "{\"id\":%lld}", (long long)command->id));
}

static const struct command_type toy_type = {.name = "toy", .loads = LOAD_LOTS, .decide = toy_decide};

void toy_init(struct toy *toy, const char *name, int64_t points)
{
    memset(toy, 0, sizeof *toy);
    snprintf(toy->name, sizeof toy->name, "%s", name);
    toy->points = points;
    toy->expires_at = INSTANT_NEVER;
    toy->claims[0] = (struct claim_key){.kind = "external", .key = text_from(toy->name)};
    toy->command = (struct command){.type = &toy_type,
                                    .body = toy,
                                    .claims = toy->claims,
                                    .claim_count = 1,
                                    .subject_count = 1,
                                    .day = DAY_NONE,
                                    .bucket = claim_bucket("external", text_from(toy->name)),
                                    .render = toy_render};
    toy->command.subjects[0] = (struct subject){.by = SUBJECT_CLAIMS, .first = 0, .count = 1};
}

void toy_receipt(struct toy *toy, const char *receipt)
{
    snprintf(toy->receipt, sizeof toy->receipt, "%s", receipt);
    toy->claims[1] = (struct claim_key){.kind = "receipt", .key = text_from(toy->receipt)};
    toy->command.claim_count = 2;
}

/* ---- the world ---- */

static int64_t world_now(void *context)
{
    return atomic_load(&((struct toy_world *)context)->now);
}

static int64_t world_boot(void *context)
{
    return atomic_load(&((struct toy_world *)context)->boot);
}

void toy_forward(struct toy_world *world, int64_t microseconds)
{
    atomic_fetch_add(&world->boot, microseconds);
    atomic_fetch_add(&world->now, microseconds);
}

void toy_start(struct toy_world *world)
{
    const struct storage_options options = {.schema = &storage_schema, .database = world->database, .create = true};
    const struct engine_options engine = {
        .hooks = &toy_hooks, .clock = &world->clock, .seal_key = toy_key, .sweep = world->sweep};
    struct engine_options complete = engine;

    assert_ok(storage_open(&options, &world->storage, &failure));
    if (world->faulty)
        storage_inject(world->storage, &world->fault);
    complete.storage = world->storage;
    assert_ok(engine_start(&complete, &world->engine, &failure));
}

void toy_stop(struct toy_world *world)
{
    engine_stop(world->engine);
    storage_close(world->storage);
    world->engine = NULL;
    world->storage = NULL;
}

static void empty_postgres(const char *database)
{
    PGconn *server = PQconnectdb(database);
    PGresult *result =
        PQexec(server, "SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public");

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail_msg("%s", PQerrorMessage(server));
    PQclear(result);
    PQfinish(server);
}

int toy_setup(void **state)
{
    struct toy_world *world = calloc(1, sizeof *world);
    const char *address = getenv("PATRON_POSTGRES");

    assert_non_null(world);
    assert_ok(secret_start(&failure));
    snprintf(world->folder, sizeof world->folder, "/tmp/patron-engine-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    if (address != NULL) {
        snprintf(world->database, sizeof world->database, "%s", address);
        empty_postgres(address);
    } else {
        snprintf(world->database, sizeof world->database, "%s/test.db", world->folder);
    }
    world->clock = (struct clock){world_now, world_boot, world};
    atomic_store(&world->now, TOY_START);
    atomic_store(&world->fault.countdown, -1);
    toy_start(world);
    *state = world;
    return 0;
}

int toy_teardown(void **state)
{
    struct toy_world *world = *state;
    char command[128];

    toy_stop(world);
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    free(world);
    return system(command);
}

enum status toy_run(struct toy_world *world, struct toy *toy)
{
    struct command *command = &toy->command;

    assert_ok(engine_run(world->engine, &command, 1, &failure));
    return command->status;
}

int64_t toy_points(struct toy_world *world, const char *name)
{
    struct arena *arena = arena_new(1 << 24);
    struct storage_session *session = NULL;
    struct person person;
    int64_t reference, member;

    assert_ok(engine_read_begin(world->engine, &session, &failure));
    assert_ok(engine_claim_find(session, "external", text_from(name), &reference, &member, &failure));
    assert_ok(engine_view(world->engine, session, member, arena, &person, &failure));
    const struct wallet *wallet = member_wallet_find(person.member, TEXT("points"));
    int64_t points = wallet != NULL ? wallet->active : 0;
    engine_read_end(world->engine, session);
    arena_free(arena);
    return points;
}

/* ---- the journal ---- */

struct check {
    struct storage_session *session;
    struct arena *arena;
    unsigned char seals[BUCKET_COUNT][SEAL_SIZE];
    int64_t ids[BUCKET_COUNT];
    struct seal_buffer buffer;
    size_t count;
};

static enum status receive_seal(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    memcpy(context, row_text(row, 0).bytes, SEAL_SIZE);
    return STATUS_OK;
}

static enum status check_row(void *context, struct storage_session *session, const struct journal_row *row,
                             struct error *err)
{
    struct check *check = context;
    int bucket = id_bucket(row->id);
    unsigned char stored[SEAL_SIZE] = {0}, digest[DIGEST_SIZE];
    struct past_event *event;
    const struct storage_receiver receiver = {.row = receive_seal, .context = stored};
    const struct storage_value key[] = {value_integer(bucket), value_integer(id_seq(row->id))};

    assert_true(row->id > check->ids[bucket]);
    check->ids[bucket] = row->id;
    assert_ok(engine_event(session, row->id, 0, check->arena, &event, &failure));
    assert_ok(storage_run(session, &query_engine_journal_seal, key, 1, &receiver, &failure));
    bool detailed = event->row.detail.size > 0;
    if (detailed) {
        struct loader loader;
        struct id_list ids = {0};
        loader_start(&loader, session, check->arena);
        id_list_add(check->arena, &ids, row->member);
        assert_ok(loader_resolve(&loader, &ids, &failure));
        detail_digest(loader_found(&loader, row->member)->salt, event->row.detail, digest);
    }
    journal_seal(&check->buffer, toy_key, &event->row, detailed ? digest : NULL, check->seals[bucket]);
    assert_memory_equal(check->seals[bucket], stored, SEAL_SIZE);
    check->count++;
    (void)err;
    return STATUS_OK;
}

size_t toy_check_journal(struct toy_world *world)
{
    static int number;
    struct check check = {.arena = arena_new(1 << 28)};
    char name[32];
    size_t count = 0, more = 0;

    snprintf(name, sizeof name, "check-%d", ++number);
    const struct reader reader = {.name = name, .row = check_row, .context = &check, .limit = 100};
    assert_ok(engine_reader_run(world->engine, &reader, &count, &failure));
    assert_int_equal(count, check.count);
    assert_ok(engine_reader_run(world->engine, &reader, &more, &failure));
    assert_int_equal(more, 0);
    seal_buffer_release(&check.buffer);
    arena_free(check.arena);
    return count;
}
