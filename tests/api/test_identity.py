"""Who a person is, on both engines: erasure and what it leaves, merges and their undoing, households at once."""
import csv
import datetime
import io
import itertools
import random
import threading
import time

import pytest

from conftest import ENGINES
from test_programme import DOCUMENT

RUN = random.Random().randrange(10**6)
COUNTER = itertools.count(1)
NOW = datetime.datetime.now(datetime.timezone.utc)
GRANTED = {"channel": "email", "purpose": "marketing", "state": "granted"}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    """The client of a server of its own, whose programme is DOCUMENT."""
    started = servers.start(request.param)
    started.client.post("/v1/programme/versions", {"document": DOCUMENT}, expect=201)
    yield started.client
    started.close()


def fresh(kind="external"):
    mark = f"{RUN:06d}{next(COUNTER):05d}"
    return {"phone": f"+86137{mark[-8:]}", "email": f"p{mark}@example.com", "card": f"C{mark}"}.get(kind, f"i{mark}")


def register(client, **fields):
    body = {"identifiers": [{"kind": "external", "value": fresh()}], **fields}
    return client.post("/v1/members", body, expect=201)["id"]


def buy(client, amount, expect=201, **fields):
    body = {"lines": [{"sku": "A", "amount": {"amount": amount, "currency": "USD"}}], "event_id": fresh(), **fields}
    return client.post("/v1/purchases", body, expect=expect)


