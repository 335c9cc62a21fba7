/* exchange.c: a request from its first line to its last byte, on the threads of the library. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "foundation/log.h"
#include "http/internal.h"

static enum http_method method_from(const char *name)
{
    static const enum http_method methods[] = {HTTP_GET,   HTTP_POST,   HTTP_HEAD,   HTTP_PUT,
                                               HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(name, http_method_name(methods[i])) == 0)
            return methods[i];
    return HTTP_OTHER;
}

static struct peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void peer_address(struct MHD_Connection *connection, struct peer *peer)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL)
        return;
    struct sockaddr_storage address;
    memset(&address, 0, sizeof address);
    if (info->client_addr->sa_family == AF_INET6) {
        memcpy(&address, info->client_addr, sizeof(struct sockaddr_in6));
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&address)->sin6_addr, peer->address, sizeof peer->address);
    } else if (info->client_addr->sa_family == AF_INET) {
        memcpy(&address, info->client_addr, sizeof(struct sockaddr_in));
        inet_ntop(AF_INET, &((struct sockaddr_in *)&address)->sin_addr, peer->address, sizeof peer->address);
    }
}

static void peer_start(struct http_server *server, struct MHD_Connection *connection, void **handle)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        return; /* a connection without a peer is refused at its first request */
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    peer->socket = info == NULL ? -1 : info->connect_fd;
    peer->waiting_since = monotonic_now();
    peer_address(connection, peer);
    pthread_mutex_lock(&server->lock);
    peer->next = server->peers;
    if (server->peers != NULL)
        server->peers->previous = peer;
    server->peers = peer;
    pthread_mutex_unlock(&server->lock);
    server->connections++;
    *handle = peer;
}

void peer_notify(void *context, struct MHD_Connection *connection, void **handle,
                 enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        peer_start(server, connection, handle);
        return;
    }
    struct peer *peer = *handle;
    if (peer == NULL)
        return;
    pthread_mutex_lock(&server->lock);
    if (peer->previous == NULL)
        server->peers = peer->next;
    else
        peer->previous->next = peer->next;
    if (peer->next != NULL)
        peer->next->previous = peer->previous;
    pthread_mutex_unlock(&server->lock);
    server->connections--;
    free(peer);
    *handle = NULL;
}

/* At the request line: everything of the request hangs on what is made here. */
void *exchange_begin(void *context, const char *uri, struct MHD_Connection *connection)
{
    struct http_server *server = context;
    struct arena *arena = arena_take(server);
    if (arena == NULL)
        return NULL;
    struct exchange *exchange = arena_alloc(arena, sizeof *exchange);
    exchange->server = server;
    exchange->connection = connection;
    exchange->peer = peer_of(connection);
    exchange->public.arena = arena;
    exchange->public.body_file = -1;
    exchange->public.started_at = monotonic_now();
    exchange->public.secure = server->options.tls_certificate != NULL;

    size_t size = strlen(uri);
    if (size > HTTP_URL_MAX) {
        exchange->refused = true;
        error_set(&exchange->refusal, STATUS_LIMIT, "http.url_too_long", "", "an address has at most %d bytes",
                  HTTP_URL_MAX);
        size = 0;
    }
    const char *copy = arena_string(arena, uri, size);
    const char *mark = strchr(copy, '?');
    exchange->public.path = (struct text){copy, mark == NULL ? size : (size_t)(mark - copy)};
    if (mark != NULL)
        exchange->public.query = text_from(mark + 1);
    return exchange;
}

void exchange_refuse(struct exchange *exchange, enum status status, const char *code, const char *message)
{
    exchange->refused = true;
    exchange->server->refused++;
    error_set(&exchange->refusal, status, code, "", "%s", message);
}

