"""Offers and quotes over the API, on both engines: receipts worked by hand, quotes that are kept, reserved, settled and given back."""
import itertools
import random
import threading
import time

import pytest

import offer_receipts
from conftest import ENGINES
from offer_receipts import amount, buy_get, percent, price

RUN = random.Random().randrange(10**4)
COUNTER = itertools.count(1)
PROGRAMME = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}, {"code": "status", "spendable": False}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"},
              {"code": "status", "wallet": "status", "points": 1, "per": "1.00"}],
    "tiers": {"metric": "points", "wallet": "status",
              "levels": [{"code": "basic", "qualify": 0}, {"code": "gold", "qualify": 1000}]},
}
OFFERS = {
    "kept": percent(10, stores=["kept"]),
    "first10": amount("5.00", stores=["race"], limits={"uses": 10}),
    "purse": amount("4.00", stores=["purse"], limits={"budget": "6.00"}),
    "mine": amount("3.00", stores=["mine"], limits={"per_member": 1}),
    "today": amount("3.00", stores=["today"], limits={"per_member_day": 1}),
    "ending": percent(50, stores=["ending"]),
    "held": amount("1.00", stores=["held"], limits={"uses": 1}),
    "lines": amount("10.00", stores=["lines"], limits={"budget": "100.00", "uses": 5}),
    "welcome": amount("5.00", stores=["coup"], coupon="hello"),
    "free": buy_get(1, 1, stores=["free"], limits={"uses": 5}),
}


def dollars(value):
    return {"amount": value, "currency": "USD"}


def basket(*lines):
    return [{"sku": sku, "quantity": quantity, "amount": dollars(value)} for sku, quantity, value in lines]


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    client = server.client
    client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)
    for code, document in OFFERS.items():
        client.put(f"/v1/offers/{code}", {"document": document, "publish": True}, expect=200)
    client.put("/v1/coupon-series/hello", {"publish": True, "document": {
        "name": "Hello", "codes": {"kind": "unique", "prefix": "HELO"}, "opens": {"offer": "welcome"}}}, expect=200)
    for number, (_, offers, _, wanted) in enumerate(offer_receipts.RECEIPTS):
        if "zone" in wanted:
            assert client.put(f"/v1/stores/r{number}", {"name": "Elsewhere", "zone": wanted["zone"]}).status in (200, 201)
        for code, document in offers.items():
            client.put(f"/v1/offers/r{number}.{code}", {"document": {**document, "stores": [f"r{number}"]}, "publish": True},
                       expect=200)
    until = time.monotonic() + 20
    last = f"/v1/offers/r{len(offer_receipts.RECEIPTS) - 1}.a"
    while client.get(last, expect=200)["state"] != "in_force" or not quote(client, "kept", ("x", 1, "1.00"), keep=False)["offers"]:
        assert time.monotonic() < until
        time.sleep(0.2)
    client.members = {"plain": register(client), "gold": register(client)}
    buy(client, client.members["gold"], "none", "1000.00")
    yield client
    server.close()


def register(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "external", "value": f"of-{RUN}-{next(COUNTER)}"}]},
                       expect=201)["id"]


def quote(client, store, *lines, expect=None, member=None, **more):
    who = {"member": {"id": member}} if member else {}
    kept = more.get("keep", True)
    return client.post("/v1/quotes", {"store": store, "lines": basket(*lines), **who, **more},
                       expect=expect or (201 if kept else 200))


def buy(client, member, store, total=None, expect=201, **more):
    who = {"member": {"id": member}} if member else {}
    sum_ = {"total": dollars(total)} if total else {}
    return client.post("/v1/purchases", {"receipt": f"of-{RUN}-{next(COUNTER)}", "store": store, **who, **sum_, **more},
                       expect=expect)


# ---- receipts ----

