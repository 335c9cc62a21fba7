"""Imports and exports through the command line, on small files made here and on both databases."""
import csv
import gzip
import io
import json
import random
import signal
import subprocess
import time

import pytest

LINES = """member;when;slip;shop;item;qty;paid;off
ann;05.01.2026 10:00;1;S1;A;1;10,50;1,00
ben;05.01.2026 11:00;2;S1;B;0;20,00;
ann;05.01.2026 10:00;1;S1;B;2,5;4,75;
;05.01.2026 12:00;3;S1;C;1;3,00;
"""
MAPS = ["--map", "external=member", "--map", "at=when", "--map", "receipt=slip", "--map", "store=shop",
        "--map", "sku=item", "--map", "quantity=qty", "--map", "amount=paid", "--map", "discount=off",
        "--decimal-comma"]


def test_rows_with_one_receipt_are_one_purchase_wherever_they_stand(engine_shell):
    engine_shell.write("lines.csv", LINES)
    counts = engine_shell.counts("purchases", "lines.csv", *MAPS, "--register")
    assert counts == {"rows": 4, "imported": 3, "known": 0, "refused": 0, "registered": 2, "rounded": 0}
    purchases = engine_shell.table("purchases")
    assert [(one["member"], one["amount"]) for one in purchases] == [
        ("external:ann", "15.25"), ("external:ben", "20.00"), ("", "3.00")]
    lines = engine_shell.table("lines")
    assert [(one["sku"], one["quantity"], one["amount"], one["discount"]) for one in lines] == [
        ("A", 1, "10.50", "1.00"), ("B", "2.5", "4.75", "0.00"), ("B", 0, "20.00", "0.00"), ("C", 1, "3.00", "0.00")]
    assert engine_shell.counts("purchases", "lines.csv", *MAPS, "--register")["known"] == 3
    assert engine_shell.table("purchases") == purchases


def test_equal_rows_without_a_receipt_count_each_and_only_once(engine_shell):
    engine_shell.write("sales.csv", "customer,date,amount\n" + "a,2026-01-01,5.00\n" * 3 + "b,2026-01-01,5.00\n")
    assert engine_shell.counts("purchases", "sales.csv", "--register")["imported"] == 4
    assert engine_shell.counts("purchases", "sales.csv", "--register")["known"] == 4
    engine_shell.write("more.csv", "customer,date,amount\n" + "a,2026-01-01,5.00\n" * 4)
    counts = engine_shell.counts("purchases", "more.csv", "--register")
    assert (counts["imported"], counts["known"]) == (1, 3)
    assert [one["purchases"] for one in engine_shell.table("members")] == [4, 1]


def test_reasons_for_leaving_come_in_once_by_cause(engine_shell):
    engine_shell.write("members.csv", "card,name\nC1,Ann\nC2,Ben\nC3,Cho\n")
    engine_shell.run("import", "members", "members.csv")
    engine_shell.write("exits.csv", "card,reason,cause,date,note\nC1,太贵了,,2026-01-02,\nC2,rude staff,,2026-01-03,twice\n"
                                    "C3,said nothing,competition,,\nC1,太贵了,,2026-01-02,\nC9,who,,,\nC2,,weather,,\n"
                                    "C2,,,,empty\nC3,x,,someday,\n")
    dry = engine_shell.counts("reasons", "exits.csv", "--dry-run", expect=1)
    assert (dry["imported"], dry["known"], dry["refused"]) == (4, 0, 4)
    counts = engine_shell.counts("reasons", "exits.csv", "--errors", "errors.csv", expect=1)
    assert counts == dry
    rows = list(csv.DictReader(io.StringIO((engine_shell.folder / "errors.csv").read_text())))
    assert {int(row["line"]): row["code"] for row in rows} == {
        6: "member.unknown", 7: "import.cause", 8: "import.reason", 9: "import.date"}
    again = engine_shell.counts("reasons", "exits.csv", expect=1)
    assert (again["imported"], again["known"], again["refused"]) == (0, 4, 4)
    dry = engine_shell.counts("reasons", "exits.csv", "--dry-run", expect=1)
    assert (dry["imported"], dry["known"]) == (0, 4)
    timeline = engine_shell.run("member", "timeline", "card:C1").stdout
    assert timeline.count("churn_reason") == 2
    engine_shell.run("verify")


def test_a_file_of_reasons_needs_a_reason_and_a_member(shell):
    shell.write("exits.csv", "card,when\nC1,2026-01-02\n")
    assert "mapping.required" in shell.run("import", "reasons", "exits.csv", expect=1).stderr
    shell.write("exits.csv", "reason,when\nprice,2026-01-02\n")
    assert "mapping.required" in shell.run("import", "reasons", "exits.csv", expect=1).stderr


