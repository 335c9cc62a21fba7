"""Stored value over the API, on both engines: topping up, paying, returning, voiding, refunding, what is owed by store."""
import itertools
import random
import threading

import pytest

from conftest import ENGINES

RUN = random.Random().randrange(10**4)
COUNTER = itertools.count(1)
CENT = {"points": 1, "amount": "0.01"}
PROGRAMME = {
    "zone": "Asia/Shanghai", "currency": "CNY",
    "wallets": [{"code": "points"}, {"code": "card", "value": CENT}, {"code": "card_bonus", "value": CENT},
                {"code": "gift", "value": CENT}, {"code": "gift_bonus", "value": CENT}],
    "stored_values": [
        {"code": "card", "principal": "card", "bonus": "card_bonus", "order": "proportional", "top_up_max": "1000.00",
         "balance_max": "1500.00", "bonuses": [{"at_least": "100.00", "share": "0.1"},
                                               {"at_least": "500.00", "amount": "20.00", "share": "0.1"}]},
        {"code": "gift", "principal": "gift", "bonus": "gift_bonus", "refundable": False,
         "bonuses": [{"at_least": "50.00", "amount": "5.00"}]}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}]}


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    server.client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)
    for code in ["soho", "mitte"]:
        server.client.put(f"/v1/stores/{code}", {"name": code}, expect=200)
    yield server.client
    server.close()


def register(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "external", "value": f"sv-{RUN}-{next(COUNTER)}"}]},
                       expect=201)["id"]


def top_up(client, member, amount, expect=201, **more):
    return client.post("/v1/top-ups", {"member": {"id": member}, "amount": yuan(amount), "store": "soho", **more},
                       expect=expect)


def buy(client, member, amount, paid, expect=201, code="card", **more):
    return client.post("/v1/purchases", {
        "member": {"id": member}, "receipt": f"sv-{RUN}-{next(COUNTER)}", "total": yuan(amount), "store": "mitte",
        "pay_stored_value": {"code": code, "amount": yuan(paid)}, **more}, expect=expect)


def give_back(client, bought, amount):
    return client.post("/v1/returns", {"purchase": bought["id"], "receipt": f"sv-{RUN}-{next(COUNTER)}",
                                       "lines": [{"line": 1, "amount": yuan(amount)}]}, expect=201)


def has(client, member, code="card"):
    """Principal and bonus."""
    found = {one["code"]: one for one in client.get(f"/v1/members/{member}/stored-values", expect=200)["items"]}[code]
    return found["principal"]["amount"], found["bonus"]["amount"]


def points(client, member):
    return {one["wallet"]: one["balance"] for one in
            client.get(f"/v1/members/{member}/wallets", expect=200)["items"]}["points"]


@pytest.mark.parametrize("amount, bonus", [("99.99", "0.00"), ("100.00", "10.00"), ("123.45", "12.34"),
                                           ("500.00", "70.00")])
def test_a_top_up_brings_the_bonus_of_the_step_that_it_reaches(shop, amount, bonus):
    member = register(shop)
    moved = top_up(shop, member, amount, paid_by="cash")
    assert (moved["principal"], moved["bonus"]) == (yuan(amount), yuan(bonus))
    assert has(shop, member) == (amount, bonus)


def test_a_purchase_is_paid_in_proportion_and_its_return_gives_back_in_proportion(shop):
    """100 paid in and 10 on top; 55 are 50 and 5. What was money earns, the bonus does not: 50 points."""
    member = register(shop)
    top_up(shop, member, "100.00")
    bought = buy(shop, member, "55.00", "55.00")
    assert (bought["paid_with_points"], bought["prepaid"]) == (yuan("55.00"), yuan("50.00"))
    assert has(shop, member) == ("50.00", "5.00") and points(shop, member) == 50
    back = give_back(shop, bought, "22.00")
    assert back["money"] == yuan("0.00")
    assert has(shop, member) == ("70.00", "7.00") and points(shop, member) == 30
    give_back(shop, bought, "33.00")
    assert has(shop, member) == ("100.00", "10.00") and points(shop, member) == 0


def test_principal_pays_first_where_the_programme_says_so_and_money_the_rest(shop):
    member = register(shop)
    top_up(shop, member, "50.00", code="gift")
    bought = buy(shop, member, "80.00", "52.00", code="gift")
    assert bought["prepaid"] == yuan("50.00") and has(shop, member, "gift") == ("0.00", "3.00")
    assert points(shop, member) == 78
    assert buy(shop, member, "2.00", "3.00", code="gift", expect=422).code == "purchase.overpaid"
    short = buy(shop, member, "9.00", "3.01", code="gift", expect=409)
    assert short.code == "stored_value.insufficient" and "3.00 CNY are there" in short["detail"]
    assert short["field"] == "pay_stored_value.amount"
    assert has(shop, member, "gift") == ("0.00", "3.00")


def test_a_refund_pays_principal_back_and_forfeits_its_share_of_the_bonus(shop):
    """Of 80 and 8, 30 go back and 3 are forfeited; then the rest."""
    member = register(shop)
    top_up(shop, member, "100.00")
    buy(shop, member, "22.00", "22.00")
    body = {"member": {"id": member}, "amount": yuan("30.00"), "reason": "asked"}
    moved = shop.post("/v1/stored-value-refunds", body, expect=201)
    assert (moved["principal"], moved["bonus"]) == (yuan("30.00"), yuan("3.00"))
    body["amount"] = yuan("50.01")
    assert shop.post("/v1/stored-value-refunds", body, expect=409).code == "stored_value.insufficient"
    del body["amount"]
    moved = shop.post("/v1/stored-value-refunds", body, expect=201)
    assert (moved["principal"], moved["bonus"]) == (yuan("50.00"), yuan("5.00"))
    assert has(shop, member) == ("0.00", "0.00")
    top_up(shop, member, "50.00", code="gift")
    assert shop.post("/v1/stored-value-refunds", {**body, "code": "gift"}, expect=409).code == "stored_value.not_refundable"


