"""What the console costs a terminal: bytes, CPU, memory, time to first paint, beside its peers.

    python benchmarks/tui.py [--seconds 20]

Prints one line a program. Peers that are not installed are named as such and left out.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
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
    "htop": ["htop", "-d", "10"],
    "btop": ["btop"],
    "glances": ["glances", "-t", "1", "--disable-check-update"],
}


def line(name: str, got: Measured) -> str:
    mark = f"{got.mark_ms:6.0f}" if got.mark_ms is not None else "     -"
    return (
        f"{name:<34}{got.bytes_per_s:>9.0f} B/s {got.cpu_percent:>6.2f} % CPU"
        f" {got.rss_mb:>6.1f} MB {mark} ms to first paint"
    )


def first_paint(command: list[str], marker: str, rounds: int, env: dict[str, str]) -> float:
    """Median over several cold starts, exec to marker."""
    times = [
        measure(command, warmup_s=2.0, seconds=0.1, marker=marker, env=env).mark_ms or float("nan")
        for _ in range(rounds)
    ]
    return statistics.median(times)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--rounds", type=int, default=5, help="cold starts for first paint")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "empty.py"
        script.write_text(EMPTY)
        env = {"PDUTUI_STATE_DIR": str(Path(folder) / "state"), "XDG_CONFIG_HOME": folder}
        console = [sys.executable, "-m", "pdutui", "--demo"]
        empty = [sys.executable, str(script)]
        got = measure(console, seconds=given.seconds, marker="rack1-a", env=env)
        print(line("pdutui --demo, 120x36", got))
        print(line("empty Textual app", measure(empty, seconds=5, marker="empty-app-is-up")))
        for name, command in PEERS.items():
            if shutil.which(command[0]) is None:
                print(f"{name:<34} not installed, left out")
                continue
            print(line(name, measure(command, seconds=given.seconds)))
        ours = first_paint(console, "LIVE", given.rounds, env)
        theirs = first_paint(empty, "empty-app-is-up", given.rounds, env)
        print(
            f"first paint with data, median of {given.rounds}: {ours:.0f} ms;"
            f" empty Textual app {theirs:.0f} ms; ratio {ours / theirs:.2f}"
        )


if __name__ == "__main__":
    main()
