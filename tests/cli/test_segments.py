"""Segments through the command line, without a server, on both databases."""
import json


def test_an_expression_is_counted_and_what_is_not_understood_is_said(engine_shell):
    shell = engine_shell
    shell.write("sales.csv", "card,date,amount\nC1,2026-01-05,10.50\nC1,2026-02-05,10.50\nC2,2026-01-06,30.00\n")
    shell.run("import", "purchases", "sales.csv", "--register")
    found = json.loads(shell.run("segments", "preview", "member.spend > 20.0", "--format", "json").stdout)
    assert (found["members"], found["base"], found["share"]) == (2, 2, 1)
    found = json.loads(shell.run("segments", "preview", "member.purchases == 2", "--format", "json").stdout)
    assert found["members"] == 1 and found["sample"].startswith("mbr_")
    assert json.loads(shell.run("segments", "list", "--format", "json").stdout) == []
    assert json.loads(shell.run("segments", "evaluate", "--anew", "--format", "json").stdout) == []
    assert json.loads(shell.run("segments", "members", "nobody", "--format", "json").stdout) == []
    assert shell.table("segments") == []
    assert "did you mean 'member.spend'" in shell.run("segments", "preview", "member.spent > 1.0", expect=1).stderr
    assert "say list" in shell.run("segments", expect=2).stderr
