#include "cli/output.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "json/writer.h"

bool output_start(struct output *output, struct cli *cli, const struct output_column *columns, size_t column_count)
{
    static const char *const names[] = {"table", "json", "csv"};
    const char *format = cli_value(cli, "format");
    *output = (struct output){.arena = cli->arena, .columns = columns, .column_count = column_count};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (format == NULL || strcmp(format, names[i]) == 0) {
            output->format = (enum output_format)i;
            return true;
        }
    cli_usage(cli, "the format is table, json or csv, not '%s'", format);
    return false;
}

void output_row(struct output *output, const struct text *fields)
{
    size_t first = output->row_count * output->column_count;

    output->cells = arena_lengthen(output->arena, output->cells, &output->cell_capacity, first + output->column_count,
                                   sizeof *output->cells);
    for (size_t i = 0; i < output->column_count; i++)
        output->cells[first + i] = text_copy(output->arena, fields[i]);
    output->row_count++;
}

static struct text cell_at(const struct output *output, size_t row, size_t column)
{
    return output->cells[row * output->column_count + column];
}

/* Columns of a terminal that the text takes: Chinese letters are two wide. */
static int width(struct text text)
{
    mbstate_t state = {0};
    int columns = 0;
    size_t at = 0;
    while (at < text.size) {
        wchar_t letter = 0;
        size_t size = mbrtowc(&letter, text.bytes + at, text.size - at, &state);
        if (size == 0 || size > text.size - at)
            return columns + (int)(text.size - at);
        int one = wcwidth(letter);
        columns += one > 0 ? one : 0;
        at += size;
    }
    return columns;
}

/* Control characters in data must not steer the terminal. */
static void print_cell(struct text text, int columns, bool right, bool last)
{
    int pad = columns - width(text);
    if (right)
        printf("%*s", pad > 0 ? pad : 0, "");
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        putchar(byte < 0x20 || byte == 0x7F ? ' ' : byte);
    }
    if (!right && !last)
        printf("%*s", pad > 0 ? pad : 0, "");
    if (!last)
        fputs("  ", stdout);
}

static void print_table(const struct output *output)
{
    int widths[OUTPUT_COLUMNS_MAX];
    for (size_t c = 0; c < output->column_count; c++) {
        widths[c] = width(text_from(output->columns[c].name));
        for (size_t r = 0; r < output->row_count; r++) {
            int one = width(cell_at(output, r, c));
            widths[c] = one > widths[c] ? one : widths[c];
        }
    }
    for (size_t c = 0; c < output->column_count; c++)
        print_cell(text_from(output->columns[c].name), widths[c], output->columns[c].number,
                   c + 1 == output->column_count);
    putchar('\n');
    for (size_t r = 0; r < output->row_count; r++) {
        for (size_t c = 0; c < output->column_count; c++)
            print_cell(cell_at(output, r, c), widths[c], output->columns[c].number, c + 1 == output->column_count);
        putchar('\n');
    }
}

static void write_object(const struct output *output, struct json_writer *writer, size_t row)
{
    writer_object(writer, NULL);
    for (size_t c = 0; c < output->column_count; c++) {
        const struct text text = cell_at(output, row, c);
        int64_t number = 0;
        if (!output->columns[c].number)
            writer_text(writer, output->columns[c].name, text);
        else if (text_to_integer(text, &number))
            writer_integer(writer, output->columns[c].name, number);
        else if (text.size == 0)
            writer_null(writer, output->columns[c].name);
        else
            writer_raw(writer, output->columns[c].name, text);
    }
    writer_end(writer);
}

static void print_text(struct text text)
{
    fwrite(text.bytes, 1, text.size, stdout);
    putchar('\n');
}

static void join_json(const struct output *output)
{
    struct json_writer writer;

    writer_start(&writer, output->arena);
    writer_list(&writer, NULL);
    for (size_t r = 0; r < output->row_count; r++)
        write_object(output, &writer, r);
    writer_end(&writer);
    print_text(writer_done(&writer));
}

/* Row by row: millions of rows as one text would take more memory than the analysis. */
static void print_json(const struct output *output)
{
    struct arena *scratch = arena_new(SIZE_MAX);

    if (scratch == NULL) {
        join_json(output);
        return;
    }
    putchar('[');
    for (size_t r = 0; r < output->row_count; r++) {
        struct json_writer writer;

        arena_reset(scratch);
        writer_start(&writer, scratch);
        write_object(output, &writer, r);
        const struct text text = writer_done(&writer);

        if (r > 0)
            putchar(',');
        fwrite(text.bytes, 1, text.size, stdout);
    }
    fputs("]\n", stdout);
    arena_free(scratch);
}

static void print_csv_cell(struct text text)
{
    bool quotes = false;
    for (size_t i = 0; i < text.size; i++)
        quotes |= strchr(",\"\r\n", text.bytes[i]) != NULL;
    if (!quotes) {
        fwrite(text.bytes, 1, text.size, stdout);
        return;
    }
    putchar('"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '"')
            putchar('"');
        putchar(text.bytes[i]);
    }
    putchar('"');
}

static void print_csv(const struct output *output)
{
    for (size_t c = 0; c < output->column_count; c++)
        printf("%s%s", c > 0 ? "," : "", output->columns[c].name);
    putchar('\n');
    for (size_t r = 0; r < output->row_count; r++) {
        for (size_t c = 0; c < output->column_count; c++) {
            if (c > 0)
                putchar(',');
            print_csv_cell(cell_at(output, r, c));
        }
        putchar('\n');
    }
}

void output_end(struct output *output)
{
    switch (output->format) {
    case OUTPUT_TABLE:
        print_table(output);
        break;
    case OUTPUT_JSON:
        print_json(output);
        break;
    case OUTPUT_CSV:
        print_csv(output);
        break;
    }
}

void output_object_end(struct output *output)
{
    if (output->format == OUTPUT_CSV) {
        print_csv(output);
        return;
    }
    if (output->format == OUTPUT_JSON) {
        struct json_writer writer;
        writer_start(&writer, output->arena);
        write_object(output, &writer, 0);
        print_text(writer_done(&writer));
        return;
    }
    int widest = 0;
    for (size_t c = 0; c < output->column_count; c++) {
        int one = width(text_from(output->columns[c].name));
        widest = one > widest ? one : widest;
    }
    for (size_t c = 0; c < output->column_count; c++) {
        print_cell(text_from(output->columns[c].name), widest, false, false);
        print_cell(cell_at(output, 0, c), 0, false, true);
        putchar('\n');
    }
}
