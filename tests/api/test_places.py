"""The tree of places, opening hours, employees, what events keep of them, and the share of members in sales."""
import itertools
import time

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)


@pytest.fixture(scope="module", params=ENGINES)
def chain(request, servers):
    """A server with a small chain; its client."""
    server = servers.start(request.param)
    client = server.client
    client.post("/v1/places", [
        {"code": "ACME", "kind": "company", "name": "Acme"},
        {"code": "ACME-CN", "kind": "entity", "name": "Acme China", "parent": "ACME", "currency": "CNY",
         "zone": "Asia/Shanghai"},
        {"code": "NOODLES", "kind": "brand", "name": "Noodles", "parent": "ACME-CN"},
        {"code": "EAST", "kind": "region", "name": "East", "parent": "NOODLES"},
        {"code": "SH1", "kind": "store", "name": "Bund", "parent": "EAST", "cut_minutes": 240},
        {"code": "SH1/1", "kind": "till", "name": "Till 1", "parent": "SH1"},
    ], expect=200)
    assert settled(client, "/v1/places/SH1/now?at=2026-11-22T19:59:00Z")["zone"] == "Asia/Shanghai"
    yield client
    server.close()


def settled(client, path):
    """The reply once the configuration is in force everywhere."""
    time.sleep(1.5)
    return client.get(path, expect=200)


def sale(amount, **fields):
    return {"receipt": f"R{next(COUNTER)}", "channel": "pos", "store": "SH1",
            "total": {"amount": amount, "currency": "USD"}, **fields}


def test_the_tree_comes_each_place_after_the_one_it_lies_in(chain):
    nodes = chain.get("/v1/place-tree", expect=200)["items"]
    assert [(node["code"], node["depth"]) for node in nodes][:6] == [
        ("ACME", 0), ("ACME-CN", 1), ("NOODLES", 2), ("EAST", 3), ("SH1", 4), ("SH1/1", 5)]
    assert {node["code"] for node in nodes} == {place["code"] for place in chain.all("/v1/places")}
    assert chain.get("/v1/places/SH1%2F1", expect=200)["kind"] == "till"


def test_a_store_has_the_zone_of_the_place_above_and_its_own_cut(chain):
    before = chain.get("/v1/places/SH1/now", params={"at": "2026-11-22T19:59:00Z"}, expect=200)
    after = chain.get("/v1/places/SH1/now", params={"at": "2026-11-22T20:00:00Z"}, expect=200)
    assert (before["business_day"], after["business_day"]) == ("2026-11-22", "2026-11-23")
    assert before["open"] is None


def test_opening_hours_know_nights_and_exceptions(chain):
    place = {"code": "BAR", "kind": "store", "name": "Bar", "parent": "EAST", "hours": {
        "weekly": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "opens": "18:00", "closes": "02:00"}],
        "exceptions": [{"day": "2026-11-24", "closed": True},
                       {"day": "2026-11-29", "opens": "10:00", "closes": "12:00"}]}}
    made = chain.put("/v1/places/BAR", place, expect=200)
    assert chain.get("/v1/places/BAR", expect=200)["hours"] == made["hours"]
    settled(chain, "/v1/places/BAR")
    for at, is_open in [("2026-11-23T18:00:00", True), ("2026-11-23T17:59:00", False), ("2026-11-24T01:59:00", True),
                        ("2026-11-24T02:00:00", False), ("2026-11-24T19:00:00", False), ("2026-11-29T11:00:00", True),
                        ("2026-11-29T19:00:00", False), ("2026-11-22T20:00:00", False)]:
        assert chain.get("/v1/places/BAR/now", params={"at": at + "+08:00"}, expect=200)["open"] is is_open, at


