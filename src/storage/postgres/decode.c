/* decode.c: rows of a binary result as values. */
#include <assert.h>

#include "storage/postgres/postgres.h"

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_UNKNOWN = 705,
    OID_VARCHAR = 1043
};

static int64_t get_integer(const char *bytes, int size)
{
    uint64_t bits = (unsigned char)bytes[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < size; i++)
        bits = bits << 8 | (unsigned char)bytes[i];
    return (int64_t)bits;
}

static bool decode_value(const PGresult *result, int row, int column, struct storage_value *out)
{
    const char *bytes = PQgetvalue(result, row, column);
    int size = PQgetlength(result, row, column);

    if (PQgetisnull(result, row, column)) {
        *out = value_null();
        return true;
    }
    switch (PQftype(result, column)) {
    case OID_INT8:
    case OID_INT4:
    case OID_INT2:
        *out = value_integer(get_integer(bytes, size));
        return true;
    case OID_BOOL:
        *out = value_integer(bytes[0] != 0);
        return true;
    case OID_TEXT:
    case OID_VARCHAR:
    case OID_NAME:
    case OID_UNKNOWN:
        *out = value_text((struct text){bytes, (size_t)size});
        return true;
    case OID_BYTEA:
        *out = value_blob(bytes, (size_t)size);
        return true;
    default:
        return false;
    }
}

enum status postgres_decode(const PGresult *result, const struct postgres_pending *pending, struct error *err)
{
    struct storage_value values[STORAGE_COLUMNS_MAX];
    struct storage_row row = {values, PQnfields(result)};

    if (pending->receiver.row == NULL)
        return STATUS_OK;
    assert(row.count <= STORAGE_COLUMNS_MAX);
    for (int i = 0; i < PQntuples(result); i++) {
        for (int column = 0; column < row.count; column++)
            if (!decode_value(result, i, column, &values[column]))
                return error_set(err, STATUS_DEFECT, "storage.data", "",
                                 "%s returns column %d as type %u; cast it to bigint, text or bytea", pending->doing,
                                 column + 1, PQftype(result, column));
        enum status status = pending->receiver.row(pending->receiver.context, &row, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
