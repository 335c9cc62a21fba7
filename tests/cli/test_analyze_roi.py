"""What rewards brought: members drawn whose effect is known."""
import datetime
import gzip
import csv
import json
import random

import pytest


def figures(shell, *arguments, expect=0):
    found = json.loads(shell.plain("analyze", "roi", *arguments, "--format", "json", expect=expect).stdout)
    return {one["figure"]: one for one in found}


def day(number):
    return (datetime.date(2025, 1, 1) + datetime.timedelta(number)).isoformat()


def write_rewards(shell, effect, drawn, members=3000):
    """Members buy 20 at a time; during a reward of 30 days `effect` times more often. `drawn`: chance decides who has it."""
    dice, sales, rewards, brought = random.Random(4), ["customer,date,amount"], ["customer,start,end,cost,open,out"], 0
    for member in range(members):
        rate, start = dice.gammavariate(2, .02), 300 + dice.randrange(60)
        days, now = [], 0
        while True:
            now += dice.expovariate(rate * (1 + effect))
            if now >= 540:
                break
            days.append(int(now))
        kept = [one for one in days if dice.random() < 1 / (1 + effect)]
        recent = sum(start - 90 <= one < start for one in kept)
        has = dice.random() < (.5 if drawn else min(.8, .1 + .15 * recent))
        more = [one for one in days if start <= one <= start + 29] if has else []
        bought = sorted([one for one in kept if not (has and start <= one <= start + 29)] + more)
        sales += [f"m{member},{day(one)},20" for one in bought]
        if (drawn or has) and bought:
            rewards.append(f"m{member},{day(start)},{day(start + 29)},2,1,{int(not has)}")
            brought += 30 * rate * effect * 20 * has
    count = sum(one.endswith(",0") for one in rewards)
    shell.write("sales.csv", "\n".join(sales) + "\n")
    shell.write("rewards.csv", "\n".join(rewards) + "\n")
    return brought / count


def error_of(row):
    return (row["high"] - row["low"]) / 2 / 1.645


@pytest.mark.parametrize("drawn", [True, False])
def test_a_known_effect_is_found_against_held_out_and_against_alike(shell, drawn):
    truth = .4 * write_rewards(shell, 1.0, drawn)
    found = figures(shell, "sales.csv", "--rewards", "rewards.csv", "--reward-cost", "cost", "--liability", "open",
                    "--breakage", "20", "--margin", "40", *(["--holdout", "out"] if drawn else []))
    during = found["effect during"]
    assert during["value"] == pytest.approx(truth, abs=2 * error_of(during))
    for days in (30, 90, 180):
        after, until, net = (found[f"{name}_{days}"] for name in ("effect after", "effect until", "net until"))
        assert after["value"] == pytest.approx(0, abs=2.5 * error_of(after))
        assert until["value"] == pytest.approx(truth, abs=2.5 * error_of(until))
        assert net["value"] == pytest.approx(until["value"] - 2.8, abs=1e-4)
        assert found[f"return until_{days}"]["value"] == pytest.approx(net["value"] / 2.8, rel=1e-3)
    assert found["check placebo"]["low"] < 0 < found["check placebo"]["high"]
    assert found["check alike"]["value"] < .1
    assert ("held out" in found["control"]["note"]) == drawn


def test_rewards_without_an_effect_bring_nothing(shell):
    write_rewards(shell, 0, True, members=1500)
    found = figures(shell, "sales.csv", "--rewards", "rewards.csv", "--reward-cost", "cost", "--holdout", "out")
    reach = found["effect during"]["high"] - found["effect during"]["low"]
    assert abs(found["effect during"]["value"]) < reach * 2.5 / 3.29
    assert found["net until_30"]["value"] < found["effect until_30"]["value"]


def test_too_early_and_unknown_are_told(shell):
    shell.write("sales.csv", "customer,date,amount\n" + "".join(
        f"m{i},2025-0{1 + i % 3}-11,5\nm{i},2025-04-0{1 + i % 5},5\n" for i in range(40)))
    shell.write("rewards.csv", "customer,start,end\nm1,2025-03-20,2025-04-20\nnobody,2025-03-20,2025-03-25\n")
    found = figures(shell, "sales.csv", "--rewards", "rewards.csv")
    assert "1 more of members who never bought" in found["rewards"]["note"]
    assert "not enough time" in found["effect after_180"]["note"]
    assert "too early" in found["summary"]["note"]


@pytest.mark.parametrize("content, words", [
    ("customer,start,end\n", "no row"),
    ("customer,start\nm1,2025-01-01\n", "no column 'end'"),
    ("customer,start,end\nx,2025-01-01,2025-01-02\n", "had a reward"),
    ("customer,start,end\nm1,2025-01-05,2025-01-02\n", "line 2"),
    ("customer,start,end\nm1,2025-01-01,2025-01-02\n", "compare with"),
])
def test_files_without_a_comparison_are_told_apart(shell, content, words):
    shell.write("sales.csv", "customer,date,amount\nm1,2025-01-01,5\nm2,2025-01-01,5\n")
    shell.write("rewards.csv", content)
    done = shell.plain("analyze", "roi", "sales.csv", "--rewards", "rewards.csv", expect=1)
    assert words in done.stderr
    shell.plain("analyze", "roi", "sales.csv", expect=2)


def test_campaigns_of_complete_journey_are_measured(shell, real_data):
    folder = real_data / "completejourney"
    with gzip.open(folder / "campaign_descriptions.csv.gz", "rt") as file:
        campaigns = {row["campaign_id"]: row for row in csv.DictReader(file)}
    with gzip.open(folder / "campaigns.csv.gz", "rt") as file:
        rows = [(row["household_id"], campaigns[row["campaign_id"]]) for row in csv.DictReader(file)]
    shell.write("rewards.csv", "customer,start,end\n" + "".join(
        f"{household},{campaign['start_date']},{campaign['end_date']}\n" for household, campaign in rows))
    found = figures(shell, folder / "transactions_sample.csv.gz", "--customer", "household_id", "--date",
                    "transaction_timestamp", "--amount", "sales_value", "--rewards", "rewards.csv", "--margin", "30")
    assert found["rewards"]["value"] == 6587
    assert found["effect until_30"]["low"] < found["effect until_30"]["value"] < found["effect until_30"]["high"]
    assert found["summary"]["note"]
