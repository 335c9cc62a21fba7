"""Drafts, versions and files of the programme on the command line."""
import json
import time

DOCUMENT = {
    "zone": "UTC", "currency": "USD", "wallets": [{"code": "points", "name": "Points"}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}],
}
DOUBLE = {**DOCUMENT, "rules": [{"code": "base", "wallet": "points", "points": 2, "per": "1.00"}]}


def wait_for(shell, version):
    until = time.monotonic() + 12
    while json.loads(shell.run("definitions", "show", "programme").stdout)["in_force"]["version"] != version:
        assert time.monotonic() < until
        time.sleep(0.2)


def test_the_programme_is_drafted_compared_and_published(shell):
    shell.write("one.json", json.dumps(DOCUMENT))
    shell.write("two.json", json.dumps(DOUBLE))
    shell.write("wrong.json", json.dumps({**DOCUMENT, "wallets": []}))
    shell.run("programme", "publish", "one.json")
    wait_for(shell, 1)
    assert shell.run("definitions", "check", "programme", "two.json").stdout == "two.json is valid\n"
    assert "document.wallets" in shell.run("definitions", "check", "programme", "wrong.json", expect=1).stderr
    assert shell.run("definitions", "save", "programme", "two.json").stdout == "the draft is saved: draft\n"
    changes = json.loads(shell.run("definitions", "difference", "programme", "--format", "json").stdout)
    assert changes == [{"path": "rules[base].points", "before": "1", "after": "2"}]
    assert shell.run("definitions", "submit", "programme").stdout == "the draft is saved: review\n"
    assert "[definition.own]" in shell.run("definitions", "approve", "programme", expect=1).stderr
    assert shell.run("definitions", "publish", "programme").stdout.startswith("version 2 takes effect at ")
    assert "[definition.state]" in shell.run("definitions", "publish", "programme", expect=1).stderr
    assert shell.run("definitions", "rollback", "programme", "--version", "1").stdout == "the draft is saved: draft\n"
    assert shell.run("definitions", "drop", "programme").stdout == "the draft is gone\n"
    shell.run("definitions", "rollback", "programme", expect=2)
    shell.run("definitions", "show", "sorcery", "a", expect=2)
    shell.run("definitions", "show", expect=2)
    assert shell.run("definitions", "conflicts", "--format", "json").stdout == "[]\n"
    shell.run("definitions", "list")


def test_who_has_the_database_publishes_without_review_only_by_saying_so(shell):
    shell.write("strict.json", json.dumps({**DOCUMENT, "review": "second_person"}))
    shell.write("two.json", json.dumps(DOUBLE))
    shell.run("programme", "publish", "strict.json")
    wait_for(shell, 1)
    assert "[definition.review]" in shell.run("programme", "publish", "two.json", expect=1).stderr
    assert "[definition.review]" in shell.run("definitions", "publish", "programme", "two.json", expect=1).stderr
    shell.run("definitions", "publish", "programme", "two.json", "--without-review")
    shell.run("programme", "publish", "two.json", "--without-review")


def test_a_programme_is_one_file(shell):
    shell.write("programme.jsonl", json.dumps({"kind": "programme", "document": DOCUMENT}) + "\n")
    tried = shell.run("definitions", "import", "programme.jsonl", "--dry-run").stdout
    assert tried == "1 published, 0 drafts, 0 unchanged, nothing saved\n"
    drafted = shell.run("definitions", "import", "programme.jsonl", "--drafts").stdout
    assert drafted == "0 published, 1 drafts, 0 unchanged\n"
    assert shell.run("definitions", "import", "programme.jsonl").stdout.startswith("1 published, 0 drafts, 0 unchanged; in")
    wait_for(shell, 1)
    assert shell.run("definitions", "import", "programme.jsonl").stdout == "0 published, 0 drafts, 1 unchanged\n"
    shell.run("definitions", "export", "out.jsonl")
    assert (shell.folder / "out.jsonl").read_text() == shell.run("definitions", "export").stdout
    assert json.loads((shell.folder / "out.jsonl").read_text()) == {"kind": "programme", "document": DOCUMENT}
    shell.write("wrong.jsonl", '{"kind": "programme"}\n')
    assert "line 1: " in shell.run("definitions", "import", "wrong.jsonl", expect=1).stderr


def test_an_offer_is_listed_published_and_withdrawn(shell):
    shell.write("programme.jsonl", json.dumps({"kind": "programme", "document": DOCUMENT}) + "\n")
    shell.run("definitions", "import", "programme.jsonl")
    shell.write("tenth.json", json.dumps({"name": "A tenth off", "discount": {"kind": "percentage", "percent": 10}}))
    shell.write("wrong.json", json.dumps({"name": "A tenth off", "discount": {"kind": "percentage", "percent": 1000}}))
    assert "document.discount" in shell.run("definitions", "save", "offer", "tenth", "wrong.json", expect=1).stderr
    shell.run("definitions", "save", "offer", "tenth", "tenth.json", "--note", "first")
    shell.run("definitions", "publish", "offers", "tenth", "--at", "2098-01-01T00:00:00Z",
              "--until", "2099-01-01T00:00:00Z")
    listed = json.loads(shell.run("definitions", "list", "offer", "--format", "json").stdout)
    assert [(row["code"], row["name"], row["state"], row["next"]) for row in listed] == [
        ("tenth", "A tenth off", "scheduled", 1)]
    versions = json.loads(shell.run("definitions", "versions", "offer", "tenth", "--format", "json").stdout)
    assert [(row["version"], row["until"], row["author"], row["note"]) for row in versions] == [
        (1, "2099-01-01T00:00:00Z", "cli", "first")]
    assert shell.run("definitions", "withdraw", "offer", "tenth", "--version", "1").stdout.startswith(
        "withdrawn from 20")
    assert json.loads(shell.run("definitions", "show", "offer", "tenth").stdout)["state"] == "withdrawn"
    assert "[definition.state]" in shell.run("definitions", "withdraw", "offer", "tenth", expect=1).stderr
    assert "[definition.unknown]" in shell.run("definitions", "show", "offer", "fifth", expect=1).stderr


def test_what_is_named_is_published_first_and_withdrawn_last(shell):
    shell.write("programme.jsonl", json.dumps({"kind": "programme", "document": DOCUMENT}) + "\n")
    shell.run("definitions", "import", "programme.jsonl")
    for name, document in (("spa", {"name": "Spa"}), ("star", {"name": "S", "grants": {"benefit": "spa"}})):
        shell.write(f"{name}.json", json.dumps(document))
    assert shell.run("definitions", "check", "badge", "star", "star.json").stdout.splitlines() == [
        "star.json is valid", "grants.benefit: there is no benefit 'spa' that is published for that time"]
    refused = shell.run("definitions", "publish", "badge", "star", "star.json", expect=1).stderr
    assert "[definition.reference]" in refused and "document.grants.benefit" in refused
    shell.run("definitions", "publish", "benefit", "spa", "spa.json")
    shell.run("definitions", "publish", "badge", "star", "star.json")
    assert shell.run("definitions", "check", "badge", "star", "star.json").stdout == "star.json is valid\n"
    refused = shell.run("definitions", "withdraw", "benefit", "spa", expect=1).stderr
    assert "[definition.named]" in refused and "badge 'star' (grants.benefit)" in refused
    shell.run("definitions", "withdraw", "benefit", "spa", "--anyway")
