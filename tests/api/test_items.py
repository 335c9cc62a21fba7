"""Items with cost, tax and a tree of categories; prices as they came about; sales and profit; on both engines."""
import itertools
import subprocess
import time

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
PROGRAMME = {
    "zone": "Asia/Shanghai", "currency": "CNY",
    "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00", "whole_units": True, "multipliers": [
        {"code": "drinks", "factor": 2, "categories": ["drinks"]}]}],
}
CATEGORIES = [{"code": "food", "name": "Food"}, {"code": "drinks", "name": "Drinks", "parent": "food"},
              {"code": "tea", "name": "Tea", "parent": "drinks"}, {"code": "cake", "name": "Cake", "parent": "food"}]
ITEMS = [
    {"sku": "oolong", "name": "Oolong", "category": "tea", "brand": "Wuyi", "unit_cost": {"amount": "3.27", "currency": "CNY"},
     "tax_rate": "0.06", "price": {"amount": "12.00", "currency": "CNY"}},
    {"sku": "scone", "name": "Scone", "category": "cake", "brand": "Oven", "unit_cost": {"amount": "2.00", "currency": "CNY"}},
    {"sku": "bun", "name": "Bun", "category": "cake", "brand": "Oven"},
]


def today():
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))


TODAY = today()


def publish(client, document):
    version = client.post("/v1/programme/versions", {"document": document}, expect=201)["version"]
    until = time.monotonic() + 30
    while client.get("/v1/programme", expect=200)["version"] != version:
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.fixture(scope="module", params=ENGINES)
def started(request, servers):
    server = servers.start(request.param)
    publish(server.client, PROGRAMME)
    for path, rows in (("/v1/item-categories", CATEGORIES), ("/v1/items", ITEMS)):
        assert all(each["status"] == 200 for each in server.client.post(path, rows, expect=200).json), path
    time.sleep(1.5)
    yield server
    server.close()


@pytest.fixture(scope="module")
def shop(started):
    """A server with the items above; its client."""
    return started.client


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


def unique(prefix="R"):
    return f"{prefix}{next(COUNTER)}"


def buy(shop, *lines, expect=201, **fields):
    body = {"store": "S1", "channel": "pos", "receipt": unique(), "lines": list(lines), **fields}
    return shop.post("/v1/purchases", body, expect=expect)


def line(sku, amount, **fields):
    return {"sku": sku, "amount": yuan(amount), **fields}


def sales(shop, by, store, **params):
    return shop.get("/v1/sales", params={"by": by, "store": store, **params}, expect=200)


def verified(shop):
    done = shop.wait_for_job(shop.post("/v1/verify", expect=202)["job"])
    assert done["state"] == "done", done
    return done


# ---- the catalogue ----

def test_items_keep_brand_cost_and_tax(shop):
    shown = shop.get("/v1/items/oolong", expect=200)
    assert (shown["brand"], shown["unit_cost"], float(shown["tax_rate"])) == ("Wuyi", yuan("3.27"), 0.06)
    plain = shop.get("/v1/items/bun", expect=200)
    assert plain["unit_cost"] is None and plain["tax_rate"] is None
    wrong = {"name": "X", "unit_cost": {"amount": "1.00", "currency": "USD"}}
    assert shop.put("/v1/items/wrong", wrong, expect=422).code == "purchase.currencies"
    assert shop.put("/v1/items/wrong", {"name": "X", "unit_cost": yuan("-1.00")}, expect=422).code == "purchase.negative"
    assert shop.put("/v1/items/wrong", {"name": "X", "tax_rate": "1.5"}, expect=422).code == "json.range"


