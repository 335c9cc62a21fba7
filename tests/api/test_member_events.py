"""Events for members: seats, tiers, the waiting list, prices in points, the door, who does not come. On both engines."""
import concurrent.futures
import csv
import datetime
import io
import threading
import time
import uuid

import pytest

import definitions
import patron
from conftest import ENGINES

PROGRAMME = {
    "zone": "UTC", "currency": "USD", "wallets": [{"code": "points"}],
    "tiers": {"metric": "spend", "levels": [{"code": "basic"}, {"code": "gold", "qualify": "100.00"}]},
}


def ahead(**time_ahead):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**time_ahead)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def event(seats, starts=None, ends=None, **more):
    return {"name": "Tasting", "starts": starts or ahead(hours=3), "ends": ends or ahead(hours=5), "seats": seats, **more}


def documents():
    return {
        "last": event(1, waiting_max=0),
        "line": event(2, names={"zh-CN": "品酒会", "zh-TW": "品酒會"}),
        "kept": event(3, kept=[{"tiers": ["gold"], "seats": 1}]),
        "crowd": event(6, kept=[{"tiers": ["gold"], "seats": 2}]),
        "paid": event(1, price={"points": 120}),
        "strict": event(5, cancellation={"until_hours": 24, "late": "refused"}),
        "costly": event(5, price={"points": 30}, cancellation={"until_hours": 24, "late": "keep_price"}),
        "hard": event(5, price={"points": 30}, cancellation={"until_hours": 24},
                      no_show={"keep_price": True, "lose_points": 20, "bar_days": 3}),
        "door": event(5, starts=ahead(minutes=30), attendance={"points": 50}),
        "other": event(5, starts=ahead(minutes=30)),
        "far": event(5, starts=ahead(days=9), ends=ahead(days=10)),
        "vip": event(5, when="member.purchases > 0",
                     advertised={"channels": ["lobby"], "texts": {"en": {"title": "For those who buy"}}}),
        "soon": event(5, registration={"from": ahead(hours=1)}),
        "shut": event(5, registration={"until": ahead(seconds=1)}),
        "moving": event(3),
        "dropped": event(2, price={"points": 40}),
        "missed": event(3, starts=ahead(hours=1), ends=ahead(hours=2), price={"points": 30},
                        no_show={"keep_price": True, "lose_points": 50, "bar_days": 30, "after_minutes": 0}),
        "mild": event(1, starts=ahead(hours=1), ends=ahead(hours=2), price={"points": 30}),
        "merged": event(3, price={"points": 30}),
        "afterwards": event(3, starts=ahead(days=20), ends=ahead(days=21)),
    }


@pytest.fixture(scope="module", params=ENGINES)
def hall(request, servers):
    server = servers.start(request.param)
    server.client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)
    server.documents = documents()
    time.sleep(6)
    definitions.publish(server.client, "member-events", server.documents)
    yield server
    server.close()


@pytest.fixture
def client(hall):
    return hall.client


def member(client, *lots, gold=False, **profile):
    """A member with lots of points: a number each, or (number, expiry)."""
    made = client.post("/v1/members", {"identifiers": [{"kind": "card", "value": f"C{uuid.uuid4().hex[:12]}"}], **profile},
                       expect=201)["id"]
    for lot in lots:
        points, expiry = lot if isinstance(lot, tuple) else (lot, None)
        client.post("/v1/adjustments", {"member": {"id": made}, "points": points, "reason": "start",
                                        **({"expires_at": expiry} if expiry else {})}, expect=201)
    if gold:
        client.post("/v1/purchases", {"member": {"id": made}, "receipt": uuid.uuid4().hex,
                                      "total": {"amount": "100.00", "currency": "USD"}}, expect=201)
    return made


def wallet(client, person):
    for one in client.get(f"/v1/members/{person}/wallets", expect=200)["items"]:
        if one["wallet"] == "points":
            return one
    return {"available": 0, "held": 0}


def available(client, person):
    return wallet(client, person)["available"]


def lots(client, person):
    return sorted((one["remaining"], one["expires_at"]) for one in client.all(f"/v1/members/{person}/lots"))


