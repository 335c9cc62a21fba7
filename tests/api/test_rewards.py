"""Rewards: what they cost whom, orders from the hold to the handing over, what comes back. On both engines."""
import concurrent.futures
import datetime
import sqlite3
import threading
import time
import uuid

import psycopg2
import pytest

import definitions
from conftest import ENGINES


def ahead(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


SERIES = {
    "mugcode": {"name": "A free mug", "codes": {"kind": "unique"}, "opens": {"reward": "mug"}},
    "voucher": {"name": "Voucher", "codes": {"kind": "unique", "prefix": "V"}, "personal": True, "valid": {"days": 30}},
}
REWARDS = {
    "mug": {"name": "Mug", "about": "Blue", "pictures": ["https://example.org/mug.png"],
            "price": {"points": 120}, "kept_days": 7},
    "last": {"name": "The last one", "price": {"points": 10}, "stock": 1},
    "both": {"name": "Kettle", "price": {"points": 50, "money": "5.00"}, "partner": "KETTLE-CO"},
    "one": {"name": "One each", "price": {"points": 10}, "per_member": 1},
    "voucher": {"name": "Voucher", "price": {"points": 40}, "gives": {"coupon": "voucher"}},
    "card": {"name": "Gift card", "price": {"points": 50}, "gives": {"gift_card": "10.00"}},
    "spa": {"name": "Two visits to the spa", "price": {"points": 20}, "gives": {"benefit": "spa", "days": 30}},
    "gone": {"name": "Gone", "price": {"points": 20}, "gives": {"benefit": "gone"}},
    "vip": {"name": "For buyers", "price": {"points": 1}, "when": "member.purchases > 0"},
    "soho": {"name": "In one store", "price": {"points": 1}, "stores": ["SOHO"]},
    "later": {"name": "Later", "price": {"points": 1}, "valid": {"from": "2090-01-01T00:00:00Z"}},
}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    server.soon = {"from": ahead(22), "until": ahead(24), "capacity": 1}
    slots = [server.soon, {"from": "2090-01-01T10:00:00Z", "until": "2090-01-01T11:00:00Z", "capacity": 2}]
    for code in ("spa", "gone"):  # what is named has to be there at publication; one is over before the tests begin
        server.client.put(f"/v1/benefits/{code}", {"publish": True, **({"until": ahead(7)} if code == "gone" else {}), "document": {
            "name": "Spa", "uses": {"count": 2, "per": "ever"}}}, expect=200)
    server.client.put("/v1/coupon-series/voucher", {"document": SERIES["voucher"], "publish": True}, expect=200)
    definitions.publish(server.client, "rewards",
                        {**REWARDS, "class": {"name": "Class", "price": {"points": 30}, "slots": slots}})
    definitions.publish(server.client, "coupon-series", {"mugcode": SERIES["mugcode"]})
    yield server
    server.close()


@pytest.fixture
def client(shop):
    return shop.client


def member(client, *lots):
    """A member with lots of points: a number each, or (number, expiry)."""
    made = client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"C{uuid.uuid4().hex[:12]}"}]},
                       expect=201)["id"]
    for lot in lots:
        points, expiry = lot if isinstance(lot, tuple) else (lot, None)
        client.post("/v1/adjustments", {"member": {"id": made}, "points": points, "reason": "start",
                                        **({"expires_at": expiry} if expiry else {})}, expect=201)
    return made


def wallet(client, person):
    for one in client.get(f"/v1/members/{person}/wallets", expect=200)["items"]:
        if one["wallet"] == "points":
            return one
    return {"available": 0, "held": 0}


def available(client, person):
    return wallet(client, person)["available"]


def lots(client, person):
    return sorted((one["remaining"], one["expires_at"]) for one in client.all(f"/v1/members/{person}/lots"))


def order(client, person, reward, **fields):
    return client.post("/v1/reward-orders", {"member": {"id": person}, "reward": reward, **fields})


def step(client, made, word, **fields):
    return client.post(f"/v1/reward-orders/{made['id']}/{word}", fields)


def shown(client, reward, **query):
    return next((one for one in client.all("/v1/reward-catalogue", **query) if one["code"] == reward), None)


