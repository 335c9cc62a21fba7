"""`patron doctor` finds each planted fault by its code, and nothing where nothing is wrong; seals kept outside."""
import json
import re
import resource
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
HOUR = 3600 * 1000000


def doctor(shell, *options, notes=False):
    """The codes of what is wrong."""
    command = [shell.binary, "doctor", "--format", "json", *map(str, options), "--database", str(shell.database),
               "--key-file", str(shell.folder / "patron.key")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=shell.folder, env=shell.environment, timeout=100,
                          check=False)
    found = json.loads(done.stdout)
    wrong = {one["code"] for one in found if one["severity"] != "note"}
    assert done.returncode == (1 if wrong else 0), done.stdout + done.stderr
    assert all(one["finding"] and one["advice"] for one in found)
    return {one["code"] for one in found} if notes else wrong


def write(shell, *statements):
    """Straight into the database, past the program."""
    if str(shell.database).startswith("postgresql://"):
        connection = psycopg2.connect(str(shell.database))
        connection.autocommit = True
        cursor = connection.cursor()
    else:
        connection = cursor = sqlite3.connect(shell.database)
    for statement in statements:
        cursor.execute(statement)
    if connection is cursor:
        connection.commit()
    connection.close()


@pytest.fixture
def ill(engine_shell):
    """A database with a few members; without fsync, which is itself a finding on PostgreSQL."""
    engine_shell.write("members.csv", "external\nann\nben\ncleo\n")
    engine_shell.run("import", "members", "members.csv")
    postgres = str(engine_shell.database).startswith("postgresql://")
    engine_shell.well = {"postgres.durability"} if postgres else set()
    return engine_shell


def test_nothing_is_wrong_with_a_healthy_system(ill):
    assert doctor(ill) == ill.well
    assert doctor(ill, "--full") == ill.well


NOW = int(time.time() * 1000000)
PLANTED = {
    "clock.behind": [f"UPDATE head SET at = {NOW + 24 * HOUR} WHERE bucket = 0"],
    "sweeper.behind": [f"UPDATE standing SET due_at = {NOW - 3 * HOUR} WHERE bucket >= 0"],
    "jobs.stuck": ["INSERT INTO job (id, kind, actor, state, process, percent, message, counts, created_at, alive_at, ended_at) "
                   f"VALUES (7, 'verify', 'x', 'running', 0, 0, '', '{{}}', {NOW - 9 * HOUR}, {NOW - 9 * HOUR}, 0)"],
    "replies.old": ["INSERT INTO request (bucket, scope, key, digest, member, status, reply, expires_at) "
                    f"SELECT 3, 's', 'k', seal, 0, 201, '', {NOW - 99 * HOUR} FROM head WHERE bucket = 0"],
    "seals.wrong": ["UPDATE journal SET day = 7 WHERE bucket >= 0"],
    "readers.behind": [f"UPDATE journal SET recorded_at = {NOW - 3 * HOUR} WHERE bucket >= 0",
                       "INSERT INTO cursor (bucket, reader, seq) SELECT bucket, 'x', 0 FROM head WHERE bucket >= 0"],
    "backup.old": ["INSERT INTO settings (name, value) VALUES ('backup.at', 5)"],
    "zone.unknown": ["INSERT INTO store (bucket, code, name, zone, cut_minutes, region, parent, version) "
                     "VALUES (0, 's', 's', 'Mars/Olympus', 0, '', '', 1)"],
    "schema.older": ["DELETE FROM migration WHERE owner = 'events'"],
    "schema.newer": ["INSERT INTO migration (owner, number, name, checksum, applied_at) VALUES ('zz', 999, 'x', 'x', 0)"],
    "schema.changed": ["DELETE FROM migration WHERE owner = 'zz'", "UPDATE migration SET checksum = 'x' WHERE owner = 'api'"],
}


def test_each_fault_planted_in_the_database_is_found(ill):
    planted = set(ill.well)
    for code, statements in PLANTED.items():
        write(ill, *statements)
        if code.startswith("schema."):
            assert doctor(ill) == {code}
        else:
            planted.add(code)
            assert doctor(ill) == planted


def test_faults_of_the_machine_are_found(shell):
    shell.write("members.csv", "external\nann\n")
    shell.run("import", "members", "members.csv")
    key = shell.folder / "patron.key"
    key.chmod(0o644)
    assert doctor(shell) == {"key.open"}
    key.chmod(0o600)
    right = key.read_text()
    key.write_text("00" * 32 + "\n")
    assert doctor(shell) == {"key.other"}
    key.write_text("no key\n")
    assert doctor(shell) == {"key.damaged"}
    key.unlink()
    assert doctor(shell) == {"key.missing"}
    key.write_text(right)
    key.chmod(0o600)

    assert doctor(shell, "--free-min", 10**9) == {"disk.low"}
    assert doctor(shell, "--files", shell.folder / "nowhere" / "files") == {"disk.read_only"}
    (shell.folder / "heads").mkdir()
    assert doctor(shell, "--heads", shell.folder / "heads") == {"heads.old"}
    shell.environment["PATRON_PORT"] = "http"
    assert doctor(shell) == {"environment.variable"}
    shell.environment["PATRON_PORT"] = "8377"
    shell.environment["PATRON_ADDRESS"] = "0.0.0.0"
    assert doctor(shell) == {"http.plain"}
    del shell.environment["PATRON_ADDRESS"]
    shell.environment["PATRON_PRT"] = "1"
    assert "environment.unknown" in doctor(shell, notes=True) and doctor(shell) == set()

    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    command = [shell.binary, "doctor", "--database", shell.database, "--key-file", key]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=shell.environment,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)))
    assert done.returncode == 1 and "limit.files" in done.stdout and limits[0] > 0


