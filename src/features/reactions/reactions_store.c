/*
 * Following the journal for all reactions: what is new is read in one snapshot, the commands of a reaction are decided together,
 * then it is noted how far each came. What led to no command is noted once a second: it is no loss to read it again.
 */
#include "features/reactions/reactions_store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/loader.h"
#include "foundation/log.h"
#include "queries.h"

enum { NAME_SIZE = CODE_SIZE_MAX + 16, DRAIN_TRIES = 50, DRAIN_PAUSE_MS = 100, DRAIN_PASSES_AFTER = 20 };

/* What commands load stays until all of a pass are decided: a long journal is followed piece by piece. */
enum { PASS_COMMANDS = 512 };

#define PASS_BYTES ((size_t)256 << 20)
#define SAVE_EVERY INSTANT_SECOND

struct follower {
    const struct reaction *reaction;
    char reader[NAME_SIZE]; /* "reaction:challenges" */
    int64_t position[BUCKET_COUNT];
    int64_t saved[BUCKET_COUNT]; /* -1: there is no row */
    int first;                   /* bucket of the next pass: where the last one had enough */
};

struct reactions {
    struct engine *engine;
    struct arena *arena;
    struct storage_session *writer;
    struct follower *followers;
    size_t count;
    int64_t heads[BUCKET_COUNT];
    int64_t saved_at; /* of the time since boot */
};

/* ---- reading ---- */

static enum status receive_head(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    ((int64_t *)context)[row_integer(row, 0)] = row_integer(row, 1);
    return STATUS_OK;
}

static enum status receive_cursor(void *context, const struct storage_row *row, struct error *err)
{
    struct reactions *reactions = context;
    int64_t bucket = row_integer(row, 1), seq = row_integer(row, 2);

    (void)err;
    for (size_t i = 0; i < reactions->count; i++) {
        struct follower *follower = &reactions->followers[i];
        if (!text_equals(row_text(row, 0), follower->reader))
            continue;
        follower->saved[bucket] = seq;
        if (follower->position[bucket] < seq)
            follower->position[bucket] = seq;
    }
    return STATUS_OK;
}

static enum status read_ends(struct reactions *reactions, struct storage_session *session, struct error *err)
{
    const struct storage_receiver heads = {.row = receive_head, .context = reactions->heads};
    const struct storage_receiver cursors = {.row = receive_cursor, .context = reactions};
    enum status status = storage_run(session, &query_reactions_heads, NULL, 1, &heads, err);

    return status == STATUS_OK ? storage_run(session, &query_reactions_cursors, NULL, 1, &cursors, err) : status;
}

struct page {
    struct arena *arena;
    struct journal_row *rows;
    size_t count, capacity;
};

static enum status receive_row(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;

    (void)err;
    page->rows = arena_grow(page->arena, page->rows, &page->capacity, page->count + 1, sizeof *page->rows);
    page->rows[page->count] = (struct journal_row){0};
    journal_row_decode(row, page->arena, &page->rows[page->count++]);
    return STATUS_OK;
}

static bool wants(const struct reaction *reaction, struct text kind)
{
    if (reaction->kinds == NULL)
        return true;
    for (const char *const *name = reaction->kinds; *name != NULL; name++)
        if (text_equals(kind, *name))
            return true;
    return false;
}

/* `*reached` is the position after the page. */
static enum status read_bucket(struct reactions *reactions, const struct follower *follower, int bucket,
                               struct reaction_call *call, int64_t *reached, struct error *err)
{
    struct page page = {.arena = reactions->arena};
    const struct storage_receiver receiver = {.row = receive_row, .context = &page};
    const struct storage_value values[] = {value_integer(bucket), value_integer(follower->position[bucket]),
                                           value_integer(REACTION_PAGE)};
    enum status status = storage_run(call->session, &query_engine_journal_after, values, 1, &receiver, err);

