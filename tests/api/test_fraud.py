"""Own sales and fraud cases over the API, on both engines: who earns nothing, what is frozen, and that nothing is lost."""
import datetime
import itertools
import random
import time

import pytest

from conftest import ENGINES

RUN = random.Random().randrange(10**4)
COUNTER = itertools.count(1)


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    """The client of a server of its own, with the built-in programme: a point a dollar."""
    server = servers.start(request.param)
    server.client.put("/v1/stores/S1", {"code": "S1", "name": "One"})
    server.client.server = server
    yield server.client
    server.close()


def member_of(client, points=0):
    phone = f"+86136{RUN:04d}{next(COUNTER):04d}"
    member = client.post("/v1/members", {"identifiers": [{"kind": "phone", "value": phone}]}, expect=201)["id"]
    if points:
        client.post("/v1/adjustments", {"member": {"id": member}, "points": points, "reason": "test"}, expect=201)
    return member


def employee_of(client, member=None):
    code = f"E-{RUN}-{next(COUNTER)}"
    client.put(f"/v1/employees/{code}", {"name": "Anna", "store": "S1", **({"member": member} if member else {})}, expect=200)
    return code


def buy(client, member, amount="100.00", expect=201, **more):
    return client.post("/v1/purchases", {"receipt": f"F{next(COUNTER)}", "store": "S1", "channel": "pos",
                                         "total": {"amount": amount, "currency": "USD"},
                                         **({"member": {"id": member}} if member else {}), **more}, expect=expect)


def redeem(client, member, points, expect=201, **more):
    return client.post("/v1/redemptions", {"member": {"id": member}, "points": points, **more}, expect=expect)


def balance(client, member):
    return client.get(f"/v1/members/{member}/wallets", expect=200)["items"][0]


def case(client, expect=201, **body):
    return client.post("/v1/fraud-cases", {"reason": "too many points", **body}, expect=expect)


def close(client, fraud, result="released", expect=200):
    return client.post(f"/v1/fraud-cases/{fraud['id']}/close", {"result": result, "reason": "looked into"}, expect=expect)


def until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


# ---- own sales ----


def test_an_employee_earns_nothing_on_what_they_ring_up_themselves(shop):
    anna, other = member_of(shop), member_of(shop)
    code = employee_of(shop, anna)
    assert shop.get(f"/v1/employees/{code}", expect=200)["member"] == anna
    until(lambda: buy(shop, anna, employee=code).json.get("not_earned") == "own_sale")
    own = buy(shop, anna, employee=code)
    assert own["earned"] == [] and own["not_earned"] == "own_sale" and own["amount"]["amount"] == "100.00"
    assert buy(shop, other, employee=code)["earned"][0]["points"] == 100
    assert "not_earned" not in buy(shop, anna).json, "somebody else rang it up"
    before = balance(shop, anna)["available"]
    shop.post("/v1/returns", {"purchase": own["id"]}, expect=201)
    assert balance(shop, anna)["available"] == before, "what earned nothing takes nothing back"


def test_nor_does_their_household_or_a_member_that_was_merged(shop):
    anna, partner, card = member_of(shop), member_of(shop), member_of(shop)
    household = shop.post("/v1/households", {"member": anna}, expect=201)["id"]
    shop.post(f"/v1/households/{household}/members", {"member": partner})
    shop.post("/v1/merges", {"into": {"id": anna}, "from": {"id": card}}, expect=201)
    code = employee_of(shop, anna)
    until(lambda: buy(shop, anna, employee=code).json.get("not_earned") == "own_sale")
    assert buy(shop, partner, employee=code)["not_earned"] == "own_sale"
    assert buy(shop, card, employee=code)["not_earned"] == "own_sale"


