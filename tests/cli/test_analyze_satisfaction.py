"""Answers of plain files: scores, attributes, drivers, trends, the matrix and the panel."""
import datetime
import json
import random
import subprocess

import pytest

LMG = [.087096, .070392, .161428, .078723, .152227, .062763, .050324, .025698, .028078]
JOHNSON = [.09142, .074182, .148898, .078827, .152314, .064832, .05107, .025389, .029797]


def figures(shell, *arguments, expect=0):
    found = json.loads(shell.plain("analyze", *arguments, "--format", "json", expect=expect).stdout)
    return {one["figure"]: one for one in found}


def write_survey(shell, rows=900, fall=0):
    """Answers over 2025; South is worse; promoters become fewer by `fall` from day 200 on."""
    dice = random.Random(3)
    lines = ["day,store,recommend,satisfied,wish,easy,margin"]
    for row in range(rows):
        day = dice.randrange(365)
        store = dice.choice(["North", "South", '"West, old"'])
        promoters = .6 - (.25 if store == "South" else 0) - (fall if day >= 200 else 0)
        recommend = dice.choice([9, 10]) if dice.random() < promoters else dice.randrange(9)
        satisfied = max(1, min(5, round(recommend / 2 + dice.gauss(0, .7))))
        lines.append(f"{datetime.date(2025, 1, 1) + datetime.timedelta(day)},{store},{recommend if row % 50 else ''},"
                     f"{satisfied},{min(5, satisfied + dice.randrange(2))},{dice.randrange(1, 8)},"
                     f"{dice.gauss(100, 20) + 5 * satisfied:.2f}")
    shell.write("answers.csv", "\n".join(lines) + "\n")
    return "answers.csv"


def test_the_net_score_is_promoters_less_detractors(shell):
    answers = [10] * 50 + [8] * 20 + [3] * 30 + ["", 11, 7.5]
    shell.write("nps.csv", "who,score\n" + "".join(f"{i},{one}\n" for i, one in enumerate(answers)))
    found = figures(shell, "nps", "nps.csv", "--score", "score")
    assert found["answers"]["value"] == 100
    assert "1 rows without an answer and 2 off the scale" in found["answers"]["note"]
    assert found["nps"]["value"] == 20
    # p = 50.5 / 102, q = 30.5 / 102: 100 (p - q) +- 195.996 sqrt((p + q - (p - q)^2) / 100).
    reach = 195.99640 * ((81 / 102 - (20 / 102) ** 2) / 100) ** .5
    assert found["nps"]["low"] == pytest.approx(2000 / 102 - reach, abs=.001)
    assert found["nps"]["high"] == pytest.approx(2000 / 102 + reach, abs=.001)
    assert "50 recommend you and 30 warn others" in found["summary"]["note"]
    assert found["check size"]["value"] == 30
    narrow = figures(shell, "nps", "nps.csv", "--score", "score", "--confidence", "90")
    assert narrow["nps"]["low"] > found["nps"]["low"]


def test_stores_are_compared_with_each_other_and_the_rest(shell):
    found = figures(shell, "nps", write_survey(shell), "--score", "recommend", "--group", "store")
    assert found["nps South"]["value"] < found["nps North"]["value"]
    assert "below the others" in found["nps South"]["note"]
    assert found["p_value groups"]["value"] < .01
    assert not any(name.startswith("difference") for name in found)
    pair = figures(shell, "nps", "answers.csv", "--score", "recommend", "--group", "store",
                   "--compare", "West, old,South")
    difference = pair["difference West, old - South"]
    assert difference["low"] < difference["value"] < difference["high"]
    assert difference["value"] == pytest.approx(found["nps West, old"]["value"] - found["nps South"]["value"], abs=.001)
    assert pair["p_value West, old - South"]["value"] < .05
    missing = shell.plain("analyze", "nps", "answers.csv", "--score", "recommend", "--group", "store",
                          "--compare", "North,East", expect=1)
    assert "survey.groups" in missing.stderr


def test_periods_are_compared_with_the_one_before(shell):
    found = figures(shell, "csat", write_survey(shell), "--score", "satisfied", "--date", "day",
                    "--period", "quarter")
    assert found["scale"]["note"] == "answers from 1 to 5"
    assert {f"csat 2025-{month:02}-01" for month in (1, 4, 7, 10)} < set(found)
    assert "difference 2025-10-01 - 2025-07-01" in found
    assert found["csat"]["low"] < found["csat"]["value"] < found["csat"]["high"]
    assert 1 <= found["mean"]["value"] <= 5