    for (size_t i = 0; i < page.count && status == STATUS_OK; i++)
        if (wants(follower->reaction, page.rows[i].kind))
            status = follower->reaction->react(call, &page.rows[i], err);
    /* Not every number of a bucket is of a journal row: the head is the end, once the rows are. */
    *reached = page.count < REACTION_PAGE ? reactions->heads[bucket] : id_seq(page.rows[page.count - 1].id);
    return status;
}

/* From bucket to bucket until there is enough to do. */
static enum status read_buckets(struct reactions *reactions, struct follower *follower, bool needed,
                                struct reaction_call *call, int64_t reached[BUCKET_COUNT], struct error *err)
{
    enum status status = STATUS_OK;
    int first = follower->first;
    bool enough = false;

    for (int i = 0; i < BUCKET_COUNT && status == STATUS_OK; i++) {
        int bucket = (first + i) % BUCKET_COUNT;
        reached[bucket] = needed ? follower->position[bucket] : reactions->heads[bucket];
        if (!needed || enough || reactions->heads[bucket] <= follower->position[bucket])
            continue;
        status = read_bucket(reactions, follower, bucket, call, &reached[bucket], err);
        enough = call->command_count >= PASS_COMMANDS;
        follower->first = (bucket + 1) % BUCKET_COUNT;
    }
    return status;
}

/* ---- acting ---- */

/* Whether it may go otherwise at another time. */
static bool passes(enum status status)
{
    return status == STATUS_BUSY || status == STATUS_IO;
}

static enum status run_commands(const struct reaction_call *call, struct error *err)
{
    if (call->command_count == 0)
        return STATUS_OK;
    enum status status = engine_run(call->engine, call->commands, call->command_count, err);
    for (size_t i = 0; i < call->command_count && status == STATUS_OK; i++) {
        const struct command *command = call->commands[i];
        if (command->status == STATUS_OK)
            continue;
        if (passes(command->status)) {
            *err = command->error;
            return command->status;
        }
        log_event(LOG_WARNING, "reaction.refused", "%s (%.*s): %s: %s", call->reaction->name,
                  (int)command->claims[0].key.size, command->claims[0].key.bytes, command->error.code,
                  command->error.message);
    }
    return status;
}

static enum status follow(struct reactions *reactions, struct follower *follower, struct reaction_call *call,
                          bool *behind, struct error *err)
{
    int64_t reached[BUCKET_COUNT];
    struct storage_session *session;
    bool needed = true;
    enum status status = engine_read_begin(reactions->engine, &session, err);

    if (status != STATUS_OK)
        return status;
    call->session = session;
    /* Heads first: the rows of the page are at least those up to there. */
    status = read_ends(reactions, session, err);
    if (status == STATUS_OK && follower->reaction->needed != NULL)
        status = follower->reaction->needed(call, &needed, err);
    if (status == STATUS_OK)
        status = read_buckets(reactions, follower, needed, call, reached, err);
    engine_read_end(reactions->engine, session);
    call->session = NULL;
    if (status == STATUS_OK)
        status = run_commands(call, err);
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        if (follower->position[bucket] < reached[bucket])
            follower->position[bucket] = reached[bucket];
        *behind |= reached[bucket] < reactions->heads[bucket];
    }
    *behind |= call->command_count > 0;
    return status;
}

static bool is_behind(const struct reactions *reactions, const struct follower *follower)
{
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        if (follower->position[bucket] < reactions->heads[bucket])
            return true;
    return false;
}

static void pass_over(const struct reactions *reactions, struct follower *follower)
{
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        if (follower->position[bucket] < reactions->heads[bucket])
            follower->position[bucket] = reactions->heads[bucket];
}

/* ---- keeping ---- */

static enum status write_moves(struct reactions *reactions, const struct storage_value *values, size_t count,
                               struct error *err)
{
    enum status status = STATUS_OK;

