"""Benefits and memberships on the command line, on both databases."""
import csv
import io
import json
import time

BENEFITS = {"coffee": {"name": "A coffee a day", "uses": {"count": 1, "per": "day"}, "value": "4.00"},
            "agent": {"name": "An agent"}}
PLUS = {"name": "Plus", "fee": "50.00", "term": {"months": 12}, "refund": "minus_savings", "benefits": ["coffee"]}


def test_benefits_are_used_and_memberships_bought(shells_on_both):
    for shell in shells_on_both:
        def rows(what, *arguments, of=shell):
            return list(csv.DictReader(io.StringIO(of.run(what, *arguments, "--format", "csv").stdout)))

        shell.write("members.csv", "external,name\nm1,Ada\n")
        shell.run("import", "members", "members.csv", "--quiet")
        for kind, code, document in [("benefits", code, one) for code, one in BENEFITS.items()] + [
                ("memberships", "plus", PLUS)]:
            shell.write("document.json", json.dumps(document))
            shell.run("definitions", "save", kind, code, "document.json")
            shell.run("definitions", "publish", kind, code)
        time.sleep(6)  # until the publications take effect
        bought = shell.run("memberships", "buy", "external:m1", "plus", "--reference", "pay-1").stdout.split(":")
        assert bought[1] == " active\n"
        assert shell.run("memberships", "buy", "external:m1", "plus", "--reference", "pay-1").stdout.split(":") == bought
        held = rows("benefits", "list", "external:m1")
        assert [(one["benefit"], one["by"], one["left"]) for one in held] == [("coffee", "membership", "1")]
        used = shell.run("benefits", "use", "external:m1", "coffee", "--reference", "cup-1").stdout
        assert used.endswith(": 0 left\n")
        assert "used before" in shell.run("benefits", "use", "external:m1", "coffee", "--reference", "cup-1").stdout
        assert "[benefit.used_up]" in shell.run("benefits", "use", "external:m1", "coffee", expect=1).stderr
        assert rows("memberships", "list", "external:m1")[0]["saved"] == "4.00"
        shell.run("benefits", "reverse", "external:m1", used.split(":")[0], "--reason", "cold")
        assert [one["reversed"] for one in rows("benefits", "uses", "external:m1")] == ["yes"]
        shell.run("benefits", "give", "external:m1", "agent", "--days", "3", "--reason", "contract")
        assert len(rows("benefits", "list", "external:m1")) == 2
        shell.run("memberships", "refund", "external:m1", bought[0], expect=2)
        done = shell.run("memberships", "refund", "external:m1", bought[0], "--reason", "moved").stdout
        assert done == f"{bought[0]}: ended, 50.00 goes back\n"
        shell.run("verify")
