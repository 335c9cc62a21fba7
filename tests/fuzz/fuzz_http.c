/* Any bytes on a connection to the HTTP server: it answers or closes, and a good request afterwards is answered. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "http/server.h"

enum { REPLY_BYTES = 16384, BODY_MAX = 2000, CHECK_EVERY = 256, PATIENCE_US = 5000, CHECK_PATIENCE_S = 30 };
enum { CONNECT_TRIES = 100, CONNECT_WAIT_US = 100000 };

int LLVMFuzzerInitialize(int *count, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct http_server *server;

static void answer_with_query(void *context, struct http_exchange *exchange)
{
    (void)context;
    struct http_reply reply = {.status = 200, .content_type = "text/plain", .body = exchange->body};
    struct text decoded = {NULL, 0};
    (void)http_header(exchange, "Content-Type");
    (void)http_cookie(exchange, "session");
    if (exchange->body_file >= 0)
        abort(); /* no body above what is kept in memory is let in */
    if (!http_decode(exchange->arena, exchange->query, true, &decoded))
        reply.status = 400;
    else if (!text_is_utf8(decoded))
        abort();
    http_answer(exchange, &reply);
}

static void refuse(void *context, struct arena *arena, const struct error *error, struct http_reply *reply)
{
    (void)context, (void)arena;
    *reply = (struct http_reply){.status = 400, .content_type = "text/plain", .body = text_from(error->code)};
}

static int64_t limit_body(void *context, enum http_method method, struct text path)
{
    (void)context, (void)method, (void)path;
    return BODY_MAX;
}

int LLVMFuzzerInitialize(int *count, char ***words)
{
    (void)count, (void)words;
    struct http_options options = {.address = "127.0.0.1",
                                   .threads = 1,
                                   .workers = 1,
                                   .read_timeout_seconds = 2,
                                   .handle = answer_with_query,
                                   .refuse = refuse,
                                   .body_limit = limit_body};
    if (http_server_start(&options, &server, NULL) != STATUS_OK)
        abort();
    return 0;
}

/* A machine that is out of ports or of time is no finding: only a server that stays away is. */
static int connect_to_server(void)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)http_server_port(server)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    for (int tries = 0; tries < CONNECT_TRIES; tries++) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        if (client >= 0 && connect(client, (const struct sockaddr *)&address, sizeof address) == 0)
            return client;
        if (client >= 0)
            close(client);
        usleep(CONNECT_WAIT_US);
    }
    perror("fuzz_http: connect");
    abort();
}

/* Sends the bytes and reads until the server closes or is silent; returns how many bytes came into `reply`. */
static size_t converse(const void *bytes, size_t size, int patience_us, char reply[REPLY_BYTES])
{
    const struct timeval patience = {.tv_sec = patience_us / 1000000, .tv_usec = patience_us % 1000000};
    int client = connect_to_server();
    size_t received = 0;
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)send(client, bytes, size, MSG_NOSIGNAL);
    for (ssize_t part = 1; part > 0 && received < REPLY_BYTES;) {
        part = recv(client, reply + received, REPLY_BYTES - received, 0);
        received += part > 0 ? (size_t)part : 0;
    }
    close(client);
    return received;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char good[] = "GET /fine?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    static const char start[] = "HTTP/1.1 ";
    static int run;
    char reply[REPLY_BYTES];
    size_t received = converse(data, size, PATIENCE_US, reply);
    if (received >= sizeof start - 1 && memcmp(reply, "HTTP/1.", 7) != 0)
        abort();
    if (++run % CHECK_EVERY != 0)
        return 0;
    received = converse(good, sizeof good - 1, CHECK_PATIENCE_S * 1000000, reply);
    if (received < sizeof start - 1 + 3 || memcmp(reply + sizeof start - 1, "200", 3) != 0) {
        fprintf(stderr, "fuzz_http: a good request got %zu bytes: %.*s\n", received, (int)received, reply);
        abort();
    }
    return 0;
}
