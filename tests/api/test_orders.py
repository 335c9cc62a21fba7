"""Orders, reservations and stays over the API, on both engines: states, points that wait, sales that move, nights."""
import concurrent.futures
import datetime
import itertools
import time

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
TODAY = NOW.date()
# One point for each whole unit; gold would need more than anybody earns here.
DOCUMENT = {"zone": "UTC", "currency": "USD", "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}],
            "velocity": [{"of": "till", "action": "earning", "per": "day", "points": 1000}],
            "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}]}


def money(amount, currency="USD"):
    return {"amount": amount, "currency": currency}


def ago(days=0, hours=0):
    return (NOW - datetime.timedelta(days=days, hours=hours)).isoformat().replace("+00:00", "Z")


def day(days):
    return (TODAY - datetime.timedelta(days=days)).isoformat()


class Chain:
    """Stores A, B and a hotel; return days as a test sets them."""

    def __init__(self, server):
        self.server, self.client = server, server.client
        self.client.post("/v1/programme/versions", {"document": DOCUMENT}, expect=201)
        self.client.post("/v1/stores", [{"code": code, "name": code} for code in ("A", "B", "HOTEL")], expect=200)
        self.client.post("/v1/rate-codes", [
            {"code": "BAR", "name": "Best available"},
            {"code": "STAFF", "name": "Staff", "earns": False},
            {"code": "CORP", "name": "Company pays, guest earns", "credit": "guest"}], expect=200)
        self.client.post("/v1/items", {"sku": "kettle", "name": "Kettle", "category": "kitchen"}, expect=200)
        self.policy("order", return_days=7)
        self.policy("stay", return_days=0)

    def policy(self, kind, **policy):
        self.client.put(f"/v1/order-policies/{kind}", policy, expect=200)
        time.sleep(1.3)  # every process follows within a second

    def member(self):
        return self.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"C{next(COUNTER)}"}]},
                                expect=201)["id"]

    def order(self, member=None, amounts=("60.00", "40.00"), expect=201, **more):
        body = {"number": f"W{next(COUNTER)}", "channel": "web", "store": "A",
                "lines": [{"sku": "kettle", "amount": money(amount)} for amount in amounts], **more}
        if member:
            body["member"] = {"id": member}
        return self.client.post("/v1/orders", body, expect=expect)

    def tell(self, booking, what, expect=200, **body):
        path = {"ord": "orders", "rsv": "reservations", "sty": "stays"}[booking[:3]]
        return self.client.post(f"/v1/{path}/{booking}/{what}", body or None, expect=expect)

    def points(self, member):
        """(active, pending) of the account."""
        found = self.client.get(f"/v1/members/{member}/wallets", expect=200)["items"]
        one = next((one for one in found if one["wallet"] == "points"), None)
        return (one["active"], one["pending"]) if one else (0, 0)

    def figures(self, since=400):
        reply = self.client.get("/v1/store-figures", params={"from": day(since), "to": day(-1)}, expect=200)
        return {one["store"]: one for one in reply["stores"]}

    def standing(self, member):
        shown = self.client.get(f"/v1/members/{member}", expect=200)
        return shown["standing"]


@pytest.fixture(scope="module", params=ENGINES)
def chain(request, servers):
    server = servers.start(request.param)
    yield Chain(server)
    server.close()


def test_a_web_order_is_paid_made_ready_and_collected_and_its_points_wait(chain):
    member = chain.member()
    placed = chain.order(member, origin="B")
    assert (placed["state"], placed["version"], placed["purchase"]) == ("placed", 1, None)
    assert chain.points(member) == (0, 0)
    paid = chain.tell(placed["id"], "paid", receipt="R1", till="A/1")
    assert paid["state"] == "paid" and paid["earned"] == [{"wallet": "points", "points": 100, "active_at": None}]
    assert chain.points(member) == (0, 100)
    assert chain.tell(placed["id"], "ready")["state"] == "ready"
    assert chain.tell(placed["id"], "collected")["state"] == "collected"
    lots = chain.client.get(f"/v1/members/{member}/lots", expect=200)["items"]
    # Seven return days after today: the start of the eighth day.
    assert [lot["active_at"][:10] for lot in lots] == [day(-8)]
    assert chain.points(member) == (0, 100)
    shown = chain.client.get(f"/v1/orders/{placed['id']}", expect=200)
    assert [one["kind"] for one in shown["history"]] == [
        "order", "order_paid", "purchase", "order_ready", "order_collected"]
    assert shown["amount"] == money("100.00") and shown["origin"] == "B" and shown["lines"][0]["category"] == "kitchen"
    sale = chain.client.get(f"/v1/purchases/{shown['purchase']}", expect=200)
    assert sale["store"] == "A" and sale["receipt"].endswith("/R1") and sale["lines"][1]["amount"] == money("40.00")
    kinds = {one["kind"] for one in chain.client.all(f"/v1/members/{member}/timeline")}
    assert {"order", "order_paid", "order_ready", "order_collected", "purchase"} <= kinds


