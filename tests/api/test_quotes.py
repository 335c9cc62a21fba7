"""What quotes ask beside offers, on both engines: benefits that apply by themselves, worked by hand."""
import datetime
import itertools
import json
import random
import sqlite3
import subprocess
import time

import psycopg2
import pytest

from conftest import ENGINES

RUN = random.Random().randrange(10**6)
COUNTER = itertools.count(1)
SOON = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)
PROGRAMME = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points"}, {"code": "status", "spendable": False}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"},
              {"code": "status", "wallet": "status", "points": 1, "per": "1.00"}],
    "tiers": {"metric": "points", "wallet": "status",
              "levels": [{"code": "basic", "name": "Basic", "qualify": 0}, {"code": "gold", "name": "Gold", "qualify": 1000}]},
}
SHOP = {"stores": ["shop"]}
BENEFITS = {
    "gold-price": {"name": "A tenth off for Gold", **SHOP, "for": {"tiers": [{"tier": "gold"}]},
                   "effect": {"kind": "member_price", "share": "0.1", "except_categories": ["food"]}},
    "plus-price": {"name": "A fifth off for Plus", **SHOP, "effect": {"kind": "member_price", "share": "0.2", "except_categories": ["food"]}},
    "gold-shipping": {"name": "Free shipping", **SHOP, "for": {"tiers": [{"tier": "gold"}]},
                      "effect": {"kind": "free_shipping", "minimum_spend": "50.00"}},
    "loyal": {"name": "For those who came back", "stores": ["other"], "for": {"when": "member.purchases >= 2"},
              "effect": {"kind": "member_price", "share": "0.05"}},
    "first": {"name": "Before the others", "effect": {"kind": "priority"}},
    "twice": {"name": "Twice a year", **SHOP, "effect": {"kind": "member_price", "share": "0.5"},
              "uses": {"count": 2, "per": "year"}, "for": {"everyone": True}},
}
MEMBERSHIPS = {
    "plus": {"name": "Plus", "fee": "120.00", "term": {"months": 12}, "refund": "minus_savings", "benefits": ["plus-price"]},
}
OFFERS = {
    "early": {"name": "Early bird", "discount": {"kind": "amount", "amount": "10.00"}, "stores": ["early"],
              "schedule": {"starts_at": SOON.strftime("%Y-%m-%dT%H:%M:%SZ"), "priority_hours": 3}},
    "holders": {"name": "For Plus", "discount": {"kind": "amount", "amount": "7.00"}, "stores": ["holders"],
                "audience": {"benefits": ["plus-price"]}},
    "trade": {"name": "Trade price", "discount": {"kind": "percentage", "percent": 25}, "stores": ["trade"],
              "audience": {"when": "purchase.terms == 'trade'"}},
    "welcome": {"name": "Welcome", "discount": {"kind": "amount", "amount": "5.00"}, "stores": ["codes"], "coupon": "hello"},
    "word": {"name": "By a word", "discount": {"kind": "amount", "amount": "1.00"}, "stores": ["codes"], "codes": ["OFF"],
             "minimum": {"spend": "50.00"}},
    "purse": {"name": "For a purse", "discount": {"kind": "amount", "amount": "10.00"}, "stores": ["purse"],
              "limits": {"budget": "20.00", "uses": 2}},
    "once": {"name": "Once", "discount": {"kind": "amount", "amount": "4.00"}, "stores": ["once"], "coupon": "once"},
    "bag": {"name": "A bag", "discount": {"kind": "gift", "sku": "bag", "value": "2.00"}, "stores": ["gifts"], "limits": {"uses": 1},
            "minimum": {"spend": "20.00"}},
    "pair1": {"name": "Clothes", "discount": {"kind": "amount", "amount": "2.00"}, "stores": ["pair"], "coupon": "pair",
              "items": {"categories": ["clothes"]}},
    "pair2": {"name": "Food", "discount": {"kind": "amount", "amount": "1.00"}, "stores": ["pair"], "coupon": "pair",
              "items": {"categories": ["food"]}},
    "limited": {"name": "One off", "discount": {"kind": "amount", "amount": "1.00"}, "stores": ["limited"], "limits": {"uses": 100}},
    "teas": {"name": "Two off tea", "discount": {"kind": "amount", "amount": "2.00"}, "stores": ["teas"],
             "items": {"skus": ["jasmine"]}, "limits": {"uses": 1}},
    "own": {"name": "Once each", "discount": {"kind": "amount", "amount": "3.00"}, "stores": ["own"], "limits": {"per_member": 1}},
    "tenth": {"name": "Ten off", "discount": {"kind": "amount", "amount": "10.00"}, "stores": ["shop"], "codes": ["TEN"]},
}

