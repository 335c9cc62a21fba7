"""What is bought together, in plain files."""
import csv
import gzip
import json
import random

import pytest


def rows(shell, *arguments, expect=0):
    return json.loads(shell.plain("analyze", "baskets", *arguments, "--format", "json", expect=expect).stdout)


def write_lines(shell):
    dice, lines = random.Random(3), ["receipt,product"]
    for receipt in range(2000):
        if dice.random() < .3:
            lines += [f"r{receipt},tea"] + [f"r{receipt},lemon"] * (dice.random() < .5)
        lines += [f"r{receipt},bread"] * (dice.random() < .4)
        lines += [f"r{receipt},lemon"] * (dice.random() < .05)
        lines.append(f"r{receipt},bag")
    shell.write("lines.csv", "\n".join(lines) + "\n")
    return ["lines.csv", "--basket", "receipt", "--item", "product"]


def test_what_belongs_together_is_found(shell):
    found = {(row["if"], row["then"]): row for row in rows(shell, *write_lines(shell))}
    best = found["lemon", "tea"]
    assert best["lift_low"] > 2
    assert best["lift"] == pytest.approx(best["confidence"] / .3, rel=.1)
    assert found["tea", "lemon"]["confidence"] == pytest.approx(.525, abs=.05)
    assert found["bread", "bag"]["lift"] == 1
    assert found["tea", "bread"]["lift_low"] < 1 < found["tea", "bread"]["lift_high"]
    assert ("bag + lemon", "tea") in found
    summary = {row["figure"]: row for row in rows(shell, *write_lines(shell), "--summary")}
    assert "Who buys" in summary["summary"]["note"]
    assert summary["baskets"]["value"] == 2000


def test_limits_are_kept(shell):
    arguments = write_lines(shell)
    assert len(rows(shell, *arguments, "--top", "2")) == 2
    assert all("+" not in row["if"] for row in rows(shell, *arguments, "--size", "2"))
    assert rows(shell, *arguments, "--support", "0.9") == []
    sure = rows(shell, *arguments, "--minimum-confidence", "0.6")
    assert sure and all(row["confidence"] >= .6 and row["level"] == .9 for row in sure)
    shell.plain("analyze", "baskets", *arguments, "--confidence", "0.6", expect=2)  # elsewhere it is that of intervals
    shell.plain("analyze", "baskets", *arguments, "--support", "2", expect=2)
    shell.plain("analyze", "baskets", *arguments, "--size", "9", expect=2)
    shell.plain("analyze", "baskets", "lines.csv", expect=2)


@pytest.mark.parametrize("content, words", [
    ("", "no column 'receipt'"),
    ("receipt,product\n", "no row"),
    ("receipt,thing\n1,2\n", "no column 'product'"),
    ("receipt,product\n1,\n", "line 2"),
])
def test_files_without_baskets_are_told_apart(shell, content, words):
    shell.write("lines.csv", content)
    done = shell.plain("analyze", "baskets", "lines.csv", "--basket", "receipt", "--item", "product", expect=1)
    assert words in done.stderr


def test_households_of_complete_journey_have_habits(shell, real_data):
    folder = real_data / "completejourney"
    with gzip.open(folder / "products.csv.gz", "rt") as file:
        categories = {row["product_id"]: row["product_category"] for row in csv.DictReader(file)}
    with gzip.open(folder / "transactions_sample.csv.gz", "rt") as file:
        lines = [f"{row['household_id']},{categories.get(row['product_id'], '')}".replace('"', "")
                 for row in csv.DictReader(file)]
    shell.write("lines.csv", "household,category\n" + "\n".join(line for line in lines if line.count(",") == 1
                                                                 and not line.endswith(",")) + "\n")
    found = rows(shell, "lines.csv", "--basket", "household", "--item", "category", "--support", "0.05", "--size", "2",
                 "--top", "1000")
    assert len(found) > 100
    assert found[0]["lift_low"] > 1.4
    assert found == sorted(found, key=lambda row: -row["lift_low"])
