"""Stored value on the command line."""
import csv
import io
import json

CENT = {"points": 1, "amount": "0.01"}
PROGRAMME = {"zone": "UTC", "currency": "USD",
             "wallets": [{"code": "points"}, {"code": "card", "value": CENT}, {"code": "bonus", "value": CENT}],
             "stored_values": [{"code": "card", "principal": "card", "bonus": "bonus",
                                "bonuses": [{"at_least": "50.00", "share": "0.2"}]}]}


def test_money_is_paid_in_shown_voided_and_refunded(shell):
    def rows(*arguments):
        return list(csv.DictReader(io.StringIO(shell.run("stored-value", *arguments, "--format", "csv").stdout)))

    shell.write("programme.json", json.dumps(PROGRAMME))
    shell.run("programme", "publish", "programme.json")
    shell.write("members.csv", "external,name\nm1,Ada\n")
    shell.run("import", "members", "members.csv")
    first = rows("top-up", "external:m1", "50.00", "--store", "soho", "--paid-by", "cash")[0]
    assert (first["principal"], first["bonus"], first["left_bonus"]) == ("50.00", "10.00", "10.00")
    second = rows("top-up", "external:m1", "20.00")[0]
    rows("void", second["id"], "--reason", "mistyped")
    assert rows("show", "external:m1") == [{"code": "card", "principal": "50.00", "bonus": "10.00", "available": "60.00"}]
    assert rows("stores") == [{"store": "soho", "principal": "50.00", "bonus": "10.00"}]
    back = rows("refund", "external:m1", "25.00", "--reason", "moved")[0]
    assert (back["principal"], back["bonus"], back["left_principal"], back["left_bonus"]) == ("25.00", "5.00", "25.00", "5.00")
    done = shell.run("stored-value", "refund", "external:m1", "25.01", "--reason", "moved", expect=1)
    assert "[stored_value.insufficient]" in done.stderr
    shell.run("stored-value", "refund", "external:m1", expect=1)
    shell.run("stored-value", "top-up", "external:m1", expect=2)
    shell.run("verify")
