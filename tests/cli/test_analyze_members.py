"""The next purchase of each member, and what members bring after their cost."""
import csv
import datetime
import json
import random

import pytest

BLANK = ["--input-format", "blank", "--columns", "external,at,units,amount"]


def figures(shell, *arguments, expect=0):
    found = json.loads(shell.plain("analyze", *arguments, "--format", "json", expect=expect).stdout)
    return {one["figure"]: one for one in found}


def scores(shell, *arguments):
    done = shell.plain("analyze", *arguments, "--scores", "--format", "csv")
    return {row["customer"]: row for row in csv.DictReader(done.stdout.splitlines())}


def write_sales(shell, members=400):
    """Members buy every 20 days or so; the first fifth spend ten times as much, the last tenth cost more than they bring."""
    dice, rows = random.Random(6), ["customer,date,amount,cost,delivery"]
    for member in range(members):
        usual, day = dice.lognormvariate(3, .5), dice.randrange(30)
        while day < 360:
            amount = dice.uniform(8, 12) * (10 if member < members / 5 else 1)
            date = datetime.date(2025, 1, 1) + datetime.timedelta(int(day))
            rows.append(f"m{member},{date},{amount:.2f},{amount * .6:.2f},{1 if member < members * .9 else 9}")
            day += max(1, usual * dice.lognormvariate(0, .3))
    shell.write("sales.csv", "\n".join(rows) + "\n")
    return ["sales.csv", "--customer", "customer", "--date", "date", "--amount", "amount"]


def test_the_next_purchase_is_foretold_with_its_interval(shell):
    arguments = write_sales(shell)
    found = figures(shell, "next", *arguments)
    assert found["gap_middle"]["value"] == pytest.approx(20, rel=.15)
    assert found["check coverage"]["value"] == pytest.approx(.9, abs=.05)
    assert found["gap_spread"]["value"] == pytest.approx(1.35, rel=.1)
    assert "every" in found["summary"]["note"]
    for row in scores(shell, "next", *arguments).values():
        assert row["last"] <= row["low"] <= row["next"] <= row["high"]
        assert 0 <= float(row["late"]) <= 1


def test_who_bought_too_seldom_is_told(shell):
    shell.write("sales.csv", "customer,date\na,2026-01-01\nb,2026-01-01\nb,2026-02-01\n")
    done = shell.plain("analyze", "next", "sales.csv", expect=1)
    assert "three days" in done.stderr


def test_cdnow_is_foretold_better_by_each_member_than_by_all(shell, real_data):
    found = figures(shell, "next", real_data / "cdnow" / "CDNOW_master.txt", *BLANK)
    assert found["customers"]["value"] == 23570
    assert "11516 of them" in found["customers"]["note"]
    assert .88 < found["check coverage"]["value"] < .95
    error = found["check error"]
    assert error["value"] < float(error["note"].split(";")[1].split()[0])


def test_the_best_members_are_those_who_bring_most(shell):
    arguments = [*write_sales(shell), "--goods", "cost", "--serving", "delivery"]
    found = figures(shell, "profit", *arguments)
    best = found["best_20"]
    assert best["low"] < best["value"] < best["high"] and best["value"] > .75
    assert found["losing"]["value"] == pytest.approx(40, abs=2)
    assert found["profit"]["value"] == pytest.approx(
        found["sales"]["value"] - found["goods"]["value"] - found["serving"]["value"], abs=.05)
    assert "best fifth" in found["summary"]["note"]
    rows = list(scores(shell, "profit", *arguments).values())
    assert len(rows) == 400
    assert [float(row["profit"]) for row in rows] == sorted((float(row["profit"]) for row in rows), reverse=True)


def test_without_costs_profit_is_sales_and_says_so(shell):
    arguments = write_sales(shell)
    found = figures(shell, "profit", *arguments)
    assert found["profit"]["value"] == found["sales"]["value"]
    assert "no cost is known" in found["check costs"]["note"]
    flat = figures(shell, "profit", *arguments, "--goods-percent", "60", "--serving-each", "1")
    assert flat["goods"]["value"] == pytest.approx(.6 * flat["sales"]["value"], rel=1e-6)
    assert flat["serving"]["value"] == int(flat["sales"]["note"].split()[1])


def test_files_without_profit_are_told_apart(shell):
    shell.write("sales.csv", "customer,date,amount\na,2026-01-01,0\nb,2026-01-01,0\n")
    done = shell.plain("analyze", "profit", "sales.csv")
    assert "no profit" in done.stdout and " nan" not in done.stdout.lower()
    shell.write("sales.csv", "customer,date\na,2026-01-01\n")
    assert "--amount" in shell.plain("analyze", "profit", "sales.csv", expect=1).stderr
    shell.plain("analyze", "profit", "sales.csv", "--serving-each", "much", expect=2)


def test_the_best_fifth_of_cdnow_bring_two_thirds(shell, real_data):
    found = figures(shell, "profit", real_data / "cdnow" / "CDNOW_master.txt", *BLANK)
    assert found["sales"]["value"] == pytest.approx(2500315.63, abs=.01)
    assert found["best_20"]["value"] == pytest.approx(.68, abs=.01)
