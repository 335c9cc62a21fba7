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
