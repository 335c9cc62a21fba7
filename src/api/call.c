/* call.c: what a route asks of the framework. */
#include "api/call.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/audit.h"
#include "api/auth.h"
#include "api/internal.h"
#include "api/problem.h"
#include "api/write_store.h"
#include "foundation/mask.h"

static const struct request *request_of(const struct call *call)
{
    return (const struct request *)call;
}

static struct request *request_change(struct call *call)
{
    return (struct request *)call;
}

enum status call_path_id(const struct call *call, int index, const char *prefix, int64_t *out, struct error *err)
{
    assert(index >= 0 && index < CALL_PARAMETERS_MAX);
    if (!id_parse(prefix, call->parameters[index], out))
        return error_set(err, STATUS_MISSING, "path.unknown", "", "there is nothing with this id; it begins with '%s_'",
                         prefix);
    return STATUS_OK;
}

bool call_sees_store(const struct call *call, struct text store)
{
    return scope_sees(call->scope, store);
}

bool call_sees_user(const struct call *call, int64_t id)
{
    const struct scope *scope = auth_scope_of(request_of(call), id);
    return call->scope->whole || (scope != NULL && scope_covers(call->scope, scope));
}

bool call_sees_actor(const struct call *call, struct text actor)
{
    const struct scope *scope = auth_scope_of_actor(request_of(call), actor);
    return call->scope->whole || text_equal(actor, call->actor) || (scope != NULL && scope_covers(call->scope, scope));
}

void call_scopes_changed(struct call *call)
{
    auth_stale(call->api->auth);
}

struct text call_contact(const struct call *call, struct text value)
{
    return call_may(call, PERMISSION_MEMBERS_CONTACT) ? value : mask_contact(call->arena, value);
}

bool call_may(const struct call *call, enum permission permission)
{
    return (call->permissions & permission_bit(permission)) != 0;
}

/* Versions are entity tags of the form "v12" with their quotes. */
enum status call_if_match(const struct call *call, int64_t *version, struct error *err)
{
    struct text tag = call_header(call, "If-Match");
    *version = 0;
    if (tag.size == 0 || text_equals(tag, "*"))
        return STATUS_OK;
    struct text digits = {tag.bytes + 2, tag.size - 3};
    if (tag.size < 4 || memcmp(tag.bytes, "\"v", 2) != 0 || tag.bytes[tag.size - 1] != '"' ||
        !text_to_integer(digits, version))
        return error_set(err, STATUS_INVALID, "http.if_match", "If-Match",
                         "give in If-Match the ETag of an earlier reply");
    return STATUS_OK;
}

struct text call_body(const struct call *call)
{
    return request_of(call)->body;
}

int call_body_file(const struct call *call)
{
    return request_of(call)->exchange->body_file;
}

struct text call_header(const struct call *call, const char *name)
{
    return http_header(request_of(call)->exchange, name);
}

struct text call_idempotency_key(const struct call *call)
{
    return request_of(call)->idempotency_key;
}

/* ---- commands ---- */

static struct text render_reply(const struct command *command, struct arena *arena, int *http_status)
{
    struct item *item = ((const struct item_command *)command)->item;
    struct json_writer writer;
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    item->call->route->finish(item, &writer);
    writer_end(&writer);
    *http_status = item->status;
    return writer_done(&writer);
}

static void identify(const struct request *request, struct request_identity *out)
{
    const struct call *call = &request->call;
    struct builder scope = {.arena = call->arena};
    builder_text(&scope, call->actor);
    builder_char(&scope, ' ');
    builder_string(&scope, call->route->operation);
    out->scope = builder_done(&scope);
    out->key = request->idempotency_key;

    struct builder whole = {.arena = call->arena};
    builder_text(&whole, request->exchange->path);
    builder_char(&whole, '\n');
    builder_text(&whole, request->body);
    /* Under the key outside of the database: a body may hold a PIN, which could be guessed from a plain digest. */
    digest_keyed(engine_seal_key(call->engine), SEAL_KEY_SIZE, whole.bytes, whole.size, out->digest);
}

static void set_idempotency(struct command *command, const struct request *request)
{
    struct request_identity identity;
    identify(request, &identity);
    command->request_scope = identity.scope;
    command->request_key = identity.key;
    memcpy(command->request_digest, identity.digest, DIGEST_SIZE);
}

bool request_identify(const struct request *request, struct request_identity *out)
{
    if (!request->call.route->keeps_reply || request->idempotency_key.size == 0)
        return false;
    identify(request, out);
    return true;
}

struct command *item_command(struct item *item, const struct command_type *type, size_t body_size)
{
    struct call *call = item->call;
    assert(item->command == NULL && call->route->finish != NULL);
    struct item_command *made = arena_alloc(call->arena, sizeof *made);
    made->item = item;
    struct command *command = &made->command;
    command->type = type;
    command->body = arena_alloc(call->arena, body_size == 0 ? 1 : body_size);
    command->day = DAY_NONE;
    command->bucket = -1;
    command->actor = call->actor;
    command->arena = call->arena;
    command->render = render_reply;
    if (request_of(call)->idempotency_key.size > 0)
        set_idempotency(command, request_of(call));
    item->command = command;
    return command;
}

