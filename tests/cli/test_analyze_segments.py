"""Segments found in plain files, without a database."""
import json
import random

import pytest


def rows(shell, *arguments, expect=0):
    return json.loads(shell.plain("analyze", "segments", *arguments, "--format", "json", expect=expect).stdout)


def write_members(shell, count=300):
    dice = random.Random(3)
    lines = ["id,visits,spend,town,size"]
    for i in range(count):
        mean = (2, 5) if i % 3 else (12, 80)
        lines.append(f"m{i},{dice.gauss(mean[0], 1):.3f},{dice.gauss(mean[1], 2):.2f},t{i % 4},39")
    shell.write("members.csv", "\n".join(lines) + "\n")


def test_segments_are_counted_named_and_stable(shell):
    write_members(shell)
    found = {one["figure"]: one for one in rows(shell, "members.csv", "--customer", "id")}
    assert found["segments"]["value"] == 2
    assert found["segment 1"]["value"] == 200 and "low" in found["segment 1"]["note"]
    assert found["segment 2 spend"]["low"] < 80 < found["segment 2 spend"]["high"] + 0.5
    assert found["stability 2"]["value"] == pytest.approx(1, abs=0.02)
    assert found["check size"]["value"] == 0 and found["check stable"]["value"] == 1
    assert "fall into 2 groups" in found["summary"]["note"]
    each = rows(shell, "members.csv", "--customer", "id", "--features", "visits,spend", "--scores")
    assert {one["customer"] for one in each if one["segment"] == 2} == {f"m{i}" for i in range(0, 300, 3)}


def test_a_number_asked_for_that_is_not_stable_is_told(shell):
    write_members(shell)
    found = {one["figure"]: one for one in rows(shell, "members.csv", "--features", "visits,spend", "--segments", "6")}
    assert found["segments"]["value"] == 6 and found["check stable"]["value"] == 0
    assert "do not build on them" in found["check stable"]["note"]


@pytest.mark.parametrize("text, options, words", [
    ("", [], "no row"),
    ("id,visits\na,1\nb,2\n", [], "need 20"),
    ("id,visits\n" + "".join(f"m{i},5\n" for i in range(40)), ["--customer", "id"], "no feature differs"),
    ("id,visits\n" + "".join(f"m{i},NaN\n" for i in range(40)), ["--customer", "id"], ""),
    ("id,town\n" + "".join(f"m{i},t{i}\n" for i in range(40)), ["--features", "town"], "town"),
    ("id,town\n" + "".join(f"m{i},t{i}\n" for i in range(40)), ["--features", "visits"], "visits"),
])
def test_what_cannot_be_grouped_is_told(shell, text, options, words):
    shell.write("members.csv", text)
    done = shell.plain("analyze", "segments", "members.csv", *options, expect=1)
    assert words in done.stderr and done.stderr
    assert "nan" not in done.stdout.lower()


def test_huge_and_missing_values_do_no_harm(shell):
    lines = [f"m{i},{10 ** 300 if i == 3 else i % 5},{'' if i % 10 == 0 else i % 7}" for i in range(100)]
    shell.write("members.csv", "id,a,b\n" + "\n".join(lines) + "\n")
    done = shell.plain("analyze", "segments", "members.csv", "--customer", "id")
    assert "nan" not in done.stdout.lower() and "inf" not in done.stdout.lower()
