"""Promises that were not kept, on both databases: benefits that were missed and made good. Figures are worked out by hand."""
import datetime
import itertools
import random
import subprocess
import time
import uuid

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
PROGRAMME = {
    "zone": "UTC", "currency": "USD", "promise_grace_minutes": 60,
    "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}],
    "rules": [],
    "missed_benefits": {"action": "points", "limit": "20.00", "coupons": True, "vouchers": [
        {"series": "big", "value": "30.00"}, {"series": "sorry", "value": "5.00"}]},
    "honours": {"limits": [{"role": "desk", "up_to": "20.00"}, {"role": "administrator", "up_to": "100.00"}],
                "daily": {"count": 4, "value": "45.00"}, "reasons": ["flyer", "staff"],
                "vouchers": [{"series": "sorry", "value": "5.00"}, {"series": "big", "value": "30.00"}],
                "owners": [{"channel": "web", "role": "marketer"}, {"person": "boss"}]},
}
OFFERS = {
    "ten": {"name": "A tenth off", "discount": {"kind": "percentage", "percent": 10}, "stores": ["ten", "quoted", "late"],
            "advertised": {"channels": ["web", "till"], "texts": {"en": {"title": "Ten off"}}}},
    "half": {"name": "Half", "discount": {"kind": "percentage", "percent": 50}, "stores": ["half"],
             "advertised": {"channels": ["web"], "texts": {"en": {"title": "Half"}}}},
    "bag": {"name": "A bag", "discount": {"kind": "gift", "sku": "bag", "value": "5.00"}, "minimum": {"spend": "50.00"},
            "stores": ["gift"]},
    "few": {"name": "For the first two", "discount": {"kind": "amount", "amount": "3.00"}, "limits": {"uses": 2},
            "stores": ["few"]},
    "newcomer": {"name": "First purchase", "discount": {"kind": "amount", "amount": "2.00"}, "stores": ["new"],
                 "audience": {"when": "member.purchases == 0"}},
    "five": {"name": "Five off", "discount": {"kind": "amount", "amount": "5.00"}, "coupon": "five", "stores": ["coup"]},
    "post": {"name": "Shipping at half", "discount": {"kind": "percentage", "percent": 50, "on": "shipping"}, "stores": ["post"]},
    "goods": {"name": "A tenth off goods", "discount": {"kind": "percentage", "percent": 10}, "stores": ["post"]},
    "code": {"name": "With a code", "discount": {"kind": "amount", "amount": "4.00"}, "codes": ["SESAME"], "stores": ["ten"]},
}
SERIES = {"five": {"name": "Five", "codes": {"kind": "unique", "prefix": "FIVE"}, "personal": True, "opens": {"offer": "five"}},
          "sorry": {"name": "Sorry", "codes": {"kind": "unique", "prefix": "SORY"}, "personal": True, "opens": {"offer": "code"}},
          "big": {"name": "Very sorry", "codes": {"kind": "unique", "prefix": "BIGG"}, "personal": True, "opens": {"offer": "code"}}}
BENEFITS = {
    "cake": {"name": "A birthday cake", "effect": {"kind": "gift"}, "value": "8.00", "stores": ["cake"],
             "birthday": {"days_before": 3, "days_after": 3}, "uses": {"count": 1}, "for": {"everyone": True}},
    "member-price": {"name": "A fifth off", "effect": {"kind": "member_price", "share": "0.2"}, "stores": ["price"],
                     "for": {"everyone": True}},
    "free-ship": {"name": "Free shipping", "effect": {"kind": "free_shipping", "minimum_spend": "30.00"}, "stores": ["ship"],
                  "for": {"everyone": True}},
    "friend": {"name": "A quarter off for friends", "effect": {"kind": "member_price", "share": "0.25"}, "stores": ["friends"]},
}


