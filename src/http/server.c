/* server.c: starts and stops the HTTP server on libmicrohttpd. */
#include "http/server.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/internal.h"

enum { PEM_BYTES_MAX = 1024 * 1024 };

int64_t monotonic_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

struct arena *arena_take(struct http_server *server)
{
    struct arena *arena = NULL;
    pthread_mutex_lock(&server->lock);
    if (server->arena_count > 0)
        arena = server->arenas[--server->arena_count];
    pthread_mutex_unlock(&server->lock);
    return arena != NULL ? arena : arena_new(HTTP_ARENA_MAX);
}

/* Arenas that grew large go back to the system. */
void arena_give(struct http_server *server, struct arena *arena)
{
    bool kept = false;
    if (arena_used(arena) <= 256 * 1024) {
        arena_reset(arena);
        pthread_mutex_lock(&server->lock);
        kept = server->arena_count < HTTP_ARENAS_KEPT;
        if (kept)
            server->arenas[server->arena_count++] = arena;
        pthread_mutex_unlock(&server->lock);
    }
    if (!kept)
        arena_free(arena);
}

static size_t unescape_nothing(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

static enum status read_pem(const char *path, char **out, struct error *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_set(err, STATUS_INVALID, "server.tls", "", "%s cannot be read: %s", path, strerror(errno));
    char *bytes = malloc(PEM_BYTES_MAX + 1);
    size_t size = bytes == NULL ? 0 : fread(bytes, 1, PEM_BYTES_MAX, file);
    fclose(file);
    if (size == 0) {
        free(bytes);
        return error_set(err, STATUS_INVALID, "server.tls", "", "%s is empty", path);
    }
    bytes[size] = '\0';
    *out = bytes;
    return STATUS_OK;
}

static int with_default(int value, int usual)
{
    return value > 0 ? value : usual;
}

static void set_defaults(struct http_options *options)
{
    options->threads = with_default(options->threads, 2);
    options->workers = with_default(options->workers, 4);
    options->queue_max = with_default(options->queue_max, 1024);
    options->connections_max = with_default(options->connections_max, 4096);
    options->connections_per_address = with_default(options->connections_per_address, 1024);
    options->read_timeout_seconds = with_default(options->read_timeout_seconds, 30);
    options->request_timeout_seconds = with_default(options->request_timeout_seconds, 60);
}

/* The library takes its options as a list that ends with MHD_OPTION_END. */
static struct MHD_Daemon *start_daemon(struct http_server *server, const struct addrinfo *address)
{
    const struct http_options *options = &server->options;
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_SOCK_ADDR, 0, address->ai_addr},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, HTTP_HEADER_MAX, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, options->connections_max, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_per_address, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, options->read_timeout_seconds, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {options->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, options->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem security[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, server->key},
        {MHD_OPTION_END, 0, NULL},
    };
    if (server->certificate == NULL)
        security[0].option = MHD_OPTION_END;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    flags |= server->certificate == NULL ? 0U : (unsigned)MHD_USE_TLS;
    flags |= address->ai_family == AF_INET6 ? (unsigned)MHD_USE_IPv6 : 0U;
    return MHD_start_daemon(flags, 0, NULL, NULL, exchange_receive, server, MHD_OPTION_ARRAY, items, MHD_OPTION_ARRAY,
                            security, MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, server, MHD_OPTION_NOTIFY_COMPLETED,
                            exchange_end, server, MHD_OPTION_NOTIFY_CONNECTION, peer_notify, server,
                            MHD_OPTION_UNESCAPE_CALLBACK, unescape_nothing, server, MHD_OPTION_END);
}

static enum status listen_on(struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->options;
    char port[16];
    snprintf(port, sizeof port, "%d", options->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *address;
    int code = getaddrinfo(options->address, port, &hints, &address);
    if (code != 0)
        return error_set(err, STATUS_INVALID, "server.address", "", "'%s' is not an address to listen on: %s",
                         options->address, gai_strerror(code));
    errno = 0;
    server->daemon = start_daemon(server, address);
    int reason = errno;
    freeaddrinfo(address);
    if (server->daemon == NULL)
        return error_set(err, STATUS_IO, "server.address", "", "cannot listen on %s, port %d: %s", options->address,
                         options->port, reason == 0 ? "the TLS files may not match" : strerror(reason));
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    server->port = info == NULL ? options->port : info->port;
    return STATUS_OK;
}

static void server_free(struct http_server *server)
{
    for (int i = 0; i < server->arena_count; i++)
        arena_free(server->arenas[i]);
    free(server->certificate);
    free(server->key);
    free(server);
}

static enum status start_parts(struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->options;
    enum status status = STATUS_OK;
    if (options->tls_certificate != NULL)
        status = read_pem(options->tls_certificate, &server->certificate, err);
    if (status == STATUS_OK && options->tls_certificate != NULL)
        status = read_pem(options->tls_key, &server->key, err);
    if (status == STATUS_OK)
        status = queue_start(server, err);
    if (status == STATUS_OK)
        status = watch_start(server, err);
    if (status == STATUS_OK)
        status = listen_on(server, err);
    return status;
}

enum status http_server_start(const struct http_options *options, struct http_server **out, struct error *err)
{
    assert((options->tls_certificate == NULL) == (options->tls_key == NULL));
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return error_set(err, STATUS_LIMIT, "http.start", "", "there is no memory for the server");
    server->options = *options;
    set_defaults(&server->options);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    pthread_mutex_init(&server->queue.lock, NULL);
    pthread_cond_init(&server->queue.filled, NULL);

    enum status status = start_parts(server, err);
    if (status != STATUS_OK) {
        watch_stop(server);
        queue_stop(server);
        server_free(server);
        return status;
    }
    *out = server;
    return STATUS_OK;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

/* Suspended connections would stop the library's stop: every request under way is answered first. */
void http_server_stop(struct http_server *server, int grace_ms)
{
    server->stopping = true;
    int socket = MHD_quiesce_daemon(server->daemon);
    /* New clients hear at once that nobody listens. The library may look at the descriptor until it has stopped. */
    if (socket >= 0)
        shutdown(socket, SHUT_RDWR);
    int64_t polite_until = monotonic_now() + (int64_t)grace_ms * 1000;
    const struct timespec pause = {.tv_nsec = 2000000};
    stream_close_all(server);
    while (server->active > server->stream_count && monotonic_now() < polite_until)
        nanosleep(&pause, NULL);
    while (server->active > 0) {
        stream_close_all(server);
        nanosleep(&pause, NULL);
    }
    queue_stop(server);
    watch_stop(server);
    MHD_stop_daemon(server->daemon);
    if (socket >= 0)
        close(socket);
    server_free(server);
}

void http_server_figures(struct http_server *server, struct http_figures *out)
{
    pthread_mutex_lock(&server->queue.lock);
    int length = server->queue.length;
    pthread_mutex_unlock(&server->queue.lock);
    *out = (struct http_figures){
        .connections = server->connections,
        .requests = server->requests,
        .refused = server->refused,
        .queue_length = length,
        .active = server->active,
        .streams = server->stream_count,
    };
}