def ask(client, number, lines, wanted):
    body = {"store": f"r{number}", "keep": False, "lines": []}
    for sku, category, quantity, value, *before in lines:
        line = {"quantity": quantity, "amount": dollars(value)}
        if before:
            line["discount"] = dollars(before[0])
        if sku:
            line["sku"] = sku
        if category == "shipping":
            line["shipping"] = True
        elif category:
            line["category"] = category
        body["lines"].append(line)
    for name in ("codes", "channel", "at"):
        if name in wanted:
            body[name] = wanted[name]
    if "explain" in wanted:
        body["explain"] = [f"r{number}.{code}" for code in wanted["explain"]]
    if "member" in wanted:
        body["member"] = {"id": client.members[wanted["member"]]}
    return client.post("/v1/quotes", body, expect=200)


@pytest.mark.parametrize("number", range(len(offer_receipts.RECEIPTS)),
                         ids=[name.replace(" ", "_") for name, _, _, _ in offer_receipts.RECEIPTS])
def test_a_receipt_costs_what_was_worked_by_hand(shop, number):
    _, _, lines, wanted = offer_receipts.RECEIPTS[number]
    shown = ask(shop, number, lines, wanted)
    assert shown["total"] == dollars(wanted["total"])
    if "lines" in wanted:
        assert [line["amount"]["amount"] for line in shown["lines"]] == wanted["lines"]
    if "applied" in wanted:
        assert [(row["offer"], row["amount"]["amount"]) for row in shown["offers"]] == [
            (f"r{number}.{code}", value) for code, value in wanted["applied"]]
    why = {row.get("offer", row.get("code")): row["why"] for row in shown["not_applied"]}
    for code, reason in {**wanted.get("refused", {}), **wanted.get("explain", {})}.items():
        assert why[f"r{number}.{code}"] == reason
    shown_of = {row.get("offer"): row for row in shown["not_applied"]}
    for code, value in wanted.get("missing", {}).items():
        assert shown_of[f"r{number}.{code}"]["missing"] == dollars(value)
    for code, pieces in wanted.get("missing_quantity", {}).items():
        assert float(shown_of[f"r{number}.{code}"]["missing_quantity"]) == pieces
    for code in wanted.get("unknown", []):
        assert why[code] == "coupon.unknown"
    if "next" in wanted:
        code, spend, gain = wanted["next"]
        assert [(row["offer"], row["spend"], row["gain"]) for row in shown["next"]] == [
            (f"r{number}.{code}", dollars(spend), dollars(gain))]
    if "gift" in wanted:
        assert [row["gift"] for row in shown["offers"] if "gift" in row] == [dict(zip(("sku", "count"), wanted["gift"]))]
    if "reason" in wanted:
        code, reason = wanted["reason"]
        assert {row["offer"]: row["reason"] for row in shown["offers"]}[f"r{number}.{code}"] == reason
    for line in shown["lines"]:
        cents = lambda value: round(float(value["amount"]) * 100)
        assert cents(line["public"]) - sum(cents(cut["amount"]) for cut in line["discounts"]) == cents(line["amount"]) >= 0
        prices = [cents(line["public"])]
        for cut in line["discounts"]:
            assert cents(cut["before"]) == prices[-1] and cents(cut["after"]) == prices[-1] - cents(cut["amount"])
            prices.append(cents(cut["after"]))


# ---- quotes that are kept ----

def test_a_purchase_that_names_a_quote_has_its_lines_and_discounts(shop):
    member = register(shop)
    kept = quote(shop, "kept", ("x", 1, "60.00"), ("y", 2, "40.00"), member=member)
    assert (kept["total"], kept["public"], kept["reserved"]) == (dollars("90.00"), dollars("100.00"), False)
    assert kept["offers"][0]["guaranteed"] is True
    assert kept["earns"][0] == {"rule": "base", "wallet": "points", "points": 90}
    bought = buy(shop, member, "kept", quote=kept["id"])
    assert bought["amount"] == dollars("90.00") and bought["earned"][0]["points"] == 90
    lines = shop.get(f"/v1/purchases/{bought['id']}", expect=200)["lines"]
    assert [line["amount"]["amount"] for line in lines] == ["54.00", "36.00"]
    assert lines[0]["discounts"] == [{"kind": "offer", "code": "kept", "amount": dollars("6.00")}]
    shown = shop.get(f"/v1/quotes/{kept['id']}", expect=200)
    assert (shown["state"], shown["purchase"], shown["member"]) == ("settled", bought["id"], member)
    assert buy(shop, member, "kept", quote=kept["id"], expect=409).code == "quote.settled"
    assert [row["id"] for row in shop.all(f"/v1/members/{member}/quotes")] == [kept["id"]]


