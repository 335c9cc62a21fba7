/* Finding routes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/router.h"

static enum status handle(struct call *call, struct item *item, struct error *err)
{
    (void)call, (void)item, (void)err;
    return STATUS_OK;
}

#define ROUTE(verb, where, name)                                                                            \
    {                                                                                                       \
        .method = verb, .path = where, .operation = name, .summary = name, .permission = PERMISSION_PUBLIC, \
        .scope = SCOPE_OWN, .kind = REPLY_NONE, .handle = handle                                            \
    }

static const struct route routes[] = {
    ROUTE(HTTP_GET, "/", "root"),
    ROUTE(HTTP_GET, "/v1/members/{member}", "get"),
    ROUTE(HTTP_GET, "/v1/members/search", "search"),
    ROUTE(HTTP_DELETE, "/v1/members/{member}", "remove"),
    ROUTE(HTTP_POST, "/v1/members/{member}/notes/{note}", "note"),
};
static const struct feature feature = {
    .name = "test", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
static const struct feature *const features[] = {&feature};

static void expect(enum http_method method, const char *path, const char *operation, const char *allow)
{
    struct arena *arena = arena_new(65536);
    struct match match;
    bool found = router_find(router_new(arena, features, 1), method, text_from(path), &match);
    assert_int_equal(found, operation != NULL);
    if (operation != NULL)
        assert_string_equal(match.route->operation, operation);
    else
        assert_string_equal(match.allow, allow);
    arena_free(arena);
}

static void a_path_finds_its_route(void **state)
{
    (void)state;
    expect(HTTP_GET, "/", "root", NULL);
    expect(HTTP_GET, "/v1/members/mbr_1", "get", NULL);
    expect(HTTP_HEAD, "/v1/members/mbr_1", "get", NULL);
    expect(HTTP_DELETE, "/v1/members/mbr_1", "remove", NULL);
    expect(HTTP_POST, "/v1/members/a/notes/b", "note", NULL);
}

static void a_literal_goes_before_a_parameter(void **state)
{
    (void)state;
    expect(HTTP_GET, "/v1/members/search", "search", NULL);
    expect(HTTP_DELETE, "/v1/members/search", "remove", NULL);
}

static void other_methods_and_paths_are_told_apart(void **state)
{
    (void)state;
    expect(HTTP_PUT, "/v1/members/mbr_1", NULL, "GET, HEAD, DELETE");
    expect(HTTP_GET, "/v1/members", NULL, "");
    expect(HTTP_GET, "/v1/members//", NULL, "");
    expect(HTTP_GET, "/v1/a/b/c/d/e/f/g/h/i", NULL, "");
    expect(HTTP_GET, "v1", NULL, "");
}

static void parameters_are_handed_over(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct match match;
    assert_true(router_find(router_new(arena, features, 1), HTTP_POST, TEXT("/v1/members/a/notes/b%20c"), &match));
    assert_true(text_equals(match.segments[0], "a"));
    assert_true(text_equals(match.segments[1], "b%20c"));
    arena_free(arena);
}

static void a_wrong_table_is_found_out(void **state)
{
    (void)state;
    struct route route = ROUTE(HTTP_GET, "/a", "a");
    assert_null(route_check(&route));
    route.permission = PERMISSION_UNSET;
    assert_string_equal(route_check(&route), "has no permission");
    route.permission = PERMISSION_PUBLIC;
    route.scope = SCOPE_UNSET;
    assert_non_null(route_check(&route));
    route.scope = SCOPE_OWN;
    route.kind = REPLY_OBJECT;
    assert_non_null(route_check(&route));
    route.kind = REPLY_NONE;
    route.items_max = 5;
    assert_non_null(route_check(&route));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_finds_its_route),
        cmocka_unit_test(a_literal_goes_before_a_parameter),
        cmocka_unit_test(other_methods_and_paths_are_told_apart),
        cmocka_unit_test(parameters_are_handed_over),
        cmocka_unit_test(a_wrong_table_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