def test_categories_are_a_tree(shop):
    assert shop.get("/v1/item-categories/tea", expect=200)["parent"] == "drinks"
    assert {row["code"] for row in shop.all("/v1/item-categories")} >= {"food", "drinks", "tea", "cake"}
    put = lambda code, parent: shop.put(f"/v1/item-categories/{code}", {"name": code, "parent": parent})  # noqa: E731
    assert put("food", "tea").code == "category.ring"
    assert put("pie", "nowhere").code == "category.parent"
    assert shop.delete("/v1/item-categories/drinks", expect=409).code == "category.not_empty"
    parent = ""
    for depth in range(8):
        assert put(f"d{depth}", parent).status == 200
        parent = f"d{depth}"
    assert put("d8", parent).code == "category.depth"
    assert put("d0", "food").code == "category.depth"
    shop.delete("/v1/item-categories/d7", expect=204)
    first = shop.get("/v1/item-categories/cake", expect=200)
    body, old = {"name": "Cakes", "parent": "food"}, {"If-Match": first.headers["ETag"]}
    shop.put("/v1/item-categories/cake", body, headers=old, expect=200)
    assert shop.put("/v1/item-categories/cake", body, headers=old, expect=412).code == "catalogue.stale"


def test_an_item_lies_elsewhere_in_each_store(shop):
    shop.post("/v1/stores/S1/shelves", [{"sku": "oolong", "aisle": "3", "shelf": "B2"},
                                        {"sku": "scone", "aisle": "1", "shelf": "A1"}], expect=200)
    shop.put("/v1/stores/S2/shelves/oolong", {"aisle": "9"}, expect=200)
    assert [(row["sku"], row["shelf"]) for row in shop.all("/v1/stores/S1/shelves", limit=1)] == [
        ("oolong", "B2"), ("scone", "A1")]
    assert shop.get("/v1/stores/S2/shelves/oolong", expect=200)["aisle"] == "9"
    shop.delete("/v1/stores/S2/shelves/oolong", expect=204)
    assert shop.get("/v1/stores/S2/shelves/oolong", expect=404).code == "catalogue.unknown"
    assert shop.get("/v1/stores/S1/shelves/oolong", expect=200)["shelf"] == "B2"


# ---- lines ----

def test_a_rule_for_a_category_counts_what_lies_in_it_also_after_the_tree_changed(shop):
    """20 of tea, which lies in drinks, count twice; 10 of cake once: 30 + 20. Half of the tea back takes 20."""
    bought = buy(shop, line("oolong", "20.00", quantity=2), line("scone", "10.00"), member={"card": unique("CAT")})
    assert bought["balances"][0]["balance"] == 50
    shop.put("/v1/item-categories/tea", {"name": "Tea", "parent": "food"}, expect=200)
    time.sleep(1.5)
    later = buy(shop, line("oolong", "20.00"), member={"card": unique("CAT")})
    back = shop.post(f"/v1/purchases/{bought['id']}/returns", {"lines": [{"line": 1, "quantity": "1"}]}, expect=201)
    shop.put("/v1/item-categories/tea", {"name": "Tea", "parent": "drinks"}, expect=200)
    time.sleep(1.5)
    assert later["balances"][0]["balance"] == 20
    assert back["points_clawed_back"] == [{"wallet": "points", "points": 20}]


def test_discounts_are_told_apart_and_never_spread_again(shop):
    """60 + 40 with 10 off is 6 / 4: returning the 40 gives back 36 and leaves 54."""
    coupon = lambda amount: [{"kind": "coupon", "code": "TEN", "amount": yuan(amount)}]  # noqa: E731
    bought = buy(shop, line("bun", "54.00", list_price=yuan("60.00"), discounts=coupon("6.00")),
                 line("scone", "36.00", discounts=coupon("4.00")), member={"card": unique("DISC")})
    assert bought["balances"][0]["balance"] == 90
    shown = shop.get(f"/v1/purchases/{bought['id']}", expect=200)["lines"]
    assert [(each["list_price"], each["discount"]) for each in shown] == [
        (yuan("60.00"), yuan("6.00")), (yuan("40.00"), yuan("4.00"))]
    assert shown[1]["discounts"] == [{"kind": "coupon", "code": "TEN", "amount": yuan("4.00")}]
    back = shop.post(f"/v1/purchases/{bought['id']}/returns", {"lines": [{"line": 2}]}, expect=201)
    assert back["amount"] == yuan("36.00") and back["points_clawed_back"] == [{"wallet": "points", "points": 36}]
    assert [each["amount"] for each in shop.get(f"/v1/purchases/{bought['id']}", expect=200)["left"]] == [
        yuan("54.00"), yuan("0.00")]


