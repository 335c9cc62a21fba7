"""Finance: months of three legal entities with figures worked out by hand, settlements, entries, scopes, verification."""
import csv
import datetime
import io
import itertools
import uuid
import zipfile
from collections import defaultdict
from decimal import Decimal

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
DOCUMENT = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points", "transferable": True, "debt": "clamp", "value": {"points": 100, "amount": "1.00"}}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00", "whole_units": True}],
}
COLUMNS = ["issued", "redeemed", "expired", "clawed_back", "written_off", "adjusted", "taken_over", "transferred",
           "paid_in", "paid_out"]


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


TODAY = today()


def noon(day):
    """Of the day, or now where it is still morning."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return min(f"{day}T12:00:00Z", now)


def month(ago):
    """The month so many months ago: "2026-09"."""
    number = TODAY.year * 12 + TODAY.month - 1 - ago
    return f"{number // 12:04}-{number % 12 + 1:02}"


CLOSED, LAST, OPEN = month(2), month(1), month(0)


def unique(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


class Books:
    """A company of three legal entities A, B and C with a store each: SA, SB, SC."""

    def __init__(self, server, debt="clamp", stored_values=()):
        self.server, self.client = server, server.client
        cent = {"points": 1, "amount": "0.01"}
        document = {**DOCUMENT, "stored_values": list(stored_values), "wallets": [
            {**DOCUMENT["wallets"][0], "debt": debt}, {"code": "card", "value": cent}, {"code": "bonus", "value": cent}]}
        self.client.post("/v1/programme/versions", {"document": document}, expect=201)
        self.client.post("/v1/places", [{"code": "ACME", "kind": "company", "name": "Acme"}] + [
            {"code": code, "kind": "entity", "name": code, "parent": "ACME"} for code in "ABC"] + [
            {"code": "S" + code, "kind": "store", "name": "S" + code, "parent": code} for code in "ABC"], expect=200)

    def member(self):
        return self.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": unique("c")}]}, expect=201)["id"]

    def buy(self, member, store, amount, day):
        return self.client.post("/v1/purchases", {
            "member": {"id": member}, "store": store, "receipt": unique("r"), "at": noon(day),
            "total": {"amount": f"{amount}.00", "currency": "USD"}}, expect=201)["id"]

    def give_back(self, purchase, store, day):
        return self.client.post(f"/v1/purchases/{purchase}/returns", {"store": store, "at": noon(day)}, expect=201)

    def redeem(self, member, store, points, day):
        return self.client.post("/v1/redemptions", {"member": {"id": member}, "points": points, "store": store,
                                                    "at": noon(day)}, expect=201)["id"]

    def lines(self, client=None, **query):
        items = (client or self.client).get("/v1/finance/months", params={"from": CLOSED, **query}, expect=200)["items"]
        return {(line["month"], line["entity"]): line for line in items}

    def settlements(self, of, client=None):
        reply = (client or self.client).get("/v1/finance/settlements", params={"from": of, "to": of}, expect=200)
        return ({(line["issuer"], line["redeemer"]): line["points"] for line in reply["lines"]},
                {(net["debtor"], net["creditor"]): net["amount"]["amount"] for net in reply["net"]})

    def close(self, of, expect=201, **options):
        return self.client.post("/v1/finance/months", {"month": of}, expect=expect, **options)


def figures(line):
    """Opening, the columns that are not 0, closing."""
    return line["opening"], {name: line[name] for name in COLUMNS if line[name] != 0}, line["closing"]


@pytest.fixture(scope="module", params=ENGINES)
def books(request, servers):
    server = servers.start(request.param)
    yield Books(server)
    server.close()


def test_months_of_three_entities_come_to_what_was_worked_out_by_hand(books):
    x, y = books.member(), books.member()
    books.buy(x, "SA", 1000, f"{CLOSED}-10")
    second = books.buy(x, "SB", 300, f"{CLOSED}-12")
    books.redeem(x, "SB", 700, f"{CLOSED}-20")  # of what A issued
    lines = books.lines()
    assert figures(lines[CLOSED, "A"]) == (0, {"issued": 1000, "redeemed": -700}, 300)
    assert figures(lines[CLOSED, "B"]) == (0, {"issued": 300}, 300)
    assert lines[CLOSED, "A"]["closing_value"] == {"amount": "3.00", "currency": "USD"}
    assert lines[CLOSED, "A"]["state"] == "open"
    assert books.settlements(CLOSED) == ({("A", "B"): 700}, {("A", "B"): "7.00"})

    assert books.close(OPEN, 409).code == "finance.not_over"
    assert books.close(month(3))["lines"] == []
    assert books.close(LAST, 409).code == "finance.order"
    once = {"Idempotency-Key": "close-once"}
    closed = books.close(CLOSED, headers=once)
    again = books.close(CLOSED, headers=once)
    assert again.json == closed.json and again.headers["Idempotency-Replayed"] == "true"
    assert closed["state"] == "closed" and len(closed["digest"]) == 64 and closed["closed_by"].startswith("key:")
    assert books.close(CLOSED, 409).code == "finance.closed"

    books.buy(y, "SC", 60, f"{CLOSED}-25")  # too late for its month
    redeemed = books.redeem(x, "SC", 500, f"{LAST}-05")  # 300 of A, 200 of B
    books.client.post(f"/v1/redemptions/{redeemed}/reversals", {"points": 250, "at": f"{LAST}-08T12:00:00Z"}, expect=201)
    books.client.post("/v1/transfers", {"from": {"id": x}, "to": {"id": y}, "points": 120,
                                        "at": f"{LAST}-09T12:00:00Z"}, expect=201)  # 50 of A, 70 of B
    books.redeem(y, "SA", 100, f"{LAST}-12")  # 50 of A, 50 of B
    books.client.post("/v1/adjustments", {"member": {"id": y}, "points": 40, "reason": "sorry", "store": "SC",
                                          "at": f"{LAST}-13T12:00:00Z"}, expect=201)
    books.give_back(second, "SB", f"{LAST}-15")  # 300 clawed back: 230 were left, 70 are written off

    assert books.client.get(f"/v1/finance/months/{CLOSED}", expect=200).json == closed.json
    lines = books.lines()
    assert figures(lines[LAST, "A"]) == (300, {"redeemed": -300}, 0)
    assert figures(lines[LAST, "B"]) == (300, {"redeemed": -50, "clawed_back": -300, "written_off": 70}, 20)
    assert figures(lines[LAST, "C"]) == (0, {"issued": 60, "adjusted": 40}, 100)
    assert lines[LAST, "C"]["late"] == [{"month": CLOSED, "points": 60}] and lines[LAST, "B"]["late"] == []
    assert books.settlements(LAST) == ({("A", "C"): 250, ("B", "A"): 50}, {("A", "C"): "2.50", ("B", "A"): "0.50"})
    for entity in "ABC":
        assert lines[OPEN, entity]["opening"] == lines[LAST, entity]["closing"] == lines[OPEN, entity]["closing"]
    owed = books.client.all("/v1/liability")[0]
    assert sum(lines[OPEN, entity]["closing"] for entity in "ABC") == owed["outstanding"] == 120
    assert books.close(LAST)["state"] == "closed"


def test_entries_for_the_accounts_balance_and_carry_the_numbers_of_the_business(books):
    settings = {"accounts": [{"account": "points_liability", "number": "2170"}], "settlement_rates": []}
    made = books.client.put("/v1/finance/settings", settings, expect=200)
    assert made["version"] == 1 and made["accounts"] == settings["accounts"]
    tag = books.client.get("/v1/finance/settings", expect=200).headers["ETag"]
    books.client.put("/v1/finance/settings", settings, headers={"If-Match": tag}, expect=200)
    stale = books.client.put("/v1/finance/settings", settings, headers={"If-Match": tag})
    assert (stale.status, stale.code) == (412, "catalogue.stale")
    assert books.client.get("/v1/finance/settings", expect=200)["version"] == 2
    wrong = {"settlement_rates": [{"wallet": "none", "points": 1, "amount": {"amount": "1.00", "currency": "USD"}}]}
    assert books.client.put("/v1/finance/settings", wrong, expect=422).code == "wallet.unknown"
    reply = books.client.get("/v1/finance/journal", params={"from": CLOSED, "to": LAST}, expect=200)
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    sums = defaultdict(Decimal)
    for row in rows:
        sums[row["entity"], row["month"]] += Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)
    assert rows and set(sums.values()) == {Decimal(0)}
    liability = [row for row in rows if row["name"] == "points_liability" and row["entity"] == "A"]
    assert {row["account"] for row in liability} == {"2170"}
    assert sum(Decimal(row["credit"] or 0) - Decimal(row["debit"] or 0) for row in liability) == 0
    sheet = books.client.get("/v1/finance/journal", params={"to": LAST, "format": "xlsx"}, expect=200)
    assert zipfile.ZipFile(io.BytesIO(sheet.content)).testzip() is None
    reply = books.client.get("/v1/finance/settlements/file", params={"to": LAST}, expect=200)
    assert [list(row.values())[:4] + [row["amount"]] for row in csv.DictReader(io.StringIO(reply.text))] == [
        ["line", LAST, "A", "C", "2.50"], ["line", LAST, "B", "A", "0.50"],
        ["net", LAST, "A", "C", "2.50"], ["net", LAST, "B", "A", "0.50"]]


def test_callers_see_their_entities_and_close_nothing(books):
    made = books.client.post("/v1/keys", {"name": unique("k"), "scopes": ["finance.read", "finance.close"], "places": ["B"]},
                             expect=201)
    client = books.client.as_key(made["token"])
    assert {entity for _, entity in books.lines(client)} == {"B"}
    assert books.settlements(LAST, client) == ({("B", "A"): 50}, {("B", "A"): "0.50"})
    assert client.get("/v1/finance/months", params={"entity": "A"}, expect=403).code == "auth.scope"
    assert client.post("/v1/finance/months", {"month": LAST}, expect=403).code == "auth.scope"
    assert [one["entity"] for one in client.get("/v1/finance/vintages", expect=200)["entities"]] == ["B"]
    rows = csv.DictReader(io.StringIO(client.get("/v1/finance/journal", params={"to": LAST}, expect=200).text))
    assert {row["entity"] for row in rows} == {"B"}
    nobody = books.client.post("/v1/keys", {"name": unique("k"), "scopes": ["finance.read"]}, expect=201)
    assert books.client.as_key(nobody["token"]).post("/v1/finance/months", {"month": LAST}, expect=403).code == "auth.forbidden"


def test_a_store_that_changes_hands_takes_its_new_entity_from_then_on(books):
    before = books.lines(to=LAST)
    books.client.put("/v1/places/SC", {"kind": "store", "name": "SC", "parent": "B"}, expect=200)
    member = books.member()
    books.buy(member, "SC", 11, TODAY)
    assert books.lines(to=LAST) == before
    now = books.lines()
    assert now[OPEN, "B"]["issued"] == 11 and now[OPEN, "C"]["issued"] == 0
    job = books.client.wait_for_job(books.client.post("/v1/finance/verifications", expect=202)["job"])
    assert job["state"] == "done" and job["counts"]["closed_months"] == 3, job


def test_stored_value_is_paid_in_at_one_entity_and_spent_at_another(fresh_server):
    """100.00 paid in at A with a bonus of 10.00; 55.00 of the principal buy at B, so A owes B 55.00."""
    books = Books(fresh_server, stored_values=[
        {"code": "card", "principal": "card", "bonus": "bonus", "order": "principal_first",
         "bonuses": [{"at_least": "100.00", "amount": "10.00"}]}])
    member = books.member()
    money = {"currency": "USD"}
    books.client.post("/v1/top-ups", {"member": {"id": member}, "amount": {"amount": "100.00", **money}, "store": "SA"}, expect=201)
    books.client.post("/v1/purchases", {
        "member": {"id": member}, "receipt": unique("r"), "store": "SB", "total": {"amount": "55.00", **money},
        "pay_stored_value": {"code": "card", "amount": {"amount": "55.00", **money}}}, expect=201)
    lines = {line["wallet"]: line for line in books.client.get("/v1/finance/months", params={"entity": "A"}, expect=200)["items"]}
    assert figures(lines["card"]) == (0, {"redeemed": -5500, "paid_in": 10000}, 4500)
    assert figures(lines["bonus"]) == (0, {"issued": 1000}, 1000)
    assert lines["card"]["closing_value"]["amount"] == "45.00"
    assert books.settlements(OPEN) == ({("A", "B"): 5500}, {("A", "B"): "55.00"})


def test_until_the_first_close_the_tree_of_now_holds_for_all(fresh_server):
    client = fresh_server.client
    member = client.post("/v1/members", {"identifiers": [{"kind": "card", "value": unique("c")}]}, expect=201)["id"]
    client.post("/v1/purchases", {"member": {"id": member}, "store": "SA", "receipt": unique("r"),
                                  "total": {"amount": "25.00", "currency": "USD"}}, expect=201)
    assert [line["entity"] for line in client.get("/v1/finance/months", expect=200)["items"]] == [""]
    client.post("/v1/places", [{"code": "A", "kind": "entity", "name": "A"},
                               {"code": "SA", "kind": "store", "name": "SA", "parent": "A"}], expect=200)
    shown = client.get("/v1/finance/months", expect=200)["items"]
    assert [(line["entity"], line["closing"], line["closing_value"]) for line in shown] == [("A", 25, None)]
    thin = client.get("/v1/finance/vintages", params={"month": OPEN}, expect=200)
    assert not thin["enough"] and thin["expected"] == thin["outstanding"] == 25 and "6 are needed" in thin["sentence"]
    assert client.get("/v1/finance/months", params={"from": "2026-13"}, expect=422).code == "finance.month"
    assert client.get("/v1/finance/months/later", expect=404).code == "finance.unknown_month"


def test_what_is_expected_follows_how_older_points_were_redeemed(fresh_server):
    """Of each month's 1000 points 300 go in the month, 150 in the next, 50 in the third; then none: factors 1.5, 1.1111, 1."""
    books = Books(fresh_server)
    for ago in range(9, 0, -1):
        member = books.member()
        books.buy(member, "SA", 1000, f"{month(ago)}-02")
        for late, points in ((0, 300), (1, 150), (2, 50)):
            if ago - late >= 1:
                books.redeem(member, "SB", points, f"{month(ago - late)}-{20 + late}")
    shown = books.client.get("/v1/finance/vintages", expect=200)
    assert shown["enough"] and not shown["growing"] and shown["rate"] == 0.5
    assert shown["factors"] == [1.5, 1.111111] + [1] * 6
    assert shown["vintages"][7]["redeemed_by_age"] == [300, 150]
    assert [vintage["expected"] for vintage in shown["vintages"]] == [0] * 7 + [50, 200]
    assert (shown["outstanding"], shown["expected"], shown["low"], shown["high"]) == (4750, 250, 250, 250)
    assert shown["liability"]["amount"] == "2.50"
    assert shown["entities"] == [{"entity": "A", "outstanding": 4750, "expected": 250,
                                  "liability": {"amount": "2.50", "currency": "USD"}}]
