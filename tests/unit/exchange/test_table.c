#include "features/exchange/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

static const struct table_column columns[] = {{"name", false}, {"amount", true}};

/* What the rows give in the format. */
static const char *write_rows(enum table_format format, bool bom, const struct text (*rows)[2], size_t count)
{
    static char content[65536];
    char path[] = "/tmp/patron-table-XXXXXX";
    struct table *table = NULL;
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    struct table_options options = {format, path, bom};
    assert_int_equal(table_open(&options, columns, 2, &table, NULL), STATUS_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(table_row(table, rows[i], NULL), STATUS_OK);
    assert_int_equal(table_close(table, NULL), STATUS_OK);
    ssize_t size = read(descriptor, content, sizeof content - 1);
    assert_true(size >= 0);
    content[size] = '\0';
    close(descriptor);
    unlink(path);
    return content;
}

static void formulas_are_escaped_and_numbers_are_not(void **state)
{
    const struct text rows[][2] = {{TEXT("=1+1"), TEXT("-12.90")},
                                   {TEXT("@x"), TEXT("=2")},
                                   {TEXT("+86138"), TEXT("")},
                                   {TEXT("-"), TEXT("5")},
                                   {TEXT("王"), TEXT("0")}};
    (void)state;
    assert_string_equal(write_rows(TABLE_CSV, false, rows, 5),
                        "name,amount\n'=1+1,-12.90\n'@x,'=2\n'+86138,\n'-,5\n王,0\n");
}

static void csv_quotes_what_needs_it_and_begins_with_a_mark_on_demand(void **state)
{
    const struct text rows[][2] = {{TEXT("a,\"b\"\nc"), TEXT("1")}};
    (void)state;
    assert_string_equal(write_rows(TABLE_CSV, true, rows, 1), "\xEF\xBB\xBFname,amount\n\"a,\"\"b\"\"\nc\",1\n");
}

static void json_lines_keep_exact_amounts_as_text(void **state)
{
    const struct text rows[][2] = {{TEXT("=a"), TEXT("12")}, {TEXT("b"), TEXT("12.90")}, {TEXT("c"), TEXT("")}};
    (void)state;
    assert_string_equal(write_rows(TABLE_JSON, false, rows, 3),
                        "{\"name\":\"=a\",\"amount\":12}\n{\"name\":\"b\",\"amount\":\"12.90\"}\n"
                        "{\"name\":\"c\",\"amount\":null}\n");
}

static void xlsx_needs_a_file(void **state)
{
    struct table *table = NULL;
    struct error error = {0};
    struct table_options options = {TABLE_XLSX, "-", false};
    const struct text rows[][2] = {{TEXT("a"), TEXT("12")}};
    (void)state;
    assert_int_equal(table_open(&options, columns, 2, &table, &error), STATUS_INVALID);
    assert_string_equal(error.code, "export.format");
    assert_memory_equal(write_rows(TABLE_XLSX, false, rows, 1), "PK", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formulas_are_escaped_and_numbers_are_not),
        cmocka_unit_test(csv_quotes_what_needs_it_and_begins_with_a_mark_on_demand),
        cmocka_unit_test(json_lines_keep_exact_amounts_as_text),
        cmocka_unit_test(xlsx_needs_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
