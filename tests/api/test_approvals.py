"""Exports of many rows wait for a second person."""
import datetime
import time
import uuid

import patron
import pytest

from conftest import ENGINES

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module", params=ENGINES)
def house(request, servers):
    server = servers.start(request.param)
    server.client.post("/v1/members", [{"display_name": f"M{i}", "identifiers": [
        {"kind": "card", "value": f"APPROVE{i:03d}"}]} for i in range(5)], expect=200)
    server.client.put("/v1/export-policy", {"approval_rows": 3}, expect=200)
    yield server
    server.close()


def second(house):
    """Another key that may approve."""
    made = house.client.post("/v1/keys", {"name": uuid.uuid4().hex, "scopes": ["exchange.approve", "exchange.export",
                                                                              "jobs.read"]}, expect=201)
    return house.client.as_key(made["token"])


def export(house, table="members"):
    job = house.client.post("/v1/exports", {"table": table}, expect=202)["job"]
    ended = house.client.wait_for_job(job)
    assert ended["state"] == "done"
    return job, ended["message"]


def test_many_rows_wait_until_a_second_person_approves(house):
    job, message = export(house)
    assert "second person" in message
    assert house.client.get(f"/v1/exports/{job}/file", expect=403).code == "export.approval"
    assert house.client.post(f"/v1/export-approvals/{job}/approve", expect=403).code == "export.own"
    other = second(house)
    listed = other.all("/v1/export-approvals")
    assert [one["state"] for one in listed if one["job"] == job] == ["waiting"]
    approved = other.post(f"/v1/export-approvals/{job}/approve", expect=200)
    assert (approved["state"], approved["rows"], approved["table"]) == ("approved", 5, "members")
    assert "APPROVE000" in house.client.get(f"/v1/exports/{job}/file", expect=200).text
    assert other.post(f"/v1/export-approvals/{job}/refuse", expect=409).code == "export.decided"
    assert any(one["what"] == "export.approved" for one in house.client.all("/v1/audit"))


def task_of(house, job):
    return next(one for one in house.client.all("/v1/export-approvals") if one["job"] == job)["task"]


def test_the_second_person_is_asked_by_a_task_that_the_decision_closes(house):
    job, _ = export(house)
    task = task_of(house, job)
    shown = house.client.get(f"/v1/tasks/{task}", expect=200)
    assert (shown["reason"], shown["state"], shown["owner"]["role"]) == ("approval", "open", "finance")
    assert shown["text"].startswith("Export of members: 5 rows, by ")
    # The same request never opens a second one.
    again = house.client.post("/v1/tasks", {"reason": "approval", "key": f"export:{job}"}, expect=200)
    assert (again["id"], again["existed"]) == (task, True)
    other = second(house)
    decided = other.post(f"/v1/export-approvals/{job}/approve", expect=200)
    assert (decided["state"], decided["task"]) == ("approved", None)
    closed = house.client.get(f"/v1/tasks/{task}", expect=200)
    assert (closed["state"], closed["outcome"]) == ("done", "approved")
    # Closed by hand, it does not stand in the way; and it decides nothing.
    job, _ = export(house)
    task = task_of(house, job)
    house.client.post(f"/v1/tasks/{task}/drop", {"text": "asked by phone"}, expect=200)
    assert house.client.get(f"/v1/exports/{job}/file", expect=403).code == "export.approval"
    assert other.post(f"/v1/export-approvals/{job}/refuse", expect=200)["state"] == "refused"


def test_the_task_of_a_request_that_nobody_decided_is_closed(fresh_server):
    client = fresh_server.client
    client.put("/v1/export-policy", {"approval_rows": 0}, expect=200)
    client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "ONE"}]}, expect=201)
    job, _ = export(fresh_server)
    task = task_of(fresh_server, job)
    # Four days later, by a clock that goes twenty times as fast: the server looks every minute.
    assert fresh_server.stop() == 0
    later = patron.clock_at(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=4))
    fresh_server.environment.update({**later, "FAKETIME": later["FAKETIME"] + " x20"})
    fresh_server.start()
    client, until = fresh_server.client, time.monotonic() + 60
    while client.get(f"/v1/tasks/{task}", expect=200)["state"] != "done":
        assert time.monotonic() < until
        time.sleep(0.2)
    assert client.get(f"/v1/tasks/{task}", expect=200)["outcome"] == "expired"
    assert [one["state"] for one in client.all("/v1/export-approvals")] == ["expired"]
    refused = client.get(f"/v1/exports/{job}/file", expect=403)
    assert (refused.code, refused["detail"]) == ("export.approval", "nobody approved this export in time")


def test_a_refused_export_is_gone(house):
    job, _ = export(house)
    task = task_of(house, job)
    second(house).post(f"/v1/export-approvals/{job}/refuse", expect=200)
    assert house.client.get(f"/v1/tasks/{task}", expect=200)["outcome"] == "refused"
    assert house.client.get(f"/v1/exports/{job}/file", expect=403).code == "export.approval"


def test_few_rows_and_configuration_do_not_wait(house):
    house.client.put("/v1/export-policy", {"approval_rows": 100}, expect=200)
    job, _ = export(house)
    house.client.get(f"/v1/exports/{job}/file", expect=200)
    house.client.put("/v1/export-policy", {"approval_rows": 0}, expect=200)
    assert house.client.get("/v1/export-policy", expect=200)["approval_rows"] == 0
    job, _ = export(house, "channels")
    house.client.get(f"/v1/exports/{job}/file", expect=200)
    house.client.put("/v1/export-policy", {"approval_rows": 3}, expect=200)


def test_what_does_not_wait_cannot_be_decided(house):
    assert second(house).post("/v1/export-approvals/job_0000000000001/approve", expect=404).code == "export.unknown"


def test_who_may_not_approve_is_refused(house):
    made = house.client.post("/v1/keys", {"name": "weak", "scopes": ["exchange.export"]}, expect=201)["token"]
    assert house.client.as_key(made).get("/v1/export-approvals", expect=403).code == "auth.forbidden"