def test_points_become_active_by_themselves_when_the_return_days_are_over(chain):
    member = chain.member()
    order = chain.order(member, paid=True, at=ago(12))["id"]
    assert chain.points(member) == (0, 100)
    # Collected ten days ago: seven days later they became active, dated then.
    chain.tell(order, "collected", at=ago(10))
    assert chain.points(member) == (100, 0)
    activation = chain.client.all(f"/v1/members/{member}/timeline", kind="activation")
    assert [one["at"][:10] for one in activation] == [day(2)]


def test_a_cancelled_order_leaves_no_points_and_no_sale(chain):
    member = chain.member()
    before = chain.figures().get("A", {"sales": money("0.00"), "purchases": 0})
    for ready in (False, True):
        order = chain.order(member, paid=True)
        assert chain.standing(member)["purchases"] == 1
        if ready:
            chain.tell(order["id"], "ready")
        cancelled = chain.tell(order["id"], "cancelled")
        assert cancelled["state"] == "cancelled"
        assert cancelled["points_clawed_back"] == [{"wallet": "points", "points": 100}]
        assert chain.points(member) == (0, 0)
        standing = chain.standing(member)
        assert (standing["purchases"], standing["purchase_days"], standing["spend"]) == (0, 0, money("0.00"))
        assert standing["returns"] == money("0.00") and standing["last_purchase_at"] is None
    after = chain.figures().get("A", before)
    assert (after["sales"], after["purchases"]) == (before["sales"], before["purchases"])


def test_an_order_collected_elsewhere_is_the_sale_of_the_collecting_store(chain):
    member = chain.member()
    before = chain.figures()
    order = chain.order(member)["id"]
    chain.tell(order, "paid", receipt="MOVE", channel="web")
    first = chain.client.get(f"/v1/orders/{order}", expect=200)["purchase"]
    moved = chain.tell(order, "collected", store="B")
    assert moved["store"] == "B" and moved["purchase"] != first
    assert (moved["points_clawed_back"][0]["points"], moved["earned"][0]["points"]) == (100, 100)
    assert chain.points(member) == (0, 100)
    after = chain.figures()

    def change(store, name):
        old = before.get(store, {}).get(name, money("0.00"))
        value = lambda figure: float(figure["amount"]) if isinstance(figure, dict) else figure
        return value(after.get(store, {}).get(name, old)) - value(old)

    assert (change("A", "sales"), change("B", "sales")) == (0, 100)
    standing = chain.standing(member)
    assert (standing["purchases"], standing["spend"]) == (1, money("100.00"))
    # The receipt is that of the sale that there is now.
    back = chain.client.post("/v1/returns", {"purchase_receipt": "MOVE", "purchase_channel": "web", "purchase_store": "A",
                                             "purchase_business_day": day(0), "lines": [{"line": 2}]}, expect=201)
    assert back["points_clawed_back"] == [{"wallet": "points", "points": 40}]


def test_goods_may_come_back_partly_while_the_points_wait(chain):
    member = chain.member()
    order = chain.order(member, paid=True)
    chain.tell(order["id"], "collected")
    sale = chain.client.get(f"/v1/orders/{order['id']}", expect=200)["purchase"]
    back = chain.client.post(f"/v1/purchases/{sale}/returns", {"lines": [{"line": 2}]}, expect=201)
    assert back["points_clawed_back"] == [{"wallet": "points", "points": 40}]
    assert chain.points(member) == (0, 60)
    assert chain.standing(member)["spend"] == money("60.00")
    assert chain.tell(order["id"], "cancelled", expect=409).code == "order.state"


def test_what_tills_tell_twice_or_out_of_order_is_one_story(chain):
    member = chain.member()
    body = {"number": f"T{next(COUNTER)}", "channel": "web", "store": "A", "member": {"id": member},
            "lines": [{"amount": money("10.00")}]}
    first = chain.client.post("/v1/orders", body, expect=201)
    again = chain.client.post("/v1/orders", body, expect=200)
    assert again["duplicate"] and again["id"] == first["id"]
    other = {**body, "lines": [{"amount": money("11.00")}]}
    assert chain.client.post("/v1/orders", other, expect=409).code == "event.conflict"
    # Collected comes before paid: both facts are kept, the sale is one.
    collected = chain.tell(first["id"], "collected")
    assert collected["state"] == "collected" and collected["earned"][0]["points"] == 10
    paid = chain.tell(first["id"], "paid")
    assert (paid["state"], paid["duplicate"], paid["purchase"]) == ("collected", False, collected["purchase"])
    assert chain.tell(first["id"], "paid")["duplicate"]
    assert chain.tell(first["id"], "collected")["duplicate"]
    shown = chain.client.get(f"/v1/orders/{first['id']}", expect=200)
    assert shown["paid_at"] and shown["ended_at"] and shown["version"] == 3
    assert chain.points(member) == (0, 10)
    mixed = chain.client.post("/v1/orders", [body, {**body, "number": f"T{next(COUNTER)}"}], expect=200).json
    assert [(one["status"], one["duplicate"]) for one in mixed] == [(200, True), (201, False)]