# First: its time is near.
def test_a_time_has_room_for_so_many_and_what_nobody_collects_is_over_by_itself(client, shop):
    first, second = member(client, 100), member(client, 100)
    assert order(client, first, "class").code == "reward.slot_needed"
    assert order(client, first, "class", slot="2090-01-01T09:00:00Z").code == "reward.slot_unknown"
    assert order(client, first, "class", slot="2090-01-01T10:00:00Z", quantity=3).code == "reward.slot_full"
    made = order(client, first, "class", slot=shop.soon["from"])
    assert (made.status, made["kept_until"]) == (201, shop.soon["until"])
    assert order(client, second, "class", slot=shop.soon["from"]).code in ("reward.slot_full", "reward.slot_over")
    until = time.monotonic() + 40
    while client.get(f"/v1/reward-orders/{made['id']}", expect=200)["state"] != "expired":
        assert time.monotonic() < until
        time.sleep(0.5)
    assert available(client, first) == 100
    assert step(client, made, "handover").code == "reward.state"


def test_the_catalogue_says_what_a_member_can_afford_and_what_is_missing(client):
    person = member(client, 100)
    mug = shown(client, "mug", member=person)
    assert (mug["points"], mug["available"], mug["reason"], mug["missing"]) == (120, False, "reward.points", 20)
    assert (mug["pictures"], mug["about"], mug["left"]) == (["https://example.org/mug.png"], "Blue", None)
    kettle = shown(client, "both", member=person)
    assert (kettle["available"], kettle["partner"], kettle["money"]) == (
        True, "KETTLE-CO", {"amount": "5.00", "currency": "USD"})
    assert shown(client, "vip", member=person) is None
    assert shown(client, "vip", member=person, all="true")["reason"] == "reward.audience"
    assert shown(client, "later", all="true")["reason"] == "reward.not_started"
    assert shown(client, "mug")["available"] is True


def test_an_order_holds_points_and_handing_over_spends_them(client):
    person = member(client, 150)
    refused = order(client, person, "mug", quantity=2)
    assert (refused.status, refused.code, refused["missing"]) == (409, "reward.points", 90)
    made = order(client, person, "mug", store="SOHO")
    assert (made.status, made["state"], made["points"], made["available"]) == (201, "ordered", 120, 30)
    assert wallet(client, person)["held"] == 120
    assert step(client, made, "preparation")["state"] == "ready"
    assert step(client, made, "preparation").code == "reward.state"
    done = step(client, made, "handover")
    assert (done["state"], done["kept_until"]) == ("handed_over", None)
    assert (wallet(client, person)["held"], available(client, person)) == (0, 30)
    assert [one["state"] for one in client.all("/v1/reward-orders", member=person)] == ["handed_over"]
    assert client.get(f"/v1/reward-orders/{made['id']}", expect=200)["store"] == "SOHO"
    client.get("/v1/reward-orders/rwo_0000000000001", expect=404)


