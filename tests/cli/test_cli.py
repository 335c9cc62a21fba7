"""The command line: helps, exit statuses, formats, and each subcommand once."""
import csv
import io
import json

import pytest

SUBCOMMANDS = ["serve", "import", "export", "member", "programme", "rules", "simulate", "analyze", "verify", "heads", "doctor",
               "backup", "restore", "demo", "user", "key", "store", "help"]

PROGRAMME = json.dumps({
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points"}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00", "whole_units": True,
               "multipliers": [{"code": "tea", "factor": "2", "categories": ["tea"]}]}],
})

SALES = """customer,date,receipt,store,sku,amount
ann,2026-01-05 10:00,1,S1,A,10.50
ben,2026-01-05 11:00,2,S1,B,20.00
ann,2026-01-05 10:00,1,S1,B,4.75
"""


def test_the_overview_lists_every_subcommand(shell):
    out = shell.plain("--help").stdout
    for name in SUBCOMMANDS:
        assert f"\n  {name} " in out


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_subcommand_has_help_with_an_example(shell, name):
    for arguments in ([name, "--help"], ["help", name]):
        out = shell.plain(*arguments).stdout
        assert f"Usage: patron {name}" in out
        assert "Example:" in out and "--help" in out


def test_the_version_is_told(shell):
    assert shell.plain("--version").stdout.startswith("patron ")


def test_the_errors_are_listed(shell):
    out = shell.plain("help", "errors").stdout
    assert "points.insufficient" in out and "import.date" in out


@pytest.mark.parametrize("arguments", [
    [], ["nonsense"], ["import"], ["import", "dogs", "x"], ["export"], ["export", "dogs"], ["export", "all"],
    ["export", "members", "--format", "odt"], ["member"], ["member", "show"], ["serve", "--port", "x"],
    ["serve", "--tls-cert", "x"], ["verify", "now"], ["backup"], ["demo", "--seed", "0"], ["user"], ["user", "add"],
    ["key", "revoke", "x"], ["programme"], ["simulate"], ["analyze", "dogs", "x"], ["rules"], ["rules", "dogs"], ["rules", "eval"], ["rules", "check", "1", "2"], ["import", "--nonsense"],
    ["demo", "--day", "soon"], ["help"], ["help", "dogs"], ["import", "members", "--map"],
])
def test_what_is_not_understood_exits_with_2(shell, arguments):
    done = shell.plain(*arguments, expect=2)
    assert done.stderr and not done.stdout


def test_what_fails_exits_with_1_and_names_the_code(shell):
    done = shell.run("export", "members", expect=1)
    assert "server.database" in done.stderr
    done = shell.run("import", "purchases", "nothing.csv", expect=1)
    assert "import.open" in done.stderr
    done = shell.plain("programme", "check", "nothing.json", expect=1)
    assert "file.open" in done.stderr


def test_an_import_is_told_in_three_formats(shell):
    shell.write("sales.csv", SALES)
    options = ["import", "purchases", "sales.csv", "--register"]
    assert "imported    2" in shell.run(*options).stdout
    again = json.loads(shell.run(*options, "--output", "json").stdout)
    assert again == {"rows": 3, "imported": 0, "known": 2, "refused": 0, "registered": 0, "rounded": 0}
    rows = list(csv.DictReader(io.StringIO(shell.run(*options, "--output", "csv").stdout)))
    assert rows[0]["known"] == "2"


def test_a_programme_is_checked_published_and_shown(shell):
    shell.write("p.json", PROGRAMME)
    shell.write("bad.json", PROGRAMME.replace("1.00", "0.00"))
    assert "valid" in shell.plain("programme", "check", "p.json").stdout
    bad = shell.plain("programme", "check", "bad.json", expect=1).stderr
    assert "rules[0].per" in bad
    assert "version 1" in shell.run("programme", "publish", "p.json", "--note", "first").stdout
    assert json.loads(shell.run("programme", "show").stdout)["currency"] == "USD"
    listed = json.loads(shell.run("programme", "list", "--format", "json").stdout)
    assert listed[0]["note"] == "first" and listed[0]["version"] == 1