def instant(moment):
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def dollars(value):
    return {"amount": value, "currency": "USD"}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    client = server.client
    version = client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)["version"]
    kinds = {"offers": OFFERS, "coupon-series": SERIES, "benefits": BENEFITS}
    for plural, documents in kinds.items():
        for code, document in documents.items():
            client.put(f"/v1/{plural}/{code}", {"document": document, "publish": True}, expect=200)
    server.over = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=9)
    client.put("/v1/offers/over", {"publish": True, "document": {
        "name": "Over", "discount": {"kind": "amount", "amount": "8.00"}, "stores": ["late"], "schedule": {"ends_at": instant(server.over)},
        "advertised": {"channels": ["app"], "texts": {"en": {"title": "Eight off"}}}}}, expect=200)
    client.put("/v1/stores/half", {"name": "Half"}, expect=200)
    until = time.monotonic() + 20
    while client.get("/v1/programme", expect=200)["version"] != version or any(
            client.get(f"/v1/{plural}/{list(documents)[-1]}", expect=200)["state"] != "in_force"
            for plural, documents in kinds.items()):
        assert time.monotonic() < until
        time.sleep(0.1)
    yield server
    server.close()


@pytest.fixture
def client(shop):
    return shop.client


def member(client, **fields):
    return client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"P{uuid.uuid4().hex[:12]}"}], **fields},
                       expect=201)["id"]


def buy(client, who, store, *lines, **fields):
    """Lines are (sku, amount) or (sku, amount, discounts)."""
    made = []
    for sku, value, *discounts in lines:
        made.append({"sku": sku, "amount": dollars(value)})
        if discounts:
            made[-1]["discounts"] = [{"kind": kind, "code": code, "amount": dollars(off)} for kind, code, off in discounts[0]]
    person = {"member": {"id": who}} if who else {}
    return client.post("/v1/purchases", {**person, "store": store, "channel": "pos", "till": "1",
                                         "receipt": f"p{next(COUNTER)}", "lines": made, **fields}, expect=201)["id"]


def bring_back(client, purchase, *lines):
    return client.post(f"/v1/purchases/{purchase}/returns", {"lines": [{"line": line} for line in lines]}, expect=201)


def missed(client, who):
    return sorted(client.all("/v1/missed-benefits", member=who), key=lambda one: one["id"])


def becomes(client, who, wanted, fields=("code", "state"), seconds=6):
    until = time.monotonic() + seconds
    while True:
        found = missed(client, who)
        told = [tuple(one[field]["amount"] if isinstance(one[field], dict) else one[field] for field in fields) for one in found]
        if told == wanted:
            return found
        assert time.monotonic() < until, (found, wanted)
        time.sleep(0.02)


def settled(client):
    """Every reaction has followed everything."""
    until = time.monotonic() + 10
    while any(one["behind"] for one in client.get("/v1/reactions", expect=200)["items"]):
        assert time.monotonic() < until
        time.sleep(0.02)


def points(client, who):
    found = [one for one in client.get(f"/v1/members/{who}/wallets", expect=200)["items"] if one["wallet"] == "points"]
    return found[0]["active"] if found else 0


def test_a_purchase_recorded_without_its_best_price_is_made_good_and_taken_back_with_the_goods(client):
    """Rule 16 by rules 14 and 4: a tenth off 60 + 40 is 6 + 4; 10.00 is 1,000 points; the 40 takes 400 along."""
    who = member(client)
    purchase = buy(client, who, "ten", ("a", "60.00"), ("b", "40.00"))
    (one,) = becomes(client, who, [("ten", "made_good", "10.00", "10.00", 1000)], ("code", "state", "value", "left", "points"))
    assert (one["kind"], one["why"], one["purchase"], one["store"], one["cost"]["amount"]) == ("offer", "public", purchase, "ten", "10.00")
    assert points(client, who) == 1000 and client.get(f"/v1/missed-benefits/{one['id']}", expect=200).json == one
    bring_back(client, purchase, 2)
    becomes(client, who, [("made_good", "6.00", 400)], ("state", "left", "points_back"))
    assert points(client, who) == 600
    bring_back(client, purchase, 1)
    becomes(client, who, [("withdrawn", "0.00", 1000)], ("state", "left", "points_back"))
    assert points(client, who) == 0
    kinds = [one["kind"] for one in client.all(f"/v1/members/{who}/timeline")]
    assert {"missed_benefit", "missed_benefit_good", "missed_benefit_less", "missed_benefit_withdrawn"} <= set(kinds)


