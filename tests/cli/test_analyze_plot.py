"""The pictures of analyses: what they show is what the analysis prints, and all of it can be read."""
import json
import math
import random
import re
import unicodedata
import xml.etree.ElementTree as xml

import pytest

SVG = "{http://www.w3.org/2000/svg}"


class Picture:
    """An SVG with its texts; what cannot be read is refused."""

    def __init__(self, path):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(nan|inf)\b", source, re.I)
        self.root = xml.fromstring(source)
        self.width, self.height = float(self.root.get("width")), float(self.root.get("height"))
        assert self.width == 960
        self.texts = [one.text for one in self.root.iter(SVG + "text")]
        self.title, self.caption = (self.root.find(SVG + tag).text for tag in ("title", "desc"))
        boxes = [self.box(one) for one in self.root.iter(SVG + "text")]
        for text, (left, top, right, bottom) in zip(self.texts, boxes):
            assert left >= -1 and right <= 961 and top >= 0 and bottom <= self.height, f"'{text}' leaves the paper"
        for i, one in enumerate(boxes):
            for k in range(i):
                other = boxes[k]
                apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
                assert apart, f"'{self.texts[i]}' covers '{self.texts[k]}'"

    @staticmethod
    def box(text):
        """About where the letters are: narrower than any font draws them, so that what touches here does so everywhere."""
        size, x, y = (float(text.get(name)) for name in ("font-size", "x", "y"))
        width = sum(1 if unicodedata.east_asian_width(c) in "WF" else .3 if c in " .,:;'il|()" else .5 for c in text.text) * size
        left = x - {"start": 0, "middle": width / 2, "end": width}[text.get("text-anchor", "start")]
        return left, y - .7 * size, left + width, y

    def count(self, tag):
        return len(list(self.root.iter(SVG + tag)))

    def holds(self, *words):
        for word in words:
            assert any(word in text for text in self.texts), f"'{word}' is not in {self.texts}"


@pytest.fixture
def draw(shell):
    def run(*arguments, expect=0):
        done = shell.plain("analyze", *arguments, "--plot", "picture.svg", "--format", "json", expect=expect)
        return json.loads(done.stdout), Picture(shell.folder / "picture.svg")
    return run


@pytest.fixture
def shop(shell):
    """Customers who buy at rates of their own and leave in their own time."""
    dice, rows = random.Random(3), ["who,when,total"]
    for customer in range(400):
        day, rate = dice.randrange(120), dice.gammavariate(1.2, .03)
        left = day + dice.expovariate(1 / 250)
        while day < min(500, left):
            rows.append(f"c{customer},{2025 + day // 365}-{day % 365 // 31 + 1:02}-{day % 31 % 28 + 1:02},"
                        f"{dice.gammavariate(4, 8):.2f}")
            day += 1 + int(dice.expovariate(rate))
    shell.write("shop.csv", "\n".join(rows) + "\n")
    return ["shop.csv", "--customer", "who", "--date", "when", "--amount", "total"]


@pytest.fixture
def survey(shell):
    """Answers of which price says most of what is overall."""
    dice, rows = random.Random(5), ["day,overall,price,staff,选择,speed"]
    for i in range(600):
        price, staff, choice, speed = (dice.randint(1, 10) for _ in range(4))
        overall = round(.5 * price + .25 * staff + .15 * choice + .1 * speed - (2 if i > 400 else 0) + dice.gauss(0, .7))
        rows.append(f"2025-{i // 50 + 1:02}-{i % 28 + 1:02},{max(0, min(10, overall))},{price},{staff},{choice},{speed}")
    shell.write("survey.csv", "\n".join(rows) + "\n")
    return "survey.csv"


@pytest.mark.parametrize("period, kind", [("month", "customers"), ("week", "customers"), ("quarter", "amount")])
def test_cohorts_show_who_comes_back(draw, shop, period, kind):
    cells, picture = draw("cohorts", *shop, "--period", period, "--plot-kind", kind)
    assert "400" in picture.caption and picture.caption.endswith(".")
    shown = [one for one in cells if one["age"] >= 1]
    assert picture.count("rect") >= len(shown)
    if period != "week":
        first = shown[0]["amount_share" if kind == "amount" else "retention"] * 100
        picture.holds(f"{first:.0f}" if first >= 9.95 else f"{first:.1f}")
    picture.holds(f"{cells[0]['size']}", "customers", f"{period}s after the first purchase")


