"""Taking over a running programme through the command line, on both databases."""
import csv
import io
import json
import random
import signal
import subprocess
import time

import pytest

PROGRAMME = {
    "zone": "Asia/Shanghai", "currency": "CNY",
    "wallets": [{"code": "points", "debt": "allow", "value": {"points": 100, "amount": "1.00"},
                 "expiry": {"kind": "after", "count": 12, "unit": "months"}},
                {"code": "status", "spendable": False}],
    "tiers": {"metric": "points", "wallet": "status", "validity": {"kind": "from_start", "months": 12},
              "grace_days": 30,
              "levels": [{"code": "base", "qualify": 0}, {"code": "silver", "qualify": 500, "keep": 500},
                         {"code": "gold", "qualify": 2000, "keep": 2000}]}}

# ann: 100 to 31 Dec 2096 at S1, 50 for ever at S2; ben: 80 at S1 less a debt of 30 = 50; cho owes 20; dan has nothing.
# 100 + 50 + 50 = 200 points are worth 2.00.
LOTS = """id,external,wallet,points,earned_at,expires_at,store
L1,ann,points,100,2026-01-05,2096-12-31,S1
L2,ann,points,50,2026-03-01,never,S2
L4,ben,points,-30,,,
L3,ben,points,80,2026-02-01,2097-02-28,S1
L5,cho,,-20,,,S1
L6,dan,points,0,,,
"""


def published(shell):
    shell.write("programme.json", json.dumps(PROGRAMME))
    shell.write("nobody.csv", "external\nroot\n")
    shell.run("import", "members", "nobody.csv", "--programme", "programme.json")


def problems(shell):
    return {int(row["line"]): (row["column"], row["code"])
            for row in csv.DictReader(io.StringIO((shell.folder / "errors.csv").read_text()))}


def control(shell, *arguments, expect=0):
    lines = json.loads(shell.run("import", "control", "--output", "json", *arguments, expect=expect).stdout)
    return {(one["measure"], one["wallet"], one["store"], one["month"]): (one["theirs"], one["ours"], one["difference"])
            for one in lines}


def test_every_lot_comes_in_with_its_expiry_and_store_and_the_sheet_is_zero(engine_shell):
    published(engine_shell)
    engine_shell.write("lots.csv", LOTS)
    dry = engine_shell.counts("balances", "lots.csv", "--register", "--dry-run")
    counts = engine_shell.counts("balances", "lots.csv", "--register")
    assert counts == dry == {"rows": 6, "imported": 5, "known": 1, "refused": 0, "registered": 4, "rounded": 0}
    lots = [(one["member"], one["points"], one["earned_at"], one["expires_at"]) for one in engine_shell.table("lots")]
    assert sorted(lots) == [("external:ann", 50, "2026-02-28T16:00:00Z", ""),
                            ("external:ann", 100, "2026-01-04T16:00:00Z", "2096-12-31T16:00:00Z"),
                            ("external:ben", 50, "2026-01-31T16:00:00Z", "2097-02-28T16:00:00Z")]
    assert [(one["member"], one["debt"]) for one in engine_shell.table("wallets") if one["debt"]] == [
        ("external:cho", 20)]
    sheet = control(engine_shell)
    assert sheet[("members_with_points", "", "", "")] == (3, 3, 0)
    assert sheet[("points", "points", "", "")] == (200, 200, 0)
    assert sheet[("points", "points", "S1", "")] == (150, 150, 0)
    assert sheet[("points", "points", "", "2096-12")] == (100, 100, 0)
    assert sheet[("points", "points", "", "never")] == (50, 50, 0)
    assert sheet[("debt", "points", "", "")] == (20, 20, 0)
    assert [float(value) for value in sheet[("liability", "points", "", "")]] == [2, 2, 0]
    movements = engine_shell.table("movements")
    assert {one["kind"] for one in movements} == {"migration"}
    assert {one["debit"] for one in movements} == {"taken_over", "debt"}
    engine_shell.run("verify")


