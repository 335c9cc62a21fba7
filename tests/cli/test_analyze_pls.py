"""Path models of surveys in plain files: the mobile phone survey of Tenenhaus and others (2005), and drawn ones."""
import csv
import itertools
import json
import random
import statistics

import pytest

# SmartPLS 2.0.M3, as shipped with semPLS; centroid and factorial scheme.
PATHS = {
    ("Image", "Expectation"): (.50470564, .50494314), ("Expectation", "Quality"): (.55724786, .55675903),
    ("Expectation", "Value"): (.05078755, .05017810), ("Quality", "Value"): (.55721686, .55776245),
    ("Image", "Satisfaction"): (.17883348, .17859267), ("Expectation", "Satisfaction"): (.06442534, .06494365),
    ("Quality", "Satisfaction"): (.51254524, .51297470), ("Value", "Satisfaction"): (.19181566, .19144526),
    ("Satisfaction", "Complaints"): (.52609731, .52585655), ("Image", "Loyalty"): (.19535971, .19581962),
    ("Satisfaction", "Loyalty"): (.48347472, .48305917), ("Complaints", "Loyalty"): (.07123241, .07031057),
}
# seminr.
EXPLAINED = {
    "factorial": dict(Expectation=.254968, Quality=.309981, Value=.344781, Satisfaction=.680698, Complaints=.276525, Loyalty=.456520),
    "path": dict(Expectation=.254938, Quality=.309969, Value=.345279, Satisfaction=.681078, Complaints=.278854, Loyalty=.456944),
}
RHO_A = dict(Image=.74033, Expectation=.46205, Quality=.88425, Value=.85500, Satisfaction=.78910, Loyalty=.74573)

BASIC = """
Expectation: CUEX*
Quality (B): PERQ*
Image: IMAG*
Complaints: CUSCO
Loyalty: CUSL*
Image -> Expectation
Expectation, Quality, Complaints -> Loyalty
"""
HIGHER = """
Image: IMAG*
Value: PERV*
Satisfaction: Image Value   # made of both
Expectation: CUEX*
Quality (B): PERQ*
Complaints: CUSCO
Loyalty: CUSL*
Expectation, Quality -> Satisfaction
Satisfaction -> Complaints, Loyalty
"""


def run(shell, *arguments):
    """Rows by (figure, from, to)."""
    rows = json.loads(shell.plain("analyze", "pls", *arguments, "--format", "json").stdout)
    return {(row["figure"], row["from"], row["to"]): row for row in rows if row["note"] != "first stage"}


def smartpls(folder, name):
    """A table of SmartPLS: blanks, and commas for points."""
    lines = [line.split() for line in (folder / "smartpls" / name).read_text().splitlines()]
    return {(line[0], column): float(value.replace(",", "."))
            for line in lines[1:] for column, value in zip(lines[0], line[1:])}


@pytest.mark.parametrize("scheme, nth, name", [("centroid", 0, "centroid"), ("factorial", 1, "factorial"), ("path", None, "pathWeighting")])
def test_the_survey_of_mobile_phones_gives_what_smartpls_gives(shell, real_data, scheme, nth, name):
    folder = real_data / "mobi-ecsi"
    found = run(shell, folder / "mobi.csv", "--model", "ecsi", "--scheme", scheme, "--bootstrap", 0, "--cross-loadings")
    assert found["answers", "", ""]["value"] == 250
    assert {key[1:] for key in found if key[0] == "path"} == set(PATHS)
    for (one, other), values in PATHS.items():
        if nth is not None:
            assert found["path", one, other]["value"] == pytest.approx(values[nth], abs=1e-6)
    for table, figure, least in [("pathCoefficients", "path", 12), ("totalEffects", "total_effect", 21),
                                 ("outerWeights", "weight", 24), ("crossLoadings", "cross_loading", 168)]:
        expected = {key: value for key, value in smartpls(folder, f"{name}.{table}.txt").items() if value != 0}
        assert len(expected) == least
        for (one, other), value in expected.items():
            assert found[figure, one, other]["value"] == pytest.approx(value, abs=1e-6), (figure, one, other)


