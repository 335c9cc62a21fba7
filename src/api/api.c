/* api.c: one request from the moment it is whole to its reply. */
#include "api/api.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "api/auth.h"
#include "api/body.h"
#include "api/internal.h"
#include "api/metrics.h"
#include "api/problem.h"
#include "foundation/log.h"

enum { TRIES_MAX = 5 }; /* of commands that are prepared again */

static void answer(struct request *request)
{
    struct api *api = request->call.api;
    const struct http_exchange *exchange = request->exchange;
    metrics_count(api->metrics, request->call.route, request->reply.status, exchange->started_at);
    if (request->configuration.handle != NULL || request->configuration.programmes != NULL)
        engine_configuration_release(request->call.engine, request->configuration);
    auth_leave(request);
    if (request->streaming)
        http_answer_stream(request->exchange);
    else
        http_answer(request->exchange, &request->reply);
}

static void answer_problem(struct request *request, const struct error *error, const struct item *item)
{
    if (error_code_of(error).http_status == 500)
        log_event(LOG_ERROR, "api.defect", "%s: %s", error->code, error->message);
    request->reply.file = 0;
    problem_reply(request->call.arena, error, item, &request->reply);
    answer(request);
}

/* ---- replies ---- */

static int success_status(const struct item *item)
{
    const struct route *route = item->call->route;
    if (item->status != 0)
        return item->status;
    if (route->status != 0)
        return route->status;
    return route->kind == REPLY_NONE ? 204 : 200;
}

static void set_etag(struct request *request, const struct item *item)
{
    if (item->etag > 0)
        reply_header(&request->reply, "ETag", arena_format(request->call.arena, "\"v%lld\"", (long long)item->etag));
}

static void answer_replayed(struct request *request, int status, struct text body)
{
    reply_header(&request->reply, "Idempotency-Replayed", "true");
    /* 0: the usual status of the route. */
    request->reply.status = status != 0 ? status : success_status(&request->items[0]);
    request->reply.content_type = "application/json";
    request->reply.body = body;
    answer(request);
}

static void answer_one(struct request *request)
{
    struct item *item = &request->items[0];
    if (request->states[0].status != STATUS_OK) {
        answer_problem(request, &request->states[0].error, item);
        return;
    }
    enum reply_kind kind = request->call.route->kind;
    if (item->command != NULL && item->command->replayed) {
        answer_replayed(request, item->command->stored_status, item->command->stored_reply);
        return;
    }
    if (request->replayed.found) {
        answer_replayed(request, request->replayed.status, request->replayed.body);
        return;
    }
    bool object = kind == REPLY_OBJECT || kind == REPLY_PAGE;
    if (item->command != NULL && object) {
        writer_start(&item->writer, request->call.arena);
        writer_object(&item->writer, NULL);
        request->call.route->finish(item, &item->writer);
    }
    if (object && item->status != 304) { /* not modified: the client has it */
        writer_end(&item->writer);
        request->reply.content_type = "application/json";
        request->reply.body = writer_done(&item->writer);
    }
    request->reply.status = success_status(item);
    set_etag(request, item);
    answer(request);
}

static void write_item(struct json_writer *writer, const struct request *request, size_t index)
{
    struct item *item = &request->items[index];
    const struct item_state *state = &request->states[index];
    if (state->status != STATUS_OK) {
        writer_object(writer, NULL);
        writer_integer(writer, "status", error_code_of(&state->error).http_status);
        writer_object(writer, "problem");
        problem_write(writer, &state->error);
        if (request->call.route->explain != NULL && item->body != NULL)
            request->call.route->explain(item, writer);
        writer_end(writer);
        writer_end(writer);
    } else if (item->command != NULL) {
        writer_object(writer, NULL);
        if (request->call.route->kind == REPLY_OBJECT)
            request->call.route->finish(item, writer);
        writer_integer(writer, "status", success_status(item));
        writer_end(writer);
    } else {
        writer_integer(&item->writer, "status", success_status(item));
        writer_end(&item->writer);
        writer_raw(writer, NULL, writer_done(&item->writer));
    }
}

