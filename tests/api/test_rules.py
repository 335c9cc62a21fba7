"""Expressions over the API: what may be named, checks, and the value for one member with the facts behind it."""
import datetime
import itertools
import random
import time

RUN = random.Random().randrange(10**4)
COUNTER = itertools.count(1)


def register(client, **fields):
    """A new member: card and id."""
    card = f"RULES{RUN:04d}{next(COUNTER):06d}"
    body = {"identifiers": [{"kind": "card", "value": card}], **fields}
    return card, client.post("/v1/members", body, expect=201)["id"]


def evaluate(client, expression, card):
    return client.post("/v1/rules/evaluate", {"expression": expression, "member": {"card": card}}, expect=200).json


def value(client, expression, card):
    reply = evaluate(client, expression, card)
    assert reply["error"] is None, reply
    return reply["value"]


def test_the_facts_are_listed_with_types(client):
    reply = client.get("/v1/rules/facts", expect=200)
    facts = {fact["name"]: fact for fact in reply["facts"]}
    assert facts["member.spend"]["type"] == "double"
    assert facts["member.last_purchase_at"]["type"] == "timestamp or null"
    assert facts["member.tags"]["type"] == "list(string)" and facts["member.clv"]["about"]
    assert "within(timestamp or null, string or duration) -> bool" in reply["functions"]


def test_a_check_tells_the_type_or_what_is_wrong_and_where(client):
    expression = "member.spend > 100 && within(member.last_purchase_at, '30d')"
    assert client.post("/v1/rules/check", {"expression": expression}, expect=200).json == {
        "valid": True, "type": "bool", "code": None, "message": None, "line": None, "column": None}
    wrong = client.post("/v1/rules/check", {"expression": "true &&\n member.spent > 100"}, expect=200).json
    assert wrong["valid"] is False and wrong["type"] is None
    assert (wrong["code"], wrong["line"], wrong["column"]) == ("rules.name", 2, 9)
    assert "did you mean 'member.spend'" in wrong["message"]


def test_what_a_member_who_never_bought_is_asked(client):
    card, _ = register(client)
    assert value(client, "within(member.last_purchase_at, '30d')", card) is False
    assert value(client, "!within(member.last_purchase_at, '30d')", card) is True
    assert value(client, "has(member.last_purchase_at) || member.average_purchase != null", card) is False
    assert value(client, "member.purchases == 0 && member.stage == 'none' && member.spend == 0.0", card) is True
    failed = evaluate(client, "member.clv > 100", card)
    assert failed["value"] is None and failed["typed"] is None and failed["error"]["code"] == "rules.overload"
    assert failed["facts"] == {"member.clv": None}
    assert value(client, "member.clv > 100 || member.purchases == 0", card) is True


def test_a_purchase_is_a_fact_at_once_and_its_window_has_an_end(client):
    card, member = register(client)
    client.post("/v1/purchases", {"member": {"card": card}, "event_id": card, "channel": "pos",
                                  "lines": [{"sku": "A", "amount": {"amount": "12.50", "currency": "USD"}}]}, expect=201)
    reply = evaluate(client, "member.spend >= 12.5 && within(member.last_purchase_at, '30d')", card)
    assert reply["value"] is True and reply["typed"] == {"type": "bool", "value": True} and reply["error"] is None
    assert reply["member"] == member and reply["cost"] > 0 and reply["type"] == "bool"
    assert set(reply["facts"]) == {"member.spend", "member.last_purchase_at"} and reply["facts"]["member.spend"] == 12.5
    assert reply["valid_until"] > reply["at"]
    assert evaluate(client, "member.purchases", card)["valid_until"] is None
    assert value(client, "days_since(member.last_purchase_at)", card) == 0
    assert value(client, "member.points == member.wallets['points'] && member.spend_90_days == 12.5", card) is True


def test_windows_count_and_sum_whole_days_today_included(client):
    card, _ = register(client)
    today = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    if today.hour == 23 and today.minute >= 58:
        time.sleep(150)
        today = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    for days, amount in ((0, "12.50"), (0, "0.10"), (29, "5.00"), (30, "7.00")):
        client.post("/v1/purchases", {"member": {"card": card}, "event_id": f"{card}-{days}-{amount}", "channel": "pos",
                                      "at": (today - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                                      "lines": [{"sku": "A", "amount": {"amount": amount, "currency": "USD"}}]}, expect=201)
    assert value(client, "count_within(member.days, '30d') == 3 && count_within(member.days, '31d') == 4", card) is True
    assert value(client, "sum_within(member.days, '1d') == 12.6 && sum_within(member.days, '30d') == 17.6", card) is True
    until = evaluate(client, "count_within(member.days, '30d') >= 3", card)["valid_until"]
    assert until == (today + datetime.timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")
    wrong = client.post("/v1/rules/check", {"expression": "count_within(member.days, '36h') > 1"}, expect=200).json
    assert wrong["code"] == "rules.window" and wrong["column"] == 27


def test_birthdays_are_facts_and_end_by_themselves(client):
    today = datetime.datetime.now(datetime.timezone.utc)
    card, _ = register(client, birthday=today.strftime("--%m-%d"))
    other, _ = register(client)
    reply = evaluate(client, "member.birthday_today && member.birthday_month", card)
    assert reply["value"] is True and reply["valid_until"] is not None
    assert value(client, "member.birthday_today || member.birthday_month", other) is False


def test_profile_tags_consents_and_custom_fields_are_facts(client):
    code = f"rules_{RUN}_{next(COUNTER)}"
    client.put(f"/v1/custom-fields/{code}", {"type": "choice", "choices": ["S", "M"], "name": "Size"}, expect=200)
    consents = [{"channel": "email", "purpose": "marketing", "state": "granted"},
                {"channel": "sms", "purpose": "marketing", "state": "withdrawn"}]
    card, _ = register(client, city="上海", tags=["vip"], consents=consents, custom={code: "S"})
    assert value(client, "member.city == '上海' && 'vip' in member.tags && !('x' in member.tags)", card) is True
    assert value(client, "member.consents", card) == ["email/marketing"]
    assert value(client, f"member.custom.{code} == 'S' && !has(member.custom.none)", card) is True
    assert value(client, "member.country == null", card) is True


def test_what_cannot_be_read_is_a_problem(client):
    card, _ = register(client)
    body = {"expression": "member.spend >", "member": {"card": card}}
    assert client.post("/v1/rules/evaluate", body, expect=422)["code"] == "rules.syntax"
    body = {"expression": "1", "member": {"card": card + "0"}}
    assert client.post("/v1/rules/evaluate", body, expect=404)["code"] == "member.unknown"
    client.post("/v1/rules/evaluate", {"expression": "1"}, expect=422)
