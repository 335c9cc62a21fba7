"""What is advertised: feeds, their versions, the proof, the widget; and what was shown is honoured. On both engines.

The clock of the server stands on 1 March 2027 and is moved: the tests of a server follow each other.
"""
import base64
import datetime
import hashlib
import re
import time

import pytest
import requests

import definitions
import patron
from conftest import ENGINES

TITLE = "Ten <b>off</b> & \"more\""
OFFERS = {
    "spring": {"name": "Ten off from fifty", "discount": {"kind": "amount", "amount": "10.00"},
               "minimum": {"spend": "50.00"}, "schedule": {"ends_at": "2027-03-01T12:00:00Z"},
               "advertised": {"channels": ["web", "till"], "texts": {
                   "en": {"title": TITLE, "text": "From <script>fifty</script>", "link": "https://shop.example/?a=1&b=2",
                          "picture": "https://shop.example/ten.png"},
                   "zh-CN": {"title": "满五十减十"}}}},
    "first": {"name": "Half, once", "discount": {"kind": "percentage", "percent": 50}, "items": {"skus": ["lamp"]},
              "limits": {"uses": 1}, "schedule": {"ends_at": "2027-03-01T12:00:00Z"},
              "advertised": {"channels": ["window"], "texts": {"en": {"title": "Half"}}}},
    "hour": {"name": "Happy hour", "discount": {"kind": "percentage", "percent": 20}, "items": {"skus": ["tea"]},
             "schedule": {"hours": [{"from": "11:00", "until": "12:00"}]},
             "advertised": {"channels": ["window"], "texts": {"en": {"title": "Happy hour"}}}},
    "quiet": {"name": "Not shown", "discount": {"kind": "percentage", "percent": 1}, "codes": ["Q"]},
}
REWARDS = {"mug": {"name": "Mug", "price": {"points": 120}, "advertised": {
    "channels": ["web"], "from": "2027-03-01T10:00:00Z", "texts": {"en": {"title": "A mug"}}}}}
OTHERS = {"challenges": {"name": "Ten", "steps": [{"code": "cups", "count": "quantity", "target": 10}],
                         "window": {"kind": "fixed", "starts_at": "2027-02-01T00:00:00Z", "ends_at": "2027-03-31T00:00:00Z"}},
          "memberships": {"name": "Plus", "fee": "99.00", "term": {"months": 12}}}
PROGRAMME = {"zone": "UTC", "currency": "USD",
             "wallets": [{"code": "points", "name": "Points"}],
             "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}],
             "promise_grace_minutes": 60,
             "feeds": [{"channel": "web", "public": True, "frames": ["https://shop.example"]}]}


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param, environment=patron.clock_at(moment("2027-03-01T09:00:00Z")))
    server.client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)
    for plural, document in OTHERS.items():
        server.client.put(f"/v1/{plural}/other", {"document": {**document, "advertised": {
            "channels": ["app"], "texts": {"en": {"title": plural}}}}, "publish": True}, expect=200)
    definitions.publish(server.client, "offers", OFFERS)
    definitions.publish(server.client, "rewards", REWARDS)
    yield server
    server.close()


def move(shop, text):
    """The server again, at another time."""
    assert shop.stop() == 0
    shop.environment.update(patron.clock_at(moment(text)))
    shop.start()
    return shop.client


def codes(feed):
    return [item["code"] for item in feed["items"]]


def test_the_feed_tells_what_is_shown_and_in_which_words(shop):
    client = shop.client
    feed = client.get("/v1/feeds/web", expect=200)
    assert codes(feed) == ["spring"] and feed["until"] == "2027-03-01T10:00:00Z"  # then the mug
    assert feed["items"][0] == {
        "kind": "offer", "code": "spring", "version": 1, "from": feed["from"], "until": "2027-03-01T12:00:00Z",
        "language": "en", "title": TITLE, "text": "From <script>fifty</script>", "link": "https://shop.example/?a=1&b=2",
        "picture": "https://shop.example/ten.png",
        "terms": {"minimum_spend": {"amount": "50.00", "currency": "USD"}, "until": "2027-03-01T12:00:00Z"}}
    chinese = client.get("/v1/feeds/web", params={"language": "zh-TW"}, expect=200)["items"][0]
    assert (chinese["language"], chinese["title"]) == ("zh-CN", "满五十减十")
    assert client.get("/v1/feeds/door", expect=200)["items"] == []
    assert client.get("/v1/feeds/web", params={"language": "fr"}, expect=422).code == "json.choice"


