"""Codes of coupons: made, read in, given, reserved, redeemed, released, void; by fifty at once. On both engines."""
import concurrent.futures
import threading
import time
import uuid

import pytest

import definitions
from conftest import ENGINES

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SERIES = {
    "single": {"name": "Once", "codes": {"kind": "unique", "prefix": "ONE", "group": 6}},
    "short": {"name": "Short", "codes": {"kind": "unique", "length": 8, "group": 0}, "uses": 2},
    "points": {"name": "Fifty points", "codes": {"kind": "unique"}, "personal": True,
               "opens": {"points": 50, "wallet": "points"}, "valid": {"days": 30}},
    "summer": {"name": "Summer", "codes": {"kind": "public", "code": "SUMMER-26"}, "uses_per_member": 1,
               "opens": {"offer": "summer-sale"}},
    "spa": {"name": "Spa", "codes": {"kind": "unique"}, "opens": {"entitlement": "spa", "days": 30}},
    "listed": {"name": "Listed", "codes": {"kind": "imported"}, "personal": True},
    "loose": {"name": "Loose", "codes": {"kind": "imported"}},
    "buyers": {"name": "Buyers", "codes": {"kind": "unique"}, "when": "member.purchases > 0"},
    "later": {"name": "Later", "codes": {"kind": "public", "code": "LATER"},
              "valid": {"from": "2090-01-01T00:00:00Z"}},
    "over": {"name": "Over", "codes": {"kind": "public", "code": "OVER"}, "valid": {"until": "2020-01-01T00:00:00Z"}},
}
PARTS = {
    "/v1/benefits/spa": {"name": "Spa", "uses": {"count": 2, "per": "ever"}},
    "/v1/offers/summer-sale": {"name": "Summer sale", "discount": {"kind": "percentage", "percent": 10}, "coupon": "summer"},
}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
    for path, document in PARTS.items():  # all take effect five seconds later
        server.client.put(path, {"document": document, "publish": True}, expect=200)
    definitions.publish(server.client, "coupon-series", SERIES)
    yield server
    server.close()


@pytest.fixture
def client(shop):
    return shop.client


def member(client, **fields):
    return client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"C{uuid.uuid4().hex[:12]}"}], **fields},
                       expect=201)["id"]


def one(client, series):
    """A code of the series that is nobody's."""
    job = client.post(f"/v1/coupon-series/{series}/generation", {"count": 1, "reference": uuid.uuid4().hex}, expect=202)
    client.wait_for_job(job["job"])
    # The newest is the one of the batch: among few codes it is found by what nobody used.
    for found in client.all(f"/v1/coupon-series/{series}/codes"):
        if client.get(f"/v1/coupon-codes/{found['code']}", expect=200)["used"] == 0 and found["owner"] is None:
            return found["code"]
    raise AssertionError("there is no code left")


def redeem(client, code, **fields):
    return client.post(f"/v1/coupon-codes/{code}/redemptions", fields)


def balance(client, person):
    for wallet in client.get(f"/v1/members/{person}/wallets", expect=200)["items"]:
        if wallet["wallet"] == "points":
            return wallet["available"]
    return 0


def test_a_single_code_is_used_once(client):
    code = one(client, "single")
    assert code.startswith("ONE-") and len(code.replace("-", "")) == 3 + 17 + 1
    assert all(symbol in ALPHABET for symbol in code[3:].replace("-", ""))
    shown = client.get(f"/v1/coupon-codes/{code.lower().replace('-', ' ')}", expect=200)
    assert (shown["applies"], shown["reason"], shown["uses_left"], shown["opens"]) == (True, None, 1, "nothing")
    used = redeem(client, code, receipt="R1")
    assert (used.status, used["series"], used["member"], used["uses_left"]) == (201, "single", None, 0)
    again = redeem(client, code)
    assert (again.status, again.code) == (409, "coupon.used")
    after = client.get(f"/v1/coupon-codes/{code}", expect=200)
    assert (after["applies"], after["reason"], after["used"]) == (False, "coupon.used", 1)
    uses = client.all(f"/v1/coupon-codes/{code}/uses")
    assert [(use["id"], use["state"]) for use in uses] == [(used["id"], "redeemed")]


