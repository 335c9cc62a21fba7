"""Safe redemption over the API, on both engines: proofs by account and amount, replay, clocks, tries, PINs, limits."""
import base64
import concurrent.futures
import hashlib
import hmac
import itertools
import random
import time

import patron
import pytest

from conftest import ENGINES

RUN = random.Random().randrange(10**4)
COUNTER = itertools.count(1)
STEP = 30
DOCUMENT = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points", "transferable": True, "value": {"points": 100, "amount": "1.00"},
                 "redemption": [{"above": 0, "proofs": ["none"]}, {"above": 100, "proofs": ["qr", "code", "pin"]},
                                {"above": 1000, "proofs": ["code"]}]},
                {"code": "open"}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}],
    "velocity": [{"of": "employee", "action": "redeeming", "per": "day", "count": 2},
                 {"of": "member", "action": "redeeming", "per": "hour", "points": 5000},
                 {"of": "till", "action": "earning", "per": "hour", "count": 3, "points": 1000}],
}


@pytest.fixture(scope="module", params=ENGINES)
def till(request, servers):
    """The client of a server of its own, whose programme is DOCUMENT."""
    server = servers.start(request.param)
    server.client.post("/v1/programme/versions", {"document": DOCUMENT}, expect=201)
    server.client.server = server
    yield server.client
    server.close()


def member_with(client, points=10000, wallet="points"):
    phone = f"+86137{RUN:04d}{next(COUNTER):04d}"
    member = client.post("/v1/members", {"identifiers": [{"kind": "phone", "value": phone}]}, expect=201)["id"]
    client.post("/v1/adjustments", {"member": {"id": member}, "wallet": wallet, "points": points, "reason": "test"},
                expect=201)
    return member


def redeem(client, member, points, proof=None, expect=201, **more):
    body = {"member": {"id": member}, "wallet": "points", "points": points, **more}
    return client.post("/v1/redemptions", {**body, "proof": proof} if proof else body, expect=expect)


def code(client, member, kind="qr", expect=201, **more):
    return client.post(f"/v1/members/{member}/codes", {"kind": kind, **more}, expect=expect)


def set_pin(client, member, pin, expect=200, **more):
    return client.put(f"/v1/members/{member}/pin", {"pin": pin, **more}, expect=expect)


def app(client, member):
    """What an app does that makes rotating codes by itself: text(steps off)."""
    issued = code(client, member, "secret")
    secret = base64.urlsafe_b64decode(issued["secret"] + "==")

    def text(off=0):
        # Not just before the step ends, or it would be another one on arrival.
        while time.time() % STEP > STEP - 3:
            time.sleep(0.2)
        step = int(time.time()) // STEP + off
        digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha256).digest()
        return f"{member}.{base64.b32encode(digest[:10]).decode().rstrip('=')}"

    return text


def test_an_account_says_above_which_amount_which_proof_is_needed(till):
    member = member_with(till)
    redeem(till, member, 100)
    refused = redeem(till, member, 101, expect=403)
    assert refused.code == "redemption.proof_required" and refused["field"] == "proof"
    assert "qr, code or pin" in refused["detail"]
    redeem(till, member, 101, {"qr": code(till, member)["qr"]})
    set_pin(till, member, "8352")
    assert redeem(till, member, 1001, {"pin": "8352"}, expect=403).code == "redemption.proof_required"
    redeem(till, member, 1001, {"code": code(till, member, "code")["code"]})