def test_discounted_thirds_go_back_as_34_33_33(shop):
    """Three lines of 40.00 less 6.67, 6.67 and 6.66 cost 33.33, 33.33 and 33.34 and earn 100."""
    discounts = ["6.67", "6.67", "6.66"]
    bought = buy(shop, *(line("bun", amount, list_price=yuan("40.00"), discounts=[
        {"kind": "promotion", "code": "A", "amount": yuan("5.00")},
        {"kind": "manual", "amount": yuan(f"{float(off) - 5:.2f}")}])
        for amount, off in zip(["33.33", "33.33", "33.34"], discounts)), member={"card": unique("THIRD")})
    taken = [shop.post(f"/v1/purchases/{bought['id']}/returns", {"lines": [{"line": number}]}, expect=201)
             ["points_clawed_back"][0]["points"] for number in (1, 2, 3)]
    assert taken == [34, 33, 33]


def test_prices_that_do_not_agree_are_refused_by_field(shop):
    def refused(**fields):
        reply = buy(shop, line("bun", "9.00", **fields), expect=422)
        return reply.code, reply["errors"][0]["field"] if "errors" in reply.json else reply.json.get("field")

    assert refused(list_price=yuan("10.00"), discount=yuan("2.00")) == ("purchase.list_price", "lines[0].list_price")
    assert refused(discount=yuan("2.00"), discounts=[{"amount": yuan("1.00")}])[0] == "purchase.discounts"
    assert refused(list_price=yuan("8.00"))[0] == "purchase.negative"
    assert refused(modifiers=[{"code": "ice", "price": {"amount": "1.00", "currency": "USD"}}])[0] == \
        "purchase.currencies"
    assert refused(modifiers=[{"code": "ice"}] * 21)[0] == "json.count"


def test_words_of_modifiers_go_with_the_member_and_codes_stay(shop):
    card = unique("MOD")
    bought = buy(shop, line("oolong", "14.00", modifiers=[
        {"code": "pearls", "quantity": 2, "price": yuan("2.00")}, {"text": "less ice, for Mr Wang"}]),
        member={"card": card})
    shown = shop.get(f"/v1/purchases/{bought['id']}", expect=200)["lines"][0]["modifiers"]
    assert shown == [{"code": "pearls", "quantity": 2, "price": yuan("2.00")},
                     {"text": "less ice, for Mr Wang", "quantity": 1, "price": yuan("0.00")}]
    verified(shop)
    shop.delete(f"/v1/members/{bought['member']}", expect=204)
    left = shop.get(f"/v1/events/{bought['id']}", expect=200)
    assert "Wang" not in left.text and left["lines"][0]["modifiers"][0]["code"] == "pearls"
    verified(shop)


def test_the_same_event_must_have_the_same_terms(shop):
    body = {"event_id": unique("E"), "channel": "pos", "at": "2026-01-05T10:00:00Z",
            "lines": [line("bun", "9.00", list_price=yuan("10.00"), discounts=[{"kind": "member", "amount": yuan("1.00")}])]}
    first = shop.post("/v1/purchases", body, expect=201)
    assert shop.post("/v1/purchases", body, expect=200)["id"] == first["id"]
    body["lines"][0]["discounts"][0]["kind"] = "coupon"
    assert shop.post("/v1/purchases", body, expect=409).code == "event.conflict"


# ---- cost, tax, profit ----

