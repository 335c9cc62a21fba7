"""Points without an event of a till, on both engines, while the clock is moved: joining, friends, birthdays, years. The programme
lives in Shanghai, eight hours ahead; the days were looked up in a calendar."""
import datetime
import os
import subprocess
import time

import pytest

import definitions
import patron
from conftest import ENGINES

RULES = {
    "welcome": {"name": "Welcome", "trigger": "registration", "wallet": "points", "effect": {"kind": "fixed", "points": 50},
                "channels": ["app"]},
    "friend": {"name": "For a friend", "trigger": "referral", "wallet": "points", "effect": {"kind": "fixed", "points": 70},
               "when": "event.properties.programme == 'friends'", "member_caps": [{"period": "ever", "times": 1}]},
    "birthday": {"name": "Happy birthday", "trigger": "birthday", "wallet": "points", "effect": {"kind": "fixed", "points": 100}},
    "years": {"name": "Ten for each year", "trigger": "anniversary", "wallet": "points",
              "effect": {"kind": "computed", "points": "event.properties.years * 10"},
              "audience": {"when": "'guest' in member.tags"}},
}
PEOPLE = {  # name: birthday, calendar
    "ann": ("1990-05-01", None), "edi": ("1990-05-01", None), "leap": ("1992-02-29", None), "moon": ("1985-08-15", "lunar"),
    "late": ("1985-08-01", "lunar"), "tom": (None, None),
}


def moment(text):
    return patron.clock_at(datetime.datetime.fromisoformat(text + "+00:00"))


class House:
    def __init__(self, server):
        self.server, self.people = server, {}

    def member(self, name, **more):
        birthday, calendar = PEOPLE.get(name, (None, None))
        body = {"identifiers": [{"kind": "external", "value": name}], **more}
        if birthday:
            body.update(birthday=birthday, **({"birthday_calendar": calendar} if calendar else {}))
        self.people[name] = self.server.client.post("/v1/members", body, expect=201)["id"]
        return self.people[name]

    def points(self, name):
        items = self.server.client.get(f"/v1/members/{self.people[name]}/wallets", expect=200)["items"]
        return sum(one["active"] for one in items)

    def becomes(self, name, points, seconds=10):
        until = time.monotonic() + seconds
        while self.points(name) != points:
            assert time.monotonic() < until, (name, self.points(name), points)
            time.sleep(0.05)

    def told(self, name):
        """What earned what: day, kind, rule, points."""
        rows = self.server.client.all(f"/v1/members/{self.people[name]}/timeline")
        return [(row["at"][:10], row["kind"], row["earned"][0]["rule"], row["earned"][0]["points"]) for row in rows
                if row["kind"].startswith("occasion") and row.get("earned")]

    def give(self, when):
        """The work of a day, by the command line on the database of a server that is down."""
        call = [self.server.binary, "occasions", "--database", self.server.database, "--key-file", self.server.key_file]
        done = subprocess.run(call, capture_output=True, text=True, timeout=60, env={**os.environ, **moment(when)}, check=False)
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[0])

    def at(self, when):
        self.server.stop()
        self.server.environment.update(moment(when))
        self.server.start()


@pytest.fixture(scope="module", params=ENGINES)
def house(request, servers):
    server = servers.start(request.param, environment=moment("2026-01-10T00:00:00"))
    programme = {**server.client.get("/v1/programme", expect=200)["document"], "zone": "Asia/Shanghai"}
    server.client.post("/v1/programme/versions", {"document": programme}, expect=201)
    definitions.publish(server.client, "referral-programmes", {"friends": {"name": "Friends", "waiting_days": 0, "friend": {"points": 1}}})
    definitions.publish(server.client, "earning-rules", RULES)
    made = House(server)
    for name in PEOPLE:
        made.member(name, channel="app" if name == "ann" else "web")
    yield made
    server.close()


def buy(house, name, receipt):
    return house.server.client.post("/v1/purchases", {
        "member": {"id": house.people[name]}, "store": "S", "receipt": receipt,
        "lines": [{"sku": "x", "amount": {"amount": "0.01", "currency": "USD"}}]}, expect=201)["id"]


def test_joining_gives_points_where_the_rule_says(house):
    house.becomes("ann", 50)
    assert house.told("ann") == [("2026-01-10", "occasion_registration", "welcome", 50)]
    assert house.points("tom") == 0 and house.told("tom") == []


