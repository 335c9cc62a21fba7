"""Duplicates of a plain file, and the public data sets of the Febrl generator when they are there."""
import csv
import io
import json

import pytest

ROWS = """nr,姓名,mobile,dob,street,town
1,王小明,13800138000,1990-05-17,中山路12号3栋,上海
2,李丽,13911112222,1985-01-02,人民路8号,北京
3,Wang Xiaoming,13800138001,1990-05-17,,上海
4,Mary Jones,07700900123,1971-11-28,12 High Street,York
5,Jones Mary,07700900132,1971-11-28,12 High St,York
6,Peter Jones,07700900777,1969-02-03,12 High Street,York
"""
MAP = ["--map", "name=姓名", "--map", "city=town", "--id", "nr"]


def test_pairs_come_with_the_evidence_side_by_side(shell):
    shell.write("members.csv", ROWS)
    pairs = json.loads(shell.plain("analyze", "duplicates", "members.csv", *MAP, "--format", "json").stdout)
    assert {(one["first"], one["second"]) for one in pairs} == {("1", "3"), ("4", "5")}
    first = next(one for one in pairs if one["first"] == "1")
    assert first["probability"] > 0.9 and first["person"] == "1" and first["implied"] == "no"
    assert "given_name swapped (小明 | xiaoming)" in first["evidence"]
    assert "phone one digit wrong (13800138000 | 13800138001)" in first["evidence"]
    assert "swapped" in next(one for one in pairs if one["first"] == "4")["evidence"]


def test_the_model_and_counts_are_told(shell):
    shell.write("members.csv", ROWS)
    model = json.loads(shell.plain("analyze", "duplicates", "members.csv", *MAP, "--model", "--format", "json").stdout)
    assert any(one["field"] == "phone" and one["level"] == "one digit wrong" and one["weight"] > 0 for one in model)
    found = json.loads(shell.plain("analyze", "duplicates", "members.csv", *MAP, "--summary", "--format", "json").stdout)
    figures = {one["figure"]: one["value"] for one in found}
    assert figures["records"] == 6 and figures["persons"] == 4 and figures["pairs"] == 2


@pytest.mark.parametrize("arguments, words", [
    (["--map", "nickname=nr"], "nickname"),
    (["--map", "name=nobody"], "nobody"),
    (["--threshold", "2"], "--threshold"),
    (["--truth", "who"], "who"),
])
def test_mistakes_are_told(shell, arguments, words):
    shell.write("members.csv", ROWS)
    usage = 2 if arguments[0] == "--threshold" else 1
    assert words in shell.plain("analyze", "duplicates", "members.csv", *arguments, expect=usage).stderr


def test_a_file_without_persons_is_refused(shell):
    shell.write("stock.csv", "sku,price\na,1\nb,2\n")
    assert "--map name=COLUMN" in shell.plain("analyze", "duplicates", "stock.csv", expect=1).stderr


@pytest.mark.parametrize("number, pairs", [(1, 500), (2, 1934), (3, 6538)])
def test_febrl_is_found_at_the_default_threshold(shell, real_data, number, pairs):
    path = real_data / "febrl" / f"dataset{number}.csv"
    for options in ([], ["--ignore", "soc_sec_id"]):
        out = shell.plain("analyze", "duplicates", path, "--truth", "rec_id", "--format", "csv", *options).stdout
        found = {row["figure"]: float(row["value"]) for row in csv.DictReader(io.StringIO(out))}
        assert found["true_pairs"] == pairs
        assert found["f1"] >= 0.95
