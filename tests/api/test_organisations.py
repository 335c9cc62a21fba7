"""Organisations as customers: terms, contacts, whose the points are, and what becomes of a contact who leaves."""
import uuid

import pytest

from conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def client(request, servers):
    server = servers.start(request.param)
    yield server.client
    server.close()


def person(client):
    return client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"P{uuid.uuid4().hex[:12]}"}]},
                       expect=201)["id"]


def company(client, **fields):
    return client.post("/v1/organisations", {"name": "Pine Ltd", **fields}, expect=201)["member"]


def contact(client, organisation, member, **fields):
    return client.put(f"/v1/organisations/{organisation}/contacts/{member}", {"role": "buyer", **fields}, expect=200)


def bought(client, organisation, member, amount="12.00", **fields):
    return client.post("/v1/purchases", {"member": {"id": member}, "organisation": organisation,
                                         "receipt": uuid.uuid4().hex, "store": "S1",
                                         "total": {"amount": amount, "currency": "USD"}, **fields})


def balance(client, member):
    wallets = client.get(f"/v1/members/{member}", expect=200)["wallets"]
    return sum(wallet["balance"] for wallet in wallets)


def test_a_company_is_registered_once_by_its_numbers(client):
    number = uuid.uuid4().hex[:12].upper()
    made = client.post("/v1/organisations", {
        "name": "Pine Ltd", "registration": f"HRB {number[:4]}-{number[4:]}", "vat": f"de.{number}", "address": "Mill Lane 1",
        "terms": "wholesale", "credit_limit": "5,000 EUR", "payment_days": 30}, expect=201)
    assert (made["registration"], made["vat"], made["points"], made["version"]) == (
        f"HRB{number}", f"DE{number}", "company", 1)
    assert client.post("/v1/organisations", {"name": "Pine again", "vat": f"DE {number}"}).code == "member.exists"
    shown = client.get(f"/v1/members/{made['member']}", expect=200)
    assert {one["kind"] for one in shown["identifiers"]} == {"registration", "vat"}
    assert made["member"] in [one["member"] for one in client.all("/v1/organisations")]


def test_terms_change_by_version(client):
    pine = company(client, vat=uuid.uuid4().hex[:14])
    first = client.get(f"/v1/organisations/{pine}", expect=200)
    head = {"If-Match": first.headers["ETag"]}
    body = {"name": "Pine AG", "points": "person", "payment_days": 14}
    changed = client.put(f"/v1/organisations/{pine}", body, headers=head, expect=200)
    assert (changed["version"], changed["points"], changed["payment_days"], changed["vat"]) == (
        2, "person", 14, first["vat"])
    assert client.put(f"/v1/organisations/{pine}", body, headers=head).code == "organisation.version"
    assert client.put(f"/v1/organisations/{person(client)}", body).code == "organisation.unknown"
    assert client.get(f"/v1/members/{pine}", expect=200)["display_name"] == "Pine AG"


def test_the_company_earns_what_its_contact_buys_for_it(client):
    pine, anna = company(client), person(client)
    contact(client, pine, anna)
    sale = bought(client, pine, anna)
    assert (sale.status, sale["member"]) == (201, pine)
    assert (balance(client, pine), balance(client, anna)) == (12, 0)
    event = client.get(f"/v1/events/{sale['id']}", expect=200)
    assert (event["organisation"], event["contact"]) == (pine, anna)
    client.post(f"/v1/purchases/{sale['id']}/returns", {"event_id": uuid.uuid4().hex, "channel": "pos", "store": "S1"},
                expect=201)
    assert balance(client, pine) == 0


def test_by_the_terms_the_person_earns(client):
    pine, anna = company(client, points="person"), person(client)
    contact(client, pine, anna)
    assert bought(client, pine, anna)["member"] == anna
    assert (balance(client, pine), balance(client, anna)) == (0, 12)


