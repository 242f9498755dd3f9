"""The console that `soak.py` watches: the program as `pdutui` runs it, its clock driven."""

from __future__ import annotations

import argparse
import asyncio
import collections
import ctypes
import functools
import gc
import itertools
import json
import math
import os
import random
import re
import socket
import sys
import tempfile
import threading
import time
import traceback
import tracemalloc
import types
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec
from tests.support.clock import ManualClock
from textual import events
from textual.geometry import Size
from textual.pilot import Pilot
from textual.widget import Widget

import pdutui.cli.console
from pdutui.app import PduApp
from pdutui.cli.console import opened_engine
from pdutui.cli.wanted import Wanted
from pdutui.domain.commands import Actor
from pdutui.engine.engine import Engine
from pdutui.engine.events import AlarmChanged, EngineEvent, ReadingArrived
from pty_run import set_size
from soak_acts import ACTS, WALL_ACTS, configure

BACKLOG = 60
"""Readings that may wait for the disk: time stands still while there are more."""
TURNS = 8
"""Of the event loop, at each moment at which something sleeps until."""
CHARACTERS = {"slash": "/", "colon": ":", "question_mark": "?", "full_stop": ".", "space": " ",
              "left_square_bracket": "[", "right_square_bracket": "]"}  # fmt: skip


class Soak:
    """The console, its clock, and what was counted."""

    def __init__(self, app: PduApp, clock: ManualClock, home: Path, seed: int, linger: int) -> None:
        self.app, self.clock, self.home, self.linger = app, clock, home, linger
        self.dice = random.Random(seed)
        self.engine: Engine
        self.syslog = 0
        """The port of a syslog that takes everything."""
        self.polls = self.alarms = 0
        self.seen = collections.Counter[str]()
        self._began = (time.monotonic(), 0)

    def hear(self, event: EngineEvent) -> None:
        """Count."""
        self.polls += isinstance(event, ReadingArrived)
        self.alarms += isinstance(event, AlarmChanged)

    async def go(self, polls: int) -> None:
        """Let time pass for so many polls, times `linger`."""
        polls *= self.linger
        end = self.polls + polls
        while self.polls < end:
            await self.clock.run(1.0, settle=TURNS)
            await asyncio.sleep(0.0005)  # for threads, and for what the terminal has to say
            while len(self._real_store()._rows) > BACKLOG:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            self._lives()
        self.seen[type(self.app.screen).__name__] += polls

    def _lives(self) -> None:
        if not self.app.is_running or self.app._exception is not None:
            error = self.app._exception
            how = "".join(traceback.format_exception(error)) if error else "without an error"
            raise AssertionError(f"the console has ended: {how}")

    async def keys(self, *keys: str) -> None:
        """Strike keys, one after the other, each with time to be taken."""
        for key in keys:
            character = key if len(key) == 1 else CHARACTERS.get(key)
            self.app.post_message(events.Key(key, character))
            await self.clock.run(0.2, settle=40)
            await asyncio.sleep(0.004)
            self._lives()
            self.seen[type(self.app.screen).__name__] += 0

    async def type(self, text: str) -> None:
        """Strike the keys of a text."""
        names = {character: name for name, character in CHARACTERS.items()}
        await self.keys(*(names.get(character, character) for character in text))

    async def home_again(self) -> None:
        """Close what is open."""
        for _ in range(12):
            top = self.app.screen
            if top is self.app.console_screen:
                break
            await self.keys("escape")
            for _ in range(100):  # on a slow machine a screen may still be about something
                if self.app.screen is not top:
                    break
                await asyncio.sleep(0.01)
        stack = [type(screen).__name__ for screen in self.app.screen_stack]
        assert len(stack) == 1, f"left open: {stack}\n{self.drawn()}"
        await self.keys("escape", "escape", "escape")  # range, filter, marks

    def drawn(self) -> str:
        """What is on the screen, as text."""
        screen = self.app.screen
        return "\n".join(strip.text for strip in screen._compositor.render_strips(screen.size))

    async def resize(self, columns: int, rows: int) -> None:
        """Another size of the terminal."""
        if self.app.is_headless:
            size = Size(columns, rows)

            self.app.post_message(events.Resize(size, size))
        else:
            set_size(0, columns, rows)
        await asyncio.sleep(0.05)
        await self.clock.run(0.2, settle=40)

    def model(self, pdu: str) -> Any:
        """The backend of a PDU: a model that can be given faults."""
        return self.engine._fleet[pdu].backend

    def _real_store(self) -> Any:
        return self.engine._store._real  # type: ignore[union-attr]

    def sample(self) -> dict[str, float]:
        """What there is now."""
        garbage = gc.collect()
        began_s, before = self._began
        took_s, self._began = time.monotonic() - began_s, (time.monotonic(), self.polls)
        widgets = [
            w for s in self.app.screen_stack for w in s.walk_children(Widget, with_self=True)
        ]
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[1])
        state = self.app.settings.state_dir
        return {
            "polls": self.polls,
            "hours": (self.clock.monotonic() - 1000.0) / 3600,
            "rss_mb": pages * os.sysconf("SC_PAGESIZE") / 1e6,
            "garbage": garbage,
            **in_malloc(),
            "arenas_mb": in_arenas(),
            "file_mb": mapped_files(),
            "sqlite_mb": in_sqlite(),
            "cached": sum(cache.cache_info().currsize for cache in caches()),
            "objects": len(gc.get_objects()) + gc.get_freeze_count() - remembered(),
            "fds": len(os.listdir("/proc/self/fd")),
            "threads": threading.active_count(),
            "tasks": len(asyncio.all_tasks()),
            "nodes": len(widgets),
            "screens": len(self.app.screen_stack),
            "timers": sum(len(node._timers) for node in [self.app, *widgets]),
            "db_mb": sum(f.stat().st_size for f in state.rglob("*") if f.is_file()) / 1e6,
            "polls_per_s": (self.polls - before) / max(0.001, took_s),
        }