    if (reactions->writer == NULL)
        status = storage_session_new(engine_storage(reactions->engine), false, &reactions->writer, err);
    if (status != STATUS_OK)
        return status;
    status = storage_begin(reactions->writer, err);
    if (status == STATUS_OK)
        status = storage_send(reactions->writer, &query_reactions_cursors_move, values, count, NULL, err);
    if (status == STATUS_OK)
        status = storage_commit(reactions->writer, err);
    if (status != STATUS_OK)
        storage_rollback(reactions->writer);
    return status;
}

static enum status save(struct reactions *reactions, struct error *err)
{
    size_t count = 0;
    struct storage_value *values =
        arena_array(reactions->arena, reactions->count * BUCKET_COUNT * 3 + 1, sizeof *values);

    for (size_t i = 0; i < reactions->count; i++) {
        const struct follower *follower = &reactions->followers[i];
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
            if (follower->position[bucket] <= follower->saved[bucket])
                continue;
            values[count * 3] = value_integer(bucket);
            values[count * 3 + 1] = value_string(follower->reader);
            values[count++ * 3 + 2] = value_integer(follower->position[bucket]);
        }
    }
    reactions->saved_at = clock_boot(engine_clock(reactions->engine));
    enum status status = count > 0 ? write_moves(reactions, values, count, err) : STATUS_OK;
    for (size_t i = 0; i < reactions->count && status == STATUS_OK; i++)
        memcpy(reactions->followers[i].saved, reactions->followers[i].position, sizeof reactions->followers[i].saved);
    return status;
}

/* ---- one pass ---- */

static enum status look(struct reactions *reactions, struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(reactions->engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = read_ends(reactions, session, err);
    engine_read_end(reactions->engine, session);
    return status;
}

static enum status pass_one(struct reactions *reactions, struct follower *follower, bool *behind, bool *acted,
                            struct error *err)
{
    struct configuration configuration = engine_configuration(reactions->engine);
    struct reaction_call call = {.reaction = follower->reaction,
                                 .engine = reactions->engine,
                                 .programmes = configuration.programmes,
                                 .arena = reactions->arena};
    enum status status = STATUS_OK;

    arena_reset(reactions->arena);
    if (follower->reaction->idle != NULL && follower->reaction->idle(configuration.programmes))
        pass_over(reactions, follower);
    else
        status = follow(reactions, follower, &call, behind, err);
    *acted |= call.command_count > 0;
    engine_configuration_release(reactions->engine, configuration);
    return status;
}

enum status reactions_pass(struct reactions *reactions, bool *behind, struct error *err)
{
    struct error failure;
    bool acted = false;
    enum status status = look(reactions, err);

    *behind = false;
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < reactions->count; i++) {
        if (!is_behind(reactions, &reactions->followers[i]))
            continue;
        enum status one = pass_one(reactions, &reactions->followers[i], behind, &acted, &failure);
        if (one != STATUS_OK && status == STATUS_OK) {
            status = one;
            *err = failure;
        }
    }
    arena_reset(reactions->arena);
    if (acted || clock_boot(engine_clock(reactions->engine)) - reactions->saved_at >= SAVE_EVERY) {
        enum status saved = save(reactions, &failure);
        if (saved != STATUS_OK && status == STATUS_OK) {
            status = saved;
            *err = failure;
        }
    }
    return status;
}

/* ---- life ---- */

enum status reactions_new(struct engine *engine, const struct reaction *const *list, size_t count,
                          struct reactions **out, struct error *err)
{
    assert(count <= REACTIONS_MAX);
    struct reactions *reactions = calloc(1, sizeof *reactions);
    struct follower *followers = calloc(count + 1, sizeof *followers);
    struct arena *arena = arena_new(PASS_BYTES);

    if (reactions == NULL || followers == NULL || arena == NULL) {
        free(reactions);
        free(followers);
        arena_free(arena);
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for reactions");
    }
    *reactions = (struct reactions){.engine = engine, .arena = arena, .followers = followers, .count = count};
    for (size_t i = 0; i < count; i++) {
        assert(strlen(list[i]->name) <= CODE_SIZE_MAX);
        followers[i].reaction = list[i];
        snprintf(followers[i].reader, NAME_SIZE, "reaction:%s", list[i]->name);
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
            followers[i].saved[bucket] = -1;
    }
    *out = reactions;
    return STATUS_OK;
}