def test_each_problem_is_told_with_line_column_and_reason(shell):
    shell.write("sales.csv", "customer,date,amount\na,2026-01-01,5.00\nb,someday,5.00\nc,2026-01-01,five\n"
                             "n,2026-01-01,-5.00\nd,2026-01-01,5.00,6,7\ne,2099-01-01,5.00\n,2026-01-02,5.00\n")
    counts = shell.counts("purchases", "sales.csv", "--register", "--errors", "errors.csv", expect=1)
    assert (counts["rows"], counts["imported"], counts["refused"]) == (7, 2, 5)
    rows = list(csv.DictReader(io.StringIO((shell.folder / "errors.csv").read_text())))
    found = {int(row["line"]): (row["column"], row["code"]) for row in rows}
    assert found[3] == ("at", "import.date") and found[4] == ("amount", "import.number")
    assert found[5][1] == "purchase.negative" and found[6][1] == "import.column_count"
    assert found[7][1] == "event.in_future"
    assert all(row["reason"] for row in rows)


def test_unknown_members_are_refused_unless_they_are_registered(shell):
    shell.write("sales.csv", "customer,date,amount\na,2026-01-01,5.00\n")
    counts = shell.counts("purchases", "sales.csv", "--errors", "errors.csv", expect=1)
    assert counts["refused"] == 1
    assert "member.unknown" in (shell.folder / "errors.csv").read_text()
    assert shell.counts("purchases", "sales.csv", "--register")["registered"] == 1


def test_a_dry_run_counts_and_writes_nothing(shell):
    shell.write("sales.csv", "customer,date,amount\na,2026-01-01,5.00\nb,2026-01-01,x\na,2026-01-01,5.00\n")
    counts = shell.counts("purchases", "sales.csv", "--register", "--dry-run", expect=1)
    assert (counts["rows"], counts["imported"], counts["refused"]) == (3, 2, 1)
    assert shell.table("members") == [] and shell.table("purchases") == []
    shell.counts("purchases", "sales.csv", "--register", expect=1)
    assert shell.counts("purchases", "sales.csv", "--register", "--dry-run", expect=1)["known"] == 2


def test_a_dry_run_counts_the_registrations_that_the_import_then_makes(shell):
    shell.write("first.csv", "customer,date,amount\nann,2026-01-01,5.00\n")
    shell.counts("purchases", "first.csv", "--register")
    shell.write("sales.csv", "customer,date,amount\nann,2026-01-02,5.00\nben,2026-01-02,5.00\nben,2026-01-03,5.00\n"
                             "cleo,2026-01-03,5.00\n,2026-01-03,1.00\n")
    dry = shell.counts("purchases", "sales.csv", "--register", "--dry-run")
    assert dry["registered"] == 2 and dry["imported"] == 5
    assert shell.counts("purchases", "sales.csv", "--register") == dry
    shell.write("members.csv", "external,phone\nann,\ndora,+8613800138000\ndora,\n,+8613800138000\neve,\n")
    dry = shell.counts("members", "members.csv", "--dry-run")
    assert dry["imported"] == 2 and dry["known"] == 3
    assert shell.counts("members", "members.csv") == dry


def test_a_mapping_is_saved_and_used_again(shell):
    shell.write("lines.csv", LINES)
    shell.counts("purchases", "lines.csv", *MAPS, "--register", "--save-mapping", "till")
    assert shell.counts("purchases", "lines.csv", "--mapping", "till")["known"] == 3
    assert "mapping.unknown" in shell.run("import", "purchases", "lines.csv", "--mapping", "tall", expect=1).stderr
    assert "mapping.kind" in shell.run("import", "members", "lines.csv", "--mapping", "till", expect=1).stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_chinese_files_are_read_in_the_encoding_they_have(shell, encoding):
    text = "会员号,姓名,性别,生日\n" + "".join(f"k{i},王小明{'' if encoding == 'big5' else '李伟'},女,1990-02-03\n"
                                              for i in range(50))
    if encoding == "big5":
        text = text.replace("会员号", "會員編號").replace("性别", "性別")
    shell.write("members.csv", text.encode(encoding))
    options = ["--encoding", encoding] if encoding in ("gb18030", "big5") else []
    counts = shell.counts("members", "members.csv", *options)
    assert counts["imported"] == 50
    assert shell.table("members")[0]["display_name"].startswith("王小明")
    assert shell.table("members")[0]["gender"] == "female"


