"""Contracts from the command line."""
import csv
import datetime
import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import patron  # noqa: E402


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_contracts_are_listed_shown_renewed_and_ended(engine_shell, patron_binary):
    shell = engine_shell
    today = datetime.datetime.now(datetime.timezone.utc).date()
    server = patron.Patron(patron_binary, database=str(shell.database), folder=str(shell.folder))
    server.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "C1"}]}, expect=201)
    made = server.client.post("/v1/contracts", {
        "code": "PINE", "name": "Pine Ltd", "member": {"card": "C1"}, "from": str(today), "months": 6, "discount": "7.5",
        "commitment": {"metric": "spend", "amount": {"amount": "500.00", "currency": "USD"}}}, expect=201)
    server.stop()
    (listed,) = rows(shell.run("contract", "list", "--member", "card:C1", "--state", "running", "--format", "csv").stdout)
    assert (listed["code"], listed["metric"], listed["commitment"], listed["achieved"], listed["discount"]) == (
        "PINE", "spend", "500.00", "0.00", "7.50")
    assert rows(shell.run("contract", "list", "--ending-before", str(today), "--format", "csv").stdout) == []
    shell.run("contract", "renew", made["id"], "--months", "3", "--commitment", "250.00", "--reason", "asked")
    (period,) = rows(shell.run("contract", "show", "PINE", "--periods", "--format", "csv").stdout)
    assert (period["period"], period["until"], period["closed"]) == ("1", made["until"], "no")
    ended = shell.run("contract", "end", "PINE", "--reason", "quarrel", "--on", str(today), "--without-notice", "--format", "json")
    assert '"state":"ended"' in ended.stdout
    history = rows(shell.run("contract", "show", "PINE", "--history", "--format", "csv").stdout)
    assert [(one["what"], one["by"], one["reason"]) for one in history] == [
        ("agreed", "key:test", ""), ("renewal", "cli", "asked"), ("notice", "cli", "quarrel"), ("met", "", ""),
        ("ended", "", "notice")]
    assert "contract.ended" in shell.run("contract", "renew", "PINE", expect=1).stderr
    assert "contract.unknown" in shell.run("contract", "show", "OAK", expect=1).stderr
    assert "say why" in shell.run("contract", "end", "PINE", expect=2).stderr
    assert "say what" in shell.run("contract", "sign", expect=2).stderr
    assert "--state" in shell.run("contract", "list", "--state", "nice", expect=2).stderr
    assert "clean" in shell.run("verify").stdout