def test_effort_is_a_mean_of_how_easy_it_was(shell):
    shell.write("ces.csv", "easy\n" + "\n".join(str(one) for one in [1, 2, 4, 5, 6, 7, 7, 7]) + "\n")
    found = figures(shell, "ces", "ces.csv", "--score", "easy")
    assert found["ces"]["value"] == pytest.approx(4.875)
    assert found["easy"]["value"] == 62.5
    assert found["hard"]["value"] == 25
    assert found["scale"]["value"] == 7
    other = figures(shell, "ces", "ces.csv", "--score", "easy", "--scale", "1-10")
    assert other["easy"]["value"] == 50


def test_attributes_are_held_against_what_was_expected(shell):
    found = figures(shell, "attributes", write_survey(shell), "--scores", "satisfied,easy",
                    "--expectations", "wish,easy", "--scale", "1-7")
    assert found["gap satisfied"]["high"] < 0
    assert found["gap satisfied"]["value"] == pytest.approx(
        found["mean satisfied"]["value"] - found["expected satisfied"]["value"], abs=1e-5)
    assert found["p_value satisfied"]["value"] < 1e-6
    assert found["gap easy"]["value"] == 0
    assert "satisfied falls furthest behind" in found["summary"]["note"]
    done = shell.plain("analyze", "attributes", "answers.csv", "--scores", "satisfied,easy",
                       "--expectations", "wish", expect=1)
    assert "survey.pairs" in done.stderr


def test_a_fall_is_found_and_a_level_that_stays_is_left_alone(shell):
    found = figures(shell, "trend", write_survey(shell, fall=.35), "--score", "recommend", "--date", "day",
                    "--measure", "nps", "--false-alarm", "1")
    changes = [one for name, one in found.items() if name.startswith("change ")]
    assert found["changes"]["value"] == len(changes) == 1
    assert changes[0]["high"] < 0
    day = datetime.date.fromisoformat(changes[0]["figure"].split()[1])
    assert abs((day - datetime.date(2025, 7, 20)).days) < 21
    assert "seed 1" in found["changes"]["note"]
    assert "fell from" in found["summary"]["note"]
    assert len([name for name in found if name.startswith("nps ")]) == 12
    calm = figures(shell, "trend", write_survey(shell), "--score", "satisfied", "--date", "day",
                   "--false-alarm", "1")
    assert calm["changes"]["value"] == 0
    assert "has not changed" in calm["summary"]["note"]


def test_members_fall_into_four_fields(shell):
    path = write_survey(shell)
    found = figures(shell, "matrix", path, "--satisfaction", "satisfied", "--loyalty", "recommend")
    shares = [found[name]["value"] for name in ("apostle", "hostage", "mercenary", "defector")]
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert found["cut satisfaction"]["value"] == 4
    assert found["cut loyalty"]["value"] == 8
    assert found["rank_correlation"]["low"] > 0
    assert "apostles" in found["summary"]["note"]
    value = figures(shell, "matrix", path, "--satisfaction", "satisfied", "--value", "margin", "--value-best", "20")
    high = [value[name]["value"] for name in ("satisfied, high value", "dissatisfied, high value")]
    assert sum(high) == pytest.approx(.2, abs=.002)
    parts = [one["value"] for name, one in value.items() if name.endswith(": share of value")]
    assert sum(parts) == pytest.approx(1, abs=1e-5)
    mine = figures(shell, "matrix", path, "--satisfaction", "satisfied", "--value", "margin", "--cut", "100",
                   "--satisfaction-cut", "5")
    assert mine["cut value"]["value"] == 100 and mine["cut value"]["note"].endswith("as asked")
    shell.plain("analyze", "matrix", path, "--satisfaction", "satisfied", expect=2)


def test_a_panel_says_which_leads(shell):
    dice = random.Random(5)
    lines = ["s1,l1,s2,l2"]
    for _ in range(600):
        s1 = dice.gauss(0, 1)
        l1 = .4 * s1 + dice.gauss(0, 1)
        s2 = .5 * s1 + dice.gauss(0, 1)
        l2 = .4 * l1 + .4 * s1 + dice.gauss(0, 1)
        lines.append(f"{s1:.4f},{l1:.4f},{s2:.4f}," + (f"{l2:.4f}" if dice.random() < .95 else ""))
    shell.write("waves.csv", "\n".join(lines) + "\n")
    columns = [word for name in ("satisfaction", "loyalty") for wave in "12"
               for word in (f"--{name}{wave}", f"{name[0]}{wave}")]
    found = figures(shell, "panel", "waves.csv", *columns)
    path = found["path satisfaction1 -> loyalty2"]
    assert path["low"] > 0
    # Half the width of the interval is 1.96 standard errors.
    assert (path["high"] - path["low"]) / 2 == pytest.approx(
        1.959964 * found["error satisfaction1 -> loyalty2"]["value"], rel=1e-4)
    assert found["path difference"]["value"] == pytest.approx(
        path["value"] - found["path loyalty1 -> satisfaction2"]["value"], abs=1e-5)
    assert found["path difference"]["low"] > 0
    assert found["members"]["value"] < 600
    assert "check stayed" in found
    assert "Satisfaction leads" in found["summary"]["note"]