def test_orders_of_the_same_moment_are_all_on_some_page(shop, client):
    person = member(client, 100)
    made = [order(client, person, "soho", store="SOHO")["id"] for _ in range(5)]
    statement = "UPDATE reward_order SET at = (SELECT MAX(at) FROM reward_order WHERE reward = 'soho') WHERE reward = 'soho' AND bucket >= 0"
    if shop.database.startswith("postgres"):
        with psycopg2.connect(shop.database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()
    else:
        connection = sqlite3.connect(shop.database, timeout=30)
        with connection:
            connection.execute(statement)
        connection.close()
    assert [one["id"] for one in client.all("/v1/reward-orders", member=person, limit=2)] == made[::-1]
    assert [one["id"] for one in client.all("/v1/reward-orders", reward="soho", limit=2) if one["id"] in made] == made[::-1]


def test_who_sees_a_part_has_its_orders_only(shop, client):
    client.post("/v1/places", [{"code": "RW-E", "kind": "store", "name": "East"}, {"code": "RW-W", "kind": "store", "name": "West"}],
                expect=200)
    person = member(client, 300)
    here, there = (order(client, person, "mug", store=store).json for store in ("RW-E", "RW-W"))
    admin = shop.sign_in()
    key = admin.post(shop.url + "/v1/keys", timeout=30, json={
        "name": f"east-{person}", "scopes": admin.permissions, "places": ["RW-E"]}).json()["token"]
    east = client.as_key(key)
    assert east.get(f"/v1/reward-orders/{here['id']}", expect=200)["store"] == "RW-E"
    assert east.get(f"/v1/reward-orders/{there['id']}", expect=403).code == "auth.scope"
    for word in ("preparation", "shipment", "handover", "cancellation"):
        assert step(east, there, word).code == "auth.scope"
    assert {one["id"] for one in east.all("/v1/reward-orders", member=person)} == {here["id"]}
    assert step(east, here, "handover")["state"] == "handed_over"


def test_cancelling_gives_points_back_to_the_lots_they_came_from(client):
    """A 100 (in ten days), B 50 (never): 120 are A 100 and B 20; cancelled, A 100 and B 50; also after the handing over."""
    end = ahead(10 * 86400)
    for words in ((), ("handover",), ("shipment",), ("shipment", "handover")):
        person = member(client, (100, end), 50)
        before = lots(client, person)
        made = order(client, person, "mug")
        assert available(client, person) == 30
        for word in words:
            assert step(client, made, word).status == 201
        cancelled = step(client, made, "cancellation", reason="broken")
        assert (cancelled.status, cancelled["state"]) == (201, "cancelled")
        assert (lots(client, person), available(client, person)) == (before, 150), words
        assert step(client, made, "cancellation").code == "reward.state"


def test_points_that_expired_meanwhile_expire_again_at_once(client):
    """C 80 (in three seconds), B 50: 120 are C 80 and B 40. Cancelled after C's end: C expires, B 50 is left."""
    person = member(client, (80, ahead(4)), 50)
    made = order(client, person, "mug")
    assert made.status == 201
    assert step(client, made, "handover").status == 201
    time.sleep(5)
    assert step(client, made, "cancellation")["state"] == "cancelled"
    assert available(client, person) == 50


def test_of_twenty_at_once_one_gets_the_last(client):
    people = [member(client, 10) for _ in range(20)]
    barrier = threading.Barrier(20)

    def take(person):
        barrier.wait()
        return order(client, person, "last")

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(take, people))
    won = [reply for reply in replies if reply.status == 201]
    assert len(won) == 1 and {reply.code for reply in replies if reply.status != 201} == {"reward.sold_out"}
    assert shown(client, "last", all="true")["left"] == 0
    step(client, won[0], "cancellation")
    assert shown(client, "last")["left"] == 1
    assert order(client, people[0], "last").status == 201


def test_limits_audience_store_and_time_say_why_not(client):
    person = member(client, 100)
    assert order(client, person, "one", quantity=2).code == "reward.member_limit"
    first = order(client, person, "one")
    assert order(client, person, "one").code == "reward.member_limit"
    step(client, first, "cancellation")
    assert order(client, person, "one").status == 201
    assert order(client, person, "vip").code == "reward.audience"
    assert order(client, person, "soho", store="HARLEM").code == "reward.store"
    assert order(client, person, "later").code == "reward.not_started"
    assert order(client, person, "none").code == "reward.unknown"


def test_money_beside_points_is_told(client):
    made = order(client, member(client, 100), "both", quantity=2)
    assert (made["points"], made["money"], made["partner"]) == (100, {"amount": "10.00", "currency": "USD"}, "KETTLE-CO")


def test_a_coupon_pays_instead_of_points_and_comes_back(client):
    person = member(client)
    code = client.post("/v1/coupon-codes", {"member": {"id": person}, "series": "mugcode"}, expect=201)["code"]
    assert client.post(f"/v1/coupon-codes/{code}/redemptions", {"member": {"id": person}}).code == "coupon.elsewhere"
    assert order(client, person, "one", code=code).code == "reward.coupon"
    made = order(client, person, "mug", code=code)
    assert (made.status, made["points"], made["paid_by_code"]) == (201, 0, code.replace("-", ""))
    assert order(client, person, "mug", code=code).code == "coupon.used"
    step(client, made, "cancellation")
    assert order(client, person, "mug", code=code).status == 201