def test_a_mistyped_code_says_so_and_reveals_nothing(client):
    code = one(client, "single")
    wrong = code[:-1] + next(symbol for symbol in ALPHABET if symbol != code[-1])
    refused = client.get(f"/v1/coupon-codes/{wrong}", expect=422)
    assert refused.code == "coupon.check_character" and code not in str(refused.json)
    swapped = code[:-2] + code[-1] + code[-2]
    if swapped != code:
        assert redeem(client, swapped).code == "coupon.check_character"
    assert client.get("/v1/coupon-codes/NOSUCHCODE", expect=404).code == "coupon.unknown"


def test_fifty_at_once_use_a_single_code_once(client):
    code = one(client, "single")
    barrier = threading.Barrier(50)

    def use(_):
        barrier.wait()
        return redeem(client, code).status

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(use, range(50)))
    assert sorted(statuses) == [201] + [409] * 49
    assert client.get(f"/v1/coupon-codes/{code}", expect=200)["used"] == 1


def test_a_release_gives_a_use_back_once(client):
    code = one(client, "short")
    first, second = redeem(client, code), redeem(client, code)
    assert (first.status, second.status, redeem(client, code).code) == (201, 201, "coupon.used")
    freed = client.post(f"/v1/coupon-codes/{code}/releases", {"use": first["id"]}, expect=201)
    assert freed["uses_left"] == 1
    assert client.post(f"/v1/coupon-codes/{code}/releases", {"use": first["id"]}, expect=409).code == "coupon.ended"
    assert client.post(f"/v1/coupon-codes/{code}/releases", {"use": freed["id"]}, expect=404).code == (
        "coupon.unknown_use")
    assert redeem(client, code).status == 201


def test_a_reservation_holds_a_use_and_becomes_a_redemption(client):
    code = one(client, "single")
    kept = client.post(f"/v1/coupon-codes/{code}/reservations", {"minutes": 5}, expect=201)
    assert kept["reserved_until"] is not None and redeem(client, code).code == "coupon.used"
    settled = redeem(client, code, reservation=kept["id"])
    assert (settled.status, settled["uses_left"]) == (201, 0)
    assert redeem(client, code, reservation=kept["id"]).code == "coupon.ended"
    states = [(use["state"], use["ended_by"]) for use in client.all(f"/v1/coupon-codes/{code}/uses")]
    assert states == [("redeemed", settled["id"])]


def test_points_of_a_personal_code_are_its_owners_and_go_back_with_it(client):
    owner, other = member(client), member(client)
    given = client.post("/v1/coupon-codes", {"member": {"id": owner}, "series": "points"}, expect=201)
    code = given["code"]
    assert given["valid_until"] is not None
    shown = client.get(f"/v1/coupon-codes/{code}", params={"member": other}, expect=200)
    assert (shown["applies"], shown["reason"]) == (False, "coupon.other_member")
    assert client.get(f"/v1/coupon-codes/{code}", params={"member": owner}, expect=200)["applies"] is True
    assert redeem(client, code).code == "coupon.member_needed"
    assert redeem(client, code, member={"id": other}).code == "coupon.other_member"
    assert [(one["code"], one["applies"], one["points"]) for one in client.all(f"/v1/members/{owner}/coupon-codes")] == [
        (code, True, 50)]
    used = redeem(client, code, member={"id": owner})
    assert (used.status, used["opens"], used["points"], balance(client, owner)) == (201, "points", 50, 50)
    client.post(f"/v1/coupon-codes/{code}/releases", {"use": used["id"]}, expect=201)
    assert balance(client, owner) == 0
    assert redeem(client, code, member={"id": owner}).status == 201 and balance(client, owner) == 50


def test_a_public_code_is_for_everybody_as_often_as_the_series_says(client):
    first, second = member(client), member(client)
    assert redeem(client, "summer 26", member={"id": first}).status == 201
    assert redeem(client, "SUMMER-26", member={"id": first}).code == "coupon.member_limit"
    assert redeem(client, "SUMMER-26", member={"id": second}).status == 201
    assert redeem(client, "SUMMER-26").code == "coupon.member_needed"
    shown = client.get("/v1/coupon-codes/SUMMER26", params={"member": first}, expect=200)
    assert (shown["reason"], shown["opens"], shown["opens_code"], shown["uses_left"]) == (
        "coupon.member_limit", "offer", "summer-sale", None)
    assert redeem(client, "LATER").code == "coupon.not_started"
    assert redeem(client, "OVER").code == "coupon.expired"
    assert client.post("/v1/coupon-codes", {"member": {"id": first}, "series": "summer"}, expect=409).code == (
        "coupon.public")


