"""Partners: earning and redeeming at their tills, receipts claimed afterwards, statements worked out by hand. On both engines."""
import concurrent.futures
import csv
import datetime
import io
import threading
import time
import uuid
import zipfile

import pytest

import definitions
from conftest import ENGINES

DOCUMENT = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points", "debt": "clamp", "value": {"points": 100, "amount": "1.00"},
                 "redemption": [{"above": 0, "proofs": ["none"]}, {"above": 400, "proofs": ["pin"]}]}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}],
}
ACME = {"name": "Acme Air", "contact": {"organisation": "Acme Air plc", "email": "points@acme.example"}, "currency": "EUR",
        "stores": ["BER"], "earn": {"wallet": "points", "points": 1, "per": "1.00"},
        "redeem": {"wallet": "points", "points": 100, "worth": "0.80", "minimum": 50,
                   "per_member_and_day": {"points": 1000, "times": 3}},
        "claim_days": 30, "settlement": {"issued": "0.012", "redeemed": "0.0075"}}
KUMO = {"name": "Kumo", "currency": "JPY", "earn": {"wallet": "points", "points": 50, "minimum": "500"}, "claim_days": 30,
        "settlement": {"issued": "1.25", "redeemed": "0"}}
REWARDS = {
    "flight": {"name": "Upgrade", "price": {"points": 10}, "partner": "acme",
               "fulfilment": {"paid_by": "partner", "cost": "8.00", "partner_percent": 25}},
    "mug": {"name": "Mug", "price": {"points": 10}, "partner": "acme",
            "fulfilment": {"paid_by": "programme", "cost": "3.33", "partner_percent": 50}},
}


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


TODAY = today()


def month(ago):
    number = TODAY.year * 12 + TODAY.month - 1 - ago
    return f"{number // 12:04}-{number % 12 + 1:02}"


LAST, OPEN = month(1), month(0)


