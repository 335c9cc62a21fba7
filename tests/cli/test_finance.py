"""`patron finance` on both databases: months, closing, settlements, entries, verifying."""
import csv
import datetime
import io
import json
import sqlite3
import zipfile

PLACES = """code,kind,name,parent
ACME,company,Acme,
A,entity,A,ACME
B,entity,B,ACME
SA,store,SA,A
SB,store,SB,B
"""


def test_a_month_is_shown_closed_and_verified(engine_shell):
    shell = engine_shell
    shell.run("store", "import", shell.write("places.csv", PLACES))
    shell.run("import", "purchases", shell.write("sales.csv", "member,date,total,store,receipt\n"
              "c1,2025-03-05,100.00,SA,r1\nc1,2025-04-02,50.00,SB,r2\n"), "--register", "--map", "external=member")
    rows = json.loads(shell.run("finance", "months", "--from", "2025-03", "--to", "2025-04", "--format", "json").stdout)
    assert [(row["month"], row["entity"], row["opening"], row["issued"], row["closing"]) for row in rows] == [
        ("2025-03", "A", 0, 100, 100), ("2025-04", "A", 100, 0, 100),
        ("2025-03", "B", 0, 0, 0), ("2025-04", "B", 0, 50, 50)]
    assert "2025-03 is closed: " in shell.run("finance", "close", "2025-03").stdout
    assert "finance.closed" in shell.run("finance", "close", "2025-03", expect=1).stderr
    assert "finance.order" in shell.run("finance", "close", "2025-05", expect=1).stderr
    assert "finance.not_over" in shell.run("finance", "close", f"{datetime.date.today():%Y-%m}", expect=1).stderr
    assert "finance.month" in shell.run("finance", "months", "--from", "2025-3", expect=1).stderr
    shell.run("finance", "close", "soon", expect=2)
    shell.run("finance", expect=2)
    rows = json.loads(shell.run("finance", "months", "--from", "2025-03", "--to", "2025-03", "--format", "json").stdout)
    assert {row["state"] for row in rows} == {"closed"}
    assert "6 are needed" in shell.run("finance", "vintages", "--to", "2025-04").stdout
    assert "everything agrees: 2 movements" in shell.run("finance", "verify").stdout
    text = shell.run("finance", "settlements", "--from", "2025-03", "--to", "2025-04").stdout
    assert list(csv.DictReader(io.StringIO(text))) == []
    shell.run("finance", "journal", "--from", "2025-03", "--to", "2025-04", "--out", shell.folder / "entries.xlsx")
    assert zipfile.ZipFile(shell.folder / "entries.xlsx").testzip() is None


def test_points_taken_over_are_told_from_issued_ones(engine_shell):
    shell = engine_shell
    shell.run("store", "import", shell.write("places.csv", PLACES))
    shell.run("import", "balances", shell.write("lots.csv", "id,external,wallet,points,earned_at,expires_at,store\n"
              "L1,ann,points,100,2026-01-05,never,SA\nL2,ann,points,50,2026-03-01,never,SB\n"), "--register")
    month = f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m}"
    rows = json.loads(shell.run("finance", "months", "--from", month, "--format", "json").stdout)
    assert [(row["entity"], row["issued"], row["taken_over"], row["closing"]) for row in rows] == [
        ("A", 0, 100, 100), ("B", 0, 50, 50)]
    rows = json.loads(shell.run("finance", "vintages", "--to", month, "--format", "json").stdout)
    assert {row["issued_in"]: row["outstanding"] for row in rows if row["outstanding"]} == {"2026-01": 100, "2026-03": 50}


def change(shell, statement):
    with sqlite3.connect(shell.database) as database:
        database.execute(statement)


def test_a_figure_that_was_changed_is_found(shell):
    shell.run("import", "purchases", shell.write("sales.csv", "member,date,total,store,receipt\nc1,2025-03-05,100.00,SA,r1\n"),
              "--register", "--map", "external=member")
    shell.run("finance", "close", "2025-03")
    change(shell, "UPDATE finance_sum SET amount = 90 WHERE kind = 1")
    told = shell.run("finance", "verify", expect=1).stdout
    assert told.startswith("disagrees: 2025-03, points, entity '', issued: 90 are stored, the journal says 100")
    change(shell, "UPDATE finance_sum SET amount = 100 WHERE kind = 1")
    change(shell, "UPDATE finance_close SET actor = 'somebody else'")
    assert "2025-03 was changed after it was closed" in shell.run("finance", "verify", expect=1).stdout