static void answer_array(struct request *request)
{
    struct json_writer writer;
    writer_start(&writer, request->call.arena);
    writer_list(&writer, NULL);
    for (size_t i = 0; i < request->item_count; i++)
        write_item(&writer, request, i);
    writer_end(&writer);
    request->reply.status = 200;
    request->reply.content_type = "application/json";
    request->reply.body = writer_done(&writer);
    answer(request);
}

static void finish_request(void *context, struct http_exchange *exchange);

/* On an engine thread: a worker writes the reply. */
static void commands_done(void *context)
{
    struct request *request = context;
    http_continue(request->exchange, finish_request);
}

/* ---- handling ---- */

static void end_sessions(struct request *request)
{
    if (request->read_session != NULL)
        call_read_end(&request->call, request->read_session);
    if (request->write_session != NULL)
        call_write_rollback(&request->call, request->write_session);
}

/* Looks for the reply to the same request before. */
static enum status find_reply(struct request *request, struct error *err)
{
    struct storage_session *session;
    struct request_identity identity;
    if (!request_identify(request, &identity))
        return STATUS_OK;
    enum status status = call_read_begin(&request->call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = reply_find(session, request->call.arena, &identity, &request->replayed, err);
    call_read_end(&request->call, session);
    return status;
}

/* A POST that writes by itself happens once for its Idempotency-Key: also when the same one wins meanwhile. */
static void handle_once(struct request *request, struct item *item, struct item_state *state)
{
    state->status = find_reply(request, &state->error);
    if (state->status != STATUS_OK || request->replayed.found)
        return;
    state->status = request->call.route->handle(&request->call, item, &state->error);
    end_sessions(request);
    if (state->status == STATUS_BUSY && find_reply(request, &state->error) == STATUS_OK && request->replayed.found)
        state->status = STATUS_OK;
}

static void handle_item(struct request *request, size_t index)
{
    struct item *item = &request->items[index];
    struct item_state *state = &request->states[index];
    if (state->status != STATUS_OK)
        return;
    enum reply_kind kind = request->call.route->kind;
    if (kind == REPLY_OBJECT || kind == REPLY_PAGE || request->array) {
        writer_start(&item->writer, request->call.arena);
        writer_object(&item->writer, NULL);
    }
    state->error = (struct error){.status = STATUS_OK};
    handle_once(request, item, state);
    if (state->status == STATUS_OK && item->command != NULL)
        request->commands[request->command_count++] = item->command;
}

/* What there is to be decided; without that the reply is written at once. */
static void submit(struct request *request)
{
    struct error error;
    struct completion completion = {.done = commands_done, .context = request};
    if (request->command_count == 0)
        finish_request(request->call.api, request->exchange);
    else if (engine_submit(request->call.engine, request->commands, request->command_count, completion, &error) !=
             STATUS_OK)
        answer_problem(request, &error, NULL);
}

static void handle_items(struct request *request)
{
    request->commands = arena_array(request->call.arena, request->item_count + 1, sizeof(struct command *));
    for (size_t i = 0; i < request->item_count; i++)
        handle_item(request, i);
    if (request->streaming) {
        request->reply.status = 200;
        answer(request);
        return;
    }
    submit(request);
}

/* ---- what became of the commands ---- */

static bool changed_meanwhile(const struct request *request, size_t index)
{
    const struct command *command = request->items[index].command;
    return request->states[index].status == STATUS_OK && command != NULL && command->status == STATUS_BUSY &&
           strcmp(command->error.code, request->call.route->again) == 0;
}

/* Commands for which things changed since they were prepared are prepared again. */
static bool submit_again(struct request *request)
{
    size_t found = 0;
    if (request->call.route->again == NULL || request->tries == TRIES_MAX)
        return false;
    request->command_count = 0;
    for (size_t i = 0; i < request->item_count; i++) {
        if (!changed_meanwhile(request, i))
            continue;
        found++;
        request->items[i].command = NULL;
        handle_item(request, i);
    }
    request->tries++;
    if (found == 0)
        return false;
    submit(request);
    return true;
}

static void finish_request(void *context, struct http_exchange *exchange)
{
    (void)context;
    struct request *request = exchange->user;
    if (submit_again(request))
        return;
    for (size_t i = 0; i < request->item_count; i++) {
        const struct command *command = request->items[i].command;
        if (request->states[i].status != STATUS_OK || command == NULL || command->status == STATUS_OK)
            continue;
        request->states[i].status = command->status;
        request->states[i].error = command->error;
    }
    if (request->array)
        answer_array(request);
    else
        answer_one(request);
}

static enum status check_idempotency(struct request *request, struct error *err)
{
    struct text key = http_header(request->exchange, "Idempotency-Key");
    if (key.size == 0)
        return STATUS_OK;
    if (key.size > 255 || !text_is_utf8(key))
        return error_set(err, STATUS_INVALID, "idempotency.key", "Idempotency-Key",
                         "an Idempotency-Key has at most 255 bytes of UTF-8");
    if (request->array)
        return error_set(err, STATUS_INVALID, "idempotency.array", "Idempotency-Key",
                         "the elements of an array are known by their own event id or receipt");
    request->idempotency_key = key;
    return STATUS_OK;
}

static enum status decode_parameters(struct request *request, const struct match *match, struct error *err)
{
    for (size_t i = 0; i < CALL_PARAMETERS_MAX && match->segments[i].size > 0; i++)
        if (!http_decode(request->call.arena, match->segments[i], false, &request->call.parameters[i]))
            return error_set(err, STATUS_INVALID, "http.path", "", "the address is not valid percent-encoded UTF-8");
    return STATUS_OK;
}

static void serve(struct request *request, const struct match *match)
{
    struct call *call = &request->call;
    struct error error;
    enum status status = auth_enter(call->api->auth, request, &error);
    if (status == STATUS_OK)
        status = decode_parameters(request, match, &error);
    if (status == STATUS_OK)
        status = scope_enter(request, &error);
    if (status == STATUS_OK)
        status = body_read_query(request, &error);
    if (status == STATUS_OK)
        status = body_read(request, &error);
    if (status == STATUS_OK)
        status = scope_enter_fields(request, &error);
    if (status == STATUS_OK)
        status = check_idempotency(request, &error);
    if (status != STATUS_OK) {
        answer_problem(request, &error, NULL);
        return;
    }
    request->configuration = engine_configuration(call->engine);
    call->programmes = request->configuration.programmes;
    handle_items(request);
}

/* No route: 404, 405 with Allow, or the answer to OPTIONS. */
static void answer_unrouted(struct request *request, const struct match *match)
{
    struct error error;
    if (match->allow[0] == '\0') {
        error_set(&error, STATUS_MISSING, "http.not_found", "", "there is nothing at this address");
        answer_problem(request, &error, NULL);
        return;
    }
    reply_header(&request->reply, "Allow", arena_string(request->call.arena, match->allow, strlen(match->allow)));
    if (request->exchange->method == HTTP_OPTIONS) {
        request->reply.status = 204;
        answer(request);
        return;
    }
    error_set(&error, STATUS_INVALID, "http.method", "", "this address takes %s", match->allow);
    answer_problem(request, &error, NULL);
}

void api_handle(void *context, struct http_exchange *exchange)
{
    struct api *api = context;
    struct request *request = arena_alloc(exchange->arena, sizeof *request);
    struct match match;
    exchange->user = request;
    request->exchange = exchange;
    request->body = exchange->body;
    request->call = (struct call){
        .arena = exchange->arena,
        .engine = api->options.engine,
        .now = clock_now(engine_clock(api->options.engine)),
        .jobs = api->options.jobs,
        .analyses = api->options.analyses,
        .api = api,
        .scope = &scope_of_nobody,
    };
    bool found = router_find(api->router, exchange->method, exchange->path, &match);
    request->call.route = match.route;
    if (found)
        serve(request, &match);
    else
        answer_unrouted(request, &match);
}

void api_refuse(void *context, struct arena *arena, const struct error *error, struct http_reply *reply)
{
    struct api *api = context;
    problem_reply(arena, error, NULL, reply);
    metrics_count(api->metrics, NULL, reply->status, 0);
}

int64_t api_body_limit(void *context, enum http_method method, struct text path)
{
    const struct api *api = context;
    struct match match;
    if (!router_find(api->router, method, path, &match) || match.route->raw_body_max == 0)
        return HTTP_BODY_MAX;
    return match.route->raw_body_max;
}
