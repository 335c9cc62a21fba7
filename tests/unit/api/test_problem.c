/* Problem documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/api.h"
#include "api/problem.h"

static void a_problem_names_code_field_and_status(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct error error;
    struct http_reply reply = {.status = 0};
    error_set(&error, STATUS_INVALID, "json.missing", "lines[2].amount", "'amount' is required");
    problem_reply(arena, &error, NULL, &reply);
    assert_int_equal(reply.status, 422);
    assert_string_equal(reply.content_type, "application/problem+json");
    assert_true(text_equals(reply.body, "{\"type\":\"urn:patron:problem:json.missing\","
                                        "\"title\":\"A required field is missing\",\"status\":422,"
                                        "\"detail\":\"'amount' is required\",\"code\":\"json.missing\","
                                        "\"field\":\"lines[2].amount\"}"));
    arena_free(arena);
}

static void a_busy_server_says_when_to_come_back(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct error error;
    struct http_reply reply = {.status = 0};
    error_set(&error, STATUS_BUSY, "http.busy", "", "too many");
    problem_reply(arena, &error, NULL, &reply);
    assert_int_equal(reply.status, 503);
    assert_string_equal(reply.headers[0].name, "Retry-After");
    arena_free(arena);
}

static void an_unlisted_code_takes_the_status_of_its_error(void **state)
{
    (void)state;
    static const struct {
        enum status status;
        int http;
    } expected[] = {{STATUS_INVALID, 422}, {STATUS_UNAUTHORISED, 401}, {STATUS_FORBIDDEN, 403},
                    {STATUS_MISSING, 404}, {STATUS_CONFLICT, 409},     {STATUS_STALE, 412},
                    {STATUS_BUSY, 503},    {STATUS_IO, 503},           {STATUS_DEFECT, 500}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct error error;
        error_set(&error, expected[i].status, "no.such_code", "", "x");
        assert_int_equal(error_code_of(&error).http_status, expected[i].http);
        assert_string_equal(error_code_of(&error).code, "no.such_code");
    }
}

static void the_documentation_lists_every_code(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024 * 1024);
    const char *markdown = text_string(arena, error_codes_markdown(arena));
    assert_non_null(strstr(markdown, "| `json.syntax` | 400 |"));
    assert_non_null(strstr(markdown, "| `user.unknown` | 404 |"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_names_code_field_and_status),
        cmocka_unit_test(a_busy_server_says_when_to_come_back),
        cmocka_unit_test(an_unlisted_code_takes_the_status_of_its_error),
        cmocka_unit_test(the_documentation_lists_every_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
