"""What starts fast stays fast: what each command must not load, asked of the interpreter itself."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pdutui.domain.clock import SystemClock
from pdutui.store.history import HistoryStore
from tests.store.helpers import reading
from tests.support.program import environment, free_port
from tests.support.traps import OUTLET, OUTLET_OFF, send, v2_trap

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
        ("history", "--help"),
        ("history", "list", "--help"),
        ("history", "check", "--help"),
        ("history", "export", "--help"),
        ("history", "backup", "--help"),
        ("history", "prune", "--help"),
        ("history", "list"),
        ("run", "--help"),
        ("replay", "--help"),
        ("traps", "--help"),
        ("capture", "--help"),
        ("discover", "--help"),
        ("profile", "list"),
        ("profile", "show", "apc-ats"),
        ("profile", "check"),
        ("simulate", "--help"),
        ("simulate", "--model", "list"),
        ("source", "--help"),
        ("group",),
        ("sequence", "list"),
        ("plan", "list"),
        ("approve",),
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


@pytest.mark.parametrize(
    "argv",
    [
        ("poll", "{device}", "--v3-user", "nobody", "--timeout", "0.5"),
        ("config", "test", "{device}"),
        ("profile", "test", "{device}"),
        ("capture", "{device}", "-o", "{file}"),
        ("discover", "{device}"),
        ("source", "{device}", "B", "--dry-run"),
    ],
)
def test_asking_a_device_loads_neither_pysnmp_nor_textual(
    tmp_path: Path, device: str, argv: tuple[str, ...]
) -> None:
    file = tmp_path / "pdu.snmprec"
    code, modules = loaded_by(tmp_path, *(a.format(device=device, file=file) for a in argv))
    assert code == (3 if "--v3-user" in argv else 0)
    # A dry run goes through the gate, which knows the audit.
    assert modules.isdisjoint(HEAVY if argv[0] != "source" else ("textual", "rich", "pysnmp"))


def test_listening_for_traps_loads_neither_pysnmp_nor_textual(tmp_path: Path) -> None:
    port, heard = free_port(), threading.Event()

    def tell() -> None:
        while not heard.wait(0.1):
            send(port, v2_trap(OUTLET_OFF, (f"{OUTLET}.3", 3)))

    sender = threading.Thread(target=tell)
    sender.start()
    try:
        argv = ("traps", "--listen", f"127.0.0.1:{port}", "--count", "1")
        code, modules = loaded_by(tmp_path, *argv)
    finally:
        heard.set()
        sender.join()
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


@pytest.mark.parametrize(
    "argv",
    [
        ("list", "--json"),
        ("check",),
        ("export", "m", "--step", "1m"),
        ("export", "m", "--marks", "--format", "json"),
        ("backup", "{file}"),
        ("prune", "--older-than", "1d", "--yes"),
    ],
)
def test_looking_into_the_history_loads_no_textual_and_no_snmp(
    tmp_path: Path, argv: tuple[str, ...]
) -> None:
    path = tmp_path / "state" / "history.db"

    async def fill() -> None:
        store = await HistoryStore.open(path, clock=SystemClock(), retention_days=1)
        store.append(reading(pdu="m"))
        await store.close()

    asyncio.run(fill())
    code, modules = loaded_by(
        tmp_path, "history", *(a.format(file=tmp_path / "copy.db") for a in argv)
    )
    assert code == 0
    assert "sqlite3" in modules
    assert modules.isdisjoint(("textual", "rich", "plotext", "pysnmp", "gufo", "cryptography"))
