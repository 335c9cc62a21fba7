"""What every pytest suite may ask for: the program under test and the real data."""
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def patron_binary():
    """The path of the program under test."""
    binary = Path(os.environ.get("PATRON_BINARY", ROOT / "build" / "patron"))
    assert binary.exists(), f"{binary} is not built"
    return str(binary)


@pytest.fixture(scope="session")
def real_data():
    """The folder of real data; the test is skipped where there is none."""
    folder = Path(os.environ.get("PATRON_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real data (PATRON_DATA)")
    return folder
