"""Runs the program as one would by hand, each test in a folder of its own."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import postgres  # noqa: E402


class Shell:
    """Runs `patron` in a folder; `database` is what --database gets."""

    def __init__(self, binary, folder, database):
        self.binary, self.folder, self.database = binary, folder, database
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("PATRON_")}

    def run(self, *arguments, text=None, expect=0, database=True):
        command = [self.binary, *map(str, arguments)]
        if database:
            command += ["--database", str(self.database), "--key-file", str(self.folder / "patron.key")]
        done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=self.folder,
                              env=self.environment, timeout=600, check=False)
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def plain(self, *arguments, **options):
        return self.run(*arguments, database=False, **options)

    def counts(self, *arguments, expect=0, **options):
        """The summary of an import."""
        return json.loads(self.run("import", *arguments, "--output", "json", expect=expect, **options).stdout)

    def export(self, name="all"):
        """Every table as bytes by name."""
        out = self.folder / f"export-{name}"
        self.run("export", "all", out)
        return {path.name: path.read_bytes() for path in sorted(out.iterdir())}

    def table(self, table, *options):
        """Rows of an export as dictionaries."""
        out = self.run("export", table, "--format", "jsonl", *options).stdout
        return [json.loads(line) for line in out.splitlines()]

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


@pytest.fixture
def shell(patron_binary, tmp_path):
    return Shell(patron_binary, tmp_path, tmp_path / "patron.db")


@pytest.fixture
def shells_on_both(patron_binary, tmp_path, database_server):
    """One on SQLite and one on PostgreSQL, each in a folder of its own."""
    found = []
    shells_on_both.count = getattr(shells_on_both, "count", 0) + 1
    for name in ("sqlite", "postgres"):
        folder = tmp_path / name
        folder.mkdir()
        database = database_server.create_database(f"both_{shells_on_both.count}") if name == "postgres" else folder / "patron.db"
        found.append(Shell(patron_binary, folder, database))
    return found


@pytest.fixture(scope="session")
def database_server():
    with postgres.Postgres(fsync=False) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def engine_shell(request, patron_binary, tmp_path):
    """The same on each database."""
    database = tmp_path / "patron.db"
    if request.param == "postgres":
        server = request.getfixturevalue("database_server")
        engine_shell.count = getattr(engine_shell, "count", 0) + 1
        database = server.create_database(f"cli_{engine_shell.count}")
    return Shell(patron_binary, tmp_path, database)
