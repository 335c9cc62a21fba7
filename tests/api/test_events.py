"""Purchases, returns, visits, declared events, the timeline and the catalogues, on both engines."""
import concurrent.futures
import itertools
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
PROGRAMME = {
    "zone": "Asia/Shanghai", "currency": "CNY", "register_unknown": True, "late_claim_days": 14,
    "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}, {"code": "status", "spendable": False}],
    "rules": [
        {"code": "base", "wallet": "points", "points": 1, "per": "1.00", "whole_units": True, "multipliers": [
            {"code": "coffee", "factor": 2, "categories": ["coffee"], "budget": 10, "budget_partial": False}]},
        {"code": "status", "wallet": "status", "points": 1, "per": "10.00"}],
    "tiers": {"metric": "points", "wallet": "status", "levels": [
        {"code": "base", "qualify": 0}, {"code": "gold", "qualify": 100, "factor": 2}]},
}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    """A server with the programme above."""
    server = servers.start(request.param)
    client = server.client
    version = client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)["version"]
    until = time.monotonic() + 30
    while client.get("/v1/programme", expect=200)["version"] != version:
        assert time.monotonic() < until
        time.sleep(0.2)
    yield client
    server.close()


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now():
    return datetime.now(timezone.utc)


def card():
    return {"card": f"EVENTS{next(COUNTER):08d}"}


def number():
    return f"R{next(COUNTER)}"


def basket(*amounts, **fields):
    """A purchase with one line an amount and a receipt of its own."""
    return {"store": "soho", "channel": "pos", "receipt": number(),
            "lines": [{"sku": f"sku-{i}", "amount": yuan(amount)} for i, amount in enumerate(amounts)], **fields}


def buy(shop, *amounts, expect=201, **fields):
    return shop.post("/v1/purchases", basket(*amounts, **fields), expect=expect)


def points(reply, wallet="points"):
    return next((b["available"] for b in reply["balances"] if b["wallet"] == wallet), 0)


def earned(reply, rule="base"):
    return next((e["points"] for e in reply["earned"] if e["rule"] == rule), 0)


def problem(reply, status, code):
    assert (reply.status, reply.code) == (status, code), reply
    return reply


# ---- purchases ----

def test_a_purchase_registers_its_member_and_tells_what_it_earned(shop):
    who = card()
    first = buy(shop, "39.99", member=who)
    assert first["registered"] and earned(first) == 39 and points(first) == 39
    assert first["amount"] == yuan("39.99") and first["tier"] == {"before": "base", "after": "base"}
    second = buy(shop, "10.00", member=who)
    assert not second["registered"] and second["member"] == first["member"] and points(second) == 49


def test_a_purchase_of_a_member_unknown_by_id_is_refused(shop):
    problem(shop.post("/v1/purchases", basket("1.00", member={"id": "mbr_0000000000G41"})), 404, "member.unknown")


def test_a_purchase_needs_something_that_makes_it_the_only_one(shop):
    problem(shop.post("/v1/purchases", {"total": yuan("1.00")}), 422, "purchase.key_required")
    key = {"Idempotency-Key": number()}
    body = {"member": card(), "total": yuan("12.00")}
    first = shop.post("/v1/purchases", body, headers=key, expect=201)
    again = shop.post("/v1/purchases", body, headers=key)
    assert again.status == 201 and again.json == first.json and again.headers["Idempotency-Replayed"] == "true"
    problem(shop.post("/v1/purchases", {**body, "total": yuan("13.00")}, headers=key), 422, "idempotency.mismatch")


def test_lines_must_sum_to_the_total_and_have_one_currency(shop):
    problem(shop.post("/v1/purchases", basket("1.00", "2.00", total=yuan("3.01"))), 422, "purchase.total")
    body = basket("1.00")
    body["lines"][0]["amount"]["currency"] = "USD"
    problem(shop.post("/v1/purchases", {**body, "total": yuan("1.00")}), 422, "purchase.currencies")
    problem(shop.post("/v1/purchases", body), 422, "purchase.no_rate")
    problem(shop.post("/v1/purchases", basket()), 422, "purchase.empty")