def test_every_kind_that_says_so_is_shown(shop):
    items = shop.client.get("/v1/feeds/app", expect=200)["items"]
    assert [(i["kind"], i["title"], i["until"]) for i in items] == [
        ("challenge", "challenges", "2027-03-31T00:00:00Z"), ("membership", "memberships", None)]


def test_a_feed_that_is_known_is_not_sent_again(shop):
    first = shop.client.get("/v1/feeds/web", expect=200)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = shop.client.get("/v1/feeds/web", headers={"If-None-Match": first.headers["ETag"]}, expect=304)
    assert again.content == b"" and again.headers["ETag"] == first.headers["ETag"]
    other = shop.client.get("/v1/feeds/web", params={"language": "zh-CN"}, headers={"If-None-Match": first.headers["ETag"]})
    assert other.status == 200 and other.headers["ETag"] != first.headers["ETag"]


def test_only_a_public_feed_is_read_without_a_key(shop):
    nobody = shop.client.as_key(None)
    reply = nobody.get("/v1/feeds/web", expect=200)
    assert reply.headers["Access-Control-Allow-Origin"] == "*" and "Set-Cookie" not in reply.headers
    assert nobody.get("/v1/feeds/till", expect=401).code == "auth.required"
    assert nobody.get("/v1/feeds/till/widget.html", expect=401).code == "auth.required"
    assert nobody.get("/v1/feeds/till/widget.js", expect=401).code == "auth.required"
    assert nobody.get("/v1/feeds/web", params={"at": "2027-03-01T10:00:00Z"}, expect=401).code == "auth.required"
    for path in ("versions", "proof?item=spring&at=2027-03-01T09:00:00Z"):
        assert nobody.get(f"/v1/feeds/web/{path}", expect=401).code == "auth.required"
    kept = shop.client.get("/v1/feeds/till", expect=200)
    assert kept.headers["Cache-Control"].startswith("private") and "Access-Control-Allow-Origin" not in kept.headers
    # A session that is over is no reason to refuse what anyone may read.
    stale = requests.get(shop.url + "/v1/feeds/web", cookies={"patron_session": "x" * 43}, timeout=10, verify=False)
    assert stale.status_code == 200
    assert shop.client.as_key("ptk_wrong").get("/v1/feeds/web", expect=401).code == "auth.token"


