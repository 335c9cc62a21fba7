"""Benefits and paid memberships over the API, on both engines. Periods, refunds and savings are worked out by hand."""
import datetime
import threading
import time
import uuid

import pytest

from conftest import ENGINES

PROGRAMME = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points"}, {"code": "status", "spendable": False}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "3.00"}, {"code": "status", "wallet": "status", "points": 1, "per": "1.00"}],
    "tiers": {"metric": "points", "wallet": "status", "levels": [
        {"code": "blue", "qualify": 0}, {"code": "silver", "qualify": 100}, {"code": "gold", "qualify": 1000}]},
}
BENEFITS = {
    "manicure": {"name": "Two free manicures a quarter", "uses": {"count": 2, "per": "quarter"}, "value": "30.00",
                 "stores": ["SPA"], "for": {"tiers": [{"tier": "gold"}]}},
    "agent": {"name": "A dedicated agent", "for": {"tiers": [{"tier": "silver"}]}},
    "coffee": {"name": "A coffee a day", "uses": {"count": 1, "per": "day"}, "value": "4.00"},
    "washes": {"name": "Washes", "uses": {"count": 3, "per": "year", "carry_over": True}, "for": {"everyone": True}},
    "cake": {"name": "Birthday cake", "effect": {"kind": "gift"}, "birthday": {"days_before": 3, "days_after": 3},
             "uses": {"count": 1}, "for": {"everyone": True}},
    "thanks": {"name": "For those who bought thrice", "effect": {"kind": "free_shipping"},
               "for": {"when": "member.purchases >= 3"}},
    "lounge": {"name": "Lounge", "effect": {"kind": "lounge"}},
    "double": {"name": "Twice the points", "effect": {"kind": "multiplier", "factor": "2"}},
    "both": {"name": "For silver members who pay", "effect": {"kind": "priority"},
             "for": {"when": "'plus' in member.memberships && member.tiers['main'] == 'silver'"}},
}
MEMBERSHIPS = {
    "plus": {"name": "Plus", "fee": "120.00", "term": {"days": 30}, "renewal": "automatic", "grace_days": 10,
             "refund": "pro_rata", "benefits": ["coffee", "lounge"], "tier": {"tier": "silver"}},
    "saver": {"name": "Saver", "fee": "50.00", "term": {"months": 12}, "refund": "minus_savings",
              "benefits": ["coffee"]},
    "boost": {"name": "Boost", "fee": "0.00", "term": {"days": 7}, "renewal": "none", "benefits": ["double"]},
    "trial": {"name": "Trial", "fee": "0.00", "term": {"days": 7}, "renewal": "none", "benefits": ["lounge"]},
}


def usd(amount):
    return {"amount": amount, "currency": "USD"}


@pytest.fixture(scope="module", params=ENGINES)
def server(request, servers):
    made = servers.start(request.param)
    client = made.client
    client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)
    client.put("/v1/stores/SPA", {"name": "Spa"})
    for kind, documents in (("benefits", BENEFITS), ("memberships", MEMBERSHIPS)):
        for code, document in documents.items():
            client.put(f"/v1/{kind}/{code}", {"document": document, "publish": True}, expect=200)
    until = time.monotonic() + 20
    while len(client.all("/v1/memberships", state="in_force")) + len(client.all("/v1/benefits", state="in_force")) < len(BENEFITS) + len(MEMBERSHIPS):
        assert time.monotonic() < until
        time.sleep(0.3)
    time.sleep(1)
    yield made
    made.close()


@pytest.fixture
def client(server):
    return server.client


def member(client, **more):
    return client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"T{uuid.uuid4().hex[:12]}"}], **more},
                       expect=201)["id"]


def buy(client, who, amount):
    client.post("/v1/purchases", {"member": {"id": who}, "receipt": uuid.uuid4().hex, "total": usd(amount)}, expect=201)


def benefits(client, who):
    return {one["code"]: one for one in client.get(f"/v1/members/{who}/benefits", expect=200)["items"]}


def use(client, who, code, expect=201, **more):
    return client.post(f"/v1/members/{who}/benefits/{code}/uses", {"reference": uuid.uuid4().hex, **more}, expect=expect)


def paid(client, who, code, expect=201, **more):
    return client.post(f"/v1/members/{who}/memberships", {"code": code, "reference": uuid.uuid4().hex, **more},
                       expect=expect)


def own(client, who):
    return client.get(f"/v1/members/{who}/memberships", expect=200)["items"]


