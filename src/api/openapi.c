/* openapi.c: the description of the API, from the tables that serve it. */
#include "api/openapi.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "foundation/log.h"
#include "foundation/map.h"
#include "json/schema.h"

struct known_shape {
    const struct shape *shape;
    bool open; /* it is (part of) a reply */
};

struct document {
    struct arena *arena;
    struct json_writer *writer;
    const struct router *router;
    struct map *shapes; /* name -> struct known_shape */
    bool open;
};

/* ---- schemas ---- */

static void know_shape(void *context, const struct shape *shape)
{
    struct document *document = context;
    struct text name = text_from(shape->name);
    const struct known_shape *known = map_get(document->shapes, name);
    if (known != NULL) {
        if (known->shape != shape)
            log_event(LOG_ERROR, "openapi.name", "two shapes are called %s", shape->name);
        assert(known->shape == shape);
        return;
    }
    struct known_shape *made = arena_alloc(document->arena, sizeof *made);
    *made = (struct known_shape){.shape = shape, .open = document->open};
    map_put(document->shapes, name, made);
}

static void know_route(struct document *document, const struct route *route)
{
    document->open = true;
    if (route->reply != NULL)
        schema_visit(route->reply, know_shape, document);
    document->open = false;
    if (route->body != NULL)
        schema_visit(route->body, know_shape, document);
}

static void write_fixed(struct document *document, const char *name, const char *json)
{
    writer_raw(document->writer, name, text_from(json));
}

static void write_schemas(struct document *document)
{
    struct json_writer *writer = document->writer;
    for (size_t i = 0; i < router_count(document->router); i++)
        know_route(document, router_at(document->router, i));
    writer_object(writer, "schemas");
    write_fixed(document, "Amount",
                "{\"type\":\"object\",\"description\":\"Money as a decimal text in its currency.\",\"properties\":{"
                "\"amount\":{\"type\":\"string\",\"pattern\":\"^-?[0-9]+([.][0-9]+)?$\"},"
                "\"currency\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{3}$\"}},"
                "\"required\":[\"amount\",\"currency\"],\"additionalProperties\":false}");
    write_fixed(document, "Problem",
                "{\"type\":\"object\",\"description\":\"What went wrong (RFC 9457).\",\"properties\":{"
                "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
                "\"detail\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},\"field\":{\"type\":\"string\"}},"
                "\"required\":[\"type\",\"title\",\"status\",\"detail\",\"code\"]}");
    for (size_t i = 0; i < map_count(document->shapes); i++) {
        const struct known_shape *known = map_value_at(document->shapes, i);
        schema_write(writer, known->shape->name, known->shape, known->open);
    }
    writer_end(writer);
}

/* ---- operations ---- */

static void write_reference(struct json_writer *writer, const char *name, const char *schema)
{
    char reference[128];
    snprintf(reference, sizeof reference, "#/components/schemas/%s", schema);
    writer_object(writer, name);
    writer_string(writer, "$ref", reference);
    writer_end(writer);
}

static void write_path_parameters(struct json_writer *writer, const char *path)
{
    for (const char *open = strchr(path, '{'); open != NULL; open = strchr(open + 1, '{')) {
        const char *close = strchr(open, '}');
        writer_object(writer, NULL);
        writer_text(writer, "name", (struct text){open + 1, (size_t)(close - open) - 1});
        writer_string(writer, "in", "path");
        writer_boolean(writer, "required", true);
        writer_raw(writer, "schema", TEXT("{\"type\":\"string\"}"));
        writer_end(writer);
    }
}

static void write_parameters(struct json_writer *writer, const struct route *route)
{
    bool keyed = (route->method == HTTP_POST && route->finish != NULL) || route->keeps_reply;
    if (strchr(route->path, '{') == NULL && route->query == NULL && !keyed)
        return;
    writer_list(writer, "parameters");
    write_path_parameters(writer, route->path);
    for (size_t i = 0; route->query != NULL && i < route->query->field_count; i++) {
        const struct field *field = &route->query->fields[i];
        writer_object(writer, NULL);
        writer_string(writer, "name", field->name);
        writer_string(writer, "in", "query");
        writer_boolean(writer, "required", (field->flags & FIELD_REQUIRED) != 0);
        schema_write_field(writer, "schema", field);
        writer_end(writer);
    }
    if (keyed)
        writer_raw(writer, NULL,
                   TEXT("{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":false,"
                        "\"schema\":{\"type\":\"string\",\"maxLength\":255}}"));
    writer_end(writer);
}

/* One body, or an array of them. */
static void write_one_or_many(struct json_writer *writer, const char *schema, size_t items_max, bool of_replies)
{
    if (items_max == 0) {
        write_reference(writer, "schema", schema);
        return;
    }
    writer_object(writer, "schema");
    writer_list(writer, "anyOf");
    write_reference(writer, NULL, schema);
    writer_object(writer, NULL);
    writer_string(writer, "type", "array");
    if (of_replies) {
        writer_raw(
            writer, "items",
            TEXT("{\"type\":\"object\",\"required\":[\"status\"],\"properties\":{\"status\":{\"type\":\"integer\"},"
                 "\"problem\":{\"$ref\":\"#/components/schemas/Problem\"}}}"));
    } else {
        writer_integer(writer, "minItems", 1);
        writer_integer(writer, "maxItems", (int64_t)items_max);
        write_reference(writer, "items", schema);
    }
    writer_end(writer);
    writer_end(writer);
    writer_end(writer);
}

