#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/data_file.h"

static const struct cli_option options[] = {{"decimal-comma", NULL, ""}};
static const struct subcommand subcommand = {.name = "test", .options = options, .option_count = 1};

/* A call of the command line and a file that it reads. */
struct call {
    struct cli cli;
    char path[32];
    FILE *file;
    struct data_file data;
    struct error error;
};

static int set_up(void **state)
{
    struct call *call = calloc(1, sizeof *call);

    call->cli = (struct cli){.subcommand = &subcommand, .arena = arena_new((size_t)1 << 30)};
    strcpy(call->path, "/tmp/patron-XXXXXX");
    call->file = fdopen(mkstemp(call->path), "w");
    *state = call;
    return 0;
}

static int tear_down(void **state)
{
    struct call *call = *state;

    unlink(call->path);
    arena_free(call->cli.arena);
    free(call);
    return 0;
}

static enum status read_file(struct call *call)
{
    const struct reader_options how = {.path = call->path};

    fclose(call->file);
    return data_file_read(&call->cli, &how, &call->data, &call->error);
}

static const struct data_column *column_of(struct call *call, const char *name)
{
    const struct data_column *column = NULL;

    assert_int_equal(data_file_column(&call->data, name, &column, &call->error), STATUS_OK);
    return column;
}

static void columns_are_numbers_when_every_cell_is_one(void **state)
{
    struct call *call = *state;

    fputs("who,spend,city,code\na, 12.5 ,Rome,007\nb,\"1,234.50\",Oslo,012\nc,NA,Rome,100\nd,-3e2,,8\n", call->file);
    assert_int_equal(read_file(call), STATUS_OK);
    assert_int_equal(call->data.row_count, 4);
    assert_int_equal(call->data.column_count, 4);
    const struct data_column *spend = column_of(call, "spend"), *city = column_of(call, "city");

    assert_true(spend->numeric);
    assert_true(spend->numbers[0] == 12.5 && spend->numbers[1] == 1234.5 && spend->numbers[3] == -300);
    assert_true(isnan(spend->numbers[2]));
    assert_int_equal(spend->missing, 1);
    assert_int_equal(spend->level_count, 3);
    assert_false(city->numeric);
    assert_int_equal(city->level_count, 2);
    assert_true(text_equals(city->levels[city->codes[1]], "Oslo"));
    assert_int_equal(city->codes[2], city->codes[0]);
    assert_int_equal(city->codes[3], DATA_MISSING);
    assert_false(column_of(call, "code")->numeric);
    assert_int_equal(call->data.lines[3], 5);
}

static void what_only_begins_like_a_number_is_a_text(void **state)
{
    struct call *call = *state;

    fputs("day,level,price,long\n2017-01-02,\xE7\xAD\x89\xE7\xBA\xA7"
          "1,\xE2\x82\xAC"
          "5,1234567890123456\n",
          call->file);
    assert_int_equal(read_file(call), STATUS_OK);
    assert_false(column_of(call, "day")->numeric);
    assert_false(column_of(call, "level")->numeric);
    assert_true(column_of(call, "price")->numeric);
    assert_false(column_of(call, "long")->numeric);
}

static void a_wrong_name_is_answered_with_the_nearest(void **state)
{
    struct call *call = *state;
    const struct data_column *column, **columns;
    size_t count;

    fputs("tenure,churn\n1,No\n2,Yes\nlong,No\n", call->file);
    assert_int_equal(read_file(call), STATUS_OK);
    assert_int_equal(data_file_column(&call->data, "Tenure", &column, &call->error), STATUS_INVALID);
    assert_string_equal(call->error.code, "analyze.column");
    assert_non_null(strstr(call->error.message, "'tenure'"));
    assert_int_equal(data_file_numbers(&call->data, "tenure", &column, &call->error), STATUS_INVALID);
    assert_string_equal(call->error.code, "analyze.number");
    assert_non_null(strstr(call->error.message, "line 4: 'long'"));
    assert_int_equal(data_file_columns(call->cli.arena, &call->data, "churn, tenure", &columns, &count, &call->error),
                     STATUS_OK);
    assert_int_equal(count, 2);
    assert_true(text_equals(columns[0]->name, "churn"));
    assert_int_equal(data_file_columns(call->cli.arena, &call->data, "churn,what", &columns, &count, &call->error),
                     STATUS_INVALID);
}

static void rows_of_the_wrong_size_are_refused(void **state)
{
    struct call *call = *state;

    fputs("a,b\n1,2\n3\n4,5,6\n7,8\n", call->file);
    assert_int_equal(read_file(call), STATUS_OK);
    assert_int_equal(call->data.row_count, 2);
    assert_int_equal(call->data.refused, 2);
    assert_true(column_of(call, "b")->numbers[1] == 8);
}

static void a_file_without_rows_is_empty(void **state)
{
    struct call *call = *state;

    fputs("a,b\n", call->file);
    assert_int_equal(read_file(call), STATUS_INVALID);
    assert_string_equal(call->error.code, "analyze.empty");
}

static void keys_that_come_late_are_missing_before(void **state)
{
    struct call *call = *state;

    fputs("{\"a\": 1}\n{\"b\": \"x\", \"a\": 2.5}\n{\"b\": null}\n", call->file);
    assert_int_equal(read_file(call), STATUS_OK);
    assert_int_equal(call->data.row_count, 3);
    const struct data_column *a = column_of(call, "a"), *b = column_of(call, "b");

    assert_true(a->numeric && a->numbers[1] == 2.5 && isnan(a->numbers[2]));
    assert_int_equal(b->codes[0], DATA_MISSING);
    assert_true(text_equals(b->levels[b->codes[1]], "x"));
    assert_int_equal(b->codes[2], DATA_MISSING);
}

static void many_levels_of_numbers_become_numbers_alone(void **state)
{
    struct call *call = *state;
    enum { ROWS = 150000 };

    fputs("number,name\n", call->file);
    for (int i = 0; i < ROWS; i++)
        fprintf(call->file, "%d.25,n%d\n", i, i);
    fputs("oops,n7\n", call->file);
    assert_int_equal(read_file(call), STATUS_OK);
    const struct data_column *number = column_of(call, "number"), *name = column_of(call, "name");

    assert_int_equal(call->data.row_count, ROWS);
    assert_int_equal(call->data.refused, 1);
    assert_true(number->numeric);
    assert_null(number->codes);
    assert_int_equal(name->level_count, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(number->numbers[i] == (double)i + 0.25);
        assert_int_equal(name->codes[i], i);
    }
    assert_true(text_equals(name->levels[ROWS - 1], "n149999"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns_are_numbers_when_every_cell_is_one),
        TEST(what_only_begins_like_a_number_is_a_text),
        TEST(a_wrong_name_is_answered_with_the_nearest),
        TEST(rows_of_the_wrong_size_are_refused),
        TEST(a_file_without_rows_is_empty),
        TEST(keys_that_come_late_are_missing_before),
        TEST(many_levels_of_numbers_become_numbers_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
