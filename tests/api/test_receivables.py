"""What partners and contracts owe in the months of finance: as their statements say, to the cent. On both databases."""
import collections
import csv
import decimal
import io

import pytest

import definitions
from conftest import ENGINES
from test_contracts import agree, becomes, buy, clock, person, usd
from test_partners import ACME, LAST, OPEN, REWARDS, Alliance, at_once, figures, money, unique

KINDS = ("issued", "redeemed", "rewards", "fulfilled", "due", "waived", "paid")


def receivables(client, of, to=None, **query):
    return client.get("/v1/finance/receivables", params={"from": of, "to": to or of, **query}, expect=200)["items"]


def short(line):
    """Its amounts that are not 0."""
    return {name: line[name]["amount"] for name in ("opening", *KINDS, "closing", "late")
            if decimal.Decimal(line[name]["amount"]) != 0}


def entries(client, of, to=None):
    reply = client.get("/v1/finance/journal", params={"from": of, "to": to or of}, expect=200)
    return list(csv.DictReader(io.StringIO(reply.text)))


def balances(rows, entity=None):
    """Debits less credits by account and currency."""
    sums = collections.Counter()
    for row in rows:
        if entity is None or row["entity"] == entity:
            sums[row["name"], row["currency"]] += decimal.Decimal(row["debit"] or 0) - decimal.Decimal(row["credit"] or 0)
    return {key: str(value) for key, value in sums.items() if value != 0}


def balance(rows):
    sums = collections.Counter()
    for row in rows:
        sums[row["month"], row["entity"], row["currency"]] += (
            decimal.Decimal(row["debit"] or 0) - decimal.Decimal(row["credit"] or 0))
    return set(sums.values()) <= {0}


def agree_to_the_cent(client, of, to):
    """Each statement is what the months and the entries say of its partner."""
    rows, lines = entries(client, of, to), receivables(client, of, to)
    statements = client.get("/v1/partner-statements", params={"from": of, "to": to}, expect=200)["items"]
    assert statements and balance(rows)
    for one in statements:
        place = f"partner:{one['partner']}"
        line = next((each for each in lines if (each["debtor"], each["month"]) == (place, one["month"])), None)
        said = sum(decimal.Decimal(line[kind]["amount"]) for kind in KINDS[:4]) if line else 0
        netted = sum(decimal.Decimal(row["debit"] or 0) - decimal.Decimal(row["credit"] or 0) for row in rows
                     if (row["entity"], row["month"], row["name"], row["text"]) == (
                         place, one["month"], "partners_settlement", "statement netted"))
        assert decimal.Decimal(one["net"]["amount"]) == said == netted, one
    for line in lines:
        parts = sum(decimal.Decimal(line[name]["amount"]) for name in ("opening", *KINDS))
        assert parts == decimal.Decimal(line["closing"]["amount"])


def verified(client):
    job = client.wait_for_job(client.post("/v1/finance/verifications", expect=202)["job"])
    assert job["state"] == "done", job
    assert client.wait_for_job(client.post("/v1/verify", expect=202)["job"])["state"] == "done"


@pytest.fixture(params=ENGINES)
def alliance(request, servers):
    server = servers.start(request.param)
    yield Alliance(server)
    server.close()


def pay(alliance, expect=201, partner="acme", of=LAST, **fields):
    body = {"partner": partner, "month": of, "reference": unique("t"), **fields}
    return alliance.client.post("/v1/partner-payments", body, expect=expect)