RULES = {
    "coupon-points": {"name": "For a welcome", "wallet": "points", "stores": ["codes"], "when": "'hello' in purchase.coupons",
                      "effect": {"kind": "fixed", "points": 50}},
    "word-points": {"name": "For a word", "wallet": "points", "stores": ["codes"], "when": "'DOUBLE' in purchase.codes",
                    "effect": {"kind": "per_amount", "points": 2, "per": "1.00"}},
    "off-points": {"name": "For the other word", "wallet": "points", "stores": ["codes"], "when": "'OFF' in purchase.codes",
                   "effect": {"kind": "fixed", "points": 7}},
    "trade-points": {"name": "For the trade", "wallet": "points", "stores": ["trade"], "when": "purchase.terms == 'trade'",
                     "effect": {"kind": "fixed", "points": 11}},
}


def usd(value):
    return {"amount": value, "currency": "USD"}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    client = server.client
    client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)
    for kind, documents in (("benefits", BENEFITS), ("memberships", MEMBERSHIPS), ("offers", OFFERS), ("earning-rules", RULES)):
        for code, document in documents.items():
            client.put(f"/v1/{kind}/{code}", {"document": document, "publish": True}, expect=200)
    client.put("/v1/coupon-series/hello", {"publish": True, "document": {
        "name": "Hello", "codes": {"kind": "unique", "prefix": "HELO"}, "opens": {"offer": "welcome"}}}, expect=200)
    client.put("/v1/coupon-series/once", {"publish": True, "document": {
        "name": "Once", "codes": {"kind": "public", "code": "ONLYONE"}, "uses": 1, "opens": {"offer": "once"}}}, expect=200)
    client.put("/v1/coupon-series/pair", {"publish": True, "document": {
        "name": "Pair", "codes": {"kind": "public", "code": "PAIR"}, "uses": 1}}, expect=200)
    until = time.monotonic() + 20
    while not quote(client, "shop", codes=["TEN"])["offers"] or len(client.all("/v1/memberships", state="in_force")) < 1:
        assert time.monotonic() < until
        time.sleep(0.2)
    time.sleep(0.5)
    client.server = server
    client.run = lambda *words: subprocess.run(
        [server.binary, words[0], "--database", server.database, "--key-file", server.key_file, *words[1:]],
        capture_output=True, text=True, timeout=60, check=True).stdout
    yield client
    server.close()


def register(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "external", "value": f"q-{RUN}-{next(COUNTER)}"}]},
                       expect=201)["id"]


def register_gold(client):
    member = register(client)
    buy(client, member, "none", total=usd("1000.00"))
    return member


def subscribe(client, member, code="plus"):
    return client.post(f"/v1/members/{member}/memberships", {"code": code, "reference": f"pay-{RUN}-{next(COUNTER)}",
                                                            "paid": usd(MEMBERSHIPS[code]["fee"])}, expect=201)["id"]


BASKET = [("coat", "clothes", "60.00"), ("tea", "food", "16.00"), ("", "shipping", "8.00")]


def line(sku, category, value):
    made = {"quantity": 1, "amount": usd(value)}
    if category == "shipping":
        return {**made, "shipping": True}
    return {**made, "sku": sku, "category": category}


def quote(client, store, member=None, lines=BASKET, keep=False, expect=None, **more):
    who = {"member": {"id": member}} if member else {}
    return client.post("/v1/quotes", {"store": store, "keep": keep, "lines": [line(*one) for one in lines], **who, **more},
                       expect=expect or (201 if keep else 200))


