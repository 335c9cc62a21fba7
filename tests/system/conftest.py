"""Databases for the tests of whole servers."""
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import postgres  # noqa: E402

ENGINES = ["sqlite", "postgres"]


@pytest.fixture
def database(request):
    """None for SQLite, or the Postgres of this test; parametrise it indirectly by the engine's name."""
    if request.param == "sqlite":
        yield None
    else:
        with postgres.Postgres(fsync=True) as running:
            yield running


@pytest.fixture
def verify(patron_binary):
    """Runs `patron verify` on a server's database."""
    def run(server):
        done = subprocess.run([patron_binary, "verify", "--database", server.database, "--key-file", server.key_file],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return run
