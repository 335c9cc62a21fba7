#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "features/exchange/reader_internal.h"

bool blank_split(struct text line, struct text *fields, size_t *count)
{
    *count = 0;
    size_t at = 0;
    while (at < line.size) {
        while (at < line.size && (line.bytes[at] == ' ' || line.bytes[at] == '\t' || line.bytes[at] == '\r'))
            at++;
        size_t start = at;
        while (at < line.size && line.bytes[at] != ' ' && line.bytes[at] != '\t' && line.bytes[at] != '\r')
            at++;
        if (at == start)
            break;
        if (*count == READER_COLUMNS_MAX)
            return false;
        fields[(*count)++] = (struct text){line.bytes + start, at - start};
    }
    return true;
}

/* A scalar as its text; arrays as compact JSON; null as nothing. */
static struct text json_scalar(struct reader *reader, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return text_copy(reader->rows_arena, (struct text){json_string_value(value), json_string_length(value)});
    case JSON_INTEGER:
        return text_from(arena_format(reader->rows_arena, "%lld", (long long)json_integer_value(value)));
    case JSON_REAL:
        return text_from(arena_format(reader->rows_arena, "%.15g", json_real_value(value)));
    case JSON_TRUE:
        return TEXT("true");
    case JSON_FALSE:
        return TEXT("false");
    case JSON_ARRAY: {
        char *dump = json_dumps(value, JSON_COMPACT);
        struct text text = text_copy(reader->rows_arena, text_from(dump));
        free(dump);
        return text;
    }
    case JSON_NULL:
    case JSON_OBJECT:
        break;
    }
    return (struct text){NULL, 0};
}

static const char *json_column(struct reader *reader, struct text name, size_t *column)
{
    const void *known = map_get(reader->names, name);
    if (known != NULL) {
        *column = (size_t)((const struct text *)known - reader->columns);
        return NULL;
    }
    if (reader->column_count == READER_COLUMNS_MAX)
        return "import.column_count";
    *column = reader->column_count++;
    reader->columns[*column] = text_copy(reader->arena, name);
    map_put(reader->names, reader->columns[*column], &reader->columns[*column]);
    return NULL;
}

/* Members of an inner object are columns "outer.inner"; one level is enough for amounts and addresses. */
static const char *json_members(struct reader *reader, const json_t *object, const char *prefix, struct text *fields)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)object, key, value)
    {
        const char *name = prefix == NULL ? key : arena_format(reader->rows_arena, "%s.%s", prefix, key);
        if (json_is_object(value)) {
            const char *fault = prefix == NULL ? json_members(reader, value, name, fields) : "import.json";
            if (fault != NULL)
                return fault;
            continue;
        }
        size_t column = 0;
        const char *fault = json_column(reader, text_from(name), &column);
        if (fault != NULL)
            return fault;
        fields[column] = json_scalar(reader, value);
    }
    return NULL;
}

const char *json_split(struct reader *reader, struct text line, struct text *fields, size_t *count)
{
    json_error_t error;
    json_t *root = json_loadb(line.bytes, line.size, JSON_REJECT_DUPLICATES, &error);
    const char *fault = "import.json";
    if (json_is_object(root)) {
        memset(fields, 0, sizeof *fields * READER_COLUMNS_MAX);
        fault = json_members(reader, root, NULL, fields);
    }
    json_decref(root);
    *count = reader->column_count;
    return fault;
}

static void line_ended(struct reader *reader, struct text line)
{
    int64_t number = reader->line++;
    struct text fields[READER_COLUMNS_MAX];
    size_t count = 0;
    if (reader->line_skipping) {
        reader->line_skipping = false;
        reader_row_add(reader, NULL, 0, number, "import.row_size");
        return;
    }
    struct text trimmed = text_trim(line);
    if (trimmed.size == 0)
        return;
    line = text_copy(reader->rows_arena, trimmed);
    const char *fault = NULL;
    if (reader->format == READER_JSON)
        fault = json_split(reader, line, fields, &count);
    else if (!blank_split(line, fields, &count))
        fault = "import.column_count";
    reader_row_add(reader, fields, fault == NULL ? count : 0, number, fault);
}

static void lines_take(struct reader *reader)
{
    size_t at = 0;
    while (at < reader->buffer_size) {
        const char *found = memchr(reader->buffer + at, '\n', reader->buffer_size - at);
        if (found == NULL)
            break;
        size_t end = (size_t)(found - reader->buffer);
        line_ended(reader, (struct text){reader->buffer + at, end - at});
        at = end + 1;
    }
    memmove(reader->buffer, reader->buffer + at, reader->buffer_size - at);
    reader->buffer_size -= at;
    if (reader->buffer_size >= READER_ROW_SIZE_MAX) {
        reader->buffer_size = 0;
        reader->line_skipping = true;
    }
}

enum status lines_fill(struct reader *reader, struct error *err)
{
    if (reader->buffer == NULL)
        reader->buffer = malloc(READER_ROW_SIZE_MAX + INPUT_CHUNK_SIZE);
    if (reader->buffer == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to read with");
    while (reader->row_count == 0 && !reader->ended) {
        size_t got = 0;
        enum status status =
            input_read(&reader->input, reader->buffer + reader->buffer_size, INPUT_CHUNK_SIZE, &got, err);
        if (status != STATUS_OK)
            return status;
        reader->buffer_size += got;
        if (got == 0) {
            if (reader->buffer_size > 0 || reader->line_skipping)
                line_ended(reader, (struct text){reader->buffer, reader->buffer_size});
            reader->buffer_size = 0;
            reader->ended = true;
            return STATUS_OK;
        }
        lines_take(reader);
    }
    return STATUS_OK;
}
