"""Tiers on several ladders over the API, on both engines: alternatives, previews, tiers that are given, merges."""
import datetime
import time
import uuid

import pytest

from conftest import ENGINES

DOCUMENT = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points"}, {"code": "status", "spendable": False}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"},
              {"code": "status", "wallet": "status", "points": 1, "per": "1.00"}],
    "ladders": [
        {"code": "club", "name": "Club", "metric": "points", "wallet": "status",
         "validity": {"kind": "calendar_year"}, "levels": [
             {"code": "blue", "name": "Blue"}, {"code": "silver", "name": "Silver", "qualify": 500},
             {"code": "gold", "name": "Gold", "approval": True, "factor": "2",
              "qualify": [{"points": 2000}, {"points": 1000, "visits": 2, "purchases": 3}],
              "keep": [{"spend": "800.00"}, {"visits": 5}]},
             {"code": "black", "name": "Black", "invitation_only": True}]},
        {"code": "guest", "metric": "visits", "validity": {"kind": "forever"}, "levels": [
            {"code": "new"}, {"code": "regular", "qualify": 3}]}],
}


def usd(amount):
    return {"amount": amount, "currency": "USD"}


def moment(**ahead):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ahead)
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


@pytest.fixture(scope="module", params=ENGINES)
def server(request, servers):
    made = servers.start(request.param)
    made.client.post("/v1/programme/versions", {"document": DOCUMENT}, expect=201)
    yield made
    made.close()


@pytest.fixture
def client(server):
    return server.client


def member(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"T{uuid.uuid4().hex[:12]}"}]},
                       expect=201)["id"]


def buy(client, who, amount):
    return client.post("/v1/purchases", {"member": {"id": who}, "receipt": uuid.uuid4().hex, "total": usd(amount)},
                       expect=201)


def visit(client, who):
    client.post("/v1/visits", {"member": {"id": who}, "event_id": uuid.uuid4().hex}, expect=201)


def ladders(client, who):
    return {one["code"]: one for one in client.get(f"/v1/members/{who}/tiers", expect=200)["ladders"]}


def give(client, who, tier, expect=201, **more):
    return client.post(f"/v1/members/{who}/tiers", {"tier": tier, "reason": "a friend of the house", **more},
                       expect=expect)


def test_the_ladders_in_force_are_listed(client):
    shown = client.get("/v1/tiers", expect=200)
    assert [one["code"] for one in shown["ladders"]] == ["club", "guest"]
    gold = shown["ladders"][0]["levels"][2]
    assert gold["qualify_by"] == [{"points": 2000}, {"points": 1000, "visits": 2, "purchases": 3}]
    assert gold["keep_by"] == [{"spend": usd("800.00")}, {"visits": 5}] and gold["approval"]
    assert shown["levels"][3]["invitation_only"] and shown["levels"][3]["qualify"] is None


def test_the_preview_says_what_is_missing_by_each_alternative_and_by_when(client):
    who = member(client)
    buy(client, who, "1800.00")
    visit(client, who)
    club = ladders(client, who)["club"]
    year = datetime.datetime.now(datetime.timezone.utc).year
    assert club["tier"] == "silver" and club["earned"] == "silver" and club["given"] is None
    assert club["counted"] == {"points": 1800, "spend": usd("1800.00"), "visits": 1, "purchases": 1}
    assert club["next"]["tier"] == "gold" and club["next"]["by"] == f"{year + 1}-01-01T00:00:00Z"
    assert [one["missing"] for one in club["next"]["alternatives"]] == [{"points": 200}, {"visits": 1, "purchases": 2}]
    assert club["keep"]["met"] and club["keep"]["alternatives"][0]["needs"] == {"points": 500}
    guest = ladders(client, who)["guest"]
    assert guest["tier"] == "new" and guest["next"]["by"] is None and guest["keep"] is None
    assert guest["next"]["alternatives"] == [{"needs": {"visits": 3}, "missing": {"visits": 2}, "met": False}]


