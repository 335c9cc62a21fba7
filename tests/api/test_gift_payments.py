"""Gift cards that pay for purchases and orders, in the same decision, and get back what goods that return had cost. On both engines."""
import concurrent.futures
import csv
import datetime
import io
import itertools
import random
import sqlite3
import time

import psycopg2
import pytest

from conftest import ENGINES

RUN = random.Random().randrange(10**4)
COUNTER = itertools.count(1)
CENT = {"points": 1, "amount": "0.01"}
PROGRAMME = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}, {"code": "till", "value": CENT},
                {"code": "till_bonus", "value": CENT}],
    "stored_values": [{"code": "till", "principal": "till", "bonus": "till_bonus", "order": "principal_first"}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}]}


def money(amount):
    return {"amount": amount, "currency": "USD"}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    server.client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)
    for code in ["soho", "mitte"]:
        server.client.put(f"/v1/stores/{code}", {"name": code}, expect=200)
    yield server
    server.close()


@pytest.fixture
def client(shop):
    return shop.client


def number():
    return f"gp-{RUN}-{next(COUNTER)}"


def register(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "external", "value": number()}]}, expect=201)["id"]


def sell(client, amount="50.00", **fields):
    return client.post("/v1/gift-cards", {"amount": money(amount), "store": "soho", **fields}, expect=201)


def pay(card, amount, **fields):
    return {"kind": "gift_card", "code": card["code"], "pin": card["pin"], "amount": money(amount), **fields}


def buy(client, payments, member=None, amounts=("40.00", "20.00"), expect=201, **fields):
    body = {"receipt": number(), "store": "mitte", "lines": [{"amount": money(one)} for one in amounts],
            "payments": payments, **fields}
    if member:
        body["member"] = {"id": member}
    return client.post("/v1/purchases", body, expect=expect)


def back(client, bought, *lines, expect=201, **fields):
    return client.post("/v1/returns", {"purchase": bought["id"], "receipt": number(),
                                       "lines": [{"line": line} for line in lines], **fields}, expect=expect)


def balance(client, card):
    return client.post(f"/v1/gift-cards/{card['code']}/balance", {"pin": card["pin"]}, expect=200)["balance"]["amount"]


def points(client, member):
    return {one["wallet"]: one["balance"] for one in
            client.get(f"/v1/members/{member}/wallets", expect=200)["items"]}.get("points", 0)


def test_a_card_pays_a_part_and_gets_back_first_what_it_paid(client):
    """40 and 20: the card of 50 pays 30, and 60 points are earned. The 20 go back to the card, then 10 of the 40, and 30 in money."""
    member, card = register(client), sell(client)
    bought = buy(client, [pay(card, "30.00")], member)
    paid = bought["gift_cards"][0]
    assert (paid["amount"], paid["balance"]) == (money("30.00"), money("20.00")) and balance(client, card) == "20.00"
    assert points(client, member) == 60
    first = back(client, bought, 2)
    assert (first["to_gift_cards"], first["money"]) == (money("20.00"), money("0.00"))
    assert balance(client, card) == "40.00" and points(client, member) == 40
    second = back(client, bought, 1)
    assert (second["to_gift_cards"], second["money"]) == (money("10.00"), money("30.00"))
    assert balance(client, card) == "50.00" and points(client, member) == 0
    refund = client.post(f"/v1/gift-cards/{card['code']}/refunds", {"charge": paid["id"]}, expect=404)
    assert refund.code == "gift_card.unknown_charge"


def test_a_card_gets_its_share_when_the_return_says_so(client):
    """Of the 30 that paid for 60 the line of 20 has 10; all the rest has the other 20."""
    card = sell(client)
    bought = buy(client, [pay(card, "30.00")])
    first = back(client, bought, 2, gift_cards="share")
    assert (first["to_gift_cards"], first["money"]) == (money("10.00"), money("10.00"))
    second = back(client, bought, 1, gift_cards="share")
    assert (second["to_gift_cards"], second["money"]) == (money("20.00"), money("20.00"))
    assert balance(client, card) == "50.00"