def test_a_basket_is_simulated_without_a_database(shell):
    shell.write("p.json", PROGRAMME)
    basket = json.dumps({"lines": [{"amount": "10.50"}, {"category": "tea", "amount": "4.00"}]})
    out = shell.plain("simulate", "-", "--programme", "p.json", "--format", "json", text=basket).stdout
    assert json.loads(out) == [{"rule": "base", "wallet": "points", "points": 18, "bonus": 4, "multipliers": "tea"}]
    bad = shell.plain("simulate", "-", "--programme", "p.json", text='{"lines": []}', expect=1)
    assert "json.count" in bad.stderr


def test_members_are_shown_found_merged_and_erased(shell):
    shell.write("members.csv", "external,phone,name,gender,birthday,tags\n"
                               "a1,+8613800138000,王小明,男,1990-02-28,vip;tea\na2,,Ann Bell,f,,\n")
    assert shell.counts("members", "members.csv") == {
        "rows": 2, "imported": 2, "known": 0, "refused": 0, "registered": 0, "rounded": 0}
    shell.write("sales.csv", "customer,date,amount\na1,2026-03-01,12.00\na2,2026-03-02,5.00\n")
    assert shell.counts("purchases", "sales.csv")["imported"] == 2
    shown = json.loads(shell.run("member", "show", "phone:+8613800138000", "--format", "json").stdout)
    assert shown["name"] == "王小明" and shown["purchases"] == 1
    assert json.loads(shell.run("member", "show", "a1", "--format", "json").stdout)["id"] == shown["id"]
    found = json.loads(shell.run("member", "find", "wxm", "--format", "json").stdout)
    assert [one["id"] for one in found] == [shown["id"]]
    kinds = [one["kind"] for one in json.loads(shell.run("member", "timeline", "a1", "--format", "json").stdout)]
    assert kinds[:1] == ["purchase"] or "purchase" in kinds
    statement = json.loads(shell.run("member", "statement", "a1", "2026-03", "--format", "json").stdout)
    assert statement[-1]["balance"] == 12
    shell.run("member", "merge", "a1", "a2", "--accept-conflicts")
    merged = json.loads(shell.run("member", "show", "a2", "--format", "json").stdout)
    assert merged["purchases"] == 2 and merged["id"] == shown["id"]
    shell.run("member", "unmerge", "a2")
    assert json.loads(shell.run("member", "show", "a2", "--format", "json").stdout)["purchases"] == 1
    everything = json.loads(shell.run("member", "export", "a1").stdout)
    assert everything["profile"][0]["display_name"] == "王小明"
    assert "--yes" in shell.run("member", "erase", "a2", expect=2).stderr
    shell.run("member", "erase", "a2", "--yes")
    assert "member.unknown" in shell.run("member", "show", "a2", expect=1).stderr
    assert shell.run("member", "show", "a1").stdout.splitlines()[1].split()[1] == "王小明"
    assert "clean" in shell.run("verify").stdout


def test_users_and_keys_are_managed(shell):
    assert "password" in shell.run("user", "add", "root").stdout
    assert "user.last_administrator" in shell.run("user", "disable", "root", expect=1).stderr
    shell.run("user", "add", "anna", "--roles", "desk,agent")
    shell.run("user", "passwd", "anna", "--password-stdin", text="a long password\n")
    assert "user.password" in shell.run("user", "passwd", "anna", "--password-stdin", text="short\n", expect=1).stderr
    shell.run("user", "disable", "anna")
    users = json.loads(shell.run("user", "list", "--format", "json").stdout)
    assert [(one["name"], one["roles"], one["state"]) for one in users] == [
        ("anna", "desk,agent", "disabled"), ("root", "administrator", "active")]
    token = shell.run("key", "add", "till", "--scopes", "events.write", "--rate", "50").stdout.strip()
    assert token.startswith("ptk_")
    keys = json.loads(shell.run("key", "list", "--format", "json").stdout)
    assert keys[0]["scopes"] == "events.write" and keys[0]["rate"] == 50
    shell.run("key", "revoke", keys[0]["id"])
    assert json.loads(shell.run("key", "list", "--format", "json").stdout)[0]["state"] == "revoked"


