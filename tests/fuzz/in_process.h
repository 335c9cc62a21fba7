/* in_process.h: the port of the HTTP server without a network: one request at a time, answered in this process. */
#ifndef PATRON_TESTS_FUZZ_IN_PROCESS_H
#define PATRON_TESTS_FUZZ_IN_PROCESS_H

#include "http/server.h"

enum { IN_PROCESS_HEADERS_MAX = 4 };

struct in_process_header {
    const char *name;
    const char *value;
};

struct in_process_request {
    enum http_method method;
    struct text path, query, body;
    struct in_process_header headers[IN_PROCESS_HEADERS_MAX]; /* end with a NULL name */
};

/* The answer to the request by `handle`; its body lies in `arena`. Descriptors of files are closed. */
struct http_reply in_process_ask(struct arena *arena, const struct in_process_request *request,
                                 void (*handle)(void *context, struct http_exchange *exchange), void *context);

#endif
