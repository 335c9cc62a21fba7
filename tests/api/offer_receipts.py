"""Receipts under offers, worked by hand: each has offers of its own (in a store of its own), a basket, and what it must cost.

A line is (sku, category, quantity, public price of the line); `shipping` as category makes it one for shipping. `lines` are what each
line costs, `applied` the offers that apply in their order with what each takes off, `refused` why others do not.
"""


def offer(discount, **more):
    return {"name": "an offer", "discount": discount, **more}


def percent(value, **more):
    on = {key: more.pop(key) for key in ("on", "count", "most") if key in more}
    return offer({"kind": "percentage", "percent": value, **on}, **more)


def amount(value, **more):
    on = {key: more.pop(key) for key in ("on", "count", "most") if key in more}
    return offer({"kind": "amount", "amount": value, **on}, **more)


def price(value, **more):
    on = {key: more.pop(key) for key in ("on", "count", "most") if key in more}
    return offer({"kind": "price", "price": value, **on}, **more)


def prices(table, **more):
    return offer({"kind": "price", "prices": [{"sku": sku, "price": one} for sku, one in table.items()]}, **more)


def buy_get(buy, get, **more):
    of = {key: more.pop(key) for key in ("percent", "of", "which", "most") if key in more}
    return offer({"kind": "buy_get", "buy": buy, "get": get, **of}, **more)


def n_for_m(take, pay, **more):
    of = {key: more.pop(key) for key in ("which", "most") if key in more}
    return offer({"kind": "n_for_m", "take": take, "pay": pay, **of}, **more)


def set_price(count, value, **more):
    return offer({"kind": "set_price", "count": count, "price": value}, **more)


def bundle(value, *parts, **more):
    return offer({"kind": "bundle", "price": value,
                  "parts": [{"items": {"skus": [sku]}, "count": count} for sku, count in parts]}, **more)


def gift(sku, **more):
    of = {key: more.pop(key) for key in ("count", "value") if key in more}
    return offer({"kind": "gift", "sku": sku, **of}, **more)


def only(*skus):
    return {"items": {"skus": list(skus)}}


def within(*categories):
    return {"items": {"categories": list(categories)}}


HUNDRED = [("coat", "clothes", 1, "100.00")]
MIXED = [("coat", "clothes", 1, "60.00"), ("mug", "home", 2, "24.00"), ("tea", "food", 1, "16.00")]
PIECES = [("pen", "paper", 4, "8.00"), ("pad", "paper", 3, "15.00"), ("ink", "paper", 1, "9.00")]

