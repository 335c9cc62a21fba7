/* The HTTP server over real sockets: a full queue, slow clients, limits, events. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/server.h"

struct scene {
    struct http_server *server;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;   /* handlers wait until it is */
    int waiting; /* handlers that do */
    struct http_stream *stream;
};

static void answer_text(struct http_exchange *exchange, int status, const char *text)
{
    struct http_reply reply = {.status = status, .content_type = "text/plain", .body = text_from(text)};
    http_answer(exchange, &reply);
}

static void handle_later(void *context, struct http_exchange *exchange)
{
    (void)context;
    answer_text(exchange, 200, "later");
}

/* /wait blocks its worker, /later continues on another turn, /events is a stream, the rest is echoed. */
static void handle(void *context, struct http_exchange *exchange)
{
    struct scene *scene = context;
    if (text_equals(exchange->path, "/wait")) {
        pthread_mutex_lock(&scene->lock);
        scene->waiting++;
        pthread_cond_broadcast(&scene->changed);
        while (!scene->open)
            pthread_cond_wait(&scene->changed, &scene->lock);
        pthread_mutex_unlock(&scene->lock);
        answer_text(exchange, 200, "waited");
    } else if (text_equals(exchange->path, "/later")) {
        http_continue(exchange, handle_later);
    } else if (text_equals(exchange->path, "/events")) {
        scene->stream = http_stream_new(exchange);
        http_stream_send(scene->stream, "hello", TEXT("1"));
        http_answer_stream(exchange);
    } else {
        struct http_reply reply = {.status = 200, .content_type = "text/plain", .body = exchange->body};
        if (exchange->body_file >= 0)
            reply.body = TEXT("spooled");
        http_answer(exchange, &reply);
    }
}

static void refuse(void *context, struct arena *arena, const struct error *error, struct http_reply *reply)
{
    (void)context;
    reply->status = error->status == STATUS_BUSY ? 503 : 413;
    reply->content_type = "text/plain";
    reply->body = text_from(arena_string(arena, error->code, strlen(error->code)));
}

static int64_t body_limit(void *context, enum http_method method, struct text path)
{
    (void)context, (void)method;
    return text_equals(path, "/large") ? 64 * 1024 * 1024 : HTTP_BODY_MAX;
}

