"""Referrals, on both databases: codes, guards, rewards for both, and what is taken back. Expected figures are worked out by hand."""
import csv
import io
import itertools
import subprocess
import time
import uuid

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
PROGRAMMES = {
    "friends": {"name": "Bring a friend", "link": "https://example.com/join?code={code}&from=app",
                "qualifies": "purchase.total >= 20.0", "waiting_days": 14, "referrer": {"points": 200},
                "friend": {"points": 100}, "cap": {"count": 2, "period": "year"}},
    "quick": {"name": "At once", "waiting_days": 0, "referrer": {"points": 50},
              "velocity": {"count": 2, "hours": 24}},
    "gold": {"name": "By gold members", "when": "member.tier == 'gold'", "friend": {"points": 5}},
}


@pytest.fixture(scope="module", params=ENGINES)
def club(request, servers):
    server = servers.start(request.param)
    for code, document in PROGRAMMES.items():
        server.client.put(f"/v1/referral-programmes/{code}", {"document": document, "publish": True}, expect=200)
    time.sleep(7)
    yield server
    server.close()


@pytest.fixture
def client(club):
    return club.client


def member(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"F{uuid.uuid4().hex[:12]}"}]},
                       expect=201)["id"]


def code_of(client, who, programme="friends", **fields):
    reply = client.post(f"/v1/members/{who}/referral-codes", {"programme": programme, **fields})
    assert reply.status in (200, 201), reply
    return reply["code"]


def join(client, code, friend, expect=201, **fields):
    return client.post("/v1/referrals", {"code": code, "member": {"id": friend}, **fields}, expect=expect)


def buy(client, who, amount):
    return client.post("/v1/purchases", {
        "member": {"id": who}, "store": "S1", "channel": "pos", "till": "1", "receipt": f"f{next(COUNTER)}",
        "lines": [{"sku": "x", "amount": {"amount": amount, "currency": "USD"}},
                  {"sku": "y", "amount": {"amount": "1.00", "currency": "USD"}}]}, expect=201)["id"]


def referrals(client, who):
    return client.all(f"/v1/members/{who}/referrals")


def becomes(client, who, states, seconds=5):
    until = time.monotonic() + seconds
    while [one["state"] for one in referrals(client, who)] != states:
        assert time.monotonic() < until, (referrals(client, who), states)
        time.sleep(0.02)


def wallet(client, who):
    found = [one for one in client.get(f"/v1/members/{who}/wallets", expect=200)["items"] if one["wallet"] == "points"]
    return (found[0]["active"], found[0]["pending"]) if found else (0, 0)


def test_both_are_rewarded_for_the_first_purchase_that_qualifies(client):
    who, friend = member(client), member(client)
    made = client.post(f"/v1/members/{who}/referral-codes", {"programme": "friends"}, expect=201)
    code = made["code"]
    assert made["link"] == f"https://example.com/join?code={code}&from=app" and len(code) == 16
    again = client.post(f"/v1/members/{who}/referral-codes", {"programme": "friends"}, expect=200)
    assert again["code"] == code and client.all(f"/v1/members/{who}/referral-codes") == [made.json]
    offer = client.get(f"/v1/referral-codes/{code.lower()}", expect=200)
    assert (offer["valid"], offer["name"], offer["friend_points"]) == (True, "Bring a friend", 100)
    assert client.get("/v1/referral-codes/NOTHING", expect=200)["valid"] is False

    joined = join(client, f"{code[:8]}-{code[8:].lower()}", friend)
    assert (joined["state"], joined["referrer"], joined["friend"], joined["purchase"]) == ("joined", who, friend, None)
    buy(client, friend, "10.00")  # 11 in all: too little
    second = buy(client, friend, "19.00")  # 20
    becomes(client, friend, ["rewarded"])
    (seen,) = referrals(client, who)
    assert (seen["purchase"], seen["referrer_points"], seen["friend_points"]) == (second, 200, 100)
    assert wallet(client, friend) == (31, 100) and wallet(client, who) == (0, 200)
    buy(client, friend, "99.00")
    time.sleep(0.5)
    assert wallet(client, who) == (0, 200)

    # One of the two lines comes back: 19 are too little, and both rewards are taken back.
    client.post(f"/v1/purchases/{second}/returns", {"lines": [{"line": 2}]}, expect=201)
    becomes(client, who, ["joined"])
    assert wallet(client, who) == (0, 0) and wallet(client, friend) == (130, 0)
    third = buy(client, friend, "30.00")
    becomes(client, who, ["rewarded"])
    assert referrals(client, who)[0]["purchase"] == third
    client.post(f"/v1/purchases/{third}/void", {}, expect=201)
    becomes(client, who, ["joined"])


def test_points_that_are_spent_go_back_by_the_debt_policy(client):
    who, friend = member(client), member(client)
    join(client, code_of(client, who, "quick"), friend)
    bought = buy(client, friend, "1.00")
    becomes(client, who, ["rewarded"])
    assert wallet(client, who) == (50, 0)
    client.post("/v1/redemptions", {"member": {"id": who}, "points": 45}, expect=201)
    client.post(f"/v1/purchases/{bought}/returns", {}, expect=201)
    becomes(client, who, ["joined"])
    assert wallet(client, who) == (0, 0)