def test_either_alternative_raises_and_a_return_lowers_the_sums_alone(client):
    who = member(client)
    first = buy(client, who, "400.00")
    buy(client, who, "400.00")
    visit(client, who)
    visit(client, who)
    assert ladders(client, who)["club"]["tier"] == "silver"
    assert buy(client, who, "200.00")["tier"] == {"before": "silver", "after": "gold"}
    visit(client, who)
    assert ladders(client, who)["guest"]["tier"] == "regular"
    client.post(f"/v1/purchases/{first['id']}/returns", {}, expect=201)
    club = ladders(client, who)["club"]
    assert club["tier"] == "gold"  # until its period ends
    assert club["counted"] == {"points": 600, "spend": usd("600.00"), "visits": 3, "purchases": 2}
    assert [one["missing"] for one in club["keep"]["alternatives"]] == [{"spend": usd("200.00")}, {"visits": 2}]


def test_an_invitation_ends_by_itself_and_what_is_earned_counts_again(client):
    who = member(client)
    given = give(client, who, "black", **{"as": "invitation", "until": moment(seconds=3)})
    assert given["state"] == "approved" and given["ladder"] == "club"
    shown = client.get(f"/v1/members/{who}", expect=200)
    assert shown["tier"]["code"] == "black"
    assert ladders(client, who)["club"]["earned"] == "blue"
    buy(client, who, "600.00")
    assert ladders(client, who)["club"]["tier"] == "black"
    until = time.monotonic() + 20
    while client.get(f"/v1/members/{who}", expect=200)["tier"]["code"] != "silver":
        assert time.monotonic() < until
        time.sleep(0.3)
    until = time.monotonic() + 20
    while True:  # the sweeper writes it down by itself
        rows = client.all(f"/v1/members/{who}/timeline")
        if [row["kind"] for row in rows].count("tier") == 2:  # given, ended
            break
        assert time.monotonic() < until
        time.sleep(0.3)


def test_a_trial_becomes_an_earned_tier_by_what_is_done_in_it(client):
    who = member(client)
    buy(client, who, "300.00")
    give(client, who, "silver", **{"as": "trial", "days": 30, "kept_by": [{"spend": usd("100.00")}, {"visits": 4}]})
    shown = client.get(f"/v1/members/{who}/tiers", expect=200)
    assert shown["rights"][0]["kept_by"][0] == {
        "needs": {"spend": usd("100.00")}, "missing": {"spend": usd("100.00")}, "met": False}
    assert shown["ladders"][0]["given"] == shown["rights"][0]["id"]
    buy(client, who, "100.00")
    shown = client.get(f"/v1/members/{who}/tiers", expect=200)
    assert shown["rights"] == [] and shown["ladders"][0]["earned"] == "silver"


def test_what_takes_a_second_person_waits_for_one(server):
    client = server.client
    admin = server.sign_in()
    permissions = [one for one in admin.permissions if one != "points.approve"]
    reply = admin.post(server.url + "/v1/keys", timeout=30, json={"name": uuid.uuid4().hex[:8], "scopes": permissions})
    desk = client.as_key(reply.json()["token"])
    who, other = member(client), member(client)
    waiting = give(desk, who, "gold", expect=202, **{"as": "grant"})
    assert waiting["state"] == "waiting" and ladders(client, who)["club"]["tier"] == "blue"
    assert waiting["id"] in [one["id"] for one in client.all("/v1/tier-requests", state="waiting")]
    desk.post(f"/v1/tier-requests/{waiting['id']}/decision", {"approve": True}, expect=403)
    decided = client.post(f"/v1/tier-requests/{waiting['id']}/decision", {"approve": True}, expect=200)
    assert decided["state"] == "approved" and decided["asked_by"] != decided["decided_by"]
    assert ladders(client, who)["club"]["tier"] == "gold"
    again = client.post(f"/v1/tier-requests/{waiting['id']}/decision", {"approve": False}, expect=409)
    assert again.code == "tier.request_decided"
    refused = give(desk, other, "gold", expect=202, **{"as": "grant"})
    client.post(f"/v1/tier-requests/{refused['id']}/decision", {"approve": False}, expect=200)
    assert ladders(client, other)["club"]["tier"] == "blue"
    give(desk, other, "silver", **{"as": "grant"})  # takes nobody else


def test_a_right_is_ended_before_its_time(client):
    who = member(client)
    give(client, who, "black", **{"as": "grant"})
    right = client.get(f"/v1/members/{who}/tiers", expect=200)["rights"][0]["id"]
    client.post(f"/v1/members/{who}/rights/{right}/end", {"reason": "by mistake"}, expect=200)
    assert ladders(client, who)["club"]["tier"] == "blue"
    missing = client.post(f"/v1/members/{who}/rights/{right}/end", {"reason": "again"}, expect=404)
    assert missing.code == "tier.unknown_right"


