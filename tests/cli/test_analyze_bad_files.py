"""Every analysis on files that are wrong: a clear message or a right answer, never a crash, never a NaN in a result.

Usually each fault is tried with one call of every second analysis, and what is refused before anything is computed with
every third; the big file has 200,000 rows, and a few analyses read it. PATRON_SOAK=1 tries every call on every fault, and all of them on
10,000,000 rows. PATRON_DAMAGED=N tries N files damaged at random instead of 120, and PATRON_DAMAGED_SEED=N begins with
another one.
"""
import concurrent.futures
import functools
import json
import math
import os
import random
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from analysis_calls import (BESIDE, CALLS, ENDLESS, MEMBERS, PURCHASES, TEXTS, as_csv, call_name,  # noqa: E402
                            purchase_rows, sound_rows)

SOAK = bool(os.environ.get("PATRON_SOAK"))
ROWS_BIG = 10_000_000 if SOAK else 200_000
DAMAGED = int(os.environ.get("PATRON_DAMAGED", "120"))
AT_ONCE = 2
DAMAGED_SEED = int(os.environ.get("PATRON_DAMAGED_SEED", "1"))
DAMAGED_PARTS = 6
MEMORY_MAX = 6 << 30
SANITIZED = "asan" in os.environ.get("PATRON_BUILD", "")

# ---- files that are wrong ----

def with_column(rows, place, values):
    """The rows with the cells of one column replaced; `values` gives one for a row number and the old cell."""
    return [rows[0]] + [[*row[:place], values(i, row[place]), *row[place + 1:]] for i, row in enumerate(rows[1:])]


def with_columns(rows, choose, values):
    for place, name in enumerate(rows[0]):
        if choose(name):
            rows = with_column(rows, place, values)
    return rows


# ---- what is wrong with a file ----

def is_number(name):
    return name not in TEXTS


def one_customer(rows):
    return with_columns(rows, lambda name: name in ("customer", "member"), lambda i, cell: "one")


def one_time(rows):
    """Nobody comes twice."""
    return with_columns(rows, lambda name: name in ("customer", "member", "receipt"), lambda i, cell: f"u{i}")


