"""Each analysis of purchases on a real loyalty card, with the figures that docs/analytics.md tells of it."""
import collections
import csv
import datetime
import gzip
import json

import pytest

COLUMNS = ["--customer", "household_id", "--date", "transaction_timestamp", "--amount", "sales_value"]


@pytest.fixture
def card(real_data):
    return real_data / "completejourney"


def rows_of(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def rows(shell, *arguments, expect=0):
    return json.loads(shell.plain("analyze", *arguments, "--format", "json", expect=expect).stdout)


def figures(shell, *arguments, expect=0):
    return {one["figure"]: one for one in rows(shell, *arguments, expect=expect)}


def test_lifetime_value(shell, card):
    found = figures(shell, "clv", card / "transactions_sample.csv.gz", *COLUMNS)
    assert found["model"]["note"].startswith("pareto-nbd, chosen by holdout")
    assert "there were 14955" in found["holdout pareto-nbd"]["note"]
    assert found["holdout pareto-nbd"]["value"] == pytest.approx(15259, abs=1)
    assert found["check holdout"]["value"] == 1
    assert found["expected_purchases"]["value"] == pytest.approx(44920, abs=2)
    assert found["expected_value"]["value"] == pytest.approx(231393, abs=20)
    assert found["alive"]["value"] == pytest.approx(2292, abs=1)


def test_the_grid_of_recency_and_frequency(shell, card):
    cells = rows(shell, "rfm", card / "transactions_sample.csv.gz", *COLUMNS)
    assert sum(one["customers"] for one in cells) == 2377
    total = sum(float(one["spend"]) for one in cells)
    assert total == pytest.approx(233935.24, abs=.01)
    best = next(one for one in cells if one["r"] == 5 and one["f"] == 5)
    assert best["customers"] == 194 and float(best["spend"]) / total == pytest.approx(.225, abs=1e-3)


def test_cohorts(shell, card):
    cells = rows(shell, "cohorts", card / "transactions_sample.csv.gz", *COLUMNS)
    first = [one for one in cells if one["cohort"].startswith("2017-01")]
    assert first[0]["size"] == 1504 and first[1]["retention"] == pytest.approx(.79, abs=5e-3)
    found = figures(shell, "cohorts", card / "transactions_sample.csv.gz", *COLUMNS, "--summary")
    assert found["share_of_best_20"]["value"] == pytest.approx(.54, abs=5e-3)


def test_the_next_purchase_and_profit(shell, card):
    found = figures(shell, "next", card / "transactions_sample.csv.gz", *COLUMNS[:4])
    assert found["check coverage"]["value"] == pytest.approx(.9, abs=.01)
    found = figures(shell, "profit", card / "transactions_sample.csv.gz", *COLUMNS)
    assert found["best_20"]["low"] < .54 < found["best_20"]["high"]


def write_campaign(shell, card):
    """Who was asked to the largest campaign (18, 30 October to 24 December), what they spent then and in as many days before."""
    start, days = datetime.date(2017, 10, 30), 56
    invited = {row["household_id"] for row in rows_of(card / "campaigns.csv.gz") if row["campaign_id"] == "18"}
    known = {row["household_id"]: row for row in rows_of(card / "demographics.csv.gz")}
    spent, before, visits = (collections.Counter() for _ in range(3))
    everyone = set()
    for row in rows_of(card / "transactions_sample.csv.gz"):
        age = (datetime.date.fromisoformat(row["transaction_timestamp"][:10]) - start).days
        household = row["household_id"]
        everyone.add(household)
        if 0 <= age < days:
            spent[household] += float(row["sales_value"])
        if -days <= age < 0:
            before[household] += float(row["sales_value"])
            visits[household] += 1
    lines = ["household,invited,before,lines,age,income,spent"]
    for household in sorted(everyone, key=int):
        person = known.get(household, {"age": "", "income": ""})
        lines.append(f"{household},{int(household in invited)},{before[household]:.2f},{visits[household]},"
                     f"{person['age']},{person['income']},{spent[household]:.2f}")
    shell.write("campaign.csv", "\n".join(lines) + "\n")
    return "campaign.csv"


def test_an_experiment_that_was_none(shell, card):
    found = figures(shell, "experiment", write_campaign(shell, card), "--group", "invited", "--control", "0", "--outcome",
                    "spent", "--before", "before", "--covariate", "before")
    assert found["members"]["value"] == 2377 and found["group 1"]["value"] == 1133
    assert found["effect spent 1"]["value"] == pytest.approx(14.97, abs=.01)
    assert found["cuped spent 1"]["value"] == pytest.approx(6.83, abs=.01)
    change = found["difference_in_differences spent 1"]
    assert change["value"] == pytest.approx(.63, abs=.01)
    assert change["low"] < 0 < change["high"]  # who was asked had always spent more


def test_whom_a_campaign_changes(shell, card):
    found = figures(shell, "uplift", write_campaign(shell, card), "--treatment", "invited", "--outcome", "spent", "--id",
                    "household")
    assert found["members"]["value"] == 2377
    assert found["check balance"]["value"] > 5  # the store chose whom to ask
    assert found["qini"]["high"] < 0 and "cannot be told" in found["summary"]["note"]
