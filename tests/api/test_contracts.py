"""Long-term contracts, on both databases: progress, terms as facts, shortfalls, renewal, reminders, what comes late. Expected
figures are worked out by hand. The clock stands in 2026 and 2027, and goes twenty times as fast: the server looks every minute."""
import datetime
import itertools
import signal
import sqlite3
import time

import psycopg2
import pytest

import definitions
import patron
from conftest import ENGINES

COUNTER = itertools.count(1)


def stop(server):
    """The time that a server gives itself to stop goes twenty times as fast, too; it is durable at every moment."""
    assert server.stop() in (0, -signal.SIGALRM)


def clock(server, *moment):
    """Begins again at that moment."""
    if server.process.poll() is None:
        stop(server)
    moved = patron.clock_at(datetime.datetime(*moment, tzinfo=datetime.timezone.utc))
    server.environment.update({**moved, "FAKETIME": moved["FAKETIME"] + " x20"})
    server.start()


@pytest.fixture(scope="module", params=ENGINES)
def house(request, servers):
    server = servers.start(request.param)
    clock(server, 2026, 5, 26, 9)
    yield server
    server.close()


def becomes(ask, expected, seconds=60):
    until = time.monotonic() + seconds
    while ask() != expected:
        assert time.monotonic() < until, (ask(), expected)
        time.sleep(0.05)


def usd(amount):
    return {"amount": amount, "currency": "USD"}


def person(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"K{next(COUNTER)}"}]}, expect=201)["id"]


def company(client, **fields):
    return client.post("/v1/organisations", {"name": "Pine Ltd", **fields}, expect=201)["member"]


def agree(client, member, code, expect=201, **fields):
    body = {"code": code, "name": f"Contract {code}", "member": {"id": member}, "from": "2026-01-01", "months": 12, **fields}
    return client.post("/v1/contracts", body, expect=expect)


def buy(client, member, amount, at="2026-05-20T10:00:00Z", **fields):
    return client.post("/v1/purchases", {
        "member": {"id": member}, "store": "S1", "channel": "pos", "till": "1", "receipt": f"k{next(COUNTER)}", "at": at,
        "lines": [{"sku": "x", "amount": usd(amount)}, {"sku": "y", "amount": usd("20.00")}], **fields}, expect=201)["id"]


def spend(client, code, period=1):
    return client.get(f"/v1/contracts/{code}", expect=200)["periods"][period - 1]["spend"]["amount"]


def whats(client, code):
    return [one["what"] for one in client.all(f"/v1/contracts/{code}/history")]


def dues(client, code):
    return [(one["amount"]["amount"], one["correction"]) for one in client.get(f"/v1/contracts/{code}", expect=200)["dues"]]


def fact(client, member, expression):
    return client.post("/v1/rules/evaluate", {"expression": expression, "member": {"id": member}}, expect=200)["value"]


def test_a_year_of_contracts(house):
    """One story: May, then December, then January."""
    client = house.client
    spring(client)
    counted_again(house)
    clock(house, 2026, 12, 3, 9)
    december(house.client)
    clock(house, 2027, 1, 3, 9)
    january(house.client)