def give(client, member, points, days=None):
    body = {"member": {"id": member}, "wallet": "points", "points": points, "reason": "test"}
    if days is not None:
        body["expires_at"] = (NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%dT00:00:00Z")
    return client.post("/v1/adjustments", body, expect=201)


def redeem(client, member, points):
    body = {"member": {"id": member}, "wallet": "points", "points": points}
    return client.post("/v1/redemptions", body, expect=201)


def merge(client, into, source):
    return client.post("/v1/merges", {"into": {"id": into}, "from": {"id": source}}, expect=201)["id"]


def show(client, member):
    return client.get(f"/v1/members/{member}", expect=200)


def points_of(shown, code="points"):
    return next((wallet["balance"] for wallet in shown["wallets"] if wallet["code"] == code), 0)


def verified(client):
    job = client.wait_for_job(client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "done", job
    return job


def upload(client, text, **params):
    reply = client.post("/v1/imports", data=text.encode(), params=params, headers={"Content-Type": "text/csv"},
                        expect=202)
    job = client.wait_for_job(reply["job"])
    assert job["state"] == "done", job
    return job


def granted(client, member):
    return [(c["channel"], c["purpose"]) for c in show(client, member)["consents"] if c["state"] == "granted"]


def refuses_all(client, member):
    return [(c["channel"], c["state"]) for c in show(client, member)["consents"]] == [("*", "withdrawn")]


def erased_identifier(client, kind="external"):
    """The identifier of somebody who consented and was erased."""
    value = fresh(kind)
    member = register(client, identifiers=[{"kind": kind, "value": value}], consents=[GRANTED])
    client.delete(f"/v1/members/{member}", expect=204)
    return value


def by(client, kind, value):
    items = client.get("/v1/members", params={kind: value}, expect=200)["items"]
    return items[0]["id"] if items else None


# ---- erasure ----

@pytest.mark.parametrize("kind", ["external", "phone", "email", "card"])
def test_a_purchase_that_registers_somebody_erased_brings_no_consent(shop, kind):
    value = erased_identifier(shop, kind)
    bought = buy(shop, "5.00", member={kind: value})
    assert bought["registered"] is True and refuses_all(shop, bought["member"])
    shop.post(f"/v1/members/{bought['member']}/consents", {"consents": [{**GRANTED, "source": "import"}]}, expect=200)
    assert granted(shop, bought["member"]) == []
    shop.post(f"/v1/members/{bought['member']}/consents", {"consents": [{**GRANTED, "source": "desk"}]}, expect=200)
    assert granted(shop, bought["member"]) == [("email", "marketing")]
    shop.post(f"/v1/members/{bought['member']}/consents",
              {"consents": [{**GRANTED, "channel": "sms", "source": "import"}]}, expect=200)
    assert granted(shop, bought["member"]) == [("email", "marketing")]


def test_in_an_array_only_the_erased_are_refused_consent(shop):
    gone, new = erased_identifier(shop), fresh()
    bodies = [{"lines": [{"sku": "A", "amount": {"amount": "5.00", "currency": "USD"}}], "event_id": fresh(),
               "member": {"external": who}} for who in (gone, new, gone)]
    items = shop.post("/v1/purchases", bodies, expect=200).json
    items = items["items"] if isinstance(items, dict) else items
    assert [item["status"] for item in items] == [201, 201, 201]
    assert refuses_all(shop, by(shop, "external", gone))
    assert show(shop, by(shop, "external", new))["consents"] == []


def test_imports_bring_nobody_back_with_consent(shop):
    gone, again, new = erased_identifier(shop), erased_identifier(shop), fresh()
    upload(shop, f"customer,date,amount\n{gone},2026-01-01,5.00\n{new},2026-01-01,5.00\n", kind="purchases",
           register="true")
    upload(shop, f"external,name\n{again},Ann Again\n", kind="members")
    assert refuses_all(shop, by(shop, "external", gone)) and refuses_all(shop, by(shop, "external", again))
    assert show(shop, by(shop, "external", new))["consents"] == []


def test_an_identifier_of_somebody_erased_takes_consent_away(shop):
    value = erased_identifier(shop, "phone")
    member = register(shop, consents=[GRANTED])
    assert granted(shop, member) == [("email", "marketing")]
    shop.post(f"/v1/members/{member}/identifiers", {"kind": "phone", "value": value}, expect=201)
    assert ("*", "withdrawn") in [(c["channel"], c["state"]) for c in show(shop, member)["consents"]]
    other = register(shop)
    merge(shop, other, member)
    shop.post(f"/v1/members/{other}/consents", {"consents": [{**GRANTED, "source": "import"}]}, expect=200)
    assert granted(shop, other) == []


def test_after_an_erasure_nothing_personal_is_left_and_the_ledger_is_clean(shop):
    receipt = {"receipt": fresh(), "store": "S1", "till": "1", "at": "2026-11-01T10:00:00Z"}
    shop.put("/v1/event-kinds/looked", {"kept_days": 30, "properties": [{"name": "page", "type": "text"}]}, expect=200)
    member = register(shop, display_name="Forget Thisname", birthday="1980-02-03", tags=["vip"],
                      identifiers=[{"kind": "email", "value": fresh("email")}], consents=[GRANTED])
    path = f"/v1/members/{member}"
    buy(shop, "20.00", member={"id": member}, **receipt, properties={"table": "Thisname at 7"})
    buy(shop, "30.00", member={"id": member}, event_id=fresh())
    give(shop, member, 50)
    shop.post(f"{path}/notes", {"body": "Thisname sings"}, headers={"Idempotency-Key": fresh()}, expect=201)
    shop.post(f"{path}/preferences", {"topic": "tea", "value": "Thisname blend"}, expect=201)
    shop.patch(path, {"city": "Thisname-on-Sea"}, expect=200)
    look = {"kind": "looked", "member": {"id": member}, "properties": {"page": "Thisname.html"}, "event_id": fresh()}
    until = time.monotonic() + 10
    while shop.post("/v1/events", look).status != 201:
        assert time.monotonic() < until
        time.sleep(0.2)
    before = shop.get(f"{path}/export", expect=200)
    tables = before["members"][0]
    for table in ("profile", "identifier", "tag", "note", "preference", "consent", "consent_history", "detail", "trace",
                  "request", "audit", "lot", "movement", "purchase_line"):
        assert tables[table], table
    assert before.text.count("Thisname") >= 6

    shop.delete(path, expect=204)
    after = shop.get(f"{path}/export", expect=200)
    assert "Thisname" not in after.text and "1980" not in after.text
    for table in ("profile", "identifier", "tag", "note", "preference", "consent", "detail", "trace", "request"):
        assert after["members"][0][table] == [], table
    assert after["members"][0]["lot"] == tables["lot"]
    assert verified(shop)["counts"]["erased"] >= 1
    assert shop.get(path).code == shop.delete(path).code == "member.erased"
    assert shop.get(path).status == 404
    assert shop.post("/v1/events", {**look, "event_id": fresh()}, expect=404).code == "member.erased"
    assert buy(shop, "5.00", expect=404, member={"id": member}).code == "member.erased"
    known = buy(shop, "20.00", expect=409, **{**receipt, "event_id": fresh()})
    assert known.code == "receipt.known", known
    shown = shop.get("/v1/members", params={"q": "thisname"}, expect=200)
    assert shown["items"] == []


def test_the_last_of_a_household_takes_it_along(shop):
    first, second = register(shop), register(shop)
    household = shop.post("/v1/households", {"member": first}, expect=201)["id"]
    shop.post(f"/v1/households/{household}/members", {"member": second}, expect=204)
    shop.delete(f"/v1/members/{first}", expect=204)
    assert shop.get(f"/v1/households/{household}", expect=200)["members"] == [second]
    shop.delete(f"/v1/members/{second}", expect=204)
    assert shop.get(f"/v1/households/{household}", expect=404).code == "household.unknown"


# ---- merging ----

@pytest.mark.parametrize("soonest, other, spent, left", [(100, 50, 120, (0, 30)), (80, 70, 30, (50, 70)),
                                                         (10, 200, 210, (0, 0))])
def test_what_was_spent_while_merged_stays_drawn_until_it_is_undone(shop, soonest, other, spent, left):
    a, b = register(shop), register(shop)
    give(shop, a, soonest, 30)
    give(shop, b, other, 60)
    merged = merge(shop, a, b)
    redemption = redeem(shop, b, spent)["id"]
    preview = shop.get(f"/v1/merges/{merged}", expect=200)
    assert (points_of(preview["staying"]), points_of(preview["leaving"])) == left
    assert (preview["staying"]["member"], preview["leaving"]["member"]) == (a, b)
    shop.delete(f"/v1/merges/{merged}", expect=204)
    assert (points_of(show(shop, a)), points_of(show(shop, b))) == left
    shop.post(f"/v1/redemptions/{redemption}/reversals", {}, expect=201)
    assert (points_of(show(shop, a)), points_of(show(shop, b))) == (soonest, other)


def test_later_events_and_their_returns_stay_with_the_identifier_used(shop):
    card = fresh("card")
    a, b = register(shop), register(shop, identifiers=[{"kind": "card", "value": card}])
    merged = merge(shop, a, b)
    bought = buy(shop, "500.00", member={"card": card})
    buy(shop, "200.00", member={"id": a})
    assert points_of(show(shop, a)) == points_of(show(shop, b)) == 70
    shop.delete(f"/v1/merges/{merged}", expect=204)
    shown = show(shop, a), show(shop, b)
    assert [points_of(one) for one in shown] == [20, 50]
    assert [one["standing"]["spend"]["amount"] for one in shown] == ["200.00", "500.00"]
    assert [one["standing"]["purchases"] for one in shown] == [1, 1]
    shop.post(f"/v1/purchases/{bought['id']}/returns", {"event_id": fresh()}, expect=201)
    assert [points_of(show(shop, one)) for one in (a, b)] == [20, 0]
    assert [e["kind"] for e in shop.all(f"/v1/members/{b}/timeline")][:1] == ["return"]
    verified(shop)


def test_the_tier_of_several_is_told_from_their_shares(shop):
    a, b, c = register(shop), register(shop), register(shop)
    buy(shop, "6000.00", member={"id": a})
    buy(shop, "5000.00", member={"id": b})
    buy(shop, "100.00", member={"id": c})
    assert {show(shop, one)["tier"]["code"] for one in (a, b, c)} == {"member"}
    first = merge(shop, a, b)
    together = show(shop, a)["tier"]
    assert together["code"] == "gold" and together["qualifying"] == 11000
    second = merge(shop, a, c)
    preview = shop.get(f"/v1/merges/{second}", expect=200)
    assert preview["staying"]["tier"]["code"] == "gold" and preview["leaving"]["tier"]["code"] == "member"
    assert set(preview["staying"]["members"]) == {a, b} and preview["leaving"]["members"] == [c]
    shop.delete(f"/v1/merges/{second}", expect=204)
    assert show(shop, b)["tier"] == together and show(shop, c)["tier"]["code"] == "member"
    shop.delete(f"/v1/merges/{first}", expect=204)
    assert [show(shop, one)["tier"]["code"] for one in (a, b)] == ["member", "member"]


def test_a_tier_that_one_had_goes_back_with_it(shop):
    a, b = register(shop), register(shop)
    buy(shop, "12000.00", member={"id": b})
    merged = merge(shop, a, b)
    assert show(shop, a)["tier"]["code"] == "gold"
    shop.delete(f"/v1/merges/{merged}", expect=204)
    assert [show(shop, one)["tier"]["code"] for one in (a, b)] == ["member", "gold"]


def test_a_merged_person_returns_to_its_household_while_there_is_room(shop):
    a, b = register(shop), register(shop)
    household = shop.post("/v1/households", {"member": a}, expect=201)["id"]
    path = f"/v1/households/{household}"
    shop.post(f"{path}/members", {"member": b}, expect=204)
    merged = merge(shop, a, b)
    assert shop.get(path, expect=200)["members"] == [a]
    shop.delete(f"/v1/merges/{merged}", expect=204)
    assert set(shop.get(path, expect=200)["members"]) == {a, b}
    merged = merge(shop, a, b)
    for _ in range(15):
        shop.post(f"{path}/members", {"member": register(shop)}, expect=204)
    shop.delete(f"/v1/merges/{merged}", expect=204)
    assert len(shop.get(path, expect=200)["members"]) == 16 and show(shop, b)["household"] is None


# ---- households ----

def at_once(calls):
    replies = [None] * len(calls)

    def run(index):
        replies[index] = calls[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


@pytest.mark.parametrize("pooled", [False, True])
def test_thirty_at_once_fill_a_household_and_no_more(shop, pooled):
    founder = register(shop)
    household = shop.post("/v1/households", {"member": founder, "pooled": pooled}, expect=201)["id"]
    path = f"/v1/households/{household}"
    members = [register(shop) for _ in range(30)]
    replies = at_once([lambda m=member: shop.post(f"{path}/members", {"member": m}) for member in members])
    statuses = [reply.status for reply in replies]
    assert statuses.count(204) == 15 and statuses.count(422) == 15, [r.text for r in replies if r.status == 503]
    assert len(shop.get(path, expect=200)["members"]) == 16
    assert sum(show(shop, member)["household"] == household for member in members) == 15


def test_a_household_that_is_left_and_joined_at_once_stays_whole(shop):
    for _ in range(8):
        founder, joining = register(shop), register(shop)
        household = shop.post("/v1/households", {"member": founder}, expect=201)["id"]
        path = f"/v1/households/{household}"
        at_once([lambda: shop.delete(f"{path}/members/{founder}"),
                 lambda: shop.post(f"{path}/members", {"member": joining})])
        inside = [one for one in (founder, joining) if show(shop, one)["household"] == household]
        reply = shop.get(path)
        assert (reply["members"] if reply.status == 200 else []) == inside


# ---- finding and fields ----

def test_members_of_a_tier_are_found_over_pages_once(shop):
    member = register(shop)
    buy(shop, "11000.00", member={"id": member})
    for query, wanted in (({"tier": "gold"}, "gold"), ({"stage": "new"}, None)):
        found, after = [], None
        while True:
            page = shop.get("/v1/members", params={**query, "limit": 2, **({"after": after} if after else {})}, expect=200)
            assert all(wanted is None or one["tier"]["code"] == wanted for one in page["items"])
            found += [one["id"] for one in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert member in found and len(found) == len(set(found))


def test_a_search_pages_over_everybody_once(shop):
    name = f"Quorra{RUN}"
    members = {register(shop, display_name=f"{name} {name}{i}") for i in range(7)}
    found, after = [], None
    while True:
        page = shop.get("/v1/members", params={"q": name, "limit": 3, **({"after": after} if after else {})}, expect=200)
        found += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(found) == 7 and set(found) == members


@pytest.mark.parametrize("kind, good, bad", [
    ("text", "左撇子", 7), ("integer", 42, "42"), ("decimal", "12.90", "twelve"), ("boolean", True, "yes"),
    ("day", "2026-02-28", "2026-02-30"), ("instant", "2026-02-28T10:00:00Z", "yesterday"), ("choice", "M", "XL")])
def test_a_custom_field_of_each_type_takes_what_fits(shop, kind, good, bad):
    code = f"f_{kind}_{next(COUNTER)}"
    body = {"type": kind, "choices": ["S", "M"]} if kind == "choice" else {"type": kind}
    shop.put(f"/v1/custom-fields/{code}", body, expect=200)
    member = register(shop, custom={code: good})
    assert show(shop, member)["custom"] == {code: good}
    assert shop.patch(f"/v1/members/{member}", {"custom": {code: bad}}, expect=422).code == "custom.type"
    shop.delete(f"/v1/custom-fields/{code}", expect=204)


def test_a_preference_card_says_how_and_when_it_is_known(shop):
    member = register(shop)
    path = f"/v1/members/{member}/preferences"
    for known, at in (("inferred", "2026-01-01T00:00:00Z"), ("observed", "2026-02-01T00:00:00Z"),
                      ("told", "2026-03-01T00:00:00Z")):
        shop.post(path, {"topic": "pillow", "value": "hard", "liking": "dislikes", "known": known, "confirmed_at": at},
                  expect=201)
        card = show(shop, member)["preferences"]
        assert [(p["liking"], p["known"], p["confirmed_at"]) for p in card] == [("dislikes", known, at)]
    assert shop.post(path, {"topic": "pillow", "value": "hard", "known": "inferred"}, expect=409).code == "preference.certain"


# ---- exports ----

def test_every_table_is_exported(shop):
    member = register(shop, display_name="=1+1", tags=["t"], consents=[GRANTED])
    shop.post(f"/v1/members/{member}/notes", {"body": "@note"}, expect=201)
    other = register(shop)
    household = shop.post("/v1/households", {"member": member, "pooled": True}, expect=201)["id"]
    shop.post(f"/v1/households/{household}/members", {"member": other}, expect=204)
    merge(shop, member, register(shop))
    give(shop, member, 10)
    tables = {}
    for table in ("members", "identifiers", "purchases", "lines", "movements", "lots", "wallets", "holds", "journal",
                  "consents", "tags", "notes", "preferences", "fields", "items", "stores", "channels", "households"):
        for kind in ("csv", "jsonl", "xlsx"):
            job = shop.wait_for_job(shop.post("/v1/exports", {"table": table, "format": kind}, expect=202)["job"])
            assert job["state"] == "done", (table, kind, job)
            reply = shop.get(f"/v1/exports/{job['id']}/file", expect=200)
            if kind == "csv":
                tables[table] = list(csv.DictReader(io.StringIO(reply.content.decode())))
    assert any(row["display_name"] == "'=1+1" for row in tables["members"])
    assert any(row["body"] == "'@note" for row in tables["notes"])
    assert any(row["pooled"] == "yes" for row in tables["households"])


def exported(client, table):
    job = client.wait_for_job(client.post("/v1/exports", {"table": table, "format": "csv"}, expect=202)["job"])
    return client.get(f"/v1/exports/{job['id']}/file", expect=200).content


def test_both_engines_export_the_same_bytes_after_merges_households_and_erasures(servers):
    """What was decided at the time of the test is left out: the journal's times."""
    sales = "customer,date,receipt,store,sku,amount\n" + "".join(
        f"same-{i % 12},2026-02-{1 + i % 28:02} 09:{i % 60:02},r{i},S{i % 2},A{i % 5},{20 + 7 * i}.00\n" for i in range(60))
    files = {}
    for engine in ENGINES:
        server = servers.start(engine)
        client = server.client
        upload(client, sales, kind="purchases", register="true")
        ids = [by(client, "external", f"same-{i}") for i in range(12)]
        merge(client, ids[0], ids[1])
        merge(client, ids[2], ids[0])
        merge(client, ids[3], ids[4])
        client.post("/v1/unmerges", {"member": {"id": ids[4]}}, expect=200)
        household = client.post("/v1/households", {"member": ids[5], "pooled": True}, expect=201)["id"]
        for i in (6, 7):
            client.post(f"/v1/households/{household}/members", {"member": ids[i]}, expect=204)
        for i in (7, 8):
            client.delete(f"/v1/members/{ids[i]}", expect=204)
        verified(client)
        for table in ("members", "identifiers", "purchases", "lines", "movements", "lots", "wallets", "consents",
                      "households", "fields", "tags"):
            files.setdefault(table, []).append(exported(client, table))
        journal = csv.DictReader(io.StringIO(exported(client, "journal").decode()))
        files.setdefault("journal", []).append(
            sorted([row["member"], row["kind"], row["receipt"], row["amount"]] for row in journal))
        server.close()
    for table, (first, second) in files.items():
        assert first == second, table
    assert b"external:same-5,external:same-6,yes" in files["households"][0]