static struct scene *scene_start(struct scene *scene, struct http_options options)
{
    struct error error;
    *scene = (struct scene){.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    options.address = "127.0.0.1";
    options.handle = handle;
    options.refuse = refuse;
    options.body_limit = body_limit;
    options.context = scene;
    if (http_server_start(&options, &scene->server, &error) != STATUS_OK)
        fail_msg("%s", error.message);
    return scene;
}

static void scene_open(struct scene *scene)
{
    pthread_mutex_lock(&scene->lock);
    scene->open = true;
    pthread_cond_broadcast(&scene->changed);
    pthread_mutex_unlock(&scene->lock);
}

static int dial(const struct scene *scene)
{
    int client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_server_port(scene->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 20};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    return client;
}

static void say(int client, const char *text)
{
    assert_int_equal(send(client, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Reads until `wanted` has come, or the end; false when it did not. */
static bool hear(int client, const char *wanted)
{
    static char heard[65536];
    size_t size = 0;
    heard[0] = '\0';
    while (strstr(heard, wanted) == NULL) {
        ssize_t got = size + 1 < sizeof heard ? recv(client, heard + size, sizeof heard - 1 - size, 0) : 0;
        if (got <= 0)
            return false;
        size += (size_t)got;
        heard[size] = '\0';
    }
    return true;
}

static void a_body_comes_back(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene, (struct http_options){.workers = 2});
    int client = dial(&scene);
    say(client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    assert_true(hear(client, "\r\n\r\nhello"));
    say(client,
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
    assert_true(hear(client, "\r\n\r\nabcdef"));
    say(client, "GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(hear(client, "later"));
    close(client);
    http_server_stop(scene.server, 1000);
}

static void a_full_queue_says_come_back(void **state)
{
    (void)state;
    struct scene scene;
    int clients[3];
    scene_start(&scene, (struct http_options){.workers = 1, .queue_max = 1});
    clients[0] = dial(&scene);
    say(clients[0], "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    pthread_mutex_lock(&scene.lock);
    while (scene.waiting == 0)
        pthread_cond_wait(&scene.changed, &scene.lock);
    pthread_mutex_unlock(&scene.lock);
    clients[1] = dial(&scene);
    say(clients[1], "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    struct http_figures figures;
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; i < 5000; i++) {
        http_server_figures(scene.server, &figures);
        if (figures.queue_length == 1)
            break;
        nanosleep(&pause, NULL);
    }
    assert_int_equal(figures.queue_length, 1);
    clients[2] = dial(&scene);
    say(clients[2], "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(hear(clients[2], "503"));
    scene_open(&scene);
    assert_true(hear(clients[0], "waited"));
    assert_true(hear(clients[1], "waited"));
    for (int i = 0; i < 3; i++)
        close(clients[i]);
    http_server_stop(scene.server, 1000);
}

static void a_client_that_dribbles_is_cut_off(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene, (struct http_options){.request_timeout_seconds = 1, .read_timeout_seconds = 30});
    int client = dial(&scene);
    say(client, "GET / HTTP/1.1\r\n");
    bool cut = false;
    for (int i = 0; i < 50 && !cut; i++) {
        const struct timespec pause = {.tv_nsec = 100000000};
        nanosleep(&pause, NULL);
        cut = send(client, "X", 1, MSG_NOSIGNAL) != 1;
    }
    assert_true(cut);
    close(client);
    http_server_stop(scene.server, 1000);
}

static void a_silent_client_is_cut_off(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene, (struct http_options){.read_timeout_seconds = 1});
    int client = dial(&scene);
    say(client, "GET / HT");
    assert_false(hear(client, "200"));
    close(client);
    http_server_stop(scene.server, 1000);
}

static void one_address_has_a_limit_of_connections(void **state)
{
    (void)state;
    struct scene scene;
    int clients[8];
    int answered = 0;
    scene_start(&scene, (struct http_options){.connections_per_address = 4});
    for (int i = 0; i < 8; i++) {
        clients[i] = dial(&scene);
        (void)send(clients[i], "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27, MSG_NOSIGNAL);
    }
    for (int i = 0; i < 8; i++)
        answered += hear(clients[i], "200");
    assert_int_equal(answered, 4);
    for (int i = 0; i < 8; i++)
        close(clients[i]);
    http_server_stop(scene.server, 1000);
}

static void a_large_body_is_spooled_where_it_is_allowed(void **state)
{
    (void)state;
    static const char piece[65536] = "";
    struct scene scene;
    scene_start(&scene, (struct http_options){.workers = 1});
    int client = dial(&scene);
    say(client, "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 16777216\r\n\r\n");
    for (int i = 0; i < 256; i++)
        for (size_t sent = 0; sent < sizeof piece;)
            sent += (size_t)send(client, piece + sent, sizeof piece - sent, MSG_NOSIGNAL);
    assert_true(hear(client, "spooled"));
    close(client);
    http_server_stop(scene.server, 1000);
}

static void events_arrive_one_by_one_until_the_end(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene, (struct http_options){.workers = 1});
    int client = dial(&scene);
    say(client, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(hear(client, "event: hello\ndata: 1\n\n"));
    for (int i = 2; i < 50; i++) {
        char data[16];
        char wanted[32];
        snprintf(data, sizeof data, "%d", i);
        snprintf(wanted, sizeof wanted, "data: %d\n\n", i);
        assert_true(http_stream_send(scene.stream, NULL, text_from(data)));
        assert_true(hear(client, wanted));
    }
    http_stream_release(scene.stream);
    assert_true(hear(client, "0\r\n\r\n"));
    close(client);
    http_server_stop(scene.server, 1000);
}

static void a_client_that_leaves_its_events_is_noticed(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene, (struct http_options){.workers = 1});
    int client = dial(&scene);
    say(client, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(hear(client, "data: 1"));
    close(client);
    bool alive = true;
    for (int i = 0; i < 1000 && alive; i++) {
        const struct timespec pause = {.tv_nsec = 5000000};
        nanosleep(&pause, NULL);
        alive = http_stream_send(scene.stream, NULL, TEXT("x"));
    }
    assert_false(alive);
    http_stream_release(scene.stream);
    http_server_stop(scene.server, 1000);
}

static void stopping_ends_streams_and_answers_what_waits(void **state)
{
    (void)state;
    struct scene scene;
    scene_start(&scene, (struct http_options){.workers = 2});
    int client = dial(&scene);
    say(client, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(hear(client, "data: 1"));
    http_server_stop(scene.server, 1000);
    assert_true(hear(client, "0\r\n\r\n"));
    http_stream_release(scene.stream);
    close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_comes_back),
        cmocka_unit_test(a_full_queue_says_come_back),
        cmocka_unit_test(a_client_that_dribbles_is_cut_off),
        cmocka_unit_test(a_silent_client_is_cut_off),
        cmocka_unit_test(one_address_has_a_limit_of_connections),
        cmocka_unit_test(a_large_body_is_spooled_where_it_is_allowed),
        cmocka_unit_test(events_arrive_one_by_one_until_the_end),
        cmocka_unit_test(a_client_that_leaves_its_events_is_noticed),
        cmocka_unit_test(stopping_ends_streams_and_answers_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