def test_the_points_are_shared_and_come_back_from_where_they_went(client):
    pine, anna = company(client, points="shared", person_share="0.25"), person(client)
    assert client.get(f"/v1/organisations/{pine}", expect=200)["person_share"] == 0.25
    contact(client, pine, anna)
    # 33 points: a quarter is 8.25, of which Anna gets the whole ones.
    lines = [{"amount": {"amount": amount, "currency": "USD"}} for amount in ("11.00", "12.00", "10.00")]
    sale = bought(client, pine, anna, "33.00", lines=lines)
    assert (sale.status, sale["member"], sale["earned"][0]["points"]) == (201, pine, 33)
    assert (balance(client, pine), balance(client, anna)) == (25, 8)
    back = lambda *numbers: client.post(f"/v1/purchases/{sale['id']}/returns", {
        "event_id": uuid.uuid4().hex, "channel": "pos", "lines": [{"line": one} for one in numbers]}, expect=201)
    # 22 are left: 5.5, so 5 of them are Anna's; then 10: 2.
    assert back(1)["points_clawed_back"][0]["points"] == 11
    assert (balance(client, pine), balance(client, anna)) == (17, 5)
    back(2)
    assert (balance(client, pine), balance(client, anna)) == (8, 2)
    back(3)
    assert (balance(client, pine), balance(client, anna)) == (0, 0)
    shares = [one["points"][0]["points"] for one in client.all(f"/v1/members/{anna}/timeline", kind="share")]
    assert sorted(shares) == [-3, -3, -2, 8]
    for body in ({"points": "shared"}, {"points": "shared", "person_share": "1"}, {"person_share": "0.5"}):
        refused = client.post("/v1/organisations", {"name": "Oak", **body}, expect=422)
        assert (refused.code, refused["field"]) == ("organisation.share", "person_share")


def test_what_the_contact_no_longer_has_is_the_contacts_debt_and_not_the_companys(client):
    pine, anna = company(client, points="shared", person_share="0.5"), person(client)
    contact(client, pine, anna)
    sale = bought(client, pine, anna, "40.00")
    assert (balance(client, pine), balance(client, anna)) == (20, 20)
    client.post("/v1/redemptions", {"member": {"id": anna}, "wallet": "points", "points": 15}, expect=201,
                headers={"Idempotency-Key": uuid.uuid4().hex})
    client.post(f"/v1/purchases/{sale['id']}/returns", {"event_id": uuid.uuid4().hex, "channel": "pos"}, expect=201)
    # The default programme writes off what is missing.
    assert (balance(client, pine), balance(client, anna)) == (0, 0)
    other = bought(client, pine, anna, "40.00")
    client.delete(f"/v1/members/{anna}", expect=204)
    client.post(f"/v1/purchases/{other['id']}/returns", {"event_id": uuid.uuid4().hex, "channel": "pos"}, expect=201)
    assert balance(client, pine) == 0


def test_the_programme_selects_by_terms(fresh_server):
    client = fresh_server.client
    rule = {"code": "base", "wallet": "points", "points": 1, "per": "1.00",
            "multipliers": [{"code": "contract", "factor": "3", "terms": ["wholesale", "partner"]}]}
    client.post("/v1/programme/versions", {"document": {"zone": "UTC", "currency": "USD", "wallets": [{"code": "points"}],
                                                        "rules": [rule]}}, expect=201)
    basket = {"lines": [{"amount": {"amount": "10.00", "currency": "USD"}}]}
    points = lambda **more: client.post("/v1/programme/preview", {**basket, **more}, expect=200)["rules"][0]["points"]
    assert (points(), points(terms="wholesale"), points(terms="retail")) == (10, 30, 10)
    pine, oak, anna = company(client, terms="wholesale"), company(client, terms="retail"), person(client)
    for one in (pine, oak):
        contact(client, one, anna)
    sale = bought(client, pine, anna, "10.00", lines=[{"amount": {"amount": amount, "currency": "USD"}} for amount in ("4.00", "6.00")])
    bought(client, oak, anna, "10.00")
    bought(client, pine, anna, "1.00")
    assert (balance(client, pine), balance(client, oak)) == (33, 10)
    # What is left of it earns by the terms of then, whatever they are by now.
    client.put(f"/v1/organisations/{pine}", {"name": "Pine", "terms": "retail"}, expect=200)
    client.post(f"/v1/purchases/{sale['id']}/returns", {"event_id": uuid.uuid4().hex, "channel": "pos", "lines": [{"line": 1}]},
                expect=201)
    assert balance(client, pine) == 33 - 12
    job = client.wait_for_job(client.post("/v1/verify", expect=202)["job"])
    assert job["state"] == "done", job


