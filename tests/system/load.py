"""load.py: concurrent load whose every command is remembered, and the check that each one is there once, whole, or not at all.

A command carries a marker of its own (the receipt of a purchase, the store of what moves points), by which it is found
again in the timelines. What became of it:

    kept      an answer of 2xx names its id: exactly its rows are there
    rejected  an answer of 4xx or 503: nothing of it is there
    unknown   no answer, or 503 storage.commit_unknown: all its rows are there, or none
"""
import collections
import random
import re
import threading
import time

import requests

PROGRAMME = {
    "zone": "UTC", "currency": "USD", "wallets": [{"code": "points", "transferable": True}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00", "whole_units": True}],
}
ARRAY_SIZE = 20
MEMBERS = 10
START_POINTS = 5000


def money(units):
    return {"amount": f"{units}.00", "currency": "USD"}


class Command:
    """What was asked; `rows` are (kind, member, points) as the timelines must show them."""

    def __init__(self, marker, rows, held=0):
        self.marker, self.rows, self.held = marker, sorted(rows), held
        self.ids = set()
        self.rejected = self.unknown = False

    @property
    def state(self):
        if self.ids:
            return "kept"
        return "unknown" if self.unknown else "rejected"


class Request:
    """One POST with one command or an array of them."""

    def __init__(self, path, body, commands, key=None):
        self.path, self.body, self.commands, self.key = path, body, commands, key
        self.reply = None  # of the first success
        self.lock = threading.Lock()

    def send(self, client, refusals):
        """The reply; None when there was none."""
        headers = {"Idempotency-Key": self.key} if self.key else {}
        try:
            reply = client.post(self.path, self.body, headers=headers, timeout=60)
        except requests.RequestException:
            for command in self.commands:
                command.unknown = True
            return None
        with self.lock:
            self.note(reply, refusals)
        return reply

    def note(self, reply, refusals):
        assert reply.status != 500, f"POST {self.path}: {reply}"
        if reply.status == 200 and isinstance(reply.json, list):
            for command, element in zip(self.commands, reply.json, strict=True):
                problem = element.get("problem", {})
                self.note_one(command, element["status"], element.get("id"), problem, refusals)
            return
        if reply.status == 201 and self.key and self.reply is not None:
            assert reply.json == self.reply, f"POST {self.path} with the same key: {reply.json}, before {self.reply}"
        if reply.status == 201 and self.reply is None:
            self.reply = reply.json
        for command in self.commands:
            answer = reply.json if isinstance(reply.json, dict) else {}
            self.note_one(command, reply.status, answer.get("id"), answer, refusals)

    @staticmethod
    def note_one(command, status, id_, problem, refusals):
        assert status != 500, f"{command.marker}: {problem}"
        known = re.search(r"evt_\w+", problem.get("detail", "")) if problem.get("code") == "receipt.known" else None
        if status in (200, 201) or known:
            command.ids.add(known[0] if known else id_)
        elif problem.get("code") == "storage.commit_unknown":
            command.unknown = True
        else:
            command.rejected = True
        if status == 503:
            refusals[problem.get("code")] += 1


class Load:
    """Members of its own, and threads that work on them through `clients` (one or more servers)."""

    def __init__(self, clients, tag, workers=6, seed=None):
        self.clients, self.tag = clients, tag
        self.requests, self.members, self.refusals = [], [], collections.Counter()
        self.registered, self.merges = [], []  # (marker, Command)
        self.failures = []
        self.over = threading.Event()
        self.until_silence = False
        self.numbers = iter(range(1, 10**9))
        self.lock = threading.Lock()
        self.random = random.Random(seed)
        self.workers = workers
        self.threads = []
        self.prepare()

    # ---- making ----

    def mark(self):
        with self.lock:
            return f"{self.tag}-{next(self.numbers)}"

    def client(self):
        return self.random.choice(self.clients)

    def send(self, path, body, commands, key=None):
        request = Request(path, body, commands, key)
        with self.lock:
            self.requests.append(request)
        reply = request.send(self.client(), self.refusals)
        if reply is None and self.until_silence:
            self.over.set()
        elif reply is None or reply.status == 503:
            time.sleep(0.05)
        return request

    def register(self):
        """The new member, None when that is not known."""
        marker = self.mark()
        command = Command(marker, [])
        self.registered.append(command)
        request = self.send("/v1/members", {"identifiers": [{"kind": "external", "value": marker}]}, [command],
                            key=f"key-{marker}")
        return request.reply and request.reply["id"]

    def give(self, member, points):
        marker = self.mark()
        return self.send("/v1/adjustments", {"member": {"id": member}, "points": points, "reason": "load",
                                             "store": marker},
                         [Command(marker, [("adjustment", member, points)])], key=f"key-{marker}")

    def prepare(self):
        for _ in range(MEMBERS):
            member = self.register()
            assert member is not None and self.give(member, START_POINTS).reply is not None, "the load cannot start"
            self.members.append(member)

    def purchase_body(self):
        marker, member, units = self.mark(), self.random.choice(self.members), self.random.randint(2, 90)
        body = {"store": "soho", "channel": "pos", "receipt": marker, "member": {"id": member},
                "lines": [{"sku": "a", "amount": money(units - 1)}, {"sku": "b", "amount": money(1)}]}
        return body, Command(marker, [("purchase", member, units)])

    def redemption_body(self):
        marker, member, points = self.mark(), self.random.choice(self.members), self.random.randint(1, 60)
        return ({"member": {"id": member}, "points": points, "store": marker},
                Command(marker, [("redemption", member, -points)]))

    # ---- what a worker does ----

    def purchase(self):
        body, command = self.purchase_body()
        self.send("/v1/purchases", body, [command], key=self.random.choice([None, f"key-{command.marker}"]))

    def purchases(self):
        made = [self.purchase_body() for _ in range(ARRAY_SIZE)]
        self.send("/v1/purchases", [body for body, _ in made], [command for _, command in made])

    def redemption(self):
        body, command = self.redemption_body()
        self.send("/v1/redemptions", body, [command], key=self.random.choice([None, f"key-{command.marker}"]))

    def redemptions(self):
        made = [self.redemption_body() for _ in range(4)]
        self.send("/v1/redemptions", [body for body, _ in made], [command for _, command in made])

    def hold(self):
        marker, member, points = self.mark(), self.random.choice(self.members), self.random.randint(5, 50)
        held = Command(marker, [("hold", member, 0)], held=points)
        hold = self.send("/v1/holds", {"member": {"id": member}, "points": points, "seconds": 86400, "store": marker},
                         [held], key=f"key-{marker}").reply
        if hold is None or self.random.random() < 0.2:
            return
        marker, captured = self.mark(), self.random.randint(1, points)
        command = Command(marker, [("capture", member, -captured)], held=-points)
        self.send(f"/v1/holds/{hold['id']}/capture", {"points": captured, "store": marker}, [command],
                  key=f"key-{marker}")

    def transfer(self):
        marker, points = self.mark(), self.random.randint(1, 40)
        giver, taker = self.random.sample(self.members, 2)
        self.send("/v1/transfers", {"from": {"id": giver}, "to": {"id": taker}, "points": points, "store": marker},
                  [Command(marker, [("transfer_out", giver, -points), ("transfer_in", taker, points)])],
                  key=f"key-{marker}")

    def merge(self):
        into, gone = self.register(), self.register()
        if into is None or gone is None:
            return
        self.give(into, 70)
        self.give(gone, 30)
        command = Command(f"merge/{into}", [("merge", into, 0), ("merged", gone, 0)])
        self.merges.append((into, gone, command))
        self.send("/v1/merges", {"into": {"id": into}, "from": {"id": gone}}, [command], key=f"key-{into}")

    def repeat(self):
        """The same request again, as clients do that are not sure; another worker may be sending it now."""
        with self.lock:
            known = [request for request in self.requests[-60:] if is_repeatable(request)]
        if known:
            self.random.choice(known).send(self.client(), self.refusals)

    def work(self):
        kinds = [self.purchase] * 4 + [self.purchases] * 3 + [self.redemption] * 4 + [self.redemptions] * 2 + \
            [self.hold] * 3 + [self.transfer] * 3 + [self.merge] + [self.register] + [self.repeat] * 3
        try:
            while not self.over.is_set():
                self.random.choice(kinds)()
        except Exception as failure:  # told by finish()
            self.failures.append(failure)

    def start(self, until_silence=False):
        """`until_silence`: a worker ends with the first request that gets no answer."""
        self.until_silence = until_silence
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(self.workers)]
        for thread in self.threads:
            thread.start()

    def finish(self):
        self.over.set()
        for thread in self.threads:
            thread.join(90)
            assert not thread.is_alive(), "a request is never answered"
        assert not self.failures, self.failures[0]

    # ---- what must be there afterwards ----

    @property
    def commands(self):
        return [command for request in self.requests for command in request.commands]

    def count(self, state):
        return sum(command.state == state for command in self.commands)

    def check(self, client):
        """Finds every command again; returns how many of the unknown ones are there."""
        self.check_registrations(client)
        rows, points, balances, held = collections.defaultdict(list), {}, {}, {}
        merged = {gone for _, gone, command in self.merges}
        for person in self.members + [into for into, _, _ in self.merges]:
            read_person(client, person, rows, points, balances, held)
        for gone in merged:
            if client.get(f"/v1/members/{gone}", expect=200)["merged_into"] is None:
                read_person(client, gone, rows, points, balances, held)
        there = self.check_commands(rows)
        assert balances == points, "the balances are not the sums of the timelines"
        self.check_holds(rows, held)
        self.check_merges(client, rows, balances)
        return there

    def check_commands(self, rows):
        there, commands = 0, {command.marker: command for command in self.commands if command.rows}
        for marker in rows:
            assert marker in commands, f"nobody asked for {marker}: {rows[marker]}"
        for marker, command in commands.items():
            found = sorted(row[:3] for row in rows.get(marker, []))
            ids = {row[3] for row in rows.get(marker, [])}
            wanted = [[]] if command.state == "rejected" else [command.rows]
            wanted += [[]] if command.state == "unknown" else []
            assert found in wanted, f"{marker} is {command.state}, asked for {command.rows}, there is {found}"
            assert len(command.ids) <= 1, f"{marker} was answered with several ids: {command.ids}"
            named = {id_.replace("hld_", "evt_") for id_ in command.ids}
            assert named <= ids, f"{marker} was answered as {command.ids}, there is {ids}"
            there += command.state == "unknown" and bool(found)
        return there

    def check_registrations(self, client):
        for command in self.registered:
            found = {item["id"] for item in
                     client.get("/v1/members", params={"external": command.marker}, expect=200)["items"]}
            assert len(found) <= 1 and command.ids <= found, f"{command.marker}: {command.ids}, there is {found}"
            assert found or command.state != "kept"

    def check_holds(self, rows, held):
        expected = collections.Counter({person: 0 for person in held})
        for command in self.commands:
            if command.held and rows.get(command.marker):
                expected[command.rows[0][1]] += command.held
        assert dict(expected) == held, "what is held is not what the holds say"

    def check_merges(self, client, rows, balances):
        for into, gone, command in self.merges:
            is_merged = bool(rows.get(command.marker))
            shown = client.get(f"/v1/members/{gone}", expect=200)
            assert shown["merged_into"] == (into if is_merged else None)
            given = sum(row[2] for found in rows.values() for row in found if row[1] in (into, gone))
            assert is_merged is False or balances[into] == given

    def repeat_unsettled(self, client, rng=random):
        """Sends again what has no answer, and some of what has: the stored reply, or nothing a second time."""
        unsettled = [request for request in self.requests if is_repeatable(request) and
                     any(command.state == "unknown" for command in request.commands)]
        settled = [request for request in self.requests if request.key and request.reply is not None]
        for request in unsettled:
            reply = request.send(client, self.refusals)
            assert reply is not None and reply.status < 500, reply
        for request in rng.sample(settled, min(30, len(settled))):
            reply = request.send(client, self.refusals)
            assert reply.status == 201 and reply.headers.get("Idempotency-Replayed") == "true", reply
        return len(unsettled)


def is_repeatable(request):
    """A client may send it again without doing it twice."""
    return request.key is not None or request.path == "/v1/purchases"


def read_person(client, person, rows, points, balances, held):
    """Adds the rows of a person's timeline by marker."""
    points[person] = 0
    entries = client.all(f"/v1/members/{person}/timeline", limit=200)
    merges = {entry["id"]: entry["member"] for entry in entries if entry["kind"] == "merge"}
    for entry in entries:
        if entry["kind"] == "registration":
            continue
        moved = sum(wallet["points"] for wallet in entry["points"])
        points[person] += moved
        if entry["kind"] in ("merge", "merged"):
            marker = "merge/" + merges[entry["cause"] or entry["id"]]
        else:
            marker = entry["receipt"].rsplit("/", 1)[-1] if entry["kind"] == "purchase" else entry["store"]
        rows[marker].append((entry["kind"], entry["member"], moved, entry["id"]))
    wallets = client.get(f"/v1/members/{person}/wallets", expect=200)["items"]
    balances[person] = sum(wallet["balance"] for wallet in wallets)
    held[person] = sum(wallet["held"] for wallet in wallets)
