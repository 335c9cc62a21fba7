"""What a server does for its operators by itself."""
import os
import shutil
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

import patron
from conftest import wait_until


def test_a_server_keeps_the_seals_of_each_day(patron_binary, tmp_path):
    with patron.Patron(patron_binary, options=["--heads", str(tmp_path / "heads")]) as server:
        wait_until(lambda: (tmp_path / "heads").exists() and list((tmp_path / "heads").glob("heads-????-??-??.txt")))
        [kept] = (tmp_path / "heads").iterdir()
        server.client.post("/v1/members", {}, expect=201)
        done = subprocess.run([patron_binary, "verify", "--heads", kept, "--database", server.database, "--key-file",
                               server.key_file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        done = subprocess.run([patron_binary, "doctor", "--heads", kept.parent, "--files", os.path.join(server.folder, "files"),
                               "--database", server.database, "--key-file", server.key_file],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_metrics_tell_of_the_archive(patron_binary, tmp_path):
    with patron.Patron(patron_binary, options=["--archive", str(tmp_path / "archive")]) as server:
        def figures():
            lines = server.client.get("/metrics", expect=200).text.splitlines()
            return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("patron_")}
        server.client.post("/v1/members", {}, expect=201)
        wait_until(lambda: figures()["patron_archive_commits_total"] > 0)
        now = figures()
        assert abs(now["patron_archive_until_seconds"] - time.time()) < 60
        assert now["patron_archive_failing"] == now["patron_archive_gaps_total"] == 0
        assert now["patron_database_bytes"] > 0 and now["patron_log_bytes"] > 0


def test_the_service_manager_is_told_when_the_server_is_ready(patron_binary, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(30)
        with patron.Patron(patron_binary, environment={"NOTIFY_SOCKET": str(tmp_path / "notify")}) as server:
            assert listener.recv(100) == b"READY=1"
            assert server.stop() == 0
            assert listener.recv(100) == b"STOPPING=1"


def test_the_files_for_a_server_are_sound(patron_binary, tmp_path):
    """The units as systemd reads them, the proxies as they do, and the nightly backup run for real, where the tools are."""
    contrib = Path(__file__).resolve().parent.parent.parent / "contrib"
    if shutil.which("systemd-analyze"):
        units = tmp_path / "units"
        units.mkdir()
        for unit in contrib.glob("patron*.*"):
            text = unit.read_text().replace("/usr/local/bin/patron-backup", "/bin/true").replace("/usr/local/bin/patron", "/bin/true")
            (units / unit.name).write_text(text)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *map(str, units.iterdir())], capture_output=True,
                              text=True, check=False)
        ours = [line for line in done.stderr.splitlines() if "patron" in line and "user patron" not in line.lower()]
        assert not ours, done.stderr
    for tool, command in (("caddy", ["caddy", "adapt", "--config", str(contrib / "Caddyfile")]),):
        if shutil.which(tool):
            subprocess.run(command, check=True, capture_output=True)
    for name in ("nginx.conf", "Caddyfile"):
        text = "\n".join(line.split("#")[0] for line in (contrib / name).read_text().splitlines())
        assert text.count("{") == text.count("}") > 0 and "127.0.0.1:8377" in text

    with patron.Patron(patron_binary) as server:
        environment = {**os.environ, "PATRON_BINARY": patron_binary, "PATRON_DATABASE": server.database}
        backups = tmp_path / "backups"
        for _ in range(2):
            subprocess.run([str(contrib / "patron-backup"), str(backups)], check=True, capture_output=True, env=environment)
            time.sleep(1.1)
        copies = sorted(backups.glob("patron-*.db.gz"))
        assert len(copies) == 2 and (backups / "keys" / "patron.key").exists()
        subprocess.run(["gunzip", "-k", copies[0]], check=True)
        subprocess.run([patron_binary, "restore", copies[0].with_suffix(""), "--database", tmp_path / "patron.db", "--key-file",
                        backups / "keys" / "patron.key"], check=True, capture_output=True)


def test_a_database_of_an_older_program_is_upgraded_with_its_data_and_a_newer_one_refused(patron_binary, tmp_path):
    """The older one is made by running the earlier migrations only; what the later ones add is missing in it."""
    with patron.Patron(patron_binary) as server:
        kept = server.client.post("/v1/members", {"display_name": "Ann"}, expect=201)["id"]
        assert server.stop() == 0
        database = sqlite3.connect(server.database)
        database.execute("DROP INDEX journal_by_day")
        database.execute("DROP TABLE sign_in_failure")
        database.execute("DELETE FROM migration WHERE (owner, number) IN (VALUES ('engine', 2), ('api', 3))")
        database.commit()
        database.close()
        where = ["--database", server.database, "--key-file", server.key_file]
        done = subprocess.run([patron_binary, "doctor", *where], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "schema.older" in done.stdout
        server.start()
        assert server.client.get(f"/v1/members/{kept}", expect=200)["display_name"] == "Ann"
        assert server.stop() == 0
        subprocess.run([patron_binary, "verify", *where], check=True, capture_output=True)
        database = sqlite3.connect(server.database)
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_schema")}
        assert {"journal_by_day", "sign_in_failure"} <= names
        database.execute("INSERT INTO migration (owner, number, name, checksum, applied_at) VALUES ('zz', 1, 'later', 'x', 0)")
        database.commit()
        before = database.execute("SELECT COUNT(*) FROM member").fetchone()
        database.close()
        done = subprocess.run([patron_binary, "serve", "--port", "0", *where], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "storage.newer_schema" in done.stderr
        assert sqlite3.connect(server.database).execute("SELECT COUNT(*) FROM member").fetchone() == before
        server.process = None
