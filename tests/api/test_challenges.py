"""Challenges, stamp cards, streaks and badges, on both databases. What is expected was worked out by hand."""
import csv
import datetime
import io
import itertools
import random
import subprocess
import time
import uuid

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
DEFINITIONS = {
    "challenges": {
        "coffee": {"name": "Tenth coffee free", "repeat": 0, "reward": {"item": "Any coffee"}, "steps": [
            {"code": "cups", "name": "Cups", "count": "quantity", "target": 10, "lines": "line.category == 'coffee'"}]},
        "spend": {"name": "Spend 100 in a month", "window": {"kind": "calendar", "period": "year"}, "repeat": 2,
                  "when": "!('staff' in member.tags)", "reward": {"points": 50, "badge": "spender"},
                  "steps": [{"code": "spend", "count": "amount", "target": "100.00"}]},
        "stores": {"name": "3 stores in 30 days", "window": {"kind": "sliding", "days": 30}, "late_days": 3650, "reward": {"points": 7},
                   "steps": [{"code": "stores", "count": "distinct", "of": "store", "target": 3,
                              "when": "event.channel == 'tour'"}]},
        "weeks": {"name": "Three weeks in a row", "reward": {"points": 30},
                  "steps": [{"code": "weeks", "event": "visit", "count": "streak", "period": "week", "grace": 1,
                             "target": 3, "when": "event.channel == 'streak'"}]},
        "quest": {"name": "Quest", "enrolment": "member", "order": "given", "reward": {"points": 20, "badge": "knight"},
                  "steps": [{"code": "look", "event": "visit", "count": "events", "target": 1},
                            {"code": "big", "count": "events", "target": 2, "when": "purchase.total >= 20.0"}]},
        "early": {"name": "October, counted late", "late_days": 3650, "reward": {"points": 1},
                  "window": {"kind": "fixed", "starts_at": "2025-10-01T00:00:00Z", "ends_at": "2025-11-01T00:00:00Z"},
                  "steps": [{"code": "one", "count": "events", "target": 1, "when": "event.channel == 'late'"}]},
        "closed": {"name": "October, closed", "late_days": 7, "reward": {"points": 1},
                   "window": {"kind": "fixed", "starts_at": "2025-10-01T00:00:00Z", "ends_at": "2025-11-01T00:00:00Z"},
                   "steps": [{"code": "one", "count": "events", "target": 1, "when": "event.channel == 'late'"}]},
        "treat": {"name": "Treat", "reward": {"coupon": "treat"},
                  "steps": [{"code": "one", "count": "events", "target": 1, "when": "event.channel == 'treat'"}]},
        "shine": {"name": "Shine", "reward": {"benefit": "shine", "days": 7},
                  "steps": [{"code": "one", "count": "events", "target": 1, "when": "event.channel == 'shine'"}]},
        "gold": {"name": "For gold only", "enrolment": "member", "when": "member.tier == 'gold'",
                 "steps": [{"code": "one", "count": "events", "target": 1}]},
    },
    "coupon-series": {"treat": {"name": "Treat", "codes": {"kind": "unique"}}},
    "benefits": {"wash": {"name": "Car wash", "uses": {"count": 2, "per": "ever"}}, "lounge": {"name": "Lounge"}, "nothing": {"name": "Gone"},
                 "shine": {"name": "Shoe shine", "uses": {"count": 1, "per": "ever"}}},
    "badges": {"spender": {"name": "Big & <spender>", "about": "Spent 100", "grants": {"benefit": "wash", "days": 30}},
               "knight": {"name": "Knight"}, "host": {"name": "Host", "grants": {"benefit": "lounge"}},
               "ghost": {"name": "Ghost", "grants": {"benefit": "nothing"}}},
}


@pytest.fixture(scope="module", params=ENGINES)
def club(request, servers):
    server = servers.start(request.param)
    for plural in ("coupon-series", "benefits", "badges", "challenges"):  # what is named has to be there
        for code, document in DEFINITIONS[plural].items():
            body = {"document": document, "publish": True}
            if code == "nothing":  # over when the tests begin
                soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
                body["until"] = soon.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            server.client.put(f"/v1/{plural}/{code}", body, expect=200)
    time.sleep(7)
    yield server
    server.close()


@pytest.fixture
def client(club):
    return club.client


def member(client, **fields):
    body = {"identifiers": [{"kind": "card", "value": f"C{uuid.uuid4().hex[:12]}"}], **fields}
    return client.post("/v1/members", body, expect=201)["id"]


