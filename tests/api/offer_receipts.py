"""Receipts under offers, worked by hand: each has offers of its own (in a store of its own), a basket, and what it must cost.

A line is (sku, category, quantity, public price of the line), and what the shop took off before, if anything; `shipping` as category makes
it one for shipping. `at` is when it is bought, `zone` where the store is. `lines` are what each line costs, `applied` the offers that apply in their order with what each takes off, `refused` why others do not.
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
FIVE = [("a1", "", 1, "10.00"), ("b1", "", 1, "8.00"), ("c1", "", 1, "6.00"), ("d1", "", 1, "4.00"), ("e1", "", 1, "3.00")]
NIGHT = [{"from": "22:00", "until": "02:00"}]

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

    # ---- the clock of the store: midnight, the turn of the year, the hours that daylight saving takes and gives ----
    ("late on Friday is still Friday", {"a": amount("10.00", schedule={"weekdays": ["fri"], "hours": NIGHT}),
                                        "b": amount("20.00", schedule={"weekdays": ["sat"], "hours": NIGHT}),
                                        "c": amount("30.00", schedule={"hours": [{"from": "01:00", "until": "01:59"}]}),
                                        "d": amount("1.00", schedule={"weekdays": ["sat"]})}, HUNDRED,
     # Saturday, a minute before two in the morning
     dict(total="89.00", at="2031-05-03T01:59:00Z", refused={"b": "offer.not_now", "c": "offer.not_now"})),
    ("the night is over", {"a": amount("10.00", schedule={"weekdays": ["fri"], "hours": NIGHT})}, HUNDRED,
     dict(total="100.00", at="2031-05-03T02:00:00Z", refused={"a": "offer.not_now"})),
    ("the night has not begun", {"a": amount("10.00", schedule={"weekdays": ["fri"], "hours": NIGHT})}, HUNDRED,
     dict(total="100.00", at="2031-05-02T21:59:59Z", refused={"a": "offer.not_now"})),
    ("the last minute of a season over the new year", {
        "a": amount("10.00", schedule={"seasons": [{"from": "12-24", "until": "01-06"}]}),
        "b": amount("20.00", schedule={"seasons": [{"from": "01-07", "until": "01-31"}]}),
        "c": amount("30.00", schedule={"seasons": [{"from": "12-24", "until": "12-31"}]}),
        "d": amount("1.00", schedule={"seasons": [{"from": "01-06", "until": "01-06"}]})}, HUNDRED,
     dict(total="89.00", at="2032-01-06T23:59:59Z", refused={"b": "offer.not_now", "c": "offer.not_now"})),
    ("the leap day", {"a": amount("10.00", schedule={"seasons": [{"from": "02-29", "until": "02-29"}]}),
                      "b": amount("20.00", schedule={"seasons": [{"from": "02-01", "until": "02-28"}]})}, HUNDRED,
     dict(total="90.00", at="2032-02-29T12:00:00Z", refused={"b": "offer.not_now"})),
    ("an hour that is not there", {"a": amount("10.00", schedule={"hours": [{"from": "02:00", "until": "03:00"}]}),
                                   "b": amount("1.00", schedule={"hours": [{"from": "03:00", "until": "04:00"}]})}, HUNDRED,
     # New York, 9 March 2031: after 01:59 comes 03:00
     dict(total="99.00", at="2031-03-09T07:00:00Z", zone="America/New_York", refused={"a": "offer.not_now"})),
    ("a night that is an hour short", {"a": amount("10.00", schedule={"weekdays": ["sat"], "hours": [{"from": "23:00", "until": "03:30"}]}),
                                       "b": amount("1.00", schedule={"weekdays": ["sat"], "hours": [{"from": "23:00", "until": "03:15"}]})},
     HUNDRED,
     # a quarter past three on Sunday, of Saturday's night
     dict(total="90.00", at="2031-03-09T07:15:00Z", zone="America/New_York", refused={"b": "offer.not_now"})),
    ("an hour that comes twice", {"a": amount("10.00", schedule={"hours": [{"from": "01:00", "until": "02:00"}]})}, HUNDRED,
     # half past one for the second time
     dict(total="90.00", at="2031-11-02T06:30:00Z", zone="America/New_York")),
    ("after it came twice", {"a": amount("10.00", schedule={"hours": [{"from": "01:00", "until": "02:00"}]})}, HUNDRED,
     dict(total="100.00", at="2031-11-02T07:00:00Z", zone="America/New_York", refused={"a": "offer.not_now"})),
    ("the day of the store", {"a": amount("10.00", schedule={"weekdays": ["sat"]})}, HUNDRED,
     # Friday in London, Saturday in Shanghai
     dict(total="90.00", at="2031-05-02T16:30:00Z", zone="Asia/Shanghai")),

    # ---- n for m over different prices ----
    ("three for two, the cheapest free", {"a": n_for_m(3, 2)}, FIVE,
     # five pieces, one set: the 3.00
     dict(total="28.00", lines=["10.00", "8.00", "6.00", "4.00", "0.00"])),
    ("three for two, the best set", {"a": n_for_m(3, 2, which="best")}, FIVE,
     # of 10, 8 and 6 the 6
     dict(total="25.00", lines=["10.00", "8.00", "0.00", "4.00", "3.00"])),
    ("five for three", {"a": n_for_m(5, 3)}, FIVE, dict(total="24.00", lines=["10.00", "8.00", "6.00", "0.00", "0.00"])),
    ("two for one, twice", {"a": n_for_m(2, 1)}, FIVE, dict(total="24.00", lines=["10.00", "8.00", "6.00", "0.00", "0.00"])),
    ("two for one, twice, the best sets", {"a": n_for_m(2, 1, which="best")}, FIVE,
     # 10 and 8, 6 and 4
     dict(total="19.00", lines=["10.00", "0.00", "6.00", "0.00", "3.00"])),
    ("two for one, at most five", {"a": n_for_m(2, 1, which="best", most="5.00")}, FIVE,
     # 8.00 and 4.00 cut to 3.333 and 1.667
     dict(total="26.00", lines=["10.00", "4.67", "6.00", "2.33", "3.00"])),
    ("a third of ten", {"a": n_for_m(3, 2)}, [("pen", "paper", 3, "10.00")], dict(total="6.67")),
    ("one short of a set", {"a": n_for_m(6, 5)}, FIVE,
     dict(total="31.00", refused={"a": "offer.minimum_quantity"}, missing_quantity={"a": 1})),

    # ---- groups beside each other ----
    ("a first, a best and an all", {
        "a": percent(10, group="g", apply="first", order=1, minimum={"spend": "150.00"}),
        "b": percent(20, group="g", apply="first", order=2), "c": amount("5.00", group="h", order=3), "d": percent(10, group="h", order=3),
        "e": amount("1.00", group="k", apply="all", order=4), "f": amount("2.00", group="k", apply="all", order=5)}, HUNDRED,
     # 20.00, a tenth of 80.00, 1.00 and 2.00
     dict(total="69.00", applied=[("b", "20.00"), ("d", "8.00"), ("e", "1.00"), ("f", "2.00")],
          refused={"a": "offer.minimum_spend", "c": "offer.group"}, missing={"a": "50.00"})),
    ("an exclusive one that loses against a group", {
        "a": percent(30, exclusive=True), "b": percent(20, group="g", order=1), "c": percent(25, group="g", order=1),
        "d": amount("6.00", order=2)}, HUNDRED,
     dict(total="69.00", refused={"a": "offer.excluded_by", "b": "offer.group"})),
    ("an exclusive one of a group that wins", {
        "a": percent(40, exclusive=True, group="g"), "b": percent(30, group="g"), "c": amount("5.00")}, HUNDRED,
     dict(total="60.00", refused={"b": "offer.group", "c": "offer.excluded_by"})),
    ("the first of a group has no lower price", {
        "a": price("150.00", group="g", apply="first", order=1), "b": price("90.00", group="g", apply="first", order=2)}, HUNDRED,
     dict(total="90.00", refused={"a": "offer.group"})),

    # ---- a personal price is never the higher one ----
    ("a member's price above the public one", {"a": price("120.00", audience={"members": True}), "b": percent(10)}, HUNDRED,
     dict(total="90.00", member="plain", refused={"a": "offer.price_not_lower"})),
    ("a member's list, partly above", {"a": prices({"coat": "70.00", "mug": "10.00"}, audience={"members": True})}, MIXED,
     dict(total="96.00", member="plain", lines=["60.00", "20.00", "16.00"], applied=[("a", "4.00")])),
    ("a tier's price for all together, above", {"a": price("150.00", on="order", audience={"tiers": ["gold"]})}, MIXED,
     dict(total="100.00", member="gold", refused={"a": "offer.price_not_lower"})),
    ("a price above what is left", {"a": percent(50, order=1), "b": price("60.00", order=2, audience={"members": True})}, HUNDRED,
     dict(total="50.00", member="plain", refused={"b": "offer.price_not_lower"})),

    # ---- the rest ----
    ("not what is reduced already", {"a": percent(10, items={"not_discounted": True})},
     [("coat", "clothes", 1, "80.00", "20.00"), ("hat", "clothes", 1, "20.00")], dict(total="98.00", lines=["80.00", "18.00"])),
    ("shipping is not below nothing", {"a": amount("5.00", on="shipping")}, MIXED + [("", "shipping", 1, "3.50")],
     dict(total="100.00", applied=[("a", "3.50")])),
    ("shipping does not count for a minimum", {"a": percent(100, on="shipping", minimum={"spend": "101.00"})},
     MIXED + [("", "shipping", 1, "8.00")], dict(total="108.00", refused={"a": "offer.minimum_spend"}, missing={"a": "1.00"})),
    ("one code for two offers", {"a": percent(10, codes=["BOTH"], order=1), "b": amount("5.00", codes=["BOTH"], order=2)}, HUNDRED,
     dict(total="85.00", codes=["both"], applied=[("a", "10.00"), ("b", "5.00")])),
    ("a code, and too little", {"a": percent(10, codes=["MUCH"], minimum={"spend": "130.00"})}, HUNDRED,
     dict(total="100.00", codes=["MUCH"], refused={"a": "offer.minimum_spend"}, missing={"a": "30.00"}, next=("a", "30.00", "13.00"))),
    ("three bundles", {"a": bundle("6.00", ("pad", 1), ("pen", 1))}, PIECES,
     # 7.00 for 6.00 three times: 3.00 over 15.00 and 6.00
     dict(total="29.00", lines=["7.14", "12.86", "9.00"])),
    ("two bundles at most", {"a": bundle("6.00", ("pad", 1), ("pen", 1), limits={"per_order": 2})}, PIECES,
     # 2.00 over 10.00 and 4.00
     dict(total="30.00", lines=["7.43", "13.57", "9.00"])),
    ("gifts that are partly in the basket", {"a": gift("pen", count=6, minimum={"spend": "30.00"})}, PIECES,
     dict(total="24.00", gift=("pen", 2))),
    ("half off the two dearest", {"a": percent(50, on="dearest", count=2)}, PIECES, dict(total="25.00", lines=["8.00", "12.50", "4.50"])),
]