@pytest.mark.parametrize("name, options", [
    ("nps", ["--score", "a"]), ("csat", ["--score", "a"]), ("ces", ["--score", "a"]),
    ("attributes", ["--scores", "a,b"]), ("drivers", ["--outcome", "a", "--drivers", "b"]),
    ("trend", ["--score", "a", "--date", "day"]),
    ("matrix", ["--satisfaction", "a", "--loyalty", "b"]), ("matrix", ["--satisfaction", "a", "--value", "b"]),
    ("panel", ["--satisfaction1", "a", "--loyalty1", "b", "--satisfaction2", "b", "--loyalty2", "a"]),
])
@pytest.mark.parametrize("rows", [
    [], ["2025-01-01,4,5"], ["2025-01-01,4,5"] * 30, ["2025-01-01,NaN,"] * 5,
    [f"2025-01-{day:02},{day % 5 + 1},3" for day in range(1, 29)],
    [f"2025-01-{day:02},{day % 5}e300,{day}e305" for day in range(1, 29)], ["soon,4,5"] * 5,
    [f"2025-{1 + day % 12:02}-{1 + day % 28:02},{day % 5 + 1},{day % 3 + 1}" for day in range(60)],
])
def test_bad_files_give_an_answer_or_a_sentence(shell, name, options, rows):
    shell.write("bad.csv", "\n".join(["day,a,b", *rows]) + "\n")
    done = subprocess.run([shell.binary, "analyze", name, "bad.csv", *options, "--format", "csv"], cwd=shell.folder,
                          env=shell.environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 1)
    words = done.stdout.lower().replace(",", " ").split()
    assert "nan" not in words and "-nan" not in words and "inf" not in words
    assert done.returncode == 0 or len(done.stderr) > 10


def test_wrong_options_are_usage(shell):
    path = write_survey(shell, rows=50)
    for arguments in (["nps", path], ["nps", path, "--score", "recommend", "--group", "store", "--date", "day"],
                      ["csat", path, "--score", "satisfied", "--scale", "5-1"],
                      ["trend", path, "--score", "recommend", "--date", "day", "--measure", "guess"],
                      ["trend", path, "--score", "recommend"], ["drivers", path], ["panel", path],
                      ["nps", path, "--score", "recommend", "--confidence", "100"],
                      ["drivers", path, "--outcome", "satisfied", "--samples", "3"]):
        shell.plain("analyze", *arguments, expect=2)
    unknown = shell.plain("analyze", "nps", path, "--score", "recomend", expect=1)
    assert "recommend" in unknown.stderr


def test_drivers_of_a_real_survey_are_as_computed_elsewhere(shell, real_data):
    found = figures(shell, "drivers", real_data / "bayesm" / "customerSat.csv", "--outcome", "q1", "--seed", "4")
    assert found["rows"]["value"] == 1811
    assert found["R2"]["value"] == pytest.approx(.7167289, abs=1e-6)
    for i, (lmg, johnson) in enumerate(zip(LMG, JOHNSON)):
        one = found[f"lmg q{i + 2}"]
        assert one["value"] == pytest.approx(lmg, abs=1e-6)
        assert one["low"] < one["value"] < one["high"]
        assert found[f"johnson q{i + 2}"]["value"] == pytest.approx(johnson, abs=1e-6)
    assert found["map q4"]["note"] == "improve first"
    assert "seed 4" in found["bootstrap_samples"]["note"]
    assert "72 %" in found["summary"]["note"]


def test_a_net_score_of_a_real_survey(shell, real_data):
    found = figures(shell, "nps", real_data / "mobi-ecsi" / "mobi.csv", "--score", "CUSL3")
    assert found["answers"]["value"] == 250
    assert found["nps"]["value"] == pytest.approx(found["promoters"]["value"] - found["detractors"]["value"], abs=1e-4)