def usd(amount):
    return {"amount": amount, "currency": "USD"}


def buy(client, who, amount="1.00", quantity="1", category="tea", store="S1", channel="pos", days_ago=0, at=None):
    at = at or (NOW - datetime.timedelta(days=days_ago)).isoformat().replace("+00:00", "Z")
    return client.post("/v1/purchases", {
        "member": {"id": who}, "store": store, "channel": channel, "till": "1", "receipt": f"r{next(COUNTER)}", "at": at,
        "lines": [{"sku": "x", "category": category, "quantity": quantity, "amount": usd(amount)}]}, expect=201)["id"]


def visit(client, who, days_ago=0, channel="door"):
    at = (NOW - datetime.timedelta(days=days_ago)).isoformat().replace("+00:00", "Z")
    return client.post("/v1/visits", {"member": {"id": who}, "store": "S1", "channel": channel, "at": at}, expect=201)["id"]


def back(client, purchase, **line):
    return client.post(f"/v1/purchases/{purchase}/returns", {"lines": [{"line": 1, **line}]} if line else {}, expect=201)


def stands(client, who, challenge):
    found = client.get(f"/v1/members/{who}/challenges/{challenge}", expect=200)
    return [found["completed"]] + [step["reached"] for step in found["steps"]]


def comes_to(client, who, challenge, expected, seconds=5):
    """Live: within a second on an idle machine."""
    until = time.monotonic() + seconds
    while stands(client, who, challenge) != expected:
        assert time.monotonic() < until, (stands(client, who, challenge), expected)
        time.sleep(0.02)


def points(client, who):
    found = [one for one in client.get(f"/v1/members/{who}/wallets", expect=200)["items"] if one["wallet"] == "points"]
    return found[0]["balance"] if found else 0


def rewards(client, who, challenge):
    return [one for one in client.all(f"/v1/members/{who}/challenge-rewards") if one["challenge"] == challenge]


def test_the_tenth_coffee_is_free_once_and_goes_back_with_the_stamps(client):
    who = member(client)
    buy(client, who, quantity="4", category="coffee")
    buy(client, who, quantity="9", category="tea")
    buy(client, who, quantity="5", category="coffee")
    comes_to(client, who, "coffee", [0, "9"])
    last = buy(client, who, quantity="3", category="coffee")
    comes_to(client, who, "coffee", [1, "2"])
    (reward,) = rewards(client, who, "coffee")
    assert (reward["item"], reward["number"], reward["event"], reward["used_at"], reward["taken_at"]) == (
        "Any coffee", 1, last, None, None)
    use = f"/v1/members/{who}/challenge-rewards/{reward['id']}"
    assert client.post(use + "/use", expect=200)["used_at"]
    assert client.post(use + "/use", expect=409).code == "challenge.item_used"
    assert client.post(use + "/undo", expect=200)["used_at"] is None
    assert client.post(use + "/undo", expect=409).code == "challenge.item_not_used"
    back(client, last, quantity="2")
    comes_to(client, who, "coffee", [1, "0"])
    back(client, last)
    comes_to(client, who, "coffee", [0, "9"])
    assert rewards(client, who, "coffee")[0]["taken_at"]
    assert client.post(use + "/use", expect=409).code == "challenge.item_taken"
    buy(client, who, quantity="22", category="coffee")
    comes_to(client, who, "coffee", [3, "1"])
    assert [one["taken_at"] is None for one in rewards(client, who, "coffee")] == [True, True, True, False]


