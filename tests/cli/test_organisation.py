"""Organisations from the command line, on both databases."""
import csv
import io


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_contacts_are_listed_and_changed(shells_on_both):
    for shell in shells_on_both:
        shell.write("members.csv", "external,family_name\n1,Li\n2,Wang\n")
        shell.run("import", "members", "members.csv", "--quiet")
        pine = shell.run("organisation", "add", "Pine Ltd", "--vat", "DE 811 569 869", "--payment-days", "30").stdout.strip()
        assert "member.exists" in shell.run("organisation", "add", "Pine", "--vat", "de811569869", expect=1).stderr
        assert [(one["member"], one["name"], one["vat"], one["points"], one["payment_days"]) for one in
                rows(shell.run("organisation", "list", "--format", "csv").stdout)] == [
                    (pine, "Pine Ltd", "DE811569869", "company", "30")]
        shell.run("organisation", "contact", "vat:DE811569869", "external:1", "--role", "buyer", "--from", "2026-03-01")
        shell.run("organisation", "contact", pine, "external:2", "--role", "owner", "--until", "2026-06-01")
        found = rows(shell.run("organisation", "contacts", pine, "--format", "csv").stdout)
        assert sorted((one["role"], one["from"], one["until"]) for one in found) == [
            ("buyer", "2026-03-01", ""), ("owner", "", "2026-06-01")]
        assert "organisation.unknown" in shell.run("organisation", "contacts", "external:1", expect=1).stderr
        assert "clean" in shell.run("verify").stdout


def test_mistakes_are_told(shell):
    shell.write("members.csv", "external,family_name\n1,Li\n2,Wang\n")
    shell.run("import", "members", "members.csv", "--quiet")
    assert "say what" in shell.run("organisation", "forget", expect=2).stderr
    assert "--role" in shell.run("organisation", "contact", "external:1", "external:2", expect=2).stderr
    assert "--from" in shell.run("organisation", "contact", "external:1", "external:2", "--role", "x", "--from", "soon",
                                 expect=2).stderr