def test_who_may_use_a_code_follows_what_the_member_does(client):
    person = member(client)
    code = one(client, "buyers")
    assert redeem(client, code, member={"id": person}).code == "coupon.audience"
    assert redeem(client, code).code == "coupon.audience"
    client.post("/v1/purchases", {"member": {"id": person}, "receipt": uuid.uuid4().hex,
                                  "total": {"amount": "1.00", "currency": "USD"}}, expect=201)
    assert redeem(client, code, member={"id": person}).status == 201


def test_a_void_code_stays_void(client):
    code = one(client, "single")
    client.post(f"/v1/coupon-codes/{code}/void", {"reason": "leaked"}, expect=201)
    assert redeem(client, code).code == "coupon.void"
    assert client.post(f"/v1/coupon-codes/{code}/void", {"reason": "leaked"}, expect=409).code == "coupon.void"
    assert client.get(f"/v1/coupon-codes/{code}", expect=200)["reason"] == "coupon.void"


# ---- by the thousand ----

def test_codes_are_made_once_for_a_reference(client):
    ask = {"count": 2500, "reference": "spring"}
    for _ in range(2):
        job = client.post("/v1/coupon-series/single/generation", ask, expect=202)["job"]
        assert client.wait_for_job(job)["state"] == "done"
    batch = [one for one in client.all("/v1/coupon-series/single/batches") if one["reference"] == "spring"]
    assert [(one["kind"], one["wanted"], one["done"], one["ended_at"] is not None) for one in batch] == [
        ("made", 2500, 2500, True)]
    job = client.post("/v1/coupon-series/single/generation", {**ask, "count": 9}, expect=202)["job"]
    assert client.wait_for_job(job)["state"] == "failed"
    rows = client.get("/v1/coupon-series/single/codes-file", expect=200).text.splitlines()
    assert rows[0] == "code,issued_at,valid_until,member,state"
    codes = [row.split(",")[0] for row in rows[1:]]
    assert len(codes) == len(set(codes)) >= 2500
    assert client.post("/v1/coupon-series/summer/generation", ask, expect=409).code == "coupon.kind"
    assert client.post("/v1/coupon-series/none/generation", ask, expect=404).code == "coupon.unknown_series"


def read_in(client, series, text, reference):
    job = client.post(f"/v1/coupon-series/{series}/imports?reference={reference}", data=text.encode(),
                      headers={"Content-Type": "text/csv"}, expect=202)["job"]
    return client.wait_for_job(job)


def test_a_list_is_read_in_once_and_says_which_lines_are_none(client):
    text = "code,uses,valid_until\nABC-1,3\nabc1\nPAST,1,2020-01-01T00:00:00Z\nbad,uses\n\nX1\n"
    job = read_in(client, "loose", text, "l1")
    assert job["state"] == "done" and "line 5" in job["message"], job
    assert sorted(one["code"] for one in client.all("/v1/coupon-series/loose/codes")) == ["ABC1", "PAST", "X1"]
    for _ in range(3):
        assert redeem(client, "abc-1").status == 201
    assert redeem(client, "ABC1").code == "coupon.used"
    assert redeem(client, "PAST").code == "coupon.expired"
    again = read_in(client, "loose", "X1\nX2\n", "l2")
    counts = again["counts"]
    assert (counts["codes"], counts["known"]) == (1, 1), again


def test_listed_codes_are_given_each_to_one_member(client):
    read_in(client, "listed", "".join(f"L{i:04d}\n" for i in range(20)), "l1")
    people = [member(client) for _ in range(25)]

    def give(person):
        for _ in range(200):
            reply = client.post("/v1/coupon-codes", {"member": {"id": person}, "series": "listed"})
            if reply.status != 503:
                return reply
            time.sleep(0.01)
        return reply

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(give, people))
    codes = [reply["code"] for reply in replies if reply.status == 201]
    assert len(codes) == len(set(codes)) == 20
    assert {reply.code for reply in replies if reply.status != 201} == {"coupon.none_left"}
    owner = next(person for person, reply in zip(people, replies) if reply.status == 201)
    code = client.all(f"/v1/members/{owner}/coupon-codes")[0]["code"]
    assert redeem(client, code, member={"id": owner}).status == 201


