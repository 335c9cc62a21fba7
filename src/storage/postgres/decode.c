/* decode.c: rows of a binary result as values. */
#include <assert.h>
#include <endian.h>
#include <string.h>

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

enum column_kind { COLUMN_INTEGER, COLUMN_BOOL, COLUMN_TEXT, COLUMN_BYTES, COLUMN_UNKNOWN };

static enum column_kind kind_of(Oid type)
{
    switch (type) {
    case OID_INT8:
    case OID_INT4:
    case OID_INT2:
        return COLUMN_INTEGER;
    case OID_BOOL:
        return COLUMN_BOOL;
    case OID_TEXT:
    case OID_VARCHAR:
    case OID_NAME:
    case OID_UNKNOWN:
        return COLUMN_TEXT;
    case OID_BYTEA:
        return COLUMN_BYTES;
    default:
        return COLUMN_UNKNOWN;
    }
}

static int64_t get_integer(const char *bytes, int size)
{
    uint64_t bits = (unsigned char)bytes[0] & 0x80 ? UINT64_MAX : 0;

    if (size == (int)sizeof bits) {
        memcpy(&bits, bytes, sizeof bits);
        return (int64_t)be64toh(bits);
    }
    for (int i = 0; i < size; i++)
        bits = bits << 8 | (unsigned char)bytes[i];
    return (int64_t)bits;
}

/* Field by field, which is read again sooner than a copy of the whole would be. */
static void decode_value(enum column_kind kind, const char *bytes, int size, struct storage_value *out)
{
    switch (kind) {
    case COLUMN_INTEGER:
        out->type = STORAGE_INTEGER;
        out->integer = get_integer(bytes, size);
        break;
    case COLUMN_BOOL:
        out->type = STORAGE_INTEGER;
        out->integer = bytes[0] != 0;
        break;
    case COLUMN_TEXT:
    case COLUMN_BYTES:
        out->type = kind == COLUMN_TEXT ? STORAGE_TEXT : STORAGE_BLOB;
        out->text.bytes = bytes;
        out->text.size = (size_t)size;
        break;
    case COLUMN_UNKNOWN:
        out->type = STORAGE_NULL;
        break;
    }
}

static void decode_row(const PGresult *result, int row, const enum column_kind *kinds, const struct storage_row *out,
                       struct storage_value *values)
{
    for (int column = 0; column < out->count; column++) {
        int size = PQgetlength(result, row, column); /* 0 for NULL */
        if (size == 0 && PQgetisnull(result, row, column))
            values[column].type = STORAGE_NULL;
        else
            decode_value(kinds[column], PQgetvalue(result, row, column), size, &values[column]);
    }
}

enum status postgres_decode(const PGresult *result, const struct postgres_pending *pending, struct error *err)
{
    struct storage_value values[STORAGE_COLUMNS_MAX];
    enum column_kind kinds[STORAGE_COLUMNS_MAX];
    const struct storage_row row = {values, PQnfields(result)};
    enum status status = STATUS_OK;

    if (pending->receiver.row == NULL)
        return STATUS_OK;
    assert(row.count <= STORAGE_COLUMNS_MAX);
    for (int column = 0; column < row.count; column++) {
        kinds[column] = kind_of(PQftype(result, column));
        if (kinds[column] == COLUMN_UNKNOWN)
            return error_set(err, STATUS_DEFECT, "storage.data", "",
                             "%s returns column %d as type %u; cast it to bigint, text or bytea", pending->doing,
                             column + 1, PQftype(result, column));
    }
    for (int i = 0; i < PQntuples(result) && status == STATUS_OK; i++) {
        decode_row(result, i, kinds, &row, values);
        status = pending->receiver.row(pending->receiver.context, &row, err);
    }
    return status;
}