def test_a_void_restores_the_card_and_a_void_card_leaves_money(client):
    card, lost = sell(client), sell(client)
    bought = buy(client, [pay(card, "12.90")], amounts=["12.90"])
    assert balance(client, card) == "37.10"
    voided = client.post(f"/v1/purchases/{bought['id']}/void", {}, expect=201)
    assert voided["to_gift_cards"] == money("12.90") and balance(client, card) == "50.00"
    bought = buy(client, [pay(lost, "12.90")], amounts=["12.90"])
    client.post(f"/v1/gift-cards/{lost['code']}/void", {"reason": "lost"}, expect=201)
    returned = back(client, bought)
    assert returned["money"] == money("12.90") and "to_gift_cards" not in returned.json


def test_a_card_with_less_pays_nothing_or_what_there_is(client):
    card, receipt = sell(client, "10.00"), number()
    refused = buy(client, [pay(card, "12.90")], amounts=["12.90"], receipt=receipt, expect=409)
    assert (refused.code, refused["field"]) == ("gift_card.insufficient", "payments[0].amount")
    assert "10.00 USD" in refused["detail"]
    # Nothing of it was recorded: the receipt is free.
    bought = buy(client, [pay(card, "12.90", partial=True)], amounts=["12.90"], receipt=receipt)
    assert (bought["gift_cards"][0]["amount"], balance(client, card)) == (money("10.00"), "0.00")
    again = buy(client, [pay(card, "12.90", partial=True)], amounts=["12.90"], receipt=receipt, expect=None)
    assert again.code == "receipt.known" or again["duplicate"]
    empty = buy(client, [pay(card, "1.00", partial=True)], expect=409)
    assert empty.code == "gift_card.insufficient"


def test_the_same_card_twice_at_once_pays_exactly_once(client):
    for _ in range(3):
        card = sell(client, "30.00")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            replies = list(pool.map(lambda _: buy(client, [pay(card, "30.00")], amounts=["30.00"], expect=None),
                                    range(2)))
        assert sorted(reply.status for reply in replies) == [201, 409]
        assert {reply.code for reply in replies if reply.status == 409} == {"gift_card.insufficient"}
        assert balance(client, card) == "0.00"


def test_two_cards_points_and_stored_value_pay_together(client):
    """100.00: 200 points are 2.00, stored value 8.00, cards 50.00 and 15.00; 25.00 are left to pay."""
    member, one, two = register(client), sell(client), sell(client, "20.00")
    client.post("/v1/top-ups", {"member": {"id": member}, "amount": money("30.00"), "store": "soho"}, expect=201)
    client.post("/v1/adjustments", {"member": {"id": member}, "wallet": "points", "points": 500, "reason": "gift"},
                expect=201)
    stored = {"kind": "stored_value", "code": "till", "amount": money("8.00")}
    bought = buy(client, [pay(one, "50.00"), stored, pay(two, "15.00")], member, amounts=["100.00"],
                 pay_points=[{"wallet": "points", "points": 200}])
    assert bought["paid_with_points"] == money("10.00")
    assert [paid["balance"]["amount"] for paid in bought["gift_cards"]] == ["0.00", "5.00"]
    # What points paid does not earn: 98 of the 100.
    assert points(client, member) == 500 - 200 + 98
    returned = back(client, bought)
    assert (returned["to_gift_cards"], returned["money"]) == (money("65.00"), money("25.00"))
    assert (balance(client, one), balance(client, two)) == ("50.00", "20.00")
    twice = buy(client, [stored], member, expect=422, pay_stored_value={"code": "till", "amount": money("1.00")})
    assert twice.code == "purchase.stored_value_twice"


def test_what_is_wrong_with_a_payment_is_said(client):
    card = sell(client)
    wrong = "000000" if card["pin"] != "000000" else "111111"
    assert buy(client, [{**pay(card, "1.00"), "pin": wrong}], expect=403).code == "gift_card.pin"
    assert buy(client, [pay(card, "1.00"), pay(card, "2.00")], expect=422).code == "gift_card.twice"
    over = buy(client, [pay(card, "50.00")], amounts=["49.99"], expect=422)
    assert (over.code, over["field"]) == ("purchase.overpaid", "payments[0].amount")
    euro = {**pay(card, "1.00"), "amount": {"amount": "1.00", "currency": "EUR"}}
    assert buy(client, [euro], expect=422).code == "gift_card.currency"
    stored = {"kind": "stored_value", "code": "till", "amount": money("1.00")}
    assert buy(client, [stored], expect=422).code == "purchase.anonymous"
    client.post(f"/v1/gift-cards/{card['code']}/void", {"reason": "lost"}, expect=201)
    assert buy(client, [pay(card, "1.00")], expect=409).code == "gift_card.void"
    asleep = sell(client, inactive=True)
    assert buy(client, [pay(asleep, "1.00")], expect=409).code == "gift_card.inactive"