def test_a_tier_brings_its_benefits_and_those_of_the_tiers_below(client):
    who = member(client)
    assert set(benefits(client, who)) == {"washes"}
    buy(client, who, "100.00")
    held = benefits(client, who)
    assert set(held) == {"washes", "agent"}
    assert (held["agent"]["by"], held["agent"]["by_code"], held["agent"]["uses"]) == ("tier", "silver", None)
    buy(client, who, "900.00")
    assert set(benefits(client, who)) == {"washes", "agent", "manicure"}


def test_two_manicures_a_quarter_at_the_spa_and_no_third(client):
    who = member(client)
    refused = use(client, who, "manicure", expect=409, store="SPA")
    assert refused.code == "benefit.not_held"
    buy(client, who, "1000.00")
    assert use(client, who, "manicure", expect=409).code == "benefit.store"
    first = use(client, who, "manicure", store="SPA")
    assert first["left"] == 1 and first["value"] == 3000
    use(client, who, "manicure", store="SPA")
    none = use(client, who, "manicure", expect=409, store="SPA")
    assert none.code == "benefit.used_up" and none["left"] == 0 and none["allowed"] == 2
    today = datetime.datetime.now(datetime.timezone.utc)
    quarter = (today.month - 1) // 3 * 3 + 1
    shown = benefits(client, who)["manicure"]["uses"]
    ends = datetime.date(today.year + (quarter == 10), (quarter + 2) % 12 + 1, 1)
    assert shown == {"per": "quarter", "from": f"{today.year}-{quarter:02d}-01T00:00:00Z",
                     "until": f"{ends}T00:00:00Z", "allowed": 2, "used": 2, "left": 0}
    back = f"/v1/members/{who}/benefits/manicure/uses/{first['id']}/reversal"
    client.post(back, {"reason": "did not come"}, expect=201)
    assert client.post(back, {"reason": "again"}, expect=409).code == "benefit.reversed"
    assert use(client, who, "manicure", store="SPA")["left"] == 0
    uses = client.get(f"/v1/members/{who}/benefits/manicure/uses", expect=200)["items"]
    assert [one["reversed"] for one in uses] == [False, False, True]


def test_the_same_reference_is_counted_once_and_a_use_has_a_name(client):
    who = member(client)
    first = use(client, who, "washes", reference=f"bay-{who}")
    again = use(client, who, "washes", expect=200, reference=f"bay-{who}")
    assert again["existed"] and again["id"] == first["id"]
    assert benefits(client, who)["washes"]["uses"]["left"] == 2
    path = f"/v1/members/{who}/benefits/washes/uses"
    assert client.post(path, {}, expect=422).code == "benefit.reference"
    key = {"Idempotency-Key": uuid.uuid4().hex}
    assert client.post(path, {}, headers=key, expect=201).json == client.post(path, {}, headers=key, expect=201).json
    assert use(client, who, "washes", expect=409, units=2).code == "benefit.used_up"
    assert use(client, who, "agent", expect=409).code == "benefit.not_held"
    assert use(client, who, "unheard-of", expect=404).code == "benefit.unknown"


def test_of_many_at_once_only_as_many_win_as_are_left(client):
    who = member(client)
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(
        client.post(f"/v1/members/{who}/benefits/washes/uses", {"reference": uuid.uuid4().hex}).status))
        for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(replies) == [201] * 3 + [409] * 9


def test_a_condition_holds_and_ends_with_its_facts(client):
    who = member(client)
    for _ in range(3):
        assert "thanks" not in benefits(client, who)
        buy(client, who, "1.00")
    held = benefits(client, who)["thanks"]
    assert held["by"] == "condition" and held["effect"] == "free_shipping"


def test_a_birthday_gift_is_there_around_the_birthday_once(client):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    near, far = today + datetime.timedelta(days=3), today + datetime.timedelta(days=20)
    born = member(client, birthday=near.strftime("--%m-%d"))
    other = member(client, birthday=far.strftime("--%m-%d"))
    assert "cake" not in benefits(client, other)
    assert use(client, other, "cake", expect=409).code == "benefit.not_held"
    cake = benefits(client, born)["cake"]
    assert cake["uses"]["per"] == "birthday" and cake["uses"]["from"] == f"{today}T00:00:00Z"
    assert cake["until"] == f"{near + datetime.timedelta(days=4)}T00:00:00Z"
    use(client, born, "cake")
    assert use(client, born, "cake", expect=409).code == "benefit.used_up"


