"""Benefits that came with a badge, a challenge, a reward or a coupon: through a merge, an unmerge and what takes them back. The
database is verified after each. On both engines; what is expected was worked out by hand."""
import itertools
import subprocess
import time
import uuid

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
SOURCES = ("badge", "reward", "coupon", "challenge", "quest")
TWICE = {"count": 2, "per": "ever"}
STEP = {"code": "one", "count": "events", "target": 1}
PARTS = {  # what is named comes first; `quest` gives a badge that grants
    **{f"/v1/benefits/{source}": {"name": f"By a {source}", "uses": TWICE} for source in SOURCES},
    "/v1/badges/badge": {"name": "By hand", "grants": {"benefit": "badge", "days": 30}},
    "/v1/badges/quest": {"name": "Quest", "grants": {"benefit": "quest"}},
    "/v1/rewards/reward": {"name": "Reward", "price": {"points": 10}, "gives": {"benefit": "reward", "days": 30}},
    "/v1/coupon-series/coupon": {"name": "Coupon", "codes": {"kind": "unique"}, "opens": {"entitlement": "coupon", "days": 30}},
    "/v1/challenges/challenge": {"name": "C", "reward": {"benefit": "challenge", "days": 30},
                                 "steps": [{**STEP, "when": "event.channel == 'challenge'"}]},
    "/v1/challenges/quest": {"name": "Q", "reward": {"badge": "quest"}, "steps": [{**STEP, "when": "event.channel == 'quest'"}]},
}


class Club:
    def __init__(self, server):
        self.server, self.client = server, server.client
        for path, document in PARTS.items():
            self.client.put(path, {"document": document, "publish": True}, expect=200)
        time.sleep(6)

    def member(self):
        made = self.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"C{uuid.uuid4().hex[:12]}"}]},
                                expect=201)["id"]
        self.client.post("/v1/adjustments", {"member": {"id": made}, "points": 10, "reason": "start"}, expect=201)
        return made

    def give(self, source, who):
        """Gives the benefit; what takes it back."""
        client, body = self.client, {"member": {"id": who}}
        if source == "badge":
            badge = client.post(f"/v1/members/{who}/badges", {"badge": "badge"}, expect=201)["id"]
            return lambda: client.delete(f"/v1/members/{who}/badges/{badge}", expect=204)
        if source == "reward":
            order = client.post("/v1/reward-orders", {**body, "reward": "reward"}, expect=201)["id"]
            return lambda: client.post(f"/v1/reward-orders/{order}/cancellation", {}, expect=201)
        if source == "coupon":
            code = client.post("/v1/coupon-codes", {**body, "series": "coupon"}, expect=201)["code"]
            use = client.post(f"/v1/coupon-codes/{code}/redemptions", body, expect=201)["id"]
            return lambda: client.post(f"/v1/coupon-codes/{code}/releases", {"use": use}, expect=201)
        bought = client.post("/v1/purchases", {
            **body, "store": "S", "channel": source, "receipt": f"r{next(COUNTER)}",
            "lines": [{"sku": "x", "amount": {"amount": "1.00", "currency": "USD"}}]}, expect=201)["id"]
        self.comes([source], who)
        return lambda: client.post(f"/v1/purchases/{bought}/returns", {}, expect=201)

    def held(self, who):
        return sorted(one["code"] for one in self.client.get(f"/v1/members/{who}/benefits", expect=200)["items"])

    def comes(self, expected, who):
        """At once, or when what follows events has been there."""
        until = time.monotonic() + 10
        while not set(expected) <= set(self.held(who)):
            assert time.monotonic() < until, (expected, self.held(who))
            time.sleep(0.05)

    def goes(self, *people):
        until = time.monotonic() + 10
        while any(self.held(who) for who in people):
            assert time.monotonic() < until, [self.held(who) for who in people]
            time.sleep(0.05)

    def merge(self, into, other):
        self.client.post("/v1/merges", {"into": {"id": into}, "from": {"id": other}}, expect=201)

    def unmerge(self, other):
        self.client.post("/v1/unmerges", {"member": {"id": other}}, expect=200)

    def verify(self):
        server = self.server
        done = subprocess.run([server.binary, "verify", "--database", server.database, "--key-file", server.key_file],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module", params=ENGINES)
def club(request, servers):
    server = servers.start(request.param)
    yield Club(server)
    server.close()


def test_what_was_granted_goes_with_a_merge_and_back_with_an_unmerge(club):
    first, second = club.member(), club.member()
    back = [club.give(source, second) for source in SOURCES]
    assert (club.held(first), club.held(second)) == ([], sorted(SOURCES))
    club.merge(first, second)
    assert club.held(first) == club.held(second) == sorted(SOURCES)
    club.verify()
    club.unmerge(second)
    assert (club.held(first), club.held(second)) == ([], sorted(SOURCES))
    club.verify()
    for take in back:
        take()
    club.goes(second)
    club.verify()


def test_what_is_taken_back_while_they_are_one_is_nobodys_after_the_unmerge(club):
    first, second = club.member(), club.member()
    back = [club.give(source, second) for source in SOURCES]
    club.merge(first, second)
    for take in back:
        take()
    club.goes(first, second)
    club.verify()
    club.unmerge(second)
    assert (club.held(first), club.held(second)) == ([], [])
    club.verify()


def test_what_is_granted_while_they_are_one_stays_with_whom_it_was_given_to(club):
    """Each earned what its own purchases, points and codes brought: it keeps that when they part."""
    first, second = club.member(), club.member()
    club.merge(first, second)
    back = [club.give(source, second) for source in SOURCES]
    assert club.held(first) == sorted(SOURCES)
    club.verify()
    club.unmerge(second)
    assert (club.held(first), club.held(second)) == ([], sorted(SOURCES))
    club.verify()
    for take in back:
        take()
    club.goes(first, second)
    club.verify()


@pytest.mark.parametrize("own", [True, False])
def test_both_halves_keep_their_own_and_what_they_used_themselves_stays(club, own):
    """Uses are facts of the member that made them: what the other half used of mine is no use of mine once they part."""
    first, second = club.member(), club.member()
    bought, order = club.give("challenge", first), club.give("reward", second)
    club.merge(first, second)
    assert club.held(first) == ["challenge", "reward"]
    for source, who in (("challenge", first if own else second), ("reward", second if own else first)):
        club.client.post(f"/v1/members/{who}/benefits/{source}/uses", {"reference": uuid.uuid4().hex}, expect=201)
    club.verify()
    club.unmerge(second)
    assert (club.held(first), club.held(second)) == (["challenge"], ["reward"])
    bought()
    if own:
        with pytest.raises(AssertionError, match="reward.gift_used"):
            order()
        time.sleep(1.5)  # what follows the return has been there
        assert (club.held(first), club.held(second)) == (["challenge"], ["reward"])
    else:
        order()
        club.goes(first, second)
    club.verify()
