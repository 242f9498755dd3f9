"""Some seconds of the demo are kept, and seen again: by the command, and from the chart."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.support.program import PDUTUI, environment, run
from tests.support.tmux import Terminal


def power_w(screen: str) -> str:
    """The total in the status line."""
    found = re.search(r"([0-9.]+) W", screen.splitlines()[1 if "REPLAY" in screen else 0])
    assert found is not None, screen
    return found[1]


def test_the_demo_seen_again(tmp_path: Path) -> None:
    env = environment(tmp_path, TZ="Europe/Berlin")
    seen: dict[str, str] = {}
    with Terminal([*PDUTUI, "--demo"], env=env) as terminal:
        terminal.wait("LIVE", 15)
        begin = datetime.now(UTC)
        until = time.monotonic() + 5
        while time.monotonic() < until:
            screen = terminal.screen()
            seen[screen.splitlines()[0].split()[-1]] = power_w(screen)
            time.sleep(0.2)
        terminal.keys("g")
        terminal.wait("history")
        terminal.keys("Left", "R")
        screen = terminal.wait("nothing here is live")
        assert screen.startswith(" REPLAY  ")
        assert "CET" in screen.splitlines()[0]
        terminal.keys("f")
        screen = terminal.wait("This is a replay of")
        assert "Turn OFF" not in screen
        terminal.keys("Escape")
        terminal.wait(lambda screen: "history" in screen and "REPLAY" not in screen)
        terminal.keys("q")
        screen = terminal.wait(lambda screen: " W " in screen.splitlines()[0])
        assert "REPLAY" not in screen
        terminal.keys("q")
        terminal.wait("exit-code=0")
    at = begin.strftime("%Y-%m-%dT%H:%M:%SZ")
    with Terminal([*PDUTUI, "replay", "--demo", "--at", at], env=env) as terminal:
        screen = terminal.wait(lambda screen: "playing" in screen and " W " in screen, 15)
        same = different = 0
        until = time.monotonic() + 4
        while time.monotonic() < until:
            screen = terminal.screen()
            clock = screen.splitlines()[1].split()[-1]
            if clock in seen:
                same += power_w(screen) == seen[clock]
                different += power_w(screen) != seen[clock]
            time.sleep(0.2)
        assert same >= 5, (same, different, seen)
        assert same > different, "a second has two readings on the screen, one after the other"
        terminal.keys("Space", ">")
        terminal.wait("x2 paused")
        terminal.keys("q")
        terminal.wait("exit-code=0")
    audit = run("audit", "--json", home=tmp_path)
    assert audit.stdout == ""