def test_what_can_never_be_right_is_refused(client):
    who, other, friend = member(client), member(client), member(client)
    code = code_of(client, who)
    assert join(client, "0000000000000000", friend, expect=404).code == "referral.code_unknown"
    assert join(client, code, who, expect=409).code == "referral.self"
    join(client, code, friend)
    assert join(client, code, friend, expect=409).code == "referral.known"
    assert join(client, code_of(client, other), friend, expect=409).code == "referral.known"
    assert join(client, code_of(client, friend), who, expect=409).code == "referral.cycle"
    third = member(client)
    join(client, code_of(client, friend), third)
    assert join(client, code_of(client, third), who, expect=409).code == "referral.cycle"
    buy(client, other, "1.00")
    assert join(client, code, other, expect=409).code == "referral.not_new"
    home, child = member(client), member(client)
    household = client.post("/v1/households", {"member": home}, expect=201)["id"]
    client.post(f"/v1/households/{household}/members", {"member": child})
    assert join(client, code_of(client, home), child, expect=409).code == "referral.household"
    assert client.post(f"/v1/members/{who}/referral-codes", {"programme": "gold"}, expect=409).code == "referral.audience"
    assert client.post(f"/v1/members/{who}/referral-codes", {"programme": "moon"}, expect=404).code == "referral.programme"
    client.post("/v1/merges", {"into": {"id": home}, "from": {"id": third}}, expect=201)
    assert join(client, code_of(client, home), third, expect=409).code == "referral.self"


def test_what_is_suspicious_is_held_until_somebody_decides(client):
    who = member(client)
    code = code_of(client, who, device="phone-1")
    one, two, three = member(client), member(client), member(client)
    held = join(client, code, one, device="phone-1")
    assert (held["state"], held["reason"]) == ("held", "device")
    assert join(client, code, two, device="phone-2", payment="visa-1")["state"] == "joined"
    paid = join(client, code, three, device="phone-3", payment="visa-1")
    assert (paid["state"], paid["reason"]) == ("held", "payment")
    buy(client, one, "50.00")
    until = time.monotonic() + 5
    while referrals(client, one)[0]["purchase"] is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert wallet(client, who) == (0, 0)
    waiting = {found["id"]: found for found in client.all("/v1/referrals", limit=1)}
    assert waiting[held["id"]]["reason"] == "device" and paid["id"] in waiting
    done = client.post(f"/v1/referrals/{held['id']}/decision", {"approve": True, "reason": "twins"}, expect=200)
    assert (done["state"], done["referrer_points"], done["decided_by"][:4]) == ("rewarded", 200, "key:")
    assert wallet(client, who) == (0, 200)
    assert client.post(f"/v1/referrals/{held['id']}/decision", {"approve": False}, expect=409).code == "referral.decided"
    refused = client.post(f"/v1/referrals/{paid['id']}/decision", {"approve": False}, expect=200)
    assert refused["state"] == "refused"
    client.post("/v1/referrals/rfr_0000000000G41/decision", {"approve": True}, expect=404)
    buy(client, three, "50.00")
    time.sleep(0.5)
    assert wallet(client, three) == (51, 0)


def test_a_referrer_has_a_cap_and_a_speed(client):
    who = member(client)
    code = code_of(client, who)
    friends = [member(client) for _ in range(3)]
    for friend in friends:
        join(client, code, friend)
        buy(client, friend, "20.00")
        becomes(client, friend, ["rewarded"])
    assert wallet(client, who) == (0, 400) and wallet(client, friends[2]) == (21, 100)
    assert [one["referrer_points"] for one in referrals(client, friends[2])] == [0]
    fast = member(client)
    states = [join(client, code_of(client, fast, "quick"), member(client)) for _ in range(3)]
    assert [(one["state"], one["reason"]) for one in states] == [("joined", None), ("joined", None), ("held", "velocity")]


def test_the_command_line_does_the_same(club):
    client, who, friend = club.client, member(club.client), member(club.client)

    def run(*words, expect=0):
        done = subprocess.run([club.binary, "referrals", *words, "--database", club.database, "--key-file", club.key_file],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    code = run("code", who, "friends").strip()
    assert run("code", who, "friends").strip() == code == code_of(client, who)
    assert "referral.code_unknown" in run("join", "0" * 16, friend, expect=1)
    assert run("join", code, friend).endswith(": joined\n")
    buy(client, friend, "40.00")
    becomes(client, who, ["rewarded"])
    (seen,) = csv.DictReader(io.StringIO(run("list", who, "--format", "csv")))
    assert (seen["friend"], seen["state"], seen["referrer_points"]) == (friend, "rewarded", "200")
    device = member(client)
    code_of(client, device, device="cli-1")
    held = join(client, code_of(client, device), member(client), device="cli-1")["id"]
    assert held in run("held", "--format", "csv")
    assert run("refuse", held, "--reason", "same phone") == f"{held}: refused\n"
    assert "referral.decided" in run("approve", held, expect=1)
    assert "say what" in run("give", expect=2)
    done = subprocess.run([club.binary, "verify", "--database", club.database, "--key-file", club.key_file],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_programme_that_cannot_work_is_refused(client):
    def refused(field, **changed):
        document = {"name": "N", "friend": {"points": 1}, **changed}
        reply = client.put("/v1/referral-programmes/wrong", {"document": document, "validate": True}, expect=422)
        assert reply["field"] == "document." + field, reply
    refused("link", link="https://example.com/")
    refused("qualifies", qualifies="purchase.sum > 1")
    refused("friend.wallet", friend={"points": 1, "wallet": "moon"})
    refused("attribution_days", attribution_days=0)
    refused("cap.count", cap={"count": 0})
    refused("velocity.hours", velocity={"count": 1})
    reply = client.put("/v1/referral-programmes/wrong", {"document": {"name": "N"}, "validate": True}, expect=422)
    assert reply["field"] == "document.referrer"