def test_points_and_badge_of_a_challenge_are_taken_back_with_the_goods(client):
    who = member(client, given_name="Li & Co", family_name="<Wang>")
    buy(client, who, "60.00")
    second = buy(client, who, "50.00")
    comes_to(client, who, "spend", [1, "10.00"])
    assert points(client, who) == 60 + 50 + 50
    (badge,) = client.all(f"/v1/members/{who}/badges")
    assert (badge["badge"], badge["name"], badge["revoked_at"]) == ("spender", "Big & <spender>", None)
    assert badge["reward"] == rewards(client, who, "spend")[0]["id"]
    drawn = client.get(f"/v1/members/{who}/badges/{badge['id']}/certificate", expect=200)
    assert drawn.headers["Content-Type"].startswith("image/svg+xml")
    assert "Big &amp; &lt;spender&gt;" in drawn.text and "Li &amp; Co &lt;Wang&gt;" in drawn.text
    certificate = next(word for word in drawn.text.replace("<", ">").split(">") if word.startswith("bdg_"))
    check = client.get(f"/v1/badge-certificates/{certificate}", expect=200)
    assert (check["genuine"], check["held"], check["badge"]) == (True, True, "Big & <spender>")
    forged = certificate[:-1] + ("0" if certificate[-1] != "0" else "1")
    assert client.get(f"/v1/badge-certificates/{forged}", expect=200)["genuine"] is False
    assert client.get("/v1/badge-certificates/nothing", expect=200)["genuine"] is False

    back(client, second)
    comes_to(client, who, "spend", [0, "60.00"])
    assert points(client, who) == 60
    assert client.all(f"/v1/members/{who}/badges")[0]["revoked_at"]
    assert client.get(f"/v1/badge-certificates/{certificate}", expect=200)["held"] is False
    client.get(f"/v1/members/{who}/badges/{badge['id']}/certificate", expect=404)
    buy(client, who, "340.00")  # 400 in all: twice, and no more
    comes_to(client, who, "spend", [2, "100.00"])
    assert client.get(f"/v1/members/{who}/challenges/spend", expect=200)["finished"] is True
    assert points(client, who) == 60 + 340 + 100


def test_a_void_takes_back_what_was_spent_by_the_debt_policy(client):
    who = member(client)
    bought = buy(client, who, "100.00")
    comes_to(client, who, "spend", [1, "0.00"])
    client.post("/v1/redemptions", {"member": {"id": who}, "points": 140}, expect=201)
    client.post(f"/v1/purchases/{bought}/void", {}, expect=201)
    comes_to(client, who, "spend", [0, "0.00"])
    assert points(client, who) == 0  # 150 earned, 140 spent: clamp
    assert rewards(client, who, "spend")[0]["taken_at"]


def test_different_stores_count_once_within_any_thirty_days(client):
    who = member(client)
    for store, days in (("S1", 50), ("S2", 40), ("S2", 39), ("S3", 15)):
        buy(client, who, store=store, channel="tour", days_ago=days)
    comes_to(client, who, "stores", [0, "1"])  # S1 lies too far back when S3 comes, and S2 too by now
    buy(client, who, store="S4", channel="tour", days_ago=30)
    comes_to(client, who, "stores", [1, "3"])  # late: S2 of 40 days ago, S4 and S3 lie within 30 days
    assert client.get(f"/v1/members/{who}/challenges/stores", expect=200)["finished"] is True


def test_a_streak_of_weeks_may_leave_out_as_many_as_its_grace(client):
    who, other = member(client), member(client)
    for days in (28, 21, 7):
        visit(client, who, days, "streak")
    comes_to(client, who, "weeks", [1, "3"])
    for days in (42, 35, 14):
        visit(client, other, days, "streak")
    comes_to(client, other, "weeks", [0, "1"])
    visit(client, other, 21, "streak")
    comes_to(client, other, "weeks", [1, "3"])
    assert points(client, other) == 30


def test_steps_in_order_after_enrolling(client):
    who = member(client)
    assert client.get(f"/v1/members/{who}/challenges/quest", expect=200)["enrolment"] == "open"
    visit(client, who)
    buy(client, who, "20.00")
    assert client.put(f"/v1/members/{who}/challenges/coffee", expect=409).code == "challenge.automatic"
    assert client.put(f"/v1/members/{who}/challenges/gold", expect=409).code == "challenge.audience"
    assert client.put(f"/v1/members/{who}/challenges/nothing", expect=404).code == "challenge.unknown"
    client.get(f"/v1/members/{who}/challenges/nothing", expect=404)
    first = client.put(f"/v1/members/{who}/challenges/quest", expect=200)["enrolled_at"]
    assert client.put(f"/v1/members/{who}/challenges/quest", expect=200)["enrolled_at"] == first
    listed = {one["challenge"]: one for one in client.all(f"/v1/members/{who}/challenges")}
    assert listed["quest"]["enrolment"] == "enrolled" and "gold" not in listed and listed["coffee"]["enrolment"] == "automatic"
    time.sleep(1.1)
    now = lambda: datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    buy(client, who, "30.00", at=now())  # before the look: it does not count
    client.post("/v1/visits", {"member": {"id": who}, "store": "S1", "channel": "door"}, expect=201)
    comes_to(client, who, "quest", [0, "1", "0"])
    buy(client, who, "19.99", at=now())
    buy(client, who, "20.00", at=now())
    comes_to(client, who, "quest", [0, "1", "1"])
    buy(client, who, "21.00", at=now())
    comes_to(client, who, "quest", [1, "1", "2"])
    assert {"knight"} <= {one["badge"] for one in client.all(f"/v1/members/{who}/badges")}
    client.delete(f"/v1/members/{who}/challenges/quest", expect=204)
    client.delete(f"/v1/members/{who}/challenges/quest", expect=204)
    assert rewards(client, who, "quest")[0]["taken_at"] is None