def test_every_way_of_spending_asks_the_same(till):
    member, other = member_with(till), member_with(till)
    hold = {"member": {"id": member}, "wallet": "points", "points": 500}
    transfer = {"from": {"id": member}, "to": {"id": other}, "wallet": "points", "points": 500}
    purchase = {"member": {"id": member}, "total": {"amount": "20.00", "currency": "USD"}, "receipt": f"P{next(COUNTER)}",
                "pay_points": [{"wallet": "points", "points": 60}, {"wallet": "points", "points": 60}]}
    for path, body in (("holds", hold), ("transfers", transfer), ("purchases", purchase)):
        assert till.post(f"/v1/{path}", body, expect=403).code == "redemption.proof_required", path
    set_pin(till, member, "8352")
    proof = {"proof": {"pin": "8352"}}
    made = till.post("/v1/holds", {**hold, **proof}, expect=201)
    assert till.post(f"/v1/holds/{made['id']}/capture", {"points": 400}, expect=201)["points"] == 400
    till.post("/v1/transfers", {**transfer, **proof}, expect=201)
    assert till.post("/v1/purchases", {**purchase, **proof}, expect=201)["paid_with_points"]["amount"] == "1.20"


def test_the_journal_keeps_the_kind_of_proof_and_never_the_proof(till):
    member = member_with(till)
    set_pin(till, member, "8352")
    redeem(till, member, 200, {"pin": "8352"})
    export = till.get(f"/v1/members/{member}/export", expect=200).text
    assert '"proof":"pin"' in export.replace(": ", ":")
    assert "8352" not in export and "argon2" not in export


def test_a_rotating_code_counts_once(till):
    member = member_with(till)
    shown = code(till, member)["qr"]
    redeem(till, member, 200, {"qr": shown})
    assert redeem(till, member, 200, {"qr": shown}, expect=409).code == "proof.used"


def test_the_same_request_again_gets_its_reply_though_the_code_is_used(till):
    member = member_with(till)
    body = {"member": {"id": member}, "wallet": "points", "points": 200, "proof": {"qr": code(till, member)["qr"]}}
    key = {"Idempotency-Key": f"again-{RUN}-{member}"}
    first = till.post("/v1/redemptions", body, headers=key, expect=201)
    assert till.post("/v1/redemptions", body, headers=key, expect=201).json == first.json


