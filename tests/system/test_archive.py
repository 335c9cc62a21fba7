"""Backup under load, and restoring to a chosen moment: exactly what was acknowledged up to it, on each database."""
import datetime
import os
import random
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path

import patron
import postgres
import requests
from conftest import wait_until

WRITERS = 4


class Writers:
    """Register members without end, and note when each request was sent and answered."""

    def __init__(self, server):
        self.server, self.sent, self.acknowledged = server, {}, {}
        self.stopping = False
        self.threads = [threading.Thread(target=self.run, args=(number,), daemon=True) for number in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        client = self.server.client.as_key(self.server.token)
        count = 0
        while not self.stopping:
            name = f"w{number}-{count}"
            count += 1
            self.sent[name] = time.time()
            try:
                reply = client.post("/v1/members", {"identifiers": [{"kind": "external", "value": name}]}, timeout=20)
            except requests.RequestException:
                return
            if reply.status == 201:
                self.acknowledged[name] = time.time()

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(30)


def instant(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def run(*arguments, expect=0):
    done = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def members(binary, database, key):
    """The external identifiers in a database."""
    out = run(binary, "export", "members", "--format", "csv", "--database", database, "--key-file", key).stdout
    return {word for line in out.splitlines() for word in line.split(",") if word.startswith("w") and "-" in word}


def archived_until(server):
    """Every commit up to then is in the archive."""
    return float(re.search(r"^patron_archive_until_seconds (\S+)", server.client.get("/metrics", expect=200).text, re.M)[1])


def check_moment(writers, moment, found):
    """What was answered by then is there; what was sent later is not; what was under way is there whole or not at all."""
    wanted = {name for name, at in writers.acknowledged.items() if at <= moment}
    possible = {name for name, at in writers.sent.items() if at <= moment}
    assert wanted - found == set(), "acknowledged and not restored"
    assert found - possible == set(), "sent later and restored"
    assert 0 < len(wanted) < len(writers.acknowledged)


def restore(server, archive, folder, moment, *options, expect=0):
    folder.mkdir()
    shutil.copy(server.key_file, folder / "patron.key")
    to = ["--to", instant(moment)] if moment else ["--latest"]
    return run(server.binary, "restore", "--archive", archive, *to, "--database", folder / "patron.db", "--key-file",
               folder / "patron.key", *options, expect=expect)


def test_a_chosen_moment_of_a_loaded_and_killed_server_comes_back_exactly(patron_binary, tmp_path):
    archive = tmp_path / "archive"
    with patron.Patron(patron_binary, options=["--archive", str(archive)]) as server:
        wait_until(lambda: list(archive.glob("base-*.info")))
        writers = Writers(server)
        time.sleep(2)
        run(patron_binary, "backup", tmp_path / "copy.db", "--database", server.database, "--key-file", server.key_file)
        time.sleep(2)
        moments = [min(writers.acknowledged.values()) + random.uniform(0.3, 2.5) for _ in range(2)]
        time.sleep(2.5)
        wait_until(lambda: archived_until(server) > max(moments))  # on a machine with much to do the archive lags behind
        server.kill()
        writers.stop()
        for number, moment in enumerate(moments):
            folder = tmp_path / f"moment{number}"
            restore(server, archive, folder, moment)
            check_moment(writers, moment, members(patron_binary, folder / "patron.db", folder / "patron.key"))

        # The killed server's log is archived at the next start, and nothing is missing between.
        server.start()
        wait_until(lambda: "archive.gap" in server.stderr() or list(archive.glob("log-*.seg")))
        server.client.post("/v1/members", {"identifiers": [{"kind": "external", "value": "w9-0"}]}, expect=201)
        at = time.time()
        assert server.stop() == 0
        assert "archive.gap" not in server.stderr(), server.stderr()
        restore(server, archive, tmp_path / "latest", None)
        found = members(patron_binary, tmp_path / "latest" / "patron.db", tmp_path / "latest" / "patron.key")
        assert found >= set(writers.acknowledged) | {"w9-0"}
        assert found == members(patron_binary, server.database, server.key_file)
        assert "archive.range" in restore(server, archive, tmp_path / "late", at + 3600, expect=1).stderr
        assert "archive.range" in restore(server, archive, tmp_path / "early", moments[0] - 3600, expect=1).stderr

        # A stop in order is followed without a new copy; a change past the server needs one, and the gap is told.
        bases = len(list(archive.glob("base-*.info")))
        server.start()
        assert server.stop() == 0 and len(list(archive.glob("base-*.info"))) == bases
        run(patron_binary, "user", "add", "ann", "--roles", "desk", "--database", server.database, "--key-file", server.key_file)
        server.start()
        wait_until(lambda: len(list(archive.glob("base-*.info"))) > bases)
        assert "archive.gap" in server.stderr()
        assert server.stop() == 0
        listed = run(patron_binary, "restore", "--archive", archive, "--list").stdout.splitlines()
        assert len(listed) == 2

        # Damage is named, and what lies before it still comes back.
        segment = min(archive.glob("log-*.seg"))
        whole = segment.read_bytes()
        broken = bytearray(whole)
        broken[-1 - len(whole) // 50] ^= 1
        segment.write_bytes(bytes(broken))
        assert "archive.damaged" in run(patron_binary, "restore", "--archive", archive, "--list", expect=1).stderr
        restore(server, archive, tmp_path / "before", moments[0])
        doctor = run(patron_binary, "doctor", "--archive", archive, "--database", server.database, "--key-file",
                     server.key_file, "--format", "csv", expect=1).stdout
        assert "archive.damaged" in doctor
        segment.unlink()
        done = restore(server, archive, tmp_path / "hole", moments[0], expect=1)
        assert "archive.range" in done.stderr or "archive.damaged" in done.stderr
        segment.write_bytes(whole)
        run(patron_binary, "restore", "--archive", archive, "--list")


def test_the_recipe_for_a_moment_on_postgresql_works(patron_binary, tmp_path):
    """As docs/operations.md tells it: archive_command, pg_basebackup, recovery_target_time, then patron restore."""
    wal = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp") / f"patron-wal-{os.getpid()}"
    wal.mkdir()
    settings = {"archive_mode": "on", "archive_command": f"'test ! -f {wal}/%f && cp %p {wal}/%f'", "wal_level": "replica"}
    try:
        with postgres.Postgres(settings=settings) as main:
            if main.as_user:
                shutil.chown(wal, "postgres", "postgres")
            with patron.Patron(patron_binary, database=main.url) as server:
                writers = Writers(server)
                time.sleep(1)
                base = os.path.join(main.folder, "base")
                main._run("pg_basebackup", "--pgdata", base, "--checkpoint", "fast", "--dbname",
                          main.url.rsplit("/", 1)[0] + "/postgres")
                started = time.time()
                time.sleep(2.5)
                server.kill()
                writers.stop()
                shutil.copy(server.key_file, tmp_path / "patron.key")
            moment = started + 1.2
            main._run("psql", "--quiet", "--dbname", main.url, "--command", "SELECT pg_switch_wal()")
            main._control("stop", "--mode", "fast")
            main.running = False
            data, main.data = main.data, base
            lines = [f"restore_command = 'cp {wal}/%f %p'", f"recovery_target_time = '{instant(moment)}'",
                     "recovery_target_action = 'promote'", "archive_mode = off"]
            with open(os.path.join(base, "postgresql.conf"), "a", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            Path(base, "recovery.signal").touch()
            if main.as_user:
                shutil.chown(Path(base, "recovery.signal"), "postgres", "postgres")
            main.start()
            wait_until(lambda: main_is_up(main))
            run(patron_binary, "restore", "--database", main.url, "--key-file", tmp_path / "patron.key")
            check_moment(writers, moment, members(patron_binary, main.url, tmp_path / "patron.key"))
            shutil.rmtree(data, ignore_errors=True)
    finally:
        shutil.rmtree(wal, ignore_errors=True)


def main_is_up(server):
    """Promoted: no longer in recovery."""
    import psycopg2
    connection = psycopg2.connect(server.url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            return not cursor.fetchone()[0]
    finally:
        connection.close()
