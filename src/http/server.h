/*
 * server.h: an HTTP server: its threads only parse and send; whole requests go through a bounded queue to a pool of
 * workers, and are answered from any thread, now or later. No domain.
 */
#ifndef PATRON_HTTP_SERVER_H
#define PATRON_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum {
    HTTP_BODY_MAX = 8 * 1024 * 1024, /* of a body kept in memory */
    HTTP_URL_MAX = 8 * 1024,
    HTTP_HEADER_MAX = 32 * 1024, /* all request headers of one connection */
    HTTP_ARENA_MAX = 96 * 1024 * 1024,
    HTTP_REPLY_HEADERS_MAX = 8,
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS, HTTP_OTHER };
const char *http_method_name(enum http_method method);

struct http_server;

/* One request and its answer. Lives until the answer is sent. */
struct http_exchange {
    struct arena *arena;
    enum http_method method;
    struct text path;  /* decoded, begins with '/' */
    struct text query; /* as sent, without '?' */
    struct text body;  /* empty when it lies in a file; of a multipart/form-data body the field `file` */
    int body_file;     /* a body above HTTP_BODY_MAX, where allowed: a file without a name, at its start; else -1 */
    int64_t body_size;
    struct text address; /* of the peer: "127.0.0.1", "::1" */
    bool secure;         /* over TLS */
    int64_t started_at;  /* monotonic microseconds */
    void *user;          /* the handler's own */
};

/* The value of the first header of that name (any case), or the empty text. */
struct text http_header(const struct http_exchange *exchange, const char *name);
struct text http_cookie(const struct http_exchange *exchange, const char *name);

struct http_reply_header {
    const char *name;
    const char *value; /* in the exchange's arena or static */
};

struct http_reply {
    int status;
    const char *content_type; /* NULL: no body */
    struct text body;         /* in the exchange's arena or static */
    int file;                 /* instead of `body`, when > 0: a descriptor, closed after sending */
    struct http_reply_header headers[HTTP_REPLY_HEADERS_MAX];
    size_t header_count;
};

/* Answers, once, from any thread; the exchange is gone afterwards. */
void http_answer(struct http_exchange *exchange, const struct http_reply *reply);

/* Calls `handle` with the exchange on a worker, soon: for an answer that is found elsewhere but takes work to write. */
void http_continue(struct http_exchange *exchange, void (*handle)(void *context, struct http_exchange *exchange));

/* ---- server-sent events ---- */

/* A live answer to one client; several threads may send. Holds no thread while nothing is sent. */
struct http_stream;

/*
 * Makes the stream of an answer of 200 text/event-stream, which http_answer_stream sends off; the exchange is gone
 * afterwards, the stream is the caller's: send, then release. An idle stream gets a comment every 15 seconds so that dead
 * clients are noticed.
 */
struct http_stream *http_stream_new(struct http_exchange *exchange);
void http_answer_stream(struct http_exchange *exchange);
/* False when the client is gone or too far behind (1 MiB waiting). `event` may be NULL; `data` is one line. */
bool http_stream_send(struct http_stream *stream, const char *event, struct text data);
void http_stream_release(struct http_stream *stream); /* ends the answer after what was sent; accepts NULL */

/* ---- the server ---- */

struct http_options {
    const char *address;         /* "127.0.0.1", "::", ... */
    int port;                    /* 0: any free one */
    const char *tls_certificate; /* paths of PEM files; both or neither */
    const char *tls_key;
    int threads;                 /* that read and send; 0: 2 */
    int workers;                 /* that handle; 0: 4 */
    int queue_max;               /* requests waiting for a worker; 0: 1,024; beyond: 503 with Retry-After */
    int connections_max;         /* 0: 4,096 */
    int connections_per_address; /* 0: 1,024 */
    int read_timeout_seconds;    /* silence of a connection; 0: 30 */
    int request_timeout_seconds; /* from the first byte of a request to its last; 0: 60 */
    /* The largest body that the route at method and path takes; above HTTP_BODY_MAX it is spooled to a file. Optional. */
    int64_t (*body_limit)(void *context, enum http_method method, struct text path);
    /* On a worker: must answer now or later. */
    void (*handle)(void *context, struct http_exchange *exchange);
    /* Renders an error found before a request is whole: "http.too_large", "http.busy" ... Any thread. */
    void (*refuse)(void *context, struct arena *arena, const struct error *error, struct http_reply *reply);
    void *context;
};

enum status http_server_start(const struct http_options *options, struct http_server **out, struct error *err);
int http_server_port(const struct http_server *server);
/* Takes no new requests, lets those under way be answered (at most `grace_ms`), then stops. */
void http_server_stop(struct http_server *server, int grace_ms);

struct http_figures {
    int64_t connections, requests, refused, queue_length, active, streams;
};
void http_server_figures(struct http_server *server, struct http_figures *out);

/* Decodes %XX (and '+' as a space when `form`). False on bad encoding, U+0000 or bad UTF-8. */
bool http_decode(struct arena *arena, struct text encoded, bool form, struct text *out);

#endif
