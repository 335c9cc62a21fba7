"""Overview, RFM, stages and knowledge of a member, on both engines."""
import itertools
import time
from datetime import datetime, timedelta, timezone

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
PROGRAMME = {"zone": "UTC", "currency": "USD", "register_unknown": True,
             "wallets": [{"code": "points", "value": {"points": 100, "amount": "1.00"}}],
             "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}]}


def today():
    return datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)


TODAY = today()


def usd(amount):
    return {"amount": amount, "currency": "USD"}


def buy(client, who, days_ago, amount, **fields):
    at = TODAY - timedelta(days=days_ago)
    return client.post("/v1/purchases", {
        "member": {"card": who}, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "store": "one", "receipt": f"I{next(COUNTER)}",
        "total": usd(amount), **fields}, expect=201)


@pytest.fixture(scope="module", params=ENGINES)
def base(request, servers):
    """A server with a known base: a regular, one who lapsed, one who came once, one who only visited."""
    server = servers.start(request.param)
    client = server.client
    version = client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)["version"]
    until = time.monotonic() + 30
    while client.get("/v1/programme", expect=200)["version"] != version:
        assert time.monotonic() < until
        time.sleep(0.2)
    members = {}
    for days in (80, 60, 40, 20, 5):
        members["regular"] = buy(client, "REGULAR1", days, "100.00")["member"]
    for days in (300, 290, 280):
        members["lost"] = buy(client, "LOSTONE1", days, "10.00")["member"]
    members["once"] = buy(client, "ONCE0001", 2, "50.00", store="two")["member"]
    members["visitor"] = client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "VISIT001"}]},
                                     expect=201)["id"]
    client.post("/v1/visits", {"member": {"id": members["visitor"]}, "store": "one"}, expect=201)
    back = buy(client, "REGULAR1", 1, "30.00")
    client.post(f"/v1/purchases/{back['id']}/returns", {}, expect=201)
    client.post("/v1/purchases", {"receipt": "ANON1", "total": usd("7.00"), "store": "one"}, expect=201)
    yield client, members
    server.close()


def day(days_ago):
    return (TODAY - timedelta(days=days_ago)).strftime("%Y-%m-%d")


def test_the_overview_counts_people_and_repeat_buyers(base):
    client, _ = base
    shown = client.get("/v1/overview", expect=200).json
    assert (shown["members"], shown["active"], shown["buyers"], shown["repeat_buyers"]) == (4, 4, 3, 2)
    assert float(shown["repeat_purchase_rate"]) == 0.6667
    assert shown["new_members"] >= 1 and shown["visits"] == 1


def test_the_overview_sums_sales_and_points_of_the_period(base):
    client, _ = base
    shown = client.get("/v1/overview", params={"from": day(30), "to": day(0)}, expect=200).json
    # regular: 20 and 5 days ago, and 1 day ago what came back; once: 2 days ago; anonymous: today.
    assert shown["sales"] == usd("287.00") and shown["purchases"] == 5
    assert shown["returned"] == usd("30.00") and shown["average_basket"] == usd("57.40")
    assert (shown["buyers"], shown["repeat_buyers"]) == (2, 1) and float(shown["repeat_purchase_rate"]) == 0.5
    assert len(shown["days"]) == 31 and shown["days"][0]["day"] == day(30)
    by_day = {entry["day"]: entry for entry in shown["days"]}
    assert by_day[day(2)]["sales"] == usd("50.00") and by_day[day(2)]["points_issued"] == 50
    wallet, = shown["wallets"]
    assert wallet["outstanding"] == 580 and wallet["liability"] == usd("5.80") and wallet["debt"] == 0
    assert wallet["issued"] == 280 and wallet["clawed_back"] == 30
    two = client.get("/v1/overview", params={"from": day(30), "to": day(0), "store": "two"}, expect=200)
    assert two["sales"] == usd("50.00") and two["purchases"] == 1


def test_an_empty_period_and_a_backward_one(base):
    client, _ = base
    shown = client.get("/v1/overview", params={"from": day(200), "to": day(190)}, expect=200).json
    assert shown["sales"] == usd("0.00") and shown["repeat_purchase_rate"] is None and shown["average_basket"] is None
    reply = client.get("/v1/overview", params={"from": day(1), "to": day(2)})
    assert (reply.status, reply.code) == (422, "insight.range")


def test_rfm_scores_every_buyer_once(base):
    client, _ = base
    for bins in (2, 3, 5, 10):
        shown = client.get("/v1/rfm", params={"bins": bins}, expect=200).json
        assert shown["bins"] == bins and shown["members"] == 3 == sum(cell["members"] for cell in shown["cells"])
        assert all(1 <= cell[name] <= bins for cell in shown["cells"] for name in ("recency", "frequency", "monetary"))
    assert client.get("/v1/rfm", params={"bins": 11}).status == 422
    cells = client.get("/v1/rfm", params={"bins": 3}, expect=200)["cells"]
    assert {(c["recency"], c["frequency"], c["monetary"]) for c in cells} == {(3, 3, 3), (1, 2, 1), (2, 1, 2)}


def test_stages_follow_the_rhythm_of_each_member(base):
    client, _ = base
    shown = client.get("/v1/stages", expect=200).json
    counts = {entry["stage"]: entry["members"] for entry in shown["stages"]}
    assert counts["lost"] == 1 and counts["new"] == 1 and counts["none"] == 1 and sum(counts.values()) == 4
    assert float(shown["usual_interval_days"]) > 0


def test_knowledge_tells_rhythm_value_and_scores(base):
    client, members = base
    shown = client.get(f"/v1/members/{members['lost']}/knowledge", expect=200).json
    assert shown["stage"] == "lost" and float(shown["usual_interval_days"]) == 10 and shown["days_since_purchase"] == 280
    assert shown["spend"] == usd("30.00") and shown["average_basket"] == usd("10.00") and shown["active"]
    expected = datetime.fromisoformat(shown["next_purchase_expected_at"].replace("Z", "+00:00"))
    assert expected == TODAY - timedelta(days=270)
    regular = client.get(f"/v1/members/{members['regular']}/knowledge", expect=200).json
    assert regular["purchases"] == 6 and regular["spend"] == usd("500.00") and regular["returned"] == usd("30.00")
    assert regular["rfm"]["frequency"] > shown["rfm"]["frequency"]
    visitor = client.get(f"/v1/members/{members['visitor']}/knowledge", expect=200).json
    assert visitor["stage"] == "none" and visitor["rfm"] is None and visitor["next_purchase_expected_at"] is None
    assert client.get("/v1/members/mbr_0000000000G41/knowledge").status == 404