def test_a_purchase_of_nobody_is_paid_claimed_and_returned(client):
    """Two lines of 40 and 20, 50 by card. The 20 come back at once, all to the card; claimed, the 40 give it the other 30."""
    member, card = register(client), sell(client)
    bought = buy(client, [pay(card, "50.00")])
    assert back(client, bought, 2)["to_gift_cards"] == money("20.00")
    client.post(f"/v1/purchases/{bought['id']}/claim", {"member": {"id": member}}, expect=201)
    assert points(client, member) == 40
    returned = back(client, bought)
    assert (returned["to_gift_cards"], returned["money"]) == (money("30.00"), money("10.00"))
    assert balance(client, card) == "50.00" and points(client, member) == 0


def test_goods_paid_by_card_are_exchanged(client):
    """60 by card for goods of 45 by the same card: 60 come back, 45 are charged; nothing is to be paid."""
    card = sell(client, "60.00")
    bought = buy(client, [pay(card, "60.00")])
    taken = client.post("/v1/exchanges", {"purchase": bought["id"], "receipt": number(), "store": "mitte",
                                          "lines": [{"amount": money("45.00")}], "payments": [pay(card, "45.00")]},
                        expect=201)
    assert (taken["to_gift_cards"], taken["to_pay"], taken["to_pay_out"]) == (
        money("60.00"), money("0.00"), money("0.00"))
    assert taken["gift_cards"][0]["balance"] == money("15.00") and balance(client, card) == "15.00"


def test_an_order_is_paid_by_card_and_its_cancellation_restores_it(client):
    member, card = register(client), sell(client)
    order = {"number": number(), "channel": "web", "store": "mitte", "member": {"id": member},
             "lines": [{"amount": money("30.00")}]}
    assert client.post("/v1/orders", {**order, "payments": [pay(card, "30.00")]}, expect=422).code == "order.not_paid"
    placed = client.post("/v1/orders", {**order, "paid": True, "payments": [pay(card, "30.00")]}, expect=201)
    assert balance(client, card) == "20.00"
    # Paid by card, the sale stays where it is; and it is paid already.
    path = f"/v1/orders/{placed['id']}"
    assert client.post(f"{path}/collected", {"store": "soho", "payments": [pay(card, "1.00")]}, expect=409).code == (
        "order.sold")
    assert client.post(f"{path}/cancelled", {}, expect=200)["to_gift_cards"] == money("30.00")
    assert balance(client, card) == "50.00"
    # Of nobody known, and paid later.
    later = client.post("/v1/orders", {"number": number(), "channel": "web", "store": "mitte",
                                       "lines": [{"amount": money("8.00")}]}, expect=201)
    paid = client.post(f"/v1/orders/{later['id']}/paid", {"payments": [pay(card, "8.00")]}, expect=200)
    assert paid["gift_cards"][0]["balance"] == money("42.00")
    assert balance(client, card) == "42.00"
    client.post(f"/v1/orders/{later['id']}/collected", {"store": "soho"}, expect=200)
    assert balance(client, card) == "42.00"
    job = client.post("/v1/verify", expect=202)["job"]
    assert client.wait_for_job(job)["state"] == "done"


def execute(server, statement):
    engine = psycopg2 if server.database.startswith("postgres") else sqlite3
    connection = engine.connect(server.database)
    connection.cursor().execute(statement)
    connection.commit()
    connection.close()


def verify(client):
    return client.wait_for_job(client.post("/v1/verify", expect=202)["job"])


