"""How SQLite means to run the queries that read what belongs to one member or one day: by an index, not a whole bucket."""
import os
import re
import sqlite3
from pathlib import Path

NARROW = re.compile(r"points\.statement_|points\.ledger_day_page|customers\.export_|events\.timeline|events\.void_others|"
                    r"api\.scope_stores|entitlements\.(benefit_uses|memberships|savings)_load|member_events\.own_load|"
                    r"promises\.(honour_of_task|missed_of_purchase)|redemption\.case_same|referrals\.referral_read|insight\.habit_lines")
# Tables with one row a bucket, by their alias.
ONE_A_BUCKET = {"insight.habit_state": "c", "reactions.behind": "h", "segments.positions": "t", "server.reader_lag": "h"}
WIDE = re.compile(r"\(bucket=\?\)|\bSCAN (?!CONSTANT)")


def queries():
    """name -> the statement as SQLite gets it, from what the build generated."""
    made, = Path(os.environ["PATRON_BUILD"]).glob("**/queries.c")
    source = made.read_text()
    texts = dict(re.findall(r'static const char (sqlite_\d+)\[\] = "((?:[^"\\]|\\.)*)"', source))
    names = dict(re.findall(r'"([a-z_.]+)", (sqlite_\d+),', source))
    return {name: re.sub(r"\\(.)", r"\1", texts[key].replace("\\n", "\n")) for name, key in names.items()}


def plans(database, chosen):
    """name -> the rows of its plan: (id, parent, 0, what is done)."""
    found = {}
    for name, text in chosen.items():
        count = max([int(number) for number in re.findall(r"\?(\d+)", text)], default=0)
        found[name] = database.execute("EXPLAIN QUERY PLAN " + text, [None] * count).fetchall()
    return found


def repeated(plan, parent=0, inside=False):
    """What is done for each row of something else: loops after the first of a level, and all of a correlated subquery."""
    loops = 0
    for number, above, _, what in plan:
        if above != parent:
            continue
        if re.match(r"(SEARCH|SCAN) (?!CONSTANT)", what):
            if inside or loops > 0:
                yield what
            loops += 1
        yield from repeated(plan, number, inside or "CORRELATED" in what)


def test_what_belongs_to_a_member_or_a_day_is_found_by_an_index(shell):
    shell.write("sales.csv", "customer,date,amount\nann,2026-01-05,10.50\n")
    shell.run("import", "purchases", "sales.csv", "--register")
    narrow = {name: text for name, text in queries().items() if NARROW.match(name)}
    assert len(narrow) > 20
    with sqlite3.connect(shell.database) as database:
        found = plans(database, narrow)
    wide = {name: what for name, plan in found.items() for *_, what in plan if WIDE.search(what)}
    assert not wide, wide


def test_no_query_reads_a_whole_bucket_for_each_row(shell):
    shell.run("key", "add", "any")
    with sqlite3.connect(shell.database) as database:
        found = plans(database, queries())
    assert len(found) > 700
    wide = {name: what for name, plan in found.items() for what in repeated(plan)
            if re.search(r"^SCAN|\(bucket=\?\)|bucket>\?|cause>\?", what) and what.split()[1] not in ONE_A_BUCKET.get(name, ())}
    assert not wide, wide


def test_a_definition_is_found_by_its_code_and_not_by_the_end_that_most_have(shell):
    shell.run("definitions", "import", "-", text="")
    with sqlite3.connect(shell.database) as database:
        for name in ("definitions.find", "definitions.page"):
            text = queries()[name]
            count = max(int(number) for number in re.findall(r"\?(\d+)", text))
            plan = " | ".join(row[3] for row in database.execute("EXPLAIN QUERY PLAN " + text, [None] * count))
            assert "definition_version_by_end" not in plan and "SCAN " not in plan, plan