def test_standard_input_gzip_and_json_lines_are_read(shell):
    rows = [{"customer": f"c{i}", "date": "2026-01-01", "amount": {"amount": "5.25", "currency": "USD"}}
            for i in range(20)]
    lines = "\n".join(map(json.dumps, rows))
    counts = shell.counts("purchases", "-", "--map", "amount=amount.amount", "--map", "currency=amount.currency",
                          "--register", text=lines)
    assert counts["imported"] == 20
    shell.write("packed.csv.gz", gzip.compress(b"customer,date,amount\nz,2026-01-01,5.25\n"))
    assert shell.counts("purchases", "packed.csv.gz", "--register")["imported"] == 1


def test_items_are_imported_and_give_lines_their_category(shell):
    shell.write("items.csv", "product_id,name,department,price\nA,Tea,drinks,4.50\nB,Cake,bakery,\n")
    assert shell.counts("items", "items.csv")["imported"] == 2
    assert shell.counts("items", "items.csv")["known"] == 2
    shell.write("lines.csv", LINES)
    shell.counts("purchases", "lines.csv", *MAPS, "--register")
    categories = {one["sku"]: one["category"] for one in shell.table("lines")}
    assert categories == {"A": "drinks", "B": "bakery", "C": ""}
    assert shell.table("items")[0] == {"sku": "A", "name": "Tea", "category": "drinks", "price": "4.50",
                                       "attributes": "{}", "brand": "", "unit_cost": None, "tax_rate": None}


def test_items_keep_what_a_later_file_does_not_tell(shell):
    shell.write("items.csv", "sku,name,price,brand,unit cost,tax rate\nA,Tea,4.50,Wuyi,1.25,13%\nB,Bun,3.00,,,2\n")
    counts = shell.counts("items", "items.csv", expect=1)
    assert (counts["imported"], counts["refused"]) == (1, 1)
    shell.write("prices.csv", "sku,name,price\nA,Tea,5.00\n")
    assert shell.counts("items", "prices.csv")["imported"] == 1
    row, = shell.table("items")
    assert (row["price"], row["brand"], row["unit_cost"], row["tax_rate"]) == ("5.00", "Wuyi", "1.25", "0.130000")


def test_exports_escape_what_a_spreadsheet_would_run(shell):
    shell.write("members.csv", "external,name\na,=cmd()\nb,@x\n")
    shell.counts("members", "members.csv")
    out = shell.run("export", "members").stdout
    assert "'=cmd()" in out and "'@x" in out
    assert shell.table("members")[0]["display_name"] == "=cmd()"
    shell.run("export", "members", "--format", "xlsx", "--out", "members.xlsx", "--bom")
    assert (shell.folder / "members.xlsx").read_bytes()[:2] == b"PK"
    assert shell.run("export", "members", "--bom").stdout.startswith("\ufeff")
    assert "export.format" in shell.run("export", "members", "--format", "xlsx", expect=1).stderr
    assert "id" in shell.table("members", "--ids")[0] and "id" not in shell.table("members")[0]


def random_sales(count, seed):
    chance = random.Random(seed)
    rows = ["customer,date,receipt,store,sku,amount"]
    for i in range(count):
        rows.append(f"c{chance.randrange(200)},2026-01-{1 + chance.randrange(28):02} 09:{i % 60:02},r{i},"
                    f"S{chance.randrange(3)},A{chance.randrange(30)},{chance.randrange(1, 9999) / 100:.2f}")
    chance.shuffle(rows[1:])
    return "\n".join(rows) + "\n"


def test_both_databases_export_the_same_bytes(shells_on_both):
    found = []
    for one in shells_on_both:
        one.write("sales.csv", random_sales(3000, 7))
        assert one.counts("purchases", "sales.csv", "--register")["imported"] == 3000
        found.append(one.export())
    assert found[0] == found[1]


def test_an_import_that_is_killed_and_repeated_ends_as_if_run_once(engine_shell):
    shell = engine_shell
    shell.write("sales.csv", random_sales(8000, 11))
    arguments = [shell.binary, "import", "purchases", "sales.csv", "--register", "--quiet", "--database",
                 str(shell.database), "--key-file", str(shell.folder / "patron.key")]
    chance = random.Random(3)
    for _ in range(3):
        process = subprocess.Popen(arguments, cwd=shell.folder, env=shell.environment, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.05, 0.8))
        process.send_signal(signal.SIGKILL)
        process.wait()
    counts = shell.counts("purchases", "sales.csv", "--register")
    assert counts["imported"] + counts["known"] == 8000
    killed = shell.export("killed")
    assert len(killed["purchases.csv"].splitlines()) == 8001
    assert "clean" in shell.run("verify").stdout
    shell.database = shell.folder / "once.db"
    shell.counts("purchases", "sales.csv", "--register")
    assert shell.export("once") == killed