@pytest.mark.parametrize("kind", ["qr", "code"])
def test_of_one_code_shown_many_times_at_once_one_counts(till, kind):
    member = member_with(till)
    proof = {kind: code(till, member, kind)[kind]}
    count = 4 if kind == "code" else 12  # a code has five tries
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        replies = list(pool.map(lambda _: till.post("/v1/redemptions", {
            "member": {"id": member}, "wallet": "points", "points": 200, "proof": proof}), range(count)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * (count - 1)
    assert {reply.code for reply in replies if reply.status == 409} == {"proof.used"}


def test_clocks_may_differ_by_one_step(till):
    member = member_with(till)
    text = app(till, member)
    assert redeem(till, member, 200, {"qr": text(-2)}, expect=403).code == "proof.expired"
    assert redeem(till, member, 200, {"qr": text(+2)}, expect=403).code == "proof.expired"
    redeem(till, member, 200, {"qr": text(-1)})
    redeem(till, member, 200, {"qr": text(+1)})
    assert redeem(till, member, 200, {"qr": text(0)}, expect=409).code == "proof.used", "a later one was used"


def test_a_renewed_secret_makes_the_old_one_void(till):
    member = member_with(till)
    text = app(till, member)
    code(till, member, "secret", renew=True)
    assert redeem(till, member, 200, {"qr": text()}, expect=403).code == "proof.expired"
    redeem(till, member, 200, {"qr": app(till, member)()})


def test_the_proof_of_another_member_proves_nothing(till):
    member, thief = member_with(till), member_with(till)
    assert redeem(till, member, 200, {"qr": code(till, thief)["qr"]}, expect=403).code == "proof.other_member"
    forged = code(till, member)["qr"].split(".")[0] + "." + "A" * 16
    assert redeem(till, member, 200, {"qr": forged}, expect=403).code == "proof.expired"
    assert redeem(till, member, 200, {"qr": "nonsense"}, expect=403).code == "proof.wrong"
    assert redeem(till, member, 200, {"qr": forged, "pin": "1111"}, expect=422).code == "proof.form"
    assert redeem(till, member, 200, {"code": "123456"}, expect=409).code == "proof.unset"


def test_a_one_time_code_ends_after_five_tries_and_the_next_has_to_wait(till):
    member = member_with(till)
    right = code(till, member, "code")["code"]
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        assert redeem(till, member, 200, {"code": wrong}, expect=403).code == "proof.wrong"
    assert redeem(till, member, 200, {"code": right}, expect=403).code == "proof.expired"
    assert code(till, member, "code", expect=429).code == "code.rate"


def test_a_pin_locks_after_five_wrong_tries_and_another_proof_sets_it_anew(till):
    member = member_with(till)
    assert set_pin(till, member, "1234", expect=422).code == "pin.weak"
    assert set_pin(till, member, "12ab", expect=422).code == "pin.form"
    set_pin(till, member, "8352")
    desk = till.as_key(till.server.make_key(["points.redeem", "members.read"], name=f"desk {member}"))
    assert set_pin(desk, member, "7391", expect=403).code == "redemption.proof_required"
    set_pin(desk, member, "7391", proof={"pin": "8352"})
    for _ in range(5):
        assert redeem(desk, member, 200, {"pin": "8352"}, expect=403).code == "proof.wrong"
    locked = redeem(desk, member, 200, {"pin": "7391"}, expect=429)
    assert locked.code == "proof.locked" and "works again at" in locked["detail"]
    assert set_pin(desk, member, "6174", proof={"pin": "7391"}, expect=429).code == "proof.locked"
    set_pin(desk, member, "6174", proof={"qr": code(till, member)["qr"]})
    redeem(desk, member, 200, {"pin": "6174"})


def test_a_till_cannot_get_the_codes_that_it_should_be_shown(till):
    member = member_with(till)
    desk = till.as_key(till.server.make_key(["points.redeem", "members.read", "points.adjust"], name=f"till {member}"))
    for kind in ("qr", "code", "secret"):
        assert code(desk, member, kind, expect=403).code == "auth.forbidden"


def test_a_merged_person_proves_itself_by_what_its_leader_has(till):
    kept, gone = member_with(till), member_with(till)
    set_pin(till, kept, "8352")
    set_pin(till, gone, "7391")
    shown = code(till, gone)["qr"]
    till.post("/v1/merges", {"into": {"id": kept}, "from": {"id": gone}}, expect=201)
    redeem(till, gone, 200, {"pin": "8352"})
    redeem(till, kept, 200, {"qr": shown})
    assert redeem(till, kept, 200, {"pin": "7391"}, expect=403).code == "proof.wrong"


def test_an_erasure_takes_the_credentials_along(till):
    member = member_with(till)
    set_pin(till, member, "8352")
    shown = code(till, member)["qr"]
    till.delete(f"/v1/members/{member}")
    assert redeem(till, member, 200, {"pin": "8352"}, expect=404).code == "member.erased"
    assert redeem(till, member, 200, {"qr": shown}, expect=404).code == "member.erased"
    assert code(till, member, expect=404).code == "member.erased"
    export = till.get(f"/v1/members/{member}/export")
    assert export.status == 404 or not export.json.get("redemption_credential")


def test_limits_say_what_is_used_up_and_when_it_works_again(till):
    clerk = f"clerk-{RUN}-{next(COUNTER)}"
    first, second = member_with(till), member_with(till)
    redeem(till, first, 10, employee=clerk)
    redeem(till, second, 10, employee=clerk)
    refused = redeem(till, first, 10, employee=clerk, expect=429)
    assert refused.code == "redemption.velocity" and refused["field"] == "employee"
    assert "2 times this day, of at most 2" in refused["detail"] and "T00:00:00Z" in refused["detail"]
    redeem(till, first, 10, employee=clerk + "x")
    third = member_with(till)
    set_pin(till, third, "8352")
    for _ in range(5):
        redeem(till, third, 980, {"pin": "8352"})
    redeem(till, third, 100)
    refused = redeem(till, third, 1, expect=429)
    assert refused.code == "redemption.velocity" and "5000 points this hour, of at most 5000" in refused["detail"]


def test_what_a_till_lets_members_earn_is_limited(till):
    place = {"store": "S1", "till": f"{RUN}-{next(COUNTER)}", "channel": "pos"}

    def sale(amount, expect, **more):
        return till.post("/v1/purchases", {"member": {"id": member_with(till, 1)}, "receipt": f"R{next(COUNTER)}",
                                           "total": {"amount": amount, "currency": "USD"}, **place, **more}, expect=expect)

    sale("400.00", 201)
    assert sale("601.00", 429).code == "earning.velocity"
    sale("10.00", 201)
    sale("10.00", 201)
    assert sale("10.00", 429)["field"] == "till"
    anonymous = {"receipt": f"R{next(COUNTER)}", "total": {"amount": "10.00", "currency": "USD"}, **place}
    till.post("/v1/purchases", anonymous, expect=201)


def test_a_limit_holds_under_load_for_exactly_as_many_as_it_says(till):
    members = [member_with(till) for _ in range(8)]
    clerk = f"clerk-{RUN}-{next(COUNTER)}"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda member: till.post("/v1/redemptions", {
            "member": {"id": member}, "wallet": "points", "points": 10, "employee": clerk}), members))
    assert sorted(reply.status for reply in replies) == [201] * 2 + [429] * 6