def spring(client):
    client.put("/v1/task-reasons/contract", {"name": "A contract ends", "role": "administrator"}, expect=200)
    time.sleep(0.5)
    pine, anna, ben = company(client), person(client), person(client)
    for contact, since in ((anna, "2026-02-01"), (ben, "2026-06-01")):
        client.put(f"/v1/organisations/{pine}/contacts/{contact}", {"role": "buyer", "from": since}, expect=200)
    # Bought before it was agreed, but within the period: it counts as well. Ben acts from June on only.
    early = buy(client, anna, "480.00", at="2026-05-19T10:00:00Z")
    buy(client, ben, "70.00")
    made = agree(client, pine, "PINE-26", commitment={"metric": "spend", "amount": usd("10000.00")}, discount="10",
                 earning_factor="1.5", payment_terms="30 days net", shortfall={"policy": "pay"}, carry_surplus=True,
                 automatic_renewal=True, notice_days=30, contacts=[{"member": anna, "role": "buyer"}],
                 reminder={"days": 30, "reason": "contract", "owner": {"role": "finance"}}, reason="won in spring")
    assert (made["state"], made["from"], made["until"], made["contacts"], made["counts"]) == (
        "running", "2026-01-01", "2027-01-01", [{"member": anna, "role": "buyer"}], "members")
    assert made["terms"] == [{"from": "2026-01-01", "discount": 10, "earning_factor": 1.5, "payment_terms": "30 days net"}]
    assert agree(client, anna, "PINE-26", expect=409).code == "contract.code"
    becomes(lambda: spend(client, "PINE-26"), "500.00")
    buy(client, pine, "1980.00")  # by the organisation itself: 2,500.00
    becomes(lambda: spend(client, "PINE-26"), "2500.00")
    # 20 of the first come back; on day 146 of 365, 3,280.00 are 8,200.00 at this pace.
    client.post(f"/v1/purchases/{early}/returns", {"lines": [{"line": 2}]}, expect=201)
    buy(client, anna, "780.00", organisation=pine)
    becomes(lambda: spend(client, "PINE-26"), "3280.00")
    shown = client.get(f"/v1/contracts/{made['id']}", expect=200)
    assert shown["progress"] == {"achieved": {"amount": usd("3280.00")}, "percent": 32, "days_left": 220,
                                 "projected": {"amount": usd("8200.00")}, "projected_percent": 82}
    assert shown["periods"][0]["purchases"] == 3 and shown["periods"][0]["missing"] == {"amount": usd("6720.00")}
    terms_are_facts(client, pine, anna)
    of_a_person(client)
    checks(client, anna)


def counted_again(house):
    """The whole journal is followed again: every event counts once."""
    def sums():
        return [(one["code"], [period["spend"] for period in one["periods"]], one["dues"]) for one in
                house.client.all("/v1/contracts")]

    before = sums()
    stop(house)
    engine = psycopg2 if house.database.startswith("postgres") else sqlite3
    connection = engine.connect(house.database)
    connection.cursor().execute("DELETE FROM cursor WHERE reader = 'reaction:contracts'")
    connection.commit()
    connection.close()
    clock(house, 2026, 6, 2, 9)
    becomes(lambda: [one["behind"] for one in house.client.all("/v1/reactions") if one["name"] == "contracts"], [0])
    assert sums() == before


def terms_are_facts(client, pine, anna):
    assert fact(client, pine, "member.contract == 'PINE-26' && member.contract_discount == 10.0 && member.contract_factor == 1.5")
    assert fact(client, anna, "member.contract == null && member.contract_discount == 0.0 && member.contract_factor == 1.0")
    definitions.publish(client, "offers", {"contract": {
        "name": "As agreed", "audience": {"when": "member.contract_discount >= 10.0"}, "discount": {"kind": "percentage", "percent": 10}}})
    quote = client.post("/v1/quotes", {"member": {"id": pine}, "store": "S1", "lines": [{"sku": "x", "amount": usd("50.00")}]})
    assert quote["total"] == usd("45.00"), quote
    # A rule that earns by the factor: 20 + 50 points. In December the day is decided again.
    definitions.publish(client, "earning-rules", {"contract": {
        "name": "By contract", "wallet": "points", "audience": {"when": "member.contract_factor > 1.0"},
        "effect": {"kind": "fixed", "points": 50}}})
    sold = client.post("/v1/purchases", {"member": {"id": pine}, "store": "S1", "receipt": "factor", "total": usd("20.00"),
                                         "event_id": "factor"}, expect=201)
    assert sum(one["points"] for one in sold["earned"]) == 70
    client.post(f"/v1/purchases/{sold['id']}/void", {}, expect=201)
    # 12.5 % from July on; what holds today stays. No second change of the same day.
    head = {"If-Match": client.get("/v1/contracts/PINE-26", expect=200).headers["ETag"]}
    changed = client.post("/v1/contracts/PINE-26/terms", {"from": "2026-07-01", "discount": "12.5", "reason": "volume"},
                          headers=head, expect=200)
    assert [one["discount"] for one in changed["terms"]] == [10, 12.5] and changed["terms"][1]["earning_factor"] == 1.5
    assert client.post("/v1/contracts/PINE-26/terms", {"from": "2026-07-01"}, expect=409).code == "contract.terms"
    assert client.post("/v1/contracts/PINE-26/terms", {"from": "2026-01-02"}, expect=409).code == "contract.terms"
    assert client.post("/v1/contracts/PINE-26/renewal", {}, headers=head, expect=412).code == "contract.version"
    assert fact(client, pine, "member.contract_discount == 10.0")


