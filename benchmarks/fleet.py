"""A fleet at 1 Hz on one core: polls done and missed, CPU, and how long the event loop stood still.

    python benchmarks/fleet.py [--pdus 200] [--seconds 60] [--loss 0.05] [--store]

The simulated PDUs, of all families in turn, run in a process of their own; where there is more than
one core, each process has one. The figures are of the engine as the console uses it, without a
screen. `--loss` drops that part of the datagrams in each direction; `--store` writes history too.
`--seconds` of some thousand make it a soak: memory, tasks and descriptors are printed every minute.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

FAMILIES = (
    "cyberpower-epdu", "raritan-pdu2", "apc-rpdu2", "apc-rpdu", "apc-ats", "eaton-epdu", "sentry3",
    "sentry4", "vertiv-imd", "cyberpower-ats",
)  # fmt: skip
STALL_STEP_S = 0.005


def pin(core: int) -> None:
    """Keep this process on one core, where the system lets us."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


async def serve(count: int, loss: float) -> None:
    """The agents' side: print their ports, then answer for ever."""
    from pdutui.backends.mock.build import mock_pdu
    from pdutui.backends.mock.catalog import models_of
    from pdutui.backends.snmp.agent import Agent, UdpAgent
    from pdutui.backends.snmp.faults import Faults
    from pdutui.backends.snmp.profile_load import builtin_names, load_builtin
    from pdutui.backends.snmp.serve import ModelMib
    from pdutui.domain.clock import SystemClock
    from pdutui.domain.secret import Secret

    clock, ports = SystemClock(), []
    families = [name for name in FAMILIES if name in builtin_names()]
    for number in range(count):
        family = families[number % len(families)]
        names = models_of(family)
        model = mock_pdu(
            names[number // len(families) % len(names)], start_s=clock.monotonic(), seed=number + 1
        )
        mib = ModelMib(load_builtin(family), model, clock=clock)
        agent = Agent(mib, community=Secret("public"), write_community=Secret("private"))
        faults = Faults(loss=loss, seed=number + 1)
        _, port = await UdpAgent(agent, clock=clock, faults=faults).start("127.0.0.1", 0)
        ports.append((family, port))
    gc.collect()
    gc.freeze()
    print(" ".join(f"{family}:{port}" for family, port in ports), flush=True)
    await asyncio.Event().wait()


class Stalls:
    """How late a timer of 5 ms comes: what anything else in the loop would have had to wait."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + STALL_STEP_S
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            now = loop.time()
            self.late_ms.append((now - due) * 1000.0)
            due = now + STALL_STEP_S

    def take(self) -> tuple[float, float]:
        """99th percentile and maximum, in ms, since last asked."""
        seen, self.late_ms = sorted(self.late_ms), []
        return (seen[int(len(seen) * 0.99)], seen[-1]) if seen else (0.0, 0.0)


def used() -> tuple[float, float, int]:
    """CPU seconds, resident MB, open descriptors."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    mb = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return usage.ru_utime + usage.ru_stime, mb, len(os.listdir("/proc/self/fd"))


async def poll(
    devices: Sequence[tuple[str, int]], seconds: float, state: Path, keep: bool
) -> dict[str, float]:
    """The engine's side."""
    from pdutui.backends.snmp.backend import SnmpBackend
    from pdutui.backends.snmp.types import SnmpTarget
    from pdutui.domain.clock import SystemClock
    from pdutui.engine.engine import Engine
    from pdutui.engine.events import EngineEvent, HealthChanged, ReadingArrived
    from pdutui.settings import HistorySettings, PduSettings, Settings

    clock = SystemClock()
    pdus = tuple(
        PduSettings(name=f"pdu{n:03d}", host="127.0.0.1", port=port)
        for n, (_, port) in enumerate(devices)
    )
    settings = Settings(pdus=pdus, state_dir=state, history=HistorySettings(enabled=keep))
    backends = {
        pdu.name: SnmpBackend(
            pdu.name, SnmpTarget(host=pdu.host, port=pdu.port), "auto", clock=clock
        )
        for pdu in pdus
    }
    store = None
    if keep:
        from pdutui.store.history import HistoryStore

        store = await HistoryStore.open(state / "fleet.db", clock=clock, retention_days=60)
    engine = Engine(settings, backends, clock=clock, store=store)
    done = dict.fromkeys(backends, 0)
    wrong: dict[str, int] = {}

    def hear(event: EngineEvent) -> None:
        if isinstance(event, ReadingArrived):
            done[event.pdu] += 1
        elif isinstance(event, HealthChanged) and event.health != "live":
            wrong[event.health] = wrong.get(event.health, 0) + 1

    engine.subscribe(hear)
    stalls = Stalls()
    watching = asyncio.create_task(stalls.watch())
    began = time.monotonic()
    await engine.start()
    while min(done.values()) == 0 and time.monotonic() - began < 60:
        await asyncio.sleep(0.05)
    started_s = time.monotonic() - began
    first_p99, first_max = stalls.take()
    silent = [f"{name} ({family})" for (name, n), (family, _) in
              zip(done.items(), devices, strict=True) if n == 0]  # fmt: skip
    print(f"all {len(pdus)} live after {started_s:.1f} s; stalls till then p99 {first_p99:.1f} ms,"
          f" max {first_max:.1f} ms" + (f"; SILENT: {', '.join(silent)}" if silent else ""))  # fmt: skip
    gc.collect()
    gc.freeze()
    await asyncio.sleep(3.0)
    stalls.take()
    wrong.clear()
    before = {name: (n, engine.view(name).polls_missed) for name, n in done.items()}
    cpu0, mb0, _ = used()
    start, worst = time.monotonic(), 0.0
    p99s = []
    while (passed := time.monotonic() - start) < seconds:
        await asyncio.sleep(min(60.0, seconds - passed))
        p99, most = stalls.take()
        p99s.append(p99)
        worst = max(worst, most)
        if seconds > 60:
            cpu, mb, fds = used()
            polls = sum(done.values()) - sum(n for n, _ in before.values())
            print(
                f"{time.monotonic() - start:7.0f} s  polls {polls:8d}  RSS {mb:6.1f} MB"
                f"  fds {fds}  tasks {len(asyncio.all_tasks())}"
                f"  stall p99 {p99:.1f} max {most:.1f} ms",
                flush=True,
            )
    took = time.monotonic() - start
    cpu1, mb1, fds = used()
    polls = sum(done.values()) - sum(n for n, _ in before.values())
    missed = sum(engine.view(name).polls_missed - m for name, (_, m) in before.items())
    view = {name: engine.view(name).health for name in done}
    watching.cancel()
    await engine.stop()
    if store is not None:
        await store.close()
    return {
        "polls": polls, "expected": took * len(pdus), "missed": missed,
        "not live now": sum(h != "live" for h in view.values()),
        "late": wrong.get("late", 0), "lost": wrong.get("lost", 0),
        "cpu %": 100 * (cpu1 - cpu0) / took, "cpu ms/poll": 1000 * (cpu1 - cpu0) / max(1, polls),
        "stall p99 ms": max(p99s), "stall max ms": worst,
        "RSS MB": mb1, "RSS growth MB": mb1 - mb0, "fds": fds,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pdus", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        pin(1)
        asyncio.run(serve(options.pdus, options.loss))
        return
    command = [sys.executable, __file__, "--serve", "--pdus", str(options.pdus)]
    child = subprocess.Popen(
        [*command, "--loss", str(options.loss)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    try:
        words = child.stdout.readline().split()
        devices = [(family, int(port)) for family, _, port in (w.partition(":") for w in words)]
        pin(0)
        with tempfile.TemporaryDirectory() as state:
            figures = asyncio.run(poll(devices, options.seconds, Path(state), options.store))
    finally:
        child.kill()
        child.wait()
    print(f"{len(devices)} PDUs of {len(FAMILIES)} families at 1 Hz, {options.seconds:.0f} s")
    for name, figure in figures.items():
        print(f"  {name:<14} {figure:10.1f}")


if __name__ == "__main__":
    main()