int command_claim(struct command *command, struct arena *arena, const char *kind, struct text key)
{
    assert(command->claim_count < COMMAND_CLAIMS_MAX && key.size <= CLAIM_KEY_SIZE_MAX);
    if (command->claims == NULL)
        command->claims = arena_array(arena, COMMAND_CLAIMS_MAX, sizeof *command->claims);
    struct claim_key *claim = &command->claims[command->claim_count];
    *claim = (struct claim_key){.kind = kind, .key = key};
    return (int)command->claim_count++;
}

int command_subject_member(struct command *command, int64_t member)
{
    assert(command->subject_count < COMMAND_SUBJECTS_MAX);
    command->subjects[command->subject_count] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    return (int)command->subject_count++;
}

int command_subject_claims(struct command *command, int first, int count)
{
    assert(command->subject_count < COMMAND_SUBJECTS_MAX);
    command->subjects[command->subject_count] = (struct subject){.by = SUBJECT_CLAIMS, .first = first, .count = count};
    return (int)command->subject_count++;
}

/* ---- sessions ---- */

enum status call_read_begin(struct call *call, struct storage_session **out, struct error *err)
{
    struct request *request = request_change(call);
    assert(request->read_session == NULL);
    enum status status = engine_read_begin(call->engine, out, err);
    if (status == STATUS_OK)
        request->read_session = *out;
    return status;
}

void call_read_end(struct call *call, struct storage_session *session)
{
    struct request *request = request_change(call);
    if (session == NULL)
        return;
    assert(request->read_session == session);
    request->read_session = NULL;
    engine_read_end(call->engine, session);
}

static enum status write_session(struct api *api, struct error *err)
{
    if (api->write_session != NULL)
        return STATUS_OK;
    return write_open(api->options.engine, &api->write_session, err);
}

enum status call_write_begin(struct call *call, struct storage_session **out, struct error *err)
{
    struct request *request = request_change(call);
    assert(request->write_session == NULL);
    pthread_mutex_lock(&call->api->write_lock);
    enum status status = write_session(call->api, err);
    if (status == STATUS_OK)
        status = write_begin(call->api->write_session, err);
    if (status != STATUS_OK) {
        pthread_mutex_unlock(&call->api->write_lock);
        return status;
    }
    request->write_session = *out = call->api->write_session;
    return STATUS_OK;
}

/* `status` as in write_end. */
static enum status finish_write(struct call *call, struct storage_session *session, enum status status,
                                struct error *err)
{
    struct request *request = request_change(call);
    assert(request->write_session == session);
    status = write_end(session, status, err);
    request->write_session = NULL;
    pthread_mutex_unlock(&call->api->write_lock);
    return status;
}

/* The object of the reply is still open: a copy of the writer closes it. */
static enum status keep_reply(struct call *call, struct storage_session *session, struct error *err)
{
    const struct request *request = request_of(call);
    struct request_identity identity;
    if (!request_identify(request, &identity))
        return STATUS_OK;
    struct json_writer writer = request->items[0].writer;
    writer_end(&writer);
    struct stored_reply reply = {.status = request->items[0].status, .body = writer_done(&writer)};
    return reply_keep(session, &identity, &reply, call->now, err);
}

enum status call_write_commit(struct call *call, struct storage_session *session, struct error *err)
{
    return finish_write(call, session, keep_reply(call, session, err), err);
}

void call_write_rollback(struct call *call, struct storage_session *session)
{
    (void)finish_write(call, session, STATUS_BUSY, NULL);
}

enum status call_audit(struct call *call, const char *what, int64_t subject, struct text before, struct text after,
                       struct error *err)
{
    struct storage_session *session = request_change(call)->write_session;
    assert(session != NULL);
    struct audit_entry entry = {.at = call->now,
                                .actor = call->actor,
                                .what = text_from(what),
                                .subject = subject,
                                .before = before,
                                .after = after};
    return audit_write(session, &entry, err);
}

/* ---- other replies ---- */

static const char *disposition(struct call *call, const char *name)
{
    struct builder header = {.arena = call->arena};
    builder_string(&header, "attachment; filename=\"");
    for (const char *c = name; *c != '\0'; c++)
        if (*c > ' ' && *c < 127 && *c != '"' && *c != '\\')
            builder_char(&header, *c);
    builder_char(&header, '"');
    return text_string(call->arena, builder_done(&header));
}

void call_reply_content(struct call *call, const char *content_type, struct text content, const char *name)
{
    struct request *request = request_change(call);
    request->reply.content_type = content_type;
    request->reply.body = content;
    if (name != NULL)
        call_reply_header(call, "Content-Disposition", disposition(call, name));
}

void call_reply_file(struct call *call, const char *content_type, int descriptor, const char *name)
{
    request_change(call)->reply.file = descriptor;
    call_reply_content(call, content_type, (struct text){NULL, 0}, name);
}

enum status call_temporary_file(struct call *call, const char **path, int *descriptor, struct error *err)
{
    const char *folder = getenv("TMPDIR");
    char *name = arena_format(call->arena, "%s/patron-%s", folder != NULL ? folder : "/tmp", "XXXXXX");
    *path = name;
    *descriptor = mkostemp(name, O_CLOEXEC);
    return *descriptor >= 0 ? STATUS_OK
                            : error_set(err, STATUS_IO, "export.open", "", "there is no place for the file");
}

struct http_stream *call_stream(struct call *call)
{
    struct request *request = request_change(call);
    assert(call->route->kind == REPLY_EVENTS && !request->streaming);
    request->streaming = true;
    return http_stream_new(request->exchange);
}

void call_reply_header(struct call *call, const char *name, const char *value)
{
    reply_header(&request_change(call)->reply, name, value);
}