def test_an_order_changes_only_as_it_was_seen(chain):
    order = chain.order(paid=True)
    stale = chain.client.post(f"/v1/orders/{order['id']}/ready", {}, headers={"If-Match": '"v9"'})
    assert (stale.status, stale.code) == (412, "order.stale")
    done = chain.client.post(f"/v1/orders/{order['id']}/ready", {}, headers={"If-Match": f'"v{order["version"]}"'}, expect=200)
    assert done.headers["ETag"] == '"v%d"' % done["version"]
    assert chain.tell("ord_0000000000001", "ready", expect=404).code == "order.unknown"


def test_an_order_without_a_member_is_a_sale_that_can_be_claimed(chain):
    order = chain.order(paid=True)
    assert order["member"] is None
    member = chain.member()
    claim = chain.client.post(f"/v1/purchases/{order['purchase']}/claim", {"member": {"id": member}}, expect=201)
    assert claim["earned"][0]["points"] == 100
    cancelled = chain.tell(order["id"], "cancelled")
    assert cancelled["points_clawed_back"] == [{"wallet": "points", "points": 100}]
    assert chain.points(member) == (0, 0)


def test_a_known_receipt_is_no_second_sale(chain):
    member = chain.member()
    receipt = f"X{next(COUNTER)}"
    chain.client.post("/v1/purchases", {"member": {"id": member}, "store": "A", "channel": "web", "receipt": receipt,
                                        "total": money("100.00")}, expect=201)
    order = chain.order(member)["id"]
    assert chain.tell(order, "paid", receipt=receipt, expect=409).code == "receipt.known"
    assert chain.client.get(f"/v1/orders/{order}", expect=200)["state"] == "placed"


def test_lists_are_by_store_day_state_member_and_number(chain):
    member = chain.member()
    made = [chain.order(member, store="B", at=ago(40 + i))["id"] for i in range(3)]
    chain.tell(made[1], "ready")
    query = {"store": "B", "from": day(45), "to": day(39)}
    assert [one["id"] for one in chain.client.all("/v1/orders", limit=1, **query)] == made
    assert [one["id"] for one in chain.client.all("/v1/orders", state="ready", **query)] == [made[1]]
    assert [one["id"] for one in chain.client.all("/v1/orders", day=day(42), member=member)] == [made[2]]
    shown = chain.client.get(f"/v1/orders/{made[0]}", expect=200)
    found = chain.client.get("/v1/orders", params={"channel": "web", "number": shown["number"]}, expect=200)["items"]
    assert [one["id"] for one in found] == [made[0]]
    assert chain.client.get("/v1/orders", params={"state": "departed"}, expect=422)["field"] == "state"


def gift(chain, member, points):
    chain.client.post("/v1/adjustments", {"member": {"id": member}, "points": points, "reason": "test"}, expect=201)


def test_points_pay_in_the_same_call(chain):
    member = chain.member()
    gift(chain, member, 5000)
    pay = {"pay_points": [{"wallet": "points", "points": 2000}]}
    assert chain.order(member, expect=422, **pay).code == "order.not_paid"
    assert chain.order(None, expect=422, paid=True, **pay).code == "purchase.anonymous"
    # 100.00, of which 2,000 points pay 20.00: 80.00 earn.
    order = chain.order(member, paid=True, **pay)
    assert chain.points(member) == (3000, 80)
    sale = chain.client.get(f"/v1/purchases/{order['purchase']}", expect=200)
    assert [one["kind"] for one in sale["followers"]] == ["redemption"]
    # Collected elsewhere it stays where points paid for it.
    moved = chain.tell(order["id"], "collected", store="B")
    assert moved["purchase"] == order["purchase"] and moved["store"] == "B"
    other = chain.order(member)["id"]
    chain.tell(other, "paid", **pay)
    assert chain.points(member) == (1000, 160)
    assert chain.tell(other, "collected", expect=409, **pay).code == "order.sold"
    chain.tell(other, "cancelled")
    assert chain.points(member) == (3000, 80)
    late = chain.order(member, amounts=("10.00",))["id"]
    assert chain.tell(late, "paid", expect=422, **pay).code == "purchase.overpaid"
    assert chain.tell(late, "paid", expect=409, pay_points=[{"wallet": "points", "points": 3001}]).code in (
        "points.insufficient", "purchase.overpaid")
    hold = chain.client.post("/v1/holds", {"member": {"id": member}, "wallet": "points", "points": 500}, expect=201)["id"]
    chain.tell(late, "paid", pay_points=[{"hold": hold}])
    assert chain.points(member) == (2500, 85)