@pytest.mark.parametrize("scheme", ["factorial", "path"])
def test_the_survey_of_mobile_phones_explains_what_seminr_says(shell, real_data, scheme):
    found = run(shell, real_data / "mobi-ecsi" / "mobi.csv", "--model", "ecsi", "--scheme", scheme, "--bootstrap", 0)
    for name, value in EXPLAINED[scheme].items():
        assert found["r2", name, ""]["value"] == pytest.approx(value, abs=1e-6)
    for name, value in RHO_A.items() if scheme == "path" else []:
        assert found["rho_a", name, ""]["value"] == pytest.approx(value, abs=1e-5)


def test_the_survey_of_mobile_phones_is_corrected_as_by_seminr(shell, real_data):
    found = run(shell, real_data / "mobi-ecsi" / "mobi.csv", "--model", "ecsi", "--consistent", "--bootstrap", 300)
    assert found["path", "Satisfaction", "Loyalty"]["value"] == pytest.approx(.961520, abs=1e-5)
    assert found["path", "Quality", "Satisfaction"]["value"] == pytest.approx(.669320, abs=1e-5)
    assert found["r2", "Loyalty", ""]["value"] == pytest.approx(.734855, abs=1e-5)
    failed = found["samples_failed", "", ""]
    assert failed["value"] > 0 and "inadmissible" in failed["note"]
    assert failed["value"] + found["samples", "", ""]["value"] == 300
    assert found["check samples", "", ""]["value"] == 0


def solve(matrix, right):
    """The solution of a few linear equations, by elimination."""
    rows = [list(line) + [value] for line, value in zip(matrix, right)]
    for k in range(len(rows)):
        best = max(range(k, len(rows)), key=lambda i: abs(rows[i][k]))
        rows[k], rows[best] = rows[best], rows[k]
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k])]
    found = [0.0] * len(rows)
    for k in reversed(range(len(rows))):
        found[k] = (rows[k][-1] - sum(rows[k][j] * found[j] for j in range(k + 1, len(rows)))) / rows[k][k]
    return found


def explained(correlation, to, causes):
    """R2 of a regression among standardised scores."""
    right = [correlation[one, to] for one in causes]
    return sum(a * b for a, b in zip(right, solve([[correlation[i, j] for j in causes] for i in causes], right))) if causes else 0


def test_measures_of_quality_follow_their_definitions(shell, real_data):
    """Computed once more from the answers and the loadings alone, by the formulas of their authors."""
    path = real_data / "mobi-ecsi" / "mobi.csv"
    found = run(shell, path, "--model", "ecsi", "--bootstrap", 0)
    with open(path, newline="", encoding="utf-8") as file:
        answers = list(csv.DictReader(file))
    columns = {}
    for name in answers[0]:
        values = [float(row[name]) for row in answers]
        mean = statistics.fmean(values)
        spread = statistics.stdev(values)
        columns[name] = [(value - mean) / spread for value in values]
    blocks = {}
    for figure, column, construct in found:
        if figure == "loading":
            blocks.setdefault(construct, {})[column] = found[figure, column, construct]["value"]

    def together(one, other):
        return sum(a * b for a, b in zip(columns[one], columns[other])) / (len(answers) - 1)

    correlation = {(name, name): 1 for name in blocks}
    for (figure, one, other), row in found.items():
        if figure == "correlation":
            correlation[one, other] = correlation[other, one] = row["value"]
    within = {}
    for name, loadings in blocks.items():
        pairs = [together(a, b) for a, b in itertools.combinations(loadings, 2)]
        if not pairs:
            continue
        k, mean, squares = len(loadings), statistics.fmean(pairs), [one * one for one in loadings.values()]
        within[name] = statistics.fmean(map(abs, pairs))
        assert found["alpha", name, ""]["value"] == pytest.approx(k * mean / (1 + (k - 1) * mean), abs=1e-6)
        top = sum(loadings.values()) ** 2
        assert found["rho_c", name, ""]["value"] == pytest.approx(top / (top + k - sum(squares)), abs=1e-6)
        assert found["ave", name, ""]["value"] == pytest.approx(statistics.fmean(squares), abs=1e-6)
    told = 0
    for (figure, one, other), row in found.items():
        if figure == "htmt" and one in within and other in within:
            across = statistics.fmean(abs(together(a, b)) for a in blocks[one] for b in blocks[other])
            assert row["value"] == pytest.approx(across / (within[one] * within[other]) ** .5, abs=1e-6)
            told += 1
    assert told == 15
    causes = {}
    for one, other in PATHS:
        causes.setdefault(other, []).append(one)
    for other, names in causes.items():
        r2 = explained(correlation, other, names)
        assert found["r2", other, ""]["value"] == pytest.approx(r2, abs=1e-5)
        assert found["r2_adjusted", other, ""]["value"] == pytest.approx(
            1 - (1 - r2) * 249 / (249 - len(names)), abs=1e-5)
        for one in names:
            rest = [name for name in names if name != one]
            assert found["f2", one, other]["value"] == pytest.approx((r2 - explained(correlation, other, rest)) / (1 - r2), abs=1e-5)
            assert found["vif", one, other]["value"] == pytest.approx(1 / (1 - explained(correlation, one, rest)), abs=1e-5)
    squares = [one * one for name in within for one in blocks[name].values()]
    mean = statistics.fmean(found["r2", other, ""]["value"] for other in causes)
    assert found["gof", "", ""]["value"] == pytest.approx((statistics.fmean(squares) * mean) ** .5, abs=1e-6)