def test_again_adds_nothing_and_a_corrected_row_is_told(engine_shell):
    published(engine_shell)
    engine_shell.write("lots.csv", LOTS)
    engine_shell.counts("balances", "lots.csv", "--register")
    before = engine_shell.export("before")
    again = engine_shell.counts("balances", "lots.csv", "--register")
    assert (again["imported"], again["known"], again["refused"]) == (0, 6, 0)
    assert engine_shell.export("again") == before
    engine_shell.write("lots.csv", LOTS.replace("L1,ann,points,100", "L1,ann,points,101").replace("L2,ann", "L2,ben"))
    counts = engine_shell.counts("balances", "lots.csv", "--register", "--errors", "errors.csv", expect=1)
    assert (counts["known"], counts["refused"]) == (4, 2)
    assert problems(engine_shell) == {2: ("id", "migration.different"), 3: ("id", "migration.other_member")}
    assert engine_shell.export("after") == before
    # The corrected file says 101: the sheet is no longer zero until somebody decides what is right.
    assert control(engine_shell, expect=1)[("points", "points", "", "2096-12")] == (101, 100, -1)


def test_bad_rows_are_named_and_the_rest_goes_on_unless_it_is_strict(engine_shell):
    published(engine_shell)
    engine_shell.write("lots.csv", LOTS + "L7,eve,points,40,2024-01-01,2025-01-31,S2\nL8,ann,stars,5,,,\n"
                                          "L9,ann,points,many,,,\nL10,ann,points,7,someday,,\n,,points,3,,,\n")
    found = {8: ("expires_at", "migration.expired"), 9: ("wallet", "wallet.unknown"), 10: ("points", "import.number"),
             11: ("earned_at", "import.date"), 12: ("external", "import.no_identifier")}
    strict = engine_shell.run("import", "balances", "lots.csv", "--register", "--strict", "--errors", "errors.csv",
                              expect=1)
    assert "import.strict" in strict.stderr and problems(engine_shell) == found
    assert engine_shell.table("lots") == [] and len(engine_shell.table("members")) == 1
    dry = engine_shell.counts("balances", "lots.csv", "--register", "--dry-run", expect=1)
    counts = engine_shell.counts("balances", "lots.csv", "--register", "--errors", "errors.csv", expect=1)
    assert counts == dry
    assert (counts["imported"], counts["refused"]) == (5, 5) and problems(engine_shell) == found
    # Rows that cannot be read are in no line: their number is told beside the sheet.
    assert control(engine_shell)[("points", "points", "", "")] == (200, 200, 0)
    assert "5 rows of balances were refused" in engine_shell.run("import", "control").stderr
    # A row that was read but not taken shows until somebody makes the member known.
    engine_shell.write("more.csv", "id,external,points\nM1,fay,9\n")
    assert engine_shell.counts("balances", "more.csv", expect=1)["refused"] == 1
    assert control(engine_shell, expect=1)[("points", "points", "", "")] == (209, 200, -9)
    assert engine_shell.counts("balances", "more.csv", "--register")["imported"] == 1
    assert control(engine_shell)[("points", "points", "", "")] == (209, 209, 0)
    # What is over comes in on request, and is gone at once.
    engine_shell.write("over.csv", "id,external,points,earned_at,expires_at\nL7,eve,40,2024-01-01,2025-01-31\n")
    assert engine_shell.counts("balances", "over.csv", "--register", "--expired")["imported"] == 1
    assert sum(one["remaining"] for one in engine_shell.table("lots")) == 209
    engine_shell.run("verify")


def test_a_sheet_of_the_system_before_is_compared_line_by_line(engine_shell):
    published(engine_shell)
    engine_shell.write("lots.csv", LOTS)
    engine_shell.counts("balances", "lots.csv", "--register", "--migration", "go-live")
    engine_shell.write("sheet.csv", "measure,wallet,store,month,value\nmembers,,,,5\nmembers_with_points,,,,3\n"
                                    "points,points,,,200\npoints,points,S1,,150\npoints,points,S2,,50\n"
                                    "points,,,2097-02,50\npoints,,,2096-12,100\npoints,,,never,50\n"
                                    "debt,points,,,20\nliability,,,,2.00\n")
    assert all(float(one[2]) == 0 for one in control(engine_shell, "--theirs", "sheet.csv").values())
    engine_shell.write("sheet.csv", "measure,store,value\npoints,S1,149\nliability,,2.01\n")
    sheet = control(engine_shell, "--theirs", "sheet.csv", expect=1)
    assert sheet[("points", "", "S1", "")] == (149, 150, 1)
    assert sheet[("points", "", "S2", "")] == (0, 50, 50)
    assert float(sheet[("liability", "", "", "")][2]) == pytest.approx(-0.01)
    engine_shell.write("sheet.csv", "measure,store,value\nstars,S1,149\n")
    wrong = engine_shell.run("import", "control", "--theirs", "sheet.csv", expect=1).stderr
    assert "line 2" in wrong and "control.measure" in wrong
    assert "migration.unknown" in engine_shell.run("import", "control", expect=1).stderr
    assert control(engine_shell, "--migration", "go-live")[("points", "points", "", "")] == (200, 200, 0)


