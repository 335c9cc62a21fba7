"""What a chain owes and settles, told a second time: a small model of lots, households of merged members, entities and months.

It knows one points account (1 point for each whole unit, gone at the start of the day after EXPIRY_DAYS days, debt written off) and
nothing of buckets, batches or SQL. The server is asked whether it agrees.
"""
import datetime
from collections import defaultdict
from dataclasses import dataclass, field

EXPIRY_DAYS = 40
ZONE = datetime.timezone(datetime.timedelta(hours=8))


def day_of(at):
    return at.astimezone(ZONE).date()


def expiry_of(at):
    """The start of the day after so many days."""
    return datetime.datetime.combine(day_of(at) + datetime.timedelta(days=EXPIRY_DAYS + 1), datetime.time(), ZONE)


@dataclass
class Lot:
    owner: str
    number: int
    earned_at: datetime.datetime
    entity: str
    amount: int
    remaining: int = 0
    expired: int = 0

    def __post_init__(self):
        self.remaining = self.amount

    @property
    def expires_at(self):
        return expiry_of(self.earned_at)

    @property
    def order(self):
        return self.expires_at, self.earned_at, self.number


@dataclass
class Purchase:
    owner: str | None
    store: str
    at: datetime.datetime
    lines: dict  # number: minor units that are left
    earned: int = 0
    lots: list = field(default_factory=list)
    sold: int = 0  # lines

    def __post_init__(self):
        self.sold = len(self.lines)

    @property
    def whole(self):
        """Nothing of it has come back."""
        return len(self.lines) == self.sold


@dataclass
class Redemption:
    owner: str
    store: str
    drawn: list  # [lot, points], in the order of drawing


