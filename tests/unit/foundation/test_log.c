#include "foundation/log.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *logged(enum log_level level, const char *message)
{
    static char line[4096];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    log_event(level, "test.event", "%s", message);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t size = read(ends[0], line, sizeof line - 1);
    close(ends[0]);
    line[size < 0 ? 0 : size] = '\0';
    return line;
}

static void an_event_is_one_line_of_json(void **state)
{
    (void)state;
    const char *line = logged(LOG_WARNING, "a \"quoted\" line\nand \\ more");
    assert_non_null(strstr(line, "\"level\":\"warning\",\"event\":\"test.event\""));
    assert_non_null(strstr(line, "\"message\":\"a \\\"quoted\\\" line\\u000aand \\\\ more\"}\n"));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void what_is_below_the_level_is_not_written(void **state)
{
    (void)state;
    assert_string_equal(logged(LOG_DEBUG, "no"), "");
    log_set_level(LOG_DEBUG);
    assert_string_not_equal(logged(LOG_DEBUG, "yes"), "");
    log_set_level(LOG_INFO);
}

static void a_long_message_is_cut_and_the_line_still_ends(void **state)
{
    (void)state;
    char message[5000];
    memset(message, '\n', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    const char *line = logged(LOG_ERROR, message);
    assert_true(strlen(line) <= 2048);
    assert_string_equal(line + strlen(line) - 3, "\"}\n");
}

static void levels_have_names(void **state)
{
    (void)state;
    enum log_level level = LOG_INFO;
    assert_true(log_level_from("error", &level));
    assert_int_equal(level, LOG_ERROR);
    assert_false(log_level_from("loud", &level));
    assert_int_equal(level, LOG_ERROR);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_one_line_of_json),
        cmocka_unit_test(what_is_below_the_level_is_not_written),
        cmocka_unit_test(a_long_message_is_cut_and_the_line_still_ends),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
