"""For how long texts of events are kept, on both engines."""
import datetime
import sqlite3
import subprocess

import psycopg2
import pytest

import patron
from conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def shop(request, servers):
    server = servers.start(request.param)
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
    assert client.get("/v1/retention", expect=200).json == {"version": 0, "detail_days": 0, "due": 0}
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

    # Texts that are missing without such a row are damage, and so is a cut that the journal does not know.
    execute(shop, "DELETE FROM detail WHERE body LIKE '%the door%'")
    assert "it is missing" in verify(shop, expect=1)
    execute(shop, "UPDATE retention_cut SET until_seq = 1000000")
    assert "retention_cut" in verify(shop, expect=1)
