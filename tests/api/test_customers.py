"""Customers over the API, on both engines: registering, finding, changing, households, merging, export, erasure."""
import itertools
import random

import pytest

RUN = random.Random().randrange(10**4)
COUNTER = itertools.count(1)


def call(client, method, path, expect=200, json=None, **options):
    """The decoded reply of a request that must answer `expect`."""
    return client.request(method, path, json, expect=expect, **options).json


def problem(client, method, path, status, code, **kwargs):
    body = call(client, method, path, status, **kwargs)
    assert body["code"] == code, body
    return body


def phone():
    return f"+86139{RUN:04d}{next(COUNTER):04d}"


def register(client, **fields):
    body = {"identifiers": [{"kind": "phone", "value": phone()}]}
    body.update(fields)
    return call(client, "POST", "/v1/members", 201, json=body)["id"]


def member(client, member_id, expect=200):
    return call(client, "GET", f"/v1/members/{member_id}", expect)


def found(client, **query):
    return [m["id"] for m in call(client, "GET", "/v1/members", params=query)["items"]]


def values(shown, kind):
    return [i["value"] for i in shown["identifiers"] if i["kind"] == kind]


def test_a_registered_member_shows_everything_that_was_given(client):
    number = phone()
    shown = member(client, register(
        client, family_name="王", given_name="小明", gender="male", birthday="1990-05-01", language="zh-CN",
        identifiers=[{"kind": "phone", "value": number}, {"kind": "email", "value": f" Ann{number}@Example.com "}],
        tags=["vip"], consents=[{"channel": "email", "purpose": "marketing", "state": "granted"}]))
    assert shown["family_name"] == "王" and shown["birthday"] == "1990-05-01" and shown["tags"] == ["vip"]
    assert values(shown, "phone") == [number]
    assert values(shown, "email") == [f"ann{number}@example.com"]
    assert shown["consents"][0]["state"] == "granted"
    assert shown["standing"]["stage"] == "none" and shown["merged_into"] is None


def test_a_known_identifier_answers_with_the_member_that_has_it(client):
    number = phone()
    first = register(client, identifiers=[{"kind": "phone", "value": number}])
    spelled = f" {number[:3]} {number[3:6]}-{number[6:]}"
    body = {"identifiers": [{"kind": "phone", "value": spelled}, {"kind": "card", "value": f"K{number[1:]}X"}]}
    refused = problem(client, "POST", "/v1/members", 409, "member.exists", json=body)
    assert first in refused["detail"]
    again = call(client, "POST", "/v1/members", 200, json=dict(body, if_exists="return"))
    assert again == {"id": first, "existed": True}


def test_in_an_array_each_registration_stands_alone(client):
    replies = call(client, "POST", "/v1/members", 200, json=[
        {"identifiers": [{"kind": "phone", "value": phone()}]},
        {"identifiers": [{"kind": "phone", "value": "000000"}]},
        {"display_name": "Nobody Known"}])
    items = replies["items"] if isinstance(replies, dict) else replies
    assert [item["status"] for item in items] == [201, 422, 201]


@pytest.mark.parametrize("kind,value", [("phone", "000000"), ("phone", "111111"), ("card", "null"),
                                        ("card", "anonymous"), ("email", "test@example.com"), ("external", "none")])
def test_placeholders_never_identify(client, kind, value):
    problem(client, "POST", "/v1/members", 422, "identifier.placeholder",
            json={"identifiers": [{"kind": kind, "value": value}]})


def test_members_are_found_by_each_identifier(client):
    mark = f"{RUN}{next(COUNTER)}"
    wanted = register(client, identifiers=[
        {"kind": "phone", "value": phone()}, {"kind": "email", "value": f"f{mark}@example.com"},
        {"kind": "card", "value": f"ab-{mark}"}, {"kind": "openid", "value": f"o{mark}"},
        {"kind": "external", "value": f"e{mark}"}])
    for query in ({"email": f"F{mark}@example.com"}, {"card": f"AB {mark}"}, {"openid": f"o{mark}"},
                  {"external": f"e{mark}"}):
        assert found(client, **query) == [wanted], query
    assert found(client, external=f"not{mark}") == []


def test_members_are_found_by_name_pinyin_initials_and_last_digits(client):
    number = phone()
    wanted = register(client, family_name="单", given_name="晓鹤鹂", identifiers=[{"kind": "phone", "value": number}])
    latin = register(client, display_name="Zoë Quillfeather")
    for text in ("单晓鹤", "晓鹤鹂", "shanxiaoheli", "Shan Xiao", "sxhl"):
        assert wanted in found(client, q=text, limit=200), text
    assert wanted in found(client, q=number[-4:], limit=200)
    for text in ("zoe", "quillfeather z", "ZOËQ"):
        assert latin in found(client, q=text, limit=200), text
    call(client, "PATCH", f"/v1/members/{latin}", json={"display_name": "Una Quillfeather"})
    assert latin not in found(client, q="zoeq", limit=200)
    assert latin in found(client, q="unaq", limit=200)


