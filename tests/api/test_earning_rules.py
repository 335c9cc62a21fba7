"""Earning rules over the API, on both engines: receipts worked out by hand, limits, debt, tiers, previews."""
import datetime
import itertools
import json
import random
import threading
import time
from pathlib import Path

import pytest

from conftest import ENGINES

BOOK = json.loads((Path(__file__).parent / "earning_rules.json").read_text())
RUN = random.Random().randrange(10**4)
COUNTER = itertools.count(1)


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


def publish(client, rules):
    for code, document in rules.items():
        client.put(f"/v1/earning-rules/{code}", {"document": document, "publish": True}, expect=200)
    until = time.monotonic() + 12
    last = list(rules)[-1]
    while client.get(f"/v1/earning-rules/{last}", expect=200)["in_force"] is None:
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    client = server.client
    client.put("/v1/event-kinds/review", {"properties": [{"name": "rating", "type": "integer", "required": True}]},
               expect=200)
    for category in BOOK["categories"]:
        client.put(f"/v1/item-categories/{category['code']}", category, expect=200)
    client.post("/v1/programme/versions", {"document": BOOK["programme"]}, expect=201)
    publish(client, BOOK["rules"])
    yield client
    server.close()


def register(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "external", "value": f"er-{RUN}-{next(COUNTER)}"}]},
                       expect=201)["id"]


def buy(client, member, store, lines, expect=201, **more):
    body = [{**{name: value for name, value in line.items() if name != "amount"}, "amount": yuan(line["amount"])}
            for line in lines]
    return client.post("/v1/purchases", {"member": {"id": member}, "receipt": f"er-{RUN}-{next(COUNTER)}", "store": store,
                                         "lines": body, **more}, expect=expect)


def earned(reply):
    """Points by rule, without those that qualify for the tier."""
    return {entry["rule"]: entry["points"] for entry in reply["earned"] if entry["wallet"] != "status"}


def give_back(client, bought, lines):
    reply = client.post(f"/v1/purchases/{bought['id']}/returns", {"lines": lines}, expect=201)
    return {entry["wallet"]: entry["points"] for entry in reply["points_clawed_back"] if entry["wallet"] != "status"}, reply


def balance(client, member, wallet):
    found = [row["balance"] for row in client.get(f"/v1/members/{member}/wallets", expect=200)["items"]
             if row["wallet"] == wallet]
    return found[0] if found else 0


@pytest.mark.parametrize("case", BOOK["receipts"], ids=[case["name"] for case in BOOK["receipts"]])
def test_a_receipt_earns_what_was_worked_out_by_hand(shop, case):
    member = register(shop)
    for wallet, points in case.get("grant", {}).items():
        shop.post("/v1/adjustments", {"member": {"id": member}, "wallet": wallet, "points": points, "reason": "start"},
                  expect=201)
    if "spent" in case:
        buy(shop, member, "s0", [{"amount": case["spent"]}])
    for step in case["steps"]:
        if "takes" in step:
            assert give_back(shop, bought, step["lines"])[0] == step["takes"]
            continue
        more = {"channel": step["channel"]} if "channel" in step else {}
        if "pay" in step:
            more["pay_points"] = [step["pay"]]
        bought = buy(shop, member, case["store"], step["lines"], **more)
        assert earned(bought) == step["earns"]


# ---- debt: rule 5 ----

def redeem(client, member, wallet, points):
    client.post("/v1/redemptions", {"member": {"id": member}, "wallet": wallet, "points": points}, expect=201)


def test_what_is_taken_back_of_spent_points_is_written_off_where_the_account_clamps(shop):
    member = register(shop)
    bought = buy(shop, member, "s34", [{"amount": "5.00"}])
    redeem(shop, member, "points", 100)
    taken, reply = give_back(shop, bought, [{"line": 1}])
    assert taken == {"points": 150} and reply["written_off"] == 100
    assert balance(shop, member, "points") == 0


