"""What may lie where, and words that must not be in the project."""
import re
from fnmatch import fnmatchcase

import tree

# Patterns of every tracked file; `*` also crosses folders, so the longest rules say the most.
ALLOWED = [
    ".ci/run", ".clang-format", ".clang-tidy", ".gitattributes", ".gitignore",
    "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md",
    "meson.build", "meson_options.txt",
    "src/meson.build", "src/*/meson.build", "src/*/README.md", "src/*.c", "src/*.h", "src/*.cc", "src/*.def", "src/*.sql",
    "src/cli/demo_house.jsonl",
    "tests/meson.build", "tests/*/meson.build", "tests/run", "tests/*/run", "tests/*.py", "tests/*.c", "tests/*.h",
    "tests/*.md", "tests/*.sql", "tests/*.json", "tests/*.jsonl", "tests/*.csv", "tests/*.csv.gz", "tests/*.txt", "tests/*.vtc",
    "tests/fuzz/seeds/*", "tests/support/*", "tests/browser/*.ts", "tests/browser/*.js",
    "bench/*", "contrib/*", "programmes/*/*.json", "programmes/*/*.jsonl", "programmes/*/terms.*.md", "docs/*.md", "docs/*.svg", "docs/*.png", "docs/*.json", "tools/*", "web/*",
]
MIGRATION = re.compile(r"src/(engine|api|features/\w+)/migrations/\d{3}_[a-z0-9_]+\.sql$")
BYTES_MAX = 1024 * 1024

# Spelled apart, so that this file does not hold them.
WORDS = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "/wo" + "rk/", "HA" + "CK"]


def test_every_file_has_its_place():
    tree.fail_with([f"{path}: no rule of tests/tidy/test_files.py allows it here" for path in tree.files()
                    if not any(fnmatchcase(str(path), pattern) for pattern in ALLOWED)])


def test_migrations_are_numbered():
    problems = []
    for path in tree.below("src", ".sql"):
        if "migrations" in path.parts and not MIGRATION.match(str(path)):
            problems.append(f"{path}: not OWNER/migrations/NNN_name.sql")
    tree.fail_with(problems)


def test_files_are_small():
    tree.fail_with([f"{path}: over {BYTES_MAX} bytes" for path in tree.files()
                    if (tree.ROOT / path).stat().st_size > BYTES_MAX])


def test_nothing_is_left_for_later():
    problems = []
    pattern = re.compile("|".join(rf"\b{word}\b" if word.isalpha() else re.escape(word) for word in WORDS))
    for path in tree.files():
        if path.name in ("LICENSE", "package-lock.json") or path.suffix in (".gz", ".png", ".woff2"):
            continue
        for line, text in enumerate(tree.read(path).splitlines(), 1):
            match = pattern.search(text)
            if match:
                problems.append(f"{path}:{line}: '{match[0]}'")
    tree.fail_with(problems)


def test_scripts_can_be_run():
    problems = []
    for path in tree.files():
        starts = (tree.ROOT / path).read_bytes()[:2] == b"#!"
        runs = (tree.ROOT / path).stat().st_mode & 0o100
        if starts and not runs:
            problems.append(f"{path}: begins with #! and is not executable")
        if runs and not starts:
            problems.append(f"{path}: is executable and does not begin with #!")
    tree.fail_with(problems)