def odd_numbers(rows):
    odd = ["NaN", "inf", "-inf", "NA", "", "Infinity", "1e999", "-1e999", "nan", "null", "-", "#N/A", "#DIV/0!", "--5"]
    return with_columns(rows, is_number, lambda i, cell: odd[i // 5 % len(odd)] if i % 5 == 0 else cell)


def huge_numbers(rows):
    huge = ["1e300", "-1e300", "999999999999999", "-999999999999999", "1e-300", "-1e18", "1e18", "4.940656e-324"]
    return with_columns(rows, is_number, lambda i, cell: huge[i // 3 % len(huge)] if i % 3 == 0 else cell)


def great_numbers(rows):
    """As large as numbers are taken."""
    return with_columns(rows, is_number, lambda i, cell: f"{(-1) ** i * (9 - i % 7)}e14")


def tiny_numbers(rows):
    return with_columns(rows, is_number, lambda i, cell: f"{1 + i % 3}e-{300 + i % 20}")


def odd_days(rows):
    odd = ["0001-01-01", "9999-12-31", "2025-02-30", "soon", "", "1e9", "2025-13-01", "-1", "99999-01-01"]
    return with_columns(rows, lambda name: name in ("date", "day"),
                        lambda i, cell: odd[i // 4 % len(odd)] if i % 4 == 0 else cell)


def far_days(rows):
    """A span of ten thousand years."""
    return with_columns(rows, lambda name: name in ("date", "day"),
                        lambda i, cell: "0001-01-01" if i == 0 else "9999-12-31" if i == 1 else cell)


def many_levels(rows):
    """Ten thousand rows, each with texts of its own."""
    body = [rows[1 + i % (len(rows) - 1)] for i in range(10_000)]
    return with_columns([rows[0]] + body, lambda name: name in TEXTS and name not in ("date", "day", "gone"),
                        lambda i, cell: f"{cell} {i}")


def same_names(rows):
    return [[rows[0][0]] + [rows[0][1]] * (len(rows[0]) - 1)] + rows[1:]


def many_columns(rows):
    return [rows[0] + [f"extra{i}" for i in range(1000)]] + [row + ["1"] * 1000 for row in rows[1:]]


def not_utf8(rows):
    return as_csv(rows).replace(b"c1,", b"c\xff\xfe\x80,").replace(b"North", b"N\xf6rd\xc3")


def long_line(rows):
    """A cell of four million letters, and a line of as many commas."""
    lines = as_csv(rows).splitlines(keepends=True)
    return b"".join([*lines[:3], b"x" * 4_000_000 + lines[3], b"," * 4_000_000 + b"\n", *lines[4:]])


def torn(rows):
    """Rows too short and too long, a quotation that does not end, a byte 0."""
    lines = as_csv(rows).splitlines(keepends=True)
    lines[3] = lines[3].split(b",")[0] + b"\n"
    lines[4] = lines[4].strip() + b",more,and more\n"
    lines[5] = b"\x00" + lines[5]
    lines[-2] = b'"' + lines[-2]
    return b"".join(lines)


REFUSED, EITHER = "refused", "either"
FILES = {
    "empty": (lambda rows: b"", REFUSED),
    "blank lines": (lambda rows: b"\n\n \n", REFUSED),
    "header only": (lambda rows: rows[:1], REFUSED),
    "header without end": (lambda rows: as_csv(rows[:1]).strip(), REFUSED),
    "one row": (lambda rows: rows[:2], EITHER),
    "two rows": (lambda rows: rows[:3], EITHER),
    "three rows": (lambda rows: rows[:4], EITHER),
    "one customer": (one_customer, EITHER),
    "all one-time buyers": (one_time, EITHER),
    "constant columns": (lambda rows: with_columns(rows, lambda name: name not in ("customer", "date", "member", "day"),
                                                   lambda i, cell: rows[1][rows[1].index(cell)] if cell in rows[1]
                                                   else "1"), EITHER),
    "constant numbers": (lambda rows: with_columns(rows, is_number, lambda i, cell: "1"), EITHER),
    "zeros": (lambda rows: with_columns(rows, is_number, lambda i, cell: "0"), EITHER),
    "equal rows": (lambda rows: rows[:1] + [rows[1]] * 200, EITHER),
    "one day": (lambda rows: with_columns(rows, lambda name: name in ("date", "day"), lambda i, cell: "2025-05-05"),
                EITHER),
    "odd numbers": (odd_numbers, EITHER),
    "huge numbers": (huge_numbers, EITHER),
    "great numbers": (great_numbers, EITHER),
    "tiny numbers": (tiny_numbers, EITHER),
    "negative numbers": (lambda rows: with_columns(rows, is_number, lambda i, cell: f"-{cell}"), EITHER),
    "all missing": (lambda rows: with_columns(rows, lambda name: True, lambda i, cell: "NA"), REFUSED),
    "all blank": (lambda rows: with_columns(rows, lambda name: True, lambda i, cell: ""), REFUSED),
    "numbers missing": (lambda rows: with_columns(rows, is_number, lambda i, cell: ""), EITHER),
    "texts for numbers": (lambda rows: with_columns(rows, is_number, lambda i, cell: "much"), EITHER),
    "odd days": (odd_days, EITHER),
    "far days": (far_days, EITHER),
    "many levels": (many_levels, EITHER),
    "same names": (same_names, REFUSED),
    "wrong names": (lambda rows: [[f"x_{name}x" for name in rows[0]]] + rows[1:], REFUSED),
    "no header": (lambda rows: rows[1:], REFUSED),
    "many columns": (many_columns, REFUSED),
    "not UTF-8": (not_utf8, EITHER),
    "torn rows": (torn, EITHER),
    "UTF-16": (lambda rows: as_csv(rows).decode().encode("utf-16"), EITHER),
    "UTF-16 without a mark": (lambda rows: as_csv(rows).decode().encode("utf-16-le"), EITHER),
    "UTF-16 cut off": (lambda rows: as_csv(rows).decode().encode("utf-16")[:1001], EITHER),
    "CR ends the lines": (lambda rows: as_csv(rows).replace(b"\n", b"\r"), EITHER),
    "CR LF ends the lines": (lambda rows: as_csv(rows).replace(b"\n", b"\r\n"), EITHER),
    "no newline at the end": (lambda rows: as_csv(rows).rstrip(b"\n"), EITHER),
    "a very long line": (long_line, EITHER),
    "binary": (lambda rows: random.Random(3).randbytes(20_000), REFUSED),
    "gzip cut off": (lambda rows: b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\x01\x02", REFUSED),
    "broken JSON": (lambda rows: b'{"customer": "a", "date": \n{"customer"', REFUSED),
}


# ---- running ----

def write_files(folder, content):
    (folder / "bad.csv").write_bytes(content if isinstance(content, bytes) else as_csv(content))
    for name, text in BESIDE.items():
        (folder / name).write_text(text)


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))


def run_analysis(binary, folder, call, *options, layout="json", limit=None):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PATRON_")}
    return subprocess.run([binary, "analyze", call[0], "bad.csv", *call[2], *options, "--format", layout], cwd=folder,
                          env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=900, check=False,
                          preexec_fn=limit)


def refuse_constant(word):
    raise ValueError(f"{word} is no JSON")


def check(done, about, layout="json"):
    """Whatever the file: an answer without NaN, or a message with its code."""
    out, said = done.stdout.decode(errors="strict"), done.stderr.decode(errors="replace")
    assert done.returncode in (0, 1), f"{about}: {done.returncode}\n{out[-500:]}{said[-3000:]}"
    assert "Sanitizer" not in said and "runtime error" not in said, f"{about}: {said[-3000:]}"
    if done.returncode == 1 and not said.endswith(" rows could not be read\n"):
        assert not out, f"{about}: both a result and an error: {out[-500:]}"
        assert re.search(r"\[[a-z_]+\.[a-z_0-9]+\]\n$", said), f"{about}: no code: {said}"
        assert len(said) < 1000, f"{about}: {said}"
        return
    if done.returncode == 1:
        assert re.search(r"^line \d+: ", said, re.M), f"{about}: no line: {said}"
    assert not re.search(r"(?<![\w.])[-+]?(nan|inf)(?![\w.])", out), f"{about}: {out[-2000:]}"
    assert out.strip(), f"{about}: it says nothing"
    if layout != "json":
        return
    for row in json.loads(out, parse_constant=refuse_constant):
        for name, value in row.items():
            assert not isinstance(value, float) or math.isfinite(value), f"{about}: {name} {row}"
            if name == "note" and row.get("figure") == "summary":
                assert value, f"{about}: no sentence"


def test_every_analysis_is_tried(patron_binary):
    said = subprocess.run([patron_binary, "analyze", "--help"], capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  patron analyze (\w+) ", said, re.M)) == {call[0] for call in CALLS}


@pytest.mark.parametrize("call", CALLS, ids=call_name)
def test_a_sound_file_is_answered(patron_binary, tmp_path, call):
    # To be checked against later purchases, the index needs more members than the other analyses.
    write_files(tmp_path, purchase_rows(random.Random(1), 400) if "--check" in call[2] else sound_rows(call[1]))
    for layout in ("json", ("table", "csv")[CALLS.index(call) % 2]):
        done = run_analysis(patron_binary, tmp_path, call, layout=layout)
        assert done.returncode == 0, done.stderr.decode()
        check(done, call_name(call), layout)


@functools.lru_cache(maxsize=None)
def bad_content(kind, name):
    content = FILES[name][0](sound_rows(kind))
    return content if isinstance(content, bytes) else as_csv(content)


def calls_for(name):
    """All of them in a soak; else one of every second or third analysis, others for other faults."""
    place = list(FILES).index(name)
    analyses = {call[0]: [other for other in CALLS if other[0] == call[0]] for call in CALLS}.values()
    if SOAK:
        return CALLS
    every = 3 if FILES[name][1] == REFUSED or name == "many levels" else 2
    return [calls[place // every % len(calls)] for i, calls in enumerate(analyses) if (i + place) % every == 0]


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_answered_or_refused_with_a_code(patron_binary, tmp_path, name):
    def run(number, call):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_files(folder, bad_content(call[1], name))
        done = run_analysis(patron_binary, folder, call)
        check(done, f"{call_name(call)} on '{name}'")
        # Rows that say nothing are still rows, of which no two are one person.
        expected = EITHER if call[0] == "duplicates" and name.startswith("all ") else FILES[name][1]
        assert expected != REFUSED or done.returncode == 1, f"{call_name(call)} answers: {done.stdout.decode()[:500]}"

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(run, number, call) for number, call in enumerate(calls_for(name))]:
            done.result()


@pytest.mark.parametrize("call", [call for call in CALLS if call[1] == PURCHASES and call[0] not in ENDLESS],
                         ids=call_name)
def test_an_end_before_everything_leaves_nothing(patron_binary, tmp_path, call):
    write_files(tmp_path, sound_rows(call[1]))
    done = run_analysis(patron_binary, tmp_path, call, "--until", "1999-12-31")
    check(done, call_name(call))
    assert done.returncode == 1 and b"1999-12-31" in done.stderr, done.stderr.decode()
    done = run_analysis(patron_binary, tmp_path, call, "--until", "9999-12-31")
    check(done, call_name(call))


# ---- big files ----

BIG_USUAL = ["rfm", "counts", "nps"]
BIG_CALLS = CALLS if SOAK else [call for call in CALLS if call[0] in BIG_USUAL and "--scores" not in call[2]]
# What takes a row of each of so many cells, and would need more memory than it is given, says so.
BIG_REFUSED = {"memory.full", "analyze.rows", "analyze.customers", "churn.rows", "trees.memory", "uplift.rows", "baskets.sets"}


def big_purchase(i):
    customer, receipt, mixed = i // 20, i // 4, i * 2654435761 >> 7
    day = (customer * 37 + receipt % 5 * (receipt % 5 + customer % 9) * 7) % 364
    return (f"c{customer * 7919 % 1000003},2025-{1 + day // 31:02}-{1 + day % 31 % 28:02},{5 + mixed % 97}.5,s{customer % 9},"
            f"kind {mixed % 6},p{mixed * mixed % 2000},r{receipt},{mixed % 3 // 2},maker {mixed % 5},{mixed // 7 % 2},"
            f"{1 + mixed % 3},{mixed % 17},{mixed // 3 % 4},{1 + customer % 3}\n")


def big_member(i):
    one, two = i * 2654435761 >> 5 & 0xFFFFFFFF, i * 40503 * 2246822519 >> 9 & 0xFFFFFFFF
    mood, treated = one % 7, two % 2
    return (f"m{i},2025-{1 + i % 12:02}-{1 + i * 7 % 28:02},{'yes' if two % 100 < 25 + 5 * mood else 'no'},{1 + one % 60},"
            f"{two // 3 % 2},{'mail' if treated else 'control'},{20 + two % 797}.{one % 10},{20 + one % 613},{treated},"
            f"{int(two // 11 % 100 < 30 + 20 * treated)},{'monthly' if one % 3 else 'yearly'},{one // 7 % 20},"
            f"{min(10, mood + two // 5 % 5)},{1 + min(4, mood // 2 + two // 7 % 2)},{1 + min(4, mood // 2 + two // 13 % 3)},"
            f"{min(10, mood + two // 17 % 5)},{1 + min(4, mood // 2 + two // 19 % 2)},"
            f"{1 + min(4, mood // 2 + two // 23 % 3)},{('too dear', 'moved', 'rude staff')[one // 5 % 3]},"
            f"{'North' if two // 29 % 2 else 'South'}\n")


@pytest.fixture(scope="module")
def big_file(request, tmp_path_factory):
    """Twenty purchases, or an answer, of each of many members; only one of the files is there at a time."""
    path = tmp_path_factory.mktemp("big") / f"{request.param}.csv"
    of = big_purchase if request.param == PURCHASES else big_member
    with open(path, "w", encoding="ascii") as out:
        out.write(",".join(sound_rows(request.param)[0]) + "\n")
        for first in range(0, ROWS_BIG, 1000):
            out.writelines(map(of, range(first, min(first + 1000, ROWS_BIG))))
    yield path
    path.unlink()


@pytest.mark.parametrize("big_file, call", [(call[1], call) for call in BIG_CALLS], indirect=["big_file"],
                         ids=lambda one: one if isinstance(one, str) else call_name(one))
def test_a_big_file_is_answered_within_its_memory(patron_binary, tmp_path, big_file, call):
    write_files(tmp_path, b"")
    (tmp_path / "bad.csv").unlink()
    (tmp_path / "bad.csv").symlink_to(big_file)
    layout = "csv" if "--scores" in call[2] else "json"
    done = run_analysis(patron_binary, tmp_path, call, layout=layout, limit=None if SANITIZED else limit_memory)
    check(done, call_name(call), layout)
    code = re.search(rb"\[([a-z_.0-9]+)\]\n$", done.stderr)
    assert done.returncode == 0 or code[1].decode() in BIG_REFUSED, done.stderr.decode()


def test_what_needs_more_memory_than_it_may_take_says_so(patron_binary, tmp_path):
    (tmp_path / "bad.csv").write_text("member,recommend\n" + "".join(f"member {i},{i % 11}\n" for i in range(400_000)))
    call = ("nps", MEMBERS, ["--score", "recommend"])
    assert run_analysis(patron_binary, tmp_path, call, "--memory", "1000").returncode == 0
    if SANITIZED:
        return  # the sanitizers map more than any limit
    done = run_analysis(patron_binary, tmp_path, call, "--memory", "40")
    check(done, "40 MiB")
    assert done.returncode == 1 and re.search(rb"\[(memory.full|analyze.rows)\]", done.stderr), done.stderr.decode()
    done = run_analysis(patron_binary, tmp_path, call, "--memory", "much")
    assert done.returncode == 2 and b"--memory" in done.stderr


# ---- files damaged at random ----

# In capitals, so that a text that comes back in a result is told from a number that was printed.
CELLS = ["", "NA", "NaN", "INF", "-INF", "1e308", "-1e-308", "0", "-0", "1e15", "9" * 15, "9" * 40, "2025-01-01",
         "0001-01-01", "9999-12-31", "\u4f60\u597d", "a,b", 'say "hi"', "x\ny", "\t", "=1+1", "'", "-", "--", "1.2.3", "yes",
         "no", "0x1p3", "1,5", "+", "e", "\U0001f600", "x" * 5000]


def damage(dice, rows):
    """A file with a few faults of any kind, as bytes."""
    rows = [row[:] for row in rows[: 1 + dice.choice([1, 2, 3, 5, 20, len(rows)])]]
    for _ in range(dice.choice([0, 1, 3, 30])):
        row = rows[0] if dice.random() < .1 else dice.choice(rows[1:] or rows)
        row[dice.randrange(len(row))] = dice.choice(CELLS)
    for _ in range(dice.choice([0, 0, 1, 2, 4])):
        place, cell = dice.randrange(len(rows[0])), dice.choice(CELLS)
        of = dice.choice([cell, rows[-1][place], None])
        rows = with_column(rows, place, lambda i, _, of=of: str(i) if of is None else of)
    if dice.random() < .2:
        dice.shuffle(rows[0])
    if dice.random() < .1:
        rows += dice.choices(rows, k=300)
    content = bytearray(as_csv(rows))
    for _ in range(dice.choice([0, 0, 0, 1, 5])):
        place = dice.randrange(len(content) + 1)
        content[place:place + dice.randrange(3)] = dice.choice(
            [b"", b"\x00", b"\xff", b'"', b",", b"\r", b"\n", b";", b"\xef\xbb\xbf"])
    return bytes(content[:dice.randrange(len(content))] if dice.random() < .1 else content)


@pytest.mark.parametrize("part", range(DAMAGED_PARTS))
def test_files_damaged_at_random_are_answered_or_refused(patron_binary, tmp_path, part):
    for seed in range(DAMAGED_SEED + part, DAMAGED_SEED + DAMAGED, DAMAGED_PARTS):
        dice = random.Random(seed)
        call = CALLS[seed % len(CALLS)]
        write_files(tmp_path, damage(dice, sound_rows(call[1], seed)))
        check(run_analysis(patron_binary, tmp_path, call), f"seed {seed}: {call_name(call)}")