def test_nor_by_claiming_a_receipt_that_they_rang_up(shop):
    anna = member_of(shop)
    code = employee_of(shop, anna)
    until(lambda: buy(shop, anna, employee=code).json.get("not_earned") == "own_sale")
    anonymous = buy(shop, None, employee=code)
    claimed = shop.post(f"/v1/purchases/{anonymous['id']}/claim", {"member": {"id": anna}}, expect=201)
    assert claimed["not_earned"] == "own_sale" and claimed["earned"] == []


def test_a_programme_may_refuse_own_sales_or_let_them_earn(fresh_server):
    client = fresh_server.client
    document = client.get("/v1/programme", expect=200)["document"]
    client.post("/v1/programme/versions", {"document": {**document, "own_sales": "refuse"}}, expect=201)
    client.put("/v1/stores/S1", {"code": "S1", "name": "One"})
    anna = member_of(client)
    code = employee_of(client, anna)
    until(lambda: client.post("/v1/purchases", {
        "receipt": f"F{next(COUNTER)}", "member": {"id": anna}, "employee": code,
        "total": {"amount": "1.00", "currency": "USD"}}).code == "purchase.own_sale")


# ---- cases ----


def test_a_case_stops_spending_and_keeps_what_is_earned_waiting(shop):
    member = member_of(shop, 500)
    fraud = case(shop, member=member)
    assert fraud["state"] == "open" and fraud["opened_by"] and fraud["closed_at"] is None
    refused = redeem(shop, member, 10, expect=409)
    assert refused.code == "member.frozen" and refused["field"] == "member"
    for path, body in (("holds", {"member": {"id": member}, "points": 10}),):
        assert shop.post(f"/v1/{path}", body, expect=409).code == "member.frozen"
    earned = buy(shop, member)["earned"][0]
    assert earned["points"] == 100 and earned["active_at"] is None
    assert (balance(shop, member)["available"], balance(shop, member)["pending"]) == (500, 100)
    assert [one["id"] for one in shop.all("/v1/fraud-cases")].count(fraud["id"]) == 1
    assert case(shop, member=member, expect=409).code == "case.known"
    closed = close(shop, fraud)
    assert closed["state"] == "released" and closed["closed_by"]
    until(lambda: balance(shop, member)["available"] == 600)
    redeem(shop, member, 600)
    assert close(shop, fraud, expect=409).code == "case.closed"
    assert shop.get(f"/v1/fraud-cases/{fraud['id']}", expect=200)["outcome"] == "looked into"


def test_a_hold_from_before_cannot_be_captured_but_released(shop):
    member = member_of(shop, 100)
    hold = shop.post("/v1/holds", {"member": {"id": member}, "points": 60}, expect=201)
    fraud = case(shop, member=member)
    assert shop.post(f"/v1/holds/{hold['id']}/capture", expect=409).code == "member.frozen"
    shop.post(f"/v1/holds/{hold['id']}/release", expect=201)
    close(shop, fraud)
    redeem(shop, member, 100)


def test_confirmed_fraud_is_taken_back_by_an_adjustment_and_never_silently(shop):
    member = member_of(shop, 500)
    fraud = case(shop, member=member)
    buy(shop, member)
    shop.post("/v1/adjustments", {"member": {"id": member}, "points": -450, "reason": "fraud"}, expect=201)
    assert close(shop, fraud, "confirmed")["state"] == "confirmed"
    until(lambda: balance(shop, member)["available"] == 150)


def test_one_account_is_frozen_alone_and_a_person_is_frozen_by_any_of_its_members(shop):
    kept, gone, other = member_of(shop, 100), member_of(shop, 100), member_of(shop, 100)
    shop.post("/v1/merges", {"into": {"id": kept}, "from": {"id": gone}}, expect=201)
    fraud = case(shop, member=gone, wallet="points")
    assert redeem(shop, kept, 10, expect=409)["field"] == "wallet"
    redeem(shop, other, 10)
    assert case(shop, member=kept, employee="E", expect=422).code == "case.subject"
    assert case(shop, expect=422).code == "case.subject"
    close(shop, fraud)
    redeem(shop, kept, 150)