class _Mallinfo(ctypes.Structure):
    """What glibc says of its heap, in bytes: `mallinfo2`."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks",
                     "uordblks", "fordblks", "keepcost")
    ]  # fmt: skip


def in_malloc() -> dict[str, float]:
    """MB that are in use, and that are free and not given back; nothing without glibc's word."""
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if ask is None:
        return {"used_mb": 0.0, "free_mb": 0.0}
    ask.restype = _Mallinfo
    found = ask()
    return {"used_mb": (found.uordblks + found.hblkhd) / 1e6, "free_mb": found.fordblks / 1e6}


def in_arenas() -> float:
    """MB that Python's own allocator has mapped for small objects; nan if it does not say."""
    with tempfile.TemporaryFile() as said:
        kept = os.dup(2)
        try:
            os.dup2(said.fileno(), 2)
            sys._debugmallocstats()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        said.seek(0)
        found = re.search(rb"(\d+) arenas \* (\d+) bytes/arena", said.read())
    return int(found[1]) * int(found[2]) / 1e6 if found else math.nan


def in_sqlite() -> float:
    """MB that SQLite has of the C library's heaps; nan where it is a part of Python."""
    try:
        ask = ctypes.CDLL("libsqlite3.so.0").sqlite3_memory_used
    except (OSError, AttributeError):
        return math.nan
    ask.restype = ctypes.c_int64
    return float(ask()) / 1e6


def caches() -> list[Any]:
    """The caches by arguments of all functions and methods, those that have an end."""
    kind = type(functools.lru_cache()(len))
    modules = [vars(module) for module in list(sys.modules.values()) if hasattr(module, "__dict__")]
    there = [each for names in modules for each in list(names.values())]
    classes = {each for each in there if isinstance(each, type)}
    methods = [each for one in classes for each in vars(one).values()]
    plain = [getattr(each, "fget", None) or getattr(each, "__func__", each) for each in methods]
    found = {id(each): each for each in (*there, *plain) if type(each) is kind}
    return [each for each in found.values() if each.cache_parameters()["maxsize"] is not None]


def remembered() -> int:
    """How many objects that the collector knows are what those caches remember, and by what."""
    there = [each for cache in caches() for each in gc.get_referents(cache)]
    parts = [part for each in there if isinstance(each, tuple) for part in each]
    values = {id(each): each for each in (*there, *parts) if not isinstance(each, type)}
    plain = (dict, types.FunctionType)
    return sum(gc.is_tracked(each) and not isinstance(each, plain) for each in values.values())


def mapped_files() -> float:
    """MB of libraries and of files that are mapped, as far as they are in memory."""
    status = Path("/proc/self/status").read_text()
    return sum(int(kb) for kb in re.findall(r"Rss(?:File|Shmem):\s+(\d+) kB", status)) * 1024 / 1e6