def test_the_grid_shows_each_field(draw, shop):
    cells, picture = draw("rfm", *shop)
    total = sum(float(one["spend"]) for one in cells)
    for one in cells:
        picture.holds(f"{one['customers']}", f"{100 * float(one['spend']) / total:.1f} %")
    assert sum(one["customers"] for one in cells) == 400 and "400 customers" in picture.caption


@pytest.mark.parametrize("kind", ["tracking", "cumulative"])
def test_purchases_are_tracked_past_what_was_learnt(draw, shop, kind):
    found, picture = draw("clv", *shop, "--holdout", "20", "--plot-kind", kind)
    model = next(one["note"] for one in found if one["figure"] == "model").split(",")[0]
    picture.holds("as they were", f"expected by {model}", "the model learnt from what is on the left")
    trial = next(one for one in found if one["figure"] == f"holdout {model}")
    were, expected = (float(one) for one in re.findall(r"(\d+)[;.]", picture.caption.replace(",", "")))
    assert were == pytest.approx(float(re.search(r"there were (\d+)", trial["note"])[1]), rel=.1)
    assert expected == pytest.approx(trial["value"], rel=.25)
    assert picture.count("polyline") == 2


def test_values_are_shown_in_classes(draw, shop):
    found, picture = draw("clv", *shop, "--plot-kind", "distribution", "--model", "bg-nbd")
    total = next(one["value"] for one in found if one["figure"] == "expected_value")
    assert f"{total:,.0f}" in picture.caption and "best fifth" in picture.caption
    picture.holds("share of the customers", "what a customer is expected to spend", "share of all")
    assert picture.count("rect") > 8


def test_drivers_are_shown_as_bars_and_as_a_map(draw, survey):
    found, picture = draw("drivers", survey, "--outcome", "overall", "--drivers", "price,staff,选择,speed", "--samples", "50")
    for name in ["price", "staff", "选择", "speed"]:
        lmg = next(one["value"] for one in found if one["figure"] == f"lmg {name}")
        picture.holds(name, f"{100 * lmg:.1f} %")
    assert "600 answers" in picture.caption
    _, picture = draw("drivers", survey, "--outcome", "overall", "--drivers", "price,staff,选择,speed", "--samples", "50",
                      "--plot-kind", "map")
    picture.holds("price", "staff", "选择", "speed", "improve first", "keep it up")
    assert picture.count("circle") == 4


@pytest.mark.parametrize("measure", ["mean", "nps", "csat"])
def test_a_trend_shows_where_the_level_changed(draw, survey, measure):
    found, picture = draw("trend", survey, "--score", "overall", "--date", "day", "--measure", measure)
    changes = [one["figure"].split()[1] for one in found if one["figure"].startswith("change ")]
    assert changes or measure == "csat"
    picture.holds(*[f"changed on {day}" for day in changes], "level", measure)
    assert picture.count("polygon") == 1


def test_paths_are_arrows_between_boxes(draw, shell):
    dice, rows = random.Random(8), ["a1,a2,b1,b2,c1,d1"]
    for _ in range(200):
        a = dice.gauss(0, 1)
        b, c = .6 * a + dice.gauss(0, 1), dice.gauss(0, 1) - .4 * a
        rows.append(",".join(f"{round(5 + one + dice.gauss(0, .3), 2)}" for one in (a, a, b, b, c, b + c)))
    shell.write("answers.csv", "\n".join(rows) + "\n")
    shell.write("model.txt", "A: a1 a2\nB: b1 b2\nC: c1\n忠诚: d1\nA -> B, C\nA, B, C -> 忠诚\n")
    found, picture = draw("pls", "answers.csv", "--model", "model.txt", "--bootstrap", "200")
    paths = [one for one in found if one["figure"] == "path"]
    assert len(paths) == 5
    picture.holds("A", "B", "C", "忠诚", *[f"{one['value']:.2f}" for one in paths])
    assert picture.count("polygon") == len(paths)
    assert "200 answers" in picture.caption


def test_the_qini_curve_rises_above_chance(draw, shell):
    dice, rows = random.Random(4), ["arm,young,history,visit"]
    for _ in range(3000):
        arm, young = dice.randint(0, 1), dice.randint(0, 1)
        rows.append(f"{arm},{young},{dice.gauss(0, 1):.3f},{int(dice.random() < .1 + .2 * arm * young)}")
    shell.write("mail.csv", "\n".join(rows) + "\n")
    found, picture = draw("uplift", "mail.csv", "--treatment", "arm", "--outcome", "visit", "--baseline", "young")
    qini = next(one["value"] for one in found if one["figure"] == "qini")
    assert f"Qini {qini:.5f}" in picture.caption and "3,000 members" in picture.caption
    picture.holds("ranked by chance", "ranked by 'young' alone", "gain in 'visit' of 1,000 members")
    assert picture.count("polyline") == 3