def test_statements_of_partners_are_posted_netted_and_paid(alliance):
    """
    Acme issued 1,000 points, 12.00, and took 300, 2.25: it owes 9.75. Beta took 200 of them, 1.50, which it is owed. After the
    month was closed 40 more points of it come in, 0.48; Acme pays 5.00, dated in the closed month, and 4.75.
    """
    client = alliance.client
    definitions.publish(client, "partners", {"beta": {**ACME, "stores": [], "settlement": {"issued": "0", "redeemed": "0.0075"}}})
    _, card = alliance.member()
    alliance.buy(card, "1000.00", at=f"{LAST}-04T12:00:00Z")
    alliance.redeem(card, points=300, at=f"{LAST}-20T12:00:00Z")
    client.post("/v1/partner-redemptions", {"partner": "beta", "receipt": "b1", "member": card, "points": 200,
                                            "at": f"{LAST}-21T12:00:00Z"}, expect=201)
    acme, beta = receivables(client, LAST)
    assert (acme["debtor"], acme["state"], short(acme)) == (
        "partner:acme", "open", {"issued": "12.00", "redeemed": "-2.25", "closing": "9.75"})
    assert (beta["debtor"], short(beta)) == ("partner:beta", {"redeemed": "-1.50", "closing": "-1.50"})
    assert receivables(client, LAST, debtor="partner:beta") == [beta]
    rows = entries(client, LAST)
    # 1,000 points are worth 10.00 USD, and a member's claim of 500 is left; the programme has 12.00 EUR for them.
    assert balances(rows, "partner:acme") == {
        ("points_issued", "USD"): "10.00", ("points_redeemed", "USD"): "-5.00", ("points_liability", "USD"): "-5.00",
        ("partners_issued", "EUR"): "-12.00", ("partners_redeemed", "EUR"): "2.25", ("partners_settlement", "EUR"): "9.75"}
    assert [(row["name"], row["debit"], row["credit"], row["text"]) for row in rows if row["entity"] == "partner:beta"] == [
        ("partners_redeemed", "1.50", "", "points redeemed at a partner"),
        ("partners_payable", "", "1.50", "points redeemed at a partner"),
        ("partners_payable", "1.50", "", "statement netted"), ("partners_settlement", "", "1.50", "statement netted")]
    agree_to_the_cent(client, LAST, OPEN)

    assert pay(alliance, expect=409).code == "partner.statement_open"
    client.post("/v1/finance/months", {"month": LAST}, expect=201)
    alliance.buy(card, "40.00", at=f"{LAST}-28T12:00:00Z")
    reference = unique("t")
    first = pay(alliance, amount=money("5.00"), reference=reference, at=f"{LAST}-28T13:00:00Z")
    assert (first["amount"], first["paid"], first["outstanding"]) == (money("5.00"), money("5.00"), money("4.75"))
    assert pay(alliance, expect=409, amount=money("1.00"), reference=reference).code == "partner.payment_known"
    refused = pay(alliance, expect=409, amount=money("4.76"))
    assert refused.code == "partner.overpaid" and "4.75" in refused["detail"]
    assert pay(alliance, expect=409, amount=money("-5.01")).code == "partner.overpaid"
    assert pay(alliance, expect=422, amount=money("1.00", "USD")).code == "partner.currency"
    assert pay(alliance, expect=404, partner="none").code == "partner.unknown"
    assert alliance.till.post("/v1/partner-payments", {"partner": "acme", "month": LAST, "reference": "x"}).status == 403
    replies = at_once(*[lambda: pay(alliance, expect=None, amount=money("4.75"))] * 5)
    assert sorted(reply.status for reply in replies) == [201] + [409] * 4
    assert pay(alliance, amount=money("-4.75"))["outstanding"] == money("4.75")  # the bank took it back
    assert pay(alliance)["amount"] == money("4.75")
    assert pay(alliance, expect=409).code == "partner.settled"
    assert pay(alliance, partner="beta")["amount"] == money("-1.50")

    (acme,) = alliance.statements(LAST, partner="acme")
    assert figures(acme)[1] == "9.75" and (acme["paid"], acme["outstanding"]) == (money("9.75"), money("0.00"))
    before, now = receivables(client, LAST, OPEN, debtor="partner:acme")
    assert (before["state"], short(before)) == ("closed", {"issued": "12.00", "redeemed": "-2.25", "closing": "9.75"})
    assert short(now) == {"opening": "9.75", "issued": "0.48", "paid": "-9.75", "closing": "0.48", "late": "-5.00"}
    (beta,) = receivables(client, OPEN, debtor="partner:beta")
    assert short(beta) == {"opening": "-1.50", "paid": "1.50"}
    assert alliance.statements(LAST, alliance.till, partner="acme") == [acme]
    reply = client.get("/v1/partner-statements/file", params={"partner": "acme", "to": LAST}, expect=200)
    assert [(row["line"], row["amount"]) for row in csv.DictReader(io.StringIO(reply.text))][2:] == [("net", "9.75"), ("paid", "9.75")]
    months = entries(client, LAST, OPEN)
    assert balances(months)["partners_settlement", "EUR"] == "0.48" and balances(months)["partners_paid", "EUR"] == "8.25"
    assert not {"partners_receivable", "partners_payable"} & {name for name, _ in balances(months)}

    # Co-branded rewards: one that Acme paid for, three quarters of 8.00 ours; of one of ours Acme bears 1.66.
    orders = [client.post("/v1/reward-orders", {"member": card, "reward": reward}, expect=201)["id"] for reward in REWARDS]
    for one in orders:
        for step in ("shipment", "handover"):
            client.post(f"/v1/reward-orders/{one}/{step}", {}, expect=201)
    (now,) = receivables(client, OPEN, debtor="partner:acme")
    assert (now["rewards"], now["fulfilled"], now["closing"]) == (money("1.66"), money("-6.00"), money("-3.86"))
    agree_to_the_cent(client, LAST, OPEN)
    verified(client)