def test_a_benefit_is_given_by_hand_and_ended(client):
    who = member(client)
    given = client.post(f"/v1/members/{who}/benefits/lounge", {"reason": "contract 4711", "source": "contract",
                                                               "days": 10}, expect=201)
    held = benefits(client, who)["lounge"]
    assert held["by"] == "given" and held["right"] == given["right"] and held["until"] == given["until"]
    client.post(f"/v1/members/{who}/rights/{given['right']}/end", {"reason": "over"}, expect=200)
    assert "lounge" not in benefits(client, who)


def test_a_membership_brings_benefits_and_a_tier_and_counts_what_it_saved(client):
    who = member(client)
    bought = paid(client, who, "plus", paid=usd("120.00"))
    assert bought["state"] == "active" and bought["terms"] == 1
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert bought["paid_until"] == f"{today + datetime.timedelta(days=30)}T00:00:00Z"
    assert bought["until"] == f"{today + datetime.timedelta(days=40)}T00:00:00Z"
    assert client.get(f"/v1/members/{who}", expect=200)["tier"]["code"] == "silver"
    held = benefits(client, who)
    assert set(held) == {"washes", "agent", "coffee", "lounge", "both"}
    assert (held["coffee"]["by"], held["coffee"]["by_code"], held["coffee"]["right"]) == (
        "membership", "plus", bought["id"])
    coffee = use(client, who, "coffee")
    assert own(client, who)[0]["saved"] == usd("4.00")
    client.post(f"/v1/members/{who}/benefits/coffee/uses/{coffee['id']}/reversal", {"reason": "cold"}, expect=201)
    assert own(client, who)[0]["saved"] == usd("0.00")
    assert paid(client, who, "plus", expect=409).code == "membership.running"
    assert paid(client, who, "saver", expect=409, paid=usd("49.99")).code == "membership.fee"
    assert client.post(f"/v1/members/{who}/memberships", {"code": "saver"}, expect=422).code == "membership.reference"


def test_a_multiplier_applies_by_itself_and_a_return_takes_back_what_it_gave(client):
    def active():
        wallets = client.get(f"/v1/members/{who}", expect=200)["wallets"]
        return {one["code"]: one["active"] for one in wallets}

    who = member(client)
    buy(client, who, "100.00")
    assert active() == {"points": 33, "status": 100}
    client.post(f"/v1/members/{who}/memberships", {"code": "boost"}, expect=201)
    reply = client.post("/v1/purchases", {
        "member": {"id": who}, "receipt": uuid.uuid4().hex, "total": usd("100.00"),
        "lines": [{"amount": usd("40.00")}, {"amount": usd("60.00")}]}, expect=201)
    assert active() == {"points": 99, "status": 200}  # twice 33.33, and once what qualifies
    membership = own(client, who)[0]["id"]
    client.post(f"/v1/members/{who}/memberships/{membership}/cancellation", {"reason": "x"}, expect=200)
    client.post(f"/v1/purchases/{reply['id']}/returns", {"lines": [{"line": 1}]}, expect=201)
    assert active() == {"points": 73, "status": 160}  # 60.00 are left: 40 of 66
    client.post(f"/v1/purchases/{reply['id']}/returns", {}, expect=201)
    assert active() == {"points": 33, "status": 100}


def test_a_payment_is_taken_once_and_a_term_ahead(client):
    who = member(client)
    bought = paid(client, who, "plus", reference=f"pay-{who}")
    again = paid(client, who, "plus", expect=200, reference=f"pay-{who}")
    assert again["existed"] and again["id"] == bought["id"]
    path = f"/v1/members/{who}/memberships/{bought['id']}/renewal"
    renewed = client.post(path, {"reference": f"next-{who}"}, expect=200)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert renewed["terms"] == 2 and renewed["paid"] == usd("240.00")
    assert renewed["paid_until"] == f"{today + datetime.timedelta(days=60)}T00:00:00Z"
    assert client.post(path, {"reference": f"third-{who}"}, expect=409).code == "membership.ahead"
    # 120.00 of the term to come, and 29 of 30 days of this one: today is used.
    assert own(client, who)[0]["refund_now"] == usd("236.00")
    back = client.post(f"/v1/members/{who}/memberships/{bought['id']}/refund", {"reason": "moved"}, expect=200)
    assert back["refund"] == usd("236.00") and back["state"] == "ended"
    assert client.get(f"/v1/members/{who}", expect=200)["tier"]["code"] == "blue"
    assert "coffee" not in benefits(client, who)
    assert client.post(path, {"reference": f"fourth-{who}"}, expect=409).code == "membership.ended"
    paid(client, who, "plus")  # another one


