"""A random history through the API against a small model of its own: closings, settlements and the ledger agree to the point."""
import random
import uuid
from collections import defaultdict

import pytest

from test_finance import OPEN, TODAY, Books, today  # noqa: F401

ENTITIES = "ABC"
STEPS = 160
SEED = 1


class Model:
    """Lots in the order of earning, each with the entity that issued it; debts; what was drawn, so that it can go back."""

    def __init__(self, may_owe):
        self.may_owe = may_owe
        self.lots = defaultdict(list)  # member -> [entity, points left, rank, member]
        self.debts = defaultdict(list)  # member -> [entity, points], oldest first
        self.columns = defaultdict(lambda: defaultdict(int))  # entity -> column -> points
        self.settled = defaultdict(int)  # (issuer, redeemer) -> points
        self.rank = 0

    def available(self, member):
        return sum(lot[1] for lot in self.lots[member]) - sum(points for _, points in self.debts[member])

    def pay(self, member, entity, points):
        """Debts first; what is left of the points."""
        debts = self.debts[member]
        while points > 0 and debts:
            part = min(points, debts[0][1])
            if debts[0][0] != entity:
                self.columns[entity]["transferred"] -= part
                self.columns[debts[0][0]]["transferred"] += part
                self.settled[entity, debts[0][0]] += part
            debts[0][1] -= part
            points -= part
            if debts[0][1] == 0:
                debts.pop(0)
        return points

    def issue(self, member, entity, points, column="issued"):
        self.rank += 1
        self.columns[entity][column] += points
        lot = [entity, self.pay(member, entity, points), self.rank, member]
        self.lots[member].append(lot)
        return lot

    def draw(self, member, points):
        drawn = []
        for lot in sorted(self.lots[member], key=lambda one: one[2]):
            part = min(lot[1], points)
            if part > 0:
                lot[1] -= part
                points -= part
                drawn.append([lot, part])
        assert points == 0
        return drawn

    def redeem(self, member, entity, points):
        drawn = self.draw(member, points)
        self.count(drawn, entity, 1)
        return drawn

    def count(self, drawn, redeemer, sign):
        for lot, part in drawn:
            self.columns[lot[0]]["redeemed"] -= sign * part
            if lot[0] != redeemer:
                self.settled[lot[0], redeemer] += sign * part

    def undo(self, drawn, redeemer, points):
        """Last drawn first."""
        back = []
        while points > 0:
            lot, part = drawn[-1]
            given = min(part, points)
            lot[1] += self.pay(lot[3], lot[0], given)
            back.append([lot, given])
            points -= given
            drawn[-1][1] -= given
            if drawn[-1][1] == 0:
                drawn.pop()
        self.count(back, redeemer, -1)

    def transfer(self, giver, taker, points):
        for lot, part in self.draw(giver, points):
            self.lots[taker].append([lot[0], self.pay(taker, lot[0], part), lot[2] + self.tick(), taker])

    def tick(self):
        """Of points earned at the same moment those go first whose lot is older."""
        self.moved = getattr(self, "moved", 0) + 1
        return self.moved / 1e6

    def claw_back(self, member, lot, points):
        part = min(lot[1], points)
        lot[1] -= part
        self.columns[lot[0]]["clawed_back"] -= part
        for other, other_part in self.draw(member, min(points - part, sum(one[1] for one in self.lots[member]))):
            self.columns[other[0]]["clawed_back"] -= other_part
            part += other_part
        self.columns[lot[0]]["clawed_back"] -= points - part
        if points > part and self.may_owe:
            self.debts[member].append([lot[0], points - part])
        else:
            self.columns[lot[0]]["written_off"] += points - part

    def adjust_down(self, member, points):
        for lot, part in self.draw(member, points):
            self.columns[lot[0]]["adjusted"] -= part


