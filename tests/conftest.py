"""Fixtures for every test."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
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
    """Three more than there are cores: most tests wait for a device, a terminal or a clock."""
    return (os.cpu_count() or 1) + 3


def pytest_sessionstart(session: pytest.Session) -> None:
    """Have the tests compiled once, before there are workers that would each do it for itself.

    In a fresh clone that is ten seconds of a core, times the number of workers.
    """
    config = session.config
    whole = [Path(arg).resolve() for arg in config.args] == [ROOT / "tests"]
    alone = hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None)
    if alone or not whole or sys.dont_write_bytecode or _compiled():
        return
    folders = sorted(path.name for path in (ROOT / "tests").iterdir() if path.is_dir())
    ours = [name for name in folders if name in ("ui", "cli", "e2e", "config")]
    rest = [name for name in folders if name not in ours and name[0] not in "._"]
    command = (sys.executable, "-m", "pytest", "-n", "0", "--collect-only", "-q")
    halves = [
        subprocess.Popen(
            [*command, *(f"tests/{name}" for name in half)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for half in (ours, rest)
    ]
    for half in halves:
        half.wait()


def _compiled() -> bool:
    """Whether the tests have been compiled before; only a guess, it costs time when it is wrong."""
    first = ROOT / "tests" / "test_project.py"
    cached = Path(importlib.util.cache_from_source(str(first))).parent
    return any(cached.glob(f"{first.stem}.*-pytest-*.pyc"))