def test_what_was_saved_lowers_what_goes_back(client):
    who = member(client)
    bought = paid(client, who, "saver")
    use(client, who, "coffee")
    shown = own(client, who)[0]
    assert shown["refund_now"] == usd("46.00") and shown["saved"] == usd("4.00") and shown["renewal"] == "manual"
    back = client.post(f"/v1/members/{who}/memberships/{bought['id']}/refund", {"reason": "dear"}, expect=200)
    assert back["refund"] == usd("46.00") and own(client, who)[0]["refunded"] == usd("46.00")


def test_what_is_cancelled_goes_on_until_it_is_over(client):
    who = member(client)
    bought = paid(client, who, "plus")
    gone = client.post(f"/v1/members/{who}/memberships/{bought['id']}/cancellation", {"reason": "dear"}, expect=200)
    assert gone["state"] == "cancelled" and gone["until"] == gone["paid_until"] == bought["paid_until"]
    assert "coffee" in benefits(client, who)
    refused = client.post(f"/v1/members/{who}/memberships/{bought['id']}/renewal", {"reference": "x" + who}, expect=409)
    assert refused.code == "membership.not_renewable"
    free = client.post(f"/v1/members/{who}/memberships", {"code": "trial"}, expect=201)
    assert free["until"] == free["paid_until"]
    path = f"/v1/members/{who}/memberships/{free['id']}"
    assert client.post(path + "/renewal", {}, expect=409).code == "membership.not_renewable"
    assert client.post(path + "/refund", {"reason": "x"}, expect=409).code == "membership.no_refund"
    assert paid(client, who, "unheard-of", expect=404).code == "membership.unknown_plan"


def test_a_merge_joins_uses_and_memberships_and_an_unmerge_parts_them(client):
    a, b = member(client), member(client)
    use(client, a, "washes")
    use(client, b, "washes")
    bought = paid(client, b, "plus")
    client.post("/v1/merges", {"into": {"id": a}, "from": {"id": b}}, expect=201)
    held = benefits(client, a)
    assert held["washes"]["uses"]["left"] == 1 and held["lounge"]["right"] == bought["id"]
    assert own(client, a)[0]["id"] == bought["id"]
    client.post(f"/v1/members/{a}/memberships/{bought['id']}/renewal", {"reference": "m" + a}, expect=200)
    client.post("/v1/unmerges", {"member": {"id": b}}, expect=200)
    assert benefits(client, a)["washes"]["uses"]["left"] == 2 and own(client, a) == []
    assert "lounge" not in benefits(client, a)
    assert own(client, b)[0]["terms"] == 2
    rights = client.get(f"/v1/members/{b}/tiers", expect=200)["rights"]
    assert [one["until"] for one in rights] == [own(client, b)[0]["until"]]


def test_everything_is_in_the_export_of_a_person_and_goes_with_it(client):
    who = member(client)
    paid(client, who, "plus", reference=f"secret-{who}")
    use(client, who, "coffee")
    exported = client.get(f"/v1/members/{who}/export", expect=200).text
    assert f"secret-{who}" in exported and "benefit_use" in exported and "membership_saving" in exported
    client.delete(f"/v1/members/{who}", expect=204)


@pytest.mark.parametrize("kind,document,field", [
    ("benefits", {"name": "x", "for": {"tiers": [{"tier": "pink"}]}}, "document.for.tiers[0].tier"),
    ("benefits", {"name": "x", "for": {"when": "member.nothing > 1"}}, "document.for.when"),
    ("benefits", {"name": "x", "uses": {"count": 0, "per": "day"}}, "document.uses.count"),
    ("benefits", {"name": "x", "effect": {"kind": "multiplier"}}, "document.effect.factor"),
    ("memberships", {"name": "x", "fee": "1.00", "term": {"months": 1, "days": 1}}, "document.term.months"),
    ("memberships", {"name": "x", "fee": "1.00", "term": {"months": 1}, "renewal": "none", "grace_days": 1},
     "document.grace_days"),
    ("memberships", {"name": "x", "fee": "1.00"}, "document.term")])
def test_mistakes_are_named_by_path(client, kind, document, field):
    assert client.put(f"/v1/{kind}/wrong", {"document": document, "validate": True}, expect=422)["field"] == field
