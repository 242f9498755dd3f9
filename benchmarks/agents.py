"""Simulated PDUs of all families in one process, for the benchmarks: a free port each.

    python benchmarks/agents.py [--pdus 10] [--loss 0.025] [--core 1]

Prints `family:port` for each in one line, and serves until it is killed: SNMP v2c to the community
public, v3 to the user below.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User

if TYPE_CHECKING:
    from pdutui.backends.snmp.agent import Agent
    from pdutui.domain.clock import Clock

FAMILIES = (
    "cyberpower-epdu", "raritan-pdu2", "apc-rpdu2", "apc-rpdu", "apc-ats", "eaton-epdu", "sentry3",
    "sentry4", "vertiv-imd", "cyberpower-ats",
)  # fmt: skip
AUTH_KEY, PRIV_KEY = "benchmark-auth", "benchmark-priv"
USER = V3User(
    user="bench", auth="SHA256", auth_key=Secret(AUTH_KEY), priv="AES128", priv_key=Secret(PRIV_KEY)
)
"""authPriv, as policies ask for it."""


def pin(core: int) -> None:
    """Keep this process on one core, where the system lets us and there are several."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > core >= 0:
        os.sched_setaffinity(0, {core})


def make_agent(number: int, clock: Clock) -> tuple[str, Agent]:
    """Simulated PDU number `number` (from 0): its family, and what answers for it."""
    from pdutui.backends.mock.build import mock_pdu
    from pdutui.backends.mock.catalog import models_of
    from pdutui.backends.snmp.agent import Agent
    from pdutui.backends.snmp.agent_v3 import V3Access, V3Engine, engine_id_of
    from pdutui.backends.snmp.profile_load import load_builtin
    from pdutui.backends.snmp.serve import ModelMib

    family = FAMILIES[number % len(FAMILIES)]
    names = models_of(family)
    name = names[number // len(FAMILIES) % len(names)]
    model = mock_pdu(name, start_s=clock.monotonic(), seed=number + 1)
    access = V3Access(USER, may_write=False)
    engine = V3Engine(clock, engine_id=engine_id_of(f"bench {number}"), users=(access,))
    mib = ModelMib(load_builtin(family), model, clock=clock)
    return family, Agent(mib, community=Secret("public"), write_community=None, v3=engine)


async def serve(count: int, loss: float) -> None:
    """Print the ports, then answer for as long as whoever started this is there."""
    from pdutui.backends.snmp.agent import UdpAgent
    from pdutui.backends.snmp.faults import Faults
    from pdutui.domain.clock import SystemClock

    clock, places, parent = SystemClock(), [], os.getppid()
    for number in range(count):
        family, agent = make_agent(number, clock)
        faults = Faults(loss=loss, seed=number + 1)
        _, port = await UdpAgent(agent, clock=clock, faults=faults).start("127.0.0.1", 0)
        places.append(f"{family}:{port}")
    gc.collect()
    gc.freeze()
    print(" ".join(places), flush=True)
    while True:
        await asyncio.sleep(1.0)
        if os.getppid() != parent:
            return


@contextmanager
def agents(count: int, loss: float = 0.0, core: int = 1) -> Iterator[list[tuple[str, int]]]:
    """The agents as a process of their own: family and port of each. They end with the context."""
    command = [sys.executable, __file__, "--pdus", str(count), "--loss", str(loss)]
    command += ["--core", str(core)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        words = child.stdout.readline().split()
        if len(words) != count:
            raise SystemExit("the simulated PDUs did not start")
        yield [(family, int(port)) for family, _, port in (w.partition(":") for w in words)]
    finally:
        child.kill()
        child.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pdus", type=int, default=len(FAMILIES))
    parser.add_argument("--loss", type=float, default=0.0, help="in each direction")
    parser.add_argument("--core", type=int, default=-1)
    options = parser.parse_args()
    pin(options.core)
    asyncio.run(serve(options.pdus, options.loss))


if __name__ == "__main__":
    main()
