"""The programme over the API, on both engines: publishing, versions, previews, rates."""
import datetime
import time

import pytest

DOCUMENT = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points", "transferable": True, "approval_limit": 1000,
                 "value": {"points": 100, "amount": "1.00"}},
                {"code": "status", "spendable": False}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "10.00"},
              {"code": "status", "wallet": "status", "points": 1, "per": "1.00"}],
    "tiers": {"metric": "points", "wallet": "status", "crossing": "marginal",
              "levels": [{"code": "member", "qualify": 0}, {"code": "gold", "qualify": 10000, "factor": "1.5"}]},
}


def money(amount, currency="USD"):
    return {"amount": amount, "currency": currency}


def test_the_built_in_default_is_version_0(fresh_server):
    shown = fresh_server.client.get("/v1/programme", expect=200)
    assert shown["version"] == 0 and shown["in_force"] and shown["published_at"] is None
    assert shown["document"]["rules"][0]["whole_units"] is True
    assert fresh_server.client.all("/v1/programme/versions") == []


def test_a_published_version_is_in_force_after_five_seconds(fresh_server):
    client = fresh_server.client
    first = client.post("/v1/programme/versions", {"document": DOCUMENT, "note": "start"}, expect=201)
    assert first["version"] == 1 and first["note"] == "start"
    second = client.post("/v1/programme/versions", {"document": {**DOCUMENT, "late_claim_days": 7}}, expect=201)
    assert second["version"] == 2 and not second["in_force"]
    assert client.get("/v1/programme", expect=200)["version"] == 1
    until = time.monotonic() + 10
    while client.get("/v1/programme", expect=200)["version"] != 2:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert [v["version"] for v in client.all("/v1/programme/versions", limit=1)] == [2, 1]
    assert client.get("/v1/programme/versions/1", expect=200)["document"] == DOCUMENT
    assert client.get("/v1/programme/versions/0", expect=200)["version"] == 0
    client.get("/v1/programme/versions/3", expect=404)


def test_a_check_publishes_nothing_and_mistakes_are_named_by_path(client):
    before = [v["version"] for v in client.all("/v1/programme/versions")]
    client.post("/v1/programme/versions", {"document": DOCUMENT, "validate": True}, expect=200)
    wrong = {**DOCUMENT, "wallets": [{"code": "points", "expiry": {"kind": "after", "unit": "days"}}]}
    refused = client.post("/v1/programme/versions", {"document": wrong, "validate": True}, expect=422)
    assert refused["field"] == "document.wallets[0].expiry.count"
    assert [v["version"] for v in client.all("/v1/programme/versions")] == before


def test_a_version_cannot_take_effect_at_once(client):
    soon = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    refused = client.post("/v1/programme/versions", {"document": DOCUMENT, "effective_at": soon}, expect=422)
    assert refused.code == "programme.too_soon"


@pytest.mark.parametrize("crossing,points", [("before", 100), ("after", 150), ("marginal", 125)])
def test_a_preview_of_a_draft_crosses_a_line_as_the_ladder_says(client, crossing, points):
    draft = {**DOCUMENT, "tiers": {**DOCUMENT["tiers"], "crossing": crossing}}
    shown = client.post("/v1/programme/preview", {
        "document": draft, "tier": "member", "qualifying": 9500, "lines": [{"amount": money("1000.00")}]}, expect=200)
    assert [(rule["rule"], rule["points"]) for rule in shown["rules"]][0] == ("base", points)
    assert shown["total"] == money("1000.00")


def test_tiers_and_accounts_in_force_are_shown(client):
    wallets = client.get("/v1/wallets", expect=200)
    assert all(wallet["code"] and wallet["debt"] in ("clamp", "allow") for wallet in wallets["items"])
    assert wallets["items"]
    assert "levels" in client.get("/v1/tiers", expect=200).json


def test_rates_are_kept_by_currency_and_day(client):
    client.post("/v1/rates", {"currency": "JPY", "day": "2026-11-20", "rate": "0.0067"}, expect=200)
    client.post("/v1/rates", {"currency": "JPY", "day": "2026-11-20", "rate": "0.0068"}, expect=200)
    client.post("/v1/rates", [{"currency": "KWD", "day": "2026-11-20", "rate": "3.25"}], expect=200)
    rates = {(rate["currency"], rate["day"]): rate["rate"] for rate in client.all("/v1/rates", limit=1)}
    assert float(rates["JPY", "2026-11-20"]) == 0.0068
    assert float(rates["KWD", "2026-11-20"]) == 3.25
    assert client.post("/v1/rates", {"currency": "ZZZ", "day": "2026-11-20", "rate": "1"}, expect=422).code == \
        "json.currency"