def test_what_was_taken_off_by_whatever_means_counts_as_given(client):
    whole, part, named, quoted, none = (member(client) for _ in range(5))
    buy(client, whole, "ten", ("a", "90.00", [("manual", "", "10.00")]))
    buy(client, part, "ten", ("a", "96.00", [("manual", "", "4.00")]))     # 10.00 due, 4.00 given
    buy(client, named, "ten", ("a", "53.00", [("offer", "ten", "7.00")]), ("b", "40.00"))  # 10.00 due, 7.00 given
    quote = client.post("/v1/quotes", {"member": {"id": quoted}, "store": "quoted", "channel": "pos",
                                       "lines": [{"sku": "a", "amount": dollars("100.00")}]}, expect=201)
    assert quote["total"] == dollars("90.00")
    client.post("/v1/purchases", {"member": {"id": quoted}, "store": "quoted", "channel": "pos", "quote": quote["id"],
                                  "receipt": f"p{next(COUNTER)}"}, expect=201)
    buy(client, none, "nowhere", ("a", "100.00"))
    becomes(client, part, [("ten", "6.00", 600)], ("code", "value", "points"))
    becomes(client, named, [("ten", "3.00", 300)], ("code", "value", "points"))
    settled(client)
    assert missed(client, whole) == missed(client, quoted) == missed(client, none) == []


def test_what_is_above_the_limit_waits_for_somebody(client):
    who, other = member(client), member(client)
    for person in (who, other):
        buy(client, person, "half", ("a", "100.00"))
    (one,) = becomes(client, who, [("half", "waiting", "50.00", None)], ("code", "state", "value", "points"))
    task = client.get(f"/v1/tasks/{one['task']}", expect=200)
    assert (task["reason"], task["text"], task["state"]) == ("approval", "Missed benefit half: 50.00 USD", "open")
    done = client.post(f"/v1/missed-benefits/{one['id']}/decision", {"approve": True, "reason": "our mistake"}, expect=200)
    assert (done["state"], done["points"], done["decided_by"][:4]) == ("made_good", 5000, "key:") and points(client, who) == 5000
    assert client.post(f"/v1/missed-benefits/{one['id']}/decision", {"approve": True}, expect=409).code == "missed.decided"
    (two,) = becomes(client, other, [("waiting",)], ("state",))
    assert client.post(f"/v1/missed-benefits/{two['id']}/decision", {"approve": True, "give": "voucher"}, expect=409).code \
        == "promise.voucher"  # none is worth 50.00
    client.post(f"/v1/missed-benefits/{two['id']}/decision", {"approve": False}, expect=200)
    becomes(client, other, [("refused",)], ("state",))
    settled(client)
    assert [client.get(f"/v1/tasks/{each['task']}", expect=200)["outcome"] for each in (one, two)] == ["approved", "refused"]
    assert client.post("/v1/missed-benefits/mbf_0000000000G41/decision", {"approve": True}, expect=404).code == "missed.unknown"


def test_a_void_withdraws_what_was_missed(client):
    who = member(client)
    purchase = buy(client, who, "ten", ("a", "100.00"))
    becomes(client, who, [("made_good",)], ("state",))
    client.post(f"/v1/purchases/{purchase}/void", {}, expect=201)
    becomes(client, who, [("withdrawn", "0.00", 1000)], ("state", "left", "points_back"))
    assert points(client, who) == 0


def test_a_gift_that_was_not_handed_over_is_missed(client):
    who, other = member(client), member(client)
    buy(client, who, "gift", ("a", "50.00"))
    buy(client, other, "gift", ("a", "49.00"))
    becomes(client, who, [("bag", "gift", "5.00", 500)], ("code", "kind", "value", "points"))
    settled(client)
    assert missed(client, other) == []


def test_a_limited_offer_is_missed_no_more_often_than_it_could_have_been_had(client):
    """Rule 8: two uses, three purchases at once; a void frees one for the next."""
    people = [member(client) for _ in range(3)]
    purchases = [buy(client, who, "few", ("a", "30.00")) for who in people]
    settled(client)
    found = [len(missed(client, who)) for who in people]
    assert sum(found) == 2
    lucky = found.index(1)
    client.post(f"/v1/purchases/{purchases[lucky]}/void", {}, expect=201)
    becomes(client, people[lucky], [("withdrawn",)], ("state",))
    last = member(client)
    buy(client, last, "few", ("a", "30.00"))
    becomes(client, last, [("few", "3.00")], ("code", "value"))


