"""A basket tried, on both engines: everything is explained, and the dry run equals the real run: random programmes, random baskets; each is
simulated, quoted and bought."""
import itertools
import json
import os
import random
import subprocess
import time

import pytest

import definitions
from conftest import ENGINES

SEED = int(os.environ.get("PATRON_SEED", random.Random().randrange(10**6)))
COUNTER = itertools.count(1)
SKUS = {"espresso": "coffee", "latte": "coffee", "green": "tea", "cake": "food"}


def money(minor):
    return {"amount": f"{minor // 100}.{minor % 100:02d}", "currency": "USD"}


def programme(draw):
    multipliers = [{"code": "coffee", "factor": draw.choice(["1.5", "2", "3"]), "categories": ["coffee"],
                    "budget": draw.randrange(50, 400), "budget_partial": draw.random() < 0.5},
                   {"code": "own", "factor": "2", "stores": ["A"], "member_limit": draw.randrange(20, 120), "member_period": "month"}]
    return {"zone": "UTC", "currency": "USD", "wallets": [{"code": "points"}, {"code": "status", "spendable": False}],
            "rules": [{"code": "base", "wallet": "points", "points": draw.randrange(1, 4), "per": draw.choice(["1.00", "3.00", "7.00"]),
                       "rounding": draw.choice(["floor", "half_up", "ceil"]), "basis": draw.choice(["order", "line"]),
                       "multipliers": multipliers},
                      {"code": "status", "wallet": "status", "points": 1, "per": "1.00"}],
            "tiers": {"metric": "points", "wallet": "status", "crossing": draw.choice(["before", "after", "marginal"]),
                      "levels": [{"code": "basic", "qualify": 0}, {"code": "gold", "qualify": 150, "factor": "1.5"}]}}


def rules(draw):
    effects = [{"kind": "fixed", "points": draw.randrange(1, 30)}, {"kind": "per_amount", "points": 2, "per": "4.00"},
               {"kind": "per_item", "points": 3, "per": 1}, {"kind": "multiplier", "factor": "2"},
               {"kind": "bonus", "steps": [{"at_least": "10.00", "points": 5}, {"at_least": "40.00", "points": 25}]},
               {"kind": "computed", "points": "purchase.total / 10.0"}]
    made = {}
    for number in range(10):
        rule = {"name": f"Rule {number}", "wallet": "points", "effect": draw.choice(effects), "priority": draw.randrange(3)}
        if draw.random() < 0.3:
            rule["when"] = f"purchase.total >= {draw.randrange(5, 60)}.0"
        if draw.random() < 0.3:
            rule["lines"] = draw.choice(["line.category == 'coffee'", "line.price > 4.0", "line.discount > 0.0"])
        if draw.random() < 0.3:
            rule["member_caps"] = [{"period": "day", "points": draw.randrange(5, 60), "partial": draw.random() < 0.5}]
        if draw.random() < 0.3:
            rule["budget"] = {"points": draw.randrange(10, 120), "partial": draw.random() < 0.5}
        if draw.random() < 0.3:
            rule["stacking"] = draw.choice([{"group": "g", "take": "best"}, {"group": "h", "take": "first"}, {"exclusive": True}])
        if draw.random() < 0.2:
            rule["audience"] = draw.choice([{"tiers": ["gold"]}, {"when": "'vip' in member.tags"}, {"when": "member.purchases >= 2"}])
        made[f"r{number}"] = rule
    return made


def offers(draw):
    made = {}
    for number in range(10):
        offer = {"name": f"Offer {number}", "order": draw.randrange(3), "discount": draw.choice([
            {"kind": "percentage", "percent": draw.randrange(1, 30)}, {"kind": "amount", "amount": "1.50"},
            {"kind": "buy_get", "buy": 2, "get": 1}, {"kind": "price", "price": "3.00"}])}
        if draw.random() < 0.6:
            offer["items"] = draw.choice([{"categories": ["coffee"]}, {"skus": ["cake"]}, {"categories": ["tea"]}])
        if draw.random() < 0.3:
            offer["minimum"] = {"spend": f"{draw.randrange(5, 40)}.00"}
        if draw.random() < 0.3:
            offer["limits"] = draw.choice([{"uses": 5}, {"budget": "6.00", "budget_partial": True}, {"per_member": 2}])
        if draw.random() < 0.2:
            offer["audience"] = draw.choice([{"tiers": ["gold"]}, {"members": True}])
        if draw.random() < 0.3:
            offer.update(draw.choice([{"group": "g"}, {"exclusive": True}]))
        if draw.random() < 0.2:
            offer["codes"] = ["SPRING"]
        made[f"o{number}"] = offer
    made["o0"]["codes"] = ["SPRING"]
    return made


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    client, draw = server.client, random.Random(SEED)
    client.post("/v1/programme/versions", {"document": programme(draw)}, expect=201)
    for plural, documents in (
            ("earning-rules", rules(draw)), ("offers", offers(draw)),
            ("offers", {"welcome": {"name": "Welcome", "coupon": "hello", "discount": {"kind": "amount", "amount": "2.00"}}}),
            ("coupon-series", {"hello": {"name": "Hello", "codes": {"kind": "unique", "prefix": "HELO"}, "opens": {"offer": "welcome"}}}),
            ("benefits", {"double": {"name": "Twice", "effect": {"kind": "multiplier", "factor": "2", "wallet": "points"}},
                          "lounge": {"name": "Lounge", "effect": {"kind": "lounge"}, "for": {"tiers": [{"tier": "gold"}]}}}),
            ("memberships", {"plus": {"name": "Plus", "fee": "0.00", "term": {"days": 30}, "renewal": "none", "benefits": ["double"]}})):
        for code, document in documents.items():
            client.put(f"/v1/{plural}/{code}", {"document": document, "publish": True}, expect=200)
    over = {"name": "Over", "wallet": "points", "effect": {"kind": "fixed", "points": 1000}}
    definitions.publish(client, "earning-rules", {"over": over})
    client.post("/v1/earning-rules/over/withdrawal", {}, expect=200)
    while client.get("/v1/earning-rules/over", expect=200)["state"] == "in_force":
        time.sleep(0.2)
    yield server, draw
    server.close()


