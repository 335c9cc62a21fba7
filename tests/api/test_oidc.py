"""Signing in by an issuer of OpenID Connect, on both engines: who gets in, as whom, and what is refused."""
import hashlib
import hmac
import json
import os
import re
import time

import pytest
import requests

import issuer as issuers
import patron
from conftest import ENGINES

GRANTS = [{"group": "staff-east", "roles": ["desk"], "places": ["EAST"], "members": "home_store"},
          {"group": "staff-west", "roles": ["desk", "agent"], "places": ["WEST"]},
          {"group": "head-office", "roles": ["analyst"]}]


class Shop:
    def __init__(self, servers, engine, folder, **settings):
        self.issuer, self.folder = issuers.Issuer(folder), folder
        files = self.settings(self.issuer, "oidc", **settings)
        self.other = None
        if settings.get("code"):
            self.other = issuers.Issuer(folder)
            files += "," + self.settings(self.other, "other", code="partner", name="Partner")
        self.server = servers.start(engine, options=("--oidc", files))
        self.url = self.server.url + "/v1/session/oidc"

    def settings(self, of, file_name, **settings):
        path = f"{self.folder}/{file_name}.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"issuer": of.url, "client_id": issuers.CLIENT, "client_secret": issuers.SECRET,
                       "callback": "http://patron.test/v1/session/oidc/callback", "allow_internal": True,
                       "create_users": True, "grants": GRANTS, **settings}, file)
        os.chmod(path, 0o600)
        return path

    def close(self):
        self.server.close()
        self.issuer.close()
        if self.other:
            self.other.close()

    def browser(self):
        session = requests.Session()
        session.trust_env = False
        return session

    def visit(self, browser, step, parameters=None):
        path = f"/v1/session/oidc/{step}".rstrip("/")
        reply = browser.get(self.server.url + path, params=parameters, allow_redirects=False, timeout=30)
        self.server.client.write_record("GET", path, None, patron.Reply(reply.status_code, reply.headers, reply.content))
        return reply

    def start(self, browser, **query):
        reply = self.visit(browser, "start", query)
        assert reply.status_code == 302, reply.text
        return reply.headers["Location"]

    def finish(self, browser, parameters):
        return self.visit(browser, "callback", parameters)

    def sign_in(self, sub="1", name="mei", groups=("staff-east",), browser=None, **claims):
        self.issuer.claims = {"sub": sub, "preferred_username": name, "groups": list(groups), **claims}
        browser = browser or self.browser()
        reply = self.finish(browser, self.issuer.authorise(self.start(browser)))
        if reply.status_code != 302:
            return reply.json()["code"]
        return browser.get(self.server.url + "/v1/sessions/current", timeout=30).json()

    def user(self, name):
        return next((one for one in self.server.client.all("/v1/users") if one["name"] == name), None)


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers, tmp_path_factory):
    made = Shop(servers, request.param, tmp_path_factory.mktemp("oidc"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def sound(request):
    yield
    if "shop" in request.fixturenames:
        made = request.getfixturevalue("shop")
        made.issuer.key, made.issuer.sign_with, made.issuer.spoil = made.issuer.rsa, None, None


def test_the_first_sign_in_makes_a_user_with_the_roles_and_places_of_the_groups(shop):
    who = shop.sign_in(sub="7", name="Mei", groups=["staff-east", "unknown"])
    assert (who["actor"], who["places"], who["members"]) == ("user:mei", ["EAST"], "home_store")
    assert "points.redeem" in who["permissions"] and "users.manage" not in who["permissions"] and who["csrf_token"]
    # The same person later: other groups, another name there; the same user here.
    who = shop.sign_in(sub="7", name="mei.chan", groups=["staff-east", "staff-west"])
    assert (who["actor"], who["places"], who["members"]) == ("user:mei", ["EAST", "WEST"], "company")
    who = shop.sign_in(sub="7", groups=["staff-west", "head-office"])
    assert who["places"] == [] and shop.user("mei")["roles"] == ["desk", "agent", "analyst"]
    audit = [one["what"] for one in shop.server.client.all("/v1/audit")]
    assert {"user.added", "user.updated", "session.started"} <= set(audit)


def test_a_session_goes_where_it_was_to_go_and_ends(shop):
    browser = shop.browser()
    shop.issuer.claims = {"sub": "8", "preferred_username": "ben", "groups": ["staff-east"]}
    back = shop.finish(browser, shop.issuer.authorise(shop.start(browser, **{"return": "/console?tab=1"})))
    assert back.headers["Location"] == "/console?tab=1" and back.headers["Cache-Control"] == "no-store"
    cookies = back.headers["Set-Cookie"]
    assert "HttpOnly" in cookies and "patron_oidc=;" in cookies
    csrf = browser.get(shop.server.url + "/v1/sessions/current", timeout=30).json()["csrf_token"]
    assert browser.delete(shop.server.url + "/v1/sessions/current", headers={"X-CSRF-Token": csrf}, timeout=30).status_code == 204
    assert browser.get(shop.server.url + "/v1/sessions/current", timeout=30).status_code == 401
    out = shop.visit(browser, "logout")
    assert out.status_code == 302 and out.headers["Location"] == f"{shop.issuer.url}/logout?client_id={issuers.CLIENT}"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "/a\nb"):
        reply = browser.get(shop.url + "/start", params={"return": elsewhere}, allow_redirects=False, timeout=30)
        assert (reply.status_code, reply.json()["code"]) == (422, "oidc.return"), elsewhere


def test_several_issuers_sign_in_each_its_own_people(servers, tmp_path):
    shop = Shop(servers, "sqlite", tmp_path, code="house", name="Our house")
    try:
        listed = shop.visit(shop.browser(), "")
        assert [(one["code"], one["name"], one["issuer"]) for one in listed.json()["items"]] == [
            ("house", "Our house", shop.issuer.url), ("partner", "Partner", shop.other.url)]
        # The same subject at two issuers is two people; without a code it is the first.
        claims = {"sub": "1", "groups": ["staff-east"]}
        for issuer, query, name in ((shop.issuer, {}, "mei"), (shop.other, {"issuer": "partner"}, "ben"),
                                    (shop.issuer, {"issuer": "house"}, "mei")):
            issuer.claims = {**claims, "preferred_username": name}
            browser = shop.browser()
            assert shop.finish(browser, issuer.authorise(shop.start(browser, **query))).status_code == 302
            assert browser.get(shop.server.url + "/v1/sessions/current", timeout=30).json()["actor"] == f"user:{name}"
        out = shop.visit(shop.browser(), "logout", {"issuer": "partner"})
        assert out.headers["Location"].startswith(shop.other.url)
        reply = shop.visit(shop.browser(), "start", {"issuer": "nobody"})
        assert (reply.status_code, reply.json()["code"]) == (404, "oidc.unknown_issuer")
        # A sign-in begun with one is not finished by what the other says, whatever the cookie is made to name.
        browser = shop.browser()
        answer = shop.issuer.authorise(shop.start(browser, issuer="house"))
        cookie = next(one for one in browser.cookies if one.name == "patron_oidc")
        cookie.value = cookie.value.replace("house", "partner")
        assert shop.finish(browser, answer).json()["code"] == "oidc.state"
    finally:
        shop.close()


def test_tokens_of_a_curve_are_taken_too(shop):
    shop.issuer.key = shop.issuer.curve
    assert shop.sign_in(sub="9", name="curve")["actor"] == "user:curve"


@pytest.mark.parametrize("what, spoil", [
    ("nonce", lambda header, claims: claims.update(nonce="other")),
    ("no nonce", lambda header, claims: claims.pop("nonce")),
    ("expired", lambda header, claims: claims.update(exp=int(time.time()) - 120)),
    ("no end", lambda header, claims: claims.pop("exp")),
    ("early", lambda header, claims: claims.update(nbf=int(time.time()) + 600)),
    ("future", lambda header, claims: claims.update(iat=int(time.time()) + 600)),
    ("issuer", lambda header, claims: claims.update(iss="https://evil.example")),
    ("audience", lambda header, claims: claims.update(aud="another")),
    ("audiences", lambda header, claims: claims.update(aud=["patron", "another"])),
    ("nobody", lambda header, claims: claims.pop("sub")),
    ("alg none", lambda header, claims: header.update(alg="none")),
    ("unknown key", lambda header, claims: header.update(kid="other")),
    ("critical", lambda header, claims: header.update(crit=["exp"])),
])
def test_a_token_that_is_not_for_this_sign_in_is_refused(shop, what, spoil):
    shop.issuer.spoil = spoil
    assert shop.sign_in(sub="13", name="mallory") == "oidc.token"
    assert shop.user("mallory") is None


def test_a_signature_by_another_key_is_refused(shop, tmp_path):
    shop.issuer.sign_with = issuers.Key(str(tmp_path), "rsa", "RS256")
    assert shop.sign_in(sub="13", name="mallory") == "oidc.token"
    # The public key of the issuer as the secret of a symmetric signature.
    shop.issuer.sign_with = type("Symmetric", (), {"sign": staticmethod(
        lambda content: hmac.new(json.dumps(shop.issuer.rsa.public()).encode(), content, hashlib.sha256).digest())})
    shop.issuer.spoil = lambda header, claims: header.update(alg="HS256")
    assert shop.sign_in(sub="13", name="mallory") == "oidc.token"


def test_an_answer_is_good_once_and_in_the_browser_that_asked(shop):
    browser = shop.browser()
    shop.issuer.claims = {"sub": "20", "preferred_username": "once", "groups": ["staff-east"]}
    parameters = shop.issuer.authorise(shop.start(browser))
    cookie = browser.cookies.copy()
    other = shop.browser()
    assert shop.finish(other, parameters).json()["code"] == "oidc.state"
    shop.start(other)
    assert shop.finish(other, parameters).json()["code"] == "oidc.state"
    assert shop.finish(browser, {**parameters, "state": parameters["state"][:-1] + "!"}).json()["code"] == "oidc.state"
    assert shop.finish(browser, parameters).status_code == 302
    browser.cookies = cookie
    assert shop.finish(browser, shop.issuer.authorise(shop.issuer.url + "/authorize?" + "&".join(
        f"{name}={value}" for name, value in {"response_type": "code", "client_id": issuers.CLIENT, "state": parameters["state"],
                                              "code_challenge_method": "S256", "redirect_uri": "x", "nonce": "x",
                                              "code_challenge": "x"}.items()))).json()["code"] == "oidc.state"
    asked = shop.browser()
    shop.start(asked)
    assert shop.finish(asked, {"error": "access_denied"}).json()["code"] == "oidc.state"
    refused = {"error": "access_denied", "state": shop.issuer.authorise(shop.start(asked))["state"]}
    assert shop.finish(asked, refused).json()["code"] == "oidc.refused"
    asked = shop.browser()
    assert shop.finish(asked, {**shop.issuer.authorise(shop.start(asked)), "code": "stolen"}).json()["code"] == "oidc.issuer"
    asked = shop.browser()
    assert shop.finish(asked, {**shop.issuer.authorise(shop.start(asked)), "iss": "https://evil.example"}
                       ).json()["code"] == "oidc.token"


def test_who_has_no_group_or_a_taken_name_or_is_disabled_stays_outside(shop):
    assert shop.sign_in(sub="30", name="ann", groups=["strangers"]) == "oidc.no_role"
    assert shop.sign_in(sub="31", name="admin") == "oidc.name"
    assert shop.sign_in(sub="32", name="Ann Lee") == "oidc.name"
    assert shop.sign_in(sub="33", name="cat")["actor"] == "user:cat"
    shop.server.client.patch(f"/v1/users/{shop.user('cat')['id']}", {"disabled": True}, expect=200)
    assert shop.sign_in(sub="33", name="cat") == "oidc.disabled"
    reply = requests.post(shop.server.url + "/v1/sessions", json={"name": "mei", "password": "correct horse battery"}, timeout=30)
    assert reply.json()["code"] == "auth.credentials"


def test_secrets_and_codes_are_in_no_log(shop):
    shop.sign_in(sub="40", name="log")
    log = shop.server.stderr()
    assert issuers.SECRET not in log and not re.search(r"code-\d|id_token|pto_", log)


def test_users_who_are_known_are_linked_and_others_stay_outside_by_policy(servers, tmp_path):
    made = Shop(servers, "sqlite", tmp_path, create_users=False, link_users=True, grants=[])
    try:
        made.server.client.post("/v1/users", {"name": "eva", "password": "correct horse battery", "roles": ["finance"]}, expect=201)
        assert made.sign_in(sub="1", name="nobody") == "oidc.unknown"
        who = made.sign_in(sub="2", name="eva", groups=[])
        assert who["actor"] == "user:eva" and "points.verify" in who["permissions"]
        assert made.sign_in(sub="3", name="eva", groups=[]) == "oidc.name"
        made.server.client.delete(f"/v1/users/{made.user('eva')['id']}", expect=204)
        assert made.sign_in(sub="2", name="eva", groups=[]) == "oidc.unknown"
    finally:
        made.close()


def test_an_issuer_inside_is_asked_only_when_the_settings_say_so(servers, tmp_path, patron_binary):
    made = Shop(servers, "sqlite", tmp_path, allow_internal=False, issuer="https://127.0.0.1:9")
    try:
        reply = made.browser().get(made.url + "/start", allow_redirects=False, timeout=30)
        assert (reply.status_code, reply.json()["code"]) == (502, "oidc.issuer") and "internal" in reply.json()["detail"]
    finally:
        made.close()


def test_without_an_issuer_nobody_signs_in_by_one(servers):
    for path in ("start", "callback", "logout"):
        reply = servers.shared("sqlite").client.get(f"/v1/session/oidc/{path}")
        assert (reply.status, reply.code) == (404, "oidc.off")