def test_the_person_is_seen_as_before_the_purchase(client):
    who = member(client)
    buy(client, who, "new", ("a", "10.00"))
    becomes(client, who, [("newcomer", "2.00")], ("code", "value"))
    buy(client, who, "new", ("a", "10.00"))
    settled(client)
    assert len(missed(client, who)) == 1


def test_the_price_of_a_benefit_is_due_by_itself(client):
    who = member(client)
    buy(client, who, "price", ("a", "50.00"))
    becomes(client, who, [("member-price", "10.00", 1000)], ("code", "value", "points"))


def ship(client, who, store, *lines, **fields):
    """As buy; the line "post" is for shipping."""
    made = [{"sku": sku, "amount": dollars(value), "shipping": sku == "post",
             "discounts": [{"kind": kind, "code": code, "amount": dollars(off)} for kind, code, off in discounts]}
            for sku, value, *discounts in lines]
    return client.post("/v1/purchases", {"member": {"id": who}, "store": store, "channel": "pos", "till": "1",
                                         "receipt": f"p{next(COUNTER)}", "lines": made, **fields}, expect=201)["id"]


PRICE = ("code", "kind", "why", "state", "value", "points")


def test_shipping_that_should_have_been_free_is_made_good(client):
    """Free from 30.00 on: of 50.00 with shipping of 8.00, 8.00 were due; of 20.00 nothing, nor where it was free, nor without the word."""
    who = member(client)
    for lines in ([("coat", "12.00"), ("post", "8.00")],  # 20.00 with shipping
                  [("coat", "50.00"), ("post", "0.00", ("benefit", "free-ship", "8.00"))],
                  [("coat", "50.00"), ("post", "0.00", ("manual", "", "8.00"))],
                  [("coat", "50.00"), ("courier", "8.00")]):
        ship(client, who, "ship", *lines)
    settled(client)
    assert missed(client, who) == []
    purchase = ship(client, who, "ship", ("coat", "50.00"), ("post", "8.00"))
    (one,) = becomes(client, who, [("free-ship", "price", "everyone", "made_good", "8.00", 800)], PRICE)
    assert points(client, who) == 800
    shown = client.get(f"/v1/purchases/{purchase}", expect=200)["lines"]
    assert [line.get("shipping") for line in shown] == [None, True]
    bring_back(client, purchase, 1)  # goods alone: shipping was still paid
    settled(client)
    assert missed(client, who)[0]["state"] == "made_good" and points(client, who) == 800
    bring_back(client, purchase, 2)
    becomes(client, who, [("withdrawn",)], ("state",))
    assert points(client, who) == 0
    ship(client, who, "ship", ("coat", "50.00"), ("post", "25.00"))  # above the limit of 20.00
    (_, late) = becomes(client, who, [("withdrawn", "8.00"), ("waiting", "25.00")], ("state", "value"))
    client.post(f"/v1/missed-benefits/{late['id']}/decision", {"approve": True}, expect=200)
    assert points(client, who) == 2500


def test_a_sale_by_a_quote_has_its_free_shipping(client):
    who = member(client)
    basket = [{"sku": "coat", "amount": dollars("50.00")}, {"sku": "post", "shipping": True, "amount": dollars("8.00")}]
    for store, total in (("ship", "50.00"), ("post", "49.00")):  # free; or half of it and a tenth of the goods
        quote = client.post("/v1/quotes", {"member": {"id": who}, "store": store, "channel": "pos", "lines": basket}, expect=201)
        assert quote["total"] == dollars(total)
        bought = client.post("/v1/purchases", {"member": {"id": who}, "store": store, "channel": "pos", "till": "1",
                                               "receipt": f"p{next(COUNTER)}", "quote": quote["id"]}, expect=201)["id"]
        assert client.get(f"/v1/purchases/{bought}", expect=200)["lines"][1]["shipping"]
    settled(client)
    assert missed(client, who) == []


def test_an_offer_on_shipping_is_missed_on_shipping_alone(client):
    """Half of 8.00 and a tenth of 50.00: 4.00 and 5.00."""
    who = member(client)
    ship(client, who, "post", ("coat", "50.00"), ("post", "8.00"))
    settled(client)
    assert sorted((one["code"], one["kind"], one["state"], one["value"]["amount"]) for one in missed(client, who)) == [
        ("goods", "offer", "made_good", "5.00"), ("post", "offer", "made_good", "4.00")]
    assert points(client, who) == 900