def test_cost_and_tax_are_those_of_the_sale(shop):
    """2 oolong for 21.20 with 6 % tax are 20.00 net, cost 2 x 3.27; one comes back: 10.00 net, cost 3.27, profit 6.73."""
    store = unique("P")
    shop.put("/v1/items/oolong", ITEMS[0], expect=200)
    bought = buy(shop, line("oolong", "21.20", quantity=2), store=store)
    shop.put("/v1/items/oolong", {**ITEMS[0], "unit_cost": yuan("9.99"), "tax_rate": "0.5"}, expect=200)
    sold = shop.get(f"/v1/purchases/{bought['id']}", expect=200)["lines"][0]
    assert (sold["unit_cost"], sold["cost"], sold["net"]) == (yuan("3.27"), yuan("6.54"), yuan("20.00"))
    back = shop.post(f"/v1/purchases/{bought['id']}/returns", {"lines": [{"line": 1, "quantity": 1}]}, expect=201)
    returned = shop.get(f"/v1/events/{back['id']}", expect=200)["lines"][0]
    assert (returned["cost"], returned["net"]) == (yuan("3.27"), yuan("10.00"))
    shop.put("/v1/items/oolong", ITEMS[0], expect=200)
    for by, key in (("item", "oolong"), ("brand", "Wuyi"), ("category", "tea"), ("store", store)):
        group, = sales(shop, by, store)["groups"]
        assert group["key"] == key
        assert (group["sales"], group["returned"], group["net_sales"], group["cost"]) == (
            yuan("21.20"), yuan("10.60"), yuan("10.00"), yuan("3.27"))
        assert (group["profit"], group["basis"], float(group["known_cost_share"])) == (yuan("6.73"), "profit", 1)
        assert (group["purchases"], float(group["quantity"])) == (1, 1)
    verified(shop)


def test_parts_of_a_line_cost_together_what_the_line_cost(shop):
    """Three pieces for 10.00 with 13 % tax are 8.85 net; one at a time 2.95, 2.95 and what is left: 2.95."""
    store = unique("P")
    bought = buy(shop, line("loose", "10.00", quantity=3, unit_cost=yuan("1.01"), tax_rate="0.13"), store=store)
    for _ in range(3):
        shop.post(f"/v1/purchases/{bought['id']}/returns", {"lines": [{"line": 1, "quantity": 1}]}, expect=201)
    total = sales(shop, "item", store)["total"]
    assert (total["net_sales"], total["cost"], total["profit"]) == (yuan("0.00"), yuan("0.00"), yuan("0.00"))


def test_without_every_cost_it_is_sales_and_not_profit(shop):
    """Scone 10.00 with cost 2.00, bun 30.00 without: a quarter is known."""
    store = unique("P")
    buy(shop, line("scone", "10.00"), line("bun", "30.00"), store=store)
    reply = sales(shop, "item", store)
    groups = {group["key"]: group for group in reply["groups"]}
    assert (groups["scone"]["profit"], groups["scone"]["basis"]) == (yuan("8.00"), "profit")
    assert (groups["bun"]["profit"], groups["bun"]["basis"]) == (None, "sales, not profit")
    assert (reply["total"]["profit"], float(reply["total"]["known_cost_share"])) == (None, 0.25)
    assert {each["figure"] for each in reply["definitions"]} >= {"sales", "net_sales", "cost", "profit"}


def test_sales_by_any_level_of_the_tree_and_by_day(shop):
    store = unique("P")
    buy(shop, line("oolong", "10.60"), line("scone", "5.00"), store=store)
    by_level = lambda level: {group["key"]: group["net_sales"]["amount"]  # noqa: E731
                              for group in sales(shop, "category", store, level=level)["groups"]}
    assert by_level(1) == {"food": "15.00"}
    assert by_level(2) == {"drinks": "10.00", "cake": "5.00"}
    assert by_level(3) == {"tea": "10.00", "cake": "5.00"} == by_level(0)
    day, = sales(shop, "day", store, **{"from": TODAY})["groups"]
    assert day["purchases"] == 1 and day["sales"] == yuan("15.60")
    assert shop.get("/v1/sales", params={"by": "day", "from": "2026-02-01", "to": "2026-01-01"}, expect=422).code == \
        "sales.range"


