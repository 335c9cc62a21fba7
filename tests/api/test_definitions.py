"""Parts of the programme that are published one by one, and the draft of the programme itself, on both engines."""
import datetime
import json
import threading
import time

import pytest

import definitions
import patron

DOCUMENT = {
    "zone": "UTC", "currency": "USD", "wallets": [{"code": "points", "name": "Points"}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}],
}
STRICT = {**DOCUMENT, "review": "second_person"}
DRAFT = "/v1/programme/draft"


def ahead(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def wait_until(condition, seconds=12):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


# ---- the programme's own draft ----

def test_the_programme_has_a_draft_that_is_compared_published_and_rolled_back(fresh_server):
    client = fresh_server.client
    empty = client.get(DRAFT, expect=200)
    assert (empty["draft"], empty["revision"], empty["in_force"]["version"]) == (None, 0, 0)
    client.post(DRAFT + "/publication", {}, expect=409)
    client.post(DRAFT + "/submission", {}, expect=409)
    saved = client.put(DRAFT, {"document": DOCUMENT, "note": "first"}, expect=200)
    assert saved["draft"]["state"] == "draft" and saved["draft"]["document"] == DOCUMENT and saved["revision"] == 1
    assert saved.headers["ETag"] == '"v1"'
    stale = client.put(DRAFT, {"document": DOCUMENT}, headers={"If-Match": '"v7"'}, expect=412)
    assert stale.code == "definition.stale"
    wrong = client.put(DRAFT, {"document": {**DOCUMENT, "wallets": []}}, expect=422)
    assert wrong["field"] == "document.wallets"

    changed = {**DOCUMENT, "rules": [{"code": "base", "wallet": "points", "points": 2, "per": "1.00"}]}
    checked = client.put(DRAFT, {"document": changed, "validate": True}, expect=200)
    assert checked["draft"]["document"] == DOCUMENT and checked["conflicts"] == []
    published = client.post(DRAFT + "/publication", {"note": "start"}, expect=201)
    assert published["published"] == 1 and published["draft"] is None
    assert client.get("/v1/programme/versions/1", expect=200)["note"] == "start"

    client.put(DRAFT, {"document": changed}, expect=200)
    difference = client.get("/v1/programme/difference?from=1&to=draft", expect=200)
    assert difference["changes"] == [{"path": "rules[base].points", "before": 1, "after": 2}]
    client.get("/v1/programme/difference?from=9", expect=404)
    client.get("/v1/programme/difference?from=soon", expect=422)
    again = client.put(DRAFT, {"document": changed, "publish": True, "effective_at": ahead(3600)}, expect=200)
    assert again["published"] == 2
    wait_until(lambda: client.get(DRAFT, expect=200)["in_force"]["version"] == 1)
    assert client.get(DRAFT, expect=200)["next"]["version"] == 2

    back = client.post("/v1/programme/rollback", {"version": 1}, expect=200)
    assert back["draft"]["document"] == DOCUMENT
    client.post("/v1/programme/rollback", {"version": 9}, expect=404)
    client.delete(DRAFT, expect=204)
    client.delete(DRAFT, expect=409)
    client.put(DRAFT, {"document": DOCUMENT, "publish": True, "until": ahead(3600)}, expect=422)
    audit = {row["what"] for row in client.all("/v1/audit")}
    assert {"definition.saved", "definition.published", "definition.rolled_back", "definition.dropped"} <= audit


def test_a_programme_that_asks_for_a_second_person_is_not_published_by_one(fresh_server):
    client = fresh_server.client
    token = client.post("/v1/keys", {"name": "second", "scopes": ["programme.read", "programme.publish"]},
                        expect=201)["token"]
    second = client.as_key(token)
    client.put(DRAFT, {"document": STRICT, "publish": True}, expect=200)
    wait_until(lambda: client.get("/v1/programme", expect=200)["version"] == 1)

    assert client.post("/v1/programme/versions", {"document": DOCUMENT}, expect=409).code == "definition.review"
    client.post("/v1/programme/versions", {"document": DOCUMENT, "validate": True}, expect=200)
    assert client.put(DRAFT, {"document": DOCUMENT, "publish": True}, expect=409).code == "definition.review"
    client.put(DRAFT, {"document": DOCUMENT}, expect=200)
    assert second.put(DRAFT, {"document": DOCUMENT}, expect=403).code == "auth.forbidden"
    assert client.post(DRAFT + "/review", {"approve": True}, expect=409).code == "definition.state"
    client.post(DRAFT + "/submission", {"note": "please"}, expect=200)
    assert client.post(DRAFT + "/review", {"approve": True}, expect=403).code == "definition.own"
    refused = second.post(DRAFT + "/review", {"approve": False, "note": "too dear"}, expect=200)
    assert (refused["draft"]["state"], refused["draft"]["review_note"]) == ("refused", "too dear")
    assert client.post(DRAFT + "/publication", {}, expect=409).code == "definition.review"
    client.post(DRAFT + "/submission", {}, expect=200)
    assert second.post(DRAFT + "/review", {"approve": True}, expect=200)["draft"]["state"] == "approved"
    assert client.post(DRAFT + "/publication", {}, headers={"Idempotency-Key": "p1"}, expect=201)["published"] == 2
    assert client.post(DRAFT + "/publication", {}, headers={"Idempotency-Key": "p1"}, expect=201)["published"] == 2


def watch(client, until, samples):
    """(when asked, when answered, the version in force) again and again."""
    while time.time() < until:
        asked = time.time()
        version = client.get("/v1/programme", expect=200)["version"]
        samples.append((asked, time.time(), version))
        time.sleep(0.02)


def test_two_servers_on_one_database_switch_at_the_same_moment(patron_binary, fresh_server):
    with patron.Patron(patron_binary, database=fresh_server.database, folder=fresh_server.folder) as other:
        clients = [fresh_server.client, other.client.as_key(fresh_server.token)]
        clients[0].put(DRAFT, {"document": DOCUMENT, "publish": True}, expect=200)
        wait_until(lambda: all(client.get("/v1/programme", expect=200)["version"] == 1 for client in clients))
        published = clients[0].put(DRAFT, {"document": STRICT, "publish": True}, expect=200)
        moment = moment_of(published["next"]["from"])
        samples = [[], []]
        threads = [threading.Thread(target=watch, args=(client, moment + 1, samples[i]))
                   for i, client in enumerate(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for seen in samples:
        assert {version for _, answered, version in seen if answered < moment} == {1}
        assert {version for asked, _, version in seen if asked >= moment} == {2}


def test_a_programme_warns_of_parts_that_do_not_go_with_it(fresh_server):
    client = fresh_server.client
    series = {"name": "Fifty", "codes": {"kind": "unique", "prefix": "FIFTY"},
              "opens": {"points": 50, "wallet": "points"}}
    client.put("/v1/coupon-series/fifty", {"document": series, "publish": True}, expect=200)
    stars = {**DOCUMENT, "wallets": [{"code": "stars"}], "rules": []}
    warnings = client.put(DRAFT, {"document": stars, "validate": True}, expect=200)["warnings"]
    assert [warning for warning in warnings if warning.startswith("coupon_series 'fifty' (version 1)")]
    warnings = client.put(DRAFT, {"document": DOCUMENT, "validate": True}, expect=200)["warnings"]
    assert not [warning for warning in warnings if "fifty" in warning]


def test_what_a_document_names_has_to_be_published(fresh_server):
    client = fresh_server.client
    put = lambda path, document, **more: client.put(f"/v1/{path}", {"document": document, "publish": True, **more})

    def refused(path, document, field, sentence):
        reply = put(path, document)
        assert (reply.status, reply.code, reply["field"]) == (422, "definition.reference", "document." + field), reply
        assert reply["detail"].startswith(sentence), reply["detail"]
        plain = client.put(f"/v1/{path}", {"document": document, "validate": True}, expect=200)
        assert [one for one in plain["warnings"] if one.startswith(f"{field}: {sentence}")]
        client.put(f"/v1/{path}", {"document": document}, expect=200)  # a draft may name what comes later
        assert client.post(f"/v1/{path}/publication", {}, expect=422).code == "definition.reference"

    free = {"name": "Spa"}
    assert put("benefits/spa-day", free)["published"] == 1
    assert put("coupon-series/voucher", {"name": "V", "codes": {"kind": "unique"}})["published"] == 1
    later = ahead(86400)
    assert put("benefits/soon", free, until=later).status == 200
    steps = [{"code": "one", "count": "events", "target": 1}]
    price = {"points": 1}
    refused("rewards/spa", {"name": "R", "price": price, "gives": {"benefit": "spa-dai"}}, "gives.benefit",
            "there is no benefit 'spa-dai' that is published for that time; did you mean 'spa-day'?")
    refused("rewards/voucher", {"name": "R", "price": price, "gives": {"coupon": "vouchers"}}, "gives.coupon",
            "there is no coupon series 'vouchers' that is published for that time; did you mean 'voucher'?")
    refused("badges/star", {"name": "S", "grants": {"benefit": "moon"}}, "grants.benefit", "there is no benefit 'moon'")
    refused("challenges/c", {"name": "C", "steps": steps, "reward": {"badge": "star"}}, "reward.badge", "there is no badge 'star'")
    refused("challenges/d", {"name": "C", "steps": steps, "reward": {"benefit": "sun"}}, "reward.benefit", "there is no benefit 'sun'")
    refused("challenges/e", {"name": "C", "steps": steps, "reward": {"coupon": "w"}}, "reward.coupon", "there is no coupon series 'w'")
    for gift, kind in (("offer", "offer"), ("reward", "reward"), ("entitlement", "benefit")):
        refused(f"coupon-series/{gift}", {"name": "S", "opens": {gift: "none-such"}}, f"opens.{gift}", f"there is no {kind} 'none-such'")
    refused("memberships/plus", {"name": "P", "fee": "1.00", "term": {"days": 7}, "benefits": ["spa-day", "sauna"]}, "benefits[1]",
            "there is no benefit 'sauna'")
    reply = client.put("/v1/benefits/twice", {"document": {"name": "T", "effect": {
        "kind": "multiplier", "factor": "2", "wallet": "point"}}}, expect=422)
    assert (reply["field"], reply["detail"]) == ("document.effect.wallet", "there is no points account 'point'; did you mean 'points'?")

    # Over when the reward begins: not published for that time.
    late = {"name": "R", "price": price, "gives": {"benefit": "soon"}}
    assert put("rewards/late", late, effective_at=ahead(2 * 86400)).code == "definition.reference"
    assert put("rewards/late", late)["published"] == 1
    # An offer may name a series that comes after it, because the series names the offer.
    offer = put("offers/ten", {"name": "Ten", "discount": {"kind": "percentage", "percent": 10}, "coupon": "ten"})
    assert (offer.status, len(offer["warnings"])) == (200, 1)
    assert put("coupon-series/ten", {"name": "Ten", "opens": {"offer": "ten"}}).status == 200


def test_what_others_name_is_withdrawn_only_by_saying_so(fresh_server):
    client = fresh_server.client
    for path, document in (("benefits/spa", {"name": "Spa"}), ("badges/star", {"name": "S", "grants": {"benefit": "spa"}}),
                           ("rewards/spa", {"name": "R", "price": {"points": 1}, "gives": {"benefit": "spa"}})):
        client.put(f"/v1/{path}", {"document": document, "publish": True}, expect=200)
    namers = [("badge", "star", 1, "grants.benefit"), ("reward", "spa", 1, "gives.benefit")]
    told = lambda reply: [(one["kind"], one["code"], one["version"], one["field"]) for one in reply["named_by"]]
    assert told(client.get("/v1/benefits/spa", expect=200)) == namers
    assert told(client.get("/v1/badges/star", expect=200)) == []
    reply = client.post("/v1/benefits/spa/withdrawal", {}, expect=409)
    assert reply.code == "definition.named"
    assert "badge 'star' (grants.benefit), reward 'spa' (gives.benefit);" in reply["detail"]
    assert client.get("/v1/benefits/spa", expect=200)["next"]["version"] == 1
    # One of two versions goes: something of that code stays. Then those that name it go first.
    client.put("/v1/benefits/spa", {"document": {"name": "Spa II"}, "publish": True, "effective_at": ahead(3600)}, expect=200)
    client.post("/v1/benefits/spa/withdrawal", {"version": 2}, expect=200)
    client.post("/v1/rewards/spa/withdrawal", {}, expect=200)
    assert "reward" not in client.post("/v1/benefits/spa/withdrawal", {}, expect=409)["detail"]
    assert told(client.post("/v1/benefits/spa/withdrawal", {"anyway": True}, expect=200)) == namers[:1]


def test_offers_that_contradict_each_other_are_reported(fresh_server):
    client = fresh_server.client
    assert client.get("/v1/definitions/conflicts", expect=200)["items"] == []
    tenth = {"name": "A tenth off", "discount": {"kind": "percentage", "percent": 10}, "exclusive": True}
    assert client.put("/v1/offers/tenth", {"document": tenth, "publish": True}, expect=200)["conflicts"] == []
    fifth = client.put("/v1/offers/fifth", {"document": {**tenth, "name": "A fifth off"}}, expect=200)
    assert [(one["code"], one["version"]) for one in fifth["conflicts"]] == [("tenth", 1)]
    client.put("/v1/offers/later", {"document": tenth, "publish": True, "effective_at": ahead(3600)}, expect=200)
    pairs = {(one["kind"], one["one"]["code"], one["other"]["code"])
             for one in client.get("/v1/definitions/conflicts", expect=200)["items"]}
    assert len(pairs) == 3 and {kind for kind, _, _ in pairs} == {"offer"}


# ---- the whole programme as one file ----

def send(client, lines, query="", expect=200, **headers):
    body = "".join(json.dumps(line) + "\n" for line in lines)
    return client.post("/v1/definitions/file" + query, data=body.encode(), expect=expect,
                       headers={"Content-Type": "application/x-ndjson", **headers})


def test_the_programme_moves_from_one_server_to_another(fresh_server, servers):
    client = fresh_server.client
    parts = [{"kind": plural, "code": "moved", "document": document} for plural, _, document, _ in definitions.KINDS]
    lines = [{"kind": "programme", "document": DOCUMENT}] + parts
    checked = send(client, lines, "?check=true")
    assert checked["published"] == len(lines) and client.get(DRAFT, expect=200)["revision"] == 0
    drafts = send(client, lines, "?drafts=true")
    assert (drafts["drafts"], drafts["published"]) == (len(lines), 0)
    done = send(client, lines, **{"Idempotency-Key": "move"})
    assert done["published"] == len(lines)
    assert send(client, lines, **{"Idempotency-Key": "move"}).json == done.json
    wait_until(lambda: time.time() > moment_of(done["effective_at"]))
    assert client.get("/v1/programme", expect=200)["version"] == 1
    for plural, _, document, _ in definitions.KINDS:
        wait_until(lambda: client.get(f"/v1/{plural}/moved", expect=200)["in_force"] is not None)
        assert client.get(f"/v1/{plural}/moved", expect=200)["in_force"]["document"] == document

    assert send(client, lines)["unchanged"] == len(lines)
    exported = client.get("/v1/definitions/file", expect=200)
    documents = [json.loads(line)["document"] for line in exported.text.splitlines()]
    assert sorted(map(json.dumps, documents)) == sorted(json.dumps(line["document"]) for line in lines)
    with servers.start("sqlite") as other:
        assert send(other.client, [json.loads(line) for line in exported.text.splitlines()])["published"] == len(lines)


@pytest.mark.parametrize("line,field", [
    ({"kind": "programme"}, None), ({"kind": "sorcery", "code": "a", "document": {}}, "kind"),
    ({"kind": "programme", "document": DOCUMENT, "when": 1}, "when"),
    ({"kind": "programme", "document": {**DOCUMENT, "wallets": []}}, "document.wallets"),
    ({"kind": "programme", "document": DOCUMENT, "effective_at": "soon"}, "effective_at")])
def test_a_file_with_a_wrong_line_changes_nothing(client, line, field):
    before = client.get(DRAFT, expect=200).json
    refused = send(client, [{"kind": "programme", "document": DOCUMENT, "draft": True}, line], expect=422)
    assert refused["detail"].startswith("line 2: ") and refused.json.get("field") == field
    assert client.get(DRAFT, expect=200).json == before


def test_a_line_may_name_what_another_line_of_the_file_publishes(fresh_server):
    client = fresh_server.client
    badge = {"kind": "badge", "code": "star", "document": {"name": "S", "grants": {"benefit": "spa"}}}
    spa = {"kind": "benefit", "code": "spa", "document": {"name": "Spa"}}
    for query in ("?check=true", ""):
        for lines in ([spa, badge, {**badge, "code": "moon", "document": {"name": "M", "grants": {"benefit": "spar"}}}],
                      [badge], [badge, {**spa, "draft": True}]):
            refused = send(client, lines, query, expect=422)
            assert (refused.code, refused["field"]) == ("definition.reference", "document.grants.benefit")
            assert refused["detail"].startswith(f"line {3 if len(lines) == 3 else 1}: there is no benefit 'spa")
        assert send(client, [badge, spa], query)["published"] == 2
    send(client, [badge, spa], "?drafts=true")


# ---- each kind ----

def walk(client, plural):
    """The whole life of a definition; gives what has to come true with time before it goes on."""
    document, changed = definitions.DOCUMENTS[plural]
    path = f"/v1/{plural}/walk"
    client.get(path, expect=404)
    checked = client.put(path, {"document": document, "validate": True}, expect=200)
    assert (checked["revision"], checked["draft"]) == (0, None)
    wrong = client.put(path, {"document": {**document, "no_such_field": 1}}, expect=422)
    assert wrong["field"] == "document.no_such_field"
    saved = client.put(path, {"document": document, "note": "first"}, expect=200)
    assert (saved["state"], saved["draft"]["state"], saved["draft"]["document"]) == ("draft", "draft", document)
    client.put(path, {"document": document}, headers={"If-Match": '"v9"'}, expect=412)
    assert "walk" in [row["code"] for row in client.all(f"/v1/{plural}", state="draft")]

    client.post(path + "/submission", {}, expect=200)
    assert client.post(path + "/review", {"approve": True}, expect=403).code == "definition.own"
    published = client.post(path + "/publication", {}, headers={"Idempotency-Key": f"walk-{plural}"}, expect=201)
    assert (published["published"], published["state"], published["draft"]) == (1, "scheduled", None)
    yield lambda: client.get(path, expect=200)["state"] == "in_force"
    assert client.get(path, expect=200)["in_force"]["document"] == document

    client.put(path, {"document": changed, "publish": True, "effective_at": ahead(3600)}, expect=200)
    assert client.get(path + "/difference?from=1&to=2", expect=200)["changes"]
    assert client.get(path + "/difference?from=in_force&to=1", expect=200)["changes"] == []
    assert [version["version"] for version in client.all(path + "/versions", limit=1)] == [2, 1]
    assert client.get(path + "/versions/2", expect=200)["document"] == changed
    client.get(path + "/versions/3", expect=404)

    client.post(path + "/withdrawal", {"version": 2, "note": "not now"}, expect=200)
    assert client.get(path, expect=200)["next"] is None
    ended = client.post(path + "/withdrawal", {}, expect=200)
    assert ended["in_force"]["until"] is not None
    yield lambda: client.get(path, expect=200)["state"] == "withdrawn"
    assert "walk" in [row["code"] for row in client.all(f"/v1/{plural}", state="withdrawn")]
    back = client.post(path + "/rollback", {"version": 2}, expect=200)
    assert back["draft"]["document"] == changed
    client.delete(path, expect=204)
    assert client.get(path, expect=200)["draft"] is None


def test_definitions_of_each_kind_are_drafted_published_compared_and_withdrawn(client):
    walks = [walk(client, plural) for plural in definitions.PLURALS]
    while walks:  # all wait at the same time
        waiting = [(one, next(one, None)) for one in walks]
        walks = [one for one, condition in waiting if condition]
        for _, condition in waiting:
            if condition:
                wait_until(condition)


@pytest.mark.parametrize("plural", definitions.PLURALS)
def test_who_drafts_need_not_be_allowed_to_publish(client, plural):
    document, _ = definitions.DOCUMENTS[plural]
    token = client.post("/v1/keys", {"name": f"drafts {plural}", "scopes": ["programme.read", "programme.draft"]},
                        expect=201)["token"]
    drafts = client.as_key(token)
    drafts.put(f"/v1/{plural}/drafted", {"document": document}, expect=200)
    drafts.post(f"/v1/{plural}/drafted/submission", {}, expect=200)
    drafts.put(f"/v1/{plural}/drafted", {"document": document, "publish": True}, expect=403)
    drafts.post(f"/v1/{plural}/drafted/publication", {}, expect=403)
    assert client.post(f"/v1/{plural}/drafted/review", {"approve": True}, expect=200)["draft"]["state"] == "approved"
    drafts.delete(f"/v1/{plural}/drafted", expect=204)
    drafts.get(f"/v1/{plural}/drafted", expect=404)
