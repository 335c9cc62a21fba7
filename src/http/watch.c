/* watch.c: once a second: cuts off requests that take too long to arrive, and pings idle streams. */
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "http/internal.h"

/* Silence is the library's own timeout; this one is for those that send a byte now and then. */
static void cut_off_slow(struct http_server *server, int64_t now)
{
    int64_t allowed = (int64_t)server->options.request_timeout_seconds * 1000000;
    for (struct peer *peer = server->peers; peer != NULL; peer = peer->next) {
        int64_t since = peer->waiting_since;
        int64_t earned = peer->received / HTTP_BYTES_PER_SECOND_MIN * 1000000;
        if (since != 0 && now - since > allowed + earned && peer->socket >= 0)
            shutdown(peer->socket, SHUT_RDWR);
    }
}

static void *watch(void *context)
{
    struct http_server *server = context;
    pthread_setname_np(pthread_self(), "http-watch");
    pthread_mutex_lock(&server->lock);
    while (server->watching) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        pthread_cond_timedwait(&server->changed, &server->lock, &until);
        int64_t now = monotonic_now();
        cut_off_slow(server, now);
        for (struct http_stream *stream = server->streams; stream != NULL; stream = stream->next)
            stream_ping(stream, now);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

enum status watch_start(struct http_server *server, struct error *err)
{
    server->watching = true;
    int code = pthread_create(&server->watch, NULL, watch, server);
    if (code != 0) {
        server->watching = false;
        return error_set(err, STATUS_LIMIT, "http.start", "", "the watch cannot start: %s", strerror(code));
    }
    return STATUS_OK;
}

void watch_stop(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    bool watching = server->watching;
    server->watching = false;
    pthread_cond_signal(&server->changed);
    pthread_mutex_unlock(&server->lock);
    if (watching)
        pthread_join(server->watch, NULL);
}
