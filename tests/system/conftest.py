"""Servers for tests in which things fail: each has a database of its own, and may be killed."""
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import load  # noqa: E402
import patron  # noqa: E402
import postgres  # noqa: E402


@pytest.fixture(scope="session")
def database_server():
    with postgres.Postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def database(request):
    """None for SQLite, else the address of an empty database."""
    if request.param == "sqlite":
        return None
    database.count = getattr(database, "count", 0) + 1
    return request.getfixturevalue("database_server").create_database(f"system_{database.count}")


def with_programme(server):
    """Publishes the programme of the load, and waits until it is in force."""
    version = server.client.post("/v1/programme/versions", {"document": load.PROGRAMME}, expect=201)["version"]
    wait_until(lambda: server.client.get("/v1/programme", expect=200)["version"] == version)
    return server


def wait_until(condition, seconds=30):
    import time
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.05)


def verify(server):
    """`patron verify` on the server's database, by hand."""
    done = subprocess.run([server.binary, "verify", "--database", server.database, "--key-file", server.key_file],
                          capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
