"""The loyalty index of plain files, without a database."""
import json

import pytest

BLANK = ["--input-format", "blank", "--columns", "external,at,units,amount"]
SALES = ("who,when,total,shop\n"
         "a,2025-01-01,10,north\na,2025-02-01,10,north\na,2025-03-01,10,south\na,2025-04-01,10,north\n"
         "b,2025-01-05,10,south\nc,2025-03-20,30,south\nc,2025-04-02,30,south\n")
COLUMNS = ["--customer", "who", "--date", "when", "--amount", "total"]


def rows(shell, *arguments, expect=0):
    return json.loads(shell.plain("analyze", "loyalty", *arguments, "--format", "json", expect=expect).stdout)


def figures(shell, *arguments, expect=0):
    return {one["figure"]: one for one in rows(shell, *arguments, expect=expect)}


def test_purchases_alone_make_an_index_from_behaviour(shell):
    shell.write("sales.csv", SALES)
    found = figures(shell, "sales.csv", *COLUMNS, "--store", "shop")
    assert found["index"]["value"] == pytest.approx(found["behaviour"]["value"], abs=0.5)
    assert found["index"]["low"] < found["index"]["value"] < found["index"]["high"]
    assert found["attitude"]["value"] is None and "other sides" in found["attitude"]["note"]
    assert found["known"]["value"] == pytest.approx(0.4)
    assert found["store north"]["value"] > found["store south"]["value"]
    assert [name for name in found if name.startswith("trend")] == [
        "trend 2025-01-31", "trend 2025-02-28", "trend 2025-03-31"]
    assert "rests on: behaviour." in found["summary"]["note"]


def test_attitudes_join_the_index_and_say_what_it_rests_on(shell):
    shell.write("sales.csv", SALES)
    shell.write("asked.csv", "who,recommendation,trust,recall\na,10,5,1\nc,0,,\nd,5,3,0\n")
    found = {one["customer"]: one for one in rows(shell, "sales.csv", *COLUMNS, "--attitudes", "asked.csv", "--scores")}
    assert set(found) == {"a", "b", "c", "d"}
    assert found["a"]["attitude"] == 100 and found["a"]["cognition"] == 100
    assert found["a"]["rests_on"] == "behaviour attitude cognition"
    assert found["b"]["rests_on"] == "behaviour" and found["b"]["index"] == round(found["b"]["behaviour"])
    assert found["c"]["index"] == round((40 * found["c"]["behaviour"] + 30 * 0) / 70)
    assert found["d"]["behaviour"] is None and found["d"]["index"] == round((30 * 50 + 10 * 0) / 40)
    base = figures(shell, "sales.csv", *COLUMNS, "--attitudes", "asked.csv")
    assert "from behaviour alone" in base["trend 2025-01-31"]["note"]
    assert base["attitude recommendation"]["value"] == pytest.approx(50)


def test_weights_and_scales_are_changed_by_options_and_by_a_file(shell):
    shell.write("sales.csv", SALES)
    shell.write("asked.csv", "member,date,satisfaction\na,2025-01-15,10\na,2025-03-15,1\n")
    shell.write("weights.csv", "behaviour,0\nattitude,1\n")
    arguments = ["sales.csv", *COLUMNS, "--attitudes", "asked.csv", "--scale", "satisfaction=1..10"]
    found = rows(shell, *arguments, "--weights", "weights.csv", "--scores")
    assert [one["index"] for one in found if one["customer"] == "a"] == [0]
    base = figures(shell, *arguments, "--weights", "weights.csv")
    assert base["trend 2025-01-31"]["value"] == 100 and base["trend 2025-03-31"]["value"] == 0
    found = rows(shell, *arguments, "--weights", "weights.csv", "--weight", "behaviour=1", "--scores")
    one = next(one for one in found if one["customer"] == "a")
    assert one["index"] == round(one["behaviour"] / 2)


@pytest.mark.parametrize("attitudes, options, words, status", [
    ("member,love\na,5\n", [], "no column is named", 1),
    ("member,trust\na,9\n", [], "line 2", 1),
    ("member,trust\na,9\n", ["--scale", "trust=1"], "not a scale", 1),
    ("member,trust\na,5\n", ["--weight", "trust=-1"], "not the weight", 1),
    ("member,trust\na,5\n", ["--weight", "behaviour=0", "--weight", "attitude=0", "--weight", "emotion=0",
                             "--weight", "cognition=0"], "above 0", 1),
    ("", [], "no column is named", 0),
    ("member,trust\na,5\n", ["--check", "30"], "too few", 1),
    ("member,trust\na,5\n", ["--trend", "x"], "trend", 2),
    ("member,trust\na,5\n", ["--store", "shop2"], "no column 'shop2'", 1),
])
def test_what_cannot_be_is_told(shell, attitudes, options, words, status):
    shell.write("sales.csv", SALES)
    shell.write("asked.csv", attitudes)
    done = shell.plain("analyze", "loyalty", "sales.csv", *COLUMNS, "--attitudes", "asked.csv", *options, expect=status)
    assert status == 0 or words in done.stderr
    assert "nan" not in done.stdout.lower()


def test_members_who_bought_once_have_an_index(shell):
    shell.write("sales.csv", "who,when\n" + "".join(f"m{i},2025-01-01\n" for i in range(50)))
    found = figures(shell, "sales.csv", "--customer", "who", "--date", "when")
    assert found["usual_interval"]["value"] == 30
    assert 0 <= found["index"]["value"] <= 100


@pytest.mark.parametrize("until", ["1997-12-29", "1998-03-31", "1998-06-30"])
def test_the_index_foretells_the_members_of_cdnow_better_than_rfm(shell, real_data, until):
    found = figures(shell, real_data / "cdnow" / "CDNOW_master.txt", *BLANK, "--check", "90", "--until", until)
    assert found["check members"]["value"] == 11785
    assert found["check area_index"]["value"] > found["check area_rfm"]["value"]
    assert found["check rises"]["value"] == 1
    rates = [found[f"check decile_{i}"]["value"] for i in range(1, 11)]
    assert rates == sorted(rates) and rates[9] > 5 * rates[0]
    if until == "1998-06-30":
        assert found["check area_index"]["value"] == pytest.approx(0.8383, abs=1e-3)
        assert found["check gain"]["low"] > 0


def test_the_index_runs_on_a_loyalty_card(shell, real_data):
    found = figures(shell, real_data / "completejourney" / "transactions_sample.csv.gz", "--customer", "household_id",
                    "--date", "transaction_timestamp", "--amount", "sales_value", "--store", "store_id", "--trend", "3",
                    "--check", "90")
    assert "of 2377 members" in found["index"]["note"] or "mean of 2377" in found["index"]["note"]
    assert found["check area_index"]["value"] > found["check area_rfm"]["value"]
    assert sum(name.startswith("store ") for name in found) > 100
