/* problem.c: errors as problem documents (RFC 9457). */
#include "api/problem.h"

#include <assert.h>
#include <string.h>

#include "api/api.h"
#include "api/call.h"

static const struct error_code error_codes[] = {
#define ERROR_CODE(text, number, name) {.code = text, .http_status = number, .title = name},
#include "api/error_codes.def"
#undef ERROR_CODE
};

static struct error_code code_of_status(enum status status)
{
    switch (status) {
    case STATUS_INVALID:
        return (struct error_code){.http_status = 422, .title = "The request breaks a rule"};
    case STATUS_UNAUTHORISED:
        return (struct error_code){.http_status = 401, .title = "Nobody is signed in"};
    case STATUS_FORBIDDEN:
        return (struct error_code){.http_status = 403, .title = "The permission is missing"};
    case STATUS_MISSING:
        return (struct error_code){.http_status = 404, .title = "There is no such thing"};
    case STATUS_CONFLICT:
        return (struct error_code){.http_status = 409, .title = "It contradicts what is there"};
    case STATUS_STALE:
        return (struct error_code){.http_status = 412, .title = "It has changed meanwhile"};
    case STATUS_LIMIT:
        return (struct error_code){.http_status = 422, .title = "A limit is reached"};
    case STATUS_BUSY:
        return (struct error_code){.http_status = 503, .title = "Not now"};
    case STATUS_IO:
        return (struct error_code){.http_status = 503, .title = "The database cannot be used"};
    case STATUS_OK:
    case STATUS_DEFECT:
        break;
    }
    return (struct error_code){.http_status = 500, .title = "A defect of the server"};
}

struct error_code error_code_of(const struct error *error)
{
    for (size_t i = 0; i < sizeof error_codes / sizeof error_codes[0]; i++)
        if (strcmp(error_codes[i].code, error->code) == 0)
            return error_codes[i];
    struct error_code made = code_of_status(error->status);
    made.code = error->code;
    return made;
}

void problem_write(struct json_writer *writer, const struct error *error)
{
    struct error_code code = error_code_of(error);
    struct builder type = {.arena = writer->out.arena};
    builder_format(&type, "urn:patron:problem:%s", code.code);
    writer_text(writer, "type", builder_done(&type));
    writer_string(writer, "title", code.title);
    writer_integer(writer, "status", code.http_status);
    writer_string(writer, "detail", error->message);
    writer_string(writer, "code", code.code);
    if (error->field[0] != '\0')
        writer_string(writer, "field", error->field);
}

void reply_header(struct http_reply *reply, const char *name, const char *value)
{
    assert(reply->header_count < HTTP_REPLY_HEADERS_MAX);
    reply->headers[reply->header_count++] = (struct http_reply_header){.name = name, .value = value};
}

static bool has_header(const struct http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcmp(reply->headers[i].name, name) == 0)
            return true;
    return false;
}

void problem_reply(struct arena *arena, const struct error *error, const struct item *item, struct http_reply *reply)
{
    struct json_writer writer;
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    problem_write(&writer, error);
    if (item != NULL && item->call->route->explain != NULL)
        item->call->route->explain(item, &writer);
    writer_end(&writer);
    reply->status = error_code_of(error).http_status;
    reply->content_type = "application/problem+json";
    reply->body = writer_done(&writer);
    if ((reply->status == 503 || reply->status == 429) && !has_header(reply, "Retry-After"))
        reply_header(reply, "Retry-After", "1");
    if (reply->status == 401)
        reply_header(reply, "WWW-Authenticate", "Bearer");
}

struct text error_codes_markdown(struct arena *arena)
{
    struct builder out = {.arena = arena};
    builder_string(&out, "# Error codes\n\nEvery problem reply carries one of these in `code`.\n\n"
                         "| code | HTTP | meaning |\n|---|---|---|\n");
    for (size_t i = 0; i < sizeof error_codes / sizeof error_codes[0]; i++)
        builder_format(&out, "| `%s` | %d | %s |\n", error_codes[i].code, error_codes[i].http_status,
                       error_codes[i].title);
    return builder_done(&out);
}