def unique(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def money(amount, currency="EUR"):
    return {"amount": amount, "currency": currency}


class Alliance:
    """A programme with two partners; `till` has the key of Acme's tills."""

    def __init__(self, server):
        self.server, self.client = server, server.client
        self.client.post("/v1/programme/versions", {"document": DOCUMENT}, expect=201)
        definitions.publish(self.client, "partners", {"acme": ACME, "kumo": KUMO})
        definitions.publish(self.client, "rewards", REWARDS)
        made = self.client.post("/v1/keys", {"name": "acme", "scopes": ["partners.till", "partners.statement"],
                                             "partner": "acme"}, expect=201)
        assert made["places"] == ["partner:acme"]
        self.till = self.client.as_key(made["token"])

    def member(self):
        """A member, and how a till names it."""
        card = unique("c")
        made = self.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": card}]}, expect=201)["id"]
        return made, {"card": card}

    def buy(self, who, amount, expect=201, till=None, **fields):
        body = {"receipt": unique("r"), "partner_store": "BER", "amount": money(amount), **fields}
        return (till or self.till).post("/v1/partner-purchases", {**body, **({"member": who} if who else {})}, expect=expect)

    def redeem(self, who, expect=201, **fields):
        return self.till.post("/v1/partner-redemptions", {"receipt": unique("p"), "partner_store": "BER", "member": who, **fields},
                              expect=expect)

    def bring_back(self, receipt, expect=201, **fields):
        return self.till.post("/v1/partner-returns", {"receipt": receipt, **fields}, expect=expect)

    def claim(self, member, receipt, expect=201, **fields):
        return self.client.post("/v1/partner-claims", {"partner": "acme", "receipt": receipt, "member": {"id": member},
                                                       **fields}, expect=expect)

    def available(self, member):
        return next((one["available"] for one in self.client.get(f"/v1/members/{member}/wallets", expect=200)["items"]
                     if one["wallet"] == "points"), 0)

    def statements(self, of, client=None, **query):
        return (client or self.client).get("/v1/partner-statements", params={"from": of, "to": of, **query}, expect=200)["items"]


def figures(statement):
    return [(line["kind"], line["wallet"] or line["reward"], line["points"], line["amount"]["amount"])
            for line in statement["lines"]], statement["net"]["amount"]


@pytest.fixture(scope="module", params=ENGINES)
def alliance(request, servers):
    server = servers.start(request.param)
    yield Alliance(server)
    server.close()


def test_a_statement_is_what_was_worked_out_by_hand(alliance):
    """
    Issued: 150 + 1,000 + 100 by Acme; 33 and 100 come back, of which 80 had been spent: 1,197 are paid for, 14.36.
    Redeemed: 300, of which 100 come back: 200 at 0.0075 are 1.50. Acme pays 12.86.
    """
    x, card = alliance.member()
    z, other = alliance.member()
    first = alliance.buy(card, "150.50", at=f"{LAST}-03T12:00:00Z")
    assert (first["points"], first["known"], first["usable"]) == (150, True, 150)
    assert set(first.json) == {"id", "partner", "receipt", "known", "points", "amount", "usable"}
    assert alliance.buy(card, "1000.00", at=f"{LAST}-04T12:00:00Z")["usable"] == 1000  # the limit of the day
    back = alliance.bring_back(first["receipt"], amount=money("33.33"), reference=unique("b"), at=f"{LAST}-05T12:00:00Z")
    assert (back["points"], back["amount"]) == (33, money("33.33"))  # 150 - 117
    paid = alliance.redeem(card, points=300, at=f"{LAST}-20T12:00:00Z")
    assert (paid["points"], paid["amount"], paid["usable"]) == (300, money("2.40"), 700)
    undone = alliance.till.post("/v1/partner-redemption-voids", {"receipt": paid["receipt"], "points": 100,
                                                                 "at": f"{LAST}-21T12:00:00Z"}, expect=201)
    assert (undone["points"], undone["amount"], undone["usable"]) == (100, money("0.80"), 800)
    alliance.client.post("/v1/redemptions", {"member": {"id": x}, "points": 200, "at": f"{LAST}-22T12:00:00Z"}, expect=201)
    spent = alliance.buy(other, "100.00", at=f"{LAST}-06T12:00:00Z")
    alliance.client.post("/v1/redemptions", {"member": {"id": z}, "points": 80, "at": f"{LAST}-07T12:00:00Z"}, expect=201)
    assert alliance.bring_back(spent["receipt"], at=f"{LAST}-08T12:00:00Z")["points"] == 100
    assert (alliance.available(x), alliance.available(z)) == (717, 0)

    wanted = ([("issued", "points", 1197, "14.36"), ("redeemed", "points", 200, "-1.50")], "12.86")
    (statement,) = alliance.statements(LAST)
    assert figures(statement) == wanted and statement["state"] == "open" and statement["name"] == "Acme Air"
    line = statement["lines"][0]
    assert (line["issued"], line["clawed_back"], line["written_off"], line["rate"]) == (1250, 133, 80, "0.012")
    assert alliance.statements(LAST, alliance.till) == [statement]
    lines = {one["entity"]: one for one in alliance.client.get(
        "/v1/finance/months", params={"from": LAST, "to": LAST}, expect=200)["items"]}
    acme = lines["partner:acme"]
    assert [acme[name] for name in ("opening", "issued", "clawed_back", "written_off", "redeemed", "closing")] == [
        0, 1250, -133, 80, -480, 717]
    settled = alliance.client.get("/v1/finance/settlements", params={"from": LAST, "to": LAST}, expect=200)
    assert settled["lines"] == []

    alliance.client.post("/v1/finance/months", {"month": LAST}, expect=201)
    assert alliance.buy(card, "40.00", at=f"{LAST}-28T12:00:00Z")["points"] == 40  # too late for its month
    changed = {**ACME, "settlement": {"issued": "0.5", "redeemed": "0.5"}}
    definitions.publish(alliance.client, "partners", {"acme": changed})
    time.sleep(6)
    (closed,) = alliance.statements(LAST)
    assert figures(closed) == wanted and closed["state"] == "closed"
    (now,) = alliance.statements(OPEN, partner="acme")
    assert figures(now) == ([("issued", "points", 40, "0.48")], "0.48")  # new rates hold from the next month on
    assert now["lines"][0]["late"] == 40
    definitions.publish(alliance.client, "partners", {"acme": ACME})

    def receipts(of):
        reply = alliance.till.get("/v1/partner-transactions", params={"month": of}, expect=200)
        rows = list(csv.DictReader(io.StringIO(reply.text)))
        assert x not in reply.text and z not in reply.text
        return rows, [sum(int(row["points"]) for row in rows if row["line"] == line) for line in ("issued", "redeemed")]

    rows, sums = receipts(LAST)
    assert [(row["kind"], row["points"], row["amount"], row["late_for"]) for row in rows] == [
        ("purchase", "150", "150.50", ""), ("purchase", "1000", "1000.00", ""), ("return", "-33", "33.33", ""),
        ("purchase", "100", "100.00", ""), ("return", "-20", "100.00", ""),  # 100, of which 80 were written off
        ("redemption", "300", "2.40", ""), ("redemption_void", "-100", "0.80", "")]
    assert sums == [1197, 200] and rows[0]["receipt"] == first["receipt"] and rows[2]["reference"]
    rows, sums = receipts(OPEN)
    assert [(row["points"], row["late_for"]) for row in rows] == [("40", LAST)]
    lines = alliance.client.get("/v1/partner-transactions", params={"partner": "acme", "month": LAST, "format": "jsonl"}, expect=200)
    assert len(lines.text.splitlines()) == 7
    assert alliance.client.get("/v1/partner-transactions", expect=422).code == "partner.required"

    reply = alliance.till.get("/v1/partner-statements/file", params={"from": LAST, "to": LAST}, expect=200)
    assert [[row[name] for name in ("line", "of", "points", "rate", "amount")] for row in csv.DictReader(io.StringIO(reply.text))] == [
        ["issued", "points", "1197", "0.012", "14.36"], ["redeemed", "points", "200", "0.0075", "-1.50"], ["net", "", "", "", "12.86"]]
    sheet = alliance.client.get("/v1/partner-statements/file", params={"to": LAST, "format": "xlsx"}, expect=200)
    assert zipfile.ZipFile(io.BytesIO(sheet.content)).testzip() is None


def test_a_partner_sees_its_tills_and_nothing_else(alliance):
    member, card = alliance.member()
    for path in ("/v1/members", f"/v1/members/{member}", f"/v1/members/{member}/wallets", "/v1/partners", "/v1/finance/months",
                 "/v1/ledger", f"/v1/members/{member}/timeline"):
        assert alliance.till.get(path).code == "auth.forbidden", path
    assert alliance.buy(card, "1.00", partner="kumo", expect=403).code == "auth.scope"
    assert alliance.till.get("/v1/partner-statements", params={"partner": "kumo"}, expect=403).code == "auth.scope"
    body = {"receipt": unique("r"), "member": card, "amount": money("1.00")}
    assert alliance.till.post("/v1/partner-claims", {**body, "partner": "acme"}, expect=403).code == "auth.forbidden"
    for wrong in ({"scopes": ["partners.till", "members.read"], "partner": "acme"},
                  {"scopes": ["members.read"], "places": ["partner:acme"]},
                  {"scopes": ["partners.till"], "places": ["partner:acme", "BER"]},
                  {"scopes": ["partners.till"], "places": ["BER"], "partner": "acme"}):
        assert alliance.client.post("/v1/keys", {"name": unique("k"), **wrong}, expect=422).code == "key.partner"
    user = {"name": unique("u"), "password": "correct horse battery", "roles": ["desk"], "places": ["partner:acme"]}
    assert alliance.client.post("/v1/users", user, expect=422).code == "key.partner"
    place = {"code": "partner:acme", "kind": "store", "name": "Acme"}
    assert alliance.client.put("/v1/places/partner:acme", {"kind": "store", "name": "Acme"}, expect=422).code == "catalogue.key"
    assert alliance.client.post("/v1/places", [place], expect=200).json[0]["problem"]["code"] == "catalogue.key"
    store = alliance.client.post("/v1/keys", {"name": unique("k"), "scopes": ["partners.till"], "places": ["BER"]}, expect=201)
    assert alliance.buy(card, "1.00", till=alliance.client.as_key(store["token"]), partner="acme", expect=403).code == "auth.scope"
    assert alliance.client.post("/v1/partner-purchases", body, expect=422).code == "partner.required"
    assert alliance.buy(card, "900.00", till=alliance.client, partner="acme")["points"] == 900
    row = next(one for one in alliance.client.all(f"/v1/members/{member}/timeline") if one["kind"] == "partner_purchase")
    assert row["store"] == "partner:acme"


def test_a_receipt_without_a_member_is_claimed_exactly_once_within_its_days(alliance):
    stranger = alliance.buy({"card": unique("nobody")}, "99.99")
    assert (stranger["known"], stranger["points"], stranger["usable"]) == (False, 0, 0)
    nobody = alliance.buy(None, "60.00")
    people = [alliance.member()[0] for _ in range(8)]
    barrier = threading.Barrier(8)

    def take(person):
        barrier.wait()
        return alliance.claim(person, stranger["receipt"], expect=None)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(take, people))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 7
    assert {reply.code for reply in replies if reply.status == 409} == {"partner.claimed"}
    assert sorted(alliance.available(person) for person in people) == [0] * 7 + [99]

    person, card = alliance.member()
    assert alliance.claim(person, nobody["receipt"], amount=money("61.00"), expect=404).code == "partner.receipt_unknown"
    assert alliance.claim(person, "none", expect=404).code == "partner.receipt_unknown"
    assert alliance.bring_back(nobody["receipt"], amount=money("10.01"), reference=unique("b"))["known"] is False
    assert alliance.claim(person, nobody["receipt"], amount=money("60.00"))["points"] == 49  # of 49.99
    back = alliance.bring_back(nobody["receipt"], amount=money("9.99"), reference=unique("b"))
    assert (back["known"], back["points"]) == (True, 9)
    assert alliance.bring_back(nobody["receipt"])["amount"] == money("40.00")
    assert alliance.available(person) == 0
    assert alliance.bring_back(nobody["receipt"], expect=409).code == "partner.returned"

    old = (TODAY - datetime.timedelta(days=31)).isoformat()
    late = alliance.buy(None, "10.00", at=f"{old}T12:00:00Z")
    assert alliance.claim(person, late["receipt"], expect=409).code == "partner.claim_over"
    near = (TODAY - datetime.timedelta(days=30)).isoformat()
    assert alliance.claim(person, alliance.buy(None, "10.00", at=f"{near}T00:00:00Z")["receipt"])["points"] == 10
    assert alliance.claim(person, alliance.buy(card, "10.00")["receipt"], expect=409).code == "partner.claimed"


