"""The dictionary of figures over the API, on both engines: definitions beside numbers, and values that move them."""
import time
from datetime import datetime, timedelta, timezone

from test_insight import usd

USUAL = {"active_days": 365, "own_interval_days": 3, "at_risk_intervals": 2, "lapsed_intervals": 3, "lost_intervals": 5,
         "won_back_days": 90, "new_purchases": 3, "growth_days": 90, "repeat_purchases": 2}


def today():
    return datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)


TODAY = today()


def buy(client, card, days_ago):
    client.post("/v1/purchases", {"member": {"card": card}, "receipt": f"{card}-{days_ago}", "total": usd("10.00"),
                                  "at": (TODAY - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")}, expect=201)


def until(said):
    end = time.monotonic() + 20
    while not said():
        assert time.monotonic() < end
        time.sleep(0.1)


def leaves(value, path=""):
    """The paths of the numbers in a reply, lists without their places."""
    if isinstance(value, dict) and set(value) != {"amount", "currency"}:
        return {found for name, inner in value.items() if name != "measures" for found in leaves(inner, f"{path}.{name}".lstrip("."))}
    if isinstance(value, list):
        return {found for inner in value for found in leaves(inner, path)}
    return {path} if isinstance(value, (int, float, dict)) and not isinstance(value, bool) else set()


def test_every_number_of_the_overviews_names_its_definition(fresh_server):
    client = fresh_server.client
    client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "ANN0001"}]}, expect=201)
    buy(client, "ANN0001", 3)
    known = {one["code"]: one for one in client.get("/v1/measures", expect=200)["items"]}
    assert len(known) > 60 and all(one["formula"] and one["shown"] and one["test"] for one in known.values())
    for path in ("/v1/overview", "/v1/store-figures", "/v1/stages", "/v1/rfm"):
        shown = client.get(path, expect=200).json
        named = {one["field"]: one for one in shown["measures"]}
        numbers = {one.split("stores.")[-1].split("total.")[-1] for one in leaves(shown)} - {"bins", "members", "cells.members"}
        assert numbers <= set(named), (path, numbers - set(named))
        assert all(known[one["code"]]["formula"] == one["formula"] for one in named.values())
    one = client.get("/v1/measures/repeat_purchase_rate", expect=200).json
    assert one == known["repeat_purchase_rate"] and one["formula"].startswith("repeat buyers / buyers")
    assert client.get("/v1/measures/none").code == "measures.unknown"


def test_values_that_are_set_move_figures_and_their_definitions(fresh_server):
    client = fresh_server.client
    assert client.get("/v1/measure-rules", expect=200).json == {"version": 0, **USUAL}
    client.post("/v1/members", [{"identifiers": [{"kind": "card", "value": card}]} for card in ("ANN0001", "BOB0001")], expect=200)
    for card, days in (("ANN0001", (200, 170, 140)), ("BOB0001", (20, 10, 2))):
        for ago in days:
            buy(client, card, ago)

    def figures():
        shown = client.get("/v1/overview", expect=200).json
        stages = {one["stage"]: one["members"] for one in client.get("/v1/stages", expect=200)["stages"] if one["members"]}
        return shown["active"], shown["repeat_buyers"], stages

    # Ann was silent for 140 days, which is 4.6 of her 30; Bob for 2 of his 9. Bob spent nothing in the 90 days before.
    assert figures() == (2, 2, {"lapsed": 1, "growing": 1})
    set_to = {"active_days": 100, "lost_intervals": "4.5", "repeat_purchases": 4, "new_purchases": 4}
    once = {"Idempotency-Key": "measure-rules-once"}
    kept = client.put("/v1/measure-rules", set_to, headers=once, expect=200)
    again = client.put("/v1/measure-rules", set_to, headers=once, expect=200)
    assert again.json == kept.json and again.headers["Idempotency-Replayed"] == "true"
    assert kept.json == {"version": 1, **USUAL, **set_to, "lost_intervals": 4.5} and kept.headers["ETag"] == '"v1"'
    until(lambda: figures() == (1, 0, {"lost": 1, "new": 1}))
    assert client.get("/v1/measures/active", expect=200)["formula"] == "persons with a purchase or visit in the last 100 days"
    formula = next(one["formula"] for one in client.get("/v1/overview", expect=200)["measures"] if one["field"] == "active")
    assert formula == "persons with a purchase or visit in the last 100 days"
    assert client.get("/v1/audit", params={"what": "measure_rules.updated"}, expect=200)["items"][0]["after"]["active_days"] == 100

    stale = client.put("/v1/measure-rules", {}, headers={"If-Match": '"v7"'})
    assert (stale.status, stale.code) == (412, "measures.stale")
    for wrong, code in (({"lapsed_intervals": 2}, "measures.order"), ({"active_days": 0}, "json.range"),
                        ({"growth_days": 91}, "json.range"), ({"lost_intervals": "2.55"}, None)):
        reply = client.put("/v1/measure-rules", wrong)
        assert reply.status == 422 and code in (None, reply.code), (wrong, reply)
    assert client.put("/v1/measure-rules", {}, headers={"If-Match": '"v1"'}, expect=200).json == {"version": 2, **USUAL}
    reader = client.as_key(fresh_server.make_key(["insight.read"]))
    assert reader.put("/v1/measure-rules", {}).code == "auth.forbidden"