def book(client, person, code, **fields):
    return client.post("/v1/member-event-bookings", {"member": {"id": person}, "event": code, **fields})


def cancel(client, booking, **fields):
    return client.post(f"/v1/member-event-bookings/{booking['id']}/cancellation", fields)


def shown(client, booking):
    return client.get(f"/v1/member-event-bookings/{booking['id']}", expect=200)


def wait_for(client, booking, state, seconds=20):
    until = time.monotonic() + seconds
    while shown(client, booking)["state"] != state:
        assert time.monotonic() < until, shown(client, booking)
        time.sleep(0.1)
    return shown(client, booking)


def seats(client, code):
    return client.get(f"/v1/member-events/{code}/seats", expect=200)


def check_in(client, code, **fields):
    return client.post(f"/v1/member-events/{code}/check-ins", fields)


def kinds(client, person):
    return [one["kind"] for one in client.all(f"/v1/members/{person}/timeline")]


def test_of_fifty_at_once_one_gets_the_last_seat(client):
    people = [member(client) for _ in range(50)]
    barrier = threading.Barrier(50)

    def take(person):
        barrier.wait()
        return book(client, person, "last")

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(take, people))
    won = [reply for reply in replies if reply.status == 201]
    assert len(won) == 1 and won[0]["state"] == "booked"
    assert {reply.code for reply in replies if reply.status != 201} == {"member_event.full"}
    assert (seats(client, "last")["booked"], seats(client, "last")["left"]) == (1, 0)
    assert cancel(client, won[0])["state"] == "cancelled"
    assert book(client, people[0], "last").status == 201


def test_who_waits_is_seated_in_order(client):
    people = [member(client) for _ in range(6)]
    made = [book(client, person, "line").json for person in people]
    assert [one["state"] for one in made] == ["booked", "booked"] + 4 * ["waiting"]
    assert [one["place"] for one in made] == [1, 2, 3, 4, 5, 6] and made[0]["ticket"] and made[2]["ticket"] is None
    assert [one["id"] for one in client.all("/v1/member-events/line/waiting-list", limit=2)] == [
        one["id"] for one in made[2:]]
    assert book(client, people[2], "line").code == "member_event.registered"
    listed = client.all("/v1/member-event-bookings", event="line", state="waiting", limit=3)
    assert [one["id"] for one in listed] == [one["id"] for one in reversed(made[2:])]
    assert [one["id"] for one in client.all("/v1/member-event-bookings", member=people[4])] == [made[4]["id"]]
    assert cancel(client, made[2])["state"] == "cancelled"
    assert cancel(client, made[0])["state"] == "cancelled"
    wait_for(client, made[3], "booked")
    assert [shown(client, one)["state"] for one in made] == [
        "cancelled", "booked", "cancelled", "booked", "waiting", "waiting"]
    assert (seats(client, "line")["booked"], seats(client, "line")["waiting"]) == (2, 2)
    # Who registers again begins at the end.
    again = book(client, people[0], "line")
    assert (again["state"], again["place"]) == ("waiting", 7)
    for one in (made[1], made[3]):
        cancel(client, one)
    wait_for(client, made[5], "booked")
    assert shown(client, made[4])["state"] == "booked" and shown(client, again)["state"] == "waiting"
    assert kinds(client, people[3]).count("member_event_promoted") == 1
    assert {"member_event_booked", "member_event_cancelled", "member_event_waiting"} <= set(kinds(client, people[0]))


def test_a_seat_that_is_kept_for_gold_is_not_given_to_others(client):
    """Three seats, one of them for gold."""
    first, second, third = (book(client, member(client), "kept").json for _ in range(3))
    assert (first["state"], second["state"], third["state"]) == ("booked", "booked", "waiting")
    gold, late = (book(client, member(client, gold=True), "kept").json for _ in range(2))
    assert (gold["state"], gold["tier"], late["state"]) == ("booked", "gold", "waiting")
    assert seats(client, "kept")["kept"] == [{"tiers": ["gold"], "seats": 1, "booked": 1, "waiting": 1, "left": 0}]
    # The seat of gold goes to the first of gold, though another waits longer; an open one to who waits longest.
    cancel(client, gold)
    wait_for(client, late, "booked")
    assert shown(client, third)["state"] == "waiting"
    cancel(client, first)
    wait_for(client, third, "booked")


