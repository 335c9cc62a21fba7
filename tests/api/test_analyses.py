"""Analyses of the live base and of uploaded files: each in a process of its own, whose end never is the server's."""
import itertools
import json
import os
import random
import signal
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest

from analysis_calls import BESIDE, CALLS, as_csv, call_name, purchase_rows, sound_rows
from conftest import ENGINES

COUNTER = itertools.count(1)
PROGRAMME = {"zone": "UTC", "currency": "USD", "register_unknown": True,
             "wallets": [{"code": "points"}], "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}]}
ITEMS = [("TEA", "tea", "Amber", "2.00"), ("OOLONG", "tea", "Birch", "3.00"), ("CUP", "ware", "Amber", "4.00"),
         ("CAKE", "food", "Cedar", None)]
MEMORY_MB = 64


def today():
    return datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)


TODAY = today()


def money(amount):
    return {"amount": f"{amount:.2f}", "currency": "USD"}


def purchase(who, days_ago, lines):
    at = TODAY - timedelta(days=days_ago)
    return {"member": {"card": who}, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "store": "one", "channel": "till",
            "receipt": f"L{next(COUNTER)}", "lines": lines, "total": money(sum(float(line["amount"]["amount"]) for line in lines))}


def line(sku, amount, discount=0):
    return {"sku": sku, "quantity": "1", "amount": money(amount), **({"discount": money(discount)} if discount else {})}


def purchases_of_two_kinds():
    """Forty who come each week and pay the full price, half of them of one brand, forty who came now and then for
    what was discounted; half of these no longer do."""
    chance = random.Random(3)
    rows = []
    for number in range(40):
        for day in range(5, 180, 7):
            pair = ("TEA", "CUP") if number % 2 == 0 else ("OOLONG", "CAKE")
            rows.append(purchase(f"OFTEN{number:03d}", day + chance.randrange(3),
                                 [line(pair[0], chance.uniform(8, 12)), line(pair[1], chance.uniform(18, 22))]))
        for day in range(20 if number % 2 == 0 else 140, 330, 40):
            rows.append(purchase(f"CHEAP{number:03d}", day + chance.randrange(9),
                                 [line(chance.choice(["OOLONG", "CAKE"]), chance.uniform(3, 5), 2)]))
    return rows


class Base:
    def __init__(self, server):
        self.server, self.client = server, server.client
        version = self.client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)["version"]
        until = time.monotonic() + 30
        while self.client.get("/v1/programme", expect=200)["version"] != version:
            assert time.monotonic() < until
            time.sleep(0.2)
        self.client.post("/v1/items", [{"sku": sku, "name": sku, "category": category, "attributes": {
            "brand": brand, **({"cost": cost} if cost else {})}} for sku, category, brand, cost in ITEMS], expect=200)
        rows = purchases_of_two_kinds()
        self.ids, self.rows, self.receipts = {}, rows, {}
        for start in range(0, len(rows), 500):
            for row, reply in zip(rows[start:start + 500], self.client.post("/v1/purchases", rows[start:start + 500], expect=200).json):
                assert reply["status"] == 201, reply
                self.ids[row["member"]["card"]] = reply["member"]
                self.receipts[row["receipt"]] = reply["id"]

    def start(self, model, file=None, /, **options):
        given = [(name, value) for name, values in options.items() for value in (values if isinstance(values, list) else [values])]
        body = {"model": model, "options": [{"name": name} if value is True else {"name": name, "value": value}
                                            for name, value in given], **({"file": file} if file else {})}
        return self.client.post("/v1/analyses", body, expect=202)["job"]

    def end(self, model, file=None, /, **options):
        return self.client.wait_for_job(self.start(model, file, **options))

    def analyse(self, model, file=None, /, **options):
        job = self.end(model, file, **options)
        assert job["state"] == "done" and job["error"] is None, job
        return self.client.get(f"/v1/analyses/{job['id']}", expect=200)["rows"]

    def figures(self, model, file=None, /, **options):
        return {row["figure"]: row for row in self.analyse(model, file, **options)}

    def upload(self, content):
        return self.client.post("/v1/analysis-files", data=content, expect=201)["file"]

    def resident_kb(self):
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    def children(self):
        ran = subprocess.run(["ps", "--ppid", str(self.server.process.pid), "-o", "pid="], capture_output=True, text=True)
        return [int(word) for word in ran.stdout.split()]

    def wait_for_child(self):
        until = time.monotonic() + 20
        while not self.children():
            assert time.monotonic() < until
            time.sleep(0.01)
        return self.children()[0]