def test_gift_cards_are_in_the_books_of_the_entity_that_sold(shop, client):
    """A sells 50, 10 and 7. B takes 20 and gives 5 back: A owes B 15. The 10 expire, the 7 are void: 35 are still
    owed. Then B takes 10 in for A's card: 45 are owed by A, of which B has 10, so that A owes B 5 in the end."""
    client.post("/v1/places", [{"code": "ACME", "kind": "company", "name": "Acme"}] + [
        {"code": code, "kind": "entity", "name": code, "parent": "ACME"} for code in "AB"] + [
        {"code": "S" + code, "kind": "store", "name": "S" + code, "parent": code} for code in "AB"], expect=200)
    card, lost = sell(client, store="SA"), sell(client, "7.00", store="SA")
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
    short = sell(client, "10.00", store="SA", expires_at=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    bought = buy(client, [pay(card, "20.00")], amounts=["15.00", "5.00"], store="SB")
    back(client, bought, 2, store="SB")
    client.post(f"/v1/gift-cards/{lost['code']}/void", {"reason": "lost"}, expect=201)
    client.post(f"/v1/gift-cards/{card['code']}/top-ups", {"amount": money("10.00"), "paid_by": "cash", "store": "SB"}, expect=201)
    assert shop.client.get("/v1/gift-card-liability", expect=200)["items"]
    time.sleep(3.5)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    before = (today.replace(day=1) - datetime.timedelta(days=1)).strftime("%Y-%m")
    client.post("/v1/finance/months", {"month": before}, expect=201)
    assert client.post(f"/v1/gift-cards/{short['code']}/balance", {"pin": short["pin"]}, expect=200)["state"] == "expired"
    lines = {line["entity"]: line for line in
             client.get("/v1/finance/months", params={"from": today.strftime("%Y-%m")}, expect=200)["items"]
             if line["wallet"] == "gift cards"}
    figures = {name: lines["A"][name] for name in ["opening", "paid_in", "redeemed", "expired", "adjusted", "closing"]}
    assert figures == {"opening": 0, "paid_in": 7700, "redeemed": -1500, "expired": -1000, "adjusted": -700,
                       "closing": 4500}
    assert lines["A"]["closing_value"] == money("45.00") and "B" not in lines
    month = today.strftime("%Y-%m")
    settled = client.get("/v1/finance/settlements", params={"from": month, "to": month}, expect=200)
    assert [(net["debtor"], net["creditor"], net["amount"]) for net in settled["net"]] == [("A", "B", money("5.00"))]
    assert sorted((line["points"], line["amount"]["amount"]) for line in settled["lines"]) == [(-1000, "-10.00"), (1500, "15.00")]
    entries = client.get("/v1/finance/journal", params={"from": month, "to": month, "format": "csv"}, expect=200).text
    booked = sorted((row["entity"], row["account"], row["debit"], row["credit"]) for row in csv.DictReader(io.StringIO(entries))
                    if row["entity"] and (row["account"] == "gift_cards_sold" or row["text"].startswith("paid in ")))
    assert booked == [("A", "entities_receivable", "10.00", ""), ("A", "gift_cards_sold", "", "10.00"),
                      ("A", "gift_cards_sold", "77.00", ""), ("B", "entities_payable", "", "10.00"),
                      ("B", "gift_cards_sold", "10.00", "")], entries
    owed = {one["store"]: one["owed"] for one in client.all("/v1/gift-card-liability")}
    assert owed["SA"] == money("45.00")
    job = client.wait_for_job(client.post("/v1/finance/verifications", expect=202)["job"])
    assert job["state"] == "done", job


def test_a_card_that_was_altered_by_hand_is_named(shop, client):
    card = sell(client, "31.00")
    assert verify(client)["state"] == "done"
    for table, change, undo in [
            ("gift_card_movement", "UPDATE gift_card_movement SET amount = 3101 WHERE bucket >= 0 AND amount = 3100",
             "UPDATE gift_card_movement SET amount = 3100 WHERE bucket >= 0 AND amount = 3101"),
            ("gift_card", "UPDATE gift_card SET minor = 3101 WHERE bucket >= 0 AND minor = 3100",
             "UPDATE gift_card SET minor = 3100 WHERE bucket >= 0 AND minor = 3101"),
            ("gift_card", "UPDATE counter SET used = 1 WHERE bucket >= 0 AND id LIKE 'gift:%' AND maximum = 3100",
             "UPDATE counter SET used = 0 WHERE bucket >= 0 AND id LIKE 'gift:%' AND maximum = 3100")]:
        execute(shop, change)
        wrong = verify(client)
        assert wrong["state"] == "failed" and f", {table}, " in str(wrong), wrong
        execute(shop, undo)
    assert verify(client)["state"] == "done" and balance(client, card) == "31.00"