def buy(client, member, store, expect=201, **more):
    who = {"member": {"id": member}} if member else {}
    return client.post("/v1/purchases", {"receipt": f"q-{RUN}-{next(COUNTER)}", "store": store, **who, **more}, expect=expect)


def taken(shown):
    return {row["offer"]: row["amount"]["amount"] for row in shown["offers"]}


# ---- benefits that apply by themselves ----

def test_the_benefits_of_a_tier_apply_without_an_offer_written_by_hand(shop):
    gold = register_gold(shop)
    shown = quote(shop, "shop", gold)
    # A tenth off the coat, nothing off food, and shipping for nothing.
    assert shown["total"] == usd("70.00")
    assert [line["amount"]["amount"] for line in shown["lines"]] == ["54.00", "16.00", "0.00"]
    assert taken(shown) == {"gold-price": "6.00", "gold-shipping": "8.00"}
    assert all((row["kind"], row["reason"], row["guaranteed"]) == ("benefit", "benefit", True) for row in shown["offers"])
    assert shown["offers"][0]["because"] == {"by": "tier", "code": "gold", "name": "Gold"}
    for nobody in (quote(shop, "shop", register(shop)), quote(shop, "shop")):
        assert (nobody["total"], nobody["offers"], nobody["not_applied"]) == (usd("84.00"), [], [])
    elsewhere = quote(shop, "elsewhere", gold)
    assert elsewhere["total"] == usd("84.00")
    assert {row["offer"]: row["why"] for row in elsewhere["not_applied"]} == {"gold-price": "offer.store", "gold-shipping": "offer.store"}
    # Who asks for it is told why not; once, and not when it applies.
    needs = quote(shop, "shop", register(shop), explain=["gold-price", "plus-price"])["not_applied"]
    assert [row["needs"] for row in needs] == [{"tiers": ["gold"]}, {"memberships": ["plus"]}]
    for who, why in ((register(shop), ["offer.audience"]), (None, ["offer.member_needed"]), (gold, [])):
        assert [row["why"] for row in quote(shop, "shop", who, explain=["gold-price"])["not_applied"]] == why
    assert quote(shop, "shop", explain=["first"], expect=404).code == "offer.unknown"
    # Below the minimum of the free shipping it says how much is missing.
    little = quote(shop, "shop", gold, lines=[("tea", "food", "16.00"), ("", "shipping", "8.00")])
    assert little["total"] == usd("24.00")
    why = {row["offer"]: row for row in little["not_applied"]}
    assert (why["gold-shipping"]["why"], why["gold-shipping"]["missing"]) == ("offer.minimum_spend", usd("34.00"))


def test_a_member_price_is_rounded_on_each_line_and_comes_before_offers(shop):
    gold = register_gold(shop)
    shown = quote(shop, "shop", gold, lines=[("hat", "clothes", "9.99"), ("cap", "clothes", "0.05")], codes=["TEN"])
    # 0.999 and 0.005 off, half up: 8.99 and 0.04; then ten off takes what is left.
    assert [(row["offer"], row["amount"]["amount"]) for row in shown["offers"]] == [("gold-price", "1.01"), ("tenth", "9.03")]
    shown = quote(shop, "shop", gold, lines=[("coat", "clothes", "60.00")], codes=["TEN"])
    # 54.00 less ten, not a tenth of fifty.
    assert shown["total"] == usd("44.00")


def test_the_better_of_two_member_prices_applies_and_a_counted_benefit_waits_to_be_used(shop):
    both = register_gold(shop)
    subscribe(shop, both)
    shown = quote(shop, "shop", both)
    # A fifth of 60.00 rather than a tenth; half the price twice a year is used, it does not apply by itself.
    assert taken(shown) == {"plus-price": "12.00", "gold-shipping": "8.00"}
    assert {row["offer"]: (row["why"], row["by"]) for row in shown["not_applied"]} == {"gold-price": ("offer.group", "plus-price")}