RECEIPTS = [
    # ---- rule 13: order, exclusivity, groups, basis ----
    ("twenty per cent, then ten off", {"a": percent(20, order=1), "b": amount("10.00", order=2)}, HUNDRED,
     dict(total="70.00", applied=[("a", "20.00"), ("b", "10.00")])),
    ("ten off, then twenty per cent", {"a": percent(20, order=2), "b": amount("10.00", order=1)}, HUNDRED,
     dict(total="72.00", applied=[("b", "10.00"), ("a", "18.00")])),
    ("an exclusive twenty per cent alone", {"a": percent(20, exclusive=True), "b": amount("10.00")}, HUNDRED,
     dict(total="80.00", refused={"b": "offer.excluded_by"})),
    ("an exclusive one that is worse", {"a": percent(20, exclusive=True), "b": amount("30.00")}, HUNDRED,
     dict(total="70.00", refused={"a": "offer.excluded_by"})),
    ("two exclusive ones", {"a": percent(20, exclusive=True), "b": amount("25.00", exclusive=True)}, HUNDRED,
     dict(total="75.00", refused={"a": "offer.excluded_by"})),
    ("on the initial basis", {"a": percent(20, order=1, basis="initial"), "b": percent(10, order=2, basis="initial")}, HUNDRED,
     dict(total="70.00", applied=[("a", "20.00"), ("b", "10.00")])),
    ("cascading", {"a": percent(20, order=1), "b": percent(10, order=2)}, HUNDRED,
     dict(total="72.00", applied=[("a", "20.00"), ("b", "8.00")])),
    ("one of each basis", {"a": amount("40.00", order=1), "b": percent(50, order=2, basis="initial")}, HUNDRED,
     dict(total="10.00", applied=[("a", "40.00"), ("b", "50.00")])),
    ("never below nothing", {"a": amount("80.00", order=1), "b": amount("80.00", order=2)}, HUNDRED,
     dict(total="0.00", applied=[("a", "80.00"), ("b", "20.00")])),
    ("nothing left for the third", {"a": amount("100.00", order=1), "b": percent(10, order=2)}, HUNDRED,
     dict(total="0.00", refused={"b": "offer.nothing"})),
    ("the best of a group", {"a": percent(10, group="g"), "b": amount("12.00", group="g"), "c": percent(11, group="g")}, HUNDRED,
     dict(total="88.00", refused={"a": "offer.group", "c": "offer.group"})),
    ("the first of a group", {"a": percent(10, group="g", apply="first", order=1),
                              "b": percent(50, group="g", apply="first", order=2)}, HUNDRED,
     dict(total="90.00", refused={"b": "offer.group"})),
    ("the first that takes anything", {"a": percent(10, group="g", apply="first", order=1, **only("shoe")),
                                       "b": percent(50, group="g", apply="first", order=2)}, HUNDRED,
     dict(total="50.00", refused={})),
    ("all of a group", {"a": percent(10, group="g", apply="all", order=1), "b": percent(50, group="g", apply="all", order=2)}, HUNDRED,
     dict(total="45.00")),
    ("a group beside others", {"a": percent(10, group="g", order=1), "b": percent(20, group="g", order=1), "c": amount("5.00", order=2)},
     HUNDRED, dict(total="75.00", refused={"a": "offer.group"})),
    ("two groups, the best of each", {"a": percent(10, group="g", order=1), "b": amount("9.00", group="g", order=1),
                                      "c": percent(10, group="h", order=2), "d": amount("9.50", group="h", order=2)}, HUNDRED,
     # 10.00, then 9.50 rather than a tenth of 90.00
     dict(total="80.50", refused={"b": "offer.group", "c": "offer.group"})),
    ("an exclusive one against two others", {"a": percent(28, exclusive=True), "b": percent(20, order=1), "c": percent(10, order=2)}, HUNDRED,
     # 72.00 either way: those that come first stay
     dict(total="72.00", refused={"a": "offer.excluded_by"})),

    # ---- rules 9 and 14: spreading and rounding ----
    ("spread by largest remainder", {"a": amount("3.00")},
     [("x", "", 1, "43.00"), ("y", "", 1, "14.00"), ("z", "", 1, "23.00")],
     dict(total="77.00", lines=["41.39", "13.47", "22.14"])),
    ("sixty and forty, ten off", {"a": amount("10.00")}, [("x", "", 1, "60.00"), ("y", "", 1, "40.00")],
     dict(total="90.00", lines=["54.00", "36.00"])),
    ("ties go to the earlier line", {"a": amount("0.01")}, [("x", "", 1, "5.00"), ("y", "", 1, "5.00")],
     dict(total="9.99", lines=["4.99", "5.00"])),
    ("a percentage is rounded down on the order", {"a": percent(15)},
     [("x", "", 1, "0.99"), ("y", "", 1, "0.99"), ("z", "", 1, "0.99")],
     # 15 % of 2.97 is 0.4455: 0.44, as 0.15, 0.15, 0.14
     dict(total="2.53", lines=["0.84", "0.84", "0.85"])),
    ("or on each line", {"a": percent(15, round="line")},
     [("x", "", 1, "0.99"), ("y", "", 1, "0.99"), ("z", "", 1, "0.99")],
     dict(total="2.55", lines=["0.85", "0.85", "0.85"])),
    ("or up", {"a": percent(15, rounding="half_up")}, [("x", "", 1, "0.90"), ("y", "", 1, "0.60")],
     # 15 % of 1.50 is 0.225: 0.23, of which 0.138 and 0.092
     dict(total="1.27", lines=["0.76", "0.51"])),
    ("half to even", {"a": percent(15, rounding="half_even")}, [("x", "", 1, "1.50")],
     dict(total="1.28")),
    ("always up", {"a": percent(1, rounding="ceil")}, [("x", "", 1, "0.10")], dict(total="0.09")),
    ("a fraction of a per cent", {"a": percent("12.5")}, [("x", "", 1, "80.00")], dict(total="70.00")),
    ("at most so much", {"a": percent(50, most="20.00")}, MIXED,
     # 50.00 would be 30, 12, 8; 20.00 is 12, 4.80, 3.20
     dict(total="80.00", lines=["48.00", "19.20", "12.80"])),

    # ---- goods ----
    ("some goods", {"a": percent(25, **only("coat"))}, MIXED, dict(total="85.00", lines=["45.00", "24.00", "16.00"])),
    ("a category", {"a": percent(25, **within("home", "food"))}, MIXED, dict(total="90.00", lines=["60.00", "18.00", "12.00"])),
    ("all but some", {"a": percent(10, items={"except_categories": ["food"], "except_skus": ["coat"]})}, MIXED,
     dict(total="97.60", lines=["60.00", "21.60", "16.00"])),
    ("lines by a condition", {"a": percent(10, items={"when": "line.price >= 16.0"})}, MIXED,
     # the mugs are 12.00 each
     dict(total="92.40", lines=["54.00", "24.00", "14.40"])),
    ("nothing of its goods", {"a": percent(10, **only("shoe")), "b": amount("1.00")}, MIXED, dict(total="99.00")),
    ("off each piece", {"a": amount("1.50", on="item", **only("mug"))}, MIXED, dict(total="97.00", lines=["60.00", "21.00", "16.00"])),
    ("off each kilogram", {"a": amount("2.00", on="item")}, [("plums", "food", "1.250", "10.00")], dict(total="7.50")),
    ("the cheapest piece", {"a": percent(50, on="cheapest")}, MIXED,
     # a mug is 12.00
     dict(total="94.00", lines=["60.00", "18.00", "16.00"])),
    ("the two cheapest", {"a": percent(50, on="cheapest", count=2)}, MIXED, dict(total="88.00", lines=["60.00", "12.00", "16.00"])),
    ("the dearest piece", {"a": amount("10.00", on="dearest")}, MIXED, dict(total="90.00", lines=["50.00", "24.00", "16.00"])),

    # ---- prices ----
    ("a price for a thing", {"a": prices({"mug": "9.90", "tea": "20.00"})}, MIXED,
     # the tea is cheaper without
     dict(total="95.80", lines=["60.00", "19.80", "16.00"], applied=[("a", "4.20")])),
    ("a price that is not lower", {"a": price("200.00")}, HUNDRED, dict(total="100.00", refused={"a": "offer.price_not_lower"})),
    ("a price for all together", {"a": price("75.00", on="order")}, MIXED, dict(total="75.00", lines=["45.00", "18.00", "12.00"])),
    ("a price of the kilogram", {"a": price("7.99")}, [("plums", "food", "1.250", "12.50")],
     # 9.9875, rounded
     dict(total="9.99")),
    ("two prices, the lower", {"a": prices({"mug": "11.00"}, group="p"), "b": prices({"mug": "10.00"}, group="p")}, MIXED,
     dict(total="96.00", refused={"a": "offer.group"})),

    # ---- sets ----
    ("buy two, get the cheapest free", {"a": buy_get(2, 1)}, PIECES,
     # eight pieces, two sets: two pens of 2.00
     dict(total="28.00", lines=["4.00", "15.00", "9.00"])),
    ("in the customer's favour", {"a": buy_get(2, 1, which="best")}, PIECES,
     # 9, 5, 5 -> 5; 5, 2, 2 -> 2
     dict(total="25.00", lines=["6.00", "10.00", "9.00"])),
    ("the third at half price", {"a": buy_get(2, 1, percent=50, **only("pad"))}, PIECES, dict(total="29.50")),
    ("three for two", {"a": n_for_m(3, 2, **only("pad"))}, PIECES, dict(total="27.00", lines=["8.00", "10.00", "9.00"])),
    ("once a purchase", {"a": buy_get(1, 1, limits={"per_order": 1}, **only("pen"))}, PIECES, dict(total="30.00")),
    ("a set that is not full", {"a": n_for_m(4, 3, **only("pad"))}, PIECES, dict(total="32.00", refused={"a": "offer.minimum_quantity"})),
    ("other goods for what is bought", {"a": buy_get(2, 1, of={"skus": ["ink"]}, **only("pad"))}, PIECES,
     dict(total="23.00", lines=["8.00", "15.00", "0.00"])),
    ("three for a price", {"a": set_price(3, "5.00", **only("pen"))}, PIECES,
     # three of four pens are 6.00
     dict(total="31.00", lines=["7.00", "15.00", "9.00"])),
    ("a set that is cheaper by itself", {"a": set_price(2, "5.00", **only("pen"))}, PIECES, dict(total="32.00", refused={"a": "offer.nothing"})),
    ("sets of the dearest", {"a": set_price(2, "6.00")}, PIECES,
     # 9 + 5 for 6, 5 + 5 for 6, then 2 + 2: 8 and 4 off over 9 and 15
     dict(total="20.00", lines=["8.00", "7.50", "4.50"])),
    ("a bundle", {"a": bundle("13.00", ("pad", 1), ("ink", 1), ("pen", 1))}, PIECES,
     # 5 + 9 + 2 = 16: 3.00 off as 0.9375, 1.6875, 0.375: the pad and the ink get what is left
     dict(total="29.00", lines=["7.63", "14.06", "7.31"])),
    ("a bundle that lacks a part", {"a": bundle("13.00", ("pad", 1), ("ink", 2))}, PIECES,
     dict(total="32.00", refused={"a": "offer.minimum_quantity"})),
    ("two offers for the same pieces", {"a": buy_get(2, 1, **only("pad")), "b": set_price(3, "9.00", **only("pad"))}, PIECES,
     # a takes 5.00, b takes 6.00; the pads are in one set only
     dict(total="26.00", refused={"a": "offer.pieces"})),
    ("pieces and a percentage", {"a": buy_get(2, 1, order=1, **only("pad")), "b": percent(10, order=2)}, PIECES,
     # 27.00 less a tenth
     dict(total="24.30")),

    # ---- gifts and shipping ----
    ("a gift to add", {"a": gift("bag", minimum={"spend": "50.00"})}, MIXED, dict(total="100.00", gift=("bag", 1))),
    ("a gift that is in the basket", {"a": gift("tea", minimum={"spend": "50.00"})}, MIXED, dict(total="84.00")),
    ("the worthier of two gifts", {"a": gift("bag", value="3.00", group="g", minimum={"spend": "50.00"}),
                                  "b": gift("cup", value="4.00", group="g", minimum={"spend": "50.00"})}, MIXED,
     dict(total="100.00", gift=("cup", 1), refused={"a": "offer.group"})),
    ("free shipping", {"a": percent(100, on="shipping", minimum={"spend": "90.00"}), "b": percent(10)},
     MIXED + [("", "shipping", 1, "8.00")], dict(total="90.00", lines=["54.00", "21.60", "14.40", "0.00"])),
    ("shipping at a price", {"a": price("2.50", on="shipping")}, MIXED + [("", "shipping", 1, "8.00")], dict(total="102.50")),
    ("nothing to ship", {"a": percent(100, on="shipping")}, MIXED, dict(total="100.00", refused={"a": "offer.no_shipping"})),

    # ---- minimum, code, time, place, limits ----
    ("twelve short of the minimum", {"a": amount("15.00", minimum={"spend": "112.00"})}, MIXED,
     dict(total="100.00", refused={"a": "offer.minimum_spend"}, next=("a", "12.00", "15.00"))),
    ("the minimum is inclusive", {"a": amount("15.00", minimum={"spend": "100.00"})}, MIXED, dict(total="85.00")),
    ("the minimum is of its goods", {"a": percent(10, minimum={"spend": "50.00"}, **within("home"))}, MIXED,
     dict(total="100.00", refused={"a": "offer.minimum_spend"})),
    ("or of the order", {"a": percent(10, minimum={"spend": "50.00", "of": "order"}, **within("home"))}, MIXED, dict(total="97.60")),
    ("three pieces at least", {"a": percent(10, minimum={"quantity": 3}, **within("home"))}, MIXED,
     dict(total="100.00", refused={"a": "offer.minimum_quantity"})),
    ("with its code", {"a": percent(10, codes=["TEN"])}, HUNDRED, dict(total="90.00", codes=[" ten "])),
    ("without its code", {"a": percent(10, codes=["TENNER"])}, HUNDRED, dict(total="100.00", explain={"a": "offer.code_needed"})),
    ("a code that nobody knows", {"a": percent(10)}, HUNDRED, dict(total="90.00", codes=["HUNDRED"], unknown=["HUNDRED"])),
    ("not yet", {"a": percent(10, schedule={"starts_at": "2099-01-01T00:00:00Z"})}, HUNDRED,
     dict(total="100.00", explain={"a": "offer.not_started"})),
    ("no longer", {"a": percent(10, schedule={"ends_at": "2020-01-01T00:00:00Z"})}, HUNDRED,
     dict(total="100.00", explain={"a": "offer.ended"})),
    ("in another channel", {"a": percent(10, channels=["web"])}, HUNDRED, dict(total="100.00", explain={"a": "offer.channel"})),
    ("in its channel", {"a": percent(10, channels=["web"])}, HUNDRED, dict(total="90.00", channel="web")),
    ("by what is bought", {"a": percent(10, audience={"when": "purchase.total >= 100.0 && 'clothes' in purchase.categories"})}, HUNDRED,
     dict(total="90.00")),
    ("a budget that is too small", {"a": percent(10, limits={"budget": "5.00"})}, HUNDRED,
     dict(total="100.00", refused={"a": "offer.budget"})),
    ("what the budget has", {"a": percent(10, limits={"budget": "5.00", "budget_partial": True})}, HUNDRED, dict(total="95.00")),

    # ---- members ----
    ("a member's price, for nobody", {"a": price("80.00", audience={"members": True})}, HUNDRED,
     dict(total="100.00", refused={"a": "offer.member_needed"})),
    ("a member's price", {"a": price("80.00", audience={"members": True})}, HUNDRED,
     dict(total="80.00", member="plain", reason=("a", "member"))),
    ("a tier's price, for another", {"a": price("70.00", audience={"tiers": ["gold"]})}, HUNDRED,
     dict(total="100.00", member="plain", explain={"a": "offer.audience"})),
    ("a tier's price", {"a": price("70.00", audience={"tiers": ["gold"]}), "b": price("80.00", audience={"members": True})}, HUNDRED,
     dict(total="70.00", member="gold", reason=("a", "tier"))),
    ("by a condition on the member", {"a": percent(5, audience={"when": "member.purchases >= 1"})}, HUNDRED,
     dict(total="95.00", member="gold", reason=("a", "condition"))),
]