void reactions_free(struct reactions *reactions)
{
    struct error error;

    if (reactions == NULL)
        return;
    arena_reset(reactions->arena);
    if (save(reactions, &error) != STATUS_OK)
        log_event(LOG_WARNING, "reaction.failed", "%s: %s", error.code, error.message);
    storage_session_free(reactions->writer);
    arena_free(reactions->arena);
    free(reactions->followers);
    free(reactions);
}

/* Ends when nothing is new, or what was there at the start and a little of what others write meanwhile was followed. */
static enum status drain(struct reactions *reactions, struct error *err)
{
    int64_t ends[BUCKET_COUNT];
    bool behind = true;
    int after = 0, tries = 0;
    enum status status = look(reactions, err);

    memcpy(ends, reactions->heads, sizeof ends);
    while (status == STATUS_OK && behind && after < DRAIN_PASSES_AFTER) {
        status = reactions_pass(reactions, &behind, err);
        bool reached = true;
        for (size_t i = 0; i < reactions->count; i++)
            for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
                reached &= reactions->followers[i].position[bucket] >= ends[bucket];
        after += reached;
        if (passes(status) && ++tries < DRAIN_TRIES) {
            const struct timespec pause = {0, DRAIN_PAUSE_MS * 1000000L};
            nanosleep(&pause, NULL);
            status = STATUS_OK;
            behind = true;
        }
    }
    return status;
}

enum status reactions_drain(struct engine *engine, const struct reaction *const *list, size_t count, struct error *err)
{
    struct reactions *reactions;
    enum status status = reactions_new(engine, list, count, &reactions, err);

    if (status != STATUS_OK)
        return status;
    status = drain(reactions, err);
    reactions_free(reactions);
    return status;
}

/* ---- posting ---- */

struct command *reaction_command(struct reaction_call *call, const struct journal_row *row, const char *part,
                                 const struct command_type *type, size_t body_size)
{
    struct command *command = arena_alloc(call->arena, sizeof *command);
    struct claim_key *claims = arena_array(call->arena, COMMAND_CLAIMS_MAX, sizeof *claims);

    claims[0] = (struct claim_key){.kind = REACTION_CLAIM,
                                   .key = reaction_key(call->arena, call->reaction->name, row->id, part)};
    command->type = type;
    command->body = arena_alloc(call->arena, body_size);
    command->claims = claims;
    command->claim_count = 1;
    command->day = DAY_NONE;
    command->bucket = row->member == 0 ? id_bucket(row->id) : -1;
    command->arena = call->arena;
    if (row->member != 0)
        command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = row->member};
    call->commands = arena_grow(call->arena, call->commands, &call->command_capacity, call->command_count + 1,
                                sizeof(struct command *));
    call->commands[call->command_count++] = command;
    return command;
}

/* ---- for people ---- */

struct figures {
    struct arena *arena;
    struct reaction_figures *items;
    size_t count, capacity;
};

static enum status receive_figures(void *context, const struct storage_row *row, struct error *err)
{
    struct figures *figures = context;
    struct text reader = row_text_copy(row, 0, figures->arena);
    size_t prefix = strlen("reaction:");

    (void)err;
    figures->items =
        arena_grow(figures->arena, figures->items, &figures->capacity, figures->count + 1, sizeof *figures->items);
    figures->items[figures->count++] =
        (struct reaction_figures){{reader.bytes + prefix, reader.size - prefix}, row_integer(row, 1)};
    return STATUS_OK;
}

enum status reactions_read(struct storage_session *session, struct arena *arena, struct reaction_figures **out,
                           size_t *count, struct error *err)
{
    struct figures figures = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_figures, .context = &figures};
    enum status status = storage_run(session, &query_reactions_behind, NULL, 1, &receiver, err);

    *out = figures.items;
    *count = figures.count;
    return status;
}
