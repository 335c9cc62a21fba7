"""Idempotency-Key: the same request twice happens once."""
import uuid
from concurrent.futures import ThreadPoolExecutor


def member(value=None):
    return {"identifiers": [{"kind": "external", "value": value or uuid.uuid4().hex}]}


def keyed(key=None):
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def test_the_same_request_again_gets_the_stored_reply(client):
    headers, body = keyed(), member()
    first = client.post("/v1/members", body, headers=headers, expect=201)
    again = client.post("/v1/members", body, headers=headers, expect=201)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers


def test_the_same_key_with_another_body_is_refused(client):
    headers = keyed()
    client.post("/v1/members", member(), headers=headers, expect=201)
    other = client.post("/v1/members", member(), headers=headers)
    assert other.status == 422 and other.code == "idempotency.mismatch"


def test_a_key_belongs_to_its_route_and_its_actor(server, client):
    headers, body = keyed(), member()
    first = client.post("/v1/members", body, headers=headers, expect=201)
    other = client.as_key(server.make_key(name="another"))
    assert other.post("/v1/members", body, headers=headers).status == 409
    visit = client.post("/v1/visits", {"member": {"id": first["id"]}}, headers=headers)
    assert visit.status < 300 and "Idempotency-Replayed" not in visit.headers


def test_a_rejection_is_decided_afresh(client):
    taken = member()
    client.post("/v1/members", taken, expect=201)
    headers = keyed()
    assert client.post("/v1/members", taken, headers=headers).status == 409
    fresh = client.post("/v1/members", member(), headers=headers, expect=201)
    assert "Idempotency-Replayed" not in fresh.headers


def test_a_key_is_kept_although_the_event_was_known(client):
    who = client.post("/v1/members", member(), expect=201)["id"]
    visit, headers = {"member": {"id": who}, "event_id": uuid.uuid4().hex}, keyed()
    first = client.post("/v1/visits", visit, expect=201)
    again = client.post("/v1/visits", visit, headers=headers)
    assert again.status < 300 and again["duplicate"] and again["id"] == first["id"]
    other = client.post("/v1/visits", visit | {"event_id": uuid.uuid4().hex}, headers=headers)
    assert other.status == 422 and other.code == "idempotency.mismatch"


def test_an_array_takes_no_key(client):
    reply = client.post("/v1/members", [member()], headers=keyed())
    assert reply.status == 422 and reply.code == "idempotency.array"


def configuration():
    """A POST of each kind of configuration, and what it makes."""
    name = "x" + uuid.uuid4().hex[:12]
    document = {"zone": "UTC", "currency": "CNY", "wallets": [{"code": "points"}]}
    return [
        ("/v1/stores", {"code": name, "name": name}), ("/v1/channels", {"code": name, "name": name}),
        ("/v1/items", {"sku": name, "name": name}),
        ("/v1/event-kinds", {"name": name}), ("/v1/rates", {"currency": "EUR", "day": "2026-01-05", "rate": "7.1"}),
        ("/v1/programme/versions", {"document": document, "note": name})]


def test_configuration_obeys_the_key_too(fresh_server):
    client = fresh_server.client
    for path, body in configuration():
        headers = keyed()
        first = client.post(path, body, headers=headers)
        assert first.status in (200, 201) and "Idempotency-Replayed" not in first.headers, first
        again = client.post(path, body, headers=headers, expect=first.status)
        assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"
        other = client.post(path, {**body, "nonsense": 1}, headers=headers)
        assert other.status == 422
        fresh = client.post(path, body, headers=keyed(), expect=first.status)
        assert fresh.json.get("version", 2) == 2 and "Idempotency-Replayed" not in fresh.headers
    path, body = configuration()[0]
    headers = keyed()
    client.post(path, body, headers=headers, expect=200)
    assert client.post(path, {**body, "region": "other"}, headers=headers).code == "idempotency.mismatch"


def test_configuration_at_the_same_moment_happens_once(client):
    path, body = configuration()[0]
    headers = keyed()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: client.post(path, body, headers=headers), range(16)))
    assert {reply.status for reply in replies} == {200} and {reply["version"] for reply in replies} == {1}
    assert sum("Idempotency-Replayed" not in reply.headers for reply in replies) == 1


def test_a_key_has_a_limit(client):
    assert client.post("/v1/members", member(), headers=keyed("x" * 256)).code == "idempotency.key"
    client.post("/v1/members", member(), headers=keyed(uuid.uuid4().hex + "x" * 223), expect=201)


def test_many_at_once_happen_once(client):
    headers, body = keyed(), member()
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: client.post("/v1/members", body, headers=headers), range(32)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply["id"] for reply in replies}) == 1
    assert sum("Idempotency-Replayed" not in reply.headers for reply in replies) == 1


def test_a_stored_reply_outlives_a_restart(fresh_server):
    headers, body = keyed(), member()
    first = fresh_server.client.post("/v1/members", body, headers=headers, expect=201)
    fresh_server.kill()
    fresh_server.start()
    again = fresh_server.client.post("/v1/members", body, headers=headers, expect=201)
    assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"


def test_the_elements_of_an_array_stand_alone(client):
    known = member()
    client.post("/v1/members", known, expect=201)
    reply = client.post("/v1/members", [member(), known, {"identifers": []}, member(), 5], expect=200).json
    assert [element["status"] for element in reply] == [201, 409, 422, 201, 422]
    assert reply[0]["id"] != reply[3]["id"]
    assert reply[2]["problem"]["code"] == "json.unknown_field" and reply[4]["problem"]["code"] == "json.type"