def test_an_employees_case_freezes_what_goes_through_them(shop):
    member, code = member_of(shop, 100), employee_of(shop)
    fraud = case(shop, employee=code)
    assert fraud["store"] == "S1"
    assert redeem(shop, member, 10, employee=code, expect=409)["field"] == "employee"
    redeem(shop, member, 10)
    assert buy(shop, member, employee=code)["earned"][0]["active_at"] is None
    own = case(shop, member=member)
    assert buy(shop, member)["earned"][0]["active_at"] is None
    close(shop, own)
    until(lambda: balance(shop, member)["available"] == 190)
    time.sleep(0.3)
    assert balance(shop, member)["pending"] == 100, "the employee's case is open still"
    close(shop, fraud)
    until(lambda: balance(shop, member)["available"] == 290)


def test_who_may_not_manage_cases_does_not_and_a_branch_sees_its_own(shop):
    desk = shop.as_key(shop.server.make_key(["points.redeem", "members.read"], name=f"desk {next(COUNTER)}"))
    assert desk.get("/v1/fraud-cases", expect=403).code == "auth.forbidden"
    assert desk.post("/v1/fraud-cases", {"member": member_of(shop), "reason": "x"}, expect=403).code == "auth.forbidden"
    shop.put("/v1/stores/S2", {"code": "S2", "name": "Two"})
    time.sleep(1.2)
    key = shop.post("/v1/keys", {"name": f"branch {next(COUNTER)}", "places": ["S2"],
                                 "scopes": ["fraud.read", "fraud.manage", "members.read"]}, expect=201)
    branch = shop.as_key(key["token"])
    here = employee_of(shop)
    fraud = case(shop, employee=here)
    assert fraud["id"] not in [one["id"] for one in branch.all("/v1/fraud-cases")]
    assert branch.get(f"/v1/fraud-cases/{fraud['id']}", expect=403).code == "auth.scope"
    assert case(branch, employee=here, expect=403).code == "auth.scope"
    assert case(branch, member=member_of(shop), expect=403).code == "auth.scope"
    close(shop, fraud)


def test_an_idempotent_opening_opens_one_case_and_the_audit_tells(shop):
    member = member_of(shop)
    key = {"Idempotency-Key": f"case-{RUN}-{member}"}
    first = shop.post("/v1/fraud-cases", {"member": member, "reason": "x"}, headers=key, expect=201)
    assert shop.post("/v1/fraud-cases", {"member": member, "reason": "x"}, headers=key, expect=201)["id"] == first["id"]
    told = [entry for entry in shop.all("/v1/audit", limit=200) if entry["what"] == "case.opened"]
    assert any(entry["after"]["id"] == first["id"] for entry in told)
    export = shop.get(f"/v1/members/{member}/export", expect=200).json
    assert first["id"] or export


# ---- unusual earning ----

DAYS = 14


