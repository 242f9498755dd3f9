"""What somebody does at the console in `soak.py`: one function each, that may leave things open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soak_inside import Soak

PDUS = (("rack1-a", "px3", "A"), ("rack1-b", "px3", "B"), ("rack2-a", "pdu44001", ""),
        ("rack2-b", "ap8641", "B"))  # fmt: skip
SIZES = ((80, 24), (200, 60), (60, 20), (300, 100), (40, 12), (100, 120), (10, 3))
ASLEEP_S = 20 * 3600.0
THEMES = ("noc-dark", "noc-light")


def configure(path: Path, number: int, syslog: int) -> None:
    """Write a configuration: everything on, each number another one, a syslog at that port."""
    pdus = "\n".join(
        f'[[pdu]]\nname = "{name}"\nbackend = "mock"\nmodel = "{model}"\n'
        f'location = "Row 1 / Rack {name[4]}"\n' + (f'feed = "{feed}"\n' if feed else "")
        for name, model, feed in PDUS
    )
    path.write_text(
        f"""
[poll]
interval_s = 4.0
[history]
retention_days = 1
[ui]
theme = "{THEMES[number % len(THEMES)]}"
glyphs = "unicode"
[control]
commands_per_minute = 0
outlet_per_minute = 0
[audit]
syslog = "udp://127.0.0.1:{syslog}"
[alarms]
warning_percent = {60 - 10 * (number % 3)}
hold_s = 2.0
clear_s = 4.0
again_after_s = 60.0
syslog = "udp://127.0.0.1:{syslog}"
[alarms.hook]
command = ["/bin/true"]
[[alarms.threshold]]
name = "busy"
of = "outlet"
measure = "power_w"
high_warning = {40 + 20 * (number % 5)}
{pdus}"""
    )


async def console(soak: Soak, number: int) -> None:
    """Look around on the screen of a PDU."""
    await soak.keys("right_square_bracket", "down", "down", "j", "tab", "down", "tab", "tab")
    await soak.go(30)
    await soak.keys("slash")
    await soak.type("on")
    await soak.keys("enter")
    await soak.go(8)
    await soak.keys("escape", "right_square_bracket")
    await soak.go(8)


async def fleet(soak: Soak, number: int) -> None:
    """The fleet, as lines and cards, sorted and grouped, and what if."""
    await soak.keys("0", "s", "G", "down", "t")
    await soak.go(20)
    await soak.keys("t", "G", "G", "G", "w", "enter")
    await soak.go(20)
    await soak.keys("escape", "P", "down")
    await soak.go(20)
    await soak.keys("i")
    await soak.go(8)


async def alarms(soak: Soak, number: int) -> None:
    """Acknowledge one alarm, silence another, look at what was."""
    await soak.keys("A")
    await soak.go(12)
    await soak.keys("down", "a")
    await soak.go(8)
    await soak.type("seen")
    await soak.keys("enter", "s")
    await soak.go(4)
    await soak.keys("enter", "tab")
    await soak.go(12)
    if number % 5 == 0:
        await soak.keys("tab", "ctrl+a")
        await soak.type("all of it")
        await soak.keys("enter")
    await soak.keys("S")
    await soak.go(8)
    await soak.keys("x")


async def events(soak: Soak, number: int) -> None:
    """The time line, filtered."""
    await soak.keys("e", "t", "down", "pagedown")
    await soak.go(20)
    await soak.keys("T", "2", "slash")
    await soak.type("rack1")
    await soak.keys("enter")
    await soak.go(12)


async def history(soak: Soak, number: int) -> None:
    """A chart of each range, with series chosen and moments looked at."""
    await soak.keys("g", str(1 + number % 7))
    await soak.go(20)
    await soak.keys("left", "plus", "s")
    await soak.go(8)
    await soak.keys("down", "space", "enter", "c", "n", "full_stop")
    await soak.go(12)


async def replay(soak: Soak, number: int) -> None:
    """The console as it was a while ago, and a chart from there."""
    await soak.keys("g", "1", "left", "left", "left", "R")
    await soak.go(12)
    await soak.keys("space", "full_stop", "n")
    await soak.go(12)
    await soak.keys("g")
    await soak.go(8)


async def audit(soak: Soak, number: int) -> None:
    """Who switched what."""
    await soak.keys("u", "down", "pagedown")
    await soak.go(12)
    await soak.keys("V")
    await soak.go(8)


async def plans(soak: Soak, number: int) -> None:
    """A plan is drafted and left; every tenth one is kept."""
    await soak.keys("home", "v", "v", "v", "f")
    await soak.go(12)
    await soak.keys("plus", "i")
    await soak.go(8)
    await soak.keys("escape", "n", "p")
    await soak.go(12)


async def dialog(soak: Soak, number: int) -> None:
    """A question that is left open, and not answered."""
    await soak.keys("home", "down", "f")
    assert type(soak.app.screen).__name__ == "ConfirmScreen", "no question was asked"
    await soak.go(60)
    await soak.keys("i")
    await soak.go(10)


async def switch(soak: Soak, number: int) -> None:
    """An outlet is switched, and back."""
    while soak.app.console_screen.pdu != "rack1-b":
        await soak.keys("right_square_bracket")
    await soak.keys("home", *("down",) * (number % 5), "space", "y")
    await soak.go(12)
    await soak.keys("space", "y")
    await soak.go(12)


async def small(soak: Soak, number: int) -> None:
    """The small dialogs: menu, help, palette, name, connection, finder."""
    for keys in (("c",), ("question_mark", "pagedown"), ("n",), ("t",), ("apostrophe", "r", "a")):
        await soak.keys(*keys)
        await soak.go(4)
        await soak.home_again()
    await soak.keys("colon")
    await soak.type("ra")
    await soak.go(8)


async def trouble(soak: Soak, number: int) -> None:
    """A device falls silent, one loses a source, somebody switches at a third."""
    silent, dark = soak.model("rack2-b"), soak.model("rack2-a").model
    silent.fault = "silent"
    dark.feeds["A"].depth = 1.0
    other = soak.model("rack1-a").model
    outlet = 1 + number % len(other.outlets)
    other.switch(outlet, "off", soak.clock.monotonic())
    await soak.keys(("0", "A", "e", "escape")[number % 4])
    await soak.go(40)
    silent.fault = None
    dark.feeds["A"].depth = 0.0
    other.switch(outlet, "on", soak.clock.monotonic())
    await soak.go(60)


async def sizes(soak: Soak, number: int) -> None:
    """The terminal is made larger and smaller, on one screen or another."""
    await soak.keys(("0", "A", "g", "e", "escape")[number % 5])
    for columns, rows in soak.dice.sample(SIZES, 3):
        await soak.resize(columns, rows)
        await soak.go(6)
    await soak.resize(120, 36)


async def themes(soak: Soak, number: int) -> None:
    """Other colours."""
    names = list(soak.app.theme_names)
    for name in (names[number % len(names)], "noc-dark"):
        soak.app.wear(name)
        await soak.go(6)


async def reloads(soak: Soak, number: int) -> None:
    """The configuration is another one, then a broken one, then a good one again."""
    path = soak.home / "config.toml"
    configure(path, number, soak.syslog)
    await soak.keys("ctrl+r")
    await soak.go(12)
    path.write_text("[poll]\ninterval = soon\n")
    await soak.keys("ctrl+r")
    await soak.go(4)
    configure(path, number, soak.syslog)
    await soak.keys("ctrl+r")
    await soak.go(4)


async def asleep(soak: Soak, number: int) -> None:
    """The machine was suspended for most of a day, on one screen or another."""
    await soak.keys(("escape", "0", "g", "A", "e")[number % 5])
    for pdu, _, _ in PDUS:  # a model takes a step for every second: it sleeps, too
        soak.model(pdu).model.world._start_s += ASLEEP_S
    soak.clock.advance(ASLEEP_S)
    await soak.go(20)


async def pages(soak: Soak, number: int) -> None:
    """Pages turn by themselves."""
    await soak.go(120)


ACTS: tuple[Callable[[Soak, int], Awaitable[None]], ...] = (
    console, fleet, alarms, events, history, replay, audit, plans, dialog, switch, small, trouble,
    sizes, themes, reloads, asleep,
)  # fmt: skip
WALL_ACTS: tuple[Callable[[Soak, int], Awaitable[None]], ...] = (
    pages, trouble, sizes, asleep, pages,
)  # fmt: skip
