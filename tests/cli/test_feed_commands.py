"""What is advertised, on the command line."""
import csv
import datetime
import io
import json


def test_a_channel_its_versions_and_the_proof(shell):
    def rows(*arguments):
        return list(csv.DictReader(io.StringIO(shell.run("feed", *arguments, "--format", "csv").stdout)))

    offer = {"name": "Ten off", "discount": {"kind": "amount", "amount": "10.00"}, "schedule": {"ends_at": "2090-01-01T00:00:00Z"},
             "advertised": {"channels": ["web"], "texts": {"en": {"title": "Ten off", "text": "All week"},
                                                           "zh-TW": {"title": "減十元"}}}}
    shell.write("members.csv", "external,name\nm1,Ada\n")
    shell.run("import", "members", "members.csv")
    shell.write("offer.json", json.dumps(offer))
    shell.run("definitions", "save", "offers", "ten", "offer.json")
    shell.run("definitions", "publish", "offers", "ten")
    assert rows("show", "web") == []
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    shown = rows("show", "web", "--at", soon, "--language", "zh-CN")
    assert [(r["kind"], r["code"], r["version"], r["until"], r["title"]) for r in shown] == [
        ("offer", "ten", "1", "2090-01-01T00:00:00Z", "減十元")]
    assert rows("show", "till", "--at", soon) == []
    versions = rows("versions", "web")
    assert [(v["from"], v["until"], v["items"]) for v in versions] == [
        ("2090-01-01T00:00:00Z", "", ""), (shown[0]["from"], "2090-01-01T00:00:00Z", "offer:ten:1")]
    proof = json.loads(shell.run("feed", "proof", "web", "ten", "--at", soon, "--format", "json").stdout)
    assert (proof["shown"], proof["version"], proof["title"], proof["text"]) == ("yes", 1, "Ten off", "All week")
    assert rows("proof", "web", "ten", "--at", "2090-01-01T00:00:00Z")[0]["shown"] == "no"
    shell.run("feed", "show", expect=2)
    shell.run("feed", "show", "web", "--language", "fr", expect=2)
    shell.run("feed", "proof", "web", "ten", "--at", "noon", expect=2)
