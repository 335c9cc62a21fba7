"""Types of buyers from the lines of plain files, without a database."""
import csv
import gzip
import json

import pytest

COLUMNS = ["--customer", "who", "--date", "when", "--amount", "total"]
EVIDENCE = ["--discount", "saved", "--brand", "maker", "--category", "kind", "--promotion", "leaflet", "--views", "seen"]


def rows(shell, *arguments, expect=0):
    return json.loads(shell.plain("analyze", "types", *arguments, "--format", "json", expect=expect).stdout)


def write_lines(shell):
    """A member of each type, and twenty who buy alike."""
    lines = ["who,when,total,saved,maker,kind,leaflet,seen"]
    for i in range(40):
        day = f"2025-{1 + i // 28:02}-{1 + i % 28:02}"
        lines += [f"value,{day},5,1,m{i % 7},k{i % 4},no,1", f"brand,{day},5,0,m1,k{i % 4},no,1",
                  f"impulse,{day},5,0,m{i % 7},new{i},yes,1", f"reader,{day},5,0,m{i % 7},k{i % 4},no,30"]
        lines += [f"c{j},{day},5,{int((i + j) % 5 == 0)},m{(i + j) % 7},k{(i * j) % 30},{'yes' if (i + j) % 6 == 0 else ''},"
                  f"{(i * j) % 3}" for j in range(20)]
    shell.write("lines.csv", "\n".join(lines) + "\n")


def test_each_type_is_told_with_its_evidence(shell):
    write_lines(shell)
    found = {one["customer"]: one for one in rows(shell, "lines.csv", *COLUMNS, *EVIDENCE, "--scores")}
    assert found["value"]["type"] == "value-driven" and found["value"]["discounted_share"] == 1
    assert found["brand"]["type"] == "brand-loyal" and found["brand"]["brand"] == "m1"
    assert found["impulse"]["type"] == "impulse" and found["impulse"]["new_categories"] == 39
    assert found["reader"]["type"] == "information-seeking" and found["reader"]["looks"] == 30
    assert [found[f"c{j}"]["type"] for j in range(20)] == ["not enough evidence"] * 20
    base = {one["figure"]: one for one in rows(shell, "lines.csv", *COLUMNS, *EVIDENCE)}
    assert [base[name]["value"] for name in ("value-driven", "brand-loyal", "impulse", "information-seeking",
                                             "not enough evidence")] == [1, 1, 1, 1, 20]
    assert "Of 24 members 4 show a type clearly" in base["summary"]["note"]


def test_columns_that_tell_nothing_are_said(shell):
    write_lines(shell)
    done = shell.plain("analyze", "types", "lines.csv", *COLUMNS, expect=1)
    assert "--discount" in done.stderr
    base = {one["figure"]: one for one in rows(shell, "lines.csv", *COLUMNS, "--discount", "saved")}
    assert base["brand-loyal"]["note"] == "no column tells it"
    shell.plain("analyze", "types", "lines.csv", *COLUMNS, "--discount", "maker", expect=1)
    shell.plain("analyze", "types", "lines.csv", *COLUMNS, "--brand", "makers", expect=1)


@pytest.mark.parametrize("text", ["", "who,when,total,saved\n", "who,when,total,saved\na,2025-01-01,NaN,1\n"])
def test_files_without_lines_are_told(shell, text):
    shell.write("lines.csv", text)
    done = shell.plain("analyze", "types", "lines.csv", *COLUMNS, "--discount", "saved", expect=1)
    assert done.stderr and "nan" not in done.stdout.lower()


def test_a_loyalty_card_joined_with_its_products_has_types(shell, real_data):
    """Discounts of the shop or by coupon, brands by maker."""
    folder = real_data / "completejourney"
    with gzip.open(folder / "products.csv.gz", "rt") as file:
        products = {row["product_id"]: row for row in csv.DictReader(file)}
    with gzip.open(folder / "transactions_sample.csv.gz", "rt") as file, \
            open(shell.folder / "lines.csv", "w", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["who", "when", "total", "saved", "maker", "kind"])
        for row in csv.DictReader(file):
            product = products.get(row["product_id"], {})
            saved = sum(float(row[name]) for name in ("retail_disc", "coupon_disc", "coupon_match_disc"))
            writer.writerow([row["household_id"], row["transaction_timestamp"], row["sales_value"], f"{saved:.2f}",
                             product.get("manufacturer_id", ""), product.get("product_category", "")])
    arguments = ["lines.csv", *COLUMNS, "--discount", "saved", "--brand", "maker", "--category", "kind"]
    base = {one["figure"]: one for one in rows(shell, *arguments)}
    assert base["members"]["value"] == 2377 and base["lines"]["value"] == 75000
    assert base["discounted_share"]["value"] == pytest.approx(0.508, abs=1e-3)
    types = ["value-driven", "brand-loyal", "impulse", "information-seeking", "not enough evidence"]
    assert sum(base[name]["value"] for name in types) == 2377
    assert base["value-driven"]["value"] > base["brand-loyal"]["value"] > base["impulse"]["value"] > 0
    for one in rows(shell, *arguments, "--scores"):
        if one["type"] == "value-driven":
            assert one["discounted_share"] >= 0.5 and one["discounted_low"] > 0.5 and one["discounted_chance"] < 0.01
