"""Tasks: who has them when, what came of them, who sees them. Times and holders are worked out by hand."""
import base64
import datetime
import itertools
import time
import uuid

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


def moment(minutes=0):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


@pytest.fixture(scope="module", params=ENGINES)
def chain(request, servers):
    server = servers.start(request.param)
    client = server.client
    client.post("/v1/places", [
        {"code": "ACME", "kind": "company", "name": "Acme", "zone": "Asia/Shanghai"},
        {"code": "EAST", "kind": "region", "name": "East", "parent": "ACME"},
        {"code": "WEST", "kind": "region", "name": "West", "parent": "ACME"},
        {"code": "SH1", "kind": "store", "name": "Bund", "parent": "EAST"},
        {"code": "CD1", "kind": "store", "name": "Chengdu", "parent": "WEST"}], expect=200)
    client.put("/v1/task-reasons/parcel", {
        "name": "Parcel", "priority": "high", "due_minutes": 90, "outcomes": ["given", "sent_back"],
        "ladder": [{"after_minutes": 60, "role": "desk"}, {"after_minutes": 120, "above": 1},
                   {"after_minutes": 240, "above": 9, "role": "administrator"}]}, expect=200)
    time.sleep(1.5)
    server.chain = client
    yield server
    server.close()


@pytest.fixture
def client(chain):
    return chain.chain


def key_of(server, places, permissions=None):
    admin = server.sign_in()
    reply = admin.post(server.url + "/v1/keys", timeout=30, json={
        "name": f"k{uuid.uuid4().hex[:8]}", "scopes": permissions or admin.permissions, "places": places})
    assert reply.status_code == 201, reply.text
    return server.client.as_key(reply.json()["token"])


def member(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"T{uuid.uuid4().hex[:12]}"}]},
                       expect=201)["id"]


def opened(client, **fields):
    return client.post("/v1/tasks", {"reason": "parcel", "store": "SH1", **fields}, expect=201)


def holders(task):
    return [(one["step"], one["place"], one["role"], one["person"]) for one in task["holders"]]


def seconds(earlier, later):
    parse = datetime.datetime.fromisoformat
    return (parse(later.replace("Z", "+00:00")) - parse(earlier.replace("Z", "+00:00"))).total_seconds()


def test_a_task_is_due_and_rises_by_its_reason(client):
    made = opened(client, text="Parcel for Mrs Li")
    task = client.get(f"/v1/tasks/{made['id']}", expect=200)
    assert (task["state"], task["priority"], task["overdue"], task["existed"] if "existed" in task.json else None) == (
        "open", "high", False, None)
    assert round(seconds(task["opened_at"], task["due_at"])) == 90 * 60
    assert holders(task) == [(0, "SH1", "", ""), (1, "SH1", "desk", ""), (2, "EAST", "", ""),
                             (3, "ACME", "administrator", "")]
    assert [round(seconds(task["opened_at"], one["since"])) for one in task["holders"]] == [
        0, 150 * 60, 210 * 60, 330 * 60]


def test_what_is_overdue_has_risen_without_anything_having_run(client):
    due = moment(-150)
    task = opened(client, due_at=due)
    assert (task["overdue"], task["owner"]["place"], task["owner"]["step"]) == (True, "EAST", 2)
    assert task["id"] in [one["id"] for one in client.get("/v1/tasks", params={"store": "EAST"}, expect=200)["items"]]
    late = client.get("/v1/tasks", params={"overdue": "true", "store": "SH1"}, expect=200)["items"]
    assert task["id"] in [one["id"] for one in late]
    moved = client.patch(f"/v1/tasks/{task['id']}", {"due_at": None}, expect=200)
    assert (moved["due_at"], moved["overdue"]) == (None, False)
    assert holders(client.get(f"/v1/tasks/{task['id']}", expect=200))[-1] == (2, "EAST", "", "")


