"""`patron case` and `patron alerts`: fraud on the command line, on both databases."""
import json


def test_a_case_freezes_and_is_closed_with_a_reason(engine_shell):
    file = engine_shell.write("members.csv", "external_id,family_name\nM1,Wang\n")
    engine_shell.run("import", "members", file)
    assert "case.reason" in engine_shell.run("case", "open", "--member", "M1", expect=1).stderr
    made = engine_shell.run("case", "open", "--member", "M1", "--reason", "too many receipts").stdout.strip()
    assert made.startswith("frc_")
    assert "case.known" in engine_shell.run("case", "open", "--member", "M1", "--reason", "again", expect=1).stderr
    engine_shell.run("case", "open", "--employee", "E-7", "--reason", "own card")
    rows = json.loads(engine_shell.run("case", "list", "--format", "json").stdout)
    assert {(row["employee"], row["reason"]) for row in rows} == {("", "too many receipts"), ("E-7", "own card")}
    engine_shell.run("case", "close", made, expect=2)
    told = engine_shell.run("case", "close", made, "--result", "confirmed", "--reason", "looked into").stdout
    assert "confirmed" in told and "0 points" in told
    assert json.loads(engine_shell.run("case", "show", made, "--format", "json").stdout)["outcome"] == "looked into"
    assert "case.closed" in engine_shell.run("case", "close", made, "--result", "released", "--reason", "x", expect=1).stderr
    assert len(json.loads(engine_shell.run("case", "list", "--state", "any", "--format", "json").stdout)) == 2
    assert "case.unknown" in engine_shell.run("case", "show", "frc_0000000000001", expect=1).stderr
    engine_shell.run("case", "dance", expect=2)


def test_a_search_over_little_says_that_it_is_too_little(engine_shell):
    file = engine_shell.write("members.csv", "external_id,family_name\nM1,Wang\n")
    engine_shell.run("import", "members", file)
    assert "0 of 0 are unusual" in engine_shell.run("alerts", "search", "--day", "2026-11-21").stdout
    assert json.loads(engine_shell.run("alerts", "fraud", "--state", "any", "--format", "json").stdout) == []
    engine_shell.run("alerts", "search", "--day", "someday", expect=2)
    engine_shell.run("alerts", "fraud", "--state", "sad", expect=2)
    engine_shell.run("alerts", "dance", expect=2)