@pytest.fixture(scope="module", params=ENGINES)
def base(request, servers):
    server = servers.start(request.param, environment={"PATRON_ANALYSIS_MEMORY": str(MEMORY_MB)})
    yield Base(server)
    server.close()


# ---- the live base ----

def test_types_are_told_from_the_lines_and_the_catalogue(base):
    told = base.figures("types")
    assert told["members"]["value"] == 80 and told["lines"]["value"] == sum(len(row["lines"]) for row in base.rows)
    assert told["discounted_share"]["value"] == pytest.approx(
        sum("discount" in line for row in base.rows for line in row["lines"]) / told["lines"]["value"], abs=1e-6)
    rows = {row["customer"]: row for row in base.analyse("types", scores=True)}
    assert rows[base.ids["OFTEN004"]]["type"] == "brand-loyal" and rows[base.ids["OFTEN004"]]["brand"] == "Amber"
    assert rows[base.ids["CHEAP004"]]["type"] == "value-driven"


def test_groups_of_members_are_found(base):
    told = base.figures("segments", segments="2")
    assert told["segments"]["value"] == 2 and told["members"]["value"] == 80
    found = {row["customer"]: row["segment"] for row in base.analyse("segments", segments="2", scores=True)}
    often = {found[base.ids[f"OFTEN{number:03d}"]] for number in range(40)}
    cheap = {found[base.ids[f"CHEAP{number:03d}"]] for number in range(40)}
    assert len(often) == len(cheap) == 1 and often != cheap


def test_the_next_purchase_of_each_member_is_foretold(base):
    assert base.figures("next")["gap_middle"]["value"] > 5
    rows = {row["customer"]: row for row in base.analyse("next", scores=True)}
    weekly, seldom = rows[base.ids["OFTEN001"]], rows[base.ids["CHEAP001"]]
    days = [datetime.strptime(row["next"], "%Y-%m-%d") - datetime.strptime(row["last"], "%Y-%m-%d") for row in (weekly, seldom)]
    assert days[0].days < 20 < days[1].days


def test_demand_is_foretold_by_category(base):
    rows = base.analyse("demand", category="category", days=True, horizon="7", holdout="4")
    assert {row["category"] for row in rows} >= {"tea", "ware"} and all(row["expected"] is not None for row in rows)


def test_what_is_bought_together_and_what_it_brings(base):
    rules = base.analyse("baskets", support="0.01")
    assert {(rule["if"], rule["then"]) for rule in rules} == {("TEA", "CUP"), ("CUP", "TEA"), ("OOLONG", "CAKE"),
                                                             ("CAKE", "OOLONG")}
    told = base.figures("profit")
    cost = sum({"TEA": 2, "OOLONG": 3, "CUP": 4, "CAKE": 0}[line["sku"]] for row in base.rows for line in row["lines"])
    assert told["goods"]["value"] == pytest.approx(cost) and told["check costs"]["value"] == 1


def test_how_long_members_stay(base):
    told = base.figures("survival")
    assert told["events"]["value"] == 20 and told["n"]["value"] == 80


def test_columns_of_lines_are_known_to_analyses_of_purchases(base):
    told = base.figures("counts", basket="receipt", quantity="quantity")
    lines = sum(len(row["lines"]) for row in base.rows)
    assert told["basket_items"]["value"] == pytest.approx(lines / len(base.rows), rel=1e-6)


def test_a_return_is_not_counted_as_sold(base):
    row = next(row for row in base.rows if row["member"]["card"] == "OFTEN039")
    before = base.figures("profit")["sales"]["value"]
    back = float(row["lines"][1]["amount"]["amount"])
    base.client.post("/v1/returns", {"purchase": base.receipts[row["receipt"]], "event_id": f"R{next(COUNTER)}",
                                     "lines": [{"line": 2}]}, expect=201)
    row["lines"].pop()
    assert base.figures("profit")["sales"]["value"] == pytest.approx(before - back, abs=0.011)