def test_those_still_there_are_shown_by_group(draw, shell):
    dice, rows = random.Random(6), ["months,ended,plan"]
    for i in range(500):
        life, seen = dice.expovariate(1 / (10 + 20 * (i % 2))), dice.uniform(1, 40)
        rows.append(f"{min(life, seen):.1f},{'yes' if life < seen else 'no'},{'long <年>' if i % 2 else 'monthly'}")
    shell.write("contracts.csv", "\n".join(rows) + "\n")
    found, picture = draw("survival", "contracts.csv", "--time", "months", "--event", "ended", "--group", "plan")
    events = next(one["value"] for one in found if one["figure"] == "events")
    assert f"500, of whom {events:.0f} ended" in picture.caption
    picture.holds("monthly (250)", "long <年> (250)", "share still there", "months")
    assert picture.count("polygon") == 2


def test_what_will_be_sold_follows_what_was(draw, shell):
    dice, rows = random.Random(9), ["date,pieces"]
    for i in range(180):
        rows.append(f"2025-{i // 28 + 1:02}-{i % 28 + 1:02},{50 + 20 * (i % 7 == 5) + dice.gauss(0, 5):.0f}")
    shell.write("sales.csv", "\n".join(rows) + "\n")
    found, picture = draw("demand", "sales.csv", "--quantity", "pieces")
    total = next(one["value"] for one in found if one["figure"] == "next all")
    assert f"{total:,.0f}" in picture.caption
    picture.holds("sold", "foretold, with 90 % interval", "pieces a day")


def test_wrong_pictures_are_told(shell, shop):
    shell.plain("analyze", "clv", *shop, "--plot", "x.svg", "--plot-kind", "pie", expect=2)
    shell.plain("analyze", "cohorts", *shop, "--plot", "x.svg", "--plot-kind", "pie", expect=2)
    for other in (["--model", "bg-bb", "--period", "month"], ["--model", "pareto-nbd", "--covariates", "amount"]):
        done = shell.plain("analyze", "clv", *shop, "--plot", "x.svg", *other, expect=2)
        assert "--plot" in done.stderr and not (shell.folder / "x.svg").exists()
    done = shell.plain("analyze", "rfm", *shop, "--plot", "no/such/folder.svg", expect=1)
    assert "no/such/folder.svg" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("rows", ["a,2026-01-01,5\n", "a,2026-01-01,5\na,2026-01-01,0\nb,2026-01-01,5\n",
                                  "a,2026-01-01,0\nb,2026-03-05,0\n", "a,2020-01-01,1e9\na,2026-03-05,-1e9\n"])
@pytest.mark.parametrize("analysis", [["cohorts"], ["rfm"], ["cohorts", "--plot-kind", "amount", "--period", "week"]])
def test_small_and_strange_files_are_drawn(draw, shell, rows, analysis):
    shell.write("few.csv", "who,when,total\n" + rows)
    _, picture = draw(*analysis, "few.csv", "--customer", "who", "--date", "when", "--amount", "total")
    assert picture.caption and not math.isnan(picture.height)


def test_published_data_are_drawn(draw, real_data):
    purchases = ["--input-format", "blank", "--columns", "external,at,units,amount"]
    path = real_data / "cdnow" / "CDNOW_master.txt"
    _, picture = draw("cohorts", path, *purchases)
    assert "23,570 customers" in picture.caption
    picture.holds("7,846", "8,476", "7,248")
    found, picture = draw("clv", path, *purchases, "--model", "pareto-nbd", "--holdout", "39")
    assert "23,570 customers" in picture.caption
    _, picture = draw("pls", real_data / "mobi-ecsi" / "mobi.csv", "--model", "ecsi", "--bootstrap", "100")
    picture.holds("Satisfaction", "Loyalty", "0.51", "0.53", "0.07")
    assert picture.count("polygon") == 12
    _, picture = draw("survival", real_data / "telco-ibm" / "Telco-Customer-Churn.csv.gz", "--time", "tenure",
                      "--event", "Churn", "--group", "Contract")
    picture.holds("Month-to-month (3,875)", "Two year (1,695)")
