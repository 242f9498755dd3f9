"""What starts fast stays fast: what each command must not load, asked of the interpreter itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.program import environment

PROBE = """
import json, sys
from pdutui.cli.main import main
code = main({argv!r})
print()
print(json.dumps([code, sorted(sys.modules)]))
"""

HEAVY = ("textual", "rich", "pysnmp", "plotext", "aiosqlite", "sqlite3", "cryptography")


def loaded_by(home: Path, *argv: str) -> tuple[int, set[str]]:
    """The exit code of a command line, and the top-level modules that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(argv=list(argv))],
        capture_output=True,
        text=True,
        env=environment(home),
        timeout=30,
        stdin=subprocess.DEVNULL,
    )
    assert done.stdout, done.stderr
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    "argv",
    [
        ("--version",),
        ("--help",),
        ("config", "path"),
        ("config", "template"),
        ("config", "check"),
        ("poll", "--help"),
        ("outlet", "--help"),
        ("audit", "--help"),
        ("run", "--help"),
        ("audit",),
        (),
        ("run",),
    ],
)
def test_nothing_heavy_is_loaded(tmp_path: Path, argv: tuple[str, ...]) -> None:
    code, modules = loaded_by(tmp_path, *argv)
    assert code == (2 if argv in ((), ("run",)) else 0)
    assert "click" in modules, "the probe sees what is loaded"
    assert modules.isdisjoint(HEAVY)


def test_polling_over_snmp_loads_neither_pysnmp_nor_textual(tmp_path: Path, device: str) -> None:
    code, modules = loaded_by(tmp_path, "poll", device, "--json")
    assert code == 0
    assert modules.isdisjoint(HEAVY)


def test_polling_a_model_loads_no_snmp_library(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[[pdu]]\nname = "m"\nbackend = "mock"\n')
    code, modules = loaded_by(tmp_path, "poll", "m", "--config", str(config))
    assert code == 0
    assert modules.isdisjoint((*HEAVY, "gufo"))


def test_switching_loads_no_textual(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[[pdu]]\nname = "m"\nbackend = "mock"\n')
    argv = ("outlet", "m", "1", "off", "--yes", "--config", str(config))
    code, modules = loaded_by(tmp_path, *argv)
    assert code == 0
    assert modules.isdisjoint(("textual", "rich", "plotext", "pysnmp", "gufo"))