def test_a_reward_that_is_a_code_is_handed_over_at_once(client):
    person = member(client, 100)
    made = order(client, person, "voucher")
    assert (made["state"], made["available"]) == ("handed_over", 60) and made["code"].startswith("V")
    assert [one["code"].replace("-", "") for one in client.all(f"/v1/members/{person}/coupon-codes")] == [made["code"]]
    assert made["granted"] == [{"kind": "coupon_series", "code": "voucher", "name": "Voucher", "holding": made["code"], "until": None}]
    (listed,) = client.all("/v1/reward-orders", member=person)
    assert listed["granted"] == made["granted"]
    second = order(client, person, "voucher")
    assert step(client, made, "cancellation")["state"] == "cancelled" and available(client, person) == 60
    assert client.get(f"/v1/coupon-codes/{made['code']}", expect=200)["reason"] == "coupon.void"
    client.post(f"/v1/coupon-codes/{second['code']}/redemptions", {"member": {"id": person}}, expect=201)
    assert step(client, second, "cancellation").code == "reward.gift_used"


def test_a_frozen_proof_or_key_is_asked_as_for_whatever_spends(client):
    person = member(client, 200)
    key = uuid.uuid4().hex
    body = {"member": {"id": person}, "reward": "mug"}
    one = client.post("/v1/reward-orders", body, headers={"Idempotency-Key": key}, expect=201)
    two = client.post("/v1/reward-orders", body, headers={"Idempotency-Key": key}, expect=201)
    assert one["id"] == two["id"] and available(client, person) == 80
    case = client.post("/v1/fraud-cases", {"member": {"id": person}, "reason": "looked odd"})
    if case.status == 201:
        time.sleep(1.5)
        assert order(client, person, "one").code == "member.frozen"


def test_orders_are_in_the_export_of_a_person_and_the_ledger_is_sound(client):
    person = member(client, 200)
    made = order(client, person, "mug")
    assert made["id"][4:] in client.get(f"/v1/members/{person}/export", expect=200).text
    job = client.post("/v1/verify", expect=202)["job"]
    assert client.wait_for_job(job)["state"] == "done"


def test_a_gift_card_is_made_with_the_order_and_void_with_its_cancellation_unless_it_was_used(client):
    """50 points are a card of 10.00. 4.00 of it pay: it cannot be taken back. They are returned: it can, and the 50 points are back."""
    person = member(client, 60)
    made = order(client, person, "card", store="SOHO")
    assert (made.status, made["state"], made["available"], len(made["pin"])) == (201, "handed_over", 10, 6)
    seen = client.get(f"/v1/reward-orders/{made['id']}", expect=200)
    assert seen["code"] == made["code"] and "pin" not in seen.json
    (card,) = made["granted"]
    assert seen["granted"] == [card] and card["holding"].startswith("evt_")
    assert (card["kind"], card["code"], card["amount"]) == ("gift_card", None, {"amount": "10.00", "currency": "USD"})
    payment = {"kind": "gift_card", "code": made["code"], "pin": made["pin"],
               "amount": {"amount": "4.00", "currency": "USD"}}
    bought = client.post("/v1/purchases", {"receipt": uuid.uuid4().hex, "total": payment["amount"], "store": "SOHO",
                                           "payments": [payment]}, expect=201)
    assert bought["gift_cards"][0]["balance"] == {"amount": "6.00", "currency": "USD"}
    assert (step(client, made, "cancellation").code, available(client, person)) == ("reward.gift_used", 10)
    client.post("/v1/returns", {"purchase": bought["id"], "receipt": uuid.uuid4().hex}, expect=201)
    assert step(client, made, "cancellation")["state"] == "cancelled"
    assert available(client, person) == 60
    card = client.post(f"/v1/gift-cards/{made['code']}/balance", {"pin": made["pin"]}, expect=200)
    assert (card["state"], card["balance"]["amount"]) == ("void", "0.00")
    again = order(client, person, "card", store="SOHO")  # money that was paid in on it would go with it
    client.post(f"/v1/gift-cards/{again['code']}/top-ups", {"amount": payment["amount"], "paid_by": "cash"}, expect=201)
    assert step(client, again, "cancellation").code == "reward.gift_used"
    two = {"document": {"name": "Both", "price": {"points": 1}, "gives": {"coupon": "voucher", "gift_card": "1.00"}}}
    assert client.put("/v1/rewards/two", two, expect=422).code == "programme.invalid"
    assert client.wait_for_job(client.post("/v1/verify", expect=202)["job"])["state"] == "done"


