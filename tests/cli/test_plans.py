"""How SQLite means to run the queries that read what belongs to one member or one day: by an index, not a whole bucket."""
import os
import re
import sqlite3
from pathlib import Path

NARROW = re.compile(r"points\.statement_|points\.ledger_day_page|customers\.export_|events\.timeline")
WIDE = re.compile(r"\(bucket=\?\)|\bSCAN (?!CONSTANT)")


def queries():
    """name -> the statement as SQLite gets it, from what the build generated."""
    made, = Path(os.environ["PATRON_BUILD"]).glob("**/queries.c")
    source = made.read_text()
    texts = dict(re.findall(r'static const char (sqlite_\d+)\[\] = "((?:[^"\\]|\\.)*)"', source))
    names = dict(re.findall(r'"([a-z_.]+)", (sqlite_\d+),', source))
    return {name: re.sub(r"\\(.)", r"\1", texts[key].replace("\\n", "\n")) for name, key in names.items()}


def test_what_belongs_to_a_member_or_a_day_is_found_by_an_index(shell):
    shell.write("sales.csv", "customer,date,amount\nann,2026-01-05,10.50\n")
    shell.run("import", "purchases", "sales.csv", "--register")
    narrow = {name: text for name, text in queries().items() if NARROW.match(name)}
    assert len(narrow) > 20
    wide = []
    with sqlite3.connect(shell.database) as database:
        for name, text in narrow.items():
            count = max(int(number) for number in re.findall(r"\?(\d+)", text))
            plan = " | ".join(row[3] for row in database.execute("EXPLAIN QUERY PLAN " + text, [None] * count))
            if WIDE.search(plan):
                wide.append(f"{name}: {plan}")
    assert not wide, "\n".join(wide)


def test_a_definition_is_found_by_its_code_and_not_by_the_end_that_most_have(shell):
    shell.run("definitions", "import", "-", text="")
    with sqlite3.connect(shell.database) as database:
        for name in ("definitions.find", "definitions.page"):
            text = queries()[name]
            count = max(int(number) for number in re.findall(r"\?(\d+)", text))
            plan = " | ".join(row[3] for row in database.execute("EXPLAIN QUERY PLAN " + text, [None] * count))
            assert "definition_version_by_end" not in plan and "SCAN " not in plan, plan
