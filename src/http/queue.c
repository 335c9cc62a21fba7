/* queue.c: the bounded queue of whole requests, and the workers that empty it. */
#include <stdlib.h>
#include <string.h>

#include "http/internal.h"

bool queue_push(struct queue *queue, struct exchange *exchange, bool always)
{
    pthread_mutex_lock(&queue->lock);
    bool room = always || (queue->length < queue->maximum && !queue->closed);
    if (room) {
        exchange->next = NULL;
        if (queue->last == NULL)
            queue->first = exchange;
        else
            queue->last->next = exchange;
        queue->last = exchange;
        queue->length++;
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
    return room;
}

void http_continue(struct http_exchange *exchange, void (*handle)(void *context, struct http_exchange *exchange))
{
    struct exchange *inner = (struct exchange *)exchange;
    inner->handle = handle;
    queue_push(&inner->server->queue, inner, true);
}

/* The next exchange; NULL once the queue is closed and empty. */
static struct exchange *queue_take(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->first == NULL && !queue->closed)
        pthread_cond_wait(&queue->filled, &queue->lock);
    struct exchange *exchange = queue->first;
    if (exchange != NULL) {
        queue->first = exchange->next;
        if (queue->first == NULL)
            queue->last = NULL;
        queue->length--;
    }
    pthread_mutex_unlock(&queue->lock);
    return exchange;
}

static void *work(void *context)
{
    struct http_server *server = context;
    pthread_setname_np(pthread_self(), "http-worker");
    for (struct exchange *exchange; (exchange = queue_take(&server->queue)) != NULL;)
        exchange->handle(server->options.context, &exchange->public);
    return NULL;
}

enum status queue_start(struct http_server *server, struct error *err)
{
    server->workers = calloc((size_t)server->options.workers, sizeof *server->workers);
    if (server->workers == NULL)
        return error_set(err, STATUS_LIMIT, "http.start", "", "there is no memory for the workers");
    server->queue.maximum = server->options.queue_max;
    for (int i = 0; i < server->options.workers; i++) {
        int code = pthread_create(&server->workers[i], NULL, work, server);
        if (code != 0)
            return error_set(err, STATUS_LIMIT, "http.start", "", "a worker cannot start: %s", strerror(code));
        server->worker_count++;
    }
    return STATUS_OK;
}

void queue_stop(struct http_server *server)
{
    pthread_mutex_lock(&server->queue.lock);
    server->queue.closed = true;
    pthread_cond_broadcast(&server->queue.filled);
    pthread_mutex_unlock(&server->queue.lock);
    for (int i = 0; i < server->worker_count; i++)
        pthread_join(server->workers[i], NULL);
    free(server->workers);
}