def test_what_is_bought_is_what_was_quoted(shop):
    member, other = register(shop), register(shop)
    kept = quote(shop, "kept", ("x", 1, "60.00"), member=member)
    for lines in [basket(("x", 1, "60.00")), basket(("z", 1, "54.00")), basket(("x", 2, "54.00")),
                  basket(("x", 1, "54.00"), ("y", 1, "1.00"))]:
        assert buy(shop, member, "kept", quote=kept["id"], lines=lines, expect=409).code == "quote.differs"
    assert buy(shop, member, "kept", "53.99", quote=kept["id"], expect=409).code == "quote.differs"
    assert buy(shop, other, "kept", quote=kept["id"], expect=409).code == "quote.other_member"
    buy(shop, member, "kept", quote="quo_0000000000ZZZ", expect=404)
    buy(shop, member, "kept", "54.00", quote=kept["id"], lines=basket(("x", 1, "54.00")))


def test_a_quote_for_nobody_may_be_settled_by_anybody_and_by_nobody(shop):
    kept = quote(shop, "kept", ("x", 1, "10.00"))
    assert shop.get(f"/v1/quotes/{kept['id']}", expect=200)["member"] is None
    assert buy(shop, None, "kept", quote=kept["id"])["amount"] == dollars("9.00")
    kept = quote(shop, "kept", ("x", 1, "10.00"))
    assert buy(shop, register(shop), "kept", quote=kept["id"])["amount"] == dollars("9.00")


def test_a_price_is_kept_though_the_offer_ends(shop):
    kept = quote(shop, "ending", ("x", 1, "10.00"))
    shop.post("/v1/offers/ending/withdrawal", {}, expect=200)
    until = time.monotonic() + 15
    while quote(shop, "ending", ("x", 1, "10.00"), keep=False)["offers"]:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert buy(shop, None, "ending", quote=kept["id"])["amount"] == dollars("5.00")


def test_nothing_is_stored_without_keep(shop):
    shown = quote(shop, "kept", ("x", 1, "10.00"), keep=False)
    assert (shown["id"], shown["expires_at"]) == (None, None)
    quote(shop, "kept", ("x", 1, "10.00"), keep=False, reserve=True, expect=422)


# ---- limits ----

def at_once(count, work):
    results = [None] * count

    def run(index):
        results[index] = work(index)
    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_fifty_at_once_one_gets_the_last_use(shop):
    """Rule 8: a limit of 10 with 9 used and 50 at the same moment: exactly one wins; undoing it frees one."""
    first = [quote(shop, "race", ("x", 1, "20.00"), reserve=True) for _ in range(9)]
    assert all(kept["total"] == dollars("15.00") and kept["offers"][0]["guaranteed"] for kept in first)
    got = at_once(50, lambda _: quote(shop, "race", ("x", 1, "20.00"), reserve=True))
    winners = [kept for kept in got if kept["total"] == dollars("15.00")]
    assert len(winners) == 1
    losers = [kept for kept in got if kept["total"] == dollars("20.00")]
    assert len(losers) == 49 and all(kept["not_applied"][0]["why"] == "offer.exhausted" for kept in losers)
    ended = shop.delete(f"/v1/quotes/{winners[0]['id']}", expect=200)
    assert ended["state"] == "released"
    assert shop.delete(f"/v1/quotes/{winners[0]['id']}", expect=200)["state"] == "released"
    assert buy(shop, None, "race", quote=winners[0]["id"], expect=409).code == "quote.over"
    again = at_once(5, lambda _: quote(shop, "race", ("x", 1, "20.00"), reserve=True))
    assert sorted(kept["total"]["amount"] for kept in again) == ["15.00"] + ["20.00"] * 4
    # One that is bought and voided frees its use.
    bought = buy(shop, None, "race", quote=first[0]["id"])
    shop.post(f"/v1/purchases/{bought['id']}/void", {}, expect=201)
    assert quote(shop, "race", ("x", 1, "20.00"), reserve=True)["total"] == dollars("15.00")