def test_only_who_acts_for_it_on_that_day_buys_for_it(client):
    pine, anna = company(client), person(client)
    assert bought(client, pine, anna).code == "organisation.contact"
    contact(client, pine, anna, **{"from": "2026-03-01", "until": "2026-06-01"})
    for day, allowed in [("2026-02-28", False), ("2026-03-01", True), ("2026-05-31", True), ("2026-06-01", False)]:
        sale = bought(client, pine, anna, at=f"{day}T12:00:00Z")
        assert (sale.status == 201) is allowed, (day, sale)
    assert balance(client, pine) == 24
    assert bought(client, anna, pine).code == "organisation.unknown"
    assert client.post("/v1/purchases", {"organisation": pine, "receipt": uuid.uuid4().hex,
                                         "total": {"amount": "1.00", "currency": "USD"}}).code == "organisation.buyer"


def test_a_contact_who_leaves_keeps_own_points_and_the_company_its_own(client):
    pine, anna = company(client), person(client)
    contact(client, pine, anna, role="owner")
    bought(client, pine, anna)
    client.post("/v1/purchases", {"member": {"id": anna}, "receipt": uuid.uuid4().hex, "store": "S1",
                                  "total": {"amount": "5.00", "currency": "USD"}}, expect=201)
    gone = contact(client, pine, anna, until="2026-01-01")
    assert (gone["until"], gone["acts"]) == ("2026-01-01", False)
    assert (balance(client, pine), balance(client, anna)) == (12, 5)


def test_erasing_a_contact_leaves_the_company(client):
    pine, anna = company(client), person(client)
    contact(client, pine, anna)
    bought(client, pine, anna)
    exported = client.get(f"/v1/members/{anna}/export", expect=200).text
    assert pine in exported and "buyer" in exported
    assert "Pine Ltd" in client.get(f"/v1/members/{pine}/export", expect=200).text
    assert [one["organisation"] for one in client.get(f"/v1/members/{anna}/organisations", expect=200)["items"]] == [pine]
    assert [one["member"] for one in client.get(f"/v1/organisations/{pine}/contacts", expect=200)["items"]] == [anna]
    client.delete(f"/v1/members/{anna}", expect=204)
    assert client.get(f"/v1/organisations/{pine}/contacts", expect=200)["items"] == []
    assert (client.get(f"/v1/organisations/{pine}", expect=200)["name"], balance(client, pine)) == ("Pine Ltd", 12)


def test_mistakes_are_told(client):
    pine, anna = company(client), person(client)
    put = lambda organisation, member, body: client.put(f"/v1/organisations/{organisation}/contacts/{member}", body).code
    assert put(anna, pine, {"role": "buyer"}) == "organisation.unknown"
    assert put(pine, pine, {"role": "buyer"}) == "organisation.itself"
    assert put(pine, anna, {"role": "buyer", "from": "2026-02-01", "until": "2026-02-01"}) == "organisation.days"
    assert client.post("/v1/organisations", {"name": "x", "vat": "D€"}).code == "identifier.card"
    assert client.post("/v1/organisations", {"name": " "}).code == "json.length"