def test_the_same_receipt_counts_once_and_a_repeated_request_gets_its_reply(alliance):
    person, card = alliance.member()
    receipt = unique("r")
    barrier = threading.Barrier(10)

    def send(_):
        barrier.wait()
        return alliance.buy(card, "20.00", receipt=receipt, expect=None)

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(send, range(10)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 9
    assert {reply.code for reply in replies if reply.status == 409} == {"partner.receipt_known"}
    assert alliance.available(person) == 20
    body = {"receipt": unique("r"), "partner_store": "BER", "member": card, "amount": money("5.00")}
    once = {"Idempotency-Key": unique("i")}
    assert [alliance.till.post("/v1/partner-purchases", body, headers=once, expect=201).json for _ in range(2)][0]["points"] == 5
    assert alliance.available(person) == 25
    many = alliance.till.post("/v1/partner-purchases", [{**body, "receipt": unique("r")}, body], expect=200).json
    assert [one.get("status") for one in many] == [201, 409]
    reference = unique("b")
    alliance.bring_back(receipt, amount=money("5.00"), reference=reference)
    assert alliance.bring_back(receipt, amount=money("5.00"), reference=reference, expect=409).code == "partner.return_known"
    assert alliance.bring_back(receipt, amount=money("5.00"), expect=422).code == "partner.identity"
    assert alliance.bring_back(receipt, amount=money("15.01"), reference=unique("b"), expect=409).code == "partner.returned"


def at_once(*calls):
    """The replies of calls that begin at the same moment."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        return call()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_a_claim_and_a_return_at_the_same_moment_leave_what_is_left(alliance):
    """30.00 bought, 10.00 come back: 20 points, whichever is first."""
    for _ in range(5):
        person, _ = alliance.member()
        receipt = alliance.buy(None, "30.00")["receipt"]
        replies = at_once(lambda: alliance.claim(person, receipt, expect=None),
                          lambda: alliance.bring_back(receipt, amount=money("10.00"), reference=unique("b"), expect=None))
        assert [reply.status for reply in replies] == [201, 201], [reply.text for reply in replies]
        assert alliance.available(person) == 20
        assert alliance.bring_back(receipt)["points"] == 20


def test_of_ten_redemptions_at_once_three_are_within_the_day(alliance):
    person, card = alliance.member()
    alliance.buy(card, "900.00")
    replies = at_once(*[lambda: alliance.redeem(card, points=50, expect=None)] * 10)
    assert sorted(reply.status for reply in replies) == [201] * 3 + [409] * 7
    assert {reply.code for reply in replies if reply.status == 409} == {"partner.limit"}
    assert alliance.available(person) == 750
    receipt = next(reply["receipt"] for reply in replies if reply.status == 201)
    replies = at_once(*[lambda: alliance.till.post("/v1/partner-redemption-voids", {"receipt": receipt})] * 5)
    assert sorted(reply.status for reply in replies) == [201] + [409] * 4
    assert alliance.available(person) == 800
    assert alliance.redeem(card, points=50)["usable"] == 0  # what was undone may be redeemed once more


def test_redeeming_asks_for_proof_limits_and_what_is_usable(alliance):
    person, card = alliance.member()
    alliance.buy(card, "3000.00")
    assert alliance.redeem(card, points=401, expect=403).code == "redemption.proof_required"
    alliance.client.put(f"/v1/members/{person}/pin", {"pin": "2749"})
    assert alliance.redeem(card, points=401, proof={"pin": "0000"}, expect=403).code == "proof.wrong"
    receipt = unique("p")
    assert alliance.redeem(card, points=401, proof={"pin": "2749"}, receipt=receipt)["usable"] == 599
    assert alliance.redeem(card, points=50, receipt=receipt, expect=409).code == "partner.receipt_known"
    assert alliance.redeem(card, points=49, expect=409).code == "partner.minimum"
    by_amount = alliance.redeem(card, amount=money("1.00"))
    assert (by_amount["points"], by_amount["amount"], by_amount["usable"]) == (125, money("1.00"), 474)
    refused = alliance.redeem(card, points=475, proof={"pin": "2749"}, expect=409)
    assert refused.code == "partner.limit" and "474" in refused["detail"]
    assert alliance.redeem(card, points=100)["usable"] == 0  # three times a day
    assert alliance.redeem(card, points=50, expect=409).code == "partner.limit"
    undone = alliance.till.post("/v1/partner-redemption-voids", {"receipt": receipt}, expect=201)
    assert (undone["points"], undone["amount"], undone["usable"]) == (401, money("3.20"), 775)
    again = alliance.till.post("/v1/partner-redemption-voids", {"receipt": receipt}, expect=409)
    assert again.code == "points.reversed"
    assert alliance.available(person) == 3000 - 225
    assert alliance.redeem({"card": unique("nobody")}, points=50, expect=404).code == "member.unknown"
    poor, other = alliance.member()
    alliance.buy(other, "60.00")
    refused = alliance.redeem(other, points=61, expect=409)
    assert refused.code == "points.insufficient" and "60" in refused["detail"]
    assert alliance.redeem(card, points=50, amount=money("1.00"), expect=422).code == "partner.points_or_amount"
    assert alliance.redeem(card, amount=money("1.00", "USD"), expect=422).code == "partner.currency"
    assert alliance.redeem(card, points=50, partner_store="MUC", expect=422).code == "partner.store"
    yen = {"partner": "kumo", "receipt": unique("r"), "member": {"id": person}, "amount": money("500", "JPY")}
    assert alliance.client.post("/v1/partner-purchases", yen, expect=201)["points"] == 50
    few = {**yen, "receipt": unique("r"), "amount": money("499", "JPY")}
    assert alliance.client.post("/v1/partner-purchases", few, expect=201)["points"] == 0
    nothing = {"partner": "kumo", "receipt": unique("p"), "member": {"id": person}, "points": 50}
    assert alliance.client.post("/v1/partner-redemptions", nothing, expect=409).code == "partner.no_redemption"


def test_returns_in_parts_take_back_what_the_rounding_gave(alliance):
    """33.33, 33.33, 33.34 earn 100; returned one at a time they take 34, 33, 33."""
    _, card = alliance.member()
    bought = alliance.buy(card, "100.00")
    taken = [alliance.bring_back(bought["receipt"], amount=money(part), reference=unique("b"))["points"]
             for part in ("33.33", "33.33", "33.34")]
    assert taken == [34, 33, 33]


def test_a_co_branded_reward_is_in_the_statement_and_leaves_it_when_it_comes_back(alliance):
    """Two upgrades that Acme pays for, of 8.00 each, three quarters ours: -12.00. A mug, half of 3.33: 1.66 (half even of 1.665)."""
    person, card = alliance.member()
    alliance.buy(card, "100.00")
    before = dict((line[1], line[2:]) for line in figures(alliance.statements(OPEN, partner="acme")[0])[0] if line[0] == "rewards")
    assert before == {}
    orders = [alliance.client.post("/v1/reward-orders", {"member": {"id": person}, "reward": reward, "quantity": quantity},
                                   expect=201)["id"] for reward, quantity in (("flight", 2), ("mug", 1), ("flight", 1))]
    for step in ("shipment", "handover"):
        for one in orders[:2]:
            alliance.client.post(f"/v1/reward-orders/{one}/{step}", {}, expect=201)
    alliance.client.post(f"/v1/reward-orders/{orders[2]}/cancellation", {}, expect=201)  # never handed over
    rewards = [line for line in figures(alliance.statements(OPEN, partner="acme")[0])[0] if line[0] == "rewards"]
    assert rewards == [("rewards", "flight", 2, "-12.00"), ("rewards", "mug", 1, "1.66")]
    alliance.client.post(f"/v1/reward-orders/{orders[0]}/cancellation", {}, expect=201)
    rewards = [line for line in figures(alliance.statements(OPEN, partner="acme")[0])[0] if line[0] == "rewards"]
    assert ("rewards", "mug", 1, "1.66") in rewards and not any(line[1] == "flight" and line[2] for line in rewards)
    wrong = {"name": "X", "price": {"points": 1}, "fulfilment": {"paid_by": "partner", "cost": "1.00", "partner_percent": 1}}
    refused = alliance.client.put("/v1/rewards/x", {"document": wrong}, expect=422)
    assert refused.code == "programme.missing_field"


def test_a_suspended_partner_takes_back_and_begins_nothing(alliance):
    person, card = alliance.member()
    name = unique("p")
    definitions.publish(alliance.client, "partners", {name: {**ACME, "stores": []}})
    open_till = {"till": alliance.client, "partner": name}
    bought, unclaimed = alliance.buy(card, "300.00", **open_till), alliance.buy(None, "30.00", **open_till)
    paid = {"partner": name, "receipt": unique("p"), "member": card, "points": 100}
    alliance.client.post("/v1/partner-redemptions", paid, expect=201)
    alliance.client.put(f"/v1/partners/{name}", {"document": {**ACME, "stores": [], "suspended": True}, "publish": True}, expect=200)
    until = time.monotonic() + 20
    while alliance.buy(card, "1.00", expect=None, **open_till).code != "partner.suspended":
        assert time.monotonic() < until
        time.sleep(0.3)
    assert alliance.client.post("/v1/partner-redemptions", {**paid, "receipt": unique("p")}, expect=409).code == "partner.suspended"
    claim = {"partner": name, "receipt": unclaimed["receipt"], "member": {"id": person}}
    assert alliance.client.post("/v1/partner-claims", claim, expect=409).code == "partner.suspended"
    undone = alliance.client.post("/v1/partner-redemption-voids", {"partner": name, "receipt": paid["receipt"]}, expect=201)
    assert (undone["points"], undone["usable"]) == (100, 0)
    back = alliance.client.post("/v1/partner-returns", {"partner": name, "receipt": bought["receipt"]}, expect=201)
    assert back["points"] == 300
    assert alliance.buy(card, "1.00", till=alliance.client, partner="none", expect=404).code == "partner.unknown"


def test_merges_and_erasures_follow_and_everything_can_be_verified(alliance):
    keep, card = alliance.member()
    gone, other = alliance.member()
    bought = alliance.buy(other, "80.00")
    alliance.client.post("/v1/merges", {"into": {"id": keep}, "from": {"id": gone}}, expect=201)
    assert alliance.bring_back(bought["receipt"], amount=money("30.00"), reference=unique("b"))["usable"] == 50
    assert alliance.redeem(card, points=50)["points"] == 50
    export = alliance.client.get(f"/v1/members/{keep}/export", expect=200)
    assert "partner_redemption" in export.text and "partner_purchase" in export.text
    alliance.client.delete(f"/v1/members/{keep}", expect=204)
    erased = alliance.bring_back(bought["receipt"])
    assert (erased["known"], erased["points"], erased["amount"]) == (False, 0, money("50.00"))
    for path in ("/v1/verify", "/v1/finance/verifications"):
        job = alliance.client.wait_for_job(alliance.client.post(path, expect=202)["job"])
        assert job["state"] == "done", job
