"""For how long texts of events are kept, on both engines."""
import datetime
import sqlite3
import subprocess

import psycopg2
import pytest

import patron
from conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers, tmp_path_factory):
    directory = tmp_path_factory.mktemp("events")
    server = servers.start(request.param, environment={"PATRON_EVENT_ARCHIVE": str(directory)})
    server.event_archive = directory
    yield server
    server.close()


def set_days(client, days, expect=200, **headers):
    return client.put("/v1/retention", {"detail_days": days}, expect=expect, headers=headers)


def buy(client, member, number, note):
    return client.post("/v1/purchases", {"member": {"id": member}, "event_id": f"v{number}", "store": "soho",
                                         "total": {"amount": "5.00", "currency": "USD"}, "properties": {"note": note}},
                       expect=201)


def told(client, member):
    """Everything about the person, as one text."""
    return client.get(f"/v1/members/{member}/export", expect=200).text


def verify(server, expect=0):
    done = subprocess.run([server.binary, "verify", "--database", server.database, "--key-file", server.key_file, "--format",
                           "json"], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def execute(server, statement):
    engine = psycopg2 if server.database.startswith("postgres") else sqlite3
    connection = engine.connect(server.database)
    connection.cursor().execute(statement)
    connection.commit()
    connection.close()


def test_the_policy_is_set_with_care(shop):
    client = shop.client
    assert client.get("/v1/retention", expect=200).json == {"version": 0, "detail_days": 0, "archive_days": 0, "quote_days": 30, "archive": True,
                                                            "due": 0}
    assert set_days(client, 29, expect=422).code == "retention.days"
    first = set_days(client, 1000).headers["ETag"]
    assert set_days(client, 0, **{"If-Match": first})["version"] == 2
    assert set_days(client, 40, expect=412, **{"If-Match": first}).code == "catalogue.stale"


def test_texts_that_are_older_go_and_the_journal_says_so(shop):
    client = shop.client
    member = client.post("/v1/members", {"identifiers": [{"kind": "external", "value": "ann"}]}, expect=201)["id"]
    for number in range(3):
        buy(client, member, number, f"likes window {number}")
    set_days(client, 30)
    assert client.get("/v1/retention", expect=200)["due"] == 0 and "likes window 0" in told(client, member)

    # Forty days later.
    assert shop.stop() == 0
    shop.environment.update(patron.clock_at(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=40)))
    shop.start()
    client = shop.client
    buy(client, member, 9, "likes the door")
    assert client.get("/v1/retention", expect=200)["due"] >= 3
    job = client.wait_for_job(client.post("/v1/retention/runs", expect=202)["job"])
    assert job["state"] == "done" and job["counts"]["dropped"] >= 3, job
    assert client.get("/v1/retention", expect=200)["due"] == 0
    assert "likes window" not in told(client, member) and "likes the door" in told(client, member)
    assert client.wait_for_job(client.post("/v1/verify", expect=202)["job"])["counts"]["erased"] >= 3


