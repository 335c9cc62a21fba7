"""Several server processes on one database: their jobs, and what they know of each other's visitors."""
import sqlite3
import time

import patron
import psycopg2
import pytest

ROWS = 400000
RUNNING_MAX = 4


@pytest.fixture
def pair(fresh_server, patron_binary):
    """Two servers on one database; the client of each."""
    with patron.Patron(patron_binary, database=fresh_server.database, folder=fresh_server.folder) as second:
        yield fresh_server.client, patron.Client(second.url, fresh_server.token)


def start_long_job(client):
    """An import that takes far longer than a test waits."""
    content = b"customer,date,amount\n" + b"".join(b"c%d,2026-01-01,1.00\n" % i for i in range(ROWS))
    return client.request("POST", "/v1/imports", params={"kind": "purchases", "register": "true"}, data=content,
                          expect=202)["job"]


def test_a_waiting_job_is_cancelled(fresh_server):
    client = fresh_server.client
    running = [start_long_job(client) for _ in range(RUNNING_MAX)]
    waiting = client.post("/v1/verify", {}, expect=202)["job"]
    assert client.get(f"/v1/jobs/{waiting}", expect=200)["state"] == "waiting"
    for job in [waiting, *running]:
        client.post(f"/v1/jobs/{job}/cancel", expect=202)
    ended = client.wait_for_job(waiting)
    assert ended["state"] == "cancelled" and ended["counts"] == {}
    assert {client.wait_for_job(job)["state"] for job in running} == {"cancelled"}


def test_a_job_is_cancelled_from_another_process(pair):
    first, second = pair
    job = start_long_job(first)
    second.post(f"/v1/jobs/{job}/cancel", expect=202)
    ended = first.wait_for_job(job)
    assert ended["state"] == "cancelled" and ended["counts"]["rows"] < ROWS
    assert second.get(f"/v1/jobs/{job}", expect=200)["state"] == "cancelled"
    assert second.post(f"/v1/jobs/{job}/cancel", expect=409).code == "job.ended"


def test_a_job_whose_process_died_is_found(fresh_server):
    """A row as a killed process leaves it: nobody has said for a minute that it lives."""
    then = int((time.time() - 60) * 1_000_000)
    row = (7 * 64, "import", "key:x", "running", 0, 10, "", "{}", then, then, 0)
    columns = "id, kind, actor, state, process, percent, message, counts, created_at, alive_at, ended_at"
    if fresh_server.database.startswith("postgresql"):
        with psycopg2.connect(fresh_server.database) as database:
            database.cursor().execute(f"INSERT INTO job ({columns}) VALUES ({', '.join(['%s'] * 11)})", row)
        database.close()
    else:
        with sqlite3.connect(fresh_server.database) as database:
            database.execute(f"INSERT INTO job ({columns}) VALUES ({', '.join(['?'] * 11)})", row)
        database.close()
    job = fresh_server.client.get("/v1/jobs", expect=200)["items"][0]
    assert fresh_server.client.wait_for_job(job["id"])["state"] == "interrupted"


def test_failures_to_sign_in_are_counted_by_all_processes_together(fresh_server, patron_binary):
    """Three at one door and two at the other lock both, also after a restart."""
    def attempt(client, password):
        return client.post("/v1/sessions", {"name": "admin", "password": password})

    with patron.Patron(patron_binary, database=fresh_server.database, folder=fresh_server.folder) as second:
        doors = [patron.Client(fresh_server.url), patron.Client(second.url)]
        assert attempt(doors[0], fresh_server.password).status == 201
        for door, failures in zip(doors, (3, 2)):
            for _ in range(failures):
                assert attempt(door, "wrong").code == "auth.credentials"
            time.sleep(1.5)
        for door in doors:
            assert attempt(door, fresh_server.password).code == "auth.locked"
    fresh_server.stop()
    fresh_server.start()
    time.sleep(1)
    assert attempt(patron.Client(fresh_server.url), fresh_server.password).code == "auth.locked"


def test_when_a_key_was_last_used_is_known_after_the_server_stopped(fresh_server):
    token = fresh_server.make_key(name="seen")
    fresh_server.client.as_key(token).get("/v1/jobs", expect=200)
    fresh_server.make_key(name="never")
    fresh_server.stop()
    fresh_server.start()
    keys = {key["name"]: key["last_used_at"] for key in fresh_server.client.get("/v1/keys", expect=200)["items"]}
    assert keys["seen"] is not None and keys["never"] is None
