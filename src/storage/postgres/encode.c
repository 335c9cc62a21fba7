/* encode.c: values in PostgreSQL's binary form; the columns of :rows become one-dimensional arrays. */
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "storage/postgres/postgres.h"

enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25, ARRAY_HEADER_BYTES = 20, INTEGER_BYTES = 8, LENGTH_BYTES = 4 };

static char *put_int32(char *at, int32_t value)
{
    uint32_t bits = (uint32_t)value;
    for (int i = 0; i < 4; i++)
        at[i] = (char)(unsigned char)(bits >> (24 - 8 * i));
    return at + 4;
}

static char *put_int64(char *at, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    for (int i = 0; i < 8; i++)
        at[i] = (char)(unsigned char)(bits >> (56 - 8 * i));
    return at + 8;
}

static size_t value_bytes(const struct storage_value *value)
{
    if (value->type == STORAGE_NULL)
        return 0;
    return value->type == STORAGE_INTEGER ? INTEGER_BYTES : value->text.size;
}

static char *put_value(char *at, const struct storage_value *value)
{
    if (value->type == STORAGE_INTEGER)
        return put_int64(at, value->integer);
    if (value->type != STORAGE_NULL && value->text.size > 0) {
        memcpy(at, value->text.bytes, value->text.size);
        at += value->text.size;
    }
    return at;
}

Oid postgres_type(enum storage_type type)
{
    if (type == STORAGE_INTEGER)
        return OID_INT8;
    return type == STORAGE_BLOB ? OID_BYTEA : OID_TEXT;
}

/* The bytes of all parameters together; the order of the values does not matter for it. */
static size_t work_bytes(const struct driver_work *work)
{
    size_t columns = (size_t)work->query->parameter_count;
    size_t bytes = columns * ARRAY_HEADER_BYTES;

    for (size_t i = 0; i < work->row_count * columns; i++) {
        const struct storage_value *value = &work->values[i];
        assert(value->type == STORAGE_NULL || value->type == work->query->parameters[i % columns]);
        bytes += LENGTH_BYTES + value_bytes(value);
    }
    return bytes;
}

static char *put_array(char *at, const struct driver_work *work, int column)
{
    at = put_int32(at, 1); /* dimensions */
    at = put_int32(at, 1); /* may hold NULL */
    at = put_int32(at, (int32_t)postgres_type(work->query->parameters[column]));
    at = put_int32(at, (int32_t)work->row_count);
    at = put_int32(at, 1); /* the first index */
    for (size_t row = 0; row < work->row_count; row++) {
        const struct storage_value *value = &work->values[row * (size_t)work->query->parameter_count + (size_t)column];
        at = put_int32(at, value->type == STORAGE_NULL ? -1 : (int32_t)value_bytes(value));
        at = put_value(at, value);
    }
    return at;
}

static bool buffer_reserve(struct postgres_connection *connection, size_t size)
{
    if (size <= connection->buffer_capacity)
        return true;
    char *buffer = realloc(connection->buffer, size + size / 2);
    if (buffer == NULL)
        return false;
    connection->buffer = buffer;
    connection->buffer_capacity = size + size / 2;
    return true;
}

enum status postgres_encode(struct postgres_connection *connection, const struct driver_work *work,
                            struct postgres_parameters *out, struct error *err)
{
    const struct storage_query *query = work->query;
    size_t size = work_bytes(work);

    if (size > INT_MAX)
        return error_set(err, STATUS_DEFECT, "storage.data", "", "%s was given %zu bytes at once", query->name, size);
    if (!buffer_reserve(connection, size + 1))
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory for the parameters of %s", query->name);
    char *at = connection->buffer;
    for (int i = 0; i < query->parameter_count; i++) {
        char *start = at;
        bool null = !query->rows && work->values[i].type == STORAGE_NULL;
        at = query->rows ? put_array(at, work, i) : put_value(at, &work->values[i]);
        out->values[i] = null ? NULL : start;
        out->sizes[i] = (int)(at - start);
        out->formats[i] = 1;
    }
    return STATUS_OK;
}