class History:
    """Does the same to the server and to the model."""

    def __init__(self, books, seed, may_owe):
        self.books, self.client, self.model = books, books.client, Model(may_owe)
        self.chance = random.Random(seed)
        self.members = [books.member() for _ in range(8)]
        self.purchases, self.redemptions = [], []

    def step(self):
        member, entity = self.chance.choice(self.members), self.chance.choice(ENTITIES)
        getattr(self, self.chance.choice(["buy", "buy", "buy", "redeem", "redeem", "hold", "undo", "transfer", "give_back",
                                          "adjust"]))(member, entity)

    def buy(self, member, entity):
        points = self.chance.randrange(1, 400)
        purchase = self.client.post("/v1/purchases", {
            "member": {"id": member}, "store": "S" + entity, "receipt": uuid.uuid4().hex,
            "total": {"amount": f"{points}.00", "currency": "USD"}}, expect=201)["id"]
        self.purchases.append((purchase, member, self.model.issue(member, entity, points), points))

    def some(self, member):
        most = self.model.available(member)
        return self.chance.randrange(1, most + 1) if most > 0 else 0

    def redeem(self, member, entity):
        points = self.some(member)
        if points > 0:
            done = self.client.post("/v1/redemptions", {"member": {"id": member}, "points": points,
                                                        "store": "S" + entity}, expect=201)["id"]
            self.redemptions.append((done, self.model.redeem(member, entity, points), entity))

    def hold(self, member, entity):
        points = self.some(member)
        if points < 2:
            return
        hold = self.client.post("/v1/holds", {"member": {"id": member}, "points": points, "store": "S" + entity}, expect=201)["id"]
        spent = points // 2
        self.client.post(f"/v1/holds/{hold}/capture", {"points": spent, "store": "S" + entity}, expect=201)
        self.model.redeem(member, entity, spent)

    def undo(self, _, entity):
        """At another store than where it was redeemed."""
        if not self.redemptions:
            return
        index = self.chance.randrange(len(self.redemptions))
        done, drawn, redeemer = self.redemptions[index]
        left = sum(part for _, part in drawn)
        if left > 0:
            points = self.chance.randrange(1, left + 1)
            self.client.post(f"/v1/redemptions/{done}/reversals", {"points": points, "store": "S" + entity}, expect=201)
            self.model.undo(drawn, redeemer, points)

    def transfer(self, member, _):
        taker = self.chance.choice([one for one in self.members if one != member])
        points = self.some(member)
        if points > 0:
            self.client.post("/v1/transfers", {"from": {"id": member}, "to": {"id": taker}, "points": points}, expect=201)
            self.model.transfer(member, taker, points)

    def give_back(self, _, entity):
        if not self.purchases:
            return
        purchase, member, lot, points = self.purchases.pop(self.chance.randrange(len(self.purchases)))
        self.client.post(f"/v1/purchases/{purchase}/returns", {"store": "S" + entity}, expect=201)
        self.model.claw_back(member, lot, points)

    def merge(self):
        """The last two become one person, who draws on the lots of both."""
        into, gone = self.members[-2], self.members.pop()
        self.client.post("/v1/merges", {"into": {"id": into}, "from": {"id": gone}}, expect=201)
        self.model.lots[into] += self.model.lots.pop(gone, [])
        for lot in self.model.lots[into]:
            lot[3] = into
        self.purchases = [(one, into if member == gone else member, lot, points)
                          for one, member, lot, points in self.purchases]

    def adjust(self, member, entity):
        points = self.some(member)
        if points > 0 and self.chance.random() < 0.5:
            self.model.adjust_down(member, points)
            points = -points
        else:
            points = self.chance.randrange(1, 100)
            self.model.issue(member, entity, points, "adjusted")
        self.client.post("/v1/adjustments", {"member": {"id": member}, "points": points, "reason": "test",
                                             "store": "S" + entity}, expect=201)


@pytest.mark.parametrize("debt", ["clamp", "allow"])
def test_a_random_history_agrees_with_a_model_of_its_own(fresh_server, debt):
    history = History(Books(fresh_server, debt), SEED, debt == "allow")
    for step in range(STEPS):
        history.step()
        if step % 40 == 39:
            check(history)
            if debt == "clamp":
                history.merge()
    assert len([points for points in history.model.settled.values() if points > 0]) == 6
    job = history.client.wait_for_job(history.client.post("/v1/finance/verifications", expect=202)["job"])
    assert job["state"] == "done", job


def check(history):
    model, books = history.model, history.books
    lines = books.lines(**{"from": OPEN})
    for entity in ENTITIES:
        wanted = {name: points for name, points in model.columns[entity].items() if points != 0}
        line = lines.get((OPEN, entity), {})
        found = {name: line[name] for name in ("issued", "redeemed", "clawed_back", "written_off", "adjusted",
                                             "transferred") if line.get(name)}
        assert found == wanted, entity
        left = sum(lot[1] for lots in model.lots.values() for lot in lots if lot[0] == entity)
        owing = sum(points for debts in model.debts.values() for of, points in debts if of == entity)
        assert line.get("closing", 0) == left - owing
    assert books.settlements(f"{TODAY:%Y-%m}")[0] == {pair: points for pair, points in model.settled.items() if points != 0}
    owed = books.client.all("/v1/liability")
    assert sum(line["closing"] for line in lines.values()) == sum(one["outstanding"] - one["debt"] for one in owed)
