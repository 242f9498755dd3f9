"""A plan that is paused, whose program is killed, and that is gone on with by another one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from tests.support.program import PDUTUI, Simulator, environment, run, snmpget, snmpget_until
from tests.support.tmux import Terminal

STATE = "1.3.6.1.4.1.3808.1.1.3.3.5.1.1.4"
ON, OFF = "1", "2"
UNHASTY_S = 0.3
"""Longer than the guard of a question, by which keys that come too fast do not count."""


def test_a_plan_is_paused_the_program_killed_started_again_and_it_is_finished(
    tmp_path: Path,
) -> None:
    with Simulator("--profile", "cyberpower-epdu", "--seed", "7", home=tmp_path) as device:

        def states() -> list[str]:
            return [snmpget(device.address, f"{STATE}.{outlet}") for outlet in range(1, 5)]

        console = [*PDUTUI, device.address]
        with Terminal(console, env=environment(tmp_path)) as terminal:
            terminal.wait("LIVE", 15)
            assert states() == [ON] * 4
            terminal.keys(*"vvvvf")
            terminal.wait("Turn OFF 4 outlets")
            time.sleep(UNHASTY_S)
            terminal.keys("y")
            terminal.wait("runs: p shows it")
            terminal.keys("p")
            terminal.wait("1/4")
            terminal.keys("P")
            screen = terminal.wait("PAUSED")
            done = int(re.findall(r"PAUSED +(\d)/4", screen)[0])
            assert 1 <= done < 4
            os.kill(_child_of(terminal.pid()), signal.SIGKILL)
            terminal.wait("exit-code=137")
        assert states() == [OFF] * done + [ON] * (4 - done)

        with Terminal(console, columns=80, rows=24, env=environment(tmp_path)) as terminal:
            terminal.wait(f"is paused: {done} of 4 done", 15)
            terminal.keys("p")
            terminal.wait("Paused by")
            assert states() == [OFF] * done + [ON] * (4 - done), "it never goes on by itself"
            terminal.keys("Enter")
            terminal.wait("Go on with plan")
            time.sleep(UNHASTY_S)
            terminal.keys("y")
            terminal.wait("4/4")
            terminal.wait("done")
            assert snmpget_until(device.address, f"{STATE}.4", OFF) == OFF
            assert states() == [OFF] * 4
            terminal.keys("Escape")
            terminal.wait("Outlets")
            terminal.keys("q")
            terminal.wait("exit-code=0")

    rows = [json.loads(line) for line in run("audit", "--json", home=tmp_path).stdout.splitlines()]
    [plan] = {row["plan"] for row in rows if row["outlet"] > 0}
    for outlet in range(1, 5):
        mine = [row["outcome"] for row in rows if row["outlet"] == outlet]
        assert sorted(mine) == ["observed", "requested"], "each was sent once"
    assert plan in "".join(sorted(os.listdir(tmp_path / "state" / "plans")))


def _child_of(shell: int) -> int:
    """The program that the shell of a terminal runs."""
    found = subprocess.run(["pgrep", "-P", str(shell)], capture_output=True, text=True, timeout=5)
    return int(found.stdout.split()[0])