def test_a_known_receipt_is_refused_whoever_claims_it(shop):
    body = basket("20.00", member=card())
    first = shop.post("/v1/purchases", body, expect=201)
    again = problem(shop.post("/v1/purchases", body), 409, "receipt.known")
    assert first["id"] in again["detail"]
    other = problem(shop.post("/v1/purchases", {**body, "member": card()}), 409, "receipt.known")
    assert first["id"] in other["detail"]
    buy(shop, "20.00", receipt=body["receipt"], till="2", member=card())


def test_the_same_event_again_has_no_effect(shop):
    body = basket("30.00", member=card(), event_id=number())
    del body["receipt"]
    sent = {**body, "at": stamp(now()), "sent_at": stamp(now())}
    first = shop.post("/v1/purchases", sent, expect=201)
    again = shop.post("/v1/purchases", {**sent, "sent_at": stamp(now() + timedelta(seconds=1))}, expect=200)
    assert again["duplicate"] and again["id"] == first["id"]
    problem(shop.post("/v1/purchases", {**sent, "lines": [{"amount": yuan("31.00")}]}), 409, "event.conflict")
    shop.post("/v1/purchases", {**sent, "channel": "web"}, expect=201)
    assert shop.get(f"/v1/members/{first['member']}", expect=200)["id"] == first["member"]


def test_one_receipt_sent_by_many_at_once_counts_once(shop):
    body = basket("5.00", member=card())
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: shop.post("/v1/purchases", body), range(16)))
    assert sorted(r.status for r in replies) == [201] + [409] * 15


def test_in_an_array_each_purchase_stands_alone(shop):
    who = card()
    good, bad = basket("1.00", member=who), basket("1.00", total=yuan("2.00"), member=who)
    reply = shop.post("/v1/purchases", [good, bad, good, {"unknown": 1}, basket("2.00", member=who)], expect=200)
    items = reply.json if isinstance(reply.json, list) else reply["items"]
    assert [item["status"] for item in items] == [201, 422, 409, 422, 201], items


def test_a_line_without_category_gets_it_from_the_catalogue(shop):
    sku = f"bean-{next(COUNTER)}"
    shop.post("/v1/items", {"sku": sku, "name": "Beans", "category": "beans", "price": yuan("8.00")}, expect=200)
    body = basket("1.00", "2.00", member=card())
    body["lines"][0]["sku"] = sku
    body["lines"][1].update(sku=sku, category="own")
    shown = shop.get(f"/v1/purchases/{shop.post('/v1/purchases', body, expect=201)['id']}", expect=200)
    assert [line["category"] for line in shown["lines"]] == ["beans", "own"]


def test_a_budget_is_spent_exactly_once_by_many_at_once(shop):
    """Ten bonus points in all; each of these is worth two: exactly five get theirs, and a return frees one."""
    bodies = [basket("2.00", member=card()) for _ in range(12)]
    for body in bodies:
        body["lines"][0]["category"] = "coffee"
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda body: shop.post("/v1/purchases", body, expect=201), bodies))
    doubled = [reply for reply in replies if earned(reply) == 4]
    assert len(doubled) == 5 and len([r for r in replies if earned(r) == 2]) == 7
    shop.post(f"/v1/purchases/{doubled[0]['id']}/returns", {}, expect=201)
    late = [basket("2.00", member=card()) for _ in range(2)]
    for body in late:
        body["lines"][0]["category"] = "coffee"
    assert [earned(shop.post("/v1/purchases", body, expect=201)) for body in late] == [4, 2]


# ---- time ----

def test_a_wrong_device_clock_is_corrected(shop):
    original = now() + timedelta(hours=10)
    reply = buy(shop, "1.00", member=card(), at=stamp(original), sent_at=stamp(original + timedelta(seconds=30)))
    shown = shop.get(f"/v1/events/{reply['id']}", expect=200)
    at = datetime.fromisoformat(shown["at"].replace("Z", "+00:00"))
    assert timedelta(seconds=25) < now() - at < timedelta(seconds=60)
    problem(shop.post("/v1/purchases", basket("1.00", at=stamp(now() + timedelta(minutes=6)))), 422, "event.in_future")