def test_a_damaged_or_changed_file_is_found(shell):
    shell.write("members.csv", "external\n" + "".join(f"m{i}\n" for i in range(500)))
    shell.run("import", "members", "members.csv")
    connection = sqlite3.connect(shell.database)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    assert doctor(shell) == {"database.journal_mode"}
    shell.run("verify")
    assert doctor(shell) == set()
    whole = shell.database.read_bytes()
    for page in range(20, 40):
        whole = whole[:page * 4096 + 100] + b"\xff" * 600 + whole[page * 4096 + 700:]
    shell.database.write_bytes(whole)
    assert "database.damaged" in doctor(shell)
    shell.database.write_bytes(b"not a database" * 400)
    assert doctor(shell) == {"database.damaged"}
    shell.database.unlink()
    assert doctor(shell) == {"database.closed"}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_certificates_that_end_or_do_not_fit_are_found(shell):
    def make(name, days):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=localhost", "-days", str(days), "-keyout", shell.folder / f"{name}.key", "-out",
                        shell.folder / f"{name}.pem"], check=True, capture_output=True)
        return ["--tls-cert", shell.folder / f"{name}.pem", "--tls-key", shell.folder / f"{name}.key"]

    shell.write("members.csv", "external\nann\n")
    shell.run("import", "members", "members.csv")
    long, short = make("long", 365), make("short", 5)
    assert doctor(shell, *long) == set()
    assert doctor(shell, *short) == {"certificate.expiring"}
    request = ["openssl", "req", "-new", "-key", "short.key", "-subj", "/CN=localhost", "-out", "gone.csr"]
    sign = ["openssl", "x509", "-req", "-in", "gone.csr", "-signkey", "short.key", "-days", "-1", "-out", "gone.pem"]
    for command in (request, sign):
        subprocess.run(command, check=True, capture_output=True, cwd=shell.folder)
    assert doctor(shell, "--tls-cert", shell.folder / "gone.pem") == {"certificate.expired"}
    assert doctor(shell, *long[:2], *short[2:]) == {"certificate.key"}
    (shell.folder / "bad.pem").write_text("no certificate")
    assert doctor(shell, "--tls-cert", shell.folder / "bad.pem") == {"certificate.unreadable"}


def test_a_backup_is_remembered(shell):
    shell.write("members.csv", "external\nann\n")
    shell.run("import", "members", "members.csv")
    write(shell, "INSERT INTO settings (name, value) VALUES ('backup.at', 5)")
    assert doctor(shell) == {"backup.old"}
    shell.run("backup", "copy.db")
    assert doctor(shell) == set()


def test_every_code_of_the_doctor_is_documented():
    kinds = re.findall(r'^DOCTOR\(\w+, "([\w.]+)"', (ROOT / "src/server/doctor_kinds.def").read_text(), re.M)
    page = (ROOT / "docs/operations.md").read_text()
    assert kinds and not [code for code in kinds if f"`{code}`" not in page]


# ---- seals kept outside ----

def test_a_chain_rewritten_with_the_key_is_found_against_older_heads(engine_shell):
    """Whoever has the key can write another history that verifies; it is not the one that was kept elsewhere."""
    shell = engine_shell
    shell.write("one.csv", "external\nann\n")
    shell.write("two.csv", "external\nben\ncleo\n")
    shell.write("forged.csv", "external\neve\nmallory\n")
    shell.run("import", "members", "one.csv")
    if str(shell.database).startswith("postgresql://"):
        connection = psycopg2.connect(str(shell.database))
        connection.autocommit = True
        name = connection.info.dbname
        connection.close()
        admin = psycopg2.connect(str(shell.database).rsplit("/", 1)[0] + "/postgres")
        admin.autocommit = True
        admin.cursor().execute(f"CREATE DATABASE {name}_old TEMPLATE {name}")
        admin.close()
        old = str(shell.database) + "_old"
    else:
        shell.run("backup", "old.db")
        old = shell.folder / "old.db"
    shell.run("import", "members", "two.csv")
    printed = shell.run("heads", "--out", "heads.txt").stdout.strip()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d( |-)([0-9A-Z]{4}-){5}[0-9A-Z]{4}", printed)
    shell.run("import", "members", shell.write("more.csv", "external\ndora\n"))
    shell.run("verify", "--heads", "heads.txt", "--fingerprint", printed)

    shell.database = old
    shell.run("import", "members", "forged.csv")
    shell.run("verify")
    done = shell.run("verify", "--heads", "heads.txt", expect=1)
    assert "kept outside" in done.stdout

    text = (shell.folder / "heads.txt").read_text()
    forged = shell.run("heads").stdout
    assert forged.startswith("# Patron seals of ") and len(forged.splitlines()) == 67
    (shell.folder / "forged.txt").write_text(forged)
    assert "verify.heads_changed" in shell.run("verify", "--heads", "forged.txt", "--fingerprint", printed, expect=1).stderr
    (shell.folder / "mixed.txt").write_text("".join(text.splitlines(True)[:3] + forged.splitlines(True)[3:]))
    assert "verify.heads_changed" in shell.run("verify", "--heads", "mixed.txt", expect=1).stderr
    (shell.folder / "bare.txt").write_text("".join(forged.splitlines(True)[3:]))
    shell.run("verify", "--heads", "bare.txt")
    (shell.folder / "none.txt").write_text("nothing\n")
    assert "verify.heads" in shell.run("verify", "--heads", "none.txt", expect=1).stderr