def test_tables_are_aligned_where_letters_are_wide(shell):
    shell.write("members.csv", "external,name\na,王小明\nb,Ann\n")
    shell.counts("members", "members.csv")
    lines = shell.run("member", "find", "a", "--limit", "1").stdout.splitlines()
    shell.counts("members", "members.csv")
    lines = shell.run("member", "find", "wang").stdout.splitlines()
    assert lines[1].index("external:a") + 3 == lines[0].index("identifiers")


def test_a_backup_is_a_verified_copy(shell):
    shell.write("sales.csv", SALES)
    shell.counts("purchases", "sales.csv", "--register")
    assert "clean" in shell.run("backup", "copy.db").stdout
    before = shell.run("export", "purchases").stdout
    shell.database = shell.folder / "copy.db"
    assert shell.run("export", "purchases").stdout == before
    assert shell.run("backup", "copy.db", expect=1).stderr


def test_seals_kept_outside_are_checked(shell):
    shell.write("sales.csv", SALES)
    shell.counts("purchases", "sales.csv", "--register")
    shell.run("verify", "--save-heads", "heads.txt")
    shell.run("verify", "--heads", "heads.txt")
    lines = (shell.folder / "heads.txt").read_text().splitlines()
    used = next(i for i, line in enumerate(lines) if line.split()[1] != "0")
    lines[used] = lines[used][:-1] + ("0" if lines[used][-1] != "0" else "1")
    shell.write("heads.txt", "\n".join(lines) + "\n")
    shell.run("verify", "--heads", "heads.txt", expect=1)
    shell.write("heads.txt", "rubbish\n")
    assert "verify.heads" in shell.run("verify", "--heads", "heads.txt", expect=1).stderr


def test_rfm_of_a_plain_file_needs_no_database(shell):
    rows = ["customer,date,amount"] + [f"c{i},2026-01-{i + 1:02},{10 * (i + 1)}" for i in range(10)]
    shell.write("sales.csv", "\n".join(rows) + "\n")
    scores = json.loads(shell.plain("analyze", "rfm", "sales.csv", "--scores", "--format", "json").stdout)
    assert [one["r"] for one in scores] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [one["m"] for one in scores] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert {one["f"] for one in scores} == {1}
    grid = json.loads(shell.plain("analyze", "rfm", "sales.csv", "--format", "json").stdout)
    assert sum(one["customers"] for one in grid) == 10


def test_the_demo_is_a_year_of_five_thousand_members(shell):
    shell.run("demo")
    assert len(shell.run("export", "members").stdout.splitlines()) == 5001
    assert 40_000 < len(shell.run("export", "purchases").stdout.splitlines()) < 80_000
    assert "clean" in shell.run("verify").stdout


def test_the_demo_is_the_same_for_the_same_day_and_members(shell):
    small = ["demo", "--day", "2026-06-30", "--members", "500"]
    shell.run(*small)
    first = shell.export("first")
    assert len(first["members.csv"].splitlines()) == 501
    shell.run(*small)
    assert shell.export("second") == first
    assert "clean" in shell.run("verify").stdout
    shell.database = shell.folder / "other.db"
    shell.run(*small)
    other = shell.export("other")
    for name in ("members.csv", "purchases.csv", "lines.csv", "wallets.csv", "lots.csv", "movements.csv"):
        assert other[name] == first[name], name


