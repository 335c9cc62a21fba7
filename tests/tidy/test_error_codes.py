"""Every error code used in the sources is in src/api/error_codes.def, sorted, and documented."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LISTED = re.compile(r'^ERROR_CODE\("([^"]+)", (\d+), "([^"]+)"\)$', re.M)
USED = re.compile(r'STATUS_[A-Z]+,\s*"([a-z][a-z_]*(?:\.[a-z_]+)+)"')


def listed():
    return LISTED.findall((ROOT / "src/api/error_codes.def").read_text(encoding="utf-8"))


def test_codes_are_sorted_and_unique():
    codes = [code for code, _, _ in listed()]
    assert codes == sorted(set(codes))


def test_every_code_that_is_used_is_listed():
    known = {code for code, _, _ in listed()}
    missing = {}
    for path in sorted((ROOT / "src").rglob("*.c")):
        for code in USED.findall(path.read_text(encoding="utf-8")):
            if code not in known:
                missing.setdefault(code, str(path.relative_to(ROOT)))
    assert not missing, "\n".join(f"{path}: {code}" for code, path in missing.items())


def test_http_statuses_are_errors():
    assert all(400 <= int(status) < 600 for _, status, _ in listed())
