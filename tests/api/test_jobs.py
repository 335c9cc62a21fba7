"""Jobs of several server processes on one database."""
import sqlite3
import time

import patron
import psycopg2
import pytest

ROWS = 400000


@pytest.fixture
def pair(fresh_server, patron_binary):
    """Two servers on one database; the client of each."""
    with patron.Patron(patron_binary, database=fresh_server.database, folder=fresh_server.folder) as second:
        yield fresh_server.client, patron.Client(second.url, fresh_server.token)


def test_a_job_is_cancelled_from_another_process(pair):
    first, second = pair
    content = b"customer,date,amount\n" + b"".join(b"c%d,2026-01-01,1.00\n" % i for i in range(ROWS))
    job = first.request("POST", "/v1/imports", params={"kind": "purchases", "register": "true"}, data=content,
                        expect=202)["job"]
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
