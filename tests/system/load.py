"""load.py: many threads that write to a server until it dies, remember what they asked and what they were told, and can
find out afterwards what became of each."""
import random
import threading
import time
import uuid

import requests

UNANSWERED = None


class Operation:
    """One request that counts once: a purchase by its receipt, anything else by its Idempotency-Key."""

    def __init__(self, path, body, headers=None, member=None, points=0, held=0):
        self.path, self.body, self.headers = path, body, headers
        self.member, self.points, self.held = member, points, held
        self.reply = UNANSWERED

    def send(self, client):
        self.reply = client.post(self.path, self.body, headers=self.headers, timeout=60)
        return self.reply

    @property
    def acknowledged(self):
        return self.reply is not UNANSWERED and self.reply.status in (200, 201)


class Load:
    """Members with some points, and threads that use them."""

    def __init__(self, server, seed, members=12, threads=6):
        self.random = random.Random(seed)
        self.threads, self.operations, self.lock = threads, [], threading.Lock()
        self.stopping = threading.Event()
        self.strange = []
        self.before = {}  # member -> balance, held and purchases of what was settled earlier
        self.members = [self.register(server.client) for _ in range(members)]

    def register(self, client):
        operation = self.registration()
        with self.lock:
            self.operations.append(operation)
        assert operation.send(client).status == 201, operation.reply
        return operation.reply["id"]

    @staticmethod
    def registration():
        name = uuid.uuid4().hex
        return Operation("/v1/members", {"identifiers": [{"kind": "external", "value": name}]}, {"Idempotency-Key": name})

    def any_operation(self, chance):
        kind, member = chance.random(), chance.choice(self.members)
        who, key = {"member": {"id": member}}, {"Idempotency-Key": uuid.uuid4().hex}
        if kind < 0.6:
            amount = chance.randrange(1, 200)
            body = {**who, "store": "soho", "channel": "pos", "receipt": uuid.uuid4().hex,
                    "lines": [{"sku": "a", "amount": {"amount": f"{amount}.00", "currency": "USD"}},
                              {"sku": "b", "amount": {"amount": "1.00", "currency": "USD"}}]}
            return Operation("/v1/purchases", body, member=member, points=amount + 1)
        points = chance.randrange(1, 40)
        if kind < 0.75:
            return Operation("/v1/redemptions", {**who, "wallet": "points", "points": points}, key, member, -points)
        if kind < 0.9:
            body = {**who, "wallet": "points", "points": points, "seconds": 86400}
            return Operation("/v1/holds", body, key, member, held=points)
        return self.registration()

    def work(self, server, number):
        chance = random.Random(self.random.random() + number)
        while not self.stopping.is_set():
            operation = self.any_operation(chance)
            with self.lock:
                self.operations.append(operation)
            try:
                operation.send(server.client)
            except requests.RequestException:
                time.sleep(0.02)
                continue
            if operation.reply.status >= 500 and operation.reply.status != 503:
                self.strange.append(operation.reply)

    def start(self, *servers):
        self.stopping.clear()
        self.running = [threading.Thread(target=self.work, args=(servers[i % len(servers)], i)) for i in range(self.threads)]
        for thread in self.running:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.running:
            thread.join()

    # ---- afterwards ----

    def settle(self, client):
        """Sends everything once more: what was acknowledged must be there, what was not is there whole or comes now."""
        for operation in self.operations:
            if operation.acknowledged:
                self.check_there(operation, client)
            else:
                self.finish(operation, client)

    @staticmethod
    def check_there(operation, client):
        first = operation.reply
        again = client.post(operation.path, operation.body, headers=operation.headers)
        if operation.headers:
            assert again.json == first.json and again.headers.get("Idempotency-Replayed") == "true", (first, again)
        else:
            assert again.status == 409 and again.code == "receipt.known" and first["id"] in again["detail"], (first, again)

    @staticmethod
    def finish(operation, client):
        reply = operation.send(client)
        if operation.headers is None and reply.status == 409 and reply.code == "receipt.known":
            return  # it was there, unanswered
        if reply.status == 409 and reply.code == "points.insufficient":
            operation.points = operation.held = 0
            return
        assert reply.status == 201, reply

    def totals(self, member):
        """Balance, held points and number of purchases that the member must have."""
        balance, held, purchases = self.before.get(member, (0, 0, 0))
        for operation in self.operations:
            if operation.member == member:
                balance, held = balance + operation.points, held + operation.held
                purchases += operation.path == "/v1/purchases"
        return balance, held, purchases

    def check_balances(self, client):
        for member in self.members:
            wallets = {item["wallet"]: item for item in client.get(f"/v1/members/{member}/wallets", expect=200)["items"]}
            wallet = wallets.get("points", {"held": 0, "balance": 0})
            standing = client.get(f"/v1/members/{member}", expect=200)["standing"]
            assert (wallet["balance"], wallet["held"], standing["purchases"]) == self.totals(member), (member, wallet)

    def forget(self):
        """What is settled becomes sums, so that each round sends only its own again."""
        self.before = {member: self.totals(member) for member in self.members}
        self.operations = []