@pytest.mark.parametrize("place, code", [
    ({"code": "X", "kind": "company", "name": "X", "parent": "SH1"}, "place.parent"),
    ({"code": "X", "kind": "store", "name": "X", "parent": "NOWHERE"}, "place.parent"),
    ({"code": "X/1", "kind": "till", "name": "X", "parent": "EAST"}, "place.till_code"),
    ({"code": "EAST/1", "kind": "till", "name": "X", "parent": "EAST"}, "place.parent"),
    ({"code": "T1", "kind": "till", "name": "X", "parent": "SH1"}, "place.till_code"),
    ({"code": "EAST", "kind": "region", "name": "East", "parent": "EAST"}, "place.ring"),
    ({"code": "SH1", "kind": "region", "name": "Bund", "parent": "EAST"}, "place.kind"),
    ({"code": "X", "kind": "store", "name": "X", "zone": "Mars/Olympus"}, "zone.unknown"),
    ({"code": "X", "kind": "entity", "name": "X", "currency": "QQQ"}, "json.currency"),
    ({"code": "X", "kind": "store", "name": "X", "hours": {"weekly": [
        {"days": ["monday"], "opens": "09:00", "closes": "10:00"}]}}, "place.hours"),
    ({"code": "X", "kind": "store", "name": "X", "hours": {"weekly": [
        {"days": ["mon"], "opens": "09:00", "closes": "25:00"}]}}, "place.hours"),
])
def test_what_is_no_tree_is_refused(chain, place, code):
    reply = chain.post("/v1/places", place)
    assert (reply.status in (409, 422), reply.code) == (True, code), reply


def test_a_region_moves_with_all_below_it_but_not_below_itself(chain):
    chain.put("/v1/places/NORTH", {"kind": "region", "name": "North", "parent": "NOODLES"}, expect=200)
    chain.put("/v1/places/CITY", {"kind": "region", "name": "City", "parent": "NORTH"}, expect=200)
    assert chain.post("/v1/places/NORTH/move", {"parent": "CITY"}).code == "place.ring"
    assert chain.post("/v1/places/CITY/move", {"parent": "EAST"}, expect=200)["parent"] == "EAST"
    assert chain.delete("/v1/places/EAST").code == "place.not_empty"
    chain.delete("/v1/places/CITY", expect=204)
    chain.delete("/v1/places/NORTH", expect=204)


def test_old_stores_are_places_and_places_of_another_kind_are_no_stores(chain):
    chain.put("/v1/stores/OLD", {"name": "Old", "region": "south", "parent": "EAST"}, expect=200)
    assert chain.get("/v1/places/OLD", expect=200)["kind"] == "store"
    assert "EAST" not in {store["code"] for store in chain.all("/v1/stores")}
    assert chain.get("/v1/stores/EAST").code == "catalogue.unknown"
    assert chain.put("/v1/stores/EAST", {"name": "no"}).code == "place.kind"
    chain.put("/v1/places/OLD", {"kind": "store", "name": "Older", "parent": "EAST"}, expect=200)
    assert chain.get("/v1/stores/OLD", expect=200)["region"] == "south"
    chain.delete("/v1/stores/OLD", expect=204)


def test_a_closed_store_takes_no_more_events_and_a_reopened_one_does(chain):
    chain.put("/v1/places/SHUT", {"kind": "store", "name": "Shut", "parent": "EAST"}, expect=200)
    assert chain.post("/v1/places/SHUT/close", {"on": "2026-11-01"}, expect=200)["closed_on"] == "2026-11-01"
    settled(chain, "/v1/places/SHUT")
    assert chain.post("/v1/purchases", sale("5.00", store="SHUT")).code == "store.closed"
    assert chain.post("/v1/purchases", sale("5.00", store="SHUT", business_day="2026-10-31"), expect=201)
    assert chain.post("/v1/purchases", sale("5.00", store="EAST")).code == "store.kind"
    assert chain.post("/v1/places/SHUT/close", {"reopen": True}, expect=200)["closed_on"] is None
    settled(chain, "/v1/places/SHUT")
    chain.post("/v1/purchases", sale("5.00", store="SHUT"), expect=201)