class Model:
    def __init__(self, entities):
        self.entity = entities  # of each store
        self.leader, self.lots, self.count = {}, [], 0
        self.months = defaultdict(int)  # (month, entity, column): points
        self.open_from = ""  # the first month that is not closed
        self.settled = defaultdict(int)  # (month, from, to): points issued by one entity and spent at another
        self.sales, self.purchases, self.anonymous = defaultdict(int), defaultdict(int), defaultdict(int)
        self.returned = defaultdict(int)

    # ---- people ----

    def register(self, member):
        self.leader[member] = member

    def person(self, member):
        return {one for one, leader in self.leader.items() if leader == self.leader[member]}

    def merge(self, into, other):
        for one in self.person(other):
            self.leader[one] = into

    def unmerge(self, member):
        self.leader[member] = member

    # ---- points ----

    def month_of(self, at):
        """The month of the day, unless that is closed."""
        return max(day_of(at).strftime("%Y-%m"), self.open_from)

    def book(self, at, entity, column, points):
        self.months[self.month_of(at), entity, column] += points

    def expire(self, now):
        """What is over by now."""
        for lot in self.lots:
            if lot.expires_at <= now and lot.remaining > 0:
                self.book(lot.expires_at, lot.entity, "expired", lot.remaining)
                lot.expired += lot.remaining
                lot.remaining = 0

    def open_lots(self, member):
        people = self.person(member)
        return sorted((lot for lot in self.lots if lot.owner in people and lot.remaining > 0), key=lambda lot: lot.order)

    def balance(self, member):
        return sum(lot.remaining for lot in self.open_lots(member))

    def issue(self, now, member, at, entity, points):
        if points == 0:
            return []
        self.count += 1
        lot = Lot(member, self.count, at, entity, points)
        self.lots.append(lot)
        self.book(at, entity, "issued", points)
        if lot.expires_at <= now:
            self.book(now, entity, "expired", points)
            lot.expired, lot.remaining = points, 0
        return [lot]

    def redeem(self, now, member, store, points):
        """The redemption, or None when there are too few points."""
        if points > self.balance(member):
            return None
        redemption = Redemption(member, store, [])
        for lot in self.open_lots(member):
            part = min(points, lot.remaining)
            if part == 0:
                break
            lot.remaining -= part
            points -= part
            redemption.drawn.append([lot, part])
            self.spend(now, lot, store, part)
        return redemption

    def spend(self, now, lot, store, points):
        self.book(now, lot.entity, "redeemed", points)
        if self.entity[store] != lot.entity:
            self.settled[self.month_of(now), lot.entity, self.entity[store]] += points

    def reverse(self, now, redemption, points):
        """Last drawn first, to the lots it came from; what is over meanwhile is over again."""
        for part in reversed(redemption.drawn):
            back = min(points, part[1])
            lot = part[0]
            part[1] -= back
            points -= back
            self.spend(now, lot, redemption.store, -back)
            if lot.expires_at <= now:
                lot.expired += back
                self.book(now, lot.entity, "expired", back)
            else:
                lot.remaining += back
        assert points == 0

    # ---- purchases ----

    def buy(self, now, member, store, at, lines):
        purchase = Purchase(member, store, at, dict(enumerate(lines, 1)))
        total = sum(lines)
        self.sales[store, day_of(at)] += total
        self.purchases[store, day_of(at)] += 1
        if member is None:
            self.anonymous[store, day_of(at)] += 1
        else:
            self.earn(now, purchase, member)
        return purchase

    def earn(self, now, purchase, member):
        purchase.owner = member
        purchase.earned = sum(purchase.lines.values()) // 100
        purchase.lots = self.issue(now, member, purchase.at, self.entity[purchase.store], purchase.earned)

    def give_back(self, now, purchase, line):
        """A line comes back: what it earned is taken from its own lot, then its expired part, then other lots; the rest is written off."""
        amount = purchase.lines.pop(line)
        self.returned[purchase.store, day_of(now)] += amount
        self.take_back(now, purchase)

    def exchange(self, now, purchase, line, store, lines):
        """A line comes back and others are taken on one receipt; what the old one earned is taken last."""
        new = self.buy(now, purchase.owner, store, now, lines)
        self.give_back(now, purchase, line)
        return new

    def void(self, now, purchase):
        """As if it had not been."""
        day = day_of(purchase.at)
        self.sales[purchase.store, day] -= sum(purchase.lines.values())
        self.purchases[purchase.store, day] -= 1
        purchase.lines = {}
        self.take_back(now, purchase)

    def take_back(self, now, purchase):
        """What the goods that are gone had earned."""
        left = sum(purchase.lines.values()) // 100
        points, purchase.earned = purchase.earned - left, left
        if purchase.owner is None or points == 0:
            return
        for lot in purchase.lots:
            part = min(points, lot.remaining)
            lot.remaining -= part
            points -= part
            self.book(now, lot.entity, "clawed_back", part)
        for lot in purchase.lots:
            part = min(points, lot.expired)
            lot.expired -= part
            points -= part
            self.book(now, lot.entity, "clawed_back", part)
            self.book(now, lot.entity, "expired", -part)
        for lot in self.open_lots(purchase.owner):
            part = min(points, lot.remaining)
            lot.remaining -= part
            points -= part
            self.book(now, lot.entity, "clawed_back", part)
        entity = self.entity[purchase.store]
        self.book(now, entity, "clawed_back", points)
        self.book(now, entity, "written_off", points)

    # ---- totals ----

    def total(self, column):
        return sum(points for (_, _, name), points in self.months.items() if name == column)

    def month_lines(self):
        """The lines of all months: {(month, entity): {column: what it adds}}, with opening and closing."""
        lines, balance = {}, defaultdict(int)
        signs = {"issued": 1, "redeemed": -1, "expired": -1, "clawed_back": -1, "written_off": 1}
        for month in sorted({month for month, _, _ in self.months}):
            for entity in sorted(set(self.entity.values())):
                line = {column: sign * self.months[month, entity, column] for column, sign in signs.items()}
                opening = balance[entity]
                balance[entity] += sum(line.values())
                lines[month, entity] = {**line, "opening": opening, "closing": balance[entity]}
        return lines

    def outstanding(self, entity=None):
        return sum(lot.remaining for lot in self.lots if entity in (None, lot.entity))