@pytest.mark.parametrize("model, name", [(BASIC, "basic"), (HIGHER, "hoc-ts")])
def test_models_of_ones_own_give_what_seminr_gives(shell, real_data, model, name):
    folder = real_data / "mobi-ecsi"
    found = run(shell, folder / "mobi.csv", "--model", shell.write("model.txt", model), "--bootstrap", 0)
    with open(folder / f"seminr-mobi-{name}-paths.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for to, value in row.items():
                if to and float(value) != 0:
                    assert found["path", row[""], to]["value"] == pytest.approx(float(value), abs=1e-7)
    with open(folder / f"seminr-mobi-{name}-outer-model.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if float(row["weight"]) != 0]
    assert len(rows) >= 16
    for row in rows:
        for figure in ["weight", "loading"]:
            one = next(value for key, value in found.items() if key[:2] == (figure, row[""]))
            assert one["value"] == pytest.approx(float(row[figure]), abs=1e-7)


def test_intervals_and_the_index_of_mobile_phones_are_sensible(shell, real_data):
    arguments = [real_data / "mobi-ecsi" / "mobi.csv", "--model", "ecsi", "--scale", "1-10", "--seed", 7]
    found = run(shell, *arguments)
    assert found["samples", "", ""]["value"] == 5000
    assert "seed 7" in found["samples", "", ""]["note"]
    one = found["path", "Satisfaction", "Loyalty"]
    assert one["low"] < one["value"] < one["high"]
    assert one["error"] == pytest.approx(.083, abs=.005)  # as by seminr's bootstrap
    assert found["path", "Complaints", "Loyalty"]["note"] == "may be none"
    index = found["index", "Satisfaction", ""]
    assert 70 < index["low"] < index["value"] < index["high"] < 76
    assert "46 % of Loyalty" in found["summary", "", ""]["note"]
    assert run(shell, *arguments) == found


# ---- drawn surveys ----

MODEL = "Care: c1 c2 c3\nPrice: p1 p2\nLoyalty: l1 l2 l3\nCare, Price -> Loyalty\n"


def write_survey(shell, rows=300, name="survey.csv", change=lambda row, n: row):
    dice = random.Random(3)
    lines = ["store,c1,c2,c3,p1,p2,l1,l2,l3"]
    for n in range(rows):
        care, price = dice.gauss(0, 1), dice.gauss(0, 1)
        loyalty = .6 * care + .3 * price + dice.gauss(0, .7)
        row = [f"s{n % 2}"] + [str(min(10, max(1, round(6 + 2 * score + dice.gauss(0, 1)))))
                               for score in [care + n % 2 * .5] * 3 + [price] * 2 + [loyalty] * 3]
        lines.append(",".join(change(row, n)))
    shell.write(name, "\n".join(lines) + "\n")
    shell.write("model.txt", MODEL)
    return [name, "--model", "model.txt"]


def test_indices_are_told_by_group(shell):
    arguments = write_survey(shell)
    found = run(shell, *arguments, "--group", "store", "--scale", "1-10", "--bootstrap", 200)
    low, high = found["group_index", "Care", "s0"], found["group_index", "Care", "s1"]
    assert low["high"] < high["low"]
    assert "of 150 answers" in low["note"]
    assert (low["value"] + high["value"]) / 2 == pytest.approx(found["index", "Care", ""]["value"])


def test_each_answer_has_scores_and_indices(shell):
    arguments = write_survey(shell)
    scores = json.loads(shell.plain("analyze", "pls", *arguments, "--scores", "--format", "json").stdout)
    assert [one["line"] for one in scores] == list(range(2, 302))
    for name in ["Care", "Price", "Loyalty"]:
        values = [one[name] for one in scores]
        assert sum(values) == pytest.approx(0, abs=1e-3)
        assert sum(value * value for value in values) / 299 == pytest.approx(1, abs=1e-4)
    indices = json.loads(shell.plain("analyze", "pls", *arguments, "--indices", "--scale", "1-10", "--format", "json").stdout)
    assert all(0 <= one["Care"] <= 100 for one in indices)


def test_missing_answers_are_treated_as_asked(shell):
    arguments = write_survey(shell, change=lambda row, n: row[:2] + [""] + row[3:] if n % 10 == 0 else row)
    mean = run(shell, *arguments, "--bootstrap", 0)
    assert mean["answers", "", ""]["value"] == 300 and mean["missing", "", ""]["value"] == 30
    case = run(shell, *arguments, "--bootstrap", 0, "--missing", "casewise")
    assert case["answers", "", ""]["value"] == 270
    assert mean["path", "Care", "Loyalty"]["value"] == pytest.approx(case["path", "Care", "Loyalty"]["value"], abs=.05)


@pytest.mark.parametrize("change, code", [
    (lambda row, n: row[:1] + ["5"] + row[2:], "pls.constant"),
    (lambda row, n: row[:1] + [""] + row[2:], "pls.constant"),
    (lambda row, n: row[:1] + ["good"] + row[2:], "analyze.number"),
    (lambda row, n: row if n < 2 else row[:1] + [""] * 8, "pls.rows"),
])
def test_answers_that_cannot_be_computed_are_told(shell, change, code):
    done = shell.plain("analyze", "pls", *write_survey(shell, change=change), expect=1)
    assert f"[{code}]" in done.stderr


def test_too_few_answers_never_give_nan(shell):
    for rows in range(1, 12):
        arguments = write_survey(shell, rows=rows)
        done = shell.run("analyze", "pls", *arguments, "--bootstrap", 50, "--format", "json", database=False,
                         expect=1 if rows < 3 else 0) if rows < 3 or rows > 8 else None
        if done is not None:
            assert "nan" not in done.stdout.lower() and "inf" not in done.stdout.lower().replace("information", "")


def test_wrong_models_and_options_are_told(shell):
    arguments = write_survey(shell)
    shell.write("wrong.txt", "Care: c1 c2\nLoyalty: l1\nCare -> Loyality\n")
    done = shell.plain("analyze", "pls", "survey.csv", "--model", "wrong.txt", expect=1)
    assert "line 3, column 9 of the model: there is no construct 'Loyality' [pls.model]" in done.stderr
    shell.plain("analyze", "pls", "survey.csv", "--model", "ecsi", expect=1)
    shell.plain("analyze", "pls", "survey.csv", "--model", "nowhere.txt", expect=1)
    shell.plain("analyze", "pls", *arguments, "--scale", "1-9", expect=1)
    shell.plain("analyze", "pls", *arguments, "--group", "c9", expect=1)
    for wrong in [["--scheme", "best"], ["--missing", "guess"], ["--scale", "ten"], ["--signs", "no"],
                  ["--bootstrap", "-1"], ["--confidence", "100"]]:
        shell.plain("analyze", "pls", *arguments, *wrong, expect=2)
    shell.plain("analyze", "pls", "survey.csv", expect=2)
    assert "Image: IMAG*" in shell.plain("analyze", "pls", "--help").stdout