def test_late_events_count_until_the_window_is_settled(client):
    who = member(client)
    buy(client, who, channel="late", at="2025-10-31T23:59:59Z")
    comes_to(client, who, "early", [1, "1"])
    assert stands(client, who, "closed") == [0, "0"]
    buy(client, who, channel="late", at="2025-11-01T00:00:00Z")
    time.sleep(0.5)
    assert client.get(f"/v1/members/{who}/challenges/early", expect=200)["completed"] == 1


def test_a_merge_adds_up_and_an_unmerge_gives_back(client):
    first, second = member(client), member(client)
    buy(client, first, quantity="6", category="coffee")
    buy(client, second, quantity="5", category="coffee")
    comes_to(client, second, "coffee", [0, "5"])
    merge = client.post("/v1/merges", {"into": {"id": first}, "from": {"id": second}}, expect=201)
    comes_to(client, first, "coffee", [1, "1"])
    assert stands(client, second, "coffee") == [1, "1"]
    until = time.monotonic() + 5
    while len(rewards(client, first, "coffee")) != 1:
        assert time.monotonic() < until
        time.sleep(0.02)
    client.post("/v1/unmerges", {"member": {"id": second}}, expect=200)
    assert stands(client, first, "coffee") == [0, "6"] and stands(client, second, "coffee") == [0, "5"]
    given = rewards(client, first, "coffee") + rewards(client, second, "coffee")
    assert merge and [one["taken_at"] for one in given] == [None]  # what was given stays


