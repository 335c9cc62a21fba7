"""Each figure of the dictionary names a test that exists."""
import re

import tree


def test_each_measure_names_a_test_that_exists():
    table = (tree.ROOT / "src/features/measures/measures.def").read_text(encoding="utf-8")
    named = set(re.findall(r'"(\w+)"\)\n', table)) | set(re.findall(r'#define \w+_TEST "(\w+)"', table))
    known = set()
    for path in [*(tree.ROOT / "tests").rglob("*.py"), *(tree.ROOT / "tests/unit").rglob("*.c")]:
        known |= set(re.findall(r"^(?:def|static void) (\w+)\(", path.read_text(encoding="utf-8"), re.M))
    named -= {"test"}  # the line that describes the table
    assert named and named <= known, sorted(named - known)