def test_the_widget_runs_nothing_and_shows_text_as_text(shop):
    nobody = shop.client.as_key(None)
    page = nobody.get("/v1/feeds/web/widget.html", expect=200)
    policy = page.headers["Content-Security-Policy"]
    style = re.search("<style>(.*?)</style>", page.text, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == ("default-src 'none'; img-src https:; style-src 'sha256-" + digest + "'; base-uri 'none'; "
                      "form-action 'none'; frame-ancestors https://shop.example")
    assert "Set-Cookie" not in page.headers and page.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in page.text and "<b>" not in page.text
    assert "Ten &lt;b&gt;off&lt;/b&gt; &amp; &quot;more&quot;" in page.text
    assert 'href="https://shop.example/?a=1&amp;b=2"' in page.text
    assert "from 50.00 USD · until 2027-03-01 12:00" in page.text
    assert "满 50.00 USD" in nobody.get("/v1/feeds/web/widget.html?language=zh-CN", expect=200).text
    kept = shop.client.get("/v1/feeds/till/widget.html", expect=200)
    assert "frame-ancestors 'none'" in kept.headers["Content-Security-Policy"]
    script = nobody.get("/v1/feeds/web/widget.js", expect=200)
    assert script.headers["Content-Type"].startswith("text/javascript") and "widget.html" in script.text


def test_what_is_advertised_is_checked_when_it_is_saved(shop):
    wrong = {**OFFERS["spring"], "advertised": {"channels": ["web"], "texts": {"en": {"title": "T", "link": "http://a"}}}}
    reply = shop.client.put("/v1/offers/wrong", {"document": wrong}, expect=422)
    assert reply["field"] == "document.advertised.texts.en.link"
    for broken in ({"channel": "web", "frames": ["https://a.example; script-src *"]}, {"channel": "a b"}):
        reply = shop.client.post("/v1/programme/versions", {"document": {**PROGRAMME, "feeds": [broken]}}, expect=422)
        assert reply["field"].startswith("document.feeds[0].")


def test_an_ended_offer_is_gone_at_that_second(shop):
    client = move(shop, "2027-03-01T11:59:56Z")
    feed = client.get("/v1/feeds/web", expect=200)
    assert codes(feed) == ["spring", "mug"]
    age = int(re.search(r"max-age=(\d+)", feed.headers["Cache-Control"])[1])
    assert age <= 3
    page = client.get("/v1/feeds/web/widget.html", expect=200).text
    assert 1 <= int(re.search('"refresh" content="([0-9]+)"', page)[1]) <= 4 and "Ten &lt;b&gt;" in page
    until, seen = time.monotonic() + 8, feed
    while "spring" in codes(seen):
        assert time.monotonic() < until
        feed, seen = seen, client.get("/v1/feeds/web", expect=200)
    # By the server's clock: before noon it was there, at noon it was not.
    assert moment(email_date(feed)) < moment("2027-03-01T12:00:01Z") and codes(seen) == ["mug"]
    assert moment(email_date(seen)) >= moment("2027-03-01T12:00:00Z") and seen["from"] == "2027-03-01T12:00:00Z"
    assert "Ten &lt;b&gt;" not in client.get("/v1/feeds/web/widget.html", expect=200).text
    assert seen.headers["ETag"] != feed.headers["ETag"]


def email_date(reply):
    stamp = datetime.datetime.strptime(reply.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")
    return stamp.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_versions_of_a_feed_are_kept_with_their_times(shop):
    client = shop.client
    versions = client.all("/v1/feeds/web/versions", limit=2)
    told = [(v["from"], v["until"], [(i["kind"], i["code"], i["version"]) for i in v["items"]]) for v in versions]
    started = versions[-1]["from"]
    assert told == [
        ("2027-03-01T12:00:00Z", None, [("reward", "mug", 1)]),
        ("2027-03-01T10:00:00Z", "2027-03-01T12:00:00Z", [("offer", "spring", 1), ("reward", "mug", 1)]),
        (started, "2027-03-01T10:00:00Z", [("offer", "spring", 1)])]
    some = client.get("/v1/feeds/web/versions", params={"from": "2027-03-01T11:00:00Z", "until": "2027-03-01T12:00:00Z"},
                      expect=200)["items"]
    assert [v["from"] for v in some] == ["2027-03-01T10:00:00Z"]


def prove(client, at, channel="web", item="spring", **more):
    return client.get(f"/v1/feeds/{channel}/proof", params={"item": item, "at": at, **more}, expect=200)


def test_the_proof_says_what_was_shown(shop):
    client = shop.client
    proof = prove(client, "2027-03-01T11:59:59.999Z", language="zh-CN")
    assert proof["shown"] and proof["as"]["title"] == "满五十减十" and proof["as"]["version"] == 1
    assert proof["as"]["until"] == "2027-03-01T12:00:00Z" and proof["honoured_until"] == "2027-03-01T13:00:00Z"
    ended = prove(client, "2027-03-01T12:00:00Z")
    assert not ended["shown"] and ended["before"]["until"] == "2027-03-01T12:00:00Z" and "as" not in ended.json
    assert prove(client, "2027-03-01T09:59:59Z", item="mug")["after"]["from"] == "2027-03-01T10:00:00Z"
    assert not prove(client, "2027-03-01T11:00:00Z", channel="till", item="mug")["shown"]
    assert not prove(client, "2027-03-01T11:00:00Z", item="quiet")["shown"]
    assert prove(client, "2027-03-01T11:00:00Z", kind="offer")["shown"]
    assert not prove(client, "2027-03-01T11:00:00Z", kind="reward")["shown"]
    assert client.get("/v1/feeds/web/proof?item=a&at=2027-03-01T11:00:00Z&kind=song", expect=422).code == "definition.kind"
    for at in ("2027-03-01T09:59:59Z", "2027-03-01T10:00:00Z", "2027-03-01T12:00:00Z", "2027-04-01T00:00:00Z"):
        feed = client.get("/v1/feeds/web", params={"at": at}, expect=200)
        for item in ("spring", "mug"):
            assert prove(client, at, item=item)["shown"] == (item in codes(feed))


# ---- what was shown is honoured ----

SEEN = {"offer": "spring", "channel": "web", "shown_at": "2027-03-01T11:58:00Z"}
LAMP = {"offer": "first", "channel": "window", "shown_at": "2027-03-01T11:00:00Z"}


def usd(text):
    return {"amount": text, "currency": "USD"}


def quote(client, *honours, amount="60.00", sku="rug", **more):
    return client.post("/v1/quotes", {"lines": [{"sku": sku, "amount": usd(amount)}], "honours": list(honours),
                                      "next": False, **more}, expect=201 if more.get("keep", True) else None)


def try_quote(client, *honours, **more):
    reply = quote(client, *honours, keep=False, **more)
    assert reply.status in (200, 201), reply
    return reply


def buy(client, number, *honours, amount="50.00", discount="10.00", expect=201, **more):
    line = {"sku": "rug", "quantity": 1, "amount": usd(amount), **({"discount": usd(discount)} if discount else {})}
    return client.post("/v1/purchases", {"receipt": f"H{number}", "store": "SH1", "lines": [line], "honours": list(honours), **more},
                       expect=expect)


def test_an_offer_that_ended_is_honoured_for_who_was_shown_it(shop):
    client = move(shop, "2027-03-01T12:10:00Z")
    assert try_quote(client)["total"] == usd("60.00")  # nobody else has it
    priced = try_quote(client, SEEN)
    assert priced["total"] == usd("50.00")
    assert [(o["offer"], o["version"], o["amount"], o["honours"]) for o in priced["offers"]] == [
        ("spring", 1, usd("10.00"), {"channel": "web", "shown_at": "2027-03-01T11:58:00Z"})]
    kept = quote(client, SEEN)
    sold = client.post("/v1/purchases", {"receipt": "Q1", "store": "SH1", "quote": kept["id"]}, expect=201)
    assert sold["honoured"] == [{**SEEN, "value": usd("10.00")}] and sold["amount"] == usd("50.00")
    reply = client.post("/v1/purchases", {"receipt": "Q2", "quote": kept["id"], "honours": [SEEN]}, expect=422)
    assert reply.code == "honour.in_quote"


def test_what_was_not_shown_is_not_honoured_and_says_so(shop):
    client = shop.client
    for wrong in ({"shown_at": "2027-03-01T12:00:00Z"}, {"channel": "app"}, {"offer": "quiet"}, {"offer": "none"},
                  {"shown_at": "2027-03-01T23:00:00Z"}):
        claim = {**SEEN, **wrong}
        priced = try_quote(client, claim)
        refused = [one for one in priced["not_applied"] if one.get("offer") == claim["offer"]]
        assert priced["total"] == usd("60.00") and [one["why"] for one in refused] == ["offer.not_shown"], wrong
        assert buy(client, 1, claim, expect=409).code == "offer.not_shown"
    short = try_quote(client, SEEN, amount="40.00")
    assert [(o["offer"], o["why"], o["missing"]) for o in short["not_applied"]] == [
        ("spring", "offer.minimum_spend", usd("10.00"))]


def test_a_purchase_without_a_quote_is_checked_too(shop):
    client = shop.client
    member = client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "F1"}]}, expect=201)["id"]
    sold = buy(client, 2, SEEN, member={"id": member})
    assert sold["honoured"] == [{**SEEN, "value": usd("10.00")}] and sold["earned"][0]["points"] == 50
    assert buy(client, 2, SEEN, member={"id": member}, expect=409).code == "receipt.known"
    assert buy(client, 3, SEEN, amount="39.00", expect=409).code == "offer.minimum_spend"  # 49.00 before it
    assert buy(client, 4, LAMP, expect=422).code == "honour.quote_needed"
    assert "honoured" not in buy(client, 5).json


