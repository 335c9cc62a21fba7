#include "features/exchange/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>
#include <zlib.h>

static char path[64];

static void write_file(const void *bytes, size_t size)
{
    strcpy(path, "/tmp/patron-reader-XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, bytes, size), (ssize_t)size);
    close(descriptor);
}

static struct reader *open_file(struct reader_options options)
{
    struct reader *reader = NULL;
    struct error error = {0};
    options.path = path;
    if (reader_open(&options, &reader, &error) != STATUS_OK)
        fail_msg("%s", error.message);
    return reader;
}

static struct reader *open_text(const char *text, struct reader_options options)
{
    write_file(text, strlen(text));
    return open_file(options);
}

/* The next row as its fields with '|' between; "(end)"; or the code of its fault. */
static const char *next_row(struct reader *reader, int64_t *line)
{
    static char row[4096];
    struct record record = {0};
    struct error error = {0};
    bool end = false;
    enum status status = reader_next(reader, &record, &end, &error);
    if (end)
        return "(end)";
    *line = record.line;
    if (status != STATUS_OK)
        return strcpy(row, error.code);
    size_t size = 0;
    row[0] = '\0';
    for (size_t i = 0; i < record.field_count; i++)
        size += (size_t)snprintf(row + size, sizeof row - size, "%s%.*s", i > 0 ? "|" : "", (int)record.fields[i].size,
                                 record.fields[i].bytes);
    return row;
}

static void assert_rows(struct reader *reader, const char *const *rows)
{
    int64_t line = 0;
    for (; *rows != NULL; rows++)
        assert_string_equal(next_row(reader, &line), *rows);
    assert_string_equal(next_row(reader, &line), "(end)");
    reader_close(reader);
    unlink(path);
}

static void csv_of_any_dialect_is_split_alike(void **state)
{
    static const char *const rows[] = {"1|two, \"quoted\"|3", "4|five|", NULL};
    (void)state;
    assert_rows(open_text("id,name,note\n1,\"two, \"\"quoted\"\"\",3\n4,five,\n", (struct reader_options){0}), rows);
    assert_rows(open_text("id;name;note\r\n1;\"two, \"\"quoted\"\"\";3\r\n4;five;\r\n", (struct reader_options){0}),
                rows);
    assert_rows(open_text("id\tname\tnote\n1\t\"two, \"\"quoted\"\"\"\t3\n\n4\tfive\t", (struct reader_options){0}),
                rows);
    assert_rows(
        open_text("\xEF\xBB\xBFid|name|note\r1|\"two, \"\"quoted\"\"\"|3\r4|five|\r", (struct reader_options){0}),
        rows);
}

static void a_first_row_with_figures_is_no_header(void **state)
{
    size_t count = 0;
    static const char *const rows[] = {"00001|19970101", "00002|19970112", NULL};
    (void)state;
    struct reader *reader = open_text("00001,19970101\n00002,19970112\n", (struct reader_options){0});
    assert_true(text_equals(reader_columns(reader, &count)[1], "2"));
    assert_int_equal(count, 2);
    assert_rows(reader, rows);
}

static void columns_aligned_with_blanks_need_names_or_a_header(void **state)
{
    static const char *const rows[] = {"00001|19970101|1|11.77", "00002|19970112|1|12.00", NULL};
    const char *text = " customer_id  date number_of_cds  dollar_value\r\n 00001 19970101  1   11.77\r\n"
                       " 00002 19970112  1   12.00\r\n";
    size_t count = 0;
    (void)state;
    struct reader *reader = open_text(text, (struct reader_options){.format = READER_BLANK});
    assert_true(text_equals(reader_columns(reader, &count)[3], "dollar_value"));
    assert_rows(reader, rows);
    reader = open_text(text, (struct reader_options){.format = READER_BLANK, .columns = "customer,date,units,dollars"});
    assert_true(text_equals(reader_columns(reader, &count)[3], "dollars"));
    assert_rows(reader, rows);
}

static void json_lines_find_their_columns_as_they_come(void **state)
{
    static const char *const rows[] = {"1|12.90", "import.json", "2||CNY", NULL};
    (void)state;
    assert_rows(open_text("{\"id\": 1, \"amount\": \"12.90\"}\n[1]\n\n{\"id\": 2, \"amount\": null, \"more\": "
                          "{\"currency\": \"CNY\"}}",
                          (struct reader_options){0}),
                rows);
}

static void gzip_is_known_by_its_first_bytes(void **state)
{
    static const char *const rows[] = {"1|2", NULL};
    unsigned char packed[256];
    z_stream stream = {0};
    (void)state;
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t) "a,b\n1,2\n";
    stream.avail_in = 8;
    stream.next_out = packed;
    stream.avail_out = sizeof packed;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    write_file(packed, sizeof packed - stream.avail_out);
    assert_rows(open_file((struct reader_options){0}), rows);

    /* Cut off in the middle: an error, never a shorter file. */
    struct reader *reader = NULL;
    struct error error = {0};
    struct reader_options options = {.path = path};
    write_file(packed, (sizeof packed - stream.avail_out) / 2);
    assert_int_equal(reader_open(&options, &reader, &error), STATUS_IO);
    assert_string_equal(error.code, "import.read");
    unlink(path);
    deflateEnd(&stream);
}