def test_texts_that_are_archived_before_they_go_are_read_back_until_the_member_is_erased(shop):
    client = shop.client
    bob, cid = (client.post("/v1/members", {"identifiers": [{"kind": "external", "value": name}]}, expect=201)["id"]
                for name in ("bob", "cid"))
    for number in range(20, 23):
        buy(client, bob, number, f"allergic to nuts {number}")
    buy(client, cid, 30, "wants a quiet table")
    assert client.put("/v1/retention", {"detail_days": 30, "archive_days": 30}, expect=422).code == "retention.archive_days"
    assert client.put("/v1/retention", {"detail_days": 0, "archive_days": 30}, expect=422).code == "retention.archive_days"
    assert client.put("/v1/retention", {"detail_days": 30, "archive_days": 365}, expect=200)["archive_days"] == 365
    assert set_days(client, 30)["archive_days"] == 365  # what is not said stays
    assert client.get("/v1/retention/archive", expect=200)["items"] == []
    assert client.get(f"/v1/retention/archive/members/{bob}", expect=200).json == {"items": [], "more": False}

    # Ninety days after the start (the test before this one went forty ahead): texts move, and nobody's text is in the clear.
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=90)
    assert shop.stop() == 0
    shop.environment.update(patron.clock_at(later))
    shop.start()
    client = shop.client
    job = client.wait_for_job(client.post("/v1/retention/runs", expect=202)["job"])
    assert job["state"] == "done" and job["counts"]["dropped"] >= 4, job
    assert "allergic" not in told(client, bob)
    parts = client.get("/v1/retention/archive", expect=200)["items"]
    assert sum(part["texts"] for part in parts) >= 4
    assert not any("allergic" in path.read_text() or path.stat().st_mode & 0o077 for path in shop.event_archive.iterdir())
    kept = client.get(f"/v1/retention/archive/members/{bob}", expect=200)["items"]
    assert [text["texts"]["properties"]["note"] for text in kept if "properties" in text["texts"]] == [
        f"allergic to nuts {number}" for number in range(20, 23)]
    assert client.get(f"/v1/events/{kept[-1]['id']}", expect=200)["id"] == kept[-1]["id"]
    verify(shop)

    # A run that was killed before its cut leaves a file for the same texts: the next run replaces it.
    assert client.wait_for_job(client.post("/v1/retention/runs", expect=202)["job"])["counts"]["dropped"] == 0
    assert client.get("/v1/retention/archive", expect=200)["items"] == parts

    client.delete(f"/v1/members/{bob}", expect=204)
    assert client.get(f"/v1/retention/archive/members/{bob}", expect=200)["items"] == []
    assert len(client.get(f"/v1/retention/archive/members/{cid}", expect=200)["items"]) >= 1

    # A year later the files themselves go, and what a killed run did not finish.
    (shop.event_archive / "unfinished-abcdef").write_text("half of it")
    assert shop.stop() == 0
    shop.environment.update(patron.clock_at(later + datetime.timedelta(days=400)))
    shop.start()
    shop.client.wait_for_job(shop.client.post("/v1/retention/runs", expect=202)["job"])
    assert shop.client.get("/v1/retention/archive", expect=200)["items"] == [] and list(shop.event_archive.iterdir()) == []


def test_without_a_directory_nothing_goes_that_should_be_archived(shop):
    assert shop.stop() == 0
    directory = shop.environment.pop("PATRON_EVENT_ARCHIVE")
    shop.start()
    client = shop.client
    member = client.post("/v1/members", {"identifiers": [{"kind": "external", "value": "dora"}]}, expect=201)["id"]
    buy(client, member, 40, "likes lilies")
    assert client.get("/v1/retention/archive", expect=409).code == "retention.no_archive"
    assert client.get("/v1/retention", expect=200)["archive"] is False
    assert shop.stop() == 0
    shop.environment.update(patron.clock_at(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=600)))
    shop.start()
    job = shop.client.wait_for_job(shop.client.post("/v1/retention/runs", expect=202)["job"])
    assert job["state"] == "failed" and "lilies" in told(shop.client, member), job

    assert shop.stop() == 0
    shop.environment["PATRON_EVENT_ARCHIVE"] = directory
    shop.start()
    assert shop.client.wait_for_job(shop.client.post("/v1/retention/runs", expect=202)["job"])["state"] == "done"
    assert len(shop.client.get(f"/v1/retention/archive/members/{member}", expect=200)["items"]) > 0
    for path in shop.event_archive.iterdir():
        path.write_text(path.read_text()[:-6] + "AAAAA\n")  # the end of the last box
    assert shop.client.get(f"/v1/retention/archive/members/{member}", expect=409).code == "retention.archive_damaged"


def test_texts_that_are_missing_otherwise_are_damage(shop):
    member = shop.client.post("/v1/members", {"identifiers": [{"kind": "external", "value": "eve"}]}, expect=201)["id"]
    buy(shop.client, member, 50, "likes the door")
    verify(shop)
    execute(shop, "DELETE FROM detail WHERE body LIKE '%the door%'")
    assert "it is missing" in verify(shop, expect=1)
    execute(shop, "UPDATE retention_cut SET until_seq = 1000000")
    assert "retention_cut" in verify(shop, expect=1)