def test_a_limited_offer_is_honoured_as_often_as_it_may(shop):
    client = shop.client
    kept = quote(client, LAMP, sku="lamp", reserve=True)
    assert kept["total"] == usd("30.00") and kept["offers"][0]["guaranteed"]
    other = quote(client, LAMP, sku="lamp")
    assert other["total"] == usd("60.00") and [o["why"] for o in other["not_applied"]] == ["offer.exhausted"]
    client.delete(f"/v1/quotes/{kept['id']}", expect=200)
    assert try_quote(client, LAMP, sku="lamp")["total"] == usd("30.00")
    settled = quote(client, LAMP, sku="lamp")
    sold = client.post("/v1/purchases", {"receipt": "L1", "store": "SH1", "quote": settled["id"]}, expect=201)
    assert sold["honoured"] == [{**LAMP, "value": usd("30.00")}]
    assert quote(client, LAMP, sku="lamp")["total"] == usd("60.00")
    client.post(f"/v1/purchases/{sold['id']}/returns", {"receipt": "L1R", "lines": [{"line": 1, "quantity": 1}]}, expect=201)  # gives the use back
    assert quote(client, LAMP, sku="lamp")["total"] == usd("30.00")


def test_an_hour_that_is_over_is_honoured_until_the_grace_ends(shop):
    client = shop.client
    hour = {"offer": "hour", "channel": "window", "shown_at": "2027-03-01T11:30:00Z"}
    assert try_quote(client, hour, sku="tea")["total"] == usd("48.00")
    at = try_quote(client, hour, sku="tea", at="2027-03-01T13:00:00Z")
    assert [(o["why"], o["would_have"]) for o in at["not_applied"]] == [("offer.not_now", usd("12.00"))]