def test_the_price_of_a_benefit_that_was_given_is_due_from_then_on(client):
    """A quarter of 40.00 and of 60.00; the first line was sold a tenth cheaper by hand: 6.00 of it are missing."""
    friend, stranger = member(client), member(client)
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    client.post(f"/v1/members/{friend}/benefits/friend", {"reason": "helped us", "days": 30}, expect=201)
    buy(client, friend, "friends", ("a", "40.00"), at=instant(yesterday))  # before it was given
    buy(client, stranger, "friends", ("a", "40.00"))
    settled(client)
    assert missed(client, friend) == missed(client, stranger) == []
    purchase = buy(client, friend, "friends", ("a", "36.00", [("manual", "", "4.00")]), ("b", "40.00"))
    (one,) = becomes(client, friend, [("friend", "price", "given", "made_good", "16.00", 1600)], PRICE)
    bring_back(client, purchase, 1, 2)
    becomes(client, friend, [("withdrawn",)], ("state",))
    assert one["purchase"] == purchase and points(client, friend) == 0


def test_a_birthday_gift_is_listed_once_and_withdrawn_when_it_is_given(client):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    who = member(client, birthday=today.strftime("--%m-%d"))
    buy(client, who, "cake", ("a", "10.00"))
    (one,) = becomes(client, who, [("cake", "benefit", "listed", "8.00", None)], ("code", "kind", "state", "value", "points"))
    buy(client, who, "cake", ("a", "10.00"))
    settled(client)
    assert len(missed(client, who)) == 1
    client.post(f"/v1/members/{who}/benefits/cake/uses", {"store": "cake", "reference": "cake"}, expect=201)
    becomes(client, who, [("withdrawn",)], ("state",))
    buy(client, who, "cake", ("a", "10.00"))
    settled(client)
    assert missed(client, who)[0]["id"] == one["id"] and len(missed(client, who)) == 1


def test_a_coupon_that_nobody_showed_is_listed_once_and_withdrawn_when_it_is_used(client):
    who = member(client)
    code = client.post("/v1/coupon-codes", {"member": {"id": who}, "series": "five"}, expect=201)["code"]
    buy(client, who, "coup", ("a", "30.00"))
    becomes(client, who, [("five", "coupon", "listed", "5.00", None)], ("code", "kind", "state", "value", "points"))
    purchase = buy(client, who, "coup", ("a", "30.00"))
    settled(client)
    (one,) = missed(client, who)
    assert one["voucher"] == code
    assert client.post(f"/v1/missed-benefits/{one['id']}/decision", {"approve": True}, expect=409).code == "missed.coupon"
    quote = client.post("/v1/quotes", {"member": {"id": who}, "store": "coup", "channel": "pos", "codes": [code],
                                       "lines": [{"sku": "a", "amount": dollars("30.00")}]}, expect=201)
    assert quote["total"] == dollars("25.00")
    client.post("/v1/purchases", {"member": {"id": who}, "store": "coup", "channel": "pos", "quote": quote["id"],
                                  "receipt": f"p{next(COUNTER)}"}, expect=201)
    becomes(client, who, [("withdrawn",)], ("state",))
    assert purchase != one["purchase"]


def test_a_purchase_that_is_claimed_later_is_checked_and_old_ones_are_not(client):
    who, old = member(client), member(client)
    purchase = buy(client, None, "ten", ("a", "100.00"))
    settled(client)
    client.post(f"/v1/purchases/{purchase}/claim", {"member": {"id": who}}, expect=201)
    becomes(client, who, [("ten", "10.00")], ("code", "value"))
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=31)
    buy(client, old, "ten", ("a", "100.00"), at=past.isoformat(timespec="seconds").replace("+00:00", "Z"))
    settled(client)
    assert missed(client, old) == []


def test_missed_benefits_are_listed_by_store_state_and_day(client):
    who = member(client)
    buy(client, who, "ten", ("a", "100.00"))
    becomes(client, who, [("made_good",)], ("state",))
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    listed = client.all("/v1/missed-benefits", store="ten", state="made_good", to=today, limit=2, **{"from": today})
    assert who in [one["member"] for one in listed] and {(one["store"], one["state"]) for one in listed} == {("ten", "made_good")}
    assert client.all("/v1/missed-benefits", to="2020-01-01") == [] and client.all("/v1/missed-benefits", store="moon") == []