def test_tiers_come_with_their_end_and_progress(engine_shell):
    published(engine_shell)
    engine_shell.write("members.csv", "external\nann\nben\ncho\n")
    engine_shell.run("import", "members", "members.csv")
    engine_shell.write("tiers.csv", "external,tier,since,until,progress,trial\nann,gold,2026-05-01,2097-04-30,1900,\n"
                                    "ben,silver,2026-05-01,2097-04-30,20,yes\ncho,platinum,,,,\n"
                                    "cho,silver,2020-01-01,2021-01-01,,\nzed,silver,,,,\n")
    counts = engine_shell.counts("tiers", "tiers.csv", "--errors", "errors.csv", expect=1)
    assert (counts["imported"], counts["refused"]) == (2, 3)
    assert problems(engine_shell) == {4: ("tier", "migration.tier"), 5: ("until", "migration.expired"),
                                      6: ("member", "member.unknown")}
    members = {one["external"]: one for one in engine_shell.table("members")}
    assert (members["ann"]["tier"], members["ann"]["qualifying"]) == ("gold", 1900)
    assert (members["ben"]["tier"], members["cho"]["tier"]) == ("silver", "base")
    assert engine_shell.counts("tiers", "tiers.csv", expect=1)["known"] == 2
    engine_shell.write("twice.csv", "external,tier\ncho,silver\ncho,silver\ncho,gold\n")
    dry = engine_shell.counts("tiers", "twice.csv", "--dry-run", expect=1)
    assert engine_shell.counts("tiers", "twice.csv", expect=1) == dry
    assert (dry["imported"], dry["known"], dry["refused"]) == (1, 1, 1)
    engine_shell.write("numbered.csv", "id,external,tier\nT1,root,silver\nT1,root,silver\nT1,root,gold\n")
    assert engine_shell.counts("tiers", "numbered.csv", expect=1) == dry
    engine_shell.write("tiers.csv", "external,tier\nann,silver\n")
    engine_shell.counts("tiers", "tiers.csv", "--errors", "errors.csv", expect=1)
    assert problems(engine_shell) == {2: ("id", "migration.different")}
    engine_shell.run("verify")


def test_consents_are_never_weaker_than_what_is_here(engine_shell):
    published(engine_shell)
    engine_shell.write("members.csv", "external\nann\nben\n")
    engine_shell.run("import", "members", "members.csv")
    rows = "external,channel,purpose,state,at,source,wording\n"
    engine_shell.write("first.csv", rows + "ann,email,marketing,withdrawn,2026-02-01,form,v1\n"
                                           "ben,sms,marketing,granted,2026-02-01,form,v1\n")
    assert engine_shell.counts("consents", "first.csv")["imported"] == 2
    engine_shell.write("later.csv", rows + "ann,email,marketing,granted,2026-03-01,form,v2\n"
                                           "ben,sms,marketing,withdrawn,2026-01-01,form,v0\n"
                                           "ben,sms,marketing,no,2026-04-01,call,\nben,sms,marketing,perhaps,2026-04-01,,\n")
    dry = engine_shell.counts("consents", "later.csv", "--dry-run", expect=1)
    counts = engine_shell.counts("consents", "later.csv", "--errors", "errors.csv", expect=1)
    assert (counts["imported"], counts["known"], counts["refused"]) == (1, 1, 2)
    assert (dry["imported"], dry["known"], dry["refused"]) == (1, 1, 2)
    assert problems(engine_shell) == {2: ("state", "migration.consent_withdrawn"), 5: ("state", "import.choice")}
    assert sorted((one["member"], one["state"], one["source"]) for one in engine_shell.table("consents")) == [
        ("external:ann", "withdrawn", "form"), ("external:ben", "withdrawn", "call")]
    assert engine_shell.counts("consents", "first.csv")["known"] == 2


