"""Duplicates over the API, on both engines: the scan, the queue, decisions, and previews that tell what really happens."""
import datetime

import pytest

from test_programme import DOCUMENT

NOW = datetime.datetime.now(datetime.timezone.utc)


def register(client, phone, **fields):
    body = {"identifiers": [{"kind": "phone", "value": phone}], **fields}
    return client.post("/v1/members", body, expect=201)["id"]


def scan(client, **body):
    job = client.wait_for_job(client.post("/v1/duplicates/scan", body, expect=202)["job"])
    assert job["state"] == "done", job
    return job["counts"]


def queue(client, **query):
    return client.get("/v1/duplicates", params=query, expect=200)["items"]


def decide(client, pair, expect=200, **body):
    return client.post(f"/v1/duplicates/{pair}/decision", body, expect=expect)


def shop(client):
    """Three pairs, and a couple under one roof."""
    ming = {"birthday": "1990-05-17", "city": "上海"}
    mary = {"birthday": "1971-11-28", "city": "York"}
    anna = {"birthday": "1985-03-09", "city": "Leeds"}
    return {
        "ming": register(client, "+8613800138000", family_name="王", given_name="小明", address="中山路12号", **ming),
        "ming2": register(client, "+8613800138001", family_name="Wang", given_name="Xiaoming", **ming),
        "mary": register(client, "+447700900123", family_name="Jones", given_name="Mary", address="12 High Street", **mary),
        "mary2": register(client, "+447700900132", family_name="Mary", given_name="Jones", address="12 High St", **mary),
        "peter": register(client, "+447700911777", family_name="Jones", given_name="Peter", birthday="1969-02-03",
                          address="12 High Street", city="York"),
        "anna": register(client, "+447700922001", family_name="Underwood", given_name="Anna", **anna),
        "anna2": register(client, "+447700922010", family_name="Underwod", given_name="Anna", **anna),
        "li": register(client, "+8613911112222", family_name="李", given_name="丽", birthday="1985-01-02", city="北京"),
    }


def of(items, *members):
    return next(one for one in items if {one["first"]["member"], one["second"]["member"]} == set(members))


def test_members_registered_twice_come_into_the_queue_with_the_evidence(fresh_server):
    client = fresh_server.client
    them = shop(client)
    assert scan(client) == {"members": 8, "pairs": 3}
    items = queue(client)
    assert len(items) == 3 and items == sorted(items, key=lambda one: -one["weight"])
    pair = of(items, them["ming"], them["ming2"])
    assert pair["state"] == "open" and pair["probability"] > 0.9 and pair["decided_at"] is None
    side = "first" if pair["first"]["member"] == them["ming"] else "second"
    assert pair[side]["given_name"] == "小明" and pair[side]["phones"] == ["+8613800138000"]
    levels = {one["field"]: one["level"] for one in pair["evidence"]}
    assert levels == {"family_name": "same sound", "given_name": "same sound", "birthday": "equal",
                      "phone": "one digit wrong", "city": "equal"}
    assert all(one["weight"] > 0 for one in pair["evidence"])
    assert client.get(f"/v1/duplicates/{pair['id']}", expect=200).json == pair
    swapped = of(items, them["mary"], them["mary2"])
    assert next(one for one in swapped["evidence"] if one["field"] == "family_name")["level"] == "swapped"
    first = client.get("/v1/duplicates", params={"limit": 2}, expect=200)
    rest = client.get("/v1/duplicates", params={"limit": 2, "after": first["next"]}, expect=200)
    assert first["items"] + rest["items"] == items and rest["next"] is None


