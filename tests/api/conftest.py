"""Servers for the API suite: one on SQLite and one on PostgreSQL, each for the whole session; exchanges are recorded."""
import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import patron  # noqa: E402
import postgres  # noqa: E402

ENGINES = ["sqlite", "postgres"]
MODULE_SECONDS = 60


@pytest.fixture(scope="session")
def exchanges(tmp_path_factory):
    """The file in which every exchange is recorded, one JSON object a line; beside those of the suite's other processes."""
    shared = os.environ.get("PATRON_SHARED")
    folder = Path(shared) if shared else tmp_path_factory.mktemp("exchanges")
    return folder / f"exchanges-{os.getpid()}.jsonl"


@pytest.fixture(scope="session")
def database_server():
    """One PostgreSQL for the session; servers get databases of their own on it."""
    with postgres.Postgres(fsync=False) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def its_own_day(request):
    """What a module calls TODAY is of its first test, and not of the minute before midnight: a run may go past it."""
    if hasattr(request.module, "today"):
        left = 86400 - time.time() % 86400
        time.sleep(left if left < MODULE_SECONDS else 0)
        request.module.TODAY = sys.modules[request.module.today.__module__].TODAY = request.module.today()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The contract looks at what all the others recorded."""
    items.sort(key=lambda item: item.path.name == "test_zz_contract.py")


class Servers:
    """Starts servers by engine when they are first asked for."""

    def __init__(self, binary, record, request):
        self.binary, self.record, self.request = binary, record, request
        self.running = {}
        self.count = 0

    def start(self, engine, **options):
        """A server of its own; the caller closes it."""
        database = None
        if engine == "postgres":
            self.count += 1
            database = self.request.getfixturevalue("database_server").create_database(f"api_{self.count}")
        return patron.Patron(self.binary, database=database, record=str(self.record), **options)

    def shared(self, engine):
        if engine not in self.running:
            self.running[engine] = self.start(engine)
        return self.running[engine]


@pytest.fixture(scope="session")
def servers(patron_binary, exchanges, request):
    made = Servers(patron_binary, exchanges, request)
    yield made
    for server in made.running.values():
        server.close()


@pytest.fixture(scope="session", params=ENGINES)
def server(request, servers):
    """A server that all tests share: a test makes what it needs and expects others' things beside it."""
    return servers.shared(request.param)


@pytest.fixture(scope="session")
def client(server):
    """The client of the shared server, with every permission."""
    return server.client


@pytest.fixture(params=ENGINES)
def fresh_server(request, servers):
    """An empty server for one test."""
    made = servers.start(request.param)
    yield made
    made.close()