def test_what_is_limited_and_not_reserved_is_checked_again(shop):
    mine, theirs = quote(shop, "held", ("x", 1, "2.00")), quote(shop, "held", ("x", 1, "2.00"))
    assert mine["offers"][0]["guaranteed"] is False and theirs["total"] == dollars("1.00")
    buy(shop, None, "held", quote=mine["id"])
    assert buy(shop, None, "held", quote=theirs["id"], expect=409).code == "offer.exhausted"


def test_a_budget_is_not_overdrawn(shop):
    first = quote(shop, "purse", ("x", 1, "9.00"), reserve=True)
    assert first["total"] == dollars("5.00")
    second = quote(shop, "purse", ("x", 1, "9.00"), reserve=True)
    assert second["total"] == dollars("9.00") and second["not_applied"][0]["why"] == "offer.budget"


@pytest.mark.parametrize("store, why", [("mine", "offer.member_limit"), ("today", "offer.member_day_limit")])
def test_a_member_uses_an_offer_so_often(shop, store, why):
    member = register(shop)
    kept = quote(shop, store, ("x", 1, "9.00"), member=member)
    assert kept["total"] == dollars("6.00")
    assert quote(shop, store, ("x", 1, "9.00"), keep=False)["not_applied"][0]["why"] == "offer.member_needed"
    bought = buy(shop, member, store, quote=kept["id"])
    for keep in (True, False):
        refused = quote(shop, store, ("x", 1, "9.00"), member=member, keep=keep)
        assert refused["total"] == dollars("9.00") and refused["not_applied"][0]["why"] == why
    shop.post(f"/v1/purchases/{bought['id']}/returns", {"receipt": f"of-{RUN}-{next(COUNTER)}", "lines": [{"line": 1, "quantity": 1}]}, expect=201)
    assert quote(shop, store, ("x", 1, "9.00"), member=member)["total"] == dollars("6.00")


def test_cancelling_a_line_does_not_spread_its_discount_again(shop):
    """Rule 14: 60 + 40 with 10 off = 6/4; cancelling the 40 gives back 36 and leaves 54."""
    kept = quote(shop, "lines", ("x", 1, "60.00"), ("y", 1, "40.00"))
    bought = buy(shop, None, "lines", quote=kept["id"])
    back = shop.post(f"/v1/purchases/{bought['id']}/returns", {"receipt": f"of-{RUN}-{next(COUNTER)}", "lines": [{"line": 2, "quantity": 1}]}, expect=201)
    assert back["amount"] == dollars("36.00")


def test_goods_that_come_back_free_their_part_of_the_budget(shop):
    """Of 100.00 for at most five: 10.00 a purchase; the 40 come back with 4.00 of it, and the rest with the use."""
    def left():
        shown = quote(shop, "lines", ("x", 1, "60.00"), ("y", 1, "40.00"), reserve=True)
        shop.delete(f"/v1/quotes/{shown['id']}", expect=200)
        return bool(shown["offers"])
    bought = [buy(shop, None, "lines", quote=quote(shop, "lines", ("x", 1, "60.00"), ("y", 1, "40.00"))["id"]) for _ in range(4)]
    assert not left()
    shop.post(f"/v1/purchases/{bought[0]['id']}/returns", {"receipt": f"of-{RUN}-{next(COUNTER)}", "lines": [{"line": 2, "quantity": 1}]}, expect=201)
    assert not left()
    shop.post(f"/v1/purchases/{bought[0]['id']}/returns", {"receipt": f"of-{RUN}-{next(COUNTER)}", "lines": [{"line": 1, "quantity": 1}]}, expect=201)
    assert left()


# ---- coupons ----

def coupon(client, member):
    return client.post("/v1/coupon-codes", {"member": {"id": member}, "series": "hello"}, expect=201)["code"]


