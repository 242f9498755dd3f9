"""Fixtures for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_snmp() -> Path:
    """The folder with recorded devices and what must be read from them; skips without it.

    With PDUTUI_REQUIRE_RECORDINGS=1 its absence is a failure.
    """
    folder = ROOT.parent / "shared" / "snmp"
    if (folder / "recordings").is_dir() and (folder / "compare.py").is_file():
        return folder
    reason = f"recordings not present: no {folder}"
    if os.environ.get("PDUTUI_REQUIRE_RECORDINGS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: most tests wait for a device, a terminal or a clock."""
    return (os.cpu_count() or 1) + 1
