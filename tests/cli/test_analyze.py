"""Lifetime value and cohorts of plain files, without a database."""
import json
import random

import pytest

BLANK = ["--input-format", "blank", "--columns", "external,at,units,amount"]


def figures(shell, *arguments, expect=0):
    found = json.loads(shell.plain("analyze", *arguments, "--format", "json", expect=expect).stdout)
    return {one["figure"]: one for one in found}


def write_shop(shell, customers=300, days=400):
    """Customers who buy at rates of their own and leave in their own time."""
    dice = random.Random(7)
    rows = ["who,when,total"]
    for customer in range(customers):
        day, rate, end = dice.randrange(60), dice.gammavariate(1.2, 0.03), dice.expovariate(1 / 250)
        left = day + end
        while day < min(days, left):
            rows.append(f"c{customer},{2025 + day // 365}-{day % 365 // 31 + 1:02}-{day % 31 % 28 + 1:02},"
                        f"{dice.gammavariate(4, 8):.2f}")
            day += 1 + int(dice.expovariate(rate))
    shell.write("shop.csv", "\n".join(rows) + "\n")
    return ["shop.csv", "--customer", "who", "--date", "when", "--amount", "total"]


def test_lifetime_value_tells_figures_with_intervals_and_a_sentence(shell):
    found = figures(shell, "clv", *write_shop(shell), "--horizon", "26")
    assert found["customers"]["value"] == 300
    for name in ["r", "alpha", "expected_purchases"]:
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]
    assert 0 < found["alive"]["value"] < 300
    assert found["expected_value"]["value"] > 0
    assert "next 26 weeks" in found["summary"]["note"]
    assert "chosen by holdout" in found["model"]["note"]


def test_each_customer_is_scored(shell):
    arguments = write_shop(shell)
    scores = json.loads(shell.plain("analyze", "clv", *arguments, "--model", "mbg-nbd", "--scores",
                                    "--format", "json").stdout)
    assert len(scores) == 300
    assert all(0 <= one["alive"] <= 1 and one["expected_purchases"] >= 0 for one in scores)
    assert all(one["expected_spend"] > 0 for one in scores)


def test_cohorts_begin_whole(shell):
    arguments = write_shop(shell)
    cells = json.loads(shell.plain("analyze", "cohorts", *arguments, "--period", "quarter", "--format", "json").stdout)
    assert all(one["retention"] == 1 for one in cells if one["age"] == 0)
    assert sum(one["size"] for one in cells if one["age"] == 0) == 300
    found = figures(shell, "cohorts", *arguments, "--summary")
    assert found["share_of_best_10"]["value"] < found["share_of_best_20"]["value"] <= 1
    assert "came back" in found["summary"]["note"]


def test_recency_and_frequency_are_told_in_a_sentence(shell):
    """Of twenty, four buy each week to the end, two bought each week until spring, fourteen came once in summer."""
    rows = ["who,when,total"]
    for week in range(40):
        day = f"2025-{1 + week * 7 // 31:02}-{1 + week * 7 % 31 % 28:02}"
        rows += [f"regular{i},{day},10.00" for i in range(4)] + [f"former{i},{day},20.00" for i in range(2) if week < 20]
    rows += [f"once{i},2025-08-15,5.00" for i in range(14)]
    shell.write("shop.csv", "\n".join(rows) + "\n")
    found = figures(shell, "rfm", "shop.csv", "--customer", "who", "--date", "when", "--amount", "total", "--summary")
    assert found["customers"]["value"] == 20 and found["spend"]["value"] == 4 * 400 + 2 * 400 + 14 * 5
    assert found["best"]["value"] == 4 and found["best_spend_share"]["value"] == pytest.approx(1600 / 2470, abs=1e-6)
    assert found["fading"]["value"] == 2 and found["fading_spend_share"]["value"] == pytest.approx(800 / 2470, abs=1e-6)
    assert "ask them back first" in found["summary"]["note"]
    assert "ask for one" in shell.plain("analyze", "rfm", "shop.csv", "--summary", "--scores", expect=2).stderr


@pytest.mark.parametrize("text, words", [
    ("", "no purchase"),
    ("who,when,total\n", "no purchase"),
    ("who,when,total\na,2026-01-01,5\nb,2026-02-01,5\nc,2026-03-01,5\n", "bought twice"),
])
def test_files_that_teach_nothing_are_told_apart(shell, text, words):
    shell.write("shop.csv", text)
    done = shell.plain("analyze", "clv", "shop.csv", "--customer", "who", "--date", "when", expect=1)
    assert words in done.stderr or "customer" in done.stderr


def test_a_row_that_cannot_be_read_is_told_with_its_line(shell):
    arguments = write_shop(shell)
    shell.write("shop.csv", (shell.folder / "shop.csv").read_text() + "c1,soon,5\nc2,2025-02-02,NaN\n")
    lines = len((shell.folder / "shop.csv").read_text().splitlines())
    done = shell.plain("analyze", "clv", *arguments, "--model", "bg-nbd", expect=1)
    assert f"line {lines - 1}:" in done.stderr
    assert "2 rows" in done.stderr
    assert "nan" not in done.stdout.lower()


def test_wrong_options_are_usage(shell):
    arguments = write_shop(shell)
    shell.plain("analyze", "clv", *arguments, "--model", "guess", expect=2)
    shell.plain("analyze", "cohorts", *arguments, "--period", "year", expect=2)
    shell.plain("analyze", "clv", *arguments, "--horizon", "0", expect=2)
    shell.plain("analyze", "clv", *arguments, "--holdout", "2000", expect=1)


def test_one_customer_is_enough_for_an_answer_or_a_sentence(shell):
    shell.write("shop.csv", "who,when\na,2026-01-01\na,2026-02-01\na,2026-03-05\n")
    done = shell.plain("analyze", "clv", "shop.csv", "--customer", "who", "--date", "when", "--model", "bg-nbd")
    assert "nan" not in done.stdout.lower() and "inf" not in done.stdout.lower()


def test_cdnow_is_measured_as_published(shell, real_data):
    path = real_data / "cdnow" / "CDNOW_master.txt"
    found = figures(shell, "clv", path, *BLANK, "--until", "1997-09-30", "--model", "pareto-nbd")
    assert found["r"]["value"] == pytest.approx(0.5974, rel=1e-3)
    assert found["log_likelihood"]["value"] == pytest.approx(-95415.12, abs=0.01)
    found = figures(shell, "cohorts", path, *BLANK, "--summary")
    assert found["customers"]["value"] == 23570
    assert found["repeat_customers"]["value"] == 11516