def test_a_day_is_one_of_the_store(client):
    assert opened(client, due_on="2026-12-01")["due_at"] == "2026-12-01T16:00:00Z"
    assert opened(client, due_on="2026-12-01", due_time="09:30")["due_at"] == "2026-12-01T01:30:00Z"
    assert client.post("/v1/tasks", {"reason": "parcel", "store": "SH1", "due_time": "09:30"}).code == "task.due"
    assert client.post("/v1/tasks", {"reason": "parcel", "store": "SH1", "due_on": "2026-12-01",
                                     "due_time": "25:00"}).code == "task.due"


def test_the_same_cause_opens_one_task(client):
    key = f"parcel:{uuid.uuid4().hex}"
    first = opened(client, key=key)
    again = client.post("/v1/tasks", {"reason": "parcel", "store": "SH1", "key": key}, expect=200)
    assert (again["id"], again["existed"]) == (first["id"], True)
    several = client.post("/v1/tasks", [{"reason": "parcel", "store": "SH1", "key": key + x} for x in "ab"], expect=200)
    assert [one["status"] for one in several.json] == [201, 201]


def test_a_request_repeated_opens_one_task(client):
    head = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"reason": "custom", "store": "SH1", "text": "once"}
    first = client.post("/v1/tasks", body, headers=head, expect=201)
    assert client.post("/v1/tasks", body, headers=head, expect=201)["id"] == first["id"]
    assert client.post("/v1/tasks", {**body, "text": "twice"}, headers=head).code == "idempotency.mismatch"
    done = {"Idempotency-Key": uuid.uuid4().hex}
    for _ in range(2):
        assert client.post(f"/v1/tasks/{first['id']}/done", {}, headers=done, expect=200)["version"] == 2


def test_taking_assigning_and_closing(chain, client):
    name = f"anna{next(COUNTER)}"
    client.post("/v1/users", {"name": name, "password": "correct horse battery", "roles": ["desk"], "places": ["SH1"]},
                expect=201)
    task = opened(client)["id"]
    session = chain.sign_in(name, "correct horse battery")
    taken = session.post(chain.url + f"/v1/tasks/{task}/take", timeout=30)
    assert (taken.status_code, taken.json()["state"], taken.json()["owner"]["person"]) == (200, "taken", name)
    mine = session.get(chain.url + "/v1/tasks?person=me", timeout=30).json()["items"]
    assert [one["id"] for one in mine] == [task]
    assert client.post(f"/v1/tasks/{task}/take").code == "task.taken"
    assert client.post(f"/v1/tasks/{task}/assign", {"person": "nobody"}).code == "task.person"
    assert client.post(f"/v1/tasks/{task}/assign", {"person": name, "role": "desk"}).code == "task.owner"
    assert client.post(f"/v1/tasks/{task}/assign", {"role": "king"}).code == "task.role"
    given = client.post(f"/v1/tasks/{task}/assign", {"place": "EAST", "role": "desk"}, expect=200)
    assert (given["state"], given["owner"]["place"], given["version"]) == ("open", "EAST", 3)
    assert client.post(f"/v1/tasks/{task}/done", {"outcome": "eaten"}).code == "task.outcome"
    assert client.post(f"/v1/tasks/{task}/done", {}).code == "task.outcome"
    done = client.post(f"/v1/tasks/{task}/done", {"outcome": "given", "text": "to her sister"}, expect=200)
    assert (done["state"], done["outcome"], done["outcome_text"]) == ("done", "given", "to her sister")
    assert client.post(f"/v1/tasks/{task}/drop", {}).code == "task.closed"
    shown = client.get(f"/v1/tasks/{task}", expect=200)
    assert holders(shown) == [(0, "SH1", "", ""), (0, "", "", name), (0, "EAST", "desk", "")]


def test_a_stale_version_is_refused(client):
    task = opened(client)
    first = client.get(f"/v1/tasks/{task['id']}", expect=200)
    head = {"If-Match": first.headers["ETag"]}
    changed = client.patch(f"/v1/tasks/{task['id']}", {"priority": "urgent", "text": "now"}, headers=head, expect=200)
    assert (changed["priority"], changed["text"], changed["version"]) == ("urgent", "now", 2)
    assert client.patch(f"/v1/tasks/{task['id']}", {"priority": "low"}, headers=head).code == "task.version"