def test_or_owed_where_it_allows_debt_and_later_earnings_pay_first(shop):
    member = register(shop)
    bought = buy(shop, member, "s35", [{"amount": "5.00"}])
    redeem(shop, member, "stars", 100)
    taken, reply = give_back(shop, bought, [{"line": 1}])
    assert taken == {"stars": 150} and reply["written_off"] == 0
    assert balance(shop, member, "stars") == -100
    buy(shop, member, "s7", [{"amount": "120.00"}])
    assert balance(shop, member, "stars") == 20
    lots = [lot for lot in shop.all(f"/v1/members/{member}/lots") if lot["wallet"] == "stars" and lot["remaining"] > 0]
    assert [lot["remaining"] for lot in lots] == [20]


# ---- limits at the same moment: rule 8 ----

def test_of_fifty_at_once_exactly_one_gets_the_last_of_ten(shop):
    for _ in range(9):
        assert earned(buy(shop, register(shop), "s40", [{"amount": "5.00"}])) == {"one-winner": 5}
    members = [register(shop) for _ in range(50)]
    results = []

    def run(member):
        reply = buy(shop, member, "s40", [{"amount": "5.00"}], expect=None)
        while reply.status == 503:
            reply = buy(shop, member, "s40", [{"amount": "5.00"}], expect=None)
        results.append((member, reply))

    threads = [threading.Thread(target=run, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [(member, reply) for member, reply in results if earned(reply)]
    assert len(results) == 50 and len(winners) == 1
    give_back(shop, winners[0][1], [{"line": 1}])
    assert earned(buy(shop, register(shop), "s40", [{"amount": "5.00"}])) == {"one-winner": 5}
    assert earned(buy(shop, register(shop), "s40", [{"amount": "5.00"}])) == {}


# ---- other events ----

def test_a_visit_earns_once_a_day_and_says_by_what(shop):
    member = register(shop)
    first = shop.post("/v1/visits", {"member": {"id": member}, "store": "s1"}, expect=201)
    assert earned(first) == {"visited": 5} and first["earned"][0]["version"] == 1
    assert "earned" not in shop.post("/v1/visits", {"member": {"id": member}, "store": "s1"}, expect=201).json
    assert balance(shop, member, "stars") == 5
    shown = shop.get(f"/v1/events/{first['id']}", expect=200)
    assert shown["facts"]["earned"][0]["rule"] == "visited"


def test_timeline_and_statement_name_the_rules(shop):
    member = register(shop)
    buy(shop, member, "s1", [{"amount": "100.00"}])
    entry = [row for row in shop.get(f"/v1/members/{member}/timeline", expect=200)["items"] if row["kind"] == "purchase"][0]
    assert {row["rule"]: row["points"] for row in entry["earned"]} == {"base": 10, "fixed50": 50, "status": 100}
    month = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%Y-%m")
    statement = shop.get(f"/v1/members/{member}/statements/{month}?wallet=points", expect=200)
    assert {row["rule"]: row["points"] for row in statement["entries"][0]["earned"]} == {"base": 10, "fixed50": 50}


def test_a_declared_event_earns_what_its_properties_say(shop):
    member = register(shop)
    event = lambda rating: shop.post("/v1/events", {"kind": "review", "member": {"id": member},  # noqa: E731
                                                    "properties": {"rating": rating}}, expect=201)
    assert earned(event(4)) == {"reviewed": 40}
    assert "earned" not in event(2).json
    assert balance(shop, member, "stars") == 40


# ---- pending, voids, exchanges, claims, merges ----

def test_a_rule_says_when_its_points_are_active_and_when_they_end(shop):
    member = register(shop)
    entry = [e for e in buy(shop, member, "s36", [{"amount": "5.00"}])["earned"] if e["rule"] == "later"][0]
    days = lambda name: datetime.datetime.fromisoformat(entry[name].replace("Z", "+00:00"))  # noqa: E731
    zone = datetime.timezone(datetime.timedelta(hours=8))
    today = datetime.datetime.now(zone).date()
    assert days("active_at").astimezone(zone).date() in (today + datetime.timedelta(days=3),
                                                         today + datetime.timedelta(days=4))
    assert (days("expires_at").astimezone(zone).date() - today).days in (10, 11)
    row = [r for r in shop.get(f"/v1/members/{member}/wallets", expect=200)["items"] if r["wallet"] == "points"][0]
    assert (row["available"], row["pending"]) == (0, 60)


def test_a_void_takes_all_back_and_frees_the_caps(shop):
    member = register(shop)
    bought = buy(shop, member, "s30", [{"amount": "5.00"}])
    assert earned(bought) == {"cap-once": 25}
    shop.post(f"/v1/purchases/{bought['id']}/void", {}, expect=201)
    assert balance(shop, member, "points") == 0
    assert earned(buy(shop, member, "s30", [{"amount": "5.00"}])) == {"cap-once": 25}


def test_an_exchange_earns_for_the_new_goods_and_takes_back_for_the_old(shop):
    member = register(shop)
    bought = buy(shop, member, "s1", [{"amount": "60.00"}, {"amount": "40.00"}])
    shop.post("/v1/exchanges", {"purchase": bought["id"], "receipt": f"er-{RUN}-{next(COUNTER)}", "store": "s1",
                                "returned": [{"line": 2}], "lines": [{"amount": yuan("120.00")}]}, expect=201)
    assert balance(shop, member, "points") == 6 + 12 + 50


def test_an_anonymous_purchase_earns_when_it_is_claimed(shop):
    member = register(shop)
    bought = shop.post("/v1/purchases", {"receipt": f"er-{RUN}-{next(COUNTER)}", "store": "s1",
                                         "lines": [{"amount": yuan("100.00")}]}, expect=201)
    claimed = shop.post(f"/v1/purchases/{bought['id']}/claim", {"member": {"id": member}}, expect=201)
    assert earned(claimed) == {"base": 10, "fixed50": 50}


def test_a_merged_person_shares_the_cap_and_each_keeps_their_own_after_an_unmerge(shop):
    one, other = register(shop), register(shop)
    assert earned(buy(shop, one, "s29", [{"amount": "90.00"}])) == {"base": 9, "cap-day": 90}
    merged = shop.post("/v1/merges", {"into": {"id": one}, "from": {"id": other}}, expect=201)
    assert earned(buy(shop, other, "s29", [{"amount": "40.00"}])) == {"base": 4, "cap-day": 10}
    shop.delete(f"/v1/merges/{merged['id']}", expect=None)
    assert earned(buy(shop, other, "s29", [{"amount": "1.00"}])) in ({"cap-day": 1}, {})


def test_a_batch_of_purchases_counts_one_after_the_other(shop):
    member = register(shop)
    bodies = [{"member": {"id": member}, "receipt": f"er-{RUN}-{next(COUNTER)}", "store": "s30",
               "lines": [{"amount": yuan("5.00")}]} for _ in range(3)]
    replies = shop.post("/v1/purchases", bodies, expect=200).json
    replies = replies if isinstance(replies, list) else replies["items"]
    assert sorted(sum(e["points"] for e in r["earned"] if e["wallet"] == "points") for r in replies) == [0, 0, 25]


# ---- what is refused, and the preview ----

@pytest.mark.parametrize("change,field", [
    ({"wallet": "none"}, "document.wallet"),
    ({"trigger": "reviw"}, "document.trigger"),
    ({"when": "purchase.totl > 1.0"}, "document.when"),
    ({"when": "purchase.total"}, "document.when"),
    ({"when": "member.spend > 10.0"}, "document.when"),
    ({"lines": "within(event.at, \"30d\")"}, "document.lines"),
    ({"effect": {"kind": "multiplier", "factor": "0.5"}}, "document.effect.factor"),
    ({"effect": {"kind": "fixed", "points": 1, "per": "1.00"}}, "document.effect.per"),
    ({"trigger": "visit", "effect": {"kind": "per_amount", "points": 1, "per": "1.00"}}, "document.effect.kind"),
    ({"trigger": "visit", "categories": ["tea"]}, "document.trigger"),
    ({"audience": {"tiers": ["platin"]}}, "document.audience.tiers[0]"),
    ({"audience": {"when": "member.clv > 10.0"}}, "document.audience.when"),
    ({"schedule": {"hours": [{"from": "17:00", "until": "17:00"}]}}, "document.schedule.hours[0].until"),
    ({"schedule": {"weekdays": [0]}}, "document.schedule.weekdays"),
    ({"member_caps": [{"period": "day"}]}, "document.member_caps[0].points"),
    ({"member_caps": [{"period": "day", "times": 1}, {"period": "day", "points": 5}]}, "document.member_caps[1].period"),
    ({"budget": {}}, "document.budget.points"),
    ({"stacking": {"take": "best"}}, "document.stacking.group"),
    ({"effort": 1}, "document.effort"),
])
def test_a_mistake_is_named_by_its_path(shop, change, field):
    document = {"name": "Wrong", "wallet": "points", "effect": {"kind": "fixed", "points": 1}, **change}
    refused = shop.put("/v1/earning-rules/wrong", {"document": document, "validate": True}, expect=422)
    assert refused["field"] == field


def preview(client, **body):
    reply = client.post("/v1/programme/preview", body, expect=200)
    return {row["rule"]: row for row in reply["earning_rules"]}, reply


def test_a_preview_says_of_each_rule_why_not(shop):
    rules, reply = preview(shop, store="s1", lines=[{"amount": yuan("60.00")}])
    assert rules["fixed50"]["reason"] == "earning.condition" and not rules["fixed50"]["applied"]
    assert rules["tea-floor"]["reason"] == "earning.store"
    assert reply["points"][0] == {"wallet": "points", "points": 6}
    rules, reply = preview(shop, store="s22", lines=[{"amount": yuan("60.00")}])
    assert rules["alone10"]["applied"] and rules["alone10"]["message"] is None
    assert (rules["beside30"]["reason"], rules["beside30"]["by"]) == ("earning.excluded_by", "alone10")
    rules, reply = preview(shop, store="s26", lines=[{"amount": yuan("60.00")}])
    assert rules["gold-only"]["reason"] == "earning.tier"
    rules, reply = preview(shop, store="s26", tier="gold", lines=[{"amount": yuan("60.00")}])
    assert rules["gold-only"]["points"] == 40


def test_a_preview_takes_drafts_and_hours_and_weekdays_of_the_programme_zone(shop):
    happy = {"name": "Happy hour", "wallet": "points", "effect": {"kind": "fixed", "points": 7},
             "schedule": {"weekdays": [5], "hours": [{"from": "22:00", "until": "01:00"}]}}
    asked = lambda at: preview(shop, at=at, lines=[{"amount": yuan("1.00")}],  # noqa: E731
                               earning_rules=[{"code": "happy", "document": happy}])[0]["happy"]
    assert asked("2027-01-01T14:30:00Z")["points"] == 7  # a Friday, 22:30 in Shanghai
    assert asked("2027-01-01T16:59:00Z")["points"] == 7  # after midnight it is still Friday's
    assert asked("2027-01-01T17:00:00Z")["reason"] == "earning.weekday"
    assert asked("2027-01-01T13:00:00Z")["reason"] == "earning.hours"
    assert asked("2027-01-02T14:30:00Z")["reason"] == "earning.weekday"


def test_a_preview_of_a_member_knows_the_member(shop):
    member = register(shop)
    asked = lambda: preview(shop, member={"id": member}, store="s28",  # noqa: E731
                            lines=[{"amount": yuan("10.00")}])[0]["first-time"]
    assert asked()["points"] == 200
    buy(shop, member, "s28", [{"amount": "10.00"}])
    assert asked()["reason"] == "earning.audience"


def test_rules_that_contradict_each_other_are_told(shop):
    document = {"name": "Alone too", "wallet": "points", "stores": ["s22"], "effect": {"kind": "fixed", "points": 1},
                "stacking": {"exclusive": True}}
    saved = shop.put("/v1/earning-rules/alone-too", {"document": document}, expect=200)
    assert any("exclusive" in conflict["reason"] for conflict in saved["conflicts"])


def test_a_rule_that_was_withdrawn_still_takes_back_exactly(shop):
    rule = {"name": "Short", "wallet": "points", "stores": ["s50"], "effect": {"kind": "per_amount", "points": 1, "per": "1.00"}}
    publish(shop, {"short": rule})
    member = register(shop)
    bought = buy(shop, member, "s50", [{"amount": "33.30"}, {"amount": "66.65"}])
    assert earned(bought) == {"base": 9, "short": 99}
    shop.post("/v1/earning-rules/short/withdrawal", {}, expect=200)
    until = time.monotonic() + 12
    while shop.get("/v1/earning-rules/short", expect=200)["in_force"] is not None:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert earned(buy(shop, member, "s50", [{"amount": "100.00"}])) == {"base": 10}
    assert give_back(shop, bought, [{"line": 2}])[0] == {"points": 66 + 6}
