/* answer.c: replies, from any thread. */
#include <assert.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foundation/log.h"
#include "http/internal.h"

static const char *const method_names[] = {
    [HTTP_GET] = "GET",     [HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",       [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS", [HTTP_OTHER] = "OTHER",
};

const char *http_method_name(enum http_method method)
{
    return method_names[method];
}

struct text http_header(const struct http_exchange *exchange, const char *name)
{
    const struct exchange *inner = (const struct exchange *)exchange;
    return text_from(MHD_lookup_connection_value(inner->connection, MHD_HEADER_KIND, name));
}

struct text http_cookie(const struct http_exchange *exchange, const char *name)
{
    const struct exchange *inner = (const struct exchange *)exchange;
    return text_from(MHD_lookup_connection_value(inner->connection, MHD_COOKIE_KIND, name));
}

static struct MHD_Response *response_from_file(int file)
{
    struct stat status;
    if (fstat(file, &status) != 0) {
        close(file);
        return NULL;
    }
    return MHD_create_response_from_fd64((uint64_t)status.st_size, file);
}

/* The bytes stay in the arena of the exchange, which outlives the sending. */
struct MHD_Response *reply_response(struct http_exchange *exchange, const struct http_reply *reply)
{
    struct MHD_Response *response;
    (void)exchange;
    if (reply->file > 0)
        response = response_from_file(reply->file);
    else
        response = MHD_create_response_from_buffer(reply->body.size, (void *)(uintptr_t)reply->body.bytes,
                                                   MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return NULL;
    if (reply->content_type != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    for (size_t i = 0; i < reply->header_count; i++)
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    return response;
}

void http_answer(struct http_exchange *exchange, const struct http_reply *reply)
{
    struct exchange *inner = (struct exchange *)exchange;
    assert(inner->response == NULL);
    struct MHD_Response *response = reply_response(exchange, reply);
    if (response == NULL)
        response = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    assert(response != NULL);
    inner->status = reply->status;
    inner->response = response;
    MHD_resume_connection(inner->connection);
}
