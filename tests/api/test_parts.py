"""Figures of a part of the company, against numbers counted by hand and against those of the whole."""
import time
from datetime import datetime, timedelta, timezone

import pytest

from conftest import ENGINES
from test_insight import PROGRAMME, usd


def today():
    return datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)


TODAY = today()


def day(days_ago):
    return (TODAY - timedelta(days=days_ago)).strftime("%Y-%m-%d")


class Company:
    """
    Two stores. Ann (of E1) buys at E1 for 100 and 50, at W1 for 30, and spends 60 points at W1; Bob (of W1) buys at W1 for
    20 and at E1 for 10; Cat (of W1) only visits W1; Dan (of E1) bought at W1 for 40 long ago; somebody at E1 for 7.
    """

    def __init__(self, server):
        self.server, self.root = server, server.client
        version = self.root.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)["version"]
        until = time.monotonic() + 30
        while self.root.get("/v1/programme", expect=200)["version"] != version:
            assert time.monotonic() < until
            time.sleep(0.2)
        self.root.post("/v1/places", [
            {"code": "ACME", "kind": "company", "name": "Acme"},
            {"code": "EAST", "kind": "region", "name": "East", "parent": "ACME"},
            {"code": "WEST", "kind": "region", "name": "West", "parent": "ACME"},
            {"code": "E1", "kind": "store", "name": "E1", "parent": "EAST"},
            {"code": "W1", "kind": "store", "name": "W1", "parent": "WEST"},
            {"code": "W2", "kind": "store", "name": "W2", "parent": "WEST"}], expect=200)
        self.east, self.west, self.all = (self.of(place) for place in ("EAST", "WEST", "ACME"))
        self.members = {name: self.root.post("/v1/members", {
            "identifiers": [{"kind": "card", "value": f"{name}0001"}], "store": store}, expect=201)["id"]
            for name, store in (("ANN", "E1"), ("BOB", "W1"), ("CAT", "W1"), ("DAN", "E1"))}
        for who, store, days, amount in (("ANN", "E1", 10, 100), ("ANN", "E1", 5, 50), ("ANN", "W1", 3, 30),
                                         ("BOB", "W1", 8, 20), ("BOB", "E1", 2, 10), ("DAN", "W1", 400, 40)):
            self.buy(who, store, days, amount)
        self.root.post("/v1/purchases", {"receipt": "ANON", "store": "E1", "total": usd("7.00")}, expect=201)
        self.root.post("/v1/visits", {"member": {"id": self.members["CAT"]}, "store": "W1"}, expect=201)
        self.root.post("/v1/redemptions", {"member": {"id": self.members["ANN"]}, "points": 60, "store": "W1"}, expect=201)
        for who in ("ANN", "CAT"):
            self.root.post(f"/v1/members/{self.members[who]}/churn-reasons", {"reason": "too expensive"}, expect=201)

    def of(self, place, **more):
        return self.root.as_key(self.server.make_key(places=[place], name=place))

    def buy(self, who, store, days, amount):
        at = TODAY - timedelta(days=days)
        self.root.post("/v1/purchases", {"member": {"id": self.members[who]}, "store": store, "receipt": f"{who}{days}",
                                         "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "total": usd(f"{amount}.00")}, expect=201)


@pytest.fixture(scope="module", params=ENGINES)
def company(request, servers):
    server = servers.start(request.param)
    yield Company(server)
    server.close()


def overview(client, **query):
    return client.get("/v1/overview", params=query, expect=200).json


def figures(shown):
    return [shown[name] for name in ("members", "new_members", "active", "buyers", "repeat_buyers", "purchases", "visits")] + [
        shown["sales"]["amount"], shown["repeat_purchase_rate"]]


def test_the_overview_of_a_part_counts_what_happened_at_its_stores(company):
    # Ann, Bob and Dan were at E1, Dan without buying; Ann bought twice there.
    assert figures(overview(company.east)) == [3, 2, 2, 2, 1, 4, 0, "167.00", 0.5]
    assert overview(company.east)["average_basket"]["amount"] == "41.75"
    # Dan bought at W1, but not within the days of the overview nor within a year.
    assert figures(overview(company.west)) == [4, 2, 3, 3, 0, 2, 1, "50.00", 0]
    assert figures(overview(company.east, **{"from": day(5), "to": day(0)})) == [3, 2, 2, 2, 0, 3, 0, "67.00", 0]
    assert overview(company.west, store="W2")["sales"]["amount"] == "0.00"
    assert company.west.get("/v1/overview", params={"store": "E1"}).code == "auth.scope"


def test_points_of_a_part_are_those_of_the_lots_it_issued(company):
    def wallet(client):
        shown = overview(client)["wallets"][0]
        return [shown[name] for name in ("issued", "redeemed", "outstanding")]

    # Ann's first lot is of E1 and was spent at W1: it lessens what E1 owes.
    assert wallet(company.east) == [160, 60, 100]
    assert wallet(company.west) == [50, 0, 90]

    def owed(client):
        shown = client.get("/v1/liability", expect=200)["items"][0]
        return [shown[name] for name in ("issued", "redeemed", "outstanding")] + [shown["value"]["amount"]]

    assert owed(company.east) == [160, 60, 100, "1.00"]
    assert owed(company.west) == [90, 0, 90, "0.90"]
    assert owed(company.root) == [250, 60, 190, "1.90"]


def test_the_ledger_of_a_part_has_the_movements_at_its_stores(company):
    def rows(client):
        return sorted((one["kind"], one["store"], one["issued_store"], one["points"]) for one in client.all("/v1/ledger"))

    assert rows(company.east) == [("purchase", "E1", "E1", points) for points in (10, 50, 100)]
    assert rows(company.west) == [("purchase", "W1", "W1", points) for points in (20, 30, 40)] + [("redemption", "W1", "", 60)]
    assert len(rows(company.root)) == len(rows(company.east)) + len(rows(company.west))
    paged = company.east.get("/v1/ledger", params={"limit": 1}, expect=200).json
    assert paged["next"] and len(paged["items"]) <= 1


def test_stages_and_scores_of_a_part_are_of_who_was_there(company):
    def people(client):
        return sum(one["members"] for one in client.get("/v1/stages", expect=200)["stages"])

    assert (people(company.east), people(company.west), people(company.root)) == (3, 4, 4)
    assert company.east.get("/v1/rfm", expect=200)["members"] == 3
    spend = {cell["spend"]["amount"] for cell in company.east.get("/v1/rfm", expect=200)["cells"]}
    assert spend == {"180.00", "30.00", "40.00"}  # a member's standing is the member's wherever it was earned
    causes = [client.get("/v1/churn-causes", expect=200).json for client in (company.east, company.west)]
    assert [sum(one["count"] for one in reply["causes"]) for reply in causes] == [1, 2]


def test_who_sees_every_store_has_the_figures_of_the_company(company):
    for path in ("/v1/overview", f"/v1/overview?from={day(5)}&to={day(0)}", "/v1/stages", "/v1/rfm", "/v1/liability",
                 "/v1/ledger", "/v1/store-figures", "/v1/churn-causes"):
        assert company.all.get(path, expect=200).json == company.root.get(path, expect=200).json, path


def imported(client, content, **query):
    reply = client.post("/v1/imports", data=content.encode(), params=query, headers={"Content-Type": "text/csv"})
    if reply.status != 202:
        return reply.code
    job = client.wait_for_job(reply["job"])
    assert job["state"] == "done", job
    errors = client.get(f"/v1/imports/{job['id']}/errors", expect=200).text.splitlines()[1:]
    return job["counts"]["imported"], sorted(line.split(",")[2] for line in errors)


def test_an_import_of_a_part_brings_in_rows_of_its_stores(company):
    rows = "receipt,date,amount,store,card\nP1,2026-01-05,5.00,E1,ANN0001\nP2,2026-01-05,5.00,W1,ANN0001\nP3,2026-01-05,5.00,,ANN0001\n"
    assert imported(company.east, rows, kind="purchases") == (2, ["auth.scope"])
    assert imported(company.west, rows, kind="purchases") == (1, ["auth.scope", "scope.store_required"])
    stores = {one["store"] for one in company.east.all(f"/v1/members/{company.members['ANN']}/timeline") if one.get("store")}
    assert stores == {"E1"}
    joined = "card,store\nEVE0001,E1\nFAY0001,\nGUS0001,W1\n"
    assert imported(company.east, joined, kind="members", set="name=New") == (2, ["auth.scope"])
    found = [company.root.get("/v1/members", params={"card": card}, expect=200)["items"] for card in ("EVE0001", "GUS0001")]
    assert (len(found[0]), found[1]) == (1, [])
    assert found[0][0]["id"] in {one["id"] for one in company.east.all("/v1/members")}
    assert imported(company.east, "sku,name\nA,A\n", kind="items") == "auth.scope"


def test_a_file_of_ones_own_is_analysed_and_the_live_base_is_not(company):
    assert company.east.post("/v1/analyses", {"model": "rfm"}).code == "auth.scope"
    jobs = []
    for client in (company.east, company.west):
        rows = "customer,date,amount\n" + "".join(f"{who},2026-01-{day:02d},{who}.00\n" for who in range(1, 9) for day in (1, 9))
        file = client.post("/v1/analysis-files", data=rows.encode(), expect=201)["file"]
        jobs.append(client.post("/v1/analyses", {"model": "rfm", "file": file, "options": [
            {"name": "map", "value": "external=customer"}]}, expect=202)["job"])
        assert client.wait_for_job(jobs[-1])["state"] == "done"
    assert [one["job"] for one in company.east.all("/v1/analyses")] == [jobs[0]]
    assert company.east.get(f"/v1/analyses/{jobs[1]}").code == "auth.scope"
    assert {one["job"] for one in company.root.all("/v1/analyses")} >= set(jobs)


def test_a_purchase_that_was_voided_never_was(company):
    before = figures(overview(company.east)), figures(overview(company.west))
    bought = company.root.post("/v1/purchases", {"member": {"id": company.members["DAN"]}, "store": "E1", "receipt": "VOID",
                                                 "total": usd("9.00")}, expect=201)["id"]
    assert figures(overview(company.east)) != before[0]
    company.root.post(f"/v1/purchases/{bought}/void", {}, expect=201)
    assert (figures(overview(company.east)), figures(overview(company.west))) == before
