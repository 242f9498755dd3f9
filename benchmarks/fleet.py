"""A fleet at 1 Hz on one core: polls done and missed, CPU, and how long the event loop stood still.

    python benchmarks/fleet.py                                  # 200 PDUs for a minute
    python benchmarks/fleet.py --v3                             # the same over SNMPv3 authPriv
    python benchmarks/fleet.py --pdus 20 --loss 0.025 --seconds 7200 --store    # a soak

The simulated PDUs, of all families in turn, run in a process of their own; where there is more than
one core, each process has one. The figures are of the engine as the console uses it, without a
screen. `--loss` drops that part of the datagrams in each direction, 0.025 one exchange in twenty;
`--store` writes history, too.

What is judged: every tick of every PDU's grid is accounted for (see `engine/tally.py`) and agrees
with the readings counted from outside; no task and no descriptor is left over; memory does not
grow; no stall of the loop is longer than `--stall` ms; there are readings of `--least` of all
ticks. Without loss no poll is missed and none fails. Ends with 1 where something of it does not
hold. A stall that comes of other programs on the machine is told apart: `own` is the part of it in
which this process had the CPU.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from pathlib import Path

from agents import USER, agents, pin
from pdutui.cli.build import build_backends
from pdutui.domain.clock import SystemClock
from pdutui.engine.engine import Engine
from pdutui.engine.events import EngineEvent, HealthChanged, ReadingArrived
from pdutui.engine.garbage import tended
from pdutui.engine.tally import Tally
from pdutui.settings import HistorySettings, PduSettings, PollSettings, Settings
from pdutui.store.history import HistoryStore

STALL_STEP_S = 0.005
LONGEST_START_S = 60.0
SETTLE_S = 2.0
"""After the last PDU's first reading; then the figures of the steady state begin. The alarms, which
are loaded a second after the start, have their files open by then."""
FLAT_KB_PER_MINUTE = 100.0
"""Growth of memory that is judged as none, in runs of ten minutes and more."""


@dataclass
class Stall:
    """Times that something else in the loop would have had to wait, in ms."""

    p99: float = 0.0
    most: float = 0.0
    own: float = 0.0
    """Of the longest, what this process computed in."""


class Stalls:
    """How late a timer of 5 ms comes."""

    def __init__(self) -> None:
        self._late: list[tuple[float, float]] = []

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        due, cpu = loop.time() + STALL_STEP_S, time.thread_time()
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            now, used = loop.time(), time.thread_time()
            late = now - due
            self._late.append((late * 1000.0, min(late, used - cpu) * 1000.0))
            due, cpu = now + STALL_STEP_S, used

    def take(self) -> Stall:
        """Since last asked."""
        seen, self._late = self._late, []
        if not seen:
            return Stall()
        late = sorted(most for most, _ in seen)
        return Stall(late[int(len(late) * 0.99)], late[-1], max(own for _, own in seen))


@dataclass
class Heard:
    """What the engine told its listeners, by PDU."""

    readings: dict[str, int]
    unwell: dict[str, int] = field(default_factory=dict)
    all: asyncio.Event = field(default_factory=asyncio.Event)
    """There has been a reading of each."""

    def hear(self, event: EngineEvent) -> None:
        if isinstance(event, ReadingArrived):
            self.readings[event.pdu] += 1
            if self.readings[event.pdu] == 1 and min(self.readings.values()) == 1:
                self.all.set()
        elif isinstance(event, HealthChanged) and event.health not in ("live", "connecting"):
            self.unwell[event.health] = self.unwell.get(event.health, 0) + 1


@dataclass
class Moment:
    """What the process has used up to now."""

    at_s: float
    cpu_s: float
    rss_mb: float
    descriptors: int
    tasks: int
    tally: Tally

    @classmethod
    def now(cls, engine: Engine) -> Moment:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            at_s=time.monotonic(),
            cpu_s=usage.ru_utime + usage.ru_stime,
            rss_mb=pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            descriptors=len(os.listdir("/proc/self/fd")),
            tasks=len(asyncio.all_tasks()),
            tally=reduce(add, (engine.tally(pdu) for pdu in engine.pdus)),
        )


@dataclass
class Run:
    """The figures of one run."""

    pdus: int
    start_s: float
    start_stall: Stall
    moments: list[Moment]
    """At the beginning of the steady state, every minute, at the end."""
    stalls: list[Stall]
    unwell: dict[str, int]
    told: int
    """Readings that listeners heard of in all, counted from outside."""
    whole: Tally
    """From the start to the end."""
    unbalanced: list[str]
    left: int
    """Tasks that are there after the engine has stopped."""

    @property
    def steady(self) -> Tally:
        return self.moments[-1].tally - self.moments[0].tally

    @property
    def took_s(self) -> float:
        return self.moments[-1].at_s - self.moments[0].at_s

    def growth_kb_per_minute(self) -> float:
        """Slope of memory over the second half, by least squares."""
        half = self.moments[len(self.moments) // 2 :]
        if len(half) < 3:
            return 0.0
        times = [moment.at_s / 60.0 for moment in half]
        sizes = [moment.rss_mb * 1000.0 for moment in half]
        middle, size = sum(times) / len(times), sum(sizes) / len(sizes)
        above = sum((t - middle) * (s - size) for t, s in zip(times, sizes, strict=True))
        return above / sum((t - middle) ** 2 for t in times)


def settings_of(
    devices: Sequence[tuple[str, int]], state: Path, options: argparse.Namespace
) -> Settings:
    pdus = tuple(
        PduSettings(
            name=f"pdu{number:03d}-{family}", host="127.0.0.1", port=port,
            version="3" if options.v3 else "2c", v3=USER if options.v3 else None,
        )
        for number, (family, port) in enumerate(devices)
    )  # fmt: skip
    return Settings(
        pdus=pdus,
        state_dir=state,
        poll=PollSettings(interval_s=options.interval),
        history=HistorySettings(enabled=options.store),
    )


async def until_all_live(heard: Heard) -> float:
    began = time.monotonic()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(heard.all.wait(), LONGEST_START_S)
    return time.monotonic() - began


async def poll(settings: Settings, options: argparse.Namespace) -> Run:
    clock = SystemClock()
    store = None
    if options.store:
        path = settings.state_dir / "fleet.db"
        store = await HistoryStore.open(path, clock=clock, retention_days=60)
    backends = await asyncio.to_thread(build_backends, settings, clock)
    tasks_before = len(asyncio.all_tasks())
    engine = Engine(settings, backends, clock=clock, store=store)
    heard = Heard(dict.fromkeys(backends, 0))
    engine.subscribe(heard.hear)
    stalls = Stalls()
    async with tended(clock):
        watching = asyncio.create_task(stalls.watch())
        await engine.start()
        start_s = await until_all_live(heard)
        start_stall = stalls.take()
        print(
            f"first reading of all {len(backends)} after {start_s:.1f} s; till then the loop stood"
            f" {start_stall.most:.1f} ms at most ({start_stall.own:.1f} own)",
            flush=True,
        )
        await asyncio.sleep(SETTLE_S)
        await engine.history()  # its connection is opened by whoever asks first, and stays
        stalls.take()
        heard.unwell.clear()
        moments, seen = [Moment.now(engine)], []
        end = moments[0].at_s + options.seconds
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(60.0, left))
            seen.append(stalls.take())
            moments.append(Moment.now(engine))
            if options.seconds > 60:
                print(line(moments[0], moments[-1], seen[-1]), flush=True)
        watching.cancel()
        await engine.stop()
    whole = {pdu: engine.tally(pdu) for pdu in engine.pdus}
    if store is not None:
        await store.close()
    await asyncio.sleep(0.05)
    return Run(
        pdus=len(backends), start_s=start_s, start_stall=start_stall, moments=moments, stalls=seen,
        unwell=heard.unwell, told=sum(heard.readings.values()),
        whole=reduce(add, whole.values()),
        unbalanced=[pdu for pdu, tally in whole.items() if not tally.balanced],
        left=len(asyncio.all_tasks()) - tasks_before,
    )  # fmt: skip


def line(first: Moment, now: Moment, stall: Stall) -> str:
    tally = now.tally - first.tally
    return (
        f"{now.at_s - first.at_s:6.0f} s  readings {tally.readings:7d}  failed {tally.failed:4d}"
        f"  missed {tally.missed:5d}  RSS {now.rss_mb:6.1f} MB  fds {now.descriptors}"
        f"  tasks {now.tasks}  stall p99 {stall.p99:4.1f} max {stall.most:5.1f}"
        f" own {stall.own:5.1f} ms"
    )


def report(run: Run, options: argparse.Namespace) -> None:
    steady, last = run.steady, run.moments[-1]
    cpu_s = last.cpu_s - run.moments[0].cpu_s
    due = run.took_s / options.interval * run.pdus
    print(
        f"{run.pdus} PDUs of all families, SNMP {'v3 authPriv' if options.v3 else 'v2c'}, one poll"
        f" in {options.interval:g} s, {100 * options.loss:g} % lost each way, {run.took_s:.0f} s"
    )
    print(f"  ticks          {steady.ticks:9d}   of {due:.0f} by the clock")
    print(
        f"  = polled       {steady.polled:9d}   + missed {steady.missed}"
        f" + paused {steady.paused} + connecting {steady.connecting}"
    )
    print(f"  + between      {steady.between:9d}")
    print(
        f"  = readings     {steady.readings:9d}   + failed {steady.failed}"
        f" + under way {steady.under_way:+d}"
    )
    print(f"  late, lost     {run.unwell.get('late', 0):9d}   {run.unwell.get('lost', 0)}")
    print(
        f"  CPU            {100 * cpu_s / run.took_s:9.1f} % of a core,"
        f" {1000 * cpu_s / max(1, steady.readings):.2f} ms a poll"
    )
    print(
        f"  stall          {max(s.most for s in run.stalls):9.1f} ms"
        f"  (own {max(s.own for s in run.stalls):.1f}; p99 {max(s.p99 for s in run.stalls):.1f})"
    )
    grown = last.rss_mb - run.moments[0].rss_mb
    print(
        f"  memory         {last.rss_mb:9.1f} MB, {grown:+.1f} in all,"
        f" {run.growth_kb_per_minute():+.1f} kB a minute in the second half"
    )
    print(f"  tasks, fds     {last.tasks:9d}   {last.descriptors}")


def judge(run: Run, options: argparse.Namespace) -> list[str]:
    """What does not hold."""
    first, last = run.moments[0], run.moments[-1]
    wrong = []
    if run.unbalanced:
        wrong.append(f"ticks or polls not accounted for: {', '.join(run.unbalanced)}")
    if run.whole.readings != run.told:
        wrong.append(f"{run.whole.readings} readings counted, {run.told} told")
    due = run.took_s / options.interval * run.pdus
    if abs(run.steady.ticks - due) > 2 * run.pdus:
        wrong.append(f"{run.steady.ticks} ticks, {due:.0f} by the clock")
    if not options.loss and (run.steady.missed or run.steady.failed):
        wrong.append(f"{run.steady.missed} polls missed, {run.steady.failed} failed")
    if run.steady.readings < options.least * due:
        wrong.append(f"only {run.steady.readings} readings of {due:.0f}")
    if last.tasks > first.tasks + run.pdus or run.left > 0:
        wrong.append(f"tasks: {first.tasks}, then {last.tasks}; {run.left} left at the end")
    if last.descriptors > first.descriptors + 2:
        wrong.append(f"descriptors: {first.descriptors}, then {last.descriptors}")
    if options.seconds >= 600 and run.growth_kb_per_minute() > FLAT_KB_PER_MINUTE:
        wrong.append(f"memory grows by {run.growth_kb_per_minute():.0f} kB a minute")
    worst = max(stall.own for stall in (run.start_stall, *run.stalls))
    if worst > options.stall:
        wrong.append(f"the loop stood still for {worst:.0f} ms")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pdus", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between polls")
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--stall", type=float, default=50.0, help="most of its own, in ms")
    parser.add_argument("--least", type=float, default=0.9, help="readings a tick, in all")
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--v3", action="store_true", help="SNMPv3, SHA256 and AES128")
    parser.add_argument("--anywhere", action="store_true", help="keep to no core")
    options = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    with (
        agents(options.pdus, options.loss, -1 if options.anywhere else 1) as devices,
        tempfile.TemporaryDirectory() as state,
    ):
        if not options.anywhere:
            pin(0)
        settings = settings_of(devices, Path(state), options)
        run = asyncio.run(poll(settings, options))
    report(run, options)
    wrong = judge(run, options)
    print("all of it holds" if not wrong else "WRONG: " + "; ".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
