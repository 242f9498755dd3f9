"""What the console costs a terminal: bytes, CPU, memory, time to first paint, beside its peers.

    python benchmarks/tui.py [--seconds 20] [--rounds 9] [--pdus 50] [--only-start]

All of it in one run, each program in a terminal of its own of 120x36. The console polls at 1 Hz,
and every figure changes: one PDU of 24 metered outlets over SNMP, which `pdutui simulate` is in a
process of its own; its demo, whose three models run in the console and are in its CPU; and a demo
of a room of PDUs, on the screen of one of them and on the fleet screen.

First paint is from exec to the first frame with live figures. Starts of the console, of an empty
Textual app and of glances take turns, so that whatever else the machine does meets all of them;
the medians are compared, and the shortest times. Peers that are not installed are left out and
named. A machine that is busy with other things makes every figure larger: the ratios hold longest.

Exits with 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pty_run import Measured, measure

EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("empty-app-is-up")
Empty().run()
"""
PEERS: dict[str, list[str]] = {
    "btop": ["btop"],
    "htop": ["htop", "-d", "10"],
    "glances": ["glances", "-t", "1", "--disable-check-update"],
}
GLANCES_IS_UP = "CPU"
"""What glances has on its first screen."""
FIRST_PAINT = 1.3
"""Times that of an empty Textual app, at most."""
MEMORY_MB = 80.0
SETTLED_S = 8.0
"""By then everything is loaded, the past is read, and the first row is written."""


@dataclass(frozen=True)
class Run:
    """A program, and what it may cost; None: nobody has said."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    marker: str = ""
    bytes_per_s: float | None = None
    cpu_percent: float | None = None
    rss_mb: float | None = None


@dataclass(frozen=True)
class Target:
    """Something to reach, and what was measured."""

    what: str
    limit: float
    got: float
    unit: str

    @property
    def met(self) -> bool:
        return self.got <= self.limit


@contextmanager
def simulated() -> Iterator[int]:
    """A PDU that lives, in a process of its own; gives its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "pdutui", "simulate", "--profile", "raritan-pdu2",
               "--model", "px3", "--listen", f"127.0.0.1:{port}"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it says where it listens
        try:
            yield port
        finally:
            process.terminate()


def console(folder: str, pdus: int, port: int) -> Iterator[Run]:
    """The console in its states."""
    demo = [sys.executable, "-m", "pdutui", "--demo"]
    room = [*demo, "--fleet", str(pdus)]

    def env(name: str, **more: str) -> dict[str, str]:
        return {"PDUTUI_STATE_DIR": f"{folder}/{name}", "XDG_CONFIG_HOME": folder, **more}

    real = [sys.executable, "-m", "pdutui", f"127.0.0.1:{port}"]
    community = env("real", PDUTUI_COMMUNITY="public")
    yield Run("pdutui, one PDU", real, community, "LIVE", 2000, 1.5, MEMORY_MB)
    yield Run("pdutui, demo of three", demo, env("one"), "LIVE", 2000, None, MEMORY_MB)
    yield Run(f"pdutui, one of {pdus} PDUs", room, env("room"), "LIVE", 2000, 10.0)
    fleet = env("fleet", PDUTUI_UI_START="fleet")
    yield Run(f"pdutui, fleet of {pdus} PDUs", room, fleet, "LIVE", 4000, 10.0)


def line(run: Run, got: Measured, reference: Measured) -> str:
    """A row of the table; ratios are to the console's PDU screen."""

    def ratio(mine: float, theirs: float) -> str:
        return f"{mine / theirs:6.2f} x" if theirs else "       -"

    return (
        f"{run.name:<26}{got.bytes_per_s:>8.0f}{ratio(got.bytes_per_s, reference.bytes_per_s)}"
        f"{got.cpu_percent:>9.2f}{ratio(got.cpu_percent, reference.cpu_percent)}"
        f"{got.rss_mb:>9.1f}{ratio(got.rss_mb, reference.rss_mb)}"
    )