def test_a_crowd_that_comes_and_goes_at_once_is_seated_in_order(client):
    """Thirty at the same time, a third of them gold: each registers, some cancel, some of those come again."""
    people = [member(client, gold=number % 3 == 0) for number in range(30)]

    def live(number):
        made = book(client, people[number], "crowd")
        for _ in range(number % 4):
            assert made.status == 201 and cancel(client, made).status == 201
            made = book(client, people[number], "crowd")

    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        list(pool.map(live, range(30)))
    until = time.monotonic() + 20
    while seats(client, "crowd")["booked"] != 6:
        assert time.monotonic() < until, seats(client, "crowd").json
        time.sleep(0.1)
    booked, waiting = (client.all("/v1/member-event-bookings", event="crowd", state=state) for state in ("booked", "waiting"))
    counted = seats(client, "crowd")
    assert (len(booked), len(waiting), counted["waiting"], counted["over"]) == (6, 24, 24, 0)
    gold = sum(one["tier"] == "gold" for one in booked)
    assert gold >= 2 and (counted["kept"][0]["booked"], counted["kept"][0]["waiting"]) == (gold, 10 - gold)
    for tier in ("gold", None):
        last = max((one["place"] for one in booked if one["tier"] == tier), default=0)
        assert all(one["place"] > last for one in waiting if one["tier"] == tier)
    places = [one["place"] for one in client.all("/v1/member-event-bookings", event="crowd")]
    assert sorted(places) == list(range(1, len(places) + 1))


def test_the_price_is_spent_held_and_given_back_to_its_lots(client):
    """A 100 (in ten days), B 50 (never): 120 are A 100 and B 20; cancelled in time, A 100 and B 50."""
    end = ahead(days=10)
    one, two = member(client, (100, end), 50), member(client, (100, end), 50)
    before = lots(client, one)
    refused = book(client, member(client, 100), "paid")
    assert (refused.status, refused.code, refused["missing"]) == (409, "member_event.points", 20)
    made, waits = book(client, one, "paid").json, book(client, two, "paid").json
    assert (made["state"], made["available"], waits["state"], waits["available"]) == ("booked", 30, "waiting", 30)
    assert (wallet(client, one)["held"], wallet(client, two)["held"]) == (0, 120)
    cancelled = cancel(client, made)
    assert cancelled["given_back"] == 120 and (lots(client, one), available(client, one)) == (before, 150)
    wait_for(client, waits, "booked")
    assert (wallet(client, two)["held"], available(client, two)) == (0, 30)
    third = book(client, one, "paid").json
    assert third["state"] == "waiting" and cancel(client, third)["state"] == "cancelled"
    assert (wallet(client, one)["held"], lots(client, one)) == (0, before)
    assert cancel(client, waits)["given_back"] == 120 and lots(client, two) == before
    assert cancel(client, waits).code == "member_event.state"


def test_a_late_cancellation_goes_by_the_rule(client):
    assert cancel(client, book(client, member(client), "strict").json).code == "member_event.too_late"
    person = member(client, 100)
    kept = cancel(client, book(client, person, "costly").json)
    assert (kept["state"], kept["given_back"], kept["reason"], available(client, person)) == ("cancelled", 0, "late", 70)
    person = member(client, 100)
    hard = cancel(client, book(client, person, "hard").json)
    assert (hard["given_back"], available(client, person)) == (0, 50) and hard["barred_until"][:10] == ahead(days=3)[:10]
    assert book(client, person, "far").code == "member_event.barred"