def inside(options: argparse.Namespace) -> None:
    """Run the console until it has had its polls; what is told goes into the pipe."""
    pipe = os.fdopen(options.inside, "w", buffering=1)
    home = Path(os.environ["HOME"])
    os.environ["PDUTUI_STATE_DIR"] = str(home / "state")
    clock = ManualClock()
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", 0))  # nobody reads from it; what is too much the kernel drops
    configure(home / "config.toml", 0, sink.getsockname()[1])
    wanted = Wanted(overrides={}, config=home / "config.toml")
    settings = wanted.read()
    if options.kiosk:
        wall = msgspec.structs.replace(settings.kiosk, on=True)
        settings = msgspec.structs.replace(settings, kiosk=wall)
    actor = Actor(user="soak", origin="console")
    soak: Soak

    @asynccontextmanager
    async def opening() -> AsyncIterator[Engine]:
        async with opened_engine(settings, clock, demo=None, read=wanted.read_again) as engine:
            soak.engine = engine
            engine.subscribe(soak.hear)
            yield engine

    app = PduApp(opening, settings, clock=clock, actor=actor)
    soak = Soak(app, clock, home, options.seed, options.linger)
    soak.syslog = sink.getsockname()[1]

    async def drive(pilot: Pilot[Any]) -> None:
        try:
            await rounds(soak, options, lambda text: print(text, file=pipe))
        except Exception as error:  # noqa: BLE001
            print("BAD:", *traceback.format_exception(error), file=pipe)
            app.exit(3)
        else:
            app.exit(0)

    size = (120, 36) if options.headless else None
    asyncio.run(app.run_async(headless=options.headless, size=size, auto_pilot=drive))
    pipe.close()
    sys.exit(app.return_code or 0)


class Grown:
    """What there is more of at the end than at a fifth of the run, by kind, and by who made it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._kinds: collections.Counter[str] | None = None
        self._memory: tracemalloc.Snapshot | None = None

    async def begin(self, soak: Soak) -> None:
        """Look at what there is, when it is time and if it is wanted."""
        options = self._options
        if not (options.kinds or options.trace) or soak.polls < options.polls / 5:
            return
        if self._kinds is None:
            self._kinds = self._count()
            if options.trace:
                tracemalloc.start(6)
                await soak.go(200)
                self._memory = tracemalloc.take_snapshot()

    @staticmethod
    def _count() -> collections.Counter[str]:
        gc.collect()
        gc.unfreeze()
        return collections.Counter(
            f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects()
        )

    def tell(self, tell: Callable[[str], None]) -> None:
        """Say what grew."""
        if self._kinds is None:
            return
        for kind, more in (self._count() - self._kinds).most_common(30):
            tell(f"  {more:7d} more {kind}")
        if self._memory is not None:
            for line in tracemalloc.take_snapshot().compare_to(self._memory, "traceback")[:14]:
                tell(f"  {line.size_diff / 1000:.1f} kB in {line.count_diff}:")
                for place in line.traceback.format():
                    tell(f"      {place}")


def let_names_grow() -> None:
    """Have Python's table of names be as large as it gets.

    It grows once, by 0.96 MB, when some twenty thousand names have come and gone, and never again;
    left alone it does so after 75,000 polls.
    """
    for number in range(50_000):
        sys.intern(f"a name of soak.py: {number}")


async def rounds(soak: Soak, options: argparse.Namespace, tell: Callable[[str], None]) -> None:
    """All acts in an order that is drawn, again and again; a sample after each round."""
    while not getattr(soak, "engine", None) or soak.engine._store._real is None:  # type: ignore
        await soak.clock.run(0.1, settle=TURNS)
        await asyncio.sleep(0.01)
    await asyncio.sleep(1.5)  # the console has settled: a second after its start
    await soak.go(20)
    let_names_grow()
    grown = Grown(options)
    there = WALL_ACTS if options.kiosk else ACTS
    acts = [act for act in there if options.only in ("", act.__name__)]
    assert acts, f"no such act; there are {', '.join(act.__name__ for act in there)}"
    for number in itertools.count(1):
        await grown.begin(soak)
        for act in soak.dice.sample(acts, len(acts)):
            try:
                await act(soak, number)
                if not options.kiosk:
                    await soak.home_again()
            except AssertionError as error:
                raise AssertionError(f"{act.__name__}, round {number}: {error}") from error
        await soak.resize(120, 36)
        await soak.go(20)
        await asyncio.sleep(0.1)
        tell(json.dumps(soak.sample()))
        if soak.polls >= options.polls:
            break
    grown.tell(tell)
    most = sum(cache.cache_parameters()["maxsize"] for cache in caches())
    tell(f"caches that have an end remember {most} results at the most")
    on = ", ".join(f"{name} {count}" for name, count in sorted(soak.seen.items()))
    tell(f"{number} rounds, {soak.alarms} changes of alarms; polls on screens: {on}")


assert pdutui.cli.console  # the whole program is loaded, as it is in a console
