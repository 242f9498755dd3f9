"""Some seconds of the demo are kept, and seen again: by the command, and from the chart."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from tests.support.program import PDUTUI, environment, run
from tests.support.tmux import Terminal


def power_w(screen: str) -> str:
    """The total in the status line."""
    found = re.search(r"([0-9.]+) W", screen.splitlines()[1 if "REPLAY" in screen else 0])
    assert found is not None, screen
    return found[1]


def second_of_day(line: str) -> int:
    """The clock at the end of the status line."""
    hours, minutes, seconds = map(int, line.split()[-1].split(":"))
    return 3600 * hours + 60 * minutes + seconds


def test_the_demo_seen_again(tmp_path: Path) -> None:
    env = environment(tmp_path, TZ="Europe/Berlin")
    seen: dict[int, set[str]] = defaultdict(set)
    """Second of the day to the totals that were on the screen around it."""
    with Terminal([*PDUTUI, "--demo"], env=env) as terminal:
        terminal.wait("LIVE", 15)
        begin = datetime.now(UTC)
        until = time.monotonic() + 3.5
        while time.monotonic() < until:
            screen = terminal.screen()
            second = second_of_day(screen.splitlines()[0])
            for near in (second - 1, second, second + 1):
                seen[near].add(power_w(screen))
            time.sleep(0.1)
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
        until = time.monotonic() + 3
        while time.monotonic() < until:
            screen = terminal.screen()
            second = second_of_day(screen.splitlines()[1])
            if second in seen:
                same += power_w(screen) in seen[second]
                different += power_w(screen) not in seen[second]
            time.sleep(0.2)
        assert same >= 5, (same, different, seen)
        assert different <= 2, (same, different, seen)
        terminal.keys("Space", ">")
        terminal.wait("x2 paused")
        terminal.keys("q")
        terminal.wait("exit-code=0")
    audit = run("audit", "--json", home=tmp_path)
    assert audit.stdout == ""