def test_a_part_of_the_base_is_the_same_each_time(base):
    def customers(**options):
        return sorted(row["customer"] for row in base.analyse("rfm", scores=True, **options))
    everybody, some = customers(), customers(sample="30")
    assert len(everybody) == 80 and 8 < len(some) < 42 and set(some) < set(everybody) and some == customers(sample="30")
    since = (TODAY - timedelta(days=10)).strftime("%Y-%m-%d")
    assert set(customers(**{"from": since})) <= {base.ids[f"OFTEN{number:03d}"] for number in range(40)}


def test_the_command_line_says_the_same(base, patron_binary):
    environment = {**os.environ, "PATRON_DATABASE": base.server.database, "PATRON_KEY_FILE": base.server.key_file}
    for model, options in (("types", []), ("segments", ["--segments=2"]), ("baskets", []), ("survival", []), ("next", [])):
        ran = subprocess.run([patron_binary, "analyze", model, "--live", "--format", "json", *options], env=environment,
                             capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        given = dict(option[2:].split("=") for option in options)
        assert json.loads(ran.stdout) == base.analyse(model, **given)


# ---- uploaded files ----

@pytest.mark.parametrize("call", CALLS, ids=call_name)
def test_every_analysis_takes_an_uploaded_file(base, call):
    model, kind, words = call
    if base.server.database.startswith("postgresql") and model not in ("nps", "pls"):
        return  # a file has nothing to do with the database
    rows = purchase_rows(random.Random(1), 400) if "--check" in words else sound_rows(kind)
    names = {name: base.upload(text.encode()) for name, text in BESIDE.items() if name in words}
    options = {}
    for place, word in enumerate(words):
        if word.startswith("--"):
            value = words[place + 1] if place + 1 < len(words) and not words[place + 1].startswith("--") else True
            options.setdefault(word[2:], []).append(names.get(value, value))
    assert base.analyse(model, base.upload(as_csv(rows)), **options) or model == "baskets"


def test_rows_that_cannot_be_read_are_told(base):
    job = base.end("nps", base.upload(b"score\n9\n10\n3\nmany,more\n" + b"7\n" * 30), score="score")
    assert job["state"] == "done" and "could not be read" in job["message"]


def test_a_file_is_named_kept_and_deleted(base):
    file = base.upload(b"score\n9\n10\n")
    assert base.client.post("/v1/analyses", {"model": "nps", "file": file, "options": [{"name": "from", "value": "2026-01-01"}]}
                            ).code == "analysis.option"
    for value in ("/etc/passwd", "model.txt"):
        assert base.client.post("/v1/analyses", {"model": "pls", "file": file, "options": [{"name": "model", "value": value}]}
                                ).code == "analysis.option"
        assert base.client.post("/v1/analyses", {"model": "roi", "options": [{"name": "rewards", "value": value}]}
                                ).code == "analysis.option"
    assert base.client.post("/v1/analyses", {"model": "nps"}).code == "analysis.file"
    base.client.delete(f"/v1/analysis-files/{file}", expect=204)
    assert base.client.delete(f"/v1/analysis-files/{file}").code == "analysis.file_unknown"
    reply = base.client.post("/v1/analyses", {"model": "nps", "file": file, "options": [{"name": "score", "value": "score"}]})
    assert (reply.status, reply.code) == (404, "analysis.file_unknown")
    assert base.client.post("/v1/analysis-files", data=b"").code == "analyze.empty"
    reader = base.client.as_key(base.client.post("/v1/keys", {"name": "r", "scopes": ["insight.read"]}, expect=201)["token"])
    assert reader.post("/v1/analysis-files", data=b"a\n1\n").code == "auth.forbidden"


# ---- what goes wrong ----

@pytest.fixture(scope="module", params=ENGINES)
def narrow(request, servers):
    """A server whose analyses may take a megabyte."""
    server = servers.start(request.param, environment={"PATRON_ANALYSIS_MEMORY": "1"})
    yield Base(server)
    server.close()


def test_a_base_too_large_is_refused_before_it_is_computed(narrow):
    rows = [purchase(f"MANY{number:05d}", 1 + number % 300, [line("TEA", 5)]) for number in range(6000)]
    for start in range(0, len(rows), 1000):
        narrow.client.post("/v1/purchases", rows[start:start + 1000], expect=200)
    before = narrow.resident_kb()
    for model, what in (("clv", "days with purchases"), ("types", "lines of purchases"), ("segments", "members")):
        job = narrow.end(model)
        assert (job["state"], job["error"]) == ("failed", "analysis.memory"), job
        assert what in job["message"] and "may take 1" in job["message"] and "'sample'" in job["message"]
    assert narrow.end("rfm", sample="10")["state"] == "done"
    assert narrow.client.get("/v1/members", expect=200)["items"]
    assert narrow.resident_kb() < before + 16 * 1024 or "PATRON_SANITIZED" in os.environ


def test_what_outgrows_its_memory_fails_alone(narrow):
    before = narrow.resident_kb()
    rows = b"customer,date,amount\n" + b"".join(b"c%d,2025-%02d-%02d,%d\n" % (i, 1 + i % 12, 1 + i % 28, i) for i in range(60000))
    file = narrow.upload(rows)
    for model in ("rfm", "clv"):
        job = narrow.end(model, file)
        assert (job["state"], job["error"]) == ("failed", "analysis.memory"), job
        assert "1 MB" in job["message"]
    assert narrow.client.get("/v1/members", expect=200)["items"]
    assert narrow.resident_kb() < before + 16 * 1024 or "PATRON_SANITIZED" in os.environ


def long_file():
    chance = random.Random(5)
    return b"a,b,c,d,e\n" + b"".join(b"%d,%d,%d,%d,%d\n" % tuple(chance.randrange(10) for _ in range(5)) for _ in range(20000))


def test_a_crash_of_an_analysis_is_a_failed_job(base):
    job = base.start("drivers", base.upload(long_file()), outcome="a", samples="10000")
    os.kill(base.wait_for_child(), signal.SIGSEGV)
    ended = base.client.wait_for_job(job)
    assert (ended["state"], ended["error"]) == ("failed", "analysis.failed") and "signal 11" in ended["message"]
    assert base.end("rfm")["state"] == "done"


def test_a_cancelled_analysis_ends_at_once(base):
    job = base.start("drivers", base.upload(long_file()), outcome="a", samples="10000")
    child = base.wait_for_child()
    base.client.post(f"/v1/jobs/{job}/cancel", expect=202)
    ended = base.client.wait_for_job(job, 10)
    assert ended["state"] == "cancelled" and child not in base.children()
    assert base.client.get(f"/v1/analyses/{job}").code == "analysis.unknown"


def test_an_analysis_does_not_outlive_its_server(servers):
    server = servers.start("sqlite")
    made = Base(server)
    made.start("drivers", made.upload(long_file()), outcome="a", samples="10000")
    child = made.wait_for_child()
    server.kill()
    until = time.monotonic() + 10
    while os.path.exists(f"/proc/{child}/exe") and time.monotonic() < until:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{child}/exe")
    server.close()


# ---- segments that are kept ----

def find_segments(base):
    job = base.client.wait_for_job(base.client.post("/v1/found-segments", expect=202)["job"])
    assert job["state"] == "done" and job["counts"]["members"] >= 80, job
    return base.client.get("/v1/found-segments", expect=200).json


def test_segments_are_found_kept_and_known_again(base):
    client = base.client
    plan = client.put("/v1/found-segments/plan", {"number": 2}, expect=200).json
    assert (plan["every_days"], plan["method"], plan["number"]) == (7, "means", 2)
    found = find_segments(base)
    assert found["found_at"] and len(found["segments"]) == 2 and float(found["explained"]) > 0.4
    assert sum(segment["members"] for segment in found["segments"]) == found["members"]
    ids = {segment["segment"] for segment in found["segments"]}
    features = {row["feature"]: row for row in found["segments"][0]["features"]}
    assert len(features) == 7 and float(features["mean_spend"]["low"]) <= float(features["mean_spend"]["mean"])
    assert all(word in ("high", "low") for segment in found["segments"] for word in [segment["name"].split()[0]])

    often = client.get(f"/v1/members/{base.ids['OFTEN000']}/found-segment", expect=200).json
    cheap = client.get(f"/v1/members/{base.ids['CHEAP000']}/found-segment", expect=200).json
    assert {often["segment"], cheap["segment"]} == ids and often["name"] != cheap["name"]
    members = client.all(f"/v1/found-segments/{often['segment']}/members", limit=25)
    assert base.ids["OFTEN000"] in {row["member"] for row in members} and base.ids["CHEAP000"] not in {row["member"] for row in members}
    assert len(members) == next(row["members"] for row in found["segments"] if row["segment"] == often["segment"])

    # Who sees a part has the segments with its own members in them.
    for number in (0, 1, 2):
        client.post("/v1/visits", {"member": {"id": base.ids[f"OFTEN00{number}"]}, "store": "PART"}, expect=201)
    part = client.as_key(base.server.make_key(places=["PART"]))
    shown = part.get("/v1/found-segments", expect=200).json
    assert {row["segment"]: row["members"] for row in shown["segments"]} == {often["segment"]: 3, cheap["segment"]: 0}
    assert (shown["members"], shown["explained"], shown["segments"][0]["features"]) == (3, None, [])
    assert {row["member"] for row in part.all(f"/v1/found-segments/{often['segment']}/members")} == {
        base.ids[f"OFTEN00{number}"] for number in (0, 1, 2)}

    # Some change sides, some come and one goes: the segments stay the same, and so do their names.
    rows = [purchase(f"OFTEN9{number:02d}", day, [line("TEA", 10), line("CUP", 20)]) for number in range(6) for day in range(1, 170, 7)]
    assert all(reply["status"] == 201 for reply in client.post("/v1/purchases", rows, expect=200).json)
    client.request("DELETE", f"/v1/members/{base.ids['OFTEN038']}", expect=204)
    again = find_segments(base)
    assert {(row["segment"], row["name"]) for row in again["segments"]} == {(row["segment"], row["name"]) for row in found["segments"]}
    assert again["members"] == found["members"] + 5
    assert client.get(f"/v1/members/{base.ids['OFTEN000']}/found-segment", expect=200)["since"] == often["since"]
    told = json.dumps(client.get(f"/v1/members/{base.ids['OFTEN000']}/export", expect=200).json)
    assert "member_segment" in told
    assert base.ids["OFTEN038"] not in {row["member"] for row in client.all(f"/v1/found-segments/{often['segment']}/members")}

    # Another number makes another segment; the two largest go on.
    client.put("/v1/found-segments/plan", {"number": 3, "method": "mixture", "every_days": 0}, expect=200)
    three = find_segments(base)
    assert len(three["segments"]) == 3 and three["method"] == "mixture"
    assert len(ids & {row["segment"] for row in three["segments"]}) >= 1
    assert len({row["segment"] for row in three["segments"]} - ids) >= 1
    gone = ids - {row["segment"] for row in three["segments"]}
    for segment in gone | {"fsg_000000000ZZZZ"}:
        assert client.get(f"/v1/found-segments/{segment}/members").code == "insight.no_segment"


def test_who_has_not_bought_is_in_no_segment(base):
    member = base.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "LOOKS1"}]}, expect=201)["id"]
    own = base.client.get(f"/v1/members/{member}/found-segment", expect=200).json
    assert own == {"member": member, "segment": None, "name": None, "since": None}
    assert base.client.get("/v1/members/mbr_000000000ZZZZ/found-segment").status == 404


def test_a_base_without_groups_has_no_segments(narrow):
    job = narrow.client.wait_for_job(narrow.client.post("/v1/found-segments", expect=202)["job"])
    assert job["state"] == "done", job
    found = narrow.client.get("/v1/found-segments", expect=200).json
    assert sum(row["members"] for row in found["segments"]) in (0, found["members"])
    for body in ({"every_days": 366}, {"number": 9}, {"method": "tarot"}):
        assert narrow.client.put("/v1/found-segments/plan", body).status == 422
    reader = narrow.client.as_key(narrow.client.post("/v1/keys", {"name": "till", "scopes": ["members.read"]}, expect=201)["token"])
    assert reader.get("/v1/found-segments").code == "auth.forbidden"
    assert reader.get(f"/v1/members/{narrow.ids['OFTEN000']}/found-segment").status == 200