static void chinese_encodings_are_found_or_named(void **state)
{
    static const char *const rows[] = {"王小明|港", NULL};
    (void)state;
    /* GB18030 and UTF-16 of "name,city / 王小明,港". */
    const char *gb = "name,city\n\xCD\xF5\xD0\xA1\xC3\xF7,\xB8\xDB\n";
    assert_rows(open_text(gb, (struct reader_options){.encoding = "GB18030"}), rows);
    static const unsigned char wide[] = {0xFF, 0xFE, 'n',  0,    'a',  0,    ',', 0, 'c',  0,    '\n', 0,
                                         0x8B, 0x73, 0x0F, 0x5C, 0x0E, 0x66, ',', 0, 0x2F, 0x6E, '\n', 0};
    write_file(wide, sizeof wide);
    assert_rows(open_file((struct reader_options){0}), rows);
    struct reader *reader = NULL;
    struct error error = {0};
    struct reader_options options = {.path = path, .encoding = "klingon"};
    write_file(gb, strlen(gb));
    assert_int_equal(reader_open(&options, &reader, &error), STATUS_INVALID);
    assert_string_equal(error.code, "import.encoding");
    unlink(path);
}

static void a_bad_row_is_told_and_the_next_ones_are_read(void **state)
{
    static const char *const rows[] = {"1|2", "import.column_count", "import.utf8", "5|6", NULL};
    (void)state;
    assert_rows(open_text("a,b\n1,2\n1,2,3\n\xFF\xFE,x\n5,6\n", (struct reader_options){.encoding = "UTF-8"}), rows);
}

static void lines_are_counted_through_quotes_and_carriage_returns(void **state)
{
    int64_t line = 0;
    (void)state;
    struct reader *reader = open_text("a,b\r\n\"one\ntwo\",2\r\n\r\n5,6\r\n", (struct reader_options){0});
    next_row(reader, &line);
    assert_int_equal(line, 2);
    next_row(reader, &line);
    assert_int_equal(line, 5);
    reader_close(reader);
    unlink(path);
}

static void a_row_larger_than_the_limit_is_refused(void **state)
{
    size_t size = READER_ROW_SIZE_MAX + 100000;
    char *text = malloc(size + 64);
    int64_t line = 0;
    (void)state;
    strcpy(text, "a,b\n");
    memset(text + 4, 'x', size);
    strcpy(text + 4 + size, ",1\n2,3\n");
    struct reader *reader = open_text(text, (struct reader_options){0});
    assert_string_equal(next_row(reader, &line), "import.row_size");
    assert_string_equal(next_row(reader, &line), "2|3");
    reader_close(reader);
    unlink(path);
    free(text);
}

static void rows_that_cross_chunks_are_whole(void **state)
{
    enum { ROWS = 20000 };
    char *text = malloc(ROWS * 32);
    size_t size = 0;
    (void)state;
    size += (size_t)sprintf(text, "number,text\n");
    for (int i = 0; i < ROWS; i++)
        size += (size_t)sprintf(text + size, "%d,\"row %d\"\n", i, i);
    struct reader *reader = open_text(text, (struct reader_options){0});
    for (int i = 0; i < ROWS; i++) {
        char expected[64];
        int64_t line = 0;
        snprintf(expected, sizeof expected, "%d|row %d", i, i);
        assert_string_equal(next_row(reader, &line), expected);
        assert_int_equal(line, i + 2);
    }
    reader_close(reader);
    unlink(path);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_of_any_dialect_is_split_alike),
        cmocka_unit_test(a_first_row_with_figures_is_no_header),
        cmocka_unit_test(columns_aligned_with_blanks_need_names_or_a_header),
        cmocka_unit_test(json_lines_find_their_columns_as_they_come),
        cmocka_unit_test(gzip_is_known_by_its_first_bytes),
        cmocka_unit_test(chinese_encodings_are_found_or_named),
        cmocka_unit_test(a_bad_row_is_told_and_the_next_ones_are_read),
        cmocka_unit_test(lines_are_counted_through_quotes_and_carriage_returns),
        cmocka_unit_test(a_row_larger_than_the_limit_is_refused),
        cmocka_unit_test(rows_that_cross_chunks_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
