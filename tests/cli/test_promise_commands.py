"""Promises on the command line, on both databases: 30 purchases read in twice, what they missed, an honour, the report."""
import csv
import datetime
import io
import json
import time

PROGRAMME = {
    "zone": "UTC", "currency": "USD", "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}], "rules": [],
    "missed_benefits": {"action": "points", "limit": "5.00"},
    "honours": {"limits": [{"role": "administrator", "up_to": "20.00"}]},
}
OFFER = {"name": "A tenth off", "discount": {"kind": "percentage", "percent": 10}}


def told(shell, *words):
    return list(csv.DictReader(io.StringIO(shell.run("promise", *words, "--format", "csv").stdout)))


def test_thirty_purchases_read_in_twice_are_missed_once_each(shells_on_both):
    for shell in shells_on_both:
        shell.write("programme.json", json.dumps(PROGRAMME))
        shell.write("offer.json", json.dumps(OFFER))
        shell.write("members.csv", "external_id\nann\n")
        shell.run("import", "members", "members.csv", "--quiet")
        shell.run("programme", "publish", "programme.json")
        shell.run("definitions", "publish", "offer", "ten", "offer.json")
    time.sleep(6)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for shell in shells_on_both:
        # Of 20.00 a tenth is 2.00, 200 points; of the last one, 60.00, it is 6.00: above the limit.
        rows = [f"ann,{now},r{number},S1,{'60.00' if number == 29 else '20.00'}" for number in range(30)]
        shell.write("sales.csv", "external_id,at,receipt,store,amount\n" + "\n".join(rows) + "\n")
        for _ in range(2):
            shell.run("import", "purchases", "sales.csv", "--quiet")
        missed = told(shell, "missed", "--member", "external:ann", "--store", "S1")
        assert len(missed) == len({one["purchase"] for one in missed}) == 30, missed
        assert sorted((one["state"], one["value"], one["given"]) for one in missed) == \
            [("made_good", "2.00", "200 points")] * 29 + [("waiting", "6.00", "")]
        (waiting,) = told(shell, "missed", "--state", "waiting")
        assert shell.run("promise", "approve", waiting["id"]).stdout == f"{waiting['id']}: made_good\n"
        assert "[missed.decided]" in shell.run("promise", "refuse", waiting["id"], expect=1).stderr
        asked = ["--channel", "web", "--text", "Ten off", "--reason", "flyer", "--store", "S1"]
        assert shell.run("promise", "honour", "external:ann", "--value", "7.00", *asked).stdout.endswith(": given, 700 points\n")
        assert shell.run("promise", "honour", "external:ann", "--value", "21.00", *asked).stdout.endswith(": waiting\n")
        honours = told(shell, "honours", "--member", "external:ann")
        assert {(one["state"], one["value"], one["given"]) for one in honours} == {("given", "7.00", "700 points"), ("waiting", "21.00", "")}
        other = [one["id"] for one in honours if one["state"] == "waiting"][0]
        assert "[honour.own]" in shell.run("promise", "approve", other, expect=1).stderr
        line, total = told(shell, "report")
        assert (line["store"], line["missed"], line["missed_value"], line["made_good_cost"], line["honoured_cost"], line["waiting_value"]) \
            == ("S1", "30", "64.00", "64.00", "7.00", "21.00") and total["store"] == "total"
        balances = json.loads(shell.run("member", "show", "external:ann", "--format", "json").stdout)
        assert "7100" in json.dumps(balances)  # 29 x 200 + 600 + 700


def test_what_is_not_clear_is_said(shell):
    shell.write("members.csv", "external_id\nann\n")
    shell.run("import", "members", "members.csv", "--quiet")
    assert "say --channel" in shell.run("promise", "honour", "external:ann", expect=2).stderr
    assert "--from is a day" in shell.run("promise", "report", "--from", "soon", expect=2).stderr
    assert "--state" in shell.run("promise", "missed", "--state", "lost", expect=2).stderr
    assert "mbf_" in shell.run("promise", "approve", "x", expect=2).stderr
    assert "[missed.unknown]" in shell.run("promise", "approve", "mbf_0000000000G41", expect=1).stderr
    assert "[honour.policy]" in shell.run("promise", "honour", "external:ann", "--channel", "web", "--text", "x", "--value", "1.00",
                                          "--reason", "y", expect=1).stderr