def at(day, minute=0):
    """Noon of a day before today."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now.replace(hour=12, minute=minute % 60, second=minute // 60, microsecond=0)
            - datetime.timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def store_of(client, name, chance, planted):
    """Two weeks of three employees, of which yesterday one puts the sales of strangers on a card of their own."""
    members = [f"+86135{RUN:04d}{next(COUNTER):04d}" for _ in range(40)]
    sales = []
    for day in range(DAYS, 0, -1):
        for clerk in range(3):
            for minute, phone in enumerate(chance.sample(members, chance.randint(7, 13))):
                sales.append((at(day, minute), f"{name}-{clerk}", phone))
    if planted:
        sales += [(at(1, minute), f"{name}-0", members[0]) for minute in range(45)]
    bodies = [{"receipt": f"A{next(COUNTER)}", "at": when, "store": name, "till": clerk[-1], "employee": clerk,
               "channel": "pos", "member": {"phone": phone}, "total": {"amount": "10.00", "currency": "USD"}}
              for when, clerk, phone in sales]
    for first in range(0, len(bodies), 1000):
        replies = client.post("/v1/purchases", bodies[first:first + 1000], expect=200).json
        assert all(reply["status"] == 201 for reply in replies), replies[0]
    return members


@pytest.fixture(scope="module", params=ENGINES)
def watched(request, servers):
    """The client of a server with an honest store and one with a planted fraud, both searched."""
    server = servers.start(request.param)
    chance = random.Random(7)
    store_of(server.client, "HONEST", chance, False)
    server.client.thief = store_of(server.client, "CROOKED", chance, True)[0]
    job = server.client.wait_for_job(server.client.post("/v1/alerts/fraud/search", expect=202)["job"])
    assert job["state"] == "done" and job["counts"]["alerts"] >= 2, job
    yield server.client
    server.close()


def test_a_planted_fraud_raises_alerts_with_the_evidence(watched):
    alerts = watched.all("/v1/alerts/fraud", limit=2)
    kinds = {(alert["kind"], alert["metric"]): alert for alert in alerts}
    assert {alert["store"] for alert in alerts} <= {"CROOKED", ""}, "the honest store raises none"
    clerk = kinds["employee", "purchases"]
    assert clerk["subject"] == "CROOKED-0" and clerk["value"] >= 52 and 7 <= clerk["usual"] <= 13
    assert clerk["state"] == "open" and clerk["probability"] < 0.001 and clerk["history"] == 39
    assert "usual" in clerk["summary"] and clerk["days_between_false_alarms"] == 30
    member = kinds["member", "purchases"]
    assert 45 <= member["value"] <= 48
    shown = watched.get(f"/v1/alerts/fraud/{member['id']}", expect=200)
    assert len(shown["events"]) == member["value"]
    event = watched.get(f"/v1/events/{shown['events'][0]}", expect=200)
    assert event["kind"] == "purchase" and event["member"] == member["member"]
    assert len(watched.get(f"/v1/alerts/fraud/{clerk['id']}", expect=200)["events"]) == clerk["value"]


def test_an_alert_is_decided_with_a_reason_and_stays_so(watched):
    alert = watched.all("/v1/alerts/fraud")[0]
    path = f"/v1/alerts/fraud/{alert['id']}"
    assert watched.post(f"{path}/decision", {"state": "dismissed", "reason": " "}, expect=422).code
    decided = watched.post(f"{path}/decision", {"state": "dismissed", "reason": "a wedding"}, expect=200)
    assert decided["state"] == "dismissed" and decided["decided_by"] and decided["reason"] == "a wedding"
    assert alert["id"] not in [one["id"] for one in watched.all("/v1/alerts/fraud")]
    watched.wait_for_job(watched.post("/v1/alerts/fraud/search", expect=202)["job"])
    assert watched.get(path, expect=200)["state"] == "dismissed", "searching again changes no decision"
    assert alert["id"] in [one["id"] for one in watched.all("/v1/alerts/fraud", state="any")]
    assert watched.get("/v1/alerts/fraud/fra_0000000000001", expect=404).code == "fraud.unknown"


def test_an_alert_leads_to_a_case(watched):
    alert = next(one for one in watched.all("/v1/alerts/fraud", state="any") if one["kind"] == "member")
    fraud = case(watched, member=alert["member"], alert=alert["id"])
    assert fraud["alert"] == alert["id"]
    refused = watched.post("/v1/redemptions", {"member": {"phone": watched.thief}, "points": 1}, expect=409)
    assert refused.code == "member.frozen"
    close(watched, fraud, "confirmed")


def test_a_day_without_enough_history_says_so(watched):
    day = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=DAYS - 2)).strftime("%Y-%m-%d")
    job = watched.wait_for_job(watched.post("/v1/alerts/fraud/search", {"day": day}, expect=202)["job"])
    assert job["counts"]["short_history"] == 12, "three employees and three tills of two stores"


def test_the_ledger_still_balances(shop):
    job = shop.wait_for_job(shop.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "done", job
