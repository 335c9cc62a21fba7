"""What members bought at partners, decided again: planned terms, returns, claims, ladders. On both engines; worked out by hand."""
import datetime

import pytest

import definitions
from conftest import ENGINES

PROGRAMME = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}],
    "tiers": {"metric": "points", "wallet": "points", "levels": [{"code": "basic", "qualify": 0},
                                                                {"code": "gold", "qualify": 100, "factor": "2"}]}}
ACME = {"name": "Acme", "currency": "USD", "earn": {"wallet": "points", "points": 1, "per": "1.00"}, "claim_days": 30,
        "redeem": {"wallet": "points", "points": 100, "worth": "0.80"}, "settlement": {"issued": "0.012", "redeemed": "0.0075"}}


def money(amount):
    return {"amount": amount, "currency": "USD"}


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")


class Alliance:
    def __init__(self, server):
        self.client = client = server.client
        client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)
        definitions.publish(client, "partners", {"acme": ACME})
        self.people = {name: client.post("/v1/members", {"identifiers": [{"kind": "external", "value": name}]}, expect=201)["id"]
                       for name in ("ann", "bob")}
        self.till("purchases", "old", "ann", "9.99")  # before the period
        self.from_ = now()
        # Ann: 150 at Acme, so gold; 50 of it come back. Then 10.00 in one's own shop are 20. Bob claims 60.00, and pays with 40.
        self.till("purchases", "a1", "ann", "150.00")
        client.post("/v1/purchases", {"member": {"id": self.people["ann"]}, "store": "A", "receipt": "o1",
                                      "lines": [{"sku": "x", "amount": money("10.00")}]}, expect=201)
        client.post("/v1/partner-returns", {"partner": "acme", "receipt": "a1", "amount": money("50.00"), "reference": "b1"}, expect=201)
        client.post("/v1/partner-returns", {"partner": "acme", "receipt": "old"}, expect=201)
        self.till("purchases", "b1", None, "60.00")
        client.post("/v1/partner-claims", {"partner": "acme", "receipt": "b1", "member": {"id": self.people["bob"]}}, expect=201)
        client.post("/v1/partner-redemptions", {"partner": "acme", "receipt": "p1", "member": {"id": self.people["bob"]},
                                                "points": 40}, expect=201)
        self.until = now()

    def till(self, what, receipt, who, amount):
        member = {"member": {"id": self.people[who]}} if who else {}
        self.client.post(f"/v1/partner-{what}", {"partner": "acme", "receipt": receipt, "amount": money(amount), **member}, expect=201)

    def back_test(self, *parts):
        body = {"from": self.from_, "until": self.until, "definitions": [
            {"kind": "partners", "code": "acme", **({"document": part} if part else {})} for part in parts]}
        job = self.client.post("/v1/back-tests", body, expect=202)["job"]
        found = self.client.wait_for_job(job)
        assert found["state"] == "done", found
        report = self.client.get(f"/v1/back-tests/{job}", expect=200).json
        assert (report["partner_purchases"], report["partner_redemptions"], report["failed"]) == (2, 1, 0)
        assert (report["reproduced"], report["different"], report["members"]) == (1, 0, 2)
        (wallet,) = report["wallets"]
        return report, [wallet[name] for name in ("earned_before", "earned_after", "taken_back_before", "taken_back_after")]


@pytest.fixture(scope="module", params=ENGINES)
def alliance(request, servers):
    server = servers.start(request.param)
    yield Alliance(server)
    server.close()


def test_the_points_of_partners_are_those_that_were_given(alliance):
    """150 + 20 + 60, of which 50 and, of the receipt before the period, 9 came back."""
    report, sums = alliance.back_test({**ACME, "name": "Acme of another name"})
    assert sums == [230, 230, 59, 59] and report["touched"] == 0


def test_planned_terms_of_a_partner_reach_tiers(alliance):
    """One for 2.00: 75, of which 25 come back, so Ann is not gold: 10; and 30. The receipt of before keeps its terms."""
    report, sums = alliance.back_test({**ACME, "earn": {"wallet": "points", "points": 1, "per": "2.00"}})
    assert sums == [230, 115, 59, 34]
    assert (report["touched"], report["better"], report["worse"]) == (2, 0, 2)


def test_without_the_partner_nothing_is_earned_there(alliance):
    report, sums = alliance.back_test(None)
    assert sums == [230, 10, 59, 9] and report["worse"] == 2
    report, sums = alliance.back_test({**ACME, "suspended": True})
    assert sums == [230, 10, 59, 9]