def of_a_person(client):
    """Merged and unmerged; erased; nights of stays; an early end."""
    carla, double = person(client), person(client)
    agree(client, carla, "CARLA", commitment={"metric": "purchases", "count": 10}, discount="5",
          shortfall={"policy": "pay", "price": usd("15.00")})
    buy(client, carla, "10.00")
    buy(client, double, "11.00")
    buy(client, double, "12.00")
    becomes(lambda: spend(client, "CARLA"), "30.00")
    client.post("/v1/merges", {"into": {"id": double}, "from": {"id": carla}}, expect=201)
    becomes(lambda: client.get("/v1/contracts/CARLA", expect=200)["progress"]["achieved"], {"count": 3})
    assert fact(client, double, "member.contract == 'CARLA'")
    client.post("/v1/unmerges", {"member": {"id": carla}}, expect=200)
    becomes(lambda: client.get("/v1/contracts/CARLA", expect=200)["progress"]["achieved"], {"count": 1})
    assert fact(client, double, "member.contract == null") and fact(client, carla, "member.contract == 'CARLA'")

    dora = person(client)
    agree(client, dora, "DORA", commitment={"metric": "nights", "count": 20})
    client.post("/v1/stays", {"number": "N1", "channel": "hotel", "store": "S1", "guest": {"id": dora}, "arrival": "2026-05-20",
                              "departure": "2026-05-23", "departed_at": "2026-05-23T10:00:00Z"}, expect=201)
    becomes(lambda: client.get("/v1/contracts/DORA", expect=200)["progress"]["achieved"], {"count": 3})
    assert "Contract CARLA" in client.get(f"/v1/members/{carla}/export", expect=200).text
    client.delete(f"/v1/members/{dora}", expect=204)
    assert client.get("/v1/contracts/DORA", expect=404).code == "contract.unknown"

    # From 1 January to 1 July are 181 of 365 days: 10,000.00 * 181 / 365 = 4,958.90.
    emil = person(client)
    agree(client, emil, "EMIL", commitment={"metric": "spend", "amount": usd("10000.00")}, notice_days=30,
          shortfall={"policy": "pay"})
    assert client.post("/v1/contracts/EMIL/termination", {"reason": "moves", "on": "2026-06-20"},
                       expect=409).code == "contract.notice_days"
    ended = client.post("/v1/contracts/EMIL/termination", {"reason": "moves", "on": "2026-07-01"}, expect=200)
    assert (ended["ends_on"], ended["end_reason"], ended["state"]) == ("2026-07-01", "moves", "running")
    assert ended["periods"][0]["commitment"] == {"amount": usd("4958.90")}
    assert client.post("/v1/contracts/EMIL/renewal", {}, expect=409).code == "contract.notice"
    today = client.post("/v1/contracts/EMIL/termination", {"reason": "quarrel", "on": "2026-05-26", "without_notice": True},
                        expect=200)
    assert (today["state"], today["end_reason"]) == ("ended", "quarrel")
    # 145 of 365 days: 3,972.60.
    assert dues(client, "EMIL") == [("3972.60", False)]
    number = today["dues"][0]["number"]
    paid = client.post(f"/v1/contracts/EMIL/dues/{number}/collection", {"reference": "INV-7"}, expect=200)
    assert paid["dues"][0]["reference"] == "INV-7" and paid["dues"][0]["collected_at"] is not None
    assert client.post(f"/v1/contracts/EMIL/dues/{number}/collection", {"reference": "INV-7"},
                       expect=409).code == "contract.collected"
    assert client.post("/v1/contracts/EMIL/dues/99/collection", {"reference": "x"}, expect=404).code == "contract.no_due"
    assert fact(client, emil, "member.contract == null")
    assert [(one["code"], one["amount"]["amount"]) for one in client.all("/v1/contract-dues")] == [("EMIL", "3972.60")]
    assert client.all("/v1/contract-dues", open="true") == []