def test_a_benefit_begins_with_the_order_and_ends_with_its_cancellation_unless_it_was_used(client):
    person = member(client, 50)
    held = lambda: [one for one in client.get(f"/v1/members/{person}/benefits", expect=200)["items"] if one["code"] == "spa"]
    made = order(client, person, "spa")
    assert (made.status, made["state"], made["available"], made["code"]) == (201, "handed_over", 30, None)
    assert held()[0]["right"][3:] == made["id"][3:]
    named = [{"kind": "benefit", "code": "spa", "name": "Spa", "holding": held()[0]["right"], "until": held()[0]["until"]}]
    assert made["granted"] == named == client.get(f"/v1/reward-orders/{made['id']}", expect=200)["granted"]
    use = client.post(f"/v1/members/{person}/benefits/spa/uses", {"reference": uuid.uuid4().hex}, expect=201)
    assert (step(client, made, "cancellation").code, available(client, person)) == ("reward.gift_used", 30)
    client.post(f"/v1/members/{person}/benefits/spa/uses/{use['id']}/reversal", {"reason": "no warm water"}, expect=201)
    cancelled = step(client, made, "cancellation")
    assert (cancelled["state"], cancelled["granted"]) == ("cancelled", named)
    assert (held(), available(client, person)) == ([], 50)
    assert (order(client, person, "gone").code, available(client, person)) == ("reward.gift", 50)
    document = {"name": "Days", "price": {"points": 1}, "gives": {"days": 3}}
    assert client.put("/v1/rewards/days", {"document": document}, expect=422)["field"] == "document.gives.benefit"


def test_a_reward_is_points_of_another_account(fresh_server):
    """1,000 of 1,500 points are 10 stamps. Cancelled, both are as before; once 3 of the 10 stamps are spent the order stays."""
    client = fresh_server.client
    wallets = [{"code": "points"}, {"code": "stamps", "name": "Stamps"}]
    version = client.post("/v1/programme/versions", {"document": {"zone": "UTC", "currency": "USD", "wallets": wallets, "rules": []}},
                          expect=201)["version"]
    until = time.monotonic() + 15
    while client.get("/v1/programme", expect=200)["version"] != version:
        assert time.monotonic() < until
        time.sleep(0.1)
    document = lambda **gives: {"document": {"name": "Ten stamps", "price": {"points": 1000, "wallet": "points"}, "gives": gives}}
    for gives, field, said in (({"points": 10}, "gives.wallet", ""), ({"wallet": "stamps"}, "gives.points", ""),
                               ({"points": 10, "wallet": "stamp"}, "gives.wallet", "did you mean 'stamps'?"),
                               ({"points": 10, "wallet": "points"}, "gives.wallet", "the account that pays"),
                               ({"points": 10, "wallet": "stamps", "gift_card": "1.00"}, "gives", "one thing")):
        refused = client.put("/v1/rewards/wrong", document(**gives), expect=422)
        assert refused["field"] == "document." + field and said in refused["detail"], refused
    definitions.publish(client, "rewards", {"ten": document(points=10, wallet="stamps")["document"]})

    person = member(client, 1500)
    has = lambda: [next((one["available"] for one in client.get(f"/v1/members/{person}/wallets", expect=200)["items"]
                         if one["wallet"] == code), 0) for code in ("points", "stamps")]
    made = order(client, person, "ten")
    (given,) = made["granted"]
    assert (made.status, made["state"], made["available"], has()) == (201, "handed_over", 500, [500, 10])
    assert given.pop("holding").startswith("evt_") and given == {
        "kind": "points", "code": "stamps", "name": "Stamps", "until": None, "points": 10}
    assert step(client, made, "cancellation")["state"] == "cancelled" and has() == [1500, 0]
    again = order(client, person, "ten")
    client.post("/v1/redemptions", {"member": {"id": person}, "wallet": "stamps", "points": 3}, expect=201)
    assert (step(client, again, "cancellation").code, has()) == ("reward.gift_used", [500, 7])
    for path in ("/v1/verify", "/v1/finance/verifications"):
        job = client.wait_for_job(client.post(path, expect=202)["job"])
        assert job["state"] == "done", job