def test_decisions_stand_and_the_state_follows_merges(fresh_server):
    client = fresh_server.client
    them = shop(client)
    scan(client)
    items = queue(client)
    ming, mary, anna = (of(items, them[name], them[name + "2"])["id"] for name in ("ming", "mary", "anna"))
    assert decide(client, mary, decision="different")["state"] == "different"
    assert decide(client, anna, decision="later")["state"] == "later"
    assert decide(client, ming, 422, decision="merge", leader=them["li"]).code == "duplicate.leader"
    done = decide(client, ming, decision="merge", leader=them["ming2"])
    assert (done["state"], done["into"], done["from"]) == ("merged", them["ming2"], them["ming"])
    assert client.get(f"/v1/members/{them['ming']}", expect=200)["merged_into"] == them["ming2"]
    assert decide(client, ming, 409, decision="merge").code == "merge.same"
    assert decide(client, ming, 409, decision="different").code == "duplicate.merged"
    assert queue(client) == []
    assert [one["id"] for one in queue(client, state="merged")] == [ming]
    assert [one["id"] for one in queue(client, state="different")] == [mary]
    assert scan(client)["pairs"] == 1 and queue(client) == []
    assert [one["id"] for one in queue(client, state="later")] == [anna]
    client.delete(f"/v1/merges/{done['merge']}", expect=204)
    assert client.get(f"/v1/duplicates/{ming}", expect=200)["state"] == "unmerged"
    assert scan(client)["pairs"] == 1 and queue(client) == []
    audit = [one["what"] for one in client.get("/v1/audit", params={"limit": 20}, expect=200)["items"]]
    assert audit.count("duplicate.decided") == 2 and "member.merged" in audit


def test_erased_members_vanish_and_a_merge_elsewhere_shows(fresh_server):
    client = fresh_server.client
    them = shop(client)
    scan(client)
    items = queue(client)
    mary, anna = (of(items, them[name], them[name + "2"])["id"] for name in ("mary", "anna"))
    client.delete(f"/v1/members/{them['mary2']}", expect=204)
    client.post("/v1/merges", {"into": {"id": them["anna"]}, "from": {"id": them["anna2"]}}, expect=201)
    assert client.get(f"/v1/duplicates/{mary}", expect=404).code == "duplicate.unknown"
    assert client.get(f"/v1/duplicates/{anna}", expect=200)["state"] == "merged"
    assert [one["first"]["member"] in (them["ming"], them["ming2"]) for one in queue(client)] == [True]
    scan(client, threshold="0.5", nightly="on")
    assert client.get(f"/v1/duplicates/{mary}", expect=404).code == "duplicate.unknown"


@pytest.mark.parametrize("scopes", [["members.read"], ["members.read", "members.write"]])
def test_values_are_masked_for_those_who_may_not_see_contacts(fresh_server, scopes):
    client = fresh_server.client
    shop(client)
    scan(client)
    key = client.post("/v1/keys", {"name": "look", "scopes": scopes}, expect=201)
    looking = client.as_key(key["token"])
    shown = looking.get("/v1/duplicates", expect=200)["items"]
    told = str(shown)
    assert len(shown) == 3
    for secret in ("13800138000", "小明", "xiaoming", "1990-05-17", "中山路", "High Street"):
        assert secret not in told
    assert any(phone == "***8000" for one in shown for side in ("first", "second") for phone in one[side]["phones"])
    assert looking.post("/v1/duplicates/scan", {}, expect=403).code == "auth.forbidden"
    assert looking.post(f"/v1/duplicates/{shown[0]['id']}/decision", {"decision": "later"}, expect=403)


