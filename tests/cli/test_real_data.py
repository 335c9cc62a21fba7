"""Real files of a web shop and of a retailer's loyalty card, with the figures known of them. Skipped without the data."""
import csv
import io
import json
import os
import random
import signal
import subprocess
import time
from decimal import Decimal

PROGRAMME = json.dumps({
    "zone": "UTC", "currency": "USD", "wallets": [{"code": "points"}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00", "whole_units": True}],
})
CDNOW = ["--format", "blank", "--columns", "external,date,units,dollars", "--register", "--programme", "p.json",
         "--quiet"]
JOURNEY = ["--map", "discount=retail_disc", "--register", "--programme", "p.json", "--quiet"]
KILLS = int(os.environ.get("PATRON_KILLS", "3"))


def rows(export, name):
    return list(csv.DictReader(io.StringIO(export[name].decode())))


def total(found, column):
    return sum(Decimal(row[column]) for row in found)


def test_cdnow_comes_in_whole_and_again_changes_nothing(shell, real_data):
    path = real_data / "cdnow" / "CDNOW_master.txt"
    shell.write("p.json", PROGRAMME)
    counts = shell.counts("purchases", path, *CDNOW)
    assert counts == {"rows": 69659, "imported": 69659, "known": 0, "refused": 0, "registered": 23570, "rounded": 0}
    export = shell.export("first")
    members = rows(export, "members.csv")
    assert len(members) == 23570
    assert sum(int(row["purchases"]) > 1 for row in members) == 11662
    assert total(rows(export, "purchases.csv"), "amount") == Decimal("2500315.63")
    assert total(rows(export, "wallets.csv"), "active") == 2453159
    assert "clean" in shell.run("verify").stdout
    assert shell.counts("purchases", path, *CDNOW)["known"] == 69659
    assert shell.export("second") == export


def test_cdnow_killed_at_random_moments_ends_as_if_run_once(shell, real_data):
    path = real_data / "cdnow" / "CDNOW_master.txt"
    shell.write("p.json", PROGRAMME)
    started = time.monotonic()
    shell.counts("purchases", path, *CDNOW)
    seconds = time.monotonic() - started
    once = shell.export("once")
    shell.database = shell.folder / "killed.db"
    arguments = [shell.binary, "import", "purchases", str(path), *CDNOW, "--database", str(shell.database),
                 "--key-file", str(shell.folder / "patron.key")]
    seed = int(os.environ.get("PATRON_SEED", "1"))
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(KILLS):
        process = subprocess.Popen(arguments, cwd=shell.folder, env=shell.environment, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.05, max(0.2, seconds / KILLS)))
        process.send_signal(signal.SIGKILL)
        process.wait()
    shell.counts("purchases", path, *CDNOW)
    assert shell.export("killed") == once
    assert "clean" in shell.run("verify").stdout


def test_complete_journey_line_by_line_is_the_same_on_both_databases(shells_on_both, real_data):
    found = []
    for one in shells_on_both:
        one.write("p.json", PROGRAMME)
        counts = one.counts("purchases", real_data / "completejourney" / "transactions_sample.csv.gz", *JOURNEY)
        assert counts == {"rows": 75000, "imported": 47243, "known": 0, "refused": 0, "registered": 2377,
                          "rounded": 1}
        export = one.export()
        assert len(rows(export, "members.csv")) == 2377
        assert len(rows(export, "lines.csv")) == 75000
        assert total(rows(export, "purchases.csv"), "amount") == Decimal("233935.24")
        assert "clean" in one.run("verify").stdout
        found.append(export)
    assert found[0] == found[1]
