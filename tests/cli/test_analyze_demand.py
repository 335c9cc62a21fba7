"""Demand by store and category."""
import csv
import datetime
import gzip
import json
import random

import pytest


def figures(shell, *arguments, expect=0):
    found = json.loads(shell.plain("analyze", "demand", *arguments, "--format", "json", expect=expect).stdout)
    return {one["figure"]: one for one in found}


def write_lines(shell, days=150):
    dice, rows = random.Random(2), ["day,shop,kind,total"]
    for number in range(days):
        day = datetime.date(2026, 1, 1) + datetime.timedelta(number)
        for shop, kind, level in [("north", "tea", 80), ("north", "cake", 30), ("south", "tea", 40)]:
            rows.append(f"{day},{shop},{kind},{level + 20 * (day.weekday() == 5) + dice.gauss(0, 6):.2f}")
    shell.write("lines.csv", "\n".join(rows) + "\n")
    return ["lines.csv", "--date", "day", "--amount", "total"]


def test_stores_and_categories_are_foretold(shell):
    found = figures(shell, *write_lines(shell), "--store", "shop", "--category", "kind", "--horizon", "14")
    for name, truth in [("all", 150 * 14 + 3 * 40), ("north / tea", 80 * 14 + 40), ("south / tea", 40 * 14 + 40)]:
        one = found[f"next {name}"]
        assert one["low"] < truth < one["high"]
    assert found["check holdout"]["value"] == 1
    assert "next 14 days" in found["summary"]["note"]


def test_each_day_has_a_row(shell):
    done = shell.plain("analyze", "demand", *write_lines(shell), "--store", "shop", "--days", "--horizon", "7", "--format", "csv")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert len(rows) == 3 * 7
    assert rows[0]["day"] == "2026-05-31"
    saturdays = [row for row in rows if row["store"] == "north" and row["day"] == "2026-06-06"]
    assert float(saturdays[0]["expected"]) == pytest.approx(150, abs=15)


def test_the_week_before_is_beaten_on_complete_journey(shell, real_data):
    folder = real_data / "completejourney"
    with gzip.open(folder / "products.csv.gz", "rt") as file:
        departments = {row["product_id"]: row["department"] for row in csv.DictReader(file)}
    with gzip.open(folder / "transactions_sample.csv.gz", "rt") as file:
        lines = [f"{row['transaction_timestamp'][:10]},{departments.get(row['product_id'], '')},{row['sales_value']}"
                 for row in csv.DictReader(file)]
    shell.write("lines.csv", "day,department,total\n" + "\n".join(lines) + "\n")
    found = figures(shell, "lines.csv", "--date", "day", "--category", "department", "--amount", "total")
    names = [name[6:] for name in found if name.startswith("error ")]
    assert len(names) == 11 and "all" in names and "GROCERY" in names
    for name in names:
        assert found[f"error {name}"]["value"] < found[f"error_week_before {name}"]["value"], name
    assert found["check holdout"]["value"] == 1


@pytest.mark.parametrize("content, words", [
    ("day,total\n", "no row"),
    ("day,total\n2026-01-01,5\n", "too few"),
    ("when,total\n2026-01-01,5\n", "no column 'day'"),
    ("day,total\n2026-01-01,5\n2126-01-01,5\n", "span"),
    ("day,total\n2026-01-01,much\n", "line 2"),
    ("day,total\nsoon,5\n", "no row has a day"),
])
def test_files_that_foretell_nothing_are_told_apart(shell, content, words):
    shell.write("lines.csv", content)
    done = shell.plain("analyze", "demand", "lines.csv", "--date", "day", "--amount", "total", expect=1)
    assert words in done.stderr


def test_a_day_that_cannot_be_read_is_told_with_its_line(shell):
    arguments = write_lines(shell)
    path = shell.folder / "lines.csv"
    path.write_text(path.read_text() + "soon,north,tea,5\n")
    done = shell.plain("analyze", "demand", *arguments, expect=1)
    assert "line 452" in done.stderr and " nan" not in done.stdout.lower()