def test_a_top_up_is_voided_whole_and_once(shop):
    member = register(shop)
    first, second = top_up(shop, member, "100.00"), top_up(shop, member, "200.00")
    moved = shop.post(f"/v1/top-ups/{second['id']}/void", {"reason": "mistyped"}, expect=201)
    assert (moved["principal"], moved["bonus"]) == (yuan("200.00"), yuan("20.00"))
    assert has(shop, member) == ("100.00", "10.00")
    again = shop.post(f"/v1/top-ups/{second['id']}/void", {"reason": "mistyped"}, expect=409)
    assert again.code == "stored_value.voided"
    buy(shop, member, "1.10", "1.10")
    spent = shop.post(f"/v1/top-ups/{first['id']}/void", {"reason": "mistyped"}, expect=409)
    assert spent.code == "stored_value.spent" and has(shop, member) == ("99.00", "9.90")
    redeemed = shop.post(f"/v1/top-ups/{moved['id']}/void", {"reason": "mistyped"}, expect=404)
    assert redeemed.code == "stored_value.unknown_top_up"


def test_a_stored_value_that_is_not_there_is_named(shop):
    assert shop.get("/v1/stored-values/purse/stores", expect=404).code == "stored_value.none"


def test_the_same_payment_is_taken_once(shop):
    member = register(shop)
    first = top_up(shop, member, "10.00", reference="pay-1")
    again = top_up(shop, member, "10.00", reference="pay-1", expect=409)
    assert again.code == "stored_value.known" and first["id"] in again["detail"]
    top_up(shop, member, "10.00", reference="pay-1", code="gift")
    assert has(shop, member) == ("10.00", "0.00")


@pytest.mark.parametrize("change, code, field", [
    ({"amount": yuan("1000.01")}, "stored_value.top_up_range", "amount"),
    ({"amount": yuan("0.00")}, "stored_value.top_up_range", "amount"),
    ({"amount": {"amount": "5.00", "currency": "EUR"}}, "stored_value.currency", "amount"),
    ({"code": "purse"}, "stored_value.unknown", "code"),
])
def test_a_top_up_that_cannot_be_is_refused(shop, change, code, field):
    member = register(shop)
    refused = shop.post("/v1/top-ups", {"member": {"id": member}, "amount": yuan("5.00"), **change}, expect=422)
    assert (refused.code, refused["field"]) == (code, field)
    assert has(shop, member) == ("0.00", "0.00")


def test_the_balance_stops_at_its_limit(shop):
    member = register(shop)
    top_up(shop, member, "1000.00")
    assert top_up(shop, member, "400.00", expect=409).code == "stored_value.balance_max"
    top_up(shop, member, "300.00")
    assert has(shop, member) == ("1300.00", "150.00")


def test_of_two_payments_at_once_one_finds_the_money(shop):
    member, results = register(shop), []
    top_up(shop, member, "50.00")
    threads = [threading.Thread(target=lambda: results.append(buy(shop, member, "40.00", "40.00", expect=None)))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.status for one in results) == [201, 409, 409, 409]
    assert has(shop, member) == ("10.00", "0.00")


def test_what_is_owed_is_told_by_store_and_the_ledger_holds(shop):
    def owed():
        return {one["store"]: (one["principal"]["amount"], one["bonus"]["amount"]) for one in
                shop.get("/v1/stored-values/gift/stores", expect=200)["items"]}

    before, member = owed().get("mitte", ("0.00", "0.00")), register(shop)
    top_up(shop, member, "50.00", code="gift", store="mitte")
    assert owed()["mitte"] == (f"{float(before[0]) + 50:.2f}", f"{float(before[1]) + 5:.2f}")
    assert [one["code"] for one in shop.get("/v1/stored-values", expect=200)["items"]] == ["card", "gift"]
    liability = {one["wallet"]: one for one in shop.get("/v1/liability", expect=200)["items"]}["card"]
    assert liability["paid_in"] - liability["paid_out"] - liability["redeemed"] == liability["outstanding"]
    assert shop.wait_for_job(shop.post("/v1/verify", expect=202)["job"])["state"] == "done"


@pytest.mark.parametrize("change, field", [
    ({"stored_values": [{"code": "a", "principal": "points", "bonus": "card"}]}, "stored_values[0].principal"),
    ({"stored_values": [{"code": "a", "principal": "card", "bonus": "card"}]}, "stored_values[0].bonus"),
    ({"stored_values": [{"code": "a", "principal": "card", "bonus": "card_bonus"},
                        {"code": "b", "principal": "gift", "bonus": "card"}]}, "stored_values[1].bonus"),
    ({"rules": [{"code": "r", "wallet": "card", "points": 1, "per": "1.00"}]}, "rules[0].wallet"),
    ({"stored_values": [{"code": "a", "principal": "card", "bonus": "card_bonus",
                         "bonuses": [{"at_least": "5.00", "share": "1.1"}]}]}, "stored_values[0].bonuses[0].share"),
])
def test_a_programme_with_a_wrong_stored_value_is_refused(shop, change, field):
    refused = shop.post("/v1/programme/versions", {"document": {**PROGRAMME, **change}, "validate": True}, expect=422)
    assert refused["field"].endswith(field)