def test_the_business_day_follows_the_store(shop):
    shop.put("/v1/stores/bar", {"name": "Bar", "zone": "Asia/Shanghai", "cut_minutes": 300}, expect=200)
    deadline = time.monotonic() + 10
    while True:
        reply = buy(shop, "1.00", store="bar", at="2026-03-01T20:30:00Z")  # 04:30 in Shanghai
        day = shop.get(f"/v1/purchases/{reply['id']}", expect=200)["business_day"]
        if day == "2026-03-01":
            break
        assert time.monotonic() < deadline, day
        time.sleep(0.3)
    reply = buy(shop, "1.00", store="bar", at="2026-03-01T21:00:00Z")
    assert shop.get(f"/v1/purchases/{reply['id']}", expect=200)["business_day"] == "2026-03-02"


# ---- returns ----

def test_returns_take_back_exactly_what_was_earned(shop):
    reply = buy(shop, "33.33", "33.33", "33.34", member=card())
    assert earned(reply) == 100
    taken = []
    for line in (1, 2, 3):
        back = shop.post(f"/v1/purchases/{reply['id']}/returns", {"lines": [{"line": line}]}, expect=201)
        taken.append(next(p["points"] for p in back["points_clawed_back"] if p["wallet"] == "points"))
    assert taken == [34, 33, 33] and points(back) == 0
    problem(shop.post(f"/v1/purchases/{reply['id']}/returns", {}), 409, "return.nothing_left")


def test_goods_paid_partly_with_points_go_back_in_proportion(shop):
    who = card()
    buy(shop, "4000.00", member=who)
    body = basket("60.00", "40.00", member=who, pay_points=[{"wallet": "points", "points": 2000}])
    reply = shop.post("/v1/purchases", body, expect=201)
    assert reply["paid_with_points"] == yuan("20.00")
    first = shop.post(f"/v1/purchases/{reply['id']}/returns", {"lines": [{"line": 2}]}, expect=201)
    assert first["money"] == yuan("32.00")
    assert first["points_given_back"] == [{"wallet": "points", "points": 800}]
    rest = shop.post(f"/v1/purchases/{reply['id']}/returns", {}, expect=201)
    assert rest["money"] == yuan("48.00") and rest["points_given_back"] == [{"wallet": "points", "points": 1200}]
    problem(shop.post("/v1/purchases", basket("9.99", member=who, pay_points=[{"wallet": "points", "points": 1000}])),
            422, "purchase.overpaid")


def test_a_return_by_receipt_finds_its_purchase(shop):
    body = basket("12.00", member=card(), business_day="2026-02-03")
    reply = shop.post("/v1/purchases", body, expect=201)
    named = {"purchase_receipt": body["receipt"], "purchase_business_day": "2026-02-03", "purchase_channel": "pos",
             "purchase_store": "soho"}
    back = shop.post("/v1/returns", {**named, "lines": [{"line": 1, "amount": yuan("2.00")}], "receipt": number()},
                     expect=201)
    assert back["amount"] == yuan("2.00") and back["member"] == reply["member"]
    problem(shop.post("/v1/returns", {**named, "lines": [{"line": 1, "amount": yuan("10.01")}]}), 409,
            "return.more_than_bought")
    problem(shop.post("/v1/returns", {**named, "purchase_store": "other"}), 404, "purchase.unknown")
    for given, missing in (({}, "purchase"), ({"purchase_receipt": "1"}, "purchase_business_day"),
                           ({"purchase_business_day": "2026-02-03"}, "purchase_receipt")):
        refused = shop.post("/v1/returns", {**given, "lines": [{"line": 1}]})
        problem(refused, 422, "return.purchase_missing")
        assert refused["field"] == missing
    problem(shop.post("/v1/purchases/evt_0000000000G41/returns", {}), 404, "purchase.unknown")
    shown = shop.get(f"/v1/purchases/{reply['id']}", expect=200)
    assert shown["left"][0]["amount"] == yuan("10.00") and [f["kind"] for f in shown["followers"]] == ["return"]


def test_a_return_sent_twice_by_one_event_id_counts_once(shop):
    reply = buy(shop, "10.00", "5.00", member=card())
    body = {"lines": [{"line": 2}], "event_id": number(), "channel": "pos"}
    first = shop.post(f"/v1/purchases/{reply['id']}/returns", body, expect=201)
    again = shop.post(f"/v1/purchases/{reply['id']}/returns", body, expect=200)
    assert again["duplicate"] and again["id"] == first["id"]