def test_what_a_paid_membership_saved_is_counted_and_taken_back_with_the_goods(shop):
    member = register(shop)
    plus = subscribe(shop, member)

    def saved():
        own = {row["id"]: row for row in shop.get(f"/v1/members/{member}/memberships", expect=200)["items"]}
        return own[plus]["saved"], own[plus]["refund_now"]
    assert saved() == (usd("0.00"), usd("120.00"))
    kept = quote(shop, "shop", member, keep=True, lines=[("coat", "clothes", "60.00"), ("hat", "clothes", "40.00")])
    assert kept["offers"][0]["because"] == {"by": "membership", "code": "plus", "name": "Plus"}
    assert kept["total"] == usd("80.00")
    bought = buy(shop, member, "shop", quote=kept["id"])
    assert (bought["amount"], bought["earned"][0]["points"]) == (usd("80.00"), 80)
    lines = shop.get(f"/v1/purchases/{bought['id']}", expect=200)["lines"]
    assert lines[0]["discounts"] == [{"kind": "benefit", "code": "plus-price", "amount": usd("12.00")}]
    assert saved() == (usd("20.00"), usd("100.00"))
    shop.post(f"/v1/purchases/{bought['id']}/returns", {"receipt": f"q-{RUN}-{next(COUNTER)}", "lines": [{"line": 2, "quantity": 1}]}, expect=201)
    assert saved() == (usd("12.00"), usd("108.00"))
    shop.post(f"/v1/purchases/{bought['id']}/returns", {"receipt": f"q-{RUN}-{next(COUNTER)}"}, expect=201)
    assert saved() == (usd("0.00"), usd("120.00"))
    voided = buy(shop, member, "shop", quote=quote(shop, "shop", member, keep=True)["id"])
    assert saved()[0] == usd("12.00")
    shop.post(f"/v1/purchases/{voided['id']}/void", {}, expect=201)
    assert saved()[0] == usd("0.00")


def test_a_benefit_given_by_hand_and_one_by_a_condition_apply(shop):
    member = register(shop)
    assert quote(shop, "shop", member)["offers"] == []
    shop.post(f"/v1/members/{member}/benefits/plus-price", {"reason": "sorry", "days": 30}, expect=201)
    shown = quote(shop, "shop", member)
    assert taken(shown) == {"plus-price": "12.00"} and shown["offers"][0]["because"]["by"] == "given"
    assert quote(shop, "other", member)["total"] == usd("84.00")
    for _ in range(2):
        buy(shop, member, "none", total=usd("1.00"))
    shown = quote(shop, "other", member)
    # A twentieth of 76.00, line by line, and not of the shipping.
    assert taken(shown) == {"loyal": "3.80"} and shown["offers"][0]["because"]["by"] == "condition"


def test_offers_for_holders_of_a_benefit_and_earlier_for_those_with_priority(shop):
    plain, plus = register(shop), register(shop)
    subscribe(shop, plus)
    shown = quote(shop, "holders", plus, keep=True)
    assert taken(shown) == {"holders": "7.00"}
    assert (shown["offers"][0]["kind"], shown["offers"][0]["because"]["name"]) == ("offer", "Plus")
    assert quote(shop, "holders", plain)["not_applied"][0]["why"] == "offer.audience"
    assert quote(shop, "holders")["not_applied"][0]["why"] == "offer.member_needed"
    refused = quote(shop, "early", plain)["not_applied"][0]
    assert (refused["offer"], refused["why"], refused["from"]) == ("early", "offer.not_started", SOON.strftime("%Y-%m-%dT%H:%M:%SZ"))
    shop.post(f"/v1/members/{plain}/benefits/first", {"reason": "vip", "days": 1}, expect=201)
    assert taken(quote(shop, "early", plain)) == {"early": "10.00"}


# ---- organisations ----

def company(client, **fields):
    return client.post("/v1/organisations", {"name": "Pine Ltd", "terms": "trade", **fields}, expect=201)["member"]


def points_of(shown):
    return {row["rule"]: row["points"] for row in shown if row["wallet"] == "points"}


