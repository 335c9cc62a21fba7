/* internal.h: what the files of this folder share: the server, its peers, exchanges, queue and streams. */
#ifndef PATRON_HTTP_INTERNAL_H
#define PATRON_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/server.h"

enum {
    HTTP_ARENAS_KEPT = 256,
    HTTP_STREAM_WAITING_MAX = 1024 * 1024,
    HTTP_STREAM_PING_SECONDS = 15,
    HTTP_DISCARD_MAX = 64 * 1024 * 1024, /* of a refused body is read before the connection is dropped */
    HTTP_FORM_BUFFER = 64 * 1024,
    HTTP_BYTES_PER_SECOND_MIN = 16 * 1024, /* a slower body is cut off */
};

/* A connection, as the watch sees it. */
struct peer {
    struct peer *previous, *next;
    int socket;
    char address[64];
    _Atomic int64_t waiting_since; /* for a request that is not whole yet, monotonic; 0: being answered */
    _Atomic int64_t received;      /* bytes of its body so far */
};

struct exchange {
    struct http_exchange public; /* first: the handler's view */
    struct http_server *server;
    struct MHD_Connection *connection;
    struct peer *peer;
    char *body;
    size_t body_capacity;
    int64_t body_limit;
    struct MHD_PostProcessor *form; /* of a multipart/form-data body: its field `file` is the body */
    bool file_begun, file_ended;    /* of that field */
    int64_t discarded;
    bool begun; /* the headers were seen */
    bool refused;
    bool handled; /* given to a worker: counts as active until it completes */
    struct error refusal;
    struct MHD_Response *response; /* set by the answer, before the connection is resumed */
    int status;
    struct http_stream *stream;
    struct exchange *next;                                         /* in the queue */
    void (*handle)(void *context, struct http_exchange *exchange); /* what the worker calls */
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct exchange *first, *last;
    int length, maximum;
    bool closed;
};

struct http_server {
    struct http_options options;
    struct MHD_Daemon *daemon;
    char *certificate, *key;
    int port;

    struct queue queue;
    pthread_t *workers;
    int worker_count;

    pthread_mutex_t lock; /* peers, streams, arenas, watch */
    pthread_cond_t changed;
    struct peer *peers;
    struct http_stream *streams;
    struct arena *arenas[HTTP_ARENAS_KEPT];
    int arena_count;
    pthread_t watch;
    bool watching;

    atomic_bool stopping;
    _Atomic int64_t connections, requests, refused, active, stream_count;
};

struct http_stream {
    struct http_stream *previous, *next; /* of the server */
    struct http_server *server;
    pthread_mutex_t lock;
    struct MHD_Connection *connection;
    char *waiting; /* bytes not yet given to the connection */
    size_t size, capacity;
    bool parked;    /* the connection is suspended until there is something to send */
    bool started;   /* the connection has asked for content */
    bool ended;     /* released by its owner */
    bool gone;      /* the client */
    int references; /* the owner and the connection */
    int64_t pinged_at;
};

int64_t monotonic_now(void);

struct arena *arena_take(struct http_server *server);
void arena_give(struct http_server *server, struct arena *arena);

/* exchange.c: the callbacks of the library */
void *exchange_begin(void *context, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_receive(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                 const char *version, const char *data, size_t *size, void **handle);
void exchange_end(void *context, struct MHD_Connection *connection, void **handle,
                  enum MHD_RequestTerminationCode code);
void peer_notify(void *context, struct MHD_Connection *connection, void **handle,
                 enum MHD_ConnectionNotificationCode code);

void exchange_refuse(struct exchange *exchange, enum status status, const char *code, const char *message);
void exchange_keep(struct exchange *exchange, const char *data, size_t size);

/* form.c: a body that is a form with a file in it */
void form_begin(struct exchange *exchange);
void form_receive(struct exchange *exchange, const char *data, size_t size);
void form_end(struct exchange *exchange);     /* the body is whole */
void form_release(struct exchange *exchange); /* also without a form */

/* answer.c */
struct MHD_Response *reply_response(struct http_exchange *exchange, const struct http_reply *reply);

/* queue.c */
enum status queue_start(struct http_server *server, struct error *err);
bool queue_push(struct queue *queue, struct exchange *exchange, bool always); /* false: full */
void queue_stop(struct http_server *server);                                  /* after what waits is handled */

/* watch.c */
enum status watch_start(struct http_server *server, struct error *err);
void watch_stop(struct http_server *server);

/* stream.c */
void stream_ping(struct http_stream *stream, int64_t now);
void stream_close_all(struct http_server *server);

#endif