def test_after_the_grace_it_is_over_and_tells_what_it_would_have_been(shop):
    client = shop.client
    last = try_quote(client, SEEN, at="2027-03-01T12:59:59.999Z")
    over = try_quote(client, SEEN, at="2027-03-01T13:00:00Z")
    assert last["total"] == usd("50.00") and over["total"] == usd("60.00")
    assert over["not_applied"] == [{"offer": "spring", "name": "Ten off from fifty", "why": "offer.ended", "sentence": "it is over",
                                    "ended_at": "2027-03-01T12:00:00Z", "would_have": usd("10.00")}]
    client = move(shop, "2027-03-01T13:00:00Z")
    refused = buy(client, 6, SEEN, expect=409)
    assert refused.code == "offer.ended" and refused["field"] == "honours[0]"
    assert "ended at 2027-03-01T12:00:00Z" in refused["detail"] and "10.00 USD" in refused["detail"]
    # What was sold in time is honoured, whenever the till sends it.
    assert buy(client, 7, SEEN, at="2027-03-01T12:30:00Z")["honoured"][0]["value"] == usd("10.00")
    job = client.wait_for_job(client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "done" and job["counts"].get("problems", 0) == 0


def test_the_proof_is_there_when_the_configuration_has_forgotten(shop):
    client = move(shop, "2028-09-01T00:00:00Z")
    assert prove(client, "2027-03-01T11:58:00Z")["as"]["title"] == TITLE
    assert [v["from"] for v in client.all("/v1/feeds/web/versions")][:2] == ["2027-03-01T12:00:00Z", "2027-03-01T10:00:00Z"]
    assert codes(client.get("/v1/feeds/web", expect=200)) == ["mug"]
