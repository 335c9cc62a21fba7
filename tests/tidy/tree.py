"""The tracked files of the checkout, and small readers of C and SQL that the rules of this folder share."""
import re
import subprocess
from functools import lru_cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent.parent


@lru_cache
def files():
    """Every tracked file, as a path relative to the checkout."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [PurePosixPath(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


@lru_cache
def read(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def below(folder, *suffixes):
    return [path for path in files() if PurePosixPath(folder) in path.parents and path.suffix in suffixes]


@lru_cache
def parts():
    """The parts of the product, lowest layer first, as src/meson.build lists them."""
    listed = re.search(r"^parts = \[(.*?)\]", read(PurePosixPath("src/meson.build")), re.M | re.S)
    return re.findall(r"'([^']+)'", listed[1])


def includes(path):
    """(line number, form, header) of each #include; form is '"' or '<'."""
    for number, line in enumerate(read(path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if match:
            yield number, match[1], match[2]


def functions(path):
    """(line number, name, lines, parameters) of each function; relies on the layout that clang-format gives."""
    lines = read(path).splitlines()
    start = None
    for index, line in enumerate(lines):
        if line == "{":
            start = index
        elif line == "}" and start is not None:
            head = start - 1
            while head > 0 and lines[head - 1].strip() and not re.search(r"[;}/]$", lines[head - 1]):
                head -= 1
            signature = " ".join(lines[head:start])
            match = re.search(r"(\w+)\((.*)\)\s*$", re.sub(r"__attribute__\s*\(\(.*\)\)", "", signature))
            if match:
                yield head + 1, match[1], index - head + 1, count_parameters(match[2])
            start = None


def count_parameters(text):
    if text.strip() in ("", "void"):
        return 0
    depth = commas = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        commas += character == "," and depth == 0
    return commas + 1


def sql_statements(path):
    """(line number, text) of the statements that both engines share, without comments and the insides of strings."""
    dialect, current, first = None, [], 0
    for number, line in enumerate(read(path).splitlines(), 1):
        header = re.match(r"--\s*(name|dialect):\s*(\w+)", line)
        if header:
            if dialect is None and "".join(current).strip():
                yield first, "\n".join(current)
            dialect = header[2] if header[1] == "dialect" else None
            current = []
            continue
        line = re.sub(r"'[^']*'", "''", line.split("--")[0])
        if not "".join(current).strip():
            first = number
            current = []
        current.append(line)
        if line.rstrip().endswith(";"):
            if dialect is None:
                yield first, "\n".join(current)
            current = []
    if dialect is None and "".join(current).strip():
        yield first, "\n".join(current)


def fail_with(problems):
    assert not problems, f"{len(problems)} found:\n" + "\n".join(problems)