def test_the_order_in_which_events_come_does_not_matter(client):
    rng = random.Random(7)
    plan = []
    for number in range(12):
        plan.append(("buy", number, {"quantity": str(rng.randint(1, 5)), "category": rng.choice(["coffee", "coffee", "tea"]),
                                     "amount": f"{rng.randint(1, 40)}.50", "store": f"S{rng.randint(1, 4)}",
                                     "channel": rng.choice(["pos", "tour"]), "days_ago": rng.randint(0, 200) / 10}))
    returned = rng.sample(range(12), 4)
    ends = []
    for _ in range(4):
        who, bought = member(client), {}
        order = plan + [("back", number, {}) for number in returned]
        rng.shuffle(order)
        waiting = []
        for action, number, fields in order:
            if action == "buy":
                bought[number] = buy(client, who, **fields)
            elif number in bought:
                back(client, bought[number])
            else:
                waiting.append(number)
        for number in waiting:
            back(client, bought[number])
        ends.append(who)
    kept = [fields for _, number, fields in plan if number not in returned]
    cups = sum(int(fields["quantity"]) for fields in kept if fields["category"] == "coffee")
    for who in ends:
        comes_to(client, who, "coffee", [cups // 10, str(cups % 10)])
        spent = sum(int(fields["amount"][:-3]) * 100 + 50 for fields in kept)
        rounds = min(spent // 10000, 2)
        rest = f"{(spent - 10000 * rounds) / 100:.2f}" if rounds < 2 else "100.00"
        comes_to(client, who, "spend", [rounds, rest])
    shown = [[stands(client, who, code) for code in ("coffee", "spend", "stores")] for who in ends]
    assert shown.count(shown[0]) == len(shown)
    for who in ends:
        standing = [one for one in rewards(client, who, "coffee") if one["taken_at"] is None]
        assert len(standing) == cups // 10


def test_a_badge_is_awarded_by_hand_and_figures_add_up(client):
    who = member(client)
    made = client.post(f"/v1/members/{who}/badges", {"badge": "knight", "reason": "saved a cat"}, expect=201)
    assert made["reward"] is None and made["name"] == "Knight" and made["granted"] == []
    assert client.post(f"/v1/members/{who}/badges", {"badge": "knight"}, expect=409).code == "badge.held"
    assert client.post(f"/v1/members/{who}/badges", {"badge": "cook"}, expect=404).code == "badge.unknown"
    client.delete(f"/v1/members/{who}/badges/{made['id']}", expect=204)
    assert client.delete(f"/v1/members/{who}/badges/{made['id']}", expect=409).code == "badge.revoked"
    before = client.get("/v1/challenges/coffee/figures", expect=200)
    drinker = member(client)
    buy(client, drinker, quantity="12", category="coffee")
    comes_to(client, drinker, "coffee", [1, "2"])
    figures = client.get("/v1/challenges/coffee/figures", expect=200)
    assert [figures[name] - before[name] for name in ("members", "events", "rewards", "taken_back")] == [1, 1, 1, 0]
    export = client.get(f"/v1/members/{who}/export", expect=200)
    assert "member_badge" in export.text


def benefits(client, who):
    return {one["code"]: one for one in client.get(f"/v1/members/{who}/benefits", expect=200)["items"]}


def test_what_a_badge_grants_ends_with_it_unless_it_was_used(client):
    who, other = member(client), member(client)
    bought = {person: buy(client, person, "100.00") for person in (who, other)}
    for person in bought:
        comes_to(client, person, "spend", [1, "0.00"])
        (badge,) = client.all(f"/v1/members/{person}/badges")
        wash = benefits(client, person)["wash"]
        assert badge["granted"] == [{"kind": "benefit", "code": "wash", "name": "Car wash", "holding": wash["right"], "until": wash["until"]}]
        assert rewards(client, person, "spend")[0]["granted"] == [
            {"kind": "badge", "code": "spender", "name": "Big & <spender>", "holding": badge["id"], "until": None}]
        assert (wash["by"], wash["uses"]["left"], wash["right"][3:]) == ("given", 2, badge["id"][3:])
        assert wash["until"] == (NOW + datetime.timedelta(days=30)).strftime("%Y-%m-%dT00:00:00Z")
    client.post(f"/v1/members/{other}/benefits/wash/uses", {"reference": uuid.uuid4().hex}, expect=201)
    for person, purchase in bought.items():
        back(client, purchase)
        comes_to(client, person, "spend", [0, "0.00"])
        assert client.all(f"/v1/members/{person}/badges")[0]["revoked_at"]
    assert "wash" not in benefits(client, who) and benefits(client, other)["wash"]["uses"]["left"] == 1

    for person, kept in ((who, False), (other, True)):
        bought = buy(client, person, channel="shine")
        comes_to(client, person, "shine", [1, "1"])
        (given,) = rewards(client, person, "shine")
        assert benefits(client, person)["shine"]["right"] == given["id"] == given["granted"][0]["holding"]
        assert (given["granted"][0]["code"], given["granted"][0]["name"]) == ("shine", "Shoe shine")
        if kept:
            client.post(f"/v1/members/{person}/benefits/shine/uses", {"reference": uuid.uuid4().hex}, expect=201)
        client.post(f"/v1/purchases/{bought}/void", {}, expect=201)
        comes_to(client, person, "shine", [0, "0"])
        assert ("shine" in benefits(client, person)) is kept and rewards(client, person, "shine")[0]["taken_at"]

    made = client.post(f"/v1/members/{who}/badges", {"badge": "host"}, expect=201)
    host = made["id"]
    assert [(one["kind"], one["code"], one["name"], one["holding"][3:]) for one in made["granted"]] == [
        ("benefit", "lounge", "Lounge", host[3:])]
    assert benefits(client, who)["lounge"]["until"] is None
    client.post(f"/v1/members/{who}/badges", {"badge": "host"}, expect=409)
    client.delete(f"/v1/members/{who}/badges/{host}", expect=204)
    assert "lounge" not in benefits(client, who)
    assert client.post(f"/v1/members/{who}/badges", {"badge": "ghost"}, expect=404).code == "benefit.unknown"
    wrong = {"name": "N", "grants": {"days": 3}}
    assert client.put("/v1/badges/wrong", {"document": wrong, "validate": True}, expect=422)["field"] == "document.grants.benefit"


def test_the_coupon_of_a_challenge_is_void_when_it_is_taken_back_unless_it_was_used(client):
    who, other = member(client), member(client)
    bought = {person: buy(client, person, channel="treat") for person in (who, other)}
    codes, until = {}, time.monotonic() + 10
    while len(codes) < 2:
        assert time.monotonic() < until
        codes = {person: one["code"] for person in bought for one in client.all(f"/v1/members/{person}/coupon-codes")}
        time.sleep(0.05)
    for person, code in codes.items():
        assert rewards(client, person, "treat")[0]["granted"] == [
            {"kind": "coupon_series", "code": "treat", "name": "Treat", "holding": code.replace("-", ""), "until": None}]
    client.post(f"/v1/coupon-codes/{codes[other]}/redemptions", {"member": {"id": other}}, expect=201)
    for person, purchase in bought.items():
        client.post(f"/v1/purchases/{purchase}/void", {}, expect=201)
    for person in bought:
        comes_to(client, person, "treat", [0, "0"])
    refused = lambda person: client.post(f"/v1/coupon-codes/{codes[person]}/redemptions", {"member": {"id": person}}, expect=409).code
    until = time.monotonic() + 10
    while not (shown := client.all(f"/v1/members/{who}/coupon-codes")) or shown[0]["applies"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert (refused(who), refused(other)) == ("coupon.void", "coupon.used")
    assert [len(client.all(f"/v1/members/{person}/coupon-codes")) for person in bought] == [1, 1]


def test_a_definition_that_cannot_work_is_refused(client):
    def refused(field, **changed):
        document = {"name": "N", "steps": [{"code": "a", "count": "events", "target": 1}], **changed}
        reply = client.put("/v1/challenges/wrong", {"document": document, "validate": True}, expect=422)
        assert reply["field"] == "document." + field, reply
    refused("steps", steps=[])
    refused("steps[0].target", steps=[{"code": "a", "count": "amount", "target": 5}])
    refused("steps[0].of", steps=[{"code": "a", "count": "distinct", "target": 5}])
    refused("steps[0].event", steps=[{"code": "a", "event": "dance", "count": "events", "target": 5}])
    refused("steps[0].count", steps=[{"code": "a", "event": "visit", "count": "amount", "target": "5.00"}])
    refused("steps[1].code", steps=[{"code": "a", "count": "events", "target": 1}] * 2)
    refused("steps[0].when", steps=[{"code": "a", "count": "events", "target": 1, "when": "purchase.sum > 1"}])
    refused("when", when="member.points")
    refused("window.ends_at", window={"kind": "fixed", "starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"})
    refused("window.days", window={"kind": "rolling"})
    refused("reward.wallet", reward={"points": 5, "wallet": "moon"})


def test_the_command_line_shows_and_does_the_same(club):
    client, who = club.client, member(club.client)

    def run(*words, expect=0):
        done = subprocess.run([club.binary, *words, "--database", club.database, "--key-file", club.key_file],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    buy(client, who, quantity="12", category="coffee")
    comes_to(client, who, "coffee", [1, "2"])
    listed = list(csv.DictReader(io.StringIO(run("challenges", "list", who, "--format", "csv"))))
    assert [(one["reached"], one["target"], one["completed"], one["rewards"], one["takes_part"])
            for one in listed if one["challenge"] == "coffee"] == [("2", "10", "1", "1", "yes")]
    (reward,) = csv.DictReader(io.StringIO(run("challenges", "rewards", who, "--format", "csv")))
    assert reward["granted"] == ""
    assert run("challenges", "use", who, reward["id"]) == f"{reward['id']}: Any coffee handed over\n"
    assert "challenge.item_used" in run("challenges", "use", who, reward["id"], expect=1)
    run("challenges", "undo", who, reward["id"])
    assert run("challenges", "enrol", who, "quest") == "quest: enrolled\n"
    assert run("challenges", "leave", who, "quest") == "quest: left\n"
    assert "challenge.unknown" in run("challenges", "enrol", who, "moon", expect=1)
    assert run("badges", "award", who, "knight", "--reason", "a cat") == "knight: awarded\n"
    (badge,) = csv.DictReader(io.StringIO(run("badges", "list", who, "--format", "csv")))
    assert client.get(f"/v1/badge-certificates/{badge['certificate']}", expect=200)["genuine"] is True
    assert run("badges", "revoke", who, badge["id"]) == "knight: revoked\n"
    assert "say what" in run("badges", "wear", who, expect=2) and "say what" in run("challenges", "list", expect=2)


def test_everything_is_counted_once_whatever_the_server_dies_of(club):
    """SIGKILL between purchases and what follows from them; the ledger holds."""
    rng, who, cups = random.Random(11), member(club.client), 0
    for _ in range(3):
        for _ in range(rng.randint(2, 5)):
            buy(club.client, who, quantity="3", category="coffee")
            cups += 3
            time.sleep(rng.uniform(0, 0.1))
        club.kill()
        club.start()
    comes_to(club.client, who, "coffee", [cups // 10, str(cups % 10)])
    assert len(rewards(club.client, who, "coffee")) == cups // 10
    done = subprocess.run([club.binary, "verify", "--database", club.database, "--key-file", club.key_file],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