def test_answers_become_events_and_a_table_to_analyze(engine_shell):
    published(engine_shell)
    engine_shell.write("members.csv", "external\n" + "".join(f"m{i}\n" for i in range(10)))
    engine_shell.run("import", "members", "members.csv")
    values = [9, 10, 9, 10, 9, 7, 8, 0, 6, 3]  # 5 promoters, 2 passives, 3 detractors: 20
    engine_shell.write("answers.csv", "id,external,question,scale,value,at,channel,comment\n" + "".join(
        f"A{i},m{i},nps,0-10,{value},2026-03-{i + 1:02},web,{'slow' if value < 7 else ''}\n"
        for i, value in enumerate(values)) + "A99,m1,nps,0-10,11,2026-03-01,web,\nA98,m1,nps,10,1,2026-03-01,web,\n")
    counts = engine_shell.counts("answers", "answers.csv", "--errors", "errors.csv", expect=1)
    assert (counts["imported"], counts["refused"]) == (10, 2)
    assert problems(engine_shell) == {12: ("value", "answer.value"), 13: ("scale", "answer.scale")}
    assert engine_shell.counts("answers", "answers.csv", expect=1)["known"] == 10
    answers = engine_shell.table("answers")
    assert len(answers) == 10 and {(one["question"], one["low"], one["high"], one["best"]) for one in answers} == {
        ("nps", 0, 10, "high")}
    assert "answer" in engine_shell.run("member", "timeline", "external:m0").stdout
    engine_shell.run("export", "answers", "--format", "csv", "--out", "answers-here.csv")
    found = engine_shell.plain("analyze", "nps", "answers-here.csv", "--score", "value", "--format", "csv").stdout
    assert {row["figure"]: row["value"] for row in csv.DictReader(io.StringIO(found))}["nps"] == "20"
    engine_shell.run("verify")


def test_coupons_come_in_by_their_code(engine_shell):
    published(engine_shell)
    engine_shell.write("coupons.csv", "code,external,value,valid_from,until,uses_left,state\n"
                                      "ten-off,,10 off,,2097-01-31,3,active\nCAKE,root,free cake,,,,\n"
                                      "GONE,,5 off,,,,used\n,,x,,,,\nODD,,x,,,,lost\nNEW,stranger,x,,,,\n")
    counts = engine_shell.counts("coupons", "coupons.csv", "--errors", "errors.csv", expect=1)
    assert (counts["imported"], counts["refused"]) == (3, 3)
    assert problems(engine_shell) == {5: ("code", "coupon.code"), 6: ("state", "import.choice"),
                                      7: ("member", "member.unknown")}
    assert engine_shell.counts("coupons", "coupons.csv", expect=1)["known"] == 3
    used = engine_shell.run("coupon", "use", "ten-off", "--store", "S1", "--member", "external:root", "--format", "json")
    assert json.loads(used.stdout)[0]["uses_left"] == 2
    assert json.loads(engine_shell.run("coupon", "use", "cake", "--format", "json").stdout)[0]["member"].startswith("mbr_")
    assert "coupon.used" in engine_shell.run("coupon", "use", "CAKE", expect=1).stderr
    assert "coupon.used" in engine_shell.run("coupon", "use", "GONE", expect=1).stderr
    shown = json.loads(engine_shell.run("coupon", "show", "TEN-OFF", "--format", "json").stdout)[0]
    assert (shown["value"], shown["used"], shown["uses_left"], shown["valid_until"]) == (
        "10 off", 1, 2, "2097-01-31T16:00:00Z")
    assert engine_shell.run("coupon", "lend", "CAKE", expect=2)
    engine_shell.write("coupons.csv", "code,value,uses_left\nTEN-OFF,10 off,4\n")
    engine_shell.counts("coupons", "coupons.csv", "--errors", "errors.csv", expect=1)
    assert problems(engine_shell) == {2: ("id", "migration.different")}
    engine_shell.run("verify")


