"""`patron store`: the tree of places and employees from the command line, on both databases."""
import json

PLACES = """code,kind,name,parent,zone,cut_minutes,currency
ACME,company,Acme,,,,
ACME-UK,entity,Acme UK,ACME,Europe/London,,GBP
SOHO,store,Soho,ACME-UK,,240,
SOHO/1,till,,SOHO,,,
"""


def test_a_file_of_places_becomes_the_tree_and_again_changes_nothing(engine_shell):
    file = engine_shell.write("places.csv", PLACES)
    assert "4 places kept" in engine_shell.run("store", "import", file).stdout
    engine_shell.run("store", "import", file)
    rows = json.loads(engine_shell.run("store", "list", "--format", "json").stdout)
    assert [row["code"] for row in rows] == ["ACME", "ACME-UK", "SOHO", "SOHO/1"]
    assert rows[2]["cut_minutes"] == 240 and rows[1]["currency"] == "GBP"
    assert "    SOHO" in engine_shell.run("store", "list").stdout


def test_a_wrong_row_is_named_by_its_line_and_nothing_is_kept(engine_shell):
    file = engine_shell.write("places.csv", PLACES + "OXFORD,store,Oxford,NOWHERE,,,\n")
    assert "line 6" in engine_shell.run("store", "import", file, expect=1).stderr
    assert json.loads(engine_shell.run("store", "list", "--format", "json").stdout) == []


def test_places_are_added_moved_and_closed(engine_shell):
    engine_shell.run("store", "add", "ACME", "--kind", "company")
    engine_shell.run("store", "add", "NORTH", "--kind", "region", "--parent", "ACME")
    engine_shell.run("store", "add", "LEEDS", "--name", "Leeds", "--parent", "ACME", "--cut", "60")
    engine_shell.run("store", "move", "LEEDS", "NORTH")
    engine_shell.run("store", "close", "LEEDS", "--on", "2026-12-31")
    engine_shell.run("store", "close", "LEEDS", expect=2)
    row = json.loads(engine_shell.run("store", "list", "--format", "json").stdout)[2]
    assert (row["parent"], row["closed_on"], row["cut_minutes"]) == ("NORTH", "2026-12-31", 60)
    assert "place.ring" in engine_shell.run("store", "move", "NORTH", "NORTH", expect=1).stderr
    engine_shell.run("store", "add", "LEEDS", "--name", "Leeds 2", "--parent", "NORTH")
    assert json.loads(engine_shell.run("store", "list", "--format", "json").stdout)[2]["closed_on"] == "2026-12-31"
    assert "catalogue.unknown" in engine_shell.run("store", "move", "YORK", "NORTH", expect=1).stderr
    engine_shell.run("store", "sell", expect=2)


def test_employees_come_from_a_file(engine_shell):
    engine_shell.run("store", "add", "LEEDS")
    file = engine_shell.write("staff.csv", "code,name,store,active\nE1,Ann,LEEDS,yes\nE2,Ben,LEEDS,no\n")
    assert "2 employees kept" in engine_shell.run("store", "employees", file).stdout
    short = engine_shell.write("short.csv", "code,name\nE3,Cy\n")
    assert "place.columns" in engine_shell.run("store", "employees", short, expect=1).stderr


def test_users_and_keys_are_limited_to_places(engine_shell):
    engine_shell.run("store", "add", "LEEDS")
    engine_shell.run("user", "add", "root")
    assert "user.last_administrator" in engine_shell.run("user", "limit", "root", "--places", "LEEDS", expect=1).stderr
    engine_shell.run("user", "add", "mei", "--roles", "desk", "--places", "LEEDS", "--home-members")
    engine_shell.run("key", "add", "till", "--places", "LEEDS")
    assert json.loads(engine_shell.run("user", "list", "--format", "json").stdout)[0]["places"] == "LEEDS"
    assert json.loads(engine_shell.run("key", "list", "--format", "json").stdout)[0]["places"] == "LEEDS"
    assert "whole company" in engine_shell.run("user", "limit", "mei").stdout
    assert json.loads(engine_shell.run("user", "list", "--format", "json").stdout)[0]["places"] == ""
    assert "user.unknown" in engine_shell.run("user", "limit", "nobody", expect=1).stderr
