"""Who may include whom. The order of the parts is that of src/meson.build."""
import re

import tree

# What a part may include besides itself. A feature's files have roles of their own, below.
MAY_INCLUDE = {
    "foundation": [],
    "json": ["foundation"],
    "rules": ["foundation"],
    "mathematics": ["foundation"],
    "storage": ["foundation"],
    "http": ["foundation"],
    "engine": ["foundation", "storage", "queries.h"],
    "api": ["foundation", "json", "http", "engine"],
}
SEES_EVERYTHING = ["cli", "server"]

# The role of a feature's file is the end of its name: points_store.c. A role sees what is named here, the files of its
# own feature and of earlier ones that have a role of its second list.
FEATURE_ROLES = {
    "pure": (["foundation", "rules", "mathematics", "engine/decide.h"], ["pure"]),
    "store": (["foundation", "rules", "mathematics", "engine", "storage", "queries.h"], ["pure", "document", "store"]),
    "api": (["foundation", "rules", "mathematics", "engine", "json", "api", "http"], ["pure", "document", "store", "api", "feature"]),
    "feature": (["foundation", "rules", "engine", "api"], ["pure", "document", "store", "api", "feature"]),
    "document": (["foundation", "rules", "mathematics", "json", "engine/decide.h"], ["pure", "document"]),
}
# The work of these features is files themselves: what would be pure elsewhere reads and writes documents here.
DOCUMENT_FEATURES = ["features/exchange"]

# Libraries, and the only folders that know them.
LIBRARIES = {
    "sqlite3.h": ["storage/sqlite"],
    "libpq-fe.h": ["storage/postgres"],
    "sodium.h": ["foundation"],
    "openssl/": ["foundation"],
    "unicode/": ["foundation", "features/customers", "features/exchange"],
    "jansson.h": ["json", "cli", "features/library", "features/programme", "features/definitions", "features/events",
                  "features/exchange", "features/offers"],
    "microhttpd.h": ["http"],
    "phonenumbers/": ["features/customers"],
    "qrencode.h": ["features/coupons"],
    "re2/": ["rules"],
    "curl/": ["cli", "server"],
    "gnutls/": ["server"],
    "zstd.h": ["server"],
    "csv.h": ["cli", "features/exchange"],
    "zlib.h": ["cli", "server", "http", "features/coupons", "features/exchange"],
    "xgboost/": ["mathematics"],
    "xlsxwriter.h": ["cli", "features/exchange"],
}

# A pure file decides from what it is given: no clock, no disk, no network, no log.
IMPURE = ["time.h", "unistd.h", "fcntl.h", "pthread.h", "sys/", "netinet/", "foundation/clock.h", "foundation/log.h"]


def part_of(path):
    """The part of src/ that `path` (relative to src/) lies in, or None."""
    return next((part for part in tree.parts() if str(path).startswith(part + "/")), None)


def role_of(path):
    match = re.search(r"_(store|api|feature)$", str(path).rsplit("/", 1)[-1].rsplit(".", 1)[0])
    if match:
        return match[1]
    return "document" if part_of(path) in DOCUMENT_FEATURES else "pure"


def is_named(header, names):
    return any(header == name or header.startswith(name + "/") for name in names)


def may_include(source, header):
    """Whether `source` may include "header"; both relative to src/."""
    part, other = part_of(source), part_of(header)
    if part in SEES_EVERYTHING:
        return other is not None or header == "queries.h"
    if not part.startswith("features/"):
        own_store = part == "api" and role_of(source) == "store"
        return other == part or is_named(header, MAY_INCLUDE[part] + (["storage", "queries.h"] if own_store else []))
    named, roles = FEATURE_ROLES[role_of(source)]
    if other is not None and other.startswith("features/"):
        order = tree.parts()
        return order.index(other) <= order.index(part) and role_of(header) in roles
    return is_named(header, named)


def test_every_folder_of_the_source_is_a_part():
    known = set(tree.parts())
    folders = {str(path.parent.relative_to("src")) for path in tree.below("src", ".c", ".h", ".cc")}
    tree.fail_with([f"src/{folder} is not a part of src/meson.build" for folder in sorted(folders)
                    if part_of(folder + "/x") is None and folder not in known])


def test_includes_follow_the_layers():
    problems = []
    for path in tree.below("src", ".c", ".h", ".cc"):
        source = path.relative_to("src")
        for line, form, header in tree.includes(path):
            if form == '"' and part_of(source) and not may_include(source, header):
                problems.append(f"{path}:{line}: {part_of(source)} ({role_of(source)}) may not include {header}")
    tree.fail_with(problems)


def test_includes_name_the_path_from_the_source_folder():
    known = {str(path.relative_to("src")) for path in tree.below("src", ".h", ".def")} | {"queries.h"}
    problems = []
    for path in tree.below("src", ".c", ".h", ".cc"):
        for line, form, header in tree.includes(path):
            if form == '"' and header not in known and not (tree.ROOT / "src" / header).exists():
                problems.append(f"{path}:{line}: there is no src/{header}")
    tree.fail_with(problems)


def test_each_library_is_known_to_its_folders_only():
    problems = []
    for path in tree.below("src", ".c", ".h", ".cc"):
        folder = str(path.relative_to("src").parent)
        for line, form, header in tree.includes(path):
            for library, folders in LIBRARIES.items():
                if header.startswith(library) and form == "<" and not is_named(folder, folders):
                    problems.append(f"{path}:{line}: {folder} may not include <{header}>")
    tree.fail_with(problems)


def test_pure_files_have_no_clock_and_no_input_or_output():
    problems = []
    for path in tree.below("src/features", ".c", ".h"):
        for line, _, header in tree.includes(path) if role_of(path.relative_to("src")) == "pure" else []:
            if any(header == word or (word.endswith("/") and header.startswith(word)) for word in IMPURE):
                problems.append(f"{path}:{line}: a pure file may not include {header}")
    tree.fail_with(problems)


def test_the_table_tells_right_from_wrong():
    allowed = [
        ("engine/load.c", "storage/storage.h"),
        ("engine/load.c", "queries.h"),
        ("api/user_store.c", "queries.h"),
        ("features/points/points.c", "engine/decide.h"),
        ("features/points/points.c", "features/programme/programme.h"),
        ("features/points/points_store.c", "storage/storage.h"),
        ("features/points/points_api.c", "json/reader.h"),
        ("server/main.c", "features/points/points_feature.h"),
    ]
    refused = [
        ("foundation/text.c", "json/reader.h"),
        ("storage/storage.c", "engine/engine.h"),
        ("api/user.c", "queries.h"),
        ("api/route.c", "features/points/points.h"),
        ("features/points/points.c", "storage/storage.h"),
        ("features/points/points.c", "engine/batch.h"),
        ("features/points/points.c", "features/points/points_store.h"),
        ("features/programme/programme.c", "features/points/points.h"),
        ("features/points/points_store.c", "api/route.h"),
        ("features/points/points_api.c", "storage/storage.h"),
        ("features/points/points_api.c", "cli/table.h"),
        ("engine/batch.c", "features/points/points.h"),
    ]
    tree.fail_with([f"{source} should see {header}" for source, header in allowed if not may_include(source, header)] +
                   [f"{source} should not see {header}" for source, header in refused if may_include(source, header)])
