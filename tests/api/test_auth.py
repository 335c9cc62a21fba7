"""Users, roles, sessions, keys, audit."""
import time
import uuid

import pytest
import requests


def name():
    return "u" + uuid.uuid4().hex[:12]


def add_user(client, roles, password="correct horse battery"):
    return client.post("/v1/users", {"name": name(), "display_name": "Anna", "password": password, "roles": roles},
                       expect=201)


def add_key(client, scopes, **more):
    return client.post("/v1/keys", {"name": "k", "scopes": scopes, **more}, expect=201)


def test_nobody_is_refused(client):
    reply = client.as_key(None).get("/v1/users")
    assert reply.status == 401 and reply.code == "auth.required"
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_an_invented_key_is_refused(client):
    assert client.as_key("ptk_" + "x" * 43).get("/v1/users").code == "auth.token"


def test_a_key_does_what_its_scopes_say_and_no_more(client):
    key = add_key(client, ["audit.read"])
    assert key["token"].startswith("ptk_")
    limited = client.as_key(key["token"])
    limited.get("/v1/audit", expect=200)
    assert limited.get("/v1/users", expect=403).code == "auth.forbidden"


def test_a_key_cannot_make_a_stronger_one(client):
    weak = client.as_key(add_key(client, ["keys.manage"])["token"])
    assert weak.post("/v1/keys", {"name": "k", "scopes": ["members.erase"]}).status == 403
    weak.post("/v1/keys", {"name": "k", "scopes": ["keys.manage"]}, expect=201)


def test_an_unknown_scope_is_named(client):
    reply = client.post("/v1/keys", {"name": "k", "scopes": ["members.raed"]})
    assert reply.status == 422 and reply.code == "key.scopes" and "members.raed" in reply["detail"]


def test_a_revoked_key_dies_within_a_second(client):
    key = add_key(client, ["audit.read"])
    limited = client.as_key(key["token"])
    limited.get("/v1/audit", expect=200)
    client.delete(f"/v1/keys/{key['id']}", expect=204)
    time.sleep(1)
    assert limited.get("/v1/audit", expect=401).code == "auth.token"
    assert client.delete(f"/v1/keys/{key['id']}").code == "key.unknown"
    listed = [one for one in client.all("/v1/keys") if one["id"] == key["id"]]
    assert listed[0]["revoked_at"] is not None and "token" not in listed[0]


def test_a_key_keeps_to_its_rate(client):
    limited = client.as_key(add_key(client, ["audit.read"], rate_per_second=3)["token"])
    replies = [limited.get("/v1/audit") for _ in range(12)]
    refused = [reply for reply in replies if reply.status == 429]
    assert 200 in {reply.status for reply in replies} and refused
    assert refused[0].code == "auth.rate" and int(refused[0].headers["Retry-After"]) >= 1
    time.sleep(1.1)
    limited.get("/v1/audit", expect=200)


def test_a_session_needs_its_token_to_write(server, client):
    session = server.sign_in()
    cookie = session.cookies._cookies  # noqa: SLF001
    assert "patron_session" in str(cookie)
    assert session.get(server.url + "/v1/users", timeout=10).status_code == 200
    token = session.headers.pop("X-CSRF-Token")
    refused = session.post(server.url + "/v1/users", json={}, timeout=10)
    assert refused.status_code == 403 and refused.json()["code"] == "auth.csrf"
    session.headers["X-CSRF-Token"] = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert session.delete(server.url + "/v1/sessions/current", timeout=10).status_code == 403
    session.headers["X-CSRF-Token"] = token
    assert session.delete(server.url + "/v1/sessions/current", timeout=10).status_code == 204
    assert session.get(server.url + "/v1/users", timeout=10).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts(server):
    reply = requests.post(server.url + "/v1/sessions", json={"name": "admin", "password": server.password}, timeout=10)
    cookie = reply.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie


def test_signing_in_and_out_through_the_client(server, client):
    nobody = client.as_key(None)
    session = nobody.post("/v1/sessions", {"name": "admin", "password": server.password}, expect=201)
    cookie = session.headers["Set-Cookie"].split(";")[0]
    headers = {"Cookie": cookie, "X-CSRF-Token": session["csrf_token"]}
    current = nobody.get("/v1/sessions/current", headers=headers, expect=200)
    assert current["actor"] == "user:admin" and current["csrf_token"] == session["csrf_token"]
    nobody.delete("/v1/sessions/current", headers=headers, expect=204)
    nobody.get("/v1/sessions/current", headers=headers, expect=401)


def test_a_wrong_password_says_nothing_about_the_name(client):
    user = add_user(client, ["desk"])
    nobody = client.as_key(None)
    wrong = nobody.post("/v1/sessions", {"name": user["name"], "password": "wrong password"}, expect=401)
    unknown = nobody.post("/v1/sessions", {"name": name(), "password": "wrong password"}, expect=401)
    assert wrong.json == unknown.json and wrong.code == "auth.credentials"


def test_five_failures_lock_a_name(client):
    user = add_user(client, ["desk"], "the right password")
    nobody = client.as_key(None)
    for _ in range(5):
        nobody.post("/v1/sessions", {"name": user["name"], "password": "wrong password"}, expect=401)
    locked = nobody.post("/v1/sessions", {"name": user["name"], "password": "the right password"}, expect=429)
    assert locked.code == "auth.locked" and int(locked.headers["Retry-After"]) >= 20


