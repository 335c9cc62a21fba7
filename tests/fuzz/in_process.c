/* in_process.c: stands in for the HTTP server, whose functions the framework calls. */
#include "in_process.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

struct in_process_exchange {
    struct http_exchange public; /* first: the handler's view */
    const struct in_process_request *request;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool answered;
    struct http_reply reply;
    void (*next)(void *context, struct http_exchange *exchange);
};

struct http_stream {
    char nobody_listens;
};

static struct in_process_exchange *inner_of(const struct http_exchange *exchange)
{
    return (struct in_process_exchange *)(uintptr_t)exchange;
}

const char *http_method_name(enum http_method method)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"};
    return names[method];
}

struct text http_header(const struct http_exchange *exchange, const char *name)
{
    const struct in_process_header *header = inner_of(exchange)->request->headers;
    for (; header->name != NULL; header++)
        if (strcasecmp(header->name, name) == 0)
            return text_from(header->value);
    return (struct text){NULL, 0};
}

struct text http_cookie(const struct http_exchange *exchange, const char *name)
{
    (void)exchange, (void)name;
    return (struct text){NULL, 0};
}

static void change(struct in_process_exchange *inner, const struct http_reply *reply,
                   void (*next)(void *context, struct http_exchange *exchange))
{
    pthread_mutex_lock(&inner->lock);
    assert(!inner->answered);
    if (reply != NULL)
        inner->reply = *reply;
    inner->answered = reply != NULL;
    inner->next = next;
    pthread_cond_signal(&inner->changed);
    pthread_mutex_unlock(&inner->lock);
}

void http_answer(struct http_exchange *exchange, const struct http_reply *reply)
{
    change(inner_of(exchange), reply, NULL);
}

void http_continue(struct http_exchange *exchange, void (*handle)(void *context, struct http_exchange *exchange))
{
    change(inner_of(exchange), NULL, handle);
}

struct http_stream *http_stream_new(struct http_exchange *exchange)
{
    (void)exchange;
    struct http_stream *stream = calloc(1, sizeof *stream);
    assert(stream != NULL);
    return stream;
}

void http_answer_stream(struct http_exchange *exchange)
{
    http_answer(exchange, &(struct http_reply){.status = 200});
}

bool http_stream_send(struct http_stream *stream, const char *event, struct text data)
{
    (void)stream, (void)event, (void)data;
    return false;
}

void http_stream_release(struct http_stream *stream)
{
    free(stream);
}

void http_server_figures(struct http_server *server, struct http_figures *out)
{
    (void)server;
    *out = (struct http_figures){0};
}

/* What is to go on is done here, as a worker would. */
static void work_until_answered(struct in_process_exchange *inner, void *context)
{
    pthread_mutex_lock(&inner->lock);
    while (!inner->answered) {
        void (*next)(void *context, struct http_exchange *exchange) = inner->next;
        inner->next = NULL;
        if (next == NULL) {
            pthread_cond_wait(&inner->changed, &inner->lock);
            continue;
        }
        pthread_mutex_unlock(&inner->lock);
        next(context, &inner->public);
        pthread_mutex_lock(&inner->lock);
    }
    pthread_mutex_unlock(&inner->lock);
}

struct http_reply in_process_ask(struct arena *arena, const struct in_process_request *request,
                                 void (*handle)(void *context, struct http_exchange *exchange), void *context)
{
    struct in_process_exchange *inner = arena_alloc(arena, sizeof *inner);
    inner->request = request;
    inner->public = (struct http_exchange){.arena = arena,
                                           .method = request->method,
                                           .path = request->path,
                                           .query = request->query,
                                           .body = request->body,
                                           .body_file = -1,
                                           .body_size = (int64_t)request->body.size,
                                           .address = TEXT("127.0.0.1")};
    pthread_mutex_init(&inner->lock, NULL);
    pthread_cond_init(&inner->changed, NULL);
    handle(context, &inner->public);
    work_until_answered(inner, context);
    pthread_mutex_destroy(&inner->lock);
    pthread_cond_destroy(&inner->changed);
    if (inner->reply.file > 0)
        close(inner->reply.file);
    return inner->reply;
}
