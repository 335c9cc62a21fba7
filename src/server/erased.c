#include "server/erased.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "features/customers/commands.h"
#include "features/customers/rows.h"
#include "features/customers/tombstones_store.h"
#include "foundation/encoding.h"
#include "foundation/instant.h"
#include "queries.h"
#include "storage/storage.h"

enum { ERASED_ARENA_SIZE = 1024 * 1024 * 1024, LINE_SIZE = 256, PATH_SIZE = 4096, HEADS_SKIPPED = 1000000 };

static enum status fail(const char *path, const char *what, struct error *err)
{
    return error_set(err, STATUS_IO, "erased.file", "", "the list of erased members, %s, cannot be %s: %s", path, what,
                     strerror(errno));
}

/* ---- the file ---- */

static bool read_line(char *line, struct tombstone *out)
{
    line[strcspn(line, "\r\n")] = '\0';
    char *space = strchr(line, ' ');
    return space != NULL && hex_decode((struct text){line, (size_t)(space - line)}, out->hash, DIGEST_SIZE) &&
           instant_parse(text_from(space + 1), &out->at);
}

static enum status read_file(const char *path, struct tombstones *out, struct error *err)
{
    char line[LINE_SIZE];
    enum status status = STATUS_OK;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? STATUS_OK : fail(path, "read", err);
    while (status == STATUS_OK && fgets(line, sizeof line, file) != NULL) {
        struct tombstone tombstone;
        if (read_line(line, &tombstone))
            tombstones_add(out, &tombstone);
        else
            status = error_set(err, STATUS_IO, "erased.file", "", "%s is not a list of erased members", path);
    }
    if (status == STATUS_OK && ferror(file))
        status = fail(path, "read", err);
    fclose(file);
    return status;
}

/* The whole list appears at once, so that a crash never leaves half of it. */
static enum status write_file(const char *path, const struct tombstones *tombstones, struct error *err)
{
    char temporary[PATH_SIZE + 16];
    snprintf(temporary, sizeof temporary, "%.*s.%ld", PATH_SIZE, path, (long)getpid());
    FILE *file = fopen(temporary, "we");
    if (file == NULL)
        return fail(path, "written", err);
    for (size_t i = 0; i < map_count(tombstones->by_hash); i++) {
        const struct tombstone *tombstone = map_value_at(tombstones->by_hash, i);
        char hash[DIGEST_SIZE * 2 + 1], at[INSTANT_TEXT_SIZE];
        fprintf(file, "%s %s\n", hex_encode(tombstone->hash, DIGEST_SIZE, hash), instant_format(tombstone->at, at));
    }
    bool written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    written &= fclose(file) == 0;
    enum status status = written && rename(temporary, path) == 0 ? STATUS_OK : fail(path, "written", err);
    if (status != STATUS_OK)
        unlink(temporary);
    return status;
}

/* ---- the database ---- */

static enum status read_database(struct engine *engine, struct tombstones *out, struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = tombstones_read(session, out, err);
    engine_read_end(engine, session);
    return status;
}

static enum status save(struct engine *engine, const char *path, struct arena *arena, struct error *err)
{
    struct tombstones list = tombstones_new(arena);
    enum status status = read_file(path, &list, err);
    size_t before = map_count(list.by_hash);
    if (status == STATUS_OK)
        status = read_database(engine, &list, err);
    if (status != STATUS_OK || map_count(list.by_hash) == before)
        return status;
    return write_file(path, &list, err);
}

enum status erased_save(struct engine *engine, const char *path, struct error *err)
{
    struct arena *arena = arena_new(ERASED_ARENA_SIZE);
    enum status status = save(engine, path, arena, err);
    arena_free(arena);
    return status;
}

/* ---- erasing again ---- */

static enum status run_command(struct engine *engine, struct arena *arena, struct command *command, int64_t member,
                               struct error *err)
{
    struct command *list[] = {command};
    command->actor = TEXT("restore");
    command->arena = arena;
    command->day = DAY_NONE;
    command->bucket = -1;
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    enum status status = engine_run(engine, list, 1, err);
    if (status == STATUS_OK && command->status != STATUS_OK)
        *err = command->error;
    return status == STATUS_OK ? command->status : status;
}