@pytest.mark.parametrize("role, path, status", [
    ("analyst", "/v1/users", 403), ("finance", "/v1/audit", 200), ("desk", "/v1/audit", 403),
    ("administrator", "/v1/users", 200), ("marketer", "/v1/jobs", 200), ("agent", "/v1/keys", 403)])
def test_roles_allow_what_the_matrix_says(server, client, role, path, status):
    user = add_user(client, [role])
    session = server.sign_in(user["name"], "correct horse battery")
    assert session.get(server.url + path, timeout=10).status_code == status


def test_a_user_is_changed_with_the_version_that_was_read(client):
    user = add_user(client, ["desk"])
    read = client.get(f"/v1/users/{user['id']}", expect=200)
    changed = client.patch(f"/v1/users/{user['id']}", {"roles": ["agent", "desk"]},
                           headers={"If-Match": read.headers["ETag"]}, expect=200)
    assert sorted(changed["roles"]) == ["agent", "desk"] and changed["display_name"] == "Anna"
    stale = client.patch(f"/v1/users/{user['id']}", {"roles": ["desk"]}, headers={"If-Match": read.headers["ETag"]})
    assert stale.status == 412 and stale.code == "http.stale"
    assert client.patch(f"/v1/users/{user['id']}", {}, headers={"If-Match": "nonsense"}).code == "http.if_match"


def test_disabling_a_user_ends_its_sessions(server, client):
    user = add_user(client, ["administrator"])
    session = server.sign_in(user["name"], "correct horse battery")
    client.patch(f"/v1/users/{user['id']}", {"disabled": True}, expect=200)
    assert session.get(server.url + "/v1/users", timeout=10).status_code == 401
    refused = client.as_key(None).post("/v1/sessions", {"name": user["name"], "password": "correct horse battery"})
    assert refused.status == 401


def test_everybody_sets_their_own_password_only(server, client):
    user, other = add_user(client, ["desk"]), add_user(client, ["desk"])
    session = server.sign_in(user["name"], "correct horse battery")
    url = server.url + "/v1/users/"
    assert session.put(url + other["id"] + "/password", json={"password": "another password"}, timeout=10).status_code == 403
    assert session.put(url + user["id"] + "/password", json={"password": "short"}, timeout=10).status_code == 422
    assert session.put(url + user["id"] + "/password", json={"password": "another password"}, timeout=10).status_code == 204
    assert session.get(server.url + "/v1/sessions/current", timeout=10).status_code == 401
    server.sign_in(user["name"], "another password")
    client.put(f"/v1/users/{other['id']}/password", {"password": "by an administrator"}, expect=204)
    server.sign_in(other["name"], "by an administrator")


def test_names_are_unique_and_removed_with_the_user(client):
    user = add_user(client, ["desk"])
    again = client.post("/v1/users", {"name": user["name"], "password": "correct horse", "roles": ["desk"]})
    assert again.status == 409 and again.code == "user.known"
    assert user["id"] in [one["id"] for one in client.all("/v1/users")]
    client.delete(f"/v1/users/{user['id']}", expect=204)
    client.get(f"/v1/users/{user['id']}", expect=404)


def test_the_last_administrator_stays(fresh_server):
    client = fresh_server.client
    admin = [user for user in client.all("/v1/users") if user["name"] == "admin"][0]
    assert client.delete(f"/v1/users/{admin['id']}").code == "user.last_administrator"
    assert client.patch(f"/v1/users/{admin['id']}", {"disabled": True}).code == "user.last_administrator"
    assert client.patch(f"/v1/users/{admin['id']}", {"roles": ["desk"]}).code == "user.last_administrator"


def test_the_audit_trail_tells_who_and_what_but_no_secret(client):
    user = add_user(client, ["desk"], "a very secret thing")
    client.patch(f"/v1/users/{user['id']}", {"display_name": "Berta"}, expect=200)
    rows = client.all("/v1/audit", subject=user["id"])
    assert [row["what"] for row in rows] == ["user.updated", "user.added"]
    assert rows[0]["actor"] == "key:test"
    assert rows[0]["before"]["display_name"] == "Anna" and rows[0]["after"]["display_name"] == "Berta"
    assert "secret" not in str(rows) and "argon2" not in str(client.all("/v1/audit"))


def test_the_audit_trail_is_paged_and_filtered(client):
    for _ in range(3):
        add_key(client, ["audit.read"])
    some = client.get("/v1/audit", params={"limit": 2, "what": "key.added"}, expect=200)
    assert len(some["items"]) == 2 and some["next"]
    rest = client.all("/v1/audit", limit=2, what="key.added")
    assert len(rest) >= 3 and {row["what"] for row in rest} == {"key.added"}
    assert rest[:2] == some["items"] or len(rest) > 2
    times = [row["at"] for row in rest]
    assert times == sorted(times, reverse=True)
    assert client.get("/v1/audit", params={"after": "bm9uc2Vuc2U"}).code == "page.cursor"
    assert client.get("/v1/audit", params={"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}).status == 422


def test_keys_and_users_outlive_a_restart(fresh_server):
    fresh_server.client.get("/v1/users", expect=200)
    assert fresh_server.stop() == 0
    fresh_server.start()
    fresh_server.client.get("/v1/users", expect=200)