@pytest.mark.parametrize("body,code", [
    ({"tier": "green", "as": "grant"}, "tier.unknown"), ({"tier": "gold", "as": "trial"}, "tier.until"),
    ({"tier": "gold", "as": "grant", "ladder": "none"}, "tier.ladder"),
    ({"tier": "gold", "as": "grant", "until": "2020-01-01T00:00:00Z"}, "tier.until"),
    ({"tier": "gold", "as": "grant", "kept_by": [{"visits": 1}]}, "tier.trial"),
    ({"tier": "gold", "as": "trial", "days": 3, "kept_by": [{"visits": 0}]}, "tier.trial")])
def test_what_cannot_be_given_says_why(client, body, code):
    assert give(client, member(client), expect=422, **body).code == code


def test_a_merge_folds_the_ladders_and_an_unmerge_gives_them_back(client):
    a, b = member(client), member(client)
    for who, amount in ((a, "900.00"), (b, "300.00")):
        buy(client, who, amount)
    visit(client, a)
    visit(client, b)
    visit(client, b)
    give(client, b, "black", **{"as": "invitation"})
    before = {who: client.get(f"/v1/members/{who}/tiers", expect=200).json for who in (a, b)}
    client.post("/v1/merges", {"into": {"id": a}, "from": {"id": b}}, expect=201)
    club = ladders(client, a)["club"]
    assert club["tier"] == "black" and club["earned"] == "silver"
    assert club["counted"] == {"points": 1200, "spend": usd("1200.00"), "visits": 3, "purchases": 2}
    assert ladders(client, b)["guest"]["tier"] == "regular"
    visit(client, b)
    client.post("/v1/unmerges", {"member": {"id": b}}, expect=200)
    after = {who: client.get(f"/v1/members/{who}/tiers", expect=200).json for who in (a, b)}
    assert after[a] == before[a]
    assert after[b]["rights"] == before[b]["rights"]
    assert after[b]["ladders"][0]["counted"] == {
        "points": 300, "spend": usd("300.00"), "visits": 3, "purchases": 1}
    assert after[b]["ladders"][1]["tier"] == "regular"  # its own third visit


@pytest.mark.parametrize("crossing,points", [("before", 100), ("after", 150), ("marginal", 125)])
def test_a_line_crossed_within_a_purchase_on_a_ladder_of_alternatives(client, crossing, points):
    draft = {**DOCUMENT, "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "10.00"},
                                   {"code": "status", "wallet": "status", "points": 1, "per": "1.00"}],
             "ladders": [{"code": "club", "metric": "points", "wallet": "status", "crossing": crossing, "levels": [
                 {"code": "member"},
                 {"code": "gold", "factor": "1.5", "qualify": [{"points": 10000}, {"nights": 40}]}]}]}
    shown = client.post("/v1/programme/preview", {
        "document": draft, "tier": "member", "qualifying": 9500, "lines": [{"amount": usd("1000.00")}]}, expect=200)
    assert shown["rules"][0]["points"] == points


def test_mistakes_in_ladders_are_named_by_path(client):
    def refused(ladder):
        return client.post("/v1/programme/versions", {
            "document": {**DOCUMENT, "ladders": [ladder]}, "validate": True}, expect=422)["field"]
    level = {"code": "blue"}
    assert refused({"code": "a", "metric": "visits", "levels": [level, {"code": "b", "qualify": [{"nigths": 1}]}]}) \
        == "document.ladders[0].levels[1].qualify[0].nigths"
    assert refused({"code": "a", "metric": "visits", "levels": [level, {"code": "b", "qualify": [{}]}]}) \
        == "document.ladders[0].levels[1].qualify[0].points"
    assert refused({"code": "a", "metric": "visits", "levels": [level, {"code": "b", "qualify": [{"points": 1}]}]}) \
        == "document.ladders[0].wallet"
    assert refused({"code": "a", "metric": "visits", "levels": [level], "downgrade": "soft_landing"}) \
        == "document.ladders[0].floor"
    assert refused({"metric": "visits", "levels": [level]}) == "document.ladders[0].code"
