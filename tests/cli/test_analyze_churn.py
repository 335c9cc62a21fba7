"""Churn of plain files: who will leave, how sure that is, why, and what they said."""
import gzip
import json
import math
import random

import pytest


def figures(shell, *arguments, expect=0):
    found = json.loads(shell.plain("analyze", "churn", *arguments, "--format", "json", expect=expect).stdout)
    return {one["figure"]: one for one in found}


@pytest.fixture
def telco(shell, real_data):
    path = real_data / "telco-ibm" / "Telco-Customer-Churn.csv.gz"
    return shell.write("telco.csv", gzip.decompress(path.read_bytes()))


def write_members(shell, count=600, seed=5):
    """Members who leave by plan and visits, as log-odds that are known; the name says nothing."""
    dice = random.Random(seed)
    rows = ["member,plan,visits,city,gone"]
    for i in range(count):
        plan, visits = dice.choice(["monthly", "yearly"]), dice.randrange(12)
        odds = 0.3 + (1.5 if plan == "monthly" else -1) - 0.25 * visits
        left = dice.random() < 1 / (1 + math.exp(-odds))
        rows.append(f"m{i},{plan},{visits},{dice.choice(['Oslo', 'Rome', '上海'])},{'yes' if left else 'no'}")
    shell.write("members.csv", "\n".join(rows) + "\n")
    return ["members.csv", "--target", "gone", "--id", "member"]


@pytest.mark.parametrize("seed", [1, 2])
def test_telco_is_foretold_as_well_as_by_the_best(shell, telco, seed):
    found = figures(shell, telco, "--target", "Churn", "--id", "customerID", "--seed", seed)
    assert found["n"]["value"] == 7043 and found["left"]["value"] == 1869 and found["folds"]["value"] == 5
    assert found["auc"]["value"] >= 0.848
    assert found["log_loss"]["value"] <= 0.413
    assert found["brier"]["value"] <= 0.134
    assert found["calibration_error"]["value"] <= 0.02
    for name in ["auc", "log_loss", "brier"]:
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]
    assert found["calibration_slope"]["low"] < 1 < found["calibration_slope"]["high"]
    assert any(name.startswith("tied_to Contract") for name in found)
    assert "seed" in found and found["summary"]["note"].startswith("26.5 % left")


def test_the_line_alone_tells_odds_and_leaves_names_out(shell, telco):
    found = figures(shell, telco, "--target", "Churn", "--model", "logistic")
    assert found["auc"]["value"] >= 0.847
    assert "customerID" in found["left_out"]["note"]
    two_years = found["odds Contract: Two year"]
    assert two_years["high"] < 0.5 and two_years["low"] > 0.1
    assert found["check separation"]["value"] == 1


def test_the_truth_is_found_again(shell):
    found = figures(shell, *write_members(shell, 3000), "--model", "logistic")
    yearly = found.get("odds plan: yearly") or found["odds plan: monthly"]
    truth = -2.5 if "odds plan: yearly" in found else 2.5
    error = (math.log(yearly["high"]) - math.log(yearly["low"])) / 2 / 1.645
    assert abs(math.log(yearly["value"]) - truth) < 2 * error
    names = [name for name in found if name.startswith("tied_to")]
    assert {names[0], names[1]} == {"tied_to plan", "tied_to visits"}
    assert "fewer leave above" in found["tied_to visits"]["note"]


def test_each_member_has_a_risk_and_reasons(shell):
    arguments = write_members(shell)
    text = (shell.folder / "members.csv").read_text() + "new,monthly,0,Oslo,\n"
    shell.write("members.csv", text)
    scores = json.loads(shell.plain("analyze", "churn", *arguments, "--scores", "--format", "json").stdout)
    assert len(scores) == 601
    assert all(0 < one["probability"] < 1 for one in scores)
    new = scores[-1]
    assert new["id"] == "new" and new["outcome"] == "" and new["probability"] > 0.6
    assert {new["reason_1"].split(":")[0], new["reason_2"].split(":")[0]} == {"plan", "visits"}
    mean = sum(one["probability"] for one in scores[:-1]) / 600
    assert mean == pytest.approx(sum(one["outcome"] == "yes" for one in scores) / 600, abs=0.01)


def test_the_same_seed_gives_the_same_bytes(shell):
    arguments = write_members(shell, 300)
    first, again, other = (shell.plain("analyze", "churn", *arguments, "--scores", "--seed", seed).stdout
                           for seed in (7, 7, 8))
    assert first == again and first != other