def test_some_reasons_want_a_proof(client):
    task = opened(client, reason="wrong_advertisement")["id"]
    body = {"outcome": "removed"}
    content = base64.b64encode(PNG).decode()
    assert client.post(f"/v1/tasks/{task}/done", body).code == "task.proof"
    for attachment, code in [({"media": "image/gif", "content": content}, "task.attachment"),
                             ({"media": "image/jpeg", "content": content}, "task.attachment"),
                             ({"media": "image/png", "content": "!!"}, "task.attachment"),
                             ({"media": "image/png", "content": base64.b64encode(PNG + bytes(65536)).decode()},
                              "task.attachment_size")]:
        assert client.post(f"/v1/tasks/{task}/done", {**body, "attachment": attachment}).code == code
    assert client.get(f"/v1/tasks/{task}/proof").code == "task.no_proof"
    done = client.post(f"/v1/tasks/{task}/done", {**body, "attachment": {"media": "image/png", "content": content}},
                       expect=200)
    assert done["attachment"] == "image/png"
    proof = client.get(f"/v1/tasks/{task}/proof", expect=200)
    assert (proof.content, proof.headers["Content-Type"]) == (PNG, "image/png")
    other = opened(client, reason="wrong_advertisement")["id"]
    assert client.post(f"/v1/tasks/{other}/done", {**body, "reference": "photo 17"}, expect=200)["reference"] == "photo 17"


def test_a_store_sees_its_own(chain, client):
    east, west = key_of(chain, ["SH1"]), key_of(chain, ["WEST"])
    task = east.post("/v1/tasks", {"reason": "custom", "text": "sweep"}, expect=201)  # its only store is filled in
    assert task["store"] == "SH1"
    other = client.post("/v1/tasks", {"reason": "custom", "store": "CD1"}, expect=201)["id"]
    assert east.get(f"/v1/tasks/{other}").code == "auth.scope"
    assert west.post(f"/v1/tasks/{task['id']}/take").code == "auth.scope"
    assert east.post("/v1/tasks", {"reason": "custom", "store": "CD1"}).code == "auth.scope"
    assert east.post(f"/v1/tasks/{task['id']}/assign", {"place": "CD1"}).code == "auth.scope"
    assert {one["store"] for one in east.all("/v1/tasks", state="all")} == {"SH1"}
    assert {one["store"] for one in west.all("/v1/tasks", state="all")} == {"CD1"}
    assert [one["store"] for one in west.get("/v1/task-counts", expect=200)["stores"]] == ["CD1"]
    helped = client.post(f"/v1/tasks/{other}/assign", {"place": "SH1"}, expect=200)
    assert east.get(f"/v1/tasks/{helped['id']}", expect=200)["owner"]["place"] == "SH1"
    assert east.put("/v1/task-reasons/parcel", {"name": "x"}).code == "auth.scope"


def test_counts_by_state(client):
    client.put("/v1/places/CNT", {"kind": "store", "name": "Count", "parent": "WEST"}, expect=200)
    time.sleep(1.5)
    tasks = [opened(client, store="CNT", due_at=due)["id"] for due in (moment(-1), moment(5), moment(-9), moment(9), moment(3))]
    client.post(f"/v1/tasks/{tasks[2]}/take", expect=200)
    client.post(f"/v1/tasks/{tasks[3]}/done", {"outcome": "given"}, expect=200)
    client.post(f"/v1/tasks/{tasks[4]}/drop", {"text": "nobody came"}, expect=200)
    counts = client.get("/v1/task-counts", params={"store": "CNT"}, expect=200)
    assert {name: counts[name] for name in ("open", "taken", "overdue", "done", "dropped")} == {
        "open": 2, "taken": 1, "overdue": 2, "done": 1, "dropped": 1}
    listed = client.get("/v1/tasks", params={"store": "CNT", "limit": 2}, expect=200)
    rest = client.get("/v1/tasks", params={"store": "CNT", "limit": 2, "after": listed["next"]}, expect=200)
    assert [one["id"] for one in listed["items"] + rest["items"]] == [tasks[2], tasks[0], tasks[1]]


