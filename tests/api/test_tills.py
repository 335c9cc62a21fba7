"""Tills as they really behave: voids, exchanges, returns without a receipt, late claims, a day sent twice; on both engines."""
import itertools
import json
import random
import time
from datetime import datetime, timedelta, timezone

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
PROGRAMME = {
    "zone": "UTC", "currency": "CNY", "late_claim_days": 14, "register_unknown": True,
    "returns_without_receipt": {"policy": "allowed", "up_to": "50.00"},
    "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00", "whole_units": True, "multipliers": [
        {"code": "few", "factor": 2, "stores": ["BUDGET"], "budget": 10, "budget_partial": False}]}],
}


@pytest.fixture(scope="module", params=ENGINES)
def started(request, servers):
    server = servers.start(request.param)
    version = server.client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)["version"]
    until = time.monotonic() + 30
    while server.client.get("/v1/programme", expect=200)["version"] != version:
        assert time.monotonic() < until
        time.sleep(0.2)
    yield server
    server.close()


@pytest.fixture(scope="module")
def shop(started):
    return started.client


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


def unique(prefix="T"):
    return f"{prefix}{next(COUNTER)}"


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now():
    return datetime.now(timezone.utc)


def basket(*amounts, **fields):
    return {"store": "S1", "channel": "pos", "till": "1", "receipt": unique("R"),
            "lines": [{"sku": f"sku-{i}", "amount": yuan(amount)} for i, amount in enumerate(amounts)], **fields}


def buy(shop, *amounts, expect=201, **fields):
    return shop.post("/v1/purchases", basket(*amounts, **fields), expect=expect)


def balance(reply):
    return next((each["balance"] for each in reply["balances"]), 0)


def figures(shop, store):
    return next((each for each in shop.get("/v1/store-figures", expect=200)["stores"] if each["store"] == store), None)


def verified(shop):
    done = shop.wait_for_job(shop.post("/v1/verify", expect=202)["job"])
    assert done["state"] == "done", done


# ---- voids ----

def test_a_voided_purchase_had_not_been(shop):
    store, card = unique("V"), unique("VOID")
    first = buy(shop, "20.00", store=store, member={"card": card})
    path = f"/v1/members/{first['member']}"
    before = shop.get(path, expect=200).json
    second = buy(shop, "150.00", store=store, member={"card": card})
    void = shop.post(f"/v1/purchases/{second['id']}/void", {"properties": {"reason": "typed twice"}}, expect=201)
    assert void["amount"] == yuan("150.00") and balance(void) == 20
    after = shop.get(path, expect=200).json
    assert {name: value for name, value in before.items() if name != "version"} == {
        name: value for name, value in after.items() if name != "version"}
    sums = figures(shop, store)
    assert (sums["purchases"], sums["sales"], sums["returned"]) == (1, yuan("20.00"), yuan("0.00"))
    total = shop.get("/v1/sales", params={"by": "item", "store": store}, expect=200)["total"]
    assert (total["purchases"], total["sales"], total["returned"]) == (1, yuan("20.00"), yuan("0.00"))
    again = shop.post(f"/v1/purchases/{second['id']}/void", {}, expect=409)
    assert again.code == "void.known" and void["id"] in again["detail"]
    assert shop.post(f"/v1/purchases/{second['id']}/returns", {}, expect=409).code == "return.nothing_left"
    verified(shop)


def test_an_anonymous_purchase_is_voided_too(shop):
    store = unique("V")
    bought = buy(shop, "30.00", store=store)
    shop.post(f"/v1/purchases/{bought['id']}/void", {}, expect=201)
    sums = figures(shop, store)
    assert sums is None or (sums["purchases"], sums["anonymous_purchases"], sums["sales"]) == (0, 0, yuan("0.00"))
    who = buy(shop, "1.00", member={"card": unique("LATE")})["member"]
    claim = shop.post(f"/v1/purchases/{bought['id']}/claim", {"member": {"id": who}}, expect=409)
    assert claim.code == "return.nothing_left"


def test_a_receipt_is_free_again_for_what_happens_later_and_not_for_an_old_sending(shop):
    """The till types the sale again under the same number; the sending of the first one comes once more."""
    at = now() - timedelta(seconds=60)
    body = basket("12.00", at=stamp(at), member={"card": unique("FREE")})
    day = stamp(at)[:10]
    first = shop.post("/v1/purchases", body, expect=201)
    named = {"purchase_receipt": body["receipt"], "purchase_business_day": day, "purchase_channel": "pos",
             "purchase_store": "S1", "purchase_till": "1"}
    void = shop.post("/v1/voids", {**named, "at": stamp(at + timedelta(seconds=10)), "business_day": day}, expect=201)
    assert balance(void) == 0
    assert shop.post("/v1/purchases", body, expect=409).code == "receipt.known"
    second = shop.post("/v1/purchases", {**body, "at": stamp(at + timedelta(seconds=20)), "business_day": day}, expect=201)
    assert second["id"] != first["id"] and balance(second) == 12
    assert shop.post("/v1/purchases", body, expect=409).code == "receipt.known"
    back = shop.post("/v1/returns", named, expect=201)
    assert balance(back) == 0
    verified(shop)