def rows_of(*rows):
    return "a,b,gone\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize("text, words", [
    ("", "no row"),
    ("a,b,gone\n", "no row"),
    (rows_of("1,x,yes"), "no column tells the rows apart"),
    (rows_of(*[f"{i},x,yes" for i in range(40)]), "40 of 40"),
    (rows_of(*[f"{i},x,{'yes' if i < 9 else 'no'}" for i in range(40)]), "9 of 40"),
    (rows_of(*["1,x,yes", "1,x,no"] * 30), "no column tells the rows apart"),
    (rows_of(*[f"{i},x,maybe{i % 3}" for i in range(60)]), "--positive"),
    (rows_of(*[f"NaN,,{'yes' if i % 2 else 'no'}" for i in range(60)]), "no column tells the rows apart"),
])
def test_files_that_teach_nothing_are_told_apart(shell, text, words):
    shell.write("bad.csv", text)
    done = shell.plain("analyze", "churn", "bad.csv", "--target", "gone", expect=1)
    assert words in done.stderr
    assert done.stdout == ""


def test_separated_huge_and_missing_values_give_an_answer_without_nan(shell):
    rows = [f"{1e300 if i % 9 == 0 else i},{'' if i % 5 == 0 else 'left' if i % 2 else 'stay'},{'yes' if i % 2 else 'no'}"
            for i in range(200)]
    shell.write("odd.csv", rows_of(*rows))
    for model in ["logistic", "trees", "auto"]:
        done = shell.plain("analyze", "churn", "odd.csv", "--target", "gone", "--model", model, "--format", "csv")
        assert "nan" not in done.stdout.lower() and "inf," not in done.stdout.lower()
        scores = shell.plain("analyze", "churn", "odd.csv", "--target", "gone", "--model", model, "--scores",
                             "--format", "csv").stdout
        assert "nan" not in scores.lower()


def test_a_column_that_gives_the_outcome_away_is_told(shell):
    rows = [f"{i % 7},{'closed' if i % 3 else 'open'},{'yes' if i % 3 else 'no'}" for i in range(300)]
    shell.write("leak.csv", rows_of(*rows))
    assert "--ignore" in figures(shell, "leak.csv", "--target", "gone")["check leak"]["note"]


def test_wrong_options_are_usage(shell):
    arguments = write_members(shell, 100)
    shell.plain("analyze", "churn", *arguments, "--model", "guess", expect=2)
    shell.plain("analyze", "churn", *arguments, "--folds", "1", expect=2)
    shell.plain("analyze", "churn", "members.csv", expect=2)
    done = shell.plain("analyze", "churn", "members.csv", "--target", "gonne", expect=1)
    assert "'gone'" in done.stderr
    done = shell.plain("analyze", "churn", "members.csv", "--target", "gone", "--positive", "perhaps", expect=1)
    assert "'yes'" in done.stderr and "'no'" in done.stderr


def test_recorded_reasons_become_causes_with_shares(shell):
    reasons = (["Competitor made better offer"] * 30 + ["Attitude of support person"] * 12 + ["Price too high"] * 10 +
               ["Moved"] * 6 + ["product"] * 5 + ["incident"] * 4 + ["ethics"] * 2 + ["passive service"] * 3 +
               ["价格太贵"] * 2 + ["Do not know"] * 6 + [""] * 20)
    shell.write("exits.csv", "why,store\n" + "".join(f"{why},{'A' if i % 2 else 'B'}\n"
                                                      for i, why in enumerate(reasons)))
    found = figures(shell, "exits.csv", "--reason", "why", "--segment", "store")
    assert found["reasons"]["value"] == 80
    expected = {"competition": 30, "passive service": 15, "price": 12, "moved": 6, "product": 5, "incident": 4,
                "ethics": 2, "other": 6}
    for cause, count in expected.items():
        one = found[f"cause {cause}"]
        assert one["value"] == pytest.approx(count / 80, abs=1e-6)
        assert one["low"] < one["value"] < one["high"]
        assert one["note"] == f"{count} of 80"
    # Wilson's interval of 30 of 80 at 90 %.
    z2, p, n = 1.6448536269514722 ** 2, 30 / 80, 80
    middle, reach = (p + z2 / 2 / n) / (1 + z2 / n), math.sqrt(z2) / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / 4 / n ** 2)
    assert found["cause competition"]["low"] == pytest.approx(middle - reach, abs=1e-6)
    assert found["cause competition"]["high"] == pytest.approx(middle + reach, abs=1e-6)
    assert "A: competition" in found and "B: price" in found
    assert found["check segments"]["value"] > 0.5
    assert "competition" in found["summary causes"]["note"]
    assert found["reason Price too high"]["note"] == "taken for: price"


def test_reasons_of_those_who_left_only(shell):
    arguments = write_members(shell, 200)
    lines = (shell.folder / "members.csv").read_text().splitlines()
    shell.write("members.csv", "\n".join([lines[0] + ",why"] + [line + ",price" for line in lines[1:]]) + "\n")
    found = figures(shell, *arguments, "--reason", "why")
    assert found["cause price"]["value"] == 1
    assert found["reasons"]["value"] == found["left"]["value"]
    assert "tied_to why" not in found