def test_a_quote_for_an_organisation_has_its_prices_and_earnings_and_so_has_the_purchase(shop):
    pine, anna, bob = company(shop), register(shop), register(shop)
    shop.put(f"/v1/organisations/{pine}/contacts/{anna}", {"role": "buyer"}, expect=200)
    goods = [("coat", "clothes", "60.00")]
    assert quote(shop, "trade", anna, goods)["total"] == usd("60.00")
    shown = quote(shop, "trade", anna, goods, keep=True, organisation=pine)
    assert (shown["total"], shown["organisation"]) == (usd("45.00"), pine)
    assert quote(shop, "trade", anna, goods, organisation=pine)["total"] == usd("45.00")
    bought = buy(shop, anna, "trade", quote=shown["id"])
    assert (bought["amount"], bought["member"]) == (usd("45.00"), pine)
    assert points_of(bought["earned"]) == points_of(shown["earns"]) == {"base": 45, "trade-points": 11}
    assert shop.get(f"/v1/quotes/{shown['id']}", expect=200)["member"] == pine
    # What is quoted for the one is not bought by the other.
    again = quote(shop, "trade", anna, goods, keep=True, organisation=pine)
    assert buy(shop, anna, "trade", quote=again["id"], organisation=company(shop), expect=409).code == "quote.differs"
    own = quote(shop, "trade", anna, goods, keep=True)
    assert buy(shop, anna, "trade", quote=own["id"], organisation=pine, expect=409).code == "quote.differs"
    assert quote(shop, "trade", bob, goods, organisation=pine, expect=409).code == "organisation.contact"
    assert quote(shop, "trade", lines=goods, organisation=pine, expect=422).code == "organisation.buyer"


# ---- codes in earning conditions ----

def test_earning_rules_see_the_coupons_and_codes_that_a_purchase_uses(shop):
    member = register(shop)
    code = shop.post("/v1/coupon-codes", {"member": {"id": member}, "series": "hello"}, expect=201)["code"]
    goods = [("coat", "clothes", "25.00"), ("hat", "clothes", "15.00")]
    shown = quote(shop, "codes", member, goods, keep=True, codes=[code, " double ", "off", "me@mail.example"])
    # 5.00 off by the coupon; the code of the offer that wants 50.00 is not used, the e-mail address is no code.
    assert shown["total"] == usd("35.00")
    assert points_of(shown["earns"]) == {"base": 35, "coupon-points": 50, "word-points": 70}
    bought = buy(shop, member, "codes", quote=shown["id"])
    assert points_of(bought["earned"]) == points_of(shown["earns"])
    # The coupon is used: another quote neither has it nor earns for it.
    assert points_of(quote(shop, "codes", member, goods, codes=[code])["earns"]) == {"base": 40}
    # 5.00 is 3.13 and 1.87: 21.87 of the 35.00 stay: 21 and 43 points, and the coupon's fifty.
    back = shop.post(f"/v1/purchases/{bought['id']}/returns", {"receipt": f"q-{RUN}-{next(COUNTER)}", "lines": [{"line": 2, "quantity": 1}]}, expect=201)
    assert back["amount"] == usd("13.13")
    assert {row["wallet"]: row["points"] for row in back["points_clawed_back"]}["points"] == 14 + 27
    assert points_of(quote(shop, "codes", member, [("x", "clothes", "60.00")], codes=["off"])["earns"]) == {"base": 59, "off-points": 7}


# ---- an anonymous purchase that is claimed ----