def test_a_void_frees_the_budget_and_gives_back_the_points_that_paid(shop):
    """8 of the 10 bonus points are used, so 5 more are refused; after the void they are not."""
    first = buy(shop, "8.00", store="BUDGET", member={"card": unique("B")})
    assert balance(first) == 16
    assert balance(buy(shop, "5.00", store="BUDGET", member={"card": unique("B")})) == 5
    assert balance(shop.post(f"/v1/purchases/{first['id']}/void", {}, expect=201)) == 0
    assert balance(buy(shop, "5.00", store="BUDGET", member={"card": unique("B")})) == 10
    card = unique("PAY")
    buy(shop, "200.00", member={"card": card})
    paid = buy(shop, "10.00", member={"card": card}, pay_points=[{"wallet": "points", "points": 200}])
    assert balance(paid) == 8
    void = shop.post(f"/v1/purchases/{paid['id']}/void", {}, expect=201)
    assert balance(void) == 200 and void["points_given_back"] == [{"wallet": "points", "points": 200}]
    assert void["money"] == yuan("8.00")


def test_a_void_is_refused_another_day_elsewhere_and_after_a_return_or_claim(shop):
    yesterday = buy(shop, "5.00", at=stamp(now() - timedelta(days=1)))
    void = lambda purchase, **body: shop.post(f"/v1/purchases/{purchase}/void", body, expect=409).code  # noqa: E731
    assert void(yesterday["id"]) == "void.day"
    here = buy(shop, "5.00", "6.00")
    assert void(here["id"], store="S2") == "void.store"
    shop.post(f"/v1/purchases/{here['id']}/returns", {"lines": [{"line": 1}]}, expect=201)
    assert void(here["id"]) == "void.returned"
    claimed = buy(shop, "5.00")
    who = buy(shop, "1.00", member={"card": unique("LATE")})["member"]
    shop.post(f"/v1/purchases/{claimed['id']}/claim", {"member": {"id": who}}, expect=201)
    assert void(claimed["id"]) == "void.claimed"


def test_a_void_after_a_merge_is_of_the_person_and_survives_the_unmerge(shop):
    one = buy(shop, "10.00", member={"card": unique("M")})
    two = buy(shop, "20.00", member={"card": unique("M")})
    shop.post("/v1/merges", {"into": {"id": one["member"]}, "from": {"id": two["member"]}}, expect=201)
    void = shop.post(f"/v1/purchases/{two['id']}/void", {}, expect=201)
    assert balance(void) == 10
    shop.post("/v1/unmerges", {"member": {"id": two["member"]}}, expect=200)
    assert shop.get(f"/v1/members/{two['member']}", expect=200)["standing"]["purchases"] == 0
    assert shop.get(f"/v1/members/{one['member']}", expect=200)["standing"]["purchases"] == 1
    verified(shop)


# ---- exchanges ----

def test_an_exchange_is_one_receipt_with_points_and_money_net(shop):
    """100.00 goes back, 150.00 is taken: 50.00 to pay, 50 points more. Then 150.00 for 60.00: 90.00 out, 90 less."""
    card = unique("X")
    bought = buy(shop, "100.00", member={"card": card})
    body = {"purchase": bought["id"], "receipt": unique("X"), "store": "S1", "channel": "pos", "event_id": unique("E"),
            "at": stamp(now()), "lines": [{"sku": "big", "amount": yuan("150.00")}]}
    more = shop.post("/v1/exchanges", body, expect=201)
    assert (more["returned"], more["amount"], more["to_pay"], more["to_pay_out"]) == (
        yuan("100.00"), yuan("150.00"), yuan("50.00"), yuan("0.00"))
    assert more["points"] == [{"wallet": "points", "points": 50}] and balance(more) == 150
    again = shop.post("/v1/exchanges", body, expect=200)
    assert again["duplicate"] and again["id"] == more["id"]
    shown = shop.get(f"/v1/purchases/{more['id']}", expect=200)
    assert shown["cause"] == bought["id"]
    assert shop.get(f"/v1/events/{more['return']}", expect=200)["facts"]["exchange"] != 0
    less = shop.post("/v1/exchanges", {
        "purchase_receipt": body["receipt"], "purchase_business_day": stamp(now())[:10], "purchase_store": "S1",
        "purchase_channel": "pos", "receipt": unique("X"), "lines": [{"sku": "small", "amount": yuan("60.00")}]},
        expect=201)
    assert (less["to_pay"], less["to_pay_out"], balance(less)) == (yuan("0.00"), yuan("90.00"), 60)
    assert shop.post("/v1/exchanges", {**body, "event_id": unique("E"), "receipt": unique("X")}, expect=409).code == \
        "return.nothing_left"
    verified(shop)