def test_limits_count_orders_and_stays(chain):
    till = f"T{next(COUNTER)}"
    chain.order(chain.member(), amounts=("600.00",), paid=True, till=till)
    order = chain.order(chain.member(), amounts=("401.00",), till=till)["id"]
    refused = chain.tell(order, "paid", till=till, expect=429)
    assert (refused.code, refused["field"]) == ("earning.velocity", "till")
    chain.tell(order, "paid", till=till + "x")
    other = f"H{next(COUNTER)}"
    made = stay(chain, chain.member(), till=other, departed_at=ago(0), folio=[{"amount": money("990.00")}])
    assert made["state"] == "departed"
    late = stay(chain, chain.member(), folio=[{"amount": money("11.00")}])["id"]
    assert chain.tell(late, "departed", till=other, expect=429).code == "earning.velocity"
    assert chain.client.get(f"/v1/stays/{late}", expect=200)["state"] == "booked"


def test_what_happens_at_the_same_moment_happens_one_after_the_other(chain):
    member = chain.member()
    made = stay(chain, member)["id"]
    chain.tell(made, "arrived")
    order = chain.order(member)["id"]
    calls = [("stays", made, "folio", {"event_id": f"P{next(COUNTER)}", "lines": [{"amount": money("10.00")}]}) for _ in range(6)]
    calls += [("orders", order, what, {}) for what in ("paid", "ready", "collected")]
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        replies = list(pool.map(lambda call: chain.client.post(f"/v1/{call[0]}/{call[1]}/{call[2]}", call[3]), calls))
    assert [one.status for one in replies] == [200] * len(calls), replies
    assert chain.client.get(f"/v1/stays/{made}", expect=200)["pending_points"][0]["points"] == 60
    shown = chain.client.get(f"/v1/orders/{order}", expect=200)
    assert shown["state"] == "collected" and shown["version"] == 4
    assert [one["kind"] for one in shown["history"]].count("purchase") == 1


def test_frozen_points_of_an_order_wait_for_the_collection_when_the_case_is_closed(chain):
    member = chain.member()
    fraud = chain.client.post("/v1/fraud-cases", {"member": member, "reason": "too many"}, expect=201)["id"]
    orders = [chain.order(member, paid=True) for _ in range(2)]
    assert [one["earned"][0]["active_at"] for one in orders] == [None, None]
    # Collected while the case goes on, ten days ago: the return days are over, the case is not.
    chain.tell(orders[0]["id"], "collected", at=ago(0))
    assert chain.points(member) == (0, 200)
    chain.client.post(f"/v1/fraud-cases/{fraud}/close", {"result": "released", "reason": "looked into"}, expect=200)
    until = time.monotonic() + 20
    while True:
        lots = chain.client.get(f"/v1/members/{member}/lots", expect=200)["items"]
        if sorted(lot["active_at"] or "" for lot in lots) == ["", day(-8) + "T00:00:00Z"]:
            break
        assert time.monotonic() < until, lots
        time.sleep(0.2)
    # The other still waits, until it is collected.
    assert chain.points(member) == (0, 200)
    chain.tell(orders[1]["id"], "collected")
    lots = chain.client.get(f"/v1/members/{member}/lots", expect=200)["items"]
    assert [lot["active_at"][:10] for lot in lots] == [day(-8)] * 2


# ---- reservations ----

def test_a_reservation_is_changed_and_checked_in_as_a_visit(chain):
    member = chain.member()
    body = {"number": f"RS{next(COUNTER)}", "channel": "phone", "store": "B", "member": {"id": member}, "party": 4,
            "time": ago(-1), "place": "table 7", "name": "Li", "note": "window"}
    made = chain.client.post("/v1/reservations", body, expect=201)["id"]
    changed = chain.client.patch(f"/v1/reservations/{made}", {"party": 6, "time": ago(-2)}, expect=200)
    assert changed["version"] == 2
    listed = chain.client.get("/v1/reservations", params={"day": day(-2), "store": "B"}, expect=200)["items"]
    assert [(one["id"], one["party"], one["place"], one["name"]) for one in listed] == [(made, 6, "table 7", "Li")]
    arrived = chain.client.post("/v1/check-ins", [{"reservation": made}, {"stay": "sty_0000000000001"}, {}], expect=200).json
    assert [one["status"] for one in arrived] == [200, 404, 422]
    shown = chain.client.get(f"/v1/reservations/{made}", expect=200)
    assert shown["state"] == "arrived" and [one["kind"] for one in shown["history"]] == [
        "reservation", "reservation_changed", "visit"]
    assert chain.standing(member)["visits"] == 1
    assert chain.tell(made, "arrived")["duplicate"]
    assert chain.client.patch(f"/v1/reservations/{made}", {"party": 2}, expect=409).code == "order.state"


def test_a_reservation_without_a_member_may_be_missed_come_late_or_be_cancelled(chain):
    def reserve():
        return chain.client.post("/v1/reservations", {"store": "A", "time": ago(0), "name": "Somebody"},
                                 headers={"Idempotency-Key": f"k{next(COUNTER)}"}, expect=201)["id"]

    missed, cancelled = reserve(), reserve()
    assert chain.tell(missed, "no-show")["state"] == "no_show"
    assert chain.tell(missed, "arrived")["state"] == "arrived"
    assert chain.tell(cancelled, "cancelled")["state"] == "cancelled"
    assert chain.tell(cancelled, "no-show", expect=409).code == "order.state"
    refused = chain.client.post("/v1/reservations", {"store": "A", "time": ago(0)}, expect=422)
    assert (refused.code, refused["field"]) == ("purchase.key_required", "number")