def test_returns_of_a_claimed_purchase_free_what_its_offers_used_exactly(shop):
    """A budget of 20.00 for two uses: 10.00 off 60 + 40 is 6 + 4; half of the 60 comes back before the claim, with 3.00."""
    goods = [("x", "clothes", "60.00"), ("y", "clothes", "40.00")]

    def room():
        shown = quote(shop, "purse", lines=[("z", "clothes", "50.00")])
        return shown["total"]["amount"], [row["why"] for row in shown["not_applied"]]
    kept = shop.post("/v1/quotes", {"store": "purse", "lines": [{"sku": "x", "quantity": 2, "amount": usd("60.00")}, line("y", "clothes", "40.00")]}, expect=201)
    other = quote(shop, "purse", lines=goods, keep=True)
    bought, second = buy(shop, None, "purse", quote=kept["id"]), buy(shop, None, "purse", quote=other["id"])
    assert room() == ("50.00", ["offer.exhausted"])
    who = register(shop)

    def give_back(*lines):
        body = {"receipt": f"q-{RUN}-{next(COUNTER)}", **({"lines": list(lines)} if lines else {})}
        return shop.post(f"/v1/purchases/{bought['id']}/returns", body, expect=201)["amount"]["amount"]
    assert give_back({"line": 1, "quantity": 1}) == "27.00"
    shop.post(f"/v1/purchases/{bought['id']}/claim", {"member": {"id": who}}, expect=201)
    assert give_back({"line": 2, "quantity": 1}) == "36.00"
    assert room() == ("50.00", ["offer.exhausted"])
    assert give_back() == "27.00"
    # All ten are back, and the use: of the budget ten are left, and not a cent more.
    assert room() == ("40.00", [])
    third = quote(shop, "purse", lines=goods, keep=True, reserve=True)
    assert (third["total"], room()) == (usd("90.00"), ("50.00", ["offer.exhausted"]))
    shop.delete(f"/v1/quotes/{third['id']}", expect=200)
    assert room() == ("40.00", []) and second["amount"] == usd("90.00")


def test_a_coupon_of_a_claimed_purchase_comes_back_with_all_that_it_made_cheaper(shop):
    """One use of a public code: bought by nobody, claimed, and returned in two parts."""
    goods = [("x", "clothes", "30.00"), ("y", "clothes", "10.00")]
    price = lambda: quote(shop, "once", lines=goods, codes=["ONLYONE"])["total"]["amount"]
    assert price() == "36.00"
    bought = buy(shop, None, "once", quote=quote(shop, "once", lines=goods, codes=["onlyone"], keep=True)["id"])
    assert price() == "40.00"
    shop.post(f"/v1/purchases/{bought['id']}/claim", {"member": {"id": register(shop)}}, expect=201)
    for number, left in ((1, "40.00"), (2, "36.00")):
        shop.post(f"/v1/purchases/{bought['id']}/returns", {"receipt": f"q-{RUN}-{next(COUNTER)}", "lines": [{"line": number, "quantity": 1}]}, expect=201)
        assert price() == left


def test_what_an_offer_gave_back_before_a_claim_is_not_given_back_again(shop):
    """One use: it comes back with the tea, somebody else has it, and the claimed rest of the purchase has no part in it."""
    goods = [("coat", "clothes", "60.00"), ("jasmine", "food", "16.00")]
    price = lambda: quote(shop, "teas", lines=goods)["total"]["amount"]
    back = lambda **lines: shop.post(f"/v1/purchases/{bought['id']}/returns", {"receipt": f"q-{RUN}-{next(COUNTER)}", **lines}, expect=201)
    bought = buy(shop, None, "teas", quote=quote(shop, "teas", lines=goods, keep=True)["id"])
    assert price() == "76.00"
    back(lines=[{"line": 2, "quantity": 1}])
    assert price() == "74.00"
    buy(shop, None, "teas", quote=quote(shop, "teas", lines=goods, keep=True)["id"])
    shop.post(f"/v1/purchases/{bought['id']}/claim", {"member": {"id": register(shop)}}, expect=201)
    assert back()["amount"] == usd("60.00")
    assert price() == "76.00"


def test_each_of_two_who_were_merged_has_the_uses_back_that_were_its_own(shop):
    first, second = sorted((register(shop), register(shop)))
    price = lambda member: quote(shop, "own", member)["total"]["amount"]
    bought = [buy(shop, member, "own", quote=quote(shop, "own", member, keep=True)["id"]) for member in (first, second)]
    shop.post("/v1/merges", {"into": {"id": first}, "from": {"id": second}}, expect=201)
    shop.post(f"/v1/purchases/{bought[1]['id']}/returns", {"receipt": f"q-{RUN}-{next(COUNTER)}"}, expect=201)
    # Two uses, one given back: for one person that is as many as it may.
    assert price(first) == "84.00"
    shop.post("/v1/unmerges", {"member": {"id": second}}, expect=200)
    assert (price(first), price(second)) == ("84.00", "81.00")