def test_a_part_is_exchanged_and_paid_with_the_points_that_come_back(shop):
    """60 + 40 paid with 2,000 points (20.00) and 80.00 earn 80. The 40 goes back: 800 points and 32.00, and 32 points are taken;
    50.00 is taken, 8.00 of it paid with these 800 points: 50 - 8 - 32 = 10.00 to pay, and 42 earned: 80 - 32 + 42 = 90."""
    card = unique("X")
    who = buy(shop, "2000.00", member={"card": card})
    paid = buy(shop, "60.00", "40.00", member={"card": card}, pay_points=[{"wallet": "points", "points": 2000}])
    assert balance(paid) == 80
    reply = shop.post("/v1/exchanges", {
        "purchase": paid["id"], "receipt": unique("X"), "returned": [{"line": 2}],
        "lines": [{"amount": yuan("50.00")}], "pay_points": [{"wallet": "points", "points": 800}]}, expect=201)
    assert reply["points_given_back"] == [{"wallet": "points", "points": 800}]
    assert (reply["paid_with_points"], reply["to_pay"]) == (yuan("8.00"), yuan("10.00"))
    assert balance(reply) == 90 and reply["member"] == who["member"]


def test_an_anonymous_exchange_moves_money_alone_and_a_refused_one_nothing(shop):
    bought = buy(shop, "20.00")
    reply = shop.post("/v1/exchanges", {"purchase": bought["id"], "receipt": unique("X"),
                                        "lines": [{"amount": yuan("20.00")}]}, expect=201)
    assert reply["member"] is None and reply["to_pay"] == yuan("0.00")
    named = buy(shop, "20.00", member={"card": unique("X")})
    refused = shop.post("/v1/exchanges", {"purchase": named["id"], "receipt": unique("X"), "lines": [
        {"amount": yuan("20.00")}], "pay_points": [{"wallet": "points", "points": 999}]}, expect=409)
    assert refused.code == "points.insufficient"
    assert shop.get(f"/v1/purchases/{named['id']}", expect=200)["left"][0]["amount"] == yuan("20.00")
    assert shop.post("/v1/exchanges", {"purchase": named["id"], "lines": []}, expect=422).code == "purchase.key_required"


# ---- without a receipt ----

def test_goods_without_a_receipt_come_back_as_the_programme_allows(started, shop):
    """30.99 would earn 30 points: these go. Above 50.00 somebody approves."""
    card = unique("U")
    who = buy(shop, "100.00", member={"card": card})["member"]
    body = lambda amount: {"member": {"card": card}, "event_id": unique("U"), "store": "S1",  # noqa: E731
                           "lines": [{"sku": "sku-0", "amount": yuan(amount)}]}
    till = shop.as_key(started.make_key(["events.write"], name=unique("till")))
    sent = body("30.99")
    first = till.post("/v1/returns-without-receipt", sent, expect=201)
    assert balance(first) == 70 and first["money"] == yuan("30.99")
    assert till.post("/v1/returns-without-receipt", sent, expect=200)["id"] == first["id"]
    assert till.post("/v1/returns-without-receipt", body("50.01"), expect=403).code == "return.approval_required"
    assert balance(shop.post("/v1/returns-without-receipt", body("50.01"), expect=201)) == 20
    shown = shop.get(f"/v1/events/{first['id']}", expect=200)
    assert shown["facts"]["unreceipted"] == 1 and shown["cause"] is None and shown["kind"] == "return"
    over = shop.post("/v1/returns-without-receipt", body("100.00"), expect=201)
    assert (balance(over), over["written_off"], over["member"]) == (0, 80, who)
    nobody = {"event_id": unique("U"), "lines": [{"amount": yuan("5.00")}]}
    assert shop.post("/v1/returns-without-receipt", nobody, expect=201)["member"] is None
    verified(shop)


# ---- claims ----

