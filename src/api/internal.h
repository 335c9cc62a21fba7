/* internal.h: what the files of the framework share. */
#ifndef PATRON_API_INTERNAL_H
#define PATRON_API_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "api/api.h"
#include "api/call.h"
#include "api/reply_store.h"
#include "api/router.h"

struct auth;
struct snapshot;
struct metrics;

struct api {
    struct api_options options;
    struct arena *arena; /* lives as long as the API */
    const struct router *router;
    struct auth *auth;
    struct metrics *metrics;
    struct http_server *_Atomic http; /* NULL until the server, which is made after the API, is known */
    struct text openapi;
    pthread_mutex_t write_lock; /* held from call_write_begin to its end */
    struct storage_session *write_session;
};

/* One request under way. */
struct request {
    struct call call; /* first: the routes' view */
    struct http_exchange *exchange;
    struct configuration configuration;
    struct text body;          /* as sent */
    void *query;               /* as call.query */
    struct snapshot *snapshot; /* holds who asks, until the answer; NULL: nobody */
    struct text idempotency_key;
    struct storage_session *read_session;  /* not yet ended */
    struct storage_session *write_session; /* not yet ended */
    struct item *items;
    struct item_state *states; /* one an item */
    size_t item_count;
    bool array;
    struct command **commands;
    size_t command_count;
    int tries;                    /* so often commands were prepared again */
    struct http_reply reply;      /* headers and content that the route gave */
    bool streaming;               /* answered by call_stream */
    struct stored_reply replayed; /* of the same request before, with route->keeps_reply */
};

/* Whether the reply is kept for an Idempotency-Key beside the engine, and for which. */
bool request_identify(const struct request *request, struct request_identity *out);

/* What became of an item. */
struct item_state {
    struct error error;
    enum status status;
};

/* A command knows its item: the engine hands commands to `render`. */
struct item_command {
    struct command command; /* first */
    struct item *item;
};

#endif