def test_a_coupon_opens_its_offer_once(shop):
    member = register(shop)
    code = coupon(shop, member)
    assert quote(shop, "coup", ("x", 1, "20.00"), keep=False)["offers"] == []
    shown = quote(shop, "coup", ("x", 1, "20.00"), member=member, codes=[code], keep=False)
    assert shown["total"] == dollars("15.00")
    assert (shown["offers"][0]["reason"], shown["offers"][0]["series"], shown["offers"][0]["guaranteed"]) == ("coupon", "hello", False)
    kept = quote(shop, "coup", ("x", 1, "20.00"), member=member, codes=[code])
    again = quote(shop, "coup", ("x", 1, "20.00"), member=member, codes=[code])
    assert buy(shop, member, "coup", quote=kept["id"])["amount"] == dollars("15.00")
    assert buy(shop, member, "coup", quote=again["id"], expect=409).code == "coupon.used"
    refused = quote(shop, "coup", ("x", 1, "20.00"), member=member, codes=[code])
    assert refused["total"] == dollars("20.00")
    assert [(row["code"], row["why"]) for row in refused["not_applied"]] == [(code, "coupon.used")]
    unknown = quote(shop, "coup", ("x", 1, "20.00"), member=member, codes=["NO-SUCH-CODE"], keep=False)
    assert [row["why"] for row in unknown["not_applied"]] == ["coupon.unknown"]


def test_a_reserved_coupon_is_nobody_elses_until_it_is_released(shop):
    member = register(shop)
    code = coupon(shop, member)
    got = at_once(8, lambda _: quote(shop, "coup", ("x", 1, "20.00"), member=member, codes=[code], reserve=True))
    winners = [kept for kept in got if kept["total"] == dollars("15.00")]
    assert len(winners) == 1 and winners[0]["offers"][0]["guaranteed"]
    shop.delete(f"/v1/quotes/{winners[0]['id']}", expect=200)
    kept = quote(shop, "coup", ("x", 1, "20.00"), member=member, codes=[code], reserve=True)
    bought = buy(shop, member, "coup", quote=kept["id"])
    assert bought["amount"] == dollars("15.00")
    assert quote(shop, "coup", ("x", 1, "20.00"), member=member, codes=[code], keep=False)["offers"] == []
    shop.post(f"/v1/purchases/{bought['id']}/void", {}, expect=201)
    assert quote(shop, "coup", ("x", 1, "20.00"), member=member, codes=[code], keep=False)["total"] == dollars("15.00")


# ---- points ----

def test_points_are_told_and_held_for_a_quote(shop):
    member = register(shop)
    buy(shop, member, "none", "500.00")
    shown = quote(shop, "none", ("x", 1, "3.99"), member=member, keep=False)
    # 500 points are worth 5.00; 399 pay all of it.
    assert shown["usable_points"] == [{"wallet": "points", "available": 500, "points": 399, "worth": dollars("3.99")}]
    kept = quote(shop, "none", ("x", 1, "20.00"), member=member, reserve=True, pay_points={"wallet": "points", "points": 300})
    assert kept["held"]["worth"] == dollars("3.00")
    wallets = {row["wallet"]: row for row in shop.get(f"/v1/members/{member}/wallets", expect=200)["items"]}
    assert wallets["points"]["available"] == 200
    bought = buy(shop, member, "none", quote=kept["id"])
    assert bought["paid_with_points"] == dollars("3.00")
    held = quote(shop, "none", ("x", 1, "20.00"), member=member, reserve=True, pay_points={"wallet": "points", "points": 100})
    shop.delete(f"/v1/quotes/{held['id']}", expect=200)
    wallets = {row["wallet"]: row for row in shop.get(f"/v1/members/{member}/wallets", expect=200)["items"]}
    # 200, and what the purchase earned on the 17.00 that were paid with money.
    assert wallets["points"]["available"] == 217
    quote(shop, "none", ("x", 1, "20.00"), member=member, reserve=True, pay_points={"wallet": "points", "points": 5000},
          expect=422)
