"""Points over the API, on both engines: redemptions, holds, reversals, adjustments, transfers, statements, the ledger."""
import datetime
import itertools
import random
import sqlite3
import threading
import time

import pytest

from conftest import ENGINES
from test_programme import DOCUMENT

RUN = random.Random().randrange(10**4)
COUNTER = itertools.count(1)
NOW = datetime.datetime.now(datetime.timezone.utc)


@pytest.fixture(scope="module", params=ENGINES)
def points(request, servers):
    """The client of a server of its own, whose programme is DOCUMENT."""
    with_programme = servers.start(request.param)
    with_programme.client.post("/v1/programme/versions", {"document": DOCUMENT}, expect=201)
    assert with_programme.client.get("/v1/programme", expect=200)["version"] == 1
    yield with_programme.client
    with_programme.close()


def register(client):
    number = f"+86138{RUN:04d}{next(COUNTER):04d}"
    return client.post("/v1/members", {"identifiers": [{"kind": "phone", "value": number}]}, expect=201)["id"]


def give(client, member, amount, days=None):
    body = {"member": {"id": member}, "wallet": "points", "points": amount, "reason": "test"}
    if days is not None:
        body["expires_at"] = (NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%dT00:00:00Z")
    return client.post("/v1/adjustments", body, expect=201)


def balance(client, member):
    return {wallet["wallet"]: wallet for wallet in
            client.get(f"/v1/members/{member}/wallets", expect=200)["items"]}["points"]


def redeem(client, member, amount, expect=201, **more):
    return client.post("/v1/redemptions", {"member": {"id": member}, "wallet": "points", "points": amount, **more},
                       expect=expect)


def remaining(client, member):
    return [lot["remaining"] for lot in client.all(f"/v1/members/{member}/lots", limit=1)]


def test_a_redemption_takes_what_expires_first_and_its_undoing_gives_it_back(points):
    member = register(points)
    give(points, member, 100, 60)
    give(points, member, 50)
    give(points, member, 80, 30)
    redeemed = redeem(points, member, 120, reward="mug", note="a blue one")
    assert redeemed["available"] == 110
    assert remaining(points, member) == [60, 50]
    path = f"/v1/redemptions/{redeemed['id']}/reversals"
    assert points.post(path, {"points": 50}, expect=201)["balance"] == 160
    assert remaining(points, member) == [10, 100, 50]
    assert points.post(path, expect=201)["points"] == 70
    assert remaining(points, member) == [80, 100, 50]
    assert points.post(path, {"points": 1}, expect=409).code == "points.reversed"


def test_more_than_is_there_is_refused(points):
    member = register(points)
    give(points, member, 100)
    refused = redeem(points, member, 101, expect=409)
    assert refused.code == "points.insufficient" and "100 points" in refused["detail"]
    assert balance(points, member)["available"] == 100


def test_a_hold_is_captured_once_and_releases_the_rest(points):
    member = register(points)
    give(points, member, 100)
    body = {"member": {"id": member}, "wallet": "points", "points": 60}
    hold = points.post("/v1/holds", body, expect=201)
    assert hold["available"] == 40 and hold["balance"] == 100
    points.post("/v1/holds", {**body, "points": 50}, expect=409)
    assert points.get(f"/v1/holds/{hold['id']}", expect=200)["state"] == "open"
    captured = points.post(f"/v1/holds/{hold['id']}/capture", {"points": 45}, expect=201)
    assert captured["available"] == 55
    assert points.post(f"/v1/holds/{hold['id']}/capture", {"points": 1}, expect=409).code == "hold.finished"
    shown = points.get(f"/v1/holds/{hold['id']}", expect=200)
    assert shown["state"] == "captured" and shown["captured"] == 45
    again = points.post("/v1/holds", {**body, "points": 55}, expect=201)
    assert points.post(f"/v1/holds/{again['id']}/release", expect=201)["available"] == 55
    assert points.post("/v1/holds/hld_0000000000001/capture", expect=404).code == "hold.unknown"


def test_a_hold_times_out_by_itself(points):
    member = register(points)
    give(points, member, 10)
    hold = points.post("/v1/holds", {"member": {"id": member}, "points": 10, "seconds": 1}, expect=201)
    assert balance(points, member)["available"] == 0
    time.sleep(1.2)
    assert balance(points, member)["available"] == 10
    assert points.get(f"/v1/holds/{hold['id']}", expect=200)["state"] == "timed_out"
    assert points.post(f"/v1/holds/{hold['id']}/capture", expect=409).code == "hold.finished"


def test_a_transfer_keeps_expiries_and_refuses_oneself(points):
    giver, taker = register(points), register(points)
    give(points, giver, 100, 30)
    give(points, giver, 100)
    body = {"from": {"id": giver}, "to": {"id": taker}, "wallet": "points", "points": 120}
    moved = points.post("/v1/transfers", body, expect=201)
    assert moved["from"]["balance"] == 80 and moved["to"]["balance"] == 120
    lots = points.all(f"/v1/members/{taker}/lots")
    assert [lot["remaining"] for lot in lots] == [100, 20]
    assert lots[0]["expires_at"] is not None and lots[1]["expires_at"] is None
    assert points.post("/v1/transfers", {**body, "to": {"id": giver}}, expect=422).code == "points.transfer_self"
    assert points.post("/v1/transfers", {**body, "wallet": "status"}, expect=422).code == "points.not_transferable"


def test_the_note_of_a_transfer_is_in_the_givers_timeline_until_the_erasure(points):
    giver, taker = register(points), register(points)
    give(points, giver, 100)
    moved = points.post("/v1/transfers", {"from": {"id": giver}, "to": {"id": taker}, "wallet": "points", "points": 20,
                                          "note": "for \"Anna\"'s\nbirthday 生日"}, expect=201)
    sent, = [entry for entry in points.all(f"/v1/members/{giver}/timeline") if entry["id"] == moved["id"]]
    assert sent["kind"] == "transfer_out" and sent["detail"] == {"note": "for \"Anna\"'s\nbirthday 生日"}
    got, = [entry for entry in points.all(f"/v1/members/{taker}/timeline") if entry["kind"] == "transfer_in"]
    assert got["detail"] is None and got["cause"] == moved["id"]
    points.delete(f"/v1/members/{giver}", expect=204)
    assert "Anna" not in points.get(f"/v1/members/{giver}/export", expect=200).text


def test_the_same_key_spends_once(points):
    member = register(points)
    give(points, member, 100)
    headers = {"Idempotency-Key": f"redeem-{member}"}
    body = {"member": {"id": member}, "wallet": "points", "points": 30}
    first = points.post("/v1/redemptions", body, headers=headers, expect=201)
    again = points.post("/v1/redemptions", body, headers=headers, expect=201)
    assert first["id"] == again["id"] and balance(points, member)["balance"] == 70
    points.post("/v1/redemptions", {**body, "points": 31}, headers=headers, expect=422)


def test_in_an_array_each_redemption_stands_alone(points):
    member = register(points)
    give(points, member, 100)
    bodies = [{"member": {"id": member}, "wallet": "points", "points": amount} for amount in (60, 60, 40)]
    reply = points.post("/v1/redemptions", bodies, expect=200)
    items = reply.json["items"] if isinstance(reply.json, dict) else reply.json
    assert [item["status"] for item in items] == [201, 409, 201]


def test_fifty_at_once_cannot_spend_more_than_there_is(points):
    member = register(points)
    give(points, member, 100)
    statuses = []

    def spend():
        statuses.append(points.post("/v1/redemptions", {"member": {"id": member}, "wallet": "points", "points": 30}).status)

    threads = [threading.Thread(target=spend) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(201) == 3 and statuses.count(409) == 47
    assert balance(points, member)["balance"] == 10


def test_a_statement_opens_where_the_month_before_closed(points):
    member = register(points)
    give(points, member, 100)
    redeem(points, member, 30)
    month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
    statement = points.get(f"/v1/members/{member}/statements/{month}", params={"wallet": "points"}, expect=200)
    assert statement["opening"] == 0 and statement["closing"] == 70
    assert [(entry["kind"], entry["points"], entry["balance"]) for entry in statement["entries"]] == \
        [("adjustment", 100, 100), ("redemption", -30, 70)]
    following = (NOW.replace(day=1) + datetime.timedelta(days=40)).strftime("%Y-%m")
    assert points.get(f"/v1/members/{member}/statements/{following}", expect=200)["opening"] == 70
    points.get(f"/v1/members/{member}/statements/november", expect=404)


def test_an_adjustment_needs_a_reason_and_above_the_limit_an_approver(points):
    member = register(points)
    points.post("/v1/adjustments", {"member": {"id": member}, "points": 5}, expect=422)
    points.post("/v1/adjustments", {"member": {"id": member}, "points": 0, "reason": "none"}, expect=422)
    token = points.post("/v1/keys", {"name": f"desk-{member}", "scopes": ["points.adjust"]}, expect=201)["token"]
    desk = points.as_key(token)
    body = {"member": {"id": member}, "wallet": "points", "points": 1001, "reason": "goodwill"}
    assert desk.post("/v1/adjustments", body, expect=403).code == "points.approval"
    assert points.post("/v1/adjustments", body, expect=201)["balance"] == 1001
    down = points.post("/v1/adjustments", {**body, "points": -1100}, expect=201)
    assert down["balance"] == 0 and down["written_off"] == 99


# ---- pooled households that part ----

def pool(client, *members):
    household = client.post("/v1/households", {"member": members[0], "pooled": True}, expect=201)["id"]
    for member in members[1:]:
        client.post(f"/v1/households/{household}/members", {"member": member}, expect=204)
    return f"/v1/households/{household}/members"


def test_a_return_gives_points_back_to_those_who_paid_also_after_they_parted(points):
    """Rule 4 of the semantics, with lots of everybody in a household of sixteen: they go back to where they came from."""
    members = [register(points) for _ in range(16)]
    for days, member in enumerate(members):
        give(points, member, 10, 30 + days)
    household = pool(points, *members)
    bought = points.post("/v1/purchases", {
        "member": {"id": members[0]}, "store": "soho", "event_id": f"paid-{RUN}-{next(COUNTER)}",
        "channel": "pos", "lines": [{"sku": "a", "amount": {"amount": "1.00", "currency": "USD"}},
                                    {"sku": "b", "amount": {"amount": "3.00", "currency": "USD"}}],
        "pay_points": [{"wallet": "points", "points": 155}]}, expect=201)
    assert [balance(points, member)["balance"] for member in members] == [0] * 15 + [5]
    for member in members[1:]:
        points.delete(f"{household}/{member}", expect=204)
    # A quarter of 155, half to even: the last drawn come back first.
    back = points.post(f"/v1/purchases/{bought['id']}/returns", {"lines": [{"line": 1}]}, expect=201)
    assert back["points_given_back"] == [{"wallet": "points", "points": 39}]
    assert [balance(points, member)["balance"] for member in members] == [0] * 11 + [4] + [10] * 4
    points.post(f"/v1/purchases/{bought['id']}/returns", {}, expect=201)
    assert [balance(points, member)["balance"] for member in members] == [10] * 16


def test_a_hold_that_ran_out_while_they_were_apart_ends_when_they_come_together(points):
    first, second = register(points), register(points)
    give(points, second, 100)
    household = pool(points, first, second)
    points.post("/v1/holds", {"member": {"id": first}, "wallet": "points", "points": 60, "seconds": 1}, expect=201)
    points.delete(f"{household}/{second}", expect=204)
    time.sleep(1.1)
    assert balance(points, second)["held"] == 60
    points.post(household, {"member": second}, expect=204)
    shown = balance(points, second)
    assert (shown["held"], shown["available"]) == (0, 100)
    assert redeem(points, first, 100)["available"] == 0


def test_the_next_expiry_and_the_worth_are_shown(points):
    member = register(points)
    give(points, member, 100, 30)
    give(points, member, 20, 30)
    give(points, member, 50)
    shown = balance(points, member)
    assert shown["next_expiry"]["points"] == 120
    assert shown["value"] == {"amount": "1.70", "currency": "USD"}


def test_liability_counts_what_moved(points):
    def totals():
        return {row["wallet"]: row for row in points.get("/v1/liability", expect=200)["items"]}["points"]

    before, member = totals(), register(points)
    give(points, member, 100)
    redeem(points, member, 40)
    after = totals()
    assert after["adjusted"] - before["adjusted"] == 100
    assert after["redeemed"] - before["redeemed"] == 40
    assert after["outstanding"] - before["outstanding"] == 60


def test_the_ledger_is_paged_and_filtered(points):
    member = register(points)
    given = give(points, member, 100)
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    entries = [entry for entry in points.all("/v1/ledger", limit=200, wallet="points", day=today)
               if entry["member"] == member]
    assert [(entry["event"], entry["debit"], entry["credit"], entry["points"]) for entry in entries] == \
        [(given["id"], "adjusted", "active", 100)]
    assert points.get("/v1/ledger", params={"wallet": "nothing"}, expect=200)["items"] == []


def test_the_ledger_of_one_day_is_that_of_all_days_without_the_others(points):
    then = NOW - datetime.timedelta(days=3)
    for _ in range(6):
        member = register(points)
        give(points, member, 100)
        points.post("/v1/adjustments", {"member": {"id": member}, "wallet": "points", "points": 7, "reason": "test",
                                        "at": then.strftime("%Y-%m-%dT12:00:00Z")}, expect=201)
    everything = points.all("/v1/ledger", limit=200)
    for day in {entry["day"] for entry in everything}:
        wanted = [entry for entry in everything if entry["day"] == day]
        assert points.all("/v1/ledger", limit=5, day=day) == wanted
        assert len(wanted) >= 6
    assert points.get("/v1/ledger", params={"day": "2001-01-01"}, expect=200)["items"] == []


def test_verification_agrees_and_names_a_row_that_was_altered(fresh_server):
    client = fresh_server.client
    member = register(client)
    give(client, member, 100)
    redeem(client, member, 40, note="for a friend")
    job = client.wait_for_job(client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "done", job
    if "postgres" in str(fresh_server.database):
        return
    database = sqlite3.connect(fresh_server.database, timeout=10)
    database.execute("UPDATE movement SET amount = 41 WHERE amount = 40")
    database.commit()
    job = client.wait_for_job(client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "failed" and "journal" in str(job), job
    database.execute("UPDATE movement SET amount = 40 WHERE amount = 41")
    database.execute("UPDATE wallet SET active = 61")
    database.commit()
    database.close()
    job = client.wait_for_job(client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "failed" and "active is 61, the movements say 60" in str(job), job


def test_the_seals_of_now_are_given_to_be_kept_elsewhere(client):
    made = client.get("/v1/heads", expect=200)
    assert [head["bucket"] for head in made["heads"]] == list(range(64))
    assert made["fingerprint"].startswith(made["at"][:10] + " ") and made["fingerprint"] in made["text"]
    assert all(f"\n{head['bucket']} {head['seq']} {head['seal']}\n" in made["text"] for head in made["heads"])
