"""What is done before a programme is published, and what a campaign begins with: a million codes made, a rule tried on a million past purchases."""
import json
import random
import time

WANTED_SECONDS = 10
RULE = {"name": "Twenty above fifty, in two shops", "wallet": "points", "stores": ["store01", "store02"], "when": "purchase.total >= 50.0",
        "effect": {"kind": "fixed", "points": 20}, "member_caps": [{"period": "month", "times": 2}]}


def codes(bench, count):
    database, file = bench.work / "codes.db", bench.work / "series.jsonl"
    options = ["--database", database, "--key-file", bench.key]
    file.write_text(json.dumps({"kind": "coupon-series", "code": "welcome", "document": {
        "name": "Welcome", "codes": {"kind": "unique", "prefix": "WELC"}}}) + "\n", encoding="utf-8")
    bench.run(bench.patron, "definitions", "import", file, *options)
    time.sleep(7)  # what is published takes effect five seconds later
    started = time.monotonic()
    bench.run(bench.patron, "coupons", "generate", "welcome", count, "--reference", "bench", *options)
    seconds = time.monotonic() - started
    bench.add("k", f"{count:,} codes made", f"{seconds:.1f} s", f"{count / seconds:,.0f}/s", "", f"< {WANTED_SECONDS} s",
              seconds < WANTED_SECONDS)
    database.unlink()


def past(bench, purchases):
    """Purchases of a year, kept for the next run: twenty a member, of two lines, under a programme with tiers."""
    database = bench.kept / f"past-{purchases}.db"
    if database.exists():
        return database
    unfinished, file, programme, draw = bench.work / "past.db", bench.work / "past.csv", bench.work / "past.json", random.Random(13)
    programme.write_text(json.dumps(bench.ledger_programme), encoding="utf-8")
    today = int(time.time()) // 86400
    with open(file, "w", encoding="utf-8") as out:
        out.write("card,date,receipt,store,sku,amount\n")
        for n in range(purchases):
            day = time.strftime("%Y-%m-%d", time.gmtime((today - 1 - draw.randrange(360)) * 86400))
            card = draw.randrange(max(purchases // 20, 1))
            for _ in range(2):
                amount = draw.randrange(100, 6000)
                out.write(f"card{card:08d},{day},t{n:08d},store{n % 10:02d},sku{draw.randrange(500):03d},{amount // 100}.{amount % 100:02d}\n")
    started = time.monotonic()
    bench.run(bench.patron, "import", "purchases", file, "--database", unfinished, "--key-file", bench.key, "--quiet", "--register",
              "--programme", programme)
    file.unlink()
    unfinished.rename(database)
    print(f"bench: {purchases:,} past purchases in {time.monotonic() - started:.0f} s", flush=True)
    return database


def backtest(bench, purchases):
    database, plan = past(bench, purchases), bench.work / "plan.jsonl"
    plan.write_text(json.dumps({"kind": "earning-rules", "code": "tried", "document": RULE}) + "\n", encoding="utf-8")
    begin = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 400 * 86400))
    started = time.monotonic()
    report = json.loads(bench.run(bench.patron, "backtest", "--database", database, "--key-file", bench.key, "--from", begin,
                                  "--definitions", plan, "--format", "json"))
    seconds = time.monotonic() - started
    right = report["reproduced"] == purchases and report["different"] == 0
    bench.add("t", f"back-test of a rule over {report['purchases']:,} purchases", f"{seconds:.1f} s",
              f"{report['touched']:,} members touched" if right else f"{report['different']:,} not reproduced", "",
              f"< {WANTED_SECONDS} s", right and seconds < WANTED_SECONDS)
