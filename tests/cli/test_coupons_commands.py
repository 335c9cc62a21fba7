"""Codes of coupons from the command line: made, killed while they are made, read in, used."""
import csv
import io
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "api"))
import definitions  # noqa: E402
import patron  # noqa: E402

SERIES = {
    "many": {"name": "Many", "codes": {"kind": "unique", "prefix": "M", "group": 0}},
    "listed": {"name": "Listed", "codes": {"kind": "imported"}},
    "gift": {"name": "Gift", "codes": {"kind": "unique"}, "personal": True, "opens": {"points": 20}},
}


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def stocked(engine_shell, patron_binary):
    """A shell on a database in which the series are in force."""
    server = patron.Patron(patron_binary, database=str(engine_shell.database), folder=str(engine_shell.folder))
    definitions.publish(server.client, "coupon-series", SERIES)
    server.stop()
    return engine_shell


def test_codes_are_made_killed_in_between_and_made_again_without_one_twice(stocked):
    count = 60000
    command = [stocked.binary, "coupons", "generate", "many", str(count), "--reference", "r", "--database",
               str(stocked.database), "--key-file", str(stocked.folder / "patron.key")]
    killed = 0
    for pause in (0.3, 0.6):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=stocked.folder)
        time.sleep(pause)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert f"{count} codes of 'many'" in stocked.run("coupons", "generate", "many", count, "--reference", "r").stdout
    assert f"{count} codes of 'many'" in stocked.run("coupons", "generate", "many", count, "--reference", "r").stdout
    codes = [row["code"] for row in rows(stocked.run("coupons", "export", "many").stdout)]
    assert (len(codes), len(set(codes))) == (count, count) and killed >= 1
    assert "coupon.reference" in stocked.run("coupons", "generate", "many", 7, "--reference", "r", expect=1).stderr


def test_codes_are_read_in_shown_used_and_made_void(stocked):
    stocked.write("list.csv", "code,uses\nAAA-1,2\nBBB\n!!!,x\n")
    done = stocked.run("coupons", "import", "listed", "list.csv")
    assert "4 lines read" in done.stdout and "line 4" in done.stderr
    shown = rows(stocked.run("coupons", "show", "aaa1", "--format", "csv").stdout)[0]
    assert (shown["series"], shown["applies"], shown["uses"]) == ("listed", "yes", "2")
    for _ in range(2):
        assert "redeemed" in stocked.run("coupons", "redeem", "AAA1", "--receipt", "0815").stdout
    assert "coupon.used" in stocked.run("coupons", "redeem", "AAA1", expect=1).stderr
    assert "BBB is void" in stocked.run("coupons", "void", "bbb", "--reason", "leaked").stdout
    assert "coupon.void" in stocked.run("coupons", "redeem", "BBB", expect=1).stderr
    assert "coupon.unknown" in stocked.run("coupons", "show", "CCC", expect=1).stderr
    stocked.write("members.csv", "external,family_name\n1,Li\n")
    stocked.run("import", "members", "members.csv", "--quiet")
    code = stocked.run("coupons", "issue", "gift", "--member", "external:1").stdout.strip()
    assert "opens points" in stocked.run("coupons", "redeem", code, "--member", "external:1").stdout
    assert stocked.run("coupons", "picture", "SUMMER").stdout.startswith("<svg")
    assert "say what" in stocked.run("coupons", "eat", expect=2).stderr
    assert "clean" in stocked.run("verify").stdout