def test_an_event_keeps_its_store_till_and_employee_under_the_seal(chain):
    chain.post("/v1/employees", [{"code": "E1", "name": "Ann", "store": "SH1"},
                                 {"code": "E2", "name": "Ben", "store": "SH1", "inactive": True}], expect=200)
    assert chain.get("/v1/employees/E1", expect=200)["name"] == "Ann"
    assert {one["code"] for one in chain.all("/v1/employees")} >= {"E1", "E2"}
    settled(chain, "/v1/employees/E2")
    member = chain.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"PLACES{next(COUNTER)}"}]},
                        expect=201)["id"]
    bought = chain.post("/v1/purchases", sale("9.00", till="1", employee="E1", member={"id": member}), expect=201)["id"]
    event = chain.get(f"/v1/events/{bought}", expect=200)
    assert (event["store"], event["till"], event["employee"]) == ("SH1", "1", "E1")
    assert chain.get(f"/v1/purchases/{bought}", expect=200)["employee"] == "E1"
    back = chain.post(f"/v1/purchases/{bought}/returns", {"store": "SH1", "till": "2", "employee": "E1"}, expect=201)
    assert chain.get(f"/v1/events/{back['id']}", expect=200)["till"] == "2"
    visit = chain.post("/v1/visits", {"member": {"id": member}, "store": "SH1", "employee": "E1"}, expect=201)["id"]
    assert chain.get(f"/v1/events/{visit}", expect=200)["employee"] == "E1"
    assert chain.post("/v1/purchases", sale("9.00", employee="E2")).code == "employee.inactive"
    chain.post("/v1/purchases", sale("9.00", employee="STRANGER"), expect=201)
    chain.put("/v1/employees/E2", {"name": "Ben", "store": "SH1"}, expect=200)
    chain.delete("/v1/employees/E2", expect=204)


def test_the_same_event_through_another_employee_is_another_event(chain):
    first = sale("3.00", event_id=f"same-{next(COUNTER)}", employee="E1")
    chain.post("/v1/purchases", first, expect=201)
    assert chain.post("/v1/purchases", first, expect=200)["duplicate"] is True
    assert chain.post("/v1/purchases", {**first, "receipt": "other", "employee": "E9"}).code == "event.conflict"


def test_member_share_counts_anonymous_sales_until_they_are_claimed(chain):
    store = f"SHARE{next(COUNTER)}"
    member = chain.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"PLACES{next(COUNTER)}"}],
                                        "store": store}, expect=201)["id"]
    chain.post("/v1/purchases", sale("30.00", store=store, member={"id": member}), expect=201)
    anonymous = chain.post("/v1/purchases", sale("10.00", store=store), expect=201)["id"]
    figures = figures_of(chain, store)
    assert (figures["purchases"], figures["anonymous_purchases"], figures["member_share"]) == (2, 1, 0.75)
    assert (figures["sales"]["amount"], figures["anonymous_sales"]["amount"]) == ("40.00", "10.00")
    assert figures["new_members"] == 1
    chain.post(f"/v1/purchases/{anonymous}/claim", {"member": {"id": member}}, expect=201)
    figures = figures_of(chain, store)
    assert (figures["anonymous_purchases"], figures["member_share"]) == (0, 1)


def figures_of(client, store):
    reply = client.get("/v1/store-figures", params={"store": store}, expect=200)
    assert len(reply["stores"]) == 1
    assert {**reply["total"], "store": store} == reply["stores"][0]
    return reply["stores"][0]


def test_figures_of_an_empty_period_and_a_wrong_one(chain):
    empty = chain.get("/v1/store-figures", params={"from": "2020-01-01", "to": "2020-01-31"}, expect=200)
    assert empty["stores"] == [] and empty["total"]["member_share"] is None
    wrong = chain.get("/v1/store-figures", params={"from": "2020-02-01", "to": "2020-01-31"})
    assert wrong.code == "insight.range"