@pytest.fixture(params=ENGINES)
def house(request, servers):
    server = servers.start(request.param)
    clock(server, 2026, 12, 30, 9)
    yield server
    server.close()


def test_shortfalls_of_contracts_are_due_waived_and_paid(house):
    """PINE lacks 6,720.00 of 10,000.00, OAK 500.00. A late purchase of 3,320.00 lowers the first to 3,400.00."""
    client = house.client
    pine, oak = person(client), person(client)
    for member, code, amount in ((pine, "PINE", "10000.00"), (oak, "OAK", "500.00")):
        agree(client, member, code, commitment={"metric": "spend", "amount": usd(amount)}, shortfall={"policy": "pay"})
    buy(client, pine, "3260.00")
    becomes(lambda: client.get("/v1/contracts/PINE", expect=200)["periods"][0]["spend"]["amount"], "3280.00")
    clock(house, 2027, 1, 2, 9)
    client = house.client

    def line():
        return [short(one) for one in receivables(client, "2027-01", debtor="contracts")]

    becomes(line, [{"due": "7220.00", "closing": "7220.00"}])
    buy(client, pine, "3300.00", at="2026-12-29T10:00:00Z")
    becomes(line, [{"due": "3900.00", "closing": "3900.00"}])
    due = {one["code"]: one["number"] for one in client.all("/v1/contract-dues") if not one["correction"]}
    assert client.post(f"/v1/contracts/OAK/dues/{due['OAK']}/waiver", {}, expect=422).code
    waived = client.post(f"/v1/contracts/OAK/dues/{due['OAK']}/waiver", {"reason": "a bad year"}, expect=200)["dues"][0]
    assert waived["waived_at"] is not None and waived["collected_at"] is waived["reference"] is None
    for step, body in (("waiver", {"reason": "again"}), ("collection", {"reference": "x"})):
        assert client.post(f"/v1/contracts/OAK/dues/{due['OAK']}/{step}", body, expect=409).code == "contract.collected"
    assert client.all("/v1/contracts/OAK/history")[-1]["what"] == "waived"
    client.post(f"/v1/contracts/PINE/dues/{due['PINE']}/collection", {"reference": "INV-1"}, expect=200)
    assert line() == [{"due": "3900.00", "waived": "-500.00", "paid": "-6720.00", "closing": "-3320.00"}]
    (left,) = client.all("/v1/contract-dues", open="true")
    assert left["amount"] == usd("-3320.00")
    client.post(f"/v1/contracts/PINE/dues/{left['number']}/collection", {"reference": "INV-2"}, expect=200)
    assert line() == [{"due": "3900.00", "waived": "-500.00", "paid": "-3400.00"}]

    rows = entries(client, "2027-01")
    owing = {key: value for key, value in balances(rows).items() if key[0].startswith("contracts_")}
    assert owing == {("contracts_shortfall", "USD"): "-3900.00", ("contracts_waived", "USD"): "500.00",
                     ("contracts_paid", "USD"): "3400.00"}
    assert balance(rows) and {row["counterparty"] for row in rows if row["name"].startswith("contracts_")} == {"contracts"}
    dues = client.all("/v1/contract-dues")
    total = {name: sum(decimal.Decimal(one["amount"]["amount"]) for one in dues if one[f"{name}_at"]) for name in ("waived", "collected")}
    assert sum(decimal.Decimal(one["amount"]["amount"]) for one in dues) == 3900 and total == {"waived": 500, "collected": 3400}

    clock(house, 2027, 2, 2, 9)
    client = house.client
    client.post("/v1/finance/months", {"month": "2027-01"}, expect=201)
    buy(client, pine, "380.00", at="2026-12-29T11:00:00Z")  # 400.00 less are missing: a correction in February
    (before,) = receivables(client, "2027-01")
    becomes(lambda: [short(one) for one in receivables(client, "2027-02")], [{"due": "-400.00", "closing": "-400.00"}])
    assert receivables(client, "2027-01") == [before] and before["state"] == "closed"
    verified(client)
