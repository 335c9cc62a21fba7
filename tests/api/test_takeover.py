"""Taking over a running programme over HTTP: imports as jobs, the control sheet, coupons taken over and used."""
import csv
import io
import threading
import uuid

import pytest


def take(client, kind, content, **params):
    reply = client.post("/v1/imports", data=content.encode(), params={"kind": kind, **params},
                        headers={"Content-Type": "text/csv"}, expect=202)
    return client.wait_for_job(reply["job"])


def errors(client, job):
    reply = client.get(f"/v1/imports/{job['id']}/errors", expect=200)
    return [row["code"] for row in csv.DictReader(io.StringIO(reply.text))]


def lines(sheet):
    return {(one["measure"], one["wallet"], one["store"], one["month"]): (one["theirs"], one["ours"], one["difference"])
            for one in sheet["lines"]}


def member_of(client, external):
    return client.get("/v1/members", params={"external": external}, expect=200)["items"][0]["id"]


def test_a_programme_is_taken_over_and_the_sheet_is_zero(fresh_server):
    """Three members: 100 + 50 points, 80 less a debt of 30, a debt of 20; by hand 200 points and a debt of 20."""
    client = fresh_server.client
    content = ("id,external,points,earned_at,expires_at,store\nL1,ann,100,2026-01-05,2096-12-31,S1\n"
               "L2,ann,50,2026-03-01,never,S2\nL3,ben,80,2026-02-01,2097-02-28,S1\nL4,ben,-30,,,\nL5,cho,-20,,,S1\n")
    client.get("/v1/migrations/go-live/control", expect=404)
    job = take(client, "balances", content, register="true", migration="go-live", source="lots")
    assert (job["counts"]["imported"], job["counts"]["registered"]) == (5, 3), job
    sheet = client.get("/v1/migrations/go-live/control", expect=200).json
    found = lines(sheet)
    assert sheet["zero"] and sheet["refused"] == 0 and found[("points", "points", None, None)] == (200, 200, 0)
    assert found[("points", "points", "S1", None)] == (150, 150, 0)
    assert found[("points", "points", None, "2096-12")] == (100, 100, 0)
    assert found[("debt", "points", None, None)] == (20, 20, 0)
    again = take(client, "balances", content, register="true", migration="go-live", source="lots")
    assert (again["counts"]["imported"], again["counts"]["known"]) == (0, 5)
    assert client.get("/v1/migrations/go-live/control", expect=200)["zero"]

    liability = client.get("/v1/liability", expect=200)["items"][0]
    assert (liability["outstanding"], liability["debt"], liability["taken_over"], liability["issued"]) == (200, 20, 180, 0)
    ann = member_of(client, "ann")
    assert [(lot["remaining"], lot["expires_at"]) for lot in client.get(f"/v1/members/{ann}/lots", expect=200)["items"]] == [
        (100, "2097-01-01T00:00:00Z"), (50, None)]
    job = client.wait_for_job(client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "done", job

    # Points spent before go-live would show.
    client.post("/v1/redemptions", {"member": {"id": ann}, "points": 10}, expect=201)
    sheet = client.get("/v1/migrations/go-live/control", expect=200).json
    assert not sheet["zero"] and lines(sheet)[("points", "points", None, "2096-12")] == (100, 90, -10)


def test_what_the_system_before_says_may_be_given_by_hand(fresh_server):
    client = fresh_server.client
    take(client, "balances", "id,external,points,store\nA,a,100,S1\nB,b,7,S2\n", register="true")
    kept = client.put("/v1/migrations/main/theirs", {"lines": [
        {"measure": "members", "value": "2"}, {"measure": "points", "store": "S1", "value": "100"}]}, expect=200)
    assert kept["lines"] == 2
    sheet = client.get("/v1/migrations/main/control", expect=200).json
    assert lines(sheet) == {("members", None, None, None): (2, 2, 0), ("points", None, "S1", None): (100, 100, 0),
                            ("points", None, "S2", None): (0, 7, 7)} and not sheet["zero"]
    changed = client.put("/v1/migrations/main/theirs", {"lines": [{"measure": "members", "value": "2"}]},
                         headers={"If-Match": kept.headers["ETag"]}, expect=200)
    assert client.put("/v1/migrations/main/theirs", {"lines": []}, headers={"If-Match": kept.headers["ETag"]},
                      expect=412).code == "migration.stale"
    assert client.put("/v1/migrations/main/theirs", {"lines": [{"measure": "points", "value": "x"}]},
                      expect=422).code == "control.value"
    assert client.put("/v1/migrations/no%20name/theirs", {"lines": []}, expect=422).code == "migration.name"
    client.put("/v1/migrations/main/theirs", {"lines": []}, headers={"If-Match": changed.headers["ETag"]}, expect=200)
    assert client.get("/v1/migrations/main/control", expect=200)["zero"]
    files = client.get("/v1/migrations", expect=200)["items"]
    assert [(one["source"], one["kind"], one["imported"], one["version"]) for one in files] == [
        (None, "control", 0, 3), ("file", "balances", 2, 1)]


def test_rows_that_would_be_refused_stop_a_strict_import(client):
    name = uuid.uuid4().hex
    content = f"id,external,points\n{name}1,{name},5\n{name}2,{name},many\n"
    job = take(client, "balances", content, register="true", strict="true", migration="strict")
    assert job["state"] == "failed" and job["counts"]["imported"] == 1
    assert errors(client, job) == ["import.number"]
    assert client.get("/v1/members", params={"external": name}, expect=200)["items"] == []


def test_a_merged_person_has_the_points_of_both_and_unmerge_gives_them_back(client):
    name = uuid.uuid4().hex
    take(client, "balances", f"id,external,points\n{name}1,{name}a,70\n{name}2,{name}b,30\n", register="true",
         migration="merged")
    first, second = member_of(client, f"{name}a"), member_of(client, f"{name}b")
    client.post("/v1/merges", {"into": {"id": first}, "from": {"id": second}}, expect=201)

    def active(member):
        return sum(one["active"] for one in client.get(f"/v1/members/{member}/wallets", expect=200)["items"])
    assert active(first) == 100
    again = take(client, "balances", f"id,external,points\n{name}2,{name}b,30\n", migration="merged")
    assert again["counts"]["known"] == 1
    client.post("/v1/unmerges", {"member": {"id": second}})
    assert (active(first), active(second)) == (70, 30)


def test_answers_and_coupons_go_with_the_person_who_is_erased(client):
    name = uuid.uuid4().hex
    member = client.post("/v1/members", {"identifiers": [{"kind": "external", "value": name}]}, expect=201)["id"]
    take(client, "answers", f"external,question,scale,value,at,comment\n{name},csat,1-5,4,2026-02-01,quiet room\n")
    take(client, "coupons", f"code,external,value\n{name},{name},breakfast\n")
    timeline = client.get(f"/v1/members/{member}/timeline", expect=200)["items"]
    assert {"answer", "coupon"} <= {one["kind"] for one in timeline}
    everything = client.get(f"/v1/members/{member}/export", expect=200)["members"][0]
    assert [one["comment"] for one in everything["survey_answer"]] == ["quiet room"]
    assert [one["code"] for one in everything["coupon"]] == [name.upper()]
    client.delete(f"/v1/members/{member}", expect=204)
    assert client.get(f"/v1/coupons/{name}", expect=404).code == "coupon.unknown"
    assert client.post(f"/v1/coupons/{name}/uses", {}, expect=404).code == "coupon.unknown"


def test_a_coupon_is_used_so_often_and_no_more(client):
    name = uuid.uuid4().hex.upper()
    owner = client.post("/v1/members", {"identifiers": [{"kind": "external", "value": name}]}, expect=201)["id"]
    other = client.post("/v1/members", {"identifiers": [{"kind": "external", "value": f"{name}x"}]}, expect=201)["id"]
    take(client, "coupons", f"code,external,value,valid_from,until,uses_left\nA{name},,10 off,,,2\nB{name},{name},cake,,,\n"
                            f"C{name},,x,2090-01-01,,\nD{name},,x,,2026-01-31,\n")
    found = client.get(f"/v1/coupons/a{name.lower()}", expect=200).json
    assert (found["state"], found["value"], found["owner"], found["used"], found["uses_left"]) == ("active", "10 off", None, 0, 2)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = client.post(f"/v1/coupons/A{name}/uses", {"store": "S1", "receipt": "17"}, headers=key, expect=201).json
    assert first["uses_left"] == 1 and first["member"] is None
    assert client.post(f"/v1/coupons/A{name}/uses", {"store": "S1", "receipt": "17"}, headers=key, expect=201).json == first
    assert client.post(f"/v1/coupons/A{name}/uses", {"member": {"id": other}}, expect=201)["member"] == other
    assert client.post(f"/v1/coupons/A{name}/uses", expect=409).code == "coupon.used"
    assert client.get(f"/v1/coupons/A{name}", expect=200)["state"] == "used"

    assert client.post(f"/v1/coupons/B{name}/uses", {"member": {"id": other}}, expect=409).code == "coupon.owner"
    assert client.post(f"/v1/coupons/B{name}/uses", expect=201)["member"] == owner
    assert client.post(f"/v1/coupons/C{name}/uses", expect=409).code == "coupon.not_started"
    assert client.post(f"/v1/coupons/D{name}/uses", expect=409).code == "coupon.expired"
    assert client.get(f"/v1/coupons/C{name}", expect=200)["state"] == "not_started"
    assert client.get(f"/v1/coupons/D{name}", expect=200)["state"] == "expired"
    assert client.get("/v1/coupons/none-such", expect=404).code == "coupon.unknown"
    assert client.get(f"/v1/coupons/{'x' * 65}", expect=422).code == "coupon.code"
    assert "coupon_use" in {one["kind"] for one in client.get(f"/v1/members/{owner}/timeline", expect=200)["items"]}


def test_of_many_at_once_exactly_as_many_as_are_left_succeed(client):
    name = uuid.uuid4().hex.upper()
    take(client, "coupons", f"code,value,uses_left\n{name},x,3\n")
    found, lock = [], threading.Lock()

    def use():
        reply = client.post(f"/v1/coupons/{name}/uses", {})
        with lock:
            found.append(reply.status)
    threads = [threading.Thread(target=use) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [201] * 3 + [409] * 9


@pytest.mark.parametrize("params, code", [
    ({"kind": "balances", "migration": "a b"}, "migration.name"),
    ({"kind": "balances", "source": "x" * 129}, "migration.name"),
    ({"kind": "tiers", "map": "points=x"}, "mapping.field"),
])
def test_a_wrong_request_is_refused_before_it_starts(client, params, code):
    reply = client.post("/v1/imports", data=b"external,points\na,1\n", params=params,
                        headers={"Content-Type": "text/csv"}, expect=422)
    assert reply.code == code


def test_past_stays_are_listed_with_guest_and_payer(client):
    name = uuid.uuid4().hex[:12]
    guest, payer = (client.post("/v1/members", {"identifiers": [{"kind": "external", "value": name + which}]},
                                expect=201)["id"] for which in ("g", "p"))
    content = f"id,external,payer,arrival,departure,amount,store\n{name},{name}g,{name}p,2026-01-30,2026-02-02,300.00,H{name}\n"
    for imported, known in ((1, 0), (0, 1)):
        job = take(client, "stays", content)
        assert (job["counts"]["imported"], job["counts"]["known"]) == (imported, known), job
    stay, = client.get("/v1/stays", params={"store": f"H{name}"}, expect=200)["items"]
    assert (stay["state"], stay["arrival"], stay["departure"]) == ("departed", "2026-01-30", "2026-02-02")
    assert (stay["guest"], stay["payer"]) == (guest, payer)