def test_a_database_is_opened_with_its_own_key_only(engine_shell):
    """A missing or another key is refused, and nothing is written: no new key, no row."""
    key = engine_shell.folder / "patron.key"
    engine_shell.write("sales.csv", SALES)
    engine_shell.run("import", "purchases", "sales.csv", "--register")
    right = key.read_text()

    key.unlink()
    done = engine_shell.run("import", "purchases", "sales.csv", "--register", expect=1)
    assert "server.key_file" in done.stderr and "missing" in done.stderr
    assert not key.exists()

    key.write_text("00" * 32 + "\n")
    done = engine_shell.run("import", "purchases", "sales.csv", "--register", expect=1)
    assert "server.key_mismatch" in done.stderr
    done = engine_shell.run("verify", expect=1)
    assert "server.key_mismatch" in done.stderr

    key.write_text(right)
    engine_shell.run("verify")


def test_a_restore_brings_nobody_back_who_was_erased_since(shell):
    shell.write("members.csv", "external,phone,name\nann,+8613800138001,Ann\nben,+8613800138002,Ben\ncleo,,Cleo\n")
    shell.run("import", "members", "members.csv")
    shell.run("backup", "old.db")
    shell.run("member", "erase", "external:ben", "--yes")
    shell.run("member", "erase", "external:cleo", "--yes")
    done = shell.run("restore", "old.db", expect=1)
    assert "file.exists" in done.stderr
    for name in ("patron.db", "patron.db-wal", "patron.db-shm"):
        (shell.folder / name).unlink(missing_ok=True)
    done = shell.run("restore", "old.db")
    assert "2 members erased again" in done.stdout
    members = shell.table("members")
    assert sorted((one["external"], one["status"]) for one in members) == [("", "erased"), ("", "erased"), ("ann", "active")]
    shell.run("verify")
    shell.write("more.csv", "external\ndora\n")
    shell.run("import", "members", "more.csv")
    ids = {one["external"]: one["id"] for one in shell.table("members", "--ids")}
    assert ids["dora"] > ids["ann"]
    assert "0 members erased again" in shell.run("restore").stdout
    assert b"138001380" not in b"".join(path.read_bytes() for path in shell.folder.glob("patron.key.*.erased"))


def test_a_list_of_erased_members_from_elsewhere_is_applied(engine_shell):
    """As after pg_restore on another machine: the list came with the key file, or is named."""
    engine_shell.write("members.csv", "external\nann\nben\n")
    engine_shell.run("import", "members", "members.csv")
    engine_shell.run("member", "erase", "external:ben", "--yes")
    lists = list(engine_shell.folder.glob("patron.key.*.erased"))
    assert len(lists) == 1 and len(lists[0].read_text().splitlines()) == 2
    kept = lists[0].rename(engine_shell.folder / "kept")
    assert "0 members erased again" in engine_shell.run("restore", "--erased", kept).stdout
    kept.write_text("nonsense\n")
    assert "erased.file" in engine_shell.run("restore", "--erased", kept, expect=1).stderr


def test_a_search_without_a_match_says_so(shell):
    shell.run("import", "members", shell.write("members.csv", "external,name\nann,Ann\n"))
    done = shell.run("member", "find", "zzz")
    assert done.stdout == "" and "nobody is found by 'zzz'" in done.stderr
    assert json.loads(shell.run("member", "find", "zzz", "--format", "json").stdout) == []


def test_a_key_is_printed_alone_or_as_an_object(shell):
    shell.run("import", "members", shell.write("members.csv", "external\nann\n"))
    assert shell.run("key", "add", "till").stdout.startswith("ptk_")
    made = json.loads(shell.run("key", "add", "web", "--scopes", "events.write", "--format", "json").stdout)
    assert made["token"].startswith("ptk_") and made["scopes"] == "events.write"
    assert made["id"] in [key["id"] for key in json.loads(shell.run("key", "list", "--format", "json").stdout)]