def test_returns_of_one_purchase_at_the_same_moment_never_exceed_it(shop):
    reply = buy(shop, "10.00", member=card())
    barrier = threading.Barrier(6)

    def send(_):
        barrier.wait()
        return shop.post(f"/v1/purchases/{reply['id']}/returns", {"lines": [{"line": 1, "amount": yuan("4.00")}]})

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        statuses = sorted(r.status for r in pool.map(send, range(6)))
    assert statuses == [201, 201, 409, 409, 409, 409]


def test_a_return_keeps_the_tier_and_lowers_what_qualifies(shop):
    who = card()
    reply = buy(shop, "1000.00", member=who)
    assert reply["tier"]["after"] == "gold"
    shop.post(f"/v1/purchases/{reply['id']}/returns", {}, expect=201)
    assert buy(shop, "10.00", member=who)["tier"] == {"before": "gold", "after": "gold"}


# ---- anonymous purchases ----

def test_an_anonymous_purchase_can_be_claimed_once_and_returned(shop):
    reply = buy(shop, "20.00", "10.00")
    assert reply["member"] is None and "earned" not in reply.json
    shop.post(f"/v1/purchases/{reply['id']}/returns", {"lines": [{"line": 2, "amount": yuan("4.00")}]}, expect=201)
    who = buy(shop, "1.00", member=card())["member"]
    claim = shop.post(f"/v1/purchases/{reply['id']}/claim", {"member": {"id": who}}, expect=201)
    assert earned(claim) == 26 and points(claim) == 27
    problem(shop.post(f"/v1/purchases/{reply['id']}/claim", {"member": {"id": who}}), 409, "purchase.has_member")
    shown = shop.get(f"/v1/purchases/{reply['id']}", expect=200)
    assert shown["claimed_by"] == who and shown["left"][1]["amount"] == yuan("6.00")
    back = shop.post(f"/v1/purchases/{reply['id']}/returns", {"lines": [{"line": 1}]}, expect=201)
    assert back["member"] == who and points(back) == 7
    old = buy(shop, "9.00", at=stamp(now() - timedelta(days=15)))
    problem(shop.post(f"/v1/purchases/{old['id']}/claim", {"member": {"id": who}}), 409, "purchase.claim_late")


# ---- visits, declared kinds, timeline ----

def declare(shop, name, **fields):
    shop.put(f"/v1/event-kinds/{name}", {"properties": [{"name": "rating", "type": "integer", "required": True}], **fields},
             expect=200)


def send_when_declared(shop, body):
    """A new kind is known to every process within a second or so."""
    until = time.monotonic() + 10
    while True:
        reply = shop.post("/v1/events", body)
        if reply.code != "event.kind_unknown" or time.monotonic() > until:
            return reply
        time.sleep(0.2)


def test_a_visit_is_in_the_timeline(shop):
    who = buy(shop, "5.00", member=card())["member"]
    visit = shop.post("/v1/visits", {"member": {"id": who}, "store": "soho"}, expect=201)
    replies = shop.post("/v1/visits", [{"member": {"id": who}}, {"member": {"card": "NOBODYKNOWS1"}}], expect=200)
    items = replies.json if isinstance(replies.json, list) else replies["items"]
    assert [item["status"] for item in items] == [201, 404]
    shown = shop.get(f"/v1/members/{who}/timeline", params={"kind": "visit"}, expect=200)["items"]
    assert len(shown) == 2 and visit["id"] in [entry["id"] for entry in shown]


def test_a_declared_event_is_checked_and_kept_with_its_properties(shop):
    declare(shop, "tasting")
    who = buy(shop, "5.00", member=card())["member"]
    body = {"kind": "tasting", "member": {"id": who}, "properties": {"rating": 5}, "event_id": number()}
    reply = send_when_declared(shop, body)
    assert reply.status == 201, reply
    assert shop.post("/v1/events", body, expect=200)["duplicate"]
    problem(shop.post("/v1/events", {**body, "properties": {"rating": 4}}), 409, "event.conflict")
    problem(shop.post("/v1/events", {**body, "properties": {}}), 422, "event.property_missing")
    unknown = problem(shop.post("/v1/events", {**body, "kind": "tastin"}), 422, "event.kind_unknown")
    assert "'tasting'" in unknown["detail"]
    shown = shop.get(f"/v1/events/{reply['id']}", expect=200)
    assert shown["kind"] == "tasting" and shown["detail"] == {"properties": {"rating": 5}}