static void open_spool(struct exchange *exchange)
{
    const char *folder = getenv("TMPDIR");
    exchange->public.body_file = open(folder == NULL ? "/tmp" : folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (exchange->public.body_file < 0)
        exchange_refuse(exchange, STATUS_IO, "http.spool", "the body cannot be kept in a file");
}

/* Once the headers are there: what is known to be too much is refused before it is read. */
static void look_at_headers(struct exchange *exchange, const char *method)
{
    struct http_server *server = exchange->server;
    struct http_exchange *public = &exchange->public;
    exchange->begun = true;
    public->method = method_from(method);
    if (exchange->peer != NULL) {
        public->address = text_from(exchange->peer->address);
        exchange->peer->received = 0;
    }
    if (exchange->refused)
        return;
    exchange->body_limit = HTTP_BODY_MAX;
    if (server->options.body_limit != NULL)
        exchange->body_limit = server->options.body_limit(server->options.context, public->method, public->path);

    struct text length = http_header(public, "Content-Length");
    int64_t announced = 0;
    if (length.size > 0 && (!text_to_integer(length, &announced) || announced < 0))
        exchange_refuse(exchange, STATUS_INVALID, "http.length", "the Content-Length is not a number");
    else if (announced > exchange->body_limit)
        exchange_refuse(exchange, STATUS_LIMIT, "http.too_large", "the body is larger than this address accepts");
    else if (announced > HTTP_BODY_MAX || (exchange->body_limit > HTTP_BODY_MAX && length.size == 0))
        open_spool(exchange);
    else if (announced > 0) {
        exchange->body = arena_try(public->arena, (size_t)announced);
        exchange->body_capacity = exchange->body == NULL ? 0 : (size_t)announced;
    }
}

static bool write_spool(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, data, size);
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

void exchange_keep(struct exchange *exchange, const char *data, size_t size)
{
    struct http_exchange *public = &exchange->public;
    if (public->body_size + (int64_t)size > exchange->body_limit) {
        exchange_refuse(exchange, STATUS_LIMIT, "http.too_large", "the body is larger than this address accepts");
        return;
    }
    if (public->body_file >= 0) {
        if (!write_spool(public->body_file, data, size))
            exchange_refuse(exchange, STATUS_IO, "http.spool", "the body cannot be kept in a file");
    } else {
        size_t needed = (size_t) public->body_size + size;
        if (needed > exchange->body_capacity)
            exchange->body = arena_grow(public->arena, exchange->body, &exchange->body_capacity, needed, 1);
        memcpy(exchange->body + public->body_size, data, size);
    }
    public->body_size += (int64_t)size;
}

static void keep_data(struct exchange *exchange, const char *data, size_t size)
{
    if (exchange->form != NULL)
        form_receive(exchange, data, size);
    else
        exchange_keep(exchange, data, size);
    if (exchange->peer != NULL)
        exchange->peer->received += (int64_t)size;
}

static enum MHD_Result answer_refused(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct http_reply reply = {.status = 500};
    server->options.refuse(server->options.context, exchange->public.arena, &exchange->refusal, &reply);
    struct MHD_Response *response = reply_response(&exchange->public, &reply);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(exchange->connection, (unsigned)reply.status, response);
    MHD_destroy_response(response);
    return result;
}

/* The request is whole: to the workers with it. */
static enum MHD_Result hand_over(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct http_exchange *public = &exchange->public;
    form_end(exchange);
    if (server->stopping)
        exchange_refuse(exchange, STATUS_BUSY, "http.stopping", "the server is stopping");
    if (exchange->refused)
        return answer_refused(exchange);

    if (public->body_file >= 0)
        lseek(public->body_file, 0, SEEK_SET);
    else
    public->body = (struct text){exchange->body, (size_t) public->body_size};
    if (exchange->peer != NULL)
        exchange->peer->waiting_since = 0;
    server->requests++;
    server->active++;
    exchange->handled = true;
    MHD_suspend_connection(exchange->connection);
    exchange->handle = server->options.handle;
    if (queue_push(&server->queue, exchange, false))
        return MHD_YES;

    exchange_refuse(exchange, STATUS_BUSY, "http.busy", "too many requests are waiting; try again in a moment");
    MHD_resume_connection(exchange->connection);
    return MHD_YES; /* comes back at once, and is refused there */
}

enum MHD_Result exchange_receive(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                 const char *version, const char *data, size_t *size, void **handle)
{
    (void)context, (void)url, (void)version;
    struct exchange *exchange = *handle;
    if (exchange == NULL || exchange->peer == NULL)
        return MHD_NO;
    if (exchange->response != NULL)
        return MHD_queue_response(connection, (unsigned)exchange->status, exchange->response);
    if (exchange->handled) /* resumed without an answer: the queue was full */
        return answer_refused(exchange);
    if (!exchange->begun) {
        look_at_headers(exchange, method);
        form_begin(exchange);
        /* A client that waits for "100 Continue" is answered before it sends anything. */
        bool waits = http_header(&exchange->public, "Expect").size > 0;
        return exchange->refused && waits ? answer_refused(exchange) : MHD_YES;
    }
    if (*size == 0)
        return hand_over(exchange);

    if (exchange->refused)
        exchange->discarded += (int64_t)*size;
    else
        keep_data(exchange, data, *size);
    *size = 0;
    return exchange->discarded > HTTP_DISCARD_MAX ? MHD_NO : MHD_YES;
}

void exchange_end(void *context, struct MHD_Connection *connection, void **handle, enum MHD_RequestTerminationCode code)
{
    (void)connection, (void)code;
    struct http_server *server = context;
    struct exchange *exchange = *handle;
    if (exchange == NULL)
        return;
    if (exchange->peer != NULL)
        exchange->peer->waiting_since = monotonic_now();
    if (exchange->public.body_file >= 0)
        close(exchange->public.body_file);
    form_release(exchange);
    if (exchange->handled)
        server->active--;
    if (exchange->response != NULL)
        MHD_destroy_response(exchange->response);
    *handle = NULL;
    arena_give(server, exchange->public.arena);
}
