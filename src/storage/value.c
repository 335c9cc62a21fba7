/* value.c: values for statements, and columns of rows. */
#include <assert.h>

#include "storage/storage.h"

struct storage_value value_string(const char *string)
{
    return string == NULL ? value_null() : value_text(text_from(string));
}

static const struct storage_value *column_at(const struct storage_row *row, int column)
{
    assert(column >= 0);
    assert(column < row->count);
    return &row->values[column];
}

int64_t row_integer(const struct storage_row *row, int column)
{
    const struct storage_value *value = column_at(row, column);
    assert(value->type == STORAGE_INTEGER || value->type == STORAGE_NULL);
    return value->type == STORAGE_NULL ? 0 : value->integer;
}

struct text row_text(const struct storage_row *row, int column)
{
    const struct storage_value *value = column_at(row, column);
    assert(value->type != STORAGE_INTEGER);
    return value->type == STORAGE_NULL ? TEXT("") : value->text;
}

bool row_is_null(const struct storage_row *row, int column)
{
    return column_at(row, column)->type == STORAGE_NULL;
}

struct text row_text_copy(const struct storage_row *row, int column, struct arena *arena)
{
    return text_copy(arena, row_text(row, column));
}