def test_a_gift_and_a_coupon_of_two_offers_come_back_with_the_last_of_their_goods(shop):
    goods = [("x", "clothes", "30.00"), ("y", "food", "10.00")]
    back = lambda bought, **lines: shop.post(f"/v1/purchases/{bought['id']}/returns", {"receipt": f"q-{RUN}-{next(COUNTER)}", **lines}, expect=201)
    shown = quote(shop, "gifts", lines=goods, keep=True)
    assert shown["offers"][0]["gift"] == {"sku": "bag", "count": 1}
    bought = buy(shop, None, "gifts", quote=shown["id"])
    back(bought, lines=[{"line": 2, "quantity": 1}])
    assert quote(shop, "gifts", lines=goods)["not_applied"][0]["why"] == "offer.exhausted"
    back(bought)
    assert quote(shop, "gifts", lines=goods)["offers"][0]["offer"] == "bag"
    # One coupon for the clothes and for the food.
    price = lambda: quote(shop, "pair", lines=goods, codes=["PAIR"])["total"]["amount"]
    assert price() == "37.00"
    bought = buy(shop, None, "pair", quote=quote(shop, "pair", lines=goods, codes=["PAIR"], keep=True)["id"])
    for number, left in ((1, "40.00"), (2, "37.00")):
        last = back(bought, lines=[{"line": number, "quantity": 1}])
        assert price() == left
    uses = shop.get("/v1/coupon-codes/PAIR/uses", expect=200)["items"]
    assert [(row["state"], row["ended_by"]) for row in uses] == [("released", last["id"])]


# ---- what is open, and what ended long ago ----

def execute(server, statement):
    engine = psycopg2 if server.database.startswith("postgres") else sqlite3
    connection = engine.connect(server.database)
    connection.cursor().execute(statement)
    connection.commit()
    connection.close()


def test_open_reservations_are_listed_and_ended_quotes_go_after_a_time(shop):
    member = register(shop)
    goods = [("x", "clothes", "60.00")]
    held = [quote(shop, "limited", member, goods, keep=True, reserve=True)["id"] for _ in range(3)]
    kept = quote(shop, "limited", member, goods, keep=True)["id"]
    mine = lambda rows: [row["id"] for row in rows if row["member"] == member]
    assert mine(shop.all("/v1/quotes", reserved="true", limit=2)) == held
    assert mine(shop.all("/v1/quotes")) == [*held, kept]
    shown = shop.run("quotes", "--reserved", "--format", "json")
    rows = [row for row in json.loads(shown) if row["member"] == member]
    assert [row["id"] for row in rows] == held and rows[0]["reserves"] == "limited" and rows[0]["total"] == 59
    shop.delete(f"/v1/quotes/{held[0]}", expect=200)
    bought = buy(shop, member, "limited", quote=held[1])
    assert mine(shop.all("/v1/quotes", state="settled")) == [held[1]]
    assert mine(shop.all("/v1/quotes", state="released")) == [held[0]]
    assert mine(shop.all("/v1/quotes", reserved="true")) == held[2:]
    # They end an hour from now at the latest: as if that were two days ago. What is open stays.
    assert shop.put("/v1/retention", {"detail_days": 0, "quote_days": 1}, expect=200)["quote_days"] == 1
    execute(shop.server, "UPDATE quote SET due_at = due_at - 172800000000 WHERE bucket >= 0 AND state <> 1")
    job = shop.wait_for_job(shop.post("/v1/retention/runs", {}, expect=202)["job"])
    assert job["counts"]["quotes"] >= 2
    for gone in held[:2]:
        shop.get(f"/v1/quotes/{gone}", expect=404)
    assert mine(shop.all("/v1/members/" + member + "/quotes")) == [kept, held[2]]
    shop.post(f"/v1/purchases/{bought['id']}/returns", {"receipt": f"q-{RUN}-{next(COUNTER)}"}, expect=201)
    shop.put("/v1/retention", {"detail_days": 0, "quote_days": 30}, expect=200)
    shop.run("verify")
