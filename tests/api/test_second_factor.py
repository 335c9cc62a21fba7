"""The second factor: enrolling, codes that count once, recovery codes, and roles that need one."""
import base64
import hashlib
import hmac
import struct
import time
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from conftest import ENGINES

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module", params=ENGINES)
def house(request, servers):
    server = servers.start(request.param)
    yield server
    server.close()


def code_at(secret, step):
    """RFC 6238, computed apart from the server."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


def now_step():
    return int(time.time()) // 30


def add_user(house, roles=("desk",)):
    return house.client.post("/v1/users", {"name": "f" + uuid.uuid4().hex[:10], "password": PASSWORD,
                                           "roles": list(roles)}, expect=201).json


def try_sign_in(house, user, **more):
    return requests.post(house.url + "/v1/sessions", timeout=60,
                         json={"name": user["name"], "password": PASSWORD, **more})


def enrol(house, user):
    """The secret, the recovery codes and the step whose code was used."""
    signed_in = house.sign_in(user["name"], PASSWORD)
    who = {"Cookie": "patron_session=" + signed_in.cookies["patron_session"],
           "X-CSRF-Token": signed_in.headers["X-CSRF-Token"]}
    client, path = house.client.as_key(None), f"/v1/users/{user['id']}/second-factor"
    made = client.post(path, headers=who, expect=201)
    secret, uri = made["secret"], urlsplit(made["uri"])
    assert (uri.scheme, uri.netloc, parse_qs(uri.query)["secret"]) == ("otpauth", "totp", [secret])
    wrong = f"{(int(code_at(secret, now_step())) + 1) % 1000000:06d}"
    assert client.post(path + "/confirm", {"code": wrong}, headers=who).code == "factor.code"
    step = now_step()
    confirmed = client.post(path + "/confirm", {"code": code_at(secret, step)}, headers=who, expect=200)
    assert client.post(path, headers=who).code == "factor.enrolled"
    return secret, confirmed["recovery_codes"], step


def test_a_user_with_a_second_factor_needs_its_code_and_each_counts_once(house):
    user = add_user(house)
    secret, _, used = enrol(house, user)
    assert try_sign_in(house, user).json()["code"] == "auth.code_required"
    assert try_sign_in(house, user, code=code_at(secret, used)).json()["code"] == "auth.code"
    after = code_at(secret, used + 1)
    assert try_sign_in(house, user, code=after).status_code == 201
    assert try_sign_in(house, user, code=after).json()["code"] == "auth.code"


def test_a_recovery_code_signs_in_once(house):
    user = add_user(house)
    _, codes, _ = enrol(house, user)
    assert len(set(codes)) == 10
    assert try_sign_in(house, user, code=codes[3]).status_code == 201
    assert try_sign_in(house, user, code=codes[3]).json()["code"] == "auth.code"
    assert try_sign_in(house, user, code=codes[4]).status_code == 201


def test_an_administrator_removes_the_factor_of_a_lost_device(house):
    user = add_user(house)
    enrol(house, user)
    path = f"/v1/users/{user['id']}/second-factor"
    house.client.delete(path, expect=204)
    assert house.client.delete(path, expect=404).code == "factor.unknown"
    assert try_sign_in(house, user).status_code == 201


def test_a_factor_is_set_up_by_the_user_alone(house):
    user = add_user(house)
    path = f"/v1/users/{user['id']}/second-factor"
    assert house.client.post(path, expect=403).code == "auth.forbidden"
    session = house.sign_in(user["name"], PASSWORD)
    reply = session.post(f"{house.url}{path}/confirm", json={"code": "123456"}, timeout=30)
    assert reply.json()["code"] == "factor.none"


def test_a_role_that_needs_a_factor_may_nothing_before_it_is_set_up(house):
    house.client.put("/v1/second-factor-policy", {"roles": ["analyst"]}, expect=200)
    assert house.client.get("/v1/second-factor-policy", expect=200)["roles"] == ["analyst"]
    user = add_user(house, ["analyst"])
    signed_in = try_sign_in(house, user).json()
    assert signed_in["second_factor_needed"] is True and signed_in["permissions"] == []
    session = house.sign_in(user["name"], PASSWORD)
    assert session.get(house.url + "/v1/members", timeout=30).json()["code"] == "auth.forbidden"
    enrol(house, user)
    assert session.get(house.url + "/v1/members", timeout=30).status_code == 200
    house.client.put("/v1/second-factor-policy", {"roles": []}, expect=200)
    assert house.client.put("/v1/second-factor-policy", {"roles": ["king"]}).code == "user.roles"
