/* stream.c: server-sent events: bytes wait in memory until the connection takes them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "http/internal.h"

static void stream_free(struct http_stream *stream)
{
    pthread_mutex_destroy(&stream->lock);
    free(stream->waiting);
    free(stream);
}

static void stream_unlist(struct http_stream *stream)
{
    struct http_server *server = stream->server;
    pthread_mutex_lock(&server->lock);
    if (stream->previous == NULL)
        server->streams = stream->next;
    else
        stream->previous->next = stream->next;
    if (stream->next != NULL)
        stream->next->previous = stream->previous;
    pthread_mutex_unlock(&server->lock);
    server->stream_count--;
}

/* Takes the stream's lock, which the caller holds, away with the last reference. */
static void stream_drop(struct http_stream *stream)
{
    bool last = --stream->references == 0;
    pthread_mutex_unlock(&stream->lock);
    if (last)
        stream_free(stream);
}

static void unpark(struct http_stream *stream)
{
    if (!stream->parked)
        return;
    stream->parked = false;
    MHD_resume_connection(stream->connection);
}

static ssize_t stream_read(void *context, uint64_t position, char *buffer, size_t size)
{
    (void)position;
    struct http_stream *stream = context;
    pthread_mutex_lock(&stream->lock);
    ssize_t result = 0;
    if (stream->size > 0) {
        size_t taken = stream->size < size ? stream->size : size;
        memcpy(buffer, stream->waiting, taken);
        memmove(stream->waiting, stream->waiting + taken, stream->size - taken);
        stream->size -= taken;
        result = (ssize_t)taken;
    } else if (stream->ended) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->parked = true;
        MHD_suspend_connection(stream->connection);
    }
    pthread_mutex_unlock(&stream->lock);
    return result;
}

/* The library has done with the answer: the client is gone, or everything was sent. */
static void stream_done(void *context)
{
    struct http_stream *stream = context;
    stream_unlist(stream);
    pthread_mutex_lock(&stream->lock);
    stream->gone = true;
    stream->parked = false;
    stream_drop(stream);
}

struct http_stream *http_stream_new(struct http_exchange *exchange)
{
    struct exchange *inner = (struct exchange *)exchange;
    struct http_server *server = inner->server;
    struct http_stream *stream = calloc(1, sizeof *stream);
    assert(stream != NULL);
    pthread_mutex_init(&stream->lock, NULL);
    stream->server = server;
    stream->connection = inner->connection;
    stream->references = 2;
    stream->pinged_at = monotonic_now();

    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16 * 1024, stream_read, stream, stream_done);
    assert(response != NULL);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Accel-Buffering", "no");

    pthread_mutex_lock(&server->lock);
    stream->next = server->streams;
    if (server->streams != NULL)
        server->streams->previous = stream;
    server->streams = stream;
    pthread_mutex_unlock(&server->lock);
    server->stream_count++;

    inner->status = MHD_HTTP_OK;
    inner->response = response;
    return stream;
}

void http_answer_stream(struct http_exchange *exchange)
{
    MHD_resume_connection(((struct exchange *)exchange)->connection);
}

static bool append(struct http_stream *stream, const char *bytes, size_t size)
{
    if (stream->size + size > HTTP_STREAM_WAITING_MAX)
        return false;
    if (stream->size + size > stream->capacity) {
        size_t capacity = (stream->size + size) * 2;
        char *waiting = realloc(stream->waiting, capacity);
        if (waiting == NULL)
            return false;
        stream->waiting = waiting;
        stream->capacity = capacity;
    }
    memcpy(stream->waiting + stream->size, bytes, size);
    stream->size += size;
    return true;
}

bool http_stream_send(struct http_stream *stream, const char *event, struct text data)
{
    assert(data.size == 0 || memchr(data.bytes, '\n', data.size) == NULL);
    pthread_mutex_lock(&stream->lock);
    bool sent = !stream->gone && stream->size + data.size + 256 < HTTP_STREAM_WAITING_MAX;
    if (sent && event != NULL)
        sent = append(stream, "event: ", 7) && append(stream, event, strlen(event)) && append(stream, "\n", 1);
    if (sent)
        sent = append(stream, "data: ", 6) && append(stream, data.bytes, data.size) && append(stream, "\n\n", 2);
    if (sent)
        unpark(stream);
    pthread_mutex_unlock(&stream->lock);
    return sent;
}

void http_stream_release(struct http_stream *stream)
{
    if (stream == NULL)
        return;
    pthread_mutex_lock(&stream->lock);
    stream->ended = true;
    unpark(stream);
    stream_drop(stream);
}

void stream_ping(struct http_stream *stream, int64_t now)
{
    pthread_mutex_lock(&stream->lock);
    if (now - stream->pinged_at >= HTTP_STREAM_PING_SECONDS * INT64_C(1000000)) {
        stream->pinged_at = now;
        if (append(stream, ": still here\n\n", 14))
            unpark(stream);
    }
    pthread_mutex_unlock(&stream->lock);
}

void stream_close_all(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    for (struct http_stream *stream = server->streams; stream != NULL; stream = stream->next) {
        pthread_mutex_lock(&stream->lock);
        stream->ended = true;
        unpark(stream);
        pthread_mutex_unlock(&stream->lock);
    }
    pthread_mutex_unlock(&server->lock);
}
