"""`patron rules`: values, typed values, batches, checks, errors."""
import json

import pytest


def evaluate(shell, expression, *options):
    return json.loads(shell.plain("rules", "eval", expression, *options).stdout)


def batch(shell, *lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    return [json.loads(line) for line in shell.plain("rules", "eval", "--batch", "-", text=text).stdout.splitlines()]


@pytest.mark.parametrize("expression, value", [
    ("1 + 2 * 3", 7), ("-1", -1), ("-(2) + 1", -1), ("1.5", 1.5), ("'a' + 'b'", "ab"), ("[1, 'a', null]", [1, "a", None]),
    ("{'k': true, 2: 1u}", {"k": True, "2": 1}), ("b'\\xff'", "/w=="), ("duration('90s')", "90s"), ("type(1)", "int"),
    ("timestamp(0)", "1970-01-01T00:00:00Z"), ("9223372036854775807", "9223372036854775807"), ("0.0 / 0.0", "NaN"),
])
def test_a_value_is_printed_as_json(shell, expression, value):
    assert evaluate(shell, expression) == value


def test_facts_come_from_a_file(shell):
    path = shell.write("vars.json", '{"n": 3, "d": 2.0, "s": "x", "l": [1, 2], "o": {"p": {"q": 5}}, "a.b": true}')
    assert evaluate(shell, "n + l[1] + o.p.q", "--vars", path) == 10
    assert evaluate(shell, "type(n) == int && type(d) == double && a.b", "--vars", path) is True
    assert evaluate(shell, "s", "--vars", path, "--typed") == {"type": "string", "value": "x"}


def test_typed_values_name_each_type(shell):
    results = batch(shell, *({"expr": expression} for expression in [
        "3", "3u", "1.5", "0.0 / 0.0", "-1.0 / 0.0", "true", "'é\\u0000'", "b'a\\xff'", "null", "[1, 'a']", "{1: 2u}",
        "timestamp('2026-01-02T03:04:05.5+08:00')", "duration('3.5s')", "string"]))
    assert results == [
        {"type": "int", "value": "3"}, {"type": "uint", "value": "3"}, {"type": "double", "value": 1.5},
        {"type": "double", "value": "NaN"}, {"type": "double", "value": "-Infinity"}, {"type": "bool", "value": True},
        {"type": "string", "value": "é\0"}, {"type": "bytes", "value": "61ff"}, {"type": "null", "value": None},
        {"type": "list", "value": [{"type": "int", "value": "1"}, {"type": "string", "value": "a"}]},
        {"type": "map", "value": [[{"type": "int", "value": "1"}, {"type": "uint", "value": "2"}]]},
        {"type": "timestamp", "value": "2026-01-01T19:04:05.5Z"}, {"type": "duration", "value": "3.5s"},
        {"type": "type", "value": "string"}]


def test_a_batch_answers_each_line(shell):
    results = batch(shell, {"expr": "x + 1", "vars": {"x": 1}}, {"expr": "x ==", "vars": {}}, {"expr": "1 == 1.0"},
                    {"expr": "1 == 1.0", "check": False}, {"expr": "y || true", "check": False}, {"vars": {}}, 7)
    assert results[0] == {"type": "int", "value": "2"}
    assert [list(result) for result in results[1:3]] == [["error"], ["error"]]
    assert results[3:5] == [{"type": "bool", "value": True}] * 2
    assert [list(result) for result in results[5:]] == [["error"], ["error"]]


@pytest.mark.parametrize("expression, code", [
    ("1 / 0", "rules.zero"), ("1 +", "rules.syntax"), ("x", "rules.name"), ("1 + 'a'", "rules.type"),
    ("[1][5]", "rules.index"), ("{'a': 1}.b", "rules.key"), ("int('x')", "rules.conversion"),
    ("9223372036854775807 + 1", "rules.overflow"), ("'a'.matches('(')", "rules.pattern"),
    ("[1,2,3,4,5,6,7,8,9].map(a, [1,2,3,4,5,6,7,8,9].map(b, [1,2,3,4,5,6,7,8,9].map(c, [1,2,3,4,5,6,7,8,9].map(d, "
     "[1,2,3,4,5,6,7,8,9].map(e, [1,2,3,4,5,6,7,8,9].all(f, f > 0))))))", "rules.limit"),
])
def test_an_error_is_told_with_its_place_and_code(shell, expression, code):
    done = shell.plain("rules", "eval", expression, expect=1)
    assert not done.stdout and f"[{code}]" in done.stderr and "line 1, column " in done.stderr


def test_a_check_prints_the_type_or_the_nearest_name(shell):
    types = shell.write("types.json", '{"price": "double", "tags": "list(string)", "seen": "timestamp?"}')
    assert shell.plain("rules", "check", "tags.map(t, t.size())", "--types", types).stdout == "list(int)\n"
    assert shell.plain("rules", "check", "price > 3 && within(seen, '1d')", "--types", types).stdout == "bool\n"
    done = shell.plain("rules", "check", "prise > 3.0", "--types", types, expect=1)
    assert "line 1, column 1" in done.stderr and "did you mean 'price'" in done.stderr


def test_time_counts_from_the_given_instant(shell):
    day = shell.write("vars.json", '{"t": "2026-11-21T16:00:00Z"}')
    for zone, days in (("Asia/Shanghai", 0), ("UTC", 1)):
        assert evaluate(shell, "days_since(timestamp(t))", "--vars", day, "--at", "2026-11-22T09:00:00Z",
                        "--zone", zone) == days


def test_the_functions_are_listed(shell):
    out = shell.plain("rules", "functions").stdout
    assert "string.contains(string) -> bool" in out and "math.greatest(number, ...) -> number" in out


SALES = """customer,date,receipt,store,amount
ann,2026-01-05 10:00,1,S1,10.50
ann,2026-01-06 10:00,2,S1,20.00
"""


def test_an_expression_over_a_member_is_explained(engine_shell):
    shell = engine_shell
    shell.write("sales.csv", SALES)
    shell.run("import", "purchases", "sales.csv", "--register")
    out = shell.run("rules", "eval", "member.purchases == 2 && member.spend > 30", "--member", "ann").stdout
    assert json.loads(out) is True
    explained = json.loads(shell.run("rules", "eval", "member.spend * 2.0", "--member", "ann", "--explain").stdout)
    assert explained == {"value": 61.0, "valid_until": None, "facts": {"member.spend": 30.5}}
    assert "[member.unknown]" in shell.run("rules", "eval", "1", "--member", "zoe", expect=1).stderr
    assert "did you mean" in shell.run("rules", "eval", "member.spent", "--member", "ann", expect=1).stderr