def test_lists_page_through_all_members_once(client):
    tag = f"page-{RUN}-{next(COUNTER)}"
    wanted = {register(client, tags=[tag]) for _ in range(7)}
    seen, after = [], None
    while True:
        page = call(client, "GET", "/v1/members", params={"tag": tag, "limit": 3, **({"after": after} if after else {})})
        seen += [m["id"] for m in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == 7 and set(seen) == wanted
    assert call(client, "GET", "/v1/members", params={"limit": 2})["next"] is not None
    problem(client, "GET", "/v1/members", 422, "members.filters", params={"q": "wang", "tag": tag})


def test_a_change_needs_the_version_that_was_read(client):
    changed = register(client, display_name="Before")
    etag = client.get(f"/v1/members/{changed}").headers["ETag"]
    call(client, "PATCH", f"/v1/members/{changed}", json={"city": "上海", "gender": "female"}, headers={"If-Match": etag})
    problem(client, "PATCH", f"/v1/members/{changed}", 412, "member.version", json={"city": "台北"},
            headers={"If-Match": etag})
    call(client, "PATCH", f"/v1/members/{changed}", json={"gender": None})
    shown = member(client, changed)
    assert (shown["city"], shown["gender"], shown["display_name"]) == ("上海", "", "Before")
    problem(client, "PATCH", f"/v1/members/{changed}", 422, "profile.birthday", json={"birthday": "1990-02-30"})
    call(client, "PATCH", f"/v1/members/{changed}", json={"birthday": "1990-02-30", "birthday_calendar": "lunar"})
    call(client, "PATCH", f"/v1/members/{changed}", json={"birthday": "--02-29", "birthday_calendar": None})


def test_identifiers_are_added_once_and_removed(client):
    first, second, number = register(client), register(client), phone()
    path = f"/v1/members/{first}/identifiers"
    assert call(client, "POST", path, 201, json={"kind": "phone", "value": number})["value"] == number
    problem(client, "POST", path, 409, "identifier.exists", json={"kind": "phone", "value": number})
    problem(client, "POST", f"/v1/members/{second}/identifiers", 409, "identifier.conflict",
            json={"kind": "phone", "value": number})
    call(client, "DELETE", f"{path}/phone/{number}", 204)
    problem(client, "DELETE", f"{path}/phone/{number}", 404, "identifier.unknown")
    call(client, "POST", f"/v1/members/{second}/identifiers", 201, json={"kind": "phone", "value": number})
    assert found(client, phone=number) == [second]


def test_tags_notes_and_preferences_come_and_go(client):
    path = f"/v1/members/{register(client)}"
    call(client, "PUT", f"{path}/tags/window-seat", 204)
    call(client, "PUT", f"{path}/tags/window-seat", 204)
    note = call(client, "POST", f"{path}/notes", 201, json={"body": "Came with two children"})["id"]
    call(client, "POST", f"{path}/notes", 201, json={"body": "Second"})
    assert [n["body"] for n in call(client, "GET", f"{path}/notes")["items"]] == ["Second", "Came with two children"]
    liked = call(client, "POST", f"{path}/preferences", 201,
                 json={"topic": "coffee", "value": "flat white", "known": "inferred"})["id"]
    told = call(client, "POST", f"{path}/preferences", 201, json={"topic": "coffee", "value": "flat white"})["id"]
    assert told == liked
    problem(client, "POST", f"{path}/preferences", 409, "preference.certain",
            json={"topic": "coffee", "value": "flat white", "known": "observed"})
    shown = call(client, "GET", path)
    assert shown["tags"] == ["window-seat"]
    assert [(p["value"], p["known"]) for p in shown["preferences"]] == [("flat white", "told")]
    call(client, "DELETE", f"{path}/tags/window-seat", 204)
    problem(client, "DELETE", f"{path}/tags/window-seat", 404, "tag.unknown")
    call(client, "DELETE", f"{path}/notes/{note}", 204)
    call(client, "DELETE", f"{path}/preferences/{told}", 204)
    shown = call(client, "GET", path)
    assert shown["tags"] == [] and shown["preferences"] == []
    assert len(call(client, "GET", f"{path}/notes")["items"]) == 1


def test_consents_keep_their_history(client):
    path = f"/v1/members/{register(client)}"
    for state in ("granted", "withdrawn", "granted"):
        call(client, "POST", f"{path}/consents", json={"consents": [
            {"channel": "sms", "purpose": "marketing", "state": state, "source": "desk", "wording": "v2"}]})
    history = call(client, "GET", f"{path}/consents")["items"]
    assert [c["state"] for c in history] == ["granted", "withdrawn", "granted"]
    assert call(client, "GET", path)["consents"][0]["state"] == "granted"


def test_custom_fields_hold_what_their_type_says(client):
    code = f"shoe_{RUN}_{next(COUNTER)}"
    problem(client, "PUT", f"/v1/custom-fields/{code}", 422, "custom.choices", json={"type": "choice"})
    call(client, "PUT", f"/v1/custom-fields/{code}", json={"type": "choice", "choices": ["S", "M"], "name": "Size"})
    assert code in [f["code"] for f in call(client, "GET", "/v1/custom-fields")["items"]]
    wearer = register(client, custom={code: "S"})
    assert member(client, wearer)["custom"] == {code: "S"}
    problem(client, "PATCH", f"/v1/members/{wearer}", 422, "custom.type", json={"custom": {code: "XL"}})
    problem(client, "PATCH", f"/v1/members/{wearer}", 422, "json.unknown_field", json={"custom": {"nothing": 1}})
    call(client, "PATCH", f"/v1/members/{wearer}", json={"custom": {code: None}})
    assert member(client, wearer)["custom"] == {}
    problem(client, "PUT", f"/v1/custom-fields/{code}", 409, "custom.type_changed", json={"type": "integer"})
    call(client, "DELETE", f"/v1/custom-fields/{code}", 204)


def test_a_household_is_founded_joined_pooled_and_left(client):
    first, second, third = (register(client) for _ in range(3))
    household = call(client, "POST", "/v1/households", 201, json={"member": first})["id"]
    path = f"/v1/households/{household}"
    call(client, "POST", f"{path}/members", 204, json={"member": second})
    problem(client, "POST", f"{path}/members", 409, "household.member", json={"member": second})
    other = call(client, "POST", "/v1/households", 201, json={"member": third})["id"]
    problem(client, "POST", f"{path}/members", 409, "household.other", json={"member": third})
    call(client, "PATCH", path, 204, json={"pooled": True})
    shown = call(client, "GET", path)
    assert shown["pooled"] and set(shown["members"]) == {first, second}
    assert member(client, second)["household"] == household
    call(client, "DELETE", f"{path}/members/{first}", 204)
    call(client, "DELETE", f"{path}/members/{second}", 204)
    problem(client, "GET", path, 404, "household.unknown")
    assert member(client, third)["household"] == other


def test_a_household_has_sixteen_persons_at_most(client):
    founder = register(client)
    path = "/v1/households/" + call(client, "POST", "/v1/households", 201, json={"member": founder, "pooled": True})["id"]
    for _ in range(15):
        call(client, "POST", f"{path}/members", 204, json={"member": register(client)})
    problem(client, "POST", f"{path}/members", 422, "household.size", json={"member": register(client)})


def test_a_merge_shows_one_person_and_its_undoing_two(client):
    number = phone()
    stays = register(client, display_name="Stays", consents=[{"channel": "email", "purpose": "marketing", "state": "granted"}])
    goes = register(client, city="Hangzhou", tags=["early"], identifiers=[{"kind": "phone", "value": number}],
                    consents=[{"channel": "email", "purpose": "marketing", "state": "withdrawn"}])
    merge = call(client, "POST", "/v1/merges", 201, json={"into": {"id": stays}, "from": {"phone": number}})
    shown = member(client, goes)
    assert shown["merged_into"] == stays and set(shown["members"]) == {stays, goes}
    assert (shown["display_name"], shown["city"], shown["tags"]) == ("Stays", "Hangzhou", ["early"])
    assert shown["consents"][0]["state"] == "withdrawn"
    assert found(client, phone=number) == [goes]
    problem(client, "PATCH", f"/v1/members/{goes}", 409, "member.merged", json={"city": "x"})
    problem(client, "POST", "/v1/merges", 409, "merge.same", json={"into": {"id": stays}, "from": {"id": goes}})
    call(client, "POST", f"/v1/members/{stays}/consents", json={"consents": [
        {"channel": "email", "purpose": "marketing", "state": "granted"}]})
    assert member(client, goes)["consents"][0]["state"] == "granted"
    view = call(client, "GET", f"/v1/merges/{merge['id']}")
    assert (view["into"], view["from"], view["members"]) == (stays, goes, [goes])
    call(client, "DELETE", f"/v1/merges/{merge['id']}", 204)
    problem(client, "GET", f"/v1/merges/{merge['id']}", 404, "merge.unknown")
    assert member(client, goes)["consents"][0]["state"] == "withdrawn"
    assert member(client, goes)["merged_into"] is None and member(client, stays)["members"] == [stays]


def test_merges_in_a_chain_are_undone_in_any_order(client):
    a, b, c = (register(client) for _ in range(3))
    first = call(client, "POST", "/v1/merges", 201, json={"into": {"id": a}, "from": {"id": b}})["id"]
    second = call(client, "POST", "/v1/merges", 201, json={"into": {"id": c}, "from": {"id": b}})["id"]
    assert set(member(client, c)["members"]) == {a, b, c} and member(client, a)["merged_into"] == c
    call(client, "DELETE", f"/v1/merges/{first}", 204)
    assert member(client, b)["merged_into"] is None and set(member(client, c)["members"]) == {a, c}
    assert call(client, "POST", "/v1/unmerges", json={"member": {"id": a}})["merge"] == second
    assert member(client, a)["members"] == [a] and member(client, c)["members"] == [c]
    problem(client, "POST", "/v1/unmerges", 409, "unmerge.not_merged", json={"member": {"id": a}})


def test_persons_who_differ_do_not_merge_silently(client):
    one, two = register(client, birthday="1990-01-01"), register(client, birthday="1991-01-01")
    problem(client, "POST", "/v1/merges", 409, "merge.conflict", json={"into": {"id": one}, "from": {"id": two}})
    call(client, "POST", "/v1/merges", 201, json={"into": {"id": one}, "from": {"id": two}, "accept_conflicts": True})


def test_identifiers_of_two_persons_in_one_request_conflict(client):
    first, second = phone(), phone()
    register(client, identifiers=[{"kind": "phone", "value": first}])
    register(client, identifiers=[{"kind": "phone", "value": second}])
    problem(client, "POST", "/v1/members", 409, "identifier.conflict", json={
        "identifiers": [{"kind": "phone", "value": first}, {"kind": "phone", "value": second}], "if_exists": "return"})


def test_everything_about_a_person_is_exported(client):
    exported = register(client, display_name="Exported", tags=["x"], birthday="1980-01-02")
    call(client, "POST", f"/v1/members/{exported}/notes", 201, json={"body": "private words"})
    export = call(client, "GET", f"/v1/members/{exported}/export")
    tables = export["members"][0]
    assert tables["profile"][0]["display_name"] == "Exported"
    assert tables["note"][0]["body"] == "private words"
    assert [row["kind"] for row in tables["journal"]] == ["registration", "note"]
    for table in ("identifier", "consent", "wallet", "lot", "movement", "standing", "audit"):
        assert table in tables


def test_an_erased_person_is_gone_and_comes_back_without_consent(client):
    number = phone()
    granted = [{"channel": "email", "purpose": "marketing", "state": "granted"}]
    erased = register(client, display_name="Forgetme Quickly", consents=granted,
                      identifiers=[{"kind": "phone", "value": number}])
    call(client, "POST", f"/v1/members/{erased}/notes", 201, json={"body": "private words"})
    call(client, "DELETE", f"/v1/members/{erased}", 204)
    problem(client, "GET", f"/v1/members/{erased}", 404, "member.erased")
    assert found(client, phone=number) == [] and found(client, q="forgetme") == []
    tables = call(client, "GET", f"/v1/members/{erased}/export")["members"][0]
    for table in ("profile", "identifier", "note", "consent", "consent_history", "tag", "detail"):
        assert tables[table] == [], table
    assert all(row["before"] is None and row["after"] is None for row in tables["audit"])
    assert [row["kind"] for row in tables["journal"]] == ["registration", "note", "erasure"]
    problem(client, "POST", f"/v1/members/{erased}/notes", 404, "member.erased", json={"body": "late"})

    back = register(client, consents=granted, identifiers=[{"kind": "phone", "value": number}])
    assert back != erased
    assert [(c["channel"], c["state"]) for c in member(client, back)["consents"]] == [("*", "withdrawn")]
    call(client, "POST", f"/v1/members/{back}/consents", json={"consents": [dict(granted[0], source="import")]})
    assert all(c["state"] == "withdrawn" for c in member(client, back)["consents"])
    call(client, "POST", f"/v1/members/{back}/consents", json={"consents": [dict(granted[0], source="portal")]})
    assert ("email", "granted") in [(c["channel"], c["state"]) for c in member(client, back)["consents"]]


def test_an_unknown_member_is_missing_everywhere(client):
    nobody = "mbr_0000000000G41"
    problem(client, "GET", f"/v1/members/{nobody}", 404, "member.unknown")
    problem(client, "PUT", f"/v1/members/{nobody}/tags/x", 404, "member.unknown")
    problem(client, "POST", "/v1/merges", 404, "member.unknown", json={"into": {"id": nobody}, "from": {"id": nobody}})
