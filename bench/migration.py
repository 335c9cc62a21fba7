"""migration.py: a programme with a million lots is taken over, three bad rows among them, and the control sheet is zero."""
import csv
import json
import os
import random
import re
import shutil
import subprocess
import time

import postgres

LOTS, SECONDS_MAX = int(os.environ.get("BENCH_LOTS", 1_000_000)), 180
PROGRAMME = {
    "zone": "UTC", "currency": "USD",
    "wallets": [{"code": "points", "debt": "allow", "value": {"points": 100, "amount": "1.00"},
                 "expiry": {"kind": "after", "count": 24, "unit": "months"}}],
    "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}]}
# The line of each among the million, the column that is wrong, and what is in it.
BAD = {LOTS // 4: ("points", "many"), LOTS // 2: ("expires_at", "2026-02-30"), LOTS * 3 // 4: ("wallet", "miles")}


def write_lots(path, lots):
    """`lots` lots of about a third as many members, each with its store and expiry."""
    draw, year = random.Random(17), time.gmtime().tm_year
    columns = ["id", "external", "wallet", "points", "earned_at", "expires_at", "store"]
    with open(path, "w", encoding="utf-8") as out:
        out.write(",".join(columns) + "\n")
        for n in range(lots + len(BAD)):
            row = dict(id=f"L{n:08d}", external=f"m{draw.randrange(lots * 2 // 5):07d}", wallet="points",
                       points=draw.randrange(1, 5000), earned_at=f"{year - 1}-{draw.randrange(1, 13):02d}-15",
                       expires_at=f"{year + 1 + draw.randrange(3)}-{draw.randrange(1, 13):02d}-28", store=f"S{draw.randrange(50):02d}")
            column, value = BAD.get(n, ("id", row["id"]))
            row[column] = value
            out.write(",".join(str(row[name]) for name in columns) + "\n")


def call(*arguments):
    """What it printed: rows that are refused, or a sheet that differs, make the status no zero."""
    return subprocess.run([str(word) for word in arguments], stdout=subprocess.PIPE, text=True, check=False).stdout


def take_over(bench, engine, database):
    lots, errors = bench.work / "lots.csv", bench.work / f"{engine}-errors.csv"
    options = ["--database", database, "--key-file", bench.key]
    started = time.monotonic()
    done = call(bench.patron, "import", "balances", lots, *options, "--register", "--quiet", "--errors", errors)
    seconds = time.monotonic() - started
    with open(errors, encoding="utf-8", newline="") as file:
        named = {(int(row["line"]), row["column"]) for row in csv.DictReader(file)}
    started = time.monotonic()
    sheet = json.loads(call(bench.patron, "import", "control", "--output", "json", *options))
    apart = [one for one in sheet if float(one["difference"]) != 0]
    wanted = {(n + 2, column) for n, (column, _) in BAD.items()}
    ok = seconds <= SECONDS_MAX and not apart and named == wanted
    count = re.search(r"imported\s+(\d+)", done)
    bench.add("m", f"{LOTS:,} lots taken over, {engine}", f"{seconds:.0f} s",
              f"{int(count[1]) if count else 0:,} lots, {len(named)} rows named, {len(apart)} lines of the sheet differ "
              f"({time.monotonic() - started:.0f} s)", "", f"<= {SECONDS_MAX} s, zero", ok)


def measure(bench):
    programme, nobody = bench.work / "migration.json", bench.work / "nobody.csv"
    programme.write_text(json.dumps(PROGRAMME), encoding="utf-8")
    nobody.write_text("external\nroot\n", encoding="utf-8")
    write_lots(bench.work / "lots.csv", LOTS)

    def prepare(database):
        bench.run(bench.patron, "import", "members", nobody, "--programme", programme, "--database", database, "--key-file",
                  bench.key, "--quiet")

    database = bench.work / "migration.db"
    prepare(database)
    take_over(bench, "SQLite", database)
    shutil.rmtree(bench.clusters / "migration", ignore_errors=True)
    with postgres.Cluster(bench.clusters / "migration") as cluster:
        cluster.create_database()
        prepare(cluster.url)
        take_over(bench, "PostgreSQL", cluster.url)
    shutil.rmtree(bench.clusters / "migration", ignore_errors=True)