/* Whether the member is one person with somebody who is not on the list: they were parted before the erasure. */
static enum status read_joined(struct engine *engine, const struct tombstones *list, int64_t member, bool *joined,
                               struct error *err)
{
    struct storage_session *session;
    struct person person;
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(engine, session, member, list->arena, &person, err);
    *joined = false;
    for (size_t i = 0; status == STATUS_OK && i < person.group->member_count; i++) {
        const struct member *other = &person.group->members[i];
        unsigned char hash[DIGEST_SIZE];
        tombstone_hash_member(engine_seal_key(engine), other->salt, hash);
        *joined |= other->leader == person.leader->id && !tombstones_have(list, hash);
    }
    engine_read_end(engine, session);
    return status;
}

static enum status erase(struct engine *engine, const struct tombstones *list, int64_t member, struct error *err)
{
    bool joined = false;
    enum status status = read_joined(engine, list, member, &joined, err);
    while (status == STATUS_OK && joined) {
        struct unmerge_members *unmerge = arena_alloc(list->arena, sizeof *unmerge);
        struct command command = {.type = &unmerge_members_type, .body = unmerge};
        unmerge->load.parts[0] = PART_LINKS | PART_DAYS | PART_HOUSEHOLD;
        status = run_command(engine, list->arena, &command, member, err);
        if (status == STATUS_OK)
            status = read_joined(engine, list, member, &joined, err);
    }
    if (status == STATUS_OK) {
        struct erase_member *body = arena_alloc(list->arena, sizeof *body);
        struct command command = {.type = &erase_member_type, .body = body};
        body->load.parts[0] = PART_IDENTIFIERS | PART_HOUSEHOLD;
        status = run_command(engine, list->arena, &command, member, err);
    }
    /* With the person of a member before it. */
    return status == STATUS_MISSING && strcmp(err->code, "member.erased") == 0 ? STATUS_OK : status;
}

static enum status find_members(struct engine *engine, const struct tombstones *list, struct member_ids *out,
                                struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++)
        status = tombstones_find_members(session, list, engine_seal_key(engine), bucket, out, err);
    engine_read_end(engine, session);
    return status;
}

static enum status write_all(struct engine *engine, const struct tombstones *list, struct error *err)
{
    struct storage_session *session;
    size_t next = 0;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);
    if (status != STATUS_OK)
        return status;
    while (status == STATUS_OK && next < map_count(list->by_hash))
        status = tombstones_write(session, list, &next, err);
    storage_session_free(session);
    return status;
}

/* The tombstones are written last: begun again after a crash, all is done again. */
static enum status apply(struct engine *engine, const char *path, struct arena *arena, int64_t *members,
                         struct error *err)
{
    struct tombstones list = tombstones_new(arena), all = tombstones_new(arena);
    struct member_ids found = {.items = NULL};
    enum status status = read_file(path, &list, err);
    if (status == STATUS_OK && map_count(list.by_hash) > 0)
        status = read_database(engine, &all, err);
    size_t of_database = map_count(all.by_hash);
    for (size_t i = 0; status == STATUS_OK && i < map_count(list.by_hash); i++)
        tombstones_add(&all, map_value_at(list.by_hash, i));
    if (status != STATUS_OK || map_count(all.by_hash) == of_database)
        return status;
    status = restore_heads(engine, err);
    if (status == STATUS_OK)
        status = find_members(engine, &list, &found, err);
    for (size_t i = 0; status == STATUS_OK && i < found.count; i++)
        status = erase(engine, &list, found.items[i], err);
    if (status == STATUS_OK)
        status = write_all(engine, &list, err);
    if (status == STATUS_OK)
        *members = (int64_t)found.count;
    return status;
}

enum status erased_apply(struct engine *engine, const char *path, int64_t *members, struct error *err)
{
    struct arena *arena = arena_new(ERASED_ARENA_SIZE);
    *members = 0;
    enum status status = apply(engine, path, arena, members, err);
    arena_free(arena);
    return status;
}

enum status restore_heads(struct engine *engine, struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);
    if (status != STATUS_OK)
        return status;
    status = storage_begin(session, err);
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(HEADS_SKIPPED)};
        status = storage_run(session, &query_engine_head_skip, values, 1, NULL, err);
    }
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    else
        storage_rollback(session);
    storage_session_free(session);
    return status;
}