# ---- the rest ----

def test_a_code_is_drawn_as_svg_and_png(client):
    code = one(client, "single")
    svg = client.get(f"/v1/coupon-codes/{code}/picture", expect=200)
    assert svg.headers["Content-Type"] == "image/svg+xml" and "<svg" in svg.text
    png = client.get(f"/v1/coupon-codes/{code}/picture?format=png&scale=4", expect=200)
    assert png.headers["Content-Type"] == "image/png"
    client.get("/v1/coupon-codes/NOSUCH/picture", expect=404)


def test_who_guesses_waits(client, shop):
    token = client.post("/v1/keys", {"name": "guesser", "scopes": ["points.read", "points.redeem"]},
                        expect=201)["token"]
    guesser = client.as_key(token)
    codes = [guesser.get(f"/v1/coupon-codes/GUESS{i:03d}").code for i in range(40)]
    # A period of ten minutes may begin in between: then there are a few more tries.
    assert codes[0] == "coupon.unknown" and codes.count("coupon.guesses") >= 1 and codes[-1] in (
        "coupon.guesses", "coupon.unknown")
    assert guesser.get("/v1/coupon-codes/SUMMER26").code in ("coupon.guesses", None)
    client.get("/v1/coupon-codes/SUMMER26", expect=200)


def test_codes_of_an_erased_member_are_nobodys(client):
    person = member(client)
    code = client.post("/v1/coupon-codes", {"member": {"id": person}, "series": "points"}, expect=201)["code"]
    export = client.get(f"/v1/members/{person}/export", expect=200)
    assert code.replace("-", "") in export.text
    client.delete(f"/v1/members/{person}")
    assert redeem(client, code, member={"id": person}).status in (404, 409)


def test_codes_are_kept_through_a_merge(client):
    first, second = member(client), member(client)
    code = client.post("/v1/coupon-codes", {"member": {"id": second}, "series": "points"}, expect=201)["code"]
    client.post("/v1/merges", {"into": {"id": first}, "from": {"id": second}}, expect=201)
    assert [one["code"] for one in client.all(f"/v1/members/{first}/coupon-codes")] == [code]
    assert redeem(client, code, member={"id": first}).status == 201


def test_a_benefit_begins_with_the_redemption_and_goes_back_with_it_unless_it_was_used(client):
    code, person = one(client, "spa"), member(client)
    at, who = f"/v1/coupon-codes/{code}", {"member": {"id": person}}
    held = lambda: [one["right"] for one in client.get(f"/v1/members/{person}/benefits", expect=200)["items"]]
    assert redeem(client, code).code == "coupon.member_needed"
    used = redeem(client, code, **who)
    assert (used.status, used["opens"], used["opens_code"], held()) == (201, "entitlement", "spa", [used["id"]])
    assert redeem(client, code, **who).code == "coupon.used"
    client.post(f"{at}/releases", {"use": used["id"]}, expect=201)
    assert held() == []
    kept = client.post(f"{at}/reservations", who, expect=201)
    assert held() == []
    settled = redeem(client, code, reservation=kept["id"])
    assert held() == [settled["id"]]
    use = client.post(f"/v1/members/{person}/benefits/spa/uses", {"reference": uuid.uuid4().hex}, expect=201)
    assert client.post(f"{at}/releases", {"use": kept["id"]}, expect=409).code == "coupon.gift_used"
    client.post(f"/v1/members/{person}/benefits/spa/uses/{use['id']}/reversal", {"reason": "closed"}, expect=201)
    client.post(f"{at}/releases", {"use": kept["id"]}, expect=201)
    assert held() == []
    document = {"name": "Old", "codes": {"kind": "unique"}, "opens": {"entitlement": "spa", "count": 2}}
    assert client.put("/v1/coupon-series/old", {"document": document}, expect=422)["field"] == "document.opens.count"