# ---- stays ----

def stay(chain, guest, expect=201, **more):
    body = {"number": f"S{next(COUNTER)}", "channel": "hotel", "store": "HOTEL", "guest": {"id": guest}, "room": "812",
            "arrival": day(3), "departure": day(0), "rate_code": "BAR", **more}
    return chain.client.post("/v1/stays", body, expect=expect)


def charge(chain, booking, *amounts, expect=200, **more):
    body = {"event_id": f"F{next(COUNTER)}", "lines": [{"sku": "room", "amount": money(one)} for one in amounts], **more}
    return chain.client.post(f"/v1/stays/{booking}/folio", body, expect=expect)


def test_a_stay_becomes_a_sale_at_departure(chain):
    guest = chain.member()
    made = stay(chain, guest)["id"]
    assert chain.client.post("/v1/check-ins", {"stay": made, "at": ago(3)}, expect=200)["state"] == "arrived"
    charge(chain, made, "120.00", "35.50")
    posting = {"event_id": f"F{next(COUNTER)}", "lines": [{"sku": "minibar", "amount": money("4.50")}]}
    chain.client.post(f"/v1/stays/{made}/folio", posting, expect=200)
    assert chain.client.post(f"/v1/stays/{made}/folio", posting, expect=200)["duplicate"]
    assert chain.points(guest) == (0, 160)
    left = chain.tell(made, "departed", receipt=f"INV{next(COUNTER)}")
    assert left["state"] == "departed" and left["earned"][0]["points"] == 160
    assert chain.points(guest) == (160, 0)
    shown = chain.client.get(f"/v1/stays/{made}", expect=200)
    assert (shown["nights"], shown["amount"], len(shown["folio"])) == (3, money("160.00"), 3)
    assert chain.standing(guest)["visits"] == 1 and chain.standing(guest)["purchases"] == 1
    # Found in the room afterwards: a sale of its own. Then nothing but charges.
    assert charge(chain, made, "9.00")["earned"][0]["points"] == 9
    assert chain.client.patch(f"/v1/stays/{made}", {"room": "1"}, expect=409).code == "order.state"


def test_points_of_a_stay_are_pending_from_the_check_in_until_the_departure(chain):
    guest, payer = chain.member(), chain.member()
    made = stay(chain, guest, night_price=money("100.00"))["id"]
    assert chain.points(guest) == (0, 0)
    outstanding = lambda: next((one["pending"] for one in chain.client.get("/v1/liability", expect=200)["items"]
                                if one["wallet"] == "points"), 0)
    before = outstanding()
    # Three nights at 100.00.
    arrived = chain.tell(made, "arrived", at=ago(3))
    assert arrived["balances"] == [{"wallet": "points", "available": 0, "pending": 300, "balance": 300}]
    assert outstanding() == before + 300
    shown = chain.client.get(f"/v1/stays/{made}", expect=200)
    assert shown["night_price"] == money("100.00") and shown["pending_points"] == [{"wallet": "points", "points": 300}]
    lot = chain.client.get(f"/v1/members/{guest}/lots", expect=200)["items"][0]
    assert (lot["pending"], lot["active_at"], lot["expires_at"]) == (True, None, None)
    # The folio takes the place of the nights: 120.00 of 300.00, then 320.00.
    charge(chain, made, "120.00")
    assert chain.points(guest) == (0, 300)
    charge(chain, made, "200.00")
    assert chain.points(guest) == (0, 320)
    # Another pays: it is another's sale, and they wait there.
    chain.client.patch(f"/v1/stays/{made}", {"payer": {"id": payer}}, expect=200)
    assert (chain.points(guest), chain.points(payer)) == ((0, 0), (0, 320))
    chain.client.patch(f"/v1/stays/{made}", {"rate_code": "CORP", "night_price": money("150.00")}, expect=200)
    assert (chain.points(guest), chain.points(payer)) == ((0, 450), (0, 0))
    left = chain.tell(made, "departed")
    assert left["earned"][0]["points"] == 320 and chain.points(guest) == (320, 0)
    assert "pending_points" not in chain.client.get(f"/v1/stays/{made}", expect=200).json
    rows = chain.client.all(f"/v1/members/{guest}/timeline", kind="stay_points")
    # Newest first: taken back at the departure, 450, to the payer, 320, 300.
    assert [one["points"][0]["points"] if one["points"] else 0 for one in rows] == [-450, 450, -320, 20, 300]