def steady(runs: Sequence[Run], seconds: float) -> list[Target]:
    """Measure each for a while, print the table, and give what was to be reached."""
    print(f"{'running, 120x36':<26}{'B/s':>8}{'':>8}{'CPU %':>9}{'':>8}{'MB':>9}")
    targets: list[Target] = []
    reference: Measured | None = None
    for run in runs:
        got = measure(run.command, warmup_s=SETTLED_S, seconds=seconds, env=dict(run.env))
        reference = reference or got
        print(line(run, got, reference), flush=True)
        for what, limit, figure, unit in (
            ("bytes", run.bytes_per_s, got.bytes_per_s, "B/s"),
            ("CPU", run.cpu_percent, got.cpu_percent, "%"),
            ("memory", run.rss_mb, got.rss_mb, "MB"),
        ):
            if limit is not None:
                targets.append(Target(f"{run.name}: {what}", limit, figure, unit))
    return targets


def starts(runs: Sequence[Run], rounds: int) -> dict[str, list[float]]:
    """Milliseconds from exec to the marker, by name; the programs take turns."""
    times: dict[str, list[float]] = {run.name: [] for run in runs}
    for place in range(rounds + 1):
        for run in runs:
            mark = None
            for wait_s in (1.5, 6.0):  # a machine that is busy may need the second
                mark = measure(
                    run.command, warmup_s=wait_s, seconds=0.05, marker=run.marker, env=dict(run.env)
                ).mark_ms
                if mark is not None:
                    break
            if mark is None:
                raise SystemExit(f"{run.name} never showed {run.marker!r}")
            if place:  # the first start may have bytecode to write, and files to read from disk
                times[run.name].append(mark)
    return times


def first_paint(runs: Sequence[Run], rounds: int) -> list[Target]:
    """Print how long each takes to its first paint; the first is ours, the second the measure."""
    times = starts(runs, rounds)
    base = times[runs[1].name]
    print(f"\n{f'first paint, {rounds} starts':<26}{'median ms':>10}{'':>8}{'least ms':>10}{'':>8}")
    for run in runs:
        mine = times[run.name]
        middle, least = statistics.median(mine), min(mine)
        print(
            f"{run.name:<26}{middle:>10.0f}{middle / statistics.median(base):6.2f} x"
            f"{least:>10.0f}{least / min(base):6.2f} x"
        )
    ratio = statistics.median(times[runs[0].name]) / statistics.median(base)
    return [Target("first paint with figures / empty Textual app", FIRST_PAINT, ratio, "x")]


def judge(targets: Sequence[Target]) -> int:
    """Print each target and whether it is met; the exit code."""
    print(f"\n{'target':<48}{'at most':>9}{'measured':>10}")
    for target in targets:
        digits = 0 if target.unit in ("B/s", "MB") else 2
        print(
            f"{target.what:<48}{target.limit:>9g}{target.got:>10.{digits}f} {target.unit:<4}"
            f"{'met' if target.met else 'MISSED'}"
        )
    missed = sum(not target.met for target in targets)
    print(f"\n{len(targets) - missed} of {len(targets)} targets met")
    return 1 if missed else 0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=20.0, help="how long each is measured")
    options.add_argument("--rounds", type=int, default=9, help="starts of each for first paint")
    options.add_argument("--pdus", type=int, default=50, help="PDUs of the fleet")
    options.add_argument("--only-start", action="store_true", help="nothing but first paint")
    given = options.parse_args()
    busy = os.getloadavg()[0]
    print(f"{os.cpu_count()} CPUs, load {busy:.1f} at the start, Python {sys.version.split()[0]}\n")
    with tempfile.TemporaryDirectory() as folder, simulated() as port:
        script = Path(folder) / "empty.py"
        script.write_text(EMPTY)
        ours = list(console(folder, given.pdus, port))
        empty = Run("empty Textual app", [sys.executable, str(script)], {}, "empty-app-is-up")
        there = {name: command for name, command in PEERS.items() if shutil.which(command[0])}
        peers = [
            Run(name, command, {}, GLANCES_IS_UP if name == "glances" else "")
            for name, command in there.items()
        ]
        targets: list[Target] = []
        if not given.only_start:
            targets += steady([*ours, empty, *peers], given.seconds)
            for name in PEERS.keys() - there.keys():
                print(f"{name:<26}not installed, left out")
        starting = [ours[1], empty, *(peer for peer in peers if peer.marker)]
        targets += first_paint(starting, given.rounds)
    return judge(targets)


if __name__ == "__main__":
    sys.exit(main())
