/* body.c: reads the query and the body of a request into the structs of its route. */
#include "api/body.h"

#include <string.h>

enum { QUERY_PARAMETERS_MAX = 64 };

/* Splits "a=1&b=2" and decodes both sides. */
static enum status split_query(struct arena *arena, struct text query, struct parameter *parameters, size_t *count,
                               struct error *err)
{
    const char *at = query.bytes;
    const char *end = query.size == 0 ? at : at + query.size;
    while (at < end) {
        const char *mark = memchr(at, '&', (size_t)(end - at));
        const char *stop = mark == NULL ? end : mark;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        struct text name = {at, (size_t)((equals == NULL ? stop : equals) - at)};
        struct text value = {equals == NULL ? stop : equals + 1, equals == NULL ? 0 : (size_t)(stop - equals - 1)};
        at = stop + 1;
        if (name.size == 0 && value.size == 0)
            continue;
        if (*count == QUERY_PARAMETERS_MAX)
            return error_set(err, STATUS_INVALID, "http.query", "", "a query has at most %d parameters",
                             QUERY_PARAMETERS_MAX);
        struct parameter *parameter = &parameters[(*count)++];
        if (!http_decode(arena, name, true, &parameter->name) || !http_decode(arena, value, true, &parameter->value))
            return error_set(err, STATUS_INVALID, "http.query", "", "the query is not valid percent-encoded UTF-8");
    }
    return STATUS_OK;
}

enum status body_read_query(struct request *request, struct error *err)
{
    static const struct shape nothing = {.name = "NoQuery", .size = 1};
    const struct shape *shape = request->call.route->query;
    struct arena *arena = request->call.arena;
    if (shape == NULL && request->exchange->query.size == 0)
        return STATUS_OK;
    if (shape == NULL)
        shape = &nothing;
    struct parameter *parameters = arena_array(arena, QUERY_PARAMETERS_MAX, sizeof *parameters);
    size_t count = 0;
    enum status status = split_query(arena, request->exchange->query, parameters, &count, err);
    if (status != STATUS_OK)
        return status;
    void *query = arena_alloc(arena, shape->size);
    status = shape_read_parameters(arena, shape, parameters, count, query, err);
    if (status == STATUS_OK)
        request->call.query = request->query = query;
    return status;
}

static void make_items(struct request *request, size_t count)
{
    struct arena *arena = request->call.arena;
    request->item_count = count;
    request->items = arena_array(arena, count, sizeof *request->items);
    request->states = arena_array(arena, count, sizeof *request->states);
    for (size_t i = 0; i < count; i++) {
        request->items[i].call = &request->call;
        request->items[i].index = i;
    }
}

static enum status read_item(struct request *request, size_t index, const struct json_t *value, struct error *err)
{
    const struct shape *shape = request->call.route->body;
    void *body = arena_alloc(request->call.arena, shape->size);
    enum status status = shape_read(request->call.arena, shape, value, body, err);
    if (status == STATUS_OK)
        request->items[index].body = body;
    return status;
}

static enum status read_array(struct request *request, const struct json_t *value, struct error *err)
{
    size_t count = json_list_count(value);
    size_t maximum = request->call.route->items_max;
    if (maximum == 0)
        return error_set(err, STATUS_INVALID, "json.type", "", "this address takes one object, not a list");
    if (count == 0 || count > maximum)
        return error_set(err, STATUS_INVALID, "json.count", "", "a list here has 1 to %zu elements, not %zu", maximum,
                         count);
    request->array = true;
    make_items(request, count);
    for (size_t i = 0; i < count; i++) {
        struct item_state *state = &request->states[i];
        state->status = read_item(request, i, json_list_at(value, i), &state->error);
    }
    return STATUS_OK;
}

static bool is_type(struct text media_type, const char *type)
{
    return media_type.size >= strlen(type) && strncasecmp(media_type.bytes, type, strlen(type)) == 0;
}

/* The next line that is not blank; false at the end. */
static bool next_line(struct text *rest, struct text *line)
{
    while (rest->size > 0) {
        const char *end = memchr(rest->bytes, '\n', rest->size);
        size_t size = end == NULL ? rest->size : (size_t)(end - rest->bytes);
        *line = text_trim((struct text){rest->bytes, size});
        size_t taken = end == NULL ? size : size + 1;
        *rest = (struct text){rest->bytes + taken, rest->size - taken};
        if (line->size > 0)
            return true;
    }
    return false;
}

/* A line that is no JSON is refused alone, like any element of a list. */
static enum status read_lines(struct request *request, struct error *err)
{
    size_t count = 0, maximum = request->call.route->items_max;
    struct text rest = request->body, line;
    while (next_line(&rest, &line))
        count++;
    if (count == 0 || count > maximum)
        return error_set(err, STATUS_INVALID, "json.count", "", "a list here has 1 to %zu lines, not %zu", maximum,
                         count);
    request->array = true;
    make_items(request, count);
    rest = request->body;
    for (size_t i = 0; next_line(&rest, &line); i++) {
        struct item_state *state = &request->states[i];
        struct json_t *value = NULL;
        state->status = json_parse(line, &value, &state->error);
        if (state->status == STATUS_OK)
            state->status = read_item(request, i, value, &state->error);
        json_release(value);
    }
    return STATUS_OK;
}

enum status body_read(struct request *request, struct error *err)
{
    const struct route *route = request->call.route;
    if (route->body == NULL || (route->body_optional && request->body.size == 0)) {
        make_items(request, 1);
        if (route->body == NULL)
            return STATUS_OK;
        request->body = TEXT("{}");
    }
    struct text media_type = http_header(request->exchange, "Content-Type");
    if (route->items_max > 0 && is_type(media_type, "application/x-ndjson"))
        return read_lines(request, err);
    if (media_type.size > 0 && !is_type(media_type, "application/json"))
        return error_set(err, STATUS_INVALID, "http.media_type", "Content-Type", "send the body as application/json");
    struct json_t *value;
    enum status status = json_parse(request->body, &value, err);
    if (status != STATUS_OK)
        return status;
    if (json_is_list(value)) {
        status = read_array(request, value, err);
    } else {
        make_items(request, 1);
        status = read_item(request, 0, value, err);
    }
    json_release(value);
    return status;
}