def checks(client, anna):
    def code(**fields):
        return agree(client, anna, "BAD", expect=422, **fields).code
    assert code(commitment={"metric": "spend", "count": 3}) == "contract.commitment"
    assert code(commitment={"metric": "nights"}) == "contract.commitment"
    assert code(commitment={"metric": "spend", "amount": {"amount": "5.00", "currency": "EUR"}}) == "contract.currency"
    assert code(shortfall={"policy": "pay"}) == "contract.shortfall"
    assert code(commitment={"metric": "nights", "count": 9}, shortfall={"policy": "pay"}) == "contract.price"
    assert code(commitment={"metric": "nights", "count": 9}, shortfall={"policy": "extend"}) == "contract.extension"
    assert code(**{"from": "2024-01-01"}) == "contract.period"
    assert code(reminder={"days": 3, "reason": "nothing"}) == "task.reason"
    assert agree(client, anna, "B AD", expect=422).code == "contract.code_form"
    assert client.get("/v1/contracts/NONE", expect=404).code == "contract.unknown"
    fritz = person(client)
    agree(client, fritz, "FRITZ", commitment={"metric": "spend", "amount": usd("1000.00")},
          shortfall={"policy": "extend", "months": 3, "then": "lose"}, discount="7")
    agree(client, fritz, "GOES-ON", **{"from": "2026-09-01"})
    assert [one["code"] for one in client.all("/v1/contracts", member=fritz)] == ["FRITZ", "GOES-ON"]
    assert [one["code"] for one in client.all("/v1/contracts", member=fritz, state="planned")] == ["GOES-ON"]
    assert [one["code"] for one in client.all("/v1/contracts", member=fritz, ending_before="2027-06-01")] == ["FRITZ"]
    amended = client.patch("/v1/contracts/GOES-ON", {"name": "Goes on", "contacts": [{"member": anna, "role": "owner"}],
                                                     "reminder": {"days": 5, "reason": "contract"}}, expect=200)
    assert (amended["name"], amended["contacts"][0]["role"], amended["reminder"]["days"]) == ("Goes on", "owner", 5)
    amended = client.patch("/v1/contracts/GOES-ON", {"reminder": None, "reason": "no need"}, expect=200)
    assert (amended["name"], amended["reminder"], len(amended["contacts"])) == ("Goes on", None, 1)
    assert client.patch("/v1/contracts/GOES-ON", {"reminder": {"days": 5, "reason": "x"}}, expect=422).code == "task.reason"
    renewed = client.post("/v1/contracts/GOES-ON/renewal", {"months": 6, "reason": "asked"}, expect=200)
    assert renewed["renewed"] is True
    assert client.post("/v1/contracts/GOES-ON/renewal", {"count": 6}, expect=422).code == "contract.commitment"
    assert [one["code"] for one in client.all("/v1/contracts", state="ended")] == ["EMIL"]