def test_points_of_a_stay_vanish_when_it_is_cancelled_or_ends_early(chain):
    guest = chain.member()
    made = stay(chain, guest, night_price=money("80.00"), arrival=day(0), departure=day(-5))["id"]
    chain.tell(made, "arrived")
    assert chain.points(guest) == (0, 400)
    assert chain.tell(made, "cancelled")["balances"][0]["pending"] == 0
    assert chain.points(guest) == (0, 0)
    early = stay(chain, guest, night_price=money("80.00"), arrival=day(1), departure=day(-5))["id"]
    chain.tell(early, "arrived", at=ago(1))
    assert chain.points(guest) == (0, 480)
    charge(chain, early, "80.00")
    chain.tell(early, "departed")
    assert chain.points(guest) == (80, 0)
    euro = stay(chain, guest, expect=422, night_price=money("80.00", "EUR"), folio=[{"amount": money("1.00")}])
    assert (euro.code, euro["field"]) == ("purchase.currencies", "night_price")


def test_the_guest_has_the_nights_and_the_payer_the_sale(chain):
    guest, payer = chain.member(), chain.member()
    made = stay(chain, guest, payer={"id": payer})["id"]
    assert chain.tell(made, "arrived", at=ago(3))["state"] == "arrived"
    charge(chain, made, "200.00")
    arrived = chain.client.get("/v1/stays", params={"store": "HOTEL", "state": "arrived", "member": guest}, expect=200)
    assert [(one["id"], one["room"]) for one in arrived["items"]] == [(made, "812")]
    chain.tell(made, "departed")
    assert (chain.points(guest), chain.points(payer)) == ((0, 0), (200, 0))
    assert chain.standing(payer)["spend"] == money("200.00") and chain.standing(guest)["purchases"] == 0
    shown = chain.client.get(f"/v1/stays/{made}", expect=200)
    assert (shown["guest"], shown["payer"], shown["credited"]) == (guest, payer, payer)
    assert "purchase" in [one["kind"] for one in shown["history"]]


def test_the_rate_code_says_who_earns_and_whether(chain):
    guest, payer = chain.member(), chain.member()
    company = stay(chain, guest, payer={"id": payer}, rate_code="CORP")["id"]
    charge(chain, company, "50.00")
    chain.tell(company, "departed")
    assert (chain.points(guest), chain.points(payer)) == ((50, 0), (0, 0))
    staff = stay(chain, guest, rate_code="STAFF")["id"]
    charge(chain, staff, "70.00")
    assert chain.tell(staff, "departed")["earned"] == []
    assert chain.points(guest) == (50, 0) and chain.standing(guest)["spend"] == money("120.00")
    # A late change of rate and payer decides the whole stay.
    late = stay(chain, guest, rate_code="STAFF")["id"]
    charge(chain, late, "30.00")
    chain.client.patch(f"/v1/stays/{late}", {"rate_code": "BAR", "payer": {"id": payer}, "departure": day(-1)}, expect=200)
    chain.tell(late, "departed")
    assert (chain.points(guest), chain.points(payer)) == ((50, 0), (30, 0))
    assert stay(chain, guest, expect=422, rate_code="NONE").code == "rate_code.unknown"


def test_nights_count_on_their_own_days_over_the_end_of_a_month(chain):
    guest, payer = chain.member(), chain.member()
    # 29 January to 2 February: three nights of January, one of February; the sale is of 2 February.
    made = stay(chain, guest, payer={"id": payer}, rate_code="STAFF", arrival="2026-01-29", departure="2026-02-05",
                folio=[{"amount": money("400.00")}], departed_at="2026-02-02T10:00:00Z")
    assert made["state"] == "departed" and made["earned"] == []
    shown = chain.client.get(f"/v1/stays/{made['id']}", expect=200)
    assert (shown["nights"], shown["departure"]) == (4, "2026-02-02")
    sale = chain.client.get(f"/v1/purchases/{made['purchase']}", expect=200)
    assert (sale["business_day"], sale["member"]) == ("2026-02-02", payer)


def test_stays_and_nights_of_a_store_are_reported_by_day(chain):
    store = f"INN{next(COUNTER)}"
    chain.client.post("/v1/stores", {"code": store, "name": store}, expect=200)
    for arrival, left in (("2026-01-29", "2026-02-02"), ("2026-01-31", "2026-02-01")):
        stay(chain, chain.member(), store=store, arrival=arrival, departure=left, departed_at=f"{left}T10:00:00Z",
             folio=[{"amount": money("100.00")}])

    def figures(first, last):
        found = chain.client.get("/v1/store-figures", params={"from": first, "to": last, "store": store}, expect=200)
        return found["total"]["stays"], found["total"]["nights"]

    # Nights of 29, 30 and 31 January and 1 February, and of 31 January.
    assert figures("2026-01-01", "2026-01-31") == (0, 4)
    assert figures("2026-02-01", "2026-02-28") == (2, 1)
    assert chain.client.get("/v1/measures/nights", expect=200)["unit"] == "count"


def test_whoever_does_not_come_may_owe_a_fee_that_earns_nothing(chain):
    guest = chain.member()
    made = stay(chain, guest)["id"]
    assert chain.tell(made, "no-show")["state"] == "no_show"
    fee = charge(chain, made, "120.00")
    assert fee["earned"] == [] and chain.points(guest) == (0, 0)
    assert chain.standing(guest)["spend"] == money("120.00")
    other = stay(chain, guest)["id"]
    assert chain.tell(other, "cancelled")["state"] == "cancelled"
    assert chain.tell(other, "departed", expect=409).code == "order.state"
    assert stay(chain, guest, expect=422, departure=day(9)).code == "stay.days"