def test_sales_agree_with_the_measures_of_the_stores(shop):
    stores = shop.get("/v1/store-figures", expect=200)["stores"]
    groups = {group["key"]: group for group in sales(shop, "store", "")["groups"]}
    for figures in stores:
        if figures["purchases"] or float(figures["returned"]["amount"]):
            group = groups[figures["store"]]
            assert (group["purchases"], group["sales"], group["returned"]) == (
                figures["purchases"], figures["sales"], figures["returned"])


def test_a_purchase_claimed_later_counts_once_and_keeps_its_cost(shop):
    store = unique("P")
    bought = buy(shop, line("scone", "10.00", quantity=2), store=store)
    shop.post(f"/v1/purchases/{bought['id']}/returns", {"lines": [{"line": 1, "quantity": 1}]}, expect=201)
    who = buy(shop, line("bun", "1.00"), member={"card": unique("LATE")})["member"]
    shop.post(f"/v1/purchases/{bought['id']}/claim", {"member": {"id": who}}, expect=201)
    shop.post(f"/v1/purchases/{bought['id']}/returns", {}, expect=201)
    total = sales(shop, "item", store)["total"]
    assert (total["sales"], total["net_sales"], total["cost"]) == (yuan("10.00"), yuan("0.00"), yuan("0.00"))
    verified(shop)


def test_whoever_sees_one_store_sees_its_sales_alone(started, shop):
    shop.post("/v1/places", [{"code": "OWN", "kind": "store", "name": "Own"},
                             {"code": "OTHER", "kind": "store", "name": "Other"}], expect=200)
    buy(shop, line("bun", "3.00"), store="OWN")
    buy(shop, line("bun", "4.00"), store="OTHER")
    key = shop.post("/v1/keys", {"name": unique("k"), "scopes": ["insight.read", "catalogue.write", "catalogue.read"],
                                 "places": ["OWN"]}, expect=201)
    own = shop.as_key(key["token"])
    reply = own.get("/v1/sales", params={"by": "store"}, expect=200)
    assert [group["key"] for group in reply["groups"]] == ["OWN"] and reply["total"]["sales"] == yuan("3.00")
    assert own.get("/v1/sales", params={"by": "store", "store": "OTHER"}, expect=403).code == "auth.scope"
    own.put("/v1/stores/OWN/shelves/bun", {"aisle": "1"}, expect=200)
    assert own.put("/v1/stores/OTHER/shelves/bun", {"aisle": "1"}, expect=403).code == "auth.scope"


def test_the_command_line_shows_sales_and_says_when_they_are_not_profit(started, patron_binary):
    environment = {"PATRON_DATABASE": started.database, "PATRON_KEY_FILE": started.key_file, "PATH": "/usr/bin:/bin"}
    store = unique("P")
    buy(started.client, line("scone", "10.00"), line("bun", "30.00"), store=store)
    shown = subprocess.run([patron_binary, "sales", "--by", "item", "--store", store], env=environment, text=True,
                           capture_output=True, check=True, timeout=60).stdout
    assert "sales, not profit" in shown and "8.00" in shown and "total" in shown


