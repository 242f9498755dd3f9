"""What starts fast stays fast: what each command must not load, asked of the interpreter itself."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

from pdutui.domain.clock import SystemClock
from pdutui.store.history import HistoryStore
from tests.store.helpers import reading
from tests.support.program import environment, free_port
from tests.support.traps import OUTLET, OUTLET_OFF, send, v2_trap

PROBE = """
import json, sys
from pdutui.cli.main import main
for argv in {argvs!r}:
    code = main(argv)
    print()
    print("loaded:", json.dumps([argv, code, sorted(sys.modules)]))
"""

HEAVY = ("textual", "rich", "pysnmp", "plotext", "aiosqlite", "sqlite3", "cryptography")
Loaded = dict[tuple[str, ...], tuple[int, set[str]]]


def loaded_by_all(home: Path, *argvs: tuple[str, ...]) -> Loaded:
    """By command line: its exit code, and the top-level modules that are loaded once it is over.

    All in one interpreter, one after the other: what none of them loads none of them has loaded.
    """
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(argvs=argvs)],
        capture_output=True,
        text=True,
        env=environment(home),
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.stdout, done.stderr
    found: Loaded = {}
    for line in done.stdout.splitlines():
        if line.startswith("loaded: "):
            argv, code, modules = json.loads(line.removeprefix("loaded: "))
            found[tuple(argv)] = code, {name.partition(".")[0] for name in modules}
    assert tuple(found) == argvs, done.stderr
    return found


def loaded_by(home: Path, *argv: str) -> tuple[int, set[str]]:
    """The same for one command line."""
    return loaded_by_all(home, argv)[argv]


LIGHT = (
    ("--version",),
    ("--help",),
    ("config", "path"),
    ("config", "template"),
    ("config", "check"),
    ("poll", "--help"),
    ("outlet", "--help"),
    ("audit", "--help"),
    ("alarms",),
    ("alarms", "list", "--help"),
    ("alarms", "history"),
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
    ("map", "check"),
    (),
    ("run",),
)


def test_nothing_heavy_is_loaded(tmp_path: Path, device: str) -> None:
    file = str(tmp_path / "pdu.snmprec")
    asking = (
        ("poll", device, "--json"),
        ("poll", device, "--v3-user", "nobody", "--timeout", "0.5"),
        ("config", "test", device),
        ("profile", "test", device),
        ("capture", device, "-o", file),
        ("discover", device),
    )
    for argv, (code, modules) in loaded_by_all(tmp_path, *LIGHT, *asking).items():
        expected = 2 if argv in ((), ("run",)) else 3 if "--v3-user" in argv else 0
        assert (argv, code) == (argv, expected)
        assert "click" in modules, "the probe sees what is loaded"
        assert (argv, modules.intersection(HEAVY)) == (argv, set())


def test_a_dry_run_loads_neither_pysnmp_nor_textual(tmp_path: Path, device: str) -> None:
    code, modules = loaded_by(tmp_path, "source", device, "B", "--dry-run")
    assert code == 0
    # It goes through the gate, which knows the audit.
    assert modules.isdisjoint(("textual", "rich", "pysnmp"))


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


def test_looking_into_the_history_loads_no_textual_and_no_snmp(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history.db"

    async def fill() -> None:
        store = await HistoryStore.open(path, clock=SystemClock(), retention_days=1)
        store.append(reading(pdu="m"))
        await store.close()

    asyncio.run(fill())
    commands = (
        ("list", "--json"),
        ("check",),
        ("export", "m", "--step", "1m"),
        ("export", "m", "--marks", "--format", "json"),
        ("backup", str(tmp_path / "copy.db")),
        ("prune", "--older-than", "1d", "--yes"),
    )
    found = loaded_by_all(tmp_path, *(("history", *argv) for argv in commands))
    heavy = ("textual", "rich", "plotext", "pysnmp", "gufo", "cryptography")
    for argv, (code, modules) in found.items():
        assert (argv, code) == (argv, 0)
        assert "sqlite3" in modules
        assert (argv, modules.intersection(heavy)) == (argv, set())