def test_events_kept_for_days_are_in_the_timeline_and_not_in_the_journal(shop):
    declare(shop, "page_view", kept_days=30)
    who = buy(shop, "5.00", member=card())["member"]
    body = {"kind": "page_view", "member": {"id": who}, "properties": {"rating": 1}, "event_id": number(),
            "at": stamp(now())}
    reply = send_when_declared(shop, body)
    assert reply.status == 201, reply
    assert shop.post("/v1/events", body, expect=201)["id"] == reply["id"]
    entries = shop.all(f"/v1/members/{who}/timeline", kind="page_view")
    assert len(entries) == 1 and entries[0]["sealed"] is False and entries[0]["detail"] == {"rating": 1}
    problem(shop.get(f"/v1/events/{reply['id']}"), 404, "event.unknown")


def test_the_timeline_is_paged_newest_first_and_tells_the_points(shop):
    who = card()
    start = now() - timedelta(days=1)
    replies = [buy(shop, f"{i}.00", member=who, at=stamp(start + timedelta(minutes=i // 2))) for i in range(1, 12)]
    member = replies[0]["member"]
    entries = shop.all(f"/v1/members/{member}/timeline", limit=3, kind="purchase")
    assert len(entries) == 11 and {e["id"] for e in entries} == {r["id"] for r in replies}
    assert [e["at"] for e in entries] == sorted((e["at"] for e in entries), reverse=True)
    by_id = {r["id"]: r for r in replies}
    for entry in entries:
        gained = next(p["points"] for p in entry["points"] if p["wallet"] == "points")
        assert gained == earned(by_id[entry["id"]])
    assert len(shop.all(f"/v1/members/{member}/timeline", limit=4)) >= 11


# ---- catalogues ----

@pytest.mark.parametrize("path,key,body", [
    ("/v1/stores", "code", {"name": "Soho", "zone": "Europe/London", "cut_minutes": 240, "region": "south"}),
    ("/v1/channels", "code", {"name": "Web shop"}),
    ("/v1/items", "sku", {"name": "Latte", "category": "coffee", "price": yuan("32.00"), "attributes": {"size": "m"}}),
    ("/v1/event-kinds", "name", {"kept_days": 7, "properties": [
        {"name": "mood", "type": "choice", "required": False, "choices": ["good", "bad"]}]}),
])
def test_a_catalogue_is_created_changed_listed_and_deleted(shop, path, key, body):
    name = f"entry_{next(COUNTER)}"
    first = shop.put(f"{path}/{name}", body, expect=200)
    assert first[key] == name and first["version"] == 1
    assert {**body, key: name, "version": 1}.items() <= shop.get(f"{path}/{name}", expect=200).json.items()
    second = shop.put(f"{path}/{name}", body, headers={"If-Match": first.headers["ETag"]}, expect=200)
    assert second["version"] == 2
    problem(shop.put(f"{path}/{name}", body, headers={"If-Match": first.headers["ETag"]}), 412, "catalogue.stale")
    problem(shop.put(f"{path}/{name}", {**body, key: "other"}), 422, "catalogue.key")
    many = shop.post(path, [{**body, key: f"{name}_{i}"} for i in range(3)], expect=200)
    items = many.json if isinstance(many.json, list) else many["items"]
    assert [item["status"] for item in items] == [200] * 3, items
    listed = [entry[key] for entry in shop.all(path, limit=2)]
    assert listed == sorted(listed) and {name, f"{name}_0", f"{name}_2"} <= set(listed)
    shop.delete(f"{path}/{name}", expect=204)
    problem(shop.get(f"{path}/{name}"), 404, "catalogue.unknown")
    problem(shop.delete(f"{path}/{name}"), 404, "catalogue.unknown")


def test_wrong_catalogue_entries_are_refused(shop):
    problem(shop.put("/v1/stores/x", {"name": "X", "zone": "Mars/Base"}), 422, "zone.unknown")
    problem(shop.put("/v1/event-kinds/purchase", {}), 422, "event_kind.reserved")
    problem(shop.put("/v1/event-kinds/odd", {"properties": [{"name": "A B", "type": "text"}]}), 422,
            "event_kind.property")
    problem(shop.put("/v1/items/x", {"name": "X", "price": {"amount": "1.00", "currency": "USD"}}), 422,
            "purchase.currencies")