def give(client, member, points, days=None):
    body = {"member": {"id": member}, "wallet": "points", "points": points, "reason": "test"}
    if days is not None:
        body["expires_at"] = (NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%dT00:00:00Z")
    client.post("/v1/adjustments", body, expect=201)


def told(client, member):
    """What a preview says of a person, as the other routes tell it."""
    shown = client.get(f"/v1/members/{member}", expect=200)
    lots = [{name: lot[name] for name in ("id", "wallet", "remaining")}
            for one in shown["members"] for lot in client.all(f"/v1/members/{one}/lots") if one == shown["id"]]
    return {"members": sorted(shown["members"]), "tier": shown["tier"], "wallets": shown["wallets"],
            "identifiers": sorted(one["value"] for one in shown["identifiers"]),
            "purchases": shown["standing"]["purchases"], "purchase_days": shown["standing"]["purchase_days"],
            "visits": shown["standing"]["visits"], "remaining": sorted(lot["remaining"] for lot in lots)}


def previewed(side):
    return {"members": sorted(side["members"]), "tier": side["tier"], "wallets": side["wallets"],
            "identifiers": sorted(one["value"] for one in side["identifiers"]),
            "purchases": side["purchases"], "purchase_days": side["purchase_days"], "visits": side["visits"],
            "remaining": sorted(lot["remaining"] for lot in side["lots"])}


def test_a_preview_is_what_happens(fresh_server):
    client = fresh_server.client
    client.post("/v1/programme/versions", {"document": DOCUMENT}, expect=201)
    a = register(client, "+8613800138000", family_name="王")
    b = register(client, "+8613800138001", family_name="王")
    give(client, a, 100, 30)
    give(client, b, 50)
    for member in (a, b):
        client.post("/v1/purchases", {"member": {"id": member}, "receipt": f"r-{member}", "store": "s1",
                                      "total": {"amount": "60.00", "currency": DOCUMENT["currency"]}}, expect=201)
    pair = {"into": {"id": a}, "from": {"id": b}}
    preview = client.post("/v1/merges/preview", pair, expect=200)
    assert preview["into"] == a and preview["from"] == b
    assert client.get(f"/v1/members/{b}", expect=200)["merged_into"] is None
    client.post("/v1/merges", pair, expect=201)
    assert previewed(preview["person"]) == told(client, a)
    assert {"figure": "members", "wallet": None, "today": "1", "then": "2"} in preview["person"]["differences"]
    assert client.post("/v1/merges/preview", pair, expect=409).code == "merge.same"
    client.post("/v1/redemptions", {"member": {"id": a}, "wallet": "points", "points": 120}, expect=201)
    view = client.post("/v1/unmerges/preview", {"member": {"id": b}}, expect=200)
    assert client.get(f"/v1/members/{b}", expect=200)["merged_into"] == a
    done = client.post("/v1/unmerges", {"member": {"id": b}}, expect=200)
    assert view["merge"] == done["merge"]
    assert previewed(view["staying"]) == told(client, a)
    assert previewed(view["leaving"]) == told(client, b)
    assert {one["figure"] for one in view["staying"]["differences"]} >= {"members", "active", "purchases"}
    assert client.post("/v1/unmerges/preview", {"member": {"id": b}}, expect=409).code == "unmerge.not_merged"
    assert client.post("/v1/unmerges/preview", {"member": {"phone": "+8613999999999"}}, expect=404).code == "member.unknown"


def test_who_sees_a_part_decides_about_those_who_were_there(fresh_server):
    client = fresh_server.client
    them = shop(client)
    client.post("/v1/places", [{"code": "E1", "kind": "store", "name": "E1"}, {"code": "W1", "kind": "store", "name": "W1"}],
                expect=200)
    for name, store in (("ming", "E1"), ("ming2", "E1"), ("mary", "E1"), ("mary2", "W1")):
        client.post("/v1/visits", {"member": {"id": them[name]}, "store": store}, expect=201)
    scan(client)
    east = client.as_key(fresh_server.make_key(places=["E1"]))
    assert east.post("/v1/duplicates/scan", {}).code == "auth.scope"
    mary = of(queue(client), them["mary"], them["mary2"])["id"]
    shown = queue(east)
    assert [{one["first"]["member"], one["second"]["member"]} for one in shown] == [{them["ming"], them["ming2"]}]
    assert east.get(f"/v1/duplicates/{mary}").code == "auth.scope"
    for decision in ("different", "merge"):
        assert east.post(f"/v1/duplicates/{mary}/decision", {"decision": decision}).code == "auth.scope"
    assert east.get(f"/v1/duplicates/{shown[0]['id']}", expect=200).json == shown[0]
    assert decide(east, shown[0]["id"], decision="merge")["state"] == "merged"