def test_a_purchase_is_claimed_by_its_receipt_within_the_window(shop):
    who = buy(shop, "1.00", member={"card": unique("C")})["member"]
    body = basket("25.00")
    bought = shop.post("/v1/purchases", body, expect=201)
    day = stamp(now())[:10]
    claim = {"member": {"id": who}, "receipt": body["receipt"], "business_day": day, "channel": "pos", "store": "S1",
             "till": "1"}
    guess = shop.post("/v1/purchase-claims", {**claim, "total": yuan("25.01")}, expect=404)
    assert guess.code == "purchase.unknown"
    done = shop.post("/v1/purchase-claims", {**claim, "total": yuan("25.00")}, expect=201)
    assert balance(done) == 26 and shop.get(f"/v1/purchases/{bought['id']}", expect=200)["claimed_by"] == who
    assert shop.post("/v1/purchase-claims", claim, expect=409).code == "purchase.has_member"
    old_at = now() - timedelta(days=15)
    old = basket("9.00", at=stamp(old_at))
    shop.post("/v1/purchases", old, expect=201)
    late, unknown = shop.post("/v1/purchase-claims", [
        {**claim, "receipt": old["receipt"], "business_day": stamp(old_at)[:10]},
        {**claim, "receipt": "NEVER"}], expect=200).json
    assert (late["problem"]["code"], unknown["problem"]["code"]) == ("purchase.claim_late", "purchase.unknown")


# ---- a till that was offline ----

def test_a_till_sends_its_day_in_the_evening_twice_with_its_clock_wrong(shop):
    """20 sales by a till whose clock is 9 minutes 29 seconds fast; half of them went out online; then the whole day, in any
    order, twice: every sale counts once and is answered with its id."""
    store, card, ahead = unique("OFF"), unique("OFF"), timedelta(minutes=9, seconds=29)
    start = now() - timedelta(hours=2)
    day = []
    for number in range(20):
        at = start + timedelta(minutes=number) + ahead
        day.append(basket(f"{number + 1}.00", store=store, event_id=unique("OFF"), at=stamp(at), member={"card": card}))
    online = {}
    for sale in random.Random(7).sample(day, 10):
        online[sale["event_id"]] = shop.post("/v1/purchases", {**sale, "sent_at": stamp(now() + ahead)}, expect=201)["id"]
    ids = {}
    for sending in range(2):
        sales = [{**sale, "sent_at": stamp(now() + ahead)} for sale in day]
        random.Random(sending).shuffle(sales)
        for sale, answer in zip(sales, shop.post("/v1/purchases", sales, expect=200).json):
            assert answer["status"] in (200, 201), answer
            assert answer["duplicate"] == (sending == 1 or sale["event_id"] in online)
            assert ids.setdefault(sale["event_id"], answer["id"]) == answer["id"]
            assert online.get(sale["event_id"], answer["id"]) == answer["id"]
    assert figures(shop, store)["purchases"] == 20 and figures(shop, store)["sales"] == yuan("210.00")
    member = buy(shop, "1.00", member={"card": card})
    assert balance(member) == 211
    first = shop.get(f"/v1/events/{ids[day[0]['event_id']]}", expect=200)
    moment = datetime.strptime(first["at"][:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    assert abs((moment - start).total_seconds()) < 30


def test_what_the_till_sends_twice_by_receipt_alone_is_told_by_the_first_ones_id(shop):
    sales = [basket("3.00") for _ in range(3)]
    first = [each["id"] for each in shop.post("/v1/purchases", sales, expect=200).json]
    again = shop.post("/v1/purchases", list(reversed(sales)), expect=200).json
    assert [each["status"] for each in again] == [409] * 3
    assert [each["problem"]["first"] for each in again] == list(reversed(first))
    returns = [{"purchase": each, "event_id": unique("B"), "at": stamp(now())} for each in first]
    one = [each["id"] for each in shop.post("/v1/returns", returns, expect=200).json]
    two = shop.post("/v1/returns", list(reversed(returns)), expect=200).json
    assert [each["id"] for each in two] == list(reversed(one)) and all(each["duplicate"] for each in two)


def test_a_day_in_json_lines_is_answered_line_by_line(shop):
    sales = [basket("3.00", event_id=unique("L"), at=stamp(now())) for _ in range(3)]
    lines = "\n".join([json.dumps(sales[0]), "", json.dumps(sales[1]), "{broken", json.dumps(sales[2])]) + "\r\n"
    send = lambda: shop.post("/v1/purchases", data=lines.encode(), expect=200,  # noqa: E731
                             headers={"Content-Type": "application/x-ndjson"}).json
    first, second = send(), send()
    assert [each["status"] for each in first] == [201, 201, 400, 201]
    assert first[2]["problem"]["code"] == "json.syntax"
    assert [each.get("id") for each in second] == [each.get("id") for each in first]
    assert [each.get("duplicate") for each in second] == [True, True, None, True]
    one = shop.post("/v1/sessions", data=b"{}", headers={"Content-Type": "application/x-ndjson"})
    assert one.status == 415