def test_times_and_audience_say_why_not(client):
    person = member(client)
    answers = {code: book(client, person, code).code for code in ("vip", "soon", "shut", "none")}
    assert answers == {"vip": "member_event.audience", "soon": "member_event.not_open",
                       "shut": "member_event.closed", "none": "member_event.unknown"}
    calendar = {one["code"]: one for one in client.all("/v1/member-event-calendar", member=person, language="zh-CN")}
    assert "vip" not in calendar and calendar["soon"]["reason"] == "member_event.not_open"
    assert calendar["paid"]["missing"] == 120 and calendar["line"]["name"] == "品酒会"
    assert (calendar["far"]["available"], calendar["far"]["left"], calendar["far"]["booking"]) == (True, 5, None)
    everything = {one["code"]: one for one in client.all("/v1/member-event-calendar", member=person, all="true")}
    assert everything["vip"]["reason"] == "member_event.audience"
    assert book(client, member(client, gold=True), "vip").status == 201
    made = book(client, person, "far")
    calendar = {one["code"]: one for one in client.all("/v1/member-event-calendar", member=person)}
    assert (calendar["far"]["booking"], calendar["far"]["state"]) == (made["id"], "booked")
    assert client.all("/v1/member-event-calendar")
    feed = client.get("/v1/feeds/lobby", expect=200)["items"]
    assert [(one["kind"], one["code"], one["title"], one["until"]) for one in feed] == [
        ("member_event", "vip", "For those who buy", everything["vip"]["closes"])]


def test_a_ticket_is_good_once_at_its_event(client):
    person = member(client, display_name="=Wei")
    made = book(client, person, "door").json
    picture = client.get(f"/v1/member-event-bookings/{made['id']}/ticket", expect=200)
    assert picture.text.startswith("<?xml") or "<svg" in picture.text
    forged = made["ticket"][:-1] + ("0" if made["ticket"][-1] != "0" else "1")
    assert check_in(client, "door", ticket=forged).code == "member_event.ticket_wrong"
    assert check_in(client, "door").code == "member_event.ticket_needed"
    assert check_in(client, "other", ticket=made["ticket"]).code == "member_event.other_event"
    assert check_in(client, "far", ticket=book(client, person, "far")["ticket"]).code == "member_event.too_early"
    came = check_in(client, "door", ticket=made["ticket"])
    assert (came.status, came["state"], came["attendance"], available(client, person)) == (201, "attended", 50, 50)
    assert check_in(client, "door", ticket=made["ticket"]).code == "member_event.checked_in"
    assert available(client, person) == 50 and "member_event_attended" in kinds(client, person)
    rows = list(csv.DictReader(io.StringIO(client.get("/v1/member-events/door/check-in-list", expect=200).text)))
    assert [(one["booking"], one["name"], one["state"]) for one in rows] == [(made["id"], "'=Wei", "attended")]
    assert rows[0]["ticket"] == made["ticket"] and rows[0]["checked_in_at"] == came["ended_at"]
    # It was somebody else: the points are taken back, and the ticket is good again.
    corrected = client.post(f"/v1/member-event-bookings/{made['id']}/correction", {"reason": "mistaken"}, expect=201)
    assert (corrected["state"], corrected["attendance"], available(client, person)) == ("booked", 0, 0)
    assert check_in(client, "door", booking=made["id"])["attendance"] == 50 and available(client, person) == 50
    gone = book(client, member(client), "door").json
    cancel(client, gone)
    assert check_in(client, "door", ticket=gone["ticket"]).code == "member_event.not_booked"
    assert client.get(f"/v1/member-event-bookings/{gone['id']}/ticket").code == "member_event.not_booked"


def test_twenty_at_the_door_with_one_ticket_are_one(client):
    person = member(client)
    made = book(client, person, "door").json
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: check_in(client, "door", ticket=made["ticket"]), range(20)))
    assert sorted(reply.status for reply in replies) == [201] + 19 * [409] and available(client, person) == 50


