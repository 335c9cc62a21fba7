"""Gift cards: sold, charged in parts, refunded, void; by fifty at once. On both engines."""
import concurrent.futures
import datetime
import threading
import time

import pytest

from conftest import ENGINES


def money(amount):
    return {"amount": amount, "currency": "USD"}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    yield server
    server.close()


@pytest.fixture
def client(shop):
    return shop.client


def sell(client, amount="50.00", **fields):
    return client.post("/v1/gift-cards", {"amount": money(amount), "store": "SOHO", "paid_by": "cash", **fields},
                       expect=201)


def charge(client, card, amount, pin=None, **fields):
    return client.post(f"/v1/gift-cards/{card['code']}/charges",
                       {"pin": pin or card["pin"], "amount": money(amount), **fields})


def balance(client, card):
    return client.post(f"/v1/gift-cards/{card['code']}/balance", {"pin": card["pin"]}, expect=200)["balance"]["amount"]


def owed(client, store="SOHO"):
    return sum(float(one["owed"]["amount"]) for one in client.all("/v1/gift-card-liability") if one["store"] == store)


def test_a_card_is_charged_in_parts_and_refunded_no_more_than_was_charged(client):
    """50.00 less 12.90 is 37.10; 40.00 is too much, partly takes the 37.10; 10.00 and then 2.90 of the first come back."""
    before = owed(client)
    card = sell(client)
    assert (card["state"], card["balance"], len(card["pin"])) == ("active", money("50.00"), 6)
    assert card["code"].startswith("G-") and owed(client) == before + 50
    first = charge(client, card, "12.90", receipt="0815")
    assert (first.status, first["amount"], first["balance"]) == (201, money("12.90"), money("37.10"))
    assert charge(client, card, "40.00").code == "gift_card.insufficient"
    rest = charge(client, card, "40.00", partly=True)
    assert (rest["amount"], rest["balance"]) == (money("37.10"), money("0.00"))
    assert charge(client, card, "0.01", partly=True).code == "gift_card.insufficient"
    refund = {"charge": first["id"], "amount": money("10.00")}
    path = f"/v1/gift-cards/{card['code']}/refunds"
    assert client.post(path, refund, expect=201)["balance"] == money("10.00")
    assert client.post(path, refund, expect=409).code == "gift_card.refunded"
    assert client.post(path, {"charge": first["id"]}, expect=201)["amount"] == money("2.90")
    assert client.post(path, {"charge": first["id"]}, expect=409).code == "gift_card.refunded"
    assert balance(client, card) == "12.90" and round(owed(client) - before, 2) == 12.90
    other = sell(client)
    foreign = client.post(f"/v1/gift-cards/{other['code']}/refunds", {"charge": first["id"]}, expect=404)
    assert foreign.code == "gift_card.unknown_charge"


def test_fifty_at_once_spend_no_more_than_there_is(client):
    card = sell(client, "10.00")
    barrier = threading.Barrier(20)

    def pay(_):
        barrier.wait()
        for _ in range(3):
            reply = charge(client, card, "3.00")
            if reply.status != 503:
                return reply
        return reply

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(pay, range(20)))
    paid = sum(reply.status == 201 for reply in replies)
    # Right PINs never make the card rest, however many come at once.
    assert paid == 3 and {reply.code for reply in replies if reply.status != 201} == {"gift_card.insufficient"}


def test_a_wrong_pin_pays_nothing_and_five_make_the_card_rest(client):
    card = sell(client)
    wrong = "000000" if card["pin"] != "000000" else "111111"
    for _ in range(5):
        assert charge(client, card, "1.00", pin=wrong).code == "gift_card.pin"
    assert charge(client, card, "1.00").code == "gift_card.locked"
    assert client.post(f"/v1/gift-cards/{card['code']}/balance", {"pin": card["pin"]}, expect=429).code == (
        "gift_card.locked")


def test_wrong_pins_at_once_make_the_card_rest_and_a_right_one_forgets_those_before_it(client):
    card = sell(client)
    wrong = "000000" if card["pin"] != "000000" else "111111"
    for _ in range(2):
        for _ in range(4):
            assert charge(client, card, "1.00", pin=wrong).code == "gift_card.pin"
        assert charge(client, card, "1.00").status == 201
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        codes = [reply.code for reply in pool.map(lambda _: charge(client, card, "1.00", pin=wrong), range(20))]
    # Five count; those that are worked on while the fifth is counted learn nothing.
    assert codes.count("gift_card.pin") == 5 and codes.count("gift_card.locked") == 15
    assert charge(client, card, "1.00").code == "gift_card.locked"


def test_a_card_pays_once_it_is_active_and_no_more_when_it_is_void(client):
    card = sell(client, inactive=True)
    assert card["state"] == "sold" and charge(client, card, "1.00").code == "gift_card.inactive"
    assert client.post(f"/v1/gift-cards/{card['code']}/activation", {}, expect=201)["state"] == "active"
    assert client.post(f"/v1/gift-cards/{card['code']}/activation", {}, expect=409).code == "gift_card.active"
    assert charge(client, card, "1.00").status == 201
    before = owed(client)
    voided = client.post(f"/v1/gift-cards/{card['code']}/void", {"reason": "lost"}, expect=201)
    assert (voided["amount"], voided["balance"]) == (money("49.00"), money("0.00"))
    assert charge(client, card, "1.00").code == "gift_card.void" and owed(client) == before - 49
    mistyped = card["code"][:-1] + ("2" if card["code"][-1] != "2" else "3")
    assert client.post(f"/v1/gift-cards/{mistyped}/balance", {"pin": "1"}, expect=422).code == (
        "gift_card.check_character")
    assert client.post("/v1/gift-cards/NONE/balance", {"pin": "1"}, expect=404).code == "gift_card.unknown"
    late = client.post("/v1/gift-cards", {"amount": money("1.00"), "expires_at": "2020-01-01T00:00:00Z"}, expect=422)
    assert late.code == "gift_card.expires_at"
    assert client.post("/v1/gift-cards", {"amount": {"amount": "1.00", "currency": "EUR"}}, expect=422).code == (
        "gift_card.currency")
    job = client.post("/v1/verify", expect=202)["job"]
    assert client.wait_for_job(job)["state"] == "done"


