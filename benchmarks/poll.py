"""Client CPU of one poll, from bytes to a Reading, beside its peers in the same run.

    python benchmarks/poll.py [--polls 60] [--profile raritan-pdu2]

A simulator runs as a process of its own; only the client's CPU counts. Figures are given for the
poll as it is and for 120 OIDs. Rounds are interleaved and medians taken, since shared machines are
noisy.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

from pdutui.backends.snmp.backend import SnmpBackend
from pdutui.backends.snmp.types import SnmpTarget
from pdutui.domain.clock import SystemClock
from pdutui.domain.secret import Secret
from pdutui.domain.v3 import V3User

REFERENCE_OIDS = 120
ROUNDS = 5
ROOTS = {
    "raritan-pdu2": ("1.3.6.1.4.1.13742.6.5.4.3.1.3", "1.3.6.1.4.1.13742.6.5.4.3.1.4"),
    "cyberpower-epdu": ("1.3.6.1.4.1.3808.1.1.3.3.5", "1.3.6.1.4.1.3808.1.1.6.9"),
}
"""What the walking peers walk: tables that a poll reads too."""


KEYS = {"BENCH_AUTH_KEY": "auth-pass-1", "BENCH_PRIV_KEY": "priv-pass-1"}
USER = V3User(
    user="bench",
    auth="SHA256",
    auth_key=Secret(KEYS["BENCH_AUTH_KEY"]),
    priv="AES128",
    priv_key=Secret(KEYS["BENCH_PRIV_KEY"]),
)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Ours:
    """The backend as the engine uses it, with one of its readers."""

    def __init__(
        self, port: int, profile: str, reader: str = "auto", v3: V3User | None = None
    ) -> None:
        target = SnmpTarget(host="127.0.0.1", port=port, version="2c" if v3 is None else "3", v3=v3)
        self._backend = SnmpBackend("pdu", target, profile, clock=SystemClock(), reader=reader)
        self.wall_ms: list[float] = []

    async def poll(self) -> int:
        reading = await self._backend.poll()
        self.wall_ms.append(reading.poll.duration_ms)
        return reading.poll.varbinds

    async def close(self) -> None:
        await self._backend.aclose()


class PysnmpBulk:
    """pysnmp's own high-level API, tuned: one engine, GETBULK, no MIB lookup."""

    def __init__(self, port: int, roots: tuple[str, ...]) -> None:
        from pysnmp.hlapi.v3arch.asyncio import (
            CommunityData,
            ContextData,
            ObjectIdentity,
            ObjectType,
            SnmpEngine,
            UdpTransportTarget,
            bulk_walk_cmd,
        )

        self._engine, self._port, self._roots = SnmpEngine(), port, roots
        self._walk, self._target = bulk_walk_cmd, UdpTransportTarget
        self._community, self._context = CommunityData("public"), ContextData()
        self._object = lambda root: ObjectType(ObjectIdentity(root))

    async def poll(self) -> int:
        target = await self._target.create(("127.0.0.1", self._port), timeout=2, retries=1)
        rows = 0
        for root in self._roots:
            async for _, _, _, varbinds in self._walk(
                self._engine, self._community, target, self._context, 0, 24, self._object(root),
                lookupMib=False, lexicographicMode=False,
            ):  # fmt: skip
                rows += len(varbinds)
        return rows

    async def close(self) -> None:
        self._engine.close_dispatcher()


class NetSnmp:
    """net-snmp's snmpbulkwalk, one process a table."""

    def __init__(self, port: int, roots: tuple[str, ...]) -> None:
        self._port, self._roots = port, roots

    async def poll(self) -> int:
        rows = 0
        for root in self._roots:
            command = ["snmpbulkwalk", "-v2c", "-c", "public", "-On", "-Cr24"]
            child = await asyncio.create_subprocess_exec(
                *command, f"127.0.0.1:{self._port}", root, stdout=asyncio.subprocess.PIPE
            )
            out, _ = await child.communicate()
            rows += out.count(b"\n")
        return rows

    async def close(self) -> None:
        return


def cpu_ms() -> float:
    """CPU of this process and of children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usages) * 1000


async def cost(poll: Callable[[], Awaitable[int]], polls: int) -> tuple[float, float]:
    """CPU ms and OIDs a poll."""
    before, oids = cpu_ms(), 0
    for _ in range(polls):
        oids += await poll()
    return (cpu_ms() - before) / polls, oids / polls


async def run(port: int, profile: str, polls: int) -> None:
    roots = ROOTS[profile]
    peers: dict[str, Ours | PysnmpBulk | NetSnmp] = {
        "pdutui": Ours(port, profile),
        "pdutui, v3 authPriv": Ours(port, profile, v3=USER),
        "pdutui, gufo reader": Ours(port, profile, "gufo"),
        "pdutui, pysnmp reader": Ours(port, profile, "pysnmp"),
        "pysnmp hlapi, tuned bulk walk": PysnmpBulk(port, roots),
    }
    if shutil.which("snmpbulkwalk"):
        peers["net-snmp snmpbulkwalk"] = NetSnmp(port, roots)
    for peer in peers.values():
        for _ in range(3):  # the first polls find out what the device has
            await peer.poll()
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in peers}
    for _ in range(ROUNDS):
        for name, peer in peers.items():
            samples[name].append(await cost(peer.poll, max(1, polls // ROUNDS)))
    reference: float | None = None
    print(f"{'':<32}{'OIDs':>6}{'CPU ms/poll':>13}{'CPU ms/120 OIDs':>17}{'ratio':>8}")
    for name, got in samples.items():
        ms = statistics.median(ms for ms, _ in got)
        oids = statistics.median(oids for _, oids in got)
        scaled = ms * REFERENCE_OIDS / oids
        reference = reference or scaled
        print(f"{name:<32}{oids:>6.0f}{ms:>13.2f}{scaled:>17.2f}{scaled / reference:>8.1f}")
    for name, peer in peers.items():
        if isinstance(peer, Ours):
            print(f"{name}: wall ms a poll, median {statistics.median(peer.wall_ms):.1f}")
        await peer.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--polls", type=int, default=60)
    options.add_argument("--profile", choices=sorted(ROOTS), default="raritan-pdu2")
    given = options.parse_args()
    port = free_port()
    program = [sys.executable, "-m", "pdutui", "simulate", "--profile", given.profile]
    program += ["--v3-user", "bench", "--v3-auth", "SHA256", "--v3-priv", "AES128"]
    program += ["--v3-auth-key-env", "BENCH_AUTH_KEY", "--v3-priv-key-env", "BENCH_PRIV_KEY"]
    agent = subprocess.Popen(
        [*program, "--listen", f"127.0.0.1:{port}"],
        stdout=subprocess.PIPE,
        env={**os.environ, **KEYS},
    )
    try:
        assert agent.stdout is not None
        agent.stdout.readline()
        time.sleep(0.2)
        asyncio.run(run(port, given.profile, given.polls))
    finally:
        agent.kill()
        agent.wait()


if __name__ == "__main__":
    main()