def random_file(random_state, rows):
    """Lots of a few members, accounts, stores and months, some of them debts; each row with its number."""
    lines = ["id,external,wallet,points,earned_at,expires_at,store"]
    for number in range(rows):
        points = random_state.choice([-40, -7, 0, 1, 12, 300, 12345])
        expires = random_state.choice(["", "never", "2095-01-31", "2096-02-29", "2096-12-31"])
        member = 0 if number % 9 == 0 else random_state.randrange(rows // 4)  # one has more lots than fit in a command
        lines.append(f"R{number},m{member},{random_state.choice(['points', 'status'])},{points},"
                     f"2026-0{random_state.randrange(1, 10)}-01,{expires},{random_state.choice(['', 'S1', 'S2'])}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", [1, 2])
def test_any_file_gives_a_zero_sheet_and_again_adds_nothing(engine_shell, seed):
    published(engine_shell)
    engine_shell.write("lots.csv", random_file(random.Random(seed), 400))
    counts = engine_shell.counts("balances", "lots.csv", "--register")
    assert counts["refused"] == 0
    assert all(float(one[2]) == 0 for one in control(engine_shell).values())
    before = engine_shell.export("before")
    assert engine_shell.counts("balances", "lots.csv", "--register")["imported"] == 0
    assert engine_shell.export("again") == before
    engine_shell.run("verify")


def test_killed_and_run_again_it_ends_as_if_run_once(shell):
    published(shell)
    shell.write("lots.csv", random_file(random.Random(9), 12000))
    command = [shell.binary, "import", "balances", "lots.csv", "--register", "--database", str(shell.database),
               "--key-file", str(shell.folder / "patron.key"), "--quiet"]
    for delay in (0.15, 0.4):
        running = subprocess.Popen(command, cwd=shell.folder, env=shell.environment, stdout=subprocess.DEVNULL)
        time.sleep(delay)
        running.send_signal(signal.SIGKILL)
        running.wait()
    counts = shell.counts("balances", "lots.csv", "--register")
    assert counts["imported"] + counts["known"] == 12000 and counts["refused"] == 0
    assert all(float(one[2]) == 0 for one in control(shell).values())
    assert shell.counts("balances", "lots.csv", "--register")["imported"] == 0
    shell.run("verify")


def test_past_stays_are_sales_of_whoever_paid(engine_shell):
    published(engine_shell)
    engine_shell.write("members.csv", "external,card\nann,\nben,C7\n")
    engine_shell.run("import", "members", "members.csv")
    engine_shell.write("stays.csv", "id,external,payer,arrival,departure,nights,amount,store\n"
                                    "F1,ann,,2026-02-26,2026-03-01 11:00,,900.00,H1\n"
                                    "F2,ann,card:C7,2026-03-05,,2,500.50,H1\nF3,zed,,2026-03-05,,1,10,H1\n"
                                    "F4,ann,,2026-03-05,2026-03-04,,10,H1\nF5,ann,,someday,,,10,H1\nF6,ben,,2026-04-01,,1,,H2\n")
    dry = engine_shell.counts("stays", "stays.csv", "--dry-run", expect=1)
    counts = engine_shell.counts("stays", "stays.csv", "--errors", "errors.csv", expect=1)
    assert counts == dry and (counts["imported"], counts["refused"]) == (3, 3)
    assert problems(engine_shell) == {4: ("member", "member.unknown"), 5: ("departure", "stay.days"),
                                      6: ("arrival", "import.date")}
    # ann's own three nights end at 11:00 in Shanghai; ben paid two nights of hers.
    assert sorted((one["member"], one["amount"], one["at"], one["store"]) for one in engine_shell.table("purchases")) == [
        ("card:C7", "500.50", "2026-03-06T16:00:00Z", "H1"), ("external:ann", "900.00", "2026-03-01T03:00:00Z", "H1")]
    assert engine_shell.counts("stays", "stays.csv", expect=1)["known"] == 3
    engine_shell.write("stays.csv", "id,external,arrival,departure,amount,store\nF1,ann,2026-02-26,2026-03-01 11:00,901.00,H1\n")
    engine_shell.counts("stays", "stays.csv", "--errors", "errors.csv", expect=1)
    assert [code for _, code in problems(engine_shell).values()] == ["event.conflict"]
    engine_shell.run("verify")
