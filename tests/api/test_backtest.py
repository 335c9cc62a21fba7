"""A past period decided again under a planned programme, on both engines. The figures were worked out by hand."""
import copy
import json
import subprocess
import time

import pytest

from conftest import ENGINES

AS_IT_WAS = {
    "zone": "UTC", "currency": "USD", "late_claim_days": 3650,
    "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}]}

# Twice the points, coffee again as much as long as 50 bonus points last, and half as much more from gold on.
PLAN = copy.deepcopy(AS_IT_WAS)
PLAN["rules"][0].update(points=2, multipliers=[{"code": "coffee", "factor": "2", "categories": ["coffee"], "budget": 50,
                                                "budget_partial": True}])
PLAN["tiers"] = {"metric": "spend", "levels": [{"code": "basic", "qualify": "0.00"},
                                               {"code": "gold", "qualify": "100.00", "factor": "1.5"}]}
PERIOD = {"from": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


def money(amount):
    return {"amount": amount, "currency": "USD"}


class Shop:
    """The same month in any programme; notes what it gave and took."""

    def __init__(self, server, programme):
        self.server, self.client = server, server.client
        version = self.client.post("/v1/programme/versions", {"document": programme}, expect=201)["version"]
        while self.client.get("/v1/programme", expect=200)["version"] != version:
            time.sleep(0.2)
        self.given, self.taken = [], []
        self.people = {name: self.client.post("/v1/members", {"identifiers": [{"kind": "external", "value": name}]}, expect=201)["id"]
                       for name in ("ann", "bob", "cid")}

    def buy(self, who, day, lines):
        body = {"event_id": f"{who}-{day}", "store": "soho", "at": f"{day}T10:00:00Z",
                "lines": [{"sku": category, "category": category, "amount": money(amount)} for category, amount in lines]}
        if who in self.people:
            body["member"] = {"id": self.people[who]}
        reply = self.client.post("/v1/purchases", body, expect=201)
        if who in self.people:
            self.given.append(sum(one["points"] for one in reply["earned"]))
        return reply["id"]

    def give_back(self, purchase, day, **body):
        reply = self.client.post(f"/v1/purchases/{purchase}/returns", {"at": f"{day}T10:00:00Z", **body}, expect=201)
        self.taken.append(sum(one["points"] for one in reply["points_clawed_back"]))

    def live(self):
        self.buy("ann", "2026-02-20", [("tea", "60.00")])
        coffee = self.buy("ann", "2026-03-02", [("coffee", "25.00"), ("coffee", "25.00")])
        bobs = self.buy("bob", "2026-03-03", [("coffee", "30.00")])
        self.buy("ann", "2026-03-05", [("tea", "20.00")])
        self.give_back(bobs, "2026-03-10")
        self.give_back(coffee, "2026-03-12", lines=[{"line": 1}])
        nobodys = self.buy("nobody", "2026-03-15", [("tea", "40.00")])
        claim = self.client.post(f"/v1/purchases/{nobodys}/claim", {"member": {"id": self.people["cid"]}}, expect=201)
        self.given.append(sum(one["points"] for one in claim["earned"]))
        self.buy("bob", "2026-04-02", [("tea", "100.00")])

    def back_test(self, **body):
        job = self.client.post("/v1/back-tests", {**PERIOD, **body}, expect=202)["job"]
        assert self.client.wait_for_job(job)["state"] == "done"
        return self.client.get(f"/v1/back-tests/{job}", expect=200).json


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    yield Shop(server, AS_IT_WAS)
    server.close()


@pytest.fixture(scope="module")
def reports(shop):
    """As it was, and in the plan."""
    shop.live()
    return shop.back_test(), shop.back_test(document=PLAN)


def test_a_period_decided_again_as_it_was_gives_what_happened(shop, reports):
    report = reports[0]
    assert shop.given == [60, 50, 30, 20, 40, 100] and shop.taken == [30, 25]
    assert (report["reproduced"], report["different"], report["failed"], report["touched"]) == (4, 0, 0, 0)
    assert report["wallets"] == [{"wallet": "points", "earned_before": 140, "earned_after": 140,
                                  "taken_back_before": 55, "taken_back_after": 55}]
    assert (report["purchases"], report["returns"], report["members"]) == (4, 2, 3)
    assert report["sales"] == money("85.00") and "Nothing would have changed" in report["summary"]


def test_the_plan_gives_what_was_worked_out_by_hand(reports):
    report = reports[1]
    # 100 + 50 of the budget, 60, 20 x 2 x 1.5, 80; 60 come back, and 150 - (50 + 50).
    assert report["wallets"] == [{"wallet": "points", "earned_before": 140, "earned_after": 350,
                                  "taken_back_before": 55, "taken_back_after": 110}]
    assert (report["touched"], report["better"], report["worse"]) == (3, 2, 0)
    assert (report["cost_before"], report["cost_after"]) == (money("0.85"), money("2.40"))
    assert report["break_even"] == 0.0671  # (2.40 - 0.85) / (85.00 x 0.3 - 2.40)
    assert {part["name"]: part["members_after"] for part in report["tiers"]} == {"": 0, "basic": 2, "gold": 1}
    assert "6.71 %" in report["summary"] and "everybody would have done the same" in report["summary"]


def test_the_dry_run_equals_the_real_run(shop, reports, servers):
    other = servers.start("sqlite" if shop.server.database.startswith("postgres") else "postgres")
    try:
        real = Shop(other, PLAN)
        real.live()
        assert real.given[1:5] == [150, 60, 60, 80] and real.taken == [60, 50]
        assert sum(real.given[1:5]) == reports[1]["wallets"][0]["earned_after"]
        again = real.back_test()
        assert (again["reproduced"], again["different"]) == (4, 0)
        assert again["wallets"][0]["earned_before"] == 350 and again["wallets"][0]["taken_back_before"] == 110
    finally:
        other.close()


BONUS = {"name": "Fifty for friends of the house", "wallet": "points", "effect": {"kind": "fixed", "points": 50},
         "audience": {"when": "'vip' in member.tags"}}


def test_a_part_of_the_programme_is_tried_by_itself(shop, reports):
    shop.client.put(f"/v1/members/{shop.people['ann']}/tags/vip", expect=204)
    report = shop.back_test(definitions=[{"kind": "earning-rules", "code": "friends", "document": BONUS}])
    # Ann bought twice in the period, and kept a part of what she gave back.
    assert report["wallets"] == [{"wallet": "points", "earned_before": 140, "earned_after": 240,
                                  "taken_back_before": 55, "taken_back_after": 55}]
    assert (report["touched"], report["better"], report["different"]) == (1, 1, 0)


def test_what_is_drafted_is_tried(shop, reports):
    shop.client.put("/v1/earning-rules/friends", {"document": BONUS}, expect=200)
    assert shop.back_test(drafts=True)["wallets"][0]["earned_after"] == 240
    assert shop.back_test(drafts=True, definitions=[{"kind": "earning-rules", "code": "friends"}])["touched"] == 0


def test_a_margin_that_cannot_pay_is_said(shop):
    report = shop.back_test(document=PLAN, margin="0.01")
    assert report["break_even"] is None and "No rise in sales" in report["summary"]


def test_what_is_wrong_is_named(shop):
    refused = shop.client.post("/v1/back-tests", {"from": PERIOD["until"], "until": PERIOD["from"]}, expect=422)
    assert refused.code == "backtest.period"
    wrong = copy.deepcopy(PLAN)
    wrong["rules"][0]["per"] = "0.00"
    refused = shop.client.post("/v1/back-tests", {**PERIOD, "document": wrong}, expect=422)
    assert refused["field"] == "document.rules[0].per"
    bad = [{"kind": "earning-rules", "code": "x", "document": {**BONUS, "audience": {"when": "member.clv > 1"}}}]
    refused = shop.client.post("/v1/back-tests", {**PERIOD, "definitions": bad}, expect=422)
    assert refused["field"] == "definitions[0].document.audience.when"
    other = {**PLAN, "currency": "EUR"}
    assert shop.client.post("/v1/back-tests", {**PERIOD, "document": other}, expect=422).code == "backtest.currency"


def test_the_command_line_says_the_same(shop, reports, tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(PLAN), encoding="utf-8")
    call = [shop.server.binary, "backtest", "--database", shop.server.database, "--key-file", shop.server.key_file,
            "--from", "2026-03-01", "--until", "2026-04-01", "--programme", str(plan)]
    done = subprocess.run([*call, "--format", "json"], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == reports[1]
    table = subprocess.run(call, capture_output=True, text=True, timeout=60, check=True).stdout
    assert reports[1]["summary"] in table and "4 of 4 purchases" in table
