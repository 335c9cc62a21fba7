"""Rules of the tables of routes: each says who may use it and how it is scoped; a store that a request names is checked."""
import re

import tree

# What a programme would give there: nothing of the store is told.
STORES_THAT_TELL_NOTHING = {"src/features/programme/preview_api.c"}


def test_every_route_declares_its_permission_and_scope():
    problems = []
    for path in tree.below("src", ".c"):
        text = tree.read(path)
        routes = len(re.findall(r"\.operation = ", text))
        for word in ("permission", "scope"):
            found = len(re.findall(rf"\.{word} = [A-Z]", text))
            if routes and found != routes:
                problems.append(f"{path}: {routes} routes, {found} with .{word}: see enum route_scope in api/route.h")
    tree.fail_with(problems)


def test_a_store_named_by_a_request_is_checked_against_the_scope():
    problems = []
    for path in tree.below("src/features", ".c", ".h"):
        if str(path) in STORES_THAT_TELL_NOTHING:
            continue
        for entry in re.findall(r"\{\s*\\?\s*\.name = \"store\",[^}]*\}", tree.read(path)):
            if "offsetof" in entry and "FIELD_STORE" not in entry:
                problems.append(f"{path}: a field 'store' of a request without FIELD_STORE")
    tree.fail_with(problems)
