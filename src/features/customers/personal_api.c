#include "features/customers/personal_api.h"

#include "engine/decide.h"
#include "json/writer.h"

static void write_value(struct json_writer *writer, const struct personal_column *column,
                        const struct personal_value *value)
{
    switch (column->type) {
    case PERSONAL_TEXT:
        writer_text(writer, column->name, value->text);
        break;
    case PERSONAL_JSON:
        writer_raw(writer, column->name, value->text);
        break;
    case PERSONAL_INTEGER:
        writer_integer(writer, column->name, value->integer);
        break;
    case PERSONAL_FACT:
        writer_boolean(writer, column->name, value->integer != 0);
        break;
    case PERSONAL_INSTANT:
        writer_instant(writer, column->name, value->integer);
        break;
    case PERSONAL_DAY:
        writer_day(writer, column->name, (int32_t)value->integer);
        break;
    case PERSONAL_ACCOUNT:
        writer_string(writer, column->name, account_name((enum account)value->integer));
        break;
    case PERSONAL_EVENT:
        writer_id(writer, column->name, "evt", value->integer);
        break;
    case PERSONAL_MEMBER:
        writer_id(writer, column->name, "mbr", value->integer);
        break;
    case PERSONAL_HIDDEN:
        break;
    }
}

void personal_write(void *context, const struct personal_table *table, const struct personal_value *values)
{
    struct json_writer *writer = context;

    writer_object(writer, NULL);
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].type == PERSONAL_HIDDEN)
            continue;
        if (values->null)
            writer_null(writer, table->columns[i].name);
        else
            write_value(writer, &table->columns[i], values);
        values++;
    }
    writer_end(writer);
}
