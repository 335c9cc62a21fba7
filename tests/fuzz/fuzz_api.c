/*
 * Any request to the whole framework and an engine of its own. The first line is the operation, a character for the
 * headers and the parameters of the path, as in "get_member - mbr_1"; the second is the query; the rest is the body. No
 * request may be a defect (500), and what says that it is JSON is JSON.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/internal.h"
#include "api/user.h"
#include "foundation/log.h"
#include "in_process.h"
#include "server/features.h"
#include "server/server.h"

enum { PATH_SIZE = 4096, LIMIT_BYTES = HTTP_ARENA_MAX };

int LLVMFuzzerInitialize(int *count, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct server_engine opened;
static struct api *api;
static char authorization[TOKEN_TEXT_SIZE + 16];
static char directory[] = "/dev/shm/patron-fuzz-XXXXXX";

/* Made at the start, as inputs too: without a programme and a member most requests would end early. */
static const char *const prepared[] = {
    "publish_programme 0\n\n{\"document\":{\"zone\":\"UTC\",\"currency\":\"USD\",\"wallets\":[{\"code\":\"points\","
    "\"transferable\":true,\"approval_limit\":1000,\"value\":{\"points\":100,\"amount\":\"1.00\"}},{\"code\":"
    "\"status\","
    "\"spendable\":false}],\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"1.00\"}]}}",
    "put_store 0 soho\n\n{\"name\":\"Soho\"}",
    "put_channel 0 pos\n\n{\"name\":\"Till\"}",
    "register_member 0\n\n{\"identifiers\":[{\"kind\":\"card\",\"value\":\"A1\"}]}",
    "register_member 0\n\n{\"identifiers\":[{\"kind\":\"card\",\"value\":\"A2\"}]}",
    "adjust 0\n\n{\"member\":{\"card\":\"A1\"},\"wallet\":\"points\",\"points\":900,\"reason\":\"a start\"}",
};

static void must(enum status status, const struct error *err)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "fuzz_api: %s: %s\n", err->code, err->message);
    abort();
}

/* Fuzzing may revoke the key in use: a new one follows. */
static void make_key(void)
{
    char token[TOKEN_TEXT_SIZE];
    int64_t id;
    struct error err;
    struct api_key key = {.name = TEXT("fuzz"), .scopes = (UINT64_C(1) << PERMISSION_COUNT) - 1};
    must(key_add(opened.engine, TEXT("fuzz"), &key, token, &id, &err), &err);
    snprintf(authorization, sizeof authorization, "Bearer %s", token);
}

static void remove_directory(void)
{
    char command[sizeof directory + 16];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    if (system(command) != 0)
        perror(command);
}

int LLVMFuzzerInitialize(int *count, char ***words)
{
    (void)count, (void)words;
    static char database[PATH_SIZE], files[PATH_SIZE];
    struct error err;
    struct jobs *jobs;
    if (mkdtemp(directory) == NULL)
        abort();
    atexit(remove_directory);
    snprintf(database, sizeof database, "%s/patron.db", directory);
    snprintf(files, sizeof files, "%s/files", directory);
    log_set_level(LOG_ERROR);
    must(server_engine_open(&(struct server_engine_options){.database = database, .create = true}, &opened, &err),
         &err);
    must(jobs_new(opened.engine, files, &jobs, &err), &err);
    must(api_new(
             &(struct api_options){
                 .engine = opened.engine, .jobs = jobs, .features = features, .feature_count = features_count},
             &api, &err),
         &err);
    make_key();
    for (size_t i = 0; i < sizeof prepared / sizeof prepared[0]; i++)
        (void)LLVMFuzzerTestOneInput((const uint8_t *)prepared[i], strlen(prepared[i]));
    return 0;
}

/* Takes one line off the front. */
static struct text take_line(struct text *rest)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->bytes, '\n', rest->size);
    struct text line = {rest->bytes, end == NULL ? rest->size : (size_t)(end - rest->bytes)};
    size_t taken = end == NULL ? line.size : line.size + 1;
    *rest = (struct text){taken == rest->size ? NULL : rest->bytes + taken, rest->size - taken};
    return line;
}

static struct text take_word(struct text *rest)
{
    size_t size = 0;
    while (size < rest->size && rest->bytes[size] != ' ')
        size++;
    struct text word = {rest->bytes, size};
    size_t taken = size < rest->size ? size + 1 : size;
    *rest = (struct text){taken == rest->size ? NULL : rest->bytes + taken, rest->size - taken};
    return word;
}

/* The path of the route with its {parameters} replaced by the words. */
static struct text fill_path(struct arena *arena, const char *path, struct text words)
{
    struct builder out = {.arena = arena};
    for (const char *at = path; *at != '\0'; at++) {
        if (*at != '{') {
            builder_char(&out, *at);
            continue;
        }
        builder_text(&out, take_word(&words));
        at = strchr(at, '}');
        assert(at != NULL);
    }
    return builder_done(&out);
}

static void check_reply(const struct http_reply *reply, const struct in_process_request *request)
{
    struct json_t *value;
    struct error err;
    bool json = reply->content_type != NULL && strstr(reply->content_type, "json") != NULL && reply->body.size > 0;
    bool valid = !json || json_parse(reply->body, &value, &err) == STATUS_OK;
    if (json && valid)
        json_release(value);
    if (valid && reply->status >= 200 && reply->status != 500 && reply->status < 600)
        return;
    fprintf(stderr, "fuzz_api: %s %.*s?%.*s answered %d %.*s\n", http_method_name(request->method),
            (int)request->path.size, request->path.bytes, (int)request->query.size, request->query.bytes, reply->status,
            (int)reply->body.size, reply->body.bytes);
    abort();
}

/* By its operation; another word is one of all the routes. */
static const struct route *choose_route(struct text word)
{
    size_t hash = 5381;
    for (size_t i = 0; i < word.size; i++)
        hash = hash * 33 + (unsigned char)word.bytes[i];
    for (size_t i = 0; i < router_count(api->router); i++)
        if (text_equals(word, router_at(api->router, i)->operation))
            return router_at(api->router, i);
    return router_at(api->router, hash % router_count(api->router));
}

/* Passwords are hashed slowly on purpose, which would leave no time for the rest. */
static bool is_slow(const struct route *route, unsigned choice)
{
    bool password = strstr(route->path, "/users") != NULL || strstr(route->path, "/sessions") != NULL;
    return password && route->method != HTTP_GET && choice % 32 != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct text rest = {(const char *)data, size};
    struct text words = take_line(&rest);
    const struct route *route = choose_route(take_word(&words));
    struct text choices = take_word(&words);
    unsigned choice = choices.size == 0 ? 0 : (unsigned char)choices.bytes[0];
    struct arena *arena = arena_new(LIMIT_BYTES);
    assert(arena != NULL);
    struct in_process_request request = {.method = route->method,
                                         .headers = {{"Authorization", choice == '!' ? "Bearer x" : authorization},
                                                     {choice & 2 ? "Idempotency-Key" : "Accept", "again"},
                                                     {choice & 4 ? "If-Match" : "Accept", "\"v1\""}}};
    request.path = fill_path(arena, route->path, words);
    request.query = take_line(&rest);
    request.body = rest;
    if (!is_slow(route, choice)) {
        struct http_reply reply = in_process_ask(arena, &request, api_handle, api);
        check_reply(&reply, &request);
        if (choice != '!' && reply.status == 401)
            make_key();
    }
    arena_free(arena);
    return 0;
}