static void write_request_body(struct json_writer *writer, const struct route *route)
{
    if (route->body == NULL && route->raw_body_max == 0)
        return;
    writer_object(writer, "requestBody");
    writer_boolean(writer, "required", route->body != NULL && !route->body_optional);
    writer_object(writer, "content");
    if (route->body != NULL) {
        writer_object(writer, "application/json");
        write_one_or_many(writer, route->body->name, route->items_max, false);
        writer_end(writer);
        if (route->items_max > 0)
            writer_raw(writer, "application/x-ndjson",
                       TEXT("{\"schema\":{\"type\":\"string\",\"description\":\"One body a line.\"}}"));
    } else {
        writer_raw(writer, "*/*", TEXT("{}"));
        writer_raw(writer, "multipart/form-data",
                   TEXT("{\"schema\":{\"type\":\"object\",\"required\":[\"file\"],"
                        "\"properties\":{\"file\":{\"type\":\"string\",\"format\":\"binary\"}}}}"));
    }
    writer_end(writer);
    writer_end(writer);
}

static void write_page(struct json_writer *writer, const char *schema)
{
    writer_object(writer, "schema");
    writer_string(writer, "type", "object");
    writer_object(writer, "properties");
    writer_object(writer, "items");
    writer_string(writer, "type", "array");
    write_reference(writer, "items", schema);
    writer_end(writer);
    writer_raw(writer, "next", TEXT("{\"type\":[\"string\",\"null\"],\"description\":\"Give it as after.\"}"));
    writer_end(writer);
    writer_raw(writer, "required", TEXT("[\"items\",\"next\"]"));
    writer_end(writer);
}

static void write_success(struct json_writer *writer, const struct route *route)
{
    if (route->kind == REPLY_NONE)
        return;
    writer_object(writer, "content");
    if (route->kind == REPLY_OBJECT || route->kind == REPLY_PAGE) {
        writer_object(writer, "application/json");
        if (route->kind == REPLY_PAGE)
            write_page(writer, route->reply->name);
        else
            write_one_or_many(writer, route->reply->name, route->items_max, true);
        writer_end(writer);
    } else {
        writer_raw(writer, route->kind == REPLY_EVENTS ? "text/event-stream" : "*/*", TEXT("{}"));
    }
    writer_end(writer);
}

static void write_responses(struct json_writer *writer, const struct route *route)
{
    writer_object(writer, "responses");
    if (route->status == 302) {
        writer_raw(writer, "302",
                   TEXT("{\"description\":\"Leads elsewhere.\",\"headers\":{\"Location\":{\"schema\":{\"type\":"
                        "\"string\"}}}}"));
    } else {
        writer_object(writer, "2XX");
        writer_string(writer, "description", "Success.");
        write_success(writer, route);
        writer_end(writer);
    }
    if (route->conditional)
        writer_raw(writer, "304", TEXT("{\"description\":\"Not modified: the ETag is that of If-None-Match.\"}"));
    writer_raw(writer, "default",
               TEXT("{\"description\":\"A problem.\",\"content\":{\"application/problem+json\":"
                    "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}"));
    writer_end(writer);
}

static void write_operation(struct json_writer *writer, const struct route *route)
{
    char method[16];
    const char *name = http_method_name(route->method);
    size_t size = strlen(name);
    for (size_t i = 0; i <= size; i++)
        method[i] = (char)tolower((unsigned char)name[i]);
    writer_object(writer, method);
    writer_string(writer, "operationId", route->operation);
    writer_string(writer, "summary", route->summary);
    if (route->permission == PERMISSION_PUBLIC)
        writer_raw(writer, "security", TEXT("[]"));
    else
        writer_string(writer, "x-permission", permission_name(route->permission));
    if (route->key_optional)
        writer_raw(writer, "security", TEXT("[{},{\"key\":[]},{\"session\":[]}]"));
    writer_string(writer, "x-scope", route_scope_name(route->scope));
    write_parameters(writer, route);
    write_request_body(writer, route);
    write_responses(writer, route);
    writer_end(writer);
}

static bool first_of_path(const struct router *router, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(router_at(router, i)->path, router_at(router, index)->path) == 0)
            return false;
    return true;
}

static void write_paths(struct document *document)
{
    const struct router *router = document->router;
    writer_object(document->writer, "paths");
    for (size_t i = 0; i < router_count(router); i++) {
        const char *path = router_at(router, i)->path;
        if (!first_of_path(router, i))
            continue;
        writer_object(document->writer, path);
        for (size_t j = i; j < router_count(router); j++)
            if (strcmp(router_at(router, j)->path, path) == 0)
                write_operation(document->writer, router_at(router, j));
        writer_end(document->writer);
    }
    writer_end(document->writer);
}

static void check_operations(const struct router *router)
{
    for (size_t i = 0; i < router_count(router); i++) {
        for (size_t j = 0; j < i; j++) {
            bool same = strcmp(router_at(router, i)->operation, router_at(router, j)->operation) == 0;
            if (same)
                log_event(LOG_ERROR, "openapi.name", "two routes are called %s", router_at(router, i)->operation);
            assert(!same);
        }
    }
}

struct text openapi_document(struct arena *arena, const struct router *router)
{
    struct json_writer writer;
    struct document document = {.arena = arena, .writer = &writer, .router = router, .shapes = map_new(arena, 256)};
    check_operations(router);
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    writer_string(&writer, "openapi", "3.1.0");
    writer_object(&writer, "info");
    writer_string(&writer, "title", "Patron");
    writer_string(&writer, "version", PATRON_VERSION);
    writer_end(&writer);
    write_paths(&document);
    writer_object(&writer, "components");
    write_fixed(&document, "securitySchemes",
                "{\"key\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
                "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"patron_session\"}}");
    write_schemas(&document);
    writer_end(&writer);
    write_fixed(&document, "security", "[{\"key\":[]},{\"session\":[]}]");
    writer_end(&writer);
    return writer_done(&writer);
}