def test_an_event_moves_shrinks_grows_and_is_called_off(hall, client):
    moving = [book(client, member(client), "moving").json for _ in range(5)]
    people = [member(client, 100) for _ in range(3)]
    dropped = [book(client, person, "dropped").json for person in people]
    assert [available(client, person) for person in people] == [60, 60, 60]
    smaller = {**hall.documents["moving"], "seats": 1, "starts": ahead(hours=4)}
    client.put("/v1/member-events/moving", {"document": smaller, "publish": True}, expect=200)
    client.post("/v1/member-events/dropped/withdrawal", {}, expect=200)
    until = time.monotonic() + 20
    while seats(client, "moving")["seats"] != 1:
        assert time.monotonic() < until
        time.sleep(0.2)
    # Nobody is thrown out, and it is told.
    told = seats(client, "moving")
    assert (told["booked"], told["waiting"], told["over"], told["left"]) == (3, 2, 2, 0)
    assert [shown(client, one)["state"] for one in moving] == 3 * ["booked"] + 2 * ["waiting"]
    assert shown(client, moving[0])["starts"] == smaller["starts"]
    cancel(client, moving[0])
    # Called off: everybody has the points back, who waited too.
    for booking, person in zip(dropped, people):
        ended = wait_for(client, booking, "cancelled")
        assert (ended["reason"], available(client, person), wallet(client, person)["held"]) == ("called_off", 100, 0)
    assert book(client, people[0], "dropped").code == "member_event.unknown"
    assert seats(client, "dropped")["called_off"] is True
    assert [shown(client, one)["state"] for one in moving] == ["cancelled"] + 2 * ["booked"] + 2 * ["waiting"]
    client.put("/v1/member-events/moving", {"document": {**smaller, "seats": 3}, "publish": True}, expect=200)
    wait_for(client, moving[3], "booked")
    assert shown(client, moving[4])["state"] == "waiting" and seats(client, "moving")["over"] == 0


def test_the_erased_leave_their_seats(client):
    person, other = member(client), member(client)
    made = book(client, person, "afterwards").json
    client.delete(f"/v1/members/{person}", expect=204)
    wait_for(client, made, "cancelled")
    assert shown(client, made)["reason"] == "erased" and seats(client, "afterwards")["booked"] == 0
    kept = book(client, other, "afterwards")
    assert kept["id"][4:] in client.get(f"/v1/members/{other}/export", expect=200).text
    cancel(client, kept)


def test_bookings_follow_a_merge_and_its_undoing(client):
    """Of two who are one, one is registered: so is the person, until they are two again."""
    kept, gone = member(client, 50), member(client, 100)
    made = book(client, gone, "merged").json
    client.post("/v1/merges", {"into": {"id": kept}, "from": {"id": gone}}, expect=201)
    assert book(client, kept, "merged").code == "member_event.registered"
    assert available(client, kept) == 120
    assert [one["id"] for one in client.all("/v1/member-event-bookings", member=kept)] == [made["id"]]
    client.post("/v1/unmerges", {"member": {"id": gone}}, expect=200)
    other = book(client, kept, "merged")
    assert (other.status, cancel(client, made)["given_back"], available(client, gone)) == (201, 30, 100)


def test_who_does_not_come_goes_by_the_rule_once(hall, client):
    """The last test: the clock goes on by a day. Missed: 30 kept, 50 lost of 100; mild: the price comes back."""
    strict, mild, waits = member(client, 100), member(client, 100), member(client, 100)
    missed, given = book(client, strict, "missed").json, book(client, mild, "mild").json
    vain = book(client, waits, "mild").json
    assert vain["state"] == "waiting" and available(client, waits) == 70
    assert hall.stop() == 0
    hall.environment.update(patron.clock_at(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)))
    hall.start()
    client = hall.client
    ended = wait_for(client, missed, "no_show")
    assert (ended["given_back"], available(client, strict)) == (0, 20)
    assert book(client, strict, "afterwards").code == "member_event.barred"
    assert wait_for(client, given, "no_show")["given_back"] == 30 and available(client, mild) == 100
    assert wait_for(client, vain, "not_seated")["given_back"] == 0
    assert (wallet(client, waits)["held"], available(client, waits)) == (0, 100)
    assert book(client, mild, "afterwards").status == 201
    assert check_in(client, "missed", ticket=missed["ticket"]).code == "member_event.not_booked"
    time.sleep(2.5)
    assert kinds(client, strict).count("member_event_missed") == 1 and available(client, strict) == 20
    job = client.post("/v1/verify", expect=202)["job"]
    assert client.wait_for_job(job)["state"] == "done"