def test_the_command_line_keeps_categories_and_shelves(started, patron_binary, tmp_path):
    environment = {"PATRON_DATABASE": started.database, "PATRON_KEY_FILE": started.key_file, "PATH": "/usr/bin:/bin"}

    def item(*arguments):
        return subprocess.run([patron_binary, "item", *arguments], env=environment, text=True, capture_output=True,
                              timeout=60)

    (tmp_path / "tree.csv").write_text("code,name,parent\nhome,Home,\ncups,Cups,home\n")
    (tmp_path / "ring.csv").write_text("code,name,parent\ngarden,Garden,\nhome,Home,cups\n")
    (tmp_path / "shelves.csv").write_text("store,sku,aisle,shelf\nS9,oolong,7,C1\n")
    assert item("categories", str(tmp_path / "tree.csv")).stdout == "2 rows kept\n"
    refused = item("categories", str(tmp_path / "ring.csv"))
    assert refused.returncode == 1 and "line 3" in refused.stderr and "category.ring" in refused.stderr
    assert started.client.get("/v1/item-categories/garden", expect=404).code == "catalogue.unknown"
    assert item("shelves", str(tmp_path / "shelves.csv")).stdout == "1 rows kept\n"
    assert started.client.get("/v1/stores/S9/shelves/oolong", expect=200)["shelf"] == "C1"
    assert started.client.get("/v1/item-categories/cups", expect=200)["parent"] == "home"
    listed = item("list", "--format", "csv").stdout
    assert "oolong,Oolong,tea,Wuyi,12.00,3.27,0.060000" in listed
    assert item("nothing").returncode == 2


# ---- currencies ----

@pytest.mark.parametrize("currency,price,cost,wrong", [
    ("JPY", "1290", "450", "12.9"), ("CNY", "12.90", "4.50", "12.905"), ("KWD", "12.905", "4.500", "12.9055")])
def test_the_whole_path_keeps_the_decimals_of_the_currency(fresh_server, patron_binary, tmp_path, currency, price, cost,
                                                           wrong):
    client = fresh_server.client
    money = lambda amount: {"amount": amount, "currency": currency}  # noqa: E731
    publish(client, {"zone": "UTC", "currency": currency, "wallets": [{"code": "points"}],
                     "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1", "whole_units": True}]})
    client.post("/v1/items", {"sku": "a", "name": "A", "unit_cost": money(cost)}, expect=200)
    assert client.get("/v1/items/a", expect=200)["unit_cost"] == money(cost)
    refused = client.post("/v1/purchases", {"receipt": "1", "total": money(wrong)}, expect=422)
    assert refused.code == "money.decimals"
    time.sleep(1.5)
    sold = client.post("/v1/purchases", {"receipt": "2", "member": {"card": "ABCD1234"},
                                         "lines": [{"sku": "a", "amount": money(price)}]}, expect=201)
    assert sold["amount"] == money(price) and sold["balances"][0]["balance"] == int(float(price))
    environment = {"PATRON_DATABASE": fresh_server.database, "PATRON_KEY_FILE": fresh_server.key_file,
                   "PATH": "/usr/bin:/bin"}

    def patron(*arguments):
        return subprocess.run([patron_binary, *arguments], env=environment, text=True, capture_output=True, timeout=60)

    rows = tmp_path / "rows.csv"
    rows.write_text(f"receipt,date,card,amount,sku\n3,2026-01-05 10:00:00,ABCD1234,{price},a\n"
                    f"4,2026-01-05 11:00:00,ABCD1234,{wrong},a\n")
    done = patron("import", "purchases", str(rows))
    assert "1" in done.stdout and wrong in done.stdout + done.stderr
    exported = patron("export", "purchases", "--format", "csv")
    assert exported.stdout.count(price) == 2, exported
    total = client.get("/v1/sales", params={"by": "day", "from": "2026-01-01"}, expect=200)["total"]
    twice = {"JPY": ("2580", "1680"), "CNY": ("25.80", "16.80"), "KWD": ("25.810", "16.810")}[currency]
    assert (total["sales"], total["profit"]) == (money(twice[0]), money(twice[1]))
    month = time.strftime("%Y-%m", time.gmtime())
    statement = client.get(f"/v1/members/{sold['member']}/statements/{month}", params={"wallet": "points"}, expect=200)
    assert statement["closing"] == 2 * int(float(price))
    overview = client.get("/v1/overview", expect=200)
    assert currency in overview.text
    verified(client)
