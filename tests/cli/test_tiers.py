"""Tiers on the command line, on both databases."""
import csv
import io
import json

PROGRAMME = {"zone": "UTC", "currency": "USD", "wallets": [{"code": "points"}],
             "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}],
             "ladders": [{"code": "club", "metric": "points", "wallet": "points", "levels": [
                 {"code": "blue"}, {"code": "gold", "qualify": [{"points": 2000}, {"points": 500, "visits": 3}]}]}]}


def test_tiers_are_shown_given_and_ended(shells_on_both):
    for shell in shells_on_both:
        def rows(*arguments, of=shell):
            return list(csv.DictReader(io.StringIO(of.run("tiers", *arguments, "--format", "csv").stdout)))

        shell.write("programme.json", json.dumps(PROGRAMME))
        shell.run("programme", "publish", "programme.json")
        shell.write("members.csv", "external,name\nm1,Ada\n")
        shell.run("import", "members", "members.csv", "--quiet")
        shell.write("purchases.csv", "receipt,external,date,amount\nr1,m1,2026-01-05T10:00:00Z,1800.00\n")
        shell.run("import", "purchases", "purchases.csv", "--quiet")
        shown = rows("show", "external:m1")[0]
        assert (shown["ladder"], shown["tier"], shown["next"]) == ("club", "blue", "gold")
        assert shown["missing"] == "200 points, or 3 visits"
        assert shell.run("tiers", "give", "external:m1", "gold", "--as", "trial", "--days", "30", "--reason",
                         "status match").stdout.startswith("gold on club until ")
        given = rows("show", "external:m1")[0]
        assert (given["tier"], given["given"]) == ("gold", "trial")
        shell.run("tiers", "end", "external:m1", given["right"], "--reason", "by mistake")
        assert rows("show", "external:m1")[0]["tier"] == "blue"
        assert rows("requests") == []
        assert shell.run("tiers", "measure").stdout == "0 changed\n"
        assert "[tier.unknown]" in shell.run("tiers", "give", "external:m1", "pink", "--reason", "x", expect=1).stderr
        shell.run("tiers", "give", "external:m1", "gold", expect=2)
        shell.run("verify")