def test_who_brings_a_friend_gets_points_and_gives_them_back_with_the_goods(house):
    client = house.server.client
    code = client.post(f"/v1/members/{house.people['ann']}/referral-codes", {"programme": "friends"}, expect=201)["code"]
    for number, name in enumerate(("fay", "gus")):
        client.post("/v1/referrals", {"code": code, "member": {"id": house.member(name)}}, expect=201)
        sale = buy(house, name, f"r{number}")
        house.becomes("ann", 120)
        client.post(f"/v1/purchases/{sale}/returns", {}, expect=201)
        house.becomes("ann", 50)  # and the cap of one is free again
    kinds = [row["kind"] for row in client.all(f"/v1/members/{house.people['ann']}/timeline")]
    assert kinds.count("occasion_referral") == 2 and kinds.count("occasion_undone") == 2


def test_a_kind_of_ones_own_cannot_be_named_as_an_occasion(house):
    for name in ("birthday", "anniversary", "occasion_x"):
        assert house.server.client.put(f"/v1/event-kinds/{name}", {"properties": []}).status == 422
    wrong = {**RULES["birthday"], "lines": "line.sku == 'x'"}
    refused = house.server.client.put("/v1/earning-rules/wrong", {"document": wrong, "publish": True}, expect=422)
    assert refused["field"] == "document.trigger"


def test_days_of_the_year_while_the_clock_goes_on(house):
    client = house.server.client
    client.put(f"/v1/members/{house.people['tom']}/tags/guest", expect=204)
    house.server.stop()
    assert house.give("2026-02-27T15:59:00") == 0
    assert house.give("2026-02-27T16:00:30") == 1  # 28 February in Shanghai: 29 February falls there
    assert house.give("2026-04-30T15:59:00") == 0
    assert house.give("2026-04-30T16:30:00") == 2  # already 1 May
    assert house.give("2026-04-30T16:30:00") == 0 and house.give("2026-05-03T09:00:00") == 0

    house.at("2026-06-01T00:00:00")
    house.server.client.patch(f"/v1/members/{house.people['edi']}", {"birthday": "1990-06-10"}, expect=200)
    house.server.stop()
    assert house.give("2026-06-10T09:00:00") == 0  # had one this year
    # Mid-autumn is on 25 September; the server was down. The first of that month was on the 11th: too long ago.
    assert house.give("2026-09-30T09:00:00") == 1
    assert house.give("2027-01-09T15:59:00") == 0
    assert house.give("2027-01-09T16:01:00") == 1  # tom, a guest
    assert house.give("2027-05-01T09:00:00") == 1  # ann
    assert house.give("2027-06-10T09:00:00") == 1  # edi
    assert house.give("2028-01-12T09:00:00") == 1  # tom

    house.at("2028-01-13T00:00:00")
    assert [house.points(name) for name in PEOPLE] == [250, 200, 100, 100, 0, 30]
    assert house.told("moon") == [("2026-09-24", "occasion_birthday", "birthday", 100)]  # at midnight in Shanghai
    assert house.told("leap") == [("2026-02-27", "occasion_birthday", "birthday", 100)]
    assert [one[0] for one in house.told("edi")] == ["2027-06-09", "2026-04-30"]
    assert [(one[2], one[3]) for one in house.told("tom")] == [("years", 20), ("years", 10)]


def test_a_person_of_two_members_has_one_birthday(house):
    client = house.server.client
    client.patch(f"/v1/members/{house.people['late']}", {"birthday": "1985-05-02", "birthday_calendar": None}, expect=200)
    client.post("/v1/merges", {"into": {"id": house.people["ann"]}, "from": {"id": house.people["late"]},
                              "accept_conflicts": True}, expect=201)
    house.server.stop()
    assert house.give("2028-05-01T09:00:00") == 1 and house.give("2028-05-02T09:00:00") == 0
    call = [house.server.binary, "verify", "--database", house.server.database, "--key-file", house.server.key_file]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, env={**os.environ, **moment("2028-05-03T00:00:00")},
                          check=False)
    assert done.returncode == 0 and "clean" in done.stdout, done.stdout + done.stderr
    house.at("2028-05-03T00:00:00")
