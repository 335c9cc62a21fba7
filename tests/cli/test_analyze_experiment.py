"""Experiments in plain files: effects, their intervals, and what is wrong with a file."""
import json
import random

import pytest


def figures(shell, *arguments, expect=0):
    found = json.loads(shell.plain("analyze", "experiment", *arguments, "--format", "json", expect=expect).stdout)
    return {one["figure"]: one for one in found}


def write_experiment(shell, effect=4.0, members=2000):
    dice = random.Random(5)
    rows = ["who,arm,before,spend,came"]
    for member in range(members):
        arm = dice.choice(["control", "gift"])
        before = dice.gauss(50, 20)
        spend = before + dice.gauss(10, 8) + (effect if arm == "gift" else 0)
        rows.append(f"{member},{arm},{before:.2f},{spend:.2f},{int(dice.random() < (.3 if arm == 'gift' else .2))}")
    shell.write("mail.csv", "\n".join(rows) + "\n")
    return ["mail.csv", "--group", "arm"]


def test_hillstrom_has_its_six_effects(shell, real_data):
    found = figures(shell, real_data / "hillstrom" / "hillstrom.csv.gz", "--group", "segment",
                    "--control", "No E-Mail", "--outcome", "visit,conversion,spend")
    wanted = {
        ("visit", "Mens"): (.076590, .003386), ("conversion", "Mens"): (.006805, .000921),
        ("spend", "Mens"): (.769827, .145247), ("visit", "Womens"): (.045233, .003234),
        ("conversion", "Womens"): (.003111, .000823), ("spend", "Womens"): (.424412, .130333),
    }
    for (outcome, group), (effect, error) in wanted.items():
        assert found[f"effect {outcome} {group} E-Mail"]["value"] == pytest.approx(effect, abs=1e-6)
        assert found[f"effect_error {outcome} {group} E-Mail"]["value"] == pytest.approx(error, abs=1e-6)
    assert found["members"]["value"] == 64000
    assert found["check sample_ratio"]["value"] > 0.5


def test_a_known_effect_is_found_by_every_method(shell):
    found = figures(shell, *write_experiment(shell), "--outcome", "spend,came", "--covariate", "before",
                    "--before", "before,before")
    for method in ["effect", "cuped", "difference_in_differences", "always_valid"]:
        one = found[f"{method} spend gift"]
        assert one["low"] < 4 < one["high"], one
    assert found["cuped_error spend gift"]["value"] < 0.5 * found["effect_error spend gift"]["value"]
    assert found["effect_p came gift"]["value"] < 0.001
    assert "gift" in found["summary"]["note"]


def test_nothing_is_said_to_work_that_did_not(shell):
    found = figures(shell, *write_experiment(shell, effect=0), "--outcome", "spend")
    assert "nothing is shown" in found["summary"]["note"]


def test_groups_that_are_not_as_planned_are_told(shell):
    arguments = write_experiment(shell)
    found = figures(shell, *arguments, "--outcome", "spend", "--planned", "1,3")
    assert found["check sample_ratio"]["value"] < 1e-6
    assert "before trusting" in found["summary"]["note"]
    shell.plain("analyze", "experiment", *arguments, "--outcome", "spend", "--planned", "1", expect=1)


@pytest.mark.parametrize("content, arguments, words", [
    ("arm,spend\n", [], "no row"),
    ("arm,spend\ncontrol,1\n", [], "one group"),
    ("arm,spend\ncontrol,1\ngift,2\n", [], "two members"),
    ("arm,spend\na,1\nb,2\n", [], "--control"),
    ("arm,spend\na,1\nb,2\n", ["--control", "z"], "'z'"),
    ("arm,spend\ncontrol,1\ngift,much\n", [], "line 3"),
    ("arm,money\ncontrol,1\n", [], "no column"),
])
def test_files_without_an_experiment_are_told_apart(shell, content, arguments, words):
    shell.write("mail.csv", content)
    done = shell.plain("analyze", "experiment", "mail.csv", "--group", "arm", "--outcome", "spend", *arguments, expect=1)
    assert words in done.stderr


def test_members_who_are_all_alike_give_figures_without_nan(shell):
    shell.write("mail.csv", "arm,spend\n" + "control,5\ngift,5\n" * 40)
    done = shell.plain("analyze", "experiment", "mail.csv", "--group", "arm", "--outcome", "spend", "--covariate", "spend")
    assert "nan" not in done.stdout.lower().replace("finance", "")
    shell.plain("analyze", "experiment", "mail.csv", expect=2)
