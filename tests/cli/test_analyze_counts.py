"""Counts on the purchases of plain files, without a database."""
import json

import pytest

BLANK = ["--input-format", "blank", "--columns", "external,at,units,amount"]
COLUMNS = ["--customer", "who", "--date", "when", "--amount", "total"]


def figures(shell, *arguments, expect=0):
    found = json.loads(shell.plain("analyze", "counts", *arguments, "--format", "json", expect=expect).stdout)
    return {one["figure"]: one for one in found}


def test_baskets_best_customers_and_stages_are_counted(shell):
    lines = ["who,when,total,slip,pieces,margin"]
    for i in range(20):
        lines += [f"c{i},2025-01-{1 + i:02},{i + 1},s{i},2,{i * i}", f"c{i},2025-01-{1 + i:02},1,s{i},1,0"]
    lines += [f"c{i},2025-03-{1 + i:02},5,t{i},1,1" for i in range(10)]
    shell.write("lines.csv", "\n".join(lines) + "\n")
    found = figures(shell, "lines.csv", *COLUMNS, "--basket", "slip", "--quantity", "pieces", "--since", "2025-02-01")
    assert found["purchases"]["value"] == 30 and found["repeat_rate"]["value"] == 0.5
    assert found["basket_items"]["value"] == pytest.approx((20 * 3 + 10) / 30, rel=1e-5)
    assert found["gap_median"]["value"] == 59
    assert "20 customers one value" in found["rfm frequency"]["note"] or "10" in found["rfm frequency"]["note"]
    assert found["check usual_interval"]["value"] == 0
    stages = ["new", "growing", "loyal", "at_risk", "lapsed", "lost", "won_back"]
    assert sum(found[f"stage {one}"]["value"] for one in stages) == 20
    profit = figures(shell, "lines.csv", *COLUMNS, "--profit", "margin")
    assert profit["share_of_best_30"]["value"] == pytest.approx(sum(i * i for i in range(14, 20)) / 2480, rel=1e-5)
    assert "profit" in profit["summary"]["note"]


def test_files_of_little_give_an_answer_or_a_sentence(shell):
    shell.write("sales.csv", "who,when\na,2025-01-01\n")
    done = shell.plain("analyze", "counts", "sales.csv", "--customer", "who", "--date", "when")
    assert "nan" not in done.stdout.lower() and "inf" not in done.stdout.lower()
    shell.write("sales.csv", "")
    shell.plain("analyze", "counts", "sales.csv", "--customer", "who", "--date", "when", expect=1)
    shell.plain("analyze", "counts", "sales.csv", "--since", "soon", expect=2)


def test_cdnow_is_counted_as_known(shell, real_data):
    found = figures(shell, real_data / "cdnow" / "CDNOW_master.txt", *BLANK, "--quantity", "units")
    assert found["customers"]["value"] == 23570 and found["rows"]["value"] == 69659
    assert found["purchases"]["value"] == 67591
    assert found["repeat_rate"]["value"] == pytest.approx(11516 / 23570, rel=1e-5)
    assert found["basket_value"]["value"] == pytest.approx(2500315.63 / 67591, rel=1e-5)
    assert found["share_of_best_20"]["value"] == pytest.approx(0.6778, abs=1e-3)
    assert "11908 customers one value" in found["rfm frequency"]["note"]
    assert sum(found[f"pyramid {one}"]["value"] for one in ("top", "big", "medium", "small")) == pytest.approx(1, abs=1e-4)


def test_a_loyalty_card_is_counted_as_known(shell, real_data):
    found = figures(shell, real_data / "completejourney" / "transactions_sample.csv.gz", "--customer", "household_id",
                    "--date", "transaction_timestamp", "--amount", "sales_value", "--basket", "basket_id", "--quantity",
                    "quantity", "--since", "2017-09-30")
    assert found["customers"]["value"] == 2377 and found["rows"]["value"] == 75000
    assert "of 47243" in found["basket_value"]["note"]
    assert found["basket_value"]["value"] == pytest.approx(233935.24 / 47243, rel=1e-5)
    changes = [one for name, one in found.items() if name.startswith("change lost to ")]
    assert sum(one["value"] for one in changes) == pytest.approx(1, abs=1e-4)