def test_what_is_missed_is_what_a_quote_would_have_taken_off_and_nobody_did(client):
    """Random baskets and discounts at the stores of this file: the sum of what is missed, against a quote of the same goods."""
    rng, wanted = random.Random(16), {}
    for _ in range(12):
        who, store = member(client), rng.choice(["ten", "half", "gift", "price", "nowhere"])
        prices = [rng.randrange(100, 3000) for _ in range(rng.randrange(1, 5))]
        off = [rng.choice([0, 0, rng.randrange(1, price // 2)]) for price in prices]
        quote = client.post("/v1/quotes", {"member": {"id": who}, "store": store, "channel": "pos", "keep": False, "lines": [
            {"sku": f"s{i}", "amount": dollars(f"{price / 100:.2f}")} for i, price in enumerate(prices)]}, expect=200)
        taken = sum(prices) - round(float(quote["total"]["amount"]) * 100)
        gifts = sum(500 for one in quote["offers"] if one["offer"] == "bag")
        wanted[who] = max(0, taken - sum(off)) + gifts
        buy(client, who, store, *[(f"s{i}", f"{(price - less) / 100:.2f}", [("manual", "", f"{less / 100:.2f}")] if less else [])
                                  for i, (price, less) in enumerate(zip(prices, off))])
    settled(client)
    found = {who: sum(round(float(one["value"]["amount"]) * 100) for one in missed(client, who)) for who in wanted}
    assert found == wanted and sum(map(bool, wanted.values())) > 3


def test_the_report_tells_what_was_kept_missed_made_good_and_is_open(shop, client):
    """At one store: 9.00 given by its code, 8.00 of an offer that was over, 1,000 points for 10.00 of which 4.00 come back, and two honours of 7.00 and 60.00."""
    who, desk = member(client), clerk(shop)
    while datetime.datetime.now(datetime.timezone.utc) <= shop.over:
        time.sleep(0.1)
    before = client.get("/v1/promises/report", params={"store": "late"}, expect=200)
    assert before["stores"] == [] and before["total"]["missed"]["count"] == 0
    buy(client, who, "late", ("a", "81.00", [("offer", "ten", "9.00")]))
    purchase = buy(client, who, "late", ("a", "60.00"), ("b", "40.00"))
    voided = buy(client, who, "late", ("a", "45.00", [("offer", "ten", "5.00")]))
    client.post(f"/v1/purchases/{voided}/void", {}, expect=201)
    seen = {"offer": "over", "channel": "app", "shown_at": instant(shop.over - datetime.timedelta(seconds=1))}
    buy(client, member(client), "late", ("a", "80.00", [("offer", "over", "8.00"), ("manual", "", "2.00")]), honours=[seen])
    honour(desk, who, store="late", value=dollars("7.00"))
    honour(desk, who, store="late", value=dollars("60.00"), reason="staff")
    becomes(client, who, [("made_good",)], ("state",))
    bring_back(client, purchase, 2)
    settled(client)
    report = client.get("/v1/promises/report", params={"store": "late"}, expect=200)
    figures = {name: (one["count"], one["value"]["amount"]) for name, one in report["total"].items()}
    assert figures == {"kept": (2, "17.00"), "honoured_with_proof": (1, "8.00"), "honoured_without_trace": (1, "7.00"), "honours_waiting": (1, "60.00"),
                       "missed": (1, "6.00"), "made_good": (1, "6.00"), "open": (0, "0.00")}
    assert [one["store"] for one in report["stores"]] == ["late"]
    assert report["reasons"] == [{"reason": "flyer", "count": 1, "cost": dollars("7.00")}]
    assert {"channel": "web", "items": 2} in report["made"]  # two offers say that they are shown there
    file = client.get("/v1/promises/report.csv", params={"store": "late"}, expect=200)
    head, line, total = file.text.splitlines()
    assert line == '"late",2,17.00,1,8.00,1,7.00,1,60.00,1,6.00,1,6.00,0,0.00,USD' and total == line.replace("late", "*")
    assert client.get("/v1/promises/report", params={"from": "2020-01-01"}, expect=422).code == "promise.period"


# ---- advertisements without a trace ----


def clerk(shop, role="desk"):
    """The client of a new user."""
    name = f"{role}{next(COUNTER)}"
    shop.client.post("/v1/users", {"name": name, "roles": [role], "password": "correct horse battery"}, expect=201)
    return shop.client.as_session(shop.sign_in(name, "correct horse battery"))


def honour(client, who, expect=201, **fields):
    body = {"member": {"id": who}, "channel": "web", "advertised": "Ten off for the first rain", "reason": "flyer", "store": "half",
            "value": dollars("10.00"), **fields}
    return client.post("/v1/honours", {name: value for name, value in body.items() if value is not None}, expect=expect)


def test_an_advertisement_without_a_trace_is_honoured_in_one_step_and_its_outcome_told(shop, client):
    who, desk = member(client), clerk(shop)
    made = honour(desk, who, seen_at="2026-11-20T09:00:00Z", note="a friendly one")
    assert (made["state"], made["points"], made["cost"]["amount"], made["wallet"]) == ("given", 1000, "10.00", "points")
    assert points(client, who) == 1000
    task = client.get(f"/v1/tasks/{made['task']}", expect=200)
    assert (task["reason"], task["member"], task["text"], task["owner"]["role"]) == (
        "wrong_advertisement", who, "web: Ten off for the first rain", "marketer")
    client.post(f"/v1/tasks/{made['task']}/done", {"outcome": "removed", "text": "The page is gone", "reference": "ticket 7"},
                expect=200)
    settled(client)
    told = client.get(f"/v1/honours/{made['id']}", expect=200)
    assert (told["outcome"], told["outcome_text"]) == ("removed", "The page is gone") and told["told_at"]
    line = [one for one in client.all(f"/v1/members/{who}/timeline") if one["kind"].startswith("honour")]
    assert {one["kind"] for one in line} == {"honour", "honour_given", "honour_outcome"}
    assert [one["id"] for one in client.all("/v1/honours", member=who, state="given")] == [made["id"]]


def test_a_voucher_is_the_least_that_is_worth_enough_and_costs_what_it_is_worth(shop, client):
    who, desk = member(client), clerk(shop)
    made = honour(desk, who, give="voucher", value=dollars("4.00"))
    assert (made["voucher"][:4], made["cost"]["amount"], made["points"]) == ("SORY", "5.00", None)
    owned = client.all(f"/v1/members/{who}/coupon-codes")
    assert [one["series"] for one in owned] == ["sorry"]
    above = honour(desk, who, give="voucher", value=dollars("6.00"))  # one of 30.00: above the clerk's 20.00
    assert (above["state"], above["voucher"]) == ("waiting", None)
    assert honour(desk, who, give="voucher", value=dollars("31.00"), expect=409).code == "promise.voucher"


def test_what_costs_more_than_the_role_may_give_waits_for_somebody_else(shop, client):
    who, desk = member(client), clerk(shop)
    asked = honour(desk, who, value=dollars("20.01"))
    assert (asked["state"], asked["task"], asked["points"]) == ("waiting", None, None) and points(client, who) == 0
    assert client.get(f"/v1/tasks/{asked['approval']}", expect=200)["owner"]["role"] == "finance"
    assert desk.post(f"/v1/honours/{asked['id']}/decision", {"approve": True}, expect=403).code == "auth.forbidden"
    done = client.post(f"/v1/honours/{asked['id']}/decision", {"approve": True, "reason": "fair"}, expect=200)
    assert (done["state"], done["points"], done["decided_by"][:4]) == ("given", 2001, "key:") and done["task"]
    assert client.post(f"/v1/honours/{asked['id']}/decision", {"approve": False}, expect=409).code == "honour.decided"
    own = honour(client, who, value=dollars("1.00"), employee="E7")  # a key has no limit here
    assert own["state"] == "waiting"
    assert client.post(f"/v1/honours/{own['id']}/decision", {"approve": True}, expect=409).code == "honour.own"
    other = honour(desk, who, value=dollars("25.00"))
    assert client.post(f"/v1/honours/{other['id']}/decision", {"approve": False}, expect=200)["state"] == "refused"
    settled(client)
    assert client.get(f"/v1/tasks/{asked['approval']}", expect=200)["outcome"] == "approved"
    assert client.get(f"/v1/tasks/{other['approval']}", expect=200)["outcome"] == "refused"


def test_an_employee_honours_only_so_much_in_a_day(shop, client):
    """45.00 a day and four times: 20 + 20 leave 5.00."""
    who, desk = member(client), clerk(shop)
    honour(desk, who, value=dollars("20.00"))
    honour(desk, who, value=dollars("20.00"))
    assert honour(desk, who, value=dollars("5.01"), expect=429).code == "honour.velocity"
    honour(desk, who, value=dollars("5.00"))
    honour(desk, who, value=dollars("60.00"))  # it waits: nothing of it counts, but that it was asked
    assert honour(desk, who, value=dollars("70.00"), expect=429)["field"] == "employee"
    assert honour(clerk(shop), who, value=dollars("1.00"))["state"] == "given"


def test_a_purchase_is_honoured_once_and_a_repeated_request_gives_nothing_more(shop, client):
    who, desk = member(client), clerk(shop)
    purchase = buy(client, who, "half", ("a", "0.50"))
    fields = dict(purchase=purchase, store=None, value=dollars("2.00"))
    made = honour(desk, None, member=None, **fields)
    assert (made["member"], made["purchase"], made["store"]) == (who, purchase, "half")
    assert honour(desk, None, member=None, expect=409, **fields).code == "honour.known"
    body = {"member": {"id": who}, "channel": "app", "advertised": "x", "reason": "staff", "points": 50, "wallet": "points"}
    replies = [desk.post("/v1/honours", body, headers={"Idempotency-Key": f"k{purchase}"}, expect=201).json for _ in range(2)]
    assert replies[0] == replies[1] and replies[0]["points"] == 50 and replies[0]["cost"]["amount"] == "0.50"
    settled(client)
    assert points(client, who) == 250 + sum(one["points"] or 0 for one in missed(client, who))
    nobody = buy(client, None, "half", ("a", "5.00"))
    assert honour(desk, None, member=None, purchase=nobody, expect=409).code == "honour.member_needed"


@pytest.mark.parametrize("fields, code", [
    ({"reason": "whim"}, "honour.reason"), ({"value": None}, "honour.value"), ({"points": 5, "wallet": "points"}, "honour.value"),
    ({"value": None, "points": 5}, "honour.value"), ({"purchase": "evt_0000000000G41"}, "honour.member"),
    ({"value": {"amount": "5.00", "currency": "EUR"}}, "json.currency"), ({"value": dollars("-1.00")}, "honour.value"),
])
def test_what_is_not_clear_is_not_honoured(client, fields, code):
    assert honour(client, member(client), expect=422, **fields).code == code


@pytest.mark.parametrize("change, field", [
    ({"honours": {"limits": [{"role": "king", "up_to": "1.00"}]}}, "document.honours.limits[0].role"),
    ({"honours": {"owners": [{"channel": "web"}]}}, "document.honours.owners[0].role"),
    ({"missed_benefits": {"action": "cake"}}, "document.missed_benefits.action"),
    ({"missed_benefits": {"action": "voucher"}}, "document.missed_benefits.vouchers"),
    ({"missed_benefits": {"action": "points", "wallet": "moon"}}, "document.missed_benefits.wallet"),
    ({"missed_benefits": {"action": "list", "vouchers": [{"series": "s"}]}}, "document.missed_benefits.vouchers[0].value"),
])
def test_a_policy_that_cannot_work_is_refused(client, change, field):
    refused = client.post("/v1/programme/versions", {"document": {**PROGRAMME, **change}}, expect=422)
    assert refused["field"] == field, refused


def test_each_is_missed_once_whatever_the_server_dies_of(shop):
    """SIGKILL between purchases and their checks; the ledger holds."""
    people = []
    for _ in range(2):
        for _ in range(4):
            people.append(member(shop.client))
            buy(shop.client, people[-1], "ten", ("a", "100.00"))
        shop.kill()
        shop.start()
    for who in people:
        becomes(shop.client, who, [("ten", "made_good", 1000)], ("code", "state", "points"))
    settled(shop.client)
    assert [points(shop.client, who) for who in people] == [1000] * len(people)
    done = subprocess.run([shop.binary, "verify", "--database", shop.database, "--key-file", shop.key_file],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