def test_tasks_of_a_person_follow_a_merge_and_go_with_an_erasure(client):
    mary, twin = member(client), member(client)
    first = opened(client, member=mary, text="ring Mary", key=f"gift:{mary}", due_at=moment(9))["id"]
    second = opened(client, member=twin, due_at=moment(5))["id"]
    of = lambda who: [one["id"] for one in client.get("/v1/tasks", params={"member": who}, expect=200)["items"]]
    assert (of(mary), of(twin)) == ([first], [second])
    merge = client.post("/v1/merges", {"into": {"id": mary}, "from": {"id": twin}}, expect=201)["id"]
    assert of(mary) == [second, first]
    client.post(f"/v1/tasks/{first}/done", {"outcome": "given", "text": "glad"}, expect=200)
    client.delete(f"/v1/merges/{merge}")
    everything = client.get(f"/v1/members/{mary}/export", expect=200)
    assert "ring Mary" in everything.text and "glad" in everything.text
    client.delete(f"/v1/members/{mary}", expect=204)
    assert client.get(f"/v1/tasks/{first}").code == "task.unknown"
    assert client.post("/v1/tasks", {"reason": "parcel", "store": "SH1", "member": mary}).code == "member.erased"


def test_reasons_are_configuration(client):
    codes = {one["code"] for one in client.get("/v1/task-reasons", expect=200)["items"]}
    assert {"birthday_gift", "call_back", "wrong_advertisement", "approval", "custom", "parcel"} <= codes
    made = client.put("/v1/task-reasons/gift_wrap", {"name": "Wrap"}, expect=200)
    assert (made["version"], made["priority"], made["ladder"]) == (1, "normal", [])
    old = client.get("/v1/task-reasons/gift_wrap", expect=200).headers["ETag"]
    again = client.put("/v1/task-reasons/gift_wrap", {"name": "Wrap it", "outcomes": ["a", "b"]},
                       headers={"If-Match": old}, expect=200)
    assert client.put("/v1/task-reasons/gift_wrap", {"name": "x"}, headers={"If-Match": old}).code == "catalogue.stale"
    assert (again["version"], again["outcomes"]) == (2, ["a", "b"])
    for body, code in [({"name": "x", "ladder": [{"after_minutes": 5}, {"after_minutes": 5}]}, "task.ladder"),
                       ({"name": "x", "role": "king"}, "task.role"), ({"name": "x", "outcomes": ["a,b"]}, "task.code"),
                       ({"name": "x", "code": "other"}, "catalogue.key")]:
        assert client.put("/v1/task-reasons/gift_wrap", body).code == code
    client.delete("/v1/task-reasons/gift_wrap", expect=204)
    assert client.delete("/v1/task-reasons/gift_wrap").code == "catalogue.unknown"
    assert client.get("/v1/task-reasons/gift_wrap").code == "catalogue.unknown"
    assert "task_reason.deleted" in [one["what"] for one in client.all("/v1/audit")]


def test_mistakes_are_told(client):
    for body, code in [({"reason": "none", "store": "SH1"}, "task.reason"),
                       ({"reason": "custom", "store": "NOWHERE"}, "task.place"), ({"reason": "custom"}, "task.owner"),
                       ({"reason": "custom", "owner": {"place": "NOWHERE"}}, "task.place")]:
        assert client.post("/v1/tasks", body).code == code
    assert client.get("/v1/tasks/tsk_0000000000001").code == "task.unknown"
    assert client.post("/v1/tasks/tsk_0000000000001/take").code == "task.unknown"
    assert client.post("/v1/tasks", {"reason": "custom", "store": "SH1", "text": "x" * 2001}).code == "json.length"


def test_the_ledger_stays_whole(client):
    job = client.wait_for_job(client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "done", job