@pytest.fixture(scope="module")
def pair(servers, patron_binary):
    """The clients of two servers on one PostgreSQL database."""
    first = servers.start("postgres")
    first.client.post("/v1/programme/versions", {"document": DOCUMENT}, expect=201)
    second = patron.Patron(patron_binary, database=first.database, folder=first.folder)
    yield first.client, second.client if second.token else patron.Client(second.url, first.token)
    second.stop()
    first.close()


def at_once(pair, count, body_of):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda i: pair[i % 2].post("/v1/redemptions", body_of(i)), range(count)))


def test_two_servers_take_one_code_once_and_hold_one_limit(pair):
    member = member_with(pair[0])
    shown = {"qr": code(pair[0], member)["qr"]}
    body = {"member": {"id": member}, "wallet": "points", "points": 200}
    replies = at_once(pair, 8, lambda _: {**body, "proof": shown})
    assert sorted(reply.status for reply in replies) == [201] + [409] * 7
    members = [member_with(pair[0]) for _ in range(8)]
    replies = at_once(pair, 8, lambda i: {"member": {"id": members[i]}, "wallet": "points", "points": 10, "employee": "E-2"})
    assert sorted(reply.status for reply in replies) == [201] * 2 + [429] * 6


def test_a_case_opened_at_one_server_freezes_at_the_other_within_a_second(pair):
    member = member_with(pair[0])
    pair[0].post("/v1/fraud-cases", {"member": member, "reason": "x"}, expect=201)
    assert redeem(pair[0], member, 10, expect=409).code == "member.frozen"
    time.sleep(1.5)
    assert redeem(pair[1], member, 10, expect=409).code == "member.frozen"


def test_publishing_without_saying_who_may_spend_warns(till):
    silent = {**DOCUMENT, "wallets": [{"code": "points"}, {"code": "open", "redemption": []},
                                      {"code": "status", "spendable": False}]}
    checked = till.post("/v1/programme/versions", {"document": silent, "validate": True}, expect=200)
    assert len(checked["warnings"]) == 1 and checked["warnings"][0].startswith("wallets[0].redemption: ")
    assert till.post("/v1/programme/versions", {"document": DOCUMENT, "validate": True}, expect=200)["warnings"] == [
        checked["warnings"][0].replace("wallets[0]", "wallets[1]").replace("'points'", "'open'")]
