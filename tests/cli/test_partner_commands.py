"""Partners from the command line."""
import csv
import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "api"))
import definitions  # noqa: E402
import patron  # noqa: E402

ACME = {"name": "Acme Air", "currency": "EUR", "earn": {"wallet": "points", "points": 1, "per": "1.00"},
        "redeem": {"wallet": "points", "points": 100, "worth": "0.80"}, "claim_days": 30,
        "settlement": {"issued": "0.012", "redeemed": "0.0075"}}


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_partners_are_listed_and_their_statements_written(engine_shell, patron_binary):
    """1,000 points issued in September are 12.00; 200 redeemed are 1.50: 10.50 are owed."""
    shell = engine_shell
    server = patron.Patron(patron_binary, database=str(shell.database), folder=str(shell.folder))
    definitions.publish(server.client, "partners", {"acme": ACME})
    server.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "C1"}]}, expect=201)
    when = {"partner": "acme", "member": {"card": "C1"}, "at": "2026-09-10T12:00:00Z"}
    server.client.post("/v1/partner-purchases", {**when, "receipt": "R1", "amount": {"amount": "1000.00", "currency": "EUR"}},
                       expect=201)
    server.client.post("/v1/partner-redemptions", {**when, "receipt": "P1", "points": 200}, expect=201)
    server.stop()
    listed = rows(shell.run("partner", "list", "--format", "csv").stdout)
    assert listed == [{"code": "acme", "name": "Acme Air", "state": "open", "earns": "1 per 1.00", "redeems": "100 for 0.80",
                       "claim_days": "30", "pays_a_point": "0.012 EUR", "gets_a_point": "0.0075 EUR"}]
    found = rows(shell.run("partner", "statement", "acme", "--from", "2026-08", "--to", "2026-09").stdout)
    assert [(one["month"], one["line"], one["points"], one["amount"]) for one in found] == [
        ("2026-08", "net", "", "0.00"), ("2026-09", "issued", "1000", "12.00"), ("2026-09", "redeemed", "200", "-1.50"),
        ("2026-09", "net", "", "10.50")]
    made = rows(shell.run("partner", "transactions", "acme", "--to", "2026-09").stdout)
    assert [(one["receipt"], one["kind"], one["line"], one["points"], one["amount"]) for one in made] == [
        ("R1", "purchase", "issued", "1000", "1000.00"), ("P1", "redemption", "redeemed", "200", "1.60")]
    sheet = shell.folder / "s.xlsx"
    shell.run("partner", "statement", "--to", "2026-09", "--out", str(sheet))
    assert sheet.read_bytes()[:2] == b"PK"
    assert "partner.unknown" in shell.run("partner", "statement", "none", expect=1).stderr
    words = ("--places", "partner:acme", "--scopes")
    assert shell.run("key", "add", "acme", *words, "partners.till,partners.statement").stdout.startswith("ptk")
    assert "key.partner" in shell.run("key", "add", "acme2", *words, "partners.till,members.read", expect=1).stderr
    assert "say what" in shell.run("partner", "eat", expect=2).stderr
    pay = ("partner", "payment", "acme", "--month", "2026-09", "--reference")
    assert "partner.statement_open" in shell.run(*pay, "T1", expect=1).stderr
    shell.run("finance", "close", "2026-09")
    assert shell.run(*pay, "T1", "--amount", "5.00").stdout == "5.00 EUR paid, 5.50 outstanding\n"
    assert "partner.payment_known" in shell.run(*pay, "T1", expect=1).stderr
    assert shell.run(*pay, "T2").stdout == "5.50 EUR paid, 0.00 outstanding\n"
    assert "say what" not in shell.run("partner", "payment", "acme", expect=2).stderr
    owed = rows(shell.run("finance", "receivables", "--entity", "partner:acme", "--format", "csv").stdout)
    assert [(one["debtor"], one["currency"], one["issued"], one["redeemed"], one["paid"]) for one in (owed[0], owed[-1])] == [
        ("partner:acme", "EUR", "12.00", "-1.50", "0.00"), ("partner:acme", "EUR", "0.00", "0.00", "-10.50")]
    entries = rows(shell.run("finance", "journal", "--from", "2026-09", "--to", "2026-09").stdout)
    assert [(one["debit"], one["credit"]) for one in entries if one["name"] == "partners_settlement"] == [("12.00", ""), ("", "1.50")]
    assert "clean" in shell.run("verify").stdout
    assert "everything agrees" in shell.run("finance", "verify").stdout