def december(client):
    pine = client.get("/v1/contracts/PINE-26", expect=200)
    assert fact(client, pine["member"], "member.contract_discount == 12.5")
    # The reminder: 30 days before the end is 2 December.
    becomes(lambda: whats(client, "PINE-26")[-1], "reminded")
    tasks = [one for one in client.all("/v1/tasks", reason="contract")]
    assert [(one["member"], one["owner"]["role"], one["due_at"][:10]) for one in tasks] == [
        (pine["member"], "finance", "2027-01-01")]
    # Notice comes too late for this year: it would end the next one.
    assert pine["notice_days"] == 30
    job = client.post("/v1/back-tests", {"from": "2026-05-26T00:00:00Z", "until": "2026-05-27T00:00:00Z"}, expect=202)["job"]
    assert client.wait_for_job(job)["state"] == "done"
    report = client.get(f"/v1/back-tests/{job}", expect=200)
    assert (report["reproduced"], report["different"], report["failed"]) == (1, 0, 0), report
    assert [(one["earned_before"], one["earned_after"]) for one in report["wallets"]] == [(70, 70)]
    fritz = client.get("/v1/contracts/FRITZ", expect=200)["member"]
    buy(client, fritz, "580.00", at="2026-12-02T10:00:00Z")
    becomes(lambda: spend(client, "FRITZ"), "600.00")
    time.sleep(7)  # two more looks of the server: nobody is reminded again
    assert len(client.all("/v1/tasks", reason="contract")) == 1


def january(client):
    becomes(lambda: whats(client, "PINE-26")[-3:], ["short", "renewed", "due"])
    # 10,000.00 - 3,280.00; then 3,300.00 were bought in time and came late; a return takes 20.00 of these back.
    assert dues(client, "PINE-26") == [("6720.00", False)]
    pine = client.get("/v1/contracts/PINE-26", expect=200)
    assert (pine["until"], len(pine["periods"]), pine["progress"]["achieved"]) == ("2028-01-01", 2, {"amount": usd("0.00")})
    late = buy(client, pine["member"], "3280.00", at="2026-12-31T20:00:00Z")
    becomes(lambda: dues(client, "PINE-26"), [("6720.00", False), ("-3300.00", True)])
    client.post(f"/v1/purchases/{late}/returns", {"lines": [{"line": 2}]}, expect=201)
    becomes(lambda: dues(client, "PINE-26"), [("6720.00", False), ("-3300.00", True), ("20.00", True)])
    # 4,000.00 more: 560.00 too much in the end, which is carried into this year.
    buy(client, pine["member"], "3980.00", at="2026-12-31T21:00:00Z")
    becomes(lambda: dues(client, "PINE-26")[-1], ("-3440.00", True))
    shown = client.get("/v1/contracts/PINE-26", expect=200)
    assert shown["periods"][0]["due"] == usd("0.00") and shown["periods"][0]["achieved"] == {"amount": usd("10560.00")}
    assert shown["periods"][1]["carried"] == {"amount": usd("560.00")}
    notice = client.post("/v1/contracts/PINE-26/termination", {"reason": "closes"}, expect=200)
    assert notice["ends_on"] == "2028-01-01"
    assert client.post("/v1/contracts/PINE-26/termination", {"reason": "again"}, expect=409).code == "contract.notice"

    # 600.00 of 1,000.00: extended by three months, the terms with it.
    fritz = client.get("/v1/contracts/FRITZ", expect=200)
    assert (fritz["until"], fritz["periods"][0]["extended"], fritz["state"]) == ("2027-04-01", True, "running")
    assert fact(client, fritz["member"], "member.contract == 'FRITZ'")
    # 1 of 10 purchases: nine at 15.00. It is over; what comes late still counts.
    becomes(lambda: dues(client, "CARLA"), [("135.00", False)])
    carla = client.get("/v1/contracts/CARLA", expect=200)
    assert (carla["state"], carla["end_reason"]) == ("ended", "expired")
    assert fact(client, carla["member"], "member.contract == null")
    buy(client, carla["member"], "1.00", at="2026-12-30T10:00:00Z")
    becomes(lambda: dues(client, "CARLA"), [("135.00", False), ("-15.00", True)])
    assert client.post("/v1/contracts/CARLA/renewal", {}, expect=409).code == "contract.ended"
    found = [(one["code"], one["amount"]["amount"]) for one in client.all("/v1/contract-dues", open="true", limit=2)]
    assert sorted(found) == [("CARLA", "-15.00"), ("CARLA", "135.00"), ("PINE-26", "-3300.00"), ("PINE-26", "-3440.00"),
                             ("PINE-26", "20.00"), ("PINE-26", "6720.00")]
    job = client.wait_for_job(client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "done", job