def top_up(client, card, amount, **fields):
    return client.post(f"/v1/gift-cards/{card['code']}/top-ups", {"amount": money(amount), "paid_by": "cash", "store": "SOHO", **fields})


def test_a_card_is_topped_up_at_the_till(client):
    """50.00 less 20.00 and 25.00 on top are 55.00, all of it owed; ten at once pay in 1.00 each; then 60.00 pay and 5.00 are left."""
    before, card = owed(client), sell(client)
    assert charge(client, card, "20.00", receipt="r-1").status == 201
    paid = top_up(client, card, "25.00", reason="birthday", till="3", employee="ann")
    assert (paid.status, paid["amount"], paid["balance"], paid["state"]) == (201, money("25.00"), money("55.00"), "active")
    seen = client.post(f"/v1/gift-cards/{card['code']}/balance", {"pin": card["pin"]}, expect=200)
    assert (seen["paid_in"], seen["balance"], seen["expires_at"]) == (money("75.00"), money("55.00"), None)
    told = [(one["what"], one["amount"]["amount"], one.get("paid_by"), one.get("reason"), one.get("receipt")) for one in seen["history"]]
    assert told == [("topped_up", "25.00", "cash", "birthday", None), ("charge", "-20.00", None, None, "r-1"),
                    ("sold", "50.00", "cash", None, None)]
    assert seen["history"][0]["id"] == paid["id"] and round(owed(client) - before, 2) == 55
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        assert {reply.status for reply in pool.map(lambda _: top_up(client, card, "1.00"), range(10))} == {201}
    assert balance(client, card) == "65.00" and charge(client, card, "60.00")["balance"] == money("5.00")

    path = f"/v1/gift-cards/{card['code']}/top-ups"
    assert client.post(path, {"amount": money("1.00")}, expect=422)["field"] == "paid_by"
    assert top_up(client, card, "0.00").code == "gift_card.amount"
    assert top_up(client, card, "1000000000.00").code == "gift_card.full"
    assert client.post(path, {"amount": {"amount": "1.00", "currency": "EUR"}, "paid_by": "cash"}, expect=422).code == "gift_card.currency"
    key = {"Idempotency-Key": "top-up-1"}
    body = {"amount": money("2.00"), "paid_by": "card"}
    assert client.post(path, body, headers=key, expect=201).json == client.post(path, body, headers=key, expect=201).json
    assert balance(client, card) == "7.00"
    waiting = sell(client, inactive=True)
    assert top_up(client, waiting, "1.00").code == "gift_card.inactive"
    client.post(f"/v1/gift-cards/{card['code']}/void", {"reason": "lost"}, expect=201)
    assert top_up(client, card, "1.00").code == "gift_card.void"
    assert client.wait_for_job(client.post("/v1/verify", expect=202)["job"])["state"] == "done"


def test_the_programme_limits_top_ups_and_says_what_they_do_to_the_end(fresh_server):
    """At least 5.00, at most 100.00, 120.00 on a card; a card that would end in ten days ends in 365. 50.00 + 70.00 fit, a cent more does not."""
    client = fresh_server.client
    document = {"zone": "UTC", "currency": "USD", "wallets": [{"code": "points"}], "rules": []}

    def publish(terms, **more):
        document["gift_cards"] = {"top_up": terms}
        reply = client.post("/v1/programme/versions", {"document": document}, **more)
        until = time.monotonic() + 15
        while reply.status == 201 and client.get("/v1/programme", expect=200)["version"] != reply["version"]:
            assert time.monotonic() < until
            time.sleep(0.1)
        return reply

    assert publish({"at_least": "5.00", "at_most": "4.00"}, expect=422)["field"].endswith("gift_cards.top_up.at_most")
    publish({"at_least": "5.00", "at_most": "100.00", "balance": "120.00", "days": 365}, expect=201)
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    day = lambda days: (today + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    card, late = sell(client, expires_at=day(10)), sell(client, expires_at=day(1000))
    assert [top_up(client, card, amount).code for amount in ("4.99", "100.01", "70.01")] == [
        "gift_card.top_up_amount", "gift_card.top_up_amount", "gift_card.full"]
    assert top_up(client, card, "70.00")["balance"] == money("120.00") and top_up(client, late, "5.00").status == 201
    ends = [client.post(f"/v1/gift-cards/{one['code']}/balance", {"pin": one["pin"]}, expect=200)["expires_at"] for one in (card, late)]
    assert ends == [day(365), day(1000)]
    assert charge(client, card, "120.00").status == 201 and top_up(client, card, "100.00").status == 201
    publish({"allowed": False}, expect=201)
    assert top_up(client, card, "10.00").code == "gift_card.no_top_up" and charge(client, card, "100.00").status == 201
    assert client.wait_for_job(client.post("/v1/verify", expect=202)["job"])["state"] == "done"