def member(client, number):
    return client.post("/v1/members", {"identifiers": [{"kind": "external", "value": f"s{number}"}]}, expect=201)["id"]


def basket(draw, who):
    lines = [{"sku": sku, "category": SKUS[sku], "quantity": draw.randrange(1, 5), "amount": money(draw.randrange(100, 3000))}
             for sku in draw.sample(sorted(SKUS), draw.randrange(1, 4))]
    if draw.random() < 0.2:
        lines[0]["discount"] = money(50)
    body = {"member": {"id": who}, "store": draw.choice("AB"), "channel": "pos", "lines": lines}
    return {**body, "codes": ["spring" if draw.random() < 0.9 else "nonsense"]} if draw.random() < 0.4 else body


def applied(simulated):
    return {(one["rule"], one["wallet"]): one["points"] for one in simulated["rules"] + simulated["earning_rules"] if one["points"] > 0}


def test_the_dry_run_equals_the_real_run(shop):
    server, draw = shop
    client = server.client
    people = [member(client, number) for number in range(3)]
    client.put(f"/v1/members/{people[0]}/tags/vip", expect=204)
    client.post(f"/v1/members/{people[1]}/memberships", {"code": "plus"}, expect=201)
    coupon = client.post("/v1/coupon-codes", {"member": {"id": people[2]}, "series": "hello"}, expect=201)["code"]
    reasons, limited = set(), set()
    for number in range(60):
        body = basket(draw, people[number % 3])
        if number == 20:
            body.update(member={"id": people[2]}, codes=[coupon])
        context = (SEED, number, body)
        simulated = client.post("/v1/simulations", body, expect=200).json
        quoted = client.post("/v1/quotes", {**body, "keep": True}, expect=201).json
        for name in set(quoted) - {"id", "expires_at", "not_applied", "next"}:
            assert simulated["price"][name] == quoted[name], (context, name)
        for refusal in quoted["not_applied"]:
            assert refusal in simulated["price"]["not_applied"], (context, refusal)
        bought = client.post("/v1/purchases", {"member": body["member"], "store": body["store"], "channel": "pos",
                                               "receipt": f"s{SEED}.{number}", "quote": quoted["id"]}, expect=201).json
        really = {}
        for one in bought["earned"]:
            key = (one["rule"], one["wallet"])
            really[key] = really.get(key, 0) + one["points"]
        assert applied(simulated) == really, (context, [one for one in simulated["earning_rules"] if (one["rule"], "points") in set(really) ^ set(applied(simulated))])
        sums = {one["wallet"]: one["points"] for one in simulated["points"]}
        assert sums == {wallet: sum(points for (_, at), points in really.items() if at == wallet) for wallet in {key[1] for key in really}}
        shown = {one["rule"] for one in simulated["earning_rules"]}
        assert shown == {f"r{n}" for n in range(10)} | {"over"}
        for one in simulated["earning_rules"]:
            assert one["applied"] == (one["points"] > 0) and (one["applied"] or one["reason"] and one["message"]), one
            reasons.add(one["reason"])
        told = {one["offer"] for one in simulated["price"]["offers"]} | {one.get("offer") for one in simulated["price"]["not_applied"]}
        assert {f"o{n}" for n in range(10)} | {"welcome"} <= told, context
        limited |= {one["why"] for one in simulated["price"]["not_applied"]}
    assert "earning.ended" in reasons and "offer.code_needed" in limited
    held = {one["benefit"]: (one["held"], one["by"], one["reason"]) for one in
            client.post("/v1/simulations", basket(draw, people[1]), expect=200)["benefits"]}
    assert held["double"] == (True, "membership", None)


def test_the_command_line_says_the_same(shop, tmp_path):
    server, draw = shop
    who = server.client.post("/v1/members", {"identifiers": [{"kind": "external", "value": "cli"}]}, expect=201)["id"]
    body = basket(draw, who)
    body.pop("codes", None)
    simulated = server.client.post("/v1/simulations", body, expect=200).json
    del body["member"]
    file = tmp_path / "basket.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    call = [server.binary, "quote", str(file), "--member", who, "--all", "--database", server.database, "--key-file", server.key_file]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == simulated


def test_nobody_known_pays_and_earns_nothing(shop):
    server, draw = shop
    body = basket(draw, "x")
    del body["member"]
    simulated = server.client.post("/v1/simulations", body, expect=200)
    assert simulated["rules"] == [] and simulated["points"] == []
    assert {one["reason"] for one in simulated["benefits"]} == {"benefit.not_held"}
    server.client.post("/v1/simulations", {**body, "member": {"external": "s999"}}, expect=404)