def test_nights_lift_the_guest_where_the_ladder_counts_them(fresh_server):
    client = fresh_server.client
    ladder = {"metric": "nights", "levels": [{"code": "member", "qualify": 0}, {"code": "silver", "qualify": 4}]}
    client.post("/v1/programme/versions", {"document": {**DOCUMENT, "tiers": ladder}}, expect=201)
    client.post("/v1/rate-codes", {"code": "STAFF", "name": "Staff", "earns": False}, expect=200)
    time.sleep(6)
    guest, payer = (client.post("/v1/members", {"identifiers": [{"kind": "card", "value": card}]}, expect=201)["id"]
                    for card in ("G", "P"))

    def past(arrival, **more):
        return client.post("/v1/stays", {"number": arrival, "channel": "hotel", "guest": {"id": guest}, "payer": {"id": payer},
                                         "arrival": arrival, "departure": "2026-02-02", **more}, expect=201)

    past("2026-01-31", departed_at="2026-02-02T10:00:00Z")
    past("2026-01-20", departed_at="2026-02-02T10:00:00Z", rate_code="STAFF")
    assert client.get(f"/v1/members/{guest}", expect=200)["tier"]["code"] == "member"
    past("2026-01-30", departed_at="2026-02-01T10:00:00Z")
    # Two nights and two: four.
    tier = client.get(f"/v1/members/{guest}", expect=200)["tier"]
    assert (tier["code"], tier["qualifying"]) == ("silver", 4)
    assert client.get(f"/v1/members/{payer}", expect=200)["tier"]["qualifying"] == 0


def test_the_goods_of_an_order_cost_what_they_cost_when_it_is_sold(fresh_server):
    client = fresh_server.client
    client.post("/v1/items", {"sku": "kettle", "name": "Kettle", "category": "kitchen", "unit_cost": money("20.00")}, expect=200)
    time.sleep(1.3)
    order = client.post("/v1/orders", {"number": "1", "channel": "web", "store": "A", "lines": [
        {"sku": "kettle", "quantity": "2", "amount": money("60.00")}]}, expect=201)["id"]
    client.put("/v1/items/kettle", {"sku": "kettle", "name": "Kettle", "category": "kitchen", "unit_cost": money("25.00")}, expect=200)
    sale = client.post(f"/v1/orders/{order}/paid", expect=200)["purchase"]
    # Two at 25.00, not at the 20.00 of when it was placed.
    line = client.get(f"/v1/purchases/{sale}", expect=200)["lines"][0]
    assert line["cost"] == money("50.00"), line


def test_lines_of_orders_and_folios_say_as_much_as_those_of_purchases(chain):
    member = chain.member()
    # Listed at 30.00 and 8.00; 5.00 off by a coupon, 1.00 for the member; one costs 4.00, 8 % tax is in the second.
    tea = {"sku": "tea", "quantity": "2", "amount": money("24.00"), "list_price": money("30.00"),
           "discounts": [{"kind": "coupon", "code": "FIVE", "amount": money("5.00")},
                         {"kind": "member", "amount": money("1.00")}],
           "modifiers": [{"code": "ice", "text": "less ice", "price": money("0.50")}], "unit_cost": money("4.00")}
    cake = {"amount": money("5.40"), "list_price": money("8.00"), "tax_rate": "0.08"}
    body = {"number": f"L{next(COUNTER)}", "channel": "web", "store": "A", "member": {"id": member}, "name": "Li",
            "lines": [tea, cake]}
    order = chain.client.post("/v1/orders", body, expect=201)["id"]
    assert chain.client.post("/v1/orders", body, expect=200)["duplicate"]
    assert chain.client.post("/v1/orders", {**body, "lines": [{**tea, "modifiers": []}, cake]}, expect=409).code == "event.conflict"
    shown = chain.client.get(f"/v1/orders/{order}", expect=200)
    lines = shown["lines"]
    assert (lines[0]["discount"], lines[0]["list_price"], lines[0]["cost"]) == (money("6.00"), money("30.00"), money("8.00"))
    assert lines[0]["discounts"] == [{"kind": "coupon", "code": "FIVE", "amount": money("5.00")},
                                     {"kind": "member", "amount": money("1.00")}]
    assert lines[0]["modifiers"] == [{"code": "ice", "text": "less ice", "quantity": 1, "price": money("0.50")}]
    # 5.40 / 1.08 = 5.00 without tax.
    assert (lines[1]["discount"], lines[1]["net"]) == (money("2.60"), money("5.00"))
    assert shown["name"] == "Li"
    sale = chain.client.get("/v1/purchases/" + chain.tell(order, "paid")["purchase"], expect=200)
    assert sale["lines"] == lines
    refused = chain.order(member, expect=422, lines=[tea, {**cake, "list_price": money("9.00"), "discount": money("1.00")}])
    assert (refused.code, refused["field"]) == ("purchase.list_price", "lines[1].list_price")
    # A folio says as much; the words of its modifiers do not hide the name of the stay.
    made = stay(chain, member, name="Wang")["id"]
    posting = {"event_id": f"F{next(COUNTER)}", "lines": [{"sku": "bar", "amount": money("9.00"), "list_price": money("10.00"),
                                                           "modifiers": [{"text": "no sugar"}]}]}
    chain.client.post(f"/v1/stays/{made}/folio", posting, expect=200)
    shown = chain.client.get(f"/v1/stays/{made}", expect=200)
    assert shown["name"] == "Wang" and shown["folio"][0]["modifiers"][0]["text"] == "no sugar"
    sale = chain.client.get("/v1/purchases/" + chain.tell(made, "departed")["purchase"], expect=200)
    assert (sale["lines"][0]["discount"], sale["lines"][0]["modifiers"][0]["text"]) == (money("1.00"), "no sugar")
    chain.client.delete(f"/v1/members/{member}", expect=204)
    shown = chain.client.get(f"/v1/orders/{order}", expect=200)
    assert "text" not in shown["lines"][0]["modifiers"][0] and "name" not in shown.json


