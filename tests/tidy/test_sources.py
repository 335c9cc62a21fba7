"""The page: sizes, headers and layout of the C sources."""
import re
import subprocess

import tree

FILE_LINES_MAX = 800  # but for tables, in which a line is a row
FUNCTION_LINES_MAX = 80
PARAMETERS_MAX = 6
SHAPED_BY_A_LIBRARY = {"exchange_receive": "MHD_AccessHandlerCallback", "receive_field": "MHD_PostDataIterator"}
WRITTEN = (".c", ".h", ".cc", ".py", ".sql", ".ts", ".js", ".svelte", ".css", ".build")
PACKAGES = ["libsodium", "icu-i18n", "jansson", "sqlite3", "libpq", "libmicrohttpd", "libcurl", "zlib", "xlsxwriter"]


def c_files(*folders):
    return [path for folder in folders for path in tree.below(folder, ".c", ".h", ".cc")]


def test_files_are_short():
    problems = []
    for path in tree.files():
        lines = tree.read(path).count("\n") if path.suffix in WRITTEN or path.suffix == "" else 0
        if lines > FILE_LINES_MAX and path.name != "LICENSE":
            problems.append(f"{path}: {lines} lines, at most {FILE_LINES_MAX}")
    tree.fail_with(problems)


def test_functions_are_short_and_take_few_parameters():
    problems = []
    for path in c_files("src", "bench"):
        for line, name, lines, parameters in tree.functions(path):
            if lines > FUNCTION_LINES_MAX:
                problems.append(f"{path}:{line}: {name} has {lines} lines, at most {FUNCTION_LINES_MAX}")
            if parameters > PARAMETERS_MAX and name not in SHAPED_BY_A_LIBRARY:
                problems.append(f"{path}:{line}: {name} has {parameters} parameters, at most {PARAMETERS_MAX}")
    tree.fail_with(problems)


def test_the_reader_of_functions_sees_them():
    seen = {name: (lines, parameters) for _, name, lines, parameters in
            tree.functions(tree.PurePosixPath("src/foundation/error.c"))}
    assert seen["error_add_context"][1] == 3
    assert seen["copy_cut"][1] == 3
    assert seen["error_set"][0] > 10


def test_headers_say_what_they_are():
    problems = []
    for path in tree.below("src", ".h"):
        if not re.match(rf"/\*(\n \*)? ([\w/]+/)?{re.escape(path.name)}: \S", tree.read(path)):
            problems.append(f"{path}:1: does not begin with '/* {path.name}: what it is. */'")
    tree.fail_with(problems)


def test_headers_compile_alone():
    flags = subprocess.run(["pkg-config", "--cflags", *PACKAGES], capture_output=True, text=True, check=True).stdout.split()
    problems = []
    for path in tree.below("src", ".h"):
        command = ["gcc", "-fsyntax-only", "-x", "c", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic",
                   "-Wno-unused", "-Werror", "-Isrc", *flags, "-"]
        source = f'#include "{path.relative_to("src")}"\n'
        done = subprocess.run(command, input=source, cwd=tree.ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            problems.append(f"{path}: {done.stderr.strip()}")
    tree.fail_with(problems)


def test_sources_are_laid_out_by_clang_format():
    paths = [str(path) for path in c_files("src", "tests", "bench")]
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *paths], cwd=tree.ROOT, capture_output=True, text=True)
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.M)))
    tree.fail_with([f"{path}: not laid out; `make format` does it" for path in wrong])
    assert done.returncode == 0, done.stderr