# ---- people ----

def test_open_orders_follow_a_merge_and_its_undoing(chain):
    one, two = chain.member(), chain.member()
    order = chain.order(two, paid=True)["id"]
    merge = chain.client.post("/v1/merges", {"into": {"id": one}, "from": {"id": two}}, expect=201)["id"]
    assert chain.points(one) == (0, 100)
    assert [found["id"] for found in chain.client.all("/v1/orders", member=one)] == [order]
    chain.tell(order, "collected", at=ago(9))
    assert chain.points(one) == (100, 0)
    chain.client.delete(f"/v1/merges/{merge}", expect=204)
    assert (chain.points(one), chain.points(two)) == ((0, 0), (100, 0))
    assert [found["id"] for found in chain.client.all("/v1/orders", member=two)] == [order]


def test_an_erased_member_leaves_an_order_without_names(chain):
    member = chain.member()
    order = chain.order(member, name="Li Lei", note="call first")["id"]
    shown = chain.client.get(f"/v1/orders/{order}", expect=200)
    assert (shown["name"], shown["note"]) == ("Li Lei", "call first")
    chain.client.delete(f"/v1/members/{member}", expect=204)
    shown = chain.client.get(f"/v1/orders/{order}", expect=200)
    assert "name" not in shown.json and "note" not in shown.json
    # The goods are still there to be collected: a sale of nobody.
    assert chain.tell(order, "collected")["state"] == "collected"


def test_the_rules_are_versioned_and_audited(chain):
    made = chain.client.get("/v1/rate-codes/BAR", expect=200)
    assert (made["earns"], made["credit"]) == (True, "payer")
    assert [one["code"] for one in chain.client.all("/v1/rate-codes", limit=1)] == ["BAR", "CORP", "STAFF"]
    put = chain.client.put("/v1/rate-codes/TEMP", {"name": "Temporary"}, expect=200)
    assert put["version"] == 1
    assert chain.client.put("/v1/rate-codes/TEMP", {"name": "T"}, headers={"If-Match": '"v7"'}).code == "catalogue.stale"
    chain.client.delete("/v1/rate-codes/TEMP", expect=204)
    assert chain.client.get("/v1/rate-codes/TEMP").code == "catalogue.unknown"
    policies = {one["kind"]: one for one in chain.client.get("/v1/order-policies", expect=200)["items"]}
    assert policies["order"]["return_days"] == 7 and policies["stay"]["credit"] == "collecting"
    assert chain.client.get("/v1/order-policies/order", expect=200).json == policies["order"]
    assert chain.client.get("/v1/order-policies/other").code == "catalogue.unknown"
    assert chain.client.put("/v1/order-policies/order", {"return_days": 400}, expect=422)["field"] == "return_days"
    written = {one["what"] for one in chain.client.all("/v1/audit")}
    assert {"rate_code.updated", "rate_code.deleted", "order_policy.updated"} <= written


def test_the_policy_says_whose_sale_it_is_and_when_the_days_begin(chain):
    chain.policy("order", return_days=2, activation="paid", credit="ordering")
    try:
        member = chain.member()
        until = time.monotonic() + 30
        while (order := chain.order(member, origin="B", paid=True))["earned"][0]["active_at"] is None:
            assert time.monotonic() < until, "the policy is not in force"
            chain.tell(order["id"], "cancelled")
            time.sleep(0.5)
        assert order["earned"][0]["active_at"][:10] == day(-3)
        assert chain.client.get(f"/v1/purchases/{order['purchase']}", expect=200)["store"] == "B"
        done = chain.tell(order["id"], "collected", store="A")
        assert done["purchase"] == order["purchase"] and chain.points(member) == (0, 100)
    finally:
        chain.policy("order", return_days=7)


def test_what_happened_to_orders_is_sealed_and_adds_up(chain):
    job = chain.client.wait_for_job(chain.client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "done", job
